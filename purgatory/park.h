/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PURGATORY_PARK_H
#define PURGATORY_PARK_H

#include <stdint.h>

#include "apic.h"
#include "purgatory_params.h"

/*
 * Attaches the flight record to the page that is there already. Nothing happens when this
 * hand-over is to install the page, or when what is there fails its digest.
 */
void park_attach_record(const struct purgatory_params *params);

/*
 * Moves every other CPU of params into the park page. Comes before the digest of the load, so what
 * it reads of the load's memory, the page's image and the APIC IDs, it holds to digests of their
 * own first. Always returns, within a bounded time;
 * what became of it is in the flight record and has been said.
 */
void park_others(const struct purgatory_params *params, const struct apic *apic,
		 enum apic_state state);

#endif
