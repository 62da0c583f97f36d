/* SPDX-License-Identifier: MIT */
/*
 * Another process's memory in bulk, through two of the three windows, named for what they go
 * through: mem_* is /proc/PID/mem, vm_* is process_vm_readv(2) and process_vm_writev(2). The third,
 * PTRACE_PEEKDATA, stays with whoever asks for it.
 *
 * mem_* forces its way: it reads and writes whatever page the tracer may at all, read-only and
 * PROT_NONE ones included (FOLL_FORCE in mem_rw()), and a write to a private page copies it. vm_*
 * keeps to the protection that the page has. mem_read() leaves the page frames alone; vm_read()
 * of pages that are shared since a fork() has each of them copied first (FOLL_PIN and unshare).
 * Neither needs a stop; all need the rights of an attach.
 *
 * Every call returns how many bytes it moved, always from the first one on, and sets errno: 0 when
 * that is all of them, else why it went no further. Nothing is said of the bytes beyond. Where the
 * window ends at a hole, the count ends at the hole. The errno of a hole is the window's own: EIO
 * for mem_*, EFAULT for vm_*; of a process that has ended: ESRCH.
 */
#ifndef COMMON_MEMORY_H
#define COMMON_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A descriptor of /proc/PID/mem, O_RDONLY or O_RDWR; -1 with errno. Permission is checked here, and
 * for the address space of this moment: after an exec it still shows the old one, which is
 * gone, and reads and writes end with ESRCH.
 */
int mem_open(pid_t pid, int flags);

/* An address from 1 << 63 on cannot be asked for with pread(2): EINVAL. */
size_t mem_read(int mem, uint64_t address, void *buffer, size_t length);
size_t mem_write(int mem, uint64_t address, const void *bytes, size_t length);

/* process_vm_readv() and its twin with one pair of iovecs at a time. Best for what is large: from
 * 64 KiB on it is the faster one. */
size_t vm_read(pid_t pid, uint64_t address, void *buffer, size_t length);
size_t vm_write(pid_t pid, uint64_t address, const void *bytes, size_t length);

/*
 * The string at `address`, NUL-terminated in `buffer` of `size` (at least 1) bytes. Returns its
 * length; errno is 0 when its end was seen, E2BIG when `size` was too small for it, else why its
 * end could not be read. No byte is asked for beyond the page in which the NUL stands.
 */
size_t mem_string(int mem, uint64_t address, char *buffer, size_t size);

#endif
