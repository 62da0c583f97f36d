/* SPDX-License-Identifier: MIT */
/*
 * Does /proc tell of a tracer whom it traces? Predicted: nowhere. TracerPid leads from the tracee to the
 * tracer, and no file leads back: /proc/PID/task/TID/children (proc(5)) has the children by birth,
 * and a tracee stays its parent's in it, as in PPid.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "text.h"
#include "tracee.h"

/* Whether a process is among the children of another. */
static bool is_child_of(pid_t child, pid_t parent)
{
	char list[4096], *next = list;

	if (proc_read(parent, text("task/%d/children", parent), list, sizeof(list)) == -1)
		skip("there is no /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN)");
	for (char *word; (word = strtok_r(next, " ", &next)) != NULL;)
		if (atoi(word) == child)
			return true;
	return false;
}

static void whose_child(void)
{
	struct tracee tracee = tracee_start("idle");
	int answer[2];
	char byte = 0;

	if (pipe(answer) == -1)
		broken("pipe: %s", errno_text(errno));

	pid_t helper = fork_helper(); /* a tracer that is not its parent */

	if (helper == 0) {
		expect_errno(0, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0), "PTRACE_SEIZE");
		if (write(answer[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	role_pid("helper", helper);
	if (read(answer[0], &byte, 1) != 1)
		broken("the helper does not answer");
	expect_pid(helper, (pid_t)proc_number(tracee.pid, "TracerPid"), "the tracee: TracerPid");
	expect_pid(getpid(), (pid_t)proc_number(tracee.pid, "PPid"), "the tracee: PPid");
	expect_true(is_child_of(tracee.pid, getpid()), "listed as its parent's child");
	expect_true(!is_child_of(tracee.pid, helper), "not listed with its tracer");
}

static const struct experiment experiments[] = {
	{ "whose-child", whose_child, "Does /proc tell of a tracer whom it traces?", .limit_s = 5 },
};

static const struct lab lab = {
	.id = "07",
	.question = "Does /proc tell of a tracer whom it traces?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
