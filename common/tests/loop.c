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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "proc.h"
#include "show.h"
#include "test.h"
#include "text.h"
#include "tracee.h"

/* What the tool of an experiment was told. */
static long births, ends, entries, exits, execs, replacements, stops, signals, unknown, in_call;
static struct stop last_end;

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
	(void)task;
	(void)former;
	execs++;
}

static void count_replacement(struct task *task, pid_t by)
{
	(void)task;
	(void)by;
	replacements++;
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

static const struct experiment experiments[] = {
	{ "one-program", one_program, "Is a program told of from its exec to its exit?" },
	{ "tree", tree, "Is everything born told of, once, to its end?" },
	{ "tree-not-followed", tree_not_followed, "And nothing of it without follow?" },
	{ "selected-calls", selected_calls, "Do the selected calls stop, and no others?" },
	{ "selected-not-followed", selected_not_followed,
		"Do the children that nobody follows work under the filter?" },
};

static const struct scene scenes[] = {
	{ "calls", scene_calls },
	{ "tree", scene_tree },
	{ "selected", scene_selected },
};

TEST_MAIN("loop", "Does the event loop tell everything once, and let everybody go on?")
