/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file root.h
 * The directory that every fact is read beneath: "/" on a live machine, else a captured copy.
 *
 * In a captured tree no symbolic link is followed and ".." is refused, so that it cannot lead out
 * of itself; and only regular files are read: a device node there would be this machine's. On a
 * live machine links are followed: the kernel has moved files of /sys and left links behind.
 */
#ifndef KP_ROOT_H
#define KP_ROOT_H

#include "arena.h"
#include "view.h"

/** Told of every file asked for: its bytes as far as they were read, or why not (an errno). */
typedef void (*kp_root_saw)(void *arg, const char *path, int why, struct kp_view bytes);

struct kp_root {
	int fd;
	bool live;
	bool by_hand;              /* walk a component at a time: openat2(2) is not to be had */
	uint8_t *buf;              /* one for all reads; freed by kp_root_close() */
	size_t cap;
	kp_root_saw saw;           /* or NULL */
	void *saw_arg;
};

/** Open @p path; NULL, "" and "/" are the live machine. -1 with KP_IO. */
int kp_root_open(const char *path, struct kp_root *root, struct kp_error *err);
void kp_root_close(struct kp_root *root);

/** A read-only descriptor of @p path (no leading slash), or -errno. The caller closes it. */
int kp_root_fd(const struct kp_root *root, const char *path);

/**
 * Read a whole file, or its first @p most bytes, into the root's buffer.
 * @return 0 with @p bytes good until the next read, or an errno.
 */
int kp_root_read(struct kp_root *root, const char *path, size_t most, struct kp_view *bytes);

/**
 * Read the first @p size - 1 bytes behind @p fd, or as many as there are, however few come at once,
 * and end them with a zero. False, with nothing but that zero, when it cannot be read.
 */
bool kp_root_read_text(int fd, char *text, size_t size);

/** Find the first line that ends in @p tail, without reading on. 0, ENODATA or another errno. */
int kp_root_find_line(struct kp_root *root, const char *path, const char *tail,
		      struct kp_view *line);

/**
 * The numbers N of the entries @p prefix followed by N in @p base (10 or 16) in a directory,
 * ascending, in @p arena. 0, or the errno of what kept it from being read to its end: then not all
 * of them are there.
 */
int kp_root_numbers(struct kp_root *root, const char *dir, const char *prefix, unsigned base,
		    struct kp_arena *arena, uint32_t **numbers, size_t *n);

#endif
