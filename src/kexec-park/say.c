/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdbool.h>

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

/* ASCII's, and U+0080 to U+009F in UTF-8. */
static bool is_control(const unsigned char *p)
{
	return *p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
}

void say_plain(FILE *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (!is_control(p))
			fputc(*p, out);
		else
			fprintf(out, "\\x%02x", *p);
		if (is_control(p) && *p == 0xc2)
			fprintf(out, "\\x%02x", *++p);
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
