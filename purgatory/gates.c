/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idt.h"

#define GATE_PRESENT	(1ull << 47)
#define GATE_OFFSET	0xffff00000000ffffull /* offset 31:16 and 15:0 in the lower half */

static uint64_t lower_offset(uint64_t addr)
{
	return (addr & 0xffff) | (addr & 0xffff0000) << 32;
}

struct idt_gate gate_make(unsigned int type, unsigned int dpl, uint64_t addr)
{
	return (struct idt_gate){
		.lower = GATE_PRESENT | (uint64_t)dpl << 45 | (uint64_t)type << 40 |
			 (uint64_t)BOOT_CS << 16 | lower_offset(addr),
		.upper = addr >> 32,
	};
}

void write_gate_lower(volatile struct idt_gate *gate, const struct idt_gate *new)
{
	if (gate->upper != new->upper)
		gate_assertion_failed();
	gate->lower = new->lower;
}

void set_gate_lower(volatile struct idt_gate *gate, unsigned int type, unsigned int dpl,
		    uint64_t addr)
{
	struct idt_gate new = gate_make(type, dpl, addr);

	write_gate_lower(gate, &new);
}

void update_gate_addr_lower(volatile struct idt_gate *gate, uint64_t addr)
{
	struct idt_gate new = {
		.lower = (gate->lower & ~GATE_OFFSET) | lower_offset(addr),
		.upper = addr >> 32,
	};

	write_gate_lower(gate, &new);
}
