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

/* "A" or "A-B". */
static int parse_piece(struct kp_view piece, uint64_t *a, uint64_t *b, struct kp_error *err)
{
	struct kp_view upper;

	if (kp_text_number(before(piece, '-', &upper), 10, KP_CPULIST_MAX, a, err))
		return kp_within(err, "the CPU list");
	*b = *a;
	if (memchr(piece.bytes, '-', piece.len) &&
	    kp_text_number(upper, 10, KP_CPULIST_MAX, b, err))
		return kp_within(err, "the CPU list");
	if (*b < *a)
		return kp_fail(err, KP_MACHINE, "the CPU list runs backwards: \"%.*s\"",
			       KP_TEXT_ARG(piece));
	return 0;
}

/* As the kernel prints them (lib/vsprintf.c, bitmap_list_string()): so no CPU comes twice. */
static int check_ascends(uint64_t last, struct kp_view rest, struct kp_error *err)
{
	struct kp_view unused, piece = before(rest, ',', &unused);
	uint64_t a = 0, b = 0;

	if (rest.len == 0)
		return 0;
	if (parse_piece(piece, &a, &b, err))
		return -1;
	if (a > last)
		return 0;
	return kp_fail(err, KP_MACHINE, "the CPU list does not ascend: \"%.*s\" after %u",
		       KP_TEXT_ARG(piece), (unsigned)last);
}

int kp_cpulist_next(struct kp_view *list, unsigned *first, unsigned *last, struct kp_error *err)
{
	struct kp_view whole = kp_text_trim(*list), rest, piece;
	uint64_t a = 0, b = 0;

	if (whole.len == 0)
		return 0;
	piece = before(whole, ',', &rest);
	if (rest.len == 0 && piece.len < whole.len)
		return kp_fail(err, KP_MACHINE, "the CPU list ends in a comma");
	if (parse_piece(piece, &a, &b, err) || check_ascends(b, rest, err))
		return -1;
	*first = (unsigned)a;
	*last = (unsigned)b;
	*list = rest;
	return 1;
}
