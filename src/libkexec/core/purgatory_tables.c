/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Also built into the payload tests, which run what this makes: no call but kp_fail(). */
#include "purgatory_tables.h"

#include "purgatory_params.h"
#include "x86.h"

#define GATE_BYTES	16

static uint64_t get(const uint8_t *at, size_t bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static void put(uint8_t *at, size_t bytes, uint64_t value)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* The handler's address in a gate, SDM 6.14.1: bits 15:0, 31:16 and 63:32 lie at bytes 0, 6, 8. */
static void gate_move(uint8_t *gate, uint64_t by)
{
	uint64_t handler = get(gate, 2) | get(gate + 6, 2) << 16 | get(gate + 8, 4) << 32;

	handler += by;
	put(gate, 2, handler);
	put(gate + 6, 2, handler >> 16);
	put(gate + 8, 4, handler >> 32);
}

/* A descriptor-table register that points at a table within the blob. */
static bool table_within(const uint8_t *blob, size_t len, size_t reg)
{
	const uint64_t base = get(blob + reg + 2, 8), limit = get(blob + reg, 2);

	return base < len && limit < len - base;
}

int kp_purgatory_tables_move(uint8_t *blob, size_t len, uint64_t phys, struct kp_error *err)
{
	const size_t idt_bytes = X86_EXCEPTION_VECTORS * GATE_BYTES;
	uint8_t *idt;

	if (len < PURGATORY_OFF_PARAMS || !table_within(blob, len, PURGATORY_OFF_GDTR) ||
	    !table_within(blob, len, PURGATORY_OFF_IDTR) ||
	    get(blob + PURGATORY_OFF_IDTR, 2) != idt_bytes - 1)
		return kp_fail(err, KP_INTERNAL, "the purgatory of %zu bytes has no descriptor "
			       "tables of its own", len);
	if (phys % PURGATORY_ALIGN)
		return kp_fail(err, KP_INTERNAL, "the purgatory would be at 0x%llx, which is no "
			       "multiple of %u", (unsigned long long)phys, PURGATORY_ALIGN);
	idt = blob + get(blob + PURGATORY_OFF_IDTR_BASE, 8);
	for (size_t gate = 0; gate < idt_bytes; gate += GATE_BYTES)
		gate_move(idt + gate, phys);
	put(blob + PURGATORY_OFF_GDTR_BASE, 8, get(blob + PURGATORY_OFF_GDTR_BASE, 8) + phys);
	put(blob + PURGATORY_OFF_IDTR_BASE, 8, get(blob + PURGATORY_OFF_IDTR_BASE, 8) + phys);
	return 0;
}
