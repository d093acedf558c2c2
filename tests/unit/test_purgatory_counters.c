/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which registers are written on which CPU; numbers as the SDM and the APM print them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "counters.h"
#include "purgatory_mock.h"

#define DEBUGCTL	0x1d9

static int setup(void **state)
{
	(void)state;
	mock_reset();
	mock.cpuid_max = 0xd;
	mock.extended_max = 0x80000022;
	return 0;
}

static void amd(void)
{
	mock.vendor_ebx = 0x68747541;
}

/* Each of these was written once, with 0, in this order, and nothing else was. */
static void assert_stopped(const uint32_t *msrs, size_t n)
{
	counters_stop();
	assert_int_equal(mock.n_events, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(mock.events[i].kind, MOCK_WRMSR);
		assert_int_equal(mock.events[i].at, msrs[i]);
		assert_int_equal(mock.events[i].value, 0);
	}
}

#define STOPPED(...)                                                                       \
	do {                                                                               \
		static const uint32_t msrs[] = { __VA_ARGS__ };                            \
		assert_stopped(msrs, sizeof(msrs) / sizeof(msrs[0]));                      \
	} while (0)

static void test_intel(void **state)
{
	(void)state;
	mock.perfmon_eax = 0x08300805;
	mock.leaf1_edx = 1u << 21;
	STOPPED(0x38f, 0x3f1, DEBUGCTL);
}

static void test_intel_without_debug_store(void **state)
{
	(void)state;
	mock.perfmon_eax = 0x08300802;
	STOPPED(0x38f, DEBUGCTL);
}

static void test_version_1_has_no_global_register(void **state)
{
	(void)state;
	mock.perfmon_eax = 0x08280201;
	mock.leaf1_edx = 1u << 21;
	STOPPED(DEBUGCTL);
}

/* A leaf above the highest is that one's data, SDM on CPUID: not to be looked at. */
static void test_no_such_leaves(void **state)
{
	(void)state;
	mock.perfmon_eax = 5;
	mock.leaf1_edx = 1u << 21;
	mock.cpuid_max = 9;
	STOPPED(DEBUGCTL);
}

static void test_amd_old(void **state)
{
	(void)state;
	amd();
	mock.extended_max = 0x80000008;
	mock.perfmon2_eax = 1;
	STOPPED(0xc0010000, 0xc0010001, 0xc0010002, 0xc0010003, DEBUGCTL);
}

static void test_amd_with_ibs(void **state)
{
	(void)state;
	mock.vendor_ebx = 0x6f677948; /* Hygon has the same */
	mock.extended_max = 0x80000020;
	mock.extended_ecx = 1u << 10 | 1u << 23;
	STOPPED(0xc0010200, 0xc0010202, 0xc0010204, 0xc0010206, 0xc0010208, 0xc001020a,
		0xc0011030, 0xc0011033, DEBUGCTL);
}

static void test_amd_version_2(void **state)
{
	(void)state;
	amd();
	mock.extended_ecx = 1u << 23;
	mock.perfmon2_eax = 1;
	STOPPED(0xc0000301, 0xc0010200, 0xc0010202, 0xc0010204, 0xc0010206, 0xc0010208,
		0xc001020a, DEBUGCTL);
}

/* A hypervisor that has none of them raises #GP at each, and each is tried all the same. */
static void test_no_register_is_no_error(void **state)
{
	(void)state;
	mock.no_msrs = true;
	mock.perfmon_eax = 2;
	mock.leaf1_edx = 1u << 21;
	STOPPED(0x38f, 0x3f1, DEBUGCTL);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup(test, setup)
	const struct CMUnitTest tests[] = {
		ROW(test_intel),
		ROW(test_intel_without_debug_store),
		ROW(test_version_1_has_no_global_register),
		ROW(test_no_such_leaves),
		ROW(test_amd_old),
		ROW(test_amd_with_ibs),
		ROW(test_amd_version_2),
		ROW(test_no_register_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
