/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interrupt descriptor table that is live from the purgatory's third instruction until the next
 * kernel loads its own. It comes filled (start.S, and the loader): vectors 2 and 18 count and
 * return, every other one up to 31 reports and resets.
 *
 * NMIs and machine checks cannot be held off, so a gate of the live table must never be seen
 * half written. A gate is 16 bytes and a store is 8: the helpers named _lower change a gate by
 * one 64-bit store to its lower half, and insist that the upper half (bits 63:32 of the
 * handler's address) is already right. Every handler lies within one 4096-byte page of the
 * purgatory, so the upper halves of all gates are equal wherever it is loaded.
 * The names and contracts are those of Xen commit 77ad1faa (December 2012).
 */
#ifndef PURGATORY_IDT_H
#define PURGATORY_IDT_H

#include <stdint.h>

#include "x86.h"

/* SDM 6.14.1. lower: offset 15:0, selector, IST, type, DPL, P, offset 31:16. */
struct idt_gate {
	uint64_t lower;
	uint64_t upper;            /* offset 63:32 */
};

#define GATE_INTERRUPT	0xeu       /* type: 64-bit interrupt gate */

/* A present gate to addr through BOOT_CS, without IST. */
struct idt_gate gate_make(unsigned int type, unsigned int dpl, uint64_t addr);

/* Instead of writing 16 bytes at once: asserts that the upper half stays, stores the lower. */
void write_gate_lower(volatile struct idt_gate *gate, const struct idt_gate *new);
/* Sets all of a live gate whose handler's upper half is already in place. */
void set_gate_lower(volatile struct idt_gate *gate, unsigned int type, unsigned int dpl,
		    uint64_t addr);
/* Changes the handler of a live gate, and nothing else of it. */
void update_gate_addr_lower(volatile struct idt_gate *gate, uint64_t addr);

/* What write_gate_lower does when the assertion fails; does not return. */
void gate_assertion_failed(void) __attribute__((noreturn));

/* Every exception but 2 and 18 resets the machine without a word: for a fault in a fault. */
void idt_reset_on_fault(void);
/* For the next kernel: vectors 2 and 18 touch no memory but the stack. */
void idt_arm_nops(void);

#endif
