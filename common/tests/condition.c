/* SPDX-License-Identifier: MIT */
/*
 * condition.c: is a condition read as it is meant, and true when it should be?
 */
#include "condition.h"
#include "test.h"
#include "text.h"

static const struct user_regs_struct regs = {
	.rdi = 1, .rsi = 2, .rdx = 3, .rcx = 4, .r8 = 5, .r9 = 6, .rip = 0x401000, .rax = -1ULL
};

static void truth(void)
{
	static const struct {
		const char *word;
		bool is_true;
	} cases[] = {
		{ "arg1==1", true },
		{ "arg2==2", true },
		{ "arg3==3", true },
		{ "arg4==4", true },
		{ "arg5==5", true },
		{ "arg6==6", true },
		{ "rip==0x401000", true },
		{ "rdi==2", false },
		{ "rdi!=2", true },
		{ "rdi!=1", false },
		{ "rdi<2", true },
		{ "rdi<1", false },
		{ "rdi<=1", true },
		{ "rdi<=0", false },
		{ "rdi>0", true },
		{ "rdi>1", false },
		{ "rdi>=1", true },
		{ "rdi>=2", false },
		/* Signed, and all 64 bits. */
		{ "rax==-1", true },
		{ "rax==0xffffffffffffffff", true },
		{ "rax<0", true },
		{ "rax==0xffffffff", false },
		{ "rax>-2", true },
		{ "rax>-0x8000000000000000", true },
		{ "rdi<0x7fffffffffffffff", true },
	};
	struct condition condition = { .reg = NULL };

	expect_true(condition_is_true(&condition, &regs), "no condition");
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *wrong = condition_parse(&condition, cases[i].word);

		expect_str(cases[i].is_true ? "true" : "false",
			wrong != NULL                          ? wrong
			: condition_is_true(&condition, &regs) ? "true"
							       : "false",
			"%s", cases[i].word);
	}
}

static void nonsense(void)
{
	static const struct {
		const char *word, *wrong;
	} cases[] = {
		{ "", "\"\" is no 64-bit register" },
		{ "==5", "\"\" is no 64-bit register" },
		{ "eip==1", "\"eip\" is no 64-bit register" },
		{ "arg0==1", "\"arg0\" is no" },
		{ "arg7==1", "\"arg7\" is no" },
		{ "arg12==1", "\"arg12\" is no" },
		{ "rd==1", "\"rd\" is no" },
		{ "rdi", "after \"rdi\" comes one of" },
		{ "rdi=5", "after \"rdi\" comes one of" },
		{ "rdi===5", "after \"rdi\" comes one of" },
		{ "rdi=<5", "after \"rdi\" comes one of" },
		{ "rdi==", "\"\" is not a number" },
		{ "rdi==rsi", "\"rsi\" is not a number" },
		{ "rdi== 5", "\" 5\" is not a number" },
		{ "rdi==+5", "\"+5\" is not a number" },
		{ "rdi==5 ", "\"5 \" is not a number" },
		{ "rdi==--5", "\"--5\" is not a number" },
		{ "rdi==0x10000000000000000", "is not a number of 64 bits" },
		{ "rdi==-0x8000000000000001", "is not a number of 64 bits" },
	};
	struct condition condition;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *wrong = condition_parse(&condition, cases[i].word);

		expect_true(wrong != NULL && strstr(wrong, cases[i].wrong) != NULL, "\"%s\": %s",
			cases[i].word, cases[i].wrong);
	}
}

static const struct experiment experiments[] = {
	{ "truth", truth, "Is a condition true when it should be?", NULL, 0 },
	{ "nonsense", nonsense, "Is what is no condition refused in its words?", NULL, 0 },
};

static const struct scene scenes[] = {
	{ "none", NULL },
};

TEST_MAIN("condition", "Is a condition on registers read right?")
