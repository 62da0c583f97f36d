/* SPDX-License-Identifier: MIT */
/*
 * quiz.c: is what the notes ask read as it is written, and is an answer right when it names what was
 * seen, and only then?
 */
#include <string.h>

#include "quiz.h"
#include "test.h"

static const char notes[] =
	"# Lab\n"
	"*Quiz.* Not in a section? (`nothing`)\n"
	"### first\n\n"
	"> A question?\n\n"
	"*Quiz.* A question (`not this`) over\n"
	"two lines?\n"
	"(`State  after\n"
	"it`, the 12th)\n"
	"- it runs: `S (sleeping)`, `R (running)`\n"
	"- it is\n"
	"  stopped: `T (stopped)`\n"
	"- `t (tracing stop)`\n"
	"- something else\n"
	"\n"
	"*Prediction.* None.\n\n"
	"```transcript\n"
	"#   = State after it: T (stopped)\n"
	"```\n\n"
	"*Why.* Half refuted. `a.b()` and `c. d()` say so, both in the same\n"
	"sentence. And in another.\n\n"
	"*What would change it.* Nothing.\n\n"
	"### first-of-all\n\n"
	"*Quiz.* A value? (`a call`)\n\n"
	"*Why.* This explanation is long enough to stand alone, as others are not. This is not read.\n"
	"### bare\n\n"
	"*Quiz.* A question without an end (`\n\n"
	"## Timing\n\n"
	"*Quiz.* Not in a section? (`nothing`)\n";

static void reads(void)
{
	struct quiz quiz;

	quiz_read(notes, "first", &quiz);
	expect_str("A question (`not this`) over two lines?", quiz.question, "question");
	expect_str("State after it", quiz.decides, "what decides");
	expect_eq(12, quiz.nth, "which of those");
	expect_eq(4, quiz.answers, "answers");
	expect_str("it runs", quiz.answer[0].words, "words of the first");
	expect_str("`S (sleeping)`, `R (running)`", quiz.answer[0].values, "values of the first");
	expect_str("it is stopped", quiz.answer[1].words, "words of the second");
	expect_str("t (tracing stop)", quiz.answer[2].words, "the third, a value alone, as words");
	expect_str("`t (tracing stop)`", quiz.answer[2].values, "its value");
	expect_str("something else", quiz.answer[3].words, "the fourth, words alone");
	expect_str("", quiz.answer[3].values, "its values");
	expect_str("Half refuted. `a.b()` and `c. d()` say so, both in the same sentence.",
		quiz.why, "why: the first sentence, as a short one explains nothing");

	quiz_read(notes, "first-of-all", &quiz);
	expect_str("A value?", quiz.question, "another section's question");
	expect_eq(0, quiz.answers, "its answers");
	expect_eq(1, quiz.nth, "which of those with its message");
	expect_str("This explanation is long enough to stand alone, as others are not.", quiz.why,
		"why");
}

static void reads_nothing(void)
{
	static const char *const slugs[] = { "absent", "firs", "", "Timing" };
	struct quiz quiz;
	long nothing = 0;

	for (size_t i = 0; i < COUNT(slugs); i++) {
		memset(&quiz, 'x', sizeof(quiz));
		quiz_read(notes, slugs[i], &quiz);
		nothing += quiz.question[0] == '\0' && quiz.decides[0] == '\0' &&
			   quiz.answers == 0 && quiz.why[0] == '\0';
	}
	expect_always(nothing, (long)COUNT(slugs), "no such section: nothing is asked");
	quiz_read("", "first", &quiz);
	expect_str("", quiz.decides, "no notes: what decides");
	quiz_read(notes, "bare", &quiz);
	expect_str("", quiz.decides, "a question without an end: what decides");
	quiz_read("### cut\n*Quiz.* A? (`b`)\n- yes: `1", "cut", &quiz);
	expect_eq(1, quiz.answers, "notes that end in an answer: answers");
	expect_true(quiz_is_right(&quiz, 0, "1"), "and its value is read");
}

static void matches(void)
{
	static const struct {
		const char *value, *seen;
		bool is;
	} cases[] = {
		{ "EPERM", "EPERM (Operation not permitted)", true },
		{ "eperm", "EPERM (Operation not permitted)", true },
		{ "EPERM (Operation not permitted)", "EPERM (Operation not permitted)", true },
		{ "EPER", "EPERM (Operation not permitted)", false },
		{ "EPERM", "ESRCH (No such process)", false },
		{ "", "EPERM (Operation not permitted)", false },
		{ "", "", false },
		{ "exited 7", "exited 7, status 0x0700", true },
		{ "exited", "exited 7, status 0x0700", false },
		{ "SIGSTOP", "SIGSTOP, SIGCONT", false },
		{ "SIGSTOP, SIGCONT", "SIGSTOP, SIGCONT", true },
		{ "Always", "Always 3/3", true },
		{ "Never", "Always 3/3", false },
		{ "4", "4 bytes", false },
		{ "goes on EINTR", "goes on          EINTR", true },
		{ "16", "0x10", true },
		{ "0x10", "16", true },
		{ "-38", "-38", true },
		{ "38", "-38", false },
		{ "1", "16", false },
		{ "0", "0x10", false },
		{ "<tracer>", "4711 (tracer)", true },
		{ "<tracer>", "<tracer>", true },
		{ "<tracee>", "4711 (tracer)", false },
		{ "4711", "4711 (tracer)", true },
		{ "<page+0x8>", "0x7f00dead (page+0x8)", true },
		{ "<page>", "0x7f00dead (page+0x8)", false },
		{ "SI_USER from pid <tracer>", "SI_USER from pid 4711 (tracer)", true },
	};
	long held = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		if (quiz_matches(cases[i].value, cases[i].seen) == cases[i].is)
			held++;
		else
			note("\"%s\" is \"%s\": %s", cases[i].value, cases[i].seen,
				cases[i].is ? "no" : "yes");
	expect_always(held, (long)COUNT(cases), "a value is what it is, and nothing else");
}

static void is_right(void)
{
	struct quiz quiz;

	quiz_read(notes, "first", &quiz);
	expect_true(quiz_is_right(&quiz, 0, "S (sleeping)"), "the first value of an answer");
	expect_true(quiz_is_right(&quiz, 0, "R (running)"), "the second");
	expect_true(!quiz_is_right(&quiz, 0, "T (stopped)"), "and not another answer's");
	expect_true(!quiz_is_right(&quiz, 0, ", "), "and not what stands between them");
	expect_true(quiz_is_right(&quiz, 3, "Z (zombie)"), "any other, for words alone");
	expect_true(!quiz_is_right(&quiz, 3, "T (stopped)"), "but none that an answer names");
}

/* The value in a line, "-" if another one decides. */
static const char *value_in(const struct quiz *quiz, const char *line)
{
	const char *value = quiz_value(quiz, line);

	return value != NULL ? value : "-";
}

static void decides(void)
{
	struct quiz quiz;

	quiz_read(notes, "first", &quiz);
	expect_str("T (stopped)", value_in(&quiz, "State after it: T (stopped)"), "its message");
	expect_str("T", value_in(&quiz, "State after   it  : T"), "padded, in a table");
	expect_str("", value_in(&quiz, "State after it: "), "an empty value");
	expect_str("-", value_in(&quiz, "State after it: State: T"), "a longer message");
	expect_str("-", value_in(&quiz, "State: T"), "a shorter one");
	expect_str("-", value_in(&quiz, "State after it"), "no value");
	quiz_read("### a\n*Quiz.* Who? (`b: /proc/<tracee>/stat`)\n", "a", &quiz);
	expect_str("yes", value_in(&quiz, "b: /proc/4711 (tracee)/stat: yes"),
		"live, where a transcript has a role");
	quiz_read("### a\n*Why.* It asks nothing.\n", "a", &quiz);
	expect_str("-", value_in(&quiz, ": yes"), "nothing, where nothing is asked");
}

static const struct experiment experiments[] = {
	{ "reads", reads, "Is a quiz read as it is written?" },
	{ "reads-nothing", reads_nothing, "What is read of a section that asks nothing?" },
	{ "matches", matches, "Is a value recognised in what an expectation saw?" },
	{ "is-right", is_right, "When is an answer right?" },
	{ "decides", decides, "Which line decides?" },
};

static const struct scene scenes[] = { { "none", NULL } };

TEST_MAIN("quiz", "Is what the notes ask read, and judged, as it is written?")
