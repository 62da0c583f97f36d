/* SPDX-License-Identifier: MIT */
/*
 * What the notes ask before an experiment, and whether an answer is what the run showed.
 *
 * In an experiment's section of OBSERVATIONS.md:
 *
 *	*Quiz.* A question about one value? (`the expectation that prints it`, the 2nd)
 *	- words for an answer: `a value`, `another value`
 *	- `a value that needs no words`
 *	- words for any other value
 *
 * "the 2nd" of several expectations with one message; it may be left out of the first. Nothing here
 * says which answer is right. An answer is right when it names the value that the
 * expectation saw in this run. Without a list the reader types the value.
 */
#ifndef COMMON_QUIZ_H
#define COMMON_QUIZ_H

#include <stdbool.h>
#include <stddef.h>

#define QUIZ_ANSWERS 6

struct quiz {
	char question[512];
	char decides[256]; /* the expectation's message; "": the section asks nothing */
	unsigned nth;      /* of those with this message, from 1 */
	unsigned answers;  /* to choose from; 0: the reader types the value */
	struct quiz_answer {
		char words[256];
		char values[512]; /* each in backticks; "": any that no other answer names */
	} answer[QUIZ_ANSWERS];
	char why[1024]; /* the first sentence of the section's *Why.*, and the next if that is short */
};

/* What the notes, the text of an OBSERVATIONS.md, ask and say of an experiment. */
void quiz_read(const char *notes, const char *slug, struct quiz *quiz);

/*
 * The value in a line "message: value" as an expectation prints it, if the message is the one that
 * decides; else NULL. The message ends at the last ": ", for this is how scripts/notes.awk, which
 * checks every quiz against the transcripts, has to read it.
 */
const char *quiz_value(const struct quiz *quiz, const char *line);

/*
 * Is a value that an expectation saw this one? Letters' case, white space and the notation of
 * numbers do not matter, nor what explains the value: "EPERM" is "EPERM (Operation not permitted)",
 * "exited 7" is "exited 7, status 0x0700", "Always" is "Always 3/3", "<tracer>" is "4711 (tracer)".
 */
bool quiz_matches(const char *value, const char *seen);

/* Does an answer say what was seen? */
bool quiz_is_right(const struct quiz *quiz, unsigned answer, const char *seen);

/* Every run of white space becomes one space; none stays at the ends. */
void quiz_squeeze(const char *from, char *to, size_t size);

#endif
