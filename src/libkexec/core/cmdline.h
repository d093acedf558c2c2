/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file cmdline.h
 * The next kernel's command line, and questions about one. Words are split as Linux does it
 * (lib/cmdline.c): at spaces, except between double quotes.
 */
#ifndef KP_CMDLINE_H
#define KP_CMDLINE_H

#include "image.h"
#include "machine.h"
#include "warnings.h"

/** What the loader itself has to say on the command line; 0: nothing. */
struct kp_cmdline_extra {
	uint64_t elfcorehdr;       /* where the elfcorehdr lies */
	uint64_t acpi_rsdp;        /* for a kernel that does not look into boot_params for it */
};

/**
 * The running kernel's line where it is to be reused, the request's, then what the loader adds.
 * From a reused line BOOT_IMAGE=, initrd= and elfcorehdr= are dropped: they tell of the running
 * kernel's own boot. For a crash kernel so is crashkernel=, and what sets aside or limits memory of
 * the whole machine: mem=, memmap=, hugepages= and their like. What follows a bare "--" is for init
 * and stays at the end.
 * @return 0; -1 with KP_USAGE: it is too long (with both numbers), or a double quote lacks its pair;
 * -1 with KP_MACHINE: the line is to be reused, and is not known.
 */
int kp_cmdline_build(const struct kp_request *req, const struct kp_machine *machine,
		     const struct kp_image *image, const struct kp_cmdline_extra *extra,
		     struct kp_arena *arena, const char **out, struct kp_error *err);

/** Whether @p cmdline has "name=value", its last one counting; @p value is what it holds. */
bool kp_cmdline_find(const char *cmdline, const char *name, struct kp_view *value);

/** Warn of the words about memory that kp_cmdline_build() drops from a reused line. */
int kp_cmdline_warn(const struct kp_request *req, const struct kp_machine *machine,
		    struct kp_warnings *warnings, struct kp_error *err);

/**
 * Find the next "name=value" or bare "name" at or after @p line, before a bare "--", and move
 * @p line past it. @p value is empty for the bare name.
 */
bool kp_cmdline_next(const char **line, const char *name, struct kp_view *value);

/** Whether the kernel sees "name" or "name=..." in @p cmdline. */
bool kp_cmdline_has(const char *cmdline, const char *name);

/** Whether the last "name=" of @p cmdline is @p value. */
bool kp_cmdline_is(const char *cmdline, const char *name, const char *value);

#endif
