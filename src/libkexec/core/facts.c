/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "facts.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

static int set_string(struct kp_machine *m, const char **field, struct kp_view v,
		      struct kp_error *err)
{
	*field = kp_arena_strndup(&m->arena, (const char *)v.bytes, v.len, err);
	return *field ? 0 : -1;
}

static int set_arch(struct kp_machine *m, struct kp_view v, struct kp_error *err)
{
	return set_string(m, &m->arch, v, err);
}

static int set_tsc(struct kp_machine *m, struct kp_view v, struct kp_error *err)
{
	uint64_t n;

	if (kp_text_number(v, 10, UINT32_MAX, &n, err))
		return -1;
	m->tsc_khz = (uint32_t)n;
	return 0;
}

static int set_bsp(struct kp_machine *m, struct kp_view v, struct kp_error *err)
{
	uint64_t n;

	if (kp_text_number(v, 10, UINT32_MAX - 1, &n, err))
		return -1;
	m->bsp_apic_id = (uint32_t)n;
	m->bsp_known = true;
	return 0;
}

static int set_ebda(struct kp_machine *m, struct kp_view v, struct kp_error *err)
{
	return kp_text_number(v, 16, 0x100000, &m->ebda, err);
}

static int set_confidential(struct kp_machine *m, struct kp_view v, struct kp_error *err)
{
	return set_string(m, &m->confidential, v, err);
}

static int set_devmem_error(struct kp_machine *m, struct kp_view v, struct kp_error *err)
{
	return set_string(m, &m->devmem_error, v, err);
}

static const struct {
	const char *key;
	int (*set)(struct kp_machine *, struct kp_view, struct kp_error *);
} keys[] = {
	{ "arch=", set_arch },
	{ "tsc_khz=", set_tsc },
	{ "bsp_apic_id=", set_bsp },
	{ "ebda=", set_ebda },
	{ "confidential=", set_confidential },
	{ "devmem_error=", set_devmem_error },
};

static int parse_line(struct kp_view line, struct kp_machine *m, struct kp_error *err)
{
	struct kp_view value;

	line = kp_text_trim(line);
	if (line.len == 0 || line.bytes[0] == '#')
		return 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!kp_text_value(line, keys[i].key, &value))
			continue;
		if (keys[i].set(m, value, err))
			return kp_within(err, "%s", keys[i].key);
		return 0;
	}
	return kp_fail(err, KP_MACHINE, "\"%.*s\" is no fact that is known here",
		       KP_TEXT_ARG(line));
}

int kp_facts_parse(struct kp_view text, struct kp_machine *machine, struct kp_error *err)
{
	struct kp_view line;

	for (unsigned long n = 1; kp_view_line(&text, &line); n++)
		if (parse_line(line, machine, err))
			return kp_within(err, "line %lu", n);
	return 0;
}

/* "key=value\n", or nothing for a fact that is not known. */
static char *fact(struct kp_arena *a, struct kp_error *err, const char *key, const char *value)
{
	return value ? kp_arena_printf(a, err, "%s=%s\n", key, value) :
		       kp_arena_strndup(a, "", 0, err);
}

static char *number(struct kp_arena *a, struct kp_error *err, bool known, const char *key,
		    const char *prefix, uint64_t n)
{
	if (!known)
		return fact(a, err, key, NULL);
	return *prefix ? kp_arena_printf(a, err, "%s=%s%" PRIx64 "\n", key, prefix, n) :
			 kp_arena_printf(a, err, "%s=%" PRIu64 "\n", key, n);
}

char *kp_facts_print(const struct kp_machine *m, struct kp_arena *a, struct kp_error *err)
{
	const char *parts[] = {
		fact(a, err, "arch", m->arch),
		number(a, err, m->tsc_khz != 0, "tsc_khz", "", m->tsc_khz),
		number(a, err, m->bsp_known, "bsp_apic_id", "", m->bsp_apic_id),
		number(a, err, m->ebda != 0, "ebda", "0x", m->ebda),
		fact(a, err, "confidential", m->confidential),
		fact(a, err, "devmem_error", m->devmem_error),
	};
	char *text = kp_arena_strndup(a, "", 0, err);

	for (size_t i = 0; text && i < sizeof(parts) / sizeof(parts[0]); i++)
		text = parts[i] ? kp_arena_printf(a, err, "%s%s", text, parts[i]) : NULL;
	if (!text)
		return NULL;
	return kp_arena_printf(a, err, "# facts of a captured machine, version 1\n%s", text);
}
