/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The purgatory's first and last instructions, its tables, its parameters and its stack.
 *
 * Entered at offset 0 by the old kernel's relocation code: 64-bit mode, interrupts off, CS 0x10 and
 * SS 0x18 or 0, this blob mapped one to one. Nothing else is assumed: the IDT has limit 0 or is one
 * whose handlers halt (Linux 6.15 and later), the stack is unknown, CR4.MCE is 0, and NMIs are
 * latched if the panic came out of one.
 */
#include "abi_at.h"
#include "purgatory_params.h"
#include "traps.h"
#include "x86.h"

#define STACK_BYTES 8192
#define GATE_ATTRIBUTES 0x8e00          /* present, DPL 0, 64-bit interrupt gate, no IST */

	.section .text.start, "ax"
	.code64

/*
 * The loader has added the load address to every base and gate, so both tables are complete. An
 * exception loads CS through the GDT and pushes on the stack: they go before the IDT, with which
 * NMIs become survivable. IRET then loads CS and SS again, from the selectors that it found; the
 * GDT has both. tests/payload/faults counts these instructions, and those up to CR4.MCE below.
 */
	.global	purgatory_start
purgatory_start:
	lgdt	gdt_register(%rip)
	lea	stack_top(%rip), %rsp
	lidt	idt_register(%rip)
	jmp	start

	.org	PURGATORY_OFF_GDTR, 0xcc
	.type	gdt_register, @object
	.size	gdt_register, 10
gdt_register:
	.word	gdt_end - gdt - 1
	.long	gdt - purgatory_start, 0
	.org	PURGATORY_OFF_IDTR, 0xcc
	.type	idt_register, @object
	.size	idt_register, 10
idt_register:
	.word	idt_end - idt - 1
	.long	idt - purgatory_start, 0

	.org	PURGATORY_OFF_PARAMS, 0xcc
	.global	params
	.hidden	params
	.type	params, @object
	.size	params, PURGATORY_PARAMS_BYTES
params:
	.skip	PURGATORY_PARAMS_BYTES, 0

/*
 * Machine checks: while CR4.MCE is 0, one shuts the CPU down, and so does one with MCIP set, which
 * outlives INIT and the old kernel. So MCIP is cleared, then MCE set. CR4 loses whatever might
 * change how exceptions are delivered or memory is reached (FRED, CET, PCID, SMAP): LA57 cannot
 * change here, and PAE must not. MCE stays if the old kernel left it (a TDX guest may not clear it).
 */
start:
	cli
	cld
	mov	%cr4, %rsi
	and	$(X86_CR4_PAE | X86_CR4_LA57 | X86_CR4_MCE), %esi
	mov	$1, %eax
	cpuid
	and	$(X86_CPUID1_EDX_MCE | X86_CPUID1_EDX_MCA), %edx
	cmp	$(X86_CPUID1_EDX_MCE | X86_CPUID1_EDX_MCA), %edx
	jne	1f
	mov	$MSR_IA32_MCG_STATUS, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	or	$X86_CR4_MCE, %esi
1:	mov	%rsi, %cr4

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

/* A handler as an offset in the blob: all lie in its first page (purgatory.lds), so 16 bits are
 * enough here, and after the load address is added all gates have the same upper half. */
	.macro	GATE handler
	.word	(\handler) - purgatory_start, BOOT_CS, GATE_ATTRIBUTES, 0
	.quad	0
	.endm

	.balign	16, 0xcc
	.global	idt
	.hidden	idt
	.type	idt, @object
	.size	idt, X86_EXCEPTION_VECTORS * 16
idt:
	.set	vector, 0
	.rept	X86_EXCEPTION_VECTORS
	.if	vector == X86_VECTOR_NMI
	GATE	trap_nmi_count
	.elseif	vector == X86_VECTOR_MC
	GATE	trap_mce
	.else
	GATE	(trap_stubs + vector * TRAP_STUB_BYTES)
	.endif
	.set	vector, vector + 1
	.endr
idt_end:

	.section .data
	.balign	8
gdt:
	.quad	0
	.quad	0
	.quad	0x00af9b000000ffff      /* BOOT_CS: 64-bit code, DPL 0 */
	.quad	0x00cf93000000ffff      /* BOOT_DS: flat data, DPL 0 */
gdt_end:

	.section .bss
	.balign	16
	.skip	STACK_BYTES
stack_top:

	.section .note.GNU-stack, "", @progbits
