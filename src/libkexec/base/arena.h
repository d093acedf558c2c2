/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file arena.h
 * Memory with one owner and one end. A machine, an image and a plan each own an arena; all that
 * is reached from them lives in it and goes with kp_arena_free(), so no error path can leak.
 */
#ifndef KP_ARENA_H
#define KP_ARENA_H

#include "error.h"

/** Zero-initialised: an empty arena. */
struct kp_arena {
	struct kp_arena_block *blocks;
};

/** @return @p bytes of zeroed memory aligned to 16, or NULL with KP_NO_MEMORY in @p err. */
void *kp_arena_alloc(struct kp_arena *arena, size_t bytes, struct kp_error *err);

/** A copy of the first @p len bytes of @p text, terminated; NULL on failure. */
char *kp_arena_strndup(struct kp_arena *arena, const char *text, size_t len, struct kp_error *err);

/** A formatted string; NULL on failure. */
char *kp_arena_printf(struct kp_arena *arena, struct kp_error *err, const char *fmt, ...)
	KP_PRINTF(3, 4);

/**
 * Room for one more element in a growing array: @p items of @p *n elements of @p size bytes, of
 * which @p *cap fit. Doubles the capacity when it is full.
 * @return the array (moved or not), or NULL on failure with the old one untouched.
 */
void *kp_arena_grow(struct kp_arena *arena, void *items, size_t n, size_t *cap, size_t size,
		    struct kp_error *err);

void kp_arena_free(struct kp_arena *arena);

#endif
