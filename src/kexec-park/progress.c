/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread draws, since the last stage is one long system call. It touches nothing but this
 * file's state, behind the lock, and stderr.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "plan_words.h"
#include "progress.h"
#include "say.h"

#define QUIET_NS 1000000000LL      /* who waits for less needs no line */
#define REDRAW_NS 250000000LL

#define ERASE_LINE "\r\033[K"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t stopped;    /* by CLOCK_MONOTONIC */
	pthread_t thread;
	bool running, stop, drawn;
	struct timespec begun;
	const char *doing;
	uint64_t bytes;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct timespec later(struct timespec t, long long ns)
{
	ns += t.tv_nsec;
	t.tv_sec += (time_t)(ns / 1000000000);
	t.tv_nsec = (long)(ns % 1000000000);
	return t;
}

static void draw(const struct timespec *now)
{
	char size[PLAN_SIZE_TEXT] = "";

	if (state.bytes)
		plan_size(state.bytes, size);
	fprintf(stderr, ERASE_LINE "%s: %s%s%s ... %lld s", say_name(), state.doing,
		state.bytes ? " of " : "", size, (long long)(now->tv_sec - state.begun.tv_sec));
	fflush(stderr);
	state.drawn = true;
}

static void *watch(void *arg)
{
	struct timespec next = later(state.begun, QUIET_NS);

	(void)arg;
	pthread_mutex_lock(&state.lock);
	while (!state.stop) {
		struct timespec now;

		if (pthread_cond_timedwait(&state.stopped, &state.lock, &next) == 0)
			continue;
		clock_gettime(CLOCK_MONOTONIC, &now);
		draw(&now);
		next = later(now, REDRAW_NS);
	}
	pthread_mutex_unlock(&state.lock);
	return NULL;
}

void progress_start(void)
{
	pthread_condattr_t attr;

	if (!isatty(STDERR_FILENO))
		return;
	clock_gettime(CLOCK_MONOTONIC, &state.begun);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&state.stopped, &attr);
	pthread_condattr_destroy(&attr);
	state.stop = state.drawn = false;
	state.doing = "preparing the load";
	state.bytes = 0;
	state.running = pthread_create(&state.thread, NULL, watch, NULL) == 0;
}

void progress_tell(void *arg, enum kp_stage stage, uint64_t bytes)
{
	static const char *const doing[] = {
		[KP_STAGE_UNPACK] = "unpacking a kernel",
		[KP_STAGE_DIGEST] = "taking the digest",
		[KP_STAGE_SUBMIT] = "the kernel copies a load",
	};

	(void)arg;
	pthread_mutex_lock(&state.lock);
	state.doing = doing[stage];
	state.bytes = bytes;
	pthread_mutex_unlock(&state.lock);
}

void progress_stop(void)
{
	if (!state.running)
		return;
	pthread_mutex_lock(&state.lock);
	state.stop = true;
	pthread_cond_signal(&state.stopped);
	pthread_mutex_unlock(&state.lock);
	pthread_join(state.thread, NULL);
	if (state.drawn)
		fputs(ERASE_LINE, stderr);
	state.running = false;
}
