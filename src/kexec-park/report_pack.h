/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_PACK_H
#define REPORT_PACK_H

struct report;

/* Pack the report into @file: whole on the disk, then in its place; for its owner alone. */
int report_pack(const struct report *r, const char *file);

#endif
