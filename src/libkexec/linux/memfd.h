/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file memfd.h
 * Bytes as a file that no file system holds, for a system call that takes descriptors.
 */
#ifndef KP_MEMFD_H
#define KP_MEMFD_H

#include "error.h"
#include "view.h"

/**
 * A read-only descriptor of @p n pieces one behind the other, each from a multiple of 4 on with
 * zeros before it: what a kernel skips between two archives of an initrd (init/initramfs.c).
 * Nobody has it open for writing: the kernel takes no such file (ETXTBSY).
 * @return the descriptor, for the caller to close; -1 with KP_IO.
 */
int kp_memfd_join(const char *name, const struct kp_view *pieces, size_t n, struct kp_error *err);

#endif
