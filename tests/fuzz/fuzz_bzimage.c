/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that claim to be a bzImage. */
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_view file = { data, size };
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_image image;
	int rc = kp_image_parse(file, KP_FORMAT_AUTO, &arena, &image, &err);

	fuzz_check_outcome(rc, &err);
	if (rc == 0)
		fuzz_check_image(&image, file);
	kp_arena_free(&arena);
	return 0;
}

/* struct setup_header, Documentation/arch/x86/boot.rst: what the loader goes by. */
static const struct fuzz_field fields[] = {
	{ 0x1f1, 1 }, { 0x1f4, 4 }, { 0x201, 1 }, { 0x206, 2 }, { 0x20e, 2 }, { 0x211, 1 },
	{ 0x22c, 4 }, { 0x230, 4 }, { 0x234, 1 }, { 0x236, 2 }, { 0x238, 4 }, { 0x258, 8 },
	{ 0x260, 4 },
};

/* Mostly one field of a header that stays a header; seldom anything at all. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;

	if (fuzz_below(&state, 4) == 0)
		size = LLVMFuzzerMutate(data, size, most);
	else
		fuzz_mutate_field(data, size, fields, COUNT(fields), &state);
	if (fuzz_below(&state, 16)) {
		fuzz_put(data, size, 0x1fe, 2, 0xaa55);
		fuzz_put(data, size, 0x202, 4, 0x53726448);
	}
	return size;
}
