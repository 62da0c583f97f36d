/* SPDX-License-Identifier: MIT */
/*
 * show.c: is a value shown by its role, alone in a transcript, and do two different values ever
 * share one?
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <wchar.h>

#include "show.h"
#include "test.h"
#include "text.h"

/* What `show` says in a transcript, and live. */
static const char *in_transcript(const char *(*show)(uint64_t), uint64_t value, bool transcript)
{
	bool was = show_transcript;
	const char *shown;

	show_transcript = transcript;
	shown = show(value);
	show_transcript = was;
	return shown;
}

#define LIVE(show, value) in_transcript(show, value, false)
#define TRANSCRIPT(show, value) in_transcript(show, value, true)

static const char *pid(uint64_t value)
{
	return show_pid((pid_t)value);
}

static const char *ns(uint64_t value)
{
	return show_ns((int64_t)value);
}

static const char *count(uint64_t value)
{
	return show_count((long)value);
}

/* No number here may be the pid that this process has by chance: they are above every real one. */
static void pids(void)
{
	role_pid("parent", 500000100);
	role_pid("child", 500000200);
	expect_str("500000100 (parent)", LIVE(pid, 500000100), "with a role");
	expect_str("<parent>", TRANSCRIPT(pid, 500000100), "in a transcript");
	expect_str("500000300", LIVE(pid, 500000300), "without a role");
	expect_str("<pid1>", TRANSCRIPT(pid, 500000300), "in a transcript");
	expect_str("<pid2>", TRANSCRIPT(pid, 500000301), "another one");
	expect_str("<pid1>", TRANSCRIPT(pid, 500000300), "the first again");
	expect_str("0", TRANSCRIPT(pid, 0), "0, which is nobody");
	role_pid("child", 500000201);
	expect_str("<child>", TRANSCRIPT(pid, 500000201), "a role given anew");
	expect_str("<pid3>", TRANSCRIPT(pid, 500000200), "who had it before");
}

/* Far more values than roles are kept for: first pids, then addresses. None gets a name that
 * another one had, and afterwards no pid has become an address. */
static void never_shared(void)
{
	enum { VALUES = 300, FIRST = 500001000 };
	static char names[2 * VALUES][32];
	unsigned distinct = 0, still_pids = 0;

	for (unsigned i = 0; i < 2 * VALUES; i++) {
		const char *name = i < VALUES ? TRANSCRIPT(pid, FIRST + i)
					      : TRANSCRIPT(show_address, FIRST + i);
		unsigned earlier = 0;

		snprintf(names[i], sizeof(names[i]), "%s", name);
		while (earlier < i && strcmp(names[earlier], names[i]) != 0)
			earlier++;
		distinct += earlier == i;
	}
	for (unsigned i = VALUES; i-- > 0;)
		still_pids += strncmp(TRANSCRIPT(pid, FIRST + i), "<pid", 4) == 0;
	expect_always(distinct, 2L * VALUES, "pids and addresses with a name of their own");
	expect_always(still_pids, VALUES, "pids shown as pids afterwards");
}

/* A name may be made on the spot: it is kept, not pointed at. */
static void made_names(void)
{
	for (int i = 0; i < 3; i++)
		role_pid(text("thread %d", i), 500000100 + i);
	for (int i = 0; i < 100; i++)
		text("something else %d", i);
	expect_str("<thread 0>", TRANSCRIPT(pid, 500000100), "the first");
	expect_str("<thread 2>", TRANSCRIPT(pid, 500000102), "the last");
}

static void addresses(void)
{
	role_address("buffer", 0x1000, 16);
	expect_str("0x1000 (buffer)", LIVE(show_address, 0x1000), "its first byte");
	expect_str("0x100f (buffer+0xf)", LIVE(show_address, 0x100f), "its last byte");
	expect_str("0x1010", LIVE(show_address, 0x1010), "one past it");
	expect_str("0xfff", LIVE(show_address, 0xfff), "one before it");
	expect_str("<buffer>", TRANSCRIPT(show_address, 0x1000), "in a transcript, its first byte");
	expect_str("<buffer+0xf>", TRANSCRIPT(show_address, 0x100f), "its last byte");
	expect_str("<address1>", TRANSCRIPT(show_address, 0x1010), "one past it");
	expect_str("<address2>", TRANSCRIPT(show_address, 0xfff), "one before it");
	role_address("field", 0x1004, 4);
	expect_str("<field+0x3>", TRANSCRIPT(show_address, 0x1007), "a newer range inside");
	expect_str("<buffer+0x8>", TRANSCRIPT(show_address, 0x1008), "the rest of the older");
	role_address("end", UINT64_MAX - 15, 16);
	expect_str("<end+0xf>", TRANSCRIPT(show_address, UINT64_MAX), "the last address of all");
	expect_str("0", TRANSCRIPT(show_address, 0), "0");
}

static void times_and_counts(void)
{
	static const struct {
		int64_t ns;
		const char *shown;
	} cases[] = {
		{ 0, "0 ns" },
		{ 999, "999 ns" },
		{ 1000, "1.0 us" },
		{ 12340, "12.3 us" },
		{ 1000000, "1.0 ms" },
		{ 1500000000, "1.50 s" },
		{ 90000000000, "90.00 s" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_str(cases[i].shown, LIVE(ns, (uint64_t)cases[i].ns), "%ld ns",
			(long)cases[i].ns);
	expect_str("<time>", TRANSCRIPT(ns, 12340), "in a transcript");
	expect_str("37", LIVE(count, 37), "a count");
	expect_str("<count>", TRANSCRIPT(count, 37), "in a transcript");
}

/* text(): the last 256 results hold, a long one is cut, errno is kept. */
static void texts(void)
{
	const char *first = text("%d", 0);
	unsigned kept = 1;

	for (int i = 1; i < 256; i++)
		kept += strcmp(text("%d", i), "0") != 0 && strcmp(first, "0") == 0;
	expect_always(kept, 256, "results that hold");
	expect_eq(1023, (long)strlen(text("%2000d", 1)), "length of a result that is cut");
	errno = EPERM;
	text("%lc", (wint_t)0x100); /* has no form in the C locale: vsnprintf() sets EILSEQ */
	expect_eq(EPERM, errno, "errno afterwards");
}

static const struct experiment experiments[] = {
	{ "pids", pids, "Are pids shown by role?", NULL, 0 },
	{ "never-shared", never_shared, "Do two values ever share a role?", NULL, 0 },
	{ "made-names", made_names, "May the name of a role be made on the spot?", NULL, 0 },
	{ "addresses", addresses, "Are addresses shown by the range that they are in?", NULL, 0 },
	{ "times-and-counts", times_and_counts, "Are times and counts shown?", NULL, 0 },
	{ "texts", texts, "How long does a text() last?", NULL, 0 },
};

static const struct scene scenes[] = { { "none", NULL } };

TEST_MAIN("show", "Is a value shown by its role, and is the role its own?")
