/* SPDX-License-Identifier: MIT */
/*
 * How long an x86-64 instruction is, and whether it does the same from another place. Conservative:
 * what this module does not know it calls unknown. It reads encodings (Intel SDM volume 2, chapter
 * 2 and appendix A), not meanings; bytes that no processor executes may look like an instruction.
 */
#ifndef COMMON_INSN_H
#define COMMON_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSN_LONGEST 15

enum insn_kind {
	INSN_UNKNOWN,     /* the length is not known either */
	INSN_PLAIN,       /* does the same anywhere */
	INSN_RELATIVE,    /* addresses memory from rip: moves if its displacement is changed */
	INSN_BRANCH,      /* jmp or jcc to a place relative to rip: moves as a longer jump */
	INSN_STAYS,       /* tells its address to somebody (call) or reaches a byte's way (loop) */
	INSN_SYSTEM_CALL, /* may sleep, and the kernel tells its address to the program */
};

struct insn {
	enum insn_kind kind;
	unsigned length;       /* 0: unknown */
	unsigned displacement; /* INSN_RELATIVE: where in it those four bytes are */
	bool leaves;           /* never goes on with the instruction behind it: jmp, ret */
	bool repeats;          /* rep: the processor may stop in the middle, rip unchanged */
};

/* The instruction that begins at `bytes`, of which `size` are there. */
struct insn insn_decode(const uint8_t *bytes, size_t size);

/* An instruction that was moved, and the jump behind it back to the rest. */
struct moved {
	uint8_t bytes[INSN_LONGEST + 5];
	size_t length;
	size_t jump; /* where in it the jump back is; == length: there is none */
};

/*
 * Write to `moved` what does at address `to` the same as the instruction `bytes` does at `from`.
 * False: it cannot be moved, or not as far (2 GiB).
 */
bool insn_move(const uint8_t *bytes, const struct insn *insn, uint64_t from, uint64_t to,
	struct moved *moved);

#endif
