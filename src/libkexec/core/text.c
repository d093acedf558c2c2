/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text.h"

#include <inttypes.h>
#include <string.h>

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct kp_view kp_text_trim(struct kp_view text)
{
	while (text.len > 0 && is_space(text.bytes[text.len - 1]))
		text.len--;
	while (text.len > 0 && is_space(text.bytes[0])) {
		text.bytes++;
		text.len--;
	}
	return text;
}

bool kp_text_is(struct kp_view text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.bytes, word, text.len) == 0;
}

bool kp_text_has_word(struct kp_view text, const char *word)
{
	size_t at = 0;

	while (at < text.len) {
		size_t end = at;

		while (end < text.len && !is_space(text.bytes[end]))
			end++;
		if (kp_text_is((struct kp_view){ text.bytes + at, end - at }, word))
			return true;
		at = end + 1;
	}
	return false;
}

bool kp_text_value(struct kp_view text, const char *key, struct kp_view *value)
{
	size_t n = strlen(key);
	struct kp_view line;

	while (kp_view_line(&text, &line))
		if (line.len >= n && memcmp(line.bytes, key, n) == 0) {
			*value = (struct kp_view){ line.bytes + n, line.len - n };
			return true;
		}
	return false;
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

bool kp_text_u64(struct kp_view text, unsigned base, uint64_t *out)
{
	uint64_t sum = 0;

	text = kp_text_trim(text);
	if (base == 16 && text.len > 2 && text.bytes[0] == '0' && (text.bytes[1] | 0x20) == 'x')
		text = (struct kp_view){ text.bytes + 2, text.len - 2 };
	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned d = (unsigned)digit(text.bytes[i]);

		if (d >= base || sum > (UINT64_MAX - d) / base)
			return false;
		sum = sum * base + d;
	}
	*out = sum;
	return true;
}

int kp_text_number(struct kp_view text, unsigned base, uint64_t max, uint64_t *out,
		   struct kp_error *err)
{
	struct kp_view line = { NULL, 0 }, rest = kp_text_trim(text);
	uint64_t n;

	if (kp_text_u64(text, base, &n) && n <= max) {
		*out = n;
		return 0;
	}
	kp_view_line(&rest, &line);
	return kp_fail(err, KP_MACHINE, "holds \"%.*s\", not a %s number of at most %#" PRIx64,
		       KP_TEXT_ARG(line), base == 16 ? "hexadecimal" : "decimal", max);
}
