/* SPDX-License-Identifier: MIT */
/*
 * The mappings of a process, from /proc/PID/maps (proc(5)). Reading them disturbs nobody; the list
 * is as old as its reading, and a process that runs may have changed its mappings since.
 */
#ifndef COMMON_MAPS_H
#define COMMON_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mapping {
	uint64_t start, end; /* [start, end) */
	char perms[5];       /* "r-xp"; the last letter: p private, s shared */
	uint64_t offset;     /* of `start` in the file */
	unsigned major, minor;
	uint64_t inode; /* 0: no file */
	/*
	 * As the kernel prints it, without " (deleted)": "/usr/bin/cat", "[stack]", "" for anonymous
	 * memory. A newline in a file's name is printed as \012, any other byte as it is, the
	 * backslash too: the text alone does not tell a newline from those four characters, nor the
	 * end " (deleted)" of a name from a file that was. Who must know compares device and inode.
	 */
	char *path;
	bool deleted; /* " (deleted)" stood behind the path */
};

struct maps {
	size_t count;
	struct mapping *mapping; /* in ascending order */
	char *text;              /* where the paths are kept */
};

/*
 * The mappings of `pid`, which may also be a thread's id; maps_free() them. Returns 0, or -1 with
 * errno: ENOENT or ESRCH no such process, EACCES or EPERM not permitted, EBADMSG not the format
 * expected, ENOMEM. A process that has ended and is not yet reaped has no mapping: count 0.
 */
int maps_read(pid_t pid, struct maps *maps);

/* The same from a text in that format, of `length` bytes, which is copied. */
int maps_parse(const char *text, size_t length, struct maps *maps);

void maps_free(struct maps *maps);

/* The mapping that holds `address`; NULL: a hole. */
const struct mapping *maps_find(const struct maps *maps, uint64_t address);

/* The first mapping whose path is `path`, or ends in "/" and `path` ("libc.so.6", "[vdso]"); NULL:
 * there is none. */
const struct mapping *maps_named(const struct maps *maps, const char *path);

#endif
