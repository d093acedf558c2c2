/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file firmware.h
 * What Linux prints of the firmware in /sys/firmware/{edd,efi}, turned back into what the
 * firmware said.
 */
#ifndef KP_FIRMWARE_H
#define KP_FIRMWARE_H

#include "view.h"

/**
 * interface_support of an EDD "extensions" file: a line per bit (edd_show_extensions(),
 * Linux drivers/firmware/edd.c). Lines it does not know are passed over.
 */
uint16_t kp_edd_extensions(struct kp_view text);

#define KP_EFI_DESC_BYTES	40
#define KP_EFI_DESC_VERSION	1

/** EFI_MEMORY_DESCRIPTOR (UEFI 2.10, 7.2.3), a field per file of runtime-map/N. */
struct kp_efi_desc {
	uint64_t type, phys_addr, virt_addr, num_pages, attribute;
};

/** The descriptor as firmware lays it out, version 1. */
void kp_efi_desc_encode(const struct kp_efi_desc *d, uint8_t bytes[KP_EFI_DESC_BYTES]);

/** An address in /sys/firmware/efi/systab, by "ACPI20=" or the like; 0: none. */
uint64_t kp_efi_systab_find(struct kp_view text, const char *key);

#endif
