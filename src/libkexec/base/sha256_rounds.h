/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SHA-256's rounds (FIPS 180-4, 4.1.2 and 6.2.2) over words of any type that C can add, shift and
 * combine bitwise: uint32_t for one message, a vector of them for several at once.
 *
 * What includes this has the words a to h, w[64], and the constants behind k.
 */
#ifndef KP_SHA256_ROUNDS_H
#define KP_SHA256_ROUNDS_H

#include <stdint.h>

#define ROR(x, n)	((x) >> (n) | (x) << (32 - (n)))

/* Ch and Maj in the forms that take the fewest operations. */
#define CH(x, y, z)	((z) ^ ((x) & ((y) ^ (z))))
#define MAJ(x, y, z)	(((x) & (y)) | ((z) & ((x) | (y))))
#define SUM0(x)		(ROR(x, 2) ^ ROR(x, 13) ^ ROR(x, 22))
#define SUM1(x)		(ROR(x, 6) ^ ROR(x, 11) ^ ROR(x, 25))
#define SIGMA0(x)	(ROR(x, 7) ^ ROR(x, 18) ^ ((x) >> 3))
#define SIGMA1(x)	(ROR(x, 17) ^ ROR(x, 19) ^ ((x) >> 10))

/* The variables change names instead of places: eight rounds bring them back. */
#define ROUND(a, b, c, d, e, f, g, h, i) do {						\
	(h) += SUM1(e) + CH(e, f, g) + k[i] + w[i];					\
	(d) += (h);									\
	(h) += SUM0(a) + MAJ(a, b, c);							\
} while (0)

#define EIGHT_ROUNDS(i) do {								\
	ROUND(a, b, c, d, e, f, g, h, (i) + 0);						\
	ROUND(h, a, b, c, d, e, f, g, (i) + 1);						\
	ROUND(g, h, a, b, c, d, e, f, (i) + 2);						\
	ROUND(f, g, h, a, b, c, d, e, (i) + 3);						\
	ROUND(e, f, g, h, a, b, c, d, (i) + 4);						\
	ROUND(d, e, f, g, h, a, b, c, (i) + 5);						\
	ROUND(c, d, e, f, g, h, a, b, (i) + 6);						\
	ROUND(b, c, d, e, f, g, h, a, (i) + 7);						\
} while (0)

/* The message's 64 words from its first 16. */
#define EXTEND() do {									\
	for (unsigned t = 16; t < 64; t++)						\
		w[t] = SIGMA1(w[t - 2]) + w[t - 7] + SIGMA0(w[t - 15]) + w[t - 16];	\
} while (0)

/* Most significant byte first. */
static inline uint32_t load_be32(const uint8_t *p)
{
	uint32_t x;

	__builtin_memcpy(&x, p, sizeof(x));
	return __builtin_bswap32(x);
}

#endif
