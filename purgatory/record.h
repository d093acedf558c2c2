/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The flight record: kept in the purgatory's own memory while the hand-over goes on, and
 * published to the park page, where there is one, at every point from which nothing may follow.
 */
#ifndef PURGATORY_RECORD_H
#define PURGATORY_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "park_page.h"

extern struct park_record record;

/* A phase PARK_PHASE_* ended now. */
void record_phase(unsigned int phase);
/* One character of the messages; the oldest lines go when there is no room. */
void record_log(char c);

/*
 * Where the record is published from now on: a page that carries this project's magic.
 * generation is of the hand-over under way.
 */
void record_attach(uint64_t park_page, uint32_t generation);
bool record_attached(void);
void record_publish(void);
/*
 * The same, and how it came out, PARK_OUTCOME_*, as a POST code and in a BMC's event log: with an
 * exception's vector and an address where there is one.
 */
void record_outcome(uint8_t outcome, uint8_t vector, uint64_t address);

#endif
