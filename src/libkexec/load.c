/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blobs.h"
#include "cmdline.h"
#include "grades.h"
#include "load.h"
#include "memfd.h"
#include "memory.h"
#include "plan.h"
#include "source.h"
#include "submit.h"
#include "warnings.h"
#include "xen.h"

struct kp_load {
	struct kp_plan_build build;
	struct kp_source source;
	const struct kp_machine *machine;
	bool no_cma, force_dtb;    /* of kexec_file_load(2) */
	kp_progress progress;
	void *progress_arg;
};

static void tell(const struct kp_load *load, enum kp_stage stage, uint64_t bytes)
{
	if (load->progress)
		load->progress(load->progress_arg, stage, bytes);
}

static uint64_t data_bytes(const struct kp_plan *plan)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->n_segments; i++)
		sum += plan->segments[i].data_bytes;
	return sum;
}

static struct kp_load *load_new(const struct kp_request *req, const struct kp_machine *machine,
				struct kp_error *err)
{
	struct kp_load *load = calloc(1, sizeof(*load));

	if (!load) {
		kp_fail(err, KP_NO_MEMORY, "out of memory for a plan");
		return NULL;
	}
	load->machine = machine;
	load->no_cma = req->no_cma;
	load->force_dtb = req->force_dtb;
	load->progress = req->progress;
	load->progress_arg = req->progress_arg;
	return load;
}

void kp_load_free(struct kp_load *load)
{
	if (!load)
		return;
	kp_arena_free(&load->build.arena);
	kp_source_close(&load->source);
	free(load);
}

void kp_load_on_progress(struct kp_load *load, kp_progress progress, void *arg)
{
	load->progress = progress;
	load->progress_arg = arg;
}

const struct kp_plan *kp_load_shown(const struct kp_load *load)
{
	return &load->build.plan;
}

/* The list of a plan's warnings is const to all but whoever makes the plan. */
static int add_warning(struct kp_load *load, const char *text, struct kp_error *err)
{
	struct kp_plan *plan = &load->build.plan;
	const char **v = kp_arena_alloc(&load->build.arena, (plan->n_warnings + 1) * sizeof(*v),
					err);

	if (!v)
		return -1;
	for (size_t i = 0; i < plan->n_warnings; i++)
		v[i] = plan->warnings[i];
	v[plan->n_warnings++] = text;
	plan->warnings = v;
	return 0;
}

static int warn_of_unused(struct kp_load *load, const struct kp_request *req, struct kp_error *err)
{
	if (kp_source_args_unused(&load->source, req) &&
	    add_warning(load, "what an ELF image is to be handed has no effect: this is a bzImage",
			err))
		return -1;
	if (kp_source_cmdline_unused(&load->source, req))
		return add_warning(load, "the command line in the unified kernel image is not used: "
					 "another one was given", err);
	return 0;
}

static int make_plan(struct kp_load *load, const struct kp_request *req, struct kp_error *err)
{
	const struct kp_blobs blobs = kp_blobs_embedded();
	const struct kp_source *s = &load->source;
	struct kp_request effective = *req;

	if (kp_source_open(req, &load->source, err) < 0)
		return -1;
	effective.cmdline = kp_source_cmdline(s, req);
	if (kp_plan_make(&effective, load->machine, &s->image, s->initrds, s->n_initrds, &blobs,
			 &load->build, err) < 0)
		return -1;
	return warn_of_unused(load, req, err);
}

int kp_load_plan(const struct kp_request *req, const struct kp_machine *machine,
		 struct kp_load **out, struct kp_error *err)
{
	struct kp_load *load = load_new(req, machine, err);

	if (!load)
		return -1;
	if (make_plan(load, req, err) < 0) {
		kp_load_free(load);
		return -1;
	}
	*out = load;
	return 0;
}

/*
 * The kernel has copied bytes that somebody changed after the digest was made: what is loaded would
 * be found damaged when it is needed.
 */
static int take_back(const struct kp_plan *plan, struct kp_error *err)
{
	struct kp_error unused = { 0 };

	if (kp_submit_unload(&kp_kernel_running, plan->slot, KP_CALL_LOAD, &unused) == 0)
		return kp_within(err, "unloaded again");
	return kp_within(err, "what is loaded will fail its digest");
}

/* Of a load that has been made: without memory for the text, it is not told. */
static void warn_of_dropped(struct kp_load *load, const char *text)
{
	struct kp_error unused = { 0 };

	if (text)
		add_warning(load, text, &unused);
}

static int submit_plan(struct kp_load *load, struct kp_error *err)
{
	const struct kp_plan *plan = &load->build.plan;
	struct kp_error unused = { 0 };
	unsigned long dropped;

	tell(load, KP_STAGE_SUBMIT, data_bytes(plan));
	if (kp_submit_plan(&kp_kernel_running, plan, load->machine, &dropped, err) < 0)
		return -1;
	if (kp_source_unchanged(&load->source, err) < 0)
		return take_back(plan, err);
	if (dropped)
		warn_of_dropped(load, kp_arena_printf(
			&load->build.arena, &unused,
			"the running kernel does not know the flags %#lx: loaded without updates "
			"of the crash dump's header on hotplug", dropped));
	return 0;
}

/* ---- kexec_file_load(2) -------------------------------------------------------------------- */

/* A file as it is on disk can be checked against a signature of its own: pass that one. */
static int open_kernel(const struct kp_source *s, struct kp_error *err)
{
	return s->as_named ? kp_file_open(s->kernel.path, err)
			   : kp_memfd_join("kernel", &s->linux_image, 1, err);
}

static int open_initrd(const struct kp_source *s, struct kp_error *err)
{
	return s->n_initrds == 1 && s->n_files == 1 ?
	       kp_file_open(s->files[0].path, err) :
	       kp_memfd_join("initrd", s->initrds, s->n_initrds, err);
}

static int open_descriptors(const struct kp_source *s, struct kp_file_load *call,
			    struct kp_error *err)
{
	call->initrd = -1;
	call->kernel = open_kernel(s, err);
	if (call->kernel < 0)
		return -1;
	if (!s->n_initrds)
		return 0;
	call->initrd = open_initrd(s, err);
	if (call->initrd >= 0)
		return 0;
	close(call->kernel);
	return -1;
}

static void close_descriptors(const struct kp_file_load *call)
{
	close(call->kernel);
	if (call->initrd >= 0)
		close(call->initrd);
}

/* The kernel appends elfcorehdr= and whatever else it needs by itself. */
static int decide_cmdline(struct kp_load *load, const struct kp_request *req, struct kp_error *err)
{
	const struct kp_cmdline_extra nothing = { 0 };
	struct kp_request effective = *req;

	effective.cmdline = kp_source_cmdline(&load->source, req);
	return kp_cmdline_build(&effective, load->machine, &load->source.image, &nothing,
				&load->build.arena, &load->build.plan.cmdline, err);
}

static int check_file_format(const struct kp_source *s, struct kp_error *err)
{
	if (s->image.format == KP_FORMAT_BZIMAGE64)
		return 0;
	return kp_fail(err, KP_IMAGE, "%s: kexec_file_load(2) takes a bzImage only on x86_64, and this "
		       "is an ELF image", s->kernel.path);
}

static int warn_of_file_load(struct kp_load *load, const struct kp_request *req, const char *why,
			     struct kp_error *err)
{
	const char *risk = kp_plan_file_risk(load->machine, &load->source.image);
	struct kp_warnings warnings = { .arena = &load->build.arena };

	if ((why && kp_warn(&warnings, err, "%s", why)) ||
	    (risk && kp_warn(&warnings, err, "%s", risk)) ||
	    kp_cmdline_warn(req, load->machine, &warnings, err))
		return -1;
	if (req->park != KP_PARK_OFF &&
	    kp_warn(&warnings, err, "no CPU will be parked: kexec_file_load(2) runs the kernel's "
		    "own purgatory"))
		return -1;
	load->build.plan.warnings = warnings.v;
	load->build.plan.n_warnings = warnings.n;
	return warn_of_unused(load, req, err);
}

static int make_file_plan(struct kp_load *load, const struct kp_request *req, const char *why,
			  struct kp_error *err)
{
	if (kp_xen_refuse(load->machine->xen, err) || kp_source_open(req, &load->source, err) < 0 ||
	    check_file_format(&load->source, err) < 0 ||
	    warn_of_file_load(load, req, why, err) < 0 || decide_cmdline(load, req, err) < 0)
		return -1;
	load->build.plan.slot = req->slot;
	load->build.plan.call = KP_CALL_FILE;
	return 0;
}

int kp_load_plan_file(const struct kp_request *req, const struct kp_machine *machine,
		      const char *why, struct kp_load **out, struct kp_error *err)
{
	struct kp_load *load = load_new(req, machine, err);

	if (!load)
		return -1;
	if (make_file_plan(load, req, why, err) < 0) {
		kp_load_free(load);
		return -1;
	}
	*out = load;
	return 0;
}

static int submit_files(struct kp_load *load, struct kp_error *err)
{
	struct kp_file_load call = { .slot = load->build.plan.slot,
				     .cmdline = load->build.plan.cmdline, .no_cma = load->no_cma,
				     .force_dtb = load->force_dtb };
	unsigned long dropped = 0;
	int rc;

	if (open_descriptors(&load->source, &call, err) < 0)
		return -1;
	tell(load, KP_STAGE_SUBMIT, load->source.linux_image.len);
	rc = kp_submit_file(&kp_kernel_running, &call, &dropped, err);
	close_descriptors(&call);
	if (rc == 0 && dropped)
		warn_of_dropped(load, "the running kernel cannot keep out of CMA areas (Linux 6.17): "
				      "loaded without");
	return rc;
}

int kp_load_submit(struct kp_load *load, struct kp_error *err)
{
	if (load->machine->captured)
		return kp_fail(err, KP_USAGE, "nothing can be loaded for a captured machine: its "
			       "addresses are not those of this one");
	if (kp_source_unchanged(&load->source, err) < 0)
		return -1;
	return load->build.plan.call == KP_CALL_FILE ? submit_files(load, err)
						     : submit_plan(load, err);
}

bool kp_load_file_may_help(enum kp_slot slot, const struct kp_error *err)
{
	return kp_submit_file_may_help(&kp_kernel_running, slot, err);
}

/* ---- the rest ------------------------------------------------------------------------------ */

int kp_unload(enum kp_slot slot, enum kp_call call, struct kp_error *err)
{
	return kp_submit_unload(&kp_kernel_running, slot, call, err);
}

int kp_crash_bytes(const struct kp_machine *machine, uint64_t *bytes, struct kp_error *err)
{
	if (kp_facts_demand(machine, KP_GRADE_LOAD, err))
		return -1;
	if (!machine->system_ram.n)
		return kp_fail(err, KP_MACHINE, "/proc/iomem shows no System RAM: addresses are "
			       "hidden from all but root");
	*bytes = kp_range_bytes(kp_memory_crash(machine));
	return 0;
}

int kp_loaded(enum kp_slot slot, struct kp_error *err)
{
	return kp_submit_loaded(&kp_kernel_running, slot, err);
}

int kp_reboot(struct kp_error *err)
{
	return kp_submit_reboot(&kp_kernel_running, err);
}

const char *kp_version(void)
{
	return PACKAGE_VERSION;
}
