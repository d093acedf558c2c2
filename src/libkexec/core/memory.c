/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory.h"

#include "cmdline.h"
#include "text.h"

#include <string.h>

#define KIB(bytes) ((unsigned long long)((bytes) >> 10))
#define RANGE_FMT "%#llx-%#llx"
#define RANGE_ARG(r) (unsigned long long)(r).start, (unsigned long long)(r).last

/* ---- the reservation ---------------------------------------------------------------------- */

struct kp_range kp_memory_crash(const struct kp_machine *machine)
{
	return machine->crashk.n ? machine->crashk.v[machine->crashk.n - 1] : KP_RANGE_NONE;
}

/* ---- which map ---------------------------------------------------------------------------- */

static bool has_ram(const struct kp_memmap *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].type == KP_MEM_RAM)
			return true;
	return false;
}

/* The RAM rows of a normalised map that end at or after @from, in order, from index @i on. */
static const struct kp_mem *next_ram(const struct kp_memmap *map, size_t *i, uint64_t from)
{
	for (; *i < map->n; ++*i)
		if (map->v[*i].type == KP_MEM_RAM && map->v[*i].at.last >= from)
			return &map->v[*i];
	return NULL;
}

/* What @map's RAM leaves of @r; calls of one walk share @i and go upwards. */
struct shortfall {
	uint64_t bytes;
	struct kp_range first;
};

static void note_missing(struct shortfall *s, struct kp_range gap)
{
	struct kp_range pages = kp_range_whole_pages(gap);

	if (kp_range_is_none(pages))
		return;
	if (!s->bytes)
		s->first = pages;
	s->bytes += kp_range_bytes(pages);
}

static void compare_row(const struct kp_memmap *map, size_t *i, struct kp_range row,
			struct shortfall *s)
{
	uint64_t at = row.start;
	const struct kp_mem *ram;

	while ((ram = next_ram(map, i, at)) && ram->at.start <= row.last) {
		if (ram->at.start > at)
			note_missing(s, kp_range(at, ram->at.start - 1));
		if (ram->at.last >= row.last)
			return;
		at = ram->at.last + 1;
	}
	note_missing(s, kp_range(at, row.last));
}

/* RAM of this kernel, not added by a driver, that the firmware's map does not know. */
static struct shortfall missing_ram(const struct kp_machine *machine)
{
	struct shortfall s = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < machine->top_ram.n; i++)
		compare_row(&machine->firmware, &at, machine->top_ram.v[i], &s);
	return s;
}

static bool adds_efi_memmap(const struct kp_machine *machine)
{
	return machine->cmdline && kp_cmdline_has(machine->cmdline, "add_efi_memmap");
}

const struct kp_memmap *kp_memory_map(const struct kp_machine *machine)
{
	if (!has_ram(&machine->iomem))
		return &machine->firmware;
	if (!has_ram(&machine->firmware) || adds_efi_memmap(machine) ||
	    missing_ram(machine).bytes)
		return &machine->iomem;
	return &machine->firmware;
}

int kp_memory_warn_of_map(const struct kp_machine *machine, struct kp_warnings *warnings,
			  struct kp_error *err)
{
	struct shortfall s = missing_ram(machine);

	if (kp_memory_map(machine) == &machine->firmware)
		return 0;
	if (!has_ram(&machine->firmware))
		return kp_warn(warnings, err,
			       "the kernel does not show the firmware's memory map "
			       "(/sys/firmware/memmap, CONFIG_FIRMWARE_MEMMAP): the next kernel's "
			       "map is made from /proc/iomem");
	if (adds_efi_memmap(machine))
		return kp_warn(warnings, err,
			       "the running kernel has add_efi_memmap: the next kernel's memory "
			       "map is made from /proc/iomem, not from the firmware's");
	return kp_warn(warnings, err,
		       "the firmware's memory map lacks %llu KiB of the System RAM in /proc/iomem, "
		       "from " RANGE_FMT " on: the next kernel's map is made from /proc/iomem",
		       KIB(s.bytes), RANGE_ARG(s.first));
}

/* ---- crashkernel=SIZE,cma ----------------------------------------------------------------- */

static int parse_cma_line(struct kp_view line, struct kp_ranges *cma, struct kp_error *err)
{
	const uint8_t *dash = memchr(line.bytes, '-', line.len);
	size_t n = dash ? (size_t)(dash - line.bytes) : 0;
	uint64_t start, last;

	if (!dash || !kp_text_u64((struct kp_view){ line.bytes, n }, 16, &start) ||
	    !kp_text_u64((struct kp_view){ dash + 1, line.len - n - 1 }, 16, &last))
		return kp_fail(err, KP_MACHINE, "\"%.*s\" is not \"start-last\"",
			       KP_TEXT_ARG(line));
	if (last < start)
		return kp_fail(err, KP_MACHINE, "\"%.*s\" ends before it starts",
			       KP_TEXT_ARG(line));
	return kp_ranges_add(cma, kp_range(start, last), err);
}

int kp_memory_parse_cma(struct kp_view text, struct kp_ranges *cma, struct kp_error *err)
{
	struct kp_view line;

	for (unsigned long number = 1; kp_view_line(&text, &line); number++) {
		line = kp_text_trim(line);
		if (line.len && parse_cma_line(line, cma, err))
			return kp_within(err, "line %lu", number);
	}
	return 0;
}

static int subtract_all(struct kp_ranges *set, const struct kp_ranges *taken,
			struct kp_error *err)
{
	for (size_t i = 0; i < taken->n; i++)
		if (kp_ranges_subtract(set, taken->v[i], err))
			return -1;
	return 0;
}

static int add_all(struct kp_ranges *set, const struct kp_ranges *more, struct kp_error *err)
{
	for (size_t i = 0; i < more->n; i++)
		if (kp_ranges_add(set, more->v[i], err))
			return -1;
	return 0;
}

/* In the crash kernel's map every other type wins over RAM, so that it must win here too. */
static int subtract_other_types(struct kp_ranges *set, const struct kp_memmap *map,
				struct kp_error *err)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].type != KP_MEM_RAM &&
		    kp_ranges_subtract(set, map->v[i].at, err))
			return -1;
	return 0;
}

int kp_memory_cma(const struct kp_machine *machine, struct kp_ranges *cma, struct kp_error *err)
{
	struct kp_ranges usable = { .arena = cma->arena };

	if (!machine->crash_cma.n)
		return 0;
	if (kp_ranges_intersect(&machine->crash_cma, &machine->system_ram, &usable, err) ||
	    subtract_all(&usable, &machine->gart, err) ||
	    subtract_other_types(&usable, kp_memory_map(machine), err))
		return -1;
	for (size_t i = 0; i < usable.n; i++) {
		struct kp_range pages = kp_range_whole_pages(usable.v[i]);

		if (!kp_range_is_none(pages) && kp_ranges_add(cma, pages, err))
			return -1;
	}
	return 0;
}

/* Whether some crashkernel= of the line asks for memory from CMA. */
static bool asks_for_cma(const char *cmdline)
{
	static const char suffix[] = ",cma";
	const size_t n = sizeof(suffix) - 1;
	struct kp_view v;

	while (cmdline && kp_cmdline_next(&cmdline, "crashkernel", &v))
		if (v.len >= n && memcmp(v.bytes + v.len - n, suffix, n) == 0)
			return true;
	return false;
}

/* The file came with Linux 6.19, the option with 6.17. */
static int warn_of_no_cma(const struct kp_machine *machine, struct kp_warnings *warnings,
			  struct kp_error *err)
{
	if (!asks_for_cma(machine->cmdline))
		return 0;
	if (machine->crash_cma_shown)
		return kp_warn(warnings, err,
			       "the kernel reserved nothing for crashkernel=,cma "
			       "(crash_cma_ranges lists no range): the crash kernel gets no "
			       "memory from CMA");
	return kp_warn(warnings, err,
		       "the kernel does not show what it reserved for crashkernel=,cma "
		       "(/sys/kernel/kexec/crash_cma_ranges, Linux 6.19): the crash kernel gets "
		       "no memory from CMA, which kexec_file_load(2) would give it");
}

int kp_memory_warn_of_cma(const struct kp_machine *machine, struct kp_warnings *warnings,
			  struct kp_error *err)
{
	struct kp_ranges cma = { .arena = warnings->arena };
	uint64_t told = kp_ranges_bytes(&machine->crash_cma), given;

	if (!machine->crash_cma.n)
		return warn_of_no_cma(machine, warnings, err);
	if (kp_memory_cma(machine, &cma, err))
		return -1;
	given = kp_ranges_bytes(&cma);
	if (given == told)
		return 0;
	return kp_warn(warnings, err,
		       "%llu KiB of the %llu KiB in crash_cma_ranges are not System RAM: the crash "
		       "kernel does not get them, and the dump holds what of them is RAM",
		       KIB(told - given), KIB(told));
}

/* ---- the dump ----------------------------------------------------------------------------- */

int kp_memory_dumped(const struct kp_machine *machine, struct kp_ranges *ram,
		     struct kp_error *err)
{
	struct kp_ranges cma = { .arena = ram->arena };

	if (add_all(ram, &machine->system_ram, err) || add_all(ram, &machine->driver_ram, err) ||
	    kp_memory_cma(machine, &cma, err))
		return -1;
	return subtract_all(ram, &machine->gart, err) ||
	       subtract_all(ram, &machine->crashk, err) || subtract_all(ram, &cma, err) ? -1 : 0;
}

/* ---- how much ----------------------------------------------------------------------------- */

/* "MemTotal:        6028520 kB" */
uint64_t kp_memory_total(struct kp_view text)
{
	struct kp_view value;
	uint64_t kib;

	if (!kp_text_value(text, "MemTotal:", &value))
		return 0;
	value = kp_text_trim(value);
	if (value.len < 2 || memcmp(value.bytes + value.len - 2, "kB", 2) != 0)
		return 0;
	value.len -= 2;
	return kp_text_u64(value, 10, &kib) && kib < UINT64_MAX >> 10 ? kib << 10 : 0;
}

uint64_t kp_memory_counted(const struct kp_machine *machine)
{
	uint64_t all = kp_ranges_bytes(&machine->system_ram);
	uint64_t drivers = kp_ranges_bytes(&machine->driver_ram);
	uint64_t crash = kp_ranges_bytes(&machine->crashk);

	if (machine->total_ram)
		return machine->total_ram;
	all = drivers > UINT64_MAX - all ? UINT64_MAX : all + drivers;
	return all > crash ? all - crash : 0;
}
