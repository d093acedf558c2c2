/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "consoles.h"

#include "font.h"
#include "rt.h"

/* A UART of registers that keep what is written: of what is sent, the last byte. */
#define UART_LCR 3
#define UART_LSR 5
#define UART_LSR_THR_EMPTY 0x20

#define GAP	3                       /* bytes at the end of a line: its length is odd */
#define INK	0x00c0c1c2
#define PAPER	0x5a
#define LETTERS	20                      /* that are looked at: "kexec-park: crash ha" */

static struct purgatory_framebuffer fb;

static void *uart_register(unsigned int which)
{
	return rt_phys(rt_option("uart", 0) + (which << rt_option("uart_shift", 0)));
}

static void uart_prepare(struct purgatory_params *p)
{
	p->serial_mmio = rt_option("uart", 0);
	p->serial_shift = (uint8_t)rt_option("uart_shift", 0);
	p->serial_access = p->serial_shift ? PURGATORY_UART_MMIO32 : PURGATORY_UART_MMIO;
	*(uint8_t *)uart_register(0) = 0;
	*(uint8_t *)uart_register(UART_LSR) = (uint8_t)rt_option("lsr", UART_LSR_THR_EMPTY);
}

static void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static uint32_t pci_read(uint32_t address)
{
	uint32_t value;

	__asm__ volatile("outl %0, %1" : : "a"(address), "Nd"((uint16_t)0xcf8));
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"((uint16_t)0xcfc));
	return value;
}

/*
 * QEMU's "-vga std", which is device 2 of the PC's bus 0, in a mode of 32 bits a pixel
 * (docs/specs/standard-vga.rst): where its framebuffer is.
 */
static uint64_t vga_mode(uint16_t width, uint16_t height)
{
	const uint16_t mode[][2] = { { 4, 0 }, { 1, width }, { 2, height }, { 3, 32 }, { 4, 0x41 } };

	if ((pci_read(0x80001000) & 0xffff) != 0x1234)
		rt_fail("device 2 is no -vga std");
	for (unsigned int i = 0; i < sizeof(mode) / sizeof(mode[0]); i++) {
		outw(0x1ce, mode[i][0]);
		outw(0x1cf, mode[i][1]);
	}
	return pci_read(0x80001010) & ~0xfull;
}

/* Upright, or a quarter turned: in RAM, or the screen. */
static void framebuffer_prepare(struct purgatory_params *p)
{
	const bool vga = rt_option("vga_mode", 0), turned = rt_option("fb_turned", 0);
	const uint32_t width = vga ? 1024 : 600, height = vga ? 768 : 240;
	const uint64_t at = vga ? vga_mode(1024, 768) : rt_option("fb", 0);
	const uint64_t bytes = rt_option("fb_bytes", 4), stride = width * bytes + (vga ? 0 : GAP);

	fb = (struct purgatory_framebuffer){
		.origin = at + (turned ? (width - 1) * bytes : 0),
		.step_x = (int64_t)(turned ? stride : bytes),
		.step_y = turned ? -(int64_t)bytes : (int64_t)stride,
		.width = turned ? height : width,
		.height = turned ? width : height,
		.ink = INK & (uint32_t)((1ull << 8 * bytes) - 1),
		.pixel_bytes = (uint8_t)bytes,
		.scale = (uint8_t)rt_option("fb_scale", 1),
	};
	p->framebuffer = fb;
	memset(rt_phys(at), vga ? 0 : PAPER, stride * height);
}

void consoles_prepare(struct purgatory_params *p)
{
	if (rt_option("uart", 0))
		uart_prepare(p);
	if (rt_option("fb", 0))
		framebuffer_prepare(p);
}

static uint32_t pixel(unsigned int x, unsigned int y)
{
	uint32_t value = 0;

	memcpy(&value, rt_phys(fb.origin + (uint64_t)fb.step_x * x + (uint64_t)fb.step_y * y),
	       fb.pixel_bytes);
	return value;
}

static void check_letter(unsigned int column, char c)
{
	for (unsigned int y = 0; y < FONT_ROWS; y++)
		for (unsigned int x = 0; x < FONT_COLUMNS; x++) {
			const bool set = font[c - FONT_FIRST][y] >> (FONT_COLUMNS - 1 - x) & 1;

			if (pixel((column * (FONT_COLUMNS + 1) + x) * fb.scale, y * fb.scale) !=
			    (set ? fb.ink : 0))
				rt_fail("letter %u on the framebuffer is not '%c'", column, c);
		}
}

void consoles_check(const struct park_record *record)
{
	if (rt_option("uart", 0) && *(uint8_t *)uart_register(0) != '\n')
		rt_fail("the UART's last byte is 0x%x", *(uint8_t *)uart_register(0));
	if (rt_option("uart", 0) && rt_option("baud", 0) &&
	    *(uint8_t *)uart_register(UART_LCR) != 0x03)
		rt_fail("the UART's line control is 0x%x", *(uint8_t *)uart_register(UART_LCR));
	for (unsigned int i = 0; rt_option("fb", 0) && i < LETTERS; i++)
		check_letter(i, (char)record->log[i]);
	if (rt_option("shot", 0)) {
		rt_say("@shot");
		rt_delay_us(500000);
	}
}
