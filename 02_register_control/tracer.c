/* SPDX-License-Identifier: MIT */
/*
 * Lab 02: how far does a tracer's hand reach into the registers of a program?
 *
 * Each scene of the tracee is a few instructions between traps (int3). The tracer reads and writes
 * registers there, and the tracee tells afterwards what it computed with them. The order: what the
 * registers hold at a system call; what a changed register changes; what the kernel refuses, and
 * when; floating point and vectors; the three ways to read; modes, stepping and exec.
 *
 * Run:   make lab02, or 02_register_control/tracer [SLUG...]
 * Basis: ptrace(2); syscall(2), "Architecture calling conventions"; arch/x86/kernel/ptrace.c:
 *        putreg(), genregs_set(), set_segment_reg(); arch/x86/kernel/signal.c:
 *        arch_do_signal_or_restart(); arch/x86/kernel/fpu/regset.c; the x86-64 psABI, 3.2.
 */
#include <asm/ldt.h>
#include <cpuid.h>
#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "count.h"
#include "proc.h"
#include "regs.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "text.h"
#include "tracee.h"

#define OFFSET(register) offsetof(struct user_regs_struct, register)

/* What the kernel keeps in rax of a call that a signal interrupted (include/linux/errno.h). */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ERESTART_RESTARTBLOCK 516

#define FLAG_CF 0x1UL
#define FLAG_ZF 0x40UL
#define FLAG_TF 0x100UL
#define FLAG_DF 0x400UL

#define CS_64 0x33UL /* __USER_CS */
#define CS_32 0x23UL /* __USER32_CS */
#define USER_DS 0x2bUL

/* --- helpers ---------------------------------------------------------------------------------- */

/* Let the tracee run to its next trap, or its end, or a fault. */
static struct stop run(const struct tracee *tracee)
{
	return xresume(PTRACE_CONT, tracee->pid, 0);
}

/* The si_code of the signal that the tracee is stopped for; its si_addr in *address. */
static int signal_cause(const struct tracee *tracee, unsigned long *address)
{
	siginfo_t info;

	xptrace(PTRACE_GETSIGINFO, tracee->pid, 0L, &info);
	*address = (unsigned long)info.si_addr;
	return info.si_code;
}

/* --- at a system call ------------------------------------------------------------------------- */

/* A "call" scene at the syscall-enter-stop of its getppid(). */
static struct tracee at_enter_stop(void)
{
	struct tracee tracee = tracee_at_trap("call", 0);
	struct stop stop = xresume(PTRACE_SYSCALL, tracee.pid, 0);

	if (stop.kind != STOP_SYSCALL)
		broken("%s instead of the syscall-enter-stop", stop_text(stop));
	return tracee;
}

/*
 * Which register holds the number of a system call? Tutorials say rax. Predicted: orig_rax; rax
 * holds -ENOSYS, and the SYSCALL instruction has put rip into rcx and the flags into r11
 * (entry_SYSCALL_64() and PUSH_AND_CLEAR_REGS). A CPU that enters by FRED preserves both.
 */
static void enter_registers(void)
{
	struct tracee tracee = at_enter_stop();
	struct user_regs_struct regs = xgetregs(tracee.pid);
	unsigned long call = told_place(&tracee, "the_call", 3);
	bool preserved = regs.rcx == 0xcccccccccccccccc;

	this_case(preserved ? "preserved" : "overwritten");
	expect_eq(SYS_getppid, (long)regs.orig_rax, "enter-stop: orig_rax");
	expect_eq(-ENOSYS, (long)regs.rax, "enter-stop: rax");
	for (unsigned n = 0; n < 6; n++)
		expect_hex(0xa0a0a0a0a0a0a0a0 + n * 0x0101010101010101, *regs_argument(&regs, n),
			"enter-stop: argument %u", n);
	expect_address(call + 2, regs.rip, "enter-stop: rip");
	expect_hex(0x050f, (unsigned long)xpeek(PTRACE_PEEKTEXT, tracee.pid, regs.rip - 2) & 0xffff,
		"the two bytes before rip, SYSCALL");
	expect_address(preserved ? 0xcccccccccccccccc : regs.rip, regs.rcx, "enter-stop: rcx");
	expect_true(regs.r11 == (preserved ? 0xbbbbbbbbbbbbbbbb : regs.eflags), "r11 is %s",
		preserved ? "what it was" : "eflags");
	expect_stop(STOP_SYSCALL, 0, xresume(PTRACE_SYSCALL, tracee.pid, 0), "then");
	regs = xgetregs(tracee.pid);
	expect_eq(SYS_getppid, (long)regs.orig_rax, "exit-stop: orig_rax");
	expect_pid(getpid(), (pid_t)regs.rax, "exit-stop: rax, the parent");
	expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "then, at its int3");
}

#define KEEP 0x7eeb /* leave this register as it is */

/* What the tracee's getppid() returns to it when the number and rax are changed on the way in. */
static long call_result(struct tracee *tracee, long orig_rax, long rax)
{
	*tracee = at_enter_stop();

	struct user_regs_struct regs = xgetregs(tracee->pid);

	if (orig_rax != KEEP)
		regs.orig_rax = (unsigned long)orig_rax;
	if (rax != KEEP)
		regs.rax = (unsigned long)rax;
	xsetregs(tracee->pid, &regs);
	run(tracee);
	expect_stop(STOP_EXITED, 0, run(tracee), "the tracee");
	return told(tracee, "rax");
}

/*
 * What does changing rax at a syscall-enter-stop change? Predicted: nothing, the kernel takes the
 * number from orig_rax (syscall_get_nr()) and overwrites rax with the result.
 */
static void rax_is_not_the_number(void)
{
	struct tracee tracee;
	long result = call_result(&tracee, KEEP, KEEP);

	expect_pid(getpid(), (pid_t)result, "getppid() untouched");
	result = call_result(&tracee, KEEP, SYS_getpid);
	expect_pid(getpid(), (pid_t)result, "getppid() with rax = getpid's number");
	result = call_result(&tracee, SYS_getpid, KEEP);
	expect_pid(tracee.pid, (pid_t)result, "getppid() with orig_rax = getpid's number");
}

/*
 * What does a call return whose number was replaced by -1, or by one that does not exist?
 * Predicted: -1 is skipped and leaves rax alone; any other unknown number has its rax overwritten
 * with -ENOSYS (do_syscall_64(): "nr != -1").
 */
static void call_cancelled(void)
{
	static const struct {
		const char *what;
		long orig_rax, rax, result;
	} cases[] = {
		{ "-1", -1, KEEP, -ENOSYS },              /* what rax held on entry */
		{ "-1, rax 42", -1, 42, 42 },             /* the tracer's word is the result */
		{ "-1, rax -EPERM", -1, -EPERM, -EPERM }, /* libc would turn it into errno */
		{ "9999", 9999, KEEP, -ENOSYS },          /* no such call */
		{ "9999, rax 42", 9999, 42, -ENOSYS },    /* not skipped: refused */
	};
	struct tracee tracee;

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_eq(cases[i].result, call_result(&tracee, cases[i].orig_rax, cases[i].rax),
			"getppid() with orig_rax %s", cases[i].what);
}

/*
 * Does moving rip at the syscall-enter-stop skip the call? Predicted: no. The call is already
 * entered: it is made, and only its return goes elsewhere.
 */
static void rip_moved_at_enter(void)
{
	struct tracee tracee = at_enter_stop();
	unsigned long detour = told_place(&tracee, "detour", 2);
	struct user_regs_struct regs = xgetregs(tracee.pid);

	regs.rip = detour;
	xsetregs(tracee.pid, &regs);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "the tracee");
	regs = xgetregs(tracee.pid);
	expect_address(detour + 1, regs.rip, "rip");
	expect_pid(getpid(), (pid_t)regs.rax, "rax, getppid()'s result");
}

/*
 * Does a tracee go on where addr says? So PT_CONTINUE does on BSD systems. Predicted: no, Linux ignores
 * it, whichever request resumes (ptrace_request()); what moves a tracee is its rip.
 */
static void addr_ignored(void)
{
	static const struct {
		const char *name;
		enum __ptrace_request request;
		enum stop_kind kind;
		int detail;
	} cases[] = {
		{ "PTRACE_SINGLESTEP", PTRACE_SINGLESTEP, STOP_SIGNAL, SIGTRAP },
		{ "PTRACE_SYSCALL", PTRACE_SYSCALL, STOP_SYSCALL, 0 },
		{ "PTRACE_CONT", PTRACE_CONT, STOP_SIGNAL, SIGTRAP },
	};
	struct tracee tracee = tracee_at_trap("call", 0);
	unsigned long detour = told_place(&tracee, "detour", 2);
	unsigned long gate = xgetregs(tracee.pid).rip;

	for (size_t i = 0; i < COUNT(cases); i++) {
		expect_errno(0, ptrace(cases[i].request, tracee.pid, detour, 0),
			"%s with an address", cases[i].name);
		expect_stop(cases[i].kind, cases[i].detail, stop_wait(tracee.pid), "then");

		unsigned long rip = xgetregs(tracee.pid).rip;

		expect_true(rip > gate && rip < detour, "rip is on its way, not at that address");
	}
	expect_stop(STOP_EXITED, 0, xresume(PTRACE_CONT, tracee.pid, 0), "the tracee");
}

/*
 * Are the argument registers given back to the program as it left them? Predicted: no. The kernel
 * keeps one set, and what the tracer wrote into it at entry is what the program finds after the
 * call, though the ABI promises that a call preserves them (syscall(2)).
 */
static void arguments_stay_changed(void)
{
	static const char *const names[6] = { "rdi", "rsi", "rdx", "r10", "r8", "r9" };
	struct tracee tracee = at_enter_stop();
	struct user_regs_struct regs = xgetregs(tracee.pid);

	for (unsigned n = 0; n < 6; n++)
		*regs_argument(&regs, n) = 0xd0 + n;
	xsetregs(tracee.pid, &regs);
	run(&tracee);
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	for (unsigned n = 0; n < 6; n++)
		expect_hex(0xd0 + n, (unsigned long)told(&tracee, names[n]),
			"%s, as the tracee sees it after the call", names[n]);
}

/*
 * Can a tracer give back rcx and r11, which SYSCALL destroys? Predicted: yes. Values that SYSRET
 * could not produce make the kernel leave by IRET, which restores every register
 * (do_syscall_64()). Without FRED no untraced program can see this.
 */
static void impossible_rcx(void)
{
	struct tracee tracee = at_enter_stop();

	xresume(PTRACE_SYSCALL, tracee.pid, 0);

	struct user_regs_struct regs = xgetregs(tracee.pid);

	regs.rcx = 0xcccccccccccccccc;
	regs.r11 = 0xbbbbbbbbbbbbbbbb;
	xsetregs(tracee.pid, &regs);
	run(&tracee);
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_hex(0xcccccccccccccccc, (unsigned long)told(&tracee, "rcx"),
		"rcx, as the tracee sees it after the call");
	expect_hex(0xbbbbbbbbbbbbbbbb, (unsigned long)told(&tracee, "r11"),
		"r11, as the tracee sees it after the call");
}

/*
 * When is orig_rax a call's number? Predicted: from the entry of a call until the tracee is back
 * in its own code, so also in a call that a stop interrupted, and in the stop for a signal that a
 * finished call raised; -1 in every stop that no call led to (the exception entries store -1).
 */
static void orig_rax_tells(void)
{
	struct tracee tracee = tracee_at_trap("call", 0);

	expect_eq(-1, (long)xgetregs(tracee.pid).orig_rax, "after int3");
	xresume(PTRACE_SINGLESTEP, tracee.pid, 0);
	expect_eq(-1, (long)xgetregs(tracee.pid).orig_rax, "after a single step");
	xresume(PTRACE_SYSCALL, tracee.pid, 0);
	expect_eq(SYS_getppid, (long)xgetregs(tracee.pid).orig_rax, "in a syscall-enter-stop");
	xresume(PTRACE_SYSCALL, tracee.pid, 0);
	expect_eq(SYS_getppid, (long)xgetregs(tracee.pid).orig_rax, "in a syscall-exit-stop");
	run(&tracee);
	expect_eq(-1, (long)xgetregs(tracee.pid).orig_rax, "after the next int3");

	tracee = tracee_start_seized("spin", 0);
	wait_told(&tracee, "heartbeat", 1); /* it has left the call that said it is ready */
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	expect_eq(-1, (long)xgetregs(tracee.pid).orig_rax, "computing, interrupted");

	tracee = tracee_start_seized("pause", 0);
	proc_wait_blocked(tracee.pid, SYS_pause);
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	expect_eq(SYS_pause, (long)xgetregs(tracee.pid).orig_rax, "in pause(), interrupted");

	tracee = tracee_start_seized("kill", 0);
	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(tracee.pid), "kill() of itself");
	expect_eq(SYS_kill, (long)xgetregs(tracee.pid).orig_rax, "in the stop for its signal");
	expect_eq(0, (long)xgetregs(tracee.pid).rax, "where rax, kill()'s result, is");
}

/*
 * Does /proc/PID/syscall tell what the program called, or what the tracer wrote? Predicted: what
 * was written. There is one copy of the registers, and everybody reads orig_rax from it
 * (task_current_syscall()); with -1 there, the file says that the tracee is in no call at all.
 */
static void proc_believes_registers(void)
{
	struct tracee tracee = at_enter_stop();
	struct user_regs_struct regs = xgetregs(tracee.pid);

	expect_eq(SYS_getppid, proc_syscall(tracee.pid), "untouched: the call in /proc");
	regs.orig_rax = SYS_getpid;
	xsetregs(tracee.pid, &regs);
	expect_eq(SYS_getpid, proc_syscall(tracee.pid), "orig_rax getpid: the call in /proc");
	regs.orig_rax = -1UL;
	xsetregs(tracee.pid, &regs);
	expect_eq(-1, proc_syscall(tracee.pid), "orig_rax -1: the call in /proc");
}

/* --- what a changed register changes ---------------------------------------------------------- */

/*
 * Does one flag decide a branch? Predicted: yes. Between a comparison and its conditional jump the
 * whole comparison is ZF; the numbers compared stay what they were.
 */
static void branch_turned(void)
{
	static const struct {
		const char *what;
		unsigned long set;
		long equal;
	} cases[] = {
		{ "untouched" },          /* the control */
		{ "ZF set", FLAG_ZF, 1 }, /* the only change */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("branch", 0);
		struct user_regs_struct regs = xgetregs(tracee.pid);

		regs.eflags |= cases[i].set;
		xsetregs(tracee.pid, &regs);
		expect_stop(STOP_EXITED, 0, run(&tracee), "%s: the tracee", cases[i].what);
		expect_eq(cases[i].equal, told(&tracee, "equal"), "%s: takes 1 and 2 for equal",
			cases[i].what);
		expect_eq(1, told(&tracee, "left"), "%s: left", cases[i].what);
		expect_eq(2, told(&tracee, "right"), "%s: right", cases[i].what);
	}
}

/*
 * What does a function compute when its argument is changed at its first instruction? Predicted:
 * with the new one, and its caller never knows: its own copy is untouched.
 */
static void argument_changed(void)
{
	struct tracee tracee = tracee_at_trap("function", 0);
	unsigned long doubled = told_place(&tracee, "doubled", 8);

	expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "the tracee");

	struct user_regs_struct regs = xgetregs(tracee.pid);

	expect_address(doubled + 1, regs.rip, "rip");
	expect_eq(21, (long)regs.rdi, "rdi, the argument");
	regs.rdi = 1000;
	xsetregs(tracee.pid, &regs);
	run(&tracee);
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_eq(2000, told(&tracee, "result"), "the function's result");
	expect_eq(21, told(&tracee, "kept"), "the argument, as the caller kept it");
}

/* And when its return value is changed where it returns? Predicted: the caller takes it. */
static void return_changed(void)
{
	struct tracee tracee = tracee_at_trap("function", 0);
	unsigned long returned = told_place(&tracee, "returned", 1);

	run(&tracee);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "the tracee");

	struct user_regs_struct regs = xgetregs(tracee.pid);

	expect_address(returned + 1, regs.rip, "rip");
	expect_eq(42, (long)regs.rax, "rax, the result");
	regs.rax = 43;
	xsetregs(tracee.pid, &regs);
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_eq(43, told(&tracee, "result"), "the function's result");
	expect_eq(1, told(&tracee, "calls"), "calls of the function");
}

/*
 * Can a function call be skipped? Predicted: yes, by moving rip behind the call instruction and
 * putting a result into rax: the function never runs, the caller sees a result.
 */
static void call_skipped(void)
{
	struct tracee tracee = tracee_at_trap("function", 0);
	struct user_regs_struct regs = xgetregs(tracee.pid);
	unsigned long returned = told_place(&tracee, "returned", 1);

	told_place(&tracee, "call_site", 5);
	expect_address((unsigned long)told(&tracee, "call_site"), regs.rip, "rip");
	regs.rip = returned;
	regs.rax = 7;
	xsetregs(tracee.pid, &regs);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "the tracee");
	expect_address(returned + 1, xgetregs(tracee.pid).rip, "rip");
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_eq(7, told(&tracee, "result"), "the function's result");
	expect_eq(0, told(&tracee, "calls"), "calls of the function");
}

/* --- calling a function ----------------------------------------------------------------------- */

/*
 * Have the tracee call a function, which returns to the trap at "landing". `skip` bytes below rsp
 * are left alone, and the stack is `misalign` bytes off the alignment that the psABI asks for
 * (3.2.2). The psABI also wants DF clear (3.2.1); orig_rax -1 keeps the kernel from taking the
 * new registers for those of a call to restart.
 */
static struct stop call_function(const struct tracee *tracee, const char *function, long argument,
	unsigned skip, unsigned misalign)
{
	struct user_regs_struct regs = xgetregs(tracee->pid);

	regs.rsp = ((regs.rsp - skip) & ~15UL) - misalign - 8;
	xptrace(PTRACE_POKEDATA, tracee->pid, regs.rsp, told(tracee, "landing"));
	regs.rip = (unsigned long)told(tracee, function);
	regs.rdi = (unsigned long)argument;
	regs.eflags &= ~FLAG_DF;
	regs.orig_rax = -1UL;
	xsetregs(tracee->pid, &regs);
	return run(tracee);
}

/* The FPU and vector registers in the largest form that the machine has. */
struct vectors {
	size_t length;
	unsigned char bytes[16384];
};

/* Places in the NT_X86_XSTATE image (Intel SDM volume 1, 13.4; the enabled features are the
 * kernel's own use of bytes that the processor leaves to software). */
enum xsave_offset {
	MXCSR = 24,
	XMM0 = 160,
	ENABLED = 464,
	XSTATE_BV = 512,
	XCOMP_BV = 520,
	HEADER_RESERVED = 528
};

/* XSAVE is there, and the kernel uses it (Intel SDM volume 1, 13.2). */
static bool has_xsave(void)
{
	unsigned a, b, c, d;

	__cpuid(1, a, b, c, d);
	return c & bit_OSXSAVE;
}

static void move_vectors(
	enum __ptrace_request request, const struct tracee *tracee, struct vectors *vectors)
{
	struct iovec iov = { vectors->bytes, vectors->length };

	xptrace(request, tracee->pid, (long)(has_xsave() ? NT_X86_XSTATE : NT_PRFPREG), &iov);
	vectors->length = iov.iov_len;
}

static void get_vectors(const struct tracee *tracee, struct vectors *vectors)
{
	vectors->length = sizeof(vectors->bytes);
	move_vectors(PTRACE_GETREGSET, tracee, vectors);
}

/*
 * Can a program be made to call a function that it never calls, and not notice? Predicted: yes, if
 * all that the function may change is put back: the general registers and flags by SETREGS, the
 * vectors by SETREGSET. The tracee fills every register before the trap and compares after it.
 */
static void function_called(void)
{
	static struct vectors saved, during, restored;
	struct tracee tracee = tracee_at_trap("registers", 0);
	struct user_regs_struct before = xgetregs(tracee.pid), now;
	unsigned long landing = told_place(&tracee, "landing", 2);
	char diff[2048];

	get_vectors(&tracee, &saved);
	expect_stop(STOP_SIGNAL, SIGTRAP, call_function(&tracee, "never_called", 14, 128, 0),
		"the tracee");
	now = xgetregs(tracee.pid);
	get_vectors(&tracee, &during);
	expect_address(landing + 1, now.rip, "rip");
	expect_eq(42, (long)now.rax, "rax, the result of never_called(14)");
	expect_eq(12, regs_diff(&before, &now, diff, sizeof(diff)), "registers changed");
	expect_eq(255, count_differing(saved.bytes + XMM0, during.bytes + XMM0, 256),
		"bytes of xmm0 to xmm15 changed");

	xsetregs(tracee.pid, &before);
	move_vectors(PTRACE_SETREGSET, &tracee, &saved);
	now = xgetregs(tracee.pid);
	get_vectors(&tracee, &restored);
	expect_eq(0, count_differing(&before, &now, sizeof(now)),
		"restored: bytes of the general registers that differ");
	expect_eq(0, count_differing(saved.bytes, restored.bytes, saved.length),
		"restored: bytes of the FPU and vector state that differ");
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_eq(1, told(&tracee, "calls"), "calls of never_called()");
	expect_eq(400, told(&tracee, "compared"), "bytes that the tracee compared");
	expect_eq(0, told(&tracee, "differ"), "of them different after the trap");
	expect_eq(1, told(&tracee, "xmm15 kept"), "xmm15 is what the tracee loaded");
}

/*
 * How much room below rsp must such a call leave? Predicted: 128 bytes, the red zone in which a
 * leaf function keeps locals without moving rsp (psABI 3.2.2). Here the leaf's 16 locals fill it;
 * never_called() takes three words: its return address and two registers.
 */
static void red_zone(void)
{
	static const struct {
		unsigned skip;
		long damaged;
	} cases[] = {
		{ 0, 3 },   /* as the call instruction itself would */
		{ 64, 3 },  /* further down, the same */
		{ 120, 1 }, /* the return address on the last word */
		{ 128, 0 }, /* all of it left alone */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("leaf", 0);
		struct user_regs_struct saved = xgetregs(tracee.pid);

		call_function(&tracee, "never_called", 14, cases[i].skip, 0);
		xsetregs(tracee.pid, &saved);
		expect_stop(
			STOP_EXITED, 0, run(&tracee), "%u bytes left: the tracee", cases[i].skip);
		expect_eq(1, told(&tracee, "calls"), "%u bytes left: calls", cases[i].skip);
		expect_eq(cases[i].damaged, told(&tracee, "locals damaged"),
			"%u bytes left: locals damaged, of 16", cases[i].skip);
	}
}

_Noreturn static void exit_42(int sig)
{
	(void)sig;
	_exit(42);
}

/* Whether this CPU faults on a misaligned movaps; some emulators do not. */
static bool cpu_checks_alignment(void)
{
	pid_t helper = fork_helper();

	if (helper == 0) {
		_Alignas(16) char bytes[32];

		signal(SIGSEGV, exit_42);
		__asm__ volatile("movaps %%xmm0, (%0)" ::"r"(bytes + 8) : "memory");
		_exit(0);
	}
	return stop_wait(helper).detail == 42;
}

/*
 * What if the stack is 8 bytes off when the function is entered? Predicted: a function that relies
 * on the alignment with movaps dies of SIGSEGV, a general protection fault without an address
 * (Intel SDM, MOVAPS). The tracer sees it first, and can take the call back.
 */
static void misaligned_call(void)
{
	if (!cpu_checks_alignment())
		skip("this CPU, or its emulator, does not check the alignment of movaps");

	struct tracee tracee = tracee_at_trap("leaf", 0);
	struct user_regs_struct saved = xgetregs(tracee.pid);
	unsigned long function = told_place(&tracee, "aligned_store", 8), address;

	expect_stop(STOP_SIGNAL, SIGTRAP, call_function(&tracee, "aligned_store", 7, 128, 0),
		"aligned");
	expect_eq(7, (long)xgetregs(tracee.pid).rax, "aligned: rax");
	xsetregs(tracee.pid, &saved);
	expect_stop(STOP_SIGNAL, SIGSEGV, call_function(&tracee, "aligned_store", 7, 128, 8),
		"8 bytes off");
	expect_address(function, xgetregs(tracee.pid).rip, "8 bytes off: rip");
	expect_eq(SI_KERNEL, signal_cause(&tracee, &address), "8 bytes off: si_code");
	expect_address(0, address, "8 bytes off: si_addr");
	xsetregs(tracee.pid, &saved);
	expect_stop(STOP_EXITED, 0, run(&tracee), "registers put back, signal dropped: the tracee");
	expect_eq(0, told(&tracee, "locals damaged"), "locals damaged, of 16");
}

/* --- interrupted calls ------------------------------------------------------------------------ */

/* Let the tracee run to "landing", or to the trap two bytes before it; both are a trap there. */
static void expect_landing(const struct tracee *tracee, bool rewound, const char *what)
{
	unsigned long two_before = told_place(tracee, "two_before", 2);
	unsigned long landing = told_place(tracee, "landing", 2);

	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee), "%s: the tracee", what);
	expect_address((rewound ? two_before : landing) + 1, xgetregs(tracee->pid).rip,
		"%s: rip behind the trap", what);
}

/*
 * Where does a tracee go whose rip was changed inside a call that a stop interrupted? Predicted:
 * two bytes before. rax still holds -ERESTARTNOHAND; on the way out the kernel takes the call for
 * one to restart, subtracts the length of SYSCALL from whatever rip is now, and puts the number
 * into rax (arch_do_signal_or_restart()). It does neither without a number, or without the error.
 */
static void rip_minus_two(void)
{
	static const struct {
		const char *what;
		long orig_rax, rax;
		bool rewound;
		long rax_then;
	} cases[] = {
		{ "only rip changed", KEEP, KEEP, true, SYS_pause },       /* the surprise */
		{ "orig_rax -1", -1, KEEP, false, -ERESTARTNOHAND },       /* no call: no restart */
		{ "rax -EINTR", KEEP, -EINTR, false, -EINTR },             /* the call has ended */
		{ "orig_rax getpid", SYS_getpid, KEEP, true, SYS_getpid }, /* any number will do */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_start_seized("pause", 0);

		proc_wait_blocked(tracee.pid, SYS_pause);
		xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
		expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(tracee.pid), "%s: interrupted",
			cases[i].what);

		struct user_regs_struct regs = xgetregs(tracee.pid);

		expect_eq(-ERESTARTNOHAND, (long)regs.rax, "%s: rax at the stop", cases[i].what);
		regs.rip = (unsigned long)told(&tracee, "landing");
		if (cases[i].orig_rax != KEEP)
			regs.orig_rax = (unsigned long)cases[i].orig_rax;
		if (cases[i].rax != KEEP)
			regs.rax = (unsigned long)cases[i].rax;
		xsetregs(tracee.pid, &regs);
		expect_landing(&tracee, cases[i].rewound, cases[i].what);
		expect_eq(cases[i].rax_then, (long)xgetregs(tracee.pid).rax, "%s: rax there",
			cases[i].what);
	}
}

/*
 * Can a restart be forged where there was no call? Predicted: yes. The kernel keeps no other
 * memory of the call than orig_rax and the error in rax, and the tracer writes both. Only the four
 * errors that ask for a restart do it (arch_do_signal_or_restart()).
 */
static void forged_restart(void)
{
	static const struct {
		const char *what;
		long rax, orig_rax;
		bool rewound;
		long rax_then;
	} cases[] = {
		{ "-511", -511, SYS_getpid, false, -511 },              /* next to them: nothing */
		{ "-512", -ERESTARTSYS, SYS_getpid, true, SYS_getpid }, /* ERESTARTSYS */
		{ "-513", -ERESTARTNOINTR, SYS_getpid, true, SYS_getpid }, /* ERESTARTNOINTR */
		{ "-514", -ERESTARTNOHAND, SYS_getpid, true, SYS_getpid }, /* ERESTARTNOHAND */
		{ "-515", -515, SYS_getpid, false, -515 }, /* ENOIOCTLCMD, unrelated */
		/* ERESTART_RESTARTBLOCK: not the call itself but restart_syscall(2). */
		{ "-516", -ERESTART_RESTARTBLOCK, SYS_getpid, true, SYS_restart_syscall },
		{ "-517", -517, SYS_getpid, false, -517 }, /* EPROBE_DEFER, unrelated */
		{ "-512, orig_rax -1", -ERESTARTSYS, -1, false, -ERESTARTSYS }, /* no number */
	};
	struct tracee tracee = tracee_at_trap("trap", 0);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct user_regs_struct regs = xgetregs(tracee.pid);

		regs.rip = (unsigned long)told(&tracee, "landing");
		regs.rax = (unsigned long)cases[i].rax;
		regs.orig_rax = (unsigned long)cases[i].orig_rax;
		xsetregs(tracee.pid, &regs);
		expect_landing(&tracee, cases[i].rewound, cases[i].what);
		expect_eq(cases[i].rax_then, (long)xgetregs(tracee.pid).rax, "%s: rax there",
			cases[i].what);
	}
}

/*
 * What does a forged restart run? Predicted: the instruction two bytes before rip, whatever it is,
 * with the forged number in rax. Aimed behind a SYSCALL instruction it makes the tracee do a call
 * that stands nowhere in its code, without a byte of that code written.
 */
static void restart_makes_a_call(void)
{
	struct tracee tracee = tracee_at_trap("call", 0);
	struct user_regs_struct regs = xgetregs(tracee.pid);

	regs.rip = told_place(&tracee, "the_call", 3) + 2;
	regs.rax = -(unsigned long)ERESTARTSYS;
	regs.orig_rax = SYS_getpid;
	xsetregs(tracee.pid, &regs);
	expect_stop(STOP_SYSCALL, 0, xresume(PTRACE_SYSCALL, tracee.pid, 0), "the tracee");
	regs = xgetregs(tracee.pid);
	expect_address((unsigned long)told(&tracee, "the_call") + 2, regs.rip, "rip");
	expect_eq(SYS_getpid, (long)regs.orig_rax, "orig_rax");
	run(&tracee);
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_pid(tracee.pid, (pid_t)told(&tracee, "rax"), "the result, as the tracee sees it");
}

/*
 * Can a function be called in the middle of a blocked call, and the call go on? Predicted: yes.
 * With orig_rax -1 the function is entered where it begins; with every register put back, orig_rax
 * and the error in rax among them, the kernel restarts the call as after any other stop.
 */
static void call_in_a_call(void)
{
	struct tracee tracee = tracee_start_seized("pause", PTRACE_O_TRACESYSGOOD);
	struct user_regs_struct before, after;

	proc_wait_blocked(tracee.pid, SYS_pause);
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	before = xgetregs(tracee.pid);
	expect_eq(SYS_pause, (long)before.orig_rax, "blocked in, orig_rax");
	expect_stop(STOP_SIGNAL, SIGTRAP, call_function(&tracee, "never_called", 14, 128, 0),
		"the tracee");
	expect_eq(42, (long)xgetregs(tracee.pid).rax, "rax, the result of never_called(14)");
	xsetregs(tracee.pid, &before);
	if (!expect_stop(STOP_SYSCALL, 0, xresume(PTRACE_SYSCALL, tracee.pid, 0),
		    "put back and resumed: the tracee"))
		return;
	expect_eq(SYS_pause, (long)xgetregs(tracee.pid).orig_rax, "entering, orig_rax");
	xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
	proc_wait_blocked(tracee.pid, SYS_pause);
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(tracee.pid), "interrupted again");
	after = xgetregs(tracee.pid);
	expect_eq(0, count_differing(&before, &after, sizeof(after)),
		"bytes of the general registers that differ");
}

/* --- what the kernel refuses, and when -------------------------------------------------------- */

/* The names of the registers whose value is that of `regs`. */
static const char *registers_as_in(
	const struct user_regs_struct *regs, const struct user_regs_struct *now)
{
	const char *names = "";

	for (size_t i = 0; i < REG_COUNT; i++)
		if (reg_value(regs, &reg_table[i]) == reg_value(now, &reg_table[i]))
			names = text("%s%s%s", names, *names ? " " : "", reg_table[i].name);
	return *names ? names : "none";
}

/*
 * Is a SETREGS that fails without effect? Predicted: no. genregs_set() stores one register after
 * another until one is refused, and does not take the earlier ones back; so does a buffer that the
 * tracer cannot read to its end.
 */
static void setregs_half_way(void)
{
	struct tracee tracee = tracee_at_trap("trap", 0);
	struct user_regs_struct saved = xgetregs(tracee.pid), wanted = saved, now;
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + 4096, 4096, PROT_NONE) == -1)
		broken("two pages, the second without access: %s", errno_text(errno));
	for (size_t i = 0; i < REG_COUNT; i++) {
		unsigned long value = reg_value(&saved, &reg_table[i]) ^ 0x5a0;

		memcpy((char *)&wanted + reg_table[i].offset, &value, sizeof(value));
	}
	wanted.cs = 0;
	wanted.eflags = saved.eflags ^ FLAG_CF;
	wanted.ss = CS_32;
	wanted.ds = wanted.es = wanted.fs = wanted.gs = USER_DS;
	expect_errno(EIO, ptrace(PTRACE_SETREGS, tracee.pid, 0, &wanted), "SETREGS with cs 0");
	now = xgetregs(tracee.pid);
	expect_str("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip",
		registers_as_in(&wanted, &now), "written");
	expect_str("cs eflags rsp ss fs_base gs_base ds es fs gs", registers_as_in(&saved, &now),
		"not written");

	xsetregs(tracee.pid, &saved);
	memcpy(pages + 4096 - OFFSET(rbp), &wanted, OFFSET(rbp));
	expect_errno(EFAULT, ptrace(PTRACE_SETREGS, tracee.pid, 0, pages + 4096 - OFFSET(rbp)),
		"SETREGS from a buffer of four registers");
	now = xgetregs(tracee.pid);
	expect_str("r15 r14 r13 r12", registers_as_in(&wanted, &now), "written");
	xsetregs(tracee.pid, &saved);
	expect_stop(STOP_EXITED, 0, run(&tracee), "registers put back: the tracee");
}

/*
 * Which flags may a tracer set? Predicted: those that a program may, and TF, NT and RF; IF, IOPL,
 * VM and the rest stay the kernel's (FLAG_MASK in arch/x86/kernel/ptrace.c), and nothing is refused:
 * what may not be set is dropped.
 */
static void eflags_accepted(void)
{
	static const struct {
		unsigned bit;
		const char *name, *reads;
	} flags[] = {
		{ 0, "CF", "as written" },     /* arithmetic, as are PF, AF, ZF, SF and OF */
		{ 1, "reserved", "1" },        /* by the architecture */
		{ 2, "PF", "as written" },     /* parity */
		{ 3, "reserved", "0" },        /* by the architecture */
		{ 4, "AF", "as written" },     /* carry out of the low four bits */
		{ 5, "reserved", "0" },        /* by the architecture */
		{ 6, "ZF", "as written" },     /* see branch-turned */
		{ 7, "SF", "as written" },     /* sign */
		{ 8, "TF", "as written" },     /* see tf-by-hand */
		{ 9, "IF", "1" },              /* interrupts stay enabled */
		{ 10, "DF", "as written" },    /* direction of the string instructions */
		{ 11, "OF", "as written" },    /* overflow */
		{ 12, "IOPL, low bit", "0" },  /* iopl(2)'s business */
		{ 13, "IOPL, high bit", "0" }, /* the same */
		{ 14, "NT", "as written" },    /* meaningless in 64-bit code, and not filtered */
		{ 15, "reserved", "0" },       /* by the architecture */
		{ 16, "RF", "as written" },    /* to step over an execution breakpoint */
		{ 17, "VM", "0" },             /* no virtual 8086 mode in 64-bit mode */
		{ 18, "AC", "as written" },    /* alignment checks: a program may have them */
		{ 19, "VIF", "0" },            /* of virtual 8086 mode */
		{ 20, "VIP", "0" },            /* the same */
		{ 21, "ID", "0" },             /* whether there is CPUID */
	};
	struct tracee tracee = tracee_at_trap("trap", 0);
	struct user_regs_struct regs = xgetregs(tracee.pid);

	for (size_t i = 0; i < COUNT(flags); i++) {
		regs.eflags = 0;
		xsetregs(tracee.pid, &regs);
		bool cleared = xgetregs(tracee.pid).eflags >> flags[i].bit & 1;

		regs.eflags = 1UL << flags[i].bit;
		xsetregs(tracee.pid, &regs);
		bool set = xgetregs(tracee.pid).eflags >> flags[i].bit & 1;

		expect_str(flags[i].reads,
			set && !cleared ? "as written"
			: set           ? "1"
			: cleared       ? "inverted"
					: "0",
			"bit %u, %s, reads", flags[i].bit, flags[i].name);
	}
	regs.eflags = ~0UL;
	expect_errno(0, ptrace(PTRACE_SETREGS, tracee.pid, 0, &regs), "SETREGS with eflags ~0");
	expect_hex(0x54fd7, xgetregs(tracee.pid).eflags, "eflags");
	regs.eflags = 0;
	expect_errno(0, ptrace(PTRACE_SETREGS, tracee.pid, 0, &regs), "SETREGS with eflags 0");
	expect_hex(0x202, xgetregs(tracee.pid).eflags, "eflags");
}

/*
 * Do the flags that were accepted arrive in the program? Predicted: yes, pushf stores them; only
 * RF is cleared in the image that pushf stores (Intel SDM, PUSHF).
 */
static void eflags_seen(void)
{
	static const struct {
		const char *what;
		unsigned long set, pushed;
	} cases[] = {
		{ "none", 0, 0x202 },                             /* the control */
		{ "CF PF AF ZF SF DF OF", 0xcd5, 0x202 | 0xcd5 }, /* the usual ones */
		{ "NT", 1UL << 14,
			0x202 | 1UL << 14 }, /* the one that 64-bit code has no use for */
		{ "AC", 1UL << 18, 0x202 | 1UL << 18 }, /* alignment checks */
		{ "RF", 1UL << 16, 0x202 },             /* used up by the first instruction */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("flags", 0);
		struct user_regs_struct regs = xgetregs(tracee.pid);

		regs.eflags = cases[i].set;
		xsetregs(tracee.pid, &regs);
		expect_stop(STOP_EXITED, 0, run(&tracee), "%s: the tracee", cases[i].what);
		expect_hex(cases[i].pushed, (unsigned long)told(&tracee, "flags"),
			"%s: what pushf stored", cases[i].what);
	}
}

/*
 * Which values do the segment registers take? Predicted: the kernel looks at two bits. Any
 * selector of privilege level 3, and null, is stored whether it exists or not; null is refused for
 * cs and ss (set_segment_reg(), invalid_selector()). Only 16 bits are looked at, and kept.
 */
static void segments_accepted(void)
{
	static const struct {
		unsigned long selector;
		const char *what, *refused;
	} cases[] = {
		{ 0x0, "null", "cs ss" },           /* what ds, es, fs and gs hold anyway */
		{ 0x3, "null at level 3", "none" }, /* null all the same, but not 0 */
		{ 0x10, "the kernel's code, level 0", "cs ss ds es fs gs" }, /* the hole to shut */
		{ 0x11, "the same at level 1", "cs ss ds es fs gs" },        /* only 3 will do */
		{ 0x13, "the same at level 3", "none" },  /* its descriptor is not looked at */
		{ CS_32, "32-bit code", "none" },         /* see cs-32-bit-view */
		{ USER_DS, "data", "none" },              /* no code, accepted for cs */
		{ CS_64, "64-bit code", "none" },         /* not writable, accepted for ss */
		{ 0xffff, "beyond every table", "none" }, /* there is no such descriptor */
		{ 0x10033, "64-bit code and a 17th bit", "none" }, /* kept as 0x33 */
	};
	static const char *const names[6] = { "cs", "ss", "ds", "es", "fs", "gs" };
	static const size_t offsets[6] = { OFFSET(cs), OFFSET(ss), OFFSET(ds), OFFSET(es),
		OFFSET(fs), OFFSET(gs) };
	struct tracee tracee = tracee_at_trap("trap", 0);
	unsigned stored = 0, kept = 0;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *refused = "";

		for (unsigned n = 0; n < 6; n++) {
			if (ptrace(PTRACE_POKEUSER, tracee.pid, offsets[n], cases[i].selector) ==
				-1) {
				refused = text("%s%s%s%s", refused, *refused ? " " : "", names[n],
					errno == EIO ? "" : errno_text(errno));
			} else {
				stored++;
				kept += xpeek(PTRACE_PEEKUSER, tracee.pid, offsets[n]) ==
					(long)(cases[i].selector & 0xffff);
			}
		}
		expect_str(cases[i].refused, *refused ? refused : "none", "%#lx, %s: EIO for",
			cases[i].selector, cases[i].what);
	}
	expect_eq(46, stored, "stores accepted, of 60");
	expect_eq(46, kept, "of them read back as the low 16 bits");
}

/* "SIGSEGV SI_KERNEL at 0": the fault that the tracee is stopped for. */
static const char *fault_text(const struct tracee *tracee, struct stop stop)
{
	unsigned long address;

	if (stop.kind != STOP_SIGNAL)
		return stop_text(stop);

	int code = signal_cause(tracee, &address);

	return text("%s %s at %s", signal_name(stop.detail),
		code == SI_KERNEL     ? "SI_KERNEL"
		: code == SEGV_MAPERR ? "SEGV_MAPERR"
		: code == SEGV_ACCERR ? "SEGV_ACCERR"
				      : text("si_code %d", code),
		show_address(address));
}

/*
 * What becomes of a selector that was accepted and does not fit? Predicted: for cs and ss the IRET
 * to the program faults, and the fault is made the program's SIGSEGV (fixup_bad_iret()); ds and es
 * are loaded on the way, and what cannot be loaded becomes null (loadsegment()).
 */
static void segments_late(void)
{
	static const struct {
		const char *what;
		size_t offset;
		unsigned long selector;
	} fatal[] = {
		{ "cs null at level 3", OFFSET(cs), 0x3 },       /* no code segment */
		{ "cs the kernel's code", OFFSET(cs), 0x13 },    /* of another level */
		{ "cs a data segment", OFFSET(cs), USER_DS },    /* not executable */
		{ "cs beyond every table", OFFSET(cs), 0xffff }, /* no descriptor */
		{ "ss beyond every table", OFFSET(ss), 0xffff }, /* the same */
	};
	static const struct {
		const char *what;
		unsigned long selector, seen;
	} silent[] = {
		{ "the data segment", USER_DS, USER_DS }, /* it fits */
		{ "beyond every table", 0xffff, 0 },      /* it does not */
	};

	for (size_t i = 0; i < COUNT(fatal); i++) {
		struct tracee tracee = tracee_at_trap("selectors", 0);

		xptrace(PTRACE_POKEUSER, tracee.pid, fatal[i].offset, fatal[i].selector);
		expect_str("SIGSEGV SI_KERNEL at 0", fault_text(&tracee, run(&tracee)), "%s",
			fatal[i].what);
	}
	for (size_t i = 0; i < COUNT(silent); i++) {
		struct tracee tracee = tracee_at_trap("selectors", 0);

		xptrace(PTRACE_POKEUSER, tracee.pid, OFFSET(ds), silent[i].selector);
		xptrace(PTRACE_POKEUSER, tracee.pid, OFFSET(es), silent[i].selector);
		expect_stop(
			STOP_EXITED, 0, run(&tracee), "ds and es %s: the tracee", silent[i].what);
		expect_hex(silent[i].seen, (unsigned long)told(&tracee, "ds"), "ds as it sees it");
		expect_hex(silent[i].seen, (unsigned long)told(&tracee, "es"), "es as it sees it");
	}
}

/* The smallest value that POKEUSER refuses at an offset, given one accepted and one refused. */
static unsigned long least_refused(
	const struct tracee *tracee, size_t offset, unsigned long accepted, unsigned long refused)
{
	while (refused - accepted > 1) {
		unsigned long middle = accepted + (refused - accepted) / 2;

		if (ptrace(PTRACE_POKEUSER, tracee->pid, offset, middle) == 0)
			accepted = middle;
		else
			refused = middle;
	}
	return refused;
}

/*
 * Which segment bases does the kernel accept? Predicted: those below the end of user space,
 * mapped or not; EIO from there on (putreg(), TASK_SIZE_MAX). The end is one page below a power of
 * two, 2^47 or with five-level page tables 2^56. The selectors are not touched.
 */
static void bases_accepted(void)
{
	static const struct {
		const char *what;
		unsigned long base;
		int error;
	} cases[] = {
		{ "0" },                                   /* as at exec */
		{ "1, mapped by nobody", 1, 0 },           /* need not be mapped or aligned */
		{ "2^46", 1UL << 46, 0 },                  /* user space on every machine */
		{ "2^62, not canonical", 1UL << 62, EIO }, /* WRGSBASE would fault in the kernel */
		{ "-2^46, the kernel's", -(1UL << 46), EIO }, /* canonical: the hole to keep shut */
		{ "-1", -1UL, EIO },                          /* canonical too */
	};
	struct tracee tracee = tracee_at_trap("trap", 0);
	const struct reg fs_gs[2] = { { "fs_base", OFFSET(fs_base) },
		{ "gs_base", OFFSET(gs_base) } };

	for (size_t i = 0; i < COUNT(cases); i++)
		for (unsigned n = 0; n < 2; n++)
			expect_errno(cases[i].error,
				ptrace(PTRACE_POKEUSER, tracee.pid, fs_gs[n].offset, cases[i].base),
				"%s %s", fs_gs[n].name, cases[i].what);
	for (unsigned n = 0; n < 2; n++) {
		unsigned long end =
			least_refused(&tracee, fs_gs[n].offset, 1UL << 46, 1UL << 62) + 4096;

		note_live("the first %s refused is %#lx", fs_gs[n].name, end - 4096);
		expect_eq(1, __builtin_popcountl(end),
			"bits set in the first %s refused, plus a page", fs_gs[n].name);
	}
	expect_eq(0, xpeek(PTRACE_PEEKUSER, tracee.pid, OFFSET(fs)), "selector in fs");
	expect_eq(0, xpeek(PTRACE_PEEKUSER, tracee.pid, OFFSET(gs)), "selector in gs");
}

/*
 * Does the program address through a base that the tracer moved? Predicted: yes, at once; fs_base
 * is the C library's thread pointer, so it must come back before any C code runs.
 */
static void bases_seen(void)
{
	struct tracee tracee = tracee_at_trap("bases", 0);
	unsigned long words = told_place(&tracee, "words", 16);
	struct user_regs_struct regs = xgetregs(tracee.pid);
	unsigned long thread_pointer = regs.fs_base;

	regs.fs_base = words;
	regs.gs_base = words + 8;
	xsetregs(tracee.pid, &regs);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "the tracee");
	regs = xgetregs(tracee.pid);
	expect_address(words, regs.fs_base, "fs_base");
	expect_address(words + 8, regs.gs_base, "gs_base");
	regs.fs_base = thread_pointer;
	xsetregs(tracee.pid, &regs);
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_hex(0xf5f5, (unsigned long)told(&tracee, "at fs:0"), "the tracee read at fs:0");
	expect_hex(0x6565, (unsigned long)told(&tracee, "at gs:0"), "the tracee read at gs:0");
}

/*
 * How does PTRACE_ARCH_PRCTL take its arguments? Predicted: the wrong way round for who knows
 * arch_prctl(2): addr is the value, or where the tracer wants it; data is the operation. What
 * POKEUSER refuses with EIO it refuses with EPERM (do_arch_prctl_64()).
 */
static void arch_prctl_swapped(void)
{
	enum { ARCH_SET_GS = 0x1001, ARCH_SET_FS, ARCH_GET_FS, ARCH_GET_GS };
	struct tracee tracee = tracee_at_trap("bases", 0);
	unsigned long words = told_place(&tracee, "words", 16);
	unsigned long base;

	expect_errno(EINVAL, ptrace(PTRACE_ARCH_PRCTL, tracee.pid, ARCH_GET_FS, &base),
		"operation in addr, buffer in data");
	expect_errno(0, ptrace(PTRACE_ARCH_PRCTL, tracee.pid, &base, ARCH_GET_FS),
		"buffer in addr, operation in data");
	expect_true(base == xgetregs(tracee.pid).fs_base, "it gave fs_base");
	expect_errno(0, ptrace(PTRACE_ARCH_PRCTL, tracee.pid, 0x1000, ARCH_SET_GS), "ARCH_SET_GS");
	expect_hex(0x1000, xgetregs(tracee.pid).gs_base, "gs_base");
	expect_errno(EPERM, ptrace(PTRACE_ARCH_PRCTL, tracee.pid, -1L, ARCH_SET_GS),
		"ARCH_SET_GS of a kernel address");
	expect_hex(0x1000, xgetregs(tracee.pid).gs_base, "gs_base");
	expect_errno(0, ptrace(PTRACE_ARCH_PRCTL, tracee.pid, words + 8, ARCH_SET_GS),
		"ARCH_SET_GS of one of its own");
	run(&tracee);
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_hex(0x6565, (unsigned long)told(&tracee, "at gs:0"), "the tracee read at gs:0");
}

#define TLS_FIRST 12 /* GDT_ENTRY_TLS_MIN of a 64-bit kernel */

/* A data segment from `base` on, as far as 32 bits reach. */
static struct user_desc data_segment(unsigned long base)
{
	return (struct user_desc){ .entry_number = TLS_FIRST + 2, /* not what decides */
		.base_addr = (unsigned)base,
		.limit = 0xfffff,
		.seg_32bit = 1,
		.limit_in_pages = 1,
		.useable = 1 };
}

/*
 * Can a tracer give a program a segment of its own? Predicted: yes, one of three descriptors in the
 * GDT; the index stands in addr, and that in the struct is ignored (ptrace(2)). Made for 32-bit
 * programs, it works for a 64-bit one. Without it the selector is a fault. Where the selector is
 * loaded, the base follows the descriptor at once (do_set_thread_area()). Only a 32-bit data segment
 * will do, and so one based below 4 GiB (tls_desc_okay()).
 */
static void thread_area(void)
{
	struct tracee tracee = tracee_at_trap("thread-area", 0);
	unsigned long low_words = told_place(&tracee, "low_words", 16);
	struct user_desc area, mine = data_segment(low_words), code = mine, narrow = mine;

	code.contents = MODIFY_LDT_CONTENTS_CODE;
	narrow.seg_32bit = 0;
	if (ptrace(PTRACE_GET_THREAD_AREA, tracee.pid, TLS_FIRST, &area) == -1 && errno == EIO)
		skip("this kernel was built without IA32 emulation");
	expect_eq(1, area.seg_not_present, "entry 12 is empty");
	expect_errno(EIO, ptrace(PTRACE_GET_THREAD_AREA, tracee.pid, -1, &area), "entry -1");
	expect_errno(EINVAL, ptrace(PTRACE_GET_THREAD_AREA, tracee.pid, 11, &area), "entry 11");
	expect_errno(
		EINVAL, ptrace(PTRACE_SET_THREAD_AREA, tracee.pid, 15, &mine), "entry 15, set");
	expect_errno(EINVAL, ptrace(PTRACE_SET_THREAD_AREA, tracee.pid, TLS_FIRST, &code),
		"entry 12, set to 32-bit code");
	expect_errno(EINVAL, ptrace(PTRACE_SET_THREAD_AREA, tracee.pid, TLS_FIRST, &narrow),
		"entry 12, set to a 16-bit segment");
	expect_str("SIGSEGV SI_KERNEL at 0", fault_text(&tracee, run(&tracee)),
		"the program loads its selector into gs");
	expect_errno(0, ptrace(PTRACE_SET_THREAD_AREA, tracee.pid, TLS_FIRST, &mine),
		"entry 12, set, with 14 in the struct");
	expect_errno(0, ptrace(PTRACE_GET_THREAD_AREA, tracee.pid, TLS_FIRST, &area), "entry 12");
	expect_true(area.base_addr == low_words, "its base is the one set");
	expect_str("12, 32-bit 1, limit 0xfffff, in pages 1, useable 1",
		text("%u, 32-bit %u, limit %#x, in pages %u, useable %u", area.entry_number,
			area.seg_32bit, area.limit, area.limit_in_pages, area.useable),
		"what else it tells");
	xptrace(PTRACE_GET_THREAD_AREA, tracee.pid, (long)(TLS_FIRST + 2), &area);
	expect_eq(1, area.seg_not_present, "entry 14 is empty");
	expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "the program loads it again");
	expect_address(low_words, xgetregs(tracee.pid).gs_base, "gs_base");
	mine.base_addr += 8;
	xptrace(PTRACE_SET_THREAD_AREA, tracee.pid, (long)TLS_FIRST, &mine);
	expect_address(low_words + 8, xgetregs(tracee.pid).gs_base, "base set 8 higher: gs_base");
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_hex(0x7157, (unsigned long)told(&tracee, "at gs:0"), "it read at gs:0");
}

/*
 * When does a bad rip fail? Predicted: never when it is written. The fault comes on resuming, and
 * is the program's: without an address where the address cannot exist, else as for any jump there.
 */
static void bad_rip_late(void)
{
	struct tracee tracee = tracee_at_trap("trap", 0);
	const unsigned long data = told_place(&tracee, "data_page", 4096), high = -(1UL << 46);
	const struct {
		const char *what;
		unsigned long rip;
		const char *fault;
		unsigned long address;
	} cases[] = {
		{ "0", 0, "SIGSEGV SEGV_MAPERR", 0 },                       /* nothing is there */
		{ "not canonical", 1UL << 62, "SIGSEGV SI_KERNEL", 0 },     /* no address at all */
		{ "the kernel's half", high, "SIGSEGV SEGV_MAPERR", high }, /* hidden */
		{ "data", data, "SIGSEGV SEGV_ACCERR", data },              /* not executable */
	};

	role_address("kernel_half", high, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		expect_errno(0, ptrace(PTRACE_POKEUSER, tracee.pid, OFFSET(rip), cases[i].rip),
			"rip in %s", cases[i].what);
		expect_str(text("%s at %s", cases[i].fault, show_address(cases[i].address)),
			fault_text(&tracee, run(&tracee)), "then");
		expect_true(xgetregs(tracee.pid).rip == cases[i].rip, "rip is still the bad one");
	}
}

/* --- floating point and vectors --------------------------------------------------------------- */

/*
 * Does the program compute with an xmm register that the tracer changed? Predicted: yes; GETFPREGS
 * shows the 512-byte FXSAVE image with xmm0 at byte 160 (Intel SDM volume 1, 10.5.1).
 */
static void xmm_changed(void)
{
	struct tracee tracee = tracee_at_trap("xmm", 0);
	struct user_fpregs_struct fpregs;
	const unsigned long value[2] = { 0xaaaa, 0xbbbb };

	expect_errno(0, ptrace(PTRACE_GETFPREGS, tracee.pid, 0, &fpregs), "PTRACE_GETFPREGS");
	expect_hex(0x1111, fpregs.xmm_space[0], "xmm0, first word");
	expect_hex(0x2222, fpregs.xmm_space[2], "xmm0, third word");
	memcpy(fpregs.xmm_space, value, sizeof(value));
	expect_errno(0, ptrace(PTRACE_SETFPREGS, tracee.pid, 0, &fpregs), "PTRACE_SETFPREGS");
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_hex(0xaaaa, (unsigned long)told(&tracee, "low"), "xmm0 as it sees it, low half");
	expect_hex(0xbbbb, (unsigned long)told(&tracee, "high"), "xmm0 as it sees it, high half");
}

#define FEATURE_AVX 0x4UL

static unsigned long word_at(const struct vectors *vectors, size_t offset)
{
	unsigned long word;

	memcpy(&word, vectors->bytes + offset, sizeof(word));
	return word;
}

static void set_word(struct vectors *vectors, size_t offset, unsigned long word)
{
	memcpy(vectors->bytes + offset, &word, sizeof(word));
}

/*
 * And a ymm register, of which FXSAVE knows only the lower half? Predicted: the upper half stands
 * in NT_X86_XSTATE where CPUID leaf 0xD says, and is taken only while its bit in XSTATE_BV is set:
 * without the bit the upper halves are those of a fresh process, zero, whatever the image holds.
 */
static void ymm_changed(void)
{
	static struct vectors vectors;
	unsigned size, offset, c, d;

	if (!has_xsave() || !__builtin_cpu_supports("avx"))
		skip("no AVX on this machine");
	__cpuid_count(0xd, 2, size, offset, c, d);
	for (unsigned with_bit = 0; with_bit < 2; with_bit++) {
		const char *arm = with_bit ? "bit set" : "bit clear";
		struct tracee tracee = tracee_at_trap("ymm", 0);

		get_vectors(&tracee, &vectors);
		expect_true(word_at(&vectors, ENABLED) & FEATURE_AVX, "%s: AVX enabled", arm);
		expect_true(
			word_at(&vectors, XSTATE_BV) & FEATURE_AVX, "%s: AVX in XSTATE_BV", arm);
		expect_hex(0x1111, word_at(&vectors, XMM0), "%s: low half of ymm0", arm);
		expect_hex(0x3333, word_at(&vectors, offset), "%s: high half of ymm0", arm);
		expect_hex(0x4444, word_at(&vectors, offset + 8), "%s: its last word", arm);
		set_word(&vectors, offset, 0xcccc);
		set_word(&vectors, offset + 8, 0xdddd);
		if (!with_bit)
			set_word(&vectors, XSTATE_BV, word_at(&vectors, XSTATE_BV) & ~FEATURE_AVX);
		move_vectors(PTRACE_SETREGSET, &tracee, &vectors);
		expect_stop(STOP_EXITED, 0, run(&tracee), "%s: the tracee", arm);
		expect_hex(
			0x1111, (unsigned long)told(&tracee, "low"), "%s: it sees, low half", arm);
		expect_hex(with_bit ? 0xcccc : 0, (unsigned long)told(&tracee, "upper half low"),
			"%s: it sees, high half", arm);
		expect_hex(with_bit ? 0xdddd : 0, (unsigned long)told(&tracee, "upper half high"),
			"%s: it sees, last word", arm);
	}
}

/* The FXSAVE image, by GETREGSET: the first `length` bytes of it. */
static long move_image(enum __ptrace_request request, const struct tracee *tracee,
	struct user_fpregs_struct *fpregs, size_t length)
{
	struct iovec iov = { fpregs, length };

	return ptrace(request, tracee->pid, NT_PRFPREG, &iov);
}

/*
 * Are GETFPREGS and the set NT_PRFPREG two things? Predicted: no, one image of 512 bytes under two
 * names, which NT_X86_XSTATE begins with (but for the bytes that the processor leaves to software).
 * It is written whole or not at all, and reserved MXCSR bits are refused (xfpregs_set()). It knows
 * nothing of the upper half of a ymm register, and so leaves that alone.
 */
static void fp_by_two_names(void)
{
	static struct vectors vectors;
	struct user_fpregs_struct by_request, by_set, bad;

	if (!has_xsave() || !__builtin_cpu_supports("avx"))
		skip("no AVX on this machine");

	struct tracee tracee = tracee_at_trap("ymm", 0);

	xptrace(PTRACE_GETFPREGS, tracee.pid, 0L, &by_request);
	expect_errno(0, move_image(PTRACE_GETREGSET, &tracee, &by_set, 512), "GETREGSET");
	expect_eq(0, count_differing(&by_request, &by_set, 512),
		"GETFPREGS, NT_PRFPREG: bytes apart");
	get_vectors(&tracee, &vectors);
	expect_eq(0, count_differing(&by_request, vectors.bytes, ENABLED),
		"GETFPREGS, NT_X86_XSTATE to byte 463: bytes apart");
	bad = by_request;
	bad.xmm_space[0] = 0xbad;
	expect_errno(
		EINVAL, move_image(PTRACE_SETREGSET, &tracee, &bad, 504), "SETREGSET of 504 bytes");
	bad.mxcsr |= 1U << 31;
	expect_errno(EINVAL, move_image(PTRACE_SETREGSET, &tracee, &bad, 512),
		"SETREGSET of a reserved MXCSR bit");
	expect_errno(EINVAL, ptrace(PTRACE_SETFPREGS, tracee.pid, 0, &bad),
		"SETFPREGS of a reserved MXCSR bit");
	xptrace(PTRACE_GETFPREGS, tracee.pid, 0L, &by_set);
	expect_eq(0, count_differing(&by_request, &by_set, 512), "bytes that differ afterwards");
	by_set.xmm_space[0] = 0xaaaa;
	expect_errno(0, move_image(PTRACE_SETREGSET, &tracee, &by_set, 512), "SETREGSET");
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_hex(0xaaaa, (unsigned long)told(&tracee, "low"), "ymm0 as it sees it, low half");
	expect_hex(0x3333, (unsigned long)told(&tracee, "upper half low"), "its high half");
}

/*
 * Does a program compute otherwise if no number of it is changed, and only how it rounds? Predicted:
 * yes, in the last bit. MXCSR says it to the vector unit, the control word to the x87 unit, each for
 * itself.
 */
static void rounding_turned(void)
{
	enum { MXCSR_UP = 0x4000, X87_UP = 0x0800 };
	static const struct {
		const char *what;
		unsigned mxcsr;
		unsigned short cwd;
		unsigned long sse, x87;
	} cases[] = {
		{ "untouched", .sse = 0x3fd5555555555555, .x87 = 0x3fd5555555555555 },
		{ "MXCSR: up", .mxcsr = MXCSR_UP, .sse = 0x3fd5555555555556,
			.x87 = 0x3fd5555555555555 },
		{ "control word: up", .cwd = X87_UP, .sse = 0x3fd5555555555555,
			.x87 = 0x3fd5555555555556 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_at_trap("thirds", 0);
		struct user_fpregs_struct fpregs;

		xptrace(PTRACE_GETFPREGS, tracee.pid, 0L, &fpregs);
		fpregs.mxcsr |= cases[i].mxcsr;
		fpregs.cwd |= cases[i].cwd;
		expect_errno(0, ptrace(PTRACE_SETFPREGS, tracee.pid, 0, &fpregs), "%s: SETFPREGS",
			cases[i].what);
		expect_stop(STOP_EXITED, 0, run(&tracee), "%s: the tracee", cases[i].what);
		expect_hex(cases[i].sse, (unsigned long)told(&tracee, "by SSE"),
			"%s: 1/3 by the vector unit", cases[i].what);
		expect_hex(cases[i].x87, (unsigned long)told(&tracee, "by x87"),
			"%s: 1/3 by the x87 unit", cases[i].what);
	}
}

/*
 * Which extended states does the kernel refuse? Predicted: any length but its own, with EFAULT
 * (xstateregs_set()) unless it is no multiple of 8 (ptrace_regset(), EINVAL) or longer, which is cut;
 * features it does not know, the compacted format, reserved header bytes and reserved MXCSR bits with
 * EINVAL (validate_user_xstate_header(), copy_uabi_to_xstate()). Unlike SETREGS, all or nothing.
 */
static void xstate_refusals(void)
{
	static const struct {
		const char *what;
		int error;
		int longer;
		size_t offset;
		unsigned long set; /* bits to set in the word at offset */
	} cases[] = {
		{ "as it was read" },              /* the control */
		{ "8 bytes longer", .longer = 8 }, /* cut to its own length */
		{ "8 bytes shorter", EFAULT, -8 }, /* GET takes any length */
		{ "1 byte shorter", EINVAL, -1 },  /* of every regset */
		{ "unknown feature", EINVAL, .offset = XSTATE_BV, .set = 1UL << 61 },
		{ "compacted format", EINVAL, .offset = XCOMP_BV, .set = 1UL << 63 },
		{ "reserved header byte", EINVAL, .offset = HEADER_RESERVED, .set = 1 },
		{ "reserved MXCSR bit", EINVAL, .offset = MXCSR, .set = 1UL << 31 },
	};
	static struct vectors saved, changed, now;

	if (!has_xsave())
		skip("no XSAVE on this machine");

	struct tracee tracee = tracee_at_trap("xmm", 0);

	get_vectors(&tracee, &saved);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct iovec iov = { changed.bytes, saved.length + (size_t)cases[i].longer };

		changed = saved;
		set_word(&changed, XMM0, cases[i].error ? 0xbad : word_at(&saved, XMM0));
		set_word(&changed, cases[i].offset,
			word_at(&changed, cases[i].offset) | cases[i].set);
		expect_errno(cases[i].error,
			ptrace(PTRACE_SETREGSET, tracee.pid, NT_X86_XSTATE, &iov), "%s",
			cases[i].what);
		get_vectors(&tracee, &now);
		expect_eq(0, count_differing(&saved.bytes, &now.bytes, saved.length),
			"bytes that differ afterwards");
	}
}

/* --- ways to read ----------------------------------------------------------------------------- */

/*
 * What do GETREGSET and SETREGSET make of a buffer that is not as long as the set? Predicted: it
 * must be a multiple of the set's word, 8 bytes; a short one gets the first words, a long one is cut,
 * and iov_len says so afterwards (ptrace_regset()). The sets of 32-bit tracees are not there.
 */
static void regset_lengths(void)
{
	static const struct {
		const char *name;
		int note;
		size_t length;
		int error;
		size_t written;
	} cases[] = {
		{ "NT_PRSTATUS", NT_PRSTATUS, 0, 0, 0 },         /* asks nothing, succeeds */
		{ "NT_PRSTATUS", NT_PRSTATUS, 7, EINVAL, 0 },    /* no whole word */
		{ "NT_PRSTATUS", NT_PRSTATUS, 8, 0, 8 },         /* r15 alone */
		{ "NT_PRSTATUS", NT_PRSTATUS, 216, 0, 216 },     /* the set */
		{ "NT_PRSTATUS", NT_PRSTATUS, 4096, 0, 216 },    /* cut */
		{ "NT_PRFPREG", NT_PRFPREG, 4096, 0, 512 },      /* the FXSAVE image */
		{ "NT_PRXFPREG", NT_PRXFPREG, 4096, EINVAL, 0 }, /* of 32-bit tracees */
		{ "NT_386_TLS", NT_386_TLS, 4096, EINVAL, 0 },   /* of 32-bit tracees */
		{ "note 0x9999", 0x9999, 4096, EINVAL, 0 },      /* unknown */
	};
	struct tracee tracee = tracee_at_trap("trap", 0);
	struct user_regs_struct before = xgetregs(tracee.pid), after;
	unsigned char buffer[4096];
	struct iovec iov;

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t written = sizeof(buffer);

		memset(buffer, 0xa5, sizeof(buffer));
		iov = (struct iovec){ buffer, cases[i].length };
		expect_errno(cases[i].error,
			ptrace(PTRACE_GETREGSET, tracee.pid, cases[i].note, &iov),
			"%s into %zu bytes", cases[i].name, cases[i].length);
		while (written > 0 && buffer[written - 1] == 0xa5)
			written--;
		if (cases[i].error == 0)
			expect_eq((long)cases[i].written, (long)iov.iov_len, "iov_len");
		/* The last register may end in zero bytes: those are not 0xa5. */
		expect_eq((long)cases[i].written, (long)written, "bytes written");
	}
	after = before;
	after.r15 = 0x15;
	after.r14 = 0x14;
	iov = (struct iovec){ &after, 8 };
	expect_errno(0, ptrace(PTRACE_SETREGSET, tracee.pid, NT_PRSTATUS, &iov),
		"SETREGSET of NT_PRSTATUS from 8 bytes");
	after = xgetregs(tracee.pid);
	expect_hex(0x15, after.r15, "r15");
	expect_true(after.r14 == before.r14, "r14 is what it was");
}

/* The length of the tracee's NT_PRSTATUS: 216 bytes, or 68 for a 32-bit tracee. */
static long prstatus_length(const struct tracee *tracee)
{
	char buffer[sizeof(struct user_regs_struct)];
	struct iovec iov = { buffer, sizeof(buffer) };

	xptrace(PTRACE_GETREGSET, tracee->pid, (long)NT_PRSTATUS, &iov);
	return (long)iov.iov_len;
}

/* Sets that a kernel may lack, and a tracee that has not asked for them has nothing in: I/O ports,
 * shadow stack. */
#define NT_386_IOPERM 0x201
#define NT_X86_SHSTK 0x204

/* Which types of note GETREGSET gives, "1 (216 bytes) 2 (512 bytes)", with SETREGSET taking back each;
 * the extended state's length is the machine's. */
static const char *note_types(const struct tracee *tracee, long *refused)
{
	static unsigned char bytes[16384];
	const char *list = "";

	*refused = 0;
	for (unsigned long n = 0; n <= 0x10000; n++) {
		unsigned long type = n < 0x10000 ? n : NT_PRXFPREG;
		struct iovec iov = { bytes, sizeof(bytes) };

		if (type == NT_386_IOPERM || type == NT_X86_SHSTK)
			continue;
		if (ptrace(PTRACE_GETREGSET, tracee->pid, type, &iov) == -1) {
			*refused += errno == EINVAL;
			continue;
		}
		list = text("%s%s%#lx (%s%s)", list, *list != '\0' ? " " : "", type,
			type == NT_X86_XSTATE ? "xstate" : text("%zu bytes", iov.iov_len),
			ptrace(PTRACE_SETREGSET, tracee->pid, type, &iov) == 0 ? ""
									       : ", not written");
	}
	return list;
}

/*
 * Which sets of registers are there? Predicted: of all types of note three, if the tracee runs 64-bit
 * code, and five, if cs says 32-bit code (x86_64_regsets, x86_32_regsets); what was got can be set. Two
 * more are there where the kernel has I/O ports or shadow stacks for programs, and have nothing
 * for who did not ask.
 */
static void note_types_known(void)
{
	static const struct {
		const char *what;
		unsigned long cs;
		const char *list;
		long refused;
	} cases[] = {
		{ "64-bit", CS_64, "0x1 (216 bytes) 0x2 (512 bytes) 0x202 (xstate)", 65532 },
		{ "32-bit", CS_32,
			"0x1 (68 bytes) 0x2 (108 bytes) 0x200 (48 bytes) 0x202 (xstate) 0x46e62b7f "
			"(512 bytes)",
			65530 },
	};
	static const int optional[] = { NT_386_IOPERM, NT_X86_SHSTK };
	struct tracee tracee = tracee_at_trap("trap", 0);
	struct iovec iov;
	long refused;

	if (!has_xsave())
		skip("no XSAVE on this machine");
	for (size_t i = 0; i < COUNT(optional); i++) {
		char bytes[8192];

		iov = (struct iovec){ bytes, sizeof(bytes) };

		long result = ptrace(PTRACE_GETREGSET, tracee.pid, optional[i], &iov);

		note_live("%#x: %s", optional[i], errno_text(errno));
		expect_true(result == -1 && (errno == EINVAL || errno == ENXIO || errno == ENODEV),
			"%#x: unknown, or nothing in it", optional[i]);
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		xptrace(PTRACE_POKEUSER, tracee.pid, OFFSET(cs), cases[i].cs);
		if (cases[i].cs == CS_32 && prstatus_length(&tracee) == 216)
			skip("this kernel was built without IA32 emulation");
		expect_str(cases[i].list, note_types(&tracee, &refused), "%s: there are",
			cases[i].what);
		expect_eq(cases[i].refused, refused, "%s: EINVAL of the other types to 0xffff",
			cases[i].what);
	}
}

/* The lengths from 0 to 256 at which a request that has the length in addr succeeds, "8" or "0 to
 * 256", and what it returns then. */
static const char *accepted_lengths(const struct tracee *tracee, enum __ptrace_request request)
{
	unsigned char buffer[256] = { 0 };
	long first = 0, last = sizeof(buffer), accepted = 0;

	while (first < last && ptrace(request, tracee->pid, first, buffer) == -1)
		first++;
	while (last > first && ptrace(request, tracee->pid, last, buffer) == -1)
		last--;
	for (long length = first; length <= last; length++)
		accepted += ptrace(request, tracee->pid, length, buffer) != -1;
	if (accepted != last - first + 1)
		return text("%ld of them, not in a row", accepted);
	return text("%s, returns %ld",
		first == last ? text("%ld", first) : text("%ld to %ld", first, last),
		ptrace(request, tracee->pid, last, buffer));
}

/*
 * Which lengths do the requests take that have one in addr? Predicted: each its own way. A signal mask
 * is 8 bytes and nothing else (the C library's sigset_t is 128); what is told of a call is cut to any
 * length, and the result says how much there is. Found: what is told of rseq is cut, too.
 */
static void lengths_in_addr(void)
{
	struct tracee tracee = tracee_at_trap("trap", 0);

	expect_str("8, returns 0", accepted_lengths(&tracee, PTRACE_GETSIGMASK), "GETSIGMASK");
	expect_str("8, returns 0", accepted_lengths(&tracee, PTRACE_SETSIGMASK), "SETSIGMASK");
	expect_str("0 to 256, returns 24", accepted_lengths(&tracee, PTRACE_GET_SYSCALL_INFO),
		"GET_SYSCALL_INFO");
	if (ptrace(PTRACE_GET_RSEQ_CONFIGURATION, tracee.pid, 0, NULL) == -1)
		skip("this kernel has no PTRACE_GET_RSEQ_CONFIGURATION");
	expect_str("0 to 256, returns 24", accepted_lengths(&tracee, PTRACE_GET_RSEQ_CONFIGURATION),
		"GET_RSEQ_CONFIGURATION");
}

/*
 * What can PEEKUSER and POKEUSER reach? Predicted: <sys/user.h> draws one struct user, but only
 * the registers and the debug registers are there. All else up to its end reads as 0, floating
 * point included, and cannot be written; the kernel's struct is longer than glibc's
 * (arch_ptrace(), arch/x86/include/asm/user_64.h).
 */
static void peekuser_map(void)
{
	static const struct {
		const char *what;
		size_t from, to;
		const char *found;
	} areas[] = {
		{ "regs", 0, offsetof(struct user, u_fpvalid), "27 words: 27 read, 27 written" },
		{ "u_fpvalid", offsetof(struct user, u_fpvalid), offsetof(struct user, i387),
			"1 words: 1 read as 0, 0 written" },
		/* Floating point is GETFPREGS' business. */
		{ "i387", offsetof(struct user, i387), offsetof(struct user, u_tsize),
			"64 words: 64 read as 0, 0 written" },
		/* Of a.out core files. */
		{ "u_tsize to u_comm", offsetof(struct user, u_tsize), DEBUG_REGISTER(0),
			"14 words: 14 read as 0, 0 written" },
		{ "DR0 to DR3", DEBUG_REGISTER(0), DEBUG_REGISTER(4),
			"4 words: 4 read as 0, 4 written" },
		/* Other names of DR6 and DR7 in the processor. */
		{ "DR4 and DR5", DEBUG_REGISTER(4), DEBUG_REGISTER(6),
			"2 words: 2 read as 0, 0 written" },
		{ "DR6", DEBUG_REGISTER(6), DEBUG_REGISTER(7), "1 words: 1 read, 1 written" },
		{ "DR7", DEBUG_REGISTER(7), DEBUG_REGISTER(8), "1 words: 1 read as 0, 1 written" },
		/* error_code and fault_address, in the kernel's struct only. */
		{ "behind glibc's struct user", sizeof(struct user), sizeof(struct user) + 16,
			"2 words: 2 read as 0, 0 written" },
		{ "behind that", sizeof(struct user) + 16, 2048, "140 words: 0 read, 0 written" },
	};
	struct tracee tracee = tracee_at_trap("trap", 0);
	unsigned odd = 0, odd_refused = 0, odd_poked = 0;

	for (size_t i = 0; i < COUNT(areas); i++) {
		unsigned words = 0, read = 0, zero = 0, written = 0;

		for (size_t offset = areas[i].from; offset < areas[i].to; offset += 8, words++) {
			errno = 0;

			long word = ptrace(PTRACE_PEEKUSER, tracee.pid, offset, 0);

			read += errno == 0;
			/* A DR6 that nothing happened to is 0xffff0ff0 or 0, as the kernel has it. */
			zero += errno == 0 && word == 0 && offset != DEBUG_REGISTER(6);
			written += ptrace(PTRACE_POKEUSER, tracee.pid, offset, word) == 0;
		}
		expect_str(areas[i].found,
			text("%u words: %u read%s, %u written", words, read,
				read > 0 && zero == read ? " as 0" : "", written),
			"bytes %zu to %zu, %s", areas[i].from, areas[i].to - 1, areas[i].what);
	}
	for (size_t offset = 1; offset < sizeof(struct user); offset++) {
		if (offset % 8 == 0)
			continue;
		errno = 0;
		odd++;
		odd_refused += ptrace(PTRACE_PEEKUSER, tracee.pid, offset, 0) == -1 && errno == EIO;
		odd_poked += ptrace(PTRACE_POKEUSER, tracee.pid, offset, 0) == -1 && errno == EIO;
	}
	expect_always(odd_refused, odd, "EIO at an offset that is no multiple of 8");
	expect_always(odd_poked, odd, "the same to POKEUSER");
}

/*
 * Do the three ways to read the registers agree, and what do they cost? Predicted: byte for byte;
 * one call against 27.
 */
static void three_ways_agree(void)
{
	struct tracee tracee = tracee_at_trap("trap", 0);
	struct user_regs_struct whole, set, words;
	struct iovec iov = { &set, sizeof(set) };
	struct samples cost[3] = { 0 };
	enum { TRIALS = 200 };
	long alike = 0;

	for (int trial = 0; trial < TRIALS; trial++) {
		int64_t start = clock_now_ns(), got_whole, got_set;

		xptrace(PTRACE_GETREGS, tracee.pid, 0L, &whole);
		got_whole = clock_now_ns();
		xptrace(PTRACE_GETREGSET, tracee.pid, (long)NT_PRSTATUS, &iov);
		got_set = clock_now_ns();
		for (size_t offset = 0; offset < sizeof(words); offset += 8) {
			long word = xpeek(PTRACE_PEEKUSER, tracee.pid, offset);

			memcpy((char *)&words + offset, &word, sizeof(word));
		}
		samples_add(&cost[2], (double)(clock_now_ns() - got_set));
		samples_add(&cost[1], (double)(got_set - got_whole));
		samples_add(&cost[0], (double)(got_whole - start));
		alike += memcmp(&whole, &set, sizeof(whole)) == 0 &&
			 /* cppcheck-suppress uninitvar ; filled word by word */
			 memcmp(&whole, &words, sizeof(whole)) == 0;
	}
	expect_always(alike, TRIALS, "the three are alike");
	expect_eq(
		0, count_differing(&whole, &set, sizeof(whole)), "GETREGS, GETREGSET: bytes apart");
	expect_eq(0, count_differing(&whole, &words, sizeof(whole)),
		"GETREGS, 27 PEEKUSER: bytes apart");
	note_live("GETREGS:     %s", samples_text(&cost[0], "ns"));
	note_live("GETREGSET:   %s", samples_text(&cost[1], "ns"));
	note_live("27 PEEKUSER: %s", samples_text(&cost[2], "ns"));
}

/*
 * Can the registers of a running tracee be read? Predicted: no, nor written: ESRCH, "No such
 * process", for every request (ptrace_check_attach()), and the tracee is not disturbed.
 */
static void regs_of_running(void)
{
	static struct user_regs_struct regs;
	static struct user_fpregs_struct fpregs;
	static struct iovec iov = { &regs, sizeof(regs) };
	static const struct {
		enum __ptrace_request request;
		void *data;
		long addr;
	} cases[] = {
		{ PTRACE_GETREGS, &regs },
		{ PTRACE_SETREGS, &regs },
		{ PTRACE_GETREGSET, &iov, NT_PRSTATUS },
		{ PTRACE_SETREGSET, &iov, NT_PRSTATUS },
		{ PTRACE_GETFPREGS, &fpregs },
		{ PTRACE_SETFPREGS, &fpregs },
		{ PTRACE_PEEKUSER },
		{ PTRACE_POKEUSER },
		{ PTRACE_ARCH_PRCTL },
	};
	struct tracee tracee = tracee_start_seized("spin", 0);

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_errno(ESRCH,
			ptrace(cases[i].request, tracee.pid, cases[i].addr, cases[i].data), "%s",
			request_name(cases[i].request));
	*told_slot(&tracee, "heartbeat") = 0;
	expect_ge(1, wait_told(&tracee, "heartbeat", 1), "heartbeat afterwards");
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(tracee.pid), "after PTRACE_INTERRUPT");
	expect_errno(0, ptrace(PTRACE_GETREGS, tracee.pid, 0, &regs), "PTRACE_GETREGS");
}

/*
 * Are PTRACE_GETFPXREGS and SETFPXREGS of any use here? Predicted: no. <sys/ptrace.h> declares
 * them, but they are requests of 32-bit tracers; from a 64-bit one they are unknown: EIO, as for
 * a number that is no request at all.
 */
static void getfpxregs_eio(void)
{
	static const struct {
		int from, to;
	} nobody[] = { { 10, 11 }, { 20, 20 }, { 22, 23 }, { 27, 29 }, { 34, 63 } };
	struct tracee tracee = tracee_at_trap("trap", 0);
	struct user_fpregs_struct fpregs;
	long asked = 0, unknown = 0;

	memset(&fpregs, 0xa5, sizeof(fpregs));
	expect_errno(EIO, ptrace(PTRACE_GETFPXREGS, tracee.pid, 0, &fpregs), "PTRACE_GETFPXREGS");
	expect_hex(0xa5a5, fpregs.cwd, "the buffer's first word");
	expect_errno(0, ptrace(PTRACE_GETFPREGS, tracee.pid, 0, &fpregs), "PTRACE_GETFPREGS");
	expect_hex(0x37f, fpregs.cwd, "the buffer's first word, the FPU control word");
	expect_errno(EIO, ptrace(PTRACE_SETFPXREGS, tracee.pid, 0, &fpregs), "PTRACE_SETFPXREGS");
	for (size_t i = 0; i < COUNT(nobody); i++)
		for (int n = nobody[i].from; n <= nobody[i].to; n++, asked++)
			unknown += ptrace((enum __ptrace_request)n, tracee.pid, 0, 0) == -1 &&
				   errno == EIO;
	expect_always(unknown, asked, "EIO, as of the numbers below 64 that nobody uses");
}

/* --- modes, stepping, exec -------------------------------------------------------------------- */

/*
 * What does a 32-bit system call of a 64-bit program look like? Predicted: in the registers like
 * another 64-bit call. int 0x80 leaves cs at 0x33; getpid's 32-bit number 20 is writev's 64-bit
 * one. Only the instruction's bytes and GET_SYSCALL_INFO's arch tell (ptrace(2), syscall(2)).
 */
static void int80_in_64(void)
{
	struct tracee tracee = tracee_at_trap("int80", 0);
	struct stop stop = xresume(PTRACE_SYSCALL, tracee.pid, 0);
	struct __ptrace_syscall_info info;
	unsigned long the_int80 = told_place(&tracee, "the_int80", 3);

	if (stop.kind == STOP_SIGNAL && stop.detail == SIGSEGV)
		skip("this kernel has no IA32 emulation: int 0x80 is SIGSEGV");
	expect_stop(STOP_SYSCALL, 0, stop, "the tracee");

	struct user_regs_struct regs = xgetregs(tracee.pid);

	expect_hex(CS_64, regs.cs, "cs");
	expect_eq(SYS_writev, (long)regs.orig_rax, "orig_rax, writev to 64-bit eyes");
	expect_address(the_int80 + 2, regs.rip, "rip");
	expect_hex(0x80cd, (unsigned long)xpeek(PTRACE_PEEKTEXT, tracee.pid, regs.rip - 2) & 0xffff,
		"the two bytes before rip, int 0x80");
	xptrace(PTRACE_GET_SYSCALL_INFO, tracee.pid, (long)sizeof(info), &info);
	expect_hex(AUDIT_ARCH_I386, info.arch, "PTRACE_GET_SYSCALL_INFO: arch");
	expect_eq(20, (long)info.entry.nr, "PTRACE_GET_SYSCALL_INFO: nr");
	expect_hex(0xb0b0b0b0b1b1b1b1, info.entry.args[0], "PTRACE_GET_SYSCALL_INFO: args[0], rbx");
	xresume(PTRACE_SYSCALL, tracee.pid, 0);
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_pid(tracee.pid, (pid_t)told(&tracee, "result"), "the result, getpid()'s");
}

/*
 * What makes a tracee 32-bit? Predicted: the selector in cs, nothing else. With 0x23 in it the
 * same process has the 68-byte register set at once, though GETREGS goes on giving 216 bytes
 * (task_user_regset_view()), and the processor decodes its code as 32-bit code.
 */
static void cs_32_bit_view(void)
{
	static const struct {
		const char *what;
		unsigned long cs;
		long length, eax;
	} cases[] = {
		{ "cs 0x33", CS_64, 216, 6 }, /* 48 ff c0: inc rax */
		{ "cs 0x23", CS_32, 68, 5 },  /* 48 ff c0: dec eax, inc eax */
		{ "cs 0x33", CS_64, 216, 6 }, /* and back */
	};
	struct tracee tracee = tracee_at_trap("low-code", 0);
	unsigned long low_code = told_place(&tracee, "low_code", 4);
	struct user_regs_struct regs = xgetregs(tracee.pid);

	for (size_t i = 0; i < COUNT(cases); i++) {
		regs.cs = cases[i].cs;
		regs.rip = low_code;
		regs.rax = 5;
		xsetregs(tracee.pid, &regs);

		long length = prstatus_length(&tracee);

		if (cases[i].cs == CS_32 && length == 216)
			skip("this kernel was built without IA32 emulation");
		expect_eq(cases[i].length, length, "%s: length of NT_PRSTATUS", cases[i].what);
		expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "%s: the tracee", cases[i].what);
		regs = xgetregs(tracee.pid);
		expect_hex(cases[i].cs, regs.cs, "%s: cs by GETREGS", cases[i].what);
		expect_address(low_code + 4, regs.rip, "%s: rip", cases[i].what);
		expect_eq(cases[i].eax, (long)(regs.rax & 0xffffffff), "%s: eax", cases[i].what);
	}
}

/*
 * Does single-stepping show in the flags? Predicted: not to the tracer, from whom the kernel hides
 * the TF that it set itself (get_flags(), TIF_FORCED_TF), but to the program: pushf stores it.
 */
static void tf_hidden(void)
{
	struct tracee tracee = tracee_at_trap("flags", 0);

	run(&tracee);
	expect_hex(0, (unsigned long)told(&tracee, "flags") & FLAG_TF, "not stepped: TF, by pushf");

	tracee = tracee_at_trap("flags", 0);
	expect_hex(0, xgetregs(tracee.pid).eflags & FLAG_TF, "before the step: TF, by GETREGS");
	expect_stop(STOP_SIGNAL, SIGTRAP, xresume(PTRACE_SINGLESTEP, tracee.pid, 0), "the tracee");
	expect_hex(0, xgetregs(tracee.pid).eflags & FLAG_TF, "after the step: TF, by GETREGS");
	expect_stop(STOP_EXITED, 0, run(&tracee), "the tracee");
	expect_hex(
		FLAG_TF, (unsigned long)told(&tracee, "flags") & FLAG_TF, "stepped: TF, by pushf");
}

/*
 * And a TF that the tracer sets by hand? Predicted: the kernel takes it for the program's own and
 * leaves it there (set_flags()). PTRACE_CONT then steps, visibly, until somebody clears it; after
 * a detach the next step's SIGTRAP is the program's, and kills it.
 */
static void tf_by_hand(void)
{
	struct tracee tracee = tracee_at_trap("nops", 0);
	unsigned long nops = told_place(&tracee, "nops", 8),
		      nops_end = told_place(&tracee, "nops_end", 2);
	struct user_regs_struct regs = xgetregs(tracee.pid);
	const struct rlimit no_core = { 1, 1 };

	regs.eflags |= FLAG_TF;
	xsetregs(tracee.pid, &regs);
	for (unsigned long step = 1; step <= 4; step++) {
		expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "PTRACE_CONT");
		regs = xgetregs(tracee.pid);
		expect_address(nops + step, regs.rip, "rip");
		expect_hex(FLAG_TF, regs.eflags & FLAG_TF, "TF, by GETREGS");
	}
	regs.eflags &= ~FLAG_TF;
	xsetregs(tracee.pid, &regs);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(&tracee), "TF cleared, PTRACE_CONT");
	expect_address(nops_end + 1, xgetregs(tracee.pid).rip, "rip");

	/* A limit of 1 keeps the end from leaving a core, in a file or with a handler (core(5)). */
	if (prlimit(tracee.pid, RLIMIT_CORE, &no_core, NULL) == -1)
		broken("prlimit: %s", errno_text(errno));
	regs.eflags |= FLAG_TF;
	xsetregs(tracee.pid, &regs);
	expect_errno(0, ptrace(PTRACE_DETACH, tracee.pid, 0, 0), "TF set, PTRACE_DETACH");
	expect_stop(STOP_KILLED, SIGTRAP, stop_wait(tracee.pid), "the tracee");
}

/* An entry of the tracee's auxiliary vector (getauxval(3)), 0 if it has none. */
static unsigned long auxv(const struct tracee *tracee, unsigned long type)
{
	Elf64_auxv_t entries[64];
	ssize_t length = proc_read(tracee->pid, "auxv", (char *)entries, sizeof(entries));

	for (const Elf64_auxv_t *entry = entries;
		entry < entries + length / (ssize_t)sizeof(*entry); entry++)
		if (entry->a_type == type)
			return entry->a_un.a_val;
	return 0;
}

/*
 * Whose registers are those at PTRACE_EVENT_EXEC? Predicted: the new program's. rip is at the
 * entry point of the dynamic loader (of the program, if static), rsp at argc, all else is 0, the
 * thread pointer included; only rax and orig_rax still speak of the call (start_thread(),
 * ELF_PLAT_INIT()).
 */
static void exec_registers(void)
{
	static const size_t cleared[] = { OFFSET(rbx), OFFSET(rcx), OFFSET(rdx), OFFSET(rsi),
		OFFSET(rdi), OFFSET(rbp), OFFSET(r8), OFFSET(r9), OFFSET(r10), OFFSET(r11),
		OFFSET(r12), OFFSET(r13), OFFSET(r14), OFFSET(r15), OFFSET(fs_base),
		OFFSET(gs_base) };
	struct tracee tracee = tracee_at_trap("exec", 0);
	unsigned zero = 0;

	xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, (long)(PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC));
	expect_true(xgetregs(tracee.pid).fs_base != 0, "before: there is a thread pointer");
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, run(&tracee), "the tracee");

	struct user_regs_struct regs = xgetregs(tracee.pid);
	unsigned long loader = auxv(&tracee, AT_BASE), entry = auxv(&tracee, AT_ENTRY);

	if (loader != 0)
		entry = loader + (unsigned long)xpeek(PTRACE_PEEKTEXT, tracee.pid,
					 loader + offsetof(Elf64_Ehdr, e_entry));
	role_address("entry", entry, 1);
	expect_eq(SYS_execve, (long)regs.orig_rax, "orig_rax");
	expect_eq(-ENOSYS, (long)regs.rax, "rax");
	expect_address(entry, regs.rip, "rip");
	expect_eq(1, xpeek(PTRACE_PEEKDATA, tracee.pid, regs.rsp), "at rsp, argc");
	for (size_t i = 0; i < COUNT(cleared); i++)
		zero += xpeek(PTRACE_PEEKUSER, tracee.pid, cleared[i]) == 0;
	expect_eq(16, zero, "of 16 others, 0");
}

static const struct experiment experiments[] = {
	{ "enter-registers", enter_registers, "At a system call, which register holds its number?",
		.cases = "overwritten|preserved" },
	{ "rax-is-not-the-number", rax_is_not_the_number,
		"What does changing rax on the way into a call change?" },
	{ "call-cancelled", call_cancelled,
		"What does a call return whose number became -1, or one that does not exist?" },
	{ "rip-moved-at-enter", rip_moved_at_enter,
		"Does moving rip at the syscall-enter-stop skip the call?" },
	{ "addr-ignored", addr_ignored, "Does a tracee go on where addr says?" },
	{ "arguments-stay-changed", arguments_stay_changed,
		"Does the program get its argument registers back as it left them?" },
	{ "impossible-rcx", impossible_rcx,
		"Can a tracer give back rcx and r11, which SYSCALL destroys?" },
	{ "orig-rax-tells", orig_rax_tells, "In which stops is orig_rax the number of a call?" },
	{ "proc-believes-registers", proc_believes_registers,
		"Does /proc/PID/syscall tell what the program called, or what the tracer wrote?" },
	{ "branch-turned", branch_turned, "Does one flag decide which way a program goes?" },
	{ "argument-changed", argument_changed,
		"What does a function compute when its argument is changed at its first instruction?" },
	{ "return-changed", return_changed,
		"Does a caller take a return value that its function never returned?" },
	{ "call-skipped", call_skipped, "Can a function call be skipped by moving rip?" },
	{ "function-called", function_called,
		"Can a program be made to call a function that it never calls, and not notice?" },
	{ "red-zone", red_zone, "How much room below rsp must such a call leave?" },
	{ "misaligned-call", misaligned_call,
		"What if the stack is 8 bytes off when the function is entered?" },
	{ "rip-minus-two", rip_minus_two,
		"Where does a tracee go whose rip was changed inside an interrupted call?" },
	{ "forged-restart", forged_restart,
		"Can a tracer forge the restart of a call that never was?" },
	{ "restart-makes-a-call", restart_makes_a_call, "What does a forged restart run?" },
	{ "call-in-a-call", call_in_a_call,
		"Can a function be called in the middle of a blocked call, and the call go on?" },
	{ "setregs-half-way", setregs_half_way, "Is a SETREGS that fails without effect?" },
	{ "eflags-accepted", eflags_accepted, "Which flags may a tracer set?" },
	{ "eflags-seen", eflags_seen, "Do the flags that were accepted arrive in the program?" },
	{ "segments-accepted", segments_accepted, "Which values do the segment registers take?" },
	{ "segments-late", segments_late,
		"What becomes of a selector that was accepted and does not fit?" },
	{ "bases-accepted", bases_accepted, "Which values do fs_base and gs_base take?" },
	{ "bases-seen", bases_seen, "Does the program address through a base that was moved?" },
	{ "arch-prctl-swapped", arch_prctl_swapped,
		"How does PTRACE_ARCH_PRCTL take its arguments?" },
	{ "thread-area", thread_area, "Can a tracer give a program a segment of its own?" },
	{ "bad-rip-late", bad_rip_late, "When does a rip that cannot be executed fail?" },
	{ "xmm-changed", xmm_changed,
		"Does the program compute with an xmm register that was changed?" },
	{ "ymm-changed", ymm_changed,
		"Where is the upper half of a ymm register, and when is it taken?" },
	{ "fp-by-two-names", fp_by_two_names,
		"Are PTRACE_GETFPREGS and the set NT_PRFPREG two things?" },
	{ "rounding-turned", rounding_turned,
		"Does a program compute otherwise if only its rounding is changed?" },
	{ "xstate-refusals", xstate_refusals, "Which extended states does the kernel refuse?" },
	{ "regset-lengths", regset_lengths,
		"What do the regset requests make of a buffer that is too short or too long?" },
	{ "note-types", note_types_known, "Which sets of registers are there?" },
	{ "lengths-in-addr", lengths_in_addr,
		"Which lengths do the requests take that have one in addr?" },
	{ "peekuser-map", peekuser_map, "What can PEEKUSER and POKEUSER reach?" },
	{ "three-ways-agree", three_ways_agree,
		"Do the three ways to read the registers agree, and what do they cost?" },
	{ "regs-of-running", regs_of_running, "Can the registers of a running tracee be read?" },
	{ "getfpxregs-eio", getfpxregs_eio,
		"Are PTRACE_GETFPXREGS and PTRACE_SETFPXREGS of any use here?" },
	{ "int80-in-64", int80_in_64,
		"What does a 32-bit system call of a 64-bit program look like?" },
	{ "cs-32-bit-view", cs_32_bit_view, "What makes a tracee a 32-bit one?" },
	{ "tf-hidden", tf_hidden, "Does single-stepping show in the flags?" },
	{ "tf-by-hand", tf_by_hand, "What does a TF that the tracer set by hand do?" },
	{ "exec-registers", exec_registers, "Whose registers are those at PTRACE_EVENT_EXEC?" },
};

static const struct lab lab = {
	.id = "02",
	.question = "How far does a tracer's hand reach into the registers of a program?",
	.experiments = experiments,
	.count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
