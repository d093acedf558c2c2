/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes that claim to be gzip data. The first byte chooses the limit, the rest is the file. What
 * is unpacked is held against zlib's answer to the same bytes in one call a member.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#include <sanitizer/asan_interface.h>

#include "file.h"
#include "unpack.h"
#include "fuzz.h"

#define GZIP_WINDOW	(16 + MAX_WBITS)
#define UNPACKED_MOST	(1u << 16)
#define PACKED_MOST	(1u << 12)

static size_t limit_of(uint8_t choice)
{
	return choice & 1 ? UNPACKED_MOST : 1 + choice * 16u;
}

/*
 * As kp_file_map() would have it: a mapping of its own, of which the tail is not the file's. It
 * is kept for the next input unless the library unmapped it.
 */
static uint8_t *page;

static struct kp_file map(const uint8_t *data, size_t size)
{
	if (!page)
		page = mmap(NULL, PACKED_MOST, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	REQUIRE(page != MAP_FAILED);
	memcpy(page, data, size);
	ASAN_POISON_MEMORY_REGION(page + size, PACKED_MOST - size);
	return (struct kp_file){ .path = "input", .view = { page, size } };
}

static bool is_gzip(struct kp_view v)
{
	return v.len >= 2 && v.bytes[0] == 0x1f && v.bytes[1] == 0x8b;
}

/* One member; how many bytes it has, -1 if it is not whole or they do not fit. */
static long unpack_member(struct kp_view *v, uint8_t *out, size_t most)
{
	static z_stream z;
	int rc = z.state ? inflateReset(&z) : inflateInit2(&z, GZIP_WINDOW);

	REQUIRE(rc == Z_OK);
	z.next_in = (uint8_t *)(uintptr_t)v->bytes;
	z.avail_in = (uInt)v->len;
	z.next_out = out;
	z.avail_out = (uInt)most;
	rc = inflate(&z, Z_FINISH);
	*v = (struct kp_view){ z.next_in, z.avail_in };
	return rc == Z_STREAM_END ? (long)z.total_out : -1;
}

/* All members one after another; -1 if one is not whole or what follows is not zeros. */
static long unpack(struct kp_view v, uint8_t *out, size_t most)
{
	size_t used = 0;

	do {
		long n = unpack_member(&v, out + used, most - used);

		if (n < 0)
			return -1;
		used += (size_t)n;
	} while (is_gzip(v));
	for (size_t i = 0; i < v.len; i++)
		if (v.bytes[i])
			return -1;
	return (long)used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t expected[UNPACKED_MOST + 1];
	struct kp_error err = { 0 };
	struct kp_file file;
	size_t limit;
	long n;
	int rc;

	if (size < 2 || size > PACKED_MOST)
		return -1;
	limit = limit_of(*data);
	n = unpack((struct kp_view){ data + 1, size - 1 }, expected, limit);
	file = map(data + 1, size - 1);
	rc = kp_file_gunzip(&file, limit, &err);
	ASAN_UNPOISON_MEMORY_REGION(page, PACKED_MOST);
	fuzz_check_outcome(rc, &err);
	REQUIRE((rc == 0) == (n > 0));
	if (rc == 0) {
		REQUIRE(file.view.len == (size_t)n && file.view.len <= limit);
		REQUIRE(!memcmp(file.view.bytes, expected, (size_t)n));
		kp_file_unmap(&file);
		page = NULL;
	} else {
		REQUIRE(file.view.bytes == page && file.view.len == size - 1);
	}
	return 0;
}

/* A member of @n @bytes at @out; how long it is, 0 if it does not fit. */
static size_t pack(const uint8_t *bytes, size_t n, uint8_t *out, size_t most, uint64_t *state)
{
	z_stream z = { .next_in = (uint8_t *)(uintptr_t)bytes, .avail_in = (uInt)n,
		       .next_out = out, .avail_out = (uInt)most };
	int rc;

	REQUIRE(deflateInit2(&z, (int)fuzz_below(state, 10), Z_DEFLATED, GZIP_WINDOW, 1,
			     (int)fuzz_below(state, 5)) == Z_OK);
	rc = deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return rc == Z_STREAM_END ? z.total_out : 0;
}

/* Whole members of changed content, padding behind them; or any change to the packed bytes. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	static uint8_t plain[UNPACKED_MOST];
	uint64_t state = seed;
	size_t used = 1;
	long n;

	if (most > PACKED_MOST)
		most = PACKED_MOST;
	if (size > most)
		size = most;
	n = size < 2 ? 0 : unpack((struct kp_view){ data + 1, size - 1 }, plain, sizeof(plain));
	if (n <= 0 || fuzz_below(&state, 2))
		return LLVMFuzzerMutate(data, size, most);
	*data = (uint8_t)fuzz_random(&state);
	n = (long)LLVMFuzzerMutate(plain, (size_t)n, sizeof(plain) / 16);
	for (uint64_t members = 1 + fuzz_below(&state, 3); members--;)
		used += pack(plain, (size_t)n, data + used, most - used, &state);
	for (uint64_t zeros = fuzz_below(&state, 8); zeros-- && used < most;)
		data[used++] = 0;
	return used;
}
