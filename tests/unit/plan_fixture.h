/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine, an image and blobs composed by hand, for the tests of the planner. A test starts
 * from fixture_setup(), changes what its row is about, and plans.
 *
 * The machine: BIOS, 5 GiB of RAM, 4 CPUs, crashkernel=256M at 0xa0000000.
 */
#ifndef PLAN_FIXTURE_H
#define PLAN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "bootparam.h"
#include "park_image.h"
#include "layout.h"
#include "park_page.h"
#include "plan.h"
#include "purgatory_params.h"
#include "sha256.h"

#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

#define FIXTURE_CRASHK_START 0xa0000000ULL
#define FIXTURE_CRASHK_LAST  0xafffffffULL
#define FIXTURE_HEADER_BYTES 0x7b
#define FIXTURE_PAGE_OFFSET  0xffff888000000000ULL

struct fixture {
	struct kp_arena arena;
	struct kp_machine machine;
	struct kp_image image;
	struct kp_request req;
	struct kp_blobs blobs;
	struct kp_error err;
	struct kp_plan_build built;
	uint8_t header[FIXTURE_HEADER_BYTES];
	uint8_t kernel[5000], initrd[3][6000], boot_params[4096];
	uint8_t purgatory[3 * 4096], park_page[4096];
};

static inline void fixture_fill(uint8_t *bytes, size_t n, uint8_t seed)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(seed + i * 7 + i / 251);
}

static inline void fixture_firmware(struct fixture *f, uint64_t start, uint64_t last, uint32_t type)
{
	assert_int_equal(kp_memmap_add(&f->machine.firmware, kp_range(start, last), type, &f->err), 0);
	if (type == KP_MEM_RAM)
		assert_int_equal(kp_ranges_add(&f->machine.system_ram, kp_range(start, last),
					       &f->err), 0);
}

/* Forget the machine's memory, for a test that composes its own. */
static inline void fixture_no_memory(struct fixture *f)
{
	f->machine.firmware = (struct kp_memmap){ .arena = &f->arena };
	f->machine.system_ram = (struct kp_ranges){ .arena = &f->arena };
	f->machine.crashk = (struct kp_ranges){ .arena = &f->arena };
}

static inline void fixture_memory(struct fixture *f)
{
	fixture_no_memory(f);
	fixture_firmware(f, 0, 0x9fbff, KP_MEM_RAM);
	fixture_firmware(f, 0x9fc00, 0x9ffff, KP_MEM_RESERVED);
	fixture_firmware(f, 0xf0000, 0xfffff, KP_MEM_RESERVED);
	fixture_firmware(f, 0x100000, 0xbffdffff, KP_MEM_RAM);
	fixture_firmware(f, 0xbffe0000, 0xbfffefff, KP_MEM_ACPI);
	fixture_firmware(f, 0xbffff000, 0xbfffffff, KP_MEM_NVS);
	fixture_firmware(f, 0xfeffc000, 0xfeffffff, KP_MEM_RESERVED);
	fixture_firmware(f, GIB(4), GIB(6) - 1, KP_MEM_RAM);
	assert_int_equal(kp_ranges_add(&f->machine.crashk, kp_range(FIXTURE_CRASHK_START,
				       FIXTURE_CRASHK_LAST), &f->err), 0);
}

static inline void fixture_cpus(struct fixture *f)
{
	static struct kp_crash_note notes[] = {
		{ 0, 0x7f000000, 0x164 }, { 1, 0x7f010000, 0x164 }, { 2, 0x7f020000, 0x164 },
		{ 3, 0x7f030000, 0x164 },
	};
	static struct kp_apic apics[] = {
		{ .id = 0, .enabled = true }, { .id = 1, .enabled = true },
		{ .id = 2, .enabled = true }, { .id = 3, .online_capable = true },
	};

	f->machine.notes = notes;
	f->machine.n_notes = ARRAY_SIZE(notes);
	f->machine.apics = apics;
	f->machine.n_apics = ARRAY_SIZE(apics);
	f->machine.madt_present = true;
	f->machine.bsp_known = true;
	f->machine.tsc_khz = 2400000;
	f->machine.ebda = 0x9fc00;
}

static inline void fixture_machine(struct fixture *f)
{
	struct boot_params bp = { .acpi_rsdp_addr = 0xf5a20 };

	bp.screen_info.orig_video_isVGA = 1;
	bp.screen_info.ext_mem_k = 7777;
	memcpy(f->boot_params, &bp, sizeof(bp));
	f->machine.boot_params = (struct kp_view){ f->boot_params, sizeof(f->boot_params) };
	f->machine.cmdline = "BOOT_IMAGE=/vmlinuz root=/dev/vda1 crashkernel=256M ro";
	f->machine.vmcoreinfo_phys = 0x7f100000;
	f->machine.vmcoreinfo_bytes = 4096;
	f->machine.kernel_code = (struct kp_range){ 0x2000000, 0x2ffffff };
	f->machine.kernel_text_virt = 0xffffffff82000000;
	f->machine.page_offset = FIXTURE_PAGE_OFFSET;
	f->machine.has_rng_seed = true;
	fixture_fill(f->machine.rng_seed, sizeof(f->machine.rng_seed), 99);
	fixture_memory(f);
	fixture_cpus(f);
}

static inline void fixture_image(struct fixture *f)
{
	struct setup_header hdr = {
		.boot_flag = 0xaa55, .header = 0x53726448, .version = 0x020f, .loadflags = 1,
		.root_flags = 1, .cmdline_size = 2047,
	};

	memcpy(f->header, &hdr, sizeof(f->header));
	f->image = (struct kp_image){
		.format = KP_FORMAT_BZIMAGE64,
		.chunks = { { .data = { f->kernel, sizeof(f->kernel) },
			      .mem_bytes = MIB(32) + 5 } },
		.n_chunks = 1,
		.mem_bytes = MIB(32) + 5,
		.pref_start = MIB(16),
		.min_start = MIB(16),
		.align = MIB(2),
		.relocatable = true,
		.entry_offset = 0x200,
		.above_4g = true,
		.la57 = true,
		.efi_handover = true,
		.initrd_max = UINT64_MAX,
		.cmdline_max = 2047,
		.setup_header = { f->header, sizeof(f->header) },
	};
}

static inline void fixture_put(uint8_t *bytes, size_t off, uint64_t value, size_t n)
{
	memcpy(bytes + off, &value, n);
}

/* Enough of a page for the loader, which never runs it. */
static inline void fixture_park_page(struct fixture *f)
{
	fixture_fill(f->park_page + PARK_OFF_CODE, 1024, 77);
	fixture_put(f->park_page, PARK_OFF_MAGIC, PARK_MAGIC, 8);
	fixture_put(f->park_page, PARK_OFF_VERSION, PARK_VERSION, 4);
	fixture_put(f->park_page, PARK_OFF_IMMUTABLE, PARK_IMMUTABLE_BYTES, 4);
}

#define FIXTURE_GDT 0x2000
#define FIXTURE_IDT 0x2100

/* The descriptor tables that a purgatory comes with: 32 gates to as many places in its first page. */
static inline void fixture_purgatory(struct fixture *f)
{
	fixture_fill(f->purgatory, sizeof(f->purgatory), 3);
	fixture_put(f->purgatory, PURGATORY_OFF_GDTR, 31, 2);
	fixture_put(f->purgatory, PURGATORY_OFF_GDTR_BASE, FIXTURE_GDT, 8);
	fixture_put(f->purgatory, PURGATORY_OFF_IDTR, 32 * 16 - 1, 2);
	fixture_put(f->purgatory, PURGATORY_OFF_IDTR_BASE, FIXTURE_IDT, 8);
	for (size_t v = 0; v < 32; v++) {
		fixture_put(f->purgatory, FIXTURE_IDT + 16 * v, 0x00008e0000100c00 + 16 * v, 8);
		fixture_put(f->purgatory, FIXTURE_IDT + 16 * v + 8, 0, 8);
	}
}

enum fixture_page { PAGE_INTACT, PAGE_OLD, PAGE_DAMAGED, PAGE_FORGED, PAGE_FOREIGN, PAGE_UNREAD };

/* Sign a page again after a change, as a loader of another version would have. */
static inline void fixture_sign(uint8_t *page)
{
	struct kp_sha256 sha;

	memset(page + PARK_OFF_SHA256, 0, KP_SHA256_BYTES);
	kp_sha256_init(&sha);
	kp_sha256_update(&sha, page, PARK_IMMUTABLE_BYTES);
	kp_sha256_final(&sha, page + PARK_OFF_SHA256);
}

/* A reserved page below 1 MiB, as the machine's map and /dev/mem would show it. */
static inline void fixture_low_page(struct fixture *f, uint64_t phys, enum fixture_page kind)
{
	size_t n = f->machine.n_low_pages, cap = n;
	struct kp_low_page *pages = kp_arena_grow(&f->arena, f->machine.low_pages, n, &cap,
						  sizeof(*pages), &f->err);
	uint8_t *bytes = kp_arena_alloc(&f->arena, 4096, &f->err);

	assert_int_equal(kp_park_page_build(f->blobs.park_page, phys, bytes, &f->err), 0);
	if (kind == PAGE_OLD) {
		fixture_put(bytes, PARK_OFF_VERSION, 99, 4);
		fixture_sign(bytes);
	}
	if (kind == PAGE_DAMAGED)
		bytes[PARK_OFF_CODE] ^= 1;
	if (kind == PAGE_FORGED)
		memset(bytes + PARK_OFF_SHA256, 0xee, KP_SHA256_BYTES);
	if (kind == PAGE_FOREIGN)
		memset(bytes, 0, 4096);
	pages[n] = (struct kp_low_page){ phys, kind == PAGE_UNREAD ? NULL : bytes };
	f->machine.low_pages = pages;
	f->machine.n_low_pages = n + 1;
	assert_int_equal(kp_memmap_set(&f->machine.firmware, kp_range_of(phys, 4096),
				       KP_MEM_RESERVED, &f->err), 0);
	assert_int_equal(kp_ranges_subtract(&f->machine.system_ram, kp_range_of(phys, 4096),
					    &f->err), 0);
}

static inline int fixture_setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	fixture_fill(f->kernel, sizeof(f->kernel), 1);
	for (size_t i = 0; i < ARRAY_SIZE(f->initrd); i++)
		fixture_fill(f->initrd[i], sizeof(f->initrd[i]), (uint8_t)(50 + i));
	fixture_purgatory(f);
	fixture_park_page(f);
	f->blobs = (struct kp_blobs){
		.purgatory = { f->purgatory, sizeof(f->purgatory) },
		.purgatory_mem_bytes = sizeof(f->purgatory),
		.park_page = { f->park_page, sizeof(f->park_page) },
	};
	fixture_machine(f);
	fixture_image(f);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	kp_arena_free(&f->built.arena);
	kp_arena_free(&f->arena);
	test_free(f);
	return 0;
}

/* A small generator of our own, so that a printed seed means the same everywhere. */
static inline uint64_t fixture_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static inline uint64_t fixture_below(uint64_t *seed, uint64_t n)
{
	return fixture_random(seed) % n;
}

#define fixture_test(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

#endif
