/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "apic.h"
#include "in_range.h"
#include "purgatory_mock.h"

#define INIT_ALL	0x000c4500
#define INIT_ONE	0x00004500

static int setup(void **state)
{
	(void)state;
	mock_reset();
	return 0;
}

static void use_x2apic(void)
{
	mock.apic_base |= MSR_IA32_APIC_BASE_EXTD;
}

static void assert_events(const struct mock_event *want, size_t n)
{
	assert_int_equal(mock.n_events, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(mock.events[i].kind, want[i].kind);
		assert_int_equal(mock.events[i].at, want[i].at);
		assert_int_equal(mock.events[i].value, want[i].value);
	}
}

static void test_open(void **state)
{
	static const struct {
		const char *name;
		uint64_t base;
		uint32_t id;
		enum apic_state state;
		bool bsp, x2apic;
	} rows[] = {
		{ "xAPIC, BSP", 0xfee00900, 3, APIC_USABLE, true, false },
		{ "xAPIC, not BSP", 0xfee00800, 0, APIC_USABLE, false, false },
		{ "x2APIC", 0xfee00c00, 0x12345, APIC_USABLE, false, true },
		{ "x2APIC with a moved base", 0xfef00d00, 1, APIC_USABLE, true, true },
		{ "disabled", 0xfee00100, 7, APIC_DISABLED, true, false },
		{ "moved", 0xfef00900, 7, APIC_MOVED, true, false },
		{ "moved above 4 GiB", 0x1fee00900, 7, APIC_MOVED, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct apic apic;

		mock.apic_base = rows[i].base;
		mock.apic_id = rows[i].id;
		assert_int_equal(apic_open(&apic), rows[i].state);
		assert_int_equal(apic.id, rows[i].id);
		assert_int_equal(apic.bsp, rows[i].bsp);
		assert_int_equal(apic.x2apic, rows[i].x2apic);
	}
}

static void test_xapic_sends_high_half_first(void **state)
{
	static const struct mock_event want[] = {
		{ MOCK_MMIO, 0xfee00310, 0x05000000, 0 },
		{ MOCK_MMIO, 0xfee00300, INIT_ONE, 0 },
		{ MOCK_MMIO, 0xfee00310, 0, 0 },
		{ MOCK_MMIO, 0xfee00300, INIT_ALL, 0 },
	};
	struct apic apic;

	(void)state;
	apic_open(&apic);
	assert_true(apic_send(&apic, 5, INIT_ONE));
	assert_true(apic_send(&apic, 5, INIT_ALL));
	assert_events(want, 4);
}

static void test_x2apic_sends_after_a_fence(void **state)
{
	static const struct mock_event want[] = {
		{ MOCK_FENCE, 0, 0, 0 },
		{ MOCK_WRMSR, 0x830, 0x1234500004500, 0 },
		{ MOCK_FENCE, 0, 0, 0 },
		{ MOCK_WRMSR, 0x830, INIT_ALL, 0 },
	};
	struct apic apic;

	(void)state;
	use_x2apic();
	apic_open(&apic);
	assert_true(apic_send(&apic, 0x12345, INIT_ONE));
	assert_true(apic_send(&apic, 5, INIT_ALL));
	assert_events(want, 4);
}

static void test_stuck_command_register(void **state)
{
	struct apic apic;

	(void)state;
	apic_open(&apic);
	mock.icr_stuck = true;
	assert_false(apic_send(&apic, 5, INIT_ONE));
	assert_int_equal(mock.n_events, 0);                     /* nothing was written into it */
	assert_uint_in_range(mock.tsc, 100000 * 1000, 101000 * 1000);
}

/* Which entries there are depends on the version register; LINT0 and the timer are let alone. */
static void test_masks_what_there_is(void **state)
{
	static const struct mock_event want[] = {
		{ MOCK_MMIO, 0xfee00360, 0x10400, 0 },
		{ MOCK_MMIO, 0xfee00340, 0x10000, 0 },
		{ MOCK_MMIO, 0xfee00330, 0x10000, 0 },
		{ MOCK_MMIO, 0xfee002f0, 0x10200, 0 },
	};
	struct apic apic;

	(void)state;
	apic_open(&apic);
	for (uint32_t maxlvt = 3; maxlvt <= 6; maxlvt++) {
		mock.n_events = 0;
		mock.maxlvt = maxlvt;
		mock.lvt[APIC_LVT_LINT1 >> 4] = 0x400;
		mock.lvt[APIC_LVT_CMCI >> 4] = 0x200;
		apic_mask_lvts(&apic);
		assert_events(want, maxlvt - 2);
	}
}

static void test_masks_by_msr(void **state)
{
	static const struct mock_event want[] = {
		{ MOCK_WRMSR, 0x836, 0x10400, 0 },
		{ MOCK_WRMSR, 0x834, 0x10000, 0 },
		{ MOCK_WRMSR, 0x833, 0x10000, 0 },
		{ MOCK_WRMSR, 0x82f, 0x10000, 0 },
	};
	struct apic apic;

	(void)state;
	use_x2apic();
	mock.lvt[APIC_LVT_LINT1 >> 4] = 0x400;
	apic_open(&apic);
	apic_mask_lvts(&apic);
	assert_events(want, 4);
}

/* AMD's extended entries, at most as many as fit; on other CPUs the bit is 0. */
static void test_masks_extended_entries(void **state)
{
	static const struct mock_event want[] = {
		{ MOCK_MMIO, 0xfee00360, 0x10000, 0 },
		{ MOCK_MMIO, 0xfee00500, 0x10400, 0 },
		{ MOCK_MMIO, 0xfee00510, 0x10000, 0 },
		{ MOCK_MMIO, 0xfee00520, 0x10000, 0 },
		{ MOCK_MMIO, 0xfee00530, 0x10000, 0 },
	};
	struct apic apic;

	(void)state;
	apic_open(&apic);
	mock.maxlvt = 3;
	mock.lvt[APIC_EFEAT >> 4] = 0x00040007;
	mock.lvt[APIC_LVT_EXTENDED >> 4] = 0x400;
	apic_mask_lvts(&apic);
	assert_events(want, 1);
	mock.n_events = 0;
	mock.extended_apic = true;
	apic_mask_lvts(&apic);
	assert_events(want, 5);
	mock.n_events = 0;
	mock.lvt[APIC_EFEAT >> 4] = 0x00ff0000;
	apic_mask_lvts(&apic);
	assert_int_equal(mock.n_events, 17);
}

static void test_masks_extended_entries_by_msr(void **state)
{
	static const struct mock_event want[] = {
		{ MOCK_WRMSR, 0x836, 0x10000, 0 },
		{ MOCK_WRMSR, 0x850, 0x10400, 0 },
	};
	struct apic apic;

	(void)state;
	use_x2apic();
	apic_open(&apic);
	mock.maxlvt = 3;
	mock.extended_apic = true;
	mock.lvt[APIC_EFEAT >> 4] = 0x00010000;
	mock.lvt[APIC_LVT_EXTENDED >> 4] = 0x400;
	apic_mask_lvts(&apic);
	assert_events(want, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_open, setup),
		cmocka_unit_test_setup(test_xapic_sends_high_half_first, setup),
		cmocka_unit_test_setup(test_x2apic_sends_after_a_fence, setup),
		cmocka_unit_test_setup(test_stuck_command_register, setup),
		cmocka_unit_test_setup(test_masks_what_there_is, setup),
		cmocka_unit_test_setup(test_masks_by_msr, setup),
		cmocka_unit_test_setup(test_masks_extended_entries, setup),
		cmocka_unit_test_setup(test_masks_extended_entries_by_msr, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
