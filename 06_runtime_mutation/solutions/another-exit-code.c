/* SPDX-License-Identifier: MIT */
/*
 * Until when can the code be changed with which a program exits? Predicted: while exit_group() is
 * entered, for it is an argument. At PTRACE_EVENT_EXIT do_exit() has it in a variable of its own, and
 * the register is written for nothing.
 */
#include <sys/syscall.h>

#include "check.h"
#include "count.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

/* Write a code into rdi, the first argument of exit_group(). */
static void write_code(pid_t tracee, unsigned code)
{
	struct user_regs_struct regs = xgetregs(tracee);

	expect_eq(SYS_exit_group, (long)regs.orig_rax, "orig_rax, exit_group");
	regs.rdi = code;
	expect_errno(0, ptrace(PTRACE_SETREGS, tracee, 0, &regs), "%u in rdi", code);
}

static void another_exit_code(void)
{
	struct tracee tracee = tracee_at_trap("exit", PTRACE_O_TRACEEXIT);

	expect_stop(STOP_SYSCALL, 0, xresume(PTRACE_SYSCALL, tracee.pid, 0), "the call");
	write_code(tracee.pid, 3);
	expect_stop(
		STOP_EVENT, PTRACE_EVENT_EXIT, xresume(PTRACE_CONT, tracee.pid, 0), "the event");
	write_code(tracee.pid, 4);
	expect_stop(STOP_EXITED, 3, xresume(PTRACE_CONT, tracee.pid, 0), "the tracee, of code 7");
}

static const struct experiment experiments[] = {
	{ "another-exit-code", another_exit_code,
		"Until when can a program's exit code be changed?", .limit_s = 5 },
};

static const struct lab lab = {
	.id = "06",
	.question = "Until when can a program's exit code be changed?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
