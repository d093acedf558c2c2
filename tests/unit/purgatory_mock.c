/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "purgatory_mock.h"

#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "delay.h"
#include "record.h"
#include "traps.h"
#include "x86.h"

struct mock mock;
volatile uint32_t nmi_count, mce_count;

void mock_reset(void)
{
	memset(&mock, 0, sizeof(mock));
	memset(&record, 0, sizeof(record));
	record_attach(0, 0);
	nmi_count = 0;
	mce_count = 0;
	mock.tsc_step = 1000;
	mock.apic_base = APIC_DEFAULT_PHYS | MSR_IA32_APIC_BASE_ENABLE | MSR_IA32_APIC_BASE_BSP;
	mock.maxlvt = 6;
	mock.lsr = 0x60;
	mock.bsp_id = PARK_ID_NONE;
	delay_init(1000000);
}

void mock_add_cpu(uint32_t id)
{
	mock.cpus[mock.n_cpus++] = id;
}

static void log_event(enum mock_kind kind, uint64_t at, uint64_t value)
{
	if (mock.n_events == MOCK_MAX_EVENTS)
		abort();
	mock.events[mock.n_events++] = (struct mock_event){ kind, at, value, mock.tsc };
}

static void cpu_arrives(uint32_t id)
{
	struct park_live *live = (void *)(mock.page + PARK_IMMUTABLE_BYTES);

	live->arrived++;
	if (id < PARK_BITMAP_IDS)
		live->bitmap[id / 32] |= 1u << (id % 32);
}

static void cpu_receives(size_t cpu, uint32_t command)
{
	uint32_t kind = command & 0x700;

	if (kind == APIC_ICR_INIT) {
		mock.states[cpu] = MOCK_CPU_WAITS_FOR_SIPI;
		if (mock.cpus[cpu] == mock.bsp_id)
			mock.bsp_was_reset = true;
		if (memcmp(mock.page, mock.page_before, PARK_IMMUTABLE_BYTES))
			mock.page_changed_before_init = true;
		return;
	}
	if (kind != APIC_ICR_SIPI || mock.states[cpu] != MOCK_CPU_WAITS_FOR_SIPI)
		return;
	if ((command & 0xff) != MOCK_PAGE / PARK_PAGE_SIZE)
		abort();
	mock.states[cpu] = MOCK_CPU_PARKED;
	cpu_arrives(mock.cpus[cpu]);
}

static void icr_written(uint32_t dest, uint32_t command)
{
	bool all = (command & APIC_ICR_ALL_BUT_SELF) == APIC_ICR_ALL_BUT_SELF;

	for (size_t i = 0; i < mock.n_cpus; i++)
		if (all || mock.cpus[i] == dest)
			cpu_receives(i, command);
}

static uint32_t apic_register(uint32_t reg)
{
	if (reg == APIC_LVR)
		return mock.maxlvt << APIC_LVR_MAXLVT_SHIFT | 0x14 |
		       (mock.extended_apic ? APIC_LVR_EXTENDED : 0);
	return mock.lvt[reg >> 4];
}

uint64_t rdmsr(uint32_t msr)
{
	if (msr == MSR_IA32_APIC_BASE)
		return mock.apic_base;
	if (msr == X2APIC_MSR_BASE + (APIC_ID >> 4))
		return mock.apic_id;
	if (msr == MSR_IA32_MCG_CAP)
		return mock.mcg_cap;
	if (msr == MSR_IA32_MCG_STATUS)
		return mock.mcg_status;
	if (msr >= 0x400 && msr < 0x480 && (msr % 4 == 1 || msr % 4 == 2))
		return mock.banks[(msr - 0x400) / 4][msr % 4 - 1];
	return apic_register((msr - X2APIC_MSR_BASE) << 4);
}

void wrmsr(uint32_t msr, uint64_t value)
{
	uint32_t reg = msr - X2APIC_MSR_BASE;

	log_event(MOCK_WRMSR, msr, value);
	if (msr == MSR_IA32_MCG_STATUS) {
		mock.mcg_status = value;
		return;
	}
	if (reg >= sizeof(mock.lvt) / sizeof(mock.lvt[0]))
		abort();
	mock.lvt[reg] = (uint32_t)value;
	if (reg == APIC_ICR >> 4)
		icr_written((uint32_t)(value >> 32), (uint32_t)value);
}

static void transmit(uint8_t value)
{
	if (mock.serial_bytes == sizeof(mock.serial) - 1)
		abort();
	mock.serial[mock.serial_bytes++] = (char)value;
}

static bool is_uart(uint64_t phys)
{
	return mock.uart_phys && phys >= mock.uart_phys &&
	       phys < mock.uart_phys + (8ull << mock.uart_shift);
}

static uint8_t uart_read(uint64_t phys)
{
	return phys == mock.uart_phys + (5ull << mock.uart_shift) ? mock.lsr : 0;
}

static void uart_write(uint64_t phys, uint8_t value)
{
	if (phys == mock.uart_phys && !(mock.uart_lcr & 0x80)) {
		transmit(value);
		return;
	}
	log_event(MOCK_MMIO, phys, value);
	if (phys == mock.uart_phys + (3ull << mock.uart_shift))
		mock.uart_lcr = value;
}

/* A register is reached by accesses of its own size only. */
uint8_t mmio_read8(uint64_t phys)
{
	if (!is_uart(phys) || mock.uart_shift)
		abort();
	return uart_read(phys);
}

void mmio_write8(uint64_t phys, uint8_t value)
{
	if (!is_uart(phys) || mock.uart_shift)
		abort();
	uart_write(phys, value);
}

/* What is called is not run when a machine check ends it. */
bool guarded(void (*fn)(void *arg), void *arg)
{
	if (++mock.guarded_calls == mock.poisoned_call)
		return false;
	fn(arg);
	return true;
}

bool wrmsr_safe(uint32_t msr, uint64_t value)
{
	log_event(MOCK_WRMSR, msr, value);
	return !mock.no_msrs;
}

uint32_t mmio_read32(uint64_t phys)
{
	uint32_t reg = (uint32_t)(phys - APIC_DEFAULT_PHYS);

	if (is_uart(phys) && mock.uart_shift == 2)
		return 0xabcdef00 | uart_read(phys);
	if (reg == APIC_ID)
		return mock.apic_id << 24;
	if (reg == APIC_ICR)
		return mock.icr_stuck ? APIC_ICR_BUSY : 0;
	return apic_register(reg);
}

void mmio_write32(uint64_t phys, uint32_t value)
{
	uint32_t reg = (uint32_t)(phys - APIC_DEFAULT_PHYS);

	if (is_uart(phys) && mock.uart_shift == 2) {
		uart_write(phys, (uint8_t)value);
		return;
	}
	log_event(MOCK_MMIO, phys, value);
	if (reg >= 16 * sizeof(mock.lvt) / sizeof(mock.lvt[0]))
		abort();
	mock.lvt[reg >> 4] = value;
	if (reg == APIC_ICR)
		icr_written(mock.lvt[APIC_ICR2 >> 4] >> 24, value);
}

struct cpuid cpuid(uint32_t leaf)
{
	if (leaf == 0)
		return (struct cpuid){ .eax = mock.cpuid_max, .ebx = mock.vendor_ebx };
	if (leaf == 1)
		return (struct cpuid){ .ebx = mock.apic_id << 24, .ecx = mock.leaf1_ecx,
				       .edx = mock.leaf1_edx };
	if (leaf == X86_CPUID_PERFMON)
		return (struct cpuid){ .eax = mock.perfmon_eax };
	if (leaf == X86_CPUID_EXTENDED)
		return (struct cpuid){ .eax = mock.extended_max };
	if (leaf == X86_CPUID_EXTENDED_FEATURES)
		return (struct cpuid){ .ecx = mock.extended_ecx };
	if (leaf == X86_CPUID_AMD_PERFMON2)
		return (struct cpuid){ .eax = mock.perfmon2_eax };
	mock.leaf7_asked = true;
	return (struct cpuid){ .ebx = mock.leaf7_ebx };
}

uint64_t read_cr0(void)
{
	return mock.cr0;
}

void write_cr0(uint64_t value)
{
	log_event(MOCK_CR, 0, value);
	mock.cr0 = value;
}

uint64_t read_cr4(void)
{
	return mock.cr4;
}

void write_cr4(uint64_t value)
{
	log_event(MOCK_CR, 4, value);
	mock.cr4 = value;
}

uint64_t rdtsc(void)
{
	return mock.tsc;
}

void cpu_relax(void)
{
	mock.tsc += mock.tsc_step;
}

void fence_before_msr(void)
{
	log_event(MOCK_FENCE, 0, 0);
}

/* Physical memory is the test's own but for what the purgatory knows by address. */
void *phys_ptr(uint64_t phys)
{
	if (phys >= MOCK_PAGE && phys < MOCK_PAGE + PARK_PAGE_SIZE)
		return mock.page + (phys - MOCK_PAGE);
	if (phys == 0xb8000)
		return mock.vga;
	return (void *)(uintptr_t)phys;
}

/* A BMC as IPMI 2.0 figures 9-6 and 9-7 have it; states as its status register shows them. */
enum { BMC_IDLE = 0x00, BMC_READ = 0x40, BMC_WRITE = 0x80, BMC_ERROR = 0xc0 };

static void bmc_answers(void)
{
	mock.bmc_requests++;
	mock.bmc_out[0] = mock.bmc_in[0] | 4;
	mock.bmc_out[1] = mock.bmc_in[1];
	mock.bmc_out[2] = mock.bmc_completion;
	mock.bmc_out[3] = (uint8_t)(0x33 + mock.bmc_requests); /* of the record's ID, 0x0234 and on */
	mock.bmc_out[4] = 0x02;
	mock.bmc_n_out = 5;
	mock.bmc_read = 0;
	mock.bmc_state = BMC_READ;
	mock.bmc_obf = true;
}

static void bmc_command(uint8_t value)
{
	mock.bmc_obf = true;            /* software has to clear it, whatever it holds */
	if (value == 0x61) {
		mock.bmc_state = BMC_WRITE;
		mock.bmc_n_in = 0;
		mock.bmc_last = false;
	} else if (value == 0x62 && mock.bmc_state == BMC_WRITE) {
		mock.bmc_last = true;
	} else {
		mock.bmc_state = BMC_ERROR;
	}
}

static void bmc_data(uint8_t value)
{
	if (mock.bmc_state == BMC_WRITE && !mock.bmc_obf && mock.bmc_n_in < sizeof(mock.bmc_in)) {
		mock.bmc_in[mock.bmc_n_in++] = value;
		mock.bmc_obf = true;
		if (mock.bmc_last)
			bmc_answers();
	} else if (mock.bmc_state == BMC_READ && !mock.bmc_obf && value == 0x68) {
		if (++mock.bmc_read == mock.bmc_n_out && !mock.bmc_endless)
			mock.bmc_state = BMC_IDLE;
		mock.bmc_obf = true;
	} else {
		mock.bmc_state = BMC_ERROR;
	}
}

static uint8_t bmc_in(uint16_t port)
{
	if (port != mock.bmc_port)
		return mock.bmc_state | mock.bmc_obf | (mock.bmc_stuck ? 2 : 0);
	mock.bmc_obf = false;
	return mock.bmc_out[mock.bmc_read % sizeof(mock.bmc_out)];
}

static bool is_bmc(uint16_t port)
{
	return mock.bmc_port && (port == mock.bmc_port || port == mock.bmc_port + 4);
}

uint8_t inb(uint16_t port)
{
	if (is_bmc(port))
		return bmc_in(port);
	if (port == 0x3f8 + 5)
		return mock.lsr;
	if (port == 0x3d5)
		return mock.crtc[mock.crtc_index];
	return 0xff;
}

static bool dlab_is_set(void)
{
	for (size_t i = mock.n_events; i-- > 0;)
		if (mock.events[i].kind == MOCK_OUT && mock.events[i].at == 0x3f8 + 3)
			return mock.events[i].value & 0x80;
	return false;
}

void outb(uint16_t port, uint8_t value)
{
	if (is_bmc(port)) {
		(port == mock.bmc_port ? bmc_data : bmc_command)(value);
		return;
	}
	if (port == 0x3f8 && !dlab_is_set()) {
		transmit(value);
		return;
	}
	log_event(MOCK_OUT, port, value);
	if (port == 0x3d4)
		mock.crtc_index = value;
	if (port == 0x3d5)
		mock.crtc[mock.crtc_index] = value;
}
