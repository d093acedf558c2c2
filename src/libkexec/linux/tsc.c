/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tsc.h"

#include <cpuid.h>
#include <time.h>
#include <x86intrin.h>

#define WINDOWS		3
#define WINDOW_NS	5000000ull
#define TRIES		8
#define AGREE_PER_MILLE	5

/* SDM volume 2, CPUID leaf 15h: crystal Hz (ECX) times EBX over EAX; any of them may be 0. */
static uint32_t by_cpuid(void)
{
	unsigned den, num, crystal, edx;
	uint64_t khz;

	if (!__get_cpuid(0x15, &den, &num, &crystal, &edx) || !den || !num || !crystal)
		return 0;
	khz = (uint64_t)crystal * num / den / 1000;
	return khz <= UINT32_MAX ? (uint32_t)khz : 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct moment {
	uint64_t tsc, ns;
};

/* Both clocks at once: the try that an interrupt or a migration stretched least. */
static struct moment moment(void)
{
	struct moment best = { 0, 0 };
	uint64_t tightest = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = __rdtsc(), ns = now_ns(), after = __rdtsc();

		if (after - before >= tightest)
			continue;
		tightest = after - before;
		best = (struct moment){ before + tightest / 2, ns };
	}
	return best;
}

static uint64_t window(void)
{
	static const struct timespec pause = { .tv_nsec = WINDOW_NS };
	struct moment a = moment(), b;

	nanosleep(&pause, NULL);
	b = moment();
	return b.ns > a.ns && b.tsc > a.tsc ? (b.tsc - a.tsc) * 1000000 / (b.ns - a.ns) : 0;
}

static uint32_t by_clock(void)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (int i = 0; i < WINDOWS; i++) {
		uint64_t khz = window();

		low = khz < low ? khz : low;
		high = khz > high ? khz : high;
	}
	if (low == 0 || high > UINT32_MAX || (high - low) * 1000 > high * AGREE_PER_MILLE)
		return 0;
	return (uint32_t)(low + (high - low) / 2);
}

uint32_t kp_tsc_khz(void)
{
	uint32_t khz = by_cpuid();

	return khz ? khz : by_clock();
}
