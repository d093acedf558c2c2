/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file machine_linux.h
 * Filling a struct kp_machine from /proc, /sys and /dev beneath a root, or from a capture.
 *
 * A capture holds the files themselves, under their own paths, and what is in no file:
 *	kexec-park/facts	measured or read from registers; see core/facts.h
 *	dev/mem.d/0xXXXXXXXX	a page of low memory, 4096 bytes; empty: readable, but no park page
 *	proc/kcore		its headers and notes only
 *	proc/kallsyms		the line of _stext only
 */
#ifndef KP_MACHINE_LINUX_H
#define KP_MACHINE_LINUX_H

#include <inttypes.h>

#include "machine.h"
#include "machine_read.h"
#include "root.h"

#define KP_FACTS_PATH	"kexec-park/facts"
#define KP_LOW_PAGE_PATH "dev/mem.d/%#010" PRIx64

/**
 * Read every fact beneath @p root. A fact that is missing, cannot be read or makes no sense is left
 * absent and noted in the machine's troubles: an operation that needs it fails (core/grades.h).
 * @return 0, or -1 without memory.
 */
int kp_machine_gather(struct kp_root *root, struct kp_machine *machine, struct kp_error *err);

#endif
