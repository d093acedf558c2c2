/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file libkexec.h
 * Plan a kexec load, look at the plan, submit it.
 *
 *	struct libkexec *kx = libkexec_new();
 *	struct libkexec_machine *machine = libkexec_machine_read(kx, "");
 *	struct libkexec_request *request = libkexec_request_new(LIBKEXEC_CRASH, "/boot/vmlinuz");
 *	struct libkexec_plan *plan = libkexec_plan_new(kx, machine, request);
 *
 *	if (libkexec_submit(kx, plan))
 *		fprintf(stderr, "%s\n", libkexec_error_text(kx));
 *
 * Objects are opaque and made by the library; each is freed by a function of its own, in any order,
 * and freeing NULL does nothing. Nothing is printed, nothing exits, no signal handler is installed.
 *
 * Errors. A call that fails returns NULL or -1, and the context says why. Where an object is NULL
 * because the call that should have made it failed, the next call fails too and keeps that error: a
 * row of calls needs one check, at its end.
 *
 * Warnings. What an operator should know of a call that succeeded is in the context, and nowhere
 * else: libkexec_warning(). The next call that takes the context begins anew.
 *
 * Strings and values returned belong to the object that they were asked of, and live as long as it;
 * those of a context until its next call. Strings given are copied. Addresses are physical bytes,
 * ranges inclusive. An index past the end gives NULL or 0.
 *
 * Threads. The library keeps no state of its own. A context is used by one thread at a time, and so
 * is a machine together with all plans made of it, and a request. Apart from that all objects are
 * independent. The kernel lets one load happen at a time: LIBKEXEC_ERROR_BUSY.
 *
 * The interface grows by functions and by enumerators at the end of a list, never otherwise.
 */
#ifndef LIBKEXEC_H
#define LIBKEXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct libkexec;                   /**< a context: the last error, warnings, whom to tell */
struct libkexec_machine;           /**< facts about a machine */
struct libkexec_request;           /**< one load, as asked for */
struct libkexec_plan;              /**< one load, decided and checked; keeps its files mapped */
struct libkexec_record;            /**< the flight record of the last hand-over */

/* ---- the context --------------------------------------------------------------------------- */

/** NULL: out of memory, and libkexec_error_text(NULL) says so. */
struct libkexec *libkexec_new(void);
void libkexec_free(struct libkexec *kx);

/** What kind of thing went wrong; the text of the error says exactly what. */
enum libkexec_error {
	LIBKEXEC_ERROR_NONE = 0,
	LIBKEXEC_ERROR_USAGE,      /**< the request contradicts itself or asks for the impossible */
	LIBKEXEC_ERROR_IO,         /**< a file could not be read or written */
	LIBKEXEC_ERROR_IMAGE,      /**< a kernel or initrd is corrupt, foreign or too old */
	LIBKEXEC_ERROR_MACHINE,    /**< a fact about the machine is missing or makes no sense */
	LIBKEXEC_ERROR_NO_CRASHKERNEL, /**< no memory is reserved for a crash kernel */
	LIBKEXEC_ERROR_NO_ROOM,    /**< something does not fit: the text has its size and the range */
	LIBKEXEC_ERROR_PERMISSION, /**< the kernel refused: the text names which rule did */
	LIBKEXEC_ERROR_BUSY,       /**< another load is under way */
	LIBKEXEC_ERROR_UNSUPPORTED, /**< the running kernel lacks the system call or the flag */
	LIBKEXEC_ERROR_PARK,       /**< the other CPUs cannot be parked on this machine */
	LIBKEXEC_ERROR_NO_MEMORY,  /**< this process ran out of memory */
	LIBKEXEC_ERROR_INTERNAL,   /**< an invariant of the plan does not hold: please report it */
	LIBKEXEC_ERROR_CONFIDENTIAL, /**< an encrypted guest: only LIBKEXEC_CALL_FILE can work */
};

/** Of the last call that took @p kx. */
enum libkexec_error libkexec_error(const struct libkexec *kx);
/** The errno behind it, or 0. */
int libkexec_error_errno(const struct libkexec *kx);
/** One line without a newline, for an operator; "" after a success. */
const char *libkexec_error_text(const struct libkexec *kx);

/** Warning @p i of the last call that took @p kx and succeeded; NULL past the last. */
const char *libkexec_warning(const struct libkexec *kx, size_t i);

/** What a call that takes long is busy with. */
enum libkexec_stage {
	LIBKEXEC_STAGE_UNPACK = 0, /**< the compressed kernel */
	LIBKEXEC_STAGE_DIGEST,     /**< reading all that is loaded, for its digest */
	LIBKEXEC_STAGE_SUBMIT,     /**< the running kernel copies all that is loaded */
};

/** Told that a stage begins, with @p bytes to go through; in the caller's thread. Must not call the
 * library. */
typedef void (*libkexec_progress)(void *arg, enum libkexec_stage stage, uint64_t bytes);
void libkexec_on_progress(struct libkexec *kx, libkexec_progress told, void *arg);

/* ---- the machine --------------------------------------------------------------------------- */

/**
 * Read the machine beneath @p root ("" or "/": the running one; else a captured copy). A fact that
 * is missing or makes no sense fails what needs it, later, and is a warning of any other plan.
 */
struct libkexec_machine *libkexec_machine_read(struct libkexec *kx, const char *root);
/** Plans made of it stay whole. */
void libkexec_machine_free(struct libkexec_machine *machine);

/**
 * Record the machine beneath @p root into the directory @p dir, which must not exist or be empty,
 * and comes into being whole or not at all. A path that could not be recorded is a warning. Raw
 * memory is recorded only for pages that carry a park page's magic.
 */
int libkexec_machine_capture(struct libkexec *kx, const char *root, const char *dir);

/** Bytes of the crashkernel reservation that a load can use; 0: none. */
int libkexec_crash_bytes(struct libkexec *kx, const struct libkexec_machine *machine,
			 uint64_t *bytes);

/* ---- the request --------------------------------------------------------------------------- */

/** Which of the kernel's two slots is meant. */
enum libkexec_slot {
	LIBKEXEC_NORMAL = 0,       /**< booted by libkexec_reboot() */
	LIBKEXEC_CRASH,            /**< booted by a panic, in the crashkernel reservation */
};

/** Which system call loads. */
enum libkexec_call {
	LIBKEXEC_CALL_LOAD = 0,    /**< kexec_load(2): this library's plan and purgatory */
	LIBKEXEC_CALL_FILE,        /**< kexec_file_load(2): the running kernel's; nothing is parked,
				    * and only kernel, format, initrds, command line and
				    * libkexec_request_set_no_cma() to _pass_device_tree() count */
};

enum libkexec_format {
	LIBKEXEC_FORMAT_AUTO = 0,
	LIBKEXEC_FORMAT_BZIMAGE,   /**< Linux x86 boot protocol 2.12 or later, 64-bit entry */
	LIBKEXEC_FORMAT_ELF,       /**< ELF x86_64 executable: vmlinux */
	LIBKEXEC_FORMAT_UKI,       /**< unified kernel image: a PE with a bzImage in .linux */
};

/** What the purgatory does when the digest does not match. */
enum libkexec_mismatch {
	LIBKEXEC_MISMATCH_RESET = 0,
	LIBKEXEC_MISMATCH_HALT,
	LIBKEXEC_MISMATCH_BOOT,
};

/** Whether the other CPUs are parked. */
enum libkexec_park {
	LIBKEXEC_PARK_OFF = 0,
	LIBKEXEC_PARK_REQUIRED,    /**< the place is chosen, or the page found again */
	LIBKEXEC_PARK_AT,          /**< required, at libkexec_request_set_park_address() */
	LIBKEXEC_PARK_TRY,         /**< a refusal is a warning and the load goes on */
};

/** How a parked CPU waits; see kexec-park-page(7). */
enum libkexec_park_mode {
	LIBKEXEC_PARK_HLT = 0,
	LIBKEXEC_PARK_INIT,
	LIBKEXEC_PARK_CLGI,
};

/** How the registers of the serial port are reached. */
enum libkexec_serial {
	LIBKEXEC_SERIAL_PORT = 0,  /**< I/O ports from the address; 0: 0x3f8 */
	LIBKEXEC_SERIAL_MMIO,      /**< memory, a byte each */
	LIBKEXEC_SERIAL_MMIO32,    /**< memory, 4 bytes each */
	LIBKEXEC_SERIAL_FIRMWARE,  /**< as firmware says (ACPI table SPCR); no address */
};

/** What an ELF image is handed. A bzImage always is a Linux kernel. */
enum libkexec_elf_args {
	LIBKEXEC_ELF_ARGS_AUTO = 0, /**< as LINUX; no opinion on the format of the image */
	LIBKEXEC_ELF_ARGS_LINUX,   /**< boot_params in RSI: the image must be an ELF */
	LIBKEXEC_ELF_ARGS_NONE,    /**< no boot_params, command line or initrd; likewise */
};

/**
 * A request to load the file @p kernel, with every default as the first enumerator or "off".
 * Setters do not fail: what is wrong with a request, memory included, is said when it is planned.
 * NULL: out of memory.
 */
struct libkexec_request *libkexec_request_new(enum libkexec_slot slot, const char *kernel);
void libkexec_request_free(struct libkexec_request *req);

void libkexec_request_set_call(struct libkexec_request *req, enum libkexec_call call);
void libkexec_request_set_format(struct libkexec_request *req, enum libkexec_format format);
/** Initrds are concatenated in the order in which they are added. */
void libkexec_request_add_initrd(struct libkexec_request *req, const char *path);
/** Default: the image's own, if it is a unified kernel image, else none. */
void libkexec_request_set_cmdline(struct libkexec_request *req, const char *cmdline);
/** Put the running kernel's command line in front of the one that was set. */
void libkexec_request_set_reuse_cmdline(struct libkexec_request *req, bool reuse);
void libkexec_request_set_elf_args(struct libkexec_request *req, enum libkexec_elf_args args);

/** The lowest address of any segment. */
void libkexec_request_set_lowest(struct libkexec_request *req, uint64_t address);
/** The highest address of any segment; 0: no limit. */
void libkexec_request_set_highest(struct libkexec_request *req, uint64_t address);
/** Leave the digest out. */
void libkexec_request_set_no_checks(struct libkexec_request *req, bool no_checks);
void libkexec_request_set_on_mismatch(struct libkexec_request *req, enum libkexec_mismatch policy);

void libkexec_request_set_serial_console(struct libkexec_request *req, enum libkexec_serial how,
					 uint64_t address);
/** 0: keep what the UART has. */
void libkexec_request_set_serial_baud(struct libkexec_request *req, uint32_t baud);
void libkexec_request_set_vga_console(struct libkexec_request *req, bool on);
/** Text on the framebuffer that firmware set up, turned by @p quarters of a turn as fbcon=rotate:. */
void libkexec_request_set_framebuffer_console(struct libkexec_request *req, bool on,
					      unsigned quarters);
/** A record of each outcome in the BMC's event log. */
void libkexec_request_set_ipmi_trace(struct libkexec_request *req, bool on);
/** Write no POST codes to I/O port 0x80, though it is safe. */
void libkexec_request_set_no_post_codes(struct libkexec_request *req, bool no_post);

/** Do not pass EFI runtime services on. */
void libkexec_request_set_no_efi(struct libkexec_request *req, bool no_efi);
/** Let the running kernel rewrite the dump's header when CPUs or memory come or go. */
void libkexec_request_set_hotplug(struct libkexec_request *req, bool on);

void libkexec_request_set_park(struct libkexec_request *req, enum libkexec_park want);
/** Where the park page is to be, a multiple of 4096: LIBKEXEC_PARK_AT. */
void libkexec_request_set_park_address(struct libkexec_request *req, uint64_t address);
void libkexec_request_set_park_mode(struct libkexec_request *req, enum libkexec_park_mode mode);
/** Allow clgi although the next kernel may want the CPUs. */
void libkexec_request_set_park_mode_forced(struct libkexec_request *req, bool forced);

/** LIBKEXEC_CALL_FILE: keep out of the kernel's CMA areas. */
void libkexec_request_set_no_cma(struct libkexec_request *req, bool no_cma);
/** LIBKEXEC_CALL_FILE: pass the running kernel's device tree on. */
void libkexec_request_set_pass_device_tree(struct libkexec_request *req, bool pass);

/* ---- the plan ------------------------------------------------------------------------------ */

/**
 * Plan what @p req asks for. Maps its files, parses, lays out, encodes and checks. Nothing outside
 * this process changes. The files stay mapped until libkexec_plan_free(): while they are read, here
 * and by libkexec_submit(), a file that somebody cuts short raises SIGBUS.
 */
struct libkexec_plan *libkexec_plan_new(struct libkexec *kx, struct libkexec_machine *machine,
					const struct libkexec_request *req);
void libkexec_plan_free(struct libkexec_plan *plan);

/**
 * Whether LIBKEXEC_CALL_FILE may do what planning or submitting a load for @p slot has just failed
 * at: because the kernel forbids or lacks kexec_load(2), or is locked down and hides what a plan
 * needs, or because the machine is an encrypted guest. Leaves the error of @p kx as it is.
 */
bool libkexec_file_call_may_help(const struct libkexec *kx, enum libkexec_slot slot);

enum libkexec_slot libkexec_plan_slot(const struct libkexec_plan *plan);
enum libkexec_call libkexec_plan_call(const struct libkexec_plan *plan);
/** Of the next kernel. */
const char *libkexec_plan_cmdline(const struct libkexec_plan *plan);

/* The rest is the running kernel's business with LIBKEXEC_CALL_FILE: 0 and none. */

/** The purgatory's entry point. */
uint64_t libkexec_plan_entry(const struct libkexec_plan *plan);

/** How many segments kexec_load(2) is given; they ascend by address. */
size_t libkexec_plan_segments(const struct libkexec_plan *plan);
/** "kernel", "initrd", "purgatory", ... */
const char *libkexec_plan_segment_name(const struct libkexec_plan *plan, size_t i);
uint64_t libkexec_plan_segment_start(const struct libkexec_plan *plan, size_t i);
uint64_t libkexec_plan_segment_last(const struct libkexec_plan *plan, size_t i);
/** Bytes of data from its start on; the kernel zeroes the rest. */
uint64_t libkexec_plan_segment_bytes(const struct libkexec_plan *plan, size_t i);
/** Whether the digest that the purgatory checks covers them. */
bool libkexec_plan_segment_digested(const struct libkexec_plan *plan, size_t i);

/** How many rows the next kernel's memory map has; they ascend and are disjoint. */
size_t libkexec_plan_map_rows(const struct libkexec_plan *plan);
uint64_t libkexec_plan_map_start(const struct libkexec_plan *plan, size_t i);
uint64_t libkexec_plan_map_last(const struct libkexec_plan *plan, size_t i);
/** As boot_params e820 numbers them: 1 RAM, 2 Reserved, 3 ACPI, ... */
uint32_t libkexec_plan_map_type(const struct libkexec_plan *plan, size_t i);

/** What becomes of the park page. */
enum libkexec_park_state {
	LIBKEXEC_PARK_STATE_NONE = 0, /**< no parking */
	LIBKEXEC_PARK_STATE_NEW,   /**< a page is reserved by this load */
	LIBKEXEC_PARK_STATE_REUSE, /**< an intact page of the same version: its code is not touched */
	LIBKEXEC_PARK_STATE_REPLACE, /**< one of another version stays reserved; CPUs move to a new */
};

enum libkexec_park_state libkexec_plan_park_state(const struct libkexec_plan *plan);
uint64_t libkexec_plan_park_address(const struct libkexec_plan *plan);
enum libkexec_park_mode libkexec_plan_park_mode(const struct libkexec_plan *plan);
/** CPUs that should arrive, the boot CPU not counted. */
uint32_t libkexec_plan_park_expected(const struct libkexec_plan *plan);

/* ---- the load ------------------------------------------------------------------------------ */

/**
 * Make the plan's system call. An optional flag that the running kernel does not know is left out,
 * with a warning. A plan for a captured machine is refused, and a file that was written to since it
 * was planned: nothing is or stays loaded of it. On other failures a normal image stays loaded; a
 * crash image that was loaded may be gone, and the text says so when it is.
 */
int libkexec_submit(struct libkexec *kx, struct libkexec_plan *plan);

/** Empty the slot, whichever call filled it. An empty slot is no error. */
int libkexec_unload(struct libkexec *kx, enum libkexec_slot slot);

/** 1 loaded, 0 not, -1 unknown (no sysfs). */
int libkexec_loaded(struct libkexec *kx, enum libkexec_slot slot);

/** Boot what the normal slot holds. Returns only on failure. Does not sync: the caller does. */
int libkexec_reboot(struct libkexec *kx);

/* ---- the park page ------------------------------------------------------------------------- */

enum libkexec_park_found {
	LIBKEXEC_PARK_FOUND_NONE = 0, /**< no page on this machine */
	LIBKEXEC_PARK_FOUND_INTACT,
	LIBKEXEC_PARK_FOUND_OTHER_VERSION, /**< intact by its own digest; nothing more is known */
	LIBKEXEC_PARK_FOUND_CORRUPT,
};

/**
 * Read the flight record out of @p machine's park page. That there is no page is no error; that
 * memory below 1 MiB cannot be read is one. What it says may have been written by anybody.
 */
struct libkexec_record *libkexec_record_read(struct libkexec *kx,
					     const struct libkexec_machine *machine);
void libkexec_record_free(struct libkexec_record *record);

enum libkexec_park_found libkexec_record_found(const struct libkexec_record *record);
uint64_t libkexec_record_address(const struct libkexec_record *record);
enum libkexec_park_mode libkexec_record_mode(const struct libkexec_record *record);
/** Hand-overs through this page, from 1. */
uint32_t libkexec_record_generation(const struct libkexec_record *record);
enum libkexec_slot libkexec_record_slot(const struct libkexec_record *record);
/** What became of parking, by the short words of kexec-park-page(7): "all", "some", ... */
const char *libkexec_record_verdict(const struct libkexec_record *record);
/** What became of the digest, likewise: "match", ... */
const char *libkexec_record_digest(const struct libkexec_record *record);
uint64_t libkexec_record_digest_bytes(const struct libkexec_record *record);
uint32_t libkexec_record_expected(const struct libkexec_record *record);
uint32_t libkexec_record_arrived(const struct libkexec_record *record);
/** APIC ID of CPU @p i of those that did not arrive; UINT32_MAX past the last one recorded. */
uint32_t libkexec_record_missing(const struct libkexec_record *record, size_t i);
/** NMIs that parked CPUs took since that hand-over. */
uint32_t libkexec_record_nmis(const struct libkexec_record *record);
/** Machine checks that parked CPUs took since. */
uint32_t libkexec_record_machine_checks(const struct libkexec_record *record);
/** The purgatory's last messages, lines of printable ASCII. */
const char *libkexec_record_log(const struct libkexec_record *record);

/* ---- the library --------------------------------------------------------------------------- */

/** "1.0.0" of the library that runs. */
const char *libkexec_version(void);

#ifdef __cplusplus
}
#endif
#endif
