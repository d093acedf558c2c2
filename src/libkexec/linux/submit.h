/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file submit.h
 * The only door to kexec_load(2), kexec_file_load(2) and reboot(2). What the kernel refuses is
 * explained from what it shows below /proc and /sys.
 */
#ifndef KP_SUBMIT_H
#define KP_SUBMIT_H

#include "machine.h"

/** How the running kernel is reached. A test brings its own. */
struct kp_kernel {
	long (*call)(long number, ...); /* as syscall(3): -1 and errno */
	const char *root;          /* in front of "/proc" and "/sys" */
};

extern const struct kp_kernel kp_kernel_running;

/**
 * Hand a plan over. Flags the kernel does not know (elfcorehdr updates on hotplug) are dropped,
 * the call is made once more, and @p dropped names them; it is 0 otherwise.
 * @return 0, or -1 with the cause, and whether a crash image that was loaded is gone.
 */
int kp_submit_plan(const struct kp_kernel *kernel, const struct kp_plan *plan,
		   const struct kp_machine *machine, unsigned long *dropped, struct kp_error *err);

/** Empty the slot, whichever system call filled it. */
int kp_submit_unload(const struct kp_kernel *kernel, enum kp_slot slot, struct kp_error *err);

/** 1 loaded, 0 not, -1 unknown. */
int kp_submit_loaded(const struct kp_kernel *kernel, enum kp_slot slot, struct kp_error *err);

/** Boot the image in the normal slot. Returns only on failure. */
int kp_submit_reboot(const struct kp_kernel *kernel, struct kp_error *err);

#endif
