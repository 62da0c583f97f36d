/* SPDX-License-Identifier: MIT */
/*
 * A program started under a tracer, so that whoever started the tracer sees no difference: it gets
 * the signals that the tracer is sent, the tracer stops when it stops, and ends as it ended.
 *
 * It starts with the dispositions, the mask and the descriptors that the tracer was started with.
 */
#ifndef COMMON_LAUNCH_H
#define COMMON_LAUNCH_H

#include <sys/types.h>

#include "stop.h"

/* The path that execvp(3) would execute. Refuses (target_refuse()) what is not there or cannot be
 * executed. */
const char *launch_find(const char *name);

/*
 * Fork a child and SEIZE it with `options` (PTRACE_O_EXITKILL is added). It stands in the
 * signal-delivery-stop of a SIGSTOP of its own; resumed without that signal, it calls `prepare`,
 * unless that is NULL, and executes the program, which is its first system call then. From here on
 * the tracer catches the signals that are meant for the program. Once in a process.
 *
 * `prepare` returns NULL, or what failed, with errno.
 */
pid_t launch(const char *path, char **argv, unsigned long options, const char *(*prepare)(void));

/* Refuse, if it was not the program that ended but the attempt to execute it. */
void launch_check(const char *path);

/* The program is in a group-stop, or it goes on: what a shell should see of the tracer, too. */
void launch_stopped(void);
void launch_continued(void);

/* End as the program did: with its exit code, or by its signal, without a core. Returns the exit
 * code for main() where the signal does not end this process. */
int launch_end_alike(struct stop end);

#endif
