/* SPDX-License-Identifier: MIT */
#include <asm/prctl.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <termios.h>

#include <linux/fs.h>

#include "arguments.h"
#include "constants.h"
#include "output.h"
#include "syscalls.h"

static void put_winsize(const struct shown *s, uint64_t address)
{
	struct winsize size;

	if (fetch_or_put(s, address, &size, sizeof(size)))
		put_format("{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}", size.ws_row,
			size.ws_col, size.ws_xpixel, size.ws_ypixel);
}

enum step put_ioctl_argument(const struct shown *s, uint64_t value)
{
	switch (s->arg[1]) {
	case TIOCSWINSZ:
		put_winsize(s, value);
		return DONE;
	case TIOCSPGRP:
	case FIONBIO:
	case FIOASYNC:
	case TIOCSPTLCK:
		return put_int_at(s, value);
	case TIOCSCTTY:
	case TCFLSH:
	case TCXONC:
	case TCSBRK:
		return put_long(s, value);
	case FICLONE:
		return put_int(s, value);
	case FIOCLEX:
	case FIONCLEX:
	case TIOCNOTTY:
		return ABSENT;
	}
	if (!s->leaving)
		return LATER;
	if (s->failed)
		return put_addr(s, value);
	switch (s->arg[1]) {
	case TIOCGWINSZ:
		put_winsize(s, value);
		return DONE;
	case TIOCGPGRP:
	case TIOCGSID:
	case TIOCGPTN:
	case FIONREAD:
		return put_int_at(s, value);
	default:
		return put_hexadecimal(s, value);
	}
}

enum step put_ioctl(const struct shown *s, uint64_t value)
{
	static const char *const directions[] = { "_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
		"_IOC_READ|_IOC_WRITE" };

	(void)s;
	value = (uint32_t)value;
	if (constant_name("ioctl", value) != NULL)
		put_constant("ioctl", value);
	else
		put_format("_IOC(%s, %#x, %#x, %#x)", directions[_IOC_DIR(value)],
			(unsigned)_IOC_TYPE(value), (unsigned)_IOC_NR(value),
			(unsigned)_IOC_SIZE(value));
	return DONE;
}

enum step put_fcntl_argument(const struct shown *s, uint64_t value)
{
	struct flock lock;

	switch (s->arg[1]) {
	case F_GETFD:
	case F_GETFL:
	case F_GETOWN:
	case F_GETSIG:
	case F_GETLEASE:
	case F_GETPIPE_SZ:
	case F_GET_SEALS:
		return ABSENT;
	case F_SETFD:
		put_constant("fdflags", value);
		return DONE;
	case F_SETFL:
		return put_oflags(s, value);
	case F_SETSIG:
		return put_sig(s, value);
	case F_SETLEASE:
		put_constant("locktype", value);
		return DONE;
	case F_ADD_SEALS:
		put_constant("seals", value);
		return DONE;
	case F_GETLK:
	case F_OFD_GETLK:
		if (!s->leaving)
			return LATER;
		/* fall through */
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		if ((s->leaving && s->failed) || !fetch(s, value, &lock, sizeof(lock)))
			return put_addr(s, value);
		put("{l_type=");
		put_constant("locktype", (uint64_t)lock.l_type);
		put(", l_whence=");
		put_constant("whence", (uint64_t)lock.l_whence);
		put_format(", l_start=%" PRId64 ", l_len=%" PRId64, (int64_t)lock.l_start,
			(int64_t)lock.l_len);
		if (s->leaving)
			put_format(", l_pid=%d", lock.l_pid);
		put_char('}');
		return DONE;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
	case F_SETOWN:
	case F_SETPIPE_SZ:
	case F_NOTIFY:
		return put_int(s, value);
	default:
		return put_hexadecimal(s, value);
	}
}

enum step put_prctl_argument(const struct shown *s, uint64_t value)
{
	switch (s->arg[0]) {
	case PR_GET_DUMPABLE:
	case PR_GET_KEEPCAPS:
	case PR_GET_SECCOMP:
	case PR_GET_TIMERSLACK:
		return ABSENT;
	case PR_SET_PDEATHSIG:
		put_sig(s, value);
		return LAST;
	case PR_SET_DUMPABLE:
		put_constant("dumpable", value);
		return LAST;
	case PR_SET_NAME:
		put_cut_string(s, value, 15);
		return LAST;
	case PR_GET_NAME:
		if (!s->leaving)
			return LATER;
		put_str(s, value);
		return LAST;
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
		put_constant("caps", value);
		return LAST;
	case PR_SET_NO_NEW_PRIVS:
		return put_size(s, value);
	case PR_SET_KEEPCAPS:
	case PR_SET_CHILD_SUBREAPER:
	case PR_SET_TIMERSLACK:
		put_unsigned(value);
		return LAST;
	case PR_GET_PDEATHSIG:
	case PR_GET_CHILD_SUBREAPER:
		if (!s->leaving)
			return LATER;
		put_int_at(s, value);
		return LAST;
	default:
		return put_hexadecimal(s, value);
	}
}

enum step put_arch_prctl_argument(const struct shown *s, uint64_t value)
{
	if (s->arg[0] != ARCH_GET_FS && s->arg[0] != ARCH_GET_GS)
		return put_addr(s, value);
	if (!s->leaving)
		return LATER;
	return s->failed ? put_addr(s, value) : put_address_at(s, value);
}

enum step put_ptrace_data(const struct shown *s, uint64_t value)
{
	if (s->arg[0] == PTRACE_CONT || s->arg[0] == PTRACE_DETACH || s->arg[0] == PTRACE_SYSCALL)
		return put_sig(s, value);
	return put_addr(s, value);
}

enum step put_restarted(const struct shown *s, uint64_t value)
{
	const char *former = s->former > 0 ? syscall_known(s->former - 1) : NULL;

	(void)value;
	put("<... resuming interrupted ");
	put(former != NULL ? former : "system call");
	put(" ...>");
	return LAST;
}
