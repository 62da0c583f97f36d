/* SPDX-License-Identifier: MIT */
/*
 * The end of every process that one has started, and of all that these have.
 */
#ifndef COMMON_SWEEP_H
#define COMMON_SWEEP_H

#include <stddef.h>
#include <sys/types.h>

/* The children that this process has now, those that have ended among them, at most `room`. Returns
 * how many. */
size_t sweep_children(pid_t *pids, size_t room);

/*
 * Kill and reap every child of this process, a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), until
 * there is none: orphans become its children, and so do the children of a killed one. It never
 * blocks in a wait for one of them: that one may be held, until it is killed too, by a tracer that
 * has only just become a child. Returns the wait status of `of`; 0 if it was not among them.
 */
int sweep(pid_t of);

#endif
