/* SPDX-License-Identifier: MIT */
/*
 * Lab 05: what can a tracer see of a system call, and what does it miss?
 *
 * The tracee makes the calls that it is asked for; the tracer counts its stops and says what each
 * of them tells. The order: the two stops of a call; what they tell of it; calls that do not end as
 * they began; what is never seen; answering in the kernel's place; signals; memory; the net that
 * catches what is born.
 *
 * Run:   make lab05, or 05_syscall_tracing/tracer [SLUG...]
 * Basis: ptrace(2), syscall(2), vdso(7); kernel/ptrace.c: ptrace_get_syscall_info(),
 *        ptrace_resume(); kernel/entry/common.c: syscall_trace_enter(), syscall_exit_work();
 *        kernel/fork.c: kernel_clone(); kernel/signal.c: ptrace_stop(), ptrace_notify();
 *        arch/x86/entry/common.c: do_syscall_64(); arch/x86/kernel/signal.c:
 *        arch_do_signal_or_restart()
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "count.h"
#include "filter.h"
#include "maps.h"
#include "memory.h"
#include "proc.h"
#include "regs.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "syscalls.h"
#include "target.h"
#include "testimony.h"
#include "text.h"
#include "tracee.h"

/* What a call that a signal interrupted ends with inside of the kernel (include/linux/errno.h). */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ERESTART_RESTARTBLOCK 516

#define SYSCALL_BYTES 0x050f
#define MARKED(status) (WSTOPSIG(status) >> 7) /* the bit that PTRACE_O_TRACESYSGOOD adds */

/* --- helpers ---------------------------------------------------------------------------------- */

static struct ptrace_syscall_info get_info(pid_t tid)
{
	struct ptrace_syscall_info info;

	xptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info);
	return info;
}

static long event_message(pid_t tid)
{
	unsigned long message;

	xptrace(PTRACE_GETEVENTMSG, tid, 0L, &message);
	return (long)message;
}

static void syscall_on(pid_t pid)
{
	xptrace(PTRACE_SYSCALL, pid, 0L, 0L);
}

static struct stop to_syscall(pid_t pid)
{
	syscall_on(pid);
	return stop_wait(pid);
}

static struct stop step(pid_t pid)
{
	return xresume(PTRACE_SINGLESTEP, pid, 0);
}

/* Have an "obey" scene at its trap make a call as soon as it is resumed. */
static void ask(const struct tracee *tracee, long number, const long arguments[6])
{
	static const char *const names[6] = { "a0", "a1", "a2", "a3", "a4", "a5" };

	*told_slot(tracee, "number") = number;
	for (int i = 0; arguments != NULL && i < 6; i++)
		*told_slot(tracee, names[i]) = arguments[i];
}

#define ARGUMENTS(...) ((const long[6]){ __VA_ARGS__ })

/* An "obey" scene at its trap, ATTACHed and not SEIZEd, with options. */
static struct tracee attached_at_trap(unsigned long options)
{
	struct tracee tracee = tracee_start("obey-later");
	struct stop stop;

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, options);
	*told_slot(&tracee, "go") = 1;
	stop = cont(tracee.pid);
	if (stop.kind != STOP_SIGNAL || stop.detail != SIGTRAP)
		broken("%s instead of its first trap", stop_text(stop));
	return tracee;
}

/* An "obey" scene at the syscall-enter-stop of the call that it is asked for. */
static struct tracee at_enter_stop(long number, const long arguments[6])
{
	struct tracee tracee = tracee_at_trap("obey", 0);
	struct stop stop;

	ask(&tracee, number, arguments);
	stop = to_syscall(tracee.pid);
	if (stop.kind != STOP_SYSCALL)
		broken("%s instead of the syscall-enter-stop", stop_text(stop));
	return tracee;
}

/* "-ENOENT", "-ERESTARTSYS"; "" for a result that is no error. */
static const char *error_text(long result)
{
	switch (result) {
	case -ERESTARTSYS:
		return " -ERESTARTSYS";
	case -ERESTARTNOINTR:
		return " -ERESTARTNOINTR";
	case -ERESTARTNOHAND:
		return " -ERESTARTNOHAND";
	case -ERESTART_RESTARTBLOCK:
		return " -ERESTART_RESTARTBLOCK";
	default:
		return result < 0 && result >= -4095 ? text(" -%s", strerrorname_np((int)-result))
						     : "";
	}
}

static const char *call_name(long number)
{
	return number == -1 ? "no call" : syscall_name(number);
}

/* A stop with what GET_SYSCALL_INFO tells of it: "enter read", "exit read -EBADF". */
static const char *report_text(struct stop stop)
{
	struct ptrace_syscall_info info;

	if (stop.kind != STOP_SYSCALL)
		return stop_text(stop);
	info = get_info(stop.tid);
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		return text("enter %s", call_name((long)info.entry.nr));
	return text("exit %s%s", call_name((long)xgetregs(stop.tid).orig_rax),
		error_text(info.exit.rval));
}

/* What was reported, in order, and how often. */
struct journal {
	char line[1024];
	int stops, enters, exits;
};

static void journal_add(struct journal *journal, struct stop stop)
{
	size_t used = strlen(journal->line);

	snprintf(journal->line + used, sizeof(journal->line) - used, "%s%s", used ? ", " : "",
		report_text(stop));
	journal->stops++;
	if (stop.kind == STOP_SYSCALL) {
		bool entry = get_info(stop.tid).op == PTRACE_SYSCALL_INFO_ENTRY;

		journal->enters += entry;
		journal->exits += !entry;
	}
}

/* Whether a stop is the scene's own: its int3, or its end. */
static bool is_trap(struct stop stop)
{
	return (stop.kind == STOP_SIGNAL && stop.detail == SIGTRAP &&
		       xgetsiginfo(stop.tid).si_code == SI_KERNEL) ||
	       stop.kind == STOP_EXITED || stop.kind == STOP_KILLED;
}

/* Resume again and again with one request, signals passed on, up to the scene's next trap or to its
 * end, which is part of the journal; line "nothing" if nothing came before. */
static struct journal until_trap(pid_t tid, enum __ptrace_request request)
{
	struct journal journal = { 0 };
	struct stop stop = xresume(request, tid, 0);

	while (!is_trap(stop)) {
		journal_add(&journal, stop);
		stop = xresume(request, tid, stop.kind == STOP_SIGNAL ? stop.detail : 0);
	}
	if (stop.kind != STOP_SIGNAL)
		journal_add(&journal, stop);
	if (journal.stops == 0)
		strcpy(journal.line, "nothing");
	return journal;
}

static struct journal syscalls_until_trap(pid_t tid)
{
	return until_trap(tid, PTRACE_SYSCALL);
}

static void read_whole(pid_t pid, unsigned long address, void *buffer, size_t length)
{
	if (vm_read(pid, address, buffer, length) != length)
		broken("process_vm_readv of %zu bytes at %#lx: %s", length, address,
			errno_text(errno));
}

/* Skips where the scene could not be played, for want of something: "no io_uring". */
static void needs(const struct tracee *tracee, const char *missing)
{
	if (told(tracee, "cannot") != 0)
		skip("%s: %s", missing, errno_text((int)told(tracee, "cannot")));
}

static void send_signal(pid_t pid, int sig)
{
	if (kill(pid, sig) == -1)
		broken("kill(%d, %s): %s", pid, signal_name(sig), errno_text(errno));
}

/* --- the two stops of a call -------------------------------------------------------------------- */

/*
 * What tells the stop before a call from the one after it? Predicted: not the status, nor the
 * siginfo, both are the same (ptrace_report_syscall()); GETEVENTMSG and GET_SYSCALL_INFO do.
 */
static void enter_and_exit(void)
{
	static const struct {
		const char *name;
		int op, message;
	} stops[] = {
		{ "enter", PTRACE_SYSCALL_INFO_ENTRY, PTRACE_EVENTMSG_SYSCALL_ENTRY },
		{ "exit", PTRACE_SYSCALL_INFO_EXIT, PTRACE_EVENTMSG_SYSCALL_EXIT },
	};
	struct tracee tracee = tracee_at_trap("obey", 0);

	for (size_t i = 0; i < COUNT(stops); i++) {
		struct stop stop = to_syscall(tracee.pid);

		expect_stop(STOP_SYSCALL, 0, stop, "%s", stops[i].name);
		expect_eq(SIGTRAP | 0x80, xgetsiginfo(tracee.pid).si_code, "%s: si_code",
			stops[i].name);
		expect_eq(stops[i].message, event_message(tracee.pid), "%s: GETEVENTMSG",
			stops[i].name);
		expect_eq(stops[i].op, get_info(tracee.pid).op, "%s: GET_SYSCALL_INFO's op",
			stops[i].name);
	}
	to_syscall(tracee.pid);
	expect_eq(0, event_message(tracee.pid), "the trap after it: GETEVENTMSG");
	expect_eq(PTRACE_SYSCALL_INFO_NONE, get_info(tracee.pid).op,
		"the trap after it: GET_SYSCALL_INFO's op");
}

/*
 * And without PTRACE_O_TRACESYSGOOD? Predicted: the status is 0x057f, like that of any SIGTRAP;
 * GETEVENTMSG still tells, GET_SYSCALL_INFO does not, since it goes by the mark
 * (ptrace_get_syscall_info_op()).
 */
static void without_sysgood(void)
{
	struct tracee tracee = tracee_at_trap("obey", 0);

	xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, 0L);
	for (int message = PTRACE_EVENTMSG_SYSCALL_ENTRY; message <= PTRACE_EVENTMSG_SYSCALL_EXIT;
		message++) {
		const char *name = message == PTRACE_EVENTMSG_SYSCALL_ENTRY ? "enter" : "exit";
		struct ptrace_syscall_info info;
		struct stop stop = to_syscall(tracee.pid);

		expect_hex(0x057f, (unsigned)stop.status, "%s: the status", name);
		expect_eq(SIGTRAP, xgetsiginfo(tracee.pid).si_code, "%s: si_code", name);
		expect_eq(message, event_message(tracee.pid), "%s: GETEVENTMSG", name);
		expect_eq(24, ptrace(PTRACE_GET_SYSCALL_INFO, tracee.pid, sizeof(info), &info),
			"%s: GET_SYSCALL_INFO's length", name);
		expect_eq(PTRACE_SYSCALL_INFO_NONE, info.op, "%s: its op", name);
	}
}

/*
 * What else has that status? Predicted: an exec of a tracee that was ATTACHed, a kill(), an int3, a
 * single step. Only si_code separates them, and not all: the SIGTRAP of an exec is a kill() of
 * itself (ptrace_event() sends it).
 */
static void sigtrap_collision(void)
{
	static const struct {
		const char *what;
		long number;
		enum __ptrace_request request;
		int code;
	} cases[] = {
		{ "enter-stop", SYS_getppid, PTRACE_SYSCALL, SIGTRAP },
		{ "exec", SYS_execve, PTRACE_CONT, SI_USER },
		{ "kill() of itself", SYS_kill, PTRACE_CONT, SI_USER },
		{ "tkill() of itself", SYS_tkill, PTRACE_CONT, SI_TKILL },
		{ "single step", SYS_getppid, PTRACE_SINGLESTEP, TRAP_TRACE },
		{ "int3", SYS_getppid, PTRACE_CONT, SI_KERNEL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = attached_at_trap(0);
		struct stop stop;

		ask(&tracee, cases[i].number,
			cases[i].number == SYS_execve ? ARGUMENTS(told(&tracee, "own-program"),
								told(&tracee, "argv_of_return"),
								told(&tracee, "no_environment"))
						      : ARGUMENTS(tracee.pid, SIGTRAP));
		stop = xresume(cases[i].request, tracee.pid, 0);
		expect_hex(0x057f, (unsigned)stop.status, "%s: the status", cases[i].what);
		expect_eq(cases[i].code, xgetsiginfo(tracee.pid).si_code, "%s: si_code",
			cases[i].what);
		if (cases[i].code == SI_USER)
			expect_pid(tracee.pid, xgetsiginfo(tracee.pid).si_pid, "%s: si_pid",
				cases[i].what);
	}
}

/*
 * How much does PTRACE_GET_SYSCALL_INFO return? Predicted by ptrace(2): as much as the stop has, or
 * as there is room for, and the return value is what the stop has, whatever the room. Bytes beyond
 * stay what they were.
 */
static void info_lengths(void)
{
	static const size_t rooms[] = { 0, 1, 24, 33, 80, 88, 128 };
	static const struct {
		const char *what;
		size_t length;
	} stops[] = { { "int3", 24 }, { "enter", 80 }, { "exit", 33 } };
	struct tracee tracee = tracee_at_trap("obey", 0);

	for (size_t i = 0; i < COUNT(stops); i++) {
		int right = 0;

		for (size_t r = 0; r < COUNT(rooms); r++) {
			unsigned char bytes[136];
			size_t written = 0;

			memset(bytes, 0xee, sizeof(bytes));

			long length = ptrace(
				PTRACE_GET_SYSCALL_INFO, tracee.pid, (void *)rooms[r], bytes);

			for (size_t b = 0; b < sizeof(bytes); b++)
				if (bytes[b] != 0xee)
					written = b + 1;
			right += length == (long)stops[i].length &&
				 written <= (rooms[r] < stops[i].length ? rooms[r]
									: stops[i].length) &&
				 (rooms[r] == 0 || written > 0);
		}
		expect_always(right, (int)COUNT(rooms), "%s: length %zu, and no byte beyond",
			stops[i].what, stops[i].length);
		to_syscall(tracee.pid);
	}
}

/* --- what the stops tell ------------------------------------------------------------------------ */

/*
 * Where do the six arguments and the result of a call stand? Predicted by syscall(2): rdi rsi rdx
 * r10 r8 r9; GET_SYSCALL_INFO gives them in that order, and the result only at the exit. mmap() has
 * six, and an answer that the program can check.
 */
static void six_arguments(void)
{
	static const char *const names[6] = { "rdi", "rsi", "rdx", "r10", "r8", "r9" };
	const long arguments[6] = { 0x200012340000, 0x3000, 0x1, 0x22, -1, 0x6000 };
	struct tracee tracee = at_enter_stop(SYS_mmap, arguments);
	struct user_regs_struct regs = xgetregs(tracee.pid);
	struct ptrace_syscall_info info = get_info(tracee.pid);
	unsigned long call = told_place(&tracee, "the_call", 3);

	expect_eq(SYS_mmap, (long)info.entry.nr, "enter: the number, mmap's");
	expect_hex(AUDIT_ARCH_X86_64, info.arch, "enter: the architecture, AUDIT_ARCH_X86_64");
	expect_address(call + 2, info.instruction_pointer, "enter: the instruction pointer");
	for (unsigned n = 0; n < 6; n++) {
		expect_hex((unsigned long)arguments[n], info.entry.args[n], "enter: argument %u",
			n + 1);
		expect_hex((unsigned long)arguments[n], *regs_argument(&regs, n), "enter: %s",
			names[n]);
	}
	to_syscall(tracee.pid);
	info = get_info(tracee.pid);
	expect_hex(0x200012340000, (unsigned long)info.exit.rval, "exit: the result");
	expect_hex(0x200012340000, xgetregs(tracee.pid).rax, "exit: rax");
	expect_eq(0, info.exit.is_error, "exit: is it an error");
	cont(tracee.pid);
	expect_hex(0x200012340000, (unsigned long)told(&tracee, "result"), "the program's result");
}

/*
 * "On entry, RAX holds the ID": does it? Predicted: never in a stop that a tracer sees, rax is
 * -ENOSYS by then and orig_rax the number; but it is true of the program, one instruction earlier.
 */
static void rax_on_entry(void)
{
	static const long numbers[] = { SYS_read, SYS_close, SYS_lseek, SYS_getpid, SYS_getppid,
		SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_gettid, SYS_sched_yield,
		SYS_umask };
	int in_rax = 0, in_orig_rax = 0, enosys = 0, before = 0, tried = 0;
	struct tracee tracee = tracee_at_trap("obey", 0);
	unsigned long call = told_place(&tracee, "the_call", 2);

	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct user_regs_struct regs;

		ask(&tracee, numbers[i], ARGUMENTS(-1));
		do {
			step(tracee.pid);
			regs = xgetregs(tracee.pid);
		} while (regs.rip != call);
		before += (long)regs.rax == numbers[i];
		tried += to_syscall(tracee.pid).kind == STOP_SYSCALL;
		regs = xgetregs(tracee.pid);
		in_rax += (long)regs.rax == numbers[i];
		in_orig_rax += (long)regs.orig_rax == numbers[i];
		enosys += (long)regs.rax == -ENOSYS;
		cont(tracee.pid);
	}
	expect_eq((long)COUNT(numbers), tried, "calls");
	expect_always(before, tried, "rax is the number, before the SYSCALL instruction");
	expect_never(in_rax, tried, "rax is the number, in the enter-stop");
	expect_always(enosys, tried, "rax is -ENOSYS, in the enter-stop");
	expect_always(in_orig_rax, tried, "orig_rax is the number, in the enter-stop");
}

/* --- PTRACE_SYSCALL against PTRACE_SINGLESTEP --------------------------------------------------- */

/* What one way of tracing showed of a workload, and what it cost. */
struct aspects {
	long stops, elsewhere, marked, recognised, numbers, results, switches, sum;
	int64_t ns;
};

static struct aspects traced_workload(enum __ptrace_request request)
{
	struct tracee tracee = tracee_at_trap("workload", 0);
	unsigned long number = 0;
	struct aspects seen = { 0 };
	long switches = proc_number(tracee.pid, "voluntary_ctxt_switches");
	int64_t start = clock_now_ns();

	for (;;) {
		struct user_regs_struct regs = xgetregs(tracee.pid);
		unsigned short next = (unsigned short)xpeek(PTRACE_PEEKTEXT, tracee.pid, regs.rip);
		struct stop stop;

		if (next == SYSCALL_BYTES)
			number = regs.rax;
		stop = xresume(request, tracee.pid, 0);
		if (is_trap(stop))
			break;
		struct ptrace_syscall_info info = get_info(tracee.pid);

		regs = xgetregs(tracee.pid);
		seen.stops++;
		seen.marked += MARKED(stop.status);
		seen.recognised += info.op != PTRACE_SYSCALL_INFO_NONE;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
			seen.numbers += info.entry.nr == SYS_getppid;
		} else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
			seen.results += info.exit.rval == getpid();
		} else {
			/* The processor told nobody: only the bytes before rip do. */
			bool called = (unsigned short)xpeek(PTRACE_PEEKTEXT, tracee.pid,
					      regs.rip - 2) == SYSCALL_BYTES;

			seen.elsewhere += !called;
			seen.numbers += called && number == SYS_getppid;
			seen.results += called && (pid_t)regs.rax == getpid();
		}
	}
	seen.ns = clock_now_ns() - start;
	seen.switches = proc_number(tracee.pid, "voluntary_ctxt_switches") - switches;
	until_trap(tracee.pid, PTRACE_CONT);
	seen.sum = told(&tracee, "sum");
	return seen;
}

/*
 * What do PTRACE_SINGLESTEP and PTRACE_SYSCALL show of one workload, 226 instructions of which five
 * are calls? Predicted: a step stops behind every instruction, once for a call and after it; the
 * call's number must be read from the code before it. PTRACE_SYSCALL stops ten times.
 */
static void step_against_syscall(void)
{
	static const struct {
		const char *aspect;
		size_t offset;
		long stepped, syscalls;
	} cases[] = {
		{ "stops", offsetof(struct aspects, stops), 226, 10 },
		{ "stops behind other instructions", offsetof(struct aspects, elsewhere), 221, 0 },
		{ "stops with the mark of TRACESYSGOOD", offsetof(struct aspects, marked), 0, 10 },
		{ "stops that GET_SYSCALL_INFO knows", offsetof(struct aspects, recognised), 0,
			10 },
		{ "numbers known before the call", offsetof(struct aspects, numbers), 5, 5 },
		{ "results known after the call", offsetof(struct aspects, results), 5, 5 },
	};
	struct aspects stepped = traced_workload(PTRACE_SINGLESTEP);
	struct aspects syscalls = traced_workload(PTRACE_SYSCALL);

	for (size_t i = 0; i < COUNT(cases); i++) {
		expect_eq(cases[i].stepped, *(long *)((char *)&stepped + cases[i].offset),
			"PTRACE_SINGLESTEP: %s", cases[i].aspect);
		expect_eq(cases[i].syscalls, *(long *)((char *)&syscalls + cases[i].offset),
			"PTRACE_SYSCALL: %s", cases[i].aspect);
	}
	expect_ge(226, stepped.switches, "PTRACE_SINGLESTEP: times the tracee gave up the CPU");
	expect_ge(10, syscalls.switches, "PTRACE_SYSCALL: times the tracee gave up the CPU");
	expect_true(stepped.sum == 5L * getpid() && syscalls.sum == stepped.sum,
		"both: the program's own sum of five answers is right");
	note_live("PTRACE_SINGLESTEP took %s, PTRACE_SYSCALL %s: %.1f times as long",
		show_ns(stepped.ns), show_ns(syscalls.ns),
		(double)stepped.ns / (double)syscalls.ns);
}

/* Answer each call of the workload with 1000 in the kernel's place; returns how many stops that
 * took. */
static long prevent_calls(const struct tracee *tracee, enum __ptrace_request request)
{
	struct stop stop = { .kind = STOP_SIGNAL };

	for (long stops = 0;; stops++) {
		struct user_regs_struct regs = xgetregs(tracee->pid);
		bool at_call = request == PTRACE_SINGLESTEP &&
			       (unsigned short)xpeek(PTRACE_PEEKTEXT, tracee->pid, regs.rip) ==
				       SYSCALL_BYTES;

		if (at_call)
			regs.rip += 2;
		if (stop.kind == STOP_SYSCALL)
			regs.orig_rax = -1UL;
		if (at_call || stop.kind == STOP_SYSCALL)
			regs.rax = 1000;
		xsetregs(tracee->pid, &regs);
		stop = xresume(request, tracee->pid, 0);
		if (is_trap(stop))
			return stops;
	}
}

/*
 * How many stops does it take to keep the five calls of the workload from being made? Predicted:
 * every instruction's with PTRACE_SINGLESTEP, which moves rip over the call; two for each call with
 * PTRACE_SYSCALL, which makes its number -1; one with PTRACE_SYSEMU.
 */
static void calls_prevented(void)
{
	static const struct {
		const char *what;
		enum __ptrace_request request;
		long stops;
	} cases[] = {
		{ "PTRACE_SINGLESTEP", PTRACE_SINGLESTEP, 221 },
		{ "PTRACE_SYSCALL", PTRACE_SYSCALL, 10 },
		{ "PTRACE_SYSEMU", PTRACE_SYSEMU, 5 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("workload", 0);

		expect_eq(cases[i].stops, prevent_calls(&tracee, cases[i].request), "%s: stops",
			cases[i].what);
		until_trap(tracee.pid, PTRACE_CONT);
		expect_eq(5000, told(&tracee, "sum"),
			"%s: the program's sum of five answers of 1000", cases[i].what);
	}
}

/* --- calls that do not end as they began -------------------------------------------------------- */

/* Where a tracee executes this lab's tracee again, and that does nothing. */
static void ask_for_exec(const struct tracee *tracee, const char *program)
{
	ask(tracee, SYS_execve,
		ARGUMENTS(told(tracee, program), told(tracee, "argv_of_return"),
			told(tracee, "no_environment")));
}

/* The reports of the call that was asked for, in order, until its exit-stop or the end. */
static const char *reports_of_call(struct tracee *tracee)
{
	struct journal journal = { 0 };
	struct stop stop;

	do {
		stop = to_syscall(tracee->pid);
		journal_add(&journal, stop);
	} while (journal.exits == 0 && stop.kind != STOP_EXITED && stop.kind != STOP_KILLED);
	return text("%s", journal.line);
}

/*
 * Which stops does an execve() give? Predicted: with PTRACE_O_TRACEEXEC its event between the two
 * syscall-stops; without it, to a SEIZEd tracee, nothing between; a failing one never an event.
 */
static void exec_sequence(void)
{
	static const struct {
		const char *what, *program;
		const char *reports;
		unsigned long options;
	} cases[] = {
		{ "no option", "own-program", "enter execve, exit execve" },
		{ "TRACEEXEC", "own-program", "enter execve, PTRACE_EVENT_EXEC stop, exit execve",
			PTRACE_O_TRACEEXEC },
		{ "TRACEEXEC, no such file", "no-file", "enter execve, exit execve -ENOENT",
			PTRACE_O_TRACEEXEC },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", 0);

		xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L,
			PTRACE_O_TRACESYSGOOD | cases[i].options);
		ask_for_exec(&tracee, cases[i].program);
		expect_str(cases[i].reports, reports_of_call(&tracee), "%s", cases[i].what);
	}
}

/*
 * And an exit? Predicted: it is entered and never returns; the event with PTRACE_O_TRACEEXIT stands
 * where the exit-stop would be, and carries the wait status that the parent will get.
 */
static void exit_sequence(void)
{
	static const struct {
		const char *what;
		long number;
		const char *reports;
		unsigned long options;
	} cases[] = {
		{ "exit_group(7)", SYS_exit_group, "enter exit_group, exited 7" },
		{ "exit(7)", SYS_exit, "enter exit, exited 7" },
		{ "exit_group(7), TRACEEXIT", SYS_exit_group,
			"enter exit_group, PTRACE_EVENT_EXIT stop, exited 7", PTRACE_O_TRACEEXIT },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", 0);

		xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L,
			PTRACE_O_TRACESYSGOOD | cases[i].options);
		ask(&tracee, cases[i].number, ARGUMENTS(7));
		expect_str(cases[i].reports, reports_of_call(&tracee), "%s", cases[i].what);
	}
}

/*
 * And a call during which SIGKILL comes? Predicted (ptrace(2), "Death under ptrace"): no exit-stop,
 * wherever it strikes; ptrace_stop() does not stop a task that is about to be killed.
 * PTRACE_O_TRACEEXIT stops it all the same, on its way out.
 */
static void killed_in_a_call(void)
{
	static const struct {
		const char *what;
		bool blocked;
		const char *reports;
		unsigned long options;
	} cases[] = {
		{ "in its enter-stop", false, "enter pause, killed by SIGKILL" },
		{ "while it blocks", true, "enter pause, killed by SIGKILL" },
		{ "while it blocks, TRACEEXIT", true,
			"enter pause, PTRACE_EVENT_EXIT stop, killed by SIGKILL",
			PTRACE_O_TRACEEXIT },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", cases[i].options);
		struct journal journal = { 0 };
		struct stop stop;

		ask(&tracee, SYS_pause, NULL);
		journal_add(&journal, to_syscall(tracee.pid));
		if (cases[i].blocked) {
			syscall_on(tracee.pid);
			proc_wait_blocked(tracee.pid, SYS_pause);
		}
		send_signal(tracee.pid, SIGKILL);
		for (stop = stop_wait(tracee.pid); stop.kind != STOP_KILLED;
			stop = to_syscall(tracee.pid))
			journal_add(&journal, stop);
		journal_add(&journal, stop);
		expect_str(cases[i].reports, journal.line, "pause(), killed %s", cases[i].what);
	}
}

/*
 * What does the return from a signal handler look like? Predicted: a call like any other on the way
 * in; on the way out there is no call, since rt_sigreturn has put every register back to where the
 * signal came, orig_rax -1 among them; what stands as its result is the program's own rax.
 */
static void sigreturn_has_no_exit(void)
{
	struct tracee tracee = at_enter_stop(SYS_getppid, NULL);
	struct user_regs_struct at_signal, after;
	char differ[1024];

	to_syscall(tracee.pid);
	send_signal(tracee.pid, SIGUSR1);

	struct stop stop = to_syscall(tracee.pid);

	expect_stop(STOP_SIGNAL, SIGUSR1, stop, "sent SIGUSR1");
	at_signal = xgetregs(tracee.pid);
	stop = xresume(PTRACE_SYSCALL, tracee.pid, stop.detail);

	expect_str("enter rt_sigreturn", report_text(stop), "then");
	stop = to_syscall(tracee.pid);
	expect_str("exit no call", report_text(stop), "then");
	expect_pid(getpid(), (pid_t)get_info(tracee.pid).exit.rval, "its \"result\"");
	after = xgetregs(tracee.pid);
	at_signal.orig_rax = -1UL;
	expect_eq(0, regs_diff(&at_signal, &after, differ, sizeof(differ)),
		"registers other than orig_rax that differ from those at the signal");
	expect_eq(1, told(&tracee, "handled"), "signals handled");
}

/* How a blocking call goes on after a signal. */
struct interruption {
	const char *what;
	long number;
	int sig;
	bool deliver;
	const char *reports;
	long result; /* 0: it blocks again */
};

/* The reports from the call's entry to the scene's trap, or to where it enters a call again. */
static const char *interrupted(struct tracee *tracee, const struct interruption *how)
{
	struct journal journal = { 0 };
	struct stop stop;

	journal_add(&journal, to_syscall(tracee->pid));
	syscall_on(tracee->pid);
	proc_wait_blocked(tracee->pid, how->number);
	send_signal(tracee->pid, how->sig);
	for (stop = stop_wait(tracee->pid); !is_trap(stop);
		stop = xresume(PTRACE_SYSCALL, tracee->pid,
			stop.kind == STOP_SIGNAL && how->deliver ? stop.detail : 0)) {
		journal_add(&journal, stop);
		if (stop.kind == STOP_SYSCALL && journal.enters > 1 &&
			get_info(tracee->pid).op == PTRACE_SYSCALL_INFO_ENTRY &&
			get_info(tracee->pid).entry.nr != SYS_rt_sigreturn)
			break;
	}
	return text("%s", journal.line);
}

/* Have an "obey" scene make a call that blocks: read(), pause() or nanosleep(). */
static void ask_to_block(const struct tracee *tracee, long number)
{
	if (number == SYS_nanosleep)
		ask(tracee, number, ARGUMENTS(told(tracee, "hour")));
	else
		ask(tracee, number, ARGUMENTS(told(tracee, "read-end"), told(tracee, "buffer"), 1));
}

/*
 * What does a tracer see of a call that a signal interrupts? Predicted: an exit with an error that
 * no program ever sees, before the signal; what becomes of it is decided only when the signal is
 * delivered (handle_signal()), or not (arch_do_signal_or_restart()).
 */
static void interrupted_call(void)
{
	static const struct interruption cases[] = {
		{ "pause, handler", SYS_pause, SIGUSR1, true,
			"enter pause, exit pause -ERESTARTNOHAND, signal-delivery-stop SIGUSR1, "
			"enter rt_sigreturn, exit no call -EINTR",
			-EINTR },
		{ "read, handler", SYS_read, SIGUSR1, true,
			"enter read, exit read -ERESTARTSYS, signal-delivery-stop SIGUSR1, "
			"enter rt_sigreturn, exit no call -EINTR",
			-EINTR },
		{ "read, handler with SA_RESTART", SYS_read, SIGUSR2, true,
			"enter read, exit read -ERESTARTSYS, signal-delivery-stop SIGUSR2, "
			"enter rt_sigreturn, exit no call, enter read",
			0 },
		{ "nanosleep, handler with SA_RESTART", SYS_nanosleep, SIGUSR2, true,
			"enter nanosleep, exit nanosleep -ERESTART_RESTARTBLOCK, "
			"signal-delivery-stop SIGUSR2, enter rt_sigreturn, exit no call -EINTR",
			-EINTR },
		{ "pause, suppressed", SYS_pause, SIGUSR1, false,
			"enter pause, exit pause -ERESTARTNOHAND, signal-delivery-stop SIGUSR1, "
			"enter pause",
			0 },
		{ "read, suppressed", SYS_read, SIGUSR1, false,
			"enter read, exit read -ERESTARTSYS, signal-delivery-stop SIGUSR1, "
			"enter read",
			0 },
		{ "nanosleep, suppressed", SYS_nanosleep, SIGUSR1, false,
			"enter nanosleep, exit nanosleep -ERESTART_RESTARTBLOCK, "
			"signal-delivery-stop SIGUSR1, enter restart_syscall",
			0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", 0);

		ask_to_block(&tracee, cases[i].number);
		expect_str(cases[i].reports, interrupted(&tracee, &cases[i]), "%s", cases[i].what);
		if (cases[i].result != 0)
			expect_eq(cases[i].result, told(&tracee, "result"),
				"%s: the program's result", cases[i].what);
		else
			expect_eq(0, told(&tracee, "rounds"),
				"%s: calls that came back to the program", cases[i].what);
	}
}

/*
 * And of one that PTRACE_INTERRUPT stops? Predicted: the call ends and is made again, so the first
 * syscall-stop after it is an entry; a tracee resumed by PTRACE_SYSCALL stops at the call's exit
 * instead, and PTRACE_EVENT_STOP does not come (ptrace(2), PTRACE_INTERRUPT).
 */
static void interrupt_in_a_call(void)
{
	static const struct {
		const char *what;
		enum __ptrace_request request;
		const char *reports[2];
	} cases[] = {
		{ "PTRACE_CONT", PTRACE_CONT, { "PTRACE_EVENT_STOP stop", "enter read" } },
		{ "PTRACE_SYSCALL", PTRACE_SYSCALL, { "exit read -ERESTARTSYS", "enter read" } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", 0);

		ask_to_block(&tracee, SYS_read);
		if (cases[i].request == PTRACE_SYSCALL)
			to_syscall(tracee.pid);
		xptrace(cases[i].request, tracee.pid, 0L, 0L);
		proc_wait_blocked(tracee.pid, SYS_read);
		expect_errno(0, ptrace(PTRACE_INTERRUPT, tracee.pid, 0, 0), "PTRACE_INTERRUPT");
		expect_str(cases[i].reports[0], report_text(stop_wait(tracee.pid)),
			"resumed by %s, interrupted", cases[i].what);
		expect_str(cases[i].reports[1], report_text(to_syscall(tracee.pid)), "then");
	}
}

/*
 * Can a tracer tell the two stops apart by counting? Predicted: only as long as it resumes with
 * nothing but PTRACE_SYSCALL. Each row makes one call of which only one of its two stops is seen.
 */
static void counting_goes_wrong(void)
{
	static const struct {
		long number;
		enum __ptrace_request first, second;
		const char *reports[2];
	} cases[] = {
		{ SYS_getppid, PTRACE_SYSCALL, PTRACE_SYSCALL,
			{ "enter getppid", "exit getppid" } }, /* the control */
		{ SYS_getppid, PTRACE_SYSCALL, PTRACE_CONT,
			{ "enter getppid", "signal-delivery-stop SIGTRAP" } }, /* the next int3 */
		{ SYS_getppid, PTRACE_SYSCALL, PTRACE_SINGLESTEP,
			{ "enter getppid", "signal-delivery-stop SIGTRAP" } }, /* the step's end */
		{ SYS_getppid, PTRACE_SYSEMU, PTRACE_SYSEMU,
			{ "enter getppid", "signal-delivery-stop SIGTRAP" } }, /* never made */
		{ SYS_execve, PTRACE_CONT, PTRACE_SYSCALL,
			{ "PTRACE_EVENT_EXEC stop", "exit execve" } }, /* from inside of it */
		{ SYS_exit_group, PTRACE_SYSCALL, PTRACE_SYSCALL,
			{ "enter exit_group", "exited 0" } }, /* it does not return */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", 0);

		xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L,
			PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC);
		if (cases[i].number == SYS_execve)
			ask_for_exec(&tracee, "own-program");
		else
			ask(&tracee, cases[i].number, NULL);
		const char *call = syscall_name(cases[i].number);
		const char *first = request_name(cases[i].first);
		const char *second = request_name(cases[i].second);

		expect_str(cases[i].reports[0], report_text(xresume(cases[i].first, tracee.pid, 0)),
			"%s by %s, %s: first", call, first, second);
		expect_str(cases[i].reports[1],
			report_text(xresume(cases[i].second, tracee.pid, 0)),
			"%s by %s, %s: second", call, first, second);
	}
}

/*
 * What does a tracer see of numbers that no call has? Predicted: two stops like any other, and
 * -ENOSYS; only the lower 32 bits are the number (do_syscall_64()), though orig_rax keeps all 64.
 * Bit 30 marks the x32 ABI, which few kernels have.
 */
static void invalid_numbers(void)
{
	bool x32 = syscall(0x40000000 | SYS_getpid) != -1;
	const struct {
		const char *what;
		long number, seen;
		bool is_getpid;
	} cases[] = {
		{ "9999", 9999, 9999, false },
		{ "-1", -1, -1, false }, /* as orig_rax, it means: in no call */
		{ "2^32 + 39", 0x100000000 + SYS_getpid, SYS_getpid, true },
		{ "2^30 + 39", 0x40000000 | SYS_getpid, 0x40000000 | SYS_getpid, x32 },
	};

	this_case(x32 ? "x32" : "no x32");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = at_enter_stop(cases[i].number, NULL);

		expect_eq(PTRACE_SYSCALL_INFO_ENTRY, get_info(tracee.pid).op, "%s: enter: op",
			cases[i].what);
		expect_eq(cases[i].seen, (long)get_info(tracee.pid).entry.nr,
			"%s: enter: the number in GET_SYSCALL_INFO", cases[i].what);
		expect_eq(cases[i].seen, proc_syscall(tracee.pid),
			"%s: enter: in /proc/PID/syscall", cases[i].what);
		expect_eq(cases[i].number, (long)xgetregs(tracee.pid).orig_rax,
			"%s: enter: orig_rax", cases[i].what);
		to_syscall(tracee.pid);
		expect_eq(PTRACE_SYSCALL_INFO_EXIT, get_info(tracee.pid).op, "%s: exit: op",
			cases[i].what);
		if (cases[i].is_getpid)
			expect_pid(tracee.pid, (pid_t)get_info(tracee.pid).exit.rval,
				"%s: exit: the result, getpid()'s", cases[i].what);
		else
			expect_eq(-ENOSYS, (long)get_info(tracee.pid).exit.rval,
				"%s: exit: the result", cases[i].what);
	}
}

/*
 * How does a tracer know that 64-bit code made a 32-bit call, by int 0x80? Predicted: from the
 * architecture in GET_SYSCALL_INFO (syscall_get_arch() looks at TS_COMPAT), which also puts the
 * arguments in the right order. cs says 64 bits, and the number names another call in each table.
 */
static void int80(void)
{
	struct tracee tracee = tracee_at_trap("obey", 0);
	struct user_regs_struct regs;
	struct ptrace_syscall_info info;
	struct stop stop;

	*told_slot(&tracee, "int80") = 1;
	ask(&tracee, 20, ARGUMENTS(0x11, 0x22, 0x33, 0x44, 0x55));
	stop = to_syscall(tracee.pid);
	if (stop.kind == STOP_SIGNAL && stop.detail == SIGSEGV)
		skip("this kernel takes no 32-bit calls");
	regs = xgetregs(tracee.pid);
	info = get_info(tracee.pid);
	expect_hex(AUDIT_ARCH_I386, info.arch, "the architecture, AUDIT_ARCH_I386");
	expect_hex(0x33, regs.cs, "cs");
	expect_eq(20, (long)info.entry.nr, "the number");
	expect_str("writev", syscall_name((long)regs.orig_rax), "its name in the 64-bit table");
	for (unsigned n = 0; n < 5; n++)
		expect_hex(0x11UL * (n + 1), info.entry.args[n], "argument %u", n + 1);
	expect_hex(0x55, regs.rdi, "rdi, the first argument of a 64-bit call");
	to_syscall(tracee.pid);
	expect_pid(tracee.pid, (pid_t)get_info(tracee.pid).exit.rval, "the result, getpid()'s");
	cont(tracee.pid);
	expect_pid(tracee.pid, (pid_t)told(&tracee, "result"), "the program's result");
}

/* --- what is never seen ------------------------------------------------------------------------- */

static const struct mapping *find_mapping(pid_t pid, struct maps *maps, const char *name)
{
	if (maps_read(pid, maps) == -1)
		broken("/proc/%d/maps: %s", pid, errno_text(errno));
	return maps_named(maps, name);
}

/*
 * How many stops do 2000 readings of the clock give? Predicted: none. The vdso answers from a page
 * that the kernel keeps up to date (vdso(7)); there is no call to see. PTRACE_SINGLESTEP sees the
 * instructions, and the same readings by system call give their two stops each.
 */
static void vdso_invisible(void)
{
	struct tracee tracee = tracee_at_trap("clocks", 0);
	struct maps maps;
	const struct mapping *vdso = find_mapping(tracee.pid, &maps, "[vdso]");
	struct journal journal;
	unsigned long rip;
	int steps = 1000;

	if (vdso == NULL)
		skip("this process has no vdso");
	do {
		step(tracee.pid);
		rip = xgetregs(tracee.pid).rip;
	} while ((rip < vdso->start || rip >= vdso->end) && --steps);
	expect_true(
		rip >= vdso->start && rip < vdso->end, "PTRACE_SINGLESTEP stops inside of [vdso]");
	journal = syscalls_until_trap(tracee.pid);
	expect_eq(2000, told(&tracee, "answers"), "readings");
	expect_eq(0, journal.stops, "stops of PTRACE_SYSCALL");
	journal = syscalls_until_trap(tracee.pid);
	expect_eq(3, told(&tracee, "by-call"), "readings by system call");
	expect_eq(6, journal.stops, "stops of PTRACE_SYSCALL");
}

/*
 * And the vsyscall page, which the kernel emulates? Predicted: none either. The jump to it is a
 * page fault, and emulate_vsyscall() does the work there; no call is entered.
 */
static void vsyscall_invisible(void)
{
	struct tracee tracee = tracee_at_trap("vsyscall", 0);
	struct maps maps;
	struct journal journal;

	if (find_mapping(tracee.pid, &maps, "[vsyscall]") == NULL)
		skip("this kernel has no vsyscall page");
	journal = syscalls_until_trap(tracee.pid);
	expect_eq(100, told(&tracee, "answers"), "calls of its time()");
	expect_str("nothing", journal.line, "reports of PTRACE_SYSCALL");
}

/*
 * What does a tracer see of a call that Syscall User Dispatch gives back to the program? Predicted:
 * a SIGSYS and no call, as dispatching comes before the tracer (syscall_trace_enter()). Where the
 * kernel has PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, a tracer can see it and switch it off.
 */
static void dispatch_hides(void)
{
	struct tracee tracee = tracee_at_trap("dispatch", 0);
	struct ptrace_sud_config config = { 0 };
	struct stop stop;

	needs(&tracee, "no Syscall User Dispatch");

	bool config_known = ptrace(PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, tracee.pid,
				    sizeof(config), &config) == 0;

	this_case(config_known ? "with its request" : "without its request");
	stop = to_syscall(tracee.pid);
	expect_stop(STOP_SIGNAL, SIGSYS, stop, "at getppid()");
	expect_eq(2, xgetsiginfo(tracee.pid).si_code, "si_code, SYS_USER_DISPATCH");
	expect_eq(SYS_getppid, xgetsiginfo(tracee.pid).si_syscall, "si_syscall, getppid's number");
	expect_str("enter rt_sigreturn", report_text(xresume(PTRACE_SYSCALL, tracee.pid, SIGSYS)),
		"then");
	syscalls_until_trap(tracee.pid);
	expect_eq(4242, told(&tracee, "result"), "the program's result, its own");
	if (!config_known)
		return;
	expect_address(told_place(&tracee, "&selector", 1), config.selector, "its selector");
	expect_errno(EINVAL,
		ptrace(PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, tracee.pid, 8, &config),
		"read into a struct of 8 bytes");
	expect_errno(EINVAL,
		ptrace(PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, tracee.pid, 8, &config),
		"set from one");
	config.mode = 0;
	config.selector = 0;
	expect_errno(0,
		ptrace(PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, tracee.pid, sizeof(config),
			&config),
		"switched off");
	expect_str("enter getppid, exit getppid", syscalls_until_trap(tracee.pid).line,
		"the next getppid()");
	expect_pid(getpid(), (pid_t)told(&tracee, "result"), "the program's result");
}

/*
 * And of what io_uring does? Predicted: nothing at all. With IORING_SETUP_SQPOLL a thread of the
 * kernel finds the work in shared memory: a file is opened and a pipe written without one call.
 */
static void uring_unseen(void)
{
	struct tracee tracee = tracee_at_trap("uring", 0);
	struct journal journal;

	needs(&tracee, "no io_uring");
	journal = syscalls_until_trap(tracee.pid);
	expect_str("nothing", journal.line, "reports while a file is opened and a pipe written");
	expect_true(told(&tracee, "opened") >= 0, "the file was opened");
	expect_eq(6, told(&tracee, "written"), "bytes written");
	journal = syscalls_until_trap(tracee.pid);
	expect_str("enter read, exit read", journal.line, "reports while read() fetches them");
	expect_eq(1, told(&tracee, "received"), "read() got what io_uring wrote");
}

/*
 * Can a tracer trace that thread? Predicted: no more than any other of the kernel's (EPERM). Found:
 * it is one of the process's own, can be SEIZEd, and stops for PTRACE_INTERRUPT where it looks for
 * signals, and with it the ring; but it never passes the boundary at which PTRACE_SYSCALL stops.
 */
static void uring_thread_stops(void)
{
	struct tracee tracee = tracee_at_trap("uring", 0);
	struct user_regs_struct regs;
	pid_t tids[2], worker;

	needs(&tracee, "no io_uring");
	expect_eq(
		2, proc_list(text("%d/task", tracee.pid), tids, COUNT(tids)), "threads, by /proc");
	worker = tids[1]; /* the first thread is listed first (first_tid()) */
	role_pid("worker", worker);
	expect_errno(0, ptrace(PTRACE_SEIZE, worker, 0, 0), "PTRACE_SEIZE");
	expect_errno(0, ptrace(PTRACE_INTERRUPT, worker, 0, 0), "PTRACE_INTERRUPT");
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(worker), "the thread");
	regs = xgetregs(worker);
	expect_eq(0, (long)regs.rip, "its rip");
	expect_eq(SYS_io_uring_setup, (long)regs.orig_rax, "its orig_rax, io_uring_setup's");

	let_run(tracee.pid);
	wait_told(&tracee, "submitted", 1);
	expect_eq(-1, told(&tracee, "opened"), "submitted while it is stopped: the file opened");
	syscall_on(worker);
	expect_true(is_trap(stop_wait(tracee.pid)), "resumed: the program reaches its trap");
	expect_eq(6, told(&tracee, "written"), "bytes written");
	expect_stop(STOP_NONE, 0, stop_poll(worker), "the thread, by PTRACE_SYSCALL");
}

/* --- answering in the kernel's place ------------------------------------------------------------ */

/*
 * What is PTRACE_SYSEMU's stop? Predicted: an enter-stop whose call will not be made: no exit-stop
 * follows, the program finds in rax what the tracer left there. umask() would leave a trace.
 */
static void sysemu(void)
{
	struct tracee tracee = tracee_at_trap("obey", 0);
	struct user_regs_struct regs;
	struct stop stop;

	ask(&tracee, SYS_umask, ARGUMENTS(0777));
	until_trap(tracee.pid, PTRACE_CONT);
	ask(&tracee, SYS_umask, ARGUMENTS(0123));
	stop = xresume(PTRACE_SYSEMU, tracee.pid, 0);
	expect_str("enter umask", report_text(stop), "first");
	expect_eq(PTRACE_EVENTMSG_SYSCALL_ENTRY, event_message(tracee.pid), "its GETEVENTMSG");
	regs = xgetregs(tracee.pid);
	regs.rax = 4242;
	xsetregs(tracee.pid, &regs);
	expect_eq(0, until_trap(tracee.pid, PTRACE_SYSEMU).stops, "stops until the next trap");
	expect_eq(4242, told(&tracee, "result"), "the program's result");
	expect_str("0777", proc_status(tracee.pid, "Umask"), "its umask");

	expect_eq(1, until_trap(tracee.pid, PTRACE_SYSEMU).stops, "again, rax untouched: stops");
	expect_eq(-ENOSYS, told(&tracee, "result"), "the program's result");
	expect_eq(2, syscalls_until_trap(tracee.pid).stops, "by PTRACE_SYSCALL: stops");
	expect_str("0123", proc_status(tracee.pid, "Umask"), "its umask");
}

/*
 * Can a tracer change its mind in that stop and have the call made? Predicted: no. The kernel
 * remembers that it is not to be made (syscall_trace_enter() returns -1), whatever the registers
 * say; but PTRACE_SYSCALL from there gives an exit-stop, of a call that never was.
 */
static void sysemu_is_final(void)
{
	struct tracee tracee = tracee_at_trap("obey", 0);
	struct user_regs_struct regs;

	ask(&tracee, SYS_getppid, NULL);
	xresume(PTRACE_SYSEMU, tracee.pid, 0);
	regs = xgetregs(tracee.pid);
	regs.orig_rax = SYS_getpid;
	xsetregs(tracee.pid, &regs);
	expect_str("exit getpid -ENOSYS", report_text(to_syscall(tracee.pid)),
		"orig_rax set to getpid's, PTRACE_SYSCALL");
	cont(tracee.pid);
	expect_eq(-ENOSYS, told(&tracee, "result"), "the program's result");
}

/*
 * What does PTRACE_SYSEMU_SINGLESTEP show of the 226 instructions? Predicted: a stop behind each,
 * and one more before each of the five calls, marked as a syscall-stop; none of them is made.
 * Found: a call that is not made is not stepped over either (report_single_step()), so that every
 * instruction has one stop.
 */
static void sysemu_singlestep(void)
{
	struct tracee tracee = tracee_at_trap("workload", 0);
	long steps = 0, calls = 0;
	struct stop stop;

	while (stop = xresume(PTRACE_SYSEMU_SINGLESTEP, tracee.pid, 0), !is_trap(stop)) {
		steps += stop.kind == STOP_SIGNAL;
		calls += stop.kind == STOP_SYSCALL;
		if (stop.kind == STOP_SYSCALL)
			xptrace(PTRACE_POKEUSER, tracee.pid, offsetof(struct user_regs_struct, rax),
				1000L);
	}
	expect_eq(221, steps, "stops behind other instructions");
	expect_eq(5, calls, "syscall-stops");
	until_trap(tracee.pid, PTRACE_CONT);
	expect_eq(5000, told(&tracee, "sum"), "the program's sum of five answers of 1000");
}

/*
 * What does a seccomp filter spare a tracer? Predicted: every stop of a call that it does not name.
 * One that it does stops once, before it is made, with the filter's 16 bits as the message; under
 * PTRACE_SYSCALL that stop stands between the other two; without the option the call fails.
 */
static void filter_selects(void)
{
	struct tracee tracee = tracee_at_trap("filtered", PTRACE_O_TRACESECCOMP);
	struct ptrace_syscall_info info;

	needs(&tracee, "no seccomp filter");
	ask(&tracee, SYS_getpid, NULL);
	expect_str("nothing", until_trap(tracee.pid, PTRACE_CONT).line, "getpid(), by PTRACE_CONT");
	ask(&tracee, SYS_getppid, NULL);
	expect_stop(
		STOP_EVENT, PTRACE_EVENT_SECCOMP, cont(tracee.pid), "getppid(), by PTRACE_CONT");
	expect_hex(0x1234, (unsigned long)event_message(tracee.pid), "its GETEVENTMSG");
	expect_eq(84, ptrace(PTRACE_GET_SYSCALL_INFO, tracee.pid, sizeof(info), &info),
		"GET_SYSCALL_INFO's length");
	expect_eq(PTRACE_SYSCALL_INFO_SECCOMP, info.op, "its op");
	expect_eq(SYS_getppid, (long)info.seccomp.nr, "its number");
	expect_eq(0, until_trap(tracee.pid, PTRACE_CONT).stops, "stops after it");
	expect_pid(getpid(), (pid_t)told(&tracee, "result"), "the program's result");
	expect_str("enter getppid, PTRACE_EVENT_SECCOMP stop, exit getppid",
		syscalls_until_trap(tracee.pid).line, "getppid(), by PTRACE_SYSCALL");
	xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, 0L);
	expect_str("nothing", until_trap(tracee.pid, PTRACE_CONT).line, "without the option");
	expect_eq(-ENOSYS, told(&tracee, "result"), "the program's result");
}

/* A "filtered" scene at its trap, asked for a call. */
static struct tracee filtered(long number, const long arguments[6])
{
	struct tracee tracee = tracee_at_trap("filtered", PTRACE_O_TRACESECCOMP);

	needs(&tracee, "no seccomp filter");
	ask(&tracee, number, arguments);
	return tracee;
}

/*
 * Is a call that the tracer changed in that stop judged once more? Predicted (ptrace(2), "Since Linux
 * 4.8"; __seccomp_filter(), recheck_after_trace): by every rule but SECCOMP_RET_TRACE, which now allows,
 * whatever its data.
 */
static void changed_call_judged(void)
{
	static const struct {
		const char *what;
		long number;
		const char *next;
		long result;
	} cases[] = {
		{ "sched_get_priority_max(), which is for the tracer too",
			SYS_sched_get_priority_max, "signal-delivery-stop SIGTRAP", 99 },
		{ "geteuid(), which is answered with EXDEV", SYS_geteuid,
			"signal-delivery-stop SIGTRAP", -EXDEV },
		{ "no call", -1, "signal-delivery-stop SIGTRAP", -ENOSYS },
		{ "getgid(), which is a SIGSYS", SYS_getgid, "signal-delivery-stop SIGSYS", 0 },
		{ "getegid(), which kills", SYS_getegid, "killed by SIGSYS", 0 },
	};
	struct tracee tracee = filtered(SYS_sched_get_priority_max, ARGUMENTS(SCHED_FIFO));

	expect_stop(STOP_EVENT, PTRACE_EVENT_SECCOMP, cont(tracee.pid),
		"sched_get_priority_max() itself");
	expect_hex(0x4321, (unsigned long)event_message(tracee.pid), "its GETEVENTMSG");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct stop stop;

		tracee = filtered(SYS_getppid, ARGUMENTS(SCHED_FIFO));
		cont(tracee.pid);
		xptrace(PTRACE_POKEUSER, tracee.pid, offsetof(struct user_regs_struct, orig_rax),
			cases[i].number);
		stop = cont(tracee.pid);
		expect_str(
			cases[i].next, stop_text(stop), "getppid() made %s: next", cases[i].what);
		if (cases[i].result != 0)
			expect_eq(cases[i].result, told(&tracee, "result"), "the program's result");
	}
}

/*
 * And does a filter see a call that PTRACE_SYSEMU keeps from being made? Predicted by ptrace(2): no, the
 * tracer comes first and the call is over then (syscall_trace_enter()). Each row has the same call by
 * PTRACE_CONT for a control.
 */
static void sysemu_before_filter(void)
{
	static const struct {
		const char *what;
		long number;
		const char *control;
	} cases[] = {
		{ "getppid(), for the tracer", SYS_getppid, "PTRACE_EVENT_SECCOMP stop" },
		{ "getgid(), a SIGSYS", SYS_getgid, "signal-delivery-stop SIGSYS" },
		{ "getegid(), which kills", SYS_getegid, "killed by SIGSYS" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = filtered(cases[i].number, NULL);
		struct stop stop = cont(tracee.pid);

		expect_str(cases[i].control, stop_text(stop), "%s: by PTRACE_CONT", cases[i].what);
		tracee = filtered(cases[i].number, NULL);
		expect_stop(
			STOP_SYSCALL, 0, xresume(PTRACE_SYSEMU, tracee.pid, 0), "by PTRACE_SYSEMU");
		xptrace(PTRACE_POKEUSER, tracee.pid, offsetof(struct user_regs_struct, rax), 4242L);
		expect_eq(0, until_trap(tracee.pid, PTRACE_SYSEMU).stops, "stops after it");
		expect_eq(4242, told(&tracee, "result"), "the program's result");
	}
}

/* What capable(CAP_SYS_ADMIN) asks: the capability, and that in the first user namespace, which maps
 * every id (user_namespaces(7)). */
static bool has_sys_admin(void)
{
	char map[256] = "";

	proc_read(getpid(), "uid_map", map, sizeof(map));
	return proc_capable(getpid(), CAP_SYS_ADMIN) && strstr(map, " 4294967295") != NULL;
}

/* Come under a filter that allows everything. */
static void filter_nothing(void)
{
	const char *failed = filter_install(&(struct calls){ { false } });

	if (failed != NULL)
		broken("%s: %s", failed, errno_text(errno));
}

/*
 * Can a tracer switch the filters off? Predicted (check_ptrace_options()): with CAP_SYS_ADMIN, if it is
 * under no filter itself; then nothing is refused until it takes the option back, and /proc goes on to
 * say that there are filters.
 */
static void seccomp_suspended(void)
{
	struct tracee tracee = filtered(SYS_getegid, NULL);
	bool may = has_sys_admin();
	long result = ptrace(PTRACE_SETOPTIONS, tracee.pid, 0, PTRACE_O_SUSPEND_SECCOMP);

	if (result == -1 && errno == EINVAL)
		skip("this kernel has no PTRACE_O_SUSPEND_SECCOMP");
	this_case(may ? "with CAP_SYS_ADMIN" : "without");
	expect_errno(may ? 0 : EPERM, result, "PTRACE_O_SUSPEND_SECCOMP");
	if (may) {
		expect_str("nothing", until_trap(tracee.pid, PTRACE_CONT).line,
			"getegid(), which kills");
		expect_true(told(&tracee, "result") == getegid(), "its result is the gid");
		expect_str("2", proc_status(tracee.pid, "Seccomp"), "Seccomp in /proc/PID/status");
		xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, 0L);
	}
	expect_stop(STOP_KILLED, SIGSYS, cont(tracee.pid), "getegid(), without the option");
	if (!may)
		return;
	tracee = filtered(SYS_getegid, NULL);
	filter_nothing();
	expect_errno(EPERM, ptrace(PTRACE_SETOPTIONS, tracee.pid, 0, PTRACE_O_SUSPEND_SECCOMP),
		"PTRACE_O_SUSPEND_SECCOMP, by a tracer under a filter");
}

/* What PTRACE_SECCOMP_GET_FILTER gives for an index, against what the scene has at a place. */
static void expect_filter(const struct tracee *tracee, long index, const char *place, size_t length)
{
	struct sock_filter got[32], is[32];
	unsigned long address = (unsigned long)told(tracee, place);

	expect_eq((long)length, ptrace(PTRACE_SECCOMP_GET_FILTER, tracee->pid, index, NULL),
		"PTRACE_SECCOMP_GET_FILTER, index %ld: instructions", index);
	memset(got, 0xee, sizeof(got));
	ptrace(PTRACE_SECCOMP_GET_FILTER, tracee->pid, index, got);
	read_whole(tracee->pid, address, is, length * sizeof(*is));
	expect_true(memcmp(got, is, length * sizeof(*is)) == 0, "index %ld: those of \"%s\"", index,
		place);
}

/*
 * What can a tracer find out about the filters? Predicted (ptrace(2), PTRACE_SECCOMP_GET_FILTER): their
 * instructions, and by PTRACE_SECCOMP_GET_METADATA their flags, the latest at index 0, with CAP_SYS_ADMIN
 * and under no filter itself. Found: index 0 is the oldest (get_nth_filter()).
 */
static void filters_read_back(void)
{
	struct tracee tracee = filtered(SYS_getppid, NULL);
	struct seccomp_metadata data = { 0 };
	bool may = has_sys_admin();
	pid_t pid = tracee.pid;
	long result = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, NULL);

	if (result == -1 && errno != EACCES)
		skip("this kernel has no PTRACE_SECCOMP_GET_FILTER: %s", errno_text(errno));
	this_case(may ? "with CAP_SYS_ADMIN" : "without");
	if (may) {
		expect_filter(&tracee, 0, "older_filter", 8);
		expect_filter(&tracee, 1, "newer_filter", 6);
		expect_errno(ENOENT, ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 2, NULL), "index 2");
		expect_eq(sizeof(data),
			ptrace(PTRACE_SECCOMP_GET_METADATA, pid, sizeof(data), &data),
			"PTRACE_SECCOMP_GET_METADATA, index 0: length");
		expect_eq(SECCOMP_FILTER_FLAG_LOG, (long)data.flags,
			"its flags, SECCOMP_FILTER_FLAG_LOG");
		data = (struct seccomp_metadata){ .filter_off = 1 };
		expect_eq(sizeof(data),
			ptrace(PTRACE_SECCOMP_GET_METADATA, pid, sizeof(data), &data),
			"index 1: length");
		expect_eq(0, (long)data.flags, "its flags");
		expect_errno(EINVAL, ptrace(PTRACE_SECCOMP_GET_METADATA, pid, 4, &data),
			"a struct of 4 bytes");
		data.filter_off = 2;
		expect_errno(ENOENT, ptrace(PTRACE_SECCOMP_GET_METADATA, pid, sizeof(data), &data),
			"index 2");
		pid = tracee_at_trap("obey", 0).pid;
		expect_errno(EINVAL, ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, NULL),
			"of a tracee without a filter");
		filter_nothing();
	}
	expect_errno(EACCES, ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, NULL),
		"PTRACE_SECCOMP_GET_FILTER %s",
		may ? "by a tracer under a filter" : "without CAP_SYS_ADMIN");
	expect_errno(EACCES, ptrace(PTRACE_SECCOMP_GET_METADATA, pid, sizeof(data), &data),
		"PTRACE_SECCOMP_GET_METADATA by the same");
}

/* Two bytes of struct ptrace_syscall_info that have no name yet in the headers of Debian 12. */
#define INFO_FLAGS(info) (((unsigned char *)&(info))[2])

static void need_set_syscall_info(const struct tracee *tracee)
{
	struct ptrace_syscall_info info = get_info(tracee->pid);

	if (ptrace(PTRACE_SET_SYSCALL_INFO, tracee->pid, sizeof(info), &info) == -1 && errno == EIO)
		skip("this kernel has no PTRACE_SET_SYSCALL_INFO");
}

/*
 * Can a call be changed without naming a register? Predicted: by PTRACE_SET_SYSCALL_INFO, number
 * and arguments at the entry, result at the exit, which the program then finds.
 */
static void set_syscall_info(void)
{
	struct tracee tracee = at_enter_stop(SYS_getppid, NULL);
	struct ptrace_syscall_info info;

	need_set_syscall_info(&tracee);
	info = get_info(tracee.pid);
	info.entry.nr = SYS_umask;
	info.entry.args[0] = 0123;
	expect_errno(0, ptrace(PTRACE_SET_SYSCALL_INFO, tracee.pid, sizeof(info), &info),
		"enter: getppid() made umask(0123)");
	expect_eq(SYS_umask, (long)xgetregs(tracee.pid).orig_rax, "orig_rax");
	expect_eq(0123, (long)xgetregs(tracee.pid).rdi, "rdi");
	to_syscall(tracee.pid);
	expect_str("0123", proc_status(tracee.pid, "Umask"), "its umask");
	info = get_info(tracee.pid);
	info.exit.rval = -EXDEV;
	info.exit.is_error = true;
	expect_errno(0, ptrace(PTRACE_SET_SYSCALL_INFO, tracee.pid, sizeof(info), &info),
		"exit: the result made -EXDEV");
	cont(tracee.pid);
	expect_eq(-EXDEV, told(&tracee, "result"), "the program's result");
}

/*
 * What does it refuse? Predicted (ptrace_set_syscall_info()): a struct that is cut, another kind of
 * stop than this, flags, a number that is no int; and it does not keep what contradicts the result.
 */
static void set_info_refusals(void)
{
	static const struct {
		const char *what;
		int error;
		size_t length;
		long number;
		int op, flags;
	} cases[] = {
		{ "as it was read", 0, 88, SYS_getppid, PTRACE_SYSCALL_INFO_ENTRY },
		{ "8 bytes shorter", EINVAL, 80, SYS_getppid, PTRACE_SYSCALL_INFO_ENTRY },
		{ "8 bytes longer", 0, 96, SYS_getppid, PTRACE_SYSCALL_INFO_ENTRY },
		{ "op of an exit", EINVAL, 88, SYS_getppid, PTRACE_SYSCALL_INFO_EXIT },
		{ "op none", EINVAL, 88, SYS_getppid, PTRACE_SYSCALL_INFO_NONE },
		{ "a flag", EINVAL, 88, SYS_getppid, PTRACE_SYSCALL_INFO_ENTRY, 1 },
		{ "number -1", 0, 88, -1, PTRACE_SYSCALL_INFO_ENTRY },
		{ "number 2^32", ERANGE, 88, 1L << 32, PTRACE_SYSCALL_INFO_ENTRY },
	};
	struct tracee tracee = at_enter_stop(SYS_getppid, NULL);
	struct ptrace_syscall_info info;

	need_set_syscall_info(&tracee);
	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned char bytes[96] = { 0 };

		info = get_info(tracee.pid);
		info.op = (unsigned char)cases[i].op;
		INFO_FLAGS(info) = (unsigned char)cases[i].flags;
		info.entry.nr = (unsigned long)cases[i].number;
		memcpy(bytes, &info, sizeof(info));
		expect_errno(cases[i].error,
			ptrace(PTRACE_SET_SYSCALL_INFO, tracee.pid, (void *)cases[i].length, bytes),
			"%s", cases[i].what);
	}
	expect_errno(EFAULT, ptrace(PTRACE_SET_SYSCALL_INFO, tracee.pid, sizeof(info), 8L),
		"from a buffer that nothing is mapped at");
	to_syscall(tracee.pid);
	info = get_info(tracee.pid);
	info.exit.rval = -EFAULT;
	info.exit.is_error = false;
	expect_errno(0, ptrace(PTRACE_SET_SYSCALL_INFO, tracee.pid, sizeof(info), &info),
		"result -EFAULT, no error");
	expect_eq(-EFAULT, (long)get_info(tracee.pid).exit.rval, "read back: the result");
	expect_eq(1, get_info(tracee.pid).exit.is_error, "read back: is it an error");
}

/* --- signals ------------------------------------------------------------------------------------ */

/* Ways to bring an "obey" scene from its trap into a stop of some kind. */
static struct stop enter_stop(pid_t pid)
{
	return to_syscall(pid);
}

static struct stop exit_stop(pid_t pid)
{
	to_syscall(pid);
	return to_syscall(pid);
}

static struct stop event_stop(pid_t pid)
{
	xptrace(PTRACE_INTERRUPT, pid, 0L, 0L);
	return cont(pid);
}

static struct stop fork_event(pid_t pid)
{
	return cont(pid);
}

static struct stop group_stop(pid_t pid)
{
	return cont_with(pid, SIGSTOP);
}

static struct stop delivery_stop(pid_t pid)
{
	send_signal(pid, SIGUSR2);
	return cont(pid);
}

/*
 * In which stops does the signal given to a resuming request reach the tracee? Predicted by
 * ptrace(2): in a signal-delivery-stop, where it takes the place of the one reported; elsewhere it
 * "may be ignored". Found: a syscall-stop sends it anew (ptrace_report_syscall()), with a stop of
 * its own; the others drop it.
 */
static void signal_from_a_stop(void)
{
	static const struct {
		const char *what;
		struct stop (*make)(pid_t pid);
		long number;
		const char *stop, *next;
		int handled;
	} cases[] = {
		{ "signal-delivery-stop", delivery_stop, SYS_getppid,
			"signal-delivery-stop SIGUSR2", "signal-delivery-stop SIGTRAP", 1 },
		{ "syscall-enter-stop", enter_stop, SYS_getppid, "enter getppid",
			"signal-delivery-stop SIGUSR1", 1 },
		{ "syscall-exit-stop", exit_stop, SYS_getppid, "exit getppid",
			"signal-delivery-stop SIGUSR1", 1 },
		{ "fork event", fork_event, SYS_fork, "PTRACE_EVENT_FORK stop",
			"signal-delivery-stop SIGTRAP", 0 },
		{ "PTRACE_INTERRUPT's stop", event_stop, SYS_getppid, "PTRACE_EVENT_STOP stop",
			"signal-delivery-stop SIGTRAP", 0 },
		{ "group-stop", group_stop, SYS_getppid, "group-stop SIGSTOP",
			"signal-delivery-stop SIGTRAP", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", PTRACE_O_TRACEFORK);
		struct stop stop;

		ask(&tracee, cases[i].number, NULL);
		expect_str(
			cases[i].stop, report_text(cases[i].make(tracee.pid)), "%s", cases[i].what);
		stop = cont_with(tracee.pid, SIGUSR1);
		expect_str(cases[i].next, stop_text(stop), "resumed with SIGUSR1: next");
		if (!is_trap(stop)) {
			expect_eq(SI_KERNEL, xgetsiginfo(tracee.pid).si_code,
				"its si_code, SI_KERNEL");
			stop = cont_with(tracee.pid, stop.detail);
		}
		expect_true(is_trap(stop), "then the trap");
		expect_eq(cases[i].handled, told(&tracee, "handled"), "signals handled");
	}
}

/* --- what a pointer points at ------------------------------------------------------------------- */

/* The string at an address by PTRACE_PEEKDATA, a word at a time, from that address on (or, if
 * `aligned`, from the word that it stands in). Returns how many words were read; -1 with errno. */
static int string_by_words(
	pid_t tid, unsigned long address, char *string, size_t size, bool aligned)
{
	unsigned long skip_bytes = aligned ? address % sizeof(long) : 0;
	size_t length = 0;

	for (int words = 1;; words++) {
		char bytes[sizeof(long)];
		long word;

		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, tid, address - skip_bytes, 0);
		if (word == -1 && errno)
			return -1;
		memcpy(bytes, &word, sizeof(bytes));
		for (size_t i = skip_bytes; i < sizeof(bytes); i++) {
			if (length == size - 1 || bytes[i] == '\0') {
				string[length] = '\0';
				return words;
			}
			string[length++] = bytes[i];
		}
		address += sizeof(bytes) - skip_bytes;
		skip_bytes = 0;
	}
}

/*
 * Is a string read word by word always there to be read? Predicted: not if the words begin where
 * the string does: the last one may reach into the next page, and where nothing is mapped there
 * PEEKDATA fails with EIO, though the string is whole. Aligned words never leave their page.
 */
static void string_at_page_end(void)
{
	static const char path[] = "/dev/../dev/tty";
	struct tracee tracee = tracee_at_trap("page-end", 0);
	unsigned long end = (unsigned long)told(&tracee, "page") + 4096;
	int naive = 0, aligned = 0, right = 0, tried = 0;
	char string[64];

	for (unsigned long length = 8; length <= 15; length++, tried++) {
		unsigned long address = end - length - 1;
		int words;

		words = string_by_words(tracee.pid, address, string, sizeof(string), false);
		naive += words != -1;
		if (words == -1)
			expect_errno(
				EIO, words, "%lu characters, words from the first one on", length);
		words = string_by_words(tracee.pid, address, string, sizeof(string), true);
		aligned += words != -1;
		right += strcmp(string, &path[15 - length]) == 0;
	}
	expect_eq(8, tried, "strings whose NUL is the last byte before a hole");
	expect_eq(1, naive, "read by words from the first character on");
	expect_always(aligned, tried, "read by aligned words");
	expect_always(right, tried, "and as they are");
}

/*
 * How many PEEKDATA does a path of an openat() take? Predicted: a word for every eight characters,
 * the NUL included, and one more where the path does not begin at a word.
 */
static void path_by_words(void)
{
	struct tracee tracee = tracee_at_trap("obey", 0);
	unsigned long path = (unsigned long)told(&tracee, "own-program");
	int right = 0, tried = 0;
	char string[64];

	ask(&tracee, SYS_openat, ARGUMENTS(-100, (long)path, 0));
	to_syscall(tracee.pid);
	path = get_info(tracee.pid).entry.args[1];
	expect_eq(257, (long)get_info(tracee.pid).entry.nr, "openat()'s number");
	string_by_words(tracee.pid, path, string, sizeof(string), true);
	expect_str("/proc/self/exe", string, "the path");
	for (; tried < 8; tried++, path++) {
		int words = string_by_words(tracee.pid, path, string, sizeof(string), true);

		right += words == (int)((path + strlen(string)) / 8 - path / 8 + 1);
	}
	expect_always(right, tried, "from each of its places on, words: as many as are needed");
	to_syscall(tracee.pid);
	expect_eq(0, get_info(tracee.pid).exit.is_error, "exit: is it an error");
}

/*
 * When is what an argument points at worth reading? Predicted: what goes in at the entry, what
 * comes out at the exit; a failed call leaves its buffer as it was. Counted: bytes of the buffer
 * that differ between the two stops of each call.
 */
static void when_to_read(void)
{
	enum { SIX = 6 };
	struct tracee tracee = tracee_at_trap("obey", 0);
	const long read_end = told(&tracee, "read-end"), write_end = told(&tracee, "write-end");
	const long buffer = told(&tracee, "buffer"), path = told(&tracee, "own-program");
	const struct {
		const char *what;
		long number;
		long arguments[6];
		int changed;
	} cases[] = {
		{ "write, 6 bytes", SYS_write, { write_end, path, SIX }, 0 },
		{ "read, 6 bytes", SYS_read, { read_end, buffer, SIX }, SIX },
		{ "read, no such descriptor", SYS_read, { -1, buffer, SIX }, 0 },
		{ "pipe2", SYS_pipe2, { buffer + 64 }, 8 }, /* two descriptors of four bytes */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char before[128], after[sizeof(before)];
		int changed = 0;

		ask(&tracee, cases[i].number, cases[i].arguments);
		to_syscall(tracee.pid);
		read_whole(tracee.pid, buffer, before, sizeof(before));
		to_syscall(tracee.pid);
		read_whole(tracee.pid, buffer, after, sizeof(after));
		for (size_t b = 0; b < sizeof(before); b++)
			changed += before[b] != after[b];
		expect_eq(cases[i].changed, changed, "%s: bytes changed between its stops",
			cases[i].what);
		cont(tracee.pid);
	}
}

/*
 * Is what a tracer reads at the entry what the kernel then uses? Predicted: not if another thread
 * has the memory too. The kernel copies the path after the stop (getname()), and a second thread,
 * which is not stopped, changes it in between.
 */
static void path_changed_after_look(void)
{
	struct tracee tracee = tracee_at_trap("second-thread", 0);
	unsigned long path;
	char string[64];

	to_syscall(tracee.pid);
	path = get_info(tracee.pid).entry.args[1];
	string_by_words(tracee.pid, path, string, sizeof(string), true);
	expect_str("/proc/self/exe", string, "enter: the path");
	*told_slot(&tracee, "go") = 1;
	wait_told(&tracee, "changed", 1);
	expect_str("exit openat -ENOENT", report_text(to_syscall(tracee.pid)), "then");
	string_by_words(tracee.pid, path, string, sizeof(string), true);
	expect_str("/does/not/exist", string, "exit: the path");
}

/* --- the net ------------------------------------------------------------------------------------ */

/* What a tracer knows of one thread, from its birth to its end. */
struct task {
	pid_t tid, parent; /* parent 0: nobody reported its birth, or not yet */
	int born_by;       /* PTRACE_EVENT_* */
	bool stopped_first, held, executed, exiting, ended, replaced;
	long exit_message;
	struct stop end;
};

struct tree {
	bool holds; /* a child waits in its first stop until its parent has reported it */
	struct task task[600];
	int count, alive;
	char events[128];         /* by name, in order */
	int births, execs, early; /* early: stopped before its parent reported it */
};

/* No parent-death signal is passed on to what is born: PTRACE_O_EXITKILL, lest any of it stays behind. */
#define TRACE_BIRTHS                                                                               \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |                          \
		PTRACE_O_TRACEVFORKDONE | PTRACE_O_EXITKILL)

/* The row of a thread; a new one for a stranger. */
static struct task *tree_task(struct tree *tree, pid_t tid)
{
	for (int i = 0; i < tree->count; i++)
		if (tree->task[i].tid == tid && !tree->task[i].ended)
			return &tree->task[i];
	if (tree->count == (int)COUNT(tree->task))
		broken("more than %zu threads", COUNT(tree->task));
	tree->task[tree->count] = (struct task){ .tid = tid };
	tree->alive++;
	return &tree->task[tree->count++];
}

/* A birth that the parent reports: the child may have stopped already, and even have ended. */
static void tree_birth(struct tree *tree, struct task *parent, pid_t tid, int event)
{
	struct task *born = NULL;

	for (int i = 1; i < tree->count && born == NULL; i++)
		if (tree->task[i].tid == tid && tree->task[i].born_by == 0)
			born = &tree->task[i];
	tree->early += born != NULL;
	if (born == NULL)
		born = tree_task(tree, tid);
	if (born->held)
		let_run(tid);
	born->held = false;
	born->parent = parent->tid;
	born->born_by = event;
	tree->births++;
}

/* An exec by another thread than the first, which takes over the first one's id: that thread's own
 * id is never heard of again. */
static void tree_exec(struct tree *tree, struct task *task, pid_t former)
{
	task->executed = true;
	tree->execs++;
	if (former == task->tid)
		return;

	struct task *thread = tree_task(tree, former);

	thread->ended = thread->replaced = true;
	task->exiting = false; /* that was the first thread's exit */
	tree->alive--;
}

static void tree_event(struct tree *tree, struct task *task, int event)
{
	long message = event_message(task->tid);
	size_t used = strlen(tree->events);

	switch (event) {
	case PTRACE_EVENT_EXEC:
		tree_exec(tree, task, (pid_t)message);
		return;
	case PTRACE_EVENT_EXIT:
		task->exiting = true;
		task->exit_message = message;
		return;
	case PTRACE_EVENT_VFORK_DONE:
		break;
	default:
		tree_birth(tree, task, (pid_t)message, event);
	}
	snprintf(tree->events + used, sizeof(tree->events) - used, "%s%s", used ? "+" : "",
		event_name(event) + strlen("PTRACE_EVENT_"));
}

/* The loop of every tracer: wait, decode, act, resume; until all that is known has ended. */
static void follow(struct tree *tree, pid_t root)
{
	tree_task(tree, root)->stopped_first = true;
	while (tree->alive > 0) {
		struct stop stop = stop_wait(-1);
		struct task *task = tree_task(tree, stop.tid);
		long sig = 0;

		switch (stop.kind) {
		case STOP_EXITED:
		case STOP_KILLED:
			task->ended = true;
			task->end = stop;
			tree->alive--;
			continue;
		case STOP_EVENT:
			if (stop.detail != PTRACE_EVENT_STOP) {
				tree_event(tree, task, stop.detail);
				break;
			}
			task->stopped_first = true;
			task->held = tree->holds && task->born_by == 0;
			if (task->held)
				continue;
			break;
		case STOP_SIGNAL:
			sig = stop.detail;
			break;
		default:
			broken("%s of pid %d", stop_text(stop), stop.tid);
		}
		/* SIGKILL may have come between the report and this. */
		ptrace(PTRACE_CONT, stop.tid, 0, sig);
	}
}

/* How one birth shows under some options: the events, and how many of its children are traced. */
static const char *caught(const char *birth, unsigned long options)
{
	static struct tree tree;

	memset(&tree, 0, sizeof(tree));
	follow(&tree, tracee_start_seized(birth, options).pid);
	return text("%s%s%d", tree.events, *tree.events ? " " : "", tree.count - 1);
}

/*
 * Which option catches which birth? Predicted (kernel_clone()): the kernel reports one event for
 * each birth, VFORK if CLONE_VFORK is among the flags, else CLONE if the signal at the end is not
 * SIGCHLD, else FORK; if that event is not asked for, no other takes its place and the child is
 * not traced. The name of the function does not matter.
 */
static void births_by_option(void)
{
	static const struct {
		const char *name;
		unsigned long options;
	} columns[] = {
		{ "none" },
		{ "TRACEFORK", PTRACE_O_TRACEFORK },
		{ "TRACEVFORK", PTRACE_O_TRACEVFORK },
		{ "TRACECLONE", PTRACE_O_TRACECLONE },
		{ "TRACEVFORKDONE", PTRACE_O_TRACEVFORKDONE },
		{ "all", TRACE_BIRTHS },
	};
	static const char *const as_fork = "0 | FORK 1 | 0 | 0 | 0 | FORK 1";
	static const char *const as_vfork =
		"0 | 0 | VFORK 1 | 0 | VFORK_DONE 0 | VFORK+VFORK_DONE 1";
	static const char *const as_clone = "0 | 0 | 0 | CLONE 1 | 0 | CLONE 1";
	const struct {
		const char *birth, *seen;
	} rows[] = {
		{ "fork", as_fork },
		{ "vfork", as_vfork },
		{ "posix_spawn", as_vfork },
		{ "system", as_vfork },
		{ "popen", as_vfork },
		{ "pthread_create", as_clone },
		{ "clone(SIGCHLD)", as_fork },
		{ "clone(0)", as_clone },
		{ "clone(SIGUSR1)", as_clone },
		{ "clone(CLONE_VFORK|SIGCHLD)", as_vfork },
		{ "clone(CLONE_VFORK)", as_vfork },
		{ "clone3(SIGCHLD)", as_fork },
		{ "clone3(CLONE_VFORK|SIGCHLD)", as_vfork },
		{ "clone(CLONE_UNTRACED|SIGCHLD)", "0 | 0 | 0 | 0 | 0 | 0" },
		{ "clone(CLONE_PTRACE|SIGCHLD)", "1 | FORK 1 | 1 | 1 | 1 | FORK 1" },
		{ "double fork", "0 | FORK+FORK 2 | 0 | 0 | 0 | FORK+FORK 2" },
	};
	const char *header = "";

	for (size_t c = 0; c < COUNT(columns); c++)
		header = text("%s%s%s", header, c ? " | " : "", columns[c].name);
	note("events, and children traced, with the option: %s", header);
	for (size_t r = 0; r < COUNT(rows); r++) {
		char line[512] = "";

		for (size_t c = 0; c < COUNT(columns); c++) {
			const char *cell = caught(rows[r].birth, columns[c].options);
			size_t used = strlen(line);

			snprintf(line + used, sizeof(line) - used, "%s%s", c ? " | " : "", cell);
		}
		expect_str(rows[r].seen, line, "%s", rows[r].birth);
	}
}

#define VFORK_FLAGS (CLONE_VM | CLONE_VFORK | SIGCHLD)
#define THREAD_FLAGS                                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

/* A "clone" scene at its trap, whose births are followed or not, with flags for its clone(). */
static struct tracee at_clone(unsigned long flags, bool followed)
{
	struct tracee tracee = tracee_at_trap("clone", followed ? TRACE_BIRTHS : 0);

	*told_slot(&tracee, "flags") = (long)flags;
	return tracee;
}

/*
 * Has a child that is caught at birth executed anything? Predicted: nothing. Its first instruction
 * is the one behind the call that bore it, and adds one to a number that parent and child share.
 * At the child's first stop it has not run, though the parent has run on, and one step runs it.
 */
static void first_instruction(void)
{
	static const struct {
		const char *what;
		unsigned long flags;
		int event, by_parent; /* a vfork()'s parent waits */
	} cases[] = {
		{ "fork", SIGCHLD, PTRACE_EVENT_FORK, 1 },
		{ "vfork", VFORK_FLAGS, PTRACE_EVENT_VFORK, 0 },
		{ "thread", THREAD_FLAGS, PTRACE_EVENT_CLONE, 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = at_clone(cases[i].flags, false);

		until_trap(tracee.pid, PTRACE_CONT);
		expect_eq(2, wait_told(&tracee, "executed", 2), "%s, not caught: counted",
			cases[i].what);

		tracee = at_clone(cases[i].flags, true);

		unsigned long born = told_place(&tracee, "born", 4);
		unsigned long after_first = told_place(&tracee, "after_first", 1);

		expect_stop(STOP_EVENT, cases[i].event, cont(tracee.pid), "%s", cases[i].what);

		pid_t child = (pid_t)event_message(tracee.pid);

		role_pid("child", child);
		expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(child), "%s: the child",
			cases[i].what);
		expect_address(born, xgetregs(child).rip, "its rip");
		expect_eq(0, told(&tracee, "executed"), "counted");
		let_run(tracee.pid);
		if (cases[i].by_parent > 0)
			expect_stop(STOP_SIGNAL, SIGTRAP, stop_wait(tracee.pid), "the parent");
		else
			proc_wait_state(tracee.pid, "D");
		expect_eq(cases[i].by_parent, told(&tracee, "executed"), "counted");
		expect_address(born, xgetregs(child).rip, "the child's rip");
		step(child);
		expect_address(after_first, xgetregs(child).rip, "its rip after a step");
		expect_eq(cases[i].by_parent + 1, told(&tracee, "executed"), "counted");
	}
}

/*
 * Which stops does a birth give in the parent, by PTRACE_SYSCALL? Predicted: the event between the
 * two of the call; a vfork()'s second event too, when the child has let it go. The result, at the
 * exit, is the message of the event.
 */
static void birth_sequence(void)
{
	static const struct {
		const char *what;
		unsigned long flags;
		const char *reports;
	} cases[] = {
		{ "fork", SIGCHLD, "enter clone, PTRACE_EVENT_FORK stop, exit clone" },
		{ "vfork", VFORK_FLAGS,
			"enter clone, PTRACE_EVENT_VFORK stop, PTRACE_EVENT_VFORK_DONE stop, exit clone" },
		{ "thread", THREAD_FLAGS, "enter clone, PTRACE_EVENT_CLONE stop, exit clone" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = at_clone(cases[i].flags, true);
		struct journal journal = { 0 };
		pid_t child;

		journal_add(&journal, to_syscall(tracee.pid));
		journal_add(&journal, to_syscall(tracee.pid));
		child = (pid_t)event_message(tracee.pid);
		role_pid(text("%s's child", cases[i].what), child);
		stop_wait(child);
		let_run(child);
		while (journal.exits == 0)
			journal_add(&journal, to_syscall(tracee.pid));
		expect_str(cases[i].reports, journal.line, "%s", cases[i].what);
		expect_pid(child, (pid_t)get_info(tracee.pid).exit.rval, "its result, the message");
	}
}

/*
 * What is the first stop of a caught child? Predicted: PTRACE_EVENT_STOP with SIGTRAP under a
 * tracer that SEIZEd its parent, else a SIGSTOP that nobody sent (ptrace_init_task()). The call
 * that bore it shows no stop in the child: its first syscall-stop is the entry of its own first
 * call.
 */
static void child_first_stop(void)
{
	for (int seized = 0; seized <= 1; seized++) {
		struct tracee tracee =
			seized ? tracee_at_trap("obey", TRACE_BIRTHS)
			       : attached_at_trap(PTRACE_O_TRACESYSGOOD | TRACE_BIRTHS);
		struct stop stop;
		pid_t child;

		ask(&tracee, SYS_fork, NULL);
		expect_stop(STOP_EVENT, PTRACE_EVENT_FORK, cont(tracee.pid), "the parent, %s",
			seized ? "SEIZEd" : "ATTACHed");
		child = (pid_t)event_message(tracee.pid);
		role_pid("child", child);
		stop = stop_wait(child);
		if (seized) {
			expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop, "the child");
		} else {
			expect_stop(STOP_SIGNAL, SIGSTOP, stop, "the child");
			expect_eq(0, xgetsiginfo(child).si_code, "its si_code");
			expect_pid(0, xgetsiginfo(child).si_pid, "its si_pid");
		}
		expect_pid(getpid(), (pid_t)proc_number(child, "TracerPid"), "its TracerPid");
		expect_true(is_trap(to_syscall(child)),
			"by PTRACE_SYSCALL it comes to the trap without a syscall-stop");
		ask(&tracee, SYS_getppid, NULL);
		expect_str("enter getppid", report_text(to_syscall(child)), "then");
	}
}

/*
 * Do the options pass on to the child? Predicted: all of them (ptrace_link(), ptrace_init_task());
 * and each thread is traced for itself: after PTRACE_DETACH of the parent the child is still
 * traced, and what it bears is caught.
 */
static void options_inherited(void)
{
	struct tracee tracee = tracee_at_trap("obey", TRACE_BIRTHS);
	pid_t child, grandchild;

	ask(&tracee, SYS_fork, NULL);
	cont(tracee.pid);
	child = (pid_t)event_message(tracee.pid);
	role_pid("child", child);
	stop_wait(child);
	until_trap(tracee.pid, PTRACE_CONT);
	expect_errno(
		0, ptrace(PTRACE_DETACH, tracee.pid, 0, SIGSTOP), "PTRACE_DETACH of the parent");
	proc_wait_state(tracee.pid, "T");
	expect_pid(0, (pid_t)proc_number(tracee.pid, "TracerPid"), "its TracerPid");
	expect_pid(getpid(), (pid_t)proc_number(child, "TracerPid"), "the child's TracerPid");
	until_trap(child, PTRACE_CONT);
	expect_stop(STOP_EVENT, PTRACE_EVENT_FORK, cont(child), "the child, asked to fork()");
	grandchild = (pid_t)event_message(child);
	role_pid("grandchild", grandchild);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(grandchild), "the grandchild");
	ask(&tracee, SYS_getppid, NULL);
	until_trap(grandchild, PTRACE_CONT);
	expect_stop(STOP_SYSCALL, 0, to_syscall(grandchild),
		"at its getppid(), marked by TRACESYSGOOD");
}

/*
 * Do options that are set for the child change those of its parent? Predicted: no, each thread has its
 * own (task->ptrace), and a set replaces all that were there. PTRACE_OLDSETOPTIONS, from before Linux
 * 2.6, is the same request by another number.
 */
static void options_per_tracee(void)
{
	static const struct {
		const char *name;
		enum __ptrace_request request;
	} cases[] = {
		{ "PTRACE_SETOPTIONS", PTRACE_SETOPTIONS },
		{ "PTRACE_OLDSETOPTIONS", PTRACE_OLDSETOPTIONS },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", TRACE_BIRTHS);
		pid_t child;

		ask(&tracee, SYS_fork, NULL);
		cont(tracee.pid);
		child = (pid_t)event_message(tracee.pid);
		stop_wait(child);
		expect_errno(0, ptrace(cases[i].request, child, 0, PTRACE_O_EXITKILL),
			"%s of the child, EXITKILL alone", cases[i].name);
		expect_errno(EINVAL, ptrace(cases[i].request, child, 0, 1L << 30),
			"with an unknown option");
		until_trap(tracee.pid, PTRACE_CONT);
		until_trap(child, PTRACE_CONT);
		ask(&tracee, SYS_getppid, NULL);
		expect_hex(0x857f, (unsigned)to_syscall(tracee.pid).status,
			"the parent at getppid(): the status, marked");
		expect_hex(0x057f, (unsigned)to_syscall(child).status, "the child: the status");
		until_trap(tracee.pid, PTRACE_CONT);
		ask(&tracee, SYS_fork, NULL);
		expect_stop(STOP_EVENT, PTRACE_EVENT_FORK, cont(tracee.pid),
			"the parent, asked to fork()");
	}
}

/*
 * What does PTRACE_GETSIGINFO say in the stop of an event? Predicted (ptrace(2), "PTRACE_EVENT stops"):
 * si_signo SIGTRAP, si_code SIGTRAP with the number of the event above it. Found: a group-stop, which is
 * PTRACE_EVENT_STOP too, has the stopping signal in both (do_jobctl_trap()).
 */
static void event_siginfo(void)
{
	static const struct {
		const char *scene;
		int sig, event;
		long number; /* the call asked for, or the flags of a clone */
		unsigned long options;
	} cases[] = {
		{ "clone", SIGTRAP, PTRACE_EVENT_FORK, SIGCHLD, PTRACE_O_TRACEFORK },
		{ "clone", SIGTRAP, PTRACE_EVENT_VFORK, VFORK_FLAGS, PTRACE_O_TRACEVFORK },
		{ "clone", SIGTRAP, PTRACE_EVENT_CLONE, .options = PTRACE_O_TRACECLONE },
		{ "obey", SIGTRAP, PTRACE_EVENT_EXEC, SYS_execve, PTRACE_O_TRACEEXEC },
		{ "clone", SIGTRAP, PTRACE_EVENT_VFORK_DONE, VFORK_FLAGS, PTRACE_O_TRACEVFORKDONE },
		{ "obey", SIGTRAP, PTRACE_EVENT_EXIT, SYS_exit_group, PTRACE_O_TRACEEXIT },
		{ "filtered", SIGTRAP, PTRACE_EVENT_SECCOMP, SYS_getppid, PTRACE_O_TRACESECCOMP },
		{ "obey", SIGTRAP, PTRACE_EVENT_STOP, SYS_getppid }, /* PTRACE_INTERRUPT's */
		{ "obey", SIGSTOP, PTRACE_EVENT_STOP, SYS_getppid }, /* a group-stop */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		bool births = strcmp(cases[i].scene, "clone") == 0;
		bool filter = strcmp(cases[i].scene, "filtered") == 0;
		struct tracee tracee = births   ? at_clone((unsigned long)cases[i].number, false)
				       : filter ? filtered(cases[i].number, NULL)
						: tracee_at_trap(cases[i].scene, 0);
		int sig = cases[i].sig, event = cases[i].event;
		siginfo_t info;

		xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, PTRACE_O_EXITKILL | cases[i].options);
		if (cases[i].number == SYS_execve)
			ask_for_exec(&tracee, "own-program");
		else if (!births)
			ask(&tracee, cases[i].number, NULL);
		if (event == PTRACE_EVENT_STOP && sig == SIGTRAP)
			xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
		expect_hex((unsigned)(event << 16 | sig << 8 | 0x7f),
			(unsigned)cont_with(tracee.pid, sig == SIGSTOP ? sig : 0).status,
			"%s%s: the status", event_name(event),
			event == PTRACE_EVENT_STOP ? text(", %s", signal_name(sig)) : "");
		info = xgetsiginfo(tracee.pid);
		expect_str(signal_name(sig), signal_name(info.si_signo), "si_signo");
		expect_hex((unsigned)(event << 8 | sig), (unsigned)info.si_code, "si_code");
		expect_pid(tracee.pid, info.si_pid, "si_pid");
	}
}

/*
 * What happens when only the parent of a vfork() is continued? Predicted: nothing. It waits in the
 * call, in state D, for a child that sits in its first stop; the tracer that waits for the parent
 * alone waits for ever. Continuing the child frees both.
 */
static void vfork_waits_for_child(void)
{
	struct tracee tracee = at_clone(VFORK_FLAGS, true);
	pid_t child;

	cont(tracee.pid);
	child = (pid_t)event_message(tracee.pid);
	role_pid("child", child);
	stop_wait(child);
	let_run(tracee.pid);
	proc_wait_state(tracee.pid, "D");
	expect_eq(SYS_clone, proc_syscall(tracee.pid), "the parent, continued, is in clone()");
	expect_stop(STOP_NONE, 0, stop_poll(tracee.pid), "and reports");
	expect_stop(STOP_EXITED, 0, cont(child), "the child, continued");
	expect_stop(STOP_EVENT, PTRACE_EVENT_VFORK_DONE, stop_wait(tracee.pid), "the parent");
	expect_pid(child, (pid_t)event_message(tracee.pid), "its message");
}

/*
 * Can a child that is born with CLONE_UNTRACED be caught all the same? Predicted: yes, by a tracer
 * that sees the call before it is made and clears the flag in its argument. The program finds its
 * register changed, and nothing else.
 */
static void untraced_flag_cleared(void)
{
	struct tracee tracee = at_clone(CLONE_UNTRACED | SIGCHLD, true);
	unsigned long flags;

	expect_str("enter clone", report_text(to_syscall(tracee.pid)), "first");
	flags = get_info(tracee.pid).entry.args[0];
	expect_hex(CLONE_UNTRACED | SIGCHLD, flags, "its flags");
	xptrace(PTRACE_POKEUSER, tracee.pid, offsetof(struct user_regs_struct, rdi),
		flags & ~(unsigned long)CLONE_UNTRACED);
	expect_stop(STOP_EVENT, PTRACE_EVENT_FORK, cont(tracee.pid), "then");
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait((pid_t)event_message(tracee.pid)),
		"the child");
}

/*
 * What does PTRACE_EVENT_EXIT tell beforehand? Predicted: the wait status that waitpid() will give,
 * while the memory is still there to be read.
 */
static void exit_message(void)
{
	static const struct {
		const char *what;
		int sig, status;
		long number, arguments[6];
	} cases[] = {
		{ "exit_group(7)", 0, 0x700, SYS_exit_group, { 7 } },
		{ "exit_group(0x107)", 0, 0x700, SYS_exit_group, { 0x107 } }, /* 8 bits remain */
		{ "exit(7)", 0, 0x700, SYS_exit, { 7 } },
		{ "killed by SIGTERM", SIGTERM, SIGTERM, SYS_getppid },
		{ "killed by SIGKILL", SIGKILL, SIGKILL, SYS_getppid },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("obey", PTRACE_O_TRACEEXIT);
		long word = told(&tracee, "own-program");
		struct stop stop;

		ask(&tracee, cases[i].number, cases[i].arguments);
		stop = cont_with(tracee.pid, cases[i].sig);
		expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT, stop, "%s", cases[i].what);
		expect_hex((unsigned)cases[i].status, (unsigned long)event_message(tracee.pid),
			"its message");
		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, tracee.pid, word, 0);
		expect_true(errno == 0 && memcmp(&word, "/proc/se", 8) == 0,
			"its memory can still be read");
		stop = cont(tracee.pid);
		expect_hex((unsigned)cases[i].status, (unsigned)stop.status, "its end, the status");
	}
}

/* Three threads of one process, [0] the first, each SEIZEd with options; one obeys and is at its trap, the
 * others sleep. */
struct three {
	struct tracee tracee;
	pid_t tid[3];
};

static struct three three_threads(int obeys, unsigned long options)
{
	struct three three = { .tracee = tracee_start("three-threads") };
	struct stop stop;

	for (int i = 0; i < 3; i++) {
		three.tid[i] = i == 0 ? three.tracee.pid
				      : (pid_t)told(&three.tracee, text("thread-%d", i));
		if (i > 0)
			role_pid(text("thread %d", i), three.tid[i]);
		xptrace(PTRACE_SEIZE, three.tid[i], 0L, options);
	}
	*told_slot(&three.tracee, "who") = three.tid[obeys];
	stop = stop_wait(three.tid[obeys]);
	if (!is_trap(stop))
		broken("%s instead of its first trap", stop_text(stop));
	for (int i = 0; i < 3; i++)
		if (i != obeys)
			proc_wait_blocked(three.tid[i], SYS_pause);
	return three;
}

static void wait_threads(pid_t pid, ssize_t count)
{
	pid_t tid;

	waiting_for(text("pid %d to have %zd threads", pid, count));
	while (proc_list(text("%d/task", pid), &tid, 1) != count)
		sched_yield();
	waiting_for(NULL);
}

static void wake_thread(pid_t pid, pid_t tid)
{
	if (syscall(SYS_tgkill, pid, tid, SIGUSR1) == -1)
		broken("tgkill: %s", errno_text(errno));
}

/* What waitpid() says of such a process untraced, whose threads end one by one, the first first: with
 * exit(0), exit(2) and exit(1). */
static struct stop end_untraced(void)
{
	struct tracee tracee = tracee_start("three-threads");
	pid_t tid[3] = { tracee.pid, (pid_t)told(&tracee, "thread-1"),
		(pid_t)told(&tracee, "thread-2") };

	*told_slot(&tracee, "who") = -1;
	for (size_t i = 0; i < COUNT(tid); i++)
		proc_wait_blocked(tid[i], SYS_pause);
	wake_thread(tracee.pid, tid[0]);
	proc_wait_state(tid[0], "Z");
	wake_thread(tracee.pid, tid[2]);
	wait_threads(tracee.pid, 2);
	wake_thread(tracee.pid, tid[1]);
	return stop_wait(tracee.pid);
}

/*
 * When is the end of a first thread reported that leaves others behind? Predicted (ptrace(2), BUGS;
 * delay_group_leader()): after theirs. Until then it is a zombie that has nothing to report: requests say
 * ESRCH, and waitpid() with WNOHANG says 0, as of one that lives. Found: its end is not the one that its
 * PTRACE_EVENT_EXIT announced, but that of the last thread to end (synchronize_group_exit()); it is
 * so without a tracer too, which tells whether the kernel has that rule.
 */
static void first_thread_exits(void)
{
	struct stop untraced = end_untraced();
	bool of_last = untraced.kind == STOP_EXITED && untraced.detail == 1;
	struct three three = three_threads(0, PTRACE_O_TRACEEXIT);
	pid_t first = three.tid[0];

	this_case(of_last ? "the code of the last thread" : "the code of the first thread");
	expect_stop(STOP_EXITED, of_last ? 1 : 0, untraced,
		"untraced, the first thread exit(0), the last one exit(1): the process");
	ask(&three.tracee, SYS_exit, ARGUMENTS(7));
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT, cont(first), "the first thread, exit(7)");
	expect_hex(0x700, (unsigned long)event_message(first), "its message");
	let_run(first);
	proc_wait_state(first, "Z");
	expect_str("Z (zombie)", proc_status(first, "State"), "its State");
	expect_errno(ESRCH, ptrace(PTRACE_CONT, first, 0, 0), "PTRACE_CONT of it");
	expect_eq(0, waitpid(first, NULL, WNOHANG | __WALL), "waitpid() with WNOHANG");
	for (int i = 2; i > 0; i--) {
		wake_thread(first, three.tid[i]);
		expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT,
			cont_with(three.tid[i], stop_wait(three.tid[i]).detail),
			"thread %d, exit(%d)", i, i);
		expect_stop(STOP_NONE, 0, stop_poll(first), "the first thread");
		expect_stop(STOP_EXITED, i, cont(three.tid[i]), "thread %d", i);
	}
	expect_stop(STOP_EXITED, of_last ? 1 : 7, stop_wait(first), "the first thread");
}

/*
 * Who reports an exit_group()? Predicted (ptrace(2), "Death under ptrace"): every tracee of the process,
 * with its code, whichever thread made the call, one that stands in a stop too; the first thread last.
 */
static void exit_group_of_threads(void)
{
	for (int caller = 0; caller < 2; caller++) {
		struct three three = three_threads(caller, PTRACE_O_TRACEEXIT);
		const pid_t first = three.tid[0], last = three.tid[2];

		xptrace(PTRACE_INTERRUPT, last, 0L, 0L);
		expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(last),
			"thread 2, when thread %d exits", caller);
		ask(&three.tracee, SYS_exit_group, ARGUMENTS(7));
		let_run(three.tid[caller]);
		for (int i = 0; i < 3; i++) {
			expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT, stop_wait(three.tid[i]),
				"thread %d", i);
			expect_hex(
				0x700, (unsigned long)event_message(three.tid[i]), "its message");
		}
		let_run(first);
		proc_wait_state(first, "Z");
		expect_stop(STOP_NONE, 0, stop_poll(first), "thread 0, continued");
		expect_stop(STOP_EXITED, 7, cont(last), "thread 2");
		expect_stop(STOP_EXITED, 7, cont(three.tid[1]), "thread 1");
		expect_stop(STOP_EXITED, 7, stop_wait(first), "thread 0");
	}
}

/*
 * Who reports the exec of a thread that is not the first of its process? Predicted by ptrace(2),
 * "execve(2) under ptrace": the first thread's id does, which the other has taken over; the message
 * is the thread's former id, which is never reported again, not even as ended.
 */
static void exec_by_a_thread(void)
{
	struct tracee tracee = tracee_at_trap("thread-executes", 0);
	pid_t thread;

	xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L,
		PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT);
	expect_stop(STOP_EVENT, PTRACE_EVENT_CLONE, cont(tracee.pid), "the first thread");
	thread = (pid_t)event_message(tracee.pid);
	role_pid("thread", thread);
	stop_wait(thread);
	let_run(tracee.pid);
	let_run(thread);
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT, stop_wait(tracee.pid),
		"the first thread, when the other executes");
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, cont(tracee.pid), "the same id");
	expect_pid(thread, (pid_t)event_message(tracee.pid), "its message");
	expect_errno(ECHILD, waitpid(thread, NULL, __WALL), "waitpid() of the thread");
	expect_errno(ESRCH, kill(thread, 0), "kill(0) of the thread");
}

/*
 * What becomes of the other threads at an exec? Predicted (ptrace(2), "execve(2) under ptrace"): they end
 * with code 0, and at PTRACE_EVENT_EXEC there is none any more. Found: the exec waits not only
 * for their ends but for the tracer to have been told of them (de_thread(), notify_count).
 */
static void exec_ends_threads(void)
{
	for (int caller = 0; caller < 2; caller++) {
		struct three three = three_threads(caller, PTRACE_O_TRACEEXEC);
		const pid_t first = three.tid[0], last = three.tid[2];
		pid_t tids[3];

		ask_for_exec(&three.tracee, "own-program");
		let_run(three.tid[caller]);
		proc_wait_state(last, "Z");
		proc_wait_state(three.tid[caller], "D");
		expect_eq(SYS_execve, proc_syscall(three.tid[caller]),
			"thread %d sleeps in its execve()", caller);
		expect_stop(STOP_NONE, 0, stop_poll(first), "thread 0");
		expect_stop(STOP_EXITED, 0, stop_wait(last), "thread 2, a zombie until now");
		if (caller == 0)
			expect_stop(STOP_EXITED, 0, stop_wait(three.tid[1]), "thread 1, as well");
		expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, stop_wait(first),
			"then, under the first thread's id");
		expect_pid(three.tid[caller], (pid_t)event_message(first), "its message");
		expect_eq(1, proc_list(text("%d/task", first), tids, COUNT(tids)),
			"threads in /proc/PID/task");
	}
}

/*
 * Can a birth stay unreported though its option is set? Predicted: not by the manual. Found: if the
 * child is resumed before the parent's report has been waited for, and kills the parent, the report
 * is gone. A thread that executes a program kills the first thread of its process.
 */
static void birth_report_lost(void)
{
	struct tracee tracee = tracee_at_trap("thread-executes", 0);
	pid_t tids[2];

	xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC);
	let_run(tracee.pid);
	proc_wait_state(tracee.pid, "t");
	expect_eq(2, proc_list(text("%d/task", tracee.pid), tids, COUNT(tids)), "threads");

	pid_t thread = tids[1];

	role_pid("thread", thread);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(thread), "the new thread");
	let_run(thread);
	wait_threads(tracee.pid, 1);
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, stop_wait(tracee.pid),
		"the first thread, which stood in PTRACE_EVENT_CLONE");
	expect_pid(thread, (pid_t)event_message(tracee.pid), "its message");
}

/*
 * Is the tracer's own table of who was born complete at the end? Predicted: yes, but for
 * CLONE_UNTRACED: each row has a parent in the table, a birth, a first stop, an exit whose message
 * is the status of its end; or it is a thread that took over another's id. The scene counts too.
 * A child that stops before its parent has reported it is kept there until then.
 */
static void tracking_table(void)
{
	static struct tree tree;
	struct tracee tracee = tracee_start_seized("family", 0);
	int parents = 0, first = 0, ends = 0, replaced = 0;

	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L,
		TRACE_BIRTHS | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT);
	*told_slot(&tracee, "go") = 1;
	let_run(tracee.pid);
	tree.holds = true;
	follow(&tree, tracee.pid);
	for (int i = 0; i < tree.count; i++) {
		const struct task *task = &tree.task[i];
		bool known = i == 0;

		for (int p = 0; p < tree.count; p++)
			known |= task->born_by != 0 && tree.task[p].tid == task->parent;
		parents += known;
		first += task->stopped_first;
		replaced += task->replaced;
		ends += task->replaced ||
			(task->ended && task->exiting && task->exit_message == task->end.status);
	}
	expect_eq(told(&tracee, "given") - told(&tracee, "untraced"), tree.births,
		"births reported: all but %ld of %ld", told(&tracee, "untraced"),
		told(&tracee, "given"));
	expect_eq(tree.births + 1, tree.count, "rows: them and the first");
	expect_always(parents, tree.count, "its parent is in the table");
	expect_always(first, tree.count, "its first stop was seen");
	expect_eq(5, replaced, "threads that took over another's id");
	expect_always(ends, tree.count, "its end was seen, and as announced");
	expect_eq(told(&tracee, "executed"), tree.execs, "execs reported");
	note_live("%d children stopped before their parent reported them", tree.early);
}
/* --- the lab ------------------------------------------------------------------------------------ */

static const struct experiment experiments[] = {
	{ "enter-and-exit", enter_and_exit,
		"What tells the stop before a call from the one after it?" },
	{ "without-sysgood", without_sysgood,
		"Can they still be told apart without PTRACE_O_TRACESYSGOOD?" },
	{ "sigtrap-collision", sigtrap_collision,
		"What else has the status of a syscall-stop without that option?" },
	{ "info-lengths", info_lengths, "How much does PTRACE_GET_SYSCALL_INFO return?" },
	{ "six-arguments", six_arguments,
		"Where do the six arguments and the result of a call stand?" },
	{ "rax-on-entry", rax_on_entry, "\"On entry, RAX holds the ID\": does it?" },
	{ "step-against-syscall", step_against_syscall,
		"What do PTRACE_SINGLESTEP and PTRACE_SYSCALL show of the same 226 instructions?" },
	{ "calls-prevented", calls_prevented,
		"How many stops does it take to keep five calls from being made?" },
	{ "exec-sequence", exec_sequence, "Which stops does an execve() give?" },
	{ "exit-sequence", exit_sequence, "Which stops does an exit give?" },
	{ "killed-in-a-call", killed_in_a_call,
		"Does a call that SIGKILL ends have an exit-stop?" },
	{ "sigreturn", sigreturn_has_no_exit,
		"What does the return from a signal handler look like?" },
	{ "interrupted-call", interrupted_call,
		"What does a tracer see of a call that a signal interrupts?" },
	{ "interrupt-in-a-call", interrupt_in_a_call,
		"What does a tracer see of a call that PTRACE_INTERRUPT stops?" },
	{ "counting-goes-wrong", counting_goes_wrong,
		"Can a tracer tell the two stops apart by counting?" },
	{ "invalid-numbers", invalid_numbers, "What does a tracer see of numbers that no call has?",
		.cases = "x32|no x32" },
	{ "int80", int80, "How does a tracer know that 64-bit code made a 32-bit call?" },
	{ "vdso-invisible", vdso_invisible, "How many stops do 2000 readings of the clock give?" },
	{ "vsyscall-invisible", vsyscall_invisible,
		"How many stops do 100 calls of the vsyscall page give?" },
	{ "dispatch-hides", dispatch_hides,
		"What does a tracer see of a call that Syscall User Dispatch gives back to the program?",
		.cases = "with its request|without its request" },
	{ "uring-unseen", uring_unseen, "What does a tracer see of what io_uring does?" },
	{ "uring-thread-stops", uring_thread_stops,
		"Can a tracer trace the thread that works for the ring?" },
	{ "filter-selects", filter_selects, "What does a seccomp filter spare a tracer?" },
	{ "changed-call-judged", changed_call_judged,
		"Is a call that the tracer changed in that stop judged once more?" },
	{ "sysemu-before-filter", sysemu_before_filter,
		"Does a filter see a call that PTRACE_SYSEMU keeps from being made?" },
	{ "seccomp-suspended", seccomp_suspended, "Can a tracer switch a tracee's filters off?",
		.cases = "with CAP_SYS_ADMIN|without" },
	{ "filters-read-back", filters_read_back,
		"What can a tracer find out about a tracee's filters?",
		.cases = "with CAP_SYS_ADMIN|without" },
	{ "sysemu", sysemu, "What is the stop of PTRACE_SYSEMU?" },
	{ "sysemu-is-final", sysemu_is_final,
		"Can a tracer change its mind in that stop and have the call made?" },
	{ "sysemu-singlestep", sysemu_singlestep,
		"What does PTRACE_SYSEMU_SINGLESTEP show of the 226 instructions?" },
	{ "set-syscall-info", set_syscall_info,
		"Can a call be changed without naming a register?" },
	{ "set-info-refusals", set_info_refusals, "What does PTRACE_SET_SYSCALL_INFO refuse?" },
	{ "signal-from-a-stop", signal_from_a_stop,
		"In which stops does a signal given to a resuming request reach the tracee?" },
	{ "path-by-words", path_by_words, "How many PEEKDATA does the path of an openat() take?" },
	{ "string-at-page-end", string_at_page_end,
		"Is a string that is read word by word always there to be read?" },
	{ "when-to-read", when_to_read, "When is what an argument points at worth reading?" },
	{ "path-changed-after-look", path_changed_after_look,
		"Is what a tracer reads at the entry what the kernel then uses?" },
	{ "births-by-option", births_by_option, "Which option catches which birth?",
		.limit_s = 120 },
	{ "first-instruction", first_instruction,
		"Has a child that is caught at birth executed anything?" },
	{ "birth-sequence", birth_sequence,
		"Which stops does a birth give in the parent, by PTRACE_SYSCALL?" },
	{ "child-first-stop", child_first_stop, "What is the first stop of a caught child?" },
	{ "options-inherited", options_inherited,
		"Do the options pass on to the child, and stay when the parent is left alone?" },
	{ "options-per-tracee", options_per_tracee,
		"Do options that are set for the child change those of its parent?" },
	{ "event-siginfo", event_siginfo,
		"What does PTRACE_GETSIGINFO say in the stop of an event?" },
	{ "vfork-waits-for-child", vfork_waits_for_child,
		"What happens when only the parent of a vfork() is continued?" },
	{ "untraced-flag-cleared", untraced_flag_cleared,
		"Can a child that is born with CLONE_UNTRACED be caught all the same?" },
	{ "exit-message", exit_message, "What does PTRACE_EVENT_EXIT tell beforehand?" },
	{ "first-thread-exits", first_thread_exits,
		"When is the end of a first thread reported that leaves others behind?",
		.cases = "the code of the last thread|the code of the first thread" },
	{ "exit-group-of-threads", exit_group_of_threads, "Who reports an exit_group()?" },
	{ "exec-by-a-thread", exec_by_a_thread,
		"Who reports the exec of a thread that is not the first of its process?" },
	{ "exec-ends-threads", exec_ends_threads, "What becomes of the other threads at an exec?" },
	{ "birth-report-lost", birth_report_lost,
		"Can a birth stay unreported though its option is set?" },
	{ "tracking-table", tracking_table,
		"Is the tracer's own table of who was born complete at the end?" },
};

static const struct lab lab = {
	.id = "05",
	.question = "What can a tracer see of a system call, and what does it miss?",
	.experiments = experiments,
	.count = COUNT(experiments),
	.target = target_mode,
	.target_usage = target_usage,
	.target_options = "feocp-",
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
