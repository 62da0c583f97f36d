/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "check.h"
#include "count.h"
#include "request.h"
#include "text.h"

static const struct {
	long request;
	const char *name;
} names[] = {
#include "request_names.h"
	{ PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, "PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG" },
	{ PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, "PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG" },
	{ PTRACE_SET_SYSCALL_INFO, "PTRACE_SET_SYSCALL_INFO" },
};

const char *request_name(long request)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].request == request)
			return names[i].name;
	return text("request %#lx", request);
}

const char *request_hint(int error)
{
	switch (error) {
	case ESRCH:
		return ": not stopped, not traced by this thread, or gone";
	case EPERM:
		return ": already traced, another user's, not dumpable, or denied by Yama or seccomp";
	case EIO:
		return ": an address or a value that the kernel refuses, or an unknown request";
	case EINVAL:
		return ": an option or a state that the request does not allow";
	default:
		return "";
	}
}

void let_run(pid_t pid)
{
	xptrace(PTRACE_CONT, pid, 0L, 0L);
}

struct stop cont_with(pid_t pid, int sig)
{
	return xresume(PTRACE_CONT, pid, sig);
}

struct stop cont(pid_t pid)
{
	return cont_with(pid, 0);
}

struct user_regs_struct xgetregs(pid_t pid)
{
	struct user_regs_struct regs;

	xptrace(PTRACE_GETREGS, pid, 0L, &regs);
	return regs;
}

void xsetregs(pid_t pid, const struct user_regs_struct *regs)
{
	xptrace(PTRACE_SETREGS, pid, 0L, regs);
}

siginfo_t xgetsiginfo(pid_t pid)
{
	siginfo_t info;

	xptrace(PTRACE_GETSIGINFO, pid, 0L, &info);
	return info;
}

long request_checked(const char *file, int line, const char *name, enum __ptrace_request request,
	pid_t pid, void *addr, void *data)
{
	long result = ptrace(request, pid, addr, data);

	if (result == -1)
		broken("%s:%d: %s on pid %d: %s%s", file, line, name, pid, errno_text(errno),
			request_hint(errno));
	return result;
}

long request_peeked(const char *file, int line, const char *name, enum __ptrace_request request,
	pid_t pid, void *addr)
{
	errno = 0;

	long word = ptrace(request, pid, addr, 0);

	if (word == -1 && errno != 0)
		broken("%s:%d: %s of pid %d at %p: %s%s", file, line, name, pid, addr,
			errno_text(errno), request_hint(errno));
	return word;
}
