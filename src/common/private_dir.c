/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "private_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef GRND_INSECURE              /* Linux 5.6, glibc 2.32 */
#define GRND_INSECURE	4
#endif

#define OPEN_DIR	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define MOST_TRIES	100
#define MOST_OF_TARGET	200        /* of its name in that of the directory beside it */

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* ---- making it ---------------------------------------------------------------------------- */

bool private_is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & OTHERS_WRITE);
}

bool private_dir_is_ours(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && private_is_ours(st);
}

static DIR *list(int dir)
{
	int fd = openat(dir, ".", OPEN_DIR);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

static bool is_empty(int dir)
{
	DIR *d = list(dir);
	const struct dirent *entry;
	bool empty = d;

	while (empty && (entry = readdir(d)) != NULL)
		empty = is_dot(entry->d_name);
	if (d)
		closedir(d);
	return empty;
}

/* An NFS server that squashes root gives what root makes to another user. */
static bool is_squashed(int dir)
{
	struct statfs fs;

	return fstatfs(dir, &fs) == 0 && fs.f_type == NFS_SUPER_MAGIC;
}

/*
 * Whoever may rename in @parent may have put another directory where @dir was just made: his own, for
 * he can make none of ours. On NFS nobody else may write to either.
 */
static bool is_as_made(int parent, int dir)
{
	struct stat in, st;

	if (fstat(parent, &in) != 0 || fstat(dir, &st) != 0 || !is_empty(dir))
		return false;
	return private_dir_is_ours(&st) ||
	       (is_squashed(dir) && st.st_uid == in.st_uid &&
		!((st.st_mode | in.st_mode) & OTHERS_WRITE));
}

int private_dir_make(int parent, const char *name)
{
	int dir;

	if (mkdirat(parent, name, 0700) != 0)
		return -errno;
	dir = openat(parent, name, OPEN_DIR | O_NOFOLLOW);
	if (dir >= 0 && is_as_made(parent, dir))
		return dir;
	if (dir >= 0)
		close(dir);
	unlinkat(parent, name, AT_REMOVEDIR);  /* ours, if it was not replaced, is empty */
	return -ESTALE;
}

/* ---- beside what shall come of it --------------------------------------------------------- */

/* The last component of @path, without slashes at its end; the length, 0 if there is none. */
static size_t last_component(const char *path, const char **component)
{
	size_t end = strlen(path), start;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	*component = path + start;
	return end - start;
}

static int open_around(const char *path, const char *component)
{
	char *around = component == path ? strdup(".") :
		       strndup(path, (size_t)(component - path));
	int fd = around ? open(around, OPEN_DIR) : -1, why = errno;

	free(around);
	return fd < 0 ? -why : fd;
}

/*
 * Six letters that nobody knows before. Early in the boot of a crash kernel the generator may not be
 * seeded: then they can be guessed, and mkdirat(2) still takes no name that is there.
 */
static int draw_suffix(char suffix[7])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char drawn[6];

	if (getrandom(drawn, sizeof(drawn), GRND_INSECURE) != (ssize_t)sizeof(drawn) &&
	    getrandom(drawn, sizeof(drawn), GRND_NONBLOCK) != (ssize_t)sizeof(drawn))
		return errno ? errno : EIO;
	for (unsigned i = 0; i < sizeof(drawn); i++)
		suffix[i] = letters[drawn[i] % 32];
	suffix[6] = '\0';
	return 0;
}

static int make_named(struct private_dir *d)
{
	char suffix[7];

	d->fd = -EEXIST;
	for (int tries = 0; d->fd == -EEXIST && tries < MOST_TRIES; tries++) {
		int why = draw_suffix(suffix);

		if (why)
			return why;
		snprintf(d->name, sizeof(d->name), "%.*s.partial-%s", MOST_OF_TARGET, d->target,
			 suffix);
		d->fd = private_dir_make(d->parent, d->name);
	}
	return d->fd < 0 ? -d->fd : 0;
}

int private_dir_beside(const char *path, struct private_dir *d)
{
	const char *component;
	size_t n = last_component(path, &component);
	int why;

	*d = (struct private_dir){ .parent = -1, .fd = -1 };
	if (n == 0 || n > NAME_MAX)
		return n ? ENAMETOOLONG : EINVAL;
	memcpy(d->target, component, n);
	if (is_dot(d->target))
		return EINVAL;
	d->parent = open_around(path, component);
	if (d->parent < 0)
		return -d->parent;
	why = make_named(d);
	if (why)
		close(d->parent);
	return why;
}

/* ---- what comes of it --------------------------------------------------------------------- */

int private_dir_check_target(const struct private_dir *d)
{
	struct stat st;

	if (fstatat(d->parent, d->target, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : errno;
	if (S_ISREG(st.st_mode))
		return 0;
	return S_ISDIR(st.st_mode) ? EISDIR : S_ISLNK(st.st_mode) ? ELOOP : ENOTSUP;
}

int private_dir_publish(const struct private_dir *d, const char *name, int fd)
{
	struct stat open_one, named;
	int why = private_dir_check_target(d);

	if (why)
		return why;
	if (fstat(fd, &open_one) != 0 ||
	    fstatat(d->fd, name, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	if (!is_same(&open_one, &named))
		return ESTALE;
	return renameat(d->fd, name, d->parent, d->target) == 0 ? 0 : errno;
}

/* Whether it still has its name. 0 or an errno; ESTALE: another directory has it. */
static int check_name(const struct private_dir *d)
{
	struct stat itself, named;

	if (fstat(d->fd, &itself) != 0 ||
	    fstatat(d->parent, d->name, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	return is_same(&itself, &named) ? 0 : ESTALE;
}

int private_dir_become(const struct private_dir *d)
{
	int why = check_name(d);

	if (why)
		return why;
	return renameat(d->parent, d->name, d->parent, d->target) == 0 ? 0 : errno;
}

const char *private_dir_why(int why)
{
	switch (why) {
	case ENOTSUP: return "it is a device, a FIFO or a socket, which a file would replace";
	case ELOOP: return "it is a symbolic link, which a file would replace";
	case ESTALE: return "another was put in its place meanwhile";
	default: return strerror(why);
	}
}

/* ---- the end of it ------------------------------------------------------------------------ */

static int empty_out(int dir);

/* A directory first loses what is in it. */
static int remove_entry(int dir, const char *name)
{
	int sub, why = 0;

	if (unlinkat(dir, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return errno;
	sub = openat(dir, name, OPEN_DIR | O_NOFOLLOW);
	if (sub < 0)
		return errno;
	why = empty_out(sub);
	close(sub);
	return unlinkat(dir, name, AT_REMOVEDIR) == 0 ? why : errno;
}

static int empty_out(int dir)
{
	DIR *d = list(dir);
	const struct dirent *entry;
	int why = d ? 0 : errno;

	while (d && (entry = readdir(d)) != NULL) {
		int rc = is_dot(entry->d_name) ? 0 : remove_entry(dir, entry->d_name);

		why = why ? why : rc;
	}
	if (d)
		closedir(d);
	return why;
}

int private_dir_remove(struct private_dir *d)
{
	int why = empty_out(d->fd), rc = check_name(d);

	if (!rc && unlinkat(d->parent, d->name, AT_REMOVEDIR) != 0)
		rc = errno;
	private_dir_end(d);
	return why ? why : rc;
}

void private_dir_end(struct private_dir *d)
{
	close(d->fd);
	close(d->parent);
	d->fd = d->parent = -1;
}
