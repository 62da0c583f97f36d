/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "process.h"
#include "scene.h"
#include "testimony.h"

static struct testimony *testimony;
static int ready_fd = -1;
static bool by_hand;

void scene_broken(const char *call)
{
	fprintf(stderr, "tracee: %s: %s\n", call, strerrorname_np(errno));
	_exit(99);
}

atomic_long *scene_tell(const char *name, long value)
{
	atomic_long *slot = testimony_slot(testimony, name);

	if (slot == NULL) {
		errno = ENOSPC;
		scene_broken(name);
	}
	*slot = value;
	return slot;
}

void scene_ready(void)
{
	if (ready_fd == -1)
		return;
	if (write(ready_fd, "r", 1) != 1)
		scene_broken("write to the ready pipe");
	close(ready_fd);
	ready_fd = -1;
}

bool scene_by_hand(void)
{
	return by_hand;
}

pid_t scene_fork(void)
{
	pid_t parent = getpid(), child = fork();
	const char *failed = child == -1 ? "fork" : child == 0 ? process_die_with(parent) : NULL;

	if (failed != NULL)
		scene_broken(failed);
	return child;
}

void scene_become(uid_t uid, gid_t gid)
{
	const char *failed = process_become(uid, gid);

	if (failed != NULL)
		scene_broken(failed);
}

static void *map_page(int fd, int flags)
{
	void *page =
		mmap(NULL, sizeof(*testimony), PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);

	if (page == MAP_FAILED)
		scene_broken("mmap of the shared page");
	return page;
}

int scene_main(int argc, char **argv, const struct scene *scenes, size_t count)
{
	if (argc >= 4) {
		int page_fd = atoi(argv[2]);

		testimony = map_page(page_fd, 0);
		close(page_fd);
		ready_fd = atoi(argv[3]);
	} else {
		testimony = map_page(-1, MAP_ANONYMOUS);
		testimony->run_as_uid = (uid_t)-1;
		by_hand = true;
	}
	for (size_t i = 0; argc > 1 && i < count; i++) {
		if (strcmp(scenes[i].name, argv[1]) != 0)
			continue;
		/* Under Yama scope 1 only ancestors may attach, and an experiment's second tracer is
		 * none. Without Yama the request is unknown, and nothing needs to be allowed. */
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
		if (testimony->run_as_uid != (uid_t)-1)
			scene_become(testimony->run_as_uid, testimony->run_as_gid);
		scenes[i].play();
		return 0;
	}
	if (argc > 1)
		fprintf(stderr, "tracee: no scene \"%s\"\n", argv[1]);
	else
		puts("Scenes, for a tracer to look at:");
	for (size_t i = 0; argc == 1 && i < count; i++)
		printf("  tracee '%s'\n", scenes[i].name);
	return 2;
}
