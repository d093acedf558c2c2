/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "text.h"
#include "xen.h"

#define XENFEAT_DOM0	11 /* Linux include/xen/interface/features.h */

/* Linux prints the features as one hexadecimal number (drivers/xen/sys-hypervisor.c). */
static bool has_feature(struct kp_view features, unsigned bit)
{
	uint64_t n;

	return kp_text_u64(kp_text_trim(features), 16, &n) && n >> bit & 1;
}

const char *kp_xen_domain(const struct kp_xen_files *files)
{
	bool control = kp_text_has_word(kp_text_trim(files->capabilities), "control_d");
	bool xen = kp_text_is(kp_text_trim(files->type), "xen");

	if (control || (xen && has_feature(files->features, XENFEAT_DOM0)))
		return "dom0";
	return xen && kp_text_is(kp_text_trim(files->guest_type), "PV") ? "PV guest" : NULL;
}

int kp_xen_refuse(const char *domain, struct kp_error *err)
{
	if (!domain)
		return 0;
	return kp_fail(err, KP_UNSUPPORTED,
		       "this is a %s of Xen, whose kernel does not own the machine: %s", domain,
		       strcmp(domain, "dom0") == 0 ?
			       "kernels are loaded into the hypervisor, which kexec-park cannot do yet "
			       "and kexec-tools can" :
			       "no kernel can be loaded here; HVM and PVH guests can load one");
}
