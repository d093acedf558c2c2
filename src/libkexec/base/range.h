/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file range.h
 * Sets of inclusive physical ranges, and finding room in them. A set is ascending, disjoint and
 * never adjacent (neighbours are merged), whatever order it was built in.
 */
#ifndef KP_RANGE_H
#define KP_RANGE_H

#include "arena.h"

struct kp_ranges {
	struct kp_arena *arena;    /* where it grows; not owned */
	struct kp_range *v;
	size_t n, cap;
};

/** Add [start, last]; overlapping and adjacent ranges merge. 0 or -1. */
int kp_ranges_add(struct kp_ranges *set, uint64_t start, uint64_t last, struct kp_error *err);

/** Take [start, last] away; a range may split. 0 or -1. */
int kp_ranges_subtract(struct kp_ranges *set, uint64_t start, uint64_t last, struct kp_error *err);

/** Add to @p out what is in both sets. 0 or -1. */
int kp_ranges_intersect(const struct kp_ranges *a, const struct kp_ranges *b,
			struct kp_ranges *out, struct kp_error *err);

/** Whether one range of the set covers all of [start, last]. */
bool kp_ranges_cover(const struct kp_ranges *set, uint64_t start, uint64_t last);

/** Whether any byte of [start, last] is in the set. */
bool kp_ranges_touch(const struct kp_ranges *set, uint64_t start, uint64_t last);

/** Sum of sizes in bytes (saturating). */
uint64_t kp_ranges_bytes(const struct kp_ranges *set);

enum kp_place_from { KP_LOWEST, KP_HIGHEST };

/** A wish for room: @c bytes at a multiple of @c align (a power of two) within [min, max]. */
struct kp_place {
	const char *what;
	uint64_t bytes, align, min, max;
	enum kp_place_from from;
};

/**
 * Find room in @p free_set and take it out of the set.
 * @return 0 with @p at filled; -1 with KP_NO_ROOM naming what, its size, the limits and the
 * largest piece there was.
 */
int kp_ranges_place(struct kp_ranges *free_set, const struct kp_place *wish, struct kp_range *at,
		    struct kp_error *err);

static inline uint64_t kp_align_down(uint64_t x, uint64_t align) { return x & ~(align - 1); }
/** Wraps to 0 past the top: check before. */
static inline uint64_t kp_align_up(uint64_t x, uint64_t align)
{
	return (x + align - 1) & ~(align - 1);
}

#endif
