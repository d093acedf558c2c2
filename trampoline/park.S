/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The park page, in which every CPU that the next kernel does not use waits. Layout and who
 * writes which field: abi/park_page.h.
 *
 * Entry contract: a SIPI with vector page >> 12 after an INIT. Real mode, CS base = page, IP 0,
 * CR4 = 0 (so CR4.MCE too), SS:SP = 0:0, NMIs perhaps latched. MCG_STATUS.MCIP survives INIT and
 * may be set. Several CPUs may be anywhere in here at the same time.
 *
 * No paging, and every segment has the page as its base: an address is an offset in the page,
 * nothing outside of it is read after the entry, and the code is the same at any address.
 *
 * Nothing is kept on a stack, for there is but one page for any number of CPUs. What a CPU must
 * remember it keeps in registers, which no handler changes:
 *
 *	%ebp	its APIC ID
 *	%edi	1 if MSR_IA32_MCG_STATUS exists, else 0
 *	%esi	its arrival ticket: low half 0 until it has arrived, PARK_TAG after
 *	%ebx	not 0 if it is to wait with GIF clear
 *
 * The constant frame. Every way back to the loop is an IRET that pops PARK_OFF_FRAME, shared by
 * all CPUs and never meant to be written. What exceptions push goes below it (PARK_OFF_SCRATCH),
 * where CPUs overwrite each other, and nobody reads it. It is free of races because:
 *
 *  - ESP is PARK_OFF_FRAME at every instruction but two: the first of a handler (lower by the
 *    bytes just pushed), which sets it, and the first of `parked`, which sets it too (there it is
 *    FRAME + 12, after IRET has popped the frame).
 *  - An exception at the first instruction of `parked` therefore pushes over the frame. It pushes
 *    EIP = parked, CS = PARK_CS, EFLAGS = 2: what the frame holds already, dword by dword, so a
 *    CPU that pops it meanwhile sees no difference. (A fault or #MC may push EFLAGS.RF as well;
 *    IRET takes it, and no instruction breakpoint is armed. The IRET ignores the upper half of the
 *    CS slot.) An error code would land below the frame.
 *  - The depth is bounded: an NMI at its own first instruction can be interrupted by one #MC, or
 *    the other way round; no third, as NMIs are latched and a #MC with MCIP set is shutdown. Both
 *    may hit the first instruction of `fault`, below its error code: 40 bytes of the 64 are in reach.
 *
 * A handler that interrupts another never returns to it: both end in the loop. So each does first
 * what must not be lost, and NMI clears MCIP too, in case it came before the #MC handler could. Of
 * an NMI and a #MC that hit one CPU within these few instructions one may be left uncounted.
 *
 * Both leave by IRET, never JMP: an exit from a #MC that interrupted an NMI has to unlatch NMIs.
 */
#include "park_page.h"
#include "x86.h"

	.text
	.code16
page:
/* After the first instruction an NMI finds a vector of ours. One that comes before it finds the
 * table at 0, as the firmware left it; nothing can be done about that. */
entry:
	lidtw	%cs:PARK_OFF_BRIDGE_IDTR
	jmp	real_mode

	.org	PARK_OFF_MAGIC, 0xcc
	.quad	PARK_MAGIC
	.org	PARK_OFF_VERSION, 0xcc
	.long	PARK_VERSION
	.org	PARK_OFF_IMMUTABLE, 0xcc
	.long	PARK_IMMUTABLE_BYTES
	.org	PARK_OFF_ADDRESS, 0xcc
	.long	0                       /* patched */
	.org	PARK_OFF_RESERVED, 0xcc
	.long	0
	.org	PARK_OFF_SHA256, 0xcc
	.skip	32, 0                   /* patched */

	.org	PARK_OFF_CODE, 0xcc

/* Real mode, bridge table live. An NMI or #MC from here to the change of mode is counted (without
 * its APIC ID, which may not be known yet) and starts over at the entry. Until SP is set it would
 * push 6 bytes at 0xfffa: below 64 KiB, where Linux keeps nothing. */
real_mode:
	mov	%cs, %ax
	mov	%ax, %ss
	mov	$PARK_OFF_FRAME, %sp
	mov	%ax, %ds

	/* #MC first: as long as CR4.MCE is 0, one on any CPU of the machine resets it. MCIP goes
	 * before, or the first #MC to be allowed would count as the second. */
	mov	$1, %eax
	cpuid
	shr	$24, %ebx
	mov	%ebx, %ebp
	xor	%edi, %edi
	test	$X86_CPUID1_EDX_MCE, %edx
	jz	learn_id
	test	$X86_CPUID1_EDX_MCA, %edx
	jz	allow_mc
	inc	%di
	mov	$MSR_IA32_MCG_STATUS, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
allow_mc:
	mov	%cr4, %eax
	or	$X86_CR4_MCE, %eax
	mov	%eax, %cr4

	/* Leaf 1 has 8 bits of the APIC ID; leaf 0xb, where there is one, all 32. (Leaf 0x1f has
	 * the same, and no CPU has it without 0xb.) */
learn_id:
	xor	%eax, %eax
	cpuid
	cmp	$0xb, %eax
	jb	learn_mode
	mov	$0xb, %eax
	xor	%ecx, %ecx
	cpuid
	test	%bx, %bx
	jz	learn_mode
	mov	%edx, %ebp

	/* The mode is read once, so that a later hand-over that prepares the next mode does not
	 * change how the CPUs of this one wait. */
learn_mode:
	mov	$0x80000000, %eax
	cpuid
	xor	%ebx, %ebx
	cmp	$0x80000001, %eax
	jb	leave_real_mode
	mov	$0x80000001, %eax
	cpuid
	xor	%ebx, %ebx
	cmpl	$PARK_MODE_CLGI, PARK_OFF_MODE
	jne	leave_real_mode
	and	$X86_CPUID80000001_ECX_SVM, %ecx
	mov	%ecx, %ebx

	/* CD and NW are cleared. INIT leaves them as they were, and that is 0 on a CPU that has
	 * ever run an OS; on one fresh from RESET both are 1, where the processor does not keep its
	 * cache coherent (SDM 11.5.1) and the counts below could go wrong. The MTRRs still decide
	 * what is cached. */
leave_real_mode:
	mov	$PARK_TICKET, %esi
	lgdtl	PARK_OFF_GDTR
	mov	%cr0, %eax
	and	$~(X86_CR0_CD | X86_CR0_NW), %eax
	or	$X86_CR0_PE, %eax
	mov	%eax, %cr0
	ljmpl	$PARK_CS, $(unlatch - page)

rm_nmi:
	lock incl %cs:PARK_OFF_NMI_COUNT
	jmp	entry

rm_mc:
	lock incl %cs:PARK_OFF_MCE_COUNT
rm_fault:
	jmp	entry

/* Protected mode, CPL 0, 32-bit code, paging off. SS and DS still hold what real mode loaded: the
 * page as base, writable. The IDT is still the bridge. The IRET takes an NMI that the stop IPI of
 * the old kernel, or one in real mode, left latched: handlers may now run. */
	.code32
unlatch:
	iret

/* The loop, and what the constant frame says to return to. All of it may be run again from the
 * top at any time, and is. */
parked:
	mov	$PARK_OFF_FRAME, %esp
	mov	$PARK_DS, %eax
	mov	%eax, %ds
	mov	%eax, %ss
	lidt	PARK_OFF_IDTR

	/* Arrive, once, though an NMI may throw us back to `parked` between any two instructions.
	 * The bit can be set twice, the count not. So the count shares a dword with PARK_TAG, and
	 * XADD does two things in one instruction: the ticket's upper half, 1, is added to the
	 * count, and the ticket takes what was there, whose lower half is the tag. No exception
	 * can see the one without the other. The bit goes first: who sees the count finds it. */
	test	%si, %si
	jnz	wait
	cmp	$PARK_BITMAP_IDS, %ebp
	jae	count_me
	lock bts %ebp, PARK_OFF_BITMAP
count_me:
	lock xadd %esi, PARK_OFF_TAG

wait:
	test	%ebx, %ebx
	jz	halt

	/* CLGI: only where firmware has not locked SVM out. A #GP here, should VM_CR not exist,
	 * comes back with %ebx = 0. What follows CLGI is held pending: NMI, SMI and, where the
	 * processor can, #MC; INIT too, so the next kernel never gets this CPU. */
	mov	$MSR_VM_CR, %ecx
	rdmsr
	test	$MSR_VM_CR_SVMDIS, %eax
	jnz	halt
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$MSR_EFER_SVME, %eax
	wrmsr
	clgi

	/* Some events end HLT and run no handler: an SMI, a SIPI on some machines. */
halt:
	hlt
	jmp	halt

/* WRMSR of 0 is the only way to clear MCIP. MCi_STATUS stays for the next kernel to log. */
	.macro	CLEAR_MCIP
	test	%edi, %edi
	jz	.Lno_mca\@
	mov	$MSR_IA32_MCG_STATUS, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
.Lno_mca\@:
	.endm

nmi:
	mov	$PARK_OFF_FRAME, %esp
	lock incl PARK_OFF_NMI_COUNT
	CLEAR_MCIP
	mov	%ebp, PARK_OFF_LAST_NMI
	iret

/* Whether the CPU could go on where it was (RIPV) does not matter: it starts the loop anew. */
mc:
	mov	$PARK_OFF_FRAME, %esp
	CLEAR_MCIP
	lock incl PARK_OFF_MCE_COUNT
	mov	%ebp, PARK_OFF_LAST_MCE
	iret

/* No other vector is expected. One that comes from the CLGI sequence gives CLGI up. */
fault:
	mov	$PARK_OFF_FRAME, %esp
	xor	%ebx, %ebx
	iret

/* Linear bases: assembled as offsets, the page's address is added when it is built. */
	.org	PARK_OFF_GDTR, 0xcc
	.word	gdt_end - gdt - 1
	.org	PARK_OFF_GDTR_BASE, 0xcc
	.long	gdt - page
	.org	PARK_OFF_IDTR, 0xcc
	.word	idt_end - idt - 1
	.org	PARK_OFF_IDTR_BASE, 0xcc
	.long	idt - page
	.org	PARK_OFF_BRIDGE_IDTR, 0xcc
	.word	bridge_end - bridge - 1
	.org	PARK_OFF_BRIDGE_BASE, 0xcc
	.long	bridge - page

/* Marked as accessed, or the processor would write to the immutable part. */
	.org	PARK_OFF_GDT, 0xcc
gdt:
	.quad	0
	.quad	0x00409b0000000fff      /* PARK_CS: base patched, limit 0xfff, 32-bit code */
	.quad	0x0040930000000fff      /* PARK_DS: base patched, limit 0xfff, 32-bit data */
gdt_end:

	.macro	VECTOR handler          /* real mode: IP, CS (patched) */
	.word	\handler - page, 0
	.endm

	.macro	GATE handler            /* present, DPL 0, 32-bit interrupt gate */
	.word	\handler - page, PARK_CS, 0x8e00, 0
	.endm

/*
 * The bridge: one table that is right on both sides of MOV CR0, so that there is no instruction
 * at which an NMI or #MC finds none. Real mode reads vector n at 4n, protected mode at 8n: the
 * gate of NMI (2) lies where real mode has #OF and #BR, that of #MC (18) beyond its exceptions.
 */
	.org	PARK_OFF_BRIDGE, 0xcc
bridge:
	VECTOR	rm_fault
	VECTOR	rm_fault
	VECTOR	rm_nmi                  /* 2 */
	VECTOR	rm_fault
	.org	PARK_OFF_BRIDGE + 8 * X86_VECTOR_NMI, 0xcc
	GATE	nmi
	.rept	X86_VECTOR_MC - 6
	VECTOR	rm_fault
	.endr
	.org	PARK_OFF_BRIDGE + 4 * X86_VECTOR_MC, 0xcc
	VECTOR	rm_mc                   /* 18 */
	.rept	PARK_BRIDGE_VECTORS - X86_VECTOR_MC - 1
	VECTOR	rm_fault
	.endr
	.org	PARK_OFF_BRIDGE + 8 * X86_VECTOR_MC, 0xcc
	GATE	mc
bridge_end:

	.org	PARK_OFF_IDT, 0xcc
idt:
	.rept	X86_VECTOR_NMI
	GATE	fault
	.endr
	GATE	nmi
	.rept	X86_VECTOR_MC - X86_VECTOR_NMI - 1
	GATE	fault
	.endr
	GATE	mc
	.rept	X86_EXCEPTION_VECTORS - X86_VECTOR_MC - 1
	GATE	fault
	.endr
idt_end:

/* The mutable part, as a new page has it. */
	.org	PARK_IMMUTABLE_BYTES, 0xcc
	.org	PARK_OFF_TAG, 0
	.word	PARK_TAG
	.org	PARK_OFF_LAST_NMI, 0
	.long	PARK_ID_NONE
	.org	PARK_OFF_LAST_MCE, 0
	.long	PARK_ID_NONE
	.org	PARK_OFF_BSP_ID, 0
	.long	PARK_ID_NONE
	.org	PARK_OFF_FRAME, 0
	.long	parked - page, PARK_CS, 2
	.org	PARK_PAGE_SIZE, 0

	.section .note.GNU-stack, "", @progbits
