/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text that claims to be /proc/iomem; crash_cma_ranges and /proc/meminfo are read from it too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "iomem.h"
#include "memory.h"

/* Every row of a text that was taken, read again by scanf: the sets must hold it. */
static void check_row(const char *line, const struct kp_iomem *io)
{
	unsigned long long start, last;
	const char *name = strstr(line, " : ");

	if (!name)
		return;
	REQUIRE(sscanf(line, " %llx-%llx", &start, &last) == 2);
	REQUIRE(start <= last);
	if (!strcmp(name + 3, "System RAM"))
		REQUIRE(kp_ranges_cover(&io->system_ram, kp_range(start, last)));
	if (!strncmp(name + 3, "System RAM (", 12) && name[15])
		REQUIRE(kp_ranges_cover(&io->driver_ram, kp_range(start, last)));
	if (!strcmp(name + 3, "GART"))
		REQUIRE(kp_ranges_cover(&io->gart, kp_range(start, last)));
	if (!strcmp(name + 3, "System RAM") && *line != ' ')
		REQUIRE(kp_ranges_cover(&io->top_ram, kp_range(start, last)));
	if (!strcmp(name + 3, "Crash kernel"))
		REQUIRE(kp_ranges_cover(&io->crashk, kp_range(start, last)));
	if (!strcmp(name + 3, "Reserved") && *line != ' ')
		REQUIRE(kp_ranges_cover(&io->reserved, kp_range(start, last)));
}

static void check_rows(const uint8_t *data, size_t size, const struct kp_iomem *io)
{
	char *text = calloc(1, size + 1), *rest = text, *line;

	REQUIRE(text);
	memcpy(text, data, size);
	while ((line = strsep(&rest, "\n")))
		check_row(line, io);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_view text = { data, size };
	struct kp_arena arena = { 0 };
	struct kp_ranges cma = { .arena = &arena };
	struct kp_error err = { 0 };
	struct kp_iomem io;
	int rc = kp_iomem_read(text, &arena, &io, &err);

	fuzz_check_outcome(rc, &err);
	if (rc == 0) {
		fuzz_check_ranges(&io.system_ram);
		fuzz_check_ranges(&io.top_ram);
		fuzz_check_ranges(&io.driver_ram);
		fuzz_check_ranges(&io.gart);
		fuzz_check_ranges(&io.crashk);
		fuzz_check_ranges(&io.reserved);
		REQUIRE(kp_range_is_none(io.kernel_code) == !kp_range_bytes(io.kernel_code));
		if (size && !memchr(data, 0, size))
			check_rows(data, size, &io);
	}
	err = (struct kp_error){ 0 };
	rc = kp_memory_parse_cma(text, &cma, &err);
	fuzz_check_outcome(rc, &err);
	fuzz_check_ranges(&cma);
	REQUIRE(kp_memory_total(text) % 1024 == 0);
	kp_arena_free(&arena);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;

	return fuzz_mutate_lines(data, size, most, &state);
}
