/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "e820.h"
#include "plan_fixture.h"

static uint32_t type_at(const struct kp_memmap *map, uint64_t phys)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].at.start <= phys && phys <= map->v[i].at.last)
			return map->v[i].type;
	return 0;
}

static void expect_map(const struct kp_memmap *map, const struct kp_mem *want, size_t n)
{
	assert_int_equal(map->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(map->v[i].at.start, want[i].at.start);
		assert_int_equal(map->v[i].at.last, want[i].at.last);
		assert_int_equal(map->v[i].type, want[i].type);
	}
}

static void a_normal_kernel_gets_the_firmware_map_and_the_page(void **state)
{
	static const struct kp_mem want[] = {
		{ { 0, 0xffff }, KP_MEM_RAM },
		{ { 0x10000, 0x10fff }, KP_MEM_RESERVED },
		{ { 0x11000, 0x9fbff }, KP_MEM_RAM },
		{ { 0x9fc00, 0x9ffff }, KP_MEM_RESERVED },
		{ { 0xf0000, 0xfffff }, KP_MEM_RESERVED },
		{ { 0x100000, 0xbffdffff }, KP_MEM_RAM },
		{ { 0xbffe0000, 0xbfffefff }, KP_MEM_ACPI },
		{ { 0xbffff000, 0xbfffffff }, KP_MEM_NVS },
		{ { 0xfeffc000, 0xfeffffff }, KP_MEM_RESERVED },
		{ { 0x100000000, 0x17fffffff }, KP_MEM_RAM },
	};
	const struct kp_range page = { 0x10000, 0x10fff };
	struct fixture *f = *state;
	struct kp_memmap map = { .arena = &f->arena };

	assert_int_equal(kp_e820_build(&f->machine, KP_NORMAL, &page, 1, &map, &f->err), 0);
	expect_map(&map, want, ARRAY_SIZE(want));
}

static void a_crash_kernel_gets_low_memory_and_its_reservations(void **state)
{
	static const struct kp_mem want[] = {
		{ { 0, 0x9fbff }, KP_MEM_RAM },
		{ { 0x9fc00, 0x9ffff }, KP_MEM_RESERVED },
		{ { 0xf0000, 0xfffff }, KP_MEM_RESERVED },
		{ { 0xa0000000, 0xafefffff }, KP_MEM_RAM },
		{ { 0xaff00000, 0xafffffff }, KP_MEM_RESERVED },
		{ { 0xbffe0000, 0xbfffefff }, KP_MEM_ACPI },
		{ { 0xbffff000, 0xbfffffff }, KP_MEM_NVS },
		{ { 0xfeffc000, 0xfeffffff }, KP_MEM_RESERVED },
		{ { 0x140000000, 0x14fffffff }, KP_MEM_RAM },
		{ { 0x200000000, 0x2ffffffff }, KP_MEM_PMEM },
		{ { 0x300000000, 0x300000fff }, KP_MEM_SOFT_RESERVED },
	};
	const struct kp_range top = { 0xaff00000, 0xafffffff };
	struct fixture *f = *state;
	struct kp_memmap map = { .arena = &f->arena };

	fixture_firmware(f, GIB(8), GIB(12) - 1, KP_MEM_PMEM);
	fixture_firmware(f, GIB(12), GIB(12) + 4095, KP_MEM_SOFT_RESERVED);
	assert_int_equal(kp_ranges_add(&f->machine.crashk, kp_range_of(GIB(5), MIB(256)), &f->err),
			 0);
	assert_int_equal(kp_e820_build(&f->machine, KP_CRASH, &top, 1, &map, &f->err), 0);
	expect_map(&map, want, ARRAY_SIZE(want));
}

#define MODEL_PAGES 1024

/* Random maps of 4 MiB by the page, against an array that holds one type a page. */
static void compose(struct fixture *f, uint64_t *seed, uint32_t *firmware)
{
	static const uint32_t types[] = { 0, KP_MEM_RAM, KP_MEM_RAM, KP_MEM_RESERVED, KP_MEM_ACPI,
					  KP_MEM_NVS, KP_MEM_PMEM, 77 };

	fixture_no_memory(f);
	for (uint64_t at = 0; at < MODEL_PAGES;) {
		uint64_t n = 1 + fixture_below(seed, 150);
		uint32_t type = types[fixture_below(seed, ARRAY_SIZE(types))];

		n = kp_min(n, MODEL_PAGES - at);
		for (uint64_t i = 0; i < n; i++)
			firmware[at + i] = type;
		if (type)
			fixture_firmware(f, at * 4096, (at + n) * 4096 - 1, type);
		at += n;
	}
	assert_int_equal(kp_memmap_normalise(&f->machine.firmware, &f->err), 0);
}

static void random_crash_maps_match_a_model(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 20231121;

	for (int round = 0; round < 500; round++) {
		uint32_t firmware[MODEL_PAGES], want[MODEL_PAGES];
		struct kp_memmap map = { .arena = &f->arena };
		uint64_t from = 256 + fixture_below(&seed, 700), n = 1 + fixture_below(&seed, 60);
		uint64_t cut = from + fixture_below(&seed, n);
		struct kp_range reserved = { cut * 4096, cut * 4096 + 4095 };

		compose(f, &seed, firmware);
		for (uint64_t i = 0; i < MODEL_PAGES; i++)
			want[i] = firmware[i] == KP_MEM_RAM && i >= 160 ? 0 : firmware[i];
		for (uint64_t i = from; i < from + n && i < MODEL_PAGES; i++) {
			if (firmware[i] != KP_MEM_RAM)
				break;
			want[i] = KP_MEM_RAM;
			assert_int_equal(kp_ranges_add(&f->machine.crashk, kp_range_of(i * 4096,
						       4096), &f->err),
					 0);
		}
		want[cut] = KP_MEM_RESERVED;
		assert_int_equal(kp_e820_build(&f->machine, KP_CRASH, &reserved, 1, &map, &f->err),
				 0);
		for (uint64_t i = 0; i < MODEL_PAGES; i++)
			if (type_at(&map, i * 4096) != want[i] ||
			    type_at(&map, i * 4096 + 4095) != want[i])
				fail_msg("seed 20231121 round %d page %llu: type %u, not %u", round,
					 (unsigned long long)i, type_at(&map, i * 4096), want[i]);
		kp_arena_free(&f->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(a_normal_kernel_gets_the_firmware_map_and_the_page),
		fixture_test(a_crash_kernel_gets_low_memory_and_its_reservations),
		fixture_test(random_crash_maps_match_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
