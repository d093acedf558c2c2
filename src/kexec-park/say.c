/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>

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

void say(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}
