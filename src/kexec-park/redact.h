/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines and files of a captured machine for other people's eyes. */
#ifndef REDACT_H
#define REDACT_H

#include <stdbool.h>

#define REDACT_REMOVED "(removed)"

/*
 * A copy of the kernel command line @line in which only what is known to matter to a load, and
 * to be no secret, is left. Words are split as Linux does it (lib/cmdline.c, next_arg()): at blanks,
 * of which 0xa0 is one, except between double quotes.
 *
 * - A bare word is kept if it is on the list below, '-' and '_' being the same.
 * - So is the value of a name on the list, if it is made of letters, digits and the punctuation of
 *   addresses, sizes and lists alone. A second '=', a quote or any other byte in it, or no value at
 *   all, and the value is replaced by "(removed)". Of BOOT_IMAGE only the last component is kept.
 * - Of any other name=value the value is replaced by "(removed)", so that the name is seen; the
 *   whole word where no value or another '=' follows, as behind a secret in base64.
 * - Any other word is replaced by "(removed)".
 * - So is, once, all that follows a bare "--": it is for init.
 *
 * What is not known is removed, since no list of words for passwords is ever complete. The
 * result is the caller's to free; NULL when memory runs out.
 */
char *redact_cmdline(const char *line);

/* Whether @line of /proc/cpuinfo is of a kind that tells nothing but what processor this is. */
bool redact_keeps_of_cpuinfo(const char *line);

/* Whether the captured file @path, such as "proc/iomem", is known to hold nothing secret, or to have
 * been redacted. */
bool redact_keeps_file(const char *path);

/* Name number @i on the list, NULL past the last. */
const char *redact_kept(unsigned i);

#endif
