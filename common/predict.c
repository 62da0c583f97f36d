/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "count.h"
#include "predict.h"
#include "quiz.h"
#include "text.h"
#include "tracee.h"

/* What the deciding expectation saw, in another process: a shared page. */
struct decision {
	atomic_uint messages; /* seen so far that are the deciding one's */
	atomic_bool made;
	char seen[1024];
};

static struct decision *decision; /* NULL: nobody predicts */
static int answers = -1, interrupts = -1;
static sigset_t interruptions;
static char path[4096]; /* of the notes */
static char *notes;
static unsigned planned, asked, right, wrong, unpredicted, undecided;
static const char **again; /* the slugs of the wrong answers */

static struct quiz quiz;
static const char *slug;
static const char *prediction; /* "": none */
static unsigned chosen;        /* of the quiz's answers */

/* Print a paragraph, broken at words where a terminal's line would end. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char buffer[2048], *rest = buffer;
	struct winsize size = { 0 };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(buffer, sizeof(buffer), format, arguments);
	va_end(arguments);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) {
		while (strlen(rest) >= size.ws_col) {
			char *space = memrchr(rest, ' ', size.ws_col);

			if (space == NULL || space == rest)
				break;
			*space = '\n';
			rest = space + 1;
		}
	}
	puts(buffer);
}

/* --- the reader's words ----------------------------------------------------------------------- */

/* The next line without white space at its ends; NULL when there is none. */
static const char *read_line(void)
{
	static char buffer[512], line[512];
	static size_t length;
	struct pollfd ready[] = { { .fd = answers, .events = POLLIN },
		{ .fd = interrupts, .events = POLLIN } };

	while (memchr(buffer, '\n', length) == NULL) {
		if (length == sizeof(buffer) - 1)
			length = 0; /* no answer is that long */
		if (answers == -1)
			return NULL;
		if (poll(ready, COUNT(ready), -1) == -1) {
			if (errno != EINTR)
				return NULL;
			continue;
		}
		predict_heed();
		if (ready[0].revents == 0)
			continue;

		ssize_t got = read(answers, buffer + length, sizeof(buffer) - 1 - length);

		if (got <= 0 && length == 0)
			return NULL;
		if (got <= 0)
			buffer[length] = '\n'; /* a last line without its end */
		length += got > 0 ? (size_t)got : 1;
	}

	size_t end = (size_t)((char *)memchr(buffer, '\n', length) - buffer);

	for (size_t i = 0; i < end; i++)
		if (iscntrl((unsigned char)buffer[i]) && !isspace((unsigned char)buffer[i]))
			buffer[i] = '?';
	buffer[end] = '\0';
	quiz_squeeze(buffer, line, sizeof(line));
	length -= end + 1;
	memmove(buffer, buffer + end + 1, length);
	return line;
}

/* Whether a line is an answer: the number of one, or the beginning of the words of only one; where
 * there are none to choose from, any. An empty line is none, and accepted. */
static bool is_answer(const char *line)
{
	unsigned beginning = 0;
	uint64_t number;

	if (*line == '\0' || quiz.answers == 0)
		return true;
	if (text_number(line, false, &number) && number >= 1 && number <= quiz.answers) {
		chosen = (unsigned)number - 1;
		return true;
	}
	for (unsigned i = 0; i < quiz.answers; i++) {
		if (strncasecmp(quiz.answer[i].words, line, strlen(line)) == 0) {
			chosen = i;
			beginning++;
		}
	}
	return beginning == 1;
}

static void prompt(void)
{
	if (quiz.decides[0] == '\0')
		printf("Think of an answer. Enter: run it; q: end > ");
	else if (quiz.answers == 0)
		printf("Your prediction, a number or a name? Enter: none; q: end > ");
	else
		printf("Your prediction, 1 %s %u? Enter: none; q: end > ",
			quiz.answers == 2 ? "or" : "to", quiz.answers);
	fflush(stdout);
}

bool predict_ask(const struct experiment *experiment)
{
	const char *line;

	if (decision == NULL)
		return true;
	slug = experiment->slug;
	quiz_read(notes, slug, &quiz);
	memset(decision, 0, sizeof(*decision));
	printf("\n");
	say("%u of %u: %s", ++asked, planned, experiment->question);
	if (quiz.question[0] != '\0')
		say("%s", quiz.question);
	for (unsigned i = 0; i < quiz.answers; i++)
		say("  %u  %s", i + 1, quiz.answer[i].words);
	do {
		prompt();
		line = read_line();
		if (line == NULL) {
			printf("\nThere are no more answers.\n");
			return false;
		}
		if (!isatty(answers))
			printf("%s\n", line);
		if (strcmp(line, "q") == 0)
			return false;
		if (!is_answer(line))
			say("\"%s\" is none of the answers.", line);
	} while (!is_answer(line));
	prediction = line;
	return true;
}

/* --- the run's words -------------------------------------------------------------------------- */

void predict_saw(const char *message, const char *seen)
{
	if (decision == NULL)
		return;

	const char *value = quiz_value(&quiz, text("%s: %s", message, seen));

	if (value == NULL || ++decision->messages != quiz.nth)
		return;
	snprintf(decision->seen, sizeof(decision->seen), "%s", value);
	decision->made = true;
}

/* The answer that is right; quiz.answers if none is: a question may not know what this kernel does. */
static unsigned right_answer(void)
{
	unsigned i = 0;

	while (i < quiz.answers && !quiz_is_right(&quiz, i, decision->seen))
		i++;
	return i;
}

/* Count the prediction, and say what became of it. */
static void judge_prediction(void)
{
	unsigned answer = right_answer();

	if (!decision->made || (quiz.answers > 0 && answer == quiz.answers)) {
		undecided++;
		say("Not counted: %s.", decision->made
						? "this kernel did what none of the answers says"
						: "this run did not show it");
	} else if (prediction[0] == '\0') {
		unpredicted++;
		say("Not counted: no prediction.");
	} else if (quiz.answers > 0 ? quiz_is_right(&quiz, chosen, decision->seen)
				    : quiz_matches(prediction, decision->seen)) {
		right++;
		say("Right.");
	} else {
		again[wrong++] = slug;
		say(quiz.answers > 0 ? "Wrong, it is %u: %s" : "Wrong.", answer + 1,
			quiz.answer[answer].words);
	}
}

void predict_tell(bool skipped, bool refuted)
{
	if (decision == NULL)
		return;
	printf("\n");
	if (skipped) {
		undecided += quiz.decides[0] != '\0';
		say("Not counted: it was skipped.");
		return;
	}
	if (quiz.decides[0] != '\0')
		judge_prediction();
	if (decision->made)
		say("  %s: %s", quiz.decides, decision->seen);
	if (refuted)
		say("This run contradicts the notes; their reason does not explain it.");
	else if (quiz.why[0] != '\0')
		say("Why: %s", quiz.why);
}

/* --- beginning and end ------------------------------------------------------------------------ */

/* The text of the notes; "" where they cannot be read, which is said. */
static char *read_notes(void)
{
	char *content = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "r");
	bool read = file != NULL && getdelim(&content, &size, '\0', file) != -1;

	if (!read)
		printf("# %s: %s: no answers to choose from, and no reasons\n", path,
			errno_text(errno));
	if (file != NULL)
		fclose(file);
	return read ? content : strdup("");
}

void predict_begin(const struct lab *lab, unsigned count)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	planned = count;
	answers = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (freopen("/dev/null", "r", stdin) == NULL)
		broken("/dev/null: %s", errno_text(errno));
	sigemptyset(&interruptions);
	for (size_t i = 0; i < COUNT(signals); i++) {
		struct sigaction action;

		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&interruptions, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &interruptions, NULL);
	interrupts = signalfd(-1, &interruptions, SFD_CLOEXEC | SFD_NONBLOCK);
	decision = mmap(
		NULL, sizeof(*decision), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	again = calloc(lab->count, sizeof(*again));
	if (interrupts == -1 || decision == MAP_FAILED || again == NULL)
		broken("signalfd or mmap: %s", errno_text(errno));
	const char *tracee = tracee_path();

	snprintf(path, sizeof(path), "%.*s/OBSERVATIONS.md", (int)(strrchr(tracee, '/') - tracee),
		tracee);
	notes = read_notes();
}

void predict_end(void)
{
	const char *lab = strrchr(path, '/');

	if (decision == NULL)
		return;
	/* "01_attach_detach/OBSERVATIONS.md", as seen from the top of the tree. */
	while (lab > path && lab[-1] != '/')
		lab--;
	printf("\nScore: %u of %u right", right, right + wrong);
	if (unpredicted > 0)
		printf("; %u without a prediction", unpredicted);
	if (undecided > 0)
		printf("; %u not decided here", undecided);
	printf(".\n%s", wrong > 0 ? "Read again:\n" : "");
	for (unsigned i = 0; i < wrong; i++)
		printf("  %s#%s\n", lab, again[i]);
}

int predict_interrupts(void)
{
	return interrupts;
}

void predict_heed(void)
{
	struct signalfd_siginfo interruption;

	if (interrupts == -1 || read(interrupts, &interruption, sizeof(interruption)) == -1)
		return;
	printf("\n");
	predict_end();
	fflush(stdout);
	signal((int)interruption.ssi_signo, SIG_DFL);
	raise((int)interruption.ssi_signo);
	sigprocmask(SIG_UNBLOCK, &interruptions, NULL);
}
