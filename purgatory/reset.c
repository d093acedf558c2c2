/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reset.h"

#include "delay.h"

/* Reset control register of PCI chipsets (Intel ICH data sheets, "RST_CNT"). */
#define RESET_CONTROL		0xcf9
#define RESET_CONTROL_HARD		0x02    /* which reset, written first */
#define RESET_CONTROL_GO		0x06    /* the edge of bit 2 does it */

/* 8042: status bit 1 is "input buffer full"; command 0xfe pulses the reset line. */
#define KBD_STATUS		0x64
#define KBD_COMMAND		0x64
#define KBD_STATUS_FULL			0x02
#define KBD_PULSE_RESET			0xfe

#define TIME_TO_DIE		50000   /* microseconds to wait for a reset to happen */

static void reset_by_chipset(void)
{
	outb(RESET_CONTROL, RESET_CONTROL_HARD);
	delay(50);
	outb(RESET_CONTROL, RESET_CONTROL_GO);
	delay(TIME_TO_DIE);
}

static void reset_by_keyboard_controller(void)
{
	struct deadline d = deadline_in(TIME_TO_DIE);

	while ((inb(KBD_STATUS) & KBD_STATUS_FULL) && !deadline_passed(&d))
		;
	outb(KBD_COMMAND, KBD_PULSE_RESET);
	delay(TIME_TO_DIE);
}

static void reset_by_triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_idt = { 0, 0 };

	asm volatile("lidt %0; int3" : : "m"(no_idt));
}

void reset_machine(void)
{
	reset_by_chipset();
	reset_by_keyboard_controller();
	reset_by_triple_fault();
	halt_machine();
}

void halt_machine(void)
{
	for (;;)
		asm volatile("hlt" : : : "memory");
}
