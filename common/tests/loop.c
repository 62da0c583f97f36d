/* SPDX-License-Identifier: MIT */
/*
 * loop.c: does it tell everything once, in order, and let everybody go on as without it?
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "clock.h"
#include "loop.h"
#include "proc.h"
#include "show.h"
#include "test.h"
#include "text.h"
#include "tracee.h"

/* What the tool of an experiment was told. */
static long births, ends, entries, exits, execs, replacements, stops, signals, unknown, in_call;
static struct stop last_end;
static pid_t replaced_tid, replaced_by, executed_tid, executed_former;

static void count_birth(struct task *task)
{
	births++;
	unknown += loop_task(task->tid) != task;
}

static void count_entry(struct task *task)
{
	unknown += task->call.op == PTRACE_SYSCALL_INFO_EXIT;
	entries++;
}

static void count_exit(struct task *task, const struct ptrace_syscall_info *info)
{
	unknown += info->op != PTRACE_SYSCALL_INFO_EXIT || task->in_call;
	exits++;
}

static int count_signal(struct task *task, int sig)
{
	(void)task;
	signals++;
	return sig;
}

static void count_stop(struct task *task, int sig)
{
	(void)task;
	(void)sig;
	stops++;
}

static void count_exec(struct task *task, pid_t former)
{
	execs++;
	executed_tid = task->tid;
	executed_former = former;
	unknown += loop_task(task->tid) != task || (former != task->tid && loop_task(former));
}

static void count_replacement(struct task *task, pid_t by)
{
	replacements++;
	replaced_tid = task->tid;
	replaced_by = by;
}

static void count_end(struct task *task, struct stop end)
{
	ends++;
	in_call += task->in_call;
	last_end = end;
}

#define COUNTERS                                                                                   \
	.born = count_birth, .entered = count_entry, .left = count_exit,                           \
	.signalled = count_signal, .stopped = count_stop, .executed = count_exec,                  \
	.replaced = count_replacement, .ended = count_end

static enum loop_end run(const struct loop_tool *tool, const char *scene)
{
	char *argv[] = { (char *)"tracee", (char *)scene, NULL };

	loop_launch(tool, tracee_path(), argv);
	return loop_run();
}

static struct calls calls_of(long number)
{
	struct calls calls = { 0 };

	calls.has[number] = true;
	return calls;
}

/* --- what is told ------------------------------------------------------------------------------- */

static void scene_calls(void)
{
	for (int i = 0; i < 100; i++)
		syscall(SYS_getppid);
	_exit(42);
}

static void one_program(void)
{
	static const struct loop_tool tool = { COUNTERS };

	expect_eq(LOOP_ENDED, run(&tool, "calls"), "the loop ends with the program");
	expect_stop(STOP_EXITED, 42, loop_program_end(), "the program");
	expect_eq(1, births, "births");
	expect_eq(1, ends, "ends");
	expect_eq(1, execs, "programs executed");
	expect_true(entries > 100, "more than 100 entries");
	expect_eq(entries, exits + 1, "every call but the last returns");
	expect_eq(1, in_call, "ends within a call");
	expect_eq(0, unknown, "inconsistencies");
	expect_eq(0, (long)loop_count(), "tasks left");
}

static void *no_work(void *nothing)
{
	return nothing;
}

static void start_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, no_work, NULL) != 0)
		_exit(1);
	pthread_join(thread, NULL);
}

#define PROCESSES 40

static void vfork_child(void)
{
	if (vfork() == 0)
		_exit(0);
}

static void fork_child(void)
{
	if (fork() != 0)
		return;
	start_thread();
	_exit(fork() == -1);
}

static void scene_tree(void)
{
	for (int i = 0; i < PROCESSES; i++) {
		vfork_child();
		fork_child();
		start_thread();
	}
	while (wait(NULL) > 0)
		;
	_exit(0);
}

static void tree(void)
{
	static const struct loop_tool tool = { COUNTERS, .follow = true };
	/* The program, its threads and the two kinds of children; one kind has a thread and a child. */
	long expected = 1 + PROCESSES * (3 + 2);

	expect_eq(LOOP_ENDED, run(&tool, "tree"), "the loop ends with the last");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "the program");
	expect_eq(expected, births, "births");
	expect_eq(expected, ends, "ends");
	expect_eq(0, unknown, "inconsistencies");
}

#define AT_ONCE 300

static void scene_crowd(void)
{
	int go[2];
	char byte;

	if (pipe(go) == -1)
		_exit(1);
	for (int i = 0; i < AT_ONCE; i++) {
		if (fork() != 0)
			continue;
		close(go[1]);
		_exit(read(go[0], &byte, 1) != 0);
	}
	close(go[1]);
	while (wait(NULL) > 0)
		;
	_exit(0);
}

static void crowd(void)
{
	static const struct loop_tool tool = { COUNTERS, .follow = true };

	run(&tool, "crowd");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "the program");
	expect_eq(1 + AT_ONCE, births, "births");
	expect_eq(1 + AT_ONCE, ends, "ends");
	expect_eq(0, unknown, "inconsistencies");
	expect_eq(0, (long)loop_count(), "tasks left");
}

static void tree_not_followed(void)
{
	static const struct loop_tool tool = { COUNTERS };

	run(&tool, "tree");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "the program");
	expect_eq(1, births, "births");
	expect_eq(1, ends, "ends");
}

/* --- selected calls ------------------------------------------------------------------------------- */

static void scene_selected(void)
{
	for (int i = 0; i < 100; i++) {
		syscall(SYS_getppid);
		syscall(SYS_getuid);
	}

	int status = -1;
	pid_t child = fork();

	/* 1: it fails for want of a tracer. */
	if (child == 0)
		_exit(syscall(SYS_getuid) == -1);
	waitpid(child, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

static void selected_calls(void)
{
	static struct loop_tool tool = { COUNTERS, .follow = true };
	struct calls calls = calls_of(SYS_getuid);

	tool.calls = &calls;
	run(&tool, "selected");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "the program");
	expect_eq(101, entries, "entries");
	expect_eq(101, exits, "exits");
	expect_eq(2, births, "births");
}

static void selected_not_followed(void)
{
	static struct loop_tool tool = { COUNTERS };
	struct calls calls = calls_of(SYS_getuid);

	tool.calls = &calls;
	run(&tool, "selected");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "the program, whose child's call works");
	expect_eq(100, entries, "entries");
	expect_eq(100, exits, "exits");
	expect_eq(1, births, "births");
	expect_eq(1, ends, "ends");
}

/* A filter of the program's own that asks for a tracer, of which it has none that it knows of. */
static void scene_own_filter(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog whole = { COUNT(program), program };
	int status;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole);
	if (fork() == 0)
		_exit(syscall(SYS_getppid) == -1 && errno == ENOSYS);
	wait(&status);
	_exit(syscall(SYS_getppid) == -1 && errno == ENOSYS && WEXITSTATUS(status) == 1);
}

static void own_filter(void)
{
	static struct loop_tool tool = { COUNTERS };
	struct calls calls = calls_of(SYS_getuid);

	tool.calls = &calls;
	run(&tool, "own-filter");
	expect_stop(STOP_EXITED, 1, loop_program_end(), "ENOSYS in the program and in its child");
	expect_eq(0, entries, "entries told");
}

/* --- what is changed ------------------------------------------------------------------------------ */

static void scene_asks(void)
{
	long first = syscall(SYS_getppid), second = syscall(SYS_getuid);

	_exit(first == 4711 && second == -1 && errno == EPERM ? 0 : 1);
}

static void deny(struct task *task)
{
	if (task->call.entry.nr == SYS_getuid)
		ptrace(PTRACE_POKEUSER, task->tid, offsetof(struct user, regs.orig_rax), -1L);
}

static void forge(struct task *task, const struct ptrace_syscall_info *info)
{
	long result = task->call.entry.nr == SYS_getppid ? 4711 : -(long)EPERM;

	(void)info;
	ptrace(PTRACE_POKEUSER, task->tid, offsetof(struct user, regs.rax), result);
}

static void changed_calls(void)
{
	static struct loop_tool tool = { .entered = deny, .left = forge };
	struct calls calls = calls_of(SYS_getppid);

	calls.has[SYS_getuid] = true;
	tool.calls = &calls;
	run(&tool, "asks");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "a program that sees what it was told");
}

static volatile sig_atomic_t received;

static void on_signal(int sig)
{
	received |= sig == SIGUSR1 ? 1 : 2;
}

static void scene_signals(void)
{
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	raise(SIGUSR1);
	raise(SIGTERM);
	_exit(received);
}

static int turn_signal(struct task *task, int sig)
{
	count_signal(task, sig);
	return sig == SIGUSR1 ? SIGUSR2 : 0;
}

static void changed_signals(void)
{
	static const struct loop_tool tool = { .signalled = turn_signal };

	run(&tool, "signals");
	expect_stop(STOP_EXITED, 2, loop_program_end(), "one replaced, one suppressed");
	expect_eq(2, signals, "signals told");
}

/* --- stopping and going on ------------------------------------------------------------------------ */

static void scene_stops(void)
{
	raise(SIGSTOP);
	_exit(7);
}

static void continue_it(struct task *task, int sig)
{
	count_stop(task, sig);
	kill(task->tid, SIGCONT);
}

static void group_stop(void)
{
	static struct loop_tool tool = { COUNTERS };

	tool.stopped = continue_it;
	run(&tool, "stops");
	expect_stop(STOP_EXITED, 7, loop_program_end(), "the program, stopped and continued");
	expect_eq(1, stops, "stops told");
	expect_eq(2, signals, "signals told: SIGSTOP, SIGCONT");
}

static void *execute(void *path)
{
	execl(path, "tracee", "calls", NULL);
	_exit(1);
}

static void *sleep_for_ever(void *nothing)
{
	for (;;)
		pause();
	return nothing;
}

static void scene_thread_executes(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, sleep_for_ever, NULL) != 0 ||
		pthread_create(&thread, NULL, execute, (void *)tracee_path()) != 0)
		_exit(1);
	sleep_for_ever(NULL);
}

static void exec_from_thread(void)
{
	static const struct loop_tool tool = { COUNTERS, .follow = true };

	run(&tool, "thread-executes");
	expect_stop(STOP_EXITED, 42, loop_program_end(), "the program");
	expect_eq(3, births, "births");
	expect_eq(2, ends, "ends: of the sleeping thread, and of the program");
	expect_eq(1, replacements, "replacements");
	expect_eq(2, execs, "programs executed");
	expect_true(
		executed_tid == replaced_tid, "the new program has the tid of the first thread");
	expect_true(executed_former == replaced_by && replaced_by != replaced_tid,
		"and it was the other thread that executed it");
	expect_eq(0, unknown, "inconsistencies");
}

static void scene_dies(void)
{
	raise(SIGTERM);
}

static void killed_program(void)
{
	static const struct loop_tool tool = { COUNTERS };

	run(&tool, "dies");
	expect_stop(STOP_KILLED, SIGTERM, loop_program_end(), "the program");
	expect_stop(STOP_KILLED, SIGTERM, last_end, "as the tool was told");
}

static void kill_now(struct task *task)
{
	kill(task->tid, SIGKILL);
}

static void killed_in_a_stop(void)
{
	static struct loop_tool tool = { COUNTERS };
	struct calls calls = calls_of(SYS_getppid);

	tool.calls = &calls;
	tool.entered = kill_now;
	run(&tool, "calls");
	expect_stop(STOP_KILLED, SIGKILL, loop_program_end(), "the program");
	expect_eq(1, ends, "ends");
	expect_eq(1, in_call, "within the call");
}

/* --- one after the other -------------------------------------------------------------------------- */

#define DELAY_NS INT64_C(200000000)

static void scene_one_waits(void)
{
	pid_t child = fork();
	int status;

	/* The child's one call is delayed; the parent's are without end until then. */
	if (child == 0)
		_exit(syscall(SYS_getuid) == -1);
	while (waitpid(child, &status, WNOHANG) == 0)
		syscall(SYS_getppid);
	_exit(WEXITSTATUS(status));
}

static int64_t delayed_ns, resumed_ns;
static long meanwhile;

static void delay_entry(struct task *task)
{
	if (task->call.entry.nr == SYS_getuid) {
		delayed_ns = clock_now_ns();
		loop_delay(task, DELAY_NS);
	} else {
		meanwhile += delayed_ns != 0 && resumed_ns == 0;
	}
}

static void note_resumed(struct task *task, const struct ptrace_syscall_info *info)
{
	(void)info;
	if (task->call.entry.nr == SYS_getuid)
		resumed_ns = clock_now_ns();
}

static void delay_of_one(void)
{
	static struct loop_tool tool = {
		.entered = delay_entry, .left = note_resumed, .follow = true
	};
	struct calls calls = calls_of(SYS_getppid);

	calls.has[SYS_getuid] = true;
	tool.calls = &calls;
	run(&tool, "one-waits");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "the program");
	expect_true(resumed_ns - delayed_ns >= DELAY_NS, "the call took as long as it was delayed");
	expect_ge(10, meanwhile, "calls of the other one meanwhile");
}

static void delay_long(struct task *task)
{
	loop_delay(task, INT64_C(3600000000000));
}

static void delayed_and_killed(void)
{
	static struct loop_tool tool = { COUNTERS, .follow = true };
	struct calls calls = calls_of(SYS_getuid);

	tool.calls = &calls;
	tool.entered = delay_long;
	run(&tool, "kills-delayed");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "the program");
	expect_eq(2, ends, "ends");
}

#define CALLS_OF_ONE 500

/* Three children: the first makes one call in the middle of the many of the other two. */
static void scene_busy(void)
{
	int begun[2];
	char byte = 'b';

	if (pipe(begun) == -1)
		_exit(1);
	if (fork() == 0)
		_exit(read(begun[0], &byte, 1) == 1 && syscall(SYS_getuid) == -1);
	for (int i = 0; i < 2; i++) {
		if (fork() != 0)
			continue;
		for (int call = 0; call < CALLS_OF_ONE; call++) {
			syscall(SYS_getppid);
			if (call == 10 && write(begun[1], &byte, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	_exit(0);
}

static pid_t in_order[4]; /* of birth: the program and its children */
static long kept_waiting, longest_wait = -1;

static void note_order(struct task *task)
{
	if (births < 4)
		in_order[births] = task->tid;
	births++;
}

/*
 * Whenever one of the busy two is looked at, the other one stands there with its next report, and is
 * before the first child in the kernel's list (ptrace_link() puts the youngest first).
 */
static void look_at_busy(struct task *task)
{
	pid_t other = task->tid == in_order[2] ? in_order[3] : in_order[2];

	if (task->tid == in_order[1]) {
		longest_wait = kept_waiting;
	} else if (births == 4) {
		kept_waiting += proc_state(in_order[1]) == 't';
		if (loop_task(other) != NULL)
			proc_wait_state(other, "tZX");
	}
}

static void nobody_starves(void)
{
	static struct loop_tool tool = {
		.born = note_order, .entered = look_at_busy, .follow = true
	};
	struct calls calls = calls_of(SYS_getppid);

	calls.has[SYS_getuid] = true;
	tool.calls = &calls;
	run(&tool, "busy");
	expect_stop(STOP_EXITED, 0, loop_program_end(), "the program");
	expect_true(longest_wait >= 0 && longest_wait < 100,
		"the one call waits for fewer than 100 of the 1000 others");
	note_live("it waited for %ld", longest_wait);
}

/* --- a process that runs already -------------------------------------------------------------------- */

static void scene_sleeps(void)
{
	pthread_t thread;
	char byte;
	int ends_of[2];

	if (pthread_create(&thread, NULL, sleep_for_ever, NULL) != 0 || pipe(ends_of) == -1)
		_exit(1);
	scene_tell("tid", gettid());
	scene_ready();
	_exit(read(ends_of[0], &byte, 1) == 1);
}

/* In a process of its own, which ends. */
static void attach_until_asked(pid_t pid, int ready)
{
	static const struct loop_tool tool = { COUNTERS };

	loop_attach(&tool, pid);
	/* Asked before the loop runs: it returns as soon as it looks. */
	if (write(ready, "r", 1) != 1)
		_exit(1);
	_exit(loop_run() == LOOP_ASKED && births == 2 && loop_count() == 2 ? 0 : 1);
}

static void asked_to_end(void)
{
	struct tracee tracee = tracee_start("sleeps");
	int ready[2];
	char byte;

	if (pipe(ready) == -1)
		broken("pipe: %s", errno_text(errno));

	pid_t tracer = fork_helper();

	if (tracer == 0)
		attach_until_asked(tracee.pid, ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		broken("the attaching process ended");
	proc_wait_blocked(tracee.pid, SYS_read);
	proc_wait_blocked(tracer, SYS_wait4);
	kill(tracer, SIGTERM);
	expect_stop(STOP_EXITED, 0, stop_wait(tracer), "a tracer of two threads that SIGTERM asks");
	expect_eq(0, proc_number(tracee.pid, "TracerPid"), "TracerPid of the process afterwards");
	expect_eq(SYS_read, proc_syscall(tracee.pid), "and it is still in the same call");
	kill(tracee.pid, SIGKILL);
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(tracee.pid), "it ends when it is told to");
}

static void scene_kills_delayed(void)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		for (;;)
			syscall(SYS_getuid);
	/* By calls that do not stop. */
	while (proc_syscall(child) != SYS_getuid)
		sched_yield();
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	_exit(!WIFSIGNALED(status));
}

static const struct experiment experiments[] = {
	{ "one-program", one_program, "Is a program told of from its exec to its exit?" },
	{ "tree", tree, "Is everything born told of, once, to its end?" },
	{ "crowd", crowd, "And if there are 300 of them at once?" },
	{ "tree-not-followed", tree_not_followed, "And nothing of it without follow?" },
	{ "selected-calls", selected_calls, "Do the selected calls stop, and no others?" },
	{ "selected-not-followed", selected_not_followed,
		"Do the children that nobody follows work under the filter?" },
	{ "own-filter", own_filter, "Does a filter of the program's own do what it did?" },
	{ "changed-calls", changed_calls, "Can a tool deny a call and forge a result?" },
	{ "changed-signals", changed_signals, "And replace a signal, and suppress one?" },
	{ "group-stop", group_stop, "Do SIGSTOP and SIGCONT do what they do?" },
	{ "exec-from-thread", exec_from_thread, "Who is who after a thread's exec?" },
	{ "killed-program", killed_program, "Is the end by a signal told?" },
	{ "killed-in-a-stop", killed_in_a_stop, "Is SIGKILL in a stop survived?" },
	{ "delay-of-one", delay_of_one, "Do the others go on while one is delayed?" },
	{ "delayed-and-killed", delayed_and_killed, "May one end while it is delayed?" },
	{ "nobody-starves", nobody_starves, "Does everybody have a turn?" },
	{ "asked-to-end", asked_to_end, "Does a tracer that is asked to end leave no trace?" },
};

static const struct scene scenes[] = {
	{ "calls", scene_calls },
	{ "tree", scene_tree },
	{ "crowd", scene_crowd },
	{ "selected", scene_selected },
	{ "own-filter", scene_own_filter },
	{ "asks", scene_asks },
	{ "signals", scene_signals },
	{ "stops", scene_stops },
	{ "thread-executes", scene_thread_executes },
	{ "dies", scene_dies },
	{ "one-waits", scene_one_waits },
	{ "kills-delayed", scene_kills_delayed },
	{ "busy", scene_busy },
	{ "sleeps", scene_sleeps },
};

TEST_MAIN("loop", "Does the event loop tell everything once, and let everybody go on?")
