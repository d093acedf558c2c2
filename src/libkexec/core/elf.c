/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ELF64 x86-64 executables, above all Linux's vmlinux. libelf reads the headers; every number in
 * them is checked here before it is used.
 *
 * An ELF says where its parts go, not what it bears, so what a bzImage declares has to be
 * concluded. A file is taken for a Linux kernel when the segment with its entry point is linked
 * at __START_KERNEL_map + p_paddr and its loaded bytes hold the banner "Linux version N". Such a
 * kernel
 *  - runs at any multiple of 2 MiB not below its own address: it is the same startup_64 that
 *    the decompressor of a bzImage enters wherever it was loaded (arch/x86/kernel/head64.c,
 *    __startup_64: the delta must be a multiple of PMD_SIZE);
 *  - takes boot_params, command line and initrd above 4 GiB through the ext_ fields, since 3.9,
 *    and EFI runtime services through SETUP_EFI, since 3.14;
 *  - bears 5-level paging if it was built with CONFIG_X86_5LEVEL, which no header tells. Where
 *    there is a symbol table the symbol __pgtable_l5_enabled tells; else 5.5 and later are
 *    taken to bear it, when it became the default.
 * Any other executable runs where it was linked or not at all, below 4 GiB.
 */
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "range.h"

#define PAGE			4096ul
#define PHYS_LIMIT		(1ull << 52)
#define START_KERNEL_MAP	0xffffffff80000000ull  /* arch/x86/include/asm/page_64_types.h */
#define PMD_BYTES		0x200000ul
#define COMMAND_LINE_SIZE	2048                   /* arch/x86/include/asm/setup.h */
#define BANNER			"Linux version "
#define MAX_SEGMENTS		4096
/* Segments too many for the chunks of an image, or not on page borders, are joined in memory, all
 * of them together in no more than this. */
#define MAX_JOINED		(1ull << 30)

#define VERSION(major, minor)	((major) * 1000u + (minor))

/* A PT_LOAD with memory to it: physical bytes [start, last], the file's first. */
struct load {
	uint64_t start, last, virt;
	struct kp_view data;
};

/* Loads [first, end) and the pages they are on: what becomes one chunk. */
struct group {
	size_t first, end;
	uint64_t start, last;
};

struct loads {
	struct load *v;
	struct group *groups;
	size_t n, n_groups;
	uint64_t joined;           /* bytes */
};

static uint64_t page_down(uint64_t x)
{
	return x & ~(PAGE - 1);
}

static int check_header(const GElf_Ehdr *h, struct kp_error *err)
{
	if (h->e_ident[EI_CLASS] != ELFCLASS64)
		return kp_fail(err, KP_IMAGE,
			       "a 32-bit ELF (class %d): only 64-bit kernels can be loaded",
			       h->e_ident[EI_CLASS]);
	if (h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_X86_64)
		return kp_fail(err, KP_IMAGE,
			       "an ELF for another architecture: e_machine %d "
			       "(data encoding %d), x86-64 is %d",
			       h->e_machine, h->e_ident[EI_DATA], EM_X86_64);
	switch (h->e_type) {
	case ET_EXEC:
		return 0;
	case ET_REL:
		return kp_fail(err, KP_IMAGE, "an ELF object file (ET_REL): it is not linked");
	case ET_DYN:
		return kp_fail(err, KP_IMAGE,
			       "an ELF shared object or program (ET_DYN): a kernel is ET_EXEC");
	case ET_CORE:
		return kp_fail(err, KP_IMAGE, "an ELF core dump (ET_CORE), not a kernel");
	}
	return kp_fail(err, KP_IMAGE, "an ELF of unknown type %d: a kernel is ET_EXEC (%d)",
		       h->e_type, ET_EXEC);
}

static int add_load(struct kp_view file, const GElf_Phdr *p, size_t index, struct loads *loads,
		    struct kp_error *err)
{
	struct load *l = &loads->v[loads->n];

	if (p->p_filesz > p->p_memsz)
		return kp_fail(err, KP_IMAGE, "corrupt ELF: segment %zu has %#" PRIx64
			       " bytes in the file but %#" PRIx64 " in memory",
			       index, p->p_filesz, p->p_memsz);
	if (!kp_view_sub(file, p->p_offset, p->p_filesz, &l->data))
		return kp_fail(err, KP_IMAGE, "truncated ELF: segment %zu is %#" PRIx64
			       " bytes at offset %#" PRIx64 ", the file has %#zx",
			       index, p->p_filesz, p->p_offset, file.len);
	if (p->p_memsz == 0)
		return 0;
	if (p->p_paddr >= PHYS_LIMIT || p->p_memsz > PHYS_LIMIT - p->p_paddr)
		return kp_fail(err, KP_IMAGE, "corrupt ELF: segment %zu, %#" PRIx64
			       " bytes at physical %#" PRIx64 ", reaches beyond %#llx",
			       index, p->p_memsz, p->p_paddr, PHYS_LIMIT);
	l->start = p->p_paddr;
	l->last = p->p_paddr + p->p_memsz - 1;
	l->virt = p->p_vaddr;
	loads->n++;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct load *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int sort_loads(struct loads *loads, struct kp_error *err)
{
	struct load *v = loads->v;

	if (loads->n == 0)
		return kp_fail(err, KP_IMAGE, "an ELF without a loadable segment");
	qsort(v, loads->n, sizeof(*v), by_start);
	for (size_t i = 1; i < loads->n; i++)
		if (v[i].start <= v[i - 1].last)
			return kp_fail(err, KP_IMAGE, "corrupt ELF: segments at physical %#"
				       PRIx64 "..%#" PRIx64 " and %#" PRIx64 "..%#" PRIx64
				       " overlap",
				       v[i - 1].start, v[i - 1].last, v[i].start, v[i].last);
	return 0;
}

/* libelf counts only the program headers that the file has room for: all of them are wanted. */
static int count_headers(Elf *elf, const GElf_Ehdr *h, size_t *n, struct kp_error *err)
{
	if (elf_getphdrnum(elf, n) == 0 && *n == h->e_phnum && *n <= MAX_SEGMENTS)
		return 0;
	return kp_fail(err, KP_IMAGE, "corrupt ELF: %d program headers at offset %#" PRIx64
		       " are more than %d or more than the file has", h->e_phnum, h->e_phoff,
		       MAX_SEGMENTS);
}

static int read_loads(Elf *elf, const GElf_Ehdr *h, struct kp_view file, struct kp_arena *arena,
		      struct loads *loads, struct kp_error *err)
{
	GElf_Phdr p;
	size_t n;

	if (count_headers(elf, h, &n, err) < 0)
		return -1;
	loads->v = kp_arena_alloc(arena, n * sizeof(*loads->v), err);
	loads->groups = kp_arena_alloc(arena, n * sizeof(*loads->groups), err);
	if (!loads->v || !loads->groups)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, (int)i, &p))
			return kp_fail(err, KP_IMAGE, "corrupt ELF: program header %zu of %zu: %s",
				       i, n,
				       elf_errmsg(-1));
		if (p.p_type == PT_INTERP || p.p_type == PT_TLS)
			return kp_fail(err, KP_IMAGE, "a user-space program (segment %zu is %s)", i,
				       p.p_type == PT_INTERP ? "PT_INTERP" : "PT_TLS");
		if (p.p_type == PT_LOAD && add_load(file, &p, i, loads, err) < 0)
			return -1;
	}
	return sort_loads(loads, err);
}

/* Loads that share a page cannot be apart. */
static void group_loads(struct loads *loads)
{
	struct group *g = NULL;

	for (size_t i = 0; i < loads->n; i++) {
		uint64_t start = page_down(loads->v[i].start);
		uint64_t last = loads->v[i].last | (PAGE - 1);

		if (g && start <= g->last) {
			g->end = i + 1;
			g->last = last;
			continue;
		}
		g = &loads->groups[loads->n_groups++];
		*g = (struct group){ .first = i, .end = i + 1, .start = start, .last = last };
	}
}

/* Join the neighbours with the smallest gap until the groups fit an image's chunks. */
static void join_groups(struct loads *loads)
{
	struct group *g = loads->groups;

	while (loads->n_groups > KP_IMAGE_CHUNKS) {
		size_t best = 1;

		for (size_t i = 2; i < loads->n_groups; i++)
			if (g[i].start - g[i - 1].last < g[best].start - g[best - 1].last)
				best = i;
		g[best - 1].end = g[best].end;
		g[best - 1].last = g[best].last;
		memmove(g + best, g + best + 1, (loads->n_groups - best - 1) * sizeof(*g));
		loads->n_groups--;
	}
}

/* A segment alone, from a page border on, is borrowed; anything else is put together in memory. */
static int fill_chunk(struct loads *loads, const struct group *g, struct kp_arena *arena,
		      struct kp_view *data, struct kp_error *err)
{
	const struct load *tail = &loads->v[g->end - 1];
	uint64_t len = tail->start - g->start + tail->data.len;
	uint8_t *joined;

	if (g->end - g->first == 1 && tail->start == g->start) {
		*data = tail->data;
		return 0;
	}
	if (len > MAX_JOINED - loads->joined)
		return kp_fail(err, KP_IMAGE, "segments at physical %#" PRIx64 " and %#" PRIx64
			       " are too far apart to be joined: at most %d pieces can be loaded, "
			       "and %llu MiB joined", g->start, tail->start, KP_IMAGE_CHUNKS,
			       MAX_JOINED >> 20);
	loads->joined += len;
	joined = kp_arena_alloc(arena, len, err);
	if (!joined)
		return -1;
	for (size_t i = g->first; i < g->end; i++) {
		const struct load *l = &loads->v[i];

		if (l->data.len)
			memcpy(joined + (l->start - g->start), l->data.bytes, l->data.len);
	}
	*data = (struct kp_view){ .bytes = joined, .len = len };
	return 0;
}

static int fill_chunks(struct loads *loads, struct kp_arena *arena, struct kp_image *image,
		       struct kp_error *err)
{
	uint64_t start;

	group_loads(loads);
	join_groups(loads);
	start = loads->groups[0].start;
	for (size_t i = 0; i < loads->n_groups; i++) {
		const struct group *g = &loads->groups[i];
		struct kp_chunk *c = &image->chunks[i];

		c->offset = g->start - start;
		c->mem_bytes = kp_range_bytes(kp_range(g->start, g->last));
		if (fill_chunk(loads, g, arena, &c->data, err) < 0)
			return -1;
		image->mem_bytes = c->offset + c->mem_bytes;
	}
	image->n_chunks = loads->n_groups;
	image->pref_start = start;
	image->min_start = start;
	return 0;
}

/*
 * The load with the entry point in its file bytes, and the entry's offset into it. Linux and
 * everything linked for physical memory give a physical e_entry; others a virtual one.
 */
static const struct load *find_entry(const struct loads *loads, uint64_t entry, uint64_t *offset)
{
	for (size_t i = 0; i < loads->n; i++) {
		*offset = entry - loads->v[i].start;
		if (*offset < loads->v[i].data.len)
			return &loads->v[i];
	}
	for (size_t i = 0; i < loads->n; i++) {
		*offset = entry - loads->v[i].virt;
		if (*offset < loads->v[i].data.len)
			return &loads->v[i];
	}
	return NULL;
}

/* The text after "Linux version " in @data, if a digit comes first; empty if there is none. */
static struct kp_view find_banner(struct kp_view data)
{
	struct kp_view line = { 0 };
	const size_t skip = sizeof(BANNER) - 1;

	while (data.len > skip) {
		const uint8_t *at = memmem(data.bytes, data.len, BANNER, skip);

		if (!at)
			return line;
		data.len -= (size_t)(at - data.bytes) + skip;
		data.bytes = at + skip;
		if (data.len && *data.bytes >= '0' && *data.bytes <= '9') {
			while (line.len < data.len && data.bytes[line.len] >= ' ' &&
			       data.bytes[line.len] < 0x7f)
				line.len++;
			line.bytes = data.bytes;
			return line;
		}
	}
	return line;
}

/* The kernel's version from its banner; NULL if there is no banner. */
static int read_version(const struct loads *loads, struct kp_arena *arena, const char **version,
			struct kp_error *err)
{
	struct kp_view text = { 0 };

	for (size_t i = 0; i < loads->n && text.len == 0; i++)
		text = find_banner(loads->v[i].data);
	*version = NULL;
	if (text.len == 0)
		return 0;
	*version = kp_arena_strndup(arena, (const char *)text.bytes, text.len, err);
	return *version ? 0 : -1;
}

static unsigned version_number(const char *text)
{
	char *end;
	unsigned long major = strtoul(text, &end, 10), minor = 0;

	if (*end == '.')
		minor = strtoul(end + 1, NULL, 10);
	return major > 1000 || minor > 999 ? 0 : VERSION((unsigned)major, (unsigned)minor);
}

/* Whether a symbol of that name exists: 1 or 0; -1 when there is no symbol table. */
static int has_symbol(Elf *elf, const char *name)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	GElf_Sym symbol;

	while ((section = elf_nextscn(elf, section))) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB ||
		    !(data = elf_getdata(section, NULL)))
			continue;
		for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
			const char *text = elf_strptr(elf, header.sh_link, symbol.st_name);

			if (text && strcmp(text, name) == 0)
				return 1;
		}
		return 0;
	}
	return -1;
}

/* It is linked at __START_KERNEL_map + p_paddr: all of it below what is left of addresses there. */
static int check_linux_size(const struct kp_image *image, struct kp_error *err)
{
	uint64_t end = image->pref_start + image->mem_bytes;

	if (end <= -START_KERNEL_MAP)
		return 0;
	return kp_fail(err, KP_IMAGE, "corrupt ELF: a Linux kernel that ends at physical %#" PRIx64
		       ": the addresses it is linked at end at %#llx", end, -START_KERNEL_MAP);
}

static int fill_linux(Elf *elf, struct kp_image *image, struct kp_error *err)
{
	unsigned version = version_number(image->version);
	int l5 = has_symbol(elf, "__pgtable_l5_enabled");

	if (check_linux_size(image, err) < 0)
		return -1;
	image->relocatable = image->pref_start % PMD_BYTES == 0;
	if (image->relocatable)
		image->align = PMD_BYTES;
	image->above_4g = version >= VERSION(3, 9);
	image->efi_handover = version >= VERSION(3, 14);
	image->la57 = image->la57_kept = l5 >= 0 ? l5 : version >= VERSION(5, 5);
	if (image->above_4g)
		image->initrd_max = UINT64_MAX;
	return 0;
}

static int fill_image(Elf *elf, uint64_t e_entry, struct loads *loads, struct kp_arena *arena,
		      struct kp_image *image, struct kp_error *err)
{
	const struct load *entry;
	uint64_t offset;

	if (fill_chunks(loads, arena, image, err) < 0)
		return -1;
	entry = find_entry(loads, e_entry, &offset);
	if (!entry)
		return kp_fail(err, KP_IMAGE, "corrupt ELF: the entry point %#" PRIx64
			       " is in no loadable segment", e_entry);
	image->format = KP_FORMAT_ELF64;
	image->entry_offset = entry->start + offset - image->pref_start;
	image->align = PAGE;
	image->initrd_max = INT32_MAX;
	image->cmdline_max = COMMAND_LINE_SIZE - 1;
	if (entry->virt - entry->start != START_KERNEL_MAP)
		return 0;
	if (read_version(loads, arena, &image->version, err) < 0)
		return -1;
	return image->version ? fill_linux(elf, image, err) : 0;
}

int kp_elf_parse(struct kp_view file, struct kp_arena *arena, struct kp_image *image,
		 struct kp_error *err)
{
	struct loads loads = { 0 };
	GElf_Ehdr header;
	Elf *elf = NULL;
	int rc;

	memset(image, 0, sizeof(*image));
	/* elf_memory() takes a plain pointer but, reading, leaves the bytes alone. */
	if (elf_version(EV_CURRENT) != EV_NONE)
		elf = elf_memory((char *)(uintptr_t)file.bytes, file.len);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		rc = kp_fail(err, KP_IMAGE, "not an ELF file, or its header is cut off: "
			     "it has %zu bytes",
			     file.len);
	else if ((rc = check_header(&header, err)) == 0 &&
		 (rc = read_loads(elf, &header, file, arena, &loads, err)) == 0)
		rc = fill_image(elf, header.e_entry, &loads, arena, image, err);
	elf_end(elf);
	return rc;
}
