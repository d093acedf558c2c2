/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "plan_words.h"

const char *plan_slot(enum kp_slot slot)
{
	return slot == KP_CRASH ? "crash" : "normal";
}

const char *plan_park_state(enum kp_park_state state)
{
	static const char *const names[] = { [KP_PARK_STATE_NONE] = "none",
		[KP_PARK_STATE_NEW] = "new", [KP_PARK_STATE_REUSE] = "reuse",
		[KP_PARK_STATE_REPLACE] = "replace" };

	return names[state];
}

const char *plan_park_mode(enum kp_park_mode mode)
{
	switch (mode) {
	case KP_PARK_HLT: return "hlt";
	case KP_PARK_INIT: return "init";
	case KP_PARK_CLGI: return "clgi";
	}
	return "unknown";          /* read out of memory: it may hold anything */
}

const char *plan_size(uint64_t bytes, char text[PLAN_SIZE_TEXT])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned whole = bytes ? (unsigned)__builtin_ctzll(bytes) / 10 : 0;
	unsigned largest = bytes ? (63 - (unsigned)__builtin_clzll(bytes)) / 10 : 0;

	if (bytes >> (10 * whole) < 10000)
		snprintf(text, PLAN_SIZE_TEXT, "%" PRIu64 " %s", bytes >> (10 * whole),
			 units[whole]);
	else
		snprintf(text, PLAN_SIZE_TEXT, "%.1f %s",
			 (double)bytes / (double)(1ULL << (10 * largest)), units[largest]);
	return text;
}
