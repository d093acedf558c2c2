/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines for other people's eyes. */
#ifndef REDACT_H
#define REDACT_H

#define REDACT_REMOVED "(removed)"

/*
 * A copy of the kernel command line @line in which only what is known to matter to a load, and
 * to be no secret, is left. Words are split as Linux does it: at blanks, except between double
 * quotes.
 *
 * - A word whose name is on the list below is kept. Its name is what stands before the first
 *   '=', '-' and '_' being the same.
 * - Of any other name=value the value is replaced by "(removed)", so that the name is seen.
 * - Any other word without '=' is replaced by "(removed)".
 * - So is, once, all that follows a bare "--": it is for init.
 *
 * What is not known is removed, since no list of words for passwords is ever complete. The
 * result is the caller's to free; NULL when memory runs out.
 */
char *redact_cmdline(const char *line);

/* Name number @i on the list, NULL past the last. */
const char *redact_kept(unsigned i);

#endif
