/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is left of a command line that others are to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "redact.h"

static void assert_redacted(const char *line, const char *wanted)
{
	char *got = redact_cmdline(line);

	assert_non_null(got);
	if (strcmp(got, wanted) != 0)
		fail_msg("'%s' became '%s', not '%s'", line, got, wanted);
	free(got);
}

static void test_rows(void **state)
{
	static const struct {
		const char *line, *wanted;
	} rows[] = {
		{ "", "" },
		{ "  \t ", "" },
		{ "quiet", "quiet" },
		{ "quiet  ro\tmaxcpus=1 ", "quiet ro maxcpus=1" },
		{ "nr-cpus=1 nr_cpus=2", "nr-cpus=1 nr_cpus=2" },
		{ "console=ttyS0,115200n8 memmap=4K$0x10000", "console=ttyS0,115200n8 "
		  "memmap=4K$0x10000" },
		{ "password=x", "password=(removed)" },
		{ "rd.iscsi.password=x", "rd.iscsi.password=(removed)" },
		{ "root=UUID=1-2", "root=(removed)" },
		{ "secret", "(removed)" },
		/* Neither a longer nor a shorter name is the one on the list. */
		{ "memory=x me=y consol=z", "memory=(removed) me=(removed) consol=(removed)" },
		{ "QUIET", "(removed)" },
		/* Quotes, as the kernel takes them: of a value, of a whole word, without an end. */
		{ "a=\"b c\" quiet", "a=(removed) quiet" },
		{ "a=b\" c\"d quiet", "a=(removed) quiet" },
		{ "\"a=b c\" quiet", "a=(removed) quiet" },
		{ "\"mem=1G\" \"quiet\"", "mem=(removed) (removed)" },
		{ "mem=1G\" quiet", "mem=(removed)" },
		{ "\"quiet secret\"", "(removed)" },
		{ "a=\"b quiet secret", "a=(removed)" },
		{ "\"a b\"=c", "(removed)" },
		/* What is no name may be a secret with a '=' in it. */
		{ "c2VjcmV0+/8=", "(removed)" },
		{ "c2VjcmV0cw== c2VjcmV0czE=", "(removed) (removed)" },
		{ "=secret", "(removed)" },
		{ "user:secret@host=x", "(removed)" },
		{ "quiet:secret", "(removed)" },
		/* The kernel's blanks, and bytes that are none. */
		{ "quiet\xa0secret\xa0ro", "quiet (removed) ro" },
		{ "mem=1G\xa0secret\vquiet\fro", "mem=1G (removed) quiet ro" },
		{ "mem=1G\x85secret quiet\xc2\xa0ro", "mem=(removed) (removed) ro" },
		/* Values of names on the list that are not what such names take. */
		{ "mem=", "mem=(removed)" },
		{ "mem= secret", "mem=(removed) (removed)" },
		{ "mem=1G=secret console=a=b", "mem=(removed) console=(removed)" },
		{ "mem=\"secret\" console=tty\"0", "mem=(removed) console=(removed)" },
		{ "mem=a\\b mem=a*b mem=a?b mem=a'b", "mem=(removed) mem=(removed) mem=(removed) "
		  "mem=(removed)" },
		{ "crashkernel=512M-2G:64M,2G-:128M@16M memmap=4K#1,1M!2G,2%1-3+4",
		  "crashkernel=512M-2G:64M,2G-:128M@16M memmap=4K#1,1M!2G,2%1-3+4" },
		/* Of a boot loader's path, the file alone. */
		{ "BOOT_IMAGE=(hd0,gpt2)/host/@snap/vmlinuz-6.1", "BOOT_IMAGE=vmlinuz-6.1" },
		{ "BOOT_IMAGE=/boot/ BOOT-IMAGE=a/b BOOT_IMAGE=/", "BOOT_IMAGE=(removed) BOOT-IMAGE=b "
		  "BOOT_IMAGE=(removed)" },
		/* For init. */
		{ "quiet -- secret quiet", "quiet -- (removed)" },
		{ "quiet --", "quiet --" },
		{ "--quiet", "(removed)" },
		{ "quiet --=x", "quiet --=(removed)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_redacted(rows[i].line, rows[i].wanted);
}

/* Each name on the list is kept, with a value and alone. */
static void test_kept(void **state)
{
	(void)state;
	for (unsigned i = 0; redact_kept(i); i++) {
		char line[128] = "";

		strcat(strcat(strcat(strcat(line, redact_kept(i)), " "), redact_kept(i)), "=x,y");
		assert_redacted(line, line);
	}
	assert_non_null(redact_kept(0));
}

static void test_files(void **state)
{
	static const struct {
		const char *path;
		bool kept;
	} rows[] = {
		{ "proc/iomem", true }, { "sys/kernel/kexec_crash_size", true },
		{ "sys/firmware/memmap/12/type", true }, { "kexec-park/facts", true },
		{ "sys/devices/system/cpu/cpu0/crash_notes_size", true },
		{ "proc/kcore", false }, { "proc/kallsyms", false }, { "proc/iomem2", false },
		{ "sys/firmware/memmap/12/type/x", false }, { "sys/firmware/edd/d/raw_data", false },
		{ "sys/kernel/security/x", false }, { "proc/", false }, { "", false },
		{ "sys/kernel/kexec/.hidden", false }, { "a/proc/iomem", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (redact_keeps_file(rows[i].path) != rows[i].kept)
			fail_msg("%s", rows[i].path);
}

static void test_cpuinfo(void **state)
{
	static const struct {
		const char *line;
		bool kept;
	} rows[] = {
		{ "processor\t: 0\n", true }, { "model name\t: A: B\n", true }, { "\n", true },
		{ "", true }, { "flags\t\t: fpu\n", true },
		{ "serial\t: 1\n", false }, { "model names: x\n", false }, { "models\n", false },
		{ "model\n", false }, { ": x\n", false }, { "flag\t: x\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (redact_keeps_of_cpuinfo(rows[i].line) != rows[i].kept)
			fail_msg("'%s'", rows[i].line);
}

/* ---- secrets, planted in a thousand ways -------------------------------------------------- */

#define SECRET "hunter2"

/* %s is the secret. Wherever one stands, it may follow or precede any other: see plant(). */
static const char *const hides[] = {
	"%s", "x%s", "password=%s", "a.b-c=%s", "=%s", "mem==%s", "mem=1G=%s", "mem=\"%s\"",
	"mem=\"1G %s\"", "\"mem=1G %s\"", "\"mem=%s\"", "\"quiet %s\"", "\"%s", "mem= %s",
	"console=ttyS0 %s", "quiet\xa0%s", "mem=1G\xa0%s", "mem=1G\t%s", "mem=1G\x85%s",
	"BOOT_IMAGE=/%s/vmlinuz", "BOOT_IMAGE=(%s)/a/vmlinuz", "BOOT_IMAGE=http://me:%s@host/k",
	"BOOT_IMAGE=\"/%s\"", "root=//me:%s@host/share", "rd.iscsi.password=%s", "-- --login=%s",
	"-- quiet mem=%s", "--%s", "%s=", "%s==", "%s quiet", "quiet:%s", "mem=1G'%s'",
	"memmap=\\%s", "a=\"b\"%s", "\"a\"=%s", "c2VjcmV0+/8=%s", "mem=1G\x7f%s", "mem=\x01%s",
};

static const char *const between[] = { " ", "\t", "\n", "\xa0", "  ", " quiet ", " mem=1G ", " ro\v",
				       " -- ", " \"quiet\" " };

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static void plant(char *line, size_t size, size_t way)
{
	size_t first = way % N_OF(hides), second = way / N_OF(hides) % N_OF(hides);
	const char *gap = between[way / N_OF(hides) / N_OF(hides) % N_OF(between)];
	char one[128], two[128];

	snprintf(one, sizeof(one), hides[first], SECRET);
	snprintf(two, sizeof(two), hides[second], SECRET);
	snprintf(line, size, "%s%s%s", one, gap, two);
}

static void test_planted(void **state)
{
	size_t ways = N_OF(hides) * N_OF(hides) * N_OF(between);
	char line[512];

	(void)state;
	for (size_t way = 0; way < ways; way++) {
		char *got;

		plant(line, sizeof(line), way);
		got = redact_cmdline(line);
		assert_non_null(got);
		if (strstr(got, SECRET))
			fail_msg("'%s' became '%s'", line, got);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_cpuinfo),
		cmocka_unit_test(test_planted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
