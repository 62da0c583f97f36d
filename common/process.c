/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"

const char *process_die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return "prctl(PR_SET_PDEATHSIG)";

	/* It may have ended before the request. From inside a PID namespace it reads as 0. */
	pid_t now = getppid();

	if (now != parent && now != 0)
		_exit(99);
	return NULL;
}

const char *process_become(uid_t uid, gid_t gid)
{
	pid_t parent = getppid();

	if (setgroups(0, NULL) == -1)
		return "setgroups";
	if (setresgid(gid, gid, gid) == -1)
		return "setresgid";
	if (setresuid(uid, uid, uid) == -1)
		return "setresuid";
	if (prctl(PR_SET_DUMPABLE, 1) == -1)
		return "prctl(PR_SET_DUMPABLE)";
	return process_die_with(parent);
}

void process_reserve_fds(int flags)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | flags);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

const char *process_reset_signals(void)
{
	static const char all_default[32]; /* the kernel's struct sigaction: SIG_DFL, no flags */
	sigset_t none;

	/* Not by signal(), which refuses 32 and 33, glibc's own: posix_spawn(), and so make, hands
	 * them on ignored (observed with glibc 2.36). SIGKILL and SIGSTOP refuse and need nothing. */
	for (int sig = 1; sig < NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, all_default, NULL, 8L);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) == -1 ? "sigprocmask" : NULL;
}
