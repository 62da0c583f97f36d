/* SPDX-License-Identifier: MIT */
/*
 * The scenes of lab 04. What a breakpoint is set in is assembly with labels, so that no compiler
 * decides which instruction stands there, or where one ends. The first instruction of each function
 * under study is known: one byte of push where it can be, since int3 replaces one byte.
 *
 * A scene that has a "gate", an int3 of its own, waits there for the tracer; started by hand it dies
 * of SIGTRAP at it. Others wait for a word on the shared page, and can be met without a trap.
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

/* --- functions with a known first instruction ------------------------------------------------- */

/*
 * traced() counts its calls and returns twice its argument; its first instruction is one byte.
 * flags_of() returns the flags as pushf stores them. tested() returns 1000 more than its argument;
 * its first instruction is five bytes, room for a jump. `copy` is room for copies of instructions.
 */
CODE("traced:\n"
     "	push %rbx\n"
     "	lock incq traced_calls(%rip)\n"
     "	lea (%rdi,%rdi), %rax\n"
     "	pop %rbx\n"
     "	ret\n"
     "traced_end:\n"
     "flags_of:\n"
     "	pushfq\n"
     "	pop %rax\n"
     "	ret\n"
     "tested:\n"
     "	mov $1000, %eax\n"
     "	add %rdi, %rax\n"
     "	ret\n"
     "copy:\n"
     "	.fill 32, 1, 0xcc\n");
long traced(long argument) HIDDEN;
long flags_of(void) HIDDEN;
long tested(long argument) HIDDEN;
long traced_calls HIDDEN;
PLACE(traced_end);
PLACE(copy);

/*
 * What a wrong rip does in the middle of an instruction. widened() adds one to 64 bits; without
 * its first byte, a prefix, the same instruction adds one to 32. constant() is five bytes, four of
 * them a number. call_saver() calls a function that saves a register, with 0 on the stack where a
 * function that did not save it would return to. address_of() computes from rip.
 */
CODE("widened:\n"
     "	.byte 0x48, 0xff, 0xc7\n" /* inc %rdi; ff c7 is inc %edi */
     "	mov %rdi, %rax\n"
     "	ret\n"
     "constant:\n"
     "	mov $0x11223344, %eax\n"
     "	ret\n"
     "call_saver:\n"
     "	push $0\n"
     "	call saver\n"
     "	pop %rcx\n"
     "	ret\n"
     "saver:\n"
     "	push %rbx\n"
     "	pop %rbx\n"
     "	ret\n"
     "address_of:\n"
     "	lea traced_calls(%rip), %rax\n"
     "	ret\n");
long widened(long argument) HIDDEN;
long constant(void) HIDDEN;
void call_saver(void) HIDDEN;
void saver(void) HIDDEN;
long address_of(void) HIDDEN;

static void tell_functions(void)
{
	TELL(traced);
	TELL(copy);
	TELL(flags_of);
	TELL(tested);
	TELL(widened);
	TELL(constant);
	TELL(saver);
	TELL(address_of);
	scene_tell("traced_calls", (long)&traced_calls);
}

static void play_functions(void)
{
	tell_functions();
	scene_ready();
	GATE();
	scene_tell("widened(0x1ffffffff)", widened(0x1ffffffff));
	scene_tell("constant()", constant());
	scene_tell("flags", flags_of());
	scene_tell("address_of()", address_of());
	call_saver();
	GATE();
}

/* A hundred calls of traced(), between two gates. */
#define CALLS 100

static void play_calls(void)
{
	long sum = 0;

	tell_functions();
	scene_ready();
	GATE();
	for (long i = 0; i < CALLS; i++)
		sum += traced(i);
	GATE();
	scene_tell("calls", traced_calls);
	scene_tell("sum", sum);
}

static void play_ten_calls(void)
{
	long sum = 0;

	tell_functions();
	scene_ready();
	GATE();
	for (long i = 0; i < 10; i++)
		sum += tested(i);
	scene_tell("sum", sum);
}

/* Reads its own code: the sum of the bytes of traced(), again after each gate. */
static void play_checksum(void)
{
	atomic_long *sum = scene_tell("sum", 0);

	tell_functions();
	scene_ready();
	for (;;) {
		GATE();
		*sum = 0;
		for (const volatile unsigned char *at = (const unsigned char *)traced;
			at < (const unsigned char *)traced_end; at++)
			*sum += *at;
		traced(0);
	}
}

/* --- places for the tracer to put rip --------------------------------------------------------- */

/*
 * Each place ends in an int3. The traps; one instruction that repeats itself; one that holds off
 * the trap behind it; a call; three rounds of a loop; what reads or writes 1 to 8 bytes at rdi.
 */
CODE("short_trap:\n"
     "	int3\n"
     "	nop\n"
     "	int3\n"
     "long_trap:\n"
     "	.byte 0xcd, 0x03\n" /* int $3, in two bytes; 03 c3 is add %ebx, %eax */
     "	ret\n"
     "long_trap_landing:\n"
     "	int3\n"
     "ice_trap:\n"
     "	.byte 0xf1\n"
     "	nop\n"
     "	int3\n"
     "	.balign 8\n" /* a watch of 8 bytes fits */
     "nops:\n"
     "	.fill 8, 1, 0x90\n"
     "	int3\n"
     "repeat:\n"
     "	rep movsb\n"
     "repeat_end:\n"
     "	int3\n"
     "load_ss:\n"
     "	mov %ss, %eax\n"
     "load_ss_itself:\n"
     "	mov %eax, %ss\n"
     "	movabs $0x5555555555555555, %rcx\n"
     "two_behind_ss:\n"
     "	nop\n"
     "	int3\n"
     "the_call:\n"
     "	mov $110, %eax\n"
     "the_syscall:\n"
     "	syscall\n"
     "	nop\n"
     "	int3\n"
     "loop:\n"
     "	mov $3, %ecx\n"
     "1:	nop\n"
     "	dec %ecx\n"
     "	jnz 1b\n"
     "	nop\n"
     "loop_end:\n"
     "	int3\n"
     "store_1:\n"
     "	mov %al, (%rdi)\n"
     "	int3\n"
     "store_2:\n"
     "	mov %ax, (%rdi)\n"
     "	int3\n"
     "store_4:\n"
     "	mov %eax, (%rdi)\n"
     "	int3\n"
     "store_8:\n"
     "	mov %rax, (%rdi)\n"
     "store_8_end:\n"
     "	int3\n"
     "load_8:\n"
     "	mov (%rdi), %rax\n"
     "	int3\n"
     "handler:\n"
     "	ret\n");
static_assert(SYS_getppid == 110, "the number that the_call writes by hand");
PLACE(short_trap);
PLACE(long_trap);
PLACE(long_trap_landing);
PLACE(ice_trap);
PLACE(nops);
PLACE(repeat);
PLACE(repeat_end);
PLACE(load_ss_itself);
PLACE(two_behind_ss);
PLACE(the_call);
PLACE(the_syscall);
PLACE(loop);
PLACE(loop_end);
PLACE(store_1);
PLACE(store_2);
PLACE(store_4);
PLACE(store_8);
PLACE(store_8_end);
PLACE(load_8);
void handler(int sig) HIDDEN;

static void tell_places(void)
{
	static char buffer[64] __attribute__((aligned(64)));

	TELL(short_trap);
	TELL(long_trap);
	TELL(long_trap_landing);
	TELL(ice_trap);
	TELL(nops);
	TELL(repeat);
	TELL(repeat_end);
	TELL(load_ss_itself);
	TELL(two_behind_ss);
	TELL(the_call);
	TELL(the_syscall);
	TELL(loop);
	TELL(loop_end);
	TELL(store_1);
	TELL(store_2);
	TELL(store_4);
	TELL(store_8);
	TELL(store_8_end);
	TELL(load_8);
	TELL(handler);
	TELL(buffer);
}

static void play_places(void)
{
	/* NOLINTNEXTLINE(bugprone-signal-handler): in assembly, without a call */
	signal(SIGUSR1, handler);
	tell_places();
	scene_ready();
	GATE();
}

/* --- SIGTRAP as the program wants it ---------------------------------------------------------- */

static atomic_long *handled;

static void count_signal(int sig)
{
	(void)sig;
	++*handled;
}

static void spin(void)
{
	atomic_long *heartbeat = scene_tell("heartbeat", 0);

	tell_places();
	scene_ready();
	for (;;)
		++*heartbeat;
}

static void play_trap_blocked(void)
{
	sigset_t trap;

	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	signal(SIGTRAP, handler); /* NOLINT(bugprone-signal-handler): as above */
	sigprocmask(SIG_BLOCK, &trap, NULL);
	spin();
}

static void play_trap_ignored(void)
{
	signal(SIGTRAP, SIG_IGN);
	spin();
}

static void play_trap_handled(void)
{
	signal(SIGTRAP, handler); /* NOLINT(bugprone-signal-handler): as above */
	spin();
}

/* A program that lives on its own breakpoints. */
static void play_own_traps(void)
{
	handled = scene_tell("handled", 0);
	signal(SIGTRAP, count_signal);
	scene_ready();
	for (int i = 0; i < 3; i++)
		__asm__ volatile("int3");
}

/* Handles SIGUSR1, and calls traced() once behind a gate. */
static void play_signalled(void)
{
	handled = scene_tell("handled", 0);
	signal(SIGUSR1, count_signal);
	tell_functions();
	scene_ready();
	GATE();
	traced(1);
	scene_tell("calls", traced_calls);
}

/* --- more than one task ----------------------------------------------------------------------- */

/* Calls traced() as often as "go" has been told, and tells how often in "done". */
struct worker {
	atomic_long *go, *done;
};

static void *work(void *argument)
{
	struct worker *worker = argument;

	for (;;) {
		while (*worker->done >= *worker->go)
			sched_yield();
		traced(1);
		++*worker->done;
	}
	return NULL;
}

static void *other_thread(void *argument)
{
	scene_tell("other", gettid());
	return work(argument);
}

static void play_two_threads(void)
{
	struct worker first = { scene_tell("first go", 0), scene_tell("first done", 0) };
	struct worker other = { scene_tell("other go", 0), scene_tell("other done", 0) };
	atomic_long *tid;
	pthread_t thread;

	tell_functions();
	tid = scene_tell("other", 0);
	if (pthread_create(&thread, NULL, other_thread, &other) != 0)
		scene_broken("pthread_create");
	while (*tid == 0)
		sched_yield();
	scene_ready();
	work(&first);
}

/* Waits for a word without a system call, then calls traced() once. */
static void play_waits(void)
{
	atomic_long *go = scene_tell("go", 0), *heartbeat = scene_tell("heartbeat", 0);

	tell_functions();
	scene_ready();
	while (*go == 0)
		++*heartbeat;
	traced(1);
	scene_tell("calls", traced_calls);
}

/* Tell how a child of this scene ended, as waitpid() reports it; then call traced() oneself. */
static void tell_child_then_call(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		scene_broken("waitpid");
	scene_tell("child status", status);
	traced(1);
	scene_tell("calls", traced_calls);
}

static void play_forks(void)
{
	tell_functions();
	scene_ready();
	GATE();

	pid_t child = scene_fork();

	if (child == 0) {
		traced(1);
		_exit(0);
	}
	tell_child_then_call(child);
}

static void play_vforks(void)
{
	tell_functions();
	scene_ready();
	GATE();

	pid_t child = vfork();

	if (child == 0) {
		traced(1);
		_exit(0);
	}
	tell_child_then_call(child);
}

static void *call_traced(void *argument)
{
	(void)argument;
	traced(1);
	return NULL;
}

static void play_clones(void)
{
	pthread_t thread;

	tell_functions();
	scene_ready();
	GATE();
	if (pthread_create(&thread, NULL, call_traced, NULL) != 0)
		scene_broken("pthread_create");
	pthread_join(thread, NULL);
	traced(1);
	scene_tell("calls", traced_calls);
}

/* Calls traced() in this image and, after an exec, in the next. */
static void play_execs(void)
{
	tell_functions();
	scene_ready();
	GATE();
	execl("/proc/self/exe", "tracee", "after-exec", NULL);
	scene_broken("exec");
}

static void play_after_exec(void)
{
	traced(1);
}

/* --- a watched word --------------------------------------------------------------------------- */

static volatile long *watched;

static void *write_watched(void *argument)
{
	*watched = (long)argument;
	return NULL;
}

/* Writes one word in several ways, a gate before each; the tracer does the last itself. */
static void play_watched(void)
{
	pthread_t thread;
	int ends[2];
	const long word = 3;

	watched = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (watched == MAP_FAILED || pipe(ends) == -1 ||
		write(ends[1], &word, sizeof(word)) != sizeof(word))
		scene_broken("mmap or pipe");

	/* mremap() of length 0 maps shared pages a second time (mremap(2)). */
	volatile long *alias = mremap((void *)watched, 0, 4096, MREMAP_MAYMOVE);

	if (alias == MAP_FAILED)
		scene_broken("mremap");
	*watched = *alias = 0;
	TELL(watched);
	scene_ready();
	GATE();
	*watched = 1;
	GATE();
	*watched = 1;
	GATE();
	*alias = 2;
	GATE();
	if (read(ends[0], (void *)watched, sizeof(word)) != sizeof(word))
		scene_broken("read");
	GATE();
	if (pthread_create(&thread, NULL, write_watched, (void *)4L) != 0)
		scene_broken("pthread_create");
	pthread_join(thread, NULL);
	GATE();
	scene_tell("value", *alias);
}

/* --- a restartable sequence ------------------------------------------------------------------- */

/*
 * rseq_section(place of the rseq_cs pointer, descriptor): between rseq_start and rseq_end the
 * kernel sends whoever was interrupted to rseq_abort, before which the registered signature stands
 * (linux/rseq.h). Here the section's commit is its last instruction.
 */
CODE("rseq_section:\n"
     "	mov %rsi, (%rdi)\n"
     "rseq_start:\n"
     "	nop\n"
     "	nop\n"
     "	incq rseq_commits(%rip)\n"
     "rseq_end:\n"
     "	movq $0, (%rdi)\n"
     "	ret\n"
     "	.byte 0x0f, 0xb9, 0x3d\n"
     "	.long 0x53053053\n"
     "rseq_abort:\n"
     "	incq rseq_aborts(%rip)\n"
     "rseq_aborted:\n"
     "	ret\n");
void rseq_section(uint64_t *rseq_cs, const struct rseq_cs *section) HIDDEN;
long rseq_commits HIDDEN, rseq_aborts HIDDEN;
PLACE(rseq_start);
PLACE(rseq_end);
PLACE(rseq_abort);
PLACE(rseq_aborted);
static_assert(RSEQ_SIG == 0x53053053, "the signature before rseq_abort");

static void play_rseq(void)
{
	static struct rseq_cs section;
	struct rseq *rseq = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
	uint64_t *rseq_cs = (uint64_t *)(uintptr_t)&rseq->rseq_cs;

	atomic_long *commits = scene_tell("commits", 0), *aborts = scene_tell("aborts", 0);

	section.start_ip = (uintptr_t)rseq_start;
	section.post_commit_offset = (uintptr_t)rseq_end - (uintptr_t)rseq_start;
	section.abort_ip = (uintptr_t)rseq_abort;
	scene_tell("registered", __rseq_size > 0);
	TELL(rseq_start);
	TELL(rseq_aborted);
	TELL(rseq);
	scene_tell("section", (long)&section);
	if (__rseq_size > 0)
		while (rseq_commits == 0)
			rseq_section(rseq_cs, &section);
	scene_tell("commits untraced", rseq_commits);
	rseq_commits = rseq_aborts = 0;
	scene_ready();
	for (;;) {
		*commits = rseq_commits;
		*aborts = rseq_aborts;
		GATE();
		rseq_section(rseq_cs, &section);
	}
}

static const struct scene scenes[] = {
	{ "functions", play_functions },
	{ "calls", play_calls },
	{ "ten-calls", play_ten_calls },
	{ "checksum", play_checksum },
	{ "places", play_places },
	{ "trap-blocked", play_trap_blocked },
	{ "trap-ignored", play_trap_ignored },
	{ "trap-handled", play_trap_handled },
	{ "own-traps", play_own_traps },
	{ "signalled", play_signalled },
	{ "two-threads", play_two_threads },
	{ "waits", play_waits },
	{ "forks", play_forks },
	{ "vforks", play_vforks },
	{ "clones", play_clones },
	{ "execs", play_execs },
	{ "after-exec", play_after_exec },
	{ "watched", play_watched },
	{ "rseq", play_rseq },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, scenes, COUNT(scenes));
}
