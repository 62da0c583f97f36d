/* SPDX-License-Identifier: MIT */
/*
 * Linked with every program that scripts/line-coverage builds: the counters of gcov are a file that all
 * processes of the program share.
 *
 * libgcov writes them at exit(3), and an experiment hardly ever ends so: by _exit(), by SIGKILL, by exec.
 * Here the line counts as soon as it is executed, whatever comes then, and nobody makes a system call
 * at his end that a tracer would see. The linker script has the counters in pages of their own
 * (lines_begin, lines_end); the file has the program's build id for its name, so that copies share it.
 *
 * LINES=begin makes that file; LINES=end gives the counts to libgcov, which writes .gcda files.
 */
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef LINES_DIRECTORY
#define LINES_DIRECTORY "." /* scripts/line-coverage says which */
#endif

extern char lines_begin[], lines_end[];
extern const struct {
	ElfW(Nhdr) header;
	char name[4];
	unsigned char id[20];
} lines_build_id;

/* NOLINTBEGIN(bugprone-reserved-identifier): names of libgcov, and what ld's --wrap makes of one */
void __gcov_dump(void);
void __wrap___gcov_exit(void);

/* What libgcov does at the end of a process. */
void __wrap___gcov_exit(void)
{
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void fail(const char *call)
{
	perror(call);
	_exit(99);
}

/* Before any other constructor but those that tell libgcov of the counters. */
__attribute__((constructor(101))) static void lines_start(void)
{
	const char *action = getenv("LINES");
	size_t size = (uintptr_t)lines_end - (uintptr_t)lines_begin;
	char path[4096];
	int fd, at = snprintf(path, sizeof(path), "%s/", LINES_DIRECTORY);

	for (size_t i = 0; i < sizeof(lines_build_id.id); i++)
		at += snprintf(path + at, sizeof(path) - (size_t)at, "%02x", lines_build_id.id[i]);
	if (action != NULL && strcmp(action, "begin") == 0) {
		fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
		if (fd == -1 || fchmod(fd, 0666) == -1 || ftruncate(fd, (off_t)size) == -1)
			fail(path);
		_exit(0);
	}
	fd = open(path, O_RDWR | O_CLOEXEC);
	/* Where the file is out of reach, in another root or without a descriptor left, nothing counts. */
	if (fd == -1 && action == NULL)
		return;
	/* cppcheck-suppress leakReturnValNotUsed ; it is lines_begin */
	if (mmap(lines_begin, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		MAP_FAILED)
		fail("mmap");
	close(fd);
	if (action != NULL && strcmp(action, "end") == 0) {
		__gcov_dump();
		_exit(0);
	}
}
