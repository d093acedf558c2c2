/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file sme.h
 * Whether the running kernel encrypts memory by itself: AMD's SME, on the machine and not in a guest.
 */
#ifndef KP_SME_H
#define KP_SME_H

#include "kcore.h"

/** The file that decides with kernels before 6.0, and its line; %s is the kernel's release. */
#define KP_SME_CONFIG		"boot/config-%s"
#define KP_SME_CONFIG_LINE	"CONFIG_AMD_MEM_ENCRYPT_ACTIVE_BY_DEFAULT=y"

struct kp_sme {
	enum kp_known flag;        /* "sme" of /proc/cpuinfo; unknown: it was not read */
	const char *cmdline;       /* of the running kernel, or NULL */
	const char *release;       /* or NULL */
	enum kp_known by_default;  /* the line is in the configuration of that kernel */
};

/** Unknown also means: only the configuration tells, and it was not there. */
enum kp_known kp_sme_state(const struct kp_sme *sme);

/** Whether by_default makes a difference, so that the configuration is to be looked at. */
bool kp_sme_depends(const struct kp_sme *sme);

#endif
