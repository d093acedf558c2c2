/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "delay.h"

#include "cpu.h"

#define FASTEST_TSC_KHZ 6000000         /* none ticks faster: too long a wait harms nobody */
#define POLLS_PER_MICROSECOND 10000     /* one poll takes more than one cycle of a 10 GHz CPU */

static uint32_t khz;

void delay_init(uint32_t tsc_khz)
{
	khz = tsc_khz ? tsc_khz : FASTEST_TSC_KHZ;
}

struct deadline deadline_in(uint32_t microseconds)
{
	return (struct deadline){
		.start = rdtsc(),
		.ticks = (uint64_t)microseconds * khz / 1000,
		.polls = (uint64_t)microseconds * POLLS_PER_MICROSECOND,
	};
}

bool deadline_passed(struct deadline *d)
{
	cpu_relax();
	if (d->polls)
		d->polls--;
	return !d->polls || rdtsc() - d->start >= d->ticks;
}

void delay(uint32_t microseconds)
{
	struct deadline d = deadline_in(microseconds);

	while (!deadline_passed(&d))
		;
}
