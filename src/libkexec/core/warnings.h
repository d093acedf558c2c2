/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file warnings.h
 * What an operator should know about a plan that is made all the same.
 */
#ifndef KP_WARNINGS_H
#define KP_WARNINGS_H

#include "arena.h"

struct kp_warnings {
	struct kp_arena *arena;    /* of the texts and the list; not owned */
	const char **v;
	size_t n, cap;
};

/** Add @p text, which lives in the arena. NULL means that it could not be made: -1. */
int kp_warnings_add(struct kp_warnings *warnings, const char *text, struct kp_error *err);

/** Add a formatted warning: kp_warn(&warnings, err, "format", ...). 0 or -1. */
#define kp_warn(warnings, err, ...)                                                        \
	kp_warnings_add((warnings), kp_arena_printf((warnings)->arena, (err), __VA_ARGS__), (err))

#endif
