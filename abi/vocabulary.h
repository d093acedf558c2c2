/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a hand-over, each stated once: phases, verdicts, digest results,
 * outcomes. The purgatory's messages and POST codes, --park-status as text and as JSON,
 * kexec-park-page(7) and the tests take them from here. Numbers are part of the page's ABI: a row may be added at the end, and none
 * is given another number.
 *
 * A list is a macro of rows X(NAME, number, word, text). word is for programs, text for people
 * and messages. Each list counts from 0 without a gap. Assembly may expand a list too; nothing
 * but the expansions below is C.
 */
#ifndef ABI_VOCABULARY_H
#define ABI_VOCABULARY_H

/* park_record.tsc[number] is the TSC when the phase ended, 0: never. In time they come as entry,
 * traps, backup, park, digest, jump; an earlier purgatory took the digest first. */
#define PARK_PHASE_LIST(X) \
	X(ENTRY, 0, "entry", "the purgatory was entered") \
	X(TRAPS, 1, "traps", "NMIs and machine checks have handlers") \
	X(DIGEST, 2, "digest", "the digest was taken") \
	X(BACKUP, 3, "backup", "low memory was copied") \
	X(PARK, 4, "park", "the other CPUs were parked") \
	X(JUMP, 5, "jump", "the next kernel is entered")

/* park_record.digest */
#define PARK_DIGEST_LIST(X) \
	X(SKIPPED, 0, "skipped", "not checked") \
	X(MATCH, 1, "match", "matched") \
	X(MISMATCH, 2, "mismatch", "DID NOT MATCH")

/* park_record.verdict: what became of parking in this hand-over. */
#define PARK_VERDICT_LIST(X) \
	X(NONE, 0, "none", "parking was not asked for") \
	X(ALL, 1, "all", "every expected CPU arrived") \
	X(SOME, 2, "some", "some CPUs did not arrive") \
	X(BSP_UNKNOWN, 3, "bsp-unknown", \
	  "not parked: this is not the BSP, and which CPU is the BSP is not known") \
	X(ID_TOO_BIG, 4, "id-too-big", "not parked: an APIC ID of 255 or more in xAPIC mode") \
	X(APIC_STUCK, 5, "apic-stuck", "not parked: the interrupt command register stayed busy") \
	X(NO_APIC, 6, "no-apic", "not parked: the local APIC is disabled") \
	X(APIC_MOVED, 7, "apic-moved", "not parked: the local APIC is not at 0xfee00000") \
	X(PAGE_DAMAGED, 8, "page-damaged", "not parked: the park page is damaged") \
	X(IDS_DAMAGED, 9, "ids-damaged", "not parked: the list of APIC IDs is damaged")

/* How a hand-over came out, for what shows a number and little more. */
#define PARK_OUTCOME_LIST(X) \
	X(MISMATCH, 0, "mismatch", "the digest did not match") \
	X(FAULT, 1, "fault", "the purgatory took an exception that it has no answer to") \
	X(BUG, 2, "bug", "the purgatory found a bug of its own") \
	X(ENTERED, 3, "entered", "the next kernel was entered") \
	X(BEGUN, 4, "begun", "the hand-over has begun")

/* Bytes that hold any word or text, its zero included. */
#define PARK_WORD_BYTES		16
#define PARK_TEXT_BYTES		80

/* POST codes, I/O port 0x80: the phase that ended last, or the outcome, added to these. */
#define PARK_POST_PHASE		0xc0
#define PARK_POST_OUTCOME	0xd0

/*
 * A record in a BMC's System Event Log: type, "KXP", an outcome, an exception's vector or 0, and
 * 8 bytes of an address or 0, little-endian (IPMI 2.0 section 32.3, OEM non-timestamped).
 */
#define PARK_SEL_TYPE		0xe0
#define PARK_SEL_TAG_0		'K'
#define PARK_SEL_TAG_1		'X'
#define PARK_SEL_TAG_2		'P'

#ifndef __ASSEMBLER__

#define PARK_PHASE_ROW(NAME, number, word, text)	PARK_PHASE_##NAME = (number),
#define PARK_DIGEST_ROW(NAME, number, word, text)	PARK_DIGEST_##NAME = (number),
#define PARK_VERDICT_ROW(NAME, number, word, text)	PARK_VERDICT_##NAME = (number),
#define PARK_OUTCOME_ROW(NAME, number, word, text)	PARK_OUTCOME_##NAME = (number),

enum { PARK_PHASE_LIST(PARK_PHASE_ROW) PARK_PHASES };
enum { PARK_DIGEST_LIST(PARK_DIGEST_ROW) PARK_DIGESTS };
enum { PARK_VERDICT_LIST(PARK_VERDICT_ROW) PARK_VERDICTS };
enum { PARK_OUTCOME_LIST(PARK_OUTCOME_ROW) PARK_OUTCOMES };

/* A list as initializers of an array of these, by number. */
struct park_naming {
	char word[PARK_WORD_BYTES], text[PARK_TEXT_BYTES];
};
#define PARK_NAMING_ROW(NAME, number, word, text)	[number] = { word, text },

#endif /* !__ASSEMBLER__ */
#endif
