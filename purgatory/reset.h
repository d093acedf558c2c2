/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PURGATORY_RESET_H
#define PURGATORY_RESET_H

#include "cpu.h"

/* Port 0xcf9, then the keyboard controller, then a triple fault. */
void reset_machine(void) CPU_NORETURN;
/* HLT for ever; NMIs and machine checks wake it, are swallowed, and it halts again. */
void halt_machine(void) CPU_NORETURN;

#endif
