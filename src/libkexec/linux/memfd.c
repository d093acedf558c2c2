/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memfd.h"

#define ALIGN 4

static int write_at(int fd, struct kp_view v, uint64_t at)
{
	while (v.len) {
		ssize_t n = pwrite(fd, v.bytes, v.len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		v = (struct kp_view){ v.bytes + n, v.len - (size_t)n };
		at += (uint64_t)n;
	}
	return 0;
}

static int write_pieces(int fd, const struct kp_view *pieces, size_t n)
{
	uint64_t at = 0;

	for (size_t i = 0; i < n; i++) {
		at = (at + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
		if (write_at(fd, pieces[i], at) < 0)
			return -1;
		at += pieces[i].len;
	}
	return 0;
}

/* The same file by a new, read-only descriptor. */
static int reopen(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int kp_memfd_join(const char *name, const struct kp_view *pieces, size_t n, struct kp_error *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC), sealed = -1, why;

	if (fd < 0)
		return kp_fail_sys(err, KP_IO, errno, "cannot make a file in memory for the %s",
				   name);
	if (write_pieces(fd, pieces, n) == 0)
		sealed = reopen(fd);
	why = errno;
	close(fd);
	if (sealed < 0)
		return kp_fail_sys(err, KP_IO, why, "cannot put the %s into a file in memory",
				   name);
	return sealed;
}
