/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_REDACT_H
#define REPORT_REDACT_H

struct report;

/* Remove the secrets of the captured machine. 0, or -1: nothing may be packed. */
int report_redact(const struct report *r);

#endif
