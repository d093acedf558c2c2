/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "xen.h"

#include "kexec_files.h"
#include "memory.h"
#include "root.h"
#include "submit.h"
#include "uapi.h"

/* A load without these is as good, but for hotplug: the kernel need not know them. */
#define OPTIONAL_FLAGS (KEXEC_UPDATE_ELFCOREHDR | KEXEC_CRASH_HOTPLUG_SUPPORT)

_Static_assert(KP_MAX_SEGMENTS == KEXEC_SEGMENT_MAX, "the kernel takes another number of segments");

const struct kp_kernel kp_kernel_running = { .call = syscall, .root = "" };

/* The first bytes of a small file, without the newline. False if it cannot be read. */
static bool read_text(const struct kp_kernel *kernel, const char *path, char *text, size_t size)
{
	char name[PATH_MAX];
	bool good;
	int fd;

	snprintf(name, sizeof(name), "%s%s", kernel->root, path);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = kp_root_read_text(fd, text, size);
	close(fd);
	text[strcspn(text, "\n")] = '\0';
	return good;
}

static bool reads_as(const struct kp_kernel *kernel, const char *path, const char *value)
{
	char text[32];

	return read_text(kernel, path, text, sizeof(text)) && strcmp(text, value) == 0;
}

/* A file of a few words. */
static struct kp_view view_text(const struct kp_kernel *kernel, const char *path, char *text,
				size_t size)
{
	if (!read_text(kernel, path, text, size))
		return (struct kp_view){ 0 };
	return (struct kp_view){ (const uint8_t *)text, strlen(text) };
}

/* What Linux shows of its own slots says nothing of Xen's, and kexec_file_load(2) in dom0 oopses. */
static int refuse_xen(const struct kp_kernel *kernel, struct kp_error *err)
{
	char text[4][64];
	const struct kp_xen_files files = {
		.type = view_text(kernel, "/" KP_XEN_TYPE, text[0], sizeof(text[0])),
		.guest_type = view_text(kernel, "/" KP_XEN_GUEST_TYPE, text[1], sizeof(text[1])),
		.features = view_text(kernel, "/" KP_XEN_FEATURES, text[2], sizeof(text[2])),
		.capabilities = view_text(kernel, "/" KP_XEN_CAPABILITIES, text[3],
					  sizeof(text[3])),
	};

	return kp_xen_refuse(kp_xen_domain(&files), err);
}

/* By either of its names. */
static bool kexec_file_reads_as(const struct kp_kernel *kernel, enum kp_kexec_file file,
				const char *value)
{
	const struct kp_kexec_names names = kp_kexec_names(file);
	char now[64], before[64];

	snprintf(now, sizeof(now), "/%s", names.now);
	snprintf(before, sizeof(before), "/%s", names.before);
	return reads_as(kernel, now, value) || reads_as(kernel, before, value);
}

static enum kp_kexec_file loaded_file(enum kp_slot slot)
{
	return slot == KP_CRASH ? KP_KEXEC_CRASH_LOADED : KP_KEXEC_LOADED;
}

/* 1, 0, or -1 for unknown. */
static int loaded(const struct kp_kernel *kernel, enum kp_slot slot)
{
	if (kexec_file_reads_as(kernel, loaded_file(slot), "1"))
		return 1;
	return kexec_file_reads_as(kernel, loaded_file(slot), "0") ? 0 : -1;
}

/*
 * Why the kernel says EPERM. The first three hold for every way to load and unload; the last two
 * perhaps only for kexec_load(2) (kernel/kexec.c, kexec_load_check()).
 */
enum refusal { NO_CAPABILITY, DISABLED, LIMIT, LOCKDOWN, POLICY };

/* Whether CapEff of /proc/self/status has CAP_SYS_BOOT. An unreadable status is no evidence. */
static bool may_boot(const struct kp_kernel *kernel)
{
	char text[4096], name[PATH_MAX];
	unsigned long long caps = ~0ull;
	FILE *file;

	snprintf(name, sizeof(name), "%s/proc/self/status", kernel->root);
	file = fopen(name, "re");
	if (!file)
		return true;
	while (fgets(text, sizeof(text), file))
		if (sscanf(text, "CapEff: %llx", &caps) == 1)
			break;
	fclose(file);
	return caps >> CAP_SYS_BOOT & 1;
}

static const char *limit_path(enum kp_slot slot)
{
	return slot == KP_CRASH ? "/proc/sys/kernel/kexec_load_limit_panic"
				: "/proc/sys/kernel/kexec_load_limit_reboot";
}

#define LOCKDOWN_BYTES 64

/* The mode in brackets: "none [integrity] confidentiality"; "" if there is no lockdown. */
static void read_lockdown(const struct kp_kernel *kernel, char mode[LOCKDOWN_BYTES])
{
	char text[LOCKDOWN_BYTES], *open_bracket, *close_bracket;

	mode[0] = '\0';
	if (!read_text(kernel, "/sys/kernel/security/lockdown", text, sizeof(text)))
		return;
	open_bracket = strchr(text, '[');
	close_bracket = strchr(text, ']');
	if (!open_bracket || !close_bracket || close_bracket < open_bracket)
		return;
	*close_bracket = '\0';
	if (strcmp(open_bracket + 1, "none") != 0)
		snprintf(mode, LOCKDOWN_BYTES, "%s", open_bracket + 1);
}

/* Fills @err with the cause and says which kind it is. */
static enum refusal explain_eperm(const struct kp_kernel *kernel, enum kp_slot slot,
				  const char *call, struct kp_error *err)
{
	char mode[LOCKDOWN_BYTES];

	if (!may_boot(kernel)) {
		kp_fail_sys(err, KP_PERMISSION, EPERM,
			    "this process lacks CAP_SYS_BOOT: it has to run as root");
		return NO_CAPABILITY;
	}
	if (reads_as(kernel, "/proc/sys/kernel/kexec_load_disabled", "1")) {
		kp_fail_sys(err, KP_PERMISSION, EPERM,
			    "kernel.kexec_load_disabled is 1, until the next boot");
		return DISABLED;
	}
	if (reads_as(kernel, limit_path(slot), "0")) {
		kp_fail_sys(err, KP_PERMISSION, EPERM,
			    "the limit of loads, %s, is used up, until the next boot",
			    limit_path(slot));
		return LIMIT;
	}
	read_lockdown(kernel, mode);
	if (mode[0]) {
		kp_fail_sys(err, KP_PERMISSION, EPERM,
			    "kernel lockdown (%s, as Secure Boot sets it) forbids %s", mode, call);
		return LOCKDOWN;
	}
	kp_fail_sys(err, KP_PERMISSION, EPERM,
		    "CAP_SYS_BOOT is there, kexec is not disabled or limited, no lockdown shown: "
		    "a security module, seccomp or a container forbids %s", call);
	return POLICY;
}

static int explain_address(const struct kp_plan *plan, const struct kp_machine *machine,
			   struct kp_error *err)
{
	struct kp_range room = kp_memory_crash(machine);

	if (plan->slot == KP_CRASH && kp_range_is_none(room))
		return kp_fail_sys(err, KP_NO_CRASHKERNEL, EADDRNOTAVAIL,
				   "no memory is reserved for a crash kernel: "
				   "boot with crashkernel=");
	for (size_t i = 0; i < plan->n_segments && plan->slot == KP_CRASH; i++) {
		const struct kp_segment *s = &plan->segments[i];

		if (!kp_range_contains(room, s->at))
			return kp_fail_sys(err, KP_NO_ROOM, EADDRNOTAVAIL,
					   "segment %s at %#" PRIx64 "..%#" PRIx64
					   " is outside of the crash reservation %#" PRIx64 "..%#"
					   PRIx64, s->name, s->at.start, s->at.last, room.start,
					   room.last);
	}
	if (plan->slot == KP_CRASH)
		return kp_fail_sys(err, KP_MACHINE, EADDRNOTAVAIL,
				   "the kernel's crash reservation is not the one in "
				   "/proc/iomem, %#" PRIx64 "..%#" PRIx64
				   ": it was resized meanwhile", room.start, room.last);
	return kp_fail_sys(err, KP_INTERNAL, EADDRNOTAVAIL,
			   "the kernel takes no segment at the planned addresses");
}

static uint64_t plan_bytes(const struct kp_plan *plan)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->n_segments; i++)
		sum += kp_range_bytes(plan->segments[i].at);
	return sum;
}

static int explain(const struct kp_kernel *kernel, const struct kp_plan *plan,
		   const struct kp_machine *machine, int sys, struct kp_error *err)
{
	switch (sys) {
	case EPERM:
		explain_eperm(kernel, plan->slot, "kexec_load(2)", err);
		return -1;
	case EACCES: /* security/integrity/ima/ima_main.c, ima_load_data() */
		return kp_fail_sys(err, KP_PERMISSION, sys,
				   "IMA forbids kexec_load(2), by its policy or Secure Boot's: "
				   "the call names no file whose signature could be checked");
	case EBUSY:
		return kp_fail_sys(err, KP_BUSY, sys, "another load or a crash is under way");
	case EADDRNOTAVAIL:
		return explain_address(plan, machine, err);
	case EFAULT:
		return kp_fail_sys(err, KP_IO, sys, "the kernel cannot read all of the segments: "
				   "the image or an initrd was cut short while it was loaded");
	case ENOMEM:
		return kp_fail_sys(err, KP_NO_MEMORY, sys, "the kernel has no %" PRIu64
				   " KiB for the segments", plan_bytes(plan) >> 10);
	case ENOSYS:
		return kp_fail_sys(err, KP_UNSUPPORTED, sys,
				   "the running kernel has no kexec_load(2) (CONFIG_KEXEC)");
	case EINVAL:
		return kp_fail_sys(err, KP_UNSUPPORTED, sys, "the kernel refuses %zu segments of %"
				   PRIu64 " KiB with flags %#lx: half of its memory at most",
				   plan->n_segments, plan_bytes(plan) >> 10, plan->flags);
	}
	return kp_fail_sys(err, KP_INTERNAL, sys, "kexec_load(2)");
}

/*
 * The kernel frees a crash image before it looks at the next one's segments (kernel/kexec.c,
 * do_kexec_load()), not if it refuses the call as such. What it shows tells which it was.
 */
static void tell_of_loss(const struct kp_kernel *kernel, int before, struct kp_error *err)
{
	size_t len = strlen(err->text);

	if (before == 1 && loaded(kernel, KP_CRASH) == 0)
		snprintf(err->text + len, sizeof(err->text) - len,
			 "; the crash kernel that was loaded before is gone: "
			 "a panic now is not caught");
}

static long call_load(const struct kp_kernel *kernel, const struct kp_plan *plan,
		      unsigned long flags)
{
	struct kexec_segment segments[KEXEC_SEGMENT_MAX] = { 0 };

	for (size_t i = 0; i < plan->n_segments; i++) {
		const struct kp_segment *s = &plan->segments[i];

		segments[i].buf = s->data;
		segments[i].bufsz = s->data_bytes;
		segments[i].mem = (const void *)(uintptr_t)s->at.start;
		segments[i].memsz = kp_range_bytes(s->at);
	}
	return kernel->call(SYS_kexec_load, plan->entry, plan->n_segments, segments, flags);
}

int kp_submit_plan(const struct kp_kernel *kernel, const struct kp_plan *plan,
		   const struct kp_machine *machine, unsigned long *dropped, struct kp_error *err)
{
	int before = plan->slot == KP_CRASH ? loaded(kernel, KP_CRASH) : 0;
	long rc;

	*dropped = 0;
	if (plan->n_segments == 0 || plan->n_segments > KP_MAX_SEGMENTS)
		return kp_fail(err, KP_INTERNAL, "a plan of %zu segments", plan->n_segments);
	rc = call_load(kernel, plan, plan->flags);
	if (rc < 0 && errno == EINVAL && (plan->flags & OPTIONAL_FLAGS)) {
		*dropped = plan->flags & OPTIONAL_FLAGS;
		rc = call_load(kernel, plan, plan->flags & ~(unsigned long)OPTIONAL_FLAGS);
	}
	if (rc == 0)
		return 0;
	explain(kernel, plan, machine, errno, err);
	tell_of_loss(kernel, before, err);
	return -1;
}

#define UNSIGNED_FILE_LOAD "kexec_file_load(2) of an image without a signature it trusts"

/* Crash memory is looked for by the kernel: there is none, or too little of it. */
static int explain_file_room(const struct kp_kernel *kernel, const struct kp_file_load *load,
			     int sys, struct kp_error *err)
{
	if (load->slot == KP_CRASH && kexec_file_reads_as(kernel, KP_KEXEC_CRASH_SIZE, "0"))
		return kp_fail_sys(err, KP_NO_CRASHKERNEL, sys, "no memory is reserved for a crash "
				   "kernel: boot with crashkernel=");
	return kp_fail_sys(err, KP_NO_ROOM, sys, "the kernel finds no room for this image, its "
			   "initrd and its tables%s", load->slot == KP_CRASH ?
			   " in the memory reserved by crashkernel=" : "");
}

static int explain_file(const struct kp_kernel *kernel, const struct kp_file_load *load, int sys,
			struct kp_error *err)
{
	switch (sys) {
	case EPERM:
		explain_eperm(kernel, load->slot, UNSIGNED_FILE_LOAD, err);
		return -1;
	case EACCES:
		return kp_fail_sys(err, KP_PERMISSION, sys, "a security module forbids this image: "
				   "under IMA it needs the signature that the policy asks for");
	case ENODATA: case ENOKEY: case EKEYREJECTED: case EBADMSG: case ENOPKG:
		return kp_fail_sys(err, KP_PERMISSION, sys, "the running kernel loads signed images "
				   "only, and does not accept this one's signature");
	case EBUSY:
		return kp_fail_sys(err, KP_BUSY, sys, "another load or a crash is under way");
	case EADDRNOTAVAIL: case ENOMEM:
		return explain_file_room(kernel, load, sys, err);
	case ENOSYS:
		kp_fail_sys(err, KP_UNSUPPORTED, sys, "the running kernel has no "
			    "kexec_file_load(2) (CONFIG_KEXEC_FILE)");
		return kp_remedy(err, KP_REMEDY_OWN_CALL);
	case ENOEXEC:
		kp_fail_sys(err, KP_IMAGE, sys, "the running kernel takes this image for no kernel "
			    "that it can load by kexec_file_load(2)");
		return kp_remedy(err, KP_REMEDY_OWN_CALL);
	case ETXTBSY:
		return kp_fail_sys(err, KP_IO, sys, "the kernel or an initrd is open for writing");
	case EINVAL:
		kp_fail_sys(err, KP_UNSUPPORTED, sys, "the running kernel refuses the command line "
			    "(%zu bytes)%s", strlen(load->cmdline), load->force_dtb ?
			    ", or cannot pass a device tree on (before Linux 6.18)" : "");
		return kp_remedy(err, load->force_dtb ? KP_REMEDY_DEVICE_TREE : KP_REMEDY_NONE);
	}
	return kp_fail_sys(err, KP_INTERNAL, sys, "kexec_file_load(2)");
}

static unsigned long file_flags(const struct kp_file_load *load)
{
	return (load->slot == KP_CRASH ? KEXEC_FILE_ON_CRASH : 0) |
	       (load->initrd < 0 ? KEXEC_FILE_NO_INITRAMFS : 0) |
	       (load->no_cma ? KEXEC_FILE_NO_CMA : 0) |
	       (load->force_dtb ? KEXEC_FILE_FORCE_DTB : 0);
}

static long call_file_load(const struct kp_kernel *kernel, const struct kp_file_load *load,
			   unsigned long flags)
{
	return kernel->call(SYS_kexec_file_load, (long)load->kernel, (long)load->initrd,
			    strlen(load->cmdline) + 1, load->cmdline, flags);
}

int kp_submit_file(const struct kp_kernel *kernel, const struct kp_file_load *load,
		   unsigned long *dropped, struct kp_error *err)
{
	int before = load->slot == KP_CRASH ? loaded(kernel, KP_CRASH) : 0;
	unsigned long flags = file_flags(load);
	long rc = call_file_load(kernel, load, flags);

	*dropped = 0;
	if (rc < 0 && errno == EINVAL && (flags & KEXEC_FILE_NO_CMA)) {
		*dropped = KEXEC_FILE_NO_CMA;
		rc = call_file_load(kernel, load, flags & ~(unsigned long)KEXEC_FILE_NO_CMA);
	}
	if (rc == 0)
		return 0;
	explain_file(kernel, load, errno, err);
	tell_of_loss(kernel, before, err);
	return -1;
}

/* kexec_file_load(2) unloads under lockdown and IMA too: there is no image to mistrust. */
static long unload_by_file_call(const struct kp_kernel *kernel, enum kp_slot slot)
{
	unsigned long flags = KEXEC_FILE_UNLOAD | (slot == KP_CRASH ? KEXEC_FILE_ON_CRASH : 0);

	return kernel->call(SYS_kexec_file_load, -1L, -1L, 0L, NULL, flags);
}

/* Each call counts against kexec_load_limit, so a second one is made only where it can help. */
static bool other_call_may_help(const struct kp_kernel *kernel, enum kp_slot slot, int sys)
{
	struct kp_error unused = { 0 };

	if (sys == EPERM)
		return explain_eperm(kernel, slot, "", &unused) >= LOCKDOWN;
	return sys == EACCES || sys == ENOSYS;
}

bool kp_submit_file_may_help(const struct kp_kernel *kernel, enum kp_slot slot,
			     const struct kp_error *err)
{
	char mode[LOCKDOWN_BYTES];

	if (err->code == KP_CONFIDENTIAL)
		return true;
	if (err->code == KP_PERMISSION || err->code == KP_UNSUPPORTED)
		return other_call_may_help(kernel, slot, err->sys);
	read_lockdown(kernel, mode);
	return mode[0] && (err->code == KP_PARK || err->code == KP_MACHINE);
}

static int unload_by_file_call_only(const struct kp_kernel *kernel, enum kp_slot slot,
				    struct kp_error *err)
{
	const struct kp_file_load nothing = { .slot = slot, .cmdline = "" };

	if (unload_by_file_call(kernel, slot) == 0)
		return 0;
	explain_file(kernel, &nothing, errno, err);
	return kp_within(err, "cannot unload");
}

int kp_submit_unload(const struct kp_kernel *kernel, enum kp_slot slot, enum kp_call call,
		     struct kp_error *err)
{
	unsigned long flags = slot == KP_CRASH ? KEXEC_ON_CRASH : 0;
	const struct kp_plan nothing = { .slot = slot, .flags = flags };
	static const struct kp_machine unknown;
	int sys;

	if (refuse_xen(kernel, err))
		return -1;
	if (call == KP_CALL_FILE)
		return unload_by_file_call_only(kernel, slot, err);
	if (kernel->call(SYS_kexec_load, 0L, 0L, NULL, flags) == 0)
		return 0;
	sys = errno;
	if (other_call_may_help(kernel, slot, sys) && unload_by_file_call(kernel, slot) == 0)
		return 0;
	explain(kernel, &nothing, &unknown, sys, err);
	return kp_within(err, "cannot unload");
}

int kp_submit_loaded(const struct kp_kernel *kernel, enum kp_slot slot, struct kp_error *err)
{
	const struct kp_kexec_names names = kp_kexec_names(loaded_file(slot));
	int is_loaded = loaded(kernel, slot);

	if (refuse_xen(kernel, err))
		return -1;
	if (is_loaded < 0)
		kp_fail(err, KP_UNSUPPORTED, "neither /%s nor /%s reads as 0 or 1: no sysfs, or "
			"a kernel without kexec", names.now, names.before);
	return is_loaded;
}

int kp_submit_reboot(const struct kp_kernel *kernel, struct kp_error *err)
{
	kernel->call(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC,
		     NULL);
	switch (errno) {
	case EPERM:
		return kp_fail_sys(err, KP_PERMISSION, EPERM, "reboot(2): %s", may_boot(kernel) ?
				   "a security module or a container forbids it" :
				   "this process lacks CAP_SYS_BOOT: it has to run as root");
	case EINVAL:
		if (loaded(kernel, KP_NORMAL) == 0) {
			kp_fail_sys(err, KP_USAGE, EINVAL, "no kernel is loaded");
			return kp_remedy(err, KP_REMEDY_LOAD_FIRST);
		}
		return kp_fail_sys(err, KP_UNSUPPORTED, EINVAL,
				   "reboot(2): a container, or a kernel without kexec");
	case EBUSY:
		return kp_fail_sys(err, KP_BUSY, EBUSY, "another load or a crash is under way");
	}
	return kp_fail_sys(err, KP_INTERNAL, errno, "reboot(2)");
}
