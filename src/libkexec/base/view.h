/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file view.h
 * Bounds-checked little-endian reads from bytes that nobody vouches for. A view borrows its
 * bytes. Every reader returns false, and leaves its output alone, when the bytes do not reach.
 */
#ifndef KP_VIEW_H
#define KP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kp_view {
	const uint8_t *bytes;
	size_t len;
};

bool kp_view_sub(struct kp_view v, uint64_t off, uint64_t len, struct kp_view *out);
bool kp_view_copy(struct kp_view v, uint64_t off, void *dst, size_t len);
bool kp_view_u8(struct kp_view v, uint64_t off, uint8_t *out);
bool kp_view_u16(struct kp_view v, uint64_t off, uint16_t *out);
bool kp_view_u32(struct kp_view v, uint64_t off, uint32_t *out);
bool kp_view_u64(struct kp_view v, uint64_t off, uint64_t *out);

/** Take one line (without its newline) off the front of a text; false at the end. */
bool kp_view_line(struct kp_view *text, struct kp_view *line);

#endif
