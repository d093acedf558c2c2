/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup.h"

#include "console.h"
#include "cpu.h"
#include "mem.h"
#include "record.h"
#include "traps.h"

#define PIECE	4096            /* what one poisoned line takes with it */

struct piece {
	void *to;
	const void *from;
	size_t bytes;
};

static void copy(void *arg)
{
	const struct piece *p = arg;

	mem_copy(p->to, p->from, p->bytes);
}

static void copy_piece(const struct purgatory_params *params, uint64_t at, size_t bytes)
{
	struct piece p = {
		.to = phys_ptr(params->backup_dst + at),
		.from = phys_ptr(params->backup_src + at),
		.bytes = bytes,
	};

	if (guarded(copy, &p))
		return;
	mem_set(p.to, 0, bytes);
	say("machine check: memory at 0x%lx not copied; bank %u, status 0x%lx, address 0x%lx",
	    params->backup_src + at, record.mce.bank, record.mce.status, record.mce.address);
}

void copy_backup(const struct purgatory_params *params)
{
	uint64_t bytes = params->backup_bytes;

	if (!bytes)
		return;
	for (uint64_t at = 0; at < bytes; at += PIECE)
		copy_piece(params, at, bytes - at < PIECE ? bytes - at : PIECE);
	say("copied %lu KiB of low memory to 0x%lx", bytes >> 10, params->backup_dst);
}
