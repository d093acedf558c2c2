/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The public library: a layer over load.h that keeps every structure to itself. It decides nothing;
 * what it adds is ownership, and numbers that never change.
 */
#include <stdlib.h>
#include <string.h>

#include "libkexec.h"
#include "load.h"
#include "park_page.h"
#include "warnings.h"

/* ---- the same numbers on both sides -------------------------------------------------------- */

#define SAME(outer, inner)                                                                 \
	_Static_assert((int)LIBKEXEC_##outer == (int)KP_##inner, #outer " is not " #inner)

SAME(ERROR_NONE, OK);
SAME(ERROR_USAGE, USAGE);
SAME(ERROR_IO, IO);
SAME(ERROR_IMAGE, IMAGE);
SAME(ERROR_MACHINE, MACHINE);
SAME(ERROR_NO_CRASHKERNEL, NO_CRASHKERNEL);
SAME(ERROR_NO_ROOM, NO_ROOM);
SAME(ERROR_PERMISSION, PERMISSION);
SAME(ERROR_BUSY, BUSY);
SAME(ERROR_UNSUPPORTED, UNSUPPORTED);
SAME(ERROR_PARK, PARK);
SAME(ERROR_NO_MEMORY, NO_MEMORY);
SAME(ERROR_INTERNAL, INTERNAL);
SAME(ERROR_CONFIDENTIAL, CONFIDENTIAL);
SAME(STAGE_UNPACK, STAGE_UNPACK);
SAME(STAGE_DIGEST, STAGE_DIGEST);
SAME(STAGE_SUBMIT, STAGE_SUBMIT);
SAME(NORMAL, NORMAL);
SAME(CRASH, CRASH);
SAME(CALL_LOAD, CALL_LOAD);
SAME(CALL_FILE, CALL_FILE);
SAME(FORMAT_AUTO, FORMAT_AUTO);
SAME(FORMAT_BZIMAGE, FORMAT_BZIMAGE64);
SAME(FORMAT_ELF, FORMAT_ELF64);
SAME(FORMAT_UKI, FORMAT_UKI);
SAME(MISMATCH_RESET, MISMATCH_RESET);
SAME(MISMATCH_HALT, MISMATCH_HALT);
SAME(MISMATCH_BOOT, MISMATCH_BOOT);
SAME(PARK_OFF, PARK_OFF);
SAME(PARK_REQUIRED, PARK_AUTO);
SAME(PARK_AT, PARK_AT);
SAME(PARK_TRY, PARK_TRY);
SAME(PARK_HLT, PARK_HLT);
SAME(PARK_INIT, PARK_INIT);
SAME(PARK_CLGI, PARK_CLGI);
SAME(SERIAL_PORT, SERIAL_PORT);
SAME(SERIAL_MMIO, SERIAL_MMIO);
SAME(SERIAL_MMIO32, SERIAL_MMIO32);
SAME(SERIAL_FIRMWARE, SERIAL_AUTO);
SAME(ELF_ARGS_AUTO, ELF_ARGS_AUTO);
SAME(ELF_ARGS_LINUX, ELF_ARGS_LINUX);
SAME(ELF_ARGS_NONE, ELF_ARGS_NONE);
SAME(PARK_STATE_NONE, PARK_STATE_NONE);
SAME(PARK_STATE_NEW, PARK_STATE_NEW);
SAME(PARK_STATE_REUSE, PARK_STATE_REUSE);
SAME(PARK_STATE_REPLACE, PARK_STATE_REPLACE);
SAME(PARK_FOUND_NONE, PARK_FOUND_NONE);
SAME(PARK_FOUND_INTACT, PARK_FOUND_INTACT);
SAME(PARK_FOUND_OTHER_VERSION, PARK_FOUND_OTHER_VERSION);
SAME(PARK_FOUND_CORRUPT, PARK_FOUND_CORRUPT);

/* ---- the context --------------------------------------------------------------------------- */

struct libkexec {
	struct kp_error err;
	struct kp_arena arena;     /* of the warnings */
	struct kp_warnings warnings;
	libkexec_progress told;
	void *told_arg;
};

struct libkexec *libkexec_new(void)
{
	return calloc(1, sizeof(struct libkexec));
}

static void forget(struct libkexec *kx)
{
	kp_arena_free(&kx->arena);
	kx->warnings = (struct kp_warnings){ .arena = &kx->arena };
}

void libkexec_free(struct libkexec *kx)
{
	if (!kx)
		return;
	forget(kx);
	free(kx);
}

/*
 * Begin a call that is given @object. False where that is NULL: the error of the call that should
 * have made it stays.
 */
static bool begin(struct libkexec *kx, const void *object)
{
	if (!kx)
		return false;
	forget(kx);
	if (object) {
		kx->err = (struct kp_error){ 0 };
		return true;
	}
	if (kx->err.code == KP_OK)
		kp_fail(&kx->err, KP_USAGE, "an object that the call needs is NULL");
	return false;
}

/* What cannot be kept for want of memory is not told: the call that it is about succeeded. */
static void warn(struct libkexec *kx, const char *text)
{
	struct kp_error unused = { 0 };

	kp_warn(&kx->warnings, &unused, "%s", text);
}

static void warn_from(struct libkexec *kx, const struct kp_plan *plan, size_t i)
{
	for (; i < plan->n_warnings; i++)
		warn(kx, plan->warnings[i]);
}

enum libkexec_error libkexec_error(const struct libkexec *kx)
{
	return kx ? (enum libkexec_error)kx->err.code : LIBKEXEC_ERROR_NO_MEMORY;
}

int libkexec_error_errno(const struct libkexec *kx)
{
	return kx ? kx->err.sys : 0;
}

const char *libkexec_error_text(const struct libkexec *kx)
{
	return kx ? kx->err.text : "out of memory";
}

const char *libkexec_warning(const struct libkexec *kx, size_t i)
{
	return kx && i < kx->warnings.n ? kx->warnings.v[i] : NULL;
}

void libkexec_on_progress(struct libkexec *kx, libkexec_progress told, void *arg)
{
	if (!kx)
		return;
	kx->told = told;
	kx->told_arg = arg;
}

/* A kp_progress. */
static void tell(void *arg, enum kp_stage stage, uint64_t bytes)
{
	const struct libkexec *kx = arg;

	if (kx->told)
		kx->told(kx->told_arg, (enum libkexec_stage)stage, bytes);
}

/* ---- the machine --------------------------------------------------------------------------- */

/* Lives until neither its owner nor a plan uses it. */
struct libkexec_machine {
	struct kp_machine *facts;
	size_t users;
};

struct libkexec_machine *libkexec_machine_read(struct libkexec *kx, const char *root)
{
	struct libkexec_machine *machine;

	if (!begin(kx, root))
		return NULL;
	machine = calloc(1, sizeof(*machine));
	if (!machine) {
		kp_fail(&kx->err, KP_NO_MEMORY, "out of memory for a machine");
		return NULL;
	}
	if (kp_machine_read(root, &machine->facts, &kx->err)) {
		free(machine);
		return NULL;
	}
	machine->users = 1;
	return machine;
}

void libkexec_machine_free(struct libkexec_machine *machine)
{
	if (!machine || --machine->users)
		return;
	kp_machine_free(machine->facts);
	free(machine);
}

/* A kp_capture_missed. */
static void warn_of_missed(void *arg, const char *path, const char *why)
{
	struct libkexec *kx = arg;
	struct kp_error unused = { 0 };

	kp_warn(&kx->warnings, &unused, "not recorded: %s: %s", path, why);
}

int libkexec_machine_capture(struct libkexec *kx, const char *root, const char *dir)
{
	if (!begin(kx, root && dir ? dir : NULL))
		return -1;
	return kp_machine_capture(root, dir, warn_of_missed, kx, &kx->err);
}

int libkexec_crash_bytes(struct libkexec *kx, const struct libkexec_machine *machine,
			 uint64_t *bytes)
{
	return begin(kx, machine) ? kp_crash_bytes(machine->facts, bytes, &kx->err) : -1;
}

/* ---- the request --------------------------------------------------------------------------- */

struct libkexec_request {
	struct kp_request asked;
	enum kp_call call;
	struct kp_arena arena;     /* of all strings */
	const char **initrds;
	size_t initrds_cap;
	struct kp_error fault;     /* the first that a setter met */
};

/* Where a setter's error goes: the first is kept, the others are lost in @later. */
static struct kp_error *fault_of(struct libkexec_request *req, struct kp_error *later)
{
	return req->fault.code ? later : &req->fault;
}

static const char *keep(struct libkexec_request *req, const char *text)
{
	struct kp_error later;

	return text ? kp_arena_strndup(&req->arena, text, strlen(text), fault_of(req, &later)) : NULL;
}

/* @value, or 0 with the fault noted where it is none of the @n that there are. */
static unsigned known(struct libkexec_request *req, const char *what, unsigned value, unsigned n)
{
	struct kp_error later;

	if (value < n)
		return value;
	kp_fail(fault_of(req, &later), KP_USAGE,
		"the request has the %s %u; this library knows 0 to %u", what, value, n - 1);
	return 0;
}

struct libkexec_request *libkexec_request_new(enum libkexec_slot slot, const char *kernel)
{
	struct libkexec_request *req = calloc(1, sizeof(*req));

	if (!req)
		return NULL;
	req->asked.slot = (enum kp_slot)known(req, "slot", slot, LIBKEXEC_CRASH + 1);
	req->asked.image = keep(req, kernel);
	return req;
}

void libkexec_request_free(struct libkexec_request *req)
{
	if (!req)
		return;
	kp_arena_free(&req->arena);
	free(req);
}

/* A setter of member @member, from the parameter @param, to an enumerator: @last is the last. */
#define SET_ENUM(name, outer, param, member, inner, last)                                  \
	void libkexec_request_set_##name(struct libkexec_request *req, enum outer param)   \
	{                                                                                  \
		if (req)                                                                   \
			req->member = (inner)known(req, #name, (param), (last) + 1);  \
	}

#define SET(name, type, param, member)                                                     \
	void libkexec_request_set_##name(struct libkexec_request *req, type param)         \
	{                                                                                  \
		if (req)                                                                   \
			req->asked.member = (param);                                       \
	}

SET_ENUM(call, libkexec_call, call, call, enum kp_call, LIBKEXEC_CALL_FILE)
SET_ENUM(format, libkexec_format, format, asked.format, enum kp_format, LIBKEXEC_FORMAT_UKI)
SET_ENUM(elf_args, libkexec_elf_args, args, asked.elf_args, enum kp_elf_args,
	 LIBKEXEC_ELF_ARGS_NONE)
SET_ENUM(on_mismatch, libkexec_mismatch, policy, asked.on_mismatch, enum kp_mismatch,
	 LIBKEXEC_MISMATCH_BOOT)
SET_ENUM(park, libkexec_park, want, asked.park, enum kp_park_want, LIBKEXEC_PARK_TRY)
SET_ENUM(park_mode, libkexec_park_mode, mode, asked.park_mode, enum kp_park_mode,
	 LIBKEXEC_PARK_CLGI)
SET(reuse_cmdline, bool, reuse, reuse_cmdline)
SET(lowest, uint64_t, address, mem_min)
SET(highest, uint64_t, address, mem_max)
SET(no_checks, bool, no_checks, no_checks)
SET(serial_baud, uint32_t, baud, serial_baud)
SET(vga_console, bool, on, console_vga)
SET(ipmi_trace, bool, on, trace_ipmi)
SET(no_post_codes, bool, no_post, no_post)
SET(no_efi, bool, no_efi, no_efi)
SET(hotplug, bool, on, hotplug)
SET(park_address, uint64_t, address, park_addr)
SET(park_mode_forced, bool, forced, force_park_mode)
SET(no_cma, bool, no_cma, no_cma)
SET(pass_device_tree, bool, pass, force_dtb)

void libkexec_request_add_initrd(struct libkexec_request *req, const char *path)
{
	struct kp_error later;
	const char **all;

	if (!req || !path)
		return;
	all = kp_arena_grow(&req->arena, req->initrds, req->asked.n_initrds, &req->initrds_cap,
			    sizeof(*all), fault_of(req, &later));
	if (!all)
		return;
	all[req->asked.n_initrds++] = keep(req, path);
	req->initrds = all;
	req->asked.initrds = all;
}

void libkexec_request_set_cmdline(struct libkexec_request *req, const char *cmdline)
{
	if (req)
		req->asked.cmdline = keep(req, cmdline);
}

void libkexec_request_set_serial_console(struct libkexec_request *req, enum libkexec_serial how,
					 uint64_t address)
{
	struct kp_error later;

	if (!req)
		return;
	req->asked.console_serial = true;
	req->asked.serial = (enum kp_serial)known(req, "serial console", how,
						  LIBKEXEC_SERIAL_FIRMWARE + 1);
	req->asked.serial_address = address;
	req->asked.serial_port = how == LIBKEXEC_SERIAL_PORT ? (uint16_t)address : 0;
	if (how == LIBKEXEC_SERIAL_PORT && address > UINT16_MAX)
		kp_fail(fault_of(req, &later), KP_USAGE, "the request has the serial I/O port %#llx; "
			"the last is 0xffff", (unsigned long long)address);
}

void libkexec_request_set_framebuffer_console(struct libkexec_request *req, bool on,
					      unsigned quarters)
{
	if (!req)
		return;
	req->asked.console_fb = on;
	req->asked.fb_rotate = quarters;
}

/* ---- the plan ------------------------------------------------------------------------------ */

struct libkexec_plan {
	struct kp_load *load;
	struct libkexec_machine *machine;
};

static int make_load(struct libkexec *kx, const struct libkexec_machine *machine,
		     const struct libkexec_request *req, struct kp_load **out)
{
	struct kp_request asked = req->asked;

	if (req->fault.code) {
		kx->err = req->fault;
		return -1;
	}
	asked.progress = tell;
	asked.progress_arg = kx;
	return req->call == KP_CALL_FILE ?
	       kp_load_plan_file(&asked, machine->facts, NULL, out, &kx->err) :
	       kp_load_plan(&asked, machine->facts, out, &kx->err);
}

struct libkexec_plan *libkexec_plan_new(struct libkexec *kx, struct libkexec_machine *machine,
					const struct libkexec_request *req)
{
	struct libkexec_plan *plan;

	if (!begin(kx, machine && req ? machine : NULL))
		return NULL;
	plan = calloc(1, sizeof(*plan));
	if (!plan) {
		kp_fail(&kx->err, KP_NO_MEMORY, "out of memory for a plan");
		return NULL;
	}
	if (make_load(kx, machine, req, &plan->load)) {
		free(plan);
		return NULL;
	}
	warn_from(kx, kp_load_shown(plan->load), 0);
	plan->machine = machine;
	machine->users++;
	return plan;
}

void libkexec_plan_free(struct libkexec_plan *plan)
{
	if (!plan)
		return;
	kp_load_free(plan->load);
	libkexec_machine_free(plan->machine);
	free(plan);
}

bool libkexec_file_call_may_help(const struct libkexec *kx, enum libkexec_slot slot)
{
	return kx && (kx->err.code == KP_CONFIDENTIAL ||
		      kp_load_file_may_help((enum kp_slot)slot, &kx->err));
}

static const struct kp_plan *shown(const struct libkexec_plan *plan)
{
	static const struct kp_plan none;

	return plan ? kp_load_shown(plan->load) : &none;
}

static const struct kp_segment *segment(const struct libkexec_plan *plan, size_t i)
{
	static const struct kp_segment none;

	return i < shown(plan)->n_segments ? &shown(plan)->segments[i] : &none;
}

static const struct kp_mem *map_row(const struct libkexec_plan *plan, size_t i)
{
	static const struct kp_mem none;

	return i < shown(plan)->n_e820 ? &shown(plan)->e820[i] : &none;
}

/* A getter of @type: @value of a plan, of row @i of it, or of a flight record. */
#define GET_PLAN(name, type, value)                                                        \
	type libkexec_plan_##name(const struct libkexec_plan *plan)                        \
	{                                                                                  \
		return (type)shown(plan)->value;                                           \
	}
#define GET_ROW(name, type, row, value)                                                    \
	type libkexec_plan_##name(const struct libkexec_plan *plan, size_t i)              \
	{                                                                                  \
		return row(plan, i)->value;                                                \
	}
#define GET_STATUS(name, type, value)                                                      \
	type libkexec_record_##name(const struct libkexec_record *record)                  \
	{                                                                                  \
		return (type)status_of(record)->value;                                     \
	}

GET_PLAN(slot, enum libkexec_slot, slot)
GET_PLAN(call, enum libkexec_call, call)
GET_PLAN(cmdline, const char *, cmdline)
GET_PLAN(entry, uint64_t, entry)
GET_PLAN(segments, size_t, n_segments)
GET_ROW(segment_name, const char *, segment, name)
GET_ROW(segment_start, uint64_t, segment, at.start)
GET_ROW(segment_last, uint64_t, segment, at.last)
GET_ROW(segment_bytes, uint64_t, segment, data_bytes)
GET_ROW(segment_digested, bool, segment, digest)
GET_PLAN(map_rows, size_t, n_e820)
GET_ROW(map_start, uint64_t, map_row, at.start)
GET_ROW(map_last, uint64_t, map_row, at.last)
GET_ROW(map_type, uint32_t, map_row, type)
GET_PLAN(park_state, enum libkexec_park_state, park.state)
GET_PLAN(park_address, uint64_t, park.address)
GET_PLAN(park_mode, enum libkexec_park_mode, park.mode)
GET_PLAN(park_expected, uint32_t, park.expected)

/* ---- the load ------------------------------------------------------------------------------ */

int libkexec_submit(struct libkexec *kx, struct libkexec_plan *plan)
{
	size_t planned;

	if (!begin(kx, plan))
		return -1;
	planned = shown(plan)->n_warnings;
	kp_load_on_progress(plan->load, tell, kx);
	if (kp_load_submit(plan->load, &kx->err))
		return -1;
	warn_from(kx, shown(plan), planned);
	return 0;
}

int libkexec_unload(struct libkexec *kx, enum libkexec_slot slot)
{
	return begin(kx, kx) ? kp_unload((enum kp_slot)slot, KP_CALL_AUTO, &kx->err) : -1;
}

int libkexec_loaded(struct libkexec *kx, enum libkexec_slot slot)
{
	return begin(kx, kx) ? kp_loaded((enum kp_slot)slot, &kx->err) : -1;
}

int libkexec_reboot(struct libkexec *kx)
{
	return begin(kx, kx) ? kp_reboot(&kx->err) : -1;
}

/* ---- the park page ------------------------------------------------------------------------- */

struct libkexec_record {
	struct kp_park_status status;
};

struct libkexec_record *libkexec_record_read(struct libkexec *kx,
					     const struct libkexec_machine *machine)
{
	struct libkexec_record *record;

	if (!begin(kx, machine))
		return NULL;
	record = calloc(1, sizeof(*record));
	if (!record)
		kp_fail(&kx->err, KP_NO_MEMORY, "out of memory for a flight record");
	if (record && kp_park_status_read(machine->facts, &record->status, &kx->err) == 0)
		return record;
	free(record);
	return NULL;
}

void libkexec_record_free(struct libkexec_record *record)
{
	free(record);
}

static const struct kp_park_status *status_of(const struct libkexec_record *record)
{
	static const struct kp_park_status none;

	return record ? &record->status : &none;
}

GET_STATUS(found, enum libkexec_park_found, found)
GET_STATUS(address, uint64_t, address)
GET_STATUS(mode, enum libkexec_park_mode, mode)
GET_STATUS(generation, uint32_t, generation)
GET_STATUS(slot, enum libkexec_slot, slot)
GET_STATUS(digest_bytes, uint64_t, digest_bytes)
GET_STATUS(expected, uint32_t, expected)
GET_STATUS(arrived, uint32_t, arrived)
GET_STATUS(nmis, uint32_t, nmi_count)
GET_STATUS(machine_checks, uint32_t, mce_count)
GET_STATUS(log, const char *, log)

/* The numbers are the purgatory's, which may be of a later version, or damaged. */
static const char *word_of(const struct park_naming *words, size_t n, uint32_t number)
{
	return number < n ? words[number].word : "unknown";
}

const char *libkexec_record_verdict(const struct libkexec_record *record)
{
	static const struct park_naming words[] = { PARK_VERDICT_LIST(PARK_NAMING_ROW) };

	return word_of(words, PARK_VERDICTS, status_of(record)->verdict);
}

const char *libkexec_record_digest(const struct libkexec_record *record)
{
	static const struct park_naming words[] = { PARK_DIGEST_LIST(PARK_NAMING_ROW) };

	return word_of(words, PARK_DIGESTS, status_of(record)->digest);
}

uint32_t libkexec_record_missing(const struct libkexec_record *record, size_t i)
{
	const struct kp_park_status *status = status_of(record);

	return i < status->n_missing && i < KP_PARK_MISSING ? status->missing[i] : UINT32_MAX;
}

/* ---- the library --------------------------------------------------------------------------- */

const char *libkexec_version(void)
{
	return kp_version();
}
