/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan_json.h"
#include "report_parts.h"
#include "say.h"

char *part_path(const struct report *r, const char *name)
{
	char *path;

	return asprintf(&path, "/proc/self/fd/%d/%s", r->top, name) < 0 ? NULL : path;
}

FILE *part_open(int dir, const char *name, int flags, const char *mode)
{
	int fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *part = fd < 0 ? NULL : fdopen(fd, mode);

	if (!part && fd >= 0)
		close(fd);
	return part;
}

FILE *part_new(const struct report *r, const char *name)
{
	FILE *part = part_open(r->top, name, O_WRONLY | O_CREAT | O_EXCL, "w");

	if (!part)
		report_fail(r->err, errno, "cannot write %s of the report", name);
	return part;
}

FILE *part_rewrite(const struct report *r, const char *name)
{
	FILE *part = part_open(r->top, name, O_WRONLY | O_TRUNC, "w");

	if (!part)
		report_fail(r->err, errno, "cannot write %s of the report", name);
	return part;
}

int part_close(const struct report *r, FILE *part, const char *name)
{
	bool bad = ferror(part);

	if (fclose(part) == 0 && !bad)
		return 0;
	return report_fail(r->err, errno, "cannot write %s of the report", name);
}

int part_put_json(const struct report *r, const char *name, json_t *document)
{
	FILE *part;
	bool good;

	if (!document)
		return report_fail(r->err, ENOMEM, "cannot write %s of the report", name);
	part = part_new(r, name);
	if (!part) {
		json_decref(document);
		return -1;
	}
	good = json_print(part, document);
	if (part_close(r, part, name))
		return -1;
	return good ? 0 : report_fail(r->err, ENOMEM, "cannot write %s of the report", name);
}

void part_put_text(FILE *part, const char *before, const char *text)
{
	fputs(before, part);
	say_plain(part, text);
	fputc('\n', part);
}

int part_first_line(const struct report *r, const char *name, char *text, int size)
{
	FILE *part = part_open(r->top, name, O_RDONLY, "r");
	int why;

	*text = '\0';
	if (!part)
		return errno;
	why = !fgets(text, size, part) && ferror(part) ? EIO : 0;
	text[strcspn(text, "\n")] = '\0';
	fclose(part);
	return why;
}

int report_cannot_write(const struct report *r, const char *file, int why)
{
	return report_fail(r->err, 0, "cannot write %s: %s", file, private_dir_why(why));
}

