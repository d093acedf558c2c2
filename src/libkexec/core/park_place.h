/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file park_place.h
 * Whether this machine's other CPUs can be parked, in which page, and which CPUs they are.
 */
#ifndef KP_PARK_PLACE_H
#define KP_PARK_PLACE_H

#include "machine.h"
#include "warnings.h"

struct kp_park_choice {
	struct kp_park_plan plan;
	const uint8_t *image;      /* of use with REUSE too: a crash may damage the page there */
	const uint32_t *ids;       /* APIC IDs that should arrive, the boot CPU's among them */
	size_t n_ids;
	size_t n_extra_ids;        /* behind those: of CPUs that may be plugged in, or not */
	uint32_t bsp_id;           /* PARK_ID_NONE: nobody knows */
};

/**
 * Decide. @p cmdline is the next kernel's whole command line, @p blob the unpatched page.
 * The choice depends on its input only: a load that is made again before its page was installed
 * chooses the same page.
 * @return 0, with state KP_PARK_STATE_NONE when parking was not asked for, or was with
 * KP_PARK_TRY and cannot be (then a warning says why); -1 with KP_PARK and the reason.
 */
int kp_park_choose(const struct kp_request *req, const struct kp_machine *machine,
		   struct kp_view blob, const char *cmdline, struct kp_warnings *warnings,
		   struct kp_park_choice *out, struct kp_error *err);

#endif
