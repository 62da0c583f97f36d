/* SPDX-License-Identifier: MIT */
/*
 * /init of the guest that scripts/kernel-matrix boots: runs every lab that is in the initramfs, as
 * root and as an ordinary user, with the transcripts on the second serial port, and ends QEMU. On the
 * first one is what the kernel says.
 *
 * Kernel arguments arrive in the environment: nonce=WORD (in every line of this program's own, so
 * that no output of a lab can be taken for one), yama=SCOPE.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "process.h"

#define NOBODY 65534
#define DEBUG_EXIT 0xf4 /* QEMU's isa-debug-exit: exits with twice the value, plus 1 */

static const char *nonce;

/* The machine ends here, whatever happened. */
static _Noreturn void end(const char *why, unsigned char code)
{
	printf("=== %s END %s\n", nonce, why);
	fflush(stdout);
	tcdrain(1);
	if (ioperm(DEBUG_EXIT, 1, 1) == 0)
		outb(code, DEBUG_EXIT);
	for (;;)
		pause();
}

static void must(int result, const char *what)
{
	if (result == -1) {
		printf("=== %s %s: %s\n", nonce, what, strerrorname_np(errno));
		end("broken", 1);
	}
}

static void open_serial(void)
{
	struct termios raw;
	int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY);

	must(fd, "/dev/ttyS1");
	tcgetattr(fd, &raw);
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	dup2(fd, 1);
	dup2(fd, 2);
	close(fd);
}

static void set_yama(const char *scope)
{
	int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_WRONLY);

	must(fd, "this kernel has no Yama");
	must((int)write(fd, scope, strlen(scope)), "ptrace_scope");
	close(fd);
}

/* Whatever a lab left behind is in its way no longer, and is told. */
static int kill_the_rest(void)
{
	int left = 0;

	kill(-1, SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		left++;
	return left;
}

static void run(const char *lab, uid_t uid)
{
	char path[256];
	int status;

	snprintf(path, sizeof(path), "%s/tracer", lab);
	printf("=== %s BEGIN %s %u\n", nonce, lab + 1, uid);
	fflush(stdout);

	pid_t runner = fork();

	if (runner == 0) {
		setsid();
		close(0);
		/* cppcheck-suppress leakReturnValNotUsed ; it is 0, standard input */
		if (open("/dev/null", O_RDONLY) != 0)
			_exit(98);
		if (uid != 0 && process_become(uid, uid) != NULL)
			_exit(98);
		execl(path, "tracer", "--transcript", NULL);
		_exit(98);
	}
	must(waitpid(runner, &status, 0), "waitpid");

	int left = kill_the_rest();

	printf("=== %s EXIT %d left %d\n", nonce,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), left);
	fflush(stdout);
}

int main(void)
{
	const char *yama = getenv("yama"), *some = getenv("labs");
	glob_t labs;

	nonce = getenv("nonce");
	if (nonce == NULL)
		nonce = "-";
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	open_serial();
	must(mount("proc", "/proc", "proc", 0, NULL), "/proc");
	must(mount("sysfs", "/sys", "sysfs", 0, NULL), "/sys");
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL); /* not every kernel has it */
	must(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"), "/tmp");
	if (yama != NULL)
		set_yama(yama);
	/* labs=PATTERN on the command line: what that boot varies concerns these labs only. */
	if (glob(some != NULL ? some : "/[0-9][0-9]_*", 0, NULL, &labs) != 0 && some == NULL)
		end("there is no lab", 1);
	for (size_t i = 0; i < labs.gl_pathc; i++) {
		run(labs.gl_pathv[i], 0);
		run(labs.gl_pathv[i], NOBODY);
	}
	end("done", 16);
}
