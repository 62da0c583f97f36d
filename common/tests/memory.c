/* SPDX-License-Identifier: MIT */
/*
 * memory.c: are bytes moved whole or up to the hole, with the count and the reason, through both
 * windows?
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "request.h"
#include "test.h"
#include "text.h"
#include "tracee.h"

#define PAGE 4096L
#define PAGES 1024 /* of the large area: 4 MiB, four times what one process_vm_readv() is given */

/* An area whose byte i is i % 251, but for its last page; the last but one is read-only, and behind
 * all is a hole. And two pages of which only the first was ever touched, with a string at its end. */
static void scene_area(void)
{
	unsigned char *bytes = mmap(NULL, (PAGES + 1) * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	char *untouched;

	if (bytes == MAP_FAILED || munmap(bytes + PAGES * PAGE, PAGE) == -1)
		scene_broken("mmap");
	for (int i = 0; i < PAGES * PAGE; i++)
		bytes[i] = (unsigned char)(i % 251);
	memset(bytes + (PAGES - 1) * PAGE, 'x', PAGE);
	mprotect(bytes + (PAGES - 2) * PAGE, PAGE, PROT_READ);
	untouched =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (untouched == MAP_FAILED)
		scene_broken("mmap");
	strcpy(untouched + PAGE - 4, "end");
	scene_tell("area", (long)bytes);
	scene_tell("untouched", (long)untouched);
	scene_ready();
	for (;;)
		pause();
}

static unsigned char buffer[PAGES * PAGE + PAGE];

static struct tracee area_tracee;
static uint64_t area;
static int mem;

static void start(void)
{
	area_tracee = tracee_start("area");
	area = (uint64_t)told(&area_tracee, "area");
	mem = mem_open(area_tracee.pid, O_RDWR);
	if (mem == -1)
		broken("open /proc/%d/mem: %s", area_tracee.pid, errno_text(errno));
	memset(buffer, 0, sizeof(buffer));
}

/* Bytes of the buffer that are those of the area from `from` on. */
static long right_bytes(size_t from, size_t length)
{
	long right = 0;

	for (size_t i = 0; i < length; i++)
		right += buffer[i] == (from + i) % 251;
	return right;
}

static void expect_moved(size_t expected, int error, size_t moved, const char *what)
{
	int seen = errno;

	expect_eq((long)expected, (long)moved, "bytes, %s", what);
	expect_str(errno_text(error), errno_text(seen), "errno, %s", what);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void reads(void)
{
	start();
	expect_moved(100, 0, mem_read(mem, area + 3, buffer, 100), "mem_read");
	expect_always(right_bytes(3, 100), 100, "bytes are right");
	memset(buffer, 0, sizeof(buffer));
	expect_moved(100, 0, vm_read(area_tracee.pid, area + 4, buffer, 100), "vm_read");
	expect_always(right_bytes(4, 100), 100, "bytes are right");
	expect_moved(0, 0, mem_read(mem, 0, buffer, 0), "mem_read of nothing");
	expect_moved(0, 0, vm_read(area_tracee.pid, 0, buffer, 0), "vm_read of nothing");
}

static void reads_much(void)
{
	const size_t much = (PAGES - 1) * PAGE - 1;

	start();
	expect_moved(much, 0, mem_read(mem, area + 1, buffer, much), "mem_read");
	expect_always(right_bytes(1, much), (long)much, "bytes are right");
	memset(buffer, 0, sizeof(buffer));
	expect_moved(much, 0, vm_read(area_tracee.pid, area + 1, buffer, much), "vm_read");
	expect_always(right_bytes(1, much), (long)much, "bytes are right");
}

static void ends_at_a_hole(void)
{
	const uint64_t end = PAGES * PAGE;

	start();
	expect_moved(10, EIO, mem_read(mem, area + end - 10, buffer, 20), "mem_read into it");
	expect_moved(10, EFAULT, vm_read(area_tracee.pid, area + end - 10, buffer, 20),
		"vm_read into it");
	expect_moved(end, EIO, mem_read(mem, area, buffer, end + 1), "mem_read of all and one");
	expect_moved(end, EFAULT, vm_read(area_tracee.pid, area, buffer, end + 1),
		"vm_read of all and one");
	expect_moved(0, EIO, mem_read(mem, area + end, buffer, 1), "mem_read in it");
	expect_moved(0, EFAULT, vm_read(area_tracee.pid, area + end, buffer, 1), "vm_read in it");
	expect_moved(0, EIO, mem_read(mem, 0, buffer, 8), "mem_read of address 0");
	expect_moved(0, EINVAL, mem_read(mem, UINT64_C(1) << 63, buffer, 8),
		"mem_read of the kernel's half");
	expect_moved(0, EFAULT, vm_read(area_tracee.pid, UINT64_C(1) << 63, buffer, 8),
		"vm_read of the kernel's half");
}

/* --- writing ---------------------------------------------------------------------------------- */

static void writes(void)
{
	start();
	expect_moved(5, 0, mem_write(mem, area + 7, "mem_w", 5), "mem_write");
	expect_moved(5, 0, vm_write(area_tracee.pid, area + 12, "vm_wr", 5), "vm_write");
	mem_read(mem, area + 7, buffer, 10);
	expect_str("mem_wvm_wr", (char *)buffer, "read back");
	expect_moved(2, EIO, mem_write(mem, area + PAGES * PAGE - 2, "12345", 5),
		"mem_write into a hole");
	expect_moved(2, EFAULT, vm_write(area_tracee.pid, area + PAGES * PAGE - 2, "67890", 5),
		"vm_write into a hole");
	mem_read(mem, area + PAGES * PAGE - 3, buffer, 3);
	expect_true(memcmp(buffer, "x67", 3) == 0, "up to the hole is written");
}

/* The one window forces its way, the other keeps to the protection. */
static void read_only_page(void)
{
	const uint64_t page = (PAGES - 2) * PAGE;

	start();
	expect_moved(0, EFAULT, vm_write(area_tracee.pid, area + page, "v", 1), "vm_write");
	expect_moved(1, 0, mem_write(mem, area + page, "m", 1), "mem_write");
	expect_moved(1, 0, vm_read(area_tracee.pid, area + page, buffer, 1), "vm_read");
	expect_true(buffer[0] == 'm', "what mem_write wrote");
}

/* --- strings ---------------------------------------------------------------------------------- */

static void expect_string(const char *expected, int error, uint64_t address, size_t size)
{
	char string[2 * PAGE];

	memset(string, '?', sizeof(string));

	size_t length = mem_string(mem, address, string, size);
	int seen = errno;

	expect_str(expected, string, "string");
	expect_eq((long)strlen(expected), (long)length, "its length");
	expect_str(errno_text(error), errno_text(seen), "errno");
	expect_true(string[size] == '?', "nothing behind the %zu bytes is touched", size);
}

static void strings(void)
{
	start();
	mem_write(mem, area + 8, "short", 6);
	expect_string("short", 0, area + 8, 100);
	expect_string("short", 0, area + 8, 6);
	expect_string("shor", E2BIG, area + 8, 5);
	expect_string("", E2BIG, area + 8, 1);
	expect_string("", 0, area + 13, 1000);
	mem_write(mem, area + PAGE - 3, "across", 7);
	expect_string("across", 0, area + PAGE - 3, 100);
}

static void string_at_a_hole(void)
{
	start();

	const uint64_t end = area + PAGES * PAGE;

	mem_write(mem, end - 4, "end", 4);
	expect_string("end", 0, end - 4, 100);
	mem_write(mem, end - 4, "open", 4);
	expect_string("open", EIO, end - 4, 100);
	expect_string("ope", E2BIG, end - 4, 4);
	expect_string("", EIO, end, 100);
}

/* Whether a page has ever been touched (proc(5), /proc/PID/pagemap, bit 63). */
static bool is_present(pid_t pid, uint64_t address)
{
	int fd = open(text("/proc/%d/pagemap", pid), O_RDONLY);
	uint64_t entry = 0;

	if (pread(fd, &entry, sizeof(entry), (off_t)(address / PAGE * sizeof(entry))) !=
		sizeof(entry))
		broken("/proc/%d/pagemap cannot be read: %s", pid, errno_text(errno));
	close(fd);
	return entry >> 63;
}

static void no_page_too_far(void)
{
	start();

	const uint64_t page = (uint64_t)told(&area_tracee, "untouched");

	expect_string("end", 0, page + PAGE - 4, 100);
	expect_true(!is_present(area_tracee.pid, page + PAGE), "the next page is left alone");
	mem_read(mem, page + PAGE, buffer, 1);
	expect_true(is_present(area_tracee.pid, page + PAGE), "which a read of it would show");
}

/* --- ends ------------------------------------------------------------------------------------- */

static void gone(void)
{
	start();
	kill(area_tracee.pid, SIGKILL);
	waitpid(area_tracee.pid, NULL, 0);
	expect_moved(0, ESRCH, mem_read(mem, area, buffer, 1), "mem_read");
	expect_moved(0, ESRCH, mem_write(mem, area, "x", 1), "mem_write");
	expect_moved(0, ESRCH, vm_read(area_tracee.pid, area, buffer, 1), "vm_read");
	expect_moved(0, ESRCH, vm_write(area_tracee.pid, area, "x", 1), "vm_write");
	expect_errno(ENOENT, mem_open(INT_MAX, O_RDONLY), "mem_open() of nobody");
}

static const struct experiment experiments[] = {
	{ "reads", reads, "Are bytes read, from any address on?", NULL, 0 },
	{ "reads-much", reads_much, "Are 4 MiB read whole?", NULL, 0 },
	{ "ends-at-a-hole", ends_at_a_hole, "Does a count end at the hole, with the reason?", NULL,
		0 },
	{ "writes", writes, "Are bytes written, up to a hole?", NULL, 0 },
	{ "read-only-page", read_only_page, "Which window writes to a read-only page?", NULL, 0 },
	{ "strings", strings, "Is a string read up to its end, or to the buffer's?", NULL, 0 },
	{ "string-at-a-hole", string_at_a_hole, "Is a string that ends at a hole read?", NULL, 0 },
	{ "no-page-too-far", no_page_too_far, "Is the page behind a string's end left alone?", NULL,
		0 },
	{ "gone", gone, "What of a process that has ended?", NULL, 0 },
};

static const struct scene scenes[] = {
	{ "area", scene_area },
};

TEST_MAIN("memory", "Are bytes moved whole, or up to the hole?")
