/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Print what the last hand-over left in the park page. Needs root, or a machine that
 * `kexec-park --capture=DIR' recorded.
 *
 *   cc flight-record.c $(pkg-config --cflags --libs libkexec) -o flight-record
 *   ./flight-record [DIR]
 */
#include <inttypes.h>
#include <libkexec.h>
#include <stdio.h>

static void print_record(const struct libkexec_record *record)
{
	if (libkexec_record_found(record) != LIBKEXEC_PARK_FOUND_INTACT) {
		printf("no flight record\n");
		return;
	}
	printf("hand-over %" PRIu32 ": %" PRIu32 " of %" PRIu32 " CPUs parked (%s), digest %s\n",
	       libkexec_record_generation(record), libkexec_record_arrived(record),
	       libkexec_record_expected(record), libkexec_record_verdict(record),
	       libkexec_record_digest(record));
	printf("since then %" PRIu32 " NMIs, %" PRIu32 " machine checks\n%s",
	       libkexec_record_nmis(record), libkexec_record_machine_checks(record),
	       libkexec_record_log(record));
}

int main(int argc, char **argv)
{
	struct libkexec *kx = libkexec_new();
	struct libkexec_machine *machine = libkexec_machine_read(kx, argc > 1 ? argv[1] : "");
	struct libkexec_record *record = libkexec_record_read(kx, machine);
	int rc = record ? 0 : 1;

	if (record)
		print_record(record);
	else
		fprintf(stderr, "%s\n", libkexec_error_text(kx));
	libkexec_record_free(record);
	libkexec_machine_free(machine);
	libkexec_free(kx);
	return rc;
}
