/* SPDX-License-Identifier: MIT */
/*
 * Labs pointed at a stranger: `tracer -p PID`. What every such mode needs beside its own subject:
 * understand the words, refuse by cause, reach every thread, leave each as it was.
 *
 * A refusal is one line on stderr and exit code 2 (LAB_USAGE), before the target was touched.
 * Nothing here resumes a thread but target_release(); the kernel releases whatever is left when
 * the tracer ends, by whatever end, and drops a stop that was asked for but has not happened
 * (exit_ptrace(), __ptrace_unlink()).
 *
 * The order: target_open(), target_seize(), target_wait() until it returns NULL, target_release()
 * of each thread that it returned, target_done().
 */
#ifndef COMMON_TARGET_H
#define COMMON_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "check.h"
#include "stop.h"

/* What a lab's target.c defines: the mode itself, given the words after the program's name, which returns an
 * exit code, and its line of help. */
int target_mode(int argc, char **argv);
extern const char target_usage[];

/* One line on stderr, exit code 2: what broken() is outside of an experiment. */
#define target_refuse(...) broken(__VA_ARGS__)

/* Refuse because the kernel did, with EPERM or EACCES: name the first cause that is in sight. */
_Noreturn void target_refuse_permission(pid_t tid);

/* How long target_wait() waits for a thread that does not stop: one in uninterruptible sleep. Counted in
 * parts of a tenth of a second: where the whole machine stands still, as a virtual one may, that is one of
 * them. */
#define TARGET_PATIENCE_NS INT64_C(2000000000)

struct target_thread {
	pid_t tid;
	/* As /proc/PID/task/TID/status told before it was seized. */
	char state[32];
	pid_t tracer;
	uint64_t pending, shared_pending, blocked;
	/* What it reported; STOP_NONE: nothing. */
	struct stop stop;
	/* Just before PTRACE_SEIZE and PTRACE_INTERRUPT, and just after PTRACE_DETACH. */
	int64_t seized_ns, interrupted_ns, released_ns;
};

struct target {
	pid_t pid;  /* its thread group */
	pid_t only; /* the one thread that was asked for, by the id of a thread; 0: every thread */
	uid_t uid;
	char name[64];                 /* as /proc escapes it */
	size_t count, asked, reported; /* threads; how many were INTERRUPTed; how many answered */
	struct target_thread *thread;
	int64_t patience_ns; /* what target_wait() has left of it */
};

/* The target that "-p PID" or "-pPID" names. Refuses whatever it can without touching it. */
struct target target_open(int argc, char **argv);

/* The ids of the threads of a process that live now, none if it has ended; free() the list. */
size_t target_threads(pid_t pid, pid_t **tids);

/*
 * SEIZE every thread, or the one asked for, until a listing shows no new one; none is stopped yet.
 * A thread that is created after that listing is missed. Refuses if the kernel does, and if no
 * thread is left. Then blocks signals, so that none ends the tracer while it keeps a thread
 * stopped.
 */
void target_seize(struct target *target);

/*
 * INTERRUPT the threads, each as soon as no other is waiting for an answer, and return the next one
 * that stopped or ended. Release it at once and its pause is short; keep it, and at the end all of
 * them stand still together. NULL when all have reported or patience is at its end. A signal that
 * asks the tracer to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT) ends it here.
 */
struct target_thread *target_wait(struct target *target);

/* DETACH a thread, passing on the signal if it stopped to receive one. No effect on one that
 * ended. */
void target_release(struct target_thread *thread);

/* Unblock signals. */
void target_done(void);

/* Refuse where stdout is closed: for a tool whose answer goes there. */
void target_needs_stdout(void);

/* What such a tool exits with: `verdict`, or, with a line on stderr, LAB_USAGE if not all of its answer
 * could be written. */
int target_answered(int verdict);

/* How long a released thread stood still at most: since it was asked to stop, or, if it stopped for
 * a signal, since it was seized. */
int64_t target_pause_ns(const struct target_thread *thread);

#endif
