/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file plan.h
 * (request, machine, image, initrds) -> plan. Pure: same input, same plan, but for the random
 * seed that the machine carries.
 */
#ifndef KP_PLAN_H
#define KP_PLAN_H

#include "image.h"
#include "machine.h"

/** The blobs that the plan copies and fills in; embedded by linux/blobs.S, or a test's own. */
struct kp_blobs {
	struct kp_view purgatory;  /* file bytes */
	uint64_t purgatory_mem_bytes; /* at least its bytes: see PURGATORY_MEM_BYTES */
	struct kp_view park_page;  /* PARK_PAGE_SIZE bytes, unpatched */
};

/** A plan and the arena that owns it. Borrows machine, image, initrds and blobs. */
struct kp_plan_build {
	struct kp_arena arena;
	struct kp_plan plan;
};

/**
 * Lay out, encode and check. On success every invariant of kp_plan_check() holds.
 * @param initrds borrowed views, each from a page of its own: up to 4 are submitted as they are,
 * more are joined into one copy
 * @return 0; -1 with the error filled and nothing left to free.
 */
int kp_plan_make(const struct kp_request *req, const struct kp_machine *machine,
		 const struct kp_image *image, const struct kp_view *initrds, size_t n_initrds,
		 const struct kp_blobs *blobs, struct kp_plan_build *out, struct kp_error *err);

/**
 * Why the kernel's own purgatory, that of kexec_file_load(2), may lose @p image; NULL if nothing is
 * known. Ours clears what an image that leaves 5-level paging would stumble over.
 */
const char *kp_plan_file_risk(const struct kp_machine *machine, const struct kp_image *image);

/**
 * The invariants of any plan, whoever made it: 1..16 segments, ascending, disjoint, page-aligned,
 * data within its range, the entry inside a segment, every segment inside System RAM (normal) or
 * inside the last crashkernel range (crash), no segment on the park page, the e820 ascending and
 * disjoint. KP_INTERNAL names the invariant and the numbers.
 */
int kp_plan_check(const struct kp_plan *plan, const struct kp_machine *machine,
		  struct kp_error *err);

#endif
