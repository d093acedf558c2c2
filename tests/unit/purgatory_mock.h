/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine for the purgatory's C: its ports, MSRs, local APIC, clock and physical memory, and
 * other CPUs that obey INIT and SIPI. Everything that the purgatory did to it is in a log.
 */
#ifndef PURGATORY_MOCK_H
#define PURGATORY_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "park_page.h"

#define MOCK_MAX_EVENTS		65536
#define MOCK_MAX_CPUS		8192
#define MOCK_PAGE		0x10000ull
#define MOCK_VGA_CELLS		(80 * 25)

enum mock_kind {
	MOCK_OUT,
	MOCK_WRMSR,
	MOCK_MMIO,
	MOCK_FENCE,
	MOCK_CR,
};

struct mock_event {
	enum mock_kind kind;
	uint64_t at, value;        /* port, MSR, physical address, CRn; what was written */
	uint64_t tsc;
};

enum mock_cpu_state {
	MOCK_CPU_OLD_KERNEL = 0,
	MOCK_CPU_WAITS_FOR_SIPI,
	MOCK_CPU_PARKED,
};

struct mock {
	struct mock_event events[MOCK_MAX_EVENTS];
	size_t n_events;
	uint64_t tsc;
	uint64_t tsc_step;         /* by which one poll moves the clock; 0: it stands still */
	uint64_t cr0, cr4;
	uint32_t cpuid_max, leaf1_ecx, leaf7_ebx;
	bool leaf7_asked;
	uint32_t vendor_ebx, leaf1_edx, perfmon_eax;
	uint32_t extended_max, extended_ecx, perfmon2_eax;
	bool no_msrs;              /* wrmsr_safe() finds none */
	uint64_t mcg_cap, mcg_status;
	uint64_t banks[32][2];     /* MCi_STATUS, MCi_ADDR */
	uint32_t guarded_calls;    /* so far */
	uint32_t poisoned_call;    /* which of them a machine check ends, from 1; 0: none */
	uint64_t apic_base;        /* MSR 0x1b */
	uint32_t apic_id;          /* of the running CPU */
	uint32_t maxlvt;
	uint32_t lvt[96];          /* by register offset >> 4 */
	bool extended_apic;        /* AMD's: the version register says so */
	bool icr_stuck;
	uint8_t lsr;               /* of the UART */
	uint64_t uart_phys;        /* where there is one in memory; 0: none */
	unsigned int uart_shift;
	uint8_t uart_lcr;
	uint16_t bmc_port;         /* 0: none; the command register is 4 above it */
	bool bmc_stuck, bmc_endless; /* takes no byte; answers without end */
	uint8_t bmc_state, bmc_in[64], bmc_out[64], bmc_completion;
	size_t bmc_n_in, bmc_n_out, bmc_read, bmc_requests;
	bool bmc_obf, bmc_last;
	uint8_t crtc[256], crtc_index;
	uint16_t vga[MOCK_VGA_CELLS];
	char serial[16384];        /* what went to the transmit register, DLAB off */
	size_t serial_bytes;
	uint32_t cpus[MOCK_MAX_CPUS]; /* APIC IDs of the others, the BSP among them if it is one */
	enum mock_cpu_state states[MOCK_MAX_CPUS];
	size_t n_cpus;
	uint32_t bsp_id;           /* INIT to it sets bsp_was_reset */
	bool bsp_was_reset;
	bool page_changed_before_init;
	_Alignas(PARK_PAGE_SIZE) uint8_t page[PARK_PAGE_SIZE], image[PARK_PAGE_SIZE];
	uint8_t page_before[PARK_PAGE_SIZE];
};

extern struct mock mock;

/* A machine in xAPIC mode, its BSP running, its clock at 1 GHz, no other CPU. */
void mock_reset(void);
void mock_add_cpu(uint32_t id);

#endif
