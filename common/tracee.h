/* SPDX-License-Identifier: MIT */
/*
 * The tracer's side of a scene: start it, wait without sleeping until it is set, hear what it
 * tells. A tracee is killed when the process that started it ends (PR_SET_PDEATHSIG, which a
 * ptrace-stop does not hold up), so no experiment needs to clean up, whatever way it attached.
 */
#ifndef COMMON_TRACEE_H
#define COMMON_TRACEE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

struct testimony;

struct tracee {
	pid_t pid;
	struct testimony *page;
};

/* Start ./tracee's scene (beside this program), untraced, and wait until it is ready. The newest
 * tracee has the role "tracee" in output. Breaks the experiment if the scene ends before. */
struct tracee tracee_start(const char *scene);

/* The same, playing as another user and group; needs CAP_SETUID and CAP_SETGID. */
struct tracee tracee_start_as(const char *scene, uid_t uid, gid_t gid);

/*
 * Start a scene that is SEIZEd, with PTRACE_O_EXITKILL and `options`, before it executes its
 * first instruction, and wait until it is ready. It runs: SEIZE without PTRACE_O_TRACEEXEC gives
 * no stop at exec; with it the scene stops at its own exec, and this does not return.
 */
struct tracee tracee_start_seized(const char *scene, unsigned long options);

/* The same for a scene that begins with a trap (int3): at that signal-delivery-stop, the first, with
 * PTRACE_O_TRACESYSGOOD too. Breaks the experiment if something else comes first. */
struct tracee tracee_at_trap(const char *scene, unsigned long options);

/* The path of the ./tracee that stands beside this program. */
const char *tracee_path(void);

/* A value that the scene has told; breaks the experiment if it has not told it. */
long told(const struct tracee *tracee, const char *name);

/* An address told, of `length` bytes, with its name as its role in output. */
unsigned long told_place(const struct tracee *tracee, const char *name, unsigned long length);

/* The slot of a value told, to read again or to answer. */
atomic_long *told_slot(const struct tracee *tracee, const char *name);

/* Wait, without sleeping, until a value told is at least `least`; returns the value. */
long wait_told(const struct tracee *tracee, const char *name, long least);

/*
 * Have the calling process, an experiment or a helper, go on as another user and group, without
 * supplementary groups and dumpable as before. Start scenes first: the other user may not reach
 * the directory of the tracee.
 */
void become(uid_t uid, gid_t gid);

/* Whether become() would succeed: in a user namespace it may not in spite of CAP_SETUID and CAP_SETGID,
 * which are then good for the users that it maps, and setgroups() may be denied. */
bool may_become(uid_t uid, gid_t gid);

/* The user and group of the nobody that root's experiments become. */
#define UNPRIVILEGED 65534

#endif
