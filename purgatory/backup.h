/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PURGATORY_BACKUP_H
#define PURGATORY_BACKUP_H

#include "purgatory_params.h"

/*
 * Copies the old kernel's low memory, which the next one uses and the dump reads from the copy. A
 * page that raises a machine check when it is read is left out, said, and zero in the copy.
 */
void copy_backup(const struct purgatory_params *params);

#endif
