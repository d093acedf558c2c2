/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "pe.h"
#include "uki.h"

enum part { LINUX_IMAGE, MICROCODE, INITRD, CMDLINE, N_PARTS };

static const char *const part_names[N_PARTS] = {
	[LINUX_IMAGE] = ".linux", [MICROCODE] = ".ucode", [INITRD] = ".initrd",
	[CMDLINE] = ".cmdline",
};

/* What was found, and in which profile: 0 for all, 1 the first. */
struct parts {
	struct kp_view data[N_PARTS];
	bool found[N_PARTS];
	unsigned profile[N_PARTS], n_profiles;
};

bool kp_uki_is(struct kp_view file)
{
	struct kp_error ignored = { 0 };
	struct kp_pe_section s;
	struct kp_pe pe;

	if (kp_pe_open(file, &pe, &ignored) < 0)
		return false;
	for (unsigned i = 0; i < pe.n_sections; i++) {
		kp_pe_section(&pe, i, &s, &ignored);
		if (strcmp(s.name, part_names[LINUX_IMAGE]) == 0)
			return true;
	}
	return false;
}

/* What a profile has counts instead of what is for all of them. */
static int take_part(struct parts *p, enum part part, struct kp_view data, struct kp_error *err)
{
	if (p->found[part] && p->profile[part] == p->n_profiles)
		return kp_fail(err, KP_IMAGE, "corrupt unified kernel image: two sections %s",
			       part_names[part]);
	p->found[part] = true;
	p->profile[part] = p->n_profiles;
	p->data[part] = data;
	return 0;
}

static int take_section(struct parts *p, const struct kp_pe_section *s, struct kp_error *err)
{
	for (enum part part = 0; part < N_PARTS; part++)
		if (strcmp(s->name, part_names[part]) == 0)
			return take_part(p, part, s->data, err);
	return 0;
}

/* A section .profile begins a profile; the second one ends the first. */
static int find_parts(const struct kp_pe *pe, struct parts *p, struct kp_error *err)
{
	struct kp_pe_section s;

	for (unsigned i = 0; i < pe->n_sections; i++) {
		if (kp_pe_section(pe, i, &s, err) < 0)
			return -1;
		if (strcmp(s.name, ".profile") == 0 && ++p->n_profiles == 2)
			return 0;
		if (take_section(p, &s, err) < 0)
			return -1;
	}
	return 0;
}

/* One line of text: up to a zero, control characters as blanks, none of them at the end. */
static int read_cmdline(struct kp_view data, struct kp_arena *arena, const char **out,
			struct kp_error *err)
{
	size_t len = strnlen((const char *)data.bytes, data.len);
	char *text = kp_arena_strndup(arena, (const char *)data.bytes, len, err);

	if (!text)
		return -1;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ')
			text[i] = ' ';
	while (len && text[len - 1] == ' ')
		text[--len] = '\0';
	*out = text;
	return 0;
}

int kp_uki_parse(struct kp_view file, struct kp_arena *arena, struct kp_uki *uki,
		 struct kp_error *err)
{
	struct parts p = { 0 };
	struct kp_pe pe;

	memset(uki, 0, sizeof(*uki));
	if (kp_pe_open(file, &pe, err) < 0 || find_parts(&pe, &p, err) < 0)
		return -1;
	if (!p.found[LINUX_IMAGE])
		return kp_fail(err, KP_IMAGE, "not a unified kernel image: a PE image of %u "
			       "sections, none of which is .linux", pe.n_sections);
	uki->linux_image = p.data[LINUX_IMAGE];
	for (enum part part = MICROCODE; part <= INITRD; part++)
		if (p.data[part].len)
			uki->initrds[uki->n_initrds++] = p.data[part];
	return p.found[CMDLINE] ? read_cmdline(p.data[CMDLINE], arena, &uki->cmdline, err) : 0;
}
