/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file sha256.h
 * SHA-256 (FIPS 180-4). Freestanding: the purgatory is built from the same source, so that what
 * the loader computes and what the purgatory checks cannot drift apart.
 */
#ifndef KP_SHA256_H
#define KP_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define KP_SHA256_BYTES 32
#define KP_SHA256_BLOCK 64

struct kp_sha256 {
	uint32_t h[8];
	uint64_t bytes;
	uint8_t block[KP_SHA256_BLOCK];
};

void kp_sha256_init(struct kp_sha256 *s);
void kp_sha256_update(struct kp_sha256 *s, const void *data, size_t len);
void kp_sha256_final(struct kp_sha256 *s, uint8_t digest[KP_SHA256_BYTES]);

/* For the other ways to compute it. sha256_ni.S reads them by sixteen bytes, relative to RIP. */
extern const uint32_t kp_sha256_round_constants[64]
	__attribute__((aligned(16), visibility("hidden")));

#endif
