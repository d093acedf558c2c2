/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <endian.h>
#include <string.h>

#include "view.h"

bool kp_view_sub(struct kp_view v, uint64_t off, uint64_t len, struct kp_view *out)
{
	if (off > v.len || len > v.len - off)
		return false;
	/* An empty view may have no bytes to point at. */
	out->bytes = v.len ? v.bytes + off : v.bytes;
	out->len = len;
	return true;
}

bool kp_view_copy(struct kp_view v, uint64_t off, void *dst, size_t len)
{
	struct kp_view part;

	if (!kp_view_sub(v, off, len, &part))
		return false;
	if (len)
		memcpy(dst, part.bytes, len);
	return true;
}

bool kp_view_u8(struct kp_view v, uint64_t off, uint8_t *out)
{
	return kp_view_copy(v, off, out, sizeof(*out));
}

bool kp_view_u16(struct kp_view v, uint64_t off, uint16_t *out)
{
	uint16_t raw;

	if (!kp_view_copy(v, off, &raw, sizeof(raw)))
		return false;
	*out = le16toh(raw);
	return true;
}

bool kp_view_u32(struct kp_view v, uint64_t off, uint32_t *out)
{
	uint32_t raw;

	if (!kp_view_copy(v, off, &raw, sizeof(raw)))
		return false;
	*out = le32toh(raw);
	return true;
}

bool kp_view_u64(struct kp_view v, uint64_t off, uint64_t *out)
{
	uint64_t raw;

	if (!kp_view_copy(v, off, &raw, sizeof(raw)))
		return false;
	*out = le64toh(raw);
	return true;
}

bool kp_view_line(struct kp_view *text, struct kp_view *line)
{
	const uint8_t *end;
	size_t len;

	if (text->len == 0)
		return false;
	end = memchr(text->bytes, '\n', text->len);
	len = end ? (size_t)(end - text->bytes) : text->len;
	*line = (struct kp_view){ .bytes = text->bytes, .len = len };
	len += end != NULL;
	text->bytes += len;
	text->len -= len;
	return true;
}
