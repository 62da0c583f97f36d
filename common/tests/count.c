/* SPDX-License-Identifier: MIT */
/*
 * count.c: is every byte that differs counted, and no other?
 */
#include "count.h"
#include "test.h"

#define LENGTH 64

static void differing(void)
{
	unsigned char left[LENGTH] = { 0 }, right[LENGTH] = { 0 };
	long counted = 0, none_beyond = 0;

	expect_eq(0, count_differing(left, right, LENGTH), "of the same bytes");
	for (int i = 0; i < LENGTH; i++) {
		right[i] = 0x80;
		counted += count_differing(left, right, LENGTH) == i + 1;
		none_beyond += count_differing(left, right, (size_t)i) == i;
	}
	expect_always(counted, LENGTH, "one more byte that differs: one more counted");
	expect_always(none_beyond, LENGTH, "the bytes beyond the length are not counted");
	expect_eq(LENGTH, count_differing(left, right, LENGTH), "where all of them differ");
	expect_eq(0, count_differing(left, right, 0), "of no bytes");
}

static const struct experiment experiments[] = {
	{ "differing", differing, "Is every byte that differs counted, and no other?", NULL, 0 },
};

static const struct scene scenes[] = { { "none", NULL } };

TEST_MAIN("count", "Is every byte that differs counted, and no other?")
