/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "abi_at.h"
#include "bootparam.h"
#include "layout.h"
#include "zeropage.h"

ABI_SIZE(struct boot_params, KP_ZEROPAGE_BYTES);
ABI_AT(struct boot_params, acpi_rsdp_addr, 0x070);
ABI_AT(struct boot_params, hdr, 0x1f1);
ABI_AT(struct boot_params, e820_table, 0x2d0);
ABI_AT(struct boot_params, eddbuf, 0xd00);
ABI_SIZE(struct boot_e820_entry, 20);

#define HEADER_ROOM	(offsetof(struct boot_params, edd_mbr_sig_buffer) - \
			 offsetof(struct boot_params, hdr))
#define BOOT_FLAG	0xaa55
#define EFI_SIGNATURE	0x34364c45      /* "EL64" */
#define EFI_DESC_VERSION 1
#define PROTOCOL_RSDP	0x020e          /* acpi_rsdp_addr appeared with 2.14 */
#define PROTOCOL_NOW	0x020f

/*
 * Loader 0xD, version 0, of Documentation/arch/x86/boot.rst: "kexec". It is what happened, and
 * 0 would make the kernel ignore its initrd.
 */
#define LOADER_KEXEC	0xd0

/* The running kernel's own zero page; false when it could not be read. */
static bool running_params(const struct kp_machine *machine, struct boot_params *out)
{
	return kp_view_copy(machine->boot_params, 0, out, sizeof(*out));
}

const char *kp_zeropage_efi_obstacle(const struct kp_machine *machine, const struct kp_image *image)
{
	const struct kp_efi *efi = &machine->efi;
	struct boot_params running;

	if (!efi->present)
		return NULL;
	if (!image->efi_handover)
		return "the image does not take them over (no XLF_EFI_KEXEC)";
	if (!running_params(machine, &running))
		return "the running kernel's boot_params cannot be read";
	if (running.efi_info.efi_loader_signature != EFI_SIGNATURE)
		return "the firmware is not 64-bit EFI";
	if (!efi->n_runtime || !efi->desc_size ||
	    efi->runtime_map.len / efi->desc_size < efi->n_runtime)
		return "the running kernel shows no EFI runtime map";
	if (efi->desc_version != EFI_DESC_VERSION)
		return "the EFI runtime map has a version that is not known";
	return NULL;
}

uint64_t kp_zeropage_rsdp(const struct kp_machine *machine)
{
	struct boot_params running;

	if (running_params(machine, &running) && running.acpi_rsdp_addr)
		return running.acpi_rsdp_addr;
	return machine->efi.present ? machine->efi.acpi20 : 0;
}

bool kp_zeropage_takes_rsdp(const struct kp_image *image)
{
	uint16_t version = PROTOCOL_NOW;

	kp_view_u16(image->setup_header, offsetof(struct setup_header, version), &version);
	return version >= PROTOCOL_RSDP;
}

/* The header of an image that has none: a vmlinux, entered as if a bzImage had unpacked it. */
static void synthesise_header(const struct kp_image *image, struct setup_header *hdr)
{
	*hdr = (struct setup_header){
		.root_flags = 1,
		.boot_flag = BOOT_FLAG,
		.header = SETUP_HEADER_MAGIC,
		.version = PROTOCOL_NOW,
		.kernel_alignment = (uint32_t)image->align,
		.relocatable_kernel = image->relocatable,
		.xloadflags = XLF_KERNEL_64 |
			      (image->above_4g ? XLF_CAN_BE_LOADED_ABOVE_4G : 0) |
			      (image->efi_handover ? XLF_EFI_KEXEC : 0) |
			      (image->la57 ? XLF_5LEVEL | XLF_5LEVEL_ENABLED : 0),
		.initrd_addr_max = (uint32_t)kp_min(image->initrd_max, UINT32_MAX),
		.cmdline_size = image->cmdline_max,
		.pref_address = image->pref_start,
		.init_size = (uint32_t)kp_min(image->mem_bytes, UINT32_MAX),
	};
}

/*
 * For the length that the image declares, never for the size of this build's structure. What the
 * other entries use (code32_start, the heap, the root device) stays as the image has it.
 */
static void set_header(const struct kp_image *image, struct boot_params *bp)
{
	if (image->setup_header.len)
		memcpy((uint8_t *)bp + offsetof(struct boot_params, hdr),
		       image->setup_header.bytes, kp_min(image->setup_header.len, HEADER_ROOM));
	else
		synthesise_header(image, &bp->hdr);
	bp->hdr.type_of_loader = LOADER_KEXEC;
	bp->hdr.ext_loader_ver = 0;
	bp->hdr.ext_loader_type = 0;
	bp->hdr.loadflags = LOADED_HIGH;
}

static void set_places(const struct kp_zeropage *in, struct boot_params *bp)
{
	bp->hdr.cmd_line_ptr = (uint32_t)in->cmdline;
	bp->ext_cmd_line_ptr = (uint32_t)(in->cmdline >> 32);
	bp->hdr.ramdisk_image = (uint32_t)in->initrd;
	bp->ext_ramdisk_image = (uint32_t)(in->initrd >> 32);
	bp->hdr.ramdisk_size = (uint32_t)in->initrd_bytes;
	bp->ext_ramdisk_size = (uint32_t)(in->initrd_bytes >> 32);
	bp->hdr.setup_data = in->setup_data;
	bp->acpi_rsdp_addr = in->acpi_rsdp;
}

/*
 * What firmware told the running kernel and holds for the next one too. Not the obsolete drive
 * and system tables, not APM and IST: their BIOS calls need a machine that has just been reset.
 */
static void inherit(const struct boot_params *running, struct boot_params *bp)
{
	bp->screen_info = running->screen_info;
	bp->screen_info.ext_mem_k = 0; /* memory sizes come from the e820 */
	bp->edid_info = running->edid_info;
	bp->secure_boot = running->secure_boot;
	bp->hdr.hardware_subarch = running->hdr.hardware_subarch;
}

static void set_efi(const struct kp_zeropage *in, const struct boot_params *running,
		    struct boot_params *bp)
{
	const struct kp_efi *efi = &in->machine->efi;

	bp->efi_info = (struct efi_info){
		.efi_loader_signature = EFI_SIGNATURE,
		.efi_systab = running->efi_info.efi_systab,
		.efi_systab_hi = running->efi_info.efi_systab_hi,
		.efi_memdesc_size = (uint32_t)efi->desc_size,
		.efi_memdesc_version = efi->desc_version,
		.efi_memmap = (uint32_t)in->efi_map,
		.efi_memmap_hi = (uint32_t)(in->efi_map >> 32),
		.efi_memmap_size = (uint32_t)(efi->n_runtime * efi->desc_size),
	};
}

/* The kernel finds a disk by its place in these tables, so a disk's place is its number. */
static void set_edd(const struct kp_edd *edd, struct boot_params *bp)
{
	unsigned i = edd->device - 0x80U;

	if (i < EDDMAXNR) {
		struct edd_info *info = &bp->eddbuf[i];

		info->device = edd->device;
		info->version = edd->version;
		info->interface_support = edd->interface_support;
		info->legacy_max_cylinder = edd->legacy_max_cylinder;
		info->legacy_max_head = edd->legacy_max_head;
		info->legacy_sectors_per_track = edd->legacy_sectors_per_track;
		if (edd->raw_data.len)
			memcpy(&info->params, edd->raw_data.bytes,
			       kp_min(edd->raw_data.len, sizeof(info->params)));
		bp->eddbuf_entries = (uint8_t)kp_max(bp->eddbuf_entries, i + 1);
	}
	if (i < EDD_MBR_SIG_MAX && edd->has_mbr_signature) {
		bp->edd_mbr_sig_buffer[i] = edd->mbr_signature;
		bp->edd_mbr_sig_buf_entries = (uint8_t)kp_max(bp->edd_mbr_sig_buf_entries, i + 1);
	}
}

size_t kp_zeropage_e820_ext(size_t n)
{
	return n > E820_MAX_ENTRIES_ZEROPAGE ? n - E820_MAX_ENTRIES_ZEROPAGE : 0;
}

void kp_zeropage_encode_e820(const struct kp_mem *v, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		struct boot_e820_entry e = {
			.addr = v[i].at.start, .size = kp_range_bytes(v[i].at), .type = v[i].type,
		};

		memcpy(out + i * sizeof(e), &e, sizeof(e));
	}
}

void kp_zeropage_build(const struct kp_zeropage *in, uint8_t page[KP_ZEROPAGE_BYTES])
{
	struct boot_params bp = { 0 }, running;
	size_t n = in->e820->n - kp_zeropage_e820_ext(in->e820->n);

	set_header(in->image, &bp);
	set_places(in, &bp);
	if (running_params(in->machine, &running)) {
		inherit(&running, &bp);
		if (in->efi_map)
			set_efi(in, &running, &bp);
	}
	for (size_t i = 0; i < in->machine->n_edd; i++)
		set_edd(&in->machine->edd[i], &bp);
	bp.e820_entries = (uint8_t)n;
	memcpy(page, &bp, sizeof(bp));
	kp_zeropage_encode_e820(in->e820->v, n, page + offsetof(struct boot_params, e820_table));
}
