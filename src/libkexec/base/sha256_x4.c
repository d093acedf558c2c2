/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Four messages at once, a word of each in one SSE2 register, which every x86-64 CPU has.
 * Freestanding, with the restrictions of sha256.c but for the registers.
 */
#include "digest.h"
#include "sha256_rounds.h"

typedef uint32_t words __attribute__((vector_size(4 * sizeof(uint32_t))));

static inline words load_words(const uint8_t *const data[4], size_t at)
{
	return (words){ load_be32(data[0] + at), load_be32(data[1] + at),
			load_be32(data[2] + at), load_be32(data[3] + at) };
}

static void compress(words state[8], const uint8_t *const data[4], size_t at)
{
	words a = state[0], b = state[1], c = state[2], d = state[3];
	words e = state[4], f = state[5], g = state[6], h = state[7];
	const uint32_t *k = kp_sha256_round_constants;
	words w[64];

	for (unsigned i = 0; i < 16; i++)
		w[i] = load_words(data, at + 4 * i);
	EXTEND();
	for (unsigned i = 0; i < 64; i += 8)
		EIGHT_ROUNDS(i);
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

void kp_sha256_x4(uint32_t *const h[4], const uint8_t *const data[4], size_t blocks)
{
	words state[8];

	for (unsigned i = 0; i < 8; i++)
		state[i] = (words){ h[0][i], h[1][i], h[2][i], h[3][i] };
	for (size_t i = 0; i < blocks; i++)
		compress(state, data, i * KP_SHA256_BLOCK);
	for (unsigned lane = 0; lane < 4; lane++)
		for (unsigned i = 0; i < 8; i++)
			h[lane][i] = state[i][lane];
}
