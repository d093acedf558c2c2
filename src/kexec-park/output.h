/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "kexec_types.h"

/*
 * Whether @path, which a whole file will be renamed to, is free or a regular file. A device node, a
 * FIFO or a symbolic link would be gone: KP_USAGE, with @option.
 */
int output_check(const char *option, const char *path, struct kp_error *err);

#endif
