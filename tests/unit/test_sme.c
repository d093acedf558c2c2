/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether memory is encrypted, by /proc/cpuinfo, the command line and the kernel's configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sme.h"

static void sources(void **state)
{
	static const struct {
		struct kp_sme sme;
		enum kp_known is;
		bool depends;
	} rows[] = {
		{ { KP_NO, "mem_encrypt=on", "5.10.0-8-amd64", KP_YES }, KP_NO, false },
		{ { KP_NO, NULL, NULL, KP_UNKNOWN }, KP_NO, false },
		{ { KP_YES, "quiet", "6.1.0", KP_UNKNOWN }, KP_YES, false },
		{ { KP_YES, NULL, "10.0", KP_NO }, KP_YES, false },
		{ { KP_YES, "mem_encrypt=on", "5.19.17", KP_UNKNOWN }, KP_YES, false },
		{ { KP_YES, "mem_encrypt=off", "5.19.17", KP_YES }, KP_NO, false },
		{ { KP_YES, "mem_encrypt=off mem_encrypt=on", "5.4", KP_NO }, KP_YES, false },
		{ { KP_YES, "quiet", "5.19.17", KP_YES }, KP_YES, true },
		{ { KP_YES, "quiet", "5.19.17", KP_NO }, KP_NO, true },
		{ { KP_YES, "quiet", "5.19.17", KP_UNKNOWN }, KP_UNKNOWN, true },
		{ { KP_YES, NULL, NULL, KP_UNKNOWN }, KP_UNKNOWN, true },
		{ { KP_UNKNOWN, "mem_encrypt=on", "6.1.0", KP_UNKNOWN }, KP_YES, false },
		{ { KP_UNKNOWN, "quiet", "6.1.0", KP_UNKNOWN }, KP_NO, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (kp_sme_state(&rows[i].sme) != rows[i].is ||
		    kp_sme_depends(&rows[i].sme) != rows[i].depends)
			fail_msg("row %zu: state %d, depends %d", i, kp_sme_state(&rows[i].sme),
				 kp_sme_depends(&rows[i].sme));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sources) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
