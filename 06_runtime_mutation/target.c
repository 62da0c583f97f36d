/* SPDX-License-Identifier: MIT */
/*
 * Lab 06 pointed at a stranger: start a program and have some of its system calls fail, return what
 * they did not do, bring a signal, or take their time. The rules are those of strace's inject.
 *
 * A call that is to fail or to return a value is not made: its number is replaced by -1 before the
 * kernel looks it up, and the result is already in rax, which the kernel then leaves alone
 * (do_syscall_64()). So such a call needs one stop, and so does one that is only counted. Since the
 * number is -1, no result is taken for one of the kernel's requests to restart a call
 * (handle_signal(), arch_do_signal_or_restart()); error=512 reaches the program as 512.
 *
 * A signal is pending when the call begins, so a call that waits is interrupted by it.
 *
 * What is counted are entries: a call that a signal handler interrupted and SA_RESTART makes again is
 * entered twice. Each thread and process counts by itself, from its birth, and an exec goes on
 * counting. The exec that starts the program is not counted, and never struck.
 *
 * Only the calls that a rule names stop the program, by a seccomp filter (common/filter.h): a program
 * can see the filter in its /proc/PID/status, and a call that its own filter denies is denied before
 * any rule sees it. Calls of the 32-bit table are not seen. Whatever the program creates has the
 * filter, too, and is traced without -f as well: the tracer ends with the last of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "count.h"
#include "filter.h"
#include "launch.h"
#include "loop.h"
#include "process.h"
#include "syscalls.h"
#include "target.h"
#include "text.h"

const char target_usage[] =
	"-i RULE [-i RULE...] [-f] [-q] -- PROGRAM [ARG...]\n"
	"                          have calls of the program fail, lie or wait, as strace's inject does;\n"
	"                          at the end stderr tells how often each rule was due\n"
	"      RULE   NAME[,NAME...]:WHAT[:WHAT...][:when=FIRST[..LAST][+[STEP]]]\n"
	"      NAME   a system call, as the program makes it: openat, where it says open()\n"
	"      WHAT   error=ERRNO or retval=N  the call is not made, and returns that\n"
	"             signal=SIG               it is sent as the call begins\n"
	"             delay_enter=TIME, delay_exit=TIME   before the call, after it; in\n"
	"                                      us, or with a unit: 250ms, 1.5s, 800ns\n"
	"      when   which of each thread's calls of that name, from 1 on: 3 the third; 3+ and all\n"
	"             later ones; 3+2 and every second later one; 3..5 the third to the fifth\n"
	"      Of several rules for one call, the last one that is due strikes.\n"
	"      -f     the threads and processes that it creates, too;  -q: nothing at the end";

#define RULES 64
#define ERRNO_MAX 4095 /* MAX_ERRNO, include/linux/err.h: what a call can return as an error */

struct rule {
	const char *text;
	struct calls calls;
	bool has_result, delays_exit;
	long result; /* what rax shall be */
	int sig;     /* 0: none */
	int64_t delay_enter_ns, delay_exit_ns;
	uint64_t first, last, step;
	uint64_t made, struck;
};

static struct rule rules[RULES];
static size_t rule_count;
static bool follow, quiet;

/* --- the words ---------------------------------------------------------------------------------- */

/* A word of the command line within one line. */
static const char *shown(const char *word)
{
	return text("%.*s", (int)strcspn(word, "\r\n"), word);
}

#define refuse_rule(rule, ...)                                                                     \
	target_refuse("rule \"%s\": %s", shown((rule)->text), text(__VA_ARGS__))

static bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

/* A whole word that is a decimal number; -1 if it is none. */
static long parse_number(const char *word)
{
	return *word != '\0' && word[strspn(word, "0123456789")] == '\0' ? strtol(word, NULL, 10)
									 : -1;
}

static void parse_name(struct rule *rule, const char *name)
{
	long number = parse_number(name);

	if (strchr("%/!?", *name) != NULL || strcmp(name, "all") == 0 || strcmp(name, "none") == 0)
		refuse_rule(rule, *name == '\0'
					  ? "a name is missing: NAME[,NAME...] comes first"
					  : "sets of calls are not known here: name each call");
	if (number == -1)
		number = syscall_number(name);
	if (number < 0 || number >= CALLS || syscall_number(syscall_name(number)) != number)
		refuse_rule(rule, "there is no system call \"%s\" on x86_64", shown(name));
	rule->calls.has[number] = true;
}

static void parse_error(struct rule *rule, const char *value)
{
	static const struct {
		const char *name;
		int error;
	} others[] = { { "EWOULDBLOCK", EWOULDBLOCK }, { "EDEADLOCK", EDEADLOCK },
		{ "ENOTSUP", ENOTSUP } };
	long error = parse_number(value);

	for (size_t i = 0; i < COUNT(others); i++)
		if (strcasecmp(value, others[i].name) == 0)
			error = others[i].error;
	for (int i = 1; i <= ERRNO_MAX && error == -1; i++)
		if (strerrorname_np(i) != NULL && strcasecmp(value, strerrorname_np(i)) == 0)
			error = i;
	if (error < 1 || error > ERRNO_MAX)
		refuse_rule(rule, "there is no error \"%s\": a name of errno(3), or 1 to %d",
			shown(value), ERRNO_MAX);
	rule->has_result = true;
	rule->result = -error;
}

static void parse_retval(struct rule *rule, const char *value)
{
	char *end;

	errno = 0;
	rule->has_result = true;
	rule->result = *value == '-' ? strtol(value, &end, 0) : (long)strtoul(value, &end, 0);
	if (!is_digit(value[*value == '-']) || *end != '\0' || errno != 0)
		refuse_rule(rule, "retval=%s is not a number of 64 bits", shown(value));
}

static void parse_signal(struct rule *rule, const char *value)
{
	const char *name = strncasecmp(value, "SIG", 3) == 0 ? value + 3 : value;
	long sig = parse_number(value);

	for (int i = 1; i <= SIGRTMAX && sig == -1; i++)
		if (strncmp(signal_name(i), "SIG", 3) == 0 &&
			strcasecmp(name, signal_name(i) + 3) == 0)
			sig = i;
	if (sig < 1 || sig > SIGRTMAX)
		refuse_rule(rule, "there is no signal \"%s\": a name of signal(7), or 1 to %d",
			shown(value), SIGRTMAX);
	rule->sig = (int)sig;
}

static int64_t parse_time(const struct rule *rule, const char *value)
{
	static const struct {
		const char *name;
		long double ns;
	} units[] = { { "", 1e3L }, { "us", 1e3L }, { "ns", 1 }, { "ms", 1e6L }, { "s", 1e9L } };
	char *unit = NULL;
	long double number = is_digit(value[*value == '.']) ? strtold(value, &unit) : 0;

	for (size_t i = 0; i < COUNT(units); i++)
		if (unit != NULL && strcmp(unit, units[i].name) == 0 &&
			number * units[i].ns <= (long double)(INT64_MAX / 2))
			return (int64_t)(number * units[i].ns);
	refuse_rule(rule, "\"%s\" is not a time: a number, and s, ms, us (as without a unit) or ns",
		shown(value));
}

static void parse_delay_enter(struct rule *rule, const char *value)
{
	rule->delay_enter_ns = parse_time(rule, value);
}

static void parse_delay_exit(struct rule *rule, const char *value)
{
	rule->delays_exit = true;
	rule->delay_exit_ns = parse_time(rule, value);
}

static uint64_t parse_ordinal(const struct rule *rule, const char **cursor)
{
	char *end;

	errno = 0;

	uint64_t ordinal = is_digit(**cursor) ? strtoul(*cursor, &end, 10) : 0;

	if (ordinal == 0 || errno != 0)
		refuse_rule(rule, "when= takes FIRST, FIRST+, FIRST+STEP, FIRST..LAST or "
				  "FIRST..LAST+STEP, each 1 or more");
	*cursor = end;
	return ordinal;
}

static void parse_when(struct rule *rule, const char *value)
{
	rule->first = rule->last = parse_ordinal(rule, &value);
	rule->step = 1;
	if (strncmp(value, "..", 2) == 0) {
		value += 2;
		rule->last = parse_ordinal(rule, &value);
	} else if (*value == '+') {
		rule->last = UINT64_MAX;
	}
	if (*value == '+' && *++value != '\0')
		rule->step = parse_ordinal(rule, &value);
	if (*value != '\0')
		refuse_rule(rule, "\"%s\" is too much for when=", shown(value));
	if (rule->last < rule->first)
		refuse_rule(rule, "when= ends before it begins");
}

static const struct part {
	const char *name;
	void (*parse)(struct rule *rule, const char *value);
	unsigned excludes; /* it and those that cannot stand in one rule with it; 1 << index */
} parts[] = {
	{ "error=", parse_error, 1 << 0 | 1 << 1 },
	{ "retval=", parse_retval, 1 << 0 | 1 << 1 },
	{ "signal=", parse_signal, 1 << 2 },
	{ "delay_enter=", parse_delay_enter, 1 << 3 },
	{ "delay_exit=", parse_delay_exit, 1 << 4 },
	{ "when=", parse_when, 0 },
};

/* Returns the part's bit if it says what shall happen, and not when. */
static unsigned parse_part(struct rule *rule, const char *word, unsigned given)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		const struct part *part = &parts[i];

		if (strncmp(word, part->name, strlen(part->name)) != 0)
			continue;
		if (given & part->excludes)
			refuse_rule(rule, "\"%s\" contradicts what stands before it", shown(word));
		part->parse(rule, word + strlen(part->name));
		return part->excludes != 0 ? 1U << i : 0;
	}
	refuse_rule(rule,
		"\"%s\" is none of error=, retval=, signal=, delay_enter=, delay_exit=, when=",
		shown(word));
}

static void add_rule(const char *word)
{
	struct rule *rule = &rules[rule_count];
	char *copy = strdup(word), *rest = copy, *names = strsep(&rest, ":"), *name;
	unsigned given = 0;

	if (rule_count == RULES)
		target_refuse("more than %d rules", RULES);
	rule_count++;
	*rule = (struct rule){ .text = word, .first = 1, .last = UINT64_MAX, .step = 1 };
	while ((name = strsep(&names, ",")) != NULL)
		parse_name(rule, name);
	while (rest != NULL)
		given |= parse_part(rule, strsep(&rest, ":"), given);
	if (given == 0)
		refuse_rule(rule, "what shall happen? error=ENOENT, for one");
	free(copy);
}

/* Takes in the options and returns the program with its arguments. */
static char **parse_words(int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, "+i:fq")) != -1) {
		switch (option) {
		case 'i':
			add_rule(optarg);
			break;
		case 'f':
			follow = true;
			break;
		case 'q':
			quiet = true;
			break;
		default:
			target_refuse(optopt == 'i' ? "-%c needs a rule (--help tells the usage)"
						    : "-%c is no option here: -i, -f, -q, then "
						      "-- PROGRAM",
				optopt);
		}
	}
	if (rule_count == 0)
		target_refuse("no rule: say with -i what shall happen to which call");
	if (argv[optind] == NULL)
		target_refuse("no program: it comes last, after --");
	return argv + optind;
}

/* --- calls -------------------------------------------------------------------------------------- */

/* A task's own. */
struct own {
	const struct rule *leaving; /* what its call is delayed by when it leaves; NULL: nothing */
	uint64_t made[];            /* by it, of each call of `tool.calls`, in their order */
};

static struct calls calls;   /* those that a rule names */
static size_t places[CALLS]; /* where in `made` each is counted */
static bool started;         /* the exec that starts the program is done */

static bool is_due(const struct rule *rule, uint64_t made)
{
	return made >= rule->first && made <= rule->last && (made - rule->first) % rule->step == 0;
}

static void set_register(const struct task *task, size_t offset, long value)
{
	/* ESRCH: SIGKILL took it out of its stop, and it does not make the call. */
	ptrace(PTRACE_POKEUSER, task->tid, offset, value);
}

static void strike(struct task *task, struct rule *rule)
{
	rule->struck++;
	if (rule->sig != 0)
		syscall(SYS_tkill, task->tid, rule->sig);
	if (rule->has_result) {
		set_register(task, offsetof(struct user, regs.orig_rax), -1);
		set_register(task, offsetof(struct user, regs.rax), rule->result);
	}
	if (rule->delay_enter_ns != 0)
		loop_delay(task, rule->delay_enter_ns);
}

static void entered(struct task *task)
{
	struct own *own = task->own;
	unsigned long number = task->call.entry.nr;
	struct rule *due = NULL;

	if (!started)
		return;
	own->made[places[number]]++;
	for (size_t i = 0; i < rule_count; i++) {
		if (!calls_has(&rules[i].calls, number))
			continue;
		rules[i].made++;
		if (is_due(&rules[i], own->made[places[number]]))
			due = &rules[i];
	}
	if (due != NULL)
		strike(task, due);
	own->leaving = due != NULL && due->delays_exit ? due : NULL;
	/* Nothing is to be done when it leaves: no stop for that. */
	task->in_call = own->leaving != NULL;
}

static void left(struct task *task, const struct ptrace_syscall_info *info)
{
	const struct own *own = task->own;

	(void)info;
	if (own->leaving != NULL)
		loop_delay(task, own->leaving->delay_exit_ns);
}

/*
 * A signal of strike() comes from the kernel, as it does with strace, and not from a process that the
 * program cannot know: PTRACE_EVENT_SECCOMP is no stop that PTRACE_CONT could send a signal from.
 */
static int signalled(struct task *task, int sig)
{
	siginfo_t info;

	if (ptrace(PTRACE_GETSIGINFO, task->tid, 0, &info) == 0 && info.si_code == SI_TKILL &&
		info.si_pid == getpid()) {
		info = (siginfo_t){ .si_signo = sig, .si_code = SI_KERNEL };
		ptrace(PTRACE_SETSIGINFO, task->tid, 0, &info);
	}
	return sig;
}

static void executed(struct task *task, pid_t former)
{
	(void)task;
	(void)former;
	started = true;
}

static struct loop_tool tool = {
	.entered = entered,
	.left = left,
	.signalled = signalled,
	.executed = executed,
	.calls = &calls,
};

static void select_calls(void)
{
	size_t selected = 0;

	for (size_t number = 0; number < CALLS; number++) {
		for (size_t i = 0; i < rule_count; i++)
			calls.has[number] |= rules[i].calls.has[number];
		places[number] = selected;
		selected += calls.has[number];
	}
	tool.follow = follow;
	tool.own_size = sizeof(struct own) + selected * sizeof(uint64_t);
}

static void report(void)
{
	for (size_t i = 0; i < rule_count; i++)
		dprintf(STDERR_FILENO, "%s: %s: %" PRIu64 " calls, %" PRIu64 " struck\n",
			program_invocation_short_name, rules[i].text, rules[i].made,
			rules[i].struck);
}

static void refuse_32_bit(const char *path)
{
	char start[5] = "";
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (read(file, start, sizeof(start)) == sizeof(start) &&
		memcmp(start, "\177ELF\001", sizeof(start)) == 0)
		target_refuse("%s is a 32-bit program: its calls are not those of the rules", path);
	close(file);
}

int target_mode(int argc, char **argv)
{
	char **words = parse_words(argc + 1, argv - 1);
	const char *path = launch_find(*words);

	process_reserve_fds(O_CLOEXEC);
	refuse_32_bit(path);
	select_calls();
	loop_launch(&tool, path, words);
	loop_run();
	launch_check(path);
	if (!quiet)
		report();
	return launch_end_alike(loop_program_end());
}
