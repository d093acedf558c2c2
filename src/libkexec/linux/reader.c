/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grades.h"
#include "reader.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WHOLE		SIZE_MAX

bool kp_is_absence(int why)
{
	return why == ENOENT || why == ENOTDIR || why == ENODEV || why == ENXIO || why == ENODATA;
}

static bool is_noted(const struct kp_machine *m, const char *path)
{
	for (size_t i = 0; i < m->n_troubles; i++)
		if (strcmp(m->troubles[i].path + 1, path) == 0)
			return true;
	return false;
}

int kp_note(struct kp_reader *r, const struct kp_error *why, bool partial)
{
	struct kp_machine *m = r->m;
	struct kp_trouble t = { .fact = kp_fact_of(r->path), .code = why->code, .sys = why->sys,
				.partial = partial }, *v;

	if (is_noted(m, r->path))
		return 0;
	t.path = kp_arena_printf(&m->arena, r->err, "/%s", r->path);
	t.why = kp_arena_strndup(&m->arena, why->text, strlen(why->text), r->err);
	v = kp_arena_grow(&m->arena, m->troubles, m->n_troubles, &r->cap_troubles, sizeof(*v),
			  r->err);
	if (!t.path || !t.why || !v)
		return -1;
	m->troubles = v;
	v[m->n_troubles++] = t;
	return 0;
}

int kp_senseless(struct kp_reader *r)
{
	struct kp_error why = *r->err;

	if (why.code == KP_NO_MEMORY)
		return -1;
	*r->err = (struct kp_error){ 0 };
	return kp_note(r, &why, false);
}

int kp_outcome(struct kp_reader *r, int why)
{
	struct kp_error told = { .code = KP_IO, .sys = why };
	const struct kp_fact *fact = kp_fact_of(r->path);

	r->absent = kp_is_absence(why);
	if (why == 0)
		return 1;
	if (why == ENOMEM)
		return kp_fail_sys(r->err, KP_NO_MEMORY, why, "%s", r->path);
	if (r->absent && !(fact && fact->expected))
		return 0;
	snprintf(told.text, sizeof(told.text), "%s", strerror(why));
	return kp_note(r, &told, false);
}

int kp_get(struct kp_reader *r, struct kp_view *bytes, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->path, sizeof(r->path), fmt, args);
	va_end(args);
	return kp_outcome(r, kp_root_read(r->root, r->path, WHOLE, bytes));
}

int kp_get_numbers(struct kp_reader *r, const char *dir, const char *prefix, unsigned base,
		   uint32_t **numbers, size_t *n)
{
	int rc;

	snprintf(r->path, sizeof(r->path), "%s", dir);
	rc = kp_outcome(r, kp_root_numbers(r->root, dir, prefix, base, &r->m->arena, numbers, n));
	if (rc == 0)
		*n = 0;
	return rc < 0 ? -1 : 0;
}

int kp_get_number(struct kp_reader *r, unsigned base, uint64_t max, uint64_t *n,
		  const char *fmt, ...)
{
	struct kp_view text;
	va_list args;
	int rc;

	va_start(args, fmt);
	vsnprintf(r->path, sizeof(r->path), fmt, args);
	va_end(args);
	rc = kp_outcome(r, kp_root_read(r->root, r->path, WHOLE, &text));
	if (rc > 0 && kp_text_number(text, base, max, n, r->err))
		return kp_senseless(r);
	return rc;
}

int kp_with_siblings(struct kp_reader *r, int rc)
{
	static const struct kp_error missing = {
		.code = KP_MACHINE, .text = "is missing, although its directory is there",
	};

	return rc == 0 && r->absent ? kp_note(r, &missing, false) : rc;
}

int kp_need_whole_lines(struct kp_reader *r, struct kp_view text)
{
	if (text.len && text.bytes[text.len - 1] == '\n')
		return 0;
	return kp_fail(r->err, KP_MACHINE, "ends within a line, after %zu bytes", text.len);
}

int kp_keep_bytes(struct kp_reader *r, struct kp_view bytes, struct kp_view *out)
{
	uint8_t *copy = kp_arena_alloc(&r->m->arena, bytes.len ? bytes.len : 1, r->err);

	if (!copy)
		return -1;
	memcpy(copy, bytes.bytes, bytes.len);
	*out = (struct kp_view){ copy, bytes.len };
	return 0;
}

int kp_keep_file(struct kp_reader *r, const char *path, struct kp_view *out)
{
	struct kp_view bytes;
	int rc = kp_get(r, &bytes, "%s", path);

	return rc > 0 ? kp_keep_bytes(r, bytes, out) : rc;
}

static int keep_text(struct kp_reader *r, struct kp_view text, const char **out)
{
	text = kp_text_trim(text);
	*out = kp_arena_strndup(&r->m->arena, (const char *)text.bytes, text.len, r->err);
	return *out ? 0 : -1;
}

int kp_note_empty(struct kp_reader *r)
{
	kp_fail(r->err, KP_MACHINE, "is empty");
	return kp_senseless(r);
}

int kp_get_text(struct kp_reader *r, const char *path, const char **out)
{
	struct kp_view text;
	int rc = kp_get(r, &text, "%s", path);

	if (rc > 0 && !text.len)
		return kp_note_empty(r);
	return rc > 0 ? keep_text(r, text, out) : rc;
}
