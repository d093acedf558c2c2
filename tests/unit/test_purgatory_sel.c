/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "purgatory_mock.h"
#include "record.h"
#include "sel.h"

#define PORT 0xca2

static int setup(void **state)
{
	(void)state;
	mock_reset();
	mock.bmc_port = PORT;
	sel_init(PORT, 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sel_init(0, 0);
	return 0;
}

static void test_record(void **state)
{
	static const uint8_t want[18] = { 0x28, 0x44, 0, 0, 0xe0, 'K', 'X', 'P', PARK_OUTCOME_FAULT,
					  14, 0xf0, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12 };

	(void)state;
	record_outcome(PARK_OUTCOME_FAULT, 14, 0x123456789abcdef0);
	assert_int_equal(mock.bmc_requests, 1);
	assert_int_equal(mock.bmc_n_in, sizeof(want));
	assert_memory_equal(mock.bmc_in, want, sizeof(want));
	assert_int_equal(mock.bmc_state, 0); /* idle: the response was read to its end */
	assert_false(mock.bmc_obf);
	assert_int_equal(record.sel[PARK_OUTCOME_FAULT], 0x0235);
	record_outcome(PARK_OUTCOME_ENTERED, 0, 0);
	assert_int_equal(mock.bmc_requests, 2);
	assert_int_equal(record.sel[PARK_OUTCOME_ENTERED], 0x0236);
	assert_int_equal(record.sel[PARK_OUTCOME_BEGUN], 0);
}

/* A log that is full, for example: said once, and no time is spent on it again. */
static void test_refused(void **state)
{
	(void)state;
	mock.bmc_completion = 0xc4;
	assert_int_equal(sel_add(PARK_OUTCOME_BEGUN, 0, 0), 0);
	assert_int_equal(mock.bmc_requests, 1);
	assert_int_equal(mock.bmc_state, 0);
	assert_int_equal(sel_add(PARK_OUTCOME_ENTERED, 0, 0), 0);
	assert_int_equal(mock.bmc_requests, 1);
}

static void expect_given_up_after(uint64_t most_us)
{
	uint64_t first;

	assert_int_equal(sel_add(PARK_OUTCOME_BEGUN, 0, 0), 0);
	first = mock.tsc;
	assert_in_range(first, 0, most_us * 1000);
	assert_int_equal(sel_add(PARK_OUTCOME_ENTERED, 0, 0), 0);
	assert_int_equal(mock.tsc, first);
}

static void test_no_bmc_in_the_way(void **state)
{
	(void)state;
	mock.bmc_stuck = true;
	expect_given_up_after(501000);
	setup(NULL);
	mock.bmc_endless = true;
	expect_given_up_after(501000);
	setup(NULL);
	mock.bmc_port = 0;              /* nobody there: all ones */
	expect_given_up_after(501000);
	sel_init(0, 0);
	expect_given_up_after(501000);
	assert_int_equal(mock.n_events, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_record, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_bmc_in_the_way, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
