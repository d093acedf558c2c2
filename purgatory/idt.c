/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idt.h"

#include "traps.h"

static volatile struct idt_gate idt[X86_EXCEPTION_VECTORS] __attribute__((aligned(16)));

static uint64_t address(const char *handler)
{
	return (uint64_t)(uintptr_t)handler;
}

static int is_swallowed(unsigned int vector)
{
	return vector == X86_VECTOR_NMI || vector == X86_VECTOR_MC;
}

static void gate_fill(unsigned int vector, const char *handler)
{
	struct idt_gate gate = gate_make(GATE_INTERRUPT, 0, address(handler));

	idt[vector].lower = gate.lower;
	idt[vector].upper = gate.upper;
}

void idt_load(void)
{
	gate_fill(X86_VECTOR_NMI, trap_nmi_count);
	gate_fill(X86_VECTOR_MC, trap_nop);
	load_idt(idt, sizeof(idt) - 1);
}

void idt_report_faults(void)
{
	for (unsigned int v = 0; v < X86_EXCEPTION_VECTORS; v++)
		if (!is_swallowed(v))
			gate_fill(v, trap_stubs + v * TRAP_STUB_BYTES);
}

void idt_count_machine_checks(void)
{
	update_gate_addr_lower(&idt[X86_VECTOR_MC], address(trap_mce_count));
}

void idt_reset_on_fault(void)
{
	for (unsigned int v = 0; v < X86_EXCEPTION_VECTORS; v++)
		if (!is_swallowed(v))
			update_gate_addr_lower(&idt[v], address(trap_reset));
}

/* The next kernel inherits these two gates, so all of them is stated again. */
void idt_arm_nops(int has_mca)
{
	set_gate_lower(&idt[X86_VECTOR_NMI], GATE_INTERRUPT, 0, address(trap_nop));
	set_gate_lower(&idt[X86_VECTOR_MC], GATE_INTERRUPT, 0,
		       address(has_mca ? trap_mce_nop : trap_nop));
}
