/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Linux bzImage, by the 64-bit boot protocol: Documentation/arch/x86/boot.rst. The file is
 * setup_sects + 1 sectors of real-mode code, whose first sectors hold the setup header, then the
 * protected-mode code, which is all that a 64-bit loader puts into memory.
 */
#include <inttypes.h>
#include <string.h>

#include "bootparam.h"
#include "image.h"

#define HDR(field)	(offsetof(struct boot_params, hdr) + offsetof(struct setup_header, field))
#define BOOT_FLAG	0xaa55
#define PROTOCOL	0x020c      /* 2.12: the first with xloadflags */
#define SECTOR		512
#define PARAGRAPH	16
#define ENTRY_64	0x200       /* boot.rst, "64-bit Boot Protocol" */
#define PAGE		4096
#define LOWEST_START	0x100000    /* what is lower, firmware and the next kernel share */

/* The header may reach up to the next field of boot_params and no further. */
#define HEADER_LIMIT	offsetof(struct boot_params, edd_mbr_sig_buffer)

_Static_assert(HDR(setup_sects) == 0x1f1, "setup header is not where the boot protocol says");
_Static_assert(HDR(jump) == 0x200, "jump is not where the boot protocol says");
_Static_assert(HDR(init_size) == 0x260, "init_size is not where the boot protocol says");
_Static_assert(HEADER_LIMIT == 0x290, "boot_params is not what the boot protocol says");

/* The fields that a 64-bit loader goes by. */
struct fields {
	uint8_t setup_sects, loadflags, relocatable;
	uint16_t boot_flag, version, kernel_version, xloadflags;
	uint32_t syssize, magic, initrd_addr_max, kernel_alignment, cmdline_size, init_size;
	uint64_t pref_address;
};

static int truncated(struct kp_view file, uint64_t need, const char *what, struct kp_error *err)
{
	return kp_fail(err, KP_IMAGE,
		       "truncated bzImage: %s ends at byte %" PRIu64 ", the file has %zu",
		       what, need, file.len);
}

/* The header's end, as its own jump instruction tells: 0x202 plus the byte at 0x201. */
static int find_header(struct kp_view file, struct kp_view *header, struct kp_error *err)
{
	uint8_t jump;
	size_t end;

	if (!kp_view_u8(file, HDR(jump) + 1, &jump))
		return truncated(file, HDR(jump) + 2, "the setup header's first sector", err);
	end = HDR(header) + jump;
	if (end > HEADER_LIMIT)
		return kp_fail(err, KP_IMAGE,
			       "corrupt bzImage: setup header ends at %#zx, beyond %#zx",
			       end, HEADER_LIMIT);
	if (!kp_view_sub(file, 0, end, header))
		return truncated(file, end, "the setup header", err);
	return 0;
}

static bool read_fields(struct kp_view v, struct fields *f)
{
	return kp_view_u8(v, HDR(setup_sects), &f->setup_sects) &&
	       kp_view_u32(v, HDR(syssize), &f->syssize) &&
	       kp_view_u16(v, HDR(kernel_version), &f->kernel_version) &&
	       kp_view_u8(v, HDR(loadflags), &f->loadflags) &&
	       kp_view_u32(v, HDR(initrd_addr_max), &f->initrd_addr_max) &&
	       kp_view_u32(v, HDR(kernel_alignment), &f->kernel_alignment) &&
	       kp_view_u8(v, HDR(relocatable_kernel), &f->relocatable) &&
	       kp_view_u16(v, HDR(xloadflags), &f->xloadflags) &&
	       kp_view_u32(v, HDR(cmdline_size), &f->cmdline_size) &&
	       kp_view_u64(v, HDR(pref_address), &f->pref_address) &&
	       kp_view_u32(v, HDR(init_size), &f->init_size);
}

/* Magic and version come before everything else: what the other fields mean hangs on them. */
static int check_protocol(struct kp_view header, struct fields *f, struct kp_error *err)
{
	if (!kp_view_u16(header, HDR(boot_flag), &f->boot_flag) || f->boot_flag != BOOT_FLAG ||
	    !kp_view_u32(header, HDR(header), &f->magic) || f->magic != SETUP_HEADER_MAGIC)
		return kp_fail(err, KP_IMAGE,
			       "not a bzImage: no 0xaa55 at 0x1fe and \"HdrS\" at 0x202");
	if (!kp_view_u16(header, HDR(version), &f->version) || f->version < PROTOCOL)
		return kp_fail(err, KP_IMAGE,
			       "kernel too old: boot protocol %u.%02u, 2.12 (Linux 3.8) "
			       "or later is needed",
			       f->version >> 8, f->version & 0xff);
	if (!read_fields(header, f))
		return kp_fail(err, KP_IMAGE,
			       "corrupt bzImage: boot protocol %u.%02u, but the setup "
			       "header ends at %#zx",
			       f->version >> 8, f->version & 0xff, header.len);
	return 0;
}

static int check_flags(const struct fields *f, struct kp_error *err)
{
	if (!(f->loadflags & LOADED_HIGH))
		return kp_fail(err, KP_IMAGE,
			       "a zImage (loadflags %#x): only a bzImage can be loaded",
			       f->loadflags);
	if (!(f->xloadflags & XLF_KERNEL_64))
		return kp_fail(err, KP_IMAGE,
			       "a 32-bit kernel: xloadflags %#x lack XLF_KERNEL_64: "
			       "it has no 64-bit entry",
			       f->xloadflags);
	return 0;
}

static int check_numbers(const struct fields *f, struct kp_error *err)
{
	if (f->kernel_alignment == 0 || (f->kernel_alignment & (f->kernel_alignment - 1)))
		return kp_fail(err, KP_IMAGE,
			       "corrupt bzImage: kernel_alignment %#x is not a power of two",
			       f->kernel_alignment);
	if (f->pref_address >> 52)
		return kp_fail(err, KP_IMAGE,
			       "corrupt bzImage: pref_address %#" PRIx64
			       " is beyond physical memory",
			       f->pref_address);
	return 0;
}

/*
 * The protected-mode code: syssize paragraphs from the sector after the real-mode code. The file
 * may end within the last one: syssize is rounded up, and not every linker script pads
 * (memtest86+). The rest of the paragraph is zeros in memory.
 */
static int find_code(struct kp_view file, const struct fields *f, struct kp_view *code,
		     struct kp_error *err)
{
	/* Before setup_sects was a field there were 4; 0 has meant that since. */
	uint64_t start = SECTOR * (1 + (uint64_t)(f->setup_sects ? f->setup_sects : 4));
	uint64_t bytes = (uint64_t)f->syssize * PARAGRAPH;
	uint64_t there = file.len > start ? file.len - start : 0;

	if (bytes <= ENTRY_64 || bytes > f->init_size)
		return kp_fail(err, KP_IMAGE,
			       "corrupt bzImage: %" PRIu64 " bytes of protected-mode code "
			       "in an init_size of %" PRIu32, bytes, f->init_size);
	if (there < bytes && bytes - there < PARAGRAPH && there > ENTRY_64)
		bytes = there;
	if (!kp_view_sub(file, start, bytes, code))
		return truncated(file, start + bytes, "the protected-mode code", err);
	return 0;
}

/* The version text is a courtesy to the operator: one that makes no sense is left out. */
static int read_version(struct kp_view file, const struct fields *f, struct kp_arena *arena,
			const char **version, struct kp_error *err)
{
	uint64_t start = SECTOR + (uint64_t)f->kernel_version;
	size_t len = 0;
	uint8_t c;

	*version = NULL;
	while (kp_view_u8(file, start + len, &c) && c >= ' ' && c < 0x7f && len < SECTOR)
		len++;
	if (f->kernel_version == 0 || len == 0 || len == SECTOR ||
	    !kp_view_u8(file, start + len, &c) || c != '\0')
		return 0;
	*version = kp_arena_strndup(arena, (const char *)file.bytes + start, len, err);
	return *version ? 0 : -1;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void fill_image(const struct fields *f, struct kp_view code, struct kp_image *image)
{
	uint64_t span = ((uint64_t)f->init_size + PAGE - 1) & ~(uint64_t)(PAGE - 1);

	image->format = KP_FORMAT_BZIMAGE64;
	image->chunks[0] = (struct kp_chunk){ .offset = 0, .data = code, .mem_bytes = span };
	image->n_chunks = 1;
	image->mem_bytes = span;
	image->pref_start = f->pref_address;
	/* Loaded lower, the decompressor moves the kernel up to where it was linked to run
	 * (Linux arch/x86/boot/compressed/head_64.S, LOAD_PHYSICAL_ADDR): out of its room. */
	image->min_start = max(f->pref_address, LOWEST_START);
	image->align = max(f->kernel_alignment, PAGE);
	image->relocatable = f->relocatable != 0;
	image->entry_offset = ENTRY_64;
	image->above_4g = f->xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G;
	image->la57 = f->xloadflags & XLF_5LEVEL;
	image->la57_kept = f->xloadflags & XLF_5LEVEL_ENABLED;
	image->efi_handover = f->xloadflags & XLF_EFI_KEXEC;
	image->initrd_max = image->above_4g ? UINT64_MAX : f->initrd_addr_max;
	image->cmdline_max = f->cmdline_size;
}

int kp_bzimage_parse(struct kp_view file, struct kp_arena *arena, struct kp_image *image,
		     struct kp_error *err)
{
	struct kp_view header = { 0 }, code = { 0 };
	struct fields f = { 0 };

	memset(image, 0, sizeof(*image));
	if (find_header(file, &header, err) < 0 || check_protocol(header, &f, err) < 0 ||
	    check_flags(&f, err) < 0 || check_numbers(&f, err) < 0 ||
	    find_code(file, &f, &code, err) < 0)
		return -1;
	fill_image(&f, code, image);
	kp_view_sub(header, HDR(setup_sects), header.len - HDR(setup_sects), &image->setup_header);
	return read_version(file, &f, arena, &image->version, err);
}
