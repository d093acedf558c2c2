/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is left of a command line that others are to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
		{ "\"mem=1G\" \"quiet\"", "\"mem=1G\" \"quiet\"" },
		{ "\"quiet secret\"", "(removed)" },
		{ "a=\"b quiet secret", "a=(removed)" },
		{ "\"a b\"=c", "(removed)" },
		/* What is no name may be a secret with a '=' in it. */
		{ "c2VjcmV0+/8=", "(removed)" },
		{ "=secret", "(removed)" },
		{ "user:secret@host=x", "(removed)" },
		{ "quiet:secret", "(removed)" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
