/* SPDX-License-Identifier: MIT */
/*
 * Whom does a stop stop? Predicted: PTRACE_INTERRUPT one thread, the one that is named, since it sets
 * a flag of one task (JOBCTL_TRAP_STOP). An injected SIGSTOP the whole process: do_signal_stop()
 * marks every thread of the group, also those that nobody traces.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

static void send_to_leader(pid_t leader, int sig)
{
	if (syscall(SYS_tgkill, leader, leader, sig) == -1)
		broken("tgkill: %s", errno_text(errno));
}

static void whom_a_stop_stops(void)
{
	struct tracee tracee = tracee_start("threads");
	pid_t leader = tracee.pid, thread = (pid_t)told(&tracee, "thread-1");

	proc_wait_blocked(thread, SYS_pause);
	xptrace(PTRACE_SEIZE, leader, 0L, 0L);
	expect_errno(0, ptrace(PTRACE_INTERRUPT, leader, 0, 0), "PTRACE_INTERRUPT of the leader");
	send_to_leader(leader, SIGRTMIN); /* a marker: it stops in any case */
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(leader), "the leader");
	expect_str("t (tracing stop)", proc_status(leader, "State"), "State of the leader");
	expect_str("S (sleeping)", proc_status(thread, "State"), "State of the other thread");

	xresume(PTRACE_CONT, leader, 0);
	send_to_leader(leader, SIGSTOP);
	xresume(PTRACE_CONT, leader, 0);
	expect_stop(STOP_GROUP, SIGSTOP, xresume(PTRACE_CONT, leader, SIGSTOP), "SIGSTOP injected");
	proc_wait_state(thread, "Tt");
	expect_str("T (stopped)", proc_status(thread, "State"), "State of the other thread");
}

static const struct experiment experiments[] = {
	{ "whom-a-stop-stops", whom_a_stop_stops, "Whom does a stop stop?", .limit_s = 5 },
};

static const struct lab lab = {
	.id = "01",
	.question = "Whom does a stop stop?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
