/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file load.h
 * A load from its files to the system call: what the command and the public library have in common.
 * It composes the floors below, and is not installed.
 */
#ifndef KP_LOAD_H
#define KP_LOAD_H

#include "core/park_record.h"
#include "linux/capture.h"
#include "linux/machine_read.h"

/** A plan with all that its segments borrow from: the mapped files, and the machine. */
struct kp_load;

/**
 * Plan a load by kexec_load(2). Maps the files that @p req names, parses, lays out, encodes and
 * checks. Nothing outside this process changes. @p machine must outlive the load; @p req and its
 * strings need not. The files stay mapped until kp_load_free(): while they are read, here and by
 * kp_load_submit(), a file that somebody cuts short raises SIGBUS.
 */
int kp_load_plan(const struct kp_request *req, const struct kp_machine *machine,
		 struct kp_load **out, struct kp_error *err);

/**
 * Plan a load by kexec_file_load(2). The running kernel decides where things go and runs a purgatory
 * of its own: nothing is parked, the plan has no segment and no memory map, and of @p req only slot,
 * image, format, initrds, cmdline, reuse_cmdline, no_cma and force_dtb count. @p why is the plan's
 * first warning, unless NULL.
 */
int kp_load_plan_file(const struct kp_request *req, const struct kp_machine *machine,
		      const char *why, struct kp_load **out, struct kp_error *err);

/** What the load will do. Lives as long as the load. */
const struct kp_plan *kp_load_shown(const struct kp_load *load);

/**
 * Make the plan's system call. An optional flag that the running kernel does not know is dropped
 * and the call made again, once; the plan then has one warning more. A load of a captured machine is
 * refused. When a file was written to since it was planned, that is an error and nothing is or
 * stays loaded of it. On other failures a normal image stays loaded; a crash image that was loaded
 * may have been freed by the kernel before it looked at the new one, and the text says so when it was.
 */
int kp_load_submit(struct kp_load *load, struct kp_error *err);

/** Tell @p progress of kp_load_submit(), in place of whom the request named. */
void kp_load_on_progress(struct kp_load *load, kp_progress progress, void *arg);

void kp_load_free(struct kp_load *load);

/**
 * Whether kexec_file_load(2) may do what a load by kexec_load(2) failed at with @p err: because the
 * kernel forbids or lacks kexec_load(2), or is locked down and hides what a plan needs, or because
 * the machine is an encrypted guest.
 */
bool kp_load_file_may_help(enum kp_slot slot, const struct kp_error *err);

/**
 * Unload the slot, whichever system call loaded it; by kexec_file_load(2) alone with KP_CALL_FILE.
 * An empty slot is no error.
 */
int kp_unload(enum kp_slot slot, enum kp_call call, struct kp_error *err);

/** Bytes of the crashkernel reservation that segments can go to; 0: none. */
int kp_crash_bytes(const struct kp_machine *machine, uint64_t *bytes, struct kp_error *err);

/** 1 loaded, 0 not, -1 unknown (no sysfs). */
int kp_loaded(enum kp_slot slot, struct kp_error *err);

/** reboot(LINUX_REBOOT_CMD_KEXEC). Returns only on failure. Does not sync: the caller does. */
int kp_reboot(struct kp_error *err);

/** "1.0.0" of the library that runs. */
const char *kp_version(void);

#endif
