/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "boot_nodes.h"
#include "cmdline.h"
#include "confidential.h"
#include "consoles.h"
#include "e820.h"
#include "elfcorehdr.h"
#include "grades.h"
#include "layout.h"
#include "memory.h"
#include "pagetable.h"
#include "park_image.h"
#include "park_place.h"
#include "plan.h"
#include "purgatory_image.h"
#include "x86.h"
#include "xen.h"

/* Flags of kexec_load(2), Linux include/uapi/linux/kexec.h. */
#define LOAD_ON_CRASH		0x00000001UL
#define LOAD_UPDATE_ELFCOREHDR	0x00000004UL /* every kernel that knows 0x8 takes this one too */
#define LOAD_ARCH_X86_64	(62UL << 16)

/* Up to so many initrds get a segment each; their bytes need not be copied then. */
#define INITRD_SEGMENTS		4
/* purgatory, page tables, boot_params, elfcorehdr, backup */
#define OTHER_SEGMENTS		5

/* A plan while it is made. Each step reads what earlier ones decided. */
struct draft {
	const struct kp_request *req;
	const struct kp_machine *machine;
	const struct kp_image *image;
	const struct kp_view *initrds;
	size_t n_initrds;
	const struct kp_blobs *blobs;
	struct kp_arena *arena;
	struct kp_plan *plan;
	struct kp_warnings warnings;

	struct kp_room room;
	struct kp_range kernel, backup, elfcorehdr, initrd, boot_params, purgatory, tables;
	struct kp_view elfcorehdr_data, boot_params_data, purgatory_data;
	bool hotplug;              /* the running kernel will rewrite the elfcorehdr */
	uint64_t rsdp;
	struct kp_park_choice park;
	struct kp_memmap e820;
	struct kp_boot_nodes nodes;
	struct kp_consoles consoles;
	struct kp_ranges devices;  /* what the purgatory's tables map as such */
	struct kp_pagetable pagetable;
};

static bool is_crash(const struct draft *d)
{
	return d->req->slot == KP_CRASH;
}

static int check_input(const struct draft *d, struct kp_error *err)
{
	if (kp_xen_refuse(d->machine->xen, err) || kp_confidential_refuse(d->machine, err))
		return -1;
	if (d->machine->la57 && !d->image->la57)
		return kp_fail(err, KP_IMAGE,
			       "the running kernel uses 5-level paging, with which this "
			       "image cannot be entered%s",
			       d->image->format == KP_FORMAT_BZIMAGE64 ? " (no XLF_5LEVEL)" : "");
	for (size_t i = 0; i < d->n_initrds; i++)
		if (!d->initrds[i].len)
			return kp_fail(err, KP_IMAGE, "initrd %zu of %zu is empty", i + 1,
				       d->n_initrds);
	return 0;
}

const char *kp_plan_file_risk(const struct kp_machine *machine, const struct kp_image *image)
{
	if (!machine->la57 || image->la57_kept)
		return NULL;
	return "the running kernel uses 5-level paging, which this image turns off (no "
	       "XLF_5LEVEL_ENABLED): before Linux 6.18 such an image may reset the machine; loaded "
	       "by kexec_load(2) it does not";
}

static int warn_of_memory(struct draft *d, struct kp_error *err)
{
	if (kp_memory_warn_of_map(d->machine, &d->warnings, err))
		return -1;
	return is_crash(d) ? kp_memory_warn_of_cma(d->machine, &d->warnings, err) : 0;
}

/* What this load needs of the machine, and what it goes on without. */
static int check_facts(struct draft *d, struct kp_error *err)
{
	if (kp_facts_demand(d->machine, KP_GRADE_LOAD, err))
		return -1;
	return kp_facts_warn(d->machine, d->req->park != KP_PARK_OFF, &d->warnings, err);
}

static uint64_t initrd_bytes(const struct draft *d)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < d->n_initrds; i++)
		bytes += kp_align_up(d->initrds[i].len, KP_PAGE);
	return bytes;
}

/* What a load takes of the crashkernel reservation; page tables and parameters are a guess. */
static uint64_t crash_bytes(const struct draft *d)
{
	return kp_align_up(d->image->mem_bytes, KP_PAGE) + initrd_bytes(d) + kp_range_bytes(KP_BACKUP) +
	       d->elfcorehdr_data.len + d->blobs->purgatory_mem_bytes + 0x10000;
}

static unsigned long long mib_up(uint64_t bytes)
{
	return (bytes >> 20) + !!(bytes & 0xfffff);
}

/* Put the sizes into an error that says a crash kernel does not fit. */
static int explain_crash_room(const struct draft *d, struct kp_error *err)
{
	if (!is_crash(d) || err->code != KP_NO_ROOM)
		return -1;
	return kp_within(err,
			 "to be loaded the crash kernel needs about %llu MiB, and %llu MiB are "
			 "reserved for it",
			 mib_up(crash_bytes(d)),
			 (unsigned long long)kp_range_bytes(kp_memory_crash(d->machine)) >> 20);
}

static int decide_consoles(struct draft *d, struct kp_error *err)
{
	return kp_consoles_decide(d->req, d->machine, &d->consoles, err);
}

/* The screen is mapped even if nobody asked for it: a mismatch is said there too. */
static int list_devices(struct draft *d, struct kp_error *err)
{
	struct kp_ranges *set = &d->devices;

	set->arena = d->arena;
	if (kp_ranges_add(set, kp_range_of(VGA_TEXT_PHYS, KP_PAGE), err) ||
	    kp_ranges_add(set, kp_range_of(APIC_DEFAULT_PHYS, KP_PAGE), err))
		return -1;
	for (size_t i = 0; i < d->consoles.n_devices; i++)
		if (kp_ranges_add(set, d->consoles.devices[i], err))
			return -1;
	return 0;
}

/* No segment is where a device is mapped, whatever the machine calls RAM. */
static int open_room(struct draft *d, struct kp_error *err)
{
	if (kp_layout_open(d->req, d->machine, d->image, d->arena, &d->room, err))
		return -1;
	for (size_t i = 0; i < d->devices.n; i++)
		if (kp_ranges_subtract(&d->room.free, kp_range_pages(d->devices.v[i]), err))
			return -1;
	return 0;
}

static int place_kernel(struct draft *d, struct kp_error *err)
{
	return kp_layout_kernel(&d->room, d->image, &d->kernel, err);
}

static int decide_hotplug(struct draft *d, struct kp_error *err)
{
	if (!d->req->hotplug)
		return 0;
	if (!d->machine->elfcorehdr_size)
		return kp_warn(&d->warnings, err,
			       "the running kernel cannot update the elfcorehdr: "
			       "load again after CPUs or memory come or go");
	d->hotplug = true;
	return kp_warn(
		&d->warnings, err,
		"once CPUs or memory come or go the kernel rewrites the elfcorehdr without the "
		"backup: the dump then lacks memory below 640 KiB; the elfcorehdr is left out of "
		"the digest");
}

static int place_crash_areas(struct draft *d, struct kp_error *err)
{
	uint64_t bytes;

	if (!is_crash(d))
		return 0;
	if (decide_hotplug(d, err) ||
	    kp_layout_place(&d->room, "the backup of low memory", kp_range_bytes(KP_BACKUP), KP_RANGE_ALL,
			    &d->backup, err) ||
	    kp_elfcorehdr_build(d->machine, d->backup.start, &d->warnings, &d->elfcorehdr_data,
				err))
		return -1;
	bytes = d->elfcorehdr_data.len;
	if (d->hotplug)
		bytes = kp_max(bytes, d->machine->elfcorehdr_size);
	return kp_layout_place(&d->room, "the elfcorehdr", bytes, KP_RANGE_ALL, &d->elfcorehdr, err);
}

/* EFI and ACPI go together: without the one, the next kernel must be told where the other is. */
static int decide_firmware(struct draft *d, struct kp_error *err)
{
	const char *obstacle = kp_zeropage_efi_obstacle(d->machine, d->image);

	d->rsdp = kp_zeropage_rsdp(d->machine);
	d->nodes.efi = d->machine->efi.present && !d->req->no_efi && !obstacle;
	if (!d->machine->efi.present || d->nodes.efi)
		return 0;
	if (!d->req->no_efi &&
	    kp_warn(&d->warnings, err, "EFI runtime services are not passed on: %s", obstacle))
		return -1;
	if (d->rsdp)
		return 0;
	return kp_warn(&d->warnings, err, "the next kernel may not find ACPI: the machine has EFI, "
		       "which is not passed on, and the ACPI root pointer is unknown");
}

static int decide_cmdline(struct draft *d, struct kp_error *err)
{
	struct kp_cmdline_extra extra = {
		.elfcorehdr = is_crash(d) ? d->elfcorehdr.start : 0,
		.acpi_rsdp = d->nodes.efi || kp_zeropage_takes_rsdp(d->image) ? 0 : d->rsdp,
	};

	if (kp_cmdline_warn(d->req, d->machine, &d->warnings, err))
		return -1;
	return kp_cmdline_build(d->req, d->machine, d->image, &extra, d->arena, &d->plan->cmdline,
				err);
}

/* As Linux reads a bool (lib/kstrtox.c, kstrtobool()): by its first letter, or two of "on". */
static bool is_on(const char *cmdline, const char *name)
{
	struct kp_view v;

	if (!kp_cmdline_find(cmdline, name, &v) || !v.len)
		return false;
	if (v.bytes[0] == 'o' || v.bytes[0] == 'O')
		return v.len > 1 && (v.bytes[1] == 'n' || v.bytes[1] == 'N');
	return v.bytes[0] && strchr("1yYtT", v.bytes[0]);
}

/* A crash kernel takes no state over, and a normal one needs no keys. */
static int warn_of_uncarried(struct draft *d, struct kp_error *err)
{
	const struct kp_machine *m = d->machine;
	const char *cmdline = m->cmdline ?: "";

	if (is_crash(d) && m->dm_crypt_keys)
		return kp_warn(&d->warnings, err,
			       "%llu dm-crypt key(s) are configured for the crash kernel, which "
			       "only kexec_file_load(2) can pass on: without, it cannot open the "
			       "encrypted disks", (unsigned long long)m->dm_crypt_keys);
	if (!is_crash(d) && (m->kho || is_on(cmdline, "kho") || is_on(cmdline, "liveupdate")))
		return kp_warn(&d->warnings, err,
			       "kexec handover (kho=, liveupdate=) is on: what the running kernel "
			       "preserves for the next one is lost, only kexec_file_load(2) "
			       "passes it on");
	return 0;
}

/*
 * With SME the key is tweaked by the address: what the purgatory, which maps without the C bit,
 * copies from low memory is ciphertext that nothing decrypts at its new place.
 */
static int warn_of_encrypted_backup(struct draft *d, struct kp_error *err)
{
	if (is_crash(d) && d->machine->sme_open)
		return kp_warn(&d->warnings, err,
			       "memory encryption (SME) is on if the running kernel has it by default, "
			       "which its configuration in /boot would tell: then the dump cannot show "
			       "the first 640 KiB of memory");
	if (!is_crash(d) || !d->machine->sme)
		return 0;
	return kp_warn(&d->warnings, err,
		       "memory encryption (SME) is on: the dump cannot show the first 640 KiB of "
		       "memory, of which the purgatory's copy stays encrypted");
}

static bool resumes(const char *cmdline)
{
	return kp_cmdline_has(cmdline, "resume") && !kp_cmdline_has(cmdline, "noresume") &&
	       !kp_cmdline_has(cmdline, "nohibernate");
}

/*
 * A hibernation image holds a checksum of the firmware's map as the boot loader passed it on, and
 * a kernel with another map refuses it (Linux arch/x86/power/hibernate.c). A crash kernel writes
 * no image, but might read one.
 */
static int warn_of_hibernation(struct draft *d, struct kp_error *err)
{
	bool may_write = !is_crash(d) && resumes(d->machine->cmdline ?: "");

	if (d->park.plan.state != KP_PARK_STATE_NEW && d->park.plan.state != KP_PARK_STATE_REPLACE)
		return 0;
	if (!may_write && !resumes(d->plan->cmdline))
		return 0;
	return kp_warn(&d->warnings, err,
		       "resume= is set, and the new park page changes the memory map: a hibernation "
		       "image resumes only in a kernel with the map of the kernel that wrote it");
}

static int decide_park(struct draft *d, struct kp_error *err)
{
	if (kp_park_choose(d->req, d->machine, d->blobs->park_page, d->plan->cmdline, &d->warnings,
			   &d->park, err))
		return -1;
	d->plan->park = d->park.plan;
	return warn_of_hibernation(d, err);
}

static bool parks(const struct draft *d)
{
	return d->park.plan.state != KP_PARK_STATE_NONE;
}

/*
 * Linux starts its other CPUs, and wakes up, through a trampoline in RAM below 1 MiB, and panics
 * where it finds no room for one, with one CPU too (arch/x86/realmode/init.c). Page 0 is none.
 */
static int check_low_ram(struct draft *d, struct kp_error *err)
{
	static const char why[] = "has no RAM below 1 MiB in its memory map, and would panic: "
				  "\"Real mode trampoline was not allocated\"";

	for (size_t i = 0; i < d->e820.n; i++) {
		const struct kp_mem *m = &d->e820.v[i];
		struct kp_range low = kp_range_common(m->at, kp_range(KP_PAGE, KP_LOW_1M.last));

		if (m->type == KP_MEM_RAM && !kp_range_is_none(low) &&
		    !kp_range_is_none(kp_range_whole_pages(low)))
			return 0;
	}
	if (!is_crash(d))
		return kp_warn(&d->warnings, err, "the next kernel %s", why);
	return kp_fail(err, KP_MACHINE, "the crash kernel %s; neither /sys/firmware/memmap nor "
		       "/proc/iomem shows any", why);
}

static int decide_e820(struct draft *d, struct kp_error *err)
{
	struct kp_range reserved[3];
	size_t n = 0;

	if (is_crash(d)) {
		reserved[n++] = d->backup;
		reserved[n++] = d->elfcorehdr;
	}
	if (parks(d))
		reserved[n++] = kp_range_of(d->park.plan.address, KP_PAGE);
	d->e820.arena = d->arena;
	if (kp_e820_build(d->machine, d->req->slot, reserved, n, &d->e820, err))
		return -1;
	return check_low_ram(d, err);
}

static bool add_segment(struct draft *d, struct kp_segment s)
{
	if (d->plan->n_segments == KP_MAX_SEGMENTS)
		return false;
	d->plan->segments[d->plan->n_segments++] = s;
	return true;
}

static int too_many(struct kp_error *err)
{
	return kp_fail(err, KP_IMAGE,
		       "the load needs more than the %d segments that a kernel takes",
		       KP_MAX_SEGMENTS);
}

/*
 * Each chunk's segment reaches to the next one, the last to the end of all that the kernel writes
 * before it has a memory map: the running kernel keeps its own hand-over pages out of segments.
 */
static int add_kernel(struct draft *d, struct kp_error *err)
{
	const struct kp_image *image = d->image;

	for (size_t i = 0; i < image->n_chunks; i++) {
		const struct kp_chunk *c = &image->chunks[i];
		uint64_t last = i + 1 < image->n_chunks ?
				d->kernel.start + image->chunks[i + 1].offset - 1 : d->kernel.last;

		if (!add_segment(d, (struct kp_segment){
			.name = "kernel", .at = { d->kernel.start + c->offset, last },
			.data = c->data.bytes, .data_bytes = c->data.len, .digest = true }))
			return too_many(err);
	}
	return 0;
}

/* All initrds as one piece, each from a new page. */
static int join_initrds(struct draft *d, struct kp_view *out, struct kp_error *err)
{
	uint8_t *bytes = kp_arena_alloc(d->arena, initrd_bytes(d), err);
	uint64_t at = 0, end = 0;

	if (!bytes)
		return -1;
	for (size_t i = 0; i < d->n_initrds; i++) {
		memcpy(bytes + at, d->initrds[i].bytes, d->initrds[i].len);
		end = at + d->initrds[i].len;
		at = kp_align_up(end, KP_PAGE);
	}
	*out = (struct kp_view){ bytes, end };
	return 0;
}

/* The zeros between them do no harm: the kernel skips zeros between archives (init/initramfs.c). */
static int add_initrds(struct draft *d, const struct kp_view *v, size_t n, struct kp_error *err)
{
	uint64_t at = d->initrd.start;

	for (size_t i = 0; i < n; i++) {
		struct kp_range data = kp_range_of(at, v[i].len);

		if (!add_segment(d, (struct kp_segment){
			.name = "initrd", .at = kp_range_pages(data), .data = v[i].bytes,
			.data_bytes = v[i].len, .digest = true }))
			return too_many(err);
		d->initrd.last = data.last;
		at = kp_range_pages(data).last + 1;
	}
	return 0;
}

static int place_initrds(struct draft *d, struct kp_error *err)
{
	size_t room = KP_MAX_SEGMENTS - OTHER_SEGMENTS - d->image->n_chunks;
	uint64_t max = kp_min(d->room.image_max, d->image->initrd_max);
	struct kp_view joined;

	if (!d->n_initrds)
		return 0;
	if (kp_layout_place(&d->room, "the initrd", initrd_bytes(d), kp_range(0, max), &d->initrd, err))
		return -1;
	if (d->n_initrds <= kp_min(room, INITRD_SEGMENTS))
		return add_initrds(d, d->initrds, d->n_initrds, err);
	if (join_initrds(d, &joined, err))
		return -1;
	return add_initrds(d, &joined, 1, err);
}

static int place_boot_params(struct draft *d, struct kp_error *err)
{
	struct kp_boot_nodes *n = &d->nodes;

	n->machine = d->machine;
	n->image = d->image;
	n->e820 = &d->e820;
	n->cmdline = d->plan->cmdline;
	n->acpi_rsdp = d->rsdp;
	n->park_ids = d->park.ids;
	n->n_park_ids = d->park.n_ids + d->park.n_extra_ids;
	n->park_image = d->park.image;
	kp_boot_nodes_layout(n);
	if (kp_layout_place(&d->room, "the boot parameters", n->at.bytes, kp_range(0, d->room.image_max),
			    &d->boot_params, err))
		return -1;
	return kp_boot_nodes_build(n, d->boot_params.start, d->n_initrds ? &d->initrd : NULL,
				   d->arena, &d->boot_params_data, err);
}

/*
 * Its IDT stays live until the next kernel loads one. All that the kernel writes before then is
 * its own memory, taken out of the room by place_kernel().
 */
static int place_purgatory(struct draft *d, struct kp_error *err)
{
	uint64_t bytes = kp_max(d->blobs->purgatory_mem_bytes, d->blobs->purgatory.len);

	return kp_layout_place(&d->room, "the purgatory", bytes, KP_RANGE_ALL, &d->purgatory, err);
}

/* The segments, and of low memory what the backup copies or the parked CPUs run in. */
static int mapped_memory(const struct draft *d, struct kp_ranges *set, struct kp_error *err)
{
	const struct kp_range all[] = {
		d->kernel, d->initrd, d->boot_params, d->purgatory, d->backup, d->elfcorehdr,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!kp_range_is_none(all[i]) &&
		    kp_ranges_add(set, kp_range_pages(all[i]), err))
			return -1;
	if (is_crash(d) && kp_ranges_add(set, KP_BACKUP, err))
		return -1;
	if (parks(d) && kp_ranges_add(set, kp_range_of(d->park.plan.address, KP_PAGE), err))
		return -1;
	return 0;
}

static int place_tables(struct draft *d, struct kp_error *err)
{
	struct kp_identity map = { .memory.arena = d->arena, .devices = d->devices };

	if (mapped_memory(d, &map.memory, err) ||
	    kp_layout_place(&d->room, "the page tables", kp_pagetable_bytes(&map), KP_RANGE_ALL,
			    &d->tables, err))
		return -1;
	return kp_pagetable_build(&map, d->tables, d->arena, &d->pagetable, err);
}

static int add_small(struct draft *d, struct kp_error *err)
{
	const struct kp_segment small[] = {
		{ .name = "page tables", .at = d->tables, .data = d->pagetable.entries,
		  .data_bytes = d->pagetable.n_used * KP_PAGE, .digest = true },
		{ .name = "boot_params", .at = d->boot_params, .data = d->boot_params_data.bytes,
		  .data_bytes = d->boot_params_data.len, .digest = true },
		{ .name = "elfcorehdr", .at = d->elfcorehdr, .data = d->elfcorehdr_data.bytes,
		  .data_bytes = d->elfcorehdr_data.len, .digest = !d->hotplug },
		{ .name = "backup", .at = d->backup },
	};

	for (size_t i = 0; i < sizeof(small) / sizeof(*small); i++)
		if (!kp_range_is_none(small[i].at) && !add_segment(d, small[i]))
			return too_many(err);
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct kp_segment *x = a, *y = b;

	return x->at.start < y->at.start ? -1 : x->at.start > y->at.start;
}

static uint32_t purgatory_flags(const struct draft *d)
{
	return (is_crash(d) ? PURGATORY_CRASH : 0) |
	       d->consoles.flags |
	       (d->req->no_checks ? PURGATORY_SKIP_DIGEST : 0) |
	       (parks(d) ? PURGATORY_PARK : 0) |
	       (parks(d) && d->park.plan.state != KP_PARK_STATE_REUSE ? PURGATORY_PARK_INSTALL : 0);
}

static void set_park_params(const struct draft *d, struct purgatory_params *p)
{
	if (!parks(d))
		return;
	p->park_page = d->park.plan.address;
	p->park_mode = d->park.plan.mode;
	p->park_ids = d->boot_params.start + d->nodes.at.park_ids;
	p->park_n_ids = (uint32_t)d->park.n_ids;
	p->park_n_extra = (uint32_t)d->park.n_extra_ids;
	p->park_image = d->boot_params.start + d->nodes.at.park_image;
	kp_park_seal(d->park.image, d->park.ids, p);
}

/* It reads whatever the mapped files have not brought in yet. */
static void tell_digest(const struct draft *d)
{
	uint64_t bytes = 0;

	if (!d->req->progress)
		return;
	for (size_t i = 0; i < d->plan->n_segments; i++)
		if (d->plan->segments[i].digest)
			bytes += d->plan->segments[i].data_bytes;
	d->req->progress(d->req->progress_arg, KP_STAGE_DIGEST, bytes);
}

static int add_purgatory(struct draft *d, struct kp_error *err)
{
	struct purgatory_params p = {
		.magic = PURGATORY_PARAMS_MAGIC,
		.version = PURGATORY_PARAMS_VERSION,
		.flags = purgatory_flags(d),
		.kernel_entry = d->kernel.start + d->image->entry_offset,
		.boot_params = d->boot_params.start,
		.pgd4 = d->pagetable.pgd4,
		.pgd5 = d->pagetable.pgd5,
		.bsp_apic_id = d->park.bsp_id,
		.tsc_khz = d->machine->tsc_khz,
		.on_mismatch = d->req->on_mismatch,
		.serial_baud = d->req->serial_baud,
		.serial_port = d->consoles.serial_port,
		.serial_access = d->consoles.serial_access,
		.serial_shift = d->consoles.serial_shift,
		.serial_mmio = d->consoles.serial_mmio,
		.bmc_port = d->consoles.bmc.port,
		.bmc_spacing = d->consoles.bmc.spacing,
		.framebuffer = d->consoles.framebuffer,
	};

	if (is_crash(d)) {
		p.backup_dst = d->backup.start;
		p.backup_bytes = kp_range_bytes(KP_BACKUP);
	}
	set_park_params(d, &p);
	if (!d->req->no_checks)
		tell_digest(d);
	if (!d->req->no_checks &&
	    kp_purgatory_digest(d->plan->segments, d->plan->n_segments, &p, err))
		return -1;
	if (kp_purgatory_image_build(d->blobs->purgatory, &p, d->purgatory.start, d->arena,
				     &d->purgatory_data, err))
		return -1;
	if (!add_segment(d, (struct kp_segment){
		.name = "purgatory", .at = d->purgatory, .data = d->purgatory_data.bytes,
		.data_bytes = d->purgatory_data.len }))
		return too_many(err);
	return 0;
}

static void sort_segments(struct draft *d)
{
	qsort(d->plan->segments, d->plan->n_segments, sizeof(*d->plan->segments), by_address);
}

/* The digest runs over the segments in the order in which the plan shows them. */
static int add_segments(struct draft *d, struct kp_error *err)
{
	if (add_kernel(d, err) || add_small(d, err))
		return -1;
	sort_segments(d);
	if (add_purgatory(d, err))
		return -1;
	sort_segments(d);
	return 0;
}

/*
 * Linux kernel/kexec_core.c, sanity_check_segment_list(): neither one segment nor all of them
 * together may have more than half of the pages that the kernel manages.
 */
static int warn_of_size(struct draft *d, struct kp_error *err)
{
	uint64_t ram = kp_memory_counted(d->machine), bytes = 0;

	for (size_t i = 0; i < d->plan->n_segments; i++)
		bytes += kp_range_bytes(d->plan->segments[i].at);
	if (!ram || bytes <= ram / 2)
		return 0;
	return kp_warn(&d->warnings, err,
		       "the load has %llu MiB, more than half of the machine's %llu MiB of RAM: "
		       "kexec_load(2) refuses such a load", mib_up(bytes),
		       (unsigned long long)ram >> 20);
}

static void finish(struct draft *d)
{
	d->plan->slot = d->req->slot;
	d->plan->entry = d->purgatory.start + PURGATORY_OFF_ENTRY;
	d->plan->e820 = d->e820.v;
	d->plan->n_e820 = d->e820.n;
	d->plan->warnings = d->warnings.v;
	d->plan->n_warnings = d->warnings.n;
	d->plan->flags = LOAD_ARCH_X86_64 | (is_crash(d) ? LOAD_ON_CRASH : 0) |
			 (d->hotplug ? LOAD_UPDATE_ELFCOREHDR : 0);
}

static int make(struct draft *d, struct kp_error *err)
{
	static int (*const steps[])(struct draft *, struct kp_error *) = {
		check_facts, warn_of_memory, decide_consoles, list_devices, open_room,
		place_kernel, place_crash_areas, decide_firmware, decide_cmdline, warn_of_uncarried,
		warn_of_encrypted_backup, decide_park, decide_e820, place_initrds,
		place_boot_params, place_purgatory, place_tables, add_segments, warn_of_size,
	};

	if (check_input(d, err))
		return -1;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i](d, err))
			return explain_crash_room(d, err);
	finish(d);
	return kp_plan_check(d->plan, d->machine, err);
}

int kp_plan_make(const struct kp_request *req, const struct kp_machine *machine,
		 const struct kp_image *image, const struct kp_view *initrds, size_t n_initrds,
		 const struct kp_blobs *blobs, struct kp_plan_build *out, struct kp_error *err)
{
	struct draft d = {
		.req = req, .machine = machine, .image = image, .initrds = initrds,
		.n_initrds = n_initrds, .blobs = blobs, .arena = &out->arena, .plan = &out->plan,
		.warnings.arena = &out->arena,
		.backup = KP_RANGE_NONE, .elfcorehdr = KP_RANGE_NONE, .initrd = KP_RANGE_NONE,
	};

	*out = (struct kp_plan_build){ 0 };
	if (!make(&d, err))
		return 0;
	kp_arena_free(&out->arena);
	*out = (struct kp_plan_build){ 0 };
	return -1;
}
