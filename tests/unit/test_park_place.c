/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hubs.h"
#include "park_place.h"
#include "plan_fixture.h"

static int choose(struct fixture *f, const char *cmdline, struct kp_park_choice *out,
		  struct kp_warnings *warnings)
{
	*warnings = (struct kp_warnings){ .arena = &f->arena };
	return kp_park_choose(&f->req, &f->machine, f->blobs.park_page, cmdline, warnings, out,
			      &f->err);
}

/* Start over with the machine of the fixture. */
static void fresh(struct fixture *f)
{
	kp_arena_free(&f->arena);
	f->machine = (struct kp_machine){ 0 };
	fixture_machine(f);
	f->err = (struct kp_error){ 0 };
}

static const struct place_row {
	const char *name;
	enum kp_park_want want;
	uint64_t addr, ebda;
	struct { uint64_t phys; enum fixture_page kind; } pages[3];
	enum kp_park_state state;  /* NONE: refused */
	uint64_t expect;
	const char *says;          /* part of the refusal */
} place_rows[] = {
	{ "off", KP_PARK_OFF, 0, 0x9fc00, { { 0 } }, KP_PARK_STATE_NONE, 0, NULL },
	{ "lowest free page",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0 } },
	  KP_PARK_STATE_NEW,
	  0x10000,
	  NULL },
	{ "an intact page is used again",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0x20000, PAGE_INTACT } },
	  KP_PARK_STATE_REUSE,
	  0x20000,
	  NULL },
	{ "the lowest of two",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0x20000, PAGE_INTACT }, { 0x30000, PAGE_INTACT } },
	  KP_PARK_STATE_REUSE,
	  0x20000,
	  NULL },
	{ "another version stays, a new page beside it",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0x10000, PAGE_OLD } },
	  KP_PARK_STATE_REPLACE,
	  0x11000,
	  NULL },
	{ "another version and an intact one",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0x10000, PAGE_OLD }, { 0x11000, PAGE_INTACT } },
	  KP_PARK_STATE_REUSE,
	  0x11000,
	  NULL },
	{ "a reserved page of firmware is left alone",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0x10000, PAGE_FOREIGN } },
	  KP_PARK_STATE_NEW,
	  0x11000,
	  NULL },
	{ "a damaged page",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0x10000, PAGE_DAMAGED } },
	  KP_PARK_STATE_NONE,
	  0,
	  "corrupt" },
	{ "a forged page",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0x10000, PAGE_FORGED } },
	  KP_PARK_STATE_NONE,
	  0,
	  "corrupt" },
	{ "a damaged page, another place named",
	  KP_PARK_AT,
	  0x12000,
	  0x9fc00,
	  { { 0x10000, PAGE_DAMAGED } },
	  KP_PARK_STATE_NEW,
	  0x12000,
	  NULL },
	{ "a damaged page is itself named",
	  KP_PARK_AT,
	  0x10000,
	  0x9fc00,
	  { { 0x10000, PAGE_DAMAGED } },
	  KP_PARK_STATE_NONE,
	  0,
	  "corrupt" },
	{ "a page that cannot be read",
	  KP_PARK_AUTO,
	  0,
	  0x9fc00,
	  { { 0x10000, PAGE_UNREAD } },
	  KP_PARK_STATE_NONE,
	  0,
	  "cannot be read" },
	{ "named, free",
	  KP_PARK_AT,
	  0x50000,
	  0x9fc00,
	  { { 0 } },
	  KP_PARK_STATE_NEW,
	  0x50000,
	  NULL },
	{ "named, intact",
	  KP_PARK_AT,
	  0x30000,
	  0x9fc00,
	  { { 0x20000, PAGE_INTACT }, { 0x30000, PAGE_INTACT } },
	  KP_PARK_STATE_REUSE,
	  0x30000,
	  NULL },
	{ "named, while another one is intact",
	  KP_PARK_AT,
	  0x50000,
	  0x9fc00,
	  { { 0x20000, PAGE_INTACT } },
	  KP_PARK_STATE_REPLACE,
	  0x50000,
	  NULL },
	{ "named, not aligned",
	  KP_PARK_AT,
	  0x50800,
	  0x9fc00,
	  { { 0 } },
	  KP_PARK_STATE_NONE,
	  0,
	  "multiple of 4096" },
	{ "named, too low",
	  KP_PARK_AT,
	  0xf000,
	  0x9fc00,
	  { { 0 } },
	  KP_PARK_STATE_NONE,
	  0,
	  "outside" },
	{ "named, last below the EBDA",
	  KP_PARK_AT,
	  0x9e000,
	  0x9fc00,
	  { { 0 } },
	  KP_PARK_STATE_NEW,
	  0x9e000,
	  NULL },
	{ "named, into the EBDA",
	  KP_PARK_AT,
	  0x9f000,
	  0x9fc00,
	  { { 0 } },
	  KP_PARK_STATE_NONE,
	  0,
	  "outside" },
	{ "named, above a low EBDA",
	  KP_PARK_AT,
	  0x80000,
	  0x80000,
	  { { 0 } },
	  KP_PARK_STATE_NONE,
	  0,
	  "outside" },
	{ "named, above 640 KiB",
	  KP_PARK_AT,
	  0xa0000,
	  0,
	  { { 0 } },
	  KP_PARK_STATE_NONE,
	  0,
	  "outside" },
	{ "named, above 4 GiB",
	  KP_PARK_AT,
	  GIB(4) + 0x10000,
	  0,
	  { { 0 } },
	  KP_PARK_STATE_NONE,
	  0,
	  "outside" },
	{ "named, reserved by firmware",
	  KP_PARK_AT,
	  0x40000,
	  0x9fc00,
	  { { 0x40000, PAGE_FOREIGN } },
	  KP_PARK_STATE_NONE,
	  0,
	  "neither free RAM" },
};

static void chooses_a_place(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(place_rows); i++) {
		const struct place_row *row = &place_rows[i];
		struct kp_park_choice choice;
		struct kp_warnings warnings;
		int rc;

		fresh(f);
		f->req = (struct kp_request){ .park = row->want, .park_addr = row->addr };
		f->machine.ebda = row->ebda;
		for (size_t k = 0; k < ARRAY_SIZE(row->pages) && row->pages[k].phys; k++)
			fixture_low_page(f, row->pages[k].phys, row->pages[k].kind);
		rc = choose(f, "", &choice, &warnings);
		if (rc != (row->says ? -1 : 0) || choice.plan.state != row->state ||
		    choice.plan.address != row->expect)
			fail_msg("%s: rc %d, state %d at %#llx: %s", row->name, rc,
				 choice.plan.state, (unsigned long long)choice.plan.address,
				 f->err.text);
		if (row->says && (f->err.code != KP_PARK || !strstr(f->err.text, row->says)))
			fail_msg("%s: \"%s\" does not say \"%s\"", row->name, f->err.text,
				 row->says);
		assert_int_equal(choice.image != NULL, row->state != KP_PARK_STATE_NONE);
		if (choice.image)
			assert_int_equal(kp_park_page_identify(choice.image, row->expect,
							       f->blobs.park_page), KP_PAGE_INTACT);
	}
}

static void confidential(struct kp_machine *m) { m->confidential = "TDX"; }
static void mp_wakeup(struct kp_machine *m) { m->mp_wakeup = true; }
static void tboot(struct kp_machine *m) { m->tboot = true; }
static void no_madt(struct kp_machine *m) { m->madt_present = false; }
static void no_apic(struct kp_machine *m) { m->n_apics = 0; }
static void too_many(struct kp_machine *m)
{
	static struct kp_apic apics[65537];

	for (uint32_t i = 0; i < ARRAY_SIZE(apics); i++)
		apics[i] = (struct kp_apic){ .id = i, .enabled = true };
	m->apics = apics;
	m->n_apics = ARRAY_SIZE(apics);
}

static void uv(struct kp_machine *m)
{
	static const char archtype[] = "SGI4/UVX\n";

	m->hub = kp_hub_of_archtype((struct kp_view){ (const uint8_t *)archtype, 9 });
}

static void numaconnect(struct kp_machine *m)
{
	static const char madt[] = "APIC....\1.NUMASCNCONNECT";

	m->hub = kp_hub_of_madt((struct kp_view){ (const uint8_t *)madt, 24 });
}

static void no_tsc(struct kp_machine *m) { m->tsc_khz = 0; }
static void no_low_ram(struct kp_machine *m) { m->system_ram.v[0].last = 0x10ffe; }

static const struct refusal_row {
	void (*break_it)(struct kp_machine *m);
	const char *says;
} refusal_rows[] = {
	{ confidential, "TDX" }, { mp_wakeup, "0x10" }, { tboot, "tboot" }, { no_madt, "MADT" },
	{ uv, "SGI UV hubs" }, { numaconnect, "NumaConnect hubs" }, { no_apic, "MADT" }, { no_tsc, "TSC" }, { no_low_ram, "no room for the park page" },
	{ too_many, "65536 CPUs are to be parked" },
};

static void names_why_it_refuses(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(refusal_rows); i++) {
		const struct refusal_row *row = &refusal_rows[i];
		struct kp_park_choice choice;
		struct kp_warnings warnings;

		fresh(f);
		row->break_it(&f->machine);
		f->req = (struct kp_request){ .park = KP_PARK_AUTO };
		assert_int_equal(choose(f, "", &choice, &warnings), -1);
		assert_int_equal(f->err.code, KP_PARK);
		if (!strstr(f->err.text, row->says))
			fail_msg("\"%s\" does not say \"%s\"", f->err.text, row->says);
		f->req.park = KP_PARK_TRY;
		assert_int_equal(choose(f, "", &choice, &warnings), 0);
		assert_int_equal(choice.plan.state, KP_PARK_STATE_NONE);
		assert_null(choice.image);
		assert_int_equal(choice.n_ids, 0);
		assert_true(warnings.n > 0);
		assert_non_null(strstr(warnings.v[warnings.n - 1], row->says));
	}
}

static const struct clgi_row {
	const char *cmdline;
	bool force, allowed;
} clgi_rows[] = {
	{ "ro", false, false },
	{ "nr_cpus=1", false, true },
	{ "maxcpus=1", false, true },
	{ "nr_cpus=16", false, false },
	{ "nr_cpus=1 nr_cpus=2", false, false },
	{ "ro", true, true },
};

static void clgi_needs_a_kernel_that_wants_one_cpu(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(clgi_rows); i++) {
		struct kp_park_choice choice;
		struct kp_warnings warnings;

		f->req = (struct kp_request){ .park = KP_PARK_AUTO, .park_mode = KP_PARK_CLGI,
					      .force_park_mode = clgi_rows[i].force };
		assert_int_equal(choose(f, clgi_rows[i].cmdline, &choice, &warnings),
				 clgi_rows[i].allowed ? 0 : -1);
		if (clgi_rows[i].allowed)
			assert_int_equal(choice.plan.mode, KP_PARK_CLGI);
	}
}

static void lists_each_cpu_once(void **state)
{
	static struct kp_apic apics[] = {
		{ .id = 5, .enabled = true },	     { .id = 0, .enabled = true },
		{ .id = 5, .enabled = true },	     { .id = 7 },
		{ .id = 9, .online_capable = true }, { .id = 0x100, .enabled = true },
		{ .id = 6, .online_capable = true }, { .id = 8, .running = true },
		{ .id = 9, .online_capable = true }, { .id = 0, .online_capable = true },
		{ .id = 4, .online_capable = true, .running = true },
	};
	static const uint32_t want[] = { 0, 4, 5, 8, 0x100, /* these may come: */ 6, 9 };
	struct fixture *f = *state;
	struct kp_park_choice choice;
	struct kp_warnings warnings;

	f->machine.apics = apics;
	f->machine.n_apics = ARRAY_SIZE(apics);
	f->req.park = KP_PARK_AUTO;
	assert_int_equal(choose(f, "", &choice, &warnings), 0);
	assert_int_equal(choice.n_ids, 5);
	assert_int_equal(choice.n_extra_ids, 2);
	assert_memory_equal(choice.ids, want, sizeof(want));
	assert_int_equal(choice.plan.expected, 4);
}

static void lists_8192_cpus(void **state)
{
	struct fixture *f = *state;
	struct kp_apic *apics = test_calloc(8192, sizeof(*apics));
	struct kp_park_choice choice;
	struct kp_warnings warnings;

	for (uint32_t i = 0; i < 8192; i++)
		apics[i] = (struct kp_apic){ .id = (i * 5003) % 16384, .enabled = true };
	f->machine.apics = apics;
	f->machine.n_apics = 8192;
	f->req.park = KP_PARK_AUTO;
	assert_int_equal(choose(f, "", &choice, &warnings), 0);
	for (size_t i = 1; i < choice.n_ids; i++)
		assert_true(choice.ids[i - 1] < choice.ids[i]);
	assert_true(choice.n_ids > 8100);
	test_free(apics);
}

/* Against a MADT that lists 2, which is disabled, then 0, 4 and 6. */
static const struct bsp_source_row {
	const char *name;
	bool known;                /* that it is 4, by the machine itself */
	uint32_t in_page;
	uint32_t bsp;
	size_t warnings;
	const char *says;
} bsp_source_rows[] = {
	{ "registers, a page that agrees", true, 4, 4, 0, NULL },
	{ "registers, a page that does not know", true, PARK_ID_NONE, 4, 0, NULL },
	{ "registers, a forged page", true, 6, 4, 1, "names the CPU with APIC ID 6 as the BSP" },
	{ "a page, and the firmware lists it first", false, 0, 0, 0, NULL },
	{ "a page that does not know", false, PARK_ID_NONE, PARK_ID_NONE, 1, "is unknown" },
	{ "a page that names another CPU", false, 6, PARK_ID_NONE, 2, "the firmware lists 0 first" },
	{ "a page that names a disabled CPU", false, 2, PARK_ID_NONE, 2, "the msr module" },
	{ "a page that names no CPU at all", false, 77, PARK_ID_NONE, 2, "APIC ID 77" },
};

static void believes_a_page_only_where_the_firmware_agrees(void **state)
{
	static struct kp_apic apics[] = {
		{ .id = 2 }, { .id = 0, .enabled = true }, { .id = 4, .enabled = true },
		{ .id = 6, .enabled = true },
	};
	struct fixture *f = *state;
	struct kp_park_choice choice;
	struct kp_warnings warnings;

	f->req.park = KP_PARK_AUTO;
	f->machine.apics = apics;
	f->machine.n_apics = ARRAY_SIZE(apics);
	f->machine.bsp_apic_id = 4;
	fixture_low_page(f, 0x10000, PAGE_INTACT);
	for (size_t i = 0; i < ARRAY_SIZE(bsp_source_rows); i++) {
		const struct bsp_source_row *row = &bsp_source_rows[i];

		print_message("%s\n", row->name);
		f->machine.bsp_known = row->known;
		fixture_put((uint8_t *)f->machine.low_pages[0].bytes, PARK_OFF_BSP_ID,
			    row->in_page, 4);
		assert_int_equal(choose(f, "", &choice, &warnings), 0);
		assert_int_equal(choice.bsp_id, row->bsp);
		assert_int_equal(warnings.n, row->warnings);
		if (row->says)
			assert_non_null(strstr(warnings.v[0], row->says));
	}
}

static void without_a_page_or_registers_the_bsp_is_unknown(void **state)
{
	struct fixture *f = *state;
	struct kp_park_choice choice;
	struct kp_warnings warnings;

	f->req.park = KP_PARK_AUTO;
	f->machine.bsp_known = false;
	assert_int_equal(choose(f, "", &choice, &warnings), 0);
	assert_int_equal(choice.bsp_id, PARK_ID_NONE);
	assert_int_equal(warnings.n, 1);
}

static const struct bsp_row {
	enum kp_slot slot;
	const char *running, *next;
	size_t warnings;
} bsp_rows[] = {
	{ KP_NORMAL, "ro", "ro", 0 },
	{ KP_NORMAL, "reboot=smp2", "ro", 1 },
	{ KP_NORMAL, "reboot=warm,s3", "ro", 1 },
	{ KP_NORMAL, "reboot=bios", "ro", 0 },
	{ KP_NORMAL, "reboot=soft", "ro", 0 },
	{ KP_NORMAL, "ro elfcorehdr=0x1000", "ro", 1 },
	{ KP_CRASH, "ro", "ro nr_cpus=1", 0 },
	{ KP_CRASH, "ro", "ro maxcpus=1", 0 },
	{ KP_CRASH, "ro", "ro nr_cpus=4", 1 },
	{ KP_CRASH, "ro", "ro nr_cpus=4 disable_cpu_apicid=0", 0 },
};

static void warns_of_a_hand_over_off_the_bsp(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bsp_rows); i++) {
		struct kp_park_choice choice;
		struct kp_warnings warnings;

		f->req = (struct kp_request){ .park = KP_PARK_AUTO, .slot = bsp_rows[i].slot };
		f->machine.cmdline = bsp_rows[i].running;
		assert_int_equal(choose(f, bsp_rows[i].next, &choice, &warnings), 0);
		if (warnings.n != bsp_rows[i].warnings)
			fail_msg("\"%s\" -> \"%s\": %zu warnings", bsp_rows[i].running,
				 bsp_rows[i].next, warnings.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(chooses_a_place),
		fixture_test(names_why_it_refuses),
		fixture_test(clgi_needs_a_kernel_that_wants_one_cpu),
		fixture_test(lists_each_cpu_once),
		fixture_test(lists_8192_cpus),
		fixture_test(believes_a_page_only_where_the_firmware_agrees),
		fixture_test(without_a_page_or_registers_the_bsp_is_unknown),
		fixture_test(warns_of_a_hand_over_off_the_bsp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
