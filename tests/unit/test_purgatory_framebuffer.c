/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text is read back from the pixels: a letter is the one letter of the font that is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "console.h"
#include "font.h"
#include "framebuffer.h"
#include "purgatory_mock.h"

#define GUARD 64
#define MOST (GUARD + 1200 * 400 + GUARD)

static uint8_t pixels[MOST];

static int64_t pixel_at(const struct purgatory_framebuffer *fb, unsigned x, unsigned y)
{
	const uint8_t *at = (const uint8_t *)(uintptr_t)(fb->origin + fb->step_x * x +
							  fb->step_y * y);
	uint32_t value = 0;

	assert_true(at >= pixels + GUARD && at + fb->pixel_bytes <= pixels + MOST - GUARD);
	memcpy(&value, at, fb->pixel_bytes);
	return value;
}

/* 1 or 0 where all pixels of a dot agree. */
static int dot_at(const struct purgatory_framebuffer *fb, unsigned x, unsigned y)
{
	int64_t first = pixel_at(fb, x * fb->scale, y * fb->scale);

	for (unsigned i = 0; i < fb->scale; i++)
		for (unsigned j = 0; j < fb->scale; j++)
			assert_int_equal(pixel_at(fb, x * fb->scale + i, y * fb->scale + j), first);
	assert_true(first == 0 || first == fb->ink);
	return first != 0;
}

static bool is_letter(const struct purgatory_framebuffer *fb, unsigned column, unsigned line,
		      char c)
{
	for (unsigned y = 0; y < 10; y++)
		for (unsigned x = 0; x < 6; x++) {
			bool want = y < FONT_ROWS && x < FONT_COLUMNS &&
				    font[c - FONT_FIRST][y] >> (FONT_COLUMNS - 1 - x) & 1;

			if (dot_at(fb, column * 6 + x, line * 10 + y) != want)
				return false;
		}
	return true;
}

static char letter_at(const struct purgatory_framebuffer *fb, unsigned column, unsigned line)
{
	for (char c = FONT_FIRST; c <= FONT_LAST; c++)
		if (is_letter(fb, column, line, c))
			return c;
	return '\0';
}

static void expect_line(const struct purgatory_framebuffer *fb, unsigned line, const char *text)
{
	for (unsigned column = 0; column < fb->width / (6u * fb->scale); column++) {
		char want = column < strlen(text) ? text[column] : ' ';

		if (letter_at(fb, column, line) != want)
			fail_msg("line %u, column %u is '%c' and not '%c'", line, column,
				 letter_at(fb, column, line), want);
	}
}

static void expect_guards(void)
{
	for (unsigned i = 0; i < GUARD; i++) {
		assert_int_equal(pixels[i], 0x5a);
		assert_int_equal(pixels[MOST - 1 - i], 0x5a);
	}
}

static void say_on(const struct purgatory_framebuffer *fb)
{
	const struct console_config config = { .framebuffer = fb };

	mock_reset();
	memset(pixels, 0x5a, sizeof(pixels));
	console_init(&config);
}

#define UPRIGHT { .step_x = 4, .step_y = 1200, .width = 300, .height = 100, .ink = 0xc0c0c0, \
		  .pixel_bytes = 4, .scale = 1 }

static const struct purgatory_framebuffer upright = UPRIGHT;

static struct purgatory_framebuffer placed(const struct purgatory_framebuffer *fb)
{
	struct purgatory_framebuffer at = *fb;

	at.origin += (uint64_t)(uintptr_t)(pixels + GUARD);
	return at;
}

static void test_forms(void **state)
{
	static const struct purgatory_framebuffer rows[] = {
		UPRIGHT,
		{ .step_x = 3, .step_y = 907, .width = 300, .height = 100, .ink = 0xc0c1c2,
		  .pixel_bytes = 3, .scale = 1 },
		{ .step_x = 2, .step_y = 601, .width = 300, .height = 100, .ink = 0xc618,
		  .pixel_bytes = 2, .scale = 1 },
		{ .step_x = 4, .step_y = 1200, .width = 299, .height = 299, .ink = 0xc0c0c0,
		  .pixel_bytes = 4, .scale = 2 },
		/* turned by one, two and three quarters */
		{ .origin = 4 * 99, .step_x = 1200, .step_y = -4, .width = 300, .height = 100,
		  .ink = 0xc0c0c0, .pixel_bytes = 4, .scale = 1 },
		{ .origin = 1200 * 99 + 4 * 299, .step_x = -4, .step_y = -1200, .width = 300,
		  .height = 100, .ink = 0xc0c0c0, .pixel_bytes = 4, .scale = 1 },
		{ .origin = 1200 * 299, .step_x = -1200, .step_y = 4, .width = 300, .height = 100,
		  .ink = 0xc0c0c0, .pixel_bytes = 4, .scale = 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct purgatory_framebuffer fb = placed(&rows[i]);

		say_on(&fb);
		say("gQ0,~{} %x", 0xbeefu);
		expect_line(&fb, 0, "kexec-park: gQ0,~{} beef");
		expect_line(&fb, 1, "");
		expect_guards();
		assert_int_equal(pixel_at(&fb, fb.width - 1, fb.height - 1) & 0xff, 0x5a);
	}
}

static void test_every_letter_is_itself(void **state)
{
	struct purgatory_framebuffer fb = placed(&upright);

	(void)state;
	for (char c = FONT_FIRST; c <= FONT_LAST; c++) {
		say_on(&fb);
		framebuffer_char(c);
		assert_int_equal(letter_at(&fb, 0, 0), c);
	}
	say_on(&fb);
	framebuffer_char('\t');
	framebuffer_char((char)0x80);
	expect_line(&fb, 0, "??");
}

static void test_wraps_and_starts_again(void **state)
{
	struct purgatory_framebuffer fb = placed(&upright);
	static const char fifty[] = "0123456789012345678901234567890123456789012345678";

	(void)state;
	say_on(&fb);
	for (const char *c = fifty; *c; c++)
		framebuffer_char(*c);
	framebuffer_char('x');
	framebuffer_char('y');
	expect_line(&fb, 0, "0123456789012345678901234567890123456789012345678x");
	expect_line(&fb, 1, "y");
	for (unsigned i = 1; i < 10; i++)
		framebuffer_char('\n');
	framebuffer_char('z'); /* ten lines: the eleventh is the first */
	expect_line(&fb, 0, "z");
	expect_line(&fb, 1, "");
	expect_guards();
}

/* Less than a letter, or less than two lines: nothing outside is written. */
static void test_small_screens(void **state)
{
	struct purgatory_framebuffer fb = placed(&upright);

	(void)state;
	fb.width = 5;
	say_on(&fb);
	say("x\ny");
	assert_int_equal(pixels[GUARD], 0x5a);
	fb.width = 300;
	fb.height = 9;
	say_on(&fb);
	say("x\ny");
	assert_int_equal(pixels[GUARD], 0x5a);
	fb.height = 10;
	say_on(&fb);
	say("x");
	expect_line(&fb, 0, "");
	expect_guards();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_every_letter_is_itself),
		cmocka_unit_test(test_wraps_and_starts_again),
		cmocka_unit_test(test_small_screens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
