/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACTION_BOOT_H
#define ACTION_BOOT_H

#include "options.h"

/* -e, -u and -S: do it; what to exit with. */
int action_exec(const struct options *opts);
int action_unload(const struct options *opts);
int action_status(const struct options *opts);

/* Whether this process may load and boot kernels (CAP_SYS_BOOT). */
bool action_may_boot(void);

/* Say that @what needs that; what to exit with. */
int action_refuse_without_capability(const char *what);

/* Boot the kernel in the normal slot, or run shutdown(8), which does. They return only if that failed. */
int action_exec_loaded(const struct options *opts);
int action_run_shutdown(const struct options *opts);

#endif
