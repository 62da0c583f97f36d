/* SPDX-License-Identifier: MIT */
/*
 * Lab 01's tracee: a process that watches itself, one scene for each blocking system call, and a
 * few that are set up to be attached to in a particular state.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "count.h"
#include "process.h"
#include "scene.h"

#define HOUR_S 3600
#define MS 1000000L

/* A set-up call of a scene: returns its result, or ends the scene with the call named. */
#define must(call) check_call(call, #call)

static long check_call(long result, const char *call)
{
	if (result == -1)
		scene_broken(call);
	return result;
}

/* --- the process that watches itself ------------------------------------------------------------ */

static atomic_long *conts;

static void count_sigcont(int sig)
{
	(void)sig;
	++*conts;
}

static pid_t my_tracer(int status_fd)
{
	char status[4096];
	ssize_t length = must(pread(status_fd, status, sizeof(status) - 1, 0));

	status[length] = '\0';
	return (pid_t)atoi(strstr(status, "TracerPid:") + strlen("TracerPid:"));
}

/*
 * Once a millisecond it wakes, reads its own TracerPid, and looks at how long it was away and why.
 * By hand (`tracee self-aware`) it says what it notices.
 */
static void self_aware(void)
{
	atomic_long *heartbeat = scene_tell("heartbeat", 0), *tracer = scene_tell("tracer", 0);
	atomic_long *came = scene_tell("came", 0), *went = scene_tell("went", 0);
	atomic_long *interrupted = scene_tell("interrupted", 0);
	atomic_long *longest_ns = scene_tell("longest-ns", 0);
	int status_fd = must(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	int epoll = must(epoll_create1(EPOLL_CLOEXEC));
	struct epoll_event event;
	int64_t last = clock_now_ns();

	conts = scene_tell("conts", 0);
	must(sigaction(SIGCONT,
		&(struct sigaction){ .sa_handler = count_sigcont, .sa_flags = SA_RESTART }, NULL));
	if (scene_by_hand())
		printf("I am pid %d; watching myself.\n", getpid());
	scene_ready();
	for (;;) {
		if (epoll_wait(epoll, &event, 1, 1) == -1 && errno == EINTR)
			++*interrupted;

		int64_t now = clock_now_ns();
		pid_t now_tracer = my_tracer(status_fd);

		if (now - last > *longest_ns)
			*longest_ns = now - last;
		*came += *tracer == 0 && now_tracer != 0;
		*went += *tracer != 0 && now_tracer == 0;
		if (scene_by_hand() && now_tracer != *tracer)
			printf("%s %d; my longest pause so far was %.1f ms, and %ld of my calls "
			       "were interrupted.\n",
				now_tracer ? "I am traced by" : "I am no longer traced by",
				now_tracer ? now_tracer : (int)*tracer, (double)*longest_ns / MS,
				*interrupted);
		*tracer = now_tracer;
		last = now;
		++*heartbeat;
	}
}

/* Never sleeps: counts its rounds and the gaps between two readings of the clock that are longer
 * than any since the tracer set "longest-ns" to 0. */
static void spin(void)
{
	atomic_long *heartbeat = scene_tell("heartbeat", 0);
	atomic_long *longest_ns = scene_tell("longest-ns", 0);
	int64_t last = clock_now_ns();

	scene_ready();
	for (;;) {
		int64_t now = clock_now_ns();

		if (now - last > *longest_ns)
			*longest_ns = now - last;
		last = now;
		++*heartbeat;
	}
}

/* --- blocking calls ----------------------------------------------------------------------------- */

static int pipe_end(bool write_end)
{
	int ends[2];

	must(pipe(ends));
	return ends[write_end];
}

static int filled_pipe(void)
{
	int end = pipe_end(true);
	char page[4096] = { 0 };

	must(fcntl(end, F_SETFL, O_NONBLOCK));
	while (write(end, page, sizeof(page)) > 0)
		;
	must(fcntl(end, F_SETFL, 0));
	return end;
}

static int socket_end(void)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	return ends[0];
}

static long block_read_pipe(void)
{
	char byte;

	return read(pipe_end(false), &byte, 1);
}

static long block_write_pipe(void)
{
	char page[4096] = { 0 };

	return write(filled_pipe(), page, sizeof(page));
}

static long block_read_inotify(void)
{
	char event[4096];

	return read(must(inotify_init1(0)), event, sizeof(event));
}

static long block_read_eventfd(void)
{
	uint64_t count;

	return read(must(eventfd(0, 0)), &count, sizeof(count));
}

static long block_read_timerfd(void)
{
	int fd = must(timerfd_create(CLOCK_MONOTONIC, 0));
	uint64_t count;

	must(timerfd_settime(fd, 0, &(struct itimerspec){ .it_value = { HOUR_S, 0 } }, NULL));
	return read(fd, &count, sizeof(count));
}

static sigset_t only(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

static sigset_t block_usr2(void)
{
	sigset_t set = only(SIGUSR2);

	must(sigprocmask(SIG_BLOCK, &set, NULL));
	return set;
}

static long block_read_signalfd(void)
{
	sigset_t set = block_usr2();
	struct signalfd_siginfo info;

	return read(must(signalfd(-1, &set, 0)), &info, sizeof(info));
}

static long block_poll(void)
{
	struct pollfd fd = { .fd = pipe_end(false), .events = POLLIN };

	return syscall(SYS_poll, &fd, 1, HOUR_S * 1000);
}

static long block_ppoll(void)
{
	struct pollfd fd = { .fd = pipe_end(false), .events = POLLIN };

	return ppoll(&fd, 1, &(struct timespec){ HOUR_S, 0 }, NULL);
}

static long block_select(void)
{
	int fd = pipe_end(false);
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return syscall(SYS_select, fd + 1, &set, NULL, NULL, &(struct timeval){ HOUR_S, 0 });
}

static long block_pselect(void)
{
	return pselect(0, NULL, NULL, NULL, &(struct timespec){ HOUR_S, 0 }, NULL);
}

static long block_epoll_wait(void)
{
	struct epoll_event event;

	return syscall(SYS_epoll_wait, must(epoll_create1(0)), &event, 1, -1);
}

static long block_epoll_pwait(void)
{
	struct epoll_event event;
	sigset_t none;

	sigemptyset(&none);
	return epoll_pwait(must(epoll_create1(0)), &event, 1, -1, &none);
}

static long block_nanosleep(void)
{
	return syscall(SYS_nanosleep, &(struct timespec){ HOUR_S, 0 }, NULL);
}

static long block_clock_nanosleep(void)
{
	int error = clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ HOUR_S, 0 }, NULL);

	errno = error;
	return error ? -1 : 0;
}

static long block_futex(void)
{
	static uint32_t word;

	return syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static long block_futex_timed(void)
{
	static uint32_t word;

	return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &(struct timespec){ HOUR_S, 0 }, NULL, 0);
}

static long block_pause(void)
{
	return syscall(SYS_pause);
}

static long block_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}

static long block_sigtimedwait(void)
{
	sigset_t set = block_usr2();

	return sigtimedwait(&set, NULL, &(struct timespec){ HOUR_S, 0 });
}

/* glibc's sigwaitinfo() hides nothing: it is rt_sigtimedwait without a limit. */
static long block_sigwaitinfo(void)
{
	sigset_t set = block_usr2();

	return sigwaitinfo(&set, NULL);
}

static int listener(void)
{
	int fd = must(socket(AF_UNIX, SOCK_STREAM, 0));
	struct sockaddr_un unnamed = { .sun_family = AF_UNIX };

	/* An address of only the family: the kernel picks an abstract name (unix(7), autobind). */
	must(bind(fd, (struct sockaddr *)&unnamed, sizeof(sa_family_t)));
	must(listen(fd, 0));
	return fd;
}

static long block_accept(void)
{
	return accept(listener(), NULL, NULL);
}

static long block_connect(void)
{
	int fd = listener();
	struct sockaddr_un name;
	socklen_t length = sizeof(name);

	/* A backlog of 0 holds one connection; the second one waits for an accept(). */
	must(getsockname(fd, (struct sockaddr *)&name, &length));
	must(connect(must(socket(AF_UNIX, SOCK_STREAM, 0)), (struct sockaddr *)&name, length));
	return connect(must(socket(AF_UNIX, SOCK_STREAM, 0)), (struct sockaddr *)&name, length);
}

static long block_recv(void)
{
	char byte;

	return recv(socket_end(), &byte, 1, 0);
}

static long block_recv_timed(void)
{
	int fd = socket_end();
	char byte;

	must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ HOUR_S, 0 },
		sizeof(struct timeval)));
	return recv(fd, &byte, 1, 0);
}

static long block_send(void)
{
	int fd = socket_end();
	char page[4096] = { 0 };

	while (send(fd, page, sizeof(page), MSG_DONTWAIT) > 0)
		;
	return send(fd, page, sizeof(page), 0);
}

static pid_t paused_child(void)
{
	pid_t child = scene_fork();

	if (child == 0)
		for (;;)
			pause();
	return child;
}

static long block_wait4(void)
{
	return waitpid(paused_child(), NULL, 0);
}

static long block_waitid(void)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)paused_child(), &info, WEXITED);
}

/*
 * System V objects outlive their maker; in an IPC namespace of its own they end with the process.
 * Where neither root's way nor a user namespace's is open, errno tells.
 */
static int own_ipc_namespace(void)
{
	if (unshare(CLONE_NEWIPC) == -1 && unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1)
		return errno;
	must(prctl(PR_SET_DUMPABLE, 1));
	return 0;
}

static long block_msgrcv(void)
{
	struct {
		long type;
		char text[1];
	} message;

	return msgrcv(must(msgget(IPC_PRIVATE, 0600)), &message, 1, 0, 0);
}

static long block_semop(void)
{
	struct sembuf down = { .sem_op = -1 };

	/* glibc's semop() calls semtimedop. */
	return syscall(SYS_semop, must(semget(IPC_PRIVATE, 1, 0600)), &down, 1L);
}

static long block_flock(void)
{
	int held = must(memfd_create("lock", 0));
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", held);
	must(flock(held, LOCK_EX));
	return flock(must(open(path, O_RDWR)), LOCK_EX);
}

/* Another open file description holds the lock (fcntl_locking(2), "Open file description locks"). */
static long block_fcntl_lock(void)
{
	int held = must(memfd_create("lock", 0));
	struct flock lock = { .l_type = F_WRLCK };
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", held);
	must(fcntl(held, F_OFD_SETLK, &lock));
	return fcntl(must(open(path, O_RDWR)), F_OFD_SETLKW, &lock);
}

/* A FIFO without a name: it is opened again through /proc, and waits for a writer. */
static long block_open_fifo(void)
{
	char directory[] = "/tmp/tracee-XXXXXX", path[64];

	if (mkdtemp(directory) == NULL)
		scene_broken("mkdtemp");
	snprintf(path, sizeof(path), "%s/fifo", directory);
	must(mkfifo(path, 0600));

	int fd = open(path, O_PATH);

	must(unlink(path));
	must(rmdir(directory));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY);
}

static long block_splice(void)
{
	return splice(pipe_end(false), NULL, filled_pipe(), NULL, 1, 0);
}

struct blocking {
	const char *name;
	long number;
	long (*call)(void);
};

static const struct blocking blocking[] = {
	{ "read(pipe)", SYS_read, block_read_pipe },
	{ "read(inotify)", SYS_read, block_read_inotify },
	{ "read(eventfd)", SYS_read, block_read_eventfd },
	{ "read(timerfd)", SYS_read, block_read_timerfd },
	{ "read(signalfd)", SYS_read, block_read_signalfd },
	{ "write(pipe)", SYS_write, block_write_pipe },
	{ "splice", SYS_splice, block_splice },
	{ "open(fifo)", SYS_openat, block_open_fifo },
	{ "flock", SYS_flock, block_flock },
	{ "fcntl(F_OFD_SETLKW)", SYS_fcntl, block_fcntl_lock },
	{ "poll", SYS_poll, block_poll },
	{ "ppoll", SYS_ppoll, block_ppoll },
	{ "select", SYS_select, block_select },
	{ "pselect6", SYS_pselect6, block_pselect },
	{ "epoll_wait", SYS_epoll_wait, block_epoll_wait },
	{ "epoll_pwait", SYS_epoll_pwait, block_epoll_pwait },
	{ "nanosleep", SYS_nanosleep, block_nanosleep },
	{ "clock_nanosleep", SYS_clock_nanosleep, block_clock_nanosleep },
	{ "futex", SYS_futex, block_futex },
	{ "futex(timed)", SYS_futex, block_futex_timed },
	{ "pause", SYS_pause, block_pause },
	{ "rt_sigsuspend", SYS_rt_sigsuspend, block_sigsuspend },
	{ "sigtimedwait", SYS_rt_sigtimedwait, block_sigtimedwait },
	{ "sigwaitinfo", SYS_rt_sigtimedwait, block_sigwaitinfo },
	{ "accept", SYS_accept, block_accept },
	{ "connect(unix)", SYS_connect, block_connect },
	{ "recv", SYS_recvfrom, block_recv },
	{ "recv(SO_RCVTIMEO)", SYS_recvfrom, block_recv_timed },
	{ "send", SYS_sendto, block_send },
	{ "wait4", SYS_wait4, block_wait4 },
	{ "waitid", SYS_waitid, block_waitid },
	{ "msgrcv", SYS_msgrcv, block_msgrcv },
	{ "semop", SYS_semop, block_semop },
};
#define BLOCKING COUNT(blocking)

/* Which of them to play is the scene's name; main() puts it here. */
static const char *scene_name;

static void block(void)
{
	for (size_t i = 0; i < BLOCKING; i++) {
		if (strcmp(blocking[i].name, scene_name) != 0)
			continue;

		bool uses_sysv =
			blocking[i].number == SYS_msgrcv || blocking[i].number == SYS_semop;

		scene_tell("number", blocking[i].number);
		scene_tell("error", 0);
		scene_tell("cannot", uses_sysv ? own_ipc_namespace() : 0);

		atomic_long *returned = scene_tell("returned", 0);

		scene_ready();

		long result = blocking[i].call();

		scene_tell("error", result == -1 ? errno : 0);
		*returned = 1;
	}
	for (;;)
		pause();
}

/* --- scenes in a particular state --------------------------------------------------------------- */

/* Sleeps for "nap-ns" and tells when it woke. */
static void nap(void)
{
	atomic_long *woke_ns = scene_tell("woke-ns", 0);
	long length = 100 * MS;

	scene_tell("slept-at-ns", (long)clock_now_ns());
	scene_tell("nap-ns", length);
	scene_ready();
	syscall(SYS_nanosleep, &(struct timespec){ length / (1000 * MS), length % (1000 * MS) },
		NULL);
	*woke_ns = (long)clock_now_ns();
	for (;;)
		pause();
}

static void ignore_signal(int sig)
{
	(void)sig;
}

/* Is sent SIGALRM by its own timer every 20 ms. */
static void alarmed(void)
{
	must(sigaction(SIGALRM, &(struct sigaction){ .sa_handler = ignore_signal }, NULL));
	must(setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 20000 }, { 0, 20000 } }, NULL));
	scene_ready();
	for (;;)
		pause();
}

static atomic_long *handled;

static void count_signal(int sig)
{
	(void)sig;
	++*handled;
}

/* Counts SIGUSR1. */
static void handles_usr1(void)
{
	handled = scene_tell("handled", 0);
	must(sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = count_signal }, NULL));
	scene_ready();
	for (;;)
		pause();
}

/* Ignores SIGUSR1, blocks SIGUSR2, handles SIGHUP, and counts the calls that a signal ended. */
static void ignores_usr1(void)
{
	atomic_long *interrupted = scene_tell("interrupted", 0);
	int epoll = must(epoll_create1(EPOLL_CLOEXEC));
	struct epoll_event event;

	handled = scene_tell("handled", 0);
	must(sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL));
	must(sigaction(SIGHUP, &(struct sigaction){ .sa_handler = count_signal }, NULL));
	block_usr2();
	scene_ready();
	for (;;)
		*interrupted +=
			syscall(SYS_epoll_wait, epoll, &event, 1, -1) == -1 && errno == EINTR;
}

/*
 * Sits in vfork(), in state D, until the tracer sets "go"; the child then executes another scene,
 * so that its end sends no SIGCHLD.
 */
static void vfork_parent(void)
{
	atomic_long *go = scene_tell("go", 0);
	pid_t parent = getpid(), child = vfork();

	if (child == 0) {
		must(prctl(PR_SET_PDEATHSIG, SIGKILL));
		if (getppid() != parent)
			_exit(99);
		scene_ready();
		while (*go == 0)
			sched_yield();
		execl("/proc/self/exe", "tracee", "pause", NULL);
		_exit(99);
	}
	for (;;)
		pause();
}

static void *thread_pause(void *name)
{
	scene_tell(name, gettid());
	for (;;)
		pause();
	return NULL;
}

/* A leader and two more threads, all in pause(). */
static void threads(void)
{
	static char names[2][16] = { "thread-1", "thread-2" };

	for (int i = 0; i < 2; i++) {
		atomic_long *tid = scene_tell(names[i], 0);
		pthread_t thread;

		if (pthread_create(&thread, NULL, thread_pause, names[i]) != 0)
			scene_broken("pthread_create");
		while (*tid == 0)
			sched_yield();
	}
	scene_ready();
	for (;;)
		pause();
}

static void non_dumpable(void)
{
	must(prctl(PR_SET_DUMPABLE, 0));
	scene_ready();
	for (;;)
		pause();
}

/* When the tracer sets "go", takes the ids that it has told: real, effective, saved, of user and group. */
static void takes_ids(void)
{
	static const char *const names[6] = { "ruid", "euid", "suid", "rgid", "egid", "sgid" };
	atomic_long *go = scene_tell("go", 0), *ids[6];
	pid_t parent = getppid();

	for (size_t i = 0; i < COUNT(ids); i++)
		ids[i] = scene_tell(names[i], 0);
	scene_ready();
	while (*go == 0)
		sched_yield();
	must(setgroups(0, NULL));
	must(setresgid((gid_t)*ids[3], (gid_t)*ids[4], (gid_t)*ids[5]));
	must(setresuid((uid_t)*ids[0], (uid_t)*ids[1], (uid_t)*ids[2]));
	must(prctl(PR_SET_DUMPABLE, 1));
	if (process_die_with(parent) != NULL)
		scene_broken("prctl(PR_SET_PDEATHSIG)");
	scene_tell("taken", 1);
	for (;;)
		pause();
}

/* Revokes every permission under Yama and enters a user namespace of its own. */
static void own_user_namespace(void)
{
	prctl(PR_SET_PTRACER, 0L);
	scene_tell("cannot", unshare(CLONE_NEWUSER) == -1 ? errno : 0);
	must(prctl(PR_SET_DUMPABLE, 1));
	scene_ready();
	for (;;)
		pause();
}

/* Revokes every permission under Yama, then grants it to the pid that the tracer puts in "allow". */
static void declares_tracer(void)
{
	atomic_long *allow = scene_tell("allow", 0), *answer = scene_tell("answer", -1);

	prctl(PR_SET_PTRACER, 0L);
	scene_ready();
	for (;;) {
		long pid = *allow;

		if (pid != 0) {
			*answer = prctl(PR_SET_PTRACER, pid) == -1 ? errno : 0;
			*allow = 0;
		}
		sched_yield();
	}
}

/* PTRACE_TRACEME, and tells what a second one gives; then executes another scene when told to. */
static void traceme_exec(void)
{
	atomic_long *go = scene_tell("go", 0);

	must(ptrace(PTRACE_TRACEME, 0, 0, 0));
	scene_tell("again", ptrace(PTRACE_TRACEME, 0, 0, 0) == -1 ? errno : 0);
	scene_ready();
	while (*go == 0)
		sched_yield();
	if (*go == 2) {
		sigset_t trap = only(SIGTRAP);

		must(sigprocmask(SIG_BLOCK, &trap, NULL));
	}
	execl("/proc/self/exe", "tracee", "exit", NULL);
}

static void seized_exec(void)
{
	atomic_long *go = scene_tell("go", 0);

	scene_ready();
	while (*go == 0)
		sched_yield();
	execl("/proc/self/exe", "tracee", "exit", NULL);
}

static void exits(void)
{
	_exit(7);
}

/*
 * A process that is PID 1 of its own PID namespace, with its own /proc, and tells the TracerPid it
 * reads there. Root's way or a user namespace's; where neither is open, errno tells.
 */
static void pid_namespace(void)
{
	atomic_long *cannot = scene_tell("cannot", 0), *rounds = scene_tell("rounds", 0);
	atomic_long *seen = scene_tell("tracer", -1), *traceme = scene_tell("traceme", -1);

	atomic_long *inner_pid = scene_tell("inner-pid", 0), *ask = scene_tell("ask-traceme", 0);

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) == -1 &&
		unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) == -1) {
		*cannot = errno;
		scene_ready();
		pause();
	}
	must(prctl(PR_SET_DUMPABLE, 1));

	pid_t inner = scene_fork();

	if (inner != 0) {
		*inner_pid = inner;
		for (;;)
			pause();
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
		mount("proc", "/proc", "proc", 0, NULL) == -1) {
		*cannot = errno;
		scene_ready();
		pause();
	}

	int status_fd = must(open("/proc/self/status", O_RDONLY));

	scene_ready();
	for (;; ++*rounds) {
		*seen = my_tracer(status_fd);
		if (*ask == 1)
			*traceme = ptrace(PTRACE_TRACEME, 0, 0, 0) == -1 ? errno : 0;
		*ask = 0;
		sched_yield();
	}
}

static const struct scene scenes[] = {
	{ "self-aware", self_aware },
	{ "spin", spin },
	{ "nap", nap },
	{ "alarmed", alarmed },
	{ "handles-usr1", handles_usr1 },
	{ "ignores-usr1", ignores_usr1 },
	{ "vfork-parent", vfork_parent },
	{ "threads", threads },
	{ "non-dumpable", non_dumpable },
	{ "takes-ids", takes_ids },
	{ "own-user-namespace", own_user_namespace },
	{ "declares-tracer", declares_tracer },
	{ "traceme-exec", traceme_exec },
	{ "seized-exec", seized_exec },
	{ "exit", exits },
	{ "pid-namespace", pid_namespace },
};
#define SCENES COUNT(scenes)

int main(int argc, char **argv)
{
	struct scene all[SCENES + BLOCKING];

	memcpy(all, scenes, sizeof(scenes));
	for (size_t i = 0; i < BLOCKING; i++)
		all[SCENES + i] = (struct scene){ blocking[i].name, block };
	scene_name = argc > 1 ? argv[1] : "";
	return scene_main(argc, argv, all, SCENES + BLOCKING);
}
