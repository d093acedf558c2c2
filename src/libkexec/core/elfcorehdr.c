/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <elf.h>
#include <string.h>

#include "elfcorehdr.h"
#include "memory.h"

/* A p_vaddr of a PT_LOAD that is not known; dump tools skip it rather than believe it. */
#define NO_VADDR UINT64_MAX

/* Writes program headers one after another. */
struct writer {
	Elf64_Phdr *next;
};

static void put_note(struct writer *w, uint64_t phys, uint64_t bytes)
{
	*w->next++ = (Elf64_Phdr){
		.p_type = PT_NOTE, .p_offset = phys, .p_paddr = phys,
		.p_filesz = bytes, .p_memsz = bytes,
	};
}

static void put_load(struct writer *w, struct kp_range at, uint64_t vaddr, uint64_t offset)
{
	*w->next++ = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_offset = offset,
		.p_vaddr = vaddr, .p_paddr = at.start,
		.p_filesz = kp_range_bytes(at), .p_memsz = kp_range_bytes(at),
	};
}

static bool text_known(const struct kp_machine *machine)
{
	return machine->kernel_text_virt && !kp_range_is_none(machine->kernel_code);
}

/*
 * All that the kernel maps at its own addresses, its data too: a debugger reads a variable there.
 * Only /proc/kcore tells where it ends; else its code must do.
 */
static struct kp_range kernel_image(const struct kp_machine *machine)
{
	struct kp_range image = machine->kernel_code;

	if (machine->kernel_text_bytes)
		image.last = kp_max(image.last, kp_range_of(image.start,
							    machine->kernel_text_bytes).last);
	return image;
}

static int warn_of_gaps(const struct kp_machine *machine, struct kp_warnings *warnings,
			struct kp_error *err)
{
	if (!machine->n_notes &&
	    kp_warn(warnings, err, "no CPU has a crash note: the dump will hold no registers"))
		return -1;
	if (!machine->vmcoreinfo_bytes &&
	    kp_warn(warnings, err,
		    "no vmcoreinfo: dump tools will need the kernel's debug symbols"))
		return -1;
	if (!text_known(machine) &&
	    kp_warn(warnings, err,
		    "where the kernel's text runs is unknown: the dump will not say"))
		return -1;
	if (!machine->page_offset &&
	    kp_warn(warnings, err,
		    "where the kernel maps all of RAM is unknown: the dump will have "
		    "physical addresses only"))
		return -1;
	return 0;
}

static void put_ram(struct writer *w, const struct kp_machine *machine, struct kp_range at,
		    uint64_t offset)
{
	put_load(w, at, machine->page_offset ? machine->page_offset + at.start : NO_VADDR, offset);
}

static void put_all(struct writer *w, const struct kp_machine *machine,
		    const struct kp_ranges *ram, uint64_t backup_dst)
{
	for (size_t i = 0; i < machine->n_notes; i++)
		put_note(w, machine->notes[i].phys, machine->notes[i].bytes);
	if (machine->vmcoreinfo_bytes)
		put_note(w, machine->vmcoreinfo_phys, machine->vmcoreinfo_bytes);
	if (text_known(machine))
		put_load(w, kernel_image(machine), machine->kernel_text_virt,
			 machine->kernel_code.start);
	for (size_t i = 0; i < ram->n; i++) {
		struct kp_range low = kp_range_common(ram->v[i], KP_BACKUP);
		struct kp_range high = kp_range_common(ram->v[i], KP_ABOVE_BACKUP);

		if (!kp_range_is_none(low))
			put_ram(w, machine, low, backup_dst + low.start);
		if (!kp_range_is_none(high))
			put_ram(w, machine, high, high.start);
	}
}

static Elf64_Ehdr core_header(size_t n_headers)
{
	return (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = (Elf64_Half)n_headers,
	};
}

int kp_elfcorehdr_build(const struct kp_machine *machine, uint64_t backup_dst,
			struct kp_warnings *warnings, struct kp_view *out, struct kp_error *err)
{
	struct kp_ranges ram = { .arena = warnings->arena };
	struct writer w;
	Elf64_Ehdr header;
	size_t most, n;
	uint8_t *bytes;

	if (warn_of_gaps(machine, warnings, err) || kp_memory_dumped(machine, &ram, err))
		return -1;
	/* vmcoreinfo, text, and one piece of RAM that reaches across 640 KiB */
	most = machine->n_notes + ram.n + 3;
	if (most >= PN_XNUM)
		return kp_fail(err, KP_MACHINE, "%zu CPUs and %zu pieces of RAM are more than the "
			       "%d headers that an ELF core can have", machine->n_notes, ram.n,
			       PN_XNUM - 1);
	bytes = kp_arena_alloc(warnings->arena, sizeof(header) + most * sizeof(Elf64_Phdr), err);
	if (!bytes)
		return -1;
	w.next = (Elf64_Phdr *)(bytes + sizeof(header));
	put_all(&w, machine, &ram, backup_dst);
	n = (size_t)(w.next - (Elf64_Phdr *)(bytes + sizeof(header)));
	header = core_header(n);
	memcpy(bytes, &header, sizeof(header));
	*out = (struct kp_view){ bytes, sizeof(header) + n * sizeof(Elf64_Phdr) };
	return 0;
}
