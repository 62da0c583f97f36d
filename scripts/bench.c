/* SPDX-License-Identifier: MIT */
/*
 * What attaching costs, side by side: the pause of `tracer -p` as its target feels it, and one stop
 * against one round trip through two pipes.
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

	printf("  %-32s N=%zu median %.2g [%.2g..%.2g]", name, ratio->count, median,
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

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
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
	return 0;
}
