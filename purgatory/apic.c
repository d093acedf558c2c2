/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apic.h"

#include "cpu.h"
#include "delay.h"

#define APIC_BASE_ADDRESS	0x000ffffffffff000ull
#define ICR_IDLE_MICROSECONDS	100000
#define APIC_MOST_EXTENDED	16      /* that fit from 0x500 to the next register */

static uint32_t x2apic_msr(uint32_t reg)
{
	return X2APIC_MSR_BASE + (reg >> 4);
}

static uint32_t apic_read(const struct apic *apic, uint32_t reg)
{
	if (apic->x2apic)
		return (uint32_t)rdmsr(x2apic_msr(reg));
	return mmio_read32(APIC_DEFAULT_PHYS + reg);
}

static void apic_write(const struct apic *apic, uint32_t reg, uint32_t value)
{
	if (apic->x2apic)
		wrmsr(x2apic_msr(reg), value);
	else
		mmio_write32(APIC_DEFAULT_PHYS + reg, value);
}

enum apic_state apic_open(struct apic *apic)
{
	uint64_t base = rdmsr(MSR_IA32_APIC_BASE);

	apic->bsp = base & MSR_IA32_APIC_BASE_BSP;
	apic->x2apic = base & MSR_IA32_APIC_BASE_EXTD;
	apic->id = cpuid(1).ebx >> 24;
	if (!(base & MSR_IA32_APIC_BASE_ENABLE))
		return APIC_DISABLED;
	if (!apic->x2apic && (base & APIC_BASE_ADDRESS) != APIC_DEFAULT_PHYS)
		return APIC_MOVED;
	apic->id = apic_read(apic, APIC_ID);
	if (!apic->x2apic)
		apic->id >>= 24;
	return APIC_USABLE;
}

static bool xapic_icr_idle(void)
{
	struct deadline d = deadline_in(ICR_IDLE_MICROSECONDS);

	while (mmio_read32(APIC_DEFAULT_PHYS + APIC_ICR) & APIC_ICR_BUSY)
		if (deadline_passed(&d))
			return false;
	return true;
}

/* The high half first: the write to the low half sends. */
static bool xapic_send(uint32_t dest, uint32_t command)
{
	if (!xapic_icr_idle())
		return false;
	mmio_write32(APIC_DEFAULT_PHYS + APIC_ICR2, dest << 24);
	mmio_write32(APIC_DEFAULT_PHYS + APIC_ICR, command);
	return xapic_icr_idle();
}

/* One write sends, and there is no delivery status to wait for. */
static bool x2apic_send(uint32_t dest, uint32_t command)
{
	fence_before_msr();
	wrmsr(x2apic_msr(APIC_ICR), (uint64_t)dest << 32 | command);
	return true;
}

bool apic_send(const struct apic *apic, uint32_t dest, uint32_t command)
{
	if ((command & APIC_ICR_ALL_BUT_SELF) == APIC_ICR_ALL_BUT_SELF)
		dest = 0;
	return apic->x2apic ? x2apic_send(dest, command) : xapic_send(dest, command);
}

/* Which entries exist: SDM 11.5.1, by the number of the highest one in the version register. */
static const struct {
	uint16_t reg;
	uint8_t needs_maxlvt;
} maskable[] = {
	{ APIC_LVT_LINT1, 3 },
	{ APIC_LVT_PMC, 4 },
	{ APIC_LVT_THERMAL, 5 },
	{ APIC_LVT_CMCI, 6 },
};

static void mask(const struct apic *apic, uint32_t reg)
{
	apic_write(apic, reg, apic_read(apic, reg) | APIC_LVT_MASKED);
}

/* AMD's further entries: IBS raises NMIs through one of them. */
static void mask_extended(const struct apic *apic)
{
	uint32_t n = (apic_read(apic, APIC_EFEAT) >> 16) & 0xff;

	for (uint32_t i = 0; i < n && i < APIC_MOST_EXTENDED; i++)
		mask(apic, APIC_LVT_EXTENDED + 0x10 * i);
}

void apic_mask_lvts(const struct apic *apic)
{
	uint32_t version = apic_read(apic, APIC_LVR);
	unsigned int maxlvt = (version >> APIC_LVR_MAXLVT_SHIFT) & 0xff;

	for (unsigned int i = 0; i < sizeof(maskable) / sizeof(maskable[0]); i++)
		if (maxlvt >= maskable[i].needs_maxlvt)
			mask(apic, maskable[i].reg);
	if (version & APIC_LVR_EXTENDED)
		mask_extended(apic);
}
