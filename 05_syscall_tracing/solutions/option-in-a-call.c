/* SPDX-License-Identifier: MIT */
/*
 * From when on does an option count that is set in the middle of a call? Predicted: from the next
 * report. ptrace_report_syscall() looks at the option when it reports, not when the call begins; so
 * the two stops of one call can have different forms.
 */
#include <signal.h>

#include "check.h"
#include "count.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

static void option_in_a_call(void)
{
	struct tracee tracee = tracee_start_seized("obey-later", 0);

	*told_slot(&tracee, "go") = 1;
	stop_wait(tracee.pid); /* its first trap */
	expect_hex(0x057f, (unsigned)xresume(PTRACE_SYSCALL, tracee.pid, 0).status,
		"enter-stop without options: status");
	expect_errno(0, ptrace(PTRACE_SETOPTIONS, tracee.pid, 0, PTRACE_O_TRACESYSGOOD),
		"PTRACE_O_TRACESYSGOOD, in that stop");
	expect_hex(0x857f, (unsigned)xresume(PTRACE_SYSCALL, tracee.pid, 0).status,
		"exit-stop of the same call: status");

	xresume(PTRACE_CONT, tracee.pid, 0);
	expect_hex(0x857f, (unsigned)xresume(PTRACE_SYSCALL, tracee.pid, 0).status,
		"the next enter-stop: status");
	expect_errno(0, ptrace(PTRACE_SETOPTIONS, tracee.pid, 0, 0), "no options, in that stop");
	expect_hex(0x057f, (unsigned)xresume(PTRACE_SYSCALL, tracee.pid, 0).status,
		"exit-stop of the same call: status");
}

static const struct experiment experiments[] = {
	{ "option-in-a-call", option_in_a_call,
		"From when on does an option count that is set in the middle of a call?",
		.limit_s = 5 },
};

static const struct lab lab = {
	.id = "05",
	.question = "From when on does an option count that is set in the middle of a call?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
