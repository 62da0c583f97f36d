/* SPDX-License-Identifier: MIT */
/*
 * The scenery's ptrace() calls: issued, checked, and named when they fail. A call that is itself
 * under study stays a raw ptrace(), and its result goes to expect_errno().
 */
#ifndef COMMON_REQUEST_H
#define COMMON_REQUEST_H

/* In this order: <linux/ptrace.h> first makes glibc's <sys/ptrace.h> fail to compile. */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>

#include <linux/ptrace.h>

#include "stop.h"

/* Requests that are younger than the headers of Debian 12: a kernel without one answers EIO. */
#ifndef PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG /* Linux 6.4 */
#define PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG 0x4210
#define PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG 0x4211
struct ptrace_sud_config {
	__u64 mode, selector, offset, len;
};
#endif
#ifndef PTRACE_SET_SYSCALL_INFO /* Linux 6.16 */
#define PTRACE_SET_SYSCALL_INFO 0x4212
#endif

/*
 * Issue `request`; if it fails, break the experiment with the request, the target, errno's name
 * and what would help. Returns what ptrace() returned. Not for the PEEK requests.
 */
#define xptrace(request, pid, addr, data)                                                          \
	request_checked(__FILE__, __LINE__, #request, request, pid, (void *)(addr), (void *)(data))

/*
 * A PEEK request: returns the word. glibc's wrapper returns it in place of a status, so -1 is an
 * error only if errno was set (ptrace(2), RETURN VALUE).
 */
#define xpeek(request, pid, addr)                                                                  \
	request_peeked(__FILE__, __LINE__, #request, request, pid, (void *)(addr))

/* Resume with `request` and signal `sig` (0: none), and wait for the next report. */
#define xresume(request, pid, sig) (xptrace(request, pid, 0L, (long)(sig)), stop_wait(pid))

/* PTRACE_CONT: without a signal and without waiting; and up to the next report, with a signal to
 * deliver or without. */
void let_run(pid_t pid);
struct stop cont_with(pid_t pid, int sig);
struct stop cont(pid_t pid);

/* The registers of a stopped tracee, got and set; why it stopped for a signal. */
struct user_regs_struct xgetregs(pid_t pid);
void xsetregs(pid_t pid, const struct user_regs_struct *regs);
siginfo_t xgetsiginfo(pid_t pid);

long request_checked(const char *file, int line, const char *name, enum __ptrace_request request,
	pid_t pid, void *addr, void *data);
long request_peeked(const char *file, int line, const char *name, enum __ptrace_request request,
	pid_t pid, void *addr);

/* What would help after a ptrace() that failed with `error`; "" if nothing general can be said. */
const char *request_hint(int error);

/* "PTRACE_ATTACH" for 16; "request 0x7777" for a number that no header names. As text() keeps it. */
const char *request_name(long request);

#endif
