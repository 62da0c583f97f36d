/* SPDX-License-Identifier: MIT */
/*
 * Lab 06: how can a running program be made to behave differently while its file stays the same?
 *
 * The tracee does the same things in every round and tells what came of them. Between two rounds,
 * or in the middle of one, the tracer changes something; afterwards it undoes the change. Every
 * experiment captures the tracee before (struct before) and compares twice: what is different while
 * the change is in force (expect_changed()), and what is left when it is undone and the program has
 * played one more round (expect_unchanged()). The order: memory; system calls; calls and code
 * injected; signals; ends.
 *
 * Run:   make lab06, or 06_runtime_mutation/tracer [SLUG...]
 * Basis: ptrace(2); syscall(2); kernel/ptrace.c: generic_ptrace_pokedata(), ptrace_setsigmask(),
 *        ptrace_peek_siginfo(); include/linux/ptrace.h: ptrace_report_syscall(); kernel/signal.c:
 *        ptrace_signal(), get_signal(); arch/x86/kernel/signal.c: arch_do_signal_or_restart();
 *        kernel/time/hrtimer.c: nanosleep(); mm/memory.c: do_wp_page(); the x86-64 psABI, 3.2.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "count.h"
#include "elf.h"
#include "maps.h"
#include "memory.h"
#include "place.h"
#include "proc.h"
#include "regs.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "syscalls.h"
#include "target.h"
#include "testimony.h"
#include "text.h"
#include "tracee.h"

#define PAGE 4096L

/* What the kernel keeps in rax of a call that a signal interrupted (include/linux/errno.h). */
#define ERESTARTSYS 512
#define ERESTARTNOHAND 514
#define ERESTART_RESTARTBLOCK 516

#define FLAG_DF 0x400UL
#define RED_ZONE 128 /* psABI 3.2.2 */
#define MAPS_SIZE (1 << 16)

/* --- before and after ------------------------------------------------------------------------- */

enum { PENDING, SHARED_PENDING, BLOCKED, IGNORED, CAUGHT };
static const char *const mask_fields[] = {
	[PENDING] = "SigPnd",
	[SHARED_PENDING] = "ShdPnd",
	[BLOCKED] = "SigBlk",
	[IGNORED] = "SigIgn",
	[CAUGHT] = "SigCgt",
};

/* What a tracee is, as far as a tracer can see. */
struct state {
	uint64_t digest;               /* of the bytes of its file */
	long text_changed;             /* bytes of its text that are not the file's */
	long vdso_changed;             /* bytes of its vdso that are not those of the tracer's */
	long text_copied, vdso_copied; /* pages of them that it no longer shares */
	struct user_regs_struct regs;  /* unless it runs: then 0 */
	struct user_fpregs_struct vectors;
	long mapped_kib;
	char *maps; /* not on the stack, which may be small; goes with the experiment */
	char files[1 << 12];
	char command[1 << 10];
	char limits[1 << 12];
	char name[64];
	uint64_t mask[COUNT(mask_fields)];
	struct testimony page; /* what the program has told */
};

/* A tracee, and what it was before anything was changed. */
struct before {
	struct tracee tracee;
	pid_t pid;
	struct state state;
};

/* The executable mapping of a path: a file, or "[vdso]". */
static const struct mapping *executable(const struct maps *maps, const char *path)
{
	const struct mapping *end = maps->mapping + maps->count;

	for (const struct mapping *mapping = maps->mapping; mapping < end; mapping++)
		if (strchr(mapping->perms, 'x') != NULL && strcmp(mapping->path, path) == 0)
			return mapping;
	broken("no executable mapping of %s", path);
}

static struct maps read_maps(pid_t pid)
{
	struct maps maps;

	if (maps_read(pid, &maps) == -1)
		broken("/proc/%d/maps: %s", pid, errno_text(errno));
	return maps;
}

/* /proc/PID/exe, the file itself, whatever its name means now. */
static int open_file(pid_t pid)
{
	int fd = open(text("/proc/%d/exe", pid), O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		broken("open /proc/%d/exe: %s", pid, errno_text(errno));
	return fd;
}

/* `length` bytes of a file from `offset` on, as it would be mapped: behind its end stands 0. */
static unsigned char *map_file(int fd, size_t length, uint64_t offset)
{
	void *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, (off_t)offset);

	if (bytes == MAP_FAILED)
		broken("mmap of the tracee's file: %s", errno_text(errno));
	return bytes;
}

/* FNV-1a of the file; a change of any one byte changes it. */
static uint64_t digest_of(int fd)
{
	uint64_t digest = 0xcbf29ce484222325;
	struct stat status;

	if (fstat(fd, &status) == -1)
		broken("fstat of the tracee's file: %s", errno_text(errno));

	unsigned char *bytes = map_file(fd, (size_t)status.st_size, 0);

	for (const unsigned char *at = bytes; at < bytes + status.st_size; at++)
		digest = (digest ^ *at) * 0x100000001b3;
	munmap(bytes, (size_t)status.st_size);
	return digest;
}

static void xread(int mem, uint64_t address, void *bytes, size_t length)
{
	if (mem_read(mem, address, bytes, length) != length)
		broken("read of %zu bytes at %#lx: %s", length, (long)address, errno_text(errno));
}

/* Compare the memory of the executable mapping of a file with the file. */
static long changed_in_text(int mem, int file, const struct mapping *mapping)
{
	size_t length = mapping->end - mapping->start;
	unsigned char *memory = malloc(length), *disk = map_file(file, length, mapping->offset);

	if (memory == NULL)
		broken("malloc: %s", errno_text(errno));
	xread(mem, mapping->start, memory, length);

	long differ = count_differing(memory, disk, length);

	free(memory);
	munmap(disk, length);
	return differ;
}

/* Compare the vdso, which no file holds, with the tracer's own. */
static long changed_in_vdso(int mem, const struct mapping *mapping)
{
	unsigned char bytes[8 * PAGE];
	size_t length = mapping->end - mapping->start;

	if (length > sizeof(bytes))
		broken("a vdso of %zu bytes", length);
	xread(mem, mapping->start, bytes, length);
	return count_differing(bytes, (const void *)getauxval(AT_SYSINFO_EHDR), length);
}

/* How many pages of a mapping are the process's own: "Anonymous" of smaps (proc(5)). */
static long copied_pages(pid_t pid, const struct mapping *mapping)
{
	FILE *smaps = fopen(text("/proc/%d/smaps", pid), "r");
	char line[4096];
	unsigned long start, end;
	bool inside = false;
	long kib = -1;

	if (smaps == NULL)
		broken("/proc/%d/smaps: %s", pid, errno_text(errno));
	while (kib == -1 && fgets(line, sizeof(line), smaps) != NULL) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start == mapping->start;
		else if (inside && sscanf(line, "Anonymous: %ld kB", &kib) == 1)
			break;
	}
	fclose(smaps);
	if (kib == -1)
		broken("/proc/%d/smaps does not tell Anonymous", pid);
	return kib * 1024 / PAGE;
}

/* "3 -> pipe:[4711]" for each open file. */
static void list_files(pid_t pid, char *list, size_t size)
{
	pid_t fds[256];
	ssize_t count = proc_list(text("%d/fd", pid), fds, COUNT(fds));
	size_t used = 0;

	if (count == -1 || count > (ssize_t)COUNT(fds))
		broken("/proc/%d/fd: %zd entries, %s", pid, count, errno_text(errno));
	for (const pid_t *fd = fds; fd < fds + count; fd++) {
		char link[256];
		ssize_t length = readlink(text("/proc/%d/fd/%d", pid, *fd), link, sizeof(link));

		used += (size_t)snprintf(list + used, used < size ? size - used : 0, "%d -> %.*s\n",
			*fd, (int)length, link);
	}
	if (used >= size)
		broken("the list of open files is longer than %zu bytes", size);
}

static void read_proc(pid_t pid, const char *file, char *buffer, size_t size)
{
	ssize_t length = proc_read(pid, file, buffer, size);

	if (length == -1 || (size_t)length >= size - 1)
		broken("/proc/%d/%s: %zd bytes, %s", pid, file, length, errno_text(errno));
}

static void take_state(const struct tracee *tracee, struct state *state)
{
	pid_t pid = tracee->pid;
	struct maps maps = read_maps(pid);
	int file = open_file(pid), mem = mem_open(pid, O_RDONLY);
	const struct mapping *code = executable(&maps, tracee_path());
	const struct mapping *vdso = executable(&maps, "[vdso]");

	*state = (struct state){ .digest = digest_of(file) };
	state->text_changed = changed_in_text(mem, file, code);
	state->vdso_changed = changed_in_vdso(mem, vdso);
	state->text_copied = copied_pages(pid, code);
	state->vdso_copied = copied_pages(pid, vdso);
	if (proc_number(pid, "TracerPid") != 0) {
		state->regs = xgetregs(pid);
		xptrace(PTRACE_GETFPREGS, pid, 0L, &state->vectors);
	}
	state->mapped_kib = proc_number(pid, "VmSize");
	state->maps = malloc(MAPS_SIZE);
	if (state->maps == NULL)
		broken("malloc: %s", errno_text(errno));
	read_proc(pid, "maps", state->maps, MAPS_SIZE);
	read_proc(pid, "cmdline", state->command, sizeof(state->command));
	read_proc(pid, "limits", state->limits, sizeof(state->limits));
	list_files(pid, state->files, sizeof(state->files));
	snprintf(state->name, sizeof(state->name), "%s", proc_status(pid, "Name"));
	for (size_t i = 0; i < COUNT(mask_fields); i++)
		state->mask[i] = proc_mask(pid, mask_fields[i]);
	memcpy(&state->page, tracee->page, sizeof(state->page));
	maps_free(&maps);
	close(file);
	close(mem);
}

static struct before capture(struct tracee tracee)
{
	struct before before = { .tracee = tracee, .pid = tracee.pid };

	take_state(&tracee, &before.state);
	return before;
}

/* Append an item to a list in words. */
static const char *with(const char *list, const char *item)
{
	return text("%s%s%s", list, *list != '\0' ? ", " : "", item);
}

static const char *counted(long n, const char *one, const char *of)
{
	return text("%ld %s%s of %s", n, one, n == 1 ? "" : "s", of);
}

static const char *differing_registers(const struct state *was, const struct state *now)
{
	const char *list = "";

	for (const struct reg *reg = reg_table; reg < reg_table + REG_COUNT; reg++)
		if (reg_value(&was->regs, reg) != reg_value(&now->regs, reg))
			list = with(list, reg->name);
	if (memcmp(was->vectors.xmm_space, now->vectors.xmm_space,
		    sizeof(now->vectors.xmm_space)) != 0)
		list = with(list, "xmm");
	return list;
}

/* What a tracee is now and was not before, in words. */
static const char *differences(const struct state *was, const struct state *now)
{
	const char *list = differing_registers(was, now);
	long kib = now->mapped_kib - was->mapped_kib;

	if (now->text_changed != 0)
		list = with(list, counted(now->text_changed, "byte", "the text"));
	if (now->text_copied != was->text_copied)
		list = with(list,
			counted(now->text_copied - was->text_copied, "copied page", "the text"));
	if (now->vdso_changed != 0)
		list = with(list, counted(now->vdso_changed, "byte", "the vdso"));
	if (now->vdso_copied != was->vdso_copied)
		list = with(list,
			counted(now->vdso_copied - was->vdso_copied, "copied page", "the vdso"));
	if (kib != 0)
		list = with(list, text("%+ld KiB mapped", kib));
	else if (strcmp(was->maps, now->maps) != 0)
		list = with(list, "mappings");
	if (strcmp(was->files, now->files) != 0)
		list = with(list, "open files");
	if (memcmp(was->command, now->command, sizeof(now->command)) != 0)
		list = with(list, "command line");
	if (strcmp(was->limits, now->limits) != 0)
		list = with(list, "limits");
	if (strcmp(was->name, now->name) != 0)
		list = with(list, "name");
	for (size_t i = 0; i < COUNT(mask_fields); i++)
		if (was->mask[i] != now->mask[i])
			list = with(list, text("%s %s", mask_fields[i], mask_text(now->mask[i])));
	return *list != '\0' ? list : "none";
}

/* What the program has told otherwise than before, "answer() 42 -> 43". */
static const char *told_otherwise(struct state *was, struct state *now)
{
	const char *list = "";

	for (unsigned i = 0; i < now->page.count; i++) {
		struct testimony_slot *slot = &now->page.slot[i];
		atomic_long *old = testimony_find(&was->page, slot->name);

		if (slot->name[0] == '.' || (old != NULL && *old == slot->value))
			continue;
		list = with(list, old == NULL
					  ? text("%s %ld", slot->name, slot->value)
					  : text("%s %ld -> %ld", slot->name, *old, slot->value));
	}
	return *list != '\0' ? list : "as before";
}

/* Judge, at a stop in which the change is in force: what the program told, what differs. */
static void expect_changed(struct before *before, const char *tells, const char *differs)
{
	struct state now;

	take_state(&before->tracee, &now);
	expect_str(tells, told_otherwise(&before->state, &now), "changed: the program tells");
	expect_str(differs, differences(&before->state, &now), "changed: what differs");
	expect_true(before->state.digest == now.digest, "changed: the file's digest is as before");
}

/* Judge that a change was undone, but for the trace that is named. */
static void expect_undone(struct before *before, const char *trace)
{
	struct state now;

	take_state(&before->tracee, &now);
	expect_str("as before", told_otherwise(&before->state, &now), "undone: the program tells");
	expect_str(trace, differences(&before->state, &now), "undone: what differs");
	expect_true(before->state.digest == now.digest, "undone: the file's digest is as before");
	note_live("digest %#018lx", now.digest);
}

/* --- the program of many rounds --------------------------------------------------------------- */

static struct stop go_on(pid_t pid, int sig)
{
	return xresume(PTRACE_CONT, pid, sig);
}

static struct stop run(pid_t pid)
{
	return go_on(pid, 0);
}

static struct stop step(pid_t pid)
{
	return xresume(PTRACE_SINGLESTEP, pid, 0);
}

/* Let the tracee, resumed with a signal, run to the end of its round; signals of its own are passed
 * on. */
static void deliver(const struct before *before, int sig)
{
	struct stop stop;

	do {
		stop = go_on(before->pid, sig);
		sig = stop.detail;
	} while (stop.kind == STOP_SIGNAL && stop.detail != SIGTRAP);
	if (stop.kind != STOP_SIGNAL)
		broken("%s instead of the next gate", stop_text(stop));
}

static void play_round(const struct before *before)
{
	deliver(before, 0);
}

/* The program after its first round, at the gate. */
static struct before at_gate(void)
{
	struct before before = { .tracee = tracee_at_trap("rounds", 0) };

	before.pid = before.tracee.pid;
	play_round(&before);
	return capture(before.tracee);
}

/* The proof that a change was undone: another round ends as the one before the change. */
static void expect_unchanged(struct before *before, const char *trace)
{
	play_round(before);
	expect_undone(before, trace);
}

/* Let the round go on to the entry of a system call; the registers there. rax tells an entry from
 * an exit: it holds -ENOSYS. */
static struct user_regs_struct to_call(const struct before *before, long number)
{
	struct user_regs_struct regs;
	int sig = 0;

	do {
		struct stop stop = xresume(PTRACE_SYSCALL, before->pid, sig);

		sig = stop.kind == STOP_SIGNAL ? stop.detail : 0;
		if (stop.kind != STOP_SIGNAL && stop.kind != STOP_SYSCALL)
			broken("%s instead of system call %ld", stop_text(stop), number);
		regs = xgetregs(before->pid);
	} while (sig != 0 || (long)regs.rax != -ENOSYS || (long)regs.orig_rax != number);
	return regs;
}

/* From the entry of a call to its exit; the registers there. */
static struct user_regs_struct to_exit(const struct before *before)
{
	struct stop stop = xresume(PTRACE_SYSCALL, before->pid, 0);

	if (stop.kind != STOP_SYSCALL)
		broken("%s instead of the syscall-exit-stop", stop_text(stop));
	return xgetregs(before->pid);
}

/* --- changing memory -------------------------------------------------------------------------- */

static unsigned char byte_at(pid_t pid, unsigned long address)
{
	return (unsigned char)xpeek(PTRACE_PEEKTEXT, pid, address);
}

/* Write a byte by PTRACE_POKEDATA, which takes whole words. */
static void write_byte(pid_t pid, unsigned long address, unsigned char byte)
{
	long word = xpeek(PTRACE_PEEKDATA, pid, address);

	memcpy(&word, &byte, sizeof(byte));
	xptrace(PTRACE_POKEDATA, pid, address, word);
}

static void read_bytes(pid_t pid, unsigned long address, void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((unsigned char *)bytes)[i] = byte_at(pid, address + i);
}

static void write_bytes(pid_t pid, unsigned long address, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a byte of a longer word */
		write_byte(pid, address + i, ((const unsigned char *)bytes)[i]);
}

/* "r-xp", of the mapping that holds an address. */
static const char *perms_of(pid_t pid, unsigned long address)
{
	struct maps maps = read_maps(pid);
	const struct mapping *mapping = maps_find(&maps, address);
	const char *perms = text("%s", mapping != NULL ? mapping->perms : "none");

	maps_free(&maps);
	return perms;
}

/* The word that the tracee's file has where the tracee's memory has `address`. */
static long word_on_disk(const struct before *before, unsigned long address)
{
	struct maps maps = read_maps(before->pid);
	const struct mapping *mapping = maps_find(&maps, address);
	int file = open_file(before->pid);
	long word;

	if (mapping == NULL || strcmp(mapping->path, tracee_path()) != 0 ||
		pread(file, &word, sizeof(word),
			(off_t)(mapping->offset + address - mapping->start)) != sizeof(word))
		broken("no byte of the file is mapped at %#lx", address);
	close(file);
	maps_free(&maps);
	return word;
}

/* --- injecting -------------------------------------------------------------------------------- */

/* Where a SYSCALL instruction is that any program has mapped: in the vdso. */
static unsigned long a_syscall_instruction(pid_t pid)
{
	struct maps own = read_maps(getpid()), maps = read_maps(pid);
	const struct mapping *from = executable(&own, "[vdso]"), *to = executable(&maps, "[vdso]");
	const char *found =
		memmem((const void *)from->start, from->end - from->start, "\x0f\x05", 2);

	if (found == NULL)
		broken("no SYSCALL instruction in the vdso");

	unsigned long address = to->start + ((unsigned long)found - from->start);

	maps_free(&own);
	maps_free(&maps);
	return address;
}

/*
 * Have the tracee make a system call, from a stop that is no syscall-stop, and put every register
 * back, orig_rax and an error that asks for a restart among them. No byte of it is written: the
 * call is made with an instruction that is there. A step over SYSCALL ends behind it, with the
 * result.
 */
#define inject(pid, ...) inject_call(pid, (const long[7]){ __VA_ARGS__ })

static long inject_call(pid_t pid, const long words[7])
{
	struct user_regs_struct saved = xgetregs(pid), regs = saved;

	regs.rip = a_syscall_instruction(pid);
	regs.rax = (unsigned long)words[0];
	regs.orig_rax = -1UL;
	for (unsigned n = 0; n < 6; n++)
		*regs_argument(&regs, n) = (unsigned long)words[1 + n];
	xsetregs(pid, &regs);

	struct stop stop = step(pid);

	if (stop.kind != STOP_SIGNAL || stop.detail != SIGTRAP)
		broken("%s behind an injected call", stop_text(stop));

	long result = (long)xgetregs(pid).rax;

	xsetregs(pid, &saved);
	return result;
}

/* A page of new memory in the tracee. */
static unsigned long inject_page(pid_t pid)
{
	long page = inject(
		pid, SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if ((unsigned long)page > -(unsigned long)PAGE)
		broken("injected mmap: %s", errno_text((int)-page));
	role_address("page", (unsigned long)page, PAGE);
	return (unsigned long)page;
}

static void interrupt(pid_t pid)
{
	xptrace(PTRACE_INTERRUPT, pid, 0L, 0L);

	struct stop stop = stop_wait(pid);

	if (stop.kind != STOP_EVENT || stop.detail != PTRACE_EVENT_STOP)
		broken("%s instead of the stop asked for", stop_text(stop));
}

/* A scene that was interrupted while it is blocked in a call. */
static struct before in_call(const char *scene, long number)
{
	struct tracee tracee = tracee_start_seized(scene, 0);

	proc_wait_blocked(tracee.pid, number);
	interrupt(tracee.pid);
	return capture(tracee);
}

/* Resume one, see it blocked in a call again, and judge that only the trace is left. */
static void expect_blocked_again(struct before *before, long number, const char *trace)
{
	xptrace(PTRACE_CONT, before->pid, 0L, 0L);
	proc_wait_blocked(before->pid, number);
	expect_str(syscall_name(number), syscall_name(proc_syscall(before->pid)),
		"resumed: it is blocked in");
	interrupt(before->pid);
	expect_undone(before, trace);
}

/* --- memory ----------------------------------------------------------------------------------- */

/*
 * What does a program do whose variable was changed? Predicted: it computes with the new value, and
 * nothing but the word differs: the page of a variable is the process's own already, and the file
 * keeps the value that the variable began with.
 */
static void variable(void)
{
	struct before before = at_gate();
	unsigned long price = told_place(&before.tracee, "price", 8);

	expect_errno(0, ptrace(PTRACE_POKEDATA, before.pid, price, 1000), "POKEDATA of 1000");
	expect_eq(1000, xpeek(PTRACE_PEEKDATA, before.pid, price), "the variable in memory");
	expect_eq(7, word_on_disk(&before, price), "the variable on disk");
	play_round(&before);
	expect_changed(&before, "price is 7 -> 1000", "none");
	xptrace(PTRACE_POKEDATA, before.pid, price, 7L);
	expect_unchanged(&before, "none");
}

/*
 * Can an instruction be changed, though text may not be written? Predicted: yes. POKETEXT forces
 * its way into a private mapping, whose page is copied first (FOLL_FORCE; do_wp_page()). The byte
 * can be written back; the copy stays, and that can be seen.
 */
static void instruction(void)
{
	struct before before = at_gate();
	unsigned long answer = told_place(&before.tracee, "answer", 6);

	expect_str("r-xp", perms_of(before.pid, answer), "the mapping");
	write_byte(before.pid, answer + 1, 43);
	expect_hex(0x2bb8, (unsigned long)xpeek(PTRACE_PEEKTEXT, before.pid, answer) & 0xffff,
		"mov $43, %%eax in memory: its first bytes");
	expect_hex(0x2ab8, (unsigned long)word_on_disk(&before, answer) & 0xffff, "on disk");
	play_round(&before);
	expect_changed(
		&before, "answer() 42 -> 43", "1 byte of the text, 1 copied page of the text");
	write_byte(before.pid, answer + 1, 42);
	expect_unchanged(&before, "1 copied page of the text");
}

/*
 * Can a decision be changed for good, not only once? Predicted: yes, with one byte: jae, 73,
 * becomes jmp, eb, of the same length. Setting a flag at the branch, as lab 02 does, turns it once.
 */
static void branch(void)
{
	struct before before = at_gate();
	unsigned long at = told_place(&before.tracee, "admits_branch", 2);

	expect_hex(0x73, byte_at(before.pid, at), "the first byte of the branch, jae");
	write_byte(before.pid, at, 0xeb);
	play_round(&before);
	expect_changed(
		&before, "admits(17) 0 -> 1", "1 byte of the text, 1 copied page of the text");
	*told_slot(&before.tracee, "admits(17)") = -1; /* to be told again */
	play_round(&before);
	expect_changed(
		&before, "admits(17) 0 -> 1", "1 byte of the text, 1 copied page of the text");
	write_byte(before.pid, at, 0x73);
	expect_unchanged(&before, "1 copied page of the text");
}

/*
 * Can every call of a function be sent to another one? Predicted: yes, by a jump written over its
 * first five bytes, whoever calls it and in whatever way: here by name and through a pointer. No
 * thread may stand in those bytes meanwhile; at the gate none does.
 */
static void function_redirected(void)
{
	struct before before = at_gate();
	unsigned long hello = told_place(&before.tracee, "hello", 6);
	unsigned char jump[5] = { 0xe9 }, original[5];
	int distance =
		(int)((unsigned long)told(&before.tracee, "goodbye") - (hello + sizeof(jump)));

	read_bytes(before.pid, hello, original, sizeof(original));
	memcpy(jump + 1, &distance, sizeof(distance));
	write_bytes(before.pid, hello, jump, sizeof(jump));
	play_round(&before);
	expect_changed(&before, "hello() 1 -> 2, chosen() 1 -> 2",
		"1 byte of the text, 1 copied page of the text");
	write_bytes(before.pid, hello, original, sizeof(original));
	expect_unchanged(&before, "1 copied page of the text");
}

/*
 * And without a changed byte of code? Predicted: calls through a pointer follow the pointer, which
 * is data; nothing shows it but the word itself. Calls by name are not affected.
 */
static void pointer_redirected(void)
{
	struct before before = at_gate();
	unsigned long chosen = told_place(&before.tracee, "chosen", 8);

	told_place(&before.tracee, "hello", 6);
	expect_address((unsigned long)told(&before.tracee, "hello"),
		(unsigned long)xpeek(PTRACE_PEEKDATA, before.pid, chosen), "the pointer");
	xptrace(PTRACE_POKEDATA, before.pid, chosen, told(&before.tracee, "goodbye"));
	play_round(&before);
	expect_changed(&before, "chosen() 1 -> 2", "none");
	xptrace(PTRACE_POKEDATA, before.pid, chosen, told(&before.tracee, "hello"));
	expect_unchanged(&before, "none");
}

/* movq $12345, (%rsi); xor %eax, %eax; ret: it is always that second. */
static const unsigned char stopped_clock[] = { 0x48, 0xc7, 0x06, 0x39, 0x30, 0x00, 0x00, 0x31, 0xc0,
	0xc3 };

/* The address of a function of the vdso in a process. */
static unsigned long vdso_function(pid_t pid, const char *name)
{
	struct maps maps = read_maps(pid);
	const struct mapping *vdso = executable(&maps, "[vdso]");
	struct elf elf;
	struct elf_symbol symbol;
	unsigned long start = vdso->start;
	const char *wrong =
		elf_parse(&elf, (const void *)getauxval(AT_SYSINFO_EHDR), vdso->end - vdso->start);

	if (wrong != NULL || elf_find(&elf, name, &symbol) != 1)
		broken("%s in the vdso: %s", name, wrong != NULL ? wrong : "not found");
	maps_free(&maps);
	role_address(name, start + symbol.value, symbol.size);
	return start + symbol.value;
}

/*
 * The time is read without a system call. Can it be changed for one process? Predicted: yes. The
 * vdso is a private mapping of the kernel's pages; a write copies the page for this process alone.
 */
static void vdso_changed(void)
{
	struct before before = at_gate();
	unsigned long gettime = vdso_function(before.pid, "__vdso_clock_gettime");
	unsigned char original[sizeof(stopped_clock)];
	struct timespec now;

	read_bytes(before.pid, gettime, original, sizeof(original));
	write_bytes(before.pid, gettime, stopped_clock, sizeof(stopped_clock));
	play_round(&before);
	expect_changed(&before, "wrong time 0 -> 12345",
		"10 bytes of the vdso, 1 copied page of the vdso");
	clock_gettime(CLOCK_REALTIME, &now);
	expect_true(now.tv_sec != 12345, "the tracer's own clock is right");
	write_bytes(before.pid, gettime, original, sizeof(original));
	expect_unchanged(&before, "1 copied page of the vdso");
}

/*
 * Does ps tell what a program was called with? Predicted: what stands in the program's memory now.
 * /proc/PID/cmdline is read from there (get_mm_cmdline()); the name, in /proc/PID/status and comm,
 * is the kernel's own copy. It stays, and is changed by a call of its own, prctl(PR_SET_NAME).
 */
static void argv_changed(void)
{
	struct before before = at_gate();
	unsigned long name = (unsigned long)told(&before.tracee, "program_invocation_name");
	char command[1024];

	write_bytes(before.pid, name, "editor", strlen("editor"));
	play_round(&before);
	expect_changed(&before, "argv[0] 116 -> 101", "command line");
	read_proc(before.pid, "cmdline", command, sizeof(command));
	expect_str("editor", command, "the first word of /proc/PID/cmdline");
	expect_str("tracee", proc_status(before.pid, "Name"), "Name in /proc/PID/status");
	expect_eq(0, inject(before.pid, SYS_prctl, PR_SET_NAME, (long)name), "injected prctl()");
	play_round(&before);
	expect_changed(&before, "argv[0] 116 -> 101, byte read 116 -> 101", "command line, name");
	write_bytes(before.pid, name, "tracee", strlen("tracee"));
	expect_eq(0, inject(before.pid, SYS_prctl, PR_SET_NAME, (long)name), "injected prctl()");
	expect_unchanged(&before, "none");
}

/*
 * Can the copied page be undone too? Predicted: yes, from inside. MADV_DONTNEED drops a process's
 * own copy of a private file page; the next use reads the file's page again (madvise(2)). So the
 * changed byte need not even be written back.
 */
static void copied_page(void)
{
	struct before before = at_gate();
	unsigned long answer = (unsigned long)told(&before.tracee, "answer");

	write_byte(before.pid, answer + 1, 43);
	play_round(&before);
	expect_changed(
		&before, "answer() 42 -> 43", "1 byte of the text, 1 copied page of the text");
	expect_eq(0, inject(before.pid, SYS_madvise, (long)answer & -PAGE, PAGE, MADV_DONTNEED),
		"injected madvise(MADV_DONTNEED) of the page");
	expect_eq(42, byte_at(before.pid, answer + 1), "the byte, not written back");
	expect_unchanged(&before, "none");
}

/* Judge that a "spin" scene that was mended computes rightly: the sum that it was at may still come
 * out wrong. */
static void expect_sums_right(const struct tracee *tracee)
{
	long sums = wait_told(tracee, ".sums", told(tracee, ".sums") + 2);
	long wrong = told(tracee, ".wrong sums");

	wait_told(tracee, ".sums", sums + 1000);
	expect_eq(0, told(tracee, ".wrong sums") - wrong, "mended: wrong sums, of 1000");
}

/*
 * Must a program stand still to be changed? Predicted: no, nor be traced. /proc/PID/mem takes the
 * right to attach, not an attachment, and one byte of an instruction changes at once for whoever
 * executes it.
 */
static void running_patched(void)
{
	struct tracee tracee = tracee_start("spin");
	unsigned long answer = (unsigned long)told(&tracee, "answer");
	int mem = mem_open(tracee.pid, O_RDWR);
	const unsigned char wrong = 43, right = 42;
	struct before before;

	wait_told(&tracee, ".sums", 1);
	before = capture(tracee);
	expect_eq(0, told(&tracee, ".wrong sums"), "wrong sums");
	if (mem_write(mem, answer + 1, &wrong, sizeof(wrong)) != sizeof(wrong))
		skip("/proc/PID/mem may not write text here: %s", errno_text(errno));
	wait_told(&tracee, ".wrong sums", 1000);
	expect_changed(&before, "as before", "1 byte of the text, 1 copied page of the text");
	expect_eq(0, proc_number(before.pid, "TracerPid"), "TracerPid");
	expect_eq(1, (long)mem_write(mem, answer + 1, &right, sizeof(right)), "bytes written back");
	expect_sums_right(&tracee);
	expect_undone(&before, "1 copied page of the text");
}

/*
 * Does a change outlive its tracer? Predicted: a change of memory does: it belongs to the tracee,
 * and is only undone by somebody who knows what stood there. Any other tracer will do.
 */
static void tracer_gone(void)
{
	struct tracee tracee = tracee_start("spin");
	unsigned long answer = (unsigned long)told(&tracee, "answer");
	struct before before;

	wait_told(&tracee, ".sums", 1);
	before = capture(tracee);

	pid_t helper = fork_helper();

	if (helper == 0) {
		xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
		interrupt(tracee.pid);
		write_byte(tracee.pid, answer + 1, 43);
		_exit(0);
	}
	expect_stop(STOP_EXITED, 0, stop_wait(helper), "the tracer that made the change");
	wait_told(&tracee, ".wrong sums", 1000);
	expect_eq(0, proc_number(tracee.pid, "TracerPid"), "TracerPid");
	expect_changed(&before, "as before", "1 byte of the text, 1 copied page of the text");
	xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
	interrupt(tracee.pid);
	write_byte(tracee.pid, answer + 1, 42);
	xptrace(PTRACE_DETACH, tracee.pid, 0L, 0L);
	expect_sums_right(&tracee);
	expect_undone(&before, "1 copied page of the text");
}

/* A copy of the tracee by an injected fork, which runs on from the same gate. It is seized as the
 * tracee is, and tells on the same page; without an exit signal nobody is told of its end. */
static struct before injected_copy(const struct before *before)
{
	struct user_regs_struct saved = xgetregs(before->pid), regs = saved;
	struct before copy = *before;
	unsigned long child;

	xptrace(PTRACE_SETOPTIONS, before->pid, 0L, PTRACE_O_TRACECLONE);
	regs.rip = a_syscall_instruction(before->pid);
	regs.rax = SYS_clone;
	regs.rdi = regs.rsi = regs.rdx = regs.r10 = regs.r8 = 0;
	xsetregs(before->pid, &regs);
	if (run(before->pid).detail != PTRACE_EVENT_CLONE)
		broken("no event of an injected clone");
	xptrace(PTRACE_GETEVENTMSG, before->pid, 0L, &child);
	copy.pid = copy.tracee.pid = (pid_t)child;
	role_pid("copy", copy.pid);
	stop_wait(copy.pid);
	xsetregs(copy.pid, &saved);
	if (step(before->pid).detail != SIGTRAP)
		broken("no step behind an injected clone");
	xsetregs(before->pid, &saved);
	return copy;
}

/*
 * Whom does it reach that a process's text was changed? Predicted: its children, which share the
 * copied page with it; not another process of the same file. The child here is the tracee's copy in
 * the middle of its work: it plays the next round too, and is then removed without a trace.
 */
static void inherited(void)
{
	struct before other = at_gate(), before = at_gate(), copy;
	unsigned long answer = (unsigned long)told(&before.tracee, "answer");

	write_byte(before.pid, answer + 1, 43);
	copy = injected_copy(&before);
	write_byte(before.pid, answer + 1, 42);
	play_round(&copy);
	note("the child:");
	expect_changed(&copy, "answer() 42 -> 43", "1 byte of the text, 1 copied page of the text");
	note("another process of the same file:");
	expect_unchanged(&other, "none");
	if (kill(copy.pid, SIGKILL) == -1)
		broken("kill: %s", errno_text(errno));
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(copy.pid), "the copy");
	expect_pid(copy.pid, (pid_t)inject(before.pid, SYS_wait4, copy.pid, 0, __WALL, 0),
		"injected wait4() of it");
	note("the process itself:");
	expect_unchanged(&before, "1 copied page of the text");
}

/* --- system calls ----------------------------------------------------------------------------- */

/*
 * What is written of five bytes when the tracer makes the count two? Predicted: two, and the
 * program is told so. The kernel keeps no other copy of the arguments than the registers, so rdx
 * has to be put back at the exit (lab 02, arguments-stay-changed).
 */
static void argument_changed(void)
{
	struct before before = at_gate();
	struct user_regs_struct regs = to_call(&before, SYS_pwrite64);

	expect_eq(5, (long)regs.rdx, "rdx, the count");
	regs.rdx = 2;
	xsetregs(before.pid, &regs);
	regs = to_exit(&before);
	expect_eq(2, (long)regs.rax, "rax, the result");
	regs.rdx = 5;
	xsetregs(before.pid, &regs);
	play_round(&before);
	expect_changed(&before, "write 5 -> 2", "none");
	expect_unchanged(&before, "none");
}

/*
 * Can a call that was made be made to have failed? Predicted: yes, for the program: rax at the exit
 * is what it gets. What the call did stays done: the bytes that read(2) delivered are in the
 * buffer.
 */
static void result_changed(void)
{
	struct before before = at_gate();

	to_call(&before, SYS_read);

	struct user_regs_struct regs = to_exit(&before);

	expect_eq(4, (long)regs.rax, "rax, the result");
	regs.rax = -(unsigned long)EIO;
	xsetregs(before.pid, &regs);
	play_round(&before);
	expect_changed(&before, "read 4 -> -5", "none");
	expect_unchanged(&before, "none");
}

/*
 * Can one call become another? Predicted: yes, by orig_rax at the entry; the arguments are then
 * read as the other call's. Here pwrite64(fd, ...) becomes fdatasync(fd).
 */
static void number_changed(void)
{
	struct before before = at_gate();
	struct user_regs_struct regs = to_call(&before, SYS_pwrite64);

	regs.orig_rax = SYS_fdatasync;
	xsetregs(before.pid, &regs);
	regs = to_exit(&before);
	expect_eq(SYS_fdatasync, (long)regs.orig_rax, "orig_rax at the exit");
	play_round(&before);
	expect_changed(&before, "write 5 -> 0", "none");
	expect_unchanged(&before, "none");
}

/* The four bytes at an address. */
static const char *delivered(pid_t pid, unsigned long address)
{
	long word = xpeek(PTRACE_PEEKDATA, pid, address);

	return text("%.4s", (const char *)&word);
}

/* At the entry of a call: do not make it. Its result is what stands in rax, -ENOSYS. */
static void skip_call(const struct before *before, struct user_regs_struct regs)
{
	regs.orig_rax = -1UL;
	xsetregs(before->pid, &regs);
}

/* The same, with this for its result. */
static void answer_call(const struct before *before, struct user_regs_struct regs, long result)
{
	regs.rax = (unsigned long)result;
	skip_call(before, regs);
}

/*
 * Can a call be denied? Predicted: yes: -1 for its number skips it, and rax is then the result. The
 * program follows its error path: here it goes on with -1 for a descriptor, and its read fails with
 * EBADF.
 */
static void call_denied(void)
{
	struct before before = at_gate();

	answer_call(&before, to_call(&before, SYS_openat), -EPERM);
	expect_eq(-EPERM, (long)to_exit(&before).rax, "rax at the exit");
	play_round(&before);
	expect_changed(&before, "open 0 -> -1, read 4 -> -9, byte read 116 -> 63", "none");
	expect_unchanged(&before, "none");
}

/*
 * What does a program make of a success that was none? Predicted: it takes what its buffer held
 * before, here '?', for what was read.
 */
static void success_without_call(void)
{
	struct before before = at_gate();

	answer_call(&before, to_call(&before, SYS_read), 4);
	play_round(&before);
	expect_changed(&before, "byte read 116 -> 63", "none");
	expect_unchanged(&before, "none");
}

/*
 * Can the tracer change what a call delivered? Predicted: yes, at its exit, in the program's own
 * buffer, before the program has looked at it.
 */
static void delivery_changed(void)
{
	struct before before = at_gate();

	to_call(&before, SYS_read);

	struct user_regs_struct regs = to_exit(&before);

	expect_str("trac", delivered(before.pid, regs.rsi), "the buffer at the exit");
	write_byte(before.pid, regs.rsi, 'T');
	play_round(&before);
	expect_changed(&before, "byte read 116 -> 84", "none");
	expect_unchanged(&before, "none");
}

/*
 * Can a call be made twice, and the program see it once? Predicted: yes. At the exit, rip back by
 * the two bytes of SYSCALL and the number back in rax is where the program was before the call; the
 * kernel does the same to restart one. The second read(2) goes on where the first one ended.
 */
static void call_repeated(void)
{
	struct before before = at_gate();

	to_call(&before, SYS_read);

	struct user_regs_struct regs = to_exit(&before);

	regs.rip -= 2;
	regs.rax = regs.orig_rax;
	xsetregs(before.pid, &regs);
	to_call(&before, SYS_read);
	expect_eq(3, (long)to_exit(&before).rax, "rax, the result of the second");
	play_round(&before);
	expect_changed(&before, "read 4 -> 3, byte read 116 -> 101", "none");
	expect_unchanged(&before, "none");
}

/*
 * Can open(2) be given another path, longer than the program's own? Predicted: yes, in a page that
 * the tracee did not have: mapped by an injected call, named in rsi, unmapped when the call has
 * returned. The program's own string is never written.
 */
static void path_redirected(void)
{
	static const char path[] = "/proc/self/limits";
	struct before before = at_gate();
	unsigned long page = inject_page(before.pid), its_own;

	write_bytes(before.pid, page, path, sizeof(path));

	struct user_regs_struct regs = to_call(&before, SYS_openat);

	its_own = regs.rsi;
	regs.rsi = page;
	xsetregs(before.pid, &regs);
	regs = to_exit(&before);
	regs.rsi = its_own;
	xsetregs(before.pid, &regs);
	play_round(&before);
	expect_changed(&before, "byte read 116 -> 76", "+4 KiB mapped");
	expect_eq(0, inject(before.pid, SYS_munmap, (long)page, PAGE), "injected munmap()");
	expect_unchanged(&before, "none");
}

/*
 * Can a fault be aimed at the n-th call, at all from the n-th on, or at every n-th? Predicted: yes,
 * by counting entries; the program makes six calls, and says for each whether it succeeded. This is
 * what strace's inject= does with when=.
 */
static void nth_call(void)
{
	static const struct {
		const char *when, *tells;
		unsigned first, step; /* step 0: only the first */
	} cases[] = {
		{ "3", "six reads 111111 -> 110111", 3 },      /* the third alone */
		{ "3+", "six reads 111111 -> 110000", 3, 1 },  /* it and the rest */
		{ "2+2", "six reads 111111 -> 101010", 2, 2 }, /* it and every second one behind */
		{ "7", "as before", 7 },                       /* the program never gets so far */
	};
	struct before before = at_gate();

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned next = cases[i].first;

		for (unsigned n = 1; n <= 6; n++) {
			struct user_regs_struct regs = to_call(&before, SYS_pread64);

			if (n == next) {
				answer_call(&before, regs, -EIO);
				next += cases[i].step;
			}
		}
		play_round(&before);
		note("when=%s", cases[i].when);
		expect_changed(&before, cases[i].tells, "none");
	}
	expect_unchanged(&before, "none");
}

/*
 * Can a signal be made to come with a call? Predicted: yes. A signal given when resuming from a
 * syscall-stop is not injected but sent (ptrace_report_syscall(): send_sig()): the call goes on to
 * its exit, then the signal is reported as any other is, as one of the kernel's own.
 */
static void signal_with_call(void)
{
	struct before before = at_gate();

	to_call(&before, SYS_read);
	expect_errno(0, ptrace(PTRACE_SYSCALL, before.pid, 0, SIGUSR2),
		"PTRACE_SYSCALL with SIGUSR2 at the entry of read()");
	expect_stop(STOP_SYSCALL, 0, stop_wait(before.pid), "then");
	expect_eq(4, (long)xgetregs(before.pid).rax, "rax, the result");
	expect_stop(STOP_SIGNAL, SIGUSR2, run(before.pid), "then");
	expect_eq(SI_KERNEL, xgetsiginfo(before.pid).si_code, "its si_code, SI_KERNEL");
	deliver(&before, SIGUSR2);
	expect_changed(&before, "usr2 0 -> 1", "none");
	expect_unchanged(&before, "none");
}

#define DELAY_MS 20

static void let_time_pass(int64_t ms)
{
	int64_t until = clock_now_ns() + ms * 1000000;

	while (clock_now_ns() < until)
		sched_yield();
}

/*
 * What does a program notice of a call that was held up at its entry and at its exit? Predicted:
 * that it took longer, and nothing else; it is the one trace that cannot be taken back.
 */
static void call_delayed(void)
{
	struct before before = at_gate();

	to_call(&before, SYS_openat);
	let_time_pass(DELAY_MS);
	to_exit(&before);
	let_time_pass(DELAY_MS);
	play_round(&before);
	expect_ge(2L * DELAY_MS * 1000000, told(&before.tracee, ".open ns"), "ns that open() took");
	expect_changed(&before, "as before", "none");
	expect_unchanged(&before, "none");
}

/*
 * Can a call be made to fail without touching it? Predicted: yes. prlimit(2) reaches into another
 * process without ptrace(); with no descriptor left to have, open(2) fails with EMFILE, honestly.
 */
static void limit_lowered(void)
{
	struct before before = at_gate();
	struct rlimit limit, none;

	if (prlimit(before.pid, RLIMIT_NOFILE, NULL, &limit) == -1)
		broken("prlimit: %s", errno_text(errno));
	none = (struct rlimit){ .rlim_max = limit.rlim_max };
	expect_errno(0, prlimit(before.pid, RLIMIT_NOFILE, &none, NULL), "prlimit of its files, 0");
	play_round(&before);
	expect_changed(&before, "open 0 -> -24, read 4 -> -9, byte read 116 -> 63", "limits");
	expect_errno(0, prlimit(before.pid, RLIMIT_NOFILE, &limit, NULL), "prlimit back");
	expect_unchanged(&before, "none");
}

/* --- injected calls --------------------------------------------------------------------------- */

/*
 * Can a program that computes be made to do a system call? Predicted: yes, at any instruction, and
 * it goes on with the sum that it was at: getpid() changes nothing but registers, and those are put
 * back.
 */
static void inject_running(void)
{
	struct tracee tracee = tracee_start_seized("spin", 0);
	struct before before = { 0 };
	struct samples ns = { 0 };
	long sums = told(&tracee, ".sums"), right = 0;

	for (int i = 0; i < 100; i++) {
		sums = wait_told(&tracee, ".sums", sums + 1);
		interrupt(tracee.pid);
		if (i == 0)
			before = capture(tracee);

		int64_t start = clock_now_ns();

		right += inject(tracee.pid, SYS_getpid) == tracee.pid;
		samples_add(&ns, (double)(clock_now_ns() - start) / 1000);
		if (i == 0)
			expect_undone(&before, "none");
		xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
	}
	expect_eq(-1, (long)before.state.regs.orig_rax, "orig_rax at the stop: it is in no call");
	expect_always(right, 100, "injected getpid() tells the tracee's pid");
	note_live("one injection: %s", samples_text(&ns, "us"));
	wait_told(&tracee, ".sums", sums + 1000);
	expect_eq(0, told(&tracee, ".wrong sums"), "wrong sums");
}

/* Write a byte to the pipe that a blocked "read" scene reads. */
static void wake_reader(const struct before *before)
{
	int pipe = open(text("/proc/%d/fd/%ld", before->pid, told(&before->tracee, "wake")),
		O_WRONLY | O_CLOEXEC);

	if (pipe == -1 || write(pipe, "x", 1) != 1)
		broken("write to the tracee's pipe: %s", errno_text(errno));
	close(pipe);
}

/*
 * And one that is blocked in a call? Predicted: the same. At the stop the call is already unwound:
 * rax says that it is to be restarted. With every register put back, it is.
 */
static void inject_blocked(void)
{
	struct before before = in_call("read", SYS_read);

	expect_eq(-ERESTARTSYS, (long)before.state.regs.rax, "rax, -ERESTARTSYS");
	expect_pid(before.pid, (pid_t)inject(before.pid, SYS_getpid), "injected getpid()");
	expect_undone(&before, "none");
	xptrace(PTRACE_CONT, before.pid, 0L, 0L);
	proc_wait_blocked(before.pid, SYS_read);
	wake_reader(&before);
	expect_stop(STOP_SIGNAL, SIGTRAP, stop_wait(before.pid), "woken");
	expect_eq(1, told(&before.tracee, "read"), "read(), as the program sees it");
}

/*
 * What if orig_rax is not put back? Predicted: then there is no call to restart, and the kernel's
 * own word for it, which no program is ever to see, becomes the result: errno 512.
 */
static void errno_512(void)
{
	struct before before = in_call("read", SYS_read);
	struct user_regs_struct regs;

	expect_pid(before.pid, (pid_t)inject(before.pid, SYS_getpid), "injected getpid()");
	regs = before.state.regs;
	regs.orig_rax = -1UL;
	xsetregs(before.pid, &regs);
	expect_changed(&before, "as before", "orig_rax");
	expect_stop(STOP_SIGNAL, SIGTRAP, run(before.pid), "resumed");
	expect_eq(-ERESTARTSYS, told(&before.tracee, "read"), "read(), as the program sees it");
}

/*
 * Does a sleep go on after another call was injected? Predicted: yes. What is left of it is not in
 * registers but in the task's restart block, which getpid() does not touch; the call that goes on
 * is restart_syscall().
 */
static void inject_sleeping(void)
{
	struct before before = in_call("sleep", SYS_nanosleep);

	expect_eq(
		-ERESTART_RESTARTBLOCK, (long)before.state.regs.rax, "rax, -ERESTART_RESTARTBLOCK");
	expect_pid(before.pid, (pid_t)inject(before.pid, SYS_getpid), "injected getpid()");
	expect_undone(&before, "none");
	expect_blocked_again(&before, SYS_restart_syscall, "orig_rax");
}

/* nanosleep() for a nanosecond, its argument below the tracee's red zone. */
static long inject_nap(pid_t pid)
{
	static const struct timespec nap = { .tv_nsec = 1 };
	unsigned long place = ((unsigned long)xgetregs(pid).rsp & ~15UL) - RED_ZONE - 64;
	struct timespec saved;

	read_bytes(pid, place, &saved, sizeof(saved));
	write_bytes(pid, place, &nap, sizeof(nap));

	long result = inject(pid, SYS_nanosleep, (long)place);

	write_bytes(pid, place, &saved, sizeof(saved));
	return result;
}

/*
 * And after an injected sleep? Predicted: no. There is one restart block, and nanosleep() resets it
 * when it is called. The registers are back, nothing shows a difference, and the program's hour of
 * sleep ends at once with EINTR. What the tracer can do is to have the call begin again, forging
 * the error that asks for it: the time slept is then lost.
 */
static void restart_block(void)
{
	struct before before = in_call("sleep", SYS_nanosleep);
	struct user_regs_struct regs;

	expect_eq(0, inject_nap(before.pid), "injected nanosleep()");
	expect_undone(&before, "none");
	expect_stop(STOP_SIGNAL, SIGTRAP, run(before.pid), "resumed: the program is at its gate");
	expect_eq(-EINTR, told(&before.tracee, "sleep"), "the sleep, as the program sees it");

	before = in_call("sleep", SYS_nanosleep);
	regs = before.state.regs;
	expect_eq(0, inject_nap(before.pid), "injected nanosleep()");
	regs.rax = -(unsigned long)ERESTARTNOHAND;
	xsetregs(before.pid, &regs);
	expect_changed(&before, "as before", "rax");
	expect_blocked_again(&before, SYS_nanosleep, "none");
}

/*
 * Which call does not survive even the stop? Predicted: epoll_wait(2), one of those that return
 * EINTR whenever they are woken (signal(7)): rax says so at the stop already. But nothing has left
 * the kernel yet: with an error that asks for a restart in its place, the call is made again, and
 * the program never knows.
 */
static void eintr_mended(void)
{
	struct before before = in_call("epoll", SYS_epoll_wait);
	struct user_regs_struct regs;

	expect_eq(-EINTR, (long)before.state.regs.rax, "rax at the stop, -EINTR");
	expect_stop(STOP_SIGNAL, SIGTRAP, run(before.pid), "resumed: the program is at its gate");
	expect_eq(
		-EINTR, told(&before.tracee, "epoll_wait"), "epoll_wait(), as the program sees it");

	before = in_call("epoll", SYS_epoll_wait);
	regs = before.state.regs;
	regs.rax = -(unsigned long)ERESTARTNOHAND;
	xsetregs(before.pid, &regs);
	expect_changed(&before, "as before", "rax");
	expect_blocked_again(&before, SYS_epoll_wait, "none");
}

/* --- calling functions ------------------------------------------------------------------------ */

/* What a tracer that calls a function may forget. */
struct care {
	const char *what;
	bool red_zone, vectors, flags;
	const char *differs; /* after one call */
	bool right;          /* whether leaf(1000) is still 2001 */
};

static const struct care all_care = { "", true, true, true, "none", true };

/* FPU and vector registers, in the largest form that the machine has. */
struct vectors {
	long set;
	struct iovec iov;
	unsigned char bytes[16384];
};

static void get_vectors(pid_t pid, struct vectors *vectors)
{
	vectors->set = NT_X86_XSTATE;
	vectors->iov = (struct iovec){ vectors->bytes, sizeof(vectors->bytes) };
	if (ptrace(PTRACE_GETREGSET, pid, vectors->set, &vectors->iov) != -1)
		return;
	vectors->set = NT_PRFPREG; /* a processor without XSAVE */
	xptrace(PTRACE_GETREGSET, pid, vectors->set, &vectors->iov);
}

static void put_vectors(pid_t pid, struct vectors *vectors)
{
	xptrace(PTRACE_SETREGSET, pid, vectors->set, &vectors->iov);
}

/* A function of the tracee's, and what it is called with. */
struct call {
	unsigned long function, first, second;
};

/*
 * Set the registers so that the tracee enters a function when it is resumed, `skip` bytes below its
 * stack; it returns to the trap at "landing". The psABI wants rsp aligned before the return address
 * is pushed, and DF clear.
 */
static void enter_function(const struct tracee *tracee, unsigned long skip, struct call call)
{
	struct user_regs_struct regs = xgetregs(tracee->pid);

	regs.rsp = ((regs.rsp - skip) & ~15UL) - 8;
	xptrace(PTRACE_POKEDATA, tracee->pid, regs.rsp, told(tracee, "landing"));
	regs.rip = call.function;
	regs.rdi = call.first;
	regs.rsi = call.second;
	regs.eflags &= ~FLAG_DF;
	regs.orig_rax = -1UL;
	xsetregs(tracee->pid, &regs);
}

/* The result of a function that was entered, in this stop, which must be its return. */
static unsigned long returned(const struct tracee *tracee, struct stop stop)
{
	struct user_regs_struct regs = xgetregs(tracee->pid);

	if (stop.detail != SIGTRAP || regs.rip != (unsigned long)told(tracee, "landing") + 1)
		broken("%s instead of the landing", stop_text(stop));
	return regs.rax;
}

/* Have the tracee, wherever it is stopped, call a function, and put back what that may have changed. */
static unsigned long call_function(
	const struct tracee *tracee, const struct care *care, struct call call)
{
	struct user_regs_struct saved = xgetregs(tracee->pid);
	struct vectors vectors;
	unsigned long result;

	get_vectors(tracee->pid, &vectors);
	enter_function(tracee, care->red_zone ? RED_ZONE : 0, call);
	result = returned(tracee, run(tracee->pid));
	if (!care->flags)
		saved.eflags = xgetregs(tracee->pid).eflags;
	xsetregs(tracee->pid, &saved);
	if (care->vectors)
		put_vectors(tracee->pid, &vectors);
	return result;
}

static void call_spoiler(const struct tracee *tracee, const struct care *care)
{
	call_function(tracee, care, (struct call){ (unsigned long)told(tracee, "spoiler") });
}

/* Step through leaf(), from behind its first trap to the last, and call a function before each
 * instruction. Returns how many there are, and of them in *aligned those where rsp is. */
static long call_everywhere(const struct tracee *tracee, const struct care *care, long *aligned)
{
	unsigned long end = (unsigned long)told(tracee, "leaf_end");
	long steps = 0;
	struct user_regs_struct regs;

	*aligned = 0;
	while ((regs = xgetregs(tracee->pid)).rip != end) {
		call_spoiler(tracee, care);
		*aligned += regs.rsp % 16 == 0;
		steps++;
		if (step(tracee->pid).detail != SIGTRAP)
			broken("no step");
	}
	return steps;
}

/*
 * Can a function be called from a stop at any instruction, and nothing be spoiled? Predicted: yes,
 * if the red zone is left alone, the stack aligned, and general registers, flags and vectors put
 * back. Tried before each of the instructions of a leaf function that uses all of these.
 */
static void call_anywhere(void)
{
	struct tracee tracee = tracee_at_trap("leaf", 0);
	struct before before = capture(tracee);
	long aligned, steps;

	call_spoiler(&tracee, &all_care);
	expect_undone(&before, all_care.differs);
	steps = call_everywhere(&tracee, &all_care, &aligned);
	expect_eq(15, steps, "instructions, and calls before them");
	expect_eq(6, aligned, "of them with an aligned stack");
	run(tracee.pid);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(tracee.pid), "the program is at its gate");
	expect_eq(steps + 1, told(&tracee, "calls"), "calls that the function counted");
	expect_eq(2001, told(&tracee, "leaf(1000)"), "leaf(1000), as the program sees it");
}

/*
 * What does it cost to forget one of them? Predicted: a wrong result, and nothing else to notice:
 * no fault, no signal. Flags and vectors show in the registers; the red zone shows nowhere. Whether
 * the program is hurt depends on the instruction that it happened to be at.
 */
static void call_careless(void)
{
	static const struct care cases[] = {
		{ "nothing", true, true, true, "none", true },        /* the control */
		{ "the red zone", false, true, true, "none", false }, /* locals below rsp */
		{ "the vectors", true, false, true, "xmm", false },   /* a copy kept in xmm7 */
		{ "the flags", true, true, false, "eflags", false },  /* a carry to be added */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct before before = capture(tracee_at_trap("leaf", 0));
		long aligned, result;

		note("forgotten: %s", cases[i].what);
		call_spoiler(&before.tracee, &cases[i]);
		expect_undone(&before, cases[i].differs);
		call_everywhere(&before.tracee, &cases[i], &aligned);
		run(before.pid);
		expect_stop(STOP_SIGNAL, SIGTRAP, run(before.pid), "the program is at its gate");
		result = told(&before.tracee, "leaf(1000)");
		note_live("leaf(1000): %ld", result);
		expect_eq(cases[i].right, result == 2001, "leaf(1000) is 2001");
	}
}

/* --- code of our own -------------------------------------------------------------------------- */

/*
 * Position-independent code that the tracee's file does not have. sum_bytes: the sum of the rsi
 * bytes at rdi, then a trap. three: a function that returns 3.
 */
__asm__(".pushsection .text\n"
	"sum_bytes:\n"
	"	xor %eax, %eax\n"
	"1:	movzbl (%rdi), %ecx\n"
	"	add %rcx, %rax\n"
	"	inc %rdi\n"
	"	dec %rsi\n"
	"2:	.byte 0x75, 1b - 2b - 2\n" /* jnz 1b, which clang -O0 would make six bytes */
	"	int3\n"
	"three:\n"
	"	mov $3, %eax\n"
	"	ret\n"
	"own_code_end:\n"
	".popsection\n");
extern const char sum_bytes[], three[], own_code_end[];

/* A page of it in the tracee: first written, then made executable, never both. */
static unsigned long inject_code(pid_t pid)
{
	unsigned long page = inject_page(pid);

	write_bytes(pid, page, sum_bytes, (uintptr_t)own_code_end - (uintptr_t)sum_bytes);
	expect_eq(0, inject(pid, SYS_mprotect, (long)page, PAGE, PROT_READ | PROT_EXEC),
		"injected mprotect(PROT_READ | PROT_EXEC)");
	return page;
}

/*
 * Can a program be made to run code that it does not have? Predicted: yes: a page mapped, written,
 * made executable, entered, and unmapped again. Afterwards not even a copied page is left.
 */
static void own_code(void)
{
	struct before before = at_gate();
	struct user_regs_struct regs = before.state.regs;
	unsigned long page = inject_code(before.pid);

	regs.rip = page;
	regs.rdi = (unsigned long)told(&before.tracee, "greeting");
	regs.rsi = strlen("hello");
	xsetregs(before.pid, &regs);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(before.pid), "the tracee");
	regs = xgetregs(before.pid);
	expect_address(page + (uintptr_t)three - (uintptr_t)sum_bytes, regs.rip, "rip");
	expect_eq('h' + 'e' + 'l' + 'l' + 'o', (long)regs.rax, "rax, the sum of \"hello\"");
	xsetregs(before.pid, &before.state.regs);
	expect_changed(&before, "as before", "+4 KiB mapped");
	expect_eq(0, inject(before.pid, SYS_munmap, (long)page, PAGE), "injected munmap()");
	expect_unchanged(&before, "none");
}

/*
 * And to use it as its own? Predicted: yes, if something that the program calls is pointed at it.
 * It stays for as long as the page does, tracer or not; the pointer goes back before the page goes.
 */
static void new_function(void)
{
	struct before before = at_gate();
	unsigned long page = inject_code(before.pid);
	unsigned long chosen = (unsigned long)told(&before.tracee, "chosen");

	xptrace(PTRACE_POKEDATA, before.pid, chosen,
		page + (uintptr_t)three - (uintptr_t)sum_bytes);
	play_round(&before);
	expect_changed(&before, "chosen() 1 -> 3", "+4 KiB mapped");
	*told_slot(&before.tracee, "chosen()") = -1; /* to be told again */
	play_round(&before);
	expect_changed(&before, "chosen() 1 -> 3", "+4 KiB mapped");
	xptrace(PTRACE_POKEDATA, before.pid, chosen, told(&before.tracee, "hello"));
	expect_eq(0, inject(before.pid, SYS_munmap, (long)page, PAGE), "injected munmap()");
	expect_unchanged(&before, "none");
}

/* A function of a file that the tracee has loaded; 0: it has no such file. */
static unsigned long function_of(pid_t pid, const char *name)
{
	struct maps maps = read_maps(pid);
	struct definition found;
	struct place place;
	bool known = place_parse(&place, name) == NULL && place_find(&place, &maps, &found) == NULL;

	maps_free(&maps);
	return known ? found.address : 0;
}

#define LIBRARY "libm.so.6"

static bool has_library(pid_t pid)
{
	struct maps maps = read_maps(pid);
	bool found = maps_named(&maps, LIBRARY) != NULL;

	maps_free(&maps);
	return found;
}

/* dlopen() in a tracee that has not loaded the library; its name in a page of its own, *name. */
static unsigned long a_loader(pid_t pid, unsigned long *name)
{
	unsigned long loader = function_of(pid, "libc.so.6:dlopen");

	if (!loader)
		skip("no dlopen() in libc.so.6: a static program, or a libc older than 2.34");
	if (has_library(pid))
		skip("the tracee was started with " LIBRARY);
	*name = inject_page(pid);
	write_bytes(pid, *name, LIBRARY, sizeof(LIBRARY));
	return loader;
}

/*
 * Can a library be loaded into a running program? Predicted: yes. dlopen() is in its libc, called or
 * not, and a tracer that can call a function can call that one. What it loads is used like the
 * program's own, from a pointer. dlclose() takes it away; what the loader has allocated is the trace.
 */
static void library_loaded(void)
{
	struct before before = at_gate();
	pid_t pid = before.pid;
	unsigned long name, loader = a_loader(pid, &name), handle, rounding;
	unsigned long chosen = (unsigned long)told(&before.tracee, "chosen");
	struct state now;

	handle = call_function(&before.tracee, &all_care, (struct call){ loader, name, RTLD_NOW });
	expect_true(handle, "dlopen(\"" LIBRARY "\") in the tracee: a handle");
	expect_true(has_library(pid), "it is mapped");
	rounding = function_of(pid, LIBRARY ":fegetround");
	expect_eq(FE_TONEAREST,
		(long)call_function(&before.tracee, &all_care, (struct call){ rounding }),
		"its fegetround(), called: FE_TONEAREST");
	xptrace(PTRACE_POKEDATA, pid, chosen, rounding);
	play_round(&before);
	take_state(&before.tracee, &now);
	expect_str("chosen() 1 -> 0", told_otherwise(&before.state, &now),
		"changed: the program tells");
	expect_eq(0, now.text_changed + now.text_copied - before.state.text_copied,
		"changed: bytes and copied pages of the text");
	xptrace(PTRACE_POKEDATA, pid, chosen, told(&before.tracee, "hello"));
	expect_eq(0,
		(long)call_function(&before.tracee, &all_care,
			(struct call){ function_of(pid, "libc.so.6:dlclose"), handle }),
		"dlclose() in the tracee");
	expect_true(!has_library(pid), "it is mapped no longer");
	expect_eq(0, inject(pid, SYS_munmap, (long)name, PAGE), "injected munmap()");
	expect_unchanged(&before, "+132 KiB mapped");
}

/*
 * Which locks matter to such a call? Predicted: those that the program holds at that instruction.
 * Another thread that walks the loader's list holds the list: dlopen() waits for it, and comes back
 * when that thread goes on, so it must not be stopped. A thread in the middle of malloc() holds its
 * arena: dlopen() wants memory, and waits for its own thread. That call can be taken back with the
 * registers, but not what it had locked before: the loader is locked for all others for good.
 */
static void library_locks(void)
{
	struct before walks = { .tracee = tracee_at_trap("walks", 0) };
	struct before allocates = { .tracee = tracee_at_trap("allocates", 0) };
	unsigned long name, loader;
	struct user_regs_struct saved;
	struct vectors vectors;
	pid_t second;

	walks.pid = walks.tracee.pid;
	loader = a_loader(walks.pid, &name);
	enter_function(&walks.tracee, RED_ZONE, (struct call){ loader, name, RTLD_NOW });
	xptrace(PTRACE_CONT, walks.pid, 0L, 0L);
	proc_wait_blocked(walks.pid, SYS_futex);
	expect_true(has_library(walks.pid), "the list is held: dlopen() waits, and it is mapped");
	wake_reader(&walks);
	expect_true(returned(&walks.tracee, stop_wait(walks.pid)),
		"the list is let go: dlopen() returns a handle");

	allocates.pid = allocates.tracee.pid;
	loader = a_loader(allocates.pid, &name);
	to_call(&allocates, SYS_brk);
	saved = to_exit(&allocates);
	get_vectors(allocates.pid, &vectors);
	enter_function(&allocates.tracee, RED_ZONE, (struct call){ loader, name, RTLD_NOW });
	xptrace(PTRACE_CONT, allocates.pid, 0L, 0L);
	proc_wait_blocked(allocates.pid, SYS_futex);
	expect_true(!has_library(allocates.pid), "in malloc(): dlopen() waits, nothing is mapped");
	interrupt(allocates.pid);
	xsetregs(allocates.pid, &saved);
	put_vectors(allocates.pid, &vectors);
	play_round(&allocates);
	expect_eq(4, told(&allocates.tracee, "allocated"), "taken back: allocations that succeed");
	expect_true(call_function(
			    &allocates.tracee, &all_care, (struct call){ loader, name, RTLD_NOW }),
		"called again, out of malloc(): dlopen() returns a handle");
	second = (pid_t)told(&allocates.tracee, "second");
	wake_reader(&allocates);
	proc_wait_blocked(second, SYS_futex);
	expect_true(told(&allocates.tracee, "asked") == 0,
		"the other thread's dladdr() waits for the loader's lock");
}

/* The size of a file that the tracee has open. */
static long size_of(const struct before *before, long fd)
{
	struct stat status;

	if (stat(text("/proc/%d/fd/%ld", before->pid, fd), &status) == -1)
		broken("stat of the tracee's file: %s", errno_text(errno));
	return (long)status.st_size;
}

/*
 * Can a running program's output be sent elsewhere? Predicted: yes. A descriptor is only a number:
 * four injected calls put another file behind it, two put the first one back. The program writes on
 * and is told that all went well.
 */
static void output_redirected(void)
{
	struct before before = at_gate();
	pid_t pid = before.pid;
	long log = told(&before.tracee, "log"), saved, other;

	expect_eq(0, inject(pid, SYS_ftruncate, log, 0), "injected ftruncate() of its log");
	saved = inject(pid, SYS_fcntl, log, F_DUPFD_CLOEXEC);
	other = inject(pid, SYS_memfd_create, told(&before.tracee, "greeting"), MFD_CLOEXEC);
	expect_true(saved > log && other > log, "injected fcntl(F_DUPFD) and memfd_create()");
	expect_true(inject(pid, SYS_dup3, other, log, O_CLOEXEC) == log, "injected dup3()");
	play_round(&before);
	expect_changed(&before, "as before", "open files");
	expect_eq(0, size_of(&before, saved), "bytes in its log");
	expect_eq(5, size_of(&before, other), "bytes in the other file");
	expect_true(inject(pid, SYS_dup3, saved, log, O_CLOEXEC) == log, "injected dup3() back");
	expect_eq(0, inject(pid, SYS_close, saved) | inject(pid, SYS_close, other),
		"injected close() of both");
	expect_unchanged(&before, "none");
	expect_eq(5, size_of(&before, log), "bytes in its log");
}

/* --- signals ---------------------------------------------------------------------------------- */

/* Let the round go on to the signal that the program sends itself. */
static void to_signal(const struct before *before)
{
	struct stop stop = run(before->pid);

	if (stop.kind != STOP_SIGNAL || stop.detail != SIGUSR1)
		broken("%s instead of the program's SIGUSR1", stop_text(stop));
}

/*
 * Can a program be given a signal that nobody sent? Predicted: yes, at any signal-delivery-stop, in
 * the place of the one reported: here of the gate's SIGTRAP. It runs the handler once, and is
 * queued nowhere before.
 */
static void signal_injected(void)
{
	struct before before = at_gate();

	deliver(&before, SIGUSR2);
	expect_changed(&before, "usr2 0 -> 1", "none");
	expect_unchanged(&before, "none");
}

/* Can one be kept from it? Predicted: yes, by resuming without it: sigqueue() succeeds, and no
 * handler runs. */
static void signal_suppressed(void)
{
	struct before before = at_gate();

	to_signal(&before);
	play_round(&before);
	expect_changed(
		&before, "usr1 1 -> 0, si_code -1 -> 0, si_value 5 -> 0, sender 1 -> 0", "none");
	expect_unchanged(&before, "none");
}

/*
 * What does the handler of a signal that replaces another see? Predicted: not what came with the
 * first. The kernel makes up a siginfo for the new one: SI_USER, from the tracer (ptrace_signal());
 * the value is lost.
 */
static void signal_replaced(void)
{
	struct before before = at_gate();

	to_signal(&before);
	deliver(&before, SIGUSR2);
	expect_changed(&before,
		"usr1 1 -> 0, usr2 0 -> 1, si_code -1 -> 0, si_value 5 -> 0, sender 1 -> 2",
		"none");
	expect_unchanged(&before, "none");
}

/*
 * Can a tracer forge what comes with a signal? Predicted: yes, with SETSIGINFO, sender and value
 * and all; unless the number it then injects is another: the forgery is dropped for the made-up
 * siginfo.
 */
static void signal_forged(void)
{
	struct before before = at_gate();
	siginfo_t info;

	to_signal(&before);
	info = xgetsiginfo(before.pid);
	expect_eq(SI_QUEUE, info.si_code, "si_code, SI_QUEUE");
	info.si_value.sival_int = 1000;
	info.si_pid = getpid();
	expect_errno(0, ptrace(PTRACE_SETSIGINFO, before.pid, 0, &info), "SETSIGINFO");
	deliver(&before, SIGUSR1);
	expect_changed(&before, "si_value 5 -> 1000, sender 1 -> 2", "none");
	to_signal(&before);
	expect_errno(0, ptrace(PTRACE_SETSIGINFO, before.pid, 0, &info), "SETSIGINFO");
	expect_eq(1000, xgetsiginfo(before.pid).si_value.sival_int, "si_value at the stop");
	deliver(&before, SIGUSR2);
	expect_changed(&before,
		"usr1 1 -> 0, usr2 0 -> 1, si_code -1 -> 0, si_value 5 -> 0, sender 1 -> 2",
		"none");
	expect_unchanged(&before, "none");
}

/* Whether SETSIGINFO takes a forged siginfo in the stop that the tracee is in. */
static int forge_siginfo(pid_t pid)
{
	siginfo_t forged = { .si_signo = SIGUSR2, .si_code = SI_QUEUE };

	forged.si_pid = getpid();
	forged.si_value.sival_int = 1000;
	return (int)ptrace(PTRACE_SETSIGINFO, pid, 0, &forged);
}

/*
 * And in a stop that is for no signal? Predicted: the manual says that only signals are affected that
 * the tracer has caught. The kernel has a siginfo in every stop, but for the group-stop of an ATTACHed
 * tracee, and lets it be written. Yet a signal given when resuming from a syscall-stop is a new one,
 * with a siginfo of its own (ptrace_report_syscall(), send_sig()); one given in PTRACE_INTERRUPT's stop
 * or in a group-stop is ignored, siginfo and all.
 */
static void siginfo_unused(void)
{
	struct before before = at_gate();

	to_call(&before, SYS_read);
	expect_errno(0, forge_siginfo(before.pid), "syscall-enter-stop: SETSIGINFO");
	expect_eq(SIGUSR2, xgetsiginfo(before.pid).si_signo, "its si_signo, got back");
	expect_eq(1000, xgetsiginfo(before.pid).si_value.sival_int, "its si_value, got back");
	xresume(PTRACE_SYSCALL, before.pid, SIGUSR2);
	expect_stop(STOP_SIGNAL, SIGUSR2, run(before.pid), "resumed with SIGUSR2");
	expect_eq(SI_KERNEL, xgetsiginfo(before.pid).si_code, "its si_code, SI_KERNEL");
	play_round(&before);
	expect_undone(&before, "none");

	before = in_call("sigsuspend", SYS_rt_sigsuspend);
	expect_errno(0, forge_siginfo(before.pid), "PTRACE_INTERRUPT's stop: SETSIGINFO");
	expect_errno(0, ptrace(PTRACE_CONT, before.pid, 0, SIGUSR2), "resumed with SIGUSR2");
	proc_wait_blocked(before.pid, SYS_rt_sigsuspend);
	if (kill(before.pid, SIGSTOP) == -1)
		broken("kill: %s", errno_text(errno));
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(before.pid), "sent SIGSTOP: the next report");
	expect_stop(STOP_GROUP, SIGSTOP, go_on(before.pid, SIGSTOP), "then");
	expect_errno(0, forge_siginfo(before.pid), "group-stop, SEIZEd: SETSIGINFO");
	expect_errno(0, ptrace(PTRACE_CONT, before.pid, 0, SIGUSR2), "resumed with SIGUSR2");
	proc_wait_blocked(before.pid, SYS_rt_sigsuspend);
	if (kill(before.pid, SIGUSR1) == -1)
		broken("kill: %s", errno_text(errno));
	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(before.pid), "sent SIGUSR1: the next report");

	pid_t attached = tracee_start("sigsuspend").pid;

	xptrace(PTRACE_ATTACH, attached, 0L, 0L);
	stop_wait(attached);
	expect_stop(STOP_GROUP, SIGSTOP, go_on(attached, SIGSTOP), "another, ATTACHed");
	expect_errno(EINVAL, forge_siginfo(attached), "group-stop, ATTACHed: SETSIGINFO");
}

/*
 * What becomes of a signal that there is none of? Predicted: every request that resumes refuses it, and
 * does nothing else (ptrace_resume(): valid_signal()): the tracee stays in its stop, and its signal
 * can be delivered yet.
 */
static void signal_refused(void)
{
	static const enum __ptrace_request requests[] = { PTRACE_CONT, PTRACE_SYSCALL,
		PTRACE_SINGLESTEP, PTRACE_SINGLEBLOCK, PTRACE_SYSEMU, PTRACE_SYSEMU_SINGLESTEP };
	static const long no_signals[] = { 65, 200, -1 };
	struct before before = at_gate();

	to_signal(&before);
	for (size_t i = 0; i < COUNT(requests); i++) {
		long refused = 0;

		for (size_t n = 0; n < COUNT(no_signals); n++)
			refused += ptrace(requests[i], before.pid, 0, no_signals[n]) == -1 &&
				   errno == EIO;
		expect_always(refused, COUNT(no_signals), "%s with 65, 200 and -1: EIO",
			request_name(requests[i]));
	}
	expect_stop(STOP_NONE, 0, stop_poll(before.pid), "the tracee");
	expect_eq(
		SIGUSR1, xgetsiginfo(before.pid).si_signo, "the signal it is stopped for, SIGUSR1");
	deliver(&before, SIGUSR1);
	expect_undone(&before, "none");
}

/* Take a pending signal from the tracee's queue, by an injected rt_sigtimedwait() that waits for no
 * time; the mask and the time stand in a page that is there for as long. */
static long take_pending(pid_t pid, int sig)
{
	const struct {
		uint64_t mask;
		struct timespec time;
	} words = { SIGNAL_BIT(sig) };
	unsigned long page = inject_page(pid);

	write_bytes(pid, page, &words, sizeof(words));

	long taken = inject(pid, SYS_rt_sigtimedwait, (long)page, 0,
		(long)(page + sizeof(words.mask)), sizeof(words.mask));

	inject(pid, SYS_munmap, (long)page, PAGE);
	return taken;
}

static void set_mask(pid_t pid, uint64_t mask)
{
	xptrace(PTRACE_SETSIGMASK, pid, sizeof(mask), &mask);
}

/*
 * What becomes of an injected signal that the program blocks? Predicted: it is queued, as if it had
 * been sent (ptrace_signal()): no handler runs, and it waits. An injected rt_sigtimedwait() takes
 * it away again.
 */
static void blocked_signal_injected(void)
{
	struct before before = at_gate();

	set_mask(before.pid, SIGNAL_BIT(SIGUSR2));
	deliver(&before, SIGUSR2);
	expect_changed(&before, "as before", "SigPnd SIGUSR2, SigBlk SIGUSR2");
	expect_eq(
		SIGUSR2, take_pending(before.pid, SIGUSR2), "injected rt_sigtimedwait(), SIGUSR2");
	set_mask(before.pid, before.state.mask[BLOCKED]);
	expect_unchanged(&before, "none");
}

/*
 * Can the signal mask be changed? Predicted: yes, in the kernel's form, 8 bytes, as addr says; the
 * C library's sigset_t, 128 bytes, is refused with EINVAL. SIGKILL and SIGSTOP are left out of what
 * is set, and nothing is said (ptrace_setsigmask()).
 */
static void signal_mask(void)
{
	struct before before = at_gate();
	uint64_t all = ~UINT64_C(0), mask = SIGNAL_BIT(SIGUSR1), read_back;
	sigset_t set = { 0 };

	expect_errno(EINVAL, ptrace(PTRACE_GETSIGMASK, before.pid, sizeof(set), &set),
		"GETSIGMASK of 128 bytes");
	expect_errno(EINVAL, ptrace(PTRACE_SETSIGMASK, before.pid, sizeof(set), &set),
		"SETSIGMASK of 128 bytes");
	expect_errno(
		EINVAL, ptrace(PTRACE_SETSIGMASK, before.pid, 4, &mask), "SETSIGMASK of 4 bytes");
	expect_errno(0, ptrace(PTRACE_SETSIGMASK, before.pid, 8, &all), "SETSIGMASK of all");
	expect_errno(0, ptrace(PTRACE_GETSIGMASK, before.pid, 8, &read_back), "GETSIGMASK");
	expect_str("SIGKILL SIGSTOP", mask_text(~read_back), "left out");
	expect_errno(0, ptrace(PTRACE_SETSIGMASK, before.pid, 8, &mask), "SETSIGMASK of SIGUSR1");
	play_round(&before);
	expect_changed(&before, "usr1 1 -> 0, si_code -1 -> 0, si_value 5 -> 0, sender 1 -> 0",
		"ShdPnd SIGUSR1, SigBlk SIGUSR1");
	expect_eq(
		SIGUSR1, take_pending(before.pid, SIGUSR1), "injected rt_sigtimedwait(), SIGUSR1");
	set_mask(before.pid, before.state.mask[BLOCKED]);
	expect_unchanged(&before, "none");
}

/*
 * Whose mask is that in sigsuspend(2)? Predicted: the saved one, which is to come back when the
 * call ends (ptrace_getsigmask()); /proc tells the one in force. Setting what was got disturbs
 * nothing: the call begins again and installs its own.
 */
static void mask_in_sigsuspend(void)
{
	struct before before = in_call("sigsuspend", SYS_rt_sigsuspend);
	uint64_t mask;

	expect_str("none", mask_text(before.state.mask[BLOCKED]), "SigBlk in /proc");
	expect_errno(0, ptrace(PTRACE_GETSIGMASK, before.pid, 8, &mask), "GETSIGMASK");
	expect_str("SIGUSR1", mask_text(mask), "it says");
	set_mask(before.pid, mask);
	expect_changed(&before, "as before", "SigBlk SIGUSR1");
	xptrace(PTRACE_CONT, before.pid, 0L, 0L);
	proc_wait_blocked(before.pid, SYS_rt_sigsuspend);
	expect_str("none", mask_text(proc_mask(before.pid, "SigBlk")), "resumed: SigBlk in /proc");
	if (kill(before.pid, SIGUSR1) == -1)
		broken("kill: %s", errno_text(errno));
	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(before.pid), "sent SIGUSR1: the tracee");
	expect_stop(STOP_SIGNAL, SIGTRAP, go_on(before.pid, SIGUSR1), "delivered: the tracee");
	expect_eq(1, told(&before.tracee, "usr1"), "times that its handler ran");
	expect_str("SIGUSR1", mask_text(proc_mask(before.pid, "SigBlk")), "SigBlk in /proc");
}

enum { ROOM = 8 };

/* "SIGUSR2 1, SIGRTMIN 10": what PEEKSIGINFO tells of a queue, of at most ROOM signals, with the
 * values; of signals that carry none, the code. */
static const char *queued(pid_t pid, struct __ptrace_peeksiginfo_args args)
{
	siginfo_t info[ROOM];
	long entries = ptrace(PTRACE_PEEKSIGINFO, pid, &args, info);
	const char *list = "";

	if (entries == -1)
		return errno_text(errno);
	for (long i = 0; i < entries; i++)
		list = with(list, info[i].si_code == SI_QUEUE
					  ? text("%s %d", signal_name(info[i].si_signo),
						    info[i].si_value.sival_int)
					  : text("%s, si_code %d", signal_name(info[i].si_signo),
						    info[i].si_code));
	return *list != '\0' ? list : "none";
}

/*
 * What can be learnt of signals that are pending? Predicted: with PEEKSIGINFO all of it, and nothing
 * is taken from the queues, of which there are two, the process's and the thread's own. Of a signal
 * below SIGRTMIN, sent more than once, there is one. The manual has si_code show what programs
 * are not shown otherwise; that was so before Linux 4.14 (copy_siginfo_to_user()).
 */
static void peeksiginfo(void)
{
	const unsigned shared = PTRACE_PEEKSIGINFO_SHARED;
	struct before before = capture(tracee_at_trap("queue", 0));
	pid_t pid = before.pid;

	expect_str("SIGUSR1 SIGRTMIN+1", mask_text(before.state.mask[PENDING]), "SigPnd in /proc");
	expect_str("SIGUSR2 SIGCHLD SIGRTMIN", mask_text(before.state.mask[SHARED_PENDING]),
		"ShdPnd in /proc");
	expect_str("SIGCHLD, si_code 1, SIGUSR2 1, SIGRTMIN 10, SIGRTMIN 20, SIGRTMIN 30",
		queued(pid, (struct __ptrace_peeksiginfo_args){ .flags = shared, .nr = ROOM }),
		"the process's queue, with values");
	expect_str("SIGUSR1 4, SIGRTMIN+1 40, SIGRTMIN+1 50",
		queued(pid, (struct __ptrace_peeksiginfo_args){ .nr = ROOM }), "the thread's own");
	expect_str("SIGRTMIN 10, SIGRTMIN 20",
		queued(pid,
			(struct __ptrace_peeksiginfo_args){ .flags = shared, .off = 2, .nr = 2 }),
		"the process's, from the third on, two");
	expect_str("none",
		queued(pid,
			(struct __ptrace_peeksiginfo_args){
				.flags = shared, .off = 5, .nr = ROOM }),
		"from the sixth on");
	expect_str(errno_text(EINVAL),
		queued(pid, (struct __ptrace_peeksiginfo_args){ .flags = shared, .nr = -1 }),
		"minus one of them");
	expect_str(errno_text(EINVAL),
		queued(pid, (struct __ptrace_peeksiginfo_args){ .flags = ~shared, .nr = ROOM }),
		"of unknown flags");
	expect_undone(&before, "none");
}

/*
 * What does a program do whose SIGSEGV is suppressed, and nothing mended? Predicted: it faults
 * again at the same instruction, for ever. If the page is made readable before it is resumed, it
 * goes on as if the page had always been so, and reads what the tracer wrote there.
 */
static void segv_suppressed(void)
{
	struct before before = capture(tracee_at_trap("fault", 0));
	unsigned long page = told_place(&before.tracee, "page", PAGE), rip;
	long same = 0;

	expect_stop(STOP_SIGNAL, SIGSEGV, run(before.pid), "the tracee");
	expect_address(page, (unsigned long)xgetsiginfo(before.pid).si_addr, "si_addr");
	rip = xgetregs(before.pid).rip;
	for (int i = 0; i < 1000; i++)
		same += run(before.pid).detail == SIGSEGV && xgetregs(before.pid).rip == rip;
	expect_always(same, 1000, "suppressed, it faults at the same instruction");
	expect_eq(0, inject(before.pid, SYS_mprotect, (long)page, PAGE, PROT_READ),
		"injected mprotect(PROT_READ)");
	xptrace(PTRACE_POKEDATA, before.pid, page, 1234L);
	expect_stop(STOP_SIGNAL, SIGTRAP, run(before.pid), "mended: the tracee");
	expect_changed(&before, "value 0 -> 1234", "mappings");
	expect_eq(0, inject(before.pid, SYS_mprotect, (long)page, PAGE, PROT_NONE),
		"injected mprotect(PROT_NONE)");
	*told_slot(&before.tracee, "value") = 0;
	expect_undone(&before, "none");
	expect_stop(STOP_SIGNAL, SIGSEGV, run(before.pid), "then: the tracee");
}

/*
 * Can a program be kept from ending? Predicted: yes, as any call can be skipped: exit_group() that
 * returns. A program does not expect that. One whose next instruction is a ret goes on; the C
 * library's _exit() has a hlt there, which only the kernel may execute.
 */
static void exit_suppressed(void)
{
	struct before before = capture(tracee_at_trap("leave", 0));
	struct stop stop;

	skip_call(&before, to_call(&before, SYS_exit_group));
	play_round(&before);
	expect_changed(&before, "outlived 0 -> 1", "none");
	expect_stop(
		STOP_EXITED, 7, run(before.pid), "not suppressed in the next round: the tracee");

	before = capture(tracee_at_trap("exit", 0));
	while ((stop = xresume(PTRACE_SYSCALL, before.pid, 0)).kind == STOP_SYSCALL) {
		struct user_regs_struct regs = xgetregs(before.pid);

		if (regs.orig_rax == SYS_exit_group || regs.orig_rax == SYS_exit) {
			note_live("suppressed: system call %ld", (long)regs.orig_rax);
			skip_call(&before, regs);
		}
	}
	expect_stop(STOP_SIGNAL, SIGSEGV, stop, "every exit of _exit() suppressed: the tracee");
	expect_eq(SI_KERNEL, xgetsiginfo(before.pid).si_code, "si_code, SI_KERNEL");
	expect_hex(0xf4, byte_at(before.pid, xgetregs(before.pid).rip), "the instruction, hlt");
}

/*
 * Can calls be taken from a program that the tracer lets run by PTRACE_CONT? Predicted: yes, by
 * switching on Syscall User Dispatch in it, which no program has to have asked for: each call raises
 * SIGSYS in its place, with rax as it was (syscall_user_dispatch()), and suppressed it leaves the
 * program behind a call that was not made. Without a selector, and with no region that is exempt,
 * that is every call.
 */
static void calls_dispatched(void)
{
	struct before before = capture(tracee_at_trap("leave", 0));
	struct ptrace_sud_config off = { 0 }, on = { .mode = PR_SYS_DISPATCH_ON }, now;
	const enum __ptrace_request get = PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG,
				    set = PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG;

	if (ptrace(get, before.pid, sizeof(now), &now) == -1)
		skip("no PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG here: %s", errno_text(errno));
	expect_eq(0, (long)now.mode, "its mode");
	expect_errno(EINVAL, ptrace(get, before.pid, sizeof(now) - sizeof(now.len), &now),
		"got, 8 bytes too short");
	expect_errno(EINVAL, ptrace(set, before.pid, sizeof(on) - sizeof(on.len), &on),
		"set, 8 bytes too short");
	now = (struct ptrace_sud_config){ .mode = UINT64_MAX };
	expect_errno(EINVAL, ptrace(set, before.pid, sizeof(now), &now), "an unknown mode");
	now = (struct ptrace_sud_config){ .selector = 4096 };
	expect_errno(EINVAL, ptrace(set, before.pid, sizeof(now), &now), "off, with a selector");
	now = (struct ptrace_sud_config){ .mode = PR_SYS_DISPATCH_ON, .selector = -4096UL };
	expect_errno(EFAULT, ptrace(set, before.pid, sizeof(now), &now), "a kernel's selector");
	expect_errno(0, ptrace(set, before.pid, sizeof(on), &on), "on");
	expect_errno(0, ptrace(get, before.pid, sizeof(now), &now), "got");
	expect_eq(PR_SYS_DISPATCH_ON, (long)now.mode, "its mode, PR_SYS_DISPATCH_ON");
	expect_eq(0, (long)now.selector, "its selector");
	expect_stop(STOP_SIGNAL, SIGSYS, run(before.pid), "the tracee");
	expect_eq(2, xgetsiginfo(before.pid).si_code, "si_code, SYS_USER_DISPATCH");
	expect_eq(SYS_exit_group, xgetsiginfo(before.pid).si_syscall, "si_syscall, exit_group's");
	expect_eq(SYS_exit_group, (long)xgetregs(before.pid).rax, "rax, the same");
	play_round(&before);
	expect_changed(&before, "outlived 0 -> 1", "none");
	expect_errno(0, ptrace(set, before.pid, sizeof(off), &off), "off");
	expect_stop(STOP_EXITED, 7, run(before.pid), "the tracee");
}

/*
 * And at PTRACE_EVENT_EXIT? Predicted: no. There the end is decided: registers can still be read
 * and written, memory, maps and files are still there, but no instruction will be executed any more
 * (do_exit()).
 */
static void exit_event_final(void)
{
	struct before before = capture(tracee_at_trap("exit", PTRACE_O_TRACEEXIT));
	unsigned long status, answer = (unsigned long)told(&before.tracee, "answer");
	struct user_regs_struct regs;

	expect_stop(STOP_EVENT, PTRACE_EVENT_EXIT, run(before.pid), "the tracee");
	xptrace(PTRACE_GETEVENTMSG, before.pid, 0L, &status);
	expect_hex(0x700, status, "the message, its wait status");
	expect_hex(0x2ab8, (unsigned long)xpeek(PTRACE_PEEKTEXT, before.pid, answer) & 0xffff,
		"its text, still readable");
	xsetregs(before.pid, &before.state.regs);
	expect_undone(&before, "none");
	regs = before.state.regs;
	regs.rip = answer;
	xsetregs(before.pid, &regs);
	expect_true(xgetregs(before.pid).rip == answer, "rip is at answer()");
	expect_stop(STOP_EXITED, 7, run(before.pid), "rip changed: the tracee");
}

static const struct experiment experiments[] = {
	{ "variable", variable, "What does a program do whose variable was changed?" },
	{ "instruction", instruction,
		"Can an instruction be changed, though text may not be written?" },
	{ "branch", branch, "Can a decision be changed for good, not only once?" },
	{ "function-redirected", function_redirected,
		"Can every call of a function be sent to another one?" },
	{ "pointer-redirected", pointer_redirected, "And without a changed byte of code?" },
	{ "vdso-changed", vdso_changed,
		"Can the time, read without a system call, be changed for one process?" },
	{ "argv-changed", argv_changed, "Does ps tell what a program was called with?" },
	{ "copied-page", copied_page, "Can the page that a change copied be undone too?" },
	{ "running-patched", running_patched,
		"Must a program stand still, or be traced, to be changed?" },
	{ "tracer-gone", tracer_gone, "Does a change outlive its tracer?" },
	{ "inherited", inherited, "Whom does it reach that a process's text was changed?" },
	{ "argument-changed", argument_changed,
		"What is written of five bytes when the tracer makes the count two?" },
	{ "result-changed", result_changed, "Can a call that was made be made to have failed?" },
	{ "number-changed", number_changed, "Can one call become another?" },
	{ "call-denied", call_denied, "What does a program do whose call was not made?" },
	{ "success-without-call", success_without_call,
		"What does a program make of a success that was none?" },
	{ "delivery-changed", delivery_changed, "Can what a call delivered be changed?" },
	{ "call-repeated", call_repeated,
		"Can a call be made twice, and the program see it once?" },
	{ "path-redirected", path_redirected,
		"Can open() be given another path, longer than the program's own?" },
	{ "nth-call", nth_call, "Can a fault be aimed at the n-th call?" },
	{ "signal-with-call", signal_with_call, "Can a signal be made to come with a call?" },
	{ "call-delayed", call_delayed, "What does a program notice of a call that was held up?" },
	{ "limit-lowered", limit_lowered, "Can a call be made to fail without touching it?" },
	{ "inject-running", inject_running,
		"Can a program that computes be made to do a system call?" },
	{ "inject-blocked", inject_blocked, "And one that is blocked in a call?" },
	{ "errno-512", errno_512, "What if orig_rax is not put back?" },
	{ "inject-sleeping", inject_sleeping,
		"Does a sleep go on after another call was injected?" },
	{ "restart-block", restart_block, "And after an injected sleep?" },
	{ "eintr-mended", eintr_mended, "Which call does not survive even the stop?" },
	{ "call-anywhere", call_anywhere,
		"Can a function be called from a stop at any instruction?" },
	{ "call-careless", call_careless, "What does it cost to forget something there?" },
	{ "own-code", own_code, "Can a program be made to run code that it does not have?" },
	{ "new-function", new_function, "And to use it as its own?" },
	{ "library-loaded", library_loaded, "Can a library be loaded into a running program?" },
	{ "library-locks", library_locks, "Which locks matter to such a call?" },
	{ "output-redirected", output_redirected,
		"Can a running program's output be sent elsewhere?" },
	{ "signal-injected", signal_injected, "Can a program be given a signal that nobody sent?" },
	{ "signal-suppressed", signal_suppressed, "Can one be kept from it?" },
	{ "signal-replaced", signal_replaced,
		"What does the handler of a signal that replaces another see?" },
	{ "signal-forged", signal_forged, "Can a tracer forge what comes with a signal?" },
	{ "siginfo-unused", siginfo_unused, "And in a stop that is for no signal?" },
	{ "signal-refused", signal_refused, "What becomes of a signal that there is none of?" },
	{ "blocked-signal-injected", blocked_signal_injected,
		"What becomes of an injected signal that the program blocks?" },
	{ "signal-mask", signal_mask, "Can the signal mask be changed?" },
	{ "mask-in-sigsuspend", mask_in_sigsuspend, "Whose mask is that in sigsuspend()?" },
	{ "peeksiginfo", peeksiginfo, "What can be learnt of signals that are pending?" },
	{ "segv-suppressed", segv_suppressed,
		"What does a program do whose SIGSEGV is suppressed, and nothing mended?" },
	{ "exit-suppressed", exit_suppressed, "Can a program be kept from ending?" },
	{ "calls-dispatched", calls_dispatched,
		"Can calls be taken from a program that PTRACE_CONT lets run?" },
	{ "exit-event-final", exit_event_final, "And at PTRACE_EVENT_EXIT?" },
};

static const struct lab lab = {
	.id = "06",
	.question = "How can a running program be made to behave differently while its file stays "
		    "the same?",
	.experiments = experiments,
	.count = COUNT(experiments),
	.target = target_mode,
	.target_usage = target_usage,
	.target_options = "ifq",
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
