/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file unpacked.h
 * Where the bytes go that a compressed file unpacks to: a mapping that doubles without a copy.
 */
#ifndef KP_UNPACKED_H
#define KP_UNPACKED_H

#include "file.h"

/**
 * Zero-initialised but for @c limit and @c path. It grows to one byte more than the limit, so that
 * there always is somewhere to put the byte that is too many.
 */
struct kp_unpacked {
	uint8_t *bytes;
	size_t used, size, limit;
	const char *path;          /* of the packed file, for errors */
};

/** At least one byte at bytes + used is free after this. -1 with KP_NO_MEMORY. */
int kp_unpacked_grow(struct kp_unpacked *u, struct kp_error *err);

/** Count @p n bytes that were put at bytes + used. -1 with KP_IMAGE beyond the limit. */
int kp_unpacked_add(struct kp_unpacked *u, size_t n, struct kp_error *err);

/**
 * End of the data: if @p rc is 0 and there is any, @p file has it now, read-only, instead of the
 * packed bytes; otherwise it is dropped. @return 0 or -1.
 */
int kp_unpacked_finish(struct kp_unpacked *u, int rc, struct kp_file *file, struct kp_error *err);

/** Zeros up to the end: what dd and tape leave behind. */
bool kp_unpacked_is_padding(struct kp_view rest);

#endif
