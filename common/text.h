/* SPDX-License-Identifier: MIT */
/*
 * Short formatted strings as values, for messages that quote each other; and numbers that were given
 * as words.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Format like snprintf() and return the result. The string lives in a ring of 256 buffers of 1024
 * bytes: use it at once, and never keep it across a wait, which may format any number of others; a
 * longer result is cut. errno is preserved, so that a call to text() may stand beside a system call
 * in one argument list. Not for use by two threads at once.
 */
const char *text(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* Whether the whole of a word is a number of 64 bits, with or without "0x", and which. Where
 * `is_signed` it may be negative. What is none leaves *number alone. */
bool text_number(const char *word, bool is_signed, uint64_t *number);

#endif
