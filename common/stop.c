/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "check.h"
#include "request.h"
#include "stop.h"
#include "text.h"

/* The four that stop a thread group by default: signal(7), and SIG_KERNEL_STOP_MASK in
 * include/linux/signal.h. */
static bool is_stopping(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

static struct stop stop_decode_stopped(int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_STOP && is_stopping(sig))
		return (struct stop){ .kind = STOP_GROUP, .detail = sig, .seized = true };
	if (event != 0)
		return (struct stop){ .kind = STOP_EVENT, .detail = event };
	if (sig == (SIGTRAP | 0x80))
		return (struct stop){ .kind = STOP_SYSCALL, .sysgood = true };
	return (struct stop){ .kind = STOP_SIGNAL, .detail = sig };
}

struct stop stop_decode(int status)
{
	struct stop stop = { .kind = STOP_NONE };

	if (WIFSTOPPED(status))
		stop = stop_decode_stopped(status);
	else if (WIFCONTINUED(status))
		stop = (struct stop){ .kind = STOP_CONTINUED };
	else if (WIFEXITED(status))
		stop = (struct stop){ .kind = STOP_EXITED, .detail = WEXITSTATUS(status) };
	else if (WIFSIGNALED(status))
		stop = (struct stop){
			.kind = STOP_KILLED, .detail = WTERMSIG(status), .core = WCOREDUMP(status)
		};
	stop.status = status;
	return stop;
}

/* Ask the kernel where the status has two readings. A tracee that SIGKILL took meanwhile keeps the
 * first one: its end is the next report. */
static void stop_resolve(struct stop *stop)
{
	siginfo_t info;

	if (stop->kind != STOP_SIGNAL || (!is_stopping(stop->detail) && stop->detail != SIGTRAP))
		return;
	if (ptrace(PTRACE_GETSIGINFO, stop->tid, 0, &info) == -1) {
		if (errno == EINVAL)
			stop->kind = STOP_GROUP;
	} else if (stop->detail == SIGTRAP && info.si_code == SIGTRAP) {
		stop->kind = STOP_SYSCALL;
		stop->detail = 0;
	}
}

static struct stop stop_wait_flags(pid_t tid, int flags)
{
	int status;
	pid_t reported;

	do {
		reported = waitpid(tid, &status, __WALL | flags);
	} while (reported == -1 && errno == EINTR);
	if (reported == -1 && !(flags & WNOHANG))
		broken("waitpid(%d, __WALL): %s", tid, errno_text(errno));
	if (reported <= 0)
		return (struct stop){ .kind = STOP_NONE };

	struct stop stop = stop_decode(status);

	stop.tid = reported;
	stop_resolve(&stop);
	return stop;
}

struct stop stop_wait(pid_t tid)
{
	waiting_for(text("a report of pid %d", tid));

	struct stop stop = stop_wait_flags(tid, 0);

	waiting_for(NULL);
	return stop;
}

struct stop stop_poll(pid_t tid)
{
	return stop_wait_flags(tid, WNOHANG);
}

const char *event_name(int event)
{
	switch (event) {
	case PTRACE_EVENT_FORK:
		return "PTRACE_EVENT_FORK";
	case PTRACE_EVENT_VFORK:
		return "PTRACE_EVENT_VFORK";
	case PTRACE_EVENT_CLONE:
		return "PTRACE_EVENT_CLONE";
	case PTRACE_EVENT_EXEC:
		return "PTRACE_EVENT_EXEC";
	case PTRACE_EVENT_VFORK_DONE:
		return "PTRACE_EVENT_VFORK_DONE";
	case PTRACE_EVENT_EXIT:
		return "PTRACE_EVENT_EXIT";
	case PTRACE_EVENT_SECCOMP:
		return "PTRACE_EVENT_SECCOMP";
	case PTRACE_EVENT_STOP:
		return "PTRACE_EVENT_STOP";
	default:
		return text("PTRACE_EVENT_%d", event);
	}
}

const char *signal_name(int sig)
{
	const char *name = sigabbrev_np(sig);

	if (name != NULL)
		return text("SIG%s", name);
	if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		return sig == SIGRTMIN ? "SIGRTMIN" : text("SIGRTMIN+%d", sig - SIGRTMIN);
	return text("signal %d", sig);
}

const char *stop_text(struct stop stop)
{
	switch (stop.kind) {
	case STOP_EXITED:
		return text("exited %d", stop.detail);
	case STOP_KILLED:
		return text("killed by %s%s", signal_name(stop.detail),
			stop.core ? " (core dumped)" : "");
	case STOP_SIGNAL:
		return text("signal-delivery-stop %s", signal_name(stop.detail));
	case STOP_GROUP:
		return text("group-stop %s", signal_name(stop.detail));
	case STOP_SYSCALL:
		return "syscall-stop";
	case STOP_EVENT:
		return text("%s stop", event_name(stop.detail));
	case STOP_CONTINUED:
		return "continued";
	case STOP_NONE:
		break;
	}
	return "nothing reported";
}
