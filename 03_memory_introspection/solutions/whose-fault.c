/* SPDX-License-Identifier: MIT */
/*
 * Whose page fault is it when a tracer writes a page that the tracee has never touched? Predicted: the
 * tracer's. The fault is handled in the writer's context, with the tracee's mm (FAULT_FLAG_REMOTE),
 * and mm_account_fault() counts it for `current`.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "check.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "stop.h"
#include "tracee.h"

#define PAGES 48

static long own_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* The tenth field of /proc/PID/stat; the name in the second has no blank. */
static long faults_of(pid_t pid)
{
	char line[1024];
	long faults;

	if (proc_read(pid, "stat", line, sizeof(line)) == -1 ||
		sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %ld", &faults) != 1)
		broken("/proc/%d/stat", pid);
	return faults;
}

static void whose_fault(void)
{
	struct tracee tracee = tracee_start("untouched");
	unsigned long pages = (unsigned long)told(&tracee, "pages");

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);

	long own = own_faults(), others = faults_of(tracee.pid), written = 0;

	for (unsigned long page = 0; page < PAGES; page++)
		written += ptrace(PTRACE_POKEDATA, tracee.pid, pages + page * 4096, 1) == 0;
	expect_eq(PAGES, written, "pages written");
	expect_ge(PAGES, own_faults() - own, "minor faults of the tracer");
	expect_eq(0, faults_of(tracee.pid) - others, "minor faults of the tracee");
}

static const struct experiment experiments[] = {
	{ "whose-fault", whose_fault,
		"Whose page fault is it when a tracer writes a page that was never touched?",
		.limit_s = 5 },
};

static const struct lab lab = {
	.id = "03",
	.question = "Whose page fault is it when a tracer writes a page that was never touched?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
