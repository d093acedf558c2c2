/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file memory.h
 * Which memory the next kernel is told of, which a load may use, and which a dump holds, where
 * the firmware's map, /proc/iomem and the command line have something to say about it.
 */
#ifndef KP_MEMORY_H
#define KP_MEMORY_H

#include "machine.h"
#include "warnings.h"

/** RAM that a crash kernel uses although the crashed one did: the backup covers it. */
#define KP_BACKUP ((struct kp_range){ 0, 0x9ffff })
#define KP_ABOVE_BACKUP ((struct kp_range){ KP_BACKUP.last + 1, UINT64_MAX })
/** Low memory belongs to firmware, the next kernel's trampolines and the park page. */
#define KP_LOW_1M ((struct kp_range){ 0, 0xfffff })

/**
 * Where crash segments can go: crashk_res, the last crashkernel range, is the only one in which
 * kexec_load(2) takes them. None without a reservation.
 */
struct kp_range kp_memory_crash(const struct kp_machine *machine);

/**
 * The map that the next kernel's is made from: the firmware's. /proc/iomem's where the kernel does
 * not show the firmware's (CONFIG_FIRMWARE_MEMMAP), where add_efi_memmap added the EFI memory map
 * to it, and where an outermost "System RAM" row has a page that the firmware's map does not call
 * RAM. Memory that a driver added is RAM in neither.
 */
const struct kp_memmap *kp_memory_map(const struct kp_machine *machine);

/** Warn when kp_memory_map() is not the firmware's, and say why. */
int kp_memory_warn_of_map(const struct kp_machine *machine, struct kp_warnings *warnings,
			  struct kp_error *err);

/**
 * The part of crashkernel=SIZE,cma that a crash kernel can be given, into the empty @p cma: whole
 * pages of System RAM that no other type claims. These, and no others, are RAM in the crash
 * kernel's map and left out of the dump, as in Linux arch/x86/kernel/crash.c.
 */
int kp_memory_cma(const struct kp_machine *machine, struct kp_ranges *cma, struct kp_error *err);

/** Warn when the crash kernel does not get all memory of crashkernel=SIZE,cma. */
int kp_memory_warn_of_cma(const struct kp_machine *machine, struct kp_warnings *warnings,
			  struct kp_error *err);

/** All RAM whose content a dump holds: System RAM and drivers' RAM, without the aperture, the
 * crashkernel ranges and kp_memory_cma(). Into the empty @p ram. */
int kp_memory_dumped(const struct kp_machine *machine, struct kp_ranges *ram,
		     struct kp_error *err);

/** Parse crash_cma_ranges: lines "start-last", hexadecimal. -1 with KP_MACHINE and the line. */
int kp_memory_parse_cma(struct kp_view text, struct kp_ranges *cma, struct kp_error *err);

/** The bytes of MemTotal in @p text, a /proc/meminfo; 0 where it has none. */
uint64_t kp_memory_total(struct kp_view text);

/**
 * Bytes of RAM that the kernel counts when it holds a load to half of them: totalram_pages(). Where
 * it is not known, what /proc/iomem shows without the crashkernel ranges, which is a little more.
 */
uint64_t kp_memory_counted(const struct kp_machine *machine);

#endif
