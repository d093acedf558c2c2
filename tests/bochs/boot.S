/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Boot sector for a test kernel of tests/payload on a machine that only has a BIOS: reads the
 * SECTORS behind this one (the first is the command line, the rest the kernel as it is linked, from
 * 1 MiB up), and enters it at ENTRY by the PVH protocol, as QEMU does: 32-bit, EBX = start info.
 * When the machine comes here a second time, it was reset: we say so, and end.
 */
#define STAGE		0x10000         /* where the BIOS can read to */
#define CHUNK		64              /* sectors a read */
#define KERNEL		0x100000
#define STACK		0x7c00
#define BOOTED		0x7000          /* memory outlives a reset, and this word tells of it */
#define BOOTED_ONCE	0x4f4b
#define DEBUG_CONSOLE	0xe9
#define SHUTDOWN	0x8900          /* Bochs ends when it has read the word */
#define INFO_CMDLINE	24              /* hvm_start_info: u64 address of the command line */

	.code16
	.text
	.global	_start
_start:
	cli
	cld
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$STACK, %sp
	mov	$reset_text, %si
	cmpw	$BOOTED_ONCE, BOOTED
	je	end
	movw	$BOOTED_ONCE, BOOTED
	in	$0x92, %al              /* A20 */
	or	$2, %al
	out	%al, $0x92
	mov	$((SECTORS + CHUNK - 1) / CHUNK), %cx
1:	mov	$packet, %si
	mov	$0x42, %ah              /* extended read from drive DL, EDD */
	push	%cx
	int	$0x13
	pop	%cx
	jc	fail
	addl	$CHUNK, lba
	addw	$(CHUNK * 512 / 16), segment
	loop	1b
	lgdt	gdtr
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmp	$0x08, $flat
fail:
	mov	$disk_text, %si
end:	mov	$(reset_text - disk_text), %cx
	mov	$DEBUG_CONSOLE, %dx
	rep outsb
	mov	$SHUTDOWN, %dx
1:	mov	$shutdown_text, %si
	mov	$(disk_text - shutdown_text), %cx
	rep outsb
	jmp	1b

	.code32
flat:	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$(STAGE + 512), %esi
	mov	$KERNEL, %edi
	mov	$(SECTORS * 512 / 4), %ecx
	rep movsl
	mov	$info, %ebx
	mov	$ENTRY, %eax
	jmp	*%eax

shutdown_text:
	.ascii	"Shutdown"
disk_text:
	.ascii	"DISK \n"
reset_text:
	.ascii	"RESET\n"
	.balign	8
packet:	.byte	16, 0
	.word	CHUNK, 0
segment:
	.word	STAGE / 16
lba:	.quad	1
info:	.skip	INFO_CMDLINE, 0
	.quad	STAGE
gdt:	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
gdtr:	.word	gdtr - gdt - 1
	.long	gdt
	.org	510
	.word	0xaa55
