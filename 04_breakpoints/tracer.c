/* SPDX-License-Identifier: MIT */
/*
 * Lab 04: what does a breakpoint do to the program it is set in?
 *
 * A breakpoint is an int3 written over an instruction, or an address in a debug register. Either is
 * state of the program, not of the tracer: it is seen, copied, missed and left behind as such. The
 * tracee calls functions of known instructions; the tracer sets breakpoints there and counts.
 *
 * Run:   make lab04, or 04_breakpoints/tracer [SLUG...]
 *        04_breakpoints/tracer -b WHERE -- PROGRAM     breakpoints in a program of your own
 * Basis: ptrace(2); Intel SDM volume 3, "Debug, branch profile, TSC"; kernel/signal.c:
 *        force_sig_info_to_task(); kernel/ptrace.c: exit_ptrace(), ptrace_detach();
 *        arch/x86/kernel/traps.c: do_int3_user(), exc_debug_user(); arch/x86/kernel/ptrace.c:
 *        ptrace_set_debugreg(); arch/x86/kernel/step.c; arch/x86/kernel/hw_breakpoint.c
 */
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "count.h"
#include "proc.h"
#include "regs.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "target.h"
#include "text.h"
#include "tracee.h"

#define OFFSET(register) offsetof(struct user_regs_struct, register)

#define FLAG_TF 0x100UL
#define FLAG_RF 0x10000UL

#define DR6_SLOTS 0xfUL   /* B0 to B3: which debug register's condition was met */
#define DR6_STEP 0x4000UL /* BS: a single step */
#define INT3 0xcc

/* --- helpers ---------------------------------------------------------------------------------- */

/* Go on without a signal. */
static struct stop go_on(pid_t tid, enum __ptrace_request request)
{
	return xresume(request, tid, 0);
}

static struct stop run(pid_t tid)
{
	return go_on(tid, PTRACE_CONT);
}

static struct stop step(pid_t tid)
{
	return go_on(tid, PTRACE_SINGLESTEP);
}

/* A scene that computes, SEIZEd and stopped outside of any system call. */
static struct tracee at_interrupt(const char *scene)
{
	struct tracee tracee = tracee_start(scene);

	wait_told(&tracee, "heartbeat", 1);
	xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	return tracee;
}

static unsigned long get(pid_t tid, size_t offset)
{
	return (unsigned long)xpeek(PTRACE_PEEKUSER, tid, offset);
}

static void set(pid_t tid, size_t offset, unsigned long value)
{
	xptrace(PTRACE_POKEUSER, tid, offset, value);
}

static unsigned char byte_at(pid_t tid, unsigned long address)
{
	return (unsigned char)xpeek(PTRACE_PEEKTEXT, tid, address);
}

static void write_byte(pid_t tid, unsigned long address, unsigned char byte)
{
	unsigned long word = (unsigned long)xpeek(PTRACE_PEEKTEXT, tid, address);

	xptrace(PTRACE_POKETEXT, tid, address, (word & ~0xffUL) | byte);
}

static void write_code(pid_t tid, unsigned long address, const unsigned char *code, size_t length)
{
	for (size_t i = 0; i < length; i++)
		write_byte(tid, address + i, code[i]);
}

/* Write `jmp to` at an address; five bytes. */
static void write_jump(pid_t tid, unsigned long from, unsigned long to)
{
	unsigned char jump[5] = { 0xe9 };
	int distance = (int)(to - (from + sizeof(jump)));

	memcpy(jump + 1, &distance, sizeof(distance));
	write_code(tid, from, jump, sizeof(jump));
}

/* Set slot `slot` of the debug registers to a watch of one thread. */
static void watch_in_slot(
	unsigned slot, pid_t tid, enum watch_kind kind, unsigned length, unsigned long address)
{
	struct watch wanted = {
		.address = address, .kind = kind, .length = length, .enabled = true
	};
	uint64_t dr7 = get(tid, DEBUG_REGISTER(7));

	if (!watch_encode(&dr7, slot, &wanted))
		broken("there is no %s", watch_text(&wanted));
	set(tid, DEBUG_REGISTER(slot), address);
	set(tid, DEBUG_REGISTER(7), dr7);
}

/* The same in slot 0. */
static void watch(pid_t tid, enum watch_kind kind, unsigned length, unsigned long address)
{
	watch_in_slot(0, tid, kind, length, address);
}

/* A breakpoint in slot 0: a watch of execution, which is of one byte. */
static void break_at(pid_t tid, unsigned long address)
{
	watch(tid, WATCH_EXECUTE, 1, address);
}

/* Judge what a thread has in slot 0. */
static void expect_slot_0(pid_t tid, unsigned long address, unsigned long dr7, const char *whose)
{
	expect_address(address, get(tid, DEBUG_REGISTER(0)), "%s: DR0", whose);
	expect_hex(dr7, get(tid, DEBUG_REGISTER(7)), "%s: DR7", whose);
}

/* What DR6 tells of the last #DB. */
static unsigned long dr6(pid_t tid)
{
	return get(tid, DEBUG_REGISTER(6)) & (DR6_SLOTS | DR6_STEP);
}

/* Whether a stop is a debug register's doing. */
static bool by_debug_register(struct stop stop)
{
	return stop.kind == STOP_SIGNAL && stop.detail == SIGTRAP &&
	       xgetsiginfo(stop.tid).si_code == TRAP_HWBKPT;
}

/* Skip where the debug registers are not to be had: a hypervisor or emulator may ignore them, or a
 * kernel profiler hold them. */
static void need_debug_registers(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long nops = (unsigned long)told(&tracee, "nops");

	if (ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(0), nops) == -1 ||
		ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(7), 1L) == -1)
		skip("the kernel gives no debug register: %s", errno_text(errno));
	set(tracee.pid, OFFSET(rip), nops);
	run(tracee.pid);
	if (get(tracee.pid, OFFSET(rip)) != nops)
		skip("debug registers can be set here, and do nothing");
}

/* A SIGTRAP that kills leaves no core: neither a file nor a handler of core(5) is wanted, and a limit
 * of 1 means that too (do_coredump()). */
#define NO_CORE 1

static void no_core(pid_t pid)
{
	if (prlimit(pid, RLIMIT_CORE, &(struct rlimit){ NO_CORE, NO_CORE }, NULL) == -1)
		broken("prlimit: %s", errno_text(errno));
}

/* --- a breakpoint, in four ways ----------------------------------------------------------------- */

enum way { UNTOUCHED, STEPPED, DISPLACED, EMULATED, HARDWARE };

#define PUSH_RBX 0x53

/* A breakpoint on a first instruction of one byte. */
struct breakpoint {
	enum way way;
	unsigned long address;
	unsigned long copy; /* DISPLACED: room for the instruction and a jump */
	unsigned char original;
};

/* Set it, in the memory that the thread shares with others, or in its own debug registers. */
static struct breakpoint set_breakpoint(
	const struct tracee *tracee, enum way way, const char *function)
{
	struct breakpoint breakpoint = {
		.way = way,
		.address = told_place(tracee, function, 4),
		.copy = told_place(tracee, "copy", 32),
	};

	breakpoint.original = byte_at(tracee->pid, breakpoint.address);
	if (way == HARDWARE) {
		break_at(tracee->pid, breakpoint.address);
		return breakpoint;
	}
	if (way == DISPLACED) {
		write_byte(tracee->pid, breakpoint.copy, breakpoint.original);
		write_jump(tracee->pid, breakpoint.copy + 1, breakpoint.address + 1);
	}
	if (way != UNTOUCHED)
		write_byte(tracee->pid, breakpoint.address, INT3);
	return breakpoint;
}

/* Whether a stop is a hit. int3 has been executed when it traps; a debug register traps before. */
static bool is_hit(const struct breakpoint *breakpoint, struct stop stop)
{
	return stop.kind == STOP_SIGNAL && stop.detail == SIGTRAP &&
	       get(stop.tid, OFFSET(rip)) == breakpoint->address + (breakpoint->way != HARDWARE);
}

/* The instruction back in its place: whoever comes by now is not trapped. */
static void open_window(const struct breakpoint *breakpoint, pid_t tid)
{
	write_byte(tid, breakpoint->address, breakpoint->original);
	set(tid, OFFSET(rip), breakpoint->address);
}

static void close_window(const struct breakpoint *breakpoint, pid_t tid)
{
	step(tid);
	write_byte(tid, breakpoint->address, INT3);
}

/* Execute a push of rbx for the tracee, whose rip int3 has left behind it already. */
static void emulate_push(pid_t tid)
{
	unsigned long rsp = get(tid, OFFSET(rsp)) - 8;

	xptrace(PTRACE_POKEDATA, tid, rsp, get(tid, OFFSET(rbx)));
	set(tid, OFFSET(rsp), rsp);
}

/* Bring a thread that hit the breakpoint past the instruction; the caller resumes it. Returns how
 * many stops that took. */
static int pass(const struct breakpoint *breakpoint, pid_t tid)
{
	switch (breakpoint->way) {
	case STEPPED:
		open_window(breakpoint, tid);
		close_window(breakpoint, tid);
		return 1;
	case DISPLACED:
		set(tid, OFFSET(rip), breakpoint->copy);
		return 0;
	case EMULATED:
		emulate_push(tid);
		return 0;
	default:
		return 0; /* the kernel has set RF: the instruction will not trap a second time */
	}
}

/* --- int3 --------------------------------------------------------------------------------------- */

/*
 * What does a tracer see of an int3? Predicted: a signal-delivery-stop for SIGTRAP that says
 * SI_KERNEL and no address, as if nobody knew why; rip is behind the int3, for #BP is a trap, and
 * the kernel does not rewind it (do_int3_user(), do_trap()).
 */
static void int3_code(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long short_trap = told_place(&tracee, "short_trap", 3);

	set(tracee.pid, OFFSET(rip), short_trap);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "the tracee");

	siginfo_t info = xgetsiginfo(tracee.pid);

	expect_eq(SI_KERNEL, info.si_code, "si_code, SI_KERNEL");
	expect_eq(0, (long)info.si_addr, "si_addr");
	expect_address(short_trap + 1, get(tracee.pid, OFFSET(rip)), "rip");
	expect_eq(-1, (long)get(tracee.pid, OFFSET(orig_rax)), "orig_rax");
}

/*
 * And of the two-byte form, int $3? Predicted: the same stop, with rip two bytes on. A tracer that
 * rewinds by one, taking it for its own breakpoint, resumes in the middle: 03 c3, an addition that
 * swallows the ret behind it.
 */
static void long_int3(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long long_trap = told_place(&tracee, "long_trap", 3);
	unsigned long landing = told_place(&tracee, "long_trap_landing", 2);

	set(tracee.pid, OFFSET(rip), long_trap);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "the tracee");
	expect_eq(SI_KERNEL, xgetsiginfo(tracee.pid).si_code, "si_code, SI_KERNEL");
	expect_address(long_trap + 2, get(tracee.pid, OFFSET(rip)), "rip");

	set(tracee.pid, OFFSET(rip), long_trap + 1);
	set(tracee.pid, OFFSET(rax), 1);
	set(tracee.pid, OFFSET(rbx), 41);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "rewound by one: the tracee");
	expect_address(landing + 1, get(tracee.pid, OFFSET(rip)), "rewound by one: rip");
	expect_eq(42, (long)get(tracee.pid, OFFSET(rax)), "rewound by one: rax, 1 + rbx 41");
}

/*
 * And of ICEBP, f1, the trap that is a #DB? Predicted: SIGTRAP with TRAP_BRKPT and the address of
 * the next instruction (exc_debug_user(), get_si_code()), and a DR6 that tells of no cause. Where rip
 * stands is the processor's, or the hypervisor's, to say.
 */
static void icebp(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long ice_trap = told_place(&tracee, "ice_trap", 4);

	step(tracee.pid);
	expect_hex(DR6_STEP, dr6(tracee.pid), "a step before: DR6");
	set(tracee.pid, OFFSET(rip), ice_trap);

	struct stop stop = run(tracee.pid);
	unsigned long rip = get(tracee.pid, OFFSET(rip));

	if (stop.detail == SIGILL) {
		this_case("illegal");
		expect_stop(STOP_SIGNAL, SIGILL, stop, "the tracee");
		expect_address(ice_trap, rip, "rip");
		return;
	}
	this_case(rip == ice_trap ? "rip-at" : "rip-behind");
	expect_stop(STOP_SIGNAL, SIGTRAP, stop, "the tracee");
	expect_eq(TRAP_BRKPT, xgetsiginfo(tracee.pid).si_code, "si_code, TRAP_BRKPT");
	expect_address(rip, (unsigned long)xgetsiginfo(tracee.pid).si_addr, "si_addr");
	expect_address(rip == ice_trap ? ice_trap : ice_trap + 1, rip, "rip");
	expect_hex(0, dr6(tracee.pid), "DR6: slots and step");
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "resumed as it is: the tracee");
	expect_address(rip == ice_trap ? ice_trap : ice_trap + 3, get(tracee.pid, OFFSET(rip)),
		"resumed as it is: rip");
}

/* How a SIGTRAP comes about, for a tracee with its rip at a place of its own. */
struct origin {
	const char *what, *at;
	enum __ptrace_request request;
	int sig, code;
};

static struct stop brought_about(const struct tracee *tracee, const struct origin *origin)
{
	set(tracee->pid, OFFSET(rip), told_place(tracee, origin->at, 9));
	return xresume(origin->request, tracee->pid, origin->sig);
}

/*
 * Can the causes of a SIGTRAP be told apart? Predicted: by si_code, and not quite. int3 says
 * SI_KERNEL, a step TRAP_TRACE, a debug register TRAP_HWBKPT; but a step over a system call says
 * TRAP_BRKPT (user_single_step_report()), and a stop that is a mere ptrace_notify() repeats its
 * own code, 5, which <signal.h> calls TRAP_UNK. The program's own int3 and the tracer's are alike.
 */
static void si_codes(void)
{
	static const struct origin origins[] = {
		{ "its own int3", "short_trap", PTRACE_CONT, 0, SI_KERNEL },
		{ "an int3 that was written", "nops", PTRACE_CONT, 0, SI_KERNEL },
		{ "a step", "the_call", PTRACE_SINGLESTEP, 0, TRAP_TRACE },
		{ "a step over a call", "the_syscall", PTRACE_SINGLESTEP, 0, TRAP_BRKPT },
		{ "a step to a handler", "the_call", PTRACE_SINGLESTEP, SIGUSR1, SIGTRAP },
		{ "a debug register", "repeat", PTRACE_CONT, 0, TRAP_HWBKPT },
	};

	need_debug_registers();
	for (size_t i = 0; i < COUNT(origins); i++) {
		struct tracee tracee = tracee_at_trap("places", 0);

		write_byte(tracee.pid, told_place(&tracee, "nops", 9), INT3);
		break_at(tracee.pid, told_place(&tracee, "repeat", 3));
		expect_hex(0x057f, (unsigned long)brought_about(&tracee, &origins[i]).status,
			"%s: wait status", origins[i].what);
		expect_eq(origins[i].code, xgetsiginfo(tracee.pid).si_code, "%s: si_code",
			origins[i].what);
	}

	struct tracee tracee = at_interrupt("trap-handled");

	syscall(SYS_tgkill, tracee.pid, tracee.pid, SIGTRAP);
	expect_hex(0x057f, (unsigned long)run(tracee.pid).status, "tgkill(SIGTRAP): wait status");
	expect_eq(SI_TKILL, xgetsiginfo(tracee.pid).si_code, "tgkill(SIGTRAP): si_code");
}

/*
 * What does a program do whose tracer forgets to rewind? Predicted: it goes on one byte into the
 * instruction. The 64-bit increment without its prefix is a 32-bit one; a function that did not
 * save what it restores returns to what lay below its return address.
 */
static void rewind_forgotten(void)
{
	static const struct {
		const char *what;
		unsigned long behind; /* where rip goes, from the int3's address */
		long result;
	} cases[] = {
		{ "rewound", 0, 0x200000000 },
		{ "not rewound", 1, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("functions", 0);
		unsigned long widened = told_place(&tracee, "widened", 4);
		unsigned long saver = told_place(&tracee, "saver", 3);

		write_byte(tracee.pid, widened, INT3);
		expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "at widened(): the tracee");
		write_byte(tracee.pid, widened, 0x48);
		set(tracee.pid, OFFSET(rip), widened + cases[i].behind);
		write_byte(tracee.pid, saver, INT3);
		expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "at saver(): the tracee");
		expect_hex((unsigned long)cases[i].result,
			(unsigned long)told(&tracee, "widened(0x1ffffffff)"),
			"%s: widened(0x1ffffffff)", cases[i].what);
		write_byte(tracee.pid, saver, PUSH_RBX);
		set(tracee.pid, OFFSET(rip), saver + cases[i].behind);
		expect_stop(STOP_SIGNAL, i == 0 ? SIGTRAP : SIGSEGV, run(tracee.pid),
			"%s: behind saver(): the tracee", cases[i].what);
		if (i == 1)
			expect_hex(0, get(tracee.pid, OFFSET(rip)), "not rewound: rip");
	}
}

/*
 * What does an int3 do that is not at the start of an instruction? Predicted: in an immediate
 * operand it is a number, and the program computes with it, untrapped. Behind a prefix it traps,
 * as an int3 with that prefix: rip - 1 is then the int3, and not where the instruction starts.
 */
static void off_boundary(void)
{
	struct tracee tracee = tracee_at_trap("functions", 0);
	unsigned long constant = told_place(&tracee, "constant", 5);
	unsigned long widened = told_place(&tracee, "widened", 4);

	write_byte(tracee.pid, constant + 2, INT3);
	write_byte(tracee.pid, widened + 1, INT3);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "behind the prefix: the tracee");
	expect_address(widened + 2, get(tracee.pid, OFFSET(rip)), "behind the prefix: rip");
	write_byte(tracee.pid, widened + 1, 0xff);
	set(tracee.pid, OFFSET(rip), widened + 1);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "to the next gate: the tracee");
	expect_hex(0, (unsigned long)told(&tracee, "widened(0x1ffffffff)"),
		"behind the prefix, rewound by one: widened(0x1ffffffff)");
	expect_hex(0x1122cc44, (unsigned long)told(&tracee, "constant()"),
		"in the number: constant(), which is 0x11223344");
}

/*
 * Whose is the SIGTRAP of a program that traps by itself? Predicted: the program's, if it handles
 * SIGTRAP; a tracer that drops the signal, taking it for a breakpoint, changes what it computes.
 */
static void own_traps(void)
{
	static const struct {
		const char *what;
		int sig;
		long handled;
	} cases[] = { { "dropped", 0, 0 }, { "passed on", SIGTRAP, 3 } };
	struct tracee tracee = tracee_start("own-traps");

	expect_stop(STOP_EXITED, 0, stop_wait(tracee.pid), "untraced: the tracee");
	expect_eq(3, told(&tracee, "handled"), "untraced: signals it handled");
	for (size_t i = 0; i < COUNT(cases); i++) {
		int stops = 0;

		tracee = tracee_at_trap("own-traps", 0);
		for (struct stop stop = { .kind = STOP_SIGNAL }; stop.kind == STOP_SIGNAL; stops++)
			stop = xresume(PTRACE_CONT, tracee.pid, cases[i].sig);
		expect_eq(3, stops, "%s: stops", cases[i].what);
		expect_eq(cases[i].handled, told(&tracee, "handled"), "%s: signals it handled",
			cases[i].what);
	}
}

/* The tracee's disposition of SIGTRAP, as one line. */
static const char *disposition(pid_t pid)
{
	uint64_t trap = SIGNAL_BIT(SIGTRAP);

	return text("blocked %s, ignored %s, caught %s",
		proc_mask(pid, "SigBlk") & trap ? "yes" : "no",
		proc_mask(pid, "SigIgn") & trap ? "yes" : "no",
		proc_mask(pid, "SigCgt") & trap ? "yes" : "no");
}

#define HANDLED "blocked no, ignored no, caught yes"
#define BLOCKED "blocked yes, ignored no, caught yes"
#define IGNORED "blocked no, ignored yes, caught no"
#define DEFAULT "blocked no, ignored no, caught no"

/*
 * Does a breakpoint leave the program's handling of SIGTRAP alone? Predicted: only if SIGTRAP is
 * neither blocked nor ignored. Else force_sig_info_to_task() sets the default action and unblocks
 * it, for good, before the tracer is even asked. Stops that are no forced signal (the entry of a
 * system call) change nothing.
 */
static void disposition_lost(void)
{
	static const struct {
		const char *scene, *at;
		enum __ptrace_request request;
		const char *before, *after;
	} cases[] = {
		{ "trap-handled", "short_trap", PTRACE_CONT, HANDLED, HANDLED },
		{ "trap-blocked", "short_trap", PTRACE_CONT, BLOCKED, DEFAULT },
		{ "trap-ignored", "short_trap", PTRACE_CONT, IGNORED, DEFAULT },
		{ "trap-handled", "nops", PTRACE_SINGLESTEP, HANDLED, HANDLED },
		{ "trap-blocked", "nops", PTRACE_SINGLESTEP, BLOCKED, DEFAULT },
		{ "trap-ignored", "nops", PTRACE_SINGLESTEP, IGNORED, DEFAULT },
		{ "trap-blocked", "the_call", PTRACE_SYSCALL, BLOCKED, BLOCKED },
		{ "trap-ignored", "the_call", PTRACE_SYSCALL, IGNORED, IGNORED },
	};
	long seen = 0;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *how = cases[i].request == PTRACE_CONT         ? "int3"
				  : cases[i].request == PTRACE_SINGLESTEP ? "a step"
									  : "a syscall-stop";
		struct tracee tracee = at_interrupt(cases[i].scene);

		expect_str(cases[i].before, disposition(tracee.pid), "%s", cases[i].scene);
		set(tracee.pid, OFFSET(rip), (unsigned long)told(&tracee, cases[i].at));

		struct stop stop = go_on(tracee.pid, cases[i].request);

		seen += stop.kind == STOP_SYSCALL ||
			(stop.kind == STOP_SIGNAL && stop.detail == SIGTRAP);
		expect_str(cases[i].after, disposition(tracee.pid), "%s, after %s", cases[i].scene,
			how);
	}
	expect_eq((long)COUNT(cases), seen, "of %zu, stopped as they should", COUNT(cases));
}

/*
 * Can a program see a breakpoint in itself? Predicted: int3, by reading its own code, and only
 * while it is there; a debug register not, since nothing is written.
 */
static void checksum(void)
{
	static const struct {
		const char *what;
		enum way way;
		long hits, differs;
	} cases[] = {
		{ "untouched", UNTOUCHED },
		{ "int3", DISPLACED, 1, INT3 - PUSH_RBX },
		{ "hardware", HARDWARE, 1 },
	};
	long sum[COUNT(cases)];

	need_debug_registers();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("checksum", 0);
		struct breakpoint breakpoint = set_breakpoint(&tracee, cases[i].way, "traced");
		struct stop stop;
		long hits = 0;

		while (is_hit(&breakpoint, stop = run(tracee.pid))) {
			hits++;
			pass(&breakpoint, tracee.pid);
		}
		expect_stop(STOP_SIGNAL, SIGTRAP, stop, "%s: at the next gate", cases[i].what);
		sum[i] = told(&tracee, "sum");
		expect_eq(cases[i].hits, hits, "%s: hits", cases[i].what);
		expect_eq(cases[i].differs, sum[i] - sum[0], "%s: the sum of its code differs by",
			cases[i].what);
	}
}

/* --- past a breakpoint ------------------------------------------------------------------------ */

/*
 * What does it take to go past a breakpoint and keep it? Predicted: to put the instruction back and
 * step costs a second stop for each hit. A copy of the instruction elsewhere with a jump back, the
 * instruction done by the tracer, and a debug register cost none. A stop is one context switch of
 * the tracee, into it; and the program computes the same.
 */
static void four_ways(void)
{
	static const struct {
		const char *what;
		enum way way;
		long stops_per_hit;
	} cases[] = {
		{ "untouched", UNTOUCHED },
		{ "restore, step, reinsert", STEPPED, 2 },
		{ "displaced copy", DISPLACED, 1 },
		{ "emulated", EMULATED, 1 },
		{ "debug register", HARDWARE, 1 },
	};

	need_debug_registers();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("calls", 0);
		struct breakpoint breakpoint = set_breakpoint(&tracee, cases[i].way, "traced");
		long hits = 0, stops = 0, switches;
		struct samples cost = { 0 };
		int64_t start;

		switches = proc_number(tracee.pid, "voluntary_ctxt_switches");
		while (start = clock_now_ns(), is_hit(&breakpoint, run(tracee.pid))) {
			hits++;
			stops += 1 + pass(&breakpoint, tracee.pid);
			samples_add(&cost, (double)(clock_now_ns() - start) / 1e3);
		}
		/* The stop at the second gate is the loop's end, and no hit. */
		switches = proc_number(tracee.pid, "voluntary_ctxt_switches") - switches - 1;
		expect_eq(cases[i].way == UNTOUCHED ? 0 : 100, hits, "%s: hits", cases[i].what);
		expect_eq(hits * cases[i].stops_per_hit, stops, "%s: stops", cases[i].what);
		expect_eq(stops, switches, "%s: voluntary context switches", cases[i].what);
		expect_stop(STOP_EXITED, 0, run(tracee.pid), "%s: the tracee", cases[i].what);
		expect_eq(100, told(&tracee, "calls"), "%s: calls", cases[i].what);
		expect_eq(9900, told(&tracee, "sum"), "%s: sum of the results", cases[i].what);
		if (cases[i].way != UNTOUCHED)
			note_live("%s: per hit %s", cases[i].what, samples_text(&cost, "us"));
	}
}

/*
 * Can every instruction be copied and run elsewhere? Predicted: not as it is. One that computes
 * from rip computes from where it is now: the copy's result is off by the distance of the move,
 * and right when the tracer takes the distance out of the displacement.
 */
static void copy_of_rip_relative(void)
{
	static const char *const cases[] = { "copied as it is", "relocated" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("functions", 0);
		unsigned long address_of = told_place(&tracee, "address_of", 8);
		unsigned long copy = told_place(&tracee, "copy", 32);
		unsigned long counter = told_place(&tracee, "traced_calls", 8);
		long moved = (long)(copy - address_of);
		unsigned char lea[7]; /* 48 8d 05, and a displacement of 32 bits */

		for (size_t n = 0; n < sizeof(lea); n++)
			lea[n] = byte_at(tracee.pid, address_of + n);
		if (i == 1) {
			int displacement;

			memcpy(&displacement, lea + 3, sizeof(displacement));
			displacement -= (int)moved;
			memcpy(lea + 3, &displacement, sizeof(displacement));
		}
		write_code(tracee.pid, copy, lea, sizeof(lea));
		write_jump(tracee.pid, copy + sizeof(lea), address_of + sizeof(lea));
		write_byte(tracee.pid, address_of, INT3);
		expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "%s: the tracee", cases[i]);
		set(tracee.pid, OFFSET(rip), copy);
		run(tracee.pid);

		long off = told(&tracee, "address_of()") - (long)counter;

		expect_true(off == (i == 0 ? moved : 0), "%s: the result is off by %s", cases[i],
			i == 0 ? "the distance of the move" : "nothing");
	}
}

/*
 * Does the program notice how a tracer went past its pushf? Predicted: after a step it does, for
 * pushf stores the TF that the step has set; the copy that is not stepped, and the instruction
 * under a debug register (pushf stores RF as 0), leave nothing.
 */
static void stepped_pushf(void)
{
	static const struct {
		const char *what;
		enum way way;
		unsigned long tf;
	} cases[] = {
		{ "restore, step, reinsert", STEPPED, FLAG_TF },
		{ "displaced copy", DISPLACED, 0 },
		{ "debug register", HARDWARE, 0 },
	};

	need_debug_registers();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("functions", 0);
		struct breakpoint breakpoint = set_breakpoint(&tracee, cases[i].way, "flags_of");
		struct stop stop = run(tracee.pid);

		expect_true(is_hit(&breakpoint, stop), "%s: a hit", cases[i].what);
		pass(&breakpoint, tracee.pid);
		run(tracee.pid);
		expect_hex(cases[i].tf, (unsigned long)told(&tracee, "flags") & (FLAG_TF | FLAG_RF),
			"%s: TF and RF, by pushf", cases[i].what);
	}
}

/*
 * What happens to a step when another signal is waiting? Predicted: the signal's stop comes first,
 * with the instruction not executed. A tracer that takes it for the end of the step and puts the
 * int3 back sees the hit a second time after the handler: two hits, one call.
 */
static void signal_in_the_step(void)
{
	struct tracee tracee = tracee_at_trap("signalled", 0);
	struct breakpoint breakpoint = set_breakpoint(&tracee, STEPPED, "traced");
	struct stop stop = run(tracee.pid);
	int hits = is_hit(&breakpoint, stop);

	if (syscall(SYS_tgkill, tracee.pid, tracee.pid, SIGUSR1) == -1)
		broken("tgkill: %s", errno_text(errno));
	open_window(&breakpoint, tracee.pid);
	expect_stop(STOP_SIGNAL, SIGUSR1, step(tracee.pid), "the step");
	expect_address(breakpoint.address, get(tracee.pid, OFFSET(rip)), "rip");
	write_byte(tracee.pid, breakpoint.address, INT3);

	stop = xresume(PTRACE_CONT, tracee.pid, SIGUSR1);
	hits += is_hit(&breakpoint, stop);
	expect_eq(1, told(&tracee, "handled"), "signals handled before the next stop");
	pass(&breakpoint, tracee.pid);
	expect_stop(STOP_EXITED, 0, run(tracee.pid), "the tracee");
	expect_eq(2, hits, "hits");
	expect_eq(1, told(&tracee, "calls"), "calls");
}

/* --- two threads -------------------------------------------------------------------------------- */

/* A scene of two threads, both SEIZEd, and a breakpoint that the first one has hit. */
struct pair {
	struct tracee tracee;
	pid_t other;
	struct breakpoint breakpoint;
};

static struct pair first_at_hit(enum way way)
{
	struct pair pair = { .tracee = tracee_start("two-threads") };
	pid_t first = pair.tracee.pid;

	pair.other = (pid_t)told(&pair.tracee, "other");
	role_pid("other thread", pair.other);
	xptrace(PTRACE_SEIZE, first, 0L, 0L);
	xptrace(PTRACE_SEIZE, pair.other, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, pair.other, 0L, 0L);
	stop_wait(pair.other);
	if (way == HARDWARE)
		break_at(pair.other, (unsigned long)told(&pair.tracee, "traced"));
	xptrace(PTRACE_INTERRUPT, first, 0L, 0L);
	stop_wait(first);
	pair.breakpoint = set_breakpoint(&pair.tracee, way, "traced");
	xptrace(PTRACE_CONT, pair.other, 0L, 0L);
	*told_slot(&pair.tracee, "first go") = 1;

	struct stop stop = run(first);

	if (!is_hit(&pair.breakpoint, stop))
		broken("%s instead of the first thread's hit", stop_text(stop));
	return pair;
}

/* Let the other thread call traced() `calls` times; returns how many hits were reported of it. */
static long hits_of_other(struct pair *pair, long calls)
{
	atomic_long *done = told_slot(&pair->tracee, "other done");
	long goal = *done + calls, hits = 0;

	waiting_for("the other thread's calls");
	*told_slot(&pair->tracee, "other go") = goal;
	while (*done < goal) {
		struct stop stop = stop_poll(pair->other);

		if (stop.kind == STOP_NONE) {
			sched_yield();
			continue;
		}
		if (!is_hit(&pair->breakpoint, stop))
			broken("the other thread: %s", stop_text(stop));
		hits++;
		pass(&pair->breakpoint, pair->other);
		xptrace(PTRACE_CONT, pair->other, 0L, 0L);
	}
	waiting_for(NULL);
	return hits;
}

/*
 * What do other threads do while one is brought past a breakpoint? Predicted: with the instruction
 * put back for a step, they run through it and are not counted. Held in that window, one thread
 * lets the other pass as often as it likes. A displaced copy, or a debug register in each thread,
 * has no window.
 */
static void step_window(void)
{
	enum { PASSES = 100 };
	static const struct {
		const char *what;
		enum way way;
		long hits;
	} cases[] = {
		{ "instruction put back", STEPPED, 0 },
		{ "displaced copy", DISPLACED, PASSES },
		{ "debug registers", HARDWARE, PASSES },
	};

	need_debug_registers();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pair pair = first_at_hit(cases[i].way);
		pid_t first = pair.tracee.pid;

		if (cases[i].way == STEPPED)
			open_window(&pair.breakpoint, first);
		else
			pass(&pair.breakpoint, first);
		expect_eq(cases[i].hits, hits_of_other(&pair, PASSES),
			"%s, one thread held: hits in %d passes of the other", cases[i].what,
			PASSES);
		if (cases[i].way == STEPPED)
			close_window(&pair.breakpoint, first);
		xptrace(PTRACE_CONT, first, 0L, 0L);
		wait_told(&pair.tracee, "first done", 1);
		expect_eq(PASSES, hits_of_other(&pair, PASSES),
			"%s, then: hits in %d passes of the other", cases[i].what, PASSES);
	}
}

/*
 * What does it take to step and miss nobody? Predicted: to stop the other threads before the
 * instruction is put back. Then the other makes no pass in the window, and every one afterwards is
 * a hit; the price is a stop for each other thread at each hit.
 */
static void others_stopped(void)
{
	enum { PASSES = 100 };
	struct pair pair = first_at_hit(STEPPED);
	pid_t first = pair.tracee.pid;

	xptrace(PTRACE_INTERRUPT, pair.other, 0L, 0L);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(pair.other), "the other thread");
	*told_slot(&pair.tracee, "other go") = PASSES;
	open_window(&pair.breakpoint, first);
	close_window(&pair.breakpoint, first);
	xptrace(PTRACE_CONT, first, 0L, 0L);
	wait_told(&pair.tracee, "first done", 1);
	expect_eq(0, told(&pair.tracee, "other done"), "passes of the other thread meanwhile");
	xptrace(PTRACE_CONT, pair.other, 0L, 0L);
	expect_eq(PASSES, hits_of_other(&pair, PASSES), "hits in its %d passes afterwards", PASSES);
}

/*
 * Can a hit be reported of a breakpoint that is no longer there? Predicted: yes. The other thread
 * has trapped, nobody has waited for it, and the int3 is removed: the report comes all the same,
 * one byte behind an instruction that shows no sign of it. Only the tracer's memory tells.
 */
static void late_hit(void)
{
	struct pair pair = first_at_hit(STEPPED);
	pid_t first = pair.tracee.pid;
	unsigned long traced = pair.breakpoint.address;

	*told_slot(&pair.tracee, "other go") = 1;
	proc_wait_state(pair.other, "t");
	open_window(&pair.breakpoint, first);
	xptrace(PTRACE_CONT, first, 0L, 0L);
	wait_told(&pair.tracee, "first done", 1);

	expect_stop(STOP_SIGNAL, SIGTRAP, stop_wait(pair.other), "the other thread, afterwards");
	expect_address(traced + 1, get(pair.other, OFFSET(rip)), "its rip");
	expect_hex(PUSH_RBX, byte_at(pair.other, traced), "the byte before it, push %%rbx");
	set(pair.other, OFFSET(rip), traced);
	xptrace(PTRACE_CONT, pair.other, 0L, 0L);
	expect_eq(1, wait_told(&pair.tracee, "other done", 1), "rewound: its calls");
}

/* --- conditions ----------------------------------------------------------------------------------- */

/* How often a program stops on ten calls, until it ends. */
static long stops_until_end(
	const struct tracee *tracee, unsigned long address, unsigned long copy, long *hits_true)
{
	long stops = 0;

	for (;;) {
		struct stop stop = run(tracee->pid);

		if (stop.kind != STOP_SIGNAL) {
			expect_stop(STOP_EXITED, 0, stop, "the tracee");
			return stops;
		}
		stops++;
		*hits_true += get(tracee->pid, OFFSET(rdi)) == 5;
		if (get(tracee->pid, OFFSET(rip)) == address + 1)
			set(tracee->pid, OFFSET(rip), copy);
	}
}

/*
 * What does a condition that is false cost? Predicted: a full stop, when the tracer tests it: ten
 * calls, ten stops, one true. Nothing but a comparison, when the test is compiled into the tracee
 * and the int3 stands behind it: one stop.
 */
static void condition(void)
{
	/* cmp $5, %rdi; jne behind the int3; int3; then mov $1000, %eax and the jump back */
	static const unsigned char test[] = { 0x48, 0x83, 0xff, 5, 0x75, 1, INT3 };
	enum { MOV_LENGTH = 5 };
	static const struct {
		const char *what;
		bool compiled;
		long stops;
	} cases[] = { { "in the tracer", false, 10 }, { "in the tracee", true, 1 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("ten-calls", 0);
		unsigned long tested = told_place(&tracee, "tested", 8),
			      copy = told_place(&tracee, "copy", 32);
		unsigned long moved = copy + (cases[i].compiled ? sizeof(test) : 0);
		long hits_true = 0;

		if (cases[i].compiled)
			write_code(tracee.pid, copy, test, sizeof(test));
		for (unsigned n = 0; n < MOV_LENGTH; n++)
			write_byte(tracee.pid, moved + n, byte_at(tracee.pid, tested + n));
		write_jump(tracee.pid, moved + MOV_LENGTH, tested + MOV_LENGTH);
		if (cases[i].compiled)
			write_jump(tracee.pid, tested, copy);
		else
			write_byte(tracee.pid, tested, INT3);
		expect_eq(cases[i].stops, stops_until_end(&tracee, tested, copy, &hits_true),
			"tested %s: stops in ten calls", cases[i].what);
		expect_eq(1, hits_true, "tested %s: true", cases[i].what);
		expect_eq(10045, told(&tracee, "sum"), "tested %s: sum of the results",
			cases[i].what);
	}
}

/* --- who inherits ------------------------------------------------------------------------------- */

/*
 * What of int3 does a forked child get? Predicted: a copy of the text, int3 included, and no
 * tracer: SIGTRAP kills it. With PTRACE_O_TRACEFORK the tracer meets the child before it runs and
 * can clean its copy; the parent's is another.
 */
static void fork_int3(void)
{
	struct tracee tracee = tracee_at_trap("forks", 0);
	struct breakpoint breakpoint = set_breakpoint(&tracee, DISPLACED, "traced");
	struct stop stop;
	unsigned long child;

	no_core(tracee.pid);
	while ((stop = run(tracee.pid)).detail == SIGCHLD)
		;
	expect_true(is_hit(&breakpoint, stop), "untraced child: a hit of the parent, afterwards");
	expect_stop(STOP_KILLED, SIGTRAP, stop_decode((int)told(&tracee, "child status")),
		"untraced child");

	tracee = tracee_at_trap("forks", PTRACE_O_TRACEFORK);
	breakpoint = set_breakpoint(&tracee, DISPLACED, "traced");
	expect_stop(
		STOP_EVENT, PTRACE_EVENT_FORK, run(tracee.pid), "PTRACE_O_TRACEFORK: the parent");
	xptrace(PTRACE_GETEVENTMSG, tracee.pid, 0L, &child);
	stop_wait((pid_t)child);
	expect_hex(INT3, byte_at((pid_t)child, breakpoint.address), "the child's byte");
	write_byte((pid_t)child, breakpoint.address, breakpoint.original);
	expect_hex(INT3, byte_at(tracee.pid, breakpoint.address),
		"the child's byte put back: the parent's");
	xptrace(PTRACE_DETACH, (long)child, 0L, 0L);
	while ((stop = run(tracee.pid)).detail == SIGCHLD)
		;
	expect_true(is_hit(&breakpoint, stop), "a hit of the parent, afterwards");
	expect_stop(STOP_EXITED, 0, stop_decode((int)told(&tracee, "child status")), "the child");
}

/*
 * And a vfork()ed child? Predicted: the text itself. Untraced, it dies like a forked one; and what
 * the tracer puts back for the child is put back for the parent too, whose hits are then lost.
 */
static void vfork_int3(void)
{
	struct tracee tracee = tracee_at_trap("vforks", 0);
	struct breakpoint breakpoint = set_breakpoint(&tracee, DISPLACED, "traced");
	struct stop stop;
	unsigned long child;

	no_core(tracee.pid);
	while ((stop = run(tracee.pid)).detail == SIGCHLD)
		;
	expect_true(is_hit(&breakpoint, stop), "untraced child: a hit of the parent, afterwards");
	expect_stop(STOP_KILLED, SIGTRAP, stop_decode((int)told(&tracee, "child status")),
		"untraced child");

	tracee = tracee_at_trap("vforks", PTRACE_O_TRACEVFORK);
	breakpoint = set_breakpoint(&tracee, DISPLACED, "traced");
	expect_stop(
		STOP_EVENT, PTRACE_EVENT_VFORK, run(tracee.pid), "PTRACE_O_TRACEVFORK: the parent");
	xptrace(PTRACE_GETEVENTMSG, tracee.pid, 0L, &child);
	stop_wait((pid_t)child);
	write_byte((pid_t)child, breakpoint.address, breakpoint.original);
	expect_hex(breakpoint.original, byte_at(tracee.pid, breakpoint.address),
		"the child's byte put back: the parent's");
	xptrace(PTRACE_DETACH, (long)child, 0L, 0L);
	while ((stop = run(tracee.pid)).detail == SIGCHLD)
		;
	expect_stop(STOP_EXITED, 0, stop, "the parent, without a hit");
	expect_stop(STOP_EXITED, 0, stop_decode((int)told(&tracee, "child status")), "the child");
}

/*
 * And a new thread? Predicted: it shares the text, and not the tracer. Unless PTRACE_O_TRACECLONE
 * attaches it, its hit is a SIGTRAP of nobody's, which kills the whole process; attached, its hit is
 * reported like the first thread's.
 */
static void thread_int3(void)
{
	struct tracee tracee = tracee_at_trap("clones", 0);
	struct breakpoint breakpoint;
	unsigned long thread;

	set_breakpoint(&tracee, DISPLACED, "traced");
	no_core(tracee.pid);
	expect_stop(STOP_KILLED, SIGTRAP, run(tracee.pid), "thread not attached: the process");

	tracee = tracee_at_trap("clones", PTRACE_O_TRACECLONE);
	breakpoint = set_breakpoint(&tracee, DISPLACED, "traced");
	expect_stop(STOP_EVENT, PTRACE_EVENT_CLONE, run(tracee.pid), "PTRACE_O_TRACECLONE");
	xptrace(PTRACE_GETEVENTMSG, tracee.pid, 0L, &thread);
	xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
	stop_wait((pid_t)thread);
	expect_true(is_hit(&breakpoint, run((pid_t)thread)), "a hit of the thread");
	pass(&breakpoint, (pid_t)thread);
	xptrace(PTRACE_CONT, (long)thread, 0L, 0L);
	expect_stop(STOP_EXITED, 0, stop_wait((pid_t)thread), "the thread");
	expect_true(is_hit(&breakpoint, stop_wait(tracee.pid)), "a hit of the first thread");
	pass(&breakpoint, tracee.pid);
	expect_stop(STOP_EXITED, 0, run(tracee.pid), "the process");
	expect_eq(2, told(&tracee, "calls"), "calls");
}

/*
 * What of debug registers do a forked child and a new thread get? Predicted: nothing that works:
 * copy_thread() clears the breakpoints of a new task. DR0 reads as 0 there; but DR7 reads as the
 * parent's, because the word that PEEKUSER gives is copied with the rest.
 */
static void debug_registers_of_children(void)
{
	static const struct {
		const char *scene;
		unsigned long option;
	} cases[] = {
		{ "forks", PTRACE_O_TRACEFORK },
		{ "vforks", PTRACE_O_TRACEVFORK },
		{ "clones", PTRACE_O_TRACECLONE },
	};

	need_debug_registers();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap(cases[i].scene, cases[i].option);
		struct breakpoint breakpoint = set_breakpoint(&tracee, HARDWARE, "traced");
		unsigned long task;
		struct stop stop;

		run(tracee.pid);
		xptrace(PTRACE_GETEVENTMSG, tracee.pid, 0L, &task);
		stop_wait((pid_t)task);
		expect_slot_0(tracee.pid, breakpoint.address, 1,
			text("%s, the old task", cases[i].scene));
		expect_slot_0((pid_t)task, 0, 1, text("%s, the new task", cases[i].scene));
		xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
		expect_stop(STOP_EXITED, 0, run((pid_t)task), "%s: the new task, without a hit",
			cases[i].scene);
		while ((stop = stop_wait(tracee.pid)).detail == SIGCHLD)
			xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
		expect_true(is_hit(&breakpoint, stop), "%s: then a hit of the old task",
			cases[i].scene);
	}
}

/*
 * What survives an exec? Predicted: neither. The new image is mapped from the file, where no int3
 * is; flush_thread() clears the debug registers.
 */
static void exec_clears(void)
{
	static const struct {
		const char *what;
		enum way way;
		unsigned long dr7;
	} cases[] = { { "int3", DISPLACED }, { "debug register", HARDWARE, 1 } };

	need_debug_registers();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("execs", 0);

		struct breakpoint breakpoint = set_breakpoint(&tracee, cases[i].way, "traced");

		xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, (long)PTRACE_O_TRACEEXEC);
		expect_slot_0(tracee.pid, cases[i].way == HARDWARE ? breakpoint.address : 0,
			cases[i].dr7, text("%s, before", cases[i].what));
		expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, run(tracee.pid), "%s: the tracee",
			cases[i].what);
		expect_slot_0(tracee.pid, 0, 0, cases[i].what);
		expect_stop(STOP_EXITED, 0, run(tracee.pid),
			"%s: the new image, which calls the function", cases[i].what);
	}
}

/* --- what stays behind -------------------------------------------------------------------------- */

enum trace_left { NOTHING, INT3_LEFT, WATCH_LEFT, STEP_LEFT, HIT_LEFT };

/* A tracer that sets something up and goes: a helper process, not the tracee's parent. Its exit code
 * says whether it was the tracer until then. */
static void set_up_and_go(const struct tracee *tracee, enum trace_left left, bool detach)
{
	pid_t pid = tracee->pid;
	unsigned long traced = (unsigned long)told(tracee, "traced");

	xptrace(PTRACE_SEIZE, pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, pid, 0L, 0L);
	stop_wait(pid);
	if (left == INT3_LEFT || left == HIT_LEFT)
		write_byte(pid, traced, INT3);
	if (left == WATCH_LEFT)
		break_at(pid, traced);
	if (left == STEP_LEFT)
		step(pid);
	if (left == HIT_LEFT) {
		*told_slot(tracee, "go") = 1;
		run(pid);
		write_byte(pid, traced, PUSH_RBX);
		set(pid, OFFSET(rip), traced);
	}
	if (detach)
		xptrace(PTRACE_DETACH, pid, 0L, 0L);
	_exit(proc_number(pid, "TracerPid") == getpid());
}

/*
 * What do a PTRACE_DETACH and a tracer's end leave in the program? Predicted: both leave int3 and
 * debug registers, and the next hit kills: SIGTRAP, and nobody to take it. DETACH stops the
 * stepping, ptrace_disable(); a tracer that ends in the stop after a step does not, because
 * exit_ptrace() never calls that: TF stays set, and the next instruction kills.
 */
static void left_behind(void)
{
	static const struct {
		const char *what;
		enum trace_left left;
		bool detached_lives, orphaned_lives;
	} cases[] = {
		{ "nothing", NOTHING, true, true },
		{ "an int3", INT3_LEFT, false, false },
		{ "a debug register", WATCH_LEFT, false, false },
		{ "the stop after a step", STEP_LEFT, true, false },
		{ "a hit, put right", HIT_LEFT, true, true },
	};

	long detached = 0, orphaned = 0;

	need_debug_registers();
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		bool detach = i % 2 == 0;
		bool lives = detach ? cases[i / 2].detached_lives : cases[i / 2].orphaned_lives;
		struct tracee tracee = tracee_start("waits");
		pid_t helper;

		no_core(tracee.pid);
		wait_told(&tracee, "heartbeat", 1);
		helper = fork_helper();
		if (helper == 0)
			set_up_and_go(&tracee, cases[i / 2].left, detach);
		if (stop_wait(helper).detail == 0)
			detached += detach;
		else
			orphaned += !detach;
		*told_slot(&tracee, "go") = 1;
		expect_stop(lives ? STOP_EXITED : STOP_KILLED, lives ? 0 : SIGTRAP,
			stop_wait(tracee.pid), "%s, %s: the program", cases[i / 2].what,
			detach ? "DETACH" : "the tracer ends");
	}
	expect_always(detached, COUNT(cases), "DETACH: at its end it was no tracer any more");
	expect_always(orphaned, COUNT(cases), "the tracer ends: it was one until then");
}

/* --- debug registers ------------------------------------------------------------------------------ */

/*
 * On which side of the instruction does a debug register stop? Predicted: an execution breakpoint
 * before it, a fault, with RF set in the saved flags so that the instruction is not stopped at
 * again; without RF it is, for ever. A data watch after it, a trap.
 */
static void before_or_after(void)
{
	need_debug_registers();

	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long nops = told_place(&tracee, "nops", 10),
		      buffer = told_place(&tracee, "buffer", 64);
	unsigned long store_8_end = told_place(&tracee, "store_8_end", 1);
	long again = 0;

	break_at(tracee.pid, nops + 2);
	set(tracee.pid, OFFSET(rip), nops);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "execution: the tracee");
	expect_address(nops + 2, get(tracee.pid, OFFSET(rip)), "execution: rip");
	expect_address(
		nops + 2, (unsigned long)xgetsiginfo(tracee.pid).si_addr, "execution: si_addr");
	expect_hex(FLAG_RF, get(tracee.pid, OFFSET(eflags)) & FLAG_RF, "execution: RF");
	for (int i = 0; i < 10; i++) {
		set(tracee.pid, OFFSET(eflags), get(tracee.pid, OFFSET(eflags)) & ~FLAG_RF);
		again += by_debug_register(run(tracee.pid)) &&
			 get(tracee.pid, OFFSET(rip)) == nops + 2;
	}
	expect_always(again, 10, "RF cleared: it stops at the same place again");
	run(tracee.pid);
	expect_address(nops + 9, get(tracee.pid, OFFSET(rip)), "RF left alone: rip");

	watch(tracee.pid, WATCH_WRITE, 8, buffer);
	set(tracee.pid, OFFSET(rip), (unsigned long)told(&tracee, "store_8"));
	set(tracee.pid, OFFSET(rdi), buffer);
	set(tracee.pid, OFFSET(rax), 42);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "write: the tracee");
	expect_address(store_8_end, get(tracee.pid, OFFSET(rip)), "write: rip");
	expect_address(
		store_8_end, (unsigned long)xgetsiginfo(tracee.pid).si_addr, "write: si_addr");
	expect_eq(42, xpeek(PTRACE_PEEKDATA, tracee.pid, buffer), "write: what is in memory");
}

/*
 * Which accesses does a watch stop at? Predicted: x86 can watch writes, or reads and writes, not
 * reads alone; fetching an instruction is neither. A write of the value that is there counts.
 */
static void watch_kinds(void)
{
	static const struct {
		const char *what;
		enum watch_kind kind;
		const char *at, *of;
		bool stops;
	} cases[] = {
		{ "write watch, write", WATCH_WRITE, "store_8", "buffer", true },
		{ "write watch, read", WATCH_WRITE, "load_8", "buffer", false },
		{ "read-write watch, write", WATCH_READ_WRITE, "store_8", "buffer", true },
		{ "read-write watch, read", WATCH_READ_WRITE, "load_8", "buffer", true },
		{ "read-write watch, execution", WATCH_READ_WRITE, "nops", "nops", false },
	};

	need_debug_registers();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("places", 0);
		unsigned long target = (unsigned long)told(&tracee, cases[i].of);

		watch(tracee.pid, cases[i].kind, 8, target);
		set(tracee.pid, OFFSET(rip), (unsigned long)told(&tracee, cases[i].at));
		set(tracee.pid, OFFSET(rdi), target);
		set(tracee.pid, OFFSET(rax), /* what is there already */
			(unsigned long)xpeek(PTRACE_PEEKDATA, tracee.pid, target));

		struct stop stop = run(tracee.pid);

		expect_stop(STOP_SIGNAL, SIGTRAP, stop, "%s", cases[i].what);
		expect_eq(cases[i].stops ? TRAP_HWBKPT : SI_KERNEL, xgetsiginfo(tracee.pid).si_code,
			"%s: si_code, %s", cases[i].what,
			cases[i].stops ? "the watch" : "the int3 behind it");
	}
}

/* Whether a write of `size` bytes at an address stops at a debug register, not at the int3 behind. */
static bool write_stops(const struct tracee *tracee, unsigned size, unsigned long address)
{
	set(tracee->pid, OFFSET(rip), (unsigned long)told(tracee, text("store_%u", size)));
	set(tracee->pid, OFFSET(rdi), address);
	return by_debug_register(run(tracee->pid));
}

/*
 * How much does a watch cover? Predicted: its length, and it stops at any write that touches one
 * byte of it, aligned or not: an eight-byte write that begins seven bytes before it too. An
 * emulator may, once a watch has stopped, stop at unaligned writes behind it as well.
 */
static void watch_lengths(void)
{
	static const unsigned lengths[] = { 1, 2, 4, 8 };
	enum { AT = 16, END = 40, UNALIGNED /* 41, behind all of it */ };

	need_debug_registers();

	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long buffer = told_place(&tracee, "buffer", 64);

	watch(tracee.pid, WATCH_WRITE, 8, buffer + AT);
	write_stops(&tracee, 8, buffer + AT);

	bool overreach = write_stops(&tracee, 8, buffer + UNALIGNED);

	this_case(overreach ? "overreach" : "exact");
	for (size_t w = 0; w < COUNT(lengths); w++) {
		long touching = 0, stopped = 0, others = 0, astray = 0;

		watch(tracee.pid, WATCH_WRITE, lengths[w], buffer + AT);
		for (unsigned n = 0; n < 4 * END; n++) {
			unsigned size = lengths[n % 4], offset = n / 4;
			bool stops = write_stops(&tracee, size, buffer + offset);

			if (offset < AT + lengths[w] && offset + size > AT) {
				touching++;
				stopped += stops;
			} else if (!overreach || offset % size == 0) {
				others++;
				astray += stops;
			}
		}
		expect_always(
			stopped, touching, "watch of %u: writes that touch it stop", lengths[w]);
		expect_never(astray, others, "watch of %u: other writes stop", lengths[w]);
	}
}

/*
 * Which writes does a write watch miss? Predicted: those that another task, another address or the
 * kernel makes. The debug registers belong to one thread and compare linear addresses; a trap in
 * the kernel, as in read(2), is dropped (ptrace_breakpoint_init() sets exclude_kernel);
 * PTRACE_POKEDATA is written by the tracer, through a mapping of the kernel's own.
 */
static void watch_misses(void)
{
	static const struct {
		const char *what;
		bool caught;
		long value;
	} cases[] = {
		{ "its own write", true, 1 },
		{ "its own write of the same value", true, 1 },
		{ "its own write through a second mapping", false, 2 },
		{ "read(2)", false, 3 },
		{ "a write by another thread", false, 4 },
	};

	need_debug_registers();

	struct tracee tracee = tracee_at_trap("watched", 0);
	unsigned long watched = told_place(&tracee, "watched", 8);

	watch(tracee.pid, WATCH_WRITE, 8, watched);
	for (size_t i = 0; i < COUNT(cases); i++) {
		set(tracee.pid, DEBUG_REGISTER(6), 0);

		bool caught = by_debug_register(run(tracee.pid));
		unsigned long slots = get(tracee.pid, DEBUG_REGISTER(6)) & DR6_SLOTS;

		if (caught)
			run(tracee.pid);
		expect_true(caught == cases[i].caught, "%s is %s", cases[i].what,
			cases[i].caught ? "caught" : "missed");
		expect_hex(cases[i].caught, slots, "%s: slots in DR6", cases[i].what);
		expect_eq(cases[i].value, xpeek(PTRACE_PEEKDATA, tracee.pid, watched),
			"%s: the value then", cases[i].what);
	}
	xptrace(PTRACE_POKEDATA, tracee.pid, watched, 5L);
	expect_stop(STOP_EXITED, 0, run(tracee.pid), "PTRACE_POKEDATA is missed: the tracee");
	expect_eq(5, told(&tracee, "value"), "PTRACE_POKEDATA: the value, as the tracee sees it");
}

/* A perf event that counts the writes to eight bytes of a process, those of the kernel too or not.
 * -1 with errno; skips where perf is refused altogether. */
static int perf_watch(pid_t pid, unsigned long address, bool exclude_kernel)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_W,
		.bp_addr = address,
		.bp_len = HW_BREAKPOINT_LEN_8,
		.exclude_kernel = exclude_kernel,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd == -1 && (errno == EACCES || errno == EPERM || errno == ENOSYS))
		skip("perf_event_open is refused: %s (perf_event_paranoid, seccomp?)",
			errno_text(errno));
	return fd;
}

static long perf_count(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		broken("read of a perf event: %s", errno_text(errno));
	return (long)count;
}

/*
 * Does the kernel's write raise the trap that ptrace does not report? Predicted: yes. A debug
 * register does not know modes; who set it decides whether the kernel's accesses count. A perf
 * event that includes the kernel counts the write of read(2), one that excludes it does not.
 */
static void kernel_writes(void)
{
	need_debug_registers();
	for (int exclude = 0; exclude <= 1; exclude++) {
		const char *what = exclude ? "kernel excluded" : "kernel included";
		struct tracee tracee = tracee_at_trap("watched", 0);
		int fd = perf_watch(tracee.pid, told_place(&tracee, "watched", 8), exclude);

		if (fd == -1)
			broken("perf_event_open: %s", errno_text(errno));
		for (int gate = 0; gate < 3; gate++) /* two own writes, one through the alias */
			run(tracee.pid);

		long own = perf_count(fd);

		expect_eq(2, own, "%s: counted of its own two writes", what);
		expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "%s: behind read(2)", what);
		expect_eq(3, xpeek(PTRACE_PEEKDATA, tracee.pid, told(&tracee, "watched")),
			"%s: the value read", what);
		if (exclude)
			expect_eq(0, perf_count(fd) - own, "%s: counted of read(2)", what);
		else
			expect_ge(1, perf_count(fd) - own, "%s: counted of read(2)", what);
	}
}

/*
 * What does DR6 tell? Predicted: which slots' conditions the last #DB met, all of them, and whether
 * it was a step. It is written at each #DB (exc_debug_user()) and at no other stop, so after an int3
 * it still tells of the #DB before.
 */
static void dr6_tells(void)
{
	need_debug_registers();

	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long buffer = told_place(&tracee, "buffer", 64),
		      nops = told_place(&tracee, "nops", 10);
	struct stop stop;

	for (unsigned slot = 0; slot < 4; slot++)
		watch_in_slot(
			slot, tracee.pid, WATCH_WRITE, 8, buffer + 8UL * (slot == 3 ? 2 : slot));
	for (unsigned n = 0; n < 3; n++) {
		set(tracee.pid, OFFSET(rip), (unsigned long)told(&tracee, "store_8"));
		set(tracee.pid, OFFSET(rdi), buffer + 8UL * n);
		expect_true(by_debug_register(run(tracee.pid)), "a write watched by slot %s stops",
			n == 2 ? "2 and by slot 3" : text("%u", n));

		unsigned long seen = dr6(tracee.pid);
		bool both = seen == 0xc;

		if (n == 2)
			this_case(both ? "every-slot" : "one-slot");
		expect_hex(n == 2 && both ? 0xc : 1UL << n, seen, "DR6");
	}
	set(tracee.pid, OFFSET(rip), nops);
	step(tracee.pid);
	expect_hex(DR6_STEP, dr6(tracee.pid), "a step: DR6");
	stop = run(tracee.pid);
	expect_eq(SI_KERNEL, xgetsiginfo(stop.tid).si_code, "an int3: si_code");
	expect_hex(DR6_STEP, dr6(tracee.pid), "an int3: DR6, of before");
}

/* DR7 with a kind and length of the processor's own coding in slot 0, enabled. */
#define RAW_SLOT_0(kind, length) (1UL | (kind) << 16 | (length) << 18)

/*
 * What does the kernel refuse to put into a debug register? Predicted: addresses that are not the
 * program's, lengths that do not fit the address, an execution breakpoint longer than one byte, the
 * kind for I/O ports (EINVAL; arch_build_bp_info(), hw_breakpoint_arch_parse()), and DR4 and DR5,
 * which do not exist (EIO). An address where nothing is mapped is as good as another.
 */
static void debug_register_errors(void)
{
	static const struct {
		const char *what;
		unsigned long dr7;
		int dr7_error, dr0_error;
		long offset; /* added to the address of the buffer, unless there is an address */
		unsigned long address;
	} cases[] = {
		{ "a variable, write of 8", RAW_SLOT_0(1UL, 2UL) },
		{ "an address of the kernel", .address = 0xffffffff81000000, .dr0_error = EINVAL },
		{ "a non-canonical address", .address = 1UL << 62, .dr0_error = EINVAL },
		{ "an unmapped address, execution", RAW_SLOT_0(0UL, 0UL), .address = 0x1000 },
		{ "DR0 never set, write of 1", RAW_SLOT_0(1UL, 0UL), .offset = -1 },
		{ "write of 2 at an odd address", RAW_SLOT_0(1UL, 1UL), EINVAL, .offset = 1 },
		{ "write of 8 at a multiple of 4", RAW_SLOT_0(1UL, 2UL), EINVAL,
			.offset = sizeof(int) },
		{ "execution of length 4", RAW_SLOT_0(0UL, 3UL), EINVAL },
		{ "the kind for I/O ports", RAW_SLOT_0(2UL, 0UL), EINVAL },
	};

	need_debug_registers();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("places", 0);
		unsigned long address = cases[i].address;

		if (address == 0)
			address =
				told_place(&tracee, "buffer", 64) + (unsigned long)cases[i].offset;
		if (cases[i].offset != -1)
			expect_errno(cases[i].dr0_error,
				ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(0), address),
				"%s: DR0", cases[i].what);
		if (cases[i].dr7 == 0)
			continue;
		expect_errno(cases[i].dr7_error,
			ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(7), cases[i].dr7),
			"%s: DR7", cases[i].what);
		expect_hex(cases[i].dr7_error == 0 ? cases[i].dr7 : 0,
			get(tracee.pid, DEBUG_REGISTER(7)), "%s: DR7 reads", cases[i].what);
	}

	struct tracee tracee = tracee_at_trap("places", 0);

	for (int n = 4; n <= 5; n++)
		expect_errno(
			EIO, ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(n), 0), "DR%d", n);
}

/*
 * Are there four debug registers for ptrace? Predicted: four for ptrace and perf together
 * (reserve_bp_slot()). What perf has taken on the task fails here, with ENOSPC; what is taken here
 * fails there; and the holder need not be a tracer.
 */
static void shared_with_perf(void)
{
	need_debug_registers();

	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long buffer = told_place(&tracee, "buffer", 64);
	int fd[4];

	for (int i = 0; i < 4; i++) {
		fd[i] = perf_watch(tracee.pid, buffer + 8UL * (unsigned)i, true);
		expect_errno(0, fd[i], "perf takes a breakpoint, number %d", i + 1);
	}
	for (unsigned n = 0; n < 4; n++)
		expect_errno(ENOSPC, ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(n), buffer),
			"DR%u, then", n);
	close(fd[3]);
	expect_errno(0, ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(0), buffer),
		"DR0, one given back");
	expect_errno(ENOSPC, perf_watch(tracee.pid, buffer, true),
		"perf takes a breakpoint, number 4 again");
	for (unsigned n = 1; n < 4; n++)
		expect_errno(ENOSPC, ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(n), buffer),
			"DR%u, too", n);
	watch(tracee.pid, WATCH_WRITE, 8, buffer + 32);
	for (unsigned i = 0; i < 2; i++) {
		set(tracee.pid, OFFSET(rip), (unsigned long)told(&tracee, "store_8"));
		set(tracee.pid, OFFSET(rdi), buffer + 32UL * i);
		expect_true(by_debug_register(run(tracee.pid)) == i, "a write where %s",
			i == 0 ? "perf watches goes on" : "ptrace watches stops");
	}
	expect_eq(1, perf_count(fd[0]), "perf's count of writes");
}

/* --- stepping ------------------------------------------------------------------------------------- */

/*
 * How many steps is a repeated instruction? Predicted: one for each repetition, with rip unmoved
 * until the last; rcx counts down (Intel SDM, REP).
 */
static void step_rep(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long repeat = told_place(&tracee, "repeat", 2);
	unsigned long repeat_end = told_place(&tracee, "repeat_end", 1);
	unsigned long buffer = told_place(&tracee, "buffer", 64);

	set(tracee.pid, OFFSET(rip), repeat);
	set(tracee.pid, OFFSET(rsi), buffer);
	set(tracee.pid, OFFSET(rdi), buffer);
	set(tracee.pid, OFFSET(rcx), 5);
	for (long left = 4; left >= 0; left--) {
		expect_stop(STOP_SIGNAL, SIGTRAP, step(tracee.pid), "a step");
		expect_eq(left, (long)get(tracee.pid, OFFSET(rcx)), "rcx");
		expect_address(left > 0 ? repeat : repeat_end, get(tracee.pid, OFFSET(rip)), "rip");
	}
}

/*
 * Is there an instruction that cannot be stepped? Predicted: the one behind a load of ss. The
 * processor holds off the step's trap for one instruction (Intel SDM, MOV), so one step executes
 * two, and a tracer that counts steps counts one too few.
 */
static void step_mov_ss(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long load_ss = told_place(&tracee, "load_ss_itself", 2);
	unsigned long two_behind = told_place(&tracee, "two_behind_ss", 2);

	set(tracee.pid, OFFSET(rip), load_ss - 2); /* mov %ss, %eax */
	set(tracee.pid, OFFSET(rcx), 0);
	expect_stop(STOP_SIGNAL, SIGTRAP, step(tracee.pid), "the step to it");
	expect_address(load_ss, get(tracee.pid, OFFSET(rip)), "rip");
	expect_hex(0, get(tracee.pid, OFFSET(rcx)), "rcx");
	expect_stop(STOP_SIGNAL, SIGTRAP, step(tracee.pid), "the step over it");
	expect_address(two_behind, get(tracee.pid, OFFSET(rip)), "rip");
	expect_hex(0x5555555555555555, get(tracee.pid, OFFSET(rcx)),
		"rcx, which the next instruction sets");
}

/*
 * What is a step over a system call? Predicted: one stop, behind the call, with the result in rax.
 * It is no syscall-stop and is not marked by PTRACE_O_TRACESYSGOOD, and its si_code is not that of
 * other steps (syscall_exit_work(), user_single_step_report()).
 */
static void step_syscall(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long the_syscall = told_place(&tracee, "the_syscall", 4);

	set(tracee.pid, OFFSET(rip), the_syscall);
	set(tracee.pid, OFFSET(rax), SYS_getppid);
	expect_stop(STOP_SIGNAL, SIGTRAP, step(tracee.pid), "the step");
	expect_address(the_syscall + 2, get(tracee.pid, OFFSET(rip)), "rip");
	expect_pid(getpid(), (pid_t)get(tracee.pid, OFFSET(rax)), "rax, getppid()'s result");
	expect_eq(TRAP_BRKPT, xgetsiginfo(tracee.pid).si_code, "si_code, TRAP_BRKPT");
	expect_stop(STOP_SIGNAL, SIGTRAP, step(tracee.pid), "the next step");
	expect_address(the_syscall + 3, get(tracee.pid, OFFSET(rip)), "rip");
	expect_eq(TRAP_TRACE, xgetsiginfo(tracee.pid).si_code, "si_code, TRAP_TRACE");
}

/*
 * Where does a step go that delivers a signal? Predicted: to the handler's first instruction, which
 * is not executed yet (signal_setup_done() reports the step); and the step after it into the
 * handler, where TF is not part of the frame to return to.
 */
static void step_into_handler(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	unsigned long nops = told_place(&tracee, "nops", 10),
		      handler = told_place(&tracee, "handler", 1);

	set(tracee.pid, OFFSET(rip), nops);
	expect_hex(0x057f, (unsigned long)xresume(PTRACE_SINGLESTEP, tracee.pid, SIGUSR1).status,
		"the step: wait status");
	expect_address(handler, get(tracee.pid, OFFSET(rip)), "rip");
	expect_eq(SIGUSR1, (long)get(tracee.pid, OFFSET(rdi)), "rdi, the handler's argument");
	expect_eq(SIGTRAP, xgetsiginfo(tracee.pid).si_code, "si_code, which is SIGTRAP itself");
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "PTRACE_CONT, through the handler");
	expect_address(nops + 9, get(tracee.pid, OFFSET(rip)), "rip, where its own int3 is");
}

/* A "rseq" scene, where the libc has registered with the kernel. */
static struct tracee at_rseq(void)
{
	struct tracee tracee = tracee_at_trap("rseq", 0);

	if (!told(&tracee, "registered"))
		skip("this libc registers no restartable sequences (rseq(2))");
	return tracee;
}

/* To an int3 at the sequence's start. Preempted before it reaches that, it is aborted too: it then
 * tries again. */
static void into_sequence(pid_t pid, unsigned long start)
{
	write_byte(pid, start, INT3);
	while (get(pid, OFFSET(rip)) != start + 1)
		run(pid);
}

/*
 * Can a restartable sequence be stepped, or hold a breakpoint? Predicted: neither. Every stop is a
 * context switch, and a task that was switched away inside of one goes on at its abort handler
 * (rseq_ip_fixup()): it never reaches its commit, however often it is tried.
 */
static void step_rseq(void)
{
	struct tracee tracee = at_rseq();
	unsigned long start = told_place(&tracee, "rseq_start", 2);
	unsigned long aborted = told_place(&tracee, "rseq_aborted", 1);

	expect_eq(1, told(&tracee, "commits untraced"), "untraced: commits");
	for (int stepped = 0; stepped <= 1; stepped++) {
		const char *how = stepped ? "stepped" : "continued";

		into_sequence(tracee.pid, start);
		expect_address(start + 1, get(tracee.pid, OFFSET(rip)), "the breakpoint: rip");

		long commits = told(&tracee, "commits"), aborts = told(&tracee, "aborts");

		write_byte(tracee.pid, start, 0x90);
		set(tracee.pid, OFFSET(rip), start);
		if (stepped) {
			expect_stop(STOP_SIGNAL, SIGTRAP, step(tracee.pid), "rewound, stepped");
			expect_address(aborted, get(tracee.pid, OFFSET(rip)), "rip");
		}
		expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "%s: to its gate", how);
		expect_eq(0, told(&tracee, "commits") - commits, "%s: commits", how);
		expect_eq(1, told(&tracee, "aborts") - aborts, "%s: aborts", how);
	}
}

/* What the thread says itself of the sequence that it is in. */
static unsigned long rseq_cs(pid_t pid, unsigned long rseq)
{
	return (unsigned long)xpeek(PTRACE_PEEKDATA, pid, rseq + offsetof(struct rseq, rseq_cs));
}

static long rseq_of(const struct tracee *tracee, struct __ptrace_rseq_configuration *config)
{
	return ptrace(PTRACE_GET_RSEQ_CONFIGURATION, tracee->pid, sizeof(*config), config);
}

/*
 * Can a tracer know beforehand that it would step into one? Predicted: yes.
 * PTRACE_GET_RSEQ_CONFIGURATION tells where the thread has registered its struct rseq, and the word
 * rseq_cs there points at the sequence that it is in, until the kernel looks at it on the way back to
 * the program.
 */
static void rseq_told(void)
{
	struct tracee tracee = at_rseq();
	unsigned long start = told_place(&tracee, "rseq_start", 2);
	unsigned long rseq = told_place(&tracee, "rseq", 32);
	unsigned long section = told_place(&tracee, "section", 32);
	struct __ptrace_rseq_configuration config;
	long result = rseq_of(&tracee, &config);

	if (result == -1 && errno == EIO)
		skip("this kernel has no PTRACE_GET_RSEQ_CONFIGURATION");
	expect_errno(EFAULT, ptrace(PTRACE_GET_RSEQ_CONFIGURATION, tracee.pid, sizeof(config), 8L),
		"PTRACE_GET_RSEQ_CONFIGURATION to a buffer that nothing is mapped at");
	expect_eq(24, result, "PTRACE_GET_RSEQ_CONFIGURATION: result");
	expect_address(rseq, config.rseq_abi_pointer, "where its struct rseq is");
	expect_ge(20, (long)config.rseq_abi_size, "its size");
	expect_hex(0x53053053, config.signature, "the signature before its abort handlers");
	expect_eq(0, (long)config.flags, "flags");
	expect_address(0, rseq_cs(tracee.pid, rseq), "at the gate: rseq_cs");
	into_sequence(tracee.pid, start);
	expect_address(start + 1, get(tracee.pid, OFFSET(rip)), "a breakpoint in a sequence: rip");
	expect_address(section, rseq_cs(tracee.pid, rseq), "there: rseq_cs");
}

/*
 * And after an exec? Predicted: nothing is registered, and the request says so. Found: at
 * PTRACE_EVENT_EXEC it still tells the former program's place, in which the new one has something else
 * or nothing; rseq_execve() comes behind that stop (bprm_execve()).
 */
static void rseq_at_exec(void)
{
	struct tracee tracee = tracee_at_trap("execs", 0);
	struct __ptrace_rseq_configuration before, config;

	if (rseq_of(&tracee, &before) == -1)
		skip("this kernel has no PTRACE_GET_RSEQ_CONFIGURATION");
	if (!before.rseq_abi_pointer)
		skip("this libc registers no restartable sequences (rseq(2))");
	role_address("rseq", before.rseq_abi_pointer, 32);
	xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L,
		(long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC));
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, run(tracee.pid), "the tracee");
	rseq_of(&tracee, &config);
	expect_address(before.rseq_abi_pointer, config.rseq_abi_pointer,
		"at its exec: where its struct rseq is");
	expect_stop(STOP_SYSCALL, 0, go_on(tracee.pid, PTRACE_SYSCALL), "the tracee");
	expect_eq(24, rseq_of(&tracee, &config), "the result");
	expect_address(0, config.rseq_abi_pointer, "where its struct rseq is");
}

/* How many stops a request makes from `from` until the int3 at `end` has been hit. */
static long stops_between(const struct tracee *tracee, enum __ptrace_request request,
	const char *from, const char *end)
{
	unsigned long stop_at = (unsigned long)told(tracee, end) + 1;
	long stops = 0;

	set(tracee->pid, OFFSET(rip), (unsigned long)told(tracee, from));
	do {
		xptrace(request, tracee->pid, 0L, 0L);
		stop_wait(tracee->pid);
		stops++;
	} while (get(tracee->pid, OFFSET(rip)) != stop_at && stops < 100);
	return stops;
}

/*
 * How far does PTRACE_SINGLEBLOCK go? Predicted: to the next taken branch, where the processor has
 * the branch trap flag (user_enable_block_step()); where a hypervisor drops that flag, one
 * instruction, like SINGLESTEP. Only counting tells. The loop is eleven instructions, two of them
 * taken branches.
 */
static void singleblock(void)
{
	struct tracee tracee = tracee_at_trap("places", 0);
	long steps = stops_between(&tracee, PTRACE_SINGLESTEP, "loop", "loop_end");

	set(tracee.pid, OFFSET(rip), (unsigned long)told(&tracee, "loop"));
	if (ptrace(PTRACE_SINGLEBLOCK, tracee.pid, 0, 0) == -1)
		skip("this kernel has no PTRACE_SINGLEBLOCK: %s", errno_text(errno));

	struct stop first = stop_wait(tracee.pid);
	long blocks = stops_between(&tracee, PTRACE_SINGLEBLOCK, "loop", "loop_end");

	this_case(blocks == steps ? "instructions" : "branches");
	expect_stop(STOP_SIGNAL, SIGTRAP, first, "the first stop of PTRACE_SINGLEBLOCK");
	expect_eq(12, steps, "stops by PTRACE_SINGLESTEP, int3 included");
	expect_eq(blocks == steps ? 12 : 3, blocks, "stops by PTRACE_SINGLEBLOCK, int3 included");
}

static const struct experiment experiments[] = {
	{ "int3-code", int3_code, "What does a tracer see of an int3?" },
	{ "long-int3", long_int3, "And of the same trap written in two bytes?" },
	{ "icebp", icebp, "And of ICEBP, the trap that is no breakpoint exception?",
		.cases = "rip-at|rip-behind|illegal" },
	{ "si-codes", si_codes, "Can the causes of a SIGTRAP be told apart?" },
	{ "rewind-forgotten", rewind_forgotten,
		"What does a program do whose tracer forgets to rewind rip?" },
	{ "off-boundary", off_boundary,
		"What does an int3 do that is not at the start of an instruction?" },
	{ "own-traps", own_traps, "Whose is the SIGTRAP of a program that traps by itself?" },
	{ "disposition-lost", disposition_lost,
		"Does a breakpoint leave the program's handling of SIGTRAP alone?" },
	{ "checksum", checksum, "Can a program see a breakpoint in itself?" },
	{ "four-ways", four_ways, "What does it take to go past a breakpoint and keep it?" },
	{ "copy-of-rip-relative", copy_of_rip_relative,
		"Can every instruction be copied and run elsewhere?" },
	{ "stepped-pushf", stepped_pushf,
		"Does a program notice how a tracer went past its pushf?" },
	{ "signal-in-the-step", signal_in_the_step,
		"What happens to a step when another signal is waiting?" },
	{ "step-window", step_window,
		"What do other threads do while one is brought past a breakpoint?" },
	{ "others-stopped", others_stopped, "What does it take to step and miss nobody?" },
	{ "late-hit", late_hit, "Can a hit be reported of a breakpoint that is no longer there?" },
	{ "condition", condition, "What does a condition that is false cost?" },
	{ "fork-int3", fork_int3, "What of an int3 does a forked child get?" },
	{ "vfork-int3", vfork_int3, "And a child made by vfork()?" },
	{ "thread-int3", thread_int3, "And a new thread?" },
	{ "debug-registers-of-children", debug_registers_of_children,
		"What of the debug registers do children and threads get?" },
	{ "exec-clears", exec_clears, "Which breakpoints survive an exec?" },
	{ "left-behind", left_behind,
		"What do a PTRACE_DETACH and a tracer's end leave in the program?" },
	{ "before-or-after", before_or_after,
		"On which side of the instruction does a debug register stop?" },
	{ "watch-kinds", watch_kinds, "Which accesses does a watch stop at?" },
	{ "watch-lengths", watch_lengths, "How much does a watch cover?",
		.cases = "exact|overreach" },
	{ "watch-misses", watch_misses, "Which writes does a write watch miss?" },
	{ "kernel-writes", kernel_writes,
		"Does the kernel's write raise the trap that ptrace does not report?" },
	{ "dr6-tells", dr6_tells, "What does DR6 tell?", .cases = "every-slot|one-slot" },
	{ "debug-register-errors", debug_register_errors,
		"What does the kernel refuse to put into a debug register?" },
	{ "shared-with-perf", shared_with_perf, "Are there four debug registers for ptrace?" },
	{ "step-rep", step_rep, "How many steps is a repeated instruction?" },
	{ "step-mov-ss", step_mov_ss, "Is there an instruction that cannot be stepped?" },
	{ "step-syscall", step_syscall, "What is a step over a system call?" },
	{ "step-into-handler", step_into_handler, "Where does a step go that delivers a signal?" },
	{ "step-rseq", step_rseq, "Can a restartable sequence be stepped, or hold a breakpoint?" },
	{ "rseq-told", rseq_told, "Can a tracer know beforehand that it would step into one?" },
	{ "rseq-at-exec", rseq_at_exec, "And after an exec?" },
	{ "singleblock", singleblock, "How far does PTRACE_SINGLEBLOCK go?",
		.cases = "instructions|branches" },
};

static const struct lab lab = {
	.id = "04",
	.question = "What does a breakpoint do to the program it is set in?",
	.experiments = experiments,
	.count = COUNT(experiments),
	.target = target_mode,
	.target_usage = target_usage,
	.target_options = "bmc",
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
