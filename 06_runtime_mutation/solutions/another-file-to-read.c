/* SPDX-License-Identifier: MIT */
/*
 * Can the arguments of a call be changed that blocks already? Predicted: yes, because a stop unwinds
 * it. Resumed, the call is made again (-ERESTARTSYS), with the registers as they are by then: a read
 * that waited for one pipe reads from another descriptor. Here there is a byte in its own pipe, too:
 * without the change it succeeds.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "stop.h"
#include "text.h"
#include "tracee.h"

static void another_file_to_read(void)
{
	struct tracee tracee = tracee_start("read");
	struct user_regs_struct regs;
	int wake = open(
		text("/proc/%d/fd/%ld", tracee.pid, told(&tracee, "wake")), O_WRONLY | O_CLOEXEC);

	proc_wait_blocked(tracee.pid, SYS_read);
	xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(tracee.pid), "the tracee, in read()");
	regs = xgetregs(tracee.pid);
	expect_eq(SYS_read, (long)regs.orig_rax, "orig_rax, read");
	regs.rdi = (unsigned long long)told(&tracee, "wake"); /* nobody can read from that end */
	expect_errno(0, ptrace(PTRACE_SETREGS, tracee.pid, 0, &regs), "the other end in rdi");
	if (wake == -1 || write(wake, "", 1) != 1)
		broken("the pipe of the tracee: %s", errno_text(errno));
	expect_stop(STOP_SIGNAL, SIGTRAP, xresume(PTRACE_CONT, tracee.pid, 0), "resumed: its gate");
	expect_eq(-EBADF, told(&tracee, "read"), "read(), as the program sees it: -EBADF");
}

static const struct experiment experiments[] = {
	{ "another-file-to-read", another_file_to_read,
		"Can the arguments of a call be changed that blocks already?", .limit_s = 5 },
};

static const struct lab lab = {
	.id = "06",
	.question = "Can the arguments of a call be changed that blocks already?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
