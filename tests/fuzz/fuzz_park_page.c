/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pages found below 1 MiB that claim to be park pages: a byte for where each is said to be and
 * one that chooses what is done to it, then its bytes, which replace those of a real page from
 * the front. Up to three pages.
 */
#include <string.h>

#include "blobs.h"
#include "fuzz.h"
#include "park_image.h"
#include "park_page.h"
#include "park_record.h"
#include "sha256.h"

#define MOST_PAGES 3
#define SIGN	0x01               /* give it a digest that holds, as a forger would */
#define PLACE	0x02               /* and its own address */
#define UNREAD	0x80               /* /dev/mem does not show it */

static void sign(uint8_t *page)
{
	size_t len = fuzz_get(page, PARK_PAGE_SIZE, PARK_OFF_IMMUTABLE, 4);
	struct kp_sha256 sha;

	if (len < PARK_OFF_SHA256 + KP_SHA256_BYTES || len > PARK_PAGE_SIZE)
		return;
	memset(page + PARK_OFF_SHA256, 0, KP_SHA256_BYTES);
	kp_sha256_init(&sha);
	kp_sha256_update(&sha, page, len);
	kp_sha256_final(&sha, page + PARK_OFF_SHA256);
}

static uint64_t make_page(struct kp_view *input, struct kp_view blob, uint8_t *page,
			  uint8_t *how)
{
	uint64_t phys = fuzz_take(input, 1) << 12;
	struct kp_view bytes;

	*how = (uint8_t)fuzz_take(input, 1);
	bytes = fuzz_take_view(input, PARK_PAGE_SIZE);
	memcpy(page, blob.bytes, PARK_PAGE_SIZE);
	if (bytes.len)
		memcpy(page, bytes.bytes, bytes.len);
	if (*how & PLACE)
		fuzz_put(page, PARK_PAGE_SIZE, PARK_OFF_ADDRESS, 4, phys);
	if (*how & SIGN)
		sign(page);
	return phys;
}

/* What would be built at @phys, which has one byte of page numbers; NULL if nothing can. */
static const uint8_t *built_at(uint64_t phys, struct kp_view blob)
{
	static uint8_t pages[256][PARK_PAGE_SIZE];
	static bool done[256], made[256];
	uint64_t i = phys / PARK_PAGE_SIZE;
	struct kp_error err = { 0 };

	if (!done[i]) {
		int rc = kp_park_page_build(blob, phys, pages[i], &err);

		fuzz_check_outcome(rc, &err);
		made[i] = rc == 0;
		done[i] = true;
	}
	return made[i] ? pages[i] : NULL;
}

/* Code is trusted only when it is, byte for byte, what would be built there. */
static enum kp_page_kind check_kind(const uint8_t *page, uint64_t phys, struct kp_view blob)
{
	enum kp_page_kind kind = kp_park_page_identify(page, phys, blob);
	bool magic = fuzz_get(page, PARK_PAGE_SIZE, PARK_OFF_MAGIC, 8) == PARK_MAGIC;
	const uint8_t *ours = built_at(phys, blob);
	bool same = ours && !memcmp(page, ours, PARK_IMMUTABLE_BYTES);

	REQUIRE((kind == KP_PAGE_INTACT) == same);
	REQUIRE((kind == KP_PAGE_FOREIGN) == !magic);
	REQUIRE((kind == KP_PAGE_CORRUPT) == (magic && !kp_park_page_holds(page, phys)));
	return kind;
}

static void check_status(const struct kp_park_status *s)
{
	REQUIRE(s->mode == KP_PARK_HLT || s->mode == KP_PARK_INIT || s->mode == KP_PARK_CLGI);
	REQUIRE(s->slot == KP_NORMAL || s->slot == KP_CRASH);
	REQUIRE(memchr(s->log, 0, sizeof(s->log)));
	for (const char *c = s->log; *c; c++)
		REQUIRE(*c == '\n' || (*c >= ' ' && *c <= '~'));
	for (int i = 1; i < KP_PARK_PHASES; i++)
		REQUIRE(s->phase_us[i] >= s->phase_us[i - 1]);
	REQUIRE(s->phase_us[0] == 0);
}

/* The most that any page says; and it is told of no page that is not there. */
static void check_found(const struct kp_park_status *s, const enum kp_page_kind *kinds, size_t n)
{
	bool intact = false, corrupt = false;

	for (size_t i = 0; i < n; i++) {
		intact |= kinds[i] == KP_PAGE_INTACT;
		corrupt |= kinds[i] == KP_PAGE_CORRUPT;
	}
	if (intact)
		REQUIRE(s->found == KP_PARK_FOUND_INTACT);
	if (corrupt)
		REQUIRE(s->found == KP_PARK_FOUND_INTACT || s->found == KP_PARK_FOUND_CORRUPT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[MOST_PAGES][PARK_PAGE_SIZE];
	struct kp_view input = { data, size }, blob = kp_blobs_embedded().park_page;
	struct kp_low_page pages[MOST_PAGES];
	enum kp_page_kind kinds[MOST_PAGES];
	struct kp_machine machine = { .low_pages = pages };
	struct kp_park_status status;
	struct kp_error err = { 0 };
	bool unread = false;
	size_t n = 0;
	int rc;

	while (input.len && n < MOST_PAGES) {
		uint8_t how;
		uint64_t phys = make_page(&input, blob, bytes[n], &how);

		pages[n] = (struct kp_low_page){ phys, how & UNREAD ? NULL : bytes[n] };
		unread |= how & UNREAD;
		kinds[n] = how & UNREAD ? KP_PAGE_FOREIGN : check_kind(bytes[n], phys, blob);
		n++;
	}
	machine.n_low_pages = n;
	rc = kp_park_status_read(&machine, &status, &err);
	fuzz_check_outcome(rc, &err);
	REQUIRE(rc == 0 || unread);
	if (rc == 0) {
		check_status(&status);
		check_found(&status, kinds, n);
	}
	return 0;
}

#define AT(off, width) { 2 + (off), width }
#define RECORD(field)									\
	AT(PARK_OFF_RECORD + offsetof(struct park_record, field),			\
	   sizeof(((struct park_record *)0)->field))

static const struct fuzz_field fields[] = {
	{ 0, 1 }, { 1, 1 }, AT(PARK_OFF_MAGIC, 8), AT(PARK_OFF_VERSION, 4),
	AT(PARK_OFF_IMMUTABLE, 4), AT(PARK_OFF_ADDRESS, 4), AT(PARK_OFF_SHA256, 8),
	AT(PARK_OFF_CODE, 8), AT(PARK_OFF_ARRIVED, 2), AT(PARK_OFF_NMI_COUNT, 4),
	AT(PARK_OFF_MCE_COUNT, 4), AT(PARK_OFF_MODE, 4), AT(PARK_OFF_BSP_ID, 4),
	RECORD(generation), RECORD(slot), RECORD(boot_is_bsp), RECORD(expected),
	RECORD(verdict), RECORD(digest), RECORD(tsc_khz), RECORD(digest_bytes), RECORD(tsc[0]),
	RECORD(tsc[1]), RECORD(tsc[5]), RECORD(n_missing), RECORD(log_bytes), RECORD(log[0]),
};

/* A field of one of the pages; a further page; seldom anything at all. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	const size_t page = 2 + PARK_PAGE_SIZE;
	uint64_t state = seed;
	size_t at;

	if (size < 2 || fuzz_below(&state, 8) == 0)
		return LLVMFuzzerMutate(data, size, most);
	if (size == page && most >= 2 * page && fuzz_below(&state, 16) == 0) {
		memcpy(data + page, data, page);
		size += page;
	}
	at = fuzz_below(&state, (size + page - 1) / page) * page;
	fuzz_mutate_field(data + at, size - at, fields, COUNT(fields), &state);
	return size;
}
