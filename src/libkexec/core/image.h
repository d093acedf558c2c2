/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file image.h
 * A kernel image, understood: what to put where, and what the image can bear. Parsing is pure;
 * the bytes are borrowed from the caller for as long as the image, and any plan made of it, lives.
 */
#ifndef KP_IMAGE_H
#define KP_IMAGE_H

#include "arena.h"
#include "view.h"

/** Bytes of the file that go to @c offset from the image's start in memory. */
struct kp_chunk {
	uint64_t offset;           /* 4096-aligned */
	struct kp_view data;
	uint64_t mem_bytes;        /* >= data.len; the rest is zero */
};

#define KP_IMAGE_CHUNKS 8

struct kp_image {
	enum kp_format format;
	struct kp_chunk chunks[KP_IMAGE_CHUNKS]; /* ascending by offset */
	size_t n_chunks;
	uint64_t mem_bytes;        /* from start to the end of what it touches before it has a map */
	uint64_t pref_start;       /* where it was linked to run */
	uint64_t min_start;        /* lowest start it bears */
	uint64_t align;            /* of its start, a power of two >= 4096 */
	bool relocatable;          /* false: pref_start or nothing */
	uint64_t entry_offset;     /* of the 64-bit entry point, from its start */
	bool above_4g;             /* kernel, boot_params, command line and initrd may be >= 4 GiB */
	bool la57;                 /* can be entered with 5-level paging on */
	bool la57_kept;            /* XLF_5LEVEL_ENABLED: may leave it on */
	bool efi_handover;         /* XLF_EFI_KEXEC: takes SETUP_EFI */
	uint64_t initrd_max;       /* highest address of an initrd's last byte */
	uint32_t cmdline_max;      /* bytes without the terminating zero */
	struct kp_view setup_header; /* from 0x1f1 for the length the image declares; empty: ELF */
	const char *version;       /* "6.1.0-56-amd64 ...", or NULL; in the arena */
};

/**
 * Parse a Linux bzImage by the 64-bit boot protocol (Documentation/arch/x86/boot.rst).
 * @return 0; -1 with KP_IMAGE naming the field, what it holds and what would do.
 */
int kp_bzimage_parse(struct kp_view file, struct kp_arena *arena, struct kp_image *image,
		     struct kp_error *err);

/** Parse an ELF64 x86-64 executable (vmlinux) through libelf. As kp_bzimage_parse(). */
int kp_elf_parse(struct kp_view file, struct kp_arena *arena, struct kp_image *image,
		 struct kp_error *err);

/**
 * Parse an image of the format asked for, or of whichever format it is.
 * KP_IMAGE when it is none: the text says what the file looks like instead.
 */
int kp_image_parse(struct kp_view file, enum kp_format format, struct kp_arena *arena,
		   struct kp_image *image, struct kp_error *err);

#endif
