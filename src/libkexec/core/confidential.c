/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "confidential.h"

/* AMD64 APM volume 2, 15.34.10 (SEV_STATUS), and volume 3, E.4.17 (CPUID 0x8000001f EAX). */
#define STATUS_SEV	0x1
#define STATUS_ES	0x2
#define STATUS_SNP	0x4
#define LEAF_SEV	0x02
#define LEAF_ES		0x08
#define LEAF_SNP	0x10

/* Linux arch/x86/include/asm/hyperv-tlfs.h, enum hv_isolation_type. */
#define HV_ISOLATION	0xf
#define HV_SNP		2
#define HV_TDX		3

static const char *sev_name(bool sev, bool es, bool snp)
{
	if (snp)
		return "SEV-SNP";
	if (es)
		return "SEV-ES";
	return sev ? "SEV" : NULL;
}

/*
 * The register is the CPU's own word on this guest. CPUID and the flags that Linux makes of it are
 * those of a guest only where a hypervisor shows them to no other guest, as QEMU does; Linux clears
 * the flags in most guests (early_detect_mem_encrypt(), arch/x86/kernel/cpu/amd.c).
 */
const char *kp_confidential_name(const struct kp_confidential *c)
{
	const struct kp_cpuinfo *cpu = c->cpu;
	uint32_t isolation = c->hyperv_isolation & HV_ISOLATION;

	if (cpu->tdx_guest || c->tdx_leaf || isolation == HV_TDX)
		return "TDX";
	if (!cpu->hypervisor)
		return NULL;
	if (isolation == HV_SNP)
		return "SEV-SNP";
	if (c->status_known)
		return sev_name(c->status & STATUS_SEV, c->status & STATUS_ES,
				c->status & STATUS_SNP);
	return sev_name(cpu->sev || (c->sev_leaf & LEAF_SEV), cpu->sev_es || (c->sev_leaf & LEAF_ES),
			cpu->sev_snp || (c->sev_leaf & LEAF_SNP) || c->cc_blob);
}

/* What kills the purgatory of kexec_load(2) in each. */
static const char *obstacle(const char *guest)
{
	if (strcmp(guest, "TDX") == 0)
		return "clearing CR4.MCE is fatal there, and so is CPUID before the purgatory has "
		       "an interrupt table";
	if (strcmp(guest, "SEV") == 0)
		return "the page tables of the purgatory lack the encryption bit, so that it would "
		       "run on ciphertext";
	return "the page tables of the purgatory lack the encryption bit, and CPUID and MSRs trap "
	       "before it has an interrupt table";
}

int kp_confidential_refuse(const struct kp_machine *machine, struct kp_error *err)
{
	const char *guest = machine->confidential;

	if (!guest)
		return 0;
	kp_fail(err, KP_CONFIDENTIAL,
		"this machine is a %s guest, where a kernel loaded by kexec_load(2) cannot be booted: "
		"%s; kexec_file_load(2) can be used, which parks no CPU", guest, obstacle(guest));
	return kp_remedy(err, KP_REMEDY_FILE_CALL);
}
