/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt.h"

#include <stdarg.h>

#define DEBUG_CONSOLE	0xe9
#define DEBUG_EXIT	0xf4            /* -device isa-debug-exit: QEMU exits with 2 * value + 1 */
#define BOCHS_SHUTDOWN	0x8900
#define EXIT_PASS	0x10
#define EXIT_FAIL	0x11

/* Freestanding C still wants these three. */
void *memcpy(void *to, const void *from, size_t n)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(n) : : "memory");
	return to;
}

void *memset(void *to, int c, size_t n)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(c) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

/* The debug console. */
static void put(char c)
{
	rt_outb(DEBUG_CONSOLE, (uint8_t)c);
}

static void put_text(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_number(uint64_t value, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do
		digits[n++] = "0123456789abcdef"[value % base];
	while (value /= base);
	while (n)
		put(digits[--n]);
}

static void say(const char *fmt, va_list args)
{
	for (; *fmt; fmt++) {
		bool wide = fmt[0] == '%' && fmt[1] == 'l';

		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		fmt += wide ? 2 : 1;
		if (*fmt == 's')
			put_text(va_arg(args, const char *));
		else if (*fmt == 'u' || *fmt == 'x')
			put_number(wide ? va_arg(args, uint64_t) : va_arg(args, uint32_t),
				   *fmt == 'u' ? 10 : 16);
		else if (*fmt == 'c')
			put((char)va_arg(args, int));
		else
			put(*fmt);
	}
	put('\n');
}

void rt_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

/* QEMU ends at the first of these, Bochs when it has read the word. */
static void __attribute__((noreturn)) leave(uint8_t code)
{
	static const char word[] = "Shutdown";

	for (;;) {
		rt_outb(DEBUG_EXIT, code);
		for (size_t i = 0; word[i]; i++)
			rt_outb(BOCHS_SHUTDOWN, (uint8_t)word[i]);
	}
}

void rt_pass(void)
{
	put_text("PASS\n");
	leave(EXIT_PASS);
}

void rt_fail(const char *fmt, ...)
{
	va_list args;

	put_text("FAIL: ");
	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	leave(EXIT_FAIL);
}

void rt_equal_at(const char *file, int line, const char *what, uint64_t is, uint64_t must)
{
	if (is != must)
		rt_fail("%s is 0x%lx, must be 0x%lx (%s:%u)", what, is, must, file, (uint32_t)line);
}

/* Time. */
uint32_t rt_tsc_khz;
uint64_t rt_patience_us = 20000000;

static uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* Measured against 10 ms of the PIT's channel 2, of 1193182 Hz, whose output is bit 5 of 0x61. */
static void calibrate(void)
{
	uint64_t start;

	rt_outb(0x61, (rt_inb(0x61) & ~2) | 1);
	rt_outb(0x43, 0xb0);
	rt_outb(0x42, 11932 & 0xff);
	rt_outb(0x42, 11932 >> 8);
	start = rdtsc();
	while (!(rt_inb(0x61) & 0x20))
		;
	rt_tsc_khz = (uint32_t)((rdtsc() - start) / 10);
}

uint64_t rt_now_us(void)
{
	return rdtsc() * 1000 / rt_tsc_khz;
}

void rt_delay_us(uint64_t us)
{
	uint64_t end = rt_now_us() + us;

	while (rt_now_us() < end)
		__builtin_ia32_pause();
}

/* MC146818: seconds, minutes, hours in registers 0, 2, 4, in BCD and 24 hours as firmware and QEMU
 * leave it. */
static uint32_t rtc_field(uint8_t reg)
{
	uint8_t bcd;

	rt_outb(0x70, reg);
	bcd = rt_inb(0x71);
	return bcd / 16 * 10 + bcd % 16;
}

static uint32_t rtc_read(void)
{
	return (rtc_field(4) * 60 + rtc_field(2)) * 60 + rtc_field(0);
}

/* Read twice: the fields may change between any two of them. */
uint32_t rt_clock_s(void)
{
	uint32_t now;

	rt_wait("two equal readings of the RTC", (now = rtc_read()) == rtc_read());
	return now;
}

/* Exceptions; the handlers are in boot.S. */
struct gate {
	uint16_t low, selector, type, middle;
	uint32_t high, zero;
};

struct __attribute__((packed)) idtr {
	uint16_t limit;
	void *base;
};

volatile uint32_t rt_nmi_count, rt_mce_count;

static struct gate idt[X86_EXCEPTION_VECTORS] __attribute__((aligned(16)));

void rt_on_nmi(void);
void rt_on_mc(void);
void rt_on_other(void);
void rt_unexpected(const uint64_t *stack) __attribute__((noreturn));

void rt_unexpected(const uint64_t *stack)
{
	rt_fail("unexpected exception, stack 0x%lx 0x%lx 0x%lx", stack[0], stack[1], stack[2]);
}

static void gate_set(unsigned int vector, void (*handler)(void))
{
	uint64_t at = (uint64_t)handler;

	idt[vector] = (struct gate){
		.low = (uint16_t)at, .selector = BOOT_CS, .type = 0x8e00,
		.middle = (uint16_t)(at >> 16), .high = (uint32_t)(at >> 32),
	};
}

void rt_idt_load(void)
{
	struct idtr idtr = { sizeof(idt) - 1, idt };

	__asm__ volatile("lidt %0" : : "m"(idtr));
}

static void exceptions_start(void)
{
	uint64_t cr4;

	for (unsigned int v = 0; v < X86_EXCEPTION_VECTORS; v++)
		gate_set(v, rt_on_other);
	gate_set(X86_VECTOR_NMI, rt_on_nmi);
	gate_set(X86_VECTOR_MC, rt_on_mc);
	rt_idt_load();
	rt_wrmsr(MSR_IA32_MCG_STATUS, 0);
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | X86_CR4_MCE));
}

/* Local APIC. */
bool rt_x2apic(void)
{
	return rt_rdmsr(MSR_IA32_APIC_BASE) & MSR_IA32_APIC_BASE_EXTD;
}

void rt_x2apic_enter(void)
{
	rt_wrmsr(MSR_IA32_APIC_BASE, rt_rdmsr(MSR_IA32_APIC_BASE) | MSR_IA32_APIC_BASE_EXTD);
}

static uint32_t x2apic_msr(uint32_t reg)
{
	return X2APIC_MSR_BASE + (reg >> 4);
}

uint32_t rt_apic_read(uint32_t reg)
{
	if (rt_x2apic())
		return (uint32_t)rt_rdmsr(x2apic_msr(reg));
	return *(volatile uint32_t *)rt_phys(APIC_DEFAULT_PHYS + reg);
}

void rt_apic_write(uint32_t reg, uint32_t value)
{
	if (rt_x2apic()) {
		rt_wrmsr(x2apic_msr(reg), value);
		return;
	}
	*(volatile uint32_t *)rt_phys(APIC_DEFAULT_PHYS + reg) = value;
}

void rt_ipi(uint32_t apic_id, uint32_t command)
{
	if (rt_x2apic()) {
		__asm__ volatile("mfence; lfence" : : : "memory");
		rt_wrmsr(x2apic_msr(APIC_ICR), (uint64_t)apic_id << 32 | command);
		return;
	}
	rt_apic_write(APIC_ICR2, apic_id << 24);
	rt_apic_write(APIC_ICR, command);
	rt_wait("the IPI to go", !(rt_apic_read(APIC_ICR) & APIC_ICR_BUSY));
}

void rt_start_others(uint64_t page)
{
	uint32_t sipi = APIC_ICR_ASSERT | APIC_ICR_SIPI | (uint32_t)(page >> 12);

	rt_ipi(0, RT_OTHERS | APIC_ICR_ASSERT | APIC_ICR_INIT);
	rt_delay_us(10000);
	rt_ipi(0, RT_OTHERS | sipi);
	rt_delay_us(200);
	rt_ipi(0, RT_OTHERS | sipi);
}

/* The command line: PVH puts its physical address at byte 24 of hvm_start_info. */
static char cmdline[256];

/* What comes behind the prefix in @s; NULL if @s has another beginning. */
static const char *behind(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return NULL;
	return s;
}

static uint64_t parse_number(const char *s)
{
	unsigned int base = behind(s, "0x") ? 16 : 10;
	uint64_t value = 0;

	for (s += base == 16 ? 2 : 0;; s++) {
		unsigned int digit = *s <= '9' ? *s - '0' : (*s | 0x20) - 'a' + 10;

		if (digit >= base)
			return value;
		value = value * base + digit;
	}
}

uint64_t rt_option(const char *key, uint64_t otherwise)
{
	const char *word = cmdline, *equals;

	for (;;) {
		while (*word && *word != ' ')
			word++;
		if (!*word++)
			return otherwise;
		equals = behind(word, key);
		if (equals && *equals == '=')
			return parse_number(equals + 1);
	}
}

static void cmdline_read(const uint8_t *start_info)
{
	const char *from = rt_phys(*(const uint64_t *)(start_info + 24));

	for (size_t i = 0; from && from[i] && i < sizeof(cmdline) - 1; i++)
		cmdline[i] = from[i];
}

static bool is_named(const char *name)
{
	size_t n = 0;

	while (name[n] && name[n] == cmdline[n])
		n++;
	return !name[n] && (!cmdline[n] || cmdline[n] == ' ');
}

void rt_start(const uint8_t *start_info);
void rt_start(const uint8_t *start_info)
{
	cmdline_read(start_info);
	calibrate();
	exceptions_start();
	rt_apic_write(APIC_SVR, 0x1ff);
	for (const struct rt_test *t = rt_tests; t->name; t++)
		if (is_named(t->name)) {
			t->run();
			rt_pass();
		}
	rt_fail("no test is named \"%s\"", cmdline);
}
