/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report_pack.h"
#include "report_parts.h"

#define ARCHIVE "report.tar.gz"

/*
 * Its environment is PATH alone, which main() set: TAR_OPTIONS, GZIP and the like could change what
 * is written. It works in the report's directory, and the archive, @out, is its standard output.
 */
static int spawn_tar(const struct report *r, int out, pid_t *pid)
{
	static const char *const argv[] = { "tar", "-c", "-z", "--numeric-owner", "-f", "-", REPORT_TOP, NULL };
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
		return report_fail(r->err, why, "cannot run tar(1) to pack the report");
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return report_fail(r->err, errno, "cannot wait for tar(1)");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return report_fail(r->err, 0, "tar(1) failed to pack the report (%s %d)",
		    WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* Sync the archive, then publish it. Mode 0600: its owner decides who may read it. */
int report_pack(const struct report *r, const char *file)
{
	int fd = openat(r->dir.fd, ARCHIVE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
	int rc = 0, why;

	if (fd < 0)
		return report_cannot_write(r, file, errno);
	if (run_tar(r, fd)) {
		rc = -1;
	} else {
		why = fsync(fd) == 0 ? private_dir_publish(&r->dir, ARCHIVE, fd) : errno;
		rc = why ? report_cannot_write(r, file, why) : 0;
	}
	close(fd);
	return rc;
}
