/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file facts.h
 * The facts of a captured machine that no file of /proc or /sys holds: they are measured, or
 * read out of registers and low memory. A capture keeps them in kexec-park/facts:
 *
 *	# facts of a captured machine, version 1
 *	arch=x86_64
 *	tsc_khz=2994374
 *	bsp_apic_id=0
 *	ebda=0x9fc00
 *	confidential=SEV-SNP
 *	devmem_error=/dev/mem: Operation not permitted
 *
 * A line is a fact, a comment or empty; a fact that is not known has no line.
 */
#ifndef KP_FACTS_H
#define KP_FACTS_H

#include "machine.h"

/** Fill @p machine from @p text. -1 with KP_MACHINE and the number of a bad line. */
int kp_facts_parse(struct kp_view text, struct kp_machine *machine, struct kp_error *err);

/** The text that kp_facts_parse() reads back, in @p arena; NULL on failure. */
char *kp_facts_print(const struct kp_machine *machine, struct kp_arena *arena,
		     struct kp_error *err);

#endif
