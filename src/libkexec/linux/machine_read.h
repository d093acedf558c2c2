/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file machine_read.h
 * A machine for those who do not look inside: read, handed to a load, freed.
 */
#ifndef KP_MACHINE_READ_H
#define KP_MACHINE_READ_H

#include "kexec_types.h"

struct kp_machine;

/**
 * Read the machine beneath @p root ("" or "/": the running one; else a captured copy). A fact that
 * is missing or makes no sense fails what needs it, later, and is a warning of any other plan.
 */
int kp_machine_read(const char *root, struct kp_machine **out, struct kp_error *err);
void kp_machine_free(struct kp_machine *machine);

#endif
