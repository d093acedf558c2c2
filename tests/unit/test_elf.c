/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF executables composed here, one number wrong at a time; and Debian's vmlinux, unpacked. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "image.h"

#define FILE_BYTES	0x20000
#define MAX_PHDRS	64
#define KERNEL_MAP	0xffffffff80000000ull

static uint8_t file[FILE_BYTES];
static Elf64_Ehdr *const ehdr = (Elf64_Ehdr *)file;
static Elf64_Phdr *const phdr = (Elf64_Phdr *)(file + sizeof(Elf64_Ehdr));

static struct kp_arena arena;
static struct kp_image image;
static struct kp_error err;

static void start_elf(uint64_t entry)
{
	memset(file, 0, sizeof(file));
	for (size_t i = 0x2000; i < sizeof(file); i++)
		file[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(ehdr->e_ident, ELFMAG, SELFMAG);
	ehdr->e_ident[EI_CLASS] = ELFCLASS64;
	ehdr->e_ident[EI_DATA] = ELFDATA2LSB;
	ehdr->e_ident[EI_VERSION] = EV_CURRENT;
	ehdr->e_type = ET_EXEC;
	ehdr->e_machine = EM_X86_64;
	ehdr->e_version = EV_CURRENT;
	ehdr->e_entry = entry;
	ehdr->e_phoff = sizeof(*ehdr);
	ehdr->e_ehsize = sizeof(*ehdr);
	ehdr->e_phentsize = sizeof(*phdr);
}

static Elf64_Phdr *add_load(uint64_t off, uint64_t paddr, uint64_t filesz, uint64_t memsz)
{
	Elf64_Phdr *p = &phdr[ehdr->e_phnum++];

	assert_true(ehdr->e_phnum <= MAX_PHDRS);
	*p = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_offset = off,
			   .p_vaddr = paddr, .p_paddr = paddr, .p_filesz = filesz,
			   .p_memsz = memsz, .p_align = 0x1000 };
	return p;
}

/* The shape of Linux's vmlinux: text, per-CPU data linked at 0, data with a long .bss. */
static void compose_linux(const char *version)
{
	start_elf(0x1000000);
	add_load(0x2000, 0x1000000, 0x3456, 0x3456)->p_vaddr += KERNEL_MAP;
	add_load(0x6000, 0x1200000, 0x1000, 0x1000)->p_vaddr = 0;
	add_load(0x7000, 0x1201000, 0x2000, 0x105000)->p_vaddr += KERNEL_MAP;
	sprintf((char *)file + 0x3000, "Linux version %%s%cLinux version %s (me@here) #1\n", 0,
		version);
}

static int parse(void)
{
	memset(&err, 0, sizeof(err));
	kp_arena_free(&arena);
	return kp_elf_parse((struct kp_view){ file, sizeof(file) }, &arena, &image, &err);
}

static void vmlinux_is_understood_and_borrowed(void **state)
{
	(void)state;
	compose_linux("6.1.0-test");
	assert_int_equal(parse(), 0);
	assert_int_equal(image.format, KP_FORMAT_ELF64);
	assert_int_equal(image.n_chunks, 3);
	assert_int_equal(image.chunks[0].offset, 0);
	assert_ptr_equal(image.chunks[0].data.bytes, file + 0x2000);
	assert_int_equal(image.chunks[0].data.len, 0x3456);
	assert_int_equal(image.chunks[0].mem_bytes, 0x4000);
	assert_ptr_equal(image.chunks[1].data.bytes, file + 0x6000);
	assert_int_equal(image.chunks[1].offset, 0x200000);
	assert_ptr_equal(image.chunks[2].data.bytes, file + 0x7000);
	assert_int_equal(image.chunks[2].offset, 0x201000);
	assert_int_equal(image.chunks[2].mem_bytes, 0x105000);
	assert_int_equal(image.mem_bytes, 0x306000);
	assert_int_equal(image.pref_start, 0x1000000);
	assert_int_equal(image.min_start, 0x1000000);
	assert_int_equal(image.align, 0x200000);
	assert_true(image.relocatable && image.above_4g && image.la57 && image.efi_handover);
	assert_int_equal(image.entry_offset, 0);
	assert_true(image.initrd_max == UINT64_MAX);
	assert_int_equal(image.cmdline_max, 2047);
	assert_int_equal(image.setup_header.len, 0);
	assert_string_equal(image.version, "6.1.0-test (me@here) #1");
}

static void what_it_bears_goes_by_its_version(void **state)
{
	static const struct { const char *version; bool above_4g, efi, la57; } rows[] = {
		{ "3.8.13", false, false, false },
		{ "3.9.0", true, false, false },
		{ "3.14-rc1", true, true, false },
		{ "4.19.0", true, true, false },
		{ "5.4.1", true, true, false },
		{ "5.5.0", true, true, true },
		{ "5.15.7", true, true, true },
		{ "6", true, true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].version);
		compose_linux(rows[i].version);
		assert_int_equal(parse(), 0);
		assert_int_equal(image.above_4g, rows[i].above_4g);
		assert_int_equal(image.efi_handover, rows[i].efi);
		assert_int_equal(image.la57, rows[i].la57);
		assert_true(image.initrd_max == (rows[i].above_4g ? UINT64_MAX : INT32_MAX));
	}
}

/* A symbol table with one symbol, after the segments. */
static void add_symbol(const char *name)
{
	Elf64_Shdr *s = (Elf64_Shdr *)(file + 0x10000);
	Elf64_Sym *symbols = (Elf64_Sym *)(file + 0x10200);
	char *names = (char *)file + 0x10300;

	memset(file + 0x10000, 0, 0x400);
	strcpy(names + 1, name);
	symbols[1].st_name = 1;
	s[1] = (Elf64_Shdr){ .sh_type = SHT_SYMTAB, .sh_offset = 0x10200, .sh_link = 2,
			     .sh_size = 2 * sizeof(*symbols), .sh_entsize = sizeof(*symbols),
			     .sh_addralign = 8 };
	s[2] = (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_offset = 0x10300, .sh_size = 0x100,
			     .sh_addralign = 1 };
	ehdr->e_shoff = 0x10000;
	ehdr->e_shnum = 3;
	ehdr->e_shentsize = sizeof(*s);
	ehdr->e_shstrndx = 2;
}

static void a_symbol_table_tells_of_5_levels(void **state)
{
	(void)state;
	compose_linux("4.19.0");
	add_symbol("__pgtable_l5_enabled");
	assert_int_equal(parse(), 0);
	assert_true(image.la57);
	compose_linux("6.1.0");
	add_symbol("__pgtable_l5_enable");
	assert_int_equal(parse(), 0);
	assert_false(image.la57);
}

static void other_executables_stay_where_they_are(void **state)
{
	static const struct { const char *name; uint64_t virt; const char *banner; } rows[] = {
		{ "no banner", 0x1000000 + KERNEL_MAP, "Minix version 3" },
		{ "a format, not a banner", 0x1000000 + KERNEL_MAP, "Linux version %s" },
		{ "a banner, but linked elsewhere", 0x1000000, "Linux version 6.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		start_elf(0x1000010);
		add_load(0x2000, 0x1000000, 0x2000, 0x3000)->p_vaddr = rows[i].virt;
		strcpy((char *)file + 0x2100, rows[i].banner);
		assert_int_equal(parse(), 0);
		assert_false(image.relocatable || image.above_4g || image.la57 ||
			     image.efi_handover);
		assert_null(image.version);
		assert_int_equal(image.align, 4096);
		assert_int_equal(image.entry_offset, 0x10);
		assert_int_equal(image.initrd_max, INT32_MAX);
	}
}

static void a_virtual_entry_is_translated(void **state)
{
	(void)state;
	start_elf(0xffffffffc0000123);
	add_load(0x2000, 0x200000, 0x1000, 0x1000)->p_vaddr = 0xffffffffc0000000;
	assert_int_equal(parse(), 0);
	assert_int_equal(image.entry_offset, 0x123);
}

/* A Linux that is linked off a 2 MiB border could not be moved by whole ones. */
static void an_odd_link_address_pins_linux(void **state)
{
	(void)state;
	start_elf(0x1001000);
	add_load(0x2000, 0x1001000, 0x2000, 0x2000)->p_vaddr += KERNEL_MAP;
	strcpy((char *)file + 0x2100, "Linux version 6.1.0");
	assert_int_equal(parse(), 0);
	assert_false(image.relocatable);
	assert_int_equal(image.align, 4096);
}

/* What memory must hold at @phys: the bytes of whichever segment has it in the file, else 0. */
static uint8_t expected_byte(uint64_t phys)
{
	for (unsigned i = 0; i < ehdr->e_phnum; i++)
		if (phys - phdr[i].p_paddr < phdr[i].p_filesz)
			return file[phdr[i].p_offset + (phys - phdr[i].p_paddr)];
	return 0;
}

static void check_memory(void)
{
	for (size_t i = 0; i < image.n_chunks; i++) {
		const struct kp_chunk *c = &image.chunks[i];

		assert_int_equal(c->offset % 4096, 0);
		assert_int_equal(c->mem_bytes % 4096, 0);
		assert_true(c->data.len <= c->mem_bytes);
		if (i)
			assert_true(c->offset >= c[-1].offset + c[-1].mem_bytes);
		for (uint64_t k = 0; k < c->mem_bytes; k++)
			assert_int_equal(k < c->data.len ? c->data.bytes[k] : 0,
					 expected_byte(image.pref_start + c->offset + k));
	}
	for (unsigned i = 0; i < ehdr->e_phnum; i++)
		for (uint64_t k = 0; k < phdr[i].p_memsz; k += phdr[i].p_memsz - 1) {
			uint64_t off = phdr[i].p_paddr + k - image.pref_start;
			bool in = false;

			for (size_t c = 0; c < image.n_chunks; c++)
				in = in || off - image.chunks[c].offset < image.chunks[c].mem_bytes;
			assert_true(in);
		}
}

static void segments_off_page_borders_are_put_together(void **state)
{
	(void)state;
	start_elf(0x100123);
	add_load(0x2001, 0x100123, 0x100, 0x100);
	add_load(0x2201, 0x100400, 0x300, 0x500); /* same page; its .bss ends mid-page */
	add_load(0x3003, 0x101000, 0x777, 0x9000);
	add_load(0x4000, 0x10a000, 0, 0x1800);    /* .bss alone */
	assert_int_equal(parse(), 0);
	assert_int_equal(image.n_chunks, 3);
	assert_ptr_equal(image.chunks[1].data.bytes, file + 0x3003);
	assert_int_equal(image.chunks[2].data.len, 0);
	assert_int_equal(image.entry_offset, 0x123);
	check_memory();
}

static void segments_in_any_order_are_sorted(void **state)
{
	(void)state;
	start_elf(0x300000);
	add_load(0x2000, 0x300000, 0x1000, 0x1000);
	add_load(0x3000, 0x100000, 0x1000, 0x2000);
	assert_int_equal(parse(), 0);
	assert_int_equal(image.pref_start, 0x100000);
	assert_int_equal(image.entry_offset, 0x200000);
	check_memory();
}

/* Eight bunches of five: the small gaps within a bunch are filled, not the large ones between. */
static void many_segments_are_joined(void **state)
{
	(void)state;
	start_elf(0x100000);
	for (unsigned i = 0; i < 40; i++)
		add_load(0x2000 + 0x500 * i, 0x100000 + 0x3000 * i + 0x10000 * (i / 5), 0x480,
			 0x1480);
	assert_int_equal(parse(), 0);
	assert_int_equal(image.n_chunks, KP_IMAGE_CHUNKS);
	for (size_t i = 0; i < KP_IMAGE_CHUNKS; i++)
		assert_int_equal(image.chunks[i].offset, i * (5 * 0x3000 + 0x10000));
	check_memory();
}

static void segments_too_far_apart_are_refused(void **state)
{
	(void)state;
	start_elf(0x100000);
	for (unsigned i = 0; i < KP_IMAGE_CHUNKS + 1; i++)
		add_load(0x2000, 0x100000 + i * (2ull << 30), 0x1000, 0x1000);
	assert_int_equal(parse(), -1);
	assert_int_equal(err.code, KP_IMAGE);
	assert_non_null(strstr(err.text, "at most 8 pieces"));
}

/* Three bunches, each of two segments 500 MiB apart that one page between them holds together. */
static void what_is_joined_is_bounded_as_a_whole(void **state)
{
	const uint64_t long_bss = 500ull << 20;

	(void)state;
	start_elf(0x100000);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t at = 0x100000 + i * (1ull << 30);

		add_load(0x2000, at, 0x1000, long_bss + 0x10);
		add_load(0x3000, at + long_bss + 0x20, 0x1000, 0x1000);
	}
	assert_int_equal(parse(), -1);
	assert_int_equal(err.code, KP_IMAGE);
	assert_non_null(strstr(err.text, "physical 0x80100000 and 0x9f500020 are too far apart"));
	ehdr->e_phnum = 4;
	assert_int_equal(parse(), 0);
	assert_int_equal(image.n_chunks, 2);
}

/* --- one thing wrong --- */

static void as_32_bit(void) { ehdr->e_ident[EI_CLASS] = ELFCLASS32; }
static void as_big_endian(void) { ehdr->e_ident[EI_DATA] = ELFDATA2MSB; }
static void for_arm64(void) { ehdr->e_machine = EM_AARCH64; }
static void object(void) { ehdr->e_type = ET_REL; }
static void shared(void) { ehdr->e_type = ET_DYN; }
static void core(void) { ehdr->e_type = ET_CORE; }
static void of_type_99(void) { ehdr->e_type = 99; }
static void no_magic(void) { ehdr->e_ident[1] = 'e'; }
static void no_segments(void) { ehdr->e_phnum = 0; }
static void no_loads(void) { phdr[0].p_type = PT_NOTE; phdr[1].p_type = phdr[2].p_type = PT_NULL; }
static void headers_beyond(void) { ehdr->e_phoff = FILE_BYTES - 8; }
static void headers_cut_off(void) { ehdr->e_phoff = FILE_BYTES - 2 * sizeof(*phdr); }
static void with_interp(void) { phdr[1].p_type = PT_INTERP; }
static void with_tls(void) { phdr[1].p_type = PT_TLS; }
static void more_file(void) { phdr[0].p_filesz = phdr[0].p_memsz + 1; }
static void beyond_file(void) { phdr[2].p_offset = FILE_BYTES - 0x1fff; }
static void offset_wraps(void) { phdr[2].p_offset = UINT64_MAX; }
static void memory_wraps(void) { phdr[2].p_memsz = UINT64_MAX - 1; }
static void beyond_memory(void) { phdr[2].p_paddr = 1ull << 52; }
static void overlapping(void) { phdr[1].p_paddr = 0x1003455; }
static void all_of_memory(void) { phdr[2].p_memsz = (1ull << 46) - 0x1201000; }
static void entry_before(void) { ehdr->e_entry = 0xffffff; }
static void entry_in_bss(void) { ehdr->e_entry = 0x1203000; }

static void one_wrong_number_is_named(void **state)
{
	static const struct { const char *name; void (*spoil)(void); const char *text; } rows[] = {
		{ "32-bit", as_32_bit, "32-bit" },
		{ "big endian", as_big_endian, "another architecture" },
		{ "arm64", for_arm64, "e_machine 183" },
		{ "object", object, "ET_REL" },
		{ "shared", shared, "ET_DYN" },
		{ "core", core, "ET_CORE" },
		{ "type 99", of_type_99, "type 99" },
		{ "no magic", no_magic, "not an ELF" },
		{ "no segments", no_segments, "without a loadable segment" },
		{ "no loads", no_loads, "without a loadable segment" },
		{ "headers beyond the file", headers_beyond, "program header" },
		{ "last header beyond the file", headers_cut_off,
		  "3 program headers at offset 0x1ff90" },
		{ "interpreter", with_interp, "PT_INTERP" },
		{ "thread-local data", with_tls, "PT_TLS" },
		{ "more in the file than in memory", more_file,
		  "0x3457 bytes in the file but 0x3456" },
		{ "beyond the file", beyond_file,
		  "0x2000 bytes at offset 0x1e001, the file has 0x20000" },
		{ "offset wraps", offset_wraps, "offset 0xffffffffffffffff" },
		{ "memory wraps", memory_wraps, "reaches beyond 0x10000000000000" },
		{ "beyond memory", beyond_memory, "physical 0x10000000000000" },
		{ "overlap", overlapping, "0x1000000..0x1003455 and 0x1003455..0x1004454 overlap" },
		{ "a .bss of 64 TiB", all_of_memory,
		  "ends at physical 0x400000000000: the addresses it is linked at end at 0x80000000" },
		{ "entry before all", entry_before, "0xffffff is in no" },
		{ "entry in .bss", entry_in_bss, "0x1203000 is in no" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		compose_linux("6.1.0");
		rows[i].spoil();
		assert_int_equal(parse(), -1);
		assert_int_equal(err.code, KP_IMAGE);
		if (!strstr(err.text, rows[i].text))
			fail_msg("\"%s\" is not in \"%s\"", rows[i].text, err.text);
	}
}

/* To the last byte of the addresses that a kernel is linked at. */
static void a_linux_may_be_as_long_as_its_addresses(void **state)
{
	(void)state;
	compose_linux("6.1.0");
	phdr[2].p_memsz = 0x80000000 - 0x1201000;
	assert_int_equal(parse(), 0);
	assert_int_equal(image.pref_start + image.mem_bytes, 0x80000000);
	phdr[2].p_memsz++;
	assert_int_equal(parse(), -1);
}

/* In a buffer of its own each time, so that the sanitisers see a read past the end. */
static void every_cut_is_refused(void **state)
{
	(void)state;
	compose_linux("6.1.0");
	for (size_t len = 0; len < 0x9000; len += len < 0x200 ? 1 : 61) {
		uint8_t *cut = malloc(len ? len : 1);

		memcpy(cut, file, len);
		memset(&err, 0, sizeof(err));
		assert_int_equal(kp_elf_parse((struct kp_view){ cut, len }, &arena, &image, &err),
				 -1);
		assert_int_equal(err.code, KP_IMAGE);
		free(cut);
	}
}

static void random_headers_do_no_harm(void **state)
{
	unsigned accepted = 0;

	(void)state;
	srandom(20261121);
	for (unsigned round = 0; round < 20000; round++) {
		compose_linux("6.1.0");
		add_symbol("x");
		for (unsigned n = 0; n < 3; n++) {
			size_t at = (size_t)random() % (sizeof(*ehdr) + 3 * sizeof(*phdr) + 64);

			if (at >= sizeof(*ehdr) + 3 * sizeof(*phdr))
				at += 0x10000;
			file[at] = (uint8_t)random();
		}
		if (parse() == 0) {
			assert_true(image.n_chunks >= 1 && image.n_chunks <= KP_IMAGE_CHUNKS);
			assert_true(image.entry_offset < image.mem_bytes);
			accepted++;
		}
	}
	print_message("%u of 20000 accepted\n", accepted);
	assert_true(accepted > 1000);
}

/* --- Debian's vmlinux, out of the bzImage where that is installed --- */

#define VMLINUZ "/boot/vmlinuz-6.1.0-56-amd64"
#define VMLINUX_MAX (256u << 20)

static size_t unpack_debian_vmlinux(uint8_t *room)
{
	uint32_t offset, length;
	uint8_t head[0x290];
	char command[200];
	FILE *f = fopen(VMLINUZ, "r");
	size_t len = 0;

	if (!f)
		return 0;
	len = fread(head, 1, sizeof(head), f);
	fclose(f);
	if (len != sizeof(head))
		return 0;
	memcpy(&offset, head + 0x248, 4);
	memcpy(&length, head + 0x24c, 4);
	snprintf(command, sizeof(command), "tail -c +%u %s | head -c %u | xz -dc --single-stream "
		 "2>/dev/null",
		 (head[0x1f1] + 1) * 512 + offset + 1, VMLINUZ, length);
	f = popen(command, "r");
	if (!f)
		return 0;
	len = fread(room, 1, VMLINUX_MAX, f);
	pclose(f);
	return len;
}

static void a_real_vmlinux(void **state)
{
	uint8_t *room = mmap(NULL, VMLINUX_MAX, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct kp_view view = { room, 0 };

	(void)state;
	assert_true(room != MAP_FAILED);
	view.len = unpack_debian_vmlinux(room);
	if (view.len < 1 << 20)
		skip();
	memset(&err, 0, sizeof(err));
	assert_int_equal(kp_image_parse(view, KP_FORMAT_AUTO, &arena, &image, &err), 0);
	assert_int_equal(image.format, KP_FORMAT_ELF64);
	assert_int_equal(image.pref_start, 0x1000000);
	assert_int_equal(image.entry_offset, 0);
	assert_true(image.relocatable && image.above_4g && image.la57 && image.efi_handover);
	assert_memory_equal(image.version, "6.1.0-56-amd64", 14);
	for (size_t i = 0; i < image.n_chunks; i++) /* borrowed, not copied */
		assert_true(image.chunks[i].data.bytes > room &&
			    image.chunks[i].data.bytes < room + view.len);
	munmap(room, VMLINUX_MAX);
}

static int free_arena(void **state)
{
	(void)state;
	kp_arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vmlinux_is_understood_and_borrowed),
		cmocka_unit_test(what_it_bears_goes_by_its_version),
		cmocka_unit_test(a_symbol_table_tells_of_5_levels),
		cmocka_unit_test(other_executables_stay_where_they_are),
		cmocka_unit_test(a_virtual_entry_is_translated),
		cmocka_unit_test(an_odd_link_address_pins_linux),
		cmocka_unit_test(segments_off_page_borders_are_put_together),
		cmocka_unit_test(segments_in_any_order_are_sorted),
		cmocka_unit_test(many_segments_are_joined),
		cmocka_unit_test(segments_too_far_apart_are_refused),
		cmocka_unit_test(what_is_joined_is_bounded_as_a_whole),
		cmocka_unit_test(one_wrong_number_is_named),
		cmocka_unit_test(a_linux_may_be_as_long_as_its_addresses),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(random_headers_do_no_harm),
		cmocka_unit_test(a_real_vmlinux),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
