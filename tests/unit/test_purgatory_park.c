/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "apic.h"
#include "console.h"
#include "in_range.h"
#include "kexec_types.h"
#include "park.h"
#include "purgatory_mock.h"
#include "record.h"
#include "sha256.h"

#define SECOND (1000ull * 1000 * 1000)  /* of the mocked clock */

static uint32_t ids[MOCK_MAX_CPUS];
static struct purgatory_params params;

static struct park_live *live(void)
{
	return (void *)(mock.page + PARK_IMMUTABLE_BYTES);
}

/* A page whose digest holds, its code filled with one byte. */
static void make_page(uint8_t *page, uint8_t code)
{
	struct kp_sha256 sha;

	memset(page, code, PARK_PAGE_SIZE);
	memset(page + PARK_OFF_SHA256, 0, KP_SHA256_BYTES);
	kp_sha256_init(&sha);
	kp_sha256_update(&sha, page, PARK_IMMUTABLE_BYTES);
	kp_sha256_final(&sha, page + PARK_OFF_SHA256);
	memset(page + PARK_OFF_RECORD, 0, sizeof(struct park_record));
}

/* A new page and a BSP with ID 0 that boots. */
static int setup(void **state)
{
	static const struct console_config silent;

	(void)state;
	mock_reset();
	console_init(&silent);
	memset(&params, 0, sizeof(params));
	params.flags = PURGATORY_PARK | PURGATORY_PARK_INSTALL;
	params.park_page = MOCK_PAGE;
	params.park_image = (uintptr_t)mock.image;
	params.park_ids = (uintptr_t)ids;
	params.bsp_apic_id = PARK_ID_NONE;
	make_page(mock.image, 0xc3);
	ids[0] = 0;
	params.park_n_ids = 1;
	return 0;
}

/* One more CPU that the loader knows of and that is there. */
static void add_cpu(uint32_t id)
{
	ids[params.park_n_ids++] = id;
	mock_add_cpu(id);
}

static void boot_on(uint32_t id)
{
	mock.apic_id = id;
	mock.apic_base &= ~(uint64_t)MSR_IA32_APIC_BASE_BSP;
}

static void keep_page(uint32_t generation, uint32_t bsp_id)
{
	struct park_record *old = (void *)(mock.page + PARK_OFF_RECORD);

	params.flags &= ~PURGATORY_PARK_INSTALL;
	params.park_image = 0;
	make_page(mock.page, 0x90);
	old->generation = generation;
	live()->bsp_id = bsp_id;
	live()->arrived = 77;
	live()->nmi_count = 77;
}

static void digest_of(const void *bytes, size_t n, uint8_t digest[KP_SHA256_BYTES])
{
	struct kp_sha256 sha;

	kp_sha256_init(&sha);
	kp_sha256_update(&sha, bytes, n);
	kp_sha256_final(&sha, digest);
}

/* What a loader says of the image and the IDs. Once: a test may damage them after it. */
static void seal(void)
{
	static const uint8_t unsealed[KP_SHA256_BYTES];

	if (memcmp(params.park_ids_digest, unsealed, sizeof(unsealed)))
		return;
	digest_of(mock.image, PARK_PAGE_SIZE, params.park_image_digest);
	digest_of(ids, (params.park_n_ids + params.park_n_extra) * sizeof(*ids),
		  params.park_ids_digest);
}

static void run(void)
{
	enum apic_state apic_state;
	struct apic apic;

	seal();

	memcpy(mock.page_before, mock.page, PARK_PAGE_SIZE);
	apic_state = apic_open(&apic);
	park_attach_record(&params);
	park_others(&params, &apic, apic_state);
	record_publish();
}

static const struct park_record *published(void)
{
	return (void *)(mock.page + PARK_OFF_RECORD);
}

static size_t count_icr(uint32_t command, uint32_t dest)
{
	size_t n = 0;

	for (size_t i = 0; i < mock.n_events; i++) {
		const struct mock_event *e = &mock.events[i];

		if (e->kind == MOCK_MMIO && e->at == 0xfee00300 && e->value == command &&
		    mock.events[i - 1].value >> 24 == dest)
			n++;
		if (e->kind == MOCK_WRMSR && e->at == 0x830 && (uint32_t)e->value == command &&
		    e->value >> 32 == dest)
			n++;
	}
	return n;
}

static uint64_t when(uint32_t command, size_t nth)
{
	for (size_t i = 0; i < mock.n_events; i++)
		if (mock.events[i].kind == MOCK_MMIO && mock.events[i].at == 0xfee00300 &&
		    mock.events[i].value == command && !nth--)
			return mock.events[i].tsc;
	fail_msg("command %#x was not sent", command);
	return 0;
}

static void test_bsp_parks_all_by_shorthand(void **state)
{
	(void)state;
	add_cpu(1);
	add_cpu(2);
	add_cpu(3);
	run();
	assert_int_equal(mock.n_events, 6); /* three commands, two writes each */
	assert_int_equal(count_icr(0xc4500, 0), 1);
	assert_int_equal(count_icr(0xc4610, 0), 2);
	assert_uint_in_range(when(0xc4610, 0) - when(0xc4500, 0), SECOND / 100, SECOND / 99);
	assert_uint_in_range(when(0xc4610, 1) - when(0xc4610, 0), SECOND / 5000, SECOND / 4900);
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
	assert_int_equal(record.expected, 3);
	assert_int_equal(live()->arrived, 3);
	assert_int_equal(live()->bsp_id, 0);
	assert_int_equal(published()->generation, 1);
	assert_memory_equal(mock.page, mock.image, PARK_IMMUTABLE_BYTES);
	assert_false(mock.page_changed_before_init);
}

/* On CPU 2, of a machine whose BSP is CPU 0, as the loader says, and that has a CPU 1. */
static void panic_off_the_bsp(void)
{
	params.bsp_apic_id = 0;
	boot_on(2);
	mock.bsp_id = 0;
	mock_add_cpu(0);
	add_cpu(1);
}

static void test_elsewhere_the_bsp_is_left_alone(void **state)
{
	(void)state;
	keep_page(4, 0);
	panic_off_the_bsp();
	ids[params.park_n_ids++] = 2;
	add_cpu(3);
	run();
	assert_false(mock.bsp_was_reset);
	assert_int_equal(mock.n_events, 12); /* INIT, SIPI, SIPI for each of two */
	assert_int_equal(count_icr(0x4500, 1), 1);
	assert_int_equal(count_icr(0x4500, 3), 1);
	assert_int_equal(count_icr(0x4610, 1), 2);
	assert_int_equal(count_icr(0x4610, 3), 2);
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
	assert_int_equal(record.expected, 2);
	assert_int_equal(live()->bsp_id, 0);
}

static void test_bsp_from_the_loader(void **state)
{
	(void)state;
	panic_off_the_bsp();
	run();
	assert_false(mock.bsp_was_reset);
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
	assert_int_equal(live()->bsp_id, 0);
}

/* A page that is intact but for the ID in its mutable half: the real BSP gets no INIT. */
static void test_a_forged_bsp_in_the_page_changes_nothing(void **state)
{
	(void)state;
	keep_page(4, 1);
	panic_off_the_bsp();
	ids[params.park_n_ids++] = 2;
	run();
	assert_false(mock.bsp_was_reset);
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
	assert_int_equal(live()->bsp_id, 0);
}

/* Nothing is sent; a new page is there all the same, without a CPU, and says why. */
static void assert_refused(uint32_t verdict)
{
	run();
	assert_int_equal(record.verdict, verdict);
	assert_int_equal(mock.n_events, 0);
	assert_memory_equal(mock.page, mock.image, PARK_IMMUTABLE_BYTES);
	assert_int_equal(live()->arrived, 0);
	assert_int_equal(live()->bitmap[0], 0);
	assert_int_equal(published()->verdict, verdict);
	assert_int_equal(published()->generation, 1);
}

/* Nothing is sent and nothing is written into the page. */
static void assert_page_let_alone(uint32_t verdict)
{
	run();
	assert_int_equal(record.verdict, verdict);
	assert_int_equal(mock.n_events, 0);
	assert_memory_equal(mock.page, mock.page_before, PARK_PAGE_SIZE);
}

static void test_bsp_unknown(void **state)
{
	(void)state;
	boot_on(2);
	add_cpu(1);
	assert_refused(PARK_VERDICT_BSP_UNKNOWN);
}

static void test_the_page_alone_names_no_bsp(void **state)
{
	(void)state;
	keep_page(4, 0);
	boot_on(2);
	add_cpu(1);
	run();
	assert_int_equal(record.verdict, PARK_VERDICT_BSP_UNKNOWN);
	assert_int_equal(mock.n_events, 0);
}

/* The loader was told that this CPU is the BSP; its own register says that it is not. */
static void test_bsp_that_cannot_be(void **state)
{
	(void)state;
	params.bsp_apic_id = 2;
	boot_on(2);
	add_cpu(1);
	assert_refused(PARK_VERDICT_BSP_UNKNOWN);
}

static void test_id_too_big_for_xapic(void **state)
{
	(void)state;
	add_cpu(1);
	add_cpu(0xff);
	assert_refused(PARK_VERDICT_ID_TOO_BIG);
}

static void test_bsp_id_too_big_for_xapic(void **state)
{
	(void)state;
	boot_on(2);
	params.bsp_apic_id = 0x100;
	add_cpu(1);
	assert_refused(PARK_VERDICT_ID_TOO_BIG);
}

static void test_apic_disabled(void **state)
{
	(void)state;
	mock.apic_base &= ~(uint64_t)MSR_IA32_APIC_BASE_ENABLE;
	add_cpu(1);
	assert_refused(PARK_VERDICT_NO_APIC);
}

static void test_apic_moved(void **state)
{
	(void)state;
	mock.apic_base += 0x1000;
	add_cpu(1);
	assert_refused(PARK_VERDICT_APIC_MOVED);
}

static void test_command_register_stuck(void **state)
{
	(void)state;
	mock.icr_stuck = true;
	add_cpu(1);
	add_cpu(2);
	assert_refused(PARK_VERDICT_APIC_STUCK);
	assert_int_equal(record.expected, 2); /* who was to come is said all the same */
	assert_true(mock.tsc < SECOND);
}

static void test_missing_cpus_are_recorded(void **state)
{
	(void)state;
	add_cpu(1);
	for (uint32_t id = 2; id < 22; id++)
		ids[params.park_n_ids++] = id; /* twenty that never come */
	run();
	assert_int_equal(record.verdict, PARK_VERDICT_SOME);
	assert_int_equal(record.n_missing, 20);
	for (uint32_t i = 0; i < PARK_RECORD_MISSING; i++)
		assert_int_equal(record.missing[i], i + 2);
	assert_memory_equal(record.log, "kexec-park: parked 1 of 21", 26); /* what follows */
	assert_uint_in_range(mock.tsc, 2 * SECOND, 2 * SECOND + SECOND / 20);
}

/* The count alone would be deceived by a CPU that the old kernel never listed. */
static void test_unlisted_cpu_does_not_stand_in_for_another(void **state)
{
	(void)state;
	add_cpu(1);
	mock_add_cpu(9);
	ids[params.park_n_ids++] = 2;
	run();
	assert_int_equal(live()->arrived, 2);
	assert_int_equal(record.verdict, PARK_VERDICT_SOME);
	assert_int_equal(record.n_missing, 1);
	assert_int_equal(record.missing[0], 2);
}

static void test_unlisted_cpus_are_tolerated(void **state)
{
	(void)state;
	add_cpu(1);
	mock_add_cpu(9);
	run();
	assert_int_equal(live()->arrived, 2);
	assert_int_equal(record.expected, 1);
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
}

/* Off the BSP each is addressed; one that does not come is nobody's loss, one that does is fine. */
static void test_extra_cpus_are_not_waited_for(void **state)
{
	(void)state;
	boot_on(1);
	params.bsp_apic_id = 0;
	mock.bsp_id = 0;
	mock_add_cpu(0);
	add_cpu(2);
	mock_add_cpu(3);
	ids[params.park_n_ids] = 3;
	ids[params.park_n_ids + 1] = 4;
	ids[params.park_n_ids + 2] = 0x102; /* cut to 8 bits this is CPU 2 */
	params.park_n_extra = 3;
	run();
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
	assert_int_equal(record.expected, 1);
	assert_int_equal(live()->arrived, 2);
	assert_int_equal(count_icr(0x4500, 4), 1);
	assert_int_equal(count_icr(0x4500, 2), 1);
	assert_true(mock.tsc < SECOND);
}

static void test_4096_apic_ids(void **state)
{
	(void)state;
	mock.apic_base |= MSR_IA32_APIC_BASE_EXTD;
	boot_on(0x777);
	params.bsp_apic_id = 0;
	mock.bsp_id = 0;
	mock_add_cpu(0);
	for (uint32_t id = 1; id < 4096; id++)
		add_cpu(id);
	add_cpu(5000); /* beyond the bitmap: only counted */
	run();
	assert_false(mock.bsp_was_reset);
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
	assert_int_equal(record.expected, 4095);
	assert_int_equal(live()->arrived, 4095);
	assert_int_equal(count_icr(0x4500, 0x777), 0);
	assert_int_equal(count_icr(0x4500, 4095), 1);
	assert_int_equal(count_icr(0x4610, 5000), 2);
	/* One wait for a whole batch, not one for each. */
	assert_true(mock.tsc < SECOND);
}

static void test_missing_beyond_the_bitmap(void **state)
{
	(void)state;
	mock.apic_base |= MSR_IA32_APIC_BASE_EXTD;
	add_cpu(1);
	ids[params.park_n_ids++] = 5000;
	run();
	assert_int_equal(record.verdict, PARK_VERDICT_SOME);
	assert_int_equal(record.n_missing, 1);
}

static void test_init_mode_confirms_then_takes_them_out(void **state)
{
	(void)state;
	params.park_mode = KP_PARK_INIT;
	add_cpu(1);
	run();
	assert_int_equal(count_icr(0xc4500, 0), 2);
	assert_int_equal(live()->arrived, 1);
	assert_int_equal(live()->mode, PARK_MODE_INIT);
	assert_int_equal(mock.states[0], MOCK_CPU_WAITS_FOR_SIPI);
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
}

static void test_kept_page_is_reset_but_not_rewritten(void **state)
{
	(void)state;
	keep_page(4, 0);
	add_cpu(1);
	params.park_mode = KP_PARK_CLGI;
	run();
	assert_memory_equal(mock.page, mock.page_before, PARK_IMMUTABLE_BYTES);
	assert_int_equal(published()->generation, 5);
	assert_int_equal(live()->tag, 0x9090);
	assert_int_equal(live()->frame[0], 0x90909090);
	assert_int_equal(live()->scratch[15], 0x90909090);
	assert_int_equal(live()->arrived, 1);
	assert_int_equal(live()->nmi_count, 0);
	assert_int_equal(live()->mce_count, 0);
	assert_int_equal(live()->last_nmi, PARK_ID_NONE);
	assert_int_equal(live()->last_mce, PARK_ID_NONE);
	assert_int_equal(live()->mode, PARK_MODE_CLGI);
	assert_int_equal(live()->bitmap[0], 2);
}

static void test_damaged_page_without_an_image(void **state)
{
	(void)state;
	keep_page(4, 0);
	mock.page[0x300] ^= 1;
	add_cpu(1);
	assert_page_let_alone(PARK_VERDICT_PAGE_DAMAGED);
}

static void test_damaged_image(void **state)
{
	(void)state;
	add_cpu(1);
	seal();
	mock.image[0x200] ^= 1;
	assert_page_let_alone(PARK_VERDICT_PAGE_DAMAGED);
}

/* In the half that the page's own digest leaves out: the frame that IRET pops. */
static void test_damaged_image_beyond_its_code(void **state)
{
	(void)state;
	add_cpu(1);
	seal();
	mock.image[PARK_OFF_FRAME] ^= 1;
	assert_page_let_alone(PARK_VERDICT_PAGE_DAMAGED);
}

/* An ID that is not as the loader wrote it could be the BSP's. The page is there all the same. */
static void test_damaged_ids(void **state)
{
	(void)state;
	boot_on(1);
	params.bsp_apic_id = 0;
	mock.bsp_id = 0;
	mock_add_cpu(0);
	add_cpu(2);
	seal();
	ids[1] = 0xff;
	assert_refused(PARK_VERDICT_IDS_DAMAGED);
	assert_int_equal(record.expected, 0);
}

static void test_damaged_extra_id(void **state)
{
	(void)state;
	add_cpu(1);
	ids[params.park_n_ids] = 3;
	params.park_n_extra = 1;
	seal();
	ids[params.park_n_ids] = 7;
	assert_refused(PARK_VERDICT_IDS_DAMAGED);
}

static void test_kept_page_gets_the_record_of_a_refusal(void **state)
{
	(void)state;
	keep_page(4, PARK_ID_NONE);
	boot_on(2);
	add_cpu(1);
	run();
	assert_int_equal(mock.n_events, 0);
	assert_int_equal(published()->verdict, PARK_VERDICT_BSP_UNKNOWN);
	assert_int_equal(published()->generation, 5);
	assert_int_equal(live()->arrived, 77); /* who is in it stays in it */
}

static void test_damaged_page_is_installed_anew(void **state)
{
	(void)state;
	keep_page(4, 0);
	params.park_image = (uintptr_t)mock.image;
	mock.page[PARK_OFF_SHA256 + 31] ^= 1;
	add_cpu(1);
	run();
	assert_int_equal(record.verdict, PARK_VERDICT_ALL);
	assert_memory_equal(mock.page, mock.image, PARK_IMMUTABLE_BYTES);
	assert_int_equal(published()->generation, 1);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup(test, setup)
	const struct CMUnitTest tests[] = {
		ROW(test_bsp_parks_all_by_shorthand),
		ROW(test_elsewhere_the_bsp_is_left_alone),
		ROW(test_bsp_from_the_loader),
		ROW(test_a_forged_bsp_in_the_page_changes_nothing),
		ROW(test_bsp_unknown),
		ROW(test_the_page_alone_names_no_bsp),
		ROW(test_bsp_that_cannot_be),
		ROW(test_id_too_big_for_xapic),
		ROW(test_bsp_id_too_big_for_xapic),
		ROW(test_apic_disabled),
		ROW(test_apic_moved),
		ROW(test_command_register_stuck),
		ROW(test_missing_cpus_are_recorded),
		ROW(test_unlisted_cpu_does_not_stand_in_for_another),
		ROW(test_unlisted_cpus_are_tolerated),
		ROW(test_extra_cpus_are_not_waited_for),
		ROW(test_4096_apic_ids),
		ROW(test_missing_beyond_the_bitmap),
		ROW(test_init_mode_confirms_then_takes_them_out),
		ROW(test_kept_page_is_reset_but_not_rewritten),
		ROW(test_damaged_page_without_an_image),
		ROW(test_damaged_page_is_installed_anew),
		ROW(test_damaged_image),
		ROW(test_damaged_image_beyond_its_code),
		ROW(test_damaged_ids),
		ROW(test_damaged_extra_id),
		ROW(test_kept_page_gets_the_record_of_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
