/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <asm/bootparam.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "fuzz.h"
#include "park_image.h"
#include "park_page.h"
#include "plan_rules.h"
#include "purgatory_params.h"

#define PAGE		4096ULL
#define LOW_LAST	0xfffffULL
#define BACKUP_LAST	0x9ffffULL
#define LAST_4G		0xffffffffULL

static uint64_t bytes_of(struct kp_range r)
{
	return r.last - r.start + 1;
}

static bool within(struct kp_range a, struct kp_range b)
{
	return a.start >= b.start && a.last <= b.last;
}

static bool meets(struct kp_range a, struct kp_range b)
{
	return a.start <= b.last && b.start <= a.last;
}

/* ---- segments ----------------------------------------------------------------------------- */

static const struct kp_segment *find(const struct kp_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_segments; i++)
		if (!strcmp(plan->segments[i].name, name))
			return &plan->segments[i];
	return NULL;
}

static const struct kp_segment *need(const struct kp_plan *plan, const char *name)
{
	const struct kp_segment *s = find(plan, name);

	REQUIRE(s);
	return s;
}

/* How much of @at the map's entries of @type cover; others must not meet it when @only. */
static uint64_t covered(const struct kp_mem *v, size_t n, uint32_t type, struct kp_range at)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t start = v[i].at.start > at.start ? v[i].at.start : at.start;
		uint64_t last = v[i].at.last < at.last ? v[i].at.last : at.last;

		if (v[i].type == type && start <= last)
			sum += last - start + 1;
	}
	return sum;
}

static bool all_is(const struct kp_mem *v, size_t n, uint32_t type, struct kp_range at)
{
	return covered(v, n, type, at) == bytes_of(at);
}

static bool in_one_of(const struct kp_ranges *set, struct kp_range at)
{
	for (size_t i = 0; i < set->n; i++)
		if (within(at, set->v[i]))
			return true;
	return false;
}

/* As kexec_load(2) and the memory itself want it. */
static void check_place(const struct plan_scene *s, struct kp_range at)
{
	const struct kp_machine *m = s->machine;

	REQUIRE(at.start % PAGE == 0 && at.last % PAGE == PAGE - 1 && at.start < at.last);
	REQUIRE(at.start > LOW_LAST && at.start >= s->req->mem_min);
	REQUIRE(!s->req->mem_max || at.last <= s->req->mem_max);
	if (s->req->slot == KP_CRASH) {
		REQUIRE(m->crashk.n && within(at, m->crashk.v[m->crashk.n - 1]));
		return;
	}
	REQUIRE(in_one_of(&m->system_ram, at));
	REQUIRE(all_is(m->firmware.v, m->firmware.n, KP_MEM_RAM, at));
}

static void check_segments(const struct plan_scene *s, const struct kp_plan *plan)
{
	REQUIRE(plan->n_segments >= 1 && plan->n_segments <= KP_MAX_SEGMENTS);
	for (size_t i = 0; i < plan->n_segments; i++) {
		const struct kp_segment *g = &plan->segments[i];

		check_place(s, g->at);
		REQUIRE(!i || g->at.start > plan->segments[i - 1].at.last);
		REQUIRE(g->data_bytes <= bytes_of(g->at) && (!g->data_bytes || g->data));
	}
	REQUIRE(plan->slot == s->req->slot);
	REQUIRE(plan->entry == need(plan, "purgatory")->at.start + PURGATORY_OFF_ENTRY);
	REQUIRE(!!find(plan, "backup") == (s->req->slot == KP_CRASH));
	REQUIRE(!!find(plan, "elfcorehdr") == (s->req->slot == KP_CRASH));
	REQUIRE(!!find(plan, "initrd") == (s->n_initrds > 0));
}

/* ---- the kernel --------------------------------------------------------------------------- */

/* Its chunks, byte for byte, and all of its memory without a gap. */
static struct kp_range check_kernel(const struct plan_scene *s, const struct kp_plan *plan)
{
	const struct kp_image *image = s->image;
	struct kp_range kernel = need(plan, "kernel")->at;
	size_t n = 0;

	for (size_t i = 0; i < plan->n_segments; i++) {
		const struct kp_segment *g = &plan->segments[i];

		if (strcmp(g->name, "kernel"))
			continue;
		REQUIRE(n < image->n_chunks);
		REQUIRE(n == 0 || g->at.start == kernel.last + 1);
		REQUIRE(g->at.start == kernel.start + image->chunks[n].offset);
		REQUIRE(g->data == image->chunks[n].data.bytes);
		REQUIRE(g->data_bytes == image->chunks[n].data.len);
		kernel.last = g->at.last;
		n++;
	}
	REQUIRE(n == image->n_chunks && bytes_of(kernel) >= image->mem_bytes);
	REQUIRE(kernel.start >= image->min_start);
	REQUIRE(image->relocatable || kernel.start == image->pref_start);
	REQUIRE(kernel.start == image->pref_start || kernel.start % image->align == 0);
	REQUIRE(image->above_4g || kernel.last <= LAST_4G);
	return kernel;
}

/* ---- the purgatory ------------------------------------------------------------------------ */

static const uint8_t *bytes_at(const struct kp_plan *plan, uint64_t phys, uint64_t n)
{
	for (size_t i = 0; i < plan->n_segments; i++) {
		const struct kp_segment *g = &plan->segments[i];

		if (phys >= g->at.start && phys - g->at.start <= g->data_bytes &&
		    n <= g->data_bytes - (phys - g->at.start))
			return (const uint8_t *)g->data + (phys - g->at.start);
	}
	return NULL;
}

/* Without SHA instructions, as the purgatory may have to: the same digest. */
static void check_digest(const struct kp_plan *plan, const struct purgatory_params *p)
{
	uint64_t wanted = 0, hashed = 0;
	uint8_t result[KP_DIGEST_BYTES];
	struct kp_digest digest;

	for (size_t i = 0; i < plan->n_segments; i++)
		wanted += plan->segments[i].digest ? plan->segments[i].data_bytes : 0;
	kp_digest_init(&digest, false);
	REQUIRE(p->n_regions <= PURGATORY_MAX_REGIONS);
	for (uint32_t i = 0; i < p->n_regions; i++) {
		const uint8_t *bytes = bytes_at(plan, p->regions[i].start, p->regions[i].bytes);

		REQUIRE(bytes);
		kp_digest_region(&digest, bytes, p->regions[i].bytes);
		REQUIRE(kp_digest_mark(&digest) == p->marks[i]);
		hashed += p->regions[i].bytes;
	}
	kp_digest_final(&digest, result);
	REQUIRE(hashed == wanted && !memcmp(result, p->digest, sizeof(result)));
}

/* What is left out of the digest: the purgatory that holds it, and what the kernel rewrites. */
static void check_covered(const struct plan_scene *s, const struct kp_plan *plan)
{
	for (size_t i = 0; i < plan->n_segments; i++) {
		const struct kp_segment *g = &plan->segments[i];
		bool rewritten = !strcmp(g->name, "elfcorehdr") && s->req->hotplug &&
				 s->machine->elfcorehdr_size;

		if (g->data_bytes)
			REQUIRE(g->digest == (strcmp(g->name, "purgatory") && !rewritten));
	}
}

/* Both tables lie in the purgatory, and each gate leads to its first page, where handlers are. */
static void check_gates(const struct kp_segment *g)
{
	const uint8_t *bytes = g->data;
	const uint64_t gdt = fuzz_get(bytes, g->data_bytes, PURGATORY_OFF_GDTR_BASE, 8);
	const uint64_t idt = fuzz_get(bytes, g->data_bytes, PURGATORY_OFF_IDTR_BASE, 8);

	REQUIRE(gdt - g->at.start < g->data_bytes - 31 && idt - g->at.start < g->data_bytes - 511);
	for (uint64_t at = idt - g->at.start, v = 0; v < 32; v++, at += 16) {
		const uint64_t low = fuzz_get(bytes, g->data_bytes, at, 8);
		const uint64_t handler = (low & 0xffff) | (low >> 32 & 0xffff0000) |
					 fuzz_get(bytes, g->data_bytes, at + 8, 8) << 32;

		REQUIRE(handler - g->at.start < 4096);
	}
}

static struct purgatory_params check_purgatory(const struct plan_scene *s,
					       const struct kp_plan *plan, struct kp_range kernel)
{
	const struct kp_segment *g = need(plan, "purgatory");
	const struct kp_segment *backup = find(plan, "backup");
	struct purgatory_params p;

	REQUIRE(g->data_bytes >= PURGATORY_OFF_PARAMS + sizeof(p));
	memcpy(&p, (const uint8_t *)g->data + PURGATORY_OFF_PARAMS, sizeof(p));
	REQUIRE(p.magic == PURGATORY_PARAMS_MAGIC && p.version == PURGATORY_PARAMS_VERSION);
	check_gates(g);
	REQUIRE(p.kernel_entry == kernel.start + s->image->entry_offset);
	REQUIRE(p.kernel_entry <= kernel.last);
	REQUIRE(p.boot_params == need(plan, "boot_params")->at.start);
	REQUIRE(!!(p.flags & PURGATORY_SKIP_DIGEST) == s->req->no_checks);
	REQUIRE(!!(p.flags & PURGATORY_CRASH) == (s->req->slot == KP_CRASH));
	REQUIRE(!!(p.flags & PURGATORY_PARK) == (plan->park.state != KP_PARK_STATE_NONE));
	REQUIRE(p.backup_dst == (backup ? backup->at.start : 0) && !p.backup_src);
	REQUIRE(p.backup_bytes == (backup ? BACKUP_LAST + 1 : 0));
	REQUIRE(!backup || bytes_of(backup->at) >= p.backup_bytes);
	if (!s->req->no_checks) {
		check_digest(plan, &p);
		check_covered(s, plan);
	}
	return p;
}

/* ---- page tables -------------------------------------------------------------------------- */

/* The entry that maps @virt, walking as the processor does; 0 where nothing does. */
static uint64_t walk(const struct kp_plan *plan, uint64_t root, int levels, uint64_t virt)
{
	uint64_t table = root;

	for (int level = levels - 1; level >= 0; level--) {
		unsigned shift = 12 + 9 * (unsigned)level;
		const uint8_t *at = bytes_at(plan, table + (virt >> shift) % 512 * 8, 8);
		uint64_t entry;

		REQUIRE(at);
		entry = fuzz_get(at, 8, 0, 8);
		if (!entry || !level || (level == 1 && entry & 0x80))
			return entry;
		REQUIRE((entry & 0xa3) == 0x23);
		table = entry & 0x000ffffffffff000;
	}
	return 0;
}

static void check_entry(uint64_t entry, uint64_t virt, bool device)
{
	uint64_t page = entry & 0x80 ? 0x1fffff : 0xfff;

	REQUIRE((entry & 0x7b) == (device ? 0x7b : 0x63));
	REQUIRE((entry & 0x000ffffffffff000) == (virt & ~page));
}

static void check_mapped(const struct kp_plan *plan, const struct purgatory_params *p,
			 uint64_t virt, bool device)
{
	check_entry(walk(plan, p->pgd5, 5, virt), virt, device);
	if (!(virt >> 48))
		check_entry(walk(plan, p->pgd4, 4, virt), virt, device);
}

static bool in_a_segment(const struct kp_plan *plan, uint64_t phys)
{
	for (size_t i = 0; i < plan->n_segments; i++)
		if (plan->segments[i].at.start <= phys && phys <= plan->segments[i].at.last)
			return true;
	return false;
}

/* Around every row of the memory maps: what is no segment's is not write-back. */
static void check_not_mapped(const struct kp_plan *plan, const struct purgatory_params *p,
			     uint64_t virt)
{
	uint64_t entry;

	if (virt <= BACKUP_LAST || virt >> 52 || in_a_segment(plan, virt))
		return;
	entry = walk(plan, p->pgd5, 5, virt);
	REQUIRE(!entry || (entry & 0x18) == 0x18);
}

static void check_tables(const struct kp_plan *plan, const struct purgatory_params *p)
{
	REQUIRE(p->pgd4 % PAGE == 0 && p->pgd5 % PAGE == 0);
	check_mapped(plan, p, 0xb8000, true);
	check_mapped(plan, p, 0xfee00000, true);
	for (size_t i = 0; i < plan->n_segments; i++) {
		check_mapped(plan, p, plan->segments[i].at.start, false);
		check_mapped(plan, p, plan->segments[i].at.last, false);
		check_not_mapped(plan, p, plan->segments[i].at.start - 1);
		check_not_mapped(plan, p, plan->segments[i].at.last + 1);
	}
	for (size_t i = 0; i < plan->n_e820; i++) {
		check_not_mapped(plan, p, plan->e820[i].at.start);
		check_not_mapped(plan, p, plan->e820[i].at.last);
	}
}

/* ---- boot_params -------------------------------------------------------------------------- */

static uint64_t wide(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

static void check_cmdline(const struct plan_scene *s, const struct kp_plan *plan,
			  const struct boot_params *bp)
{
	uint64_t at = wide(bp->ext_cmd_line_ptr, bp->hdr.cmd_line_ptr);
	size_t len = strlen(plan->cmdline);
	const uint8_t *text = bytes_at(plan, at, len + 1);

	REQUIRE(text && !memcmp(text, plan->cmdline, len + 1));
	REQUIRE(len <= s->image->cmdline_max);
	REQUIRE(s->image->above_4g || at + len <= LAST_4G);
}

/* Each initrd on a page of its own, in order, zeros between them. */
static void check_initrds(const struct plan_scene *s, const struct kp_plan *plan,
			  const struct boot_params *bp)
{
	uint64_t at = wide(bp->ext_ramdisk_image, bp->hdr.ramdisk_image);
	uint64_t bytes = wide(bp->ext_ramdisk_size, bp->hdr.ramdisk_size), end = at;

	for (size_t i = 0; i < s->n_initrds; i++) {
		const uint8_t *copy = bytes_at(plan, end, s->initrds[i].len);

		REQUIRE(copy && !memcmp(copy, s->initrds[i].bytes, s->initrds[i].len));
		end += s->initrds[i].len;
		REQUIRE(i + 1 < s->n_initrds || end == at + bytes);
		end = (end + PAGE - 1) & ~(PAGE - 1);
	}
	REQUIRE(s->n_initrds || (!at && !bytes));
	REQUIRE(!bytes || at + bytes - 1 <= s->image->initrd_max);
	REQUIRE(s->image->above_4g || !bytes || at + bytes - 1 <= LAST_4G);
}

static void check_e820_entry(const struct kp_plan *plan, size_t i, const uint8_t *at)
{
	struct boot_e820_entry e;

	REQUIRE(at && i < plan->n_e820);
	memcpy(&e, at, sizeof(e));
	REQUIRE(e.addr == plan->e820[i].at.start && e.type == plan->e820[i].type);
	REQUIRE(e.size == plan->e820[i].at.last - plan->e820[i].at.start + 1);
}

/* The map as the next kernel reads it: in the page, then in a node of the chain. */
static void check_chain(const struct kp_plan *plan, const struct boot_params *bp)
{
	size_t n = bp->e820_entries, nodes = 0;
	uint64_t next = bp->hdr.setup_data;

	REQUIRE(n <= E820_MAX_ENTRIES_ZEROPAGE);
	for (size_t i = 0; i < n; i++)
		check_e820_entry(plan, i, (const uint8_t *)&bp->e820_table[i]);
	while (next) {
		const uint8_t *at = bytes_at(plan, next, sizeof(struct setup_data));
		struct setup_data node;

		REQUIRE(at && next % PAGE == 0 && ++nodes <= 4);
		memcpy(&node, at, sizeof(node));
		REQUIRE(bytes_at(plan, next, sizeof(node) + node.len));
		if (node.type == SETUP_E820_EXT)
			for (size_t i = 0; i < node.len / sizeof(struct boot_e820_entry); i++)
				check_e820_entry(plan, n++, at + sizeof(node) +
						 i * sizeof(struct boot_e820_entry));
		next = node.next;
	}
	REQUIRE(n == plan->n_e820);
}

static void check_boot_params(const struct plan_scene *s, const struct kp_plan *plan)
{
	const struct kp_segment *g = need(plan, "boot_params");
	struct boot_params bp;

	REQUIRE(g->data_bytes >= sizeof(bp));
	memcpy(&bp, g->data, sizeof(bp));
	REQUIRE(bp.hdr.boot_flag == 0xaa55 && bp.hdr.header == 0x53726448);
	REQUIRE(bp.hdr.type_of_loader && (bp.hdr.loadflags & LOADED_HIGH));
	REQUIRE(s->image->above_4g || g->at.last <= LAST_4G);
	check_cmdline(s, plan, &bp);
	check_initrds(s, plan, &bp);
	check_chain(plan, &bp);
}

/* ---- the next kernel's memory ------------------------------------------------------------- */

static void check_e820(const struct plan_scene *s, const struct kp_plan *plan,
		       struct kp_range kernel)
{
	static const char *const kept_away[] = { "backup", "elfcorehdr" };
	const struct kp_segment *initrd = find(plan, "initrd");

	for (size_t i = 0; i < plan->n_e820; i++) {
		REQUIRE(plan->e820[i].at.start <= plan->e820[i].at.last);
		REQUIRE(!i || plan->e820[i].at.start > plan->e820[i - 1].at.last);
	}
	for (size_t i = 0; i < COUNT(kept_away); i++)
		if (find(plan, kept_away[i]))
			REQUIRE(all_is(plan->e820, plan->n_e820, KP_MEM_RESERVED,
				       find(plan, kept_away[i])->at));
	/* A crash kernel is not told of firmware's rows that lie across its reservation. */
	if (s->req->slot == KP_CRASH)
		return;
	REQUIRE(all_is(plan->e820, plan->n_e820, KP_MEM_RAM, kernel));
	if (initrd)
		REQUIRE(all_is(plan->e820, plan->n_e820, KP_MEM_RAM, initrd->at));
}

/* ---- the core header ---------------------------------------------------------------------- */

static void check_load(const struct plan_scene *s, const struct kp_plan *plan,
		       const Elf64_Phdr *h)
{
	struct kp_range at = { h->p_paddr, h->p_paddr + h->p_memsz - 1 };
	uint64_t backup = need(plan, "backup")->at.start;

	REQUIRE(h->p_filesz == h->p_memsz);
	if (at.start == s->machine->kernel_code.start && h->p_offset == at.start)
		return;
	for (size_t i = 0; i < s->machine->crashk.n; i++)
		REQUIRE(!meets(at, s->machine->crashk.v[i]));
	REQUIRE(in_one_of(&s->machine->system_ram, at));
	REQUIRE(at.last <= BACKUP_LAST ? h->p_offset == backup + at.start :
		at.start > BACKUP_LAST && h->p_offset == at.start);
}

static void check_core(const struct plan_scene *s, const struct kp_plan *plan)
{
	const struct kp_segment *g = find(plan, "elfcorehdr");
	size_t notes = 0;
	Elf64_Ehdr e;

	if (!g)
		return;
	REQUIRE(g->data_bytes >= sizeof(e));
	memcpy(&e, g->data, sizeof(e));
	REQUIRE(!memcmp(e.e_ident, ELFMAG, SELFMAG) && e.e_type == ET_CORE);
	REQUIRE(g->data_bytes >= sizeof(e) + e.e_phnum * sizeof(Elf64_Phdr));
	for (size_t i = 0; i < e.e_phnum; i++) {
		Elf64_Phdr h;

		memcpy(&h, (const uint8_t *)g->data + e.e_phoff + i * sizeof(h), sizeof(h));
		notes += h.p_type == PT_NOTE;
		if (h.p_type == PT_LOAD)
			check_load(s, plan, &h);
	}
	REQUIRE(notes == s->machine->n_notes + !!s->machine->vmcoreinfo_bytes);
}

/* ---- the park page ------------------------------------------------------------------------ */

/* The machine's own page at @phys, or NULL. */
static const uint8_t *low_page(const struct kp_machine *m, uint64_t phys)
{
	for (size_t i = 0; i < m->n_low_pages; i++)
		if (m->low_pages[i].phys == phys)
			return m->low_pages[i].bytes;
	return NULL;
}

static uint32_t u32_at(const uint8_t *words, size_t i)
{
	uint32_t word;

	memcpy(&word, words + 4 * i, sizeof(word));
	return word;
}

static void check_park(const struct plan_scene *s, const struct kp_plan *plan,
		       const struct purgatory_params *p)
{
	struct kp_range page = { plan->park.address, plan->park.address + PAGE - 1 };
	const uint8_t *image, *ids, *there = low_page(s->machine, page.start);
	uint8_t ours[PARK_PAGE_SIZE];
	struct kp_error err;

	if (plan->park.state == KP_PARK_STATE_NONE) {
		REQUIRE(s->req->park == KP_PARK_OFF || s->req->park == KP_PARK_TRY);
		return;
	}
	REQUIRE(page.start >= PARK_PAGE_LOWEST && page.last < PARK_PAGE_CEILING);
	REQUIRE(all_is(plan->e820, plan->n_e820, KP_MEM_RESERVED, page));
	REQUIRE(p->park_page == page.start && p->park_mode == (uint32_t)plan->park.mode);
	REQUIRE(plan->park.expected + 1 == p->park_n_ids);
	ids = bytes_at(plan, p->park_ids, 4 * ((uint64_t)p->park_n_ids + p->park_n_extra));
	REQUIRE(ids);
	for (uint32_t i = 1; i < p->park_n_ids; i++)
		REQUIRE(u32_at(ids, i - 1) < u32_at(ids, i));
	image = bytes_at(plan, p->park_image, PARK_PAGE_SIZE);
	REQUIRE(image && !kp_park_page_build(s->park_blob, page.start, ours, &err));
	REQUIRE(!memcmp(image, ours, PARK_IMMUTABLE_BYTES));
	if (plan->park.state == KP_PARK_STATE_REUSE) {
		REQUIRE(there && !memcmp(there, ours, PARK_IMMUTABLE_BYTES));
		REQUIRE(!(p->flags & PURGATORY_PARK_INSTALL));
	} else {
		REQUIRE(!there && (p->flags & PURGATORY_PARK_INSTALL));
		REQUIRE(all_is(s->machine->firmware.v, s->machine->firmware.n, KP_MEM_RAM, page));
		REQUIRE(in_one_of(&s->machine->system_ram, page));
	}
}

void plan_rules_check(const struct plan_scene *scene, const struct kp_plan *plan)
{
	struct purgatory_params p;
	struct kp_range kernel;

	check_segments(scene, plan);
	kernel = check_kernel(scene, plan);
	p = check_purgatory(scene, plan, kernel);
	check_tables(plan, &p);
	check_boot_params(scene, plan);
	check_e820(scene, plan, kernel);
	check_core(scene, plan);
	check_park(scene, plan, &p);
}
