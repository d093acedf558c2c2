/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file devmem.h
 * Looking at physical memory below 1 MiB and at model-specific registers of the live machine.
 */
#ifndef KP_DEVMEM_H
#define KP_DEVMEM_H

#include "root.h"

/** An open /dev/mem, or why there is none. */
struct kp_devmem {
	int fd;                    /* -1: see why */
	char why[160];
};

/** Never fails: without /dev/mem every read says no, and @c why names the rule behind it. */
void kp_devmem_open(struct kp_root *root, struct kp_devmem *dm);
void kp_devmem_close(struct kp_devmem *dm);

/**
 * Copy physical bytes. Below 1 MiB the kernel shows what it calls Reserved, and zeros for what
 * it calls RAM (Linux arch/x86/mm/init.c, devmem_is_allowed()). False with @c why filled.
 */
bool kp_devmem_read(struct kp_devmem *dm, uint64_t phys, void *buf, size_t bytes);

/** Read an MSR of a logical CPU through /dev/cpu/N/msr. 0 or an errno. */
int kp_msr_read(const struct kp_root *root, unsigned cpu, uint32_t msr, uint64_t *value);

#endif
