/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Exception handlers of the purgatory and the instructions that open NMIs and machine checks.
 *
 * All handlers lie in the blob's first page (purgatory.lds asserts it): the blob is loaded page
 * aligned, hence the upper halves of all their gates agree, which idt.h relies on.
 * No IST and no TSS: a handler runs on whatever stack was in use, below RSP. The purgatory is
 * built without a red zone, so nothing of worth is there.
 */
#include "traps.h"
#include "x86.h"

	.section .text.traps, "ax"

	.macro TRAP name
	.global	\name
	.hidden	\name
	.balign	16, 0xcc
\name:
	.endm

/* Clobbers nothing. WRMSR of 0: MCIP is the only way back from a second #MC's shutdown, and
 * RIPV and EIPV are of no use to a handler that goes on in any case. */
	.macro CLEAR_MCG_STATUS
	push	%rax
	push	%rcx
	push	%rdx
	mov	$MSR_IA32_MCG_STATUS, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	pop	%rdx
	pop	%rcx
	pop	%rax
	.endm

/* A bare return. Its IRETQ also unlatches NMIs, which is wanted: nobody else would. */
TRAP trap_nop
	iretq

/* MCi_STATUS is left for the next kernel, which logs it. Touches no memory but the stack. */
TRAP trap_mce_nop
	CLEAR_MCG_STATUS
	iretq

TRAP trap_nmi_count
	lock incl nmi_count(%rip)
	iretq

TRAP trap_mce_count
	CLEAR_MCG_STATUS
	lock incl mce_count(%rip)
	iretq

TRAP trap_reset
	cld
	and	$-16, %rsp
	call	reset_machine

/* One stub a vector. Vectors 8, 10-14, 17, 21, 29 and 30 push an error code (SDM 6.15, APM
 * 8.2); for the others the stub pushes a 0 so that all frames are alike. */
#define HAS_ERROR_CODE 0x60227d00

TRAP trap_stubs
	.set	vector, 0
	.rept	X86_EXCEPTION_VECTORS
	.org	trap_stubs + vector * TRAP_STUB_BYTES, 0xcc
	.if	!((HAS_ERROR_CODE >> vector) & 1)
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr
	.org	trap_stubs + X86_EXCEPTION_VECTORS * TRAP_STUB_BYTES, 0xcc

/* Clobbers RAX, which a fixup gives a value of its own and trap_fatal() does not print. */
trap_common:
	lea	wrmsr_may_fault(%rip), %rax
	cmp	%rax, 16(%rsp)          /* RIP, above vector and error code */
	je	fixup
	cld
	mov	%rsp, %rdi              /* struct trap_frame */
	and	$-16, %rsp
	call	trap_fatal
	ud2

fixup:
	lea	wrmsr_faulted(%rip), %rax
	mov	%rax, 16(%rsp)
	add	$16, %rsp
	iretq

	.macro FUNCTION name
	.global	\name
	.hidden	\name
	.type	\name, @function
	.balign	16, 0xcc
\name:
	.endm

/* bool wrmsr_safe(uint32_t msr, uint64_t value). Clobbers RCX, RDX. */
FUNCTION wrmsr_safe
	mov	%edi, %ecx
	mov	%esi, %eax
	mov	%rsi, %rdx
	shr	$32, %rdx
wrmsr_may_fault:
	wrmsr
	mov	$1, %eax
	ret
wrmsr_faulted:
	xor	%eax, %eax
	ret

/* void enable_nmis(void). Clobbers RAX, RCX. */
FUNCTION enable_nmis
	mov	%rsp, %rax
	mov	%ss, %ecx
	push	%rcx
	push	%rax
	pushfq
	mov	%cs, %ecx
	push	%rcx
	lea	1f(%rip), %rcx
	push	%rcx
	iretq
1:	ret

	.section .bss
	.balign	4
	.global	nmi_count, mce_count
	.hidden	nmi_count, mce_count
nmi_count:
	.long	0
mce_count:
	.long	0

	.section .note.GNU-stack, "", @progbits
