/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a hand-over, each stated once: phases, verdicts, digest results.
 * The purgatory's messages, --park-status as text and as JSON, kexec-park-page(7) and the tests
 * take them from here. Numbers are part of the page's ABI: a row may be added at the end, and none
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

/* Bytes that hold any word or text, its zero included. */
#define PARK_WORD_BYTES		16
#define PARK_TEXT_BYTES		80

#ifndef __ASSEMBLER__

#define PARK_PHASE_ROW(NAME, number, word, text)	PARK_PHASE_##NAME = (number),
#define PARK_DIGEST_ROW(NAME, number, word, text)	PARK_DIGEST_##NAME = (number),
#define PARK_VERDICT_ROW(NAME, number, word, text)	PARK_VERDICT_##NAME = (number),

enum { PARK_PHASE_LIST(PARK_PHASE_ROW) PARK_PHASES };
enum { PARK_DIGEST_LIST(PARK_DIGEST_ROW) PARK_DIGESTS };
enum { PARK_VERDICT_LIST(PARK_VERDICT_ROW) PARK_VERDICTS };

/* A list as initializers of an array of these, by number. */
struct park_naming {
	char word[PARK_WORD_BYTES], text[PARK_TEXT_BYTES];
};
#define PARK_NAMING_ROW(NAME, number, word, text)	[number] = { word, text },

#endif /* !__ASSEMBLER__ */
#endif
