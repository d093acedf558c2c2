/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file boot_nodes.h
 * The "boot_params" segment: the zero page and every other small thing that the next kernel or
 * the purgatory reads, in one segment because a load has only 16.
 */
#ifndef KP_BOOT_NODES_H
#define KP_BOOT_NODES_H

#include "zeropage.h"

/** What is to be in the segment. */
struct kp_boot_nodes {
	const struct kp_machine *machine;
	const struct kp_image *image;
	const struct kp_memmap *e820;
	const char *cmdline;
	bool efi;                  /* pass the runtime map on */
	uint64_t acpi_rsdp;
	const uint32_t *park_ids;
	size_t n_park_ids;
	const uint8_t *park_image; /* 4096 bytes, or NULL */
	struct kp_boot_offsets { /* by kp_boot_nodes_layout(); 0: absent. The zero page is at 0. */
		size_t cmdline, efi_data, efi_map, e820_ext, rng_seed, park_ids, park_image;
		size_t bytes;      /* of the whole segment */
	} at;
};

/** Decide what goes where; fills @p nodes->at. */
void kp_boot_nodes_layout(struct kp_boot_nodes *nodes);

/**
 * Write the segment for physical address @p phys.
 * @p initrd is NULL when there is none.
 * @return 0 with @p nodes->at.bytes bytes in @p out, or -1 without memory.
 */
int kp_boot_nodes_build(const struct kp_boot_nodes *nodes, uint64_t phys,
			const struct kp_range *initrd, struct kp_arena *arena,
			struct kp_view *out, struct kp_error *err);

#endif
