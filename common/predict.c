/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
static unsigned planned, asked, right, unpredicted, undecided, missed;
static const char **again; /* the slugs of the wrong answers */

static struct quiz quiz;
static const char *slug;
static char prediction[256]; /* "": none */
static unsigned chosen;      /* of the quiz's answers */

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
		if (answers == -1 || (poll(ready, COUNT(ready), -1) == -1 && errno != EINTR))
			return NULL;
		if (ready[1].revents != 0)
			predict_leave();
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

/* Whether a line is an answer: the number of one, or the beginning of the words of only one. */
static bool is_answer(const char *line)
{
	unsigned beginning = 0;
	uint64_t number;

	if (*line == '\0')
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
	return quiz.answers == 0 || beginning == 1;
}

bool predict_ask(const struct experiment *experiment)
{
	const char *prompt = "Think of an answer. Enter: run it; q: end";
	const char *line;

	slug = experiment->slug;
	prediction[0] = '\0';
	quiz_read(notes, slug, &quiz);
	memset(decision, 0, sizeof(*decision));
	printf("\n%u of %u: %s\n", ++asked, planned, experiment->question);
	if (quiz.decides[0] != '\0') {
		printf("%s\n", quiz.question);
		for (unsigned i = 0; i < quiz.answers; i++)
			printf("  %u  %s\n", i + 1, quiz.answer[i].words);
		prompt = text("Your prediction%s? Enter: none; q: end",
			quiz.answers > 0 ? text(", 1 to %u", quiz.answers) : "");
	}
	for (;;) {
		printf("%s > ", prompt);
		fflush(stdout);
		line = read_line();
		if (line == NULL) {
			printf("\nThere are no more answers.\n");
			return false;
		}
		if (!isatty(answers))
			printf("%s\n", line);
		if (strcmp(line, "q") == 0)
			return false;
		if (quiz.decides[0] == '\0')
			return true;
		if (is_answer(line))
			break;
		printf("\"%s\" is none of the answers.\n", line);
	}
	snprintf(prediction, sizeof(prediction), "%s", line);
	return true;
}

/* --- the run's words -------------------------------------------------------------------------- */

void predict_saw(const char *message, const char *seen)
{
	if (decision == NULL || !quiz_is_decided_by(&quiz, message) ||
		++decision->messages != quiz.nth)
		return;
	snprintf(decision->seen, sizeof(decision->seen), "%s", seen);
	decision->made = true;
}

/* Whether one of the answers is what was seen: a question may not know this kernel's. */
static bool has_right_answer(void)
{
	for (unsigned i = 0; i < quiz.answers; i++)
		if (quiz_is_right(&quiz, i, decision->seen))
			return true;
	return quiz.answers == 0;
}

static const char *judge_prediction(void)
{
	if (!decision->made) {
		undecided++;
		return "Not counted: this run did not show it.";
	}
	if (prediction[0] == '\0') {
		unpredicted++;
		return "Not counted: no prediction.";
	}
	if (!has_right_answer()) {
		undecided++;
		return "Not counted: none of the answers is what this kernel did.";
	}
	if (quiz.answers > 0 ? quiz_is_right(&quiz, chosen, decision->seen)
			     : quiz_matches(prediction, decision->seen)) {
		right++;
		return "Right.";
	}
	again[missed++] = slug;
	return "Wrong.";
}

void predict_tell(bool skipped, bool refuted)
{
	if (skipped) {
		undecided += quiz.decides[0] != '\0';
		printf("\nNot counted: it was skipped.\n");
		return;
	}
	printf("\n");
	if (quiz.decides[0] != '\0')
		printf("%s\n", judge_prediction());
	if (decision->made)
		printf("  %s: %s\n", quiz.decides, decision->seen);
	if (refuted)
		printf("This run contradicts the notes; their reason does not explain it.\n");
	else if (quiz.why[0] != '\0')
		printf("Why: %s\n", quiz.why);
}

/* --- beginning and end ------------------------------------------------------------------------ */

/* The text of the notes; "" where they cannot be read, which is said. */
static char *read_notes(void)
{
	char *content = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "r");

	if (file != NULL) {
		if (getdelim(&content, &size, '\0', file) == -1)
			content = NULL;
		fclose(file);
	}
	if (content != NULL)
		return content;
	printf("# %s cannot be read: there are no answers to choose from and no reasons.\n", path);
	return strdup("");
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
	interrupts = signalfd(-1, &interruptions, SFD_CLOEXEC);
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

	/* "01_attach_detach/OBSERVATIONS.md", as seen from the top of the tree. */
	while (lab > path && lab[-1] != '/')
		lab--;
	printf("\nScore: %u of %u right", right, right + missed);
	if (unpredicted > 0)
		printf("; %u without a prediction", unpredicted);
	if (undecided > 0)
		printf("; %u not decided here", undecided);
	printf(".\n%s", missed > 0 ? "Read again:\n" : "");
	for (unsigned i = 0; i < missed; i++)
		printf("  %s#%s\n", lab, again[i]);
}

int predict_interrupts(void)
{
	return interrupts;
}

void predict_leave(void)
{
	struct signalfd_siginfo interruption;

	if (read(interrupts, &interruption, sizeof(interruption)) != sizeof(interruption))
		interruption.ssi_signo = SIGTERM;
	printf("\n");
	predict_end();
	fflush(stdout);
	signal((int)interruption.ssi_signo, SIG_DFL);
	raise((int)interruption.ssi_signo);
	sigprocmask(SIG_UNBLOCK, &interruptions, NULL);
	_exit(LAB_BROKEN);
}
