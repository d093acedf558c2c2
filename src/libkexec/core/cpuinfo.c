/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cpuinfo.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Split "name<tabs>: value"; false for a line without a colon. */
static bool field(struct kp_view line, struct kp_view *name, struct kp_view *value)
{
	const uint8_t *colon = line.len ? memchr(line.bytes, ':', line.len) : NULL;
	size_t n;

	if (!colon)
		return false;
	n = (size_t)(colon - line.bytes);
	*name = kp_text_trim((struct kp_view){ line.bytes, n });
	*value = kp_text_trim((struct kp_view){ colon + 1, line.len - n - 1 });
	return true;
}

bool kp_cpuinfo_parse(struct kp_view text, struct kp_cpuinfo *out)
{
	struct kp_view line, name, value;
	struct kp_cpuinfo ci = { 0 };
	bool found = false;

	while (kp_view_line(&text, &line)) {
		if (!field(line, &name, &value))
			continue;
		if (kp_text_is(name, "vendor_id"))
			ci.amd = kp_text_is(value, "AuthenticAMD") ||
				 kp_text_is(value, "HygonGenuine");
		if (!kp_text_is(name, "flags"))
			continue;
		found = true;
		ci.la57 = kp_text_has_word(value, "la57");
		ci.hypervisor = kp_text_has_word(value, "hypervisor");
		ci.tdx_guest = kp_text_has_word(value, "tdx_guest");
		ci.sev = kp_text_has_word(value, "sev");
		ci.sev_es = kp_text_has_word(value, "sev_es");
		ci.sev_snp = kp_text_has_word(value, "sev_snp");
		ci.sme = kp_text_has_word(value, "sme");
		break;
	}
	*out = ci;
	return found;
}

int kp_apic_id_compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int kp_cpuinfo_apic_ids(struct kp_view text, struct kp_arena *arena, uint32_t **ids, size_t *n,
			struct kp_error *err)
{
	struct kp_view line, name, value;
	size_t cap = 0;
	uint64_t id;

	for (*ids = NULL, *n = 0; kp_view_line(&text, &line);) {
		if (!field(line, &name, &value) || !kp_text_is(name, "apicid") ||
		    !kp_text_u64(value, 10, &id) || id > UINT32_MAX)
			continue;
		uint32_t *grown = kp_arena_grow(arena, *ids, *n, &cap, sizeof(*grown), err);

		if (!grown)
			return -1;
		*ids = grown;
		grown[(*n)++] = (uint32_t)id;
	}
	if (*n)
		qsort(*ids, *n, sizeof(**ids), kp_apic_id_compare);
	return 0;
}

bool kp_cpuinfo_apic_id(struct kp_view text, unsigned cpu, uint32_t *id)
{
	struct kp_view line, name, value;
	bool here = false;
	uint64_t n;

	while (kp_view_line(&text, &line)) {
		if (!field(line, &name, &value))
			continue;
		if (kp_text_is(name, "processor"))
			here = kp_text_u64(value, 10, &n) && n == cpu;
		if (here && kp_text_is(name, "apicid") && kp_text_u64(value, 10, &n) &&
		    n <= UINT32_MAX) {
			*id = (uint32_t)n;
			return true;
		}
	}
	return false;
}
