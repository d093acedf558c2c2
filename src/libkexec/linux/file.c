/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static int check_regular(int fd, const char *path, struct stat *st, struct kp_error *err)
{
	if (fstat(fd, st) < 0)
		return kp_fail_sys(err, KP_IO, errno, "%s", path);
	if (S_ISDIR(st->st_mode))
		return kp_fail_sys(err, KP_IO, EISDIR, "%s", path);
	if (!S_ISREG(st->st_mode))
		return kp_fail(err, KP_IO, "%s: not a regular file", path);
	return 0;
}

static int open_regular(const char *path, struct stat *st, struct kp_error *err)
{
	/* O_NONBLOCK: a FIFO is refused below, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return kp_fail_sys(err, KP_IO, errno, "%s", path);
	if (check_regular(fd, path, st, err) == 0)
		return fd;
	close(fd);
	return -1;
}

int kp_file_open(const char *path, struct kp_error *err)
{
	struct stat st;

	return open_regular(path, &st, err);
}

static int map_bytes(int fd, const char *path, off_t size, struct kp_view *view,
		     struct kp_error *err)
{
	void *p;

	if (size == 0)
		return kp_fail(err, KP_IO, "%s: the file is empty", path);
	p = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return kp_fail_sys(err, KP_IO, errno, "%s: cannot map %jd bytes", path,
				   (intmax_t)size);
	*view = (struct kp_view){ .bytes = p, .len = (size_t)size };
	return 0;
}

int kp_file_map(const char *path, struct kp_file *file, struct kp_error *err)
{
	struct stat st = { 0 };
	int fd = open_regular(path, &st, err);

	if (fd < 0)
		return -1;
	file->path = path;
	if (map_bytes(fd, path, st.st_size, &file->view, err) < 0) {
		close(fd);
		return -1;
	}
	file->mapped = true;
	file->fd = fd;
	file->as_mapped = st;
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

int kp_file_unchanged(const struct kp_file *file, struct kp_error *err)
{
	const struct stat *was = &file->as_mapped;
	struct stat st;

	if (!file->mapped)
		return 0;
	if (fstat(file->fd, &st) < 0)
		return kp_fail_sys(err, KP_IO, errno, "%s", file->path);
	if (st.st_size != was->st_size)
		return kp_fail(err, KP_IO, "%s had %jd bytes, and has %jd now: it was written to "
			       "while it was loaded", file->path, (intmax_t)was->st_size,
			       (intmax_t)st.st_size);
	if (!same_time(st.st_mtim, was->st_mtim))
		return kp_fail(err, KP_IO, "%s was written to while it was loaded", file->path);
	/* Who writes can set the time of that back, but not the time of the change. Another file of
	 * the same name, as an update brings it, takes the last link of this one. */
	if (st.st_nlink != 0 && !same_time(st.st_ctim, was->st_ctim))
		return kp_fail(err, KP_IO, "%s was written to, or its owner, mode, links or times "
			       "were changed, while it was loaded: load it again", file->path);
	return 0;
}

void kp_file_unmap(struct kp_file *file)
{
	if (file->view.len)
		munmap((void *)(uintptr_t)file->view.bytes, file->view.len);
	if (file->mapped)
		close(file->fd);
	file->mapped = false;
	file->view = (struct kp_view){ 0 };
}
