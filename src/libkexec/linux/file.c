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

#include "file.h"

#define GZIP_WINDOW	(15 + 16)              /* zlib: the largest window, gzip framing only */
#define FEED_MAX	((size_t)1 << 30)      /* zlib counts in unsigned int */
#define FIRST_ROOM	((size_t)1 << 20)

static int map_fd(int fd, const char *path, struct kp_view *view, struct kp_error *err)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0)
		return kp_fail_sys(err, KP_IO, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return kp_fail_sys(err, KP_IO, EISDIR, "%s", path);
	if (!S_ISREG(st.st_mode))
		return kp_fail(err, KP_IO, "%s: not a regular file", path);
	if (st.st_size == 0)
		return kp_fail(err, KP_IO, "%s: the file is empty", path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return kp_fail_sys(err, KP_IO, errno, "%s: cannot map %jd bytes", path,
				   (intmax_t)st.st_size);
	*view = (struct kp_view){ .bytes = p, .len = (size_t)st.st_size };
	return 0;
}

int kp_file_map(const char *path, struct kp_file *file, struct kp_error *err)
{
	/* O_NONBLOCK: a FIFO is refused below, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

	if (fd < 0)
		return kp_fail_sys(err, KP_IO, errno, "%s", path);
	file->path = path;
	rc = map_fd(fd, path, &file->view, err);
	close(fd);
	return rc;
}

bool kp_file_is_gzip(const struct kp_file *file)
{
	return file->view.len > 2 && memcmp(file->view.bytes, "\x1f\x8b\x08", 3) == 0;
}

/*
 * Unpacked bytes in a mapping that doubles without a copy. It has one byte more than the limit,
 * so that there always is somewhere to put the byte that is too many.
 */
struct room {
	uint8_t *bytes;
	size_t used, size, limit;
};

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

static int grow(struct room *room, const char *path, struct kp_error *err)
{
	size_t size = at_most(room->size ? room->size * 2 : FIRST_ROOM, room->limit + 1);
	void *p;

	if (room->bytes)
		p = mremap(room->bytes, room->size, size, MREMAP_MAYMOVE);
	else
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return kp_fail_sys(err, KP_NO_MEMORY, errno, "%s: no room for %zu unpacked bytes",
				   path, size);
	room->bytes = p;
	room->size = size;
	return 0;
}

/* How much of the file zlib has taken. */
static size_t taken(const struct kp_file *file, const z_stream *z)
{
	return (size_t)(z->next_in - file->view.bytes);
}

/* One call of inflate(), with what input and room there are. */
static int inflate_some(const struct kp_file *file, z_stream *z, struct room *room, int *zrc,
			struct kp_error *err)
{
	size_t free_bytes;

	if (room->used == room->size && grow(room, file->path, err) < 0)
		return -1;
	free_bytes = at_most(room->size - room->used, FEED_MAX);
	z->avail_in = (uInt)at_most(file->view.len - taken(file, z), FEED_MAX);
	z->next_out = room->bytes + room->used;
	z->avail_out = (uInt)free_bytes;
	*zrc = inflate(z, Z_NO_FLUSH);
	room->used += free_bytes - z->avail_out;
	if (room->used <= room->limit)
		return 0;
	return kp_fail(err, KP_IMAGE, "%s: unpacks to more than %zu bytes (%zu MiB), "
		       "the most allowed",
		       file->path, room->limit, room->limit >> 20);
}

static int inflate_member(const struct kp_file *file, z_stream *z, struct room *room,
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

/* Zeros up to the end: what dd and tape leave behind. */
static bool only_padding(struct kp_view rest)
{
	for (size_t i = 0; i < rest.len; i++)
		if (rest.bytes[i])
			return false;
	return true;
}

static int inflate_all(const struct kp_file *file, z_stream *z, struct room *room,
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
	if (only_padding(rest.view))
		return 0;
	return kp_fail(err, KP_IMAGE, "%s: %zu bytes that are not gzip data "
		       "after its end at byte %zu",
		       file->path, rest.view.len, taken(file, z));
}

/* Only what was filled stays mapped, and nobody writes to it any more. */
static void seal(struct room *room)
{
	void *p = mremap(room->bytes, room->size, room->used, MREMAP_MAYMOVE);

	if (p != MAP_FAILED) {
		room->bytes = p;
		room->size = room->used;
	}
	mprotect(room->bytes, room->size, PROT_READ);
}

int kp_file_gunzip(struct kp_file *file, size_t limit, struct kp_error *err)
{
	struct room room = { .limit = limit };
	z_stream z = { .next_in = file->view.bytes };
	int rc;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return kp_fail(err, KP_NO_MEMORY, "%s: zlib cannot start", file->path);
	rc = inflate_all(file, &z, &room, err);
	inflateEnd(&z);
	if (rc == 0 && room.used == 0)
		rc = kp_fail(err, KP_IMAGE, "%s: unpacks to nothing", file->path);
	if (rc < 0) {
		if (room.bytes)
			munmap(room.bytes, room.size);
		return -1;
	}
	seal(&room);
	kp_file_unmap(file);
	file->view = (struct kp_view){ .bytes = room.bytes, .len = room.used };
	return 0;
}

void kp_file_unmap(struct kp_file *file)
{
	if (file->view.len)
		munmap((void *)(uintptr_t)file->view.bytes, file->view.len);
	file->view = (struct kp_view){ 0 };
}
