/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A firmware memory map, a line an entry: "start last type", the texts of the three files in
 * /sys/firmware/memmap/N. A line that begins with '!' changes the map afterwards, as the plan
 * does. The map is held against a slow one, which asks every entry about every border.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "memmap.h"
#include "text.h"

#define MOST_ROWS 48

struct row {
	uint64_t start, last;
	uint32_t type;
};

struct rows {
	struct row v[MOST_ROWS];
	size_t n;
};

static struct kp_view next_word(struct kp_view *line)
{
	size_t n = 0;
	struct kp_view word;

	while (n < line->len && line->bytes[n] != ' ')
		n++;
	word = fuzz_take_view(line, n);
	fuzz_take_view(line, 1);
	return word;
}

/* As the reader of /sys does it: three texts. */
static bool read_row(struct kp_view line, struct row *row)
{
	struct kp_view start = next_word(&line), last = next_word(&line);
	struct kp_error err = { 0 };

	if (kp_text_number(start, 16, UINT64_MAX, &row->start, &err) ||
	    kp_text_number(last, 16, UINT64_MAX, &row->last, &err)) {
		fuzz_check_outcome(-1, &err);
		return false;
	}
	return kp_mem_type_parse(line, &row->type) && kp_mem_type_name(row->type);
}

/* Rows of the map first, then the changes. */
static void read_rows(struct kp_view text, struct rows *map, struct rows *changes)
{
	struct kp_view line;

	while (kp_view_line(&text, &line)) {
		struct rows *to = line.len && line.bytes[0] == '!' ? changes : map;

		if (to == changes)
			fuzz_take_view(&line, 1);
		if (to->n < MOST_ROWS && read_row(line, &to->v[to->n]))
			to->n++;
	}
}

/* The type at @addr: the last change that covers it, else the highest of the rows; 0: none. */
static uint32_t slow_type(const struct rows *map, const struct rows *changes, uint64_t addr)
{
	uint32_t type = 0;

	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].start <= addr && addr <= map->v[i].last && map->v[i].type > type)
			type = map->v[i].type;
	for (size_t i = 0; i < changes->n; i++)
		if (changes->v[i].start <= addr && addr <= changes->v[i].last)
			type = changes->v[i].type;
	return type;
}

static uint32_t type_at(const struct kp_memmap *map, uint64_t addr)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].at.start <= addr && addr <= map->v[i].at.last)
			return map->v[i].type;
	return 0;
}

static void check_at(const struct kp_memmap *map, const struct rows *rows,
		     const struct rows *changes, uint64_t addr)
{
	REQUIRE(type_at(map, addr) == slow_type(rows, changes, addr));
}

/* The map can only change at a border of a row. */
static void check_borders(const struct kp_memmap *map, const struct rows *rows,
			  const struct rows *changes)
{
	const struct rows *both[] = { rows, changes };

	check_at(map, rows, changes, 0);
	for (size_t b = 0; b < COUNT(both); b++)
		for (size_t i = 0; i < both[b]->n; i++) {
			const struct row *r = &both[b]->v[i];

			check_at(map, rows, changes, r->start);
			check_at(map, rows, changes, r->start - 1);
			check_at(map, rows, changes, r->last);
			check_at(map, rows, changes, r->last + 1);
		}
}

static void check_order(const struct kp_memmap *map)
{
	for (size_t i = 0; i < map->n; i++) {
		REQUIRE(map->v[i].at.start <= map->v[i].at.last);
		REQUIRE(!i || map->v[i].at.start > map->v[i - 1].at.last);
	}
}

static void run(struct kp_memmap *map, struct rows *rows, struct rows *changes)
{
	struct kp_ranges ram = { .arena = map->arena };
	struct kp_error err = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < rows->n; i++) {
		int rc = kp_memmap_add(map, kp_range(rows->v[i].start, rows->v[i].last), rows->v[i].type, &err);

		fuzz_check_outcome(rc, &err);
		REQUIRE((rc == 0) == (rows->v[i].start <= rows->v[i].last));
		if (rc == 0)
			rows->v[kept++] = rows->v[i];
	}
	rows->n = kept;
	REQUIRE(kp_memmap_normalise(map, &err) == 0);
	check_order(map);
	kept = 0;
	for (size_t i = 0; i < changes->n; i++) {
		if (changes->v[i].start > changes->v[i].last)
			continue;
		changes->v[kept++] = changes->v[i];
		REQUIRE(!kp_memmap_set(map, kp_range(changes->v[i].start, changes->v[i].last), changes->v[i].type, &err));
		check_order(map);
	}
	changes->n = kept;
	check_borders(map, rows, changes);
	REQUIRE(kp_memmap_ranges(map, KP_MEM_RAM, &ram, &err) == 0);
	fuzz_check_ranges(&ram);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_arena arena = { 0 };
	struct kp_memmap map = { .arena = &arena };
	struct rows rows, changes;

	rows.n = changes.n = 0;
	read_rows((struct kp_view){ data, size }, &rows, &changes);
	run(&map, &rows, &changes);
	kp_arena_free(&arena);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;

	return fuzz_mutate_lines(data, size, most, &state);
}
