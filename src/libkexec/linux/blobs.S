/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two blobs that run without an operating system, taken in as they were linked. Paths are
 * from the top of the build tree. make cannot see .incbin: src/local.mk states the dependency.
 */
#ifdef __CET__
#include <cet.h>
#endif

	.macro	blob name, path
	.balign	16
	.global	\name, \name\()_end
	.hidden	\name, \name\()_end
	.type	\name, @object
\name:
	.incbin	"\path"
	.size	\name, . - \name
\name\()_end:
	.endm

	.section .rodata, "a", @progbits
	blob	kp_blob_purgatory, purgatory/purgatory.bin
	blob	kp_blob_park_page, trampoline/park_page.bin

	.section .note.GNU-stack, "", @progbits
