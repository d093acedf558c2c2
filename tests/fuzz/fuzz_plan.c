/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From bytes to a plan: struct head, rows of memory, then a kernel image. The image is parsed,
 * a machine is composed, a plan is made, and both kp_plan_check() and rules that share nothing
 * with the planner judge it.
 */
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "fuzz.h"
#include "park_image.h"
#include "park_page.h"
#include "plan_rules.h"

#define CRASH		0x0001
#define DIGEST		0x0002
#define REUSE_CMDLINE	0x0004
#define MACHINE_LA57	0x0008
#define PARK		0x0010
#define PARK_ELSE	0x0020     /* with PARK: try; alone: at the address of the first page */
#define EFI		0x0040
#define HOTPLUG		0x0080
#define CRASHK_HIGH	0x0100
#define PAGE_INTACT	0x0200
#define PAGE_FORGED	0x0400
#define MODE_INIT	0x0800
#define MODE_CLGI	0x1000
#define LOW_MEMORY_ONLY	0x2000
#define MANY_ROWS	0x4000
#define FORCE		0x8000

/* Of the input, little-endian, packed. */
#define HEAD_BYTES	32
#define ROW_BYTES	10
#define MOST_ROWS	16

/* More is not worth the time: page tables and the digest grow with it. */
#define DATA_MOST	(1u << 20)
#define MEMORY_MOST	(1ULL << 36)

struct scene {
	struct kp_machine machine;
	struct kp_request req;
	struct kp_image image;
	struct kp_view initrds[8];
	size_t n_initrds;
	struct kp_low_page page;
	uint8_t page_bytes[PARK_PAGE_SIZE], boot_params[4096];
	struct kp_efi efi;
	struct kp_error err;
};

static void add(struct scene *s, uint64_t start, uint64_t last, uint32_t type)
{
	REQUIRE(!kp_memmap_add(&s->machine.firmware, kp_range(start, last), type, &s->err));
	if (type == KP_MEM_RAM)
		REQUIRE(!kp_ranges_add(&s->machine.system_ram, kp_range(start, last), &s->err));
}

static void compose_memory(struct scene *s, unsigned flags)
{
	struct kp_machine *m = &s->machine;
	uint64_t crashk = flags & CRASHK_HIGH ? 0x110000000 : 0xa0000000;

	m->firmware.arena = m->system_ram.arena = m->crashk.arena = &m->arena;
	add(s, 0, 0x9fbff, KP_MEM_RAM);
	add(s, 0x9fc00, 0x9ffff, KP_MEM_RESERVED);
	add(s, 0x100000, 0xbffdffff, KP_MEM_RAM);
	add(s, 0xbffe0000, 0xbfffffff, KP_MEM_ACPI);
	if (!(flags & LOW_MEMORY_ONLY))
		add(s, 0x100000000, 0x17fffffff, KP_MEM_RAM);
	if (flags & MANY_ROWS)
		for (uint64_t i = 0; i < 150; i++)
			add(s, 0x200000000 + i * 0x200000, 0x2001fffff + i * 0x200000,
			    i % 2 ? KP_MEM_RAM : KP_MEM_NVS);
	REQUIRE(!kp_ranges_add(&m->crashk, kp_range(crashk, crashk + 0xfffffff), &s->err));
}

/* A row: start in 64 KiB, length in pages, type, and who knows of it. */
static void compose_row(struct scene *s, struct kp_view *input)
{
	uint64_t start = fuzz_take(input, 4) << 16;
	uint64_t last = start + ((1 + (fuzz_take(input, 4) & 0xffffff)) << 12) - 1;
	uint32_t type = (uint32_t)fuzz_take(input, 1);

	switch (fuzz_take(input, 1) % 4) {
	case 0:
		add(s, start, last, type);
		break;
	case 1:
		REQUIRE(!kp_memmap_add(&s->machine.firmware, kp_range(start, last), type, &s->err));
		break;
	case 2:
		REQUIRE(!kp_ranges_subtract(&s->machine.system_ram, kp_range(start, last),
					    &s->err));
		break;
	default:
		REQUIRE(!kp_ranges_add(&s->machine.crashk, kp_range(start, last), &s->err));
	}
}

static void compose_cpus(struct scene *s, size_t n)
{
	struct kp_machine *m = &s->machine;

	m->apics = calloc(n + 1, sizeof(*m->apics));
	m->notes = calloc(n + 1, sizeof(*m->notes));
	REQUIRE(m->apics && m->notes);
	for (size_t i = 0; i < n; i++) {
		m->apics[i] = (struct kp_apic){ .id = (uint32_t)(i ^ (i << 9)),
						.enabled = i % 5 != 4, .online_capable = i % 5 == 4 };
		m->notes[i] = (struct kp_crash_note){ (unsigned)i, 0x7f000000 + i * 0x200, 0x164 };
	}
	m->n_apics = m->n_notes = n;
	m->madt_present = n > 0;
	m->bsp_known = n % 2;
	m->tsc_khz = 2400000;
	m->ebda = 0x9fc00;
}

static void compose_page(struct scene *s, unsigned flags)
{
	struct kp_machine *m = &s->machine;
	struct kp_error err;

	if (!(flags & (PAGE_INTACT | PAGE_FORGED)))
		return;
	s->page = (struct kp_low_page){ 0x12000, s->page_bytes };
	REQUIRE(!kp_park_page_build(kp_blobs_embedded().park_page, s->page.phys, s->page_bytes,
				    &err));
	if (flags & PAGE_FORGED)
		s->page_bytes[PARK_OFF_CODE]++;
	m->low_pages = &s->page;
	m->n_low_pages = 1;
	REQUIRE(!kp_memmap_add(&m->firmware, kp_range(0x12000, 0x12fff), KP_MEM_RESERVED, &err));
	REQUIRE(!kp_ranges_subtract(&m->system_ram, kp_range(0x12000, 0x12fff), &err));
}

static void compose_efi(struct scene *s, unsigned flags)
{
	static const uint8_t map[80] = { 5 };

	memcpy(s->boot_params + 0x1c0, "EL64", 4);
	s->machine.boot_params = (struct kp_view){ s->boot_params, sizeof(s->boot_params) };
	if (!(flags & EFI))
		return;
	s->machine.efi = (struct kp_efi){
		.present = true, .runtime_map = { map, sizeof(map) }, .n_runtime = 2,
		.desc_size = 40, .desc_version = 1, .acpi20 = 0xbffe0014,
	};
}

static void compose_request(struct scene *s, unsigned flags)
{
	struct kp_request *r = &s->req;

	r->slot = flags & CRASH ? KP_CRASH : KP_NORMAL;
	r->no_checks = !(flags & DIGEST);
	r->reuse_cmdline = flags & REUSE_CMDLINE;
	r->cmdline = "quiet nr_cpus=1";
	r->hotplug = flags & HOTPLUG;
	r->park = flags & PARK ? (flags & PARK_ELSE ? KP_PARK_TRY : KP_PARK_AUTO) :
		  flags & PARK_ELSE ? KP_PARK_AT : KP_PARK_OFF;
	r->park_addr = 0x11000;
	r->park_mode = flags & MODE_CLGI ? KP_PARK_CLGI : flags & MODE_INIT ? KP_PARK_INIT :
		       KP_PARK_HLT;
	r->force_park_mode = flags & FORCE;
	s->machine.la57 = flags & MACHINE_LA57;
	s->machine.cmdline = "BOOT_IMAGE=/vmlinuz root=/dev/vda1 crashkernel=256M";
	s->machine.has_rng_seed = true;
	s->machine.vmcoreinfo_phys = 0x7f100000;
	s->machine.vmcoreinfo_bytes = 4096;
	s->machine.kernel_code = (struct kp_range){ 0x2000000, 0x2ffffff };
	s->machine.kernel_text_virt = 0xffffffff82000000;
	s->machine.page_offset = 0xffff888000000000;
}

static void compose_initrds(struct scene *s, size_t bytes, size_t n)
{
	static const uint8_t content[1 << 16] = { 1, 2, 3 };

	s->n_initrds = n % COUNT(s->initrds);
	for (size_t i = 0; i < s->n_initrds; i++)
		s->initrds[i] = (struct kp_view){ content, (bytes >> i) & 0xffff };
}

/* Everything before the image. */
static void compose(struct scene *s, struct kp_view *input)
{
	unsigned flags = (unsigned)fuzz_take(input, 2), rows;
	size_t bytes, n;

	s->req.mem_min = fuzz_take(input, 8);
	s->req.mem_max = fuzz_take(input, 8);
	s->machine.elfcorehdr_size = fuzz_take(input, 8);
	bytes = fuzz_take(input, 2);
	n = fuzz_take(input, 1);
	rows = (unsigned)fuzz_take(input, 1) % MOST_ROWS;
	compose_initrds(s, bytes, n);
	compose_cpus(s, fuzz_take(input, 2) % 600);
	compose_request(s, flags);
	compose_memory(s, flags);
	while (rows--)
		compose_row(s, input);
	compose_page(s, flags);
	compose_efi(s, flags);
	REQUIRE(!kp_memmap_normalise(&s->machine.firmware, &s->err));
}

static bool is_small(const struct kp_image *image)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < image->n_chunks; i++)
		bytes += image->chunks[i].data.len;
	return bytes <= DATA_MOST && image->mem_bytes <= MEMORY_MOST;
}

static void plan(struct scene *s)
{
	struct kp_blobs blobs = kp_blobs_embedded();
	struct plan_scene rules = {
		.req = &s->req, .machine = &s->machine, .image = &s->image,
		.initrds = s->initrds, .n_initrds = s->n_initrds, .park_blob = blobs.park_page,
	};
	struct kp_plan_build built;
	struct kp_error err = { 0 };
	int rc = kp_plan_make(&s->req, &s->machine, &s->image, s->initrds, s->n_initrds, &blobs,
			      &built, &err);

	fuzz_check_outcome(rc, &err);
	if (rc)
		return;
	REQUIRE(!kp_plan_check(&built.plan, &s->machine, &err));
	plan_rules_check(&rules, &built.plan);
	kp_arena_free(&built.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_view input = { data, size };
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct scene s = { .err = { 0 } };
	int rc;

	compose(&s, &input);
	rc = kp_image_parse(input, KP_FORMAT_AUTO, &arena, &s.image, &err);
	fuzz_check_outcome(rc, &err);
	if (rc == 0 && is_small(&s.image))
		plan(&s);
	kp_arena_free(&arena);
	kp_arena_free(&s.machine.arena);
	free(s.machine.apics);
	free(s.machine.notes);
	return 0;
}

static const struct fuzz_field head[] = {
	{ 0, 2 }, { 0, 2 }, { 0, 2 }, { 2, 8 }, { 10, 8 }, { 18, 8 }, { 26, 2 }, { 28, 1 },
	{ 29, 1 }, { 30, 2 },
};
static const struct fuzz_field row[] = { { 0, 4 }, { 4, 4 }, { 8, 1 }, { 9, 1 } };
static const struct fuzz_field bzimage[] = {
	{ 0x1f1, 1 }, { 0x1f4, 4 }, { 0x201, 1 }, { 0x206, 2 }, { 0x22c, 4 }, { 0x230, 4 },
	{ 0x234, 1 }, { 0x236, 2 }, { 0x238, 4 }, { 0x258, 8 }, { 0x260, 4 },
};
static const struct fuzz_field elf[] = {
	{ 24, 8 }, { 64 + 8, 8 }, { 64 + 24, 8 }, { 64 + 32, 8 }, { 64 + 40, 8 },
	{ 120 + 24, 8 }, { 120 + 40, 8 },
};

/* A field of the head, of a row or of the image's header. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;
	size_t rows, image;

	if (size < HEAD_BYTES || fuzz_below(&state, 8) == 0)
		return LLVMFuzzerMutate(data, size, most);
	rows = data[29] % MOST_ROWS;
	image = HEAD_BYTES + rows * ROW_BYTES;
	switch (fuzz_below(&state, 4)) {
	case 0:
		fuzz_mutate_field(data, size, head, COUNT(head), &state);
		break;
	case 1:
		if (rows && image < size)
			fuzz_mutate_field(data + HEAD_BYTES + fuzz_below(&state, rows) * ROW_BYTES,
					  ROW_BYTES, row, COUNT(row), &state);
		break;
	default:
		if (image + 4 <= size && !memcmp(data + image, "\177ELF", 4))
			fuzz_mutate_field(data + image, size - image, elf, COUNT(elf), &state);
		else if (image < size)
			fuzz_mutate_field(data + image, size - image, bzimage, COUNT(bzimage),
					  &state);
	}
	return size;
}
