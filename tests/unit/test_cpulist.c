/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cpulist.h"

/* The list written out piece by piece, or "bad". */
static void spell(const char *text, char *out, size_t room)
{
	struct kp_view list = { (const uint8_t *)text, strlen(text) };
	struct kp_error err = { 0 };
	unsigned first, last;
	size_t used = 0;
	int rc;

	out[0] = '\0';
	while ((rc = kp_cpulist_next(&list, &first, &last, &err)) > 0)
		used += (size_t)snprintf(out + used, room - used, "[%u %u]", first, last);
	if (rc < 0) {
		assert_int_equal(err.code, KP_MACHINE);
		snprintf(out, room, "bad");
	}
}

static void lists(void **state)
{
	static const struct { const char *text, *spelled; } rows[] = {
		{ "0\n", "[0 0]" },
		{ "0-3\n", "[0 3]" },
		{ "0-3,8,10-11\n", "[0 3][8 8][10 11]" },
		{ "", "" },
		{ "\n", "" },
		{ "65535", "[65535 65535]" },
		{ "65536", "bad" },
		{ "3-0", "bad" },
		{ "0-3,3", "bad" },
		{ "4,0-3", "bad" },
		{ "0-65535,0-65535", "bad" },
		{ "0-3,2-5", "bad" },
		{ "0,", "bad" },
		{ ",0", "bad" },
		{ "0,,1", "bad" },
		{ "0-", "bad" },
		{ "-3", "bad" },
		{ "0-3-5", "bad" },
		{ "0x3", "bad" },
		{ "all", "bad" },
		{ "0-4294967297", "bad" },
	};
	char spelled[200];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		spell(rows[i].text, spelled, sizeof(spelled));
		if (strcmp(spelled, rows[i].spelled) != 0)
			fail_msg("\"%s\" reads as %s", rows[i].text, spelled);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lists) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
