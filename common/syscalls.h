/* SPDX-License-Identifier: MIT */
/*
 * The names of the x86_64 system calls, from the header that the build found on this system.
 */
#ifndef COMMON_SYSCALLS_H
#define COMMON_SYSCALLS_H

/* "read" for 0; "system call 9999" for a number that the header does not name. As text() keeps
 * it. Only the 64-bit table: `int $0x80` and 32-bit programs number their calls otherwise. */
const char *syscall_name(long number);

/* The same, but NULL for a number without a name; and of the 32-bit table. */
const char *syscall_known(unsigned long number);
const char *syscall_known_32(unsigned long number);

/* The number of the call of this name; -1: the header does not name it. */
long syscall_number(const char *name);

#endif
