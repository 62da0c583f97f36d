/* SPDX-License-Identifier: MIT */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "sweep.h"

#define PIDS 65536

size_t sweep_children(pid_t *pids, size_t room)
{
	static pid_t all[PIDS];
	ssize_t count = proc_list("", all, PIDS);
	size_t children = 0;

	for (ssize_t i = 0; i < count && i < PIDS && children < room; i++) {
		char status[8192];

		if (proc_read(all[i], "status", status, sizeof(status)) <= 0)
			continue;

		const char *parent = status_field(status, "PPid");

		if (parent != NULL && atoi(parent) == getpid())
			pids[children++] = all[i];
	}
	return children;
}

int sweep(pid_t of)
{
	static pid_t pids[PIDS];
	int status, result = 0;
	pid_t reaped;

	while ((reaped = waitpid(-1, &status, __WALL | WNOHANG)) != -1) {
		if (reaped == of)
			result = status;
		if (reaped > 0)
			continue;
		for (size_t i = sweep_children(pids, PIDS); i-- > 0;)
			kill(pids[i], SIGKILL);
		sched_yield();
	}
	return result;
}
