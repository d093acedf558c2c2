/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "option_parse.h"
#include "option_rules.h"
#include "option_setters.h"
#include "option_table.h"
#include "option_values.h"

/* ---- getopt_long(3)'s tables, made of ours --------------------------------------------------- */

/* A long option returns LONG_BASE + twice its row; one more if the row's other name was used. */
#define LONG_BASE 0x100

struct tables {
	struct option longs[2 * N_OPTIONS + 1];
	char shorts[2 + 2 * N_OPTIONS];
};

static int takes(const struct option_row *row)
{
	return !row->arg ? no_argument : row->arg_optional ? optional_argument : required_argument;
}

/* The name number @i of all long ones, or NULL where a row has but one. */
static const char *long_name(int i)
{
	const struct option_row *row = &option_rows[i / 2];

	return i % 2 ? row->alias : row->name;
}

/* Whether some argument is "--name" or "--name=...". */
static bool is_spelled_out(const char *name, int argc, char **argv)
{
	size_t len = strlen(name);

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--", 2) == 0 && strncmp(argv[i] + 2, name, len) == 0 &&
		    (argv[i][2 + len] == '\0' || argv[i][2 + len] == '='))
			return true;
	return false;
}

/* Run as kexec, what only this program has is spelled out: abbreviations are those of kexec(8). */
static void make_tables(struct tables *t, bool as_kexec, int argc, char **argv)
{
	struct option *l = t->longs;
	char *s = t->shorts;

	memset(t, 0, sizeof(*t));
	*s++ = ':';
	for (int i = 0; i < 2 * N_OPTIONS; i++) {
		const struct option_row *row = &option_rows[i / 2];
		const char *name = long_name(i);

		if (!name || (as_kexec && row->kind == OWN && !is_spelled_out(name, argc, argv)))
			continue;
		*l++ = (struct option){ name, takes(row), NULL, LONG_BASE + i };
		if (!row->letter || name != row->name)
			continue;
		*s++ = row->letter;
		if (takes(row) == required_argument)
			*s++ = ':';
	}
}

/* ---- what is no option ----------------------------------------------------------------------- */

/* The options that @word, "--no" or "--no=x", may be short for, as ": --no-sync, --noefi". */
static unsigned candidates(const char *word, char *list, size_t size)
{
	size_t len = strcspn(word, "=") - 2, used = 0;
	unsigned n = 0;

	list[0] = '\0';
	for (int i = 0; i < 2 * N_OPTIONS && used < size; i++)
		if (long_name(i) && strncmp(long_name(i), word + 2, len) == 0)
			used += (size_t)snprintf(list + used, size - used, "%s --%s",
						 n++ ? "," : ":", long_name(i));
	return n;
}

static int refuse_long(struct kp_error *err, const char *word)
{
	char list[KP_ERROR_TEXT / 2];

	if (candidates(word, list, sizeof(list)) > 1)
		return option_wrong(err, "ambiguous option %s%s", word, list);
	return option_wrong(err, "unknown option %s; see --help", word);
}

static const char *long_name_in(const char *word)
{
	for (int i = 0; i < 2 * N_OPTIONS; i++)
		if (long_name(i) && strncmp(long_name(i), word, strcspn(word, "=")) == 0)
			return long_name(i);
	return NULL;
}

/* A long option with one dash, as other programs have them, is read as a row of letters. */
static const char *meant(int argc, char **argv, int letter)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-' && argv[i][1] != '-' && strchr(argv[i], letter) &&
		    strlen(argv[i]) > 3 && long_name_in(argv[i] + 1))
			return long_name_in(argv[i] + 1);
	return NULL;
}

static int refuse_letter(struct kp_error *err, int argc, char **argv)
{
	const char *name = meant(argc, argv, optopt);

	if (name)
		return option_wrong(err, "unknown option -%c: did you mean --%s, with two dashes?",
				    optopt, name);
	return option_wrong(err, "unknown option -%c; see --help", optopt);
}

/*
 * getopt returned @c, ':' for a missing value or '?' for anything else. optopt is the letter, or
 * what a long option returns, or 0 for a long one that is unknown.
 */
static int refuse(struct kp_error *err, int c, int argc, char **argv)
{
	if (optopt == 0)
		return refuse_long(err, argv[optind - 1]);
	if (optopt >= LONG_BASE)
		return option_wrong(err, "--%s %s", long_name(optopt - LONG_BASE),
				    c == ':' ? "needs a value" : "takes no value");
	if (c == ':')
		return option_wrong(err, "-%c needs a value", optopt);
	return refuse_letter(err, argc, argv);
}

/* ---- one option ------------------------------------------------------------------------------ */

static int take_unsupported(struct parse *p, const struct option_row *row, const char *value)
{
	if (!p->opts->as_kexec || row->kind != USELESS)
		return option_wrong(p->err, "--%s: %s", row->name, row->summary);
	if (row->set && row->set(p->opts, row, value, p->err))
		return -1;
	option_ignore(p->opts, row->name, "has no effect: ", row->summary);
	return 0;
}

/* kexec(8) takes the last one: a setting of an administrator stands before what a script adds. */
static int take_again(struct parse *p, const struct option_row *row, const char *name)
{
	if (takes(row) == no_argument || (row->repeats && !p->opts->as_kexec))
		return 0;
	if (!p->opts->as_kexec)
		return option_wrong(p->err, "--%s was given twice", name);
	option_ignore(p->opts, name, "was given twice: ", "the last one counts");
	return 0;
}

static int take_value(struct parse *p, const struct option_row *row, const char *value)
{
	int rc = (row->set ?: option_set_member)(p->opts, row, value, p->err);

	if (rc && p->opts->as_kexec && row->bad_value_fails)
		p->opts->bad_status = EXIT_FAILED;
	return rc;
}

/* @name is the long one that was given, or the first of the row. */
static int take_option(struct parse *p, enum option_id id, const char *name, const char *value)
{
	const struct option_row *row = &option_rows[id];

	if (!option_is_supported(row))
		return take_unsupported(p, row, value);
	if (id == OPT_LOAD && p->seen[OPT_FORCE])
		p->load_after_force = true;
	if (p->seen[id] && take_again(p, row, name))
		return -1;
	p->seen[id] = true;
	if (row->action)
		p->last = row;
	return take_value(p, row, value);
}

/* Which long name getopt's @c stands for; -1: none. */
static int name_found(int c)
{
	if (c >= LONG_BASE)
		return c - LONG_BASE;
	for (int i = 0; i < N_OPTIONS; i++)
		if (option_rows[i].letter == c)
			return 2 * i;
	return -1;
}

static int take_options(struct parse *p, int argc, char **argv)
{
	struct tables t;
	int c, i;

	make_tables(&t, p->opts->as_kexec, argc, argv);
	opterr = 0;
	optind = 0;                /* glibc: start over */
	while ((c = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		if (c == '?' && optopt == '?') {
			p->seen[OPT_HELP] = true;
			p->opts->bad_status = p->opts->as_kexec ? EXIT_USAGE : 0;
			continue;
		}
		i = c == '?' || c == ':' ? -1 : name_found(c);
		if (i < 0)
			return refuse(p->err, c, argc, argv);
		if (take_option(p, (enum option_id)(i / 2), long_name(i), optarg))
			return -1;
		if (p->opts->as_kexec && (i / 2 == OPT_HELP || i / 2 == OPT_VERSION))
			break;     /* as kexec(8): nothing behind it is looked at */
	}
	return 0;
}

/* ---- what is no option's: the kernel --------------------------------------------------------- */

static int no_kernel(const struct parse *p)
{
	if (p->opts->as_kexec)
		p->opts->bad_status = EXIT_FAILED;
	return option_wrong(p->err, "no kernel was named; see --help");
}

/* Arguments for which there is no use: words of a command line without quotes, for example. */
static int refuse_arguments(const struct parse *p, int argc, char **argv, int first)
{
	bool loads = LOADS & BIT(p->opts->action);

	for (int i = loads ? first + 1 : first; i < argc; i++) {
		if (p->opts->as_kexec && !(OWN_ACTIONS & BIT(p->opts->action)))
			option_ignore(p->opts, argv[i], NULL, loads ? "one kernel is loaded at a time"
								    : "no kernel is loaded");
		else if (loads)
			return option_wrong(p->err, "unexpected argument '%s': one kernel is loaded "
					    "at a time, and '%s' was named first", argv[i],
					    argv[first]);
		else
			return option_wrong(p->err, "unexpected argument '%s': no kernel is loaded %s",
					    argv[i], option_action_phrase(p->opts->action));
	}
	return 0;
}

static int take_kernel(const struct parse *p, int argc, char **argv, int first)
{
	bool loads = LOADS & BIT(p->opts->action);

	if (loads && first == argc && !when_reported(p))
		return no_kernel(p);
	if (refuse_arguments(p, argc, argv, first))
		return -1;
	if (loads && first < argc && *argv[first] == '\0')
		return option_wrong(p->err, "the name of the kernel is empty");
	if (loads && first < argc)
		p->opts->request.image = argv[first];
	return 0;
}

/* Help and version come before all checks: they must work on a wrong command line, too. */
static bool ask_for_help(const struct parse *p, int argc, char **argv, int first)
{
	if (!p->seen[OPT_HELP] && !p->seen[OPT_VERSION])
		return false;
	p->opts->action = p->seen[OPT_HELP] ? ACTION_HELP : ACTION_VERSION;
	p->opts->topic = first < argc ? argv[first] : NULL;
	return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int understand(struct parse *p, int argc, char **argv)
{
	if (take_options(p, argc, argv))
		return -1;
	if (ask_for_help(p, argc, argv, optind))
		return 0;
	if (option_rules_apply(p))
		return -1;
	return take_kernel(p, argc, argv, optind);
}

static bool is_named_kexec(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path && strcmp(slash ? slash + 1 : path, "kexec") == 0;
}

int options_parse(int argc, char **argv, struct options *opts, struct kp_error *err)
{
	struct parse p = { .opts = opts, .err = err };

	*opts = (struct options){ .root = "", .as_kexec = is_named_kexec(argv[0]) };
	opts->call = opts->as_kexec ? KP_CALL_AUTO : KP_CALL_LOAD;
	opts->request.elf_args_optional = opts->as_kexec;
	opts->request.initrds = calloc((size_t)argc + 1, sizeof(char *));
	if (!opts->request.initrds)
		return error_fill(err, KP_NO_MEMORY, 0, "out of memory");
	if (understand(&p, argc, argv) == 0)
		return 0;
	options_free(opts);
	return -1;
}

void options_free(struct options *opts)
{
	free((void *)opts->request.initrds);
	opts->request.initrds = NULL;
	opts->request.n_initrds = 0;
}
