/* SPDX-License-Identifier: MIT */
/*
 * A test of common/ is a lab that serves as its own tracee: started under the name "tracee" it
 * plays a scene.
 */
#ifndef COMMON_TESTS_TEST_H
#define COMMON_TESTS_TEST_H

#include <string.h>

#include "check.h"
#include "count.h"
#include "scene.h"

/* main() of a test, from the arrays `experiments` and `scenes` of its file. */
#define TEST_MAIN(test_id, asks)                                                                   \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		static const struct lab lab = {                                                    \
			.id = (test_id),                                                           \
			.question = (asks),                                                        \
			.experiments = experiments,                                                \
			.count = COUNT(experiments),                                               \
		};                                                                                 \
		size_t length = strlen(argv[0]);                                                   \
                                                                                                   \
		if (length >= 6 && strcmp(argv[0] + length - 6, "tracee") == 0)                    \
			return scene_main(argc, argv, scenes, COUNT(scenes));                      \
		return lab_main(&lab, argc, argv);                                                 \
	}

#endif
