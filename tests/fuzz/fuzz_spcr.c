/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that claim to be the ACPI table of the serial console. */
#include "fuzz.h"
#include "spcr.h"

#define LEAST_BYTES 52

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_error err = { 0 };
	struct kp_spcr spcr;
	int rc = kp_spcr_parse((struct kp_view){ data, size }, &spcr, &err);
	uint64_t type = fuzz_get(data, size, 36, 1), space = fuzz_get(data, size, 40, 1);

	fuzz_check_outcome(rc, &err);
	if (rc)
		return 0;
	REQUIRE(size >= LEAST_BYTES && fuzz_get(data, size, 4, 4) >= LEAST_BYTES);
	REQUIRE(type == 0 || type == 1 || type == 0x12);
	REQUIRE(spcr.address && spcr.address == fuzz_get(data, size, 44, 8));
	REQUIRE((spcr.kind == KP_SERIAL_PORT) == (space == 1) && space <= 1);
	REQUIRE((spcr.kind == KP_SERIAL_MMIO32) ==
		(space == 0 && fuzz_get(data, size, 43, 1) == 3));
	return 0;
}

/* Mostly the signature stays, and the length is that of the input. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;

	size = LLVMFuzzerMutate(data, size, most);
	if (fuzz_below(&state, 16)) {
		fuzz_put(data, size, 0, 4, 0x52435053);
		fuzz_put(data, size, 4, 4, size);
	}
	return size;
}
