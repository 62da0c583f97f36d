/* SPDX-License-Identifier: MIT */
#ifndef COMMON_COUNT_H
#define COMMON_COUNT_H

#include <stddef.h>

/* How many elements an array has; not for a pointer. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How many of `length` bytes differ from those at the same place of the other. */
long count_differing(const void *left, const void *right, size_t length);

#endif
