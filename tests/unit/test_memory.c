/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which memory is whose, on machines told by a firmware map and the text of /proc/iomem. Rows name
 * what becomes of a few addresses; a random test holds all of memory to the rules.
 */
#include <elf.h>

#include "e820.h"
#include "elfcorehdr.h"
#include "iomem.h"
#include "memory.h"
#include "plan_fixture.h"

#define BACKUP 0xa8000000ULL

static struct kp_view view(const char *text)
{
	return (struct kp_view){ (const uint8_t *)text, strlen(text) };
}

static void take_iomem(struct fixture *f, const char *text)
{
	struct kp_iomem io;

	if (kp_iomem_read(view(text), &f->arena, &io, &f->err))
		fail_msg("%s", f->err.text);
	f->machine.iomem = io.map;
	f->machine.system_ram = io.system_ram;
	f->machine.top_ram = io.top_ram;
	f->machine.driver_ram = io.driver_ram;
	f->machine.gart = io.gart;
	f->machine.crashk = io.crashk;
	f->machine.crash_cma = (struct kp_ranges){ .arena = &f->arena };
}

/* The machine of the fixture as /proc/iomem shows it; @more follows. */
static const char *const plain_iomem =
	"00000000-00000fff : Reserved\n"
	"00001000-0009fbff : System RAM\n"
	"0009fc00-0009ffff : Reserved\n"
	"000a0000-000bffff : PCI Bus 0000:00\n"
	"000f0000-000fffff : Reserved\n"
	"  000f0000-000fffff : System ROM\n"
	"00100000-bffdffff : System RAM\n"
	"  02000000-02ffffff : Kernel code\n"
	"  a0000000-afffffff : Crash kernel\n"
	"bffe0000-bfffefff : ACPI Tables\n"
	"bffff000-bfffffff : ACPI Non-volatile Storage\n"
	"c0000000-febfffff : PCI Bus 0000:00\n"
	"feffc000-feffffff : Reserved\n"
	"100000000-17fffffff : System RAM\n";

static void machine_with(struct fixture *f, const char *more)
{
	char *text = kp_arena_printf(&f->arena, &f->err, "%s%s", plain_iomem, more);

	take_iomem(f, text);
}

static uint32_t type_at(const struct kp_memmap *map, uint64_t phys)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].at.start <= phys && phys <= map->v[i].at.last)
			return map->v[i].type;
	return 0;
}

static uint32_t given_at(struct fixture *f, enum kp_slot slot, uint64_t phys)
{
	struct kp_memmap map = { .arena = &f->arena };

	assert_int_equal(kp_e820_build(&f->machine, slot, NULL, 0, &map, &f->err), 0);
	return type_at(&map, phys);
}

/* As a reader of /proc/vmcore sees it: some PT_LOAD with a direct-map address holds the byte. */
static bool dumped(struct fixture *f, uint64_t phys)
{
	struct kp_warnings warnings = { .arena = &f->arena };
	struct kp_view bytes;
	const Elf64_Phdr *p;
	Elf64_Ehdr header;

	assert_int_equal(kp_elfcorehdr_build(&f->machine, BACKUP, &warnings, &bytes, &f->err), 0);
	memcpy(&header, bytes.bytes, sizeof(header));
	p = (const Elf64_Phdr *)(bytes.bytes + header.e_phoff);
	for (size_t i = 0; i < header.e_phnum; i++)
		if (p[i].p_type == PT_LOAD && p[i].p_vaddr == FIXTURE_PAGE_OFFSET + p[i].p_paddr &&
		    p[i].p_paddr <= phys && phys - p[i].p_paddr < p[i].p_memsz)
			return true;
	return false;
}

static bool placeable(struct fixture *f, uint64_t phys)
{
	struct kp_ranges room = { .arena = &f->arena };

	assert_int_equal(kp_layout_ram(&f->machine, &room, &f->err), 0);
	return kp_ranges_cover(&room, kp_range_of(phys, 1));
}

static const char *map_warning(struct fixture *f)
{
	struct kp_warnings warnings = { .arena = &f->arena };

	assert_int_equal(kp_memory_warn_of_map(&f->machine, &warnings, &f->err), 0);
	assert_true(warnings.n <= 1);
	return warnings.n ? warnings.v[0] : "";
}

/* ---- rows of /proc/iomem ------------------------------------------------------------------ */

/* What the byte at @at is: dumped, a place for segments, RAM to a normal kernel. */
static const struct iomem_row {
	const char *name, *more;
	uint64_t at;
	bool dumped, place;
	uint32_t given;
} iomem_rows[] = {
	{ "plain RAM", "", GIB(5), true, true, KP_MEM_RAM },
	{ "DAX memory as RAM",
	  "240000000-33fffffff : CXL Window 0\n"
	  "  240000000-33fffffff : region0\n"
	  "    240000000-33fffffff : dax0.0\n"
	  "      240000000-33fffffff : System RAM (kmem)\n",
	  0x240000000, true, false, 0 },
	{ "a driver's RAM, outermost", "240000000-33fffffff : System RAM (kmem)\n", 0x33fffffff,
	  true, false, 0 },
	{ "virtio-mem",
	  "340000000-43fffffff : 0000:00:04.0\n"
	  "  340000000-43fffffff : virtio0\n"
	  "    340000000-37fffffff : System RAM (virtio_mem)\n",
	  0x340000000, true, false, 0 },
	{ "what virtio-mem has not plugged in",
	  "340000000-43fffffff : 0000:00:04.0\n"
	  "  340000000-43fffffff : virtio0\n"
	  "    340000000-37fffffff : System RAM (virtio_mem)\n",
	  0x380000000, false, false, 0 },
	{ "a driver nobody knows yet", "240000000-33fffffff : System RAM (x)\n", 0x240000000, true,
	  false, 0 },
	{ "no driver's name at all", "240000000-33fffffff : System RAM (\n", 0x240000000, false,
	  false, 0 },
	{ "DAX memory as RAM before Linux 5.8",
	  "240000000-33fffffff : Persistent Memory\n"
	  "  242000000-33fffffff : dax0.0\n"
	  "    242000000-33fffffff : System RAM\n",
	  0x242000000, true, false, 0 },
	{ "persistent memory is no RAM", "240000000-33fffffff : Persistent Memory\n", 0x240000000,
	  false, false, 0 },
	{ "soft-reserved memory is no RAM", "240000000-33fffffff : Soft Reserved\n", 0x240000000,
	  false, false, 0 },
	{ "the buffer behind RAM", "180000000-183ffffff : RAM buffer\n", 0x180000000, false, false,
	  0 },
	{ "the aperture", "110000000-113ffffff : GART\n", 0x113ffffff, false, false, KP_MEM_RAM },
	{ "beside the aperture", "110000000-113ffffff : GART\n", 0x114000000, true, true,
	  KP_MEM_RAM },
	{ "the aperture inside RAM's row", "  110000000-113ffffff : GART\n", 0x110000000, false,
	  false, KP_MEM_RAM },
	{ "the crash kernel's", "", 0xa0000000, false, true, KP_MEM_RAM },
	{ "a second reservation", "  170000000-17fffffff : Crash kernel\n", 0x170000000, false, true,
	  KP_MEM_RAM },
	{ "PCI MMCONFIG", "  e0000000-efffffff : PCI MMCONFIG 0000 [bus 00-ff]\n", 0xe0000000,
	  false, false, 0 },
};

static void every_row_is_what_it_is(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(iomem_rows); i++) {
		const struct iomem_row *row = &iomem_rows[i];

		machine_with(f, row->more);
		assert_string_equal(map_warning(f), "");
		if (dumped(f, row->at) != row->dumped || placeable(f, row->at) != row->place ||
		    given_at(f, KP_NORMAL, row->at) != row->given)
			fail_msg("%s: dumped %d, a place %d, given %u", row->name,
				 dumped(f, row->at), placeable(f, row->at),
				 given_at(f, KP_NORMAL, row->at));
	}
}

/* Without the firmware's map all types come from /proc/iomem, whatever they are nested in. */
static const struct type_row {
	const char *more;
	uint64_t at;
	uint32_t type;
} type_rows[] = {
	{ "", 0x500, KP_MEM_RESERVED },
	{ "", 0x1000, KP_MEM_RAM },
	{ "", 0x9fc00, KP_MEM_RESERVED },
	{ "", 0xa0000, 0 },
	{ "", 0xbffe0000, KP_MEM_ACPI },
	{ "", 0xbffff000, KP_MEM_NVS },
	{ "", 0xc0000000, 0 },
	{ "", 0x17fffffff, KP_MEM_RAM },
	{ "180000000-183ffffff : RAM buffer\n", 0x180000000, 0 },
	{ "200000000-2ffffffff : Persistent Memory\n", 0x200000000, KP_MEM_PMEM },
	{ "200000000-2ffffffff : Persistent Memory (legacy)\n", 0x200000000, KP_MEM_PRAM },
	{ "200000000-2ffffffff : Soft Reserved\n", 0x200000000, KP_MEM_SOFT_RESERVED },
	{ "200000000-2ffffffff : Unusable memory\n", 0x200000000, KP_MEM_UNUSABLE },
	{ "200000000-2ffffffff : Unknown E820 type\n", 0x200000000, KP_MEM_RESERVED },
	{ "200000000-2ffffffff : reserved\n", 0x200000000, KP_MEM_RESERVED },
	{ "200000000-2ffffffff : System RAM (kmem)\n", 0x200000000, 0 },
	{ "  150000000-150000fff : Reserved\n", 0x150000000, KP_MEM_RESERVED },
	{ "  e0000000-efffffff : PCI MMCONFIG 0000 [bus 00-ff]\n    e0000000-efffffff : Reserved\n",
	  0xe0000000, KP_MEM_RESERVED },
	{ "200000000-2ffffffff : Persistent Memory\n  200000000-2ffffffff : dax0.0\n"
	  "    200000000-2ffffffff : System RAM\n", 0x200000000, KP_MEM_PMEM },
	{ "200000000-2ffffffff : CXL Window 0\n  200000000-2ffffffff : System RAM\n", 0x200000000,
	  KP_MEM_RAM },
};

static void types_come_from_iomem_where_firmwares_are_not_shown(void **state)
{
	struct fixture *f = *state;

	f->machine.firmware.n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(type_rows); i++) {
		const struct type_row *row = &type_rows[i];
		uint32_t got;

		machine_with(f, row->more);
		assert_non_null(strstr(map_warning(f), "CONFIG_FIRMWARE_MEMMAP"));
		got = given_at(f, KP_NORMAL, row->at);
		if (got != row->type)
			fail_msg("row %zu: %#llx is %u, not %u", i, (unsigned long long)row->at, got,
				 row->type);
	}
}

static void a_crash_kernel_gets_low_memory_from_iomem(void **state)
{
	struct fixture *f = *state;

	f->machine.firmware.n = 0;
	machine_with(f, "");
	assert_int_equal(given_at(f, KP_CRASH, 0x1000), KP_MEM_RAM);
	assert_int_equal(given_at(f, KP_CRASH, 0x9fbff), KP_MEM_RAM);
	assert_int_equal(given_at(f, KP_CRASH, 0x100000), 0);
	assert_int_equal(given_at(f, KP_CRASH, 0xa0000000), KP_MEM_RAM);
	assert_int_equal(given_at(f, KP_CRASH, 0xbffe0000), KP_MEM_ACPI);
	assert_int_equal(given_at(f, KP_CRASH, GIB(4)), 0);
}

/* ---- firmware's map against iomem --------------------------------------------------------- */

static const struct source_row {
	const char *name, *cmdline, *more, *says;
	bool iomem;
} source_rows[] = {
	{ "both agree", "ro", "", "", false },
	{ "asked for by the command line", "ro add_efi_memmap", "", "add_efi_memmap", true },
	{ "only like it", "ro noadd_efi_memmap add_efi_memmaps=1", "", "", false },
	{ "said to init", "ro -- add_efi_memmap", "", "", false },
	{ "RAM that firmware does not know", "ro", "200000000-27fffffff : System RAM\n",
	  "2097152 KiB of the System RAM in /proc/iomem, from 0x200000000-0x27fffffff on", true },
	{ "one page of it", "ro", "200000000-200000fff : System RAM\n", "lacks 4 KiB", true },
	{ "less than a page", "ro", "200000800-200001700 : System RAM\n", "", false },
	{ "part of a row", "ro", "180000000-1800fffff : System RAM\n", "lacks 1024 KiB", true },
	{ "a nested row is a driver's", "ro",
	  "200000000-27fffffff : dax0.0\n  200000000-27fffffff : System RAM\n", "", false },
	{ "a driver's RAM is none", "ro", "200000000-27fffffff : System RAM (kmem)\n", "", false },
};

static void a_map_that_lacks_ram_is_not_passed_on(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(source_rows); i++) {
		const struct source_row *row = &source_rows[i];
		bool iomem;

		f->machine.cmdline = row->cmdline;
		machine_with(f, row->more);
		iomem = kp_memory_map(&f->machine) == &f->machine.iomem;
		if (iomem != row->iomem || !strstr(map_warning(f), row->says) ||
		    !*map_warning(f) != !*row->says)
			fail_msg("%s: iomem %d, \"%s\"", row->name, iomem, map_warning(f));
	}
}

/* Firmware's own entries may be cut where iomem's are not; both are the same RAM. */
static void cut_entries_lack_nothing(void **state)
{
	struct fixture *f = *state;

	fixture_no_memory(f);
	fixture_firmware(f, 0, 0x9fbff, KP_MEM_RAM);
	fixture_firmware(f, 0x100000, 0xbffdffff, KP_MEM_RAM);
	fixture_firmware(f, GIB(4), GIB(5) - 1, KP_MEM_RAM);
	fixture_firmware(f, GIB(5), GIB(6) - 1, KP_MEM_RAM);
	machine_with(f, "");
	assert_string_equal(map_warning(f), "");
	f->machine.firmware.v[3].at.start = GIB(5) + 4096;
	assert_non_null(strstr(map_warning(f), "lacks 4 KiB"));
	f->machine.firmware.v[3].type = KP_MEM_RESERVED;
	assert_non_null(strstr(map_warning(f), "lacks 1048576 KiB"));
}

static void neither_map_is_an_error(void **state)
{
	struct kp_ranges ram = { .arena = &((struct fixture *)*state)->arena };
	struct fixture *f = *state;

	f->machine.firmware.n = 0;
	assert_int_equal(kp_layout_ram(&f->machine, &ram, &f->err), -1);
	assert_int_equal(f->err.code, KP_MACHINE);
	assert_non_null(strstr(f->err.text, "/proc/iomem"));
}

/* ---- crashkernel=SIZE,cma ----------------------------------------------------------------- */

static void take_cma(struct fixture *f, const char *text)
{
	f->machine.crash_cma = (struct kp_ranges){ .arena = &f->arena };
	f->machine.crash_cma_shown = true;
	if (kp_memory_parse_cma(view(text), &f->machine.crash_cma, &f->err))
		fail_msg("%s", f->err.text);
}

static const struct cma_row {
	const char *name, *cma, *more;
	uint64_t at;
	bool given;
} cma_rows[] = {
	{ "its first byte", "140000000-17fffffff\n", "", 0x140000000, true },
	{ "its last byte", "140000000-17fffffff\n", "", 0x17fffffff, true },
	{ "before it", "140000000-17fffffff\n", "", 0x13fffffff, false },
	{ "a second range", "140000000-14fffffff\n120000000-12fffffff\n", "", 0x120000000, true },
	{ "between two", "140000000-14fffffff\n120000000-12fffffff\n", "", 0x130000000, false },
	{ "without a newline", "08000000-0fffffff", "", 0x8000000, true },
	{ "what is no RAM", "140000000-1bfffffff\n", "", 0x180000000, false },
	{ "the RAM before what is none", "140000000-1bfffffff\n", "", 0x17fffffff, true },
	{ "part of a page", "140000800-140001fff\n", "", 0x140000800, false },
	{ "the page after it", "140000800-140001fff\n", "", 0x140001000, true },
	{ "the page that it ends in", "140000000-140001800\n", "", 0x140001000, false },
	{ "behind the aperture", "140000000-14fffffff\n", "140000000-143ffffff : GART\n",
	  0x140000000, false },
	{ "a driver's RAM", "240000000-24fffffff\n", "240000000-33fffffff : System RAM (kmem)\n",
	  0x240000000, false },
};

/* RAM to the crash kernel and out of the dump, or neither. */
static void memory_from_cma_is_given_or_dumped(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cma_rows); i++) {
		const struct cma_row *row = &cma_rows[i];
		bool given, kept, ram;

		machine_with(f, row->more);
		take_cma(f, row->cma);
		given = given_at(f, KP_CRASH, row->at) == KP_MEM_RAM;
		kept = dumped(f, row->at);
		f->machine.crash_cma.n = 0;
		ram = dumped(f, row->at);
		if (given != row->given || kept != (ram && !given))
			fail_msg("%s: given %d, dumped %d", row->name, given, kept);
		assert_int_not_equal(given_at(f, KP_CRASH, row->at), KP_MEM_RAM);
	}
}

/* Firmware that calls a part of it Reserved after all: the dump must not lose that part. */
static void what_another_type_claims_is_not_given(void **state)
{
	struct fixture *f = *state;

	machine_with(f, "");
	fixture_firmware(f, 0x140000000, 0x1400fffff, KP_MEM_RESERVED);
	assert_int_equal(kp_memmap_normalise(&f->machine.firmware, &f->err), 0);
	f->machine.top_ram.n = 0;
	take_cma(f, "140000000-14fffffff\n");
	assert_int_equal(given_at(f, KP_CRASH, 0x140000000), KP_MEM_RESERVED);
	assert_true(dumped(f, 0x140000000));
	assert_int_equal(given_at(f, KP_CRASH, 0x140100000), KP_MEM_RAM);
	assert_false(dumped(f, 0x140100000));
}

static const struct cma_warning_row {
	const char *cmdline, *cma, *says; /* cma NULL: no such file */
} cma_warning_rows[] = {
	{ "crashkernel=256M", NULL, "" },
	{ "crashkernel=256M", "", "" },
	{ "crashkernel=256M crashkernel=1G,cma", "140000000-17fffffff\n", "" },
	{ "crashkernel=1G,cma crashkernel=256M", NULL, "Linux 6.19" },
	{ "crashkernel=256M crashkernel=1G,cma", NULL, "kexec_file_load(2)" },
	{ "crashkernel=256M crashkernel=1G,cma", "", "lists no range" },
	{ "crashkernel=256M crashkernel=1G,high", NULL, "" },
	{ "-- crashkernel=1G,cma", NULL, "" },
	{ "crashkernel=,cma", NULL, "CMA" },
	{ "ro", "140000000-1bfffffff\n", "1048576 KiB of the 2097152 KiB" },
	{ NULL, NULL, "" },
};

static void memory_from_cma_that_is_lost_is_told(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cma_warning_rows); i++) {
		const struct cma_warning_row *row = &cma_warning_rows[i];
		struct kp_warnings warnings = { .arena = &f->arena };
		const char *said;

		machine_with(f, "");
		f->machine.cmdline = row->cmdline;
		take_cma(f, row->cma ?: "");
		f->machine.crash_cma_shown = row->cma != NULL;
		assert_int_equal(kp_memory_warn_of_cma(&f->machine, &warnings, &f->err), 0);
		said = warnings.n ? warnings.v[0] : "";
		if (!strstr(said, row->says) || !*said != !*row->says)
			fail_msg("row %zu: \"%s\"", i, said);
	}
}

static void a_cma_list_that_makes_no_sense_names_the_line(void **state)
{
	static const char *const rows[] = {
		"1000-1fff\nrubbish\n", "1000-1fff\n2000\n", "1000-1fff\n-3000\n",
		"1000-1fff\n3000-\n", "1000-1fff\n3000-2000\n", "1000-1fff\n0x-1\n",
		"1000-1fff\n3000-3fff 4\n", "1000-1fff\n3000-10000000000000000\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kp_ranges cma = { .arena = &f->arena };

		if (!kp_memory_parse_cma(view(rows[i]), &cma, &f->err))
			fail_msg("row %zu was believed", i);
		assert_int_equal(f->err.code, KP_MACHINE);
		assert_non_null(strstr(f->err.text, "line 2"));
	}
}

/* ---- how much ----------------------------------------------------------------------------- */

static void total_ram_is_read_or_counted(void **state)
{
	static const struct { const char *text; uint64_t bytes; } rows[] = {
		{ "MemTotal:        6028520 kB\nMemFree:  1 kB\n", 6028520ULL << 10 },
		{ "MemFree: 1 kB\nMemTotal: 7 kB", 7 << 10 },
		{ "", 0 }, { "MemTotal:\n", 0 }, { "MemTotal: kB\n", 0 }, { "MemTotal: 12\n", 0 },
		{ "MemTotal: lots kB\n", 0 }, { "MemTotal: 99999999999999999999 kB\n", 0 },
		{ "MemTotal: 18446744073709551615 kB\n", 0 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_true(kp_memory_total(view(rows[i].text)) == rows[i].bytes);
	machine_with(f, "200000000-20fffffff : System RAM (kmem)\n");
	assert_true(kp_memory_counted(&f->machine) == 0x9fc00 - 0x1000 + 0xbffe0000 - 0x100000 +
		    GIB(2) + MIB(256) - MIB(256));
	f->machine.total_ram = 12345;
	assert_int_equal(kp_memory_counted(&f->machine), 12345);
}

/* ---- all of memory against the rules ------------------------------------------------------ */

#define MODEL_PAGES 512

struct model {
	uint32_t firmware[MODEL_PAGES];
	bool ram[MODEL_PAGES], driver[MODEL_PAGES], cma[MODEL_PAGES], crashk[MODEL_PAGES];
	char text[64 * MODEL_PAGES];
};

static void add_row(struct model *m, uint64_t at, uint64_t n, const char *name)
{
	size_t len = strlen(m->text);

	snprintf(m->text + len, sizeof(m->text) - len, "%08llx-%08llx : %s\n",
		 (unsigned long long)at * 4096, (unsigned long long)(at + n) * 4096 - 1, name);
}

/* Runs of pages of one kind each; firmware agrees, but for what it does not know. */
static void compose(struct fixture *f, struct model *m, uint64_t *seed)
{
	*m = (struct model){ 0 };
	fixture_no_memory(f);
	add_row(m, 1, 255, "System RAM");
	fixture_firmware(f, 0, MIB(1) - 1, KP_MEM_RAM);
	for (uint64_t at = 256; at < MODEL_PAGES;) {
		uint64_t n = 1 + fixture_below(seed, 30), kind = fixture_below(seed, 6);

		n = kp_min(n, MODEL_PAGES - at);
		for (uint64_t i = at; i < at + n; i++) {
			m->ram[i] = kind < 3;
			m->driver[i] = kind == 3;
			m->cma[i] = !fixture_below(seed, 3);
			m->firmware[i] = kind < 2 ? KP_MEM_RAM : kind == 4 ? KP_MEM_RESERVED : 0;
			m->crashk[i] = kind == 0;
		}
		if (kind < 2)
			fixture_firmware(f, at * 4096, (at + n) * 4096 - 1, KP_MEM_RAM);
		if (kind == 4)
			fixture_firmware(f, at * 4096, (at + n) * 4096 - 1, KP_MEM_RESERVED);
		if (kind < 3)
			add_row(m, at, n, "System RAM");
		if (kind == 0)
			add_row(m, at, n, "Crash kernel");
		if (kind == 3)
			add_row(m, at, n, "System RAM (virtio_mem)");
		if (kind == 4)
			add_row(m, at, n, "Reserved");
		at += n;
	}
}

static void check_page(struct fixture *f, const struct model *m, uint64_t page,
		       const struct kp_memmap *normal, const struct kp_memmap *crash,
		       const struct kp_ranges *dump, const struct kp_ranges *room)
{
	uint64_t phys = page * 4096;
	bool in_dump = kp_ranges_cover(dump, kp_range_of(phys, 4096));
	bool given = type_at(crash, phys) == KP_MEM_RAM;
	bool next = type_at(normal, phys) == KP_MEM_RAM;

	if (m->ram[page] || m->driver[page])
		assert_int_equal(in_dump, !given);
	else
		assert_false(in_dump || given);
	assert_int_equal(given, m->ram[page] && (m->cma[page] || m->crashk[page]));
	assert_int_equal(next, m->ram[page]);
	assert_int_equal(kp_ranges_cover(room, kp_range_of(phys, 4096)), m->ram[page]);
	assert_int_equal(type_at(normal, phys) == KP_MEM_RESERVED,
			 m->firmware[page] == KP_MEM_RESERVED);
	(void)f;
}

static void every_page_is_dumped_or_given(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 20251126;

	for (int round = 0; round < 200; round++) {
		struct kp_memmap normal = { .arena = &f->arena }, crash = { .arena = &f->arena };
		struct kp_ranges dump = { .arena = &f->arena }, room = { .arena = &f->arena };
		static struct model m;

		compose(f, &m, &seed);
		take_iomem(f, m.text);
		for (uint64_t i = 256; i < MODEL_PAGES; i++)
			if (m.cma[i])
				assert_int_equal(kp_ranges_add(&f->machine.crash_cma,
							       kp_range_of(i * 4096, 4096), &f->err), 0);
		assert_int_equal(kp_e820_build(&f->machine, KP_NORMAL, NULL, 0, &normal, &f->err),
				 0);
		assert_int_equal(kp_e820_build(&f->machine, KP_CRASH, NULL, 0, &crash, &f->err), 0);
		assert_int_equal(kp_memory_dumped(&f->machine, &dump, &f->err), 0);
		assert_int_equal(kp_layout_ram(&f->machine, &room, &f->err), 0);
		for (uint64_t page = 256; page < MODEL_PAGES; page++)
			check_page(f, &m, page, &normal, &crash, &dump, &room);
		kp_arena_free(&f->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(every_row_is_what_it_is),
		fixture_test(types_come_from_iomem_where_firmwares_are_not_shown),
		fixture_test(a_crash_kernel_gets_low_memory_from_iomem),
		fixture_test(a_map_that_lacks_ram_is_not_passed_on),
		fixture_test(cut_entries_lack_nothing),
		fixture_test(neither_map_is_an_error),
		fixture_test(memory_from_cma_is_given_or_dumped),
		fixture_test(what_another_type_claims_is_not_given),
		fixture_test(memory_from_cma_that_is_lost_is_told),
		fixture_test(a_cma_list_that_makes_no_sense_names_the_line),
		fixture_test(total_ram_is_read_or_counted),
		fixture_test(every_page_is_dumped_or_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
