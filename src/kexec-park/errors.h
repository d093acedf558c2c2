/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors that the command makes. Their text is raw: say() shows what a terminal must not obey, where
 * the library's kp_fail() puts a question mark.
 */
#ifndef ERRORS_H
#define ERRORS_H

#include "kexec_types.h"

/* Fill @err with the text and what the errno @sys means, unless that is 0; -1. */
__attribute__((format(printf, 4, 5)))
int error_fill(struct kp_error *err, enum kp_code code, int sys, const char *fmt, ...);

#endif
