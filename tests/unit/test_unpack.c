/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packed files of each kind, made by the kind's own library; and descriptors of joined bytes. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#if HAVE_LZMA
#include <lzma.h>
#endif
#if HAVE_ZSTD
#include <zstd.h>
#endif

#include "memfd.h"
#include "unpack.h"

#define TEXT_BYTES 200000

static char path[] = "/tmp/kp-unpack-XXXXXX";
static uint8_t text[TEXT_BYTES];
static uint8_t packed[2 * TEXT_BYTES];
static struct kp_file file;
static struct kp_error err;

static size_t pack_gzip(const uint8_t *data, size_t len, uint8_t *out, size_t room)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len, .next_out = out,
		       .avail_out = (uInt)room };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

#if HAVE_LZMA
static size_t pack_xz(const uint8_t *data, size_t len, uint8_t *out, size_t room)
{
	size_t used = 0;

	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, data, len, out, &used,
						 room), LZMA_OK);
	return used;
}
#endif

#if HAVE_ZSTD
static size_t pack_zstd(const uint8_t *data, size_t len, uint8_t *out, size_t room)
{
	size_t used = ZSTD_compress(out, room, data, len, 3);

	assert_false(ZSTD_isError(used));
	return used;
}
#endif

static const struct kind {
	const char *name, *magic;
	size_t (*pack)(const uint8_t *data, size_t len, uint8_t *out, size_t room);
} kinds[] = {
	{ "gzip", "\x1f\x8b\x08", pack_gzip },
#if HAVE_LZMA
	{ "xz", "\xfd" "7zXZ\0", pack_xz },
#else
	{ "xz", "\xfd" "7zXZ\0", NULL },
#endif
#if HAVE_ZSTD
	{ "zstd", "\x28\xb5\x2f\xfd", pack_zstd },
#else
	{ "zstd", "\x28\xb5\x2f\xfd", NULL },
#endif
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int unpack(size_t len, size_t limit)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(packed, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	memset(&err, 0, sizeof(err));
	assert_int_equal(kp_file_map(path, &file, &err), 0);
	return kp_unpack(&file, limit, &err);
}

static void is_text(void)
{
	assert_int_equal(file.view.len, TEXT_BYTES);
	assert_memory_equal(file.view.bytes, text, TEXT_BYTES);
	kp_file_unmap(&file);
}

static void refused(const struct kind *kind, size_t len, size_t limit, enum kp_code code,
		    const char *says)
{
	assert_int_equal(unpack(len, limit), -1);
	if (err.code != code || !strstr(err.text, says))
		fail_msg("%s: \"%s\" (%d) does not say \"%s\"", kind->name, err.text, err.code,
			 says);
	assert_int_equal(file.view.len, len);
	kp_file_unmap(&file);
}

static void each_kind_is_unpacked(void **state)
{
	(void)state;
	for (const struct kind *k = kinds; k < kinds + N_KINDS; k++) {
		size_t len;

		if (!k->pack) {
			memcpy(packed, k->magic, strlen(k->magic) + 1);
			refused(k, 100, TEXT_BYTES, KP_UNSUPPORTED, "this build cannot read");
			continue;
		}
		len = k->pack(text, TEXT_BYTES, packed, sizeof(packed));
		assert_int_equal(unpack(len, TEXT_BYTES), 0);
		is_text();
		assert_string_equal(kp_unpack_kind(&(struct kp_file){ .view = { packed, len } }),
				    k->name);
	}
	assert_null(kp_unpack_kind(&(struct kp_file){ .view = { text, TEXT_BYTES } }));
}

/* Several members, and zeros behind the last one. */
static void members_are_joined(void **state)
{
	(void)state;
	for (const struct kind *k = kinds; k < kinds + N_KINDS; k++) {
		size_t len;

		if (!k->pack)
			continue;
		len = k->pack(text, 70000, packed, sizeof(packed));
		len += k->pack(text + 70000, TEXT_BYTES - 70000, packed + len,
			       sizeof(packed) - len);
		memset(packed + len, 0, 64);
		assert_int_equal(unpack(len + 64, TEXT_BYTES), 0);
		is_text();
	}
}

static void the_limit_holds(void **state)
{
	(void)state;
	for (const struct kind *k = kinds; k < kinds + N_KINDS; k++)
		if (k->pack)
			refused(k, k->pack(text, TEXT_BYTES, packed, sizeof(packed)),
				TEXT_BYTES - 1, KP_IMAGE, "unpacks to more than 199999 bytes");
}

static void broken_data_is_refused(void **state)
{
	(void)state;
	for (const struct kind *k = kinds; k < kinds + N_KINDS; k++) {
		size_t len;

		if (!k->pack)
			continue;
		len = k->pack(text, TEXT_BYTES, packed, sizeof(packed));
		for (size_t cut = 12; cut < len; cut += 997)
			refused(k, cut, TEXT_BYTES, KP_IMAGE, "truncated");
		memset(packed + len, 'x', 16);
		refused(k, len + 16, TEXT_BYTES, KP_IMAGE, k->name);
		memset(packed + len / 2, 0xa5, 64);
		refused(k, len, 16 * TEXT_BYTES, KP_IMAGE, "corrupt");
		refused(k, k->pack(text, 0, packed, sizeof(packed)), TEXT_BYTES, KP_IMAGE,
			"unpacks to nothing");
	}
}

static void pieces_are_joined_at_multiples_of_4(void **state)
{
	const struct kp_view pieces[] = { { text, 5 }, { text + 10, 3 }, { text + 20, 3 } };
	uint8_t back[64];
	int fd = kp_memfd_join("initrd", pieces, 3, &err);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(read(fd, back, sizeof(back)), 15);
	assert_memory_equal(back, text, 5);
	assert_memory_equal(back + 5, "\0\0\0", 3);
	assert_memory_equal(back + 8, text + 10, 3);
	assert_memory_equal(back + 12, text + 20, 3);
	close(fd);
}

/* The kernel takes no file that somebody may write to: a read lease shows that nobody does. */
static void a_joined_file_has_no_writer(void **state)
{
	const struct kp_view piece = { text, 100 };
	int fd = kp_memfd_join("kernel", &piece, 1, &err);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	if (fcntl(fd, F_SETLEASE, F_RDLCK))
		fail_msg("somebody has it open for writing: %s", strerror(errno));
	close(fd);
}

static int make_text(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	srandom(20261122);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)("kexec"[i % 5] + random() % 4);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_unpacked),
		cmocka_unit_test(members_are_joined),
		cmocka_unit_test(the_limit_holds),
		cmocka_unit_test(broken_data_is_refused),
		cmocka_unit_test(pieces_are_joined_at_multiples_of_4),
		cmocka_unit_test(a_joined_file_has_no_writer),
	};

	return cmocka_run_group_tests(tests, make_text, remove_file);
}
