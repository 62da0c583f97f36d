/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/audit.h>

#include "clock.h"
#include "count.h"
#include "launch.h"
#include "loop.h"
#include "proc.h"
#include "target.h"
#include "text.h"

static const struct loop_tool *tool;
static bool by_filter;              /* a call stops if the filter says so, and not otherwise */
static volatile sig_atomic_t asked; /* to end */
static pid_t program;               /* of loop_launch(); 0: attached */
static struct stop program_end;     /* STOP_NONE: it lives */

/* --- the table ---------------------------------------------------------------------------------- */

/* Open addressing with linear probing: a tid stands in its slot or in the next ones that are free. */
static struct task **slots;
static size_t room, tasks, told; /* room: a power of two; told: those the tool knows */
static struct task *unused;

static size_t slot_of(pid_t tid)
{
	return ((size_t)tid * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);
}

static struct task **find_slot(pid_t tid)
{
	size_t i = slot_of(tid);

	while (slots[i] != NULL && slots[i]->tid != tid)
		i = (i + 1) & (room - 1);
	return &slots[i];
}

static void *memory_for(void *memory)
{
	if (memory == NULL)
		target_refuse("no memory for %zu tasks", tasks + 1);
	return memory;
}

static void grow_table(void)
{
	struct task **old = slots;
	size_t old_room = room;

	room = room == 0 ? 64 : 2 * room;
	slots = memory_for(calloc(room, sizeof(struct task *)));
	for (size_t i = 0; i < old_room; i++)
		if (old[i] != NULL)
			*find_slot(old[i]->tid) = old[i];
	free(old);
}

static void put_in_table(struct task *task)
{
	if (2 * (tasks + 1) > room)
		grow_table();
	*find_slot(task->tid) = task;
	tasks++;
	told += !task->passed_over;
}

/* The ones behind it move up where the hole would hide them. */
static void take_from_table(struct task *task)
{
	size_t hole = (size_t)(find_slot(task->tid) - slots), i = hole;

	slots[hole] = NULL;
	while (slots[i = (i + 1) & (room - 1)] != NULL) {
		size_t distance = (i - slot_of(slots[i]->tid)) & (room - 1);

		if (distance >= ((i - hole) & (room - 1))) {
			slots[hole] = slots[i];
			slots[i] = NULL;
			hole = i;
		}
	}
	tasks--;
	told -= !task->passed_over;
}

struct task *loop_task(pid_t tid)
{
	return room == 0 ? NULL : *find_slot(tid);
}

size_t loop_count(void)
{
	return told;
}

void loop_each(void (*visit)(struct task *task))
{
	for (size_t i = 0; i < room; i++)
		if (slots[i] != NULL && !slots[i]->passed_over)
			visit(slots[i]);
}

/* `known`: the tool is to be told of it. */
static struct task *add_task(pid_t tid, pid_t parent, bool known)
{
	struct task *task = unused;

	if (task != NULL)
		unused = task->next;
	else
		task = memory_for(malloc(sizeof(*task) + tool->own_size));
	memset(task, 0, sizeof(*task) + tool->own_size);
	task->tid = tid;
	task->parent = parent;
	task->own = task + 1;
	task->passed_over = !known;
	put_in_table(task);
	if (known && tool->born != NULL)
		tool->born(task);
	return task;
}

static void drop_task(struct task *task)
{
	take_from_table(task);
	task->next = unused;
	unused = task;
}

/* --- resume ------------------------------------------------------------------------------------- */

static struct task *delayed; /* in the order in which they are due */

/* ESRCH: SIGKILL took it out of its stop, and its end will be reported. */
static void resume(struct task *task, int sig)
{
	enum __ptrace_request request = task->listening               ? PTRACE_LISTEN
					: !by_filter || task->in_call ? PTRACE_SYSCALL
								      : PTRACE_CONT;

	ptrace(request, task->tid, 0, (long)sig);
}

/* With SA_NOCLDSTOP a stop sends no SIGCHLD, which saves a tenth of its time; wait_until() needs it,
 * for it waits for time, too. */
static void want_sigchld(bool wanted)
{
	struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = wanted ? 0 : SA_NOCLDSTOP };

	sigaction(SIGCHLD, &action, NULL);
}

static void delay(struct task *task, int sig)
{
	struct task **link = &delayed;

	if (delayed == NULL)
		want_sigchld(true);
	while (*link != NULL && (*link)->due_ns <= task->due_ns)
		link = &(*link)->next;
	task->due_signal = sig;
	task->next = *link;
	*link = task;
}

static void undelay(struct task *task)
{
	struct task **link = &delayed;

	while (*link != NULL && *link != task)
		link = &(*link)->next;
	if (*link == NULL)
		return;
	*link = task->next;
	task->due_ns = 0;
	if (delayed == NULL)
		want_sigchld(false);
}

static void resume_due(void)
{
	while (delayed != NULL && delayed->due_ns <= clock_now_ns()) {
		struct task *task = delayed;

		undelay(task);
		resume(task, task->due_signal);
	}
}

void loop_delay(struct task *task, int64_t ns)
{
	task->due_ns = clock_now_ns() + ns;
}

/* --- busy and idle -------------------------------------------------------------------------------- */

#define TICK_NS 100000000

static timer_t ticker;
static volatile sig_atomic_t ticked;
static bool busy;           /* the ticker runs */
static bool has_report;     /* since its last tick */
static int latency_fd = -1; /* of /dev/cpu_dma_latency */

/* Not restarted, waitpid() fails with EINTR. Should the tick come just before, there is another. */
static void on_tick(int sig)
{
	(void)sig;
	ticked = 1;
}

static void create_ticker(void)
{
	struct sigaction action = { .sa_handler = on_tick };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };

	sigaction(SIGRTMIN, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &ticker) == -1)
		target_refuse("timer_create: %s", errno_text(errno));
}

static void run_ticker(long ns)
{
	struct itimerspec time = { { 0, ns }, { 0, ns } };

	timer_settime(ticker, 0, &time, NULL);
}

static void release_cpus(void)
{
	if (latency_fd != -1)
		close(latency_fd);
	latency_fd = -1;
}

/*
 * A tracee that stops wakes a tracer on another CPU, and the other way round: most of what a stop
 * costs is that the CPU comes back from its idle state. While this descriptor is open it does not
 * enter one (Documentation/power/pm_qos_interface.rst); nothing about the tasks changes by that.
 * Who may not open it, an ordinary user, goes without.
 */
static void become_busy(void)
{
	static const int32_t microseconds = 0;

	busy = true;
	run_ticker(TICK_NS);
	latency_fd = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
	if (latency_fd != -1 &&
		write(latency_fd, &microseconds, sizeof(microseconds)) != sizeof(microseconds))
		release_cpus();
}

static void become_idle(void)
{
	busy = false;
	run_ticker(0);
	release_cpus();
}

static void on_ticked(void)
{
	ticked = 0;
	if (busy && !has_report)
		become_idle();
	has_report = false;
	if (tool->ticked != NULL)
		tool->ticked();
}

/* --- wait --------------------------------------------------------------------------------------- */

struct report {
	pid_t tid;
	int status;
};

/* In spite of the table: exec in a thread that is not traced ends the others without a report. */
static bool nobody_left;

/* Like waitpid(-1), but not beyond the moment when the first delayed task is due: then 0. */
static pid_t wait_until_due(int *status)
{
	pid_t tid = waitpid(-1, status, __WALL | WNOHANG);
	int64_t left = delayed->due_ns - clock_now_ns();
	struct timespec timeout = { left / 1000000000, left % 1000000000 };
	sigset_t sigchld;

	if (tid != 0 || left <= 0)
		return tid;
	sigemptyset(&sigchld);
	sigaddset(&sigchld, SIGCHLD);
	sigtimedwait(&sigchld, NULL, &timeout);
	return 0;
}

/*
 * waitpid(-1) gives the first report in the kernel's list (do_wait_thread()), the same task's again
 * and again if that is busy, and might never get to the last. So one report in four is asked of the
 * next task in the table.
 */
#define TURN 4

static pid_t wait_in_turn(int *status)
{
	static size_t reports, next;

	if (tasks < 2 || ++reports % TURN != 0)
		return 0;
	/* Few steps: the table may have become a large one with few tasks. */
	for (int step = 0; step < 8; step++) {
		next = (next + 1) & (room - 1);
		if (slots[next] != NULL)
			return waitpid(slots[next]->tid, status, __WALL | WNOHANG);
	}
	return 0;
}

/* False: it is not known yet, but time has passed or a signal has come. */
static bool next_report(struct report *report)
{
	if (delayed != NULL)
		resume_due();
	report->tid = wait_in_turn(&report->status);
	if (report->tid > 0)
		return true;
	report->tid = delayed != NULL ? wait_until_due(&report->status)
				      : waitpid(-1, &report->status, __WALL);
	nobody_left = report->tid == -1 && errno == ECHILD;
	return report->tid > 0;
}

/* --- act ---------------------------------------------------------------------------------------- */

static void act_entered(struct task *task, const struct ptrace_syscall_info *info)
{
	task->in_call = true;
	task->call = *info;
	if (tool->entered != NULL)
		tool->entered(task);
}

static void act_call(struct task *task)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof(info), &info) == -1)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP && info.seccomp.ret_data != FILTER_MARK) {
		/* Of a filter of its own, that found no tracer: __seccomp_filter() does the same. */
		ptrace(PTRACE_POKEUSER, task->tid, offsetof(struct user, regs.orig_rax), -1L);
		ptrace(PTRACE_POKEUSER, task->tid, offsetof(struct user, regs.rax), -(long)ENOSYS);
	} else if (task->passed_over || info.op == PTRACE_SYSCALL_INFO_NONE) {
		return;
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		bool was_in_call = task->in_call;

		task->in_call = false;
		if (was_in_call && tool->left != NULL)
			tool->left(task, &info);
	} else if (tool->calls == NULL ||
		   (info.arch == AUDIT_ARCH_X86_64 && calls_has(tool->calls, info.entry.nr))) {
		act_entered(task, &info);
	}
}

/*
 * A child whose first stop was reported before this is in the table, or has ended and been reaped
 * meanwhile; then nobody waits for it any more, which is ECHILD.
 */
static void act_birth(struct task *parent)
{
	unsigned long child = 0;
	siginfo_t info;

	if (ptrace(PTRACE_GETEVENTMSG, parent->tid, 0, &child) == -1 ||
		loop_task((pid_t)child) != NULL ||
		waitid(P_PID, (id_t)child, &info,
			WNOHANG | WNOWAIT | WEXITED | WSTOPPED | __WALL) == -1)
		return;
	add_task((pid_t)child, parent->tid, tool->follow && !parent->passed_over);
}

/* Returns the task as it is now: one that was not the first of its process has become it. */
static struct task *act_exec(struct task *task)
{
	unsigned long message = 0;
	struct task *former;

	ptrace(PTRACE_GETEVENTMSG, task->tid, 0, &message);
	former = (pid_t)message == task->tid ? NULL : loop_task((pid_t)message);
	if (former != NULL) {
		if (!task->passed_over && tool->replaced != NULL)
			tool->replaced(task, former->tid);
		undelay(task);
		take_from_table(former);
		former->tid = task->tid;
		drop_task(task);
		put_in_table(former);
		task = former;
	}
	if (!task->passed_over && tool->executed != NULL)
		tool->executed(task, former != NULL ? (pid_t)message : task->tid);
	return task;
}

static struct task *act_event(struct task *task, int event)
{
	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		act_call(task);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		act_birth(task);
		break;
	case PTRACE_EVENT_EXEC:
		return act_exec(task);
	}
	/* PTRACE_EVENT_STOP: its first one, or SIGCONT ended a group-stop. */
	return task;
}

static void act_stopped(struct task *task, int sig)
{
	if (task->listening)
		return;
	task->listening = true;
	if (!task->passed_over && tool->stopped != NULL)
		tool->stopped(task, sig);
	if (task->tid == program)
		launch_stopped();
}

static void act_ended(struct task *task, struct stop end)
{
	if (task->tid == program)
		program_end = end;
	if (!task->passed_over && tool->ended != NULL)
		tool->ended(task, end);
	undelay(task);
	drop_task(task);
}

/* Everything that a report can say, and who is to be resumed then with which signal; NULL: nobody. */
static struct task *act(struct task *task, struct stop stop, int *sig)
{
	bool was_listening = task->listening;

	*sig = 0;
	task->listening = false;
	switch (stop.kind) {
	case STOP_SYSCALL:
		act_call(task);
		break;
	case STOP_SIGNAL:
		*sig = stop.detail;
		if (!task->passed_over && tool->signalled != NULL)
			*sig = tool->signalled(task, stop.detail);
		break;
	case STOP_GROUP:
		task->listening = was_listening;
		act_stopped(task, stop.detail);
		break;
	case STOP_EVENT:
		if (was_listening && task->tid == program)
			launch_continued();
		task = act_event(task, stop.detail);
		break;
	case STOP_EXITED:
	case STOP_KILLED:
		act_ended(task, stop);
		return NULL;
	case STOP_CONTINUED:
	case STOP_NONE:
		break;
	}
	return task;
}

/* --- the loop ----------------------------------------------------------------------------------- */

enum loop_end loop_run(void)
{
	while (tasks > 0 && !nobody_left) {
		struct report report;
		int sig;

		if (asked)
			return LOOP_ASKED;
		if (ticked)
			on_ticked();
		if (!next_report(&report))
			continue;
		has_report = true;
		if (!busy)
			become_busy();

		struct stop stop = stop_decode(report.status);
		struct task *task = loop_task(report.tid);

		/* The end of a child that the tracer was started with, or of one that SIGKILL took
		 * before it was there. */
		if (task == NULL && !WIFSTOPPED(report.status))
			continue;
		/* The first stop of one that was born; or a thread that was never traced was the
		 * first of its process, and another one has become it. */
		if (task == NULL)
			task = add_task(
				report.tid, 0, tool->follow && stop.detail != PTRACE_EVENT_EXEC);
		task = act(task, stop, &sig);
		if (task == NULL)
			continue;
		if (task->due_ns != 0)
			delay(task, sig);
		else
			resume(task, sig);
	}
	return LOOP_ENDED;
}

/* --- the first tasks ---------------------------------------------------------------------------- */

#define NET (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

static unsigned long options(void)
{
	return PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | (tool->follow || by_filter ? NET : 0) |
	       (by_filter ? PTRACE_O_TRACESECCOMP : 0);
}

static void block_sigchld(void)
{
	sigset_t sigchld;

	sigemptyset(&sigchld);
	sigaddset(&sigchld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &sigchld, NULL);
	want_sigchld(false);
}

static const char *prepare_program(void)
{
	return filter_install(tool->calls);
}

void loop_launch(const struct loop_tool *for_tool, const char *path, char **argv)
{
	tool = for_tool;
	by_filter = tool->calls != NULL;
	program = launch(path, argv, options(), by_filter ? prepare_program : NULL);
	block_sigchld();
	create_ticker();
	resume(add_task(program, 0, true), 0);
}

/* The signal may come when loop_run() has looked at `asked` and does not wait yet: the ticker follows. */
static void ask_to_end(int sig)
{
	(void)sig;
	asked = 1;
	run_ticker(TICK_NS / 10);
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = ask_to_end }, before;

	for (size_t i = 0; i < COUNT(signals); i++) {
		sigaction(signals[i], &action, &before);
		if (before.sa_handler == SIG_IGN)
			sigaction(signals[i], &before, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

/* False: it has ended, or is traced already: by this tracer, as it was born of one that is. */
static bool seize(pid_t tid)
{
	char status[8192];

	if (ptrace(PTRACE_SEIZE, tid, 0, options()) == 0) {
		ptrace(PTRACE_INTERRUPT, tid, 0, 0);
		return true;
	}
	if (errno != EPERM && errno != ESRCH)
		target_refuse("PTRACE_SEIZE of pid %d: %s", tid, errno_text(errno));
	if (proc_read(tid, "status", status, sizeof(status)) > 0 &&
		strchr("ZX", *status_field(status, "State")) == NULL &&
		atoi(status_field(status, "TracerPid")) != getpid())
		target_refuse_permission(tid);
	return false;
}

void loop_attach(const struct loop_tool *for_tool, pid_t pid)
{
	size_t before;

	tool = for_tool;
	create_ticker();
	catch_signals();
	block_sigchld();
	do {
		pid_t *tids;
		size_t listed = target_threads(pid, &tids);

		before = tasks;
		for (size_t i = 0; i < listed; i++)
			if (loop_task(tids[i]) == NULL && seize(tids[i]))
				add_task(tids[i], 0, true);
		free(tids);
	} while (tasks > before);
	if (tasks == 0)
		target_refuse("pid %d ended before it could be looked at", pid);
}

struct stop loop_program_end(void)
{
	return program_end;
}
