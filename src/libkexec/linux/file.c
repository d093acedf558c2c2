/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

#include "unpacked.h"

#define GZIP_WINDOW	(15 + 16)              /* zlib: the largest window, gzip framing only */
#define FEED_MAX	((size_t)1 << 30)      /* zlib counts in unsigned int */

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

bool kp_file_is_gzip(const struct kp_file *file)
{
	return file->view.len > 2 && memcmp(file->view.bytes, "\x1f\x8b\x08", 3) == 0;
}

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

/* How much of the file zlib has taken. */
static size_t taken(const struct kp_file *file, const z_stream *z)
{
	return (size_t)(z->next_in - file->view.bytes);
}

/* One call of inflate(), with what input and room there are. */
static int inflate_some(const struct kp_file *file, z_stream *z, struct kp_unpacked *room, int *zrc,
			struct kp_error *err)
{
	size_t free_bytes;

	if (kp_unpacked_grow(room, err) < 0)
		return -1;
	free_bytes = at_most(room->size - room->used, FEED_MAX);
	z->avail_in = (uInt)at_most(file->view.len - taken(file, z), FEED_MAX);
	z->next_out = room->bytes + room->used;
	z->avail_out = (uInt)free_bytes;
	*zrc = inflate(z, Z_NO_FLUSH);
	return kp_unpacked_add(room, free_bytes - z->avail_out, err);
}

static int inflate_member(const struct kp_file *file, z_stream *z, struct kp_unpacked *room,
			  struct kp_error *err)
{
	int zrc = Z_OK;

	while (zrc == Z_OK)
		if (inflate_some(file, z, room, &zrc, err) < 0)
			return -1;
	if (zrc == Z_STREAM_END)
		return 0;
	if (zrc == Z_BUF_ERROR)
		return kp_fail(err, KP_IMAGE, "%s: truncated gzip data: "
			       "the file ends after %zu bytes",
			       file->path, file->view.len);
	if (zrc == Z_MEM_ERROR)
		return kp_fail(err, KP_NO_MEMORY, "%s: zlib ran out of memory", file->path);
	return kp_fail(err, KP_IMAGE, "%s: corrupt gzip data before byte %zu: %s", file->path,
		       taken(file, z), z->msg ? z->msg : "preset dictionary");
}

static int inflate_all(const struct kp_file *file, z_stream *z, struct kp_unpacked *room,
		       struct kp_error *err)
{
	struct kp_file rest = *file;

	do {
		if (inflate_member(file, z, room, err) < 0)
			return -1;
		inflateReset(z);
		rest.view.bytes = z->next_in;
		rest.view.len = file->view.len - taken(file, z);
	} while (kp_file_is_gzip(&rest));
	if (kp_unpacked_is_padding(rest.view))
		return 0;
	return kp_fail(err, KP_IMAGE, "%s: %zu bytes that are not gzip data "
		       "after its end at byte %zu",
		       file->path, rest.view.len, taken(file, z));
}

int kp_file_gunzip(struct kp_file *file, size_t limit, struct kp_error *err)
{
	struct kp_unpacked room = { .limit = limit, .path = file->path };
	z_stream z = { .next_in = file->view.bytes };
	int rc;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return kp_fail(err, KP_NO_MEMORY, "%s: zlib cannot start", file->path);
	rc = inflate_all(file, &z, &room, err);
	inflateEnd(&z);
	return kp_unpacked_finish(&room, rc, file, err);
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
