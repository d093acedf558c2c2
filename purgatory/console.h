/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The purgatory's messages: to the serial port and VGA text as asked for, and always to the log
 * in the flight record. Every wait is bounded; a UART that stays busy is given up.
 */
#ifndef PURGATORY_CONSOLE_H
#define PURGATORY_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

struct console_config {
	bool serial, vga;
	uint16_t serial_port;      /* 0: 0x3f8 */
	uint32_t serial_baud;      /* 0: leave the divisor alone */
};

void console_init(const struct console_config *config);
/* From now on on every console, asked for or not: for what must not go unseen. */
void console_open_all(void);
/*
 * One line, "kexec-park: " before and a newline after it. Knows %s, %u and %x (32 bits), %lu
 * and %lx (64 bits), %%; no width and no flags.
 */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line in pieces: say_begin, any number of say_more, say_end. */
void say_begin(void);
void say_more(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_end(void);

#endif
