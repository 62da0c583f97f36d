/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <linux/netlink.h>

#include "arguments.h"
#include "constants.h"
#include "output.h"

/* --- sockets ------------------------------------------------------------------------------------ */

enum step put_socktype(const struct shown *s, uint64_t value)
{
	uint64_t flags = value & (SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)s;
	put_constant("socktype", (uint32_t)value & ~flags);
	if (flags != 0) {
		put_char('|');
		put_constant("sockflags", flags);
	}
	return DONE;
}

enum step put_protocol(const struct shown *s, uint64_t value)
{
	uint64_t family = s->arg[0];

	if (family == AF_INET || family == AF_INET6)
		put_constant("ipproto", value);
	else if (family == AF_NETLINK)
		put_constant("netlink", value);
	else
		return put_int(s, value);
	return DONE;
}

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_nl nl;
	char bytes[128];
};

static void put_unix_path(const union address *address, size_t length)
{
	size_t room = length - offsetof(struct sockaddr_un, sun_path);
	const char *path = address->un.sun_path;

	put(", sun_path=");
	if (*path == '\0') {
		put_char('@');
		put_quoted(path + 1, room - 1);
	} else {
		put_quoted(path, strnlen(path, room));
	}
}

static void put_sockaddr(const struct shown *s, uint64_t where, uint64_t length)
{
	union address address = { 0 };
	char words[INET6_ADDRSTRLEN];

	if (length < 2 || length > sizeof(address) || !fetch(s, where, &address, length)) {
		put_address(where);
		return;
	}
	put("{sa_family=");
	put_constant("family", address.any.sa_family);
	if (address.any.sa_family == AF_UNIX && length > 2) {
		put_unix_path(&address, length);
	} else if (address.any.sa_family == AF_INET && length >= sizeof(address.in)) {
		inet_ntop(AF_INET, &address.in.sin_addr, words, sizeof(words));
		put_format(", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")",
			ntohs(address.in.sin_port), words);
	} else if (address.any.sa_family == AF_INET6 && length >= sizeof(address.in6)) {
		inet_ntop(AF_INET6, &address.in6.sin6_addr, words, sizeof(words));
		put_format(", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), "
			   "inet_pton(AF_INET6, \"%s\", &sin6_addr), sin6_scope_id=%u",
			ntohs(address.in6.sin6_port), ntohl(address.in6.sin6_flowinfo), words,
			address.in6.sin6_scope_id);
	} else if (address.any.sa_family == AF_NETLINK && length >= sizeof(address.nl)) {
		put_format(", nl_pid=%u, nl_groups=%#08x", address.nl.nl_pid, address.nl.nl_groups);
	} else if (length > 2) {
		put(", sa_data=");
		put_quoted(address.bytes + 2, length - 2);
	}
	put_char('}');
}

enum step put_sockaddr_in(const struct shown *s, uint64_t address)
{
	put_sockaddr(s, address, (uint32_t)s->arg[s->i + 1]);
	return DONE;
}

/* An address that the kernel fills in, in two steps: as long as it has now become, and no longer than
 * the caller allowed. */
enum step put_sockaddr_out(const struct shown *s, uint64_t address)
{
	int length = 0;

	if (!s->leaving) {
		fetch(s, s->arg[s->i + 1], &length, sizeof(length));
		*s->kept = (uint64_t)length;
		return LATER;
	}
	if (!fetch(s, s->arg[s->i + 1], &length, sizeof(length)) || length < 0)
		return put_addr(s, address);
	put_sockaddr(s, address, (uint64_t)length < *s->kept ? (uint64_t)length : *s->kept);
	return DONE;
}

/* And its length: as the caller allowed and as it is. */
enum step put_socklen(const struct shown *s, uint64_t address)
{
	int length, allowed = (int)*s->kept;

	if (address == 0) {
		put("NULL");
	} else if (s->failed) {
		put_format("[%d]", allowed);
	} else if (fetch_or_put(s, address, &length, sizeof(length))) {
		if (length != allowed)
			put_format("[%d => %d]", allowed, length);
		else
			put_format("[%d]", length);
	}
	return DONE;
}

/* --- several buffers ---------------------------------------------------------------------------- */

static void put_iovecs(const struct shown *s, uint64_t address, uint64_t count, uint64_t bytes)
{
	struct iovec vector[SHOWN];
	size_t shown = at_most_shown(count);

	if (address == 0 || (shown > 0 && !fetch(s, address, vector, shown * sizeof(*vector)))) {
		put_address(address);
		return;
	}
	put_char('[');
	for (size_t i = 0; i < shown; i++) {
		uint64_t length = vector[i].iov_len < bytes ? vector[i].iov_len : bytes;

		put(i > 0 ? ", {iov_base=" : "{iov_base=");
		put_memory(s, (uint64_t)vector[i].iov_base, length);
		put_format(", iov_len=%zu}", vector[i].iov_len);
		bytes -= length;
	}
	put(count > shown ? ", ...]" : "]");
}

/* The places alone. */
enum step put_iov_places(const struct shown *s, uint64_t address)
{
	struct shown any = *s;
	struct iovec vector[SHOWN];
	uint64_t count = s->arg[s->i + 1];

	any.failed = false;
	if (count > SHOWN || !fetch(&any, address, vector, count * sizeof(*vector)))
		return put_addr(s, address);
	put_char('[');
	for (size_t i = 0; i < count; i++) {
		put(i > 0 ? ", {iov_base=" : "{iov_base=");
		put_address((uint64_t)vector[i].iov_base);
		put_format(", iov_len=%zu}", vector[i].iov_len);
	}
	put_char(']');
	return DONE;
}

enum step put_iov(const struct shown *s, uint64_t address)
{
	if (s->leaving && s->failed)
		return put_iov_places(s, address);
	put_iovecs(s, address, s->arg[s->i + 1], s->leaving ? (uint64_t)s->result : UINT64_MAX);
	return DONE;
}

static void put_control(const struct shown *s, uint64_t address, size_t length)
{
	char bytes[256] = "";
	struct cmsghdr header;
	size_t at = 0;

	if (length > sizeof(bytes) || length < sizeof(header) ||
		!fetch(s, address, bytes, length)) {
		put_address(address);
		return;
	}
	put_char('[');
	while (at + sizeof(header) <= length) {
		memcpy(&header, bytes + at, sizeof(header));
		if (header.cmsg_len < sizeof(header) || header.cmsg_len > length - at)
			break;
		put_format("%s{cmsg_len=%zu, cmsg_level=", at > 0 ? ", " : "", header.cmsg_len);
		put_constant("socklevel", (uint32_t)header.cmsg_level);
		put(", cmsg_type=");
		if (header.cmsg_level == SOL_SOCKET)
			put_constant("scm", (uint32_t)header.cmsg_type);
		else
			put_hex((uint32_t)header.cmsg_type);
		if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_RIGHTS) {
			put(", cmsg_data=[");
			for (size_t i = sizeof(header); i + sizeof(int) <= header.cmsg_len;
				i += sizeof(int)) {
				int fd;

				memcpy(&fd, bytes + at + i, sizeof(fd));
				put_format("%s%d", i > sizeof(header) ? ", " : "", fd);
			}
			put_char(']');
		}
		put_char('}');
		at += CMSG_ALIGN(header.cmsg_len);
	}
	put_char(']');
}

enum step put_msghdr(const struct shown *s, uint64_t address)
{
	struct msghdr message;
	struct shown any = *s;

	any.failed = false;
	if (!fetch_or_put(&any, address, &message, sizeof(message)))
		return DONE;
	if (s->leaving && s->failed) {
		put_format("{msg_namelen=%u}", message.msg_namelen);
		return DONE;
	}
	put("{msg_name=");
	put_sockaddr(s, (uint64_t)message.msg_name, message.msg_namelen);
	put_format(", msg_namelen=%u, msg_iov=", message.msg_namelen);
	put_iovecs(s, (uint64_t)message.msg_iov, message.msg_iovlen,
		s->leaving ? (uint64_t)s->result : UINT64_MAX);
	put_format(", msg_iovlen=%zu", message.msg_iovlen);
	if (message.msg_controllen > 0) {
		put(", msg_control=");
		put_control(s, (uint64_t)message.msg_control, message.msg_controllen);
	}
	put_format(", msg_controllen=%zu, msg_flags=", message.msg_controllen);
	put_constant("msgflags", (uint32_t)message.msg_flags);
	put_char('}');
	return DONE;
}

enum step put_sockopt(const struct shown *s, uint64_t value)
{
	if (s->arg[1] == SOL_SOCKET)
		put_constant("sockopt", value);
	else if (s->arg[1] == SOL_TCP)
		put_constant("tcpopt", value);
	else
		return put_uint(s, value);
	return DONE;
}

enum step put_sockopt_value(const struct shown *s, uint64_t address)
{
	int length = (int)s->arg[4];

	if (s->number == SYS_getsockopt) {
		length = 0;
		fetch(s, s->arg[4], &length, sizeof(length));
		if (!s->leaving) {
			*s->kept = (uint64_t)length;
			return LATER;
		}
	}
	if (length == sizeof(int))
		return put_int_at(s, address);
	if (length > 0 && !s->leaving)
		put_memory(s, address, (uint64_t)length);
	else
		put_address(address);
	return DONE;
}
