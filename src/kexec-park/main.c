/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions.h"
#include "say.h"

int main(int argc, char **argv)
{
	struct kp_error err = { 0 };
	struct options opts;
	int rc, status;

	rc = options_parse(argc, argv, &opts, &err);
	if (opts.as_kexec)
		say_as_kexec();
	if (rc)
		return actions_fail(&opts, &err);
	status = actions_run(&opts);
	options_free(&opts);
	return status;
}
