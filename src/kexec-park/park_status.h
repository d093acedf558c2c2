/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The park page and its flight record, for people and for programs. */
#ifndef PARK_STATUS_H
#define PARK_STATUS_H

#include <jansson.h>
#include <stdio.h>

#include "kexec_types.h"

void park_status_print(FILE *out, const struct kp_park_status *status);

/* Keys as in kexec-park(8); NULL when memory runs out. */
json_t *park_status_json(const struct kp_park_status *status);

/* What kexec-park --park-status exits with: 0 intact, 1 none, 2 corrupt. */
int park_status_exit(const struct kp_park_status *status);

#endif
