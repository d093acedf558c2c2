/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The .broken of the rules in option_rows.def: conditions under which an option has no effect. Pure. */
#ifndef OPTION_CONDITIONS_H
#define OPTION_CONDITIONS_H

#include "option_row.h"

/* What options_parse() has seen so far. */
struct parse {
	bool seen[N_OPTIONS];
	bool load_after_force;
	const struct option_row *last; /* of those that ask for an action, the last one given */
	struct options *opts;
	struct kp_error *err;
};

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
