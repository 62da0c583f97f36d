/* SPDX-License-Identifier: MIT */
/*
 * Can a tracer make a process's stack larger? Predicted: by touching it. What is asked for below
 * [stack] is taken for the program's own growing need: __access_remote_vm() expands the mapping (expand_stack(); in older
 * kernels find_extend_vma()). As far below another mapping there is nothing, and EIO.
 */
#include <errno.h>

#include "check.h"
#include "count.h"
#include "maps.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

#define PAGE 4096UL

static unsigned long stack_start(pid_t pid)
{
	struct maps maps;

	if (maps_read(pid, &maps) == -1 || maps_named(&maps, "[stack]") == NULL)
		broken("no [stack] in the maps");

	unsigned long start = maps_named(&maps, "[stack]")->start;

	maps_free(&maps);
	return start;
}

static void stack_grows(void)
{
	struct tracee tracee = tracee_start("hole");
	unsigned long start = stack_start(tracee.pid),
		      pages = (unsigned long)told(&tracee, "pages");

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	expect_errno(
		EIO, ptrace(PTRACE_POKEDATA, tracee.pid, pages + 2 * PAGE, 1), "POKEDATA, a hole");
	expect_errno(0, ptrace(PTRACE_POKEDATA, tracee.pid, start - 16 * PAGE, 1),
		"POKEDATA, 16 pages below the stack");
	expect_eq(16, (long)((start - stack_start(tracee.pid)) / PAGE), "pages by which it grew");
	expect_eq(0, xpeek(PTRACE_PEEKDATA, tracee.pid, start - 32 * PAGE),
		"PEEKDATA, 32 pages below where it was");
	expect_eq(32, (long)((start - stack_start(tracee.pid)) / PAGE), "pages by which it grew");
}

static const struct experiment experiments[] = {
	{ "stack-grows", stack_grows, "Can a tracer make a process's stack larger?", .limit_s = 5 },
};

static const struct lab lab = {
	.id = "03",
	.question = "Can a tracer make a process's stack larger?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
