/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Also built into the payload tests, which install what this makes: no call but memcpy(),
 * memcmp(), SHA-256 and kp_fail(). */
#include <string.h>

#include "park_page.h"
#include "park_image.h"
#include "sha256.h"

_Static_assert(KP_PARK_HLT == PARK_MODE_HLT && KP_PARK_INIT == PARK_MODE_INIT &&
	       KP_PARK_CLGI == PARK_MODE_CLGI, "kp_park_mode is not the page's PARK_MODE");

/* Digest of an immutable part of @len bytes; the digest inside of it counts as zeros. */
static void digest_of(const uint8_t *page, size_t len, uint8_t digest[KP_SHA256_BYTES])
{
	static const uint8_t zeros[KP_SHA256_BYTES];
	const size_t after = PARK_OFF_SHA256 + KP_SHA256_BYTES;
	struct kp_sha256 sha;

	kp_sha256_init(&sha);
	kp_sha256_update(&sha, page, PARK_OFF_SHA256);
	kp_sha256_update(&sha, zeros, sizeof(zeros));
	kp_sha256_update(&sha, page + after, len - after);
	kp_sha256_final(&sha, digest);
}

static uint64_t get(const uint8_t *page, size_t off, size_t bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | page[off + bytes];
	return value;
}

static void put(uint8_t *page, size_t off, size_t bytes, uint64_t value)
{
	for (size_t i = 0; i < bytes; i++)
		page[off + i] = (uint8_t)(value >> (8 * i));
}

/* All that depends on where the page is. In a descriptor the base has 24 bits at this place, and
 * a page below 1 MiB needs no more. */
static void relocate(uint8_t *page, uint64_t phys)
{
	static const uint16_t bases[] = {
		PARK_OFF_GDTR_BASE, PARK_OFF_IDTR_BASE, PARK_OFF_BRIDGE_BASE,
		PARK_OFF_CS_BASE, PARK_OFF_DS_BASE,
	};

	put(page, PARK_OFF_ADDRESS, 4, phys);
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++)
		put(page, bases[i], 3, get(page, bases[i], 3) + phys);
	for (unsigned vector = 0; vector < PARK_BRIDGE_VECTORS; vector++)
		if (!PARK_BRIDGE_IS_GATE(vector))
			put(page, PARK_OFF_BRIDGE_SEGMENT(vector), 2, phys >> 4);
}

static bool is_place(uint64_t phys)
{
	return phys % PARK_PAGE_SIZE == 0 && phys >= PARK_PAGE_LOWEST && phys < PARK_PAGE_CEILING;
}

static bool has_magic(const uint8_t *page)
{
	return get(page, PARK_OFF_MAGIC, 8) == PARK_MAGIC;
}

int kp_park_page_build(struct kp_view blob, uint64_t phys, uint8_t page[4096],
		       struct kp_error *err)
{
	if (!is_place(phys))
		return kp_fail(err, KP_PARK, "a park page cannot be at 0x%llx: it must be a "
			       "multiple of 4096 from 0x%x up to, not including, 0x%x",
			       (unsigned long long)phys, PARK_PAGE_LOWEST, PARK_PAGE_CEILING);
	if (blob.len != PARK_PAGE_SIZE || !has_magic(blob.bytes) ||
	    get(blob.bytes, PARK_OFF_VERSION, 4) != PARK_VERSION ||
	    get(blob.bytes, PARK_OFF_ADDRESS, 4) != 0)
		return kp_fail(err, KP_INTERNAL, "the built-in park page is no version %u page of "
			       "%u bytes (it has %llu)", PARK_VERSION, PARK_PAGE_SIZE,
			       (unsigned long long)blob.len);
	memcpy(page, blob.bytes, PARK_PAGE_SIZE);
	relocate(page, phys);
	digest_of(page, PARK_IMMUTABLE_BYTES, page + PARK_OFF_SHA256);
	return 0;
}

bool kp_park_page_holds(const uint8_t *bytes, uint64_t phys)
{
	uint64_t len = get(bytes, PARK_OFF_IMMUTABLE, 4);
	uint8_t digest[KP_SHA256_BYTES];

	if (!has_magic(bytes) || get(bytes, PARK_OFF_ADDRESS, 4) != phys ||
	    len < PARK_OFF_SHA256 + KP_SHA256_BYTES || len > PARK_PAGE_SIZE)
		return false;
	digest_of(bytes, len, digest);
	return !memcmp(digest, bytes + PARK_OFF_SHA256, sizeof(digest));
}

enum kp_page_kind kp_park_page_identify(const uint8_t *bytes, uint64_t phys, struct kp_view blob)
{
	uint8_t ours[PARK_PAGE_SIZE];
	struct kp_error err;

	if (!has_magic(bytes))
		return KP_PAGE_FOREIGN;
	if (!kp_park_page_holds(bytes, phys))
		return KP_PAGE_CORRUPT;
	if (kp_park_page_build(blob, phys, ours, &err) == 0 &&
	    !memcmp(bytes, ours, PARK_IMMUTABLE_BYTES))
		return KP_PAGE_INTACT;
	return KP_PAGE_OTHER_VERSION;
}

static void seal(const void *bytes, size_t n, uint8_t digest[KP_SHA256_BYTES])
{
	struct kp_sha256 sha;

	kp_sha256_init(&sha);
	kp_sha256_update(&sha, bytes, n);
	kp_sha256_final(&sha, digest);
}

void kp_park_seal(const uint8_t *image, const uint32_t *ids, struct purgatory_params *params)
{
	const size_t n = (size_t)params->park_n_ids + params->park_n_extra;

	seal(image, PARK_PAGE_SIZE, params->park_image_digest);
	seal(ids, n * sizeof(*ids), params->park_ids_digest);
}
