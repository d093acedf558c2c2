/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bzImages composed here, one field wrong at a time, and a real one cut at many lengths. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "image.h"

#define SETUP_SECTS	4
#define CODE_START	((SETUP_SECTS + 1) * 512)
#define CODE_BYTES	0x1000
#define FILE_BYTES	(CODE_START + CODE_BYTES)
#define HEADER_END	0x26c
#define VERSION_AT	0x300

static uint8_t image_bytes[FILE_BYTES + 64];

static void put(uint32_t at, unsigned bytes, uint64_t value)
{
	memcpy(image_bytes + at, &value, bytes);
}

/* As Linux 6.1 fills the header; offsets are those of Documentation/arch/x86/boot.rst. */
static void compose(void)
{
	memset(image_bytes, 0xcc, sizeof(image_bytes));
	put(0x1f1, 1, SETUP_SECTS);
	put(0x1f4, 4, CODE_BYTES / 16);
	put(0x1fe, 2, 0xaa55);
	put(0x200, 1, 0xeb);
	put(0x201, 1, HEADER_END - 0x202);
	memcpy(image_bytes + 0x202, "HdrS", 4);
	put(0x206, 2, 0x020f);
	put(0x20e, 2, VERSION_AT - 0x200);
	put(0x211, 1, 0x01);
	put(0x22c, 4, 0x7fffffff);
	put(0x230, 4, 0x200000);
	put(0x234, 1, 1);
	put(0x236, 2, 0x7f);
	put(0x238, 4, 2047);
	put(0x258, 8, 0x1000000);
	put(0x260, 4, 0x123456);
	strcpy((char *)image_bytes + VERSION_AT, "6.1.0-test (me@here) #1 SMP");
}

static struct kp_arena arena;
static struct kp_image image;
static struct kp_error err;

static int parse(size_t len)
{
	memset(&err, 0, sizeof(err));
	kp_arena_free(&arena);
	return kp_bzimage_parse((struct kp_view){ image_bytes, len }, &arena, &image, &err);
}

static void a_modern_image_is_understood(void **state)
{
	(void)state;
	compose();
	assert_int_equal(parse(FILE_BYTES), 0);
	assert_int_equal(image.format, KP_FORMAT_BZIMAGE64);
	assert_int_equal(image.n_chunks, 1);
	assert_int_equal(image.chunks[0].offset, 0);
	assert_ptr_equal(image.chunks[0].data.bytes, image_bytes + CODE_START);
	assert_int_equal(image.chunks[0].data.len, CODE_BYTES);
	assert_int_equal(image.chunks[0].mem_bytes, 0x124000);
	assert_int_equal(image.mem_bytes, 0x124000);
	assert_int_equal(image.pref_start, 0x1000000);
	assert_int_equal(image.min_start, 0x1000000);
	assert_int_equal(image.align, 0x200000);
	assert_true(image.relocatable && image.above_4g && image.la57 && image.efi_handover);
	assert_int_equal(image.entry_offset, 0x200);
	assert_true(image.initrd_max == UINT64_MAX);
	assert_int_equal(image.cmdline_max, 2047);
	assert_ptr_equal(image.setup_header.bytes, image_bytes + 0x1f1);
	assert_int_equal(image.setup_header.len, HEADER_END - 0x1f1);
	assert_string_equal(image.version, "6.1.0-test (me@here) #1 SMP");
}

static void each_flag_is_its_own(void **state)
{
	static const struct {
		const char *name;
		uint16_t flags;
		bool above_4g, la57, kept, efi;
	} rows[] = {
		{ "64-bit only", 0x01, false, false, false, false },
		{ "above 4 GiB", 0x03, true, false, false, false },
		{ "kexec with EFI", 0x11, false, false, false, true },
		{ "5-level", 0x21, false, true, false, false },
		{ "EFI handover entries mean nothing here", 0x0d, false, false, false, false },
		{ "5-level enabled is not 5-level borne", 0x41, false, false, true, false },
		{ "5-level, and left on", 0x61, false, true, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		compose();
		put(0x236, 2, rows[i].flags);
		assert_int_equal(parse(FILE_BYTES), 0);
		assert_int_equal(image.above_4g, rows[i].above_4g);
		assert_int_equal(image.la57, rows[i].la57);
		assert_int_equal(image.la57_kept, rows[i].kept);
		assert_int_equal(image.efi_handover, rows[i].efi);
		assert_true(image.initrd_max == (rows[i].above_4g ? UINT64_MAX : 0x7fffffff));
	}
}

static void one_wrong_field_is_named(void **state)
{
	static const struct {
		const char *name;
		uint32_t at;
		unsigned bytes;
		uint64_t value;
		const char *text;
	} rows[] = {
		{ "no boot flag", 0x1fe, 2, 0xaa54, "not a bzImage" },
		{ "no magic", 0x202, 4, 0x53726449, "not a bzImage" },
		{ "protocol 2.11", 0x206, 2, 0x020b, "boot protocol 2.11" },
		{ "a zImage", 0x211, 1, 0x80, "loadflags 0x80" },
		{ "a 32-bit kernel", 0x236, 2, 0x7e, "xloadflags 0x7e" },
		{ "header beyond boot_params", 0x201, 1, 0x8f, "0x291" },
		{ "header too short for init_size", 0x201, 1, 0x61, "0x263" },
		{ "header too short for its version", 0x201, 1, 0x05, "boot protocol 0.00" },
		{ "no alignment", 0x230, 4, 0, "kernel_alignment 0 " },
		{ "odd alignment", 0x230, 4, 0x201000, "0x201000" },
		{ "address beyond memory", 0x258, 8, 1ull << 52, "0x10000000000000" },
		{ "no code", 0x1f4, 4, 0, "0 bytes of protected-mode code" },
		{ "code that ends at its entry", 0x1f4, 4, 0x20, "512 bytes of protected-mode" },
		{ "less memory than code", 0x260, 4, CODE_BYTES - 1, "4096 bytes" },
		{ "a paragraph more than the file", 0x1f4, 4, CODE_BYTES / 16 + 1,
		  "byte 6672, the file has 6656" },
		{ "setup code beyond the file", 0x1f1, 1, 0xff, "byte 135168, the file has 6656" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		compose();
		put(rows[i].at, rows[i].bytes, rows[i].value);
		assert_int_equal(parse(FILE_BYTES), -1);
		assert_int_equal(err.code, KP_IMAGE);
		if (!strstr(err.text, rows[i].text))
			fail_msg("\"%s\" is not in \"%s\"", rows[i].text, err.text);
	}
}

static void zero_setup_sectors_mean_four(void **state)
{
	(void)state;
	compose();
	put(0x1f1, 1, 0);
	assert_int_equal(parse(FILE_BYTES), 0);
	assert_ptr_equal(image.chunks[0].data.bytes, image_bytes + 5 * 512);
}

/* What follows the code, a signature for one, is not loaded. */
static void bytes_after_the_code_stay_out(void **state)
{
	(void)state;
	compose();
	assert_int_equal(parse(FILE_BYTES + 64), 0);
	assert_int_equal(image.chunks[0].data.len, CODE_BYTES);
}

static void an_unmovable_kernel_says_so(void **state)
{
	(void)state;
	compose();
	put(0x234, 1, 0);
	put(0x230, 4, 0x100);
	put(0x258, 8, 0x100);
	assert_int_equal(parse(FILE_BYTES), 0);
	assert_false(image.relocatable);
	assert_int_equal(image.align, 4096);
	assert_int_equal(image.min_start, 0x100000);
}

static void a_version_without_sense_is_left_out(void **state)
{
	static const struct { const char *name; uint16_t pointer; const char *text; } rows[] = {
		{ "none", 0, "6.1" },
		{ "beyond the file", 0xffff, "6.1" },
		{ "empty", VERSION_AT - 0x200, "" },
		{ "control characters", VERSION_AT - 0x200, "6.1\033[2J" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		compose();
		put(0x20e, 2, rows[i].pointer);
		strcpy((char *)image_bytes + VERSION_AT, rows[i].text);
		assert_int_equal(parse(FILE_BYTES), 0);
		assert_null(image.version);
	}
	compose();
	memset(image_bytes + VERSION_AT, 'v', FILE_BYTES - VERSION_AT);
	assert_int_equal(parse(FILE_BYTES), 0);
	assert_null(image.version);
}

/* syssize counts paragraphs, rounded up: Debian's memtest86+ ends 8 bytes before its last is full. */
static void the_last_paragraph_need_not_be_full(void **state)
{
	(void)state;
	compose();
	for (unsigned lacks = 0; lacks <= 17; lacks++) {
		int rc = parse(FILE_BYTES - lacks);

		assert_int_equal(rc, lacks < 16 ? 0 : -1);
		if (rc == 0)
			assert_int_equal(image.chunks[0].data.len, CODE_BYTES - lacks);
	}
}

/* A paragraph that is all there is behind the entry point's offset is no kernel. */
static void a_last_paragraph_does_not_reach_the_entry(void **state)
{
	(void)state;
	compose();
	put(0x1f4, 4, 0x21);
	assert_int_equal(parse(CODE_START + 0x201), 0);
	assert_int_equal(parse(CODE_START + 0x200), -1);
	assert_non_null(strstr(err.text, "truncated"));
}

/* In a buffer of its own each time, so that the sanitisers see a read past the end. */
static void every_cut_is_refused(void **state)
{
	(void)state;
	compose();
	for (size_t len = 0; len <= FILE_BYTES - 16; len++) {
		uint8_t *cut = malloc(len ? len : 1);

		memcpy(cut, image_bytes, len);
		memset(&err, 0, sizeof(err));
		assert_int_equal(kp_bzimage_parse((struct kp_view){ cut, len }, &arena, &image,
						  &err), -1);
		assert_int_equal(err.code, KP_IMAGE);
		free(cut);
	}
}

/* Whatever the bytes of the header are: no crash, and what is accepted makes sense. */
static void random_headers_do_no_harm(void **state)
{
	unsigned accepted = 0;

	(void)state;
	srandom(20261121);
	for (unsigned round = 0; round < 20000; round++) {
		compose();
		for (unsigned n = 0; n < 3; n++)
			image_bytes[0x1f1 + random() % (HEADER_END - 0x1f1)] = (uint8_t)random();
		if (parse(FILE_BYTES) < 0) {
			assert_int_equal(err.code, KP_IMAGE);
			continue;
		}
		accepted++;
		assert_true(image.chunks[0].data.len <= image.chunks[0].mem_bytes);
		assert_true(image.entry_offset < image.chunks[0].data.len);
		assert_true(image.align >= 4096 && (image.align & (image.align - 1)) == 0);
	}
	print_message("%u of 20000 accepted\n", accepted);
	assert_true(accepted > 1000);
}

/* --- The kernel of Debian 12, where it is installed --- */

static struct kp_view debian_kernel(void)
{
	struct kp_view view = { 0 };
	int fd = open("/boot/vmlinuz-6.1.0-56-amd64", O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return view;
	view.bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	view.len = view.bytes == MAP_FAILED ? 0 : (size_t)st.st_size;
	close(fd);
	return view;
}

static void a_real_kernel_and_its_cuts(void **state)
{
	struct kp_view file = debian_kernel(), cut;
	size_t whole;

	(void)state;
	if (!file.len)
		skip();
	memset(&err, 0, sizeof(err));
	assert_int_equal(kp_image_parse(file, KP_FORMAT_AUTO, &arena, &image, &err), 0);
	assert_int_equal(image.pref_start, 0x1000000);
	assert_int_equal(image.align, 0x200000);
	assert_int_equal(image.mem_bytes, 0x3f98000);
	assert_true(image.relocatable && image.above_4g && image.la57 && image.efi_handover);
	assert_memory_equal(image.version, "6.1.0-56-amd64", 14);
	whole = (size_t)(image.chunks[0].data.bytes - file.bytes) + image.chunks[0].data.len;

	cut = file;
	for (cut.len = 0; cut.len <= whole - 16; cut.len += cut.len < 0x6000 ? 1 : 4093)
		assert_int_equal(kp_image_parse(cut, KP_FORMAT_BZIMAGE64, &arena, &image, &err),
				 -1);
	cut.len = whole - 16;
	assert_int_equal(kp_image_parse(cut, KP_FORMAT_AUTO, &arena, &image, &err), -1);
	cut.len = whole;
	assert_int_equal(kp_image_parse(cut, KP_FORMAT_AUTO, &arena, &image, &err), 0);
	munmap((void *)(uintptr_t)file.bytes, file.len);
}

/* --- kp_image_parse(): what is no kernel is called by its name --- */

static void strangers_are_named(void **state)
{
	static const struct { const char *name; uint32_t at; const char *magic; size_t len;
			      enum kp_format format; const char *text; } rows[] = {
		{ "arm64", 0x38, "ARM\x64", 4, 0, "ARM64" },
		{ "pe", 0, "MZ", 2, 0, "EFI" },
		{ "gzip", 0, "\x1f\x8b", 2, 0, "gzip" },
		{ "xz", 0, "\xfd" "7zXZ\0", 6, 0, "xz" },
		{ "zstd", 0, "\x28\xb5\x2f\xfd", 4, 0, "zstd" },
		{ "cpio", 0, "070701", 6, 0, "cpio" },
		{ "half of gzip's magic", 0, "\x1f\x8c", 2, 0, "no known format" },
		{ "half of a bzImage's", 0x202, "HdrX", 4, 0, "no known format" },
		{ "unknown", 0, "\1\2\3", 3, 0, "no known format" },
		{ "ELF for a bzImage", 0, "\177ELF", 4, KP_FORMAT_BZIMAGE64,
		  "not a bzImage: it looks like an ELF" },
		{ "bzImage for an ELF", 0x202, "HdrS", 4, KP_FORMAT_ELF64,
		  "not an ELF kernel: it looks like a Linux bzImage" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kp_view file = { image_bytes, 1024 };

		print_message("%s\n", rows[i].name);
		memset(&err, 0, sizeof(err));
		memset(image_bytes, 0, sizeof(image_bytes));
		memcpy(image_bytes + rows[i].at, rows[i].magic, rows[i].len);
		assert_int_equal(kp_image_parse(file, rows[i].format, &arena, &image, &err), -1);
		assert_int_equal(err.code, KP_IMAGE);
		if (!strstr(err.text, rows[i].text))
			fail_msg("\"%s\" is not in \"%s\"", rows[i].text, err.text);
	}
}

static void texts_and_nothing_are_named(void **state)
{
	static const char text[] = "#!/bin/sh\n# 512 bytes or fewer\n";
	struct kp_view file = { (const uint8_t *)text, sizeof(text) - 1 };

	(void)state;
	assert_int_equal(kp_image_parse(file, KP_FORMAT_AUTO, &arena, &image, &err), -1);
	assert_non_null(strstr(err.text, "a text (31 bytes)"));
	file.len = 0;
	assert_int_equal(kp_image_parse(file, KP_FORMAT_AUTO, &arena, &image, &err), -1);
	assert_non_null(strstr(err.text, "an empty file"));
}

static int free_arena(void **state)
{
	(void)state;
	kp_arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_modern_image_is_understood),
		cmocka_unit_test(each_flag_is_its_own),
		cmocka_unit_test(one_wrong_field_is_named),
		cmocka_unit_test(zero_setup_sectors_mean_four),
		cmocka_unit_test(bytes_after_the_code_stay_out),
		cmocka_unit_test(an_unmovable_kernel_says_so),
		cmocka_unit_test(a_version_without_sense_is_left_out),
		cmocka_unit_test(the_last_paragraph_need_not_be_full),
		cmocka_unit_test(a_last_paragraph_does_not_reach_the_entry),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(random_headers_do_no_harm),
		cmocka_unit_test(a_real_kernel_and_its_cuts),
		cmocka_unit_test(strangers_are_named),
		cmocka_unit_test(texts_and_nothing_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
