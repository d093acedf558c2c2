/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One record in the System Event Log of the machine's BMC, which outlives any reset. Spoken to
 * through its keyboard-controller-style interface (IPMI 2.0 section 9). A BMC that does not answer
 * in time is given up: it must not be in the way of a boot.
 */
#ifndef PURGATORY_SEL_H
#define PURGATORY_SEL_H

#include <stdint.h>

/* @port 0: no BMC. The command register is at port + spacing. */
void sel_init(uint16_t port, uint8_t spacing);
/* PARK_OUTCOME_*, with an exception's vector and an address where there is one. The ID that the BMC
 * gave to the record, plus 1; 0 if it took none. */
uint16_t sel_add(uint8_t outcome, uint8_t vector, uint64_t address);

#endif
