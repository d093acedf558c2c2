/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whole plans. The checker here knows nothing of how a plan is made and does not call
 * kp_plan_check(): it reads the segments as the machine will and compares with what was asked.
 */
#include <elf.h>
#include <stdlib.h>

#include "digest.h"
#include "plan_fixture.h"
#include "in_range.h"
#include "x86.h"

static int plan(struct fixture *f, size_t n_initrds)
{
	struct kp_view views[3];

	for (size_t i = 0; i < ARRAY_SIZE(views); i++)
		views[i] = (struct kp_view){ f->initrd[i], sizeof(f->initrd[i]) - 100 * i };
	kp_arena_free(&f->built.arena);
	f->err = (struct kp_error){ 0 };
	return kp_plan_make(&f->req, &f->machine, &f->image, views, n_initrds, &f->blobs, &f->built,
			    &f->err);
}

static const struct kp_segment *segment(const struct kp_plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_segments; i++)
		if (!strcmp(p->segments[i].name, name))
			return &p->segments[i];
	return NULL;
}

/* One byte of memory as the purgatory finds it; everything outside of segments is an error. */
static uint8_t byte_at(const struct kp_plan *p, uint64_t phys)
{
	for (size_t i = 0; i < p->n_segments; i++) {
		const struct kp_segment *s = &p->segments[i];

		if (phys < s->at.start || phys > s->at.last)
			continue;
		return phys - s->at.start < s->data_bytes ?
		       ((const uint8_t *)s->data)[phys - s->at.start] : 0;
	}
	fail_msg("%#llx is in no segment", (unsigned long long)phys);
	return 0;
}

static void read_at(const struct kp_plan *p, uint64_t phys, void *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)out)[i] = byte_at(p, phys + i);
}

static struct purgatory_params params_of(const struct kp_plan *p)
{
	struct purgatory_params params;

	read_at(p, p->entry + PURGATORY_OFF_PARAMS, &params, sizeof(params));
	assert_true(params.magic == PURGATORY_PARAMS_MAGIC);
	return params;
}

/* ---- the checker -------------------------------------------------------------------------- */

static bool in_ranges(const struct kp_ranges *set, struct kp_range r)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].start <= r.start && r.last <= set->v[i].last)
			return true;
	return false;
}

/* Firmware entries may be adjacent: a segment may reach across them. */
static bool is_firmware_ram(const struct kp_machine *m, struct kp_range r)
{
	for (size_t i = 0; i < m->firmware.n; i++) {
		const struct kp_mem *e = &m->firmware.v[i];

		if (e->type == KP_MEM_RAM && e->at.start <= r.start && r.start <= e->at.last) {
			if (r.last <= e->at.last)
				return true;
			r.start = e->at.last + 1;
		}
	}
	return false;
}

static void check_segments(const struct fixture *f)
{
	const struct kp_plan *p = &f->built.plan;
	uint64_t above = 0x100000;

	assert_uint_in_range(p->n_segments, 1, 16);
	for (size_t i = 0; i < p->n_segments; i++) {
		const struct kp_segment *s = &p->segments[i];

		assert_true(s->at.start >= above && s->at.last > s->at.start);
		assert_int_equal(s->at.start % 4096, 0);
		assert_int_equal((s->at.last + 1) % 4096, 0);
		assert_true(s->data_bytes <= s->at.last - s->at.start + 1);
		assert_true(s->at.start >= f->req.mem_min);
		assert_true(!f->req.mem_max || s->at.last <= f->req.mem_max);
		if (f->req.slot == KP_CRASH) {
			const struct kp_range *last = &f->machine.crashk.v[f->machine.crashk.n - 1];

			assert_true(s->at.start >= last->start && s->at.last <= last->last);
		} else {
			assert_true(in_ranges(&f->machine.system_ram, s->at));
			assert_true(is_firmware_ram(&f->machine, s->at));
		}
		above = s->at.last + 1;
	}
}

static bool is_for_the_kernel(const struct kp_segment *s)
{
	return !strcmp(s->name, "kernel") || !strcmp(s->name, "initrd") ||
	       !strcmp(s->name, "boot_params");
}

static void check_limits(const struct fixture *f)
{
	const struct kp_plan *p = &f->built.plan;
	const struct kp_image *image = &f->image;
	uint64_t start = segment(p, "kernel")->at.start, next = start;

	assert_true(start == image->pref_start ||
		    (image->relocatable && start % image->align == 0));
	assert_true(start >= image->pref_start);
	for (size_t i = 0; i < p->n_segments; i++) {
		const struct kp_segment *s = &p->segments[i];

		if (is_for_the_kernel(s) && !image->above_4g)
			assert_true(s->at.last < GIB(4));
		if (!strcmp(s->name, "initrd"))
			assert_true(s->at.last <= image->initrd_max);
		if (!strcmp(s->name, "kernel")) {
			assert_int_equal(s->at.start, next);
			next = s->at.last + 1;
		}
	}
	assert_true(next - start >= image->mem_bytes);
}

/* All data that must be covered, hashed afresh. */
static void check_digest(const struct fixture *f)
{
	const struct kp_plan *p = &f->built.plan;
	struct purgatory_params params = params_of(p);
	uint8_t digest[KP_SHA256_BYTES];
	struct kp_digest d;
	size_t n = 0;

	assert_int_equal(!!(params.flags & PURGATORY_SKIP_DIGEST), f->req.no_checks);
	if (f->req.no_checks)
		return;
	kp_digest_init(&d, false);
	for (size_t i = 0; i < p->n_segments; i++) {
		const struct kp_segment *s = &p->segments[i];

		if (!strcmp(s->name, "purgatory") || !strcmp(s->name, "backup") ||
		    (f->req.hotplug && f->machine.elfcorehdr_size &&
		     !strcmp(s->name, "elfcorehdr")))
			continue;
		kp_digest_region(&d, s->data, s->data_bytes);
		assert_true(n < params.n_regions);
		assert_true(params.marks[n] == kp_digest_mark(&d));
		assert_true(params.regions[n].start == s->at.start);
		assert_true(params.regions[n].bytes == s->data_bytes);
		n++;
	}
	assert_int_equal(n, params.n_regions);
	kp_digest_final(&d, digest);
	assert_memory_equal(digest, params.digest, sizeof(digest));
}

/* The entry that maps @virt, or 0. */
static uint64_t mapping(const struct kp_segment *tables, uint64_t root, unsigned levels,
			uint64_t virt)
{
	uint64_t table = root, e;

	for (unsigned shift = 12 + 9 * (levels - 1);; shift -= 9) {
		uint64_t off = table - tables->at.start + 8 * ((virt >> shift) & 511);

		assert_true(off + 8 <= tables->data_bytes);
		memcpy(&e, (const uint8_t *)tables->data + off, 8);
		if (!e || shift == 12 || e & 0x80)
			break;
		assert_int_equal(e & 0x23, 0x23);
		table = e & 0x000ffffffffff000;
	}
	return e;
}

static void check_mapped(const struct kp_segment *tables, uint64_t root, unsigned levels,
			 uint64_t virt, bool device)
{
	uint64_t e = mapping(tables, root, levels, virt);
	uint64_t page = e & 0x80 ? MIB(2) - 1 : 4095;

	assert_int_equal(e & 0x63, 0x63);
	assert_int_equal(e & 0x000ffffffffff000, virt & ~page);
	assert_int_equal(e & 0x18, device ? 0x18 : 0);
}

static void check_identity(const struct fixture *f)
{
	const struct kp_plan *p = &f->built.plan;
	const struct kp_segment *tables = segment(p, "page tables");
	struct purgatory_params params = params_of(p);

	for (unsigned levels = 4; levels <= 5; levels++) {
		uint64_t root = levels == 4 ? params.pgd4 : params.pgd5;

		assert_int_equal(mapping(tables, root, levels, 0x9ffff) != 0, p->slot == KP_CRASH);
		check_mapped(tables, root, levels, 0xb8000, true);
		check_mapped(tables, root, levels, APIC_DEFAULT_PHYS, true);
		assert_int_equal(mapping(tables, root, levels, 0xf0000), 0);
		assert_int_equal(mapping(tables, root, levels, 0xfeffc000), 0);
		assert_int_equal(mapping(tables, root, levels, 0xbfffe000), 0);
		if (params.park_page)
			check_mapped(tables, root, levels, params.park_page, false);
		for (size_t i = 0; i < p->n_segments; i++) {
			struct kp_range at = p->segments[i].at;

			for (uint64_t a = at.start; a <= at.last; a += MIB(2))
				check_mapped(tables, root, levels, a, false);
			check_mapped(tables, root, levels, at.last, false);
		}
	}
}

static void check_initrds(const struct fixture *f, size_t n)
{
	const struct kp_plan *p = &f->built.plan;
	struct boot_params bp;
	uint64_t at, left;

	read_at(p, params_of(p).boot_params, &bp, sizeof(bp));
	at = bp.hdr.ramdisk_image | (uint64_t)bp.ext_ramdisk_image << 32;
	left = bp.hdr.ramdisk_size | (uint64_t)bp.ext_ramdisk_size << 32;
	assert_int_equal(n == 0, left == 0);
	for (size_t i = 0; i < n; i++) {
		size_t len = sizeof(f->initrd[i]) - 100 * i;
		uint8_t got[sizeof(f->initrd[0])];
		uint64_t whole = i + 1 < n ? (len + 4095) / 4096 * 4096 : len;

		read_at(p, at, got, len);
		assert_memory_equal(got, f->initrd[i], len);
		for (uint64_t pad = len; pad < whole; pad++)
			assert_int_equal(byte_at(p, at + pad), 0);
		assert_true(left >= whole);
		left -= whole;
		at += whole;
	}
	assert_int_equal(left, 0);
}

static uint32_t type_of(const struct kp_mem *v, size_t n, uint64_t phys)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].at.start <= phys && phys <= v[i].at.last)
			return v[i].type;
	return 0;
}

static bool covers(const struct kp_segment *s, uint64_t phys)
{
	return s && s->at.start <= phys && phys <= s->at.last;
}

static uint32_t model_type(const struct fixture *f, uint64_t phys)
{
	const struct kp_plan *p = &f->built.plan;
	uint32_t type = type_of(f->machine.firmware.v, f->machine.firmware.n, phys);

	if (p->park.state && phys - p->park.address < 4096)
		return KP_MEM_RESERVED;
	if (f->req.slot == KP_NORMAL)
		return type;
	if (covers(segment(p, "elfcorehdr"), phys) || covers(segment(p, "backup"), phys))
		return KP_MEM_RESERVED;
	if (in_ranges(&f->machine.crashk, (struct kp_range){ phys, phys }))
		return KP_MEM_RAM;
	return type == KP_MEM_RAM && phys >= 0xa0000 ? 0 : type;
}

static void check_point(const struct fixture *f, uint64_t phys)
{
	const struct kp_plan *p = &f->built.plan;

	if (type_of(p->e820, p->n_e820, phys) != model_type(f, phys))
		fail_msg("e820 at %#llx: type %u, not %u", (unsigned long long)phys,
			 type_of(p->e820, p->n_e820, phys), model_type(f, phys));
}

/* The map can only change at the edges of what it is made of. */
static void check_edges(const struct fixture *f, uint64_t start, uint64_t last)
{
	check_point(f, start ? start - 1 : 0);
	check_point(f, start);
	check_point(f, last);
	check_point(f, last + 1);
}

static void check_map(const struct fixture *f)
{
	const struct kp_plan *p = &f->built.plan;

	for (size_t i = 0; i < f->machine.firmware.n; i++)
		check_edges(f, f->machine.firmware.v[i].at.start, f->machine.firmware.v[i].at.last);
	for (size_t i = 0; i < p->n_segments; i++)
		check_edges(f, p->segments[i].at.start, p->segments[i].at.last);
	for (size_t i = 0; i < p->n_e820; i++)
		check_edges(f, p->e820[i].at.start, p->e820[i].at.last);
	for (size_t i = 1; i < p->n_e820; i++)
		assert_true(p->e820[i].at.start > p->e820[i - 1].at.last);
	check_edges(f, 0x9ffff, 0xa0000);
}

static void check_params(const struct fixture *f)
{
	const struct kp_plan *p = &f->built.plan;
	struct purgatory_params params = params_of(p);
	bool parks = p->park.state != KP_PARK_STATE_NONE;

	assert_true(params.kernel_entry == segment(p, "kernel")->at.start + f->image.entry_offset);
	assert_true(params.boot_params == segment(p, "boot_params")->at.start);
	assert_int_equal(!!(params.flags & PURGATORY_PARK), parks);
	if (parks) {
		assert_true(params.park_page == p->park.address);
		assert_int_equal(params.park_n_ids + params.park_n_extra, f->machine.n_apics);
	}
	if (f->req.slot == KP_CRASH) {
		assert_int_equal(params.backup_src, 0);
		assert_int_equal(params.backup_bytes, 0xa0000);
		assert_true(params.backup_dst == segment(p, "backup")->at.start);
	} else {
		assert_int_equal(params.backup_bytes, 0);
	}
}

static void check_all(const struct fixture *f, size_t n_initrds)
{
	check_segments(f);
	check_limits(f);
	check_digest(f);
	check_identity(f);
	check_initrds(f, n_initrds);
	check_map(f);
	check_params(f);
}

/* ---- plans for the machine of the fixture ------------------------------------------------- */

static void normal_load(void **state)
{
	struct fixture *f = *state;

	f->req.cmdline = "root=/dev/vda1";
	assert_int_equal(plan(f, 1), 0);
	check_all(f, 1);
	assert_int_equal(f->built.plan.n_segments, 5);
	assert_int_equal(f->built.plan.flags, 62 << 16);
	assert_string_equal(f->built.plan.cmdline, "root=/dev/vda1");
	assert_int_equal(f->built.plan.n_warnings, 0);
	assert_int_equal(segment(&f->built.plan, "kernel")->at.start, MIB(16));
}

/* A machine whose firmware calls the page of the local APIC RAM. */
static void no_segment_is_where_a_device_is_mapped(void **state)
{
	struct fixture *f = *state;
	const struct kp_range apic = kp_range_of(APIC_DEFAULT_PHYS, 4096);

	fixture_firmware(f, 0xc0000000, 0xfeffbfff, KP_MEM_RAM);
	for (uint64_t below = MIB(1); below <= MIB(128); below += MIB(1)) {
		f->req.mem_min = APIC_DEFAULT_PHYS - below;
		f->req.mem_max = 0xfeffbfff;
		if (plan(f, 1))
			continue;
		for (size_t i = 0; i < f->built.plan.n_segments; i++)
			assert_false(kp_range_touches(f->built.plan.segments[i].at, apic));
		check_identity(f);
	}
	assert_int_equal(plan(f, 1), 0);
}

static void crash_load(void **state)
{
	struct fixture *f = *state;
	char want[64];

	f->req = (struct kp_request){ .slot = KP_CRASH, .cmdline = "nr_cpus=1" };
	assert_int_equal(plan(f, 3), 0);
	check_all(f, 3);
	assert_int_equal(f->built.plan.flags, 62 << 16 | 1);
	snprintf(want, sizeof(want), "nr_cpus=1 elfcorehdr=%#llx",
		 (unsigned long long)segment(&f->built.plan, "elfcorehdr")->at.start);
	assert_string_equal(f->built.plan.cmdline, want);
	assert_null(segment(&f->built.plan, "backup")->data);
}

static void crash_load_above_4_gib(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(kp_ranges_add(&f->machine.crashk, kp_range_of(GIB(5), MIB(256)), &f->err),
			 0);
	f->req.slot = KP_CRASH;
	assert_int_equal(plan(f, 2), 0);
	check_all(f, 2);
	assert_true(f->built.plan.segments[0].at.start >= GIB(5));
	f->image.above_4g = false;
	assert_int_equal(plan(f, 2), -1);
	assert_int_equal(f->err.code, KP_NO_ROOM);
}

static void hotplug_leaves_the_elfcorehdr_to_the_kernel(void **state)
{
	struct fixture *f = *state;
	const struct kp_segment *header;

	f->req = (struct kp_request){ .slot = KP_CRASH, .hotplug = true };
	f->machine.elfcorehdr_size = 0x21000;
	assert_int_equal(plan(f, 0), 0);
	check_all(f, 0);
	header = segment(&f->built.plan, "elfcorehdr");
	assert_int_equal(kp_range_bytes(header->at), 0x21000);
	assert_false(header->digest);
	assert_int_equal(f->built.plan.flags, 62 << 16 | 5);
	assert_int_equal(f->built.plan.n_warnings, 1);
	assert_non_null(strstr(f->built.plan.warnings[0], "640 KiB"));
	f->machine.elfcorehdr_size = 0;
	assert_int_equal(plan(f, 0), 0);
	assert_true(segment(&f->built.plan, "elfcorehdr")->digest);
	assert_int_equal(f->built.plan.flags, 62 << 16 | 1);
	assert_int_equal(f->built.plan.n_warnings, 1);
}

static void parks_in_a_new_page(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params params;
	uint8_t page[4096];
	uint32_t ids[4];

	f->req = (struct kp_request){ .park = KP_PARK_AUTO };
	f->machine.bsp_apic_id = 2;
	assert_int_equal(plan(f, 0), 0);
	check_all(f, 0);
	params = params_of(&f->built.plan);
	assert_int_equal(params.flags, PURGATORY_PARK | PURGATORY_PARK_INSTALL);
	assert_int_equal(params.park_page, 0x10000);
	assert_int_equal(params.bsp_apic_id, 2);
	assert_int_equal(params.tsc_khz, 2400000);
	read_at(&f->built.plan, params.park_image, page, sizeof(page));
	assert_int_equal(kp_park_page_identify(page, 0x10000, f->blobs.park_page), KP_PAGE_INTACT);
	read_at(&f->built.plan, params.park_ids, ids, sizeof(ids));
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(ids[i], i);
	assert_int_equal(params.park_n_extra, 1);
	assert_int_equal(f->built.plan.park.expected, 2);
}

static void parks_in_the_page_that_is_there(void **state)
{
	struct fixture *f = *state;
	uint8_t page[4096];

	fixture_low_page(f, 0x20000, PAGE_INTACT);
	f->req = (struct kp_request){ .slot = KP_CRASH,
				      .park = KP_PARK_AUTO,
				      .cmdline = "nr_cpus=1" };
	assert_int_equal(plan(f, 0), 0);
	check_all(f, 0);
	assert_int_equal(params_of(&f->built.plan).flags, PURGATORY_PARK | PURGATORY_CRASH);
	read_at(&f->built.plan, params_of(&f->built.plan).park_image, page, sizeof(page));
	assert_int_equal(kp_park_page_identify(page, 0x20000, f->blobs.park_page), KP_PAGE_INTACT);
	assert_int_equal(f->built.plan.park.state, KP_PARK_STATE_REUSE);
	f->req.park = KP_PARK_OFF;
	assert_int_equal(plan(f, 0), 0);
	check_all(f, 0);
	assert_int_equal(type_of(f->built.plan.e820, f->built.plan.n_e820, 0x20000),
			 KP_MEM_RESERVED);
}

static void a_plan_that_parks_is_made_the_same_again(void **state)
{
	struct fixture *f = *state;
	uint64_t first;

	f->req.park = KP_PARK_AUTO;
	assert_int_equal(plan(f, 0), 0);
	first = f->built.plan.park.address;
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.park.address, first);
}

static void request_becomes_parameters(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params params;

	f->req = (struct kp_request){ .no_checks = true,
				      .on_mismatch = KP_MISMATCH_BOOT,
				      .console_serial = true,
				      .console_vga = true,
				      .serial_baud = 115200,
				      .serial_port = 0x2f8 };
	assert_int_equal(plan(f, 0), 0);
	params = params_of(&f->built.plan);
	assert_int_equal(params.flags, PURGATORY_CONSOLE_SERIAL | PURGATORY_CONSOLE_VGA |
			 PURGATORY_SKIP_DIGEST);
	assert_int_equal(params.on_mismatch, KP_MISMATCH_BOOT);
	assert_int_equal(params.serial_baud, 115200);
	assert_int_equal(params.serial_port, 0x2f8);
	f->req = (struct kp_request){ 0 };
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(params_of(&f->built.plan).serial_port, 0x3f8);
}

struct told {
	unsigned times;
	enum kp_stage stage;
	uint64_t bytes;
};

static void note_stage(void *arg, enum kp_stage stage, uint64_t bytes)
{
	struct told *told = arg;

	*told = (struct told){ told->times + 1, stage, bytes };
}

static void tells_that_the_digest_begins(void **state)
{
	struct fixture *f = *state;
	struct told told = { 0 };
	uint64_t bytes = 0;

	f->req.progress = note_stage;
	f->req.progress_arg = &told;
	assert_int_equal(plan(f, 1), 0);
	for (size_t i = 0; i < f->built.plan.n_segments; i++)
		if (f->built.plan.segments[i].digest)
			bytes += f->built.plan.segments[i].data_bytes;
	assert_int_equal(told.times, 1);
	assert_int_equal(told.stage, KP_STAGE_DIGEST);
	assert_int_equal(told.bytes, bytes);
	f->req.no_checks = true;
	assert_int_equal(plan(f, 1), 0);
	assert_int_equal(told.times, 1);
}

static void efi_is_passed_on_or_said_not_to_be(void **state)
{
	struct fixture *f = *state;

	f->machine.efi = (struct kp_efi){ .present = true, .acpi20 = 0x7f77e014 };
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.n_warnings, 1);
	assert_non_null(strstr(f->built.plan.warnings[0], "EFI"));
	f->req.no_efi = true;
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.n_warnings, 0);
	/* A kernel too old to look into boot_params is told on its command line. */
	fixture_put(f->header, offsetof(struct setup_header, version), 0x020c, 2);
	assert_int_equal(plan(f, 0), 0);
	assert_string_equal(f->built.plan.cmdline, "acpi_rsdp=0xf5a20");
	f->machine.boot_params.len = 0;
	f->machine.efi.acpi20 = 0;
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.n_warnings, 1);
	assert_non_null(strstr(f->built.plan.warnings[0], "ACPI"));
}

/* What kexec_load(2) cannot carry is told of, where the next kernel would want it. */
static void what_only_the_kernel_can_carry_is_told_of(void **state)
{
	static const struct {
		enum kp_slot slot;
		uint64_t keys;
		bool kho;
		const char *cmdline, *says;
	} rows[] = {
		{ KP_CRASH, 2, false, "", "2 dm-crypt key(s)" },
		{ KP_NORMAL, 2, false, "", NULL },
		{ KP_NORMAL, 0, true, "", "kexec handover" },
		{ KP_NORMAL, 0, false, "quiet kho=on", "kexec handover" },
		{ KP_NORMAL, 0, false, "kho=1 liveupdate=on", "kexec handover" },
		{ KP_NORMAL, 0, false, "kho=off", NULL },
		{ KP_NORMAL, 0, false, "kho=On", "kexec handover" },
		{ KP_NORMAL, 0, false, "kho=true", "kexec handover" },
		{ KP_NORMAL, 0, false, "kho=yes kho=n", NULL },
		{ KP_NORMAL, 0, false, "kho=o", NULL },
		{ KP_NORMAL, 0, false, "kho= kho", NULL },
		{ KP_CRASH, 0, true, "kho=on", NULL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f->req.slot = rows[i].slot;
		f->machine.dm_crypt_keys = rows[i].keys;
		f->machine.kho = rows[i].kho;
		f->machine.cmdline = rows[i].cmdline;
		assert_int_equal(plan(f, 0), 0);
		assert_int_equal(f->built.plan.n_warnings, rows[i].says ? 1 : 0);
		if (rows[i].says) {
			assert_non_null(strstr(f->built.plan.warnings[0], rows[i].says));
			assert_non_null(strstr(f->built.plan.warnings[0], "only kexec_file_load(2)"));
		}
	}
}

/* Of a crash only: a normal load copies no low memory. */
static void warns_of_an_encrypted_backup(void **state)
{
	struct fixture *f = *state;

	f->machine.sme = true;
	f->req.slot = KP_CRASH;
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.n_warnings, 1);
	assert_non_null(strstr(f->built.plan.warnings[0], "encryption (SME) is on: "));
	f->req.slot = KP_NORMAL;
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.n_warnings, 0);
	f->req.slot = KP_CRASH;
	f->machine.sme = false;
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.n_warnings, 0);
	f->machine.sme_open = true;
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.n_warnings, 1);
	assert_non_null(strstr(f->built.plan.warnings[0], "(SME) is on if "));
	f->req.slot = KP_NORMAL;
	assert_int_equal(plan(f, 0), 0);
	assert_int_equal(f->built.plan.n_warnings, 0);
}

static void many_initrds_and_chunks_stay_below_16_segments(void **state)
{
	struct fixture *f = *state;

	f->image.n_chunks = KP_IMAGE_CHUNKS;
	for (size_t i = 0; i < KP_IMAGE_CHUNKS; i++)
		f->image.chunks[i] = (struct kp_chunk){ .offset = i * MIB(1),
							.data = { f->kernel, 5000 },
							.mem_bytes = 6000 };
	for (size_t n = 0; n <= 3; n++) {
		f->req.slot = KP_CRASH;
		assert_int_equal(plan(f, n), 0);
		check_all(f, n);
	}
	assert_int_equal(f->built.plan.n_segments, 16);
}

static void five_initrds_are_joined(void **state)
{
	struct fixture *f = *state;
	struct kp_view views[5];

	for (size_t i = 0; i < 5; i++)
		views[i] = (struct kp_view){ f->initrd[i % 3], 4097 };
	assert_int_equal(kp_plan_make(&f->req, &f->machine, &f->image, views, 5, &f->blobs,
				      &f->built, &f->err),
			 0);
	assert_int_equal(segment(&f->built.plan, "initrd")->data_bytes, 4 * 8192 + 4097);
	for (size_t i = 0; i < 5; i++) {
		uint8_t got[4097];

		read_at(&f->built.plan, segment(&f->built.plan, "initrd")->at.start + i * 8192, got,
			4097);
		assert_memory_equal(got, f->initrd[i % 3], 4097);
	}
}

/* ---- warnings about memory ---------------------------------------------------------------- */

static bool warned(const struct fixture *f, const char *of)
{
	for (size_t i = 0; i < f->built.plan.n_warnings; i++)
		if (strstr(f->built.plan.warnings[i], of))
			return true;
	return false;
}

static uint64_t bytes_of(const struct kp_plan *p)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < p->n_segments; i++)
		bytes += kp_range_bytes(p->segments[i].at);
	return bytes;
}

/* kernel/kexec_core.c takes exactly half, and not a page more. */
static void a_load_above_half_of_ram_is_told_of(void **state)
{
	struct fixture *f = *state;

	for (int slot = 0; slot < 2; slot++) {
		f->req.slot = slot ? KP_CRASH : KP_NORMAL;
		f->machine.total_ram = 0;
		assert_int_equal(plan(f, 1), 0);
		assert_int_equal(f->built.plan.n_warnings, 0);
		f->machine.total_ram = 2 * bytes_of(&f->built.plan);
		assert_int_equal(plan(f, 1), 0);
		assert_int_equal(f->built.plan.n_warnings, 0);
		f->machine.total_ram -= 4096;
		assert_int_equal(plan(f, 1), 0);
		assert_int_equal(f->built.plan.n_warnings, 1);
		assert_true(warned(f, "more than half of the machine's 6"));
	}
}

static void half_is_of_what_iomem_shows_where_nothing_else_does(void **state)
{
	struct fixture *f = *state;

	fixture_no_memory(f);
	fixture_firmware(f, 0, 0x9fbff, KP_MEM_RAM);
	fixture_firmware(f, MIB(1), MIB(64) - 1, KP_MEM_RAM);
	assert_int_equal(plan(f, 1), 0);
	assert_true(warned(f, "more than half of the machine's 63 MiB"));
}

static const struct resume_row {
	enum kp_slot slot;
	enum kp_park_want park;
	const char *running, *next;
	bool warned;
} resume_rows[] = {
	{ KP_NORMAL, KP_PARK_AUTO, "resume=/dev/sda2 ro", "ro", true },
	{ KP_NORMAL, KP_PARK_AUTO, "ro", "resume=UUID=1-2 ro", true },
	{ KP_NORMAL, KP_PARK_OFF, "resume=/dev/sda2", "resume=/dev/sda2", false },
	{ KP_NORMAL, KP_PARK_AUTO, "ro", "ro resumewait resume_offset=1", false },
	{ KP_NORMAL, KP_PARK_AUTO, "resume=/dev/sda2 noresume", "ro", false },
	{ KP_NORMAL, KP_PARK_AUTO, "resume=/dev/sda2 nohibernate", "ro", false },
	{ KP_NORMAL, KP_PARK_AUTO, NULL, "ro", false },
	{ KP_CRASH, KP_PARK_AUTO, "resume=/dev/sda2 ro", "ro", false },
	{ KP_CRASH, KP_PARK_AUTO, "ro", "resume=/dev/sda2 ro", true },
};

static void a_new_page_and_hibernation_do_not_go_together(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(resume_rows); i++) {
		const struct resume_row *row = &resume_rows[i];

		f->req = (struct kp_request){ .slot = row->slot, .park = row->park,
					      .cmdline = row->next };
		f->machine.cmdline = row->running;
		assert_int_equal(plan(f, 1), 0);
		if (warned(f, "hibernation") != row->warned)
			fail_msg("row %zu", i);
	}
	/* The map stays as it is where the page is there already. */
	f->req = (struct kp_request){ .park = KP_PARK_AUTO, .cmdline = "resume=/dev/sda2" };
	fixture_low_page(f, 0x20000, PAGE_INTACT);
	assert_int_equal(plan(f, 1), 0);
	assert_int_equal(f->built.plan.park.state, KP_PARK_STATE_REUSE);
	assert_false(warned(f, "hibernation"));
}

/* The least that there can be: one whole page above page 0. */
static void low_ram_is_what_a_kernel_starts_from(void **state)
{
	static const struct { uint64_t start, last; bool enough; } rows[] = {
		{ 0, 0x9fbff, true }, { 0x1000, 0x1fff, true }, { 0, 0xfff, false },
		{ 0, 0x1ffe, false }, { 0x1800, 0x27ff, false }, { 0x9e000, 0x9efff, true },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fixture_memory(f);
		f->machine.firmware.v[0].at.start = rows[i].start;
		f->machine.firmware.v[0].at.last = rows[i].last;
		f->req.slot = KP_CRASH;
		if (!plan(f, 1) != rows[i].enough)
			fail_msg("row %zu: %s", i, f->err.text);
		f->req.slot = KP_NORMAL;
		assert_int_equal(plan(f, 1), 0);
		assert_int_equal(warned(f, "next kernel has no RAM below 1 MiB"), !rows[i].enough);
	}
}

static void what_the_map_is_made_from_is_told(void **state)
{
	struct fixture *f = *state;

	for (int slot = 0; slot < 2; slot++) {
		f->req.slot = slot ? KP_CRASH : KP_NORMAL;
		fixture_memory(f);
		f->machine.iomem = f->machine.firmware;
		f->machine.firmware = (struct kp_memmap){ .arena = &f->arena };
		assert_int_equal(plan(f, 1), 0);
		assert_true(warned(f, "CONFIG_FIRMWARE_MEMMAP"));
		f->machine.cmdline = "mem=4G crashkernel=1G,cma";
		assert_int_equal(plan(f, 1), 0);
		assert_int_equal(warned(f, "no memory from CMA"), slot);
	}
	f->req.reuse_cmdline = true;
	assert_int_equal(plan(f, 1), 0);
	assert_true(warned(f, ": mem=4G;"));
}

static void a_file_load_of_an_image_that_leaves_5_level_is_a_risk(void **state)
{
	struct fixture *f = *state;

	assert_null(kp_plan_file_risk(&f->machine, &f->image));
	f->machine.la57 = true;
	assert_non_null(strstr(kp_plan_file_risk(&f->machine, &f->image), "XLF_5LEVEL_ENABLED"));
	assert_int_equal(plan(f, 1), 0);
	assert_int_equal(f->built.plan.n_warnings, 0);
	f->image.la57_kept = true;
	assert_null(kp_plan_file_risk(&f->machine, &f->image));
}

/* ---- failures ----------------------------------------------------------------------------- */

static void no_crashkernel(struct fixture *f) { f->machine.crashk.n = 0; }
static void small_crashkernel(struct fixture *f) { f->machine.crashk.v[0].last = 0xa0ffffff; }
static void crashkernel_without_initrd(struct fixture *f)
{
	f->machine.crashk.v[0].last = 0xa2001fff;
}
static void too_old_for_la57(struct fixture *f) { f->machine.la57 = true; f->image.la57 = false; }
static void long_line(struct fixture *f) { f->image.cmdline_max = 10; }
static void limits_cross(struct fixture *f) { f->req.mem_min = MIB(64); f->req.mem_max = MIB(32); }
static void low_initrd(struct fixture *f) { f->image.initrd_max = 0x9fffffff; }
static void too_many_notes(struct fixture *f) { f->machine.n_notes = 70000; }
static void tiny_purgatory(struct fixture *f) { f->blobs.purgatory.len = 100; }
static void cannot_park(struct fixture *f) { f->req.park = KP_PARK_AUTO; f->machine.tboot = true; }
static void encrypted(struct fixture *f) { f->machine.confidential = "SEV"; }
static void page_above_4g(struct fixture *f) { f->image.pref_start = f->image.min_start = GIB(7); }

static void no_low_ram(struct fixture *f) { f->machine.firmware.v[0].type = KP_MEM_RESERVED; }
static void nothing_to_reuse(struct fixture *f)
{
	f->machine.cmdline = NULL;
	f->req.reuse_cmdline = true;
}

static const struct failure_row {
	const char *name;
	void (*break_it)(struct fixture *f);
	enum kp_code code;
	const char *says, *also;
} failure_rows[] = {
	{ "no crashkernel", no_crashkernel, KP_NO_CRASHKERNEL, "crashkernel=", "" },
	{ "crashkernel too small", small_crashkernel, KP_NO_ROOM, "33 MiB", "16 MiB" },
	{ "crashkernel full with the kernel", crashkernel_without_initrd, KP_NO_ROOM, "33 MiB",
	  "32 MiB" },
	{ "5-level paging", too_old_for_la57, KP_IMAGE, "XLF_5LEVEL", "" },
	{ "long command line", long_line, KP_USAGE, "10", "39" },
	{ "limits cross", limits_cross, KP_USAGE, "0x4000000", "0x2000000" },
	{ "initrd has to be too low", low_initrd, KP_NO_ROOM, "initrd", "0x9fffffff" },
	{ "more CPUs than headers", too_many_notes, KP_MACHINE, "70000", "65534" },
	{ "no purgatory", tiny_purgatory, KP_INTERNAL, "purgatory", "100" },
	{ "an encrypted guest", encrypted, KP_CONFIDENTIAL, "SEV guest", "kexec_file_load(2) can be used" },
	{ "cannot park", cannot_park, KP_PARK, "tboot", "" },
	{ "no RAM below 1 MiB", no_low_ram, KP_MACHINE, "no RAM below 1 MiB",
	  "Real mode trampoline was not allocated" },
	{ "no command line to reuse", nothing_to_reuse, KP_MACHINE, "/proc/cmdline", "not readable" },
	{ "kernel linked to where nothing is", page_above_4g, KP_NO_ROOM, "kernel", "" },
};

static void fails_with_code_and_numbers(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(failure_rows); i++) {
		const struct failure_row *row = &failure_rows[i];
		struct fixture *f;
		void *state;

		assert_int_equal(fixture_setup(&state), 0);
		f = state;
		f->req = (struct kp_request){ .slot = KP_CRASH, .cmdline = "nr_cpus=1 irqpoll" };
		row->break_it(f);
		if (plan(f, 1) != -1 || f->err.code != row->code ||
		    !strstr(f->err.text, row->says) || !strstr(f->err.text, row->also))
			fail_msg("%s: code %d, \"%s\"", row->name, f->err.code, f->err.text);
		assert_null(f->built.arena.blocks);
		fixture_teardown(&state);
	}
}

static void an_empty_initrd_is_an_error(void **state)
{
	struct fixture *f = *state;
	const struct kp_view views[] = { { f->initrd[0], 10 }, { f->initrd[1], 0 } };

	assert_int_equal(kp_plan_make(&f->req, &f->machine, &f->image, views, 2, &f->blobs,
				      &f->built, &f->err),
			 -1);
	assert_int_equal(f->err.code, KP_IMAGE);
	assert_non_null(strstr(f->err.text, "2 of 2"));
}

/* ---- kp_plan_check() must see each of these ----------------------------------------------- */

static void c_none(struct kp_plan *p) { p->n_segments = 0; }
static void c_many(struct kp_plan *p) { p->n_segments = 17; }
static void c_unaligned(struct kp_plan *p) { p->segments[1].at.start += 8; }
static void c_odd_end(struct kp_plan *p) { p->segments[1].at.last -= 8; }
static void c_no_data(struct kp_plan *p) { p->segments[0].data = NULL; }
static void c_overfull(struct kp_plan *p) { p->segments[0].data_bytes = SIZE_MAX; }
static void c_overlap(struct kp_plan *p) { p->segments[1].at = p->segments[0].at; }
static void c_entry(struct kp_plan *p) { p->entry = 0x1000; }
static void c_outside(struct kp_plan *p)
{
	p->segments[0].at = (struct kp_range){ 0xfee00000, 0xfee00fff };
	p->segments[0].data_bytes = 0;
}
static void c_park(struct kp_plan *p) { p->park.state = KP_PARK_STATE_NEW;
					p->park.address = p->segments[2].at.last - 4095; }
static void c_map_order(struct kp_plan *p) { ((struct kp_mem *)p->e820)[1].at.start = 0; }
static void c_map_entry(struct kp_plan *p) { ((struct kp_mem *)p->e820)[1].at.last = 0; }
static void c_crash(struct kp_plan *p) { p->slot = KP_CRASH; }

static const struct check_row {
	const char *name;
	void (*break_it)(struct kp_plan *p);
	const char *says;
} check_rows[] = {
	{ "no segments", c_none, "0 segments" },
	{ "too many segments", c_many, "17 segments" },
	{ "unaligned start", c_unaligned, "whole pages" },
	{ "odd end", c_odd_end, "whole pages" },
	{ "no data", c_no_data, "no data" },
	{ "too much data", c_overfull, "too small" },
	{ "overlap", c_overlap, "not above" },
	{ "entry outside", c_entry, "entry point" },
	{ "outside of RAM", c_outside, "System RAM" },
	{ "on the park page", c_park, "park page" },
	{ "map out of order", c_map_order, "memory map" },
	{ "map upside down", c_map_entry, "memory map" },
	{ "outside of the crashkernel", c_crash, "crashkernel" },
};

static void check_sees_every_broken_invariant(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(check_rows); i++) {
		f->req.park = KP_PARK_OFF;
		assert_int_equal(plan(f, 1), 0);
		assert_int_equal(kp_plan_check(&f->built.plan, &f->machine, &f->err), 0);
		check_rows[i].break_it(&f->built.plan);
		if (kp_plan_check(&f->built.plan, &f->machine, &f->err) != -1 ||
		    f->err.code != KP_INTERNAL || !strstr(f->err.text, check_rows[i].says))
			fail_msg("%s: \"%s\"", check_rows[i].name, f->err.text);
	}
}

/* ---- random machines ---------------------------------------------------------------------- */

static void random_memory(struct fixture *f, uint64_t *seed)
{
	static const uint32_t types[] = { KP_MEM_RAM, KP_MEM_RAM, KP_MEM_RAM, KP_MEM_RESERVED,
					  KP_MEM_ACPI, KP_MEM_NVS, KP_MEM_PMEM };
	uint64_t at = MIB(1), n = 1 + fixture_below(seed, 40);

	fixture_no_memory(f);
	fixture_firmware(f, 0, 0x8ffff + fixture_below(seed, 0xffff), KP_MEM_RAM);
	while (n--) {
		uint64_t bytes = 1 + fixture_below(seed, 1ULL << (12 + fixture_below(seed, 20)));
		uint32_t type = types[fixture_below(seed, ARRAY_SIZE(types))];

		at += fixture_below(seed, 3) ? 0 : fixture_below(seed, MIB(64));
		fixture_firmware(f, at, at + bytes - 1, type);
		at += bytes;
		if (!fixture_below(seed, 12))
			at = kp_max(at, GIB(4));
	}
	assert_int_equal(kp_memmap_normalise(&f->machine.firmware, &f->err), 0);
}

/* Any number of reservations, anywhere in RAM. */
static void random_crashkernel(struct fixture *f, uint64_t *seed)
{
	const struct kp_ranges *ram = &f->machine.system_ram;

	for (uint64_t n = fixture_below(seed, 30); n; n--) {
		struct kp_range r = ram->v[fixture_below(seed, ram->n)];
		uint64_t start =
			kp_align_up(r.start + fixture_below(seed, kp_range_bytes(r)) / 4, 4096);
		uint64_t bytes = kp_align_up(MIB(4) + fixture_below(seed, MIB(160)), 4096);

		if (start < MIB(1) || start + bytes - 1 > r.last)
			continue;
		assert_int_equal(kp_ranges_add(&f->machine.crashk, kp_range_of(start, bytes),
					       &f->err),
				 0);
	}
}

static void random_request(struct fixture *f, uint64_t *seed)
{
	f->req = (struct kp_request){
		.slot = fixture_below(seed, 2) ? KP_CRASH : KP_NORMAL,
		.cmdline = "nr_cpus=1",
		.mem_min = fixture_below(seed, 5) ? 0 : fixture_below(seed, MIB(256)),
		.mem_max = fixture_below(seed, 8) ? 0 : fixture_below(seed, GIB(8)),
		.no_checks = !fixture_below(seed, 6),
		.hotplug = fixture_below(seed, 2),
		.park = (enum kp_park_want)fixture_below(seed, 4),
		.park_addr = fixture_below(seed, 0xa1) << 12,
	};
	f->machine.elfcorehdr_size = fixture_below(seed, 2) ? 0 : 0x8000;
}

static void random_image(struct fixture *f, uint64_t *seed)
{
	f->image.mem_bytes = 5000 + fixture_below(seed, MIB(16));
	f->image.pref_start = f->image.min_start = MIB(2) * fixture_below(seed, 32) + MIB(2);
	f->image.align = 4096ULL << fixture_below(seed, 12);
	f->image.relocatable = fixture_below(seed, 5);
	f->image.above_4g = fixture_below(seed, 2);
	f->image.initrd_max = fixture_below(seed, 2) ? 0x7fffffff : UINT64_MAX;
}

static bool is_honest(enum kp_code code)
{
	return code == KP_NO_ROOM || code == KP_NO_CRASHKERNEL || code == KP_USAGE ||
	       code == KP_PARK;
}

static void random_machines_get_good_plans_or_reasons(void **state)
{
	const uint64_t first = 0x6b657865632d7061;
	struct fixture *f = *state;
	unsigned good[2] = { 0, 0 }, bad = 0;
	uint64_t seed = first;

	print_message("seed %#llx\n", (unsigned long long)first);
	for (unsigned round = 0; round < 1500; round++) {
		size_t n_initrds = fixture_below(&seed, 4);

		random_memory(f, &seed);
		random_crashkernel(f, &seed);
		random_request(f, &seed);
		random_image(f, &seed);
		if (plan(f, n_initrds) == 0) {
			check_all(f, n_initrds);
			good[f->req.slot]++;
		} else if (is_honest(f->err.code)) {
			bad++;
		} else {
			fail_msg("round %u: code %d, %s", round, f->err.code, f->err.text);
		}
		kp_arena_free(&f->arena);
		fixture_no_memory(f);
	}
	print_message("%u normal and %u crash plans, %u refusals\n", good[0], good[1], bad);
	assert_true(good[0] > 100 && good[1] > 100 && bad > 100);
}

/* ---- scale -------------------------------------------------------------------------------- */

/* Each CPU's APIC ID, ascending, and its notes at the front of the program headers. */
static void assert_cpus(const struct kp_plan *p, const struct kp_crash_note *notes, uint32_t n)
{
	const struct purgatory_params params = params_of(p);
	uint64_t at = segment(p, "elfcorehdr")->at.start;
	Elf64_Ehdr elf;

	assert_int_equal(params.park_n_ids, n);
	read_at(p, at, &elf, sizeof(elf));
	assert_true(elf.e_phnum > n);
	for (uint32_t i = 0; i < n; i++) {
		Elf64_Phdr note;
		uint32_t id;

		read_at(p, params.park_ids + i * sizeof(id), &id, sizeof(id));
		assert_int_equal(id, i);
		read_at(p, at + elf.e_phoff + i * sizeof(note), &note, sizeof(note));
		assert_int_equal(note.p_type, PT_NOTE);
		assert_int_equal(note.p_offset, notes[i].phys);
		assert_int_equal(note.p_filesz, notes[i].bytes);
	}
}

/* Every second piece of memory is in the map as the firmware has it. */
static void assert_pieces(const struct kp_plan *p, uint64_t start, uint32_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < p->n_e820 && found < n; i++) {
		uint64_t at = start + found * MIB(2);

		if (p->e820[i].at.start != at)
			continue;
		assert_int_equal(p->e820[i].at.last, at + MIB(1) - 1);
		assert_int_equal(p->e820[i].type, found % 15 ? KP_MEM_RAM : KP_MEM_RESERVED);
		found++;
	}
	assert_int_equal(found, n);
}

static void large_machines_are_planned_in_a_moment(void **state)
{
	struct fixture *f = *state;
	struct kp_crash_note *notes = test_calloc(8192, sizeof(*notes));
	struct kp_apic *apics = test_calloc(8192, sizeof(*apics));
	clock_t before = clock();

	for (uint32_t i = 0; i < 8192; i++) {
		notes[i] = (struct kp_crash_note){ i, GIB(2) + i * 512, 0x164 };
		apics[i] = (struct kp_apic){ .id = 8191 - i, .enabled = true };
	}
	f->machine.notes = notes;
	f->machine.apics = apics;
	f->machine.n_notes = f->machine.n_apics = 8192;
	for (uint64_t i = 0; i < 30000; i++)
		fixture_firmware(f, GIB(8) + i * MIB(2), GIB(8) + i * MIB(2) + MIB(1) - 1,
				 i % 15 ? KP_MEM_RAM : KP_MEM_RESERVED);
	f->req = (struct kp_request){ .slot = KP_CRASH,
				      .park = KP_PARK_AUTO,
				      .cmdline = "nr_cpus=1" };
	assert_int_equal(plan(f, 1), 0);
	assert_cpus(&f->built.plan, notes, 8192);
	f->req.slot = KP_NORMAL;
	assert_int_equal(plan(f, 1), 0);
	assert_pieces(&f->built.plan, GIB(8), 30000);
	assert_true(clock() - before < 2 * CLOCKS_PER_SEC);
	test_free(notes);
	test_free(apics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(normal_load),
		fixture_test(no_segment_is_where_a_device_is_mapped),
		fixture_test(crash_load),
		fixture_test(crash_load_above_4_gib),
		fixture_test(hotplug_leaves_the_elfcorehdr_to_the_kernel),
		fixture_test(parks_in_a_new_page),
		fixture_test(parks_in_the_page_that_is_there),
		fixture_test(a_plan_that_parks_is_made_the_same_again),
		fixture_test(request_becomes_parameters),
		fixture_test(tells_that_the_digest_begins),
		fixture_test(efi_is_passed_on_or_said_not_to_be),
		fixture_test(what_only_the_kernel_can_carry_is_told_of),
		fixture_test(warns_of_an_encrypted_backup),
		fixture_test(a_load_above_half_of_ram_is_told_of),
		fixture_test(half_is_of_what_iomem_shows_where_nothing_else_does),
		fixture_test(a_new_page_and_hibernation_do_not_go_together),
		fixture_test(low_ram_is_what_a_kernel_starts_from),
		fixture_test(what_the_map_is_made_from_is_told),
		fixture_test(a_file_load_of_an_image_that_leaves_5_level_is_a_risk),
		fixture_test(many_initrds_and_chunks_stay_below_16_segments),
		fixture_test(five_initrds_are_joined),
		cmocka_unit_test(fails_with_code_and_numbers),
		fixture_test(an_empty_initrd_is_an_error),
		fixture_test(check_sees_every_broken_invariant),
		fixture_test(random_machines_get_good_plans_or_reasons),
		fixture_test(large_machines_are_planned_in_a_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
