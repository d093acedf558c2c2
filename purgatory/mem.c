/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * String instructions, because they are short and fast. The direction flag is set only inside
 * of one asm statement; a handler that comes in between does not use string instructions, or
 * starts with CLD.
 */
#include "mem.h"

#include <stdint.h>

static void copy_up(void *to, const void *from, size_t bytes)
{
	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

static void copy_down(void *to, const void *from, size_t bytes)
{
	char *to_last = (char *)to + bytes - 1;
	const char *from_last = (const char *)from + bytes - 1;

	asm volatile("std; rep movsb; cld"
		     : "+D"(to_last), "+S"(from_last), "+c"(bytes) : : "memory", "cc");
}

/* Going up overwrites source bytes not yet read only if the destination starts inside of it. */
void mem_copy(void *to, const void *from, size_t bytes)
{
	if (!bytes)
		return;
	if ((uintptr_t)to - (uintptr_t)from < bytes)
		copy_down(to, from, bytes);
	else
		copy_up(to, from, bytes);
}

void mem_set(void *to, int value, size_t bytes)
{
	asm volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
}

#ifndef PURGATORY_MOCK
/* What a freestanding compiler may call by name. */
void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

void *memcpy(void *to, const void *from, size_t bytes)
{
	mem_copy(to, from, bytes);
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	mem_copy(to, from, bytes);
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	mem_set(to, value, bytes);
	return to;
}
#endif
