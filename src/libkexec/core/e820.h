/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file e820.h
 * The memory map that the next kernel boots with.
 */
#ifndef KP_E820_H
#define KP_E820_H

#include "machine.h"

/**
 * The next kernel's map, into the empty @p map.
 *
 * Normal: kp_memory_map(). Crash: of its RAM only what lies below 640 KiB (the backup keeps
 * what was there), the crashkernel ranges and kp_memory_cma(); every other type as it is. In both,
 * each of @p reserved becomes Reserved. The elfcorehdr and the backup are Reserved rather than
 * left out, so that no driver takes the hole for free address space.
 */
int kp_e820_build(const struct kp_machine *machine, enum kp_slot slot,
		  const struct kp_range *reserved, size_t n_reserved, struct kp_memmap *map,
		  struct kp_error *err);

#endif
