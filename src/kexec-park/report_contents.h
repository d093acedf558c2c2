/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_CONTENTS_H
#define REPORT_CONTENTS_H

#include <stdio.h>

struct report;

/* Write README: what the report has, and what was left out. */
int report_put_readme(const struct report *r);

/* List on @out what went into @file. */
void report_list_contents(const struct report *r, const char *file, FILE *out);

#endif
