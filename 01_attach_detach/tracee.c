/* SPDX-License-Identifier: MIT */
/*
 * Lab 01's tracee: a process that watches itself, and some that are merely busy or blocked.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "scene.h"

static void spin(void)
{
	atomic_long *heartbeat = scene_tell("heartbeat", 0);

	scene_ready();
	for (;;)
		++*heartbeat;
}

static const struct scene scenes[] = {
	{ "spin", spin },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, scenes, sizeof(scenes) / sizeof(scenes[0]));
}
