/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions.h"

#define BIT(n) (1ULL << (n))
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Actions in which an option has an effect. */
#define LOADS (BIT(ACTION_LOAD) | BIT(ACTION_LOAD_SHUTDOWN) | BIT(ACTION_LOAD_EXEC) | \
	       BIT(ACTION_REPORT))
#define SLOTS (BIT(ACTION_LOAD) | BIT(ACTION_UNLOAD) | BIT(ACTION_STATUS))
#define CALLS (LOADS | BIT(ACTION_UNLOAD))
#define EXECS (BIT(ACTION_EXEC) | BIT(ACTION_LOAD_EXEC))
#define REPORTS (BIT(ACTION_PARK_STATUS) | BIT(ACTION_CRASH_SIZE))
#define ANY (LOADS | SLOTS | EXECS | REPORTS | BIT(ACTION_CAPTURE))

enum id {
	OPT_LOAD, OPT_LOAD_PANIC, OPT_EXEC, OPT_FORCE, OPT_UNLOAD, OPT_STATUS, OPT_PLAN,
	OPT_CAPTURE, OPT_REPORT, OPT_SVG, OPT_PARK_STATUS, OPT_CRASH_SIZE, OPT_HELP, OPT_VERSION,
	OPT_DEBUG, OPT_ROOT, OPT_JSON, OPT_CLASSIC, OPT_FILE_CALL, OPT_AUTO_CALL,
	OPT_NO_IFDOWN, OPT_NO_SYNC, OPT_TYPE, OPT_INITRD, OPT_APPEND,
	OPT_REUSE_CMDLINE, OPT_MEM_MIN, OPT_MEM_MAX, OPT_NO_CHECKS, OPT_ON_MISMATCH,
	OPT_CONSOLE_SERIAL, OPT_SERIAL, OPT_SERIAL_BAUD, OPT_CONSOLE_VGA, OPT_CONSOLE_FB,
	OPT_NO_POST, OPT_TRACE,
	OPT_NO_EFI, OPT_HOTPLUG, OPT_PARK_PAGE, OPT_PARK_MODE, OPT_FORCE_PARK_MODE,
	OPT_ARGS_LINUX, OPT_ARGS_NONE, OPT_NO_CMA, OPT_FORCE_DTB, OPT_CORE_HEADERS,
	OPT_REUSE_VIDEO,
	OPT_REFUSED,               /* kexec-tools has it */
	OPT_USELESS,               /* the same, and no load needs it: taken when run as kexec */
};

/* Options that kexec-tools does not have: strict also when run as kexec. */
#define OWN (BIT(OPT_PLAN) | BIT(OPT_CAPTURE) | BIT(OPT_REPORT) | BIT(OPT_SVG) | \
	     BIT(OPT_PARK_STATUS) | BIT(OPT_ROOT) | BIT(OPT_JSON) | BIT(OPT_ON_MISMATCH) | \
	     BIT(OPT_CONSOLE_FB) | BIT(OPT_NO_POST) | BIT(OPT_TRACE) | \
	     BIT(OPT_PARK_PAGE) | BIT(OPT_PARK_MODE) | BIT(OPT_FORCE_PARK_MODE))

/* A wrong value of these ends kexec(8) with 255, any other wrong option with 1. */
#define BAD_VALUE_FAILS (BIT(OPT_TYPE) | BIT(OPT_SERIAL) | BIT(OPT_SERIAL_BAUD))

/* One spelling of an option. @set is a bool's offset in struct options, used without @parse. */
struct row {
	enum id id;
	char letter;
	const char *name;
	int takes;                 /* no_argument, required_argument, optional_argument */
	unsigned long long works;  /* actions, as bits */
	size_t set;
	int (*parse)(struct options *opts, const char *value, struct kp_error *err);
	const char *refusal;       /* OPT_REFUSED, OPT_USELESS: why it cannot be had */
};

struct parse {
	unsigned long long seen;   /* enum id, as bits */
	bool load_after_force;
	enum id last;              /* of -l, -p, -e, -f and -u, if one was given */
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

/* The names that -t has in kexec-tools and here; @why instead of a format: never. */
static const struct type {
	const char *name;
	enum kp_format format;
	const char *why;
} types[] = {
	{ "bzImage", KP_FORMAT_BZIMAGE64, NULL },
	{ "bzImage64", KP_FORMAT_BZIMAGE64, NULL },
	{ "vmlinux", KP_FORMAT_ELF64, NULL },
	{ "elf-x86_64", KP_FORMAT_ELF64, NULL },
	{ "uki", KP_FORMAT_UKI, NULL },
	{ "elf-x86", 0, "a 32-bit ELF has no 64-bit entry point" },
	{ "multiboot-x86", 0, "Multiboot starts its images in 32-bit mode, in which the "
			      "handlers of NMIs and machine checks cannot stay live" },
	{ "multiboot2-x86", 0, "Multiboot2 images are started in 32-bit mode, in which the "
			       "handlers of NMIs and machine checks cannot stay live" },
	{ "beoboot-x86", 0, "a beoboot file is a container: unpack it and load the bzImage and "
			    "the initrd that are in it" },
	{ "nbi-x86", 0, "a network boot image starts in real mode, on a BIOS in its boot state" },
};

static int set_type(struct options *opts, const char *value, struct kp_error *err)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(value, types[i].name) != 0)
			continue;
		if (types[i].why)
			return usage(err, "--type=%s cannot be loaded: %s", value, types[i].why);
		opts->request.format = types[i].format;
		return 0;
	}
	return usage(err, "--type=%s: not a type of image: give bzImage (bzImage64), vmlinux "
		     "(elf-x86_64) or uki", value);
}

/* Of the three, the last one given counts: a script's may stand before or behind a setting's. */
static int set_classic(struct options *opts, const char *value, struct kp_error *err)
{
	(void)value;
	(void)err;
	opts->call = KP_CALL_LOAD;
	opts->call_given = true;
	return 0;
}

static int set_file_call(struct options *opts, const char *value, struct kp_error *err)
{
	(void)value;
	(void)err;
	opts->call = KP_CALL_FILE;
	opts->call_given = true;
	return 0;
}

static int set_auto_call(struct options *opts, const char *value, struct kp_error *err)
{
	(void)value;
	(void)err;
	opts->call = KP_CALL_AUTO;
	opts->call_given = true;
	return 0;
}

static int set_args_linux(struct options *opts, const char *value, struct kp_error *err)
{
	(void)value;
	(void)err;
	opts->request.elf_args = KP_ELF_ARGS_LINUX;
	return 0;
}

static int set_args_none(struct options *opts, const char *value, struct kp_error *err)
{
	(void)value;
	(void)err;
	opts->request.elf_args = KP_ELF_ARGS_NONE;
	return 0;
}

static int add_initrd(struct options *opts, const char *value, struct kp_error *err)
{
	if (*value == '\0')
		return usage(err, "--initrd needs the name of a file");
	if (opts->as_kexec)        /* which takes the last one */
		opts->request.n_initrds = 0;
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
	if (opts->as_kexec && *value == '\0')
		return 0;
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

/* An 8250 divides 115200 by a 16-bit number. */
static int set_baud(const char *option, const char *value, uint32_t *out, struct kp_error *err)
{
	uint64_t baud;

	if (!parse_number(value, &baud) || baud == 0 || 115200 % baud != 0 ||
	    115200 / baud > 0xffff)
		return usage(err, "%s=%s: give 115200 or a divisor of it: 57600, 38400, 19200, "
			     "9600, ...", option, value);
	*out = (uint32_t)baud;
	return 0;
}

static int set_serial_baud(struct options *opts, const char *value, struct kp_error *err)
{
	return set_baud("--serial-baud", value, &opts->request.serial_baud, err);
}

static int bad_serial(const char *value, struct kp_error *err)
{
	return usage(err, "--serial=%s: give auto, ttyS0, ttyS1, an I/O port from 0x1 to 0xfff8, or "
		     "io, mmio or mmio32 with an address, as mmio32,0xfe034000[,BAUD]", value);
}

/* Port 0, or one with registers beyond the last port, is none. */
static int set_port(struct options *opts, uint64_t port, const char *value, struct kp_error *err)
{
	if (port == 0 || port > 0xfff8)
		return bad_serial(value, err);
	opts->request.serial = KP_SERIAL_PORT;
	opts->request.serial_port = (uint16_t)port;
	return 0;
}

/* Eight registers at multiples of their size, below the end of what can be mapped. */
static int set_mmio(struct options *opts, enum kp_serial kind, uint64_t address, const char *value,
		    struct kp_error *err)
{
	if (address == 0 || address >> 52 || (kind == KP_SERIAL_MMIO32 && address % 4))
		return bad_serial(value, err);
	opts->request.serial = kind;
	opts->request.serial_address = address;
	return 0;
}

/* KIND,0xADDRESS[,BAUD], as in Linux's earlycon=uart8250,KIND,... */
static int set_serial_address(struct options *opts, const char *value, struct kp_error *err)
{
	static const struct {
		const char *prefix;
		enum kp_serial kind;
	} kinds[] = { { "io,", KP_SERIAL_PORT }, { "mmio,", KP_SERIAL_MMIO },
		      { "mmio32,", KP_SERIAL_MMIO32 } };
	const char *rest = strncmp(value, "uart8250,", 9) == 0 ? value + 9 : value;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].prefix);
		const char *end;
		uint64_t at;

		if (strncmp(rest, kinds[i].prefix, len) != 0)
			continue;
		end = parse_digits(rest + len, &at);
		if (!end || strncmp(rest + len, "0x", 2) != 0 || (*end && *end != ','))
			break;
		if (*end && set_baud("--serial", end + 1, &opts->request.serial_baud, err))
			return -1;
		return kinds[i].kind == KP_SERIAL_PORT ? set_port(opts, at, value, err) :
			set_mmio(opts, kinds[i].kind, at, value, err);
	}
	return bad_serial(value, err);
}

/* The PC's COM1 and COM2, any 8250 by its port or address, or the one that firmware names. */
static int set_serial(struct options *opts, const char *value, struct kp_error *err)
{
	static const struct word words[] = { { "ttyS0", 0x3f8 }, { "ttyS1", 0x2f8 } };
	unsigned named;
	uint64_t port;

	if (strcmp(value, "auto") == 0) {
		opts->request.serial = KP_SERIAL_AUTO;
		return 0;
	}
	if (parse_word(value, words, 2, &named))
		return set_port(opts, named, value, err);
	if (strncmp(value, "0x", 2) == 0 && parse_number(value, &port))
		return set_port(opts, port, value, err);
	return set_serial_address(opts, value, err);
}

/* One word so far: what else could outlive a reset is not there on every machine. */
static int set_trace(struct options *opts, const char *value, struct kp_error *err)
{
	if (strcmp(value, "ipmi") != 0)
		return usage(err, "--trace=%s: give ipmi", value);
	opts->request.trace_ipmi = true;
	return 0;
}

static int set_console_fb(struct options *opts, const char *value, struct kp_error *err)
{
	static const struct word words[] = { { "rotate:0", 0 }, { "rotate:1", 1 },
		{ "rotate:2", 2 }, { "rotate:3", 3 } };

	opts->request.console_fb = true;
	if (value && !parse_word(value, words, 4, &opts->request.fb_rotate))
		return usage(err, "--console-fb=%s: give rotate:0 to rotate:3, as fbcon=rotate: counts "
			     "quarters of a turn", value);
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

static int set_file(const char *option, const char *value, const char **out, struct kp_error *err)
{
	if (*value == '\0')
		return usage(err, "%s needs the name of a file", option);
	*out = value;
	return 0;
}

static int set_report(struct options *opts, const char *value, struct kp_error *err)
{
	return set_file("--report", value, &opts->report, err);
}

static int set_svg(struct options *opts, const char *value, struct kp_error *err)
{
	return set_file("--svg", value, &opts->svg, err);
}

/* Of no use here, but kexec(8) looks at the number. */
static int check_entry(struct options *opts, const char *value, struct kp_error *err)
{
	uint64_t unused;

	(void)opts;
	return *value && set_address("--entry", value, &unused, err) ? -1 : 0;
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
#define AT(member) offsetof(struct options, member), NULL, NULL
#define BY(function) 0, function, NULL
#define REFUSED(name, takes, why) { OPT_REFUSED, 0, name, takes, 0, 0, set_nothing, why }
#define USELESS(name, takes, parse, why) { OPT_USELESS, 0, name, takes, 0, 0, parse, why }

static const struct row rows[] = {
	{ OPT_LOAD, 'l', "load", NONE, SLOTS | BIT(ACTION_LOAD_EXEC), BY(set_nothing) },
	{ OPT_LOAD_PANIC, 'p', "load-panic", NONE, SLOTS, BY(set_nothing) },
	{ OPT_EXEC, 'e', "exec", NONE, BIT(ACTION_EXEC), BY(set_nothing) },
	{ OPT_FORCE, 'f', "force", NONE, BIT(ACTION_LOAD_EXEC), BY(set_nothing) },
	{ OPT_UNLOAD, 'u', "unload", NONE, BIT(ACTION_UNLOAD), BY(set_nothing) },
	{ OPT_STATUS, 'S', "status", NONE, BIT(ACTION_STATUS), BY(set_nothing) },
	{ OPT_PLAN, 0, "plan", NONE, LOADS, AT(plan) },
	{ OPT_CAPTURE, 0, "capture", VALUE, BIT(ACTION_CAPTURE), BY(set_capture) },
	{ OPT_REPORT, 0, "report", VALUE, BIT(ACTION_REPORT), BY(set_report) },
	{ OPT_SVG, 0, "svg", VALUE, LOADS, BY(set_svg) },
	{ OPT_PARK_STATUS, 0, "park-status", NONE, BIT(ACTION_PARK_STATUS), BY(set_nothing) },
	{ OPT_CRASH_SIZE, 0, "print-ckr-size", NONE, BIT(ACTION_CRASH_SIZE), BY(set_nothing) },
	{ OPT_HELP, 'h', "help", NONE, ANY, BY(set_nothing) },
	{ OPT_VERSION, 'v', "version", NONE, ANY, BY(set_nothing) },
	{ OPT_DEBUG, 'd', "debug", NONE, ANY, AT(debug) },
	{ OPT_ROOT, 0, "root", VALUE, LOADS | REPORTS, BY(set_root) },
	{ OPT_JSON, 0, "json", NONE, LOADS | BIT(ACTION_PARK_STATUS), AT(json) },
	{ OPT_CLASSIC, 'c', "kexec-syscall", NONE, CALLS, BY(set_classic) },
	{ OPT_FILE_CALL, 's', "kexec-file-syscall", NONE, CALLS, BY(set_file_call) },
	{ OPT_AUTO_CALL, 'a', "kexec-syscall-auto", NONE, CALLS, BY(set_auto_call) },
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
	{ OPT_CONSOLE_FB, 0, "console-fb", MAYBE, LOADS, BY(set_console_fb) },
	{ OPT_NO_POST, 0, "no-post", NONE, LOADS, AT(request.no_post) },
	{ OPT_TRACE, 0, "trace", VALUE, LOADS, BY(set_trace) },
	{ OPT_NO_EFI, 0, "noefi", NONE, LOADS, AT(request.no_efi) },
	{ OPT_HOTPLUG, 0, "hotplug", NONE, LOADS, AT(request.hotplug) },
	{ OPT_PARK_PAGE, 0, "park-page", MAYBE, LOADS, BY(set_park_page) },
	{ OPT_PARK_MODE, 0, "park-mode", VALUE, LOADS, BY(set_park_mode) },
	{ OPT_FORCE_PARK_MODE, 0, "force-park-mode", NONE, LOADS, AT(request.force_park_mode) },
	{ OPT_ARGS_LINUX, 0, "args-linux", NONE, LOADS, BY(set_args_linux) },
	{ OPT_ARGS_NONE, 0, "args-none", NONE, LOADS, BY(set_args_none) },
	{ OPT_NO_CMA, 0, "no-cma", NONE, LOADS, AT(request.no_cma) },
	{ OPT_FORCE_DTB, 0, "force-dtb", NONE, LOADS, AT(request.force_dtb) },
	{ OPT_CORE_HEADERS, 0, "elf64-core-headers", NONE, LOADS, BY(set_nothing) },
	{ OPT_REUSE_VIDEO, 0, "reuse-video-type", NONE, LOADS, BY(set_nothing) },
	USELESS("args-elf", NONE, set_nothing, "no x86_64 kernel reads ELF boot notes: give --args-linux, which "
		"is the default here, or --args-none"),
	USELESS("elf32-core-headers", NONE, set_nothing, "a 32-bit elfcorehdr cannot describe the memory of an "
		"x86_64 kernel: it is always ELF64 (kexec-tools ignores this option)"),
	USELESS("dtb", VALUE, set_nothing, "the kernel is entered by its 64-bit entry point, and x86_64 "
		"machines are described by ACPI; --force-dtb -s hands on a device tree that the "
		"running kernel has"),
	USELESS("entry", VALUE, check_entry, "it names where to jump back to, and nothing is left to jump back "
		"to: the purgatory parks or masks what the old kernel runs on"),
	REFUSED("load-preserve-context", NONE, "this hand-over cannot be returned from: the "
		"purgatory parks or masks what the old kernel runs on"),
	REFUSED("load-jump-back-helper", NONE, "there is no kernel to jump back to after a "
		"hand-over by kexec-park, which preserves no context"),
	REFUSED("load-live-update", NONE, "a live update of Xen is loaded into the hypervisor, "
		"not through a system call of Linux"),
	REFUSED("exec-live-update", NONE, "a live update of Xen is executed by the hypervisor, "
		"not by reboot(2)"),
	USELESS("module", VALUE, set_nothing, "modules belong to Multiboot images, which are started in 32-bit "
		"mode and cannot be loaded: join files of the initrd with --initrd"),
	REFUSED("real-mode", NONE, "real-mode code needs the BIOS in the state in which it booted, "
		"and NMIs cannot be handled on the way there"),
	REFUSED("entry-32bit", NONE, "the handlers of NMIs and machine checks stay live only on "
		"the way to the 64-bit entry point, which every x86_64 kernel has"),
	USELESS("pass-memmap-cmdline", NONE, set_nothing, "the memory map is in boot_params, of any length, "
		"where every kernel with the 64-bit boot protocol reads it; memmap= can be given "
		"with --append"),
	USELESS("reset-vga", NONE, set_nothing, "the purgatory does not program video hardware: the longer it "
		"runs, the more can go wrong; the running kernel's mode is passed on"),
	REFUSED("reuseinitrd", NONE, "no x86_64 kernel tells where it had its initrd (nor does "
		"kexec-tools do this here): name the file with --initrd"),
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
	{ OPT_REPORT, ACTION_REPORT },
	{ OPT_PARK_STATUS, ACTION_PARK_STATUS },
	{ OPT_CRASH_SIZE, ACTION_CRASH_SIZE },
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
	if (p->load_after_force)
		return usage(p->err, "--load behind --force: say which one is meant, --load only "
			     "loads and --force reboots");
	if (chosen)
		p->opts->action = chosen->action;
	else if (seen(p, OPT_LOAD) || seen(p, OPT_LOAD_PANIC) || seen(p, OPT_PLAN))
		p->opts->action = ACTION_LOAD;
	else
		p->opts->action = ACTION_LOAD_SHUTDOWN;
	return 0;
}

#define DECIDES (BIT(OPT_LOAD) | BIT(OPT_LOAD_PANIC) | BIT(OPT_EXEC) | BIT(OPT_FORCE) | \
		 BIT(OPT_UNLOAD))

/*
 * As kexec-tools: -S comes before all else, and of the others the last one given counts. To
 * unload before a load is needless, before a boot it makes no sense.
 */
static int choose_as_kexec(const struct parse *p)
{
	static const enum action actions[] = {
		[OPT_LOAD] = ACTION_LOAD, [OPT_LOAD_PANIC] = ACTION_LOAD,
		[OPT_EXEC] = ACTION_EXEC, [OPT_FORCE] = ACTION_LOAD_EXEC,
		[OPT_UNLOAD] = ACTION_UNLOAD };
	bool exec = seen(p, OPT_EXEC) || seen(p, OPT_FORCE);

	if (seen(p, OPT_CRASH_SIZE))
		p->opts->action = ACTION_CRASH_SIZE;
	else if (seen(p, OPT_STATUS))
		p->opts->action = ACTION_STATUS;
	else if (exec && seen(p, OPT_UNLOAD) && (p->last == OPT_EXEC || p->last == OPT_UNLOAD))
		return usage(p->err, "--%s and --unload cannot be combined",
			     seen(p, OPT_EXEC) ? "exec" : "force");
	else if (DECIDES & p->seen)
		p->opts->action = actions[p->last];
	else
		p->opts->action = seen(p, OPT_PLAN) ? ACTION_LOAD : ACTION_LOAD_SHUTDOWN;
	return 0;
}

static bool wants_own_action(const struct parse *p)
{
	return p->seen & (BIT(OPT_CAPTURE) | BIT(OPT_REPORT) | BIT(OPT_PARK_STATUS));
}

/*
 * As kexec-tools does: -S looks at the crash slot unless told otherwise, all else at the normal
 * one; -p counts, with or without -l.
 */
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
	[ACTION_CRASH_SIZE] = "with --print-ckr-size",
	[ACTION_REPORT] = "with --report",
};

/* kexec(8) is silent about what it ignores; run by its name, warn. */
static void ignore(struct options *opts, const char *what, const char *how, const char *why)
{
	if (opts->n_ignored < OPTIONS_IGNORED)
		opts->ignored[opts->n_ignored++] = (struct ignored){ what, how, why };
}

/* An option that changes what is loaded or booted: -p before -f, and what only this program has. */
static bool is_strict(const struct parse *p, enum id id)
{
	return (OWN & BIT(id)) || !p->opts->as_kexec ||
	       (id == OPT_LOAD_PANIC && p->opts->action == ACTION_LOAD_EXEC);
}

/* An error; run as kexec, a warning. */
static int no_effect(const struct parse *p, const struct row *row, const char *why)
{
	if (is_strict(p, row->id))
		return usage(p->err, "--%s has no effect %s", row->name, why);
	ignore(p->opts, row->name, "has no effect ", why);
	return 0;
}

static int check_effects(const struct parse *p)
{
	const char *why = action_phrases[p->opts->action];

	for (size_t i = 0; i < N_ROWS; i++)
		if (seen(p, rows[i].id) && &rows[i] == row_of(rows[i].id) &&
		    !(rows[i].works & BIT(p->opts->action)) && no_effect(p, &rows[i], why))
			return -1;
	return 0;
}

static bool no_console_serial(const struct parse *p) { return !seen(p, OPT_CONSOLE_SERIAL); }
static bool no_digest(const struct parse *p) { return seen(p, OPT_NO_CHECKS); }
static bool not_crash(const struct parse *p) { return p->opts->request.slot != KP_CRASH; }
static bool no_parking(const struct parse *p) { return p->opts->request.park == KP_PARK_OFF; }
static bool not_clgi(const struct parse *p) { return p->opts->request.park_mode != KP_PARK_CLGI; }
static bool only_planned(const struct parse *p) { return p->opts->plan; }

static bool not_planned(const struct parse *p) { return !p->opts->plan; }
static bool in_report(const struct parse *p) { return p->opts->action == ACTION_REPORT; }

static bool file_call(const struct parse *p) { return p->opts->call == KP_CALL_FILE; }
static bool not_file_call(const struct parse *p) { return p->opts->call != KP_CALL_FILE; }

/* As kexec only the image tells whether --args-none has an effect. */
static bool hands_nothing(const struct parse *p)
{
	return seen(p, OPT_ARGS_NONE) && !p->opts->as_kexec;
}

static bool is_crash(const struct parse *p) { return p->opts->request.slot == KP_CRASH; }

static bool not_reported(const struct parse *p)
{
	return !p->opts->plan && !(REPORTS & BIT(p->opts->action));
}

/* With try, a load without parking is what was agreed to; kp_load_file() says that it is one. */
static bool must_park_by_file_call(const struct parse *p)
{
	enum kp_park_want park = p->opts->request.park;

	return file_call(p) && park != KP_PARK_OFF && park != KP_PARK_TRY;
}

#define BY_FILE_CALL "with --kexec-file-syscall: "
#define NO_CONSOLE BY_FILE_CALL "the kernel's own purgatory has no console"
#define BZIMAGE_ONLY BY_FILE_CALL "no x86_64 kernel takes an ELF image through it"

/* What the options ask of each other: if @id was given and @broken holds, it has no effect. */
static const struct rule {
	enum id id;
	bool (*broken)(const struct parse *p);
	const char *why;
} rules[] = {
	{ OPT_SERIAL, no_console_serial, "without --console-serial" },
	{ OPT_SERIAL_BAUD, no_console_serial, "without --console-serial" },
	{ OPT_ON_MISMATCH, no_digest, "with --no-checks: no digest is checked" },
	{ OPT_HOTPLUG, not_crash,
	  "without --load-panic: only a crash kernel has an elfcorehdr" },
	{ OPT_CORE_HEADERS, not_crash,
	  "without --load-panic: only a crash kernel has an elfcorehdr" },
	{ OPT_PARK_MODE, no_parking, "without --park-page" },
	{ OPT_FORCE_PARK_MODE, no_parking, "without --park-page" },
	{ OPT_FORCE_PARK_MODE, not_clgi, "without --park-mode=clgi" },
	{ OPT_JSON, not_reported, "without --plan or --park-status" },
	{ OPT_SVG, not_planned, "without --plan" },
	{ OPT_PLAN, in_report, "with --report, which holds the plans of both slots" },
	{ OPT_FILE_CALL, in_report, "with --report, which loads nothing" },
	{ OPT_AUTO_CALL, in_report, "with --report, which loads nothing" },
	{ OPT_NO_IFDOWN, only_planned, "with --plan" },
	{ OPT_NO_SYNC, only_planned, "with --plan" },
	{ OPT_APPEND, hands_nothing, "with --args-none: the image is handed nothing" },
	{ OPT_REUSE_CMDLINE, hands_nothing, "with --args-none: the image is handed nothing" },
	{ OPT_INITRD, hands_nothing, "with --args-none: the image is handed nothing" },
	{ OPT_ARGS_NONE, is_crash,
	  "with --load-panic: a crash kernel must be handed its command line" },
	{ OPT_FORCE_DTB, not_file_call,
	  "without --kexec-file-syscall: only the kernel can pass its device tree on" },
	{ OPT_PARK_PAGE, must_park_by_file_call,
	  BY_FILE_CALL "that runs the kernel's own purgatory, which parks no CPU" },
	{ OPT_PLAN, file_call, BY_FILE_CALL "the kernel makes the plan and does not show it" },
	{ OPT_MEM_MIN, file_call, BY_FILE_CALL "the kernel chooses the addresses" },
	{ OPT_MEM_MAX, file_call, BY_FILE_CALL "the kernel chooses the addresses" },
	{ OPT_NO_CHECKS, file_call,
	  BY_FILE_CALL "the kernel's own purgatory always checks its digest" },
	{ OPT_ON_MISMATCH, file_call, BY_FILE_CALL "the kernel's own purgatory always halts" },
	{ OPT_CONSOLE_SERIAL, file_call, NO_CONSOLE },
	{ OPT_CONSOLE_VGA, file_call, NO_CONSOLE },
	{ OPT_CONSOLE_FB, file_call, NO_CONSOLE },
	{ OPT_TRACE, file_call, BY_FILE_CALL "the kernel's own purgatory leaves no trace" },
	{ OPT_NO_POST, file_call, BY_FILE_CALL "the kernel's own purgatory writes no POST codes" },
	{ OPT_NO_EFI, file_call,
	  BY_FILE_CALL "the kernel passes EFI on; --append=noefi makes the next one ignore it" },
	{ OPT_ARGS_LINUX, file_call, BZIMAGE_ONLY },
	{ OPT_ARGS_NONE, file_call, BZIMAGE_ONLY },
};

static int check_rules(const struct parse *p)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (seen(p, rules[i].id) && rules[i].broken(p) &&
		    no_effect(p, row_of(rules[i].id), rules[i].why))
			return -1;
	return 0;
}

static int check_contradictions(const struct parse *p)
{
	const struct kp_request *req = &p->opts->request;

	if (req->mem_max && req->mem_min > req->mem_max)
		return usage(p->err, "--mem-min is above --mem-max");
	if (seen(p, OPT_ROOT) && not_reported(p) && !in_report(p))
		return usage(p->err, "--root is for --plan, --park-status, --report and "
			     "--print-ckr-size: nothing is loaded for another machine");
	if (seen(p, OPT_ARGS_LINUX) && seen(p, OPT_ARGS_NONE) && !p->opts->as_kexec)
		return usage(p->err, "--args-linux and --args-none cannot be combined");
	return 0;
}

static int no_kernel(const struct parse *p)
{
	if (p->opts->as_kexec)
		p->opts->bad_status = EXIT_FAILED;
	return usage(p->err, "no kernel was named; see --help");
}

static bool takes_own_action(const struct parse *p)
{
	return BIT(p->opts->action) & (BIT(ACTION_CAPTURE) | BIT(ACTION_REPORT) |
				       BIT(ACTION_PARK_STATUS));
}

/* Arguments for which there is no use: words of a command line without quotes, for example. */
static int refuse_arguments(const struct parse *p, int argc, char **argv, int first)
{
	bool loads = LOADS & BIT(p->opts->action);

	for (int i = loads ? first + 1 : first; i < argc; i++) {
		if (p->opts->as_kexec && !takes_own_action(p))
			ignore(p->opts, argv[i], NULL, loads ? "one kernel is loaded at a time"
							     : "no kernel is loaded");
		else if (loads)
			return usage(p->err, "unexpected argument '%s': one kernel is loaded at a "
				     "time, and '%s' was named first", argv[i], argv[first]);
		else
			return usage(p->err, "unexpected argument '%s': no kernel is loaded %s",
				     argv[i], action_phrases[p->opts->action]);
	}
	return 0;
}

static int take_kernel(const struct parse *p, int argc, char **argv, int first)
{
	bool loads = LOADS & BIT(p->opts->action);

	if (loads && first == argc && !in_report(p))
		return no_kernel(p);
	if (refuse_arguments(p, argc, argv, first))
		return -1;
	if (loads && first < argc && *argv[first] == '\0')
		return usage(p->err, "the name of the kernel is empty");
	if (loads && first < argc)
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

static int take_refused(struct parse *p, const struct row *row, const char *value)
{
	if (!p->opts->as_kexec || row->id != OPT_USELESS)
		return usage(p->err, "--%s: %s", row->name, row->refusal);
	if (row->parse(p->opts, value, p->err))
		return -1;
	ignore(p->opts, row->name, "has no effect: ", row->refusal);
	return 0;
}

/* kexec(8) takes the last one: a setting of an administrator stands before what a script adds. */
static int take_again(struct parse *p, const struct row *row)
{
	if (row->takes == NONE || (row->id == OPT_INITRD && !p->opts->as_kexec))
		return 0;
	if (is_strict(p, row->id))
		return usage(p->err, "--%s was given twice", row->name);
	ignore(p->opts, row->name, "was given twice: ", "the last one counts");
	return 0;
}

static int take_value(struct parse *p, const struct row *row, const char *value)
{
	int rc = 0;

	if (row->parse)
		rc = row->parse(p->opts, value, p->err);
	else
		*(bool *)((char *)p->opts + row->set) = true;
	if (rc && p->opts->as_kexec && (BAD_VALUE_FAILS & BIT(row->id)))
		p->opts->bad_status = EXIT_FAILED;
	return rc;
}

static int take_option(struct parse *p, const struct row *row, const char *value)
{
	if (row->refusal)
		return take_refused(p, row, value);
	if (row->id == OPT_LOAD && seen(p, OPT_FORCE))
		p->load_after_force = true;
	if (seen(p, row->id) && take_again(p, row))
		return -1;
	p->seen |= BIT(row->id);
	if (DECIDES & BIT(row->id))
		p->last = row->id;
	return take_value(p, row, value);
}

/* getopt's two tables, made of ours. A long option returns LONG_BASE + its row. */
#define LONG_BASE 0x100

struct tables {
	struct option longs[N_ROWS + 1];
	char shorts[2 + 2 * N_ROWS];
};

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
	for (size_t i = 0; i < N_ROWS; i++) {
		if (as_kexec && (OWN & BIT(rows[i].id)) &&
		    !is_spelled_out(rows[i].name, argc, argv))
			continue;
		*l++ = (struct option){ rows[i].name, rows[i].takes, NULL, LONG_BASE + (int)i };
		if (!rows[i].letter)
			continue;
		*s++ = rows[i].letter;
		if (rows[i].takes == VALUE)
			*s++ = ':';
	}
}

/* The options that @word, "--no" or "--no=x", may be short for, as ": --no-sync, --no-efi". */
static unsigned candidates(const char *word, char *list, size_t size)
{
	size_t len = strcspn(word, "=") - 2, used = 0;
	unsigned n = 0;

	list[0] = '\0';
	for (size_t i = 0; i < N_ROWS && used < size; i++)
		if (strncmp(rows[i].name, word + 2, len) == 0)
			used += (size_t)snprintf(list + used, size - used, "%s --%s",
						 n++ ? "," : ":", rows[i].name);
	return n;
}

static int refuse_long(struct kp_error *err, const char *word)
{
	char list[KP_ERROR_TEXT / 2];

	if (candidates(word, list, sizeof(list)) > 1)
		return usage(err, "ambiguous option %s%s", word, list);
	return usage(err, "unknown option %s; see --help", word);
}

/* A long option with one dash, as other programs have them, is read as a row of letters. */
static const char *meant(int argc, char **argv, int letter)
{
	for (int i = 1; i < argc; i++)
		for (size_t row = 0; row < N_ROWS && argv[i][0] == '-' && argv[i][1] != '-'; row++)
			if (strchr(argv[i], letter) && strlen(argv[i]) > 3 &&
			    strncmp(rows[row].name, argv[i] + 1, strcspn(argv[i] + 1, "=")) == 0)
				return rows[row].name;
	return NULL;
}

static int refuse_letter(struct kp_error *err, int argc, char **argv)
{
	const char *name = meant(argc, argv, optopt);

	if (name)
		return usage(err, "unknown option -%c: did you mean --%s, with two dashes?", optopt,
			     name);
	return usage(err, "unknown option -%c; see --help", optopt);
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
		return usage(err, "--%s %s", rows[optopt - LONG_BASE].name,
			     c == ':' ? "needs a value" : "takes no value");
	if (c == ':')
		return usage(err, "-%c needs a value", optopt);
	return refuse_letter(err, argc, argv);
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

	make_tables(&t, p->opts->as_kexec, argc, argv);
	opterr = 0;
	optind = 0;                /* glibc: start over */
	while ((c = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		if (c == '?' && optopt == '?') {
			p->seen |= BIT(OPT_HELP);
			p->opts->bad_status = p->opts->as_kexec ? EXIT_USAGE : 0;
			continue;
		}
		row = c == '?' || c == ':' ? NULL : row_found(c);
		if (!row)
			return refuse(p->err, c, argc, argv);
		if (take_option(p, row, optarg))
			return -1;
		if (p->opts->as_kexec && (row->id == OPT_HELP || row->id == OPT_VERSION))
			break;     /* as kexec(8): nothing behind it is looked at */
	}
	return 0;
}

static int understand(struct parse *p, int argc, char **argv)
{
	if (take_options(p, argc, argv))
		return -1;
	if (ask_for_help(p, argc, argv, optind))
		return 0;
	if (p->opts->as_kexec && !wants_own_action(p) ? choose_as_kexec(p) : choose_action(p))
		return -1;
	choose_slot(p);
	if (check_effects(p) || check_contradictions(p) || check_rules(p))
		return -1;
	/* What was warned of has no effect. */
	if (p->opts->as_kexec && is_crash(p) && p->opts->request.elf_args == KP_ELF_ARGS_NONE)
		p->opts->request.elf_args = KP_ELF_ARGS_AUTO;
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
	*supported = !rows[i].refusal;
	return rows[i].name;
}
