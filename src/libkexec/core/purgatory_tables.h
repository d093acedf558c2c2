/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file purgatory_tables.h
 * The purgatory's descriptor tables, made for the place where it will run.
 */
#ifndef KP_PURGATORY_TABLES_H
#define KP_PURGATORY_TABLES_H

#include "error.h"

/**
 * Add @p phys, where the blob will run, to the bases in its GDTR and IDTR and to the handler of
 * each of its 32 gates; all are offsets in the blob as it was built.
 * @return 0, or -1 with KP_INTERNAL: the blob has no such tables, or @p phys is not 4096-aligned.
 */
int kp_purgatory_tables_move(uint8_t *blob, size_t len, uint64_t phys, struct kp_error *err);

#endif
