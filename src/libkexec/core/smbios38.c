/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smbios38.h"

#define TYPE_IPMI_DEVICE	38
#define OFF_INTERFACE		0x04
#define INTERFACE_KCS			1
#define OFF_BASE		0x08    /* bit 0: I/O ports, not memory */
#define OFF_MODIFIER		0x10    /* bits 7:6 spacing, bit 4 what bit 0 of the address is */
#define LEAST_BYTES		0x11
#define LAST_PORT		0xffe0

static int check(struct kp_view s, struct kp_error *err)
{
	if (s.len < LEAST_BYTES || s.bytes[0] != TYPE_IPMI_DEVICE || s.bytes[1] < LEAST_BYTES ||
	    s.bytes[1] > s.len)
		return kp_fail(err, KP_MACHINE, "the SMBIOS structure of the BMC is not of type 38 "
			       "with %d bytes or more (%zu bytes)", LEAST_BYTES, s.len);
	if (s.bytes[OFF_INTERFACE] != INTERFACE_KCS)
		return kp_fail(err, KP_MACHINE, "the BMC's interface is of type %u, not KCS (1)",
			       s.bytes[OFF_INTERFACE]);
	return 0;
}

int kp_smbios38_parse(struct kp_view structure, struct kp_bmc *out, struct kp_error *err)
{
	static const uint8_t spacings[] = { 1, 4, 16, 0 };
	uint64_t base;
	uint8_t modifier;

	if (check(structure, err))
		return -1;
	modifier = structure.bytes[OFF_MODIFIER];
	kp_view_u64(structure, OFF_BASE, &base);
	if (!(base & 1))
		return kp_fail(err, KP_MACHINE, "the BMC's interface is in memory at %#llx, not on "
			       "I/O ports", (unsigned long long)base);
	base = (base & ~1ULL) | (modifier >> 4 & 1);
	out->spacing = spacings[modifier >> 6];
	if (!base || base > LAST_PORT || !out->spacing)
		return kp_fail(err, KP_MACHINE, "the BMC's interface at port %#llx with spacing code "
			       "%u makes no sense", (unsigned long long)base, modifier >> 6);
	out->port = (uint16_t)base;
	return 0;
}
