/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the options given ask for together, and which of them have no effect. Pure. */
#ifndef OPTION_RULES_H
#define OPTION_RULES_H

#include "option_table.h"

/* What options_parse() has seen so far. */
struct parse {
	bool seen[N_OPTIONS];
	bool load_after_force;
	const struct option_row *last; /* of those that ask for an action, the last one given */
	struct options *opts;
	struct kp_error *err;
};

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

/* The .broken of the rules in option_rows.def. */
bool when_not_crash(const struct parse *p);
bool when_crash(const struct parse *p);
bool when_planned(const struct parse *p);
bool when_not_planned(const struct parse *p);
bool when_reported(const struct parse *p);
bool when_not_shown(const struct parse *p);
bool when_file_call(const struct parse *p);
bool when_not_file_call(const struct parse *p);
bool when_file_call_must_park(const struct parse *p);
bool when_handed_nothing(const struct parse *p);
bool when_no_digest(const struct parse *p);
bool when_no_console_serial(const struct parse *p);
bool when_not_parking(const struct parse *p);
bool when_not_clgi(const struct parse *p);

#endif
