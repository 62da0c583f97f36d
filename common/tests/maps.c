/* SPDX-License-Identifier: MIT */
/*
 * maps.c: is every line of /proc/PID/maps read as it is meant, and a damaged one refused?
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maps.h"
#include "request.h"
#include "test.h"
#include "text.h"
#include "tracee.h"

static struct maps parsed(const char *text)
{
	struct maps maps;

	if (maps_parse(text, strlen(text), &maps) == -1)
		broken("maps_parse: %s", errno_text(errno));
	return maps;
}

static const char *path_of(const struct mapping *mapping)
{
	return mapping != NULL ? mapping->path : "(none)";
}

/* --- lines ------------------------------------------------------------------------------------ */

static void fields(void)
{
	struct maps maps =
		parsed("00400000-00401000 r-xp 00001000 fe:0a 18446744073709551615    /usr/bin/x\n"
		       "7fff00000000-7fff00021000 rw-s 00000000 00:00 0 \n"
		       "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0      [vsyscall]\n");
	const struct mapping *first = maps.mapping;

	expect_eq(3, (long)maps.count, "mappings");
	expect_hex(0x400000, first->start, "start");
	expect_hex(0x401000, first->end, "end");
	expect_str("r-xp", first->perms, "permissions");
	expect_hex(0x1000, first->offset, "offset");
	expect_hex(0xfe, first->major, "major, which is hexadecimal");
	expect_hex(0x0a, first->minor, "minor");
	expect_hex(UINT64_MAX, first->inode, "inode, which is decimal");
	expect_str("/usr/bin/x", first->path, "path");
	expect_str("", first[1].path, "path of anonymous memory");
	expect_str("[vsyscall]", first[2].path, "path of a mapping of the kernel's");
	expect_hex(0xffffffffff601000, first[2].end, "its end");
	maps_free(&maps);
	expect_eq(0, (long)maps.count, "mappings after maps_free()");
}

static void paths(void)
{
	static const struct {
		const char *printed, *path;
		bool deleted;
	} cases[] = {
		{ "/a b", "/a b", false },                     /* a space */
		{ "/a  ", "/a  ", false },                     /* spaces at the end */
		{ "/a\\012b", "/a\\012b", false },             /* a newline */
		{ "/\033[1m\x80\t", "/\033[1m\x80\t", false }, /* whatever else */
		{ "/a (deleted)", "/a", true },
		{ "/a (deleted) (deleted)", "/a (deleted)", true },
		{ "/a(deleted)", "/a(deleted)", false },
		{ " (deleted)", "(deleted)", false }, /* no name at all in front of it */
		{ "/memfd:x (deleted)", "/memfd:x", true },
		{ "anon_inode:[perf_event]", "anon_inode:[perf_event]", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct maps maps =
			parsed(text("1000-2000 r--p 0 08:01 5   %s\n", cases[i].printed));

		expect_true(strcmp(maps.mapping->path, cases[i].path) == 0 &&
				    maps.mapping->deleted == cases[i].deleted,
			"path %zu%s", i, cases[i].deleted ? ", deleted" : "");
		maps_free(&maps);
	}
}

/* Each refused with EBADMSG, and nothing left to free. */
static void damage(void)
{
	static const char *const texts[] = {
		"1000-2000 r--p 0 08:01 5",                         /* no newline */
		"\n",                                               /* nothing else */
		"1000-2000 r--p 0 08:01\n",                         /* a field too few */
		"1000-2000 r--p 0 08:01 5x\n",                      /* a number with a tail */
		"1000 2000 r--p 0 08:01 5\n",                       /* no dash */
		"2000-1000 r--p 0 08:01 5\n",                       /* ends before it starts */
		"1000-1000 r--p 0 08:01 5\n",                       /* empty */
		"10000000000000000-2 r--p 0 08:01 5\n",             /* a number of 65 bits */
		"1000-2000 r-- 0 08:01 5\n",                        /* a permission too few */
		"1000-2000 rw!p 0 08:01 5\n",                       /* one that does not exist */
		"1000-3000 r--p 0 0:0 0\n2000-4000 r--p 0 0:0 0\n", /* overlapping */
		"3000-4000 r--p 0 0:0 0\n1000-2000 r--p 0 0:0 0\n", /* descending */
	};
	struct maps maps;
	long refused = 0;

	for (size_t i = 0; i < COUNT(texts); i++)
		refused += maps_parse(texts[i], strlen(texts[i]), &maps) == -1 &&
			   errno == EBADMSG && maps.text == NULL && maps.mapping == NULL;
	expect_always(refused, 12, "damaged texts refused");
	expect_errno(EBADMSG, maps_parse("1000-2000 r--p 0 0:0 0 \0\n", 25, &maps), "a NUL");
	expect_errno(0, maps_parse("", 0, &maps), "no text");
	expect_eq(0, (long)maps.count, "its mappings");
	maps_free(&maps);
}

static void finds(void)
{
	struct maps maps = parsed("1000-2000 r--p 0 0:0 0 \n"
				  "2000-3000 r--p 0 0:0 7 /lib/libc.so.6\n"
				  "4000-5000 r--p 0 0:0 0 [vdso]\n"
				  "ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n");

	expect_str("", path_of(maps_find(&maps, 0x1fff)), "the last byte of the first");
	expect_str("/lib/libc.so.6", path_of(maps_find(&maps, 0x2000)), "the first of the next");
	expect_str("(none)", path_of(maps_find(&maps, 0x3000)), "a hole");
	expect_str("(none)", path_of(maps_find(&maps, 0)), "address 0");
	expect_str("[vsyscall]", path_of(maps_find(&maps, 0xffffffffff600fff)), "high up");
	expect_str("(none)", path_of(maps_find(&maps, UINT64_MAX)), "the last address");
	expect_hex(0x2000, maps_named(&maps, "libc.so.6")->start, "by the end of a path");
	expect_hex(0x2000, maps_named(&maps, "/lib/libc.so.6")->start, "by a path");
	expect_hex(0x4000, maps_named(&maps, "[vdso]")->start, "by a name of the kernel's");
	expect_true(maps_named(&maps, "c.so.6") == NULL, "a part of a name is none");
	expect_true(maps_named(&maps, "") == NULL, "nor is no name");
	maps_free(&maps);
}

/* --- processes -------------------------------------------------------------------------------- */

/* A shared page of a file whose name has all that is odd in it, and is nowhere. */
static void scene_odd_name(void)
{
	int fd = memfd_create("a b\n\\(deleted) ", 0);
	void *page;

	if (fd == -1 || ftruncate(fd, 8192) == -1)
		scene_broken("memfd_create");
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);
	if (page == MAP_FAILED)
		scene_broken("mmap");
	scene_tell("page", (long)page);
	scene_ready();
	for (;;)
		pause();
}

static void live(void)
{
	struct tracee tracee = tracee_start("odd-name");
	uint64_t page = (uint64_t)told(&tracee, "page");
	struct maps maps;

	expect_errno(0, maps_read(tracee.pid, &maps), "maps_read()");

	const struct mapping *mapping = maps_find(&maps, page);

	expect_address(page, mapping->start, "start");
	expect_hex(4096, mapping->end - mapping->start, "length");
	expect_str("r--s", mapping->perms, "permissions");
	expect_hex(4096, mapping->offset, "offset");
	expect_str("/memfd:a b\\012\\(deleted) ", mapping->path, "path");
	expect_true(mapping->deleted, "deleted");
	expect_true(maps_named(&maps, "[stack]") != NULL, "its stack");
	maps_free(&maps);
}

/* More mappings than one read() of the file returns. */
#define MANY 3000

static void scene_many(void)
{
	for (int i = 0; i < MANY; i++)
		if (mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0) == MAP_FAILED)
			scene_broken("mmap");
	scene_ready();
	for (;;)
		pause();
}

static void many(void)
{
	struct tracee tracee = tracee_start("many");
	struct maps maps;

	expect_errno(0, maps_read(tracee.pid, &maps), "maps_read()");
	expect_ge(MANY, (long)maps.count, "mappings");
	maps_free(&maps);
}

static void nobody(void)
{
	struct tracee tracee = tracee_start("many");
	struct maps maps;

	expect_errno(ENOENT, maps_read(INT_MAX, &maps), "no such process");
	kill(tracee.pid, SIGKILL);
	waitid(P_PID, (id_t)tracee.pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	expect_errno(0, maps_read(tracee.pid, &maps), "a zombie");
	expect_eq(0, (long)maps.count, "its mappings");
	maps_free(&maps);
}

static const struct experiment experiments[] = {
	{ "fields", fields, "Is each field of a line read?", NULL, 0 },
	{ "paths", paths, "Is a path read whole, whatever it holds?", NULL, 0 },
	{ "damage", damage, "Is a damaged text refused?", NULL, 0 },
	{ "finds", finds, "Is a mapping found by address and by name?", NULL, 0 },
	{ "live", live, "Are the mappings of a live process read?", NULL, 0 },
	{ "many", many, "Are 3000 mappings read?", NULL, 0 },
	{ "nobody", nobody, "What of a process that is gone?", NULL, 0 },
};

static const struct scene scenes[] = {
	{ "odd-name", scene_odd_name },
	{ "many", scene_many },
};

TEST_MAIN("maps", "Is /proc/PID/maps read as it is meant?")
