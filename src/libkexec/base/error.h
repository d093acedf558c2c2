/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file error.h
 * Filling a struct kp_error. Whoever detects a fault writes the message, with the numbers;
 * callers on the way up put their context in front of it.
 */
#ifndef KP_ERROR_H
#define KP_ERROR_H

#include "kexec_types.h"

#define KP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/** Fill @p err. Always returns -1, so that `return kp_fail(...)` reads as what it is. */
int kp_fail(struct kp_error *err, enum kp_code code, const char *fmt, ...) KP_PRINTF(3, 4);

/** As kp_fail(), with the errno behind the fault; ": " and its text are appended. */
int kp_fail_sys(struct kp_error *err, enum kp_code code, int sys, const char *fmt, ...)
	KP_PRINTF(4, 5);

/** Say what would help against the fault that @p err was just filled with. Always returns -1. */
int kp_remedy(struct kp_error *err, enum kp_remedy remedy);

/** Put "context: " in front of the text of @p err. Always returns -1. */
int kp_within(struct kp_error *err, const char *fmt, ...) KP_PRINTF(2, 3);

#endif
