/* SPDX-License-Identifier: MIT */
/*
 * Lab 01 pointed at a stranger: stop each of its threads once, as briefly as the requests allow,
 * and say what it was doing and what the stop did to it.
 *
 * While a thread is stopped only its registers and its signal mask are read; /proc told the rest
 * before, and nothing is printed until every thread is released. A thread is released as soon as it
 * was read, so its registers are true of one instant and those of two threads are not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "proc.h"
#include "regs.h"
#include "request.h"
#include "show.h"
#include "syscalls.h"
#include "target.h"
#include "text.h"

const char target_usage[] =
	"-p PID           stop each thread of a process once, and say what it was doing";

struct look {
	bool looked;
	struct user_regs_struct regs;
	uint64_t blocked;
};

/* What a call that our stop interrupted does next: the kernel's internal errno in rax
 * (include/linux/errno.h, arch_do_signal_or_restart()). */
static const struct {
	long rax;
	const char *name;
	const char *quiet;   /* no signal is delivered */
	const char *handled; /* a handler runs */
} outcomes[] = {
	{ -4, "EINTR", "the call returns EINTR; the stop alone causes that",
		"the call returns EINTR" },
	{ -512, "ERESTARTSYS", "the call restarts", "it restarts if SA_RESTART, else EINTR" },
	{ -513, "ERESTARTNOINTR", "the call restarts", "the call restarts" },
	{ -514, "ERESTARTNOHAND", "the call restarts", "the call returns EINTR" },
	{ -516, "ERESTART_RESTARTBLOCK", "the call restarts as restart_syscall, for the time left",
		"the call returns EINTR" },
};

static const char *outcome_text(long rax, struct stop stop)
{
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		if (outcomes[i].rax != rax)
			continue;
		if (stop.kind != STOP_SIGNAL)
			return text("rax %ld %s: %s", rax, outcomes[i].name, outcomes[i].quiet);
		return text("rax %ld %s: if a handler runs for %s, %s; otherwise %s", rax,
			outcomes[i].name, signal_name(stop.detail), outcomes[i].handled,
			outcomes[i].quiet);
	}
	if (rax < 0 && rax >= -4095)
		return text("rax %ld: the call had failed with %s", rax, errno_text((int)-rax));
	return text("rax %#lx: the call had returned", (unsigned long)rax);
}

/* "none", "SIGHUP (0x1)", "all but SIGKILL SIGSTOP (0x...)" */
static const char *signals_text(uint64_t mask)
{
	bool most = __builtin_popcountll(mask) > 32;

	if (mask == 0)
		return "none";
	return text("%s%s (%#" PRIx64 ")", most ? "all but " : "", mask_text(most ? ~mask : mask),
		mask);
}

static void print_arguments(struct user_regs_struct *regs)
{
	static const char *const names[] = { "rdi", "rsi", "rdx", "r10", "r8", "r9" };

	for (unsigned n = 0; n < 6; n++)
		printf(" %s %#llx", names[n], *regs_argument(regs, n));
	putchar('\n');
}

static void print_registers(struct user_regs_struct *regs, struct stop stop)
{
	long number = (long)REGS_NUMBER(regs), result = (long)REGS_RESULT(regs);

	if (number >= 0) {
		printf("  system call  %s (orig_rax %ld)\n", syscall_name(number), number);
		printf("  arguments   ");
		print_arguments(regs);
		printf("  its result   %s\n", outcome_text(result, stop));
	} else {
		printf("  system call  none (orig_rax %ld): it ran its own code\n", number);
		printf("  registers    rax %#lx", (unsigned long)result);
		print_arguments(regs);
	}
	printf("  code, stack  rip %#llx, rsp %#llx, flags %s\n", REGS_IP(regs), REGS_SP(regs),
		flags_text(REGS_FLAGS(regs)));
	printf("  calls keep   rbx %#llx rbp %#llx r12 %#llx r13 %#llx r14 %#llx r15 %#llx\n",
		regs->rbx, regs->rbp, regs->r12, regs->r13, regs->r14, regs->r15);
	printf("  scratch      rcx %#llx r11 %#llx\n", regs->rcx, regs->r11);
	printf("  segments     fs_base %#llx (thread pointer) gs_base %#llx cs %#llx ss %#llx\n",
		regs->fs_base, regs->gs_base, regs->cs, regs->ss);
}

static void print_signals(const struct target_thread *thread, const struct look *look)
{
	printf("  signals      before the stop: pending for the thread %s, for the process %s\n",
		signals_text(thread->pending), signals_text(thread->shared_pending));
	printf("               at the stop: blocked %s\n", signals_text(look->blocked));
	/* A call with a mask of its own (ppoll, sigsuspend): PTRACE_GETSIGMASK reads the mask that
	 * it will put back, and /proc the one that it put in place (ptrace_request()). */
	if (thread->blocked != look->blocked)
		printf("               before the stop, in the call: blocked %s\n",
			signals_text(thread->blocked));
}

static void print_thread(const struct target_thread *thread, struct look *look)
{
	printf("\nthread %d: State %s, TracerPid %d\n", thread->tid, thread->state, thread->tracer);
	if (thread->stop.kind == STOP_NONE) {
		printf("  it did not stop within %s and was left alone\n",
			show_ns(TARGET_PATIENCE_NS));
		return;
	}
	printf("  wait status  %#x: %s\n", (unsigned)thread->stop.status, stop_text(thread->stop));
	if (!look->looked)
		return;
	print_registers(&look->regs, thread->stop);
	print_signals(thread, look);
	if (thread->state[0] == 'T')
		printf("  pause        none: it was stopped before\n");
	else
		printf("  pause        at most %s\n", show_ns(target_pause_ns(thread)));
}

/* Why no thread could be looked at, told by the first. */
static void refuse_unseen(const struct target_thread *thread)
{
	if (thread->stop.kind == STOP_NONE)
		target_refuse("pid %d did not stop within %s: its state is %c, and one in an "
			      "uninterruptible sleep (D) stops when that ends; it was left alone",
			thread->tid, show_ns(TARGET_PATIENCE_NS), proc_state(thread->tid));
	target_refuse("pid %d ended meanwhile: %s", thread->tid, stop_text(thread->stop));
}

int target_mode(int argc, char **argv)
{
	target_needs_stdout();

	struct target target = target_open(argc, argv);

	target_seize(&target);

	struct look *looks = malloc(target.count * sizeof(*looks));
	struct target_thread *thread;
	size_t looked = 0;

	if (looks == NULL)
		target_refuse("no memory for %zu threads", target.count);
	/* Written once now, so that no page of it is missing while a thread is stopped. */
	memset(looks, 0xff, target.count * sizeof(*looks));

	while ((thread = target_wait(&target)) != NULL) {
		struct look *look = &looks[thread - target.thread];

		look->looked = ptrace(PTRACE_GETREGS, thread->tid, 0, &look->regs) == 0 &&
			       ptrace(PTRACE_GETSIGMASK, thread->tid, sizeof(look->blocked),
				       &look->blocked) == 0;
		target_release(thread);
		looked += look->looked;
	}
	target_done();

	if (looked == 0)
		refuse_unseen(&target.thread[0]);
	printf("pid %d \"%s\" of uid %u: ", target.pid, target.name, target.uid);
	if (target.only != 0)
		printf("its thread %d alone, as asked\n", target.only);
	else
		printf("%zu of %zu threads looked at\n", looked, target.count);
	for (size_t i = 0; i < target.count; i++)
		print_thread(&target.thread[i], &looks[i]);
	printf("\nA pause is counted from before PTRACE_INTERRUPT (PTRACE_SEIZE, if a signal came first)\n"
	       "to after PTRACE_DETACH: the thread stood still for less, and if it was busy, part of\n"
	       "that time it only waited for a CPU.\n");
	return target_answered(LAB_HOLDS);
}
