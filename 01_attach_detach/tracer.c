/* SPDX-License-Identifier: MIT */
/*
 * Lab 01: what does attaching do to a process that did not ask for it?
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#include "check.h"
#include "proc.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "target.h"
#include "tracee.h"

/*
 * Does PTRACE_SEIZE stop the tracee? Predicted: no (ptrace(2), PTRACE_SEIZE), and until something
 * stops it every request that needs a stopped tracee fails with ESRCH (ptrace_check_attach()).
 */
static void seize_no_stop(void)
{
	struct tracee tracee = tracee_start("spin");
	struct user_regs_struct regs;

	expect_errno(0, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0), "PTRACE_SEIZE");
	long beats = told(&tracee, "heartbeat");
	expect_ge(beats + 1, wait_told(&tracee, "heartbeat", beats + 1), "heartbeat afterwards");
	expect_errno(ESRCH, ptrace(PTRACE_GETREGS, tracee.pid, 0, &regs), "PTRACE_GETREGS");
	expect_pid(getpid(), (pid_t)proc_number(tracee.pid, "TracerPid"), "TracerPid");
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(tracee.pid), "after PTRACE_INTERRUPT");
	expect_str("t (tracing stop)", proc_status(tracee.pid, "State"), "State");
}

static const struct experiment experiments[] = {
	{ "seize-no-stop", seize_no_stop, "Does PTRACE_SEIZE stop the tracee?", NULL, 0 },
};

static const struct lab lab = {
	.id = "01",
	.question = "What does attaching do to a process that did not ask for it?",
	.experiments = experiments,
	.count = sizeof(experiments) / sizeof(experiments[0]),
	.target = target_mode,
	.target_usage = target_usage,
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
