/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* POST codes on I/O port 0x80: a display on the board shows where a hand-over stopped. */
#ifndef PURGATORY_POST_H
#define PURGATORY_POST_H

#include <stdbool.h>

/* Nothing is written before this, or when it is told that the port is not safe. */
void post_init(bool safe);
/* The phase PARK_PHASE_* has ended. */
void post_phase(unsigned int phase);
/* How it came out, PARK_OUTCOME_*. */
void post_outcome(unsigned int outcome);

#endif
