/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maps.h"
#include "text.h"

static const char deleted[] = " (deleted)";

/* A line without its newline, NUL-terminated; the path is kept where it stands. */
static bool parse_line(char *line, struct mapping *mapping)
{
	int after = -1;

	/* The widths hold what fits in 64 bits, but for an inode beyond the largest: glibc reads
	 * that as the largest. */
	if (sscanf(line,
		    "%16" SCNx64 "-%16" SCNx64 " %4[-rwxsp] %16" SCNx64 " %8x:%8x %20" SCNu64 "%n",
		    &mapping->start, &mapping->end, mapping->perms, &mapping->offset,
		    &mapping->major, &mapping->minor, &mapping->inode, &after) != 7 ||
		after == -1 || strlen(mapping->perms) != 4 || mapping->start >= mapping->end ||
		(line[after] != ' ' && line[after] != '\0'))
		return false;
	mapping->path = line + after + strspn(line + after, " ");

	size_t length = strlen(mapping->path), tail = sizeof(deleted) - 1;

	mapping->deleted = length > tail && strcmp(mapping->path + length - tail, deleted) == 0;
	if (mapping->deleted)
		mapping->path[length - tail] = '\0';
	return true;
}

static int fail(struct maps *maps, int error)
{
	maps_free(maps);
	errno = error;
	return -1;
}

/* Takes over `text`, which has room for a NUL behind its `length` bytes. */
static int parse(char *text, size_t length, struct maps *maps)
{
	size_t lines = 0;

	*maps = (struct maps){ .text = text };
	text[length] = '\0';
	for (const char *c = text; c < text + length; c++)
		lines += *c == '\n';
	if (strlen(text) != length || (length > 0 && text[length - 1] != '\n'))
		return fail(maps, EBADMSG);
	maps->mapping = calloc(lines + 1, sizeof(*maps->mapping));
	if (maps->mapping == NULL)
		return fail(maps, ENOMEM);
	for (char *line = text, *end; line < text + length; line = end + 1) {
		struct mapping *mapping = &maps->mapping[maps->count];

		end = strchr(line, '\n');
		*end = '\0';
		if (!parse_line(line, mapping) ||
			(maps->count > 0 && mapping->start < mapping[-1].end))
			return fail(maps, EBADMSG);
		maps->count++;
	}
	return 0;
}

int maps_parse(const char *text, size_t length, struct maps *maps)
{
	char *copy = malloc(length + 1);

	*maps = (struct maps){ 0 };
	if (copy == NULL)
		return fail(maps, ENOMEM);
	memcpy(copy, text, length);
	return parse(copy, length, maps);
}

int maps_read(pid_t pid, struct maps *maps)
{
	int fd = open(text("/proc/%d/maps", pid), O_RDONLY | O_CLOEXEC);
	size_t length = 0, room = 0;
	ssize_t got = 1;
	char *buffer = NULL;

	*maps = (struct maps){ 0 };
	if (fd == -1)
		return -1;
	while (got != 0) {
		if (length == room) {
			char *larger = realloc(buffer, (room += 65536) + 1);

			if (larger == NULL)
				break;
			buffer = larger;
		}
		got = read(fd, buffer + length, room - length);
		if (got == -1 && errno != EINTR)
			break;
		length += got > 0 ? (size_t)got : 0;
	}

	int error = errno;

	close(fd);
	if (got == 0)
		return parse(buffer, length, maps);
	free(buffer);
	errno = error;
	return -1;
}

void maps_free(struct maps *maps)
{
	free(maps->mapping);
	free(maps->text);
	*maps = (struct maps){ 0 };
}

const struct mapping *maps_find(const struct maps *maps, uint64_t address)
{
	for (size_t i = 0; i < maps->count; i++)
		if (address - maps->mapping[i].start <
			maps->mapping[i].end - maps->mapping[i].start)
			return &maps->mapping[i];
	return NULL;
}

const struct mapping *maps_named(const struct maps *maps, const char *path)
{
	for (size_t i = 0; i < maps->count; i++) {
		const char *whole = maps->mapping[i].path, *slash = strrchr(whole, '/');

		if (*path != '\0' && (strcmp(whole, path) == 0 ||
					     (slash != NULL && strcmp(slash + 1, path) == 0)))
			return &maps->mapping[i];
	}
	return NULL;
}
