/* SPDX-License-Identifier: MIT */
/*
 * Does a child that is born while its parent is stepped inherit the steps? Predicted: no;
 * copy_process() calls user_disable_single_step(). A trap flag that it kept would kill it, since
 * nobody traces it: SIGTRAP, as from an int3 (fork-int3).
 */
#include <signal.h>
#include <sys/syscall.h>

#include "check.h"
#include "count.h"
#include "regs.h"
#include "request.h"
#include "stop.h"
#include "testimony.h"
#include "tracee.h"

#define SYSCALL_BYTES 0x050f

static bool is_birth(pid_t tracee)
{
	struct user_regs_struct regs = xgetregs(tracee);

	return (xpeek(PTRACE_PEEKTEXT, tracee, regs.rip) & 0xffff) == SYSCALL_BYTES &&
	       regs.rax == SYS_clone;
}

static void stepped_fork(void)
{
	struct tracee tracee = tracee_at_trap("forks", 0);
	long steps = 0, births = 0;
	struct stop stop = { .kind = STOP_SIGNAL };

	while (stop.kind == STOP_SIGNAL && testimony_find(tracee.page, "child status") == NULL) {
		births += is_birth(tracee.pid);
		stop = xresume(PTRACE_SINGLESTEP, tracee.pid, 0);
		steps += stop.kind == STOP_SIGNAL && stop.detail == SIGTRAP;
	}
	expect_ge(100, steps, "steps of the parent");
	expect_eq(1, births, "one of them over the call of the birth");
	expect_eq(0, told(&tracee, "child status"), "wait status of the child");
}

static const struct experiment experiments[] = {
	{ "stepped-fork", stepped_fork, "Does a child inherit being stepped?" },
};

static const struct lab lab = {
	.id = "04",
	.question = "Does a child inherit being stepped?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
