/* SPDX-License-Identifier: MIT */
/*
 * Experiments, their expectations, and the one owner of the verdict.
 *
 * An experiment runs in a process of its own, which is the tracer, under a time limit. It states
 * expectations; this module prints each with the value seen, prints the result line (TAP 14),
 * counts, and decides the exit code. When an experiment ends, however it ends, every process it
 * started is killed and reaped: the runner is a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER).
 *
 * Outcomes: it holds ("ok"); it is refuted ("not ok"): an expectation failed, the tracer died, or
 * the time limit passed; it cannot run here ("# SKIP"); the set-up is broken ("Bail out!").
 */
#ifndef COMMON_CHECK_H
#define COMMON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "stop.h"

/* What a run of a lab exits with. */
enum lab_exit {
	LAB_HOLDS = 0,
	LAB_REFUTED = 1,
	LAB_USAGE = 2,
	LAB_SKIPPED = 77, /* nothing at all could run here */
	LAB_BROKEN = 99,  /* a set-up failed: neither confirmed nor refuted */
};

struct experiment {
	const char *slug; /* its id, unique in the lab: [a-z0-9-]+ */
	void (*run)(void);
	const char *question;
	const char *cases; /* labels of the outcomes that differ by who runs it, "a|b"; or NULL */
	unsigned limit_s;  /* its time limit in seconds; 0: 30 */
	bool without_tracing; /* runs also where nobody may trace: else it is skipped there */
};

struct lab {
	const char *id;       /* "01" */
	const char *question; /* the lab as a question */
	const struct experiment *experiments;
	size_t count;
	/* Real-target mode, given the words after the program's name; returns an exit code. */
	int (*target)(int argc, char **argv);
	const char *target_usage;   /* "-p PID   what it does", or NULL */
	const char *target_options; /* the letters that begin it ("bm-": -b, -m, --); NULL: "p" */
	const char *target_word;    /* or the long option that does ("--watch"), or NULL */
};

/*
 * Run the lab as the command line says: every experiment, the named ones, or its target mode.
 * Returns what main() returns. Bad words on the command line: one line on stderr, LAB_USAGE.
 */
int lab_main(const struct lab *lab, int argc, char **argv);

/*
 * Expectations. Each prints what was looked at and the value seen, on success too, and returns
 * whether it held. The message is a printf format that names the thing, without the value.
 */
#define expect_true(held, ...) check_true(__FILE__, __LINE__, held, __VA_ARGS__)
#define expect_eq(expected, seen, ...) check_eq(__FILE__, __LINE__, expected, seen, __VA_ARGS__)
#define expect_hex(expected, seen, ...) check_hex(__FILE__, __LINE__, expected, seen, __VA_ARGS__)
/* At least so many: the count seen is volatile, and a transcript shows the bound alone, which must
 * therefore be the same in every run. */
#define expect_ge(least, seen, ...) check_ge(__FILE__, __LINE__, least, seen, __VA_ARGS__)
#define expect_str(expected, seen, ...) check_str(__FILE__, __LINE__, expected, seen, __VA_ARGS__)
#define expect_pid(expected, seen, ...) check_pid(__FILE__, __LINE__, expected, seen, __VA_ARGS__)
#define expect_address(expected, seen, ...)                                                        \
	check_address(__FILE__, __LINE__, expected, seen, __VA_ARGS__)
/* The call under study: `result` is its return value, -1 with errno; expected_errno 0 = success. */
#define expect_errno(expected_errno, result, ...)                                                  \
	check_errno(__FILE__, __LINE__, expected_errno, result, __VA_ARGS__)
/* A decoded stop or end; `detail` is the signal, event or exit code, as struct stop documents. */
#define expect_stop(kind, detail, seen, ...)                                                       \
	check_stop(__FILE__, __LINE__, kind, detail, seen, __VA_ARGS__)
/* k of n trials behaved so: Always means k == n, Never k == 0; n == 0 fails as vacuous. */
#define expect_always(k, n, ...) check_quantified(__FILE__, __LINE__, true, k, n, __VA_ARGS__)
#define expect_never(k, n, ...) check_quantified(__FILE__, __LINE__, false, k, n, __VA_ARGS__)

#define CHECK_FORMAT(n) __attribute__((format(printf, n, (n) + 1)))
bool check_true(const char *file, int line, bool held, const char *what, ...) CHECK_FORMAT(4);
bool check_eq(const char *file, int line, long expected, long seen, const char *what, ...)
	CHECK_FORMAT(5);
bool check_hex(const char *file, int line, unsigned long expected, unsigned long seen,
	const char *what, ...) CHECK_FORMAT(5);
bool check_ge(const char *file, int line, long least, long seen, const char *what, ...)
	CHECK_FORMAT(5);
bool check_str(const char *file, int line, const char *expected, const char *seen, const char *what,
	...) CHECK_FORMAT(5);
bool check_pid(const char *file, int line, pid_t expected, pid_t seen, const char *what, ...)
	CHECK_FORMAT(5);
bool check_address(const char *file, int line, unsigned long expected, unsigned long seen,
	const char *what, ...) CHECK_FORMAT(5);
bool check_errno(const char *file, int line, int expected, long result, const char *what, ...)
	CHECK_FORMAT(5);
bool check_stop(const char *file, int line, enum stop_kind kind, int detail, struct stop seen,
	const char *what, ...) CHECK_FORMAT(6);
bool check_quantified(const char *file, int line, bool always, long k, long n, const char *what,
	...) CHECK_FORMAT(6);

/* Print an observation that no expectation judges. */
void note(const char *format, ...) CHECK_FORMAT(1);

/* Print a timing or another observation that no transcript can hold: shown live only. */
void note_live(const char *format, ...) CHECK_FORMAT(1);

/* This run is the case with this label, one of the experiment's `cases`. */
void this_case(const char *label);

/* The experiment cannot run here; ends it. If an expectation failed before, that verdict stays. */
_Noreturn void skip(const char *reason, ...) CHECK_FORMAT(1);

/* The scene could not be set; ends the experiment and the run. errno's name is added by the caller
 * where there is one: errno_text(). */
_Noreturn void broken(const char *reason, ...) CHECK_FORMAT(1);

/* "ESRCH (No such process)", or "success" for 0. */
const char *errno_text(int error);

/* What the experiment is waiting for now; named when the time limit passes. NULL: nothing. */
void waiting_for(const char *what);

/*
 * fork() for an experiment's helper processes: in the helper, SIGKILL follows when the process
 * that forked it ends (PR_SET_PDEATHSIG), so that nothing survives a SIGKILLed tracer.
 */
pid_t fork_helper(void);

#endif
