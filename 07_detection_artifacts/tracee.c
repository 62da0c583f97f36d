/* SPDX-License-Identifier: MIT */
/*
 * A program that examines the process it runs in: does anything here show that somebody traces it?
 *
 *   tracee                 look at every artifact; one line each; the count
 *   tracee ARTIFACT...     at these alone; -l lists them, -w waits first, -r N looks N times
 *   tracee SCENE           play a scene of the lab instead
 *
 * Exit: 0 nothing is visible, 1 something is, 2 it could not look.
 *
 * An artifact is looked at by one function below, under a comment that says by what mechanism it
 * tells. What disturbs the process comes last, or in a child made for it. Nothing is hidden from
 * anybody here and nothing reacts: the program looks, prints and ends.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <link.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <x86intrin.h>

#include "count.h"
#include "scene.h"

#define HIDDEN __attribute__((visibility("hidden")))
#define CODE(lines) __asm__(".pushsection .text\n" lines ".popsection\n")

#define FLAG_TF 0x100UL

/* --- what a look finds -------------------------------------------------------------------------- */

/* Scenes tell it as number * 4 + verdict. */
enum verdict { NOT_VISIBLE, VISIBLE, CANNOT_LOOK };

struct finding {
	enum verdict verdict;
	long number; /* what was counted or measured */
	char seen[160];
};

static struct finding finding;

__attribute__((format(printf, 3, 4))) static void found(
	bool visible, long number, const char *format, ...)
{
	va_list arguments;

	finding.verdict = visible ? VISIBLE : NOT_VISIBLE;
	finding.number = number;
	va_start(arguments, format);
	vsnprintf(finding.seen, sizeof(finding.seen), format, arguments);
	va_end(arguments);
}

static void cannot_look(const char *why)
{
	finding.verdict = CANNOT_LOOK;
	finding.number = errno;
	snprintf(finding.seen, sizeof(finding.seen), "%s", why);
}

static void cannot_call(const char *call)
{
	cannot_look(call);
	snprintf(finding.seen, sizeof(finding.seen), "%s: %s", call, strerrorname_np(errno));
}

/* A field of a file like /proc/self/status, as a number in its base; -1 if it has none. Read at once
 * and searched at once: under a tracer that steps, every instruction counts. */
static long status_number(const char *path, const char *field, int base)
{
	char status[4096] = "\n", label[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd == -1 ? 0 : read(fd, status + 1, sizeof(status) - 2);

	if (fd != -1)
		close(fd);
	status[length > 0 ? 1 + length : 0] = '\0';
	snprintf(label, sizeof(label), "\n%s:", field);

	const char *at = strstr(status, label);

	return at != NULL ? (long)strtoul(at + strlen(label), NULL, base) : -1;
}

/* The state letter of a process, from its stat file held open. */
static char state_of(int stat_fd)
{
	char stat[512];
	ssize_t length = pread(stat_fd, stat, sizeof(stat) - 1, 0);

	if (length <= 0)
		return 0;
	stat[length] = '\0';

	const char *end = strrchr(stat, ')');

	return (char)(end != NULL && end[1] == ' ' ? end[2] : 0);
}

static int open_stat_of(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The exit code of a child; -1 if it ended otherwise. */
static int exit_code_of(pid_t child)
{
	int status;
	pid_t reaped;

	do {
		reaped = waitpid(child, &status, 0);
	} while (reaped == -1 && errno == EINTR);
	return reaped == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- what the launcher left --------------------------------------------------------------------- */

/* What the process was started with, before it changes any of it. */
static struct {
	unsigned long blocked, ignored, caught;
	unsigned anonymous_fds;
} inherited;

#define BIT(sig) (1UL << ((sig)-1))

/* What a sanitizer catches before main() begins. */
#define SANITIZED (BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGILL) | BIT(SIGABRT))

/* What harmless launchers leave ignored: nohup, a shell's background, Python, and posix_spawn(),
 * which hands on the two signals that the C library keeps for itself. */
#define CUSTOMARY                                                                                  \
	(BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGPIPE) | BIT(SIGXFSZ) | BIT(SIGTSTP) |   \
		BIT(SIGTTIN) | BIT(SIGTTOU) | BIT(32) | BIT(33))

static void remember_inheritance(void)
{
	DIR *fds = opendir("/proc/self/fd");
	struct dirent *entry;

	while (fds != NULL && (entry = readdir(fds)) != NULL) {
		char target[64];
		ssize_t length = readlinkat(dirfd(fds), entry->d_name, target, sizeof(target) - 1);

		inherited.anonymous_fds += length > 0 && strncmp(target, "anon_inode:", 11) == 0;
	}
	if (fds != NULL)
		closedir(fds);
	inherited.blocked = (unsigned long)status_number("/proc/self/status", "SigBlk", 16);
	inherited.ignored = (unsigned long)status_number("/proc/self/status", "SigIgn", 16);
	inherited.caught = (unsigned long)status_number("/proc/self/status", "SigCgt", 16);
}

/* A launcher's signal dispositions, mask and kernel objects pass through execve(2). */
static void look_inherited(void)
{
	found(inherited.blocked != 0 || (inherited.ignored & ~CUSTOMARY) != 0 ||
			(inherited.caught & ~SANITIZED) != 0 || inherited.anonymous_fds != 0,
		(long)inherited.anonymous_fds,
		"blocked %#lx, ignored %#lx, caught %#lx, %u anonymous descriptors",
		inherited.blocked, inherited.ignored, inherited.caught, inherited.anonymous_fds);
}

/* Some tools set variables for the program, or need them to get into it. */
static void look_environment(void)
{
	static const char *const names[] = { "LD_PRELOAD", "LD_AUDIT", "GLIBCPP_FORCE_NEW",
		"PERF_BUILDID_DIR" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (getenv(names[i]) != NULL) {
			found(true, 1, "%s", names[i]);
			return;
		}
	if (getenv("LINES") != NULL && getenv("COLUMNS") != NULL)
		found(true, 2, "LINES and COLUMNS");
	else
		found(false, 0, "none");
}

/* Who started the program is its parent, unless the tool took care. Whoever attached is not. */
static void look_parent(void)
{
	static const char *const tools[] = { "gdb", "gdbserver", "lldb", "lldb-server", "strace",
		"ltrace", "valgrind", "perf", "bpftrace", "rr" };
	char path[64], name[32] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", getppid());

	FILE *comm = fopen(path, "re");

	if (comm != NULL) {
		if (fgets(name, sizeof(name), comm) != NULL)
			name[strcspn(name, "\n")] = '\0';
		fclose(comm);
	}
	for (size_t i = 0; i < COUNT(tools); i++)
		if (strcmp(name, tools[i]) == 0) {
			found(true, 1, "%s", name);
			return;
		}
	found(false, 0, "%s", *name ? name : "not in sight");
}

/* Debuggers start a program at the addresses it had the last time. */
static void look_personality(void)
{
	int flags = personality(0xffffffff);

	if (flags == -1)
		cannot_call("personality");
	else
		found(flags & ADDR_NO_RANDOMIZE, flags, "%#x", (unsigned)flags);
}

/* --- the kernel's bookkeeping of the link ------------------------------------------------------- */

static void look_tracerpid(void)
{
	long tracer = status_number("/proc/self/status", "TracerPid", 10);

	if (tracer == -1)
		cannot_look("/proc/self/status has no TracerPid");
	else
		found(tracer != 0, tracer, "%ld", tracer);
}

/* A process has one tracer at most (ptrace_attach(): EPERM). A thread may not try its own group. */
static void look_child_seize(void)
{
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); /* where Yama asks; unknown elsewhere */

	pid_t self = getpid(), child = scene_fork();

	if (child == 0)
		_exit(ptrace(PTRACE_SEIZE, self, 0, 0) == -1 ? errno : 0);

	int error = exit_code_of(child);

	prctl(PR_SET_PTRACER, 0);
	if (error == -1)
		cannot_look("the child did not end by itself");
	else
		found(error != 0, error, "%s", error ? strerrorname_np(error) : "0");
}

/* A tool that follows fork() is the child's tracer before the child can look. */
static void look_child_traced(void)
{
	pid_t child = scene_fork();

	if (child == 0)
		_exit(status_number("/proc/self/status", "TracerPid", 10) != 0);

	int traced = exit_code_of(child);

	found(traced != 0, traced, "%s", traced ? "traced" : "0");
}

/*
 * Is there an observer beside this process who would see it stopped? A child reads the state letter
 * while the parent does nothing but system calls.
 */
static void look_stops_sampled(void)
{
	enum { SAMPLES = 200 };
	pid_t self = getpid(), child = scene_fork();

	if (child == 0) {
		int stat = open_stat_of(self), stopped = 0;

		for (int i = 0; i < SAMPLES; i++) {
			stopped += state_of(stat) == 't';
			/* cppcheck-suppress usleepCalled ; it synchronises nothing */
			usleep(100); /* apart, so that 200 samples are not one moment */
		}
		_exit(stopped);
	}

	int status = 0;

	while (waitpid(child, &status, WNOHANG) == 0)
		;
	found(WEXITSTATUS(status) != 0, WEXITSTATUS(status), "%d of %d samples",
		WEXITSTATUS(status), SAMPLES);
}

/* A process is traced once only, by its own wish too (ptrace_traceme()). Succeeds where nobody
 * traces, and then the parent does: the last thing to try. */
static void look_traceme(void)
{
	int error = ptrace(PTRACE_TRACEME, 0, 0, 0) == -1 ? errno : 0;

	found(error != 0, error, "%s", error ? strerrorname_np(error) : "0");
}

/* --- time and accounting ------------------------------------------------------------------------ */

#define CALLS 200
#define TIMES 31

/* Calls that never block, so whoever made the process give up the CPU was not itself. */
static void look_switches(void)
{
	struct rusage before, after;

	getrusage(RUSAGE_THREAD, &before);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	getrusage(RUSAGE_THREAD, &after);

	long switches = after.ru_nvcsw - before.ru_nvcsw;

	found(switches >= CALLS / 100, switches, "%ld", switches);
}

/* Few, and sorted by insertion: see status_number(). */
static uint64_t median(uint64_t times[TIMES])
{
	for (int i = 1; i < TIMES; i++)
		for (int j = i; j > 0 && times[j - 1] > times[j]; j--) {
			uint64_t swapped = times[j];

			times[j] = times[j - 1];
			times[j - 1] = swapped;
		}
	return times[TIMES / 2];
}

static long do_getppid(long ignored)
{
	return syscall(SYS_getppid) + ignored;
}

/* A hundred dependent steps of the processor: the yardstick, the same from any compiler. */
static long do_hundred(long ignored)
{
	long count = 100;

	__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(count) : : "cc");
	return ignored;
}

/*
 * Two functions that do the same. A breakpoint is set in the one. Its first instruction is one that
 * the kernel's uprobes cannot emulate, and must execute out of line; both store whom they return to.
 */
CODE("watched:\n"
     "	lea 1(%rdi), %rax\n"
     "	mov (%rsp), %rdx\n"
     "	mov %rdx, watched_returns_to(%rip)\n"
     "	ret\n"
     "	.globl watched\n"
     "	.hidden watched\n"
     "	.type watched, @function\n"
     "	.size watched, .-watched\n"
     "twin:\n"
     "	lea 1(%rdi), %rax\n"
     "	mov (%rsp), %rdx\n"
     "	mov %rdx, watched_returns_to(%rip)\n"
     "	ret\n");
long watched(long argument) HIDDEN;
long twin(long argument) HIDDEN;
unsigned long watched_returns_to HIDDEN;

/* The time stamp counter, after all that stands before and before all that stands behind. */
static uint64_t ticks(void)
{
	_mm_lfence();

	uint64_t now = __rdtsc();

	_mm_lfence();
	return now;
}

static uint64_t median_ticks(long (*call)(long))
{
	uint64_t times[TIMES];

	for (int i = 0; i < TIMES; i++) {
		uint64_t start = ticks();

		call(i);
		times[i] = ticks() - start;
	}
	return median(times);
}

/* How many hundredths the one call takes of the other. More than `limit` counts only if three
 * measurements in a row say so: the least of them is returned. */
static long ratio(long (*call)(long), long (*yardstick)(long), long limit)
{
	long least = LONG_MAX;

	for (int i = 0; i < 3 && least > limit; i++) {
		uint64_t unit = median_ticks(yardstick), taken = median_ticks(call);
		long hundredths = (long)(100 * taken / (unit ? unit : 1));

		least = hundredths < least ? hundredths : least;
	}
	return least;
}

static void found_ratio(long hundredths, long limit)
{
	found(hundredths > limit, hundredths, "%.2f", (double)hundredths / 100);
}

/* Untraced 1 to 15; two stops, or a supervisor's answer, are 70 and more. */
static void look_syscall_time(void)
{
	found_ratio(ratio(do_getppid, do_hundred, 3000), 3000);
}

static void look_call_time(void)
{
	found_ratio(ratio(watched, twin, 1000), 1000);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static long preemptions(void)
{
	struct rusage used;

	getrusage(RUSAGE_THREAD, &used);
	return used.ru_nivcsw;
}

/* The share of the time that the process was on a CPU, in percent, for 2 ms, and for 50 system calls
 * at least, for on a busy host one may take that long; 100 if the CPU was taken away meanwhile. */
static long cpu_share(void)
{
	int64_t start = now_ns(CLOCK_MONOTONIC), used = now_ns(CLOCK_THREAD_CPUTIME_ID), wall;
	long preempted = preemptions();
	int calls = 0;

	do {
		syscall(SYS_getppid);
		wall = now_ns(CLOCK_MONOTONIC) - start;
	} while (++calls < 50 || wall < 2000000);
	used = now_ns(CLOCK_THREAD_CPUTIME_ID) - used;
	return preemptions() != preempted ? 100 : (long)(100 * used / wall);
}

/* While a tracer looks, the clock runs and the tracee does not, of its own will as the kernel counts
 * it. A host that takes the CPU from the whole machine does the same; the best of ten counts. */
static void look_cpu_share(void)
{
	long best = 0;

	for (int i = 0; i < 10 && best < 70; i++) {
		long share = cpu_share();

		best = share > best ? share : best;
	}
	found(best < 70, best, "%ld %%", best);
}

/* --- signals and flags -------------------------------------------------------------------------- */

static volatile sig_atomic_t traps;

static void on_trap(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	traps++;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)FLAG_TF;
}

/* The handler anew, SIGTRAP unblocked: a trap that was forced on the process took both away. */
static void await_traps(void)
{
	struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
	sigset_t trap;

	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	sigprocmask(SIG_UNBLOCK, &trap, NULL);
	sigaction(SIGTRAP, &action, NULL);
	traps = 0;
}

static void found_traps(void)
{
	signal(SIGTRAP, SIG_DFL);
	found(traps != 1, traps, "handled %d times", (int)traps);
}

/* A tracer that takes every SIGTRAP for its own does not pass this one on. */
static void look_int3(void)
{
	await_traps();
	__asm__ volatile("int3");
	found_traps();
}

static void look_raise_sigtrap(void)
{
	await_traps();
	raise(SIGTRAP);
	found_traps();
}

/* With TF set by its own popf, a process traps after the next instruction; a stepper claims that. */
CODE("trap_once:\n"
     "	pushfq\n"
     "	orq $0x100, (%rsp)\n"
     "	popfq\n"
     "	nop\n"
     "	pushfq\n"
     "	andq $~0x100, (%rsp)\n"
     "	popfq\n"
     "	ret\n");
void trap_once(void) HIDDEN;

static void look_popf_tf(void)
{
	await_traps();
	trap_once();
	found_traps();
}

static sigjmp_buf past_illegal;

static void on_illegal(int sig)
{
	siglongjmp(past_illegal, sig);
}

/*
 * The trap in two bytes, CD 03. Whoever holds it for a breakpoint of its own rewinds by one and
 * resumes in the middle. The clc behind it makes of that 03 F8, add %eax, %edi: harmless.
 */
static void look_long_int3(void)
{
	await_traps();
	signal(SIGILL, on_illegal); /* an emulator's answer */
	if (sigsetjmp(past_illegal, 1) == 0)
		__asm__ volatile(".byte 0xcd, 0x03, 0xf8" : : : "rdi", "cc");
	signal(SIGILL, SIG_DFL);
	found_traps();
}

/*
 * pushf stores TF as a stepper has set it, and `syscall` leaves the flags in r11, or, on newer
 * processors, leaves r11 alone, which holds what pushf stored.
 */
CODE("stored_flags:\n"
     "	pushfq\n"
     "	pop %rax\n"
     "	ret\n"
     "flags_in_r11:\n"
     "	pushfq\n"
     "	pop %r11\n"
     "	mov $39, %eax\n"
     "	syscall\n"
     "	mov %r11, %rax\n"
     "	ret\n");
unsigned long stored_flags(void) HIDDEN;
unsigned long flags_in_r11(void) HIDDEN;

static void look_flags_tf(void)
{
	const unsigned long always = 0x202; /* bit 1, and interrupts enabled */
	unsigned long stored = stored_flags(), r11 = flags_in_r11();

	found((stored & FLAG_TF) || (r11 & FLAG_TF) || (r11 & always) != always || r11 >> 22 != 0,
		(long)((stored | r11) & FLAG_TF), "pushf %#lx, r11 %#lx", stored, r11);
}

/* A trap that cannot be delivered, SIGTRAP being ignored, resets the disposition before any tracer
 * sees it (force_sig_info_to_task()). */
static void look_sigtrap_ignored(void)
{
	struct sigaction action;

	signal(SIGTRAP, SIG_IGN);
	watched(1);
	sigaction(SIGTRAP, NULL, &action);
	signal(SIGTRAP, SIG_DFL);
	found(action.sa_handler != SIG_IGN, action.sa_handler != SIG_IGN, "%s",
		action.sa_handler == SIG_IGN ? "still ignored" : "reset");
}

/*
 * A restartable sequence begins anew after each preemption or signal (rseq(2)): a process that is
 * stopped at every instruction never comes to its end.
 */
CODE("sequence:\n"
     "	mov %rsi, (%rdi)\n"
     "sequence_start:\n"
     "	nop\n"
     "	nop\n"
     "	mov $1, %eax\n"
     "sequence_end:\n"
     "	movq $0, (%rdi)\n"
     "	ret\n"
     "	.byte 0x0f, 0xb9, 0x3d\n"
     "	.long 0x53053053\n"
     "sequence_abort:\n"
     "	movq $0, (%rdi)\n"
     "	xor %eax, %eax\n"
     "	ret\n");
int sequence(uint64_t *rseq_cs, const struct rseq_cs *descriptor) HIDDEN;
extern const char sequence_start[] HIDDEN, sequence_end[] HIDDEN, sequence_abort[] HIDDEN;

static void look_rseq(void)
{
	enum { TRIES = 50 };
	struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
	struct rseq_cs descriptor = {
		.start_ip = (uintptr_t)sequence_start,
		.post_commit_offset = (uintptr_t)sequence_end - (uintptr_t)sequence_start,
		.abort_ip = (uintptr_t)sequence_abort,
	};
	int completed = 0;

	if (__rseq_size == 0) {
		cannot_look("the C library has registered no rseq area");
		return;
	}
	for (int i = 0; i < TRIES; i++)
		completed += sequence((uint64_t *)(uintptr_t)&area->rseq_cs, &descriptor);
	found(completed == 0, completed, "%d of %d completed", completed, TRIES);
}

/* --- the address space -------------------------------------------------------------------------- */

struct text_mapping {
	unsigned long start, end, offset, inode;
	char perms[5];
	char path[PATH_MAX];
};

/* The next line of /proc/self/maps, or of smaps, that describes an executable mapping. */
static bool next_text(FILE *maps, struct text_mapping *text)
{
	char line[PATH_MAX + 128];

	while (fgets(line, sizeof(line), maps) != NULL) {
		text->path[0] = '\0';
		if (sscanf(line, "%lx-%lx %4s %lx %*x:%*x %lu %4095[^\n]", &text->start, &text->end,
			    text->perms, &text->offset, &text->inode, text->path) >= 5 &&
			text->perms[2] == 'x')
			return true;
	}
	return false;
}

/* The file that a mapping shows, if it is still that file; -1 if not. */
static int open_text_file(const struct text_mapping *text)
{
	char exe[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	struct stat file;

	exe[length > 0 ? length : 0] = '\0';

	int fd = open(
		strcmp(exe, text->path) == 0 ? "/proc/self/exe" : text->path, O_RDONLY | O_CLOEXEC);

	if (fd != -1 && strcmp(exe, text->path) != 0 &&
		(fstat(fd, &file) == -1 || file.st_ino != text->inode)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* How many bytes of a mapping differ from its file as read(2) gives it. */
static long compare_read(int fd, const struct text_mapping *text)
{
	static unsigned char chunk[1 << 16];
	long count = 0;

	for (unsigned long at = 0; at < text->end - text->start; at += sizeof(chunk)) {
		ssize_t got = pread(fd, chunk, sizeof(chunk), (off_t)(text->offset + at));
		size_t left = text->end - text->start - at;

		if (got <= 0)
			break;
		count += count_differing((const void *)(text->start + at), chunk,
			(size_t)got < left ? (size_t)got : left);
	}
	return count;
}

/* The same against a second, private mapping. */
static long compare_mapped(int fd, const struct text_mapping *text)
{
	size_t length = text->end - text->start;
	struct stat file;

	/* What lies beyond the end of the file cannot be touched. */
	if (fstat(fd, &file) == -1 || (unsigned long)file.st_size <= text->offset)
		return 0;

	size_t there = (size_t)file.st_size - text->offset;
	void *copy = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, (off_t)text->offset);

	if (copy == MAP_FAILED)
		return 0;

	long count =
		count_differing((const void *)text->start, copy, there < length ? there : length);

	munmap(copy, length);
	return count;
}

static void compare_text(long (*compare)(int, const struct text_mapping *))
{
	FILE *maps = fopen("/proc/self/maps", "re");
	struct text_mapping text;
	long differing = 0, compared = 0;

	while (maps != NULL && next_text(maps, &text)) {
		int fd = text.path[0] == '/' ? open_text_file(&text) : -1;

		if (fd == -1)
			continue;
		differing += compare(fd, &text);
		compared++;
		close(fd);
	}
	if (maps != NULL)
		fclose(maps);
	if (compared == 0)
		cannot_look("no executable mapping has a file to compare with");
	else
		found(differing > 0, differing, "%ld bytes differ in %ld mappings", differing,
			compared);
}

/* A breakpoint is a byte of text. */
static void look_text_read(void)
{
	compare_text(compare_read);
}

static void look_text_mapped(void)
{
	compare_text(compare_mapped);
}

/* The loader calls an empty function when libraries change, for a debugger to break on. */
static void look_r_brk(void)
{
	/* NOLINTNEXTLINE(readability-redundant-declaration): weak, unlike the header's */
	extern ElfW(Dyn) _DYNAMIC[] __attribute__((weak));
	const struct r_debug *debug = NULL;
	FILE *maps = fopen("/proc/self/maps", "re");
	struct text_mapping text;

	for (const ElfW(Dyn) *entry = _DYNAMIC; entry != NULL && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_DEBUG)
			debug = (const struct r_debug *)entry->d_un.d_ptr;
	cannot_look("there is no dynamic loader");
	while (maps != NULL && debug != NULL && next_text(maps, &text)) {
		int fd = debug->r_brk >= text.start && debug->r_brk < text.end
				 ? open_text_file(&text)
				 : -1;
		unsigned char is, was;

		if (fd == -1)
			continue;
		is = *(const unsigned char *)debug->r_brk;
		if (pread(fd, &was, 1, (off_t)(debug->r_brk - text.start + text.offset)) == 1)
			found(is != was, is, "%02x, in the file %02x", is, was);
		close(fd);
	}
	if (maps != NULL)
		fclose(maps);
}

/* Text that was written to has pages of its own, for good, whatever was written back. */
static void look_text_anonymous(void)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	struct text_mapping text;
	long anonymous = 0, looked = 0;
	char line[256];

	if (smaps == NULL) {
		cannot_call("/proc/self/smaps");
		return;
	}
	while (next_text(smaps, &text)) {
		if (text.path[0] != '/')
			continue;
		looked++;
		while (fgets(line, sizeof(line), smaps) != NULL)
			if (strncmp(line, "Anonymous:", 10) == 0) {
				anonymous += strtol(line + 10, NULL, 10);
				break;
			}
	}
	fclose(smaps);
	if (looked == 0)
		cannot_look("no executable mapping of a file");
	else
		found(anonymous > 0, anonymous, "%ld kB", anonymous);
}

/* The page on which the kernel executes what a uprobe displaced (xol_add_vma()). */
static void look_uprobes_area(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	struct text_mapping text;
	bool there = false;

	watched(1);
	while (maps != NULL && next_text(maps, &text))
		there |= strncmp(text.path, "[uprobes", 8) == 0;
	if (maps != NULL)
		fclose(maps);
	found(there, there, "%s", there ? "there" : "none");
}

/* A function whose return is probed returns to a trampoline. */
static void look_return_address(void)
{
	/* NOLINTNEXTLINE(bugprone-reserved-identifier): ld's names */
	extern const char __executable_start[], etext[];

	watched(1);
	found(watched_returns_to < (uintptr_t)__executable_start ||
			watched_returns_to >= (uintptr_t)etext,
		0, "%s",
		watched_returns_to >= (uintptr_t)__executable_start &&
				watched_returns_to < (uintptr_t)etext
			? "the caller"
			: "somewhere else");
}

static bool is_own_text(const struct text_mapping *text)
{
	static const char *const names[] = { "ld-linux", "libc.", "libc-", "libm.", "libm-",
		"libpthread", "libgcc_s.", "libasan.", "libubsan.", "libstdc++.", "[" };
	const char *slash = strrchr(text->path, '/');
	const char *base = slash != NULL ? slash + 1 : text->path;
	char exe[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	exe[length > 0 ? length : 0] = '\0';
	if (strcmp(exe, text->path) == 0)
		return true;
	for (size_t i = 0; i < COUNT(names); i++)
		if (strncmp(base, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* Code that the program did not ask for, and the kernel's page that an emulator does not give it. */
static void look_foreign_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	struct text_mapping text;
	long foreign = 0;

	if (maps == NULL) {
		cannot_call("/proc/self/maps");
		return;
	}
	while (next_text(maps, &text))
		foreign += !is_own_text(&text);
	fclose(maps);

	bool vdso = getauxval(AT_SYSINFO_EHDR) != 0;

	found(foreign > 0 || !vdso, foreign, "%ld foreign%s", foreign, vdso ? "" : ", no vdso");
}

/* The debug registers in use are counted, whoever uses them (reserve_bp_slot()). */
static void look_breakpoint_slots(void)
{
	static long target[4];
	int fd[4], slots = 0, error = 0;

	for (; slots < 4; slots++) {
		struct perf_event_attr attr = { .type = PERF_TYPE_BREAKPOINT,
			.size = sizeof(attr),
			.bp_type = 2, /* HW_BREAKPOINT_W */
			.bp_addr = (uintptr_t)&target[slots],
			.bp_len = sizeof(target[0]),
			.disabled = 1,
			.exclude_kernel = 1,
			.exclude_hv = 1 };

		fd[slots] =
			(int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd[slots] == -1) {
			error = errno;
			break;
		}
	}
	for (int i = 0; i < slots; i++)
		close(fd[i]);
	errno = error;
	if (error != 0 && error != ENOSPC)
		cannot_call("perf_event_open");
	else
		found(slots < 4, slots, "%d of 4 free", slots);
}

/* --- job control and waiting -------------------------------------------------------------------- */

static bool may_stop; /* asked for by name, or a scene */

/* The shell of this terminal would take the stop for Ctrl-Z, and the terminal with it. */
static bool in_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp() && getppid() != 1 &&
	       status_number("/proc/self/status", "TracerPid", 10) != getppid();
}

/* The child that ends the stop: when it sees the parent stopped, and not for its tracer's sake
 * alone, which passes; or does not, for there is none. */
static _Noreturn void continue_when_stopped(
	pid_t parent, const atomic_int *returned, atomic_int *sent)
{
	int stat = open_stat_of(parent);
	int64_t traced_since = 0;

	while (*returned == 0) {
		char state = state_of(stat);

		if (state != 't')
			traced_since = 0;
		else if (traced_since == 0)
			traced_since = now_ns(CLOCK_MONOTONIC);
		if (state == 'T' ||
			(traced_since != 0 && now_ns(CLOCK_MONOTONIC) - traced_since > 300000000)) {
			*sent = 1;
			kill(parent, SIGCONT);
			break;
		}
		sched_yield();
	}
	_exit(0);
}

/* Who stops itself goes on when SIGCONT comes; not when its tracer says PTRACE_CONT, as those do
 * that do not know PTRACE_LISTEN. */
static void look_group_stop(void)
{
	if (!may_stop && in_foreground()) {
		cannot_look("the shell of this terminal would see it; ask for it by its name");
		return;
	}

	atomic_int *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED) {
		cannot_call("mmap");
		return;
	}

	atomic_int *returned = &shared[0], *sent = &shared[1];
	pid_t self = getpid(), child = scene_fork();

	if (child == 0)
		continue_when_stopped(self, returned, sent);
	raise(SIGSTOP);

	bool early = *sent == 0;

	*returned = 1;
	exit_code_of(child);
	munmap(shared, 4096);
	found(early, early, "%s", early ? "went on by itself" : "stopped until SIGCONT");
}

/* Where it waits, and how long: a scene until it is woken through a pipe, a person's -w until a
 * line is typed, else a moment. */
static int wake_fd = -1, wait_ms = 20;

/* A stop interrupts epoll_wait(2) (signal(7)); without one and without a handler nothing does. */
static void look_eintr(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), interrupted = 0;

	if (epoll == -1 ||
		(wake_fd != -1 && epoll_ctl(epoll, EPOLL_CTL_ADD, wake_fd, &event) == -1)) {
		cannot_call("epoll");
		return;
	}
	while (epoll_wait(epoll, &event, 1, wait_ms) == -1 && errno == EINTR)
		interrupted++;
	close(epoll);
	found(interrupted > 0, interrupted, "%d times", interrupted);
}

/* --- seccomp ------------------------------------------------------------------------------------ */

/* Somebody restricts or supervises the process: a sandbox more often than a tracer. */
static void look_seccomp_state(void)
{
	long mode = status_number("/proc/self/status", "Seccomp", 10);
	long filters = status_number("/proc/self/status", "Seccomp_filters", 10);

	if (mode == -1)
		cannot_look("/proc/self/status has no Seccomp");
	else
		found(mode != 0, filters, "mode %ld, %ld filters", mode, filters);
}

#define SENTINEL 0x07150715

/* Add a filter of this process's own. It stays: an intrusive look. Returns as seccomp(2). */
static int add_filter(const struct sock_filter *code, unsigned short length, unsigned flags)
{
	struct sock_fprog program = { .len = length, .filter = (struct sock_filter *)code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* SECCOMP_RET_TRACE fails with ENOSYS, unless a tracer with PTRACE_O_TRACESECCOMP lets it pass. */
static void look_seccomp_trace(void)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SENTINEL, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	if (add_filter(code, COUNT(code), 0) == -1) {
		cannot_call("seccomp");
		return;
	}

	bool executed = syscall(SYS_getppid, SENTINEL) != -1;

	found(executed, executed, "%s", executed ? "executed" : strerrorname_np(errno));
}

/* There can be one listener: a second is refused with EBUSY (has_duplicate_listener()). */
static void look_seccomp_listener(void)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	int listener = add_filter(code, COUNT(code), SECCOMP_FILTER_FLAG_NEW_LISTENER);

	if (listener == -1 && errno != EBUSY) {
		cannot_call("seccomp");
		return;
	}
	found(listener == -1, listener == -1, "%s", listener == -1 ? "EBUSY" : "granted");
	if (listener != -1)
		close(listener);
}

/* --- the catalogue ------------------------------------------------------------------------------ */

/* In the order of looking: the launcher's first, what leaves a mark on the process itself last. */
static const struct artifact {
	const char *name;
	void (*look)(void);
	const char *looked_at;
	bool once; /* cannot be looked at twice, or would show in another one */
} artifacts[] = {
	{ "inherited", look_inherited, "signals and descriptors at the start" },
	{ "environment", look_environment, "variables that tools set" },
	{ "parent", look_parent, "the parent's name" },
	{ "personality", look_personality, "ADDR_NO_RANDOMIZE in personality(2)" },
	{ "eintr", look_eintr, "epoll_wait() interrupted without a handler" },
	{ "tracerpid", look_tracerpid, "TracerPid in /proc/self/status" },
	{ "child-seize", look_child_seize, "PTRACE_SEIZE by a child" },
	{ "child-traced", look_child_traced, "TracerPid of a child" },
	{ "stops-sampled", look_stops_sampled, "state t, seen by a child" },
	{ "switches", look_switches, "voluntary switches in 200 getppid()" },
	{ "syscall-time", look_syscall_time, "getppid() in units of 100 loops" },
	{ "call-time", look_call_time, "a function in units of its twin" },
	{ "cpu-share", look_cpu_share, "CPU time of the time passed" },
	{ "int3", look_int3, "the handler of an own int3" },
	{ "raise-sigtrap", look_raise_sigtrap, "the handler of raise(SIGTRAP)" },
	{ "popf-tf", look_popf_tf, "the handler of an own trap flag" },
	{ "long-int3", look_long_int3, "the handler of an int3 of two bytes" },
	{ "flags-tf", look_flags_tf, "the trap flag in pushf and r11" },
	{ "sigtrap-ignored", look_sigtrap_ignored, "SIGTRAP ignored, a function called" },
	{ "rseq", look_rseq, "restartable sequences" },
	{ "text-read", look_text_read, "text against its file, by pread()" },
	{ "text-mapped", look_text_mapped, "text against its file, by mmap()" },
	{ "r-brk", look_r_brk, "the loader's breakpoint function" },
	{ "text-anonymous", look_text_anonymous, "anonymous memory in text, smaps" },
	{ "uprobes-area", look_uprobes_area, "a mapping [uprobes]" },
	{ "return-address", look_return_address, "where a function returns to" },
	{ "foreign-maps", look_foreign_maps, "executable mappings, the vdso" },
	{ "breakpoint-slots", look_breakpoint_slots, "debug registers free for perf" },
	{ "group-stop", look_group_stop, "raise(SIGSTOP) before SIGCONT" },
	{ "seccomp-state", look_seccomp_state, "Seccomp in /proc/self/status" },
	{ "seccomp-trace", look_seccomp_trace, "an own SECCOMP_RET_TRACE", .once = true },
	{ "seccomp-listener", look_seccomp_listener, "an own seccomp listener", .once = true },
	{ "traceme", look_traceme, "PTRACE_TRACEME", .once = true },
};

/* --- scenes ------------------------------------------------------------------------------------- */

/* What is told of an artifact while there is no finding, which is never negative. */
enum { NOT_YET = -1, LOOKING = -2, NOT_WANTED = -3 };

static atomic_long *told[COUNT(artifacts)];

/* Where the tracer finds things: the pipe that ends the wait, the function for a breakpoint. */
static void tell_places(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		scene_broken("pipe2");
	wake_fd = ends[0];
	wait_ms = -1;
	scene_tell("wake-fd", ends[1]);
	scene_tell("watched", (long)watched);
	for (size_t i = 0; i < COUNT(artifacts); i++)
		told[i] = scene_tell(artifacts[i].name, NOT_YET);
}

/* Look at every artifact that the tracer has not marked as unwanted; it has time for that until it
 * ends the wait in "eintr". */
static void look_and_tell(void)
{
	for (size_t i = 0; i < COUNT(artifacts); i++) {
		if (*told[i] == NOT_WANTED)
			continue;
		*told[i] = LOOKING;
		finding = (struct finding){ 0 };
		artifacts[i].look();
		*told[i] = finding.number * 4 + (long)finding.verdict;
	}
	scene_tell("done", 1);
}

/* Its parent may be a tool, which would leave this process running if it were killed itself. */
static void play_examined(void)
{
	tell_places();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	scene_tell("pid", getpid());
	scene_ready();
	look_and_tell();
}

/* The same as PID 1 of a PID namespace with its own /proc: root's way or a user namespace's; where
 * neither is open, errno tells. */
static void play_pid_namespace(void)
{
	atomic_long *cannot = scene_tell("cannot", 0), *pid = scene_tell("pid", 0);

	tell_places();
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) == -1 &&
		unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) == -1) {
		*cannot = errno;
		scene_ready();
		return;
	}
	prctl(PR_SET_DUMPABLE, 1);

	pid_t inner = scene_fork();

	if (inner != 0) {
		*pid = inner;
		exit_code_of(inner);
		return;
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
		mount("proc", "/proc", "proc", 0, NULL) == -1)
		*cannot = errno;
	while (*pid == 0) /* known to the outer half alone */
		sched_yield();
	scene_ready();
	if (*cannot == 0)
		look_and_tell();
	_exit(0);
}

/* A second thread tells whom it finds to be its tracer, in either file, again and again. */
static void *tell_tracers(void *unused)
{
	atomic_long *self = scene_tell("self", -1), *thread = scene_tell("thread-self", -1);
	atomic_long *rounds = scene_tell("rounds", 0);

	(void)unused;
	scene_tell("tid", gettid());
	scene_ready();
	for (;; ++*rounds) {
		*self = status_number("/proc/self/status", "TracerPid", 10);
		*thread = status_number("/proc/thread-self/status", "TracerPid", 10);
		sched_yield();
	}
	return NULL;
}

static void play_two_threads(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, tell_tracers, NULL);
	if (errno != 0)
		scene_broken("pthread_create");
	for (;;)
		pause();
}

/* Asleep in the system call itself: the C library's nanosleep() is another one. */
static void play_asleep(void)
{
	struct timespec long_enough = { .tv_sec = 1000 };

	scene_ready();
	syscall(SYS_nanosleep, &long_enough, NULL);
}

static void play_idle(void)
{
	scene_ready();
	for (;;)
		pause();
}

/* How often each timing artifact shows up in 1000 looks, with nobody tracing. */
static void play_trials(void)
{
	static const char *const names[] = { "switches", "syscall-time", "call-time" };

	for (size_t i = 0; i < COUNT(artifacts); i++)
		for (size_t n = 0; n < COUNT(names); n++) {
			if (strcmp(artifacts[i].name, names[n]) != 0)
				continue;

			atomic_long *visible = scene_tell(names[n], 0);

			for (int trial = 0; trial < 1000; trial++) {
				artifacts[i].look();
				*visible += finding.verdict == VISIBLE;
			}
		}
	scene_ready();
}

static const struct scene scenes[] = {
	{ "examined", play_examined },
	{ "pid-namespace", play_pid_namespace },
	{ "two-threads", play_two_threads },
	{ "asleep", play_asleep },
	{ "idle", play_idle },
	{ "trials", play_trials },
};

/* --- by hand ------------------------------------------------------------------------------------ */

static int usage(void)
{
	fputs("usage: tracee [-w] [-r N] [ARTIFACT...]   examine this process\n"
	      "       tracee -l                          list the artifacts\n"
	      "       tracee SCENE                       play a scene of the lab\n\n"
	      "  -w     wait for a line on standard input first, so that somebody can attach\n"
	      "  -r N   look N times and count; without those that can be looked at only once\n\n"
	      "Exit: 0 nothing is visible, 1 something is, 2 it could not look.\n",
		stdout);
	return 0;
}

/* What getopt_long() has just refused: the letter optopt, or, where that is 0, the word that it read. */
static int refuse_option(const char *word)
{
	if (optopt == 'r')
		fputs("tracee: -r wants a number of times\n", stderr);
	else if (optopt != 0)
		fprintf(stderr, "tracee: cannot take -%c (--help tells the usage)\n", optopt);
	else
		fprintf(stderr, "tracee: cannot take %s (--help tells the usage)\n", word);
	return 2;
}

static bool is_chosen(const struct artifact *artifact, int count, char **names)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], artifact->name) == 0)
			return true;
	return count == 0;
}

static bool is_artifact(const char *name)
{
	for (size_t i = 0; i < COUNT(artifacts); i++)
		if (strcmp(artifacts[i].name, name) == 0)
			return true;
	return false;
}

/* Look once and tell what was seen, or `times` times and tell how often. */
static enum verdict examine(const struct artifact *artifact, long times)
{
	static const char sign[] = { [NOT_VISIBLE] = '.', [VISIBLE] = 'X', [CANNOT_LOOK] = '-' };
	enum verdict worst = NOT_VISIBLE;
	long visible = 0;

	for (long i = 0; i < times && worst != CANNOT_LOOK; i++) {
		finding = (struct finding){ 0 };
		artifact->look();
		visible += finding.verdict == VISIBLE;
		worst = finding.verdict > worst ? finding.verdict : worst;
	}
	printf("%c %-17s %-45s", sign[worst], artifact->name, artifact->looked_at);
	if (times == 1 || worst == CANNOT_LOOK)
		printf("%s\n", finding.seen);
	else
		printf("%ld of %ld visible\n", visible, times);
	fflush(stdout); /* before the next look forks */
	return worst;
}

static int examine_all(int count, char **names, long times)
{
	long looked = 0, found_by[3] = { 0 };

	for (size_t i = 0; i < COUNT(artifacts); i++)
		if (is_chosen(&artifacts[i], count, names) && !(times > 1 && artifacts[i].once)) {
			found_by[examine(&artifacts[i], times)]++;
			looked++;
		}
	printf("%ld looked at: %ld visible, %ld not, %ld could not be looked at\n", looked,
		found_by[VISIBLE], found_by[NOT_VISIBLE], found_by[CANNOT_LOOK]);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("tracee: stdout took only a part of what there was to tell\n", stderr);
		return 2;
	}
	return found_by[VISIBLE] > 0 ? 1 : looked == found_by[CANNOT_LOOK] ? 2 : 0;
}

static bool is_scene(const char *name)
{
	for (size_t i = 0; i < COUNT(scenes); i++)
		if (strcmp(scenes[i].name, name) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	long times = 1;
	int option;
	char *end;

	remember_inheritance();
	may_stop = argc > 1 && is_scene(argv[1]);
	if (may_stop)
		return scene_main(argc, argv, scenes, COUNT(scenes));
	if (fcntl(STDOUT_FILENO, F_GETFD) == -1) {
		fputs("tracee: stdout is closed\n", stderr);
		return 2;
	}
	opterr = 0;
	while ((option = getopt_long(argc, argv, "hlwr:", long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			return usage();
		case 'l':
			for (size_t i = 0; i < COUNT(artifacts); i++)
				printf("%-17s %s\n", artifacts[i].name, artifacts[i].looked_at);
			return 0;
		case 'w':
			wake_fd = STDIN_FILENO;
			wait_ms = -1;
			fprintf(stderr, "process %d waits: attach, then press Enter\n", getpid());
			break;
		case 'r':
			times = strtol(optarg, &end, 10);
			if (end == optarg || *end != '\0' || times < 1) {
				fprintf(stderr,
					"tracee: -r wants a number of times from 1 on, not %s\n",
					optarg);
				return 2;
			}
			break;
		default:
			return refuse_option(argv[optind - 1]);
		}
	}
	for (int i = optind; i < argc; i++)
		if (!is_artifact(argv[i])) {
			fprintf(stderr, "tracee: no artifact \"%s\" (-l lists them)\n", argv[i]);
			return 2;
		}
	if (status_number("/proc/self/status", "Pid", 10) == -1) {
		fputs("tracee: /proc does not show this process: mount proc there\n", stderr);
		return 2;
	}
	may_stop = optind < argc;
	return examine_all(argc - optind, argv + optind, times);
}
