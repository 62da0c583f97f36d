/* SPDX-License-Identifier: MIT */
/*
 * From which table is a number that a tracer writes while an int $0x80 is entered? Predicted: from that
 * of 32-bit calls. It is the entry that decides, not the program's mode: do_int80_syscall_32() looks the
 * number up after the tracer has had its say. 64 is getppid() there, and semget() in the other table.
 */
#include <signal.h>
#include <unistd.h>

#include "check.h"
#include "count.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

#define GETPPID_32 64

static void which_table(void)
{
	struct tracee tracee = tracee_at_trap("int80", 0);
	struct stop stop = xresume(PTRACE_SYSCALL, tracee.pid, 0);

	if (stop.kind == STOP_SIGNAL && stop.detail == SIGSEGV)
		skip("this kernel has no IA32 emulation: int 0x80 is SIGSEGV");
	expect_stop(STOP_SYSCALL, 0, stop, "int 0x80");

	struct user_regs_struct regs = xgetregs(tracee.pid);

	expect_eq(20, (long)regs.orig_rax, "orig_rax, getpid of the 32-bit table");
	regs.orig_rax = GETPPID_32;
	expect_errno(0, ptrace(PTRACE_SETREGS, tracee.pid, 0, &regs), "64 in orig_rax");
	expect_stop(STOP_EXITED, 0, xresume(PTRACE_CONT, tracee.pid, 0), "the tracee");
	expect_pid(getpid(), (pid_t)told(&tracee, "result"), "the result, getppid()'s");
}

static const struct experiment experiments[] = {
	{ "which-table", which_table,
		"From which table is a number that is written while int 0x80 is entered?",
		.limit_s = 5 },
};

static const struct lab lab = {
	.id = "02",
	.question = "From which table is a number that is written while int 0x80 is entered?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
