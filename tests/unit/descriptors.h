/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this process has open, before and after: for tests that nothing leaks. After cmocka.h. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <dirent.h>
#include <stddef.h>

/** How many; the one that counts is among them each time. */
static inline size_t open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

#endif
