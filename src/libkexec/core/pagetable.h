/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file pagetable.h
 * The purgatory's own identity map, as bytes: a 4-level and a 5-level root that share every
 * lower table. Only what is named is mapped. A write-back mapping of memory that firmware
 * reserved lets the processor read it ahead of any instruction, which not all of it bears.
 */
#ifndef KP_PAGETABLE_H
#define KP_PAGETABLE_H

#include "range.h"

/** What is mapped, in whole pages. The two must not share one. */
struct kp_identity {
	struct kp_ranges memory;   /* write-back */
	struct kp_ranges devices;  /* uncached, whatever the MTRRs say */
};

struct kp_pagetable {
	uint64_t phys;             /* where the tables will lie; 4096-aligned */
	uint64_t *entries;         /* n_pages * 512 */
	size_t n_pages, n_used;
	uint64_t pgd4, pgd5;       /* physical addresses of the roots */
};

/** Bytes that are enough to map @p map, and the tables themselves wherever they go. */
uint64_t kp_pagetable_bytes(const struct kp_identity *map);

/**
 * Build the tables for @p map and themselves at [at.start, at.last], by 2 MiB pages where a
 * range has whole ones. Something below 256 TiB must be mapped.
 * Every entry has its accessed and dirty bits set already: the processor then never writes to
 * the tables, whose bytes the digest covers.
 */
int kp_pagetable_build(const struct kp_identity *map, struct kp_range at, struct kp_arena *arena,
		       struct kp_pagetable *out, struct kp_error *err);

#endif
