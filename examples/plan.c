/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plan a crash kernel for a machine that `kexec-park --capture=DIR' recorded, and print the plan.
 * Needs no privilege and loads nothing.
 *
 *   cc plan.c $(pkg-config --cflags --libs libkexec) -o plan
 *   ./plan DIR KERNEL [INITRD]...
 */
#include <inttypes.h>
#include <libkexec.h>
#include <stdio.h>

static void print_plan(const struct libkexec_plan *plan)
{
	printf("command line: %s\n", libkexec_plan_cmdline(plan));
	for (size_t i = 0; i < libkexec_plan_segments(plan); i++)
		printf("%-12s 0x%" PRIx64 " to 0x%" PRIx64 ", %" PRIu64 " bytes\n",
		       libkexec_plan_segment_name(plan, i), libkexec_plan_segment_start(plan, i),
		       libkexec_plan_segment_last(plan, i), libkexec_plan_segment_bytes(plan, i));
}

int main(int argc, char **argv)
{
	struct libkexec *kx = libkexec_new();
	struct libkexec_machine *machine;
	struct libkexec_request *request;
	struct libkexec_plan *plan;
	const char *warning;

	if (argc < 3) {
		fprintf(stderr, "usage: %s DIR KERNEL [INITRD]...\n", argv[0]);
		return 2;
	}
	machine = libkexec_machine_read(kx, argv[1]);
	request = libkexec_request_new(LIBKEXEC_CRASH, argv[2]);
	for (int i = 3; i < argc; i++)
		libkexec_request_add_initrd(request, argv[i]);
	libkexec_request_set_cmdline(request, "maxcpus=1 reset_devices");
	libkexec_request_set_park(request, LIBKEXEC_PARK_TRY);
	plan = libkexec_plan_new(kx, machine, request);
	if (plan)
		print_plan(plan);
	else
		fprintf(stderr, "%s\n", libkexec_error_text(kx));
	for (size_t i = 0; (warning = libkexec_warning(kx, i)); i++)
		printf("warning: %s\n", warning);
	libkexec_plan_free(plan);
	libkexec_request_free(request);
	libkexec_machine_free(machine);
	libkexec_free(kx);
	return plan ? 0 : 1;
}
