/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --help: one screen of 24 lines by 80 columns a topic, made of the table of options. */
#ifndef HELP_H
#define HELP_H

#include <stdbool.h>
#include <stdio.h>

#define HELP_COLUMNS 79

/* Print the page of @topic, NULL for the first; false if there is no such topic. */
bool help_print(FILE *out, const char *topic);

/* The name of topic number @i, NULL past the last. The first page's is "". */
const char *help_topic(unsigned i);

/* "load, calls, crash, ..." */
void help_list_topics(char *list, size_t size);

#endif
