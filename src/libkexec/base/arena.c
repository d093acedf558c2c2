/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define ALIGN		16
/* Tests build this with 0: then every allocation is calloc()'s own, to be watched and refused. */
#ifndef BLOCK_BYTES
#define BLOCK_BYTES	((size_t)64 << 10)
#endif

struct kp_arena_block {
	struct kp_arena_block *next;
	size_t used, size;         /* of data[] */
	_Alignas(ALIGN) unsigned char data[];
};

_Static_assert(offsetof(struct kp_arena_block, data) % ALIGN == 0, "blocks misalign their data");

/* A block with room for @bytes. It goes first, unless it serves one large request only. */
static struct kp_arena_block *add_block(struct kp_arena *arena, size_t bytes)
{
	size_t size = bytes > BLOCK_BYTES / 4 ? bytes : BLOCK_BYTES;
	struct kp_arena_block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		return NULL;
	block->size = size;
	if (arena->blocks && size == bytes) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

static struct kp_arena_block *block_with_room(struct kp_arena *arena, size_t bytes)
{
	struct kp_arena_block *block = arena->blocks;

	if (block && block->size - block->used >= bytes)
		return block;
	return add_block(arena, bytes);
}

void *kp_arena_alloc(struct kp_arena *arena, size_t bytes, struct kp_error *err)
{
	struct kp_arena_block *block = NULL;
	size_t used = bytes ? (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
	void *p;

	if (bytes < PTRDIFF_MAX - BLOCK_BYTES)
		block = block_with_room(arena, used);
	if (!block) {
		kp_fail(err, KP_NO_MEMORY, "out of memory: %zu bytes are not to be had", bytes);
		return NULL;
	}
	p = block->data + block->used;
	block->used += used;
	return p;
}

char *kp_arena_strndup(struct kp_arena *arena, const char *text, size_t len, struct kp_error *err)
{
	char *copy;

	len = strnlen(text, len);
	copy = kp_arena_alloc(arena, len + 1, err);
	if (copy)
		memcpy(copy, text, len);
	return copy;
}

char *kp_arena_printf(struct kp_arena *arena, struct kp_error *err, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0) {
		kp_fail(err, KP_NO_MEMORY, "a text of more than %d bytes", INT32_MAX);
		return NULL;
	}

	text = kp_arena_alloc(arena, (size_t)len + 1, err);
	if (!text)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return text;
}

void *kp_arena_grow(struct kp_arena *arena, void *items, size_t n, size_t *cap, size_t size,
		    struct kp_error *err)
{
	size_t want = *cap ? *cap * 2 : 8;
	void *moved;

	if (n < *cap)
		return items;
	if (want < *cap || want > PTRDIFF_MAX / size) {
		kp_fail(err, KP_NO_MEMORY, "out of memory: an array of more than %zu items", *cap);
		return NULL;
	}
	moved = kp_arena_alloc(arena, want * size, err);
	if (!moved)
		return NULL;
	if (n)
		memcpy(moved, items, n * size);
	*cap = want;
	return moved;
}

void kp_arena_free(struct kp_arena *arena)
{
	struct kp_arena_block *block, *next;

	for (block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	arena->blocks = NULL;
}
