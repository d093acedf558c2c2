/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file park_image.h
 * The loader's side of the park page: build one for an address, and say what a page of bytes
 * found below 1 MiB is. Layout: abi/park_page.h.
 */
#ifndef KP_PARK_IMAGE_H
#define KP_PARK_IMAGE_H

#include "error.h"
#include "purgatory_params.h"
#include "view.h"

enum kp_page_kind {
	KP_PAGE_FOREIGN,           /**< no magic: not ours, leave it alone */
	KP_PAGE_INTACT,            /**< its immutable part is what we would build there */
	KP_PAGE_OTHER_VERSION,     /**< it holds by its own digest, but we would build another */
	KP_PAGE_CORRUPT,           /**< magic, but it does not hold: damaged, forged or moved */
};

/**
 * The page for physical address @p phys: @p blob with its address-dependent fields patched and
 * its digest filled in, the mutable part pristine.
 * @return 0, or -1 with KP_PARK when @p phys is not 4096-aligned in
 * [PARK_PAGE_LOWEST, PARK_PAGE_CEILING), KP_INTERNAL when @p blob is no page.
 */
int kp_park_page_build(struct kp_view blob, uint64_t phys, uint8_t page[4096],
		       struct kp_error *err);

/**
 * Whether 4096 @p bytes found at @p phys are a park page of any version that is whole: magic, its
 * own address, and the digest it carries. A digest can be forged by who can write the page: its
 * code is trusted only when it is ours, see kp_park_page_identify().
 */
bool kp_park_page_holds(const uint8_t *bytes, uint64_t phys);

/** What 4096 @p bytes found at @p phys are, by the side of the page @p blob would make there. */
enum kp_page_kind kp_park_page_identify(const uint8_t *bytes, uint64_t phys, struct kp_view blob);

/**
 * Fill the digests of what parking reads: of the 4096 bytes of @p image, and of the park_n_ids +
 * park_n_extra @p ids. The purgatory parks before it takes the digest of the load.
 */
void kp_park_seal(const uint8_t *image, const uint32_t *ids, struct purgatory_params *params);

#endif
