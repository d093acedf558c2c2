/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The next kernel's command line: a byte of choices, two of the image's limit, then the running
 * kernel's line and the request's, each up to a zero. What is built is read as the kernel reads
 * it, by rules written down here once more.
 */
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "fuzz.h"

#define REUSE		0x01
#define CRASH		0x02
#define RSDP		0x04
#define NO_REQUEST	0x08
#define NO_LIMIT	0x10
#define ELFCOREHDR	0x2f000000

struct scene {
	struct kp_request req;
	struct kp_machine machine;
	struct kp_image image;
	struct kp_cmdline_extra extra;
	char *running, *wanted;
};

static void read_scene(struct kp_view input, struct scene *s)
{
	uint8_t choices = (uint8_t)fuzz_take(&input, 1);
	uint32_t limit = (uint32_t)fuzz_take(&input, 2);

	*s = (struct scene){ 0 };
	s->running = fuzz_take_text(&input, 4096);
	s->wanted = fuzz_take_text(&input, 4096);
	s->machine.cmdline = s->running;
	s->req.cmdline = choices & NO_REQUEST ? NULL : s->wanted;
	s->req.reuse_cmdline = choices & REUSE;
	s->req.slot = choices & CRASH ? KP_CRASH : KP_NORMAL;
	s->image.cmdline_max = choices & NO_LIMIT ? UINT32_MAX : limit;
	s->extra.elfcorehdr = choices & CRASH ? ELFCOREHDR : 0;
	s->extra.acpi_rsdp = choices & RSDP ? 0xf5a20 : 0;
}

/*
 * The value of the last @name= that the kernel sees before a bare "--" (next_arg() and
 * parse_args(), Linux lib/cmdline.c and kernel/params.c).
 */
static bool kernel_sees(const char *line, const char *name, char *value, size_t most)
{
	size_t len = strlen(name);
	bool found = false;

	while (*line) {
		const char *word = line += strspn(line, " \t\n");
		bool quoted = false;
		size_t n;

		for (; *line && (quoted || !strchr(" \t\n", *line)); line++)
			quoted ^= *line == '"';
		n = (size_t)(line - word);
		if (n == 2 && !memcmp(word, "--", 2))
			break;
		if (n <= len || memcmp(word, name, len) || word[len] != '=' || n - len > most)
			continue;
		memcpy(value, word + len + 1, n - len - 1);
		value[n - len - 1] = '\0';
		found = true;
	}
	return found;
}

static void check_line(const struct scene *s, const char *line)
{
	char value[64];

	REQUIRE(strlen(line) <= s->image.cmdline_max);
	if (s->extra.elfcorehdr)
		REQUIRE(kernel_sees(line, "elfcorehdr", value, sizeof(value)) &&
			strtoull(value, NULL, 0) == s->extra.elfcorehdr);
	if (s->extra.acpi_rsdp)
		REQUIRE(kernel_sees(line, "acpi_rsdp", value, sizeof(value)) ||
			strstr(line, "acpi_rsdp"));
	if (!s->req.cmdline && s->req.reuse_cmdline)
		REQUIRE(!kernel_sees(line, "BOOT_IMAGE", value, sizeof(value)));
	if (!s->req.cmdline && s->req.reuse_cmdline && s->req.slot == KP_CRASH)
		REQUIRE(!kernel_sees(line, "crashkernel", value, sizeof(value)) &&
			!kernel_sees(line, "mem", value, sizeof(value)) &&
			!kernel_sees(line, "memmap", value, sizeof(value)));
	if (!s->req.reuse_cmdline && s->req.cmdline && !s->extra.elfcorehdr && !s->extra.acpi_rsdp)
		REQUIRE(strlen(line) <= strlen(s->req.cmdline));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct scene s;
	const char *line = NULL;
	int rc;

	read_scene((struct kp_view){ data, size }, &s);
	rc = kp_cmdline_build(&s.req, &s.machine, &s.image, &s.extra, &arena, &line, &err);
	fuzz_check_outcome(rc, &err);
	if (rc == 0)
		check_line(&s, line);
	kp_arena_free(&arena);
	free(s.running);
	free(s.wanted);
	return 0;
}
