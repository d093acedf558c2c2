/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "console.h"

#include <stdarg.h>

#include "cpu.h"
#include "delay.h"
#include "record.h"

/* 8250 and its descendants: registers of National's PC16550D data sheet, section 8. */
#define UART_PORT_DEFAULT	0x3f8
#define UART_THR		0       /* divisor latch low when LCR.DLAB is set */
#define UART_DLH		1
#define UART_LCR		3
#define UART_LSR		5
#define UART_LCR_8N1			0x03
#define UART_LCR_DLAB			0x80
#define UART_LSR_THR_EMPTY		0x20
#define UART_BASE_BAUD		115200
#define UART_DRAIN_MICROSECONDS	600000  /* the 16 characters of a full FIFO at 300 baud */

/* Colour text mode 3, 80 by 25; the CRT controller knows where the old kernel's cursor was. */
#define VGA_TEXT		0xb8000
#define VGA_COLUMNS		80
#define VGA_ROWS		25
#define VGA_CELL(c)		((uint16_t)(0x0700 | (uint8_t)(c))) /* light grey on black */
#define CRTC_INDEX		0x3d4
#define CRTC_DATA		0x3d5
#define CRTC_CURSOR_HIGH		0x0e
#define CRTC_CURSOR_LOW			0x0f

static struct console_config on;
static bool serial_dead;
static unsigned int vga_row, vga_column;

static bool serial_ready(void)
{
	struct deadline d = deadline_in(UART_DRAIN_MICROSECONDS);

	while (!(inb(on.serial_port + UART_LSR) & UART_LSR_THR_EMPTY))
		if (deadline_passed(&d))
			return false;
	return true;
}

static void serial_char(char c)
{
	if (serial_dead)
		return;
	if (!serial_ready()) {
		serial_dead = true;
		return;
	}
	outb(on.serial_port + UART_THR, (uint8_t)c);
}

static void serial_set_baud(uint32_t baud)
{
	uint32_t divisor = UART_BASE_BAUD / baud;

	if (!divisor)
		divisor = 1;
	if (divisor > 0xffff)
		divisor = 0xffff;
	outb(on.serial_port + UART_LCR, UART_LCR_DLAB | UART_LCR_8N1);
	outb(on.serial_port + UART_THR, (uint8_t)divisor);
	outb(on.serial_port + UART_DLH, (uint8_t)(divisor >> 8));
	outb(on.serial_port + UART_LCR, UART_LCR_8N1);
}

static volatile uint16_t *vga_cell(unsigned int row, unsigned int column)
{
	return (volatile uint16_t *)phys_ptr(VGA_TEXT) + row * VGA_COLUMNS + column;
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
	serial_dead = false;
	if (!on.serial_port)
		on.serial_port = UART_PORT_DEFAULT;
	if (on.serial && on.serial_baud)
		serial_set_baud(on.serial_baud);
	if (on.vga)
		vga_find_cursor();
}

void console_open_all(void)
{
	struct console_config all = on;

	all.serial = true;
	all.vga = true;
	console_init(&all);
}

static void put(char c)
{
	record_log(c);
	if (on.serial && c == '\n')
		serial_char('\r');
	if (on.serial)
		serial_char(c);
	if (on.vga)
		vga_char(c);
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
