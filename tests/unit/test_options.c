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
#include "in_range.h"
#include "option_parse.h"
#include "option_table.h"

#define MAX_ARGS 16

struct parsed {
	char text[512];            /* the arguments, cut at blanks */
	char *argv[MAX_ARGS + 1];
	struct options opts;
	struct kp_error err;
	int rc;
};

/* Parse "-l K --append=x"; options_free() is the caller's when it worked. */
static void parse_as(const char *name, const char *line, struct parsed *p)
{
	int argc = 0;
	char *rest;

	memset(p, 0, sizeof(*p));
	snprintf(p->text, sizeof(p->text), "%s %s", name, line);
	for (char *word = strtok_r(p->text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_uint_in_range(argc, 0, MAX_ARGS - 1);
		p->argv[argc++] = word;
	}
	p->rc = options_parse(argc, p->argv, &p->opts, &p->err);
}

static void parse(const char *line, struct parsed *p)
{
	parse_as("kexec-park", line, p);
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
		{ "-l -f K", ACTION_LOAD_EXEC, KP_NORMAL, false },
		{ "-l -p K", ACTION_LOAD, KP_CRASH, false },
		{ "-p -l K", ACTION_LOAD, KP_CRASH, false },
		{ "-s -s -p K", ACTION_LOAD, KP_CRASH, false },
		{ "-s -p -u", ACTION_UNLOAD, KP_CRASH, false },
		{ "-a -u", ACTION_UNLOAD, KP_NORMAL, false },
		{ "--print-ckr-size", ACTION_CRASH_SIZE, KP_NORMAL, false },
		{ "-d -p K", ACTION_LOAD, KP_CRASH, false },
		{ "-p -d K", ACTION_LOAD, KP_CRASH, false },
		{ "--capture=D", ACTION_CAPTURE, KP_NORMAL, false },
		{ "--report=F", ACTION_REPORT, KP_NORMAL, false },
		{ "--report=F --root=D --append=x K", ACTION_REPORT, KP_NORMAL, false },
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
		FIELD("--console-serial --serial=auto", request.serial, KP_SERIAL_AUTO),
		FIELD("--console-serial --serial=mmio,0xfe0,9600", request.serial, KP_SERIAL_MMIO),
		FIELD("--console-serial --serial=mmio,0xfe1,9600", request.serial_address, 0xfe1),
		FIELD("--console-serial --serial=mmio,0xfe0,9600", request.serial_baud, 9600),
		FIELD("--console-serial --serial=uart8250,mmio32,0xfe00000000", request.serial,
		      KP_SERIAL_MMIO32),
		FIELD("--console-serial --serial=io,0x2e8,57600", request.serial_port, 0x2e8),
		FIELD("--console-fb", request.console_fb, 1),
		FIELD("--console-fb=rotate:3", request.fb_rotate, 3),
		FIELD("--no-post", request.no_post, 1),
		FIELD("--trace=ipmi", request.trace_ipmi, 1),
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
		FIELD("-t uki", request.format, KP_FORMAT_UKI),
		FIELD("-s", call, KP_CALL_FILE),
		FIELD("-a", call, KP_CALL_AUTO),
		FIELD("-c -a", call, KP_CALL_AUTO),
		FIELD("-s --no-cma", request.no_cma, 1),
		FIELD("-s --force-dtb", request.force_dtb, 1),
		FIELD("--args-linux", request.elf_args, KP_ELF_ARGS_LINUX),
		FIELD("--args-none", request.elf_args, KP_ELF_ARGS_NONE),
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

static void test_an_empty_name_is_no_kernel(void **state)
{
	char tool[] = "kexec-park", load[] = "-l", empty[] = "";
	char *argv[] = { tool, load, empty, NULL };
	struct options opts;
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(options_parse(3, argv, &opts, &err), -1);
	assert_non_null(strstr(err.text, "empty"));
	options_free(&opts);
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
		{ "--bogus K", "unknown option --bogus; see --help" },
		{ "--no K", "ambiguous option --no: --no-ifdown, --no-sync, --no-checks, " },
		{ "--park=x K", "ambiguous option --park=x: --park-status, --park-page, --park-mode" },
		{ "-plan K", "unknown option -n: did you mean --plan, with two dashes?" },
		{ "-l -append=x K", "did you mean --append, with two dashes?" },
		{ "-lpn K", "unknown option -n; see --help" },
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
		{ "-l K --root=D", "--root is for --plan, --park-status" },
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
		{ "-l K -t multiboot-x86", "--type=multiboot-x86 cannot be loaded: Multiboot" },
		{ "-l K --on-mismatch=ignore", "--on-mismatch=ignore: give reset, halt or boot" },
		{ "-l K --console-serial --serial=ttyS2", "--serial=ttyS2: give auto, ttyS0, ttyS1," },
		{ "-l K --console-serial --serial=0x10000", "--serial=0x10000: give" },
		{ "-l K --console-serial --serial=0x0", "--serial=0x0: give" },
		{ "-l K --console-serial --serial=mmio32", "--serial=mmio32: give auto, ttyS0" },
		{ "-l K --console-serial --serial=mmio32,", "--serial=mmio32,: give" },
		{ "-l K --console-serial --serial=mmio32,0x0", "--serial=mmio32,0x0: give" },
		{ "-l K --console-serial --serial=mmio32,0x1002", "mmio32,0x1002: give" },
		{ "-l K --console-serial --serial=mmio,4096", "--serial=mmio,4096: give" },
		{ "-l K --console-serial --serial=mmio,0x10000000000000", "give auto" },
		{ "-l K --console-serial --serial=mmio,0x1000x", "mmio,0x1000x: give" },
		{ "-l K --console-serial --serial=mmio,0x1000,1", "give 115200 or a divisor" },
		{ "-l K --console-serial --serial=mmio,0x1000,", "give 115200 or a divisor" },
		{ "-l K --console-serial --serial=mmio16,0x1000", "mmio16,0x1000: give" },
		{ "-l K --console-serial --serial=io,0xfff9", "io,0xfff9: give" },
		{ "-l K --console-fb=rotate:4", "--console-fb=rotate:4: give rotate:0" },
		{ "-l K --console-fb=", "--console-fb=: give" },
		{ "-l K --console-serial --serial-baud=0", "--serial-baud=0: give 115200" },
		{ "-l K --console-serial --serial-baud=1", "--serial-baud=1: give 115200" },
		{ "-l K --console-serial --serial-baud=110000", "--serial-baud=110000: give" },
		{ "-l K --park-page=0x10001", "--park-page=0x10001: give auto, off, try or" },
		{ "-l K --park-page=here", "--park-page=here: give auto" },
		{ "-l K --park-page --park-mode=mwait",
		  "--park-mode=mwait: give hlt, init or clgi" },
		{ "--plan --root= K", "--root needs the directory" },
		{ "--capture=", "--capture needs the name of a directory" },
		{ "--report=", "--report needs the name of a file" },
		{ "--report=F --plan K", "--plan has no effect with --report" },
		{ "--report=F --json", "--json has no effect without --plan" },
		{ "--report=F -p K", "--load-panic has no effect with --report" },
		{ "--report=F -s K", "--kexec-file-syscall has no effect with --report" },
		{ "--report=F K L", "one kernel is loaded at a time" },
		{ "--plan --svg= K", "--svg needs the name of a file" },
		{ "-l --svg=F K", "--svg has no effect without --plan" },

		{ "-s -p K --park-page", "--park-page has no effect with --kexec-file-syscall" },
		{ "-s -l K --mem-max=1G", "--mem-max has no effect with --kexec-file-syscall: the" },
		{ "-s -l K --mem-min=1G", "--mem-min has no effect with --kexec-file-syscall: the" },
		{ "-s -l K -i", "--no-checks has no effect with --kexec-file-syscall" },
		{ "-s -l K --on-mismatch=halt", "--on-mismatch has no effect with --kexec-file" },
		{ "-s -l K --console-vga", "--console-vga has no effect with --kexec-file" },
		{ "-s -l K --console-fb", "--console-fb has no effect with --kexec-file" },
		{ "-s -l K --trace=ipmi", "--trace has no effect with --kexec-file" },
		{ "-l K --trace=", "--trace=: give ipmi" },
		{ "-l K --trace=cmos", "--trace=cmos: give ipmi" },
		{ "-s -l K --no-post", "--no-post has no effect with --kexec-file" },
		{ "-s -l K --console-serial", "--console-serial has no effect with --kexec-file" },
		{ "-s -l K --noefi", "--noefi has no effect with --kexec-file-syscall" },
		{ "-s --plan K", "--plan has no effect with --kexec-file-syscall" },
		{ "-s -l K --args-linux", "--args-linux has no effect with --kexec-file-syscall" },
		{ "-l K --force-dtb", "--force-dtb has no effect without --kexec-file-syscall" },
		{ "-l K --elf64-core-headers", "has no effect without --load-panic" },
		{ "-l K --args-none --append=x", "--append has no effect with --args-none" },
		{ "-l K --args-none --initrd=x", "--initrd has no effect with --args-none" },
		{ "-p K --args-none", "--args-none has no effect with --load-panic" },
		{ "-l K --args-none --args-linux", "cannot be combined" },
		{ "--print-ckr-size K", "unexpected argument 'K'" },
		{ "--print-ckr-size -e", "--exec and --print-ckr-size cannot be combined" },
		{ "-f -l K", "--load behind --force" },
		{ "-s -e", "--kexec-file-syscall has no effect with --exec" },
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

/*
 * The whole command line of kexec-tools 2.0.32 on x86_64, its usage texts and the tables of its
 * loaders: each option is taken, or refused with a reason that no other option has.
 */
static void test_kexec_tools(void **state)
{
	static const char *const taken[] = {
		"-h", "--help", "-v", "--version", "-l K -d", "-f K -x", "-f K --no-ifdown",
		"-f K -y", "-f K --no-sync", "-l K -i", "-l K --no-checks", "-l K", "--load K",
		"-p K", "--load-panic K", "-u", "--unload", "-e", "--exec", "-f K", "--force K",
		"-S", "--status", "-l K -s", "-l K --kexec-file-syscall", "-l K -c",
		"-l K --kexec-syscall", "-l K -a", "-l K --kexec-syscall-auto",
		"-l K -t elf-x86_64", "-l K -t bzImage64", "-l K -t bzImage", "-l K -t uki",
		"-l K --mem-min=1M", "-l K --mem-max=1G", "--print-ckr-size", "-p K --hotplug",
		"-l K --no-cma", "-s -l K --no-cma", "-s -l K --force-dtb",
		"-l K --serial=ttyS0 --console-serial --serial-baud=9600", "-l K --console-vga",
		"-l K --noefi", "-l K --reuse-video-type", "-p K --elf64-core-headers",
		"-l K --command-line=x", "-l K --append=x", "-l K --reuse-cmdline",
		"-l K --initrd=I", "-l K --ramdisk=I", "-l K --args-linux", "-l K --args-none",
	};
	static const char *const refused[] = {
		"--reuseinitrd", "--entry=0", "--load-preserve-context", "--load-jump-back-helper",
		"--load-live-update", "--exec-live-update", "--reset-vga", "--pass-memmap-cmdline",
		"--elf32-core-headers", "--real-mode", "--entry-32bit", "--dtb=D", "--args-elf",
		"--module=M", "-t elf-x86", "-t multiboot-x86", "-t multiboot2-x86",
		"-t beoboot-x86", "-t nbi-x86",
	};
	char reasons[sizeof(refused) / sizeof(refused[0])][KP_ERROR_TEXT];
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		parse_good(taken[i], &p);
		options_free(&p.opts);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char line[64];
		const char *why;

		snprintf(line, sizeof(line), "-l K %s", refused[i]);
		parse(line, &p);
		assert_int_equal(p.rc, -1);
		why = strstr(p.err.text, ": ");
		if (!why || strlen(why) < 20)
			fail_msg("'%s': no reason: %s", line, p.err.text);
		snprintf(reasons[i], sizeof(reasons[i]), "%s", why);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(reasons[i], reasons[j]);
	}
}

/* Of -c, -s and -a the last counts; kexec's own default is -a. */
static void test_calls(void **state)
{
	static const struct { const char *line; enum kp_call call; } rows[] = {
		{ "-l K", KP_CALL_LOAD }, { "-s -c -l K", KP_CALL_LOAD },
		{ "-c -s -l K", KP_CALL_FILE }, { "-p K -c -a", KP_CALL_AUTO },
		{ "-s -s -l K", KP_CALL_FILE },
	};
	char *kexec[] = { (char[]){ "/sbin/kexec" }, (char[]){ "-l" }, (char[]){ "K" }, NULL };
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse_good(rows[i].line, &p);
		assert_int_equal(p.opts.call, rows[i].call);
		assert_false(p.opts.as_kexec);
		options_free(&p.opts);
	}
	assert_int_equal(options_parse(3, kexec, &p.opts, &p.err), 0);
	assert_true(p.opts.as_kexec);
	assert_int_equal(p.opts.call, KP_CALL_AUTO);
	assert_int_equal(p.opts.request.park, KP_PARK_OFF);
	options_free(&p.opts);
}

/*
 * As kexec, what kexec-tools ignores is told of; an option of ours without effect still is an error.
 */
static void test_as_kexec(void **state)
{
	static const struct { const char *line; int rc; const char *ignored; } rows[] = {
		{ "-l K -x", 0, "no-ifdown" },
		{ "-l K --hotplug", 0, "hotplug" },
		{ "-s -l K --mem-max=1G", 0, "mem-max" },
		{ "-e --append=x", 0, "append" },
		{ "-s -e", 0, "kexec-file-syscall" },
		{ "-p K -s", 0, NULL },
		{ "-s -p K --park-page=try", 0, NULL },
		{ "-s -p K --park-page", -1, NULL },
		{ "-l K --json", -1, NULL },
		{ "-l K --real-mode", -1, NULL },
		{ "-l K --entry-32bit", -1, NULL },
		{ "-l K --reuseinitrd", -1, NULL },
		{ "-l K --load-preserve-context", -1, NULL },
		{ "-l K -t nosuch", -1, NULL },
		{ "-l K -t multiboot-x86", -1, NULL },

		{ "-l K --reset-vga", 0, "reset-vga" },
		{ "-p K --pass-memmap-cmdline", 0, "pass-memmap-cmdline" },
		{ "-p K --elf32-core-headers", 0, "elf32-core-headers" },
		{ "-p K --elf64-core-headers", 0, NULL },
		{ "-l K --elf64-core-headers", 0, "elf64-core-headers" },
		{ "-l K --args-elf", 0, "args-elf" },
		{ "-l K --args-linux", 0, NULL },
		{ "-s -l K --args-linux", 0, "args-linux" },
		{ "-l K --args-none --append=x", 0, NULL },
		{ "-p K --args-none", 0, "args-none" },
		{ "-l K --dtb=D", 0, "dtb" },
		{ "-l K --module=M", 0, "module" },
		{ "-l K --entry=0x10", 0, "entry" },
		{ "-l K --entry=here", -1, NULL },
		{ "-l K --mem-min=", 0, NULL },
		{ "-l K --mem-min=x", -1, NULL },

		{ "-l K --append=a --append=b", 0, "append" },
		{ "-p K --append=a --command-line=b", 0, "command-line" },
		{ "-l K --initrd=a --ramdisk=b", 0, "ramdisk" },
		{ "-l K --mem-min=1M --mem-min=2M", 0, "mem-min" },
		{ "-l K --mem-max=1G --mem-max=2G", 0, "mem-max" },
		{ "-l K -t uki -t bzImage", 0, "type" },
		{ "-l K --console-serial --serial=ttyS0 --serial=ttyS1", 0, "serial" },
		{ "-l K --console-serial --serial-baud=9600 --serial-baud=115200", 0,
		  "serial-baud" },
		{ "-l K --plan --svg=a --svg=b", 0, "svg" },
		{ "-l K --park-page --park-page=off", 0, "park-page" },
		{ "-l -l -d -d K", 0, NULL },

		{ "-l K quiet", 0, "quiet" },
		{ "-e K", 0, "K" },
		{ "-u K", 0, "K" },
		{ "--park-status K", -1, NULL },
		{ "--capture=D K", -1, NULL },

		{ "-l K --on-mismatch=halt --on-mismatch=boot", 0, "on-mismatch" },
		{ "-l -e", 0, "load" },
		{ "-p -e", 0, "load-panic" },
		{ "-e -l K", 0, "exec" },
		{ "-f -l K", 0, "force" },
		{ "-f -p K", 0, "force" },
		{ "-u -l K", 0, "unload" },
		{ "-S -e", 0, "exec" },
		{ "-p -f K", -1, NULL },
		{ "-u -e", -1, NULL },
		{ "-e -u", -1, NULL },
		{ "-p --print-ckr-size", 0, "load-panic" },
		{ "--park-status -e", -1, NULL },

		{ "-h --nonsense", 0, NULL },
		{ "-v -h", 0, NULL },
		{ "--nonsense -h", -1, NULL },
		{ "--pas -p K", 0, "pass-memmap-cmdline" },  /* not --park-... */
		{ "--no-c -p K", -1, NULL },
		{ "--pla K", -1, NULL },
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse_as("kexec", rows[i].line, &p);
		if (p.rc != rows[i].rc || (p.rc == 0 && p.opts.n_ignored != !!rows[i].ignored))
			fail_msg("'%s': %d, %zu ignored: %s", rows[i].line, p.rc,
				 p.opts.n_ignored, p.err.text);
		if (rows[i].ignored)
			assert_string_equal(p.opts.ignored[0].what, rows[i].ignored);
		if (p.rc == 0)
			options_free(&p.opts);
	}
}

/* As kexec: of what is given twice the last counts, of actions too; and how an error ends. */
static void test_kexec_takes_the_last(void **state)
{
	static const struct { const char *line; enum action action; enum kp_slot slot; } rows[] = {
		{ "-l -e", ACTION_EXEC, KP_NORMAL },
		{ "-e -l K", ACTION_LOAD, KP_NORMAL },
		{ "-f -l K", ACTION_LOAD, KP_NORMAL },
		{ "-l -f K", ACTION_LOAD_EXEC, KP_NORMAL },
		{ "-f -p K", ACTION_LOAD, KP_CRASH },
		{ "-p -l K", ACTION_LOAD, KP_CRASH },
		{ "-u -l K", ACTION_LOAD, KP_NORMAL },
		{ "-u -f K", ACTION_LOAD_EXEC, KP_NORMAL },
		{ "-l -u", ACTION_UNLOAD, KP_NORMAL },
		{ "-p -u", ACTION_UNLOAD, KP_CRASH },
		{ "-S -f", ACTION_STATUS, KP_CRASH },
		{ "-u -S -l", ACTION_STATUS, KP_NORMAL },
		{ "-e --print-ckr-size", ACTION_CRASH_SIZE, KP_NORMAL },
		{ "-v -h", ACTION_VERSION, KP_NORMAL },
		{ "K", ACTION_LOAD_SHUTDOWN, KP_NORMAL },
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse_as("kexec", rows[i].line, &p);
		if (p.rc || p.opts.action != rows[i].action ||
		    p.opts.request.slot != rows[i].slot)
			fail_msg("'%s': %d action %d slot %d: %s", rows[i].line, p.rc,
				 p.opts.action, p.opts.request.slot, p.err.text);
		options_free(&p.opts);
	}
	parse_as("kexec", "-l K --append=a --initrd=i --initrd=j --command-line=b --mem-max=1G "
		 "--mem-max=2G", &p);
	assert_int_equal(p.rc, 0);
	assert_string_equal(p.opts.request.cmdline, "b");
	assert_int_equal(p.opts.request.n_initrds, 1);
	assert_string_equal(p.opts.request.initrds[0], "j");
	assert_true(p.opts.request.mem_max == 2ULL << 30);
	assert_true(p.opts.request.elf_args_optional);
	options_free(&p.opts);
}

static void test_kexec_ends_as_stock(void **state)
{
	static const struct { const char *line; int status; } rows[] = {
		{ "", 255 }, { "-l", 255 }, { "-p --append=x", 255 }, { "-f", 255 },
		{ "-l K --serial=bad", 255 }, { "-l K --serial-baud=7", 255 },
		{ "-l K -t nosuch", 255 },
		{ "--nonsense", 0 }, { "-l K --mem-min=zz", 0 }, { "-l K --entry=zz", 0 },
		{ "--append", 0 }, { "-l K --reuseinitrd", 0 },
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse_as("kexec", rows[i].line, &p);
		assert_int_equal(p.rc, -1);
		if (p.opts.bad_status != rows[i].status)
			fail_msg("'%s': %d", rows[i].line, p.opts.bad_status);
		parse(rows[i].line, &p);
		assert_int_equal(p.rc, -1);
		assert_int_equal(p.opts.bad_status, 0);
	}
}

/* The page of @topic; the caller frees it. */
static char *help_page(const char *topic)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	assert_true(help_print(out, topic));
	fclose(out);
	return text;
}

/* Every topic fits a screen of 24 lines, one of them the prompt's, and 80 columns. */
static void test_help_fits(void **state)
{
	(void)state;
	for (unsigned i = 0; help_topic(i); i++) {
		char *page = help_page(help_topic(i));
		const char *text = page;
		unsigned lines = 0;

		for (; *text; lines++) {
			size_t width = strcspn(text, "\n");

			if (width > HELP_COLUMNS)
				fail_msg("help %s: %zu columns: %.*s", help_topic(i), width,
					 (int)width, text);
			if (width && text[width - 1] == ' ')
				fail_msg("help %s: a blank at the end: %.*s", help_topic(i),
					 (int)width, text);
			assert_int_equal(text[width], '\n');
			text += width + 1;
		}
		if (lines > 23)
			fail_msg("help %s: %u lines", help_topic(i), lines);
		free(page);
	}
	assert_false(help_print(stdout, "nonsense"));
}

static bool in_some_topic(const char *option)
{
	bool found = false;

	for (unsigned i = 0; help_topic(i) && !found; i++) {
		char *page = help_page(help_topic(i));

		found = strstr(page, option);
		free(page);
	}
	return found;
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

/* Whether @name ends at @behind: no longer name starts with it. */
static bool ends_here(const char *behind)
{
	return *behind == '\n' || *behind == ' ';
}

/* The text behind the heading of --@name, which is an .It of a list and the letter if there is one. */
static const char *paragraph_of(const char *manual, char letter, const char *name)
{
	char option[64], with_letter[80];

	snprintf(option, sizeof(option), "Fl Fl %s", name);
	snprintf(with_letter, sizeof(with_letter), ".It Fl %c , %s", letter, option);
	for (const char *at = manual; (at = strstr(at, option)); at++) {
		const char *line = at;

		while (line > manual && line[-1] != '\n')
			line--;
		if (strncmp(line, letter ? with_letter : ".It Fl Fl ",
			    letter ? strlen(with_letter) : strlen(".It Fl Fl ")) == 0 &&
		    ends_here(at + strlen(option)))
			return strchr(at, '\n') + 1;
	}
	return NULL;
}

static void check_manual(const char *manual, const struct option_row *row, const char *name)
{
	const char *paragraph = paragraph_of(manual, row->letter, name);

	if (!paragraph)
		fail_msg("--%s has no .It in kexec-park(8)", name);
	if (strncmp(paragraph, ".It", 3) == 0 || strncmp(paragraph, ".El", 3) == 0)
		fail_msg("--%s has no text in kexec-park(8)", name);
}

static void check_help(const char *name)
{
	char option[64];

	snprintf(option, sizeof(option), "--%s", name);
	if (!in_some_topic(option))
		fail_msg("%s is in no topic of --help", option);
}

/* The manual lists the refused ones behind the words "are refused". */
static void check_refused(const char *manual, const char *name)
{
	const char *list = strstr(manual, "\nare refused, each with its reason:\n");
	const char *end = list ? strstr(list, "\n.S") : NULL, *at;
	char option[64];

	snprintf(option, sizeof(option), ".Fl Fl %s", name);
	assert_non_null(end);
	at = strstr(list, option);
	if (!at || at > end || !ends_here(at + strlen(option)))
		fail_msg("--%s is not among the refused options of kexec-park(8)", name);
}

/* No option without a word on it, in --help and in the manual. */
static void test_documented(void **state)
{
	char *manual = read_manual();

	(void)state;
	for (const struct option_row *row = option_rows; row < option_rows + N_OPTIONS; row++) {
		const char *names[] = { row->name, row->alias };

		if (!option_is_supported(row)) {
			check_refused(manual, row->name);
			continue;
		}
		for (int i = 0; i < 2 && names[i]; i++) {
			check_manual(manual, row, names[i]);
			check_help(names[i]);
		}
	}
	free(manual);
}

/* The topics that the manual names are those that there are. */
static void test_topics_in_the_manual(void **state)
{
	char *manual = read_manual(), list[128];
	const char *at = strstr(manual, "\nPrint help; the topics are "), *end;

	(void)state;
	assert_non_null(at);
	at += strlen("\nPrint help; the topics are ");
	help_list_topics(list, sizeof(list));
	for (const char *word = list; *word; word = end + strspn(end, ", ")) {
		end = word + strcspn(word, ",");
		if (strncmp(at, word, (size_t)(end - word)) != 0)
			fail_msg("help topics in kexec-park(8): %.40s, not %s", at, word);
		at += end - word;
		at += strspn(at, ", \n");
		at += strncmp(at, "and\n", 4) == 0 ? 4 : 0;
	}
	assert_int_equal(*at, '.');
	free(manual);
}

/* Of a row each field that other fields call for is there. */
static void test_rows(void **state)
{
	(void)state;
	for (const struct option_row *row = option_rows; row < option_rows + N_OPTIONS; row++) {
		bool supported = option_is_supported(row);

		if (!row->kind || !row->name || !row->summary || !*row->summary)
			fail_msg("row %td: kind, name or summary is missing", row - option_rows);
		if (supported && (!row->works || !row->topics))
			fail_msg("--%s: supported, without .works or a topic", row->name);
		if (!supported && (row->works || row->topics || row->action))
			fail_msg("--%s: refused, with .works, .action or a topic", row->name);
		if (!!row->set + !!row->flag + !!row->choice > 1 || !row->choice != !row->words)
			fail_msg("--%s: set in two ways, or a choice without words", row->name);
		if (supported && row->arg && !row->set && !row->choice)
			fail_msg("--%s: nothing takes its value", row->name);
		if (row->flag && row->arg)
			fail_msg("--%s: a flag with a value", row->name);
		if (row->arg_optional && row->letter)
			fail_msg("--%s: an optional value cannot stand behind a letter", row->name);
		for (const struct option_row *other = option_rows; other < row; other++)
			if (!strcmp(row->name, other->name) ||
			    (row->letter && row->letter == other->letter))
				fail_msg("--%s: --%s has its name or letter", row->name, other->name);
	}
}

/*
 * The long options of kexec-tools 2.0.32 (kexec.h and x86_64's options.h): the rows that are
 * not our OWN, no more and no fewer.
 */
static void test_kexec_tools_rows(void **state)
{
	static const char *const names[] = {
		"help", "version", "load", "load-panic", "unload", "exec", "force", "status",
		"no-checks", "no-ifdown", "no-sync", "debug", "type", "mem-min", "mem-max",
		"reuseinitrd", "entry", "kexec-syscall", "kexec-file-syscall",
		"kexec-syscall-auto", "print-ckr-size", "hotplug", "no-cma", "force-dtb",
		"load-preserve-context", "load-jump-back-helper", "load-live-update",
		"exec-live-update", "reset-vga", "serial", "serial-baud", "console-vga",
		"console-serial", "elf32-core-headers", "elf64-core-headers",
		"pass-memmap-cmdline", "noefi", "reuse-video-type", "command-line", "append",
		"reuse-cmdline", "initrd", "ramdisk", "real-mode", "entry-32bit", "dtb", "module",
		"args-elf", "args-linux", "args-none" };
	unsigned n = 0, found = 0;

	(void)state;
	for (const struct option_row *row = option_rows; row < option_rows + N_OPTIONS; row++) {
		if (row->kind == OWN)
			continue;
		n += row->alias ? 2 : 1;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			found += !strcmp(row->name, names[i]) ||
				 (row->alias && !strcmp(row->alias, names[i]));
	}
	assert_int_equal(found, sizeof(names) / sizeof(names[0]));
	assert_int_equal(n, found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_immediate_flags),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_an_empty_name_is_no_kernel),
		cmocka_unit_test(test_permutes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_kexec_tools),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_as_kexec),
		cmocka_unit_test(test_kexec_takes_the_last),
		cmocka_unit_test(test_kexec_ends_as_stock),
		cmocka_unit_test(test_help_fits),
		cmocka_unit_test(test_documented),
		cmocka_unit_test(test_topics_in_the_manual),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_kexec_tools_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
