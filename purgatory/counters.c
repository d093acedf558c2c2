/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "counters.h"

#include "cpu.h"
#include "x86.h"

static bool has_extended_leaf(uint32_t leaf)
{
	return cpuid(X86_CPUID_EXTENDED).eax >= leaf;
}

/* "AuthenticAMD" and "HygonGenuine", by the first four letters; both have AMD's registers. */
static bool is_amd(void)
{
	const uint32_t vendor = cpuid(0).ebx;

	return vendor == X86_CPUID_VENDOR_AMD || vendor == X86_CPUID_VENDOR_HYGON;
}

/* Version 2 brought the global register, SDM 20.2.2. Not every one of them has PEBS, and what says
 * so is itself a register that a hypervisor may leave out. */
static void stop_architectural(void)
{
	if (cpuid(0).eax < X86_CPUID_PERFMON ||
	    (cpuid(X86_CPUID_PERFMON).eax & X86_CPUID_PERFMON_EAX_VERSION) < 2)
		return;
	wrmsr_safe(MSR_IA32_PERF_GLOBAL_CTRL, 0);
	if (cpuid(1).edx & X86_CPUID1_EDX_DS)
		wrmsr_safe(MSR_IA32_PEBS_ENABLE, 0);
}

/* APM 13.2: six counters with the extension, four without, each with an enable bit of its own. */
static void stop_amd_counters(uint32_t features)
{
	const bool extended = features & X86_CPUID80000001_ECX_PERFCTR_CORE;
	const uint32_t first = extended ? MSR_F15H_PERF_CTL : MSR_K7_PERF_CTL;

	for (uint32_t i = 0; i < (extended ? 6u : 4u); i++)
		wrmsr_safe(first + (extended ? 2 * i : i), 0);
}

static void stop_amd(void)
{
	uint32_t features;

	if (!is_amd() || !has_extended_leaf(X86_CPUID_EXTENDED_FEATURES))
		return;
	features = cpuid(X86_CPUID_EXTENDED_FEATURES).ecx;
	if (has_extended_leaf(X86_CPUID_AMD_PERFMON2) &&
	    cpuid(X86_CPUID_AMD_PERFMON2).eax & X86_CPUID_AMD_PERFMON2_EAX_V2)
		wrmsr_safe(MSR_AMD64_PERF_CNTR_GLOBAL_CTL, 0);
	stop_amd_counters(features);
	if (features & X86_CPUID80000001_ECX_IBS) {
		wrmsr_safe(MSR_AMD64_IBSFETCHCTL, 0);
		wrmsr_safe(MSR_AMD64_IBSOPCTL, 0);
	}
}

void counters_stop(void)
{
	stop_architectural();
	stop_amd();
	wrmsr_safe(MSR_IA32_DEBUGCTL, 0);
}
