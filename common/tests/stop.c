/* SPDX-License-Identifier: MIT */
/*
 * stop.c: is every status that waitpid() can give decoded as what it is? First the numbers alone,
 * all of them; then the kernel's own statuses, from tracees that end and stop for real.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "request.h"
#include "stop.h"
#include "test.h"
#include "tracee.h"

#define SIGNALS 64

static const int stopping[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

static const int events[] = { PTRACE_EVENT_FORK, PTRACE_EVENT_VFORK, PTRACE_EVENT_CLONE,
	PTRACE_EVENT_EXEC, PTRACE_EVENT_VFORK_DONE, PTRACE_EVENT_EXIT, PTRACE_EVENT_SECCOMP,
	PTRACE_EVENT_STOP };

static bool is_stopping(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* --- the numbers ------------------------------------------------------------------------------ */

/* The status of a PTRACE_EVENT stop, as ptrace(2) writes it: event << 16 | sig << 8 | 0x7f. */
static int event_status(int event, int sig)
{
	return event << 16 | W_STOPCODE(sig);
}

/* Is `status` decoded as `want` says, in every member? */
static bool decodes(int status, struct stop want)
{
	struct stop seen = stop_decode(status);
	bool same = seen.tid == 0 && seen.kind == want.kind && seen.detail == want.detail &&
		    seen.core == want.core && seen.seized == want.seized &&
		    seen.sysgood == want.sysgood && seen.status == status;

	if (!same)
		note("status %#x is decoded as \"%s\", not \"%s\"", (unsigned)status,
			stop_text(seen), stop_text(want));
	return same;
}

/* Ends: exit codes 0 to 255; every signal, without and with a core dump (0x80). */
static void decode_ends(void)
{
	unsigned exits = 0, kills = 0, cores = 0;

	for (int code = 0; code <= 255; code++)
		exits += decodes(
			W_EXITCODE(code, 0), (struct stop){ .kind = STOP_EXITED, .detail = code });
	for (int sig = 1; sig <= SIGNALS; sig++) {
		struct stop killed = { .kind = STOP_KILLED, .detail = sig };

		kills += decodes(W_EXITCODE(0, sig), killed);
		killed.core = true;
		cores += decodes(W_EXITCODE(0, sig) | WCOREFLAG, killed);
	}
	expect_always(exits, 256, "exit codes 0 to 255");
	expect_always(kills, SIGNALS, "killed by signals 1 to 64");
	expect_always(cores, SIGNALS, "killed by signals 1 to 64, core dumped");
}

/* Stops of every signal, in the first reading of the ambiguous ones, as stop.h says. */
static void decode_signal_stops(void)
{
	unsigned agree = 0;

	for (int sig = 1; sig <= SIGNALS; sig++)
		agree += decodes(
			W_STOPCODE(sig), (struct stop){ .kind = STOP_SIGNAL, .detail = sig });
	expect_always(agree, SIGNALS, "signal-delivery-stops of signals 1 to 64");
}

/*
 * Event stops: every event with every signal in the signal's place. The kernel puts SIGTRAP
 * there, except in PTRACE_EVENT_STOP, where a stopping signal makes it a group-stop.
 */
static void decode_events(void)
{
	unsigned agree = 0, groups = 0;

	for (size_t i = 0; i < COUNT(events); i++) {
		for (int sig = 1; sig <= SIGNALS; sig++) {
			struct stop want = { .kind = STOP_EVENT, .detail = events[i] };
			bool group = events[i] == PTRACE_EVENT_STOP && is_stopping(sig);

			if (group)
				want = (struct stop){
					.kind = STOP_GROUP, .detail = sig, .seized = true
				};
			bool agrees = decodes(event_status(events[i], sig), want);

			agree += agrees;
			groups += agrees && group;
		}
	}
	expect_always(agree, 8L * SIGNALS, "8 events with signals 1 to 64");
	expect_eq(4, groups, "group-stops of a seized tracee among them");
}

/* Both forms of a syscall-stop: only TRACESYSGOOD's mark can be told from a SIGTRAP. */
static void decode_syscall_stops(void)
{
	expect_true(decodes(0x857f, (struct stop){ .kind = STOP_SYSCALL, .sysgood = true }),
		"0x857f is a syscall-stop");
	expect_true(decodes(0x057f, (struct stop){ .kind = STOP_SIGNAL, .detail = SIGTRAP }),
		"0x057f alone reads as a signal-delivery-stop of SIGTRAP");
}

/*
 * Every status of 16 bits, against the layout that do_exit() and ptrace_stop() write: low byte
 * 0x7f is a stop, 0xffff continued, low seven bits 0 an exit, the rest a kill; 0xff in the low
 * byte of another status is nothing.
 */
static void decode_all(void)
{
	unsigned agree = 0;

	for (int status = 0; status <= 0xffff; status++) {
		enum stop_kind want = STOP_KILLED;

		if (status == 0xffff)
			want = STOP_CONTINUED;
		else if (status == 0x857f)
			want = STOP_SYSCALL;
		else if ((status & 0xff) == 0x7f)
			want = STOP_SIGNAL;
		else if ((status & 0xff) == 0xff)
			want = STOP_NONE;
		else if ((status & 0x7f) == 0)
			want = STOP_EXITED;
		agree += stop_decode(status).kind == want;
	}
	expect_always(agree, 0x10000, "statuses 0 to 0xffff");
	expect_true(decodes(0xffff, (struct stop){ .kind = STOP_CONTINUED }), "0xffff: continued");
}

/* The names of 64 signals and 8 events: none stands for two of them. */
static void names(void)
{
	char seen[SIGNALS + COUNT(events)][32];
	unsigned distinct = 0, named = 0;

	for (unsigned i = 0; i < COUNT(seen); i++) {
		unsigned earlier = 0;

		snprintf(seen[i], sizeof(seen[i]), "%s",
			i < SIGNALS ? signal_name((int)i + 1) : event_name(events[i - SIGNALS]));
		while (earlier < i && strcmp(seen[earlier], seen[i]) != 0)
			earlier++;
		distinct += earlier == i;
		named += strncmp(seen[i], "SIG", 3) == 0;
	}
	expect_always(distinct, COUNT(seen), "names that no other has");
	expect_eq(SIGNALS - 2, named, "signals with a name: all but the C library's own 32 and 33");
	expect_str("SIGKILL", signal_name(9), "signal 9");
	expect_str("SIGRTMIN+30", signal_name(64), "signal 64");
	expect_str("signal 65", signal_name(65), "signal 65");
	expect_str("PTRACE_EVENT_EXEC", event_name(4), "event 4");
	expect_str("PTRACE_EVENT_9", event_name(9), "event 9");
}

/* What a stop is called: one status of each kind. */
static void words(void)
{
	static const struct {
		int status;
		const char *words;
	} cases[] = {
		{ 0x0300, "exited 3" },
		{ 0x000b, "killed by SIGSEGV" },
		{ 0x008b, "killed by SIGSEGV (core dumped)" },
		{ 0x027f, "signal-delivery-stop SIGINT" },
		{ 0x80147f, "group-stop SIGTSTP" },
		{ 0x80057f, "PTRACE_EVENT_STOP stop" },
		{ 0x857f, "syscall-stop" },
		{ 0xffff, "continued" },
		{ 0x00ff, "nothing reported" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_str(cases[i].words, stop_text(stop_decode(cases[i].status)), "%#x",
			(unsigned)cases[i].status);
}

/* --- the kernel's own ------------------------------------------------------------------------- */

/* Real ends: every exit code, and every signal whose default action ends the process. */
static void real_ends(void)
{
	unsigned exits = 0, kills = 0, deadly = 0;

	for (int code = 0; code <= 255; code++) {
		pid_t pid = fork_helper();

		if (pid == 0)
			_exit(code);

		struct stop end = stop_wait(pid);

		exits += end.tid == pid && end.kind == STOP_EXITED && end.detail == code;
	}
	for (int sig = 1; sig <= SIGNALS; sig++) {
		if (is_stopping(sig) || sig == SIGCHLD || sig == SIGCONT || sig == SIGURG ||
			sig == SIGWINCH)
			continue;

		pid_t pid = fork_helper();

		if (pid == 0) {
			prctl(PR_SET_DUMPABLE, 0); /* no core file */
			signal(sig, SIG_DFL);
			kill(getpid(), sig);
			_exit(99);
		}

		struct stop end = stop_wait(pid);

		deadly++;
		kills += end.kind == STOP_KILLED && end.detail == sig && !end.core;
	}
	expect_always(exits, 256, "processes that exit with 0 to 255");
	expect_eq(56, deadly, "signals that end a process by default");
	expect_always(kills, deadly, "processes killed by them");
}

/* Asleep, in a process group of its own: SIGTSTP, SIGTTIN and SIGTTOU do not stop an orphaned
 * group (get_signal()), and this one is not orphaned while the tracer, in another group of the
 * session, lives. */
static void scene_pause(void)
{
	setpgid(0, 0);
	scene_ready();
	for (;;)
		pause();
}

/* A child that stops and goes on, as its parent sees it that does not trace it. */
static void real_continued(void)
{
	struct tracee tracee = tracee_start("pause");
	int status = 0;

	kill(tracee.pid, SIGSTOP);
	expect_pid(tracee.pid, waitpid(tracee.pid, &status, WUNTRACED), "reported as stopped");
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_decode(status), "in the form that a tracee's has");
	kill(tracee.pid, SIGCONT);
	expect_pid(tracee.pid, waitpid(tracee.pid, &status, WCONTINUED), "reported as continued");
	expect_stop(STOP_CONTINUED, 0, stop_decode(status), "decoded");
}

/* Whose report it is, and what there is without one. */
static void who_reports(void)
{
	struct tracee quiet = tracee_start("pause"), loud = tracee_start_seized("pause", 0);

	expect_stop(STOP_NONE, 0, stop_poll(-1), "stop_poll() of tracees that run");
	xptrace(PTRACE_INTERRUPT, loud.pid, 0L, 0L);
	expect_pid(loud.pid, stop_wait(-1).tid, "stop_wait(-1) after PTRACE_INTERRUPT");
	expect_stop(STOP_NONE, 0, stop_poll(-1), "stop_poll() after that");
	kill(quiet.pid, SIGKILL);
	kill(loud.pid, SIGKILL);
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(quiet.pid), "the untraced one");
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(loud.pid), "the traced one");
	expect_stop(STOP_NONE, 0, stop_poll(-1), "stop_poll() with nobody to wait for");
}

/* The scene sends itself every signal but SIGKILL, one after the other. */
static void scene_every_signal(void)
{
	scene_ready();
	kill(getpid(), SIGUSR1);
	for (int sig = 1; sig <= SIGNALS; sig++)
		if (sig != SIGKILL)
			kill(getpid(), sig);
	_exit(7);
}

/*
 * Each one stops a traced process before it is delivered, SIGCONT and those that are ignored by
 * default included (ptrace(2), "Signal-delivery-stop"). SIGCONT gives a SEIZEd tracee, stopped or
 * not, a PTRACE_EVENT_STOP besides (prepare_signal() calls ptrace_trap_notify()).
 */
static void real_signal_stops(void)
{
	struct tracee tracee = tracee_start_seized("every-signal", 0);
	unsigned agree = 0;

	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(tracee.pid), "the scene begins");
	for (int sig = 1; sig <= SIGNALS; sig++) {
		if (sig == SIGKILL)
			continue;

		struct stop stop = xresume(PTRACE_CONT, tracee.pid, 0);

		if (sig == SIGCONT) {
			expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop, "SIGCONT is announced");
			stop = xresume(PTRACE_CONT, tracee.pid, 0);
		}
		agree += stop.kind == STOP_SIGNAL && stop.detail == sig;
	}
	expect_always(agree, SIGNALS - 1, "signal-delivery-stops of every signal but SIGKILL");
	expect_stop(STOP_EXITED, 7, xresume(PTRACE_CONT, tracee.pid, 0), "the scene ends");
}

/*
 * The pair that an ATTACHed tracee reports with one status, for the four stopping signals:
 * signal-delivery-stop and, when the signal is delivered, group-stop.
 */
static void attached_group_stops(void)
{
	struct tracee tracee = tracee_start("pause");

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(tracee.pid), "PTRACE_ATTACH's");
	xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
	for (size_t i = 0; i < COUNT(stopping); i++) {
		const char *name = signal_name(stopping[i]);

		kill(tracee.pid, stopping[i]);

		struct stop delivery = stop_wait(tracee.pid);
		struct stop group = xresume(PTRACE_CONT, tracee.pid, stopping[i]);

		expect_stop(STOP_SIGNAL, stopping[i], delivery, "%s arrives", name);
		expect_stop(STOP_GROUP, stopping[i], group, "%s is delivered", name);
		expect_true(delivery.status == group.status, "with the same status");
		expect_true(!group.seized, "in PTRACE_ATTACH's form");
		kill(tracee.pid, SIGCONT);
		expect_stop(
			STOP_SIGNAL, SIGCONT, xresume(PTRACE_CONT, tracee.pid, 0), "it ends by");
		xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
	}
}

/* The same of a SEIZEd tracee: the group-stop is marked in the status. */
static void seized_group_stops(void)
{
	struct tracee tracee = tracee_start_seized("pause", 0);

	for (size_t i = 0; i < COUNT(stopping); i++) {
		const char *name = signal_name(stopping[i]);

		kill(tracee.pid, stopping[i]);

		struct stop delivery = stop_wait(tracee.pid);
		struct stop group = xresume(PTRACE_CONT, tracee.pid, stopping[i]);

		expect_stop(STOP_SIGNAL, stopping[i], delivery, "%s arrives", name);
		expect_stop(STOP_GROUP, stopping[i], group, "%s is delivered", name);
		expect_hex((unsigned long)event_status(PTRACE_EVENT_STOP, stopping[i]),
			(unsigned long)group.status, "its status");
		expect_true(group.seized, "in PTRACE_SEIZE's form");
		kill(tracee.pid, SIGCONT);
		expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, xresume(PTRACE_CONT, tracee.pid, 0),
			"it ends by SIGCONT with");
		expect_stop(STOP_SIGNAL, SIGCONT, xresume(PTRACE_CONT, tracee.pid, 0), "and then");
		xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
	}
}

/* Two system calls, of which the second sends a SIGTRAP; a SIGTRAP of the processor. */
static void scene_traps(void)
{
	pid_t self = getpid();

	scene_ready();
	syscall(SYS_kill, self, SIGUSR1);
	syscall(SYS_getppid);
	syscall(SYS_kill, self, SIGTRAP);
	__asm__ volatile("int3");
	_exit(0);
}

/* What PTRACE_SYSCALL reports of that scene with these options. */
static void syscall_stops(unsigned long options, bool sysgood)
{
	static const int signals[] = { 0, 0, 0, 0, SIGTRAP, SIGTRAP, 0 };
	struct tracee tracee = tracee_start_seized("traps", options);
	unsigned marked = 0, ambiguous = 0;

	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(tracee.pid), "the scene begins");
	for (unsigned i = 0; i < COUNT(signals); i++) {
		struct stop stop = xresume(PTRACE_SYSCALL, tracee.pid, 0);

		expect_stop(signals[i] ? STOP_SIGNAL : STOP_SYSCALL, signals[i], stop, "stop %u",
			i + 1);
		marked += stop.sysgood;
		ambiguous += stop.status == W_STOPCODE(SIGTRAP);
	}
	expect_eq(sysgood ? 5 : 0, marked, "syscall-stops marked by TRACESYSGOOD");
	expect_eq(sysgood ? 2 : 7, ambiguous, "stops with the status of a SIGTRAP");
}

static void plain_syscall_stops(void)
{
	syscall_stops(0, false);
}

static void marked_syscall_stops(void)
{
	syscall_stops(PTRACE_O_TRACESYSGOOD, true);
}

/* --- the eight events ------------------------------------------------------------------------- */

/* Each scene waits in a stop, so that the tracer can set its option first. */
static void ready_and_stop(void)
{
	scene_ready();
	kill(getpid(), SIGUSR1);
}

static void scene_fork_event(void)
{
	ready_and_stop();
	if (scene_fork() == 0)
		pause();
	pause();
}

static void scene_vfork_event(void)
{
	ready_and_stop();
	if (vfork() == 0)
		_exit(0);
	pause();
}

static void *thread(void *unused)
{
	return unused;
}

static void scene_clone_event(void)
{
	pthread_t id;

	ready_and_stop();
	if (pthread_create(&id, NULL, thread, NULL) != 0)
		scene_broken("pthread_create");
	pause();
}

static void scene_exec_event(void)
{
	ready_and_stop();
	execl("/proc/self/exe", "tracee", "pause", NULL);
	scene_broken("exec");
}

static void scene_exit_event(void)
{
	ready_and_stop();
	_exit(3);
}

static void scene_seccomp_event(void)
{
	struct sock_filter trace_getppid[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { COUNT(trace_getppid), trace_getppid };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == -1)
		scene_broken("prctl(PR_SET_SECCOMP)");
	ready_and_stop();
	syscall(SYS_getppid);
	pause();
}

static void scene_stop_event(void)
{
	ready_and_stop();
	pause();
}

/* Each event from the kernel itself: what is decoded, and the status as ptrace(2) writes it. */
static void eight_events(void)
{
	static const struct {
		int event;
		unsigned long option;
		const char *scene;
	} cases[] = {
		{ PTRACE_EVENT_FORK, PTRACE_O_TRACEFORK, "fork" },
		{ PTRACE_EVENT_VFORK, PTRACE_O_TRACEVFORK, "vfork" },
		{ PTRACE_EVENT_CLONE, PTRACE_O_TRACECLONE, "clone" },
		{ PTRACE_EVENT_EXEC, PTRACE_O_TRACEEXEC, "exec" },
		/* Alone, so that the child is not traced and its end not held up. */
		{ PTRACE_EVENT_VFORK_DONE, PTRACE_O_TRACEVFORKDONE, "vfork" },
		{ PTRACE_EVENT_EXIT, PTRACE_O_TRACEEXIT, "exit" },
		{ PTRACE_EVENT_SECCOMP, PTRACE_O_TRACESECCOMP, "seccomp" },
		{ PTRACE_EVENT_STOP, 0, "stop" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tracee tracee = tracee_start_seized(cases[i].scene, 0);

		expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(tracee.pid), "the scene begins");
		xptrace(PTRACE_SETOPTIONS, tracee.pid, 0L, PTRACE_O_EXITKILL | cases[i].option);
		if (cases[i].event == PTRACE_EVENT_STOP)
			xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);

		struct stop stop = xresume(PTRACE_CONT, tracee.pid, 0);

		expect_stop(STOP_EVENT, cases[i].event, stop, "then");
		expect_hex((unsigned long)event_status(cases[i].event, SIGTRAP),
			(unsigned long)stop.status, "its status");
	}
}

static const struct experiment experiments[] = {
	{ "decode-ends", decode_ends, "Is every exit and every kill decoded?", NULL, 0 },
	{ "decode-signal-stops", decode_signal_stops, "Is a stop of every signal decoded?", NULL,
		0 },
	{ "decode-events", decode_events, "Is every event decoded, and the marked group-stop?",
		NULL, 0 },
	{ "decode-syscall-stops", decode_syscall_stops, "Are both forms of a syscall-stop decoded?",
		NULL, 0 },
	{ "decode-all", decode_all, "Is any status of 16 bits taken for something else?", NULL, 0 },
	{ "names", names, "Has every signal and every event a name of its own?", NULL, 0 },
	{ "words", words, "Has every kind of report its words?", NULL, 0 },
	{ "real-ends", real_ends, "Are real exits and kills decoded?", NULL, 0 },
	{ "real-continued", real_continued,
		"Are the reports to a parent that does not trace decoded?", NULL, 0 },
	{ "who-reports", who_reports, "Who reported, and was there a report?", NULL, 0 },
	{ "real-signal-stops", real_signal_stops, "Is a real stop of every signal decoded?", NULL,
		0 },
	{ "attached-group-stops", attached_group_stops,
		"Are signal-delivery-stop and group-stop told apart after PTRACE_ATTACH?", NULL,
		0 },
	{ "seized-group-stops", seized_group_stops, "And after PTRACE_SEIZE?", NULL, 0 },
	{ "plain-syscall-stops", plain_syscall_stops,
		"Are syscall-stops and SIGTRAPs told apart without TRACESYSGOOD?", NULL, 0 },
	{ "marked-syscall-stops", marked_syscall_stops, "And with it?", NULL, 0 },
	{ "eight-events", eight_events, "Is each of the eight events decoded when it happens?",
		NULL, 0 },
};

static const struct scene scenes[] = {
	{ "pause", scene_pause },
	{ "every-signal", scene_every_signal },
	{ "traps", scene_traps },
	{ "fork", scene_fork_event },
	{ "vfork", scene_vfork_event },
	{ "clone", scene_clone_event },
	{ "exec", scene_exec_event },
	{ "exit", scene_exit_event },
	{ "seccomp", scene_seccomp_event },
	{ "stop", scene_stop_event },
};

TEST_MAIN("stop", "Is every status that waitpid() gives decoded as what it is?")
