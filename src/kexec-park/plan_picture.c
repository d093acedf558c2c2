/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bar is a window of addresses cut into cells of one size; a cell shows what it holds. Where
 * several pieces share a cell the bar cannot tell them apart, so the next bar is a window on
 * those cells alone, until cells are pages: pieces are disjoint and page-aligned, so by then
 * every one has its own.
 */
#include <string.h>

#include "plan_picture.h"

#define PAGE 4096

/* What is told apart: the segments, and the park page. */
struct piece {
	struct kp_range at;
	char glyph;
};

struct picture {
	const struct kp_plan *plan;
	unsigned width;            /* cells of a bar */
	unsigned n_bars;
	struct piece pieces[KP_MAX_SEGMENTS + 1];
	size_t n_pieces;
	picture_see see;
	void *arg;
};

/* The largest bar that fits: the fewest pages a cell for @width cells to reach @window's end. */
static void bar_open(struct picture_bar *bar, struct kp_range window, unsigned width)
{
	uint64_t pages;

	bar->start = window.start & ~(uint64_t)(PAGE - 1);
	bar->last = window.last;
	pages = (bar->last - bar->start) / PAGE + 1;
	bar->cell = ((pages + width - 1) / width) * PAGE;
	bar->n_cells = (unsigned)((bar->last - bar->start) / bar->cell) + 1;
	memset(bar->glyphs, GLYPH_HOLE, bar->n_cells);
	bar->glyphs[bar->n_cells] = '\0';
}

/* The cells that [start, last] touches; false if it lies outside the window. */
static bool bar_cells(const struct picture_bar *bar, uint64_t start, uint64_t last,
		      unsigned *from, unsigned *to)
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
static void draw_piece(struct picture_bar *bar, const struct piece *piece)
{
	unsigned from, to;

	if (!bar_cells(bar, piece->at.start, piece->at.last, &from, &to))
		return;
	for (unsigned i = from; i <= to; i++)
		bar->glyphs[i] = is_piece(bar->glyphs[i]) ? GLYPH_CROWD : piece->glyph;
}

/* A row of the e820: RAM covers what is not RAM, so that a cell with any RAM shows it. */
static void draw_memory(struct picture_bar *bar, const struct kp_mem *m)
{
	unsigned from, to;

	if (!bar_cells(bar, m->at.start, m->at.last, &from, &to))
		return;
	for (unsigned i = from; i <= to; i++)
		if (m->type == KP_MEM_RAM || bar->glyphs[i] == GLYPH_HOLE)
			bar->glyphs[i] = m->type == KP_MEM_RAM ? GLYPH_RAM : GLYPH_OTHER;
}

static void bar_fill(struct picture_bar *bar, const struct picture *p)
{
	for (size_t i = 0; i < p->plan->n_e820; i++)
		draw_memory(bar, &p->plan->e820[i]);
	for (size_t i = 0; i < p->n_pieces; i++)
		draw_piece(bar, &p->pieces[i]);
}

/* Narrow @window to what pieces there are in it. */
static void clip_to_pieces(const struct picture *p, struct kp_range *window)
{
	struct kp_range hull = { .start = window->last, .last = window->start };

	for (size_t i = 0; i < p->n_pieces; i++) {
		const struct kp_range *at = &p->pieces[i].at;

		if (at->last < window->start || at->start > window->last)
			continue;
		if (at->start < hull.start)
			hull.start = at->start > window->start ? at->start : window->start;
		if (at->last > hull.last)
			hull.last = at->last < window->last ? at->last : window->last;
	}
	*window = hull;
}

static void show_window(struct picture *p, struct kp_range window, struct picture_bar bar);

/* One bar of each run of crowded cells. */
static void enlarge(struct picture *p, const struct picture_bar *bar)
{
	unsigned run;

	for (unsigned i = 0; i < bar->n_cells; i += run) {
		struct kp_range window;

		run = picture_run(bar, i);
		if (bar->glyphs[i] != GLYPH_CROWD || run == bar->n_cells || bar->cell == PAGE)
			continue;
		window.start = bar->start + i * bar->cell;
		window.last = window.start + (run * bar->cell - 1);
		clip_to_pieces(p, &window);
		show_window(p, window, (struct picture_bar){
			.enlarges = bar, .from = i, .n_from = run });
	}
}

static void show_window(struct picture *p, struct kp_range window, struct picture_bar bar)
{
	bar.number = p->n_bars++;
	bar_open(&bar, window, p->width);
	bar_fill(&bar, p);
	p->see(p->arg, &bar);
	enlarge(p, &bar);
}

/* The last address worth drawing: of RAM or of a segment, not of a reserved window far above. */
static uint64_t last_drawn(const struct kp_plan *plan)
{
	uint64_t last = PAGE - 1;

	for (size_t i = 0; i < plan->n_e820; i++)
		if (plan->e820[i].type == KP_MEM_RAM && plan->e820[i].at.last > last)
			last = plan->e820[i].at.last;
	for (size_t i = 0; i < plan->n_segments; i++)
		if (plan->segments[i].at.last > last)
			last = plan->segments[i].at.last;
	return last;
}

static void add_pieces(struct picture *p)
{
	const struct kp_plan *plan = p->plan;

	for (size_t i = 0; i < plan->n_segments; i++)
		p->pieces[p->n_pieces++] = (struct piece){ plan->segments[i].at, picture_glyph(i) };
	if (plan->park.state != KP_PARK_STATE_NONE)
		p->pieces[p->n_pieces++] = (struct piece){
			{ plan->park.address, plan->park.address + PAGE - 1 }, GLYPH_PARK };
}

void picture_walk(const struct kp_plan *plan, unsigned width, picture_see see, void *arg)
{
	struct picture p = { .plan = plan, .width = width, .see = see, .arg = arg };

	add_pieces(&p);
	show_window(&p, (struct kp_range){ 0, last_drawn(plan) }, (struct picture_bar){ 0 });
}

char picture_glyph(size_t i)
{
	return (char)('A' + i);    /* KP_MAX_SEGMENTS at most */
}

unsigned picture_run(const struct picture_bar *bar, unsigned i)
{
	const char glyph[2] = { bar->glyphs[i], '\0' };

	return (unsigned)strspn(bar->glyphs + i, glyph);
}
