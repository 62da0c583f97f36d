/* SPDX-License-Identifier: MIT */
/*
 * check.c, as far as a process can watch it from inside: what an expectation returns. How the
 * runner judges is tested from outside, by scripts/tests/runner.sh with selftest.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "show.h"
#include "test.h"
#include "tracee.h"

/* An expectation may not fail in an experiment that is to hold, so they are made in a scene, where
 * no verdict is kept; it tells what they returned, bit by bit. What they print goes nowhere. */
static void scene_expectations(void)
{
	const struct stop exited = { .kind = STOP_EXITED, .detail = 3 };
	long good = 0, bad = 0;

	if (freopen("/dev/null", "w", stdout) == NULL)
		scene_broken("freopen");
	bool holds[] = { expect_true(true, "true"), expect_eq(-1, -1, "eq"),
		expect_hex(~0UL, ~0UL, "hex"), expect_ge(3, 3, "ge"), expect_ge(-2, -1, "ge"),
		expect_str("a", "a", "str"), expect_pid(7, 7, "pid"),
		expect_address(8, 8, "address"), expect_errno(ESRCH, (errno = ESRCH, -1), "errno"),
		expect_errno(0, 0, "errno"), expect_errno(0, (errno = ESRCH, -2), "errno"),
		expect_stop(STOP_EXITED, 3, exited, "stop"), expect_always(3, 3, "always"),
		expect_never(0, 3, "never") };
	bool fails[] = { expect_true(false, "true"), expect_eq(1, -1, "eq"),
		expect_hex(1, 1UL << 63, "hex"), expect_ge(3, 2, "ge"), expect_ge(-1, -2, "ge"),
		expect_str("a", "ab", "str"), expect_pid(7, 8, "pid"),
		expect_address(8, 9, "address"), expect_errno(EPERM, -1, "errno"),
		expect_errno(0, -1, "errno"), expect_errno(ESRCH, 0, "errno"),
		expect_stop(STOP_EXITED, 4, exited, "stop"),
		expect_stop(STOP_KILLED, 3, exited, "stop"), expect_always(2, 3, "always"),
		expect_always(0, 0, "always"), expect_always(4, 3, "always"),
		expect_never(1, 3, "never"), expect_never(0, 0, "never") };

	for (size_t i = 0; i < COUNT(holds); i++)
		good += holds[i];
	for (size_t i = 0; i < COUNT(fails); i++)
		bad += fails[i];
	scene_tell("good ones", COUNT(holds));
	scene_tell("good ones that hold", good);
	scene_tell("bad ones", COUNT(fails));
	scene_tell("bad ones that hold", bad);
	scene_ready();
}

static void expectations(void)
{
	struct tracee tracee = tracee_start("expectations");

	expect_eq(14, told(&tracee, "good ones"), "good ones made");
	expect_always(told(&tracee, "good ones that hold"), 14, "good ones that hold");
	expect_eq(18, told(&tracee, "bad ones"), "bad ones made");
	expect_never(told(&tracee, "bad ones that hold"), 18, "bad ones that hold");
}

/* The message is formatted between the call under study and the look at errno. */
static void errno_kept(void)
{
	/* cppcheck-suppress invalidFunctionArg ; it is to fail */
	expect_errno(EBADF, close(-1), "%s %s %s", show_pid(getpid()), show_address(0x1000),
		errno_text(ENOENT));
	expect_errno(ESRCH, kill(0x7fffffff, 0), "%s", stop_text(stop_decode(0x857f)));
	expect_str("success", errno_text(0), "0 in words");
	expect_str("ESRCH (No such process)", errno_text(ESRCH), "3 in words");
	expect_str("errno 9999", errno_text(9999), "9999 in words");
}

static void scene_breaks(void)
{
	if (freopen("/dev/null", "w", stderr) == NULL)
		scene_broken("freopen");
	scene_ready();
	broken("of course");
}

/* In a target mode there is no experiment: broken() is a usage error. */
static void broken_outside(void)
{
	struct tracee tracee = tracee_start("breaks");

	expect_stop(STOP_EXITED, LAB_USAGE, stop_wait(tracee.pid), "broken() ends the process");
}

static const struct experiment experiments[] = {
	{ "expectations", expectations, "Does an expectation return whether it held?", NULL, 0 },
	{ "errno-kept", errno_kept, "Does errno reach the expectation?", NULL, 0 },
	{ "broken-outside", broken_outside, "What is broken() without an experiment?", NULL, 0 },
};

static const struct scene scenes[] = {
	{ "expectations", scene_expectations },
	{ "breaks", scene_breaks },
};

TEST_MAIN("check", "Does an expectation say whether it held?")
