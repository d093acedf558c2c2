/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "image.h"

/* Bytes by which a format is known: magic @bytes at offset @at. */
struct magic {
	uint32_t at, len;
	const char *bytes;
	const char *what;
};

#define MAGIC(at, bytes, what) { at, sizeof(bytes) - 1, bytes, what }

static const struct format {
	enum kp_format format;
	struct magic magic;
	int (*parse)(struct kp_view, struct kp_arena *, struct kp_image *, struct kp_error *);
} formats[] = {
	{ KP_FORMAT_BZIMAGE64, MAGIC(0x202, "HdrS", "a Linux bzImage"), kp_bzimage_parse },
	{ KP_FORMAT_ELF64, MAGIC(0, "\177ELF", "an ELF file"), kp_elf_parse },
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

/* What else people hand to a kexec loader; the first that fits names the file. */
static const struct magic foreign[] = {
	MAGIC(0x38, "ARM\x64", "an ARM64 Linux Image"),
	MAGIC(0x30, "RISCV\0\0\0", "a RISC-V Linux Image"),
	MAGIC(0, "\x1f\x8b", "gzip-compressed data"),
	MAGIC(0, "\xfd" "7zXZ\0", "xz-compressed data: unpack it first"),
	MAGIC(0, "\x28\xb5\x2f\xfd", "zstd-compressed data: unpack it first"),
	MAGIC(0, "BZh", "bzip2-compressed data: unpack it first"),
	MAGIC(0, "\x04\x22\x4d\x18", "lz4-compressed data: unpack it first"),
	MAGIC(0, "\x02\x21\x4c\x18", "lz4-compressed data: unpack it first"),
	MAGIC(0, "\x89LZO", "lzo-compressed data: unpack it first"),
	MAGIC(0, "\x5d\0\0", "lzma-compressed data: unpack it first"),
	MAGIC(0, "070701", "a cpio archive: an initrd, perhaps"),
	MAGIC(0, "070702", "a cpio archive: an initrd, perhaps"),
	MAGIC(0, "070707", "a cpio archive: an initrd, perhaps"),
	MAGIC(0, "\xc7\x71", "a cpio archive: an initrd, perhaps"),
	MAGIC(0, "\x27\x05\x19\x56", "a U-Boot image"),
	MAGIC(0, "\xd0\x0d\xfe\xed", "a flattened device tree"),
	MAGIC(0x101, "ustar", "a tar archive"),
	MAGIC(0, "MZ", "an MS-DOS, PE or EFI program (a unified kernel image, perhaps)"),
};

static bool has_magic(struct kp_view file, const struct magic *magic)
{
	struct kp_view at;

	return kp_view_sub(file, magic->at, magic->len, &at) &&
	       memcmp(at.bytes, magic->bytes, magic->len) == 0;
}

static bool is_control(uint8_t c)
{
	return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

static bool is_text(struct kp_view file)
{
	size_t len = file.len < 512 ? file.len : 512;

	for (size_t i = 0; i < len; i++)
		if (is_control(file.bytes[i]))
			return false;
	return true;
}

static const char *looks_like(struct kp_view file)
{
	if (file.len == 0)
		return "an empty file";
	for (size_t i = 0; i < N_FORMATS; i++)
		if (has_magic(file, &formats[i].magic))
			return formats[i].magic.what;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (has_magic(file, &foreign[i]))
			return foreign[i].what;
	return is_text(file) ? "a text" : "data of no known format";
}

int kp_image_parse(struct kp_view file, enum kp_format format, struct kp_arena *arena,
		   struct kp_image *image, struct kp_error *err)
{
	const char *wanted = "neither a bzImage nor an ELF kernel";

	for (size_t i = 0; i < N_FORMATS; i++) {
		if (format != KP_FORMAT_AUTO && format != formats[i].format)
			continue;
		if (has_magic(file, &formats[i].magic))
			return formats[i].parse(file, arena, image, err);
		if (format != KP_FORMAT_AUTO)
			wanted = format == KP_FORMAT_ELF64 ? "not an ELF kernel" : "not a bzImage";
	}
	return kp_fail(err, KP_IMAGE, "%s: it looks like %s (%zu bytes)", wanted, looks_like(file),
		       file.len);
}
