/* SPDX-License-Identifier: MIT */
/*
 * What /proc tells of a process or thread (proc(5)). Readers for any pid or tid; none of them
 * disturbs its subject.
 */
#ifndef COMMON_PROC_H
#define COMMON_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Read /proc/PID/FILE whole into `buffer`, NUL-terminated and cut at `size`. Returns the length,
 * or -1 with errno (ENOENT or ESRCH: no such process; EACCES or EPERM: not permitted).
 */
ssize_t proc_read(pid_t pid, const char *file, char *buffer, size_t size);

/* The value of a field in the text of a /proc/PID/status ("TracerPid"); NULL if it has none. Ends
 * at the newline; as text() keeps it. */
const char *status_field(const char *status, const char *field);

/* The same field of a live process; breaks the experiment where it cannot be read. */
const char *proc_status(pid_t pid, const char *field);

/* A decimal field ("TracerPid", "PPid", "voluntary_ctxt_switches"). */
long proc_number(pid_t pid, const char *field);

/* A signal mask field ("SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"); bit 0 is signal 1. */
uint64_t proc_mask(pid_t pid, const char *field);

/* The bit of a signal in such a mask. */
#define SIGNAL_BIT(sig) (UINT64_C(1) << ((sig)-1))

/* Whether a process has an effective capability (CAP_* of <linux/capability.h>, capabilities(7)). */
bool proc_capable(pid_t pid, int capability);

/* "SIGHUP SIGUSR1", or "none". */
const char *mask_text(uint64_t mask);

/* The state letter of proc(5): R S D Z T t ...; 0 if there is no such process. */
char proc_state(pid_t pid);

/*
 * The number of the system call that a blocked or stopped process is in, from /proc/PID/syscall:
 * -1 when it is in none, -2 while it is running, -3 when the file cannot be read.
 */
long proc_syscall(pid_t pid);

/* Wait, without sleeping, until the process is asleep (state S or D) in system call `number`. */
void proc_wait_blocked(pid_t pid, long number);

/* Wait, without sleeping, until the process's state letter is one of `states`. */
void proc_wait_state(pid_t pid, const char *states);

/* The numeric entries of a directory below /proc ("self/task", "" for all processes), at most
 * `room`. Returns how many there are, which may be more; -1 with errno. */
ssize_t proc_list(const char *directory, pid_t *pids, size_t room);

/* Whether /proc shows this process only whom it may trace (hidepid=2, proc(5)): a process that withdraws
 * by PR_SET_DUMPABLE vanishes there. */
bool proc_hides(void);

/* Yama's scope, 0 to 3, or -1 where Yama is absent (Documentation/admin-guide/LSM/Yama.rst). */
int proc_yama_scope(void);

#endif
