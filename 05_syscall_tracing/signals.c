/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>

#include <linux/audit.h>

#include "arguments.h"
#include "calls.h"
#include "constants.h"
#include "output.h"
#include "syscalls.h"

void put_mask(uint64_t mask)
{
	bool inverted = __builtin_popcountll(mask) >= 64 * 2 / 3, first = true;

	if (inverted) {
		put_char('~');
		mask = ~mask;
	}
	put_char('[');
	for (int sig = 1; sig <= 64; sig++) {
		const char *name = signal_word(sig);

		if (!(mask >> (sig - 1) & 1))
			continue;
		if (!first)
			put_char(' ');
		first = false;
		if (name != NULL)
			put(name);
		else if (sig == 32)
			put("RTMIN");
		else
			put_format("RT_%d", sig - 32);
	}
	put_char(']');
}

enum step put_sigset(const struct shown *s, uint64_t address)
{
	uint64_t mask;

	if (fetch_or_put(s, address, &mask, sizeof(mask)))
		put_mask(mask);
	return DONE;
}

enum step put_sigaction(const struct shown *s, uint64_t address)
{
	/* The kernel's, not glibc's: arch/x86/include/uapi/asm/signal.h. */
	struct {
		uint64_t handler, flags, restorer, mask;
	} action;

	if (!fetch_or_put(s, address, &action, sizeof(action)))
		return DONE;
	put("{sa_handler=");
	if (action.handler <= 1)
		put(action.handler == 0 ? "SIG_DFL" : "SIG_IGN");
	else
		put_hex(action.handler);
	put(", sa_mask=");
	put_mask(action.mask);
	put(", sa_flags=");
	put_constant("saflags", action.flags);
	if (action.flags & 0x4000000) {
		put(", sa_restorer=");
		put_address(action.restorer);
	}
	put_char('}');
	return DONE;
}

enum step put_stack(const struct shown *s, uint64_t address)
{
	stack_t stack;

	if (!fetch_or_put(s, address, &stack, sizeof(stack)))
		return DONE;
	put("{ss_sp=");
	put_address((uint64_t)stack.ss_sp);
	put(", ss_flags=");
	put_constant("ssflags", (uint64_t)stack.ss_flags);
	put_format(", ss_size=%zu}", stack.ss_size);
	return DONE;
}

enum step put_sigevent(const struct shown *s, uint64_t address)
{
	struct sigevent event;

	if (!fetch_or_put(s, address, &event, sizeof(event)))
		return DONE;
	put_char('{');
	if (event.sigev_value.sival_ptr != NULL)
		put_format("sigev_value={sival_int=%d, sival_ptr=%p}, ",
			event.sigev_value.sival_int, event.sigev_value.sival_ptr);
	put("sigev_signo=");
	if (event.sigev_notify == SIGEV_NONE)
		put_signed(event.sigev_signo);
	else
		put_signal(event.sigev_signo);
	put(", sigev_notify=");
	put_constant("sigev", (uint64_t)event.sigev_notify);
	put_char('}');
	return DONE;
}

static const char *code_kind(const siginfo_t *info)
{
	if (info->si_code <= 0 || info->si_code == SI_KERNEL)
		return "sigcode";
	switch (info->si_signo) {
	case SIGCHLD:
		return "sigchldcode";
	case SIGSEGV:
		return "sigsegvcode";
	case SIGBUS:
		return "sigbuscode";
	case SIGILL:
		return "sigillcode";
	case SIGFPE:
		return "sigfpecode";
	case SIGTRAP:
		return "sigtrapcode";
	case SIGIO:
		return "sigpollcode";
	case SIGSYS:
		return "sigsyscode";
	default:
		return "sigcode";
	}
}

static void put_sent(const siginfo_t *info)
{
	put_format(", si_pid=%d, si_uid=%u", info->si_pid, info->si_uid);
}

static void put_value(const siginfo_t *info)
{
	put_format(", si_int=%d, si_ptr=", info->si_value.sival_int);
	put_address((uint64_t)info->si_value.sival_ptr);
}

static void put_from_kernel(const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGCHLD:
		put_sent(info);
		put(", si_status=");
		if (info->si_code == CLD_EXITED)
			put_signed(info->si_status);
		else
			put_signal(info->si_status);
		put_format(", si_utime=%ld, si_stime=%ld", info->si_utime, info->si_stime);
		break;
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		put(", si_addr=");
		put_address((uint64_t)info->si_addr);
		break;
	case SIGIO:
		put_format(", si_band=%ld, si_fd=%d", info->si_band, info->si_fd);
		break;
	case SIGSYS:
		put(", si_call_addr=");
		put_address((uint64_t)info->si_call_addr);
		if (info->si_arch == AUDIT_ARCH_X86_64)
			put_format(", si_syscall=__NR_%s, si_arch=AUDIT_ARCH_X86_64",
				syscall_name(info->si_syscall));
		else
			put_format(", si_syscall=%d, si_arch=%#x", info->si_syscall, info->si_arch);
		break;
	}
}

void put_siginfo(const siginfo_t *info)
{
	put("{si_signo=");
	put_signal(info->si_signo);
	put(", si_code=");
	put_constants(constants_find(code_kind(info)), (uint64_t)info->si_code);
	if (info->si_code == SI_TIMER) {
		put_format(", si_timerid=%#x, si_overrun=%d", info->si_timerid, info->si_overrun);
		put_value(info);
	} else if (info->si_code <= 0) {
		put_sent(info);
		if (info->si_code != SI_USER && info->si_code != SI_TKILL)
			put_value(info);
	} else if (info->si_code != SI_KERNEL) {
		put_from_kernel(info);
	}
	put_char('}');
}

enum step put_siginfo_at(const struct shown *s, uint64_t address)
{
	siginfo_t info;

	if (!fetch_or_put(s, address, &info, sizeof(info)))
		return DONE;
	if (info.si_signo == 0)
		put("{}");
	else
		put_siginfo(&info);
	return DONE;
}

enum step put_wait_status(const struct shown *s, uint64_t address)
{
	int status;

	if (s->leaving && s->result == 0) {
		put_address(address);
		return DONE;
	}
	if (!fetch_or_put(s, address, &status, sizeof(status)))
		return DONE;
	if (WIFEXITED(status)) {
		put_format("[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		put("[{WIFSIGNALED(s) && WTERMSIG(s) == ");
		put_signal(WTERMSIG(status));
		put(WCOREDUMP(status) ? " && WCOREDUMP(s)}]" : "}]");
	} else if (WIFCONTINUED(status)) {
		put("[{WIFCONTINUED(s)}]");
	} else {
		put("[{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		put_signal(WSTOPSIG(status) & 0x7f);
		if (WSTOPSIG(status) & 0x80)
			put(" | 0x80");
		put("}]");
		if (status >> 16 != 0)
			put_format(" | %#x << 16", status >> 16);
	}
	return DONE;
}

/* rt_sigreturn(): the mask in the frame that rsp points to, struct rt_sigframe less its first word. */
enum step put_sigframe(const struct shown *s, uint64_t value)
{
	uint64_t mask;

	(void)value;
	put("{mask=");
	if (fetch(s, s->sp + offsetof(ucontext_t, uc_sigmask), &mask, sizeof(mask)))
		put_mask(mask);
	else
		put_address(s->sp);
	put_char('}');
	return DONE;
}
