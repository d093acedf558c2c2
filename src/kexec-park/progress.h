/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For people who wait: what a load is at, on one line of a terminal, once it has lasted longer
 * than a second. One at a time. Where stderr is no terminal there is nothing to see.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "kexec_types.h"

void progress_start(void);

/* A kp_progress of libkexec; @arg is not used. */
void progress_tell(void *arg, enum kp_stage stage, uint64_t bytes);

/* The line is gone when this returns. Must come before anything else is printed. */
void progress_stop(void);

#endif
