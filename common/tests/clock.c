/* SPDX-License-Identifier: MIT */
/*
 * clock.c: are samples summed up as they should be, and do the two clocks tell the same time?
 */
#include <math.h>
#include <stdint.h>

#include "clock.h"
#include "test.h"

/* The quantiles 0, 1/4, 1/2, 3/4 and 1 of known sets, put in unsorted. */
static void quantiles(void)
{
	static const struct {
		const char *name;
		size_t count;
		double value[5];
		double quantile[5];
	} cases[] = {
		{ "1 sample", 1, { 7 }, { 7, 7, 7, 7, 7 } },
		{ "2 samples", 2, { 20, 10 }, { 10, 12.5, 15, 17.5, 20 } },
		{ "3 samples", 3, { 3, 1, 2 }, { 1, 1.5, 2, 2.5, 3 } },
		{ "5 samples", 5, { 50, -10, 20, 0, 1000 }, { -10, 0, 20, 50, 1000 } },
		{ "5 alike", 5, { 4, 4, 4, 4, 4 }, { 4, 4, 4, 4, 4 } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct samples samples = { 0 };
		unsigned right = 0;

		for (size_t j = 0; j < cases[i].count; j++)
			samples_add(&samples, cases[i].value[j]);
		for (unsigned j = 0; j < 5; j++)
			right += samples_quantile(&samples, j / 4.0) == cases[i].quantile[j];
		expect_always(right, 5, "quantiles of %s", cases[i].name);
		samples_free(&samples);
	}
}

/* 1000 samples, from the highest to the lowest: the set grows and nothing is lost. */
static void many(void)
{
	struct samples samples = { 0 };

	for (int i = 1000; i >= 0; i--)
		samples_add(&samples, i);
	expect_eq(1001, (long)samples.count, "N");
	expect_true(samples_quantile(&samples, 0.123) == 123, "the quantile 0.123 is 123");
	samples_add(&samples, -1);
	expect_true(samples_quantile(&samples, 0) == -1, "a sample added after sorting counts");
	samples_free(&samples);
	expect_true(samples.value == NULL && samples.count == 0, "an empty set when freed");
	samples_add(&samples, 5);
	expect_str("N=1 median 5.0 [5.0..5.0] min 5.0 max 5.0 us", samples_text(&samples, "us"),
		"used again");
	samples_free(&samples);
}

static void empty(void)
{
	struct samples samples = { 0 };

	expect_true(isnan(samples_quantile(&samples, 0)), "its minimum is not a number");
	expect_true(isnan(samples_quantile(&samples, 0.5)), "nor is its median");
	samples_free(&samples);
	samples_add(&samples, 2);
	samples_add(&samples, 1);
	samples_add(&samples, 4);
	expect_str("N=3 median 2.0 [1.5..3.0] min 1.0 max 4.0 ns", samples_text(&samples, "ns"),
		"filled");
	samples_free(&samples);
}

static void monotonic(void)
{
	const long reads = 100000;
	long ordered = 0, later = 0;
	int64_t first = clock_now_ns(), last = first;

	for (long i = 0; i < reads; i++) {
		int64_t now = clock_now_ns();

		ordered += now >= last;
		later += now > first;
		last = now;
	}
	expect_always(ordered, reads, "readings not before the one before");
	expect_ge(1, later, "readings after the first");
}

/* One reading of both clocks: of 20, the one where the least time passed between the two, so that
 * being put off the processor in the middle does no harm. */
static void read_both(int64_t *ns, uint64_t *ticks)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < 20; i++) {
		int64_t before = clock_now_ns();
		uint64_t now = clock_ticks();
		int64_t after = clock_now_ns();

		if (after - before < least) {
			least = after - before;
			*ns = before + least / 2;
			*ticks = now;
		}
	}
}

/* Ticks turned into nanoseconds against the monotonic clock, over at least 20 ms. A tenth is room
 * for what the system was doing, not for a wrong scale. */
static void ticks_agree(void)
{
	double scale = clock_ns_per_tick();
	int64_t from_ns = 0, to_ns = 0;
	uint64_t from = 0, to = 0;

	if (scale == 0)
		skip("the time stamp counter of this machine does not advance with time");
	read_both(&from_ns, &from);
	while (clock_now_ns() - from_ns < 20000000)
		;
	read_both(&to_ns, &to);

	double ratio = (double)(to - from) * scale / (double)(to_ns - from_ns);

	note_live("%.6f ns per tick, %.6f of the monotonic clock", scale, ratio);
	expect_true(ratio > 0.9 && ratio < 1.1, "within a tenth of the monotonic clock");
	expect_true(clock_ns_per_tick() == scale, "the same value when asked again");
}

static const struct experiment experiments[] = {
	{ "quantiles", quantiles, "Are the quantiles of known sets right?", NULL, 0 },
	{ "many", many, "Does a set of samples grow, and can it be used again?", NULL, 0 },
	{ "empty", empty, "What is the median of nothing?", NULL, 0 },
	{ "monotonic", monotonic, "Does the clock ever go back?", NULL, 0 },
	{ "ticks-agree", ticks_agree, "Do ticks and nanoseconds tell the same time?", NULL, 0 },
};

static const struct scene scenes[] = { { "none", NULL } };

TEST_MAIN("clock", "Are samples summed up, and do the clocks agree?")
