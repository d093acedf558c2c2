/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consoles that are memory, made of RAM: what the purgatory wrote stays to be looked at. */
#ifndef PAYLOAD_CONSOLES_H
#define PAYLOAD_CONSOLES_H

#include "park_page.h"
#include "purgatory_params.h"

/* By the words uart=, fb=: parameters, and the memory as it is before. */
void consoles_prepare(struct purgatory_params *params);
/* Fails the test unless the last byte, and the first letters of @record's log, arrived. */
void consoles_check(const struct park_record *record);

#endif
