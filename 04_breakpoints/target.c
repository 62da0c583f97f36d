/* SPDX-License-Identifier: MIT */
/*
 * Lab 04 pointed at a stranger: start a program with breakpoints in it, count how often each is hit,
 * and let the program do and say what it does without them.
 *
 * A hit is one beginning of the instruction at the place. With the displaced method it costs one
 * stop: int3 stays in the text, and the thread goes on in a copy of the instruction, which stands in
 * a page that the program was made to map, with a jump back behind it. No thread ever finds the
 * original there, so none runs through uncounted. Where the instruction cannot be moved, every other
 * thread is stopped while one steps over it.
 *
 * The breakpoints are set when the loader has mapped and relocated the libraries that the program
 * was linked with, before the first constructor: where gdb learns of them, too (_dl_debug_state).
 * In a program without a loader: at its entry point.
 *
 * The program is changed in no other way than these: its text has int3 in it; it has a page more;
 * and a hit while SIGTRAP is blocked or ignored makes SIGTRAP unblocked and its disposition the
 * default (force_sig_info_to_task()), as with every breakpoint of every debugger.
 * A signal costs a stop as under every tracer; one that comes while a thread is about to execute a
 * copy sends it back to the int3, so a program whose signals come faster than two stops take (a timer
 * of 10 kHz) makes no progress.
 * A vfork child is traced until its exec, and an exec by the program itself is: a set-user-ID program
 * executed there gets its rights only if the tracer has CAP_SYS_PTRACE (check_unsafe_exec()).
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "condition.h"
#include "count.h"
#include "elf.h"
#include "insn.h"
#include "launch.h"
#include "maps.h"
#include "memory.h"
#include "place.h"
#include "proc.h"
#include "process.h"
#include "regs.h"
#include "request.h"
#include "target.h"
#include "text.h"

const char target_usage[] =
	"-b WHERE [-b WHERE...] [-m METHOD] [-c CONDITION] -- PROGRAM [ARG...]\n"
	"                          count how often the program gets there; the report goes to stderr\n"
	"      WHERE      SYMBOL, FILE:SYMBOL, either with +OFFSET, or an address\n"
	"      METHOD     auto, displaced, step, hardware\n"
	"      CONDITION  a register or an argument, compared: rdi==5, arg2>100";

#define PAGE 4096
#define COPY_SIZE 32
/* The last word of a page of copies is for is_same_memory(). */
#define COPIES (PAGE / COPY_SIZE - 1)
#define REACH (INT64_C(0x7fffffff) - INT64_C(2) * PAGE)
#define BREAKPOINTS 64
#define DEBUG_REGISTERS 4

enum method { AUTO, DISPLACED, STEP, HARDWARE };

static const char *const method_names[] = { "auto", "displaced", "step", "hardware" };

struct breakpoint {
	struct place where; /* .word NULL: one of our own, to find the start */
	uint64_t address;
	char place[128];
	enum method method;
	uint8_t bytes[INSN_LONGEST]; /* without any breakpoint */
	struct insn insn;
	struct moved moved;
	uint64_t copy; /* DISPLACED: where `moved` stands */
	unsigned slot; /* HARDWARE: which debug register */
	uint64_t hits, hits_true;
};

/* A thread of the program, or of a process that shares its memory (vfork). */
struct task {
	pid_t tid;
	bool fresh;   /* not adopted yet */
	bool running; /* it may execute the program's instructions before its next report */
	bool vforked; /* it waits for a vfork child, and will report before it goes on */
	bool queued;  /* `stop` is not handled yet */
	struct stop stop;
	struct task *next;
};

static struct breakpoint breakpoints[BREAKPOINTS];
static size_t breakpoint_count;
static struct breakpoint own[2]; /* until the start is reached; then their address is 0 */
static enum method wanted;
static struct condition condition;

static pid_t program;
static int mem; /* its /proc/PID/mem */
static struct task *tasks;
static struct stop program_end; /* STOP_NONE: it lives */
static char executed[PATH_MAX]; /* what the program became, which ended the breakpoints */

/* --- the words ---------------------------------------------------------------------------------- */

static enum method parse_method(const char *word)
{
	for (size_t i = 0; i < COUNT(method_names); i++)
		if (strcmp(word, method_names[i]) == 0)
			return (enum method)i;
	target_refuse("there is no method \"%s\": -m auto, displaced, step or hardware", word);
}

static void refuse_if(const char *wrong)
{
	if (wrong != NULL)
		target_refuse("%s", wrong);
}

static void parse_condition(const char *word)
{
	if (condition.reg != NULL)
		target_refuse("-c takes one condition, and \"%s\" is a second one", word);
	refuse_if(condition_parse(&condition, word));
}

static void add_breakpoint(const char *where)
{
	if (breakpoint_count == BREAKPOINTS)
		target_refuse("more than %d breakpoints", BREAKPOINTS);
	if (*where == '\0')
		target_refuse("-b needs a place: a symbol, FILE:SYMBOL or an address");
	refuse_if(place_parse(&breakpoints[breakpoint_count++].where, where));
}

/* Takes in the options and returns the program with its arguments. */
static char **parse_words(int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, "+b:m:c:")) != -1) {
		switch (option) {
		case 'b':
			add_breakpoint(optarg);
			break;
		case 'm':
			wanted = parse_method(optarg);
			break;
		case 'c':
			parse_condition(optarg);
			break;
		default:
			target_refuse(
				strchr("bmc", optopt) != NULL
					? "-%c needs a value (--help tells the usage)"
					: "-%c is no option here: -b, -m, -c, then -- PROGRAM",
				optopt);
		}
	}
	if (breakpoint_count == 0)
		target_refuse("no breakpoint: say where with -b");
	if (argv[optind] != NULL && strcmp(argv[optind - 1], "--") != 0)
		target_refuse(
			"\"%s\" is a word too many: -- stands before the program", argv[optind]);
	if (argv[optind] == NULL)
		target_refuse("no program: it comes last, after --");
	return argv + optind;
}

/* --- the program -------------------------------------------------------------------------------- */

static void refuse_script(const char *path)
{
	char line[256] = "";
	FILE *file = fopen(path, "re");

	if (file == NULL)
		target_refuse("%s cannot be read: %s: its symbols and its kind are not to be seen",
			path, errno_text(errno));
	if (fgets(line, sizeof(line), file) != NULL && strncmp(line, "#!", 2) == 0) {
		const char *interpreter = line + 2 + strspn(line + 2, " \t");

		target_refuse(
			"%s is a script: name its interpreter, which is the program that runs: "
			"-- %.*s %s",
			path, (int)strcspn(interpreter, "\r\n"), interpreter, path);
	}
	fclose(file);
}

static void refuse_program(const char *path)
{
	struct stat file;
	struct elf elf;

	if (stat(path, &file) == -1)
		target_refuse("%s: %s", path, errno_text(errno));
	if (file.st_mode & S_ISUID || (file.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		target_refuse(
			"%s is set-%s-ID: its rights depend on who traces it, so it would not run "
			"as it does by itself",
			path, file.st_mode & S_ISUID ? "user" : "group");
	if (getxattr(path, "security.capability", NULL, 0) > 0)
		target_refuse(
			"%s has file capabilities: its rights depend on who traces it, so it would "
			"not run as it does by itself",
			path);
	refuse_script(path);

	const char *wrong = elf_open(&elf, path);

	if (wrong != NULL)
		target_refuse("%s: %s", path, wrong);
	elf_close(&elf);
}

/* --- tasks -------------------------------------------------------------------------------------- */

static struct task *find_task(pid_t tid)
{
	struct task *task = tasks;

	while (task != NULL && task->tid != tid)
		task = task->next;
	return task;
}

static struct task *add_task(pid_t tid)
{
	struct task *task = calloc(1, sizeof(*task));

	if (task == NULL)
		target_refuse("no memory for a thread");
	*task = (struct task){ .tid = tid, .fresh = true, .next = tasks };
	tasks = task;
	return task;
}

static void remove_task(pid_t tid)
{
	struct task **link = &tasks;

	while (*link != NULL && (*link)->tid != tid)
		link = &(*link)->next;
	if (*link != NULL) {
		struct task *task = *link;

		*link = task->next;
		free(task);
	}
}

static void resume(struct task *task, enum __ptrace_request request, int sig)
{
	task->running = !task->vforked && request != PTRACE_LISTEN;
	/* ESRCH: SIGKILL took it out of its stop, and its end will be reported. */
	ptrace(request, task->tid, 0, (long)sig);
}

static void release(struct task *task, int sig)
{
	ptrace(PTRACE_DETACH, task->tid, 0, (long)sig);
	remove_task(task->tid);
}

/* Wait for the next report. Returns who stopped; NULL: somebody ended, which is accounted for. */
static struct task *wait_task(void)
{
	int status;
	pid_t tid;

	do {
		tid = waitpid(
			-1, &status, __WALL | WUNTRACED | (*executed != '\0' ? WCONTINUED : 0));
	} while (tid == -1 && errno == EINTR);
	if (tid == -1)
		target_refuse("waitpid: %s", errno_text(errno));

	struct task *task = find_task(tid);
	struct stop stop = stop_decode(status);

	stop.tid = tid;
	if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED) {
		if (tid == program)
			program_end = stop;
		remove_task(tid);
		return NULL;
	}
	if (task == NULL && stop.status >> 16 != PTRACE_EVENT_STOP) {
		/* The program after its exec, or a child that the tracer was started with. */
		if (tid == program && stop.kind == STOP_CONTINUED)
			launch_continued();
		else if (tid == program)
			launch_stopped();
		return NULL;
	}
	if (task == NULL)
		task = add_task(tid);
	task->stop = stop;
	task->running = false;
	return task;
}

/* Wait for the next report, and handle it later. */
static void queue_report(void)
{
	struct task *task = wait_task();

	if (task != NULL)
		task->queued = true;
}

static struct task *next_task(void)
{
	struct task *next = NULL;

	/* Hits before the answers to INTERRUPT: while the rest stands still, each costs one step. */
	for (struct task *task = tasks; task != NULL; task = task->next)
		if (task->queued && (next == NULL || task->stop.kind == STOP_SIGNAL))
			next = task;
	if (next == NULL)
		return wait_task();
	next->queued = false;
	return next;
}

/* --- memory ------------------------------------------------------------------------------------- */

static void read_memory(uint64_t address, void *buffer, size_t length)
{
	if (mem_read(mem, address, buffer, length) != length)
		target_refuse("reading %zu bytes of the program at %#" PRIx64 ": %s", length,
			address, errno_text(errno));
}

static void write_memory(uint64_t address, const void *bytes, size_t length)
{
	if (mem_write(mem, address, bytes, length) != length)
		target_refuse("writing %zu bytes of the program at %#" PRIx64 ": %s", length,
			address, errno_text(errno));
}

static void read_maps(struct maps *maps)
{
	if (maps_read(program, maps) == -1)
		target_refuse("/proc/%d/maps: %s", program, errno_text(errno));
}

static const uint8_t int3 = 0xcc;

static bool is_int3(const struct breakpoint *breakpoint)
{
	return breakpoint->address != 0 && breakpoint->method != HARDWARE;
}

/* --- calls in the program, while it has one thread ------------------------------------------------ */

/*
 * Run the program, which stopped at an int3 of ours, from `regs` on, until it comes to an int3 at
 * the place where it is now, which has `code` before it. Returns rax. Everything is put back.
 */
static uint64_t run_code(pid_t tid, const void *code, size_t length, struct user_regs_struct regs)
{
	struct user_regs_struct saved;
	uint8_t bytes[8];
	uint64_t mask, all = ~SIGNAL_BIT(SIGTRAP), place, result;
	bool stopped = false;

	xptrace(PTRACE_GETREGS, tid, 0L, &saved);
	xptrace(PTRACE_GETSIGMASK, tid, sizeof(mask), &mask);
	place = REGS_IP(&saved);
	read_memory(place, bytes, length + 1);
	write_memory(place, code, length);
	write_memory(place + length, &int3, 1);
	xptrace(PTRACE_SETSIGMASK, tid, sizeof(all), &all);
	xptrace(PTRACE_SETREGS, tid, 0L, &regs);
	for (;;) {
		struct stop stop = xresume(PTRACE_CONT, tid, 0);

		if (stop.kind == STOP_SIGNAL && stop.detail == SIGTRAP)
			break;
		if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED)
			target_refuse("the program %s while it was prepared", stop_text(stop));
		/* All but SIGSTOP are blocked. */
		if (stop.kind == STOP_SIGNAL && stop.detail != SIGSTOP)
			target_refuse("the program got %s while it was prepared",
				signal_name(stop.detail));
		stopped |= stop.kind == STOP_SIGNAL;
	}
	xptrace(PTRACE_GETREGS, tid, 0L, &regs);
	result = regs.rax;
	write_memory(place, bytes, length + 1);
	xptrace(PTRACE_SETREGS, tid, 0L, &saved);
	xptrace(PTRACE_SETSIGMASK, tid, sizeof(mask), &mask);
	if (stopped)
		kill(tid, SIGSTOP);
	return result;
}

/* The function that an IFUNC's resolver, called in the program, chooses. */
static uint64_t call_resolver(pid_t tid, uint64_t resolver)
{
	struct user_regs_struct regs;

	xptrace(PTRACE_GETREGS, tid, 0L, &regs);

	uint64_t back = regs.rip;

	/* Aligned as a call leaves it, and beyond whatever stands below the stack pointer. */
	regs.rsp = ((regs.rsp - 1024) & ~UINT64_C(15)) - 8;
	regs.rip = resolver;
	write_memory(regs.rsp, &back, sizeof(back));
	return run_code(tid, "", 0, regs);
}

/* mmap(2) in the program, of a page that can be executed, at `address`. */
static void map_page(pid_t tid, uint64_t address)
{
	static const uint8_t system_call[] = { 0x0f, 0x05 };
	struct user_regs_struct regs;

	xptrace(PTRACE_GETREGS, tid, 0L, &regs);
	regs.rax = SYS_mmap;
	regs.rdi = address;
	regs.rsi = PAGE;
	regs.rdx = PROT_READ | PROT_EXEC;
	regs.r10 = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	regs.r8 = (unsigned long long)-1;
	regs.r9 = 0;

	int64_t result = (int64_t)run_code(tid, system_call, sizeof(system_call), regs);

	if (result != (int64_t)address)
		target_refuse("the program cannot map a page for copies of instructions: %s",
			result < 0 ? errno_text((int)-result) : "it got another address");
}

/* Pages of copies. The first one is always there. */
static struct {
	uint64_t address;
	size_t used;
} pages[BREAKPOINTS];

/* The hole nearest to `address`, and in it the page right below a mapping, but not below the stack,
 * which grows. */
static uint64_t find_hole(uint64_t address)
{
	struct maps maps;
	uint64_t best = 0, end = 1 << 16; /* mmap_min_addr, usually */

	read_maps(&maps);
	for (size_t i = 0; i < maps.count; i++) {
		uint64_t page = maps.mapping[i].start - PAGE;

		if (page >= end && maps.mapping[i].start < UINT64_C(1) << 47 &&
			strcmp(maps.mapping[i].path, "[stack]") != 0 &&
			llabs((int64_t)(page - address)) < llabs((int64_t)(best - address)))
			best = page;
		end = maps.mapping[i].end;
	}
	maps_free(&maps);
	return best;
}

/* Room for a copy in reach of a displacement from `address`. */
static uint64_t copy_near(pid_t tid, uint64_t address)
{
	size_t i = 0;

	while (pages[i].address != 0 &&
		(pages[i].used == COPIES || llabs((int64_t)(pages[i].address - address)) > REACH))
		i++;
	if (pages[i].address == 0) {
		pages[i].address = find_hole(address);
		map_page(tid, pages[i].address);
	}
	return pages[i].address + pages[i].used * COPY_SIZE;
}

static void take_copy(uint64_t copy)
{
	for (size_t i = 0; i < COUNT(pages); i++)
		if (copy / PAGE == pages[i].address / PAGE)
			pages[i].used++;
}

/* --- places ------------------------------------------------------------------------------------- */

/*
 * Refuse what is not the beginning of an instruction, where that can be seen: counting from the
 * first of a function. An int3 in the middle of one would make another of it.
 */
static void refuse_middle(const struct place *where, uint64_t function)
{
	uint8_t bytes[INSN_LONGEST];
	struct insn insn = { .length = 0 };
	uint64_t at = 0;

	for (; at < where->offset; at += insn.length) {
		size_t length = mem_read(mem, function + at, bytes, sizeof(bytes));

		insn = insn_decode(bytes, length);
		if (insn.kind == INSN_UNKNOWN)
			return;
	}
	if (at > where->offset)
		target_refuse(
			"\"%s\" is in the middle of an instruction: it begins at %s+%#" PRIx64,
			where->word, where->symbol, at - insn.length);
}

static struct definition find_definition(const struct maps *maps, const struct place *where)
{
	struct definition found;

	refuse_if(place_find(where, maps, &found));
	if (found.type == STT_OBJECT || found.type == STT_COMMON)
		target_refuse("\"%s\" is data, not code: nothing is executed there", where->word);
	if (found.size > 0 && where->offset >= found.size)
		target_refuse("\"%s\": the function has %" PRIu64
			      " bytes, and the offset is beyond",
			where->word, found.size);
	return found;
}

static void check_place(struct breakpoint *breakpoint, const struct maps *maps)
{
	const struct mapping *mapping = maps_find(maps, breakpoint->address);

	if (mapping == NULL)
		target_refuse("\"%s\": no memory is mapped at %#" PRIx64 ": it is in a hole%s",
			breakpoint->where.word, breakpoint->address,
			*breakpoint->where.symbol == '\0'
				? " (a symbol is found wherever it is loaded)"
				: "");
	if (strchr(mapping->perms, 'x') == NULL)
		target_refuse("\"%s\": %#" PRIx64 " is in memory that is not executable (%s %s)",
			breakpoint->where.word, breakpoint->address, mapping->perms, mapping->path);
	for (const struct breakpoint *other = breakpoints; other < breakpoint; other++)
		if (other->address == breakpoint->address)
			target_refuse("\"%s\" and \"%s\" are the same place, %#" PRIx64,
				other->where.word, breakpoint->where.word, other->address);
	snprintf(breakpoint->place, sizeof(breakpoint->place), "%s",
		place_text(mapping, breakpoint->address));

	size_t length =
		mem_read(mem, breakpoint->address, breakpoint->bytes, sizeof(breakpoint->bytes));

	if (length == 0)
		target_refuse("\"%s\": %#" PRIx64 " cannot be read: %s", breakpoint->where.word,
			breakpoint->address, errno_text(errno));
	if (breakpoint->bytes[0] == int3)
		target_refuse("\"%s\": there is an int3 already at %#" PRIx64
			      ", the program's own or another tracer's",
			breakpoint->where.word, breakpoint->address);
	breakpoint->insn = insn_decode(breakpoint->bytes, length);
}

/* --- setting them ------------------------------------------------------------------------------- */

/* Whether the copy could be made; if so it stands in its place. */
static bool displace(pid_t tid, struct breakpoint *breakpoint)
{
	uint64_t copy = copy_near(tid, breakpoint->address);

	if (!insn_move(breakpoint->bytes, &breakpoint->insn, breakpoint->address, copy,
		    &breakpoint->moved))
		return false;
	write_memory(copy, breakpoint->moved.bytes, breakpoint->moved.length);
	take_copy(copy);
	breakpoint->copy = copy;
	return true;
}

/* A system call may sleep until a thread that a step keeps stopped wakes it; a pushf that is
 * stepped stores the trap flag. */
static bool can_step(const struct breakpoint *breakpoint)
{
	return breakpoint->insn.kind != INSN_SYSTEM_CALL && breakpoint->bytes[0] != 0x9c;
}

static void choose_method(pid_t tid, struct breakpoint *breakpoint, unsigned *slots)
{
	breakpoint->method = wanted;
	if (wanted == AUTO || wanted == DISPLACED) {
		if (displace(tid, breakpoint))
			breakpoint->method = DISPLACED;
		else if (wanted == DISPLACED)
			target_refuse(
				"\"%s\": the instruction there, %02x %02x %02x..., cannot be moved or "
				"is unknown: -m auto",
				breakpoint->where.word, breakpoint->bytes[0], breakpoint->bytes[1],
				breakpoint->bytes[2]);
		else
			breakpoint->method = can_step(breakpoint) ? STEP : HARDWARE;
	}
	if (breakpoint->method == STEP && !can_step(breakpoint))
		target_refuse("\"%s\": the instruction there cannot be stepped alone: -m auto",
			breakpoint->where.word);
	if (breakpoint->method != HARDWARE)
		return;
	if (*slots == DEBUG_REGISTERS)
		target_refuse("\"%s\": the processor has debug registers for %d breakpoints",
			breakpoint->where.word, DEBUG_REGISTERS);
	breakpoint->slot = (*slots)++;
}

/* Debug registers are a thread's own, and a new one has none set. */
static void set_debug_registers(pid_t tid)
{
	uint64_t dr7 = 0;

	for (size_t i = 0; i < breakpoint_count; i++) {
		struct watch watch = { breakpoints[i].address, WATCH_EXECUTE, 1, true };

		if (breakpoints[i].method != HARDWARE)
			continue;
		watch_encode(&dr7, breakpoints[i].slot, &watch);
		if (ptrace(PTRACE_POKEUSER, tid, DEBUG_REGISTER(breakpoints[i].slot),
			    watch.address) == -1)
			target_refuse("\"%s\": debug register %u: %s", breakpoints[i].where.word,
				breakpoints[i].slot, errno_text(errno));
	}
	if (dr7 != 0 && ptrace(PTRACE_POKEUSER, tid, DEBUG_REGISTER(7), dr7) == -1 &&
		errno != ESRCH)
		target_refuse("the debug registers cannot be had: %s%s", errno_text(errno),
			errno == ENOSPC ? " (perf has them)" : "");
}

static void set_own(struct breakpoint *breakpoint, uint64_t address)
{
	breakpoint->address = address;
	breakpoint->method = STEP;
	read_memory(address, breakpoint->bytes, 1);
	write_memory(address, &int3, 1);
}

static void clear_own(void)
{
	for (size_t i = 0; i < COUNT(own); i++)
		if (own[i].address != 0)
			write_memory(own[i].address, own[i].bytes, 1);
	memset(own, 0, sizeof(own));
}

/* An entry of the auxiliary vector that the kernel started the program with; 0: it has none. */
static uint64_t auxiliary(uint64_t type)
{
	uint64_t entries[128] = { 0 };

	if (proc_read(program, "auxv", (char *)entries, sizeof(entries)) <= 0)
		target_refuse("/proc/%d/auxv: %s", program, errno_text(errno));
	for (size_t i = 0; i + 1 < COUNT(entries) && entries[i] != AT_NULL; i += 2)
		if (entries[i] == type)
			return entries[i + 1];
	return 0;
}

static uint64_t loader_state; /* the address of _r_debug.r_state, which <link.h> declares; or 0 */

/* At the exec: two places to wait at for the libraries, of which the loader need not have one. */
static void await_loader(void)
{
	uint64_t base = auxiliary(AT_BASE);
	struct place brk = { .symbol = "_dl_debug_state" }, state = { .symbol = "_r_debug" };
	struct definition brk_found, state_found;
	struct maps maps;

	mem = mem_open(program, O_RDWR);
	if (mem == -1)
		target_refuse("/proc/%d/mem: %s", program, errno_text(errno));
	read_maps(&maps);

	const struct mapping *loader = base ? maps_find(&maps, base) : NULL;

	if (loader != NULL) {
		snprintf(brk.file, sizeof(brk.file), "%s", loader->path);
		snprintf(state.file, sizeof(state.file), "%s", loader->path);
		if (place_find(&state, &maps, &state_found) == NULL &&
			place_find(&brk, &maps, &brk_found) == NULL) {
			loader_state = state_found.address + 24;
			set_own(&own[1], brk_found.address);
		}
	}
	maps_free(&maps);
	set_own(&own[0], auxiliary(AT_ENTRY));
}

/*
 * Give a breakpoint its address. False: an IFUNC of a program without a loader chooses its target
 * after this, and an int3 of ours waits for main().
 */
static bool resolve(pid_t tid, struct breakpoint *breakpoint, const struct maps *maps, bool at_main)
{
	const struct place *where = &breakpoint->where;
	struct definition found;

	breakpoint->address = where->offset;
	if (*where->symbol == '\0')
		return true;
	found = find_definition(maps, where);
	if (found.type == STT_GNU_IFUNC && auxiliary(AT_BASE) == 0 && !at_main) {
		struct place start = { .word = where->word, .symbol = "main" };

		set_own(&own[0], find_definition(maps, &start).address);
		return false;
	}
	if (found.type == STT_GNU_IFUNC)
		found.address = call_resolver(tid, found.address);
	refuse_middle(where, found.address);
	breakpoint->address += found.address;
	return true;
}

/* The program stands still at an int3 of ours, alone. False: it is to go on to main() first. */
static bool set_breakpoints(pid_t tid, bool at_main)
{
	bool resolved = true;
	unsigned slots = 0;
	struct maps maps;

	read_maps(&maps);
	for (size_t i = 0; i < breakpoint_count && resolved; i++) {
		resolved = resolve(tid, &breakpoints[i], &maps, at_main);
		if (resolved)
			check_place(&breakpoints[i], &maps);
	}
	maps_free(&maps);
	if (!resolved)
		return false;
	copy_near(tid, breakpoints[0].address);
	for (size_t i = 0; i < breakpoint_count; i++)
		choose_method(tid, &breakpoints[i], &slots);
	for (size_t i = 0; i < breakpoint_count; i++)
		if (is_int3(&breakpoints[i]))
			write_memory(breakpoints[i].address, &int3, 1);
	set_debug_registers(tid);
	return true;
}

/* --- other processes ------------------------------------------------------------------------------ */

/* Whether a task has the program's memory: what is written to the one is read from the other. */
static bool is_same_memory(pid_t tid, int its_mem)
{
	uint64_t place = pages[0].address + PAGE - sizeof(uint64_t), word = (uint64_t)tid, seen = 0;

	return mem_write(its_mem, place, &word, sizeof(word)) == sizeof(word) &&
	       mem_read(mem, place, &seen, sizeof(seen)) == sizeof(seen) && seen == word;
}

/*
 * The first stop of a new task. A thread of the program, or a process that borrows its memory
 * (vfork, posix_spawn) is kept, with its hits counted, until it ends or executes a program. A
 * process with a copy of the memory gets it cleaned and is let go before it runs.
 */
static bool adopt(struct task *task)
{
	task->fresh = false;
	if (pages[0].address == 0)
		return true;

	int its_mem = mem_open(task->tid, O_RDWR);
	bool same = its_mem == -1 || is_same_memory(task->tid, its_mem);

	for (size_t i = 0; i < breakpoint_count && !same; i++)
		if (is_int3(&breakpoints[i]))
			mem_write(its_mem, breakpoints[i].address, breakpoints[i].bytes, 1);
	if (its_mem != -1)
		close(its_mem);
	if (same)
		set_debug_registers(task->tid);
	return same;
}

/* --- hits --------------------------------------------------------------------------------------- */

/* Those that are asked for: reading all of them costs twice as much as reading one. */
static bool read_registers(const struct task *task, struct user_regs_struct *regs)
{
	if (condition.reg != NULL)
		return ptrace(PTRACE_GETREGS, task->tid, 0, regs) == 0;
	errno = 0;
	regs->rip = (unsigned long long)ptrace(
		PTRACE_PEEKUSER, task->tid, offsetof(struct user_regs_struct, rip), 0);
	return errno == 0;
}

static void count_hit(struct breakpoint *breakpoint, const struct user_regs_struct *regs, int by)
{
	breakpoint->hits += by;
	breakpoint->hits_true += condition_is_true(&condition, regs) ? by : 0;
}

static void set_rip(struct task *task, uint64_t rip)
{
	/* ESRCH: as in resume(). */
	ptrace(PTRACE_POKEUSER, task->tid, offsetof(struct user_regs_struct, rip), rip);
}

/* A signal that the instruction itself raised: it was executed, and failed. */
static bool is_fault(struct task *task)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	siginfo_t info;

	for (size_t i = 0; i < COUNT(faults); i++)
		if (task->stop.detail == faults[i])
			return ptrace(PTRACE_GETSIGINFO, task->tid, 0, &info) == 0 &&
			       info.si_code > 0;
	return false;
}

/*
 * The handler of a signal shall find the thread where it is without us: not in a copy. Before
 * the copied instruction that is the breakpoint, where it will be hit again: if it was not
 * executed, that hit is the one that counts.
 */
static void leave_copy(struct task *task)
{
	struct user_regs_struct regs;

	if (!read_registers(task, &regs))
		return;
	for (size_t i = 0; i < breakpoint_count; i++) {
		struct breakpoint *breakpoint = &breakpoints[i];
		uint64_t offset = regs.rip - breakpoint->copy;

		if (breakpoint->copy == 0 || offset >= breakpoint->moved.length)
			continue;
		if (offset == 0 && !is_fault(task))
			count_hit(breakpoint, &regs, -1);
		set_rip(task,
			breakpoint->address +
				(offset < breakpoint->moved.jump ? 0 : breakpoint->insn.length));
	}
}

static bool is_trap(const struct task *task)
{
	return task->stop.kind == STOP_SIGNAL && task->stop.detail == SIGTRAP;
}

/* A step that did not get past its instruction: between two rounds of a rep, or ended before it
 * began by an INTERRUPT for another thread's step, which had found this one at its int3. */
static bool may_step_again(const struct task *task, const struct breakpoint *breakpoint)
{
	return (task->stop.kind == STOP_EVENT && task->stop.detail == PTRACE_EVENT_STOP) ||
	       (is_trap(task) && breakpoint->insn.repeats);
}

static bool anybody_runs(void)
{
	for (const struct task *task = tasks; task != NULL; task = task->next)
		if (task->running)
			return true;
	return false;
}

static void stop_all(void)
{
	for (const struct task *task = tasks; task != NULL; task = task->next)
		if (task->running)
			ptrace(PTRACE_INTERRUPT, task->tid, 0, 0);
	while (anybody_runs())
		queue_report();
}

/* Execute the instruction in its own place, while nobody else runs. */
static void step_over(struct task *task, struct breakpoint *breakpoint)
{
	pid_t tid = task->tid;
	struct user_regs_struct regs = { 0 };

	stop_all();
	write_memory(breakpoint->address, breakpoint->bytes, 1);
	set_rip(task, breakpoint->address);
	do {
		resume(task, PTRACE_SINGLESTEP, 0);
		while ((task = find_task(tid)) != NULL && task->running)
			queue_report();
		/* It was killed, and the memory may be gone with it. */
		if (task == NULL || !read_registers(task, &regs))
			break;
	} while (regs.rip == breakpoint->address && may_step_again(task, breakpoint));
	mem_write(mem, breakpoint->address, &int3, 1);
	if (task == NULL)
		return;
	if (is_trap(task)) {
		task->queued = false;
		resume(task, PTRACE_CONT, 0);
	} else if (regs.rip == breakpoint->address && !is_fault(task)) {
		count_hit(breakpoint, &regs, -1);
	}
}

/* An int3 of ours that waits for the start. */
static void reach_start(struct task *task, struct breakpoint *at)
{
	bool at_entry = at == &own[0];
	static bool at_main;
	int state = 1;

	if (!at_entry)
		read_memory(loader_state, &state, sizeof(state));
	if (!at_entry && state != 0 /* RT_CONSISTENT */) {
		step_over(task, at);
		return;
	}
	set_rip(task, at->address);
	clear_own();
	at_main = !set_breakpoints(task->tid, at_main);
	resume(task, PTRACE_CONT, 0);
}

static struct breakpoint *find_breakpoint(uint64_t address, bool by_int3)
{
	for (size_t i = 0; i < breakpoint_count; i++)
		if (breakpoints[i].address == address && is_int3(&breakpoints[i]) == by_int3)
			return &breakpoints[i];
	for (size_t i = 0; i < COUNT(own); i++)
		if (own[i].address == address && by_int3)
			return &own[i];
	return NULL;
}

/*
 * Whether it was the breakpoint that raised this SIGTRAP. Behind an int3 in the middle of an
 * instruction nobody comes by without it; elsewhere a SIGTRAP that somebody sent may find a thread.
 */
static bool is_raised(const struct task *task, const struct breakpoint *breakpoint)
{
	siginfo_t info;

	if (is_int3(breakpoint) && breakpoint->insn.length > 1)
		return true;
	return ptrace(PTRACE_GETSIGINFO, task->tid, 0, &info) == 0 &&
	       info.si_code == (is_int3(breakpoint) ? SI_KERNEL : TRAP_HWBKPT);
}

/* A SIGTRAP: is it a hit? If so it has been dealt with. */
static bool hit(struct task *task)
{
	struct user_regs_struct regs;

	if (!read_registers(task, &regs))
		return false;

	struct breakpoint *breakpoint = find_breakpoint(regs.rip - 1, true);

	if (breakpoint == NULL || !is_raised(task, breakpoint)) {
		breakpoint = find_breakpoint(regs.rip, false);
		if (breakpoint == NULL || !is_raised(task, breakpoint))
			return false;
	}
	if (breakpoint->where.word == NULL) {
		reach_start(task, breakpoint);
		return true;
	}
	count_hit(breakpoint, &regs, 1);
	if (breakpoint->method == STEP) {
		step_over(task, breakpoint);
		return true;
	}
	if (breakpoint->method == DISPLACED)
		set_rip(task, breakpoint->copy);
	resume(task, PTRACE_CONT, 0);
	return true;
}

/* --- reports ------------------------------------------------------------------------------------ */

static void executed_program(struct task *task)
{
	unsigned long former = 0;

	if (mem == 0) {
		await_loader();
		resume(task, PTRACE_CONT, 0);
		return;
	}
	ptrace(PTRACE_GETEVENTMSG, task->tid, 0, &former);
	if (task->tid == program) {
		ssize_t length =
			readlink(text("/proc/%d/exe", program), executed, sizeof(executed) - 1);

		if (length <= 0)
			strcpy(executed, "another program");
		/* A thread that was not the first has become it. */
		if ((pid_t)former != program)
			remove_task((pid_t)former);
	}
	release(task, 0);
}

static void handle_event(struct task *task)
{
	switch (task->stop.detail) {
	case PTRACE_EVENT_EXEC:
		executed_program(task);
		return;
	case PTRACE_EVENT_VFORK:
		task->vforked = true;
		break;
	case PTRACE_EVENT_VFORK_DONE:
		task->vforked = false;
		break;
	case PTRACE_EVENT_STOP:
		if (task->tid == program)
			launch_continued();
		break;
	}
	resume(task, PTRACE_CONT, 0);
}

static void handle(struct task *task)
{
	int sig = task->stop.kind == STOP_SIGNAL ? task->stop.detail : 0;

	if (task->fresh && !adopt(task)) {
		release(task, sig);
	} else if (task->stop.kind == STOP_EVENT) {
		handle_event(task);
	} else if (task->stop.kind == STOP_GROUP) {
		resume(task, PTRACE_LISTEN, 0);
		if (task->tid == program)
			launch_stopped();
	} else if (sig != SIGTRAP || !hit(task)) {
		leave_copy(task);
		resume(task, PTRACE_CONT, sig);
	}
}

static void report(void)
{
	for (size_t i = 0; i < breakpoint_count; i++) {
		const struct breakpoint *breakpoint = &breakpoints[i];

		if (*breakpoint->place == '\0') {
			dprintf(STDERR_FILENO, "%s: %s: the program ended before it was loaded\n",
				program_invocation_short_name, breakpoint->where.word);
			continue;
		}
		dprintf(STDERR_FILENO, "%s: %s: %s, %s, %" PRIu64 " hits, %" PRIu64 " true\n",
			program_invocation_short_name, breakpoint->where.word, breakpoint->place,
			method_names[breakpoint->method], breakpoint->hits, breakpoint->hits_true);
	}
	if (*executed != '\0')
		dprintf(STDERR_FILENO, "%s: the program executed %s: the breakpoints ended there\n",
			program_invocation_short_name, executed);
}

int target_mode(int argc, char **argv)
{
	char **words = parse_words(argc + 1, argv - 1);
	const char *path = launch_find(*words);

	process_reserve_fds(O_CLOEXEC);
	refuse_program(path);
	program = launch(path, words,
		PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE,
		NULL);

	struct task *first = add_task(program);

	first->fresh = false;
	resume(first, PTRACE_CONT, 0);
	while (program_end.kind == STOP_NONE || tasks != NULL) {
		struct task *task = next_task();

		if (task != NULL)
			handle(task);
	}
	launch_check(path);
	report();
	return launch_end_alike(program_end);
}
