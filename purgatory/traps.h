/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The purgatory's exception handlers (traps.S) as the rest of it sees them. */
#ifndef PURGATORY_TRAPS_H
#define PURGATORY_TRAPS_H

#define TRAP_STUB_BYTES 16

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

/* What a fault leaves on the stack: the stub's vector, then the CPU's frame. */
struct trap_frame {
	uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

/* What the CPU pushes for an exception without an error code. */
struct cpu_frame {
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Addresses of code, not functions: only the CPU calls them, through a gate. */
extern const char trap_stubs[];      /* 32 stubs of TRAP_STUB_BYTES: trap_fatal() with the vector */
extern const char trap_nmi_count[];  /* counts, preserves every register */
extern const char trap_mce[];        /* machine_check(), preserves every register */
extern const char trap_nop[];        /* a bare IRETQ */
extern const char trap_mce_nop[];    /* returns only where machine_check() would, or resets */
extern const char trap_reset[];      /* reset_machine() */

extern volatile uint32_t nmi_count, mce_count;

/* IRETQ to self: unlatches NMIs; one that was held off is taken before this returns. */
void enable_nmis(void);

/*
 * Calls fn(arg). False: a machine check that an instruction of it consumed has ended it there. fn
 * changes nothing that a half-done call could harm. Calls do not nest.
 */
bool guarded(void (*fn)(void *arg), void *arg);
extern const char guarded_failed[];  /* where such a machine check goes on, on the stack */
extern uint64_t guard_rsp;           /* of this; 0: no call is under way */

void trap_fatal(const struct trap_frame *frame) __attribute__((noreturn));
#endif
#endif
