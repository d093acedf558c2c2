/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file memmap.h
 * Typed memory maps, and the kernel's texts that describe them.
 */
#ifndef KP_MEMMAP_H
#define KP_MEMMAP_H

#include "range.h"
#include "view.h"

/** Ascending and disjoint once kp_memmap_normalise() has run. */
struct kp_memmap {
	struct kp_arena *arena;    /* not owned */
	struct kp_mem *v;
	size_t n, cap;
};

int kp_memmap_add(struct kp_memmap *map, struct kp_range at, uint32_t type, struct kp_error *err);

/**
 * Sort, merge equal neighbours, and settle overlaps: the higher type number wins, as in Linux
 * e820__update_table() (arch/x86/kernel/e820.c). n log n.
 */
int kp_memmap_normalise(struct kp_memmap *map, struct kp_error *err);

/** Give @p at the type @p type, splitting what it cuts. The map must be normalised. */
int kp_memmap_set(struct kp_memmap *map, struct kp_range at, uint32_t type, struct kp_error *err);

/** Add every range of @p type to @p set. */
int kp_memmap_ranges(const struct kp_memmap *map, uint32_t type, struct kp_ranges *set,
		     struct kp_error *err);

/** The type number for a name in /sys/firmware/memmap (type) or /proc/iomem; false if unknown. */
bool kp_mem_type_parse(struct kp_view name, uint32_t *type);

/** A row of /proc/iomem. Depth counts the leading pairs of spaces. Name borrows from the text. */
struct kp_iomem_row {
	struct kp_range at;
	unsigned depth;
	struct kp_view name;
};

/**
 * Parse one line of /proc/iomem.
 * @return 1 with @p row filled, 0 for an empty line, -1 for a line that makes no sense.
 */
int kp_iomem_parse(struct kp_view line, struct kp_iomem_row *row, struct kp_error *err);

#endif
