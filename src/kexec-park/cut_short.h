/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files are read where they are mapped. One that another process cuts short meanwhile, or whose disk
 * fails, has no bytes there any more, and the kernel says so by SIGBUS.
 */
#ifndef CUT_SHORT_H
#define CUT_SHORT_H

/* From now on that ends the process with an error that names @image, which must stay. */
void cut_short_watch(const char *image);

#endif
