/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processors and their local APICs, the firmware tables that list them, and what encrypts them. */
#include "bootparam.h"
#include "cmdline.h"
#include "confidential.h"
#include "cpuinfo.h"
#include "cpulist.h"
#include "devmem.h"
#include "hubs.h"
#include "madt.h"
#include "reader.h"
#include "tsc.h"
#include "x86.h"

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define LOADER_KEXEC	0xd        /* upper half of type_of_loader */

/* ---- processors --------------------------------------------------------------------------- */

/* What Linux does without, so do we. */
static int note_madt(struct kp_reader *r, const struct kp_madt *madt)
{
	struct kp_error ignored;

	if (madt->damage.code != KP_OK)
		return kp_note(r, &madt->damage, true);
	if (!madt->n_too_big)
		return 0;
	kp_fail(&ignored, KP_MACHINE, "%zu APIC IDs of 32768 and more are ignored, as Linux does",
		madt->n_too_big);
	return kp_note(r, &ignored, true);
}

/* "APIC1" when the firmware has several: Linux uses the first (drivers/acpi/tables.c). */
int kp_read_madt(struct kp_reader *r)
{
	struct kp_madt madt;
	struct kp_view table;
	int rc = kp_get(r, &table, "sys/firmware/acpi/tables/APIC");

	if (rc == 0)
		rc = kp_get(r, &table, "sys/firmware/acpi/tables/APIC1");
	if (rc <= 0)
		return rc;
	if (kp_madt_parse(table, &r->m->arena, &madt, r->err))
		return kp_senseless(r);
	if (note_madt(r, &madt))
		return -1;
	r->m->apics = madt.apics;
	r->m->n_apics = madt.n_apics;
	r->m->mp_wakeup = madt.mp_wakeup;
	r->m->madt_present = true;
	r->m->hub = kp_hub_of_madt(table);
	return 0;
}

/* What Linux made of the firmware's own word outweighs the MADT. */
int kp_read_hub(struct kp_reader *r)
{
	struct kp_view archtype;
	int rc = kp_get(r, &archtype, KP_UV_ARCHTYPE);

	if (rc == 0 && r->absent)
		rc = kp_get(r, &archtype, KP_UV_ARCHTYPE_BEFORE);
	if (rc > 0 && !archtype.len)
		return kp_note_empty(r);
	if (rc > 0)
		r->m->hub = kp_hub_of_archtype(archtype);
	return rc < 0 ? -1 : 0;
}

/* What consoles need; each is looked at only where one is asked for. */
int kp_read_consoles(struct kp_reader *r)
{
	uint64_t io_delay = UINT64_MAX;

	if (kp_keep_file(r, "sys/firmware/acpi/tables/SPCR", &r->m->spcr) < 0 ||
	    kp_keep_file(r, "sys/firmware/dmi/entries/38-0/raw", &r->m->smbios38) < 0 ||
	    kp_get_number(r, 10, UINT32_MAX, &io_delay, "proc/sys/kernel/io_delay_type") < 0)
		return -1;
	r->m->io_delay_0x80 = io_delay == 0; /* IO_DELAY_TYPE_0X80, asm/io_delay.c */
	return 0;
}

static int compare_apics(const void *a, const void *b)
{
	return kp_apic_id_compare(&((const struct kp_apic *)a)->id, &((const struct kp_apic *)b)->id);
}

/* A kernel before 6.9 takes CPUs too that firmware adds later and had not listed at power-on. */
static int add_unlisted(struct kp_reader *r, const uint32_t *ids, size_t n)
{
	struct kp_machine *m = r->m;
	size_t listed = m->n_apics, cap = listed;
	struct kp_apic *sorted = kp_arena_alloc(&m->arena, listed * sizeof(*sorted), r->err), *v;

	if (!sorted)
		return -1;
	memcpy(sorted, m->apics, listed * sizeof(*sorted));
	qsort(sorted, listed, sizeof(*sorted), compare_apics);
	for (size_t i = 0; i < n; i++) {
		struct kp_apic apic = { .id = ids[i], .running = true };

		if (bsearch(&apic, sorted, listed, sizeof(*sorted), compare_apics))
			continue;
		v = kp_arena_grow(&m->arena, m->apics, m->n_apics, &cap, sizeof(*v), r->err);
		if (!v)
			return -1;
		m->apics = v;
		v[m->n_apics++] = apic;
	}
	return 0;
}

/* The table is of the time of power-on: a CPU that was plugged in since may be disabled there. */
int kp_mark_running(struct kp_reader *r)
{
	struct kp_view text;
	uint32_t *ids;
	size_t n;
	int rc = kp_get(r, &text, "proc/cpuinfo");

	if (rc <= 0)
		return rc;
	if (kp_cpuinfo_apic_ids(text, &r->m->arena, &ids, &n, r->err))
		return -1;
	for (size_t i = 0; n && i < r->m->n_apics; i++)
		r->m->apics[i].running = bsearch(&r->m->apics[i].id, ids, n, sizeof(*ids),
						 kp_apic_id_compare) != NULL;
	return n && r->m->n_apics ? add_unlisted(r, ids, n) : 0;
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
static int find_bsp(struct kp_reader *r, struct kp_view possible, unsigned *bsp)
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

int kp_read_bsp(struct kp_reader *r)
{
	struct kp_view list, text;
	unsigned bsp = 0;
	uint64_t base;
	int rc;

	if (!r->root->live)
		return 0;
	rc = kp_possible_cpus(r, &list);
	if (rc > 0)
		rc = find_bsp(r, list, &bsp);
	/* CPU 0's register, where it can be read, has just said that it is another CPU. */
	if (rc == 0 && kp_msr_read(r->root, 0, MSR_IA32_APIC_BASE, &base) != 0)
		rc = booted_on_bsp(r->m);
	if (rc > 0)
		rc = kp_get(r, &text, "proc/cpuinfo");
	if (rc > 0)
		r->m->bsp_known = kp_cpuinfo_apic_id(text, bsp, &r->m->bsp_apic_id);
	return rc < 0 ? -1 : 0;
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
static void ask_cpu(const struct kp_reader *r, struct kp_confidential *c)
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

/* Where Linux's boot_params say that there is a secrets blob: bytes without "HdrS" say nothing. */
static bool has_cc_blob(struct kp_view boot_params)
{
	uint32_t magic, address;

	return kp_view_u32(boot_params, offsetof(struct boot_params, hdr.header), &magic) &&
	       magic == SETUP_HEADER_MAGIC &&
	       kp_view_u32(boot_params, OFF_CC_BLOB_ADDRESS, &address) && address;
}

int kp_read_confidential(struct kp_reader *r)
{
	struct kp_confidential c = { .cpu = &r->cpu };
	const char *name;

	if (r->root->live)
		ask_cpu(r, &c);
	c.cc_blob = has_cc_blob(r->m->boot_params);
	name = kp_confidential_name(&c);
	if (name && !r->m->confidential)
		r->m->confidential = name;
	return 0;
}

int kp_measure_tsc(struct kp_reader *r)
{
	if (r->root->live)
		r->m->tsc_khz = kp_tsc_khz();
	return 0;
}

/* A captured machine has none: what is planned from a capture is the same every time. */
int kp_draw_seed(struct kp_reader *r)
{
	struct kp_machine *m = r->m;

	if (r->root->live)
		m->has_rng_seed = getrandom(m->rng_seed, sizeof(m->rng_seed), GRND_NONBLOCK) ==
				  (ssize_t)sizeof(m->rng_seed);
	return 0;
}
