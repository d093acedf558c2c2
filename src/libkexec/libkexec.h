/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file libkexec.h
 * The public library: read a machine, plan a load, look at the plan, submit it.
 *
 * Every call that can fail returns 0 or -1 and fills the caller's struct kp_error. The library
 * never prints and never exits. Objects are not thread-safe; separate objects are independent.
 */
#ifndef LIBKEXEC_H
#define LIBKEXEC_H

#include "kexec_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kp_machine;                 /**< facts about a machine; opaque */

/**
 * Read the machine beneath @p root ("" or "/": the running one; else a captured copy). A fact that
 * is missing or makes no sense fails what needs it, later, and is a warning of any other plan.
 */
int kp_machine_read(const char *root, struct kp_machine **out, struct kp_error *err);
void kp_machine_free(struct kp_machine *machine);

/** Told of every path that kp_machine_capture() could not record, and why. */
typedef void (*kp_capture_missed)(void *arg, const char *path, const char *why);

/**
 * Record the machine beneath @p root, as of kp_machine_read(), into the directory @p dir, which
 * must not exist or be empty. Raw memory is recorded only for pages that carry a park page's magic.
 */
int kp_machine_capture(const char *root, const char *dir, kp_capture_missed missed, void *arg,
		       struct kp_error *err);

/**
 * Plan a load. Maps the files that @p req names, parses, lays out, encodes and checks.
 * Nothing outside this process changes. The plan borrows @p machine and @p req's strings only
 * during the call, except that @p machine must outlive the plan. The files stay mapped until
 * kp_plan_free(): while they are read, here and by kp_submit(), a file that somebody cuts short
 * raises SIGBUS.
 */
int kp_plan_load(const struct kp_request *req, const struct kp_machine *machine,
		 struct kp_plan **out, struct kp_error *err);
void kp_plan_free(struct kp_plan *plan);

/**
 * Hand the plan to kexec_load(2). A flag that the running kernel does not know is dropped and the
 * call made again, once: then the text of @p err says so although the call succeeded; it is empty
 * otherwise. A plan made for a captured machine is refused. When a file was written to since it was planned, that is an error and nothing is or
 * stays loaded of it. On other failures a normal image stays loaded; a crash image that was loaded may have been
 * freed by the kernel before it looked at the new one, and the text says so when it was.
 */
int kp_submit(const struct kp_plan *plan, const struct kp_machine *machine, struct kp_error *err);

/** Told what an operator should know of a load that is made all the same. */
typedef void (*kp_remark)(void *arg, const char *text);

/**
 * Load what @p req names through kexec_file_load(2). The running kernel makes the plan and runs a
 * purgatory of its own: nothing is parked, and of @p req only slot, image, format, initrds, cmdline,
 * reuse_cmdline, no_cma and force_dtb count. Several initrds are joined in memory.
 */
int kp_load_file(const struct kp_request *req, const struct kp_machine *machine, kp_remark remark,
		 void *arg, struct kp_error *err);

/**
 * What kp_load_file() would do, as a plan of KP_CALL_FILE: it has the slot, the command line and
 * warnings, of which @p why is the first unless NULL, and no segment and no memory map. Those are the
 * running kernel's, and kp_submit() takes no such plan.
 */
int kp_plan_file(const struct kp_request *req, const struct kp_machine *machine, const char *why,
		 struct kp_plan **out, struct kp_error *err);

/**
 * Whether kp_load_file() may do what kp_plan_load() or kp_submit() failed at with @p err: because
 * the kernel forbids or lacks kexec_load(2), or is locked down and hides what a plan needs, or
 * because the machine is an encrypted guest.
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

/**
 * Read the flight record out of @p machine's park page.
 * @return 0, also when there is none; -1 when memory below 1 MiB cannot be read.
 */
int kp_park_status_read(const struct kp_machine *machine, struct kp_park_status *status,
			struct kp_error *err);

/** "bzImage", "vmlinux", "uki": the name that -t takes. */
const char *kp_format_name(enum kp_format format);

/** "1.0.0" of the library that runs. */
const char *kp_version(void);

#ifdef __cplusplus
}
#endif
#endif
