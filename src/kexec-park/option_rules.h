/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the options given ask for together, and which of them have no effect. Pure. */
#ifndef OPTION_RULES_H
#define OPTION_RULES_H

#include "option_conditions.h"

/*
 * Choose action and slot, and find what contradicts and what has no effect: an error, or, run as
 * kexec, a warning in opts->ignored. 0, or -1 and @p->err.
 */
int option_rules_apply(const struct parse *p);

/* Whether an option given with other options is strict: without effect it is an error. */
bool option_is_strict(const struct parse *p, const struct option_row *row);

/* Note what was given and changes nothing, to be warned of; see struct ignored. */
void option_ignore(struct options *opts, const char *what, const char *how, const char *why);

/* The action that was chosen, as "with --exec". */
const char *option_action_phrase(enum action action);

#endif
