/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file tsc.h
 * How fast the time stamp counter runs: the unit of the purgatory's bounded waits.
 */
#ifndef KP_TSC_H
#define KP_TSC_H

#include <stdint.h>

/** kHz; 0 when CPUID does not tell and measurements do not agree. */
uint32_t kp_tsc_khz(void);

#endif
