/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grades.h"

#include <string.h>

#define NO_SCREEN "the next kernel is not told of the screen, EFI and tboot"
#define NO_EFI "EFI runtime services are not passed on"
#define NO_EDD "the next kernel is not told which BIOS disk is which"
#define NO_REGISTERS "a dump lacks the registers of a CPU"
#define NO_XEN "a domain of Xen that cannot load may not be recognised"
#define NO_HUB "a machine with UV hubs may not be recognised"
#define NO_HANDOVER "what the running kernel preserves may be lost, and nothing says so"

static const struct kp_fact table[] = {
	{ "proc/iomem", "System RAM", KP_GRADE_LOAD, true, "where RAM is", "" },
	{ "proc/iomem", "Crash kernel", KP_GRADE_CRASH, true,
	  "where a crash kernel can be loaded", "" },
	{ "proc/cpuinfo", NULL, KP_GRADE_PARK, true,
	  "which CPUs run; whether INIT and SIPI reach them (TDX, SEV)", "" },
	{ "sys/firmware/acpi/tables/APIC", NULL, KP_GRADE_PARK, false,
	  "which CPUs there are (MADT)", "" },
	{ "sys/firmware/acpi/tables/APIC1", NULL, KP_GRADE_PARK, false,
	  "the first MADT of several", "" },
	{ "dev/mem", NULL, KP_GRADE_PARK, false, "the park page in use; the flight record", "" },
	{ "dev/mem.d/*", NULL, KP_GRADE_PARK, false, "the same, in a captured machine", "" },
	{ "dev/cpu/*/msr", NULL, KP_GRADE_OPTIONAL, false, "which CPU is the BSP",
	  "CPUs are parked only if the hand-over runs on the BSP" },
	{ "sys/firmware/memmap/*/*", NULL, KP_GRADE_OPTIONAL, false,
	  "the memory map of the next kernel", "the memory map is made from /proc/iomem" },
	{ "proc/meminfo", NULL, KP_GRADE_OPTIONAL, false, "whether a load is above half of RAM",
	  "the size of RAM is counted in /proc/iomem" },
	{ "proc/cmdline", NULL, KP_GRADE_OPTIONAL, true, "--reuse-cmdline, which needs it; warnings",
	  "what the running kernel was told is unknown" },
	{ "proc/sys/kernel/osrelease", NULL, KP_GRADE_OPTIONAL, true, "reports",
	  "the version of the running kernel is unknown" },
	{ "proc/kcore", NULL, KP_GRADE_OPTIONAL, false, "virtual addresses in a dump; LA57",
	  "a dump may lack virtual addresses" },
	{ "proc/kallsyms", NULL, KP_GRADE_OPTIONAL, false, "the same, where kcore does not tell",
	  "a dump may not say where the kernel's text is" },
	{ "sys/kernel/vmcoreinfo", NULL, KP_GRADE_OPTIONAL, false, "the dump's vmcoreinfo",
	  "a dump lacks vmcoreinfo" },
	{ "sys/devices/system/cpu/possible", NULL, KP_GRADE_OPTIONAL, false,
	  "which CPUs may have crash notes", "a dump lacks the registers of all CPUs" },
	{ "sys/devices/system/cpu/cpu*/crash_notes", NULL, KP_GRADE_OPTIONAL, false,
	  "where a CPU's registers are saved in a crash", NO_REGISTERS },
	{ "sys/devices/system/cpu/cpu*/crash_notes_size", NULL, KP_GRADE_OPTIONAL, false,
	  "the same: how long", NO_REGISTERS },
	{ "sys/devices/system/cpu/crash_hotplug", NULL, KP_GRADE_OPTIONAL, false,
	  "captures", "no load uses it" },
	{ "sys/devices/system/memory/crash_hotplug", NULL, KP_GRADE_OPTIONAL, false,
	  "captures", "no load uses it" },
	{ "sys/kernel/kexec/crash_size", NULL, KP_GRADE_OPTIONAL, false,
	  "captures", "no load uses it" },
	{ "sys/kernel/kexec_crash_size", NULL, KP_GRADE_OPTIONAL, false,
	  "the same before Linux 6.19", "no load uses it" },
	{ "sys/kernel/kexec/crash_elfcorehdr_size", NULL, KP_GRADE_OPTIONAL, false,
	  "--hotplug", "the kernel cannot be asked to rewrite the elfcorehdr" },
	{ "sys/kernel/crash_elfcorehdr_size", NULL, KP_GRADE_OPTIONAL, false,
	  "the same before Linux 6.19", "the kernel cannot be asked to rewrite the elfcorehdr" },
	{ "sys/kernel/kexec/crash_cma_ranges", NULL, KP_GRADE_OPTIONAL, false,
	  "crashkernel=SIZE,cma", "a crash kernel is not given that memory" },
	{ "sys/kernel/kexec_crash_cma_ranges", NULL, KP_GRADE_OPTIONAL, false,
	  "the same by its older name", "a crash kernel is not given that memory" },
	{ "sys/kernel/config/crash_dm_crypt_keys/count", NULL, KP_GRADE_OPTIONAL, false,
	  "a warning: only kexec_file_load(2) passes keys on",
	  "whether there are keys for a crash kernel is unknown" },
	{ "sys/kernel/debug/kho/out/scratch_phys", NULL, KP_GRADE_OPTIONAL, false,
	  "a warning: only kexec_file_load(2) passes a kexec handover on", NO_HANDOVER },
	{ "sys/kernel/debug/kho/out/finalize", NULL, KP_GRADE_OPTIONAL, false,
	  "the same before Linux 6.19", NO_HANDOVER },
	{ "sys/devices/virtual/misc/liveupdate/dev", NULL, KP_GRADE_OPTIONAL, false,
	  "the same: a live update", NO_HANDOVER },
	{ "sys/kernel/boot_params/data", NULL, KP_GRADE_OPTIONAL, true,
	  "screen, EFI, ACPI root pointer, tboot", NO_SCREEN },
	{ "sys/firmware/efi/fw_vendor", NULL, KP_GRADE_OPTIONAL, false, "EFI", NO_EFI },
	{ "sys/firmware/efi/runtime", NULL, KP_GRADE_OPTIONAL, false, "EFI", NO_EFI },
	{ "sys/firmware/efi/config_table", NULL, KP_GRADE_OPTIONAL, false, "EFI", NO_EFI },
	{ "sys/firmware/efi/systab", NULL, KP_GRADE_OPTIONAL, false,
	  "the ACPI root pointer of EFI", "the next kernel may not find ACPI" },
	{ "sys/firmware/efi/runtime-map/*/*", NULL, KP_GRADE_OPTIONAL, false, "EFI", NO_EFI },
	{ "sys/firmware/edd/int13_dev*/*", NULL, KP_GRADE_OPTIONAL, false, "BIOS disks", NO_EDD },
	{ "sys/firmware/acpi/tables/SPCR", NULL, KP_GRADE_OPTIONAL, false,
	  "--serial=auto, which needs it", "firmware's serial console is unknown" },
	{ "proc/sys/kernel/io_delay_type", NULL, KP_GRADE_OPTIONAL, false,
	  "whether port 0x80 is safe", "no POST codes are written" },
	{ "sys/firmware/dmi/entries/38-0/raw", NULL, KP_GRADE_OPTIONAL, false,
	  "--trace=ipmi, which needs it", "where the BMC is, is unknown" },
	{ "sys/hypervisor/type", NULL, KP_GRADE_OPTIONAL, false, "a refusal: Xen PV guests, dom0", NO_XEN },
	{ "sys/hypervisor/guest_type", NULL, KP_GRADE_OPTIONAL, false, "the same", NO_XEN },
	{ "sys/hypervisor/properties/features", NULL, KP_GRADE_OPTIONAL, false, "the same", NO_XEN },
	{ "proc/xen/capabilities", NULL, KP_GRADE_OPTIONAL, false, "the same", NO_XEN },
	{ "sys/firmware/sgi_uv/archtype", NULL, KP_GRADE_OPTIONAL, false,
	  "a refusal to park: SGI and HPE UV hubs", NO_HUB },
	{ "proc/sgi_uv/archtype", NULL, KP_GRADE_OPTIONAL, false, "the same by its older name", NO_HUB },
	{ "boot/config-*", NULL, KP_GRADE_OPTIONAL, false,
	  "whether a kernel before 6.0 encrypts memory by default (AMD's SME)",
	  "a dump's low memory may be unreadable" },
	{ "kexec-park/facts", NULL, KP_GRADE_PARK, false,
	  "what was measured on a captured machine: the TSC's frequency",
	  "nothing that was measured on the captured machine is known" },
};

const struct kp_fact *kp_fact_row(size_t i)
{
	return i < sizeof(table) / sizeof(table[0]) ? &table[i] : NULL;
}

/* Whether @pattern, or a directory on its way, is @path. */
static bool matches(const char *pattern, const char *path)
{
	while (*pattern && *pattern != '*' && *pattern == *path) {
		pattern++;
		path++;
	}
	if (*pattern != '*')
		return *path == '\0' && (*pattern == '\0' || *pattern == '/');
	do {
		if (matches(pattern + 1, path))
			return true;
	} while (*path != '\0' && *path++ != '/');
	return false;
}

const struct kp_fact *kp_fact_of(const char *path)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (matches(table[i].path, path))
			return &table[i];
	return NULL;
}

static bool is_demanded(const struct kp_trouble *t, enum kp_grade grade)
{
	return !t->partial && t->fact && t->fact->grade == grade;
}

int kp_facts_demand(const struct kp_machine *machine, enum kp_grade grade, struct kp_error *err)
{
	for (size_t i = 0; i < machine->n_troubles; i++) {
		const struct kp_trouble *t = &machine->troubles[i];

		if (!is_demanded(t, grade))
			continue;
		kp_fail(err, t->code, "%s: %s", t->path, t->why);
		err->sys = t->sys;
		return -1;
	}
	return 0;
}

int kp_facts_warn(const struct kp_machine *machine, bool parks, struct kp_warnings *warnings,
		  struct kp_error *err)
{
	for (size_t i = 0; i < machine->n_troubles; i++) {
		const struct kp_trouble *t = &machine->troubles[i];
		const char *without = t->partial || !t->fact ? "" : t->fact->without;

		if ((parks && is_demanded(t, KP_GRADE_PARK)) ||
		    !kp_warn(warnings, err, "%s: %s%s%s", t->path, t->why, *without ? ": " : "",
			     without))
			continue;
		return -1;
	}
	return 0;
}
