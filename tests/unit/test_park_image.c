/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "blobs.h"
#include "in_range.h"
#include "park_image.h"
#include "park_page.h"
#include "sha256.h"
#include "x86.h"

#define PLACE 0x58000u

static struct kp_view blob(void)
{
	return kp_blobs_embedded().park_page;
}

static uint64_t get(const uint8_t *page, size_t off, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, page + off, bytes);
	return value;
}

static void build(uint64_t phys, uint8_t *page)
{
	struct kp_error err = { 0 };

	if (kp_park_page_build(blob(), phys, page, &err))
		fail_msg("0x%llx: %s", (unsigned long long)phys, err.text);
}

/* The digest as a later loader of any version would compute it, written a second time. */
static void seal(uint8_t *page)
{
	size_t len = get(page, PARK_OFF_IMMUTABLE, 4);
	struct kp_sha256 sha;

	memset(page + PARK_OFF_SHA256, 0, KP_SHA256_BYTES);
	kp_sha256_init(&sha);
	kp_sha256_update(&sha, page, len);
	kp_sha256_final(&sha, page + PARK_OFF_SHA256);
}

static void the_blob_is_a_page_without_a_place(void **state)
{
	const struct park_live *live = (const void *)(blob().bytes + PARK_IMMUTABLE_BYTES);

	(void)state;
	assert_int_equal(blob().len, PARK_PAGE_SIZE);
	assert_memory_equal(blob().bytes + PARK_OFF_MAGIC, "KXECPARK", 8);
	assert_int_equal(get(blob().bytes, PARK_OFF_ADDRESS, 4), 0);
	assert_int_equal(live->tag, PARK_TAG);
	assert_int_equal(live->arrived, 0);
	assert_int_equal(live->bsp_id, PARK_ID_NONE);
	assert_int_equal(live->frame[1], PARK_CS);
	assert_int_equal(live->frame[2], 2);
	assert_uint_in_range(live->frame[0], PARK_OFF_CODE, PARK_OFF_GDTR - 1);
}

/* Between code and tables there is INT3 and nothing else. */
static void unused_bytes_are_int3(void **state)
{
	size_t off = PARK_OFF_GDTR;

	(void)state;
	while (blob().bytes[off - 1] == 0xcc)
		off--;
	assert_uint_in_range(off, PARK_OFF_CODE + 0x100, PARK_OFF_GDTR - 0x100);
	for (off = PARK_OFF_IDT + 8 * X86_EXCEPTION_VECTORS; off < PARK_IMMUTABLE_BYTES; off++)
		assert_int_equal(blob().bytes[off], 0xcc);
}

/* SDM volume 3, figure 3-8: where a descriptor keeps its base, limit and type. */
static void check_descriptor(const uint8_t *page, uint16_t selector, uint8_t type, uint64_t base)
{
	uint64_t gdt = get(page, PARK_OFF_GDTR_BASE, 4) - get(page, PARK_OFF_ADDRESS, 4);
	const uint8_t *d = page + gdt + selector;

	assert_int_equal(get(d, 2, 3) | (uint64_t)d[7] << 24, base);
	assert_int_equal(get(d, 0, 2) | (d[6] & 0xfu) << 16, 0xfff);
	assert_int_equal(d[5], type);
	assert_int_equal(d[6] >> 4, 4);
}

static void the_place_is_in_every_field_that_needs_it(void **state)
{
	static const uint32_t places[] = { PARK_PAGE_LOWEST, PLACE, 0x9e000, 0x9f000 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		uint8_t page[PARK_PAGE_SIZE];
		uint32_t at = places[i];

		build(at, page);
		assert_int_equal(get(page, PARK_OFF_ADDRESS, 4), at);
		assert_int_equal(get(page, PARK_OFF_GDTR_BASE, 4), at + PARK_OFF_GDT);
		assert_int_equal(get(page, PARK_OFF_GDTR, 2), 3 * 8 - 1);
		assert_int_equal(get(page, PARK_OFF_IDTR_BASE, 4), at + PARK_OFF_IDT);
		assert_int_equal(get(page, PARK_OFF_IDTR, 2), 8 * X86_EXCEPTION_VECTORS - 1);
		assert_int_equal(get(page, PARK_OFF_BRIDGE_BASE, 4), at + PARK_OFF_BRIDGE);
		check_descriptor(page, PARK_CS, 0x9b, at);
		check_descriptor(page, PARK_DS, 0x93, at);
		for (unsigned v = 0; v < PARK_BRIDGE_VECTORS; v++)
			if (v != 4 && v != 5)
				assert_int_equal(get(page, PARK_OFF_BRIDGE + 4 * v + 2, 2),
						 at >> 4);
	}
}

/* The bridge has, for NMI and #MC, what the full table has. */
static void the_bridge_has_the_gates_of_the_table(void **state)
{
	uint8_t page[PARK_PAGE_SIZE];

	(void)state;
	build(PLACE, page);
	assert_memory_equal(page + PARK_OFF_BRIDGE + 8 * X86_VECTOR_NMI,
			    page + PARK_OFF_IDT + 8 * X86_VECTOR_NMI, 8);
	assert_memory_equal(page + PARK_OFF_BRIDGE + 8 * X86_VECTOR_MC,
			    page + PARK_OFF_IDT + 8 * X86_VECTOR_MC, 8);
}

/* Nothing but what the header of the ABI names depends on the place. */
static void no_other_byte_depends_on_the_place(void **state)
{
	uint8_t low[PARK_PAGE_SIZE], high[PARK_PAGE_SIZE];
	size_t differ = 0;

	(void)state;
	build(0x10000, low);
	build(0x9f000, high);
	memcpy(high + PARK_OFF_SHA256, low + PARK_OFF_SHA256, KP_SHA256_BYTES);
	for (size_t i = 0; i < PARK_PAGE_SIZE; i++)
		differ += low[i] != high[i];
	/* 0x010000 and 0x09f000 differ in two bytes of six fields, 0x1000 and 0x9f00 in one. */
	assert_int_equal(differ, 6 * 2 + (PARK_BRIDGE_VECTORS - 2));
}

static void only_a_whole_page_of_low_memory_will_do(void **state)
{
	static const struct { uint64_t at; int rc; } rows[] = {
		{ 0x10000, 0 }, { 0x9f000, 0 }, { 0, -1 }, { 0xf000, -1 }, { 0xa0000, -1 },
		{ 0x10800, -1 }, { 0x10001, -1 }, { 0x100010000, -1 },
		{ UINT64_MAX & ~0xfffULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t page[PARK_PAGE_SIZE];
		struct kp_error err = { 0 };

		assert_int_equal(kp_park_page_build(blob(), rows[i].at, page, &err), rows[i].rc);
		assert_int_equal(err.code, rows[i].rc ? KP_PARK : KP_OK);
	}
}

static void what_is_no_page_is_a_bug(void **state)
{
	uint8_t bytes[PARK_PAGE_SIZE], page[PARK_PAGE_SIZE];
	static const size_t spoilt[] = { PARK_OFF_MAGIC, PARK_OFF_VERSION, PARK_OFF_ADDRESS };
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(kp_park_page_build((struct kp_view){ blob().bytes, 4095 }, PLACE, page,
					    &err), -1);
	assert_int_equal(err.code, KP_INTERNAL);
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		memcpy(bytes, blob().bytes, sizeof(bytes));
		bytes[spoilt[i]] ^= 0x80;
		assert_int_equal(kp_park_page_build((struct kp_view){ bytes, sizeof(bytes) }, PLACE,
						    page, &err), -1);
		assert_int_equal(err.code, KP_INTERNAL);
	}
}

static void a_page_in_use_is_intact(void **state)
{
	uint8_t page[PARK_PAGE_SIZE];

	(void)state;
	build(PLACE, page);
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_INTACT);
	memset(page + PARK_IMMUTABLE_BYTES, 0x5a, PARK_PAGE_SIZE - PARK_IMMUTABLE_BYTES);
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_INTACT);
}

static void every_changed_byte_is_seen(void **state)
{
	uint8_t page[PARK_PAGE_SIZE];

	(void)state;
	build(PLACE, page);
	for (size_t i = 0; i < PARK_IMMUTABLE_BYTES; i++) {
		bool magic = i >= PARK_OFF_MAGIC && i < PARK_OFF_MAGIC + 8;

		for (int bit = 0; bit < 8; bit++) {
			page[i] ^= 1 << bit;
			if (kp_park_page_identify(page, PLACE, blob()) !=
			    (magic ? KP_PAGE_FOREIGN : KP_PAGE_CORRUPT))
				fail_msg("bit %d of byte 0x%zx", bit, i);
			page[i] ^= 1 << bit;
		}
	}
}

static void a_page_that_was_moved_is_corrupt(void **state)
{
	uint8_t page[PARK_PAGE_SIZE];

	(void)state;
	build(PLACE, page);
	assert_int_equal(kp_park_page_identify(page, PLACE + 0x1000, blob()), KP_PAGE_CORRUPT);
	assert_false(kp_park_page_holds(page, PLACE + 0x100000000));
}

static void another_version_holds_by_its_own_digest(void **state)
{
	uint8_t page[PARK_PAGE_SIZE];

	(void)state;
	build(PLACE, page);
	page[PARK_OFF_VERSION]++;
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_CORRUPT);
	seal(page);
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_OTHER_VERSION);
	page[PARK_OFF_IMMUTABLE + 1] = 0x0c; /* a longer immutable part */
	seal(page);
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_OTHER_VERSION);
	page[0xbff] ^= 1;
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_CORRUPT);
}

/* Code of somebody else's under our version, with a digest that fits: never taken for ours. */
static void a_forged_digest_does_not_make_it_ours(void **state)
{
	uint8_t page[PARK_PAGE_SIZE];

	(void)state;
	build(PLACE, page);
	page[PARK_OFF_CODE] ^= 1;
	seal(page);
	assert_true(kp_park_page_holds(page, PLACE));
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_OTHER_VERSION);
}

static void a_forged_length_is_bounded(void **state)
{
	static const uint32_t lengths[] = { 0, PARK_OFF_SHA256 + 31, 4097, 0x80000000, 0xffffffff };
	uint8_t page[PARK_PAGE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		build(PLACE, page);
		memcpy(page + PARK_OFF_IMMUTABLE, &lengths[i], 4);
		assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_CORRUPT);
	}
}

static void anything_else_is_foreign(void **state)
{
	uint8_t page[PARK_PAGE_SIZE];

	(void)state;
	memset(page, 0, sizeof(page));
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_FOREIGN);
	memset(page, 0xff, sizeof(page));
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_FOREIGN);
	memcpy(page + PARK_OFF_MAGIC, "KXECPARK", 8);
	assert_int_equal(kp_park_page_identify(page, PLACE, blob()), KP_PAGE_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_blob_is_a_page_without_a_place),
		cmocka_unit_test(unused_bytes_are_int3),
		cmocka_unit_test(the_place_is_in_every_field_that_needs_it),
		cmocka_unit_test(the_bridge_has_the_gates_of_the_table),
		cmocka_unit_test(no_other_byte_depends_on_the_place),
		cmocka_unit_test(only_a_whole_page_of_low_memory_will_do),
		cmocka_unit_test(what_is_no_page_is_a_bug),
		cmocka_unit_test(a_page_in_use_is_intact),
		cmocka_unit_test(every_changed_byte_is_seen),
		cmocka_unit_test(a_page_that_was_moved_is_corrupt),
		cmocka_unit_test(another_version_holds_by_its_own_digest),
		cmocka_unit_test(a_forged_digest_does_not_make_it_ours),
		cmocka_unit_test(a_forged_length_is_bounded),
		cmocka_unit_test(anything_else_is_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
