/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plan a crash kernel for a machine that `kexec-park --capture=DIR' recorded, and print the plan.
 * Needs no privilege and loads nothing.
 *
 *   cc plan-a-capture.c $(pkg-config --cflags --libs libkexec) -o plan-a-capture
 *   ./plan-a-capture DIR KERNEL [INITRD]
 */
#include <inttypes.h>
#include <libkexec.h>
#include <stdio.h>

static void print_plan(const struct kp_plan *plan)
{
	printf("command line: %s\n", plan->cmdline);
	for (size_t i = 0; i < plan->n_segments; i++) {
		const struct kp_segment *s = &plan->segments[i];

		printf("%-12s 0x%" PRIx64 " to 0x%" PRIx64 ", %zu bytes\n", s->name, s->at.start,
		       s->at.last, s->data_bytes);
	}
	for (size_t i = 0; i < plan->n_warnings; i++)
		printf("warning: %s\n", plan->warnings[i]);
}

static int plan_for(const struct kp_machine *machine, char **files, size_t n_initrds,
		    struct kp_error *err)
{
	const struct kp_request request = {
		.slot = KP_CRASH,
		.image = files[0],
		.initrds = (const char *const *)files + 1,
		.n_initrds = n_initrds,
		.cmdline = "maxcpus=1 reset_devices",
		.park = KP_PARK_TRY,
	};
	struct kp_plan *plan;

	if (kp_plan_load(&request, machine, &plan, err))
		return -1;
	print_plan(plan);
	kp_plan_free(plan);
	return 0;
}

int main(int argc, char **argv)
{
	struct kp_error err = { 0 };
	struct kp_machine *machine;
	int rc;

	if (argc < 3) {
		fprintf(stderr, "usage: %s DIR KERNEL [INITRD]...\n", argv[0]);
		return 2;
	}
	if (kp_machine_read(argv[1], &machine, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	rc = plan_for(machine, argv + 2, (size_t)argc - 3, &err);
	if (rc)
		fprintf(stderr, "%s\n", err.text);
	kp_machine_free(machine);
	return rc ? 1 : 0;
}
