/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "digest.h"
#include "plan_fixture.h"
#include "purgatory_image.h"

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
	kp_digest_region(&d, "bc", 2);
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

	assert_int_equal(kp_purgatory_image_build(f->blobs.purgatory, &p, &f->arena, &out, &f->err),
			 0);
	assert_int_equal(out.len, f->blobs.purgatory.len);
	memcpy(&got, out.bytes + PURGATORY_OFF_PARAMS, sizeof(got));
	assert_memory_equal(&got, &p, sizeof(p));
	assert_memory_equal(out.bytes, f->purgatory, PURGATORY_OFF_PARAMS);
	assert_memory_equal(out.bytes + PURGATORY_OFF_PARAMS + sizeof(p),
			    f->purgatory + PURGATORY_OFF_PARAMS + sizeof(p),
			    out.len - PURGATORY_OFF_PARAMS - sizeof(p));
}

static void refuses_a_blob_without_room(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params p = { 0 };
	struct kp_view small = { f->purgatory, PURGATORY_OFF_PARAMS + sizeof(p) - 1 }, out;

	assert_int_equal(kp_purgatory_image_build(small, &p, &f->arena, &out, &f->err), -1);
	assert_int_equal(f->err.code, KP_INTERNAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(hashes_data_bytes_in_order),
		fixture_test(takes_16_regions_and_no_more),
		fixture_test(writes_parameters_into_a_copy),
		fixture_test(refuses_a_blob_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
