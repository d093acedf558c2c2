/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actions.h"
#include "cut_short.h"
#include "help.h"
#include "load.h"
#include "network.h"
#include "output.h"
#include "park_status.h"
#include "plan_json.h"
#include "plan_svg.h"
#include "progress.h"
#include "say.h"
#include "report.h"
#include "terminal.h"

/* What an operator can do about an error, in the words of the command line. */
static const char *remedy_text(enum kp_remedy remedy)
{
	static const char *const texts[] = {
		[KP_REMEDY_NONE] = "",
		[KP_REMEDY_FILE_CALL] = "; load with -s (--kexec-file-syscall)",
		[KP_REMEDY_OWN_CALL] = "; try without -s",
		[KP_REMEDY_LOAD_FIRST] = "; load one with -l",
		[KP_REMEDY_CMDLINE] = "; give the whole line with --append",
		[KP_REMEDY_SERIAL] = "; name the port, as --serial=ttyS0 or "
				     "--serial=mmio32,0xADDRESS",
		[KP_REMEDY_ELF_ARGS] = "; leave --args-linux and --args-none out",
		[KP_REMEDY_DEVICE_TREE] = "; leave --force-dtb out",
	};

	return texts[remedy];
}

int actions_fail(const struct options *opts, const struct kp_error *err)
{
	say("%s%s", err->text, remedy_text(err->remedy));
	return actions_exit(opts, err);
}

/* Where the running kernel would read the files, kexec(8) tells a missing one by another status. */
static bool opens_for_the_kernel(const struct options *opts)
{
	return opts->call_given && opts->call != KP_CALL_LOAD;
}

int actions_exit(const struct options *opts, const struct kp_error *err)
{
	switch (err->code) {
	case KP_USAGE:
		return opts->bad_status ?: EXIT_USAGE;
	case KP_NO_CRASHKERNEL:
		return opts->as_kexec ? EXIT_DIED : EXIT_NO_CRASHKERNEL;
	case KP_IO:
		return opts->as_kexec && !opens_for_the_kernel(opts) ? EXIT_DIED : EXIT_FAILED;
	default:
		return EXIT_FAILED;
	}
}

/* Those of a plan from number @i on: a load that was submitted may have more. */
static void warn_from(const struct kp_plan *plan, size_t i)
{
	for (; i < plan->n_warnings; i++)
		say("warning: %s", plan->warnings[i]);
}

static int fail(const char *text)
{
	say("%s", text);
	return EXIT_FAILED;
}

__attribute__((format(printf, 2, 3)))
static void trace(const struct options *opts, const char *fmt, ...)
{
	char text[4096];
	va_list args;

	if (!opts->debug)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say("%s", text);
}

/* Output that did not reach its reader is a failure, whatever else went well. */
static int finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	say("cannot write the output: %s", strerror(errno));
	return EXIT_FAILED;
}

static int print_json(json_t *document, int status)
{
	if (!document)
		return fail("out of memory");
	return json_print(stdout, document) ? finish_output(status) :
					      fail("cannot write the output");
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
		trace(arg, "interface %s is down", interface);
}

/* Boot what the normal slot is known to hold. Returns only when that failed. */
static int exec_loaded(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (!opts->skip_sync) {
		trace(opts, "syncing disks");
		sync();
	}
	if (!opts->skip_ifdown)
		network_down(tell_interface, (void *)opts);
	trace(opts, "booting the loaded kernel");
	kp_reboot(&err);
	return actions_fail(opts, &err);
}

static int run_shutdown(const struct options *opts)
{
	trace(opts, "running shutdown -r now");
	execlp("shutdown", "shutdown", "-r", "now", (char *)NULL);
	say("the kernel is loaded, but shutdown(8) cannot be run: %s", strerror(errno));
	return EXIT_FAILED;
}

static int show_plan(const struct options *opts, const struct kp_plan *plan)
{
	const struct plan_style style = terminal_style(stdout);
	struct kp_error err = { 0 };

	if (opts->svg && plan->call == KP_CALL_FILE)
		return fail("--svg: the running kernel decides where things go: there is nothing to "
			    "draw");
	if (opts->svg && plan_svg_write(opts->svg, plan, &err))
		return actions_fail(opts, &err);
	if (opts->json)
		return print_json(plan_json(plan), 0);
	plan_print(stdout, plan, &style);
	return finish_output(0);
}

static int submit(const struct options *opts, struct kp_load *load, struct kp_error *err)
{
	const struct plan_style style = terminal_style(stderr);
	const struct kp_plan *plan = kp_load_shown(load);
	size_t planned = plan->n_warnings;
	int rc;

	if (opts->debug)
		plan_print(stderr, plan, &style);
	else
		warn_from(plan, 0);
	trace(opts, "submitting %zu segments", plan->n_segments);
	progress_start();
	rc = kp_load_submit(load, err);
	progress_stop();
	warn_from(plan, planned);
	return rc;
}

/* Show the plan or do it; @status is what to exit with unless @err says what failed. */
static int plan_and_submit(const struct options *opts, const struct kp_machine *machine,
			   int *status, struct kp_error *err)
{
	struct kp_request request = opts->request;
	struct kp_load *load;
	int rc;

	trace(opts, "planning the load of %s", request.image);
	request.progress = progress_tell;
	progress_start();
	rc = kp_load_plan(&request, machine, &load, err);
	progress_stop();
	if (rc)
		return -1;
	*status = 0;
	if (opts->plan)
		*status = show_plan(opts, kp_load_shown(load));
	else
		rc = submit(opts, load, err);
	kp_load_free(load);
	return rc;
}

/* The kernel has the last word, and its refusal is the news: warnings are of a load that is made. */
static int plan_and_submit_files(const struct options *opts, const struct kp_machine *machine,
				 struct kp_error *err)
{
	struct kp_request request = opts->request;
	struct kp_load *load = NULL;
	int rc;

	request.progress = progress_tell;
	progress_start();
	rc = kp_load_plan_file(&request, machine, NULL, &load, err);
	if (rc == 0)
		rc = kp_load_submit(load, err);
	progress_stop();
	if (rc == 0)
		warn_from(kp_load_shown(load), 0);
	kp_load_free(load);
	return rc;
}

static int load_by_file_call(const struct options *opts, const struct kp_machine *machine)
{
	struct kp_error err = { 0 };

	trace(opts, "letting the kernel load %s", opts->request.image);
	if (plan_and_submit_files(opts, machine, &err) == 0)
		return 0;
	actions_fail(opts, &err);
	return err.code == KP_UNSUPPORTED ? EXIT_NO_FILE_CALL : actions_exit(opts, &err);
}

/* -a: what kexec_load(2) may not do, the kernel may do by itself, in its own way. */
static int load_by_other_call(const struct options *opts, const struct kp_machine *machine,
			      const struct kp_error *why)
{
	say("warning: %s", why->text);
	say("warning: falling back to kexec_file_load(2): nothing is parked, and the purgatory, its "
	    "checks and consoles, and the places of all things are the kernel's choice");
	return load_by_file_call(opts, machine);
}

/* What a kernel permits cannot be known of a captured machine; what that machine is, can. */
static bool helps_by_other_call(const struct options *opts, const struct kp_error *why)
{
	return why->code == KP_CONFIDENTIAL ||
	       (*opts->root == '\0' && kp_load_file_may_help(opts->request.slot, why));
}

/* The same with --plan. */
static int show_other_plan(const struct options *opts, const struct kp_machine *machine,
			   const struct kp_error *why)
{
	struct kp_error err = { 0 };
	struct kp_load *load;
	int status;

	if (kp_load_plan_file(&opts->request, machine, why->text, &load, &err))
		return actions_fail(opts, &err);
	status = show_plan(opts, kp_load_shown(load));
	kp_load_free(load);
	return status;
}

static int load(const struct options *opts, const struct kp_machine *machine)
{
	struct kp_error err = { 0 };
	int status = EXIT_FAILED;

	if (opts->call == KP_CALL_FILE)
		return load_by_file_call(opts, machine);
	if (plan_and_submit(opts, machine, &status, &err) == 0) {
		trace(opts, opts->plan ? "planned" : "loaded");
		return status;
	}
	if (opts->call == KP_CALL_AUTO && helps_by_other_call(opts, &err))
		return opts->plan ? show_other_plan(opts, machine, &err)
				  : load_by_other_call(opts, machine, &err);
	return actions_fail(opts, &err);
}

/* Before the machine is read: what was named wrongly is to be said first. */
static int find_file(const char *what, const char *path, struct kp_error *err)
{
	struct stat st = { 0 };
	const char *why = NULL;

	if (access(path, R_OK) || stat(path, &st))
		why = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		why = strerror(EISDIR);
	else if (S_ISREG(st.st_mode) && st.st_size == 0)
		why = "the file is empty";
	if (!why)
		return 0;
	err->code = KP_IO;
	snprintf(err->text, sizeof(err->text), "%s%s: %s", what, path, why);
	return -1;
}

static int find_files(const struct options *opts, struct kp_error *err)
{
	const struct kp_request *req = &opts->request;

	if (find_file("", req->image, err))
		return -1;
	for (size_t i = 0; i < req->n_initrds; i++)
		if (find_file("initrd: ", req->initrds[i], err))
			return -1;
	return 0;
}

static int run_load(const struct options *opts)
{
	struct kp_error err = { 0 };
	struct kp_machine *machine;
	int status;

	if (find_files(opts, &err) || (opts->svg && output_check("--svg", opts->svg, &err)))
		return actions_fail(opts, &err);
	if (*opts->root == '\0' && !may_boot())
		return refuse_without_capability("loading a kernel");
	cut_short_watch(opts->request.image);
	trace(opts, "reading the machine%s%s", *opts->root ? " recorded in " : "", opts->root);
	if (kp_machine_read(opts->root, &machine, &err))
		return actions_fail(opts, &err);
	status = load(opts, machine);
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

static int fail_to_exec(const struct options *opts)
{
	say("no kernel is loaded: load one with -l first, or use -f");
	return opts->as_kexec ? EXIT_DIED : EXIT_FAILED;
}

static int run_exec(const struct options *opts)
{
	struct kp_error err = { 0 };
	int loaded;

	loaded = kp_loaded(KP_NORMAL, &err);
	if (loaded == 0)
		return fail_to_exec(opts);
	if (!may_boot())
		return refuse_without_capability("booting a kernel");
	return loaded < 0 ? actions_fail(opts, &err) : exec_loaded(opts);
}

static int run_unload(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (!may_boot())
		return refuse_without_capability("unloading a kernel");
	trace(opts, "unloading the %s kernel", plan_slot(opts->request.slot));
	return kp_unload(opts->request.slot, opts->call, &err) ? actions_fail(opts, &err) : 0;
}

/* As kexec(8): silent, and the exit status is the answer. */
static int run_status(const struct options *opts)
{
	struct kp_error err = { 0 };
	int loaded = kp_loaded(opts->request.slot, &err);

	if (loaded < 0)
		return actions_fail(opts, &err);
	trace(opts, "%s kernel: %s", plan_slot(opts->request.slot),
	      loaded ? "loaded" : "not loaded");
	return loaded;
}

static void tell_missed(void *arg, const char *path, const char *why)
{
	(void)arg;
	say("not recorded: %s: %s", path, why);
}

static int run_capture(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (kp_machine_capture("", opts->capture_dir, tell_missed, NULL, &err))
		return actions_fail(opts, &err);
	trace(opts, "recorded in %s", opts->capture_dir);
	return 0;
}

static int run_report(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (output_check("--report", opts->report, &err) || report_write(opts->report, opts->root, &opts->request, stdout, &err))
		return actions_fail(opts, &err);
	return finish_output(0);
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
		return actions_fail(opts, &err);
	rc = kp_park_status_read(machine, &status, &err) ? actions_fail(opts, &err)
							 : show_park_status(opts, &status);
	kp_machine_free(machine);
	return rc;
}

static int run_crash_size(const struct options *opts)
{
	struct kp_error err = { 0 };
	struct kp_machine *machine;
	uint64_t bytes;
	int rc;

	if (kp_machine_read(opts->root, &machine, &err))
		return actions_fail(opts, &err);
	rc = kp_crash_bytes(machine, &bytes, &err);
	kp_machine_free(machine);
	if (rc)
		return actions_fail(opts, &err);
	printf("%llu\n", (unsigned long long)bytes);
	return finish_output(0);
}

static int refuse_topic(const char *topic)
{
	char topics[128];

	help_list_topics(topics, sizeof(topics));
	say("there is no help on '%s'; topics are %s", topic, topics);
	return EXIT_USAGE;
}

static int run_help(const struct options *opts)
{
	/* As kexec, it is the kernel of a load, which kexec(8) does not look at. */
	if (!help_print(stdout, opts->topic) && !(opts->as_kexec && help_print(stdout, NULL)))
		return refuse_topic(opts->topic);
	return finish_output(opts->bad_status);
}

static int run_version(const struct options *opts)
{
	(void)opts;
	printf("kexec-park %s\n", kp_version());
	return finish_output(0);
}

static void warn_of_ignored(const struct ignored *ignored)
{
	if (ignored->how)
		say("warning: --%s %s%s", ignored->what, ignored->how, ignored->why);
	else
		say("warning: the argument '%s' is ignored: %s", ignored->what, ignored->why);
}

int actions_run(const struct options *opts)
{
	static int (*const run[])(const struct options *) = {
		[ACTION_LOAD] = run_load, [ACTION_LOAD_SHUTDOWN] = run_load_shutdown,
		[ACTION_LOAD_EXEC] = run_load_exec, [ACTION_EXEC] = run_exec,
		[ACTION_UNLOAD] = run_unload, [ACTION_STATUS] = run_status,
		[ACTION_CAPTURE] = run_capture, [ACTION_PARK_STATUS] = run_park_status,
		[ACTION_REPORT] = run_report,
		[ACTION_CRASH_SIZE] = run_crash_size,
		[ACTION_HELP] = run_help, [ACTION_VERSION] = run_version };

	for (size_t i = 0; i < opts->n_ignored; i++)
		warn_of_ignored(&opts->ignored[i]);
	return run[opts->action](opts);
}
