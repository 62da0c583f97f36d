/* SPDX-License-Identifier: MIT */
/*
 * Labs pointed at a stranger: `tracer -p PID`. What every such mode needs beside its own subject.
 */
#ifndef COMMON_TARGET_H
#define COMMON_TARGET_H

/* What a lab's target.c defines: the mode itself, given the words from "-p" on, which returns an
 * exit code, and its line of help. */
int target_mode(int argc, char **argv);
extern const char target_usage[];

#endif
