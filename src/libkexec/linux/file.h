/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file file.h
 * Whole files as bytes, mapped read-only.
 */
#ifndef KP_FILE_H
#define KP_FILE_H

#include <sys/stat.h>

#include "error.h"
#include "view.h"

/**
 * The bytes of a file. Zero-initialised: none. While they are mapped, not unpacked, they are what
 * the file holds at the time: another process may write to it, and if it is cut short, whoever
 * reads what is gone gets SIGBUS.
 */
struct kp_file {
	const char *path;          /* borrowed, for errors */
	struct kp_view view;
	bool mapped;               /* fd is open, and was of the file as_mapped */
	int fd;
	struct stat as_mapped;
};

/**
 * Map the file at @p path, which must be regular and not empty.
 * @return 0; -1 with KP_IO and the path in the text.
 */
int kp_file_map(const char *path, struct kp_file *file, struct kp_error *err);

/**
 * Open the file at @p path, which must be regular, for reading.
 * @return a descriptor for the caller to close; -1 with KP_IO and the path in the text.
 */
int kp_file_open(const char *path, struct kp_error *err);

/**
 * Whether the bytes are those that were mapped: nobody has written to the file or cut it since.
 * @return 0; -1 with KP_IO and the path.
 */
int kp_file_unchanged(const struct kp_file *file, struct kp_error *err);

/** Give the bytes up. */
void kp_file_unmap(struct kp_file *file);

#endif
