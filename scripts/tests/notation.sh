#!/bin/sh
# tracer of lab 05: how it writes each kind of argument and result. The program below makes the calls; behind
# each stands the line that the trace has to have, as strace 6.1 writes it, but for less detail in a few.
# What varies is replaced; "*" is any result.
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
tracer=$PWD/05_syscall_tracing/tracer
needs_tracing "$tracer" -o /dev/null -- true

cat >"$dir/program.c" <<'END'
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <linux/netlink.h>

#define PLACE 0x10000000 /* two pages, and nothing behind them */
#define OTHER 0x20000000
#define NOWHERE ((void *)16)
#define call(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

static void handle(int sig) { (void)sig; }

static void read_proc(const char *name, char *text, int size)
{
	char path[32];
	int file;

	sprintf(path, "/proc/%d/%s", getppid(), name);
	memset(text, 0, size);
	file = open(path, O_RDONLY);
	read(file, text, size - 1);
	close(file);
}

/* By a child: when the parent sleeps in the call of that number, the signal. At the stop before the
 * call /proc shows the number, too, and state t. */
static void when_in(int number, int sig)
{
	char line[16], stat[256];

	do {
		read_proc("syscall", line, sizeof(line));
		read_proc("stat", stat, sizeof(stat));
	} while (*line == 'r' || atoi(line) != number || strstr(stat, ") S ") == NULL);
	kill(getppid(), sig);
}

static void send_self(int sig, siginfo_t info)
{
	info.si_signo = sig;
	call(rt_sigqueueinfo, getpid(), sig, &info);
}

int main(void)
{
	char *bytes = mmap((void *)PLACE, 8192, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long *words = (long *)bytes;
	struct iovec *vector = (struct iovec *)(bytes + 4096);
	struct msghdr *message = (struct msghdr *)(bytes + 2048);
	struct cmsghdr *control = (struct cmsghdr *)(bytes + 2304);
	sigset_t set;
	int child, more[2];

	mmap((void *)OTHER, 4096, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	close_range(3, 1000, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int sig = 1; sig <= 64; sig++)
		signal(sig, sig == SIGCHLD || sig == SIGURG ? SIG_DFL : handle);
	call(chdir, "/begin");
	//= chdir("/begin") = -1 ENOENT (No such file or directory)

	/* Numbers and names. */
	call(fchown, -1, 1000, -1);
	//= fchown(-1, 1000, -1) = -1 EBADF (Bad file descriptor)
	call(mremap, OTHER, 4096, 4096, 0);
	//= mremap(0x20000000, 4096, 4096, 0) = *
	call(mremap, OTHER, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, OTHER + 8192);
	//= mremap(0x20000000, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x20002000) = *
	call(mknod, "/nowhere/n", S_IFCHR | S_ISUID | S_ISVTX | 0600, makedev(1, 3));
	//= mknod("/nowhere/n", S_IFCHR|S_ISUID|S_ISVTX|0600, makedev(0x1, 0x3)) = -1 ENOENT (No such file or directory)
	call(mknod, "/nowhere/n", S_IFIFO | 0600, 0);
	//= mknod("/nowhere/n", S_IFIFO|0600) = -1 ENOENT (No such file or directory)
	call(mknod, "/nowhere/n", 0600, 0);
	//= mknod("/nowhere/n", 0600) = -1 ENOENT (No such file or directory)
	call(memfd_create, "m", MFD_CLOEXEC | 0x800000);
	//= memfd_create("m", MFD_CLOEXEC|0x800000) = -1 EINVAL (Invalid argument)
	call(memfd_create, NOWHERE, 0x800000);
	//= memfd_create(0x10, 0x800000 /* MFD_??? */) = -1 EINVAL (Invalid argument)
	call(kill, 0x7fffffff, 32);
	//= kill(2147483647, SIGRTMIN) = -1 ESRCH (No such process)
	call(kill, 0x7fffffff, 35);
	//= kill(2147483647, SIGRT_3) = -1 ESRCH (No such process)
	call(kill, 0x7fffffff, 99);
	//= kill(2147483647, 99) = -1 ESRCH (No such process)
	call(prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	//= prctl(PR_GET_DUMPABLE) = 1 (SUID_DUMP_USER)
	call(prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
	//= prctl(PR_SET_DUMPABLE, SUID_DUMP_USER) = 0
	call(prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0);
	//= prctl(PR_SET_PDEATHSIG, 0) = 0
	call(prctl, PR_GET_PDEATHSIG, words, 0, 0, 0);
	//= prctl(PR_GET_PDEATHSIG, [0]) = 0
	call(prctl, PR_SET_NAME, "a name of many letters", 0, 0, 0);
	//= prctl(PR_SET_NAME, "a name of many "...) = 0
	call(prctl, PR_SET_NAME, NOWHERE, 0, 0, 0);
	//= prctl(PR_SET_NAME, 0x10) = -1 EFAULT (Bad address)
	call(prctl, PR_GET_NAME, bytes, 0, 0, 0);
	//= prctl(PR_GET_NAME, "a name of many ") = 0
	call(prctl, PR_CAPBSET_READ, 10, 0, 0, 0);
	//= prctl(PR_CAPBSET_READ, CAP_NET_BIND_SERVICE) = *
	call(prctl, PR_SET_KEEPCAPS, 2, 0, 0, 0);
	//= prctl(PR_SET_KEEPCAPS, 2) = -1 EINVAL (Invalid argument)
	call(prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	//= prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) = -1 EINVAL (Invalid argument)
	call(prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0);
	//= prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) = 0
	call(arch_prctl, ARCH_GET_GS, words);
	//= arch_prctl(ARCH_GET_GS, [NULL]) = 0
	call(arch_prctl, ARCH_GET_GS, NOWHERE);
	//= arch_prctl(ARCH_GET_GS, 0x10) = -1 EFAULT (Bad address)
	call(arch_prctl, ARCH_SET_CPUID, 2);
	//= arch_prctl(ARCH_SET_CPUID, 0x2) = *

	/* Times. */
	words[0] = 1, words[1] = 5, words[2] = 0, words[3] = UTIME_NOW;
	call(utimensat, AT_FDCWD, "/nowhere/t", words, 0);
	//= utimensat(AT_FDCWD, "/nowhere/t", [{tv_sec=1, tv_nsec=5} /* 1970-01-01T00:00:01.000000005+0000 */, UTIME_NOW], 0) = -1 ENOENT (No such file or directory)
	words[1] = UTIME_OMIT, words[3] = 0;
	call(utimensat, AT_FDCWD, "/nowhere/t", words, AT_SYMLINK_NOFOLLOW);
	//= utimensat(AT_FDCWD, "/nowhere/t", [UTIME_OMIT, {tv_sec=0, tv_nsec=0}], AT_SYMLINK_NOFOLLOW) = -1 ENOENT (No such file or directory)
	call(utimensat, AT_FDCWD, "/nowhere/t", NOWHERE, 0);
	//= utimensat(AT_FDCWD, "/nowhere/t", 0x10, 0) = -1 EFAULT (Bad address)
	memset(words, 0, 64);
	words[2] = 1000;
	call(setitimer, ITIMER_VIRTUAL, words, words + 8);
	//= setitimer(ITIMER_VIRTUAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={TIME}}, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}}) = 0
	call(setitimer, ITIMER_VIRTUAL, NOWHERE, NULL);
	//= setitimer(ITIMER_VIRTUAL, 0x10, NULL) = -1 EFAULT (Bad address)
	words[2] = 0;
	call(setitimer, ITIMER_VIRTUAL, words, NULL);
	//= setitimer(ITIMER_VIRTUAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}}, NULL) = 0
	call(getitimer, ITIMER_PROF, words);
	//= getitimer(ITIMER_PROF, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}}) = 0
	call(time, words);
	//= time([TIME]) = TIME
	call(time, NULL);
	//= time(NULL) = TIME
	call(times, words);
	//= times({tms_utime=N, tms_stime=N, tms_cutime=N, tms_cstime=N}) = N
	call(gettimeofday, words, NULL);
	//= gettimeofday({TIME}, NULL) = 0
	call(getrusage, RUSAGE_SELF, words);
	//= getrusage(RUSAGE_SELF, {ru_utime=TIME, ru_stime=TIME, ...}) = 0
	words[0] = 0, words[1] = 1;
	call(nanosleep, words, words + 2);
	//= nanosleep({tv_sec=0, tv_nsec=1}, 0x10000010) = 0
	call(clock_nanosleep, CLOCK_MONOTONIC, 0, words, NULL);
	//= clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=1}, NULL) = 0
	memset(words, 0, 128);
	words[0] = 7, words[1] = 10 | 1L << 32;
	call(timer_create, CLOCK_MONOTONIC, words, words + 8);
	//= timer_create(CLOCK_MONOTONIC, {sigev_value={sival_int=7, sival_ptr=0x7}, sigev_signo=10, sigev_notify=SIGEV_NONE}, [0]) = 0
	words[1] = 10;
	call(timer_create, 99, words, words + 8);
	//= timer_create(0x63 /* CLOCK_??? */, {sigev_value={sival_int=7, sival_ptr=0x7}, sigev_signo=SIGUSR1, sigev_notify=SIGEV_SIGNAL}, 0x10000040) = -1 EINVAL (Invalid argument)
	call(timer_create, CLOCK_MONOTONIC, NOWHERE, words + 8);
	//= timer_create(CLOCK_MONOTONIC, 0x10, 0x10000040) = -1 EFAULT (Bad address)

	/* Names, bytes and lists. */
	memset(bytes, 'a', 4096);
	memset(bytes + 4096, 'a', 4096);
	call(chdir, bytes);
	//= chdir("MANY"...) = -1 ENAMETOOLONG (File name too long)
	call(setxattr, "/nowhere/x", "user.x", "v", 2, XATTR_CREATE);
	//= setxattr("/nowhere/x", "user.x", "v", 2, XATTR_CREATE) = *
	call(getxattr, "/nowhere/x", "user.x", NULL, 0);
	//= getxattr("/nowhere/x", "user.x", NULL, 0) = *
	call(listxattr, "/nowhere/x", NULL, 0);
	//= listxattr("/nowhere/x", NULL, 0) = *
	call(getrandom, bytes, 100, 0);
	//= getrandom("BYTES"..., 100, 0) = 100
	call(getrandom, NULL, 0, 0);
	//= getrandom(NULL, 0, 0) = 0
	memset(bytes, 0, 4096);
	words[0] = PLACE + 800;
	memset(bytes + 800, 'b', 40);
	call(execve, "/nowhere/p", words, words);
	//= execve("/nowhere/p", ["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"...], 0x10000000 /* 1 var */) = *
	for (int i = 0; i < 33; i++)
		words[i] = (long)"c";
	words[33] = 0;
	call(execve, "/nowhere/p", words, NULL);
	//= execve("/nowhere/p", ["c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", ...], NULL) = *
	words[1023] = words[511 + 512] = (long)"d";
	vector[0].iov_base = "d";
	((long *)(PLACE + 8192))[-1] = (long)"e";
	call(execve, "/nowhere/p", (long *)(PLACE + 8192) - 1, NULL);
	//= execve("/nowhere/p", ["e", ... /* 0x10002000 */], NULL) = *
	call(execve, "/nowhere/p", NULL, NULL);
	//= execve("/nowhere/p", NULL, NULL) = *
	words[0] = 1L | 2L << 32;
	call(setgroups, -1, NULL);
	//= setgroups(-1, NULL) = *
	call(setgroups, 2, words);
	//= setgroups(2, [1, 2]) = *
	call(setgroups, 2, NOWHERE);
	//= setgroups(2, 0x10) = *
	call(sched_setaffinity, 0, 8, NOWHERE);
	//= sched_setaffinity(0, 8, 0x10) = *
	words[0] = 5;
	call(sendfile, -1, -1, words, 10);
	//= sendfile(-1, -1, [5], 10) = -1 EBADF (Bad file descriptor)

	/* Files. */
	call(pipe2, words, O_CLOEXEC);
	//= pipe2([3, 4], O_CLOEXEC) = 0
	call(fcntl, 3, F_GETFL);
	//= fcntl(3, F_GETFL) = 0 (flags O_RDONLY)
	call(fcntl, 3, F_GETFD);
	//= fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)
	call(fcntl, 3, F_SETFD, FD_CLOEXEC);
	//= fcntl(3, F_SETFD, FD_CLOEXEC) = 0
	call(fcntl, 3, F_SETFL, O_NONBLOCK);
	//= fcntl(3, F_SETFL, O_RDONLY|O_NONBLOCK) = 0
	call(fcntl, 3, F_GETSIG);
	//= fcntl(3, F_GETSIG) = 0
	call(fcntl, -1, F_SETSIG, SIGIO);
	//= fcntl(-1, F_SETSIG, SIGIO) = -1 EBADF (Bad file descriptor)
	call(fcntl, -1, F_SETLEASE, F_RDLCK);
	//= fcntl(-1, F_SETLEASE, F_RDLCK) = -1 EBADF (Bad file descriptor)
	call(fcntl, -1, F_ADD_SEALS, F_SEAL_GROW);
	//= fcntl(-1, F_ADD_SEALS, F_SEAL_GROW) = -1 EBADF (Bad file descriptor)
	call(fcntl, -1, F_DUPFD, 10);
	//= fcntl(-1, F_DUPFD, 10) = -1 EBADF (Bad file descriptor)
	call(fcntl, -1, F_SETOWN_EX, words);
	//= fcntl(-1, F_SETOWN_EX, 0x10000000) = -1 EBADF (Bad file descriptor)
	*(struct flock *)words = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 2 };
	call(memfd_create, "m", 0);
	//= memfd_create("m", 0) = 5
	call(fcntl, 5, F_SETLK, words);
	//= fcntl(5, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=1, l_len=2}) = 0
	call(fcntl, 5, F_GETLK, words);
	//= fcntl(5, F_GETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=1, l_len=2, l_pid=0}) = 0
	call(fcntl, 5, F_GETLK, NOWHERE);
	//= fcntl(5, F_GETLK, 0x10) = -1 EFAULT (Bad address)
	*(struct winsize *)words = (struct winsize){ 25, 80, 1, 2 };
	call(ioctl, -1, TIOCSWINSZ, words);
	//= ioctl(-1, TIOCSWINSZ, {ws_row=25, ws_col=80, ws_xpixel=1, ws_ypixel=2}) = -1 EBADF (Bad file descriptor)
	call(ioctl, -1, TIOCSWINSZ, NOWHERE);
	//= ioctl(-1, TIOCSWINSZ, 0x10) = -1 EBADF (Bad file descriptor)
	call(ioctl, -1, TIOCGWINSZ, words);
	//= ioctl(-1, TIOCGWINSZ, 0x10000000) = -1 EBADF (Bad file descriptor)
	call(ioctl, 3, FIONREAD, words);
	//= ioctl(3, FIONREAD, [0]) = 0
	words[0] = 1;
	call(ioctl, 3, FIONBIO, words);
	//= ioctl(3, FIONBIO, [1]) = 0
	call(ioctl, -1, TIOCSCTTY, 1);
	//= ioctl(-1, TIOCSCTTY, 1) = -1 EBADF (Bad file descriptor)
	call(ioctl, -1, FICLONE, 3);
	//= ioctl(-1, BTRFS_IOC_CLONE or FICLONE, 3) = -1 EBADF (Bad file descriptor)
	call(ioctl, 3, FIOCLEX);
	//= ioctl(3, FIOCLEX) = 0
	call(ioctl, 5, _IOC(_IOC_READ, 'z', 3, 16), words);
	//= ioctl(5, _IOC(_IOC_READ, 0x7a, 0x3, 0x10), 0x10000000) = -1 ENOTTY (Inappropriate ioctl for device)
	vector[0] = (struct iovec){ "ab", 2 };
	vector[1] = (struct iovec){ "c", 1 };
	call(writev, 4, vector, 2);
	//= writev(4, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=1}], 2) = 3
	vector[0] = (struct iovec){ bytes, 2 };
	vector[1] = (struct iovec){ bytes + 8, 8 };
	call(readv, 3, vector, 2);
	//= readv(3, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=8}], 2) = 3
	call(readv, -1, vector, 2);
	//= readv(-1, [{iov_base=0x10000000, iov_len=2}, {iov_base=0x10000008, iov_len=8}], 2) = -1 EBADF (Bad file descriptor)
	call(readv, -1, NOWHERE, 40);
	//= readv(-1, 0x10, 40) = -1 EBADF (Bad file descriptor)
	call(writev, -1, NOWHERE, 2);
	//= writev(-1, 0x10, 2) = -1 EBADF (Bad file descriptor)
	for (int i = 0; i < 33; i++)
		vector[i] = (struct iovec){ bytes, 0 };
	call(writev, -1, vector, 33);
	//= writev(-1, [{iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, {iov_base="", iov_len=0}, ...], 33) = -1 EBADF (Bad file descriptor)
	call(preadv2, -1, vector, 1, 0L, 0L, RWF_HIPRI);
	//= preadv2(-1, [{iov_base=0x10000000, iov_len=0}], 1, 0, RWF_HIPRI) = -1 EBADF (Bad file descriptor)

	/* Waiting. */
	struct pollfd *fds = (struct pollfd *)(bytes + 1024);

	fds[0] = (struct pollfd){ 3, POLLIN };
	fds[1] = (struct pollfd){ -1, POLLIN };
	call(poll, fds, 2, 0);
	//= poll([{fd=3, events=POLLIN}, {fd=-1}], 2, 0) = 0 (Timeout)
	fds[0] = (struct pollfd){ 4, POLLOUT };
	fds[1] = (struct pollfd){ 5, POLLIN };
	call(poll, fds, 2, 0);
	//= poll([{fd=4, events=POLLOUT}, {fd=5, events=POLLIN}], 2, 0) = 2 ([{fd=4, revents=POLLOUT}, {fd=5, revents=POLLIN}])
	fds[2] = (struct pollfd){ 3, POLLIN };
	call(poll, fds, 3, 0);
	//= poll([{fd=4, events=POLLOUT}, {fd=5, events=POLLIN}, {fd=3, events=POLLIN}], 3, 0) = 2 ([{fd=4, revents=POLLOUT}, {fd=5, revents=POLLIN}])
	call(poll, NOWHERE, 1, 0);
	//= poll(0x10, 1, 0) = -1 EFAULT (Bad address)
	memset(bytes, 0, 1024);
	call(select, 6, words, words + 16, NULL, words + 32);
	//= select(6, [], [], NULL, {tv_sec=0, tv_usec=0}) = 0 (Timeout)
	words[0] = 1 << 3, words[16] = 1 << 4 | 1 << 5;
	call(select, 6, words, words + 16, NULL, words + 32);
	//= select(6, [3], [4 5], NULL, {tv_sec=0, tv_usec=0}) = 2 (out [4 5], left {tv_sec=0, tv_usec=0})
	words[0] = 1 << 4;
	words[64] = (long)(bytes + 768), words[65] = 8, words[96] = 1 << 9;
	call(pselect6, 6, NULL, words, NULL, words + 32, words + 64);
	//= pselect6(6, NULL, [4], NULL, {tv_sec=0, tv_nsec=0}, {sigmask=[USR1], sigsetsize=8}) = 1 (out [4], left {tv_sec=0, tv_nsec=0})
	call(pselect6, 6, NULL, words, NULL, words + 32, NULL);
	//= pselect6(6, NULL, [4], NULL, {tv_sec=0, tv_nsec=0}, NULL) = 1 (out [4], left {tv_sec=0, tv_nsec=0})
	call(select, -1, words, NULL, NULL, NULL);
	//= select(-1, 0x10000000, NULL, NULL, NULL) = -1 EINVAL (Invalid argument)
	call(select, 6, NOWHERE, NULL, NULL, NULL);
	//= select(6, 0x10, NULL, NULL, NULL) = -1 EFAULT (Bad address)
	call(epoll_create1, EPOLL_CLOEXEC);
	//= epoll_create1(EPOLL_CLOEXEC) = 6
	*(struct epoll_event *)words = (struct epoll_event){ EPOLLOUT | EPOLLET, { .u32 = 7 } };
	call(epoll_ctl, 6, EPOLL_CTL_ADD, 4, words);
	//= epoll_ctl(6, EPOLL_CTL_ADD, 4, {events=EPOLLOUT|EPOLLET, data={u32=7, u64=7}}) = 0
	call(epoll_wait, 6, words, 5, 0);
	//= epoll_wait(6, [{events=EPOLLOUT, data={u32=7, u64=7}}], 5, 0) = 1
	call(epoll_wait, 6, words, 5, 0);
	//= epoll_wait(6, [], 5, 0) = 0
	*(struct epoll_event *)words = (struct epoll_event){ EPOLLOUT, { .u32 = 7 } };
	call(epoll_ctl, 6, EPOLL_CTL_MOD, 4, words);
	//= epoll_ctl(6, EPOLL_CTL_MOD, 4, {events=EPOLLOUT, data={u32=7, u64=7}}) = 0
	pipe2(more, 0);
	*(struct epoll_event *)words = (struct epoll_event){ EPOLLOUT, { .u32 = 8 } };
	call(epoll_ctl, 6, EPOLL_CTL_ADD, more[1], words);
	//= epoll_ctl(6, EPOLL_CTL_ADD, 8, {events=EPOLLOUT, data={u32=8, u64=8}}) = 0
	call(epoll_wait, 6, words, 5, 0);
	//= epoll_wait(6, [{events=EPOLLOUT, data={u32=7, u64=7}}, {events=EPOLLOUT, data={u32=8, u64=8}}], 5, 0) = 2
	close(more[0]);
	close(more[1]);
	call(epoll_ctl, 6, EPOLL_CTL_DEL, 4, words);
	//= epoll_ctl(6, EPOLL_CTL_DEL, 4, 0x10000000) = 0
	call(epoll_ctl, 6, EPOLL_CTL_ADD, 4, NOWHERE);
	//= epoll_ctl(6, EPOLL_CTL_ADD, 4, 0x10) = -1 EFAULT (Bad address)
	memset(bytes, 0, 1024);
	words[64] = words[65] = 0;
	call(futex, words, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, NULL);
	//= futex(0x10000000, FUTEX_WAIT_PRIVATE, 1, NULL) = -1 EAGAIN (Resource temporarily unavailable)
	call(futex, words, 99, 1, NULL, NULL, 0);
	//= futex(0x10000000, 0x63 /* FUTEX_??? */, 1) = -1 ENOSYS (Function not implemented)
	call(futex, words, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, words + 64, NULL, -1);
	//= futex(0x10000000, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 1, {tv_sec=0, tv_nsec=0}, FUTEX_BITSET_MATCH_ANY) = -1 EAGAIN (Resource temporarily unavailable)
	call(futex, words, FUTEX_WAKE_BITSET, 1, NULL, NULL, 6);
	//= futex(0x10000000, FUTEX_WAKE_BITSET, 1, 0x6) = 0
	call(futex, words, FUTEX_WAKE, 1);
	//= futex(0x10000000, FUTEX_WAKE, 1) = 0
	call(futex, words, FUTEX_REQUEUE, 1, 2, words + 2);
	//= futex(0x10000000, FUTEX_REQUEUE, 1, 2, 0x10000010) = 0
	call(futex, words, FUTEX_CMP_REQUEUE, 1, 2, words + 2, 3);
	//= futex(0x10000000, FUTEX_CMP_REQUEUE, 1, 2, 0x10000010, 3) = -1 EAGAIN (Resource temporarily unavailable)
	call(futex, words, FUTEX_WAKE_OP, 1, 2, words + 2, FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0));
	//= futex(0x10000000, FUTEX_WAKE_OP, 1, 2, 0x10000010, 0x10000000) = 0
	call(futex, words, FUTEX_TRYLOCK_PI);
	//= futex(0x10000000, FUTEX_TRYLOCK_PI) = 0
	call(futex, words, FUTEX_UNLOCK_PI);
	//= futex(0x10000000, FUTEX_UNLOCK_PI) = 0
	call(futex, words + 1, FUTEX_LOCK_PI, 0, words + 64);
	//= futex(0x10000008, FUTEX_LOCK_PI, 0, {tv_sec=0, tv_nsec=0}) = 0
	words[0] = words[1] = 0;

	/* Sockets. */
	struct sockaddr_in in = { AF_INET, htons(80), { htonl(0x7f000001) } };
	struct sockaddr_in6 in6 = { AF_INET6, htons(80), htonl(3), IN6ADDR_LOOPBACK_INIT, 4 };
	struct sockaddr_nl nl = { AF_NETLINK, 0, 12, 0x21 };
	struct sockaddr_un un = { AF_UNIX, "/nowhere/s" };
	struct sockaddr other = { AF_PACKET, "\1\2\3\4\5\6\7\10\11\12\13\14\15" };

	call(socket, AF_INET, 9 | SOCK_CLOEXEC, IPPROTO_UDP);
	//= socket(AF_INET, 0x9 /* SOCK_??? */|SOCK_CLOEXEC, IPPROTO_UDP) = *
	call(socket, AF_NETLINK, 9, 4);
	//= socket(AF_NETLINK, 0x9 /* SOCK_??? */, NETLINK_SOCK_DIAG) = *
	call(bind, -1, &in, sizeof(in));
	//= bind(-1, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EBADF (Bad file descriptor)
	call(bind, -1, &in6, sizeof(in6));
	//= bind(-1, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(3), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=4}, 28) = -1 EBADF (Bad file descriptor)
	call(bind, -1, &nl, sizeof(nl));
	//= bind(-1, {sa_family=AF_NETLINK, nl_pid=12, nl_groups=0x000021}, 12) = -1 EBADF (Bad file descriptor)
	call(bind, -1, &other, sizeof(other));
	//= bind(-1, {sa_family=AF_PACKET, sa_data="\1\2\3\4\5\6\7\10\t\n\v\f\r\0"}, 16) = -1 EBADF (Bad file descriptor)
	call(bind, -1, &un, sizeof(un));
	//= bind(-1, {sa_family=AF_UNIX, sun_path="/nowhere/s"}, 110) = -1 EBADF (Bad file descriptor)
	un.sun_path[0] = '\0';
	call(bind, -1, &un, 12);
	//= bind(-1, {sa_family=AF_UNIX, sun_path=@"nowhere/s"}, 12) = -1 EBADF (Bad file descriptor)
	call(bind, -1, NOWHERE, 12);
	//= bind(-1, 0x10, 12) = -1 EBADF (Bad file descriptor)
	call(bind, -1, &un, 1);
	//= bind(-1, ADDRESS, 1) = -1 EBADF (Bad file descriptor)
	call(socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, words);
	//= socketpair(AF_UNIX, SOCK_DGRAM|SOCK_CLOEXEC, 0, [7, 8]) = 0
	call(bind, 7, &un, 2);
	//= bind(7, {sa_family=AF_UNIX}, 2) = 0
	words[0] = 128;
	call(getsockname, 7, bytes + 512, words);
	//= getsockname(7, {sa_family=AF_UNIX, sun_path=@"NAME"}, [128 => 8]) = 0
	call(getsockname, 7, bytes + 512, words);
	//= getsockname(7, {sa_family=AF_UNIX, sun_path=@"NAME"}, [8]) = 0
	words[0] = 16;
	call(getsockname, -1, bytes + 512, words);
	//= getsockname(-1, 0x10000200, [16]) = -1 EBADF (Bad file descriptor)
	call(accept, -1, NULL, NULL);
	//= accept(-1, NULL, NULL) = -1 EBADF (Bad file descriptor)
	call(sendto, 7, "hello", 5, MSG_NOSIGNAL, NULL, 0);
	//= sendto(7, "hello", 5, MSG_NOSIGNAL, NULL, 0) = 5
	words[0] = 16;
	call(recvfrom, 8, bytes + 512, 16, 0, bytes + 600, words);
	//= recvfrom(8, "hello", 16, 0, {sa_family=AF_UNIX, sun_path=@"NAME"}, [16 => 8]) = 5
	call(recvfrom, 8, bytes + 512, 16, MSG_DONTWAIT, NULL, NULL);
	//= recvfrom(8, 0x10000200, 16, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
	words[0] = 1;
	call(setsockopt, 7, SOL_SOCKET, SO_PASSCRED, words, 4);
	//= setsockopt(7, SOL_SOCKET, SO_PASSCRED, [1], 4) = 0
	words[0] = 0;
	call(setsockopt, 7, SOL_SOCKET, SO_PASSCRED, words, 4);
	//= setsockopt(7, SOL_SOCKET, SO_PASSCRED, [0], 4) = 0
	call(setsockopt, -1, SOL_TCP, TCP_NODELAY, words, 4);
	//= setsockopt(-1, SOL_TCP, TCP_NODELAY, [0], 4) = -1 EBADF (Bad file descriptor)
	call(setsockopt, -1, SOL_IP, 99, "abc", 3);
	//= setsockopt(-1, SOL_IP, 99, "abc", 3) = -1 EBADF (Bad file descriptor)
	words[0] = 4;
	call(getsockopt, 7, SOL_SOCKET, SO_TYPE, words + 1, words);
	//= getsockopt(7, SOL_SOCKET, SO_TYPE, [2], [4]) = 0
	words[0] = 8;
	call(getsockopt, 7, SOL_SOCKET, SO_LINGER, words + 1, words);
	//= getsockopt(7, SOL_SOCKET, SO_LINGER, 0x10000008, [8]) = 0
	vector[0] = (struct iovec){ "hello", 5 };
	*message = (struct msghdr){ .msg_iov = vector, .msg_iovlen = 1 };
	call(sendmsg, 7, message, 0);
	//= sendmsg(7, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hello", iov_len=5}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 5
	message->msg_control = control;
	message->msg_controllen = CMSG_LEN(8);
	*control = (struct cmsghdr){ CMSG_LEN(8), SOL_SOCKET, SCM_RIGHTS };
	((int *)CMSG_DATA(control))[0] = 3;
	((int *)CMSG_DATA(control))[1] = 4;
	call(sendmsg, 7, message, MSG_DONTWAIT);
	//= sendmsg(7, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hello", iov_len=5}], msg_iovlen=1, msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3, 4]}], msg_controllen=24, msg_flags=0}, MSG_DONTWAIT) = 5
	vector[0] = (struct iovec){ bytes, 16 };
	message->msg_controllen = 0;
	call(recvmsg, 8, message, 0);
	//= recvmsg(8, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hello", iov_len=16}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 5
	message->msg_controllen = 256;
	call(recvmsg, 8, message, MSG_CMSG_CLOEXEC);
	//= recvmsg(8, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hello", iov_len=16}], msg_iovlen=1, msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[9, 10]}], msg_controllen=24, msg_flags=MSG_CMSG_CLOEXEC}, MSG_CMSG_CLOEXEC) = 5
	call(recvmsg, 8, message, MSG_DONTWAIT);
	//= recvmsg(8, {msg_namelen=0}, MSG_DONTWAIT) = -1 EAGAIN (Resource temporarily unavailable)
	call(sendmsg, -1, NOWHERE, 0);
	//= sendmsg(-1, 0x10, 0) = -1 EBADF (Bad file descriptor)
	message->msg_control = NOWHERE;
	call(sendmsg, -1, message, 0);
	//= sendmsg(-1, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hello\0\0\0\0\0\0\0\0\0\0\0", iov_len=16}], msg_iovlen=1, msg_control=0x10, msg_controllen=24, msg_flags=MSG_CMSG_CLOEXEC}, 0) = -1 EBADF (Bad file descriptor)
	message->msg_control = control;
	message->msg_controllen = CMSG_LEN(4);
	*control = (struct cmsghdr){ 4, SOL_IP, 1 };
	call(sendmsg, -1, message, 0);
	//= sendmsg(-1, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hello\0\0\0\0\0\0\0\0\0\0\0", iov_len=16}], msg_iovlen=1, msg_control=[], msg_controllen=20, msg_flags=MSG_CMSG_CLOEXEC}, 0) = -1 EBADF (Bad file descriptor)
	*control = (struct cmsghdr){ CMSG_LEN(4), SOL_IP, 99 };
	call(sendmsg, -1, message, 0);
	//= sendmsg(-1, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hello\0\0\0\0\0\0\0\0\0\0\0", iov_len=16}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=0x63}], msg_controllen=20, msg_flags=MSG_CMSG_CLOEXEC}, 0) = -1 EBADF (Bad file descriptor)
	vector[0] = (struct iovec){ 0 };

	/* Processes. */
	call(clone, CLONE_THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID, 0, words, words, 5);
	//= clone(child_stack=NULL, flags=CLONE_THREAD|CLONE_SETTLS|CLONE_PARENT_SETTID, parent_tid=0x10000000, tls=0x5) = -1 EINVAL (Invalid argument)
	child = call(clone, 0, 0, 0, 0, 0);
	//= clone(child_stack=NULL, flags=0) = PID
	if (child == 0)
		_exit(0);
	call(wait4, child, words, __WALL, NULL);
	//= wait4(PID, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], __WALL, NULL) = PID
	child = call(clone, CLONE_PARENT_SETTID | SIGCHLD, 0, words, 0, 0);
	//= clone(child_stack=NULL, flags=CLONE_PARENT_SETTID|SIGCHLD, parent_tid=[PID]) = PID
	if (child == 0)
		for (;;)
			pause();
	call(wait4, child, words, WNOHANG, NULL);
	//= wait4(PID, 0x10000000, WNOHANG, NULL) = 0
	call(waitid, P_PID, child, bytes, WNOHANG | WEXITED, NULL);
	//= waitid(P_PID, PID, {}, WNOHANG|WEXITED, NULL) = 0
	kill(child, SIGSTOP);
	call(wait4, child, words, WSTOPPED, bytes + 256);
	//= wait4(PID, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], WSTOPPED, {ru_utime=TIME, ru_stime=TIME, ...}) = PID
	kill(child, SIGCONT);
	call(wait4, child, words, WCONTINUED, NULL);
	//= wait4(PID, [{WIFCONTINUED(s)}], WCONTINUED, NULL) = PID
	kill(child, SIGKILL);
	call(waitid, P_PID, child, bytes, WEXITED, NULL);
	//= waitid(P_PID, PID, {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=PID, si_uid=UID, si_status=SIGKILL, si_utime=0, si_stime=0}, WEXITED, NULL) = 0
	call(clone3, NOWHERE, 88);
	//= clone3(0x10, 88) = -1 EFAULT (Bad address)
	memset(bytes, 0, 256);
	words[0] = CLONE_SIGHAND | CLONE_PIDFD, words[1] = PLACE, words[4] = SIGCHLD;
	call(clone3, words, 64);
	//= clone3({flags=CLONE_SIGHAND|CLONE_PIDFD, pidfd=0x10000000, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 64) = -1 EINVAL (Invalid argument)

	/* Signals. */
	*(stack_t *)words = (stack_t){ bytes + 4096, SS_DISABLE, 0 };
	call(sigaltstack, words, words + 3);
	//= sigaltstack({ss_sp=0x10001000, ss_flags=SS_DISABLE, ss_size=0}, {ss_sp=NULL, ss_flags=SS_DISABLE, ss_size=0}) = 0
	call(sigaltstack, NOWHERE, NULL);
	//= sigaltstack(0x10, NULL) = -1 EFAULT (Bad address)
	send_self(SIGIO, (siginfo_t){ .si_code = POLL_IN, .si_band = 65 });
	//= --- SIGIO {si_signo=SIGIO, si_code=POLL_IN, si_band=65, si_fd=0} ---
	send_self(SIGSYS, (siginfo_t){ .si_code = 1, .si_call_addr = NOWHERE, .si_syscall = 39, .si_arch = AUDIT_ARCH_X86_64 });
	//= --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x10, si_syscall=__NR_getpid, si_arch=AUDIT_ARCH_X86_64} ---
	send_self(SIGSYS, (siginfo_t){ .si_code = 2, .si_call_addr = NOWHERE, .si_syscall = 39, .si_arch = AUDIT_ARCH_I386 });
	//= --- SIGSYS {si_signo=SIGSYS, si_code=SYS_USER_DISPATCH, si_call_addr=0x10, si_syscall=39, si_arch=0x40000003} ---
	send_self(SIGBUS, (siginfo_t){ .si_code = BUS_ADRERR, .si_addr = NOWHERE });
	//= --- SIGBUS {si_signo=SIGBUS, si_code=BUS_ADRERR, si_addr=0x10} ---
	send_self(SIGILL, (siginfo_t){ .si_code = ILL_ILLOPN, .si_addr = NOWHERE });
	//= --- SIGILL {si_signo=SIGILL, si_code=ILL_ILLOPN, si_addr=0x10} ---
	send_self(SIGFPE, (siginfo_t){ .si_code = FPE_INTDIV, .si_addr = NOWHERE });
	//= --- SIGFPE {si_signo=SIGFPE, si_code=FPE_INTDIV, si_addr=0x10} ---
	send_self(SIGTRAP, (siginfo_t){ .si_code = TRAP_BRKPT, .si_addr = NOWHERE });
	//= --- SIGTRAP {si_signo=SIGTRAP, si_code=TRAP_BRKPT, si_addr=0x10} ---
	send_self(SIGUSR1, (siginfo_t){ .si_code = 3 });
	//= --- SIGUSR1 {si_signo=SIGUSR1, si_code=0x3} ---
	send_self(SIGUSR1, (siginfo_t){ .si_code = SI_TIMER, .si_timerid = 3, .si_overrun = 2, .si_value = { 5 } });
	//= --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TIMER, si_timerid=0, si_overrun=0, si_int=5, si_ptr=0x5} ---
	send_self(SIGUSR1, (siginfo_t){ .si_code = SI_QUEUE, .si_pid = 1, .si_uid = 2, .si_value = { 5 } });
	//= --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_QUEUE, si_pid=0, si_uid=UID, si_int=5, si_ptr=0x5} ---
	call(rt_sigqueueinfo, 0x7fffffff, SIGUSR1, NOWHERE);
	//= rt_sigqueueinfo(2147483647, SIGUSR1, 0x10) = -1 EFAULT (Bad address)

	/* Interrupted; and the end in the middle of a call. */
	child = fork();
	if (child == 0) {
		when_in(SYS_pause, SIGUSR1);
		when_in(SYS_nanosleep, SIGURG);
		when_in(SYS_restart_syscall, SIGUSR1);
		when_in(SYS_read, SIGKILL);
		_exit(0);
	}
	words[0] = 1000, words[1] = 0;
	call(pause);
	//= pause() = ? ERESTARTNOHAND (To be restarted if no handler)
	//= --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=PID, si_uid=UID} ---
	call(nanosleep, words, words + 2);
	//= nanosleep({TIME}, {TIME}) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)
	//= --- SIGURG {si_signo=SIGURG, si_code=SI_USER, si_pid=PID, si_uid=UID} ---
	//= restart_syscall(<... resuming interrupted nanosleep ...>) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)
	//= --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=PID, si_uid=UID} ---
	fcntl(3, F_SETFL, 0);
	call(read, 3, words, 1);
	//= read(3,  <unfinished ...>) = ?
}
END
if ! $CC -O1 -w -o "$dir/program" "$dir/program.c" 2>"$dir/err"; then
	sed 's/^/# /' "$dir/err"
	echo 'Bail out! the test program does not compile'
	exit 99
fi

TZ=UTC timeout 60 "$tracer" -o "$dir/trace" -- "$dir/program" >"$dir/out" 2>"$dir/err" </dev/null
[ $? -eq 137 ] && ! grep -v "^Killed$" "$dir/err" # which the shell says
result $? 'the program is traced to its end, a SIGKILL'
sed -E \
	-e 's/\) +=/) =/' \
	-e 's/(getpid\(\)|clone\(.*\)) = [0-9]+$/\1 = PID/' \
	-e 's/^(wait4|kill|rt_sigqueueinfo)\([0-9]{1,7},/\1(PID,/' \
	-e 's/^(wait4\(.*\) = )[1-9][0-9]*$/\1PID/' \
	-e 's/^waitid\(P_PID, [0-9]+/waitid(P_PID, PID/' \
	-e 's/(si_pid)=[1-9][0-9]*/\1=PID/' \
	-e 's/(si_uid)=[0-9]*/\1=UID/' \
	-e 's/parent_tid=\[[0-9]+\]/parent_tid=[PID]/' \
	-e 's/0x[0-9a-f]{12}/ADDRESS/g' \
	-e 's/tv_sec=[0-9]+, tv_usec=[1-9][0-9]*|tv_sec=[1-9][0-9]+, tv_[nu]sec=[0-9]+/TIME/g' \
	-e 's/(ru_[us]time)=\{[^}]*\}/\1=TIME/g' \
	-e 's/time\(\[[0-9]+ .*\]\) = [0-9]* .*/time([TIME]) = TIME/' \
	-e 's/time\(NULL\) = [0-9]+ \(.*\)/time(NULL) = TIME/' \
	-e 's/tms_([a-z]*)=[0-9]+/tms_\1=N/g' \
	-e 's/^(times\(.*\)) = [0-9]+/\1 = N/' \
	-e 's/getrandom\("(\\x[0-9a-f]{2})+"/getrandom("BYTES"/' \
	-e 's/@"[0-9a-f]{5}"/@"NAME"/' \
	-e 's/a{100,}/MANY/' \
	"$dir/trace" >"$dir/canonical"
sed -n 's:^	//= ::p' "$dir/program.c" >"$dir/expected"
count=$(awk '
	NR == FNR { seen[FNR] = $0; last = FNR; next }
	{
		line = $0
		prefix = sub(/[*]$/, "", line)
		for (i = at + 1; i <= last; i++)
			if (prefix ? index(seen[i], line) == 1 : seen[i] == line)
				break
		if (i > last)
			print "the trace lacks " $0 >err
		else {
			at = i
			count++
		}
	}
	END { print count + 0 }' err="$dir/err" "$dir/canonical" "$dir/expected")
lines=$(wc -l <"$dir/expected")
[ "$lines" -gt 150 ] && [ "$count" -eq "$lines" ]
result $? "$lines lines, in this order"
tail -n 2 "$dir/canonical" >"$dir/end"
printf '%s\n' 'read(3,  <unfinished ...>) = ?' '+++ killed by SIGKILL +++' | cmp -s - "$dir/end"
result $? 'what it did not come back from'
finish
