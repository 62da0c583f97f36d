/* SPDX-License-Identifier: MIT */
/*
 * The scenes of lab 02. Each is a few instructions of assembly, so that no compiler decides which
 * register holds what, between traps: an int3 is a place where a tracer may look, and a scene
 * started by hand dies of SIGTRAP at its first one.
 *
 * A scene tells its addresses, and afterwards what it noticed from its own side.
 */
#include <assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
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

/* --- waiting for ever ------------------------------------------------------------------------- */

static void play_spin(void)
{
	atomic_long *heartbeat = scene_tell("heartbeat", 0);

	scene_ready();
	for (;;)
		++*heartbeat;
}

/* Blocked in pause(); wherever the tracer moves it then, one of two traps tells where it came. */
CODE("pause_and_land:\n"
     "	mov $34, %eax\n"
     "	syscall\n"
     "	ud2\n"
     "two_before:\n"
     "	int3\n"
     "	nop\n"
     "landing:\n"
     "	int3\n"
     "	ud2\n");
PLACE(two_before);
PLACE(landing);
PLACE(never_called);
void pause_and_land(void) HIDDEN;
static_assert(SYS_pause == 34, "the number that pause_and_land writes by hand");

static void play_pause(void)
{
	TELL(two_before);
	TELL(landing);
	TELL(never_called);
	scene_ready();
	pause_and_land();
}

/* A call that raises a signal for its own caller. */
static void play_kill(void)
{
	scene_ready();
	syscall(SYS_kill, getpid(), SIGUSR1);
}

/* Trapped once, for tables that only write and read back. */
static void play_trap(void)
{
	static long data_page[512] __attribute__((aligned(4096)));

	TELL(two_before);
	TELL(landing);
	TELL(data_page);
	scene_ready();
	__asm__ volatile("int3");
}

/* --- one system call -------------------------------------------------------------------------- */

/*
 * getppid() with a recognisable value in every register that carries an argument or that the
 * SYSCALL instruction overwrites; all of them are stored afterwards, in the order of
 * call_registers[]. It stands between two traps.
 */
CODE("call_getppid:\n"
     "	push %rbx\n"
     "	mov %rdi, %rbx\n"
     "	int3\n"
     "	movabs $0xa0a0a0a0a0a0a0a0, %rdi\n"
     "	movabs $0xa1a1a1a1a1a1a1a1, %rsi\n"
     "	movabs $0xa2a2a2a2a2a2a2a2, %rdx\n"
     "	movabs $0xa3a3a3a3a3a3a3a3, %r10\n"
     "	movabs $0xa4a4a4a4a4a4a4a4, %r8\n"
     "	movabs $0xa5a5a5a5a5a5a5a5, %r9\n"
     "	movabs $0xcccccccccccccccc, %rcx\n"
     "	movabs $0xbbbbbbbbbbbbbbbb, %r11\n"
     "	mov $110, %eax\n"
     "the_call:\n"
     "	syscall\n"
     "	mov %rax, 0(%rbx)\n"
     "	mov %rdi, 8(%rbx)\n"
     "	mov %rsi, 16(%rbx)\n"
     "	mov %rdx, 24(%rbx)\n"
     "	mov %r10, 32(%rbx)\n"
     "	mov %r8, 40(%rbx)\n"
     "	mov %r9, 48(%rbx)\n"
     "	mov %rcx, 56(%rbx)\n"
     "	mov %r11, 64(%rbx)\n"
     "	int3\n"
     "	pop %rbx\n"
     "	ret\n"
     "detour:\n"
     "	int3\n"
     "	ud2\n");
PLACE(the_call);
PLACE(detour);
void call_getppid(long after[9]) HIDDEN;
static_assert(SYS_getppid == 110, "the number that call_getppid writes by hand");

static void play_call(void)
{
	static const char *const call_registers[9] = { "rax", "rdi", "rsi", "rdx", "r10", "r8",
		"r9", "rcx", "r11" };
	long after[9];

	TELL(the_call);
	TELL(detour);
	scene_ready();
	call_getppid(after);
	for (int i = 0; i < 9; i++)
		scene_tell(call_registers[i], after[i]);
}

/* The same as a 32-bit call: getpid(), number 20, with more than 32 bits in its first argument. */
CODE("call_int80:\n"
     "	push %rbx\n"
     "	movabs $0xb0b0b0b0b1b1b1b1, %rbx\n"
     "	mov $20, %eax\n"
     "	int3\n"
     "the_int80:\n"
     "	int $0x80\n"
     "	pop %rbx\n"
     "	ret\n");
PLACE(the_int80);
long call_int80(void) HIDDEN;

static void play_int80(void)
{
	TELL(the_int80);
	scene_ready();
	scene_tell("result", call_int80());
}

/* --- branches and functions ------------------------------------------------------------------- */

/* Whether two numbers are equal: decided after the trap, by one flag. Stores both. */
CODE("are_equal:\n"
     "	cmp %rsi, %rdi\n"
     "	int3\n"
     "	mov %rdi, 0(%rdx)\n"
     "	mov %rsi, 8(%rdx)\n"
     "	je 1f\n"
     "	xor %eax, %eax\n"
     "	ret\n"
     "1:	mov $1, %eax\n"
     "	ret\n");
long are_equal(long left, long right, long seen[2]) HIDDEN;

static void play_branch(void)
{
	long seen[2];

	scene_ready();
	scene_tell("equal", are_equal(1, 2, seen));
	scene_tell("left", seen[0]);
	scene_tell("right", seen[1]);
}

/* Trap; call doubled(), which traps on entry and counts itself; trap again. */
CODE("call_doubled:\n"
     "	push %rbx\n"
     "	mov %rdi, %rbx\n"
     "	int3\n"
     "call_site:\n"
     "	call doubled\n"
     "returned:\n"
     "	int3\n"
     "	mov %rbx, (%rsi)\n"
     "	pop %rbx\n"
     "	ret\n"
     "doubled:\n"
     "	int3\n"
     "	incq doubled_calls(%rip)\n"
     "	lea (%rdi,%rdi), %rax\n"
     "	ret\n");
PLACE(call_site);
PLACE(returned);
PLACE(doubled);
long call_doubled(long argument, long *kept) HIDDEN;
long doubled_calls HIDDEN;

static void play_function(void)
{
	long kept;

	TELL(call_site);
	TELL(returned);
	TELL(doubled);
	scene_ready();
	scene_tell("result", call_doubled(21, &kept));
	scene_tell("kept", kept);
	scene_tell("calls", doubled_calls);
}

/*
 * What nobody in this program calls. never_called() is a well-behaved function: it changes every
 * register that the ABI lets it change, pushes two others, and returns three times its argument.
 * It relies on the stack alignment that the ABI promises at a function's entry, and aligned_store()
 * does so with its first instruction.
 */
CODE("never_called:\n"
     "	push %rbx\n"
     "	push %rbp\n"
     "	incq never_called_calls(%rip)\n"
     "	movaps 8(%rsp), %xmm0\n"
     "	lea (%rdi,%rdi,2), %rax\n"
     "	mov %rax, %rcx\n"
     "	mov %rax, %rdx\n"
     "	mov %rax, %rsi\n"
     "	mov %rax, %rdi\n"
     "	mov %rax, %r8\n"
     "	mov %rax, %r9\n"
     "	mov %rax, %r10\n"
     "	mov %rax, %r11\n"
     "	mov %rax, %rbx\n"
     "	mov %rax, %rbp\n"
     "	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
     "	movq %rax, %xmm\\n\n"
     "	.endr\n"
     "	add $0, %rax\n"
     "	pop %rbp\n"
     "	pop %rbx\n"
     "	ret\n"
     "aligned_store:\n"
     "	movaps %xmm0, -24(%rsp)\n"
     "	mov %rdi, %rax\n"
     "	ret\n");
PLACE(aligned_store);
long never_called_calls HIDDEN;

/*
 * Fill every register, trap, and store them on both sides of the trap: rax rbx rcx rdx rsi rdi
 * rbp rsp r8..r15, the flags with CF and DF set, xmm0..xmm15. rsp stays what it is.
 */
#define REGISTERS (16 * 8 + 16 + 16 * 16)
CODE(".macro store_registers to\n"
     "	mov %rax, \\to(%rip)\n"
     "	mov %rbx, \\to+8(%rip)\n"
     "	mov %rcx, \\to+16(%rip)\n"
     "	mov %rdx, \\to+24(%rip)\n"
     "	mov %rsi, \\to+32(%rip)\n"
     "	mov %rdi, \\to+40(%rip)\n"
     "	mov %rbp, \\to+48(%rip)\n"
     "	mov %rsp, \\to+56(%rip)\n"
     "	.irp n,8,9,10,11,12,13,14,15\n"
     "	mov %r\\n, \\to+8*\\n(%rip)\n"
     "	.endr\n"
     "	pushfq\n"
     "	pop %rax\n"
     "	mov %rax, \\to+128(%rip)\n"
     "	mov \\to(%rip), %rax\n"
     "	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
     "	movups %xmm\\n, \\to+144+16*\\n(%rip)\n"
     "	.endr\n"
     ".endm\n"
     "fill_registers:\n"
     "	.irp n,bx,bp,12,13,14,15\n"
     "	push %r\\n\n"
     "	.endr\n"
     "	.irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
     "	movups 16*\\n(%rdi), %xmm\\n\n"
     "	.endr\n"
     "	movabs $0xe1e1e1e1e1e1e1e1, %rax\n"
     "	movabs $0xe2e2e2e2e2e2e2e2, %rbx\n"
     "	movabs $0xe3e3e3e3e3e3e3e3, %rcx\n"
     "	movabs $0xe4e4e4e4e4e4e4e4, %rdx\n"
     "	movabs $0xe5e5e5e5e5e5e5e5, %rsi\n"
     "	movabs $0xe6e6e6e6e6e6e6e6, %rdi\n"
     "	movabs $0xe7e7e7e7e7e7e7e7, %rbp\n"
     "	.irp n,8,9,10,11,12,13,14,15\n"
     "	movabs $0xf0f0f0f0f0f0f0f0+\\n, %r\\n\n"
     "	.endr\n"
     "	stc\n"
     "	std\n"
     "	store_registers registers_before\n"
     "	int3\n"
     "	store_registers registers_after\n"
     "	cld\n"
     "	.irp n,15,14,13,12,bp,bx\n"
     "	pop %r\\n\n"
     "	.endr\n"
     "	ret\n");
unsigned char registers_before[REGISTERS] HIDDEN, registers_after[REGISTERS] HIDDEN;
void fill_registers(const unsigned char xmm[256]) HIDDEN;

static void play_registers(void)
{
	unsigned char xmm[256];
	long differ = 0;

	for (int i = 0; i < 256; i++)
		xmm[i] = (unsigned char)(i + 1);
	TELL(never_called);
	TELL(landing);
	scene_ready();
	fill_registers(xmm);
	for (int i = 0; i < REGISTERS; i++)
		differ += registers_before[i] != registers_after[i];
	scene_tell("compared", REGISTERS);
	scene_tell("differ", differ);
	scene_tell("xmm15 kept", memcmp(registers_after + REGISTERS - 16, xmm + 240, 16) == 0);
	scene_tell("calls", never_called_calls);
}

static atomic_long *handled;

static void count_signal(int sig)
{
	(void)sig;
	++*handled;
}

/* The same in a program that handles SIGUSR1. */
static void play_handled(void)
{
	handled = scene_tell("handled", 0);
	signal(SIGUSR1, count_signal);
	play_registers();
}

/* A leaf function whose 16 locals fill the red zone, the 128 bytes below rsp: how many of them
 * are not what they were after the trap. */
CODE("leaf:\n"
     "	.irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n"
     "	movq $0x10ca1, -8*\\n(%rsp)\n"
     "	.endr\n"
     "	int3\n"
     "	xor %eax, %eax\n"
     "	.irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n"
     "	xor %ecx, %ecx\n"
     "	cmpq $0x10ca1, -8*\\n(%rsp)\n"
     "	setne %cl\n"
     "	add %rcx, %rax\n"
     "	.endr\n"
     "	ret\n");
long leaf(void) HIDDEN;

static void play_leaf(void)
{
	TELL(never_called);
	TELL(aligned_store);
	TELL(landing);
	scene_ready();
	scene_tell("locals damaged", leaf());
	scene_tell("calls", never_called_calls);
}

/* --- flags, segments, bases ------------------------------------------------------------------- */

/* What pushf stores of the flags as they are after the trap; then all the usual flags again. */
CODE("push_flags:\n"
     "	int3\n"
     "	pushfq\n"
     "	pop %rax\n"
     "	push $0x202\n"
     "	popfq\n"
     "	ret\n");
long push_flags(void) HIDDEN;

static void play_flags(void)
{
	scene_ready();
	scene_tell("flags", push_flags());
}

/* The selectors in ds and es after the trap. */
CODE("read_selectors:\n"
     "	int3\n"
     "	xor %eax, %eax\n"
     "	mov %es, %ax\n"
     "	shl $16, %eax\n"
     "	mov %ds, %ax\n"
     "	ret\n");
long read_selectors(void) HIDDEN;

static void play_selectors(void)
{
	scene_ready();

	long selectors = read_selectors();

	scene_tell("ds", selectors & 0xffff);
	scene_tell("es", selectors >> 16);
}

/* The first words that fs and gs address, between two traps: without a thread pointer a C
 * function could not go on. */
CODE("read_bases:\n"
     "	int3\n"
     "	mov %fs:0, %rax\n"
     "	mov %gs:0, %rdx\n"
     "	int3\n"
     "	mov %rax, 0(%rdi)\n"
     "	mov %rdx, 8(%rdi)\n"
     "	ret\n");
void read_bases(long seen[2]) HIDDEN;

static void play_bases(void)
{
	static long words[2] = { 0xf5f5, 0x6565 };
	long seen[2];

	TELL(words);
	scene_ready();
	read_bases(seen);
	scene_tell("at fs:0", seen[0]);
	scene_tell("at gs:0", seen[1]);
}

/* The first word that gs addresses when a selector has been loaded into it, between two
 * traps; then gs as it was. */
CODE("load_selector:\n"
     "	int3\n"
     "	mov %di, %gs\n"
     "	mov %gs:0, %rax\n"
     "	int3\n"
     "	xor %edi, %edi\n"
     "	mov %di, %gs\n"
     "	ret\n");
long load_selector(unsigned selector) HIDDEN;

static void *map_low(void)
{
	void *place = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (place == MAP_FAILED)
		scene_broken("mmap below 4 GiB");
	return place;
}

/* The first of the three descriptors in the GDT that a process may have of its own. */
static void play_thread_area(void)
{
	long *low_words = map_low();

	low_words[0] = 0x7157;
	low_words[1] = 0x7a57;
	TELL(low_words);
	scene_ready();
	scene_tell("at gs:0", load_selector(12 * 8 + 3));
}

/* --- vectors ---------------------------------------------------------------------------------- */

CODE("through_xmm:\n"
     "	movups (%rdi), %xmm0\n"
     "	int3\n"
     "	movups %xmm0, (%rdi)\n"
     "	ret\n"
     "through_ymm:\n"
     "	vmovups (%rdi), %ymm0\n"
     "	int3\n"
     "	vmovups %ymm0, (%rdi)\n"
     "	vzeroupper\n"
     "	ret\n");
void through_xmm(long value[2]) HIDDEN;
void through_ymm(long value[4]) HIDDEN;

/* 1 divided by 3 by either unit, after the trap, as each is set to round. */
CODE("thirds:\n"
     "	int3\n"
     "	divsd %xmm1, %xmm0\n"
     "	movsd %xmm0, 0(%rdi)\n"
     "	fildl 16(%rdi)\n"
     "	fidivrl 20(%rdi)\n"
     "	fstpl 8(%rdi)\n"
     "	ret\n");
void thirds(void *numbers, double one, double three) HIDDEN;

static void play_thirds(void)
{
	struct {
		long sse, x87;
		int three, one;
	} numbers = { .three = 3, .one = 1 };

	scene_ready();
	thirds(&numbers, 1, 3);
	scene_tell("by SSE", numbers.sse);
	scene_tell("by x87", numbers.x87);
}

static void play_xmm(void)
{
	long value[2] = { 0x1111, 0x2222 };

	scene_ready();
	through_xmm(value);
	scene_tell("low", value[0]);
	scene_tell("high", value[1]);
}

static void play_ymm(void)
{
	long value[4] = { 0x1111, 0x2222, 0x3333, 0x4444 };

	scene_ready();
	through_ymm(value);
	scene_tell("low", value[0]);
	scene_tell("upper half low", value[2]);
	scene_tell("upper half high", value[3]);
}

/* --- stepping, modes, exec -------------------------------------------------------------------- */

/* A field of one-byte instructions between two traps. */
CODE("nop_field:\n"
     "	int3\n"
     "nops:\n"
     "	.fill 8, 1, 0x90\n"
     "nops_end:\n"
     "	int3\n"
     "	ret\n");
PLACE(nops);
PLACE(nops_end);
void nop_field(void) HIDDEN;

static void play_nops(void)
{
	TELL(nops);
	TELL(nops_end);
	scene_ready();
	nop_field();
}

/* Bytes below 4 GiB, where 32-bit code can run: in 64-bit mode "inc rax", in 32-bit mode "dec
 * eax" and "inc eax"; then a trap. */
static void play_low_code(void)
{
	static const unsigned char code[] = { 0x48, 0xff, 0xc0, 0xcc };
	void *low_code = map_low();

	memcpy(low_code, code, sizeof(code));
	if (mprotect(low_code, 4096, PROT_READ | PROT_EXEC) == -1)
		scene_broken("mprotect");
	TELL(low_code);
	scene_ready();
	__asm__ volatile("int3");
}

static void play_exec(void)
{
	scene_ready();
	__asm__ volatile("int3");
	execl("/proc/self/exe", "tracee", NULL);
	scene_broken("exec");
}

static const struct scene scenes[] = {
	{ "spin", play_spin },
	{ "pause", play_pause },
	{ "kill", play_kill },
	{ "trap", play_trap },
	{ "call", play_call },
	{ "int80", play_int80 },
	{ "branch", play_branch },
	{ "function", play_function },
	{ "registers", play_registers },
	{ "handled", play_handled },
	{ "leaf", play_leaf },
	{ "flags", play_flags },
	{ "selectors", play_selectors },
	{ "bases", play_bases },
	{ "thread-area", play_thread_area },
	{ "thirds", play_thirds },
	{ "xmm", play_xmm },
	{ "ymm", play_ymm },
	{ "nops", play_nops },
	{ "low-code", play_low_code },
	{ "exec", play_exec },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, scenes, COUNT(scenes));
}
