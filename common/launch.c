/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "count.h"
#include "launch.h"
#include "request.h"
#include "target.h"

/* What the child tells before it executes the program: a page that the exec takes from it. */
static struct {
	const char *failed; /* NULL: nothing did */
	int error;
} * told;

static int program_fd; /* its pidfd */
static volatile sig_atomic_t stop_asked, program_stopped;

/* --- the program -------------------------------------------------------------------------------- */

static const char *find_in_path(const char *name)
{
	static char path[PATH_MAX];
	const char *directory = getenv("PATH");

	for (directory = directory ? directory : "/bin:/usr/bin"; directory != NULL;
		directory = strchr(directory, ':')) {
		directory += *directory == ':';

		int length = (int)strcspn(directory, ":");
		struct stat file;

		snprintf(
			path, sizeof(path), "%.*s%s%s", length, directory, length ? "/" : "", name);
		if (stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0)
			return path;
	}
	target_refuse("there is no program \"%s\" in any directory of PATH", name);
}

const char *launch_find(const char *name)
{
	const char *path = strchr(name, '/') != NULL ? name : find_in_path(name);
	struct stat file;

	if (stat(path, &file) == -1)
		target_refuse("%s: %s", path, errno_text(errno));
	if (!S_ISREG(file.st_mode))
		target_refuse("%s is not a file that can be executed", path);
	if (access(path, X_OK) == -1)
		target_refuse("%s may not be executed: %s", path, errno_text(errno));
	return path;
}

static _Noreturn void become(const char *path, char **argv, int go, const char *(*prepare)(void))
{
	char byte;

	/* Not by raise(), which makes calls of its own behind the signal. */
	if (read(go, &byte, 1) == 1 && syscall(SYS_kill, getpid(), SIGSTOP) == 0) {
		told->failed = prepare != NULL ? prepare() : NULL;
		if (told->failed == NULL) {
			told->failed = "exec";
			execv(path, argv);
		}
		told->error = errno;
	}
	_exit(LAB_USAGE);
}

/* --- signals of the tracer's own ------------------------------------------------------------------ */

/*
 * A signal that a process sends to the tracer is meant for the program. One of the terminal
 * (SI_KERNEL) has reached the program already, as it did the whole process group: then the tracer
 * stops when the program does, so that the shell sees it, and otherwise lives on.
 */
static void pass_on(int sig, siginfo_t *info, void *context)
{
	int error = errno;

	(void)context;
	if (syscall(SYS_pidfd_send_signal, program_fd, 0, NULL, 0) == -1) {
		/* It has ended. Who is left ends with the tracer. */
		signal(sig, SIG_DFL);
		raise(sig);
	} else if (info->si_code <= 0) {
		syscall(SYS_pidfd_send_signal, program_fd, sig, NULL, 0);
	} else if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU) {
		stop_asked = !program_stopped;
		if (program_stopped)
			raise(SIGSTOP);
	}
	errno = error;
}

static void catch_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM,
		SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };
	struct sigaction action = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART };

	for (size_t i = 0; i < COUNT(signals); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void launch_stopped(void)
{
	program_stopped = 1;
	if (stop_asked) {
		stop_asked = 0;
		raise(SIGSTOP);
	}
}

void launch_continued(void)
{
	program_stopped = 0;
}

/* --- from start to end -------------------------------------------------------------------------- */

pid_t launch(const char *path, char **argv, unsigned long options, const char *(*prepare)(void))
{
	int go[2], status;

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED || pipe2(go, O_CLOEXEC) == -1)
		target_refuse("no page or no pipe: %s", errno_text(errno));

	pid_t program = fork();

	if (program == -1)
		target_refuse("fork: %s", errno_text(errno));
	if (program == 0) {
		close(go[1]);
		become(path, argv, go[0], prepare);
	}
	program_fd = pidfd_open(program, 0);
	if (program_fd == -1)
		target_refuse("pidfd_open: %s", errno_text(errno));
	if (ptrace(PTRACE_SEIZE, program, 0, PTRACE_O_EXITKILL | options) == -1)
		target_refuse(
			"PTRACE_SEIZE: %s: no process may trace its own child here (Yama, seccomp?)",
			errno_text(errno));
	/* Ignored, SIGCHLD would have the program reaped (wait(2)); sent at every stop, it costs. */
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP },
		NULL);
	if (write(go[1], "g", 1) != 1 || waitpid(program, &status, __WALL) != program ||
		stop_decode(status).kind != STOP_SIGNAL)
		target_refuse("the program ended before it was started");
	close(go[0]);
	close(go[1]);
	catch_signals();
	return program;
}

void launch_check(const char *path)
{
	if (told->error != 0)
		target_refuse("%s %s: %s", told->failed, path, errno_text(told->error));
}

int launch_end_alike(struct stop end)
{
	static const struct rlimit no_core;
	int sig = end.detail;
	sigset_t set;

	if (end.kind == STOP_EXITED)
		return sig;
	setrlimit(RLIMIT_CORE, &no_core);
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	return 128 + sig;
}
