/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SHA-256's compression function by the SHA extensions (Intel SDM volume 2, SHA256RNDS2,
 * SHA256MSG1, SHA256MSG2), over two messages at once.
 *
 * One message leaves most of the unit idle: each SHA256RNDS2 waits for the one before it, four
 * cycles, while the unit takes a new one every second cycle or sooner. So the rounds of two
 * messages alternate, and whoever calls has cut what there is to hash (digest.h).
 *
 * The purgatory runs this very code. Exception handlers may come in between any two
 * instructions: they push below RSP, where nothing of ours is, and touch no vector register.
 *
 * Registers: %xmm0 is what SHA256RNDS2 takes its words from. A lane has seven others:
 *
 *	lane	ABEF	CDGH	message, 16 words	scratch
 *	a	xmm1	xmm2	xmm3 .. xmm6		xmm7
 *	b	xmm8	xmm9	xmm10 .. xmm13		xmm14
 *
 * KP_SHA256_LANES=1 builds the function of one message, for tests/bench to compare with.
 */
#ifndef KP_SHA256_LANES
#define KP_SHA256_LANES 2
#endif

#define BLOCK 64

/* Four rounds, in two halves. \i is the number of the four, \words their message words. */
	.macro FIRST_ROUNDS i, words, abef, cdgh, scratch
	movdqa	%xmm\words, %xmm\scratch
	paddd	kp_sha256_round_constants + 16 * (\i)(%rip), %xmm\scratch
	movdqa	%xmm\scratch, %xmm0
	sha256rnds2 %xmm0, %xmm\abef, %xmm\cdgh
	.endm

	.macro LAST_ROUNDS abef, cdgh, scratch
	pshufd	$0x0e, %xmm\scratch, %xmm0
	sha256rnds2 %xmm0, %xmm\cdgh, %xmm\abef
	.endm

/* FIPS 180-4, 6.2.2: W[t] = s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16]. \next still holds W[t-16]
 * and gets the four words after \words; MSG1 has added s0 three fours earlier. */
	.macro SCHEDULE i, before, words, next, scratch
	.if (\i) >= 3 && (\i) <= 14
	movdqa	%xmm\words, %xmm\scratch
	palignr	$4, %xmm\before, %xmm\scratch
	paddd	%xmm\scratch, %xmm\next
	sha256msg2 %xmm\words, %xmm\next
	.endif
	.if (\i) >= 1 && (\i) <= 12
	sha256msg1 %xmm\words, %xmm\before
	.endif
	.endm

	.macro LOAD_WORDS i, words, data
	.if (\i) < 4
	movdqu	16 * (\i)(\data), %xmm\words
	pshufb	big_endian(%rip), %xmm\words
	.endif
	.endm

#if KP_SHA256_LANES == 2
	.macro FOUR i, a_before, a_words, a_next, b_before, b_words, b_next
	LOAD_WORDS \i, \a_words, %rdx
	LOAD_WORDS \i, \b_words, %rcx
	FIRST_ROUNDS \i, \a_words, 1, 2, 7
	FIRST_ROUNDS \i, \b_words, 8, 9, 14
	LAST_ROUNDS 1, 2, 7
	LAST_ROUNDS 8, 9, 14
	SCHEDULE \i, \a_before, \a_words, \a_next, 7
	SCHEDULE \i, \b_before, \b_words, \b_next, 14
	.endm
#else
	.macro FOUR i, a_before, a_words, a_next, b_before, b_words, b_next
	LOAD_WORDS \i, \a_words, %rdx
	FIRST_ROUNDS \i, \a_words, 1, 2, 7
	LAST_ROUNDS 1, 2, 7
	SCHEDULE \i, \a_before, \a_words, \a_next, 7
	.endm
#endif

/* The message registers change roles instead of contents: four fours bring them back. */
	.macro SIXTEEN first
	FOUR \first+0, 6, 3, 4, 13, 10, 11
	FOUR \first+1, 3, 4, 5, 10, 11, 12
	FOUR \first+2, 4, 5, 6, 11, 12, 13
	FOUR \first+3, 5, 6, 3, 12, 13, 10
	.endm

/* Memory has A to H in order, lowest first; SHA256RNDS2 wants ABEF and CDGH, highest first. */
	.macro LOAD_STATE from, abef, cdgh, scratch
	movdqu	(\from), %xmm\scratch           /* DCBA */
	movdqu	16(\from), %xmm\cdgh            /* HGFE */
	pshufd	$0xb1, %xmm\scratch, %xmm\scratch /* CDAB */
	pshufd	$0x1b, %xmm\cdgh, %xmm\cdgh     /* EFGH */
	movdqa	%xmm\scratch, %xmm\abef
	palignr	$8, %xmm\cdgh, %xmm\abef        /* ABEF */
	pblendw	$0xf0, %xmm\scratch, %xmm\cdgh  /* CDGH */
	.endm

	.macro STORE_STATE to, abef, cdgh, scratch
	pshufd	$0x1b, %xmm\abef, %xmm\scratch  /* FEBA */
	pshufd	$0xb1, %xmm\cdgh, %xmm\cdgh     /* DCHG */
	movdqa	%xmm\scratch, %xmm\abef
	pblendw	$0xf0, %xmm\cdgh, %xmm\abef     /* DCBA */
	palignr	$8, %xmm\scratch, %xmm\cdgh     /* HGFE */
	movdqu	%xmm\abef, (\to)
	movdqu	%xmm\cdgh, 16(\to)
	.endm

	.section .text.sha256_ni, "ax", @progbits
	.hidden	kp_sha256_round_constants

#if KP_SHA256_LANES == 2
/*
 * void kp_sha256_ni_pair(uint32_t a[8], uint32_t b[8], const void *from_a, const void *from_b,
 *			  size_t blocks)
 * Clobbers xmm0 to xmm14, RCX, RDX, R8. blocks may be 0. Nothing needs to be aligned.
 */
	.global	kp_sha256_ni_pair
	.hidden	kp_sha256_ni_pair
	.type	kp_sha256_ni_pair, @function
	.balign	64, 0xcc
kp_sha256_ni_pair:
	test	%r8, %r8
	jz	2f
	sub	$72, %rsp               /* four states before the block, 16-aligned */
	LOAD_STATE %rdi, 1, 2, 7
	LOAD_STATE %rsi, 8, 9, 14
	.balign	32
1:	movdqa	%xmm1, (%rsp)
	movdqa	%xmm2, 16(%rsp)
	movdqa	%xmm8, 32(%rsp)
	movdqa	%xmm9, 48(%rsp)
	SIXTEEN 0
	SIXTEEN 4
	SIXTEEN 8
	SIXTEEN 12
	paddd	(%rsp), %xmm1
	paddd	16(%rsp), %xmm2
	paddd	32(%rsp), %xmm8
	paddd	48(%rsp), %xmm9
	add	$BLOCK, %rdx
	add	$BLOCK, %rcx
	dec	%r8
	jnz	1b
	STORE_STATE %rdi, 1, 2, 7
	STORE_STATE %rsi, 8, 9, 14
	add	$72, %rsp
2:	ret
	.size	kp_sha256_ni_pair, . - kp_sha256_ni_pair
#else
/* void kp_sha256_ni_one(uint32_t a[8], size_t blocks, const void *from) */
	.global	kp_sha256_ni_one
	.hidden	kp_sha256_ni_one
	.type	kp_sha256_ni_one, @function
	.balign	64, 0xcc
kp_sha256_ni_one:
	test	%rsi, %rsi
	jz	2f
	LOAD_STATE %rdi, 1, 2, 7
	.balign	32
1:	movdqa	%xmm1, %xmm8
	movdqa	%xmm2, %xmm9
	SIXTEEN 0
	SIXTEEN 4
	SIXTEEN 8
	SIXTEEN 12
	paddd	%xmm8, %xmm1
	paddd	%xmm9, %xmm2
	add	$BLOCK, %rdx
	dec	%rsi
	jnz	1b
	STORE_STATE %rdi, 1, 2, 7
2:	ret
	.size	kp_sha256_ni_one, . - kp_sha256_ni_one
#endif

	.section .rodata.sha256_ni, "a", @progbits
	.balign	16
big_endian:                             /* PSHUFB: the bytes of each word, last first */
	.byte	3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12

	.section .note.GNU-stack, "", @progbits
