/* SPDX-License-Identifier: MIT */
/*
 * regs.c: are registers called and compared as what they are, and does the processor do what the
 * debug register values that are encoded here say?
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "regs.h"
#include "request.h"
#include "test.h"
#include "tracee.h"

static const enum watch_kind kinds[] = { WATCH_EXECUTE, WATCH_WRITE, WATCH_READ_WRITE };
static const unsigned lengths[] = { 1, 2, 4, 8 };

/* --- register sets ---------------------------------------------------------------------------- */

/* A system call with six arguments that nothing in the kernel looks at. */
static void scene_call(void)
{
	scene_tell("pid", getpid());
	scene_tell("parent", getppid());
	scene_ready();
	kill(getpid(), SIGUSR1);
	syscall(SYS_getppid, 11, 12, 13, 14, 15, 16);
	_exit(0);
}

/* The roles in a real system call: at its entry rax is -ENOSYS and the instruction pointer has
 * passed `syscall` (0f 05); r11 holds the flags, as the instruction leaves them there. */
static void roles(void)
{
	struct tracee tracee = tracee_start_seized("call", PTRACE_O_TRACESYSGOOD);
	struct user_regs_struct regs;
	unsigned arguments = 0;

	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(tracee.pid), "the scene begins");
	expect_stop(STOP_SYSCALL, 0, xresume(PTRACE_SYSCALL, tracee.pid, 0), "its call");
	xptrace(PTRACE_GETREGS, tracee.pid, 0L, &regs);
	expect_eq(SYS_getppid, (long)REGS_NUMBER(&regs), "number");
	expect_eq(-ENOSYS, (long)REGS_RESULT(&regs), "result at the entry");
	for (unsigned i = 0; i < 6; i++)
		arguments += *regs_argument(&regs, i) == 11 + i;
	expect_always(arguments, 6, "arguments in their places");
	expect_true(regs_argument(&regs, 6) == NULL, "there is no seventh");
	expect_hex(0x050f, xpeek(PTRACE_PEEKTEXT, tracee.pid, REGS_IP(&regs) - 2) & 0xffff,
		"before the instruction pointer");
	expect_hex(regs.r11, REGS_FLAGS(&regs), "flags, as r11 has them");
	expect_hex((unsigned long)xpeek(
			   PTRACE_PEEKUSER, tracee.pid, offsetof(struct user_regs_struct, rsp)),
		REGS_SP(&regs), "stack pointer");
	expect_stop(STOP_SYSCALL, 0, xresume(PTRACE_SYSCALL, tracee.pid, 0), "its return");
	xptrace(PTRACE_GETREGS, tracee.pid, 0L, &regs);
	expect_eq(told(&tracee, "parent"), (long)REGS_RESULT(&regs), "result at the exit");
}

/* The table against the kernel's own offsets, with values that differ from each other. */
static void table(void)
{
	struct tracee tracee = tracee_start_seized("call", 0);
	struct user_regs_struct regs;
	unsigned agree = 0, distinct = 0, ordered = 0;

	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(tracee.pid), "the scene begins");
	xptrace(PTRACE_GETREGS, tracee.pid, 0L, &regs);
	for (unsigned i = 0; i < REG_COUNT; i++) {
		unsigned earlier = 0;

		agree +=
			reg_value(&regs, &reg_table[i]) ==
			(unsigned long long)xpeek(PTRACE_PEEKUSER, tracee.pid, reg_table[i].offset);
		while (earlier < i && strcmp(reg_table[earlier].name, reg_table[i].name) != 0)
			earlier++;
		distinct += earlier == i;
		ordered += reg_table[i].offset == 8UL * i;
	}
	expect_always(agree, 27, "registers that PTRACE_PEEKUSER and PTRACE_GETREGS give alike");
	expect_always(distinct, 27, "registers with a name of their own");
	expect_always(ordered, 27, "registers in the order of struct user_regs_struct");
	expect_str("r15", reg_table[0].name, "the first, at 0");
	expect_str("orig_rax", reg_table[120 / 8].name, "the one at 120");
	expect_str("gs", reg_table[26].name, "the last, at 208");
}

static void diff(void)
{
	struct user_regs_struct before, after;
	unsigned long long *word = (unsigned long long *)&after;
	char buffer[2048], small[64];
	unsigned untouched = 0;

	memset(&before, 0, sizeof(before));
	after = before;
	expect_eq(0, regs_diff(&before, &after, buffer, sizeof(buffer)), "nothing changed");
	expect_str("none", buffer, "that is");
	after.rip = 0x401000;
	before.rax = 1;
	expect_eq(2, regs_diff(&before, &after, buffer, sizeof(buffer)), "two changed");
	expect_str("rax 0x1 -> 0, rip 0 -> 0x401000", buffer, "those are");
	memset(small, 'x', sizeof(small));
	expect_eq(2, regs_diff(&before, &after, small, 9), "in a buffer of 9 bytes");
	expect_str("rax 0x1 ", small, "cut to");
	for (unsigned i = 9; i < sizeof(small); i++)
		untouched += small[i] == 'x';
	expect_always(untouched, 55, "bytes after the buffer that are untouched");
	for (unsigned i = 0; i < REG_COUNT; i++)
		word[i] = ~0ULL - i;
	expect_eq(27, regs_diff(&before, &after, buffer, sizeof(buffer)), "all changed");
	expect_str("gs 0 -> 0xffffffffffffffe5", strrchr(buffer, ',') + 2, "the last");
}

static void flags(void)
{
	unsigned named = 0;

	for (unsigned bit = 0; bit < 64; bit++)
		named += strcmp(flags_text(UINT64_C(1) << bit), "none") != 0;
	expect_eq(13, named, "flags with a name");
	expect_str("none", flags_text(0), "0");
	expect_str("CF PF AF ZF SF TF IF DF OF", flags_text(0xfd5), "0xfd5");
	expect_str("NT RF AC ID", flags_text(0x254000), "0x254000");
	expect_str("PF ZF IF", flags_text(0x246), "0x246");
}

/* --- debug registers -------------------------------------------------------------------------- */

/* Every slot, kind, length and state, over values of DR7 that would show a bit too many: what the
 * processor has comes back as it went in, what it has not is refused, other bits stay. */
static void round_trip(void)
{
	static const uint64_t grounds[] = { 0, 0x400, 0xffff0fff, ~UINT64_C(0) };
	unsigned tried = 0, accepted = 0, refused = 0, wrong = 0;

	for (unsigned i = 0; i < 4 * 4 * 3 * 4 * 2; i++) {
		uint64_t ground = grounds[i % 4], dr7 = ground;
		unsigned slot = i / 4 % 4;
		struct watch watch = { 0x1000 + i, kinds[i / 16 % 3], lengths[i / 48 % 4],
			i / 192 == 1 };
		uint64_t others = ~(UINT64_C(0xf) << (16 + 4 * slot) | UINT64_C(3) << 2 * slot);
		bool exists = watch.kind != WATCH_EXECUTE || watch.length == 1;

		tried++;
		if (!watch_encode(&dr7, slot, &watch)) {
			refused++;
			wrong += exists || dr7 != ground;
			continue;
		}

		struct watch back = watch_decode(dr7, slot, watch.address);

		accepted++;
		wrong += !exists || (dr7 & others) != (ground & others) ||
			 back.address != watch.address || back.kind != watch.kind ||
			 back.length != watch.length || back.enabled != watch.enabled;
	}
	expect_eq(384, tried, "4 slots, 3 kinds, 4 lengths, on and off, 4 values of DR7");
	expect_eq(288, accepted, "accepted");
	expect_eq(96, refused, "refused: execution of 2, 4 or 8 bytes");
	expect_never(wrong, tried, "wrong");
}

/* Values of DR7 as the manual of the processor has them, so that encoding and decoding cannot be
 * wrong together. */
static void known_values(void)
{
	static const struct {
		unsigned slot;
		struct watch watch;
		uint64_t dr7;
		const char *words;
	} cases[] = {
		{ 0, { 0x1000, WATCH_EXECUTE, 1, true }, 0x1, "execution at 0x1000" },
		{ 0, { 0x1000, WATCH_WRITE, 4, true }, 0xd0001, "write of 4 bytes at 0x1000" },
		{ 1, { 0x1000, WATCH_WRITE, 1, true }, 0x100004, "write of 1 byte at 0x1000" },
		{ 2, { 0x1000, WATCH_READ_WRITE, 2, true }, 0x7000010,
			"read or write of 2 bytes at 0x1000" },
		{ 3, { 0x1000, WATCH_READ_WRITE, 8, true }, 0xb0000040,
			"read or write of 8 bytes at 0x1000" },
		{ 3, { 0x1000, WATCH_WRITE, 8, false }, 0x90000000, "off" },
	};

	for (unsigned i = 0; i < COUNT(cases); i++) {
		uint64_t dr7 = 0;

		watch_encode(&dr7, cases[i].slot, &cases[i].watch);
		expect_hex(cases[i].dr7, dr7, "%s, in slot %u", watch_text(&cases[i].watch),
			cases[i].slot);
		expect_str(cases[i].words, watch_text(&cases[i].watch), "in words");
	}
	expect_true(watch_decode(0x2, 0, 0).enabled, "enabled by the global bit alone");
}

static void refusals(void)
{
	static const struct {
		unsigned slot;
		struct watch watch;
		const char *why;
	} cases[] = {
		{ 4, { 0, WATCH_WRITE, 4, true }, "there is no slot 4" },
		{ 0, { 0, (enum watch_kind)2, 4, true }, "kind 2 is input and output" },
		{ 0, { 0, (enum watch_kind)4, 4, true }, "there is no kind 4" },
		{ 0, { 0, WATCH_WRITE, 0, true }, "there is no length 0" },
		{ 0, { 0, WATCH_WRITE, 3, true }, "there is no length 3" },
		{ 0, { 0, WATCH_WRITE, 16, true }, "there is no length 16" },
		{ 0, { 0, WATCH_EXECUTE, 8, true }, "execution has length 1" },
	};

	for (unsigned i = 0; i < COUNT(cases); i++) {
		uint64_t dr7 = 0x5555;

		expect_true(!watch_encode(&dr7, cases[i].slot, &cases[i].watch), "refused: %s",
			cases[i].why);
		expect_hex(0x5555, dr7, "DR7 afterwards");
	}
}

/* --- the processor ---------------------------------------------------------------------------- */

static volatile uint64_t watched __attribute__((aligned(8)));

static __attribute__((noinline)) void watched_code(void)
{
	__asm__ volatile("");
}

/* Executes, reads and writes what is watched, between marks. */
static void scene_watched(void)
{
	scene_tell("code", (long)watched_code);
	scene_tell("data", (long)&watched);
	scene_ready();
	for (;;) {
		kill(getpid(), SIGUSR1);
		watched_code();
		kill(getpid(), SIGUSR2);
		(void)watched;
		kill(getpid(), SIGUSR2);
		watched = 1;
	}
}

/* Let the scene go round once with this DR7, from mark to mark, and return at which steps (1: it
 * executes, 2: it reads, 4: it writes) the trap came. `hit` is DR6 there, the slots that hit. */
static unsigned go_round(pid_t pid, unsigned slot, uint64_t address, uint64_t dr7, uint64_t *hit)
{
	unsigned step = 1, trapped = 0;
	struct stop stop;

	xptrace(PTRACE_POKEUSER, pid, DEBUG_REGISTER(7), 0L);
	xptrace(PTRACE_POKEUSER, pid, DEBUG_REGISTER(slot), address);
	xptrace(PTRACE_POKEUSER, pid, DEBUG_REGISTER(6), 0L);
	xptrace(PTRACE_POKEUSER, pid, DEBUG_REGISTER(7), dr7);
	for (;;) {
		stop = xresume(PTRACE_CONT, pid, 0);
		if (stop.kind == STOP_SIGNAL && stop.detail == SIGTRAP) {
			trapped |= step;
			*hit = (uint64_t)xpeek(PTRACE_PEEKUSER, pid, DEBUG_REGISTER(6)) & 0xf;
		} else if (stop.kind == STOP_SIGNAL && stop.detail == SIGUSR2) {
			step *= 2;
		} else {
			break;
		}
	}
	if (stop.kind != STOP_SIGNAL || stop.detail != SIGUSR1)
		broken("the scene went out of step: %s", stop_text(stop));
	return trapped;
}

/*
 * Every encoded value, set in a real process: it traps where the kind says and nowhere else, in
 * the slot that was set. That the machine has debug registers at all is asked first with a value
 * from the manual: some virtual machines accept them and never trap.
 */
static void breakpoints_fire(void)
{
	static const unsigned traps[] = {
		[WATCH_EXECUTE] = 1, [WATCH_WRITE] = 4, [WATCH_READ_WRITE] = 2 | 4
	};
	struct tracee tracee = tracee_start_seized("watched", 0);
	uint64_t hit = 0, code = (uint64_t)told(&tracee, "code"),
		 data = (uint64_t)told(&tracee, "data");
	unsigned set = 0, fired = 0, silent = 0, off = 0;

	expect_stop(STOP_SIGNAL, SIGUSR1, stop_wait(tracee.pid), "the scene begins");
	if (ptrace(PTRACE_POKEUSER, tracee.pid, DEBUG_REGISTER(7), 1) == -1)
		skip("no hardware breakpoint to be had: %s", errno_text(errno));
	if (go_round(tracee.pid, 0, code, 1, &hit) != 1)
		skip("the debug registers of this machine do not trap");
	for (unsigned i = 0; i < 4 * 3 * 4; i++) {
		struct watch watch = { 0, kinds[i / 4 % 3], lengths[i / 12], true };
		uint64_t dr7 = 0;
		unsigned slot = i % 4;

		watch.address = watch.kind == WATCH_EXECUTE ? code : data;
		if (!watch_encode(&dr7, slot, &watch))
			continue;
		set++;
		fired +=
			go_round(tracee.pid, slot, watch.address, dr7, &hit) == traps[watch.kind] &&
			hit == UINT64_C(1) << slot;
		watch.enabled = false;
		off += watch_encode(&dr7, slot, &watch);
		silent += go_round(tracee.pid, slot, watch.address, dr7, &hit) == 0;
	}
	expect_eq(36, set, "breakpoints set");
	expect_always(fired, set, "trapped where their kind says, and told their slot in DR6");
	expect_always(silent, off, "disabled, trapped nowhere");
}

static const struct experiment experiments[] = {
	{ "roles", roles, "Are the roles those of a real system call?", NULL, 0 },
	{ "table", table, "Does the table of registers agree with the kernel?", NULL, 0 },
	{ "diff", diff, "Are two sets of registers compared?", NULL, 0 },
	{ "flags", flags, "Are the flags named?", NULL, 0 },
	{ "round-trip", round_trip, "Does every debug register value come back as it was put?",
		NULL, 0 },
	{ "known-values", known_values, "Is DR7 encoded as the processor's manual says?", NULL, 0 },
	{ "refusals", refusals, "Is what the processor does not have refused?", NULL, 0 },
	{ "breakpoints-fire", breakpoints_fire, "Does the processor trap as encoded?", NULL, 0 },
};

static const struct scene scenes[] = {
	{ "call", scene_call },
	{ "watched", scene_watched },
};

TEST_MAIN("regs", "Are registers called, compared and encoded as what they are?")
