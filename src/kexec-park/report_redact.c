/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remove the secrets of a captured machine before the report is packed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redact.h"
#include "report_parts.h"
#include "report_redact.h"

#include <asm/bootparam.h>

#define PAGES "dev/mem.d"

/* A recorded command line that cannot be read is an error: it would be packed as it is. */
static int redact_recorded_cmdline(const struct report *r)
{
	static const char name[] = "machine/proc/cmdline";
	char line[8192], *redacted;
	int why = part_first_line(r, name, line, sizeof(line));
	FILE *part;

	if (why)
		return why == ENOENT ? 0 : report_fail(r->err, why, "cannot redact %s", name);
	redacted = redact_cmdline(line);
	part = redacted ? part_rewrite(r, name) : NULL;
	if (part)
		part_put_text(part, "", redacted);
	free(redacted);
	if (!redacted)
		return report_fail(r->err, ENOMEM, "cannot redact %s", name);
	return part ? part_close(r, part, name) : -1;
}

/* An empty file stands for a page that is no park page, whose bytes no capture records either. */
static int empty_page(const struct report *r, int pages, const char *name)
{
	int fd = openat(pages, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return report_fail(r->err, errno, "cannot empty machine/" PAGES "/%s of the report", name);
	close(fd);
	return 0;
}

static int empty_pages(const struct report *r)
{
	int fd = openat(r->top, "machine/" PAGES, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *pages = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *page;

	if (!pages) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT ? 0 : report_fail(r->err, errno, "cannot read machine/" PAGES " of the report");
	}
	for (errno = 0; rc == 0 && (page = readdir(pages)) != NULL; errno = 0)
		if (page->d_name[0] != '.')
			rc = empty_page(r, fd, page->d_name);
	if (rc == 0 && errno)
		rc = report_fail(r->err, errno, "cannot read machine/" PAGES " of the report");
	closedir(pages);
	return rc;
}

/*
 * boot_params holds what firmware knew of the screen (with its serial number) and of the disks (with
 * their worldwide names and MBR signatures): Documentation/arch/x86/zero-page.rst.
 */
static int blank_boot_params(const struct report *r)
{
	static const char name[] = "machine/sys/kernel/boot_params/data";
	static const struct boot_params zeros;
	static const struct {
		size_t at, bytes;
	} told[] = {
		{ offsetof(struct boot_params, edid_info), sizeof(zeros.edid_info) },
		{ offsetof(struct boot_params, edd_mbr_sig_buffer),
		  sizeof(zeros.edd_mbr_sig_buffer) },
		{ offsetof(struct boot_params, eddbuf), sizeof(zeros.eddbuf) },
	};
	int fd = openat(r->top, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : report_fail(r->err, errno, "cannot redact %s", name);
	if (fstat(fd, &st) != 0 || st.st_size != sizeof(zeros))
		rc = ftruncate(fd, 0);
	for (size_t i = 0; rc == 0 && st.st_size && i < sizeof(told) / sizeof(told[0]); i++)
		if (pwrite(fd, &zeros, told[i].bytes, (off_t)told[i].at) != (ssize_t)told[i].bytes)
			rc = -1;
	if (rc)
		report_fail(r->err, errno, "cannot redact %s", name);
	close(fd);
	return rc;
}

/* Keep the lines that a plan or a reader needs. Serial numbers and unknown lines are removed. */
static int redact_cpuinfo(const struct report *r)
{
	static const char name[] = "machine/proc/cpuinfo";
	FILE *whole = part_open(r->top, name, O_RDONLY, "r");
	FILE *part = whole && unlinkat(r->top, name, 0) == 0 ? part_new(r, name) : NULL;
	char *line = NULL;
	size_t cap = 0;
	int rc;

	if (!whole)
		return errno == ENOENT ? 0 : report_fail(r->err, errno, "cannot redact %s", name);
	while (part && getline(&line, &cap, whole) > 0)
		if (redact_keeps_of_cpuinfo(line))
			fputs(line, part);
	rc = !ferror(whole) ? 0 : report_fail(r->err, errno, "cannot redact %s", name);
	free(line);
	fclose(whole);
	if (!part)
		return report_fail(r->err, errno, "cannot redact %s", name);
	return part_close(r, part, name) ? -1 : rc;
}

static struct {
	size_t skip;               /* of a path: up to what is beneath machine/ */
	FILE *list;
} leaving;                         /* nftw() hands nothing on to its function */

static int leave_out(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	const char *name = path + leaving.skip;

	(void)st;
	(void)ftw;
	if (flag == FTW_D || redact_keeps_file(name))
		return 0;
	fprintf(leaving.list, "%s: left out of this report\n", name);
	return unlink(path);
}

/* A file that is not on the list of redact_keeps_file() may hold secrets: leave it out. */
static int leave_out_files(const struct report *r)
{
	char *path = part_path(r, "machine");
	int rc = -1;

	leaving.list = path ? part_open(r->top, "not-recorded.txt", O_WRONLY | O_APPEND, "a") : NULL;
	if (leaving.list) {
		leaving.skip = strlen(path) + 1;
		rc = nftw(path, leave_out, 16, FTW_PHYS);
	}
	if (rc)
		report_fail(r->err, errno, "cannot leave files out of the report");
	free(path);
	if (!leaving.list)
		return -1;
	return part_close(r, leaving.list, "not-recorded.txt") ? -1 : rc;
}

int report_redact(const struct report *r)
{
	return redact_recorded_cmdline(r) || redact_cpuinfo(r) || blank_boot_params(r) ||
	       empty_pages(r) || leave_out_files(r) ? -1 : 0;
}
