/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file confidential.h
 * Which kind of encrypted guest this machine is, if it is one, and why kexec_load(2) cannot work there.
 */
#ifndef KP_CONFIDENTIAL_H
#define KP_CONFIDENTIAL_H

#include "cpuinfo.h"
#include "machine.h"

/** What tells a confidential guest. Zero: not known, or no. */
struct kp_confidential {
	const struct kp_cpuinfo *cpu;
	bool status_known;         /* MSR_AMD64_SEV_STATUS could be read */
	uint64_t status;
	uint32_t sev_leaf;         /* CPUID 0x8000001f EAX: of a host, what its guests could be */
	uint32_t hyperv_isolation; /* CPUID 0x4000000c EBX, where Hyper-V has that leaf */
	bool tdx_leaf;             /* CPUID 0x21 reads "IntelTDX    " */
	bool cc_blob;              /* boot_params.cc_blob_address: SNP firmware's */
};

/** "TDX", "SEV-SNP", "SEV-ES" or "SEV"; NULL on any other machine. */
const char *kp_confidential_name(const struct kp_confidential *c);

/** -1 with KP_CONFIDENTIAL on a machine where kexec_load(2) cannot work; 0 elsewhere. */
int kp_confidential_refuse(const struct kp_machine *machine, struct kp_error *err);

#endif
