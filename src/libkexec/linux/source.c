/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "source.h"
#include "uki.h"
#include "unpack.h"

/* The name outlives the request. */
static int map(const char *path, struct kp_source *s, struct kp_file *file, struct kp_error *err)
{
	const char *name = kp_arena_strndup(&s->arena, path, strlen(path), err);

	return name ? kp_file_map(name, file, err) : -1;
}

static int map_kernel(const struct kp_request *req, struct kp_source *s, struct kp_error *err)
{
	const char *packing;

	if (!req->image)
		return kp_fail(err, KP_USAGE, "no kernel image is named");
	if (map(req->image, s, &s->kernel, err) < 0)
		return -1;
	packing = kp_unpack_kind(&s->kernel);
	s->as_named = !packing;
	if (!packing)
		return 0;
	if (req->progress)
		req->progress(req->progress_arg, KP_STAGE_UNPACK, s->kernel.view.len);
	return kp_unpack(&s->kernel, KP_GUNZIP_MAX, err);
}

/* The kernel is the whole file, or in a section of it. Fills @format with what it then is. */
static int find_linux(struct kp_source *s, struct kp_uki *uki, enum kp_format *format,
		      struct kp_error *err)
{
	*uki = (struct kp_uki){ .linux_image = s->kernel.view };
	if (*format != KP_FORMAT_UKI &&
	    (*format != KP_FORMAT_AUTO || !kp_uki_is(s->kernel.view)))
		return 0;
	*format = KP_FORMAT_BZIMAGE64;
	s->as_named = false;
	return kp_uki_parse(s->kernel.view, &s->arena, uki, err);
}

static int check_args(const struct kp_request *req, const struct kp_image *image,
		      struct kp_error *err)
{
	if (!req->elf_args || req->elf_args_optional || image->format == KP_FORMAT_ELF64)
		return 0;
	kp_fail(err, KP_USAGE, "what an ELF image is to be handed was stated, and this is a bzImage");
	return kp_remedy(err, KP_REMEDY_ELF_ARGS);
}

static int understand(const struct kp_request *req, struct kp_source *s, struct kp_uki *uki,
		      struct kp_error *err)
{
	enum kp_format format = req->format;

	if (find_linux(s, uki, &format, err) < 0)
		return -1;
	s->linux_image = uki->linux_image;
	s->uki_cmdline = uki->cmdline;
	return kp_image_parse(s->linux_image, format, &s->arena, &s->image, err) < 0 ||
	       check_args(req, &s->image, err) < 0 ? -1 : 0;
}

static int map_initrds(const struct kp_request *req, const struct kp_uki *uki,
		       struct kp_source *s, struct kp_error *err)
{
	size_t n = req->n_initrds;

	s->files = kp_arena_alloc(&s->arena, n * sizeof(*s->files), err);
	s->initrds = kp_arena_alloc(&s->arena, (n + uki->n_initrds) * sizeof(*s->initrds), err);
	if (!s->files || !s->initrds)
		return -1;
	for (size_t i = 0; i < uki->n_initrds; i++)
		s->initrds[s->n_initrds++] = uki->initrds[i];
	for (; s->n_files < n; s->n_files++) {
		if (map(req->initrds[s->n_files], s, &s->files[s->n_files], err) < 0)
			return kp_within(err, "initrd");
		s->initrds[s->n_initrds++] = s->files[s->n_files].view;
	}
	return 0;
}

int kp_source_open(const struct kp_request *req, struct kp_source *s, struct kp_error *err)
{
	struct kp_uki uki = { 0 };
	bool packed;

	if (map_kernel(req, s, err) < 0)
		return -1;
	packed = !s->as_named;
	if (understand(req, s, &uki, err) < 0)
		return kp_within(err, packed ? "%s (unpacked)" : "%s", req->image);
	return map_initrds(req, &uki, s, err);
}

int kp_source_unchanged(const struct kp_source *s, struct kp_error *err)
{
	for (size_t i = 0; i < s->n_files; i++)
		if (kp_file_unchanged(&s->files[i], err) < 0)
			return kp_within(err, "initrd");
	return kp_file_unchanged(&s->kernel, err);
}

void kp_source_close(struct kp_source *s)
{
	for (size_t i = 0; i < s->n_files; i++)
		kp_file_unmap(&s->files[i]);
	kp_file_unmap(&s->kernel);
	kp_arena_free(&s->arena);
	*s = (struct kp_source){ 0 };
}

const char *kp_source_cmdline(const struct kp_source *s, const struct kp_request *req)
{
	return req->cmdline || req->reuse_cmdline ? req->cmdline : s->uki_cmdline;
}

bool kp_source_args_unused(const struct kp_source *s, const struct kp_request *req)
{
	return req->elf_args && s->image.format != KP_FORMAT_ELF64;
}

bool kp_source_cmdline_unused(const struct kp_source *s, const struct kp_request *req)
{
	return s->uki_cmdline && *s->uki_cmdline && kp_source_cmdline(s, req) != s->uki_cmdline;
}
