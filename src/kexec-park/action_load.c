/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action_boot.h"
#include "action_load.h"
#include "action_output.h"
#include "cut_short.h"
#include "errors.h"
#include "exit_status.h"
#include "load.h"
#include "output.h"
#include "plan_json.h"
#include "plan_svg.h"
#include "plan_text.h"
#include "progress.h"
#include "say.h"
#include "terminal.h"

/* Those of a plan from number @i on: a load that was submitted may have more. */
static void warn_from(const struct kp_plan *plan, size_t i)
{
	for (; i < plan->n_warnings; i++)
		say("warning: %s", plan->warnings[i]);
}

static int show_plan(const struct options *opts, const struct kp_plan *plan)
{
	const struct plan_style style = terminal_style(stdout);
	struct kp_error err = { 0 };

	if (opts->svg && plan->call == KP_CALL_FILE)
		return action_fail_text("--svg: the running kernel chooses the addresses of this load, "
					"so there is nothing to draw");
	if (opts->svg && plan_svg_write(opts->svg, plan, &err))
		return action_fail(opts, &err);
	if (opts->json)
		return action_print_json(plan_json(plan), 0);
	plan_print(stdout, plan, &style);
	return action_finish_output(0);
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
	action_trace(opts, "submitting %zu segments", plan->n_segments);
	progress_start();
	rc = kp_load_submit(load, err);
	progress_stop();
	warn_from(plan, planned);
	return rc;
}

/* Show the plan or submit it. @status is the exit status, unless this fails with @err. */
static int plan_and_submit(const struct options *opts, const struct kp_machine *machine,
			   int *status, struct kp_error *err)
{
	struct kp_request request = opts->request;
	struct kp_load *load;
	int rc;

	action_trace(opts, "planning the load of %s", request.image);
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

	action_trace(opts, "letting the kernel load %s", opts->request.image);
	if (plan_and_submit_files(opts, machine, &err) == 0)
		return 0;
	action_fail(opts, &err);
	return err.code == KP_UNSUPPORTED ? EXIT_NO_FILE_CALL : action_exit(opts, &err);
}

/* -a: where kexec_load(2) is forbidden or missing, kexec_file_load(2) may work. */
static int load_by_other_call(const struct options *opts, const struct kp_machine *machine,
			      const struct kp_error *why)
{
	say("warning: %s", why->text);
	say("warning: falling back to kexec_file_load(2): the running kernel chooses all addresses and "
	    "runs its own purgatory, which parks no CPU and has no console");
	return load_by_file_call(opts, machine);
}

/* A capture says what a machine is (an encrypted guest), not what its kernel permits. */
static bool helps_by_other_call(const struct options *opts, const struct kp_error *why)
{
	return why->code == KP_CONFIDENTIAL ||
	       (*opts->root == '\0' && kp_load_file_may_help(opts->request.slot, why));
}

/* As load_by_other_call(), with --plan. */
static int show_other_plan(const struct options *opts, const struct kp_machine *machine,
			   const struct kp_error *why)
{
	struct kp_error err = { 0 };
	struct kp_load *load;
	int status;

	if (kp_load_plan_file(&opts->request, machine, why->text, &load, &err))
		return action_fail(opts, &err);
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
		action_trace(opts, opts->plan ? "planned" : "loaded");
		return status;
	}
	if (opts->call == KP_CALL_AUTO && helps_by_other_call(opts, &err))
		return opts->plan ? show_other_plan(opts, machine, &err)
				  : load_by_other_call(opts, machine, &err);
	return action_fail(opts, &err);
}

/* Runs before the machine is read, so that a wrong name is the first error. */
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
	return error_fill(err, KP_IO, 0, "%s%s: %s", what, path, why);
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

int action_load(const struct options *opts)
{
	struct kp_error err = { 0 };
	struct kp_machine *machine;
	int status;

	if (find_files(opts, &err) || (opts->svg && output_check("--svg", opts->svg, &err)))
		return action_fail(opts, &err);
	if (*opts->root == '\0' && !action_may_boot())
		return action_refuse_without_capability("loading a kernel");
	cut_short_watch(opts->request.image);
	action_trace(opts, "reading the machine%s%s", *opts->root ? " recorded in " : "", opts->root);
	if (kp_machine_read(opts->root, &machine, &err))
		return action_fail(opts, &err);
	status = load(opts, machine);
	kp_machine_free(machine);
	return status;
}

int action_load_exec(const struct options *opts)
{
	int status = action_load(opts);

	return status || opts->plan ? status : action_exec_loaded(opts);
}

int action_load_shutdown(const struct options *opts)
{
	int status = action_load(opts);

	return status || opts->plan ? status : action_run_shutdown(opts);
}
