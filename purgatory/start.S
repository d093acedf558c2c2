/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The purgatory's first and last instructions, its parameters and its stack.
 *
 * Entered at offset 0 by the old kernel's relocation code: 64-bit mode, interrupts off, this
 * blob mapped one to one. Nothing else is assumed: the IDT and GDT limits are mostly 0, the
 * stack is unknown, CR4.MCE is 0, and NMIs are latched if the panic came out of one.
 */
#include "abi_at.h"
#include "purgatory_params.h"
#include "x86.h"

#define STACK_BYTES 8192

	.section .text.start, "ax"
	.code64

	.global	purgatory_start
purgatory_start:
	cli
	cld
	jmp	start

	.org	PURGATORY_OFF_PARAMS, 0xcc
	.global	params
	.hidden	params
	.type	params, @object
	.size	params, PURGATORY_PARAMS_BYTES
params:
	.skip	PURGATORY_PARAMS_BYTES, 0

/*
 * The order is: GDT, because an exception loads CS through it; the stack, because it pushes;
 * then C, whose first act is the IDT. CR4 loses whatever might change how exceptions are
 * delivered or memory is reached (FRED, CET, PCID, SMAP): LA57 cannot change here, and PAE must
 * not. MCE goes with the rest until there is a handler.
 */
start:
	lea	gdt(%rip), %rax
	mov	%rax, 2 + gdt_register(%rip)
	lgdt	gdt_register(%rip)
	lea	stack_top(%rip), %rsp
	pushq	$BOOT_CS
	lea	1f(%rip), %rax
	push	%rax
	lretq
1:	mov	$BOOT_DS, %eax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%cr4, %rax
	and	$(X86_CR4_PAE | X86_CR4_LA57), %eax
	mov	%rax, %cr4
	xor	%ebp, %ebp
	call	purgatory
	ud2

/*
 * void enter_kernel(uint64_t cr3, uint64_t entry, uint64_t boot_params)
 * Linux 64-bit boot protocol: RSI is the boot_params, interrupts off. RSP stays in this blob,
 * which is whole until the next kernel sets its own: the live nop gates push there.
 */
	.global	enter_kernel
	.hidden	enter_kernel
	.type	enter_kernel, @function
enter_kernel:
	lea	stack_top(%rip), %rsp
	mov	%rdi, %cr3
	push	%rsi                    /* for the RET below */
	mov	%rdx, %rsi
	xor	%eax, %eax
	xor	%ebx, %ebx
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%edi, %edi
	xor	%ebp, %ebp
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	pushq	$2                      /* RFLAGS: only the bit that is always 1 */
	popfq
	ret

	.section .data
	.balign	8
gdt:
	.quad	0
	.quad	0
	.quad	0x00af9a000000ffff      /* BOOT_CS: 64-bit code, DPL 0 */
	.quad	0x00cf92000000ffff      /* BOOT_DS: flat data, DPL 0 */
gdt_end:

	.balign	8
	.skip	6                       /* puts the base on 8 bytes */
gdt_register:
	.word	gdt_end - gdt - 1
	.quad	0                       /* filled in above: the blob knows its place only there */

	.section .bss
	.balign	16
	.skip	STACK_BYTES
stack_top:

	.section .note.GNU-stack, "", @progbits
