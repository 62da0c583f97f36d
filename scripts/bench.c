/* SPDX-License-Identifier: MIT */
/*
 * What attaching and reading cost, side by side: the pause of `tracer -p` as its target feels it; one
 * stop against one round trip through two pipes; a process compared with its files; bulk memory; a
 * breakpoint whose condition is false; every system call of a program.
 *
 * One round runs every contestant once, and a ratio is formed within its round: what disturbs the
 * machine for a while disturbs both sides of it. This prints figures and judges nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "memory.h"
#include "proc.h"
#include "request.h"
#include "stop.h"
#include "text.h"

#define ROUNDS 31
#define STOPS 2000 /* of one sample; as many round trips */

static int cpus[2], cpu_count;

/* --- the places -------------------------------------------------------------------------------- */

static void find_cpus(void)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) == -1)
		broken("sched_getaffinity: %s", errno_text(errno));
	for (int cpu = 0; cpu < CPU_SETSIZE && cpu_count < 2; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			cpus[cpu_count++] = cpu;
	if (cpu_count == 1)
		cpus[1] = cpus[0];
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == -1)
		broken("sched_setaffinity to CPU %d: %s", cpu, errno_text(errno));
}

static void print_machine(void)
{
	char line[256] = "", *model = NULL;
	FILE *cpuinfo = fopen("/proc/cpuinfo", "r");
	struct utsname system;
	char date[16];
	time_t now = time(NULL);
	double load = NAN;

	while (cpuinfo != NULL && model == NULL && fgets(line, sizeof(line), cpuinfo) != NULL)
		if (strncmp(line, "model name", 10) == 0)
			model = strchr(line, ':');
	if (cpuinfo != NULL)
		fclose(cpuinfo);
	uname(&system);
	strftime(date, sizeof(date), "%Y-%m-%d", localtime(&now));
	getloadavg(&load, 1);
	printf("%s %s, %s, %ld CPUs, load %.1f, priority %d, %s\n", system.sysname, system.release,
		model ? text("%.*s", (int)strcspn(model + 2, "\n"), model + 2) : "CPU unknown",
		sysconf(_SC_NPROCESSORS_ONLN), load, getpriority(PRIO_PROCESS, 0), date);
}

/* `aim` is what the median should at most be; 0: nothing in particular. */
static void print_ratio(const char *name, struct samples *ratio, double aim)
{
	double median = samples_quantile(ratio, 0.5);

	printf("  %-32s N=%zu median %.3g [%.3g..%.3g]", name, ratio->count, median,
		samples_quantile(ratio, 0.25), samples_quantile(ratio, 0.75));
	if (aim > 0)
		printf(", target at most %g: %s", aim, median <= aim ? "met" : "missed");
	putchar('\n');
}

/* --- the pause --------------------------------------------------------------------------------- */

/* The target looks at the clock without end, and keeps the longest time between two looks. */
static struct {
	_Atomic int64_t longest_gap_ns;
	atomic_long looks;
} * page;

static pid_t start_target(void)
{
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		broken("mmap: %s", errno_text(errno));

	pid_t target = fork_helper();

	if (target == 0) {
		pin(cpus[1]);
		/* Once it may go on it does so at once, whoever else wants its CPU: the gap is the
		 * pause. Not where the tools need that CPU too, and not for an ordinary user. */
		if (cpu_count == 2)
			sched_setscheduler(
				0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 });
		for (int64_t last = clock_now_ns(), now;; last = now) {
			now = clock_now_ns();
			if (now - last > page->longest_gap_ns)
				page->longest_gap_ns = now - last;
			page->looks++;
		}
	}
	return target;
}

/* Two more looks of the target: a gap that ends now is in the books after them. */
static void await_target(pid_t target)
{
	long looks = page->looks;
	int64_t limit = clock_now_ns() + INT64_C(10000000000);

	while (page->looks < looks + 2) {
		if (clock_now_ns() > limit)
			broken("the target does not run any more: its state is %c",
				proc_state(target));
		sched_yield();
	}
}

/* Start a program without input or output. */
static pid_t start_tool(const char *const *argv)
{
	pid_t tool = fork_helper();

	if (tool == 0) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return tool;
}

static bool succeeded(pid_t tool)
{
	return stop_wait(tool).status == 0;
}

static bool run_nothing(pid_t target)
{
	(void)target;
	return succeeded(start_tool((const char *const[]){ "true", NULL }));
}

/* The limit: the four calls that a stop needs, in a process that need not be loaded, and that does
 * not sleep while it waits. */
static bool run_bare(pid_t target)
{
	pid_t tool = fork_helper();

	if (tool == 0) {
		pid_t stopped;
		int status;

		if (ptrace(PTRACE_SEIZE, target, 0, 0) == -1 ||
			ptrace(PTRACE_INTERRUPT, target, 0, 0) == -1)
			_exit(1);
		while ((stopped = waitpid(target, &status, __WALL | WNOHANG)) == 0)
			;
		_exit(stopped != target || ptrace(PTRACE_DETACH, target, 0, 0) == -1);
	}
	return succeeded(tool);
}

static bool run_ours(pid_t target)
{
	return succeeded(start_tool((const char *const[]){
		"01_attach_detach/tracer", "-p", text("%d", target), NULL }));
}

static bool run_gdb(pid_t target)
{
	return succeeded(start_tool(
		(const char *const[]){ "gdb", "-p", text("%d", target), "-batch", NULL }));
}

/* strace stays until it is told to go, which it is once it waits for the target it has attached. */
static bool run_strace(pid_t target)
{
	pid_t tool = start_tool((const char *const[]){ "strace", "-p", text("%d", target), NULL });

	while (proc_number(target, "TracerPid") != tool)
		if (proc_state(tool) == 'Z')
			return succeeded(tool);
	proc_wait_blocked(tool, SYS_wait4);
	kill(tool, SIGINT);
	stop_wait(tool);
	return true;
}

static bool exists(const char *program)
{
	return succeeded(start_tool((const char *const[]){ program, "--version", NULL }));
}

enum { NOTHING, BARE, OURS, STRACE, GDB, CONTESTANTS };

static struct contestant {
	const char *name;
	bool (*run)(pid_t target);
	const char *program; /* to be found first */
	double aim;          /* of ours / this */
	bool absent;
	struct samples gap_us;
	struct samples ratio; /* ours / this */
} contestants[CONTESTANTS] = {
	[NOTHING] = { .name = "no tracer (true)", .run = run_nothing },
	[BARE] = { .name = "bare seize and detach", .run = run_bare, .aim = 3 },
	[OURS] = { .name = "tracer -p", .run = run_ours },
	[STRACE] = { .name = "strace -p", .run = run_strace, .program = "strace" },
	[GDB] = { .name = "gdb -p -batch", .run = run_gdb, .program = "gdb", .aim = 0.001 },
};

static void bench_pause(void)
{
	pid_t target = start_target();

	pin(cpus[0]);
	printf("\nThe longest gap that a busy target on CPU %d notices, tools on CPU %d:\n",
		cpus[1], cpus[0]);
	for (int i = 0; i < CONTESTANTS; i++)
		if (contestants[i].program != NULL && !exists(contestants[i].program)) {
			contestants[i].absent = true;
			printf("  %-32s skipped: not installed\n", contestants[i].name);
		}
	for (int round = 0; round < ROUNDS; round++) {
		double gap_us[CONTESTANTS];

		for (int i = 0; i < CONTESTANTS; i++) {
			if (contestants[i].absent)
				continue;
			await_target(target);
			page->longest_gap_ns = 0;
			if (!contestants[i].run(target)) {
				if (contestants[i].program == NULL)
					broken("%s failed on pid %d", contestants[i].name, target);
				contestants[i].absent = true;
				printf("  %-32s left out: it failed\n", contestants[i].name);
				continue;
			}
			await_target(target);
			gap_us[i] = (double)page->longest_gap_ns / 1e3;
			samples_add(&contestants[i].gap_us, gap_us[i]);
		}
		for (int i = 0; i < CONTESTANTS; i++)
			if (!contestants[i].absent)
				samples_add(&contestants[i].ratio, gap_us[OURS] / gap_us[i]);
	}
	kill(target, SIGKILL);
	stop_wait(target);
	for (int i = 0; i < CONTESTANTS; i++)
		if (!contestants[i].absent)
			printf("  %-32s %s\n", contestants[i].name,
				samples_text(&contestants[i].gap_us, "us"));
	for (int i = 0; i < CONTESTANTS; i++)
		if (!contestants[i].absent && i != OURS && i != NOTHING)
			print_ratio(text("tracer -p / %s", contestants[i].name),
				&contestants[i].ratio, contestants[i].aim);
}

/* --- one stop ---------------------------------------------------------------------------------- */

/* Microseconds per syscall-stop of a process that makes calls without end. */
static double stop_us(pid_t caller)
{
	int64_t start = clock_now_ns();

	for (int i = 0; i < STOPS; i++) {
		int status;

		xptrace(PTRACE_SYSCALL, caller, 0L, 0L);
		if (waitpid(caller, &status, __WALL) != caller || !WIFSTOPPED(status))
			broken("the calling process ended under PTRACE_SYSCALL");
	}
	return (double)(clock_now_ns() - start) / 1e3 / STOPS;
}

/* Microseconds per byte sent to an echoing process and received again. */
static double round_trip_us(const int *echo)
{
	int64_t start = clock_now_ns();
	char byte = 'x';

	for (int i = 0; i < STOPS; i++)
		if (write(echo[1], &byte, 1) != 1 || read(echo[0], &byte, 1) != 1)
			broken("the echoing process ended: %s", errno_text(errno));
	return (double)(clock_now_ns() - start) / 1e3 / STOPS;
}

static pid_t start_caller(int cpu)
{
	pid_t caller = fork_helper();

	if (caller == 0) {
		pin(cpu);
		for (;;)
			syscall(SYS_getppid);
	}
	xptrace(PTRACE_SEIZE, caller, 0L, PTRACE_O_EXITKILL);
	xptrace(PTRACE_INTERRUPT, caller, 0L, 0L);
	stop_wait(caller);
	return caller;
}

/* echo[0] and echo[1]: where to read and write. */
static pid_t start_echo(int cpu, int *echo)
{
	int there[2], back[2];

	if (pipe2(there, O_CLOEXEC) == -1 || pipe2(back, O_CLOEXEC) == -1)
		broken("pipe2: %s", errno_text(errno));

	pid_t process = fork_helper();

	if (process == 0) {
		char byte;

		pin(cpu);
		while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
	echo[0] = back[0];
	echo[1] = there[1];
	return process;
}

static void bench_stop(const char *where, int cpu)
{
	struct samples stop = { 0 }, round_trip = { 0 }, ratio = { 0 };
	int echo[2];
	pid_t caller = start_caller(cpu), echoing = start_echo(cpu, echo);

	for (int round = 0; round < ROUNDS; round++) {
		double stopped = stop_us(caller), travelled = round_trip_us(echo);

		samples_add(&stop, stopped);
		samples_add(&round_trip, travelled);
		samples_add(&ratio, stopped / travelled);
	}
	kill(caller, SIGKILL);
	kill(echoing, SIGKILL);
	stop_wait(caller);
	stop_wait(echoing);
	close(echo[0]);
	close(echo[1]);
	printf("\nOne syscall-stop with its PTRACE_SYSCALL, %s, mean of %d:\n", where, STOPS);
	printf("  %-32s %s\n", "one stop", samples_text(&stop, "us"));
	printf("  %-32s %s\n", "one pipe round trip", samples_text(&round_trip, "us"));
	print_ratio("stop / round trip", &ratio, 0);
	samples_free(&stop);
	samples_free(&round_trip);
	samples_free(&ratio);
}

/* --- a process beside its files ---------------------------------------------------------------- */

/* Milliseconds that a tool takes; a negative number: it failed. */
static double tool_ms(const char *const *argv)
{
	int64_t start = clock_now_ns();

	return succeeded(start_tool(argv)) ? (double)(clock_now_ns() - start) / 1e6 : -1;
}

/* Ours compares every mapping that has a file; gdb's compare-sections the sections of the program
 * alone, and none of its libraries. */
static void bench_compare(void)
{
	struct samples ours = { 0 }, gdb = { 0 }, ratio = { 0 };

	printf("\nA python3 process compared with its files, from start to end of the tool:\n");
	if (!exists("gdb") || !exists("python3")) {
		printf("  skipped: it needs gdb and python3\n");
		return;
	}

	pid_t target = start_tool(
		(const char *const[]){ "python3", "-c", "import signal; signal.pause()", NULL });

	proc_wait_blocked(target, SYS_pause);
	for (int round = 0; round < ROUNDS; round++) {
		double our_ms = tool_ms((const char *const[]){
			"03_memory_introspection/tracer", "-p", text("%d", target), NULL });
		double gdb_ms = tool_ms((const char *const[]){ "gdb", "-nx", "-batch", "-p",
			text("%d", target), "-ex", "compare-sections", NULL });

		if (our_ms < 0 || gdb_ms < 0)
			broken("%s failed on pid %d", our_ms < 0 ? "tracer -p" : "gdb", target);
		samples_add(&ours, our_ms);
		samples_add(&gdb, gdb_ms);
		samples_add(&ratio, our_ms / gdb_ms);
	}
	kill(target, SIGKILL);
	stop_wait(target);
	printf("  %-32s %s\n", "tracer -p, every mapping", samples_text(&ours, "ms"));
	printf("  %-32s %s\n", "gdb compare-sections, program", samples_text(&gdb, "ms"));
	print_ratio("tracer -p / gdb", &ratio, 0.33);
	samples_free(&ours);
	samples_free(&gdb);
	samples_free(&ratio);
}

/* --- bulk memory ------------------------------------------------------------------------------- */

#define BULK (UINT64_C(64) << 20)
#define HUGE (UINT64_C(2) << 20)
#define PEEKED (UINT64_C(256) << 10) /* of one sample, and scaled: all of it takes seconds */

/* With an alignment that huge pages need. */
static char *bulk_area(int advice)
{
	char *area = aligned_alloc(HUGE, BULK);

	if (area == NULL)
		broken("no memory for 64 MiB");
	/* EINVAL: this kernel has no huge pages, and all are alike. */
	madvise(area, BULK, advice);
	memset(area, 1, BULK);
	return area;
}

/* Map huge pages as small ones, which then lie one behind the other in physical memory too: the
 * protection of a part splits each. */
static void split(char *area)
{
	for (uint64_t at = 0; at < BULK; at += HUGE)
		if (mprotect(area + at, 4096, PROT_READ) == -1)
			broken("mprotect: %s", errno_text(errno));
}

static double peek_ms(pid_t stopped, uint64_t area, char *buffer)
{
	int64_t start = clock_now_ns();

	for (uint64_t at = 0; at < PEEKED; at += sizeof(long)) {
		long word = xpeek(PTRACE_PEEKDATA, stopped, area + at);

		memcpy(buffer + at, &word, sizeof(word));
	}
	return (double)(clock_now_ns() - start) / 1e6 * (double)BULK / (double)PEEKED;
}

static void bench_read(const char *pages, int advice, bool in_order)
{
	struct samples peek = { 0 }, mem = { 0 }, vm = { 0 }, copy = { 0 }, to_peek = { 0 },
		       to_copy = { 0 };
	char **place = mmap(
		NULL, sizeof(*place), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (place == MAP_FAILED)
		broken("mmap: %s", errno_text(errno));

	/* The pages are the tracee's own: process_vm_readv() would first copy shared ones. */
	pid_t tracee = fork_helper();

	if (tracee == 0) {
		*place = bulk_area(advice);
		if (in_order)
			split(*place);
		raise(SIGSTOP);
		_exit(0);
	}
	xptrace(PTRACE_SEIZE, tracee, 0L, PTRACE_O_EXITKILL);
	while (stop_wait(tracee).kind != STOP_GROUP)
		xptrace(PTRACE_CONT, tracee, 0L, (long)SIGSTOP);

	uint64_t area = (uint64_t)*place;
	char *buffer = bulk_area(MADV_HUGEPAGE), *source = bulk_area(advice);

	if (in_order)
		split(source);

	int fd = mem_open(tracee, O_RDONLY);

	for (int round = 0; round < ROUNDS; round++) {
		double peeked = peek_ms(tracee, area, buffer);
		int64_t start = clock_now_ns(), read, copied, end;
		size_t got = vm_read(tracee, area, buffer, BULK);

		read = clock_now_ns();
		memcpy(buffer, source, BULK);
		__asm__ volatile("" : : "r"(buffer) : "memory");
		copied = clock_now_ns();
		got += mem_read(fd, area, buffer, BULK);
		end = clock_now_ns();
		if (got != 2 * BULK)
			broken("64 MiB were not read whole: %s", errno_text(errno));
		samples_add(&peek, peeked);
		samples_add(&vm, (double)(read - start) / 1e6);
		samples_add(&copy, (double)(copied - read) / 1e6);
		samples_add(&mem, (double)(end - copied) / 1e6);
		samples_add(&to_peek, (double)(read - start) / 1e6 / peeked);
		samples_add(&to_copy, (double)(read - start) / (double)(copied - read));
	}
	kill(tracee, SIGKILL);
	stop_wait(tracee);
	close(fd);
	free(buffer);
	free(source);
	munmap(place, sizeof(*place));
	printf("\n64 MiB of a stopped process, %s:\n", pages);
	printf("  %-32s %s\n", "vm_read (process_vm_readv)", samples_text(&vm, "ms"));
	printf("  %-32s %s\n", "mem_read (/proc/PID/mem)", samples_text(&mem, "ms"));
	printf("  %-32s %s\n", "PEEKDATA, from 256 KiB of it", samples_text(&peek, "ms"));
	printf("  %-32s %s\n", "memcpy in one process", samples_text(&copy, "ms"));
	print_ratio("vm_read / PEEKDATA", &to_peek, 0.001);
	print_ratio("vm_read / memcpy", &to_copy, 2.2);
	samples_free(&peek);
	samples_free(&mem);
	samples_free(&vm);
	samples_free(&copy);
	samples_free(&to_peek);
	samples_free(&to_copy);
}

/* --- breakpoints ------------------------------------------------------------------------------- */

/* What breakpoints are set in: this program, started again, calls one of these. */
__asm__(".pushsection .text\n"
	".globl begins_long, begins_short\n"
	"begins_long:\n"
	"	lea 1(%rdi), %rax\n"
	"	ret\n"
	"begins_short:\n"
	"	push %rbx\n"
	"	lea 1(%rdi), %rax\n"
	"	pop %rbx\n"
	"	ret\n"
	".popsection\n");
long begins_long(long argument), begins_short(long argument);

/* Write the microseconds per call to a file. */
static int call_often(const char *function, long calls, const char *path)
{
	long (*called)(long) = strcmp(function, "begins_long") == 0 ? begins_long : begins_short;
	int64_t start = clock_now_ns();
	double us;
	int fd = open(path, O_WRONLY);

	for (long i = 0; i < calls; i++)
		called(i);
	us = (double)(clock_now_ns() - start) / 1e3 / (double)calls;
	return write(fd, &us, sizeof(us)) != sizeof(us);
}

/* Microseconds per call in the program that a tool was started with; a negative number: it failed. */
static double call_us(const char *const *argv, int file)
{
	double us = -1;

	return succeeded(start_tool(argv)) && pread(file, &us, sizeof(us), 0) == sizeof(us) ? us
											    : -1;
}

/* Microseconds per int3 of a process that executes one after the other. */
static double int3_us(pid_t trapping)
{
	int64_t start = clock_now_ns();

	for (int i = 0; i < STOPS; i++) {
		int status;

		xptrace(PTRACE_CONT, trapping, 0L, 0L);
		if (waitpid(trapping, &status, __WALL) != trapping || !WIFSTOPPED(status))
			broken("the trapping process ended");
	}
	return (double)(clock_now_ns() - start) / 1e3 / STOPS;
}

/* Stopped at its first int3. */
static pid_t start_trapping(void)
{
	int go[2];
	char byte = 'g';

	if (pipe2(go, O_CLOEXEC) == -1)
		broken("pipe2: %s", errno_text(errno));

	pid_t trapping = fork_helper();

	if (trapping == 0) {
		/* The first one would end it, if nobody traced it yet. */
		while (read(go[0], &byte, 1) == 1)
			for (;;)
				__asm__ volatile("int3");
		_exit(1);
	}
	xptrace(PTRACE_SEIZE, trapping, 0L, PTRACE_O_EXITKILL);
	if (write(go[1], &byte, 1) != 1)
		broken("write: %s", errno_text(errno));
	stop_wait(trapping);
	close(go[0]);
	close(go[1]);
	return trapping;
}

static void bench_breakpoint(const char *function, const char *begins)
{
	struct samples bare = { 0 }, ours = { 0 }, gdb = { 0 }, to_bare = { 0 }, to_gdb = { 0 };
	int file = memfd_create("microseconds", 0);
	const char *path = strdup(text("/proc/%d/fd/%d", getpid(), file));
	const char *gdb_break = strdup(text("break *%s if $rdi == -1", function));
	bool has_gdb = exists("gdb");
	pid_t trapping = start_trapping();

	printf("\nOne hit whose condition is false, everything on CPU %d; the place: %s:\n",
		cpus[0], begins);
	for (int round = 0; round < ROUNDS; round++) {
		double bare_us = int3_us(trapping), gdb_us = NAN;
		double our_us = call_us(
			(const char *const[]){ "04_breakpoints/tracer", "-b", function, "-c",
				"rdi==-1", "--", "build/bench", function, "5000", path, NULL },
			file);

		if (our_us < 0)
			broken("tracer -b failed");
		if (has_gdb)
			gdb_us = call_us((const char *const[]){ "gdb", "-nx", "-batch", "-ex",
						 gdb_break, "-ex", "run", "--args", "build/bench",
						 function, "300", path, NULL },
				file);
		samples_add(&bare, bare_us);
		samples_add(&ours, our_us);
		samples_add(&to_bare, our_us / bare_us);
		if (!has_gdb)
			continue;
		if (gdb_us < 0)
			broken("gdb failed");
		samples_add(&gdb, gdb_us);
		samples_add(&to_gdb, our_us / gdb_us);
	}
	kill(trapping, SIGKILL);
	stop_wait(trapping);
	close(file);
	printf("  %-32s %s\n", "a bare int3 stop", samples_text(&bare, "us"));
	printf("  %-32s %s\n", "tracer -b", samples_text(&ours, "us"));
	print_ratio("tracer -b / bare stop", &to_bare, 1.3);
	if (has_gdb) {
		printf("  %-32s %s\n", "gdb", samples_text(&gdb, "us"));
		print_ratio("tracer -b / gdb", &to_gdb, 0.1);
	} else {
		printf("  %-32s skipped: not installed\n", "gdb");
	}
	samples_free(&bare);
	samples_free(&ours);
	samples_free(&gdb);
	samples_free(&to_bare);
	samples_free(&to_gdb);
}

/* --- system calls ------------------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Write the median of the microseconds of a call to a file: what disturbs the machine disturbs few. */
static int ask_often(long calls, const char *path)
{
	double *us = malloc((size_t)calls * sizeof(*us)), median;
	int fd = open(path, O_WRONLY);

	for (long i = 0; i < calls; i++) {
		int64_t start = clock_now_ns();

		syscall(SYS_getppid);
		us[i] = (double)(clock_now_ns() - start) / 1e3;
	}
	qsort(us, (size_t)calls, sizeof(*us), by_value);
	median = us[calls / 2];
	free(us);
	return write(fd, &median, sizeof(median)) != sizeof(median);
}

/* Write the microseconds per call of so many processes that make as many calls in all, from when they
 * all are there. */
static int ask_together(int processes, long calls, const char *path)
{
	int64_t start;
	double us;
	int go[2];
	char byte;

	if (pipe(go) == -1)
		return 1;
	for (int i = 0; i < processes; i++) {
		if (fork() != 0)
			continue;
		close(go[1]);
		if (read(go[0], &byte, 1) == 0)
			for (long call = 0; call < calls / processes; call++)
				syscall(SYS_getppid);
		_exit(0);
	}
	start = clock_now_ns();
	close(go[1]);
	while (wait(NULL) > 0)
		;
	us = (double)(clock_now_ns() - start) / 1e3 / (double)calls;

	int fd = open(path, O_WRONLY);

	return write(fd, &us, sizeof(us)) != sizeof(us);
}

#define TRACE "build/bench.trace"
#define OURS_TOOL "05_syscall_tracing/tracer", "-f", "-o", TRACE
#define STRACE_TOOL "strace", "-f", "-o", TRACE

static void use_both_cpus(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpus[0], &set);
	CPU_SET(cpus[1], &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* One call of a program that makes nothing else. `one_cpu`: with the bare stops to compare with. */
static void bench_call(const char *where, bool one_cpu)
{
	struct samples ours = { 0 }, theirs = { 0 }, bare = { 0 }, to_strace = { 0 },
		       to_bare = { 0 };
	int file = memfd_create("microseconds", 0);
	const char *path = strdup(text("/proc/%d/fd/%d", getpid(), file));
	bool has_strace = exists("strace");
	pid_t caller = one_cpu ? start_caller(cpus[0]) : 0;

	printf("\nOne getppid() of a program whose every call is told, %s:\n", where);
	for (int round = 0; round < ROUNDS; round++) {
		double our_us = call_us((const char *const[]){ OURS_TOOL, "--", "build/bench",
						"getppid", "2000", path, NULL },
			file);
		double bare_us = one_cpu ? 2 * stop_us(caller) : NAN;

		if (our_us < 0)
			broken("tracer of lab 05 failed");
		samples_add(&ours, our_us);
		samples_add(&bare, bare_us);
		samples_add(&to_bare, our_us / bare_us);
		if (!has_strace)
			continue;

		double strace_us = call_us((const char *const[]){ STRACE_TOOL, "build/bench",
						   "getppid", "2000", path, NULL },
			file);

		samples_add(&theirs, strace_us);
		samples_add(&to_strace, our_us / strace_us);
	}
	close(file);
	printf("  %-32s %s\n", "tracer -f -o", samples_text(&ours, "us"));
	if (has_strace) {
		printf("  %-32s %s\n", "strace -f -o", samples_text(&theirs, "us"));
		print_ratio("tracer / strace", &to_strace, one_cpu ? 0.85 : 0.25);
	} else {
		printf("  %-32s skipped: not installed\n", "strace");
	}
	if (one_cpu) {
		kill(caller, SIGKILL);
		stop_wait(caller);
		printf("  %-32s %s\n", "two bare stops", samples_text(&bare, "us"));
		print_ratio("tracer / two bare stops", &to_bare, 1.5);
	}
	samples_free(&ours);
	samples_free(&theirs);
	samples_free(&bare);
	samples_free(&to_strace);
	samples_free(&to_bare);
}

/* A real program, from start to end. */
static void bench_program(const char *where, double aim)
{
	struct samples ours = { 0 }, theirs = { 0 }, ratio = { 0 };

	printf("\n\"find /etc\", every call told, %s:\n", where);
	if (!exists("strace")) {
		printf("  skipped: it needs strace\n");
		return;
	}
	for (int round = 0; round < ROUNDS; round++) {
		double our_ms =
			tool_ms((const char *const[]){ OURS_TOOL, "--", "find", "/etc", NULL });
		double strace_ms =
			tool_ms((const char *const[]){ STRACE_TOOL, "find", "/etc", NULL });

		if (our_ms < 0 || strace_ms < 0)
			broken("%s failed", our_ms < 0 ? "tracer of lab 05" : "strace");
		samples_add(&ours, our_ms);
		samples_add(&theirs, strace_ms);
		samples_add(&ratio, our_ms / strace_ms);
	}
	printf("  %-32s %s\n", "tracer -f -o", samples_text(&ours, "ms"));
	printf("  %-32s %s\n", "strace -f -o", samples_text(&theirs, "ms"));
	print_ratio("tracer / strace", &ratio, aim);
	samples_free(&ours);
	samples_free(&theirs);
	samples_free(&ratio);
}

/* A call that is not selected, beside one without any tracer. */
static void bench_unselected(void)
{
	struct samples ours = { 0 }, untraced = { 0 }, ratio = { 0 };
	int file = memfd_create("microseconds", 0);
	const char *path = strdup(text("/proc/%d/fd/%d", getpid(), file));

	printf("\nOne getppid() of a program of which another call is told:\n");
	for (int round = 0; round < ROUNDS; round++) {
		double our_us = call_us((const char *const[]){ OURS_TOOL, "-e", "chroot", "--",
						"build/bench", "getppid", "20000", path, NULL },
			file);
		double bare_us = call_us(
			(const char *const[]){ "build/bench", "getppid", "20000", path, NULL },
			file);

		if (our_us < 0 || bare_us < 0)
			broken("tracer of lab 05, or this program, failed");
		samples_add(&ours, our_us);
		samples_add(&untraced, bare_us);
		samples_add(&ratio, our_us / bare_us);
	}
	close(file);
	printf("  %-32s %s\n", "tracer -e chroot", samples_text(&ours, "us"));
	printf("  %-32s %s\n", "untraced", samples_text(&untraced, "us"));
	print_ratio("tracer -e / untraced", &ratio, 2);
	samples_free(&ours);
	samples_free(&untraced);
	samples_free(&ratio);
}

static void bench_busy(void)
{
	struct samples one = { 0 }, many = { 0 }, ratio = { 0 };
	int file = memfd_create("microseconds", 0);
	const char *path = strdup(text("/proc/%d/fd/%d", getpid(), file));

	printf("\nOne call of 64 processes that do nothing else, under one tracer, on CPU %d:\n",
		cpus[0]);
	for (int round = 0; round < ROUNDS; round++) {
		double us[2];

		for (int i = 0; i < 2; i++) {
			us[i] = call_us((const char *const[]){ "05_syscall_tracing/tracer", "-f",
						"-c", "-o", "/dev/null", "--", "build/bench",
						i == 0 ? "together-1" : "together-64", "25600",
						path, NULL },
				file);
			if (us[i] < 0)
				broken("tracer of lab 05 failed");
		}
		samples_add(&one, us[0]);
		samples_add(&many, us[1]);
		samples_add(&ratio, us[1] / us[0]);
	}
	close(file);
	printf("  %-32s %s\n", "of 64", samples_text(&many, "us"));
	printf("  %-32s %s\n", "of one alone", samples_text(&one, "us"));
	print_ratio("of 64 / of one", &ratio, 1);
	samples_free(&one);
	samples_free(&many);
	samples_free(&ratio);
}

static void bench_syscalls(void)
{
	pin(cpus[0]);
	bench_call(text("tracer and program on CPU %d", cpus[0]), true);
	bench_program(text("tracer and program on CPU %d", cpus[0]), 0.85);
	bench_unselected();
	bench_busy();
	use_both_cpus();
	bench_call("wherever they run", false);
	bench_program("wherever they run", 0);
	pin(cpus[0]);
	unlink(TRACE);
}

/* What this program is when a tool runs it. */
static int be_target(const char *role, long calls, const char *path)
{
	if (strcmp(role, "getppid") == 0)
		return ask_often(calls, path);
	if (strncmp(role, "together-", 9) == 0)
		return ask_together(atoi(role + 9), calls, path);
	return call_often(role, calls, path);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 4)
		return be_target(argv[1], atol(argv[2]), argv[3]);
	find_cpus();
	/* Fewer strangers in between; an ordinary user may not. */
	setpriority(PRIO_PROCESS, 0, -20);
	print_machine();
	bench_pause();
	pin(cpus[0]);
	bench_stop(text("tracer and tracee on CPU %d", cpus[0]), cpus[0]);
	if (cpu_count == 2)
		bench_stop(text("tracer on CPU %d, tracee on CPU %d", cpus[0], cpus[1]), cpus[1]);
	else
		printf("\nOne stop across two CPUs: skipped, this process may use one CPU only\n");
	bench_compare();
	bench_read("pages of 4 KiB as the kernel has them to give", MADV_NOHUGEPAGE, false);
	bench_read("pages of 4 KiB in their physical order", MADV_HUGEPAGE, true);
	bench_read("huge pages", MADV_HUGEPAGE, false);
	bench_breakpoint("begins_long", "an instruction of 4 bytes");
	bench_breakpoint("begins_short", "one byte, where somebody's SIGTRAP must be told apart");
	bench_syscalls();
	return 0;
}
