/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions.h"

int main(int argc, char **argv)
{
	struct kp_error err = { 0 };
	struct options opts;
	int status;

	if (options_parse(argc, argv, &opts, &err))
		return actions_fail(&err);
	status = actions_run(&opts);
	options_free(&opts);
	return status;
}
