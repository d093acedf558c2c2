/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "warnings.h"

int kp_warnings_add(struct kp_warnings *warnings, const char *text, struct kp_error *err)
{
	const char **v;

	if (!text)
		return -1;
	v = kp_arena_grow(warnings->arena, warnings->v, warnings->n, &warnings->cap, sizeof(*v),
			  err);
	if (!v)
		return -1;
	warnings->v = v;
	v[warnings->n++] = text;
	return 0;
}
