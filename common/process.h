/* SPDX-License-Identifier: MIT */
/*
 * What a process does to itself, on both sides: die with its parent, become another user.
 */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include <sys/types.h>

/*
 * Ask for SIGKILL when the parent, which must still be `parent`, ends (prctl(2),
 * PR_SET_PDEATHSIG); ends this process with code 99 if the parent is gone already. A change of
 * credentials clears the request. Returns NULL, or the name of the call that failed, with errno.
 */
const char *process_die_with(pid_t parent);

/*
 * Become another user and group for good, without supplementary groups, and stay traceable and
 * bound to the parent: the change clears the dumpable flag and the request above, and this sets
 * both again. Returns NULL, or the name of the call that failed, with errno.
 */
const char *process_become(uid_t uid, gid_t gid);

/*
 * Let no descriptor that is opened later become 0, 1 or 2 where this process was started with one of
 * these closed, as an error message or an answer would be written there: /dev/null takes the place.
 * With O_CLOEXEC for `flags`, a program that this one executes finds it closed.
 */
void process_reserve_fds(int flags);

/*
 * Give every signal its default disposition and unblock all: what this process was started with
 * (nohup, a shell's background job, a careless parent) is not what it is about. Returns as above.
 */
const char *process_reset_signals(void);

#endif
