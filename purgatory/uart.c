/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uart.h"

#include "cpu.h"
#include "delay.h"
#include "purgatory_params.h"

/* Registers of National's PC16550D data sheet, section 8. */
#define UART_THR		0       /* divisor latch low when LCR.DLAB is set */
#define UART_DLH		1
#define UART_LCR		3
#define UART_LSR		5
#define UART_LCR_8N1			0x03
#define UART_LCR_DLAB			0x80
#define UART_LSR_THR_EMPTY		0x20
#define UART_BASE_BAUD		115200  /* of a clock of 1.8432 MHz, as earlycon= assumes too */
#define UART_DRAIN_MICROSECONDS	600000  /* the 16 characters of a full FIFO at 300 baud */

static struct uart uart;
static bool dead;

static uint8_t read_register(unsigned int which)
{
	uint64_t at = uart.base + ((uint64_t)which << uart.shift);

	if (uart.access == PURGATORY_UART_PORT)
		return inb((uint16_t)at);
	if (uart.access == PURGATORY_UART_MMIO32)
		return (uint8_t)mmio_read32(at);
	return mmio_read8(at);
}

static void write_register(unsigned int which, uint8_t value)
{
	uint64_t at = uart.base + ((uint64_t)which << uart.shift);

	if (uart.access == PURGATORY_UART_PORT)
		outb((uint16_t)at, value);
	else if (uart.access == PURGATORY_UART_MMIO32)
		mmio_write32(at, value);
	else
		mmio_write8(at, value);
}

static void set_baud(uint32_t baud)
{
	uint32_t divisor = UART_BASE_BAUD / baud;

	if (!divisor)
		divisor = 1;
	if (divisor > 0xffff)
		divisor = 0xffff;
	write_register(UART_LCR, UART_LCR_DLAB | UART_LCR_8N1);
	write_register(UART_THR, (uint8_t)divisor);
	write_register(UART_DLH, (uint8_t)(divisor >> 8));
	write_register(UART_LCR, UART_LCR_8N1);
}

void uart_init(const struct uart *config)
{
	uart = *config;
	dead = false;
	if (uart.baud)
		set_baud(uart.baud);
}

static bool has_room(void)
{
	struct deadline d = deadline_in(UART_DRAIN_MICROSECONDS);

	while (!(read_register(UART_LSR) & UART_LSR_THR_EMPTY))
		if (deadline_passed(&d))
			return false;
	return true;
}

void uart_char(char c)
{
	if (dead)
		return;
	dead = !has_room();
	if (!dead)
		write_register(UART_THR, (uint8_t)c);
}
