/* SPDX-License-Identifier: MIT */
/*
 * request.c: the names of requests. How a checked request fails is tested from outside, with
 * selftest.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "request.h"
#include "test.h"

#define NAMED(request)                                                                             \
	{                                                                                          \
		request, #request                                                                  \
	}

static void known(void)
{
	/* The first and last of each range, one that the kernel's header spells otherwise, and those
	 * that the headers of some systems do not have. */
	static const struct {
		long request;
		const char *name;
	} cases[] = { NAMED(PTRACE_TRACEME), NAMED(PTRACE_PEEKTEXT), NAMED(PTRACE_PEEKUSER),
		NAMED(PTRACE_POKEUSER), NAMED(PTRACE_ATTACH), NAMED(PTRACE_SYSCALL),
		NAMED(PTRACE_SINGLEBLOCK), NAMED(PTRACE_SETOPTIONS), NAMED(PTRACE_SEIZE),
		NAMED(PTRACE_GET_RSEQ_CONFIGURATION),
		NAMED(PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG), NAMED(PTRACE_SET_SYSCALL_INFO) };

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_str(cases[i].name, request_name(cases[i].request), "request %#lx",
			(unsigned long)cases[i].request);
}

/* Options, events and other constants begin with PTRACE_, too: each would double the number of a
 * request, or give a name to what is none. */
static void only_requests(void)
{
	long wrong = 0, named = 0;

	for (long request = 0; request < 0x5000; request++) {
		const char *name = request_name(request);

		if (strncmp(name, "request ", 8) == 0)
			continue;
		named++;
		wrong += strncmp(name, "PTRACE_", 7) != 0 || strncmp(name, "PTRACE_O_", 9) == 0 ||
			 strncmp(name, "PTRACE_EVENT", 12) == 0;
	}
	expect_ge(43, named, "numbers below 0x5000 that have a name");
	expect_eq(0, wrong, "of them with the name of something else");
	expect_str("PTRACE_PEEKTEXT", request_name(1), "1, an event too");
	expect_str("PTRACE_PEEKDATA", request_name(2), "2, a part of GET_SYSCALL_INFO too");
	expect_str("request 0x80", request_name(128), "128, PTRACE_EVENT_STOP");
}

static void unknown(void)
{
	expect_str("request 0x7777", request_name(0x7777), "a number of no request");
	expect_str("request 0xffffffffffffffff", request_name(-1), "-1");
}

/* An error leads to its own hint, and one that no request explains to none. */
static void hints(void)
{
	static const struct {
		int error;
		const char *words;
	} cases[] = { { ESRCH, "not stopped" }, { EPERM, "already traced" },
		{ EIO, "unknown request" }, { EINVAL, "an option or a state" } };

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_true(strstr(request_hint(cases[i].error), cases[i].words) != NULL,
			"%s: the hint has \"%s\"", errno_text(cases[i].error), cases[i].words);
	expect_str("", request_hint(ENOMEM), "ENOMEM");
}

static const struct experiment experiments[] = {
	{ "known", known, "Has each request its name?" },
	{ "only-requests", only_requests, "And nothing else a name of a request?" },
	{ "unknown", unknown, "What of a number that no header names?" },
	{ "hints", hints, "Is an error explained?" },
};

static const struct scene scenes[] = {};

TEST_MAIN("request", "Is a request told by its name?")
