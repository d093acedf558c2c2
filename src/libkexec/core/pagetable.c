/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pagetable.h"
#include "layout.h"

/* Page-table entries, SDM volume 3, 4.5. */
#define PTE_PRESENT	0x001ULL
#define PTE_WRITE	0x002ULL
#define PTE_PWT		0x008ULL
#define PTE_PCD		0x010ULL
#define PTE_ACCESSED	0x020ULL
#define PTE_DIRTY	0x040ULL
#define PTE_LARGE	0x080ULL /* of a page directory only: in a page table it is the PAT's */
#define PTE_TABLE	(PTE_PRESENT | PTE_WRITE | PTE_ACCESSED)
#define PTE_MEMORY	(PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)
#define PTE_DEVICE	(PTE_MEMORY | PTE_PCD | PTE_PWT)
#define PTE_ADDRESS	0x000ffffffffff000ULL

#define SMALL_SHIFT	12
#define LARGE_SHIFT	21      /* an entry of a page directory maps 2 MiB */
#define ROOT_SHIFT	48      /* an entry of the 5-level root maps 256 TiB */
#define LARGE_PAGE	(1ULL << LARGE_SHIFT)
#define LEVEL_BITS	9
#define ENTRIES		512
#define PHYS_LAST	((1ULL << 52) - 1)

/* Tables whose entries map 1 << @shift bytes each, to cover ascending @ranges. */
static uint64_t tables_at(const struct kp_ranges *ranges, unsigned shift)
{
	unsigned span = shift + LEVEL_BITS;
	uint64_t next = 0, n = 0;

	for (size_t i = 0; i < ranges->n; i++) {
		uint64_t first = kp_max(ranges->v[i].start >> span, next);
		uint64_t last = ranges->v[i].last >> span;

		if (last < first)
			continue;
		n += last - first + 1;
		next = last + 1;
	}
	return n;
}

static uint64_t bytes_of(const struct kp_ranges *ranges)
{
	uint64_t pages = 0;

	for (unsigned shift = LARGE_SHIFT; shift < ROOT_SHIFT; shift += LEVEL_BITS)
		pages += tables_at(ranges, shift);
	/* Either end of a range may lie inside of a large page. */
	return (pages + 2 * ranges->n) * KP_PAGE;
}

uint64_t kp_pagetable_bytes(const struct kp_identity *map)
{
	/* The root; and the tables' own range, which may straddle a boundary at every level. */
	uint64_t own = 1 + 2 * (ROOT_SHIFT - SMALL_SHIFT) / LEVEL_BITS;

	return bytes_of(&map->memory) + bytes_of(&map->devices) + own * KP_PAGE;
}

static uint64_t *table_of(struct kp_pagetable *t, uint64_t phys)
{
	return t->entries + (phys - t->phys) / sizeof(uint64_t);
}

static uint64_t new_table(struct kp_pagetable *t)
{
	return t->n_used < t->n_pages ? t->phys + t->n_used++ * KP_PAGE : 0;
}

static int map_page(struct kp_pagetable *t, uint64_t phys, unsigned leaf, uint64_t bits,
		    struct kp_error *err)
{
	uint64_t table = t->pgd5;

	for (unsigned shift = ROOT_SHIFT; shift > leaf; shift -= LEVEL_BITS) {
		uint64_t *entry = table_of(t, table) + ((phys >> shift) % ENTRIES);

		if (!*entry) {
			uint64_t next = new_table(t);

			if (!next)
				return kp_fail(err, KP_INTERNAL, "%zu page tables do not map %#llx",
					       t->n_pages, (unsigned long long)phys);
			*entry = next | PTE_TABLE;
		}
		if (shift == LARGE_SHIFT && *entry & PTE_LARGE)
			return kp_fail(err, KP_INTERNAL, "%#llx is mapped twice",
				       (unsigned long long)phys);
		table = *entry & PTE_ADDRESS;
	}
	table_of(t, table)[(phys >> leaf) % ENTRIES] =
		phys | bits | (leaf == LARGE_SHIFT ? PTE_LARGE : 0);
	return 0;
}

static int map_range(struct kp_pagetable *t, struct kp_range r, uint64_t bits,
		     struct kp_error *err)
{
	uint64_t at = kp_align_down(r.start, KP_PAGE);

	if (r.last > PHYS_LAST)
		return kp_fail(err, KP_MACHINE, "address %#llx is beyond the 52 bits of a physical "
			       "address", (unsigned long long)r.last);
	while (at <= r.last) {
		bool large = at % LARGE_PAGE == 0 && r.last - at >= LARGE_PAGE - 1;

		if (map_page(t, at, large ? LARGE_SHIFT : SMALL_SHIFT, bits, err))
			return -1;
		at += large ? LARGE_PAGE : KP_PAGE;
	}
	return 0;
}

static int map_all(struct kp_pagetable *t, const struct kp_ranges *ranges, uint64_t bits,
		   struct kp_error *err)
{
	for (size_t i = 0; i < ranges->n; i++)
		if (map_range(t, ranges->v[i], bits, err))
			return -1;
	return 0;
}

int kp_pagetable_build(const struct kp_identity *map, struct kp_range at, struct kp_arena *arena,
		       struct kp_pagetable *out, struct kp_error *err)
{
	struct kp_ranges memory = { .arena = arena };

	*out = (struct kp_pagetable){ .phys = at.start, .n_pages = kp_range_bytes(at) / KP_PAGE };
	out->entries = kp_arena_alloc(arena, out->n_pages * KP_PAGE, err);
	if (!out->entries)
		return -1;
	/* As one set: large pages may then reach across what lies side by side. */
	for (size_t i = 0; i < map->memory.n; i++)
		if (kp_ranges_add(&memory, map->memory.v[i], err))
			return -1;
	if (kp_ranges_add(&memory, at, err))
		return -1;
	out->pgd5 = new_table(out);
	if (map_all(out, &memory, PTE_MEMORY, err) ||
	    map_all(out, &map->devices, PTE_DEVICE, err))
		return -1;
	/* The first 256 TiB of 5-level paging are all of 4-level paging. */
	out->pgd4 = *table_of(out, out->pgd5) & PTE_ADDRESS;
	return 0;
}
