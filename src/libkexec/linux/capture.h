/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file capture.h
 * Recording a machine into a directory. What is in it: linux/machine_linux.h.
 */
#ifndef KP_CAPTURE_H
#define KP_CAPTURE_H

#include "kexec_types.h"

/** Told of every path that kp_machine_capture() could not record, and why. */
typedef void (*kp_capture_missed)(void *arg, const char *path, const char *why);

/**
 * Record the machine beneath @p root, as of kp_machine_read(), into the directory @p dir, which
 * must not exist or be empty. Raw memory is recorded only for pages that carry a park page's magic.
 */
int kp_machine_capture(const char *root, const char *dir, kp_capture_missed missed, void *arg,
		       struct kp_error *err);

#endif
