/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file pe.h
 * The sections of a PE image, for the few that carry files: a unified kernel image is one.
 * Microsoft's "PE Format" gives the offsets.
 */
#ifndef KP_PE_H
#define KP_PE_H

#include "error.h"
#include "view.h"

struct kp_pe {
	struct kp_view file;
	uint64_t table;            /* of the first section header, in the file */
	unsigned n_sections;
};

struct kp_pe_section {
	char name[9];              /* terminated */
	struct kp_view data;       /* without the padding to the file's alignment */
};

/** Whether the bytes begin as a PE image does, for any machine. */
bool kp_pe_is(struct kp_view file);

/** Find the section table. -1 with KP_IMAGE: cut off, or not for x86-64. */
int kp_pe_open(struct kp_view file, struct kp_pe *pe, struct kp_error *err);

/** Section number @p i < n_sections. -1 with KP_IMAGE: its bytes are not in the file. */
int kp_pe_section(const struct kp_pe *pe, unsigned i, struct kp_pe_section *out,
		  struct kp_error *err);

#endif
