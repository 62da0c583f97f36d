/* SPDX-License-Identifier: MIT */
/*
 * Values that differ from run to run (pids, addresses, times, counts), printed by role.
 *
 * Live, a reader sees the number and its role: "4711 (tracee)". In a transcript, the form kept
 * in OBSERVATIONS.md, only the role remains: "<tracee>"; two different values never share one.
 */
#ifndef COMMON_SHOW_H
#define COMMON_SHOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* True: print roles instead of values. Set once by lab_main(). */
extern bool show_transcript;

/* Give a pid its role; a later call with the same role renames it to the new pid. */
void role_pid(const char *role, pid_t pid);

/* "0", "4711 (tracee)" or "<tracee>"; a pid without a role becomes "<pid1>", "<pid2>"... */
const char *show_pid(pid_t pid);

/* Give the addresses [address, address + length) a role; length at least 1. */
void role_address(const char *role, uint64_t address, uint64_t length);

/* "0", "0x7f.. (buffer+0x8)" or "<buffer+0x8>"; without a role "<address1>", "<address2>"... */
const char *show_address(uint64_t address);

/* A duration in a unit that suits it ("12.3 us"), or "<time>". */
const char *show_ns(int64_t nanoseconds);

/* A count that no rule fixes ("37"), or "<count>". */
const char *show_count(long count);

#endif
