/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "console.h"

#include <stdarg.h>

#include "cpu.h"
#include "framebuffer.h"
#include "record.h"
#include "x86.h"

/* Colour text mode 3, 80 by 25; the CRT controller knows where the old kernel's cursor was. */
#define VGA_COLUMNS		80
#define VGA_ROWS		25
#define VGA_CELL(c)		((uint16_t)(0x0700 | (uint8_t)(c))) /* light grey on black */
#define CRTC_INDEX		0x3d4
#define CRTC_DATA		0x3d5
#define CRTC_CURSOR_HIGH		0x0e
#define CRTC_CURSOR_LOW			0x0f

static struct console_config on;
static unsigned int vga_row, vga_column;

static volatile uint16_t *vga_cell(unsigned int row, unsigned int column)
{
	return (volatile uint16_t *)phys_ptr(VGA_TEXT_PHYS) + row * VGA_COLUMNS + column;
}

static uint8_t crtc_read(uint8_t index)
{
	outb(CRTC_INDEX, index);
	return inb(CRTC_DATA);
}

static void crtc_write(uint8_t index, uint8_t value)
{
	outb(CRTC_INDEX, index);
	outb(CRTC_DATA, value);
}

/* Go on below what is there; a cursor off the screen (graphics, no VGA) means the last row. */
static void vga_find_cursor(void)
{
	unsigned int cell = (unsigned int)crtc_read(CRTC_CURSOR_HIGH) << 8 |
			    crtc_read(CRTC_CURSOR_LOW);

	vga_row = cell / VGA_COLUMNS;
	vga_column = cell % VGA_COLUMNS;
	if (vga_row >= VGA_ROWS) {
		vga_row = VGA_ROWS - 1;
		vga_column = 0;
	}
}

static void vga_show_cursor(void)
{
	unsigned int cell = vga_row * VGA_COLUMNS + vga_column;

	crtc_write(CRTC_CURSOR_HIGH, (uint8_t)(cell >> 8));
	crtc_write(CRTC_CURSOR_LOW, (uint8_t)cell);
}

static void vga_scroll(void)
{
	for (unsigned int cell = 0; cell < (VGA_ROWS - 1) * VGA_COLUMNS; cell++)
		*vga_cell(0, cell) = *vga_cell(1, cell);
	for (unsigned int column = 0; column < VGA_COLUMNS; column++)
		*vga_cell(VGA_ROWS - 1, column) = VGA_CELL(' ');
}

static void vga_newline(void)
{
	vga_column = 0;
	if (vga_row == VGA_ROWS - 1)
		vga_scroll();
	else
		vga_row++;
}

static void vga_char(char c)
{
	if (c == '\n') {
		vga_newline();
		vga_show_cursor();
		return;
	}
	if (vga_column == VGA_COLUMNS)
		vga_newline();
	*vga_cell(vga_row, vga_column++) = VGA_CELL(c);
}

void console_init(const struct console_config *config)
{
	on = *config;
	if (on.serial)
		uart_init(&on.uart);
	if (on.vga)
		vga_find_cursor();
	if (on.framebuffer)
		framebuffer_init(on.framebuffer);
}

void console_open_all(void)
{
	struct console_config all = on;

	if (!on.serial)
		all.uart = (struct uart){ .base = UART_PORT_DEFAULT };
	all.serial = true;
	all.vga = true;
	console_init(&all);
}

static void put(char c)
{
	record_log(c);
	if (on.serial && c == '\n')
		uart_char('\r');
	if (on.serial)
		uart_char(c);
	if (on.vga)
		vga_char(c);
	if (on.framebuffer)
		framebuffer_char(c);
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_number(uint64_t value, unsigned int base)
{
	char digits[20];                /* of 2^64 - 1 in base 10 */
	unsigned int n = 0;

	do {
		unsigned int digit = (unsigned int)(value % base);

		digits[n++] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
		value /= base;
	} while (value);
	while (n)
		put(digits[--n]);
}

static void put_format(const char *format, va_list args)
{
	for (; *format; format++) {
		bool wide = false;

		if (*format != '%') {
			put(*format);
			continue;
		}
		if (*++format == 'l') {
			wide = true;
			format++;
		}
		if (*format == 's')
			put_string(va_arg(args, const char *));
		else if (*format == 'u' || *format == 'x')
			put_number(wide ? va_arg(args, uint64_t) : va_arg(args, unsigned int),
				   *format == 'u' ? 10 : 16);
		else
			put(*format);
	}
}

void say_begin(void)
{
	put_string("kexec-park: ");
}

void say_end(void)
{
	put('\n');
}

void say_more(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_format(format, args);
	va_end(args);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_begin();
	put_format(format, args);
	say_end();
	va_end(args);
}
