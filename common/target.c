/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "target.h"
#include "text.h"

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h; field "flags" of /proc/PID/stat */

/* So long after the last INTERRUPT the tracer asks again and again before it sleeps, and does not
 * give up its CPU: a thread that stopped would wait for it to come back, which takes as long again
 * as all the rest, and a time slice where others want that CPU. */
#define EAGER_NS 50000

/* The part of its patience that one sleep may take. */
#define PART_NS 100000000

static sigset_t signals_before, wakers;

/* A field of /proc/PID/status; "?", which reads as the number 0, where the text was cut short. */
static const char *field(const char *status, const char *name)
{
	const char *value = status_field(status, name);

	return value != NULL ? value : "?";
}

/* --- refusals ---------------------------------------------------------------------------------- */

static pid_t parse_pid(const char *word)
{
	const char *digits = word + (*word == '-');

	if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		target_refuse(
			"\"%s\" is not a process id: give a decimal number, as ps prints it", word);
	errno = 0;

	long pid = strtol(word, NULL, 10);

	if (pid <= 0)
		target_refuse("%s is not a process id: those are positive", word);
	if (errno == ERANGE || pid > INT_MAX)
		target_refuse("%s is too large for a process id (the largest possible: "
			      "/proc/sys/kernel/pid_max)",
			word);
	return (pid_t)pid;
}

static void refuse_kernel_thread(pid_t pid)
{
	char stat[1024];
	unsigned flags;

	if (proc_read(pid, "stat", stat, sizeof(stat)) > 0 && strrchr(stat, ')') != NULL &&
		sscanf(strrchr(stat, ')'), ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
		flags & PF_KTHREAD)
		target_refuse("pid %d is a kernel thread: it has no user side to look at, and "
			      "nobody can trace it",
			pid);
}

/* Where the program cannot be read this says nothing, and PTRACE_SEIZE will most likely refuse. */
static void refuse_foreign_machine(pid_t pid)
{
	Elf64_Ehdr header;
	ssize_t length = proc_read(pid, "exe", (char *)&header, sizeof(header));

	if (length < (ssize_t)offsetof(Elf64_Ehdr, e_version))
		return;
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
		target_refuse(
			"pid %d runs a program that is not x86_64 (ELF class %d, machine %d): "
			"this tool knows the registers and calls of 64-bit x86 alone",
			pid, header.e_ident[EI_CLASS], header.e_machine);
}

static void refuse_traced(pid_t tid, const char *status)
{
	const char *tracer = field(status, "TracerPid");

	if (atoi(tracer) != 0)
		target_refuse("pid %d is already traced, by pid %s: a process has one tracer at a "
			      "time, so end that one first",
			tid, tracer);
}

/* The causes are many: __ptrace_may_access() and the security modules. */
void target_refuse_permission(pid_t tid)
{
	char status[8192] = "";
	unsigned uid[3] = { 0 }, gid[3] = { 0 };
	unsigned my_uid = getuid(), my_gid = getgid();
	int scope = proc_yama_scope();

	proc_read(tid, "status", status, sizeof(status));
	refuse_traced(tid, status);
	if (scope == 3)
		target_refuse(
			"pid %d: permission denied: Yama's ptrace_scope is 3, and no process may "
			"attach to another until the next boot",
			tid);
	if (proc_capable(getpid(), CAP_SYS_PTRACE))
		target_refuse(
			"pid %d: permission denied in spite of CAP_SYS_PTRACE: it belongs to an "
			"outer user namespace, or a security module (Landlock, SELinux) refuses",
			tid);
	if (sscanf(field(status, "Uid"), "%u %u %u", &uid[0], &uid[1], &uid[2]) != 3 ||
		sscanf(field(status, "Gid"), "%u %u %u", &gid[0], &gid[1], &gid[2]) != 3)
		target_refuse(
			"pid %d: permission denied, and /proc does not tell whose it is", tid);
	if (uid[0] != my_uid || uid[1] != my_uid || uid[2] != my_uid)
		target_refuse(
			"pid %d belongs to another user (uid %u; this is uid %u): run this as "
			"that user, or as root (CAP_SYS_PTRACE)",
			tid, uid[0] != my_uid ? uid[0] : uid[1], my_uid);
	if (gid[0] != my_gid || gid[1] != my_gid || gid[2] != my_gid)
		target_refuse(
			"pid %d has another group (gid %u; this is gid %u): run this with that "
			"group, or as root (CAP_SYS_PTRACE)",
			tid, gid[0] != my_gid ? gid[0] : gid[1], my_gid);
	if (scope > 0)
		target_refuse(
			"pid %d: permission denied: Yama's ptrace_scope is %d: run this as root "
			"(CAP_SYS_PTRACE), or set kernel.yama.ptrace_scope to 0",
			tid, scope);
	target_refuse("pid %d: permission denied, though the user is the same: it is not dumpable "
		      "(set-user-ID, unreadable program, PR_SET_DUMPABLE), has a capability, or a "
		      "security module refuses; root (CAP_SYS_PTRACE) may be allowed",
		tid);
}

/* --- the threads ------------------------------------------------------------------------------- */

static ssize_t thread_status(const struct target *target, pid_t tid, char *status, size_t size)
{
	return proc_read(target->pid, text("task/%d/status", tid), status, size);
}

size_t target_threads(pid_t pid, pid_t **tids)
{
	const char *directory = text("%d/task", pid);
	size_t room = 64;
	ssize_t count;

	for (*tids = NULL;; room = (size_t)count + 64) {
		*tids = realloc(*tids, room * sizeof(**tids));
		if (*tids == NULL)
			target_refuse("no memory for a list of %zu threads", room);
		count = proc_list(directory, *tids, room);
		if (count == -1)
			return 0;
		if ((size_t)count <= room)
			return (size_t)count;
	}
}

static struct target_thread *find_thread(const struct target *target, pid_t tid)
{
	for (size_t i = 0; i < target->count; i++)
		if (target->thread[i].tid == tid)
			return &target->thread[i];
	return NULL;
}

static bool is_zombie(const char *status)
{
	return strchr("ZX", *field(status, "State")) != NULL;
}

struct target target_open(int argc, char **argv)
{
	const char *word = argv[0][2] != '\0' ? argv[0] + 2 : argv[1];
	int words = argv[0][2] != '\0' ? 1 : 2;
	char status[8192];

	if (word == NULL)
		target_refuse("-p needs a process id: tracer -p PID");
	if (argc > words)
		target_refuse(
			"-p takes one process id, and \"%s\" is a word too many", argv[words]);

	pid_t pid = parse_pid(word);

	if (proc_read(pid, "status", status, sizeof(status)) <= 0)
		target_refuse(
			kill(pid, 0) == -1 && errno == ESRCH
				? "there is no process %d"
				: "process %d exists, but /proc does not show it: it is hidden "
				  "(hidepid) or not mounted",
			pid);

	struct target target = { .pid = atoi(field(status, "Tgid")),
		.uid = (uid_t)atoi(field(status, "Uid")) };
	long own_tracer = proc_number(getpid(), "TracerPid");

	target.only = pid == target.pid ? 0 : pid;
	snprintf(target.name, sizeof(target.name), "%s", field(status, "Name"));
	if (target.pid == getpid())
		target_refuse("pid %d is this tracer itself, and nobody can trace himself", pid);
	if (own_tracer != 0 && proc_number((pid_t)own_tracer, "Tgid") == target.pid)
		target_refuse(
			"pid %d traces this tracer: each would wait for the other for ever", pid);
	refuse_kernel_thread(pid);
	/* A leader that ended before its threads is a zombie too, and they can be looked at. */
	if (is_zombie(status) && (target.only || atoi(field(status, "Threads")) <= 1))
		target_refuse(
			"pid %d is a zombie: it has ended and waits for its parent, pid %s, to "
			"ask how",
			pid, field(status, "PPid"));
	refuse_traced(pid, status);
	refuse_foreign_machine(pid);
	return target;
}

static void seize_thread(struct target *target, pid_t tid)
{
	struct target_thread thread = { .tid = tid };
	char status[8192];

	if (thread_status(target, tid, status, sizeof(status)) <= 0)
		return;
	snprintf(thread.state, sizeof(thread.state), "%s", field(status, "State"));
	thread.tracer = atoi(field(status, "TracerPid"));
	thread.pending = strtoull(field(status, "SigPnd"), NULL, 16);
	thread.shared_pending = strtoull(field(status, "ShdPnd"), NULL, 16);
	thread.blocked = strtoull(field(status, "SigBlk"), NULL, 16);
	thread.seized_ns = clock_now_ns();
	if (ptrace(PTRACE_SEIZE, tid, 0, 0) == -1) {
		int error = errno;

		if (error == ESRCH || thread_status(target, tid, status, sizeof(status)) <= 0 ||
			is_zombie(status))
			return;
		if (error == EPERM)
			target_refuse_permission(tid);
		target_refuse("PTRACE_SEIZE of pid %d: %s", tid, errno_text(error));
	}
	target->thread = realloc(target->thread, (target->count + 1) * sizeof(thread));
	if (target->thread == NULL)
		target_refuse("no memory for %zu threads", target->count + 1);
	target->thread[target->count++] = thread;
}

static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &signals_before);
}

static void prepare_to_wait(void)
{
	static const int wake[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	sigemptyset(&wakers);
	for (size_t i = 0; i < COUNT(wake); i++)
		sigaddset(&wakers, wake[i]);
	/* The report of a stop wakes target_wait() as SIGCHLD, which an inherited SIG_IGN would
	 * suppress (do_notify_parent_cldstop()). */
	signal(SIGCHLD, SIG_DFL);
	block_signals();
}

void target_seize(struct target *target)
{
	size_t before;

	do {
		pid_t *tids;
		size_t listed = target_threads(target->pid, &tids);

		before = target->count;
		for (size_t i = 0; i < listed; i++)
			if ((target->only == 0 || tids[i] == target->only) &&
				find_thread(target, tids[i]) == NULL)
				seize_thread(target, tids[i]);
		free(tids);
	} while (target->count > before);
	if (target->count == 0)
		target_refuse("pid %d ended before it could be looked at", target->pid);
	prepare_to_wait();
}

/* --- the stop ---------------------------------------------------------------------------------- */

struct target_thread *target_wait(struct target *target)
{
	if (target->asked == 0)
		target->patience_ns = TARGET_PATIENCE_NS;
	while (target->reported < target->count) {
		struct stop stop = stop_poll(-1);
		struct target_thread *thread = find_thread(target, stop.tid);

		if (thread != NULL && thread->stop.kind == STOP_NONE) {
			thread->stop = stop;
			target->reported++;
			return thread;
		}
		if (stop.kind != STOP_NONE)
			continue;
		if (target->asked < target->count) {
			thread = &target->thread[target->asked++];
			thread->interrupted_ns = clock_now_ns();
			/* ESRCH: it has ended, and the next poll will tell so. */
			ptrace(PTRACE_INTERRUPT, thread->tid, 0, 0);
			continue;
		}

		int64_t began = clock_now_ns();

		if (target->patience_ns <= 0)
			return NULL;
		if (began - target->thread[target->count - 1].interrupted_ns < EAGER_NS)
			continue;

		int sig = sigtimedwait(&wakers, NULL, &(struct timespec){ .tv_nsec = PART_NS });
		int64_t waited = clock_now_ns() - began;

		target->patience_ns -= waited < PART_NS ? waited : PART_NS;
		if (sig > 0 && sig != SIGCHLD) {
			/* Unblocked, it ends the tracer, unless it was ignored before. */
			raise(sig);
			target_done();
			block_signals();
		}
	}
	return NULL;
}

void target_release(struct target_thread *thread)
{
	long sig = thread->stop.kind == STOP_SIGNAL ? thread->stop.detail : 0;

	/* ESRCH: it ended, or SIGKILL took it out of its stop. */
	ptrace(PTRACE_DETACH, thread->tid, 0, sig);
	thread->released_ns = clock_now_ns();
}

void target_done(void)
{
	sigprocmask(SIG_SETMASK, &signals_before, NULL);
}

int64_t target_pause_ns(const struct target_thread *thread)
{
	bool asked = thread->stop.kind == STOP_EVENT;

	return thread->released_ns - (asked ? thread->interrupted_ns : thread->seized_ns);
}

void target_needs_stdout(void)
{
	if (fcntl(STDOUT_FILENO, F_GETFD) == -1)
		target_refuse("stdout is closed");
}

int target_answered(int verdict)
{
	/* Each line was written as it ended, and what failed then is no longer in errno. */
	if (fflush(stdout) != 0 || ferror(stdout))
		target_refuse("stdout took only a part of what there was to tell (a full disk?)");
	return verdict;
}
