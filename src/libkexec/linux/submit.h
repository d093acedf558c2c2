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

/** What kexec_file_load(2) is given. */
struct kp_file_load {
	enum kp_slot slot;
	int kernel, initrd;        /* descriptors, read-only; initrd -1: none */
	const char *cmdline;
	bool no_cma, force_dtb;
};

/**
 * Let the kernel load from files. KEXEC_FILE_NO_CMA is dropped as kp_submit_plan() drops flags;
 * without the flag that passes a device tree on, the load would not be the one asked for.
 */
int kp_submit_file(const struct kp_kernel *kernel, const struct kp_file_load *load,
		   unsigned long *dropped, struct kp_error *err);

/**
 * Whether a load by kexec_load(2) that failed with @p err may be better off with
 * kexec_file_load(2): the kernel forbids or lacks the one, or, locked down, hides what it needs.
 */
bool kp_submit_file_may_help(const struct kp_kernel *kernel, enum kp_slot slot,
			     const struct kp_error *err);

/**
 * Empty the slot, whichever system call filled it. KP_CALL_FILE: by kexec_file_load(2) only; else
 * by kexec_load(2), and where that is forbidden or missing by the other.
 */
int kp_submit_unload(const struct kp_kernel *kernel, enum kp_slot slot, enum kp_call call,
		     struct kp_error *err);

/** 1 loaded, 0 not, -1 unknown. */
int kp_submit_loaded(const struct kp_kernel *kernel, enum kp_slot slot, struct kp_error *err);

/** Boot the image in the normal slot. Returns only on failure. */
int kp_submit_reboot(const struct kp_kernel *kernel, struct kp_error *err);

#endif
