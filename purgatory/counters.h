/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PURGATORY_COUNTERS_H
#define PURGATORY_COUNTERS_H

/*
 * Stops what the old kernel left running of performance counters, sampling (PEBS, IBS) and branch
 * records: their overflow raises NMIs, and PEBS and BTS write to addresses of the old kernel.
 * A register that the CPU, or its hypervisor, lacks is no error. Needs the IDT.
 */
void counters_stop(void);

#endif
