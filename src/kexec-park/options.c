/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define BIT(n) (1ULL << (n))
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Actions in which an option has an effect. */
#define LOADS (BIT(ACTION_LOAD) | BIT(ACTION_LOAD_SHUTDOWN) | BIT(ACTION_LOAD_EXEC))
#define SLOTS (BIT(ACTION_LOAD) | BIT(ACTION_UNLOAD) | BIT(ACTION_STATUS))
#define EXECS (BIT(ACTION_EXEC) | BIT(ACTION_LOAD_EXEC))
#define ANY (LOADS | SLOTS | EXECS | BIT(ACTION_CAPTURE) | BIT(ACTION_PARK_STATUS))
#define UNSUPPORTED 0

enum id {
	OPT_LOAD, OPT_LOAD_PANIC, OPT_EXEC, OPT_FORCE, OPT_UNLOAD, OPT_STATUS, OPT_PLAN,
	OPT_CAPTURE, OPT_PARK_STATUS, OPT_HELP, OPT_VERSION, OPT_DEBUG, OPT_ROOT, OPT_JSON,
	OPT_CLASSIC, OPT_NO_IFDOWN, OPT_NO_SYNC, OPT_TYPE, OPT_INITRD, OPT_APPEND,
	OPT_REUSE_CMDLINE, OPT_MEM_MIN, OPT_MEM_MAX, OPT_NO_CHECKS, OPT_ON_MISMATCH,
	OPT_CONSOLE_SERIAL, OPT_SERIAL, OPT_SERIAL_BAUD, OPT_CONSOLE_VGA,
	OPT_NO_EFI, OPT_HOTPLUG, OPT_PARK_PAGE, OPT_PARK_MODE, OPT_FORCE_PARK_MODE, OPT_FOREIGN,
};

/* One spelling of an option. @set is a bool's offset in struct options, used without @parse. */
struct row {
	enum id id;
	char letter;
	const char *name;
	int takes;                 /* no_argument, required_argument, optional_argument */
	unsigned long long works;  /* actions, as bits; UNSUPPORTED: known by name only */
	size_t set;
	int (*parse)(struct options *opts, const char *value, struct kp_error *err);
};

struct parse {
	unsigned long long seen;   /* enum id, as bits */
	struct options *opts;
	struct kp_error *err;
};

/* A word that stands for a number. */
struct word {
	const char *text;
	unsigned value;
};

__attribute__((format(printf, 2, 3)))
static int usage(struct kp_error *err, const char *fmt, ...)
{
	va_list args;

	err->code = KP_USAGE;
	err->sys = 0;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -1;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Decimal, or hexadecimal behind 0x; no sign, no blanks, no overflow. NULL if there is none. */
static const char *parse_digits(const char *text, uint64_t *out)
{
	uint64_t value = 0;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	uint64_t base = hex ? 16 : 10;
	const char *p = hex ? text + 2 : text;
	const char *first = p;

	for (; (uint64_t)digit(*p) < base; p++)
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit(*p), &value))
			return NULL;
	*out = value;
	return p == first ? NULL : p;
}

static bool parse_number(const char *text, uint64_t *out)
{
	const char *end = parse_digits(text, out);

	return end && *end == '\0';
}

/* A number of bytes: a number, perhaps with K, M or G behind it. */
static bool parse_bytes(const char *text, uint64_t *out)
{
	static const struct word units[] = { { "", 0 }, { "K", 10 }, { "M", 20 }, { "G", 30 } };
	const char *end = parse_digits(text, out);

	for (size_t i = 0; end && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].text) == 0)
			return !__builtin_mul_overflow(*out, 1ULL << units[i].value, out);
	return false;
}

static bool parse_word(const char *text, const struct word *words, size_t n, unsigned *out)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(text, words[i].text) == 0) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

static int set_type(struct options *opts, const char *value, struct kp_error *err)
{
	static const struct word words[] = {
		{ "bzImage", KP_FORMAT_BZIMAGE64 }, { "bzImage64", KP_FORMAT_BZIMAGE64 },
		{ "vmlinux", KP_FORMAT_ELF64 }, { "elf-x86_64", KP_FORMAT_ELF64 } };
	unsigned format;

	if (!parse_word(value, words, 4, &format))
		return usage(err, "--type=%s: not a supported type of image: bzImage (or "
			     "bzImage64) or vmlinux (or elf-x86_64)", value);
	opts->request.format = (enum kp_format)format;
	return 0;
}

static int add_initrd(struct options *opts, const char *value, struct kp_error *err)
{
	if (*value == '\0')
		return usage(err, "--initrd needs the name of a file");
	/* options_parse() made room for one an argument. */
	((const char **)opts->request.initrds)[opts->request.n_initrds++] = value;
	return 0;
}

static int set_append(struct options *opts, const char *value, struct kp_error *err)
{
	(void)err;
	opts->request.cmdline = value;
	return 0;
}

static int set_address(const char *option, const char *value, uint64_t *out, struct kp_error *err)
{
	if (!parse_bytes(value, out))
		return usage(err, "%s=%s: not an address: give bytes in decimal or as 0x..., "
			     "with or without K, M or G behind it", option, value);
	return 0;
}

static int set_mem_min(struct options *opts, const char *value, struct kp_error *err)
{
	return set_address("--mem-min", value, &opts->request.mem_min, err);
}

static int set_mem_max(struct options *opts, const char *value, struct kp_error *err)
{
	if (set_address("--mem-max", value, &opts->request.mem_max, err))
		return -1;
	if (opts->request.mem_max == 0)
		return usage(err, "--mem-max=%s: leaves no memory at all", value);
	return 0;
}

static int set_on_mismatch(struct options *opts, const char *value, struct kp_error *err)
{
	static const struct word words[] = { { "reset", KP_MISMATCH_RESET },
		{ "halt", KP_MISMATCH_HALT }, { "boot", KP_MISMATCH_BOOT } };
	unsigned policy;

	if (!parse_word(value, words, 3, &policy))
		return usage(err, "--on-mismatch=%s: give reset, halt or boot", value);
	opts->request.on_mismatch = (enum kp_mismatch)policy;
	return 0;
}

/* The PC's COM1 and COM2, or any 8250 by its port. */
static int set_serial(struct options *opts, const char *value, struct kp_error *err)
{
	static const struct word words[] = { { "ttyS0", 0x3f8 }, { "ttyS1", 0x2f8 } };
	unsigned named;
	uint64_t port;

	if (parse_word(value, words, 2, &named))
		port = named;
	else if (strncmp(value, "0x", 2) != 0 || !parse_number(value, &port) || port == 0 ||
		 port > 0xfff8)
		return usage(err, "--serial=%s: give ttyS0, ttyS1 or an I/O port from 0x1 to "
			     "0xfff8", value);
	opts->request.serial_port = (uint16_t)port;
	return 0;
}

/* An 8250 divides 115200 by a 16-bit number. */
static int set_serial_baud(struct options *opts, const char *value, struct kp_error *err)
{
	uint64_t baud;

	if (!parse_number(value, &baud) || baud == 0 || 115200 % baud != 0 ||
	    115200 / baud > 0xffff)
		return usage(err, "--serial-baud=%s: give 115200 or a divisor of it: 57600, "
			     "38400, 19200, 9600, ...", value);
	opts->request.serial_baud = (uint32_t)baud;
	return 0;
}

static int set_park_page(struct options *opts, const char *value, struct kp_error *err)
{
	static const struct word words[] = { { "auto", KP_PARK_AUTO }, { "off", KP_PARK_OFF },
		{ "try", KP_PARK_TRY } };
	unsigned want = KP_PARK_AUTO;

	if (value && !parse_word(value, words, 3, &want)) {
		if (!parse_bytes(value, &opts->request.park_addr) ||
		    opts->request.park_addr % 4096 != 0)
			return usage(err, "--park-page=%s: give auto, off, try or an address that "
				     "is a multiple of 4096, such as 0x10000", value);
		want = KP_PARK_AT;
	}
	opts->request.park = (enum kp_park_want)want;
	return 0;
}

static int set_park_mode(struct options *opts, const char *value, struct kp_error *err)
{
	static const struct word words[] = { { "hlt", KP_PARK_HLT }, { "init", KP_PARK_INIT },
		{ "clgi", KP_PARK_CLGI } };
	unsigned mode;

	if (!parse_word(value, words, 3, &mode))
		return usage(err, "--park-mode=%s: give hlt, init or clgi", value);
	opts->request.park_mode = (enum kp_park_mode)mode;
	return 0;
}

static int set_root(struct options *opts, const char *value, struct kp_error *err)
{
	if (*value == '\0')
		return usage(err, "--root needs the directory of a captured machine");
	opts->root = value;
	return 0;
}

static int set_capture(struct options *opts, const char *value, struct kp_error *err)
{
	if (*value == '\0')
		return usage(err, "--capture needs the name of a directory");
	opts->capture_dir = value;
	return 0;
}

/* For options whose presence says it all; see struct parse.seen. */
static int set_nothing(struct options *opts, const char *value, struct kp_error *err)
{
	(void)opts;
	(void)value;
	(void)err;
	return 0;
}

#define NONE no_argument
#define VALUE required_argument
#define MAYBE optional_argument
#define AT(member) offsetof(struct options, member), NULL
#define BY(function) 0, function
#define KEXEC_TOOLS(letter, name, takes) \
	{ OPT_FOREIGN, letter, name, takes, UNSUPPORTED, BY(set_nothing) }

static const struct row rows[] = {
	{ OPT_LOAD, 'l', "load", NONE, SLOTS, BY(set_nothing) },
	{ OPT_LOAD_PANIC, 'p', "load-panic", NONE, SLOTS, BY(set_nothing) },
	{ OPT_EXEC, 'e', "exec", NONE, BIT(ACTION_EXEC), BY(set_nothing) },
	{ OPT_FORCE, 'f', "force", NONE, BIT(ACTION_LOAD_EXEC), BY(set_nothing) },
	{ OPT_UNLOAD, 'u', "unload", NONE, BIT(ACTION_UNLOAD), BY(set_nothing) },
	{ OPT_STATUS, 'S', "status", NONE, BIT(ACTION_STATUS), BY(set_nothing) },
	{ OPT_PLAN, 0, "plan", NONE, LOADS, AT(plan) },
	{ OPT_CAPTURE, 0, "capture", VALUE, BIT(ACTION_CAPTURE), BY(set_capture) },
	{ OPT_PARK_STATUS, 0, "park-status", NONE, BIT(ACTION_PARK_STATUS), BY(set_nothing) },
	{ OPT_HELP, 'h', "help", NONE, ANY, BY(set_nothing) },
	{ OPT_VERSION, 'v', "version", NONE, ANY, BY(set_nothing) },
	{ OPT_DEBUG, 'd', "debug", NONE, ANY, AT(debug) },
	{ OPT_ROOT, 0, "root", VALUE, LOADS | BIT(ACTION_PARK_STATUS), BY(set_root) },
	{ OPT_JSON, 0, "json", NONE, LOADS | BIT(ACTION_PARK_STATUS), AT(json) },
	{ OPT_CLASSIC, 'c', "kexec-syscall", NONE, LOADS | BIT(ACTION_UNLOAD), BY(set_nothing) },
	{ OPT_NO_IFDOWN, 'x', "no-ifdown", NONE, EXECS, AT(skip_ifdown) },
	{ OPT_NO_SYNC, 'y', "no-sync", NONE, EXECS, AT(skip_sync) },
	{ OPT_TYPE, 't', "type", VALUE, LOADS, BY(set_type) },
	{ OPT_INITRD, 0, "initrd", VALUE, LOADS, BY(add_initrd) },
	{ OPT_INITRD, 0, "ramdisk", VALUE, LOADS, BY(add_initrd) },
	{ OPT_APPEND, 0, "append", VALUE, LOADS, BY(set_append) },
	{ OPT_APPEND, 0, "command-line", VALUE, LOADS, BY(set_append) },
	{ OPT_REUSE_CMDLINE, 0, "reuse-cmdline", NONE, LOADS, AT(request.reuse_cmdline) },
	{ OPT_MEM_MIN, 0, "mem-min", VALUE, LOADS, BY(set_mem_min) },
	{ OPT_MEM_MAX, 0, "mem-max", VALUE, LOADS, BY(set_mem_max) },
	{ OPT_NO_CHECKS, 'i', "no-checks", NONE, LOADS, AT(request.no_checks) },
	{ OPT_ON_MISMATCH, 0, "on-mismatch", VALUE, LOADS, BY(set_on_mismatch) },
	{ OPT_CONSOLE_SERIAL, 0, "console-serial", NONE, LOADS, AT(request.console_serial) },
	{ OPT_SERIAL, 0, "serial", VALUE, LOADS, BY(set_serial) },
	{ OPT_SERIAL_BAUD, 0, "serial-baud", VALUE, LOADS, BY(set_serial_baud) },
	{ OPT_CONSOLE_VGA, 0, "console-vga", NONE, LOADS, AT(request.console_vga) },
	{ OPT_NO_EFI, 0, "noefi", NONE, LOADS, AT(request.no_efi) },
	{ OPT_HOTPLUG, 0, "hotplug", NONE, LOADS, AT(request.hotplug) },
	{ OPT_PARK_PAGE, 0, "park-page", MAYBE, LOADS, BY(set_park_page) },
	{ OPT_PARK_MODE, 0, "park-mode", VALUE, LOADS, BY(set_park_mode) },
	{ OPT_FORCE_PARK_MODE, 0, "force-park-mode", NONE, LOADS, AT(request.force_park_mode) },
	KEXEC_TOOLS('s', "kexec-file-syscall", NONE),
	KEXEC_TOOLS('a', "kexec-syscall-auto", NONE),
	KEXEC_TOOLS(0, "args-elf", NONE),
	KEXEC_TOOLS(0, "args-linux", NONE),
	KEXEC_TOOLS(0, "args-none", NONE),
	KEXEC_TOOLS(0, "dtb", VALUE),
	KEXEC_TOOLS(0, "elf32-core-headers", NONE),
	KEXEC_TOOLS(0, "elf64-core-headers", NONE),
	KEXEC_TOOLS(0, "entry", VALUE),
	KEXEC_TOOLS(0, "entry-32bit", NONE),
	KEXEC_TOOLS(0, "exec-live-update", NONE),
	KEXEC_TOOLS(0, "force-dtb", NONE),
	KEXEC_TOOLS(0, "load-jump-back-helper", NONE),
	KEXEC_TOOLS(0, "load-live-update", NONE),
	KEXEC_TOOLS(0, "load-preserve-context", NONE),
	KEXEC_TOOLS(0, "module", VALUE),
	KEXEC_TOOLS(0, "no-cma", NONE),
	KEXEC_TOOLS(0, "pass-memmap-cmdline", NONE),
	KEXEC_TOOLS(0, "print-ckr-size", NONE),
	KEXEC_TOOLS(0, "real-mode", NONE),
	KEXEC_TOOLS(0, "reset-vga", NONE),
	KEXEC_TOOLS(0, "reuse-video-type", NONE),
	KEXEC_TOOLS(0, "reuseinitrd", NONE),
};

/* The first spelling of an option is its name. */
static const struct row *row_of(enum id id)
{
	const struct row *row = rows;

	while (row->id != id)
		row++;
	return row;
}

static bool seen(const struct parse *p, enum id id)
{
	return p->seen & BIT(id);
}

static const struct verb {
	enum id id;
	enum action action;
} verbs[] = {
	{ OPT_EXEC, ACTION_EXEC },
	{ OPT_FORCE, ACTION_LOAD_EXEC },
	{ OPT_UNLOAD, ACTION_UNLOAD },
	{ OPT_STATUS, ACTION_STATUS },
	{ OPT_CAPTURE, ACTION_CAPTURE },
	{ OPT_PARK_STATUS, ACTION_PARK_STATUS },
};

/* What was asked for, of all that the action options say together. */
static int choose_action(const struct parse *p)
{
	const struct verb *chosen = NULL;

	for (const struct verb *v = verbs; v < verbs + sizeof(verbs) / sizeof(verbs[0]); v++) {
		if (!seen(p, v->id))
			continue;
		if (chosen)
			return usage(p->err, "--%s and --%s cannot be combined",
				     row_of(chosen->id)->name, row_of(v->id)->name);
		chosen = v;
	}
	if (seen(p, OPT_LOAD) && seen(p, OPT_LOAD_PANIC))
		return usage(p->err, "--load and --load-panic cannot be combined: one slot is "
			     "loaded at a time");
	if (chosen)
		p->opts->action = chosen->action;
	else if (seen(p, OPT_LOAD) || seen(p, OPT_LOAD_PANIC) || seen(p, OPT_PLAN))
		p->opts->action = ACTION_LOAD;
	else
		p->opts->action = ACTION_LOAD_SHUTDOWN;
	return 0;
}

/* -S looks at the crash slot unless told otherwise, as kexec-tools does; all else at the normal. */
static void choose_slot(const struct parse *p)
{
	bool crash = seen(p, OPT_LOAD_PANIC) ||
		     (p->opts->action == ACTION_STATUS && !seen(p, OPT_LOAD));

	p->opts->request.slot = crash ? KP_CRASH : KP_NORMAL;
}

static const char *const action_phrases[] = {
	[ACTION_LOAD] = "when a kernel is only loaded",
	[ACTION_LOAD_SHUTDOWN] = "when shutdown(8) does the reboot",
	[ACTION_LOAD_EXEC] = "with --force",
	[ACTION_EXEC] = "with --exec",
	[ACTION_UNLOAD] = "with --unload",
	[ACTION_STATUS] = "with --status",
	[ACTION_CAPTURE] = "with --capture",
	[ACTION_PARK_STATUS] = "with --park-status",
};

static int check_effects(const struct parse *p)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (seen(p, rows[i].id) && !(rows[i].works & BIT(p->opts->action)))
			return usage(p->err, "--%s has no effect %s", rows[i].name,
				     action_phrases[p->opts->action]);
	return 0;
}

static bool no_console_serial(const struct parse *p) { return !seen(p, OPT_CONSOLE_SERIAL); }
static bool no_digest(const struct parse *p) { return seen(p, OPT_NO_CHECKS); }
static bool not_crash(const struct parse *p) { return p->opts->request.slot != KP_CRASH; }
static bool no_parking(const struct parse *p) { return p->opts->request.park == KP_PARK_OFF; }
static bool not_clgi(const struct parse *p) { return p->opts->request.park_mode != KP_PARK_CLGI; }
static bool only_planned(const struct parse *p) { return p->opts->plan; }

static bool not_reported(const struct parse *p)
{
	return !p->opts->plan && p->opts->action != ACTION_PARK_STATUS;
}

static bool inverted_limits(const struct parse *p)
{
	const struct kp_request *req = &p->opts->request;

	return req->mem_max && req->mem_min > req->mem_max;
}

/* What the options ask of each other: if @id was given and @broken holds, @text says so. */
static const struct rule {
	enum id id;
	bool (*broken)(const struct parse *p);
	const char *text;
} rules[] = {
	{ OPT_SERIAL, no_console_serial,
	  "--serial has no effect without --console-serial" },
	{ OPT_SERIAL_BAUD, no_console_serial,
	  "--serial-baud has no effect without --console-serial" },
	{ OPT_ON_MISMATCH, no_digest,
	  "--on-mismatch has no effect with --no-checks: no digest is checked" },
	{ OPT_HOTPLUG, not_crash,
	  "--hotplug has no effect without --load-panic: only a crash kernel has an elfcorehdr" },
	{ OPT_PARK_MODE, no_parking, "--park-mode has no effect without --park-page" },
	{ OPT_FORCE_PARK_MODE, no_parking, "--force-park-mode has no effect without --park-page" },
	{ OPT_FORCE_PARK_MODE, not_clgi,
	  "--force-park-mode has no effect without --park-mode=clgi" },
	{ OPT_MEM_MIN, inverted_limits, "--mem-min is above --mem-max" },
	{ OPT_JSON, not_reported, "--json has no effect without --plan or --park-status" },
	{ OPT_ROOT, not_reported,
	  "--root is for --plan and --park-status: nothing is loaded for another machine" },
	{ OPT_NO_IFDOWN, only_planned, "--no-ifdown has no effect with --plan" },
	{ OPT_NO_SYNC, only_planned, "--no-sync has no effect with --plan" },
};

static int check_rules(const struct parse *p)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (seen(p, rules[i].id) && rules[i].broken(p))
			return usage(p->err, "%s", rules[i].text);
	return 0;
}

static int take_kernel(const struct parse *p, int argc, char **argv, int first)
{
	bool loads = LOADS & BIT(p->opts->action);

	if (!loads && first < argc)
		return usage(p->err, "unexpected argument '%s': no kernel is loaded %s",
			     argv[first], action_phrases[p->opts->action]);
	if (loads && first == argc)
		return usage(p->err, "no kernel was named; see kexec-park --help");
	if (first + 1 < argc)
		return usage(p->err, "unexpected argument '%s': one kernel is loaded at a time, "
			     "and '%s' was named first", argv[first + 1], argv[first]);
	if (loads)
		p->opts->request.image = argv[first];
	return 0;
}

/* Help and version come before all checks: who asks for help may not know better yet. */
static bool ask_for_help(const struct parse *p, int argc, char **argv, int first)
{
	if (!seen(p, OPT_HELP) && !seen(p, OPT_VERSION))
		return false;
	p->opts->action = seen(p, OPT_HELP) ? ACTION_HELP : ACTION_VERSION;
	p->opts->topic = first < argc ? argv[first] : NULL;
	return true;
}

static int take_option(struct parse *p, const struct row *row, const char *value)
{
	if (row->works == UNSUPPORTED)
		return usage(p->err, "--%s is an option of kexec-tools that kexec-park does not "
			     "support", row->name);
	if (seen(p, row->id) && row->takes != NONE && row->id != OPT_INITRD)
		return usage(p->err, "--%s was given twice", row->name);
	p->seen |= BIT(row->id);
	if (row->parse)
		return row->parse(p->opts, value, p->err);
	*(bool *)((char *)p->opts + row->set) = true;
	return 0;
}

/* getopt's two tables, made of ours. A long option returns LONG_BASE + its row. */
#define LONG_BASE 0x100

struct tables {
	struct option longs[N_ROWS + 1];
	char shorts[2 + 2 * N_ROWS];
};

static void make_tables(struct tables *t)
{
	char *s = t->shorts;

	memset(t, 0, sizeof(*t));
	*s++ = ':';
	for (size_t i = 0; i < N_ROWS; i++) {
		t->longs[i] = (struct option){ rows[i].name, rows[i].takes, NULL,
					       LONG_BASE + (int)i };
		if (!rows[i].letter)
			continue;
		*s++ = rows[i].letter;
		if (rows[i].takes == VALUE)
			*s++ = ':';
	}
}

/*
 * getopt returned @c, ':' for a missing value or '?' for anything else. optopt is the letter, or
 * what a long option returns, or 0 for a long one that is unknown: then @word is it.
 */
static int refuse(struct kp_error *err, int c, const char *word)
{
	if (optopt == 0)
		return usage(err, "unknown or ambiguous option %s; see kexec-park --help", word);
	if (optopt >= LONG_BASE)
		return usage(err, "--%s %s", rows[optopt - LONG_BASE].name,
			     c == ':' ? "needs a value" : "takes no value");
	if (c == ':')
		return usage(err, "-%c needs a value", optopt);
	return usage(err, "unknown option -%c; see kexec-park --help", optopt);
}

static const struct row *row_found(int c)
{
	if (c >= LONG_BASE)
		return &rows[c - LONG_BASE];
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].letter == c)
			return &rows[i];
	return NULL;
}

static int take_options(struct parse *p, int argc, char **argv)
{
	struct tables t;
	const struct row *row;
	int c;

	make_tables(&t);
	opterr = 0;
	optind = 0;                /* glibc: start over */
	while ((c = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		if (c == '?' && optopt == '?') {
			p->seen |= BIT(OPT_HELP);
			continue;
		}
		row = c == '?' || c == ':' ? NULL : row_found(c);
		if (!row)
			return refuse(p->err, c, argv[optind - 1]);
		if (take_option(p, row, optarg))
			return -1;
	}
	return 0;
}

static int understand(struct parse *p, int argc, char **argv)
{
	if (take_options(p, argc, argv))
		return -1;
	if (ask_for_help(p, argc, argv, optind))
		return 0;
	if (choose_action(p))
		return -1;
	choose_slot(p);
	if (check_effects(p) || check_rules(p))
		return -1;
	return take_kernel(p, argc, argv, optind);
}

int options_parse(int argc, char **argv, struct options *opts, struct kp_error *err)
{
	struct parse p = { .opts = opts, .err = err };

	*opts = (struct options){ .root = "" };
	opts->request.initrds = calloc((size_t)argc + 1, sizeof(char *));
	if (!opts->request.initrds) {
		usage(err, "out of memory");
		err->code = KP_NO_MEMORY;
		return -1;
	}
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

const char *options_name(size_t i, bool *supported)
{
	if (i >= N_ROWS)
		return NULL;
	*supported = rows[i].works != UNSUPPORTED;
	return rows[i].name;
}
