/* SPDX-License-Identifier: MIT */
/*
 * An int3 and a debug register at one address: which is reported? Predicted: both, the debug register
 * first. It stops before the instruction (a fault, Intel SDM volume 3, "Breakpoint Exception
 * Conditions"), whatever that is; resumed, RF lets the int3 execute, which traps behind itself.
 */
#include <signal.h>
#include <stddef.h>

#include "check.h"
#include "count.h"
#include "regs.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

#define RIP offsetof(struct user_regs_struct, rip)

static void watch_execution(pid_t tracee, unsigned long address)
{
	struct watch wanted = {
		.address = address, .kind = WATCH_EXECUTE, .length = 1, .enabled = true
	};
	uint64_t dr7 = 0;

	watch_encode(&dr7, 0, &wanted);
	expect_errno(0, ptrace(PTRACE_POKEUSER, tracee, DEBUG_REGISTER(0), address), "DR0");
	expect_errno(0, ptrace(PTRACE_POKEUSER, tracee, DEBUG_REGISTER(7), dr7), "DR7");
}

static void both_at_once(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	pid_t pid = tracee.pid;
	unsigned long nops = told_place(&tracee, "nops", 9), at = nops + 2;
	unsigned long word = (unsigned long)xpeek(PTRACE_PEEKTEXT, pid, at + 1);

	/* Do debug registers work here? One instruction before. */
	watch_execution(pid, nops + 1);
	xptrace(PTRACE_POKEUSER, pid, RIP, nops);
	xresume(PTRACE_CONT, pid, 0);
	if (xgetregs(pid).rip == nops + 9)
		skip("debug registers can be set here, and do nothing");

	watch_execution(pid, at);
	expect_errno(0, ptrace(PTRACE_POKETEXT, pid, at, word << 8 | 0xcc), "int3");
	expect_stop(STOP_SIGNAL, SIGTRAP, xresume(PTRACE_CONT, pid, 0), "first report");
	expect_eq(TRAP_HWBKPT, xgetsiginfo(pid).si_code, "its si_code, TRAP_HWBKPT");
	expect_address(at, xgetregs(pid).rip, "rip");
	expect_stop(STOP_SIGNAL, SIGTRAP, xresume(PTRACE_CONT, pid, 0), "second report");
	expect_eq(SI_KERNEL, xgetsiginfo(pid).si_code, "its si_code, SI_KERNEL");
	expect_address(at + 1, xgetregs(pid).rip, "rip");
}

static const struct experiment experiments[] = {
	{ "both-at-once", both_at_once,
		"An int3 and a debug register at one address: which is reported?", .limit_s = 5 },
};

static const struct lab lab = {
	.id = "04",
	.question = "An int3 and a debug register at one address: which is reported?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
