/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A kernel command line: what is left of it is plain, and nothing more can be taken out. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "redact.h"

#define OF_LINES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:;/@+!#$%()= "

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = calloc(1, size + 1), *once, *twice;

	REQUIRE(line);
	memcpy(line, data, size);
	once = redact_cmdline(line);
	REQUIRE(once && strspn(once, OF_LINES) == strlen(once));
	twice = redact_cmdline(once);
	REQUIRE(twice && strcmp(once, twice) == 0);
	free(twice);
	free(once);
	free(line);
	return 0;
}
