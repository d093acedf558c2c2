/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * void sha_unit(size_t blocks)
 *
 * The rounds of that many blocks of SHA-256, from two messages in turn, and nothing else: no words
 * are loaded and none are scheduled. No code for SHA256RNDS2 is faster than the unit that runs it,
 * so this is the limit to hold sha256_ni.S against. An even number of blocks is done.
 */
	.text
	.global	sha_unit
	.type	sha_unit, @function
	.balign	64
sha_unit:
	shr	%rdi
	jz	2f
1:	.rept	16
	sha256rnds2 %xmm0, %xmm1, %xmm2
	sha256rnds2 %xmm0, %xmm3, %xmm4
	sha256rnds2 %xmm0, %xmm2, %xmm1
	sha256rnds2 %xmm0, %xmm4, %xmm3
	.endr
	dec	%rdi
	jnz	1b
2:	ret
	.size	sha_unit, . - sha_unit

	.section .note.GNU-stack, "", @progbits
