/* SPDX-License-Identifier: MIT */
/*
 * Lab NN: what does a tracer hear of signals that its tracee does not want?
 *
 * The tracee ignores a signal; the tracer sends it, with and without being attached, and looks at
 * what is reported.
 *
 * Run:    make labNN          (make labNN ONLY=ignored-signal; NN_topic/tracer --list)
 * Basis:  ptrace(2), "Signal-delivery-stop"; kernel/signal.c: sig_ignored(), get_signal()
 */
#include <errno.h>
#include <signal.h>

#include "check.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

static void send(pid_t pid, int sig)
{
	if (kill(pid, sig) == -1)
		broken("kill(%d, %s): %s", pid, signal_name(sig), errno_text(errno));
}

/*
 * Is a signal reported that the tracee ignores? Predicted: yes. Without a tracer the kernel drops it
 * as it is sent (sig_ignored()); for a tracee that function keeps everything but SIGKILL, and
 * ptrace(2), "Signal-delivery-stop", knows no exception. It stays ignored when it is passed on.
 */
static void ignored_signal(void)
{
	const int ignored = SIGUSR1;
	struct tracee tracee = tracee_start("ignores");

	send(tracee.pid, ignored);
	expect_str("none", mask_text(proc_mask(tracee.pid, "ShdPnd")), "pending, no tracer");

	expect_errno(0, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0), "PTRACE_SEIZE");
	send(tracee.pid, ignored);
	send(tracee.pid, SIGRTMIN); /* the marker: it would come first if the other did not */
	expect_stop(STOP_SIGNAL, ignored, stop_wait(tracee.pid), "first report");
	expect_stop(STOP_SIGNAL, SIGRTMIN, xresume(PTRACE_CONT, tracee.pid, ignored),
		"next report, passed on");

	long rounds = told(&tracee, "rounds");

	xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
	expect_ge(1, wait_told(&tracee, "rounds", rounds + 1) - rounds, "rounds it ran since");
}

static const struct experiment experiments[] = {
	{ "ignored-signal", ignored_signal, "Is a signal reported that the tracee ignores?" },
};

static const struct lab lab = {
	.id = "NN",
	.question = "What does a tracer hear of signals that its tracee does not want?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
