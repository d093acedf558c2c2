/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The page under test, and code that a test sends the other CPUs to by SIPI: position-independent
 * real mode, entered at the first byte with CS:0. Parameters: struct stub_params in park.c.
 */
#include "park_page.h"
#include "x86.h"

	.section .rodata
	.global	park_blob
	.balign	4096
park_blob:
	.incbin	"trampoline/park_page.bin"

	.global	stub_start, stub_end, stub_set_mcip, stub_real_nmi, stub_real_mc, stub_real_gp
	.global	stub_bridge_nmi, stub_bridge_mc, stub_watch
	.code16
stub_start:
	jmp	*%cs:(params - stub_start)
	.org	stub_start + 0x10
params:
	.word	0                       /* where to */
segment:
	.word	0                       /* of the park page */
ran:
	.long	0

stub_set_mcip:
	mov	$MSR_IA32_MCG_STATUS, %ecx
	mov	$MSR_IA32_MCG_STATUS_MCIP, %eax
	xor	%edx, %edx
	wrmsr
	lock incl %cs:(ran - stub_start)
1:	hlt
	jmp	1b

/* In the page's real mode, as if it had just loaded the bridge table. */
	.macro	ENTER_PAGE
	lock incl %cs:(ran - stub_start)
	mov	%cs:(segment - stub_start), %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$PARK_OFF_FRAME, %sp
	lidtl	PARK_OFF_BRIDGE_IDTR
	.endm

stub_real_nmi:
	ENTER_PAGE
	int	$X86_VECTOR_NMI

stub_real_mc:
	ENTER_PAGE
	int	$X86_VECTOR_MC

stub_real_gp:
	ENTER_PAGE
	int	$13

/* Further on: PE set, CS and the table still those of real mode. The registers hold what the page
 * would have put there; every CPU of these machines has MCG_STATUS. MCIP is set, as it is when an
 * NMI comes between a #MC and the instruction that clears it. */
	.macro	ENTER_BRIDGE
	ENTER_PAGE
	mov	$1, %eax
	cpuid
	shr	$24, %ebx
	mov	%ebx, %ebp
	xor	%ebx, %ebx
	mov	$1, %edi
	mov	$PARK_TICKET, %esi
	mov	$MSR_IA32_MCG_STATUS, %ecx
	mov	$MSR_IA32_MCG_STATUS_MCIP, %eax
	xor	%edx, %edx
	wrmsr
	mov	%cr4, %eax
	or	$X86_CR4_MCE, %eax
	mov	%eax, %cr4
	lgdtl	PARK_OFF_GDTR
	mov	%cr0, %eax
	or	$X86_CR0_PE, %eax
	mov	%eax, %cr0
	.endm

stub_bridge_nmi:
	ENTER_BRIDGE
	int	$X86_VECTOR_NMI

stub_bridge_mc:
	ENTER_BRIDGE
	int	$X86_VECTOR_MC

/* Enters the page with a breakpoint on writes to the count of arrivals: #DB comes right behind the
 * instruction that counts, where an NMI might. */
#define DR7_WATCH_2_BYTES 0x00050001
stub_watch:
	lock incl %cs:(ran - stub_start)
	movzwl	%cs:(segment - stub_start), %eax
	shl	$4, %eax
	add	$PARK_OFF_ARRIVED, %eax
	mov	%eax, %dr0
	mov	$DR7_WATCH_2_BYTES, %eax
	mov	%eax, %dr7
	mov	%cs, %ax
	mov	%ax, %ss
	mov	$0x1000, %sp
	pushw	%cs:(segment - stub_start)
	pushw	$PARK_OFF_ENTRY
	lretw
stub_end:

	.section .note.GNU-stack, "", @progbits
