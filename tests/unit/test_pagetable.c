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

	for (unsigned shift = 12 + 9 * (levels - 1);; shift -= 9) {
		const uint64_t *entries = t->entries + (table - t->phys) / 8;
		uint64_t e = entries[(virt >> shift) & 511];

		assert_true(table >= t->phys && table < t->phys + t->n_used * 4096);
		if (!(e & 1))
			return w;
		w.quiet = w.quiet && (e & 0x20);
		assert_true(shift <= 21 || !(e & 0x80));
		if (shift == 12 || e & 0x80) {
			uint64_t page = (1ULL << shift) - 1;

			assert_int_equal(e & (shift == 12 ? 0x80 : 0x1ff000), 0);
			assert_int_equal(e >> 63, 0);
			w.quiet = w.quiet && (e & 0x40);
			w.uncached = (e & 0x18) == 0x18;
			assert_true(w.uncached || !(e & 0x18));
			w.phys = (e & 0x000ffffffffff000 & ~page) | (virt & page);
			w.mapped = true;
			return w;
		}
		table = e & 0x000ffffffffff000;
	}
}

static void expect_one(struct walk w, uint64_t virt, bool device)
{
	assert_true(w.mapped && w.quiet);
	assert_int_equal(w.phys, virt);
	assert_int_equal(w.uncached, device);
}

static void expect(const struct kp_pagetable *t, uint64_t virt, bool device)
{
	expect_one(walk(t, t->pgd5, 5, virt), virt, device);
	if (virt >> 47 == 0)
		expect_one(walk(t, t->pgd4, 4, virt), virt, device);
}

static void expect_nothing(const struct kp_pagetable *t, uint64_t virt)
{
	assert_false(walk(t, t->pgd5, 5, virt).mapped);
	if (virt >> 47 == 0)
		assert_false(walk(t, t->pgd4, 4, virt).mapped);
}

/* What every load maps. */
static struct kp_identity some(struct fixture *f)
{
	struct kp_identity map = { .memory.arena = &f->arena, .devices.arena = &f->arena };

	assert_int_equal(kp_ranges_add(&map.devices, kp_range_of(APIC_DEFAULT_PHYS, 4096),
				       &f->err), 0);
	return map;
}

static void build(struct fixture *f, const struct kp_identity *map, uint64_t phys,
		  struct kp_pagetable *t)
{
	struct kp_range at = { phys, phys + kp_pagetable_bytes(map) - 1 };

	assert_int_equal(kp_pagetable_build(map, at, &f->arena, t, &f->err), 0);
	assert_true(t->n_used <= t->n_pages);
}

/* Either side of every border, where borders are in the middle of large pages and at their ends. */
static void maps_what_is_named_and_no_more(void **state)
{
	static const struct kp_range memory[] = {
		{ 0, 0x9ffff }, { 0x201000, 0x201fff }, { MIB(4), MIB(6) - 1 },
		{ MIB(9) - 0x1000, MIB(12) + 0xfff }, { GIB(5), GIB(6) - 1 },
	};
	static const struct kp_range devices[] = {
		{ 0xb8000, 0xb8fff }, { MIB(6), MIB(8) - 1 }, { MIB(12) + 0x1000, MIB(12) + 0x1fff },
	};
	struct fixture *f = *state;
	struct kp_identity map = some(f);
	struct kp_pagetable t;

	for (size_t i = 0; i < ARRAY_SIZE(memory); i++)
		assert_int_equal(kp_ranges_add(&map.memory, memory[i], &f->err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		assert_int_equal(kp_ranges_add(&map.devices, devices[i], &f->err), 0);
	build(f, &map, GIB(1), &t);
	for (uint64_t virt = 0; virt < MIB(16); virt += 4096) {
		bool device = kp_ranges_touch(&map.devices, kp_range_of(virt, 1));

		if (device || kp_ranges_touch(&map.memory, kp_range_of(virt, 1)))
			expect(&t, virt, device);
		else
			expect_nothing(&t, virt);
	}
	expect(&t, APIC_DEFAULT_PHYS, true);
	expect_nothing(&t, APIC_DEFAULT_PHYS - 1);
	expect_nothing(&t, APIC_DEFAULT_PHYS + 0x1000);
	expect(&t, GIB(5), false);
	expect(&t, GIB(6) - 1, false);
	expect_nothing(&t, GIB(6));
	expect_nothing(&t, t.phys - 1);
	expect_nothing(&t, t.phys + t.n_pages * 4096);
}

static void maps_itself_across_a_gib(void **state)
{
	struct fixture *f = *state;
	struct kp_identity map = some(f);
	struct kp_pagetable t;

	build(f, &map, GIB(512) - 0x2000, &t);
	expect(&t, t.phys, false);
	expect(&t, t.phys + t.n_pages * 4096 - 1, false);
}

static void maps_beyond_4_level_paging_with_5(void **state)
{
	struct fixture *f = *state;
	struct kp_identity map = some(f);
	struct kp_pagetable t;

	assert_int_equal(kp_ranges_add(&map.memory, kp_range_of(3ULL << 48, MIB(5)), &f->err),
			 0);
	build(f, &map, 0x1000000, &t);
	expect(&t, (3ULL << 48) + MIB(5) - 1, false);
	expect(&t, 0x1000000, false);
}

/* A device in the middle of memory: never quietly one or the other. */
static void refuses_what_is_both(void **state)
{
	struct fixture *f = *state;
	struct kp_identity map = some(f);
	struct kp_pagetable t;

	assert_int_equal(kp_ranges_add(&map.memory, kp_range(MIB(2), MIB(8) - 1), &f->err), 0);
	assert_int_equal(kp_ranges_add(&map.devices, kp_range(MIB(4) + 0x5000, MIB(4) + 0x5fff),
				       &f->err), 0);
	assert_int_equal(kp_pagetable_build(&map, (struct kp_range){ MIB(16), MIB(17) - 1 },
					    &f->arena, &t, &f->err), -1);
	assert_int_equal(f->err.code, KP_INTERNAL);
}

static void refuses_addresses_that_cannot_be(void **state)
{
	struct fixture *f = *state;
	struct kp_identity map = some(f);
	struct kp_pagetable t;

	assert_int_equal(kp_ranges_add(&map.memory, kp_range(1ULL << 52, (1ULL << 52) + 4095),
				       &f->err), 0);
	assert_int_equal(kp_pagetable_build(&map, (struct kp_range){ 0, 0xfffff }, &f->arena, &t,
					    &f->err), -1);
	assert_int_equal(f->err.code, KP_MACHINE);
}

static void says_when_tables_run_out(void **state)
{
	struct fixture *f = *state;
	struct kp_identity map = some(f);
	struct kp_pagetable t;

	assert_int_equal(kp_pagetable_build(&map, (struct kp_range){ 0, 3 * 4096 - 1 }, &f->arena,
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
			struct kp_identity image = some(f);
			uint64_t start = (1ULL << shift) - before;

			assert_int_equal(kp_ranges_add(&image.memory, kp_range_of(start, GIB(4)),
						       &f->err),
					 0);
			assert_uint_in_range(kp_pagetable_bytes(&image), 1, 28 * 4096);
		}
}

static void maps_random_ranges(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 0x9e3779b97f4a7c15;

	for (int round = 0; round < 300; round++) {
		struct kp_identity map = some(f);
		const struct kp_ranges *ranges = &map.memory;
		struct kp_pagetable t;

		for (uint64_t n = fixture_below(&seed, 6); n; n--) {
			uint64_t start = fixture_below(
				&seed, 1ULL << (21 + fixture_below(&seed, 14))) * 4096 + GIB(8);

			assert_int_equal(kp_ranges_add(&map.memory, kp_range(start,
						       start + fixture_below(&seed, 1 << 19) * 4096 + 4095), &f->err),
					 0);
		}
		build(f, &map, fixture_below(&seed, 1ULL << 34) << 12, &t);
		expect(&t, t.phys, false);
		expect(&t, t.phys + t.n_pages * 4096 - 1, false);
		for (size_t i = 0; i < ranges->n; i++) {
			expect(&t, ranges->v[i].start, false);
			expect(&t, ranges->v[i].last, false);
			expect(&t, ranges->v[i].start +
			       fixture_below(&seed, kp_range_bytes(ranges->v[i])), false);
		}
		kp_arena_free(&f->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(maps_what_is_named_and_no_more),
		fixture_test(maps_itself_across_a_gib),
		fixture_test(maps_beyond_4_level_paging_with_5),
		fixture_test(refuses_what_is_both),
		fixture_test(refuses_addresses_that_cannot_be),
		fixture_test(says_when_tables_run_out),
		fixture_test(an_image_costs_few_tables),
		fixture_test(maps_random_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
