/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iomem.h"

#include "text.h"

#include <string.h>

/*
 * "System RAM (NAME)": memory that the driver NAME added, and may take away again
 * (IORESOURCE_SYSRAM_DRIVER_MANAGED, Linux mm/memory_hotplug.c).
 */
static bool is_driver_ram(struct kp_view name)
{
	static const char mark[] = "System RAM (";

	return name.len > sizeof(mark) - 1 && memcmp(name.bytes, mark, sizeof(mark) - 1) == 0;
}

static int keep_ram(const struct kp_iomem_row *row, struct kp_iomem *io, struct kp_error *err)
{
	if (row->depth == 0 && kp_ranges_add(&io->top_ram, row->at, err))
		return -1;
	return kp_ranges_add(&io->system_ram, row->at, err);
}

static int keep_row(const struct kp_iomem_row *row, struct kp_iomem *io, struct kp_error *err)
{
	uint32_t type;

	if (kp_mem_type_parse(row->name, &type) &&
	    kp_memmap_add(&io->map, row->at, type, err))
		return -1;
	if (kp_text_is(row->name, "System RAM"))
		return keep_ram(row, io, err);
	if (is_driver_ram(row->name))
		return kp_ranges_add(&io->driver_ram, row->at, err);
	if (kp_text_is(row->name, "GART"))
		return kp_ranges_add(&io->gart, row->at, err);
	if (kp_text_is(row->name, "Crash kernel"))
		return kp_ranges_add(&io->crashk, row->at, err);
	if (kp_text_is(row->name, "Kernel code"))
		io->kernel_code = row->at;
	if (row->depth == 0 && (kp_text_is(row->name, "Reserved") ||
				kp_text_is(row->name, "reserved")))
		return kp_ranges_add(&io->reserved, row->at, err);
	return 0;
}

int kp_iomem_read(struct kp_view text, struct kp_arena *arena, struct kp_iomem *out,
		  struct kp_error *err)
{
	struct kp_iomem io = {
		.kernel_code = KP_RANGE_NONE,
		.map.arena = arena, .system_ram.arena = arena, .top_ram.arena = arena,
		.driver_ram.arena = arena, .gart.arena = arena, .crashk.arena = arena,
		.reserved.arena = arena,
	};
	struct kp_iomem_row row;
	struct kp_view line;
	unsigned long number = 0, rows = 0;
	uint64_t highest = 0;

	while (kp_view_line(&text, &line)) {
		int rc = kp_iomem_parse(line, &row, err);

		number++;
		if (rc < 0 || (rc > 0 && keep_row(&row, &io, err)))
			return kp_within(err, "line %lu", number);
		if (rc > 0 && row.at.last > highest)
			highest = row.at.last;
		rows += (unsigned long)rc;
	}
	if (rows > 0 && highest == 0)
		return kp_fail(err, KP_PERMISSION, "all %lu addresses read as zero: "
			       "only a process with CAP_SYS_ADMIN is shown them", rows);
	if (kp_memmap_normalise(&io.map, err))
		return -1;
	*out = io;
	return 0;
}
