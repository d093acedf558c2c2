/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmdline.h"
#include "plan_fixture.h"

static const struct build_row {
	const char *name;
	enum kp_slot slot;
	const char *running, *asked;
	bool reuse;
	struct kp_cmdline_extra extra;
	const char *expect;
} build_rows[] = {
	{ "nothing at all", KP_NORMAL, "quiet", NULL, false, { 0, 0 }, "" },
	{ "append alone replaces",
	  KP_NORMAL,
	  "quiet",
	  "root=/dev/sda",
	  false,
	  { 0, 0 },
	  "root=/dev/sda" },
	{ "reuse drops what is of this boot",
	  KP_NORMAL,
	  "BOOT_IMAGE=/v initrd=\\initrd.img root=/dev/sda elfcorehdr=0x1000 crashkernel=1G ro",
	  NULL,
	  true,
	  { 0, 0 },
	  "root=/dev/sda crashkernel=1G ro" },
	{ "a crash kernel reserves nothing itself",
	  KP_CRASH,
	  "crashkernel=1G,high crashkernel=72M,low ro",
	  NULL,
	  true,
	  { 0, 0 },
	  "ro" },
	{ "reuse, then append", KP_NORMAL, "  a=1   b ", "c d", true, { 0, 0 }, "a=1 b c d" },
	{ "quotes hold a word together",
	  KP_NORMAL,
	  "dyndbg=\"file BOOT_IMAGE=x +p\" ro",
	  NULL,
	  true,
	  { 0, 0 },
	  "dyndbg=\"file BOOT_IMAGE=x +p\" ro" },
	{ "names must match whole",
	  KP_CRASH,
	  "crashkernelx=1 xcrashkernel=2 BOOT_IMAGES=3",
	  NULL,
	  true,
	  { 0, 0 },
	  "crashkernelx=1 xcrashkernel=2 BOOT_IMAGES=3" },
	{ "elfcorehdr comes last, in bytes",
	  KP_CRASH,
	  "",
	  "ro",
	  false,
	  { 0xafff0000, 0 },
	  "ro elfcorehdr=0xafff0000" },
	{ "the ACPI root is told",
	  KP_CRASH,
	  "",
	  "ro",
	  false,
	  { 0x1000, 0x7fe0014 },
	  "ro acpi_rsdp=0x7fe0014 elfcorehdr=0x1000" },
	{ "unless it was told already",
	  KP_NORMAL,
	  "acpi_rsdp=0x5",
	  NULL,
	  true,
	  { 0, 0x7fe0014 },
	  "acpi_rsdp=0x5" },
	{ "the loader's words come before init's",
	  KP_CRASH,
	  "",
	  "ro -- single",
	  false,
	  { 0x1000, 0 },
	  "ro elfcorehdr=0x1000 -- single" },
	{ "what is appended to a reused line is for the same reader",
	  KP_NORMAL,
	  "quiet --  a -- b",
	  "ro -- c",
	  true,
	  { 0, 0x5 },
	  "quiet ro acpi_rsdp=0x5 -- a -- b c" },
	{ "any blank may surround a --",
	  KP_NORMAL,
	  "",
	  "ro\t--\tM e",
	  false,
	  { 0, 0 },
	  "ro -- M e" },
	{ "only a bare -- ends the kernel's words",
	  KP_CRASH,
	  "",
	  "x=-- \" -- \" --y",
	  false,
	  { 0x1000, 0 },
	  "x=-- \" -- \" --y elfcorehdr=0x1000" },
	{ "loader words alone", KP_CRASH, "", NULL, false, { 0x1000, 0 }, "elfcorehdr=0x1000" },
};

static void builds(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(build_rows); i++) {
		const struct build_row *row = &build_rows[i];
		const char *line = NULL;

		f->machine.cmdline = row->running;
		f->req = (struct kp_request){
			.slot = row->slot, .cmdline = row->asked, .reuse_cmdline = row->reuse };
		assert_int_equal(kp_cmdline_build(&f->req, &f->machine, &f->image, &row->extra,
						  &f->arena, &line, &f->err),
				 0);
		if (strcmp(line, row->expect))
			fail_msg("%s: \"%s\", not \"%s\"", row->name, line, row->expect);
	}
}

static int build_of_length(struct fixture *f, size_t n)
{
	const struct kp_cmdline_extra none = { 0 };
	const char *line;
	char text[4097];

	memset(text, 'x', n);
	text[n] = '\0';
	f->req.cmdline = text;
	return kp_cmdline_build(&f->req, &f->machine, &f->image, &none, &f->arena, &line, &f->err);
}

static void refuses_a_line_too_long_with_both_numbers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(build_of_length(f, 2047), 0);
	assert_int_equal(build_of_length(f, 2048), -1);
	assert_int_equal(f->err.code, KP_USAGE);
	assert_non_null(strstr(f->err.text, "2048"));
	assert_non_null(strstr(f->err.text, "2047"));
	f->image.cmdline_max = 255;
	assert_int_equal(build_of_length(f, 255), 0);
	assert_int_equal(build_of_length(f, 256), -1);
	f->image.cmdline_max = 4095; /* a kernel built with a COMMAND_LINE_SIZE of its own */
	assert_int_equal(build_of_length(f, 4095), 0);
	assert_int_equal(build_of_length(f, 4096), -1);
	assert_non_null(strstr(f->err.text, "4096 bytes, 1 more than the 4095"));
}

/* Found by fuzzing: elfcorehdr= became part of the last word, and no dump was to be had. */
static void refuses_a_quote_without_its_pair(void **state)
{
	static const struct {
		const char *running, *asked;
		bool reuse;
		int rc;
	} rows[] = {
		{ "", "ro ma\"cpus=1", false, -1 },
		{ "", "\"", false, -1 },
		{ "", "a=\"b c\" d=\"", false, -1 },
		{ "a=\"b", "ro", true, -1 },
		{ "a=\"b", "c\"", true, -1 },
		{ "a=\"b", "ro", false, 0 },
		{ "", "a=\"b c\" d=\"\"", false, 0 },
	};
	const struct kp_cmdline_extra extra = { .elfcorehdr = 0x1000 };
	struct fixture *f = *state;
	const char *line;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->machine.cmdline = rows[i].running;
		f->req = (struct kp_request){ .slot = KP_CRASH, .cmdline = rows[i].asked,
					      .reuse_cmdline = rows[i].reuse };
		assert_int_equal(kp_cmdline_build(&f->req, &f->machine, &f->image, &extra,
						  &f->arena, &line, &f->err), rows[i].rc);
		if (rows[i].rc)
			assert_int_equal(f->err.code, KP_USAGE);
		else
			assert_true(kp_cmdline_is(line, "elfcorehdr", "0x1000"));
	}
}

static const struct find_row {
	const char *line, *name, *value;
	bool is;
} find_rows[] = {
	{ "nr_cpus=1", "nr_cpus", "1", true },
	{ "nr_cpus=1 nr_cpus=4", "nr_cpus", "1", false },
	{ "nr_cpus=4 ro nr_cpus=1", "nr_cpus", "1", true },
	{ "nr_cpus=16", "nr_cpus", "1", false },
	{ "xnr_cpus=1", "nr_cpus", "1", false },
	{ "nr_cpus", "nr_cpus", "1", false },
	{ "a=\"nr_cpus=1 \"", "nr_cpus", "1", false },
	{ "", "nr_cpus", "1", false },
};

static void finds_the_last_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(find_rows); i++)
		if (kp_cmdline_is(find_rows[i].line, find_rows[i].name, find_rows[i].value) !=
		    find_rows[i].is)
			fail_msg("\"%s\": %s=%s", find_rows[i].line, find_rows[i].name,
				 find_rows[i].value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(builds),
		fixture_test(refuses_a_line_too_long_with_both_numbers),
		fixture_test(refuses_a_quote_without_its_pair),
		fixture_test(finds_the_last_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
