/* SPDX-License-Identifier: MIT */
/*
 * One event loop for the tools that follow processes: wait, decode, act, resume.
 *
 *	        +-------------------------------------------------------+
 *	        v                                                       |
 *	  next_report()  ->  stop_decode()  ->  act()  ->  resume() or delay()
 *	   waitpid(-1)        what stop?      the tool      SYSCALL, CONT, LISTEN
 *
 * The loop keeps the table of tasks and knows which request fits which stop. A tool says in its
 * functions what the events mean; it is called between the stop and the resume, so the task stands
 * still and any ptrace() request on task->tid is allowed, and may fail with ESRCH, for SIGKILL ends
 * every stop. The end is reported then.
 *
 * Whatever is born is seized by the kernel before its first instruction (PTRACE_O_TRACEFORK and its
 * kin). Nobody waits for the parent's report of it: its own first stop may come first.
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "request.h"
#include "stop.h"

/* A thread that is traced. */
struct task {
	pid_t tid;
	pid_t parent; /* who created it, if that was known when it was born; 0: not, or nobody traced */
	bool in_call; /* the tool was told that it entered a call, and not yet that it left it */
	struct ptrace_syscall_info call; /* that call, as it was entered (.entry) */
	void *own;                       /* own_size bytes of the tool's, zero at its birth */

	/* The loop's. */
	bool passed_over; /* nothing is told of it */
	bool listening;   /* in a group-stop */
	int64_t due_ns;   /* 0, or: not to be resumed before */
	int due_signal;
	struct task *next; /* that is delayed, or that is no longer in use */
};

/* What happens, in the order of a task's life. A function that is NULL is not missed. */
struct loop_tool {
	/* It is traced from now on: the first task(s), or one born of another. */
	void (*born)(struct task *task);
	/* At the enter-stop or the seccomp-stop of a call in `calls`; task->call tells which. The
	 * number and arguments may be changed with PTRACE_SETREGS or PTRACE_POKEUSER; number -1: no
	 * call is made. */
	void (*entered)(struct task *task);
	/* At its exit-stop. A call that never returns (exit, a successful rt_sigreturn's caller) ends
	 * otherwise: ended(), replaced(). */
	void (*left)(struct task *task, const struct ptrace_syscall_info *info);
	/* It is about to receive a signal. Returns the signal that it shall receive: 0, none. */
	int (*signalled)(struct task *task, int sig);
	/* A stopping signal has stopped it: a group-stop. */
	void (*stopped)(struct task *task, int sig);
	/* It executed another program. All other threads of its process are gone; if it was not the
	 * first one, `former` was its tid until now, and task->tid is the process's. */
	void (*executed)(struct task *task, pid_t former);
	/* Another thread of its process, `by`, executed a program and took its tid. Then `task` is no
	 * more. */
	void (*replaced)(struct task *task, pid_t by);
	/* It exited or was killed. If task->in_call, within that call. Then `task` is no more. */
	void (*ended)(struct task *task, struct stop end);
	/* Ten times a second while anything happens, and once more: the time to write what waits. */
	void (*ticked)(void);

	size_t own_size;
	const struct calls *calls; /* NULL: every call */
	bool follow;               /* what is born is told of, too */
};

/*
 * Start a program, or attach to all threads of a process: once, before loop_run(). Refuse what does
 * not work (target_refuse()).
 *
 * Started with a set of calls, the program runs under a seccomp filter (filter.h), so that other calls
 * do not stop. The filter passes to everything it creates. That is traced too, therefore, without
 * `follow` unseen by the tool.
 */
void loop_launch(const struct loop_tool *tool, const char *path, char **argv);
void loop_attach(const struct loop_tool *tool, pid_t pid);

enum loop_end {
	LOOP_ENDED, /* every task has */
	LOOP_ASKED, /* attached, and SIGINT, SIGTERM, SIGHUP or SIGQUIT asked the tracer to end */
};

/*
 * Run until there is no task left, or the tracer is asked to end. Then nobody is kept in a stop, and
 * when the tracer exits, the kernel lets all tasks go on (exit_ptrace()) without having
 * interrupted the calls they are in, as PTRACE_INTERRUPT for a PTRACE_DETACH would.
 */
enum loop_end loop_run(void);

/* Called from entered() or left(): resume the task so much later. The others do not wait for it. */
void loop_delay(struct task *task, int64_t ns);

/* How many tasks the tool knows; the one with this tid, or NULL; each of them, in no order. */
size_t loop_count(void);
struct task *loop_task(pid_t tid);
void loop_each(void (*visit)(struct task *task));

/* How the program of loop_launch() ended. */
struct stop loop_program_end(void);

#endif
