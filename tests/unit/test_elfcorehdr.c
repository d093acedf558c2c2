/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <elf.h>

#include "elfcorehdr.h"
#include "plan_fixture.h"

#define BACKUP 0xa8000000ULL

struct core {
	struct kp_warnings warnings;
	struct kp_view bytes;
	Elf64_Ehdr header;
	Elf64_Phdr *p;
};

static int build(struct fixture *f, struct core *core)
{
	*core = (struct core){ .warnings.arena = &f->arena };
	if (kp_elfcorehdr_build(&f->machine, BACKUP, &core->warnings, &core->bytes, &f->err))
		return -1;
	assert_true(core->bytes.len >= sizeof(core->header));
	memcpy(&core->header, core->bytes.bytes, sizeof(core->header));
	core->p = (Elf64_Phdr *)(core->bytes.bytes + core->header.e_phoff);
	return 0;
}

static void is_an_elf_core(void **state)
{
	struct fixture *f = *state;
	struct core c;

	assert_int_equal(build(f, &c), 0);
	assert_memory_equal(c.header.e_ident, ELFMAG, SELFMAG);
	assert_int_equal(c.header.e_ident[EI_CLASS], ELFCLASS64);
	assert_int_equal(c.header.e_ident[EI_DATA], ELFDATA2LSB);
	assert_int_equal(c.header.e_type, ET_CORE);
	assert_int_equal(c.header.e_machine, EM_X86_64);
	assert_int_equal(c.header.e_phentsize, sizeof(Elf64_Phdr));
	assert_int_equal(c.bytes.len, sizeof(Elf64_Ehdr) + c.header.e_phnum * sizeof(Elf64_Phdr));
	assert_int_equal(c.warnings.n, 0);
}

static void expect_load(const Elf64_Phdr *p, uint64_t start, uint64_t last, uint64_t offset,
			uint64_t vaddr)
{
	assert_int_equal(p->p_type, PT_LOAD);
	assert_int_equal(p->p_paddr, start);
	assert_int_equal(p->p_memsz, last - start + 1);
	assert_int_equal(p->p_filesz, last - start + 1);
	assert_int_equal(p->p_offset, offset);
	assert_int_equal(p->p_vaddr, vaddr);
}

static void tells_every_piece_of_memory(void **state)
{
	const uint64_t direct = FIXTURE_PAGE_OFFSET;
	struct fixture *f = *state;
	struct core c;

	assert_int_equal(build(f, &c), 0);
	assert_int_equal(c.header.e_phnum, 4 + 1 + 1 + 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(c.p[i].p_type, PT_NOTE);
		assert_int_equal(c.p[i].p_offset, f->machine.notes[i].phys);
		assert_int_equal(c.p[i].p_filesz, 0x164);
	}
	assert_int_equal(c.p[4].p_type, PT_NOTE);
	assert_int_equal(c.p[4].p_paddr, 0x7f100000);
	expect_load(&c.p[5], 0x2000000, 0x2ffffff, 0x2000000, 0xffffffff82000000);
	expect_load(&c.p[6], 0, 0x9fbff, BACKUP, direct);
	expect_load(&c.p[7], 0x100000, 0x9fffffff, 0x100000, direct + 0x100000);
	expect_load(&c.p[8], 0xb0000000, 0xbffdffff, 0xb0000000, direct + 0xb0000000);
	expect_load(&c.p[9], GIB(4), GIB(6) - 1, GIB(4), direct + GIB(4));
}

static void maps_the_kernels_data_as_its_code(void **state)
{
	struct fixture *f = *state;
	struct core c;

	f->machine.kernel_text_bytes = 0x3430000;
	assert_int_equal(build(f, &c), 0);
	expect_load(&c.p[5], 0x2000000, 0x2000000 + 0x342ffff, 0x2000000, 0xffffffff82000000);
	f->machine.kernel_text_bytes = 0x1000; /* nonsense: less than its code */
	assert_int_equal(build(f, &c), 0);
	expect_load(&c.p[5], 0x2000000, 0x2ffffff, 0x2000000, 0xffffffff82000000);
}

static void splits_ram_that_reaches_across_640_kib(void **state)
{
	struct fixture *f = *state;
	struct core c;

	fixture_no_memory(f);
	fixture_firmware(f, 0x1000, 0x1fffff, KP_MEM_RAM);
	f->machine.page_offset = 0x1000000;
	assert_int_equal(build(f, &c), 0);
	expect_load(&c.p[6], 0x1000, 0x9ffff, BACKUP + 0x1000, 0x1001000);
	expect_load(&c.p[7], 0xa0000, 0x1fffff, 0xa0000, 0x10a0000);
}

static void leaves_out_both_crashkernel_ranges(void **state)
{
	struct fixture *f = *state;
	struct core c;

	assert_int_equal(kp_ranges_add(&f->machine.crashk, kp_range(GIB(5), GIB(6) - 1), &f->err), 0);
	assert_int_equal(build(f, &c), 0);
	expect_load(&c.p[9], GIB(4), GIB(5) - 1, GIB(4), FIXTURE_PAGE_OFFSET + GIB(4));
	assert_int_equal(c.header.e_phnum, 10);
}

static void warns_of_what_is_unknown(void **state)
{
	struct fixture *f = *state;
	struct core c;

	f->machine.n_notes = 0;
	f->machine.vmcoreinfo_bytes = 0;
	f->machine.kernel_text_virt = 0;
	f->machine.page_offset = 0;
	assert_int_equal(build(f, &c), 0);
	assert_int_equal(c.warnings.n, 4);
	assert_int_equal(c.header.e_phnum, 4);
	assert_int_equal(c.p[0].p_vaddr, UINT64_MAX);
}

static void compose_large(struct fixture *f, size_t cpus, size_t ranges)
{
	struct kp_crash_note *notes = kp_arena_alloc(&f->arena, cpus * sizeof(*notes), &f->err);

	for (size_t i = 0; i < cpus; i++)
		notes[i] = (struct kp_crash_note){ (unsigned)i, GIB(1) + i * 512, 0x164 };
	f->machine.notes = notes;
	f->machine.n_notes = cpus;
	fixture_no_memory(f);
	for (size_t i = 0; i < ranges; i++)
		fixture_firmware(f, MIB(2) * (i + 1), MIB(2) * (i + 1) + MIB(1) - 1, KP_MEM_RAM);
}

static void takes_8192_cpus_and_30000_ranges(void **state)
{
	struct fixture *f = *state;
	clock_t before = clock();
	struct core c;

	compose_large(f, 8192, 30000);
	assert_int_equal(build(f, &c), 0);
	assert_int_equal(c.header.e_phnum, 8192 + 30000 + 2);
	assert_true(clock() - before < CLOCKS_PER_SEC);
}

static void refuses_more_headers_than_elf_has(void **state)
{
	struct fixture *f = *state;
	struct core c;

	compose_large(f, 8192, PN_XNUM - 8192 - 3);
	assert_int_equal(build(f, &c), -1);
	assert_int_equal(f->err.code, KP_MACHINE);
	f->machine.n_notes--;
	assert_int_equal(build(f, &c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(is_an_elf_core),
		fixture_test(tells_every_piece_of_memory),
		fixture_test(maps_the_kernels_data_as_its_code),
		fixture_test(splits_ram_that_reaches_across_640_kib),
		fixture_test(leaves_out_both_crashkernel_ranges),
		fixture_test(warns_of_what_is_unknown),
		fixture_test(takes_8192_cpus_and_30000_ranges),
		fixture_test(refuses_more_headers_than_elf_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
