/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "action_output.h"
#include "exit_status.h"
#include "plan_json.h"
#include "say.h"

/* What an operator can do about an error, in the words of the command line. */
static const char *remedy_text(enum kp_remedy remedy)
{
	static const char *const texts[] = {
		[KP_REMEDY_NONE] = "",
		[KP_REMEDY_FILE_CALL] = "; load with -s (--kexec-file-syscall)",
		[KP_REMEDY_OWN_CALL] = "; try without -s",
		[KP_REMEDY_LOAD_FIRST] = "; load one with -l",
		[KP_REMEDY_CMDLINE] = "; give the whole line with --append",
		[KP_REMEDY_SERIAL] = "; name the port, as --serial=ttyS0 or --serial=mmio32,0xADDRESS",
		[KP_REMEDY_ELF_ARGS] = "; leave --args-linux and --args-none out",
		[KP_REMEDY_DEVICE_TREE] = "; leave --force-dtb out",
	};

	return texts[remedy];
}

int action_fail(const struct options *opts, const struct kp_error *err)
{
	say("%s%s", err->text, remedy_text(err->remedy));
	return action_exit(opts, err);
}

/* Where the running kernel would read the files, kexec(8) tells a missing one by another status. */
static bool opens_for_the_kernel(const struct options *opts)
{
	return opts->call_given && opts->call != KP_CALL_LOAD;
}

int action_exit(const struct options *opts, const struct kp_error *err)
{
	switch (err->code) {
	case KP_USAGE:
		return opts->bad_status ?: EXIT_USAGE;
	case KP_NO_CRASHKERNEL:
		return opts->as_kexec ? EXIT_DIED : EXIT_NO_CRASHKERNEL;
	case KP_IO:
		return opts->as_kexec && !opens_for_the_kernel(opts) ? EXIT_DIED : EXIT_FAILED;
	default:
		return EXIT_FAILED;
	}
}

int action_fail_text(const char *text)
{
	say("%s", text);
	return EXIT_FAILED;
}

void action_trace(const struct options *opts, const char *fmt, ...)
{
	char text[4096];
	va_list args;

	if (!opts->debug)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say("%s", text);
}

int action_finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	say("cannot write the output: %s", strerror(errno));
	return EXIT_FAILED;
}

int action_print_json(json_t *document, int status)
{
	if (!document)
		return action_fail_text("out of memory");
	return json_print(stdout, document) ? action_finish_output(status) :
					      action_fail_text("cannot write the output");
}
