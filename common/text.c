/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"

const char *text(const char *format, ...)
{
	static char ring[256][1024];
	static unsigned next;
	char *buffer = ring[next++ % 256];
	int saved_errno = errno;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(buffer, sizeof(ring[0]), format, arguments);
	va_end(arguments);
	errno = saved_errno;
	return buffer;
}

bool text_number(const char *word, bool is_signed, uint64_t *number)
{
	bool negative = is_signed && *word == '-';
	const char *digits = word + negative;
	char *end;

	/* strtoull() takes white space and signs. */
	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;

	uint64_t value = negative ? (uint64_t)strtoll(word, &end, 0) : strtoull(word, &end, 0);

	if (errno != 0 || *end != '\0')
		return false;
	*number = value;
	return true;
}
