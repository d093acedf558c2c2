/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into a loader, kexec-park or stock kexec alike: kexec_load(2) succeeds without being
 * made, and $BENCH_REPORT gets what the load had cost until then: "KEY VALUE" lines.
 *   segments, bytes   what was to be loaded
 *   user_us, system_us  CPU time
 *   peak_kib          most memory that was ever resident (VmHWM)
 *   mapped_kib        of what is resident now, pages of regular files that are mapped read-only
 * kexec_crash_loaded is not written: neither program reads it after a load.
 */
#include <stddef.h>                 /* linux/kexec.h of Linux 5.10 lacks it */
#include <dlfcn.h>
#include <linux/kexec.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...);

static long micros(struct timeval t)
{
	return t.tv_sec * 1000000L + t.tv_usec;
}

/* The Rss of every mapping of a file that nobody may write to or run. */
static long mapped_kib(void)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	char line[4352], mode[5] = "";
	int image = 0;
	long sum = 0, kib;

	if (!smaps)
		return -1;
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%*x-%*x %4s", mode) == 1)
			image = !strcmp(mode, "r--p") && strstr(line, getenv("BENCH_IMAGES"));
		else if (image && sscanf(line, "Rss: %ld", &kib) == 1)
			sum += kib;
	}
	fclose(smaps);
	return sum;
}

static void report(unsigned long n, const struct kexec_segment *segments)
{
	FILE *out = fopen(getenv("BENCH_REPORT"), "we");
	struct rusage used;
	size_t bytes = 0;

	if (!out)
		_exit(126);
	for (unsigned long i = 0; i < n; i++)
		bytes += segments[i].bufsz;
	getrusage(RUSAGE_SELF, &used);
	fprintf(out, "segments %lu\nbytes %zu\nuser_us %ld\nsystem_us %ld\npeak_kib %ld\n", n,
		bytes, micros(used.ru_utime), micros(used.ru_stime), used.ru_maxrss);
	fprintf(out, "mapped_kib %ld\n", mapped_kib());
	fclose(out);
}

long syscall(long number, ...)
{
	static long (*next)(long number, ...);
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_kexec_load) {
		report((unsigned long)a[1], (const struct kexec_segment *)a[2]);
		return 0;
	}
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
