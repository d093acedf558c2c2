/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* argv -> what was asked for: every option, what contradicts, what is malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "help.h"
#include "options.h"

#define MAX_ARGS 16

struct parsed {
	char text[512];            /* the arguments, cut at blanks */
	char *argv[MAX_ARGS + 1];
	struct options opts;
	struct kp_error err;
	int rc;
};

/* Parse "-l K --append=x"; options_free() is the caller's when it worked. */
static void parse(const char *line, struct parsed *p)
{
	int argc = 0;
	char *rest;

	memset(p, 0, sizeof(*p));
	snprintf(p->text, sizeof(p->text), "kexec-park %s", line);
	for (char *word = strtok_r(p->text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_in_range(argc, 0, MAX_ARGS - 1);
		p->argv[argc++] = word;
	}
	p->rc = options_parse(argc, p->argv, &p->opts, &p->err);
}

static void parse_good(const char *line, struct parsed *p)
{
	parse(line, p);
	if (p->rc)
		fail_msg("'%s': %s", line, p->err.text);
}

/* Which action, slot and flags a command line means. */
static void test_actions(void **state)
{
	static const struct {
		const char *line;
		enum action action;
		enum kp_slot slot;
		bool plan;
	} rows[] = {
		{ "-l K", ACTION_LOAD, KP_NORMAL, false },
		{ "--load K", ACTION_LOAD, KP_NORMAL, false },
		{ "-p K", ACTION_LOAD, KP_CRASH, false },
		{ "--load-panic K", ACTION_LOAD, KP_CRASH, false },
		{ "K", ACTION_LOAD_SHUTDOWN, KP_NORMAL, false },
		{ "-e", ACTION_EXEC, KP_NORMAL, false },
		{ "--exec", ACTION_EXEC, KP_NORMAL, false },
		{ "-f K", ACTION_LOAD_EXEC, KP_NORMAL, false },
		{ "--force K", ACTION_LOAD_EXEC, KP_NORMAL, false },
		{ "-u", ACTION_UNLOAD, KP_NORMAL, false },
		{ "-u -l", ACTION_UNLOAD, KP_NORMAL, false },
		{ "-u -p", ACTION_UNLOAD, KP_CRASH, false },
		{ "-p -u", ACTION_UNLOAD, KP_CRASH, false },
		{ "-c -p -u", ACTION_UNLOAD, KP_CRASH, false },
		{ "-S", ACTION_STATUS, KP_CRASH, false },
		{ "--status", ACTION_STATUS, KP_CRASH, false },
		{ "-p -S", ACTION_STATUS, KP_CRASH, false },
		{ "-l -S", ACTION_STATUS, KP_NORMAL, false },
		{ "-S -l", ACTION_STATUS, KP_NORMAL, false },
		{ "-d -S", ACTION_STATUS, KP_CRASH, false },
		{ "--plan K", ACTION_LOAD, KP_NORMAL, true },
		{ "-p --plan K", ACTION_LOAD, KP_CRASH, true },
		{ "-f --plan K", ACTION_LOAD_EXEC, KP_NORMAL, true },
		{ "-d -p K", ACTION_LOAD, KP_CRASH, false },
		{ "-p -d K", ACTION_LOAD, KP_CRASH, false },
		{ "--capture=D", ACTION_CAPTURE, KP_NORMAL, false },
		{ "--park-status", ACTION_PARK_STATUS, KP_NORMAL, false },
		{ "--park-status --json --root=D", ACTION_PARK_STATUS, KP_NORMAL, false },
		{ "-h", ACTION_HELP, KP_NORMAL, false },
		{ "-?", ACTION_HELP, KP_NORMAL, false },
		{ "--help crash", ACTION_HELP, KP_NORMAL, false },
		{ "-e -u --help", ACTION_HELP, KP_NORMAL, false },
		{ "-v", ACTION_VERSION, KP_NORMAL, false },
		{ "--version", ACTION_VERSION, KP_NORMAL, false },
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse_good(rows[i].line, &p);
		if (p.opts.action != rows[i].action || p.opts.request.slot != rows[i].slot ||
		    p.opts.plan != rows[i].plan)
			fail_msg("'%s': action %d slot %d plan %d", rows[i].line, p.opts.action,
				 p.opts.request.slot, p.opts.plan);
		options_free(&p.opts);
	}
}

/* Each option sets its field, and one without it leaves that at zero. */
#define FIELD(line, member, value) \
	{ line, offsetof(struct options, member), sizeof(((struct options *)0)->member), value }

static void test_fields(void **state)
{
	static const struct {
		const char *line;
		size_t at, bytes;
		uint64_t value;
	} rows[] = {
		FIELD("-d", debug, 1),
		FIELD("--debug", debug, 1),
		FIELD("-i", request.no_checks, 1),
		FIELD("--no-checks", request.no_checks, 1),
		FIELD("-t bzImage", request.format, KP_FORMAT_BZIMAGE64),
		FIELD("-tbzImage64", request.format, KP_FORMAT_BZIMAGE64),
		FIELD("--type=vmlinux", request.format, KP_FORMAT_ELF64),
		FIELD("--type elf-x86_64", request.format, KP_FORMAT_ELF64),
		FIELD("--reuse-cmdline", request.reuse_cmdline, 1),
		FIELD("--mem-min=0x100000", request.mem_min, 0x100000),
		FIELD("--mem-min=4096", request.mem_min, 4096),
		FIELD("--mem-min=16M", request.mem_min, 16 << 20),
		FIELD("--mem-max=0xffffffffffffffff", request.mem_max, UINT64_MAX),
		FIELD("--mem-max=4G", request.mem_max, 4ULL << 30),
		FIELD("--mem-max=1K", request.mem_max, 1024),
		FIELD("--on-mismatch=halt", request.on_mismatch, KP_MISMATCH_HALT),
		FIELD("--on-mismatch=boot", request.on_mismatch, KP_MISMATCH_BOOT),
		FIELD("--console-serial", request.console_serial, 1),
		FIELD("--console-serial --serial=ttyS0", request.serial_port, 0x3f8),
		FIELD("--console-serial --serial=ttyS1", request.serial_port, 0x2f8),
		FIELD("--console-serial --serial=0xe010", request.serial_port, 0xe010),
		FIELD("--console-serial --serial-baud=115200", request.serial_baud, 115200),
		FIELD("--console-serial --serial-baud=9600", request.serial_baud, 9600),
		FIELD("--console-vga", request.console_vga, 1),
		FIELD("--noefi", request.no_efi, 1),
		FIELD("-p --hotplug", request.hotplug, 1),
		FIELD("--park-page", request.park, KP_PARK_AUTO),
		FIELD("--park-page=auto", request.park, KP_PARK_AUTO),
		FIELD("--park-page=try", request.park, KP_PARK_TRY),
		FIELD("--park-page=0x10000", request.park, KP_PARK_AT),
		FIELD("--park-page=0x10000", request.park_addr, 0x10000),
		FIELD("--park-page=64K", request.park_addr, 0x10000),
		FIELD("--park-page --park-mode=init", request.park_mode, KP_PARK_INIT),
		FIELD("--park-page --park-mode=clgi", request.park_mode, KP_PARK_CLGI),
		FIELD("--park-page --park-mode=clgi --force-park-mode", request.force_park_mode, 1),
		FIELD("--plan --json", json, 1),
	};
	struct parsed p;
	char line[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = 0;
		bool crash = strncmp(rows[i].line, "-p ", 3) == 0;

		snprintf(line, sizeof(line), "%s%s K", crash ? "" : "-l ", rows[i].line);
		parse_good(line, &p);
		memcpy(&value, (char *)&p.opts + rows[i].at, rows[i].bytes);
		if (value != rows[i].value)
			fail_msg("'%s': %#llx, not %#llx", line, (unsigned long long)value,
				 (unsigned long long)rows[i].value);
		options_free(&p.opts);
		parse_good("-l K", &p);
		value = 0;
		memcpy(&value, (char *)&p.opts + rows[i].at, rows[i].bytes);
		assert_int_equal(value, 0);
		options_free(&p.opts);
	}
}

static void test_immediate_flags(void **state)
{
	struct parsed p;

	(void)state;
	parse_good("-e -x -y", &p);
	assert_true(p.opts.skip_ifdown && p.opts.skip_sync);
	options_free(&p.opts);
	parse_good("-f K --no-ifdown", &p);
	assert_true(p.opts.skip_ifdown && !p.opts.skip_sync);
	options_free(&p.opts);
}

static void test_texts(void **state)
{
	struct parsed p;

	(void)state;
	parse_good("-p K --initrd=a --append=quiet --ramdisk b --initrd=c", &p);
	assert_string_equal(p.opts.request.image, "K");
	assert_string_equal(p.opts.request.cmdline, "quiet");
	assert_int_equal(p.opts.request.n_initrds, 3);
	assert_string_equal(p.opts.request.initrds[0], "a");
	assert_string_equal(p.opts.request.initrds[1], "b");
	assert_string_equal(p.opts.request.initrds[2], "c");
	assert_string_equal(p.opts.root, "");
	options_free(&p.opts);
	parse_good("--plan --root=D --command-line x K", &p);
	assert_string_equal(p.opts.root, "D");
	assert_string_equal(p.opts.request.cmdline, "x");
	options_free(&p.opts);
	parse_good("--help crash", &p);
	assert_string_equal(p.opts.topic, "crash");
	options_free(&p.opts);
}

/* Options behind the kernel count, as SUSE's scripts need; "--" ends them. */
static void test_permutes(void **state)
{
	struct parsed p;

	(void)state;
	parse_good("K --append=x -p --initrd=I", &p);
	assert_string_equal(p.opts.request.image, "K");
	assert_int_equal(p.opts.request.slot, KP_CRASH);
	assert_string_equal(p.opts.request.initrds[0], "I");
	options_free(&p.opts);
	parse_good("-l -- --K", &p);
	assert_string_equal(p.opts.request.image, "--K");
	options_free(&p.opts);
}

/* What is refused, and the words that the operator needs to see. */
static void test_refusals(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "", "no kernel was named" },
		{ "-l", "no kernel was named" },
		{ "-p --append=x", "no kernel was named" },
		{ "-l K L", "unexpected argument 'L'" },
		{ "-e K", "unexpected argument 'K'" },
		{ "-u K", "unexpected argument 'K'" },
		{ "-S K", "unexpected argument 'K'" },
		{ "--bogus K", "unknown or ambiguous option --bogus" },
		{ "--no K", "unknown or ambiguous option --no" },
		{ "-z K", "unknown option -z" },
		{ "-lz K", "unknown option -z" },
		{ "-l K --initrd", "--initrd needs a value" },
		{ "-l K -t", "-t needs a value" },
		{ "-l K --noefi=1", "--noefi takes no value" },
		{ "-l K --append=a --command-line=b", "--command-line was given twice" },
		{ "-l K --initrd=", "--initrd needs the name of a file" },

		{ "-e -u", "--exec and --unload cannot be combined" },
		{ "-e -f K", "--exec and --force cannot be combined" },
		{ "-u -S", "--unload and --status cannot be combined" },
		{ "--capture=D --park-status", "--capture and --park-status cannot be combined" },
		{ "-l -p K", "--load and --load-panic cannot be combined" },
		{ "-l -f K", "--load has no effect with --force" },
		{ "-p -f K", "--load-panic has no effect with --force" },
		{ "-l -e", "--load has no effect with --exec" },
		{ "-p -e", "--load-panic has no effect with --exec" },

		{ "-u --mem-min=1M", "--mem-min has no effect with --unload" },
		{ "-e --append=x", "--append has no effect with --exec" },
		{ "-S --initrd=x", "--initrd has no effect with --status" },
		{ "-S -c", "--kexec-syscall has no effect with --status" },
		{ "-e --plan", "--plan has no effect with --exec" },
		{ "-u --plan", "--plan has no effect with --unload" },
		{ "-l K -x", "--no-ifdown has no effect when a kernel is only loaded" },
		{ "-p K -y", "--no-sync has no effect when a kernel is only loaded" },
		{ "K -x", "--no-ifdown has no effect when shutdown(8) does the reboot" },
		{ "-f --plan -x K", "--no-ifdown has no effect with --plan" },
		{ "-l K --serial=ttyS0", "--serial has no effect without --console-serial" },
		{ "-l K --serial-baud=9600",
		  "--serial-baud has no effect without --console-serial" },
		{ "-l K --on-mismatch=reset -i", "--on-mismatch has no effect with --no-checks" },
		{ "-l K --hotplug", "--hotplug has no effect without --load-panic" },
		{ "-l K --park-mode=hlt", "--park-mode has no effect without --park-page" },
		{ "-l K --park-page=off --park-mode=hlt", "--park-mode has no effect without" },
		{ "-l K --force-park-mode", "--force-park-mode has no effect without --park-page" },
		{ "-l K --park-page --force-park-mode", "without --park-mode=clgi" },
		{ "-l K --json", "--json has no effect without --plan or --park-status" },
		{ "-l K --root=D", "--root is for --plan and --park-status" },
		{ "--capture=D --root=E", "--root has no effect with --capture" },
		{ "-l K --mem-min=2M --mem-max=1M", "--mem-min is above --mem-max" },

		{ "-l K --mem-min=lots", "--mem-min=lots: not an address" },
		{ "-l K --mem-min=-1", "--mem-min=-1: not an address" },
		{ "-l K --mem-min=", "--mem-min=: not an address" },
		{ "-l K --mem-min=0x", "--mem-min=0x: not an address" },
		{ "-l K --mem-min=1T", "--mem-min=1T: not an address" },
		{ "-l K --mem-min=1MB", "--mem-min=1MB: not an address" },
		{ "-l K --mem-max=0x10000000000000000", "0x10000000000000000: not an address" },
		{ "-l K --mem-max=18446744073709551616", "18446744073709551616: not an address" },
		{ "-l K --mem-max=17179869184G", "17179869184G: not an address" },
		{ "-l K --mem-max=0", "--mem-max=0: leaves no memory" },
		{ "-l K -t multiboot-x86", "--type=multiboot-x86: not a supported type" },
		{ "-l K --on-mismatch=ignore", "--on-mismatch=ignore: give reset, halt or boot" },
		{ "-l K --console-serial --serial=ttyS2", "--serial=ttyS2: give ttyS0, ttyS1 or" },
		{ "-l K --console-serial --serial=0x10000", "--serial=0x10000: give" },
		{ "-l K --console-serial --serial=0x0", "--serial=0x0: give" },
		{ "-l K --console-serial --serial-baud=0", "--serial-baud=0: give 115200" },
		{ "-l K --console-serial --serial-baud=1", "--serial-baud=1: give 115200" },
		{ "-l K --console-serial --serial-baud=110000", "--serial-baud=110000: give" },
		{ "-l K --park-page=0x10001", "--park-page=0x10001: give auto, off, try or" },
		{ "-l K --park-page=here", "--park-page=here: give auto" },
		{ "-l K --park-page --park-mode=mwait",
		  "--park-mode=mwait: give hlt, init or clgi" },
		{ "--plan --root= K", "--root needs the directory" },
		{ "--capture=", "--capture needs the name of a directory" },

		{ "-s -p K", "--kexec-file-syscall is an option of kexec-tools" },
		{ "-a -l K", "--kexec-syscall-auto is an option of kexec-tools" },
		{ "-l K --args-linux", "--args-linux is an option of kexec-tools" },
		{ "-l K --entry=5", "--entry is an option of kexec-tools" },
		{ "--print-ckr-size", "--print-ckr-size is an option of kexec-tools" },
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].line, &p);
		if (p.rc == 0)
			fail_msg("'%s' was taken", rows[i].line);
		if (!strstr(p.err.text, rows[i].says))
			fail_msg("'%s': \"%s\" does not say \"%s\"", rows[i].line, p.err.text,
				 rows[i].says);
		assert_int_equal(p.err.code, KP_USAGE);
		assert_null(p.opts.request.initrds);
	}
}

/* Every topic fits a screen of 24 lines, one of them the prompt's, and 80 columns. */
static void test_help_fits(void **state)
{
	(void)state;
	for (unsigned i = 0; help_topic(i); i++) {
		const char *text = help_text(help_topic(i));
		unsigned lines = 0;

		for (; *text; lines++) {
			size_t width = strcspn(text, "\n");

			if (width > 79)
				fail_msg("help %s: %zu columns: %.*s", help_topic(i), width,
					 (int)width, text);
			assert_int_equal(text[width], '\n');
			text += width + 1;
		}
		if (lines > 23)
			fail_msg("help %s: %u lines", help_topic(i), lines);
	}
	assert_null(help_text("nonsense"));
}

static bool in_some_topic(const char *option)
{
	for (unsigned i = 0; help_topic(i); i++)
		if (strstr(help_text(help_topic(i)), option))
			return true;
	return false;
}

static char *read_manual(void)
{
	const char *dir = getenv("top_srcdir");
	char path[4096];
	char *text = calloc(1, 1 << 18);
	FILE *file;

	snprintf(path, sizeof(path), "%s/man/kexec-park.8", dir ? dir : ".");
	file = fopen(path, "r");
	if (!file || !text || fread(text, 1, (1 << 18) - 1, file) == 0)
		fail_msg("cannot read %s", path);
	fclose(file);
	return text;
}

/* No option without a word on it, in --help and in the manual. */
static void test_documented(void **state)
{
	char *manual = read_manual();
	char option[64];
	bool supported;
	const char *name;

	(void)state;
	for (size_t i = 0; (name = options_name(i, &supported)); i++) {
		if (!supported)
			continue;
		snprintf(option, sizeof(option), "--%s", name);
		if (strcmp(name, "version") && strcmp(name, "help") && !in_some_topic(option))
			fail_msg("%s is in no topic of --help", option);
		snprintf(option, sizeof(option), "Fl Fl %s", name);
		if (!strstr(manual, option))
			fail_msg("--%s is not in kexec-park(8)", name);
	}
	free(manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_immediate_flags),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_permutes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_help_fits),
		cmocka_unit_test(test_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
