/* SPDX-License-Identifier: MIT */
/*
 * A condition on the registers of a thread: "rdi==5", "arg2>100". One comparison, of a 64-bit register
 * by its name, or of argument 1 to 6 of a function that is about to begin, with a number; both are
 * taken as signed.
 */
#ifndef COMMON_CONDITION_H
#define COMMON_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

#include "regs.h"

enum relation { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

struct condition {
	const struct reg *reg; /* NULL: there is no condition, and it is true */
	enum relation relation;
	int64_t number;
};

/* Returns NULL, or what is wrong with the word (as text() keeps it). */
const char *condition_parse(struct condition *condition, const char *word);

bool condition_is_true(const struct condition *condition, const struct user_regs_struct *regs);

#endif
