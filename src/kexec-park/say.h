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

/*
 * Print @text, which others may have written: a terminal must not obey it. Control characters (C0,
 * DEL, C1) and bytes that are no UTF-8 are printed as \\x1b. All foreign text that goes to a terminal,
 * a log or a report goes through here, or through json_print().
 */
void say_plain(FILE *out, const char *text);

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
