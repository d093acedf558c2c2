/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kcore.h"

#include "text.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

/* Linux Documentation/arch/x86/x86_64/mm.rst: where the kernel's own image is mapped. */
#define KERNEL_IMAGE_START	0xffffffff80000000ull
#define KERNEL_IMAGE_LAST	0xffffffffbfffffffull
/* The lower end of the kernel half: 5-level and 4-level. A direct map below the latter is 5-level. */
#define KERNEL_HALF_LA57	0xff00000000000000ull
#define KERNEL_HALF_4LEVEL	0xffff800000000000ull
/* The base of the direct map is aligned to a PUD entry, randomised or not (mm/kaslr.c). */
#define DIRECT_MAP_ALIGN	0x40000000ull
/* What fs/proc/kcore.c gives as physical address of what has none. */
#define NO_PADDR		UINT64_MAX

static int read_ehdr(struct kp_view file, Elf64_Ehdr *eh, struct kp_error *err)
{
	if (!kp_view_copy(file, 0, eh, sizeof(*eh)))
		return kp_fail(err, KP_MACHINE, "the ELF header is cut short at %zu bytes",
			       file.len);
	if (memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0 || eh->e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh->e_ident[EI_DATA] != ELFDATA2LSB || eh->e_type != ET_CORE ||
	    eh->e_machine != EM_X86_64)
		return kp_fail(err, KP_MACHINE, "not an x86-64 ELF core");
	if (eh->e_phentsize != sizeof(Elf64_Phdr))
		return kp_fail(err, KP_MACHINE, "program headers of %u bytes, not %zu",
			       eh->e_phentsize, sizeof(Elf64_Phdr));
	return 0;
}

static bool read_phdr(struct kp_view file, const Elf64_Ehdr *eh, unsigned i, Elf64_Phdr *ph)
{
	uint64_t at = (uint64_t)i * sizeof(*ph);

	return eh->e_phoff <= UINT64_MAX - at && kp_view_copy(file, eh->e_phoff + at, ph,
							      sizeof(*ph));
}

static uint64_t end_of(uint64_t start, uint64_t bytes)
{
	return bytes > UINT64_MAX - start ? UINT64_MAX : start + bytes;
}

int kp_kcore_extent(struct kp_view start, uint64_t *bytes, struct kp_error *err)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	uint64_t need;

	if (read_ehdr(start, &eh, err))
		return -1;
	need = end_of(eh.e_phoff, (uint64_t)eh.e_phnum * sizeof(ph));
	for (unsigned i = 0; i < eh.e_phnum && read_phdr(start, &eh, i, &ph); i++)
		if (ph.p_type == PT_NOTE && end_of(ph.p_offset, ph.p_filesz) > need)
			need = end_of(ph.p_offset, ph.p_filesz);
	*bytes = need;
	return 0;
}

/* ---- notes -------------------------------------------------------------------------------- */

static void read_vmcoreinfo(struct kp_view text, struct kp_kcore *kc)
{
	struct kp_view value;
	uint64_t n;

	if (kp_text_value(text, "SYMBOL(_stext)=", &value) && kp_text_u64(value, 16, &n))
		kc->text_virt = n;
	if (kp_text_value(text, "NUMBER(pgtable_l5_enabled)=", &value) &&
	    kp_text_u64(value, 10, &n))
		kc->la57 = n ? KP_YES : KP_NO;
}

static uint64_t note_pad(uint32_t n)
{
	return ((uint64_t)n + 3) & ~3ull;
}

/* A note that does not fit ends the walk: what follows it cannot be found. */
static void read_notes(struct kp_view notes, struct kp_kcore *kc)
{
	static const char wanted[] = "VMCOREINFO";
	uint64_t at = 0;
	Elf64_Nhdr nh;

	while (kp_view_copy(notes, at, &nh, sizeof(nh))) {
		uint64_t desc_at = at + sizeof(nh) + note_pad(nh.n_namesz);
		struct kp_view name, desc;

		if (!kp_view_sub(notes, at + sizeof(nh), nh.n_namesz, &name) ||
		    !kp_view_sub(notes, desc_at, nh.n_descsz, &desc))
			return;
		if (name.len >= sizeof(wanted) - 1 &&
		    memcmp(name.bytes, wanted, sizeof(wanted) - 1) == 0)
			read_vmcoreinfo(desc, kc);
		at = desc_at + note_pad(nh.n_descsz);
	}
}

/* ---- address pairs ------------------------------------------------------------------------ */

/* What the PT_LOADs agree on. A kernel older than 4.19 gives no physical addresses: they differ. */
struct pairs {
	uint64_t page_offset, text_virt, end_virt;
	bool disagree;
};

static void read_load(const Elf64_Phdr *ph, struct pairs *p)
{
	uint64_t base = ph->p_vaddr - ph->p_paddr;

	if (ph->p_paddr == NO_PADDR)
		return;
	if (ph->p_vaddr >= KERNEL_IMAGE_START) {
		if (ph->p_vaddr <= KERNEL_IMAGE_LAST) {
			p->text_virt = ph->p_vaddr;
			p->end_virt = end_of(ph->p_vaddr, ph->p_memsz);
		}
		return;
	}
	if (ph->p_vaddr < KERNEL_HALF_LA57)
		return;
	if (base % DIRECT_MAP_ALIGN != 0 || (p->page_offset && p->page_offset != base))
		p->disagree = true;
	p->page_offset = base;
}

int kp_kcore_parse(struct kp_view headers, struct kp_kcore *out, struct kp_error *err)
{
	struct kp_kcore kc = { 0 };
	struct pairs pairs = { 0 };
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (read_ehdr(headers, &eh, err))
		return -1;
	for (unsigned i = 0; i < eh.e_phnum; i++) {
		struct kp_view notes;

		if (!read_phdr(headers, &eh, i, &ph))
			return kp_fail(err, KP_MACHINE, "program header %u of %u is cut off "
				       "at %zu bytes", i, eh.e_phnum, headers.len);
		if (ph.p_type == PT_LOAD)
			read_load(&ph, &pairs);
		else if (ph.p_type == PT_NOTE &&
			 kp_view_sub(headers, ph.p_offset, ph.p_filesz, &notes))
			read_notes(notes, &kc);
	}
	if (!pairs.disagree)
		kc.page_offset = pairs.page_offset;
	if (!pairs.disagree && kc.text_virt == 0)
		kc.text_virt = pairs.text_virt;
	if (kc.text_virt && pairs.end_virt > kc.text_virt)
		kc.text_bytes = pairs.end_virt - kc.text_virt;
	if (kc.la57 == KP_UNKNOWN && kc.page_offset)
		kc.la57 = kc.page_offset < KERNEL_HALF_4LEVEL ? KP_YES : KP_NO;
	*out = kc;
	return 0;
}
