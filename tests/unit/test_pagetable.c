/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pagetable.h"
#include "plan_fixture.h"
#include "x86.h"
#include "in_range.h"

/* What a walk finds, as the processor would. */
struct walk {
	bool mapped, uncached, quiet; /* quiet: no accessed or dirty bit is left to set */
	uint64_t phys;
};

static struct walk walk(const struct kp_pagetable *t, uint64_t root, unsigned levels, uint64_t virt)
{
	struct walk w = { .quiet = true };
	uint64_t table = root;

	for (unsigned shift = 12 + 9 * (levels - 1); shift >= 21; shift -= 9) {
		const uint64_t *entries = t->entries + (table - t->phys) / 8;
		uint64_t e = entries[(virt >> shift) & 511];

		assert_true(table >= t->phys && table < t->phys + t->n_used * 4096);
		if (!(e & 1))
			return w;
		w.quiet = w.quiet && (e & 0x20);
		if (shift == 21) {
			assert_true(e & 0x80);
			assert_int_equal(e >> 63, 0);
			w.quiet = w.quiet && (e & 0x40);
			w.uncached = (e & 0x18) == 0x18;
			w.phys = (e & 0x000fffffffe00000) | (virt & 0x1fffff);
			w.mapped = true;
			return w;
		}
		assert_false(e & 0x80);
		table = e & 0x000ffffffffff000;
	}
	return w;
}

static void expect_identity(const struct kp_pagetable *t, uint64_t virt)
{
	bool apic = virt >> 21 == APIC_DEFAULT_PHYS >> 21;
	struct walk five = walk(t, t->pgd5, 5, virt);

	assert_true(five.mapped && five.quiet);
	assert_int_equal(five.phys, virt);
	assert_int_equal(five.uncached, apic);
	if (virt >> 47 == 0) {
		struct walk four = walk(t, t->pgd4, 4, virt);

		assert_true(four.mapped && four.quiet);
		assert_int_equal(four.phys, virt);
		assert_int_equal(four.uncached, apic);
	}
}

static void build(struct fixture *f, const struct kp_ranges *ranges, uint64_t phys,
		  struct kp_pagetable *t)
{
	struct kp_range at = { phys, phys + kp_pagetable_bytes(ranges) - 1 };

	assert_int_equal(kp_pagetable_build(ranges, at, &f->arena, t, &f->err), 0);
	assert_true(t->n_used <= t->n_pages);
}

static void maps_the_first_4_gib_in_7_tables(void **state)
{
	struct fixture *f = *state;
	struct kp_ranges none = { .arena = &f->arena };
	struct kp_pagetable t;

	build(f, &none, 0x1000000, &t);
	assert_int_equal(t.n_used, 7);
	for (uint64_t at = 0; at < GIB(4); at += MIB(2))
		expect_identity(&t, at);
	expect_identity(&t, GIB(4) - 1);
	assert_false(walk(&t, t.pgd4, 4, GIB(4)).mapped);
}

static void maps_itself_across_a_gib(void **state)
{
	struct fixture *f = *state;
	struct kp_ranges none = { .arena = &f->arena };
	struct kp_pagetable t;

	build(f, &none, GIB(512) - 0x2000, &t);
	expect_identity(&t, t.phys);
	expect_identity(&t, t.phys + t.n_pages * 4096 - 1);
}

static void maps_beyond_4_level_paging_with_5(void **state)
{
	struct fixture *f = *state;
	struct kp_ranges ranges = { .arena = &f->arena };
	struct kp_pagetable t;

	assert_int_equal(kp_ranges_add(&ranges, 3ULL << 48, (3ULL << 48) + MIB(5), &f->err), 0);
	build(f, &ranges, 0x1000000, &t);
	expect_identity(&t, (3ULL << 48) + MIB(5));
	expect_identity(&t, MIB(1));
}

static void refuses_addresses_that_cannot_be(void **state)
{
	struct fixture *f = *state;
	struct kp_ranges ranges = { .arena = &f->arena };
	struct kp_pagetable t;

	assert_int_equal(kp_ranges_add(&ranges, 1ULL << 52, (1ULL << 52) + 4095, &f->err), 0);
	assert_int_equal(kp_pagetable_build(&ranges, (struct kp_range){ 0, 0xfffff }, &f->arena, &t,
					    &f->err), -1);
	assert_int_equal(f->err.code, KP_MACHINE);
}

static void says_when_tables_run_out(void **state)
{
	struct fixture *f = *state;
	struct kp_ranges none = { .arena = &f->arena };
	struct kp_pagetable t;

	assert_int_equal(kp_pagetable_build(&none, (struct kp_range){ 0, 5 * 4096 - 1 }, &f->arena,
					    &t, &f->err),
			 -1);
	assert_int_equal(f->err.code, KP_INTERNAL);
}

/* No image has more than 4 GiB: a bzImage says so in 32 bits, an ELF above 4 GiB is Linux. */
static void an_image_costs_few_tables(void **state)
{
	struct fixture *f = *state;

	for (unsigned shift = 32; shift < 52; shift++)
		for (uint64_t before = 0; before <= GIB(4); before += GIB(1) / 2) {
			struct kp_ranges image = { .arena = &f->arena };
			uint64_t start = (1ULL << shift) - before;

			assert_int_equal(kp_ranges_add(&image, start, start + GIB(4) - 1, &f->err),
					 0);
			assert_uint_in_range(kp_pagetable_bytes(&image), 1, 24 * 4096);
		}
}

static void maps_random_ranges(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 0x9e3779b97f4a7c15;

	for (int round = 0; round < 300; round++) {
		struct kp_ranges ranges = { .arena = &f->arena };
		struct kp_pagetable t;

		for (uint64_t n = fixture_below(&seed, 6); n; n--) {
			uint64_t start =
				fixture_below(&seed, 1ULL << (33 + fixture_below(&seed, 14)));

			assert_int_equal(kp_ranges_add(&ranges, start,
						       start + fixture_below(&seed, GIB(2)),
						       &f->err),
					 0);
		}
		build(f, &ranges, fixture_below(&seed, 1ULL << 34) << 12, &t);
		expect_identity(&t, t.phys);
		expect_identity(&t, t.phys + t.n_pages * 4096 - 1);
		for (size_t i = 0; i < ranges.n; i++) {
			expect_identity(&t, ranges.v[i].start);
			expect_identity(&t, ranges.v[i].last);
			expect_identity(&t, ranges.v[i].start +
					fixture_below(&seed, kp_range_bytes(ranges.v[i])));
		}
		kp_arena_free(&f->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(maps_the_first_4_gib_in_7_tables),
		fixture_test(maps_itself_across_a_gib),
		fixture_test(maps_beyond_4_level_paging_with_5),
		fixture_test(refuses_addresses_that_cannot_be),
		fixture_test(says_when_tables_run_out),
		fixture_test(an_image_costs_few_tables),
		fixture_test(maps_random_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
