/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The purgatory's messages: to the serial port, VGA text and framebuffer as asked for, and always to the log
 * in the flight record. Every wait is bounded; a UART that stays busy is given up.
 */
#ifndef PURGATORY_CONSOLE_H
#define PURGATORY_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "uart.h"

struct console_config {
	bool serial, vga;
	struct uart uart;          /* of serial */
	const struct purgatory_framebuffer *framebuffer; /* or NULL */
};

void console_init(const struct console_config *config);
/*
 * From now on on the serial port and in VGA text, asked for or not: for what must not go unseen. The
 * framebuffer is written only if asked for: where it is, only the old kernel said.
 */
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
