/* SPDX-License-Identifier: MIT */
/*
 * Short formatted strings as values, for messages that quote each other.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

/*
 * Format like snprintf() and return the result. The string lives in a ring of 256 buffers of 1024
 * bytes: use it at once, and never keep it across a wait, which may format any number of others; a
 * longer result is cut. errno is preserved, so that a call to text() may stand beside a system call
 * in one argument list. Not for use by two threads at once.
 */
const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
