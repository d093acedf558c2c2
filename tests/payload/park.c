/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The park page, for real: the bytes that are shipped, made ready by the code that is shipped
 * (kp_park_page_build), run by all CPUs of the machine but this one.
 *
 * Options: page=ADDRESS; seconds=NUMBER for soak; for emulators other than QEMU others=NUMBER of CPUs,
 * and mces=0 where there are no machine checks. Lines for the driver: "@mce" asks for one machine
 * check on all CPUs, "@mce1" for one on CPU 1.
 */
#include "rt.h"

#include "park_image.h"
#include "park_page.h"

#define PAGE_DEFAULT	0x58000
#define STUB		0x8000          /* where CPUs run code of the tests */
#define NMI_ROUNDS	200
#define MCE_ROUNDS	100
#define REENTRIES	10
#define RACES		100
#define SOAK_NMIS	100             /* to every CPU, in a burst */
#define SOAK_MCES	5
#define SOAK_TELL_S	60
#define SOAK_PATIENCE_US 120000000      /* 64 threads of a busy host */

extern const uint8_t park_blob[PARK_PAGE_SIZE]; /* park_stubs.S */

static uint64_t phys;
static struct park_live *live;
static uint32_t others;                 /* CPUs but this one */

static const struct kp_view blob = { park_blob, PARK_PAGE_SIZE };

int kp_fail(struct kp_error *err, enum kp_code code, const char *fmt, ...)
{
	(void)err;
	(void)code;
	rt_fail("%s", fmt);
}

/* CPUs of the machine as QEMU's CMOS tells firmware, less this one. Elsewhere: others=NUMBER. */
static uint32_t count_others(void)
{
	rt_outb(0x70, 0x5f);
	return rt_inb(0x71);
}

static void install(void)
{
	struct kp_error err;

	phys = rt_option("page", PAGE_DEFAULT);
	others = (uint32_t)rt_option("others", count_others());
	live = rt_phys(phys + PARK_IMMUTABLE_BYTES);
	kp_park_page_build(blob, phys, rt_phys(phys), &err);
}

/* What the purgatory does before SIPI. */
static void prepare(uint32_t mode)
{
	live->arrived = 0;
	live->nmi_count = 0;
	live->mce_count = 0;
	live->last_nmi = PARK_ID_NONE;
	live->last_mce = PARK_ID_NONE;
	live->mode = mode;
	for (size_t i = 0; i < PARK_BITMAP_IDS / 32; i++)
		live->bitmap[i] = 0;
}

/* APIC IDs are 1..others in these machines; this CPU has 0. */
static void check_bitmap(void)
{
	for (uint32_t id = 0; id < PARK_BITMAP_IDS; id++)
		rt_equal("arrival bit", live->bitmap[id / 32] >> (id % 32) & 1,
			 id >= 1 && id <= others);
}

static void wait_arrived(void)
{
	rt_wait("all CPUs to arrive", live->arrived >= others);
	rt_delay_us(1000);
	rt_equal("count of arrivals", live->arrived, others);
	check_bitmap();
}

static void start(uint32_t mode)
{
	prepare(mode);
	rt_start_others(phys);
	wait_arrived();
}

/* As built, but for what an exception at the first instruction of `parked` may leave in its slots and
 * IRET makes nothing of (park.S): EFLAGS.RF, which a fault pushes as 1 (SDM volume 3,
 * "Instruction-Breakpoint Exception Condition") and QEMU 10 also for an NMI, and the upper half of CS. */
static void check_frame(void)
{
	const uint32_t *built = (const uint32_t *)(const void *)(park_blob + PARK_OFF_FRAME);

	rt_equal("EIP of the constant frame", live->frame[0], built[0]);
	rt_equal("CS of the constant frame", live->frame[1] & 0xffff, built[1]);
	rt_equal("EFLAGS of the constant frame", live->frame[2] & ~X86_EFLAGS_RF, built[2]);
}

/* Nothing that must not change has changed. */
static void check_page(void)
{
	rt_equal("kind of the page", kp_park_page_identify(rt_phys(phys), phys, blob),
		 KP_PAGE_INTACT);
	rt_equal("tag", live->tag, PARK_TAG);
	check_frame();
}

static void nmi_all(void)
{
	rt_ipi(0, RT_OTHERS | APIC_ICR_ASSERT | APIC_ICR_NMI);
}

/* One NMI a round on every CPU; the next goes out when the last is counted, so none merge. */
static void nmi_storm(uint32_t rounds)
{
	uint32_t before = live->nmi_count;

	for (uint32_t i = 1; i <= rounds; i++) {
		nmi_all();
		rt_wait("all NMIs of a round", live->nmi_count - before >= i * others);
	}
	rt_delay_us(1000);
	rt_equal("NMIs", live->nmi_count - before, rounds * others);
	if (live->last_nmi < 1 || live->last_nmi > others)
		rt_fail("the last NMI was taken by APIC ID %u", live->last_nmi);
}

static void mce_rounds(uint32_t rounds)
{
	uint32_t before = live->mce_count, mine = rt_mce_count;

	if (!rt_option("mces", 1))
		return;
	for (uint32_t i = 1; i <= rounds; i++) {
		rt_say("@mce");
		rt_wait("all machine checks of a round", rt_mce_count - mine >= i &&
			live->mce_count - before >= i * others);
	}
	rt_delay_us(1000);
	rt_equal("machine checks", live->mce_count - before, rounds * others);
	rt_equal("machine checks of this CPU", rt_mce_count - mine, rounds);
	if (live->last_mce < 1 || live->last_mce > others)
		rt_fail("the last machine check was taken by APIC ID %u", live->last_mce);
}

/* The last line of a machine that is to die. */
static void dies_of_mce(const char *why)
{
	rt_say("%s", why);
	rt_say("@mce");
	rt_wait("machine check of this CPU", rt_mce_count);
	rt_delay_us(500000);
	rt_fail("it lived");
}

static void park(void)
{
	install();
	start(PARK_MODE_HLT);
	rt_equal("NMIs before any", live->nmi_count, 0);
	check_page();
}

static void storm(void)
{
	park();
	nmi_storm(NMI_ROUNDS);
	check_page();
}

static void mce(void)
{
	park();
	mce_rounds(MCE_ROUNDS);
	check_page();
}

/*
 * NMIs and machine checks for seconds= by the RTC. None is sent before all CPUs have counted the
 * last: two NMIs that meet in one CPU are one, by the architecture, and of an NMI and a #MC that
 * meet within a handler's first instructions one may go uncounted (park.S). So every single one of
 * an hour must be there, and the CPUs must still come when they are called.
 */
static void soak(void)
{
	uint64_t seconds = rt_option("seconds", 5), passed = 0, told = 0, nmis = 0, mces = 0;
	uint32_t then, now;

	rt_patience_us = SOAK_PATIENCE_US;
	park();
	for (then = rt_clock_s(); passed < seconds; then = now) {
		nmi_storm(SOAK_NMIS);
		mce_rounds(SOAK_MCES);
		nmis += SOAK_NMIS * others;
		mces += SOAK_MCES * others;
		check_page();
		check_bitmap();
		rt_equal("count of arrivals", live->arrived, others);
		rt_equal("NMIs since the beginning", live->nmi_count, (uint32_t)nmis);
		rt_equal("machine checks since the beginning", live->mce_count, (uint32_t)mces);
		now = rt_clock_s();
		passed += (now + RT_DAY_S - then) % RT_DAY_S;
		if (passed >= told + SOAK_TELL_S || passed >= seconds) {
			rt_say("%lu s: %u parked CPUs took %lu NMIs and %lu #MCs, none lost, none too many",
			       passed, others, nmis, mces);
			told = passed;
		}
	}
	start(PARK_MODE_HLT);
	nmi_storm(3);
	check_page();
}

/* A later hand-over takes the same CPUs out of the page and into it again. */
static void reenter(void)
{
	park();
	for (int i = 0; i < REENTRIES; i++) {
		nmi_storm(3);
		mce_rounds(1);
		start(PARK_MODE_HLT);
	}
	nmi_storm(3);
	mce_rounds(3);
	check_page();
}

/* Code of the tests for the other CPUs, in park_stubs.S. It reads STUB's parameters there. */
extern const uint8_t stub_start[], stub_end[], stub_set_mcip[];
extern const uint8_t stub_real_nmi[], stub_real_mc[], stub_real_gp[], stub_bridge_nmi[],
		     stub_bridge_mc[], stub_watch[];

struct stub_params {
	uint16_t jump;             /* offset of what to run */
	uint16_t segment;          /* of the park page */
	volatile uint32_t ran;     /* CPUs that ran it */
};

/* Send all the others to a stub, and wait until each has been there. */
static void stub_run(const uint8_t *what)
{
	struct stub_params *params = rt_phys(STUB + 0x10);

	memcpy(rt_phys(STUB), stub_start, (size_t)(stub_end - stub_start));
	params->jump = (uint16_t)(what - stub_start);
	params->segment = (uint16_t)(phys >> 4);
	params->ran = 0;
	rt_ipi(0, RT_OTHERS | APIC_ICR_ASSERT | APIC_ICR_INIT);
	rt_delay_us(10000);
	rt_ipi(0, RT_OTHERS | APIC_ICR_ASSERT | APIC_ICR_SIPI | STUB >> 12);
	rt_wait("the stub to run", params->ran >= others);
}

/* What a kernel that died of a machine check leaves: MCIP set on every CPU, INIT keeps it. */
static void leave_mcip_set(void)
{
	stub_run(stub_set_mcip);
}

static void mcip(void)
{
	install();
	leave_mcip_set();
	start(PARK_MODE_HLT);
	mce_rounds(3);
	check_page();
}

/* Into the page by way of a stub. */
static void start_through(const uint8_t *what, uint32_t mode)
{
	prepare(mode);
	stub_run(what);
	wait_arrived();
}

/*
 * The exceptions that the bridge table is for come too seldom to wait for them: the stub puts a
 * CPU where one would hit, and raises it by INT n, which takes the same entry of the same table.
 */
static void window(const uint8_t *what, uint32_t nmis, uint32_t mces)
{
	start_through(what, PARK_MODE_HLT);
	rt_equal("NMIs counted", live->nmi_count, nmis * others);
	rt_equal("machine checks counted", live->mce_count, mces * others);
	nmi_storm(3);
	mce_rounds(1);
	check_page();
}

static void windows(void)
{
	install();
	window(stub_real_nmi, 1, 0);
	window(stub_real_mc, 0, 1);
	window(stub_real_gp, 0, 0);
	window(stub_bridge_nmi, 1, 0);
	window(stub_bridge_mc, 0, 1);
}

/*
 * An exception right behind the instruction that counts an arrival does not make a second one.
 * That it came is seen by the mode: any unexpected vector turns clgi into hlt, which takes NMIs.
 */
static void arrive_once(void)
{
	install();
	start_through(stub_watch, PARK_MODE_CLGI);
	nmi_storm(3);
	rt_equal("count of arrivals", live->arrived, others);
	check_page();
}

/* An NMI before the page's first instruction finds the vector table at 0. Not ours to defend;
 * here, as on any machine with a BIOS, it returns. */
static void ivt_returns(void)
{
	*(uint16_t *)rt_phys(STUB) = 0xcfcf; /* IRET */
	*(uint32_t *)rt_phys(4 * X86_VECTOR_NMI) = (STUB >> 4) << 16;
}

/* NMIs all the time that CPUs enter and arrive: no arrival is lost or counted twice. */
static void race(void)
{
	install();
	ivt_returns();
	for (uint64_t i = 0; i < rt_option("rounds", RACES); i++) {
		prepare(PARK_MODE_HLT);
		rt_ipi(0, RT_OTHERS | APIC_ICR_ASSERT | APIC_ICR_INIT);
		rt_delay_us(500);
		rt_ipi(0, RT_OTHERS | APIC_ICR_ASSERT | APIC_ICR_SIPI | (uint32_t)(phys >> 12));
		while (live->arrived < others)
			nmi_all();
		for (int n = 0; n < 20; n++)
			nmi_all();
		wait_arrived();
	}
	rt_delay_us(10000);
	nmi_storm(3);
	mce_rounds(1);
	check_page();
}

/* Where the driver stops this CPU, to stop CPU 1 in turn on its way from SIPI to HLT. */
void round_begins(void);
void __attribute__((noinline)) round_begins(void)
{
	__asm__ volatile("" : : : "memory");
}

/* Until the driver has had enough. It reads the counts, of which ROUND_NMIS are ours. */
#define ROUND_NMIS	2
static void stepped(void)
{
	install();
	ivt_returns();
	for (;;) {
		round_begins();
		start(PARK_MODE_HLT);
		nmi_storm(ROUND_NMIS);
		check_page();
	}
}

/* Every NMI in flight at once, with machine checks between: counts may merge, nothing may break. */
static void mixed(void)
{
	park();
	for (int i = 0; i < 20; i++) {
		uint32_t mces = live->mce_count, mine = rt_mce_count;

		for (int n = 0; n < 500; n++)
			nmi_all();
		rt_say("@mce");
		rt_wait("a machine check between NMIs", rt_mce_count > mine &&
			live->mce_count > mces);
		rt_delay_us(2000);
	}
	rt_delay_us(10000);
	nmi_storm(3);
	mce_rounds(1);
	check_page();
}

/*
 * INIT instead of HLT: takes no NMI, but CR4.MCE is 0, and the first #MC of all kills. QEMU carries
 * out the INIT of a halted CPU at its next interrupt, hence the NMI; it does not model that NMIs
 * are blocked from then on, hence only one. The NMI before all that sees the second SIPI off, which
 * QEMU would keep through INIT.
 */
static void init_mode(void)
{
	install();
	start(PARK_MODE_INIT);
	nmi_storm(1);
	rt_ipi(0, RT_OTHERS | APIC_ICR_ASSERT | APIC_ICR_INIT);
	rt_delay_us(10000);
	nmi_all();
	rt_delay_us(10000);
	rt_equal("NMIs of CPUs that wait for SIPI", live->nmi_count - others, 0);
	dies_of_mce("a machine check while CPUs wait for SIPI");
}

/*
 * GIF clear: NMI and #MC are held. The weakness is that INIT is held too, on hardware: the next
 * kernel can never start the CPU. QEMU lets INIT through GIF = 0, so what is shown is the nearest
 * that it models: nothing that the CPU is sent short of INIT is answered, SIPI included.
 */
static void clgi_mode(void)
{
	install();
	start(PARK_MODE_CLGI);
	for (int i = 0; i < 20; i++)
		nmi_all();
	rt_say("@mce1");
	rt_delay_us(100000);
	rt_equal("NMIs with GIF clear", live->nmi_count, 0);
	rt_equal("machine checks with GIF clear", live->mce_count, 0);
	prepare(PARK_MODE_HLT);
	rt_ipi(0, RT_OTHERS | APIC_ICR_ASSERT | APIC_ICR_SIPI | (uint32_t)(phys >> 12));
	rt_delay_us(100000);
	rt_equal("CPUs that a SIPI alone fetched back", live->arrived, 0);
	check_page();
}

/* That weakness, where the emulator has it: another hand-over gets none of them. mode=: the twin's. */
static void clgi_init(void)
{
	install();
	start((uint32_t)rt_option("mode", PARK_MODE_CLGI));
	prepare(PARK_MODE_HLT);
	rt_start_others(phys);
	rt_delay_us(100000);
	rt_equal("CPUs that INIT and SIPI fetched back", live->arrived, 0);
	check_page();
}

/* clgi asked for, but the processor has none: parked all the same, by HLT. */
static void clgi_absent(void)
{
	install();
	start(PARK_MODE_CLGI);
	nmi_storm(10);
	check_page();
}

/* Failing twins: the page with one thing broken. Each must be seen to break. */
static void break_code(const char *what, uint16_t opcode_tail, uint32_t times)
{
	uint8_t *page = rt_phys(phys);
	uint32_t n = 0;

	for (size_t i = PARK_OFF_CODE; i + 2 < PARK_OFF_GDTR; i++)
		if (page[i] == 0x0f && page[i + 1] == (opcode_tail & 0xff) &&
		    (opcode_tail < 0x100 || page[i + 2] == opcode_tail >> 8)) {
			memset(page + i, 0x90, opcode_tail < 0x100 ? 2 : 3);
			n++;
		}
	rt_equal(what, n, times);
}

static void twin_no_cr4_mce(void)
{
	install();
	break_code("MOV to CR4", 0xe022, 1);
	start(PARK_MODE_HLT);
	nmi_storm(3);
	dies_of_mce("a machine check with CR4.MCE = 0");
}

static void twin_mcip_kept(void)
{
	install();
	leave_mcip_set();
	break_code("WRMSR", 0x30, 4);
	start(PARK_MODE_HLT);
	nmi_storm(3);
	dies_of_mce("a machine check with MCIP kept through INIT");
}

static void twin_mcip_handler(void)
{
	install();
	break_code("WRMSR", 0x30, 4);
	start(PARK_MODE_HLT);
	mce_rounds(1);
	dies_of_mce("a machine check with MCIP kept by the handler");
}

/* A frame slot overwritten. IRET faults, the handler's IRET too, and so on: the CPU spins in
 * there with NMIs latched. (That the machine as a whole lives is what the full IDT is for.) */
static void twin_frame(void)
{
	park();
	live->frame[1] = PARK_DS;
	rt_patience_us = 500000;
	nmi_storm(3);
}

/* All that an exception may leave in the frame does no harm. */
static void frame_pushed(void)
{
	park();
	live->frame[1] |= 0xffff0000;
	live->frame[2] |= X86_EFLAGS_RF;
	nmi_storm(10);
	mce_rounds(10);
	check_page();
}

static void twin_frame_flags(void)
{
	park();
	live->frame[2] |= X86_EFLAGS_TF;
	check_page();
}

/* Without the tag an arrival is not remembered, and each NMI makes one more. */
static void twin_no_tag(void)
{
	install();
	live->tag = 0;
	start(PARK_MODE_HLT);
	nmi_storm(3);
	rt_equal("count of arrivals", live->arrived, others);
}

static void twin_changed_byte(void)
{
	park();
	((uint8_t *)rt_phys(phys))[PARK_OFF_GDTR - 1] ^= 1;
	check_page();
}

const struct rt_test rt_tests[] = {
	{ "park", park },
	{ "storm", storm },
	{ "mce", mce },
	{ "soak", soak },
	{ "reenter", reenter },
	{ "mcip", mcip },
	{ "windows", windows },
	{ "arrive-once", arrive_once },
	{ "race", race },
	{ "mixed", mixed },
	{ "stepped", stepped },
	{ "init-mode", init_mode },
	{ "clgi-mode", clgi_mode },
	{ "clgi-init", clgi_init },
	{ "clgi-absent", clgi_absent },
	{ "twin-no-cr4-mce", twin_no_cr4_mce },
	{ "twin-mcip-kept", twin_mcip_kept },
	{ "twin-mcip-handler", twin_mcip_handler },
	{ "twin-frame", twin_frame },
	{ "frame-pushed", frame_pushed },
	{ "twin-frame-flags", twin_frame_flags },
	{ "twin-no-tag", twin_no_tag },
	{ "twin-changed-byte", twin_changed_byte },
	{ NULL, NULL },
};
