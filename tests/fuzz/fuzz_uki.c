/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that claim to be a unified kernel image. */
#include <string.h>

#include "fuzz.h"
#include "uki.h"

static void check_part(struct kp_view part, struct kp_view file)
{
	REQUIRE(part.len <= file.len);
	REQUIRE(!part.len || (part.bytes >= file.bytes &&
			      part.bytes + part.len <= file.bytes + file.len));
}

static void check_uki(const struct kp_uki *uki, struct kp_view file)
{
	REQUIRE(uki->n_initrds <= KP_UKI_INITRDS);
	check_part(uki->linux_image, file);
	for (size_t i = 0; i < uki->n_initrds; i++) {
		REQUIRE(uki->initrds[i].len);
		check_part(uki->initrds[i], file);
	}
	for (const char *c = uki->cmdline; c && *c; c++)
		REQUIRE((unsigned char)*c >= ' ');
}

/* What is in it is as hostile as the rest. */
static void parse_linux(struct kp_view file, struct kp_arena *arena)
{
	struct kp_error err = { 0 };
	struct kp_image image;
	int rc = kp_image_parse(file, KP_FORMAT_BZIMAGE64, arena, &image, &err);

	fuzz_check_outcome(rc, &err);
	if (rc == 0)
		fuzz_check_image(&image, file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_view file = { data, size };
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_uki uki;
	int rc = kp_uki_parse(file, &arena, &uki, &err);

	fuzz_check_outcome(rc, &err);
	if (rc == 0) {
		REQUIRE(kp_uki_is(file));
		check_uki(&uki, file);
		parse_linux(uki.linux_image, &arena);
	}
	kp_arena_free(&arena);
	return 0;
}

/* Of the PE header: machine, sections, bytes of the optional header. Of a section: sizes, place. */
static const struct fuzz_field pe[] = { { 4, 2 }, { 6, 2 }, { 20, 2 } };
static const struct fuzz_field section[] = {
	{ 0, 8 }, { 8, 4 }, { 8, 4 }, { 16, 4 }, { 16, 4 }, { 20, 4 }, { 20, 4 },
};
static const char names[][9] = { ".linux", ".initrd", ".cmdline", ".ucode", ".profile", ".text" };

static void mutate_section(uint8_t *data, size_t size, size_t header, uint64_t *state)
{
	uint64_t n = fuzz_get(data, size, header + 6, 2);
	size_t at = header + 24 + fuzz_get(data, size, header + 20, 2);

	at += (n ? fuzz_below(state, n) : 0) * 40;
	if (at + 40 > size)
		return;
	if (fuzz_below(state, 4) == 0)
		memcpy(data + at, names[fuzz_below(state, COUNT(names))], 8);
	else
		fuzz_mutate_field(data + at, 40, section, COUNT(section), state);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed, header = fuzz_get(data, size, 0x3c, 4);

	if (size < 0x40 || header >= size || fuzz_below(&state, 4) == 0)
		size = LLVMFuzzerMutate(data, size, most);
	else if (fuzz_below(&state, 8) == 0)
		fuzz_mutate_field(data + header, size - header, pe, COUNT(pe), &state);
	else
		mutate_section(data, size, header, &state);
	if (fuzz_below(&state, 16) && header < size) {
		fuzz_put(data, size, 0, 2, 0x5a4d);
		fuzz_put(data, size, 0x3c, 4, header);
		fuzz_put(data, size, header, 6, 0x866400004550);
	}
	return size;
}
