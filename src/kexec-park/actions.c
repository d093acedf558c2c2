/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actions.h"
#include "help.h"
#include "libkexec.h"
#include "network.h"
#include "park_status.h"
#include "plan_json.h"
#include "plan_text.h"

int actions_fail(const struct kp_error *err)
{
	fprintf(stderr, "kexec-park: %s\n", err->text);
	switch (err->code) {
	case KP_USAGE: return EXIT_USAGE;
	case KP_NO_CRASHKERNEL: return EXIT_NO_CRASHKERNEL;
	default: return EXIT_FAILED;
	}
}

static int fail(const char *text)
{
	fprintf(stderr, "kexec-park: %s\n", text);
	return EXIT_FAILED;
}

__attribute__((format(printf, 2, 3)))
static void trace(const struct options *opts, const char *fmt, ...)
{
	va_list args;

	if (!opts->debug)
		return;
	fprintf(stderr, "kexec-park: ");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

/* Output that did not reach its reader is a failure, whatever else went well. */
static int finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "kexec-park: cannot write the output: %s\n", strerror(errno));
	return EXIT_FAILED;
}

static int print_json(json_t *document, int status)
{
	int rc;

	if (!document)
		return fail("out of memory");
	rc = json_dumpf(document, stdout, JSON_INDENT(2));
	json_decref(document);
	putchar('\n');
	return rc ? fail("cannot write the output") : finish_output(status);
}

static unsigned terminal_columns(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return 80;
}

/*
 * Without the capability the kernel hides addresses too (/proc/iomem reads as zeros), and the
 * error would be about those. True when it cannot be known: the kernel has the last word.
 */
static bool may_boot(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return true;
	return data[CAP_TO_INDEX(CAP_SYS_BOOT)].effective & CAP_TO_MASK(CAP_SYS_BOOT);
}

static int refuse_without_capability(const char *what)
{
	fprintf(stderr, "kexec-park: %s needs root (CAP_SYS_BOOT): run it as root%s\n", what,
		strcmp(what, "loading a kernel") == 0 ?
			", or look at it with --plan --root=DIR on a captured machine" : "");
	return EXIT_FAILED;
}

static void tell_interface(void *arg, const char *interface, int sys)
{
	if (sys)
		fprintf(stderr, "kexec-park: warning: interface %s stays up: %s\n", interface,
			strerror(sys));
	else
		trace(arg, "interface %s is down", interface);
}

/* Boot what the normal slot holds. Returns only when that failed. */
static int exec_loaded(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (kp_loaded(KP_NORMAL, &err) == 0)
		return fail("no kernel is loaded: load one with -l first, or use -f");
	if (!opts->skip_sync) {
		trace(opts, "syncing disks");
		sync();
	}
	if (!opts->skip_ifdown)
		network_down(tell_interface, (void *)opts);
	trace(opts, "booting the loaded kernel");
	kp_reboot(&err);
	return actions_fail(&err);
}

static int run_shutdown(const struct options *opts)
{
	trace(opts, "running shutdown -r now");
	execlp("shutdown", "shutdown", "-r", "now", (char *)NULL);
	fprintf(stderr, "kexec-park: the kernel is loaded, but shutdown(8) cannot be run: %s\n",
		strerror(errno));
	return EXIT_FAILED;
}

static int show_plan(const struct options *opts, const struct kp_plan *plan)
{
	if (opts->json)
		return print_json(plan_json(plan), 0);
	plan_print(stdout, plan, terminal_columns(stdout));
	return finish_output(0);
}

static int submit(const struct options *opts, const struct kp_machine *machine,
		  const struct kp_plan *plan)
{
	struct kp_error err = { 0 };

	if (opts->debug)
		plan_print(stderr, plan, terminal_columns(stderr));
	for (size_t i = 0; i < plan->n_warnings && !opts->debug; i++)
		fprintf(stderr, "kexec-park: warning: %s\n", plan->warnings[i]);
	trace(opts, "submitting %zu segments", plan->n_segments);
	if (kp_submit(plan, machine, &err))
		return actions_fail(&err);
	trace(opts, "loaded");
	return 0;
}

static int plan_and_submit(const struct options *opts, const struct kp_machine *machine)
{
	struct kp_error err = { 0 };
	struct kp_plan *plan;
	int status;

	trace(opts, "planning the load of %s", opts->request.image);
	if (kp_plan_load(&opts->request, machine, &plan, &err))
		return actions_fail(&err);
	status = opts->plan ? show_plan(opts, plan) : submit(opts, machine, plan);
	kp_plan_free(plan);
	return status;
}

static int run_load(const struct options *opts)
{
	struct kp_error err = { 0 };
	struct kp_machine *machine;
	int status;

	if (*opts->root == '\0' && !may_boot())
		return refuse_without_capability("loading a kernel");
	trace(opts, "reading the machine%s%s", *opts->root ? " recorded in " : "", opts->root);
	if (kp_machine_read(opts->root, &machine, &err))
		return actions_fail(&err);
	status = plan_and_submit(opts, machine);
	kp_machine_free(machine);
	return status;
}

static int run_load_exec(const struct options *opts)
{
	int status = run_load(opts);

	return status || opts->plan ? status : exec_loaded(opts);
}

static int run_load_shutdown(const struct options *opts)
{
	int status = run_load(opts);

	return status || opts->plan ? status : run_shutdown(opts);
}

static int run_exec(const struct options *opts)
{
	return may_boot() ? exec_loaded(opts) : refuse_without_capability("booting a kernel");
}

static int run_unload(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (!may_boot())
		return refuse_without_capability("unloading a kernel");
	trace(opts, "unloading the %s kernel", plan_slot(opts->request.slot));
	return kp_unload(opts->request.slot, &err) ? actions_fail(&err) : 0;
}

/* As kexec(8): silent, and the exit status is the answer. */
static int run_status(const struct options *opts)
{
	struct kp_error err = { 0 };
	int loaded = kp_loaded(opts->request.slot, &err);

	if (loaded < 0)
		return actions_fail(&err);
	trace(opts, "%s kernel: %s", plan_slot(opts->request.slot),
	      loaded ? "loaded" : "not loaded");
	return loaded;
}

static void tell_missed(void *arg, const char *path, const char *why)
{
	(void)arg;
	fprintf(stderr, "kexec-park: not recorded: %s: %s\n", path, why);
}

static int run_capture(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (kp_machine_capture(opts->capture_dir, tell_missed, NULL, &err))
		return actions_fail(&err);
	trace(opts, "recorded in %s", opts->capture_dir);
	return 0;
}

static int show_park_status(const struct options *opts, const struct kp_park_status *status)
{
	if (opts->json)
		return print_json(park_status_json(status), park_status_exit(status));
	park_status_print(stdout, status);
	return finish_output(park_status_exit(status));
}

static int run_park_status(const struct options *opts)
{
	struct kp_park_status status = { 0 };
	struct kp_error err = { 0 };
	struct kp_machine *machine;
	int rc;

	if (kp_machine_read(opts->root, &machine, &err))
		return actions_fail(&err);
	rc = kp_park_status_read(machine, &status, &err) ? actions_fail(&err)
							 : show_park_status(opts, &status);
	kp_machine_free(machine);
	return rc;
}

static int run_help(const struct options *opts)
{
	const char *text = help_text(opts->topic);

	if (!text) {
		fprintf(stderr, "kexec-park: there is no help on '%s'; topics are", opts->topic);
		for (unsigned i = 1; help_topic(i); i++)
			fprintf(stderr, " %s", help_topic(i));
		fputc('\n', stderr);
		return EXIT_USAGE;
	}
	fputs(text, stdout);
	return finish_output(0);
}

static int run_version(const struct options *opts)
{
	(void)opts;
	printf("kexec-park %s\n", kp_version());
	return finish_output(0);
}

int actions_run(const struct options *opts)
{
	static int (*const run[])(const struct options *) = {
		[ACTION_LOAD] = run_load, [ACTION_LOAD_SHUTDOWN] = run_load_shutdown,
		[ACTION_LOAD_EXEC] = run_load_exec, [ACTION_EXEC] = run_exec,
		[ACTION_UNLOAD] = run_unload, [ACTION_STATUS] = run_status,
		[ACTION_CAPTURE] = run_capture, [ACTION_PARK_STATUS] = run_park_status,
		[ACTION_HELP] = run_help, [ACTION_VERSION] = run_version };

	return run[opts->action](opts);
}
