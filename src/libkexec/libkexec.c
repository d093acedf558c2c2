/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The public library: composes the floors below. kp_machine_read(), kp_machine_free() and
 * kp_machine_capture() are linux/machine.c's; kp_park_status_read() is core/park_record.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blobs.h"
#include "cmdline.h"
#include "grades.h"
#include "libkexec.h"
#include "memfd.h"
#include "plan.h"
#include "source.h"
#include "submit.h"
#include "xen.h"

/* A plan and all that its segments borrow from. */
struct load {
	struct kp_plan_build build;
	struct kp_source source;
	bool captured;             /* planned for another machine */
	kp_progress progress;
	void *progress_arg;
};

static struct load *load_of(const struct kp_plan *plan)
{
	return (struct load *)((uintptr_t)plan - offsetof(struct load, build.plan));
}

static void tell(const struct load *load, enum kp_stage stage, uint64_t bytes)
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

static void load_free(struct load *load)
{
	kp_arena_free(&load->build.arena);
	kp_source_close(&load->source);
	free(load);
}

/* The list of a plan's warnings is const to all but whoever makes the plan. */
static int add_warning(struct load *load, const char *text, struct kp_error *err)
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

static const char unused_args[] =
	"--args-linux and --args-none have no effect: they are for ELF images, and this is a "
	"bzImage";

static const char unused_cmdline[] =
	"the command line in the unified kernel image is not used: another one was given";

static int make_plan(struct load *load, const struct kp_request *req,
		     const struct kp_machine *machine, struct kp_error *err)
{
	const struct kp_blobs blobs = kp_blobs_embedded();
	const struct kp_source *s = &load->source;
	struct kp_request effective = *req;

	effective.cmdline = kp_source_cmdline(s, req);
	if (kp_plan_make(&effective, machine, &s->image, s->initrds, s->n_initrds, &blobs,
			 &load->build, err) < 0)
		return -1;
	if (kp_source_args_unused(s, req) && add_warning(load, unused_args, err))
		return -1;
	return kp_source_cmdline_unused(s, req) ? add_warning(load, unused_cmdline, err) : 0;
}

int kp_plan_load(const struct kp_request *req, const struct kp_machine *machine,
		 struct kp_plan **out, struct kp_error *err)
{
	struct load *load = calloc(1, sizeof(*load));

	if (!load)
		return kp_fail(err, KP_NO_MEMORY, "out of memory for a plan");
	load->captured = machine->captured;
	load->progress = req->progress;
	load->progress_arg = req->progress_arg;
	if (kp_source_open(req, &load->source, err) < 0 ||
	    make_plan(load, req, machine, err) < 0) {
		load_free(load);
		return -1;
	}
	*out = &load->build.plan;
	return 0;
}

void kp_plan_free(struct kp_plan *plan)
{
	if (plan)
		load_free(load_of(plan));
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

static int refuse_captured(struct kp_error *err)
{
	return kp_fail(err, KP_USAGE, "nothing can be loaded for a captured machine: its addresses are "
		       "not those of this one");
}

int kp_submit(const struct kp_plan *plan, const struct kp_machine *machine, struct kp_error *err)
{
	const struct load *load = load_of(plan);
	unsigned long dropped;

	if (load->captured || machine->captured)
		return refuse_captured(err);
	if (plan->call == KP_CALL_FILE)
		return kp_fail(err, KP_USAGE, "this plan is for kexec_file_load(2): nothing of it can "
			       "be submitted by kexec_load(2)");
	tell(load, KP_STAGE_SUBMIT, data_bytes(plan));
	if (kp_source_unchanged(&load->source, err) < 0 ||
	    kp_submit_plan(&kp_kernel_running, plan, machine, &dropped, err) < 0)
		return -1;
	if (kp_source_unchanged(&load->source, err) < 0)
		return take_back(plan, err);
	err->code = KP_OK;
	err->text[0] = '\0';
	if (dropped)
		snprintf(err->text, sizeof(err->text),
			 "the running kernel does not know the flags %#lx: loaded without updates "
			 "of the crash dump's header on hotplug", dropped);
	return 0;
}

/* ---- kexec_file_load(2) -------------------------------------------------------------------- */

/* A file as it is on disk can be checked against a signature of its own: pass that one. */
static int open_kernel(const struct kp_request *req, const struct kp_source *s,
		       struct kp_error *err)
{
	return s->as_named ? kp_file_open(req->image, err)
			   : kp_memfd_join("kernel", &s->linux_image, 1, err);
}

static int open_initrd(const struct kp_request *req, const struct kp_source *s,
		       struct kp_error *err)
{
	return s->n_initrds == 1 && s->n_files == 1 ?
	       kp_file_open(req->initrds[0], err) :
	       kp_memfd_join("initrd", s->initrds, s->n_initrds, err);
}

static int open_descriptors(const struct kp_request *req, const struct kp_source *s,
			    struct kp_file_load *load, struct kp_error *err)
{
	load->initrd = -1;
	load->kernel = open_kernel(req, s, err);
	if (load->kernel < 0)
		return -1;
	if (!s->n_initrds)
		return 0;
	load->initrd = open_initrd(req, s, err);
	if (load->initrd >= 0)
		return 0;
	close(load->kernel);
	return -1;
}

static void close_descriptors(const struct kp_file_load *load)
{
	close(load->kernel);
	if (load->initrd >= 0)
		close(load->initrd);
}

/* The kernel appends elfcorehdr= and whatever else it needs by itself. */
static int decide_cmdline(const struct kp_request *req, const struct kp_machine *machine,
			  struct kp_source *s, const char **cmdline, struct kp_error *err)
{
	const struct kp_cmdline_extra nothing = { 0 };
	struct kp_request effective = *req;

	effective.cmdline = kp_source_cmdline(s, req);
	return kp_cmdline_build(&effective, machine, &s->image, &nothing, &s->arena, cmdline, err);
}

static void tell_remarks(const struct kp_request *req, const struct kp_source *s,
			 const struct kp_warnings *warnings, unsigned long dropped,
			 kp_remark remark, void *arg)
{
	for (size_t i = 0; i < warnings->n; i++)
		remark(arg, warnings->v[i]);
	if (req->park != KP_PARK_OFF)
		remark(arg, "no CPU will be parked: kexec_file_load(2) runs the kernel's own "
			    "purgatory");
	if (kp_source_args_unused(s, req))
		remark(arg, unused_args);
	if (kp_source_cmdline_unused(s, req))
		remark(arg, unused_cmdline);
	if (dropped)
		remark(arg, "the running kernel does not know --no-cma (Linux 6.17): loaded without");
}

static int check_file_format(const struct kp_request *req, const struct kp_source *s,
			     struct kp_error *err)
{
	if (s->image.format == KP_FORMAT_BZIMAGE64)
		return 0;
	return kp_fail(err, KP_IMAGE, "%s: kexec_file_load(2) takes a bzImage only on x86_64, and this "
		       "is an ELF image", req->image);
}

static int load_source(const struct kp_request *req, const struct kp_machine *machine,
		       struct kp_source *s, unsigned long *dropped, struct kp_error *err)
{
	struct kp_file_load load = { .slot = req->slot, .no_cma = req->no_cma,
				     .force_dtb = req->force_dtb };
	int rc;

	if (check_file_format(req, s, err) < 0)
		return -1;
	if (decide_cmdline(req, machine, s, &load.cmdline, err) < 0 ||
	    open_descriptors(req, s, &load, err) < 0)
		return -1;
	if (req->progress)
		req->progress(req->progress_arg, KP_STAGE_SUBMIT, s->linux_image.len);
	rc = kp_submit_file(&kp_kernel_running, &load, dropped, err);
	close_descriptors(&load);
	return rc;
}

static int warn_of_file_load(const struct kp_request *req, const struct kp_machine *machine,
			     const struct kp_source *s, struct kp_warnings *warnings,
			     struct kp_error *err)
{
	const char *risk = kp_plan_file_risk(machine, &s->image);

	if (risk && kp_warn(warnings, err, "%s", risk))
		return -1;
	return kp_cmdline_warn(req, machine, warnings, err);
}

int kp_load_file(const struct kp_request *req, const struct kp_machine *machine, kp_remark remark,
		 void *arg, struct kp_error *err)
{
	struct kp_source source = { 0 };
	struct kp_warnings warnings = { .arena = &source.arena };
	unsigned long dropped = 0;
	int rc = -1;

	if (machine->captured)
		return refuse_captured(err);
	if (kp_xen_refuse(machine->xen, err))
		return -1;
	if (kp_source_open(req, &source, err) == 0)
		rc = warn_of_file_load(req, machine, &source, &warnings, err) ?:
		     load_source(req, machine, &source, &dropped, err);
	if (rc == 0)
		tell_remarks(req, &source, &warnings, dropped, remark, arg);
	kp_source_close(&source);
	return rc;
}

/* A kp_remark. Out of memory, a plan is made with fewer warnings. */
static void keep_remark(void *arg, const char *text)
{
	struct load *load = arg;
	struct kp_error ignored = { 0 };
	const char *copy = kp_arena_strndup(&load->build.arena, text, strlen(text), &ignored);

	if (copy)
		add_warning(load, copy, &ignored);
}

static int make_file_plan(struct load *load, const struct kp_request *req,
			  const struct kp_machine *machine, const char *why, struct kp_error *err)
{
	struct kp_plan *plan = &load->build.plan;
	struct kp_warnings warnings = { .arena = &load->build.arena };

	if (kp_xen_refuse(machine->xen, err) || kp_source_open(req, &load->source, err) < 0 ||
	    check_file_format(req, &load->source, err) < 0 ||
	    kp_cmdline_warn(req, machine, &warnings, err) < 0 ||
	    decide_cmdline(req, machine, &load->source, &plan->cmdline, err) < 0)
		return -1;
	plan->slot = req->slot;
	plan->call = KP_CALL_FILE;
	if (why)
		keep_remark(load, why);
	tell_remarks(req, &load->source, &warnings, 0, keep_remark, load);
	return 0;
}

int kp_plan_file(const struct kp_request *req, const struct kp_machine *machine, const char *why,
		 struct kp_plan **out, struct kp_error *err)
{
	struct load *load = calloc(1, sizeof(*load));

	if (!load)
		return kp_fail(err, KP_NO_MEMORY, "out of memory for a plan");
	if (make_file_plan(load, req, machine, why, err) < 0) {
		load_free(load);
		return -1;
	}
	*out = &load->build.plan;
	return 0;
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
	const struct kp_ranges *crashk = &machine->crashk;

	if (kp_facts_demand(machine, KP_GRADE_LOAD, err))
		return -1;
	if (!machine->system_ram.n)
		return kp_fail(err, KP_MACHINE, "/proc/iomem shows no System RAM: addresses are "
			       "hidden from all but root");
	*bytes = 0;
	if (crashk->n)
		*bytes = crashk->v[crashk->n - 1].last - crashk->v[crashk->n - 1].start + 1;
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

const char *kp_format_name(enum kp_format format)
{
	switch (format) {
	case KP_FORMAT_BZIMAGE64:
		return "bzImage";
	case KP_FORMAT_ELF64:
		return "vmlinux";
	case KP_FORMAT_UKI:
		return "uki";
	case KP_FORMAT_AUTO:
		break;
	}
	return "auto";
}

const char *kp_version(void)
{
	return PACKAGE_VERSION;
}
