/* SPDX-License-Identifier: MIT */
/*
 * A system call in strace's notation: name(argument, argument...) = result.
 *
 * What a call takes is told by two tables: of calls, their arguments as kinds ("openat": "at path
 * oflags mode"), and of kinds, the functions that put them. A call or a kind that is not in the
 * tables is put in numbers. What the kernel fills in is put when the call returns.
 */
#ifndef CALLS_H
#define CALLS_H

#include "loop.h"

/* How far a call has been put: what is remembered between its entry and its exit. */
struct progress {
	unsigned put;    /* arguments */
	uint64_t kept;   /* a number that the kernel overwrites */
	uint64_t former; /* the call before it, + 1; 0: there was none */
};

/* Put the call as far as it can be told when it is entered, and the rest of it with its result. */
void put_entry(const struct task *task, struct progress *progress);
void put_exit(
	const struct task *task, struct progress *progress, const struct ptrace_syscall_info *info);

/* The same for one that never returns. */
void put_no_exit(const struct task *task, const struct progress *progress);

/* "openat", or "syscall_0x1234". */
const char *call_name(const struct ptrace_syscall_info *entry);

/* "{si_signo=SIGCHLD, si_code=CLD_EXITED, ...}" */
void put_siginfo(const siginfo_t *info);

#endif
