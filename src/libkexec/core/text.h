/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file text.h
 * The small texts of /proc and /sys: one number, one word, or words in a row. Views borrow.
 */
#ifndef KP_TEXT_H
#define KP_TEXT_H

#include "error.h"
#include "view.h"

/** For "%.*s": a text as the arguments of an error message, never more than 60 bytes of it. */
#define KP_TEXT_ARG(v) (int)((v).len < 60 ? (v).len : 60), (const char *)(v).bytes

/** @p text without the white space at both ends. */
struct kp_view kp_text_trim(struct kp_view text);

/** Whether the bytes of @p text are exactly those of @p word. */
bool kp_text_is(struct kp_view text, const char *word);

/** Whether @p word stands in @p text between white space. */
bool kp_text_has_word(struct kp_view text, const char *word);

/** The text of "key" + value on a line of its own ("NUMBER(x)=" finds "1"); false if none. */
bool kp_text_value(struct kp_view text, const char *key, struct kp_view *value);

/**
 * A whole trimmed text as a number in @p base 10 or 16 ("0x" optional in base 16).
 * False when it is anything else: empty, signed, more than 64 bits, trailed by something.
 */
bool kp_text_u64(struct kp_view text, unsigned base, uint64_t *out);

/** As kp_text_u64(), for a number of at most @p max. -1 with KP_MACHINE quoting the text. */
int kp_text_number(struct kp_view text, unsigned base, uint64_t max, uint64_t *out,
		   struct kp_error *err);

#endif
