/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel is a function here that records each call and answers from a script, and a
 * directory that stands for /proc and /sys.
 */
#include <stddef.h>                 /* linux/kexec.h of Linux 5.10 lacks it */
#include <errno.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "descriptors.h"
#include "submit.h"

#define HOTPLUG_FLAGS 0xcul        /* KEXEC_UPDATE_ELFCOREHDR | KEXEC_CRASH_HOTPLUG_SUPPORT */

struct call {
	long number;
	unsigned long entry, n, flags;
	struct kexec_segment segments[16];
	long fd1, fd2;             /* of kexec_file_load */
	unsigned long cmdline_len;
	char cmdline[64];          /* "" for none */
	unsigned reboot_command;
};

static char root[] = "/tmp/kp-submit-XXXXXX";
static struct call calls[4];
static size_t n_calls;
static int script[4];              /* errno of the n-th call, 0: success */
static bool drops_crash_image;     /* as do_kexec_load(): the old image goes first */

static void put_file(const char *path, const char *text);

static void record_load(struct call *c, va_list ap)
{
	const struct kexec_segment *segments;

	c->entry = va_arg(ap, unsigned long);
	c->n = va_arg(ap, unsigned long);
	segments = va_arg(ap, const struct kexec_segment *);
	c->flags = va_arg(ap, unsigned long);
	assert_true(c->n <= 16);
	if (c->n)
		memcpy(c->segments, segments, c->n * sizeof(*segments));
}

static long fake_call(long number, ...)
{
	struct call *c = &calls[n_calls];
	va_list ap;

	assert_true(n_calls < 4);
	memset(c, 0, sizeof(*c));
	c->number = number;
	va_start(ap, number);
	if (number == SYS_kexec_load) {
		record_load(c, ap);
	} else if (number == SYS_kexec_file_load) {
		c->fd1 = va_arg(ap, long);
		c->fd2 = va_arg(ap, long);
		c->cmdline_len = va_arg(ap, unsigned long);
		snprintf(c->cmdline, sizeof(c->cmdline), "%s", va_arg(ap, char *) ?: "");
		c->flags = va_arg(ap, unsigned long);
	} else {
		assert_int_equal(number, SYS_reboot);
		assert_int_equal(va_arg(ap, unsigned), LINUX_REBOOT_MAGIC1);
		assert_int_equal(va_arg(ap, unsigned), LINUX_REBOOT_MAGIC2);
		c->reboot_command = va_arg(ap, unsigned);
	}
	va_end(ap);
	if (drops_crash_image)
		put_file("/sys/kernel/kexec_crash_loaded", "0\n");
	errno = script[n_calls++];
	return errno ? -1 : 0;
}

static const struct kp_kernel kernel = { .call = fake_call, .root = root };

/* --- the directory --- */

static void put_file(const char *path, const char *text)
{
	char name[256];
	FILE *f;

	snprintf(name, sizeof(name), "%s%s", root, path);
	for (char *slash = name + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(name, 0700);
		*slash = '/';
	}
	unlink(name);
	if (!text)
		return;
	f = fopen(name, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void all_is_allowed(void)
{
	memset(script, 0, sizeof(script));
	n_calls = 0;
	drops_crash_image = false;
	put_file("/proc/self/status", "Name:\tkexec-park\nCapInh:\t0\nCapEff:\t000001ffffffffff\n");
	put_file("/proc/sys/kernel/kexec_load_disabled", "0\n");
	put_file("/proc/sys/kernel/kexec_load_limit_panic", "-1\n");
	put_file("/proc/sys/kernel/kexec_load_limit_reboot", "-1\n");
	put_file("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	put_file("/sys/kernel/kexec_loaded", "0\n");
	put_file("/sys/kernel/kexec_crash_loaded", "0\n");
}

static int make_root(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

/* --- a plan --- */

static const char kernel_bytes[] = "kernel";
static const struct kp_range crash_range = { 0x10000000, 0x1fffffff };

static struct kp_plan plan_for(enum kp_slot slot)
{
	return (struct kp_plan){
		.slot = slot, .entry = 0x10000000, .n_segments = 2,
		.flags = KEXEC_ARCH_X86_64 |
			 (slot == KP_CRASH ? KEXEC_ON_CRASH | HOTPLUG_FLAGS : 0),
		.segments = {
			{ "purgatory", { 0x10000000, 0x10001fff }, "p", 1, false },
			{ "kernel", { 0x11000000, 0x12ffffff }, kernel_bytes, 6, true },
		},
	};
}

static struct kp_range crash_ranges[2];

static struct kp_machine machine_of(bool crashkernel)
{
	struct kp_machine m = { 0 };

	crash_ranges[0] = (struct kp_range){ 0x1000000, 0x1ffffff };
	crash_ranges[1] = crash_range;
	m.crashk.v = crash_ranges;
	m.crashk.n = crashkernel ? 2 : 0;
	return m;
}

static struct kp_error err;
static unsigned long dropped;

static int submit(enum kp_slot slot)
{
	struct kp_plan plan = plan_for(slot);
	struct kp_machine machine = machine_of(true);

	memset(&err, 0, sizeof(err));
	return kp_submit_plan(&kernel, &plan, &machine, &dropped, &err);
}

static void check_text(const char *text)
{
	if (!strstr(err.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, err.text);
}

/* --- tests --- */

static void the_plan_is_what_the_kernel_gets(void **state)
{
	const struct call *c = &calls[0];

	(void)state;
	all_is_allowed();
	assert_int_equal(submit(KP_CRASH), 0);
	assert_int_equal(n_calls, 1);
	assert_int_equal(dropped, 0);
	assert_int_equal(c->number, SYS_kexec_load);
	assert_int_equal(c->entry, 0x10000000);
	assert_int_equal(c->flags, KEXEC_ARCH_X86_64 | KEXEC_ON_CRASH | HOTPLUG_FLAGS);
	assert_int_equal(c->n, 2);
	assert_ptr_equal(c->segments[1].buf, kernel_bytes);
	assert_int_equal(c->segments[1].bufsz, 6);
	assert_ptr_equal(c->segments[1].mem, (void *)0x11000000);
	assert_int_equal(c->segments[1].memsz, 0x2000000);
	assert_ptr_equal(c->segments[0].mem, (void *)0x10000000);
	assert_int_equal(c->segments[0].memsz, 0x2000);
}

static void unknown_flags_are_dropped_once(void **state)
{
	(void)state;
	all_is_allowed();
	script[0] = EINVAL;
	assert_int_equal(submit(KP_CRASH), 0);
	assert_int_equal(n_calls, 2);
	assert_int_equal(calls[1].flags, KEXEC_ARCH_X86_64 | KEXEC_ON_CRASH);
	assert_int_equal(calls[1].n, 2);
	assert_int_equal(dropped, HOTPLUG_FLAGS);

	all_is_allowed();
	script[0] = script[1] = EINVAL;
	assert_int_equal(submit(KP_CRASH), -1);
	assert_int_equal(n_calls, 2);

	all_is_allowed();
	script[0] = EINVAL;
	assert_int_equal(submit(KP_NORMAL), -1);
	assert_int_equal(n_calls, 1);
}

static void every_errno_has_its_code(void **state)
{
	static const struct {
		const char *name;
		int sys;
		enum kp_code code;
		const char *text;
	} rows[] = {
		{ "EPERM", EPERM, KP_PERMISSION, "security module" },
		{ "EACCES", EACCES, KP_PERMISSION, "IMA" },
		{ "EBUSY", EBUSY, KP_BUSY, "another load" },
		{ "EADDRNOTAVAIL", EADDRNOTAVAIL, KP_INTERNAL, "addresses" },
		{ "ENOMEM", ENOMEM, KP_NO_MEMORY, "32776 KiB" },
		{ "ENOSYS", ENOSYS, KP_UNSUPPORTED, "CONFIG_KEXEC" },
		{ "EINVAL", EINVAL, KP_UNSUPPORTED, "2 segments of 32776 KiB" },
		{ "EFAULT", EFAULT, KP_IO, "cut short while it was loaded: Bad address" },
		{ "EIO", EIO, KP_INTERNAL, "Input/output error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		all_is_allowed();
		script[0] = rows[i].sys;
		assert_int_equal(submit(KP_NORMAL), -1);
		assert_int_equal(err.code, rows[i].code);
		assert_int_equal(err.sys, rows[i].sys);
		check_text(rows[i].text);
		assert_null(strstr(err.text, "is gone"));
	}
}

static void eperm_names_its_rule(void **state)
{
	static const struct {
		const char *name, *path, *content;
		enum kp_slot slot;
		const char *text;
	} rows[] = {
		{ "no capability", "/proc/self/status", "CapEff:\t000001ffffbfffff\n", KP_CRASH,
		  "CAP_SYS_BOOT: it has to run as root" },
		{ "no capability at all", "/proc/self/status", "CapEff:\t0000000000000000\n",
		  KP_CRASH,
		  "CAP_SYS_BOOT: it has to run as root" },
		{ "disabled", "/proc/sys/kernel/kexec_load_disabled", "1\n", KP_CRASH,
		  "kexec_load_disabled is 1" },
		{ "crash limit", "/proc/sys/kernel/kexec_load_limit_panic", "0\n", KP_CRASH,
		  "kexec_load_limit_panic, is used up" },
		{ "normal limit", "/proc/sys/kernel/kexec_load_limit_reboot", "0\n", KP_NORMAL,
		  "kexec_load_limit_reboot, is used up" },
		{ "the other slot's limit", "/proc/sys/kernel/kexec_load_limit_reboot", "0\n",
		  KP_CRASH,
		  "security module" },
		{ "lockdown", "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n",
		  KP_CRASH, "lockdown (integrity" },
		{ "more lockdown", "/sys/kernel/security/lockdown",
		  "none integrity [confidentiality]\n",
		  KP_CRASH, "lockdown (confidentiality" },
		{ "no securityfs", "/sys/kernel/security/lockdown", NULL, KP_CRASH,
		  "no lockdown shown" },
		{ "senseless lockdown", "/sys/kernel/security/lockdown", "]none[\n", KP_CRASH,
		  "security module" },
		{ "no procfs", "/proc/self/status", NULL, KP_CRASH, "security module" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		all_is_allowed();
		put_file(rows[i].path, rows[i].content);
		script[0] = EPERM;
		assert_int_equal(submit(rows[i].slot), -1);
		assert_int_equal(err.code, KP_PERMISSION);
		check_text(rows[i].text);
	}
}

static void eaddrnotavail_names_the_segment(void **state)
{
	struct kp_plan plan = plan_for(KP_CRASH);
	struct kp_machine machine = machine_of(true), none = machine_of(false);

	(void)state;
	all_is_allowed();
	script[0] = script[1] = script[2] = EADDRNOTAVAIL;
	assert_int_equal(kp_submit_plan(&kernel, &plan, &none, &dropped, &err), -1);
	assert_int_equal(err.code, KP_NO_CRASHKERNEL);

	assert_int_equal(kp_submit_plan(&kernel, &plan, &machine, &dropped, &err), -1);
	assert_int_equal(err.code, KP_MACHINE);
	check_text("0x10000000..0x1fffffff");

	plan.segments[1].at = (struct kp_range){ 0x1f000000, 0x20000fff };
	assert_int_equal(kp_submit_plan(&kernel, &plan, &machine, &dropped, &err), -1);
	assert_int_equal(err.code, KP_NO_ROOM);
	check_text("segment kernel at 0x1f000000..0x20000fff");
	check_text("0x10000000..0x1fffffff");
}

/* Said when the kernel shows it, and only then. */
static void a_lost_crash_image_is_told_of(void **state)
{
	static const struct { const char *name, *before; bool drops, told; } rows[] = {
		{ "loaded, dropped", "1\n", true, true },
		{ "loaded, kept", "1\n", false, false },
		{ "none was loaded", "0\n", true, false },
		{ "unknown", NULL, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		all_is_allowed();
		put_file("/sys/kernel/kexec_crash_loaded", rows[i].before);
		drops_crash_image = rows[i].drops;
		script[0] = ENOMEM;
		assert_int_equal(submit(KP_CRASH), -1);
		assert_int_equal(strstr(err.text, "is gone") != NULL, rows[i].told);
	}
}

static void plans_of_no_or_too_many_segments_never_leave(void **state)
{
	struct kp_plan plan = plan_for(KP_NORMAL);
	struct kp_machine machine = machine_of(true);

	(void)state;
	all_is_allowed();
	plan.n_segments = 0; /* would unload */
	assert_int_equal(kp_submit_plan(&kernel, &plan, &machine, &dropped, &err), -1);
	plan.n_segments = 17;
	assert_int_equal(kp_submit_plan(&kernel, &plan, &machine, &dropped, &err), -1);
	assert_int_equal(err.code, KP_INTERNAL);
	assert_int_equal(n_calls, 0);
}

static void unload_empties_the_slot(void **state)
{
	(void)state;
	all_is_allowed();
	assert_int_equal(kp_submit_unload(&kernel, KP_CRASH, KP_CALL_LOAD, &err), 0);
	assert_int_equal(kp_submit_unload(&kernel, KP_NORMAL, KP_CALL_LOAD, &err), 0);
	assert_int_equal(n_calls, 2);
	assert_int_equal(calls[0].flags, KEXEC_ON_CRASH);
	assert_int_equal(calls[1].flags, 0);
	assert_int_equal(calls[0].n + calls[1].n, 0);
}

static void unload_takes_the_other_call_where_it_helps(void **state)
{
	static const struct { const char *name; int sys; const char *path, *content; bool again; }
	rows[] = {
		{ "lockdown", EPERM, "/sys/kernel/security/lockdown", "[integrity]\n", true },
		{ "some security module", EPERM, "/sys/kernel/security/lockdown", NULL, true },
		{ "IMA", EACCES, "/sys/kernel/security/lockdown", NULL, true },
		{ "no kexec_load", ENOSYS, "/sys/kernel/security/lockdown", NULL, true },
		{ "not root", EPERM, "/proc/self/status", "CapEff:\t0\n", false },
		{ "disabled", EPERM, "/proc/sys/kernel/kexec_load_disabled", "1\n", false },
		{ "limit", EPERM, "/proc/sys/kernel/kexec_load_limit_panic", "0\n", false },
		{ "busy", EBUSY, "/sys/kernel/security/lockdown", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		all_is_allowed();
		put_file(rows[i].path, rows[i].content);
		script[0] = rows[i].sys;
		assert_int_equal(kp_submit_unload(&kernel, KP_CRASH, KP_CALL_LOAD, &err),
				 rows[i].again ? 0 : -1);
		assert_int_equal(n_calls, rows[i].again ? 2 : 1);
		if (rows[i].again) {
			assert_int_equal(calls[1].number, SYS_kexec_file_load);
			assert_int_equal(calls[1].fd1, -1);
			assert_int_equal(calls[1].flags, KEXEC_FILE_UNLOAD | KEXEC_FILE_ON_CRASH);
		}
	}
}

static int submit_file(struct kp_file_load load)
{
	memset(&err, 0, sizeof(err));
	return kp_submit_file(&kernel, &load, &dropped, &err);
}

static void the_files_are_what_the_kernel_gets(void **state)
{
	static const struct { struct kp_file_load load; unsigned long flags; } rows[] = {
		{ { .slot = KP_CRASH, .kernel = 7, .initrd = 8, .cmdline = "a b" }, 2 },
		{ { .slot = KP_CRASH, .kernel = 7, .initrd = -1, .cmdline = "" }, 6 },
		{ { .kernel = 7, .initrd = 8, .cmdline = "quiet" }, 0 },
		{ { .kernel = 7, .initrd = 8, .cmdline = "", .no_cma = true }, 0x10 },
		{ { .kernel = 7, .initrd = 8, .cmdline = "", .force_dtb = true }, 0x20 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		all_is_allowed();
		assert_int_equal(submit_file(rows[i].load), 0);
		assert_int_equal(n_calls, 1);
		assert_int_equal(dropped, 0);
		assert_int_equal(calls[0].number, SYS_kexec_file_load);
		assert_int_equal(calls[0].fd1, 7);
		assert_int_equal(calls[0].fd2, rows[i].load.initrd);
		assert_string_equal(calls[0].cmdline, rows[i].load.cmdline);
		assert_int_equal(calls[0].cmdline_len, strlen(rows[i].load.cmdline) + 1);
		assert_int_equal(calls[0].flags, rows[i].flags);
	}
}

/* Memory taken from elsewhere is as good; a device tree that is not passed on is not. */
static void of_the_file_flags_only_no_cma_is_dropped(void **state)
{
	const struct kp_file_load cma = { .kernel = 7, .initrd = -1, .cmdline = "", .no_cma = true };
	const struct kp_file_load dtb = { .kernel = 7, .initrd = -1, .cmdline = "",
					  .force_dtb = true };

	(void)state;
	all_is_allowed();
	script[0] = EINVAL;
	assert_int_equal(submit_file(cma), 0);
	assert_int_equal(n_calls, 2);
	assert_int_equal(calls[0].flags, 0x14);
	assert_int_equal(calls[1].flags, 0x4);
	assert_int_equal(dropped, 0x10);

	all_is_allowed();
	script[0] = EINVAL;
	assert_int_equal(submit_file(dtb), -1);
	assert_int_equal(n_calls, 1);
	check_text("cannot pass a device tree on");
}

static void every_errno_of_a_file_load_has_its_code(void **state)
{
	static const struct {
		int sys;
		enum kp_code code;
		const char *text;
	} rows[] = {
		{ EPERM, KP_PERMISSION, "security module" },
		{ EACCES, KP_PERMISSION, "IMA" },
		{ ENODATA, KP_PERMISSION, "signature" },
		{ ENOKEY, KP_PERMISSION, "signature" },
		{ EKEYREJECTED, KP_PERMISSION, "signature" },
		{ EBADMSG, KP_PERMISSION, "signature" },
		{ ENOPKG, KP_PERMISSION, "signature" },
		{ EBUSY, KP_BUSY, "another load" },
		{ EADDRNOTAVAIL, KP_NO_ROOM, "reserved by crashkernel=" },
		{ ENOMEM, KP_NO_ROOM, "no room" },
		{ ENOSYS, KP_UNSUPPORTED, "CONFIG_KEXEC_FILE" },
		{ ENOEXEC, KP_IMAGE, "no kernel that it can load" },
		{ ETXTBSY, KP_IO, "open for writing" },
		{ EINVAL, KP_UNSUPPORTED, "command line (3 bytes)" },
		{ EFBIG, KP_INTERNAL, "kexec_file_load(2): File too large" },
	};
	const struct kp_file_load load = { .slot = KP_CRASH, .kernel = 7, .initrd = 8,
					   .cmdline = "a b" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", strerror(rows[i].sys));
		all_is_allowed();
		put_file("/sys/kernel/kexec_crash_size", "268435456\n");
		script[0] = rows[i].sys;
		assert_int_equal(submit_file(load), -1);
		assert_int_equal(err.code, rows[i].code);
		assert_int_equal(err.sys, rows[i].sys);
		check_text(rows[i].text);
	}
	all_is_allowed();
	put_file("/sys/kernel/kexec_crash_size", "0\n");
	put_file("/sys/kernel/kexec_crash_loaded", "1\n");
	script[0] = EADDRNOTAVAIL;
	drops_crash_image = true;
	assert_int_equal(submit_file(load), -1);
	assert_int_equal(err.code, KP_NO_CRASHKERNEL);
	check_text("is gone");
	put_file("/sys/kernel/kexec_crash_size", NULL);
}

/* Each is the errno and code of a kexec_load(2) that failed, on a machine with @path so. */
static void the_file_call_is_tried_only_where_it_may_help(void **state)
{
	static const char locked[] = "none [integrity] confidentiality\n";
	static const char lockdown[] = "/sys/kernel/security/lockdown";
	static const struct {
		const char *name;
		struct kp_error err;
		const char *path, *content;
		bool helps;
	} rows[] = {
		{ "lockdown", { .code = KP_PERMISSION, .sys = EPERM }, lockdown, locked, true },
		{ "some policy", { .code = KP_PERMISSION, .sys = EPERM }, lockdown, NULL, true },
		{ "IMA", { .code = KP_PERMISSION, .sys = EACCES }, lockdown, NULL, true },
		{ "no kexec_load", { .code = KP_UNSUPPORTED, .sys = ENOSYS }, lockdown, NULL, true },
		{ "not root", { .code = KP_PERMISSION, .sys = EPERM }, "/proc/self/status", "CapEff:\t0\n",
		  false },
		{ "disabled", { .code = KP_PERMISSION, .sys = EPERM },
		  "/proc/sys/kernel/kexec_load_disabled", "1\n", false },
		{ "a wrong plan", { .code = KP_UNSUPPORTED, .sys = EINVAL }, lockdown, locked, false },
		{ "busy", { .code = KP_BUSY, .sys = EBUSY }, lockdown, locked, false },
		{ "no /dev/mem: lockdown", { .code = KP_PARK, .sys = 0 }, lockdown, locked, true },
		{ "no parking, no lockdown", { .code = KP_PARK, .sys = 0 }, lockdown, NULL, false },
		{ "no kcore: lockdown", { .code = KP_MACHINE, .sys = 0 }, lockdown, locked, true },
		{ "a corrupt kernel", { .code = KP_IMAGE, .sys = 0 }, lockdown, locked, false },
		{ "an encrypted guest", { .code = KP_CONFIDENTIAL, .sys = 0 }, lockdown, NULL, true },
		{ "an absent file", { .code = KP_IO, .sys = ENOENT }, lockdown, locked, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		all_is_allowed();
		put_file(rows[i].path, rows[i].content);
		assert_int_equal(kp_submit_file_may_help(&kernel, KP_CRASH, &rows[i].err),
				 rows[i].helps);
		assert_int_equal(n_calls, 0);
	}
}

static void a_strict_unload_makes_the_file_call_only(void **state)
{
	(void)state;
	all_is_allowed();
	assert_int_equal(kp_submit_unload(&kernel, KP_CRASH, KP_CALL_FILE, &err), 0);
	assert_int_equal(n_calls, 1);
	assert_int_equal(calls[0].number, SYS_kexec_file_load);
	assert_int_equal(calls[0].flags, KEXEC_FILE_UNLOAD | KEXEC_FILE_ON_CRASH);

	all_is_allowed();
	script[0] = ENOSYS;
	assert_int_equal(kp_submit_unload(&kernel, KP_NORMAL, KP_CALL_FILE, &err), -1);
	assert_int_equal(n_calls, 1);
	assert_int_equal(err.code, KP_UNSUPPORTED);
	check_text("cannot unload: the running kernel has no kexec_file_load(2)");
}

/* In dom0 Linux shows its own slots, which are not the hypervisor's. */
static void xen_is_not_asked_through_linux(void **state)
{
	(void)state;
	all_is_allowed();
	put_file("/sys/hypervisor/type", "xen\n");
	put_file("/sys/hypervisor/guest_type", "PV\n");
	assert_int_equal(kp_submit_loaded(&kernel, KP_CRASH, &err), -1);
	check_text("PV guest of Xen");
	put_file("/proc/xen/capabilities", "control_d\n");
	assert_int_equal(kp_submit_unload(&kernel, KP_CRASH, KP_CALL_LOAD, &err), -1);
	assert_int_equal(kp_submit_unload(&kernel, KP_CRASH, KP_CALL_FILE, &err), -1);
	check_text("dom0 of Xen");
	assert_int_equal(n_calls, 0);
	put_file("/sys/hypervisor/type", NULL);
	put_file("/sys/hypervisor/guest_type", NULL);
	put_file("/proc/xen/capabilities", NULL);
}

static void a_refused_unload_says_why(void **state)
{
	(void)state;
	all_is_allowed();
	put_file("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	script[0] = script[1] = EPERM;
	assert_int_equal(kp_submit_unload(&kernel, KP_NORMAL, KP_CALL_LOAD, &err), -1);
	assert_int_equal(calls[1].flags, KEXEC_FILE_UNLOAD);
	assert_int_equal(err.code, KP_PERMISSION);
	check_text("cannot unload: kernel lockdown (integrity");
}

/* ---- every errno there is ---- */

#define LAST_ERRNO 133             /* EHWPOISON */

static int do_load(enum kp_slot slot)
{
	return submit(slot);
}

static int do_file_load(enum kp_slot slot)
{
	return submit_file((struct kp_file_load){ .slot = slot, .kernel = 7, .initrd = 8,
						  .cmdline = "a", .no_cma = true });
}

static int do_unload(enum kp_slot slot)
{
	memset(&err, 0, sizeof(err));
	return kp_submit_unload(&kernel, slot, KP_CALL_LOAD, &err);
}

static int do_unload_file(enum kp_slot slot)
{
	memset(&err, 0, sizeof(err));
	return kp_submit_unload(&kernel, slot, KP_CALL_FILE, &err);
}

static int do_reboot(enum kp_slot slot)
{
	(void)slot;
	memset(&err, 0, sizeof(err));
	return kp_submit_reboot(&kernel, &err);
}

/* The kernel refuses, and keeps what it has: no more calls than a second try, one line that names
 * the error, no word of a loss, and no descriptor left open. */
static void refuse_with(const char *name, int (*act)(enum kp_slot), enum kp_slot slot, int sys)
{
	size_t descriptors = open_descriptors();

	n_calls = 0;
	for (size_t i = 0; i < sizeof(script) / sizeof(script[0]); i++)
		script[i] = sys;
	if (act(slot) != -1 || err.sys != sys || err.code == KP_OK)
		fail_msg("%s, %s: code %d, errno %d", name, strerror(sys), (int)err.code, err.sys);
	if (n_calls < 1 || n_calls > 2)
		fail_msg("%s, %s: %zu calls", name, strerror(sys), n_calls);
	if (!strstr(err.text, strerror(sys)) || strchr(err.text, '\n') ||
	    strstr(err.text, "is gone"))
		fail_msg("%s, %s: \"%s\"", name, strerror(sys), err.text);
	assert_int_equal(open_descriptors(), descriptors);
}

static void any_errno_is_told_and_changes_nothing(void **state)
{
	static const struct {
		const char *name;
		int (*act)(enum kp_slot slot);
	} rows[] = {
		{ "kexec_load", do_load },
		{ "kexec_file_load", do_file_load },
		{ "unload", do_unload },
		{ "unload by kexec_file_load", do_unload_file },
		{ "reboot", do_reboot },
	};

	(void)state;
	all_is_allowed();
	put_file("/sys/kernel/kexec_loaded", "1\n");
	put_file("/sys/kernel/kexec_crash_loaded", "1\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int sys = 1; sys <= LAST_ERRNO; sys++) {
			refuse_with(rows[i].name, rows[i].act, KP_NORMAL, sys);
			refuse_with(rows[i].name, rows[i].act, KP_CRASH, sys);
		}
	assert_int_equal(kp_submit_loaded(&kernel, KP_NORMAL, &err), 1);
	assert_int_equal(kp_submit_loaded(&kernel, KP_CRASH, &err), 1);
}

static void loaded_reads_its_own_slot(void **state)
{
	(void)state;
	all_is_allowed();
	put_file("/sys/kernel/kexec_loaded", "1\n");
	assert_int_equal(kp_submit_loaded(&kernel, KP_NORMAL, &err), 1);
	assert_int_equal(kp_submit_loaded(&kernel, KP_CRASH, &err), 0);
	put_file("/sys/kernel/kexec_loaded", NULL);
	assert_int_equal(kp_submit_loaded(&kernel, KP_NORMAL, &err), -1);
	assert_int_equal(err.code, KP_UNSUPPORTED);
	put_file("/sys/kernel/kexec_crash_loaded", "maybe\n");
	assert_int_equal(kp_submit_loaded(&kernel, KP_CRASH, &err), -1);
}

/* Linux 6.19 has new names and links from the old ones, which go after 2028. */
static void loaded_has_two_names(void **state)
{
	static const struct { const char *name, *now, *before; int is; } rows[] = {
		{ "the old one", NULL, "1\n", 1 },
		{ "the new one", "1\n", NULL, 1 },
		{ "both", "0\n", "0\n", 0 },
		{ "the new one, of no sense", "\n", "1\n", 1 },
		{ "neither", NULL, NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		all_is_allowed();
		put_file("/sys/kernel/kexec/crash_loaded", rows[i].now);
		put_file("/sys/kernel/kexec_crash_loaded", rows[i].before);
		assert_int_equal(kp_submit_loaded(&kernel, KP_CRASH, &err), rows[i].is);
		put_file("/sys/kernel/kexec/loaded", rows[i].now);
		put_file("/sys/kernel/kexec_loaded", rows[i].before);
		assert_int_equal(kp_submit_loaded(&kernel, KP_NORMAL, &err), rows[i].is);
	}
	check_text("neither /sys/kernel/kexec/loaded nor /sys/kernel/kexec_loaded");
	put_file("/sys/kernel/kexec/loaded", NULL);
	put_file("/sys/kernel/kexec/crash_loaded", NULL);
}

static void reboot_explains_its_failures(void **state)
{
	static const struct {
		const char *name;
		int sys;
		const char *path, *content;
		enum kp_code code;
	} rows[] = {
		{ "nothing loaded", EINVAL, "/sys/kernel/kexec_loaded", "0\n", KP_USAGE },
		{ "loaded, but in a container", EINVAL, "/sys/kernel/kexec_loaded", "1\n",
		  KP_UNSUPPORTED },
		{ "not root", EPERM, "/proc/self/status", "CapEff:\t0\n", KP_PERMISSION },
		{ "root, but refused", EPERM, "/sys/kernel/kexec_loaded", "1\n", KP_PERMISSION },
		{ "busy", EBUSY, "/sys/kernel/kexec_loaded", "1\n", KP_BUSY },
		{ "anything", EIO, "/sys/kernel/kexec_loaded", "1\n", KP_INTERNAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		all_is_allowed();
		put_file(rows[i].path, rows[i].content);
		script[0] = rows[i].sys;
		assert_int_equal(kp_submit_reboot(&kernel, &err), -1);
		assert_int_equal(calls[0].reboot_command, LINUX_REBOOT_CMD_KEXEC);
		assert_int_equal(err.code, rows[i].code);
		assert_int_equal(err.sys, rows[i].sys);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_plan_is_what_the_kernel_gets),
		cmocka_unit_test(unknown_flags_are_dropped_once),
		cmocka_unit_test(every_errno_has_its_code),
		cmocka_unit_test(eperm_names_its_rule),
		cmocka_unit_test(eaddrnotavail_names_the_segment),
		cmocka_unit_test(a_lost_crash_image_is_told_of),
		cmocka_unit_test(plans_of_no_or_too_many_segments_never_leave),
		cmocka_unit_test(unload_empties_the_slot),
		cmocka_unit_test(unload_takes_the_other_call_where_it_helps),
		cmocka_unit_test(the_files_are_what_the_kernel_gets),
		cmocka_unit_test(of_the_file_flags_only_no_cma_is_dropped),
		cmocka_unit_test(every_errno_of_a_file_load_has_its_code),
		cmocka_unit_test(the_file_call_is_tried_only_where_it_may_help),
		cmocka_unit_test(a_strict_unload_makes_the_file_call_only),
		cmocka_unit_test(xen_is_not_asked_through_linux),
		cmocka_unit_test(a_refused_unload_says_why),
		cmocka_unit_test(any_errno_is_told_and_changes_nothing),
		cmocka_unit_test(loaded_reads_its_own_slot),
		cmocka_unit_test(loaded_has_two_names),
		cmocka_unit_test(reboot_explains_its_failures),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
