/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file madt.h
 * The ACPI table of local APICs, signature "APIC" (ACPI 6.5, 5.2.12).
 */
#ifndef KP_MADT_H
#define KP_MADT_H

#include "machine.h"

struct kp_madt {
	struct kp_apic *apics;     /* types 0 and 9, in the table's order, placeholders left out */
	size_t n_apics;
	bool mp_wakeup;            /* type 0x10: CPUs are started by mailbox, not by INIT */
	struct kp_error damage;    /* why reading stopped before the table's end; KP_OK: it did not */
	size_t n_too_big;          /* IDs that Linux has no room for, left out */
};

/**
 * Parse a table as far as Linux does, whose acpi_parse_entries_array() (drivers/acpi/tables.c,
 * lib/fw_table.c) stops at a bad entry and keeps the CPUs before it.
 * @return 0, or -1 with KP_MACHINE when it is no MADT at all.
 */
int kp_madt_parse(struct kp_view table, struct kp_arena *arena, struct kp_madt *out,
		  struct kp_error *err);

#endif
