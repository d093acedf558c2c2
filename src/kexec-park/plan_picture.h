/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan's memory to scale, as bars of cells; text and SVG show the same bars. */
#ifndef PLAN_PICTURE_H
#define PLAN_PICTURE_H

#include "kexec_types.h"

#define PICTURE_MAX_CELLS 160

/* What a cell holds; 'A' and on: the segment of that number alone. */
#define GLYPH_HOLE ' '
#define GLYPH_OTHER '.'
#define GLYPH_RAM '-'
#define GLYPH_CROWD '*'
#define GLYPH_PARK '@'

/* A window of addresses, cut into cells of one size. */
struct picture_bar {
	unsigned number;           /* from 0, as they are shown */
	uint64_t start, last;
	uint64_t cell;             /* bytes, a multiple of 4096 */
	unsigned n_cells;
	char glyphs[PICTURE_MAX_CELLS + 1];
	const struct picture_bar *enlarges; /* whose crowded cells these are, or NULL */
	unsigned from, n_from;     /* which of them */
};

typedef void (*picture_see)(void *arg, const struct picture_bar *bar);

/* Show @see all of memory in at most @width cells, then each run of crowded cells enlarged. */
void picture_walk(const struct kp_plan *plan, unsigned width, picture_see see, void *arg);

/* The glyph of segment number @i. */
char picture_glyph(size_t i);

/* How many cells from cell @i on hold the same. */
unsigned picture_run(const struct picture_bar *bar, unsigned i);

#endif
