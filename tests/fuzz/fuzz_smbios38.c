/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that claim to be the SMBIOS structure of a BMC. */
#include "fuzz.h"
#include "smbios38.h"

#define TYPE		38
#define LEAST_BYTES	17
#define KCS		1

/* As the specification has it, digit by digit: DMTF DSP0134 3.6, table 118 and after. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t spacings[] = { 1, 4, 16 };
	struct kp_error err = { 0 };
	struct kp_bmc bmc;
	int rc = kp_smbios38_parse((struct kp_view){ data, size }, &bmc, &err);
	uint64_t base = fuzz_get(data, size, 8, 8), modifier = fuzz_get(data, size, 16, 1);

	fuzz_check_outcome(rc, &err);
	if (rc)
		return 0;
	REQUIRE(size >= LEAST_BYTES && data[0] == TYPE && data[1] >= LEAST_BYTES && data[1] <= size);
	REQUIRE(data[4] == KCS && base % 2 == 1);
	REQUIRE(modifier >> 6 < 3 && bmc.spacing == spacings[modifier >> 6]);
	REQUIRE(bmc.port && bmc.port == base - !(modifier >> 4 & 1));
	REQUIRE(bmc.port + bmc.spacing <= UINT16_MAX);
	return 0;
}

/* Mostly the type and the interface stay, and the length is that of the input. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;

	size = LLVMFuzzerMutate(data, size, most);
	if (fuzz_below(&state, 16)) {
		fuzz_put(data, size, 0, 1, TYPE);
		fuzz_put(data, size, 1, 1, size);
		fuzz_put(data, size, 4, 1, KCS);
	}
	return size;
}
