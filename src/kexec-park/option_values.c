/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "option_values.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

const char *parse_digits(const char *text, uint64_t *out)
{
	uint64_t value = 0;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	uint64_t base = hex ? 16 : 10;
	const char *p = hex ? text + 2 : text;
	const char *first = p;

	for (; (uint64_t)digit(*p) < base; p++)
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit(*p), &value))
			return NULL;
	*out = value;
	return p == first ? NULL : p;
}

bool parse_number(const char *text, uint64_t *out)
{
	const char *end = parse_digits(text, out);

	return end && *end == '\0';
}

bool parse_bytes(const char *text, uint64_t *out)
{
	static const struct option_word shifts[] = {
		{ "", 0 }, { "K", 10 }, { "M", 20 }, { "G", 30 }, { NULL, 0 } };
	const char *end = parse_digits(text, out);
	unsigned shift;

	return end && parse_word(end, shifts, &shift) &&
	       !__builtin_mul_overflow(*out, 1ULL << shift, out);
}

bool parse_word(const char *text, const struct option_word *words, unsigned *out)
{
	for (; words->text; words++) {
		if (strcmp(text, words->text) == 0) {
			*out = words->value;
			return true;
		}
	}
	return false;
}

/* "reset, halt or boot" */
static void list_words(const struct option_word *words, char *list, size_t size)
{
	size_t used = 0;

	for (const struct option_word *w = words; w->text && used < size; w++)
		used += (size_t)snprintf(list + used, size - used, "%s%s",
					 w == words ? "" : w[1].text ? ", " : " or ", w->text);
}

int option_choose(const struct option_row *row, const char *text, unsigned *out,
		  struct kp_error *err)
{
	char list[128];

	if (parse_word(text, row->words, out))
		return 0;
	list_words(row->words, list, sizeof(list));
	return option_wrong(err, "--%s=%s: give %s", row->name, text, list);
}
