/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Start of a test kernel. QEMU enters at pvh_entry by the PVH protocol (Xen docs/misc/pvh.pandoc):
 * 32-bit protected mode, flat segments, no paging, EBX = physical address of hvm_start_info. We go
 * on to long mode with 0-4 GiB mapped one to one by 2 MiB pages, the last GiB uncached for the
 * local APIC, and call rt_start(start_info). Linked at 1 MiB: all memory below is the test's.
 */
#include "x86.h"

#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define PTE_PRESENT_WRITE	0x03
#define PTE_LARGE_PAGE		0x80
#define PTE_UNCACHED		0x18

	.section .note.pvh, "a", @note
	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	pvh_entry

	.section .text.boot, "ax"
	.code32
	.global	pvh_entry
pvh_entry:
	cld
	mov	$stack_top, %esp

	/* 2048 large pages; the page directories lie one behind the other. */
	mov	$page_directories, %edi
	mov	$(PTE_PRESENT_WRITE | PTE_LARGE_PAGE), %eax
	xor	%ecx, %ecx
1:	cmp	$1536, %ecx
	jne	2f
	or	$PTE_UNCACHED, %eax
2:	mov	%eax, (%edi, %ecx, 8)
	add	$0x200000, %eax
	inc	%ecx
	cmp	$2048, %ecx
	jb	1b

	movl	$(page_directories + 0x0000 + PTE_PRESENT_WRITE), rt_pdpt
	movl	$(page_directories + 0x1000 + PTE_PRESENT_WRITE), rt_pdpt + 8
	movl	$(page_directories + 0x2000 + PTE_PRESENT_WRITE), rt_pdpt + 16
	movl	$(page_directories + 0x3000 + PTE_PRESENT_WRITE), rt_pdpt + 24
	movl	$(rt_pdpt + PTE_PRESENT_WRITE), rt_pml4

	mov	%cr4, %eax
	or	$X86_CR4_PAE, %eax
	mov	%eax, %cr4
	mov	$rt_pml4, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$MSR_EFER_LME, %eax
	wrmsr
	mov	%cr0, %eax
	or	$(X86_CR0_PE | X86_CR0_PG), %eax
	mov	%eax, %cr0
	lgdt	gdtr
	ljmp	$BOOT_CS, $long_mode

	.code64
long_mode:
	mov	$BOOT_DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%ebx, %edi
	call	rt_start
	ud2

/* The runtime's exception handlers: rt.h says what they do. */
	.global	rt_on_nmi, rt_on_mc, rt_on_other
rt_on_nmi:
	lock incl rt_nmi_count(%rip)
	iretq

rt_on_mc:
	push	%rax
	push	%rcx
	push	%rdx
	mov	$MSR_IA32_MCG_STATUS, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	lock incl rt_mce_count(%rip)
	pop	%rdx
	pop	%rcx
	pop	%rax
	iretq

rt_on_other:
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	rt_unexpected

	.section .data
	.balign	8
gdt:	.quad	0, 0
	.quad	0x00af9b000000ffff      /* BOOT_CS: 64-bit code */
	.quad	0x00cf93000000ffff      /* BOOT_DS */
gdtr:	.word	gdtr - gdt - 1
	.long	gdt
	.long	0

	.section .bss
	.balign	4096
	.global	rt_pml4
rt_pml4:
	.skip	4096
rt_pdpt:
	.skip	4096
page_directories:
	.skip	4 * 4096
	.skip	65536
stack_top:

	.section .note.GNU-stack, "", @progbits
