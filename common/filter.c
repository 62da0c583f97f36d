/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "count.h"
#include "filter.h"

#define LOAD(field)                                                                                \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define TRACE (SECCOMP_RET_TRACE | FILTER_MARK)

/*
 * Each run of consecutive numbers is one comparison: its first and its last. The kernel evaluates
 * such a program once for each number, and does not run it where it allows (seccomp_cache_prepare(),
 * since Linux 5.11), so that its length costs the other calls nothing.
 */
const char *filter_install(const struct calls *calls)
{
	struct sock_filter program[4 + 3 * CALLS / 2 + 1] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		RETURN(SECCOMP_RET_ALLOW),
		LOAD(nr),
	};
	unsigned short length = 4;

	for (unsigned first = 0, last; first < CALLS; first = last + 1) {
		last = first;
		if (!calls->has[first])
			continue;
		while (last + 1 < CALLS && calls->has[last + 1])
			last++;
		program[length++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2);
		program[length++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0);
		program[length++] = (struct sock_filter)RETURN(TRACE);
	}
	program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);

	struct sock_fprog whole = { .len = length, .filter = program };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) == 0)
		return NULL;
	if (errno != EACCES)
		return "seccomp";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return "prctl(PR_SET_NO_NEW_PRIVS)";
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) == -1 ? "seccomp" : NULL;
}
