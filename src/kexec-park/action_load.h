/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACTION_LOAD_H
#define ACTION_LOAD_H

#include "options.h"

/* Load, or show the plan of it, and with two of them boot then; what to exit with. */
int action_load(const struct options *opts);
int action_load_exec(const struct options *opts);
int action_load_shutdown(const struct options *opts);

#endif
