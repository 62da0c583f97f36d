/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#include "clock.h"
#include "text.h"

static int64_t clock_read_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t clock_now_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_ticks(void)
{
	return __rdtsc();
}

double clock_ns_per_tick(void)
{
	static double ns_per_tick = -1;

	if (ns_per_tick < 0) {
		int64_t start = clock_read_ns(CLOCK_MONOTONIC_RAW), end;
		uint64_t first = clock_ticks(), last;

		do {
			end = clock_read_ns(CLOCK_MONOTONIC_RAW);
			last = clock_ticks();
		} while (end - start < 20000000);
		ns_per_tick = last > first ? (double)(end - start) / (double)(last - first) : 0;
	}
	return ns_per_tick;
}

void samples_add(struct samples *samples, double value)
{
	if (samples->count == samples->room) {
		samples->room = samples->room ? 2 * samples->room : 64;
		samples->value = realloc(samples->value, samples->room * sizeof(double));
		if (samples->value == NULL) {
			perror("samples_add: realloc");
			abort();
		}
	}
	samples->value[samples->count++] = value;
}

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double samples_quantile(struct samples *samples, double fraction)
{
	if (samples->count == 0)
		return NAN;
	qsort(samples->value, samples->count, sizeof(double), ascending);

	double rank = fraction * (double)(samples->count - 1);
	size_t below = (size_t)rank;
	size_t above = below + 1 < samples->count ? below + 1 : below;

	return samples->value[below] +
	       (rank - (double)below) * (samples->value[above] - samples->value[below]);
}

const char *samples_text(struct samples *samples, const char *unit)
{
	return text("N=%zu median %.1f [%.1f..%.1f] min %.1f max %.1f %s", samples->count,
		samples_quantile(samples, 0.5), samples_quantile(samples, 0.25),
		samples_quantile(samples, 0.75), samples_quantile(samples, 0),
		samples_quantile(samples, 1), unit);
}

void samples_free(struct samples *samples)
{
	free(samples->value);
	*samples = (struct samples){ 0 };
}
