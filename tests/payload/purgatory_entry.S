/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What purgatory_test.c cannot say in C: the next kernel's entry point, the way of other CPUs
 * into long mode, the switch to 5-level paging, and a look at what an exception leaves behind.
 */
#include "x86.h"

#define AP_STACK_BYTES 16384
#define AP_MOST 254             /* MAX_CPUS of purgatory_test.c: that many stacks, one unused */

	.section .rodata
	.balign	16
	.global	purgatory_blob, purgatory_blob_end
purgatory_blob:
	.incbin	"purgatory/purgatory.bin"
purgatory_blob_end:

	.balign	16
	.global	page_blob
page_blob:
	.incbin	"trampoline/park_page.bin"

	.text
	.code64

/* The purgatory jumps here. Everything is saved before anything is used: struct entry_state. */
	.global	next_kernel
next_kernel:
	mov	%rax, entry_state+0x00(%rip)
	mov	%rbx, entry_state+0x08(%rip)
	mov	%rcx, entry_state+0x10(%rip)
	mov	%rdx, entry_state+0x18(%rip)
	mov	%rdi, entry_state+0x20(%rip)
	mov	%rbp, entry_state+0x28(%rip)
	mov	%r8, entry_state+0x30(%rip)
	mov	%r9, entry_state+0x38(%rip)
	mov	%r10, entry_state+0x40(%rip)
	mov	%r11, entry_state+0x48(%rip)
	mov	%r12, entry_state+0x50(%rip)
	mov	%r13, entry_state+0x58(%rip)
	mov	%r14, entry_state+0x60(%rip)
	mov	%r15, entry_state+0x68(%rip)
	mov	%rsi, entry_state+0x70(%rip)
	mov	%rsp, entry_state+0x78(%rip)
	pushfq
	pop	%rax
	mov	%rax, entry_state+0x80(%rip)
	mov	%cr3, %rax
	mov	%rax, entry_state+0x88(%rip)
	mov	%cr4, %rax
	mov	%rax, entry_state+0x90(%rip)
	mov	%cs, %eax
	mov	%rax, entry_state+0x98(%rip)
	mov	%ss, %eax
	mov	%rax, entry_state+0xa0(%rip)
	sidt	entry_state+0xa8(%rip)
	mov	%cr0, %rax
	mov	%rax, entry_state+0xb8(%rip)
	cld
	lea	kernel_stack_top(%rip), %rsp
	call	kernel_main
	ud2

/*
 * uint64_t frame_below(volatile uint32_t *icr, uint32_t command, const char *request, uint64_t n)
 * Writes the command to the APIC (icr: address of its register, or number of its MSR; x2APIC's to
 * this CPU) or, if icr is 0, the request (n characters for the debug console), waits for an
 * exception and returns the SS that it pushed; 0 when none came within the patience of the loop.
 */
	.global	frame_below
frame_below:
	mov	%rsp, %r8
	mov	%rcx, %r9
	and	$-16, %rsp
	movq	$0, -8(%rsp)
	test	%rdi, %rdi
	jz	1f
	cmp	$X2APIC_MSR_BASE + (APIC_ICR >> 4), %rdi
	je	5f
	mov	%esi, (%rdi)
	jmp	2f
5:	mov	$X2APIC_MSR_BASE + (APIC_ID >> 4), %ecx
	rdmsr
	mov	%eax, %edx
	mov	%edi, %ecx
	mov	%esi, %eax
	wrmsr
	jmp	2f
1:	mov	%rdx, %rsi
	mov	%r9, %rcx
	mov	$0xe9, %edx
	rep outsb
2:	mov	$200000000, %ecx
3:	mov	-8(%rsp), %rax
	test	%rax, %rax
	jnz	4f
	dec	%ecx
	jnz	3b
4:	mov	%r8, %rsp
	ret

/* void la57_on(uint64_t pml5): paging off, CR4.LA57, paging on. Below 4 GiB, stack too. */
	.global	la57_on
la57_on:
	push	%rbx
	lgdt	gdtr_32(%rip)
	pushq	$0x08
	lea	1f(%rip), %rax
	push	%rax
	lretq
	.code32
1:	mov	%cr0, %eax
	and	$~X86_CR0_PG, %eax
	mov	%eax, %cr0
	mov	%cr4, %eax
	or	$X86_CR4_LA57, %eax
	mov	%eax, %cr4
	mov	%edi, %cr3
	mov	%cr0, %eax
	or	$X86_CR0_PG, %eax
	mov	%eax, %cr0
	ljmp	$BOOT_CS, $2f
	.code64
2:	pop	%rbx
	ret

/* An NMI handler that never returns: the hand-over from within, NMIs latched. */
	.global	on_nmi_hand_over
on_nmi_hand_over:
	call	hand_over
	ud2

/* The old kernel's exception handler, in its debug IDT. */
	.global	debug_halt
debug_halt:
	hlt
	jmp	debug_halt

/*
 * Start-up page of the other CPUs, copied to AP_PAGE: real mode to long mode in one go, with the
 * runtime's page tables, then ap_main(APIC ID) on a stack of the CPU's own.
 */
	.global	ap_start, ap_end
	.code16
ap_start:
	cli
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	gdtr_16 - ap_start
	mov	%cr4, %eax
	or	$(X86_CR4_PAE | X86_CR4_MCE), %eax
	mov	%eax, %cr4
	mov	$rt_pml4, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$MSR_EFER_LME, %eax
	wrmsr
	mov	%cr0, %eax
	and	$~(X86_CR0_NW | X86_CR0_CD), %eax
	or	$(X86_CR0_PE | X86_CR0_PG), %eax
	mov	%eax, %cr0
	ljmpl	$BOOT_CS, $ap_long
	.balign	8
gdtr_16:
	.word	gdt_end - gdt - 1
	.long	gdt
ap_end:

	.code64
ap_long:
	mov	$BOOT_DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$1, %eax
	cpuid
	shr	$24, %ebx
	mov	%ebx, %edi
	lea	1(%rdi), %eax
	imul	$AP_STACK_BYTES, %eax
	lea	ap_stacks(%rax), %rsp
	call	ap_main
	ud2

	.section .data
	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff      /* 0x08: 32-bit code */
	.quad	0x00af9b000000ffff      /* BOOT_CS: 64-bit code */
	.quad	0x00cf93000000ffff      /* BOOT_DS */
gdt_end:
gdtr_32:
	.word	gdt_end - gdt - 1
	.quad	gdt

	.section .bss
	.balign	16
ap_stacks:
	.skip	(AP_MOST + 1) * AP_STACK_BYTES
kernel_stack_top:

	.section .note.GNU-stack, "", @progbits
