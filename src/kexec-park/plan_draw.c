/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory to scale. A bar is a window of addresses cut into cells of one size; a cell shows what
 * it holds. Where several pieces share a cell the bar cannot tell them apart, so the next bar
 * is a window on those cells alone, until cells are pages: pieces are disjoint and page-aligned,
 * so by then every one has its own.
 */
#include <inttypes.h>
#include <string.h>

#include "plan_text.h"

#define MAX_CELLS 160
#define PAGE 4096
#define INDENT "  "

#define GLYPH_HOLE ' '
#define GLYPH_OTHER '.'
#define GLYPH_RAM '-'
#define GLYPH_CROWD '*'
#define GLYPH_PARK '@'

/* What is told apart: the segments, and the park page. */
struct piece {
	struct kp_range at;
	char glyph;
};

struct drawing {
	FILE *out;
	unsigned width;            /* cells of a bar */
	const struct kp_plan *plan;
	struct piece pieces[KP_MAX_SEGMENTS + 1];
	size_t n_pieces;
};

struct bar {
	uint64_t start, last, cell; /* cell is in bytes, a multiple of PAGE */
	unsigned n_cells;
	char glyphs[MAX_CELLS + 1];
};

/* The largest bar that fits: the fewest pages a cell for @width cells to reach @last. */
static void bar_window(struct bar *bar, uint64_t start, uint64_t last, unsigned width)
{
	uint64_t pages;

	bar->start = start & ~(uint64_t)(PAGE - 1);
	bar->last = last;
	pages = (last - bar->start) / PAGE + 1;
	bar->cell = ((pages + width - 1) / width) * PAGE;
	bar->n_cells = (unsigned)((last - bar->start) / bar->cell) + 1;
	memset(bar->glyphs, GLYPH_HOLE, bar->n_cells);
	bar->glyphs[bar->n_cells] = '\0';
}

/* The cells that [start, last] touches; false if it lies outside the window. */
static bool bar_cells(const struct bar *bar, uint64_t start, uint64_t last, unsigned *from,
		      unsigned *to)
{
	if (last < bar->start || start > bar->last)
		return false;
	*from = start < bar->start ? 0 : (unsigned)((start - bar->start) / bar->cell);
	*to = last > bar->last ? bar->n_cells - 1 : (unsigned)((last - bar->start) / bar->cell);
	return true;
}

static bool is_piece(char glyph)
{
	return glyph != GLYPH_HOLE && glyph != GLYPH_OTHER && glyph != GLYPH_RAM;
}

/* A piece covers memory, but not another piece. */
static void draw_piece(struct bar *bar, const struct piece *piece)
{
	unsigned from, to;

	if (!bar_cells(bar, piece->at.start, piece->at.last, &from, &to))
		return;
	for (unsigned i = from; i <= to; i++)
		bar->glyphs[i] = is_piece(bar->glyphs[i]) ? GLYPH_CROWD : piece->glyph;
}

/* A row of the e820: RAM covers what is not RAM, so that a cell with any RAM shows it. */
static void draw_memory(struct bar *bar, const struct kp_mem *m)
{
	unsigned from, to;

	if (!bar_cells(bar, m->start, m->last, &from, &to))
		return;
	for (unsigned i = from; i <= to; i++)
		if (m->type == KP_MEM_RAM || bar->glyphs[i] == GLYPH_HOLE)
			bar->glyphs[i] = m->type == KP_MEM_RAM ? GLYPH_RAM : GLYPH_OTHER;
}

static void bar_draw(struct bar *bar, const struct drawing *d)
{
	for (size_t i = 0; i < d->plan->n_e820; i++)
		draw_memory(bar, &d->plan->e820[i]);
	for (size_t i = 0; i < d->n_pieces; i++)
		draw_piece(bar, &d->pieces[i]);
}

static void bar_print(FILE *out, const struct bar *bar)
{
	char size[PLAN_SIZE_TEXT];

	fprintf(out, INDENT "0x%" PRIx64 " to 0x%" PRIx64 ", %s a column\n" INDENT "|%s|\n",
		bar->start, bar->last, plan_size(bar->cell, size), bar->glyphs);
}

/* Narrow @window to what pieces there are in it. */
static void clip_to_pieces(const struct drawing *d, struct kp_range *window)
{
	struct kp_range hull = { .start = window->last, .last = window->start };

	for (size_t i = 0; i < d->n_pieces; i++) {
		const struct kp_range *at = &d->pieces[i].at;

		if (at->last < window->start || at->start > window->last)
			continue;
		if (at->start < hull.start)
			hull.start = at->start > window->start ? at->start : window->start;
		if (at->last > hull.last)
			hull.last = at->last < window->last ? at->last : window->last;
	}
	*window = hull;
}

/* Draw and print a bar of @window, then one of each run of its crowded cells. */
static void draw_window(const struct drawing *d, struct kp_range window)
{
	struct bar bar;
	size_t run;

	bar_window(&bar, window.start, window.last, d->width);
	bar_draw(&bar, d);
	bar_print(d->out, &bar);
	for (size_t i = 0; i < bar.n_cells; i += run ? run : 1) {
		run = strspn(bar.glyphs + i, "*");
		if (run == 0 || run == bar.n_cells || bar.cell == PAGE)
			continue;
		window.start = bar.start + i * bar.cell;
		window.last = window.start + (run * bar.cell - 1);
		clip_to_pieces(d, &window);
		draw_window(d, window);
	}
}

/* The last address worth drawing: of RAM or of a segment, not of a reserved window far above. */
static uint64_t last_drawn(const struct kp_plan *plan)
{
	uint64_t last = PAGE - 1;

	for (size_t i = 0; i < plan->n_e820; i++)
		if (plan->e820[i].type == KP_MEM_RAM && plan->e820[i].last > last)
			last = plan->e820[i].last;
	for (size_t i = 0; i < plan->n_segments; i++)
		if (plan->segments[i].at.last > last)
			last = plan->segments[i].at.last;
	return last;
}

static void add_pieces(struct drawing *d)
{
	for (size_t i = 0; i < d->plan->n_segments; i++)
		d->pieces[d->n_pieces++] = (struct piece){ d->plan->segments[i].at,
							   (char)('A' + i) };
	if (d->plan->park.state != KP_PARK_STATE_NONE)
		d->pieces[d->n_pieces++] = (struct piece){
			{ d->plan->park.address, d->plan->park.address + PAGE - 1 }, GLYPH_PARK };
}

/* What the glyphs mean, in lines no wider than the bars. */
static void print_legend(const struct drawing *d)
{
	unsigned at = 0;

	for (size_t i = 0; i < d->plan->n_segments; i++) {
		const char *name = d->plan->segments[i].name;
		unsigned width = (unsigned)strlen(name) + 4;

		if (at && at + width > d->width) {
			fputc('\n', d->out);
			at = 0;
		}
		fprintf(d->out, INDENT "%c %s", d->pieces[i].glyph, name);
		at += width;
	}
	fprintf(d->out, "%s" INDENT "%c RAM  %c not RAM  %c several%s\n", at ? "\n" : "",
		GLYPH_RAM, GLYPH_OTHER, GLYPH_CROWD,
		d->n_pieces > d->plan->n_segments ? "  @ park page" : "");
}

void plan_draw(FILE *out, const struct kp_plan *plan, unsigned columns)
{
	struct drawing d = { .out = out, .plan = plan };

	d.width = columns < 44 ? 40 : columns - 4;
	if (d.width > MAX_CELLS)
		d.width = MAX_CELLS;
	add_pieces(&d);
	fprintf(out, "memory of the next kernel, to scale:\n");
	draw_window(&d, (struct kp_range){ 0, last_drawn(plan) });
	print_legend(&d);
}
