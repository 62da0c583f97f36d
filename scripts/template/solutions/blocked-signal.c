/* SPDX-License-Identifier: MIT */
/*
 * Is a signal reported that the tracee blocks? Predicted: no, it waits. A signal is reported as it is
 * taken from the queue (get_signal()), and what is blocked is not taken. The marker comes alone.
 */
#include "check.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

static void answer(void)
{
	struct tracee tracee = tracee_start("ignores");
	unsigned long mask = SIGNAL_BIT(SIGUSR1);

	xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	expect_errno(0, ptrace(PTRACE_SETSIGMASK, tracee.pid, (void *)sizeof(mask), &mask),
		"PTRACE_SETSIGMASK");
	xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);

	kill(tracee.pid, SIGUSR1);
	kill(tracee.pid, SIGRTMIN); /* the marker */
	expect_stop(STOP_SIGNAL, SIGRTMIN, stop_wait(tracee.pid), "first report");
	expect_str("SIGUSR1", mask_text(proc_mask(tracee.pid, "ShdPnd")), "pending");
}

static const struct experiment experiments[] = {
	{ "blocked-signal", answer, "Is a signal reported that the tracee blocks?", .limit_s = 5 },
};

static const struct lab lab = {
	.id = "NN",
	.question = "Is a signal reported that the tracee blocks?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
