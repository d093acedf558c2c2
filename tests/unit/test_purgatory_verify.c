/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the purgatory enables SSE around the digest and puts everything back, and what it takes to use
 * the SHA extensions. The code that hashes is the shipped one and runs on this CPU.
 */
#include <cpuid.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "digest.h"
#include "purgatory_mock.h"
#include "record.h"
#include "verify.h"
#include "x86.h"

#define CR0 (0x80000033ull | X86_CR0_EM | X86_CR0_TS)
#define CR4 ((uint64_t)(X86_CR4_PAE | X86_CR4_MCE | X86_CR4_LA57))

static uint8_t memory[2][1000];
static struct purgatory_params params;

static int setup(void **state)
{
	struct kp_digest d;

	(void)state;
	mock_reset();
	mock.cr0 = CR0;
	mock.cr4 = CR4;
	mock.cpuid_max = 7;
	params = (struct purgatory_params){ .n_regions = 2 };
	kp_digest_init(&d, false);
	for (unsigned int i = 0; i < 2; i++) {
		memset(memory[i], 'a' + (int)i, sizeof(memory[i]));
		params.regions[i].start = (uintptr_t)memory[i];
		params.regions[i].bytes = sizeof(memory[i]) - i;
		kp_digest_region(&d, memory[i], sizeof(memory[i]) - i);
		params.marks[i] = kp_digest_mark(&d);
	}
	kp_digest_final(&d, params.digest);
	return 0;
}

static void mock_sha_ni(void)
{
	mock.leaf7_ebx = X86_CPUID7_EBX_SHA;
	mock.leaf1_ecx = X86_CPUID1_ECX_SSSE3 | X86_CPUID1_ECX_SSE4_1;
}

static void need_sha_ni(void)
{
	uint32_t eax, ebx, ecx, edx;

	if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ebx & X86_CPUID7_EBX_SHA))
		skip();
	mock_sha_ni();
}

static void assert_sse_came_and_went(void)
{
	static const struct mock_event want[] = {
		{ MOCK_CR, 0, CR0 & ~0xcull, 0 },
		{ MOCK_CR, 4, CR4 | 0x200, 0 },
		{ MOCK_CR, 4, CR4, 0 },
		{ MOCK_CR, 0, CR0, 0 },
	};

	assert_int_equal(mock.n_events, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(mock.events[i].kind, want[i].kind);
		assert_int_equal(mock.events[i].at, want[i].at);
		assert_int_equal(mock.events[i].value, want[i].value);
	}
	mock.n_events = 0;
}

static void assert_matches_until_flipped(void)
{
	assert_true(digest_matches(&params));
	assert_int_equal(record.digest_bytes, 1999);
	assert_int_equal(record.mismatch, 0);
	assert_sse_came_and_went();
	memory[1][998] ^= 1;
	assert_false(digest_matches(&params));
	assert_int_equal(record.mismatch, (uintptr_t)memory[1]);
	assert_sse_came_and_went();
	memory[0][0] ^= 0x80;
	assert_false(digest_matches(&params));
	assert_int_equal(record.mismatch, (uintptr_t)memory[0]);
	memory[1][998] ^= 1;
	assert_false(digest_matches(&params));
	assert_int_equal(record.mismatch, (uintptr_t)memory[0]);
}

static void test_without_the_extensions(void **state)
{
	(void)state;
	assert_matches_until_flipped();
}

static void test_with_the_extensions(void **state)
{
	(void)state;
	need_sha_ni();
	assert_matches_until_flipped();
	assert_true(mock.leaf7_asked);
}

/* Leaf 7 of a CPU that has none is another leaf's content: SDM volume 2, CPUID. */
static void test_no_leaf_7(void **state)
{
	(void)state;
	mock_sha_ni();
	mock.cpuid_max = 6;
	assert_matches_until_flipped();
	assert_false(mock.leaf7_asked);
}

/* Marks say where; the digest alone says whether. */
static void test_damaged_parameters(void **state)
{
	(void)state;
	params.marks[1] ^= 1;
	assert_true(digest_matches(&params));
	assert_int_equal(record.mismatch, 0);
	params.marks[1] ^= 1;
	params.digest[31] ^= 1;
	assert_false(digest_matches(&params));
	assert_int_equal(record.mismatch, (uintptr_t)params.digest);
}

/* Memory that cannot be read has no digest. SSE is put back all the same. */
static void test_poison_is_a_mismatch(void **state)
{
	(void)state;
	mock.poisoned_call = 1;
	record.mce = (struct park_mce){ .bank = 1, .status = 0xb500000000000000, .address = 0x5000 };
	assert_false(digest_matches(&params));
	assert_sse_came_and_went();
	assert_non_null(strstr((char *)record.log, "machine check in the digest: bank 1, status "
			       "0xb500000000000000, address 0x5000\n"));
	assert_int_equal(record.mismatch, 0x5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_without_the_extensions, setup),
		cmocka_unit_test_setup(test_with_the_extensions, setup),
		cmocka_unit_test_setup(test_no_leaf_7, setup),
		cmocka_unit_test_setup(test_damaged_parameters, setup),
		cmocka_unit_test_setup(test_poison_is_a_mismatch, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
