/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Machine checks, judged by what the SDM says of them (volume 3, "Machine-Check Global Status" and
 * "Uncorrected Recoverable Errors"), as Linux does (mce/severity.c):
 *
 * RIPV 1, EIPV 0   the CPU can go on, and what it was doing had no part in it: return.
 * RIPV 1, EIPV 1   it can go on, but the instruction at RIP consumed the error: returning repeats it
 *                  for ever. Code that runs under guarded() is ended instead.
 * else             there is no way on: said, recorded, reset.
 */
#ifndef PURGATORY_MCE_H
#define PURGATORY_MCE_H

#include "traps.h"

/* Notes which banks hold an error of the old kernel's time; those say nothing of a later one. */
void machine_checks_open(void);

/* By trap_mce, with what the CPU pushed. Returns when the CPU can go on at frame->rip. */
void machine_check(struct cpu_frame *frame);

#endif
