/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine_linux.h"

#include "bootparam.h"
#include "cmdline.h"
#include "confidential.h"
#include "cpuinfo.h"
#include "cpulist.h"
#include "devmem.h"
#include "facts.h"
#include "firmware.h"
#include "grades.h"
#include "iomem.h"
#include "kcore.h"
#include "kexec_files.h"
#include "madt.h"
#include "memory.h"
#include "text.h"
#include "tsc.h"
#include "xen.h"
#include "x86.h"

#include "park_page.h"

#include <cpuid.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#define WHOLE		SIZE_MAX
#define MOST_KCORE	(16u << 20)
#define LOW_MEMORY	0xa0000ull
#define LOADER_KEXEC	0xd        /* upper half of type_of_loader */

struct reader {
	struct kp_root *root;
	struct kp_machine *m;
	struct kp_error *err;
	char path[160];            /* of the file read last */
	bool absent;               /* it was not there */
	size_t cap_troubles;
	struct kp_ranges reserved; /* by firmware or iomem */
	struct kp_cpuinfo cpu;
	enum kp_known la57;        /* as /proc/kcore tells it */
};

/* ---- files -------------------------------------------------------------------------------- */

static bool is_absence(int why)
{
	return why == ENOENT || why == ENOTDIR || why == ENODEV || why == ENXIO || why == ENODATA;
}

static bool is_noted(const struct kp_machine *m, const char *path)
{
	for (size_t i = 0; i < m->n_troubles; i++)
		if (strcmp(m->troubles[i].path + 1, path) == 0)
			return true;
	return false;
}

/*
 * Note that the file read last is as @why says, and forget that error: the plan judges. One note a
 * file. 0, or -1 without memory.
 */
static int note(struct reader *r, const struct kp_error *why, bool partial)
{
	struct kp_machine *m = r->m;
	struct kp_trouble t = { .fact = kp_fact_of(r->path), .code = why->code, .sys = why->sys,
				.partial = partial }, *v;

	if (is_noted(m, r->path))
		return 0;
	t.path = kp_arena_printf(&m->arena, r->err, "/%s", r->path);
	t.why = kp_arena_strndup(&m->arena, why->text, strlen(why->text), r->err);
	v = kp_arena_grow(&m->arena, m->troubles, m->n_troubles, &r->cap_troubles, sizeof(*v),
			  r->err);
	if (!t.path || !t.why || !v)
		return -1;
	m->troubles = v;
	v[m->n_troubles++] = t;
	return 0;
}

/* What was read last makes no sense, as r->err says. 0, or -1 without memory. */
static int senseless(struct reader *r)
{
	struct kp_error why = *r->err;

	if (why.code == KP_NO_MEMORY)
		return -1;
	*r->err = (struct kp_error){ 0 };
	return note(r, &why, false);
}

/* 1 read; 0 not, and noted if it should be there; -1 without memory. */
static int outcome(struct reader *r, int why)
{
	struct kp_error told = { .code = KP_IO, .sys = why };
	const struct kp_fact *fact = kp_fact_of(r->path);

	r->absent = is_absence(why);
	if (why == 0)
		return 1;
	if (why == ENOMEM)
		return kp_fail_sys(r->err, KP_NO_MEMORY, why, "%s", r->path);
	if (r->absent && !(fact && fact->expected))
		return 0;
	snprintf(told.text, sizeof(told.text), "%s", strerror(why));
	return note(r, &told, false);
}

static int get(struct reader *r, struct kp_view *bytes, const char *fmt, ...) KP_PRINTF(3, 4);

static int get(struct reader *r, struct kp_view *bytes, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->path, sizeof(r->path), fmt, args);
	va_end(args);
	return outcome(r, kp_root_read(r->root, r->path, WHOLE, bytes));
}

/* Of a directory: kp_root_numbers(). One that is absent has none. */
static int get_numbers(struct reader *r, const char *dir, const char *prefix, unsigned base,
		       uint32_t **numbers, size_t *n)
{
	int rc;

	snprintf(r->path, sizeof(r->path), "%s", dir);
	rc = outcome(r, kp_root_numbers(r->root, dir, prefix, base, &r->m->arena, numbers, n));
	if (rc == 0)
		*n = 0;
	return rc < 0 ? -1 : 0;
}

/* A file of one number. 1 read, 0 not, -1 without memory. */
static int get_number(struct reader *r, unsigned base, uint64_t max, uint64_t *n,
		      const char *fmt, ...) KP_PRINTF(5, 6);

static int get_number(struct reader *r, unsigned base, uint64_t max, uint64_t *n,
		      const char *fmt, ...)
{
	struct kp_view text;
	va_list args;
	int rc;

	va_start(args, fmt);
	vsnprintf(r->path, sizeof(r->path), fmt, args);
	va_end(args);
	rc = outcome(r, kp_root_read(r->root, r->path, WHOLE, &text));
	if (rc > 0 && kp_text_number(text, base, max, n, r->err))
		return senseless(r);
	return rc;
}

/* A file that must be there because its siblings are: that it is missing is noted too. */
static int with_siblings(struct reader *r, int rc)
{
	static const struct kp_error missing = {
		.code = KP_MACHINE, .text = "is missing, although its directory is there",
	};

	return rc == 0 && r->absent ? note(r, &missing, false) : rc;
}

/* Linux ends these with a newline: a text without one was cut, and who knows where. */
static int need_whole_lines(struct reader *r, struct kp_view text)
{
	if (text.len && text.bytes[text.len - 1] == '\n')
		return 0;
	return kp_fail(r->err, KP_MACHINE, "ends within a line, after %zu bytes", text.len);
}

static int keep_bytes(struct reader *r, struct kp_view bytes, struct kp_view *out)
{
	uint8_t *copy = kp_arena_alloc(&r->m->arena, bytes.len ? bytes.len : 1, r->err);

	if (!copy)
		return -1;
	memcpy(copy, bytes.bytes, bytes.len);
	*out = (struct kp_view){ copy, bytes.len };
	return 0;
}

/* A file's bytes, kept: the root's buffer serves the next file. */
static int keep_file(struct reader *r, const char *path, struct kp_view *out)
{
	struct kp_view bytes;
	int rc = get(r, &bytes, "%s", path);

	return rc > 0 ? keep_bytes(r, bytes, out) : rc;
}

static int keep_text(struct reader *r, struct kp_view text, const char **out)
{
	text = kp_text_trim(text);
	*out = kp_arena_strndup(&r->m->arena, (const char *)text.bytes, text.len, r->err);
	return *out ? 0 : -1;
}

/* The file read last has nothing in it. */
static int note_empty(struct reader *r)
{
	kp_fail(r->err, KP_MACHINE, "is empty");
	return senseless(r);
}

/* A file of one line of text, kept. */
static int get_text(struct reader *r, const char *path, const char **out)
{
	struct kp_view text;
	int rc = get(r, &text, "%s", path);

	if (rc > 0 && !text.len)
		return note_empty(r);
	return rc > 0 ? keep_text(r, text, out) : rc;
}

/* ---- what a capture had to note ----------------------------------------------------------- */

static int read_facts(struct reader *r)
{
	struct kp_view text;
	int rc;

	if (r->root->live)
		return 0;
	rc = get(r, &text, KP_FACTS_PATH);
	if (rc > 0 && !text.len)
		return note_empty(r);
	if (rc > 0 && kp_facts_parse(text, r->m, r->err))
		return senseless(r);
	return rc < 0 ? -1 : 0;
}

static int read_kernel(struct reader *r)
{
	struct utsname u;

	if (get_text(r, "proc/cmdline", &r->m->cmdline) < 0 ||
	    get_text(r, "proc/sys/kernel/osrelease", &r->m->release) < 0)
		return -1;
	if (!r->root->live || uname(&u) != 0)
		return 0;
	r->m->arch = kp_arena_strndup(&r->m->arena, u.machine, strlen(u.machine), r->err);
	return r->m->arch ? 0 : -1;
}

/* ---- memory ------------------------------------------------------------------------------- */

/*
 * One entry; its name may be newer than this program: then it is at least nobody's RAM.
 * 1 read, 0 not, -1 without memory.
 */
static int read_firmware_entry(struct reader *r, uint32_t entry)
{
	struct kp_view name;
	uint64_t start, last;
	uint32_t type = KP_MEM_RESERVED;
	int rc;

	rc = with_siblings(r, get_number(r, 16, UINT64_MAX, &start,
					 "sys/firmware/memmap/%u/start", entry));
	if (rc > 0)
		rc = with_siblings(r, get_number(r, 16, UINT64_MAX, &last,
						 "sys/firmware/memmap/%u/end", entry));
	if (rc > 0)
		rc = with_siblings(r, get(r, &name, "sys/firmware/memmap/%u/type", entry));
	if (rc <= 0)
		return rc;
	kp_mem_type_parse(name, &type);
	snprintf(r->path, sizeof(r->path), "sys/firmware/memmap/%u/end", entry);
	return kp_memmap_add(&r->m->firmware, kp_range(start, last), type, r->err) ? senseless(r) : 1;
}

/* Half a map is none: what it lacks could be memory that nobody may touch. */
static int read_firmware_map(struct reader *r)
{
	uint32_t *entries;
	int rc = 1;
	size_t n;

	if (get_numbers(r, "sys/firmware/memmap", "", 10, &entries, &n))
		return -1;
	for (size_t i = 0; i < n && rc > 0; i++)
		rc = read_firmware_entry(r, entries[i]);
	if (rc <= 0)
		r->m->firmware.n = 0;
	if (rc < 0 || kp_memmap_normalise(&r->m->firmware, r->err))
		return -1;
	return kp_memmap_ranges(&r->m->firmware, KP_MEM_RESERVED, &r->reserved, r->err);
}

static int read_iomem(struct reader *r)
{
	struct kp_iomem io;
	struct kp_view text;
	int rc = get(r, &text, "proc/iomem");

	if (rc <= 0)
		return rc;
	if (need_whole_lines(r, text) || kp_iomem_read(text, &r->m->arena, &io, r->err))
		return senseless(r);
	r->m->iomem = io.map;
	r->m->system_ram = io.system_ram;
	r->m->top_ram = io.top_ram;
	r->m->driver_ram = io.driver_ram;
	r->m->gart = io.gart;
	r->m->crashk = io.crashk;
	r->m->kernel_code = io.kernel_code;
	for (size_t i = 0; i < io.reserved.n; i++)
		if (kp_ranges_add(&r->reserved, io.reserved.v[i], r->err))
			return -1;
	return 0;
}

static int read_total_ram(struct reader *r)
{
	struct kp_view text;
	int rc = get(r, &text, "proc/meminfo");

	if (rc > 0)
		r->m->total_ram = kp_memory_total(text);
	return rc < 0 ? -1 : 0;
}

/* ---- the crash kernel's needs ------------------------------------------------------------- */

/*
 * A file of /sys/kernel/kexec by its name, or by the older one where it is not there. 1 read, and
 * then the text is in the machine's arena; 0 not, -1 without memory.
 */
static int get_kexec(struct reader *r, enum kp_kexec_file file, struct kp_view *text)
{
	const struct kp_kexec_names names = kp_kexec_names(file);
	struct kp_view bytes;
	int rc = get(r, &bytes, "%s", names.now);

	if (rc == 0 && r->absent)
		rc = get(r, &bytes, "%s", names.before);
	return rc > 0 && keep_bytes(r, bytes, text) ? -1 : rc;
}

/* So that a capture has it by both names. */
static void look_at_older_name(struct reader *r, enum kp_kexec_file file)
{
	struct kp_view unused;

	if (r->root->saw && strcmp(r->path, kp_kexec_names(file).now) == 0)
		kp_root_read(r->root, kp_kexec_names(file).before, WHOLE, &unused);
}

static int get_kexec_number(struct reader *r, enum kp_kexec_file file, uint64_t max, uint64_t *n)
{
	struct kp_view text;
	int rc = get_kexec(r, file, &text);

	look_at_older_name(r, file);
	if (rc > 0 && kp_text_number(text, 10, max, n, r->err))
		return senseless(r);
	return rc;
}

/*
 * What crashkernel=SIZE,cma reserved; set once, at boot (Linux kernel/crash_reserve.c). All of it or
 * none: a range is RAM of the crash kernel and out of the dump, or neither.
 */
static int read_crash_cma(struct reader *r)
{
	struct kp_view text;
	int rc = get_kexec(r, KP_KEXEC_CMA_RANGES, &text);

	look_at_older_name(r, KP_KEXEC_CMA_RANGES);
	if (rc <= 0)
		return rc;
	if (kp_memory_parse_cma(text, &r->m->crash_cma, r->err)) {
		r->m->crash_cma.n = 0;
		return senseless(r);
	}
	r->m->crash_cma_shown = true;
	return 0;
}

static int read_crash_sizes(struct reader *r)
{
	uint64_t cpus = 0, memory = 0;

	if (get_kexec_number(r, KP_KEXEC_CRASH_SIZE, UINT64_MAX, &r->m->kexec_crash_size) < 0 ||
	    get_kexec_number(r, KP_KEXEC_ELFCOREHDR_SIZE, UINT32_MAX,
			     &r->m->elfcorehdr_size) < 0 ||
	    get_number(r, 10, 1, &cpus, "sys/devices/system/cpu/crash_hotplug") < 0 ||
	    get_number(r, 10, 1, &memory, "sys/devices/system/memory/crash_hotplug") < 0)
		return -1;
	r->m->crash_hotplug = cpus || memory;
	return 0;
}

/*
 * What shows that kexec handover is on: in debugfs, "finalize" until Linux 6.18 and "scratch_phys"
 * since 6.16 (kernel/liveupdate/kexec_handover_debugfs.c); and the device of the Live Update
 * Orchestrator, which exists only where both are on (luo_core.c, liveupdate_ioctl_init()).
 */
static int read_handover(struct reader *r)
{
	static const char *const signs[] = {
		"sys/kernel/debug/kho/out/scratch_phys",
		"sys/kernel/debug/kho/out/finalize",
		"sys/devices/virtual/misc/liveupdate/dev",
	};
	struct kp_view text;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		int rc = get(r, &text, "%s", signs[i]);

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
static int read_carried(struct reader *r)
{
	return read_handover(r) || get_number(r, 10, UINT32_MAX, &r->m->dm_crypt_keys,
				     "sys/kernel/config/crash_dm_crypt_keys/count") < 0 ? -1 : 0;
}

/* "0xPHYS SIZE", the size in hexadecimal too (Linux kernel/ksysfs.c, vmcoreinfo_show()). */
static int read_vmcoreinfo(struct reader *r)
{
	struct kp_view text, phys, bytes;
	const uint8_t *blank;
	size_t n;
	int rc = get(r, &text, "sys/kernel/vmcoreinfo");

	if (rc <= 0)
		return rc;
	text = kp_text_trim(text);
	blank = text.len ? memchr(text.bytes, ' ', text.len) : NULL;
	n = blank ? (size_t)(blank - text.bytes) : text.len;
	phys = (struct kp_view){ text.bytes, n };
	bytes = (struct kp_view){ text.bytes + n, text.len - n };
	if (kp_text_number(phys, 16, UINT64_MAX, &r->m->vmcoreinfo_phys, r->err) ||
	    kp_text_number(bytes, 16, UINT32_MAX, &r->m->vmcoreinfo_bytes, r->err))
		return senseless(r);
	return 0;
}

/* A CPU that was taken out since its first file was read. */
static bool is_gone(const struct reader *r, unsigned cpu)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/crash_notes", cpu);
	fd = kp_root_fd(r->root, path);
	if (fd >= 0)
		close(fd);
	return fd < 0 && is_absence(-fd);
}

static int read_note(struct reader *r, unsigned cpu, size_t *cap)
{
	struct kp_crash_note note = { .cpu = cpu }, *v;
	int rc = get_number(r, 16, UINT64_MAX, &note.phys,
			    "sys/devices/system/cpu/cpu%u/crash_notes", cpu);

	if (rc <= 0)
		return rc;
	rc = get_number(r, 10, UINT32_MAX, &note.bytes,
			"sys/devices/system/cpu/cpu%u/crash_notes_size", cpu);
	if (rc == 0 && r->absent && !is_gone(r, cpu))
		rc = with_siblings(r, rc);
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
static int possible_cpus(struct reader *r, struct kp_view *list)
{
	struct kp_view text;
	int rc = get(r, &text, POSSIBLE_PATH);

	if (rc > 0 && kp_text_trim(text).len == 0)
		return note_empty(r);
	return rc > 0 && keep_bytes(r, text, list) ? -1 : rc;
}

static int read_notes(struct reader *r)
{
	struct kp_view list;
	unsigned first, last;
	size_t cap = 0;
	int rc = possible_cpus(r, &list);

	if (rc <= 0)
		return rc;
	while ((rc = kp_cpulist_next(&list, &first, &last, r->err)) > 0)
		for (unsigned cpu = first; cpu <= last; cpu++)
			if (read_note(r, cpu, &cap) < 0)
				return -1;
	snprintf(r->path, sizeof(r->path), POSSIBLE_PATH);
	return rc < 0 ? senseless(r) : 0;
}

/* ---- virtual addresses -------------------------------------------------------------------- */

/* What is there of the file read last may do. */
static int note_cut(struct reader *r, size_t bytes, uint64_t of)
{
	struct kp_error why;

	kp_fail(&why, KP_MACHINE, "ends after %zu bytes of %" PRIu64, bytes, of);
	return note(r, &why, true);
}

/*
 * The file goes on into the kernel's memory, which is none of a capture's business: ask for
 * exactly the headers, a step at a time as they tell how long they are.
 */
static int get_kcore_headers(struct reader *r, struct kp_view *headers)
{
	uint64_t want = 64;        /* an ELF header */

	snprintf(r->path, sizeof(r->path), "proc/kcore");
	for (;;) {
		int rc = outcome(r, kp_root_read(r->root, r->path, want, headers));
		uint64_t need;

		if (rc <= 0)
			return rc;
		if (kp_kcore_extent(*headers, &need, r->err))
			return senseless(r);
		if (headers->len < want)
			return note_cut(r, headers->len, want) ? -1 : 1;
		if (need <= want)
			return 1;
		if (need > MOST_KCORE) {
			kp_fail(r->err, KP_MACHINE, "headers of %" PRIu64 " bytes", need);
			return senseless(r);
		}
		want = need;
	}
}

static int read_kcore(struct reader *r)
{
	struct kp_kcore kc;
	struct kp_view headers;
	int rc = get_kcore_headers(r, &headers);

	if (rc <= 0)
		return rc;
	if (kp_kcore_parse(headers, &kc, r->err))
		return senseless(r);
	r->m->page_offset = kc.page_offset;
	r->m->kernel_text_virt = kc.text_virt;
	r->m->kernel_text_bytes = kc.text_bytes;
	r->la57 = kc.la57;
	return 0;
}

/* "ffffffff81000000 T _stext"; zeros when kptr_restrict hides the address. */
static int read_kallsyms(struct reader *r)
{
	struct kp_view line;
	int why;

	if (r->m->kernel_text_virt)
		return 0;
	snprintf(r->path, sizeof(r->path), "proc/kallsyms");
	why = kp_root_find_line(r->root, r->path, " _stext", &line);
	if (why)
		return outcome(r, why);
	if (line.len < 16 ||
	    !kp_text_u64((struct kp_view){ line.bytes, 16 }, 16, &r->m->kernel_text_virt)) {
		kp_fail(r->err, KP_MACHINE, "holds \"%.*s\" for _stext",
			KP_TEXT_ARG(kp_text_trim(line)));
		return senseless(r);
	}
	return 0;
}

static int read_cpuinfo(struct reader *r)
{
	struct kp_view text;
	int rc = get(r, &text, "proc/cpuinfo");

	if (rc < 0)
		return -1;
	if (rc > 0 && need_whole_lines(r, text) == 0 && !kp_cpuinfo_parse(text, &r->cpu))
		kp_fail(r->err, KP_MACHINE, "shows no CPU's flags");
	if (r->err->code != KP_OK && senseless(r))
		return -1;
	r->m->la57 = r->la57 == KP_YES || (r->la57 == KP_UNKNOWN && r->cpu.la57);
	return 0;
}

/* ---- firmware ----------------------------------------------------------------------------- */

static int read_boot_params(struct reader *r)
{
	struct kp_view bytes;
	int rc = get(r, &bytes, "sys/kernel/boot_params/data");

	if (rc <= 0)
		return rc;
	if (bytes.len != sizeof(struct boot_params)) {
		kp_fail(r->err, KP_MACHINE, "has %zu bytes, not %zu", bytes.len,
			sizeof(struct boot_params));
		return senseless(r);
	}
	return keep_bytes(r, bytes, &r->m->boot_params);
}

static int read_tboot(struct reader *r)
{
	uint64_t addr = 0;

	kp_view_u64(r->m->boot_params, offsetof(struct boot_params, tboot_addr), &addr);
	r->m->tboot = addr != 0;
	return 0;
}

/* 1 read, 0 not, -1 without memory. */
static int read_runtime_entry(struct reader *r, uint32_t entry, uint8_t *bytes)
{
	struct kp_efi_desc d = { 0 };
	const struct {
		const char *file;
		uint64_t max, *to;
	} fields[] = {
		{ "type", UINT32_MAX, &d.type },
		{ "phys_addr", UINT64_MAX, &d.phys_addr },
		{ "virt_addr", UINT64_MAX, &d.virt_addr },
		{ "num_pages", UINT64_MAX, &d.num_pages },
		{ "attribute", UINT64_MAX, &d.attribute },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		int rc = with_siblings(r, get_number(r, 16, fields[i].max, fields[i].to,
						     "sys/firmware/efi/runtime-map/%u/%s", entry,
						     fields[i].file));

		if (rc <= 0)
			return rc;
	}
	kp_efi_desc_encode(&d, bytes);
	return 1;
}

static int read_runtime_map(struct reader *r)
{
	struct kp_efi *efi = &r->m->efi;
	uint32_t *entries;
	uint8_t *map;
	int rc = 1;
	size_t n;

	if (get_numbers(r, "sys/firmware/efi/runtime-map", "", 10, &entries, &n))
		return -1;
	if (n == 0)
		return 0;
	map = kp_arena_alloc(&r->m->arena, n * KP_EFI_DESC_BYTES, r->err);
	if (!map)
		return -1;
	for (size_t i = 0; i < n && rc > 0; i++)
		rc = read_runtime_entry(r, entries[i], map + i * KP_EFI_DESC_BYTES);
	if (rc <= 0)
		return rc;
	efi->runtime_map = (struct kp_view){ map, n * KP_EFI_DESC_BYTES };
	efi->n_runtime = n;
	efi->desc_size = KP_EFI_DESC_BYTES;
	efi->desc_version = KP_EFI_DESC_VERSION;
	return 0;
}

static int read_efi(struct reader *r)
{
	struct kp_efi *efi = &r->m->efi;
	struct kp_view systab;
	int vendor, runtime, tables, rc;
	bool passed_on;

	vendor = get_number(r, 16, UINT64_MAX, &efi->fw_vendor, "sys/firmware/efi/fw_vendor");
	if (vendor < 0)
		return -1;
	runtime = get_number(r, 16, UINT64_MAX, &efi->runtime, "sys/firmware/efi/runtime");
	if (runtime < 0)
		return -1;
	tables = get_number(r, 16, UINT64_MAX, &efi->config_table,
			    "sys/firmware/efi/config_table");
	if (tables < 0)
		return -1;
	passed_on = vendor && runtime && tables;
	rc = get(r, &systab, "sys/firmware/efi/systab");
	if (rc > 0) {
		efi->acpi20 = kp_efi_systab_find(systab, "ACPI20=");
		efi->smbios = kp_efi_systab_find(systab, "SMBIOS=");
	}
	if (rc > 0 && !efi->acpi20 && !efi->smbios) {
		kp_fail(r->err, KP_MACHINE, "names neither ACPI 2.0 nor SMBIOS tables");
		rc = senseless(r);
	}
	efi->present = passed_on || efi->acpi20;
	return rc < 0 ? -1 : passed_on ? read_runtime_map(r) : 0;
}

static int read_edd_geometry(struct reader *r, struct kp_edd *d)
{
	uint64_t cylinder = 0, head = 0, sectors = 0;

	if (get_number(r, 10, UINT16_MAX, &cylinder,
		       "sys/firmware/edd/int13_dev%02x/legacy_max_cylinder", d->device) < 0 ||
	    get_number(r, 10, UINT8_MAX, &head,
		       "sys/firmware/edd/int13_dev%02x/legacy_max_head", d->device) < 0 ||
	    get_number(r, 10, UINT8_MAX, &sectors,
		       "sys/firmware/edd/int13_dev%02x/legacy_sectors_per_track",
		       d->device) < 0)
		return -1;
	d->legacy_max_cylinder = (uint16_t)cylinder;
	d->legacy_max_head = (uint8_t)head;
	d->legacy_sectors_per_track = (uint8_t)sectors;
	return 0;
}

static int read_edd_disk(struct reader *r, struct kp_edd *d)
{
	uint64_t version = 0, signature = 0;
	struct kp_view bytes;
	int rc;

	if (get_number(r, 16, UINT8_MAX, &version, "sys/firmware/edd/int13_dev%02x/version",
		       d->device) < 0)
		return -1;
	d->version = (uint8_t)version;
	rc = get_number(r, 16, UINT32_MAX, &signature,
			"sys/firmware/edd/int13_dev%02x/mbr_signature", d->device);
	if (rc < 0)
		return -1;
	d->has_mbr_signature = rc > 0;
	d->mbr_signature = (uint32_t)signature;
	rc = get(r, &bytes, "sys/firmware/edd/int13_dev%02x/extensions", d->device);
	if (rc > 0)
		d->interface_support = kp_edd_extensions(bytes);
	if (rc < 0 || read_edd_geometry(r, d))
		return -1;
	rc = get(r, &bytes, "sys/firmware/edd/int13_dev%02x/raw_data", d->device);
	if (rc > 0 && !bytes.len)
		return note_empty(r);
	return rc > 0 ? keep_bytes(r, bytes, &d->raw_data) : rc;
}

static int read_edd(struct reader *r)
{
	uint32_t *devices;
	size_t n;

	if (get_numbers(r, "sys/firmware/edd", "int13_dev", 16, &devices, &n))
		return -1;
	if (n == 0)
		return 0;
	r->m->edd = kp_arena_alloc(&r->m->arena, n * sizeof(*r->m->edd), r->err);
	if (!r->m->edd)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (devices[i] > UINT8_MAX)
			continue;
		r->m->edd[r->m->n_edd].device = (uint8_t)devices[i];
		if (read_edd_disk(r, &r->m->edd[r->m->n_edd]))
			return -1;
		r->m->n_edd++;
	}
	return 0;
}

/* ---- processors --------------------------------------------------------------------------- */

/* What Linux does without, so do we. */
static int note_madt(struct reader *r, const struct kp_madt *madt)
{
	struct kp_error ignored;

	if (madt->damage.code != KP_OK)
		return note(r, &madt->damage, true);
	if (!madt->n_too_big)
		return 0;
	kp_fail(&ignored, KP_MACHINE, "%zu APIC IDs of 32768 and more are ignored, as Linux does",
		madt->n_too_big);
	return note(r, &ignored, true);
}

/* "APIC1" when the firmware has several: Linux uses the first (drivers/acpi/tables.c). */
static int read_madt(struct reader *r)
{
	struct kp_madt madt;
	struct kp_view table;
	int rc = get(r, &table, "sys/firmware/acpi/tables/APIC");

	if (rc == 0)
		rc = get(r, &table, "sys/firmware/acpi/tables/APIC1");
	if (rc <= 0)
		return rc;
	if (kp_madt_parse(table, &r->m->arena, &madt, r->err))
		return senseless(r);
	if (note_madt(r, &madt))
		return -1;
	r->m->apics = madt.apics;
	r->m->n_apics = madt.n_apics;
	r->m->mp_wakeup = madt.mp_wakeup;
	r->m->madt_present = true;
	return 0;
}

/* What consoles need; each is looked at only where one is asked for. */
static int read_consoles(struct reader *r)
{
	uint64_t io_delay = UINT64_MAX;

	if (keep_file(r, "sys/firmware/acpi/tables/SPCR", &r->m->spcr) < 0 ||
	    keep_file(r, "sys/firmware/dmi/entries/38-0/raw", &r->m->smbios38) < 0 ||
	    get_number(r, 10, UINT32_MAX, &io_delay, "proc/sys/kernel/io_delay_type") < 0)
		return -1;
	r->m->io_delay_0x80 = io_delay == 0; /* IO_DELAY_TYPE_0X80, asm/io_delay.c */
	return 0;
}

/* The table is of the time of power-on: a CPU that was plugged in since may be disabled there. */
static int mark_running(struct reader *r)
{
	struct kp_view text;
	uint32_t *ids;
	size_t n;
	int rc = get(r, &text, "proc/cpuinfo");

	if (rc <= 0)
		return rc;
	if (kp_cpuinfo_apic_ids(text, &r->m->arena, &ids, &n, r->err))
		return -1;
	for (size_t i = 0; n && i < r->m->n_apics; i++)
		r->m->apics[i].running = bsearch(&r->m->apics[i].id, ids, n, sizeof(*ids),
						 kp_apic_id_compare) != NULL;
	return 0;
}

/*
 * Firmware enters an operating system on the BSP, and Linux numbers the CPU that it was entered
 * on 0. Not so after a kexec (loader type 0xd, Documentation/arch/x86/boot.rst), nor in a crash
 * kernel: any CPU may have panicked.
 */
static bool booted_on_bsp(const struct kp_machine *m)
{
	struct kp_view unused;
	uint8_t loader = 0;

	return kp_view_u8(m->boot_params, offsetof(struct boot_params, hdr.type_of_loader),
			  &loader) &&
	       loader >> 4 != LOADER_KEXEC && m->cmdline &&
	       !kp_cmdline_find(m->cmdline, "elfcorehdr", &unused);
}

/* The logical CPU whose IA32_APIC_BASE says bootstrap processor: 1 found, 0 not, -1 error. */
static int find_bsp(struct reader *r, struct kp_view possible, unsigned *bsp)
{
	unsigned first, last;
	uint64_t base;
	int rc;

	while ((rc = kp_cpulist_next(&possible, &first, &last, r->err)) > 0)
		for (unsigned cpu = first; cpu <= last; cpu++)
			if (kp_msr_read(r->root, cpu, MSR_IA32_APIC_BASE, &base) == 0 &&
			    (base & MSR_IA32_APIC_BASE_BSP)) {
				*bsp = cpu;
				return 1;
			}
	return rc;
}

static int read_bsp(struct reader *r)
{
	struct kp_view list, text;
	unsigned bsp = 0;
	uint64_t base;
	int rc;

	if (!r->root->live)
		return 0;
	rc = possible_cpus(r, &list);
	if (rc > 0)
		rc = find_bsp(r, list, &bsp);
	/* CPU 0's register, where it can be read, has just said that it is another CPU. */
	if (rc == 0 && kp_msr_read(r->root, 0, MSR_IA32_APIC_BASE, &base) != 0)
		rc = booted_on_bsp(r->m);
	if (rc > 0)
		rc = get(r, &text, "proc/cpuinfo");
	if (rc > 0)
		r->m->bsp_known = kp_cpuinfo_apic_id(text, bsp, &r->m->bsp_apic_id);
	return rc < 0 ? -1 : 0;
}

/* ---- hypervisors -------------------------------------------------------------------------- */

/* Nothing but a refusal depends on these: a file that cannot be read counts as empty. */
static int read_xen(struct reader *r)
{
	struct kp_xen_files files = { 0 };

	if (keep_file(r, KP_XEN_TYPE, &files.type) < 0 ||
	    keep_file(r, KP_XEN_GUEST_TYPE, &files.guest_type) < 0 ||
	    keep_file(r, KP_XEN_FEATURES, &files.features) < 0 ||
	    keep_file(r, KP_XEN_CAPABILITIES, &files.capabilities) < 0)
		return -1;
	r->m->xen = kp_xen_domain(&files);
	return 0;
}

/* ---- confidential guests ------------------------------------------------------------------ */

#define MSR_SEV_STATUS		0xc0010131
#define OFF_CC_BLOB_ADDRESS	0x13c /* of struct boot_params, since Linux 5.19 */

#define LEAF_TDX		0x21
#define LEAF_HYPERVISOR		0x40000000
#define LEAF_HYPERV_FEATURES	0x40000003
#define HYPERV_ISOLATION	(1u << 22) /* EBX: guests of this one can be isolated */
#define LEAF_HYPERV_ISOLATION	0x4000000c
#define LEAF_SEV		0x8000001f

struct cpuid {
	uint32_t a, b, c, d;
};

static struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r;

	__cpuid_count(leaf, 0, r.a, r.b, r.c, r.d);
	return r;
}

static bool spells(uint32_t x, uint32_t y, uint32_t z, const char *text)
{
	const uint32_t words[] = { x, y, z };

	return memcmp(words, text, sizeof(words)) == 0;
}

/* What the CPU says of itself. A captured machine has it in its facts. */
static void ask_cpu(const struct reader *r, struct kp_confidential *c)
{
	struct cpuid v = cpuid(LEAF_HYPERVISOR);
	bool hyperv = r->cpu.hypervisor && spells(v.b, v.c, v.d, "Microsoft Hv");

	if (hyperv && v.a >= LEAF_HYPERV_ISOLATION &&
	    (cpuid(LEAF_HYPERV_FEATURES).b & HYPERV_ISOLATION))
		c->hyperv_isolation = cpuid(LEAF_HYPERV_ISOLATION).b;
	if (cpuid(0).a >= LEAF_TDX) {
		v = cpuid(LEAF_TDX);
		c->tdx_leaf = spells(v.b, v.d, v.c, "IntelTDX    ");
	}
	if (r->cpu.amd && cpuid(0x80000000).a >= LEAF_SEV)
		c->sev_leaf = cpuid(LEAF_SEV).a;
	if (r->cpu.amd && r->cpu.hypervisor)
		c->status_known = kp_msr_read(r->root, 0, MSR_SEV_STATUS, &c->status) == 0;
}

static int read_confidential(struct reader *r)
{
	struct kp_confidential c = { .cpu = &r->cpu };
	uint32_t cc_blob;
	const char *name;

	if (r->root->live)
		ask_cpu(r, &c);
	c.cc_blob = kp_view_u32(r->m->boot_params, OFF_CC_BLOB_ADDRESS, &cc_blob) && cc_blob;
	name = kp_confidential_name(&c);
	if (name && !r->m->confidential)
		r->m->confidential = name;
	return 0;
}

static int measure_tsc(struct reader *r)
{
	if (r->root->live)
		r->m->tsc_khz = kp_tsc_khz();
	return 0;
}

/* A captured machine has none: what is planned from a capture is the same every time. */
static int draw_seed(struct reader *r)
{
	struct kp_machine *m = r->m;

	if (r->root->live)
		m->has_rng_seed = getrandom(m->rng_seed, sizeof(m->rng_seed), GRND_NONBLOCK) ==
				  (ssize_t)sizeof(m->rng_seed);
	return 0;
}

/* ---- low memory --------------------------------------------------------------------------- */

/* Every whole page of Reserved memory where a park page may be; their bytes come after. */
static int list_low_pages(struct reader *r)
{
	struct kp_machine *m = r->m;
	size_t cap = 0;

	for (uint64_t at = PARK_PAGE_LOWEST; at < PARK_PAGE_CEILING; at += PARK_PAGE_SIZE) {
		struct kp_low_page *v;

		if (!kp_ranges_cover(&r->reserved, kp_range_of(at, PARK_PAGE_SIZE)))
			continue;
		v = kp_arena_grow(&m->arena, m->low_pages, m->n_low_pages, &cap, sizeof(*v),
				  r->err);
		if (!v)
			return -1;
		m->low_pages = v;
		v[m->n_low_pages++] = (struct kp_low_page){ .phys = at };
	}
	return 0;
}

/* Where the RAM below the video memory ends: what firmware put above it is not to be touched. */
static uint64_t low_ram_end(const struct kp_machine *m)
{
	uint64_t end = 0;

	for (size_t i = 0; i < m->firmware.n; i++)
		if (m->firmware.v[i].type == KP_MEM_RAM && m->firmware.v[i].at.start < LOW_MEMORY)
			end = m->firmware.v[i].at.last + 1;
	for (size_t i = 0; end == 0 && i < m->system_ram.n; i++)
		if (m->system_ram.v[i].start < LOW_MEMORY)
			end = m->system_ram.v[i].last + 1;
	return end > LOW_MEMORY ? LOW_MEMORY : end;
}

/* The word at 0x40e of the BIOS data area is its segment; nonsense on a machine without BIOS. */
static void read_ebda(struct kp_devmem *dm, struct kp_machine *m)
{
	uint8_t word[2];
	uint64_t ebda = 0;

	if (kp_devmem_read(dm, 0x40e, word, sizeof(word)))
		ebda = (uint64_t)(word[0] | word[1] << 8) << 4;
	m->ebda = low_ram_end(m);
	if (ebda >= 0x20000 && ebda < LOW_MEMORY && (m->ebda == 0 || ebda < m->ebda))
		m->ebda = ebda;
}

static int read_live_low_memory(struct reader *r)
{
	struct kp_machine *m = r->m;
	struct kp_devmem dm;
	int rc = 0;

	kp_devmem_open(r->root, &dm);
	read_ebda(&dm, m);
	for (size_t i = 0; rc == 0 && i < m->n_low_pages; i++) {
		uint8_t *bytes = kp_arena_alloc(&m->arena, PARK_PAGE_SIZE, r->err);

		if (!bytes)
			rc = -1;
		else if (kp_devmem_read(&dm, m->low_pages[i].phys, bytes, PARK_PAGE_SIZE))
			m->low_pages[i].bytes = bytes;
	}
	if (rc == 0 && dm.why[0]) {
		m->devmem_error = kp_arena_strndup(&m->arena, dm.why, strlen(dm.why), r->err);
		rc = m->devmem_error ? 0 : -1;
	}
	kp_devmem_close(&dm);
	return rc;
}

static int read_captured_page(struct reader *r, struct kp_low_page *page)
{
	struct kp_view bytes;
	uint8_t *copy;
	int rc = get(r, &bytes, KP_LOW_PAGE_PATH, page->phys);

	if (rc <= 0)
		return rc;
	if (bytes.len != 0 && bytes.len != PARK_PAGE_SIZE) {
		kp_fail(r->err, KP_MACHINE, "has %zu bytes, not 0 or %d", bytes.len,
			PARK_PAGE_SIZE);
		return senseless(r);
	}
	copy = kp_arena_alloc(&r->m->arena, PARK_PAGE_SIZE, r->err);
	if (!copy)
		return -1;
	memcpy(copy, bytes.bytes, bytes.len);
	page->bytes = copy;
	return 0;
}

static int read_low_memory(struct reader *r)
{
	if (list_low_pages(r))
		return -1;
	if (r->root->live)
		return read_live_low_memory(r);
	if (r->m->ebda == 0)
		r->m->ebda = low_ram_end(r->m);
	for (size_t i = 0; i < r->m->n_low_pages; i++)
		if (read_captured_page(r, &r->m->low_pages[i]))
			return -1;
	return 0;
}

/* ---- all of it ---------------------------------------------------------------------------- */

/* In this order: a later step may use what an earlier one found. */
static int (*const steps[])(struct reader *) = {
	read_facts, read_kernel, read_firmware_map, read_iomem, read_total_ram,
	read_crash_sizes, read_crash_cma, read_carried,
	read_vmcoreinfo, read_notes, read_kcore, read_kallsyms, read_cpuinfo,
	read_boot_params, read_tboot, read_efi, read_edd, read_madt, read_consoles,
	mark_running, read_bsp,
	read_xen, read_confidential, measure_tsc, draw_seed, read_low_memory,
};

static void adopt(struct kp_machine *m)
{
	m->firmware.arena = &m->arena;
	m->system_ram.arena = &m->arena;
	m->crashk.arena = &m->arena;
	m->crash_cma.arena = &m->arena;
	m->kernel_code = KP_RANGE_NONE;
}

int kp_machine_gather(struct kp_root *root, struct kp_machine *machine, struct kp_error *err)
{
	struct reader r = { .root = root, .m = machine, .err = err };

	adopt(machine);
	machine->captured = !root->live;
	r.reserved.arena = &machine->arena;
	*err = (struct kp_error){ 0 };
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](&r))
			return -1;
	return 0;
}

int kp_machine_read(const char *root, struct kp_machine **out, struct kp_error *err)
{
	struct kp_machine *m;
	struct kp_root files;
	int rc;

	if (kp_root_open(root, &files, err))
		return -1;
	m = calloc(1, sizeof(*m));
	rc = m ? kp_machine_gather(&files, m, err) :
		 kp_fail(err, KP_NO_MEMORY, "out of memory (%zu bytes)", sizeof(*m));
	kp_root_close(&files);
	if (rc) {
		kp_machine_free(m);
		return -1;
	}
	*out = m;
	return 0;
}

void kp_machine_free(struct kp_machine *machine)
{
	if (!machine)
		return;
	kp_arena_free(&machine->arena);
	free(machine);
}
