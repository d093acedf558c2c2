/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the purgatory judges a machine check, and what it makes of poison in the old kernel's memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backup.h"
#include "console.h"
#include "idt.h"
#include "mce.h"
#include "purgatory_mock.h"
#include "record.h"
#include "reset.h"
#include "x86.h"

#define RIP	0x123456
#define CONSUMED 0xb500000000000000     /* VAL, UC, EN, ADDRV, S */
#define ADDRESS	0x5a5a000

uint64_t guard_rsp;
const char guarded_failed[1];

static jmp_buf reset;
static struct cpu_frame frame;

void idt_reset_on_fault(void)
{
}

void reset_machine(void)
{
	longjmp(reset, 1);
}

static int setup(void **state)
{
	static const struct console_config silent;

	(void)state;
	mock_reset();
	console_init(&silent);
	frame = (struct cpu_frame){ .rip = RIP, .rsp = 0x7000, .rflags = 0x402 };
	guard_rsp = 0;
	mock.leaf1_edx = X86_CPUID1_EDX_MCA;
	mock.mcg_cap = 4;
	machine_checks_open();
	mock.banks[1][0] = CONSUMED;
	mock.banks[1][1] = ADDRESS;
	return 0;
}

enum end { RETURNED, SKIPPED, RESET };

static enum end raise(uint64_t mcg_status)
{
	mock.mcg_status = mcg_status;
	if (setjmp(reset))
		return RESET;
	machine_check(&frame);
	return frame.rip == RIP ? RETURNED : SKIPPED;
}

static void assert_end(uint64_t mcg_status, enum end must)
{
	const uint32_t before = mce_count;

	assert_int_equal(raise(mcg_status), must);
	if (must == RESET)
		return;
	assert_int_equal(mock.mcg_status, 0);
	assert_int_equal(mce_count, before + 1);
	assert_int_equal(mock.events[mock.n_events - 1].at, MSR_IA32_MCG_STATUS);
}

/* RIPV is 1, EIPV 2, MCIP 4. Without guarded() only the first can go on. */
static void test_each_mcg_status(void **state)
{
	(void)state;
	assert_end(5, RETURNED);
	assert_end(1, RETURNED);
	assert_end(13, RETURNED); /* a local one, LMCES */
	assert_end(7, RESET);
	assert_end(4, RESET);
	assert_end(6, RESET);
	assert_int_equal(record.mce.mcg_status, 6);
}

static void test_guarded_code_is_ended_where_it_consumed_the_error(void **state)
{
	(void)state;
	guard_rsp = 0x6ff0;
	assert_end(5, RETURNED);
	assert_end(7, SKIPPED);
	assert_int_equal(frame.rip, (uintptr_t)guarded_failed);
	assert_int_equal(frame.rsp, 0x6ff0);
	assert_int_equal(frame.rflags, 2); /* its DF may have been set */
	assert_int_equal(record.mce.bank, 1);
	assert_true(record.mce.status == CONSUMED);
	assert_int_equal(record.mce.address, ADDRESS);
	assert_int_equal(record.mce.rip, RIP);
	assert_end(4, RESET);
	assert_end(6, RESET);
}

static void test_guarded_code_is_not_ended_on_a_corrupt_context(void **state)
{
	(void)state;
	guard_rsp = 0x6ff0;
	mock.banks[1][0] = CONSUMED | MCI_STATUS_PCC;
	assert_end(7, RESET);
	mock.banks[1][0] = CONSUMED | MCI_STATUS_OVER;
	assert_end(7, RESET);
	mock.banks[1][0] = 0; /* and not on an error that nobody knows */
	assert_end(7, RESET);
	assert_int_equal(record.mce.bank, PARK_NO_BANK);
	mock.banks[1][0] = CONSUMED & ~MCI_STATUS_UC;
	assert_end(7, RESET);
}

/* What a bank holds from before, as after a panic of the same kind, is not this error. */
static void test_errors_of_the_old_kernel_are_not_ours(void **state)
{
	(void)state;
	mock.banks[0][0] = CONSUMED | MCI_STATUS_PCC;
	mock.banks[1][0] = 0;
	machine_checks_open();
	mock.banks[1][0] = CONSUMED & ~MCI_STATUS_ADDRV;
	guard_rsp = 0x6ff0;
	assert_end(7, SKIPPED);
	assert_int_equal(record.mce.bank, 1);
	assert_int_equal(record.mce.address, 0);
	frame.rip = RIP;
	machine_checks_open();
	assert_end(7, RESET);
}

static void test_32_banks_at_most(void **state)
{
	(void)state;
	mock.mcg_cap = 0x1000 | 0xff;
	mock.banks[1][0] = 0;
	mock.banks[31][0] = CONSUMED;
	guard_rsp = 0x6ff0;
	assert_end(7, SKIPPED);
	assert_int_equal(record.mce.bank, 31);
}

static void test_it_does_not_go_on_for_ever(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 65536; n++) {
		mock.n_events = 0;
		assert_int_equal(raise(5), RETURNED);
	}
	assert_int_equal(raise(5), RESET);
}

static void test_says_what_it_resets_for(void **state)
{
	static const char said[] = "kexec-park: machine check: MCG_STATUS 0x4, bank 1, status "
				   "0xb500000000000000, address 0x5a5a000, RIP 0x123456; resetting\n";

	(void)state;
	assert_end(4, RESET);
	assert_memory_equal(record.log, said, sizeof(said) - 1);
}

static uint8_t low[3 * 4096 - 96], copy[3 * 4096];

static void back_up(uint32_t poisoned)
{
	const struct purgatory_params params = {
		.backup_src = (uintptr_t)low, .backup_dst = (uintptr_t)copy,
		.backup_bytes = sizeof(low),
	};

	memset(low, 'l', sizeof(low));
	memset(copy, 'c', sizeof(copy));
	mock.poisoned_call = poisoned;
	copy_backup(&params);
}

static void test_low_memory_is_copied(void **state)
{
	(void)state;
	back_up(0);
	assert_memory_equal(copy, low, sizeof(low));
	assert_int_equal(copy[sizeof(low)], 'c');
	assert_null(strstr((char *)record.log, "machine check"));
}

static void test_a_poisoned_page_is_left_out(void **state)
{
	static const uint8_t zeros[4096];

	(void)state;
	record.mce = (struct park_mce){ .bank = 1, .status = CONSUMED, .address = ADDRESS };
	back_up(2);
	assert_memory_equal(copy, low, 4096);
	assert_memory_equal(copy + 4096, zeros, 4096);
	assert_memory_equal(copy + 8192, low + 8192, sizeof(low) - 8192);
	assert_non_null(strstr((char *)record.log, " not copied; bank 1, status "
			       "0xb500000000000000, address 0x5a5a000\n"));
	back_up(0);
	mock.guarded_calls = 0;
	back_up(3); /* the last, which is shorter */
	assert_memory_equal(copy + 8192, zeros, sizeof(low) - 8192);
	assert_int_equal(copy[sizeof(low)], 'c');
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup(test, setup)
	const struct CMUnitTest tests[] = {
		ROW(test_each_mcg_status),
		ROW(test_guarded_code_is_ended_where_it_consumed_the_error),
		ROW(test_guarded_code_is_not_ended_on_a_corrupt_context),
		ROW(test_errors_of_the_old_kernel_are_not_ours),
		ROW(test_32_banks_at_most),
		ROW(test_it_does_not_go_on_for_ever),
		ROW(test_says_what_it_resets_for),
		ROW(test_low_memory_is_copied),
		ROW(test_a_poisoned_page_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
