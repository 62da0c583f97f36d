/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include <linux/audit.h>

#include "arguments.h"
#include "calls.h"
#include "constants.h"
#include "count.h"
#include "output.h"
#include "syscalls.h"
#include "target.h"
#include "text.h"

/* --- the tables --------------------------------------------------------------------------------- */

typedef enum step put_kind(const struct shown *s, uint64_t value);

/* clang-format off */
static const struct {
	const char *name;
	put_kind *put;
} kinds[] = {
	{ "path", put_path }, { "str", put_str }, { "buf", put_buf }, { "attr", put_value_bytes },
	{ "names", put_names }, { "hexbuf", put_hexbuf }, { "argv", put_argv },
	{ "envp", put_envp }, { "fd", put_int }, { "int", put_int }, { "uint", put_uint },
	{ "long", put_long }, { "size", put_size }, { "hex", put_hexadecimal },
	{ "addr", put_addr }, { "mode", put_mode }, { "id", put_id }, { "at", put_at },
	{ "sig", put_sig }, { "oflag", put_oflags }, { "openmode", put_openmode },
	{ "mmapflags", put_mapflags }, { "mremapaddr", put_mremap_address },
	{ "mknodmode", put_mknod_mode }, { "dev", put_dev }, { "intp", put_int_at },
	{ "longp", put_long_at }, { "fdpair", put_fd_pair }, { "timespec", put_timespec },
	{ "timeval", put_timeval }, { "remaining", put_remaining }, { "times", put_timespecs },
	{ "itimerval", put_itimerval }, { "itimerspec", put_itimerspec }, { "tms", put_tms },
	{ "limits", put_rlimit }, { "usage", put_rusage }, { "stat", put_stat },
	{ "xflags", put_statx_flags }, { "statx", put_statx }, { "statfs", put_statfs },
	{ "utsname", put_utsname }, { "sysinfo", put_sysinfo }, { "dirents", put_dirents },
	{ "cpus", put_cpus }, { "ids", put_ids }, { "sigset", put_sigset },
	{ "sigaction", put_sigaction }, { "sigevent", put_sigevent }, { "timep", put_time_at },
	{ "iovplaces", put_iov_places }, { "stack", put_stack }, { "siginfo", put_siginfo_at },
	{ "status", put_wait_status }, { "fds", put_fds }, { "sigmasksize", put_sigmask_and_size },
	{ "pollfds", put_pollfds }, { "epollevent", put_epoll_event_at },
	{ "epollevents_", put_epoll_events }, { "futexop", put_futex_op },
	{ "futexval", put_futex_value }, { "futex4", put_futex_fourth },
	{ "futex5", put_futex_fifth }, { "futex6", put_futex_sixth },
	{ "clonestack", put_clone_stack }, { "cloneflags", put_clone_flags_of },
	{ "clonerest", put_clone_rest }, { "cloneargs", put_clone_args },
	{ "clonestored", put_clone_stored }, { "stype", put_socktype },
	{ "protocol", put_protocol }, { "sockaddr", put_sockaddr_in },
	{ "sockaddrout", put_sockaddr_out }, { "iov", put_iov }, { "msghdr", put_msghdr },
	{ "optname", put_sockopt }, { "optval", put_sockopt_value }, { "ioctlop", put_ioctl },
	{ "ioctlarg", put_ioctl_argument }, { "fcntlarg", put_fcntl_argument },
	{ "prctlarg", put_prctl_argument }, { "archprctlarg", put_arch_prctl_argument },
	{ "ptracedata", put_ptrace_data }, { "sigframe", put_sigframe },
	{ "restarted", put_restarted }, { "socklen", put_socklen },
};
/* clang-format on */

/*
 * The arguments of each call: kinds of the table above or of constants.c. ">": the kernel fills it in,
 * so it is put when the call has returned; "+": it belongs to the argument before it, and puts its
 * own comma. "_" is left out. Last, the kind of the result, if that is not a decimal number.
 */
static const struct {
	const char *name, *arguments;
} descriptions[] = {
	{ "read", "fd >buf size" },
	{ "write", "fd buf size" },
	{ "pread64", "fd >buf size long" },
	{ "pwrite64", "fd buf size long" },
	{ "readv", "fd >iov int" },
	{ "writev", "fd iov int" },
	{ "preadv", "fd >iov int long" },
	{ "pwritev", "fd iov int long" },
	{ "open", "path oflag openmode" },
	{ "openat", "at path oflag openmode" },
	{ "creat", "path mode" },
	{ "close", "fd" },
	{ "close_range", "uint uint closerange" },
	{ "stat", "path >stat" },
	{ "lstat", "path >stat" },
	{ "fstat", "fd >stat" },
	{ "newfstatat", "at path >stat atflags" },
	{ "statx", "at path xflags statxmask >statx" },
	{ "statfs", "path >statfs" },
	{ "fstatfs", "fd >statfs" },
	{ "lseek", "fd long whence" },
	{ "access", "path access" },
	{ "faccessat", "at path access" },
	{ "faccessat2", "at path access eaccessflags" },
	{ "getcwd", ">str size" },
	{ "chdir", "path" },
	{ "fchdir", "fd" },
	{ "chroot", "path" },
	{ "mkdir", "path mode" },
	{ "mkdirat", "at path mode" },
	{ "rmdir", "path" },
	{ "unlink", "path" },
	{ "unlinkat", "at path atflags" },
	{ "rename", "path path" },
	{ "renameat", "at path at path" },
	{ "renameat2", "at path at path rename" },
	{ "link", "path path" },
	{ "linkat", "at path at path atflags" },
	{ "symlink", "path path" },
	{ "symlinkat", "path at path" },
	{ "readlink", "path >buf size" },
	{ "readlinkat", "at path >buf size" },
	{ "mknod", "path mknodmode dev" },
	{ "mknodat", "at path mknodmode dev" },
	{ "chmod", "path mode" },
	{ "fchmod", "fd mode" },
	{ "fchmodat", "at path mode" },
	{ "chown", "path id id" },
	{ "lchown", "path id id" },
	{ "fchown", "fd id id" },
	{ "fchownat", "at path id id atflags" },
	{ "umask", "mode =oct" },
	{ "utimensat", "at path times atflags" },
	{ "truncate", "path long" },
	{ "ftruncate", "fd long" },
	{ "fallocate", "fd fallocate long long" },
	{ "fadvise64", "fd long size fadvise" },
	{ "fsync", "fd" },
	{ "fdatasync", "fd" },
	{ "sync", "" },
	{ "syncfs", "fd" },
	{ "flock", "fd flock" },
	{ "fcntl", "fd fcntl fcntlarg =fcntl" },
	{ "dup", "fd" },
	{ "dup2", "fd fd" },
	{ "dup3", "fd fd oflags" },
	{ "pipe", ">fdpair" },
	{ "pipe2", ">fdpair oflags" },
	{ "getdents64", "fd >dirents size" },
	{ "sendfile", "fd fd longp size" },
	{ "copy_file_range", "fd longp fd longp size uint" },
	{ "splice", "fd longp fd longp size splice" },
	{ "tee", "fd fd size splice" },
	{ "ioctl", "fd ioctlop ioctlarg" },
	{ "getxattr", "path str >attr size" },
	{ "lgetxattr", "path str >attr size" },
	{ "fgetxattr", "fd str >attr size" },
	{ "setxattr", "path str attr size xattrflags" },
	{ "lsetxattr", "path str attr size xattrflags" },
	{ "fsetxattr", "fd str attr size xattrflags" },
	{ "listxattr", "path >names size" },
	{ "llistxattr", "path >names size" },
	{ "flistxattr", "fd >names size" },
	{ "inotify_init", "" },
	{ "inotify_init1", "inotifyinit" },
	{ "inotify_add_watch", "fd path inotifymask" },
	{ "inotify_rm_watch", "fd int" },
	{ "memfd_create", "str memfd" },
	{ "mount", "path path str hex addr" },
	{ "umount2", "path hex" },

	{ "mmap", "addr size prot mmapflags fd hex =hex" },
	{ "munmap", "addr size" },
	{ "mprotect", "addr size prot" },
	{ "mremap", "addr size size mremap mremapaddr =hex" },
	{ "madvise", "addr size madvise" },
	{ "msync", "addr size msync" },
	{ "mincore", "addr size addr" },
	{ "mlock", "addr size" },
	{ "munlock", "addr size" },
	{ "brk", "addr =hex" },
	{ "process_vm_readv", "int iovplaces size iovplaces size uint" },
	{ "process_vm_writev", "int iovplaces size iovplaces size uint" },

	{ "rt_sigaction", "sig sigaction >sigaction size" },
	{ "rt_sigprocmask", "sigprocmask sigset >sigset size" },
	{ "rt_sigreturn", "sigframe" },
	{ "rt_sigpending", ">sigset size" },
	{ "rt_sigsuspend", "sigset size" },
	{ "rt_sigtimedwait", "sigset >siginfo timespec size" },
	{ "rt_sigqueueinfo", "int sig siginfo" },
	{ "rt_tgsigqueueinfo", "int int sig siginfo" },
	{ "sigaltstack", "stack >stack" },
	{ "kill", "int sig" },
	{ "tkill", "int sig" },
	{ "tgkill", "int int sig" },
	{ "pause", "" },
	{ "alarm", "uint" },
	{ "setitimer", "itimer itimerval >itimerval" },
	{ "getitimer", "itimer >itimerval" },
	{ "signalfd4", "fd sigset size signalfd" },
	{ "pidfd_open", "int hex" },
	{ "pidfd_send_signal", "fd sig siginfo hex" },

	{ "execve", "path argv envp" },
	{ "execveat", "at path argv envp atflags" },
	{ "exit", "int" },
	{ "exit_group", "int" },
	{ "fork", "" },
	{ "vfork", "" },
	{ "clone", "clonestack cloneflags >+clonerest" },
	{ "clone3", "cloneargs >+clonestored size" },
	{ "wait4", "int >status wait >usage" },
	{ "waitid", "waitid int >siginfo wait >usage" },
	{ "getpid", "" },
	{ "getppid", "" },
	{ "gettid", "" },
	{ "getuid", "" },
	{ "geteuid", "" },
	{ "getgid", "" },
	{ "getegid", "" },
	{ "getpgrp", "" },
	{ "getpgid", "int" },
	{ "setpgid", "int int" },
	{ "getsid", "int" },
	{ "setsid", "" },
	{ "setuid", "id" },
	{ "setgid", "id" },
	{ "setreuid", "id id" },
	{ "setregid", "id id" },
	{ "setresuid", "id id id" },
	{ "setresgid", "id id id" },
	{ "getresuid", ">intp >intp >intp" },
	{ "getresgid", ">intp >intp >intp" },
	{ "setfsuid", "id" },
	{ "setfsgid", "id" },
	{ "getgroups", "int >ids" },
	{ "setgroups", "int ids" },
	{ "set_tid_address", "hex" },
	{ "set_robust_list", "addr size" },
	{ "rseq", "addr hex hex hex" },
	{ "futex", "addr futexop futexval futex4 futex5 futex6" },
	{ "arch_prctl", "archprctl archprctlarg" },
	{ "prctl", "prctl prctlarg hex hex hex =prctl" },
	{ "ptrace", "ptrace int addr ptracedata" },
	{ "seccomp", "seccomp hex addr" },
	{ "membarrier", "hex hex" },
	{ "getrlimit", "rlimit >limits" },
	{ "setrlimit", "rlimit limits" },
	{ "prlimit64", "int rlimit limits >limits" },
	{ "getrusage", "rusage >usage" },
	{ "getpriority", "priority int" },
	{ "setpriority", "priority int int" },
	{ "sched_yield", "" },
	{ "sched_getaffinity", "int size >cpus" },
	{ "sched_setaffinity", "int size cpus" },
	{ "sched_getscheduler", "int =sched" },
	{ "sched_setscheduler", "int sched intp" },
	{ "sched_getparam", "int >intp" },
	{ "sched_setparam", "int intp" },
	{ "sched_get_priority_max", "sched" },
	{ "sched_get_priority_min", "sched" },
	{ "getcpu", ">intp >intp addr" },

	{ "timer_create", "clock sigevent >intp" },
	{ "timer_settime", "int timerflags itimerspec >itimerspec" },
	{ "timer_gettime", "int >itimerspec" },
	{ "timer_delete", "int" },
	{ "timer_getoverrun", "int" },
	{ "preadv2", "fd >iov int long _ rwflags" },
	{ "pwritev2", "fd iov int long _ rwflags" },
	{ "openat2", "at path addr size" },
	{ "utime", "path addr" },
	{ "utimes", "path addr" },
	{ "futimesat", "at path addr" },
	{ "readahead", "fd long size" },
	{ "sync_file_range", "fd long long hex" },
	{ "sendmmsg", "fd addr uint msgflags" },
	{ "recvmmsg", "fd addr uint msgflags timespec" },
	{ "sethostname", "buf size" },
	{ "shmget", "hex size hex" },
	{ "shmat", "int addr hex =hex" },
	{ "shmdt", "addr" },
	{ "shmctl", "int hex addr" },
	{ "semget", "hex int hex" },
	{ "semop", "int addr size" },
	{ "semctl", "int int hex hex" },
	{ "msgget", "hex hex" },
	{ "msgsnd", "int addr size hex" },
	{ "msgrcv", "int addr size long hex" },
	{ "msgctl", "int hex addr" },
	{ "capget", "addr addr" },
	{ "capset", "addr addr" },
	{ "personality", "hex" },
	{ "syslog", "int addr int" },
	{ "bpf", "hex addr uint" },
	{ "perf_event_open", "addr int int fd hex" },
	{ "userfaultfd", "oflags" },
	{ "io_uring_setup", "uint addr" },
	{ "io_uring_enter", "fd uint uint hex addr size" },
	{ "io_uring_register", "fd hex addr uint" },
	{ "landlock_create_ruleset", "addr size hex" },
	{ "ioprio_get", "int int" },
	{ "ioprio_set", "int int hex" },
	{ "get_mempolicy", "addr addr size addr hex" },
	{ "mbind", "addr size hex addr size hex" },
	{ "pkey_alloc", "hex hex" },
	{ "pkey_free", "int" },
	{ "kcmp", "int int hex size size" },
	{ "unshare", "clone" },
	{ "setns", "fd clone" },
	{ "vhangup", "" },
	{ "mlockall", "hex" },
	{ "munlockall", "" },
	{ "get_robust_list", "int addr addr" },
	{ "name_to_handle_at", "at path addr addr hex" },
	{ "swapon", "path hex" },
	{ "swapoff", "path" },
	{ "acct", "path" },
	{ "pivot_root", "path path" },
	{ "fsopen", "str hex" },
	{ "removexattr", "path str" },
	{ "lremovexattr", "path str" },
	{ "fremovexattr", "fd str" },
	{ "getdents", "fd addr uint" },
	{ "uselib", "path" },
	{ "uname", ">utsname" },
	{ "sysinfo", ">sysinfo" },
	{ "getrandom", ">hexbuf size random" },
	{ "time", ">timep =time" },
	{ "times", ">tms" },
	{ "gettimeofday", ">timeval >addr" },
	{ "nanosleep", "timespec >remaining" },
	{ "clock_gettime", "clock >timespec" },
	{ "clock_settime", "clock timespec" },
	{ "clock_getres", "clock >timespec" },
	{ "clock_nanosleep", "clock timerflags timespec >remaining" },
	{ "timerfd_create", "clock timerfd" },
	{ "timerfd_settime", "fd timerfd itimerspec >itimerspec" },
	{ "timerfd_gettime", "fd >itimerspec" },
	{ "restart_syscall", "restarted" },

	{ "poll", "pollfds uint int =poll" },
	{ "ppoll", "pollfds uint timespec sigset size =poll" },
	{ "select", "int fds fds fds timeval =select" },
	{ "pselect6", "int fds fds fds timespec sigmasksize =select" },
	{ "epoll_create", "int" },
	{ "epoll_create1", "epollflags" },
	{ "epoll_ctl", "fd epollctl fd epollevent" },
	{ "epoll_wait", "fd >epollevents_ int int" },
	{ "epoll_pwait", "fd >epollevents_ int int sigset size" },
	{ "epoll_pwait2", "fd >epollevents_ int timespec sigset size" },
	{ "eventfd", "uint" },
	{ "eventfd2", "uint eventfd" },

	{ "socket", "family stype protocol" },
	{ "socketpair", "family stype protocol >fdpair" },
	{ "bind", "fd sockaddr int" },
	{ "connect", "fd sockaddr int" },
	{ "listen", "fd int" },
	{ "accept", "fd sockaddrout >socklen" },
	{ "accept4", "fd sockaddrout >socklen sockflags" },
	{ "getsockname", "fd sockaddrout >socklen" },
	{ "getpeername", "fd sockaddrout >socklen" },
	{ "sendto", "fd buf size msgflags sockaddr int" },
	{ "recvfrom", "fd >buf size msgflags sockaddrout >socklen" },
	{ "sendmsg", "fd msghdr msgflags" },
	{ "recvmsg", "fd >msghdr msgflags" },
	{ "shutdown", "fd shut" },
	{ "setsockopt", "fd socklevel optname optval int" },
	{ "getsockopt", "fd socklevel optname optval >socklen" },
};

#define MOST_ARGUMENTS 8

struct argument {
	put_kind *put;
	const struct constants *constants; /* or these */
	bool out, joined;
	unsigned char index;
};

static struct form {
	bool known;
	unsigned char count;
	struct argument arguments[MOST_ARGUMENTS];
	void (*result)(const struct shown *s);
} forms[CALLS];

/* --- results ------------------------------------------------------------------------------------ */

static void put_result_hex(const struct shown *s)
{
	put_hex((uint64_t)s->result);
}

static void put_result_octal(const struct shown *s)
{
	put_format("%#03o", (unsigned)s->result);
}

static void put_result_fcntl(const struct shown *s)
{
	bool flags = s->arg[1] == F_GETFL;

	if ((s->arg[1] != F_GETFD && !flags) || s->result == 0) {
		if (flags)
			put("0 (flags O_RDONLY)");
		else
			put_signed(s->result);
		return;
	}
	put_hex((uint64_t)s->result);
	put(" (flags ");
	if (flags)
		put_oflags(s, (uint64_t)s->result);
	else
		put_constant("fdflags", (uint64_t)s->result);
	put_char(')');
}

static void put_result_time(const struct shown *s)
{
	put_signed(s->result);
	put(" (");
	put_moment(s->result, 0, false);
	put_char(')');
}

static void put_result_sched(const struct shown *s)
{
	put_signed(s->result);
	put(" (");
	put_constant("sched", (uint64_t)s->result);
	put_char(')');
}

static void put_result_prctl(const struct shown *s)
{
	put_signed(s->result);
	if (s->arg[0] != PR_GET_DUMPABLE)
		return;
	put(" (");
	put_constant("dumpable", (uint64_t)s->result);
	put_char(')');
}

static void put_result_poll(const struct shown *s)
{
	struct pollfd fds[256];
	uint64_t count = s->arg[1];
	bool first = true;

	put_signed(s->result);
	if (s->result == 0) {
		put(" (Timeout)");
		return;
	}
	if (count > COUNT(fds) || !fetch(s, s->arg[0], fds, count * sizeof(*fds)))
		return;
	put(" ([");
	for (uint64_t i = 0; i < count; i++) {
		if (fds[i].revents == 0)
			continue;
		put_format("%s{fd=%d, revents=", first ? "" : ", ", fds[i].fd);
		put_constant("pollevents", (uint16_t)fds[i].revents);
		put_char('}');
		first = false;
	}
	put_char(']');
	put_char(')');
}

static void put_result_select(const struct shown *s)
{
	static const char *const sets[] = { "in ", "out ", "except " };
	unsigned char bits[FD_SETSIZE / 8];
	bool first = true;
	unsigned count;

	put_signed(s->result);
	if (s->result == 0) {
		put(" (Timeout)");
		return;
	}
	put(" (");
	for (int set = 0; set < 3; set++) {
		bool any = false;

		if (!fetch_fds(s, s->arg[set + 1], bits, &count))
			continue;
		for (unsigned i = 0; i < (count + 7) / 8; i++)
			any = any || bits[i] != 0;
		if (!any)
			continue;
		put(first ? "" : ", ");
		put(sets[set]);
		put_fd_bits(bits, count);
		first = false;
	}
	if (s->arg[4] != 0) {
		put(first ? "left " : ", left ");
		if (s->number == SYS_pselect6)
			put_timespec(s, s->arg[4]);
		else
			put_timeval(s, s->arg[4]);
	}
	put_char(')');
}

static const struct {
	const char *name;
	void (*put)(const struct shown *s);
} results[] = {
	{ "hex", put_result_hex },
	{ "oct", put_result_octal },
	{ "fcntl", put_result_fcntl },
	{ "time", put_result_time },
	{ "sched", put_result_sched },
	{ "prctl", put_result_prctl },
	{ "poll", put_result_poll },
	{ "select", put_result_select },
};

/* Errors that no program sees: include/linux/errno.h. */
static const char *restart_text(int error)
{
	switch (error) {
	case 512:
		return "ERESTARTSYS (To be restarted if SA_RESTART is set)";
	case 513:
		return "ERESTARTNOINTR (To be restarted)";
	case 514:
		return "ERESTARTNOHAND (To be restarted if no handler)";
	case 516:
		return "ERESTART_RESTARTBLOCK (Interrupted by signal)";
	default:
		return NULL;
	}
}

static void put_error(int error)
{
	const char *name = strerrorname_np(error), *restart = restart_text(error);

	if (restart != NULL) {
		put("? ");
		put(restart);
	} else if (name != NULL) {
		put("-1 ");
		put(name);
		put(" (");
		put(strerrordesc_np(error));
		put_char(')');
	} else {
		put_signed(-error);
	}
}

/* --- a call ------------------------------------------------------------------------------------- */

static void prepare_argument(struct argument *argument, const char *word)
{
	for (; *word == '>' || *word == '+'; word++) {
		argument->out |= *word == '>';
		argument->joined |= *word == '+';
	}
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i].name, word) == 0)
			argument->put = kinds[i].put;
	argument->constants = constants_find(word);
	if (argument->put == NULL && argument->constants == NULL)
		target_refuse("a call's description has \"%s\" in it, which is no kind", word);
}

static void prepare_form(struct form *form, const char *words)
{
	char copy[128];
	unsigned char index = 0;

	*form = (struct form){ 0 };
	snprintf(copy, sizeof(copy), "%s", words);
	form->known = true;
	for (char *rest = copy, *word; (word = strsep(&rest, " ")) != NULL;) {
		if (*word == '=') {
			for (size_t i = 0; i < COUNT(results); i++)
				if (strcmp(results[i].name, word + 1) == 0)
					form->result = results[i].put;
		} else if (*word == '_') {
			index++;
		} else if (*word != '\0') {
			struct argument *argument = &form->arguments[form->count++];

			prepare_argument(argument, word);
			argument->index = argument->joined ? index - 1 : index++;
		}
	}
}

/* Most programs make few different calls: what describes one is read when the first is made. */
static const struct form *describe(unsigned long number)
{
	struct form *form = &forms[number];
	const char *name = syscall_known(number);

	prepare_form(form, "hex hex hex hex hex hex");
	for (size_t i = 0; name != NULL && i < COUNT(descriptions); i++)
		if (strcmp(descriptions[i].name, name) == 0)
			prepare_form(form, descriptions[i].arguments);
	return form;
}

/* An address behind what the kernel fills in: how long it may become is known only at the entry. */
static void keep_length(const struct form *form, struct shown *s, unsigned i)
{
	for (; i < form->count; i++) {
		s->i = form->arguments[i].index;
		if (form->arguments[i].put == put_sockaddr_out)
			put_sockaddr_out(s, s->arg[s->i]);
	}
}

/* Put the arguments from number `i` on; returns where it stopped. */
static unsigned put_arguments(const struct form *form, struct shown *s, unsigned i)
{
	for (; i < form->count; i++) {
		const struct argument *argument = &form->arguments[i];
		uint64_t value = s->arg[argument->index];
		bool comma = i > 0 && !argument->joined && !s->resumed;
		enum step step = DONE;

		s->i = argument->index;
		if (comma)
			put(", ");
		s->resumed = false;
		if (argument->out && !s->leaving) {
			keep_length(form, s, i);
			return i;
		}
		if (argument->constants != NULL)
			put_constants(argument->constants, (uint32_t)value);
		else if (argument->out && s->failed && !argument->joined &&
			 argument->put != put_remaining && argument->put != put_iov &&
			 argument->put != put_msghdr && argument->put != put_socklen)
			put_address(value);
		else
			step = argument->put(s, value);
		if (step == LATER)
			return i;
		if (step == ABSENT && comma)
			unput(2);
		if (step == ABSENT || step == LAST)
			return form->count;
	}
	return i;
}

const char *call_name(const struct ptrace_syscall_info *entry)
{
	const char *name = NULL;

	if (entry->arch == AUDIT_ARCH_X86_64)
		name = syscall_known(entry->entry.nr);
	else if (entry->arch == AUDIT_ARCH_I386)
		name = syscall_known_32(entry->entry.nr);
	return name != NULL ? name : text("syscall_%#" PRIx64, (uint64_t)entry->entry.nr);
}

/* In numbers: a call beyond the tables; or of the 32-bit one, with as many as its 64-bit namesake. */
static const struct form *form_of(const struct ptrace_syscall_info *entry)
{
	static struct form unknown;
	const char *name;
	long number;

	if (entry->arch == AUDIT_ARCH_X86_64 && entry->entry.nr < CALLS)
		return forms[entry->entry.nr].known ? &forms[entry->entry.nr]
						    : describe(entry->entry.nr);
	prepare_form(&unknown, "hex hex hex hex hex hex");
	name = entry->arch == AUDIT_ARCH_I386 ? syscall_known_32(entry->entry.nr) : NULL;
	number = name != NULL ? syscall_number(name) : -1;
	if (number >= 0 && number < CALLS)
		unknown.count = describe((unsigned long)number)->count;
	return &unknown;
}

static struct shown shown_of(const struct task *task, struct progress *progress)
{
	return (struct shown){ .tid = task->tid,
		.arg = (const uint64_t *)task->call.entry.args,
		.kept = &progress->kept,
		.number = task->call.entry.nr,
		.sp = task->call.stack_pointer };
}

void put_entry(const struct task *task, struct progress *progress)
{
	struct shown s = shown_of(task, progress);

	s.former = progress->former;
	put(call_name(&task->call));
	put_char('(');
	progress->put = put_arguments(form_of(&task->call), &s, 0);
}

#define COLUMN 40

void put_exit(
	const struct task *task, struct progress *progress, const struct ptrace_syscall_info *info)
{
	const struct form *form = form_of(&task->call);
	struct shown s = shown_of(task, progress);

	progress->former = task->call.entry.nr + 1;
	s.resumed = s.leaving = true;
	s.result = info->exit.rval;
	s.failed = info->exit.is_error;
	put_arguments(form, &s, progress->put);
	put_char(')');
	put_column(COLUMN - 1);
	put(" = ");
	if (s.failed)
		put_error((int)-s.result);
	else if (form->result != NULL)
		form->result(&s);
	else
		put_signed(s.result);
}

void put_no_exit(const struct task *task, const struct progress *progress)
{
	if (progress->put < form_of(&task->call)->count)
		put(" <unfinished ...>");
	put_char(')');
	put_column(COLUMN - 1);
	put(" = ?");
}
