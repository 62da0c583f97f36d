/* SPDX-License-Identifier: MIT */
/*
 * proc.c: is /proc read as it is meant, whatever a process calls itself?
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "request.h"
#include "test.h"
#include "text.h"
#include "tracee.h"

static const char *or_none(const char *value)
{
	return value ? value : "(none)";
}

/* --- fields ----------------------------------------------------------------------------------- */

static void status_fields(void)
{
	static const char status[] =
		"Name:\tcat\nUmask:\t0022\nTracerPid:\t7\nPid:\t 9\nGroups:\t\n"
		"SigBlk:\t00000000000000ff\nNo\nlast:\tx y";

	expect_str("cat", or_none(status_field(status, "Name")), "the first");
	expect_str("7", or_none(status_field(status, "TracerPid")), "one in the middle");
	expect_str("9", or_none(status_field(status, "Pid")), "the end of another one's name");
	expect_str("", or_none(status_field(status, "Groups")), "one without a value");
	expect_str("x y", or_none(status_field(status, "last")), "the last, without a newline");
	expect_str("(none)", or_none(status_field(status, "Tracer")), "a part of a name");
	expect_str("(none)", or_none(status_field(status, "No")), "a line without a colon");
	expect_str("(none)", or_none(status_field("", "Name")), "of nothing");
}

/* Signals of every kind that /proc/PID/status has a mask for. */
static void scene_masks(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGUSR2);
	sigaddset(&blocked, SIGRTMAX);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	signal(SIGINT, SIG_IGN);
	kill(getpid(), SIGUSR2);
	syscall(SYS_tgkill, getpid(), getpid(), SIGRTMAX);
	scene_tell("parent", getppid());
	scene_ready();
	for (;;)
		pause();
}

static void masks(void)
{
	struct tracee tracee = tracee_start("masks");

	expect_hex(0x8000000000000801, proc_mask(tracee.pid, "SigBlk"), "SigBlk");
	expect_hex(SIGNAL_BIT(SIGUSR2), proc_mask(tracee.pid, "ShdPnd"), "ShdPnd");
	expect_hex(SIGNAL_BIT(64), proc_mask(tracee.pid, "SigPnd"), "SigPnd");
	expect_hex(SIGNAL_BIT(SIGINT), proc_mask(tracee.pid, "SigIgn") & 2, "SIGINT in SigIgn");
	expect_str("SIGHUP SIGUSR2 SIGRTMIN+30", mask_text(proc_mask(tracee.pid, "SigBlk")),
		"SigBlk in words");
	expect_str("none", mask_text(0), "an empty mask in words");

	const char *kept = text("kept"), *all = mask_text(UINT64_MAX);

	expect_true(strncmp(all, "SIGHUP SIGINT ", 14) == 0 &&
			    strcmp(all + strlen(all) - 12, " SIGRTMIN+30") == 0,
		"a full mask in words is whole");
	expect_str("kept", kept, "and its words take no other text() along");
	expect_pid(getpid(), (pid_t)proc_number(tracee.pid, "PPid"), "PPid");
	expect_eq(1, proc_number(tracee.pid, "Threads"), "Threads");
}

/* --- names that lie --------------------------------------------------------------------------- */

/* A name holds 15 bytes of anything: these imitate what stands around it in stat and status. */
static const char *const lies[] = { ") R 1", "x) Z (y", "(((((((((((((((", ")", ") ) ) ) ) ) ) )",
	"\nState:\tZ (zo", "\nTracerPid:\t99", "a\nb\\n", " ", "\n) R 1 1 1 1 1", "\t:" };

static void scene_liar(void)
{
	atomic_long *wanted = scene_tell("wanted", 0), *taken = scene_tell("taken", 0);

	scene_ready();
	for (;;) {
		long number = *wanted;

		if (number > *taken) {
			prctl(PR_SET_NAME, lies[number - 1]);
			*taken = number;
		}
		sched_yield();
	}
}

/* The state is read from stat, where the kernel leaves a name as it is; fields are read from
 * status, where it escapes a newline. */
static void lying_names(void)
{
	struct tracee tracee = tracee_start("liar");
	unsigned stopped = 0, parents = 0, tracers = 0;

	xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
	for (unsigned i = 0; i < COUNT(lies); i++) {
		*told_slot(&tracee, "wanted") = i + 1;
		wait_told(&tracee, "taken", i + 1);
		xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
		stop_wait(tracee.pid);
		stopped += proc_state(tracee.pid) == 't';
		parents += proc_number(tracee.pid, "PPid") == getpid();
		tracers += proc_number(tracee.pid, "TracerPid") == getpid();
		xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
	}
	expect_always(stopped, 11, "states of processes with misleading names");
	expect_always(parents, 11, "their PPid");
	expect_always(tracers, 11, "their TracerPid");
}

/* --- states and calls ------------------------------------------------------------------------- */

/* In no system call once it tells a heartbeat: it may be ready while it is still writing so. */
static void scene_spin(void)
{
	atomic_long *heartbeat = scene_tell("heartbeat", 0);

	scene_ready();
	for (;;)
		++*heartbeat;
}

static void scene_pause(void)
{
	scene_ready();
	for (;;)
		pause();
}

static void scene_read(void)
{
	int fds[2];
	char byte;

	if (pipe(fds) == -1)
		scene_broken("pipe");
	scene_ready();
	while (read(fds[0], &byte, 1) != 0)
		;
}

/* In D: the parent of a vfork() sleeps deeply until its child is done. */
static void scene_vfork(void)
{
	scene_ready();
	if (vfork() == 0)
		for (;;)
			pause();
}

static void expect_state(pid_t pid, const char *state, const char *what)
{
	proc_wait_state(pid, state);
	expect_str(state, text("%c", proc_state(pid)), "%s", what);
}

static void states(void)
{
	struct tracee spin = tracee_start("spin"), sleeper = tracee_start("pause"),
		      vforker = tracee_start("vfork");

	expect_state(spin.pid, "R", "running");
	expect_state(sleeper.pid, "S", "asleep");
	expect_state(vforker.pid, "D", "the parent of a vfork()");
	kill(sleeper.pid, SIGSTOP);
	expect_state(sleeper.pid, "T", "stopped by SIGSTOP");
	xptrace(PTRACE_SEIZE, spin.pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, spin.pid, 0L, 0L);
	expect_state(spin.pid, "t", "stopped by its tracer");
	kill(sleeper.pid, SIGKILL);
	expect_state(sleeper.pid, "Z", "dead, not yet reaped");
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(sleeper.pid), "reaped");
	expect_eq(0, proc_state(sleeper.pid), "gone");
}

/* A sleeper's call can be read, a runner's not (task_current_syscall()). */
static void calls(void)
{
	struct tracee spin = tracee_start("spin"), sleeper = tracee_start("pause"),
		      reader = tracee_start("read");

	wait_told(&spin, "heartbeat", 1);
	proc_wait_blocked(sleeper.pid, SYS_pause);
	expect_eq(SYS_pause, proc_syscall(sleeper.pid), "in pause()");
	proc_wait_blocked(reader.pid, SYS_read);
	expect_eq(SYS_read, proc_syscall(reader.pid), "in read(), which is number 0");
	expect_eq(-2, proc_syscall(spin.pid), "running");
	xptrace(PTRACE_SEIZE, spin.pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, spin.pid, 0L, 0L);
	stop_wait(spin.pid);
	expect_eq(-1, proc_syscall(spin.pid), "stopped outside of a call");
	expect_eq(-3, proc_syscall(INT_MAX), "no such process");
}

/* Asleep in another call before each sleep that is waited for. */
static void scene_naps(void)
{
	atomic_long *decoys = scene_tell("decoys", 0);
	sigset_t usr2;
	int sig;

	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	sigprocmask(SIG_BLOCK, &usr2, NULL);
	scene_ready();
	for (;;) {
		poll(NULL, 0, 2);
		++*decoys;
		if (sigwait(&usr2, &sig) != 0)
			scene_broken("sigwait");
	}
}

static void waits_for_sleep(void)
{
	struct tracee tracee = tracee_start("naps");
	unsigned past_decoy = 0;

	for (long i = 1; i <= 50; i++) {
		proc_wait_blocked(tracee.pid, SYS_rt_sigtimedwait);
		past_decoy += told(&tracee, "decoys") == i;
		kill(tracee.pid, SIGUSR2);
		wait_told(&tracee, "decoys", i + 1);
	}
	expect_always(past_decoy, 50, "found in its sigwait(), not in the poll() before");
}

/* --- files and lists -------------------------------------------------------------------------- */

static void files(void)
{
	char whole[8192], small[8];

	memset(small, 'x', sizeof(small));
	expect_true(proc_read(getpid(), "status", whole, sizeof(whole)) > 100, "read whole");
	expect_true(whole[strlen(whole) - 1] == '\n', "to its last newline");
	expect_eq(5, proc_read(getpid(), "status", small, 6), "length in a buffer of 6");
	expect_str("Name:", small, "cut to");
	expect_true(small[6] == 'x', "the byte after the buffer is untouched");
	expect_errno(ENOENT, proc_read(INT_MAX, "status", small, sizeof(small)), "no process");
	expect_errno(ENOENT, proc_read(getpid(), "nothing", small, sizeof(small)), "no file");
	expect_errno(EISDIR, proc_read(getpid(), "task", small, sizeof(small)), "a directory");
	expect_eq(access("/proc/sys/kernel/yama", F_OK) == 0, proc_yama_scope() != -1,
		"Yama has a scope where it is there");
}

static void *sleep_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void lists(void)
{
	static pid_t everybody[65536];
	pid_t threads[8] = { 0 };
	pthread_t id;
	bool listed = false;

	expect_eq(1, proc_list("self/task", threads, 8), "threads at first");
	expect_pid(getpid(), threads[0], "that is");
	for (int i = 0; i < 3; i++)
		if (pthread_create(&id, NULL, sleep_for_ever, NULL) != 0)
			broken("pthread_create");
	expect_eq(4, proc_list("self/task", threads, 8), "with three more");
	expect_eq(0, threads[4], "nothing beyond them");
	threads[1] = 0;
	expect_eq(4, proc_list("self/task", threads, 1), "with room for one, as many");
	expect_eq(0, threads[1], "nothing beyond the room");

	ssize_t count = proc_list("", everybody, COUNT(everybody));

	for (ssize_t i = 0; i < count; i++)
		listed |= everybody[i] == getpid();
	expect_true(listed, "this process is listed among all");
	expect_errno(ENOENT, proc_list("nowhere", threads, 8), "no such directory");
}

/* Of two processes that look, without and with CAP_SYS_PTRACE, hidepid=2 hides from the first alone. */
static void hides(void)
{
	if (unshare(CLONE_NEWNS) == -1)
		skip("needs CAP_SYS_ADMIN, to mount a proc: %s", errno_text(errno));
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
		mount("proc", "/proc", "proc", 0, "hidepid=2") == -1)
		broken("mount: %s", errno_text(errno));
	expect_true(!proc_hides(), "hidepid=2, with CAP_SYS_PTRACE: hides nothing");
	become(UNPRIVILEGED, UNPRIVILEGED);
	expect_true(proc_hides(), "hidepid=2, without: hides who withdraws");
}

static const struct experiment experiments[] = {
	{ "status-fields", status_fields, "Is a field found by its whole name?", NULL, 0 },
	{ "masks", masks, "Are numbers and masks read from a live process?", NULL, 0 },
	{ "lying-names", lying_names, "Can a process's name mislead the readers?", NULL, 10 },
	{ "states", states, "Is each state told by its letter?", NULL, 10 },
	{ "calls", calls, "Is the call told that a process is blocked in?", NULL, 10 },
	{ "waits-for-sleep", waits_for_sleep, "Does waiting for a blocked call find it blocked?",
		NULL, 10 },
	{ "files", files, "Is a file read whole, or cut to its buffer?", NULL, 0 },
	{ "hides", hides, "Is it noticed that /proc hides?", NULL, 0 },
	{ "lists", lists, "Are processes and threads listed?", NULL, 0 },
};

static const struct scene scenes[] = {
	{ "masks", scene_masks },
	{ "liar", scene_liar },
	{ "spin", scene_spin },
	{ "pause", scene_pause },
	{ "read", scene_read },
	{ "vfork", scene_vfork },
	{ "naps", scene_naps },
};

TEST_MAIN("proc", "Is /proc read as it is meant?")
