/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The public library: composes the floors below. kp_machine_read(), kp_machine_free() and
 * kp_machine_capture() are linux/machine.c's; kp_park_status_read() is core/park_record.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "file.h"
#include "libkexec.h"
#include "plan.h"
#include "submit.h"

/* A plan and all that its segments borrow from. */
struct load {
	struct kp_plan_build build;
	struct kp_arena arena;     /* the image's, and the arrays below */
	struct kp_image image;
	struct kp_file kernel;
	struct kp_file *initrds;
	struct kp_view *initrd_views;
	size_t n_initrds;
};

static struct load *load_of(struct kp_plan *plan)
{
	return (struct load *)((char *)plan - offsetof(struct load, build.plan));
}

static void load_free(struct load *load)
{
	kp_arena_free(&load->build.arena);
	for (size_t i = 0; i < load->n_initrds; i++)
		kp_file_unmap(&load->initrds[i]);
	kp_file_unmap(&load->kernel);
	kp_arena_free(&load->arena);
	free(load);
}

static int open_kernel(struct load *load, const struct kp_request *req, struct kp_error *err)
{
	bool packed;

	if (!req->image)
		return kp_fail(err, KP_USAGE, "no kernel image is named");
	if (kp_file_map(req->image, &load->kernel, err) < 0)
		return -1;
	packed = kp_file_is_gzip(&load->kernel);
	if (packed && kp_file_gunzip(&load->kernel, KP_GUNZIP_MAX, err) < 0)
		return -1;
	if (kp_image_parse(load->kernel.view, req->format, &load->arena, &load->image, err) < 0)
		return kp_within(err, packed ? "%s (unpacked)" : "%s", req->image);
	return 0;
}

static int open_initrds(struct load *load, const struct kp_request *req, struct kp_error *err)
{
	size_t n = req->n_initrds;

	load->initrds = kp_arena_alloc(&load->arena, n * sizeof(*load->initrds), err);
	load->initrd_views = kp_arena_alloc(&load->arena, n * sizeof(*load->initrd_views), err);
	if (!load->initrds || !load->initrd_views)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (kp_file_map(req->initrds[i], &load->initrds[i], err) < 0)
			return kp_within(err, "initrd");
		load->initrd_views[i] = load->initrds[i].view;
		load->n_initrds++;
	}
	return 0;
}

int kp_plan_load(const struct kp_request *req, const struct kp_machine *machine,
		 struct kp_plan **out, struct kp_error *err)
{
	const struct kp_blobs blobs = kp_blobs_embedded();
	struct load *load = calloc(1, sizeof(*load));

	if (!load)
		return kp_fail(err, KP_NO_MEMORY, "out of memory for a plan");
	if (open_kernel(load, req, err) < 0 || open_initrds(load, req, err) < 0 ||
	    kp_plan_make(req, machine, &load->image, load->initrd_views, load->n_initrds, &blobs,
			 &load->build, err) < 0) {
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

int kp_submit(const struct kp_plan *plan, const struct kp_machine *machine, struct kp_error *err)
{
	unsigned long dropped;

	if (kp_submit_plan(&kp_kernel_running, plan, machine, &dropped, err) < 0)
		return -1;
	err->code = KP_OK;
	err->text[0] = '\0';
	if (dropped)
		snprintf(err->text, sizeof(err->text),
			 "the running kernel does not know the flags %#lx: loaded without updates "
			 "of the crash dump's header on hotplug", dropped);
	return 0;
}

int kp_unload(enum kp_slot slot, struct kp_error *err)
{
	return kp_submit_unload(&kp_kernel_running, slot, err);
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
	case KP_FORMAT_AUTO:
		break;
	}
	return "auto";
}

const char *kp_version(void)
{
	return PACKAGE_VERSION;
}
