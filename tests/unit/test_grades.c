/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every file that a machine is read from, each gone, empty, unreadable, cut, garbage, busy, broken
 * and a link: what fails is what core/grades.c says, by name, and the rest goes on with a warning.
 */
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan_fixture.h"

#include "grades.h"
#include "load.h"
#include "machine_linux.h"
#include "submit.h"

/* ---- a file that cannot be read ------------------------------------------------------------ */

static struct {
	char path[PATH_MAX];       /* of the file; "": all can be read */
	int sys;
} broken;

static bool is_broken(int fd)
{
	char link[32], path[256];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = broken.path[0] ? readlink(link, path, sizeof(path) - 1) : -1;
	if (len <= 0 || strncmp(path, broken.path, (size_t)len) != 0 || broken.path[len])
		return false;
	errno = broken.sys;
	return true;
}

#define NEXT(f) ((__typeof__(f) *)dlsym(RTLD_NEXT, #f))

/* In place of the C library's: the library's edges call these. */
ssize_t read(int fd, void *bytes, size_t n)
{
	return is_broken(fd) ? -1 : NEXT(read)(fd, bytes, n);
}

ssize_t __read_chk(int fd, void *bytes, size_t n, size_t room);
ssize_t __read_chk(int fd, void *bytes, size_t n, size_t room)
{
	(void)room;
	return read(fd, bytes, n);
}

/* ---- a machine that has every file --------------------------------------------------------- */

static char top[] = "/tmp/kp-grades-XXXXXX";

static void put_bytes(const char *path, const void *bytes, size_t n)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s/root/%s", top, path);
	for (char *s = full + strlen(top) + 6; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		mkdir(full, 0755);
		*s = '/';
	}
	unlink(full);
	f = fopen(full, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

#define RESERVED_PAGE "dev/mem.d/0x00058000"

static void put_the_rest(void)
{
	static const char *const files[][2] = {
		{ "proc/meminfo", "MemTotal:        4000000 kB\n" },
		{ "proc/kallsyms", "ffffffff81000000 T _stext\n" },
		{ "sys/devices/system/cpu/crash_hotplug", "1\n" },
		{ "sys/devices/system/memory/crash_hotplug", "1\n" },
		{ "sys/kernel/kexec/loaded", "0\n" },
		{ "sys/kernel/kexec/crash_loaded", "1\n" },
		{ "sys/kernel/kexec/crash_size", "268435456\n" },
		{ "sys/kernel/kexec/crash_elfcorehdr_size", "16384\n" },
		{ "sys/kernel/kexec/crash_cma_ranges", "0000000010000000-000000001fffffff\n" },
		{ "sys/kernel/config/crash_dm_crypt_keys/count", "2\n" },
		{ "sys/kernel/debug/kho/out/scratch_phys", "0x10000000\n" },
		{ "sys/kernel/debug/kho/out/finalize", "0\n" },
		{ "sys/devices/virtual/misc/liveupdate/dev", "10:260\n" },
		{ "sys/firmware/memmap/900/start", "0x58000\n" },
		{ "sys/firmware/memmap/900/end", "0x58fff\n" },
		{ "sys/firmware/memmap/900/type", "Reserved\n" },
		{ "sys/firmware/acpi/tables/SPCR", "SPCR" },
		{ "sys/firmware/dmi/entries/38-0/raw", "a BMC" },
		{ "proc/sys/kernel/io_delay_type", "0\n" },
		{ "sys/hypervisor/type", "other\n" },
		{ "sys/hypervisor/guest_type", "HVM\n" },
		{ "sys/hypervisor/properties/features", "00002705\n" },
		{ "proc/xen/capabilities", "none\n" },
		{ "sys/firmware/sgi_uv/archtype", "NSGI4/UVX\n" },
		{ "proc/sys/kernel/osrelease", "5.10.0-9-amd64\n" },
		{ "boot/config-5.10.0-9-amd64", "CONFIG_AMD_MEM_ENCRYPT_ACTIVE_BY_DEFAULT=y\n" },
		{ RESERVED_PAGE, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(files[i][0], files[i][1]);
}

/* Two captured machines in one: one has BIOS disks, the other EFI. */
static void compose(void)
{
	const char *source = getenv("top_srcdir") ?: ".";
	char command[1024];

	snprintf(command, sizeof(command),
		 "rm -rf %s/root && cp -r %s/tests/machines/bios/root %s/root && "
		 "cp -r %s/tests/machines/uefi/root/sys/firmware/efi %s/root/sys/firmware && "
		 "chmod -R u+w %s/root && mkdir %s/root/boot %s/root/proc/sgi_uv "
		 "%s/root/sys/firmware/sgi_uv && sed -i 's/^flags.*/& sme/' %s/root/proc/cpuinfo",
		 top, source, top, source, top, top, top, top, top, top);
	assert_int_equal(system(command), 0);
	put_the_rest();
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int make_top(void **state)
{
	(void)state;
	return mkdtemp(top) ? 0 : -1;
}

static int remove_top(void **state)
{
	(void)state;
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- what is asked for --------------------------------------------------------------------- */

#define MOST_PATHS 4096

static struct {
	char path[MOST_PATHS][96];
	bool read[MOST_PATHS];
	size_t n;
} asked;

static void note_asked(void *arg, const char *path, int why, struct kp_view bytes)
{
	(void)arg;
	(void)bytes;
	assert_true(asked.n < MOST_PATHS);
	snprintf(asked.path[asked.n], sizeof(asked.path[0]), "%s", path);
	asked.read[asked.n++] = why == 0;
}

static void gather(struct kp_machine *m, kp_root_saw saw)
{
	struct kp_error err = { 0 };
	struct kp_root root;
	char path[64];

	snprintf(path, sizeof(path), "%s/root", top);
	*m = (struct kp_machine){ 0 };
	assert_int_equal(kp_root_open(path, &root, &err), 0);
	root.saw = saw;
	if (kp_machine_gather(&root, m, &err))
		fail_msg("%s", err.text);
	kp_root_close(&root);
}

/* Files that are looked at only where another one is not there: but for the first, in its place. */
static const struct { const char *path, *without; } second_best[] = {
	{ "proc/kallsyms", "proc/kcore" },
	{ "sys/firmware/acpi/tables/APIC1", "sys/firmware/acpi/tables/APIC" },
	{ "sys/kernel/kexec_crash_size", "sys/kernel/kexec/crash_size" },
	{ "sys/kernel/crash_elfcorehdr_size", "sys/kernel/kexec/crash_elfcorehdr_size" },
	{ "sys/kernel/kexec_crash_cma_ranges", "sys/kernel/kexec/crash_cma_ranges" },
	{ "proc/sgi_uv/archtype", "sys/firmware/sgi_uv/archtype" },
};

/* Read otherwise on a live machine, and tested in test_machine.c. */
static bool is_live_only(const struct kp_fact *fact)
{
	return strcmp(fact->path, "dev/mem") == 0 || strcmp(fact->path, "dev/cpu/*/msr") == 0;
}

static void full_path(const char *path, char full[256])
{
	snprintf(full, 256, "%s/root/%s", top, path);
}

static void remove_file(const char *path)
{
	char full[256];

	full_path(path, full);
	assert_int_equal(unlink(full), 0);
}

static void move(const char *from, const char *to)
{
	char old[256], new[256];

	full_path(from, old);
	full_path(to, new);
	assert_int_equal(access(new, F_OK) == 0 ? unlink(old) : rename(old, new), 0);
}

/* A whole machine, but for what would hide the file. */
static void compose_for(const char *path)
{
	compose();
	for (size_t i = 0; i < ARRAY_SIZE(second_best); i++)
		if (strcmp(second_best[i].path, path) == 0)
			move(second_best[i].without, path);
}

/* A file that the row is about, and that is there. */
static const char *file_of(const struct kp_fact *fact)
{
	for (size_t i = 0; i < asked.n; i++)
		if (asked.read[i] && kp_fact_of(asked.path[i]) == fact)
			return asked.path[i];
	for (size_t i = 0; i < ARRAY_SIZE(second_best); i++)
		if (kp_fact_of(second_best[i].path) == fact)
			return second_best[i].path;
	return NULL;
}

static void ask_for_all(void)
{
	struct kp_machine m;

	asked.n = 0;
	compose();
	gather(&m, note_asked);
	for (size_t i = 0; i < m.n_troubles; i++)
		print_message("%s: %s\n", m.troubles[i].path, m.troubles[i].why);
	assert_int_equal(m.n_troubles, 0);
	kp_arena_free(&m.arena);
}

static void the_table_has_every_file(void **state)
{
	const struct kp_fact *fact;

	(void)state;
	ask_for_all();
	for (size_t i = 0; i < asked.n; i++)
		if (!kp_fact_of(asked.path[i]))
			fail_msg("%s is read, and no row is about it", asked.path[i]);
	for (size_t i = 0; (fact = kp_fact_row(i)) != NULL; i++)
		if (kp_fact_of(fact->path) == fact && !is_live_only(fact) && !file_of(fact))
			fail_msg("%s is in the table, and nobody reads it", fact->path);
}

static void rows_are_found_by_whole_names(void **state)
{
	static const struct { const char *path; bool found; } rows[] = {
		{ "proc/iomem", true }, { "proc/iomem2", false }, { "proc/iome", false },
		{ "proc", true }, { "pro", false }, { "sys/firmware/memmap/12/type", true },
		{ "sys/firmware/memmap", true }, { "sys/firmware/memmap/1/2/type", false },
		{ "sys/devices/system/cpu/cpu12/crash_notes", true },
		{ "sys/devices/system/cpu/cpu12/crash_notes_siz", false }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!!kp_fact_of(rows[i].path) != rows[i].found)
			fail_msg("\"%s\"", rows[i].path);
}

/* ---- what is done to a file ---------------------------------------------------------------- */

enum state { ABSENT, EMPTY, UNREADABLE, CUT, GARBAGE, BUSY, BROKEN, LINK, STATES };

static const char *const state_names[] = {
	"absent", "empty", "unreadable", "cut", "garbage", "EBUSY", "EIO", "a link",
};

static void break_reading(const char *full, int sys)
{
	assert_non_null(realpath(full, broken.path));
	broken.sys = sys;
}

/* Not at the end of a line: that nobody can see. */
static void cut_in_half(const char *full, off_t size)
{
	off_t half = size / 2;
	FILE *f = fopen(full, "r");

	assert_non_null(f);
	while (half && fseek(f, half - 1, SEEK_SET) == 0 && getc(f) == '\n')
		half--;
	fclose(f);
	assert_int_equal(truncate(full, half), 0);
}

static void do_to(const char *path, enum state what)
{
	static const char garbage[] = "\1\2 no fact, \xff not a word of it\n";
	char full[256], aside[280];
	struct stat st;

	full_path(path, full);
	assert_int_equal(stat(full, &st), 0);
	switch (what) {
	case ABSENT:
		return remove_file(path);
	case EMPTY:
		return put(path, "");
	case UNREADABLE:
		return break_reading(full, EACCES);
	case CUT:
		return cut_in_half(full, st.st_size);
	case GARBAGE:
		return put(path, garbage);
	case BUSY:
		return break_reading(full, EBUSY);
	case BROKEN:
		return break_reading(full, EIO);
	case LINK:
		snprintf(aside, sizeof(aside), "%s.aside", full);
		assert_int_equal(rename(full, aside), 0);
		assert_int_equal(symlink(aside, full), 0);
		return;
	case STATES:
		break;
	}
	fail();
}

#define BIT(s) (1u << (s))

/* Contents of which every kind is sense: that they are cut or garbage, nobody can see. */
static const struct { const char *path; unsigned states; } any_will_do[] = {
	{ "proc/cmdline", BIT(CUT) | BIT(GARBAGE) },
	{ "proc/sys/kernel/osrelease", BIT(CUT) | BIT(GARBAGE) },
	{ "proc/kallsyms", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "proc/meminfo", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "sys/firmware/memmap/*/*", BIT(CUT) },
	{ "sys/firmware/efi/fw_vendor", BIT(CUT) },
	{ "sys/firmware/efi/runtime", BIT(CUT) },
	{ "sys/firmware/efi/config_table", BIT(CUT) },
	{ "sys/firmware/efi/systab", BIT(CUT) },
	{ "sys/firmware/efi/runtime-map/*/*", BIT(CUT) },
	{ "sys/firmware/edd/int13_dev*/*", BIT(CUT) },
	{ "sys/devices/system/cpu/crash_hotplug", BIT(CUT) },
	{ "sys/devices/system/memory/crash_hotplug", BIT(CUT) },
	{ "sys/devices/system/cpu/cpu*/crash_notes", BIT(CUT) },
	{ "sys/devices/system/cpu/cpu*/crash_notes_size", BIT(CUT) },
	{ "sys/kernel/kexec/crash_size", BIT(CUT) },
	{ "sys/kernel/kexec_crash_size", BIT(CUT) },
	{ "sys/kernel/kexec/crash_elfcorehdr_size", BIT(CUT) },
	{ "sys/kernel/crash_elfcorehdr_size", BIT(CUT) },
	{ "sys/kernel/kexec/crash_cma_ranges", BIT(EMPTY) },
	{ "sys/kernel/kexec_crash_cma_ranges", BIT(EMPTY) },
	{ "sys/kernel/config/crash_dm_crypt_keys/count", BIT(CUT) },
	{ "sys/kernel/debug/kho/out/scratch_phys", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "sys/kernel/debug/kho/out/finalize", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "sys/devices/virtual/misc/liveupdate/dev", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "kexec-park/facts", BIT(CUT) },
	/* Looked at only where a console or a trace is asked for. */
	{ "sys/firmware/acpi/tables/SPCR", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "sys/firmware/dmi/entries/38-0/raw", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "proc/sys/kernel/io_delay_type", BIT(CUT) },
	{ "sys/hypervisor/type", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "sys/hypervisor/guest_type", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "sys/hypervisor/properties/features", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "proc/xen/capabilities", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "sys/firmware/sgi_uv/archtype", BIT(CUT) | BIT(GARBAGE) },
	{ "proc/sgi_uv/archtype", BIT(CUT) | BIT(GARBAGE) },
	{ "boot/config-*", BIT(EMPTY) | BIT(CUT) | BIT(GARBAGE) },
	{ "dev/mem.d/*", BIT(EMPTY) | BIT(CUT) }, /* empty: no park page */
};

static bool is_sense(const struct kp_fact *fact, enum state what)
{
	for (size_t i = 0; i < ARRAY_SIZE(any_will_do); i++)
		if (strcmp(any_will_do[i].path, fact->path) == 0)
			return any_will_do[i].states & BIT(what);
	return false;
}

/* What Linux keeps of a table that is cut, is enough to park by. */
static bool is_partial(const struct kp_fact *fact, enum state what)
{
	return what == CUT && strstr(fact->path, "/tables/APIC");
}

/* Files that come together: that one is missing is seen by the others. */
static bool has_siblings(const struct kp_fact *fact)
{
	return strstr(fact->path, "/memmap/") || strstr(fact->path, "/runtime-map/") ||
	       strstr(fact->path, "/crash_notes_size");
}

/* Whether anything can be wrong with the fact then. */
static bool is_trouble(const struct kp_fact *fact, enum state what)
{
	if (what == ABSENT)
		return fact->expected || has_siblings(fact);
	return !is_sense(fact, what);
}

/* Whether parking lacks the fact then. Without half of what was measured it lacks the TSC. */
static bool is_lacking(const struct kp_fact *fact, enum state what)
{
	return strcmp(fact->path, "kexec-park/facts") == 0 ||
	       ((what == ABSENT || is_trouble(fact, what)) && !is_partial(fact, what));
}

/* ---- what goes on -------------------------------------------------------------------------- */

static bool is_told(const struct kp_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n_warnings; i++)
		if (strstr(plan->warnings[i], path))
			return true;
	return false;
}

struct trial {
	struct fixture *f;
	const struct kp_fact *fact;
	const char *path;
	enum state what;
	struct kp_machine m;
};

static unsigned n_broke;

static void broke(const struct trial *t, const char *act, const char *how)
{
	print_error("%s %s, %s: %s\n", t->path, state_names[t->what], act, how);
	n_broke++;
}

static void plan(const struct trial *t, const char *act, enum kp_slot slot, enum kp_park_want park)
{
	bool needs = t->fact->grade == KP_GRADE_LOAD && is_trouble(t->fact, t->what);
	bool parks = park != KP_PARK_OFF, lacks = parks && t->fact->grade == KP_GRADE_PARK &&
		     is_lacking(t->fact, t->what);
	struct kp_request req = { .slot = slot, .park = park, .cmdline = "maxcpus=1" };
	struct kp_plan_build built;
	struct kp_error err = { 0 };
	int rc = kp_plan_make(&req, &t->m, &t->f->image, NULL, 0, &t->f->blobs, &built, &err);

	if (rc == 0 && (needs || (lacks && park != KP_PARK_TRY)))
		broke(t, act, "it succeeded without");
	if (rc && !needs && !(lacks && park != KP_PARK_TRY))
		broke(t, act, err.text);
	if (rc && is_trouble(t->fact, t->what) && !strstr(err.text, t->path))
		broke(t, act, err.text);
	if (rc)
		return;
	if (is_trouble(t->fact, t->what) && !is_told(&built.plan, t->path))
		broke(t, act, "no warning names it");
	if (parks && lacks == (built.plan.park.state != KP_PARK_STATE_NONE))
		broke(t, act, lacks ? "it parks without" : "it does not park");
	kp_arena_free(&built.arena);
}

static void look_at_record(const struct trial *t)
{
	bool needs = (t->fact->grade == KP_GRADE_LOAD && is_trouble(t->fact, t->what)) ||
		     (strncmp(t->path, "dev/mem", 7) == 0 && is_lacking(t->fact, t->what));
	struct kp_park_status status;
	struct kp_error err = { 0 };
	int rc = kp_park_status_read(&t->m, &status, &err);

	if (!rc == needs)
		broke(t, "--park-status", rc ? err.text : "it succeeded without");
}

/* -S reads other files than a machine's. */
static void look_at_slots(const struct trial *t)
{
	char root[64];
	struct kp_kernel kernel = { .root = root };
	struct kp_error err = { 0 };

	snprintf(root, sizeof(root), "%s/root", top);
	if (kp_submit_loaded(&kernel, KP_NORMAL, &err) != 0 ||
	    kp_submit_loaded(&kernel, KP_CRASH, &err) != 1)
		broke(t, "-S", err.text);
}

/* As it was before do_to(). */
static void undo(const char *path, const uint8_t *bytes, size_t n)
{
	char aside[280];

	snprintf(aside, sizeof(aside), "%s/root/%s.aside", top, path);
	unlink(aside);
	put_bytes(path, bytes, n);
}

static size_t read_file(const char *path, uint8_t *bytes, size_t room)
{
	char full[256];
	size_t n;
	FILE *f;

	full_path(path, full);
	f = fopen(full, "r");
	assert_non_null(f);
	n = fread(bytes, 1, room, f);
	assert_true(n < room);
	fclose(f);
	return n;
}

static void try_all(struct trial *t)
{
	static uint8_t bytes[1 << 16];
	size_t n = read_file(t->path, bytes, sizeof(bytes));

	do_to(t->path, t->what);
	gather(&t->m, NULL);
	broken.path[0] = '\0';
	plan(t, "-l", KP_NORMAL, KP_PARK_OFF);
	plan(t, "-p", KP_CRASH, KP_PARK_OFF);
	plan(t, "-p --park-page=try", KP_CRASH, KP_PARK_TRY);
	plan(t, "-p --park-page", KP_CRASH, KP_PARK_AUTO);
	look_at_record(t);
	look_at_slots(t);
	kp_arena_free(&t->m.arena);
	undo(t->path, bytes, n);
}

static void each_file_in_each_state(void **state)
{
	struct trial t = { .f = *state };

	ask_for_all();
	for (size_t i = 0; (t.fact = kp_fact_row(i)) != NULL; i++) {
		if (kp_fact_of(t.fact->path) != t.fact || is_live_only(t.fact))
			continue;
		t.path = file_of(t.fact);
		compose_for(t.path);
		for (t.what = 0; t.what < STATES; t.what++)
			try_all(&t);
	}
	assert_int_equal(n_broke, 0);
}

/* The row that is about a part of a file: without it normal loads go on. */
static void no_crash_kernel_is_the_crash_loads_trouble(void **state)
{
	struct fixture *f = *state;
	struct kp_request req = { .slot = KP_NORMAL, .cmdline = "" };
	struct kp_plan_build built;
	struct kp_error err = { 0 };
	struct kp_machine m;

	compose();
	put("proc/iomem", "00001000-0009fbff : System RAM\n00100000-bffdffff : System RAM\n");
	gather(&m, NULL);
	if (kp_plan_make(&req, &m, &f->image, NULL, 0, &f->blobs, &built, &err))
		fail_msg("%s", err.text);
	kp_arena_free(&built.arena);
	req.slot = KP_CRASH;
	assert_int_equal(kp_plan_make(&req, &m, &f->image, NULL, 0, &f->blobs, &built, &err), -1);
	assert_int_equal(err.code, KP_NO_CRASHKERNEL);
	kp_arena_free(&m.arena);
}

/* ---- the documentation --------------------------------------------------------------------- */

static void print_row(FILE *out, const struct kp_fact *fact)
{
	static const char *const grades[] = { [KP_GRADE_OPTIONAL] = "optional",
		[KP_GRADE_PARK] = "parking", [KP_GRADE_CRASH] = "crash loads",
		[KP_GRADE_LOAD] = "every load" };

	fprintf(out, "| `/%s`%s%s%s | %s | %s | %s |\n", fact->path, fact->part ? ", `" : "",
		fact->part ?: "", fact->part ? "`" : "", grades[fact->grade], fact->serves,
		*fact->without ? fact->without : "-");
}

/* Its text is read by people; a row that differs is printed as it should be. */
static void the_documentation_is_the_table(void **state)
{
	char *expected = NULL, *text = calloc(1, 65536), path[512];
	const struct kp_fact *fact;
	size_t n = 0;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/docs/FACTS.md", getenv("top_srcdir") ?: ".");
	f = fopen(path, "r");
	assert_true(f && text && fread(text, 1, 65535, f) > 0);
	fclose(f);
	f = open_memstream(&expected, &n);
	for (size_t i = 0; (fact = kp_fact_row(i)) != NULL; i++)
		print_row(f, fact);
	fclose(f);
	if (!strstr(text, expected) || strstr(strstr(text, expected) + n, "| `/"))
		fail_msg("docs/FACTS.md should have exactly these rows:\n%s", expected);
	free(expected);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_every_file),
		cmocka_unit_test(rows_are_found_by_whole_names),
		fixture_test(each_file_in_each_state),
		fixture_test(no_crash_kernel_is_the_crash_loads_trouble),
		cmocka_unit_test(the_documentation_is_the_table),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
