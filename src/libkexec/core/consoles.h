/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file consoles.h
 * Where the purgatory says what it does: serial port, VGA text, framebuffer, POST codes, the event
 * log of a BMC.
 */
#ifndef KP_CONSOLES_H
#define KP_CONSOLES_H

#include "machine.h"
#include "purgatory_params.h"
#include "smbios38.h"

struct kp_consoles {
	uint32_t flags;            /* PURGATORY_CONSOLE_*, PURGATORY_POST */
	uint16_t serial_port;
	uint8_t serial_access, serial_shift;
	uint64_t serial_mmio;
	struct purgatory_framebuffer framebuffer;
	struct kp_bmc bmc;         /* of its event log; port 0: no trace there */
	struct kp_range devices[2]; /* what of them is memory, in whole pages */
	size_t n_devices;
};

/**
 * Decide what @p req asks for. KP_MACHINE: this machine has no such console, or what describes
 * it makes no sense.
 */
int kp_consoles_decide(const struct kp_request *req, const struct kp_machine *machine,
		       struct kp_consoles *out, struct kp_error *err);

#endif
