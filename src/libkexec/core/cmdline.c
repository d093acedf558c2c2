/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "cmdline.h"

#define BLANKS " \t\n"

struct word {
	const char *text;
	size_t len;
};

static bool next_word(const char **line, struct word *w)
{
	const char *p = *line + strspn(*line, BLANKS);
	bool quoted = false;

	w->text = p;
	for (; *p && (quoted || !strchr(BLANKS, *p)); p++)
		if (*p == '"')
			quoted = !quoted;
	w->len = (size_t)(p - w->text);
	*line = p;
	return w->len > 0;
}

/* Whether the word is "name=..." or the bare name. */
static bool word_names(struct word w, const char *name)
{
	size_t len = strlen(name);

	return w.len >= len && !memcmp(w.text, name, len) && (w.len == len || w.text[len] == '=');
}

bool kp_cmdline_next(const char **line, const char *name, struct kp_view *value)
{
	size_t skip = strlen(name) + 1;
	struct word w;

	while (next_word(line, &w)) {
		if (w.len == 2 && memcmp(w.text, "--", 2) == 0)
			return false;
		if (!word_names(w, name))
			continue;
		*value = (struct kp_view){ 0 };
		if (w.len >= skip)
			*value = (struct kp_view){ (const uint8_t *)w.text + skip, w.len - skip };
		return true;
	}
	return false;
}

bool kp_cmdline_has(const char *cmdline, const char *name)
{
	struct kp_view unused;

	return kp_cmdline_next(&cmdline, name, &unused);
}

bool kp_cmdline_find(const char *cmdline, const char *name, struct kp_view *value)
{
	size_t skip = strlen(name) + 1;
	bool found = false;
	struct word w;

	while (next_word(&cmdline, &w)) {
		if (!word_names(w, name) || w.len < skip)
			continue;
		*value = (struct kp_view){ (const uint8_t *)w.text + skip, w.len - skip };
		found = true;
	}
	return found;
}

bool kp_cmdline_is(const char *cmdline, const char *name, const char *value)
{
	struct kp_view v;

	return kp_cmdline_find(cmdline, name, &v) && v.len == strlen(value) &&
	       !memcmp(v.bytes, value, v.len);
}

static bool is_one_of(struct word w, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (word_names(w, names[i]))
			return true;
	return false;
}

/*
 * What a user chose for the memory of the whole machine. With mem= or memmap= a crash kernel
 * loses the memory that its map gives it (memmap=exactmap begins with an empty one); the others
 * take memory at boot that it does not have.
 */
static bool is_of_whole_memory(struct word w)
{
	static const char *const names[] = {
		"mem", "memmap", "hugepages", "hugepagesz", "default_hugepagesz", "hugetlb_cma",
		"cma", "kernelcore", "movablecore",
	};

	return is_one_of(w, names, sizeof(names) / sizeof(*names));
}

static bool is_of_this_boot(struct word w, enum kp_slot slot)
{
	static const char *const always[] = { "BOOT_IMAGE", "initrd", "elfcorehdr" };

	return is_one_of(w, always, sizeof(always) / sizeof(*always)) ||
	       (slot == KP_CRASH && (word_names(w, "crashkernel") || is_of_whole_memory(w)));
}

/* The running kernel's line without what it says of its own boot. */
static const char *reused(const char *running, enum kp_slot slot, struct kp_arena *arena,
			  struct kp_error *err)
{
	char *kept = kp_arena_alloc(arena, strlen(running) + 1, err);
	char *p = kept;
	struct word w;

	if (!kept)
		return NULL;
	while (next_word(&running, &w)) {
		if (is_of_this_boot(w, slot))
			continue;
		if (p != kept)
			*p++ = ' ';
		memcpy(p, w.text, w.len);
		p += w.len;
	}
	*p = '\0';
	return kept;
}

/* Both parts with a space between them, when neither is empty. NULL for either: a failure. */
static const char *join(struct kp_arena *arena, const char *a, const char *b, struct kp_error *err)
{
	if (!a || !b)
		return NULL;
	if (!*a)
		return b;
	return *b ? kp_arena_printf(arena, err, "%s %s", a, b) : a;
}

/*
 * A line in its two parts: the kernel stops reading at a bare "--" (parse_args(),
 * kernel/params.c), and what follows is for init. An empty part is "".
 */
struct parts {
	const char *kernel, *init;
};

static struct parts split(const char *line, struct kp_arena *arena, struct kp_error *err)
{
	const char *rest = line;
	struct word w;

	while (next_word(&rest, &w)) {
		size_t before = (size_t)(w.text - line);

		if (w.len != 2 || memcmp(w.text, "--", 2) != 0)
			continue;
		while (before && strchr(BLANKS, line[before - 1]))
			before--;
		return (struct parts){ kp_arena_strndup(arena, line, before, err),
				       rest + strspn(rest, BLANKS) };
	}
	return (struct parts){ line, "" };
}

/* Linux reads both with memparse() or kstrtoul(): hexadecimal with 0x works in every version. */
static const char *join_address(struct kp_arena *arena, const char *line, const char *name,
				uint64_t address, struct kp_error *err)
{
	struct kp_view there;

	if (!line || !address ||
	    (!strcmp(name, "acpi_rsdp") && kp_cmdline_find(line, name, &there)))
		return line;
	return join(arena, line, kp_arena_printf(arena, err, "%s=0x%llx", name,
						 (unsigned long long)address), err);
}

/* All for the kernel, the loader's words last, then all for init. */
static const char *compose(struct parts a, struct parts b, const struct kp_cmdline_extra *extra,
			   struct kp_arena *arena, struct kp_error *err)
{
	const char *kernel = join(arena, a.kernel, b.kernel, err);
	const char *init = join(arena, a.init, b.init, err);

	kernel = join_address(arena, kernel, "acpi_rsdp", extra->acpi_rsdp, err);
	kernel = join_address(arena, kernel, "elfcorehdr", extra->elfcorehdr, err);
	if (init && *init)
		init = join(arena, "--", init, err);
	return join(arena, kernel, init, err);
}

/* Behind a quote without its pair all is one word to the kernel, the loader's own words too. */
static int check_quotes(const char *line, const char *whose, struct kp_error *err)
{
	size_t quotes = 0;

	for (const char *p = line; *p; p++)
		quotes += *p == '"';
	if (quotes % 2 == 0)
		return 0;
	return kp_fail(err, KP_USAGE,
		       "%s command line has %zu double quotes, of which one lacks its pair: "
		       "the kernel would take all behind it for one word",
		       whose, quotes);
}

int kp_cmdline_warn(const struct kp_request *req, const struct kp_machine *machine,
		    struct kp_warnings *warnings, struct kp_error *err)
{
	const char *line = machine->cmdline, *dropped = "";
	struct word w;

	if (!req->reuse_cmdline || req->slot != KP_CRASH || !line)
		return 0;
	while (next_word(&line, &w) && (w.len != 2 || memcmp(w.text, "--", 2) != 0)) {
		if (!is_of_whole_memory(w))
			continue;
		dropped = kp_arena_printf(warnings->arena, err, "%s %.*s", dropped, (int)w.len,
					  w.text);
		if (!dropped)
			return -1;
	}
	if (!*dropped)
		return 0;
	return kp_warn(warnings, err, "left out of the crash kernel's command line:%s; this limits or "
		       "takes memory of the whole machine", dropped);
}

static int need_running(const struct kp_request *req, const struct kp_machine *machine,
			struct kp_error *err)
{
	if (!req->reuse_cmdline || machine->cmdline)
		return 0;
	kp_fail(err, KP_MACHINE, "there is no command line to reuse: /proc/cmdline is missing or not "
		"readable");
	return kp_remedy(err, KP_REMEDY_CMDLINE);
}

int kp_cmdline_build(const struct kp_request *req, const struct kp_machine *machine,
		     const struct kp_image *image, const struct kp_cmdline_extra *extra,
		     struct kp_arena *arena, const char **out, struct kp_error *err)
{
	size_t most = image->cmdline_max; /* its COMMAND_LINE_SIZE - 1: 2047, or what it was built with */
	const char *running = req->reuse_cmdline ? machine->cmdline ?: "" : "";
	const char *asked = req->cmdline ?: "", *line;

	if (need_running(req, machine, err) ||
	    check_quotes(running, "the running kernel's", err) || check_quotes(asked, "the", err))
		return -1;
	running = reused(running, req->slot, arena, err);
	if (!running)
		return -1;
	line = compose(split(running, arena, err), split(asked, arena, err), extra, arena, err);
	if (!line)
		return -1;
	if (strlen(line) > most)
		return kp_fail(err, KP_USAGE,
			       "the command line has %zu bytes, %zu more than the %zu "
			       "that the kernel takes",
			       strlen(line), strlen(line) - most, most);
	*out = line;
	return 0;
}
