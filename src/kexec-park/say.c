/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "say.h"

static const char *name = "kexec-park";

void say_as_kexec(void)
{
	name = "kexec";
}

const char *say_name(void)
{
	return name;
}

/* The bytes of the UTF-8 character at @p, 0 if there is none (RFC 3629). */
static size_t utf8_bytes(const unsigned char *p)
{
	size_t n = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* C0, DEL, and C1 as U+0080 to U+009F. An 8-bit terminal takes lone bytes of 0x80 and up for C1. */
static bool is_shown(const unsigned char *p, size_t n)
{
	return n && *p >= ' ' && *p != 0x7f && !(*p == 0xc2 && p[1] < 0xa0);
}

void say_plain(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		size_t n = utf8_bytes(p);

		if (is_shown(p, n)) {
			fwrite(p, 1, n, out);
			p += n;
			continue;
		}
		for (n = n ? n : 1; n; n--)
			fprintf(out, "\\x%02x", *p++);
	}
}

void say(const char *fmt, ...)
{
	char text[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "%s: ", name);
	say_plain(stderr, text);
	fputc('\n', stderr);
}
