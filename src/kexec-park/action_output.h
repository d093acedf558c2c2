/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every action says, and with what it ends. */
#ifndef ACTION_OUTPUT_H
#define ACTION_OUTPUT_H

#include <jansson.h>

#include "options.h"

/* Print the error; what to exit with for it. */
int action_fail(const struct options *opts, const struct kp_error *err);

/* What to exit with for the error. */
int action_exit(const struct options *opts, const struct kp_error *err);

/* Print @text as an error; EXIT_FAILED. */
int action_fail_text(const char *text);

/* With --debug, print a step on stderr. */
__attribute__((format(printf, 2, 3)))
void action_trace(const struct options *opts, const char *fmt, ...);

/* @status, or a failure if what was printed on stdout has not reached its reader. */
int action_finish_output(int status);

/* Print and free @document, which is NULL if memory ran out; then as action_finish_output(). */
int action_print_json(json_t *document, int status);

#endif
