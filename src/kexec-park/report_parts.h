/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directory in which a report grows, and the files in it. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include <jansson.h>
#include <stdio.h>

#include "errors.h"
#include "private_dir.h"

#define REPORT_TOP "kexec-park-report"

struct report {
	const char *root;          /* of the machine, or "" */
	const struct kp_request *request;
	struct private_dir dir;    /* holds REPORT_TOP, and at last the archive */
	int top;                   /* REPORT_TOP */
	char release[128];         /* of the machine's kernel, or "" */
	struct kp_error *err;
};

/* Fill @err with KP_IO, the text and what the errno @sys means, if it is one; -1. */
#define report_fail(err, sys, ...) error_fill(err, KP_IO, sys, __VA_ARGS__)

/* The same where @file cannot come to be; @why is of private_dir.h. */
int report_cannot_write(const struct report *r, const char *file, int why);

/*
 * A path to @name of the report for functions that take no descriptor, or NULL: out of memory. Freed
 * by the caller. Nothing but a process of ours can change what it leads to.
 */
char *part_path(const struct report *r, const char *name);

/* Open @name in the directory @dir, following no link. NULL and errno. */
FILE *part_open(int dir, const char *name, int flags, const char *mode);

/* A part that is not there yet; one that a capture wrote, to be written anew. NULL and r->err. */
FILE *part_new(const struct report *r, const char *name);
FILE *part_rewrite(const struct report *r, const char *name);

/* 0 if all that was written to it is in it. */
int part_close(const struct report *r, FILE *part, const char *name);

/* Takes @document, which is NULL if memory ran out. */
int part_put_json(const struct report *r, const char *name, json_t *document);

/* A line of others' text without control characters: the reader may look at it on a terminal. */
void part_put_text(FILE *part, const char *before, const char *text);

/* The first line of a small file of the report. 0, or an errno and "". */
int part_first_line(const struct report *r, const char *name, char *text, int size);

#endif
