/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memmap.h"

#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- names -------------------------------------------------------------------------------- */

/*
 * What Linux calls the types (e820_type_to_string(), arch/x86/kernel/e820.c), and what kernels
 * before 4.11 called them.
 */
static const struct {
	const char *linux_name;
	uint32_t type;
} type_names[] = {
	{ "System RAM", KP_MEM_RAM },
	{ "Reserved", KP_MEM_RESERVED },
	{ "reserved", KP_MEM_RESERVED },
	{ "Unknown E820 type", KP_MEM_RESERVED },
	{ "ACPI Tables", KP_MEM_ACPI },
	{ "ACPI Non-volatile Storage", KP_MEM_NVS },
	{ "Unusable memory", KP_MEM_UNUSABLE },
	{ "Persistent Memory", KP_MEM_PMEM },
	{ "Persistent Memory (legacy)", KP_MEM_PRAM },
	{ "Soft Reserved", KP_MEM_SOFT_RESERVED },
};

bool kp_mem_type_parse(struct kp_view name, uint32_t *type)
{
	name = kp_text_trim(name);
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (kp_text_is(name, type_names[i].linux_name)) {
			*type = type_names[i].type;
			return true;
		}
	return false;
}

/* ---- building ----------------------------------------------------------------------------- */

static int make_room(struct kp_memmap *map, struct kp_error *err)
{
	struct kp_mem *v = kp_arena_grow(map->arena, map->v, map->n, &map->cap, sizeof(*v), err);

	if (!v)
		return -1;
	map->v = v;
	return 0;
}

int kp_memmap_add(struct kp_memmap *map, struct kp_range at, uint32_t type, struct kp_error *err)
{
	if (kp_range_is_none(at))
		return kp_fail(err, KP_MACHINE, "a range ends at %#" PRIx64 ", before its start %#"
			       PRIx64, at.last, at.start);
	if (make_room(map, err))
		return -1;
	map->v[map->n++] = (struct kp_mem){ at, type };
	return 0;
}

/*
 * Neighbours of these types stay apart, as in Linux e820_nomerge(): each legacy persistent
 * range is a device of its own, each soft-reserved one a region of its own.
 */
static bool merges(uint32_t type)
{
	return type != KP_MEM_PRAM && type != KP_MEM_SOFT_RESERVED;
}

/* ---- normalising -------------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct kp_mem *x = a, *y = b;

	if (x->at.start != y->at.start)
		return x->at.start < y->at.start ? -1 : 1;
	if (x->at.last != y->at.last)
		return x->at.last < y->at.last ? -1 : 1;
	return (x->type > y->type) - (x->type < y->type);
}

/* The entries that the sweep stands in, as a heap: the highest type on top. */
struct heap {
	const struct kp_mem **v;
	size_t n;
};

/* Of equal types the earlier wins, so that a range is cut as seldom as possible. */
static bool above(const struct kp_mem *a, const struct kp_mem *b)
{
	return a->type != b->type ? a->type > b->type : a < b;
}

static void heap_swap(struct heap *h, size_t i, size_t j)
{
	const struct kp_mem *m = h->v[i];

	h->v[i] = h->v[j];
	h->v[j] = m;
}

static void heap_push(struct heap *h, const struct kp_mem *m)
{
	size_t i = h->n++;

	h->v[i] = m;
	while (i > 0 && above(h->v[i], h->v[(i - 1) / 2])) {
		heap_swap(h, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void heap_pop(struct heap *h)
{
	size_t i = 0, child;

	h->v[0] = h->v[--h->n];
	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && above(h->v[child + 1], h->v[child]))
			child++;
		if (!above(h->v[child], h->v[i]))
			return;
		heap_swap(h, i, child);
		i = child;
	}
}

/* Append @at, a part of @from, growing the last entry where it is the same memory going on. */
static int emit(struct kp_memmap *out, struct kp_range at, const struct kp_mem *from,
		const struct kp_mem **from_before, struct kp_error *err)
{
	struct kp_mem *tail = out->n ? &out->v[out->n - 1] : NULL;
	bool same = tail && tail->type == from->type && tail->at.last + 1 == at.start &&
		    (merges(from->type) || *from_before == from);

	*from_before = from;
	if (same) {
		tail->at.last = at.last;
		return 0;
	}
	return kp_memmap_add(out, at, from->type, err);
}

/* Walk sorted @in from the bottom to the top of memory; @h has room for all of it. */
static int sweep(const struct kp_memmap *in, struct heap *h, struct kp_memmap *out,
		 struct kp_error *err)
{
	const struct kp_mem *before = NULL;
	uint64_t pos = 0;
	size_t next = 0;

	while (next < in->n || h->n > 0) {
		uint64_t stop;

		if (h->n == 0)
			pos = in->v[next].at.start;
		while (next < in->n && in->v[next].at.start <= pos)
			heap_push(h, &in->v[next++]);
		if (h->v[0]->at.last < pos) {
			heap_pop(h);
			continue;
		}
		stop = h->v[0]->at.last;
		if (next < in->n && in->v[next].at.start <= stop)
			stop = in->v[next].at.start - 1;
		if (emit(out, kp_range(pos, stop), h->v[0], &before, err))
			return -1;
		if (stop == UINT64_MAX)
			return 0;
		pos = stop + 1;
	}
	return 0;
}

int kp_memmap_normalise(struct kp_memmap *map, struct kp_error *err)
{
	struct kp_memmap out = { .arena = map->arena };
	struct heap h = { 0 };

	if (map->n == 0)
		return 0;
	h.v = kp_arena_alloc(map->arena, map->n * sizeof(*h.v), err);
	if (!h.v)
		return -1;
	qsort(map->v, map->n, sizeof(map->v[0]), by_start);
	if (sweep(map, &h, &out, err))
		return -1;
	*map = out;
	return 0;
}

/* ---- changing ----------------------------------------------------------------------------- */

/* Index of the first entry that ends at or after @addr. */
static size_t find(const struct kp_memmap *map, uint64_t addr)
{
	size_t lo = 0, hi = map->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (map->v[mid].at.last < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int insert(struct kp_memmap *map, size_t at, struct kp_mem m, struct kp_error *err)
{
	if (make_room(map, err))
		return -1;
	memmove(&map->v[at + 1], &map->v[at], (map->n - at) * sizeof(m));
	map->v[at] = m;
	map->n++;
	return 0;
}

static void drop(struct kp_memmap *map, size_t at, size_t n)
{
	memmove(&map->v[at], &map->v[at + n], (map->n - at - n) * sizeof(map->v[0]));
	map->n -= n;
}

/* Cut the entry that @addr lies inside of, if any, so that one starts at @addr. */
static int split(struct kp_memmap *map, uint64_t addr, struct kp_error *err)
{
	size_t i = find(map, addr);
	struct kp_mem upper;

	if (i == map->n || map->v[i].at.start >= addr)
		return 0;
	upper = map->v[i];
	upper.at.start = addr;
	if (insert(map, i + 1, upper, err))
		return -1;
	map->v[i].at.last = addr - 1;
	return 0;
}

/* Make entries @at and @at + 1 one, where they are one. */
static void merge(struct kp_memmap *map, size_t at)
{
	struct kp_mem *a = &map->v[at], *b = a + 1;

	if (at + 1 >= map->n || a->type != b->type || !merges(a->type) || a->at.last + 1 != b->at.start)
		return;
	a->at.last = b->at.last;
	drop(map, at + 1, 1);
}

int kp_memmap_set(struct kp_memmap *map, struct kp_range at, uint32_t type, struct kp_error *err)
{
	bool to_the_top = at.last == UINT64_MAX;
	size_t first, past;

	if (kp_range_is_none(at))
		return kp_fail(err, KP_INTERNAL, "setting the type of [%#" PRIx64 ", %#" PRIx64 "]",
			       at.start, at.last);
	if (split(map, at.start, err) || (!to_the_top && split(map, at.last + 1, err)))
		return -1;
	first = find(map, at.start);
	past = to_the_top ? map->n : find(map, at.last + 1);
	if (insert(map, first, (struct kp_mem){ at, type }, err))
		return -1;
	drop(map, first + 1, past - first);
	merge(map, first);
	if (first > 0)
		merge(map, first - 1);
	return 0;
}

int kp_memmap_ranges(const struct kp_memmap *map, uint32_t type, struct kp_ranges *set,
		     struct kp_error *err)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].type == type &&
		    kp_ranges_add(set, map->v[i].at, err))
			return -1;
	return 0;
}

/* ---- /proc/iomem -------------------------------------------------------------------------- */

/* Cut @text at the first @mark; false when there is none. */
static bool cut(struct kp_view *text, const char *mark, struct kp_view *before)
{
	size_t n = strlen(mark);

	for (size_t i = 0; i + n <= text->len; i++)
		if (memcmp(text->bytes + i, mark, n) == 0) {
			*before = (struct kp_view){ text->bytes, i };
			*text = (struct kp_view){ text->bytes + i + n, text->len - i - n };
			return true;
		}
	return false;
}

/* A bare run of hexadecimal digits: what the kernel prints, and nothing that is only like it. */
static bool hex_digits(struct kp_view text, uint64_t *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (!strchr("0123456789abcdefABCDEF", text.bytes[i]) || text.bytes[i] == '\0')
			return false;
	return kp_text_u64(text, 16, out);
}

int kp_iomem_parse(struct kp_view line, struct kp_iomem_row *row, struct kp_error *err)
{
	struct kp_view rest = line, start, last;
	struct kp_iomem_row r = { 0 };
	size_t blanks = 0;

	if (kp_text_trim(line).len == 0)
		return 0;
	while (blanks < rest.len && rest.bytes[blanks] == ' ')
		blanks++;
	rest = (struct kp_view){ rest.bytes + blanks, rest.len - blanks };
	if (blanks % 2 != 0 || !cut(&rest, "-", &start) || !cut(&rest, " : ", &last) ||
	    !hex_digits(start, &r.at.start) || !hex_digits(last, &r.at.last))
		return kp_fail(err, KP_MACHINE, "\"%.*s\" is not \"start-last : name\"",
			       KP_TEXT_ARG(line));
	if (kp_range_is_none(r.at))
		return kp_fail(err, KP_MACHINE, "\"%.*s\" ends before it starts",
			       KP_TEXT_ARG(line));
	r.depth = (unsigned)(blanks / 2);
	r.name = rest;
	*row = r;
	return 1;
}
