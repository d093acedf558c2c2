/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

void fuzz_broken(const char *rule, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, rule);
	abort();
}

static void check_line(const char *text)
{
	size_t len = strnlen(text, KP_ERROR_TEXT);

	REQUIRE(len > 0 && len < KP_ERROR_TEXT);
	for (size_t i = 0; i < len; i++)
		REQUIRE((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

void fuzz_check_outcome(int rc, const struct kp_error *err)
{
	REQUIRE(rc == 0 || rc == -1);
	if (rc == 0)
		return;
	if (err->code <= KP_OK || err->code >= KP_INTERNAL)
		fuzz_broken(err->text, "code", (int)err->code);
	check_line(err->text);
}

static bool is_inside(struct kp_view part, struct kp_view whole)
{
	return part.bytes >= whole.bytes && part.len <= whole.len &&
	       (size_t)(part.bytes - whole.bytes) <= whole.len - part.len;
}

static volatile uint8_t read_sink;

/* Read every byte: what was joined in memory is not in the file, and must be there all the same. */
static void touch(struct kp_view v)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < v.len; i++)
		sum ^= v.bytes[i];
	read_sink = sum;
}

static void check_chunks(const struct kp_image *image)
{
	uint64_t next = 0;

	REQUIRE(image->n_chunks >= 1 && image->n_chunks <= KP_IMAGE_CHUNKS);
	for (size_t i = 0; i < image->n_chunks; i++) {
		const struct kp_chunk *c = &image->chunks[i];

		REQUIRE(c->offset % 4096 == 0 && c->offset >= next);
		REQUIRE(c->mem_bytes && c->data.len <= c->mem_bytes);
		next = c->offset + c->mem_bytes;
		REQUIRE(next > c->offset && next <= image->mem_bytes);
		touch(c->data);
	}
}

static bool entry_has_bytes(const struct kp_image *image)
{
	for (size_t i = 0; i < image->n_chunks; i++)
		if (image->entry_offset >= image->chunks[i].offset &&
		    image->entry_offset - image->chunks[i].offset < image->chunks[i].data.len)
			return true;
	return false;
}

void fuzz_check_image(const struct kp_image *image, struct kp_view file)
{
	check_chunks(image);
	REQUIRE(entry_has_bytes(image));
	REQUIRE(image->align >= 4096 && !(image->align & (image->align - 1)));
	REQUIRE(image->pref_start <= (1ULL << 52) && image->mem_bytes <= 1ULL << 52);
	REQUIRE(!image->above_4g || image->mem_bytes <= 1ULL << 32);
	REQUIRE(image->format == KP_FORMAT_BZIMAGE64 || image->format == KP_FORMAT_ELF64);
	if (image->format == KP_FORMAT_BZIMAGE64) {
		REQUIRE(is_inside(image->setup_header, file));
		REQUIRE(image->setup_header.len >= 0x264 - 0x1f1 &&
			image->setup_header.len <= 0x290 - 0x1f1);
		REQUIRE(is_inside(image->chunks[0].data, file));
	} else {
		REQUIRE(image->setup_header.len == 0);
	}
	if (image->version)
		check_line(image->version);
}

void fuzz_check_ranges(const struct kp_ranges *set)
{
	for (size_t i = 0; i < set->n; i++) {
		REQUIRE(set->v[i].start <= set->v[i].last);
		REQUIRE(!i || (set->v[i].start > set->v[i - 1].last &&
			       set->v[i].start - set->v[i - 1].last > 1));
	}
}

/* ---- input -------------------------------------------------------------------------------- */

struct kp_view fuzz_take_view(struct kp_view *input, size_t bytes)
{
	struct kp_view front = { input->bytes, bytes < input->len ? bytes : input->len };

	input->bytes += front.len;
	input->len -= front.len;
	return front;
}

uint64_t fuzz_take(struct kp_view *input, size_t bytes)
{
	struct kp_view front = fuzz_take_view(input, bytes);

	return fuzz_get(front.bytes, front.len, 0, front.len);
}

char *fuzz_take_text(struct kp_view *input, size_t most)
{
	struct kp_view front = { input->bytes, input->len < most ? input->len : most };
	const uint8_t *end = front.len ? memchr(front.bytes, 0, front.len) : NULL;
	char *text;

	front = fuzz_take_view(input, end ? (size_t)(end - front.bytes) : front.len);
	if (end)
		fuzz_take(input, 1);
	text = calloc(1, front.len + 1);
	REQUIRE(text);
	if (front.len)
		memcpy(text, front.bytes, front.len);
	return text;
}

/* ---- mutating ----------------------------------------------------------------------------- */

uint64_t fuzz_random(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15;
	uint64_t z = *state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t fuzz_below(uint64_t *state, uint64_t n)
{
	return fuzz_random(state) % n;
}

uint64_t fuzz_number(uint64_t *state)
{
	uint64_t bit = 1ULL << fuzz_below(state, 64);

	switch (fuzz_below(state, 6)) {
	case 0: return fuzz_below(state, 16);
	case 1: return bit;
	case 2: return bit - 1;
	case 3: return -bit;
	case 4: return fuzz_below(state, 1 << 20) << 12;
	default: return fuzz_random(state);
	}
}

void fuzz_put(uint8_t *data, size_t size, size_t at, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width && at + i < size; i++)
		data[at + i] = (uint8_t)(value >> (8 * i));
}

uint64_t fuzz_get(const uint8_t *data, size_t size, size_t at, size_t width)
{
	uint64_t value = 0;

	while (width--)
		if (at + width < size)
			value = value << 8 | data[at + width];
	return value;
}

void fuzz_mutate_field(uint8_t *data, size_t size, const struct fuzz_field *fields, size_t n,
		       uint64_t *state)
{
	const struct fuzz_field *f = &fields[fuzz_below(state, n)];
	const struct fuzz_field *other = &fields[fuzz_below(state, n)];
	uint64_t value = fuzz_get(data, size, f->at, f->width);

	switch (fuzz_below(state, 4)) {
	case 0:
		value += fuzz_below(state, 33) - 16;
		break;
	case 1:
		value ^= 1ULL << fuzz_below(state, 8 * f->width);
		break;
	case 2:
		value = fuzz_get(data, size, other->at, other->width);
		break;
	default:
		value = fuzz_number(state);
	}
	fuzz_put(data, size, f->at, f->width, value);
}

/* A line with its newline, by a random place in it. */
static struct kp_range pick_line(const uint8_t *data, size_t size, uint64_t *state)
{
	size_t start = fuzz_below(state, size), end = start;

	while (start > 0 && data[start - 1] != '\n')
		start--;
	while (end + 1 < size && data[end] != '\n')
		end++;
	return (struct kp_range){ start, end };
}

static void change_digit(uint8_t *data, size_t size, uint64_t *state)
{
	size_t at = fuzz_below(state, size);

	for (size_t i = 0; i < size; i++, at = (at + 1) % size)
		if ((data[at] >= '0' && data[at] <= '9') || (data[at] >= 'a' && data[at] <= 'f')) {
			data[at] = (uint8_t)"0123456789abcdef"[fuzz_below(state, 16)];
			return;
		}
}

static size_t insert(uint8_t *data, size_t size, size_t most, size_t at, const uint8_t *bytes,
		     size_t n)
{
	if (n > most - size)
		return size;
	memmove(data + at + n, data + at, size - at);
	memcpy(data + at, bytes, n);
	return size + n;
}

static size_t double_line(uint8_t *data, size_t size, size_t most, uint64_t *state)
{
	struct kp_range from = pick_line(data, size, state), to = pick_line(data, size, state);
	uint8_t line[256];
	size_t n = from.last - from.start + 1;

	if (n > sizeof(line))
		return size;
	memcpy(line, data + from.start, n);
	return insert(data, size, most, to.start, line, n);
}

static size_t drop_line(uint8_t *data, size_t size, uint64_t *state)
{
	struct kp_range line = pick_line(data, size, state);

	memmove(data + line.start, data + line.last + 1, size - line.last - 1);
	return size - (line.last - line.start + 1);
}

size_t fuzz_mutate_lines(uint8_t *data, size_t size, size_t most, uint64_t *state)
{
	if (size == 0)
		return LLVMFuzzerMutate(data, size, most);
	switch (fuzz_below(state, 8)) {
	case 0:
		return double_line(data, size, most, state);
	case 1:
		return size > 1 ? drop_line(data, size, state) : size;
	case 2:
	case 3:
	case 4:
		change_digit(data, size, state);
		return size;
	default:
		return LLVMFuzzerMutate(data, size, most);
	}
}
