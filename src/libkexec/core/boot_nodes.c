/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "abi_at.h"
#include "boot_nodes.h"
#include "bootparam.h"
#include "layout.h"

/* Of SETUP_EFI: struct efi_setup_data, Linux arch/x86/include/asm/efi.h. */
struct efi_setup {
	uint64_t fw_vendor;
	uint64_t runtime;          /* unused since 5.6, which takes it from the system table */
	uint64_t tables;
	uint64_t smbios;
	uint64_t reserved[8];
};

ABI_SIZE(struct efi_setup, 96);
ABI_SIZE(struct setup_data, 16);

#define E820_ENTRY_BYTES sizeof(struct boot_e820_entry)

/* Claim @p bytes at a multiple of @p align behind all that is there. */
static size_t claim(struct kp_boot_offsets *at, size_t bytes, size_t align)
{
	size_t offset = kp_align_up(at->bytes, align);

	at->bytes = offset + bytes;
	return offset;
}

/*
 * A setup_data node has whole pages to itself: kernels that do not know its type cut exactly its
 * bytes out of the map that they give to the kernel after them (e820__reserve_setup_data()).
 */
static size_t claim_node(struct kp_boot_offsets *at, size_t len)
{
	size_t offset = claim(at, sizeof(struct setup_data) + len, KP_PAGE);

	at->bytes = kp_align_up(at->bytes, KP_PAGE);
	return offset;
}

static size_t efi_map_bytes(const struct kp_machine *machine)
{
	return machine->efi.n_runtime * machine->efi.desc_size;
}

void kp_boot_nodes_layout(struct kp_boot_nodes *n)
{
	size_t n_ext = kp_zeropage_e820_ext(n->e820->n);

	n->at = (struct kp_boot_offsets){ .bytes = KP_ZEROPAGE_BYTES };
	n->at.cmdline = claim(&n->at, strlen(n->cmdline) + 1, 16);
	if (n->efi)
		n->at.efi_map = claim(&n->at, efi_map_bytes(n->machine), 16);
	if (n->n_park_ids)
		n->at.park_ids = claim(&n->at, n->n_park_ids * sizeof(uint32_t), 16);
	if (n->park_image)
		n->at.park_image = claim(&n->at, KP_PAGE, KP_PAGE);
	if (n->efi)
		n->at.efi_data = claim_node(&n->at, sizeof(struct efi_setup));
	if (n_ext)
		n->at.e820_ext = claim_node(&n->at, n_ext * E820_ENTRY_BYTES);
	if (n->machine->has_rng_seed)
		n->at.rng_seed = claim_node(&n->at, sizeof(n->machine->rng_seed));
}

/* A chain of setup_data, built from its end: each new node points to the one before. */
struct chain {
	uint8_t *bytes;
	uint64_t phys, first;
};

/* Write a node's head at @p offset; returns where its data goes. */
static uint8_t *link_node(struct chain *c, size_t offset, uint32_t type, size_t len)
{
	struct setup_data head = { .next = c->first, .type = type, .len = (uint32_t)len };

	memcpy(c->bytes + offset, &head, sizeof(head));
	c->first = c->phys + offset;
	return c->bytes + offset + sizeof(head);
}

static void write_efi(const struct kp_boot_nodes *n, struct chain *c)
{
	const struct kp_efi *efi = &n->machine->efi;
	struct efi_setup data = {
		.fw_vendor = efi->fw_vendor, .runtime = efi->runtime,
		.tables = efi->config_table, .smbios = efi->smbios,
	};

	memcpy(c->bytes + n->at.efi_map, efi->runtime_map.bytes, efi_map_bytes(n->machine));
	memcpy(link_node(c, n->at.efi_data, SETUP_EFI, sizeof(data)), &data, sizeof(data));
}

static void write_e820_ext(const struct kp_boot_nodes *n, struct chain *c)
{
	size_t n_ext = kp_zeropage_e820_ext(n->e820->n);
	uint8_t *data = link_node(c, n->at.e820_ext, SETUP_E820_EXT, n_ext * E820_ENTRY_BYTES);

	kp_zeropage_encode_e820(n->e820->v + (n->e820->n - n_ext), n_ext, data);
}

static void write_rng_seed(const struct kp_boot_nodes *n, struct chain *c)
{
	size_t len = sizeof(n->machine->rng_seed);

	memcpy(link_node(c, n->at.rng_seed, SETUP_RNG_SEED, len), n->machine->rng_seed, len);
}

static void write_zeropage(const struct kp_boot_nodes *n, const struct chain *c,
			   const struct kp_range *initrd)
{
	struct kp_zeropage zeropage = {
		.machine = n->machine, .image = n->image, .e820 = n->e820,
		.cmdline = c->phys + n->at.cmdline,
		.initrd = initrd ? initrd->start : 0,
		.initrd_bytes = initrd ? kp_range_bytes(*initrd) : 0,
		.setup_data = c->first,
		.efi_map = n->efi ? c->phys + n->at.efi_map : 0,
		.acpi_rsdp = n->acpi_rsdp,
	};

	kp_zeropage_build(&zeropage, c->bytes);
}

int kp_boot_nodes_build(const struct kp_boot_nodes *n, uint64_t phys, const struct kp_range *initrd,
			struct kp_arena *arena, struct kp_view *out, struct kp_error *err)
{
	struct chain c = { .bytes = kp_arena_alloc(arena, n->at.bytes, err), .phys = phys };

	if (!c.bytes)
		return -1;
	memcpy(c.bytes + n->at.cmdline, n->cmdline, strlen(n->cmdline) + 1);
	if (n->n_park_ids)
		memcpy(c.bytes + n->at.park_ids, n->park_ids, n->n_park_ids * sizeof(uint32_t));
	if (n->park_image)
		memcpy(c.bytes + n->at.park_image, n->park_image, KP_PAGE);
	if (n->at.rng_seed)
		write_rng_seed(n, &c);
	if (n->at.e820_ext)
		write_e820_ext(n, &c);
	if (n->efi)
		write_efi(n, &c);
	write_zeropage(n, &c, initrd);
	*out = (struct kp_view){ c.bytes, n->at.bytes };
	return 0;
}
