/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cpulist.h"

#include "text.h"

#include <string.h>

/* Everything before the first @mark, or all; @rest is what follows it, or empty. */
static struct kp_view before(struct kp_view text, char mark, struct kp_view *rest)
{
	const uint8_t *at = text.len ? memchr(text.bytes, mark, text.len) : NULL;
	size_t n = at ? (size_t)(at - text.bytes) : text.len;
	size_t skip = at ? n + 1 : n;

	*rest = (struct kp_view){ text.bytes + skip, text.len - skip };
	return (struct kp_view){ text.bytes, n };
}

int kp_cpulist_next(struct kp_view *list, unsigned *first, unsigned *last, struct kp_error *err)
{
	struct kp_view whole = kp_text_trim(*list), rest, piece, upper;
	uint64_t a, b;

	if (whole.len == 0)
		return 0;
	piece = before(whole, ',', &rest);
	if (rest.len == 0 && piece.len < whole.len)
		return kp_fail(err, KP_MACHINE, "the CPU list ends in a comma");
	if (kp_text_number(before(piece, '-', &upper), 10, KP_CPULIST_MAX, &a, err))
		return kp_within(err, "the CPU list");
	b = a;
	if (memchr(piece.bytes, '-', piece.len) &&
	    kp_text_number(upper, 10, KP_CPULIST_MAX, &b, err))
		return kp_within(err, "the CPU list");
	if (b < a)
		return kp_fail(err, KP_MACHINE, "the CPU list runs backwards: \"%.*s\"",
			       KP_TEXT_ARG(piece));
	*first = (unsigned)a;
	*last = (unsigned)b;
	*list = rest;
	return 1;
}
