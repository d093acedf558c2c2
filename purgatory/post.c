/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "post.h"

#include "cpu.h"
#include "vocabulary.h"

#define POST_PORT 0x80

static bool on;

void post_init(bool safe)
{
	on = safe;
}

void post_phase(unsigned int phase)
{
	if (on)
		outb(POST_PORT, (uint8_t)(PARK_POST_PHASE + phase));
}

void post_outcome(unsigned int outcome)
{
	if (on)
		outb(POST_PORT, (uint8_t)(PARK_POST_OUTCOME + outcome));
}
