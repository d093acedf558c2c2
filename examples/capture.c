/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Record this machine, so that loads can be planned for it elsewhere.
 *
 *   cc capture.c $(pkg-config --cflags --libs libkexec) -o capture
 *   ./capture DIR [ROOT]
 */
#include <libkexec.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct libkexec *kx = libkexec_new();
	const char *warning;
	int rc;

	if (argc < 2) {
		fprintf(stderr, "usage: %s DIR [ROOT]\n", argv[0]);
		return 2;
	}
	rc = libkexec_machine_capture(kx, argc > 2 ? argv[2] : "", argv[1]);
	if (rc)
		fprintf(stderr, "%s\n", libkexec_error_text(kx));
	for (size_t i = 0; (warning = libkexec_warning(kx, i)); i++)
		fprintf(stderr, "%s\n", warning);
	libkexec_free(kx);
	return rc ? 1 : 0;
}
