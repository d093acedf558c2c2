/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Included before every source of the blob: what is declared is in the blob, so that clang too
 * reaches it relative to RIP and not through a global offset table.
 */
#pragma GCC visibility push(hidden)
