/* SPDX-License-Identifier: MIT */
/*
 * Numbers by the names that the system's headers give them.
 */
#ifndef CONSTANTS_H
#define CONSTANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct constant {
	uint64_t value;
	const char *name;
};

struct constants {
	const char *kind; /* what calls.c calls it: "oflags" */
	const char *
		prefix; /* of a number that has no name: 0x40 and a comment, O_???; NULL: a bare number */
	bool flags;                  /* bits that are put together, and not one value */
	const struct constant *list; /* to a name that is NULL */
};

/* The set of this kind; NULL: there is none. */
const struct constants *constants_find(const char *kind);

/* Put "O_RDONLY|O_CLOEXEC", "SEEK_SET", or a number and what it is. */
void put_constants(const struct constants *set, uint64_t value);

/* The same with the kind's name, a string literal, which is looked up once. */
#define put_constant(kind, value)                                                                  \
	do {                                                                                       \
		static const struct constants *set_of_kind;                                        \
		if (set_of_kind == NULL)                                                           \
			set_of_kind = constants_find("" kind);                                     \
		put_constants(set_of_kind, value);                                                 \
	} while (0)

/* The name of one value; NULL: it has none. */
const char *constant_name(const char *kind, uint64_t value);

/* "CHLD"; NULL for a real-time signal or none. */
const char *signal_word(int sig);

/* "SIGCHLD", "SIGRTMIN", "SIGRT_3"; the number, where there is no such signal. */
void put_signal(int sig);

#endif
