/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/stat.h>

#include "output.h"

int output_check(const char *option, const char *path, struct kp_error *err)
{
	struct stat st;

	if (lstat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	err->code = KP_USAGE;
	snprintf(err->text, sizeof(err->text), "%s=%s: not a regular file: give the name of another "
		 "file", option, path);
	return -1;
}
