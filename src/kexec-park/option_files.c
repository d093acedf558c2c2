/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * option-files NAME: print a file that is made from the table of options. tests/cli/option-files
 * holds the copies in the tree to that, and `make option-files' renews them.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "option_conditions.h"
#include "option_table.h"

#define MADE_FROM "Made from src/kexec-park/option_rows.def by `make option-files'."

/* The first supported option from @row on, or NULL. */
static const struct option_row *supported(const struct option_row *row)
{
	while (row < option_rows + N_OPTIONS && !option_is_supported(row))
		row++;
	return row < option_rows + N_OPTIONS ? row : NULL;
}

/* ---- what completions offer for a value ------------------------------------------------------- */

static bool offers(const struct option_row *row, const char *what)
{
	return row->offers && strcmp(row->offers, what) == 0;
}

static bool offers_words(const struct option_row *row)
{
	return row->words || (row->offers && *row->offers != '<');
}

#define MOST_WORDS 16
#define WORD_BYTES 32

/* How many words completions offer for the value of @row. */
static unsigned words_of(const struct option_row *row, char words[MOST_WORDS][WORD_BYTES])
{
	const char *rest = offers_words(row) && row->offers ? row->offers : "";
	unsigned n = 0;

	for (const struct option_word *w = row->words; w && w->text; w++)
		snprintf(words[n++], WORD_BYTES, "%s", w->text);
	for (size_t len; (len = strcspn(rest, " ")) > 0; rest += len + (rest[len] == ' '))
		snprintf(words[n++], WORD_BYTES, "%.*s", (int)len, rest);
	return n;
}

static void put_words(const struct option_row *row)
{
	char words[MOST_WORDS][WORD_BYTES];
	unsigned n = words_of(row, words);

	for (unsigned i = 0; i < n; i++)
		printf("%s%s", i ? " " : "", words[i]);
}

/* @text with a backslash before each of @special; a single quote is closed and opened around. */
static void put_quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
	}
}

static const char *equals(const struct option_row *row)
{
	return row->arg && !row->arg_optional ? "=" : "";
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void put_bash_pattern(const struct option_row *row)
{
	printf("\t--%s", row->name);
	if (row->alias)
		printf("|--%s", row->alias);
	if (row->letter)
		printf("|-%c", row->letter);
	puts(")");
}

static void put_bash_value(const struct option_row *row)
{
	const char *tabs = row->arg_optional ? "\t\t\t" : "\t\t";

	put_bash_pattern(row);
	if (row->arg_optional)
		puts("\t\t# Its value is optional: only after \"=\" is a word one.\n"
		     "\t\tif $split; then");
	if (offers(row, OFFERS_FILES))
		printf("%s_filedir\n", tabs);
	else if (offers(row, OFFERS_DIRECTORIES))
		printf("%s_filedir -d\n", tabs);
	if (offers_words(row)) {
		printf("%sCOMPREPLY=($(compgen -W \"", tabs);
		put_words(row);
		puts("\" -- \"$cur\"))");
	}
	printf("%sreturn\n", tabs);
	if (row->arg_optional)
		puts("\t\tfi");
	puts("\t\t;;");
}

static void put_bash_names(void)
{
	for (const struct option_row *row = supported(option_rows); row; row = supported(row + 1)) {
		printf("\n\t\t--%s%s", row->name, equals(row));
		if (row->alias)
			printf(" --%s%s", row->alias, equals(row));
	}
}

static void put_bash(void)
{
	puts("# SPDX-License-Identifier: LGPL-2.1-or-later\n"
	     "# bash completion for kexec-park(8). " MADE_FROM "\n"
	     "\n"
	     "_kexec_park()\n"
	     "{\n"
	     "\tlocal cur prev words cword split\n"
	     "\t_init_completion -s || return\n"
	     "\n"
	     "\tcase $prev in");
	for (const struct option_row *row = supported(option_rows); row; row = supported(row + 1))
		if (row->arg)
			put_bash_value(row);
	puts("\tesac\n"
	     "\t$split && return\n"
	     "\n"
	     "\tif [[ $cur != -* ]]; then\n"
	     "\t\t_filedir\n"
	     "\t\treturn\n"
	     "\tfi");
	fputs("\tCOMPREPLY=($(compgen -W \"", stdout);
	put_bash_names();
	puts("\" -- \"$cur\"))\n"
	     "\t[[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n"
	     "} && complete -F _kexec_park kexec-park");
}

/* ---- zsh --------------------------------------------------------------------------------------- */

static void put_lower(const char *text)
{
	for (; *text; text++)
		putchar(*text == ':' ? '-' : tolower((unsigned char)*text));
}

/* A ':' ends a part of what _arguments is given. */
static void put_zsh_words(const struct option_row *row)
{
	char words[MOST_WORDS][WORD_BYTES];
	unsigned n = words_of(row, words);

	for (unsigned i = 0; i < n; i++) {
		putchar(i ? ' ' : '(');
		put_quoted(words[i], ":");
	}
	putchar(')');
}

/* What stands behind the description, in quotes. */
static void put_zsh_value(const struct option_row *row)
{
	if (!row->arg)
		return;
	fputs(row->arg_optional ? "::" : ":", stdout);
	put_lower(row->arg);
	fputs(":", stdout);
	if (offers(row, OFFERS_FILES))
		fputs("_files", stdout);
	else if (offers(row, OFFERS_DIRECTORIES))
		fputs("_files -/", stdout);
	else if (offers_words(row)) {
		put_zsh_words(row);
	}
}

/* Of names that exclude each other each is given the list of them all. */
static void put_zsh_name(const struct option_row *row, const char *name)
{
	fputs(" \\\n\t", stdout);
	if (row->repeats)
		printf("'*--%s", name);
	else if (row->letter)
		printf("'(-%c --%s)'{-%c%s,--%s%s}'", row->letter, name, row->letter,
		       row->arg ? "+" : "", name, equals(row));
	else if (row->alias)
		printf("'(--%s --%s)--%s", row->name, row->alias, name);
	else
		printf("'--%s", name);
	if (!row->letter)
		fputs(row->arg_optional ? "=-" : equals(row), stdout);
	putchar('[');
	put_quoted(row->summary, "[]\\");
	putchar(']');
	put_zsh_value(row);
	putchar('\'');
}

static void put_zsh(void)
{
	fputs("#compdef kexec-park\n"
	      "# SPDX-License-Identifier: LGPL-2.1-or-later\n"
	      "# " MADE_FROM "\n"
	      "\n"
	      "_arguments -s -S", stdout);
	for (const struct option_row *row = supported(option_rows); row; row = supported(row + 1)) {
		put_zsh_name(row, row->name);
		if (row->alias)
			put_zsh_name(row, row->alias);
	}
	puts(" \\\n\t'1:kernel:_files'");
}

/* ---- fish -------------------------------------------------------------------------------------- */

static void put_fish_name(const struct option_row *row, const char *name)
{
	fputs("complete -c kexec-park", stdout);
	if (row->letter)
		printf(" -s %c", row->letter);
	printf(" -l %s", name);
	if (offers(row, OFFERS_FILES))
		fputs(" -r -F", stdout);
	else if (offers(row, OFFERS_DIRECTORIES))
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
	else if (row->arg)
		fputs(row->arg_optional ? " -f" : " -x", stdout);
	if (offers_words(row)) {
		fputs(" -a '", stdout);
		put_words(row);
		fputs("'", stdout);
	}
	fputs(" -d '", stdout);
	for (const char *c = row->summary; *c; c++)
		printf("%s%c", *c == '\'' || *c == '\\' ? "\\" : "", *c);
	puts("'");
}

static void put_fish(void)
{
	puts("# SPDX-License-Identifier: LGPL-2.1-or-later\n"
	     "# fish completion for kexec-park(8). " MADE_FROM "\n");
	for (const struct option_row *row = supported(option_rows); row; row = supported(row + 1)) {
		put_fish_name(row, row->name);
		if (row->alias)
			put_fish_name(row, row->alias);
	}
}

/* ---- the fuzzer's dictionary --------------------------------------------------------------------- */

static void put_dictionary_words(const struct option_row *row)
{
	char words[MOST_WORDS][WORD_BYTES];
	unsigned n = words_of(row, words);

	for (unsigned i = 0; i < n; i++)
		printf("\"%s\"\n", words[i]);
}

/* Refused options are in it, too: they are parsed like any other. */
static void put_dictionary(void)
{
	puts("# Words of kexec-park's command line. " MADE_FROM "\n"
	     "\"--\"\n\"uart8250,\"");
	for (const struct option_row *row = option_rows; row < option_rows + N_OPTIONS; row++) {
		if (row->letter)
			printf("\"-%c\"\n", row->letter);
		printf("\"--%s%s\"\n", row->name, row->arg ? "=" : "");
		if (row->alias)
			printf("\"--%s%s\"\n", row->alias, row->arg ? "=" : "");
		put_dictionary_words(row);
	}
}

/* ---- the synopsis of kexec-park(8) ------------------------------------------------------------ */

/* A way to call the command: @named are the options that choose it. */
static const struct form {
	enum option_id named[4];
	unsigned n_named;
	unsigned long long actions; /* whose options can be added; 0: none */
	const char *operand;
	bool (*broken)(const struct parse *p); /* options with this rule cannot */
} forms[] = {
	{ { OPT_LOAD, OPT_LOAD_PANIC, OPT_FORCE }, 3,
	  BIT(ACTION_LOAD) | BIT(ACTION_LOAD_EXEC) | BIT(ACTION_LOAD_SHUTDOWN), ".Ar kernel", NULL },
	{ { OPT_EXEC }, 1, BIT(ACTION_EXEC), NULL, NULL },
	{ { OPT_UNLOAD }, 1, BIT(ACTION_UNLOAD), NULL, NULL },
	{ { OPT_STATUS }, 1, BIT(ACTION_STATUS), NULL, NULL },
	{ { OPT_CRASH_SIZE }, 1, BIT(ACTION_CRASH_SIZE), NULL, NULL },
	{ { OPT_PARK_STATUS }, 1, BIT(ACTION_PARK_STATUS), NULL, NULL },
	{ { OPT_CAPTURE }, 1, BIT(ACTION_CAPTURE), NULL, NULL },
	{ { OPT_REPORT }, 1, BIT(ACTION_REPORT), ".Op Ar kernel", when_reported },
	{ { OPT_HELP }, 1, 0, ".Op Ar topic", NULL },
	{ { OPT_VERSION }, 1, 0, NULL, NULL },
};

static bool is_named_by(const struct form *form, const struct option_row *row)
{
	for (unsigned i = 0; i < form->n_named; i++)
		if (row == &option_rows[form->named[i]])
			return true;
	return false;
}

static bool is_broken_by(const struct form *form, const struct option_row *row)
{
	for (const struct option_rule *rule = row->rules; rule && rule->broken; rule++)
		if (rule->broken == form->broken)
			return true;
	return false;
}

/* Help and version are forms of their own; all else that has an effect can be added. */
static bool is_addition(const struct form *form, const struct option_row *row)
{
	return option_is_supported(row) && (row->works & form->actions) &&
	       !is_named_by(form, row) && !is_broken_by(form, row) &&
	       row != &option_rows[OPT_HELP] && row != &option_rows[OPT_VERSION];
}

/* "Fl t Ar type" or "Fl Fl initrd Ns = Ns Ar file", as mdoc(7) has them. */
static void put_mdoc_option(const struct option_row *row)
{
	if (row->letter)
		printf("Fl %c", row->letter);
	else
		printf("Fl Fl %s", row->name);
	if (!row->arg)
		return;
	fputs(row->letter ? "" : row->arg_optional ? " Ns Oo = Ns" : " Ns = Ns", stdout);
	fputs(" Ar ", stdout);
	put_lower(row->arg);
	fputs(row->arg_optional ? " Oc" : "", stdout);
}

static void put_named(const struct form *form)
{
	putchar('.');
	for (unsigned i = 0; i < form->n_named; i++) {
		if (i)
			printf(" | %c", option_rows[form->named[i]].letter);
		else
			put_mdoc_option(&option_rows[form->named[i]]);
	}
	putchar('\n');
}

/* "[-acdisxy]" */
static void put_letters(const struct form *form)
{
	bool any = false;

	for (int letter = 'A'; letter <= 'z'; letter++) {
		for (const struct option_row *row = option_rows; row < option_rows + N_OPTIONS; row++) {
			if (row->letter != letter || row->arg || !is_addition(form, row))
				continue;
			printf("%s%c", any ? "" : ".Op Fl ", letter);
			any = true;
		}
	}
	fputs(any ? "\n" : "", stdout);
}

static bool is_word(const struct form *form, const struct option_row *row)
{
	return is_addition(form, row) && (!row->letter || row->arg);
}

/* If there are many, those of the first page of --help stand for all. */
static void put_additions(const struct form *form)
{
	unsigned n = 0;

	for (const struct option_row *row = supported(option_rows); row; row = supported(row + 1))
		n += is_word(form, row);
	for (const struct option_row *row = supported(option_rows); row; row = supported(row + 1)) {
		if (!is_word(form, row) || (n > 4 && !(row->topics & IN_FIRST)))
			continue;
		fputs(".Op ", stdout);
		put_mdoc_option(row);
		putchar('\n');
	}
	if (n > 4)
		puts(".Op Ar option ...");
}

static void put_synopsis(void)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		puts(".Nm");
		put_named(&forms[i]);
		put_letters(&forms[i]);
		put_additions(&forms[i]);
		if (forms[i].operand)
			puts(forms[i].operand);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*put)(void);
	} files[] = { { "bash", put_bash }, { "zsh", put_zsh }, { "fish", put_fish },
		      { "dictionary", put_dictionary }, { "synopsis", put_synopsis } };

	for (size_t i = 0; argc == 2 && i < sizeof(files) / sizeof(files[0]); i++) {
		if (strcmp(argv[1], files[i].name) == 0) {
			files[i].put();
			return fflush(stdout) ? 1 : 0;
		}
	}
	fprintf(stderr, "usage: option-files bash|zsh|fish|dictionary|synopsis\n");
	return 2;
}
