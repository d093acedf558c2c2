/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* An error is one line on a terminal: names out of files and images may hold anything. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

static void fill(struct kp_error *err, enum kp_code code, int sys, const char *fmt, va_list ap)
{
	err->code = code;
	err->remedy = KP_REMEDY_NONE;
	err->sys = sys;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	make_printable(err->text);
}

int kp_fail(struct kp_error *err, enum kp_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, code, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int kp_fail_sys(struct kp_error *err, enum kp_code code, int sys, const char *fmt, ...)
{
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	fill(err, code, sys, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(sys));
	return -1;
}

int kp_remedy(struct kp_error *err, enum kp_remedy remedy)
{
	err->remedy = remedy;
	return -1;
}

int kp_within(struct kp_error *err, const char *fmt, ...)
{
	char cause[KP_ERROR_TEXT];
	size_t len;
	va_list ap;

	memcpy(cause, err->text, sizeof(cause));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	make_printable(err->text);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", cause);
	return -1;
}
