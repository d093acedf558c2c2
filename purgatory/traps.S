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

/* A bare return. Its IRETQ also unlatches NMIs, which is wanted: nobody else would. */
TRAP trap_nop
	iretq

/* As machine_check() judges, without a word: the next kernel's memory is not ours to write. It goes
 * on where RIPV is 1 and EIPV 0, 65536 times; else it resets. WRMSR of 0: MCIP is the only way back
 * from a second #MC's shutdown. MCi_STATUS is left for the next kernel, which logs it. */
TRAP trap_mce_nop
	push	%rax
	push	%rcx
	push	%rdx
	mov	$MSR_IA32_MCG_STATUS, %ecx
	rdmsr
	and	$(MCG_STATUS_RIPV | MCG_STATUS_EIPV), %eax
	cmp	$MCG_STATUS_RIPV, %eax
	jne	trap_reset
	lock decl mce_nops_left(%rip)
	js	trap_reset
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	pop	%rdx
	pop	%rcx
	pop	%rax
	iretq

TRAP trap_nmi_count
	lock incl nmi_count(%rip)
	iretq

/* The CPU aligned RSP to 16 before it pushed 5 words; with these 9 it is aligned for the call. */
TRAP trap_mce
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	cld
	lea	72(%rsp), %rdi          /* struct cpu_frame */
	call	machine_check
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
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

/* bool guarded(void (*fn)(void *arg), void *arg) */
FUNCTION guarded
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, guard_rsp(%rip)
	mov	%rdi, %rax
	mov	%rsi, %rdi
	sub	$8, %rsp                /* the call wants it aligned to 16 */
	call	*%rax
	add	$8, %rsp
	mov	$1, %eax
1:	movq	$0, guard_rsp(%rip)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.global	guarded_failed
	.hidden	guarded_failed
guarded_failed:                         /* by machine_check(), RSP is guard_rsp */
	xor	%eax, %eax
	jmp	1b

	.section .data
	.balign	4
mce_nops_left:
	.long	65536

	.section .bss
	.balign	8
	.global	guard_rsp
	.hidden	guard_rsp
guard_rsp:
	.quad	0
	.global	nmi_count, mce_count
	.hidden	nmi_count, mce_count
nmi_count:
	.long	0
mce_count:
	.long	0

	.section .note.GNU-stack, "", @progbits
