/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file range.h
 * Inclusive physical ranges, sets of them, and finding room in a set. Whoever has a range passes the
 * range: nobody outside of this file computes its size, or its last byte from a size.
 */
#ifndef KP_RANGE_H
#define KP_RANGE_H

#include "arena.h"

#define KP_PAGE 4096ULL

static inline uint64_t kp_min(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t kp_max(uint64_t a, uint64_t b) { return a > b ? a : b; }
static inline uint64_t kp_align_down(uint64_t x, uint64_t align) { return x & ~(align - 1); }
/** Wraps to 0 past the top: check before. */
static inline uint64_t kp_align_up(uint64_t x, uint64_t align)
{
	return (x + align - 1) & ~(align - 1);
}

/** No byte at all: what is not there or not known. Zeros are not none, but the byte at 0. */
#define KP_RANGE_NONE ((struct kp_range){ 1, 0 })
#define KP_RANGE_ALL ((struct kp_range){ 0, UINT64_MAX })

static inline struct kp_range kp_range(uint64_t start, uint64_t last)
{
	return (struct kp_range){ start, last };
}

/** @p bytes from @p start on, which end at the top of memory at the latest; 0 bytes: none. */
static inline struct kp_range kp_range_of(uint64_t start, uint64_t bytes)
{
	return bytes ? kp_range(start, start + (bytes - 1)) : KP_RANGE_NONE;
}

static inline bool kp_range_is_none(struct kp_range r) { return r.last < r.start; }

/** 0 for none. All of memory has UINT64_MAX, one fewer than it has. */
static inline uint64_t kp_range_bytes(struct kp_range r)
{
	if (kp_range_is_none(r))
		return 0;
	return r.last - r.start == UINT64_MAX ? UINT64_MAX : r.last - r.start + 1;
}

static inline bool kp_range_has(struct kp_range r, uint64_t at)
{
	return r.start <= at && at <= r.last;
}

/** Whether @p outer has every byte of @p inner, which is not none. */
static inline bool kp_range_contains(struct kp_range outer, struct kp_range inner)
{
	return !kp_range_is_none(inner) && outer.start <= inner.start && inner.last <= outer.last;
}

/** What both have; none if that is nothing. */
static inline struct kp_range kp_range_common(struct kp_range a, struct kp_range b)
{
	return kp_range(kp_max(a.start, b.start), kp_min(a.last, b.last));
}

static inline bool kp_range_touches(struct kp_range a, struct kp_range b)
{
	return !kp_range_is_none(kp_range_common(a, b));
}

/** All pages that @p r, which is not none, has a byte of. */
static inline struct kp_range kp_range_pages(struct kp_range r)
{
	return kp_range(kp_align_down(r.start, KP_PAGE), r.last | (KP_PAGE - 1));
}

/** The pages that @p r has every byte of; none if there is no such page. */
struct kp_range kp_range_whole_pages(struct kp_range r);

/** Ascending, disjoint and never adjacent (neighbours are merged), however it was built. */
struct kp_ranges {
	struct kp_arena *arena;    /* where it grows; not owned */
	struct kp_range *v;
	size_t n, cap;
};

/** Add @p r; overlapping and adjacent ranges merge. 0, or -1: without memory, or @p r is none. */
int kp_ranges_add(struct kp_ranges *set, struct kp_range r, struct kp_error *err);

/** Take @p r away; a range may split. As kp_ranges_add(). */
int kp_ranges_subtract(struct kp_ranges *set, struct kp_range r, struct kp_error *err);

/** Add to @p out what is in both sets. 0 or -1. */
int kp_ranges_intersect(const struct kp_ranges *a, const struct kp_ranges *b,
			struct kp_ranges *out, struct kp_error *err);

/** Whether one range of the set covers all of @p r. */
bool kp_ranges_cover(const struct kp_ranges *set, struct kp_range r);

/** Whether any byte of @p r is in the set. */
bool kp_ranges_touch(const struct kp_ranges *set, struct kp_range r);

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

#endif
