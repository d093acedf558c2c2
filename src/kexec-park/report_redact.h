/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_REDACT_H
#define REPORT_REDACT_H

struct report;

/* Take out of the captured machine what others must not see. 0, or -1: nothing may be packed. */
int report_redact(const struct report *r);

#endif
