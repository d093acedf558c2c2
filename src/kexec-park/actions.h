/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACTIONS_H
#define ACTIONS_H

#include "options.h"

/* Do what was asked for and say what went wrong; what to exit with. */
int actions_run(const struct options *opts);

#endif
