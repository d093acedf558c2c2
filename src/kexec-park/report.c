/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A report grows as a directory that only its owner can enter, beside the file that it will be, and
 * goes by that directory's descriptor. What a capture holds that others must not see is taken out there, and tar(1) packs the rest:
 * every system that has a kernel to load has one, and a statically linked kexec-park needs no
 * library for it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"
#include "park_status.h"
#include "plan_json.h"
#include "plan_text.h"
#include "private_dir.h"
#include "progress.h"
#include "redact.h"
#include "report.h"
#include "say.h"

#include <asm/bootparam.h>

#define TOP "kexec-park-report"
#define ARCHIVE "report.tar.gz"
#define PAGES "dev/mem.d"

struct report {
	const char *root;
	const struct kp_request *request;
	struct private_dir dir;    /* holds TOP, and at last ARCHIVE */
	int top;                   /* TOP */
	char release[128];         /* of the machine's kernel, or "" */
	struct kp_error *err;
};

static const struct {
	const char *name, *what;
} contents[] = {
	{ "README", "this list, and what was left out" },
	{ "versions.txt", "versions; whether kernels are loaded" },
	{ "machine", "what --plan --root=DIR needs to know of the machine" },
	{ "not-recorded.txt", "what of that could not be read, and why" },
	{ "plan-crash.txt", "the plan of a crash kernel, or why there is none" },
	{ "plan-crash.json", "the same for programs" },
	{ "plan-normal.txt", "the plan of a normal load, or why there is none" },
	{ "plan-normal.json", "the same for programs" },
	{ "park-status.txt", "the park page and the last hand-over" },
	{ "park-status.json", "the same for programs" },
};

#define N_CONTENTS (sizeof(contents) / sizeof(contents[0]))

static const char left_out[] =
	"Left out:\n"
	"- Of kernel command lines, all but the words with the names below. Of another\n"
	"  name=value the name is left; words for init are not there at all.\n";

static const char left_out_too[] =
	"- Memory. Of a page that may be a park page its address is there; what the\n"
	"  record in it says is in park-status.txt.\n"
	"- proc/kcore and proc/kallsyms. They tell virtual addresses, which KASLR hides,\n"
	"  and which only the elfcorehdr of a crash kernel needs.\n"
	"- What boot_params and EDD know of the screen and of the disks: EDID, worldwide\n"
	"  names, signatures. Lines of cpuinfo that are not known. Any other file that a\n"
	"  capture has and that is not known to be harmless: not-recorded.txt names them.\n"
	"- Of the image its folder.\n"
	"There are: physical addresses, without which there is no plan; versions of the\n"
	"kernel and of the distribution; the processor's model, flags and APIC IDs. A\n"
	"message of an error can hold the name of a file as it was given.\n";

/* ---- errors and files --------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4)))
static int fail(struct kp_error *err, int sys, const char *fmt, ...)
{
	va_list args;
	size_t n;

	err->code = KP_IO;
	err->sys = sys;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	n = strlen(err->text);
	if (sys)
		snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(sys));
	return -1;
}

/* A path to @name of the report for who takes no descriptor, or NULL: memory ran out. Freed by
 * the caller. Nothing but a process of ours can change what it leads to. */
static char *path_of(const struct report *r, const char *name)
{
	char *path;

	return asprintf(&path, "/proc/self/fd/%d/%s", r->top, name) < 0 ? NULL : path;
}

static FILE *open_at(int dir, const char *name, int flags, const char *mode)
{
	int fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *part = fd < 0 ? NULL : fdopen(fd, mode);

	if (!part && fd >= 0)
		close(fd);
	return part;
}

/* A part that is not there yet. */
static FILE *new_part(const struct report *r, const char *name)
{
	FILE *part = open_at(r->top, name, O_WRONLY | O_CREAT | O_EXCL, "w");

	if (!part)
		fail(r->err, errno, "cannot write %s of the report", name);
	return part;
}

/* A part that a capture wrote, to be written anew. */
static FILE *rewrite_part(const struct report *r, const char *name)
{
	FILE *part = open_at(r->top, name, O_WRONLY | O_TRUNC, "w");

	if (!part)
		fail(r->err, errno, "cannot write %s of the report", name);
	return part;
}

static int close_part(const struct report *r, FILE *part, const char *name)
{
	bool bad = ferror(part);

	if (fclose(part) == 0 && !bad)
		return 0;
	return fail(r->err, errno, "cannot write %s of the report", name);
}

static int put_json(const struct report *r, const char *name, json_t *document)
{
	FILE *part;
	bool good;

	if (!document)
		return fail(r->err, ENOMEM, "%s of the report", name);
	part = new_part(r, name);
	if (!part) {
		json_decref(document);
		return -1;
	}
	good = json_print(part, document);
	if (close_part(r, part, name))
		return -1;
	return good ? 0 : fail(r->err, ENOMEM, "cannot write %s of the report", name);
}

/* A line of others' text: who looks at the report may do so on a terminal. */
static void put_text(FILE *part, const char *before, const char *text)
{
	fputs(before, part);
	say_plain(part, text);
	fputc('\n', part);
}

/* ---- the machine -------------------------------------------------------------------------- */

static void note_missed(void *arg, const char *path, const char *why)
{
	fprintf(arg, "%s: %s\n", path, why);
}

static int put_machine(const struct report *r)
{
	FILE *missed = new_part(r, "not-recorded.txt");
	char *dir = path_of(r, "machine");
	int rc = -1;

	if (missed && dir)
		rc = kp_machine_capture(r->root, dir, note_missed, missed, r->err);
	free(dir);
	if (!missed)
		return -1;
	return close_part(r, missed, "not-recorded.txt") ? -1 : rc;
}

/* The first line of a small file of the report. 0, or an errno and "". */
static int first_line(const struct report *r, const char *name, char *text, int size)
{
	FILE *part = open_at(r->top, name, O_RDONLY, "r");
	int why;

	*text = '\0';
	if (!part)
		return errno;
	why = !fgets(text, size, part) && ferror(part) ? EIO : 0;
	text[strcspn(text, "\n")] = '\0';
	fclose(part);
	return why;
}

/* One that was recorded and cannot be read is an error: it would be packed as it is. */
static int redact_recorded_cmdline(const struct report *r)
{
	static const char name[] = "machine/proc/cmdline";
	char line[8192], *redacted;
	int why = first_line(r, name, line, sizeof(line));
	FILE *part;

	if (why)
		return why == ENOENT ? 0 : fail(r->err, why, "cannot redact %s", name);
	redacted = redact_cmdline(line);
	part = redacted ? rewrite_part(r, name) : NULL;
	if (part)
		put_text(part, "", redacted);
	free(redacted);
	if (!redacted)
		return fail(r->err, ENOMEM, "%s", name);
	return part ? close_part(r, part, name) : -1;
}

/* An empty file stands for a page that is no park page, whose bytes no capture records either. */
static int empty_page(const struct report *r, int pages, const char *name)
{
	int fd = openat(pages, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail(r->err, errno, "cannot empty machine/" PAGES "/%s of the report", name);
	close(fd);
	return 0;
}

static int empty_pages(const struct report *r)
{
	int fd = openat(r->top, "machine/" PAGES, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *pages = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *page;

	if (!pages) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT ? 0 : fail(r->err, errno, "machine/" PAGES " of the report");
	}
	for (errno = 0; rc == 0 && (page = readdir(pages)) != NULL; errno = 0)
		if (page->d_name[0] != '.')
			rc = empty_page(r, fd, page->d_name);
	if (rc == 0 && errno)
		rc = fail(r->err, errno, "machine/" PAGES " of the report");
	closedir(pages);
	return rc;
}

/*
 * boot_params holds what firmware knew of the screen (with its serial number) and of the disks (with
 * their worldwide names and MBR signatures): Documentation/arch/x86/zero-page.rst.
 */
static int blank_boot_params(const struct report *r)
{
	static const char name[] = "machine/sys/kernel/boot_params/data";
	static const struct boot_params zeros;
	static const struct {
		size_t at, bytes;
	} told[] = {
		{ offsetof(struct boot_params, edid_info), sizeof(zeros.edid_info) },
		{ offsetof(struct boot_params, edd_mbr_sig_buffer),
		  sizeof(zeros.edd_mbr_sig_buffer) },
		{ offsetof(struct boot_params, eddbuf), sizeof(zeros.eddbuf) },
	};
	int fd = openat(r->top, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail(r->err, errno, "cannot redact %s", name);
	if (fstat(fd, &st) != 0 || st.st_size != sizeof(zeros))
		rc = ftruncate(fd, 0);
	for (size_t i = 0; rc == 0 && st.st_size && i < sizeof(told) / sizeof(told[0]); i++)
		if (pwrite(fd, &zeros, told[i].bytes, (off_t)told[i].at) != (ssize_t)told[i].bytes)
			rc = -1;
	if (rc)
		fail(r->err, errno, "cannot redact %s", name);
	close(fd);
	return rc;
}

/* What of cpuinfo a plan or a reader needs; serial numbers and what is not known go. */
static int redact_cpuinfo(const struct report *r)
{
	static const char name[] = "machine/proc/cpuinfo";
	FILE *whole = open_at(r->top, name, O_RDONLY, "r");
	FILE *part = whole && unlinkat(r->top, name, 0) == 0 ? new_part(r, name) : NULL;
	char *line = NULL;
	size_t cap = 0;
	int rc;

	if (!whole)
		return errno == ENOENT ? 0 : fail(r->err, errno, "cannot redact %s", name);
	while (part && getline(&line, &cap, whole) > 0)
		if (redact_keeps_of_cpuinfo(line))
			fputs(line, part);
	rc = !ferror(whole) ? 0 : fail(r->err, errno, "cannot redact %s", name);
	free(line);
	fclose(whole);
	if (!part)
		return fail(r->err, errno, "cannot redact %s", name);
	return close_part(r, part, name) ? -1 : rc;
}

static struct {
	size_t skip;               /* of a path: up to what is beneath machine/ */
	FILE *list;
} leaving;                         /* nftw() hands nothing on to its function */

static int leave_out(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	const char *name = path + leaving.skip;

	(void)st;
	(void)ftw;
	if (flag == FTW_D || redact_keeps_file(name))
		return 0;
	fprintf(leaving.list, "%s: left out of this report\n", name);
	return unlink(path);
}

/* A file that a newer capture has and nobody has looked at for secrets stays out. */
static int leave_out_files(const struct report *r)
{
	char *path = path_of(r, "machine");
	int rc = -1;

	leaving.list = path ? open_at(r->top, "not-recorded.txt", O_WRONLY | O_APPEND, "a") : NULL;
	if (leaving.list) {
		leaving.skip = strlen(path) + 1;
		rc = nftw(path, leave_out, 16, FTW_PHYS);
	}
	if (rc)
		fail(r->err, errno, "cannot leave files out of the report");
	free(path);
	if (!leaving.list)
		return -1;
	return close_part(r, leaving.list, "not-recorded.txt") ? -1 : rc;
}

static int redact_machine(const struct report *r)
{
	return redact_recorded_cmdline(r) || redact_cpuinfo(r) || blank_boot_params(r) ||
	       empty_pages(r) || leave_out_files(r) ? -1 : 0;
}

/* ---- plans -------------------------------------------------------------------------------- */

/* Where distributions keep the image of the kernel that runs. */
static bool find_image(const struct report *r, char image[PATH_MAX])
{
	static const char *const places[] = {
		"/boot/vmlinuz-%s", "/lib/modules/%s/vmlinuz", "/usr/lib/modules/%s/vmlinuz" };

	for (size_t i = 0; *r->release && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(image, PATH_MAX, places[i], r->release);
		if (access(image, R_OK) == 0)
			return true;
	}
	return false;
}

static int put_plan_text(const struct report *r, const char *name, const struct kp_plan *plan,
			 const char *image, const struct kp_error *why)
{
	static const struct plan_style plain = { .columns = 80 };
	FILE *part = new_part(r, name);

	if (!part)
		return -1;
	put_text(part, "image:        ", basename(image));
	if (plan)
		plan_print(part, plan, &plain);
	else
		put_text(part, "no plan: ", why->text);
	return close_part(r, part, name);
}

static int put_plan(const struct report *r, const struct kp_request *request,
		    const struct kp_plan *plan, const struct kp_error *why)
{
	bool crash = request->slot == KP_CRASH;
	struct kp_plan shown = plan ? *plan : (struct kp_plan){ 0 };
	char *cmdline = redact_cmdline(shown.cmdline ? shown.cmdline : "");
	int rc;

	if (!cmdline)
		return fail(r->err, ENOMEM, "a plan");
	shown.cmdline = cmdline;
	rc = put_plan_text(r, crash ? "plan-crash.txt" : "plan-normal.txt", plan ? &shown : NULL,
			   request->image, why);
	if (rc == 0 && plan)
		rc = put_json(r, crash ? "plan-crash.json" : "plan-normal.json",
			      plan_json(&shown));
	free(cmdline);
	return rc;
}

static int plan_slot_of(const struct report *r, const struct kp_machine *machine,
			struct kp_request request)
{
	struct kp_load *load = NULL;
	struct kp_error why = { 0 };
	char image[PATH_MAX];
	int rc;

	if (!request.image && find_image(r, image))
		request.image = image;
	if (request.image) {
		kp_load_plan(&request, machine, &load, &why);
	} else {
		request.image = "none";
		snprintf(why.text, sizeof(why.text), "no image was named, and that of the running "
			 "kernel (%s) was not found", *r->release ? r->release : "unknown");
	}
	rc = put_plan(r, &request, load ? kp_load_shown(load) : NULL, &why);
	kp_load_free(load);
	return rc;
}

/* Nothing said about the command line or parking: what most people would load. */
static int put_plans(const struct report *r, const struct kp_machine *machine)
{
	struct kp_request request = *r->request;
	int rc;

	if (!request.cmdline)
		request.reuse_cmdline = true;
	if (request.park == KP_PARK_OFF)
		request.park = KP_PARK_TRY;
	request.progress = progress_tell;
	progress_start();
	request.slot = KP_CRASH;
	rc = plan_slot_of(r, machine, request);
	request.slot = KP_NORMAL;
	if (rc == 0)
		rc = plan_slot_of(r, machine, request);
	progress_stop();
	return rc;
}

/* ---- the park page ------------------------------------------------------------------------ */

static int put_park_status(const struct report *r, const struct kp_machine *machine)
{
	static const char name[] = "park-status.txt";
	struct kp_park_status status = { 0 };
	struct kp_error why = { 0 };
	bool known = kp_park_status_read(machine, &status, &why) == 0;
	FILE *part = new_part(r, name);

	if (!part)
		return -1;
	if (known)
		park_status_print(part, &status);
	else
		put_text(part, "not known: ", why.text);
	if (close_part(r, part, name))
		return -1;
	return known ? put_json(r, "park-status.json", park_status_json(&status)) : 0;
}

static int put_findings(const struct report *r)
{
	struct kp_error why = { 0 };
	struct kp_machine *machine;
	int rc;

	if (kp_machine_read(r->root, &machine, &why)) {
		FILE *part = new_part(r, "plan-crash.txt");

		if (!part)
			return -1;
		put_text(part, "no plan: ", why.text);
		return close_part(r, part, "plan-crash.txt");
	}
	rc = put_plans(r, machine) || put_park_status(r, machine) ? -1 : 0;
	kp_machine_free(machine);
	return rc;
}

/* ---- about the report --------------------------------------------------------------------- */

static const char *loaded_word(enum kp_slot slot)
{
	struct kp_error err;
	int loaded = kp_loaded(slot, &err);

	return loaded < 0 ? "unknown" : loaded ? "yes" : "no";
}

/* ID and VERSION_ID of os-release(5), as they are written there. */
static void put_distribution(FILE *part)
{
	FILE *file = fopen("/etc/os-release", "re");
	char line[256];

	if (!file && errno != ENOENT)
		fprintf(part, "distribution unknown: %s\n", strerror(errno));
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "ID=", 3) == 0 || strncmp(line, "VERSION_ID=", 11) == 0)
			put_text(part, "distribution ", strtok(line, "\n"));
	if (file)
		fclose(file);
}

static int put_versions(const struct report *r)
{
	FILE *part = new_part(r, "versions.txt");
	struct utsname u;

	if (!part)
		return -1;
	fprintf(part, "kexec-park %s\nkernel of machine/ %s\n", kp_version(),
		*r->release ? r->release : "unknown");
	if (*r->root)
		fprintf(part, "machine/ was recorded before this report, on whatever machine\n");
	if (uname(&u) == 0)
		fprintf(part, "reported by %s %s %s %s\n", u.sysname, u.release, u.version,
			u.machine);
	put_distribution(part);
	fprintf(part, "normal kernel loaded: %s\ncrash kernel loaded: %s\n",
		loaded_word(KP_NORMAL), loaded_word(KP_CRASH));
	return close_part(r, part, "versions.txt");
}

static int put_readme(const struct report *r)
{
	FILE *part = new_part(r, "README");
	unsigned at = 0;

	if (!part)
		return -1;
	fprintf(part, "A report by kexec-park --report, of:\n\n");
	for (size_t i = 0; i < N_CONTENTS; i++)
		fprintf(part, "  %-17s %s\n", contents[i].name, contents[i].what);
	fprintf(part, "\n%s", left_out);
	for (unsigned i = 0; redact_kept(i); i++) {
		unsigned width = (unsigned)strlen(redact_kept(i)) + 1;

		if (i == 0 || at + width > 76) {
			fputs(i ? "\n   " : "   ", part);
			at = 0;
		}
		fprintf(part, " %s", redact_kept(i));
		at += width;
	}
	fprintf(part, "\n%s", left_out_too);
	return close_part(r, part, "README");
}

struct tally {
	unsigned files;
	unsigned long long bytes;
};

static struct tally counted;       /* nftw() hands nothing on to its function */

static int count_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)path;
	(void)ftw;
	if (flag == FTW_F) {
		counted.files++;
		counted.bytes += (unsigned long long)st->st_size;
	}
	return 0;
}

static void list_contents(const struct report *r, const char *file, FILE *out)
{
	char size[PLAN_SIZE_TEXT];

	say_plain(out, file);
	fprintf(out, " holds, beneath " TOP "/:\n");
	for (size_t i = 0; i < N_CONTENTS; i++) {
		char *path = path_of(r, contents[i].name);

		counted = (struct tally){ 0 };
		if (path && nftw(path, count_file, 8, FTW_PHYS) == 0)
			fprintf(out, "  %-17s %3u file%s %10s  %s\n", contents[i].name,
				counted.files, counted.files == 1 ? ", " : "s,",
				plan_size(counted.bytes, size), contents[i].what);
		else if (!path || errno != ENOENT)
			fprintf(out, "  %-17s (not counted: %s)  %s\n", contents[i].name,
				strerror(errno), contents[i].what);
		free(path);
	}
	fprintf(out, "Left out: memory, virtual addresses, and the command line but for words\n"
		"that README lists. Look through it before you send it.\n");
}

/* ---- packing ------------------------------------------------------------------------------ */

/*
 * Its environment is PATH alone, which main() set: TAR_OPTIONS, GZIP and the like could change what is written. It
 * works in the report's directory, and the archive, @out, is its standard output.
 */
static int spawn_tar(const struct report *r, int out, pid_t *pid)
{
	static const char *const argv[] = { "tar", "-c", "-z", "--numeric-owner", "-f", "-", TOP, NULL };
	const char *path = getenv("PATH");
	char *env[] = { NULL, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int why;

	if (path && asprintf(&env[0], "PATH=%s", path) < 0)
		return ENOMEM;
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&files);
	why = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (!why)
		why = posix_spawn_file_actions_addfchdir_np(&files, r->dir.fd);
	if (!why)
		why = posix_spawnp(pid, argv[0], &files, &attr, (char **)argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	free(env[0]);
	return why;
}

static int run_tar(const struct report *r, int out)
{
	int why, status;
	pid_t pid;

	why = spawn_tar(r, out, &pid);
	if (why)
		return fail(r->err, why, "tar(1), which packs the report, cannot be run");
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(r->err, errno, "waiting for tar(1)");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return fail(r->err, 0, "tar(1) failed to pack the report (%s %d)",
		    WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* ---- all of it ---------------------------------------------------------------------------- */

static int cannot_write(const struct report *r, const char *file, int why)
{
	return fail(r->err, 0, "cannot write %s: %s", file, private_dir_why(why));
}

/* Whole on the disk, then in its place; for its owner alone, who decides whom to show it. */
static int pack(const struct report *r, const char *file)
{
	int fd = openat(r->dir.fd, ARCHIVE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
	int rc = 0, why;

	if (fd < 0)
		return cannot_write(r, file, errno);
	if (run_tar(r, fd)) {
		rc = -1;
	} else {
		why = fsync(fd) == 0 ? private_dir_publish(&r->dir, ARCHIVE, fd) : errno;
		rc = why ? cannot_write(r, file, why) : 0;
	}
	close(fd);
	return rc;
}

static int fill(struct report *r)
{
	if (put_machine(r))
		return -1;
	first_line(r, "machine/proc/sys/kernel/osrelease", r->release, sizeof(r->release));
	if (redact_machine(r) || put_findings(r) || put_versions(r) || put_readme(r))
		return -1;
	return 0;
}

static int grow(struct report *r, const char *file, FILE *out)
{
	int rc;

	r->top = private_dir_make(r->dir.fd, TOP);
	if (r->top < 0)
		return fail(r->err, -r->top, "cannot make a directory for the report");
	rc = fill(r) ? -1 : pack(r, file);
	if (rc == 0)
		list_contents(r, file, out);
	close(r->top);
	return rc;
}

/* Who made it go away has what is not redacted no more than before: only root can enter it. */
static int clear(struct report *r, int rc)
{
	char name[sizeof(r->dir.name)];
	int why;

	memcpy(name, r->dir.name, sizeof(name));
	why = private_dir_remove(&r->dir);
	if (!why)
		return rc;
	return fail(r->err, 0, "remove the directory %s, which may hold what is not redacted: it "
		    "cannot be removed here: %s", name, private_dir_why(why));
}

/* Whoever interrupts this must not leave behind what is not redacted yet: signals wait. */
int report_write(const char *file, const char *root, const struct kp_request *request, FILE *out,
		 struct kp_error *err)
{
	struct report r = { .root = root, .request = request, .err = err };
	sigset_t wait, before;
	int rc, why;

	sigemptyset(&wait);
	sigaddset(&wait, SIGINT);
	sigaddset(&wait, SIGTERM);
	sigaddset(&wait, SIGHUP);
	sigprocmask(SIG_BLOCK, &wait, &before);
	why = private_dir_beside(file, &r.dir);
	if (why) {
		rc = cannot_write(&r, file, why);
	} else {
		why = private_dir_check_target(&r.dir);
		rc = clear(&r, why ? cannot_write(&r, file, why) : grow(&r, file, out));
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}
