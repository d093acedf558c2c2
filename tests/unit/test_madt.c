/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "madt.h"

#define HEADER 44

static const uint8_t lapic_0[] = { 0, 8, 0, 0, 1, 0, 0, 0 };
static const uint8_t lapic_7_online_capable[] = { 0, 8, 1, 7, 2, 0, 0, 0 };
static const uint8_t lapic_unused[] = { 0, 8, 2, 0xff, 0, 0, 0, 0 };
static const uint8_t ioapic[] = { 1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 };
static const uint8_t x2apic_0x2345[] = { 9, 16, 0, 0, 0x45, 0x23, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 };
static const uint8_t x2apic_unused[] = { 9, 16, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0 };
static const uint8_t wakeup[] = { 0x10, 16, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0 };
static const uint8_t no_length[] = { 0, 0, 0, 0, 1, 0, 0, 0 };
static const uint8_t one_byte[] = { 0, 1, 0, 0, 1, 0, 0, 0 };
static const uint8_t unknown_one_byte[] = { 0x30, 1 };
static const uint8_t past_the_end[] = { 0, 200, 0, 0, 1, 0, 0, 0 };
static const uint8_t short_lapic[] = { 0, 4, 0, 0 };
static const uint8_t short_x2apic[] = { 9, 8, 0, 0, 0, 0, 0, 0 };
static const uint8_t half_entry[] = { 0 };

struct table {
	uint8_t bytes[4096];
	size_t len;
};

static void begin(struct table *t)
{
	memset(t, 0, sizeof(*t));
	memcpy(t->bytes, "APIC", 4);
	t->len = HEADER;
}

static void add(struct table *t, const uint8_t *entry, size_t n)
{
	memcpy(t->bytes + t->len, entry, n);
	t->len += n;
	t->bytes[4] = (uint8_t)t->len;
	t->bytes[5] = (uint8_t)(t->len >> 8);
}
#define ADD(t, e) add(t, e, sizeof(e))

/* From the heap and of the exact size, so that a sanitizer sees a read past the end. */
static int parse(const struct table *t, struct kp_arena *arena, struct kp_madt *madt,
		 struct kp_error *err)
{
	uint8_t *copy = malloc(t->len);
	int rc;

	memcpy(copy, t->bytes, t->len);
	rc = kp_madt_parse((struct kp_view){ copy, t->len }, arena, madt, err);
	free(copy);
	return rc;
}

static void apics_of_both_types(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_madt madt;
	struct table t;

	(void)state;
	begin(&t);
	ADD(&t, lapic_0);
	ADD(&t, ioapic);
	ADD(&t, lapic_7_online_capable);
	ADD(&t, lapic_unused);
	ADD(&t, x2apic_0x2345);
	ADD(&t, x2apic_unused);
	assert_int_equal(parse(&t, &arena, &madt, &err), 0);
	assert_int_equal(madt.n_apics, 3);
	assert_true(madt.apics[0].id == 0 && madt.apics[0].enabled);
	assert_true(madt.apics[1].id == 7 && !madt.apics[1].enabled &&
		    madt.apics[1].online_capable);
	assert_int_equal(madt.apics[2].id, 0x2345);
	assert_false(madt.mp_wakeup);
	ADD(&t, wakeup);
	assert_int_equal(parse(&t, &arena, &madt, &err), 0);
	assert_true(madt.mp_wakeup);
	kp_arena_free(&arena);
}

/* ACPI 6.3, whose MADT has revision 5, tells CPUs that may come from those that never do. */
static void cpus_that_may_come(void **state)
{
	static const uint8_t disabled[] = { 0, 8, 2, 9, 0, 0, 0, 0 };
	static const struct { uint8_t revision; bool comes; } rows[] = {
		{ 1, true }, { 4, true }, { 5, false }, { 6, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kp_arena arena = { 0 };
		struct kp_error err = { 0 };
		struct kp_madt madt;
		struct table t;

		begin(&t);
		t.bytes[8] = rows[i].revision;
		ADD(&t, lapic_0);
		ADD(&t, lapic_7_online_capable);
		ADD(&t, disabled);
		assert_int_equal(parse(&t, &arena, &madt, &err), 0);
		assert_false(madt.apics[0].online_capable);
		assert_true(madt.apics[1].online_capable);
		assert_int_equal(madt.apics[2].online_capable, rows[i].comes);
		kp_arena_free(&arena);
	}
}

/* Reading stops at the bad entry, as in Linux, and the CPUs before it count. */
static void damaged_tables(void **state)
{
	static const struct {
		const char *name;
		const uint8_t *entry;
		size_t n, n_apics;
	} rows[] = {
		{ "length 0 would loop", no_length, sizeof(no_length), 1 },
		{ "length 1", one_byte, sizeof(one_byte), 1 },
		{ "length 1 of an unknown type", unknown_one_byte, sizeof(unknown_one_byte), 1 },
		{ "past the end, but a local APIC", past_the_end, sizeof(past_the_end), 2 },
		{ "past the end, half of it", past_the_end, 6, 1 },
		{ "short local APIC", short_lapic, sizeof(short_lapic), 1 },
		{ "short x2APIC", short_x2apic, sizeof(short_x2apic), 1 },
		{ "half an entry", half_entry, sizeof(half_entry), 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kp_arena arena = { 0 };
		struct kp_error err = { 0 };
		struct kp_madt madt;
		struct table t;

		begin(&t);
		ADD(&t, lapic_0);
		add(&t, rows[i].entry, rows[i].n);
		if (rows[i].n_apics == 1 && rows[i].entry != past_the_end && rows[i].n > 1)
			ADD(&t, lapic_7_online_capable);
		if (parse(&t, &arena, &madt, &err))
			fail_msg("%s: %s", rows[i].name, err.text);
		if (madt.n_apics != rows[i].n_apics)
			fail_msg("%s: %zu APICs", rows[i].name, madt.n_apics);
		assert_int_equal(madt.damage.code, KP_MACHINE);
		assert_non_null(strstr(madt.damage.text, "52")); /* the bad entry's offset */
		kp_arena_free(&arena);
	}
}

/* Firmware's or a capture's: the CPUs up to the cut. */
static void a_table_that_is_cut(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_madt madt;
	struct table t;

	(void)state;
	begin(&t);
	ADD(&t, lapic_0);
	ADD(&t, x2apic_0x2345);
	for (size_t len = HEADER; len < t.len; len++) {
		struct table cut = t;

		cut.len = len;
		assert_int_equal(parse(&cut, &arena, &madt, &err), 0);
		assert_int_equal(madt.n_apics, len >= HEADER + sizeof(lapic_0));
		assert_int_equal(madt.damage.code, KP_MACHINE);
		assert_non_null(strstr(madt.damage.text, "says it has 68 bytes, there are"));
	}
	kp_arena_free(&arena);
}

/* Linux has room for 32768 (MAX_LOCAL_APIC). */
static void ids_that_linux_does_not_take(void **state)
{
	static const struct { uint32_t id; size_t taken; } rows[] = {
		{ 32767, 1 }, { 32768, 0 }, { 0xfffffffe, 0 },
	};
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_madt madt;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t entry[sizeof(x2apic_0x2345)];
		struct table t;

		memcpy(entry, x2apic_0x2345, sizeof(entry));
		memcpy(entry + 4, &rows[i].id, 4);
		begin(&t);
		ADD(&t, entry);
		ADD(&t, lapic_0);
		assert_int_equal(parse(&t, &arena, &madt, &err), 0);
		assert_int_equal(madt.n_apics, rows[i].taken + 1);
		assert_int_equal(madt.n_too_big, 1 - rows[i].taken);
		assert_int_equal(madt.damage.code, KP_OK);
	}
	kp_arena_free(&arena);
}

static void bad_headers(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_madt madt;
	struct table t;

	(void)state;
	begin(&t);
	ADD(&t, lapic_0);
	for (size_t len = 0; len < HEADER; len++) {
		struct table cut = t;

		cut.len = len;
		assert_int_equal(parse(&cut, &arena, &madt, &err), -1);
	}
	t.bytes[0] = 'X';
	assert_int_equal(parse(&t, &arena, &madt, &err), -1);
	t.bytes[0] = 'A';
	t.bytes[4] = HEADER - 1;
	assert_int_equal(parse(&t, &arena, &madt, &err), -1);
	kp_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apics_of_both_types),
		cmocka_unit_test(cpus_that_may_come),
		cmocka_unit_test(damaged_tables),
		cmocka_unit_test(a_table_that_is_cut),
		cmocka_unit_test(ids_that_linux_does_not_take),
		cmocka_unit_test(bad_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
