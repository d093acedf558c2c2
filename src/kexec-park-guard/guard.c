/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kexec-park-guard: what the scripts of kdump need and a shell cannot do without a race. A dump
 * holds every secret of the machine, root writes it, and on some distributions others may write to
 * the directory of the dumps. So path names are looked at once, here; what runs afterwards has the
 * folder of the dump as its working directory, whatever becomes of the path.
 *
 *   new PARENT PROGRAM...            run PROGRAM in a folder that is made, named by the time; PARENT
 *                                    is made too
 *   newest PARENT SECONDS PROGRAM... run it in the folder of PARENT that was made or changed last
 *                                    since this kernel booted; SECONDS are waited for one
 *   put NAME                         standard input becomes the file NAME of the working directory,
 *                                    whole or not at all
 *   check FILE                       status 0 if none but this user can change FILE, by itself or
 *                                    through its directory
 *
 * PROGRAM finds the folder's path in KEXEC_PARK_FOLDER, to be shown, and a umask of 077. Exit
 * status: PROGRAM's own; 124 no folder came; 125 failed; 2 usage.
 */
#include "private_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* As of timeout(1) and env(1): none that a program of ours has. */
#define NO_FOLDER	124
#define FAILED		125
#define USAGE		2

#define OPEN_DIR	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define MOST_OF_A_NAME	100        /* folders made in the same second */
#define LOOKS_A_SECOND	5
#define MOST_SECONDS	86400

__attribute__((format(printf, 1, 2), noreturn))
static void fail(const char *fmt, ...)
{
	int why = errno;
	va_list args;

	fputs("kexec-park-guard: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	if (why)
		fprintf(stderr, ": %s", strerror(why));
	fputc('\n', stderr);
	exit(FAILED);
}

__attribute__((noreturn))
static void usage(void)
{
	fputs("usage: kexec-park-guard new PARENT PROGRAM... | newest PARENT SECONDS PROGRAM... | "
	      "put NAME | check FILE\n", stderr);
	exit(USAGE);
}

/* ---- whose is it -------------------------------------------------------------------------- */

/* In a directory with the sticky bit others cannot rename or remove what is not theirs. */
static bool others_may_rename(const struct stat *st)
{
	return st->st_uid != geteuid() ||
	       ((st->st_mode & OTHERS_WRITE) && !(st->st_mode & S_ISVTX));
}

/* ---- a new folder ------------------------------------------------------------------------- */

/* mkdir -p. What is there already may be anything: open_parent() tells. */
static void make_parents(const char *path)
{
	char *copy = strdup(path);

	if (!copy)
		fail("%s", path);
	for (char *slash = copy; (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
		*slash = '\0';
		mkdir(copy, 0755);
	}
	mkdir(copy, 0755);
	free(copy);
}

static int open_parent(const char *path)
{
	int parent = open(path, OPEN_DIR);

	if (parent < 0)
		fail("no folder for dumps: %s", path);
	return parent;
}

/* The folder @name of @parent, made now; -EEXIST if the name is taken. */
static int make_folder(int parent, const char *name)
{
	int dir = private_dir_make(parent, name);

	errno = dir < 0 && dir != -ESTALE ? -dir : 0;
	if (dir == -ESTALE)
		fail("%s was replaced while it was made", name);
	return dir;
}

static int new_folder(int parent, char *name, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;
	int dir;

	strftime(name, size, "%Y-%m-%dT%H-%M-%S", localtime_r(&now, &tm));
	dir = make_folder(parent, name);
	for (int n = 1; dir == -EEXIST && n < MOST_OF_A_NAME; n++) {
		size_t len = strcspn(name, ".");

		snprintf(name + len, size - len, ".%d", n);
		dir = make_folder(parent, name);
	}
	return dir;
}

/* ---- the newest folder -------------------------------------------------------------------- */

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* By the clock of today: a clock that was set back since makes an older folder pass for new. */
static struct timespec boot_time(const struct timespec *now)
{
	struct timespec up, boot;

	clock_gettime(CLOCK_BOOTTIME, &up);
	boot = (struct timespec){ now->tv_sec - up.tv_sec, now->tv_nsec - up.tv_nsec };
	if (boot.tv_nsec < 0) {
		boot.tv_nsec += 1000000000;
		boot.tv_sec--;
	}
	return boot;
}

static DIR *list(int parent)
{
	int fd = openat(parent, ".", OPEN_DIR);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		fail("the directory of the dumps cannot be read");
	return d;
}

/* A time of change in the future can only be made, not come about. */
static bool newest_name(int parent, char *name, size_t size)
{
	struct timespec now, newest;
	const struct dirent *entry;
	DIR *d = list(parent);
	bool found = false;

	clock_gettime(CLOCK_REALTIME, &now);
	newest = boot_time(&now);
	while ((entry = readdir(d)) != NULL) {
		struct stat st;

		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= size ||
		    fstatat(parent, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !private_dir_is_ours(&st) || !is_before(&newest, &st.st_mtim) ||
		    is_before(&now, &st.st_mtim))
			continue;
		newest = st.st_mtim;
		found = true;
		memcpy(name, entry->d_name, strlen(entry->d_name) + 1);
	}
	closedir(d);
	return found;
}

static int newest_folder(int parent, char *name, size_t size)
{
	struct stat st;
	int dir;

	if (!newest_name(parent, name, size))
		return -1;
	dir = openat(parent, name, OPEN_DIR | O_NOFOLLOW);
	if (dir >= 0 && fstat(dir, &st) == 0 && private_dir_is_ours(&st))
		return dir;
	if (dir >= 0)
		close(dir);
	return -1;
}

static bool may_hold_dumps(const char *path, int parent)
{
	struct stat st;

	if (fstat(parent, &st) != 0)
		fail("%s", path);
	errno = 0;
	if (others_may_rename(&st))
		fail("%s belongs to user %u with mode %03o: others can exchange the folders in it",
		     path, st.st_uid, st.st_mode & 07777);
	return true;
}

static int wait_for_folder(const char *path, unsigned looks, char *name, size_t size)
{
	static const struct timespec pause = { .tv_nsec = 1000000000 / LOOKS_A_SECOND };

	for (;; nanosleep(&pause, NULL)) {
		int parent = open(path, OPEN_DIR), dir = -1;

		if (parent >= 0 && may_hold_dumps(path, parent))
			dir = newest_folder(parent, name, size);
		if (parent >= 0)
			close(parent);
		if (dir >= 0 || looks-- == 0)
			return dir;
	}
}

/* ---- a file of it ------------------------------------------------------------------------- */

static void copy(int from, int to, const char *name)
{
	char bytes[65536];
	ssize_t n, done;

	while ((n = read(from, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno != EINTR)
			fail("reading %s", name);
		for (ssize_t at = 0; at < n; at += done) {
			done = write(to, bytes + at, (size_t)(n - at));
			if (done < 0 && errno != EINTR)
				fail("writing %s", name);
			if (done < 0)
				done = 0;
		}
	}
}

/* Under a name of its own until it is on the disk. An earlier file of that name is replaced. */
static void put(const char *name)
{
	char growing[256];
	int fd;

	errno = 0;
	if (!*name || strchr(name, '/') || strlen(name) > 200)
		fail("'%s' is not the name of a file", name);
	snprintf(growing, sizeof(growing), ".%s.%ld", name, (long)getpid());
	fd = open(growing, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fail("%s", growing);
	copy(STDIN_FILENO, fd, name);
	if (fsync(fd) != 0 || close(fd) != 0 || rename(growing, name) != 0)
		fail("writing %s", name);
}

/* ---- a file that is believed -------------------------------------------------------------- */

static void check_owner(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		fail("%s", path);
	errno = 0;
	if (!private_is_ours(&st))
		fail("%s belongs to user %u with mode %03o: others than user %u can change it",
		     path, st.st_uid, st.st_mode & 07777, geteuid());
}

/* Who may write to the directory can put another file in its place. */
static void check(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	if (!directory)
		fail("%s", path);
	check_owner(path);
	check_owner(directory);
	free(directory);
}

/* ---- all of it ---------------------------------------------------------------------------- */

__attribute__((noreturn))
static void run_in(int dir, const char *parent, const char *name, char **program)
{
	char *path;

	if (fchdir(dir) != 0 || asprintf(&path, "%s/%s", parent, name) < 0 ||
	    setenv("KEXEC_PARK_FOLDER", path, 1) != 0)
		fail("%s/%s", parent, name);
	execvp(program[0], program);
	fail("%s", program[0]);
}

static unsigned seconds(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > MOST_SECONDS)
		usage();
	return (unsigned)n;
}

__attribute__((noreturn))
static void run_in_new(const char *parent, char **program)
{
	char name[256];
	int dir;

	umask(022);
	make_parents(parent);
	umask(077);
	dir = new_folder(open_parent(parent), name, sizeof(name));
	if (dir < 0)
		fail("no folder for the dump in %s", parent);
	run_in(dir, parent, name, program);
}

__attribute__((noreturn))
static void run_in_newest(const char *parent, unsigned wait, char **program)
{
	char name[256];
	int dir = wait_for_folder(parent, wait * LOOKS_A_SECOND, name, sizeof(name));

	if (dir < 0)
		exit(NO_FOLDER);
	run_in(dir, parent, name, program);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";

	umask(077);
	if (argc >= 4 && strcmp(verb, "new") == 0)
		run_in_new(argv[2], argv + 3);
	if (argc >= 5 && strcmp(verb, "newest") == 0)
		run_in_newest(argv[2], seconds(argv[3]), argv + 4);
	if (argc == 3 && strcmp(verb, "put") == 0)
		put(argv[2]);
	else if (argc == 3 && strcmp(verb, "check") == 0)
		check(argv[2]);
	else
		usage();
	return 0;
}
