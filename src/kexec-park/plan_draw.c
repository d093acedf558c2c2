/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The picture of a plan in text: a bar a line, a glyph a cell, in colour where that is wanted. */
#include <inttypes.h>
#include <string.h>

#include "plan_draw.h"
#include "plan_picture.h"
#include "plan_words.h"

#define INDENT "  "

struct drawing {
	FILE *out;
	unsigned width;            /* cells of a bar */
	const struct plan_style *style;
};

/*
 * How a glyph is set off, as parameters of ECMA-48's SGR; NULL: it is not. Reversed colours are
 * the terminal's own, so they can be read whether it is light or dark.
 */
static const char *rendition(char glyph)
{
	static const char *const segments[] = { "7;34", "7;32", "7;35", "7;36", "7;33", "7;31" };

	switch (glyph) {
	case GLYPH_HOLE: return NULL;
	case GLYPH_RAM:
	case GLYPH_OTHER: return "2";
	case GLYPH_CROWD: return "1;7";
	case GLYPH_PARK: return "1;7;33";
	}
	return segments[(unsigned)(glyph - 'A') % (sizeof(segments) / sizeof(segments[0]))];
}

void plan_paint(FILE *out, const struct plan_style *style, char glyph, unsigned n)
{
	const char *how = style->colour ? rendition(glyph) : NULL;

	if (how)
		fprintf(out, "\033[%sm", how);
	for (unsigned i = 0; i < n; i++)
		fputc(glyph, out);
	if (how)
		fputs("\033[0m", out);
}

static void print_bar(void *arg, const struct picture_bar *bar)
{
	const struct drawing *d = arg;
	char size[PLAN_SIZE_TEXT];
	unsigned run;

	fprintf(d->out, INDENT "0x%" PRIx64 " to 0x%" PRIx64 ", %s a column\n" INDENT "|",
		bar->start, bar->last, plan_size(bar->cell, size));
	for (unsigned i = 0; i < bar->n_cells; i += run) {
		run = picture_run(bar, i);
		plan_paint(d->out, d->style, bar->glyphs[i], run);
	}
	fputs("|\n", d->out);
}

static void print_sign(const struct drawing *d, char glyph, const char *meaning)
{
	fputs(INDENT, d->out);
	plan_paint(d->out, d->style, glyph, 1);
	fprintf(d->out, " %s", meaning);
}

/* What the glyphs mean, in lines no wider than the bars. */
static void print_legend(const struct drawing *d, const struct kp_plan *plan)
{
	unsigned at = 0;

	for (size_t i = 0; i < plan->n_segments; i++) {
		const char *name = plan->segments[i].name;
		unsigned width = (unsigned)strlen(name) + 4;

		if (at && at + width > d->width) {
			fputc('\n', d->out);
			at = 0;
		}
		print_sign(d, picture_glyph(i), name);
		at += width;
	}
	if (at)
		fputc('\n', d->out);
	print_sign(d, GLYPH_RAM, "RAM");
	print_sign(d, GLYPH_OTHER, "not RAM");
	print_sign(d, GLYPH_CROWD, "several");
	if (plan->park.state != KP_PARK_STATE_NONE)
		print_sign(d, GLYPH_PARK, "park page");
	fputc('\n', d->out);
}

void plan_draw(FILE *out, const struct kp_plan *plan, const struct plan_style *style)
{
	struct drawing d = { .out = out, .style = style };

	d.width = style->columns < 44 ? 40 : style->columns - 4;
	if (d.width > PICTURE_MAX_CELLS)
		d.width = PICTURE_MAX_CELLS;
	fprintf(out, "memory of the next kernel, to scale:\n");
	picture_walk(plan, d.width, print_bar, &d);
	print_legend(&d, plan);
}
