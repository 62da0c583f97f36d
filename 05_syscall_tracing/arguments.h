/* SPDX-License-Identifier: MIT */
/*
 * Arguments of system calls, by their kind: what calls.c puts a call together from.
 *
 * Where a pointer cannot be followed, or the call that was to fill it in failed, the address is put.
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SHOWN 32 /* of a string or an array, before "..." */

/* A call that is being put, and which argument of it. */
struct shown {
	pid_t tid;
	uint64_t number, sp;
	const uint64_t *arg;
	unsigned i;      /* which one */
	uint64_t former; /* the call before it, + 1 */
	uint64_t *kept;  /* a number that is kept from its entry to its exit */
	bool resumed;    /* the comma is there already */
	bool leaving;
	int64_t result; /* if leaving */
	bool failed;
};

/* What became of an argument: it was put; it was, and it is the last one that the call takes; it cannot
 * be told before the call returns; the call does not take it, nor any further one. */
enum step { DONE, LAST, LATER, ABSENT };

typedef enum step put_kind(const struct shown *s, uint64_t value);

/* fetch.c: memory as it is; strings, quoted; bytes and lists of strings */
bool fetch(const struct shown *s, uint64_t address, void *object, size_t size);
bool fetch_or_put(const struct shown *s, uint64_t address, void *object, size_t size);
void put_address(uint64_t address);
void put_quoted(const char *bytes, size_t length);
/* How many of `count` things are shown: the rest is "...". */
size_t at_most_shown(uint64_t count);
void put_cut_string(const struct shown *s, uint64_t address, size_t most);
void put_memory(const struct shown *s, uint64_t address, uint64_t length);
put_kind put_addr, put_path, put_str, put_buf, put_value_bytes, put_names, put_hexbuf, put_argv,
	put_envp;

/* arguments.c: numbers, flags, and the structures that stand by themselves */
void put_moment(int64_t seconds, int64_t nanoseconds, bool fine);
put_kind put_int, put_uint, put_long, put_size, put_hexadecimal, put_mode, put_id, put_at, put_sig,
	put_oflags, put_openmode, put_mapflags, put_mremap_address, put_mknod_mode, put_dev,
	put_int_at, put_long_at, put_address_at, put_fd_pair, put_timespec, put_timeval,
	put_remaining, put_time_at, put_timespecs, put_itimerval, put_itimerspec, put_tms,
	put_rlimit, put_rusage, put_stat, put_statx_flags, put_statx, put_statfs, put_utsname,
	put_sysinfo, put_dirents, put_cpus, put_ids;

/* signals.c: what has to do with signals and with ends */
void put_mask(uint64_t mask);
put_kind put_sigset, put_sigaction, put_stack, put_sigevent, put_siginfo_at, put_wait_status,
	put_sigframe;

/* waiting.c: poll, select, epoll, futex; clone */
void put_fd_bits(const unsigned char *bits, unsigned count);
bool fetch_fds(const struct shown *s, uint64_t address, unsigned char *bits, unsigned *count);
put_kind put_fds, put_sigmask_and_size, put_pollfds, put_epoll_event_at, put_epoll_events,
	put_futex_op, put_futex_value, put_futex_fourth, put_futex_fifth, put_futex_sixth,
	put_clone_stack, put_clone_flags_of, put_clone_rest, put_clone_args, put_clone_stored;

/* sockets.c: addresses, messages, options; several buffers */
put_kind put_socktype, put_protocol, put_sockaddr_in, put_sockaddr_out, put_socklen, put_iov_places,
	put_iov, put_msghdr, put_sockopt, put_sockopt_value;

/* variants.c: calls that are many calls, by one of their arguments */
put_kind put_ioctl, put_ioctl_argument, put_fcntl_argument, put_prctl_argument,
	put_arch_prctl_argument, put_ptrace_data, put_restarted;

#endif
