/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file capture.h
 * Recording a machine into a directory. What is in it: linux/machine_linux.h.
 */
#ifndef KP_CAPTURE_H
#define KP_CAPTURE_H

#include "error.h"

/** As in libkexec.h, which this floor cannot include. */
typedef void (*kp_capture_missed)(void *arg, const char *path, const char *why);
int kp_machine_capture(const char *root, const char *dir, kp_capture_missed missed, void *arg,
		       struct kp_error *err);

#endif
