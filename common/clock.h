/* SPDX-License-Identifier: MIT */
/*
 * Time: the monotonic clock, the calibrated time stamp counter, and samples told by their
 * median and quartiles. A lab prints times; no verdict rests on an absolute one.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC (clock_gettime(2)). Does not fail. */
int64_t clock_now_ns(void);

/* Ticks of the time stamp counter, not ordered against other instructions. */
uint64_t clock_ticks(void);

/*
 * Nanoseconds per tick of clock_ticks(), measured against CLOCK_MONOTONIC_RAW over about 20 ms
 * of spinning on first use; later calls return the same value. Returns 0 where the counter does
 * not advance with time (a virtual machine may trap or freeze it).
 */
double clock_ns_per_tick(void);

/* A growing set of samples, in whatever unit its owner says. All zero is an empty set. */
struct samples {
	double *value;
	size_t count;
	size_t room;
};

/* Add one sample. Ends the process when memory is exhausted. */
void samples_add(struct samples *samples, double value);

/*
 * The value below which `fraction` (0 to 1) of the samples lie, interpolated between the two
 * nearest: 0 is the minimum, 0.5 the median, 0.25 and 0.75 the quartiles. Sorts the set in
 * place. NAN for an empty set.
 */
double samples_quantile(struct samples *samples, double fraction);

/* "N=200 median 4.1 [3.9..4.6] min 3.7 max 9.0 us", for text(): valid as long as its result. */
const char *samples_text(struct samples *samples, const char *unit);

void samples_free(struct samples *samples);

#endif
