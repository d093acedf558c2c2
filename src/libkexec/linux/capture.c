/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A capture is what the reader of a machine was shown, written down as it reads: there is no
 * second list of files that could fall behind the first. It grows in a directory beside its
 * place, which only its owner can enter, and is renamed into it when it is whole.
 */
#include "capture.h"

#include "facts.h"
#include "machine_linux.h"

#include "park_page.h"
#include "private_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct capture {
	int dir;                   /* the growing directory */
	kp_capture_missed missed;
	void *arg;
	struct kp_error failure;   /* the first write that failed, or KP_OK */
};

/* ---- writing ------------------------------------------------------------------------------ */

static int make_parents(int dir, const char *path)
{
	char part[256];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(dir, part, 0700) != 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int write_all(int fd, struct kp_view bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.bytes, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes = (struct kp_view){ bytes.bytes + n, bytes.len - (size_t)n };
	}
	return 0;
}

static int create(int dir, const char *path)
{
	static const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, path, flags, 0600);

	if (fd < 0 && errno == ENOENT && make_parents(dir, path) == 0)
		fd = openat(dir, path, flags, 0600);
	return fd;
}

static int put(struct capture *c, const char *path, struct kp_view bytes)
{
	int fd = create(c->dir, path);
	bool good = fd >= 0 && write_all(fd, bytes) == 0;
	int why = errno;

	if (fd >= 0 && close(fd) != 0 && good) {
		why = errno;
		good = false;
	}
	if (!good && c->failure.code == KP_OK)
		kp_fail_sys(&c->failure, KP_IO, why, "writing %s of the capture", path);
	return good ? 0 : -1;
}

/* ---- listening to the reader -------------------------------------------------------------- */

static void miss(struct capture *c, const char *path, const char *why)
{
	if (c->missed)
		c->missed(c->arg, path, why);
}

/* A file that the machine does not have is recorded by its absence. */
static void saw(void *arg, const char *path, int why, struct kp_view bytes)
{
	struct capture *c = arg;

	if (why == 0)
		put(c, path, bytes);
	else if (why != ENOENT && why != ENOTDIR)
		miss(c, path, strerror(why));
}

/* What was recorded and makes no sense. That a file could not be read, saw() has told already. */
static void name_senseless(struct capture *c, const struct kp_machine *m)
{
	char text[KP_ERROR_TEXT + 160];

	for (size_t i = 0; i < m->n_troubles; i++) {
		const struct kp_trouble *t = &m->troubles[i];

		if (t->code == KP_IO)
			continue;
		snprintf(text, sizeof(text), "%s: %s", t->path, t->why);
		miss(c, "(recorded, but odd)", text);
	}
}

/* ---- what is in no file ------------------------------------------------------------------- */

static bool has_magic(const uint8_t *page)
{
	uint64_t magic;

	return kp_view_u64((struct kp_view){ page, PARK_PAGE_SIZE }, PARK_OFF_MAGIC, &magic) &&
	       magic == PARK_MAGIC;
}

static int put_pages(struct capture *c, const struct kp_machine *m)
{
	char path[64];

	for (size_t i = 0; i < m->n_low_pages; i++) {
		const struct kp_low_page *page = &m->low_pages[i];
		size_t len;

		if (!page->bytes)
			continue;
		len = has_magic(page->bytes) ? PARK_PAGE_SIZE : 0;
		snprintf(path, sizeof(path), KP_LOW_PAGE_PATH, page->phys);
		if (put(c, path, (struct kp_view){ page->bytes, len }))
			return -1;
	}
	return 0;
}

static int put_facts(struct capture *c, struct kp_machine *m, struct kp_error *err)
{
	char *text = kp_facts_print(m, &m->arena, err);

	if (!text)
		return -1;
	return put(c, KP_FACTS_PATH, (struct kp_view){ (const uint8_t *)text, strlen(text) });
}

/* Facts whose absence someone can do something about. */
static void name_absent(struct capture *c, const struct kp_machine *m)
{
	if (m->devmem_error)
		miss(c, "dev/mem", m->devmem_error);
	if (!m->bsp_known)
		miss(c, "dev/cpu/N/msr", "no CPU's IA32_APIC_BASE says that it is the boot CPU "
		     "of the machine: is the msr module loaded?");
	if (!m->page_offset)
		miss(c, "proc/kcore", "the base of the direct map is not known");
	if (!m->tsc_khz)
		miss(c, "(measured)", "the rate of the time stamp counter is not steady");
}

static int record(struct capture *c, struct kp_root *root, struct kp_error *err)
{
	struct kp_machine m = { 0 };
	int rc;

	root->saw = saw;
	root->saw_arg = c;
	rc = kp_machine_gather(root, &m, err);
	if (rc == 0)
		rc = put_facts(c, &m, err) || put_pages(c, &m) ? -1 : 0;
	if (c->failure.code != KP_OK) {
		*err = c->failure;
		rc = -1;
	}
	if (rc == 0) {
		name_senseless(c, &m);
		name_absent(c, &m);
	}
	kp_arena_free(&m.arena);
	return rc;
}

/* ---- the directory ------------------------------------------------------------------------ */

/* Only an empty directory, or nothing, may stand where the capture goes: rename() takes it. */
static int check_free(const char *dir, struct kp_error *err)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	bool empty = true;

	if (!d)
		return errno == ENOENT ? 0 : kp_fail_sys(err, KP_IO, errno, "%s", dir);
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			empty = false;
	closedir(d);
	return empty ? 0 : kp_fail(err, KP_USAGE, "%s is not empty", dir);
}

static int fill(const char *root_path, int dir, kp_capture_missed missed, void *arg,
		struct kp_error *err)
{
	struct capture c = { .dir = dir, .missed = missed, .arg = arg };
	struct kp_root root;
	int rc = -1;

	if (kp_root_open(root_path, &root, err) == 0) {
		rc = record(&c, &root, err);
		kp_root_close(&root);
	}
	return rc;
}

static int cannot_write(const char *dir, int why, struct kp_error *err)
{
	return kp_fail(err, why == ENOMEM ? KP_NO_MEMORY : KP_IO, "writing the capture %s: %s", dir,
		       private_dir_why(why));
}

int kp_machine_capture(const char *root, const char *dir, kp_capture_missed missed, void *arg,
		       struct kp_error *err)
{
	struct private_dir growing;
	int why;

	if (check_free(dir, err))
		return -1;
	why = private_dir_beside(dir, &growing);
	if (why)
		return cannot_write(dir, why, err);
	if (fill(root, growing.fd, missed, arg, err)) {
		private_dir_remove(&growing);
		return -1;
	}
	why = private_dir_become(&growing);
	if (why) {
		private_dir_remove(&growing);
		return cannot_write(dir, why, err);
	}
	private_dir_end(&growing);
	return 0;
}
