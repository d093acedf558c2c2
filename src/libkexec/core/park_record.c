/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "park_page.h"
#include "park_image.h"
#include "grades.h"
#include "park_record.h"
#include "smbios38.h"

_Static_assert(KP_PARK_PHASES == PARK_PHASES, "the record has other phases");
_Static_assert(KP_PARK_MISSING == PARK_RECORD_MISSING, "the record keeps other IDs");
_Static_assert(KP_PARK_SEL == PARK_RECORD_SEL, "the record keeps other outcomes");
_Static_assert(sizeof(((struct kp_park_status *)0)->log) > PARK_RECORD_LOG,
	       "the log of a record does not fit");

/* Microseconds of a count of TSC ticks; INT64_MAX where there would be more. */
static uint64_t ticks_to_us(uint64_t ticks, uint32_t tsc_khz)
{
	if (!tsc_khz)
		return 0;
	if (ticks / tsc_khz >= INT64_MAX / 1000)
		return INT64_MAX;
	return ticks / tsc_khz * 1000 + ticks % tsc_khz * 1000 / tsc_khz;
}

static void decode_phases(const struct park_record *record, struct kp_park_status *status)
{
	uint64_t entry = record->tsc[PARK_PHASE_ENTRY];

	for (int phase = 0; phase < PARK_PHASES; phase++)
		if (record->tsc[phase] > entry)
			status->phase_us[phase] =
				ticks_to_us(record->tsc[phase] - entry, record->tsc_khz);
}

static void decode_log(const struct park_record *record, char *log)
{
	uint32_t bytes = record->log_bytes < PARK_RECORD_LOG ? record->log_bytes : PARK_RECORD_LOG;

	for (uint32_t i = 0; i < bytes; i++) {
		char c = (char)record->log[i];

		log[i] = c == '\n' || (c >= ' ' && c <= '~') ? c : '?';
	}
	log[bytes] = '\0';
}

static void decode_record(const struct park_record *record, struct kp_park_status *status)
{
	status->generation = record->generation;
	status->slot = record->slot == KP_CRASH ? KP_CRASH : KP_NORMAL;
	status->boot_apic_id = record->boot_apic_id;
	status->boot_is_bsp = record->boot_is_bsp != 0;
	status->expected = record->expected;
	status->verdict = record->verdict;
	status->digest = record->digest;
	status->purgatory_nmi_count = record->nmi_count;
	status->purgatory_mce_count = record->mce_count;
	status->digest_bytes = record->digest_bytes;
	status->n_missing = record->n_missing;
	memcpy(status->missing, record->missing, sizeof(status->missing));
	status->mismatch = record->digest == PARK_DIGEST_MISMATCH ? record->mismatch : 0;
	memcpy(status->sel, record->sel, sizeof(status->sel));
	decode_phases(record, status);
	decode_log(record, status->log);
}

static void decode_live(const struct park_live *live, struct kp_park_status *status)
{
	status->mode = live->mode <= PARK_MODE_CLGI ? (enum kp_park_mode)live->mode : KP_PARK_HLT;
	status->arrived = live->arrived;
	status->nmi_count = live->nmi_count;
	status->mce_count = live->mce_count;
	status->last_nmi_apic_id = live->last_nmi;
	status->last_mce_apic_id = live->last_mce;
}

void kp_park_record_decode(const uint8_t *bytes, struct kp_park_status *status)
{
	struct park_record record;
	struct park_live live;

	memcpy(&record, bytes + PARK_OFF_RECORD, sizeof(record));
	memcpy(&live, bytes + PARK_IMMUTABLE_BYTES, sizeof(live));
	decode_record(&record, status);
	decode_live(&live, status);
}

static uint32_t version_of(const uint8_t *bytes)
{
	uint32_t version;

	memcpy(&version, bytes + PARK_OFF_VERSION, sizeof(version));
	return version;
}

/* The record is read from any whole page of this version, whoever assembled it. */
static enum kp_park_found look_at(const struct kp_low_page *page)
{
	uint64_t magic;

	memcpy(&magic, page->bytes + PARK_OFF_MAGIC, sizeof(magic));
	if (magic != PARK_MAGIC)
		return KP_PARK_FOUND_NONE;
	if (!kp_park_page_holds(page->bytes, page->phys))
		return KP_PARK_FOUND_CORRUPT;
	return version_of(page->bytes) == PARK_VERSION ? KP_PARK_FOUND_INTACT :
							  KP_PARK_FOUND_OTHER_VERSION;
}

/* How much a page has to tell. */
static int worth(enum kp_park_found found)
{
	static const int worths[] = {
		[KP_PARK_FOUND_NONE] = 0,
		[KP_PARK_FOUND_OTHER_VERSION] = 1,
		[KP_PARK_FOUND_CORRUPT] = 2,
		[KP_PARK_FOUND_INTACT] = 3,
	};

	return worths[found];
}

/* Pages that were replaced stay reserved; the page in use is the one most written to. */
static bool tells_more(const struct kp_park_status *a, const struct kp_park_status *b)
{
	if (a->found != b->found)
		return worth(a->found) > worth(b->found);
	return a->generation > b->generation;
}

static bool has_bmc(const struct kp_machine *machine)
{
	struct kp_error ignored = { 0 };
	struct kp_bmc bmc;

	return machine->smbios38.len && !kp_smbios38_parse(machine->smbios38, &bmc, &ignored);
}

int kp_park_status_read(const struct kp_machine *machine, struct kp_park_status *status,
			struct kp_error *err)
{
	size_t unread = 0;

	memset(status, 0, sizeof(*status));
	for (size_t i = 0; i < machine->n_low_pages; i++) {
		const struct kp_low_page *page = &machine->low_pages[i];
		struct kp_park_status seen = { .address = page->phys };

		if (!page->bytes) {
			unread++;
			continue;
		}
		seen.found = look_at(page);
		if (seen.found == KP_PARK_FOUND_INTACT)
			kp_park_record_decode(page->bytes, &seen);
		if (tells_more(&seen, status))
			*status = seen;
	}
	status->bmc = has_bmc(machine);
	/* No Reserved memory is known then, so that no page was looked for. */
	if (status->found == KP_PARK_FOUND_NONE && kp_facts_demand(machine, KP_GRADE_LOAD, err))
		return -1;
	if (unread && status->found == KP_PARK_FOUND_NONE)
		return kp_fail(err, KP_PARK, "%zu reserved pages below 1 MiB could be a park "
			       "page, but memory cannot be read: %s", unread,
			       machine->devmem_error ? machine->devmem_error : "no bytes");
	return 0;
}
