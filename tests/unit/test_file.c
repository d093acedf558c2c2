/* SPDX-License-Identifier: LGPL-2.1-or-later */
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

#include "file.h"
#include "unpack.h"

#define TEXT_BYTES	200000

static char dir[] = "/tmp/kp-file-XXXXXX";
static char path[64];
static uint8_t text[TEXT_BYTES];
static uint8_t packed[2 * TEXT_BYTES];

static struct kp_file file;
static struct kp_error err;

static int make_dir(void **state)
{
	(void)state;
	srandom(20261121);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)("kexec"[i % 5] + random() % 4);
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_file(const void *data, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* One gzip member of @data in @out; its length. */
static size_t gzip(const uint8_t *data, size_t len, uint8_t *out, size_t room)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len, .next_out = out,
		       .avail_out = (uInt)room };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static int map(const char *name)
{
	memset(&err, 0, sizeof(err));
	memset(&file, 0, sizeof(file));
	return kp_file_map(name, &file, &err);
}

/* Map @len bytes of packed[] and unpack them. */
static int gunzip(size_t len, size_t limit)
{
	write_file(packed, len);
	assert_int_equal(map(path), 0);
	assert_true(kp_file_is_gzip(&file));
	return kp_file_gunzip(&file, limit, &err);
}

static void a_file_is_mapped_whole(void **state)
{
	(void)state;
	write_file(text, sizeof(text));
	assert_int_equal(map(path), 0);
	assert_int_equal(file.view.len, sizeof(text));
	assert_memory_equal(file.view.bytes, text, sizeof(text));
	assert_false(kp_file_is_gzip(&file));
	kp_file_unmap(&file);
	assert_int_equal(file.view.len, 0);
	kp_file_unmap(&file);
}

static void changed(const char *why)
{
	assert_int_equal(kp_file_unchanged(&file, &err), -1);
	assert_int_equal(err.code, KP_IO);
	assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" is not in \"%s\"", why, err.text);
	kp_file_unmap(&file);
}

/* Another byte, and the time of the write set back: a process of the file's owner can do that. */
static void write_and_hide(void)
{
	struct stat was;
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &was), 0);
	usleep(20000);             /* the clock of files ticks every few milliseconds */
	assert_int_equal(pwrite(fd, "x", 1, 0), 1);
	assert_int_equal(futimens(fd, (struct timespec[]){ was.st_atim, was.st_mtim }), 0);
	close(fd);
}

/* Cut, longer, or other bytes: told of. Another file of that name leaves the one that is mapped. */
static void who_writes_to_a_mapped_file_is_noticed(void **state)
{
	const struct timespec later[2] = { { 0, UTIME_OMIT }, { 2000000000, 0 } };

	(void)state;
	write_file(text, 5000);
	assert_int_equal(map(path), 0);
	assert_int_equal(kp_file_unchanged(&file, &err), 0);
	assert_int_equal(truncate(path, 4999), 0);
	changed("had 5000 bytes, and has 4999 now");
	assert_int_equal(map(path), 0);
	assert_int_equal(truncate(path, 5001), 0);
	changed("and has 5001 now");
	assert_int_equal(map(path), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, later, 0), 0); /* as a write at that time does */
	changed("was written to while it was loaded");
	assert_int_equal(map(path), 0);
	write_and_hide();
	changed("links or times were changed");
	assert_int_equal(map(path), 0);
	unlink(path);
	write_file(text, 100);
	assert_int_equal(kp_file_unchanged(&file, &err), 0);
	kp_file_unmap(&file);
	assert_int_equal(kp_file_unchanged(&file, &err), 0);
}

static void what_cannot_be_mapped_is_one_clear_line(void **state)
{
	char fifo[80];
	struct { const char *name, *path; int sys; const char *text; } rows[] = {
		{ "missing", "/nonexistent/vmlinuz", ENOENT,
		  "/nonexistent/vmlinuz: No such file or directory" },
		{ "directory", dir, EISDIR, "Is a directory" },
		{ "device", "/dev/zero", 0, "/dev/zero: not a regular file" },
		{ "fifo: not waited for", fifo, 0, "not a regular file" },
		{ "empty", path, 0, "the file is empty" },
	};

	(void)state;
	write_file("", 0);
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(map(rows[i].path), -1);
		assert_int_equal(err.code, KP_IO);
		assert_int_equal(err.sys, rows[i].sys);
		assert_int_equal(strncmp(err.text, rows[i].path, strlen(rows[i].path)), 0);
		assert_non_null(strstr(err.text, rows[i].text));
		assert_int_equal(file.view.len, 0);
	}
	unlink(fifo);
}

#define NOBODY 65534

static void an_unreadable_file_says_so(void **state)
{
	const uid_t uid = geteuid();

	(void)state;
	write_file(text, 100);
	chmod(path, 0);
	chmod(dir, 0711);
	if (uid == 0)
		assert_int_equal(seteuid(NOBODY), 0); /* root may read anything */
	assert_int_equal(map(path), -1);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(err.sys, EACCES);
	unlink(path);
}

static void one_member_unpacks(void **state)
{
	static const size_t sizes[] = { 1, 2, 4096, 65536, TEXT_BYTES };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(gunzip(gzip(text, sizes[i], packed, sizeof(packed)),
					KP_GUNZIP_MAX), 0);
		assert_int_equal(file.view.len, sizes[i]);
		assert_memory_equal(file.view.bytes, text, sizes[i]);
		kp_file_unmap(&file);
	}
}

static void members_and_padding_unpack_as_one(void **state)
{
	size_t len = gzip(text, 70000, packed, sizeof(packed));

	(void)state;
	len += gzip(text, 0, packed + len, sizeof(packed) - len);
	len += gzip(text + 70000, TEXT_BYTES - 70000, packed + len, sizeof(packed) - len);
	memset(packed + len, 0, 777);
	assert_int_equal(gunzip(len + 777, KP_GUNZIP_MAX), 0);
	assert_int_equal(file.view.len, TEXT_BYTES);
	assert_memory_equal(file.view.bytes, text, TEXT_BYTES);
	kp_file_unmap(&file);
}

/* Each must fail, say why with the path first, and leave the mapped bytes as they were. */
static void refused(size_t len, size_t limit, const char *why)
{
	assert_int_equal(gunzip(len, limit), -1);
	assert_int_equal(err.code, KP_IMAGE);
	assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" is not in \"%s\"", why, err.text);
	assert_int_equal(file.view.len, len);
	assert_memory_equal(file.view.bytes, packed, len);
	kp_file_unmap(&file);
}

static void every_truncation_is_refused(void **state)
{
	size_t len = gzip(text, TEXT_BYTES, packed, sizeof(packed));

	(void)state;
	for (size_t cut = 3; cut < len; cut += cut < 100 || cut > len - 100 ? 1 : 1009)
		refused(cut, KP_GUNZIP_MAX, "truncated gzip data");
}

static void garbage_at_the_end_is_refused(void **state)
{
	size_t len = gzip(text, 1000, packed, sizeof(packed));

	(void)state;
	memset(packed + len, 0, 10);
	packed[len + 9] = 'x';
	refused(len + 10, KP_GUNZIP_MAX, "10 bytes that are not gzip data");
	memcpy(packed + len, "\x1f\x8b\x08garbage", 10);
	refused(len + 10, KP_GUNZIP_MAX, "gzip data");
}

static void damage_is_refused(void **state)
{
	size_t len = gzip(text, TEXT_BYTES, packed, sizeof(packed));

	(void)state;
	packed[len - 8] ^= 1; /* CRC-32 */
	refused(len, KP_GUNZIP_MAX, "incorrect data check");
	packed[len - 8] ^= 1;
	packed[len - 4] ^= 1; /* length */
	refused(len, KP_GUNZIP_MAX, "incorrect length check");
	packed[len - 4] ^= 1;
	for (size_t i = 0; i < 300; i++) {
		size_t at = 10 + (size_t)random() % (len - 18);

		packed[at] ^= 0x40;
		refused(len, KP_GUNZIP_MAX, "gzip data");
		packed[at] ^= 0x40;
	}
}

static void the_limit_is_exact(void **state)
{
	static const size_t limits[] = { 1, 1000, TEXT_BYTES - 1 };
	size_t len = gzip(text, TEXT_BYTES, packed, sizeof(packed));

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		refused(len, limits[i], "unpacks to more than");
	assert_int_equal(gunzip(len, TEXT_BYTES), 0);
	assert_int_equal(file.view.len, TEXT_BYTES);
	kp_file_unmap(&file);
}

/* Nothing of the sort may take the memory that it claims to need. */
static void a_bomb_is_refused(void **state)
{
	const size_t claimed = (size_t)256 << 20;
	uint8_t *zeros = calloc(1, claimed);
	size_t len;

	(void)state;
	assert_non_null(zeros);
	len = gzip(zeros, claimed, packed, sizeof(packed));
	free(zeros);
	refused(len, (size_t)8 << 20, "unpacks to more than 8388608 bytes (8 MiB)");
}

static void nothing_packed_is_refused(void **state)
{
	(void)state;
	refused(gzip(text, 0, packed, sizeof(packed)), KP_GUNZIP_MAX, "unpacks to nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_mapped_whole),
		cmocka_unit_test(who_writes_to_a_mapped_file_is_noticed),
		cmocka_unit_test(what_cannot_be_mapped_is_one_clear_line),
		cmocka_unit_test(an_unreadable_file_says_so),
		cmocka_unit_test(one_member_unpacks),
		cmocka_unit_test(members_and_padding_unpack_as_one),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(garbage_at_the_end_is_refused),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(the_limit_is_exact),
		cmocka_unit_test(a_bomb_is_refused),
		cmocka_unit_test(nothing_packed_is_refused),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
