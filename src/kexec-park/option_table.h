/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One row an option. The parser, --help, the completions, the fuzzer's dictionary and the synopsis
 * of kexec-park(8) are all made from option_rows.def; see docs/CONTRIBUTING.md.
 */
#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H

#include "option_row.h"

extern const struct option_row option_rows[N_OPTIONS];

#endif
