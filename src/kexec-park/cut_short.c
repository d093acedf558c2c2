/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cut_short.h"
#include "exit_status.h"
#include "say.h"

static const char *being_read;

static struct iovec piece(const char *text)
{
	return (struct iovec){ .iov_base = (void *)text, .iov_len = strlen(text) };
}

/* Back from here without the handler, what failed fails again, and so the process. */
static void tell(int signal, siginfo_t *info, void *context)
{
	const struct iovec line[] = {
		piece(say_name()), piece(": "), piece(being_read),
		piece(" or an initrd of it was cut short while it was read, or its disk failed: "
		      "nothing was loaded\n"),
	};

	ssize_t said;

	(void)signal;
	(void)context;
	if (info->si_code != BUS_ADRERR)
		return;
	said = writev(STDERR_FILENO, line, sizeof(line) / sizeof(line[0]));
	(void)said;
	_exit(EXIT_FAILED);
}

void cut_short_watch(const char *image)
{
	const struct sigaction action = {
		.sa_sigaction = tell, .sa_flags = (int)(SA_SIGINFO | SA_RESETHAND),
	};

	being_read = image;
	sigaction(SIGBUS, &action, NULL);
}
