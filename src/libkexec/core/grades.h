/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file grades.h
 * What each fact of a machine is needed for, and what a plan is like without it. The reader notes
 * what is wrong with a fact and reads on; only an operation that needs the fact fails.
 *
 * docs/FACTS.md is this table; tests/unit/test_grades holds the two together.
 */
#ifndef KP_GRADES_H
#define KP_GRADES_H

#include "machine.h"
#include "warnings.h"

/** What cannot be done without a fact. */
enum kp_grade {
	KP_GRADE_OPTIONAL,         /* nothing: the plan has a warning */
	KP_GRADE_PARK,
	KP_GRADE_CRASH,            /* of a part of /proc/iomem only: kp_layout_open() looks for it */
	KP_GRADE_LOAD,
};

struct kp_fact {
	const char *path;          /* from the root; "*" is a name, or a part of one */
	const char *part;          /* of the file's contents; NULL: all of it */
	enum kp_grade grade;
	bool expected;             /* every machine has the file: that it is absent is told too */
	const char *serves;        /* what it is for */
	const char *without;       /* the end of the warning, where it is not needed */
};

/** Row @p i of the table, or NULL behind the last one. */
const struct kp_fact *kp_fact_row(size_t i);

/** The row of the file or directory @p path (no leading slash); NULL: it is no fact. */
const struct kp_fact *kp_fact_of(const char *path);

/** Fail with the first fact of @p grade that is not there or makes no sense. */
int kp_facts_demand(const struct kp_machine *machine, enum kp_grade grade, struct kp_error *err);

/**
 * Warn of all that is wrong with facts that @p slot and, if it @p parks, parking do not demand.
 * What parking demands, kp_park_choose() tells.
 */
int kp_facts_warn(const struct kp_machine *machine, bool parks, struct kp_warnings *warnings,
		  struct kp_error *err);

#endif
