/* SPDX-License-Identifier: MIT */
/*
 * The scenes of lab 05. Most experiments use one of them, "obey", which makes the system call that
 * the tracer asks for, between two traps, and knows nothing else; calls are made by a few
 * instructions of its own, so that no library adds another. The rest are ways to compute without
 * calling, and ways to give birth.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "count.h"
#include "scene.h"

#define HIDDEN __attribute__((visibility("hidden")))

/* Top-level assembly, and a label of it. */
#define CODE(lines) __asm__(".pushsection .text\n" lines ".popsection\n")
/* NOLINTNEXTLINE(bugprone-macro-parentheses): it declares */
#define PLACE(label) extern const char label[] HIDDEN

/* Tell the address of a label, a function or a variable under its own name. */
#define TELL(place) scene_tell(#place, (long)(place))

/* A place where the tracer may look. */
#define TRAP() __asm__ volatile("int3" ::: "memory")

/* A set-up call of a scene: returns its result, or ends the scene with the call named. */
#define must(call) check_call(call, #call)

static long check_call(long result, const char *call)
{
	if (result == -1)
		scene_broken(call);
	return result;
}

/* --- calls on demand ---------------------------------------------------------------------------- */

/*
 * One system call, number and six arguments, by SYSCALL, or with five by int 0x80. The result
 * takes the number's place.
 */
CODE("call_by_syscall:\n"
     "	push %rbx\n"
     "	mov %rdi, %rbx\n"
     "	mov 0(%rbx), %rax\n"
     "	mov 8(%rbx), %rdi\n"
     "	mov 16(%rbx), %rsi\n"
     "	mov 24(%rbx), %rdx\n"
     "	mov 32(%rbx), %r10\n"
     "	mov 40(%rbx), %r8\n"
     "	mov 48(%rbx), %r9\n"
     "the_call:\n"
     "	syscall\n"
     "after_call:\n"
     "	mov %rax, 0(%rbx)\n"
     "	pop %rbx\n"
     "	ret\n"
     "call_by_int80:\n"
     "	push %rbx\n"
     "	push %rbp\n"
     "	mov %rdi, %rbp\n"
     "	mov 0(%rbp), %rax\n"
     "	mov 8(%rbp), %rbx\n"
     "	mov 16(%rbp), %rcx\n"
     "	mov 24(%rbp), %rdx\n"
     "	mov 32(%rbp), %rsi\n"
     "	mov 40(%rbp), %rdi\n"
     "	int $0x80\n"
     "	mov %rax, 0(%rbp)\n"
     "	pop %rbp\n"
     "	pop %rbx\n"
     "	ret\n");
PLACE(the_call);
PLACE(after_call);
void call_by_syscall(long call[7]) HIDDEN;
void call_by_int80(long call[7]) HIDDEN;

static atomic_long *handled;

static void count_signal(int sig)
{
	(void)sig;
	++*handled;
}

/* What calls need to point at. */
static char buffer[4096] __attribute__((aligned(4096)));
static char *argv_of_return[] = { "tracee", "return", NULL };
static char *no_environment[] = { NULL };
static struct timespec hour = { 3600, 0 };

static atomic_long *number, *argument[6], *int80, *result, *rounds;

static void prepare_to_obey(void)
{
	static const char *const names[6] = { "a0", "a1", "a2", "a3", "a4", "a5" };
	int ends[2];

	number = scene_tell("number", SYS_getppid);
	for (int i = 0; i < 6; i++)
		argument[i] = scene_tell(names[i], 0);
	int80 = scene_tell("int80", 0);
	result = scene_tell("result", 0);
	rounds = scene_tell("rounds", 0);
	handled = scene_tell("handled", 0);
	must(sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = count_signal }, NULL));
	must(sigaction(SIGUSR2,
		&(struct sigaction){ .sa_handler = count_signal, .sa_flags = SA_RESTART }, NULL));
	must(pipe(ends));
	scene_tell("read-end", ends[0]);
	scene_tell("write-end", ends[1]);
	scene_tell("own-program", (long)"/proc/self/exe");
	scene_tell("no-file", (long)"/does/not/exist");
	memset(buffer, 0xee, sizeof(buffer));
	TELL(buffer);
	TELL(argv_of_return);
	TELL(no_environment);
	scene_tell("hour", (long)&hour);
	TELL(the_call);
	TELL(after_call);
}

/*
 * For ever: trap, and make the call whose number and arguments the tracer has put into "number" and
 * "a0" to "a5"; by int 0x80 if "int80" is set. SIGUSR1 has a handler; SIGUSR2 has one that lets
 * calls be restarted.
 */
_Noreturn static void obey(void)
{
	for (;;) {
		long call[7];

		TRAP();
		call[0] = *number;
		for (int i = 0; i < 6; i++)
			call[i + 1] = *argument[i];
		if (*int80)
			call_by_int80(call);
		else
			call_by_syscall(call);
		*result = call[0];
		++*rounds;
	}
}

static void play_obey(void)
{
	prepare_to_obey();
	scene_ready();
	obey();
}

/* The same, beginning when the tracer sets "go". */
static void play_obey_later(void)
{
	atomic_long *go = scene_tell("go", 0);

	prepare_to_obey();
	scene_ready();
	while (*go == 0)
		sched_yield();
	obey();
}

#define IF_CALL(number, action)                                                                    \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, action)
#define LOAD_NUMBER BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))

/* One filter that refuses three calls, each in a way of its own; and one that wants a tracer to look at
 * two others. */
static struct sock_filter older_filter[] = {
	LOAD_NUMBER,
	IF_CALL(SYS_geteuid, SECCOMP_RET_ERRNO | EXDEV),
	IF_CALL(SYS_getgid, SECCOMP_RET_TRAP),
	IF_CALL(SYS_getegid, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static struct sock_filter newer_filter[] = {
	LOAD_NUMBER,
	IF_CALL(SYS_getppid, SECCOMP_RET_TRACE | 0x1234),
	IF_CALL(SYS_sched_get_priority_max, SECCOMP_RET_TRACE | 0x4321),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/* Obeys, under these two filters; a flag of the older one asks for a log. */
static void play_filtered(void)
{
	struct sock_fprog older = { COUNT(older_filter), older_filter };
	struct sock_fprog newer = { COUNT(newer_filter), newer_filter };

	must(setrlimit(RLIMIT_CORE,
		&(struct rlimit){ 0, 0 })); /* killed by a filter, it would dump core */
	must(prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
	scene_tell("cannot",
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &older) ==
					-1 ||
				syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &newer) == -1
			? errno
			: 0);
	TELL(older_filter);
	TELL(newer_filter);
	prepare_to_obey();
	scene_ready();
	obey();
}

/* For another program to execute. */
static void play_return(void)
{
}

/* Does nothing, in a call that lasts. */
static void play_pause(void)
{
	scene_ready();
	for (;;)
		pause();
}

/* --- computing ---------------------------------------------------------------------------------- */

/* 226 instructions between two traps, five of them getppid(); each answer is added up. */
CODE("workload:\n"
     "	push %rbx\n"
     "	push %r12\n"
     "	xor %r12d, %r12d\n"
     "	int3\n"
     "	mov $5, %ebx\n"
     "1:	mov $110, %eax\n"
     "	syscall\n"
     "	add %rax, %r12\n"
     "	mov $19, %ecx\n"
     "2:	dec %ecx\n"
     "	jnz 2b\n"
     "	nop\n"
     "	dec %ebx\n"
     "	jnz 1b\n"
     "	int3\n"
     "	mov %r12, %rax\n"
     "	pop %r12\n"
     "	pop %rbx\n"
     "	ret\n");
long workload(void) HIDDEN;

static void play_workload(void)
{
	scene_ready();
	scene_tell("sum", workload());
}

/* Asks for the time: a thousand times each of two clocks that the vdso can always answer, and then
 * three times by real calls. Coarse clocks need no counter that a virtual machine may hide. */
static void play_clocks(void)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE };
	atomic_long *answers = scene_tell("answers", 0), *by_call = scene_tell("by-call", 0);
	struct timespec now;

	clock_gettime(clocks[0], &now); /* the dynamic linker's work is done before */
	scene_ready();
	TRAP();
	for (int i = 0; i < 2000; i++)
		*answers += clock_gettime(clocks[i % 2], &now) == 0 && now.tv_sec > 0;
	TRAP();
	for (int i = 0; i < 3; i++)
		*by_call += syscall(SYS_clock_gettime, clocks[1], &now) == 0;
	TRAP();
}

/* The page that old programs call at a fixed address: its time() is the second entry. */
static void play_vsyscall(void)
{
	long (*vsyscall_time)(long *) = (long (*)(long *))0xffffffffff600400;
	atomic_long *answers = scene_tell("answers", 0);

	scene_ready();
	TRAP();
	for (int i = 0; i < 100; i++)
		*answers += vsyscall_time(NULL) > 0;
	TRAP();
}

/* --- calls that never enter --------------------------------------------------------------------- */

static char selector;

/* Answer the call, which the kernel has not seen: let the handler's own return pass. */
static void answer_call(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = 4242;
	scene_tell("dispatched-call", info->si_syscall);
	++*handled;
}

/* Has its own calls handed back to it (Syscall User Dispatch): one getppid(), then one more after
 * the next trap. */
static void play_dispatch(void)
{
	long call[7] = { SYS_getppid };

	handled = scene_tell("handled", 0);
	must(sigaction(SIGSYS,
		&(struct sigaction){ .sa_sigaction = answer_call, .sa_flags = SA_SIGINFO }, NULL));
	scene_tell("dispatched-call", -1);
	scene_tell("result", 0);
	TELL(&selector);
	scene_tell("cannot",
		prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0L, 0L, &selector) == -1
			? errno
			: 0);
	scene_ready();
	TRAP();
	for (int i = 0; i < 2; i++) {
		call[0] = SYS_getppid;
		selector = SYSCALL_DISPATCH_FILTER_BLOCK;
		call_by_syscall(call);
		selector = SYSCALL_DISPATCH_FILTER_ALLOW;
		scene_tell("result", call[0]);
		TRAP();
	}
}

/* An io_uring of a few entries, set up by hand: there is no library for it here. */
struct ring {
	int fd;
	unsigned *sq_tail, *sq_mask, *sq_array, *sq_flags, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static int ring_open(struct ring *ring, struct io_uring_params *params)
{
	ring->fd = (int)syscall(SYS_io_uring_setup, 4, params);
	if (ring->fd == -1)
		return errno;

	char *sq = mmap(NULL, params->sq_off.array + params->sq_entries * sizeof(unsigned),
		PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	char *cq =
		mmap(NULL, params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe),
			PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_CQ_RING);

	ring->sqes = mmap(NULL, params->sq_entries * sizeof(struct io_uring_sqe),
		PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring->sqes == MAP_FAILED)
		scene_broken("mmap of the rings");
	ring->sq_tail = (unsigned *)(sq + params->sq_off.tail);
	ring->sq_mask = (unsigned *)(sq + params->sq_off.ring_mask);
	ring->sq_array = (unsigned *)(sq + params->sq_off.array);
	ring->sq_flags = (unsigned *)(sq + params->sq_off.flags);
	ring->cq_head = (unsigned *)(cq + params->cq_off.head);
	ring->cq_tail = (unsigned *)(cq + params->cq_off.tail);
	ring->cq_mask = (unsigned *)(cq + params->cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(cq + params->cq_off.cqes);
	return 0;
}

static void ring_submit(struct ring *ring, struct io_uring_sqe sqe)
{
	unsigned tail = *ring->sq_tail;

	ring->sqes[tail & *ring->sq_mask] = sqe;
	ring->sq_array[tail & *ring->sq_mask] = tail & *ring->sq_mask;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
}

static bool ring_has_result(const struct ring *ring)
{
	return __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) != *ring->cq_head;
}

/* The next result, waited for without a call. */
static int ring_result(struct ring *ring)
{
	unsigned head = *ring->cq_head;

	while (!ring_has_result(ring))
		__asm__ volatile("pause");

	int answer = ring->cqes[head & *ring->cq_mask].res;

	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return answer;
}

/* The kernel's thread begins asleep: wake it by a call, before the tracer looks. */
static void ring_wake(struct ring *ring)
{
	ring_submit(ring, (struct io_uring_sqe){ .opcode = IORING_OP_NOP });
	while (!ring_has_result(ring))
		if (__atomic_load_n(ring->sq_flags, __ATOMIC_ACQUIRE) & IORING_SQ_NEED_WAKEUP)
			must(syscall(SYS_io_uring_enter, ring->fd, 0, 0, IORING_ENTER_SQ_WAKEUP,
				NULL, 0L));
	ring_result(ring);
}

/*
 * Opens its own program and writes six bytes into a pipe, both through an io_uring whose
 * submissions a kernel thread collects (IORING_SETUP_SQPOLL).
 */
static void play_uring(void)
{
	struct io_uring_params params = { .flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 60000 };
	struct ring ring = { .fd = -1 };
	char received[6] = { 0 };
	int ends[2];

	must(pipe(ends));
	scene_tell("cannot", ring_open(&ring, &params));
	if (ring.fd != -1)
		ring_wake(&ring);
	scene_tell("submitted", 0);
	scene_tell("opened", -1);
	scene_tell("written", -1);
	scene_ready();
	TRAP();
	if (ring.fd == -1)
		return;
	ring_submit(&ring, (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT,
				   .fd = AT_FDCWD,
				   .addr = (unsigned long)"/proc/self/exe",
				   .open_flags = O_RDONLY });
	scene_tell("submitted", 1);
	scene_tell("opened", ring_result(&ring));
	ring_submit(&ring, (struct io_uring_sqe){ .opcode = IORING_OP_WRITE,
				   .fd = ends[1],
				   .addr = (unsigned long)"unseen",
				   .len = sizeof(received),
				   .off = -1UL });
	scene_tell("written", ring_result(&ring));
	TRAP();
	scene_tell("received", must(read(ends[0], received, sizeof(received))) == 6 &&
				       memcmp(received, "unseen", 6) == 0);
	TRAP();
}

/* --- memory ------------------------------------------------------------------------------------- */

/* A path of 15 characters whose NUL is the last byte before a hole. */
static void play_page_end(void)
{
	static const char path[] = "/dev/../dev/tty";
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		scene_broken("mmap");
	must(munmap(pages + 4096, 4096));
	memcpy(pages + 4096 - sizeof(path), path, sizeof(path));
	scene_tell("page", (long)pages);
	scene_ready();
	TRAP();
}

static char shared_path[64] = "/proc/self/exe";

_Noreturn static void *change_path(void *go)
{
	while (*(atomic_long *)go == 0)
		sched_yield();
	strcpy(shared_path, "/does/not/exist");
	scene_tell("changed", 1);
	for (;;)
		pause();
}

/* Opens a file whose name a second thread changes when it is told to. */
static void play_second_thread(void)
{
	long call[7] = { SYS_openat, AT_FDCWD, (long)shared_path, O_RDONLY };
	atomic_long *go = scene_tell("go", 0);
	pthread_t thread;

	scene_tell("changed", 0);
	scene_tell("result", 0);
	TELL(shared_path);
	if (pthread_create(&thread, NULL, change_path, go) != 0)
		scene_broken("pthread_create");
	scene_ready();
	TRAP();
	call_by_syscall(call);
	scene_tell("result", call[0]);
	TRAP();
}

/* --- births ------------------------------------------------------------------------------------- */

/* Reap every child, threads of other signals too. */
static void reap(void)
{
	while (waitpid(-1, NULL, __WALL) != -1 || errno == EINTR)
		;
}

static void birth_fork(void)
{
	if (must(fork()) == 0)
		_exit(0);
}

static void birth_vfork(void)
{
	if (must(vfork()) == 0)
		_exit(0);
}

static void birth_posix_spawn(void)
{
	pid_t child;

	errno = posix_spawn(&child, "/proc/self/exe", NULL, NULL, argv_of_return, no_environment);
	if (errno != 0)
		scene_broken("posix_spawn");
}

/* Without a shell the child is born all the same, and ends where it would execute it. */
static void birth_system(void)
{
	must(system(":")); /* NOLINT(cert-env33-c): what it does is the question */
}

static void birth_popen(void)
{
	FILE *stream = popen(":", "r"); /* NOLINT(cert-env33-c): as above */

	if (stream != NULL)
		pclose(stream);
}

static void *thread_of_nothing(void *unused)
{
	return unused;
}

static void birth_pthread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, thread_of_nothing, NULL);
	if (errno != 0)
		scene_broken("pthread_create");
	pthread_join(thread, NULL);
}

static void birth_clone(unsigned long flags)
{
	if (must(syscall(SYS_clone, flags, 0L, 0L, 0L, 0L)) == 0)
		_exit(0);
}

static void birth_clone_sigchld(void)
{
	birth_clone(SIGCHLD);
}

static void birth_clone_no_signal(void)
{
	birth_clone(0);
}

static void birth_clone_sigusr1(void)
{
	signal(SIGUSR1, SIG_IGN);
	birth_clone(SIGUSR1);
}

static void birth_clone_vfork(void)
{
	birth_clone(CLONE_VFORK | SIGCHLD);
}

static void birth_clone_vfork_no_signal(void)
{
	birth_clone(CLONE_VFORK);
}

static void birth_clone_untraced(void)
{
	birth_clone(CLONE_UNTRACED | SIGCHLD);
}

static void birth_clone_ptrace(void)
{
	birth_clone(CLONE_PTRACE | SIGCHLD);
}

static void birth_clone3(void)
{
	struct clone_args arguments = { .exit_signal = SIGCHLD };

	if (must(syscall(SYS_clone3, &arguments, sizeof(arguments))) == 0)
		_exit(0);
}

static void birth_clone3_vfork(void)
{
	struct clone_args arguments = { .flags = CLONE_VFORK, .exit_signal = SIGCHLD };

	if (must(syscall(SYS_clone3, &arguments, sizeof(arguments))) == 0)
		_exit(0);
}

/* The child leaves at once: the grandchild, in a session of its own, has lost its parent. */
static void birth_double_fork(void)
{
	pid_t child = (pid_t)must(fork());

	if (child == 0) {
		must(setsid());
		must(fork());
		_exit(0);
	}
	must(waitpid(child, NULL, 0));
}

struct birth {
	const char *name;
	void (*give)(void);
};

static const struct birth births[] = {
	{ "fork", birth_fork },
	{ "vfork", birth_vfork },
	{ "posix_spawn", birth_posix_spawn },
	{ "system", birth_system },
	{ "popen", birth_popen },
	{ "pthread_create", birth_pthread },
	{ "clone(SIGCHLD)", birth_clone_sigchld },
	{ "clone(0)", birth_clone_no_signal },
	{ "clone(SIGUSR1)", birth_clone_sigusr1 },
	{ "clone(CLONE_VFORK|SIGCHLD)", birth_clone_vfork },
	{ "clone(CLONE_VFORK)", birth_clone_vfork_no_signal },
	{ "clone(CLONE_UNTRACED|SIGCHLD)", birth_clone_untraced },
	{ "clone(CLONE_PTRACE|SIGCHLD)", birth_clone_ptrace },
	{ "clone3(SIGCHLD)", birth_clone3 },
	{ "clone3(CLONE_VFORK|SIGCHLD)", birth_clone3_vfork },
	{ "double fork", birth_double_fork },
};

/* Which birth to give is the scene's name; main() puts it here. */
static const char *scene_name;

static void play_birth(void)
{
	for (size_t i = 0; i < COUNT(births); i++) {
		if (strcmp(births[i].name, scene_name) != 0)
			continue;
		scene_ready();
		births[i].give();
		reap();
	}
}

/*
 * clone(flags), and right behind the call, in parent and child, the one instruction that counts
 * itself. The child then exits; it needs no stack.
 */
CODE("clone_and_count:\n"
     "	push %rbx\n"
     "	mov %rsi, %rbx\n"
     "	xor %esi, %esi\n"
     "	xor %edx, %edx\n"
     "	xor %r10d, %r10d\n"
     "	xor %r8d, %r8d\n"
     "	mov $56, %eax\n"
     "	syscall\n"
     "born:\n"
     "	lock incq (%rbx)\n"
     "after_first:\n"
     "	test %eax, %eax\n"
     "	jz 1f\n"
     "	pop %rbx\n"
     "	ret\n"
     "1:	xor %edi, %edi\n"
     "	mov $60, %eax\n"
     "	syscall\n"
     "	ud2\n");
PLACE(born);
PLACE(after_first);
long clone_and_count(unsigned long flags, atomic_long *executed) HIDDEN;

/* Trapped before and after a clone() whose flags the tracer chooses. */
static void play_clone(void)
{
	atomic_long *flags = scene_tell("flags", SIGCHLD), *executed = scene_tell("executed", 0);

	TELL(born);
	TELL(after_first);
	scene_ready();
	TRAP();
	must(clone_and_count((unsigned long)*flags, executed));
	TRAP();
	reap();
}

static void *execute(void *unused)
{
	(void)unused;
	execve("/proc/self/exe", argv_of_return, no_environment);
	scene_broken("execve");
}

/* A second thread executes another program while the first waits for it. */
static void play_thread_executes(void)
{
	pthread_t thread;

	scene_ready();
	TRAP();
	errno = pthread_create(&thread, NULL, execute, NULL);
	if (errno != 0)
		scene_broken("pthread_create");
	pthread_join(thread, NULL);
}

static atomic_long *who;

/* Obey, if it is this one's turn; else wait for a signal, and end alone, with its own number as the code. */
static void *obey_or_wait(void *name)
{
	atomic_long *tid = scene_tell(name, gettid());

	while (*who == 0)
		sched_yield();
	if (*who == *tid)
		obey();
	pause();
	syscall(SYS_exit, (long)strtol((char *)name + strlen("thread-"), NULL, 10));
	return NULL;
}

/* Three threads, one of which obeys: the one whose id the tracer puts into "who". */
static void play_three_threads(void)
{
	static char names[3][12] = { "thread-0", "thread-1", "thread-2" };

	prepare_to_obey();
	who = scene_tell("who", 0);
	for (int i = 1; i < 3; i++) {
		atomic_long *tid = scene_tell(names[i], 0);
		pthread_t thread;

		if (pthread_create(&thread, NULL, obey_or_wait, names[i]) != 0)
			scene_broken("pthread_create");
		while (*tid == 0)
			sched_yield();
	}
	scene_ready();
	obey_or_wait(names[0]);
}

static void birth_thread_that_executes(void)
{
	pid_t child = scene_fork();
	pthread_t thread;

	if (child != 0)
		return;
	errno = pthread_create(&thread, NULL, execute, NULL);
	if (errno != 0)
		scene_broken("pthread_create");
	pthread_join(thread, NULL);
}

/* When the tracer sets "go": every birth that needs no shell, five times over. Tells how many were
 * born, and what they did. */
static void play_family(void)
{
	atomic_long *go = scene_tell("go", 0);
	long given = 0, untraced = 0, executed = 0;

	scene_ready();
	while (*go == 0)
		sched_yield();
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < COUNT(births); i++) {
			if (births[i].give == birth_system || births[i].give == birth_popen)
				continue;
			births[i].give();
			given += 1 + (births[i].give == birth_double_fork);
			untraced += births[i].give == birth_clone_untraced;
			executed += births[i].give == birth_posix_spawn;
		}
		birth_thread_that_executes();
		given += 2;
		executed++;
		reap();
	}
	scene_tell("given", given);
	scene_tell("untraced", untraced);
	scene_tell("executed", executed);
}

int main(int argc, char **argv)
{
	struct scene scenes[64] = {
		{ "obey", play_obey },
		{ "obey-later", play_obey_later },
		{ "filtered", play_filtered },
		{ "return", play_return },
		{ "pause", play_pause },
		{ "workload", play_workload },
		{ "clocks", play_clocks },
		{ "vsyscall", play_vsyscall },
		{ "dispatch", play_dispatch },
		{ "uring", play_uring },
		{ "page-end", play_page_end },
		{ "second-thread", play_second_thread },
		{ "clone", play_clone },
		{ "thread-executes", play_thread_executes },
		{ "three-threads", play_three_threads },
		{ "family", play_family },
	};
	size_t count = 0;

	while (scenes[count].name != NULL)
		count++;
	for (size_t i = 0; i < COUNT(births); i++)
		scenes[count++] = (struct scene){ births[i].name, play_birth };
	scene_name = argc > 1 ? argv[1] : "";
	return scene_main(argc, argv, scenes, count);
}
