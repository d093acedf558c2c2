/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file layout.h
 * Where a load may put things, and putting them there. Room only shrinks: what one call places,
 * no later call can get, so pieces placed through one struct kp_room never overlap.
 */
#ifndef KP_LAYOUT_H
#define KP_LAYOUT_H

#include "image.h"
#include "machine.h"
#include "memory.h"

#define KP_4G_LAST 0xffffffffULL

struct kp_room {
	struct kp_ranges free;
	uint64_t max;              /* highest address of anything */
	uint64_t image_max;        /* highest address that the image bears: <= max */
};

/**
 * RAM to the next kernel that is also RAM to this one, is no driver's, and is not behind the
 * aperture: kp_memory_map() and iomem agree.
 */
int kp_layout_ram(const struct kp_machine *machine, struct kp_ranges *ram, struct kp_error *err);

/**
 * All the room that a load of @p slot has.
 * KP_MACHINE without a memory map, KP_NO_CRASHKERNEL without a reservation.
 */
int kp_layout_open(const struct kp_request *req, const struct kp_machine *machine,
		   const struct kp_image *image, struct kp_arena *arena, struct kp_room *room,
		   struct kp_error *err);

/** The kernel with all that it writes before it has a map: at its preferred start, or anywhere. */
int kp_layout_kernel(struct kp_room *room, const struct kp_image *image, struct kp_range *at,
		     struct kp_error *err);

/**
 * Whole pages for @p bytes, as high as @p within allows, below 4 GiB where there is room: that keeps
 * page tables small. @p at covers whole pages.
 */
int kp_layout_place(struct kp_room *room, const char *what, uint64_t bytes, struct kp_range within,
		    struct kp_range *at, struct kp_error *err);

#endif
