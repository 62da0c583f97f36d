/* SPDX-License-Identifier: MIT */
/*
 * The tracee's side: named scenes, and how a scene tells what it does. A scene does not know which
 * experiment is running. A tracee links nothing else of this library.
 */
#ifndef COMMON_SCENE_H
#define COMMON_SCENE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct scene {
	const char *name;
	void (*play)(void);
};

/*
 * Play the scene that the command line names; without a name, list them. A scene that was started
 * by a tracer has been given the shared page and ends with its parent; one started by hand has a
 * private page. Returns what main() returns: 0 when the scene returned, 2 for a bad name.
 */
int scene_main(int argc, char **argv, const struct scene *scenes, size_t count);

/* Set a named value and return its place, which may be updated for as long as the scene plays. */
atomic_long *scene_tell(const char *name, long value);

/* The scene is set. Call once, as the last step before what the tracer waits for. */
void scene_ready(void);

/* True when a person started the scene, without a tracer. */
bool scene_by_hand(void);

/* fork() for scenes: the child is killed when the scene ends. */
pid_t scene_fork(void);

/* Become another user and group and stay traceable: a change of credentials clears both the
 * dumpable flag and the parent-death signal (prctl(2)), and this sets them again. */
void scene_become(uid_t uid, gid_t gid);

/* Say on stderr which call failed in a scene, and exit with code 99. */
_Noreturn void scene_broken(const char *call);

#endif
