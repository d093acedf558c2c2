/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan for people. */
#ifndef PLAN_TEXT_H
#define PLAN_TEXT_H

#include <stdio.h>

#include "base/range.h"

#define PLAN_SIZE_TEXT 24

struct plan_style {
	unsigned columns;          /* of the drawing */
	bool colour;
};

/* Print @plan to @out: facts, command line, segments, e820, drawing, warnings. */
void plan_print(FILE *out, const struct kp_plan *plan, const struct plan_style *style);

/* Print only the drawing: bars of memory to scale, each enlarging what the one before crowds. */
void plan_draw(FILE *out, const struct kp_plan *plan, const struct plan_style *style);

/* Print @glyph of the drawing @n times, in its colour if @style has colour. */
void plan_paint(FILE *out, const struct plan_style *style, char glyph, unsigned n);

/* "RAM", "Reserved", ...; NULL for a type that has no name. */
const char *plan_mem_type(uint32_t type);

const char *plan_slot(enum kp_slot slot);
const char *plan_park_state(enum kp_park_state state);
const char *plan_park_mode(enum kp_park_mode mode);

/* "4 KiB", "3071 MiB" exactly if four digits can, else rounded: "63.2 MiB". */
const char *plan_size(uint64_t bytes, char text[PLAN_SIZE_TEXT]);

#endif
