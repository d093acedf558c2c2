/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines go from the top to the bottom and then from the top again. Scrolling would read what an
 * uncached mapping gives back one dot at a time: seconds for a screen. The line after the newest
 * is empty, and so shows where it is.
 */
#include "framebuffer.h"

#include <stdbool.h>

#include "cpu.h"
#include "font.h"

#define CELL_COLUMNS	(FONT_COLUMNS + 1)
#define CELL_ROWS	(FONT_ROWS + 1)

static struct purgatory_framebuffer fb;
static unsigned int columns, lines, column, line;

/* A dot may have 3 bytes, and its address be odd. */
static void put_pixel(uint64_t phys, uint32_t value)
{
	volatile uint8_t *at = phys_ptr(phys);

	if (fb.pixel_bytes == sizeof(uint32_t)) {
		*(volatile uint32_t *)at = value;
		return;
	}
	for (unsigned int i = 0; i < fb.pixel_bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* A dot of the font is a square of scale by scale pixels. */
static void put_dot(unsigned int x, unsigned int y, bool set)
{
	uint64_t corner = fb.origin + (uint64_t)fb.step_x * x * fb.scale +
			  (uint64_t)fb.step_y * y * fb.scale;

	for (unsigned int i = 0; i < fb.scale; i++)
		for (unsigned int j = 0; j < fb.scale; j++)
			put_pixel(corner + (uint64_t)fb.step_x * i + (uint64_t)fb.step_y * j,
				  set ? fb.ink : 0);
}

static uint8_t font_row(char c, unsigned int row)
{
	if (c < FONT_FIRST || c > FONT_LAST)
		c = '?';
	return row < FONT_ROWS ? font[c - FONT_FIRST][row] : 0;
}

static void draw(char c, unsigned int at_column, unsigned int at_line)
{
	for (unsigned int y = 0; y < CELL_ROWS; y++)
		for (unsigned int x = 0; x < CELL_COLUMNS; x++)
			put_dot(at_column * CELL_COLUMNS + x, at_line * CELL_ROWS + y,
				font_row(c, y) << x & 1 << (FONT_COLUMNS - 1));
}

static void clear_line(unsigned int which)
{
	for (unsigned int i = 0; i < columns; i++)
		draw(' ', i, which);
}

static void newline(void)
{
	column = 0;
	line = (line + 1) % lines;
	clear_line((line + 1) % lines);
}

void framebuffer_init(const struct purgatory_framebuffer *described)
{
	fb = *described;
	columns = fb.width / (CELL_COLUMNS * fb.scale);
	lines = fb.height / (CELL_ROWS * fb.scale);
	column = 0;
	line = 0;
	if (!columns || !lines)
		return;
	clear_line(0);
	clear_line(1 % lines);
}

void framebuffer_char(char c)
{
	if (!columns || !lines)
		return;
	if (c == '\n' || column == columns)
		newline();
	if (c != '\n')
		draw(c, column++, line);
}
