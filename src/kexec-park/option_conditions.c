/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "option_conditions.h"

bool when_crash(const struct parse *p) { return p->opts->request.slot == KP_CRASH; }
bool when_not_crash(const struct parse *p) { return !when_crash(p); }
bool when_planned(const struct parse *p) { return p->opts->plan; }
bool when_not_planned(const struct parse *p) { return !p->opts->plan; }
bool when_reported(const struct parse *p) { return p->opts->action == ACTION_REPORT; }
bool when_file_call(const struct parse *p) { return p->opts->call == KP_CALL_FILE; }
bool when_not_file_call(const struct parse *p) { return !when_file_call(p); }
bool when_no_digest(const struct parse *p) { return p->seen[OPT_NO_CHECKS]; }
bool when_no_console_serial(const struct parse *p) { return !p->seen[OPT_CONSOLE_SERIAL]; }
bool when_not_parking(const struct parse *p) { return p->opts->request.park == KP_PARK_OFF; }
bool when_not_clgi(const struct parse *p) { return p->opts->request.park_mode != KP_PARK_CLGI; }

bool when_not_shown(const struct parse *p)
{
	return !p->opts->plan && !(REPORTS & BIT(p->opts->action));
}

/* As kexec only the image tells whether --args-none has an effect. */
bool when_handed_nothing(const struct parse *p)
{
	return p->seen[OPT_ARGS_NONE] && !p->opts->as_kexec;
}

/* With try, a load without parking is what was agreed to; kp_load_file() says that it is one. */
bool when_file_call_must_park(const struct parse *p)
{
	enum kp_park_want park = p->opts->request.park;

	return when_file_call(p) && park != KP_PARK_OFF && park != KP_PARK_TRY;
}
