/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the processor defines and both floors of assembly and C need: control-register
 * bits, MSRs, local-APIC registers and commands, segment selectors, vectors.
 * Source: Intel SDM volume 3 (sections named per group); AMD APM volume 2 for SVM.
 */
#ifndef ABI_X86_H
#define ABI_X86_H

/* Control registers, SDM 2.5. */
#define X86_CR0_PE		0x00000001
#define X86_CR0_EM		0x00000004
#define X86_CR0_TS		0x00000008
#define X86_CR0_NW		0x20000000
#define X86_CR0_CD		0x40000000
#define X86_CR0_PG		0x80000000
#define X86_CR4_PAE		0x00000020
#define X86_CR4_MCE		0x00000040
#define X86_CR4_OSFXSR		0x00000200
#define X86_CR4_LA57		0x00001000
#define X86_EFLAGS_TF		0x00000100
#define X86_EFLAGS_RF		0x00010000

/* CPUID, SDM volume 2: leaf 1 EDX says which of MCE, APIC and MCA exist; ECX x2APIC and SSE;
 * leaf 7 EBX the SHA extensions. */
#define X86_CPUID1_EDX_MCE	0x00000080
#define X86_CPUID1_EDX_APIC	0x00000200
#define X86_CPUID1_EDX_MCA	0x00004000
#define X86_CPUID1_ECX_SSSE3	0x00000200
#define X86_CPUID1_ECX_SSE4_1	0x00080000
#define X86_CPUID1_ECX_X2APIC	0x00200000
#define X86_CPUID7_EBX_SHA	0x20000000
#define X86_CPUID80000001_ECX_SVM 0x00000004 /* APM volume 3, appendix E */
#define X86_CPUID80000001_ECX_IBS	0x00000400
#define X86_CPUID80000001_ECX_PERFCTR_CORE 0x00800000
#define X86_CPUID1_EDX_DS	0x00200000
#define X86_CPUID_VENDOR_AMD	0x68747541 /* leaf 0 EBX: "Auth" */
#define X86_CPUID_VENDOR_HYGON	0x6f677948 /* "Hygo" */
#define X86_CPUID_PERFMON	0x0000000a
#define X86_CPUID_PERFMON_EAX_VERSION	0x000000ff
#define X86_CPUID_EXTENDED	0x80000000 /* EAX: the highest such leaf */
#define X86_CPUID_EXTENDED_FEATURES 0x80000001
#define X86_CPUID_AMD_PERFMON2	0x80000022
#define X86_CPUID_AMD_PERFMON2_EAX_V2	0x00000001

/* Model-specific registers, SDM volume 4. */
#define MSR_IA32_APIC_BASE	0x0000001b
#define MSR_IA32_APIC_BASE_BSP		0x00000100
#define MSR_IA32_APIC_BASE_EXTD		0x00000400
#define MSR_IA32_APIC_BASE_ENABLE	0x00000800
#define MSR_IA32_MCG_CAP	0x00000179
#define MSR_IA32_MCG_CAP_COUNT		0x000000ff
#define MSR_IA32_MCG_STATUS	0x0000017a
#define MSR_IA32_MCG_STATUS_MCIP	0x00000004
#define MCG_STATUS_RIPV			0x00000001
#define MCG_STATUS_EIPV			0x00000002
#define MSR_IA32_MC0_STATUS	0x00000401 /* of bank i: 4 i further */
#define MSR_IA32_MC0_ADDR	0x00000402
#define MSR_IA32_DEBUGCTL	0x000001d9
#define MSR_IA32_PERF_GLOBAL_CTRL 0x0000038f
#define MSR_IA32_PEBS_ENABLE	0x000003f1
#define MSR_K7_PERF_CTL		0xc0010000 /* 4 of them; APM volume 2, 13.2 and 13.3 */
#define MSR_F15H_PERF_CTL	0xc0010200 /* 6, at each second */
#define MSR_AMD64_PERF_CNTR_GLOBAL_CTL 0xc0000301
#define MSR_AMD64_IBSFETCHCTL	0xc0011030
#define MSR_AMD64_IBSOPCTL	0xc0011033
#define MSR_EFER		0xc0000080
#define MSR_EFER_LME			0x00000100
#define MSR_EFER_LMA			0x00000400
#define MSR_EFER_SVME			0x00001000
#define MSR_VM_CR		0xc0010114
#define MSR_VM_CR_SVMDIS		0x00000010

#ifndef __ASSEMBLER__
#define MCI_STATUS_VAL		(1ull << 63)
#define MCI_STATUS_OVER		(1ull << 62) /* an earlier error's data may be lost */
#define MCI_STATUS_UC		(1ull << 61)
#define MCI_STATUS_ADDRV	(1ull << 58)
#define MCI_STATUS_PCC		(1ull << 57) /* the processor's context may be corrupt */
#endif
#define X86_RFLAGS_DF		0x00000400

/* Local APIC: offsets in the xAPIC page; x2APIC MSR: 0x800 + (offset >> 4). SDM 11.4, 11.12. */
#define APIC_DEFAULT_PHYS	0xfee00000
#define APIC_ID			0x020
#define APIC_LVR		0x030
#define APIC_LVR_MAXLVT_SHIFT		16
#define APIC_LVR_EXTENDED		0x80000000 /* AMD: the next two rows exist, APM 16.3.5 */
#define APIC_EFEAT		0x400   /* bits 23:16: how many extended entries */
#define APIC_LVT_EXTENDED	0x500   /* the first; 16 bytes each */
#define APIC_SVR		0x0f0
#define APIC_LVT_CMCI		0x2f0
#define APIC_ICR		0x300
#define APIC_ICR2		0x310
#define APIC_LVT_TIMER		0x320
#define APIC_LVT_THERMAL	0x330
#define APIC_LVT_PMC		0x340
#define APIC_LVT_LINT0		0x350
#define APIC_LVT_LINT1		0x360
#define APIC_LVT_ERROR		0x370
#define APIC_LVT_MASKED			0x00010000
#define X2APIC_MSR_BASE		0x00000800

/* Colour text mode 3 of a VGA: 80 by 25 cells of 2 bytes. */
#define VGA_TEXT_PHYS		0xb8000

/* Interrupt command register, SDM 11.6.1. */
#define APIC_ICR_NMI		0x00000400
#define APIC_ICR_INIT		0x00000500
#define APIC_ICR_SIPI		0x00000600
#define APIC_ICR_BUSY		0x00001000
#define APIC_ICR_ASSERT		0x00004000
#define APIC_ICR_ALL_BUT_SELF	0x000c0000

/* Vectors, SDM 6.3.1. */
#define X86_VECTOR_NMI		2
#define X86_VECTOR_MC		18
#define X86_EXCEPTION_VECTORS	32

/*
 * Selectors of the hand-over. Fixed by the Linux 64-bit boot protocol
 * (Documentation/arch/x86/boot.rst): __BOOT_CS 0x10, __BOOT_DS 0x18. The live nop gates name
 * 0x10 because the next kernel's decompressor loads a GDT in which 0x10 is 64-bit code again.
 */
#define BOOT_CS			0x10
#define BOOT_DS			0x18

#endif
