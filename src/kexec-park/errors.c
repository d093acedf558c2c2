/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "errors.h"

int error_fill(struct kp_error *err, enum kp_code code, int sys, const char *fmt, ...)
{
	va_list args;
	size_t n;

	err->code = code;
	err->sys = sys;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	n = strlen(err->text);
	if (sys)
		snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(sys));
	return -1;
}
