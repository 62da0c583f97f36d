/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "count.h"
#include "regs.h"
#include "text.h"

#define REG(name)                                                                                  \
	{                                                                                          \
#name, offsetof(struct user_regs_struct, name)                                     \
	}

const struct reg reg_table[REG_COUNT] = {
	REG(r15),
	REG(r14),
	REG(r13),
	REG(r12),
	REG(rbp),
	REG(rbx),
	REG(r11),
	REG(r10),
	REG(r9),
	REG(r8),
	REG(rax),
	REG(rcx),
	REG(rdx),
	REG(rsi),
	REG(rdi),
	REG(orig_rax),
	REG(rip),
	REG(cs),
	REG(eflags),
	REG(rsp),
	REG(ss),
	REG(fs_base),
	REG(gs_base),
	REG(ds),
	REG(es),
	REG(fs),
	REG(gs),
};

unsigned long long *regs_argument(struct user_regs_struct *regs, unsigned n)
{
	unsigned long long *const arguments[] = { &regs->rdi, &regs->rsi, &regs->rdx, &regs->r10,
		&regs->r8, &regs->r9 };

	return n < 6 ? arguments[n] : NULL;
}

unsigned long long reg_value(const struct user_regs_struct *regs, const struct reg *reg)
{
	unsigned long long value;

	memcpy(&value, (const char *)regs + reg->offset, sizeof(value));
	return value;
}

const char *flags_text(uint64_t eflags)
{
	static const struct {
		unsigned bit;
		const char *name;
	} flags[] = { { 0, "CF" }, { 2, "PF" }, { 4, "AF" }, { 6, "ZF" }, { 7, "SF" }, { 8, "TF" },
		{ 9, "IF" }, { 10, "DF" }, { 11, "OF" }, { 14, "NT" }, { 16, "RF" }, { 18, "AC" },
		{ 21, "ID" } };
	const char *names = "";

	for (size_t i = 0; i < COUNT(flags); i++)
		if (eflags >> flags[i].bit & 1)
			names = text("%s%s%s", names, *names ? " " : "", flags[i].name);
	return *names ? names : "none";
}

unsigned regs_diff(const struct user_regs_struct *before, const struct user_regs_struct *after,
	char *buffer, size_t size)
{
	unsigned differ = 0;
	size_t used = 0;

	snprintf(buffer, size, "none");
	for (size_t i = 0; i < REG_COUNT; i++) {
		unsigned long long from = reg_value(before, &reg_table[i]);
		unsigned long long to = reg_value(after, &reg_table[i]);

		if (from == to)
			continue;
		if (used < size)
			used += (size_t)snprintf(buffer + used, size - used, "%s%s %#llx -> %#llx",
				differ ? ", " : "", reg_table[i].name, from, to);
		differ++;
	}
	return differ;
}

/* DR7: bit 2n enables slot n locally; bits 16+4n.. hold its kind, bits 18+4n.. its length. */
bool watch_encode(uint64_t *dr7, unsigned slot, const struct watch *watch)
{
	uint64_t length = watch->length == 8 ? 2 : watch->length - 1;
	bool length_exists = watch->length == 1 || watch->length == 2 || watch->length == 4 ||
			     watch->length == 8;
	bool kind_exists = watch->kind == WATCH_WRITE || watch->kind == WATCH_READ_WRITE ||
			   (watch->kind == WATCH_EXECUTE && watch->length == 1);

	if (slot > 3 || !length_exists || !kind_exists)
		return false;
	*dr7 &= ~(UINT64_C(0xf) << (16 + 4 * slot) | UINT64_C(3) << 2 * slot);
	*dr7 |= ((uint64_t)watch->kind | length << 2) << (16 + 4 * slot);
	*dr7 |= (uint64_t)watch->enabled << 2 * slot;
	return true;
}

struct watch watch_decode(uint64_t dr7, unsigned slot, uint64_t address)
{
	static const unsigned lengths[] = { 1, 2, 8, 4 };
	unsigned bits = dr7 >> (16 + 4 * slot) & 0xf;

	return (struct watch){
		.address = address,
		.kind = bits & 3,
		.length = lengths[bits >> 2],
		.enabled = dr7 >> 2 * slot & 3,
	};
}

const char *watch_text(const struct watch *watch)
{
	if (!watch->enabled)
		return "off";
	if (watch->kind == WATCH_EXECUTE)
		return text("execution at %#" PRIx64, watch->address);
	return text("%s of %u byte%s at %#" PRIx64,
		watch->kind == WATCH_WRITE ? "write" : "read or write", watch->length,
		watch->length == 1 ? "" : "s", watch->address);
}
