/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event log of QEMU's BMC (-device isa-ipmi-kcs), as whoever comes later reads it. */
#ifndef PAYLOAD_BMC_H
#define PAYLOAD_BMC_H

#include <stdint.h>

uint32_t bmc_records(uint16_t port);
#define BMC_ANYWHERE 1                  /* an address that is not 0 */

struct bmc_record {
	uint8_t outcome, vector;
	uint64_t address;
};

/* Fails the test unless record @n, from 0, is of the purgatory, with these. */
void bmc_check_record(uint16_t port, uint32_t n, const struct bmc_record *must);

#endif
