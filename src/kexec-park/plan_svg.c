/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bars of plan_picture.h one below the other, each enlarged part tied to where it comes
 * from, and a legend with addresses. Colours are classes, so that a viewer's dark scheme can
 * have its own; a viewer that knows no schemes shows the light one on its own ground.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "errors.h"
#include "plan_picture.h"
#include "plan_svg.h"
#include "plan_words.h"
#include "private_dir.h"

#define PART "svg"

/* In user units, which are pixels unless scaled. */
#define MARGIN 24
#define CELLS 100
#define CELL 9
#define WIDTH (2 * MARGIN + CELLS * CELL)
#define FIRST_BAR 74
#define BAR 30
#define PITCH 84                   /* from one bar to the next, with the heading in between */
#define ROW 22
#define CHIP 16
#define HUES 8

struct canvas {
	FILE *out;
	unsigned n_bars;
};

static const char style[] =
	"<style>\n"
	"text { font: 13px ui-monospace, 'DejaVu Sans Mono', monospace; fill: #1b1f24 }\n"
	".title { font-size: 16px; font-weight: bold }\n"
	".glyph { font-weight: bold; fill: #fff; text-anchor: middle }\n"
	".ground { fill: #fff }\n"
	".frame { fill: none; stroke: #57606a }\n"
	".zoom { fill: #57606a; fill-opacity: .13 }\n"
	".ram { fill: #d5dbe1 } .other { fill: #ab9f86 }\n"
	".crowd { fill: #1b1f24 } .park { fill: #8a6100 }\n"
	".s0 { fill: #2f66b3 } .s1 { fill: #2b7a3f } .s2 { fill: #8046b0 } .s3 { fill: #17757a }\n"
	".s4 { fill: #a8501a } .s5 { fill: #b03044 } .s6 { fill: #5d6b1c } .s7 { fill: #a83a80 }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"text { fill: #e6e8eb } .glyph { fill: #fff } .ground { fill: #14171b }\n"
	".frame { stroke: #8b949e } .zoom { fill: #8b949e }\n"
	".ram { fill: #3b434c } .other { fill: #6e6449 } .crowd { fill: #000; stroke: #8b949e }\n"
	"}\n"
	"</style>\n";

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		default: fputc(*text, out);
		}
	}
}

/* The class of what a glyph stands for, which is not GLYPH_HOLE. */
static const char *class_of(char glyph)
{
	static const char *const hues[HUES] = { "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7" };

	switch (glyph) {
	case GLYPH_RAM: return "ram";
	case GLYPH_OTHER: return "other";
	case GLYPH_CROWD: return "crowd";
	case GLYPH_PARK: return "park";
	}
	return hues[(unsigned)(glyph - 'A') % HUES];
}

static bool is_lettered(char glyph)
{
	return glyph != GLYPH_RAM && glyph != GLYPH_OTHER;
}

static void put_block(FILE *out, unsigned x, unsigned y, unsigned width, unsigned height,
		      char glyph)
{
	fprintf(out, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
		class_of(glyph), x, y, width, height);
	if (is_lettered(glyph))
		fprintf(out, "<text class=\"glyph\" x=\"%u.%u\" y=\"%u\">%c</text>\n",
			x + width / 2, width % 2 * 5, y + height / 2 + 5, glyph);
}

static unsigned bar_y(const struct picture_bar *bar)
{
	return FIRST_BAR + bar->number * PITCH;
}

/* From the crowded cells to the bar that enlarges them, if that comes next. */
static void put_zoom(FILE *out, const struct picture_bar *bar)
{
	const struct picture_bar *from = bar->enlarges;
	unsigned left, right, y;

	if (!from || from->number + 1 != bar->number)
		return;
	left = MARGIN + bar->from * CELL;
	right = left + bar->n_from * CELL;
	y = bar_y(from) + BAR;
	fprintf(out, "<polygon class=\"zoom\" points=\"%u,%u %u,%u %u,%u %u,%u\"/>\n", left, y,
		right, y, MARGIN + bar->n_cells * CELL, bar_y(bar), MARGIN, bar_y(bar));
}

static void put_heading(FILE *out, const struct picture_bar *bar)
{
	char size[PLAN_SIZE_TEXT];

	fprintf(out, "<text x=\"%u\" y=\"%u\">0x%" PRIx64 " to 0x%" PRIx64
		", %s a column</text>\n", MARGIN, bar_y(bar) - 8, bar->start, bar->last,
		plan_size(bar->cell, size));
}

static void put_bar(void *arg, const struct picture_bar *bar)
{
	struct canvas *c = arg;
	unsigned run;

	put_zoom(c->out, bar);
	put_heading(c->out, bar);
	for (unsigned i = 0; i < bar->n_cells; i += run) {
		run = picture_run(bar, i);
		if (bar->glyphs[i] != GLYPH_HOLE)
			put_block(c->out, MARGIN + i * CELL, bar_y(bar), run * CELL, BAR,
				  bar->glyphs[i]);
	}
	fprintf(c->out, "<rect class=\"frame\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
		MARGIN, bar_y(bar), bar->n_cells * CELL, BAR);
}

static void count_bar(void *arg, const struct picture_bar *bar)
{
	struct canvas *c = arg;

	(void)bar;
	c->n_bars++;
}

static unsigned legend_y(const struct canvas *c)
{
	return FIRST_BAR + (c->n_bars - 1) * PITCH + BAR + 24;
}

static void put_sign(FILE *out, unsigned x, unsigned y, char glyph, const char *meaning)
{
	put_block(out, x, y, CHIP, CHIP, glyph);
	fprintf(out, "<text x=\"%u\" y=\"%u\">", x + CHIP + 8, y + CHIP - 3);
	put_text(out, meaning);
	fputs("</text>\n", out);
}

/* One row a segment: its block, its name, where it is. */
static void put_segment(const struct canvas *c, const struct kp_segment *s, size_t i)
{
	unsigned y = legend_y(c) + (unsigned)i * ROW;
	char size[PLAN_SIZE_TEXT];

	put_sign(c->out, MARGIN, y, picture_glyph(i), s->name);
	fprintf(c->out, "<text x=\"%u\" y=\"%u\">0x%" PRIx64 " to 0x%" PRIx64 ", %s</text>\n",
		MARGIN + 190, y + CHIP - 3, s->at.start, s->at.last,
		plan_size(kp_range_bytes(s->at), size));
}

static void put_legend(const struct canvas *c, const struct kp_plan *plan)
{
	unsigned y = legend_y(c) + (unsigned)plan->n_segments * ROW;

	for (size_t i = 0; i < plan->n_segments; i++)
		put_segment(c, &plan->segments[i], i);
	put_sign(c->out, MARGIN, y, GLYPH_RAM, "RAM");
	put_sign(c->out, MARGIN + 100, y, GLYPH_OTHER, "not RAM");
	put_sign(c->out, MARGIN + 230, y, GLYPH_CROWD, "several");
	if (plan->park.state != KP_PARK_STATE_NONE)
		put_sign(c->out, MARGIN + 360, y, GLYPH_PARK, "park page");
}

bool plan_svg_print(FILE *out, const struct kp_plan *plan)
{
	struct canvas c = { .out = out };
	unsigned height;

	picture_walk(plan, CELLS, count_bar, &c);
	height = legend_y(&c) + ((unsigned)plan->n_segments + 1) * ROW + MARGIN;
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"viewBox=\"0 0 %u %u\" role=\"img\">\n"
		"<title>Memory of the next kernel, to scale</title>\n", WIDTH, height, WIDTH,
		height);
	fputs(style, out);
	fprintf(out, "<rect class=\"ground\" width=\"%u\" height=\"%u\"/>\n"
		"<text class=\"title\" x=\"%u\" y=\"%u\">Memory of the next kernel (%s), to scale"
		"</text>\n", WIDTH, height, MARGIN, MARGIN + 10, plan_slot(plan->slot));
	picture_walk(plan, CELLS, put_bar, &c);
	put_legend(&c, plan);
	fputs("</svg>\n", out);
	return fflush(out) == 0 && !ferror(out);
}

static int cannot_write(const char *path, int why, struct kp_error *err)
{
	return error_fill(err, KP_IO, 0, "cannot write %s: %s", path, private_dir_why(why));
}

static int cannot_remove(const char *name, int why, struct kp_error *err)
{
	return error_fill(err, KP_IO, 0, "cannot remove the temporary directory %s: %s: remove it", name,
			  private_dir_why(why));
}

/* Whole, then in its place. 0 or an errno. */
static int write_in(const struct private_dir *dir, const struct kp_plan *plan)
{
	int fd = openat(dir->fd, PART, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int why = errno;

	if (!out) {
		if (fd >= 0)
			close(fd);
		return why;
	}
	errno = 0;
	why = plan_svg_print(out, plan) ? private_dir_publish(dir, PART, fd) :
	      errno ? errno : EIO;
	return fclose(out) == 0 || why ? why : errno;
}

int plan_svg_write(const char *path, const struct kp_plan *plan, struct kp_error *err)
{
	struct private_dir dir;
	char name[sizeof(dir.name)];
	int why = private_dir_beside(path, &dir), left;

	if (why)
		return cannot_write(path, why, err);
	memcpy(name, dir.name, sizeof(name));
	why = private_dir_check_target(&dir);
	if (!why)
		why = write_in(&dir, plan);
	left = private_dir_remove(&dir);
	if (!why && left)
		return cannot_remove(name, left, err);
	return why ? cannot_write(path, why, err) : 0;
}
