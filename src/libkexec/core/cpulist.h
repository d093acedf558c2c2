/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file cpulist.h
 * The kernel's lists of CPUs: "0-3,8,10-11" (Documentation/admin-guide/cputopology.rst).
 */
#ifndef KP_CPULIST_H
#define KP_CPULIST_H

#include "error.h"
#include "view.h"

#define KP_CPULIST_MAX 65535       /* highest CPU number that is believed */

/**
 * Take the next piece, CPUs first..last, off the front of @p list.
 * @return 1 with both filled, 0 at the end, -1 with KP_MACHINE for a piece that makes no sense.
 */
int kp_cpulist_next(struct kp_view *list, unsigned *first, unsigned *last, struct kp_error *err);

#endif
