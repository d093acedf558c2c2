/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/mman.h>

#include "unpacked.h"

#define FIRST_ROOM	((size_t)1 << 20)

int kp_unpacked_grow(struct kp_unpacked *u, struct kp_error *err)
{
	size_t size = u->size ? u->size * 2 : FIRST_ROOM;
	void *p;

	if (u->used < u->size)
		return 0;
	if (size > u->limit + 1)
		size = u->limit + 1;
	if (u->bytes)
		p = mremap(u->bytes, u->size, size, MREMAP_MAYMOVE);
	else
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return kp_fail_sys(err, KP_NO_MEMORY, errno, "%s: no room for %zu unpacked bytes",
				   u->path, size);
	u->bytes = p;
	u->size = size;
	return 0;
}

int kp_unpacked_add(struct kp_unpacked *u, size_t n, struct kp_error *err)
{
	u->used += n;
	if (u->used <= u->limit)
		return 0;
	return kp_fail(err, KP_IMAGE, "%s: unpacks to more than %zu bytes (%zu MiB), "
		       "the most allowed",
		       u->path, u->limit, u->limit >> 20);
}

/* Only what was filled stays mapped, and nobody writes to it any more. */
static void seal(struct kp_unpacked *u)
{
	void *p = mremap(u->bytes, u->size, u->used, MREMAP_MAYMOVE);

	if (p != MAP_FAILED) {
		u->bytes = p;
		u->size = u->used;
	}
	mprotect(u->bytes, u->size, PROT_READ);
}

int kp_unpacked_finish(struct kp_unpacked *u, int rc, struct kp_file *file, struct kp_error *err)
{
	if (rc == 0 && u->used == 0)
		rc = kp_fail(err, KP_IMAGE, "%s: unpacks to nothing", u->path);
	if (rc < 0) {
		if (u->bytes)
			munmap(u->bytes, u->size);
		return -1;
	}
	seal(u);
	kp_file_unmap(file);
	file->view = (struct kp_view){ .bytes = u->bytes, .len = u->used };
	return 0;
}

bool kp_unpacked_is_padding(struct kp_view rest)
{
	for (size_t i = 0; i < rest.len; i++)
		if (rest.bytes[i])
			return false;
	return true;
}
