/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mce.h"

#include "console.h"
#include "cpu.h"
#include "idt.h"
#include "record.h"
#include "reset.h"
#include "x86.h"

#define MOST_BANKS		32      /* of the legacy MSRs; no CPU has more there */
#define MOST_MACHINE_CHECKS	65536   /* that are returned from: a storm ends in a reset */

static uint32_t old_banks;

static uint32_t n_banks(void)
{
	uint32_t n = (uint32_t)rdmsr(MSR_IA32_MCG_CAP) & MSR_IA32_MCG_CAP_COUNT;

	return n < MOST_BANKS ? n : MOST_BANKS;
}

static uint64_t bank_status(uint32_t bank)
{
	return rdmsr(MSR_IA32_MC0_STATUS + 4 * bank);
}

void machine_checks_open(void)
{
	uint32_t n = cpuid(1).edx & X86_CPUID1_EDX_MCA ? n_banks() : 0;

	old_banks = 0;
	for (uint32_t bank = 0; bank < n; bank++)
		if (bank_status(bank) & MCI_STATUS_VAL)
			old_banks |= 1u << bank;
}

/* The first bank that has an uncorrected error, and had none before; MCi_STATUS stays for the next
 * kernel to log. */
static void note(const struct cpu_frame *frame, uint64_t mcg_status)
{
	uint32_t n = n_banks();

	record.mce = (struct park_mce){
		.rip = frame->rip, .mcg_status = (uint32_t)mcg_status, .bank = PARK_NO_BANK,
	};
	for (uint32_t bank = 0; bank < n; bank++) {
		uint64_t status = bank_status(bank);

		if (old_banks >> bank & 1 || !(status & MCI_STATUS_VAL) ||
		    !(status & MCI_STATUS_UC))
			continue;
		record.mce.bank = bank;
		record.mce.status = status;
		if (status & MCI_STATUS_ADDRV)
			record.mce.address = rdmsr(MSR_IA32_MC0_ADDR + 4 * bank);
		return;
	}
}

static bool can_return(uint64_t mcg_status)
{
	return (mcg_status & (MCG_STATUS_RIPV | MCG_STATUS_EIPV)) == MCG_STATUS_RIPV &&
	       mce_count < MOST_MACHINE_CHECKS;
}

/* The error is the instruction's, one that is known, and the rest of the CPU's state is sound. */
static bool can_be_skipped(uint64_t mcg_status)
{
	const uint64_t both = MCG_STATUS_RIPV | MCG_STATUS_EIPV;

	return guard_rsp && (mcg_status & both) == both && record.mce.bank != PARK_NO_BANK &&
	       !(record.mce.status & (MCI_STATUS_PCC | MCI_STATUS_OVER));
}

/* MCIP first: who waits for the count may send the next one, and with MCIP set that is shutdown. */
static void finish(void)
{
	wrmsr(MSR_IA32_MCG_STATUS, 0);
	mce_count++;
}

static void fatal(void)
{
	idt_reset_on_fault();
	say("machine check: MCG_STATUS 0x%x, bank %u, status 0x%lx, address 0x%lx, RIP 0x%lx; "
	    "resetting", record.mce.mcg_status, record.mce.bank, record.mce.status,
	    record.mce.address, record.mce.rip);
	record_outcome(PARK_OUTCOME_FAULT, X86_VECTOR_MC, record.mce.rip);
	reset_machine();
}

void machine_check(struct cpu_frame *frame)
{
	uint64_t mcg_status = rdmsr(MSR_IA32_MCG_STATUS);

	if (can_return(mcg_status)) {
		finish();
		return;
	}
	note(frame, mcg_status);
	if (!can_be_skipped(mcg_status))
		fatal();
	frame->rip = (uint64_t)(uintptr_t)guarded_failed;
	frame->rsp = guard_rsp;
	frame->rflags &= ~(uint64_t)X86_RFLAGS_DF;
	finish();
}
