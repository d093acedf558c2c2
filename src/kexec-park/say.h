/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is said on standard error: one line each, behind the name that the program was run by.
 */
#ifndef SAY_H
#define SAY_H

#include <stdio.h>

/* From now on speak as "kexec"; as "kexec-park" until then. */
void say_as_kexec(void);

/* The name as which is spoken. */
const char *say_name(void);

/* Print @text, its control characters as \\x1b: a terminal must not obey what others wrote. */
void say_plain(FILE *out, const char *text);

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
