/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the loader tells the purgatory. The loader copies the blob, writes one
 * struct purgatory_params at PURGATORY_OFF_PARAMS and submits the copy as a segment.
 * The entry point is offset 0. Addresses are physical, sizes bytes.
 *
 * Both bases and the handlers of the gates that the IDTR describes are assembled as offsets in the
 * blob; the loader adds the load address to each (purgatory_tables.c). So the first instructions load
 * tables that are complete, and need no code that fills them.
 */
#ifndef ABI_PURGATORY_PARAMS_H
#define ABI_PURGATORY_PARAMS_H

#include "abi_at.h"

#define PURGATORY_OFF_ENTRY	0x000
#define PURGATORY_OFF_GDTR	0x026   /* u16 limit, u64 base */
#define PURGATORY_OFF_GDTR_BASE	0x028
#define PURGATORY_OFF_IDTR	0x036
#define PURGATORY_OFF_IDTR_BASE	0x038
#define PURGATORY_OFF_PARAMS	0x040
#define PURGATORY_PARAMS_BYTES	0x2a0
#define PURGATORY_PARAMS_MAGIC	0x544147525550584b /* the bytes "KXPURGAT" */
#define PURGATORY_PARAMS_VERSION 7
#define PURGATORY_MAX_REGIONS	16
#define PURGATORY_ALIGN		4096    /* of the blob's load address */
/*
 * The memory that every plan gives it. Compilers make blobs of different sizes: with room for all
 * of them, a machine has the same plan whoever built kexec-park.
 */
#define PURGATORY_MEM_BYTES	0x10000

/* purgatory_params.flags */
#define PURGATORY_CRASH		0x01    /* the crash slot: a vmcore will be read */
#define PURGATORY_CONSOLE_SERIAL 0x02
#define PURGATORY_CONSOLE_VGA	0x04
#define PURGATORY_CONSOLE_FB	0x08    /* params.framebuffer holds */
#define PURGATORY_SKIP_DIGEST	0x10
#define PURGATORY_PARK		0x20    /* park the other CPUs: the park_ fields hold */
#define PURGATORY_PARK_INSTALL	0x40    /* copy park_image to park_page first (new page) */

#define PURGATORY_POST		0x80    /* POST codes may be written to port 0x80 */

/* purgatory_params.serial_access: how the UART's registers are reached */
#define PURGATORY_UART_PORT	0       /* serial_port */
#define PURGATORY_UART_MMIO	1       /* serial_mmio, 8 bits at a time */
#define PURGATORY_UART_MMIO32	2       /* 32 bits at a time */

/* purgatory_params.on_mismatch: enum kp_mismatch */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* A piece of memory that the digest covers; digest.h says how. The order counts. */
struct purgatory_region {
	uint64_t start;
	uint64_t bytes;
};

/*
 * A screen, whichever way round it hangs: the pixel at column x and row y of the text is at
 * origin + x * step_x + y * step_y. All of it is mapped uncached.
 */
struct purgatory_framebuffer {
	uint64_t origin;
	int64_t step_x, step_y;
	uint32_t width, height;    /* in pixels, as the text sees them */
	uint32_t ink;              /* the pixel value of a set dot; 0 is black */
	uint8_t pixel_bytes;       /* 2 to 4 */
	uint8_t scale;             /* pixels a dot of the font has each way, from 1 */
	uint16_t reserved;         /* 0 */
};

ABI_SIZE(struct purgatory_framebuffer, 40);

struct purgatory_params {
	uint64_t magic;
	uint32_t version;
	uint32_t flags;            /* PURGATORY_* */
	uint64_t kernel_entry;     /* 64-bit entry point of the next kernel */
	uint64_t boot_params;      /* goes to RSI */
	uint64_t pgd4;             /* root of the 4-level identity map; 4096-aligned */
	uint64_t pgd5;             /* root of the 5-level one */
	uint64_t backup_src, backup_dst, backup_bytes; /* crash: low memory; 0 bytes: none */
	uint64_t park_page;        /* below 1 MiB */
	uint64_t park_image;       /* 4096 bytes: for PARK_INSTALL, or to mend a damaged page */
	uint64_t park_ids;         /* uint32_t[]: APIC IDs that should arrive, boot CPU's too;
				    * ascending */
	uint32_t park_n_ids;
	uint32_t park_mode;        /* enum kp_park_mode */
	uint32_t bsp_apic_id;      /* PARK_ID_NONE: unknown to the loader */
	uint32_t tsc_khz;          /* of the running machine; the unit of every bounded wait */
	uint32_t on_mismatch;
	uint32_t serial_baud;      /* 0: leave the divisor alone */
	uint16_t serial_port;
	uint8_t serial_access;     /* PURGATORY_UART_* */
	uint8_t serial_shift;      /* MMIO: register n is at serial_mmio + (n << shift) */
	uint32_t park_n_extra;     /* IDs behind those, of CPUs that may be there or not */
	uint32_t n_regions;
	uint8_t digest[32];        /* of the regions: kp_digest, digest.h */
	struct purgatory_region regions[PURGATORY_MAX_REGIONS];
	uint64_t serial_mmio;
	uint16_t bmc_port;         /* KCS data register; 0: no trace in the event log */
	uint8_t bmc_spacing;       /* from there to the command register */
	uint8_t reserved[5];       /* 0 */
	struct purgatory_framebuffer framebuffer;
	uint8_t park_image_digest[32]; /* SHA-256 of the 4096 bytes at park_image */
	uint8_t park_ids_digest[32]; /* SHA-256 of all park_n_ids + park_n_extra words */
	uint64_t marks[PURGATORY_MAX_REGIONS]; /* kp_digest_mark() behind each region */
};

ABI_AT(struct purgatory_params, kernel_entry, 0x10);
ABI_AT(struct purgatory_params, pgd4, 0x20);
ABI_AT(struct purgatory_params, pgd5, 0x28);
ABI_SIZE(struct purgatory_params, PURGATORY_PARAMS_BYTES);
#endif /* !__ASSEMBLER__ */
#endif
