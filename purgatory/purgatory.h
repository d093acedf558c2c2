/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What start.S and purgatory.c share. */
#ifndef PURGATORY_H
#define PURGATORY_H

#include <stdint.h>

#include "purgatory_params.h"

/* Written by the loader into the blob, at PURGATORY_OFF_PARAMS. */
extern struct purgatory_params params;

/* The hand-over but for its first and last instructions, which are start.S. */
void purgatory(void);

/* Leaves for the next kernel. Every register but RSI and RSP is 0, and RFLAGS is clear. */
void enter_kernel(uint64_t cr3, uint64_t entry, uint64_t boot_params)
	__attribute__((noreturn));

#endif
