/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Everything by which the purgatory touches the machine: ports, MSRs, CPUID, the time stamp
 * counter, memory-mapped registers and physical memory. The unit tests compile the purgatory
 * for the host with PURGATORY_MOCK and bring their own versions of these functions.
 */
#ifndef PURGATORY_CPU_H
#define PURGATORY_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPU_NORETURN __attribute__((noreturn))

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

#ifdef PURGATORY_MOCK

uint8_t inb(uint16_t port);
void outb(uint16_t port, uint8_t value);
uint64_t rdmsr(uint32_t msr);
void wrmsr(uint32_t msr, uint64_t value);
bool wrmsr_safe(uint32_t msr, uint64_t value);
struct cpuid cpuid(uint32_t leaf);
uint64_t rdtsc(void);
uint8_t mmio_read8(uint64_t phys);
void mmio_write8(uint64_t phys, uint8_t value);
uint32_t mmio_read32(uint64_t phys);
void mmio_write32(uint64_t phys, uint32_t value);
void *phys_ptr(uint64_t phys);
void fence_before_msr(void);
void cpu_relax(void);
uint64_t read_cr0(void);
void write_cr0(uint64_t value);
uint64_t read_cr4(void);
void write_cr4(uint64_t value);

#else

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline void outb(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory");
}

/* False: the CPU has no such register (traps.S). Needs the IDT. */
bool wrmsr_safe(uint32_t msr, uint64_t value);

static inline struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid c;

	asm volatile("cpuid" : "=a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx)
		     : "a"(leaf), "c"(0));
	return c;
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Physical memory is mapped one to one. */
static inline void *phys_ptr(uint64_t phys)
{
	return (void *)(uintptr_t)phys;
}

static inline uint8_t mmio_read8(uint64_t phys)
{
	return *(volatile uint8_t *)phys_ptr(phys);
}

static inline void mmio_write8(uint64_t phys, uint8_t value)
{
	asm volatile("" : : : "memory");
	*(volatile uint8_t *)phys_ptr(phys) = value;
}

static inline uint32_t mmio_read32(uint64_t phys)
{
	return *(volatile uint32_t *)phys_ptr(phys);
}

static inline void mmio_write32(uint64_t phys, uint32_t value)
{
	asm volatile("" : : : "memory");
	*(volatile uint32_t *)phys_ptr(phys) = value;
}

/* WRMSR to an x2APIC register is not ordered after earlier stores: SDM 11.12.3. */
static inline void fence_before_msr(void)
{
	asm volatile("mfence; lfence" : : : "memory");
}

static inline void cpu_relax(void)
{
	asm volatile("pause" : : : "memory");
}

static inline uint64_t read_cr0(void)
{
	uint64_t value;

	asm volatile("mov %%cr0, %0" : "=r"(value));
	return value;
}

static inline void write_cr0(uint64_t value)
{
	asm volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint64_t read_cr2(void)
{
	uint64_t value;

	asm volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

static inline uint64_t read_cr3(void)
{
	uint64_t value;

	asm volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}

static inline void write_cr3(uint64_t value)
{
	asm volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint64_t read_cr4(void)
{
	uint64_t value;

	asm volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

static inline void write_cr4(uint64_t value)
{
	asm volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

#endif
#endif
