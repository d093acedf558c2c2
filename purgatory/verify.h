/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The digest over the next kernel's memory. */
#ifndef PURGATORY_VERIFY_H
#define PURGATORY_VERIFY_H

#include <stdbool.h>

#include "purgatory_params.h"

/*
 * Whether the regions still have the digest that the loader found; memory that raises a machine
 * check when it is read has none, and that is said. record.digest_bytes counts what was read. SSE is
 * enabled meanwhile; CR0 and CR4 are then as they were.
 *
 * If not, record.mismatch is the physical address of the poison, or else of the first region that
 * differs: a region has one mark, so that where in it cannot be told. If none does, it is the
 * digest in the parameters that was damaged, and its address.
 */
bool digest_matches(const struct purgatory_params *p);

#endif
