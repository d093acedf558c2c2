/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "firmware.h"

#include "text.h"

#include <endian.h>
#include <string.h>

uint16_t kp_edd_extensions(struct kp_view text)
{
	/* By bit: T13 EDD-3, function 41h, CX. */
	static const char *const names[] = {
		"Fixed disk access",
		"Device locking and ejecting",
		"Enhanced Disk Drive support",
		"64-bit extensions",
	};
	struct kp_view line;
	uint16_t bits = 0;

	while (kp_view_line(&text, &line))
		for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (kp_text_is(kp_text_trim(line), names[i]))
				bits |= (uint16_t)(1u << i);
	return bits;
}

static void put64(uint8_t *at, uint64_t n)
{
	n = htole64(n);
	memcpy(at, &n, sizeof(n));
}

void kp_efi_desc_encode(const struct kp_efi_desc *d, uint8_t bytes[KP_EFI_DESC_BYTES])
{
	put64(bytes, d->type);     /* 32 bits and 32 of padding */
	put64(bytes + 8, d->phys_addr);
	put64(bytes + 16, d->virt_addr);
	put64(bytes + 24, d->num_pages);
	put64(bytes + 32, d->attribute);
}

uint64_t kp_efi_systab_find(struct kp_view text, const char *key)
{
	struct kp_view value;
	uint64_t n;

	return kp_text_value(text, key, &value) && kp_text_u64(value, 16, &n) ? n : 0;
}
