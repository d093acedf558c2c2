/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <elf.h>

#include "kcore.h"

#define NOTES_AT	0x1000

struct core {
	union {
		Elf64_Ehdr eh;
		uint8_t bytes[0x2000];
	};
	unsigned n;
	size_t len;
};

static void begin(struct core *c)
{
	memset(c, 0, sizeof(*c));
	memcpy(c->eh.e_ident, ELFMAG, SELFMAG);
	c->eh.e_ident[EI_CLASS] = ELFCLASS64;
	c->eh.e_ident[EI_DATA] = ELFDATA2LSB;
	c->eh.e_type = ET_CORE;
	c->eh.e_machine = EM_X86_64;
	c->eh.e_phoff = sizeof(Elf64_Ehdr);
	c->eh.e_phentsize = sizeof(Elf64_Phdr);
	c->len = sizeof(Elf64_Ehdr);
}

static void add(struct core *c, Elf64_Phdr ph)
{
	memcpy(c->bytes + c->len, &ph, sizeof(ph));
	c->len += sizeof(ph);
	c->eh.e_phnum++;
}

static void add_load(struct core *c, uint64_t vaddr, uint64_t paddr)
{
	add(c, (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = vaddr, .p_paddr = paddr,
			     .p_memsz = 0x1000 });
}

static size_t put_note(uint8_t *at, const char *name, const void *desc, size_t n)
{
	Elf64_Nhdr nh = { (uint32_t)strlen(name) + 1, (uint32_t)n, 0 };
	size_t named = sizeof(nh) + ((nh.n_namesz + 3) & ~3u);

	memcpy(at, &nh, sizeof(nh));
	memcpy(at + sizeof(nh), name, nh.n_namesz);
	memcpy(at + named, desc, n);
	return named + ((n + 3) & ~(size_t)3);
}

static void add_vmcoreinfo(struct core *c, const char *text)
{
	static const char other[] = "not it\nSYMBOL(_stext)=1\n";
	size_t n = put_note(c->bytes + NOTES_AT, "CORE", other, sizeof(other));

	n += put_note(c->bytes + NOTES_AT + n, "VMCOREINFO", text, strlen(text));
	add(c, (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = NOTES_AT, .p_filesz = n });
	c->len = NOTES_AT + n;
}

/* From the heap and of the exact size, so that a sanitizer sees a read past the end. */
static int parse(const struct core *c, size_t len, struct kp_kcore *kc, struct kp_error *err)
{
	uint8_t *copy = malloc(len ? len : 1);
	int rc;

	memcpy(copy, c->bytes, len);
	rc = kp_kcore_parse((struct kp_view){ copy, len }, kc, err);
	free(copy);
	return rc;
}

static void a_4_level_kernel(void **state)
{
	struct kp_error err = { 0 };
	struct kp_kcore kc;
	struct core c;

	(void)state;
	begin(&c);
	add_load(&c, 0xffffc90000000000, UINT64_MAX); /* vmalloc has no physical address */
	add_load(&c, 0xffffffff93000000, 0x13000000);
	add_load(&c, 0xffffffffc0000000, UINT64_MAX);
	add_load(&c, 0xffff9a1f40001000, 0x1000);
	add_load(&c, 0xffff9a2040000000, 0x100000000);
	assert_int_equal(parse(&c, c.len, &kc, &err), 0);
	assert_true(kc.page_offset == 0xffff9a1f40000000);
	assert_true(kc.text_virt == 0xffffffff93000000);
	assert_true(kc.text_bytes == 0x1000);
	assert_int_equal(kc.la57, KP_NO);
}

static void a_5_level_kernel(void **state)
{
	struct kp_error err = { 0 };
	struct kp_kcore kc;
	struct core c;

	(void)state;
	begin(&c);
	add_load(&c, 0xff11000000001000, 0x1000);
	assert_int_equal(parse(&c, c.len, &kc, &err), 0);
	assert_true(kc.page_offset == 0xff11000000000000);
	assert_int_equal(kc.la57, KP_YES);
	assert_true(kc.text_virt == 0);
}

/* vmcoreinfo says outright what addresses only let one infer. */
static void vmcoreinfo_goes_first(void **state)
{
	struct kp_error err = { 0 };
	struct kp_kcore kc;
	struct core c;

	(void)state;
	begin(&c);
	add_load(&c, 0xffffffff92344800, 0x1000000);
	add_vmcoreinfo(&c, "OSRELEASE=6.1\nSYMBOL(_stext)=ffffffff92345000\n"
		       "NUMBER(pgtable_l5_enabled)=1\nKERNELOFFSET=11345000\n");
	assert_int_equal(parse(&c, c.len, &kc, &err), 0);
	assert_true(kc.text_virt == 0xffffffff92345000);
	assert_true(kc.text_bytes == 0x800);
	assert_int_equal(kc.la57, KP_YES);
	assert_true(kc.page_offset == 0);
}

/* A kernel before 4.19 gives 0 for every physical address: no base can be inferred. */
static void no_physical_addresses(void **state)
{
	struct kp_error err = { 0 };
	struct kp_kcore kc;
	struct core c;

	(void)state;
	begin(&c);
	add_load(&c, 0xffff888000001000, 0);
	assert_int_equal(parse(&c, c.len, &kc, &err), 0);
	assert_true(kc.page_offset == 0);
	begin(&c);
	add_load(&c, 0xffff888000000000, 0);
	add_load(&c, 0xffff888100000000, 0);
	assert_int_equal(parse(&c, c.len, &kc, &err), 0);
	assert_true(kc.page_offset == 0);
	assert_int_equal(kc.la57, KP_UNKNOWN);
}

static void extent_grows_with_what_is_seen(void **state)
{
	struct kp_error err = { 0 };
	uint64_t need;
	struct core c;

	(void)state;
	begin(&c);
	add_load(&c, 0xffff888000001000, 0x1000);
	add_vmcoreinfo(&c, "SYMBOL(_stext)=ffffffff81000000\n");
	assert_int_equal(kp_kcore_extent((struct kp_view){ c.bytes, 64 }, &need, &err), 0);
	assert_int_equal(need, 64 + 2 * 56);
	assert_int_equal(kp_kcore_extent((struct kp_view){ c.bytes, need }, &need, &err), 0);
	assert_int_equal(need, c.len);
}

static void bad_files(void **state)
{
	struct kp_error err = { 0 };
	struct kp_kcore kc;
	struct core c, bad;

	(void)state;
	begin(&c);
	add_load(&c, 0xffff888000001000, 0x1000);
	for (size_t len = 0; len < c.len; len++)
		assert_int_equal(parse(&c, len, &kc, &err), -1);
	bad = c;
	bad.eh.e_machine = EM_AARCH64;
	assert_int_equal(parse(&bad, c.len, &kc, &err), -1);
	bad = c;
	bad.eh.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(parse(&bad, c.len, &kc, &err), -1);
	bad = c;
	bad.eh.e_phentsize = 1;
	assert_int_equal(parse(&bad, c.len, &kc, &err), -1);
	bad = c;
	bad.eh.e_phoff = UINT64_MAX - 8;
	assert_int_equal(parse(&bad, c.len, &kc, &err), -1);
	assert_int_equal(err.code, KP_MACHINE);
}

/* Notes with sizes that wrap or reach out are left, not followed. */
static void wild_notes(void **state)
{
	static const Elf64_Nhdr wild[] = {
		{ UINT32_MAX, 0, 0 }, { 0, UINT32_MAX, 0 }, { UINT32_MAX, UINT32_MAX, 0 },
	};
	struct kp_error err = { 0 };
	struct kp_kcore kc;
	struct core c;

	(void)state;
	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		begin(&c);
		add_vmcoreinfo(&c, "SYMBOL(_stext)=ffffffff81000000\n");
		memcpy(c.bytes + NOTES_AT, &wild[i], sizeof(wild[i]));
		assert_int_equal(parse(&c, c.len, &kc, &err), 0);
		assert_true(kc.text_virt == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_4_level_kernel),
		cmocka_unit_test(a_5_level_kernel),
		cmocka_unit_test(vmcoreinfo_goes_first),
		cmocka_unit_test(no_physical_addresses),
		cmocka_unit_test(extent_grows_with_what_is_seen),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(wild_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
