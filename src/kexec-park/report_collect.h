/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_COLLECT_H
#define REPORT_COLLECT_H

struct report;

/* Capture the machine into the report, as it is: report_redact() comes next. */
int report_collect_machine(struct report *r);

/* Write the plans of both slots, the park page's state and versions. */
int report_collect_findings(const struct report *r);

#endif
