/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets of ranges against the plainest model there is: a map with one byte an address, in a
 * window of 192 addresses that is laid over the bottom, the middle and the top of the space.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "range.h"

#define WINDOW	192
#define SEED	20261121u
#define ROUNDS	400
#define STEPS	120

struct model {
	uint64_t base;             /* address of in[0] */
	bool in[WINDOW];
};

static uint32_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % n;
}

/* What the header promises of every set: ascending, disjoint, never adjacent, in capacity. */
static void check_form(const struct kp_ranges *set)
{
	assert_true(set->n <= set->cap);
	for (size_t i = 0; i < set->n; i++) {
		assert_true(set->v[i].start <= set->v[i].last);
		if (i)
			assert_true(set->v[i].start - 1 > set->v[i - 1].last);
	}
}

static void check_same(const struct kp_ranges *set, const struct model *m)
{
	uint64_t bytes = 0;

	check_form(set);
	for (unsigned i = 0; i < WINDOW; i++) {
		assert_int_equal(kp_ranges_touch(set, kp_range_of(m->base + i, 1)), m->in[i]);
		bytes += m->in[i];
	}
	assert_true(kp_ranges_bytes(set) == bytes);
}

static void check_questions(const struct kp_ranges *set, const struct model *m, unsigned a,
			    unsigned b)
{
	bool all = true, any = false;

	for (unsigned i = a; i <= b; i++) {
		all = all && m->in[i];
		any = any || m->in[i];
	}
	assert_int_equal(kp_ranges_cover(set, kp_range(m->base + a, m->base + b)), all);
	assert_int_equal(kp_ranges_touch(set, kp_range(m->base + a, m->base + b)), any);
}

/* Whether the model has room for the wish at window address @at. */
static bool model_fits(const struct model *m, const struct kp_place *wish, uint64_t at)
{
	uint64_t phys = m->base + at;

	if (at + wish->bytes > WINDOW || phys % wish->align || phys < wish->min ||
	    phys + (wish->bytes - 1) > wish->max)
		return false;
	for (uint64_t i = at; i < at + wish->bytes; i++)
		if (!m->in[i])
			return false;
	return true;
}

static int model_place(const struct model *m, const struct kp_place *wish)
{
	for (int n = 0; n < WINDOW; n++) {
		int at = wish->from == KP_LOWEST ? n : WINDOW - 1 - n;

		if (model_fits(m, wish, (uint64_t)at))
			return at;
	}
	return -1;
}

static void step_place(struct kp_ranges *set, struct model *m, unsigned a, unsigned b)
{
	struct kp_place wish = {
		.what = "piece", .bytes = 1 + random_below(12), .align = 1u << random_below(5),
		.min = m->base + a, .max = m->base + b,
		.from = random_below(2) ? KP_LOWEST : KP_HIGHEST };
	int want = model_place(m, &wish);
	struct kp_error err = { 0 };
	struct kp_range at;

	if (want < 0) {
		assert_int_equal(kp_ranges_place(set, &wish, &at, &err), -1);
		assert_int_equal(err.code, KP_NO_ROOM);
		return;
	}
	assert_int_equal(kp_ranges_place(set, &wish, &at, &err), 0);
	assert_true(at.start == m->base + (unsigned)want);
	assert_true(at.last == at.start + wish.bytes - 1);
	memset(m->in + want, 0, wish.bytes);
}

static void step(struct kp_ranges *set, struct model *m)
{
	unsigned a = random_below(WINDOW), b = a + random_below(WINDOW - a);
	struct kp_error err = { 0 };

	switch (random_below(4)) {
	case 0:
		b = a + random_below(b - a + 1) / 4;
		assert_int_equal(kp_ranges_add(set, kp_range(m->base + a, m->base + b), &err), 0);
		memset(m->in + a, 1, b - a + 1);
		break;
	case 1:
		b = a + random_below(b - a + 1) / 4;
		assert_int_equal(kp_ranges_subtract(set, kp_range(m->base + a, m->base + b), &err), 0);
		memset(m->in + a, 0, b - a + 1);
		break;
	case 2:
		check_questions(set, m, a, b);
		return;
	default:
		step_place(set, m, a, b);
	}
	check_same(set, m);
}

static void agrees_with_a_byte_map(void **state)
{
	static const uint64_t bases[] = { 0, 0x123456780, UINT64_MAX - (WINDOW - 1) };

	(void)state;
	random_state = SEED;
	print_message("seed %u\n", SEED);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct model m = { .base = bases[round % 3] };
		struct kp_arena arena = { 0 };
		struct kp_ranges set = { .arena = &arena };

		for (unsigned i = 0; i < STEPS; i++)
			step(&set, &m);
		kp_arena_free(&arena);
	}
}

static void the_whole_space_is_one_range(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_ranges set = { .arena = &arena };
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(kp_ranges_add(&set, kp_range(0, 0xfff), &err), 0);
	assert_int_equal(kp_ranges_add(&set, kp_range(0x2000, UINT64_MAX), &err), 0);
	assert_int_equal(kp_ranges_add(&set, kp_range(0x1000, 0x1fff), &err), 0);
	assert_int_equal(set.n, 1);
	assert_true(kp_ranges_cover(&set, kp_range(0, UINT64_MAX)));
	assert_true(kp_ranges_bytes(&set) == UINT64_MAX);
	assert_int_equal(kp_ranges_subtract(&set, kp_range(0, UINT64_MAX), &err), 0);
	assert_int_equal(set.n, 0);
	kp_arena_free(&arena);
}

static void a_range_that_ends_before_it_starts_is_a_bug(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_ranges set = { .arena = &arena };
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(kp_ranges_add(&set, kp_range(2, 1), &err), -1);
	assert_int_equal(err.code, KP_INTERNAL);
	assert_int_equal(kp_ranges_subtract(&set, kp_range(2, 1), &err), -1);
	assert_int_equal(kp_ranges_add(&set, kp_range(0, 9), &err), 0);
	assert_false(kp_ranges_cover(&set, kp_range(2, 1)));
	assert_false(kp_ranges_touch(&set, kp_range(2, 1)));
	kp_arena_free(&arena);
}

static void no_room_names_all_numbers(void **state)
{
	const struct kp_place wish = { .what = "initrd", .bytes = 0x5000, .align = 0x1000,
				       .min = 0x10000, .max = 0x1ffff, .from = KP_HIGHEST };
	struct kp_arena arena = { 0 };
	struct kp_ranges set = { .arena = &arena };
	struct kp_error err = { 0 };
	struct kp_range at;

	(void)state;
	assert_int_equal(kp_ranges_add(&set, kp_range(0x10800, 0x14fff), &err), 0);
	assert_int_equal(kp_ranges_add(&set, kp_range(0x30000, 0x3ffff), &err), 0);
	assert_int_equal(kp_ranges_place(&set, &wish, &at, &err), -1);
	assert_int_equal(err.code, KP_NO_ROOM);
	assert_non_null(strstr(err.text, "initrd"));
	assert_non_null(strstr(err.text, "0x5000"));
	assert_non_null(strstr(err.text, "20 KiB"));
	assert_non_null(strstr(err.text, "0x10000..0x1ffff"));
	assert_non_null(strstr(err.text, "0x4000 bytes"));
	kp_arena_free(&arena);
}

static void senseless_wishes_are_bugs(void **state)
{
	static const struct kp_place rows[] = {
		{ .what = "nothing", .bytes = 0, .align = 1, .max = UINT64_MAX },
		{ .what = "no alignment", .bytes = 1, .align = 0, .max = UINT64_MAX },
		{ .what = "odd alignment", .bytes = 1, .align = 3, .max = UINT64_MAX },
	};
	struct kp_arena arena = { 0 };
	struct kp_ranges set = { .arena = &arena };
	struct kp_range at;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kp_error err = { 0 };

		assert_int_equal(kp_ranges_add(&set, kp_range(0, UINT64_MAX), &err), 0);
		assert_int_equal(kp_ranges_place(&set, &rows[i], &at, &err), -1);
		assert_int_equal(err.code, KP_INTERNAL);
	}
	kp_arena_free(&arena);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Big machines have tens of thousands of rows: a set built in order must not sort each time. */
static void a_million_ascending_ranges_are_quick(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_ranges set = { .arena = &arena };
	struct kp_error err = { 0 };
	double start = seconds();

	(void)state;
	for (uint64_t i = 0; i < 1000000; i++)
		assert_int_equal(kp_ranges_add(&set, kp_range_of(i * 0x2000, 4096), &err), 0);
	assert_int_equal(set.n, 1000000);
	assert_true(seconds() - start < 5);
	kp_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_byte_map),
		cmocka_unit_test(the_whole_space_is_one_range),
		cmocka_unit_test(a_range_that_ends_before_it_starts_is_a_bug),
		cmocka_unit_test(no_room_names_all_numbers),
		cmocka_unit_test(senseless_wishes_are_bugs),
		cmocka_unit_test(a_million_ascending_ranges_are_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
