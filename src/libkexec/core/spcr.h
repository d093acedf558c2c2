/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file spcr.h
 * The serial port that firmware uses as its console: ACPI table "SPCR" (Microsoft, Serial Port
 * Console Redirection Table, revision 4).
 */
#ifndef KP_SPCR_H
#define KP_SPCR_H

#include "error.h"
#include "kexec_types.h"
#include "view.h"

struct kp_spcr {
	enum kp_serial kind;
	uint64_t address;          /* of the first register: a port or memory */
};

/**
 * Parse a whole table. Its speed is not looked at: firmware has set it up.
 * @return 0, or -1 with KP_MACHINE: not whole, or a console that is no 8250.
 */
int kp_spcr_parse(struct kp_view table, struct kp_spcr *out, struct kp_error *err);

#endif
