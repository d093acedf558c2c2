/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact.h"

#define BLANKS " \t\n\v\f\r"

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
	return strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
}

static void put_word(FILE *out, const char *word, size_t len)
{
	const char *name = word + (*word == '"');  /* "name=a value" may be quoted as a whole */
	size_t n = name_length(name), end = (size_t)(name + n - word);
	bool assigns = end < len && name[n] == '=';
	bool ends = end == len || (end + 1 == len && name[n] == '"');

	if (n && (assigns || ends) && is_kept(name, n))
		fwrite(word, 1, len, out);
	else if (n && assigns)
		fprintf(out, "%.*s=" REDACT_REMOVED, (int)n, name);
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

const char *redact_kept(unsigned i)
{
	return i < sizeof(kept) / sizeof(kept[0]) ? kept[i] : NULL;
}
