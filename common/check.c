/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "count.h"
#include "predict.h"
#include "proc.h"
#include "process.h"
#include "show.h"
#include "sweep.h"
#include "text.h"

#define DEFAULT_LIMIT_S 30

/* What an experiment's processes tell the runner: a shared page, so that it outlives a crash. */
struct verdict {
	atomic_uint checks;
	atomic_uint failed;
	atomic_bool finished;
	atomic_bool skipped;
	atomic_bool broken;
	char reason[512];
	char waiting_for[256];
};

static struct verdict *verdict; /* NULL outside of an experiment */
static bool is_runner;
static const struct experiment *current;
static bool colour;

enum outcome { HOLDS, REFUTED, SKIPPED, BROKEN };

/* --- expectations ----------------------------------------------------------------------------- */

__attribute__((format(printf, 6, 0))) static void record(bool held, const char *file, int line,
	const char *seen, const char *expected, const char *what, va_list arguments)
{
	char name[256];

	vsnprintf(name, sizeof(name), what, arguments);
	if (verdict != NULL) {
		verdict->checks++;
		verdict->failed += !held;
	}
	predict_saw(name, seen);
	if (held)
		printf("#   = %s: %s\n", name, seen);
	else
		printf("#   ! %s: %s, expected %s (%s:%d)\n", name, seen, expected, file, line);
}

#define RECORD(held, seen, expected)                                                               \
	do {                                                                                       \
		bool holds = (held);                                                               \
		va_list arguments;                                                                 \
		va_start(arguments, what);                                                         \
		record(holds, file, line, seen, expected, what, arguments);                        \
		va_end(arguments);                                                                 \
		return holds;                                                                      \
	} while (0)

bool check_true(const char *file, int line, bool held, const char *what, ...)
{
	RECORD(held, held ? "yes" : "no", "yes");
}

bool check_eq(const char *file, int line, long expected, long seen, const char *what, ...)
{
	RECORD(expected == seen, text("%ld", seen), text("%ld", expected));
}

bool check_hex(const char *file, int line, unsigned long expected, unsigned long seen,
	const char *what, ...)
{
	RECORD(expected == seen, text("%#lx", seen), text("%#lx", expected));
}

bool check_ge(const char *file, int line, long least, long seen, const char *what, ...)
{
	RECORD(seen >= least,
		seen >= least ? text("%s (at least %ld)", show_count(seen), least)
			      : text("%ld", seen),
		text("at least %ld", least));
}

bool check_str(
	const char *file, int line, const char *expected, const char *seen, const char *what, ...)
{
	RECORD(strcmp(expected, seen) == 0, seen, expected);
}

bool check_pid(const char *file, int line, pid_t expected, pid_t seen, const char *what, ...)
{
	RECORD(expected == seen, show_pid(seen), show_pid(expected));
}

bool check_address(const char *file, int line, unsigned long expected, unsigned long seen,
	const char *what, ...)
{
	RECORD(expected == seen, show_address(seen), show_address(expected));
}

bool check_errno(const char *file, int line, int expected, long result, const char *what, ...)
{
	int seen = result == -1 ? errno : 0;

	RECORD(expected == seen, errno_text(seen), errno_text(expected));
}

bool check_stop(const char *file, int line, enum stop_kind kind, int detail, struct stop seen,
	const char *what, ...)
{
	struct stop expected = { .kind = kind, .detail = detail };

	RECORD(seen.kind == kind && seen.detail == detail,
		text("%s, status 0x%04x", stop_text(seen), (unsigned)seen.status),
		stop_text(expected));
}

bool check_quantified(
	const char *file, int line, bool always, long k, long n, const char *what, ...)
{
	const char *seen = text("%s %ld/%ld",
		n <= 0   ? "untried,"
		: k == n ? "Always"
		: k == 0 ? "Never"
			 : "Sometimes",
		k, n);

	RECORD(n > 0 && k == (always ? n : 0), seen, always ? "Always" : "Never");
}

void note(const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	printf("#     %s\n", line);
}

void note_live(const char *format, ...)
{
	char line[512];
	va_list arguments;

	if (show_transcript)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	printf("#   ~ %s\n", line);
}

static bool is_case_of(const struct experiment *experiment, const char *label)
{
	size_t length = strlen(label);

	for (const char *next = experiment->cases; next != NULL; next = strchr(next, '|')) {
		next += *next == '|';
		if (strcspn(next, "|") == length && strncmp(next, label, length) == 0)
			return true;
	}
	return false;
}

void this_case(const char *label)
{
	if (!is_case_of(current, label))
		broken("\"%s\" is not one of its cases: %s", label,
			current->cases ? current->cases : "it has none");
	printf("#   case: %s\n", label);
}

const char *errno_text(int error)
{
	const char *name = strerrorname_np(error);

	if (error == 0)
		return "success";
	return name ? text("%s (%s)", name, strerrordesc_np(error)) : text("errno %d", error);
}

void waiting_for(const char *what)
{
	if (verdict != NULL)
		snprintf(
			verdict->waiting_for, sizeof(verdict->waiting_for), "%s", what ? what : "");
}

void skip(const char *reason, ...)
{
	va_list arguments;

	va_start(arguments, reason);
	vsnprintf(verdict->reason, sizeof(verdict->reason), reason, arguments);
	va_end(arguments);
	verdict->skipped = true;
	fflush(stdout);
	_exit(LAB_SKIPPED);
}

void broken(const char *reason, ...)
{
	char line[sizeof(verdict->reason)];
	va_list arguments;

	va_start(arguments, reason);
	vsnprintf(line, sizeof(line), reason, arguments);
	va_end(arguments);
	/* One line, whatever words and names of files it repeats. */
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	fflush(stdout);
	if (verdict == NULL) {
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, line);
		_exit(LAB_USAGE);
	}
	if (is_runner) {
		printf("Bail out! %s\n", line);
		fflush(stdout);
	} else if (!verdict->broken) {
		memcpy(verdict->reason, line, sizeof(line));
		verdict->broken = true;
	}
	_exit(LAB_BROKEN);
}

/* --- processes -------------------------------------------------------------------------------- */

pid_t fork_helper(void)
{
	pid_t parent = getpid(), helper;

	fflush(stdout);
	helper = fork();
	if (helper == -1 && errno == EAGAIN && verdict != NULL && !is_runner)
		skip("it needs more processes than are allowed here (ulimit -u): fork: %s",
			errno_text(errno));
	if (helper == -1)
		broken("fork: %s", errno_text(errno));
	if (helper == 0 && process_die_with(parent) != NULL)
		broken("prctl(PR_SET_PDEATHSIG): %s", errno_text(errno));
	return helper;
}

/* Wait for the experiment's process to end, at most limit_s seconds, or for an interruption by the
 * reader who predicts. Returns whether one of these came in time. The seconds are waited for one by
 * one: where the whole machine stands still, as a virtual one may, that is one of them. */
static bool ends_within(pid_t experiment, unsigned limit_s)
{
	int pidfd = pidfd_open(experiment, 0), ready = 0;
	struct pollfd told[] = { { .fd = pidfd, .events = POLLIN },
		{ .fd = predict_interrupts(), .events = POLLIN } };

	if (pidfd == -1)
		broken("pidfd_open: %s", errno_text(errno));
	while (ready == 0 && limit_s-- > 0)
		do
			ready = poll(told, COUNT(told), 1000);
		while (ready == -1 && errno == EINTR);
	close(pidfd);
	return ready != 0;
}

/* --- the runner ------------------------------------------------------------------------------- */

/* Why an experiment that ended with this status (-1: not in time) did not hold, though no
 * expectation failed; NULL when it did hold. */
static const char *early_end(int status, unsigned limit_s)
{
	if (status == -1)
		return text("time limit of %u s passed%s%s", limit_s,
			*verdict->waiting_for ? " while waiting for " : "", verdict->waiting_for);
	if (WIFSIGNALED(status))
		return text("the tracer was killed by %s", signal_name(WTERMSIG(status)));
	if (!verdict->finished)
		return text("the tracer exited early with code %d", WEXITSTATUS(status));
	return NULL;
}

static void print_result(bool held, unsigned number, const char *slug, const char *remark)
{
	const char *start = !colour ? "" : held ? "\033[32m" : "\033[31m";

	printf("%s%s %u - %s%s%s%s\n", start, held ? "ok" : "not ok", number, slug,
		*remark ? " # " : "", remark, colour ? "\033[0m" : "");
}

static enum outcome judge(unsigned number, int status, unsigned limit_s)
{
	const char *slug = current->slug;

	/* First: what breaks or cannot be shown after a failed expectation may follow from it. */
	if (verdict->failed > 0) {
		print_result(false, number, slug,
			text("%u of %u expectations failed%s%s", verdict->failed, verdict->checks,
				*verdict->reason ? ", then: " : "", verdict->reason));
		return REFUTED;
	}
	if (verdict->broken) {
		printf("Bail out! %s: %s\n", slug, verdict->reason);
		return BROKEN;
	}
	if (verdict->skipped) {
		print_result(true, number, slug, text("SKIP %s", verdict->reason));
		return SKIPPED;
	}

	const char *why = early_end(status, limit_s);

	if (why != NULL) {
		print_result(false, number, slug, why);
		return REFUTED;
	}
	if (verdict->checks == 0) {
		printf("Bail out! %s: it states no expectation, so it could not fail\n", slug);
		return BROKEN;
	}
	print_result(true, number, slug, "");
	return HOLDS;
}

/* Why a process may not even trace its own child here (Yama, seccomp); 0 where it may. */
static int tracing_refused(void)
{
	pid_t tracee = fork_helper();

	if (tracee == 0)
		for (;;)
			pause();

	int error = ptrace(PTRACE_SEIZE, tracee, 0, 0) == -1 ? errno : 0;

	sweep(tracee);
	return error;
}

static enum outcome run_experiment(const struct lab *lab, unsigned number, int refused)
{
	unsigned limit_s = current->limit_s ? current->limit_s : DEFAULT_LIMIT_S;

	memset(verdict, 0, sizeof(*verdict));
	printf("\n# %s.%s: %s\n", lab->id, current->slug, current->question);

	pid_t experiment = fork_helper();

	if (experiment == 0) {
		is_runner = false;
		if (process_reset_signals() != NULL)
			broken("sigprocmask: %s", errno_text(errno));
		role_pid("tracer", getpid());
		if (refused != 0 && !current->without_tracing)
			skip("no process may trace its own child here: %s (Yama, seccomp?)",
				errno_text(refused));
		current->run();
		verdict->finished = true;
		fflush(stdout);
		_exit(LAB_HOLDS);
	}

	bool in_time = ends_within(experiment, limit_s);
	int status = sweep(experiment);

	predict_heed();
	return judge(number, in_time ? status : -1, limit_s);
}

static const char *compiler(void)
{
#ifdef __clang__
	return "clang " __clang_version__;
#else
	return "gcc " __VERSION__;
#endif
}

static void print_header(const struct lab *lab, unsigned planned)
{
	struct utsname system;
	int yama = proc_yama_scope();

	uname(&system);
	printf("TAP version 14\n# Lab %s: %s\n", lab->id, lab->question);
	if (!show_transcript)
		printf("# %s %s %s, %ld CPUs; uid %d, capabilities %#" PRIx64 "; Yama %s; "
		       "glibc %s, %s\n",
			system.sysname, system.release, system.machine,
			sysconf(_SC_NPROCESSORS_ONLN), (int)geteuid(),
			proc_mask(getpid(), "CapEff"),
			yama == -1 ? "absent" : text("scope %d", yama), gnu_get_libc_version(),
			compiler());
	printf("1..%u\n", planned);
}

static bool is_chosen(const struct experiment *experiment, int argc, char **chosen)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(experiment->slug, chosen[i]) == 0)
			return true;
	return argc == 0;
}

/* Append "lab holds refuted skipped seconds" to a file; false with errno if it cannot be written. */
static bool append_row(const char *path, const char *id, const unsigned *count, int64_t ns)
{
	FILE *rows = fopen(path, "a");

	if (rows == NULL)
		return false;

	bool written =
		fprintf(rows, "%s %u %u %u %.1f\n", id, count[HOLDS],
			count[REFUTED] + count[BROKEN], count[SKIPPED], (double)ns / 1e9) > 0;

	return fclose(rows) == 0 && written;
}

static int run_lab(
	const struct lab *lab, int argc, char **chosen, const char *summary, bool predicting)
{
	unsigned planned = 0, number = 0, count[4] = { 0 };
	int64_t start = clock_now_ns();

	if (fcntl(STDOUT_FILENO, F_GETFD) == -1) {
		fprintf(stderr, "%s: stdout is closed\n", program_invocation_short_name);
		return LAB_BROKEN;
	}
	process_reserve_fds(0);
	for (size_t i = 0; i < lab->count; i++)
		planned += is_chosen(&lab->experiments[i], argc, chosen);
	verdict = mmap(
		NULL, sizeof(*verdict), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (verdict == MAP_FAILED || prctl(PR_SET_CHILD_SUBREAPER, 1) == -1) {
		printf("Bail out! mmap or prctl(PR_SET_CHILD_SUBREAPER): %s\n", errno_text(errno));
		return LAB_BROKEN;
	}
	if (proc_state(getpid()) == 0) {
		printf("Bail out! /proc does not show this process: mount proc there\n");
		return LAB_BROKEN;
	}
	is_runner = true;
	signal(SIGCHLD, SIG_DFL); /* ignored, it would reap the experiments by itself (wait(2)) */
	print_header(lab, planned);
	if (predicting)
		predict_begin(lab, planned);

	int refused = tracing_refused();

	for (size_t i = 0; i < lab->count && count[BROKEN] == 0; i++) {
		current = &lab->experiments[i];
		if (!is_chosen(current, argc, chosen))
			continue;
		if (!predict_ask(current))
			break;

		enum outcome outcome = run_experiment(lab, ++number, refused);

		count[outcome]++;
		if (outcome != BROKEN)
			predict_tell(outcome == SKIPPED, outcome == REFUTED);
	}
	predict_end();
	if (summary != NULL && !append_row(summary, lab->id, count, clock_now_ns() - start)) {
		printf("Bail out! %s: %s\n", summary, errno_text(errno));
		return LAB_BROKEN;
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		return LAB_BROKEN;
	if (count[BROKEN] > 0)
		return LAB_BROKEN;
	if (count[REFUTED] > 0)
		return LAB_REFUTED;
	return count[HOLDS] > 0 || predicting ? LAB_HOLDS : LAB_SKIPPED;
}

/* --- the command line ------------------------------------------------------------------------- */

static void print_list(const struct lab *lab)
{
	for (size_t i = 0; i < lab->count; i++)
		printf("%s.%s: %s\n", lab->id, lab->experiments[i].slug,
			lab->experiments[i].question);
}

static void print_cases(const struct lab *lab)
{
	for (size_t i = 0; i < lab->count; i++)
		printf("%s|%s\n", lab->experiments[i].slug,
			lab->experiments[i].cases ? lab->experiments[i].cases : "");
}

static void print_help(const struct lab *lab)
{
	printf("Lab %s: %s\n\n"
	       "  tracer [SLUG...]        run every experiment, or the named ones\n"
	       "  tracer --list           every experiment with its question\n"
	       "  tracer --transcript     run with volatile values shown by role, as the notes do\n"
	       "  tracer --predict [...]  ask before each what it will show, and keep the score\n"
	       "  tracer --summary=FILE   append \"lab holds refuted skipped seconds\" to FILE\n",
		lab->id, lab->question);
	if (lab->target_usage != NULL)
		printf("  tracer %s\n", lab->target_usage);
	printf("\nExit: 0 all hold, 1 refuted, 2 usage, 77 nothing could run, 99 broken set-up.\n");
}

static int usage_error(const char *complaint)
{
	fprintf(stderr, "%s: %s (--help tells the usage)\n", program_invocation_short_name,
		complaint);
	return LAB_USAGE;
}

static bool has_experiment(const struct lab *lab, const char *slug)
{
	for (size_t i = 0; i < lab->count; i++)
		if (strcmp(lab->experiments[i].slug, slug) == 0)
			return true;
	return false;
}

static bool is_for_target(const struct lab *lab, const char *word)
{
	const char *letters = lab->target_options != NULL ? lab->target_options : "p";

	if (lab->target == NULL)
		return false;
	if (lab->target_word != NULL && strcmp(word, lab->target_word) == 0)
		return true;
	return word[0] == '-' && word[1] != '\0' && strchr(letters, word[1]) != NULL &&
	       (word[1] != '-' || word[2] == '\0');
}

int lab_main(const struct lab *lab, int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "list", no_argument, NULL, 'l' },
		{ "cases", no_argument, NULL, 'c' },
		{ "transcript", no_argument, NULL, 't' },
		{ "predict", no_argument, NULL, 'p' },
		{ "summary", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	const char *summary = NULL;
	bool predicting = false;
	int option, word;

	/* Each line leaves at once, and never twice: processes fork while it would be buffered. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (is_for_target(lab, argc > 1 ? argv[1] : ""))
		return lab->target(argc - 1, argv + 1);
	opterr = 0;
	while (word = optind, (option = getopt_long(argc, argv, "+hl", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			print_help(lab);
			return LAB_HOLDS;
		case 'l':
			print_list(lab);
			return LAB_HOLDS;
		case 'c':
			print_cases(lab);
			return LAB_HOLDS;
		case 't':
			show_transcript = true;
			break;
		case 'p':
			predicting = true;
			break;
		case 's':
			summary = optarg;
			break;
		default:
			return usage_error(text("cannot take \"%s\"", argv[word]));
		}
	}
	for (int i = optind; i < argc; i++)
		if (!has_experiment(lab, argv[i]))
			return usage_error(
				text("lab %s has no experiment \"%s\"", lab->id, argv[i]));
	colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL && !show_transcript;
	return run_lab(lab, argc - optind, argv + optind, summary, predicting);
}
