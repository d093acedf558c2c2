/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file iomem.h
 * The facts in a whole /proc/iomem.
 */
#ifndef KP_IOMEM_H
#define KP_IOMEM_H

#include "memmap.h"

struct kp_iomem {
	struct kp_memmap map;      /* rows named like a type of firmware's map, at any depth */
	struct kp_ranges system_ram; /* rows named exactly "System RAM", at any depth */
	struct kp_ranges top_ram;  /* of these the outermost */
	struct kp_ranges driver_ram; /* "System RAM (kmem)", "System RAM (virtio_mem)", ... */
	struct kp_ranges gart;     /* an AGP aperture that the IOMMU of old AMD CPUs uses */
	struct kp_ranges crashk;
	struct kp_ranges reserved; /* outermost rows only */
	struct kp_range kernel_code; /* or none */
};

/**
 * Read all of @p text. The sets grow in @p arena.
 * @return 0; -1 with KP_MACHINE and the number of a line that makes no sense, or with
 * KP_PERMISSION when every address is zero, as the kernel shows them to the unprivileged.
 */
int kp_iomem_read(struct kp_view text, struct kp_arena *arena, struct kp_iomem *out,
		  struct kp_error *err);

#endif
