/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file unpack.h
 * Compressed files of any kind that this library was built to read: gzip, and, where configure
 * found their libraries, xz and zstd.
 */
#ifndef KP_UNPACK_H
#define KP_UNPACK_H

#include "file.h"

/** No kernel unpacks to more; a file that does is taken for a bomb. */
#define KP_GUNZIP_MAX ((size_t)2 << 30)

/** Whether the bytes begin as gzip data does. */
bool kp_file_is_gzip(const struct kp_file *file);

/**
 * Replace gzip data, of one or more members, by what it unpacks to. Zeros after the last member
 * are padding; anything else there is an error.
 * @return 0; -1 with KP_IMAGE (corrupt, truncated, more than @p limit bytes) or KP_NO_MEMORY,
 * and the file as it was.
 */
int kp_file_gunzip(struct kp_file *file, size_t limit, struct kp_error *err);

/** "gzip", "xz" or "zstd" by the first bytes, whether it can be read or not; else NULL. */
const char *kp_unpack_kind(const struct kp_file *file);

/**
 * Replace packed data by what it unpacks to, as kp_file_gunzip() does: one or more members, zeros
 * behind them, nothing else. KP_UNSUPPORTED when the library was built without that kind.
 */
int kp_unpack(struct kp_file *file, size_t limit, struct kp_error *err);

#endif
