/* SPDX-License-Identifier: MIT */
/*
 * One decoded value for every status that waitpid() reports of a tracee.
 *
 * What the status alone cannot tell (ptrace(2), "Stopped states"):
 *  - signal-delivery-stop and the group-stop of an ATTACHed (not SEIZEd) tracee are both
 *    (sig << 8) | 0x7f for SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU; PTRACE_GETSIGINFO fails with
 *    EINVAL only in the group-stop.
 *  - without PTRACE_O_TRACESYSGOOD a syscall-stop and a signal-delivery-stop for SIGTRAP are both
 *    0x057f; in the first, si_code is SIGTRAP. So it is after a PTRACE_SINGLESTEP into a signal
 *    handler, which therefore reads as STOP_SYSCALL with sysgood false.
 *  - syscall-enter-stop and syscall-exit-stop are the same in every form; GETEVENTMSG or
 *    PTRACE_GET_SYSCALL_INFO separates them (since Linux 5.3), or counting.
 *  - PTRACE_EVENT_STOP with SIGTRAP is the stop of PTRACE_INTERRUPT, the first stop of a child
 *    attached automatically, and the end of a PTRACE_LISTEN: only the tracer's own
 *    bookkeeping separates those.
 *  - WIFCONTINUED is a report to the real parent, not a stop.
 * stop_decode() reads the status alone and takes the first reading of the first two;
 * stop_wait() asks the kernel and resolves them.
 */
#ifndef COMMON_STOP_H
#define COMMON_STOP_H

#include <stdbool.h>
#include <sys/types.h>

enum stop_kind {
	STOP_NONE,      /* nothing to report */
	STOP_EXITED,    /* detail: exit code */
	STOP_KILLED,    /* detail: signal; core says whether a core was dumped */
	STOP_SIGNAL,    /* signal-delivery-stop; detail: signal */
	STOP_GROUP,     /* group-stop; detail: the stopping signal; seized says in which form */
	STOP_SYSCALL,   /* syscall-stop; detail: 0; sysgood says in which form */
	STOP_EVENT,     /* PTRACE_EVENT stop; detail: PTRACE_EVENT_* */
	STOP_CONTINUED, /* the real parent's report of SIGCONT; detail: 0 */
};

struct stop {
	pid_t tid; /* who reported it; 0 from stop_decode() */
	enum stop_kind kind;
	int detail;
	bool core;    /* STOP_KILLED: core dumped */
	bool seized;  /* STOP_GROUP: reported as PTRACE_EVENT_STOP, so the tracee was SEIZEd */
	bool sysgood; /* STOP_SYSCALL: marked by PTRACE_O_TRACESYSGOOD */
	int status;   /* as waitpid() gave it */
};

/* Decode a waitpid() status by itself. Never fails: an unknown status is STOP_NONE. */
struct stop stop_decode(int status);

/*
 * Wait (waitpid with __WALL) for the next report of `tid`, or of any tracee or child if -1, and
 * decode it, asking PTRACE_GETSIGINFO where the status is ambiguous. Must be called by the
 * tracer's own thread. A waitpid() that fails breaks the experiment (broken()).
 */
struct stop stop_wait(pid_t tid);

/* The same without waiting: STOP_NONE when there is nothing to report or nobody to wait for. */
struct stop stop_poll(pid_t tid);

/* "signal-delivery-stop SIGSTOP", "PTRACE_EVENT_EXEC stop", "exited 3"; as text() keeps it. */
const char *stop_text(struct stop stop);

/* The name of a PTRACE_EVENT_* number, "PTRACE_EVENT_EXEC"; "PTRACE_EVENT_<n>" if unknown. */
const char *event_name(int event);

/* "SIGSTOP", "SIGRTMIN+2"; "signal <n>" if there is no such signal. */
const char *signal_name(int sig);

#endif
