/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan for programs. */
#ifndef PLAN_JSON_H
#define PLAN_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "kexec_types.h"

/* The plan as an object, keys as in kexec-park(8); NULL when memory runs out. */
json_t *plan_json(const struct kp_plan *plan);

/* "0x..." as the document writes addresses. */
json_t *json_address(uint64_t address);

/* A string that need not be UTF-8: bytes of it that are not become '?'. */
json_t *json_text(const char *text);


/*
 * Print @document and a newline, and drop it. Only printable ASCII comes out: what else is in a string
 * is escaped, DEL and C1 too. False: it could not be written, or memory ran out.
 */
bool json_print(FILE *out, json_t *document);

#endif
