/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What must hold of any plan, written down a second time and read off the bytes that would be
 * submitted, as the running kernel, the purgatory and the next kernel will read them. Nothing of
 * the planner is used. A broken rule aborts.
 */
#ifndef PLAN_RULES_H
#define PLAN_RULES_H

#include "plan.h"

struct plan_scene {
	const struct kp_request *req;
	const struct kp_machine *machine;
	const struct kp_image *image;
	const struct kp_view *initrds;
	size_t n_initrds;
	struct kp_view park_blob;
};

void plan_rules_check(const struct plan_scene *scene, const struct kp_plan *plan);

#endif
