/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "option_rules.h"
#include "option_table.h"
#include "option_values.h"

/* ---- the action and the slot ------------------------------------------------------------------ */

static const struct option_row *row_end(void)
{
	return option_rows + N_OPTIONS;
}

static bool is_seen(const struct parse *p, const struct option_row *row)
{
	return p->seen[row - option_rows];
}

/* What was asked for, of all that the action options say together: -l and -p add to others. */
static int choose_action(const struct parse *p)
{
	const struct option_row *chosen = NULL;

	for (const struct option_row *row = option_rows; row < row_end(); row++) {
		if (!is_seen(p, row) || row->action == ACTION_NONE || row->action == ACTION_LOAD)
			continue;
		if (chosen)
			return option_wrong(p->err, "--%s and --%s cannot be combined",
					    chosen->name, row->name);
		chosen = row;
	}
	if (p->load_after_force)
		return option_wrong(p->err, "--load behind --force: give one of them, --load only "
				    "loads and --force boots, too");
	if (chosen)
		p->opts->action = chosen->action;
	else if (p->seen[OPT_LOAD] || p->seen[OPT_LOAD_PANIC] || p->seen[OPT_PLAN])
		p->opts->action = ACTION_LOAD;
	else
		p->opts->action = ACTION_LOAD_SHUTDOWN;
	return 0;
}

/*
 * As kexec-tools: -S comes before all else, and of the others the last one given counts. To
 * unload before a load is needless, before a boot it makes no sense.
 */
static int choose_as_kexec(const struct parse *p)
{
	bool exec = p->seen[OPT_EXEC] || p->seen[OPT_FORCE];

	if (p->seen[OPT_CRASH_SIZE])
		p->opts->action = ACTION_CRASH_SIZE;
	else if (p->seen[OPT_STATUS])
		p->opts->action = ACTION_STATUS;
	else if (exec && p->seen[OPT_UNLOAD] && (p->last == &option_rows[OPT_EXEC] ||
						 p->last == &option_rows[OPT_UNLOAD]))
		return option_wrong(p->err, "--%s and --unload cannot be combined",
				    p->seen[OPT_EXEC] ? "exec" : "force");
	else if (p->last)
		p->opts->action = p->last->action;
	else
		p->opts->action = p->seen[OPT_PLAN] ? ACTION_LOAD : ACTION_LOAD_SHUTDOWN;
	return 0;
}

static bool wants_own_action(const struct parse *p)
{
	for (const struct option_row *row = option_rows; row < row_end(); row++)
		if (is_seen(p, row) && (OWN_ACTIONS & BIT(row->action)))
			return true;
	return false;
}

/*
 * As kexec-tools does: -S looks at the crash slot unless told otherwise, all else at the normal
 * one; -p counts, with or without -l.
 */
static void choose_slot(const struct parse *p)
{
	bool crash = p->seen[OPT_LOAD_PANIC] ||
		     (p->opts->action == ACTION_STATUS && !p->seen[OPT_LOAD]);

	p->opts->request.slot = crash ? KP_CRASH : KP_NORMAL;
}

/* ---- what has no effect --------------------------------------------------------------------- */

const char *option_action_phrase(enum action action)
{
	static const char *const phrases[] = {
		[ACTION_LOAD] = "when a kernel is only loaded",
		[ACTION_LOAD_SHUTDOWN] = "when shutdown(8) does the reboot",
		[ACTION_LOAD_EXEC] = "with --force",
		[ACTION_EXEC] = "with --exec",
		[ACTION_UNLOAD] = "with --unload",
		[ACTION_STATUS] = "with --status",
		[ACTION_CAPTURE] = "with --capture",
		[ACTION_PARK_STATUS] = "with --park-status",
		[ACTION_CRASH_SIZE] = "with --print-ckr-size",
		[ACTION_REPORT] = "with --report",
	};

	return phrases[action];
}

/* kexec(8) is silent about what it ignores; run by its name, warn. */
void option_ignore(struct options *opts, const char *what, const char *how, const char *why)
{
	if (opts->n_ignored < OPTIONS_IGNORED)
		opts->ignored[opts->n_ignored++] = (struct ignored){ what, how, why };
}

/* An option that changes what is loaded or booted: -p before -f, and what only this program has. */
bool option_is_strict(const struct parse *p, const struct option_row *row)
{
	return row->kind == OWN || !p->opts->as_kexec ||
	       (row == &option_rows[OPT_LOAD_PANIC] && p->opts->action == ACTION_LOAD_EXEC);
}

/* An error; run as kexec, a warning. */
static int no_effect(const struct parse *p, const struct option_row *row, const char *why)
{
	if (option_is_strict(p, row))
		return option_wrong(p->err, "--%s has no effect %s", row->name, why);
	option_ignore(p->opts, row->name, "has no effect ", why);
	return 0;
}

static int check_effects(const struct parse *p)
{
	for (const struct option_row *row = option_rows; row < row_end(); row++)
		if (is_seen(p, row) && !(row->works & BIT(p->opts->action)) &&
		    no_effect(p, row, option_action_phrase(p->opts->action)))
			return -1;
	return 0;
}

static int check_rules_of(const struct parse *p, const struct option_row *row)
{
	for (const struct option_rule *rule = row->rules; rule && rule->broken; rule++)
		if (rule->broken(p) && no_effect(p, row, rule->why))
			return -1;
	return 0;
}

static int check_rules(const struct parse *p)
{
	for (const struct option_row *row = option_rows; row < row_end(); row++)
		if (is_seen(p, row) && check_rules_of(p, row))
			return -1;
	return 0;
}

static int check_contradictions(const struct parse *p)
{
	const struct kp_request *req = &p->opts->request;

	if (req->mem_max && req->mem_min > req->mem_max)
		return option_wrong(p->err, "--mem-min is above --mem-max");
	if (p->seen[OPT_ROOT] && when_not_shown(p) && !when_reported(p))
		return option_wrong(p->err, "--root is for --plan, --park-status, --report and "
				    "--print-ckr-size: nothing is loaded for another machine");
	if (p->seen[OPT_ARGS_LINUX] && p->seen[OPT_ARGS_NONE] && !p->opts->as_kexec)
		return option_wrong(p->err, "--args-linux and --args-none cannot be combined");
	return 0;
}

int option_rules_apply(const struct parse *p)
{
	struct kp_request *req = &p->opts->request;

	if (p->opts->as_kexec && !wants_own_action(p) ? choose_as_kexec(p) : choose_action(p))
		return -1;
	choose_slot(p);
	if (check_effects(p) || check_contradictions(p) || check_rules(p))
		return -1;
	/* What was warned of has no effect. */
	if (p->opts->as_kexec && when_crash(p) && req->elf_args == KP_ELF_ARGS_NONE)
		req->elf_args = KP_ELF_ARGS_AUTO;
	return 0;
}
