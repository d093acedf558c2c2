/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The shipped purgatory on a bare machine. This file is both of its neighbours: the old kernel,
 * which loads the blob, states its parameters and jumps into it in the state that Linux's
 * relocation code leaves; and the next one, which looks at how it was entered.
 * "patch=" writes bytes into the loaded copy of the blob: that is how the failing twins are made.
 */
#include "bmc.h"
#include "consoles.h"
#include "rt.h"
#include "vmx.h"

#include "park_page.h"
#include "park_image.h"
#include "purgatory_tables.h"
#include "kexec_types.h"
#include "purgatory_params.h"
#include "sha256.h"

#define MIB		0x100000ull
#define GIB		0x40000000ull
#define AP_PAGE		0x8000ull
#define LOW_BYTES	0xa0000ull
#define LOW_PATTERN	0x9000ull       /* the old kernel's, to be found again in the backup */
#define LOW_PATTERN_BYTES 0x10000       /* the park page replaces a page of it */
#define BACKUP		(16 * MIB)
#define BLOB		(32 * MIB)
#define REGION		(64 * MIB)
#define BOOT_PARAMS	0x1234567000ull /* only a value here: nobody reads it */
#define MAPPED_GIB	10
#define MAX_CPUS	254

#define UART		0x3f8
#define UART_LCR		3
#define UART_LCR_DLAB			0x80
#define OLD_DIVISOR	0x123
#define VGA_TEXT	0xb8000
#define VGA_COLUMNS	80
#define VGA_ROWS	25
#define SCREENS		2               /* of lines that a test looks at, scrolled off or not */

struct entry_state {
	uint64_t zero[14];         /* every general register but RSI and RSP */
	uint64_t rsi, rsp, rflags, cr3, cr4, cs, ss;
	uint8_t idtr[16];
	uint64_t cr0;
};

struct tables {
	uint64_t pml5[512], pml4[512], pdpt[512], pd[MAPPED_GIB][512];
};

extern const uint8_t purgatory_blob[], purgatory_blob_end[];
extern const uint8_t ap_start[], ap_end[];
extern const uint8_t page_blob[PARK_PAGE_SIZE];
void next_kernel(void);
void on_nmi_hand_over(void);
void debug_halt(void);
uint64_t frame_below(volatile uint32_t *icr, uint32_t command, const char *request, uint64_t n);
void la57_on(uint64_t pml5);
void hand_over(void) __attribute__((noreturn));
void ap_main(uint32_t id) __attribute__((noreturn));
void kernel_main(void) __attribute__((noreturn));

struct entry_state entry_state;

static struct tables kernel_tables __attribute__((aligned(4096)));
static struct tables purgatory_tables __attribute__((aligned(4096)));
static uint8_t page_image[PARK_PAGE_SIZE];
static uint8_t control_page[PARK_PAGE_SIZE] __attribute__((aligned(16)));
static uint8_t *blob;
static uint32_t ids[MAX_CPUS];
static volatile uint32_t aps_here;
static uint32_t hand_overs;             /* that were entered */
static uint64_t old_cr0;                /* as the last of them was entered with */
static volatile bool must_leave_vmx, has_left_vmx;

int kp_fail(struct kp_error *err, enum kp_code code, const char *fmt, ...)
{
	(void)err;
	(void)code;
	rt_fail("%s", fmt);
}

/* The last line of a test that fails: what, and no line number for the rows to run after. */
static void check(const char *what, uint64_t is, uint64_t must)
{
	if (is != must)
		rt_fail("%s is 0x%lx, must be 0x%lx", what, is, must);
}

static void write_cr3(const void *root)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(root) : "memory");
}

static void __attribute__((noreturn)) halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Symbols of the blob, told by the driver. */
static struct park_record *record(void)
{
	return (void *)(blob + rt_option("record", 0));
}

static uint32_t count(const char *which)
{
	return *(volatile uint32_t *)(blob + rt_option(which, 0));
}

/* 2 MiB pages, one to one. Linux does not map the local APIC for the hand-over. */
static void tables_build(struct tables *t, bool with_apic)
{
	const uint64_t rw = 3, large = 0x80, uncached = 0x18;

	t->pml5[0] = (uint64_t)t->pml4 | rw;
	t->pml4[0] = (uint64_t)t->pdpt | rw;
	for (uint64_t g = 0; g < MAPPED_GIB; g++) {
		t->pdpt[g] = (uint64_t)t->pd[g] | rw;
		for (uint64_t i = 0; i < 512; i++)
			t->pd[g][i] = (g * GIB + i * 2 * MIB) | rw | large;
	}
	t->pd[3][APIC_DEFAULT_PHYS / (2 * MIB) % 512] =
		with_apic ? (APIC_DEFAULT_PHYS & ~(2 * MIB - 1)) | rw | large | uncached : 0;
}

/* The old kernel's side. */

static void fill(uint8_t *at, uint64_t bytes)
{
	uint32_t x = 1;

	for (uint64_t i = 0; i < bytes; i += 4) {
		x = x * 1664525 + 1013904223;
		*(uint32_t *)(at + i) = x;
	}
}

static uint64_t digest_bytes(void)
{
	return rt_option("digest", rt_option("mib", 4) * MIB);
}

/* The definition in digest.h, without the vector registers that the purgatory must enable. */
static void add_region(struct kp_sha256 lanes[4], const uint8_t *at, uint64_t bytes)
{
	static const uint8_t zeros[64];
	const uint64_t quarter = bytes / 256 * 64;

	for (unsigned int i = 0; i < 4; i++)
		kp_sha256_update(&lanes[i], at + i * quarter, quarter);
	kp_sha256_update(&lanes[3], at + 4 * quarter, bytes - 4 * quarter);
	kp_sha256_update(&lanes[3], zeros, -bytes % 64);
}

static void finish_digest(struct kp_sha256 lanes[4], uint8_t digest[KP_SHA256_BYTES])
{
	uint8_t lane[KP_SHA256_BYTES];
	struct kp_sha256 root;

	kp_sha256_init(&root);
	for (unsigned int i = 0; i < 4; i++) {
		kp_sha256_final(&lanes[i], lane);
		kp_sha256_update(&root, lane, sizeof(lane));
	}
	kp_sha256_final(&root, digest);
}

/* kp_digest_mark() of lanes that all stand at a block's border. */
static uint64_t mark(const struct kp_sha256 lanes[4])
{
	uint64_t mark = 0;

	for (unsigned int i = 0; i < 4; i++)
		mark = (mark << 13 | mark >> 51) ^ ((uint64_t)lanes[i].h[1] << 32 | lanes[i].h[0]);
	return mark;
}

/* In two regions, parted where no block of the digest ends. */
static void digest(struct purgatory_params *p)
{
	const uint64_t second = digest_bytes() / 3;
	struct kp_sha256 lanes[4];

	p->n_regions = 2;
	p->regions[0] = (struct purgatory_region){ REGION, digest_bytes() - second };
	p->regions[1] = (struct purgatory_region){ REGION + p->regions[0].bytes, second };
	for (unsigned int i = 0; i < 4; i++)
		kp_sha256_init(&lanes[i]);
	for (uint32_t i = 0; i < p->n_regions; i++) {
		add_region(lanes, rt_phys(p->regions[i].start), p->regions[i].bytes);
		p->marks[i] = mark(lanes);
	}
	finish_digest(lanes, p->digest);
	p->digest[0] ^= (uint8_t)rt_option("damaged_digest", 0);
	if (rt_option("flip", 0))
		*(uint8_t *)rt_phys(REGION + rt_option("flip", 0)) ^= 1;
}

static bool parks(void)
{
	return rt_option("park", 0);
}

static struct park_live *live(void)
{
	return rt_phys(rt_option("park", 0) + PARK_IMMUTABLE_BYTES);
}

static const struct park_record *published(void)
{
	return rt_phys(rt_option("park", 0) + PARK_OFF_RECORD);
}

/* The first hand-over installs the page, later ones keep it unless it is damaged meanwhile. */
static void park_params(struct purgatory_params *p)
{
	const uint64_t damaged = rt_option("damaged", 0);
	const bool first = hand_overs == 0;
	struct kp_error err;

	p->flags |= PURGATORY_PARK | (first ? PURGATORY_PARK_INSTALL : 0);
	p->park_page = rt_option("park", 0);
	p->park_mode = (uint32_t)rt_option("mode", KP_PARK_HLT);
	p->park_n_ids = (uint32_t)rt_option("listed", rt_option("cpus", 1));
	if (!first && damaged)
		*(uint8_t *)rt_phys(p->park_page + damaged) ^= 0x40;
	if (!first && rt_option("page_bsp", 0))  /* as a loader reads it */
		p->bsp_apic_id = live()->bsp_id;
	if (!first && rt_option("forged_bsp", 0))
		live()->bsp_id = (uint32_t)rt_option("forged_bsp", 0);
	kp_park_page_build((struct kp_view){ page_blob, PARK_PAGE_SIZE }, p->park_page,
			   page_image, &err);
	if (first || rt_option("repair", 0))
		p->park_image = (uint64_t)page_image;
	kp_park_seal(page_image, ids, p);
	page_image[PARK_OFF_CODE] ^= (uint8_t)rt_option("damaged_image", 0);
	ids[1] ^= (uint32_t)rt_option("damaged_ids", 0);
}

static void params_write(struct purgatory_params *p)
{
	*p = (struct purgatory_params){
		.magic = PURGATORY_PARAMS_MAGIC,
		.version = PURGATORY_PARAMS_VERSION,
		.flags = (uint32_t)rt_option("flags", PURGATORY_CRASH | PURGATORY_CONSOLE_SERIAL),
		.kernel_entry = (uint64_t)next_kernel,
		.boot_params = BOOT_PARAMS,
		.pgd4 = (uint64_t)purgatory_tables.pml4,
		.pgd5 = (uint64_t)purgatory_tables.pml5,
		.backup_src = 0, .backup_dst = BACKUP,
		.backup_bytes = rt_option("backup", LOW_BYTES),
		.bsp_apic_id = (uint32_t)rt_option("bsp", 0),
		.tsc_khz = (uint32_t)rt_option("khz", rt_tsc_khz),
		.on_mismatch = (uint32_t)rt_option("policy", KP_MISMATCH_RESET),
		.park_ids = (uint64_t)ids,
		.serial_baud = (uint32_t)rt_option("baud", 0),
		.serial_port = UART,
		.bmc_port = (uint16_t)rt_option("bmc", 0),
		.bmc_spacing = 1,
	};
	if (rt_option("no_apic_map", 0))
		p->pgd4 = (uint64_t)kernel_tables.pml4;
	for (uint32_t i = 0; i < MAX_CPUS; i++)
		ids[i] = i;
	if (parks())
		park_params(p);
	consoles_prepare(p);
	digest(p);
}

static void blob_load(void)
{
	const size_t blob_bytes = (size_t)(purgatory_blob_end - purgatory_blob);
	uint64_t patch = rt_option("patch", 0), bytes = rt_option("bytes", 0);
	struct kp_error err;

	blob = rt_phys(rt_option("load", BLOB));
	memcpy(blob, purgatory_blob, blob_bytes);
	kp_purgatory_tables_move(blob, blob_bytes, (uint64_t)blob, &err);
	for (uint64_t i = 0; patch && i < rt_option("len", 1); i++)
		blob[patch + i] = (uint8_t)(bytes >> (8 * i));
	params_write((struct purgatory_params *)(blob + PURGATORY_OFF_PARAMS));
}

/* The consoles, as the old kernel leaves them and as the next one finds them. */

static uint32_t uart_divisor(void)
{
	const uint8_t lcr = rt_inb(UART + UART_LCR);
	uint32_t divisor;

	rt_outb(UART + UART_LCR, lcr | UART_LCR_DLAB);
	divisor = (uint32_t)rt_inb(UART + 1) << 8 | rt_inb(UART);
	rt_outb(UART + UART_LCR, lcr);
	return divisor;
}

static void uart_prepare(void)
{
	rt_outb(UART + UART_LCR, UART_LCR_DLAB);
	rt_outb(UART, OLD_DIVISOR & 0xff);
	rt_outb(UART + 1, OLD_DIVISOR >> 8);
	rt_outb(UART + UART_LCR, 0);
}

/* With DLAB left set, what is sent would go to the divisor. */
static void check_uart(void)
{
	if (!rt_option("divisor", 0))
		return;
	check("the UART's divisor", uart_divisor(), rt_option("divisor", 0));
	check("the UART's line control", rt_inb(UART + UART_LCR),
	      rt_option("baud", 0) ? 0x03 : 0);
}

static uint8_t crtc_read(uint8_t index)
{
	rt_outb(0x3d4, index);
	return rt_inb(0x3d5);
}

static void crtc_write(uint8_t index, uint8_t value)
{
	rt_outb(0x3d4, index);
	rt_outb(0x3d5, value);
}

/* The old kernel's screen: in each row another letter, white on blue. */
static uint16_t old_cell(uint32_t row)
{
	return (uint16_t)(row < VGA_ROWS ? 0x1f00 | ('A' + row) : 0x0700 | ' ');
}

static void screen_prepare(void)
{
	const uint32_t at = (uint32_t)rt_option("vga_row", 0) * VGA_COLUMNS;
	uint16_t *cells = rt_phys(VGA_TEXT);

	for (uint32_t i = 0; i < VGA_ROWS * VGA_COLUMNS; i++)
		cells[i] = old_cell(i / VGA_COLUMNS);
	crtc_write(0x0e, (uint8_t)(at >> 8));
	crtc_write(0x0f, (uint8_t)at);
}

/* Types the purgatory's log onto a paper as long as it takes; the row where the cursor ends. */
static uint32_t type_log(uint16_t *paper, uint32_t row)
{
	uint32_t column = 0;

	for (uint32_t i = 0; i < record()->log_bytes; i++) {
		const uint8_t c = record()->log[i];

		if (c == '\n' || column == VGA_COLUMNS) {
			column = 0;
			row++;
		}
		if (row >= SCREENS * VGA_ROWS)
			rt_fail("the log is too long for this test");
		if (c != '\n')
			paper[row * VGA_COLUMNS + column++] = (uint16_t)(0x0700 | c);
	}
	return row;
}

/* The last 25 rows of that paper are what the screen must show. */
static void check_screen(void)
{
	static uint16_t paper[SCREENS * VGA_ROWS * VGA_COLUMNS];
	const uint32_t cells = VGA_ROWS * VGA_COLUMNS;
	const uint16_t *screen = rt_phys(VGA_TEXT);
	uint32_t row, gone;

	if (!rt_option("vga_row", 0))
		return;
	for (uint32_t i = 0; i < SCREENS * cells; i++)
		paper[i] = old_cell(i / VGA_COLUMNS);
	row = type_log(paper, (uint32_t)rt_option("vga_row", 0));
	gone = row < VGA_ROWS ? 0 : row - (VGA_ROWS - 1);
	check("the rows scrolled off", gone, rt_option("scrolled", 0));
	for (uint32_t i = 0; i < cells; i++)
		if (screen[i] != paper[gone * VGA_COLUMNS + i])
			rt_fail("row %u, column %u of the screen is 0x%x, must be 0x%x",
				i / VGA_COLUMNS, i % VGA_COLUMNS, screen[i],
				paper[gone * VGA_COLUMNS + i]);
	check("the cursor", (uint32_t)crtc_read(0x0e) << 8 | crtc_read(0x0f),
	      (row - gone) * VGA_COLUMNS);
}

static void others_start(void)
{
	uint32_t others = (uint32_t)rt_option("cpus", 1) - 1;

	if (!others)
		return;
	memcpy(rt_phys(AP_PAGE), ap_start, (size_t)(ap_end - ap_start));
	rt_start_others(AP_PAGE);
	rt_wait("the other CPUs", aps_here == others);
}

/* Bits of a root entry that the CPU ignores; Linux since 6.13 sets bit 58 (_PAGE_NOPTISHADOW). */
#define ROOT_MARKS 0x7ff0000000000000

static void mark_root(void)
{
	for (unsigned int i = 0; i < 512; i++)
		kernel_tables.pml5[i] |= i % 2 ? ROOT_MARKS : 1UL << 58;
}

/* What LIDT takes. */
struct __attribute__((packed)) idtr {
	uint16_t limit;
	const void *base;
};

/* 16 gates, as Linux has them there since 6.15: an exception below 16 halts, and a #MC (18) finds
 * no gate. Without debug_idt=1 there is no table at all. */
static struct idtr old_idt(void)
{
	static uint64_t idt[16][2];
	const uint64_t at = (uint64_t)debug_halt;

	if (!rt_option("debug_idt", 0))
		return (struct idtr){ 0, NULL };
	for (unsigned int v = 0; v < 16; v++) {
		idt[v][0] = (at & 0xffff) | BOOT_CS << 16 | 0x8e00ull << 32 |
			    (at & 0xffff0000) << 32;
		idt[v][1] = at >> 32;
	}
	return (struct idtr){ sizeof(idt) - 1, idt };
}

/* As Linux leaves the CPU: no IDT, CR4 only PAE and LA57, an APIC with LINT1 open for NMIs. Bits of
 * CR0 that a row wants set are those that forbid vector instructions. */
void hand_over(void)
{
	static const struct idtr no_gdt;
	const struct idtr idt = old_idt();
	uint64_t cr4;

	hand_overs++;
	rt_apic_write(APIC_SVR, 0x1ff);
	rt_apic_write(APIC_LVT_LINT1, APIC_ICR_NMI);
	rt_apic_write(APIC_LVT_PMC, APIC_ICR_NMI);
	rt_apic_write(APIC_LVT_THERMAL, APIC_ICR_NMI);
	if (rt_option("latched", 0) > 1)
		rt_ipi((uint32_t)rt_option("boot_cpu", 0), APIC_ICR_NMI | APIC_ICR_ASSERT);
	rt_wrmsr(MSR_IA32_MCG_STATUS, rt_option("mcip", 0) ? MSR_IA32_MCG_STATUS_MCIP : 0);
	rt_say("entering the purgatory");
	if (rt_option("la57", 0)) {
		mark_root();
		la57_on((uint64_t)kernel_tables.pml5);
	} else {
		write_cr3(kernel_tables.pml4);
	}
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 &= X86_CR4_PAE | X86_CR4_LA57;
	__asm__ volatile("mov %%cr0, %0" : "=r"(old_cr0));
	old_cr0 |= rt_option("cr0", 0);
	__asm__ volatile("mov %0, %%cr0" : : "r"(old_cr0));
	if (!rt_option("debug_idt", 0)) /* Linux has a GDT too then, ours does for it */
		__asm__ volatile("lgdt %0" : : "m"(no_gdt));
	__asm__ volatile("lidt %1\n\t"
			 "mov %2, %%cr4\n\t"
			 "mov %3, %%rsp\n\t"
			 "jmp *%0"
			 : : "r"(blob), "m"(idt), "r"(cr4),
			 "r"(rt_option("debug_idt", 0) ? control_page + sizeof(control_page) : NULL) : "memory");
	__builtin_unreachable();
}

/* From within an NMI handler; with latched=2 another NMI is pending behind the latch. */
static void hand_over_latched(void)
{
	static struct { uint64_t low, high; } idt[3];
	const struct idtr idtr = { sizeof(idt) - 1, idt };
	uint64_t at = (uint64_t)on_nmi_hand_over;

	idt[X86_VECTOR_NMI].low = (at & 0xffff) | BOOT_CS << 16 | 0x8e00ull << 32 |
				  (at & 0xffff0000) << 32;
	__asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
	rt_ipi(0, APIC_ICR_NMI | APIC_ICR_ASSERT);
	rt_wait("the NMI to hand over in", false);
}

/* Another CPU's side: attack the boot CPU while it is in the purgatory, one blow at a time. */

static void attack_nmi(uint64_t n)
{
	for (; n; n--) {
		uint32_t before = count("nmi_count");

		rt_ipi(0, APIC_ICR_NMI | APIC_ICR_ASSERT);
		rt_wait("the purgatory to count an NMI", count("nmi_count") != before);
	}
}

/* What the driver is asked for: a machine check with which MCG_STATUS. */
static const char *mce_request(const char *option)
{
	switch (rt_option(option, 5)) {
	case 4:
		return "@mce 4\n";
	case 7:
		return rt_option("no_address", 0) ? "@mce 7 nowhere\n" : "@mce 7\n";
	default:
		return "@mce\n";
	}
}

static uint64_t length(const char *line)
{
	uint64_t n = 0;

	while (line[n])
		n++;
	return n;
}

static void request(const char *line)
{
	while (*line)
		rt_outb(0xe9, (uint8_t)*line++);
}

static void attack_mce(uint64_t n)
{
	for (; n; n--) {
		uint32_t before = count("mce_count");

		request(mce_request("mcg_status"));
		rt_wait("the purgatory to count an #MC", count("mce_count") != before);
	}
}

/* One vector of the live table is gone: its present bit. */
static void gate_remove(uint64_t vector)
{
	volatile uint64_t *gate = (void *)(blob + rt_option("idt", 0) + 16 * vector);

	*gate &= ~(1ull << 47);
}

static void watch_it_halt(void)
{
	volatile uint32_t *verdict = &record()->digest;

	rt_wait("the mismatch", *verdict == PARK_DIGEST_MISMATCH);
	rt_delay_us(300000);
	attack_nmi(5);
	attack_mce(2);
	rt_delay_us(300000);
	rt_pass();
}

static void attack(void)
{
	volatile uint64_t *before_digest = &record()->tsc[PARK_PHASE_PARK];
	volatile uint64_t *hashed = &record()->digest_bytes;

	if (rt_option("swept", 0))      /* by who steps through: time stands still for hours */
		halt();
	rt_wait("the digest", *before_digest);
	rt_wait("the digest's first region", *hashed >= rt_option("hashed", 0));
	rt_delay_us(10000);             /* nothing tells that its first block is read */
	if (rt_option("no_gate", 0))
		gate_remove(rt_option("no_gate", 0));
	attack_nmi(rt_option("nmis", 0));
	attack_mce(rt_option("mces", 0));
	if (rt_option("policy", 0) == KP_MISMATCH_HALT)
		watch_it_halt();
	halt();
}

/* A hypervisor's CPU, which the old kernel's stop IPI did not reach; with vmx_off=1 it did. */
static void vmx_sit(void)
{
	rt_wait("the word to leave VMX operation", must_leave_vmx || rt_option("vmx_off", 0));
	vmx_root_leave();
	has_left_vmx = true;
	halt();
}

void ap_main(uint32_t id)
{
	static const struct idtr nothing;
	const bool sits_in_vmx = id == rt_option("vmx", 0);

	write_cr3(purgatory_tables.pml4);
	rt_idt_load();
	rt_wrmsr(MSR_IA32_MCG_STATUS, 0);
	if (rt_option("overwritten", 0)) /* as if a normal kexec had: no exception finds a handler */
		__asm__ volatile("lidt %0" : : "m"(nothing));
	if (rt_option("x2apic", 0))
		rt_x2apic_enter();
	if (sits_in_vmx)
		vmx_root_enter();
	__atomic_add_fetch(&aps_here, 1, __ATOMIC_SEQ_CST);
	if (sits_in_vmx)
		vmx_sit();
	if (id != 1)
		halt();
	if (rt_option("boot_cpu", 0) == 1) {
		rt_wait("the old kernel to be ready", aps_here == rt_option("cpus", 1) - 1);
		rt_delay_us(10000);
		hand_over();
	}
	attack();
	halt();
}

/* The next kernel's side. */

static void check_registers(void)
{
	const uint64_t la57 = rt_option("la57", 0) ? X86_CR4_LA57 : 0;

	for (unsigned int i = 0; i < 14; i++)
		check("a general register", entry_state.zero[i], 0);
	check("RSI", entry_state.rsi, BOOT_PARAMS);
	check("RFLAGS", entry_state.rflags, 2);
	check("CS", entry_state.cs, BOOT_CS);
	check("SS", entry_state.ss, BOOT_DS);
	check("CR0", entry_state.cr0, old_cr0);
	check("CR4", entry_state.cr4, X86_CR4_PAE | X86_CR4_MCE | la57);
	check("CR3", entry_state.cr3,
		 (uint64_t)(la57 ? kernel_tables.pml5 : kernel_tables.pml4));
	if (entry_state.rsp < (uint64_t)blob ||
	    entry_state.rsp > (uint64_t)blob + (size_t)(purgatory_blob_end - purgatory_blob))
		rt_fail("RSP 0x%lx is not in the purgatory", entry_state.rsp);
}

/* A kernel that leaves 5-level paging reads the first entry with every bit above the lowest 12. */
static void check_root(void)
{
	if (!rt_option("la57", 0))
		return;
	check("the first entry of the 5-level root", kernel_tables.pml5[0] & ~0xfffUL,
	      (uint64_t)kernel_tables.pml4);
	for (unsigned int i = 1; i < 512; i++)
		check("marks of a root entry", kernel_tables.pml5[i] & ROOT_MARKS, 0);
}

/* All 32 vectors present, interrupt gates, through the selector that Linux's own GDT keeps. */
static void check_idt(void)
{
	const uint64_t *gate = *(uint64_t **)(entry_state.idtr + 2);

	check("the IDT's limit", *(uint16_t *)entry_state.idtr, 32 * 16 - 1);
	for (unsigned int v = 0; v < X86_EXCEPTION_VECTORS; v++)
		check("a gate's type and selector", gate[2 * v] & 0x0000ffffffff0000,
			 0x00008e0000100000);
}

static void check_apic_and_mca(void)
{
	check("LVT LINT1", rt_apic_read(APIC_LVT_LINT1), APIC_LVT_MASKED | APIC_ICR_NMI);
	check("LVT PMC", rt_apic_read(APIC_LVT_PMC), APIC_LVT_MASKED | APIC_ICR_NMI);
	check("LVT thermal", rt_apic_read(APIC_LVT_THERMAL), APIC_LVT_MASKED | APIC_ICR_NMI);
	check("MCG_STATUS", rt_rdmsr(MSR_IA32_MCG_STATUS), 0);
}

static void check_backup(void)
{
	if (hand_overs != 1 || rt_option("backup", LOW_BYTES) != LOW_BYTES)
		return;
	if (memcmp(rt_phys(BACKUP + LOW_PATTERN), rt_phys(REGION), LOW_PATTERN_BYTES))
		rt_fail("the backup is not what low memory was");
}

/* The gates swallow an NMI and two machine checks, and do not count them any more. */
static void check_gates_are_live(void)
{
	const char *mce = mce_request("late_mcg_status");
	const uint64_t mce_bytes = length(mce);
	volatile uint32_t *icr = rt_phys(rt_x2apic() ? X2APIC_MSR_BASE + (APIC_ICR >> 4)
					 : APIC_DEFAULT_PHYS + APIC_ICR);
	uint32_t nmis = count("nmi_count"), mces = count("mce_count");

	if (!rt_x2apic())
		rt_apic_write(APIC_ICR2, rt_apic_read(APIC_ID));
	check("SS of the NMI's frame",
		 frame_below(icr, APIC_ICR_NMI | APIC_ICR_ASSERT, NULL, 0), BOOT_DS);
	check("SS of a second NMI's frame",
		 frame_below(icr, APIC_ICR_NMI | APIC_ICR_ASSERT, NULL, 0), BOOT_DS);
	for (unsigned int i = 0; i < rt_option("late_mces", 0); i++)
		check("SS of the #MC's frame", frame_below(NULL, 0, mce, mce_bytes), BOOT_DS);
	check("MCG_STATUS", rt_rdmsr(MSR_IA32_MCG_STATUS), 0);
	check("the purgatory's NMI count", count("nmi_count"), nmis);
	check("the purgatory's #MC count", count("mce_count"), mces);
}

/* What the purgatory wrote of this hand-over, in its own memory. */
static void check_record(void)
{
	static const unsigned int order[PARK_PHASES] = {
		PARK_PHASE_ENTRY, PARK_PHASE_TRAPS, PARK_PHASE_BACKUP, PARK_PHASE_PARK,
		PARK_PHASE_DIGEST, PARK_PHASE_JUMP,
	};
	const struct park_record *r = record();

	check("the record's digest verdict", r->digest, rt_option("verdict", PARK_DIGEST_MATCH));
	if (rt_option("mcg_status", 5) == 5)   /* poison ends the digest where it is found */
		check("the record's digest bytes", r->digest_bytes,
		      r->digest == PARK_DIGEST_SKIPPED ? 0 : digest_bytes());
	if (!rt_option("swept", 0)) {   /* only the driver knows how many there were */
		check("the record's NMIs", r->nmi_count,
		      rt_option("nmis", 0) + (rt_option("latched", 0) > 1));
		check("the record's #MCs", r->mce_count, rt_option("mces", 0));
	}
	check("the record's boot CPU", r->boot_apic_id, rt_option("boot_cpu", 0));
	check("the record's BSP", r->boot_is_bsp, !rt_option("boot_cpu", 0));
	for (unsigned int i = 1; i < PARK_PHASES; i++)
		if (r->tsc[order[i]] < r->tsc[order[i - 1]])
			rt_fail("phase %u ended before phase %u", order[i], order[i - 1]);
}

/* Parked by clgi: NMIs are held, none is counted. */
static void check_others_take_no_nmis(void)
{
	for (uint32_t id = 1; id <= rt_option("expected", 0); id++)
		rt_ipi(id, APIC_ICR_NMI | APIC_ICR_ASSERT);
	rt_delay_us(100000);
	check("NMIs counted with GIF clear", live()->nmi_count, 0);
}

/* NMIs to each, one at a time: who is in the page counts it there, the BSP in the old kernel. */
static void check_others_take_nmis(uint32_t expected)
{
	uint32_t before = live()->nmi_count, old_kernel = rt_nmi_count;

	for (uint32_t i = 1; i <= 3 * expected; i++) {
		uint32_t id = rt_option("boot_cpu", 0) ? 2 + i % expected : 1 + i % expected;

		rt_ipi(id, APIC_ICR_NMI | APIC_ICR_ASSERT);
		rt_wait("a parked CPU to count an NMI", live()->nmi_count == before + i);
	}
	if (!rt_option("boot_cpu", 0))
		return;
	rt_ipi(0, APIC_ICR_NMI | APIC_ICR_ASSERT);
	rt_wait("the BSP to take an NMI where it was", rt_nmi_count == old_kernel + 1);
}

/* In init mode a CPU may come twice: QEMU keeps the second SIPI through the INIT that follows. */
static void check_arrived(uint32_t must)
{
	const uint32_t arrived = live()->arrived;

	if (rt_option("mode", KP_PARK_HLT) != KP_PARK_INIT)
		check("the CPUs that arrived", arrived, must);
	else if (arrived < must || arrived > 2 * must)
		rt_fail("%u CPUs arrived, must be %u, or some of them twice", arrived, must);
}

static void check_parked(void)
{
	const struct kp_view ours = { page_blob, PARK_PAGE_SIZE };
	const uint32_t expected = (uint32_t)rt_option("expected", 0);
	const struct park_record *r = published();
	const uint64_t at = rt_option("park", 0);

	check("the record in the page", memcmp(r, record(), sizeof(*r)), 0);
	check("the generation", r->generation, rt_option("generation", 0) ?: hand_overs);
	check_arrived((uint32_t)rt_option("arrive", expected));
	check("the CPUs expected", r->expected, rt_option("listed_others", expected));
	check("the missing CPUs", r->n_missing,
	      r->verdict == PARK_VERDICT_SOME ? r->expected - expected : 0);
	check("the BSP's ID in the page", live()->bsp_id, 0);
	check("the mode in the page", live()->mode, rt_option("mode", KP_PARK_HLT));
	if (rt_option("mode", KP_PARK_HLT) == KP_PARK_HLT)
		check_others_take_nmis((uint32_t)rt_option("arrive", expected));
	if (rt_option("mode", KP_PARK_HLT) == KP_PARK_CLGI)
		check_others_take_no_nmis();
	check("the page's kind", kp_park_page_identify(rt_phys(at), at, ours),
	      KP_PAGE_INTACT);
}

/*
 * INIT does not reach a CPU in VMX root operation: it is missed, named, and the boot went on. An
 * INIT that comes meanwhile is pending until VMXOFF on hardware; then the CPU waits for a SIPI.
 */
static void check_vmx_root(void)
{
	const struct park_record *r = published();

	check("the verdict with a CPU in VMX root operation", r->verdict, PARK_VERDICT_SOME);
	check("the CPUs that arrived", live()->arrived, rt_option("cpus", 1) - 2);
	check("the missing CPUs", r->n_missing, 1);
	check("the missing CPU's ID", r->missing[0], rt_option("vmx", 0));
	must_leave_vmx = true;
	rt_delay_us(100000);
	check("INIT taken by VMXOFF", !has_left_vmx, rt_option("pending", 1));
}

/* A record as the hand-over began, one of how it came out, and none but those. */
static void check_event_log(uint8_t outcome)
{
	const uint16_t port = (uint16_t)rt_option("bmc", 0);

	if (!port)
		return;
	check("the records in the event log", bmc_records(port), 2);
	bmc_check_record(port, 0, &(struct bmc_record){ PARK_OUTCOME_BEGUN, 0, 0 });
	bmc_check_record(port, 1, &(struct bmc_record){
		outcome, (uint8_t)rt_option("vector", 0), outcome == PARK_OUTCOME_ENTERED ?
		(uint64_t)next_kernel : rt_option("where", BMC_ANYWHERE) });
}

/* QEMU's BMC counts its records from 0. */
static void check_record_ids(void)
{
	if (!rt_option("bmc", 0))
		return;
	check("the ID of the first record, plus 1", record()->sel[PARK_OUTCOME_BEGUN], 1);
	check("the ID of the last record, plus 1", record()->sel[PARK_OUTCOME_ENTERED], 2);
}

/* The next kernel becomes the old one of another hand-over through the same page. */
static void hand_over_again(void)
{
	write_cr3(purgatory_tables.pml4);
	rt_idt_load();
	blob_load();
	hand_over();
}

void kernel_main(void)
{
	if (rt_option("policy", 0) == KP_MISMATCH_HALT && rt_option("flip", 0))
		rt_fail("the purgatory went on");
	check_registers();
	check_root();
	write_cr3(rt_option("la57", 0) ? purgatory_tables.pml5 : purgatory_tables.pml4);
	check_idt();
	check_apic_and_mca();
	check_gates_are_live();
	check_record();
	check_backup();
	check_uart();
	check_screen();
	consoles_check(record());
	check_event_log(PARK_OUTCOME_ENTERED);
	check_record_ids();
	check("where the record's mismatch is", record()->mismatch, rt_option("where", 0));
	if (rt_option("vmx", 0) && hand_overs == 1)
		check_vmx_root();
	if (hand_overs < rt_option("rounds", 1))
		hand_over_again();
	check("the record's parking verdict", record()->verdict,
	      rt_option("parked", parks() ? PARK_VERDICT_ALL : PARK_VERDICT_NONE));
	if (rt_option("expected", 0))
		check_parked();
	rt_pass();
}

static void test_handover(void)
{
	if (rt_option("outcome", 0) && bmc_records((uint16_t)rt_option("bmc", 0))) {
		check_event_log((uint8_t)(rt_option("outcome", 0) - 1));
		rt_pass();
	}
	tables_build(&kernel_tables, false);
	tables_build(&purgatory_tables, true);
	write_cr3(purgatory_tables.pml4);
	fill(rt_phys(REGION), rt_option("mib", 4) * MIB);
	memcpy(rt_phys(LOW_PATTERN), rt_phys(REGION), LOW_PATTERN_BYTES);
	blob_load();
	others_start();
	if (rt_option("x2apic", 0))
		rt_x2apic_enter();
	if (rt_option("divisor", 0))
		uart_prepare();
	if (rt_option("vga_row", 0))
		screen_prepare();
	if (rt_option("boot_cpu", 0))
		halt();
	if (rt_option("latched", 0))
		hand_over_latched();
	hand_over();
}

const struct rt_test rt_tests[] = {
	{ "handover", test_handover },
	{ NULL, NULL },
};
