/* SPDX-License-Identifier: MIT */
/*
 * Good and bad experiments, for scripts/tests/runner.sh to run and to judge how they are judged.
 * Most of them are meant to fail; `make check` does not run this lab by itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "request.h"
#include "show.h"
#include "test.h"
#include "tracee.h"

static void scene_pause(void)
{
	scene_ready();
	for (;;)
		pause();
}

static void scene_dies(void)
{
	_exit(5);
}

static void scene_dies_later(void)
{
	scene_ready();
	_exit(0);
}

static void scene_ends_by_signal(void)
{
	raise(SIGTERM);
}

/* --- that hold -------------------------------------------------------------------------------- */

static int buffer[4];

static void holds(void)
{
	struct tracee first = tracee_start("pause");

	role_pid("first", first.pid);

	struct tracee second = tracee_start("pause");
	pid_t stranger = fork_helper();

	if (stranger == 0)
		_exit(0);
	role_address("buffer", (unsigned long)buffer, sizeof(buffer));
	expect_true(true, "a truth");
	expect_eq(-1, -1, "a number");
	expect_hex(0x7f, 0x7f, "a mask");
	expect_ge(1, (long)getpid(), "a count");
	expect_str("two words", "two words", "a text");
	expect_pid(first.pid, first.pid, "the first tracee");
	expect_pid(second.pid, second.pid, "the second tracee");
	expect_pid(stranger, stranger, "a third");
	expect_address((unsigned long)&buffer[2], (unsigned long)&buffer[2], "an address");
	expect_errno(ESRCH, ptrace(PTRACE_CONT, first.pid, 0, 0), "PTRACE_CONT");
	expect_stop(STOP_EXITED, 0, stop_wait(stranger), "the third");
	expect_always(3, 3, "a rule");
	expect_never(0, 3, "an exception");
	note("a remark, %s", show_ns(12345));
	note_live("only live");
}

static void repeats(void)
{
	for (long number = 1; number <= 3; number++)
		expect_eq(number, number, "a number");
}

static void has_a_case(void)
{
	this_case("beta");
	expect_true(true, "a truth");
}

/* Whatever the runner was started with. */
static void starts_clean(void)
{
	expect_hex(0, proc_mask(getpid(), "SigIgn"), "SigIgn");
	expect_hex(0, proc_mask(getpid(), "SigBlk"), "SigBlk");
}

/* A process that nothing ties to its parent: not fork_helper(). */
static void orphan(void)
{
	pid_t child = fork();

	if (child == 0) {
		if (fork() > 0)
			_exit(0);
		setsid();
		for (;;)
			pause();
	}
	waitpid(child, NULL, 0);
}

/* Of each kind of process that can be left behind, one. */
static void leave_a_mess(void)
{
	struct tracee stopped = tracee_start("pause"), attached = tracee_start("pause"),
		      seized = tracee_start_seized("pause", PTRACE_O_TRACEEXIT),
		      exiting = tracee_start_seized("pause", PTRACE_O_TRACEEXIT);

	tracee_start("pause");
	kill(stopped.pid, SIGSTOP);
	proc_wait_state(stopped.pid, "T");
	xptrace(PTRACE_ATTACH, attached.pid, 0L, 0L);
	stop_wait(attached.pid);
	xptrace(PTRACE_INTERRUPT, seized.pid, 0L, 0L);
	stop_wait(seized.pid);
	kill(exiting.pid, SIGTERM);
	stop_wait(exiting.pid);
	xresume(PTRACE_CONT, exiting.pid, SIGTERM);
	orphan();
}

static void leaves(void)
{
	leave_a_mess();
	expect_true(true, "a truth");
}

/* Its parent, which the runner has to reap, is held by a tracer that sleeps for ever. */
static void leaves_traced_parent(void)
{
	int ready[2];
	char byte;

	if (pipe(ready) == -1)
		broken("pipe: %s", errno_text(errno));

	pid_t parent = getpid();

	if (fork() == 0) {
		long result = ptrace(PTRACE_SEIZE, parent, 0L, 0L);

		if (write(ready[1], result == 0 ? "y" : "n", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(ready[0], &byte, 1) != 1 || byte != 'y')
		skip("a child may not trace its parent here");
	expect_true(true, "traced by its own child");
}

/* --- that are refuted ------------------------------------------------------------------------- */

/* Every expectation, failing: what it prints is compared. */
static void refuted(void)
{
	const struct stop stop = { .kind = STOP_SIGNAL, .detail = SIGINT, .status = 0x027f };

	expect_true(true, "one that holds");
	expect_true(false, "a truth");
	expect_eq(1, 2, "number %d", 7);
	expect_hex(0x10, 0x20, "a mask");
	expect_ge(5, 4, "a count");
	expect_str("a", "b", "a text");
	expect_pid(1, 0, "a pid");
	expect_address(0x10, 0, "an address");
	expect_errno(EIO, (errno = ESRCH, -1), "a call");
	expect_errno(EIO, 0, "another call");
	expect_stop(STOP_EXITED, 3, stop, "a stop");
	expect_always(2, 3, "a rule");
	expect_never(3, 3, "an exception");
	expect_always(0, 0, "nothing tried");
}

static void helper_refutes(void)
{
	pid_t helper = fork_helper();

	if (helper == 0) {
		expect_true(false, "what the helper saw");
		_exit(0);
	}
	expect_stop(STOP_EXITED, 0, stop_wait(helper), "the helper");
}

static void hangs(void)
{
	leave_a_mess();

	struct tracee running = tracee_start_seized("pause", 0);

	expect_true(true, "a truth before");
	stop_wait(running.pid);
}

static void hangs_silently(void)
{
	expect_true(true, "a truth before");
	for (;;)
		pause();
}

static void crashes(void)
{
	leave_a_mess();
	expect_true(true, "a truth before");
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void exits_early(void)
{
	expect_true(true, "a truth before");
	exit(0);
}

static void skip_after_failure(void)
{
	expect_true(false, "a truth");
	skip("no longer wanted");
}

static void breaks_after_failure(void)
{
	expect_true(false, "a truth");
	broken("no floor left");
}

/* --- that cannot run -------------------------------------------------------------------------- */

static void skipped(void)
{
	skip("needs %d hands", 3);
}

static void skipped_late(void)
{
	expect_true(true, "a truth");
	skip("needs more time");
}

/* --- that are broken -------------------------------------------------------------------------- */

static void breaks(void)
{
	expect_true(true, "a truth before");
	broken("no floor: %s", errno_text(ENOENT));
}

static void helper_breaks(void)
{
	pid_t helper = fork_helper();

	if (helper == 0)
		broken("the helper has no floor");
	expect_stop(STOP_EXITED, LAB_BROKEN, stop_wait(helper), "the helper");
}

static void checks_nothing(void)
{
	note("a remark is no expectation");
}

static void unknown_case(void)
{
	expect_true(true, "a truth");
	this_case("gamma");
}

static void part_of_a_case(void)
{
	this_case("alph");
}

static void case_of_none(void)
{
	this_case("alpha");
}

/* The scenery's calls, each failing: the words of their complaints are compared. */
static void request_fails(void)
{
	struct tracee tracee = tracee_start("pause");

	role_pid("pid of the request", tracee.pid);
	xptrace(PTRACE_CONT, tracee.pid, 0L, 0L);
}

static void peek_fails(void)
{
	struct tracee tracee = tracee_start_seized("pause", 0);

	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	xpeek(PTRACE_PEEKDATA, tracee.pid, 0x10);
}

static void wait_fails(void)
{
	stop_wait(1);
}

static void scene_dies_first(void)
{
	tracee_start("dies");
}

static void scene_killed_first(void)
{
	tracee_start("ends-by-signal");
}

static void no_such_scene(void)
{
	tracee_start("nowhere");
}

static void never_told(void)
{
	struct tracee tracee = tracee_start("pause");

	told(&tracee, "the truth");
}

static void dies_untold(void)
{
	struct tracee tracee = tracee_start("dies-later");

	wait_told(&tracee, "the truth", 1);
}

static void dies_unblocked(void)
{
	struct tracee tracee = tracee_start("dies-later");

	proc_wait_blocked(tracee.pid, 0);
}

/* --- for who ends the runner ------------------------------------------------------------------ */

/* As leave_a_mess(), without the orphan: nothing that this library does not start. */
static void waits(void)
{
	struct tracee stopped = tracee_start("pause"), attached = tracee_start("pause");

	tracee_start_seized("pause", 0);
	kill(stopped.pid, SIGSTOP);
	proc_wait_state(stopped.pid, "T");
	xptrace(PTRACE_ATTACH, attached.pid, 0L, 0L);
	stop_wait(attached.pid);
	if (fork_helper() == 0)
		for (;;)
			pause();
	note("the scene is set");
	for (;;)
		pause();
}

/* For scripts/tests/predict.sh, whose reader interrupts it. */
static void lingers(void)
{
	leave_a_mess();
	note("the scene is set");
	for (;;)
		pause();
}

#define ABOUT(slug, function)                                                                      \
	{                                                                                          \
		slug, function, "What becomes of " slug "?", NULL, 0                               \
	}

static const struct experiment experiments[] = {
	ABOUT("holds", holds),
	{ "has-a-case", has_a_case, "Which case is it?", "alpha|beta", 0 },
	ABOUT("repeats", repeats),
	ABOUT("starts-clean", starts_clean),
	{ .slug = "without-tracing",
		.run = starts_clean,
		.question = "Does it need to trace?",
		.without_tracing = true },
	ABOUT("leaves", leaves),
	{ "leaves-traced-parent", leaves_traced_parent, "Is a traced tracer reaped?", NULL, 5 },
	ABOUT("refuted", refuted),
	ABOUT("helper-refutes", helper_refutes),
	{ "hangs", hangs, "Does it end?", NULL, 5 },
	{ "hangs-silently", hangs_silently, "Does it end?", NULL, 1 },
	ABOUT("crashes", crashes),
	ABOUT("exits-early", exits_early),
	ABOUT("skip-after-failure", skip_after_failure),
	ABOUT("breaks-after-failure", breaks_after_failure),
	ABOUT("skipped", skipped),
	ABOUT("skipped-late", skipped_late),
	ABOUT("breaks", breaks),
	ABOUT("helper-breaks", helper_breaks),
	ABOUT("checks-nothing", checks_nothing),
	{ "unknown-case", unknown_case, "Which case is it?", "alpha|beta", 0 },
	{ "part-of-a-case", part_of_a_case, "Which case is it?", "alpha|beta", 0 },
	ABOUT("case-of-none", case_of_none),
	ABOUT("request-fails", request_fails),
	ABOUT("peek-fails", peek_fails),
	ABOUT("wait-fails", wait_fails),
	ABOUT("scene-dies-first", scene_dies_first),
	ABOUT("scene-killed-first", scene_killed_first),
	ABOUT("no-such-scene", no_such_scene),
	ABOUT("never-told", never_told),
	ABOUT("dies-untold", dies_untold),
	ABOUT("dies-unblocked", dies_unblocked),
	ABOUT("waits", waits),
	{ "lingers", lingers, "What becomes of lingers?", NULL, 600 },
};

static const struct scene scenes[] = {
	{ "pause", scene_pause },
	{ "dies", scene_dies },
	{ "dies-later", scene_dies_later },
	{ "ends-by-signal", scene_ends_by_signal },
};

TEST_MAIN("98", "How is each kind of experiment judged?")
