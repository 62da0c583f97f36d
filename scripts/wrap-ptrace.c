/* SPDX-License-Identifier: MIT */
/*
 * Stands between a lab and the kernel, where a lab is linked with it (scripts/wrap-ptrace.flags):
 * every ptrace(), waitpid(), waitid(), wait4() and wait() of an experiment passes here.
 *
 * RECORD=FILE appends one line for each thing that an experiment made or met: a request that
 * succeeded ("PTRACE_ATTACH"), one that failed ("PTRACE_ATTACH:EPERM"), an option that was set
 * ("PTRACE_O_EXITKILL"), an event ("PTRACE_EVENT_EXEC"), a kind of stop ("step-stop"), an end
 * ("killed"). Each process writes each line once, and so do the processes it forks.
 *
 * WITHOUT=WORD has one of these things missing, so that one can see what notices its absence. WORD
 * is such a line; WITHOUT=help prints those there are.
 *  - A request that reads is made, and what it gave is zeroed; one that resumes does what PTRACE_CONT
 *    does; any other, PTRACE_CONT among them, is not made. All of these succeed.
 *  - An option is taken out of what PTRACE_SETOPTIONS and PTRACE_SEIZE ask for.
 *  - In the place of an error stands EDOM, which ptrace() never sets.
 *  - An event and a stop are reported as a stop by SIGURG; an end as a death by SIGURG.
 * WITHOUT=WORD@2 has it missing from its second time on in a process: what comes first may be a probe,
 * or the scenery.
 *
 * Calls of the runner itself pass untouched: they are not the experiment's.
 */
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "count.h"
#include "request.h"
#include "stop.h"
#include "text.h"

#define LARGEST_REQUEST PTRACE_SET_SYSCALL_INFO
#define LARGEST_ERROR 133
#define UNKNOWN "unknown-request"

/* NOLINTBEGIN(bugprone-reserved-identifier): the names that ld's --wrap asks for */
long __real_ptrace(enum __ptrace_request request, pid_t pid, void *addr, void *data);
pid_t __real_wait4(pid_t pid, int *status, int options, struct rusage *usage);
int __real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
long __wrap_ptrace(enum __ptrace_request request, ...);
pid_t __wrap_wait(int *status);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_wait4(pid_t pid, int *status, int options, struct rusage *usage);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
/* NOLINTEND(bugprone-reserved-identifier) */

static const struct {
	unsigned long bit;
	const char *name;
} option_names[] = {
#define OPTION(name)                                                                               \
	{                                                                                          \
		PTRACE_O_##name, "PTRACE_O_" #name                                                 \
	}
	OPTION(TRACESYSGOOD),
	OPTION(TRACEFORK),
	OPTION(TRACEVFORK),
	OPTION(TRACECLONE),
	OPTION(TRACEEXEC),
	OPTION(TRACEVFORKDONE),
	OPTION(TRACEEXIT),
	OPTION(TRACESECCOMP),
	OPTION(EXITKILL),
	OPTION(SUSPEND_SECCOMP),
};

/* The stops that no event names, and the ends. */
static const char *const stops[] = {
	"signal-delivery-stop", "attach-sigstop", /* the SIGSTOP that PTRACE_ATTACH sends */
	"group-stop",        /* of an attached tracee: PTRACE_GETSIGINFO fails with EINVAL */
	"seized-group-stop", /* PTRACE_EVENT_STOP with the stopping signal */
	"interrupt-stop",    /* PTRACE_EVENT_STOP with SIGTRAP, after PTRACE_INTERRUPT */
	"group-stop-end",    /* the same after SIGCONT */
	"child-sigstop",     /* the first stop of a child attached automatically */
	"child-event-stop",  /* the same under PTRACE_SEIZE */
	"exec-sigtrap",      /* after execve(), without PTRACE_O_TRACEEXEC and PTRACE_SEIZE */
	"syscall-enter-stop", "syscall-exit-stop", "sysemu-stop", "step-stop",
	"syscall-step-stop", /* the step over an instruction that enters the kernel */
	"handler-step-stop", /* the step that begins a signal handler */
	"block-step-stop", "int3-stop", "watchpoint-stop", /* the debug registers */
};
static const char *const ends[] = { "exited", "killed" };

static char without[64];        /* the word, or "" */
static unsigned without_from;   /* the first time that it is missing */
static const char *record_file; /* or NULL */
static bool is_runner;

/* --- the words -------------------------------------------------------------------------------- */

/* The name of a request; NULL: there is none. */
static const char *known_request(long request)
{
	const char *name = request_name(request);

	return strncmp(name, "PTRACE_", strlen("PTRACE_")) == 0 ? name : NULL;
}

/* Show or look for every word that WITHOUT takes, but for errors. */
static bool each_word(const char *wanted)
{
	bool found = false;

#define WORD(kind, word)                                                                           \
	do {                                                                                       \
		const char *this_word = word;                                                      \
		if (wanted == NULL)                                                                \
			printf("%s %s\n", kind, this_word);                                        \
		else if (strcmp(wanted, this_word) == 0)                                           \
			found = true;                                                              \
	} while (0)
	for (long request = 0; request <= LARGEST_REQUEST; request++)
		if (known_request(request) != NULL)
			WORD("request", known_request(request));
	for (size_t i = 0; i < COUNT(option_names); i++)
		WORD("option", option_names[i].name);
	for (int event = 1; event <= PTRACE_EVENT_SECCOMP; event++)
		WORD("event", event_name(event));
	WORD("event", event_name(PTRACE_EVENT_STOP));
	for (size_t i = 0; i < COUNT(stops); i++)
		WORD("stop", stops[i]);
	for (size_t i = 0; i < COUNT(ends); i++)
		WORD("end", ends[i]);
#undef WORD
	return found;
}

static bool is_request(const char *word)
{
	for (long request = 0; request <= LARGEST_REQUEST; request++)
		if (known_request(request) != NULL && strcmp(known_request(request), word) == 0)
			return true;
	return strcmp(word, UNKNOWN) == 0;
}

static bool is_word(const char *word)
{
	char request[64] = "", error[16] = "";

	if (sscanf(word, "%63[^:]:%15s", request, error) < 2)
		return each_word(word);
	for (int number = 1; number <= LARGEST_ERROR; number++)
		if (strerrorname_np(number) != NULL && strcmp(strerrorname_np(number), error) == 0)
			return is_request(request);
	return false;
}

/* Takes "WORD" or "WORD@2"; false: it is neither. */
static bool take_word(const char *word)
{
	uint64_t from = 1;
	size_t length = strcspn(word, "@");

	if (length >= sizeof(without) ||
		(word[length] == '@' && !text_number(word + length + 1, false, &from)))
		return false;
	memcpy(without, word, length);
	without_from = (unsigned)from;
	return is_word(without);
}

/* --- the record ------------------------------------------------------------------------------- */

static void append(const char *line)
{
	int fd = open(record_file, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd == -1)
		return;
	dprintf(fd, "%s\n", line);
	close(fd);
}

/* Write the line, unless this process or the one that forked it has. */
static void record(const char *line)
{
	static struct {
		atomic_bool taken;
		char line[56];
	} seen[1024];
	unsigned at = 0;

	if (record_file == NULL)
		return;
	for (const char *c = line; *c != '\0'; c++)
		at = at * 31 + (unsigned char)*c;
	for (size_t tries = 0; tries < COUNT(seen); tries++, at++) {
		bool was_free = false;

		if (atomic_compare_exchange_strong(
			    &seen[at % COUNT(seen)].taken, &was_free, true)) {
			strncpy(seen[at % COUNT(seen)].line, line, sizeof(seen->line) - 1);
			append(line);
			return;
		}
		if (strcmp(seen[at % COUNT(seen)].line, line) == 0)
			return;
	}
	append(line);
}

/* A thing comes up: is it to be missing? */
static bool strikes(const char *word)
{
	static atomic_uint times;

	if (strcmp(word, without) != 0 || ++times < without_from)
		return false;
	record("struck");
	return true;
}

static bool met(const char *word)
{
	record(word);
	return strikes(word);
}

/* --- what this process knows of its tracees --------------------------------------------------- */

struct task {
	_Atomic(pid_t) tid;
	bool attached;    /* by PTRACE_ATTACH */
	bool known;       /* attached by this process, or has reported before */
	bool interrupted; /* since its last stop */
	long resumed;     /* the request that did it last */
};

static struct task *task_of(pid_t tid)
{
	static struct task tasks[16384], none;

	for (unsigned at = (unsigned)tid, tries = 0; tries < COUNT(tasks); tries++, at++) {
		struct task *task = &tasks[at % COUNT(tasks)];
		pid_t taken = 0;

		if (atomic_compare_exchange_strong(&task->tid, &taken, tid) || taken == tid)
			return task;
	}
	return &none;
}

static void forget(struct task *task)
{
	task->attached = task->known = task->interrupted = false;
	task->resumed = PTRACE_CONT;
}

static bool resumes(long request)
{
	switch (request) {
	case PTRACE_CONT:
	case PTRACE_SYSCALL:
	case PTRACE_SINGLESTEP:
	case PTRACE_SINGLEBLOCK:
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
		return true;
	}
	return false;
}

static void remember(long request, pid_t tid)
{
	struct task *task = task_of(tid);

	if (request == PTRACE_ATTACH || request == PTRACE_SEIZE) {
		forget(task);
		task->known = true;
		task->attached = request == PTRACE_ATTACH;
	} else if (request == PTRACE_DETACH) {
		forget(task);
	} else if (request == PTRACE_INTERRUPT) {
		task->interrupted = true;
	} else if (resumes(request)) {
		task->resumed = request;
	}
}

/* --- ptrace() --------------------------------------------------------------------------------- */

/* What a request reads, and where it puts it. Where the result of ptrace() is what it gives, or its
 * place can be known only once it has succeeded, there is no length. */
struct output {
	bool reads;
	void *at;
	size_t length;
};

static struct output output_of(long request, void *addr, void *data)
{
	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
	case PTRACE_PEEKUSER:
	case PTRACE_PEEKSIGINFO:
	case PTRACE_SECCOMP_GET_FILTER:
	case PTRACE_GETREGSET:
		return (struct output){ .reads = true };
	case PTRACE_GETREGS:
		return (struct output){ true, data, sizeof(struct user_regs_struct) };
	case PTRACE_GETFPREGS:
		return (struct output){ true, data, sizeof(struct user_fpregs_struct) };
	case PTRACE_GETSIGINFO:
		return (struct output){ true, data, sizeof(siginfo_t) };
	case PTRACE_GETEVENTMSG:
		return (struct output){ true, data, sizeof(unsigned long) };
	case PTRACE_GET_THREAD_AREA:
		return (struct output){ true, data, sizeof(struct user_desc) };
	case PTRACE_GETSIGMASK:
	case PTRACE_SECCOMP_GET_METADATA:
	case PTRACE_GET_SYSCALL_INFO:
	case PTRACE_GET_RSEQ_CONFIGURATION:
	case PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG:
		return (struct output){ true, data, (size_t)addr };
	case PTRACE_ARCH_PRCTL:
		return (struct output){ (long)data == ARCH_GET_FS || (long)data == ARCH_GET_GS,
			addr, sizeof(unsigned long) };
	default:
		return (struct output){ .reads = false };
	}
}

/* The request that is to be left out. */
static long make_without(long request, pid_t pid, void *addr, void *data)
{
	struct output output = output_of(request, addr, data);

	if (resumes(request) && request != PTRACE_CONT)
		return __real_ptrace(PTRACE_CONT, pid, addr, data);
	if (!output.reads)
		return 0;
	if (__real_ptrace(request, pid, addr, data) == -1 && errno != 0)
		return -1;
	if (request == PTRACE_GETREGSET) {
		output.at = ((struct iovec *)data)->iov_base;
		output.length = ((struct iovec *)data)->iov_len;
	}
	if (output.length != 0)
		memset(output.at, 0, output.length);
	return 0;
}

/* The options that are to be asked for. */
static unsigned long asked_options(unsigned long asked)
{
	unsigned long left = asked;

	for (size_t i = 0; i < COUNT(option_names); i++)
		if (asked & option_names[i].bit && strikes(option_names[i].name))
			left &= ~option_names[i].bit;
	return left;
}

static bool sets_options(long request)
{
	return request == PTRACE_SETOPTIONS || request == PTRACE_OLDSETOPTIONS ||
	       request == PTRACE_SEIZE;
}

long __wrap_ptrace(enum __ptrace_request request, ...)
{
	va_list arguments;

	va_start(arguments, request);

	pid_t pid = va_arg(arguments, pid_t);
	void *addr = va_arg(arguments, void *);
	void *data = va_arg(arguments, void *);

	va_end(arguments);
	if (is_runner || (record_file == NULL && *without == '\0'))
		return __real_ptrace(request, pid, addr, data);

	const char *name = known_request(request);

	if (name == NULL)
		name = UNKNOWN;
	if (strikes(name))
		return make_without(request, pid, addr, data);

	unsigned long asked = (unsigned long)data;

	if (sets_options(request))
		data = (void *)asked_options(asked);

	long result = __real_ptrace(request, pid, addr, data);
	int after = errno; /* 0 where a PEEK request read -1 */

	if (result == -1 && after != 0) {
		char line[64];

		snprintf(line, sizeof(line), "%s:%s", name, strerrorname_np(after));
		errno = met(line) ? EDOM : after;
		return result;
	}
	record(name);
	remember(request, pid);
	for (size_t i = 0; sets_options(request) && i < COUNT(option_names); i++)
		if (asked & option_names[i].bit)
			record(option_names[i].name);
	errno = after;
	return result;
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* A stop by SIGTRAP is told by the code of its siginfo and by what was asked before. */
static const char *trap_name(const struct task *task, const siginfo_t *info)
{
	bool stepped = task->resumed != PTRACE_CONT && task->resumed != PTRACE_SYSCALL &&
		       task->resumed != PTRACE_SYSEMU;
	pid_t tid = task->tid;

	switch (info->si_code) {
	case SIGTRAP:
		return stepped ? "handler-step-stop" : "signal-delivery-stop";
	case TRAP_BRKPT:
		return stepped ? "syscall-step-stop" : "signal-delivery-stop";
	case TRAP_TRACE:
		return task->resumed == PTRACE_SINGLEBLOCK ? "block-step-stop" : "step-stop";
	case TRAP_BRANCH:
		return "block-step-stop";
	case TRAP_HWBKPT:
		return "watchpoint-stop";
	case SI_KERNEL:
		return "int3-stop";
	case SI_USER:
		if (info->si_pid == tid &&
			__real_ptrace(PTRACE_PEEKUSER, tid,
				(void *)offsetof(struct user_regs_struct, orig_rax),
				NULL) == SYS_execve)
			return "exec-sigtrap";
	}
	return "signal-delivery-stop";
}

static const char *signal_stop_name(const struct task *task, int sig)
{
	unsigned long message = 0;
	siginfo_t info;
	pid_t tid = task->tid;

	if (__real_ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) == -1)
		return errno == EINVAL ? "group-stop" : NULL;
	if (sig == (SIGTRAP | 0x80) || (sig == SIGTRAP && info.si_code == SIGTRAP)) {
		__real_ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message);
		if (message == PTRACE_EVENTMSG_SYSCALL_EXIT)
			return "syscall-exit-stop";
		if (message == PTRACE_EVENTMSG_SYSCALL_ENTRY)
			return task->resumed == PTRACE_SYSEMU ||
					       task->resumed == PTRACE_SYSEMU_SINGLESTEP
				       ? "sysemu-stop"
				       : "syscall-enter-stop";
	}
	if (sig == SIGTRAP)
		return trap_name(task, &info);
	if (sig == SIGSTOP && info.si_code == SI_KERNEL && task->attached)
		return "attach-sigstop";
	if (sig == SIGSTOP && info.si_code == SI_USER && info.si_pid == 0 && !task->known)
		return "child-sigstop";
	return "signal-delivery-stop";
}

/* Which of the kinds of stop this is; NULL: none of ours, or it is over already. */
static const char *stop_name(const struct task *task, int status)
{
	int event = status >> 16;

	if (event == 0)
		return signal_stop_name(task, WSTOPSIG(status));
	if (event != PTRACE_EVENT_STOP)
		return NULL; /* its event names it */
	if (WSTOPSIG(status) != SIGTRAP)
		return "seized-group-stop";
	if (task->interrupted)
		return "interrupt-stop";
	return task->known ? "group-stop-end" : "child-event-stop";
}

/* The status of a report of `tid`, as it is to be told. A report that is left for another wait
 * (WNOWAIT) changes nothing of what is known. */
static int reported(pid_t tid, int status, int options)
{
	int before = errno, told = status;

	if (is_runner || (record_file == NULL && *without == '\0') || tid <= 0)
		return status;

	struct task *task = task_of(tid);

	if (WIFSTOPPED(status)) {
		const char *name = stop_name(task, status);
		int event = status >> 16;

		/* Not "||": each is recorded. */
		if ((name != NULL && met(name)) + (event != 0 && met(event_name(event))) > 0)
			told = SIGURG << 8 | 0x7f;
		if (!(options & WNOWAIT)) {
			task->known = task->known || name != NULL || event != 0;
			task->interrupted = task->interrupted && event != PTRACE_EVENT_STOP;
		}
	} else if ((WIFEXITED(status) || WIFSIGNALED(status)) && task->known) {
		if (met(WIFEXITED(status) ? "exited" : "killed"))
			told = SIGURG;
		if (!(options & WNOWAIT))
			forget(task);
	}
	errno = before;
	return told;
}

pid_t __wrap_wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	int own_status = 0;
	pid_t tid = __real_wait4(pid, &own_status, options, usage);

	if (tid > 0)
		own_status = reported(tid, own_status, options);
	if (status != NULL)
		*status = own_status;
	return tid;
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	return __wrap_wait4(pid, status, options, NULL);
}

pid_t __wrap_wait(int *status)
{
	return __wrap_wait4(-1, status, 0, NULL);
}

/* siginfo tells a status in two parts. */
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	int result = __real_waitid(type, id, info, options);

	if (result == -1 || info == NULL || info->si_pid == 0 || info->si_code == CLD_CONTINUED)
		return result;

	int status = info->si_status;

	if (info->si_code == CLD_EXITED)
		status = W_EXITCODE(status, 0);
	else if (info->si_code == CLD_TRAPPED || info->si_code == CLD_STOPPED)
		status = W_STOPCODE(status);
	else if (info->si_code == CLD_DUMPED)
		status |= WCOREFLAG;

	int told = reported(info->si_pid, status, options);

	if (told != status) {
		info->si_code = WIFSTOPPED(told) ? CLD_TRAPPED : CLD_KILLED;
		info->si_status = SIGURG;
	}
	return result;
}

/* --- the beginning ---------------------------------------------------------------------------- */

static void in_child(void)
{
	is_runner = false;
}

/* The runner is a tracer that was not asked for its tool. */
static bool is_a_runner(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	return strcmp(program_invocation_short_name, "tracer") == 0 &&
	       (*word != '-' || strcmp(word, "--transcript") == 0 ||
		       strncmp(word, "--summary", strlen("--summary")) == 0);
}

__attribute__((constructor)) static void begin(int argc, char **argv)
{
	const char *word = getenv("WITHOUT");

	record_file = getenv("RECORD");
	if (word == NULL)
		word = "";
	if (strcmp(word, "help") == 0) {
		each_word(NULL);
		puts("error REQUEST:ERRNO");
		exit(0);
	}
	if (*word != '\0' && !take_word(word)) {
		fprintf(stderr,
			"%s: WITHOUT=%s: no request, option, event, stop or end, and no "
			"REQUEST:ERRNO; WITHOUT=help tells those there are\n",
			program_invocation_short_name, word);
		exit(2);
	}
	is_runner = is_a_runner(argc, argv);
	pthread_atfork(NULL, NULL, in_child);
}
