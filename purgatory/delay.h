/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bounded waits. A deadline passes when the time stamp counter says so, or, should the counter
 * stand still, after more polls than any CPU can make in that time: no wait lasts for ever.
 */
#ifndef PURGATORY_DELAY_H
#define PURGATORY_DELAY_H

#include <stdbool.h>
#include <stdint.h>

struct deadline {
	uint64_t start, ticks;     /* in units of the time stamp counter */
	uint64_t polls;            /* that are left */
};

/* The rate of the time stamp counter; 0 means unknown, and waits are then rather too long. */
void delay_init(uint32_t tsc_khz);

struct deadline deadline_in(uint32_t microseconds);
/* Relaxes the CPU for one poll and says whether the time is over. */
bool deadline_passed(struct deadline *d);
void delay(uint32_t microseconds);

#endif
