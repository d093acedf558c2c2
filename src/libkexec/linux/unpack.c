/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>
#if HAVE_LZMA
#include <lzma.h>
#endif
#if HAVE_ZSTD
#include <zstd.h>
#endif

#include "unpack.h"
#include "unpacked.h"

#define GZIP_WINDOW	(15 + 16)              /* zlib: the largest window, gzip framing only */
#define FEED_MAX	((size_t)1 << 30)      /* zlib counts in unsigned int */

#define GZIP_MEMBER "\x1f\x8b\x08"
#define ZSTD_FRAME "\x28\xb5\x2f\xfd"

static bool starts_with(struct kp_view v, const char *magic, size_t len)
{
	return v.len >= len && memcmp(v.bytes, magic, len) == 0;
}

bool kp_file_is_gzip(const struct kp_file *file)
{
	return starts_with(file->view, GZIP_MEMBER, 3);
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

#if HAVE_LZMA
/* Dictionaries are 64 MiB at level -9 and 128 MiB in kernels' own scripts. */
#define LZMA_MEMORY (UINT64_C(512) << 20)

static int lzma_failed(const struct kp_file *file, const lzma_stream *s, lzma_ret why,
		       struct kp_error *err)
{
	if (why == LZMA_MEM_ERROR)
		return kp_fail(err, KP_NO_MEMORY, "%s: liblzma ran out of memory", file->path);
	if (why == LZMA_MEMLIMIT_ERROR)
		return kp_fail(err, KP_IMAGE, "%s: xz data that takes %llu MiB to unpack, more "
			       "than %llu MiB", file->path,
			       (unsigned long long)lzma_memusage(s) >> 20,
			       (unsigned long long)LZMA_MEMORY >> 20);
	if (why == LZMA_BUF_ERROR)
		return kp_fail(err, KP_IMAGE, "%s: truncated xz data: the file ends after %zu bytes",
			       file->path, file->view.len);
	return kp_fail(err, KP_IMAGE, "%s: corrupt xz data before byte %llu (liblzma error %d)",
		       file->path, (unsigned long long)s->total_in, why);
}

/* With LZMA_CONCATENATED the decoder sees to further members and to padding by itself. */
static int unxz_all(const struct kp_file *file, lzma_stream *s, struct kp_unpacked *room,
		    struct kp_error *err)
{
	lzma_ret rc = LZMA_OK;

	while (rc == LZMA_OK) {
		size_t free_bytes;

		if (kp_unpacked_grow(room, err) < 0)
			return -1;
		free_bytes = room->size - room->used;
		s->next_out = room->bytes + room->used;
		s->avail_out = free_bytes;
		rc = lzma_code(s, LZMA_FINISH);
		if (kp_unpacked_add(room, free_bytes - s->avail_out, err) < 0)
			return -1;
	}
	return rc == LZMA_STREAM_END ? 0 : lzma_failed(file, s, rc, err);
}

static int unxz(struct kp_file *file, size_t limit, struct kp_error *err)
{
	struct kp_unpacked room = { .limit = limit, .path = file->path };
	lzma_stream s = LZMA_STREAM_INIT;
	int rc;

	s.next_in = file->view.bytes;
	s.avail_in = file->view.len;
	if (lzma_stream_decoder(&s, LZMA_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return kp_fail(err, KP_NO_MEMORY, "%s: liblzma cannot start", file->path);
	rc = unxz_all(file, &s, &room, err);
	lzma_end(&s);
	return kp_unpacked_finish(&room, rc, file, err);
}
#endif

#if HAVE_ZSTD
/* One call of the decoder; @hint is 0 at the end of a frame. */
static int unzstd_some(const struct kp_file *file, ZSTD_DStream *z, ZSTD_inBuffer *in,
		       struct kp_unpacked *room, size_t *hint, struct kp_error *err)
{
	ZSTD_outBuffer out = { 0 };
	size_t before = in->pos;

	if (kp_unpacked_grow(room, err) < 0)
		return -1;
	out.dst = room->bytes + room->used;
	out.size = room->size - room->used;
	*hint = ZSTD_decompressStream(z, &out, in);
	if (ZSTD_isError(*hint))
		return kp_fail(err, KP_IMAGE, "%s: corrupt zstd data before byte %zu: %s",
			       file->path, in->pos, ZSTD_getErrorName(*hint));
	if (kp_unpacked_add(room, out.pos, err) < 0)
		return -1;
	if (*hint == 0 || in->pos > before || out.pos)
		return 0;
	return kp_fail(err, KP_IMAGE, "%s: truncated zstd data: the file ends after %zu bytes",
		       file->path, file->view.len);
}

static struct kp_view rest_of(const ZSTD_inBuffer *in)
{
	return (struct kp_view){ (const uint8_t *)in->src + in->pos, in->size - in->pos };
}

static int unzstd_all(const struct kp_file *file, ZSTD_DStream *z, struct kp_unpacked *room,
		      struct kp_error *err)
{
	ZSTD_inBuffer in = { .src = file->view.bytes, .size = file->view.len };
	size_t hint;

	do {
		do {
			if (unzstd_some(file, z, &in, room, &hint, err) < 0)
				return -1;
		} while (hint);
	} while (starts_with(rest_of(&in), ZSTD_FRAME, 4));
	if (kp_unpacked_is_padding(rest_of(&in)))
		return 0;
	return kp_fail(err, KP_IMAGE, "%s: %zu bytes that are not zstd data after its end at "
		       "byte %zu", file->path, in.size - in.pos, in.pos);
}

static int unzstd(struct kp_file *file, size_t limit, struct kp_error *err)
{
	struct kp_unpacked room = { .limit = limit, .path = file->path };
	ZSTD_DStream *z = ZSTD_createDStream();
	int rc;

	if (!z)
		return kp_fail(err, KP_NO_MEMORY, "%s: libzstd cannot start", file->path);
	rc = unzstd_all(file, z, &room, err);
	ZSTD_freeDStream(z);
	return kp_unpacked_finish(&room, rc, file, err);
}
#endif

static const struct kind {
	const char *name, *magic;
	size_t magic_len;
	int (*unpack)(struct kp_file *file, size_t limit, struct kp_error *err);
} kinds[] = {
	{ "gzip", GZIP_MEMBER, 3, kp_file_gunzip },
#if HAVE_LZMA
	{ "xz", "\xfd" "7zXZ\0", 6, unxz },
#else
	{ "xz", "\xfd" "7zXZ\0", 6, NULL },
#endif
#if HAVE_ZSTD
	{ "zstd", ZSTD_FRAME, 4, unzstd },
#else
	{ "zstd", ZSTD_FRAME, 4, NULL },
#endif
};

static const struct kind *kind_of(const struct kp_file *file)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (starts_with(file->view, kinds[i].magic, kinds[i].magic_len))
			return &kinds[i];
	return NULL;
}

const char *kp_unpack_kind(const struct kp_file *file)
{
	const struct kind *kind = kind_of(file);

	return kind ? kind->name : NULL;
}

int kp_unpack(struct kp_file *file, size_t limit, struct kp_error *err)
{
	const struct kind *kind = kind_of(file);

	if (!kind)
		return kp_fail(err, KP_IMAGE, "%s: not compressed data of a known kind",
			       file->path);
	if (!kind->unpack)
		return kp_fail(err, KP_UNSUPPORTED, "%s: %s-compressed data, which this build "
			       "cannot read: unpack it first", file->path, kind->name);
	return kind->unpack(file, limit, err);
}
