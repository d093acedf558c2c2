/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Load a crash kernel on this machine. Where the kernel forbids kexec_load(2), let it load the files
 * by itself: then no CPU is parked. Needs root.
 *
 *   cc load.c $(pkg-config --cflags --libs libkexec) -o load
 *   ./load KERNEL COMMANDLINE [INITRD]...
 */
#include <libkexec.h>
#include <stdio.h>

static void print_warnings(const struct libkexec *kx)
{
	const char *warning;

	for (size_t i = 0; (warning = libkexec_warning(kx, i)); i++)
		fprintf(stderr, "warning: %s\n", warning);
}

static int load(struct libkexec *kx, struct libkexec_machine *machine,
		struct libkexec_request *request)
{
	struct libkexec_plan *plan = libkexec_plan_new(kx, machine, request);
	int rc;

	print_warnings(kx);
	rc = libkexec_submit(kx, plan);
	print_warnings(kx);
	libkexec_plan_free(plan);
	return rc;
}

int main(int argc, char **argv)
{
	struct libkexec *kx = libkexec_new();
	struct libkexec_machine *machine = libkexec_machine_read(kx, "");
	struct libkexec_request *request;
	int rc;

	if (argc < 3) {
		fprintf(stderr, "usage: %s KERNEL COMMANDLINE [INITRD]...\n", argv[0]);
		return 2;
	}
	request = libkexec_request_new(LIBKEXEC_CRASH, argv[1]);
	libkexec_request_set_cmdline(request, argv[2]);
	for (int i = 3; i < argc; i++)
		libkexec_request_add_initrd(request, argv[i]);
	libkexec_request_set_park(request, LIBKEXEC_PARK_TRY);
	rc = load(kx, machine, request);
	if (rc && libkexec_file_call_may_help(kx, LIBKEXEC_CRASH)) {
		fprintf(stderr, "warning: %s\n", libkexec_error_text(kx));
		libkexec_request_set_call(request, LIBKEXEC_CALL_FILE);
		rc = load(kx, machine, request);
	}
	if (rc)
		fprintf(stderr, "%s\n", libkexec_error_text(kx));
	libkexec_request_free(request);
	libkexec_machine_free(machine);
	libkexec_free(kx);
	return rc ? 1 : 0;
}
