/* SPDX-License-Identifier: MIT */
/*
 * A set of system calls, and the seccomp filter that has these alone stop for a tracer.
 */
#ifndef COMMON_FILTER_H
#define COMMON_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#define CALLS 1024 /* numbers below this; the largest of Linux 6.18 is 469 */

struct calls {
	bool has[CALLS];
};

static inline bool calls_has(const struct calls *calls, unsigned long number)
{
	return number < CALLS && calls->has[number];
}

/* What the filter has PTRACE_GET_SYSCALL_INFO say in `ret_data`: which tells its stops from those
 * that a filter of the program's own asked for. */
#define FILTER_MARK 0x0b5e

/*
 * Put this thread, and whatever it becomes and creates, under a filter: the calls of the set stop
 * with PTRACE_EVENT_SECCOMP (SECCOMP_RET_TRACE), all others pass unseen. There is no way back, and
 * without a tracer that set PTRACE_O_TRACESECCOMP the calls of the set fail with ENOSYS. Calls of
 * the 32-bit tables pass. Needs CAP_SYS_ADMIN, or gives away the chance of more rights at an exec
 * (PR_SET_NO_NEW_PRIVS). Returns NULL, or the name of the call that failed, with errno.
 */
const char *filter_install(const struct calls *calls);

#endif
