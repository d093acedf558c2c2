/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of an option. */
#ifndef OPTION_ROW_H
#define OPTION_ROW_H

#include "options.h"

#define BIT(n) (1ULL << (n))

/* Actions in which an option has an effect. */
#define LOADS (BIT(ACTION_LOAD) | BIT(ACTION_LOAD_SHUTDOWN) | BIT(ACTION_LOAD_EXEC) | \
	       BIT(ACTION_REPORT))
#define SLOTS (BIT(ACTION_LOAD) | BIT(ACTION_UNLOAD) | BIT(ACTION_STATUS))
#define CALLS (LOADS | BIT(ACTION_UNLOAD))
#define EXECS (BIT(ACTION_EXEC) | BIT(ACTION_LOAD_EXEC))
#define REPORTS (BIT(ACTION_PARK_STATUS) | BIT(ACTION_CRASH_SIZE))
/* Those that kexec(8) has not. */
#define OWN_ACTIONS (BIT(ACTION_CAPTURE) | BIT(ACTION_REPORT) | BIT(ACTION_PARK_STATUS))
#define ANY (LOADS | SLOTS | EXECS | REPORTS | BIT(ACTION_CAPTURE))

/* Whether kexec(8) of kexec-tools has the option, and what we do with it. */
enum option_kind {
	KEXEC = 1,                 /* it has it, and so have we */
	OWN,                       /* it does not: strict also when run as kexec */
	USELESS,                   /* no load needs it: an error; run as kexec, a warning */
	REFUSED,                   /* it cannot be had: an error */
};

/* Pages of --help that list an option; the last of them has .more, too. */
enum option_topic {
	IN_FIRST = 1 << 0,         /* --help alone, and the synopsis of kexec-park(8) */
	IN_LOAD = 1 << 1,
	IN_CALLS = 1 << 2,
	IN_CRASH = 1 << 3,
	IN_EXEC = 1 << 4,
	IN_CONSOLE = 1 << 5,
	IN_PARK = 1 << 6,
	IN_PLAN = 1 << 7,
};

enum option_id {
#define OPTION(id, ...) OPT_##id,
#include "option_rows.def"
#undef OPTION
	N_OPTIONS
};

struct parse;

/* If @broken holds, the option has no effect; @why continues that sentence. */
struct option_rule {
	bool (*broken)(const struct parse *p);
	const char *why;
};

/* A word that stands for a number. */
struct option_word {
	const char *text;
	unsigned value;
};

/* What completions offer for a value, beside words. */
#define OFFERS_FILES "<files>"
#define OFFERS_DIRECTORIES "<directories>"

struct option_row {
	char letter;               /* or 0 */
	const char *name;
	const char *arg;           /* what --help calls the value; NULL: there is none */
	enum option_kind kind;
	unsigned topics;           /* enum option_topic, as bits; 0: --help does not list it */
	const char *summary;       /* one line; of USELESS and REFUSED: why it cannot be had */

	const char *more;          /* what --help says behind the summary, or NULL */
	const char *alias;         /* another long name, or NULL */
	bool arg_optional;
	bool repeats;              /* each value given counts, not one */
	bool bad_value_fails;      /* a wrong value ends kexec(8) with 255 instead of 1 */
	enum action action;        /* which it asks for, or ACTION_NONE */
	unsigned long long works;  /* actions in which it has an effect, as bits */
	const struct option_rule *rules; /* up to one without @broken; or NULL */
	const char *offers;        /* OFFERS_... or words, apart by blanks; NULL: @words, or none */

	/* How it is set: one of these; none if it is enough that it was given. */
	int (*set)(struct options *opts, const struct option_row *row, const char *value,
		   struct kp_error *err);
	size_t flag;               /* a bool's offset in struct options */
	size_t choice;             /* an enum's, which one of @words, up to one without text, sets */
	const struct option_word *words;
};

static inline bool option_is_supported(const struct option_row *row)
{
	return row->kind == KEXEC || row->kind == OWN;
}

#endif
