/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "quiz.h"
#include "text.h"

/* A sentence shorter than this ("Half refuted.") explains nothing by itself. */
#define SHORT_SENTENCE 60

void quiz_squeeze(const char *from, char *to, size_t size)
{
	size_t length = 0;

	for (; *from != '\0' && length + 1 < size; from++) {
		if (!isspace((unsigned char)*from))
			to[length++] = *from;
		else if (length > 0 && to[length - 1] != ' ')
			to[length++] = ' ';
	}
	length -= length > 0 && to[length - 1] == ' ';
	to[length] = '\0';
}

static bool starts_with(const char *line, const char *words)
{
	return strncmp(line, words, strlen(words)) == 0;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end != NULL ? end + 1 : line + strlen(line);
}

/* Copy a paragraph or an item of a list, which may go on over lines. Returns the line behind it. */
static const char *copy_block(const char *from, char *to, size_t size)
{
	char block[4096];
	const char *end = next_line(from);

	while (*end != '\0' && *end != '\n' && *end != '#' && !starts_with(end, "- ") &&
		!starts_with(end, "```"))
		end = next_line(end);
	snprintf(block, sizeof(block), "%.*s", (int)(end - from), from);
	quiz_squeeze(block, to, size);
	return end;
}

static void cut_to_sentence(char *paragraph)
{
	bool quoted = false;

	for (char *c = paragraph; *c != '\0'; c++) {
		quoted ^= *c == '`';
		if (!quoted && starts_with(c, ". ") && c - paragraph >= SHORT_SENTENCE)
			c[1] = '\0';
	}
}

/* "A question? (`decides`, the 2nd)" */
static void read_question(struct quiz *quiz)
{
	char *open = NULL;

	for (char *next = quiz->question; (next = strstr(next, " (`")) != NULL; next++)
		open = next;

	char *close = open != NULL ? strchr(open + strlen(" (`"), '`') : NULL;

	if (close == NULL)
		return;
	*open = *close = '\0';
	snprintf(quiz->decides, sizeof(quiz->decides), "%s", open + strlen(" (`"));
	if (sscanf(close + 1, ", the %u", &quiz->nth) != 1)
		quiz->nth = 1;
}

/* "words: `value`, `value`", or a value alone, or words alone */
static void read_answer(struct quiz *quiz, const char *item)
{
	struct quiz_answer *answer = &quiz->answer[quiz->answers++];
	int length = (int)strcspn(item, "`");

	snprintf(answer->values, sizeof(answer->values), "%s", item + length);
	if (length == 0)
		length = (int)strcspn(++item, "`");
	else if (length > 2 && starts_with(item + length - 2, ": "))
		length -= 2;
	snprintf(answer->words, sizeof(answer->words), "%.*s", length, item);
}

void quiz_read(const char *notes, const char *slug, struct quiz *quiz)
{
	const char *line = notes, *heading = text("### %s\n", slug);
	char item[512];

	memset(quiz, 0, sizeof(*quiz));
	while (*line != '\0' && !starts_with(line, heading))
		line = next_line(line);
	if (*line != '\0')
		line = next_line(line);
	while (*line != '\0' && !starts_with(line, "### ") && !starts_with(line, "## ")) {
		if (starts_with(line, "*Quiz.* ")) {
			line = copy_block(
				line + strlen("*Quiz.* "), quiz->question, sizeof(quiz->question));
			read_question(quiz);
			while (starts_with(line, "- ")) {
				line = copy_block(line + 2, item, sizeof(item));
				if (quiz->answers < QUIZ_ANSWERS)
					read_answer(quiz, item);
			}
		} else if (starts_with(line, "*Why.* ")) {
			line = copy_block(line + strlen("*Why.* "), quiz->why, sizeof(quiz->why));
			cut_to_sentence(quiz->why);
		} else {
			line = next_line(line);
		}
	}
}

/* What may stand behind a value and explain it; scripts/notes.awk knows these too. */
static bool explains(const char *rest)
{
	return *rest == '\0' || starts_with(rest, " (") || starts_with(rest, ", status ") ||
	       (*rest == ' ' && rest[strspn(rest, " 0123456789")] == '/');
}

/* Write "<tracer>", as a transcript does, for "4711 (tracer)". */
static void show_roles(const char *from, char *to, size_t size)
{
	size_t length = 0;

	while (*from != '\0' && length + 1 < size) {
		size_t digits = strspn(from, "0123456789abcdefx"), role = strcspn(from, ")");

		if (isdigit((unsigned char)*from) && starts_with(from + digits, " (") &&
			from[role] == ')') {
			length += (size_t)snprintf(to + length, size - length, "<%.*s>",
				(int)(role - digits - 2), from + digits + 2);
			from += role + 1;
		} else {
			to[length++] = *from++;
		}
	}
	to[length < size ? length : size - 1] = '\0';
}

static bool is_value(const char *value, const char *seen)
{
	size_t length = strlen(value);
	uint64_t number, other;

	if (text_number(value, true, &number) && text_number(seen, true, &other))
		return number == other;
	return length > 0 && strncasecmp(seen, value, length) == 0 && explains(seen + length);
}

bool quiz_matches(const char *value, const char *seen)
{
	char squeezed[1024], roles[1024];

	quiz_squeeze(seen, squeezed, sizeof(squeezed));
	show_roles(squeezed, roles, sizeof(roles));
	return is_value(value, squeezed) || is_value(value, roles);
}

static bool names(const struct quiz_answer *answer, const char *seen)
{
	const char *next = answer->values;

	while ((next = strchr(next, '`')) != NULL) {
		int length = (int)strcspn(++next, "`");

		if (quiz_matches(text("%.*s", length, next), seen))
			return true;
		next += length + (next[length] == '`');
	}
	return false;
}

const char *quiz_value(const struct quiz *quiz, const char *line)
{
	char message[1024], squeezed[1024], roles[1024];
	const char *value = NULL;

	for (const char *next = line; (next = strstr(next, ": ")) != NULL;)
		value = next += 2;
	if (value == NULL || quiz->decides[0] == '\0')
		return NULL;
	snprintf(message, sizeof(message), "%.*s", (int)(value - line - 2), line);
	quiz_squeeze(message, squeezed, sizeof(squeezed));
	show_roles(squeezed, roles, sizeof(roles));
	return strcmp(squeezed, quiz->decides) == 0 || strcmp(roles, quiz->decides) == 0 ? value
											 : NULL;
}

bool quiz_is_right(const struct quiz *quiz, unsigned answer, const char *seen)
{
	if (quiz->answer[answer].values[0] != '\0')
		return names(&quiz->answer[answer], seen);
	for (unsigned i = 0; i < quiz->answers; i++)
		if (names(&quiz->answer[i], seen))
			return false;
	return true;
}
