/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "iomem.h"
#include "memmap.h"

static struct kp_view view(const char *text)
{
	return (struct kp_view){ (const uint8_t *)text, strlen(text) };
}

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void types_by_every_name(void **state)
{
	static const struct { const char *name; uint32_t type; const char *brief; } rows[] = {
		{ "System RAM", KP_MEM_RAM, "RAM" },
		{ "System RAM\n", KP_MEM_RAM, "RAM" },
		{ "Reserved", KP_MEM_RESERVED, "Reserved" },
		{ "reserved", KP_MEM_RESERVED, "Reserved" },
		{ "Unknown E820 type", KP_MEM_RESERVED, "Reserved" },
		{ "ACPI Tables", KP_MEM_ACPI, "ACPI" },
		{ "ACPI Non-volatile Storage", KP_MEM_NVS, "NVS" },
		{ "Unusable memory", KP_MEM_UNUSABLE, "Unusable" },
		{ "Persistent Memory", KP_MEM_PMEM, "PMEM" },
		{ "Persistent Memory (legacy)", KP_MEM_PRAM, "PRAM" },
		{ "Soft Reserved", KP_MEM_SOFT_RESERVED, "Soft Reserved" },
	};
	uint32_t type;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		assert_true(kp_mem_type_parse(view(rows[i].name), &type));
		assert_int_equal(type, rows[i].type);
		assert_string_equal(kp_mem_type_name(type), rows[i].brief);
	}
	assert_false(kp_mem_type_parse(view("System RAM (kmem)"), &type));
	assert_false(kp_mem_type_parse(view(""), &type));
	assert_false(kp_mem_type_parse(view("Reserve"), &type));
	assert_null(kp_mem_type_name(4242));
}

static void iomem_lines(void **state)
{
	static const struct {
		const char *name, *line;
		int rc;
		uint64_t start, last;
		unsigned depth;
		const char *what;
	} rows[] = {
		{ "plain", "00001000-0009fbff : System RAM", 1, 0x1000, 0x9fbff, 0, "System RAM" },
		{ "nested", "  01000000-022090c7 : Kernel code", 1, 0x1000000, 0x22090c7, 1,
		  "Kernel code" },
		{ "twice nested", "    fee00000-fee00fff : Reserved", 1, 0xfee00000, 0xfee00fff, 2,
		  "Reserved" },
		{ "64 bits", "ffffffff00000000-ffffffffffffffff : x", 1, 0xffffffff00000000,
		  UINT64_MAX, 0, "x" },
		{ "colon in the name", "0-0 : PCI Bus 0000:00 : a", 1, 0, 0, 0, "PCI Bus 0000:00 : a" },
		{ "no name", "0-f : ", 1, 0, 0xf, 0, "" },
		{ "empty", "", 0, 0, 0, 0, NULL },
		{ "blank", "   ", 0, 0, 0, 0, NULL },
		{ "no dash", "1000 : System RAM", -1, 0, 0, 0, NULL },
		{ "no colon", "1000-1fff System RAM", -1, 0, 0, 0, NULL },
		{ "backwards", "2000-1fff : System RAM", -1, 0, 0, 0, NULL },
		{ "not hexadecimal", "10g0-1fff : System RAM", -1, 0, 0, 0, NULL },
		{ "0x in front", "0x1000-0x1fff : System RAM", -1, 0, 0, 0, NULL },
		{ "no start", "-1fff : System RAM", -1, 0, 0, 0, NULL },
		{ "no end", "1000- : System RAM", -1, 0, 0, 0, NULL },
		{ "65 bits", "1000-10000000000000000 : x", -1, 0, 0, 0, NULL },
		{ "odd indent", " 1000-1fff : x", -1, 0, 0, 0, NULL },
		{ "blank in a number", "1 000-1fff : x", -1, 0, 0, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct kp_iomem_row row = { 0 };
		struct kp_error err = { 0 };
		int rc = kp_iomem_parse(view(rows[i].line), &row, &err);

		if (rc != rows[i].rc)
			fail_msg("%s: %d, not %d (%s)", rows[i].name, rc, rows[i].rc, err.text);
		if (rc < 0)
			assert_int_equal(err.code, KP_MACHINE);
		if (rc <= 0)
			continue;
		assert_true(row.at.start == rows[i].start && row.at.last == rows[i].last);
		assert_int_equal(row.depth, rows[i].depth);
		assert_int_equal(row.name.len, strlen(rows[i].what));
		assert_memory_equal(row.name.bytes, rows[i].what, row.name.len);
	}
}

static void iomem_facts(void **state)
{
	static const char text[] =
		"00000000-00000fff : Reserved\n"
		"00001000-0009fbff : System RAM\n"
		"00100000-bffdefff : System RAM\n"
		"  03000000-0fffffff : Crash kernel\n"
		"  01000000-022090c7 : Kernel code\n"
		"c0000000-cfffffff : PCI Bus 0000:00\n"
		"  c0000000-c00fffff : Reserved\n"
		"100000000-13fffffff : System RAM\n"
		"  130000000-13fffffff : Crash kernel\n"
		"140000000-17fffffff : System RAM (kmem)\n"
		"180000000-1bfffffff : dax0.0\n"
		"  180000000-1bfffffff : System RAM\n"
		"    190000000-193ffffff : GART\n";
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_iomem io;

	(void)state;
	assert_int_equal(kp_iomem_read(view(text), &arena, &io, &err), 0);
	assert_int_equal(io.system_ram.n, 4);
	assert_true(io.system_ram.v[2].last == 0x13fffffff);
	assert_int_equal(io.top_ram.n, 3);
	assert_true(io.top_ram.v[2].last == 0x13fffffff);
	assert_int_equal(io.driver_ram.n, 1);
	assert_true(io.driver_ram.v[0].start == 0x140000000);
	assert_int_equal(io.gart.n, 1);
	assert_true(io.gart.v[0].last == 0x193ffffff);
	assert_int_equal(io.map.n, 6);
	assert_true(io.map.v[3].type == KP_MEM_RESERVED && io.map.v[3].at.start == 0xc0000000);
	assert_int_equal(io.crashk.n, 2);
	assert_true(io.crashk.v[1].start == 0x130000000);
	assert_true(io.kernel_code.start == 0x1000000 && io.kernel_code.last == 0x22090c7);
	assert_int_equal(io.reserved.n, 1);
	assert_true(io.reserved.v[0].last == 0xfff);
	kp_arena_free(&arena);
}

static void iomem_of_the_unprivileged(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_iomem io;

	(void)state;
	assert_int_equal(kp_iomem_read(view("00000000-00000000 : Reserved\n"
					    "00000000-00000000 : System RAM\n"),
				       &arena, &io, &err), -1);
	assert_int_equal(err.code, KP_PERMISSION);
	assert_non_null(strstr(err.text, "CAP_SYS_ADMIN"));
	kp_arena_free(&arena);
}

static void iomem_names_the_line(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_iomem io;

	(void)state;
	assert_int_equal(kp_iomem_read(view("0-fff : Reserved\n\nrubbish\n"), &arena, &io, &err),
			 -1);
	assert_non_null(strstr(err.text, "line 3"));
	assert_non_null(strstr(err.text, "rubbish"));
	kp_arena_free(&arena);
}

/* ---- normalising against a model of one byte a cell --------------------------------------- */

#define CELLS 256

static void paint(uint32_t cells[CELLS], const struct kp_mem *m)
{
	for (uint64_t at = m->at.start; at <= m->at.last && at < CELLS; at++)
		if (m->type > cells[at])
			cells[at] = m->type;
}

static void compare(const struct kp_memmap *map, const uint32_t cells[CELLS])
{
	uint32_t got[CELLS] = { 0 };

	for (size_t i = 0; i < map->n; i++) {
		assert_true(map->v[i].at.start <= map->v[i].at.last);
		if (i > 0)
			assert_true(map->v[i].at.start > map->v[i - 1].at.last);
		if (i > 0 && map->v[i].at.start == map->v[i - 1].at.last + 1 &&
		    map->v[i].type != KP_MEM_PRAM && map->v[i].type != KP_MEM_SOFT_RESERVED)
			assert_int_not_equal(map->v[i].type, map->v[i - 1].type);
		paint(got, &map->v[i]);
	}
	assert_memory_equal(got, cells, sizeof(got));
}

static const uint32_t some_types[] = {
	KP_MEM_RAM, KP_MEM_RESERVED, KP_MEM_ACPI, KP_MEM_NVS, KP_MEM_PRAM, KP_MEM_SOFT_RESERVED,
};

static void random_maps_match_the_model(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 3000; round++) {
		struct kp_arena arena = { 0 };
		struct kp_memmap map = { .arena = &arena };
		uint32_t cells[CELLS] = { 0 };
		struct kp_error err = { 0 };

		for (int n = rand() % 24; n > 0; n--) {
			uint64_t start = (uint64_t)rand() % CELLS;
			struct kp_mem m = { { start, start + (uint64_t)rand() % (CELLS - start) },
					    some_types[(size_t)rand() % N(some_types)] };

			assert_int_equal(kp_memmap_add(&map, m.at, m.type, &err), 0);
			paint(cells, &m);
		}
		assert_int_equal(kp_memmap_normalise(&map, &err), 0);
		compare(&map, cells);
		for (int n = 0; n < 4; n++) {
			uint64_t start = (uint64_t)rand() % CELLS;
			uint64_t last = start + (uint64_t)rand() % (CELLS - start);
			uint32_t type = some_types[(size_t)rand() % N(some_types)];

			assert_int_equal(kp_memmap_set(&map, kp_range(start, last), type, &err), 0);
			for (uint64_t at = start; at <= last; at++)
				cells[at] = type;
			compare(&map, cells);
		}
		kp_arena_free(&arena);
	}
}

static void touches_the_top(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_memmap map = { .arena = &arena };
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(kp_memmap_add(&map, kp_range(UINT64_MAX - 15, UINT64_MAX), KP_MEM_RAM,
				       &err), 0);
	assert_int_equal(kp_memmap_add(&map, kp_range(0, UINT64_MAX), KP_MEM_RESERVED, &err), 0);
	assert_int_equal(kp_memmap_normalise(&map, &err), 0);
	assert_int_equal(map.n, 1);
	assert_int_equal(map.v[0].type, KP_MEM_RESERVED);
	assert_int_equal(kp_memmap_set(&map, kp_range_of(UINT64_MAX, 1), KP_MEM_RAM, &err), 0);
	assert_int_equal(map.n, 2);
	assert_true(map.v[0].at.last == UINT64_MAX - 1 && map.v[1].at.start == UINT64_MAX);
	assert_int_equal(kp_memmap_add(&map, kp_range(2, 1), KP_MEM_RAM, &err), -1);
	assert_int_equal(err.code, KP_MACHINE);
	kp_arena_free(&arena);
}

/* Two legacy persistent ranges side by side are two devices. */
static void persistent_neighbours_stay_apart(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_memmap map = { .arena = &arena };
	struct kp_error err = { 0 };

	(void)state;
	kp_memmap_add(&map, kp_range(0x1000, 0x1fff), KP_MEM_PRAM, &err);
	kp_memmap_add(&map, kp_range(0x2000, 0x2fff), KP_MEM_PRAM, &err);
	kp_memmap_add(&map, kp_range(0x3000, 0x3fff), KP_MEM_RAM, &err);
	kp_memmap_add(&map, kp_range(0x4000, 0x4fff), KP_MEM_RAM, &err);
	assert_int_equal(kp_memmap_normalise(&map, &err), 0);
	assert_int_equal(map.n, 3);
	assert_true(map.v[2].at.start == 0x3000 && map.v[2].at.last == 0x4fff);
	kp_arena_free(&arena);
}

/* 64 TiB in 30,000 overlapping ranges, in the worst order: a tenth of a second is generous. */
static void thirty_thousand_ranges(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_memmap map = { .arena = &arena };
	struct kp_error err = { 0 };
	clock_t begin = clock();
	double seconds;

	(void)state;
	for (uint64_t i = 30000; i > 0; i--)
		assert_int_equal(kp_memmap_add(&map, kp_range(i << 31, ((i + 2) << 31) - 1),
					       some_types[i % N(some_types)], &err), 0);
	assert_int_equal(kp_memmap_normalise(&map, &err), 0);
	seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
	assert_true(map.n > 10000);
	if (seconds > 0.5)
		fail_msg("normalising took %.2f s of CPU", seconds);
	kp_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_by_every_name),
		cmocka_unit_test(iomem_lines),
		cmocka_unit_test(iomem_facts),
		cmocka_unit_test(iomem_of_the_unprivileged),
		cmocka_unit_test(iomem_names_the_line),
		cmocka_unit_test(random_maps_match_the_model),
		cmocka_unit_test(touches_the_top),
		cmocka_unit_test(persistent_neighbours_stay_apart),
		cmocka_unit_test(thirty_thousand_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
