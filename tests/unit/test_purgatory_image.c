/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "digest.h"
#include "plan_fixture.h"
#include "purgatory_image.h"
#include "purgatory_tables.h"

#define AT 0x1fffff000ull        /* an address whose sum with an offset carries into bit 32 */

static void hashes_data_bytes_in_order(void **state)
{
	const struct kp_segment segments[] = {
		{ .at = { 0x1000, 0x1fff }, .data = "a", .data_bytes = 1, .digest = true },
		{ .at = { 0x2000, 0x2fff }, .data = "left out", .data_bytes = 8 },
		{ .at = { 0x3000, 0x4fff }, .digest = true },
		{ .at = { 0x5000, 0x5fff }, .data = "bc", .data_bytes = 2, .digest = true },
	};
	struct fixture *f = *state;
	struct purgatory_params p = { 0 };
	uint8_t digest[KP_DIGEST_BYTES];
	struct kp_digest d;

	assert_int_equal(kp_purgatory_digest(segments, ARRAY_SIZE(segments), &p, &f->err), 0);
	assert_int_equal(p.n_regions, 2);
	assert_int_equal(p.regions[0].start, 0x1000);
	assert_int_equal(p.regions[0].bytes, 1);
	assert_int_equal(p.regions[1].start, 0x5000);
	assert_int_equal(p.regions[1].bytes, 2);
	kp_digest_init(&d, false);
	kp_digest_region(&d, "a", 1);
	assert_true(p.marks[0] == kp_digest_mark(&d));
	kp_digest_region(&d, "bc", 2);
	assert_true(p.marks[1] == kp_digest_mark(&d));
	kp_digest_final(&d, digest);
	assert_memory_equal(p.digest, digest, sizeof(digest));
}

static void takes_16_regions_and_no_more(void **state)
{
	struct kp_segment segments[17];
	struct fixture *f = *state;
	struct purgatory_params p = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(segments); i++)
		segments[i] = (struct kp_segment){ .data = "x", .data_bytes = 1, .digest = true };
	assert_int_equal(kp_purgatory_digest(segments, 16, &p, &f->err), 0);
	assert_int_equal(kp_purgatory_digest(segments, 17, &p, &f->err), -1);
	assert_int_equal(f->err.code, KP_INTERNAL);
}

static void writes_parameters_into_a_copy(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params p = { .magic = PURGATORY_PARAMS_MAGIC, .pgd5 = 0x1234000 }, got;
	struct kp_view out;

	assert_int_equal(kp_purgatory_image_build(f->blobs.purgatory, &p, AT, &f->arena, &out,
						  &f->err), 0);
	assert_int_equal(out.len, f->blobs.purgatory.len);
	memcpy(&got, out.bytes + PURGATORY_OFF_PARAMS, sizeof(got));
	assert_memory_equal(&got, &p, sizeof(p));
	assert_memory_equal(out.bytes, f->purgatory, PURGATORY_OFF_GDTR);
	assert_memory_equal(out.bytes + PURGATORY_OFF_PARAMS + sizeof(p),
			    f->purgatory + PURGATORY_OFF_PARAMS + sizeof(p),
			    FIXTURE_IDT - PURGATORY_OFF_PARAMS - sizeof(p));
	assert_memory_equal(out.bytes + FIXTURE_IDT + 512, f->purgatory + FIXTURE_IDT + 512,
			    out.len - FIXTURE_IDT - 512);
}

static uint64_t word(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* The address that the CPU makes of a gate, SDM 6.14.1. */
static uint64_t handler(const uint8_t *gate)
{
	return (word(gate) & 0xffff) | (word(gate) >> 32 & 0xffff0000) | word(gate + 8) << 32;
}

static void makes_the_tables_for_a_place(void **state)
{
	static const uint64_t places[] = { 0x1000, 0x89ab7000, 0xfffff000, AT, 0xfffffffff000 };
	struct fixture *f = *state;
	uint8_t blob[sizeof(f->purgatory)];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		memcpy(blob, f->purgatory, sizeof(blob));
		assert_int_equal(kp_purgatory_tables_move(blob, sizeof(blob), places[i], &f->err),
				 0);
		assert_true(word(blob + PURGATORY_OFF_GDTR_BASE) == places[i] + FIXTURE_GDT);
		assert_true(word(blob + PURGATORY_OFF_IDTR_BASE) == places[i] + FIXTURE_IDT);
		for (size_t v = 0; v < 32; v++) {
			const uint8_t *gate = blob + FIXTURE_IDT + 16 * v;

			assert_true(handler(gate) == places[i] + 0xc00 + 16 * v);
			assert_true((word(gate) & 0x0000ffffffff0000) == 0x00008e0000100000);
			assert_true(word(gate + 8) >> 32 == 0);
		}
	}
}

static void refuses_tables_that_are_none(void **state)
{
	static const struct { size_t off, bytes; uint64_t value; } rows[] = {
		{ PURGATORY_OFF_GDTR_BASE, 8, 3 * 4096 },
		{ PURGATORY_OFF_GDTR_BASE, 8, 3 * 4096 - 31 },
		{ PURGATORY_OFF_GDTR_BASE, 8, UINT64_MAX - 7 },
		{ PURGATORY_OFF_IDTR_BASE, 8, 3 * 4096 - 511 },
		{ PURGATORY_OFF_IDTR_BASE, 8, UINT64_MAX },
		{ PURGATORY_OFF_IDTR, 2, 0xff },
		{ PURGATORY_OFF_IDTR, 2, 0x20f },
	};
	struct fixture *f = *state;
	uint8_t blob[sizeof(f->purgatory)];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(blob, f->purgatory, sizeof(blob));
		fixture_put(blob, rows[i].off, rows[i].value, rows[i].bytes);
		assert_int_equal(kp_purgatory_tables_move(blob, sizeof(blob), AT, &f->err), -1);
		assert_int_equal(f->err.code, KP_INTERNAL);
	}
	memcpy(blob, f->purgatory, sizeof(blob));
	assert_int_equal(kp_purgatory_tables_move(blob, PURGATORY_OFF_PARAMS - 1, AT, &f->err), -1);
	assert_int_equal(kp_purgatory_tables_move(blob, sizeof(blob), AT + 16, &f->err), -1);
	assert_memory_equal(blob, f->purgatory, sizeof(blob));
}

static void refuses_a_blob_without_room(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params p = { 0 };
	struct kp_view small = { f->purgatory, PURGATORY_OFF_PARAMS + sizeof(p) - 1 }, out;

	assert_int_equal(kp_purgatory_image_build(small, &p, AT, &f->arena, &out, &f->err), -1);
	assert_int_equal(f->err.code, KP_INTERNAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(hashes_data_bytes_in_order),
		fixture_test(takes_16_regions_and_no_more),
		fixture_test(writes_parameters_into_a_copy),
		fixture_test(makes_the_tables_for_a_place),
		fixture_test(refuses_tables_that_are_none),
		fixture_test(refuses_a_blob_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
