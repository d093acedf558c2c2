/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>

#include "range.h"

/* Index of the first range that ends at or after @addr; set->n if none does. */
static size_t find(const struct kp_ranges *set, uint64_t addr)
{
	size_t lo = 0, hi = set->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (set->v[mid].last < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int check_order(struct kp_range r, struct kp_error *err)
{
	if (!kp_range_is_none(r))
		return 0;
	return kp_fail(err, KP_INTERNAL, "range %#" PRIx64 "..%#" PRIx64 " ends before it starts",
		       r.start, r.last);
}

struct kp_range kp_range_whole_pages(struct kp_range r)
{
	uint64_t start = kp_align_up(r.start, KP_PAGE);
	uint64_t past = kp_align_down(r.last, KP_PAGE) + (r.last % KP_PAGE == KP_PAGE - 1 ?
							  KP_PAGE : 0);

	if (start < r.start || past - 1 < start || past == start)
		return KP_RANGE_NONE;
	return kp_range(start, past - 1);
}

/* Put @range at index @at, in place of the @gone ranges that are there. */
static int replace(struct kp_ranges *set, size_t at, size_t gone, const struct kp_range *range,
		   struct kp_error *err)
{
	if (gone == 0) {
		struct kp_range *v = kp_arena_grow(set->arena, set->v, set->n, &set->cap,
						   sizeof(*v), err);
		if (!v)
			return -1;
		set->v = v;
	}
	memmove(set->v + at + 1, set->v + at + gone, (set->n - at - gone) * sizeof(*set->v));
	set->v[at] = *range;
	set->n += 1 - gone;
	return 0;
}

static void remove_run(struct kp_ranges *set, size_t at, size_t gone)
{
	if (gone == 0)
		return;
	memmove(set->v + at, set->v + at + gone, (set->n - at - gone) * sizeof(*set->v));
	set->n -= gone;
}

int kp_ranges_add(struct kp_ranges *set, struct kp_range r, struct kp_error *err)
{
	struct kp_range merged = r;
	size_t first, end;

	if (check_order(r, err) < 0)
		return -1;
	/* Neighbours merge: look from one byte before to one byte after. */
	first = find(set, r.start ? r.start - 1 : 0);
	end = first;
	while (end < set->n && (r.last == UINT64_MAX || set->v[end].start <= r.last + 1)) {
		if (set->v[end].start < merged.start)
			merged.start = set->v[end].start;
		if (set->v[end].last > merged.last)
			merged.last = set->v[end].last;
		end++;
	}
	return replace(set, first, end - first, &merged, err);
}

int kp_ranges_subtract(struct kp_ranges *set, struct kp_range r, struct kp_error *err)
{
	size_t first, end;

	if (check_order(r, err) < 0)
		return -1;
	first = find(set, r.start);
	if (first < set->n && set->v[first].start < r.start) {
		struct kp_range *cut = &set->v[first];

		if (cut->last > r.last) {
			struct kp_range tail = { r.last + 1, cut->last };

			if (replace(set, first + 1, 0, &tail, err) < 0)
				return -1;
			set->v[first].last = r.start - 1;
			return 0;
		}
		cut->last = r.start - 1;
		first++;
	}
	for (end = first; end < set->n && set->v[end].last <= r.last; end++)
		;
	if (end < set->n && set->v[end].start <= r.last)
		set->v[end].start = r.last + 1;
	remove_run(set, first, end - first);
	return 0;
}

/* Both sets are ascending and disjoint, so one walk through both is enough. */
int kp_ranges_intersect(const struct kp_ranges *a, const struct kp_ranges *b,
			struct kp_ranges *out, struct kp_error *err)
{
	for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
		struct kp_range both = kp_range_common(a->v[i], b->v[j]);

		if (!kp_range_is_none(both) && kp_ranges_add(out, both, err))
			return -1;
		if (a->v[i].last < b->v[j].last)
			i++;
		else
			j++;
	}
	return 0;
}

bool kp_ranges_cover(const struct kp_ranges *set, struct kp_range r)
{
	size_t i = find(set, r.start);

	return i < set->n && kp_range_contains(set->v[i], r);
}

bool kp_ranges_touch(const struct kp_ranges *set, struct kp_range r)
{
	size_t i = find(set, r.start);

	return !kp_range_is_none(r) && i < set->n && kp_range_touches(set->v[i], r);
}

uint64_t kp_ranges_bytes(const struct kp_ranges *set)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < set->n; i++) {
		uint64_t bytes = kp_range_bytes(set->v[i]);

		if (bytes > UINT64_MAX - sum)
			return UINT64_MAX;
		sum += bytes;
	}
	return sum;
}

/*
 * The part of @range that the wish may use: within its limits, starting at a multiple of its
 * alignment. False if nothing is left.
 */
static bool usable(const struct kp_range *range, const struct kp_place *wish, struct kp_range *out)
{
	uint64_t start = kp_max(range->start, wish->min);

	out->start = kp_align_up(start, wish->align);
	out->last = kp_min(range->last, wish->max);
	return out->start >= start && out->start <= out->last;
}

static uint64_t place_in(const struct kp_range *room, const struct kp_place *wish)
{
	if (wish->from == KP_LOWEST)
		return room->start;
	return kp_align_down(room->last - (wish->bytes - 1), wish->align);
}

static int no_room(const struct kp_place *wish, uint64_t largest, struct kp_error *err)
{
	return kp_fail(err, KP_NO_ROOM,
		       "no room for %s: it needs %#" PRIx64 " bytes (%" PRIu64 " KiB) aligned to %#"
		       PRIx64 " within %#" PRIx64 "..%#" PRIx64
		       ", the largest free piece there has %#" PRIx64 " bytes",
		       wish->what, wish->bytes, (wish->bytes >> 10) + !!(wish->bytes & 1023),
		       wish->align, wish->min, wish->max, largest);
}

int kp_ranges_place(struct kp_ranges *free_set, const struct kp_place *wish, struct kp_range *at,
		    struct kp_error *err)
{
	uint64_t largest = 0;
	struct kp_range room;

	if (wish->bytes == 0 || wish->align == 0 || (wish->align & (wish->align - 1)))
		return kp_fail(err, KP_INTERNAL,
			       "%s asks for %" PRIu64 " bytes aligned to %" PRIu64,
			       wish->what, wish->bytes, wish->align);
	for (size_t n = 0; n < free_set->n; n++) {
		size_t i = wish->from == KP_LOWEST ? n : free_set->n - 1 - n;

		if (!usable(&free_set->v[i], wish, &room))
			continue;
		if (room.last - room.start >= wish->bytes - 1) {
			*at = kp_range_of(place_in(&room, wish), wish->bytes);
			return kp_ranges_subtract(free_set, *at, err);
		}
		largest = kp_max(largest, kp_range_bytes(room));
	}
	return no_room(wish, largest, err);
}
