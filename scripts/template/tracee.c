/* SPDX-License-Identifier: MIT */
/* Lab NN's tracee: a process that ignores SIGUSR1. */
#include <signal.h>

#include "count.h"
#include "scene.h"

/* Counts its rounds, and never sleeps. */
static void ignores(void)
{
	atomic_long *rounds = scene_tell("rounds", 0);

	if (signal(SIGUSR1, SIG_IGN) == SIG_ERR)
		scene_broken("signal");
	scene_ready();
	for (;;)
		++*rounds;
}

static const struct scene scenes[] = {
	{ "ignores", ignores },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, scenes, COUNT(scenes));
}
