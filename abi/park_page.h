/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The park page: 4096 bytes below 1 MiB in which every CPU that the next kernel does not use
 * waits. This layout is published ABI, see kexec-park-page(7): offsets are the truth, the
 * structures follow. All fields are little-endian.
 *
 * [0, PARK_IMMUTABLE_BYTES) is header, tables and code: written once by the purgatory that
 * installs the page, never after. [PARK_IMMUTABLE_BYTES, 4096) is written by parked CPUs
 * (arrival, counts, scratch stack) and by the purgatory of every later hand-over (record).
 *
 * What the purgatory does with a page, in this order:
 *   INIT           to every CPU that is to be parked: from here on none runs in the page
 *   new page       copy all 4096 bytes; a page that is kept: leave the immutable part alone
 *   every time     zero PARK_OFF_ARRIVED (u16), both counts and the bitmap; set both last IDs to
 *                  PARK_ID_NONE; store PARK_OFF_MODE; never touch tag, scratch or frame
 *   SIPI           with vector page >> 12, then wait for the bitmap and the count
 *   PARK_MODE_INIT INIT once more after arrival, and no SIPI: the CPU waits in the processor
 */
#ifndef ABI_PARK_PAGE_H
#define ABI_PARK_PAGE_H

#include "abi_at.h"
#include "vocabulary.h"

#define PARK_PAGE_SIZE		4096
#define PARK_PAGE_LOWEST	0x10000   /* below: firmware scribbles, Linux avoids it */
#define PARK_PAGE_CEILING	0xa0000   /* and below the EBDA */

#define PARK_MAGIC		0x4b5241504345584b   /* the bytes "KXECPARK" */
#define PARK_VERSION		1

/* Immutable part: header. */
#define PARK_OFF_ENTRY		0x000   /* by SIPI: real mode, CS = page >> 4, IP 0 */
#define PARK_OFF_MAGIC		0x008   /* u64 */
#define PARK_OFF_VERSION	0x010   /* u32 */
#define PARK_OFF_IMMUTABLE	0x014   /* u32 PARK_IMMUTABLE_BYTES of this version */
#define PARK_OFF_ADDRESS	0x018   /* u32 physical address of the page */
#define PARK_OFF_RESERVED	0x01c   /* u32 0 */
#define PARK_OFF_SHA256		0x020   /* of the immutable part, these 32 bytes as 0 */

/* Immutable part: code and tables. */
#define PARK_OFF_CODE		0x040
#define PARK_OFF_GDTR		0x600   /* u16 limit, u32 linear base */
#define PARK_OFF_IDTR		0x608
#define PARK_OFF_BRIDGE_IDTR	0x610
#define PARK_OFF_GDT		0x618   /* null, PARK_CS, PARK_DS */
#define PARK_OFF_BRIDGE		0x630   /* real-mode vectors, two gates among them: see park.S */
#define PARK_BRIDGE_VECTORS	36      /* real-mode vectors in it */
#define PARK_OFF_IDT		0x6c8   /* 32 gates */
#define PARK_IMMUTABLE_BYTES	0x800

#define PARK_CS			0x08    /* 32-bit code, base page, limit 0xfff */
#define PARK_DS			0x10    /* 32-bit data, base page, limit 0xfff */

/*
 * The place is chosen at load time. These fields are all of the page that depends on it:
 * PARK_OFF_ADDRESS; five linear bases, assembled as offsets in the page, to which the low 24 bits
 * of its address are added; and the segment of each real-mode vector, page >> 4.
 */
#define PARK_OFF_GDTR_BASE	(PARK_OFF_GDTR + 2)
#define PARK_OFF_IDTR_BASE	(PARK_OFF_IDTR + 2)
#define PARK_OFF_BRIDGE_BASE	(PARK_OFF_BRIDGE_IDTR + 2)
#define PARK_OFF_CS_BASE	(PARK_OFF_GDT + PARK_CS + 2)
#define PARK_OFF_DS_BASE	(PARK_OFF_GDT + PARK_DS + 2)
#define PARK_OFF_BRIDGE_SEGMENT(vector)	(PARK_OFF_BRIDGE + 4 * (vector) + 2)
#define PARK_BRIDGE_IS_GATE(vector)	((vector) == 4 || (vector) == 5)

/* Mutable part. */
#define PARK_OFF_TAG		0x800   /* u16 PARK_TAG, constant: see "arrive" in park.S */
#define PARK_OFF_ARRIVED	0x802   /* u16 CPUs that reached the loop; by parked CPUs, locked */
#define PARK_OFF_NMI_COUNT	0x808   /* u32 NMIs taken by parked CPUs, locked */
#define PARK_OFF_MCE_COUNT	0x80c   /* u32 machine checks taken by parked CPUs, locked */
#define PARK_OFF_LAST_NMI	0x810   /* u32 APIC ID of the parked CPU that took the last one */
#define PARK_OFF_LAST_MCE	0x814   /* u32 */
#define PARK_OFF_MODE		0x818   /* u32 PARK_MODE_*; by the purgatory before SIPI */
#define PARK_OFF_BSP_ID		0x81c   /* u32 APIC ID of the BSP, PARK_ID_NONE if unknown */
#define PARK_OFF_SCRATCH	0x820   /* 64 bytes: what exceptions push; nobody reads it */
#define PARK_OFF_FRAME		0x860   /* 3 u32: the constant IRET frame EIP, CS, EFLAGS */
#define PARK_OFF_BITMAP		0x880   /* arrival, a bit per APIC ID below PARK_BITMAP_IDS */
#define PARK_BITMAP_IDS		4096    /* a CPU with a greater ID is counted, not mapped */
#define PARK_OFF_RECORD		0xa80   /* struct park_record, by the purgatory */

#define PARK_TAG		0x5041
#define PARK_TICKET		0x00010000 /* added to the dword of tag and count: one more CPU */
#define PARK_ID_NONE		0xffffffff

/* How a parked CPU waits: enum kp_park_mode for assembly. */
#define PARK_MODE_HLT		0
#define PARK_MODE_INIT		1       /* arrives and halts; INIT then takes it out of the page */
#define PARK_MODE_CLGI		2       /* HLT where the processor cannot do it */

#define PARK_RECORD_MISSING	16
#define PARK_RECORD_SEL		8       /* outcomes; PARK_OUTCOMES is less */
#define PARK_RECORD_LOG		1136

#define PARK_MOST_CPUS		65535	/* that the count of arrivals can hold */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* The mutable part up to the record, for whoever has the page mapped. Volatile: CPUs write it. */
struct park_live {
	uint16_t tag;              /* PARK_TAG, constant */
	volatile uint16_t arrived;
	uint32_t reserved;         /* 0 */
	volatile uint32_t nmi_count, mce_count;
	volatile uint32_t last_nmi, last_mce;
	volatile uint32_t mode;
	volatile uint32_t bsp_id;
	volatile uint32_t scratch[16];
	volatile uint32_t frame[3];
	uint32_t reserved2[5];     /* 0 */
	volatile uint32_t bitmap[PARK_BITMAP_IDS / 32];
};

ABI_AT(struct park_live, tag, PARK_OFF_TAG - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, arrived, PARK_OFF_ARRIVED - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, nmi_count, PARK_OFF_NMI_COUNT - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, mce_count, PARK_OFF_MCE_COUNT - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, last_nmi, PARK_OFF_LAST_NMI - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, last_mce, PARK_OFF_LAST_MCE - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, mode, PARK_OFF_MODE - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, bsp_id, PARK_OFF_BSP_ID - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, scratch, PARK_OFF_SCRATCH - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, frame, PARK_OFF_FRAME - PARK_IMMUTABLE_BYTES);
ABI_AT(struct park_live, bitmap, PARK_OFF_BITMAP - PARK_IMMUTABLE_BYTES);
ABI_SIZE(struct park_live, PARK_OFF_RECORD - PARK_IMMUTABLE_BYTES);

#define PARK_NO_BANK	0xffffffff

/* A machine check's registers. All 0: there was none. */
struct park_mce {
	uint64_t status;           /* MCi_STATUS */
	uint64_t address;          /* MCi_ADDR, 0 where the status says that it is not valid */
	uint64_t rip;
	uint32_t bank;             /* i, PARK_NO_BANK: none had an uncorrected error */
	uint32_t mcg_status;
};

/* The flight record of the last hand-over through the page. Written by the purgatory only. */
struct park_record {
	uint32_t generation;       /* hand-overs through this page, from 1 */
	uint32_t slot;             /* enum kp_slot */
	uint32_t boot_apic_id;     /* CPU that carried the hand-over */
	uint32_t boot_is_bsp;      /* 1 or 0 */
	uint32_t expected;         /* CPUs that were to arrive */
	uint32_t verdict;          /* PARK_VERDICT_* */
	uint32_t digest;           /* PARK_DIGEST_* */
	uint32_t nmi_count;        /* swallowed by the purgatory's own counting handlers */
	uint32_t mce_count;
	uint32_t tsc_khz;
	uint64_t digest_bytes;     /* covered by the SHA-256 */
	uint64_t tsc[PARK_PHASES];
	uint32_t n_missing;        /* may exceed PARK_RECORD_MISSING */
	uint32_t missing[PARK_RECORD_MISSING];
	uint32_t log_bytes;        /* of log[], <= PARK_RECORD_LOG; no terminating zero */
	uint8_t log[PARK_RECORD_LOG]; /* the purgatory's last messages, '\n' ends a line */
	struct park_mce mce;       /* the last one that could not simply be returned from */
	uint64_t mismatch;         /* where the digest went wrong; see purgatory/verify.h */
	uint16_t sel[PARK_RECORD_SEL]; /* by outcome: ID of its record in a BMC's log plus 1; 0: none */
};

ABI_AT(struct park_record, digest_bytes, 40);
ABI_AT(struct park_record, tsc, 48);
ABI_AT(struct park_record, n_missing, 96);
ABI_AT(struct park_record, log_bytes, 164);
ABI_AT(struct park_record, log, 168);
ABI_AT(struct park_record, mce, 1304);
ABI_AT(struct park_record, mismatch, 1336);
ABI_AT(struct park_record, sel, 1344);
ABI_ASSERT(PARK_OUTCOMES <= PARK_RECORD_SEL, "an outcome has no place in the record");
ABI_ASSERT(PARK_OFF_RECORD + sizeof(struct park_record) <= PARK_PAGE_SIZE,
	   "the flight record does not fit the page");
#endif /* !__ASSEMBLER__ */
#endif
