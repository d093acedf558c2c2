/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file digest.h
 * The digest of a load: what the loader computes and the purgatory checks, defined here for both.
 * Freestanding, like sha256.h.
 *
 * Four SHA-256 lanes, because a CPU hashes several messages together in less time than one after
 * the other: two by its SHA instructions, four in SSE2 registers (tests/bench has the figures). A
 * region of n bytes is cut into quarters of n / 256 whole blocks of 64 bytes, one for each lane in
 * order. What is left over, fewer than 256 bytes, goes to lane 3 too, and zeros up to a whole
 * block, so that every lane begins every region at a block's border. The digest is SHA-256 over
 * the digests of lanes 0, 1, 2 and 3.
 *
 * The zeros and the cuts lose nothing: the regions' lengths are not part of the message, but
 * parameters that both sides share.
 */
#ifndef KP_DIGEST_H
#define KP_DIGEST_H

#include <stdbool.h>

#include "sha256.h"

#define KP_DIGEST_BYTES KP_SHA256_BYTES
#define KP_DIGEST_LANES 4

struct kp_digest {
	struct kp_sha256 lane[KP_DIGEST_LANES];
	bool sha_ni;
};

/**
 * @param sha_ni use the SHA extensions, which kp_digest_sha_ni() said the CPU has. The digest is
 * the same either way.
 */
void kp_digest_init(struct kp_digest *d, bool sha_ni);
/** Touches vector registers, which must be enabled. The other functions do not. */
void kp_digest_region(struct kp_digest *d, const void *data, size_t len);
void kp_digest_final(struct kp_digest *d, uint8_t digest[KP_DIGEST_BYTES]);

/**
 * 64 bits of the state behind the regions so far. Two digests whose regions were alike up to here
 * have the same; others almost surely not. It says where a digest went wrong, and proves nothing.
 */
uint64_t kp_digest_mark(const struct kp_digest *d);

/**
 * Whether the code for SHA extensions runs on a CPU of which CPUID says this: leaf 7's EBX, 0
 * where there is no leaf 7, and leaf 1's ECX.
 */
bool kp_digest_sha_ni(uint32_t leaf7_ebx, uint32_t leaf1_ecx);

/* sha256_ni.S: whole blocks of two messages into two states. */
void kp_sha256_ni_pair(uint32_t a[8], uint32_t b[8], const void *from_a, const void *from_b,
		       size_t blocks);

/* sha256_x4.c: of four messages into four states. */
void kp_sha256_x4(uint32_t *const h[4], const uint8_t *const data[4], size_t blocks);

#endif
