/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SDM volume 3, "Enabling and entering VMX operation" and "Restrictions on VMX operation". */
#include "vmx.h"

#include "rt.h"

#define CPUID1_ECX_VMX		0x00000020
#define MSR_FEATURE_CONTROL	0x0000003a
#define FEATURE_LOCKED			0x00000001
#define FEATURE_VMX			0x00000004 /* outside of SMX */
#define MSR_VMX_BASIC		0x00000480
#define VMX_BASIC_REVISION		0x7fffffff
#define MSR_VMX_CR0_FIXED0	0x00000486 /* the bits that must be 1 */
#define MSR_VMX_CR4_FIXED0	0x00000488 /* CR4.VMXE is one of them */

static uint8_t region[4096] __attribute__((aligned(4096)));

static bool has_vmx(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ecx & CPUID1_ECX_VMX;
}

/* Firmware that locked the register decides. */
static void feature_enable(void)
{
	uint64_t control = rt_rdmsr(MSR_FEATURE_CONTROL);

	if (!(control & FEATURE_LOCKED))
		rt_wrmsr(MSR_FEATURE_CONTROL, control | FEATURE_LOCKED | FEATURE_VMX);
	if (!(rt_rdmsr(MSR_FEATURE_CONTROL) & FEATURE_VMX))
		rt_fail("the firmware has locked VMX out");
}

static void control_registers_prepare(void)
{
	uint64_t cr0, cr4;

	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0 | rt_rdmsr(MSR_VMX_CR0_FIXED0)));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | rt_rdmsr(MSR_VMX_CR4_FIXED0)));
}

void vmx_root_enter(void)
{
	const uint64_t at = (uint64_t)region;
	bool failed;

	if (!has_vmx())
		rt_fail("this processor has no VMX");
	feature_enable();
	control_registers_prepare();
	*(uint32_t *)region = (uint32_t)rt_rdmsr(MSR_VMX_BASIC) & VMX_BASIC_REVISION;
	__asm__ volatile("vmxon %1" : "=@ccbe"(failed) : "m"(at) : "memory");
	if (failed)
		rt_fail("VMXON failed");
}

void vmx_root_leave(void)
{
	bool failed;

	__asm__ volatile("vmxoff" : "=@ccbe"(failed) : : "memory");
	if (failed)
		rt_fail("VMXOFF failed");
}
