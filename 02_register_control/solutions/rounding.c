/* SPDX-License-Identifier: MIT */
/*
 * Can a tracer change how a program rounds? Predicted: yes. The rounding mode is in bits 13 and 14 of
 * mxcsr (Intel SDM volume 1, "MXCSR Control and Status Register"), which PTRACE_SETFPREGS writes: a
 * third is rounded down by itself, and up if the mode says so.
 */
#include <string.h>

#include "check.h"
#include "count.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

#define MXCSR_UP 0x4000

/* Bits of 1.0/3.0, with these bits of mxcsr set at the trap before the division. */
static long third(unsigned mode)
{
	struct tracee tracee = tracee_at_trap("divide", 0);
	struct user_fpregs_struct fp;

	xptrace(PTRACE_GETFPREGS, tracee.pid, 0L, &fp);
	fp.mxcsr |= mode;
	expect_errno(0, ptrace(PTRACE_SETFPREGS, tracee.pid, 0, &fp), "PTRACE_SETFPREGS");
	expect_stop(STOP_EXITED, 0, xresume(PTRACE_CONT, tracee.pid, 0), "the tracee");
	return told(&tracee, "quotient");
}

static void rounding(void)
{
	const double below = 0x1.5555555555555p-2, above = 0x1.5555555555556p-2;
	long bits_below, bits_above;

	memcpy(&bits_below, &below, sizeof(below));
	memcpy(&bits_above, &above, sizeof(above));
	expect_hex((unsigned long)bits_below, (unsigned long)third(0), "1/3, to nearest");
	expect_hex((unsigned long)bits_above, (unsigned long)third(MXCSR_UP), "1/3, upwards");
}

static const struct experiment experiments[] = {
	{ "rounding", rounding, "Can a tracer change how a program rounds?", .limit_s = 5 },
};

static const struct lab lab = {
	.id = "02",
	.question = "Can a tracer change how a program rounds?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
