/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view.h"

static const uint8_t bytes[] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99 };
static const struct kp_view view = { bytes, sizeof(bytes) };

static void numbers_are_little_endian(void **state)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	(void)state;
	assert_true(kp_view_u8(view, 8, &u8) && u8 == 0x99);
	assert_true(kp_view_u16(view, 1, &u16) && u16 == 0x3322);
	assert_true(kp_view_u32(view, 1, &u32) && u32 == 0x55443322);
	assert_true(kp_view_u64(view, 1, &u64) && u64 == 0x9988776655443322);
}

static void what_does_not_reach_is_left_alone(void **state)
{
	static const uint64_t beyond[] = { 9, 10, SIZE_MAX, UINT64_MAX - 7, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		uint8_t u8 = 0xaa;
		uint16_t u16 = 0xaaaa;
		uint32_t u32 = 0xaaaaaaaa;
		uint64_t u64 = 0xaaaaaaaaaaaaaaaa;

		assert_false(kp_view_u8(view, beyond[i], &u8));
		assert_false(kp_view_u16(view, beyond[i] - 1, &u16));
		assert_false(kp_view_u32(view, beyond[i] - 3, &u32));
		assert_false(kp_view_u64(view, beyond[i] - 7, &u64));
		assert_true(u8 == 0xaa && u16 == 0xaaaa && u32 == 0xaaaaaaaa);
		assert_true(u64 == 0xaaaaaaaaaaaaaaaa);
	}
}

static void parts_stay_inside(void **state)
{
	static const struct { const char *name; uint64_t off, len; bool ok; } rows[] = {
		{ "all", 0, 9, true },
		{ "nothing at the end", 9, 0, true },
		{ "the last byte", 8, 1, true },
		{ "one too many", 0, 10, false },
		{ "from beyond", 10, 0, false },
		{ "a sum that wraps", 2, UINT64_MAX, false },
		{ "an offset that wraps", UINT64_MAX, 2, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kp_view part = { 0 };

		print_message("%s\n", rows[i].name);
		assert_int_equal(kp_view_sub(view, rows[i].off, rows[i].len, &part), rows[i].ok);
		assert_true(part.bytes == (rows[i].ok ? bytes + rows[i].off : NULL));
		assert_int_equal(part.len, rows[i].ok ? rows[i].len : 0);
	}
}

static void an_empty_view_gives_nothing(void **state)
{
	struct kp_view none = { 0 }, part;
	uint8_t u8;

	(void)state;
	assert_false(kp_view_u8(none, 0, &u8));
	assert_true(kp_view_sub(none, 0, 0, &part) && part.len == 0);
	assert_true(kp_view_copy(none, 0, &u8, 0));
	assert_false(kp_view_line(&none, &part));
}

static void lines_come_off_one_by_one(void **state)
{
	static const char text[] = "one\n\nthree\nno newline";
	static const char *const lines[] = { "one", "", "three", "no newline" };
	struct kp_view rest = { (const uint8_t *)text, sizeof(text) - 1 }, line;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(kp_view_line(&rest, &line));
		assert_int_equal(line.len, strlen(lines[i]));
		assert_memory_equal(line.bytes, lines[i], line.len);
	}
	assert_false(kp_view_line(&rest, &line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(what_does_not_reach_is_left_alone),
		cmocka_unit_test(parts_stay_inside),
		cmocka_unit_test(an_empty_view_gives_nothing),
		cmocka_unit_test(lines_come_off_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
