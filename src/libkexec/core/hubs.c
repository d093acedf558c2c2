/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hubs.h"

#include <string.h>

#include "text.h"

#define OFF_OEM_ID	10      /* of an ACPI table: 6 bytes (ACPI 6.5, 5.2.6) */
#define OEM_ID_BYTES	6

static const char uv[] = "SGI UV", numaconnect[] = "NumaConnect";

static bool begins(struct kp_view text, const char *with)
{
	size_t n = strlen(with);

	return text.len >= n && memcmp(text.bytes, with, n) == 0;
}

/*
 * As Linux knows them: uv_set_system_type() of arch/x86/kernel/apic/x2apic_uv_x.c, which takes the maker
 * for the architecture type where firmware states none, and numachip1_acpi_madt_oem_check() and its
 * twin of apic_numachip.c.
 */
const char *kp_hub_of_madt(struct kp_view madt)
{
	struct kp_view oem;

	if (!kp_view_sub(madt, OFF_OEM_ID, OEM_ID_BYTES, &oem))
		return NULL;
	if (begins(oem, "NUMASC"))
		return numaconnect;
	return begins(oem, "SGI") ? uv : NULL;
}

/* "SGI4/UVX"; "NSGI..." is a UV machine without hubs, whose CPUs are like others'. */
const char *kp_hub_of_archtype(struct kp_view archtype)
{
	return begins(kp_text_trim(archtype), "SGI") ? uv : NULL;
}

/*
 * NumaConnect's CPUs and those of UV 100 and 1000 are woken by a write to the hub
 * (numachip_wakeup_secondary(), uv_wakeup_secondary()). Later UV hubs pass INIT and SIPI of an x2APIC
 * on, and to one CPU each: nobody has tried what "all but self" reaches there.
 */
int kp_hub_refuse(const char *hub, struct kp_error *err)
{
	if (!hub)
		return 0;
	return kp_fail(err, KP_PARK,
		       hub == uv ? "%s hubs join this machine's CPUs: on some of these machines CPUs are "
				   "woken through the hub, and on none INIT and SIPI to all others were "
				   "tried" :
				   "%s hubs join this machine's CPUs, which are woken through the hub, not "
				   "by INIT and SIPI", hub);
}
