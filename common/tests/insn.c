/* SPDX-License-Identifier: MIT */
/*
 * insn.c: is the length of an instruction known or else refused, and does a moved instruction do
 * what it did? The second is asked of the processor: it executes both.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "insn.h"
#include "test.h"

/* Bytes as a string, since most of them begin functions. */
struct sample {
	const char *assembly;
	const char *bytes;
	size_t length; /* that is there */
	enum insn_kind kind;
	unsigned expected; /* length; 0: unknown */
};

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct sample samples[] = {
	/* What functions begin with. */
	{ "endbr64", BYTES("\xf3\x0f\x1e\xfa"), INSN_PLAIN, 4 },
	{ "push %rbp", BYTES("\x55"), INSN_PLAIN, 1 },
	{ "push %r15", BYTES("\x41\x57"), INSN_PLAIN, 2 },
	{ "mov %rsp,%rbp", BYTES("\x48\x89\xe5"), INSN_PLAIN, 3 },
	{ "sub $8,%rsp", BYTES("\x48\x83\xec\x08"), INSN_PLAIN, 4 },
	{ "sub $0x1000,%rsp", BYTES("\x48\x81\xec\x00\x10\x00\x00"), INSN_PLAIN, 7 },
	{ "xor %eax,%eax", BYTES("\x31\xc0"), INSN_PLAIN, 2 },
	{ "test %rdi,%rdi", BYTES("\x48\x85\xff"), INSN_PLAIN, 3 },
	{ "cmp $5,%edi", BYTES("\x83\xff\x05"), INSN_PLAIN, 3 },
	{ "movzbl (%rdi),%eax", BYTES("\x0f\xb6\x07"), INSN_PLAIN, 3 },
	{ "lea 1(%rdi),%rax", BYTES("\x48\x8d\x47\x01"), INSN_PLAIN, 4 },
	{ "mov %fs:0x28,%rax", BYTES("\x64\x48\x8b\x04\x25\x28\x00\x00\x00"), INSN_PLAIN, 9 },
	{ "nop", BYTES("\x90"), INSN_PLAIN, 1 },
	{ "nopw %cs:0(%rax,%rax,1)", BYTES("\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00"), INSN_PLAIN,
		10 },
	{ "ret", BYTES("\xc3"), INSN_PLAIN, 1 },
	{ "rep ret", BYTES("\xf3\xc3"), INSN_PLAIN, 2 },
	{ "ret $8", BYTES("\xc2\x08\x00"), INSN_PLAIN, 3 },
	/* Immediates: of the operand size, halved by 66, doubled by REX.W for mov alone. */
	{ "mov $1,%eax", BYTES("\xb8\x01\x00\x00\x00"), INSN_PLAIN, 5 },
	{ "mov $1,%ax", BYTES("\x66\xb8\x01\x00"), INSN_PLAIN, 4 },
	{ "movabs $1,%rax", BYTES("\x48\xb8\x01\x00\x00\x00\x00\x00\x00\x00"), INSN_PLAIN, 10 },
	{ "mov $1,%rax", BYTES("\x48\xc7\xc0\x01\x00\x00\x00"), INSN_PLAIN, 7 },
	{ "test $1,%al", BYTES("\xf6\xc0\x01"), INSN_PLAIN, 3 },
	{ "neg %al", BYTES("\xf6\xd8"), INSN_PLAIN, 2 },
	{ "test $1,%eax", BYTES("\xf7\xc0\x01\x00\x00\x00"), INSN_PLAIN, 6 },
	{ "imul $100,%rdi,%rax", BYTES("\x48\x6b\xc7\x64"), INSN_PLAIN, 4 },
	/* ModRM: a SIB without a base has a displacement that its mod does not tell. */
	{ "mov 0(,%rax,8),%rax", BYTES("\x48\x8b\x04\xc5\x00\x00\x00\x00"), INSN_PLAIN, 8 },
	{ "mov 0x100(%rsp),%rax", BYTES("\x48\x8b\x84\x24\x00\x01\x00\x00"), INSN_PLAIN, 8 },
	{ "rep movsb", BYTES("\xf3\xa4"), INSN_PLAIN, 2 },
	/* What AVX string functions begin with. */
	{ "vpxor %xmm0,%xmm0,%xmm0", BYTES("\xc5\xf9\xef\xc0"), INSN_PLAIN, 4 },
	{ "vzeroupper", BYTES("\xc5\xf8\x77"), INSN_PLAIN, 3 },
	{ "vpbroadcastb %xmm0,%ymm0", BYTES("\xc4\xe2\x7d\x78\xc0"), INSN_PLAIN, 5 },
	{ "vpalignr $1,%ymm1,%ymm1,%ymm1", BYTES("\xc4\xe3\x75\x0f\xc9\x01"), INSN_PLAIN, 6 },
	{ "vpbroadcastb %esi,%ymm16", BYTES("\x62\xe2\x7d\x28\x7a\xc6"), INSN_PLAIN, 6 },
	{ "pshufd $0,%xmm0,%xmm0", BYTES("\x66\x0f\x70\xc0\x00"), INSN_PLAIN, 5 },
	/* From rip. */
	{ "lea 0x10(%rip),%rax", BYTES("\x48\x8d\x05\x10\x00\x00\x00"), INSN_RELATIVE, 7 },
	{ "cmpb $0,0x10(%rip)", BYTES("\x80\x3d\x10\x00\x00\x00\x00"), INSN_RELATIVE, 7 },
	{ "bnd jmp *0x10(%rip)", BYTES("\xf2\xff\x25\x10\x00\x00\x00"), INSN_RELATIVE, 7 },
	{ "vmovdqu 0x10(%rip),%ymm0", BYTES("\xc5\xfe\x6f\x05\x10\x00\x00\x00"), INSN_RELATIVE, 8 },
	{ "jmp .+0x12", BYTES("\xeb\x10"), INSN_BRANCH, 2 },
	{ "jmp .+0x105", BYTES("\xe9\x00\x01\x00\x00"), INSN_BRANCH, 5 },
	{ "je .+0x12", BYTES("\x74\x10"), INSN_BRANCH, 2 },
	{ "jne .+0x106", BYTES("\x0f\x85\x00\x01\x00\x00"), INSN_BRANCH, 6 },
	{ "jmp *%rax", BYTES("\xff\xe0"), INSN_PLAIN, 2 },
	/* What pushes its own address, or reaches 127 bytes far. */
	{ "call .+0x105", BYTES("\xe8\x00\x01\x00\x00"), INSN_STAYS, 5 },
	{ "call *%rax", BYTES("\xff\xd0"), INSN_STAYS, 2 },
	{ "call *0x10(%rip)", BYTES("\xff\x15\x10\x00\x00\x00"), INSN_STAYS, 6 },
	{ "jrcxz .+0x12", BYTES("\xe3\x10"), INSN_STAYS, 2 },
	{ "syscall", BYTES("\x0f\x05"), INSN_SYSTEM_CALL, 2 },
	{ "int $0x80", BYTES("\xcd\x80"), INSN_SYSTEM_CALL, 2 },
	/* Refused, though some have a meaning. */
	{ "int3", BYTES("\xcc"), INSN_UNKNOWN, 0 },
	{ "ud2", BYTES("\x0f\x0b"), INSN_UNKNOWN, 0 },
	{ "fnstenv (%rax), which stores where the last one stood", BYTES("\xd9\x30"), INSN_UNKNOWN,
		0 },
	{ "mov %eax,%ss", BYTES("\x8e\xd0"), INSN_UNKNOWN, 0 },
	{ "lea 0x10(%eip),%rax", BYTES("\x67\x48\x8d\x05\x10\x00\x00\x00"), INSN_UNKNOWN, 0 },
	{ "a jmp with 66, whose length processors disagree on", BYTES("\x66\xe9\x00\x01\x00\x00"),
		INSN_UNKNOWN, 0 },
	{ "two REX", BYTES("\x48\x48\x89\xe5"), INSN_UNKNOWN, 0 },
	{ "push %es, gone in 64-bit mode", BYTES("\x06"), INSN_UNKNOWN, 0 },
	{ "16 prefixes",
		BYTES("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90"),
		INSN_UNKNOWN, 0 },
};

static struct insn decode(const struct sample *sample)
{
	return insn_decode((const uint8_t *)sample->bytes, sample->length);
}

static void lengths(void)
{
	unsigned right = 0, refused = 0, whole = 0;

	for (size_t i = 0; i < COUNT(samples); i++) {
		struct insn insn = decode(&samples[i]);
		bool agrees = insn.length == samples[i].expected && insn.kind == samples[i].kind;
		struct insn cut =
			insn_decode((const uint8_t *)samples[i].bytes, samples[i].length - 1);

		right += agrees;
		if (!agrees)
			note("%s: kind %d, %u bytes", samples[i].assembly, insn.kind, insn.length);
		whole += insn.length > 0;
		refused += insn.length > 0 && cut.kind == INSN_UNKNOWN;
	}
	expect_always(right, COUNT(samples), "instructions of the right kind and length");
	expect_always(refused, whole, "without their last byte they are unknown");
}

/* No bytes whatever make it read or answer beyond the end; each two first bytes are tried. */
static void any_bytes(void)
{
	uint8_t bytes[INSN_LONGEST];
	unsigned within = 0, known = 0;

	for (unsigned first = 0; first < 65536; first++)
		for (unsigned size = 1; size <= sizeof(bytes); size++) {
			memset(bytes, (int)(first * 7 + size), sizeof(bytes));
			memcpy(bytes, &first, 2);

			struct insn insn = insn_decode(bytes, size);

			within += insn.length <= size &&
				  (insn.length == 0) == (insn.kind == INSN_UNKNOWN) &&
				  (insn.kind != INSN_RELATIVE ||
					  insn.displacement + 4 <= insn.length);
			known += insn.kind != INSN_UNKNOWN;
		}
	expect_always(within, 65536 * sizeof(bytes), "lengths that fit, and displacements in them");
	expect_ge(65536, known, "of them known");
}

/*
 * A function of one argument: the instruction under test, then the rest. `there` is where a branch
 * or a displacement of 0x20 leads: 32 bytes behind the end of the first instruction.
 */
static const struct {
	struct sample first;
	const char *rest, *there;
} functions[] = {
	{ { "lea 5(%rdi),%rax", BYTES("\x48\x8d\x47\x05"), INSN_PLAIN, 4 }, "\xc3", "" },
	{ { "mov 0x20(%rip),%eax", BYTES("\x8b\x05\x20\x00\x00\x00"), INSN_RELATIVE, 6 }, "\xc3",
		"\x11\x22\x33\x44" },
	{ { "cmpb $0x11,0x20(%rip)", BYTES("\x80\x3d\x20\x00\x00\x00\x11"), INSN_RELATIVE, 7 },
		"\x0f\x94\xc0\x0f\xb6\xc0\xc3", "\x11" },
	{ { "jmp .+0x22", BYTES("\xeb\x20"), INSN_BRANCH, 2 }, "\xcc", "\x8d\x47\x01\xc3" },
	{ { "jmp .+0x25", BYTES("\xe9\x20\x00\x00\x00"), INSN_BRANCH, 5 }, "\xcc",
		"\x8d\x47\x02\xc3" },
	{ { "js .+0x22", BYTES("\x78\x20"), INSN_BRANCH, 2 }, "\x8d\x47\x03\xc3",
		"\x8d\x47\x04\xc3" },
	{ { "jns .+0x26", BYTES("\x0f\x89\x20\x00\x00\x00"), INSN_BRANCH, 6 }, "\x8d\x47\x05\xc3",
		"\x8d\x47\x06\xc3" },
};

/* The flags that the branches look at are those of -1 and of 1. */
static long call(const uint8_t *code, long argument)
{
	long result;

	__asm__ volatile("sub $128, %%rsp\n\ttest %%rdi, %%rdi\n\tcall *%2\n\tadd $128, %%rsp"
			 : "=&a"(result), "+D"(argument)
			 : "r"(code)
			 : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
	return result;
}

static uint8_t *map_code(void)
{
	uint8_t *code = mmap(
		NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code == MAP_FAILED)
		skip("no memory may be writable and executable here");
	return code;
}

static void moved_do_the_same(void)
{
	uint8_t *code = map_code(), *copy = code + 4096 + 17;
	unsigned moves = 0, same = 0, elsewhere = 0;

	for (size_t i = 0; i < COUNT(functions); i++) {
		const struct sample *first = &functions[i].first;
		struct insn insn = decode(first);
		struct moved moved;
		uint8_t *there = code + first->length + 0x20;

		memset(code, 0xcc, 8192);
		memcpy(code, first->bytes, first->length);
		memcpy(code + first->length, functions[i].rest, strlen(functions[i].rest));
		memcpy(there, functions[i].there, strlen(functions[i].there));
		if (!insn_move(code, &insn, (uint64_t)code, (uint64_t)copy, &moved))
			continue;
		moves++;
		memcpy(copy, moved.bytes, moved.length);
		for (long argument = -1; argument <= 1; argument += 2) {
			long direct = call(code, argument);

			same += call(copy, argument) == direct;
			elsewhere += direct != argument;
		}
	}
	expect_always(moves, COUNT(functions), "instructions moved");
	expect_always(same, 2 * COUNT(functions), "results of the copies that are the originals'");
	expect_eq(2 * COUNT(functions) - 1, elsewhere, "of them not the argument itself");
}

static void too_far(void)
{
	static const uint8_t lea[] = "\x48\x8d\x05\x00\x00\x00\x00",
			     call_it[] = "\xe8\x00\x00\x00\x00";
	struct insn insn = insn_decode(lea, 7), stays = insn_decode(call_it, 5);
	struct moved moved;
	uint64_t from = UINT64_C(0x7f0000000000);

	expect_true(
		insn_move(lea, &insn, from, from - 0x7ffff000, &moved), "moved by nearly 2 GiB");
	expect_true(insn_move(lea, &insn, from, from + 0x7fffe000, &moved), "and the other way");
	expect_true(!insn_move(lea, &insn, from, from - 0x80001000, &moved), "refused beyond");
	expect_true(!insn_move(lea, &insn, from, 0x401000, &moved), "refused from end to end");
	expect_true(!insn_move(call_it, &stays, from, from + 4096, &moved), "a call is refused");
}

static const struct experiment experiments[] = {
	{ "lengths", lengths, "Is each instruction of the right length and kind?" },
	{ "any-bytes", any_bytes, "Does every sequence of bytes get an answer that fits?" },
	{ "moved-do-the-same", moved_do_the_same, "Does a moved instruction do what it did?" },
	{ "too-far", too_far, "Is refused what cannot be moved, or not as far?" },
};

static const struct scene scenes[] = { { "none", NULL } };

TEST_MAIN("insn", "What is known of an instruction?")
