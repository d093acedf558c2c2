/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idt.h"

#include "traps.h"

extern volatile struct idt_gate idt[X86_EXCEPTION_VECTORS]; /* start.S */

static uint64_t address(const char *handler)
{
	return (uint64_t)(uintptr_t)handler;
}

static int is_swallowed(unsigned int vector)
{
	return vector == X86_VECTOR_NMI || vector == X86_VECTOR_MC;
}

void idt_reset_on_fault(void)
{
	for (unsigned int v = 0; v < X86_EXCEPTION_VECTORS; v++)
		if (!is_swallowed(v))
			update_gate_addr_lower(&idt[v], address(trap_reset));
}

/* The next kernel inherits these two gates, so all of them is stated again. */
void idt_arm_nops(void)
{
	set_gate_lower(&idt[X86_VECTOR_NMI], GATE_INTERRUPT, 0, address(trap_nop));
	set_gate_lower(&idt[X86_VECTOR_MC], GATE_INTERRUPT, 0, address(trap_mce_nop));
}
