/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "syscalls.h"
#include "text.h"

static const char *const names[] = {
#include "count.h"
#include "syscall_names.h"
};

const char *syscall_name(long number)
{
	size_t known = COUNT(names);

	if (number >= 0 && (size_t)number < known && names[number] != NULL)
		return names[number];
	return text("system call %ld", number);
}

long syscall_number(const char *name)
{
	for (size_t number = 0; number < COUNT(names); number++)
		if (names[number] != NULL && strcmp(names[number], name) == 0)
			return (long)number;
	return -1;
}
