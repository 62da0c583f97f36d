/* SPDX-License-Identifier: MIT */
/*
 * target.c: is a stranger looked at without a trace? What a process was about to receive arrives,
 * a stopped one stays stopped, every thread is reached, and one that ends is reported. What is
 * refused, and the words for it, are in scripts/tests/target.sh.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "request.h"
#include "show.h"
#include "target.h"
#include "test.h"
#include "text.h"
#include "tracee.h"

static struct target open_and_seize(pid_t pid)
{
	char *argv[] = { (char *)"-p", (char *)text("%d", pid), NULL };
	struct target target = target_open(2, argv);

	target_seize(&target);
	return target;
}

static void expect_untraced(pid_t pid, const char *states)
{
	proc_wait_state(pid, states);
	expect_eq(0, proc_number(pid, "TracerPid"), "TracerPid afterwards");
}

/* --- signals ---------------------------------------------------------------------------------- */

static atomic_long *received;

static void add_value(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	*received += info->si_value.sival_int;
}

static void scene_receive(void)
{
	struct sigaction action = { .sa_sigaction = add_value, .sa_flags = SA_SIGINFO };

	received = scene_tell("received", 0);
	sigaction(SIGUSR1, &action, NULL);
	scene_ready();
	for (;;)
		pause();
}

static void signal_passed_on(void)
{
	struct tracee tracee = tracee_start("receive");
	struct target target = open_and_seize(tracee.pid);

	sigqueue(tracee.pid, SIGUSR1, (union sigval){ .sival_int = 42 });
	proc_wait_state(tracee.pid, "t");

	struct target_thread *thread = target_wait(&target);

	expect_stop(STOP_SIGNAL, SIGUSR1, thread->stop, "instead of the answer to INTERRUPT");
	expect_eq(0, told(&tracee, "received"), "received by the handler while it is stopped");
	target_release(thread);
	expect_eq(42, wait_told(&tracee, "received", 1), "received afterwards, si_value and all");
	expect_true(target_wait(&target) == NULL, "nobody else reports");
	target_done();
	expect_untraced(tracee.pid, "S");
}

static void stays_stopped(void)
{
	struct tracee tracee = tracee_start("receive");

	kill(tracee.pid, SIGSTOP);
	proc_wait_state(tracee.pid, "T");

	struct target target = open_and_seize(tracee.pid);

	proc_wait_state(tracee.pid, "t");

	struct target_thread *thread = target_wait(&target);

	expect_stop(STOP_GROUP, SIGSTOP, thread->stop, "reported by SEIZE alone");
	expect_eq(0, thread->interrupted_ns, "time of an INTERRUPT");
	target_release(thread);
	target_done();
	expect_untraced(tracee.pid, "T");
	kill(tracee.pid, SIGCONT);
	proc_wait_state(tracee.pid, "S");
}

static void stop_arrives_meanwhile(void)
{
	struct tracee tracee = tracee_start("receive");
	struct target target = open_and_seize(tracee.pid);

	kill(tracee.pid, SIGSTOP);
	proc_wait_state(tracee.pid, "t");

	struct target_thread *thread = target_wait(&target);

	expect_stop(STOP_SIGNAL, SIGSTOP, thread->stop, "SIGSTOP on its way");
	target_release(thread);
	target_done();
	expect_untraced(tracee.pid, "T");
}

/* --- threads ---------------------------------------------------------------------------------- */

#define THREADS 50

static void *thread_pause(void *started)
{
	++*(atomic_long *)started;
	for (;;)
		pause();
	return NULL;
}

static void scene_threads(void)
{
	atomic_long *started = scene_tell("started", 1);

	for (int i = 1; i < THREADS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, thread_pause, started) != 0)
			scene_broken("pthread_create");
	}
	while (*started < THREADS)
		;
	scene_ready();
	for (;;)
		pause();
}

/* Nobody is released before all have reported: they stand still together. */
static void all_together(void)
{
	struct tracee tracee = tracee_start("threads");
	struct target target = open_and_seize(tracee.pid);
	struct target_thread *thread;
	long answers = 0, stopped = 0, untraced = 0;

	expect_eq(THREADS, (long)target.count, "threads seized");
	while ((thread = target_wait(&target)) != NULL)
		answers += thread->stop.kind == STOP_EVENT;
	expect_always(answers, THREADS, "PTRACE_EVENT_STOP");
	for (size_t i = 0; i < target.count; i++)
		stopped += proc_state(target.thread[i].tid) == 't';
	expect_always(stopped, THREADS, "State t, all at one time");
	for (size_t i = 0; i < target.count; i++)
		target_release(&target.thread[i]);
	target_done();
	for (size_t i = 0; i < target.count; i++)
		untraced += proc_number(target.thread[i].tid, "TracerPid") == 0;
	expect_always(untraced, THREADS, "TracerPid 0 afterwards");
}

static void one_thread(void)
{
	struct tracee tracee = tracee_start("threads");
	pid_t tids[THREADS];
	long listed = proc_list(text("%d/task", tracee.pid), tids, THREADS);

	expect_eq(THREADS, listed, "threads");

	struct target target = open_and_seize(tids[THREADS - 1]);

	role_pid("thread", tids[THREADS - 1]);
	expect_pid(tracee.pid, target.pid, "the process");
	expect_eq(1, (long)target.count, "threads seized");
	expect_pid(tids[THREADS - 1], target.thread[0].tid, "the one");
	expect_eq(0, proc_number(tracee.pid, "TracerPid"), "TracerPid of the leader");
}

/* --- ends ------------------------------------------------------------------------------------- */

static void ends_before(void)
{
	struct tracee tracee = tracee_start("receive");
	struct target target = open_and_seize(tracee.pid);

	kill(tracee.pid, SIGKILL);

	struct target_thread *thread = target_wait(&target);

	expect_stop(STOP_KILLED, SIGKILL, thread->stop, "instead of a stop");
	target_release(thread);
	expect_true(target_wait(&target) == NULL, "nobody else reports");
	target_done();
}

static void ends_while_stopped(void)
{
	struct tracee tracee = tracee_start("receive");
	struct target target = open_and_seize(tracee.pid);
	struct target_thread *thread = target_wait(&target);

	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, thread->stop, "the answer to INTERRUPT");
	kill(tracee.pid, SIGKILL);
	target_release(thread);
	expect_true(target_wait(&target) == NULL, "nobody else reports");
	target_done();
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(tracee.pid), "its end");
}

static const struct experiment experiments[] = {
	{ "signal-passed-on", signal_passed_on,
		"Does a signal that arrives meanwhile reach the target whole?", NULL, 0 },
	{ "stays-stopped", stays_stopped, "Does a stopped process stay stopped?", NULL, 0 },
	{ "stop-arrives-meanwhile", stop_arrives_meanwhile,
		"Does a SIGSTOP that arrives meanwhile stop it?", NULL, 0 },
	{ "all-together", all_together, "Can all threads be held at one time, and all let go?",
		NULL, 0 },
	{ "one-thread", one_thread, "Does a thread's id mean that thread alone?", NULL, 0 },
	{ "ends-before", ends_before, "Is an end before the stop reported?", NULL, 0 },
	{ "ends-while-stopped", ends_while_stopped, "Is an end during the stop survived?", NULL,
		0 },
};

static const struct scene scenes[] = {
	{ "receive", scene_receive },
	{ "threads", scene_threads },
};

TEST_MAIN("target", "Is a stranger looked at without a trace?")
