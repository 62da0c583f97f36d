/* SPDX-License-Identifier: MIT */
/*
 * The scenes of lab 03: programs that lay out memory of every kind, tell where it is, and wait.
 *
 * Code that a tracer pokes is assembly with labels, so that no compiler decides its bytes. A scene
 * that takes a step waits at an int3 or for its tracer's "go".
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "count.h"
#include "scene.h"

#define PAGE 4096L
#define HIDDEN __attribute__((visibility("hidden")))

/* A set-up call of a scene: returns its result, or ends the scene with the call named. */
#define must(call) check_call(call, #call)

static long check_call(long result, const char *call)
{
	if (result == -1)
		scene_broken(call);
	return result;
}

_Noreturn static void wait_for_ever(void)
{
	scene_ready();
	for (;;)
		pause();
}

/* Say that the scene is set, and go on when the tracer says so. */
static void ready_and_wait_for_go(void)
{
	atomic_long *go = scene_tell("go", scene_by_hand());

	scene_ready();
	while (*go == 0)
		sched_yield();
}

/* --- the image of a program -------------------------------------------------------------------- */

/* A function that returns 41; the number is the second byte of its code. */
__asm__(".pushsection .text\n"
	"answer:\n"
	"	mov $41, %eax\n"
	"	ret\n"
	".popsection\n");
long answer(void) HIDDEN;

/* Page for page as the linker lays it out: initialised, and not. */
long initialised[4] HIDDEN = { 1, 2, 3, 4 };
long cleared[4] HIDDEN;
const long constant[4] HIDDEN __attribute__((aligned(16))) = { 10, 20, 30, 40 };

/* It has written one of its initialised words and one of the others. */
static void play_image(void)
{
	initialised[1] = 0x2222;
	cleared[2] = 0x3333;
	scene_tell("initialised", (long)initialised);
	scene_tell("cleared", (long)cleared);
	scene_tell("constant", (long)constant);
	scene_tell("answer", (long)answer);
	wait_for_ever();
}

/* It computes for ever. */
static void play_answering(void)
{
	static volatile long added;
	atomic_long *result = scene_tell("result", 0), *rounds = scene_tell("rounds", 0);

	scene_tell("added", (long)&added);
	scene_tell("answer", (long)answer);
	scene_tell("constant", (long)constant);
	scene_tell("vdso", (long)getauxval(AT_SYSINFO_EHDR));
	scene_ready();
	for (;; ++*rounds)
		*result = answer() + added;
}

/* --- memory of every kind ---------------------------------------------------------------------- */

#define MARKER 0x1122334455667788L

static void *map(long pages, int flags, int fd)
{
	void *place = mmap(NULL, (size_t)(pages * PAGE), PROT_READ | PROT_WRITE, flags, fd, 0);

	if (place == MAP_FAILED)
		scene_broken("mmap");
	return place;
}

/* A page that begins with the marker, with this protection at last. */
static void tell_page(const char *name, int flags, int fd, int protection)
{
	long *page = map(1, flags, fd);

	page[0] = MARKER;
	must(mprotect(page, PAGE, protection));
	scene_tell(name, (long)page);
}

static int file_of_pages(long pages)
{
	int fd = (int)must(memfd_create("file", MFD_CLOEXEC));

	must(ftruncate(fd, pages * PAGE));
	return fd;
}

/* Two mapped pages, then an address where nothing is, then two again. */
static char *around_a_hole(void)
{
	char *place = map(5, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	must(munmap(place + 2 * PAGE, PAGE));
	return place;
}

static void play_places(void)
{
	static long data[512] __attribute__((aligned(4096))) = { MARKER };
	static const long read_only[512] __attribute__((aligned(4096))) = { MARKER };
	const int private = MAP_PRIVATE | MAP_ANONYMOUS;
	char *beyond = map(2, MAP_SHARED, file_of_pages(1));

	scene_tell("data", (long)data);
	scene_tell("constant data", (long)read_only);
	scene_tell("code", (long)answer);
	tell_page("PROT_READ", private, -1, PROT_READ);
	tell_page("PROT_WRITE", private, -1, PROT_WRITE);
	tell_page("PROT_EXEC", private, -1, PROT_EXEC);
	tell_page("PROT_NONE", private, -1, PROT_NONE);
	tell_page("shared", MAP_SHARED, file_of_pages(1), PROT_READ | PROT_WRITE);
	tell_page("shared, read-only", MAP_SHARED, file_of_pages(1), PROT_READ);
	scene_tell("beyond end of file", (long)beyond + PAGE);
	scene_tell("vdso", (long)getauxval(AT_SYSINFO_EHDR));
	scene_tell("stack", (long)__builtin_frame_address(0));
	/* Last: the next mapping would fill it. */
	scene_tell("hole", (long)around_a_hole() + 2 * PAGE);
	wait_for_ever();
}

/* Five pages, each byte the number of its page plus 1, the third of them a hole. */
static void play_hole(void)
{
	char *place = around_a_hole();

	for (long page = 0; page < 5; page++)
		if (page != 2)
			memset(place + page * PAGE, (int)page + 1, PAGE);
	scene_tell("pages", (long)place);
	wait_for_ever();
}

/* A page that the kernel itself has no address for; "cannot" tells errno where there is none. */
static void play_secret(void)
{
	int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
	long *page = MAP_FAILED;

	if (fd != -1 && ftruncate(fd, PAGE) == 0)
		page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	scene_tell("cannot", page == MAP_FAILED ? errno : 0);
	if (page == MAP_FAILED)
		wait_for_ever();
	page[0] = MARKER;
	scene_tell("secret", (long)page);

	atomic_long *seen = scene_tell("what it reads there", 0);

	scene_ready();
	for (;;)
		*seen = *(volatile long *)page;
}

/* Words that a reader may take for something else. */
static void play_words(void)
{
	static long minus_one[2] = { -1, 1 };
	unsigned char *bytes = map(2, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	for (long i = 0; i < 2 * PAGE; i++)
		bytes[i] = (unsigned char)(i % 251);
	scene_tell("minus one", (long)minus_one);
	scene_tell("bytes", (long)bytes);
	wait_for_ever();
}

/* Strings on a page behind which there is nothing. */
static void play_strings(void)
{
	char *page = around_a_hole() + PAGE;

	strcpy(page + 1, "twenty-five characters ..");
	strcpy(page + 64, "12345678\xff\xff\xff\xff\xff\xff\xff\xff"
			  "12345678");
	strcpy(page + PAGE - 14, "up to the end");
	scene_tell("plain", (long)page + 1);
	scene_tell("eight bytes 0xff", (long)page + 64);
	scene_tell("up to the page's end", (long)page + PAGE - 14);
	wait_for_ever();
}

/* The same, but for the NUL of the last one: it runs into the hole. */
static void play_endless(void)
{
	char *page = around_a_hole() + PAGE;

	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): so it shall be */
	memcpy(page + PAGE - 13, "up to the end", 13);
	scene_tell("without an end", (long)page + PAGE - 13);
	wait_for_ever();
}

/* --- memory with a file behind it -------------------------------------------------------------- */

/* A file of two pages, mapped once shared and twice private. */
static void play_file(void)
{
	int fd = file_of_pages(2);

	long *shared = map(2, MAP_SHARED, fd);

	shared[0] = shared[PAGE / 8] = MARKER;
	scene_tell("fd", fd);
	scene_tell("shared", (long)shared);
	scene_tell("other shared", (long)map(2, MAP_SHARED, fd));
	scene_tell("private", (long)map(2, MAP_PRIVATE, fd));
	scene_tell("other private", (long)map(2, MAP_PRIVATE, fd));
	wait_for_ever();
}

/* --- memory after fork ------------------------------------------------------------------------- */

#define SHARED_PAGES 64

/* Written before fork(): parent and child have the same page frames until one of them writes. */
static void play_forked(void)
{
	long *pages = map(SHARED_PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	long *shared = map(1, MAP_SHARED | MAP_ANONYMOUS, -1);

	must(madvise(pages, SHARED_PAGES * PAGE, MADV_NOHUGEPAGE));
	for (long i = 0; i < SHARED_PAGES; i++)
		pages[i * PAGE / 8] = MARKER;
	shared[0] = MARKER;

	pid_t child = scene_fork();

	if (child == 0)
		for (;;)
			pause();
	scene_tell("child", child);
	scene_tell("pages", (long)pages);
	scene_tell("count", SHARED_PAGES);
	scene_tell("shared", (long)shared);
	wait_for_ever();
}

/* Pages that it has mapped and never touched. */
static void play_untouched(void)
{
	char *pages = map(48, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	must(madvise(pages, (size_t)(48 * PAGE), MADV_NOHUGEPAGE));
	scene_tell("pages", (long)pages);
	wait_for_ever();
}

/* Word i of 64 MiB is i times an odd number. */
static void play_megabytes(void)
{
	const long words = 64 * 1024 * 1024 / 8;
	uint64_t *place = map(words * 8 / PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	must(madvise(place, (size_t)words * 8, MADV_NOHUGEPAGE));
	for (long i = 0; i < words; i++)
		place[i] = (uint64_t)i * 0x9e3779b97f4a7c15;
	scene_tell("place", (long)place);
	wait_for_ever();
}

/* --- a program that changes what it is --------------------------------------------------------- */

/* It executes itself anew, at the same addresses or not. */
static void play_exec(void)
{
	static long word = MARKER;

	scene_tell("word", (long)&word);
	ready_and_wait_for_go();
	execl("/proc/self/exe", "tracee", "pause", NULL);
	scene_broken("exec");
}

/* It executes a copy of itself that has this mode; the copy has no name. */
static void exec_copy(mode_t mode)
{
	char *const argv[] = { "tracee", "pause", NULL }, *const envp[] = { NULL };
	int from = (int)must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	int to = (int)must(memfd_create("copy", 0));
	long length = must(lseek(from, 0, SEEK_END)), copied = 0;

	must(lseek(from, 0, SEEK_SET));
	while (copied < length)
		copied += must(sendfile(to, from, NULL, (size_t)(length - copied)));

	/* A file that is open for writing cannot be executed (ETXTBSY). */
	char path[] = "/proc/self/fd/0000";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", to);

	int run = (int)must(open(path, O_RDONLY | O_CLOEXEC));

	must(fchmod(to, mode));
	must(close(to));
	ready_and_wait_for_go();
	fexecve(run, argv, envp);
	scene_broken("exec of the copy");
}

static void play_exec_readable(void)
{
	exec_copy(0555);
}

static void play_exec_unreadable(void)
{
	exec_copy(0111);
}

/* It withdraws from other processes of its user, and comes back. */
static void play_withdraws(void)
{
	static long word = MARKER;

	scene_tell("word", (long)&word);
	ready_and_wait_for_go();
	__asm__ volatile("int3");
	must(prctl(PR_SET_DUMPABLE, 0));
	__asm__ volatile("int3");
	must(prctl(PR_SET_DUMPABLE, 1));
	__asm__ volatile("int3");
}

static const struct scene scenes[] = {
	{ "pause", wait_for_ever },
	{ "image", play_image },
	{ "answering", play_answering },
	{ "places", play_places },
	{ "hole", play_hole },
	{ "secret", play_secret },
	{ "words", play_words },
	{ "strings", play_strings },
	{ "endless", play_endless },
	{ "file", play_file },
	{ "forked", play_forked },
	{ "untouched", play_untouched },
	{ "megabytes", play_megabytes },
	{ "exec", play_exec },
	{ "exec-readable", play_exec_readable },
	{ "exec-unreadable", play_exec_unreadable },
	{ "withdraws", play_withdraws },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, scenes, COUNT(scenes));
}
