/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hand-over from the old kernel to the next one, in the order of its phases. The boot CPU
 * is alone here, interrupts are off, and nothing of the old kernel is relied upon but the page
 * tables it entered with.
 *
 * Why this order. In a normal kexec the other CPUs halt in memory that the next kernel's has
 * replaced: an NMI, a machine check or an SMI makes them run it. So they are parked first, and
 * the digest, which takes as long as the load is large, is taken of a quiet machine. The copy of
 * low memory goes before that, because the park page overwrites 4096 bytes of it. It needs no
 * digest to be right: its source is the old kernel's, its destination a segment without data that
 * no digest covers, and where it is, is told by the same parameters as before; should they be damaged, the
 * digest that follows sees what the copy overwrote.
 */
#include "purgatory.h"

#include "apic.h"
#include "backup.h"
#include "console.h"
#include "counters.h"
#include "cpu.h"
#include "delay.h"
#include "idt.h"
#include "kexec_types.h"
#include "mce.h"
#include "park.h"
#include "post.h"
#include "record.h"
#include "reset.h"
#include "sel.h"
#include "traps.h"
#include "verify.h"

void gate_assertion_failed(void)
{
	say("bug: a gate's upper half would change; resetting");
	record_outcome(PARK_OUTCOME_BUG, 0, 0);
	reset_machine();
}

/* NMIs and machine checks stay open meanwhile; a second fault resets at once. */
void trap_fatal(const struct trap_frame *frame)
{
	idt_reset_on_fault();
	say("fault: vector %lu, error 0x%lx, RIP 0x%lx, CR2 0x%lx; resetting", frame->vector,
	    frame->error, frame->rip, read_cr2());
	record_outcome(PARK_OUTCOME_FAULT, (uint8_t)frame->vector, frame->rip);
	reset_machine();
}

/* An entry of a 5-level root: its physical address, and bits that the CPU ignores (SDM volume 3,
 * 4.5.4, table 4-15). */
#define PML5_ENTRIES	512
#define PML5_ADDRESS	0x000ffffffffff000ULL
#define PML5_IGNORED	0x7ff0000000000000ULL

/*
 * The next kernel is entered on the old one's tables. To leave 5-level paging, a kernel before 6.18
 * takes all bits of the first root entry but the lowest 12 for an address (paging_prepare() and
 * configure_5level_paging(), Linux arch/x86/boot/compressed/pgtable_64.c), and one since 6.13 keeps
 * a mark in bit 58 of it (_PAGE_NOPTISHADOW). The old tables map themselves, as all of RAM.
 */
static void clear_ignored_bits(uint64_t cr3)
{
	uint64_t *root = phys_ptr(cr3 & PML5_ADDRESS);

	if (!(read_cr4() & X86_CR4_LA57))
		return;
	for (unsigned int i = 0; i < PML5_ENTRIES; i++)
		root[i] &= ~PML5_IGNORED;
}

static void switch_page_tables(void)
{
	write_cr3(read_cr4() & X86_CR4_LA57 ? params.pgd5 : params.pgd4);
}

/* Consoles in memory are mapped by our own tables only. */
static void open_console(void)
{
	const struct console_config config = {
		.serial = params.flags & PURGATORY_CONSOLE_SERIAL,
		.vga = params.flags & PURGATORY_CONSOLE_VGA,
		.uart = {
			.base = params.serial_access == PURGATORY_UART_PORT ?
				params.serial_port : params.serial_mmio,
			.access = params.serial_access,
			.shift = params.serial_shift,
			.baud = params.serial_baud,
		},
		.framebuffer = params.flags & PURGATORY_CONSOLE_FB ? &params.framebuffer : NULL,
	};

	console_init(&config);
}

/* The blob and who filled it in must speak of the same structure. */
static void check_params(void)
{
	if (params.magic == PURGATORY_PARAMS_MAGIC &&
	    params.version == PURGATORY_PARAMS_VERSION &&
	    params.n_regions <= PURGATORY_MAX_REGIONS)
		return;
	console_open_all();
	say("bug: parameters of no known version; resetting");
	record_outcome(PARK_OUTCOME_BUG, 0, 0);
	reset_machine();
}

static void start_record(const struct apic *apic)
{
	record.slot = params.flags & PURGATORY_CRASH ? KP_CRASH : KP_NORMAL;
	record.tsc_khz = params.tsc_khz;
	record.boot_apic_id = apic->id;
	record.boot_is_bsp = apic->bsp;
	if (params.flags & PURGATORY_PARK)
		park_attach_record(&params);
	say("%s hand-over by APIC ID %u%s", record.slot == KP_CRASH ? "crash" : "normal",
	    apic->id, apic->bsp ? ", the BSP" : "");
}

/* Before anything that can fault: a fault's record is of use only behind one of this hand-over. */
static void open_event_log(void)
{
	sel_init(params.bmc_port, params.bmc_spacing);
	record_outcome(PARK_OUTCOME_BEGUN, 0, 0);
}

/* Returns only when the policy is to boot all the same. */
static void apply_mismatch_policy(void)
{
	static const char policy[][48] = {
		[KP_MISMATCH_RESET] = "resetting",
		[KP_MISMATCH_HALT] = "halted",
		[KP_MISMATCH_BOOT] = "booting all the same",
	};
	uint32_t what = params.on_mismatch;

	if (what > KP_MISMATCH_BOOT)
		what = KP_MISMATCH_RESET;
	console_open_all();
	say("DIGEST MISMATCH: the next kernel's memory was damaged, first at or after 0x%lx (%lu bytes "
	    "checked); %s", record.mismatch, record.digest_bytes, policy[what]);
	record_outcome(PARK_OUTCOME_MISMATCH, 0, record.mismatch);
	if (what == KP_MISMATCH_HALT)
		halt_machine();
	if (what == KP_MISMATCH_RESET)
		reset_machine();
}

static void say_verified(const char *what)
{
	uint64_t bytes = record.digest_bytes;
	bool mib = bytes >= 1 << 20;

	say("%s %lu %s, swallowed %u NMI %u #MC", what, mib ? bytes >> 20 : bytes >> 10,
	    mib ? "MiB" : "KiB", nmi_count, mce_count);
}

/* Returns when the digest matches, was not wanted, or the policy is to boot all the same. */
static void verify(void)
{
	if (params.flags & PURGATORY_SKIP_DIGEST) {
		record.digest = PARK_DIGEST_SKIPPED;
		say_verified("digest skipped, verified");
	} else if (digest_matches(&params)) {
		record.digest = PARK_DIGEST_MATCH;
		say_verified("verified");
	} else {
		record.digest = PARK_DIGEST_MISMATCH;
		apply_mismatch_policy();
	}
}

/*
 * The gates stay live until the next kernel loads an IDT, and so does the stack they push to.
 * External NMIs have been open up to here; later the next kernel has stretches without a
 * handler (Linux, between its decompressor's tables), so their sources in this APIC are masked.
 */
static void leave(const struct apic *apic, enum apic_state state, uint64_t kernel_cr3)
{
	say("entering 0x%lx, swallowed %u NMI %u #MC in all", params.kernel_entry, nmi_count,
	    mce_count);
	idt_arm_nops();
	if (state == APIC_USABLE)
		apic_mask_lvts(apic);
	record_phase(PARK_PHASE_JUMP);
	record_outcome(PARK_OUTCOME_ENTERED, 0, params.kernel_entry);
	enter_kernel(kernel_cr3, params.kernel_entry, params.boot_params);
}

void purgatory(void)
{
	uint64_t kernel_cr3 = read_cr3();
	enum apic_state state;
	struct apic apic;

	post_init(params.flags & PURGATORY_POST);
	record_phase(PARK_PHASE_ENTRY);
	machine_checks_open();
	enable_nmis();
	counters_stop();
	delay_init(params.tsc_khz);
	check_params();
	clear_ignored_bits(kernel_cr3);
	switch_page_tables();
	open_console();
	open_event_log();
	state = apic_open(&apic);
	record_phase(PARK_PHASE_TRAPS);
	start_record(&apic);

	copy_backup(&params);
	record_phase(PARK_PHASE_BACKUP);
	if (params.flags & PURGATORY_PARK)
		park_others(&params, &apic, state);
	record_phase(PARK_PHASE_PARK);
	verify();
	record_phase(PARK_PHASE_DIGEST);
	leave(&apic, state, kernel_cr3);
}
