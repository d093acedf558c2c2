/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file machine.h
 * What the running machine is: facts, read once by linux/machine.c from /proc, /sys and
 * /dev/mem (or from a captured copy of them), never changed after. The core plans from this and
 * nothing else. All memory is in the machine's arena.
 */
#ifndef KP_MACHINE_H
#define KP_MACHINE_H

#include "memmap.h"

/** Where the kernel writes a CPU's registers when it crashes (/sys/devices/system/cpu/cpuN). */
struct kp_crash_note {
	unsigned cpu;
	uint64_t phys, bytes;
};

/** A local APIC of the MADT (ACPI 6.5, 5.2.12), or of a CPU that runs and that the MADT lacks. */
struct kp_apic {
	uint32_t id;
	bool enabled;
	bool online_capable;       /* not enabled: it may be of a CPU that comes later */
	bool running;              /* /proc/cpuinfo shows it, whatever the table says */
};

struct kp_fact;

/** What is wrong with a fact, noted by the reader; whether it matters, the plan knows. */
struct kp_trouble {
	const struct kp_fact *fact; /* its row of core/grades.c; NULL: none */
	const char *path;          /* "/proc/iomem" */
	const char *why;
	enum kp_code code;
	int sys;                   /* errno, or 0 */
	bool partial;              /* what of it makes sense is used */
};

/** A Reserved page below 1 MiB, perhaps of a longer entry, that could be a park page. */
struct kp_low_page {
	uint64_t phys;
	const uint8_t *bytes;      /* 4096; NULL if /dev/mem could not be read */
};

/** EFI facts of /sys/firmware/efi that the next kernel needs. */
struct kp_efi {
	bool present;
	uint64_t fw_vendor, runtime, config_table;
	struct kp_view runtime_map; /* efi_memory_desc_t array, as in runtime-map/N */
	size_t n_runtime, desc_size;
	uint32_t desc_version;
	uint64_t smbios, acpi20;   /* from systab, 0 if absent */
};

/** One BIOS disk of /sys/firmware/edd: int13_dev80, dev81, ... */
struct kp_edd {
	uint8_t device, version;
	uint16_t interface_support;
	uint16_t legacy_max_cylinder;
	uint8_t legacy_max_head, legacy_sectors_per_track;
	bool has_mbr_signature;
	uint32_t mbr_signature;
	struct kp_view raw_data;   /* edd_device_params */
};

struct kp_machine {
	struct kp_arena arena;     /* owner of everything below */

	bool captured;             /* read from a copy: nothing can be loaded there */
	const char *arch;          /* "x86_64" */
	const char *release;       /* of the running kernel */
	const char *cmdline;       /* of the running kernel, no trailing newline */

	struct kp_memmap firmware; /* /sys/firmware/memmap, normalised */
	struct kp_memmap iomem;    /* the same types as /proc/iomem shows them, normalised */
	struct kp_ranges system_ram; /* /proc/iomem "System RAM" */
	struct kp_ranges top_ram;  /* of these the outermost rows: no driver added them */
	struct kp_ranges driver_ram; /* "System RAM (kmem)", ...: a driver may take it away */
	struct kp_ranges gart;     /* "GART": to read it may stop the machine */
	struct kp_ranges crashk;   /* "Crash kernel"; the last is the one segments go to */
	struct kp_ranges crash_cma; /* crashkernel=SIZE,cma: crash_cma_ranges (Linux 6.19) */
	bool crash_cma_shown;      /* the kernel has that file, even if it lists nothing */
	uint64_t total_ram;        /* bytes, MemTotal of /proc/meminfo; 0: unknown */
	struct kp_range kernel_code; /* physical; none: unknown */
	uint64_t kernel_text_virt; /* of _stext, or 0 */
	uint64_t kernel_text_bytes; /* from there to _end: code and data; 0: unknown */
	uint64_t page_offset;      /* virtual address of physical 0 in the direct map, or 0 */

	bool la57;                 /* the running kernel uses 5-level paging */
	uint64_t kexec_crash_size; /* bytes reserved, from /sys/kernel/kexec/crash_size */
	uint64_t elfcorehdr_size;  /* /sys/kernel/kexec/crash_elfcorehdr_size; 0: kernel lacks it */
	bool crash_hotplug;        /* the kernel says it rewrites elfcorehdr by itself */

	uint64_t dm_crypt_keys;    /* configured for the crash kernel (configfs, Linux 6.17) */
	bool kho;                  /* kexec handover (Linux 6.16) or live update (6.19) is on */

	struct kp_crash_note *notes; /* one a possible CPU that has a note */
	size_t n_notes;
	uint64_t vmcoreinfo_phys, vmcoreinfo_bytes; /* 0: none */

	struct kp_view boot_params; /* 4096 bytes of /sys/kernel/boot_params/data; may be empty */
	struct kp_efi efi;
	struct kp_edd *edd;
	size_t n_edd;

	struct kp_apic *apics;     /* MADT types 0 and 9 */
	size_t n_apics;
	bool madt_present;
	bool mp_wakeup;            /* MADT type 0x10 */
	bool bsp_known;
	uint32_t bsp_apic_id;      /* by IA32_APIC_BASE of each CPU, if bsp_known */
	uint32_t tsc_khz;          /* 0: unknown */
	struct kp_view smbios38;   /* structure that says where the BMC is; may be empty */
	struct kp_view spcr;       /* ACPI table of the serial console; may be empty */
	bool io_delay_0x80;        /* the running kernel writes to I/O port 0x80 for delays */
	uint64_t ebda;             /* start of the extended BIOS data area, or 0 */
	const char *confidential;  /* "TDX", "SEV", "SEV-ES", "SEV-SNP", or NULL */
	const char *xen;           /* kp_xen_domain() */
	const char *hub;           /* kp_hub_of_madt() */
	bool sme;                  /* the kernel encrypts memory, kp_sme_state() */
	bool sme_open;             /* that is not known */
	bool tboot;

	struct kp_low_page *low_pages;
	size_t n_low_pages;
	const char *devmem_error;  /* why /dev/mem could not be read, or NULL */

	struct kp_trouble *troubles;
	size_t n_troubles;

	uint8_t rng_seed[32];      /* for SETUP_RNG_SEED; fresh, never captured */
	bool has_rng_seed;
};

#endif
