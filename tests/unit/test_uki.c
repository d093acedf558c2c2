/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unified kernel images, made here section by section; then cut and bent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "uki.h"

#define HEADER		0x80       /* of the PE */
#define TABLE		(HEADER + 24 + 16)
#define FIRST_DATA	0x400
#define DATA_STEP	0x200      /* as objcopy aligns */

struct section { const char *name, *text; };

static uint8_t bytes[0x2000];
static struct kp_uki uki;
static struct kp_arena arena;
static struct kp_error err;

static void put16(size_t at, unsigned n) { memcpy(bytes + at, &(uint16_t){ (uint16_t)n }, 2); }
static void put32(size_t at, uint32_t n) { memcpy(bytes + at, &n, 4); }

/* Sections of @text each, padded in the file to DATA_STEP; the file's length. */
static size_t make(const struct section *s, size_t n)
{
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "MZ", 2);
	put32(0x3c, HEADER);
	memcpy(bytes + HEADER, "PE\0\0", 4);
	put16(HEADER + 4, 0x8664);
	put16(HEADER + 6, (unsigned)n);
	put16(HEADER + 20, 16);
	for (size_t i = 0; i < n; i++) {
		size_t at = TABLE + 40 * i, data = FIRST_DATA + DATA_STEP * i;

		strncpy((char *)bytes + at, s[i].name, 8);
		put32(at + 8, (uint32_t)strlen(s[i].text));
		put32(at + 16, DATA_STEP);
		put32(at + 20, (uint32_t)data);
		memcpy(bytes + data, s[i].text, strlen(s[i].text));
	}
	return FIRST_DATA + DATA_STEP * n;
}

static int parse(size_t len)
{
	kp_arena_free(&arena);
	memset(&err, 0, sizeof(err));
	return kp_uki_parse((struct kp_view){ bytes, len }, &arena, &uki, &err);
}

static void same_text(struct kp_view v, const char *text)
{
	assert_int_equal(v.len, strlen(text));
	assert_memory_equal(v.bytes, text, v.len);
}

static void refused(size_t len, const char *says)
{
	assert_int_equal(parse(len), -1);
	assert_int_equal(err.code, KP_IMAGE);
	if (!strstr(err.text, says))
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static const struct section whole[] = {
	{ ".text", "code" }, { ".cmdline", "root=/dev/sda1\nquiet \n" }, { ".initrd", "070701" },
	{ ".osrel", "ID=x" }, { ".ucode", "micro" }, { ".linux", "a kernel" },
};

static void the_parts_are_found(void **state)
{
	size_t len = make(whole, 6);

	(void)state;
	assert_true(kp_uki_is((struct kp_view){ bytes, len }));
	assert_int_equal(parse(len), 0);
	same_text(uki.linux_image, "a kernel");
	assert_int_equal(uki.n_initrds, 2);
	same_text(uki.initrds[0], "micro");
	same_text(uki.initrds[1], "070701");
	assert_string_equal(uki.cmdline, "root=/dev/sda1 quiet");
}

static void all_but_the_kernel_may_be_absent(void **state)
{
	(void)state;
	assert_int_equal(parse(make(&whole[5], 1)), 0);
	assert_int_equal(uki.n_initrds, 0);
	assert_null(uki.cmdline);
}

/* A bzImage is a PE too, without a section .linux; so is any EFI program. */
static void other_files_are_none(void **state)
{
	size_t len = make(whole, 5);

	(void)state;
	assert_false(kp_uki_is((struct kp_view){ bytes, len }));
	refused(len, "5 sections, none of which is .linux");
	bytes[0] = 'X';
	assert_false(kp_uki_is((struct kp_view){ bytes, len }));
	refused(len, "not a PE image");
	len = make(whole, 6);
	put16(HEADER + 4, 0xaa64);
	refused(len, "machine 0xaa64");
}

static void the_first_profile_counts(void **state)
{
	static const struct section s[] = {
		{ ".linux", "a kernel" }, { ".cmdline", "base" }, { ".profile", "ID=a" },
		{ ".cmdline", "first" }, { ".profile", "ID=b" }, { ".cmdline", "second" },
	};

	(void)state;
	assert_int_equal(parse(make(s, 6)), 0);
	assert_string_equal(uki.cmdline, "first");
	same_text(uki.linux_image, "a kernel");
	assert_int_equal(parse(make(s, 2)), 0);
	assert_string_equal(uki.cmdline, "base");
}

static void a_section_twice_is_an_error(void **state)
{
	static const struct section s[] = { { ".linux", "one" }, { ".linux", "two" } };

	(void)state;
	refused(make(s, 2), "two sections .linux");
}

/* What is in memory only is zero there and not in the file; what is padding is not data. */
static void sizes_are_the_smaller_of_both(void **state)
{
	size_t len = make(&whole[5], 1);

	(void)state;
	put32(TABLE + 8, 0x100000);
	assert_int_equal(parse(len), 0);
	assert_int_equal(uki.linux_image.len, DATA_STEP);
	put32(TABLE + 8, 3);
	assert_int_equal(parse(len), 0);
	assert_int_equal(uki.linux_image.len, 3);
}

/* Bytes that wrap, point outside or are cut off. */
static void bent_headers_are_refused(void **state)
{
	size_t len = make(whole, 6);

	(void)state;
	put32(TABLE + 20, 0xffffffff);
	refused(len, "section .text is");
	len = make(whole, 6);
	put16(HEADER + 6, 0xffff);
	refused(len, "65535 section headers");
	len = make(whole, 6);
	put16(HEADER + 20, 0xffff);
	refused(len, "section headers");
	len = make(whole, 6);
	put32(0x3c, 0xfffffffe);
	refused(len, "not a PE image");
}

/* Cut anywhere it is refused or whole: never read past its end (seen by a sanitizer). */
static void every_cut_is_bounded(void **state)
{
	size_t len = make(whole, 6), good = 0;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++)
		good += parse(cut) == 0;
	/* From the last byte of the last section on. */
	assert_int_equal(good, DATA_STEP - strlen("a kernel") + 1);
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
		cmocka_unit_test(the_parts_are_found),
		cmocka_unit_test(all_but_the_kernel_may_be_absent),
		cmocka_unit_test(other_files_are_none),
		cmocka_unit_test(the_first_profile_counts),
		cmocka_unit_test(a_section_twice_is_an_error),
		cmocka_unit_test(sizes_are_the_smaller_of_both),
		cmocka_unit_test(bent_headers_are_refused),
		cmocka_unit_test(every_cut_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
