/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "plan_draw.h"

/*
 * How to print on @out: as wide as the terminal that it is, and in colour if it is one that can,
 * unless NO_COLOR is set to anything (no-color.org); 80 columns without colour elsewhere.
 */
struct plan_style terminal_style(FILE *out);

#endif
