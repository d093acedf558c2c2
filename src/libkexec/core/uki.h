/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file uki.h
 * Unified kernel images: a PE with a kernel, its initrd and its command line in sections. The
 * UAPI group's specification 5 ("Unified Kernel Image") names them.
 */
#ifndef KP_UKI_H
#define KP_UKI_H

#include "arena.h"
#include "view.h"

#define KP_UKI_INITRDS 2

struct kp_uki {
	struct kp_view linux_image; /* .linux: a bzImage */
	struct kp_view initrds[KP_UKI_INITRDS]; /* .ucode, .initrd: in this order, if not empty */
	size_t n_initrds;
	const char *cmdline;       /* .cmdline, or NULL; in the arena */
};

/** Whether the file is a PE image with a .linux section. */
bool kp_uki_is(struct kp_view file);

/**
 * Take a unified kernel image apart: what it has for all profiles, and for the first where it
 * has several. The views borrow from @p file.
 * @return 0; -1 with KP_IMAGE.
 */
int kp_uki_parse(struct kp_view file, struct kp_arena *arena, struct kp_uki *uki,
		 struct kp_error *err);

#endif
