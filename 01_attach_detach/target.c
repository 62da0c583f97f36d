/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "target.h"

const char target_usage[] =
	"-p PID           stop each thread of a process once, and say what it was doing";

int target_mode(int argc, char **argv)
{
	fprintf(stderr, "tracer %s: not yet (%d words)\n", argv[0], argc);
	return 2;
}
