/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan for people. */
#ifndef PLAN_TEXT_H
#define PLAN_TEXT_H

#include "plan_draw.h"

/* Print @plan to @out: facts, command line, segments, e820, drawing, warnings. */
void plan_print(FILE *out, const struct kp_plan *plan, const struct plan_style *style);

#endif
