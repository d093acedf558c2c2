/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef ACTIONS_H
#define ACTIONS_H

#include "options.h"

#define EXIT_USAGE 1               /* as kexec(8): a bad option */
#define EXIT_DIED 1                /* as kexec(8): a missing file, nothing to boot, no room */
#define EXIT_NO_FILE_CALL 253      /* -s, and the kernel cannot do that */
#define EXIT_NO_CRASHKERNEL 254
#define EXIT_FAILED 255

/* Do what was asked for and say what went wrong; what to exit with. */
int actions_run(const struct options *opts);

/* Print the error; what to exit with for it. */
int actions_fail(const struct options *opts, const struct kp_error *err);

/* What to exit with for the error. */
int actions_exit(const struct options *opts, const struct kp_error *err);

#endif
