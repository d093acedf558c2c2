/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An 8250 or one of its descendants, by I/O ports or in memory. */
#ifndef PURGATORY_UART_H
#define PURGATORY_UART_H

#include <stdint.h>

#define UART_PORT_DEFAULT	0x3f8

struct uart {
	uint64_t base;             /* I/O port or physical address of the first register */
	uint8_t access;            /* PURGATORY_UART_* */
	uint8_t shift;             /* register n is at base + (n << shift) */
	uint32_t baud;             /* 0: leave the divisor alone */
};

void uart_init(const struct uart *config);
/* Waits until there is room, for a bounded time; a UART that has none then is given up. */
void uart_char(char c);

#endif
