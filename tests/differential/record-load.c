// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Runs a command, and writes into a folder what it gave to kexec_load(2):
 *   load       "entry", "flags" and "status" with a number; a "segment MEM MEMSZ BUFSZ" line each
 *   segment.N  the BUFSZ bytes of the Nth
 * The call goes on to the kernel. Loads of no segments, which unload, are not written; of several
 * the last counts. Works for static programs too. Exits as the command does; 125: its own trouble.
 */
#include <stddef.h>                 /* linux/kexec.h of Linux 5.10 lacks it */
#include <errno.h>
#include <inttypes.h>
#include <linux/kexec.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN_TROUBLE 125

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "record-load: %s: %s\n", what, strerror(errno));
	exit(OWN_TROUBLE);
}

static void read_memory(pid_t pid, const void *from, void *to, size_t bytes)
{
	while (bytes) {
		struct iovec local = { to, bytes };
		struct iovec remote = { (void *)(uintptr_t)from, bytes };
		ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

		if (n <= 0)
			die("the memory of a segment");
		from = (const char *)from + n;
		to = (char *)to + n;
		bytes -= (size_t)n;
	}
}

static FILE *create(const char *name, const char *mode)
{
	FILE *file = fopen(name, mode);

	if (!file)
		die(name);
	return file;
}

static void finish(FILE *file, const char *name)
{
	if (ferror(file) | fclose(file))
		die(name);
}

static void save_segment(pid_t pid, unsigned n, const struct kexec_segment *s)
{
	void *bytes = malloc(s->bufsz ? s->bufsz : 1);
	char name[32];
	FILE *file;

	if (!bytes)
		die("memory");
	read_memory(pid, s->buf, bytes, s->bufsz);
	snprintf(name, sizeof(name), "segment.%u", n);
	file = create(name, "w");
	fwrite(bytes, 1, s->bufsz, file);
	finish(file, name);
	free(bytes);
}

/* The arguments: entry, nr_segments, segments, flags. */
static void save_call(pid_t pid, const uint64_t args[4])
{
	struct kexec_segment segments[KEXEC_SEGMENT_MAX];
	FILE *file = create("load", "w");

	if (args[1] > KEXEC_SEGMENT_MAX) {
		errno = E2BIG;
		die("segments");
	}
	read_memory(pid, (const void *)(uintptr_t)args[2], segments, args[1] * sizeof(*segments));
	fprintf(file, "entry %#" PRIx64 "\nflags %#" PRIx64 "\n", args[0], args[3]);
	for (unsigned i = 0; i < args[1]; i++) {
		fprintf(file, "segment %#lx %#zx %#zx\n", (unsigned long)segments[i].mem,
			segments[i].memsz, segments[i].bufsz);
		save_segment(pid, i, &segments[i]);
	}
	finish(file, "load");
}

static void save_status(int64_t status)
{
	FILE *file = create("load", "a");

	fprintf(file, "status %" PRId64 "\n", status);
	finish(file, "load");
}

static void look(pid_t pid)
{
	static bool loading;
	struct __ptrace_syscall_info call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(call), &call) < 0)
		die("PTRACE_GET_SYSCALL_INFO");
	if (call.op == PTRACE_SYSCALL_INFO_ENTRY) {
		loading = call.entry.nr == SYS_kexec_load && call.entry.args[1];
		if (loading)
			save_call(pid, call.entry.args);
	} else if (loading) {
		save_status(call.exit.rval);
		loading = false;
	}
}

/* To the end of @pid; returns its wait status. */
static int follow(pid_t pid)
{
	int status, signal = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (long)signal) < 0)
			die("PTRACE_SYSCALL");
		if (waitpid(pid, &status, 0) < 0)
			die("waitpid");
		if (!WIFSTOPPED(status))
			return status;
		signal = status >> 16 ? 0 : WSTOPSIG(status); /* 0: an event, not a signal */
		if (signal == (SIGTRAP | 0x80)) {
			look(pid);
			signal = 0;
		}
	}
}

static pid_t start(char *command[])
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(command[0], command);
		die(command[0]);
	}
	if (waitpid(pid, &status, 0) < 0 ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) < 0)
		die("the command");
	return pid;
}

int main(int argc, char *argv[])
{
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: record-load FOLDER COMMAND ARGUMENT...\n");
		return OWN_TROUBLE;
	}
	if (chdir(argv[1]))
		die(argv[1]);
	status = follow(start(argv + 2));
	return WIFEXITED(status) ? WEXITSTATUS(status) : OWN_TROUBLE;
}
