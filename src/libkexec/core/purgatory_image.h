/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file purgatory_image.h
 * The purgatory as it is submitted: a copy of the blob with its parameters written in.
 */
#ifndef KP_PURGATORY_IMAGE_H
#define KP_PURGATORY_IMAGE_H

#include "plan.h"
#include "purgatory_params.h"

/**
 * Fill regions[], marks[] and digest of @p params from the segments that the digest covers, in order.
 * Only data bytes count; what the kernel pads with zeros does not.
 */
int kp_purgatory_digest(const struct kp_segment *segments, size_t n,
			struct purgatory_params *params, struct kp_error *err);

/**
 * Copy @p blob into the arena, write @p params into it and make its descriptor tables for
 * @p phys. KP_INTERNAL: the blob is too small or has no tables.
 */
int kp_purgatory_image_build(struct kp_view blob, const struct purgatory_params *params,
			     uint64_t phys, struct kp_arena *arena, struct kp_view *out,
			     struct kp_error *err);

#endif
