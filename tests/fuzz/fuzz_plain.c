/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text of others on its way to a terminal: no control character comes out, and plain text does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "say.h"

static char *printed(const char *text)
{
	char *out = NULL;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	REQUIRE(f);
	say_plain(f, text);
	REQUIRE(fclose(f) == 0);
	return out;
}

/* By its first byte alone, so that this shares nothing with what it judges. */
static void check_bytes(const unsigned char *p)
{
	for (int left = 0; *p; p++) {
		REQUIRE(*p >= ' ' && *p != 0x7f);
		if (left) {
			REQUIRE(*p >= 0x80 && *p < 0xc0);
			left--;
		} else if (*p >= 0x80) {
			REQUIRE(*p >= 0xc2 && *p < 0xf5 && (*p != 0xc2 || p[1] >= 0xa0));
			left = *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1), *out, *again;

	REQUIRE(text);
	memcpy(text, data, size);
	out = printed(text);
	check_bytes((const unsigned char *)out);
	again = printed(out);
	REQUIRE(strcmp(out, again) == 0);
	free(again);
	free(out);
	free(text);
	return 0;
}
