/* SPDX-License-Identifier: MIT */
/*
 * Included before a tracer.c that scripts/mutate.awk has rewritten: all mutants are in the program,
 * and the one whose number is in the environment's MUTANT is alive.
 */
#ifndef SCRIPTS_MUTATE_H
#define SCRIPTS_MUTATE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Which mutants are asked for, by this process and those that it forks: in the end a file REACHED. */
static bool *mutants_reached;
static pid_t mutants_owner;
enum { MUTANTS = 4096 };

__attribute__((constructor)) static void mutants_begin(void)
{
	void *shared;

	mutants_owner = getpid();
	if (getenv("REACHED") == NULL)
		return;
	shared = mmap(NULL, MUTANTS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		abort();
	mutants_reached = shared;
}

__attribute__((destructor)) static void mutants_end(void)
{
	const char *path = getenv("REACHED");
	FILE *file;

	if (path == NULL || mutants_reached == NULL || getpid() != mutants_owner)
		return;
	file = fopen(path, "w");
	if (file == NULL)
		abort();
	for (int number = 0; number < MUTANTS; number++)
		if (mutants_reached[number])
			fprintf(file, "%d\n", number);
	fclose(file);
}

static inline bool mutant(int number)
{
	static int alive = -1;
	const char *chosen;

	if (alive == -1) {
		chosen = getenv("MUTANT");
		alive = chosen != NULL ? atoi(chosen) : 0;
	}
	if (mutants_reached != NULL && number < MUTANTS)
		mutants_reached[number] = true;
	return number == alive;
}

/* A word in a table outside of functions, where only the compiler can choose. */
#ifndef MUTANT
#define MUTANT 0
#endif
#define SITE(number, word, other) (MUTANT == (number) ? (other) : (word))

#define mutated_expect_true(n, held, ...) expect_true(mutant(n) ? !(held) : (held), __VA_ARGS__)
#define mutated_expect_eq(n, expected, ...) expect_eq((expected) + 1000 * mutant(n), __VA_ARGS__)
#define mutated_expect_hex(n, expected, ...)                                                       \
	expect_hex((expected) ^ (mutant(n) ? 0x1000UL : 0UL), __VA_ARGS__)
#define mutated_expect_ge(n, least, ...)                                                           \
	expect_ge(mutant(n) ? 1000000000000L : (least), __VA_ARGS__)
#define mutated_expect_str(n, expected, ...)                                                       \
	expect_str(mutant(n) ? "mutant" : (expected), __VA_ARGS__)
#define mutated_expect_pid(n, expected, ...) expect_pid((expected) + mutant(n), __VA_ARGS__)
#define mutated_expect_address(n, expected, ...) expect_address((expected) + mutant(n), __VA_ARGS__)
#define mutated_expect_errno(n, expected, ...)                                                     \
	expect_errno(mutant(n) ? ((expected) ? 0 : ESRCH) : (expected), __VA_ARGS__)
#define mutated_expect_stop(n, kind, detail, ...)                                                  \
	expect_stop(kind, (detail) + mutant(n), __VA_ARGS__)
#define mutated_expect_always(n, ...)                                                              \
	(mutant(n) ? expect_never(__VA_ARGS__) : expect_always(__VA_ARGS__))
#define mutated_expect_never(n, ...)                                                               \
	(mutant(n) ? expect_always(__VA_ARGS__) : expect_never(__VA_ARGS__))

#endif
