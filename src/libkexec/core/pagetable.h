/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file pagetable.h
 * The purgatory's own identity map, as bytes: a 4-level and a 5-level root that share every
 * lower table. It maps by 2 MiB pages, and always all of 0-4 GiB.
 */
#ifndef KP_PAGETABLE_H
#define KP_PAGETABLE_H

#include "range.h"

struct kp_pagetable {
	uint64_t phys;             /* where the tables will lie; 4096-aligned */
	uint64_t *entries;         /* n_pages * 512 */
	size_t n_pages, n_used;
	uint64_t pgd4, pgd5;       /* physical addresses of the roots */
};

/** Bytes that are enough to map 0-4 GiB, @p ranges, and the tables themselves wherever they go. */
uint64_t kp_pagetable_bytes(const struct kp_ranges *ranges);

/**
 * Build the tables for 0-4 GiB, @p ranges and themselves at [at.start, at.last].
 * Every entry has its accessed and dirty bits set already: the processor then never writes to
 * the tables, whose bytes the digest covers.
 */
int kp_pagetable_build(const struct kp_ranges *ranges, struct kp_range at, struct kp_arena *arena,
		       struct kp_pagetable *out, struct kp_error *err);

#endif
