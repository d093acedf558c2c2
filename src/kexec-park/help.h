/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The texts of --help, one screen of 24 lines by 80 columns a topic. */
#ifndef HELP_H
#define HELP_H

/* The text of @topic, NULL for the first page; NULL if there is no such topic. */
const char *help_text(const char *topic);

/* The name of topic number @i, NULL past the last. The first page's is "". */
const char *help_topic(unsigned i);

#endif
