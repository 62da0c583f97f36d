/* SPDX-License-Identifier: MIT */
/*
 * The page that a tracer and its tracee share: what the scene tells, by name. Both sides may read
 * and write every slot at any time.
 */
#ifndef COMMON_TESTIMONY_H
#define COMMON_TESTIMONY_H

#include <stdatomic.h>
#include <sys/types.h>

#define TESTIMONY_SLOTS 64
#define TESTIMONY_NAME 24

struct testimony {
	uid_t run_as_uid; /* who the scene becomes before it plays; -1: stays */
	gid_t run_as_gid;
	atomic_uint count;
	struct testimony_slot {
		char name[TESTIMONY_NAME];
		atomic_long value;
	} slot[TESTIMONY_SLOTS];
};

/* The slot with this name, or NULL. Safe while the other side adds slots. */
atomic_long *testimony_find(struct testimony *testimony, const char *name);

/* The slot with this name, added with value 0 if it is new. One side adds at a time. Returns NULL
 * when every slot is taken or the name is too long. */
atomic_long *testimony_slot(struct testimony *testimony, const char *name);

#endif
