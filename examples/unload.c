/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unload the crash kernel if one is loaded. Needs root.
 *
 *   cc unload.c $(pkg-config --cflags --libs libkexec) -o unload
 *   ./unload
 */
#include <libkexec.h>
#include <stdio.h>

int main(void)
{
	struct libkexec *kx = libkexec_new();
	int loaded = libkexec_loaded(kx, LIBKEXEC_CRASH);
	int rc = loaded < 0 ? -1 : 0;

	if (loaded == 1)
		rc = libkexec_unload(kx, LIBKEXEC_CRASH);
	if (rc)
		fprintf(stderr, "%s\n", libkexec_error_text(kx));
	else
		printf("%s\n", loaded ? "unloaded" : "no crash kernel was loaded");
	libkexec_free(kx);
	return rc ? 1 : 0;
}
