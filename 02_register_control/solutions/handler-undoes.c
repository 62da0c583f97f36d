/* SPDX-License-Identifier: MIT */
/*
 * Does what a tracer writes into a register outlive a signal handler? Predicted: if it was written
 * before the handler began, for then it is in the frame that setup_rt_frame() saves; not if it is
 * written in the handler, because rt_sigreturn() loads all registers from that frame.
 */
#include <signal.h>

#include "check.h"
#include "count.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

static void write_rbx(pid_t tracee)
{
	struct user_regs_struct regs = xgetregs(tracee);

	regs.rbx = ~regs.rbx; /* all of its eight bytes */
	expect_errno(0, ptrace(PTRACE_SETREGS, tracee, 0, &regs), "rbx written");
}

static void handler_undoes(void)
{
	struct tracee tracee = tracee_at_trap("handled", 0);

	write_rbx(tracee.pid);
	expect_stop(STOP_EXITED, 0, xresume(PTRACE_CONT, tracee.pid, SIGUSR1),
		"written before the handler: the tracee");
	expect_eq(1, told(&tracee, "handled"), "the handler ran");
	expect_eq(8, told(&tracee, "differ"), "bytes of its registers that differ");

	tracee = tracee_at_trap("handled", 0);
	expect_hex(0x057f, (unsigned)xresume(PTRACE_SINGLESTEP, tracee.pid, SIGUSR1).status,
		"a step into the handler: status");
	expect_eq(SIGUSR1, (long)xgetregs(tracee.pid).rdi, "rdi, the handler's argument");
	write_rbx(tracee.pid);
	expect_stop(STOP_EXITED, 0, xresume(PTRACE_CONT, tracee.pid, 0),
		"written in the handler: the tracee");
	expect_eq(1, told(&tracee, "handled"), "the handler ran");
	expect_eq(0, told(&tracee, "differ"), "bytes of its registers that differ");
}

static const struct experiment experiments[] = {
	{ "handler-undoes", handler_undoes,
		"Does what a tracer writes into a register outlive a signal handler?",
		.limit_s = 5 },
};

static const struct lab lab = {
	.id = "02",
	.question = "Does what a tracer writes into a register outlive a signal handler?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
