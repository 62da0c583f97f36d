/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "show.h"
#include "text.h"

#define ROLES 64

bool show_transcript;

struct role {
	char name[64];
	uint64_t first;
	uint64_t length;
};

struct cast {
	struct role role[ROLES];
	unsigned count;
	unsigned strangers;
};

static struct cast pids, addresses;

static struct role *role_of(struct cast *cast, uint64_t value)
{
	for (unsigned i = cast->count; i-- > 0;)
		if (value - cast->role[i].first < cast->role[i].length)
			return &cast->role[i];
	return NULL;
}

static struct role *role_add(struct cast *cast, const char *name, uint64_t first, uint64_t length)
{
	struct role *role = NULL;

	for (unsigned i = 0; i < cast->count; i++)
		if (strcmp(cast->role[i].name, name) == 0)
			role = &cast->role[i];
	if (role == NULL)
		role = &cast->role[cast->count < ROLES ? cast->count++ : ROLES - 1];
	snprintf(role->name, sizeof(role->name), "%s", name);
	role->first = first;
	role->length = length;
	return role;
}

/* The role of a value, or a numbered one of its own on its first appearance. */
static struct role *role_or_stranger(struct cast *cast, uint64_t value, const char *kind)
{
	struct role *role = role_of(cast, value);

	if (role != NULL)
		return role;
	return role_add(cast, text("%s%u", kind, ++cast->strangers), value, 1);
}

void role_pid(const char *role, pid_t pid)
{
	role_add(&pids, role, (uint64_t)pid, 1);
}

const char *show_pid(pid_t pid)
{
	if (pid == 0)
		return "0";
	if (show_transcript)
		return text("<%s>", role_or_stranger(&pids, (uint64_t)pid, "pid")->name);

	struct role *role = role_of(&pids, (uint64_t)pid);

	return role ? text("%d (%s)", pid, role->name) : text("%d", pid);
}

void role_address(const char *role, uint64_t address, uint64_t length)
{
	role_add(&addresses, role, address, length);
}

const char *show_address(uint64_t address)
{
	struct role *role = role_of(&addresses, address);

	if (address == 0)
		return "0";
	if (role == NULL && show_transcript)
		role = role_or_stranger(&addresses, address, "address");
	if (role == NULL)
		return text("0x%" PRIx64, address);

	uint64_t offset = address - role->first;
	const char *place = offset ? text("%s+0x%" PRIx64, role->name, offset) : role->name;

	return show_transcript ? text("<%s>", place) : text("0x%" PRIx64 " (%s)", address, place);
}

const char *show_ns(int64_t nanoseconds)
{
	double value = (double)nanoseconds;

	if (show_transcript)
		return "<time>";
	if (value < 1e3)
		return text("%.0f ns", value);
	if (value < 1e6)
		return text("%.1f us", value / 1e3);
	if (value < 1e9)
		return text("%.1f ms", value / 1e6);
	return text("%.2f s", value / 1e9);
}

const char *show_count(long count)
{
	return show_transcript ? "<count>" : text("%ld", count);
}
