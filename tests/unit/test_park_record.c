/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "blobs.h"
#include "park_image.h"
#include "park_page.h"
#include "park_record.h"

#define PLACE 0x58000u

/* A page that has seen a hand-over, and the machine that it is found on. */
struct fixture {
	uint8_t page[2][PARK_PAGE_SIZE];
	struct kp_low_page low[2];
	struct kp_machine machine;
	struct kp_park_status status;
	struct kp_error err;
};

static struct park_record *record_of(uint8_t *page)
{
	return (struct park_record *)(page + PARK_OFF_RECORD);
}

static struct park_live *live_of(uint8_t *page)
{
	return (struct park_live *)(page + PARK_IMMUTABLE_BYTES);
}

static void fill(uint8_t *page)
{
	static const char text[] = "entered\nverified 63 MiB\n";
	struct park_record *r = record_of(page);
	struct park_live *live = live_of(page);

	*live = (struct park_live){
		.tag = PARK_TAG, .arrived = 3, .nmi_count = 11, .mce_count = 5, .last_nmi = 2,
		.last_mce = PARK_ID_NONE, .mode = PARK_MODE_CLGI,
	};
	*r = (struct park_record){
		.generation = 7, .slot = KP_CRASH, .boot_apic_id = 4, .boot_is_bsp = 1,
		.expected = 5, .verdict = PARK_VERDICT_SOME, .digest = PARK_DIGEST_MATCH, .nmi_count = 2,
		.mce_count = 1, .tsc_khz = 2000000, .digest_bytes = 66060288, .n_missing = 2,
		.missing = { 9, 300 }, .log_bytes = sizeof(text) - 1,
		.tsc = { 1000, 2001000, 4001000, 4003000, 24003000, 24005000 },
		.mismatch = 0x37000, .sel = { [PARK_OUTCOME_ENTERED] = 0x235, [PARK_OUTCOME_BEGUN] = 1 },
	};
	memcpy(r->log, text, sizeof(text) - 1);
}

static int set_up(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	for (unsigned i = 0; i < 2; i++) {
		f.low[i] = (struct kp_low_page){ PLACE + i * 0x1000, f.page[i] };
		assert_int_equal(kp_park_page_build(kp_blobs_embedded().park_page, f.low[i].phys,
						    f.page[i], &f.err), 0);
		fill(f.page[i]);
	}
	f.machine = (struct kp_machine){ .low_pages = f.low, .n_low_pages = 1 };
	*state = &f;
	return 0;
}

static void read_status(struct fixture *f)
{
	if (kp_park_status_read(&f->machine, &f->status, &f->err))
		fail_msg("%s", f->err.text);
}

static void a_good_record_is_told_as_it_is(void **state)
{
	static const uint64_t us[KP_PARK_PHASES] = { 0, 1000, 2000, 2001, 12001, 12002 };
	struct fixture *f = *state;
	struct kp_park_status *s = &f->status;

	read_status(f);
	assert_int_equal(s->found, KP_PARK_FOUND_INTACT);
	assert_int_equal(s->address, PLACE);
	assert_int_equal(s->mode, KP_PARK_CLGI);
	assert_int_equal(s->generation, 7);
	assert_int_equal(s->expected, 5);
	assert_int_equal(s->arrived, 3);
	assert_int_equal(s->nmi_count, 11);
	assert_int_equal(s->mce_count, 5);
	assert_int_equal(s->last_nmi_apic_id, 2);
	assert_int_equal(s->last_mce_apic_id, UINT32_MAX);
	assert_int_equal(s->n_missing, 2);
	assert_int_equal(s->missing[0], 9);
	assert_int_equal(s->missing[1], 300);
	assert_int_equal(s->slot, KP_CRASH);
	assert_int_equal(s->boot_apic_id, 4);
	assert_true(s->boot_is_bsp);
	assert_int_equal(s->verdict, PARK_VERDICT_SOME);
	assert_int_equal(s->digest, PARK_DIGEST_MATCH);
	assert_int_equal(s->purgatory_nmi_count, 2);
	assert_int_equal(s->purgatory_mce_count, 1);
	assert_int_equal(s->digest_bytes, 66060288);
	assert_string_equal(s->log, "entered\nverified 63 MiB\n");
	assert_int_equal(s->sel[PARK_OUTCOME_MISMATCH], 0);
	assert_int_equal(s->sel[PARK_OUTCOME_ENTERED], 0x235);
	assert_int_equal(s->sel[PARK_OUTCOME_BEGUN], 1);
	assert_int_equal(s->mismatch, 0); /* the digest matched */
	record_of(f->page[0])->digest = PARK_DIGEST_MISMATCH;
	read_status(f);
	assert_int_equal(s->mismatch, 0x37000);
	for (size_t i = 0; i < KP_PARK_PHASES; i++)
		assert_int_equal(s->phase_us[i], us[i]);
}

static void a_log_is_bounded_and_printable(void **state)
{
	struct fixture *f = *state;
	struct park_record *r = record_of(f->page[0]);

	for (size_t i = 0; i < PARK_RECORD_LOG; i++)
		r->log[i] = (uint8_t)i;
	r->log_bytes = UINT32_MAX;
	read_status(f);
	assert_int_equal(strlen(f->status.log), PARK_RECORD_LOG);
	for (size_t i = 0; i < PARK_RECORD_LOG; i++) {
		uint8_t raw = (uint8_t)i;
		bool plain = raw == '\n' || (raw >= ' ' && raw <= '~');

		assert_int_equal(f->status.log[i], plain ? raw : '?');
	}
	r->log_bytes = 0;
	read_status(f);
	assert_string_equal(f->status.log, "");
}

/* In whatever order: the phases have numbers, not a place in time. */
static void times_never_go_back(void **state)
{
	static const uint64_t forged[][PARK_PHASES] = {
		{ 5000, 4000, 6000, 0, UINT64_MAX, 1 }, { UINT64_MAX, 0, 0, 0, 0, 0 },
		{ 0, UINT64_MAX, 0, 0, 0, UINT64_MAX }, { 1000, 2000, 0, 0, 0, 0 },
		{ 0, UINT64_MAX / 1000, UINT64_MAX / 1000 + 1, UINT64_MAX / 999, 0, 0 },
		{ 0, INT64_MAX / 1000 - 1, INT64_MAX / 1000, INT64_MAX / 1000 + 1, 0, 0 },
	};
	static const uint32_t khz[] = { 0, 1, 1000, UINT32_MAX };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++)
		for (size_t k = 0; k < sizeof(khz) / sizeof(*khz); k++) {
			memcpy(record_of(f->page[0])->tsc, forged[i], sizeof(forged[i]));
			record_of(f->page[0])->tsc_khz = khz[k];
			read_status(f);
			assert_int_equal(f->status.phase_us[0], 0);
			for (size_t p = 1; p < KP_PARK_PHASES; p++) {
				assert_true(f->status.phase_us[p] <= INT64_MAX);
				if (forged[i][p] <= forged[i][0])
					assert_int_equal(f->status.phase_us[p], 0);
			}
		}
}

static void a_phase_that_was_not_reached_has_no_time(void **state)
{
	static const uint64_t us[KP_PARK_PHASES] = { 0, 1000, 2000, 0, 0, 0 };
	struct fixture *f = *state;

	memset(record_of(f->page[0])->tsc + 3, 0, 3 * sizeof(uint64_t));
	read_status(f);
	assert_memory_equal(f->status.phase_us, us, sizeof(us));
}

static void any_bytes_at_all_decode(void **state)
{
	struct fixture *f = *state;
	uint32_t random = 1;

	for (int run = 0; run < 1000; run++) {
		for (size_t i = PARK_IMMUTABLE_BYTES; i < PARK_PAGE_SIZE; i++) {
			random = random * 1664525 + 1013904223;
			f->page[0][i] = random >> 24;
		}
		read_status(f);
		assert_int_equal(f->status.found, KP_PARK_FOUND_INTACT);
		assert_true(f->status.mode <= KP_PARK_CLGI);
		assert_true(f->status.slot <= KP_CRASH);
		assert_true(strlen(f->status.log) <= PARK_RECORD_LOG);
	}
	record_of(f->page[0])->n_missing = UINT32_MAX;
	live_of(f->page[0])->mode = PARK_MODE_INIT;
	read_status(f);
	assert_int_equal(f->status.n_missing, UINT32_MAX);
	assert_int_equal(f->status.mode, KP_PARK_INIT);
}

static void no_page_is_no_error(void **state)
{
	struct fixture *f = *state;

	f->machine.n_low_pages = 0;
	f->machine.devmem_error = "not root";
	read_status(f);
	assert_int_equal(f->status.found, KP_PARK_FOUND_NONE);
	f->machine.n_low_pages = 1;
	memset(f->page[0], 0, PARK_PAGE_SIZE);
	read_status(f);
	assert_int_equal(f->status.found, KP_PARK_FOUND_NONE);
}

static void a_page_that_cannot_be_read_is_an_error(void **state)
{
	struct fixture *f = *state;

	f->low[0].bytes = NULL;
	f->machine.devmem_error = "/dev/mem: Operation not permitted";
	assert_int_equal(kp_park_status_read(&f->machine, &f->status, &f->err), -1);
	assert_int_equal(f->err.code, KP_PARK);
	assert_non_null(strstr(f->err.text, "Operation not permitted"));
}

static void a_damaged_page_tells_nothing(void **state)
{
	struct fixture *f = *state;

	f->page[0][PARK_OFF_CODE] ^= 1;
	read_status(f);
	assert_int_equal(f->status.found, KP_PARK_FOUND_CORRUPT);
	assert_int_equal(f->status.address, PLACE);
	assert_int_equal(f->status.generation, 0);
}

static void of_two_pages_the_one_in_use_is_told(void **state)
{
	struct fixture *f = *state;

	f->machine.n_low_pages = 2;
	record_of(f->page[1])->generation = 8;
	read_status(f);
	assert_int_equal(f->status.address, PLACE + 0x1000);
	record_of(f->page[0])->generation = 9;
	read_status(f);
	assert_int_equal(f->status.address, PLACE);
	f->page[0][PARK_OFF_CODE] ^= 1;
	read_status(f);
	assert_int_equal(f->status.address, PLACE + 0x1000);
	assert_int_equal(f->status.found, KP_PARK_FOUND_INTACT);
	f->page[1][PARK_OFF_MAGIC] ^= 1;
	read_status(f);
	assert_int_equal(f->status.found, KP_PARK_FOUND_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_good_record_is_told_as_it_is, set_up),
		cmocka_unit_test_setup(a_log_is_bounded_and_printable, set_up),
		cmocka_unit_test_setup(times_never_go_back, set_up),
		cmocka_unit_test_setup(a_phase_that_was_not_reached_has_no_time, set_up),
		cmocka_unit_test_setup(any_bytes_at_all_decode, set_up),
		cmocka_unit_test_setup(no_page_is_no_error, set_up),
		cmocka_unit_test_setup(a_page_that_cannot_be_read_is_an_error, set_up),
		cmocka_unit_test_setup(a_damaged_page_tells_nothing, set_up),
		cmocka_unit_test_setup(of_two_pages_the_one_in_use_is_told, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
