/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file smbios38.h
 * Where firmware says that the machine's BMC is: SMBIOS structure of type 38, "IPMI Device
 * Information" (DMTF DSP0134 3.6, 7.39).
 */
#ifndef KP_SMBIOS38_H
#define KP_SMBIOS38_H

#include "error.h"
#include "view.h"

struct kp_bmc {
	uint16_t port;             /* of the data register */
	uint8_t spacing;           /* from there to the command register */
};

/**
 * Parse the structure as /sys/firmware/dmi/entries/38-0/raw has it.
 * @return 0, or -1 with KP_MACHINE: not whole, or an interface that is not KCS on I/O ports.
 */
int kp_smbios38_parse(struct kp_view structure, struct kp_bmc *out, struct kp_error *err);

#endif
