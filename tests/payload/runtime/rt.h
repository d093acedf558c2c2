/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runtime of the test kernels: just enough to run a shipped blob on a bare machine and to say
 * what became of it. One binary holds several tests; the first word of its command line picks
 * one, "key=value" words after it are read by rt_option().
 *
 * What a test prints goes to QEMU's debug console (port 0xe9), line by line. Lines that begin with
 * '@' ask the driver, tests/payload/run, for something: see the table there. The serial port is
 * left to the code under test.
 *
 * State when a test begins: long mode, CPL 0, 0-4 GiB mapped one to one (local APIC uncached), IF
 * clear, CR4.MCE set, the runtime's IDT live: NMI and #MC are counted, any other vector fails the
 * test. The local APIC is on. All memory below 640 KiB is free, none of it is used by the runtime.
 */
#ifndef RT_H
#define RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A test returns when it has passed. */
struct rt_test {
	const char *name;
	void (*run)(void);
};

/* Each binary defines these. The last has a NULL name. */
extern const struct rt_test rt_tests[];

/* Value of "key=" on the command line (decimal or 0x...), or otherwise. */
uint64_t rt_option(const char *key, uint64_t otherwise);

/* One line. Knows %s, %c, %u, %x, each with an l for 64 bits (%lu), and %%. */
void rt_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void rt_pass(void) __attribute__((noreturn));
void rt_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Fails the test, with file, line, both values, unless they are equal. */
#define rt_equal(what, is, must) rt_equal_at(__FILE__, __LINE__, what, is, must)
void rt_equal_at(const char *file, int line, const char *what, uint64_t is, uint64_t must);

/* Waits until the condition holds; after rt_patience_us the test fails, saying for what. */
#define rt_wait(what, condition)                                                           \
	do {                                                                               \
		uint64_t end_ = rt_now_us() + rt_patience_us;                                   \
		while (!(condition)) {                                                     \
			if (rt_now_us() > end_)                                            \
				rt_fail("waited in vain for %s (%s:%u)", what, __FILE__,   \
					__LINE__);                                         \
			__builtin_ia32_pause();                                            \
		}                                                                          \
	} while (0)

extern uint64_t rt_patience_us;         /* 20 s unless a test wants less */
uint64_t rt_now_us(void);
void rt_delay_us(uint64_t us);
extern uint32_t rt_tsc_khz;
/* Seconds of the day by the RTC. The TSC is measured in 10 ms, which a busy host makes uncertain
 * by a factor: too much for a test that is to last an hour. */
uint32_t rt_clock_s(void);
#define RT_DAY_S	86400

/* Exceptions that the boot CPU took under the runtime's IDT. */
extern volatile uint32_t rt_nmi_count, rt_mce_count;
/* Load the runtime's IDT, for a test that has had another. */
void rt_idt_load(void);

/* The local APIC of the CPU that calls. All CPUs are in xAPIC mode until each enters the other. */
#include "x86.h"
bool rt_x2apic(void);
void rt_x2apic_enter(void);
uint32_t rt_apic_read(uint32_t reg);
void rt_apic_write(uint32_t reg, uint32_t value);
/* Send an IPI and wait until it has gone. command is without the destination shorthand's ID. */
void rt_ipi(uint32_t apic_id, uint32_t command);
#define RT_OTHERS APIC_ICR_ALL_BUT_SELF
/* INIT, 10 ms, SIPI, 200 us, SIPI to all the others, with the start page @page (< 1 MiB). */
void rt_start_others(uint64_t page);

static inline void rt_outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t rt_inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t rt_rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void rt_wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

/* Memory by its physical address; the compiler is not to know better about low addresses. */
static inline void *rt_phys(uint64_t phys)
{
	__asm__("" : "+r"(phys));
	return (void *)phys;
}

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
