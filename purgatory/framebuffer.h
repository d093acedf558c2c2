/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text on a linear framebuffer, which is only ever written: reading one back takes too long. */
#ifndef PURGATORY_FRAMEBUFFER_H
#define PURGATORY_FRAMEBUFFER_H

#include "purgatory_params.h"

/* From the first line of a screen as @described has it; what was there stays below. */
void framebuffer_init(const struct purgatory_framebuffer *described);
void framebuffer_char(char c);

#endif
