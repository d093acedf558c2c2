/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the command prints of a plan and of a flight record, for people and for programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "in_range.h"

#include "park_page.h"
#include "park_status.h"
#include "plan_json.h"
#include "plan_text.h"
#include "plan_words.h"

#define MIB (1ULL << 20)

static const struct kp_mem e820[] = {
	{ { 0x400, 0xffff }, KP_MEM_RAM },
	{ { 0x10000, 0x10fff }, KP_MEM_RESERVED },
	{ { 0x11000, 0x9fbff }, KP_MEM_RAM },
	{ { 1 * MIB, 4096 * MIB - 1 }, KP_MEM_RAM },
	{ { 0xfed1c000000, 0xfed1fffffff }, 42 },
};

static const char *const warnings[] = { "the \"first\" one", "bad byte \xff" };

static const struct kp_plan plan = {
	.slot = KP_CRASH,
	.entry = 0x7ffde000,
	.cmdline = "root=/dev/sda1 quiet",
	.segments = {
		{ .name = "kernel", .at = { 1024 * MIB, 1088 * MIB - 1 }, .data_bytes = 40 * MIB,
		  .digest = true },
		{ .name = "initrd", .at = { 1100 * MIB, 1163 * MIB + 4095 },
		  .data_bytes = 63 * MIB + 5, .digest = true },
		{ .name = "boot data", .at = { 1163 * MIB + 4096, 1163 * MIB + 3 * 4096 - 1 },
		  .data_bytes = 5000, .digest = true },
		{ .name = "purgatory", .at = { 1163 * MIB + 3 * 4096, 1163 * MIB + 9 * 4096 - 1 },
		  .data_bytes = 20000 },
	},
	.n_segments = 4,
	.e820 = e820,
	.n_e820 = 5,
	.warnings = warnings,
	.n_warnings = 2,
	.park = { .state = KP_PARK_STATE_REUSE, .address = 0x10000, .mode = KP_PARK_HLT,
		  .expected = 3 },
};

#define TEXT_BYTES 65536

/* Run @print on a memory file; the text is the caller's to free. */
static char *text_of(void (*print)(FILE *out, const void *arg), const void *arg)
{
	char *text = calloc(1, TEXT_BYTES);
	FILE *out = fmemopen(text, TEXT_BYTES, "w");

	assert_non_null(out);
	print(out, arg);
	assert_int_equal(fclose(out), 0);
	return text;
}

static const struct plan_style at_80 = { .columns = 80 }, at_1 = { .columns = 1 };

static void print_plan_80(FILE *out, const void *arg) { plan_print(out, arg, &at_80); }
static void draw_80(FILE *out, const void *arg) { plan_draw(out, arg, &at_80); }
static void draw_1(FILE *out, const void *arg) { plan_draw(out, arg, &at_1); }
static void print_status(FILE *out, const void *arg) { park_status_print(out, arg); }

static void assert_says(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in:\n%s", words, text);
}

/* The first bar of a drawing, without its frame; its length goes to @width. */
static const char *first_bar(const char *text, int *width)
{
	const char *at = strstr(text, "\n  |");

	assert_non_null(at);
	at = at ? at + 4 : text;
	*width = (int)strcspn(at, "|");
	return at;
}

static void test_plan_text(void **state)
{
	char *text = text_of(print_plan_80, &plan);

	(void)state;
	assert_says(text, "slot:         crash\n");
	assert_says(text, "entry:        0x7ffde000\n");
	assert_says(text, "other CPUs:   3 parked (hlt) in the page 0x10000 (reuse)\n");
	assert_says(text, "command line: root=/dev/sda1 quiet\n");
	assert_says(text, " A kernel           0x0000000040000000 0x0000000043ffffff "
		    "      40 MiB  yes\n");
	assert_says(text, " B initrd           0x0000000044c00000 0x0000000048b00fff "
		    "    63.0 MiB  yes\n");
	assert_says(text, " D purgatory        0x0000000048b03000 0x0000000048b08fff "
		    "    19.5 KiB  no\n");
	assert_says(text, "   Reserved         0x0000000000010000 0x0000000000010fff "
		    "       4 KiB\n");
	assert_says(text, "   type 42          0x00000fed1c000000");
	assert_says(text, "warning: the \"first\" one\n");
	free(text);
}

static void test_lines_fit(void **state)
{
	char *text = text_of(print_plan_80, &plan);

	(void)state;
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > 80)
			fail_msg("more than 80 columns: %.*s", (int)strcspn(line, "\n"), line);
	free(text);
}

/*
 * 4 GiB in 76 columns are 53.9 MiB each: the kernel's 64 MiB from 1024 touch columns 18 to 20,
 * the initrd's from 1100 columns 20 and 21, and the small ones column 21.
 */
static void test_drawing_is_to_scale(void **state)
{
	char *text = text_of(draw_80, &plan);
	int width;
	const char *cells = first_bar(text, &width);

	(void)state;
	assert_int_equal(width, 76);
	assert_int_equal(cells[0], '@');
	assert_memory_equal(cells + 18, "AA**-", 5);
	assert_says(text, "A kernel  B initrd  C boot data  D purgatory");
	assert_says(text, "@ park page");
	free(text);
}

/* What the first bar crowds, a later one tells apart: each segment has a column somewhere. */
static void assert_all_drawn(const struct kp_plan *p)
{
	char *text = text_of(draw_80, p);
	bool alone[KP_MAX_SEGMENTS] = { false };

	for (const char *at = strstr(text, "\n  |"); at; at = strstr(at + 1, "\n  |")) {
		size_t width = strcspn(at + 4, "|");

		for (size_t i = 4; i < 4 + width; i++)
			if (at[i] >= 'A' && at[i] < 'A' + KP_MAX_SEGMENTS)
				alone[at[i] - 'A'] = true;
	}
	for (size_t i = 0; i < p->n_segments; i++)
		if (!alone[i])
			fail_msg("segment %c has no column of its own:\n%s", (int)('A' + i), text);
	free(text);
}

static void test_drawing_enlarges(void **state)
{
	(void)state;
	assert_all_drawn(&plan);
}

/* Sixteen segments of 1 to 2^24 pages, with and without gaps as large, 500 times. */
static void test_drawing_enlarges_random(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct kp_plan p = { .n_segments = KP_MAX_SEGMENTS };
		uint64_t at = 0;

		for (size_t i = 0; i < KP_MAX_SEGMENTS; i++) {
			uint64_t gap = rand_r(&seed) % 3 ? 0 : 4096ULL << (rand_r(&seed) % 25);
			uint64_t bytes = 4096ULL << (rand_r(&seed) % 3 ? 0 : rand_r(&seed) % 25);

			p.segments[i].name = "x";
			p.segments[i].at.start = at + gap;
			p.segments[i].at.last = at + gap + bytes - 1;
			at += gap + bytes;
		}
		assert_all_drawn(&p);
	}
}

/* Odd plans draw without a fault: none at all, all of memory, a terminal of one column. */
static void test_drawing_bears_anything(void **state)
{
	static const struct kp_mem all = { { 0, UINT64_MAX }, KP_MEM_RAM };
	static const struct kp_plan plans[] = {
		{ .n_segments = 0 },
		{ .e820 = &all, .n_e820 = 1 },
		{ .e820 = &all, .n_e820 = 1, .n_segments = 1, .segments = {
			{ .name = "top", .at = { UINT64_MAX - 4095, UINT64_MAX } } } },
	};
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		text = text_of(draw_1, &plans[i]);
		assert_says(text, "\n  |");
		free(text);
	}
	text = text_of(draw_1, &plan);
	assert_says(text, "\n  |");
	free(text);
}

static void test_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 bytes" }, { 1023, "1023 bytes" }, { 1024, "1 KiB" }, { 1536, "1536 bytes" },
		{ 9999, "9999 bytes" }, { 10001, "9.8 KiB" }, { 3071 * MIB, "3071 MiB" },
		{ 63 * MIB + 5, "63.0 MiB" }, { 10000 * 1024, "9.8 MiB" },
		{ 4096, "4 KiB" }, { 63 * MIB, "63 MiB" }, { 4096 * MIB, "4 GiB" },
		{ UINT64_MAX, "16.0 EiB" },
	};
	char text[PLAN_SIZE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(plan_size(rows[i].bytes, text), rows[i].text);
}

static void assert_json(json_t *document, const char *expected)
{
	json_t *want = json_loads(expected, JSON_DECODE_ANY, NULL);
	char *have;

	assert_non_null(want);
	assert_non_null(document);
	have = json_dumps(document, JSON_INDENT(1));
	if (!json_equal(document, want))
		fail_msg("unexpected JSON:\n%s", have);
	free(have);
	json_decref(want);
	json_decref(document);
}

static void test_plan_json(void **state)
{
	(void)state;
	assert_json(plan_json(&plan),
		"{\"type\": \"crash\", \"entry\": \"0x7ffde000\","
		" \"cmdline\": \"root=/dev/sda1 quiet\", \"segments\": ["
		"{\"name\": \"kernel\", \"start\": \"0x40000000\", \"last\": \"0x43ffffff\","
		" \"bytes\": 41943040, \"digest\": true},"
		"{\"name\": \"initrd\", \"start\": \"0x44c00000\", \"last\": \"0x48b00fff\","
		" \"bytes\": 66060293, \"digest\": true},"
		"{\"name\": \"boot data\", \"start\": \"0x48b01000\", \"last\": \"0x48b02fff\","
		" \"bytes\": 5000, \"digest\": true},"
		"{\"name\": \"purgatory\", \"start\": \"0x48b03000\", \"last\": \"0x48b08fff\","
		" \"bytes\": 20000, \"digest\": false}],"
		" \"e820\": ["
		"{\"start\": \"0x400\", \"last\": \"0xffff\", \"type\": \"RAM\"},"
		"{\"start\": \"0x10000\", \"last\": \"0x10fff\", \"type\": \"Reserved\"},"
		"{\"start\": \"0x11000\", \"last\": \"0x9fbff\", \"type\": \"RAM\"},"
		"{\"start\": \"0x100000\", \"last\": \"0xffffffff\", \"type\": \"RAM\"},"
		"{\"start\": \"0xfed1c000000\", \"last\": \"0xfed1fffffff\","
		" \"type\": \"type 42\"}],"
		" \"warnings\": [\"the \\\"first\\\" one\", \"bad byte ?\"],"
		" \"park_page\": {\"address\": \"0x10000\", \"state\": \"reuse\","
		" \"mode\": \"hlt\", \"expected\": 3}}");
}

static void test_empty_plan_json(void **state)
{
	static const struct kp_plan empty;

	(void)state;
	assert_json(plan_json(&empty),
		"{\"type\": \"normal\", \"entry\": \"0x0\", \"cmdline\": \"\", \"segments\": [],"
		" \"e820\": [], \"warnings\": [], \"park_page\": null}");
}

static const struct kp_park_status record = {
	.found = KP_PARK_FOUND_INTACT, .address = 0x10000, .mode = KP_PARK_HLT, .generation = 3,
	.expected = 3, .arrived = 3, .nmi_count = 12, .mce_count = 1, .last_nmi_apic_id = 2,
	.last_mce_apic_id = UINT32_MAX, .slot = KP_CRASH, .boot_apic_id = 0, .boot_is_bsp = true,
	.verdict = PARK_VERDICT_ALL, .digest = PARK_DIGEST_MATCH, .purgatory_nmi_count = 2,
	.purgatory_mce_count = 1, .digest_bytes = 63 * MIB,
	.phase_us = { 10, 30, 511000, 930, 11000, 511500 },
	.log = "verified 63 MiB, swallowed 2 NMI 1 #MC\nparked 3 of 3\n",
};

static void test_status_text(void **state)
{
	static const char first[] =
		"park page 0x00010000: intact, generation 3, 3 of 3 CPUs parked (hlt)\n";
	char *text = text_of(print_status, &record);

	(void)state;
	assert_memory_equal(text, first, strlen(first));
	assert_says(text, "into a crash kernel, on the CPU with APIC ID 0 (the BSP)\n");
	assert_says(text, "  parking: every expected CPU arrived\n");
	assert_says(text, "  digest: matched over 63 MiB\n");
	assert_says(text, "  time: entry 0.010 ms, traps 0.020 ms, backup 0.900 ms, "
		    "park 10.070 ms, digest 500.000 ms, jump 0.500 ms\n"
		    "  other CPUs exposed: 11.000 ms, from the purgatory's entry until they were "
		    "parked\n");
	assert_says(text, "  swallowed by the purgatory: 2 NMI, 1 #MC\n");
	assert_says(text, "  taken by parked CPUs since: 12 NMI, 1 #MC\n");
	assert_says(text, "    parked 3 of 3\n");
	assert_null(strstr(text, "did not arrive"));
	assert_null(strstr(text, "first at"));
	assert_null(strstr(text, "ipmitool"));
	free(text);
}

static void test_status_of_a_mismatch(void **state)
{
	struct kp_park_status s = record;
	const char *word = "";
	json_t *json;
	char *text;

	(void)state;
	s.digest = PARK_DIGEST_MISMATCH;
	s.mismatch = 0x37000;
	text = text_of(print_status, &s);
	assert_says(text, "  digest: DID NOT MATCH over 63 MiB, first at or after 0x00037000\n");
	free(text);
	json = park_status_json(&s);
	assert_int_equal(json_unpack(json, "{s:{s:s}}", "handover", "mismatch", &word), 0);
	assert_string_equal(word, "0x37000");
	json_decref(json);
}

/* As ipmitool(1) 1.8.19 prints an OEM record without a time stamp. */
static void test_status_names_records_of_the_event_log(void **state)
{
	struct kp_park_status s = record;
	json_t *json, *log = NULL, *must;
	char *text;

	(void)state;
	s.sel[PARK_OUTCOME_ENTERED] = 0x236;
	s.sel[PARK_OUTCOME_MISMATCH] = 0x235;
	s.sel[PARK_OUTCOME_BEGUN] = 1;
	text = text_of(print_status, &s);
	assert_says(text, "  event log of the BMC, 'ipmitool sel list':\n"
		    "       0 | OEM record e0 | 4b585004...: the hand-over has begun\n"
		    "     234 | OEM record e0 | 4b585000...: the digest did not match\n"
		    "     235 | OEM record e0 | 4b585003...: the next kernel was entered\n");
	free(text);
	json = park_status_json(&s);
	assert_int_equal(json_unpack(json, "{s:{s:o}}", "handover", "event_log", &log), 0);
	must = json_loads("[{\"id\": 0, \"outcome\": \"begun\"}, {\"id\": 564, \"outcome\": "
			  "\"mismatch\"}, {\"id\": 565, \"outcome\": \"entered\"}]", 0, NULL);
	assert_true(json_equal(log, must));
	json_decref(must);
	json_decref(json);
}

/* What firmware's reset has left of a hand-over. */
static void test_status_without_a_page_on_a_machine_with_a_bmc(void **state)
{
	struct kp_park_status s = { .found = KP_PARK_FOUND_NONE };
	char *text = text_of(print_status, &s);

	(void)state;
	assert_null(strstr(text, "ipmitool"));
	free(text);
	s.bmc = true;
	text = text_of(print_status, &s);
	assert_says(text, "'ipmitool sel list':\n"
		    "       N | OEM record e0 | 4b585004...: the hand-over has begun\n"
		    "       N | OEM record e0 | 4b585000...: the digest did not match\n"
		    "       N | OEM record e0 | 4b585001...: the purgatory took an exception");
	free(text);
}

/* As an earlier purgatory left them: the digest and the copy before parking. */
static void test_status_of_an_older_order(void **state)
{
	struct kp_park_status old = record;
	static const uint64_t us[] = { 10, 30, 500030, 500930, 511000, 511500 };
	char *text;

	(void)state;
	memcpy(old.phase_us, us, sizeof(us));
	text = text_of(print_status, &old);
	assert_says(text, "backup 0.900 ms, park 10.070 ms, digest 500.000 ms, jump 0.500 ms\n");
	assert_says(text, "  other CPUs exposed: 511.000 ms");
	free(text);
}

static void test_status_of_cpus_that_were_not_parked(void **state)
{
	struct kp_park_status none = record;
	char *text;

	(void)state;
	none.verdict = PARK_VERDICT_IDS_DAMAGED;
	none.phase_us[PARK_PHASE_JUMP] = 0; /* it was not reached */
	text = text_of(print_status, &none);
	assert_says(text, "  parking: not parked: the list of APIC IDs is damaged\n");
	assert_says(text, "digest 500.000 ms, jump 0.000 ms\n");
	assert_null(strstr(text, "exposed"));
	free(text);
}

static void test_status_missing(void **state)
{
	struct kp_park_status some = record;
	char *text;

	(void)state;
	some.arrived = 1;
	some.verdict = PARK_VERDICT_SOME;
	some.n_missing = 2;
	some.missing[0] = 4;
	some.missing[1] = 260;
	text = text_of(print_status, &some);
	assert_says(text, "generation 3, 1 of 3 CPUs parked (hlt)\n");
	assert_says(text, "  did not arrive: 2, APIC IDs 4 260\n");
	free(text);
	some.n_missing = 40;
	text = text_of(print_status, &some);
	assert_says(text, "  did not arrive: 40, APIC IDs 4 260 0 ");
	assert_says(text, " ...\n");
	free(text);
}

static void test_status_json(void **state)
{
	(void)state;
	assert_json(park_status_json(&record),
		"{\"address\": \"0x10000\", \"state\": \"intact\", \"generation\": 3,"
		" \"mode\": \"hlt\", \"expected\": 3, \"arrived\": 3, \"missing\": [],"
		" \"nmi_count\": 12, \"mce_count\": 1, \"last_nmi_apic_id\": 2,"
		" \"last_mce_apic_id\": null, \"handover\": {\"type\": \"crash\","
		" \"boot_apic_id\": 0, \"boot_is_bsp\": true, \"verdict\": \"all\","
		" \"missing_count\": 0, \"digest\": \"match\", \"digest_bytes\": 66060288,"
		" \"mismatch\": null,"
		" \"nmi_count\": 2, \"mce_count\": 1, \"phase_us\": {\"entry\": 10, \"traps\": 20,"
		" \"digest\": 500000, \"backup\": 900, \"park\": 10070, \"jump\": 500}, \"exposed_us\": 11000,"
		" \"event_log\": [],"
		" \"log\": \"verified 63 MiB, swallowed 2 NMI 1 #MC\\nparked 3 of 3\\n\"}}");
}

/* No row is missing, each word is short enough to end, and no two are alike. */
static void assert_words(const struct park_naming *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_uint_in_range(strnlen(list[i].word, PARK_WORD_BYTES), 1, PARK_WORD_BYTES - 1);
		assert_uint_in_range(strnlen(list[i].text, PARK_TEXT_BYTES), 1, PARK_TEXT_BYTES - 1);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(list[i].word, list[j].word);
	}
}

static const struct park_naming phases[] = { PARK_PHASE_LIST(PARK_NAMING_ROW) };
static const struct park_naming verdicts[] = { PARK_VERDICT_LIST(PARK_NAMING_ROW) };
static const struct park_naming digests[] = { PARK_DIGEST_LIST(PARK_NAMING_ROW) };

_Static_assert(sizeof(phases) / sizeof(phases[0]) == PARK_PHASES &&
	       sizeof(verdicts) / sizeof(verdicts[0]) == PARK_VERDICTS &&
	       sizeof(digests) / sizeof(digests[0]) == PARK_DIGESTS, "a list does not end at its end");

static void test_words(void **state)
{
	(void)state;
	assert_words(phases, PARK_PHASES);
	assert_words(verdicts, PARK_VERDICTS);
	assert_words(digests, PARK_DIGESTS);
}

/* The word in the JSON, the sentence in the text. */
static void assert_status_says(const struct kp_park_status *status, const char *key,
			       const struct park_naming *naming)
{
	json_t *json = park_status_json(status);
	const char *word;
	char *text = text_of(print_status, status);

	assert_int_equal(json_unpack(json, "{s:{s:s}}", "handover", key, &word), 0);
	assert_string_equal(word, naming->word);
	assert_says(text, naming->text);
	json_decref(json);
	free(text);
}

static void test_status_words(void **state)
{
	static const struct park_naming unknown = { "unknown", "unknown" };
	struct kp_park_status s = record;

	(void)state;
	for (s.verdict = 0; s.verdict <= PARK_VERDICTS; s.verdict++)
		assert_status_says(&s, "verdict", s.verdict < PARK_VERDICTS ?
				   &verdicts[s.verdict] : &unknown);
	s.verdict = UINT32_MAX;
	assert_status_says(&s, "verdict", &unknown);
	for (s.digest = 0; s.digest <= PARK_DIGESTS; s.digest++)
		assert_status_says(&s, "digest", s.digest < PARK_DIGESTS ?
				   &digests[s.digest] : &unknown);
}

/* Exit statuses and first words for the other things that may be found. */
static void test_status_found(void **state)
{
	static const struct {
		enum kp_park_found found;
		int status;
		const char *first, *json;
	} rows[] = {
		{ KP_PARK_FOUND_NONE, 1, "no park page on this machine\n",
		  "{\"address\": null, \"state\": \"none\"}" },
		{ KP_PARK_FOUND_CORRUPT, 2, "park page 0x00012000: corrupt:",
		  "{\"address\": \"0x12000\", \"state\": \"corrupt\"}" },
		{ KP_PARK_FOUND_OTHER_VERSION, 0,
		  "park page 0x00012000: intact, of another version",
		  "{\"address\": \"0x12000\", \"state\": \"other-version\"}" },
	};

	(void)state;
	assert_int_equal(park_status_exit(&record), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kp_park_status status = { .found = rows[i].found, .address = 0x12000 };
		char *text = text_of(print_status, &status);

		assert_memory_equal(text, rows[i].first, strlen(rows[i].first));
		assert_int_equal(park_status_exit(&status), rows[i].status);
		assert_json(park_status_json(&status), rows[i].json);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_text),
		cmocka_unit_test(test_lines_fit),
		cmocka_unit_test(test_drawing_is_to_scale),
		cmocka_unit_test(test_drawing_enlarges),
		cmocka_unit_test(test_drawing_enlarges_random),
		cmocka_unit_test(test_drawing_bears_anything),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_plan_json),
		cmocka_unit_test(test_empty_plan_json),
		cmocka_unit_test(test_status_text),
		cmocka_unit_test(test_status_of_a_mismatch),
		cmocka_unit_test(test_status_names_records_of_the_event_log),
		cmocka_unit_test(test_status_without_a_page_on_a_machine_with_a_bmc),
		cmocka_unit_test(test_status_missing),
		cmocka_unit_test(test_status_of_an_older_order),
		cmocka_unit_test(test_status_of_cpus_that_were_not_parked),
		cmocka_unit_test(test_status_json),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_status_words),
		cmocka_unit_test(test_status_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
