/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"

#include <stddef.h>

#include "cpu.h"
#include "mem.h"
#include "post.h"
#include "sel.h"
#include "traps.h"

struct park_record record;

static uint64_t page;                   /* 0: not attached */

void record_phase(unsigned int phase)
{
	record.tsc[phase] = rdtsc();
	post_phase(phase);
}

/* Drops the oldest line, or half of the log when it is all one line. */
static void drop_oldest(void)
{
	uint32_t gone = 0;

	while (gone < record.log_bytes && record.log[gone] != '\n')
		gone++;
	gone = gone < record.log_bytes ? gone + 1 : record.log_bytes / 2;
	record.log_bytes -= gone;
	for (uint32_t i = 0; i < record.log_bytes; i++)
		record.log[i] = record.log[i + gone];
}

void record_log(char c)
{
	if (record.log_bytes == PARK_RECORD_LOG)
		drop_oldest();
	record.log[record.log_bytes++] = (uint8_t)c;
}

void record_attach(uint64_t park_page, uint32_t generation)
{
	page = park_page;
	record.generation = generation;
}

bool record_attached(void)
{
	return page;
}

void record_outcome(uint8_t outcome, uint8_t vector, uint64_t address)
{
	post_outcome(outcome);
	record_publish();
	record.sel[outcome] = sel_add(outcome, vector, address);
	if (record.sel[outcome])
		record_publish();
}

void record_publish(void)
{
	record.nmi_count = nmi_count;
	record.mce_count = mce_count;
	if (page)
		mem_copy(phys_ptr(page + PARK_OFF_RECORD), &record, sizeof(record));
}
