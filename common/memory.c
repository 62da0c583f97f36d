/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

/* What process_vm_readv() is asked for at a time: larger than what it sets up, and small enough to
 * be in the cache still when its bytes are looked at. */
#define VM_CHUNK (1 << 20)

#define PAGE 4096

int mem_open(pid_t pid, int flags)
{
	return open(text("/proc/%d/mem", pid), flags | O_CLOEXEC);
}

/* Account for one call's result. False: this was the last one. */
static bool moved(size_t *done, ssize_t got, int end)
{
	if (got > 0) {
		*done += (size_t)got;
		errno = 0;
		return true;
	}
	if (got == 0)
		errno = end;
	return got == -1 && errno == EINTR;
}

/* A count of 0 means that the address space is gone (mem_rw()). */
size_t mem_read(int mem, uint64_t address, void *buffer, size_t length)
{
	size_t done = 0;

	errno = 0;
	while (done < length &&
		moved(&done,
			pread(mem, (char *)buffer + done, length - done, (off_t)(address + done)),
			ESRCH))
		;
	return done;
}

size_t mem_write(int mem, uint64_t address, const void *bytes, size_t length)
{
	size_t done = 0;

	errno = 0;
	while (done < length && moved(&done,
					pwrite(mem, (const char *)bytes + done, length - done,
						(off_t)(address + done)),
					ESRCH))
		;
	return done;
}

typedef ssize_t vm_call(pid_t pid, const struct iovec *local, unsigned long locals,
	const struct iovec *remote, unsigned long remotes, unsigned long flags);

/* NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes there */
static ssize_t vm_once(vm_call *call, pid_t pid, uint64_t address, char *buffer, size_t left)
{
	size_t now = left < VM_CHUNK ? left : VM_CHUNK;
	struct iovec local = { buffer, now }, remote = { (void *)address, now };

	return call(pid, &local, 1, &remote, 1, 0);
}

static size_t vm_move(vm_call *call, pid_t pid, uint64_t address, char *buffer, size_t length)
{
	size_t done = 0;

	errno = 0;
	while (done < length &&
		moved(&done, vm_once(call, pid, address + done, buffer + done, length - done),
			EFAULT))
		;
	return done;
}

size_t vm_read(pid_t pid, uint64_t address, void *buffer, size_t length)
{
	return vm_move(process_vm_readv, pid, address, buffer, length);
}

size_t vm_write(pid_t pid, uint64_t address, const void *bytes, size_t length)
{
	return vm_move(process_vm_writev, pid, address, (char *)bytes, length);
}

size_t mem_string(int mem, uint64_t address, char *buffer, size_t size)
{
	size_t length = 0;

	errno = 0;
	while (length < size && errno == 0) {
		size_t left = size - length, page = PAGE - (address + length) % PAGE;
		size_t got =
			mem_read(mem, address + length, buffer + length, left < page ? left : page);
		const char *end = memchr(buffer + length, '\0', got);

		if (end != NULL) {
			errno = 0;
			return (size_t)(end - buffer);
		}
		length += got;
	}
	if (length == size) {
		length = size - 1;
		errno = E2BIG;
	}
	buffer[length] = '\0';
	return length;
}
