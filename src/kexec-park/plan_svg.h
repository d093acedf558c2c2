/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan's picture as SVG. */
#ifndef PLAN_SVG_H
#define PLAN_SVG_H

#include <stdio.h>

#include "kexec_types.h"

/*
 * Print the picture as a document of its own, readable in light and in dark. False when @out
 * could not take it.
 */
bool plan_svg_print(FILE *out, const struct kp_plan *plan);

/* The same into the file @path, which is replaced only by all of it. KP_IO names the file. */
int plan_svg_write(const char *path, const struct kp_plan *plan, struct kp_error *err);

#endif
