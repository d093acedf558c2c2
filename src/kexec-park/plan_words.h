/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words for the numbers of a plan, for people and for JSON. */
#ifndef PLAN_WORDS_H
#define PLAN_WORDS_H

#include "base/range.h"

const char *plan_slot(enum kp_slot slot);
const char *plan_park_state(enum kp_park_state state);
const char *plan_park_mode(enum kp_park_mode mode);

#define PLAN_SIZE_TEXT 24

/* "4 KiB", "3071 MiB" exactly if four digits can, else rounded: "63.2 MiB". */
const char *plan_size(uint64_t bytes, char text[PLAN_SIZE_TEXT]);

#endif
