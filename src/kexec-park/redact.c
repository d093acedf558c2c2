/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact.h"

/* What lib/ctype.c of Linux calls a blank: 0xa0, a blank in Latin-1, is one too. */
#define BLANKS " \t\n\v\f\r\xa0"

#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Addresses, sizes, lists and devices are written in these: no '=', no quote, no escape. */
#define OF_VALUES LETTERS_AND_DIGITS "_-.,:;/@+!#$%()"

/* Addresses, sizes, counts, devices that are consoles, and switches: nothing that lets one in. */
static const char *const kept[] = {
	"BOOT_IMAGE", "acpi", "acpi_rsdp", "amd_iommu", "apic", "cgroup_disable", "clocksource",
	"console", "crash_kexec_post_notifiers", "crashkernel", "debug", "disable_cpu_apicid",
	"earlycon", "earlyprintk", "edd", "efi", "elfcorehdr", "hpet", "hugepages", "hugepagesz",
	"idle", "intel_idle.max_cstate", "intel_iommu", "iommu", "irqpoll", "isolcpus", "lockdown",
	"maxcpus", "mce", "mem", "mem_encrypt", "memmap", "mitigations", "movable_node",
	"nmi_watchdog", "no5lvl", "noapic", "noefi", "nohz_full", "nokaslr", "nolapic",
	"nomodeset", "nosmp", "nosmt", "nox2apic", "nr_cpus", "numa", "oops", "panic", "pci",
	"possible_cpus", "processor.max_cstate", "pti", "quiet", "reboot", "reset_devices", "ro",
	"rw", "swiotlb", "transparent_hugepage", "tsc", "udev.children-max", "vga", "x2apic_phys",
};

/* The end of the word at @word: a blank outside of double quotes, or the line's end. */
static const char *word_end(const char *word)
{
	bool quoted = false;

	for (; *word && (quoted || !strchr(BLANKS, *word)); word++)
		if (*word == '"')
			quoted = !quoted;
	return word;
}

static char folded(char c)
{
	return c == '-' ? '_' : c;
}

static bool is_name(const char *name, size_t n, const char *other)
{
	for (size_t i = 0; i < n; i++)
		if (folded(name[i]) != folded(other[i]))
			return false;
	return other[n] == '\0';
}

static bool is_kept(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (is_name(name, n, kept[i]))
			return true;
	return false;
}

/* What can be a parameter's name: anything else before '=' may be part of something secret. */
static size_t name_length(const char *word)
{
	return strspn(word, LETTERS_AND_DIGITS "_.-");
}

/* A path that a boot loader wrote: its folders name disks, hosts and snapshots. */
static const char *last_component(const char *value, size_t n)
{
	const char *slash = memrchr(value, '/', n);

	return slash ? slash + 1 : value;
}

/* @value is of a name that is kept, and @n bytes long. */
static void put_value(FILE *out, const char *name, size_t name_len, const char *value, size_t n)
{
	const char *end = value + n;
	bool plain = strspn(value, OF_VALUES) >= n;

	if (is_name(name, name_len, "BOOT_IMAGE"))
		value = last_component(value, n);
	if (plain && value < end)
		fwrite(value, 1, (size_t)(end - value), out);
	else
		fputs(REDACT_REMOVED, out);
}

/* Base64 ends in one or two '=': what looks like a name without a value may be a secret whole. */
static bool is_padding(const char *value, const char *end)
{
	return value == end || *value == '=';
}

static void put_assignment(FILE *out, const char *name, size_t n, const char *end)
{
	const char *value = name + n + 1;
	bool known = is_kept(name, n);

	if (known || !is_padding(value, end))
		fprintf(out, "%.*s=", (int)n, name);
	if (known)
		put_value(out, name, n, value, (size_t)(end - value));
	else
		fputs(REDACT_REMOVED, out);
}

static void put_word(FILE *out, const char *word, size_t len)
{
	size_t quote = *word == '"';               /* "name=a value" may be quoted as a whole */
	const char *name = word + quote, *end = word + len;
	size_t n = name_length(name);

	if (n && name + n < end && name[n] == '=')
		put_assignment(out, name, n, end);
	else if (!quote && n == len && is_kept(name, n))
		fwrite(word, 1, len, out);
	else
		fputs(REDACT_REMOVED, out);
}

static void put_line(FILE *out, const char *line)
{
	const char *between = "";

	for (const char *end; *(line += strspn(line, BLANKS)); line = end) {
		size_t len = (size_t)((end = word_end(line)) - line);

		fputs(between, out);
		between = " ";
		if (len == 2 && memcmp(line, "--", 2) == 0) {
			fputs(*end ? "-- " REDACT_REMOVED : "--", out);
			return;
		}
		put_word(out, line, len);
	}
}

char *redact_cmdline(const char *line)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	put_line(out, line);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Names of arch/x86/kernel/cpu/proc.c, show_cpuinfo(). */
bool redact_keeps_of_cpuinfo(const char *line)
{
	static const char *const names[] = {
		"processor", "vendor_id", "cpu family", "model", "model name", "stepping",
		"microcode", "physical id", "siblings", "core id", "cpu cores", "apicid",
		"initial apicid", "cpuid level", "flags", "vmx flags", "bugs", "address sizes",
	};
	size_t n = strcspn(line, ":");

	if (line[n] != ':')
		return strspn(line, " \t\n") == strlen(line);
	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && strncmp(line, names[i], n) == 0)
			return true;
	return false;
}

/* FNM_PATHNAME: a '*' is one component. */
bool redact_keeps_file(const char *path)
{
	static const char *const files[] = {
		"dev/mem.d/*", "kexec-park/facts", "proc/cmdline", "proc/cpuinfo", "proc/iomem",
		"proc/sys/kernel/osrelease", "sys/devices/system/cpu/*",
		"sys/devices/system/cpu/*/crash_notes*", "sys/devices/system/memory/*",
		"sys/firmware/acpi/tables/APIC", "sys/firmware/edd/*/extensions",
		"sys/firmware/edd/*/legacy_*", "sys/firmware/edd/*/version",
		"sys/firmware/efi/*", "sys/firmware/efi/runtime-map/*/*",
		"sys/firmware/memmap/*/*", "sys/kernel/boot_params/data",
		"sys/kernel/crash_elfcorehdr_size", "sys/kernel/kexec/*", "sys/kernel/kexec_*",
		"sys/kernel/vmcoreinfo",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (fnmatch(files[i], path, FNM_PATHNAME | FNM_PERIOD) == 0)
			return true;
	return false;
}

const char *redact_kept(unsigned i)
{
	return i < sizeof(kept) / sizeof(kept[0]) ? kept[i] : NULL;
}
