/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file cpuinfo.h
 * The facts in /proc/cpuinfo.
 */
#ifndef KP_CPUINFO_H
#define KP_CPUINFO_H

#include "arena.h"
#include "view.h"

struct kp_cpuinfo {
	/*
	 * Linux clears this capability when it does not use 5-level paging (no5lvl, or not
	 * built in): early_identify_cpu(), arch/x86/kernel/cpu/common.c, since 4.17.
	 */
	bool la57;
	bool hypervisor;           /* runs as a guest */
	bool amd;                  /* AMD or Hygon */
	bool tdx_guest;
	bool sev, sev_es, sev_snp; /* of a guest it says so; of a host, that guests could be */
	bool sme;                  /* what it says, depends on the kernel: sme.h */
};

/** Read the flags of the first CPU: all have the same. False: no CPU has flags. */
bool kp_cpuinfo_parse(struct kp_view text, struct kp_cpuinfo *out);

/** Orders two uint32_t APIC IDs, for qsort() and bsearch(). */
int kp_apic_id_compare(const void *a, const void *b);

/** The APIC IDs of all CPUs that are online, ascending. 0 or -1. */
int kp_cpuinfo_apic_ids(struct kp_view text, struct kp_arena *arena, uint32_t **ids, size_t *n,
			struct kp_error *err);

/** The APIC ID of logical CPU @p cpu; false if it is not in the text (offline). */
bool kp_cpuinfo_apic_id(struct kp_view text, unsigned cpu, uint32_t *id);

#endif
