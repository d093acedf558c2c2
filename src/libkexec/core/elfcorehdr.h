/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file elfcorehdr.h
 * The ELF core header by which a crash kernel makes /proc/vmcore of the crashed one's memory.
 */
#ifndef KP_ELFCOREHDR_H
#define KP_ELFCOREHDR_H

#include "machine.h"
#include "warnings.h"

/**
 * A PT_NOTE for each CPU's registers and for vmcoreinfo, a PT_LOAD for the kernel's text, and one
 * for each piece of kp_memory_dumped(). Below 640 KiB a piece's bytes are
 * in the backup: physical address P is found at @p backup_dst + P.
 * @return 0 with @p out in the arena of @p warnings; -1 with KP_MACHINE when it cannot be told.
 */
int kp_elfcorehdr_build(const struct kp_machine *machine, uint64_t backup_dst,
			struct kp_warnings *warnings, struct kp_view *out, struct kp_error *err);

#endif
