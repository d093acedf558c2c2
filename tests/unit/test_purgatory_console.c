/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "console.h"
#include "delay.h"
#include "in_range.h"
#include "mem.h"
#include "post.h"
#include "purgatory_mock.h"
#include "purgatory_params.h"
#include "record.h"

static const struct console_config serial = { .serial = true, .uart.base = 0x3f8 };
static const struct console_config vga = { .vga = true };
static const struct console_config silent;

static int setup(void **state)
{
	(void)state;
	mock_reset();
	return 0;
}

static void test_numbers(void **state)
{
	(void)state;
	console_init(&serial);
	say("%u %u %x %lu %lx %s %%", 0u, 4294967295u, 0xbeefu, UINT64_MAX, UINT64_MAX, "text");
	assert_string_equal(mock.serial, "kexec-park: 0 4294967295 beef 18446744073709551615 "
					 "ffffffffffffffff text %\r\n");
}

static void test_log_without_a_console(void **state)
{
	(void)state;
	console_init(&silent);
	say("unseen");
	assert_int_equal(mock.serial_bytes, 0);
	assert_int_equal(record.log_bytes, 19);
	assert_memory_equal(record.log, "kexec-park: unseen\n", 19);
}

static void test_open_all(void **state)
{
	(void)state;
	console_init(&silent);
	console_open_all();
	say("seen");
	assert_string_equal(mock.serial, "kexec-park: seen\r\n");
	assert_int_equal(mock.vga[0], 0x0700 | 'k');
}

static void test_busy_uart_is_given_up(void **state)
{
	uint64_t first;

	(void)state;
	mock.lsr = 0;
	console_init(&serial);
	say("a line that nobody takes");
	first = mock.tsc;
	assert_uint_in_range(first, 600000 * 1000, 601000 * 1000); /* 600 ms for the first character */
	say("another");
	assert_int_equal(mock.tsc, first); /* and nothing after it */
	assert_int_equal(mock.serial_bytes, 0);
}

static void test_waits_end_when_the_clock_stands(void **state)
{
	(void)state;
	mock.tsc_step = 0;
	delay(10);
}

static void test_delay_is_long_enough(void **state)
{
	(void)state;
	mock.tsc_step = 7;
	delay(200);
	assert_uint_in_range(mock.tsc, 200 * 1000, 200 * 1000 + 7);
}

static void test_unknown_clock_waits_rather_too_long(void **state)
{
	(void)state;
	delay_init(0);
	delay(200);
	assert_uint_in_range(mock.tsc, 200 * 6000, 200 * 6000 + 1000);
}

static void test_baud(void **state)
{
	static const struct {
		const char *name;
		uint32_t baud;
		uint8_t low, high;
	} rows[] = {
		{ "115200", 115200, 1, 0 },
		{ "9600", 9600, 12, 0 },
		{ "too fast", 921600, 1, 0 },
		{ "110", 110, 1047 & 0xff, 1047 >> 8 },
		{ "too slow", 1, 0xff, 0xff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct console_config config = {
			.serial = true, .uart = { .base = 0x3f8, .baud = rows[i].baud },
		};

		mock_reset();
		console_init(&config);
		assert_int_equal(mock.n_events, 4);
		assert_int_equal(mock.events[0].value, 0x83);
		assert_int_equal(mock.events[1].at, 0x3f8);
		assert_int_equal(mock.events[1].value, rows[i].low);
		assert_int_equal(mock.events[2].at, 0x3f9);
		assert_int_equal(mock.events[2].value, rows[i].high);
		assert_int_equal(mock.events[3].value, 0x03);
	}
	mock_reset();
	console_init(&serial); /* baud 0 leaves the divisor alone */
	assert_int_equal(mock.n_events, 0);
}

/* A byte apart and a byte wide, or four and four; the mock aborts on any other access. */
static void test_uart_in_memory(void **state)
{
	static const struct {
		uint8_t access, shift;
	} rows[] = { { PURGATORY_UART_MMIO, 0 }, { PURGATORY_UART_MMIO32, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct console_config config = {
			.serial = true,
			.uart = { .base = 0xfe030000, .access = rows[i].access,
				  .shift = rows[i].shift, .baud = 9600 },
		};

		mock_reset();
		mock.uart_phys = config.uart.base;
		mock.uart_shift = rows[i].shift;
		console_init(&config);
		assert_int_equal(mock.n_events, 4);
		assert_int_equal(mock.events[1].at, 0xfe030000);
		assert_int_equal(mock.events[1].value, 12);
		assert_int_equal(mock.events[2].at, 0xfe030000 + (1u << rows[i].shift));
		say("x");
		assert_string_equal(mock.serial, "kexec-park: x\r\n");
		mock.lsr = 0;
		say("not taken");
		say("not taken");
		assert_in_range(mock.tsc, 600000 * 1000, 601000 * 1000);
	}
}

static void test_post_codes(void **state)
{
	(void)state;
	post_init(false);
	record_phase(PARK_PHASE_DIGEST);
	record_outcome(PARK_OUTCOME_MISMATCH, 0, 0);
	assert_int_equal(mock.n_events, 0);
	post_init(true);
	record_phase(PARK_PHASE_DIGEST);
	record_outcome(PARK_OUTCOME_MISMATCH, 0, 0);
	assert_int_equal(mock.n_events, 2);
	assert_int_equal(mock.events[0].at, 0x80);
	assert_int_equal(mock.events[0].value, 0xc0 + PARK_PHASE_DIGEST);
	assert_int_equal(mock.events[1].at, 0x80);
	assert_int_equal(mock.events[1].value, 0xd0 + PARK_OUTCOME_MISMATCH);
	post_init(false);
}

static void set_cursor(unsigned int cell)
{
	mock.crtc[0x0e] = (uint8_t)(cell >> 8);
	mock.crtc[0x0f] = (uint8_t)cell;
}

static void test_vga_goes_on_below(void **state)
{
	(void)state;
	set_cursor(3 * 80);
	console_init(&vga);
	say("x");
	assert_int_equal(mock.vga[3 * 80 + 12], 0x0700 | 'x');
	assert_int_equal(mock.crtc[0x0e] << 8 | mock.crtc[0x0f], 4 * 80);
	assert_int_equal(mock.vga[2 * 80], 0);
}

static void test_vga_scrolls(void **state)
{
	(void)state;
	mock.vga[80] = 0x0700 | 'T'; /* the second row moves to the first */
	set_cursor(60000); /* no such cell: the last row */
	console_init(&vga);
	say("x");
	assert_int_equal(mock.vga[0], 0x0700 | 'T');
	assert_int_equal(mock.vga[23 * 80 + 12], 0x0700 | 'x');
	assert_int_equal(mock.vga[24 * 80], 0x0700 | ' ');
}

static void test_vga_wraps(void **state)
{
	static const char long_text[] = "0123456789012345678901234567890123456789"
					"0123456789012345678901234567890123456789";

	(void)state;
	console_init(&vga);
	say("%s", long_text);
	assert_int_equal(mock.vga[79], 0x0700 | '7');
	assert_int_equal(mock.vga[80], 0x0700 | '8');
	assert_int_equal(mock.crtc[0x0e] << 8 | mock.crtc[0x0f], 2 * 80);
}

static void test_log_keeps_the_last_lines(void **state)
{
	uint32_t n = 0;

	(void)state;
	console_init(&silent);
	for (unsigned int i = 0; i < 1000; i++)
		say("line %u", i);
	assert_true(record.log_bytes <= PARK_RECORD_LOG);
	assert_true(record.log_bytes > PARK_RECORD_LOG - 2 * 21);
	assert_memory_equal(record.log, "kexec-park: line ", 17);
	assert_memory_equal(record.log + record.log_bytes - 9, "line 999\n", 9);
	for (uint32_t i = 0; i < record.log_bytes; i++)
		n += record.log[i] == '\n';
	assert_int_equal(n, record.log_bytes / 21);
}

static void test_log_of_one_endless_line(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10 * PARK_RECORD_LOG; i++)
		record_log('a' + (char)(i % 26));
	assert_true(record.log_bytes <= PARK_RECORD_LOG);
	assert_int_equal(record.log[record.log_bytes - 1],
			 'a' + (10 * PARK_RECORD_LOG - 1) % 26);
}

/* Every distance between source and destination around the length, against memmove(). */
static void test_copy_overlaps(void **state)
{
	enum { SPAN = 64, LENGTH = 16 };

	(void)state;
	for (unsigned int to = 0; to + LENGTH <= SPAN; to++) {
		uint8_t ours[SPAN], theirs[SPAN];

		for (unsigned int i = 0; i < SPAN; i++)
			ours[i] = theirs[i] = (uint8_t)i;
		mem_copy(ours + to, ours + 24, LENGTH);
		memmove(theirs + to, theirs + 24, LENGTH);
		assert_memory_equal(ours, theirs, SPAN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_numbers, setup),
		cmocka_unit_test_setup(test_log_without_a_console, setup),
		cmocka_unit_test_setup(test_open_all, setup),
		cmocka_unit_test_setup(test_busy_uart_is_given_up, setup),
		cmocka_unit_test_setup(test_waits_end_when_the_clock_stands, setup),
		cmocka_unit_test_setup(test_delay_is_long_enough, setup),
		cmocka_unit_test_setup(test_unknown_clock_waits_rather_too_long, setup),
		cmocka_unit_test_setup(test_baud, setup),
		cmocka_unit_test_setup(test_uart_in_memory, setup),
		cmocka_unit_test_setup(test_post_codes, setup),
		cmocka_unit_test_setup(test_vga_goes_on_below, setup),
		cmocka_unit_test_setup(test_vga_scrolls, setup),
		cmocka_unit_test_setup(test_vga_wraps, setup),
		cmocka_unit_test_setup(test_log_keeps_the_last_lines, setup),
		cmocka_unit_test_setup(test_log_of_one_endless_line, setup),
		cmocka_unit_test_setup(test_copy_overlaps, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
