/* SPDX-License-Identifier: MIT */
/*
 * place.c: does a word mean what it says, and is a symbol found where it is in memory?
 */
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "place.h"
#include "test.h"
#include "text.h"

static void words(void)
{
	static const struct {
		const char *word, *file, *symbol;
		unsigned long offset;
		const char *wrong;
	} cases[] = {
		{ "malloc", "", "malloc", 0, "" },
		{ "malloc+4", "", "malloc", 4, "" },
		{ "malloc+0x10", "", "malloc", 16, "" },
		{ "libc.so.6:malloc", "libc.so.6", "malloc", 0, "" },
		{ "libstdc++.so.6:f+1", "libstdc++.so.6", "f", 1, "" },
		{ "/a:b/c.so:f", "/a:b/c.so", "f", 0, "" },
		{ "7z:main", "7z", "main", 0, "" },
		{ "4096", "", "", 4096, "" },
		{ "0xffffffffffffffff", "", "", ~0UL, "" },
		{ "0x10000000000000000", "", "", 0, "is neither a symbol nor an address" },
		{ "12z", "", "", 0, "is neither a symbol nor an address" },
		{ "f+", "", "", 0, "after the + is not a number" },
		{ "f+-1", "", "", 0, "after the + is not a number" },
		{ "f+ 1", "", "", 0, "after the + is not a number" },
		{ "", "", "", 0, "names no symbol" },
		{ "+1", "", "", 0, "names no symbol" },
		{ ":f", "", "", 0, "names no symbol" },
		{ "libc.so.6:", "", "", 0, "names no symbol" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct place place;
		const char *wrong = place_parse(&place, cases[i].word);

		if (*cases[i].wrong != '\0') {
			expect_true(wrong != NULL && strstr(wrong, cases[i].wrong) != NULL,
				"\"%s\": %s", cases[i].word, cases[i].wrong);
			continue;
		}
		expect_str(text("%s:%s+%#lx", cases[i].file, cases[i].symbol, cases[i].offset),
			wrong != NULL ? wrong
				      : text("%s:%s+%#lx", place.file, place.symbol,
						(unsigned long)place.offset),
			"\"%s\"", cases[i].word);
	}
}

int place_test_landmark(void);
int place_test_landmark(void)
{
	return 42;
}

int place_test_data = 1;

static const char *find(const char *word, struct definition *found)
{
	struct place place;
	struct maps maps;
	const char *wrong = place_parse(&place, word);

	if (wrong != NULL || maps_read(getpid(), &maps) == -1)
		broken("%s: %s", word, wrong != NULL ? wrong : "no maps");
	wrong = place_find(&place, &maps, found);
	maps_free(&maps);
	return wrong != NULL ? wrong : "";
}

static void found_in_memory(void)
{
	struct definition found = { 0 };

	expect_str("", find("place_test_landmark", &found), "a function");
	expect_address((uint64_t)place_test_landmark, found.address, "its address");
	expect_eq(STT_FUNC, found.type, "its type");
	expect_ge(1, (long)found.size, "its size");
	expect_str("", find("place_test_data", &found), "data");
	expect_address((uint64_t)&place_test_data, found.address, "its address");
	expect_eq(STT_OBJECT, found.type, "its type");
	expect_str("", find("tracer:place_test_landmark", &found), "a function of a named file");
	expect_address((uint64_t)place_test_landmark, found.address, "its address");
}

static void not_found(void)
{
	static const struct {
		const char *word, *wrong;
	} cases[] = {
		{ "place_test_nothing", "there is no symbol \"place_test_nothing\"" },
		{ "tracer:place_test_nothing", "in the 1 file that may be meant" },
		{ "libnone.so:malloc", "no file named \"libnone.so\" is loaded" },
		/* Only whole names of files. */
		{ "racer:place_test_landmark", "no file named \"racer\" is loaded" },
	};
	struct definition found;

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_true(strstr(find(cases[i].word, &found), cases[i].wrong) != NULL, "%s: %s",
			cases[i].word, cases[i].wrong);
}

static void told(void)
{
	struct maps maps;
	struct definition found;
	unsigned long value = 0;

	if (maps_read(getpid(), &maps) == -1)
		broken("/proc/self/maps cannot be read");
	find("place_test_landmark", &found);

	const char *place = place_text(maps_find(&maps, found.address), found.address);
	const char *plus = strchr(place, '+');

	expect_str("tracer", text("%.*s", (int)(plus - place), place), "the file");
	value = strtoul(plus + 1, NULL, 0);
	expect_eq((long)(found.address & 0xfff), (long)(value & 0xfff), "the address in its page");
	const struct mapping *stack = maps_named(&maps, "[stack]");

	expect_str("[stack]+0x10", place_text(stack, stack->start + 0x10), "of the stack");
	expect_str("0x1234", place_text(&(struct mapping){ .path = "" }, 0x1234), "of no name");
	maps_free(&maps);
}

static const struct experiment experiments[] = {
	{ "words", words, "Does a word mean a file, a symbol and an offset?", NULL, 0 },
	{ "found-in-memory", found_in_memory, "Is a symbol found where it is in memory?", NULL, 0 },
	{ "not-found", not_found, "Is what is not there refused in its words?", NULL, 0 },
	{ "told", told, "Is an address told by its file?", NULL, 0 },
};

static const struct scene scenes[] = {
	{ "none", NULL },
};

TEST_MAIN("place", "Are places in a program found by their names?")
