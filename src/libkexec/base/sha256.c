/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Freestanding: no header but the compiler's own, no library call, no floating-point or vector
 * register, no data relocation. The loops below are written so that gcc and clang do not turn
 * them into memcpy() or memset() at any level of optimisation.
 */
#include "sha256.h"
#include "sha256_rounds.h"

#define BLOCK KP_SHA256_BLOCK

/* FIPS 180-4, 4.2.2 and 5.3.3: fractional parts of the cube and square roots of primes. */
const uint32_t kp_sha256_round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void kp_sha256_init(struct kp_sha256 *s)
{
	s->h[0] = 0x6a09e667;
	s->h[1] = 0xbb67ae85;
	s->h[2] = 0x3c6ef372;
	s->h[3] = 0xa54ff53a;
	s->h[4] = 0x510e527f;
	s->h[5] = 0x9b05688c;
	s->h[6] = 0x1f83d9ab;
	s->h[7] = 0x5be0cd19;
	s->bytes = 0;
}

static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	const uint32_t *k = kp_sha256_round_constants;
	uint32_t w[64];

	for (unsigned i = 0; i < 16; i++)
		w[i] = load_be32(block + 4 * i);
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

static void push(struct kp_sha256 *s, uint8_t byte)
{
	s->block[s->bytes++ % BLOCK] = byte;
	if (s->bytes % BLOCK == 0)
		compress(s->h, s->block);
}

void kp_sha256_update(struct kp_sha256 *s, const void *data, size_t len)
{
	const uint8_t *p = data, *end = p + len;

	while (p < end) {
		if (s->bytes % BLOCK || (size_t)(end - p) < BLOCK) {
			push(s, *p++);
			continue;
		}
		compress(s->h, p);
		s->bytes += BLOCK;
		p += BLOCK;
	}
}

void kp_sha256_final(struct kp_sha256 *s, uint8_t digest[KP_SHA256_BYTES])
{
	uint64_t bits = s->bytes * 8;

	push(s, 0x80);
	while (s->bytes % BLOCK != BLOCK - 8)
		push(s, 0);
	for (int shift = 56; shift >= 0; shift -= 8)
		push(s, (uint8_t)(bits >> shift));
	for (unsigned i = 0; i < KP_SHA256_BYTES; i++)
		digest[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}
