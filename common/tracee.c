/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "proc.h"
#include "process.h"
#include "request.h"
#include "show.h"
#include "testimony.h"
#include "text.h"
#include "tracee.h"

const char *tracee_path(void)
{
	static char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - sizeof("tracee"));

	if (length == -1)
		broken("readlink /proc/self/exe: %s", errno_text(errno));
	path[length] = '\0';
	strcpy(strrchr(path, '/') + 1, "tracee");
	return path;
}

static struct testimony *testimony_create(int *fd)
{
	*fd = memfd_create("testimony", MFD_CLOEXEC);
	if (*fd == -1 || ftruncate(*fd, sizeof(struct testimony)) == -1)
		broken("memfd_create: %s", errno_text(errno));

	struct testimony *page =
		mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);

	if (page == MAP_FAILED)
		broken("mmap of the shared page: %s", errno_text(errno));
	return page;
}

static void wait_ready(pid_t pid, const char *scene, int ready)
{
	char byte;
	ssize_t got;

	waiting_for(text("scene \"%s\" to be ready", scene));
	do {
		got = read(ready, &byte, 1);
	} while (got == -1 && errno == EINTR);
	if (got != 1)
		broken("scene \"%s\": %s before it was ready", scene, stop_text(stop_wait(pid)));
	waiting_for(NULL);
}

struct start {
	uid_t uid;
	gid_t gid;
	bool seized;
	unsigned long options;
};

static struct tracee start(const char *scene, struct start how)
{
	const char *path = tracee_path();
	int page_fd, ready[2], go[2];
	struct tracee tracee = { .page = testimony_create(&page_fd) };

	tracee.page->run_as_uid = how.uid;
	tracee.page->run_as_gid = how.gid;
	if (pipe2(ready, O_CLOEXEC) == -1 || pipe2(go, O_CLOEXEC) == -1)
		broken("pipe2: %s", errno_text(errno));
	tracee.pid = fork_helper();
	if (tracee.pid == 0) {
		char byte;

		/* The tracer SEIZEs, if it does, before this pipe says go. */
		close(go[1]);
		if (read(go[0], &byte, 1) == 1) {
			fcntl(page_fd, F_SETFD, 0);
			fcntl(ready[1], F_SETFD, 0);
			execl(path, "tracee", scene, text("%d", page_fd), text("%d", ready[1]),
				NULL);
			broken("exec %s: %s (build it with make)", path, errno_text(errno));
		}
		_exit(LAB_BROKEN);
	}
	if (how.seized)
		xptrace(PTRACE_SEIZE, tracee.pid, 0L, PTRACE_O_EXITKILL | how.options);
	if (write(go[1], "g", 1) != 1)
		broken("write to the go pipe: %s", errno_text(errno));
	close(go[0]);
	close(go[1]);
	close(ready[1]);
	close(page_fd);
	wait_ready(tracee.pid, scene, ready[0]);
	close(ready[0]);
	role_pid("tracee", tracee.pid);
	return tracee;
}

struct tracee tracee_start(const char *scene)
{
	return start(scene, (struct start){ .uid = (uid_t)-1, .gid = (gid_t)-1 });
}

struct tracee tracee_start_as(const char *scene, uid_t uid, gid_t gid)
{
	return start(scene, (struct start){ .uid = uid, .gid = gid });
}

struct tracee tracee_start_seized(const char *scene, unsigned long options)
{
	return start(scene,
		(struct start){
			.uid = (uid_t)-1, .gid = (gid_t)-1, .seized = true, .options = options });
}

struct tracee tracee_at_trap(const char *scene, unsigned long options)
{
	struct tracee tracee = tracee_start_seized(scene, PTRACE_O_TRACESYSGOOD | options);
	struct stop stop = stop_wait(tracee.pid);

	if (stop.kind != STOP_SIGNAL || stop.detail != SIGTRAP)
		broken("scene \"%s\": %s instead of its first trap", scene, stop_text(stop));
	return tracee;
}

atomic_long *told_slot(const struct tracee *tracee, const char *name)
{
	atomic_long *slot = testimony_find(tracee->page, name);

	if (slot == NULL)
		broken("the scene has not told \"%s\"", name);
	return slot;
}

long told(const struct tracee *tracee, const char *name)
{
	return *told_slot(tracee, name);
}

unsigned long told_place(const struct tracee *tracee, const char *name, unsigned long length)
{
	unsigned long address = (unsigned long)told(tracee, name);

	role_address(name, address, length);
	return address;
}

long wait_told(const struct tracee *tracee, const char *name, long least)
{
	atomic_long *slot;

	waiting_for(text("the scene to tell \"%s\" of at least %ld", name, least));
	while ((slot = testimony_find(tracee->page, name)) == NULL || *slot < least) {
		char state = proc_state(tracee->pid);

		if (state == 0 || state == 'Z')
			broken("the tracee ended before it told \"%s\" of at least %ld", name,
				least);
		sched_yield();
	}
	waiting_for(NULL);
	return *slot;
}

void become(uid_t uid, gid_t gid)
{
	const char *failed = process_become(uid, gid);

	if (failed != NULL)
		broken("%s, to become uid %u: %s", failed, uid, errno_text(errno));
}

bool may_become(uid_t uid, gid_t gid)
{
	pid_t tries = fork_helper();
	int status;

	if (tries == 0)
		_exit(process_become(uid, gid) == NULL ? 0 : 1);
	if (waitpid(tries, &status, 0) != tries)
		broken("waitpid: %s", errno_text(errno));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
