/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which machines have hubs between their CPUs, by the maker of the MADT and by what Linux shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hubs.h"

static struct kp_view view(const char *text, size_t len)
{
	return (struct kp_view){ (const uint8_t *)text, len };
}

static void assert_hub(const char *what, const char *is, const char *must)
{
	if (!is != !must || (is && strcmp(is, must) != 0))
		fail_msg("%s: %s, must be %s", what, is ?: "none", must ?: "none");
}

static void makers(void **state)
{
	static const struct { const char *oem, *hub; } rows[] = {
		{ "SGI\0\0\0UVH\0\0\0\0", "SGI UV" }, { "SGI2\0\0UVX\0\0\0\0", "SGI UV" },
		{ "SGI4  UVX     ", "SGI UV" }, { "SGI4  UVL     ", "SGI UV" },
		{ "NUMASCNCONNECT", "NumaConnect" }, { "NUMASCNCONECT2", "NumaConnect" },
		{ "NSGI4 UVX     ", NULL }, { "HPE   Server  ", NULL }, { "BOCHS BXPC    ", NULL },
		{ " SGI  UVX     ", NULL }, { "NUMAS NCONNECT", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char table[44] = "APIC\x2c\0\0\0\3s";

		memcpy(table + 10, rows[i].oem, 14);
		assert_hub(rows[i].oem, kp_hub_of_madt(view(table, sizeof(table))), rows[i].hub);
		for (size_t len = 0; len < 16; len++)
			assert_null(kp_hub_of_madt(view(table, len)));
	}
}

static void architecture_types(void **state)
{
	static const struct { const char *text, *hub; } rows[] = {
		{ "SGI4/UVX\n", "SGI UV" }, { "SGI5/UVX", "SGI UV" }, { "SGI2/UVX\n", "SGI UV" },
		{ "NSGI4/UVX\n", NULL }, { "NSGI5\n", NULL }, { "\n", NULL }, { "", NULL }, { "SG", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_hub(rows[i].text,
			   kp_hub_of_archtype(view(rows[i].text, strlen(rows[i].text))), rows[i].hub);
}

static void refusals(void **state)
{
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(kp_hub_refuse(NULL, &err), 0);
	assert_int_equal(kp_hub_refuse(kp_hub_of_archtype(view("SGI4", 4)), &err), -1);
	assert_int_equal(err.code, KP_PARK);
	assert_non_null(strstr(err.text, "SGI UV hubs join this machine's CPUs: on some"));
	assert_int_equal(kp_hub_refuse(kp_hub_of_madt(view("APIC....\1.NUMASCNCONNECT", 24)), &err), -1);
	assert_non_null(strstr(err.text, "NumaConnect hubs join this machine's CPUs, which are woken"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makers),
		cmocka_unit_test(architecture_types),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
