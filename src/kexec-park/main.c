/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "action_output.h"
#include "actions.h"
#include "exit_status.h"
#include "option_parse.h"
#include "say.h"

/* Where tar(1) and shutdown(8) are found, whatever PATH the caller has. The last is NixOS's. */
#define PROGRAMS "/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin"

int main(int argc, char **argv)
{
	struct kp_error err = { 0 };
	struct options opts;
	int rc, status;

	if (setenv("PATH", PROGRAMS, 1) < 0) {
		say("cannot set PATH: %s", strerror(errno));
		return EXIT_FAILED;
	}
	rc = options_parse(argc, argv, &opts, &err);
	if (opts.as_kexec)
		say_as_kexec();
	if (rc)
		return action_fail(&opts, &err);
	status = actions_run(&opts);
	options_free(&opts);
	return status;
}
