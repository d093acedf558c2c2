/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <cpuid.h>
#include <string.h>

#include "digest.h"
#include "purgatory_image.h"
#include "purgatory_tables.h"

/* How fast the digest is found depends on the CPU; what it is does not. */
static bool cpu_has_sha_ni(void)
{
	unsigned int eax, ebx7, ebx1, ecx7, ecx1, edx;

	if (!__get_cpuid_count(7, 0, &eax, &ebx7, &ecx7, &edx) ||
	    !__get_cpuid(1, &eax, &ebx1, &ecx1, &edx))
		return false;
	return kp_digest_sha_ni(ebx7, ecx1);
}

int kp_purgatory_digest(const struct kp_segment *segments, size_t n,
			struct purgatory_params *params, struct kp_error *err)
{
	struct kp_digest digest;

	kp_digest_init(&digest, cpu_has_sha_ni());
	params->n_regions = 0;
	for (size_t i = 0; i < n; i++) {
		const struct kp_segment *s = &segments[i];

		if (!s->digest || !s->data_bytes)
			continue;
		if (params->n_regions == PURGATORY_MAX_REGIONS)
			return kp_fail(err, KP_INTERNAL, "the digest covers more than %d segments",
				       PURGATORY_MAX_REGIONS);
		kp_digest_region(&digest, s->data, s->data_bytes);
		params->marks[params->n_regions] = kp_digest_mark(&digest);
		params->regions[params->n_regions++] = (struct purgatory_region){
			.start = s->at.start, .bytes = s->data_bytes,
		};
	}
	kp_digest_final(&digest, params->digest);
	return 0;
}

int kp_purgatory_image_build(struct kp_view blob, const struct purgatory_params *params,
			     uint64_t phys, struct kp_arena *arena, struct kp_view *out,
			     struct kp_error *err)
{
	uint8_t *bytes;

	if (blob.len < PURGATORY_OFF_PARAMS + sizeof(*params))
		return kp_fail(err, KP_INTERNAL, "the purgatory has %zu bytes, too few for its %zu "
			       "bytes of parameters", blob.len, sizeof(*params));
	bytes = kp_arena_alloc(arena, blob.len, err);
	if (!bytes)
		return -1;
	memcpy(bytes, blob.bytes, blob.len);
	memcpy(bytes + PURGATORY_OFF_PARAMS, params, sizeof(*params));
	*out = (struct kp_view){ bytes, blob.len };
	return kp_purgatory_tables_move(bytes, blob.len, phys, err);
}
