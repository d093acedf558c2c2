/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "option_setters.h"
#include "option_values.h"

#define UNUSED(a) (void)(a)

OPTION_SETTER(option_set_member)
{
	char *at = (char *)opts;

	if (row->choice)
		return option_choose(row, value, (unsigned *)(at + row->choice), err);
	if (row->flag)
		*(bool *)(at + row->flag) = true;
	return 0;
}

/* ---- files and directories ----------------------------------------------------------------- */

/* @kind is "file" or "directory". */
static int set_name(const char **out, const struct option_row *row, const char *value,
		    const char *kind, struct kp_error *err)
{
	if (*value == '\0')
		return option_wrong(err, "--%s needs the name of a %s", row->name, kind);
	*out = value;
	return 0;
}

OPTION_SETTER(set_capture)
{
	return set_name(&opts->capture_dir, row, value, "directory", err);
}

OPTION_SETTER(set_report)
{
	return set_name(&opts->report, row, value, "file", err);
}

OPTION_SETTER(set_svg)
{
	return set_name(&opts->svg, row, value, "file", err);
}

OPTION_SETTER(set_root)
{
	UNUSED(row);
	if (*value == '\0')
		return option_wrong(err, "--root needs the directory of a captured machine");
	opts->root = value;
	return 0;
}

OPTION_SETTER(add_initrd)
{
	const char *name = NULL;

	if (set_name(&name, row, value, "file", err))
		return -1;
	if (opts->as_kexec)        /* which takes the last one */
		opts->request.n_initrds = 0;
	/* options_parse() made room for one an argument. */
	((const char **)opts->request.initrds)[opts->request.n_initrds++] = name;
	return 0;
}

/* ---- which system call, which image, its command line --------------------------------------- */

/* Of the three, the last one given counts: a script's may stand before or behind a setting's. */
static int set_call(struct options *opts, enum kp_call call)
{
	opts->call = call;
	opts->call_given = true;
	return 0;
}

OPTION_SETTER(set_classic)
{
	UNUSED(row), UNUSED(value), UNUSED(err);
	return set_call(opts, KP_CALL_LOAD);
}

OPTION_SETTER(set_file_call)
{
	UNUSED(row), UNUSED(value), UNUSED(err);
	return set_call(opts, KP_CALL_FILE);
}

OPTION_SETTER(set_auto_call)
{
	UNUSED(row), UNUSED(value), UNUSED(err);
	return set_call(opts, KP_CALL_AUTO);
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

OPTION_SETTER(set_type)
{
	UNUSED(row);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(value, types[i].name) != 0)
			continue;
		if (types[i].why)
			return option_wrong(err, "--type=%s cannot be loaded: %s", value,
					    types[i].why);
		opts->request.format = types[i].format;
		return 0;
	}
	return option_wrong(err, "--type=%s: not a type of image: give bzImage (bzImage64), vmlinux "
			    "(elf-x86_64) or uki", value);
}

OPTION_SETTER(set_args_linux)
{
	UNUSED(row), UNUSED(value), UNUSED(err);
	opts->request.elf_args = KP_ELF_ARGS_LINUX;
	return 0;
}

OPTION_SETTER(set_args_none)
{
	UNUSED(row), UNUSED(value), UNUSED(err);
	opts->request.elf_args = KP_ELF_ARGS_NONE;
	return 0;
}

OPTION_SETTER(set_append)
{
	UNUSED(row), UNUSED(err);
	opts->request.cmdline = value;
	return 0;
}

/* ---- addresses ------------------------------------------------------------------------------ */

static int set_address(const struct option_row *row, const char *value, uint64_t *out,
		       struct kp_error *err)
{
	if (!parse_bytes(value, out))
		return option_wrong(err, "--%s=%s: not an address: give bytes in decimal or as 0x..., "
				    "with or without K, M or G behind it", row->name, value);
	return 0;
}

OPTION_SETTER(set_mem_min)
{
	if (opts->as_kexec && *value == '\0')
		return 0;
	return set_address(row, value, &opts->request.mem_min, err);
}

OPTION_SETTER(set_mem_max)
{
	if (set_address(row, value, &opts->request.mem_max, err))
		return -1;
	if (opts->request.mem_max == 0)
		return option_wrong(err, "--mem-max=%s: leaves no memory at all", value);
	return 0;
}

/* Of no use here, but kexec(8) looks at the number. */
OPTION_SETTER(check_entry)
{
	uint64_t unused;

	UNUSED(opts);
	return *value && set_address(row, value, &unused, err) ? -1 : 0;
}

/* ---- consoles and traces --------------------------------------------------------------------- */

/* An 8250 divides 115200 by a 16-bit number. */
static int set_baud(const struct option_row *row, const char *value, uint32_t *out,
		    struct kp_error *err)
{
	uint64_t baud;

	if (!parse_number(value, &baud) || baud == 0 || 115200 % baud != 0 ||
	    115200 / baud > 0xffff)
		return option_wrong(err, "--%s=%s: give 115200 or a divisor of it: 57600, 38400, "
				    "19200, 9600, ...", row->name, value);
	*out = (uint32_t)baud;
	return 0;
}

OPTION_SETTER(set_serial_baud)
{
	return set_baud(row, value, &opts->request.serial_baud, err);
}

static int bad_serial(const char *value, struct kp_error *err)
{
	return option_wrong(err, "--serial=%s: give auto, ttyS0, ttyS1, an I/O port from 0x1 to "
			    "0xfff8, or io, mmio or mmio32 with an address, as "
			    "mmio32,0xfe034000[,BAUD]", value);
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
static int set_serial_address(struct options *opts, const struct option_row *row,
			      const char *value, struct kp_error *err)
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
		if (*end && set_baud(row, end + 1, &opts->request.serial_baud, err))
			return -1;
		return kinds[i].kind == KP_SERIAL_PORT ? set_port(opts, at, value, err) :
			set_mmio(opts, kinds[i].kind, at, value, err);
	}
	return bad_serial(value, err);
}

/* The PC's COM1 and COM2, any 8250 by its port or address, or the one that firmware names. */
OPTION_SETTER(set_serial)
{
	static const struct option_word words[] = {
		{ "ttyS0", 0x3f8 }, { "ttyS1", 0x2f8 }, { NULL, 0 } };
	unsigned named;
	uint64_t port;

	if (strcmp(value, "auto") == 0) {
		opts->request.serial = KP_SERIAL_AUTO;
		return 0;
	}
	if (parse_word(value, words, &named))
		return set_port(opts, named, value, err);
	if (strncmp(value, "0x", 2) == 0 && parse_number(value, &port))
		return set_port(opts, port, value, err);
	return set_serial_address(opts, row, value, err);
}

OPTION_SETTER(set_console_fb)
{
	static const struct option_word words[] = { { "rotate:0", 0 }, { "rotate:1", 1 },
		{ "rotate:2", 2 }, { "rotate:3", 3 }, { NULL, 0 } };

	UNUSED(row);
	opts->request.console_fb = true;
	if (value && !parse_word(value, words, &opts->request.fb_rotate))
		return option_wrong(err, "--console-fb=%s: give rotate:0 to rotate:3, as "
				    "fbcon=rotate: counts quarters of a turn", value);
	return 0;
}

/* Only the BMC's event log survives every reset. */
OPTION_SETTER(set_trace)
{
	UNUSED(row);
	if (strcmp(value, "ipmi") != 0)
		return option_wrong(err, "--trace=%s: give ipmi", value);
	opts->request.trace_ipmi = true;
	return 0;
}

/* ---- parking --------------------------------------------------------------------------------- */

OPTION_SETTER(set_park_page)
{
	static const struct option_word words[] = { { "auto", KP_PARK_AUTO },
		{ "off", KP_PARK_OFF }, { "try", KP_PARK_TRY }, { NULL, 0 } };
	unsigned want = KP_PARK_AUTO;

	UNUSED(row);
	if (value && !parse_word(value, words, &want)) {
		if (!parse_bytes(value, &opts->request.park_addr) ||
		    opts->request.park_addr % 4096 != 0)
			return option_wrong(err, "--park-page=%s: give auto, off, try or an address "
					    "that is a multiple of 4096, such as 0x10000", value);
		want = KP_PARK_AT;
	}
	opts->request.park = (enum kp_park_want)want;
	return 0;
}
