/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file source.h
 * The files that a load is made of: mapped, unpacked, taken apart and understood.
 */
#ifndef KP_SOURCE_H
#define KP_SOURCE_H

#include "file.h"
#include "image.h"

/** Zero-initialised: nothing is open. */
struct kp_source {
	struct kp_arena arena;
	struct kp_file kernel;     /* unpacked */
	struct kp_file *files;     /* the initrds that were named */
	size_t n_files;
	struct kp_image image;
	struct kp_view linux_image; /* all of @c kernel, or the .linux section of it */
	struct kp_view *initrds;   /* those of a unified kernel image first */
	size_t n_initrds;
	bool as_named;             /* linux_image is, byte for byte, the file that was named */
	const char *uki_cmdline;   /* or NULL */
};

/**
 * Open what @p req names.
 * @return 0; -1 with what is wrong and with which file. kp_source_close() is due in both cases.
 */
int kp_source_open(const struct kp_request *req, struct kp_source *source, struct kp_error *err);

/** Whether nobody has written to those of the files that are read in place. 0, or -1 with KP_IO. */
int kp_source_unchanged(const struct kp_source *source, struct kp_error *err);

void kp_source_close(struct kp_source *source);

/** The command line asked for: @p req's, or else the image's own; NULL for none. */
const char *kp_source_cmdline(const struct kp_source *source, const struct kp_request *req);

/** Whether @p req says what an ELF image is handed, and the image is none. */
bool kp_source_args_unused(const struct kp_source *source, const struct kp_request *req);

/** Whether the image has a command line that kp_source_cmdline() passes over. */
bool kp_source_cmdline_unused(const struct kp_source *source, const struct kp_request *req);

#endif
