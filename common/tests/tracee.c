/* SPDX-License-Identifier: MIT */
/*
 * tracee.c: does a scene start as asked, is it heard, and does it end with its tracer, whatever
 * way that one attached and however it ends?
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "process.h"
#include "request.h"
#include "show.h"
#include "test.h"
#include "testimony.h"
#include "text.h"
#include "tracee.h"

/* --- starting --------------------------------------------------------------------------------- */

static void scene_pause(void)
{
	scene_tell("pid", getpid());
	scene_tell("answer", 42);
	scene_ready();
	for (;;)
		pause();
}

static void scene_returns(void)
{
	scene_ready();
}

static void started(void)
{
	struct tracee first = tracee_start("pause"), second = tracee_start("pause");

	expect_pid(first.pid, (pid_t)told(&first, "pid"), "the pid that the first one tells");
	expect_pid(second.pid, (pid_t)told(&second, "pid"), "and the second, on a page of its own");
	expect_eq(42, told(&first, "answer"), "told before it was ready");
	expect_eq(0, proc_number(first.pid, "TracerPid"), "TracerPid");
	expect_pid(getpid(), (pid_t)proc_number(first.pid, "PPid"), "PPid");
	expect_str(text(show_transcript ? "<tracee>" : "%d (tracee)", second.pid),
		show_pid(second.pid), "the newest has the role");
	expect_true(strstr(show_pid(first.pid), "tracee") == NULL, "the older one not");
	kill(first.pid, SIGKILL);
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(first.pid), "is reaped by its tracer");

	struct tracee brief = tracee_start("returns");

	expect_stop(STOP_EXITED, 0, stop_wait(brief.pid), "a scene that returns");
}

/* The four ids, no groups, and /proc/PID that belongs to the new user: it is dumpable, so that an
 * ordinary tracer may attach (ptrace(2), "Ptrace access mode checking"). */
static void started_as(void)
{
	if (!may_become(UNPRIVILEGED, UNPRIVILEGED - 1))
		skip("it may not become another user");

	const gid_t groups[] = { 4, 24 };

	if (setgroups(COUNT(groups), groups) == -1)
		broken("setgroups: %s", errno_text(errno));

	struct tracee tracee = tracee_start_as("pause", UNPRIVILEGED, UNPRIVILEGED - 1);
	struct stat directory = { 0 };

	expect_str("65534\t65534\t65534\t65534", proc_status(tracee.pid, "Uid"), "Uid");
	expect_str("65533\t65533\t65533\t65533", proc_status(tracee.pid, "Gid"), "Gid");
	expect_str("", proc_status(tracee.pid, "Groups"), "Groups");
	expect_errno(0, stat(text("/proc/%d", tracee.pid), &directory), "stat of /proc/PID");
	expect_eq(UNPRIVILEGED, directory.st_uid, "its owner");
	become(UNPRIVILEGED, UNPRIVILEGED - 1);
	expect_eq(UNPRIVILEGED, (long)geteuid(), "the tracer's uid after become()");
	expect_errno(0, ptrace(PTRACE_SEIZE, tracee.pid, 0, 0), "PTRACE_SEIZE by an equal");
}

/* What may_become() says is what become() does, and nobody has become anybody by asking. */
static void becomes(void)
{
	uid_t uid = geteuid();
	bool may = may_become(UNPRIVILEGED, UNPRIVILEGED);

	expect_eq((long)uid, (long)geteuid(), "the uid after may_become()");
	if (may)
		become(UNPRIVILEGED, UNPRIVILEGED);
	expect_eq(may ? UNPRIVILEGED : (long)uid, (long)geteuid(),
		"the uid after become(), if it may");
	expect_true(!may_become(0, 0), "an ordinary user may not become root");
	if (unshare(CLONE_NEWUSER) == -1)
		skip("no user namespaces: %s", errno_text(errno));
	expect_true(
		proc_capable(getpid(), CAP_SETUID), "in a new user namespace it has CAP_SETUID");
	expect_true(!may_become(1, 1), "and may not become a user that is not mapped");
}

/* The only process whose parent is `parent`; waits for it. */
static pid_t only_child(pid_t parent)
{
	static pid_t pids[65536];

	waiting_for(text("pid %d to have a child", parent));
	for (;;) {
		ssize_t count = proc_list("", pids, COUNT(pids));

		for (ssize_t i = 0; i < count && i < (ssize_t)COUNT(pids); i++) {
			char status[4096];

			if (proc_read(pids[i], "status", status, sizeof(status)) > 0 &&
				strtol(status_field(status, "PPid"), NULL, 10) == parent)
				return pids[i];
		}
		sched_yield();
	}
}

/*
 * Is it traced before it executes anything? With PTRACE_O_TRACEEXEC it must stop inside of its own
 * execve(), which precedes its first instruction. Nobody resumes it there, so the call that
 * started it does not return: a helper makes it.
 */
static void seized_before_exec(void)
{
	pid_t helper = fork_helper();

	if (helper == 0) {
		tracee_start_seized("pause", PTRACE_O_TRACEEXEC);
		_exit(0);
	}

	pid_t tracee = only_child(helper);
	char state;

	waiting_for("the tracee to stop at its exec");
	while ((state = proc_state(tracee)) != 't' && state != 'Z' && state != 0)
		sched_yield();
	expect_str("t (tracing stop)", proc_status(tracee, "State"), "State");
	expect_eq(SYS_execve, proc_syscall(tracee), "the call that it is in");
	expect_pid(helper, (pid_t)proc_number(tracee, "TracerPid"), "TracerPid");
	expect_str("tracee", proc_status(tracee, "Name"), "its program is the scene's");
}

static long first_tracer;

/* Before main(). */
static __attribute__((constructor)) void look_for_tracer(void)
{
	char status[4096];

	if (proc_read(getpid(), "status", status, sizeof(status)) > 0)
		first_tracer = strtol(status_field(status, "TracerPid"), NULL, 10);
}

static void scene_first_tracer(void)
{
	scene_tell("first tracer", first_tracer);
	scene_tell("rounds", 0);
	scene_ready();
	for (;;)
		++*scene_tell("rounds", 0);
}

/* The scene's own word on it, 20 times; and nothing stops it on the way. */
static void seized_start(void)
{
	unsigned traced = 0, silent = 0;

	for (unsigned i = 0; i < 20; i++) {
		struct tracee tracee = tracee_start_seized("first-tracer", PTRACE_O_TRACEEXIT);

		traced += told(&tracee, "first tracer") == getpid();
		wait_told(&tracee, "rounds", 1);
		silent += stop_poll(tracee.pid).kind == STOP_NONE;
		kill(tracee.pid, SIGTERM);
		if (i > 0)
			continue;
		expect_stop(STOP_SIGNAL, SIGTERM, stop_wait(tracee.pid), "it is SEIZEd: SIGTERM");
		expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT,
			xresume(PTRACE_CONT, tracee.pid, SIGTERM), "with the options asked for");
	}
	expect_always(traced, 20, "traced before main(), by this process");
	expect_always(silent, 20, "ready, and running without a stop");
}

/* --- hearing ---------------------------------------------------------------------------------- */

/* Answers each value of "ask" with one more of "answer". */
static void scene_echo(void)
{
	atomic_long *ask = scene_tell("ask", 0), *answer = scene_tell("answer", 0);

	scene_ready();
	for (;;) {
		if (*answer < *ask)
			++*answer;
		else
			sched_yield();
	}
}

static void wait_for_told(void)
{
	struct tracee tracee = tracee_start("echo");
	unsigned exact = 0;

	for (long round = 1; round <= 200; round++) {
		*told_slot(&tracee, "ask") = round;
		exact += wait_told(&tracee, "answer", round) == round;
	}
	expect_always(exact, 200, "answers that wait_told() waited for");
	expect_eq(200, told(&tracee, "answer"), "told afterwards");
	expect_eq(200, wait_told(&tracee, "answer", 7), "of less than there is already");
}

/* Every slot by its name, and none beyond the page. */
static void scene_talkative(void)
{
	char name[TESTIMONY_NAME];

	for (long i = 0; i < TESTIMONY_SLOTS; i++) {
		snprintf(name, sizeof(name), "value %ld", i);
		scene_tell(name, i * i);
	}
	scene_tell("value 63", -1);
	scene_ready();
	for (;;)
		pause();
}

static void full_page(void)
{
	struct tracee tracee = tracee_start("talkative");
	struct testimony spare = { 0 };
	unsigned right = 0;

	for (long i = 0; i < TESTIMONY_SLOTS - 1; i++)
		right += told(&tracee, text("value %ld", i)) == i * i;
	expect_always(right, TESTIMONY_SLOTS - 1, "values told");
	expect_eq(-1, told(&tracee, "value 63"), "a value told again");
	expect_true(testimony_slot(tracee.page, "one more") == NULL, "no slot is left");
	expect_true(testimony_find(tracee.page, "one more") == NULL, "and none was made");
	expect_true(testimony_slot(&spare, "123456789012345678901234") == NULL, "name too long");
	expect_true(testimony_slot(&spare, "12345678901234567890123") != NULL, "name just fits");
	expect_true(testimony_find(&spare, "1234567890123456789012") == NULL, "a part of it not");
}

/* --- ending ----------------------------------------------------------------------------------- */

/* Lasts until it is killed, with a child of its own. */
static void scene_family(void)
{
	pid_t child = scene_fork();

	if (child != 0) {
		scene_tell("child", child);
		scene_ready();
	}
	for (;;)
		pause();
}

static void not_attached(void)
{
	tracee_start("family");
}

static void traceme(void)
{
	pid_t pid = fork_helper();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		kill(getpid(), SIGSTOP);
		_exit(0);
	}
	stop_wait(pid);
}

static struct tracee attached(void)
{
	struct tracee tracee = tracee_start("family");

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	return tracee;
}

static void attached_stopped(void)
{
	attached();
}

static void attached_running(void)
{
	struct tracee tracee = attached();

	xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
}

static void attached_group_stop(void)
{
	struct tracee tracee = attached();

	xresume(PTRACE_CONT, tracee.pid, SIGSTOP);
}

static void attached_as_another_user(void)
{
	struct tracee tracee = tracee_start_as("family", UNPRIVILEGED, UNPRIVILEGED);

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
}

static void by_another_user(void)
{
	become(UNPRIVILEGED, UNPRIVILEGED);
	/* No scene: whoever it is now may not reach the directory of the tracee. */
	if (fork_helper() == 0)
		for (;;)
			pause();
}

static void seized_running(void)
{
	tracee_start_seized("family", 0);
}

static struct tracee interrupted(void)
{
	struct tracee tracee = tracee_start_seized("family", 0);

	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	return tracee;
}

static void seized_stopped(void)
{
	interrupted();
}

static void seized_syscall_stop(void)
{
	struct tracee tracee = interrupted();

	xresume(PTRACE_SYSCALL, tracee.pid, 0);
}

static void seized_listening(void)
{
	struct tracee tracee = tracee_start_seized("family", 0);

	kill(tracee.pid, SIGSTOP);
	stop_wait(tracee.pid);
	xresume(PTRACE_CONT, tracee.pid, SIGSTOP);
	xptrace(PTRACE_LISTEN, tracee.pid, 0L, 0L);
}

static void exit_event(void)
{
	struct tracee tracee = tracee_start_seized("pause", PTRACE_O_TRACEEXIT);

	kill(tracee.pid, SIGTERM);
	stop_wait(tracee.pid);
	xresume(PTRACE_CONT, tracee.pid, SIGTERM);
}

/* Run `attach` in a process of its own, kill that one, and count what ends, until nobody is left:
 * this process is everybody's subreaper. Something that survived would be waited for in vain. */
static unsigned ends_after(void (*attach)(void), const char *how)
{
	int ready[2];
	unsigned ended = 0;
	char byte;

	if (pipe(ready) == -1)
		broken("pipe: %s", errno_text(errno));

	pid_t tracer = fork_helper();

	if (tracer == 0) {
		attach();
		if (write(ready[1], "r", 1) != 1)
			broken("write to the ready pipe: %s", errno_text(errno));
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		broken("%s: its tracer ended early", how);
	close(ready[0]);
	kill(tracer, SIGKILL);
	waiting_for(text("all to end after the tracer's death: %s", how));
	while (waitpid(-1, NULL, __WALL) != -1)
		ended++;
	return ended;
}

/* How many processes there were: the tracer, the tracee and, in most scenes, the tracee's child. */
static void nothing_survives(void)
{
	static const struct {
		const char *how;
		void (*attach)(void);
		unsigned processes;
		bool as_root;
	} cases[] = {
		{ "a scene without a tracer", not_attached, 3, false },
		{ "TRACEME, stopped", traceme, 2, false },
		{ "ATTACH, stopped", attached_stopped, 3, false },
		{ "ATTACH, running", attached_running, 3, false },
		{ "ATTACH, group-stop", attached_group_stop, 3, false },
		{ "SEIZE, running", seized_running, 3, false },
		{ "SEIZE, stopped", seized_stopped, 3, false },
		{ "SEIZE, syscall-stop", seized_syscall_stop, 3, false },
		{ "SEIZE, group-stop with LISTEN", seized_listening, 3, false },
		{ "SEIZE, PTRACE_EVENT_EXIT stop", exit_event, 2, false },
		{ "a tracee that became another user", attached_as_another_user, 3, true },
		{ "a tracer that became another user", by_another_user, 2, true },
	};
	unsigned tried = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (cases[i].as_root && geteuid() != 0)
			continue;
		expect_eq(cases[i].processes, ends_after(cases[i].attach, cases[i].how),
			"ended: %s", cases[i].how);
		tried++;
	}
	expect_eq(geteuid() == 0 ? 12 : 10, tried, "ways to attach");
}

static const struct experiment experiments[] = {
	{ "started", started, "Does a scene start untraced, and is it heard?", NULL, 0 },
	{ "started-as", started_as, "Does a scene start as another user, traceable?", NULL, 0 },
	{ "becomes", becomes, "Is it known who may become whom?", NULL, 0 },
	{ "seized-before-exec", seized_before_exec,
		"Is a scene traced before it executes anything?", NULL, 10 },
	{ "seized-start", seized_start, "Does such a scene run without a stop?", NULL, 0 },
	{ "wait-told", wait_for_told, "Does wait_told() wait until it is told?", NULL, 10 },
	{ "full-page", full_page, "Is every value told found by its name?", NULL, 0 },
	{ "nothing-survives", nothing_survives, "Does anything survive a tracer that is killed?",
		NULL, 10 },
};

static const struct scene scenes[] = {
	{ "pause", scene_pause },
	{ "returns", scene_returns },
	{ "first-tracer", scene_first_tracer },
	{ "echo", scene_echo },
	{ "talkative", scene_talkative },
	{ "family", scene_family },
};

TEST_MAIN("tracee", "Does a scene start, tell and end as its tracer may rely on?")
