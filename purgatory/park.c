/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parking the other CPUs. They are in the old kernel's HLT loop, in MWAIT, in an older park
 * page or were never started; INIT takes each of them out of it, and a start-up interrupt (SIPI)
 * sends it to the page's first byte in real mode.
 *
 * On the bootstrap processor (BSP) the shorthand "all but myself" reaches every CPU, those that
 * the old kernel never listed too. Elsewhere INIT is sent to one ID after the other and never to
 * the BSP: on it, INIT restarts the firmware.
 */
#include "park.h"

#include "console.h"
#include "cpu.h"
#include "delay.h"
#include "kexec_types.h"
#include "mem.h"
#include "park_page.h"
#include "record.h"
#include "sha256.h"

/* The waits of edk2 (UefiCpuPkg.dec and MpLib.c), the most patient of those in use. */
#define INIT_MICROSECONDS	10000
#define SIPI_MICROSECONDS	200
#define ARRIVAL_MICROSECONDS	2000000

struct parking {
	const struct purgatory_params *params;
	const struct apic *apic;
	struct park_live *page;
	uint32_t bsp_id;
	uint32_t expected;
	bool install;
};

static struct park_live *live_part(uint64_t park_page)
{
	return phys_ptr(park_page + PARK_IMMUTABLE_BYTES);
}

static const uint32_t *park_ids(const struct purgatory_params *params)
{
	return phys_ptr(params->park_ids);
}

/* The immutable part against the digest inside of it, which counts as 32 zeros. */
static bool page_intact(const uint8_t *page)
{
	static const uint8_t zeros[KP_SHA256_BYTES];
	const unsigned int after = PARK_OFF_SHA256 + KP_SHA256_BYTES;
	uint8_t digest[KP_SHA256_BYTES];
	struct kp_sha256 sha;
	unsigned int differ = 0;

	kp_sha256_init(&sha);
	kp_sha256_update(&sha, page, PARK_OFF_SHA256);
	kp_sha256_update(&sha, zeros, sizeof(zeros));
	kp_sha256_update(&sha, page + after, PARK_IMMUTABLE_BYTES - after);
	kp_sha256_final(&sha, digest);
	for (unsigned int i = 0; i < KP_SHA256_BYTES; i++)
		differ |= digest[i] ^ page[PARK_OFF_SHA256 + i];
	return !differ;
}

static bool has_digest(uint64_t phys, size_t bytes, const uint8_t want[KP_SHA256_BYTES])
{
	uint8_t digest[KP_SHA256_BYTES];
	struct kp_sha256 sha;
	unsigned int differ = 0;

	kp_sha256_init(&sha);
	kp_sha256_update(&sha, phys_ptr(phys), bytes);
	kp_sha256_final(&sha, digest);
	for (unsigned int i = 0; i < KP_SHA256_BYTES; i++)
		differ |= digest[i] ^ want[i];
	return !differ;
}

/* Image and IDs lie in the next kernel's memory, whose digest is taken later, or left out. */
static bool image_usable(const struct purgatory_params *params)
{
	return params->park_image &&
	       has_digest(params->park_image, PARK_PAGE_SIZE, params->park_image_digest);
}

static bool ids_usable(const struct purgatory_params *params)
{
	return has_digest(params->park_ids,
			  ((size_t)params->park_n_ids + params->park_n_extra) * sizeof(uint32_t),
			  params->park_ids_digest);
}

static bool page_is_there(const struct purgatory_params *params)
{
	return !(params->flags & PURGATORY_PARK_INSTALL) &&
	       page_intact(phys_ptr(params->park_page));
}

void park_attach_record(const struct purgatory_params *params)
{
	const struct park_record *old = phys_ptr(params->park_page + PARK_OFF_RECORD);

	if (page_is_there(params))
		record_attach(params->park_page, old->generation + 1);
}

/*
 * This CPU's register is certain; off the BSP the loader's word counts, unless it is that this CPU
 * is the BSP. What the page remembers is for loaders, who can compare it: its mutable half is under
 * no digest, and INIT to the BSP is a reset.
 */
static uint32_t find_bsp(const struct parking *p)
{
	uint32_t told = p->params->bsp_apic_id;

	if (p->apic->bsp)
		return p->apic->id;
	return told == p->apic->id ? PARK_ID_NONE : told;
}

static bool is_target(const struct parking *p, uint32_t id)
{
	return id != p->apic->id && id != p->bsp_id;
}

/* A longer ID would be cut to 8 bits by an xAPIC, and hit another CPU. */
static bool can_address(const struct parking *p, uint32_t id)
{
	return p->apic->x2apic || id < APIC_XAPIC_BROADCAST_ID;
}

/* The list ascends, so its last ID is the one to look at. */
static bool any_id_too_big(const struct parking *p)
{
	uint32_t n = p->params->park_n_ids;

	return (n && !can_address(p, park_ids(p->params)[n - 1])) || !can_address(p, p->bsp_id);
}

static void count_targets(struct parking *p)
{
	p->expected = 0;
	for (uint32_t i = 0; i < p->params->park_n_ids; i++)
		p->expected += is_target(p, park_ids(p->params)[i]);
	record.expected = p->expected;
}

static bool send_to_others(const struct parking *p, uint32_t command)
{
	uint32_t n = p->params->park_n_ids + p->params->park_n_extra;

	if (p->apic->bsp)
		return apic_send(p->apic, 0, APIC_ICR_ALL_BUT_SELF | command);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = park_ids(p->params)[i];

		if (is_target(p, id) && can_address(p, id) && !apic_send(p->apic, id, command))
			return false;
	}
	return true;
}

static bool send_init(const struct parking *p)
{
	bool sent = send_to_others(p, APIC_ICR_INIT | APIC_ICR_ASSERT);

	delay(INIT_MICROSECONDS);
	return sent;
}

static bool send_sipi(const struct parking *p)
{
	uint32_t vector = (uint32_t)(p->params->park_page / PARK_PAGE_SIZE);
	bool sent = send_to_others(p, APIC_ICR_SIPI | APIC_ICR_ASSERT | vector);

	delay(SIPI_MICROSECONDS);
	return sent;
}

/*
 * Only between INIT and SIPI: no CPU runs in the page then. The code of a page that is kept is
 * not touched, nor are the tag, the scratch stack and the constant frame.
 */
static void prepare_page(const struct parking *p)
{
	const struct purgatory_params *params = p->params;

	if (p->install) {
		mem_copy(phys_ptr(params->park_page), phys_ptr(params->park_image),
			 PARK_PAGE_SIZE);
		record_attach(params->park_page, 1);
	}
	p->page->arrived = 0;
	p->page->nmi_count = 0;
	p->page->mce_count = 0;
	p->page->last_nmi = PARK_ID_NONE;
	p->page->last_mce = PARK_ID_NONE;
	p->page->mode = params->park_mode;
	p->page->bsp_id = p->bsp_id;
	for (unsigned int i = 0; i < PARK_BITMAP_IDS / 32; i++)
		p->page->bitmap[i] = 0;
}

/* IDs beyond the bitmap are only in the count of arrivals. */
static bool has_arrived(const struct parking *p, uint32_t id)
{
	return id >= PARK_BITMAP_IDS || (p->page->bitmap[id / 32] >> (id % 32) & 1);
}

static bool all_arrived(const struct parking *p)
{
	if (p->page->arrived < p->expected)
		return false;
	for (uint32_t i = 0; i < p->params->park_n_ids; i++) {
		uint32_t id = park_ids(p->params)[i];

		if (is_target(p, id) && !has_arrived(p, id))
			return false;
	}
	return true;
}

/* They are counted while they come: that takes none of the time before. */
static bool wait_for_arrivals(struct parking *p)
{
	struct deadline d = deadline_in(ARRIVAL_MICROSECONDS);

	count_targets(p);
	while (!all_arrived(p))
		if (deadline_passed(&d))
			return all_arrived(p);
	return true;
}

static void record_missing(const struct parking *p)
{
	uint32_t arrived = p->page->arrived;
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->params->park_n_ids; i++) {
		uint32_t id = park_ids(p->params)[i];

		if (!is_target(p, id) || has_arrived(p, id))
			continue;
		if (n < PARK_RECORD_MISSING)
			record.missing[n] = id;
		n++;
	}
	if (arrived < p->expected && n < p->expected - arrived)
		n = p->expected - arrived;
	record.n_missing = n;
}

static const char mode_names[][8] = {
	[KP_PARK_HLT] = "hlt",
	[KP_PARK_INIT] = "init",
	[KP_PARK_CLGI] = "clgi",
};

static const char *mode_name(uint32_t mode)
{
	return mode_names[mode <= KP_PARK_CLGI ? mode : KP_PARK_HLT];
}

static void say_parked(const struct parking *p)
{
	uint32_t named = record.n_missing < PARK_RECORD_MISSING ?
			 record.n_missing : PARK_RECORD_MISSING;

	say_begin();
	say_more("parked %u of %u CPUs at 0x%lx (%s)", p->page->arrived,
		 p->expected, p->params->park_page, mode_name(p->params->park_mode));
	if (!p->apic->bsp)
		say_more(", left the BSP (APIC ID %u) where it is", p->bsp_id);
	if (named)
		say_more(", %u missing, APIC IDs", record.n_missing);
	for (uint32_t i = 0; i < named; i++)
		say_more(" %u", record.missing[i]);
	say_end();
}

/* Nobody was told, but how many should have been is worth knowing. */
static uint32_t stuck(struct parking *p)
{
	count_targets(p);
	return PARK_VERDICT_APIC_STUCK;
}

/* INIT, the page made ready, SIPI twice, and the arrivals. The verdict. */
static uint32_t park(struct parking *p)
{
	bool arrived;

	if (!send_init(p))
		return stuck(p);
	prepare_page(p);
	/* The second is for a CPU that missed the first, and nothing to one that did not. */
	for (unsigned int i = 0; i < 2; i++)
		if (!send_sipi(p))
			return stuck(p);
	arrived = wait_for_arrivals(p);
	if (!arrived)
		record_missing(p);
	say_parked(p);
	/* They have shown that they are ours; now back to waiting for a SIPI. */
	if (p->params->park_mode == KP_PARK_INIT && !send_init(p))
		return stuck(p);
	return arrived ? PARK_VERDICT_ALL : PARK_VERDICT_SOME;
}

/* Arrays, not pointers: a table of pointers needs relocations. */
static const struct park_naming verdicts[] = { PARK_VERDICT_LIST(PARK_NAMING_ROW) };

static uint32_t try_to_park(struct parking *p, enum apic_state state)
{
	if (p->install && !image_usable(p->params))
		return PARK_VERDICT_PAGE_DAMAGED;
	if (!ids_usable(p->params))
		return PARK_VERDICT_IDS_DAMAGED;
	if (state != APIC_USABLE)
		return state == APIC_DISABLED ? PARK_VERDICT_NO_APIC : PARK_VERDICT_APIC_MOVED;
	p->bsp_id = find_bsp(p);
	if (p->bsp_id == PARK_ID_NONE)
		return PARK_VERDICT_BSP_UNKNOWN;
	if (any_id_too_big(p))
		return PARK_VERDICT_ID_TOO_BIG;
	return park(p);
}

/* No CPU runs in a page that is new, so it can be there without any, for the record's sake. */
static bool may_install_empty(const struct parking *p)
{
	return p->params->flags & PURGATORY_PARK_INSTALL && !record_attached() &&
	       image_usable(p->params);
}

/* A page that was kept may have been damaged by what crashed: it is then installed anew. */
void park_others(const struct purgatory_params *params, const struct apic *apic,
		 enum apic_state state)
{
	struct parking p = {
		.params = params,
		.apic = apic,
		.page = live_part(params->park_page),
		.bsp_id = PARK_ID_NONE,
		.install = !page_is_there(params),
	};

	record.verdict = try_to_park(&p, state);
	if (record.verdict == PARK_VERDICT_ALL || record.verdict == PARK_VERDICT_SOME)
		return;
	say("CPUs %s", verdicts[record.verdict].text);
	if (may_install_empty(&p))
		prepare_page(&p);
}
