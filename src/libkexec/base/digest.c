/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Freestanding, with the restrictions of sha256.c. */
#include "digest.h"

#include "x86.h"

void kp_digest_init(struct kp_digest *d, bool sha_ni)
{
	for (unsigned i = 0; i < KP_DIGEST_LANES; i++)
		kp_sha256_init(&d->lane[i]);
	d->sha_ni = sha_ni;
}

/* @quarter is whole blocks, and all lanes stand at a block's border. */
static void hash_quarters(struct kp_digest *d, const uint8_t *data, size_t quarter)
{
	const size_t blocks = quarter / KP_SHA256_BLOCK;
	const uint8_t *from[KP_DIGEST_LANES];
	uint32_t *h[KP_DIGEST_LANES];

	for (unsigned i = 0; i < KP_DIGEST_LANES; i++) {
		from[i] = data + i * quarter;
		h[i] = d->lane[i].h;
		d->lane[i].bytes += quarter;
	}
	if (!d->sha_ni) {
		kp_sha256_x4(h, from, blocks);
		return;
	}
	kp_sha256_ni_pair(h[0], h[1], from[0], from[1], blocks);
	kp_sha256_ni_pair(h[2], h[3], from[2], from[3], blocks);
}

static void hash_rest(struct kp_sha256 *s, const uint8_t *rest, size_t len)
{
	static const uint8_t zeros[KP_SHA256_BLOCK];

	kp_sha256_update(s, rest, len);
	kp_sha256_update(s, zeros, -len % KP_SHA256_BLOCK);
}

void kp_digest_region(struct kp_digest *d, const void *data, size_t len)
{
	size_t quarter = len / (KP_DIGEST_LANES * KP_SHA256_BLOCK) * KP_SHA256_BLOCK;
	const uint8_t *bytes = data, *rest = bytes + KP_DIGEST_LANES * quarter;

	hash_quarters(d, bytes, quarter);
	hash_rest(&d->lane[KP_DIGEST_LANES - 1], rest, (size_t)(bytes + len - rest));
}

void kp_digest_final(struct kp_digest *d, uint8_t digest[KP_DIGEST_BYTES])
{
	uint8_t lane[KP_SHA256_BYTES];
	struct kp_sha256 root;

	kp_sha256_init(&root);
	for (unsigned i = 0; i < KP_DIGEST_LANES; i++) {
		kp_sha256_final(&d->lane[i], lane);
		kp_sha256_update(&root, lane, sizeof(lane));
	}
	kp_sha256_final(&root, digest);
}

/* Every lane stands at a block's border, so that its state is all that it has taken. Turned between
 * lanes: regions of one byte repeated give all lanes the same state. */
uint64_t kp_digest_mark(const struct kp_digest *d)
{
	uint64_t mark = 0;

	for (unsigned i = 0; i < KP_DIGEST_LANES; i++) {
		mark = mark << 13 | mark >> 51;
		mark ^= (uint64_t)d->lane[i].h[1] << 32 | d->lane[i].h[0];
	}
	return mark;
}

bool kp_digest_sha_ni(uint32_t leaf7_ebx, uint32_t leaf1_ecx)
{
	const uint32_t sse = X86_CPUID1_ECX_SSSE3 | X86_CPUID1_ECX_SSE4_1;

	return leaf7_ebx & X86_CPUID7_EBX_SHA && (leaf1_ecx & sse) == sse;
}
