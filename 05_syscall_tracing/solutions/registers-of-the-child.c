/* SPDX-License-Identifier: MIT */
/*
 * Until which stop does a register that is written to the parent reach the child? Predicted: written
 * at the entry it does, at the event it does not: PTRACE_EVENT_FORK is reported by kernel_clone(),
 * after copy_thread() has taken the registers.
 */
#include "check.h"
#include "count.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

#define AT_ENTRY 0x1111
#define AT_EVENT 0x2222

static void registers_of_the_child(void)
{
	struct tracee tracee = tracee_at_trap("clone", PTRACE_O_TRACEFORK);
	struct user_regs_struct regs;
	unsigned long child;

	expect_stop(STOP_SYSCALL, 0, xresume(PTRACE_SYSCALL, tracee.pid, 0), "entry of clone()");
	regs = xgetregs(tracee.pid);
	regs.r12 = AT_ENTRY;
	expect_errno(0, ptrace(PTRACE_SETREGS, tracee.pid, 0, &regs), "r12 written");
	expect_stop(
		STOP_EVENT, PTRACE_EVENT_FORK, xresume(PTRACE_CONT, tracee.pid, 0), "the event");
	regs = xgetregs(tracee.pid);
	regs.r12 = AT_EVENT;
	expect_errno(0, ptrace(PTRACE_SETREGS, tracee.pid, 0, &regs), "r12 written again");
	expect_hex(AT_EVENT, xgetregs(tracee.pid).r12, "r12 of the parent");

	xptrace(PTRACE_GETEVENTMSG, tracee.pid, 0L, &child);
	expect_stop(
		STOP_EVENT, PTRACE_EVENT_STOP, stop_wait((pid_t)child), "first stop of the child");
	expect_hex(AT_ENTRY, xgetregs((pid_t)child).r12, "r12 of the child");
}

static const struct experiment experiments[] = {
	{ "registers-of-the-child", registers_of_the_child,
		"Until which stop does a register written to the parent reach the child?",
		.limit_s = 5 },
};

static const struct lab lab = {
	.id = "05",
	.question = "Until which stop does a register written to the parent reach the child?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
