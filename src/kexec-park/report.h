/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One file to send along with a bug report. */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "kexec_types.h"

/*
 * Write a gzip-compressed tar archive about the machine beneath @root to @file, which is replaced
 * only by all of it, and list what is in it on @out. Plans are made as @request says, for both
 * slots; without an image, of the running kernel's own. What cannot be found out is noted in the
 * report: only what keeps it from being written is an error.
 */
int report_write(const char *file, const char *root, const struct kp_request *request, FILE *out,
		 struct kp_error *err);

#endif
