/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool is_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || strcmp(term, "dumb") == 0;
}

struct plan_style terminal_style(FILE *out)
{
	struct plan_style style = { .columns = 80 };
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col)
		style.columns = size.ws_col;
	style.colour = isatty(fileno(out)) && !is_set("NO_COLOR") && !is_dumb();
	return style;
}
