/* SPDX-License-Identifier: MIT */
/*
 * Is a PTRACE_INTERRUPT that was kept for the next stop kept across PTRACE_DETACH too? Predicted: no;
 * __ptrace_unlink() clears JOBCTL_TRAP_MASK. That nothing is reported means something only beside the
 * case in which something is: the same interrupt, with PTRACE_CONT in the place of the detach.
 */
#include <signal.h>

#include "check.h"
#include "count.h"
#include "request.h"
#include "stop.h"
#include "text.h"
#include "tracee.h"

/* A SEIZEd tracee in a stop that is no PTRACE_INTERRUPT's, and interrupted there. */
static pid_t interrupted_in_a_stop(void)
{
	struct tracee tracee = tracee_start("pause");

	xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
	kill(tracee.pid, SIGWINCH);
	stop_wait(tracee.pid);
	expect_errno(0, ptrace(PTRACE_INTERRUPT, tracee.pid, 0, 0), "PTRACE_INTERRUPT in a stop");
	return tracee.pid;
}

static void interrupt_and_detach(void)
{
	pid_t tracee = interrupted_in_a_stop();

	kill(tracee, SIGRTMIN); /* the marker: it comes after all else */
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, xresume(PTRACE_CONT, tracee, 0),
		"after PTRACE_CONT, the next report");

	tracee = interrupted_in_a_stop();
	expect_errno(0, ptrace(PTRACE_DETACH, tracee, 0, 0), "PTRACE_DETACH");
	if (!expect_errno(0, ptrace(PTRACE_SEIZE, tracee, 0, 0), "PTRACE_SEIZE again"))
		return; /* whoever is not detached would be waited for in vain */
	kill(tracee, SIGRTMIN);
	expect_stop(STOP_SIGNAL, SIGRTMIN, stop_wait(tracee), "the next report");
}

static const struct experiment experiments[] = {
	{ "interrupt-and-detach", interrupt_and_detach,
		"Is a PTRACE_INTERRUPT that was kept for the next stop kept across PTRACE_DETACH?",
		.limit_s = 5 },
};

static const struct lab lab = {
	.id = "01",
	.question =
		"Is a PTRACE_INTERRUPT that was kept for the next stop kept across PTRACE_DETACH?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
