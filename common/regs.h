/* SPDX-License-Identifier: MIT */
/*
 * x86_64 registers by role, differences between two sets, and the debug registers by what they
 * watch. Reading and writing them is ptrace()'s business, not this module's.
 */
#ifndef COMMON_REGS_H
#define COMMON_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

/* The 64-bit call convention (syscall(2), "Architecture calling conventions"): the number as the
 * kernel keeps it is orig_rax; rax is the result. */
#define REGS_NUMBER(regs) ((regs)->orig_rax)
#define REGS_RESULT(regs) ((regs)->rax)
#define REGS_IP(regs) ((regs)->rip)
#define REGS_SP(regs) ((regs)->rsp)
#define REGS_FLAGS(regs) ((regs)->eflags)

/* Where argument n (0 to 5) of a system call stands: rdi rsi rdx r10 r8 r9. NULL for other n. */
unsigned long long *regs_argument(struct user_regs_struct *regs, unsigned n);

/* The registers of struct user_regs_struct in its own order. */
struct reg {
	const char *name;
	size_t offset; /* in bytes, as PTRACE_PEEKUSER takes it */
};
#define REG_COUNT (sizeof(struct user_regs_struct) / sizeof(unsigned long long))
extern const struct reg reg_table[REG_COUNT];

/* The value of register `reg`, an entry of reg_table. */
unsigned long long reg_value(const struct user_regs_struct *regs, const struct reg *reg);

/* The flags that are set, by name: "ZF PF IF". As text() keeps it. */
const char *flags_text(uint64_t eflags);

/* Write the registers that differ, "rax 0x1 -> 0x2, rip ...", or "none", and return how many. */
unsigned regs_diff(const struct user_regs_struct *before, const struct user_regs_struct *after,
	char *buffer, size_t size);

/* A hardware breakpoint (Intel SDM volume 3, chapter "Debug, branch profile": DR7). */
enum watch_kind { WATCH_EXECUTE = 0, WATCH_WRITE = 1, WATCH_READ_WRITE = 3 };

struct watch {
	uint64_t address;
	enum watch_kind kind;
	unsigned length; /* 1, 2, 4 or 8 bytes; 1 for WATCH_EXECUTE */
	bool enabled;
};

/* The offset of debug register n (0 to 7) for PTRACE_PEEKUSER and PTRACE_POKEUSER. */
#define DEBUG_REGISTER(n) (offsetof(struct user, u_debugreg) + (n) * sizeof(unsigned long long))

/*
 * DR7 with slot `slot` (0 to 3) set to the kind, length and enabled flag of `watch`, the other
 * slots as in `dr7`. Returns false, and leaves *dr7 alone, for a slot, kind or length that the
 * processor does not have.
 */
bool watch_encode(uint64_t *dr7, unsigned slot, const struct watch *watch);

/* What slot `slot` (0 to 3) of DR7 says, with `address` from its own register. */
struct watch watch_decode(uint64_t dr7, unsigned slot, uint64_t address);

/* "write of 4 bytes at 0x1000", "execution at 0x1000", "off". As text() keeps it. */
const char *watch_text(const struct watch *watch);

#endif
