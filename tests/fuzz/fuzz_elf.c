/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that claim to be an ELF kernel. */
#include <elf.h>
#include <string.h>

#include "fuzz.h"

/* Most that is joined in memory: the parser's own limit is a gigabyte, too slow to be filled
 * thousands of times a second. What declares more is parsed, but not read. */
#define READ_MOST (1u << 20)

static bool is_small(const struct kp_image *image)
{
	for (size_t i = 0; i < image->n_chunks; i++)
		if (image->chunks[i].data.len > READ_MOST)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_view file = { data, size };
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_image image;
	int rc = kp_elf_parse(file, &arena, &image, &err);

	fuzz_check_outcome(rc, &err);
	if (rc == 0 && is_small(&image))
		fuzz_check_image(&image, file);
	kp_arena_free(&arena);
	return 0;
}

#define EHDR(field) { offsetof(Elf64_Ehdr, field), sizeof(((Elf64_Ehdr *)0)->field) }
#define PHDR(field) { offsetof(Elf64_Phdr, field), sizeof(((Elf64_Phdr *)0)->field) }
#define SHDR(field) { offsetof(Elf64_Shdr, field), sizeof(((Elf64_Shdr *)0)->field) }

static const struct fuzz_field ehdr[] = {
	EHDR(e_type), EHDR(e_machine), EHDR(e_version), EHDR(e_entry), EHDR(e_phoff),
	EHDR(e_shoff), EHDR(e_ehsize), EHDR(e_phentsize), EHDR(e_phnum), EHDR(e_shentsize),
	EHDR(e_shnum), EHDR(e_shstrndx), { EI_CLASS, 1 }, { EI_DATA, 1 },
};
static const struct fuzz_field phdr[] = {
	PHDR(p_type), PHDR(p_offset), PHDR(p_vaddr), PHDR(p_paddr), PHDR(p_filesz),
	PHDR(p_memsz), PHDR(p_align),
};
static const struct fuzz_field shdr[] = {
	SHDR(sh_type), SHDR(sh_offset), SHDR(sh_size), SHDR(sh_link), SHDR(sh_info),
	SHDR(sh_addralign), SHDR(sh_entsize),
};

/* Change a field of one of the @n headers of @bytes each from @at on. */
static void mutate_table(uint8_t *data, size_t size, uint64_t at, uint64_t n, size_t bytes,
			 const struct fuzz_field *fields, size_t n_fields, uint64_t *state)
{
	uint64_t offset = at + (n ? fuzz_below(state, n) : 0) * bytes;

	if (offset < size)
		fuzz_mutate_field(data + offset, size - offset, fields, n_fields, state);
}

static void mutate_headers(uint8_t *data, size_t size, uint64_t *state)
{
	Elf64_Ehdr h;

	if (size < sizeof(h))
		return;
	memcpy(&h, data, sizeof(h));
	switch (fuzz_below(state, 8)) {
	case 0:
		fuzz_mutate_field(data, size, ehdr, COUNT(ehdr), state);
		break;
	case 1:
		mutate_table(data, size, h.e_shoff, h.e_shnum, sizeof(Elf64_Shdr), shdr,
			     COUNT(shdr), state);
		break;
	default:
		mutate_table(data, size, h.e_phoff, h.e_phnum, sizeof(Elf64_Phdr), phdr,
			     COUNT(phdr), state);
	}
}

/* Make the header one of an x86-64 executable again, whose tables have entries of their size. */
static void mend(uint8_t *data, size_t size)
{
	static const uint8_t ident[] = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
					 ELFDATA2LSB, EV_CURRENT };

	if (size >= sizeof(ident))
		memcpy(data, ident, sizeof(ident));
	fuzz_put(data, size, offsetof(Elf64_Ehdr, e_type), 2, ET_EXEC);
	fuzz_put(data, size, offsetof(Elf64_Ehdr, e_machine), 2, EM_X86_64);
	fuzz_put(data, size, offsetof(Elf64_Ehdr, e_version), 4, EV_CURRENT);
	fuzz_put(data, size, offsetof(Elf64_Ehdr, e_ehsize), 2, sizeof(Elf64_Ehdr));
	fuzz_put(data, size, offsetof(Elf64_Ehdr, e_phentsize), 2, sizeof(Elf64_Phdr));
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;

	if (fuzz_below(&state, 4) == 0)
		size = LLVMFuzzerMutate(data, size, most);
	else
		mutate_headers(data, size, &state);
	if (fuzz_below(&state, 16))
		mend(data, size);
	return size;
}
