/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The smaller texts and tables of /proc and /sys; the first byte says which one it is. */
#include <stdlib.h>
#include <string.h>

#include "cpuinfo.h"
#include "cpulist.h"
#include "facts.h"
#include "firmware.h"
#include "fuzz.h"
#include "kcore.h"
#include "text.h"

static void read_cpulist(struct kp_view text)
{
	struct kp_error err = { 0 };
	unsigned first, last;
	size_t before;
	int rc;

	do {
		before = text.len;
		rc = kp_cpulist_next(&text, &first, &last, &err);
		if (rc < 0)
			fuzz_check_outcome(rc, &err);
		if (rc > 0)
			REQUIRE(first <= last && last <= KP_CPULIST_MAX && text.len < before);
	} while (rc > 0);
}

static void read_cpuinfo(struct kp_view text)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_cpuinfo info;
	uint32_t *ids, id;
	size_t n;
	int rc = kp_cpuinfo_apic_ids(text, &arena, &ids, &n, &err);

	kp_cpuinfo_parse(text, &info);
	kp_cpuinfo_apic_id(text, 1, &id);
	fuzz_check_outcome(rc, &err);
	for (size_t i = 1; rc == 0 && i < n; i++)
		REQUIRE(ids[i] >= ids[i - 1]);
	kp_arena_free(&arena);
}

/* What is printed of a machine reads back as the same machine. */
static void check_facts(struct kp_machine *m)
{
	struct kp_machine again = { 0 };
	struct kp_error err = { 0 };
	char *text = kp_facts_print(m, &m->arena, &err);
	struct kp_view v = { (uint8_t *)text, text ? strlen(text) : 0 };

	REQUIRE(text);
	REQUIRE(kp_facts_parse(v, &again, &err) == 0);
	REQUIRE(again.tsc_khz == m->tsc_khz && again.ebda == m->ebda);
	REQUIRE(again.bsp_known == m->bsp_known && again.bsp_apic_id == m->bsp_apic_id);
	kp_arena_free(&again.arena);
}

static void read_facts(struct kp_view text)
{
	struct kp_machine m = { 0 };
	struct kp_error err = { 0 };
	int rc = kp_facts_parse(text, &m, &err);

	fuzz_check_outcome(rc, &err);
	if (rc == 0)
		check_facts(&m);
	kp_arena_free(&m.arena);
}

static void read_kcore(struct kp_view bytes)
{
	struct kp_kcore kcore = { 0 };
	struct kp_error err = { 0 };
	uint64_t extent;
	int rc = kp_kcore_extent(bytes, &extent, &err);

	fuzz_check_outcome(rc, &err);
	rc = kp_kcore_parse(bytes, &kcore, &err);
	fuzz_check_outcome(rc, &err);
	REQUIRE(kcore.la57 == KP_UNKNOWN || kcore.la57 == KP_NO || kcore.la57 == KP_YES);
}

static void read_firmware(struct kp_view text)
{
	kp_edd_extensions(text);
	kp_efi_systab_find(text, "ACPI20=");
}

/* A number is what strtoull() makes of its digits, or refused. */
static void read_number(struct kp_view text)
{
	struct kp_view digits = kp_text_trim(text);
	char copy[32] = "";
	uint64_t n;

	kp_text_has_word(text, "la57");
	if (!kp_text_u64(text, 10, &n) || digits.len >= sizeof(copy))
		return;
	memcpy(copy, digits.bytes, digits.len);
	REQUIRE(strtoull(copy, NULL, 10) == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct kp_view) = {
		read_cpulist, read_cpuinfo, read_facts, read_kcore, read_firmware, read_number,
	};

	if (size < 2)
		return -1;
	readers[*data % COUNT(readers)]((struct kp_view){ data + 1, size - 1 });
	return 0;
}
