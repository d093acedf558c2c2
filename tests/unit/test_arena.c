/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"

static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 4095, 4096, 16384, 16385, 65536, 1 << 20 };

/* Every piece zeroed, aligned, and its own: written whole, then all are looked at again. */
static void pieces_are_zero_aligned_and_apart(void **state)
{
	enum { ROUNDS = 40, KINDS = sizeof(sizes) / sizeof(sizes[0]) };
	static unsigned char *piece[ROUNDS * KINDS];
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ROUNDS * KINDS; i++) {
		size_t size = sizes[i % KINDS];

		piece[i] = kp_arena_alloc(&arena, size, &err);
		assert_non_null(piece[i]);
		assert_int_equal((uintptr_t)piece[i] % 16, 0);
		for (size_t k = 0; k < size; k++)
			assert_int_equal(piece[i][k], 0);
		memset(piece[i], (int)(i % 251) + 1, size);
	}
	for (size_t i = 0; i < ROUNDS * KINDS; i++)
		for (size_t k = 0; k < sizes[i % KINDS]; k += 7)
			assert_int_equal(piece[i][k], (i % 251) + 1);
	kp_arena_free(&arena);
	assert_null(arena.blocks);
}

static void absurd_sizes_are_refused(void **state)
{
	static const size_t absurd[] = { SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 16, PTRDIFF_MAX };
	struct kp_arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
		struct kp_error err = { 0 };

		assert_null(kp_arena_alloc(&arena, absurd[i], &err));
		assert_int_equal(err.code, KP_NO_MEMORY);
	}
	kp_arena_free(&arena);
}

static void texts_are_copied_and_terminated(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };

	(void)state;
	assert_string_equal(kp_arena_strndup(&arena, "console=ttyS0", 7, &err), "console");
	assert_string_equal(kp_arena_strndup(&arena, "short", 100, &err), "short");
	assert_string_equal(kp_arena_strndup(&arena, "", 0, &err), "");
	assert_string_equal(kp_arena_printf(&arena, &err, "elfcorehdr=%dK", 1024),
			    "elfcorehdr=1024K");
	kp_arena_free(&arena);
}

static void an_array_grows_and_keeps_its_items(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	size_t cap = 0;
	int *v = NULL;

	(void)state;
	for (size_t n = 0; n < 10000; n++) {
		v = kp_arena_grow(&arena, v, n, &cap, sizeof(*v), &err);
		assert_non_null(v);
		assert_true(n < cap);
		v[n] = (int)n;
	}
	for (size_t n = 0; n < 10000; n++)
		assert_int_equal(v[n], n);
	kp_arena_free(&arena);
}

static void growth_past_memory_leaves_the_array(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	size_t cap = SIZE_MAX / 2 + 1;
	int item;

	(void)state;
	assert_null(kp_arena_grow(&arena, &item, cap, &cap, sizeof(item), &err));
	assert_int_equal(err.code, KP_NO_MEMORY);
	assert_true(cap == SIZE_MAX / 2 + 1);
	kp_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zero_aligned_and_apart),
		cmocka_unit_test(absurd_sizes_are_refused),
		cmocka_unit_test(texts_are_copied_and_terminated),
		cmocka_unit_test(an_array_grows_and_keeps_its_items),
		cmocka_unit_test(growth_past_memory_leaves_the_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
