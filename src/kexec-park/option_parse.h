/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv -> what was asked for. Pure but for getopt's own state: nothing is opened or printed.
 */
#ifndef OPTION_PARSE_H
#define OPTION_PARSE_H

#include "options.h"

/*
 * Understand @argv, whose elements it may reorder. Fails with KP_USAGE on anything unknown,
 * contradictory, malformed or without effect; the text names the option and the way out.
 */
int options_parse(int argc, char **argv, struct options *opts, struct kp_error *err);
void options_free(struct options *opts);

#endif
