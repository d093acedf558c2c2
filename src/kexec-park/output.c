/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/stat.h>

#include "errors.h"
#include "output.h"

int output_check(const char *option, const char *path, struct kp_error *err)
{
	struct stat st;

	if (lstat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	return error_fill(err, KP_USAGE, 0, "%s=%s: not a regular file: give the name of another file",
			  option, path);
}
