/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file blobs.h
 * The purgatory and the park page as the build made them, inside this library (blobs.S).
 */
#ifndef KP_BLOBS_H
#define KP_BLOBS_H

#include "plan.h"
#include "purgatory_params.h"

#pragma GCC visibility push(hidden)
extern const uint8_t kp_blob_purgatory[], kp_blob_purgatory_end[];
extern const uint8_t kp_blob_park_page[], kp_blob_park_page_end[];
#pragma GCC visibility pop

/** Views of the embedded blobs. The purgatory's .bss and stack are inside of its file bytes. */
static inline struct kp_blobs kp_blobs_embedded(void)
{
	size_t purgatory = (size_t)(kp_blob_purgatory_end - kp_blob_purgatory);
	size_t page = (size_t)(kp_blob_park_page_end - kp_blob_park_page);

	return (struct kp_blobs){
		.purgatory = { .bytes = kp_blob_purgatory, .len = purgatory },
		.purgatory_mem_bytes = PURGATORY_MEM_BYTES,
		.park_page = { .bytes = kp_blob_park_page, .len = page },
	};
}

#endif
