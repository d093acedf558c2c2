/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The running CPU's local APIC, in xAPIC mode (memory at 0xfee00000, mapped uncached by the
 * purgatory's own page tables) or x2APIC mode (MSRs). The difference is confined to three
 * functions of apic.c; a table of operations would need relocations, which the blob has none of.
 */
#ifndef PURGATORY_APIC_H
#define PURGATORY_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "x86.h"

struct apic {
	bool x2apic;
	bool bsp;                  /* this CPU is the bootstrap processor: IA32_APIC_BASE says */
	uint32_t id;               /* of this CPU */
};

#define APIC_XAPIC_BROADCAST_ID	0xff /* in xAPIC mode IDs are 8 bits and this one means all */

enum apic_state {
	APIC_USABLE,
	APIC_DISABLED,             /* in hardware, IA32_APIC_BASE bit 11 */
	APIC_MOVED,                /* an xAPIC not at 0xfee00000: not where we have it mapped */
};

/* Without x2APIC or xAPIC to speak to, id is the initial one of CPUID and bsp still holds. */
enum apic_state apic_open(struct apic *apic);

/* Sends one interprocessor interrupt; dest is not looked at with APIC_ICR_ALL_BUT_SELF.
 * False: the command register stayed busy for longer than it may. */
bool apic_send(const struct apic *apic, uint32_t dest, uint32_t command);

/* Masks LINT1 and, where there are such, the performance, thermal and CMCI entries and all of AMD's
 * extended ones. */
void apic_mask_lvts(const struct apic *apic);

#endif
