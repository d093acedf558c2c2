/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_json.h"
#include "plan_words.h"

json_t *json_address(uint64_t address)
{
	return json_sprintf("0x%" PRIx64, address);
}

json_t *json_text(const char *text)
{
	json_t *whole = json_string(text);
	char *ascii;

	if (whole)
		return whole;
	ascii = strdup(text);
	if (!ascii)
		return NULL;
	for (char *p = ascii; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	whole = json_string(ascii);
	free(ascii);
	return whole;
}

/* json_pack() takes over ("o") what it is given, a NULL too: then it frees all and is NULL. */
static json_t *segment_json(const struct kp_segment *s)
{
	return json_pack("{s:s, s:o, s:o, s:I, s:b}", "name", s->name,
			 "start", json_address(s->at.start), "last", json_address(s->at.last),
			 "bytes", (json_int_t)s->data_bytes, "digest", (int)s->digest);
}

static json_t *mem_json(const struct kp_mem *m)
{
	const char *name = kp_mem_type_name(m->type);

	return json_pack("{s:o, s:o, s:o}", "start", json_address(m->at.start),
			 "last", json_address(m->at.last),
			 "type", name ? json_string(name)
				      : json_sprintf("type %" PRIu32, m->type));
}

static json_t *park_json(const struct kp_park_plan *park)
{
	if (park->state == KP_PARK_STATE_NONE)
		return json_null();
	return json_pack("{s:o, s:s, s:s, s:I}", "address", json_address(park->address),
			 "state", plan_park_state(park->state), "mode", plan_park_mode(park->mode),
			 "expected", (json_int_t)park->expected);
}

/* Append @item, which may be NULL, to @list, which may be NULL; what then is the list. */
static json_t *append(json_t *list, json_t *item)
{
	if (list && json_array_append_new(list, item) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *segments_json(const struct kp_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n_segments; i++)
		list = append(list, segment_json(&plan->segments[i]));
	return list;
}

static json_t *e820_json(const struct kp_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n_e820; i++)
		list = append(list, mem_json(&plan->e820[i]));
	return list;
}

static json_t *warnings_json(const struct kp_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n_warnings; i++)
		list = append(list, json_text(plan->warnings[i]));
	return list;
}

json_t *plan_json(const struct kp_plan *plan)
{
	if (plan->call == KP_CALL_FILE)
		return json_pack("{s:s, s:s, s:o, s:[], s:[], s:o, s:n}",
				 "type", plan_slot(plan->slot), "call", "kexec_file_load",
				 "cmdline", json_text(plan->cmdline), "segments", "e820",
				 "warnings", warnings_json(plan), "park_page");
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "type", plan_slot(plan->slot),
			 "entry", json_address(plan->entry),
			 "cmdline", json_text(plan->cmdline ? plan->cmdline : ""),
			 "segments", segments_json(plan), "e820", e820_json(plan),
			 "warnings", warnings_json(plan), "park_page", park_json(&plan->park));
}

/* DEL stands nowhere but in strings, and is the one control character that jansson lets through. */
static int put_escaped(const char *text, size_t n, void *out)
{
	for (size_t i = 0; i < n; i++)
		if ((text[i] == 0x7f ? fputs("\\u007f", out) : fputc(text[i], out)) == EOF)
			return -1;
	return 0;
}

bool json_print(FILE *out, json_t *document)
{
	int rc = json_dump_callback(document, put_escaped, out, JSON_INDENT(2) | JSON_ENSURE_ASCII);

	json_decref(document);
	return rc == 0 && fputc('\n', out) != EOF;
}
