/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the harnesses share. A harness is one file fuzz_<name>.c with LLVMFuzzerTestOneInput()
 * and, where its input has a structure, LLVMFuzzerCustomMutator(). It feeds bytes to the library
 * and holds what comes back against rules of its own; a broken rule aborts. Magic words, names
 * and digests come from the mutator; fuzz_<name>.dict is for what is a text.
 *
 * The arena is built with BLOCK_BYTES 0 here: every allocation is the allocator's own, so that
 * the address sanitizer sees a step from one into the next.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"
#include "range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/* A rule of the harness, with what it is about for the log. */
#define REQUIRE(rule)                                                                      \
	do {                                                                               \
		if (!(rule))                                                               \
			fuzz_broken(#rule, __FILE__, __LINE__);                            \
	} while (0)

_Noreturn void fuzz_broken(const char *rule, const char *file, int line);

/* Any outcome: 0, or -1 with a code, and one printable line for the operator. */
void fuzz_check_outcome(int rc, const struct kp_error *err);

/* What kp_image promises of an image made of @file. */
void fuzz_check_image(const struct kp_image *image, struct kp_view file);

/* Ascending, disjoint, not adjacent. */
void fuzz_check_ranges(const struct kp_ranges *set);

/* ---- input, taken from the front ---- */

/* Little-endian numbers off the front; zeros once it is used up. */
uint64_t fuzz_take(struct kp_view *input, size_t bytes);
struct kp_view fuzz_take_view(struct kp_view *input, size_t bytes);
/* A copy of the next bytes up to the first zero, at most @most, terminated; free() it. */
char *fuzz_take_text(struct kp_view *input, size_t most);

/* ---- mutating what has a structure ---- */

/* A small generator of our own: the same seed, the same change. Never 0 forever. */
uint64_t fuzz_random(uint64_t *state);
uint64_t fuzz_below(uint64_t *state, uint64_t n);

/* A number that breaks things: a border of some width, a power of two, one beside it, any. */
uint64_t fuzz_number(uint64_t *state);

/* Store the low @width bytes of @value at @at, if @data reaches there. */
void fuzz_put(uint8_t *data, size_t size, size_t at, size_t width, uint64_t value);
uint64_t fuzz_get(const uint8_t *data, size_t size, size_t at, size_t width);

/* A field of a header. */
struct fuzz_field {
	uint16_t at, width;
};

/* Change one of the fields: to a breaking number, by a little, or to its neighbour's. */
void fuzz_mutate_field(uint8_t *data, size_t size, const struct fuzz_field *fields, size_t n,
		       uint64_t *state);

/* Change a text of lines as such: a digit, a line doubled, dropped, swapped, or two joined. */
size_t fuzz_mutate_lines(uint8_t *data, size_t size, size_t most, uint64_t *state);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
