/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into kexec-park by tests/cli/faults: a C library and a kernel in which something goes
 * wrong, as $FAULT says.
 *   alloc N          the Nth allocation (from 0) finds no memory
 *   call N ERRNO     the Nth call of those below fails with it
 *   trickle          read(2) gives a byte at a time, and is interrupted before each
 *   unseeded         the kernel's random generator is not seeded yet, as early in a boot
 *   exchange         another user has put a directory of his own where one was just made
 *   cut PATH         PATH is cut to nothing as soon as it is mapped
 *   write PATH       a byte of PATH is changed as soon as it is mapped
 *   write-late PATH  it is changed while the kernel loads it
 *   refuse ERRNO     kexec_load(2) and kexec_file_load(2) fail with it; "refuse ERRNO trickle": both
 * kexec_load(2), kexec_file_load(2) and reboot(2) are never made: $FAULT_KERNEL is a directory that
 * has what the kernel would show, "kexec_loaded" and "kexec_crash_loaded", and gets a line in "calls"
 * for each. $FAULT_COUNTS gets "alloc N" and "call N", how many there were.
 */
#include <stddef.h>                 /* linux/kexec.h of Linux 5.10 lacks it */
#include <errno.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef GRND_INSECURE
#define GRND_INSECURE	4
#endif

/* The allocator behind malloc(3) and its kin: glibc lets them be replaced (its manual, 3.2.5). */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *p, size_t bytes);

long syscall(long number, ...);

static struct {
	bool ready;                /* $FAULT was read */
	long alloc, call;          /* so many go well before one fails; negative: none fails */
	long n_allocs, n_calls;
	int sys;                   /* errno of the call that fails */
	bool trickle, interrupted, unseeded, exchange;
	char cut[4096], changed[4096], changed_late[4096];
	int refusal;
} fault = { .alloc = -1, .call = -1 };

__attribute__((constructor)) static void begin(void)
{
	const char *what = getenv("FAULT") ?: "";

	unsetenv("LD_PRELOAD");    /* what the command runs is none of this test's business */
	sscanf(what, "alloc %ld", &fault.alloc);
	sscanf(what, "call %ld %d", &fault.call, &fault.sys);
	sscanf(what, "cut %4095s", fault.cut);
	sscanf(what, "write %4095s", fault.changed);
	sscanf(what, "write-late %4095s", fault.changed_late);
	sscanf(what, "refuse %d", &fault.refusal);
	fault.trickle = strstr(what, "trickle") != NULL;
	fault.exchange = strcmp(what, "exchange") == 0;
	fault.unseeded = strcmp(what, "unseeded") == 0;
	fault.ready = true;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAULT_COUNTS");
	char text[64];
	int fd, n;

	fault.ready = false;
	fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	n = snprintf(text, sizeof(text), "alloc %ld\ncall %ld\n", fault.n_allocs, fault.n_calls);
	if (fd >= 0 && write(fd, text, (size_t)n) != n)
		abort();
}

/* ---- memory ------------------------------------------------------------------------------- */

static bool no_memory(void)
{
	if (!fault.ready || fault.n_allocs++ != fault.alloc)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t bytes)
{
	return no_memory() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
	return no_memory() ? NULL : __libc_calloc(n, bytes);
}

void *realloc(void *p, size_t bytes)
{
	return no_memory() ? NULL : __libc_realloc(p, bytes);
}

/* ---- calls -------------------------------------------------------------------------------- */

static bool fails(void)
{
	if (!fault.ready || fault.n_calls++ != fault.call)
		return false;
	errno = fault.sys;
	return true;
}

#define NEXT(f) ((__typeof__(f) *)dlsym(RTLD_NEXT, #f))

/* As openat(2); the mode is the last of @args where there is one. */
static int open_at(int dir, const char *path, int flags, va_list args)
{
	bool creates = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
	mode_t mode = creates ? va_arg(args, mode_t) : 0;

	return fails() ? -1 : (int)NEXT(syscall)(SYS_openat, dir, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	int fd;

	va_start(args, flags);
	fd = open_at(AT_FDCWD, path, flags, args);
	va_end(args);
	return fd;
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	int fd;

	va_start(args, flags);
	fd = open_at(dir, path, flags, args);
	va_end(args);
	return fd;
}

ssize_t read(int fd, void *bytes, size_t n)
{
	if (fails())
		return -1;
	if (!fault.trickle)
		return NEXT(read)(fd, bytes, n);
	fault.interrupted = !fault.interrupted;
	if (fault.interrupted) {
		errno = EINTR;
		return -1;
	}
	return NEXT(read)(fd, bytes, n ? 1 : 0);
}

ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
	return fails() ? -1 : NEXT(pread)(fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	return fails() ? -1 : NEXT(write)(fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return fails() ? -1 : NEXT(pwrite)(fd, bytes, n, at);
}

int fstat(int fd, struct stat *st)
{
	return fails() ? -1 : NEXT(fstat)(fd, st);
}

int memfd_create(const char *name, unsigned int flags)
{
	return fails() ? -1 : NEXT(memfd_create)(name, flags);
}

void *mremap(void *p, size_t old, size_t new, int flags, ...)
{
	return fails() ? MAP_FAILED : NEXT(mremap)(p, old, new, flags);
}

static bool is_file(int fd, const char *path)
{
	struct stat here, there;

	return path[0] && fd >= 0 && NEXT(fstat)(fd, &here) == 0 && stat(path, &there) == 0 &&
	       here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

/* Its last byte becomes another one. */
static void change(const char *path)
{
	int fd = (int)NEXT(syscall)(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	struct stat st;
	char byte;

	if (fd < 0 || NEXT(fstat)(fd, &st) < 0 || NEXT(pread)(fd, &byte, 1, st.st_size - 1) != 1)
		abort();
	byte ^= 1;
	if (NEXT(pwrite)(fd, &byte, 1, st.st_size - 1) != 1)
		abort();
	close(fd);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	void *p = fails() ? MAP_FAILED : NEXT(mmap)(at, bytes, protection, flags, fd, offset);

	if (p != MAP_FAILED && is_file(fd, fault.cut) && truncate(fault.cut, 0) < 0)
		abort();
	if (p != MAP_FAILED && is_file(fd, fault.changed))
		change(fault.changed);
	return p;
}

/* ---- the kernel --------------------------------------------------------------------------- */

static void put(const char *name, int flags, const char *text)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", getenv("FAULT_KERNEL"), name);
	fd = (int)NEXT(syscall)(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC | flags,
				0600);
	if (fd < 0 || NEXT(write)(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

/* Whether it is for the crash slot, and whether it empties the slot. */
static long load(const char *call, bool crash, bool empties)
{
	char line[64];

	snprintf(line, sizeof(line), "%s %s %s\n", call, crash ? "crash" : "normal",
		 empties ? "unload" : "load");
	put("calls", O_APPEND, line);
	if (fault.refusal) {
		errno = fault.refusal;
		return -1;
	}
	if (fault.changed_late[0] && !empties)
		change(fault.changed_late);
	put(crash ? "kexec_crash_loaded" : "kexec_loaded", O_TRUNC, empties ? "0\n" : "1\n");
	return 0;
}

#define USER	65534

int mkdirat(int dir, const char *name, mode_t mode)
{
	if (fails())
		return -1;
	if (!fault.exchange)
		return (int)NEXT(syscall)(SYS_mkdirat, dir, name, mode);
	return NEXT(syscall)(SYS_mkdirat, dir, name, 0755) ||
	       fchownat(dir, name, USER, USER, AT_SYMLINK_NOFOLLOW) ? -1 : 0;
}

/* drivers/char/random.c: before it is seeded, GRND_NONBLOCK fails and no flag waits. */
ssize_t getrandom(void *to, size_t bytes, unsigned flags)
{
	if (fault.unseeded && !(flags & (GRND_INSECURE | GRND_NONBLOCK)))
		abort();
	if (fault.unseeded && !(flags & GRND_INSECURE)) {
		errno = EAGAIN;
		return -1;
	}
	return NEXT(syscall)(SYS_getrandom, to, bytes, flags);
}

long syscall(long number, ...)
{
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_kexec_load)
		return load("kexec_load", a[3] & KEXEC_ON_CRASH, a[1] == 0);
	if (number == SYS_kexec_file_load)
		return load("kexec_file_load", a[4] & KEXEC_FILE_ON_CRASH, a[4] & KEXEC_FILE_UNLOAD);
	if (number == SYS_reboot)
		abort();
	return fails() ? -1 : NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
