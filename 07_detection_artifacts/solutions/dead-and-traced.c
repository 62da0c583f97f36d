/* SPDX-License-Identifier: MIT */
/*
 * Does a process show its tracer after its death? Predicted: until the tracer has waited for it. A
 * zombie is still linked (task_state() asks ptrace_parent(), wait_task_zombie() ends it); then it is
 * its parent's alone.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "check.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "tracee.h"

static void dead_and_traced(void)
{
	struct tracee tracee = tracee_start("idle");
	int order[2], answer[2];
	char byte = 0;

	if (pipe(order) == -1 || pipe(answer) == -1)
		broken("pipe: %s", errno_text(errno));

	pid_t helper = fork_helper(); /* a tracer that is not its parent */

	if (helper == 0) {
		expect_errno(0, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0), "PTRACE_SEIZE");
		if (write(answer[1], &byte, 1) == 1 && read(order[0], &byte, 1) == 1)
			expect_stop(
				STOP_KILLED, SIGKILL, stop_wait(tracee.pid), "the tracer waits");
		_exit(write(answer[1], &byte, 1) != 1);
	}
	role_pid("helper", helper);
	close(answer[1]); /* the helper's alone: if it ends, there is nothing to wait for */
	if (read(answer[0], &byte, 1) != 1)
		broken("the helper does not answer");
	kill(tracee.pid, SIGKILL);
	proc_wait_state(tracee.pid, "Z");
	expect_pid(helper, (pid_t)proc_number(tracee.pid, "TracerPid"), "TracerPid of the zombie");
	if (write(order[1], &byte, 1) != 1 || read(answer[0], &byte, 1) != 1)
		broken("the helper does not answer");
	expect_str("Z (zombie)", proc_status(tracee.pid, "State"), "State after the tracer's wait");
	expect_pid(0, (pid_t)proc_number(tracee.pid, "TracerPid"), "TracerPid then");
}

static const struct experiment experiments[] = {
	{ "dead-and-traced", dead_and_traced, "Does a process show its tracer after its death?",
		.limit_s = 5 },
};

static const struct lab lab = {
	.id = "07",
	.question = "Does a process show its tracer after its death?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
