/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* boot_params, EFI and EDD: what firmware and the boot loader handed to the running kernel. */
#include "bootparam.h"
#include "firmware.h"
#include "reader.h"

int kp_read_boot_params(struct kp_reader *r)
{
	struct kp_view bytes;
	int rc = kp_get(r, &bytes, "sys/kernel/boot_params/data");

	if (rc <= 0)
		return rc;
	if (bytes.len != sizeof(struct boot_params)) {
		kp_fail(r->err, KP_MACHINE, "has %zu bytes, not %zu", bytes.len,
			sizeof(struct boot_params));
		return kp_senseless(r);
	}
	return kp_keep_bytes(r, bytes, &r->m->boot_params);
}

int kp_read_tboot(struct kp_reader *r)
{
	uint64_t addr = 0;

	kp_view_u64(r->m->boot_params, offsetof(struct boot_params, tboot_addr), &addr);
	r->m->tboot = addr != 0;
	return 0;
}

/* 1 read, 0 not, -1 without memory. */
static int read_runtime_entry(struct kp_reader *r, uint32_t entry, uint8_t *bytes)
{
	struct kp_efi_desc d = { 0 };
	const struct {
		const char *file;
		uint64_t max, *to;
	} fields[] = {
		{ "type", UINT32_MAX, &d.type },
		{ "phys_addr", UINT64_MAX, &d.phys_addr },
		{ "virt_addr", UINT64_MAX, &d.virt_addr },
		{ "num_pages", UINT64_MAX, &d.num_pages },
		{ "attribute", UINT64_MAX, &d.attribute },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		int rc = kp_get_number(r, 16, fields[i].max, fields[i].to,
				       "sys/firmware/efi/runtime-map/%u/%s", entry, fields[i].file);

		rc = kp_with_siblings(r, rc);
		if (rc <= 0)
			return rc;
	}
	kp_efi_desc_encode(&d, bytes);
	return 1;
}

static int read_runtime_map(struct kp_reader *r)
{
	struct kp_efi *efi = &r->m->efi;
	uint32_t *entries;
	uint8_t *map;
	int rc = 1;
	size_t n;

	if (kp_get_numbers(r, "sys/firmware/efi/runtime-map", "", 10, &entries, &n))
		return -1;
	if (n == 0)
		return 0;
	map = kp_arena_alloc(&r->m->arena, n * KP_EFI_DESC_BYTES, r->err);
	if (!map)
		return -1;
	for (size_t i = 0; i < n && rc > 0; i++)
		rc = read_runtime_entry(r, entries[i], map + i * KP_EFI_DESC_BYTES);
	if (rc <= 0)
		return rc;
	efi->runtime_map = (struct kp_view){ map, n * KP_EFI_DESC_BYTES };
	efi->n_runtime = n;
	efi->desc_size = KP_EFI_DESC_BYTES;
	efi->desc_version = KP_EFI_DESC_VERSION;
	return 0;
}

int kp_read_efi(struct kp_reader *r)
{
	struct kp_efi *efi = &r->m->efi;
	struct kp_view systab;
	int vendor, runtime, tables, rc;
	bool passed_on;

	vendor = kp_get_number(r, 16, UINT64_MAX, &efi->fw_vendor, "sys/firmware/efi/fw_vendor");
	if (vendor < 0)
		return -1;
	runtime = kp_get_number(r, 16, UINT64_MAX, &efi->runtime, "sys/firmware/efi/runtime");
	if (runtime < 0)
		return -1;
	tables = kp_get_number(r, 16, UINT64_MAX, &efi->config_table,
			       "sys/firmware/efi/config_table");
	if (tables < 0)
		return -1;
	passed_on = vendor && runtime && tables;
	rc = kp_get(r, &systab, "sys/firmware/efi/systab");
	if (rc > 0) {
		efi->acpi20 = kp_efi_systab_find(systab, "ACPI20=");
		efi->smbios = kp_efi_systab_find(systab, "SMBIOS=");
	}
	if (rc > 0 && !efi->acpi20 && !efi->smbios) {
		kp_fail(r->err, KP_MACHINE, "names neither ACPI 2.0 nor SMBIOS tables");
		rc = kp_senseless(r);
	}
	efi->present = passed_on || efi->acpi20;
	return rc < 0 ? -1 : passed_on ? read_runtime_map(r) : 0;
}

static int read_edd_geometry(struct kp_reader *r, struct kp_edd *d)
{
	uint64_t cylinder = 0, head = 0, sectors = 0;

	if (kp_get_number(r, 10, UINT16_MAX, &cylinder,
			  "sys/firmware/edd/int13_dev%02x/legacy_max_cylinder", d->device) < 0 ||
	    kp_get_number(r, 10, UINT8_MAX, &head,
			  "sys/firmware/edd/int13_dev%02x/legacy_max_head", d->device) < 0 ||
	    kp_get_number(r, 10, UINT8_MAX, &sectors,
			  "sys/firmware/edd/int13_dev%02x/legacy_sectors_per_track",
			  d->device) < 0)
		return -1;
	d->legacy_max_cylinder = (uint16_t)cylinder;
	d->legacy_max_head = (uint8_t)head;
	d->legacy_sectors_per_track = (uint8_t)sectors;
	return 0;
}

static int read_edd_disk(struct kp_reader *r, struct kp_edd *d)
{
	uint64_t version = 0, signature = 0;
	struct kp_view bytes;
	int rc;

	if (kp_get_number(r, 16, UINT8_MAX, &version, "sys/firmware/edd/int13_dev%02x/version",
			  d->device) < 0)
		return -1;
	d->version = (uint8_t)version;
	rc = kp_get_number(r, 16, UINT32_MAX, &signature,
			   "sys/firmware/edd/int13_dev%02x/mbr_signature", d->device);
	if (rc < 0)
		return -1;
	d->has_mbr_signature = rc > 0;
	d->mbr_signature = (uint32_t)signature;
	rc = kp_get(r, &bytes, "sys/firmware/edd/int13_dev%02x/extensions", d->device);
	if (rc > 0)
		d->interface_support = kp_edd_extensions(bytes);
	if (rc < 0 || read_edd_geometry(r, d))
		return -1;
	rc = kp_get(r, &bytes, "sys/firmware/edd/int13_dev%02x/raw_data", d->device);
	if (rc > 0 && !bytes.len)
		return kp_note_empty(r);
	return rc > 0 ? kp_keep_bytes(r, bytes, &d->raw_data) : rc;
}

int kp_read_edd(struct kp_reader *r)
{
	uint32_t *devices;
	size_t n;

	if (kp_get_numbers(r, "sys/firmware/edd", "int13_dev", 16, &devices, &n))
		return -1;
	if (n == 0)
		return 0;
	r->m->edd = kp_arena_alloc(&r->m->arena, n * sizeof(*r->m->edd), r->err);
	if (!r->m->edd)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (devices[i] > UINT8_MAX)
			continue;
		r->m->edd[r->m->n_edd].device = (uint8_t)devices[i];
		if (read_edd_disk(r, &r->m->edd[r->m->n_edd]))
			return -1;
		r->m->n_edd++;
	}
	return 0;
}
