/* SPDX-License-Identifier: MIT */
/*
 * The text of the trace, gathered and written many lines at a time.
 *
 * put_*() append to the line that is being made. A write that fails is told once, on stderr, and
 * the rest of the trace is dropped: the program goes on.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where it goes: a file that is made or emptied, or stderr, if the path is NULL. Refuses
 * (target_refuse()) what cannot be written. */
void output_open(const char *path);

/* Lines that wait are written within a moment, sooner if this is called; at once if it is not a
 * regular file that they go to. */
void output_flush(void);

/* Whether everything could be written so far. */
bool output_whole(void);

void put_char(char c);
void put(const char *text);
void put_bytes(const void *bytes, size_t length);
void put_signed(int64_t number);
void put_unsigned(uint64_t number);
void put_hex(uint64_t number); /* 0x1f; 0 */
void put_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Take back the last characters of the line, fill it with spaces to a column, end it. */
void unput(size_t count);
void put_column(size_t column);
void put_newline(void);

#endif
