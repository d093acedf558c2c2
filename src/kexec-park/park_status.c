/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>

#include "park_page.h"
#include "park_status.h"
#include "plan_json.h"
#include "plan_words.h"

static const struct park_naming phases[] = { PARK_PHASE_LIST(PARK_NAMING_ROW) };
static const struct park_naming verdicts[] = { PARK_VERDICT_LIST(PARK_NAMING_ROW) };
static const struct park_naming digests[] = { PARK_DIGEST_LIST(PARK_NAMING_ROW) };
static const struct park_naming outcomes[] = { PARK_OUTCOME_LIST(PARK_NAMING_ROW) };

/* In order of time. */
static const unsigned outcome_order[] = {
	PARK_OUTCOME_BEGUN, PARK_OUTCOME_MISMATCH, PARK_OUTCOME_FAULT, PARK_OUTCOME_BUG,
	PARK_OUTCOME_ENTERED,
};

_Static_assert(sizeof(outcome_order) / sizeof(outcome_order[0]) == PARK_OUTCOMES,
	       "an outcome is missing");

/* The numbers are the purgatory's, which may be of a later version, or damaged. */
static const struct park_naming *name_of(const struct park_naming *table, size_t n, uint32_t value)
{
	static const struct park_naming unknown = { "unknown", "unknown" };

	return value < n ? &table[value] : &unknown;
}

static const struct park_naming *verdict_of(const struct kp_park_status *status)
{
	return name_of(verdicts, PARK_VERDICTS, status->verdict);
}

static const struct park_naming *digest_of(const struct kp_park_status *status)
{
	return name_of(digests, PARK_DIGESTS, status->digest);
}

static bool is_record_good(const struct kp_park_status *status)
{
	return status->found == KP_PARK_FOUND_INTACT;
}

static const char *found_word(enum kp_park_found found)
{
	static const char *const words[] = { [KP_PARK_FOUND_NONE] = "none",
		[KP_PARK_FOUND_INTACT] = "intact", [KP_PARK_FOUND_OTHER_VERSION] = "other-version",
		[KP_PARK_FOUND_CORRUPT] = "corrupt" };

	return words[found];
}

int park_status_exit(const struct kp_park_status *status)
{
	switch (status->found) {
	case KP_PARK_FOUND_INTACT:
	case KP_PARK_FOUND_OTHER_VERSION:
		return 0;
	case KP_PARK_FOUND_NONE:
		return 1;
	case KP_PARK_FOUND_CORRUPT:
		break;
	}
	return 2;
}

static void print_first_line(FILE *out, const struct kp_park_status *s)
{
	switch (s->found) {
	case KP_PARK_FOUND_NONE:
		fprintf(out, "no park page on this machine\n");
		return;
	case KP_PARK_FOUND_CORRUPT:
		fprintf(out, "park page 0x%08" PRIx64 ": corrupt: it has the magic, but its "
			"digest is wrong\n", s->address);
		return;
	case KP_PARK_FOUND_OTHER_VERSION:
		fprintf(out, "park page 0x%08" PRIx64 ": intact, of another version than %u: its "
			"record is not read\n", s->address, PARK_VERSION);
		return;
	case KP_PARK_FOUND_INTACT:
		fprintf(out, "park page 0x%08" PRIx64 ": intact, generation %" PRIu32 ", %" PRIu32
			" of %" PRIu32 " CPUs parked (%s)\n", s->address, s->generation, s->arrived,
			s->expected, plan_park_mode(s->mode));
	}
}

static void print_missing(FILE *out, const struct kp_park_status *s)
{
	uint32_t known = s->n_missing < KP_PARK_MISSING ? s->n_missing : KP_PARK_MISSING;

	if (s->n_missing == 0)
		return;
	fprintf(out, "  did not arrive: %" PRIu32 ", APIC IDs", s->n_missing);
	for (uint32_t i = 0; i < known; i++)
		fprintf(out, " %" PRIu32, s->missing[i]);
	fprintf(out, "%s\n", s->n_missing > known ? " ..." : "");
}

static void print_events(FILE *out, const char *who, uint32_t nmis, uint32_t mces)
{
	fprintf(out, "  %s: %" PRIu32 " NMI, %" PRIu32 " #MC\n", who, nmis, mces);
}

static void print_digest(FILE *out, const struct kp_park_status *s)
{
	char size[PLAN_SIZE_TEXT];

	fprintf(out, "  digest: %s", digest_of(s)->text);
	if (s->digest != PARK_DIGEST_SKIPPED)
		fprintf(out, " over %s", plan_size(s->digest_bytes, size));
	if (s->mismatch)
		fprintf(out, ", first at or after 0x%08" PRIx64, s->mismatch);
	fputc('\n', out);
}

/* In order of time. A record of an older purgatory may have come by them in another. */
static const unsigned phase_order[] = {
	PARK_PHASE_ENTRY, PARK_PHASE_TRAPS, PARK_PHASE_BACKUP, PARK_PHASE_PARK, PARK_PHASE_DIGEST,
	PARK_PHASE_JUMP,
};

_Static_assert(sizeof(phase_order) / sizeof(phase_order[0]) == KP_PARK_PHASES, "a phase is missing");

/* A phase's own time, from the end of the phase that ended last before it; the record counts each
 * from the entry. */
static uint64_t phase_time(const struct kp_park_status *s, unsigned phase)
{
	uint64_t end = s->phase_us[phase], before = 0;

	for (unsigned i = 0; i < KP_PARK_PHASES; i++)
		if (s->phase_us[i] < end && s->phase_us[i] > before)
			before = s->phase_us[i];
	return end - before;
}

static void print_phases(FILE *out, const struct kp_park_status *s)
{
	fprintf(out, "  time:");
	for (unsigned i = 0; i < KP_PARK_PHASES; i++) {
		uint64_t us = phase_time(s, phase_order[i]);

		fprintf(out, "%s %s %" PRIu64 ".%03" PRIu64 " ms", i ? "," : "",
			phases[phase_order[i]].word, us / 1000, us % 1000);
	}
	fputc('\n', out);
}

static bool was_parked(const struct kp_park_status *s)
{
	return s->verdict == PARK_VERDICT_ALL || s->verdict == PARK_VERDICT_SOME;
}

/* How long the other CPUs stayed where the old kernel had left them, as far as we were there. */
static void print_exposure(FILE *out, const struct kp_park_status *s)
{
	const uint64_t us = s->phase_us[PARK_PHASE_PARK];

	if (was_parked(s))
		fprintf(out, "  other CPUs exposed: %" PRIu64 ".%03" PRIu64 " ms, from the "
			"purgatory's entry until they were parked\n", us / 1000, us % 1000);
}

/* As ipmitool(1) shows the record, up to the outcome; its number, where it is known, before. */
static void print_sel_line(FILE *out, const char *number, unsigned outcome)
{
	fprintf(out, "    %s | OEM record %02x | %02x%02x%02x%02x...: %s\n", number, PARK_SEL_TYPE,
		PARK_SEL_TAG_0, PARK_SEL_TAG_1, PARK_SEL_TAG_2, outcome, outcomes[outcome].text);
}

/* The records of the hand-over that the page knows of. */
static void print_event_log(FILE *out, const struct kp_park_status *s)
{
	char number[8];
	bool said = false;

	for (unsigned i = 0; i < PARK_OUTCOMES; i++) {
		if (!s->sel[outcome_order[i]])
			continue;
		if (!said)
			fprintf(out, "  event log of the BMC, 'ipmitool sel list':\n");
		said = true;
		snprintf(number, sizeof(number), "%4x", s->sel[outcome_order[i]] - 1u);
		print_sel_line(out, number, outcome_order[i]);
	}
}

/* A reset loses the page, and the event log is what is left. */
static void print_where_else(FILE *out, const struct kp_park_status *s)
{
	if (!s->bmc)
		return;
	fprintf(out, "a hand-over with --trace=ipmi leaves records in the BMC's event log, which "
		"outlive a reset; 'ipmitool sel list':\n");
	for (unsigned i = 0; i < PARK_OUTCOMES; i++)
		print_sel_line(out, "   N", outcome_order[i]);
	fprintf(out, "then a byte with an exception's vector, and 8 with an address, the lowest "
		"first\n");
}

static void print_log(FILE *out, const char *log)
{
	if (*log)
		fprintf(out, "  last messages:\n");
	while (*log) {
		int len = (int)strcspn(log, "\n");

		fprintf(out, "    %.*s\n", len, log);
		log += len + (log[len] == '\n');
	}
}

void park_status_print(FILE *out, const struct kp_park_status *s)
{
	print_first_line(out, s);
	if (!is_record_good(s)) {
		print_where_else(out, s);
		return;
	}
	fprintf(out, "last hand-over: into a %s kernel, on the CPU with APIC ID %" PRIu32 " (%s)\n",
		plan_slot(s->slot), s->boot_apic_id, s->boot_is_bsp ? "the BSP" : "not the BSP");
	fprintf(out, "  parking: %s\n", verdict_of(s)->text);
	print_missing(out, s);
	print_digest(out, s);
	print_phases(out, s);
	print_exposure(out, s);
	print_events(out, "swallowed by the purgatory", s->purgatory_nmi_count,
		     s->purgatory_mce_count);
	print_events(out, "taken by parked CPUs since", s->nmi_count, s->mce_count);
	print_event_log(out, s);
	print_log(out, s->log);
}

static json_t *missing_json(const struct kp_park_status *s)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < s->n_missing && i < KP_PARK_MISSING; i++)
		if (json_array_append_new(list, json_integer(s->missing[i])))
			return json_decref(list), NULL;
	return list;
}

static json_t *phases_json(const struct kp_park_status *s)
{
	json_t *map = json_object();

	for (unsigned i = 0; i < KP_PARK_PHASES; i++)
		if (json_object_set_new(map, phases[i].word,
					json_integer((json_int_t)phase_time(s, i))))
			return json_decref(map), NULL;
	return map;
}

/* null: they were not parked. */
static json_t *exposed_json(const struct kp_park_status *s)
{
	return was_parked(s) ? json_integer((json_int_t)s->phase_us[PARK_PHASE_PARK]) : json_null();
}

/* UINT32_MAX stands for no CPU at all. */
static json_t *apic_id_json(uint32_t id)
{
	return id == UINT32_MAX ? json_null() : json_integer(id);
}

static json_t *mismatch_json(const struct kp_park_status *s)
{
	return s->mismatch ? json_address(s->mismatch) : json_null();
}

static json_t *event_log_json(const struct kp_park_status *s)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < PARK_OUTCOMES; i++) {
		unsigned outcome = outcome_order[i];

		if (s->sel[outcome] &&
		    json_array_append_new(list, json_pack("{s:I, s:s}", "id",
							  (json_int_t)s->sel[outcome] - 1, "outcome",
							  outcomes[outcome].word)))
			return json_decref(list), NULL;
	}
	return list;
}

static json_t *handover_json(const struct kp_park_status *s)
{
	return json_pack("{s:s, s:I, s:b, s:s, s:I, s:s, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:o}",
			 "type", plan_slot(s->slot), "boot_apic_id", (json_int_t)s->boot_apic_id,
			 "boot_is_bsp", (int)s->boot_is_bsp, "verdict", verdict_of(s)->word,
			 "missing_count", (json_int_t)s->n_missing, "digest", digest_of(s)->word,
			 "digest_bytes", (json_int_t)s->digest_bytes,
			 "mismatch", mismatch_json(s),
			 "nmi_count", (json_int_t)s->purgatory_nmi_count,
			 "mce_count", (json_int_t)s->purgatory_mce_count,
			 "phase_us", phases_json(s),
			 "exposed_us", exposed_json(s), "event_log", event_log_json(s),
			 "log", json_text(s->log));
}

json_t *park_status_json(const struct kp_park_status *s)
{
	if (s->found == KP_PARK_FOUND_NONE)
		return json_pack("{s:n, s:s}", "address", "state", found_word(s->found));
	if (!is_record_good(s))
		return json_pack("{s:o, s:s}", "address", json_address(s->address),
				 "state", found_word(s->found));
	return json_pack("{s:o, s:s, s:I, s:s, s:I, s:I, s:o, s:I, s:I, s:o, s:o, s:o}",
			 "address", json_address(s->address), "state", found_word(s->found),
			 "generation", (json_int_t)s->generation, "mode", plan_park_mode(s->mode),
			 "expected", (json_int_t)s->expected, "arrived", (json_int_t)s->arrived,
			 "missing", missing_json(s), "nmi_count", (json_int_t)s->nmi_count,
			 "mce_count", (json_int_t)s->mce_count,
			 "last_nmi_apic_id", apic_id_json(s->last_nmi_apic_id),
			 "last_mce_apic_id", apic_id_json(s->last_mce_apic_id),
			 "handover", handover_json(s));
}
