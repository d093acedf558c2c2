/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>

#include "pe.h"

#define OFF_PE_HEADER		0x3c /* where the MS-DOS header says that the PE header is */
#define SIGNATURE		"PE\0\0"
/* From the PE header's start. */
#define OFF_MACHINE		4
#define OFF_N_SECTIONS		6
#define OFF_OPTIONAL_BYTES	20
#define HEADER_BYTES		24
/* From a section header's start. */
#define SECTION_VIRTUAL_BYTES	8
#define SECTION_RAW_BYTES	16
#define SECTION_RAW_OFFSET	20
#define SECTION_BYTES		40

#define MACHINE_X86_64		0x8664

static bool find_header(struct kp_view file, uint32_t *at)
{
	struct kp_view dos, signature;

	return kp_view_sub(file, 0, 2, &dos) && memcmp(dos.bytes, "MZ", 2) == 0 &&
	       kp_view_u32(file, OFF_PE_HEADER, at) && kp_view_sub(file, *at, 4, &signature) &&
	       memcmp(signature.bytes, SIGNATURE, 4) == 0;
}

bool kp_pe_is(struct kp_view file)
{
	uint32_t at;

	return find_header(file, &at);
}

int kp_pe_open(struct kp_view file, struct kp_pe *pe, struct kp_error *err)
{
	uint16_t machine, n, optional;
	struct kp_view table;
	uint32_t at;

	if (!find_header(file, &at))
		return kp_fail(err, KP_IMAGE, "not a PE image: no \"MZ\" that leads to \"PE\"");
	if (!kp_view_u16(file, (uint64_t)at + OFF_MACHINE, &machine) ||
	    !kp_view_u16(file, (uint64_t)at + OFF_N_SECTIONS, &n) ||
	    !kp_view_u16(file, (uint64_t)at + OFF_OPTIONAL_BYTES, &optional))
		return kp_fail(err, KP_IMAGE, "truncated PE image: its header at %#" PRIx32
			       " is cut off, the file has %zu bytes", at, file.len);
	if (machine != MACHINE_X86_64)
		return kp_fail(err, KP_IMAGE, "a PE image for another architecture: machine %#x, "
			       "x86-64 is %#x", machine, MACHINE_X86_64);
	*pe = (struct kp_pe){ file, (uint64_t)at + HEADER_BYTES + optional, n };
	if (!kp_view_sub(file, pe->table, (uint64_t)n * SECTION_BYTES, &table))
		return kp_fail(err, KP_IMAGE, "truncated PE image: %u section headers at %#" PRIx64
			       ", the file has %zu bytes", n, pe->table, file.len);
	return 0;
}

int kp_pe_section(const struct kp_pe *pe, unsigned i, struct kp_pe_section *out,
		  struct kp_error *err)
{
	uint64_t header = pe->table + (uint64_t)i * SECTION_BYTES;
	uint32_t virtual, raw, offset;

	memset(out, 0, sizeof(*out));
	if (i >= pe->n_sections || !kp_view_copy(pe->file, header, out->name, 8) ||
	    !kp_view_u32(pe->file, header + SECTION_VIRTUAL_BYTES, &virtual) ||
	    !kp_view_u32(pe->file, header + SECTION_RAW_BYTES, &raw) ||
	    !kp_view_u32(pe->file, header + SECTION_RAW_OFFSET, &offset))
		return kp_fail(err, KP_IMAGE, "corrupt PE image: no section %u of %u", i,
			       pe->n_sections);
	/* In the file a section is padded; in memory it may have zeros that are not in the file. */
	if (kp_view_sub(pe->file, offset, virtual < raw ? virtual : raw, &out->data))
		return 0;
	return kp_fail(err, KP_IMAGE, "truncated PE image: section %s is %#" PRIx32 " bytes at %#"
		       PRIx32 ", the file has %#zx", out->name, raw, offset, pe->file.len);
}
