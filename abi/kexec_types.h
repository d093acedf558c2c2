/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file kexec_types.h
 * The plain values that cross the boundary of libkexec: errors, ranges, requests, plans.
 *
 * Addresses are physical bytes (uint64_t). A range is inclusive: [start, last]. Every string and
 * array reached from a plan belongs to the plan and lives until kp_plan_free().
 */
#ifndef KEXEC_TYPES_H
#define KEXEC_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What kind of thing went wrong; the text of the error says exactly what. */
enum kp_code {
	KP_OK = 0,
	KP_USAGE,        /**< the request contradicts itself or asks for what cannot be done */
	KP_IO,           /**< a file could not be read or written */
	KP_IMAGE,        /**< a kernel or initrd is corrupt, foreign, too old or of no known format */
	KP_MACHINE,      /**< a fact about the running machine is missing or makes no sense */
	KP_NO_CRASHKERNEL, /**< no memory is reserved for a crash kernel */
	KP_NO_ROOM,      /**< something does not fit: the text names it, its size and the range */
	KP_PERMISSION,   /**< the kernel refused: the text names which rule did */
	KP_BUSY,         /**< another load is under way */
	KP_UNSUPPORTED,  /**< the running kernel lacks the system call or the flag */
	KP_PARK,         /**< the other CPUs cannot be parked on this machine */
	KP_NO_MEMORY,    /**< this process ran out of memory */
	KP_INTERNAL,     /**< a checked invariant of the plan does not hold: a bug, please report */
	KP_CONFIDENTIAL, /**< an encrypted guest, where only kexec_file_load(2) can work */
};

/** What the request could say instead. Whoever shows an error knows what its options are called. */
enum kp_remedy {
	KP_REMEDY_NONE = 0,
	KP_REMEDY_FILE_CALL,       /**< load by kexec_file_load(2) */
	KP_REMEDY_OWN_CALL,        /**< load by kexec_load(2) */
	KP_REMEDY_LOAD_FIRST,      /**< load a kernel before */
	KP_REMEDY_CMDLINE,         /**< give the whole command line */
	KP_REMEDY_SERIAL,          /**< say where the serial port is */
	KP_REMEDY_ELF_ARGS,        /**< do not say what an ELF image is handed */
	KP_REMEDY_DEVICE_TREE,     /**< do not ask that a device tree be passed on */
};

#define KP_ERROR_TEXT 1024

/** One error, owned by the caller. Zero-initialise it; a call that fails fills it. */
struct kp_error {
	enum kp_code code;
	enum kp_remedy remedy;
	int sys;                   /**< errno behind it, or 0 */
	char text[KP_ERROR_TEXT];  /**< one line without a newline, for an operator */
};

/** Physical addresses start..last, both inclusive; last >= start. */
struct kp_range {
	uint64_t start, last;
};

/** Types of memory as boot_params e820 numbers them (Linux arch/x86/include/asm/e820/types.h). */
enum kp_mem_type {
	KP_MEM_RAM = 1,
	KP_MEM_RESERVED = 2,
	KP_MEM_ACPI = 3,
	KP_MEM_NVS = 4,
	KP_MEM_UNUSABLE = 5,
	KP_MEM_PMEM = 7,
	KP_MEM_PRAM = 12,
	KP_MEM_SOFT_RESERVED = 0xefffffff,
};

/** The word for a type of memory, as people and JSON are shown it; NULL for one without a name. */
static inline const char *kp_mem_type_name(uint32_t type)
{
	switch (type) {
	case KP_MEM_RAM: return "RAM";
	case KP_MEM_RESERVED: return "Reserved";
	case KP_MEM_ACPI: return "ACPI";
	case KP_MEM_NVS: return "NVS";
	case KP_MEM_UNUSABLE: return "Unusable";
	case KP_MEM_PMEM: return "PMEM";
	case KP_MEM_PRAM: return "PRAM";
	case KP_MEM_SOFT_RESERVED: return "Soft Reserved";
	default: return NULL;
	}
}

/** One row of a memory map. */
struct kp_mem {
	struct kp_range at;
	uint32_t type;             /**< enum kp_mem_type, or a number it does not name */
};

/** Which of the kernel's two slots is meant. */
enum kp_slot {
	KP_NORMAL,                 /**< booted by kexec -e or reboot(LINUX_REBOOT_CMD_KEXEC) */
	KP_CRASH,                  /**< booted by a panic, in the crashkernel reservation */
};

/** Image formats. */
enum kp_format {
	KP_FORMAT_AUTO = 0,
	KP_FORMAT_BZIMAGE64,       /**< Linux x86 boot protocol 2.12 or later, 64-bit entry */
	KP_FORMAT_ELF64,           /**< ELF x86_64 executable: vmlinux */
	KP_FORMAT_UKI,             /**< unified kernel image: a PE with a bzImage in .linux */
};

/** Which system call loads or unloads. */
enum kp_call {
	KP_CALL_LOAD = 0,          /**< kexec_load(2): our own purgatory */
	KP_CALL_FILE,              /**< kexec_file_load(2): all is the running kernel's */
	KP_CALL_AUTO,              /**< the first; where it is forbidden or missing, the second */
};

/** What an ELF image is handed. A bzImage always is a Linux kernel. */
enum kp_elf_args {
	KP_ELF_ARGS_AUTO = 0,      /**< as LINUX; no opinion on the format of the image */
	KP_ELF_ARGS_LINUX,         /**< boot_params in RSI: the image must be an ELF */
	KP_ELF_ARGS_NONE,          /**< nothing that it is to look at: the image must be an ELF */
};

/** What the purgatory does when the digest does not match. */
enum kp_mismatch {
	KP_MISMATCH_RESET = 0,
	KP_MISMATCH_HALT,
	KP_MISMATCH_BOOT,
};

/** Whether the other CPUs are parked. */
enum kp_park_want {
	KP_PARK_OFF = 0,
	KP_PARK_AUTO,              /**< required; the place is chosen, or the page found again */
	KP_PARK_AT,                /**< required, at kp_request.park_addr */
	KP_PARK_TRY,               /**< as AUTO, but a refusal is a warning and the load goes on */
};

/** How a parked CPU waits; see kexec-park-page(7). Values are part of the page's ABI. */
enum kp_park_mode {
	KP_PARK_HLT = 0,
	KP_PARK_INIT = 1,
	KP_PARK_CLGI = 2,
};

/** How the registers of the serial port that the purgatory writes to are reached. */
enum kp_serial {
	KP_SERIAL_PORT = 0,        /**< I/O ports from kp_request.serial_port */
	KP_SERIAL_MMIO,            /**< memory, a byte each from kp_request.serial_address */
	KP_SERIAL_MMIO32,          /**< memory, 4 bytes each */
	KP_SERIAL_AUTO,            /**< as firmware says (ACPI table SPCR) */
};

/** What a load that takes long is busy with. */
enum kp_stage {
	KP_STAGE_UNPACK,           /**< the compressed kernel */
	KP_STAGE_DIGEST,           /**< reading all that is loaded, for its SHA-256 digest */
	KP_STAGE_SUBMIT,           /**< the running kernel copies all that is loaded */
};

/** Told that a stage begins, which has @p bytes to go through. Must not call the library. */
typedef void (*kp_progress)(void *arg, enum kp_stage stage, uint64_t bytes);

/** One load, as asked for. Zero is the default, except where said. Strings are borrowed. */
struct kp_request {
	enum kp_slot slot;
	const char *image;         /**< path of the kernel */
	enum kp_format format;
	const char *const *initrds; /**< paths, concatenated in this order */
	size_t n_initrds;
	const char *cmdline;       /**< or NULL */
	bool reuse_cmdline;        /**< start from the running kernel's; cmdline is appended */
	uint64_t mem_min;          /**< lowest address of any segment */
	uint64_t mem_max;          /**< highest address of any segment; 0: no limit */
	bool no_checks;            /**< leave the digest out */
	enum kp_mismatch on_mismatch;
	bool console_serial, console_vga;
	uint16_t serial_port;      /**< I/O port; 0: 0x3f8 */
	uint32_t serial_baud;      /**< 0: keep what the UART has */
	enum kp_serial serial;
	uint64_t serial_address;   /**< physical, for KP_SERIAL_MMIO and MMIO32 */
	bool console_fb;           /**< text on the framebuffer that firmware set up */
	unsigned fb_rotate;        /**< quarters of a turn, as fbcon=rotate: counts them */
	bool trace_ipmi;           /**< a record of each outcome in the BMC's event log */
	bool no_post;              /**< no POST codes on I/O port 0x80, though it is safe */
	bool no_efi;               /**< do not pass EFI runtime services on */
	bool hotplug;              /**< ask for in-kernel elfcorehdr updates */
	enum kp_park_want park;
	uint64_t park_addr;        /**< with KP_PARK_AT: 4096-byte aligned */
	enum kp_park_mode park_mode;
	bool force_park_mode;      /**< allow clgi although the next kernel may want the CPUs */
	enum kp_elf_args elf_args;
	bool elf_args_optional;    /**< a warning, not an error, where the image is no ELF */
	bool no_cma;               /**< kp_load_file(): keep out of the kernel's CMA areas */
	bool force_dtb;            /**< kp_load_file(): pass the running kernel's device tree on */
	kp_progress progress;      /**< or NULL; kept for kp_submit() too */
	void *progress_arg;
};

#define KP_MAX_SEGMENTS 16         /**< KEXEC_SEGMENT_MAX, Linux include/uapi/linux/kexec.h */

/** One piece of the next kernel's memory, as kexec_load(2) takes it. */
struct kp_segment {
	const char *name;          /**< "kernel", "initrd", "purgatory", ... */
	struct kp_range at;        /**< destination; start and last + 1 are 4096-byte aligned */
	const void *data;          /**< what goes to at.start; borrowed from plan or mapped file */
	size_t data_bytes;         /**< <= the range's size; the kernel zeroes the rest */
	bool digest;               /**< its data is covered by the SHA-256 the purgatory checks */
};

/** What the plan does with the park page. */
enum kp_park_state {
	KP_PARK_STATE_NONE = 0,    /**< no parking */
	KP_PARK_STATE_NEW,         /**< a page is reserved by this load */
	KP_PARK_STATE_REUSE,       /**< an intact page of the same version: its code is not touched */
	KP_PARK_STATE_REPLACE,     /**< a page of another version stays reserved, CPUs move to a new one */
};

struct kp_park_plan {
	enum kp_park_state state;
	uint64_t address;
	enum kp_park_mode mode;
	uint32_t expected;         /**< CPUs that should arrive, the boot CPU not counted */
};

/** A checked plan: everything that a load will do, and all that kp_submit() looks at. */
struct kp_plan {
	enum kp_slot slot;
	uint64_t entry;            /**< the purgatory's entry point */
	const char *cmdline;       /**< of the next kernel */
	struct kp_segment segments[KP_MAX_SEGMENTS]; /**< ascending by address */
	size_t n_segments;
	const struct kp_mem *e820; /**< the next kernel's memory map, ascending, disjoint */
	size_t n_e820;
	const char *const *warnings;
	size_t n_warnings;
	struct kp_park_plan park;
	unsigned long flags;       /**< of kexec_load(2), architecture bits included */
	enum kp_call call;         /**< KP_CALL_FILE: the running kernel decides all but the line */
};

/** What --park-status tells: the page of the running machine and its last hand-over. */
enum kp_park_found {
	KP_PARK_FOUND_NONE,        /**< no page on this machine */
	KP_PARK_FOUND_INTACT,
	KP_PARK_FOUND_OTHER_VERSION, /**< a page of another version, intact by its own digest */
	KP_PARK_FOUND_CORRUPT,
};

#define KP_PARK_MISSING 16         /**< APIC IDs kept of those that did not arrive */
#define KP_PARK_SEL 8              /**< outcomes that there may be a record of */
#define KP_PARK_PHASES 6           /**< entry, traps, digest, backup, park, jump: as numbered,
				    * not in order of time */

struct kp_park_status {
	enum kp_park_found found;
	uint64_t address;
	enum kp_park_mode mode;
	uint32_t generation;       /**< hand-overs through this page, from 1 */
	uint32_t expected, arrived;
	uint32_t nmi_count, mce_count; /**< taken by parked CPUs since that hand-over */
	uint32_t last_nmi_apic_id, last_mce_apic_id; /**< UINT32_MAX: none */
	uint32_t n_missing;        /**< may exceed KP_PARK_MISSING */
	uint32_t missing[KP_PARK_MISSING];
	enum kp_slot slot;
	uint32_t boot_apic_id;
	bool boot_is_bsp;
	uint32_t verdict, digest;  /**< PARK_VERDICT_*, PARK_DIGEST_* of park_page.h */
	uint32_t purgatory_nmi_count, purgatory_mce_count;
	uint64_t digest_bytes;
	uint64_t phase_us[KP_PARK_PHASES]; /**< from entry to the end of each; 0: not reached */
	char log[2048];            /**< the purgatory's last messages, terminated */
	uint64_t mismatch;         /**< where the digest went wrong; 0: it did not */
	uint16_t sel[KP_PARK_SEL]; /**< by PARK_OUTCOME_*: ID of its record in the log of a BMC, plus
				    * 1; 0: none */
	bool bmc;                  /**< firmware names a BMC: its log may have records of more */
};

#endif
