/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "count.h"
#include "syscalls.h"
#include "text.h"

static const char *const names[] = {
#include "syscall_names.h"
}, *const names_32[] = {
#include "syscall_names_32.h"
};

const char *syscall_known(unsigned long number)
{
	return number < COUNT(names) ? names[number] : NULL;
}

const char *syscall_known_32(unsigned long number)
{
	return number < COUNT(names_32) ? names_32[number] : NULL;
}

const char *syscall_name(long number)
{
	const char *name = syscall_known((unsigned long)number);

	return name != NULL ? name : text("system call %ld", number);
}

long syscall_number(const char *name)
{
	for (size_t number = 0; number < COUNT(names); number++)
		if (names[number] != NULL && strcmp(names[number], name) == 0)
			return (long)number;
	return -1;
}
