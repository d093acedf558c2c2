/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "action_boot.h"
#include "action_load.h"
#include "action_output.h"
#include "actions.h"
#include "exit_status.h"
#include "help.h"
#include "load.h"
#include "output.h"
#include "park_status.h"
#include "report.h"
#include "say.h"

static void tell_missed(void *arg, const char *path, const char *why)
{
	(void)arg;
	say("not recorded: %s: %s", path, why);
}

static int run_capture(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (kp_machine_capture("", opts->capture_dir, tell_missed, NULL, &err))
		return action_fail(opts, &err);
	action_trace(opts, "recorded in %s", opts->capture_dir);
	return 0;
}

static int run_report(const struct options *opts)
{
	struct kp_error err = { 0 };

	if (output_check("--report", opts->report, &err) ||
	    report_write(opts->report, opts->root, &opts->request, stdout, &err))
		return action_fail(opts, &err);
	return action_finish_output(0);
}

static int show_park_status(const struct options *opts, const struct kp_park_status *status)
{
	if (opts->json)
		return action_print_json(park_status_json(status), park_status_exit(status));
	park_status_print(stdout, status);
	return action_finish_output(park_status_exit(status));
}

static int run_park_status(const struct options *opts)
{
	struct kp_park_status status = { 0 };
	struct kp_error err = { 0 };
	struct kp_machine *machine;
	int rc;

	if (kp_machine_read(opts->root, &machine, &err))
		return action_fail(opts, &err);
	rc = kp_park_status_read(machine, &status, &err) ? action_fail(opts, &err)
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
		return action_fail(opts, &err);
	rc = kp_crash_bytes(machine, &bytes, &err);
	kp_machine_free(machine);
	if (rc)
		return action_fail(opts, &err);
	printf("%llu\n", (unsigned long long)bytes);
	return action_finish_output(0);
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
	return action_finish_output(opts->bad_status);
}

static int run_version(const struct options *opts)
{
	(void)opts;
	printf("kexec-park %s\n", kp_version());
	return action_finish_output(0);
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
		[ACTION_LOAD] = action_load, [ACTION_LOAD_SHUTDOWN] = action_load_shutdown,
		[ACTION_LOAD_EXEC] = action_load_exec, [ACTION_EXEC] = action_exec,
		[ACTION_UNLOAD] = action_unload, [ACTION_STATUS] = action_status,
		[ACTION_CAPTURE] = run_capture, [ACTION_PARK_STATUS] = run_park_status,
		[ACTION_REPORT] = run_report,
		[ACTION_CRASH_SIZE] = run_crash_size,
		[ACTION_HELP] = run_help, [ACTION_VERSION] = run_version };

	for (size_t i = 0; i < opts->n_ignored; i++)
		warn_of_ignored(&opts->ignored[i]);
	return run[opts->action](opts);
}
