/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file zeropage.h
 * struct boot_params, the "zero page": what a kernel reads first of all
 * (Documentation/arch/x86/zero-page.rst).
 */
#ifndef KP_ZEROPAGE_H
#define KP_ZEROPAGE_H

#include "image.h"
#include "machine.h"

#define KP_ZEROPAGE_BYTES 4096

/** All that goes into a zero page. Addresses are physical; 0: there is none. */
struct kp_zeropage {
	const struct kp_machine *machine;
	const struct kp_image *image;
	const struct kp_memmap *e820; /* what is past 128 entries: kp_zeropage_e820_ext() */
	uint64_t cmdline;
	uint64_t initrd, initrd_bytes;
	uint64_t setup_data;       /* first node */
	uint64_t efi_map;          /* runtime map; 0: EFI is not passed on */
	uint64_t acpi_rsdp;
};

/** Why EFI runtime services cannot be passed on; NULL if they can, or if there is no EFI. */
const char *kp_zeropage_efi_obstacle(const struct kp_machine *machine,
				     const struct kp_image *image);

/** The ACPI root pointer of the running kernel, or 0: then the next one searches. */
uint64_t kp_zeropage_rsdp(const struct kp_machine *machine);

/** Whether the image looks for the ACPI root pointer in boot_params (protocol 2.14). */
bool kp_zeropage_takes_rsdp(const struct kp_image *image);

/** How many of @p n map entries do not fit the page and need a SETUP_E820_EXT node. */
size_t kp_zeropage_e820_ext(size_t n);

/** Encode @p n entries as struct boot_e820_entry into @p out, 20 bytes each. */
void kp_zeropage_encode_e820(const struct kp_mem *v, size_t n, uint8_t *out);

void kp_zeropage_build(const struct kp_zeropage *in, uint8_t page[KP_ZEROPAGE_BYTES]);

#endif
