/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The digest of a load against a second reading of its definition in digest.h, made of whole
 * messages and one-shot SHA-256, which test_sha256 holds to NIST's vectors and to sha256sum. Both
 * ways to compute it, the SHA extensions where this CPU has them.
 */
#include <cpuid.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "digest.h"
#include "x86.h"

#define SEED 20261122u
#define REGIONS_MAX 6

struct region {
	const uint8_t *data;
	size_t len;
};

struct message {
	uint8_t bytes[(20000 + 256) * REGIONS_MAX];
	size_t len;
};

static bool this_cpu_has_sha_ni(void)
{
	uint32_t eax, ebx, ecx, edx, leaf7_ebx;

	if (!__get_cpuid_count(7, 0, &eax, &leaf7_ebx, &ecx, &edx) ||
	    !__get_cpuid(1, &eax, &ebx, &ecx, &edx))
		return false;
	return kp_digest_sha_ni(leaf7_ebx, ecx);
}

static void sha256(const void *data, size_t len, uint8_t digest[KP_SHA256_BYTES])
{
	struct kp_sha256 s;

	kp_sha256_init(&s);
	kp_sha256_update(&s, data, len);
	kp_sha256_final(&s, digest);
}

static void append(struct message *m, const uint8_t *data, size_t len)
{
	assert_true(m->len + len <= sizeof(m->bytes));
	memcpy(m->bytes + m->len, data, len);
	m->len += len;
}

static void model(const struct region *regions, size_t n, uint8_t digest[KP_DIGEST_BYTES])
{
	static struct message lanes[4];
	uint8_t all[4][KP_SHA256_BYTES];

	for (size_t lane = 0; lane < 4; lane++)
		lanes[lane].len = 0;
	for (size_t i = 0; i < n; i++) {
		size_t quarter = regions[i].len / 256 * 64;

		for (size_t lane = 0; lane < 3; lane++)
			append(&lanes[lane], regions[i].data + lane * quarter, quarter);
		append(&lanes[3], regions[i].data + 3 * quarter, regions[i].len - 3 * quarter);
		while (lanes[3].len % 64)
			append(&lanes[3], (const uint8_t *)"", 1);
	}
	for (size_t lane = 0; lane < 4; lane++)
		sha256(lanes[lane].bytes, lanes[lane].len, all[lane]);
	sha256(all, sizeof(all), digest);
}

static void compute(const struct region *regions, size_t n, bool sha_ni,
		    uint8_t digest[KP_DIGEST_BYTES])
{
	struct kp_digest d;

	kp_digest_init(&d, sha_ni);
	for (size_t i = 0; i < n; i++)
		kp_digest_region(&d, regions[i].data, regions[i].len);
	kp_digest_final(&d, digest);
}

static void compare_with_model(bool sha_ni)
{
	static uint8_t text[20000 + 64];
	uint8_t want[KP_DIGEST_BYTES], got[KP_DIGEST_BYTES];

	srandom(SEED);
	print_message("seed %u\n", SEED);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)random();
	for (unsigned round = 0; round < 3000; round++) {
		size_t n = (size_t)random() % (REGIONS_MAX + 1);
		struct region regions[REGIONS_MAX];

		for (size_t i = 0; i < n; i++)
			regions[i] = (struct region){
				text + random() % 64,
				(size_t)random() % (random() % 4 ? 800 : 20000),
			};
		model(regions, n, want);
		compute(regions, n, sha_ni, got);
		assert_memory_equal(got, want, sizeof(want));
	}
}

static void sse2_agrees_with_the_model(void **state)
{
	(void)state;
	compare_with_model(false);
}

static void sha_ni_agrees_with_the_model(void **state)
{
	(void)state;
	if (!this_cpu_has_sha_ni())
		skip();
	compare_with_model(true);
}

/*
 * NIST's vectors straight into the two lanes of the assembly, padded by hand: "abc" (one block) in
 * either lane, and the message of 56 bytes (two blocks) beside another.
 */
static void sha_ni_lanes_know_nist_answers(void **state)
{
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	static const uint32_t abc[8] = {
		0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
		0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad,
	};
	static const uint32_t two[8] = {
		0x248d6a61, 0xd20638b8, 0xe5c02693, 0x0c3e6039,
		0xa33ce459, 0x64ff2167, 0xf6ecedd4, 0x19db06c1,
	};
	uint8_t short_message[128] = "abc\x80", long_message[128] = { 0 };
	struct kp_sha256 a, b;

	(void)state;
	if (!this_cpu_has_sha_ni())
		skip();
	short_message[63] = 24;
	memcpy(long_message, two_blocks, 56);
	long_message[56] = 0x80;
	long_message[126] = 448 >> 8;
	long_message[127] = 448 & 0xff;

	kp_sha256_init(&a);
	kp_sha256_init(&b);
	kp_sha256_ni_pair(a.h, b.h, short_message, long_message, 1);
	assert_memory_equal(a.h, abc, sizeof(abc));
	kp_sha256_init(&a);
	kp_sha256_ni_pair(a.h, b.h, short_message, long_message + 64, 1);
	assert_memory_equal(b.h, two, sizeof(two));
	kp_sha256_init(&a);
	kp_sha256_init(&b);
	kp_sha256_ni_pair(a.h, b.h, long_message, short_message, 2);
	assert_memory_equal(a.h, two, sizeof(two));
	kp_sha256_init(&b);
	kp_sha256_ni_pair(a.h, b.h, long_message, short_message, 1);
	assert_memory_equal(b.h, abc, sizeof(abc));
}

static void no_blocks_change_nothing(void **state)
{
	struct kp_sha256 a, b, fresh;

	(void)state;
	kp_sha256_init(&fresh);
	kp_sha256_init(&a);
	kp_sha256_init(&b);
	kp_sha256_ni_pair(a.h, b.h, NULL, NULL, 0);
	assert_memory_equal(a.h, fresh.h, sizeof(fresh.h));
	assert_memory_equal(b.h, fresh.h, sizeof(fresh.h));
}

/* Whichever bit changes, in any quarter or behind them: 5 regions of 0 to 1000 bytes. */
static void every_bit_counts(void **state)
{
	static const size_t lengths[] = { 1, 256, 319, 0, 1000 };
	uint8_t text[1576] = { 0 }, want[KP_DIGEST_BYTES], got[KP_DIGEST_BYTES];
	struct region regions[5];
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		regions[i] = (struct region){ text + at, lengths[i] };
		at += lengths[i];
	}
	assert_int_equal(at, sizeof(text));
	compute(regions, 5, this_cpu_has_sha_ni(), want);
	for (size_t bit = 0; bit < 8 * sizeof(text); bit++) {
		text[bit / 8] ^= (uint8_t)(1u << bit % 8);
		compute(regions, 5, this_cpu_has_sha_ni(), got);
		assert_memory_not_equal(got, want, sizeof(want));
		text[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* The mark behind a region changes with it, also where all lanes take the same; and not before. */
static void a_mark_says_where(void **state)
{
	static const uint8_t bytes[] = { 0, 1, 0x80, 0xff };
	static uint8_t text[3][1024];
	uint64_t seen[3][sizeof(bytes)];

	(void)state;
	for (size_t b = 0; b < sizeof(bytes); b++) {
		struct kp_digest d;

		memset(text[1], bytes[b], sizeof(text[1]));
		kp_digest_init(&d, this_cpu_has_sha_ni());
		for (size_t i = 0; i < 3; i++) {
			kp_digest_region(&d, text[i], sizeof(text[i]));
			seen[i][b] = kp_digest_mark(&d);
		}
		for (size_t before = 0; before < b; before++) {
			assert_true(seen[0][b] == seen[0][before]);
			assert_true(seen[1][b] != seen[1][before]);
			assert_true(seen[2][b] != seen[2][before]);
		}
	}
}

static void wants_every_extension(void **state)
{
	const uint32_t sse = X86_CPUID1_ECX_SSSE3 | X86_CPUID1_ECX_SSE4_1;

	(void)state;
	assert_true(kp_digest_sha_ni(1u << 29, 1u << 9 | 1u << 19));
	assert_true(kp_digest_sha_ni(UINT32_MAX, UINT32_MAX));
	assert_false(kp_digest_sha_ni(~X86_CPUID7_EBX_SHA, UINT32_MAX));
	assert_false(kp_digest_sha_ni(X86_CPUID7_EBX_SHA, sse & ~X86_CPUID1_ECX_SSSE3));
	assert_false(kp_digest_sha_ni(X86_CPUID7_EBX_SHA, sse & ~X86_CPUID1_ECX_SSE4_1));
	assert_false(kp_digest_sha_ni(0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sse2_agrees_with_the_model),
		cmocka_unit_test(sha_ni_agrees_with_the_model),
		cmocka_unit_test(sha_ni_lanes_know_nist_answers),
		cmocka_unit_test(no_blocks_change_nothing),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(a_mark_says_where),
		cmocka_unit_test(wants_every_extension),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
