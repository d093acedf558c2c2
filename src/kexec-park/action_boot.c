/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What boots, unloads or looks at a kernel that is loaded already. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "action_boot.h"
#include "action_output.h"
#include "exit_status.h"
#include "load.h"
#include "network.h"
#include "plan_words.h"
#include "say.h"

/*
 * True also where it cannot be known: the kernel has the last word. Without the capability the kernel
 * hides addresses too (/proc/iomem reads as zeros), and an error about those would mislead.
 */
bool action_may_boot(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return true;
	return data[CAP_TO_INDEX(CAP_SYS_BOOT)].effective & CAP_TO_MASK(CAP_SYS_BOOT);
}

int action_refuse_without_capability(const char *what)
{
	say("%s needs root (CAP_SYS_BOOT): run it as root%s", what,
	    strcmp(what, "loading a kernel") == 0 ?
		", or look at it with --plan --root=DIR on a captured machine" : "");
	return EXIT_FAILED;
}

static void tell_interface(void *arg, const char *interface, int sys)
{
	if (sys)
		say("warning: interface %s stays up: %s", interface, strerror(sys));
	else
		action_trace(arg, "interface %s is down", interface);
}

/* Boot what the normal slot is known to hold. Returns only when that failed. */
int action_exec_loaded(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (!opts->skip_sync) {
		action_trace(opts, "syncing disks");
		sync();
	}
	if (!opts->skip_ifdown)
		network_down(tell_interface, (void *)opts);
	action_trace(opts, "booting the loaded kernel");
	kp_reboot(&err);
	return action_fail(opts, &err);
}

int action_run_shutdown(const struct options *opts)
{
	action_trace(opts, "running shutdown -r now");
	execlp("shutdown", "shutdown", "-r", "now", (char *)NULL);
	say("the kernel is loaded, but shutdown(8) cannot be run: %s", strerror(errno));
	return EXIT_FAILED;
}

static int fail_to_exec(const struct options *opts)
{
	say("no kernel is loaded: load one with -l first, or use -f");
	return opts->as_kexec ? EXIT_DIED : EXIT_FAILED;
}

int action_exec(const struct options *opts)
{
	struct kp_error err = { 0 };
	int loaded;

	loaded = kp_loaded(KP_NORMAL, &err);
	if (loaded == 0)
		return fail_to_exec(opts);
	if (!action_may_boot())
		return action_refuse_without_capability("booting a kernel");
	return loaded < 0 ? action_fail(opts, &err) : action_exec_loaded(opts);
}

int action_unload(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (!action_may_boot())
		return action_refuse_without_capability("unloading a kernel");
	action_trace(opts, "unloading the %s kernel", plan_slot(opts->request.slot));
	return kp_unload(opts->request.slot, opts->call, &err) ? action_fail(opts, &err) : 0;
}

/* As kexec(8): silent, and the exit status is the answer. */
int action_status(const struct options *opts)
{
	struct kp_error err = { 0 };
	int loaded = kp_loaded(opts->request.slot, &err);

	if (loaded < 0)
		return action_fail(opts, &err);
	action_trace(opts, "%s kernel: %s", plan_slot(opts->request.slot),
	      loaded ? "loaded" : "not loaded");
	return loaded;
}
