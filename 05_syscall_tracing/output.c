/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "output.h"
#include "target.h"

#define ROOM ((size_t)256 * 1024)
#define FULL ((size_t)64 * 1024) /* worth a write */

static struct {
	char bytes[ROOM];
	size_t length;
	size_t line;    /* where the one that is being made begins */
	size_t written; /* how much of that is written already */
	int fd;
	const char *name;
	bool at_once, failed;
} output;

static void fail(int error)
{
	output.failed = true;
	dprintf(STDERR_FILENO, "%s: %s: %s: the rest of the trace is lost\n",
		program_invocation_short_name, output.name, errno_text(error));
}

void output_open(const char *path)
{
	struct stat file;

	output.name = path != NULL ? path : "stderr";
	output.fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
				 : STDERR_FILENO;
	if (output.fd == -1 || fstat(output.fd, &file) == -1)
		target_refuse("%s: %s", output.name, errno_text(errno));
	output.at_once = path == NULL || !S_ISREG(file.st_mode);
}

void output_flush(void)
{
	size_t done = 0;

	while (done < output.length && !output.failed) {
		ssize_t wrote = write(output.fd, output.bytes + done, output.length - done);

		if (wrote >= 0)
			done += (size_t)wrote;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){ .fd = output.fd, .events = POLLOUT }, 1, -1);
		else if (errno != EINTR)
			fail(errno);
	}
	output.written += output.length - output.line;
	output.length = output.line = 0;
}

bool output_whole(void)
{
	return !output.failed;
}

void put_bytes(const void *bytes, size_t length)
{
	if (length > ROOM - output.length)
		output_flush();
	memcpy(output.bytes + output.length, bytes, length);
	output.length += length;
}

void put_char(char c)
{
	put_bytes(&c, 1);
}

void put(const char *text)
{
	put_bytes(text, strlen(text));
}

static void put_number(uint64_t number, unsigned base)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[number % base];
	} while ((number /= base) != 0);
	put_bytes(digits + at, sizeof(digits) - at);
}

void put_unsigned(uint64_t number)
{
	put_number(number, 10);
}

void put_signed(int64_t number)
{
	if (number < 0)
		put_char('-');
	put_number(number < 0 ? -(uint64_t)number : (uint64_t)number, 10);
}

void put_hex(uint64_t number)
{
	if (number != 0)
		put("0x");
	put_number(number, 16);
}

void put_format(const char *format, ...)
{
	char words[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	put(words);
}

void unput(size_t count)
{
	output.length -= count;
}

void put_column(size_t column)
{
	size_t used = output.written + output.length - output.line;

	for (; used < column; used++)
		put_char(' ');
}

void put_newline(void)
{
	put_char('\n');
	output.line = output.length;
	output.written = 0;
	if (output.at_once || output.length >= FULL)
		output_flush();
}
