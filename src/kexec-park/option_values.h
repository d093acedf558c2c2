/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of an option's value -> a number. Pure. */
#ifndef OPTION_VALUES_H
#define OPTION_VALUES_H

#include "errors.h"
#include "option_row.h"

/* Fill @err with KP_USAGE and the text; -1. */
#define option_wrong(err, ...) error_fill(err, KP_USAGE, 0, __VA_ARGS__)

/*
 * Decimal, or hexadecimal behind 0x, at the start of @text; no sign, no blanks, no overflow. What
 * follows the digits; NULL if there are none.
 */
const char *parse_digits(const char *text, uint64_t *out);

/* The same, and nothing behind it. */
bool parse_number(const char *text, uint64_t *out);

/* A number of bytes: a number, perhaps with K, M or G behind it. */
bool parse_bytes(const char *text, uint64_t *out);

/* The value of @text in @words, which end with one without text. */
bool parse_word(const char *text, const struct option_word *words, unsigned *out);

/* The value of @text in the words of @row, or an error that lists them. */
int option_choose(const struct option_row *row, const char *text, unsigned *out,
		  struct kp_error *err);

#endif
