/* SPDX-License-Identifier: MIT */
/*
 * What scripts/stress has the labs compete with, until it is killed or who started it ends.
 *
 * hog         keeps a CPU busy
 * hog BYTES   takes so much memory, writes to every page and gives it back, again and again
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "process.h"

#define PAGE 4096

static void take(size_t bytes)
{
	char *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("hog: mmap");
		_exit(99);
	}
	for (size_t at = 0; at < bytes; at += PAGE)
		((volatile char *)memory)[at] = 1;
	munmap(memory, bytes);
}

int main(int argc, char **argv)
{
	size_t bytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	process_die_with(getppid());
	for (;;)
		if (bytes > 0)
			take(bytes);
}
