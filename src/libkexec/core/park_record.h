/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file park_record.h
 * The flight record that the last hand-over left in the park page, and the counts that parked
 * CPUs keep in it. All of it may have been written by anybody: every field is bounded.
 */
#ifndef KP_PARK_RECORD_H
#define KP_PARK_RECORD_H

#include "kexec_types.h"

struct kp_machine;

/**
 * Decode the mutable part of the 4096 @p bytes of a page of this version. What makes no sense is
 * brought to the nearest that does: an unknown mode is hlt; a phase that was never reached, or
 * ended before the entry, has the time 0; what the log has that is neither printable
 * nor a line's end is '?'. Fills all of @p status but found and address.
 */
void kp_park_record_decode(const uint8_t *bytes, struct kp_park_status *status);

/**
 * Read the flight record out of @p machine's park page.
 * @return 0, also when there is none; -1 when memory below 1 MiB cannot be read.
 */
int kp_park_status_read(const struct kp_machine *machine, struct kp_park_status *status,
			struct kp_error *err);

#endif
