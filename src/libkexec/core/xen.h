/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file xen.h
 * The domains of Xen whose Linux cannot hand over the machine, because Xen has it.
 */
#ifndef KP_XEN_H
#define KP_XEN_H

#include "error.h"
#include "view.h"

/** Files of a machine; empty where there is none. */
#define KP_XEN_TYPE		"sys/hypervisor/type"
#define KP_XEN_GUEST_TYPE	"sys/hypervisor/guest_type"
#define KP_XEN_FEATURES		"sys/hypervisor/properties/features"
#define KP_XEN_CAPABILITIES	"proc/xen/capabilities"

struct kp_xen_files {
	struct kp_view type, guest_type, features, capabilities;
};

/**
 * "dom0" or "PV guest". NULL without Xen, and in HVM and PVH guests: those have a machine of their own,
 * with 64-bit entry points, a memory map and an APIC.
 */
const char *kp_xen_domain(const struct kp_xen_files *files);

/** 0 if @p domain is NULL, else -1 with KP_UNSUPPORTED. */
int kp_xen_refuse(const char *domain, struct kp_error *err);

#endif
