/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pagetable.h"
#include "layout.h"
#include "x86.h"

/* Page-table entries, SDM volume 3, 4.5. */
#define PTE_PRESENT	0x001ULL
#define PTE_WRITE	0x002ULL
#define PTE_PWT		0x008ULL
#define PTE_PCD		0x010ULL
#define PTE_ACCESSED	0x020ULL
#define PTE_DIRTY	0x040ULL
#define PTE_LARGE	0x080ULL
#define PTE_TABLE	(PTE_PRESENT | PTE_WRITE | PTE_ACCESSED)
#define PTE_LEAF	(PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | PTE_LARGE)
#define PTE_ADDRESS	0x000ffffffffff000ULL

#define LARGE_PAGE	(1ULL << LARGE_SHIFT)
#define LARGE_SHIFT	21      /* an entry of a page directory maps 2 MiB */
#define ROOT_SHIFT	48      /* an entry of the 5-level root maps 256 TiB */
#define LEVEL_BITS	9
#define ENTRIES		512
#define PHYS_LAST	((1ULL << 52) - 1)

/* Tables whose entries map 1 << @shift bytes each, to cover ascending @ranges and 0-4 GiB. */
static uint64_t tables_at(const struct kp_ranges *ranges, unsigned shift)
{
	unsigned span = shift + LEVEL_BITS;
	uint64_t next = (KP_4G_LAST >> span) + 1, n = next;

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

uint64_t kp_pagetable_bytes(const struct kp_ranges *ranges)
{
	uint64_t pages = 1;

	/* The tables' own range may straddle a boundary at every level: two more tables each. */
	for (unsigned shift = LARGE_SHIFT; shift < ROOT_SHIFT; shift += LEVEL_BITS)
		pages += tables_at(ranges, shift) + 2;
	return pages * KP_PAGE;
}

static uint64_t *table_of(struct kp_pagetable *t, uint64_t phys)
{
	return t->entries + (phys - t->phys) / sizeof(uint64_t);
}

static uint64_t new_table(struct kp_pagetable *t)
{
	return t->n_used < t->n_pages ? t->phys + t->n_used++ * KP_PAGE : 0;
}

/*
 * One uncached 2 MiB page holds the local APIC's registers; everything else is write-back, and
 * the MTRRs, which win where they say uncached, keep other devices right.
 */
static uint64_t leaf(uint64_t phys)
{
	bool apic = phys == kp_align_down(APIC_DEFAULT_PHYS, LARGE_PAGE);

	return phys | PTE_LEAF | (apic ? PTE_PCD | PTE_PWT : 0);
}

static int map_large(struct kp_pagetable *t, uint64_t phys, struct kp_error *err)
{
	uint64_t table = t->pgd5;

	for (unsigned shift = ROOT_SHIFT; shift > LARGE_SHIFT; shift -= LEVEL_BITS) {
		uint64_t *entry = table_of(t, table) + ((phys >> shift) % ENTRIES);

		if (!*entry) {
			uint64_t next = new_table(t);

			if (!next)
				return kp_fail(err, KP_INTERNAL, "%zu page tables do not map %#llx",
					       t->n_pages, (unsigned long long)phys);
			*entry = next | PTE_TABLE;
		}
		table = *entry & PTE_ADDRESS;
	}
	table_of(t, table)[(phys >> LARGE_SHIFT) % ENTRIES] = leaf(phys);
	return 0;
}

static int map_range(struct kp_pagetable *t, struct kp_range r, struct kp_error *err)
{
	if (r.last > PHYS_LAST)
		return kp_fail(err, KP_MACHINE, "address %#llx is beyond the 52 bits of a physical "
			       "address", (unsigned long long)r.last);
	for (uint64_t at = kp_align_down(r.start, LARGE_PAGE); at <= r.last; at += LARGE_PAGE)
		if (map_large(t, at, err))
			return -1;
	return 0;
}

int kp_pagetable_build(const struct kp_ranges *ranges, struct kp_range at, struct kp_arena *arena,
		       struct kp_pagetable *out, struct kp_error *err)
{
	*out = (struct kp_pagetable){ .phys = at.start, .n_pages = kp_range_bytes(at) / KP_PAGE };
	out->entries = kp_arena_alloc(arena, out->n_pages * KP_PAGE, err);
	if (!out->entries)
		return -1;
	out->pgd5 = new_table(out);
	if (map_range(out, (struct kp_range){ 0, KP_4G_LAST }, err) || map_range(out, at, err))
		return -1;
	for (size_t i = 0; i < ranges->n; i++)
		if (map_range(out, ranges->v[i], err))
			return -1;
	/* The first 256 TiB of 5-level paging are all of 4-level paging. */
	out->pgd4 = *table_of(out, out->pgd5) & PTE_ADDRESS;
	return 0;
}
