/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "park_page.h"

#include "cmdline.h"
#include "cpuinfo.h"
#include "grades.h"
#include "hubs.h"
#include "layout.h"
#include "park_image.h"
#include "park_place.h"

struct search {
	const struct kp_request *req;
	const struct kp_machine *machine;
	struct kp_view blob;
	struct kp_warnings *warnings;
	const struct kp_low_page *intact; /* the lowest one, or the one asked for */
	const struct kp_low_page *corrupt;
	size_t n_ours;             /* pages of any version that stay reserved */
};

static int refuse_unknown(const struct kp_machine *m, struct kp_error *err)
{
	if (!kp_facts_demand(m, KP_GRADE_PARK, err))
		return 0;
	err->code = KP_PARK;
	return -1;
}

static int refuse_confidential(const struct kp_machine *m, struct kp_error *err)
{
	if (!m->confidential)
		return 0;
	return kp_fail(err, KP_PARK, "CPUs of a %s guest cannot be woken by INIT and SIPI",
		       m->confidential);
}

static int refuse_mp_wakeup(const struct kp_machine *m, struct kp_error *err)
{
	if (!m->mp_wakeup)
		return 0;
	return kp_fail(err, KP_PARK,
		       "the firmware wakes CPUs through an ACPI mailbox (MADT type 0x10), "
		       "not by INIT and SIPI");
}

static int refuse_hub(const struct kp_machine *m, struct kp_error *err)
{
	return kp_hub_refuse(m->hub, err);
}

static int refuse_tboot(const struct kp_machine *m, struct kp_error *err)
{
	if (!m->tboot)
		return 0;
	return kp_fail(err, KP_PARK,
		       "the machine was started by tboot: INIT to a CPU in a measured "
		       "launch resets it");
}

static int refuse_no_madt(const struct kp_machine *m, struct kp_error *err)
{
	if (m->madt_present && m->n_apics)
		return 0;
	return kp_fail(err, KP_PARK, "no ACPI MADT lists the machine's CPUs (%zu found)",
		       m->n_apics);
}

static int refuse_no_tsc(const struct kp_machine *m, struct kp_error *err)
{
	if (m->tsc_khz)
		return 0;
	return kp_fail(err, KP_PARK,
		       "the frequency of the TSC is unknown, so that waits for the other "
		       "CPUs would have no bound");
}

static int refuse_machine(const struct kp_machine *machine, struct kp_error *err)
{
	static int (*const refusals[])(const struct kp_machine *, struct kp_error *) = {
		refuse_unknown, refuse_confidential, refuse_mp_wakeup, refuse_hub, refuse_tboot,
		refuse_no_madt, refuse_no_tsc,
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (refusals[i](machine, err))
			return -1;
	return 0;
}

static bool one_cpu_only(const char *cmdline)
{
	return kp_cmdline_is(cmdline, "nr_cpus", "1") || kp_cmdline_is(cmdline, "maxcpus", "1");
}

/* A CPU behind CLGI holds INIT pending for ever, so the next kernel can never start it. */
static int refuse_mode(const struct kp_request *req, const char *cmdline, struct kp_error *err)
{
	if (req->park_mode != KP_PARK_CLGI || req->force_park_mode || one_cpu_only(cmdline))
		return 0;
	return kp_fail(err, KP_PARK,
		       "the next kernel can never start a CPU parked by clgi: give it "
		       "nr_cpus=1 or maxcpus=1, or force the mode");
}

static bool is_at(const struct search *s, uint64_t phys)
{
	return s->req->park == KP_PARK_AT && s->req->park_addr == phys;
}

/* Sort the candidates by what they hold. */
static int look_at_pages(struct search *s, struct kp_error *err)
{
	for (size_t i = 0; i < s->machine->n_low_pages; i++) {
		const struct kp_low_page *page = &s->machine->low_pages[i];

		if (!page->bytes)
			return kp_fail(err, KP_PARK,
				       "the reserved page at %#llx may be a park page, "
				       "but cannot be read: %s",
				       (unsigned long long)page->phys,
				       s->machine->devmem_error ?: "no reason known");
		switch (kp_park_page_identify(page->bytes, page->phys, s->blob)) {
		case KP_PAGE_INTACT:
			if (!s->intact || is_at(s, page->phys))
				s->intact = page;
			s->n_ours++;
			break;
		case KP_PAGE_OTHER_VERSION:
			s->n_ours++;
			break;
		case KP_PAGE_CORRUPT:
			s->corrupt = s->corrupt ?: page;
			break;
		case KP_PAGE_FOREIGN:
			break;
		}
	}
	return 0;
}

/* CPUs may wait in a damaged page. Only an operator who names another place may go on. */
static int judge_corrupt(const struct search *s, struct kp_error *err)
{
	unsigned long long phys = s->corrupt ? s->corrupt->phys : 0;

	if (!s->corrupt)
		return 0;
	if (s->req->park == KP_PARK_AT && s->req->park_addr != s->corrupt->phys)
		return kp_warn(s->warnings, err,
			       "the park page at %#llx is corrupt: it is left alone "
			       "and stays reserved",
			       phys);
	return kp_fail(err, KP_PARK,
		       "the park page at %#llx is corrupt: its bytes do not match its "
		       "own digest; name another place to leave it alone",
		       phys);
}

/* The highest byte that a page may have: below the EBDA, which firmware writes to. */
static uint64_t ceiling(const struct kp_machine *machine)
{
	bool sane = machine->ebda > PARK_PAGE_LOWEST && machine->ebda < PARK_PAGE_CEILING;

	return (sane ? machine->ebda : PARK_PAGE_CEILING) - 1;
}

static int check_address(const struct search *s, const struct kp_ranges *ram, struct kp_error *err)
{
	uint64_t phys = s->req->park_addr, last = ceiling(s->machine);

	if (phys % PARK_PAGE_SIZE)
		return kp_fail(err, KP_PARK, "park page address %#llx is no multiple of %d",
			       (unsigned long long)phys, PARK_PAGE_SIZE);
	if (phys < PARK_PAGE_LOWEST || phys > last - (PARK_PAGE_SIZE - 1))
		return kp_fail(err, KP_PARK, "park page address %#llx is outside of %#x-%#llx",
			       (unsigned long long)phys, PARK_PAGE_LOWEST,
			       (unsigned long long)last);
	if (!kp_ranges_cover(ram, kp_range_of(phys, PARK_PAGE_SIZE)))
		return kp_fail(err, KP_PARK,
			       "park page address %#llx is neither free RAM nor an intact "
			       "park page",
			       (unsigned long long)phys);
	return 0;
}

/*
 * Low in the range, because Linux takes its own trampolines from the top of low memory
 * (arch/x86/realmode/init.c) and needs several adjacent pages for them.
 */
static int new_address(const struct search *s, uint64_t *phys, struct kp_error *err)
{
	struct kp_ranges ram = { .arena = s->warnings->arena };
	struct kp_place wish = {
		.what = "the park page", .bytes = PARK_PAGE_SIZE, .align = PARK_PAGE_SIZE,
		.min = PARK_PAGE_LOWEST, .max = ceiling(s->machine), .from = KP_LOWEST,
	};
	struct kp_range at;

	if (kp_layout_ram(s->machine, &ram, err))
		return -1;
	if (s->req->park == KP_PARK_AT) {
		*phys = s->req->park_addr;
		return check_address(s, &ram, err);
	}
	if (kp_ranges_place(&ram, &wish, &at, err)) {
		err->code = err->code == KP_NO_ROOM ? KP_PARK : err->code;
		return -1;
	}
	*phys = at.start;
	return 0;
}

static int choose_page(const struct search *s, struct kp_park_choice *out, struct kp_error *err)
{
	if (s->intact && (s->req->park != KP_PARK_AT || is_at(s, s->intact->phys))) {
		out->plan.address = s->intact->phys;
		out->plan.state = KP_PARK_STATE_REUSE;
		return 0;
	}
	out->plan.state = s->n_ours ? KP_PARK_STATE_REPLACE : KP_PARK_STATE_NEW;
	return new_address(s, &out->plan.address, err);
}

static int build_page(const struct search *s, struct kp_park_choice *out, struct kp_error *err)
{
	uint8_t *page = kp_arena_alloc(s->warnings->arena, PARK_PAGE_SIZE, err);

	out->image = page;
	return page ? kp_park_page_build(s->blob, out->plan.address, page, err) : -1;
}

static bool is_there(const struct kp_apic *apic)
{
	return apic->enabled || apic->running;
}

static bool may_come(const struct kp_apic *apic)
{
	return apic->online_capable && !is_there(apic);
}

/* Each ID once: firmware may list a CPU both as local APIC and as local x2APIC. */
static size_t collect_ids(const struct kp_machine *m, bool (*wanted)(const struct kp_apic *),
			  uint32_t *ids)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < m->n_apics; i++)
		if (wanted(&m->apics[i]))
			ids[n++] = m->apics[i].id;
	qsort(ids, n, sizeof(*ids), kp_apic_id_compare);
	for (size_t i = 0; i < n; i++)
		if (!kept || ids[i] != ids[kept - 1])
			ids[kept++] = ids[i];
	return kept;
}

/* An ID may have an entry that is enabled and another that is not: it is there. */
static size_t drop_known(uint32_t *ids, size_t n_known, size_t n_extra)
{
	size_t kept = n_known;

	for (size_t i = n_known; i < n_known + n_extra; i++)
		if (!bsearch(&ids[i], ids, n_known, sizeof(*ids), kp_apic_id_compare))
			ids[kept++] = ids[i];
	return kept - n_known;
}

static int list_ids(const struct search *s, struct kp_park_choice *out, struct kp_error *err)
{
	const struct kp_machine *m = s->machine;
	uint32_t *ids = kp_arena_alloc(s->warnings->arena, m->n_apics * sizeof(*ids), err);
	size_t kept;

	if (!ids)
		return -1;
	kept = collect_ids(m, is_there, ids);
	if (!kept)
		return kp_fail(err, KP_PARK, "of the %zu local APICs in the MADT none is enabled",
			       m->n_apics);
	if (kept - 1 > PARK_MOST_CPUS)
		return kp_fail(err, KP_PARK, "%zu CPUs are to be parked, and the park page counts"
			       " up to %u of them", kept - 1, PARK_MOST_CPUS);
	out->ids = ids;
	out->n_ids = kept;
	out->n_extra_ids = drop_known(ids, kept, collect_ids(m, may_come, ids + kept));
	out->plan.expected = (uint32_t)kept - 1;
	return 0;
}

/* What the page remembers from its first hand-over: a later kernel's CPUs may not tell. */
static uint32_t remembered_bsp(const struct search *s)
{
	struct kp_view page = { s->intact ? s->intact->bytes : NULL,
				s->intact ? PARK_PAGE_SIZE : 0 };
	uint32_t id = PARK_ID_NONE;

	kp_view_u32(page, PARK_OFF_BSP_ID, &id);
	return id;
}

/* Firmware should list the boot processor before all others (ACPI 6.5, 5.2.12.1). */
static uint32_t first_listed(const struct kp_machine *m)
{
	for (size_t i = 0; i < m->n_apics; i++)
		if (is_there(&m->apics[i]))
			return m->apics[i].id;
	return PARK_ID_NONE;
}

/*
 * The page's word is under no digest, and a wrong one makes the hand-over reset the machine: it
 * never outweighs what the machine knows, and alone it counts only where the firmware agrees.
 */
static int find_bsp(const struct search *s, uint32_t *bsp, struct kp_error *err)
{
	const struct kp_machine *m = s->machine;
	uint32_t page = remembered_bsp(s);
	uint32_t other = m->bsp_known ? m->bsp_apic_id : first_listed(m);

	*bsp = m->bsp_known || page == other ? other : PARK_ID_NONE;
	if (!s->intact || page == PARK_ID_NONE || page == other)
		return 0;
	if (m->bsp_known)
		return kp_warn(s->warnings, err,
			       "the park page at %#llx names the CPU with APIC ID %u as the BSP, "
			       "which is the one with %u: it is damaged or forged, and corrected "
			       "by the next hand-over",
			       (unsigned long long)s->intact->phys, page, other);
	return kp_warn(s->warnings, err,
		       "the park page at %#llx names the CPU with APIC ID %u as the BSP, but the "
		       "firmware lists %u first: the msr module lets the CPUs themselves tell",
		       (unsigned long long)s->intact->phys, page, other);
}

static bool is_digit(const uint8_t *p)
{
	return *p >= '0' && *p <= '9';
}

/*
 * reboot=s2, reboot=smp2, alone or in a list: another CPU than 0 carries normal hand-overs
 * (kernel/reboot.c). A word ends with a space or zero, so that reading one byte on is safe.
 */
static bool boot_cpu_is_chosen(const char *running)
{
	struct kp_view v;

	if (!kp_cmdline_find(running, "reboot", &v))
		return false;
	for (size_t i = 0; i < v.len; i++) {
		const uint8_t *p = v.bytes + i;

		if ((i && p[-1] != ',') || *p != 's')
			continue;
		if (is_digit(p + 1) || (p[1] == 'm' && p[2] == 'p' && is_digit(p + 3)))
			return true;
	}
	return false;
}

static int warn_normal(const struct search *s, struct kp_error *err)
{
	const char *running = s->machine->cmdline ?: "";
	struct kp_view v;

	if (!boot_cpu_is_chosen(running) && !kp_cmdline_find(running, "elfcorehdr", &v))
		return 0;
	return kp_warn(s->warnings, err,
		       "the hand-over may not run on the BSP: if so, the BSP cannot "
		       "be parked and stays exposed to NMIs and machine checks");
}

static int warn_crash(const struct search *s, const struct kp_park_choice *choice,
		      const char *cmdline, struct kp_error *err)
{
	struct kp_view v;

	if (one_cpu_only(cmdline) || kp_cmdline_find(cmdline, "disable_cpu_apicid", &v) ||
	    choice->bsp_id == PARK_ID_NONE)
		return 0;
	return kp_warn(s->warnings, err,
		       "a crash kernel before Linux 6.9 that starts more CPUs after "
		       "a panic off the BSP resets the machine: pass disable_cpu_apicid=%u",
		       choice->bsp_id);
}

static int warn_of_bsp(const struct search *s, const struct kp_park_choice *choice,
		       const char *cmdline, struct kp_error *err)
{
	if (choice->bsp_id == PARK_ID_NONE &&
	    kp_warn(s->warnings, err,
		    "which CPU is the BSP is unknown: CPUs will be parked only if "
		    "the hand-over runs on it"))
		return -1;
	return s->req->slot == KP_CRASH ? warn_crash(s, choice, cmdline, err) : warn_normal(s, err);
}

static int choose(struct search *s, const char *cmdline, struct kp_park_choice *out,
		  struct kp_error *err)
{
	if (refuse_machine(s->machine, err) || refuse_mode(s->req, cmdline, err) ||
	    look_at_pages(s, err) || judge_corrupt(s, err) || choose_page(s, out, err) ||
	    build_page(s, out, err) || list_ids(s, out, err))
		return -1;
	out->plan.mode = s->req->park_mode;
	if (find_bsp(s, &out->bsp_id, err))
		return -1;
	if (out->plan.state == KP_PARK_STATE_REPLACE &&
	    kp_warn(s->warnings, err,
		    "the park page that CPUs wait in now stays reserved beside the "
		    "new one at %#llx",
		    (unsigned long long)out->plan.address))
		return -1;
	return warn_of_bsp(s, out, cmdline, err);
}

int kp_park_choose(const struct kp_request *req, const struct kp_machine *machine,
		   struct kp_view blob, const char *cmdline, struct kp_warnings *warnings,
		   struct kp_park_choice *out, struct kp_error *err)
{
	struct search s = { .req = req, .machine = machine, .blob = blob, .warnings = warnings };
	struct kp_error refusal = { 0 };

	*out = (struct kp_park_choice){ .bsp_id = PARK_ID_NONE };
	if (req->park == KP_PARK_OFF || !choose(&s, cmdline, out, &refusal))
		return 0;
	*out = (struct kp_park_choice){ .bsp_id = PARK_ID_NONE };
	if (req->park == KP_PARK_TRY && refusal.code == KP_PARK)
		return kp_warn(warnings, err, "the other CPUs will not be parked: %s",
			       refusal.text);
	*err = refusal;
	return -1;
}
