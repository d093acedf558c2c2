/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The .set of the rows in option_rows.def: what one option, given with @value, changes in @opts.
 * 0, or -1 and what is wrong with the value in @err.
 */
#ifndef OPTION_SETTERS_H
#define OPTION_SETTERS_H

#include "option_row.h"

#define OPTION_SETTER(name) \
	int name(struct options *opts, const struct option_row *row, const char *value, \
		 struct kp_error *err)

OPTION_SETTER(set_capture);
OPTION_SETTER(set_report);
OPTION_SETTER(set_svg);
OPTION_SETTER(set_root);
OPTION_SETTER(set_classic);
OPTION_SETTER(set_file_call);
OPTION_SETTER(set_auto_call);
OPTION_SETTER(set_type);
OPTION_SETTER(add_initrd);
OPTION_SETTER(set_append);
OPTION_SETTER(set_mem_min);
OPTION_SETTER(set_mem_max);
OPTION_SETTER(set_serial);
OPTION_SETTER(set_serial_baud);
OPTION_SETTER(set_console_fb);
OPTION_SETTER(set_trace);
OPTION_SETTER(set_park_page);
OPTION_SETTER(set_args_linux);
OPTION_SETTER(set_args_none);
OPTION_SETTER(check_entry);

/* What .flag or .choice of @row say in place of a .set. */
OPTION_SETTER(option_set_member);

#endif
