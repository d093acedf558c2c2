/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spcr.h"

#include <string.h>

#define OFF_LENGTH		4
#define OFF_INTERFACE		36      /* Debug Port Table 2 subtype; revision 1: 0 or 1 */
#define OFF_SPACE		40      /* from here a Generic Address Structure, ACPI 6.5, 5.2.3.2 */
#define OFF_ACCESS_SIZE		43
#define OFF_ADDRESS		44
#define LEAST_BYTES		52      /* as far as the address goes */

#define SUBTYPE_16550		0x0000
#define SUBTYPE_16450		0x0001
#define SUBTYPE_16550_GAS	0x0012

#define SPACE_MEMORY		0
#define SPACE_IO		1
#define ACCESS_DWORD		3       /* 0: not said, 1: bytes, 2: words */

static int check_header(struct kp_view table, struct kp_error *err)
{
	uint32_t length;

	if (table.len < LEAST_BYTES)
		return kp_fail(err, KP_MACHINE, "the SPCR has %zu bytes, fewer than %d", table.len,
			       LEAST_BYTES);
	if (memcmp(table.bytes, "SPCR", 4) != 0)
		return kp_fail(err, KP_MACHINE, "the SPCR's signature is not \"SPCR\"");
	kp_view_u32(table, OFF_LENGTH, &length);
	if (length < LEAST_BYTES || length > table.len)
		return kp_fail(err, KP_MACHINE, "the SPCR says that it has %u bytes, and has %zu",
			       length, table.len);
	return 0;
}

static int take_address(struct kp_view table, struct kp_spcr *out, struct kp_error *err)
{
	uint8_t space = table.bytes[OFF_SPACE], access = table.bytes[OFF_ACCESS_SIZE];

	kp_view_u64(table, OFF_ADDRESS, &out->address);
	if (!out->address)
		return kp_fail(err, KP_MACHINE, "the SPCR's address is 0: console redirection is "
			       "off");
	if (space > SPACE_IO)
		return kp_fail(err, KP_MACHINE, "the SPCR's console is in address space %u, "
			       "neither memory nor I/O ports", space);
	if (space == SPACE_IO)
		out->kind = KP_SERIAL_PORT;
	else
		out->kind = access == ACCESS_DWORD ? KP_SERIAL_MMIO32 : KP_SERIAL_MMIO;
	return 0;
}

int kp_spcr_parse(struct kp_view table, struct kp_spcr *out, struct kp_error *err)
{
	uint8_t subtype;

	if (check_header(table, err))
		return -1;
	subtype = table.bytes[OFF_INTERFACE];
	if (subtype != SUBTYPE_16550 && subtype != SUBTYPE_16450 && subtype != SUBTYPE_16550_GAS)
		return kp_fail(err, KP_MACHINE, "the SPCR's console is of type %#x, not an 8250 "
			       "(0, 1 or 0x12)", subtype);
	return take_address(table, out, err);
}
