/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file kcore.h
 * What the ELF headers of /proc/kcore tell of the running kernel's virtual addresses.
 */
#ifndef KP_KCORE_H
#define KP_KCORE_H

#include "error.h"
#include "view.h"

enum kp_known { KP_UNKNOWN = 0, KP_NO, KP_YES };

struct kp_kcore {
	uint64_t page_offset;      /* virtual address of physical 0, or 0: unknown */
	uint64_t text_virt;        /* of _stext, or 0: unknown */
	uint64_t text_bytes;       /* from there to _end: code and data; 0: unknown */
	enum kp_known la57;        /* whether the kernel runs with 5-level paging */
};

/**
 * How many bytes of the file the headers and notes take, as far as @p start shows: the answer
 * may grow with what is given, and is final once @p start is that long.
 */
int kp_kcore_extent(struct kp_view start, uint64_t *bytes, struct kp_error *err);

/** Read headers of the whole extent. -1 with KP_MACHINE: not a 64-bit core, or cut short. */
int kp_kcore_parse(struct kp_view headers, struct kp_kcore *out, struct kp_error *err);

#endif
