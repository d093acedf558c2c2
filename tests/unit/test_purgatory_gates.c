/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "idt.h"

static jmp_buf assertion;

void gate_assertion_failed(void)
{
	longjmp(assertion, 1);
}

/* The address that the CPU would make of the gate, SDM 6.14.1. */
static uint64_t gate_offset(const struct idt_gate *g)
{
	return (g->lower & 0xffff) | (g->lower >> 32 & 0xffff0000) | g->upper << 32;
}

static void test_make(void **state)
{
	struct idt_gate g = gate_make(GATE_INTERRUPT, 3, 0x123456789abcdef0);

	(void)state;
	assert_int_equal(g.lower, 0x9abcee000010def0);
	assert_int_equal(g.upper, 0x12345678);
	assert_int_equal(gate_offset(&g), 0x123456789abcdef0);
}

static void test_write_lower(void **state)
{
	struct idt_gate g = gate_make(GATE_INTERRUPT, 0, 0x500001000);
	struct idt_gate other = gate_make(GATE_INTERRUPT, 0, 0x500002000);

	(void)state;
	write_gate_lower(&g, &other);
	assert_memory_equal(&g, &other, sizeof(g));
}

static void test_set_lower_states_all_of_it(void **state)
{
	struct idt_gate g = { .lower = 0, .upper = 5 };
	struct idt_gate want = gate_make(GATE_INTERRUPT, 0, 0x500002040);

	(void)state;
	set_gate_lower(&g, GATE_INTERRUPT, 0, 0x500002040);
	assert_memory_equal(&g, &want, sizeof(g));
}

static void test_update_addr_keeps_the_rest(void **state)
{
	struct idt_gate g = gate_make(0xf, 3, 0x5fffffff0);
	uint64_t rest = g.lower & 0x0000ffffffff0000;

	(void)state;
	g.lower |= 5ull << 32;          /* an IST of the gate's */
	rest |= 5ull << 32;
	update_gate_addr_lower(&g, 0x512345678);
	assert_int_equal(gate_offset(&g), 0x512345678);
	assert_int_equal(g.lower & 0x0000ffffffff0000, rest);
	assert_int_equal(g.upper, 5);
}

/* Whichever helper: another upper half is refused, and the gate is as it was. */
static void test_upper_half_must_stay(void **state)
{
	static const uint64_t elsewhere = 0x600001000;
	struct idt_gate g = gate_make(GATE_INTERRUPT, 0, 0x5fffff000);
	struct idt_gate before = g, new = gate_make(GATE_INTERRUPT, 0, elsewhere);
	volatile int failed = 0;

	(void)state;
	if (!setjmp(assertion))
		write_gate_lower(&g, &new);
	else
		failed++;
	if (!setjmp(assertion))
		set_gate_lower(&g, GATE_INTERRUPT, 0, elsewhere);
	else
		failed++;
	if (!setjmp(assertion))
		update_gate_addr_lower(&g, elsewhere);
	else
		failed++;
	assert_int_equal(failed, 3);
	assert_memory_equal(&g, &before, sizeof(g));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_write_lower),
		cmocka_unit_test(test_set_lower_states_all_of_it),
		cmocka_unit_test(test_update_addr_keeps_the_rest),
		cmocka_unit_test(test_upper_half_must_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
