/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

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
