/* SPDX-License-Identifier: MIT */
/*
 * Lab 05 pointed at a stranger: every system call of a program or a process, one line for each, in
 * strace's notation.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/audit.h>

#include "calls.h"
#include "clock.h"
#include "constants.h"
#include "count.h"
#include "launch.h"
#include "loop.h"
#include "output.h"
#include "process.h"
#include "syscalls.h"
#include "target.h"
#include "text.h"

const char target_usage[] =
	"[-f] [-e NAME[,NAME...]] [-o FILE] [-c] (-p PID | -- PROGRAM [ARG...])\n"
	"                          tell every system call of a program or a process\n"
	"      -f      follow what it creates: threads, processes\n"
	"      -e      only these calls\n"
	"      -o      to a file, and not to stderr\n"
	"      -c      count calls, errors and time, and tell these at the end";

/* What is kept with a task. */
struct own {
	struct progress progress;
	bool unfinished;    /* another line came between */
	int64_t entered_ns; /* -c */
};

static bool follow, counting;
static const char *file;
static struct calls selected;
static struct loop_tool tool;
static pid_t open_line; /* whose line waits for its end; 0: nobody's */

/* --- lines -------------------------------------------------------------------------------------- */

/* Begin a line about a task; end that of another one, or of this one's call if it is to go on. */
static void begin_line(const struct task *task)
{
	if (open_line != 0) {
		put(" <unfinished ...>");
		put_newline();
		((struct own *)loop_task(open_line)->own)->unfinished = true;
		open_line = 0;
	}
	if (follow && file != NULL) {
		put_signed(task->tid);
		put_column(5);
		put_char(' ');
	} else if (loop_count() > 1) {
		put_format("[pid %5d] ", task->tid);
	}
}

static void entered(struct task *task)
{
	struct own *own = task->own;

	begin_line(task);
	put_entry(task, &own->progress);
	own->unfinished = false;
	open_line = task->tid;
}

/* Go on with the line of the call that the task is in. */
static void resume_line(const struct task *task)
{
	const struct own *own = task->own;

	if (open_line != task->tid || own->unfinished) {
		begin_line(task);
		put("<... ");
		put(call_name(&task->call));
		put(" resumed>");
	}
	open_line = 0;
}

static void left(struct task *task, const struct ptrace_syscall_info *info)
{
	struct own *own = task->own;

	resume_line(task);
	put_exit(task, &own->progress, info);
	put_newline();
}

static int signalled(struct task *task, int sig)
{
	siginfo_t info;

	begin_line(task);
	put("--- ");
	put_signal(sig);
	put_char(' ');
	if (ptrace(PTRACE_GETSIGINFO, task->tid, 0, &info) == 0)
		put_siginfo(&info);
	put(" ---");
	put_newline();
	return sig;
}

static void stopped(struct task *task, int sig)
{
	begin_line(task);
	put("--- stopped by ");
	put_signal(sig);
	put(" ---");
	put_newline();
}

/* It will not return from the call it is in. */
static void abandon_call(const struct task *task)
{
	const struct own *own = task->own;

	if (!task->in_call)
		return;
	resume_line(task);
	put_no_exit(task, &own->progress);
	put_newline();
}

static void replaced(struct task *task, pid_t by)
{
	abandon_call(task);
	begin_line(task);
	put_format("+++ superseded by execve in pid %d +++", by);
	put_newline();
}

static void executed(struct task *task, pid_t former)
{
	if (open_line == former)
		open_line = task->tid;
}

static void ended(struct task *task, struct stop end)
{
	abandon_call(task);
	begin_line(task);
	if (end.kind == STOP_EXITED) {
		put_format("+++ exited with %d +++", end.detail);
	} else {
		put("+++ killed by ");
		put_signal(end.detail);
		put(end.core ? " (core dumped) +++" : " +++");
	}
	put_newline();
}

/* --- counts ------------------------------------------------------------------------------------- */

static struct count {
	unsigned long calls, errors;
	int64_t ns;
} counts[CALLS];

/* One of the 32-bit table counts with its namesake. NULL: a number that no table has. */
static struct count *count_of(const struct task *task)
{
	const char *name = NULL;
	long number = (long)task->call.entry.nr;

	if (task->call.arch != AUDIT_ARCH_X86_64) {
		name = syscall_known_32(task->call.entry.nr);
		number = name != NULL ? syscall_number(name) : -1;
	}
	return number >= 0 && number < CALLS ? &counts[number] : NULL;
}

static void count_entry(struct task *task)
{
	((struct own *)task->own)->entered_ns = clock_now_ns();
}

static void count_exit(struct task *task, const struct ptrace_syscall_info *info)
{
	const struct own *own = task->own;
	struct count *count = count_of(task);

	if (count == NULL)
		return;
	count->calls++;
	count->errors += info->exit.is_error;
	count->ns += clock_now_ns() - own->entered_ns;
}

static void count_end(struct task *task, struct stop end)
{
	struct count *count = task->in_call ? count_of(task) : NULL;

	(void)end;
	if (count != NULL)
		count->calls++;
}

static int by_time(const void *a, const void *b)
{
	const struct count *x = &counts[*(const int *)a], *y = &counts[*(const int *)b];

	return x->ns != y->ns ? (x->ns < y->ns ? 1 : -1) : *(const int *)a - *(const int *)b;
}

static void put_counts(void)
{
	static const char rule[] =
		"------ ----------- ----------- --------- --------- ----------------";
	struct count total = { 0 };
	int order[CALLS] = { 0 }, made = 0;

	for (int i = 0; i < CALLS; i++)
		if (counts[i].calls > 0) {
			total.calls += counts[i].calls;
			total.errors += counts[i].errors;
			total.ns += counts[i].ns;
			order[made++] = i;
		}
	qsort(order, (size_t)made, sizeof(*order), by_time);
	put_format("%% time     seconds  usecs/call     calls    errors syscall\n%s\n", rule);
	for (int i = 0; i < made; i++) {
		const struct count *count = &counts[order[i]];

		put_format("%6.2f %11.6f %11.0f %9lu %9s %s\n",
			total.ns > 0 ? 100.0 * (double)count->ns / (double)total.ns : 0,
			(double)count->ns / 1e9, (double)count->ns / 1e3 / (double)count->calls,
			count->calls, count->errors > 0 ? text("%lu", count->errors) : "",
			syscall_name(order[i]));
	}
	put_format("%s\n%6.2f %11.6f %11.0f %9lu %9s total", rule, 100.0, (double)total.ns / 1e9,
		total.calls > 0 ? (double)total.ns / 1e3 / (double)total.calls : 0, total.calls,
		total.errors > 0 ? text("%lu", total.errors) : "");
	put_newline();
}

/* --- the words ---------------------------------------------------------------------------------- */

static void select_calls(char *names)
{
	for (char *name; (name = strsep(&names, ",")) != NULL;) {
		long number = syscall_number(name);

		if (number < 0 || number >= CALLS)
			target_refuse("there is no system call \"%s\"", name);
		selected.has[number] = true;
	}
	tool.calls = &selected;
}

/* Takes in the options. Returns the word after -p, or NULL; and where the program's words begin. */
static char *parse_words(int argc, char **argv, char ***program)
{
	char *pid = NULL;
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, "+fe:o:cp:")) != -1) {
		switch (option) {
		case 'f':
			follow = true;
			break;
		case 'c':
			counting = true;
			break;
		case 'e':
			select_calls(optarg);
			break;
		case 'o':
			file = optarg;
			break;
		case 'p':
			pid = optarg;
			break;
		default:
			target_refuse(
				strchr("eop", optopt) != NULL
					? "-%c needs a value (--help tells the usage)"
					: "-%c is no option here: -f, -e, -o, -c, then -p PID or "
					  "-- PROGRAM",
				optopt);
		}
	}
	*program = argv + optind;
	if (pid == NULL && **program == NULL)
		target_refuse("no program and no process: -- PROGRAM, or -p PID");
	if (pid != NULL && **program != NULL)
		target_refuse(
			"-p PID or a program, not both: \"%s\" is a word too many", **program);
	return pid;
}

static struct loop_tool the_tool(void)
{
	if (counting)
		return (struct loop_tool){
			.entered = count_entry, .left = count_exit, .ended = count_end
		};
	return (struct loop_tool){ .entered = entered,
		.left = left,
		.signalled = signalled,
		.stopped = stopped,
		.executed = executed,
		.replaced = replaced,
		.ended = ended,
		.ticked = output_flush };
}

static void put_detached(struct task *task)
{
	if (!task->in_call)
		return;
	resume_line(task);
	put(" <detached ...>");
	put_newline();
}

int target_mode(int argc, char **argv)
{
	char **words, *pid = parse_words(argc + 1, argv - 1, &words);
	const struct calls *calls = tool.calls;
	const char *path = NULL;

	if (file == NULL && fcntl(STDERR_FILENO, F_GETFD) == -1)
		target_refuse("stderr is closed, so the trace needs a file: -o FILE");
	process_reserve_fds(O_CLOEXEC);
	tool = the_tool();
	tool.own_size = sizeof(struct own);
	tool.follow = follow;
	tool.calls = calls;
	if (pid != NULL) {
		char *p_pid[] = { (char *)"-p", pid, NULL };
		struct target target = target_open(2, p_pid);

		output_open(file);
		loop_attach(&tool, target.pid);
	} else {
		path = launch_find(*words);
		output_open(file);
		loop_launch(&tool, path, words);
	}
	if (loop_run() == LOOP_ASKED && !counting)
		loop_each(put_detached);
	if (counting)
		put_counts();
	output_flush();
	if (path != NULL)
		launch_check(path);
	if (!output_whole())
		return LAB_USAGE;
	return path != NULL ? launch_end_alike(loop_program_end()) : LAB_HOLDS;
}
