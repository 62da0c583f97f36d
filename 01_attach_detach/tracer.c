/* SPDX-License-Identifier: MIT */
/*
 * Lab 01: what does attaching do to a process that did not ask for it?
 *
 * The tracee watches itself, or sits in a blocking call, or was brought into a state that makes a
 * race certain; the tracer attaches, looks, and leaves. What both saw is set side by side.
 *
 * Run:    make lab01          (make lab01 ONLY=listen; 01_attach_detach/tracer --list)
 *         01_attach_detach/tracer -p PID     the same look at a process of your own
 * Basis:  ptrace(2), "Attaching and detaching", "Stopped states", "Death under ptrace";
 *         kernel/ptrace.c: ptrace_attach(), ptrace_check_attach(), ptrace_detach(),
 *         __ptrace_unlink(); kernel/signal.c: get_signal(), ptrace_stop(), do_signal_stop()
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "target.h"
#include "text.h"
#include "tracee.h"

/* --- helpers ------------------------------------------------------------------------------------ */

static void send(pid_t pid, int sig)
{
	if (kill(pid, sig) == -1)
		broken("kill(%d, %s): %s", pid, signal_name(sig), errno_text(errno));
}

static void send_to_thread(pid_t tid, int sig)
{
	if (syscall(SYS_tgkill, tid, tid, sig) == -1)
		broken("tgkill(%d, %s): %s", tid, signal_name(sig), errno_text(errno));
}

/* Whether this process can give its rights away, where a question is about an ordinary user. */
static bool can_become_ordinary(void)
{
	return may_become(UNPRIVILEGED, UNPRIVILEGED);
}

static void seize(pid_t pid)
{
	xptrace(PTRACE_SEIZE, pid, 0L, 0L);
}

static void detach(pid_t pid)
{
	xptrace(PTRACE_DETACH, pid, 0L, 0L);
}

/* Bring a tracee that runs to a signal-delivery-stop. */
static void stop_by_signal(pid_t pid)
{
	send(pid, SIGSTOP);

	struct stop stop = stop_wait(pid);

	if (stop.kind != STOP_SIGNAL || stop.detail != SIGSTOP)
		broken("%s instead of the stop by SIGSTOP", stop_text(stop));
}

static struct stop attach(pid_t pid)
{
	xptrace(PTRACE_ATTACH, pid, 0L, 0L);
	return stop_wait(pid);
}

static struct stop seize_and_interrupt(pid_t pid)
{
	seize(pid);
	xptrace(PTRACE_INTERRUPT, pid, 0L, 0L);
	return stop_wait(pid);
}

static pid_t tracer_of(pid_t pid)
{
	return (pid_t)proc_number(pid, "TracerPid");
}

/* A tracer that ended is unlinked a moment after its end can be seen elsewhere. */
static void wait_tracer_of(pid_t pid, pid_t tracer)
{
	waiting_for(text("TracerPid of %d to become %d", pid, tracer));
	while (tracer_of(pid) != tracer)
		sched_yield();
	waiting_for(NULL);
}

/* Who sent the signal that a signal-delivery-stop reports, "SI_USER from <tracer>". */
static const char *sender(pid_t pid)
{
	siginfo_t info;

	if (ptrace(PTRACE_GETSIGINFO, pid, 0, &info) == -1)
		return text("PTRACE_GETSIGINFO: %s", strerrorname_np(errno));

	const char *code = info.si_code == SI_USER    ? "SI_USER"
			   : info.si_code == SI_TKILL ? "SI_TKILL"
			   : info.si_code == SI_KERNEL
				   ? "SI_KERNEL"
				   : text("si_code %#x", (unsigned)info.si_code);

	return text("%s from pid %s", code, show_pid(info.si_pid));
}

/*
 * Attach to a parent that sits in vfork(): it stays in state D, and takes notice of nothing, until
 * its child executes. So all that happens meanwhile happens for certain before the first stop.
 */
static struct tracee attached_in_vfork(void)
{
	struct tracee tracee = tracee_start("vfork-parent");

	proc_wait_blocked(tracee.pid, SYS_vfork);
	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	return tracee;
}

/*
 * Let it leave vfork() and list every stop until SIGRTMIN, a marker queued behind everything else
 * (get_signal() takes the thread's own queue first, then the group's, each from the lowest number).
 */
static const char *stops_until_marker(const struct tracee *tracee)
{
	const char *list = "";
	struct stop stop;

	send(tracee->pid, SIGRTMIN);
	*told_slot(tracee, "go") = 1;
	for (stop = stop_wait(tracee->pid); stop.kind != STOP_SIGNAL || stop.detail != SIGRTMIN;
		stop = cont(tracee->pid)) {
		list = text("%s%s%s", list, *list ? ", " : "",
			stop.kind == STOP_SIGNAL ? signal_name(stop.detail) : stop_text(stop));
		if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED)
			break;
	}
	return *list ? list : "none";
}

/* A second tracer: a helper process that runs `act` on the tracee and then ends with its result. */
static pid_t start_tracer(void (*act)(pid_t tracee), pid_t tracee)
{
	pid_t helper = fork_helper();

	if (helper == 0) {
		role_pid("helper", getpid());
		act(tracee);
		_exit(0);
	}
	role_pid("helper", helper);
	return helper;
}

static void reap_tracer(pid_t helper)
{
	struct stop end = stop_wait(helper);

	if (end.kind != STOP_EXITED || end.detail != 0)
		broken("the helper tracer %s", stop_text(end));
}

/* No request has this number. */
#define UNKNOWN_REQUEST ((enum __ptrace_request)0x7777)

/* --- becoming traced ---------------------------------------------------------------------------- */

/*
 * How does /proc show the link, and does the tracee see it too? Predicted: TracerPid holds the
 * tracer from the return of PTRACE_ATTACH to that of PTRACE_DETACH (proc(5)); State is t only
 * while stopped; the tracee, reading its own status, sees one tracer come and go.
 */
static void link_in_proc(void)
{
	struct tracee tracee = tracee_start("self-aware");

	expect_pid(0, tracer_of(tracee.pid), "TracerPid before");
	expect_errno(0, ptrace(PTRACE_ATTACH, tracee.pid, 0, 0), "PTRACE_ATTACH");
	expect_pid(getpid(), tracer_of(tracee.pid), "TracerPid after PTRACE_ATTACH");
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(tracee.pid), "first report");
	expect_str("t (tracing stop)", proc_status(tracee.pid, "State"), "State while stopped");

	let_run(tracee.pid);
	expect_eq(1, wait_told(&tracee, "came", 1), "tracers the tracee saw come");
	expect_pid(getpid(), (pid_t)told(&tracee, "tracer"), "the tracee reads TracerPid");

	stop_by_signal(tracee.pid);
	expect_errno(0, ptrace(PTRACE_DETACH, tracee.pid, 0, 0), "PTRACE_DETACH");
	expect_pid(0, tracer_of(tracee.pid), "TracerPid after PTRACE_DETACH");
	expect_eq(1, wait_told(&tracee, "went", 1), "tracers the tracee saw go");
}

/*
 * Which State do the stops have? Predicted: "t" for every stop that ptrace makes, also a group-stop
 * and PTRACE_LISTEN, because ptrace_stop() sets TASK_TRACED; "T" only for a job-control stop
 * without a tracer, made by do_signal_stop().
 */
static void stopped_or_traced(void)
{
	struct tracee tracee = tracee_start("spin");
	pid_t pid = tracee.pid;

	send(pid, SIGSTOP);
	proc_wait_state(pid, "Tt");
	expect_str("T (stopped)", proc_status(pid, "State"), "SIGSTOP, no tracer");
	send(pid, SIGCONT);
	proc_wait_state(pid, "R");

	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, seize_and_interrupt(pid), "PTRACE_INTERRUPT");
	expect_str("t (tracing stop)", proc_status(pid, "State"), "State in that stop");
	let_run(pid);
	send(pid, SIGSTOP);
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(pid), "SIGSTOP, traced");
	expect_str("t (tracing stop)", proc_status(pid, "State"), "State in that stop");
	expect_stop(STOP_GROUP, SIGSTOP, cont_with(pid, SIGSTOP), "SIGSTOP injected");
	expect_str("t (tracing stop)", proc_status(pid, "State"), "State in that stop");
	expect_errno(0, ptrace(PTRACE_LISTEN, pid, 0, 0), "PTRACE_LISTEN");
	expect_str("t (tracing stop)", proc_status(pid, "State"), "State while listening");
	expect_errno(0, ptrace(PTRACE_INTERRUPT, pid, 0, 0), "PTRACE_INTERRUPT");
	stop_wait(pid);
	detach(pid);
	proc_wait_state(pid, "T");
	expect_str("T (stopped)", proc_status(pid, "State"), "after PTRACE_DETACH");
}

/*
 * Does PTRACE_SEIZE stop the tracee? Predicted: no (ptrace(2), PTRACE_SEIZE); and every request
 * that needs a stop fails with ESRCH until there is one, whatever it asks (ptrace_check_attach()).
 */
static void seize_no_stop(void)
{
	static const struct {
		enum __ptrace_request request;
		bool ends_the_stop;
	} cases[] = {
		{ PTRACE_PEEKUSER, false },
		{ PTRACE_GETREGS, false },
		{ PTRACE_GETSIGINFO, false },
		{ PTRACE_GETEVENTMSG, false },
		{ PTRACE_SETOPTIONS, false },
		{ PTRACE_SYSCALL, true },
		{ PTRACE_CONT, true },
		{ PTRACE_DETACH, true },
	};
	char buffer[sizeof(struct user)] = "";
	struct tracee tracee = tracee_start("spin");

	expect_errno(0, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0), "PTRACE_SEIZE");
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_errno(ESRCH,
			ptrace(cases[i].request, tracee.pid, 0,
				cases[i].request == PTRACE_SETOPTIONS ? NULL : buffer),
			"%s while it runs", request_name(cases[i].request));

	long beats = told(&tracee, "heartbeat");

	expect_ge(
		1, wait_told(&tracee, "heartbeat", beats + 1) - beats, "rounds it ran since then");
	expect_errno(0, ptrace(PTRACE_INTERRUPT, tracee.pid, 0, 0), "PTRACE_INTERRUPT");
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(tracee.pid), "the stop it makes");
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (cases[i].ends_the_stop)
			continue;
		errno = 0;
		ptrace(cases[i].request, tracee.pid, 0,
			cases[i].request == PTRACE_SETOPTIONS ? NULL : buffer);
		expect_str("success", errno_text(errno), "%s while it is stopped",
			request_name(cases[i].request));
	}
}

/*
 * Which requests need a stop? Predicted: all that there are, the unknown too, but those of the last four
 * rows: ptrace_check_attach() comes before the request is looked at. The same ESRCH is the answer of a
 * process that this one does not trace, and of a pid that is not there.
 */
static void requests_need_a_stop(void)
{
	enum { NOBODY, UNTRACED, RUNNING, TARGETS };
	static const struct {
		enum __ptrace_request request;
		int last; /* of the targets that it is tried on */
	} cases[] = {
		{ PTRACE_PEEKTEXT, RUNNING },
		{ PTRACE_PEEKDATA, RUNNING },
		{ PTRACE_PEEKUSER, RUNNING },
		{ PTRACE_POKETEXT, RUNNING },
		{ PTRACE_POKEDATA, RUNNING },
		{ PTRACE_POKEUSER, RUNNING },
		{ PTRACE_CONT, RUNNING },
		{ PTRACE_SINGLESTEP, RUNNING },
		{ PTRACE_SINGLEBLOCK, RUNNING },
		{ PTRACE_SYSCALL, RUNNING },
		{ PTRACE_SYSEMU, RUNNING },
		{ PTRACE_SYSEMU_SINGLESTEP, RUNNING },
		{ PTRACE_LISTEN, RUNNING },
		{ PTRACE_DETACH, RUNNING },
		{ PTRACE_GETREGS, RUNNING },
		{ PTRACE_SETREGS, RUNNING },
		{ PTRACE_GETFPREGS, RUNNING },
		{ PTRACE_SETFPREGS, RUNNING },
		{ PTRACE_GETFPXREGS, RUNNING },
		{ PTRACE_SETFPXREGS, RUNNING },
		{ PTRACE_GETREGSET, RUNNING },
		{ PTRACE_SETREGSET, RUNNING },
		{ PTRACE_GET_THREAD_AREA, RUNNING },
		{ PTRACE_SET_THREAD_AREA, RUNNING },
		{ PTRACE_ARCH_PRCTL, RUNNING },
		{ PTRACE_SETOPTIONS, RUNNING },
		{ PTRACE_OLDSETOPTIONS, RUNNING },
		{ PTRACE_GETEVENTMSG, RUNNING },
		{ PTRACE_GETSIGINFO, RUNNING },
		{ PTRACE_SETSIGINFO, RUNNING },
		{ PTRACE_PEEKSIGINFO, RUNNING },
		{ PTRACE_GETSIGMASK, RUNNING },
		{ PTRACE_SETSIGMASK, RUNNING },
		{ PTRACE_SECCOMP_GET_FILTER, RUNNING },
		{ PTRACE_SECCOMP_GET_METADATA, RUNNING },
		{ PTRACE_GET_SYSCALL_INFO, RUNNING },
		{ PTRACE_SET_SYSCALL_INFO, RUNNING },
		{ PTRACE_GET_RSEQ_CONFIGURATION, RUNNING },
		{ PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, RUNNING },
		{ PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, RUNNING },
		{ UNKNOWN_REQUEST, RUNNING },
		{ PTRACE_INTERRUPT, UNTRACED }, /* the running one would stop */
		{ PTRACE_KILL, UNTRACED },
		{ PTRACE_ATTACH, NOBODY },
		{ PTRACE_SEIZE, NOBODY },
	};
	static const char *const all_alike[TARGETS] = { "ESRCH", "ESRCH, ESRCH",
		"ESRCH, ESRCH, ESRCH" };
	pid_t targets[TARGETS] = { 0x7fffffff, tracee_start("spin").pid };
	struct tracee tracee = tracee_start("spin");
	char buffer[sizeof(struct user)] = { 0 };

	targets[RUNNING] = tracee.pid;
	seize(tracee.pid);
	note("of: a pid that is not there, a process that is not traced, a tracee that runs");
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *seen = "";

		for (int n = 0; n <= cases[i].last; n++) {
			errno = 0;
			ptrace(cases[i].request, targets[n], 0, buffer);
			seen = text("%s%s%s", seen, n ? ", " : "",
				errno ? strerrorname_np(errno) : "success");
		}
		expect_str(all_alike[cases[i].last], seen, "%s", request_name(cases[i].request));
	}
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	expect_errno(EIO, ptrace(UNKNOWN_REQUEST, tracee.pid, 0, buffer), "stopped: %s",
		request_name(UNKNOWN_REQUEST));
}

/*
 * Can PTRACE_ATTACH's SIGSTOP be told from one that a user sent? Predicted: by siginfo; the kernel
 * sends its own with SEND_SIG_PRIV (ptrace_set_stopped()), so si_code is SI_KERNEL.
 */
static void attach_sigstop_marked(void)
{
	struct tracee tracee = tracee_start("pause");

	expect_stop(STOP_SIGNAL, SIGSTOP, attach(tracee.pid), "PTRACE_ATTACH");
	expect_str("SI_KERNEL from pid 0", sender(tracee.pid), "its siginfo");
	let_run(tracee.pid);
	send(tracee.pid, SIGSTOP);
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(tracee.pid), "kill(SIGSTOP)");
	expect_str(
		text("SI_USER from pid %s", show_pid(getpid())), sender(tracee.pid), "its siginfo");
	let_run(tracee.pid);
	send_to_thread(tracee.pid, SIGSTOP);
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(tracee.pid), "tgkill(SIGSTOP)");
	expect_str(text("SI_TKILL from pid %s", show_pid(getpid())), sender(tracee.pid),
		"its siginfo");
}

/*
 * What does PTRACE_INTERRUPT promise? Predicted: nothing to an ATTACHed tracee (EIO); several
 * before the stop make one stop, since they set one flag, JOBCTL_TRAP_STOP; one sent during a stop
 * is kept for the next (ptrace_request(), PTRACE_INTERRUPT).
 */
static void interrupt_rules(void)
{
	struct tracee tracee = attached_in_vfork();
	int accepted = 0;

	expect_errno(EIO, ptrace(PTRACE_INTERRUPT, tracee.pid, 0, 0), "PTRACE_INTERRUPT, ATTACHed");
	expect_str("SIGSTOP", stops_until_marker(&tracee), "its stops");

	tracee = tracee_start("vfork-parent");
	proc_wait_blocked(tracee.pid, SYS_vfork);
	seize(tracee.pid);
	for (int i = 0; i < 5; i++)
		accepted += ptrace(PTRACE_INTERRUPT, tracee.pid, 0, 0) == 0;
	expect_eq(5, accepted, "of five PTRACE_INTERRUPTs, SEIZEd, succeed");
	expect_str("PTRACE_EVENT_STOP stop", stops_until_marker(&tracee), "the stops they make");

	expect_errno(0, ptrace(PTRACE_INTERRUPT, tracee.pid, 0, 0), "PTRACE_INTERRUPT in a stop");
	send(tracee.pid, SIGRTMIN);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, cont(tracee.pid), "the next stop");
	expect_stop(STOP_SIGNAL, SIGRTMIN, cont(tracee.pid), "the one after");
}

/*
 * What does PTRACE_LISTEN leave possible? Predicted: the group-stop goes on, no request works, the
 * tracer hears of SIGCONT as PTRACE_EVENT_STOP with SIGTRAP before the signal itself, and
 * PTRACE_INTERRUPT makes the group-stop be reported again (ptrace(2), PTRACE_LISTEN).
 */
static void listen_to_group_stop(void)
{
	struct tracee tracee = tracee_start("pause");
	pid_t pid = tracee.pid;
	struct user_regs_struct regs;

	seize(pid);
	send(pid, SIGSTOP);
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(pid), "kill(SIGSTOP)");
	expect_errno(EIO, ptrace(PTRACE_LISTEN, pid, 0, 0), "PTRACE_LISTEN in that stop");
	expect_stop(STOP_GROUP, SIGSTOP, cont_with(pid, SIGSTOP), "SIGSTOP injected");
	expect_errno(0, ptrace(PTRACE_LISTEN, pid, 0, 0), "PTRACE_LISTEN in the group-stop");
	expect_str("t (tracing stop)", proc_status(pid, "State"), "State");
	expect_errno(
		ESRCH, ptrace(PTRACE_GETREGS, pid, 0, &regs), "PTRACE_GETREGS while listening");
	expect_errno(ESRCH, ptrace(PTRACE_CONT, pid, 0, 0), "PTRACE_CONT while listening");

	expect_errno(0, ptrace(PTRACE_INTERRUPT, pid, 0, 0), "PTRACE_INTERRUPT while listening");
	expect_stop(STOP_GROUP, SIGSTOP, stop_wait(pid), "the stop it makes");
	expect_errno(0, ptrace(PTRACE_LISTEN, pid, 0, 0), "PTRACE_LISTEN again");
	expect_str("t (tracing stop)", proc_status(pid, "State"), "State");
	send(pid, SIGCONT);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(pid), "kill(SIGCONT)");
	expect_stop(STOP_SIGNAL, SIGCONT, cont(pid), "the next stop");
}

/*
 * How does an attach to a process in state T report? Predicted by ptrace(2), BUGS and
 * ptrace_attach(): ATTACH turns the job-control stop into a ptrace-stop that is a group-stop
 * (GETSIGINFO: EINVAL), and its own SIGSTOP, still queued, comes as a second report.
 */
static void attach_stopped(void)
{
	struct tracee tracee = tracee_start("pause");

	send(tracee.pid, SIGSTOP);
	proc_wait_state(tracee.pid, "T");
	expect_stop(STOP_GROUP, SIGSTOP, attach(tracee.pid), "first report");
	expect_str("PTRACE_GETSIGINFO: EINVAL", sender(tracee.pid), "its siginfo");
	expect_stop(STOP_SIGNAL, SIGSTOP, cont(tracee.pid), "second report");
	expect_str("SI_KERNEL from pid 0", sender(tracee.pid), "its siginfo");
}

/*
 * And SEIZE of the same process? Predicted: the group-stop is reported at once, in the form that
 * needs no GETSIGINFO, without a PTRACE_INTERRUPT (ptrace(2), PTRACE_SEIZE); nothing follows it.
 */
static void seize_stopped(void)
{
	struct tracee tracee = tracee_start("pause");

	send(tracee.pid, SIGSTOP);
	proc_wait_state(tracee.pid, "T");
	seize(tracee.pid);

	struct stop stop = stop_wait(tracee.pid);

	expect_stop(STOP_GROUP, SIGSTOP, stop, "first report");
	expect_true(stop.seized, "it is a PTRACE_EVENT_STOP");
	send(tracee.pid, SIGRTMIN);
	expect_stop(STOP_SIGNAL, SIGRTMIN, cont(tracee.pid), "the next report, to a marker");
}

/*
 * Is a stop always reported as SIGSTOP after PTRACE_ATTACH? Predicted: no. SIGCONT discards every
 * queued stop signal (prepare_signal()), the attach's own included; a tracer that waits for
 * SIGSTOP then waits for ever.
 */
static void sigcont_eats_attach(void)
{
	struct tracee tracee = attached_in_vfork();

	expect_str(
		"SIGSTOP", mask_text(proc_mask(tracee.pid, "SigPnd")), "pending after the attach");
	send(tracee.pid, SIGCONT);
	expect_str(
		"none", mask_text(proc_mask(tracee.pid, "SigPnd")), "pending after kill(SIGCONT)");
	expect_str("SIGCONT", stops_until_marker(&tracee), "stops reported");
}

/*
 * If a user's SIGSTOP comes between the attach and its stop, are two reported? Predicted: one is
 * lost if it was directed to the thread, where the attach's waits already (legacy_queue()), none
 * if it was directed to the process, which has a queue of its own.
 */
static void sigstops_coalesce(void)
{
	struct tracee tracee = attached_in_vfork();

	send_to_thread(tracee.pid, SIGSTOP);
	expect_str("SIGSTOP", stops_until_marker(&tracee), "with tgkill(SIGSTOP)");
	tracee = attached_in_vfork();
	send(tracee.pid, SIGSTOP);
	expect_str("SIGSTOP, SIGSTOP", stops_until_marker(&tracee), "with kill(SIGSTOP)");
}

/*
 * Is the first report after PTRACE_ATTACH the attach's? Predicted: no; another signal may be first
 * (ptrace(2), "Attaching and detaching"): SIGHUP has the lower number (next_signal()).
 */
static void other_signal_first(void)
{
	struct tracee tracee = attached_in_vfork();

	send_to_thread(tracee.pid, SIGHUP);
	expect_str("SIGHUP, SIGSTOP", stops_until_marker(&tracee), "stops reported");
}

/*
 * When does a process in vfork() stop? Predicted: not before its child executes or ends; it waits
 * in state D, where only SIGKILL is taken notice of (wait_for_vfork_done()).
 */
static void vfork_holds_up_attach(void)
{
	struct tracee tracee = tracee_start("vfork-parent");

	proc_wait_blocked(tracee.pid, SYS_vfork);
	expect_errno(0, ptrace(PTRACE_ATTACH, tracee.pid, 0, 0), "PTRACE_ATTACH");
	expect_str("D (disk sleep)", proc_status(tracee.pid, "State"), "State");
	expect_str("SIGSTOP", mask_text(proc_mask(tracee.pid, "SigPnd")), "pending");
	expect_stop(STOP_NONE, 0, stop_poll(tracee.pid), "while its child has not executed");
	*told_slot(&tracee, "go") = 1;
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(tracee.pid), "once it has");
}

/* --- what the stop does to a blocked call ------------------------------------------------------- */

enum way { NO_WAY, SEIZE_ALONE, SEIZE_INTERRUPT, ATTACH };

/* A call that blocks until something from outside ends it; each is a scene of the tracee. */
struct blocking_call {
	const char *scene;
	const char *after; /* once the tracer has left: see settled() */
	const char *rax;   /* in the stop */
};

static const struct blocking_call blocking_calls[] = {
	{ "read(pipe)", "goes on", "ERESTARTSYS" },
	{ "read(inotify)", "goes on", "ERESTARTSYS" },
	{ "read(eventfd)", "goes on", "ERESTARTSYS" },
	{ "read(timerfd)", "goes on", "ERESTARTSYS" },
	{ "read(signalfd)", "goes on", "ERESTARTSYS" },
	{ "write(pipe)", "goes on", "ERESTARTSYS" },
	{ "splice", "goes on", "ERESTARTSYS" },
	{ "open(fifo)", "goes on", "ERESTARTSYS" },
	{ "flock", "goes on", "ERESTARTSYS" },
	{ "fcntl(F_OFD_SETLKW)", "goes on", "ERESTARTSYS" },
	{ "poll", "restart_syscall", "ERESTART_RESTARTBLOCK" },
	{ "ppoll", "goes on", "ERESTARTNOHAND" },
	{ "select", "goes on", "ERESTARTNOHAND" },
	{ "pselect6", "goes on", "ERESTARTNOHAND" },
	{ "epoll_wait", "EINTR", "EINTR" },
	{ "epoll_pwait", "EINTR", "EINTR" },
	{ "nanosleep", "restart_syscall", "ERESTART_RESTARTBLOCK" },
	{ "clock_nanosleep", "restart_syscall", "ERESTART_RESTARTBLOCK" },
	{ "futex", "goes on", "ERESTARTSYS" },
	{ "futex(timed)", "restart_syscall", "ERESTART_RESTARTBLOCK" },
	{ "pause", "goes on", "ERESTARTNOHAND" },
	{ "rt_sigsuspend", "goes on", "ERESTARTNOHAND" },
	{ "sigtimedwait", "EINTR", "EINTR" },
	{ "sigwaitinfo", "EINTR", "EINTR" },
	{ "accept", "goes on", "ERESTARTSYS" },
	{ "connect(unix)", "goes on", "ERESTARTSYS" },
	{ "recv", "goes on", "ERESTARTSYS" },
	{ "recv(SO_RCVTIMEO)", "EINTR", "EINTR" },
	{ "send", "goes on", "ERESTARTSYS" },
	{ "wait4", "goes on", "ERESTARTSYS" },
	{ "waitid", "goes on", "ERESTARTSYS" },
	{ "msgrcv", "goes on", "ERESTARTNOHAND" },
	{ "semop", "EINTR", "EINTR" },
};
#define BLOCKING_CALLS COUNT(blocking_calls)

/* The errors that only the kernel sees (include/linux/errno.h); no user header has them. */
static const char *internal_errno(long long rax)
{
	switch (rax) {
	case -512:
		return "ERESTARTSYS";
	case -513:
		return "ERESTARTNOINTR";
	case -514:
		return "ERESTARTNOHAND";
	case -516:
		return "ERESTART_RESTARTBLOCK";
	case -EINTR:
		return "EINTR";
	default:
		return text("%lld", rax);
	}
}

/* Start a blocking scene and wait until it blocks; false when it cannot be played here. */
static bool start_blocked(struct tracee *tracee, const char *scene)
{
	*tracee = tracee_start(scene);
	if (told(tracee, "cannot") != 0)
		return false;
	proc_wait_blocked(tracee->pid, told(tracee, "number"));
	return true;
}

/*
 * Wait until it has returned from the call or sleeps again; say what became of the call. The state
 * is read first: a task that is being woken shows the number it had in its stop.
 */
static const char *settled(const struct tracee *tracee)
{
	waiting_for("the call to return or to go on");
	while (told(tracee, "returned") == 0) {
		bool asleep = proc_state(tracee->pid) == 'S';
		long number = proc_syscall(tracee->pid);

		if (asleep && number >= 0 && told(tracee, "returned") == 0)
			return number == told(tracee, "number") ? "goes on"
			       : number == SYS_restart_syscall  ? "restart_syscall"
								: text("call %ld", number);
		sched_yield();
	}
	waiting_for(NULL);
	return strerrorname_np((int)told(tracee, "error"));
}

static const char *disturb(const char *scene, enum way way)
{
	struct tracee tracee;

	if (!start_blocked(&tracee, scene))
		return "cannot be played";
	if (way == ATTACH)
		attach(tracee.pid);
	else if (way == SEIZE_INTERRUPT)
		seize_and_interrupt(tracee.pid);
	else if (way == SEIZE_ALONE)
		seize(tracee.pid);
	if (way == ATTACH || way == SEIZE_INTERRUPT)
		detach(tracee.pid);

	const char *after = settled(&tracee);

	send(tracee.pid, SIGKILL);
	return after;
}

/*
 * Which blocking calls return EINTR because somebody attached and left, though no signal reached
 * the process? Predicted by ptrace(2), BUGS: epoll_wait and a read from inotify, because of the
 * suppressed SIGSTOP. Found: the list that signal(7) has for stop signals, and PTRACE_INTERRUPT,
 * which sends no signal, ends the same calls: being woken ends them. PTRACE_SEIZE wakes nobody.
 */
static void attach_eintr(void)
{
	unsigned played = 0;

	note("%-20s %-16s %-16s %-16s %s", "blocked in", "untouched", "SEIZE", "SEIZE+INTERRUPT",
		"ATTACH");
	for (size_t i = 0; i < BLOCKING_CALLS; i++) {
		const struct blocking_call *call = &blocking_calls[i];
		const char *column[4];

		for (enum way way = NO_WAY; way <= ATTACH; way++)
			column[way] = disturb(call->scene, way);
		if (strcmp(column[NO_WAY], "cannot be played") == 0) {
			note_live("%-20s needs an IPC namespace of its own", call->scene);
			continue;
		}
		played++;
		expect_str(text("%-16s %-16s %-16s %s", "goes on", "goes on", call->after,
				   call->after),
			text("%-16s %-16s %-16s %s", column[NO_WAY], column[SEIZE_ALONE],
				column[SEIZE_INTERRUPT], column[ATTACH]),
			"%-20s", call->scene);
	}
	this_case(played == BLOCKING_CALLS ? "every call" : "without an IPC namespace");
	expect_true(played >= 25, "at least 25 calls were tried");
}

/*
 * What does rax hold in the stop of a tracee that blocks in a call? Predicted: one of the kernel's
 * internal errors, by which it decides on resume whether the call starts again, with which
 * number, or returns EINTR (arch_do_signal_or_restart()); orig_rax holds the call's number.
 */
static void rax_internal_errno(void)
{
	struct user_regs_struct regs;
	unsigned played = 0;

	note("%-20s %-22s %s", "blocked in", "rax in the stop", "afterwards");
	for (size_t i = 0; i < BLOCKING_CALLS; i++) {
		const struct blocking_call *call = &blocking_calls[i];
		struct tracee tracee;

		if (!start_blocked(&tracee, call->scene))
			continue;
		played++;
		seize_and_interrupt(tracee.pid);
		xptrace(PTRACE_GETREGS, tracee.pid, 0L, &regs);

		bool same = (long)regs.orig_rax == told(&tracee, "number");

		detach(tracee.pid);

		const char *after = settled(&tracee);

		expect_str(text("%-22s %s", call->rax, call->after),
			text("%-22s %s%s", internal_errno((long long)regs.rax), after,
				same ? "" : ", another orig_rax"),
			"%-20s", call->scene);
	}
	this_case(played == BLOCKING_CALLS ? "every call" : "without an IPC namespace");
	expect_true(played >= 25, "at least 25 calls were tried");
}

/*
 * Does a sleep's clock stand still while its process is stopped? Predicted: no; the timer runs
 * on, and restart_syscall finds it expired. One nap that ends after the stop in less than it had
 * left to sleep refutes the opposite. The machine's load can lengthen it, or end it before the
 * tracer has its turn: it gets 20 tries.
 */
static void sleep_clock_runs(void)
{
	int64_t end, stopped, resumed, woke;
	bool slept_less;
	int tries = 20;

	do {
		struct tracee tracee = tracee_start("nap");
		int64_t nap_ns = told(&tracee, "nap-ns");

		end = told(&tracee, "slept-at-ns") + nap_ns;
		while (proc_syscall(tracee.pid) != SYS_nanosleep && !told(&tracee, "woke-ns"))
			sched_yield();
		seize_and_interrupt(tracee.pid);
		stopped = clock_now_ns();
		while (clock_now_ns() < end + nap_ns)
			sched_yield();
		resumed = clock_now_ns();
		detach(tracee.pid);
		woke = wait_told(&tracee, "woke-ns", 1);
		slept_less = stopped < end && woke > resumed && woke - resumed < end - stopped;
	} while (!slept_less && --tries);
	expect_true(slept_less, "after the stop it slept less than what was left of its nap");
	note_live("left of the nap at the stop: %s; slept after it: %s", show_ns(end - stopped),
		show_ns(woke - resumed));
}

/*
 * What becomes of a timer that expires in a ptrace-stop? Predicted: its signal waits; the tracee is
 * not woken for it, and reports it as soon as it is resumed.
 */
static void alarm_waits(void)
{
	struct tracee tracee = tracee_start("alarmed");
	struct stop stop = attach(tracee.pid);

	while (stop.detail != SIGSTOP)
		stop = cont(tracee.pid);
	waiting_for("the timer to expire");
	while (!(proc_mask(tracee.pid, "ShdPnd") & SIGNAL_BIT(SIGALRM)))
		sched_yield();
	expect_str("SIGALRM", mask_text(proc_mask(tracee.pid, "ShdPnd")), "pending in the stop");
	expect_str("t (tracing stop)", proc_status(tracee.pid, "State"), "State");
	expect_stop(STOP_SIGNAL, SIGALRM, cont(tracee.pid), "once resumed");
}

/*
 * Is a signal reported that the tracee ignores? Predicted (ptrace(2), DESCRIPTION): yes; sig_ignored()
 * discards nothing that is sent to a tracee but SIGKILL. A blocked one is not reported. Found: passed on
 * it has no effect, and yet the call that it came into ends with EINTR, which without a tracer it
 * does not.
 */
static void ignored_signal(void)
{
	static const int ignored[] = { SIGUSR1, SIGWINCH };
	struct tracee tracee = tracee_start("ignores-usr1");
	pid_t pid = tracee.pid;

	proc_wait_blocked(pid, SYS_epoll_wait);
	for (size_t i = 0; i < COUNT(ignored); i++)
		send(pid, ignored[i]);
	send(pid, SIGHUP);
	wait_told(&tracee, "handled", 1);
	proc_wait_blocked(pid, SYS_epoll_wait);
	expect_eq(1, told(&tracee, "interrupted"),
		"untraced, sent SIGUSR1, SIGWINCH and SIGHUP, which has a handler: calls ended");

	seize(pid);
	for (size_t i = 0; i < COUNT(ignored); i++) {
		send(pid, ignored[i]);
		expect_stop(STOP_SIGNAL, ignored[i], stop_wait(pid), "traced, sent %s",
			signal_name(ignored[i]));
		xptrace(PTRACE_CONT, pid, 0L, (long)ignored[i]);
		expect_eq(2 + (long)i, wait_told(&tracee, "interrupted", 2 + (long)i),
			"passed on: calls ended");
		proc_wait_blocked(pid, SYS_epoll_wait);
	}
	expect_eq(1, told(&tracee, "handled"), "signals handled");
	send(pid, SIGUSR2);
	send(pid, SIGHUP);
	expect_stop(
		STOP_SIGNAL, SIGHUP, stop_wait(pid), "sent SIGUSR2, which is blocked, and SIGHUP");
	expect_str("SIGUSR2", mask_text(proc_mask(pid, "ShdPnd")), "pending");
}

/* --- what the tracee notices -------------------------------------------------------------------- */

/*
 * How long is the pause, as the tracee feels it? Predicted: longer than the time for which the
 * tracer knows it to be stopped, since that lies within it; and one voluntary context switch for
 * each stop (ptrace_stop() calls schedule()), where without a tracer a busy process makes none.
 */
static void pause_as_felt(void)
{
	enum { TRIALS = 50 };
	struct tracee tracee = tracee_start("spin");
	struct samples felt = { 0 }, held = { 0 };
	struct user_regs_struct regs;
	long longer = 0, switches;

	wait_told(&tracee, "heartbeat", 1000);
	switches = proc_number(tracee.pid, "voluntary_ctxt_switches");
	for (int i = 0; i < TRIALS; i++) {
		*told_slot(&tracee, "longest-ns") = 0;
		seize_and_interrupt(tracee.pid);

		int64_t start = clock_now_ns();

		xptrace(PTRACE_GETREGS, tracee.pid, 0L, &regs);

		int64_t end = clock_now_ns();

		detach(tracee.pid);
		/* Two rounds later it has looked at the clock and told. */
		wait_told(&tracee, "heartbeat", told(&tracee, "heartbeat") + 2);
		longer += told(&tracee, "longest-ns") >= end - start;
		samples_add(&felt, (double)told(&tracee, "longest-ns") / 1e3);
		samples_add(&held, (double)(end - start) / 1e3);
	}
	switches = proc_number(tracee.pid, "voluntary_ctxt_switches") - switches;
	expect_always(longer, TRIALS, "the gap it felt covers the time it was known to be stopped");
	expect_eq(TRIALS, switches, "voluntary context switches in %d stops", TRIALS);
	note_live("gap felt:  %s", samples_text(&felt, "us"));
	note_live("of it held: %s", samples_text(&held, "us"));
}

/* What the self-aware tracee noticed, as one line. */
static const char *noticed(const struct tracee *tracee)
{
	return text("TracerPid %s, call interrupted %s, SIGCONT handled %s",
		told(tracee, "came") ? "yes" : "no", told(tracee, "interrupted") ? "yes" : "no",
		told(tracee, "conts") ? "yes" : "no");
}

/*
 * What of an attach does the tracee itself notice? Predicted: TracerPid if it runs while traced; an
 * interrupted call if it is stopped in one that does not restart; never a signal, unless it is
 * stopped without a tracer: then SIGCONT runs its handler.
 */
static void tracee_testifies(void)
{
	struct tracee tracee = tracee_start("self-aware");

	wait_told(&tracee, "heartbeat", 10);
	expect_str("TracerPid no, call interrupted no, SIGCONT handled no", noticed(&tracee),
		"untraced");

	seize(tracee.pid);
	wait_told(&tracee, "came", 1);
	expect_str("TracerPid yes, call interrupted no, SIGCONT handled no", noticed(&tracee),
		"SEIZEd, never stopped");

	tracee = tracee_start("self-aware");
	while (told(&tracee, "interrupted") == 0) {
		/* Stopped outside of epoll_wait it notices nothing: again until it was inside. */
		proc_wait_state(tracee.pid, "S");
		attach(tracee.pid);
		long beats = told(&tracee, "heartbeat");
		detach(tracee.pid);
		wait_told(&tracee, "heartbeat", beats + 2);
	}
	expect_eq(0, told(&tracee, "conts"), "signals handled when ATTACHed and DETACHed");
	expect_ge(1, told(&tracee, "interrupted"), "calls interrupted by it");

	tracee = tracee_start("self-aware");
	send(tracee.pid, SIGSTOP);
	proc_wait_state(tracee.pid, "T");
	send(tracee.pid, SIGCONT);
	expect_eq(1, wait_told(&tracee, "conts", 1), "signals handled after SIGSTOP and SIGCONT");
	expect_eq(0, told(&tracee, "came"), "tracers it saw come");
}

/* --- leaving ------------------------------------------------------------------------------------ */

/*
 * Does a signal given to PTRACE_DETACH reach the tracee? Predicted: yes, if the stop is a
 * signal-delivery-stop (ptrace(2), "Detaching"); a number that is no signal gives EIO and does not
 * detach (valid_signal() in ptrace_detach()).
 */
static void detach_with_signal(void)
{
	struct tracee tracee = tracee_start("handles-usr1");

	attach(tracee.pid);
	expect_errno(EIO, ptrace(PTRACE_DETACH, tracee.pid, 0, 65), "PTRACE_DETACH with signal 65");
	expect_pid(getpid(), tracer_of(tracee.pid), "TracerPid after it");
	expect_errno(
		0, ptrace(PTRACE_DETACH, tracee.pid, 0, SIGUSR1), "PTRACE_DETACH with SIGUSR1");
	expect_eq(1, wait_told(&tracee, "handled", 1), "times its handler ran");

	attach(tracee.pid);
	expect_errno(
		0, ptrace(PTRACE_DETACH, tracee.pid, 0, SIGSTOP), "PTRACE_DETACH with SIGSTOP");
	proc_wait_state(tracee.pid, "T");
	expect_pid(0, tracer_of(tracee.pid), "TracerPid of the process, now in state T");
}

/*
 * And what do the resuming requests say to a number that is no signal? Predicted (ptrace_resume()): EIO,
 * and the tracee stays where it is; PTRACE_LISTEN does not look at it.
 */
static void no_such_signal(void)
{
	static const enum __ptrace_request resuming[] = { PTRACE_CONT, PTRACE_SYSCALL,
		PTRACE_SINGLESTEP, PTRACE_SINGLEBLOCK, PTRACE_SYSEMU, PTRACE_SYSEMU_SINGLESTEP };
	struct tracee tracee = tracee_start("handles-usr1");

	seize(tracee.pid);
	stop_by_signal(tracee.pid);
	for (size_t i = 0; i < COUNT(resuming); i++)
		expect_errno(EIO, ptrace(resuming[i], tracee.pid, 0, 65), "%s with signal 65",
			request_name(resuming[i]));
	expect_str("t (tracing stop)", proc_status(tracee.pid, "State"), "State after these");
	expect_stop(
		STOP_GROUP, SIGSTOP, cont_with(tracee.pid, SIGSTOP), "PTRACE_CONT with SIGSTOP");
	expect_errno(0, ptrace(PTRACE_LISTEN, tracee.pid, 0, 65), "PTRACE_LISTEN with signal 65");
}

/*
 * Does DETACH without a signal leave a process running that was continued out of its group-stop?
 * Predicted by ptrace(2): it runs. Found: the group is still marked as stopped
 * (SIGNAL_STOP_STOPPED), and __ptrace_unlink() puts the thread back to T.
 */
static void detach_keeps_group_stop(void)
{
	struct tracee tracee = tracee_start("pause");
	pid_t pid = tracee.pid;

	attach(pid);
	let_run(pid);
	stop_by_signal(pid);
	expect_stop(STOP_GROUP, SIGSTOP, cont_with(pid, SIGSTOP), "SIGSTOP injected");
	let_run(pid);
	proc_wait_blocked(pid, SYS_pause);
	expect_str("S (sleeping)", proc_status(pid, "State"), "State after PTRACE_CONT");
	send_to_thread(pid, SIGUSR1);
	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(pid), "a stop to detach from");
	expect_errno(0, ptrace(PTRACE_DETACH, pid, 0, 0), "PTRACE_DETACH with signal 0");
	proc_wait_state(pid, "TS");
	expect_str("T (stopped)", proc_status(pid, "State"), "State after it");
}

/*
 * Can a tracer leave a running tracee? Predicted: no (ESRCH, ptrace(2) "Detaching"); it must be
 * stopped first, or the tracer must end.
 */
static void detach_running(void)
{
	struct tracee tracee = tracee_start("pause");

	seize(tracee.pid);
	expect_errno(ESRCH, ptrace(PTRACE_DETACH, tracee.pid, 0, 0), "PTRACE_DETACH, running");
	expect_pid(getpid(), tracer_of(tracee.pid), "TracerPid after it");
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	expect_errno(0, ptrace(PTRACE_DETACH, tracee.pid, 0, 0), "PTRACE_DETACH, stopped");
	expect_pid(0, tracer_of(tracee.pid), "TracerPid after it");
}

/*
 * Must a stop be waited for? Predicted: requests work before the wait; the report is given out
 * once, unless WNOWAIT leaves it; PTRACE_CONT before the wait takes it back (ptrace_resume()).
 */
static void wait_consumes(void)
{
	struct tracee tracee = tracee_start("pause");
	siginfo_t first = { 0 }, second = { 0 };
	int status;

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	proc_wait_state(tracee.pid, "t");
	expect_str("SI_KERNEL from pid 0", sender(tracee.pid), "PTRACE_GETSIGINFO before any wait");
	waitid(P_PID, (id_t)tracee.pid, &first, WSTOPPED | WNOWAIT);
	waitid(P_PID, (id_t)tracee.pid, &second, WSTOPPED);
	expect_true(first.si_code == CLD_TRAPPED, "waitid() with WNOWAIT reports it, CLD_TRAPPED");
	expect_true(second.si_code == CLD_TRAPPED, "waitid() reports it again, CLD_TRAPPED");
	expect_eq(0, waitpid(tracee.pid, &status, WNOHANG | __WALL), "waitpid() after it");

	let_run(tracee.pid);
	send(tracee.pid, SIGUSR1);
	proc_wait_state(tracee.pid, "t");
	expect_errno(0, ptrace(PTRACE_CONT, tracee.pid, 0, 0), "PTRACE_CONT before the wait");
	expect_eq(0, waitpid(tracee.pid, &status, WNOHANG | __WALL), "waitpid() after it");
}

/*
 * Does a tracer need __WALL? Predicted from wait(2): a child that ends without SIGCHLD is passed over
 * by waitpid() without it, and a thread is one; but since Linux 4.7 the flag is implied for tracees
 * (eligible_child()). The control is an untraced child of that kind.
 */
static void wait_without_wall(void)
{
	struct tracee tracee = tracee_start("threads");
	pid_t thread = (pid_t)told(&tracee, "thread-1");
	pid_t child = (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
	int status;

	if (child == 0)
		_exit(3);
	expect_errno(
		ECHILD, waitpid(child, &status, 0), "untraced, ends without SIGCHLD: waitpid()");
	expect_stop(STOP_EXITED, 3, stop_wait(child), "waited for with __WALL");

	seize(thread);
	xptrace(PTRACE_INTERRUPT, thread, 0L, 0L);
	expect_true(waitpid(thread, &status, 0) == thread, "a traced thread: found without __WALL");
	seize(tracee.pid);
	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	expect_true(waitpid(tracee.pid, &status, __WCLONE) == tracee.pid,
		"a traced process: found with __WCLONE");
}

/* --- who may trace whom ------------------------------------------------------------------------- */

static void *sibling_thread(void *tid)
{
	*(atomic_int *)tid = gettid();
	for (;;)
		pause();
	return NULL;
}

/*
 * Whom can nobody attach to? Predicted from ptrace_attach(): EPERM for oneself and one's own thread
 * group, for a zombie and for what is traced already; ESRCH for a pid that is not there; EIO for
 * the arguments that PTRACE_SEIZE does not know, where SETOPTIONS says EINVAL.
 */
static void attach_refused(void)
{
	static const pid_t nobody[] = { 0, -1, 0x7fffffff };
	static atomic_int tid;
	pthread_t thread;
	struct tracee tracee = tracee_start("pause");
	pid_t zombie = fork_helper();

	if (zombie == 0)
		_exit(EXIT_SUCCESS);
	proc_wait_state(zombie, "Z");
	if (pthread_create(&thread, NULL, sibling_thread, &tid) != 0)
		broken("pthread_create");
	while (tid == 0)
		sched_yield();

	expect_errno(EPERM, ptrace(PTRACE_SEIZE, getpid(), 0, 0), "PTRACE_SEIZE of itself");
	expect_errno(EPERM, ptrace(PTRACE_SEIZE, tid, 0, 0), "of a thread of its own group");
	expect_errno(EPERM, ptrace(PTRACE_SEIZE, zombie, 0, 0), "of a zombie");
	for (size_t i = 0; i < COUNT(nobody); i++)
		expect_errno(ESRCH, ptrace(PTRACE_SEIZE, nobody[i], 0, 0), "of pid %d", nobody[i]);
	expect_errno(EIO, ptrace(PTRACE_SEIZE, tracee.pid, 1, 0), "with an address");
	expect_errno(EIO, ptrace(PTRACE_SEIZE, tracee.pid, 0, 1L << 30), "with an unknown option");
	expect_pid(0, tracer_of(tracee.pid), "TracerPid after all these");
	expect_errno(0, ptrace(PTRACE_ATTACH, tracee.pid, 0, 0), "PTRACE_ATTACH");
	stop_wait(tracee.pid);
	expect_errno(EPERM, ptrace(PTRACE_ATTACH, tracee.pid, 0, 0), "PTRACE_ATTACH a second time");
	expect_errno(EINVAL, ptrace(PTRACE_SETOPTIONS, tracee.pid, 0, 1L << 30),
		"PTRACE_SETOPTIONS with an unknown option");
}

/* Can root attach to a kernel thread? Predicted: no, EPERM (PF_KTHREAD in ptrace_attach()). */
static void kernel_thread_refused(void)
{
	enum { KTHREADD = 2 };
	char name[32] = "";

	proc_read(KTHREADD, "comm", name, sizeof(name));
	if (strcmp(name, "kthreadd\n") != 0)
		skip("pid 2 is not kthreadd: this PID namespace shows no kernel threads");
	expect_errno(EPERM, ptrace(PTRACE_SEIZE, KTHREADD, 0, 0), "PTRACE_SEIZE of kthreadd");
	expect_errno(EPERM, ptrace(PTRACE_ATTACH, KTHREADD, 0, 0), "PTRACE_ATTACH of kthreadd");
	expect_pid(0, tracer_of(KTHREADD), "its TracerPid");
}

static void second_tracer_tries(pid_t tracee)
{
	expect_errno(EPERM, ptrace(PTRACE_SEIZE, tracee, 0, 0), "PTRACE_SEIZE by a second tracer");
	expect_errno(
		EPERM, ptrace(PTRACE_ATTACH, tracee, 0, 0), "PTRACE_ATTACH by a second tracer");
	expect_errno(
		ESRCH, ptrace(PTRACE_DETACH, tracee, 0, 0), "PTRACE_DETACH by a second tracer");
}

/*
 * Can a process have two tracers? Predicted: no; the second gets EPERM to attach, and ESRCH for
 * everything else: the tracee is none of its own.
 */
static void one_tracer(void)
{
	struct tracee tracee = tracee_start("pause");

	attach(tracee.pid);
	reap_tracer(start_tracer(second_tracer_tries, tracee.pid));
	expect_pid(getpid(), tracer_of(tracee.pid), "TracerPid after it");
}

/*
 * May one user trace another's process? Predicted: not without CAP_SYS_PTRACE: EPERM
 * (__ptrace_may_access() compares uids); TracerPid stays readable to all.
 */
static void other_uid(void)
{
	pid_t target = 1;

	if (can_become_ordinary()) {
		target = tracee_start("pause").pid;
		become(UNPRIVILEGED, UNPRIVILEGED);
	}
	role_pid("target", target);
	if (proc_capable(getpid(), CAP_SYS_PTRACE))
		skip("has CAP_SYS_PTRACE, and cannot give it away: it may not become another user");
	if (proc_state(target) == 0)
		skip("/proc hides pid 1 (hidepid), and no other user's process is known");
	if ((uid_t)proc_number(target, "Uid") == getuid())
		skip("pid 1 runs as this user too, and no other user's process is known");
	expect_errno(EPERM, ptrace(PTRACE_SEIZE, target, 0, 0),
		"PTRACE_SEIZE of another user's process");
	expect_errno(EPERM, ptrace(PTRACE_ATTACH, target, 0, 0), "PTRACE_ATTACH");
	expect_pid(0, tracer_of(target), "its TracerPid, which anyone may read");
}

/*
 * And what of root? Predicted: CAP_SYS_PTRACE makes every uid traceable, in the other direction.
 */
static void root_may(void)
{
	if (!can_become_ordinary() || !proc_capable(getpid(), CAP_SYS_PTRACE))
		skip("needs CAP_SYS_PTRACE, and CAP_SETUID and CAP_SETGID to start a process as another user");

	struct tracee tracee = tracee_start_as("non-dumpable", UNPRIVILEGED, UNPRIVILEGED);

	expect_errno(0, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0),
		"PTRACE_SEIZE by root of another user's process, not dumpable");
	expect_pid(getpid(), tracer_of(tracee.pid), "its TracerPid");
	expect_errno(0, ptrace(PTRACE_INTERRUPT, tracee.pid, 0, 0), "PTRACE_INTERRUPT");
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(tracee.pid), "the stop it makes");
}

/* A user or group that is nobody else's in these experiments. */
#define ANOTHER (UNPRIVILEGED - 1)

/*
 * Is the same uid enough? Predicted: no, the gids must match too (__ptrace_may_access()), though
 * kill(2) asks for the uid alone.
 */
static void other_gid(void)
{
	if (!can_become_ordinary())
		skip("needs CAP_SETUID and CAP_SETGID, to start a process with another gid");

	struct tracee tracee = tracee_start_as("pause", UNPRIVILEGED, UNPRIVILEGED);

	become(UNPRIVILEGED, ANOTHER);
	expect_errno(0, kill(tracee.pid, 0), "kill() by the same uid with another gid");
	proc_wait_state(tracee.pid, "S");
	expect_errno(EPERM, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0), "PTRACE_SEIZE by the same");
}

/* Who tries to trace whom in ids_one_by_one(): real, effective, saved uid, and of the target gids too. */
struct credentials {
	const char *what;
	uid_t target[6], caller[3];
	int expected;
};

static const struct credentials *credentials;

static void try_with_ids(pid_t tracee)
{
	const uid_t *uid = credentials->caller;

	if (setgroups(0, NULL) == -1 || setresgid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED) == -1 ||
		setresuid(uid[0], uid[1], uid[2]) == -1)
		broken("setgroups, setresgid or setresuid: %s", errno_text(errno));
	expect_errno(
		credentials->expected, ptrace(PTRACE_SEIZE, tracee, 0, 0), "%s", credentials->what);
}

/*
 * Which ids are compared? Predicted (__ptrace_may_access()): the target's real, effective and saved
 * ones, of user and group, each with the caller's real one; the caller's effective uid does not
 * matter.
 */
static void ids_one_by_one(void)
{
	enum { U = UNPRIVILEGED, V = ANOTHER };
	static const struct credentials cases[] = {
		{ "all the same", { U, U, U, U, U, U }, { U, U, U }, 0 },
		{ "the target's real uid differs", { V, U, U, U, U, U }, { U, U, U }, EPERM },
		{ "its effective uid", { U, V, U, U, U, U }, { U, U, U }, EPERM },
		{ "its saved uid", { U, U, V, U, U, U }, { U, U, U }, EPERM },
		{ "its real gid", { U, U, U, V, U, U }, { U, U, U }, EPERM },
		{ "its effective gid", { U, U, U, U, V, U }, { U, U, U }, EPERM },
		{ "its saved gid", { U, U, U, U, U, V }, { U, U, U }, EPERM },
		{ "the caller's effective and saved uid", { U, U, U, U, U, U }, { U, V, V }, 0 },
		{ "the caller's real uid", { U, U, U, U, U, U }, { V, U, U }, EPERM },
	};
	static const char *const names[6] = { "ruid", "euid", "suid", "rgid", "egid", "sgid" };

	if (!can_become_ordinary())
		skip("needs CAP_SETUID and CAP_SETGID, to give processes ids");
	if (proc_yama_scope() >= 2)
		skip("Yama: in scope %d no ordinary user may trace", proc_yama_scope());
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_start("takes-ids");

		for (size_t n = 0; n < COUNT(names); n++)
			*told_slot(&tracee, names[n]) = cases[i].target[n];
		*told_slot(&tracee, "go") = 1;
		wait_told(&tracee, "taken", 1);
		credentials = &cases[i];
		reap_tracer(start_tracer(try_with_ids, tracee.pid));
	}
}

/*
 * Can a process withdraw from its own user's tracers? Predicted: yes, with PR_SET_DUMPABLE 0:
 * EPERM; /proc/PID then belongs to root, but status stays readable (task_dump_owner()).
 */
static void non_dumpable_refused(void)
{
	bool root = can_become_ordinary();
	struct tracee tracee = root ? tracee_start_as("non-dumpable", UNPRIVILEGED, UNPRIVILEGED)
				    : tracee_start("non-dumpable");
	struct stat owner;

	if (root)
		become(UNPRIVILEGED, UNPRIVILEGED);
	if (proc_capable(getpid(), CAP_SYS_PTRACE))
		skip("has CAP_SYS_PTRACE, and cannot give it away: it may not become another user");
	if (proc_hides())
		skip("/proc hides whom this process may not trace (hidepid)");
	expect_true((uid_t)proc_number(tracee.pid, "Uid") == getuid(),
		"it has the uid of its tracer-to-be");
	expect_errno(EPERM, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0), "PTRACE_SEIZE by the same uid");
	expect_errno(0, stat(text("/proc/%d/mem", tracee.pid), &owner), "stat() of /proc/PID/mem");
	expect_eq(0, (long)owner.st_uid, "its owner");
	expect_pid(0, tracer_of(tracee.pid), "its TracerPid, still readable");
}

static void seize_and_end(pid_t tracee)
{
	seize(tracee);
	expect_pid(getpid(), tracer_of(tracee), "TracerPid while its tracer lives");
}

/*
 * What becomes of a tracee whose tracer exits? Predicted: it is detached and runs on
 * (exit_ptrace()).
 */
static void tracer_exits(void)
{
	struct tracee tracee = tracee_start("spin");

	reap_tracer(start_tracer(seize_and_end, tracee.pid));
	expect_pid(0, tracer_of(tracee.pid), "TracerPid after the tracer's exit");

	long beats = told(&tracee, "heartbeat");

	expect_ge(
		1, wait_told(&tracee, "heartbeat", beats + 1) - beats, "rounds it ran since then");
}

static void seize_and_execute(pid_t tracee)
{
	seize(tracee);
	execl(tracee_path(), "tracee", "pause", NULL);
	broken("exec %s: %s", tracee_path(), errno_text(errno));
}

/* And of one whose tracer executes another program? Predicted: nothing; it is the same task. */
static void tracer_executes(void)
{
	struct tracee tracee = tracee_start("pause");
	pid_t helper = start_tracer(seize_and_execute, tracee.pid);
	char name[32] = "";

	waiting_for("the helper tracer to execute");
	while (strcmp(name, "tracee\n") != 0) {
		if (proc_read(helper, "comm", name, sizeof(name)) == -1)
			broken("the helper tracer is gone");
		sched_yield();
	}
	expect_pid(helper, tracer_of(tracee.pid), "TracerPid after the tracer's execve()");
}

/* Run `act` on the tracee in another thread of this process, and wait for the thread's end. */
struct thread_act {
	void (*act)(pid_t tracee);
	pid_t tracee;
};

static void *run_thread_act(void *argument)
{
	struct thread_act *thread = argument;

	role_pid("tracer's thread", gettid());
	thread->act(thread->tracee);
	return NULL;
}

static void in_thread(void (*act)(pid_t tracee), pid_t tracee)
{
	struct thread_act argument = { act, tracee };
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_thread_act, &argument) != 0 ||
		pthread_join(thread, NULL) != 0)
		broken("pthread_create or pthread_join");
}

static void sibling_tries(pid_t tracee)
{
	int status;

	expect_errno(ESRCH, ptrace(PTRACE_CONT, tracee, 0, 0), "PTRACE_CONT by a sibling thread");
	expect_errno(ECHILD, waitpid(tracee, &status, __WNOTHREAD | __WALL | WNOHANG),
		"waitpid() with __WNOTHREAD by a sibling thread");
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(tracee), "waitpid() by a sibling thread");
}

static void seize_in_thread(pid_t tracee)
{
	seize(tracee);
	expect_pid(gettid(), tracer_of(tracee), "TracerPid of a thread's tracee");
}

/*
 * Is the tracer a process or a thread? Predicted: a thread (ptrace(2), NOTES). Its siblings'
 * requests fail with ESRCH, though their waitpid() works unless it says __WNOTHREAD; TracerPid is
 * its tid; when it ends, its tracees are free, though the process lives.
 */
static void tracer_is_a_thread(void)
{
	struct tracee tracee = tracee_start("pause");

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	proc_wait_state(tracee.pid, "t");
	in_thread(sibling_tries, tracee.pid);
	expect_errno(
		0, ptrace(PTRACE_CONT, tracee.pid, 0, 0), "PTRACE_CONT by the tracer's thread");

	tracee = tracee_start("pause");
	in_thread(seize_in_thread, tracee.pid);
	wait_tracer_of(tracee.pid, 0);
	expect_pid(0, tracer_of(tracee.pid), "TracerPid after that thread's end");
}

static void seize_exitkill_and_end(pid_t tracee)
{
	xptrace(PTRACE_SEIZE, tracee, 0L, PTRACE_O_EXITKILL);
}

static void seize_exitkill_and_detach(pid_t tracee)
{
	seize_exitkill_and_end(tracee);
	xptrace(PTRACE_INTERRUPT, tracee, 0L, 0L);
	stop_wait(tracee);
	detach(tracee);
}

static void seize_exitkill_and_be_killed(pid_t tracee)
{
	seize_exitkill_and_end(tracee);
	send(getpid(), SIGKILL);
}

/*
 * What does PTRACE_O_EXITKILL add? Predicted: the tracee dies with its tracer by SIGKILL, however
 * the tracer ends, but not once it was detached (exit_ptrace()).
 */
static void exitkill(void)
{
	struct tracee tracee = tracee_start("pause");

	reap_tracer(start_tracer(seize_exitkill_and_end, tracee.pid));
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(tracee.pid), "tracee of a tracer that exits");

	tracee = tracee_start("pause");
	expect_stop(STOP_KILLED, SIGKILL,
		stop_wait(start_tracer(seize_exitkill_and_be_killed, tracee.pid)),
		"a tracer that kills itself");
	expect_stop(
		STOP_KILLED, SIGKILL, stop_wait(tracee.pid), "tracee of a tracer that is killed");

	tracee = tracee_start("pause");
	reap_tracer(start_tracer(seize_exitkill_and_detach, tracee.pid));
	send(tracee.pid, SIGUSR2);
	expect_stop(STOP_KILLED, SIGUSR2, stop_wait(tracee.pid),
		"tracee detached before the exit, sent SIGUSR2");
}

static void leave_sigterm_unwaited(pid_t tracee)
{
	seize(tracee);
	send(tracee, SIGTERM);
	proc_wait_state(tracee, "t");
}

static void leave_sigterm_waited(pid_t tracee)
{
	leave_sigterm_unwaited(tracee);
	expect_stop(STOP_SIGNAL, SIGTERM, stop_wait(tracee), "the tracer waits for the stop");
}

/* Wait until it has ended, or sleeps in pause() again. */
static const char *ended_or_pausing(pid_t pid)
{
	char state;

	waiting_for("the tracee to end or to pause again");
	while ((state = proc_state(pid)) != 'Z' && (state != 'S' || proc_syscall(pid) != SYS_pause))
		sched_yield();
	waiting_for(NULL);
	return text("%c", state);
}

/*
 * A tracer ends while its tracee is in a signal-delivery-stop: is the signal delivered? Predicted by
 * ptrace(2), "Attaching and detaching": the pending signal is injected. Found: only if
 * the stop had not been waited for; waiting takes the signal number along
 * (wait_task_stopped() clears exit_code, which ptrace_stop() returns).
 */
static void tracer_ends_in_delivery_stop(void)
{
	struct tracee tracee = tracee_start("pause");

	reap_tracer(start_tracer(leave_sigterm_unwaited, tracee.pid));
	expect_str("Z", ended_or_pausing(tracee.pid), "State, the stop not waited for");
	expect_stop(STOP_KILLED, SIGTERM, stop_wait(tracee.pid), "its end");

	tracee = tracee_start("pause");
	reap_tracer(start_tracer(leave_sigterm_waited, tracee.pid));
	expect_str("S", ended_or_pausing(tracee.pid), "State, the stop waited for");
	expect_str("none", mask_text(proc_mask(tracee.pid, "ShdPnd")), "pending in the process");
}

/* Ways to bring a tracee into a state. */
static void bring_to_event_stop(pid_t pid)
{
	seize_and_interrupt(pid);
}

static void bring_to_delivery_stop(pid_t pid)
{
	seize(pid);
	stop_by_signal(pid);
}

static void bring_to_group_stop(pid_t pid)
{
	bring_to_delivery_stop(pid);
	cont_with(pid, SIGSTOP);
}

static void bring_to_listen(pid_t pid)
{
	bring_to_group_stop(pid);
	xptrace(PTRACE_LISTEN, pid, 0L, 0L);
}

static void attach_to_group_stop(pid_t pid)
{
	attach(pid);
	cont_with(pid, SIGSTOP);
}

static void bring_to_group_stop_and_out(pid_t pid)
{
	bring_to_group_stop(pid);
	let_run(pid);
	proc_wait_blocked(pid, SYS_pause);
}

/*
 * And if its tracee was in group-stop? Predicted (ptrace(2), which calls it buggy): it stays stopped,
 * waiting for SIGCONT; so does one that the tracer had continued, for its process is still marked as
 * stopped (__ptrace_unlink()).
 */
static void tracer_ends_in_group_stop(void)
{
	static const struct {
		const char *what;
		void (*bring)(pid_t pid);
	} cases[] = {
		{ "SEIZEd, in group-stop", bring_to_group_stop },
		{ "ATTACHed, in group-stop", attach_to_group_stop },
		{ "listening", bring_to_listen },
		{ "continued out of it, sleeping", bring_to_group_stop_and_out },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_start("pause");

		reap_tracer(start_tracer(cases[i].bring, tracee.pid));
		proc_wait_state(tracee.pid, "TS");
		expect_str("T (stopped)", proc_status(tracee.pid, "State"), "%s: State afterwards",
			cases[i].what);
		expect_pid(0, tracer_of(tracee.pid), "TracerPid");
		send(tracee.pid, SIGCONT);
		proc_wait_blocked(tracee.pid, SYS_pause);
		expect_str("S (sleeping)", proc_status(tracee.pid, "State"), "sent SIGCONT: State");
	}
}

/* --- the real parent ---------------------------------------------------------------------------- */

/* What waitpid() gives a parent that does not trace. */
static const char *parent_sees(pid_t tracee)
{
	int status;
	pid_t reported = waitpid(tracee, &status, WNOHANG | WUNTRACED | WCONTINUED);

	if (reported == 0)
		return "nothing";
	return WIFSTOPPED(status) ? text("stopped by %s", signal_name(WSTOPSIG(status)))
				  : stop_text(stop_decode(status));
}

/* Orders to the helper that traces while the experiment stays the real parent. */
static int orders[2], answers[2];

/* 'w': wait for a report; 'i': inject the signal that is being delivered, and wait; 'c': wait with
 * WCONTINUED. */
static void obey(pid_t tracee)
{
	struct stop stop = { 0 };
	char what;
	int status;

	seize(tracee);
	while (write(answers[1], "", 1) == 1 && read(orders[0], &what, sizeof(what)) == 1) {
		if (what == 'w')
			stop = stop_wait(tracee);
		if (what == 'i')
			stop = cont_with(tracee, stop.detail);
		if (what == 'c') {
			if (waitpid(tracee, &status, __WALL | WCONTINUED) == -1)
				broken("waitpid: %s", errno_text(errno));
			expect_stop(STOP_CONTINUED, 0, stop_decode(status),
				"the tracer, with WCONTINUED, sees");
		}
	}
}

static void order(char what)
{
	char done;

	waiting_for("the helper tracer to obey");
	if (write(orders[1], &what, 1) != 1 || read(answers[0], &done, sizeof(done)) != 1)
		broken("the helper tracer does not answer");
	waiting_for(NULL);
}

/* A scene whose real parent is this process, and whose tracer is a helper that takes orders. */
static struct tracee traced_by_order(void)
{
	struct tracee tracee = tracee_start("pause");
	char ready;

	if (pipe(orders) == -1 || pipe(answers) == -1)
		broken("pipe: %s", errno_text(errno));
	start_tracer(obey, tracee.pid);
	if (read(answers[0], &ready, sizeof(ready)) != 1)
		broken("the helper tracer does not answer");
	return tracee;
}

/*
 * What does the real parent see of a tracee that another process traces? Predicted: the same PPid
 * as before; no stop at all (ptrace(2), BUGS); the death only after the tracer has waited for it
 * (wait_consider_task()). Found: it hears of the group-stop (do_notify_parent_cldstop()). Where
 * tracer and parent are one process, predicted: one report of the death and no other.
 */
static void real_parent(void)
{
	struct tracee tracee = traced_by_order();

	expect_pid(getpid(), (pid_t)proc_number(tracee.pid, "PPid"), "PPid while traced");
	send(tracee.pid, SIGSTOP);
	order('w');
	expect_str("nothing", parent_sees(tracee.pid), "in signal-delivery-stop the parent sees");
	order('i');
	expect_str("stopped by SIGSTOP", parent_sees(tracee.pid), "in group-stop the parent sees");

	send(tracee.pid, SIGKILL);
	proc_wait_state(tracee.pid, "Z");
	expect_str("nothing", parent_sees(tracee.pid), "killed, before the tracer's wait");
	order('w');
	expect_str("killed by SIGKILL", parent_sees(tracee.pid), "killed, after the tracer's wait");

	tracee = tracee_start("pause");
	seize(tracee.pid);
	send(tracee.pid, SIGKILL);
	expect_stop(
		STOP_KILLED, SIGKILL, stop_wait(tracee.pid), "parent and tracer in one, killed");
	expect_errno(ECHILD, waitpid(tracee.pid, NULL, __WALL), "a second wait");
}

/*
 * Who hears that a traced process was continued? Predicted (ptrace(2), "Stopped states"): whoever asks
 * first, tracer or real parent, for "continued" is kept once for the process
 * (wait_task_continued()). The tracer does not resume the tracee meanwhile: it is SIGCONT that is
 * reported, and not that anything runs.
 */
static void continued_once(void)
{
	for (int tracer_asks = 0; tracer_asks <= 1; tracer_asks++) {
		struct tracee tracee = traced_by_order();

		send(tracee.pid, SIGSTOP);
		order('w');
		order('i');
		expect_str("stopped by SIGSTOP", parent_sees(tracee.pid),
			"group-stop: the parent sees");
		send(tracee.pid, SIGCONT);
		if (tracer_asks)
			order('c');
		expect_str(tracer_asks ? "nothing" : "continued", parent_sees(tracee.pid),
			"sent SIGCONT%s: the parent sees", tracer_asks ? ", after the tracer" : "");
		expect_str("t (tracing stop)", proc_status(tracee.pid, "State"), "State");
	}
}

/* --- namespaces, Yama --------------------------------------------------------------------------- */

/*
 * Is TracerPid 0 proof of not being traced? Predicted: no; a tracer that has no pid in the PID
 * namespace of that /proc shows as 0 (task_state() uses task_pid_nr_ns()), and PTRACE_TRACEME
 * fails all the same.
 */
static void tracer_outside_pid_namespace(void)
{
	struct tracee tracee = tracee_start("pid-namespace");

	if (told(&tracee, "cannot") != 0)
		skip("no PID namespace with a /proc of its own: %s",
			strerrorname_np((int)told(&tracee, "cannot")));

	pid_t inner = (pid_t)wait_told(&tracee, "inner-pid", 1);

	role_pid("inner", inner);
	expect_errno(0, ptrace(PTRACE_SEIZE, inner, 0, 0), "PTRACE_SEIZE from outside");
	long rounds = told(&tracee, "rounds");
	wait_told(&tracee, "rounds", rounds + 2);
	expect_pid(getpid(), tracer_of(inner), "TracerPid read outside");
	expect_pid(0, (pid_t)told(&tracee, "tracer"), "TracerPid read inside");
	*told_slot(&tracee, "ask-traceme") = 1;
	expect_str("EPERM", strerrorname_np((int)wait_told(&tracee, "traceme", 0)),
		"PTRACE_TRACEME inside");
}

/* What a process in the namespace can do to its pid 1, as any other and as its tracer. */
static void trace_pid_one(pid_t init)
{
	expect_errno(0, kill(init, SIGKILL), "kill(1, SIGKILL) from inside");
	expect_errno(0, ptrace(PTRACE_ATTACH, init, 0, 0), "PTRACE_ATTACH of pid 1, from inside");
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(init), "its stop");
	send(init, SIGUSR1);
	expect_stop(
		STOP_SIGNAL, SIGUSR1, cont_with(init, SIGTERM), "SIGTERM injected, sent SIGUSR1");
	expect_errno(0, ptrace(PTRACE_KILL, init, 0, 0), "PTRACE_KILL");
	send(init, SIGUSR2);
	expect_stop(STOP_SIGNAL, SIGUSR2, cont(init), "sent SIGUSR2");
	if (write(answers[1], "", 1) != 1)
		broken("write: %s", errno_text(errno));
	cont_with(init, SIGKILL);
	broken("pid 1 was reaped before its namespace ended");
}

/*
 * Can pid 1 be traced? Predicted for a PID namespace's: yes, from inside too (ptrace_attach() does not
 * ask). What it has no handler for does not reach it, given by its tracer or not, and PTRACE_KILL,
 * which sends SIGKILL from inside, succeeds and does nothing; but an injected SIGKILL is not sent
 * to it, and ends it with all its namespace (get_signal(), SIGNAL_UNKILLABLE).
 */
static void pid_one(void)
{
	if (unshare(CLONE_NEWPID) == -1 && unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1)
		skip("no PID namespace: %s", errno_text(errno));
	if (prctl(PR_SET_DUMPABLE, 1) == -1 || pipe(answers) == -1)
		broken("prctl(PR_SET_DUMPABLE) or pipe: %s", errno_text(errno));

	pid_t init = fork_helper();
	char byte;

	if (init == 0) {
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); /* Yama: the tracer is no ancestor */
		for (;;)
			pause();
	}
	proc_wait_blocked(init, SYS_pause);
	/* In this order: pid 1 does not end before every process of its namespace was reaped. */
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(start_tracer(trace_pid_one, 1)),
		"SIGKILL injected: the end of its tracer");
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(init), "the end of pid 1");
	close(answers[1]);
	expect_eq(1, read(answers[0], &byte, sizeof(byte)),
		"injections of SIGKILL, which that tracer announced");
}

static void declare_tracer(struct tracee *tracee, long pid)
{
	*told_slot(tracee, "answer") = -1;
	*told_slot(tracee, "allow") = pid;
	if (wait_told(tracee, "answer", 0) != 0)
		broken("prctl(PR_SET_PTRACER): %s", errno_text((int)told(tracee, "answer")));
}

/* What a helper under Yama tries, and with what result as predicted. */
static struct {
	const char *declared;
	int expected;
} attempt;

static void try_under_yama(pid_t tracee)
{
	expect_errno(attempt.expected, ptrace(PTRACE_SEIZE, tracee, 0, 0),
		"PTRACE_SEIZE by a sibling, PR_SET_PTRACER %s", attempt.declared);
}

/*
 * What does Yama change for a tracer that is no ancestor? Predicted (Yama.rst): in scope 1 EPERM
 * until the tracee names it, or an ancestor of it, or anyone, with PR_SET_PTRACER; in scopes 2 and
 * 3 EPERM all the same. The tracer is unprivileged; root is exempt but in scope 3.
 */
static void yama(void)
{
	int scope = proc_yama_scope();
	bool root = can_become_ordinary();

	if (scope == -1)
		skip("Yama is absent");
	this_case(text("scope %d", scope));

	struct tracee other = tracee_start("pause");
	struct tracee tracee = root ? tracee_start_as("declares-tracer", UNPRIVILEGED, UNPRIVILEGED)
				    : tracee_start("declares-tracer");
	const struct {
		const char *declared;
		long pid;
		bool allows; /* in scope 1 */
	} cases[] = {
		{ "0", 0, false },
		{ "some other process", other.pid, false },
		{ "the parent of that sibling", getpid(), true },
		{ "PR_SET_PTRACER_ANY", -1, true },
	};

	if (root)
		become(UNPRIVILEGED, UNPRIVILEGED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (cases[i].pid != 0)
			declare_tracer(&tracee, cases[i].pid);
		attempt.declared = cases[i].declared;
		attempt.expected = scope == 0 || (scope == 1 && cases[i].allows) ? 0 : EPERM;
		reap_tracer(start_tracer(try_under_yama, tracee.pid));
	}
}

/*
 * And for a process that asks its parent to trace it? Predicted (yama_ptrace_traceme()): nothing in scope
 * 1, a refusal without privilege in scope 2, to everyone in scope 3; so it is for a parent that attaches to
 * its own child.
 */
static void yama_traceme(void)
{
	int scope = proc_yama_scope(), expected = scope >= 2 ? EPERM : 0;
	struct stop end;
	pid_t child;

	if (scope == -1)
		skip("Yama is absent");
	this_case(text("scope %d", scope));
	if (can_become_ordinary())
		become(UNPRIVILEGED, UNPRIVILEGED);
	child = fork_helper();
	if (child == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, 0, 0) == -1 ? errno : 0);
	end = stop_wait(child);
	expect_str(errno_text(expected),
		end.kind == STOP_EXITED ? errno_text(end.detail) : stop_text(end),
		"PTRACE_TRACEME by a child");
	child = fork_helper();
	if (child == 0)
		for (;;)
			pause();
	expect_errno(expected, ptrace(PTRACE_SEIZE, child, 0, 0), "PTRACE_SEIZE of a child");
}

/*
 * Does a user namespace of its own protect a process from its user's tracers? Predicted by ptrace(2),
 * "/proc/sys/kernel/yama/ptrace_scope": the opposite. Who made the namespace has every capability in
 * it, CAP_SYS_PTRACE among them, and Yama asks for that one, in the tracee's namespace.
 */
static void yama_user_namespace(void)
{
	int scope = proc_yama_scope();
	bool root = can_become_ordinary();

	if (scope == -1)
		skip("Yama is absent");
	this_case(text("scope %d", scope));

	static const char *const scenes[] = { "declares-tracer", "own-user-namespace" };
	struct tracee tracee[2];

	for (size_t i = 0; i < COUNT(scenes); i++)
		tracee[i] = root ? tracee_start_as(scenes[i], UNPRIVILEGED, UNPRIVILEGED)
				 : tracee_start(scenes[i]);
	if (told(&tracee[1], "cannot") != 0)
		skip("no user namespace: %s", errno_text((int)told(&tracee[1], "cannot")));
	if (root)
		become(UNPRIVILEGED, UNPRIVILEGED);
	attempt.declared = "0";
	attempt.expected = scope == 0 ? 0 : EPERM;
	reap_tracer(start_tracer(try_under_yama, tracee[0].pid));
	attempt.declared = "0, in a user namespace of its own";
	attempt.expected = scope == 3 ? EPERM : 0;
	reap_tracer(start_tracer(try_under_yama, tracee[1].pid));
}

/* Can scope 3 be taken back? Predicted (yama_dointvec_minmax()): not even by root; EINVAL. */
static void yama_locked(void)
{
	static const char path[] = "/proc/sys/kernel/yama/ptrace_scope";
	int fd;

	if (proc_yama_scope() != 3 || !proc_capable(getpid(), CAP_SYS_PTRACE))
		skip("needs Yama in scope 3, and CAP_SYS_PTRACE");
	fd = open(path, O_WRONLY);
	if (fd == -1)
		broken("%s: %s", path, errno_text(errno));
	if (!expect_errno(EINVAL, write(fd, "2", 1), "scope 2 written into %s", path) &&
		write(fd, "3", 1) != 1)
		broken("%s: %s", path, errno_text(errno));
	expect_eq(3, proc_yama_scope(), "the scope");
}

/* --- execve, and signals to a stopped tracee ---------------------------------------------------- */

/*
 * What does a tracee that asked for it itself report at execve()? Predicted: SIGTRAP, sent by the
 * process to itself (ptrace_event() in exec_binprm()); nothing if it blocks SIGTRAP; and a second
 * PTRACE_TRACEME is EPERM.
 */
static void traceme_and_exec(void)
{
	struct tracee tracee = tracee_start("traceme-exec");

	expect_pid(getpid(), tracer_of(tracee.pid), "TracerPid after PTRACE_TRACEME");
	expect_str(
		"EPERM", strerrorname_np((int)told(&tracee, "again")), "a second PTRACE_TRACEME");
	*told_slot(&tracee, "go") = 1;
	expect_stop(STOP_SIGNAL, SIGTRAP, stop_wait(tracee.pid), "at execve()");
	expect_str(text("SI_USER from pid %s", show_pid(tracee.pid)), sender(tracee.pid),
		"its siginfo");
	expect_stop(STOP_EXITED, 7, cont(tracee.pid), "continued");

	tracee = tracee_start("traceme-exec");
	*told_slot(&tracee, "go") = 2;
	expect_stop(STOP_EXITED, 7, stop_wait(tracee.pid), "with SIGTRAP blocked, at execve()");
}

/* And a SEIZEd one, without PTRACE_O_TRACEEXEC? Predicted: nothing (ptrace(2), PTRACE_SEIZE). */
static void seize_and_exec(void)
{
	struct tracee tracee = tracee_start("seized-exec");

	seize(tracee.pid);
	*told_slot(&tracee, "go") = 1;
	expect_stop(STOP_EXITED, 7, stop_wait(tracee.pid), "first report, over an execve()");
}

/*
 * Can a process in ptrace-stop be freed from outside? Predicted: SIGCONT and SIGTERM only queue;
 * SIGKILL ends it (ptrace_stop() sets TASK_TRACED, which is woken by SIGKILL alone).
 */
static void signals_in_a_stop(void)
{
	struct tracee tracee = tracee_start("pause");
	struct user_regs_struct regs;

	seize_and_interrupt(tracee.pid);
	send(tracee.pid, SIGCONT);
	send(tracee.pid, SIGTERM);
	expect_errno(0, ptrace(PTRACE_GETREGS, tracee.pid, 0, &regs),
		"PTRACE_GETREGS after SIGCONT and SIGTERM");
	expect_str("t (tracing stop)", proc_status(tracee.pid, "State"), "State");
	expect_str("SIGTERM SIGCONT", mask_text(proc_mask(tracee.pid, "ShdPnd")), "pending");
	send(tracee.pid, SIGKILL);
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(tracee.pid), "after SIGKILL");
}

/*
 * Does SIGKILL always end a tracee? Predicted by ptrace(2), BUGS: with PTRACE_O_TRACEEXIT it stops
 * on its way out, and only its tracer can let it go on; a second SIGKILL does nothing.
 */
static void exit_event_holds_sigkill(void)
{
	struct tracee tracee = tracee_start("pause");
	unsigned long message;

	xptrace(PTRACE_SEIZE, tracee.pid, 0L, PTRACE_O_TRACEEXIT);
	send(tracee.pid, SIGKILL);
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT, stop_wait(tracee.pid), "after SIGKILL");
	send(tracee.pid, SIGKILL);
	expect_errno(0, ptrace(PTRACE_GETEVENTMSG, tracee.pid, 0, &message),
		"PTRACE_GETEVENTMSG after a second SIGKILL");
	expect_eq(SIGKILL, (long)message, "the message, its wait status");
	expect_str("t (tracing stop)", proc_status(tracee.pid, "State"), "State");
	expect_stop(STOP_KILLED, SIGKILL, cont(tracee.pid), "after PTRACE_CONT");
}

/*
 * Does PTRACE_KILL kill? The manual: only in a signal-delivery-stop, elsewhere it may succeed and do
 * nothing. Predicted from ptrace_request(): wherever SIGKILL does, for since Linux 5.19 it sends one;
 * and so not in PTRACE_EVENT_EXIT, where it succeeds all the same.
 */
static void kill_request(void)
{
	static const struct {
		const char *what, *scene;
		void (*bring)(pid_t pid);
		const char *state;
	} cases[] = {
		{ "running in user mode", "spin", seize, "R" },
		{ "blocked in a call", "pause", seize, "S" },
		{ "PTRACE_EVENT_STOP", "pause", bring_to_event_stop, "t" },
		{ "signal-delivery-stop", "pause", bring_to_delivery_stop, "t" },
		{ "group-stop", "pause", bring_to_group_stop, "t" },
		{ "listening", "pause", bring_to_listen, "t" },
	};
	struct tracee tracee;
	unsigned long message;

	for (size_t i = 0; i < COUNT(cases); i++) {
		tracee = tracee_start(cases[i].scene);
		cases[i].bring(tracee.pid);
		proc_wait_state(tracee.pid, cases[i].state);
		expect_errno(
			0, ptrace(PTRACE_KILL, tracee.pid, 0, 0), "%s: PTRACE_KILL", cases[i].what);
		expect_stop(STOP_KILLED, SIGKILL, stop_wait(tracee.pid), "its end");
	}
	tracee = tracee_start("pause");
	expect_errno(ESRCH, ptrace(PTRACE_KILL, tracee.pid, 0, 0), "not traced: PTRACE_KILL");
	xptrace(PTRACE_SEIZE, tracee.pid, 0L, PTRACE_O_TRACEEXIT);
	send(tracee.pid, SIGTERM);
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT,
		cont_with(tracee.pid, stop_wait(tracee.pid).detail), "sent SIGTERM");
	expect_errno(0, ptrace(PTRACE_KILL, tracee.pid, 0, 0), "PTRACE_KILL");
	expect_errno(0, ptrace(PTRACE_GETEVENTMSG, tracee.pid, 0, &message),
		"PTRACE_GETEVENTMSG after it");
	expect_stop(STOP_KILLED, SIGTERM, cont(tracee.pid), "after PTRACE_CONT");
	tracee = tracee_start("pause");
	seize(tracee.pid);
	send(tracee.pid, SIGKILL);
	proc_wait_state(tracee.pid, "Z");
	expect_errno(
		0, ptrace(PTRACE_KILL, tracee.pid, 0, 0), "ended, not waited for: PTRACE_KILL");
}

/* --- the lab ------------------------------------------------------------------------------------ */

static const struct experiment experiments[] = {
	{ "link-in-proc", link_in_proc,
		"How does /proc show that a process is traced, and does the process see it too?" },
	{ "stopped-or-traced", stopped_or_traced,
		"Which stops show as t in /proc, and which as T?" },
	{ "seize-no-stop", seize_no_stop, "Does PTRACE_SEIZE stop the tracee?" },
	{ "requests-need-a-stop", requests_need_a_stop, "Which requests need a stop?" },
	{ "attach-sigstop-marked", attach_sigstop_marked,
		"Can PTRACE_ATTACH's SIGSTOP be told from one that a user sent?" },
	{ "interrupt-rules", interrupt_rules, "What does PTRACE_INTERRUPT promise?" },
	{ "listen", listen_to_group_stop, "What does PTRACE_LISTEN leave possible?" },
	{ "attach-stopped", attach_stopped,
		"What does PTRACE_ATTACH report of a process that is stopped already?" },
	{ "seize-stopped", seize_stopped,
		"What does PTRACE_SEIZE report of a process that is stopped already?" },
	{ "sigcont-eats-attach", sigcont_eats_attach,
		"Does PTRACE_ATTACH always lead to a stop by SIGSTOP?" },
	{ "sigstops-coalesce", sigstops_coalesce,
		"If a user's SIGSTOP comes before the attach has stopped the process, are two reported?" },
	{ "other-signal-first", other_signal_first,
		"Is the attach's SIGSTOP the first thing reported?" },
	{ "vfork-holds-up-attach", vfork_holds_up_attach, "When does a process in vfork() stop?" },
	{ "attach-eintr", attach_eintr,
		"Which blocking calls return EINTR because somebody attached and left?",
		.cases = "every call|without an IPC namespace", .limit_s = 120 },
	{ "rax-internal-errno", rax_internal_errno,
		"What does rax hold in the stop of a process that blocks in a call?",
		.cases = "every call|without an IPC namespace" },
	{ "sleep-clock-runs", sleep_clock_runs,
		"Does a sleep's clock stand still while the process is stopped?" },
	{ "alarm-waits", alarm_waits, "What becomes of a timer that expires during a stop?" },
	{ "ignored-signal", ignored_signal, "Is a signal reported that the process ignores?" },
	{ "pause-as-felt", pause_as_felt, "How long is the pause, as the tracee feels it?" },
	{ "tracee-testifies", tracee_testifies,
		"What does the tracee itself notice of being attached to?" },
	{ "detach-with-signal", detach_with_signal,
		"Does a signal given to PTRACE_DETACH reach the tracee?" },
	{ "no-such-signal", no_such_signal,
		"What do the resuming requests say to a number that is no signal?" },
	{ "detach-keeps-group-stop", detach_keeps_group_stop,
		"Does a process continued out of its group-stop still run after PTRACE_DETACH?" },
	{ "detach-running", detach_running, "Can a tracer leave a tracee that runs?" },
	{ "wait-consumes", wait_consumes, "Must a stop be waited for?" },
	{ "wait-without-wall", wait_without_wall, "Does a tracer need __WALL?" },
	{ "attach-refused", attach_refused, "What can nobody attach to?" },
	{ "kernel-thread-refused", kernel_thread_refused, "Can a kernel thread be traced?" },
	{ "one-tracer", one_tracer, "Can a process have two tracers?" },
	{ "other-uid", other_uid, "May one user trace another's process?" },
	{ "root-may", root_may, "May root trace what its owner may not?" },
	{ "other-gid", other_gid, "Is the same uid enough?" },
	{ "ids-one-by-one", ids_one_by_one, "Which ids of tracer and tracee have to be the same?" },
	{ "non-dumpable", non_dumpable_refused,
		"Can a process withdraw from its own user's tracers?" },
	{ "tracer-exits", tracer_exits, "What becomes of a tracee whose tracer exits?" },
	{ "tracer-executes", tracer_executes,
		"What becomes of a tracee whose tracer executes another program?" },
	{ "tracer-is-a-thread", tracer_is_a_thread, "Is the tracer a process or a thread?" },
	{ "exitkill", exitkill, "What does PTRACE_O_EXITKILL add?" },
	{ "tracer-ends-in-delivery-stop", tracer_ends_in_delivery_stop,
		"Is a signal delivered whose tracer ends during the signal-delivery-stop?" },
	{ "tracer-ends-in-group-stop", tracer_ends_in_group_stop,
		"What becomes of a tracee in group-stop whose tracer ends?" },
	{ "real-parent", real_parent, "What does the real parent see of a traced process?" },
	{ "continued-once", continued_once, "Who hears that a traced process was continued?" },
	{ "tracer-outside-pid-namespace", tracer_outside_pid_namespace,
		"Is a TracerPid of 0 proof of not being traced?" },
	{ "pid-one", pid_one, "Can pid 1 be traced?" },
	{ "yama", yama, "What does Yama change for a tracer that is no ancestor?",
		.cases = "scope 0|scope 1|scope 2|scope 3", .without_tracing = true },
	{ "yama-traceme", yama_traceme,
		"What does Yama change for a process that asks to be traced, or is traced by its parent?",
		.cases = "scope 0|scope 1|scope 2|scope 3", .without_tracing = true },
	{ "yama-user-namespace", yama_user_namespace,
		"Does a user namespace of its own protect a process from its user's tracers?",
		.cases = "scope 0|scope 1|scope 2|scope 3", .without_tracing = true },
	{ "yama-locked", yama_locked, "Can Yama's scope 3 be taken back?",
		.without_tracing = true },
	{ "traceme-and-exec", traceme_and_exec,
		"What does a process that asked to be traced report at execve()?" },
	{ "seize-and-exec", seize_and_exec, "What does a SEIZEd process report at execve()?" },
	{ "signals-in-a-stop", signals_in_a_stop,
		"Can a process in a ptrace-stop be freed from outside?" },
	{ "exit-event-holds-sigkill", exit_event_holds_sigkill,
		"Does SIGKILL always end a tracee?" },
	{ "ptrace-kill", kill_request, "Does PTRACE_KILL kill?" },
};

static const struct lab lab = {
	.id = "01",
	.question = "What does attaching do to a process that did not ask for it?",
	.experiments = experiments,
	.count = COUNT(experiments),
	.target = target_mode,
	.target_usage = target_usage,
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
