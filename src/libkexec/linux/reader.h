/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file reader.h
 * Reading the files of a machine one after another, and the steps that are made of it. A file that
 * is missing or makes no sense is noted in the machine's troubles; the step goes on.
 */
#ifndef KP_READER_H
#define KP_READER_H

#include "cpuinfo.h"
#include "kcore.h"
#include "machine.h"
#include "root.h"

struct kp_reader {
	struct kp_root *root;
	struct kp_machine *m;
	struct kp_error *err;
	char path[160];            /* of the file read last */
	bool absent;               /* it was not there */
	size_t cap_troubles;
	struct kp_ranges reserved; /* by firmware or iomem */
	struct kp_cpuinfo cpu;
	enum kp_known la57;        /* as /proc/kcore tells it */
	bool cpu_known;            /* cpu holds */
};

/** Whether the errno @p why says that a file, or what is behind it, is not there. */
bool kp_is_absence(int why);

/**
 * Note that the file read last is as @p why says, and forget that error: the plan judges. One note
 * a file. 0, or -1 without memory.
 */
int kp_note(struct kp_reader *r, const struct kp_error *why, bool partial);
/** As kp_note(), of a file with nothing in it. */
int kp_note_empty(struct kp_reader *r);
/** What was read last makes no sense, as r->err says. 0, or -1 without memory. */
int kp_senseless(struct kp_reader *r);
/** Of the errno of a read: 1 read; 0 not, and noted if it should be there; -1 without memory. */
int kp_outcome(struct kp_reader *r, int why);

/** The bytes of a file, until the next one is read. As kp_outcome(). */
int kp_get(struct kp_reader *r, struct kp_view *bytes, const char *fmt, ...) KP_PRINTF(3, 4);
/** Of a directory: kp_root_numbers(). One that is absent has none. 0, or -1 without memory. */
int kp_get_numbers(struct kp_reader *r, const char *dir, const char *prefix, unsigned base,
		   uint32_t **numbers, size_t *n);
/** A file of one number. As kp_outcome(). */
int kp_get_number(struct kp_reader *r, unsigned base, uint64_t max, uint64_t *n,
		  const char *fmt, ...) KP_PRINTF(5, 6);
/** A file of one line of text, kept. */
int kp_get_text(struct kp_reader *r, const char *path, const char **out);
/** @p rc, of a file that must be there as its siblings are: that it is missing is noted too. */
int kp_with_siblings(struct kp_reader *r, int rc);
/** Linux ends these with a newline: a text without one was cut, and who knows where. */
int kp_need_whole_lines(struct kp_reader *r, struct kp_view text);

/** Copy into the machine's arena: the root's buffer serves the next file. 0 or -1. */
int kp_keep_bytes(struct kp_reader *r, struct kp_view bytes, struct kp_view *out);
/** A file's bytes, kept. As kp_outcome(). */
int kp_keep_file(struct kp_reader *r, const char *path, struct kp_view *out);

/** /sys/devices/system/cpu/possible, as it is. As kp_outcome(). */
int kp_possible_cpus(struct kp_reader *r, struct kp_view *list);

/* ---- the steps: 0, or -1 without memory ----------------------------------------------------- */

/* machine_kernel.c */
int kp_read_facts(struct kp_reader *r);
int kp_read_kernel(struct kp_reader *r);
int kp_read_xen(struct kp_reader *r);

/* machine_memory.c */
int kp_read_firmware_map(struct kp_reader *r);
int kp_read_iomem(struct kp_reader *r);
int kp_read_total_ram(struct kp_reader *r);
int kp_read_low_memory(struct kp_reader *r);

/* machine_crash.c */
int kp_read_crash_sizes(struct kp_reader *r);
int kp_read_crash_cma(struct kp_reader *r);
int kp_read_carried(struct kp_reader *r);
int kp_read_vmcoreinfo(struct kp_reader *r);
int kp_read_notes(struct kp_reader *r);
int kp_read_kcore(struct kp_reader *r);
int kp_read_kallsyms(struct kp_reader *r);
int kp_read_cpuinfo(struct kp_reader *r);
int kp_read_sme(struct kp_reader *r);

/* machine_firmware.c */
int kp_read_boot_params(struct kp_reader *r);
int kp_read_tboot(struct kp_reader *r);
int kp_read_efi(struct kp_reader *r);
int kp_read_edd(struct kp_reader *r);

/* machine_cpus.c */
int kp_read_madt(struct kp_reader *r);
int kp_read_hub(struct kp_reader *r);
int kp_read_consoles(struct kp_reader *r);
int kp_mark_running(struct kp_reader *r);
int kp_read_bsp(struct kp_reader *r);
int kp_read_confidential(struct kp_reader *r);
int kp_measure_tsc(struct kp_reader *r);
int kp_draw_seed(struct kp_reader *r);

#endif
