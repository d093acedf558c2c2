/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a dump needs: notes, vmcoreinfo, virtual addresses, sizes. */
#include "cpuinfo.h"
#include "cpulist.h"
#include "kcore.h"
#include "kexec_files.h"
#include "memory.h"
#include "reader.h"
#include "sme.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WHOLE		SIZE_MAX
#define MOST_KCORE	(16u << 20)

/* ---- the crash kernel's needs ------------------------------------------------------------- */

/*
 * A file of /sys/kernel/kexec by its name, or by the older one where it is not there. 1 read, and
 * then the text is in the machine's arena; 0 not, -1 without memory.
 */
static int get_kexec(struct kp_reader *r, enum kp_kexec_file file, struct kp_view *text)
{
	const struct kp_kexec_names names = kp_kexec_names(file);
	struct kp_view bytes;
	int rc = kp_get(r, &bytes, "%s", names.now);

	if (rc == 0 && r->absent)
		rc = kp_get(r, &bytes, "%s", names.before);
	return rc > 0 && kp_keep_bytes(r, bytes, text) ? -1 : rc;
}

/* So that a capture has it by both names. */
static void look_at_older_name(struct kp_reader *r, enum kp_kexec_file file)
{
	struct kp_view unused;

	if (r->root->saw && strcmp(r->path, kp_kexec_names(file).now) == 0)
		kp_root_read(r->root, kp_kexec_names(file).before, WHOLE, &unused);
}

static int get_kexec_number(struct kp_reader *r, enum kp_kexec_file file, uint64_t max, uint64_t *n)
{
	struct kp_view text;
	int rc = get_kexec(r, file, &text);

	look_at_older_name(r, file);
	if (rc > 0 && kp_text_number(text, 10, max, n, r->err))
		return kp_senseless(r);
	return rc;
}

/*
 * What crashkernel=SIZE,cma reserved; set once, at boot (Linux kernel/crash_reserve.c). All of it or
 * none: a range is RAM of the crash kernel and out of the dump, or neither.
 */
int kp_read_crash_cma(struct kp_reader *r)
{
	struct kp_view text;
	int rc = get_kexec(r, KP_KEXEC_CMA_RANGES, &text);

	look_at_older_name(r, KP_KEXEC_CMA_RANGES);
	if (rc <= 0)
		return rc;
	if (kp_memory_parse_cma(text, &r->m->crash_cma, r->err)) {
		r->m->crash_cma.n = 0;
		return kp_senseless(r);
	}
	r->m->crash_cma_shown = true;
	return 0;
}

int kp_read_crash_sizes(struct kp_reader *r)
{
	uint64_t cpus = 0, memory = 0;

	if (get_kexec_number(r, KP_KEXEC_CRASH_SIZE, UINT64_MAX, &r->m->kexec_crash_size) < 0 ||
	    get_kexec_number(r, KP_KEXEC_ELFCOREHDR_SIZE, UINT32_MAX,
			     &r->m->elfcorehdr_size) < 0 ||
	    kp_get_number(r, 10, 1, &cpus, "sys/devices/system/cpu/crash_hotplug") < 0 ||
	    kp_get_number(r, 10, 1, &memory, "sys/devices/system/memory/crash_hotplug") < 0)
		return -1;
	r->m->crash_hotplug = cpus || memory;
	return 0;
}

/*
 * What shows that kexec handover is on: in debugfs, "finalize" until Linux 6.18 and "scratch_phys"
 * since 6.16 (kernel/liveupdate/kexec_handover_debugfs.c); and the device of the Live Update
 * Orchestrator, which exists only where both are on (luo_core.c, liveupdate_ioctl_init()).
 */
static int read_handover(struct kp_reader *r)
{
	static const char *const signs[] = {
		"sys/kernel/debug/kho/out/scratch_phys",
		"sys/kernel/debug/kho/out/finalize",
		"sys/devices/virtual/misc/liveupdate/dev",
	};
	struct kp_view text;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		int rc = kp_get(r, &text, "%s", signs[i]);

		if (rc < 0)
			return -1;
		r->m->kho = r->m->kho || rc > 0;
	}
	return 0;
}

/*
 * What only the running kernel can hand to the next one: Documentation/admin-guide/kdump/kdump.rst
 * ("Write the dump file to encrypted disk volume") and Documentation/core-api/kho.
 */
int kp_read_carried(struct kp_reader *r)
{
	return read_handover(r) || kp_get_number(r, 10, UINT32_MAX, &r->m->dm_crypt_keys,
				     "sys/kernel/config/crash_dm_crypt_keys/count") < 0 ? -1 : 0;
}

/* "0xPHYS SIZE", the size in hexadecimal too (Linux kernel/ksysfs.c, vmcoreinfo_show()). */
int kp_read_vmcoreinfo(struct kp_reader *r)
{
	struct kp_view text, phys, bytes;
	const uint8_t *blank;
	size_t n;
	int rc = kp_get(r, &text, "sys/kernel/vmcoreinfo");

	if (rc <= 0)
		return rc;
	text = kp_text_trim(text);
	blank = text.len ? memchr(text.bytes, ' ', text.len) : NULL;
	n = blank ? (size_t)(blank - text.bytes) : text.len;
	phys = (struct kp_view){ text.bytes, n };
	bytes = (struct kp_view){ text.bytes + n, text.len - n };
	if (kp_text_number(phys, 16, UINT64_MAX, &r->m->vmcoreinfo_phys, r->err) ||
	    kp_text_number(bytes, 16, UINT32_MAX, &r->m->vmcoreinfo_bytes, r->err))
		return kp_senseless(r);
	return 0;
}

/* Whether a CPU has this file: none of one that was taken out is there. */
static bool has(const struct kp_reader *r, unsigned cpu, const char *file)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/%s", cpu, file);
	fd = kp_root_fd(r->root, path);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || !kp_is_absence(-fd);
}

static int read_note(struct kp_reader *r, unsigned cpu, size_t *cap)
{
	struct kp_crash_note note = { .cpu = cpu }, *v;
	int rc = kp_get_number(r, 16, UINT64_MAX, &note.phys,
			       "sys/devices/system/cpu/cpu%u/crash_notes", cpu);

	if (rc == 0 && r->absent && has(r, cpu, "crash_notes_size"))
		rc = kp_with_siblings(r, rc);
	if (rc <= 0)
		return rc;
	rc = kp_get_number(r, 10, UINT32_MAX, &note.bytes,
			   "sys/devices/system/cpu/cpu%u/crash_notes_size", cpu);
	if (rc == 0 && r->absent && has(r, cpu, "crash_notes"))
		rc = kp_with_siblings(r, rc);
	if (rc <= 0)
		return rc;
	v = kp_arena_grow(&r->m->arena, r->m->notes, r->m->n_notes, cap, sizeof(*v), r->err);
	if (!v)
		return -1;
	r->m->notes = v;
	v[r->m->n_notes++] = note;
	return 0;
}

#define POSSIBLE_PATH	"sys/devices/system/cpu/possible"

/* The possible CPUs' list, in memory of its own: the root's buffer serves the next file. */
int kp_possible_cpus(struct kp_reader *r, struct kp_view *list)
{
	struct kp_view text;
	int rc = kp_get(r, &text, POSSIBLE_PATH);

	if (rc > 0 && kp_text_trim(text).len == 0)
		return kp_note_empty(r);
	return rc > 0 && kp_keep_bytes(r, text, list) ? -1 : rc;
}

int kp_read_notes(struct kp_reader *r)
{
	struct kp_view list;
	unsigned first, last;
	size_t cap = 0;
	int rc = kp_possible_cpus(r, &list);

	if (rc <= 0)
		return rc;
	while ((rc = kp_cpulist_next(&list, &first, &last, r->err)) > 0)
		for (unsigned cpu = first; cpu <= last; cpu++)
			if (read_note(r, cpu, &cap) < 0)
				return -1;
	snprintf(r->path, sizeof(r->path), POSSIBLE_PATH);
	return rc < 0 ? kp_senseless(r) : 0;
}

/* ---- virtual addresses -------------------------------------------------------------------- */

/* What is there of the file read last may do. */
static int note_cut(struct kp_reader *r, size_t bytes, uint64_t of)
{
	struct kp_error why;

	kp_fail(&why, KP_MACHINE, "ends after %zu bytes of %" PRIu64, bytes, of);
	return kp_note(r, &why, true);
}

/*
 * The file goes on into the kernel's memory, which is none of a capture's business: ask for
 * exactly the headers, a step at a time as they tell how long they are.
 */
static int get_kcore_headers(struct kp_reader *r, struct kp_view *headers)
{
	uint64_t want = 64;        /* an ELF header */

	snprintf(r->path, sizeof(r->path), "proc/kcore");
	for (;;) {
		int rc = kp_outcome(r, kp_root_read(r->root, r->path, want, headers));
		uint64_t need;

		if (rc <= 0)
			return rc;
		if (kp_kcore_extent(*headers, &need, r->err))
			return kp_senseless(r);
		if (headers->len < want)
			return note_cut(r, headers->len, want) ? -1 : 1;
		if (need <= want)
			return 1;
		if (need > MOST_KCORE) {
			kp_fail(r->err, KP_MACHINE, "headers of %" PRIu64 " bytes", need);
			return kp_senseless(r);
		}
		want = need;
	}
}

int kp_read_kcore(struct kp_reader *r)
{
	struct kp_kcore kc;
	struct kp_view headers;
	int rc = get_kcore_headers(r, &headers);

	if (rc <= 0)
		return rc;
	if (kp_kcore_parse(headers, &kc, r->err))
		return kp_senseless(r);
	r->m->page_offset = kc.page_offset;
	r->m->kernel_text_virt = kc.text_virt;
	r->m->kernel_text_bytes = kc.text_bytes;
	r->la57 = kc.la57;
	return 0;
}

/* "ffffffff81000000 T _stext"; zeros when kptr_restrict hides the address. */
int kp_read_kallsyms(struct kp_reader *r)
{
	struct kp_view line;
	int why;

	if (r->m->kernel_text_virt)
		return 0;
	snprintf(r->path, sizeof(r->path), "proc/kallsyms");
	why = kp_root_find_line(r->root, r->path, " _stext", &line);
	if (why)
		return kp_outcome(r, why);
	if (line.len < 16 ||
	    !kp_text_u64((struct kp_view){ line.bytes, 16 }, 16, &r->m->kernel_text_virt)) {
		kp_fail(r->err, KP_MACHINE, "holds \"%.*s\" for _stext",
			KP_TEXT_ARG(kp_text_trim(line)));
		return kp_senseless(r);
	}
	return 0;
}

int kp_read_cpuinfo(struct kp_reader *r)
{
	struct kp_view text;
	int rc = kp_get(r, &text, "proc/cpuinfo");

	if (rc < 0)
		return -1;
	if (rc > 0 && kp_need_whole_lines(r, text) == 0) {
		r->cpu_known = kp_cpuinfo_parse(text, &r->cpu);
		if (!r->cpu_known)
			kp_fail(r->err, KP_MACHINE, "shows no CPU's flags");
	}
	if (r->err->code != KP_OK && kp_senseless(r))
		return -1;
	r->m->la57 = r->la57 == KP_YES || (r->la57 == KP_UNKNOWN && r->cpu.la57);
	return 0;
}

/* The configuration is looked at only where it decides. One that is not there leaves it open. */
int kp_read_sme(struct kp_reader *r)
{
	struct kp_sme sme = {
		.flag = !r->cpu_known ? KP_UNKNOWN : r->cpu.sme ? KP_YES : KP_NO,
		.cmdline = r->m->cmdline, .release = r->m->release,
	};
	struct kp_view line;
	int why;

	if (kp_sme_depends(&sme) && sme.release) {
		snprintf(r->path, sizeof(r->path), KP_SME_CONFIG, sme.release);
		why = kp_root_find_line(r->root, r->path, KP_SME_CONFIG_LINE, &line);
		if (why == 0)
			sme.by_default = KP_YES;
		else if (why == ENODATA)
			sme.by_default = KP_NO;
		else if (kp_outcome(r, why) < 0)
			return -1;
	}
	r->m->sme = kp_sme_state(&sme) == KP_YES;
	r->m->sme_open = kp_sme_state(&sme) == KP_UNKNOWN;
	return 0;
}
