/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that claim to be the ACPI table of local APICs. */
#include <string.h>

#include "fuzz.h"
#include "madt.h"

#define HEADER_BYTES 44

/* Whether Linux would take the entry for what it says it is. */
static bool is_whole(const uint8_t *table, size_t at, size_t end)
{
	size_t need = table[at] == 0 ? 8 : table[at] == 9 ? 16 : 2;

	return at + 1 < end && table[at + 1] >= need && need <= end - at;
}

/* The same table, walked without any of the library: what it lists, in order, until a bad entry. */
static void check_apics(const uint8_t *table, size_t size, const struct kp_madt *madt)
{
	size_t said = fuzz_get(table, size, 4, 4), end = said < size ? said : size, n = 0;
	bool wakeup = false, whole = said <= size;
	size_t at;

	for (at = HEADER_BYTES; at < end && is_whole(table, at, end); at += table[at + 1]) {
		bool x2 = table[at] == 9;
		uint32_t id = (uint32_t)fuzz_get(table, end, x2 ? at + 4 : at + 3, x2 ? 4 : 1);
		uint32_t flags = (uint32_t)fuzz_get(table, end, x2 ? at + 8 : at + 4, 4);

		wakeup |= table[at] == 0x10;
		if ((table[at] != 0 && !x2) || id == (x2 ? UINT32_MAX : 0xff) || id >= 32768)
			continue;
		REQUIRE(n < madt->n_apics && madt->apics[n].id == id);
		REQUIRE(madt->apics[n].enabled == (flags & 1));
		REQUIRE(madt->apics[n].online_capable ==
			(!(flags & 1) && ((flags >> 1 & 1) || table[8] < 5)));
		n++;
	}
	REQUIRE(n == madt->n_apics && madt->mp_wakeup == wakeup);
	REQUIRE((madt->damage.code == KP_OK) == (whole && at == end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_view table = { data, size };
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_madt madt;
	int rc = kp_madt_parse(table, &arena, &madt, &err);

	fuzz_check_outcome(rc, &err);
	if (rc == 0)
		check_apics(data, size, &madt);
	kp_arena_free(&arena);
	return 0;
}

static size_t add_entry(uint8_t *data, size_t size, size_t most, uint64_t *state)
{
	static const uint8_t types[][2] = { { 0, 8 }, { 9, 16 }, { 0x10, 16 }, { 1, 12 } };
	const uint8_t *type = types[fuzz_below(state, COUNT(types))];

	if (most - size < type[1])
		return size;
	for (size_t i = 0; i < type[1]; i++)
		data[size + i] = (uint8_t)fuzz_random(state);
	memcpy(data + size, type, 2);
	return size + type[1];
}

/* Entries come and change; mostly the length in the header follows, and the signature stays. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;

	if (fuzz_below(&state, 3) == 0 && size >= HEADER_BYTES)
		size = add_entry(data, size, most, &state);
	else
		size = LLVMFuzzerMutate(data, size, most);
	if (fuzz_below(&state, 16)) {
		fuzz_put(data, size, 0, 4, 0x43495041);
		fuzz_put(data, size, 4, 4, size);
	}
	return size;
}
