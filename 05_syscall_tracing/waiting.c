/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include <linux/futex.h>
#include <linux/sched.h>

#include "arguments.h"
#include "constants.h"
#include "output.h"

/* --- waiting ------------------------------------------------------------------------------------ */

void put_fd_bits(const unsigned char *bits, unsigned count)
{
	bool first = true;

	put_char('[');
	for (unsigned fd = 0; fd < count; fd++)
		if (bits[fd / 8] >> fd % 8 & 1) {
			if (!first)
				put_char(' ');
			put_unsigned(fd);
			first = false;
		}
	put_char(']');
}

bool fetch_fds(const struct shown *s, uint64_t address, unsigned char *bits, unsigned *count)
{
	int64_t asked = (int32_t)s->arg[0];

	if (asked < 0)
		return false;
	*count = asked > FD_SETSIZE ? FD_SETSIZE : (unsigned)asked;
	return fetch(s, address, bits, (*count + 63UL) / 64 * 8);
}

enum step put_fds(const struct shown *s, uint64_t address)
{
	unsigned char bits[FD_SETSIZE / 8];
	unsigned count;

	if (fetch_fds(s, address, bits, &count))
		put_fd_bits(bits, count);
	else
		put_address(address);
	return DONE;
}

/* pselect6(): the mask and its size, behind one pointer. */
enum step put_sigmask_and_size(const struct shown *s, uint64_t address)
{
	struct {
		uint64_t mask, size;
	} both;

	if (!fetch_or_put(s, address, &both, sizeof(both)))
		return DONE;
	put_char('{');
	put("sigmask=");
	put_sigset(s, both.mask);
	put_format(", sigsetsize=%" PRIu64 "}", both.size);
	return DONE;
}

enum step put_pollfds(const struct shown *s, uint64_t address)
{
	struct pollfd fds[SHOWN];
	uint64_t count = s->arg[1];
	size_t shown = at_most_shown(count);

	if (address == 0 || (shown > 0 && !fetch(s, address, fds, shown * sizeof(*fds)))) {
		put_address(address);
		return DONE;
	}
	put_char('[');
	for (size_t i = 0; i < shown; i++) {
		put_format("%s{fd=%d", i > 0 ? ", " : "", fds[i].fd);
		if (fds[i].fd >= 0) {
			put(", events=");
			put_constant("pollevents", (uint16_t)fds[i].events);
		}
		put_char('}');
	}
	put(count > shown ? ", ...]" : "]");
	return DONE;
}

static void put_epoll_event(const struct epoll_event *event)
{
	put("{events=");
	put_constant("epollevents", event->events);
	put_format(", data={u32=%u, u64=%" PRIu64 "}}", event->data.u32, event->data.u64);
}

enum step put_epoll_event_at(const struct shown *s, uint64_t address)
{
	struct epoll_event event;

	if (s->arg[1] == EPOLL_CTL_DEL)
		return put_addr(s, address);
	if (fetch_or_put(s, address, &event, sizeof(event)))
		put_epoll_event(&event);
	return DONE;
}

enum step put_epoll_events(const struct shown *s, uint64_t address)
{
	struct epoll_event events[SHOWN];
	size_t count = (size_t)s->result, shown = at_most_shown(count);

	if (shown > 0 && !fetch(s, address, events, shown * sizeof(*events))) {
		put_address(address);
		return DONE;
	}
	put_char('[');
	for (size_t i = 0; i < shown; i++) {
		if (i > 0)
			put(", ");
		put_epoll_event(&events[i]);
	}
	put(count > shown ? ", ...]" : "]");
	return DONE;
}

#define FUTEX_HAS_TIME(op)                                                                         \
	((op) == FUTEX_WAIT || (op) == FUTEX_LOCK_PI || (op) == FUTEX_WAIT_BITSET ||               \
		(op) == FUTEX_WAIT_REQUEUE_PI || (op) == FUTEX_LOCK_PI2)
#define FUTEX_HAS_SECOND(op)                                                                       \
	((op) == FUTEX_REQUEUE || (op) == FUTEX_CMP_REQUEUE || (op) == FUTEX_WAKE_OP ||            \
		(op) == FUTEX_WAIT_REQUEUE_PI || (op) == FUTEX_CMP_REQUEUE_PI)

enum step put_futex_op(const struct shown *s, uint64_t value)
{
	(void)s;
	if (constant_name("futex", value & FUTEX_CMD_MASK & 0xffffffff) == NULL) {
		put_hex((uint32_t)value);
		put(" /* FUTEX_??? */");
		return DONE;
	}
	put_constant("futex", value & FUTEX_CMD_MASK & 0xffffffff);
	if (value & FUTEX_PRIVATE_FLAG)
		put("_PRIVATE");
	if (value & FUTEX_CLOCK_REALTIME)
		put("|FUTEX_CLOCK_REALTIME");
	return DONE;
}

enum step put_futex_value(const struct shown *s, uint64_t value)
{
	unsigned op = (unsigned)s->arg[1] & FUTEX_CMD_MASK;

	if (op == FUTEX_UNLOCK_PI || op == FUTEX_TRYLOCK_PI || op == FUTEX_LOCK_PI)
		return op == FUTEX_LOCK_PI ? put_uint(s, value) : ABSENT;
	return put_uint(s, value);
}

/* The fourth: a timeout, or a second number. */
enum step put_futex_fourth(const struct shown *s, uint64_t value)
{
	unsigned op = (unsigned)s->arg[1] & FUTEX_CMD_MASK;

	if (FUTEX_HAS_TIME(op))
		return put_timespec(s, value);
	if (op == FUTEX_WAKE_BITSET) {
		put_constant("bitset", (uint32_t)s->arg[5]);
		return LAST;
	}
	return FUTEX_HAS_SECOND(op) ? put_uint(s, value) : ABSENT;
}

enum step put_futex_fifth(const struct shown *s, uint64_t value)
{
	unsigned op = (unsigned)s->arg[1] & FUTEX_CMD_MASK;

	if (op == FUTEX_WAIT_BITSET) {
		put_constant("bitset", (uint32_t)s->arg[5]);
		return LAST;
	}
	return FUTEX_HAS_SECOND(op) ? put_addr(s, value) : ABSENT;
}

enum step put_futex_sixth(const struct shown *s, uint64_t value)
{
	unsigned op = (unsigned)s->arg[1] & FUTEX_CMD_MASK;

	if (op == FUTEX_CMP_REQUEUE || op == FUTEX_CMP_REQUEUE_PI)
		return put_uint(s, value);
	return op == FUTEX_WAKE_OP ? put_hexadecimal(s, value) : ABSENT;
}

/* --- birth -------------------------------------------------------------------------------------- */

static void put_clone_flags(uint64_t flags, int exit_signal)
{
	put("flags=");
	if (flags != 0)
		put_constant("clone", flags);
	if (exit_signal != 0) {
		if (flags != 0)
			put_char('|');
		put_signal(exit_signal);
	}
	if (flags == 0 && exit_signal == 0)
		put_char('0');
}

/* clone(2), in strace's order, and of the rest what the flags ask for. */
enum step put_clone_stack(const struct shown *s, uint64_t value)
{
	(void)value;
	put("child_stack=");
	put_address(s->arg[1]);
	return DONE;
}

enum step put_clone_flags_of(const struct shown *s, uint64_t value)
{
	(void)value;
	put_clone_flags(s->arg[0] & ~UINT64_C(0xff), (int)(s->arg[0] & 0xff));
	return DONE;
}

#define CLONE_PIDFD_ 0x1000

enum step put_clone_rest(const struct shown *s, uint64_t value)
{
	uint64_t flags = s->arg[0];

	(void)value;
	if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD_)) {
		put(", parent_tid=");
		if (s->failed)
			put_address(s->arg[2]);
		else
			put_int_at(s, s->arg[2]);
	}
	if (flags & CLONE_SETTLS) {
		put(", tls=");
		put_address(s->arg[4]);
	}
	if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) {
		put(", child_tidptr=");
		put_address(s->arg[3]);
	}
	return LAST;
}

enum step put_clone_args(const struct shown *s, uint64_t address)
{
	struct clone_args args = { 0 };
	size_t size = s->arg[1] < sizeof(args) ? s->arg[1] : sizeof(args);

	if (!fetch_or_put(s, address, &args, size))
		return DONE;
	put_char('{');
	put("flags=");
	put_constant("clone", args.flags);
	if (args.flags & CLONE_PIDFD_) {
		put(", pidfd=");
		put_address(args.pidfd);
	}
	if (args.flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) {
		put(", child_tid=");
		put_address(args.child_tid);
	}
	if (args.flags & CLONE_PARENT_SETTID) {
		put(", parent_tid=");
		put_address(args.parent_tid);
	}
	put(", exit_signal=");
	put_signal((int)args.exit_signal);
	put(", stack=");
	put_address(args.stack);
	put_format(", stack_size=");
	put_hex(args.stack_size);
	if (args.flags & CLONE_SETTLS) {
		put(", tls=");
		put_address(args.tls);
	}
	put_char('}');
	return DONE;
}

/* Behind that: what the kernel has stored. */
enum step put_clone_stored(const struct shown *s, uint64_t address)
{
	struct clone_args args = { 0 };

	if (!s->failed && fetch(s, address, &args, CLONE_ARGS_SIZE_VER0) &&
		args.flags & CLONE_PARENT_SETTID) {
		put(" => {parent_tid=");
		put_int_at(s, args.parent_tid);
		put_char('}');
	}
	return DONE;
}
