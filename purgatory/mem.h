/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PURGATORY_MEM_H
#define PURGATORY_MEM_H

#include <stddef.h>

/* Copies as memmove() does: source and destination may overlap. Address 0 is as good as any. */
void mem_copy(void *to, const void *from, size_t bytes);
void mem_set(void *to, int value, size_t bytes);

#endif
