/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout.h"
#include "plan_fixture.h"

/* Where the kernel goes on the machine of the fixture. */
static const struct kernel_row {
	const char *name;
	enum kp_slot slot;
	uint64_t pref, min_start, mem_min, mem_max;
	bool fixed, low_only;
	uint64_t expect;           /* 0: no room */
} kernel_rows[] = {
	{ "normal: where it prefers to be", KP_NORMAL, MIB(16), MIB(16), 0, 0, false, false,
	  MIB(16) },
	{ "preferred place taken: lowest aligned above", KP_NORMAL, GIB(3), MIB(16), 0, 0, false,
	  false, GIB(4) },
	{ "never below its preferred start", KP_NORMAL, 0xbf000000, MIB(1), 0, 0xbfffffff, false,
	  false, 0 },
	{ "mem-min moves it up, to its alignment", KP_NORMAL, MIB(16), MIB(16), MIB(100) + 1, 0,
	  false, false, MIB(102) },
	{ "mem-max too low", KP_NORMAL, MIB(16), MIB(16), 0, MIB(40), false, false, 0 },
	{ "mem-max just enough", KP_NORMAL, MIB(16), MIB(16), 0, MIB(48) + 4095, false, false,
	  MIB(16) },
	{ "below 4 GiB although room is above only", KP_NORMAL, 0xbf000000, 0xbf000000, 0, 0, false,
	  true, 0 },
	{ "fixed, and its place is free", KP_NORMAL, MIB(16), MIB(16), 0, 0, true, false, MIB(16) },
	{ "fixed, and its place is taken", KP_NORMAL, 0xbf000000, 0xbf000000, 0, 0, true, false,
	  0 },
	{ "crash: lowest place in the reservation", KP_CRASH, MIB(16), MIB(16), 0, 0, false, false,
	  FIXTURE_CRASHK_START },
	{ "crash: fixed outside of the reservation", KP_CRASH, MIB(16), MIB(16), 0, 0, true, false,
	  0 },
	{ "crash: linked into the reservation", KP_CRASH, 0xa1000000, 0xa1000000, 0, 0, true, false,
	  0xa1000000 },
};

static void places_kernels(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(kernel_rows); i++) {
		const struct kernel_row *row = &kernel_rows[i];
		struct kp_room room;
		struct kp_range at = { 0 };
		int rc;

		f->req = (struct kp_request){
			.slot = row->slot, .mem_min = row->mem_min, .mem_max = row->mem_max };
		f->image.pref_start = row->pref;
		f->image.min_start = row->min_start;
		f->image.relocatable = !row->fixed;
		f->image.above_4g = !row->low_only;
		rc = kp_layout_open(&f->req, &f->machine, &f->image, &f->arena, &room, &f->err);
		assert_int_equal(rc, 0);
		rc = kp_layout_kernel(&room, &f->image, &at, &f->err);
		if (rc == 0 ? at.start != row->expect : row->expect != 0)
			fail_msg("%s: rc %d at %#llx: %s", row->name, rc,
				 (unsigned long long)at.start, f->err.text);
		if (rc) {
			assert_int_equal(f->err.code, KP_NO_ROOM);
			continue;
		}
		assert_int_equal(kp_range_bytes(at), MIB(32) + 4096);
		assert_false(kp_ranges_touch(&room.free, at));
	}
}

static void room_is_where_both_maps_have_ram(void **state)
{
	struct fixture *f = *state;
	struct kp_ranges ram = { .arena = &f->arena };

	f->machine.system_ram.v[0].start = 0x1000;
	assert_int_equal(kp_ranges_subtract(&f->machine.system_ram, kp_range(MIB(64),
					    MIB(65) - 1), &f->err),
			 0);
	assert_int_equal(kp_ranges_add(&f->machine.system_ram, kp_range(0xbffe0000, 0xbfffffff),
				       &f->err), 0);
	assert_int_equal(kp_layout_ram(&f->machine, &ram, &f->err), 0);
	assert_int_equal(ram.n, 4);
	assert_int_equal(ram.v[0].start, 0x1000);
	assert_int_equal(ram.v[1].last, MIB(64) - 1);
	assert_int_equal(ram.v[2].start, MIB(65));
	assert_int_equal(ram.v[2].last, 0xbffdffff);
}

static void small_pieces_go_high_but_below_4_gib(void **state)
{
	struct fixture *f = *state;
	struct kp_room room;
	struct kp_range at;

	assert_int_equal(kp_layout_open(&f->req, &f->machine, &f->image, &f->arena, &room, &f->err),
			 0);
	assert_int_equal(kp_layout_place(&room, "a", 5000, KP_RANGE_ALL, &at, &f->err), 0);
	assert_int_equal(at.start, 0xbffde000);
	assert_int_equal(at.last, 0xbffdffff);
	assert_int_equal(kp_layout_place(&room, "b", 1, kp_range(0, MIB(512) + 5), &at, &f->err), 0);
	assert_int_equal(at.last, MIB(512) - 1);
	assert_int_equal(kp_layout_place(&room, "c", GIB(3), KP_RANGE_ALL, &at, &f->err), -1);
	/* Found by fuzzing: rounded up to whole pages this was nothing at all. */
	assert_int_equal(kp_layout_place(&room, "c", UINT64_MAX, KP_RANGE_ALL, &at, &f->err), -1);
	assert_int_equal(f->err.code, KP_NO_ROOM);
	assert_int_equal(kp_ranges_subtract(&room.free, kp_range(0, GIB(4) - 1), &f->err), 0);
	assert_int_equal(kp_layout_place(&room, "d", 1, KP_RANGE_ALL, &at, &f->err), 0);
	assert_int_equal(at.last, GIB(6) - 1);
}

static void crash_room_is_the_last_range(void **state)
{
	struct fixture *f = *state;
	struct kp_room room;

	assert_int_equal(kp_ranges_add(&f->machine.crashk, kp_range_of(GIB(5), MIB(256)), &f->err),
			 0);
	f->req.slot = KP_CRASH;
	assert_int_equal(kp_layout_open(&f->req, &f->machine, &f->image, &f->arena, &room, &f->err),
			 0);
	assert_int_equal(room.free.n, 1);
	assert_int_equal(room.free.v[0].start, GIB(5));
}

static void says_what_is_missing(void **state)
{
	struct fixture *f = *state;
	struct kp_room room;

	f->req = (struct kp_request){ .mem_min = MIB(64), .mem_max = MIB(32) };
	assert_int_equal(kp_layout_open(&f->req, &f->machine, &f->image, &f->arena, &room, &f->err),
			 -1);
	assert_int_equal(f->err.code, KP_USAGE);
	f->req = (struct kp_request){ .slot = KP_CRASH };
	f->machine.crashk.n = 0;
	assert_int_equal(kp_layout_open(&f->req, &f->machine, &f->image, &f->arena, &room, &f->err),
			 -1);
	assert_int_equal(f->err.code, KP_NO_CRASHKERNEL);
	f->machine.system_ram.n = 0;
	assert_int_equal(kp_layout_open(&f->req, &f->machine, &f->image, &f->arena, &room, &f->err),
			 -1);
	assert_int_equal(f->err.code, KP_MACHINE);
	f->req = (struct kp_request){ 0 };
	assert_int_equal(kp_layout_open(&f->req, &f->machine, &f->image, &f->arena, &room, &f->err),
			 -1);
	assert_int_equal(f->err.code, KP_MACHINE);
	f->machine.firmware.n = 0;
	assert_int_equal(kp_layout_open(&f->req, &f->machine, &f->image, &f->arena, &room, &f->err),
			 -1);
	assert_int_equal(f->err.code, KP_MACHINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(places_kernels),
		fixture_test(room_is_where_both_maps_have_ram),
		fixture_test(small_pieces_go_high_but_below_4_gib),
		fixture_test(crash_room_is_the_last_range),
		fixture_test(says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
