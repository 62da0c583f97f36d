/* SPDX-License-Identifier: MIT */
/*
 * Run a command and know what becomes of every process that it starts (scripts/conditions,
 * scripts/stress): an orphan of the command becomes a child of this one, a subreaper.
 *
 * keeper [-n] [-t SECONDS] [-l FILE] COMMAND [ARG...]
 *   -n   ptrace() fails with EPERM in the command, by a seccomp filter, as in some containers
 *   -t   kill all of it after so many seconds; exit 124
 *   -l   write a line for each process that lives on after the command's end
 *
 * Exits with the command's code, with 128 + the signal that killed it, or with 99 for its own
 * failure. Nothing survives it: it kills who is left, and so it does when a signal asks it to end, or when
 * who started it ends.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "count.h"
#include "proc.h"
#include "process.h"
#include "sweep.h"

/* A process that was killed by the end of another, its tracer's for one, takes a moment to end. */
#define PATIENCE_S 5

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "keeper: %s: %s\n", what, strerrorname_np(errno));
	_exit(99);
}

static void forbid_ptrace(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
		fail("prctl(PR_SET_SECCOMP)");
}

/*
 * Reap until there is no child, at most until `deadline_ns` (0: for ever), or until `until` ends; its
 * wait status is then in *status. Returns whether it came so far. A signal that asks this process
 * to end does it.
 */
static bool reap(const sigset_t *signals, int64_t deadline_ns, pid_t until, int *status)
{
	for (;;) {
		pid_t reaped;
		int seen;

		while ((reaped = waitpid(-1, &seen, __WALL | WNOHANG)) > 0) {
			if (reaped == until) {
				*status = seen;
				return true;
			}
		}
		if (reaped == -1)
			return true;

		int64_t left_ns = deadline_ns - clock_now_ns();
		struct timespec left = { left_ns / 1000000000, left_ns % 1000000000 };

		if (deadline_ns != 0 && left_ns <= 0)
			return false;

		int sig = sigtimedwait(signals, NULL, deadline_ns != 0 ? &left : NULL);

		if (sig > 0 && sig != SIGCHLD) {
			sweep(0);
			_exit(128 + sig);
		}
	}
}

static void tell_the_left(const char *path)
{
	static pid_t pids[65536];
	size_t count = sweep_children(pids, COUNT(pids));
	FILE *file = fopen(path, "w");

	if (file == NULL)
		fail(path);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "process %d (%s), state %c\n", pids[i], proc_status(pids[i], "Name"),
			proc_state(pids[i]));
	if (fclose(file) != 0)
		fail(path);
}

static int64_t in_seconds(long seconds)
{
	return seconds == 0 ? 0 : clock_now_ns() + seconds * INT64_C(1000000000);
}

int main(int argc, char **argv)
{
	bool without_ptrace = false;
	long limit_s = 0;
	const char *left = NULL;
	int option, status = 0;
	sigset_t signals, before;

	while ((option = getopt(argc, argv, "+nt:l:")) != -1) {
		if (option == 'n')
			without_ptrace = true;
		else if (option == 't')
			limit_s = atol(optarg);
		else if (option == 'l')
			left = optarg;
		else
			return 99;
	}
	if (argv[optind] == NULL || prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		fail("give a command; or prctl(PR_SET_CHILD_SUBREAPER)");
	sigemptyset(&signals);
	for (const int *sig = (const int[]){ SIGCHLD, SIGHUP, SIGINT, SIGTERM, 0 }; *sig != 0;
		sig++)
		sigaddset(&signals, *sig);
	sigprocmask(SIG_BLOCK, &signals, &before);
	prctl(PR_SET_PDEATHSIG, SIGTERM);

	pid_t keeper = getpid(), command = fork();

	if (command == -1)
		fail("fork");
	if (command == 0) {
		process_die_with(keeper);
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (without_ptrace)
			forbid_ptrace();
		execvp(argv[optind], argv + optind);
		fail(argv[optind]);
	}
	if (!reap(&signals, in_seconds(limit_s), command, &status)) {
		sweep(0);
		return 124;
	}
	if (!reap(&signals, in_seconds(PATIENCE_S), 0, NULL) && left != NULL)
		tell_the_left(left);
	sweep(0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
