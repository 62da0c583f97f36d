/* SPDX-License-Identifier: MIT */
/*
 * The scenes of lab 06. The main one is a program that does the same things in every round, and
 * tells what came of them: whatever it tells otherwise in a later round was not its own doing.
 * Names that begin with a dot are told but differ from round to round by themselves.
 *
 * What is to be changed is assembly with labels, so that no compiler decides which bytes stand
 * there. A "gate" is an int3, at which a tracer may act; a scene started by hand dies of SIGTRAP at
 * its first.
 */
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
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

#define GATE() __asm__ volatile("int3")

/* --- the program of many rounds --------------------------------------------------------------- */

/*
 * The gate, work(), and again, for ever. Whatever work() leaves in the registers that a function
 * may change is cleared, so that every register is the same at every gate. The last subtraction
 * defines all flags.
 */
CODE("rounds:\n"
     "	push %rbx\n"
     "	mov %rdi, %rbx\n"
     "1:	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
     "	pxor %xmm\\n, %xmm\\n\n"
     "	.endr\n"
     "	.irp n,cx,dx,si,di\n"
     "	xor %e\\n, %e\\n\n"
     "	.endr\n"
     "	.irp n,8,9,10,11\n"
     "	xor %r\\n, %r\\n\n"
     "	.endr\n"
     "	sub %eax, %eax\n"
     "	int3\n"
     "	call *%rbx\n"
     "	jmp 1b\n");
_Noreturn void rounds(void (*work)(void)) HIDDEN;

/* answer() is one number in one instruction, admits() one branch; a jump fits into hello(). */
CODE("answer:\n"
     "	mov $42, %eax\n"
     "	ret\n"
     "admits:\n"
     "	cmp $18, %edi\n"
     "admits_branch:\n"
     "	.byte 0x73, 1f - admits_branch - 2\n" /* jae 1f, which clang -O0 would make six bytes */
     "	xor %eax, %eax\n"
     "	ret\n"
     "1:	mov $1, %eax\n"
     "	ret\n"
     "hello:\n"
     "	mov $1, %eax\n"
     "	ret\n"
     "goodbye:\n"
     "	mov $2, %eax\n"
     "	ret\n");
long answer(void) HIDDEN;
long admits(int age) HIDDEN;
long hello(void) HIDDEN;
PLACE(goodbye);
PLACE(admits_branch);
PLACE(landing);

static volatile long price = 7;
static long (*volatile chosen)(void) = hello;

static char greeting[] = "hello";
static int log_fd, zeros_fd;
static volatile struct noticed {
	int usr1, usr2, code, value, sender;
} noticed;

enum sender { SENDER_NONE, SENDER_ITSELF, SENDER_PARENT, SENDER_OTHER };

static void notice(int sig, siginfo_t *info, void *context)
{
	(void)context;
	noticed.usr1 += sig == SIGUSR1;
	noticed.usr2 += sig == SIGUSR2;
	noticed.code = info->si_code;
	noticed.value = info->si_value.sival_int;
	noticed.sender = info->si_pid == getpid()    ? SENDER_ITSELF
			 : info->si_pid == getppid() ? SENDER_PARENT
						     : SENDER_OTHER;
}

static void handle_signals(void)
{
	struct sigaction action = { .sa_sigaction = notice, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
}

/*
 * A system call as the kernel knows it: the result, or minus an errno. Counts in arguments_lost the
 * calls that did not leave the arguments in their registers.
 */
CODE("raw_call:\n"
     "	push %rbx\n"
     "	push %rbp\n"
     "	push %r12\n"
     "	push %r13\n"
     "	mov %rdi, %rax\n"
     "	mov %rsi, %rdi\n"
     "	mov %rdx, %rsi\n"
     "	mov %rcx, %rdx\n"
     "	mov %r8, %r10\n"
     "	mov %rdi, %rbx\n"
     "	mov %rsi, %rbp\n"
     "	mov %rdx, %r12\n"
     "	mov %r10, %r13\n"
     "	syscall\n"
     "	xor %rbx, %rdi\n"
     "	xor %rbp, %rsi\n"
     "	xor %r12, %rdx\n"
     "	xor %r13, %r10\n"
     "	or %rsi, %rdi\n"
     "	or %rdx, %rdi\n"
     "	or %r10, %rdi\n"
     "	neg %rdi\n"
     "	adcq $0, arguments_lost(%rip)\n"
     "	pop %r13\n"
     "	pop %r12\n"
     "	pop %rbp\n"
     "	pop %rbx\n"
     "	ret\n");
long raw_call(long number, long a, long b, long c, long d) HIDDEN;
long arguments_lost HIDDEN;

static void work_code(void)
{
	scene_tell("price is", price);
	scene_tell("answer()", answer());
	scene_tell("admits(17)", admits(17));
	scene_tell("hello()", hello());
	scene_tell("chosen()", chosen());
	scene_tell("argv[0]", program_invocation_name[0]);
}

/* The time by the vdso, checked against the kernel's own: 0 if they agree, else what it said. */
static void work_clock(void)
{
	struct timespec by_vdso, by_kernel;

	clock_gettime(CLOCK_REALTIME, &by_vdso);
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &by_kernel);
	scene_tell(
		"wrong time", labs(by_vdso.tv_sec - by_kernel.tv_sec) < 1000 ? 0 : by_vdso.tv_sec);
}

static void work_files(void)
{
	struct timespec before, after;
	char bytes[8] = "????";
	long fd, reads = 0;

	clock_gettime(CLOCK_MONOTONIC, &before);
	fd = raw_call(SYS_openat, AT_FDCWD, (long)"/proc/self/comm", O_RDONLY, 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	scene_tell(".open ns",
		(after.tv_sec - before.tv_sec) * 1000000000L + (after.tv_nsec - before.tv_nsec));
	scene_tell("open", fd < 0 ? fd : 0);
	scene_tell("read", raw_call(SYS_read, fd, (long)bytes, 4, 0));
	scene_tell("byte read", bytes[0]);
	if (fd >= 0)
		close((int)fd);
	for (int i = 0; i < 6; i++)
		reads = 10 * reads + (raw_call(SYS_pread64, zeros_fd, (long)bytes, 1, 0) == 1);
	scene_tell("six reads", reads);
	scene_tell("write", raw_call(SYS_pwrite64, log_fd, (long)greeting, 5, 0));
	scene_tell("arguments lost", arguments_lost);
	arguments_lost = 0;
}

/* A signal to itself, with a value; it has been handled when the call returns, if it is at all. */
static void work_signals(void)
{
	sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 5 });
	scene_tell("usr1", noticed.usr1);
	scene_tell("usr2", noticed.usr2);
	scene_tell("si_code", noticed.code);
	scene_tell("si_value", noticed.value);
	scene_tell("sender", noticed.sender);
	noticed = (struct noticed){ 0 };
}

static void work(void)
{
	work_code();
	work_clock();
	work_files();
	work_signals();
}

static void play_rounds(void)
{
	log_fd = memfd_create("log", MFD_CLOEXEC);
	zeros_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (log_fd == -1 || zeros_fd == -1)
		scene_broken("memfd_create, or open of /dev/zero");
	handle_signals();
	scene_tell("price", (long)&price);
	TELL(answer);
	TELL(admits_branch);
	TELL(hello);
	TELL(goodbye);
	TELL(landing);
	scene_tell("chosen", (long)&chosen);
	TELL(program_invocation_name);
	TELL(greeting);
	scene_tell("log", log_fd);
	scene_ready();
	rounds(work);
}

/* --- computing, and waiting ------------------------------------------------------------------- */

/* Without a system call, for ever: ".sums" counts sums of 1 to 100, ".wrong sums" those that are
 * not 5050. The step is answer() - 41, so that its code is part of every sum. */
static void play_spin(void)
{
	atomic_long *sums = scene_tell(".sums", 0), *wrong = scene_tell(".wrong sums", 0);

	TELL(answer);
	scene_ready();
	for (;;) {
		long sum = 0;

		for (long i = 1; i <= 100; i += answer() - 41)
			sum += i;
		*wrong += sum != 5050;
		++*sums;
	}
}

/* Blocked in read(2) until a byte is written to the pipe "wake"; then at a gate. */
static void play_read(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) == -1)
		scene_broken("pipe");
	scene_tell("wake", ends[1]);
	scene_ready();
	scene_tell("read", raw_call(SYS_read, ends[0], (long)&byte, 1, 0));
	GATE();
}

static void play_sleep(void)
{
	struct timespec hour = { .tv_sec = 3600 };

	scene_ready();
	scene_tell("sleep", raw_call(SYS_nanosleep, (long)&hour, 0, 0, 0));
	GATE();
}

static void play_epoll(void)
{
	struct epoll_event event;
	int fd = epoll_create1(0);

	if (fd == -1)
		scene_broken("epoll_create1");
	scene_ready();
	scene_tell("epoll_wait", raw_call(SYS_epoll_wait, fd, (long)&event, 1, -1));
	GATE();
}

/* SIGUSR1 is blocked, but not in sigsuspend(2). */
static void play_sigsuspend(void)
{
	sigset_t usr1, none;

	handle_signals();
	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	scene_ready();
	sigsuspend(&none);
	scene_tell("usr1", noticed.usr1);
	GATE();
}

/* --- a function that nothing may disturb ------------------------------------------------------ */

/*
 * leaf() returns twice its argument plus one, by way of everything that a careless caller would
 * spoil: the red zone below rsp, with rsp at both alignments; a vector; the carry flag; a register
 * that functions may change. spoiler() is a well-behaved function that changes all of that: its
 * stack is its own, and no register is promised to anybody. It ends at a trap.
 */
CODE("leaf:\n"
     "	stc\n"
     "	int3\n"
     "	mov %rdi, -128(%rsp)\n"
     "	movq %rdi, %xmm7\n"
     "	push %rbx\n"
     "	mov $1, %r11d\n"
     "	mov %rdi, -8(%rsp)\n"
     "	stc\n"
     "	mov -8(%rsp), %rcx\n"
     "	adc $0, %rcx\n"
     "	pop %rbx\n"
     "	movq %xmm7, %rax\n"
     "	sub %rdi, %rax\n"
     "	add -128(%rsp), %rax\n"
     "	dec %r11\n"
     "	add %r11, %rax\n"
     "	add %rcx, %rax\n"
     "leaf_end:\n"
     "	int3\n"
     "	ret\n"
     "spoiler:\n"
     "	sub $56, %rsp\n"
     "	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
     "	pcmpeqd %xmm\\n, %xmm\\n\n"
     "	.endr\n"
     "	movups %xmm0, 0(%rsp)\n"
     "	movups %xmm0, 16(%rsp)\n"
     "	movups %xmm0, 32(%rsp)\n"
     "	.irp n,ax,cx,dx,si,di\n"
     "	mov $-1, %r\\n\n"
     "	.endr\n"
     "	.irp n,8,9,10,11\n"
     "	mov $-1, %r\\n\n"
     "	.endr\n"
     "	lock incq spoiler_calls(%rip)\n"
     "	add $56, %rsp\n"
     "	clc\n"
     "	ret\n"
     "landing:\n"
     "	int3\n");
long leaf(long argument) HIDDEN;
PLACE(leaf_end);
PLACE(spoiler);
long spoiler_calls HIDDEN;

static void play_leaf(void)
{
	TELL(leaf_end);
	TELL(spoiler);
	TELL(landing);
	scene_ready();
	scene_tell("leaf(1000)", leaf(1000));
	scene_tell("calls", spoiler_calls);
	GATE();
}

/* --- locks ------------------------------------------------------------------------------------ */

/* A second thread of the program, which waits for a byte in the pipe "wake". */
static int wake[2];

static void start_second(void *(*play)(void *), void *argument)
{
	pthread_t thread;

	if (pipe(wake) == -1 || pthread_create(&thread, NULL, play, argument) != 0)
		scene_broken("pipe, or pthread_create");
	scene_tell("wake", wake[1]);
}

static ssize_t wait_for_wake(void)
{
	char byte;

	return read(wake[0], &byte, 1);
}

static void *ask_loader(void *slots)
{
	atomic_long **tell = slots;
	Dl_info info;

	*tell[0] = gettid();
	wait_for_wake();
	*tell[1] = dladdr(slots, &info) == 0 ? 2 : 1;
	return NULL;
}

/* Allocates more than malloc() has at hand; the second thread, once woken, asks the loader for the
 * name of an address. */
static void play_allocates(void)
{
	static void *volatile kept[4];
	atomic_long *slots[2] = { scene_tell("second", 0), scene_tell("asked", 0) };
	long got = 0;

	TELL(landing);
	start_second(ask_loader, slots);
	while (*slots[0] == 0)
		sched_yield();
	scene_ready();
	GATE();
	for (size_t i = 0; i < COUNT(kept); i++)
		got += (kept[i] = malloc(120000)) != NULL;
	scene_tell("allocated", got);
	GATE();
}

static int keep_list(struct dl_phdr_info *info, size_t size, void *kept)
{
	(void)info;
	(void)size;
	*(atomic_long *)kept = 1;
	return (int)wait_for_wake();
}

static void *walk_list(void *kept)
{
	dl_iterate_phdr(keep_list, kept);
	return NULL;
}

/* The second thread is inside of dl_iterate_phdr(3) until it is woken. */
static void play_walks(void)
{
	atomic_long *kept = scene_tell("kept", 0);

	TELL(landing);
	start_second(walk_list, kept);
	while (*kept == 0)
		sched_yield();
	scene_ready();
	GATE();
	GATE();
}

/* --- faults, signals, ends -------------------------------------------------------------------- */

/* Reads a word from a page that may not be read, and goes on with what it has read. */
static volatile long *page;

static void read_page(void)
{
	scene_tell("value", *page);
}

static void play_fault(void)
{
	page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		scene_broken("mmap");
	scene_tell("page", (long)page);
	scene_tell("value", 0);
	scene_ready();
	rounds(read_page);
}

static void queue_to_thread(int sig, int value)
{
	siginfo_t info = { .si_signo = sig, .si_code = SI_QUEUE };

	info.si_pid = getpid();
	info.si_value.sival_int = value;
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), sig, &info) == -1)
		scene_broken("rt_tgsigqueueinfo");
}

/* All blocked: to the process the end of a child, and three SIGUSR2 and three of a real-time signal
 * with values; to the thread two SIGUSR1 and two of another real-time signal. */
static void play_queue(void)
{
	sigset_t set;
	siginfo_t end;

	sigfillset(&set);
	sigdelset(&set, SIGTRAP);
	sigprocmask(SIG_BLOCK, &set, NULL);

	pid_t child = scene_fork();

	if (child == 0)
		_exit(3);
	if (waitid(P_PID, (id_t)child, &end, WEXITED | WNOWAIT) == -1)
		scene_broken("waitid");
	for (int i = 1; i <= 3; i++) {
		sigqueue(getpid(), SIGUSR2, (union sigval){ .sival_int = i });
		sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 10 * i });
	}
	for (int i = 4; i <= 5; i++) {
		queue_to_thread(SIGUSR1, i);
		queue_to_thread(SIGRTMIN + 1, 10 * i);
	}
	scene_ready();
	GATE();
}

/* exit_group(7), and what stands behind it: a function that returns. */
CODE("leave:\n"
     "	mov $231, %eax\n"
     "	mov $7, %edi\n"
     "	syscall\n"
     "	ret\n");
void leave(void) HIDDEN;
static_assert(SYS_exit_group == 231, "the number that leave() writes by hand");

static void leave_and_tell(void)
{
	leave();
	scene_tell("outlived", 1);
}

static void play_leave(void)
{
	scene_tell("outlived", 0);
	scene_ready();
	rounds(leave_and_tell);
}

static void play_exit(void)
{
	TELL(answer);
	scene_ready();
	GATE();
	_exit(7);
}

static const struct scene scenes[] = {
	{ "rounds", play_rounds },
	{ "spin", play_spin },
	{ "read", play_read },
	{ "sleep", play_sleep },
	{ "epoll", play_epoll },
	{ "sigsuspend", play_sigsuspend },
	{ "leaf", play_leaf },
	{ "allocates", play_allocates },
	{ "walks", play_walks },
	{ "fault", play_fault },
	{ "queue", play_queue },
	{ "leave", play_leave },
	{ "exit", play_exit },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, scenes, COUNT(scenes));
}
