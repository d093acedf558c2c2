/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The picture of a plan in text. */
#ifndef PLAN_DRAW_H
#define PLAN_DRAW_H

#include <stdio.h>

#include "kexec_types.h"

struct plan_style {
	unsigned columns;          /* of the drawing */
	bool colour;
};

/* Print bars of memory to scale, each enlarging what the one before crowds, and a legend. */
void plan_draw(FILE *out, const struct kp_plan *plan, const struct plan_style *style);

/* Print @glyph of the drawing @n times, in its colour if @style has colour. */
void plan_paint(FILE *out, const struct plan_style *style, char glyph, unsigned n);

#endif
