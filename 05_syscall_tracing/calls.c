/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <ucontext.h>

#include <linux/audit.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <linux/sched.h>

#include "calls.h"
#include "constants.h"
#include "count.h"
#include "memory.h"
#include "output.h"
#include "syscalls.h"
#include "target.h"
#include "text.h"

#define SHOWN 32 /* of a string or an array, before "..." */
#define PAGE 4096

/* A call that is being put, and which argument of it. */
struct shown {
	pid_t tid;
	const uint64_t *arg;
	unsigned i;
	uint64_t number, sp;
	uint64_t former;
	uint64_t *kept; /* a number that is kept from its entry to its exit */
	bool resumed;   /* the comma is there already */
	bool leaving;
	int64_t result; /* if leaving */
	bool failed;
};

/* What became of an argument: it was put; it was, and it is the last one that the call takes; it cannot
 * be told before the call returns; the call does not take it, nor any further one. */
enum step { DONE, LAST, LATER, ABSENT };

/* --- memory ------------------------------------------------------------------------------------- */

static void put_address(uint64_t address)
{
	if (address == 0)
		put("NULL");
	else
		put_hex(address);
}

static enum step put_addr(const struct shown *s, uint64_t value)
{
	(void)s;
	put_address(value);
	return DONE;
}

/* A call that failed has filled in nothing, and strace does not look. */
static bool readable(const struct shown *s, uint64_t address)
{
	return address != 0 && !(s->leaving && s->failed);
}

static bool fetch(const struct shown *s, uint64_t address, void *object, size_t size)
{
	return readable(s, address) && vm_read(s->tid, address, object, size) == size;
}

/* Fetch an object, or put the address in its place. */
static bool fetch_or_put(const struct shown *s, uint64_t address, void *object, size_t size)
{
	if (fetch(s, address, object, size))
		return true;
	put_address(address);
	return false;
}

/* Fetch a string page by page until its end, at most `size` bytes. Returns its length, which is
 * `size` if no NUL was seen; -1 if it cannot be read. */
static ssize_t fetch_string(const struct shown *s, uint64_t address, char *bytes, size_t size)
{
	size_t length = 0;

	while (length < size) {
		size_t left = size - length, page = PAGE - (address + length) % PAGE, now;

		/* Most strings are short, and what is not needed is not copied. */
		now = left < page ? left : page;
		if (now > 256)
			now = 256;
		if (vm_read(s->tid, address + length, bytes + length, now) != now)
			return -1;

		const char *end = memchr(bytes + length, '\0', now);

		if (end != NULL)
			return end - bytes;
		length += now;
	}
	return (ssize_t)size;
}

/* --- text --------------------------------------------------------------------------------------- */

static void put_quoted(const char *bytes, size_t length)
{
	put_char('"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char *escape = strchr("\"\"\\\\\nn\tt\rr\vv\ff", c);
		bool digit = i + 1 < length && bytes[i + 1] >= '0' && bytes[i + 1] <= '7';

		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
			put_char((char)c);
		} else if (c == '"' || c == '\\' || (c >= '\t' && c <= '\r')) {
			put_char('\\');
			put_char(c == '"' || c == '\\' ? (char)c : escape[1]);
		} else {
			put_char('\\');
			if (digit || c >= 0100)
				put_char((char)('0' + (c >> 6)));
			if (digit || c >= 010)
				put_char((char)('0' + (c >> 3 & 7)));
			put_char((char)('0' + (c & 7)));
		}
	}
	put_char('"');
}

static enum step put_path(const struct shown *s, uint64_t address)
{
	static char path[PATH_MAX];
	ssize_t length = readable(s, address) ? fetch_string(s, address, path, sizeof(path)) : -1;

	if (length == -1) {
		put_address(address);
		return DONE;
	}
	put_quoted(path, (size_t)length < sizeof(path) ? (size_t)length : sizeof(path) - 1);
	if ((size_t)length == sizeof(path))
		put("...");
	return DONE;
}

static void put_cut_string(const struct shown *s, uint64_t address, size_t most)
{
	char bytes[256] = "";
	ssize_t length = readable(s, address) ? fetch_string(s, address, bytes, most + 1) : -1;

	if (length == -1) {
		put_address(address);
		return;
	}
	put_quoted(bytes, (size_t)length < most ? (size_t)length : most);
	if ((size_t)length > most)
		put("...");
}

static enum step put_str(const struct shown *s, uint64_t address)
{
	put_cut_string(s, address, SHOWN);
	return DONE;
}

static void put_memory(const struct shown *s, uint64_t address, uint64_t length)
{
	char bytes[SHOWN] = "";
	size_t shown = length < SHOWN ? length : SHOWN;

	if (!readable(s, address) ||
		(shown > 0 && vm_read(s->tid, address, bytes, shown) != shown)) {
		put_address(address);
		return;
	}
	put_quoted(bytes, shown);
	if (length > shown)
		put("...");
}

/* Bytes: as many as the next argument says, or as the call returned. */
static enum step put_buf(const struct shown *s, uint64_t address)
{
	put_memory(s, address, s->leaving ? (uint64_t)s->result : s->arg[s->i + 1]);
	return DONE;
}

/* The value of an attribute: a NUL at its end is not shown. */
static enum step put_value_bytes(const struct shown *s, uint64_t address)
{
	uint64_t length = s->leaving ? (uint64_t)s->result : s->arg[s->i + 1];
	char last = 1;

	if (s->leaving && s->arg[s->i + 1] == 0)
		return put_addr(s, address);
	if (length > 0 && fetch(s, address + length - 1, &last, 1) && last == '\0')
		length--;
	put_memory(s, address, length);
	return DONE;
}

/* Names, which are not there if only their length was asked for. */
static enum step put_names(const struct shown *s, uint64_t address)
{
	return s->arg[s->i + 1] == 0 ? put_addr(s, address) : put_buf(s, address);
}

static enum step put_hexbuf(const struct shown *s, uint64_t address)
{
	unsigned char bytes[SHOWN];
	size_t length = (size_t)s->result, shown = length < SHOWN ? length : SHOWN;

	if (!fetch_or_put(s, address, bytes, shown))
		return DONE;
	put_char('"');
	for (size_t i = 0; i < shown; i++)
		put_format("\\x%02x", bytes[i]);
	put_char('"');
	if (length > shown)
		put("...");
	return DONE;
}

static enum step put_argv(const struct shown *s, uint64_t address)
{
	uint64_t word;

	if (!fetch_or_put(s, address, &word, sizeof(word)))
		return DONE;
	put_char('[');
	for (unsigned n = 0; word != 0; n++) {
		if (n > 0)
			put(", ");
		if (n == SHOWN) {
			put("...");
			break;
		}
		put_cut_string(s, word, SHOWN);
		address += sizeof(word);
		if (!fetch(s, address, &word, sizeof(word))) {
			put_format(", ... /* %#" PRIx64 " */", address);
			break;
		}
	}
	put_char(']');
	return DONE;
}

static enum step put_envp(const struct shown *s, uint64_t address)
{
	uint64_t words[64];
	unsigned count = 0;
	bool end = false, readable = address != 0;

	put_address(address);
	while (readable && !end) {
		uint64_t place = address + count * sizeof(*words);
		size_t room = (PAGE - place % PAGE) / sizeof(*words);

		if (room > COUNT(words))
			room = COUNT(words);
		readable = room > 0 && fetch(s, place, words, room * sizeof(*words));
		for (size_t i = 0; readable && i < room && !end; i++) {
			end = words[i] == 0;
			count += !end;
		}
	}
	if (address != 0)
		put_format(" /* %u var%s%s */", count, count == 1 ? "" : "s",
			readable ? "" : ", unterminated");
	return DONE;
}

/* --- numbers ------------------------------------------------------------------------------------ */

static enum step put_int(const struct shown *s, uint64_t value)
{
	(void)s;
	put_signed((int32_t)value);
	return DONE;
}

static enum step put_uint(const struct shown *s, uint64_t value)
{
	(void)s;
	put_unsigned((uint32_t)value);
	return DONE;
}

static enum step put_long(const struct shown *s, uint64_t value)
{
	(void)s;
	put_signed((int64_t)value);
	return DONE;
}

static enum step put_size(const struct shown *s, uint64_t value)
{
	(void)s;
	put_unsigned(value);
	return DONE;
}

static enum step put_hexadecimal(const struct shown *s, uint64_t value)
{
	(void)s;
	put_hex(value);
	return DONE;
}

static enum step put_mode(const struct shown *s, uint64_t value)
{
	(void)s;
	put_format("%#03o", (unsigned)(value & 0xffff));
	return DONE;
}

static enum step put_id(const struct shown *s, uint64_t value)
{
	(void)s;
	if ((uint32_t)value == UINT32_MAX)
		put("-1");
	else
		put_unsigned((uint32_t)value);
	return DONE;
}

static enum step put_at(const struct shown *s, uint64_t value)
{
	(void)s;
	if ((int32_t)value == AT_FDCWD)
		put("AT_FDCWD");
	else
		put_signed((int32_t)value);
	return DONE;
}

static enum step put_sig(const struct shown *s, uint64_t value)
{
	(void)s;
	put_signal((int)value);
	return DONE;
}

static enum step put_oflags(const struct shown *s, uint64_t value)
{
	uint64_t flags = (uint32_t)value & ~(uint64_t)O_ACCMODE;

	(void)s;
	put_constant("accmode", value & O_ACCMODE);
	if (flags != 0) {
		put_char('|');
		put_constant("oflags", flags);
	}
	return DONE;
}

/* Only with flags that create a file. */
static enum step put_openmode(const struct shown *s, uint64_t value)
{
	uint64_t flags = s->arg[s->i - 1];

	if (!(flags & O_CREAT) && (flags & O_TMPFILE) != O_TMPFILE)
		return ABSENT;
	return put_mode(s, value);
}

static enum step put_mapflags(const struct shown *s, uint64_t value)
{
	uint64_t flags = (uint32_t)value & ~(uint64_t)MAP_TYPE;

	(void)s;
	put_constant("maptype", value & MAP_TYPE);
	if (flags != 0) {
		put_char('|');
		put_constant("mapflags", flags);
	}
	return DONE;
}

static enum step put_mremap_address(const struct shown *s, uint64_t value)
{
	if (!(s->arg[3] & (MREMAP_FIXED | MREMAP_DONTUNMAP)))
		return ABSENT;
	return put_addr(s, value);
}

static void put_file_mode(unsigned mode)
{
	put_constant("filetype", mode & S_IFMT);
	if (mode & S_ISUID)
		put("|S_ISUID");
	if (mode & S_ISGID)
		put("|S_ISGID");
	if (mode & S_ISVTX)
		put("|S_ISVTX");
	put_format("|%#03o", mode & 0777);
}

static enum step put_mknod_mode(const struct shown *s, uint64_t value)
{
	(void)s;
	if ((value & S_IFMT) == 0)
		return put_mode(s, value);
	put_file_mode((unsigned)value);
	return DONE;
}

static enum step put_dev(const struct shown *s, uint64_t value)
{
	uint64_t type = s->arg[s->i - 1] & S_IFMT;

	if (type != S_IFCHR && type != S_IFBLK)
		return ABSENT;
	put_format("makedev(%#x, %#x)", major(value), minor(value));
	return DONE;
}

/* --- what pointers point to --------------------------------------------------------------------- */

static enum step put_int_at(const struct shown *s, uint64_t address)
{
	int number;

	if (fetch_or_put(s, address, &number, sizeof(number)))
		put_format("[%d]", number);
	return DONE;
}

static enum step put_long_at(const struct shown *s, uint64_t address)
{
	int64_t number;

	if (fetch_or_put(s, address, &number, sizeof(number)))
		put_format("[%" PRId64 "]", number);
	return DONE;
}

static enum step put_address_at(const struct shown *s, uint64_t address)
{
	uint64_t number;

	if (fetch_or_put(s, address, &number, sizeof(number))) {
		put_char('[');
		put_address(number);
		put_char(']');
	}
	return DONE;
}

static enum step put_fd_pair(const struct shown *s, uint64_t address)
{
	int fds[2];

	if (fetch_or_put(s, address, fds, sizeof(fds)))
		put_format("[%d, %d]", fds[0], fds[1]);
	return DONE;
}

static void put_pair(const char *second, int64_t seconds, int64_t part)
{
	put("{tv_sec=");
	put_signed(seconds);
	put(", ");
	put(second);
	put_signed(part);
	put_char('}');
}

static enum step put_timespec(const struct shown *s, uint64_t address)
{
	struct timespec time;

	if (fetch_or_put(s, address, &time, sizeof(time)))
		put_pair("tv_nsec=", time.tv_sec, time.tv_nsec);
	return DONE;
}

static enum step put_timeval(const struct shown *s, uint64_t address)
{
	struct timeval time;

	if (fetch_or_put(s, address, &time, sizeof(time)))
		put_pair("tv_usec=", time.tv_sec, time.tv_usec);
	return DONE;
}

/* What is left of a sleep: only if it was interrupted. */
static enum step put_remaining(const struct shown *s, uint64_t address)
{
	struct shown left = *s;

	if (!s->failed || (s->result != -EINTR && s->result != -516))
		return put_addr(s, address);
	left.failed = false;
	return put_timespec(&left, address);
}

static void put_moment(int64_t seconds, int64_t nanoseconds, bool fine)
{
	time_t time = seconds;
	struct tm tm;
	char words[64];

	if (localtime_r(&time, &tm) == NULL)
		return;
	strftime(words, sizeof(words), "%Y-%m-%dT%H:%M:%S", &tm);
	put(words);
	if (fine && nanoseconds != 0)
		put_format(".%09" PRId64, nanoseconds);
	strftime(words, sizeof(words), "%z", &tm);
	put(words);
}

static enum step put_time_at(const struct shown *s, uint64_t address)
{
	int64_t seconds;

	if (!fetch_or_put(s, address, &seconds, sizeof(seconds)))
		return DONE;
	put_format("[%" PRId64 " /* ", seconds);
	put_moment(seconds, 0, false);
	put(" */]");
	return DONE;
}

static void put_dated(const struct timespec *time)
{
	put_pair("tv_nsec=", time->tv_sec, time->tv_nsec);
	put(" /* ");
	put_moment(time->tv_sec, time->tv_nsec, true);
	put(" */");
}

static enum step put_timespecs(const struct shown *s, uint64_t address)
{
	struct timespec time[2];

	if (!fetch_or_put(s, address, time, sizeof(time)))
		return DONE;
	put_char('[');
	for (int i = 0; i < 2; i++) {
		if (i > 0)
			put(", ");
		if (time[i].tv_nsec == UTIME_NOW)
			put("UTIME_NOW");
		else if (time[i].tv_nsec == UTIME_OMIT)
			put("UTIME_OMIT");
		else
			put_dated(&time[i]);
	}
	put_char(']');
	return DONE;
}

static enum step put_itimerval(const struct shown *s, uint64_t address)
{
	struct itimerval timer;

	if (!fetch_or_put(s, address, &timer, sizeof(timer)))
		return DONE;
	put("{it_interval=");
	put_pair("tv_usec=", timer.it_interval.tv_sec, timer.it_interval.tv_usec);
	put(", it_value=");
	put_pair("tv_usec=", timer.it_value.tv_sec, timer.it_value.tv_usec);
	put_char('}');
	return DONE;
}

static enum step put_itimerspec(const struct shown *s, uint64_t address)
{
	struct itimerspec timer;

	if (!fetch_or_put(s, address, &timer, sizeof(timer)))
		return DONE;
	put("{it_interval=");
	put_pair("tv_nsec=", timer.it_interval.tv_sec, timer.it_interval.tv_nsec);
	put(", it_value=");
	put_pair("tv_nsec=", timer.it_value.tv_sec, timer.it_value.tv_nsec);
	put_char('}');
	return DONE;
}

static enum step put_tms(const struct shown *s, uint64_t address)
{
	struct tms tms;

	if (fetch_or_put(s, address, &tms, sizeof(tms)))
		put_format("{tms_utime=%ld, tms_stime=%ld, tms_cutime=%ld, tms_cstime=%ld}",
			tms.tms_utime, tms.tms_stime, tms.tms_cutime, tms.tms_cstime);
	return DONE;
}

static void put_limit(uint64_t limit)
{
	if (limit == UINT64_MAX)
		put("RLIM64_INFINITY");
	else if (limit > 1024 && limit % 1024 == 0)
		put_format("%" PRIu64 "*1024", limit / 1024);
	else
		put_unsigned(limit);
}

static enum step put_rlimit(const struct shown *s, uint64_t address)
{
	struct rlimit limit;

	if (!fetch_or_put(s, address, &limit, sizeof(limit)))
		return DONE;
	put("{rlim_cur=");
	put_limit(limit.rlim_cur);
	put(", rlim_max=");
	put_limit(limit.rlim_max);
	put_char('}');
	return DONE;
}

static enum step put_rusage(const struct shown *s, uint64_t address)
{
	struct rusage usage;

	if (!fetch_or_put(s, address, &usage, sizeof(usage)))
		return DONE;
	put("{ru_utime=");
	put_pair("tv_usec=", usage.ru_utime.tv_sec, usage.ru_utime.tv_usec);
	put(", ru_stime=");
	put_pair("tv_usec=", usage.ru_stime.tv_sec, usage.ru_stime.tv_usec);
	put(", ...}");
	return DONE;
}

static enum step put_stat(const struct shown *s, uint64_t address)
{
	struct stat file;

	if (!fetch_or_put(s, address, &file, sizeof(file)))
		return DONE;
	put("{st_mode=");
	put_file_mode(file.st_mode);
	if (S_ISCHR(file.st_mode) || S_ISBLK(file.st_mode))
		put_format(", st_rdev=makedev(%#x, %#x)", major(file.st_rdev), minor(file.st_rdev));
	else
		put_format(", st_size=%" PRId64, (int64_t)file.st_size);
	put(", ...}");
	return DONE;
}

static enum step put_statx_flags(const struct shown *s, uint64_t value)
{
	uint64_t flags = (uint32_t)value & ~(uint64_t)AT_STATX_SYNC_TYPE;

	(void)s;
	put_constant("statxsync", value & AT_STATX_SYNC_TYPE);
	if (flags != 0) {
		put_char('|');
		put_constant("atflags", flags);
	}
	return DONE;
}

static enum step put_statx(const struct shown *s, uint64_t address)
{
	struct statx file;

	if (!fetch_or_put(s, address, &file, sizeof(file)))
		return DONE;
	put("{stx_mask=");
	put_constant("statxmask", file.stx_mask);
	put(", stx_attributes=");
	put_constant("statxattributes", file.stx_attributes);
	put(", stx_mode=");
	put_file_mode(file.stx_mode);
	put_format(", stx_size=%" PRIu64 ", ...}", (uint64_t)file.stx_size);
	return DONE;
}

static enum step put_statfs(const struct shown *s, uint64_t address)
{
	struct statfs fs;

	if (!fetch_or_put(s, address, &fs, sizeof(fs)))
		return DONE;
	put("{f_type=");
	put_constant("fstype", (uint64_t)fs.f_type);
	put_format(", f_bsize=%ld, f_blocks=%lu, f_bfree=%lu, f_bavail=%lu, f_files=%lu, "
		   "f_ffree=%lu, f_fsid={val=[%#x, %#x]}, f_namelen=%ld, f_frsize=%ld, f_flags=",
		(long)fs.f_bsize, fs.f_blocks, fs.f_bfree, fs.f_bavail, fs.f_files, fs.f_ffree,
		(unsigned)fs.f_fsid.__val[0], (unsigned)fs.f_fsid.__val[1], (long)fs.f_namelen,
		(long)fs.f_frsize);
	put_constant("stflags", (uint64_t)fs.f_flags);
	put_char('}');
	return DONE;
}

static enum step put_utsname(const struct shown *s, uint64_t address)
{
	struct utsname system;

	if (!fetch_or_put(s, address, &system, sizeof(system)))
		return DONE;
	put("{sysname=");
	put_quoted(system.sysname, strnlen(system.sysname, sizeof(system.sysname)));
	put(", nodename=");
	put_quoted(system.nodename, strnlen(system.nodename, sizeof(system.nodename)));
	put(", ...}");
	return DONE;
}

static enum step put_sysinfo(const struct shown *s, uint64_t address)
{
	struct sysinfo i;

	if (fetch_or_put(s, address, &i, sizeof(i)))
		put_format("{uptime=%ld, loads=[%lu, %lu, %lu], totalram=%lu, freeram=%lu, "
			   "sharedram=%lu, bufferram=%lu, totalswap=%lu, freeswap=%lu, procs=%u, "
			   "totalhigh=%lu, freehigh=%lu, mem_unit=%u}",
			i.uptime, i.loads[0], i.loads[1], i.loads[2], i.totalram, i.freeram,
			i.sharedram, i.bufferram, i.totalswap, i.freeswap, i.procs, i.totalhigh,
			i.freehigh, i.mem_unit);
	return DONE;
}

static enum step put_dirents(const struct shown *s, uint64_t address)
{
	static char bytes[64 * 1024];
	size_t size = (size_t)s->result, at = 0;
	unsigned entries = 0;
	uint16_t length;

	put_address(address);
	if (size <= sizeof(bytes) && fetch(s, address, bytes, size)) {
		for (; at + 18 < size; at += length) {
			memcpy(&length, bytes + at + 16, sizeof(length));
			if (length == 0)
				break;
			entries++;
		}
		put_format(" /* %u entries */", entries);
	}
	return DONE;
}

static enum step put_cpus(const struct shown *s, uint64_t address)
{
	unsigned char bits[128];
	size_t size = s->leaving ? (size_t)s->result : s->arg[1];
	bool first = true;

	if (size > sizeof(bits) || !fetch(s, address, bits, size)) {
		put_address(address);
		return DONE;
	}
	put_char('[');
	for (unsigned cpu = 0; cpu < size * 8; cpu++)
		if (bits[cpu / 8] >> cpu % 8 & 1) {
			if (!first)
				put_char(' ');
			put_unsigned(cpu);
			first = false;
		}
	put_char(']');
	return DONE;
}

static enum step put_ids(const struct shown *s, uint64_t address)
{
	uint32_t ids[SHOWN];
	uint64_t count = s->leaving ? (uint64_t)s->result : s->arg[0];
	size_t shown = count < SHOWN ? count : SHOWN;

	if (address == 0 || (shown > 0 && !fetch(s, address, ids, shown * sizeof(*ids)))) {
		put_address(address);
		return DONE;
	}
	put_char('[');
	for (size_t i = 0; i < shown; i++)
		put_format("%s%u", i > 0 ? ", " : "", ids[i]);
	put(count > shown ? ", ...]" : "]");
	return DONE;
}

/* --- signals ------------------------------------------------------------------------------------ */

static void put_mask(uint64_t mask)
{
	bool inverted = __builtin_popcountll(mask) >= 64 * 2 / 3, first = true;

	if (inverted) {
		put_char('~');
		mask = ~mask;
	}
	put_char('[');
	for (int sig = 1; sig <= 64; sig++) {
		const char *name = signal_word(sig);

		if (!(mask >> (sig - 1) & 1))
			continue;
		if (!first)
			put_char(' ');
		first = false;
		if (name != NULL)
			put(name);
		else if (sig == 32)
			put("RTMIN");
		else
			put_format("RT_%d", sig - 32);
	}
	put_char(']');
}

static enum step put_sigset(const struct shown *s, uint64_t address)
{
	uint64_t mask;

	if (fetch_or_put(s, address, &mask, sizeof(mask)))
		put_mask(mask);
	return DONE;
}

static enum step put_sigaction(const struct shown *s, uint64_t address)
{
	/* The kernel's, not glibc's: arch/x86/include/uapi/asm/signal.h. */
	struct {
		uint64_t handler, flags, restorer, mask;
	} action;

	if (!fetch_or_put(s, address, &action, sizeof(action)))
		return DONE;
	put("{sa_handler=");
	if (action.handler <= 1)
		put(action.handler == 0 ? "SIG_DFL" : "SIG_IGN");
	else
		put_hex(action.handler);
	put(", sa_mask=");
	put_mask(action.mask);
	put(", sa_flags=");
	put_constant("saflags", action.flags);
	if (action.flags & 0x4000000) {
		put(", sa_restorer=");
		put_address(action.restorer);
	}
	put_char('}');
	return DONE;
}

static enum step put_stack(const struct shown *s, uint64_t address)
{
	stack_t stack;

	if (!fetch_or_put(s, address, &stack, sizeof(stack)))
		return DONE;
	put("{ss_sp=");
	put_address((uint64_t)stack.ss_sp);
	put(", ss_flags=");
	put_constant("ssflags", (uint64_t)stack.ss_flags);
	put_format(", ss_size=%zu}", stack.ss_size);
	return DONE;
}

static enum step put_sigevent(const struct shown *s, uint64_t address)
{
	struct sigevent event;

	if (!fetch_or_put(s, address, &event, sizeof(event)))
		return DONE;
	put_char('{');
	if (event.sigev_value.sival_ptr != NULL)
		put_format("sigev_value={sival_int=%d, sival_ptr=%p}, ",
			event.sigev_value.sival_int, event.sigev_value.sival_ptr);
	put("sigev_signo=");
	if (event.sigev_notify == SIGEV_NONE)
		put_signed(event.sigev_signo);
	else
		put_signal(event.sigev_signo);
	put(", sigev_notify=");
	put_constant("sigev", (uint64_t)event.sigev_notify);
	put_char('}');
	return DONE;
}

static const char *code_kind(const siginfo_t *info)
{
	if (info->si_code <= 0 || info->si_code == SI_KERNEL)
		return "sigcode";
	switch (info->si_signo) {
	case SIGCHLD:
		return "sigchldcode";
	case SIGSEGV:
		return "sigsegvcode";
	case SIGBUS:
		return "sigbuscode";
	case SIGILL:
		return "sigillcode";
	case SIGFPE:
		return "sigfpecode";
	case SIGTRAP:
		return "sigtrapcode";
	case SIGIO:
		return "sigpollcode";
	case SIGSYS:
		return "sigsyscode";
	default:
		return "sigcode";
	}
}

static void put_sent(const siginfo_t *info)
{
	put_format(", si_pid=%d, si_uid=%u", info->si_pid, info->si_uid);
}

static void put_value(const siginfo_t *info)
{
	put_format(", si_int=%d, si_ptr=", info->si_value.sival_int);
	put_address((uint64_t)info->si_value.sival_ptr);
}

static void put_from_kernel(const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGCHLD:
		put_sent(info);
		put(", si_status=");
		if (info->si_code == CLD_EXITED)
			put_signed(info->si_status);
		else
			put_signal(info->si_status);
		put_format(", si_utime=%ld, si_stime=%ld", info->si_utime, info->si_stime);
		break;
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		put(", si_addr=");
		put_address((uint64_t)info->si_addr);
		break;
	case SIGIO:
		put_format(", si_band=%ld", info->si_band);
		break;
	case SIGSYS:
		put(", si_call_addr=");
		put_address((uint64_t)info->si_call_addr);
		put_format(", si_syscall=__NR_%s, si_arch=", syscall_name(info->si_syscall));
		if (info->si_arch == AUDIT_ARCH_X86_64)
			put("AUDIT_ARCH_X86_64");
		else
			put_hex(info->si_arch);
		break;
	}
}

void put_siginfo(const siginfo_t *info)
{
	put("{si_signo=");
	put_signal(info->si_signo);
	put(", si_code=");
	put_constant(code_kind(info), (uint64_t)info->si_code);
	if (info->si_code == SI_TIMER) {
		put_format(", si_timerid=%#x, si_overrun=%d", info->si_timerid, info->si_overrun);
		put_value(info);
	} else if (info->si_code <= 0) {
		put_sent(info);
		if (info->si_code != SI_USER && info->si_code != SI_TKILL)
			put_value(info);
	} else if (info->si_code != SI_KERNEL) {
		put_from_kernel(info);
	}
	put_char('}');
}

static enum step put_siginfo_at(const struct shown *s, uint64_t address)
{
	siginfo_t info;

	if (!fetch_or_put(s, address, &info, sizeof(info)))
		return DONE;
	if (info.si_signo == 0)
		put("{}");
	else
		put_siginfo(&info);
	return DONE;
}

static enum step put_wait_status(const struct shown *s, uint64_t address)
{
	int status;

	if (s->leaving && s->result == 0) {
		put_address(address);
		return DONE;
	}
	if (!fetch_or_put(s, address, &status, sizeof(status)))
		return DONE;
	if (WIFEXITED(status)) {
		put_format("[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		put("[{WIFSIGNALED(s) && WTERMSIG(s) == ");
		put_signal(WTERMSIG(status));
		put(WCOREDUMP(status) ? " && WCOREDUMP(s)}]" : "}]");
	} else if (WIFCONTINUED(status)) {
		put("[{WIFCONTINUED(s)}]");
	} else {
		put("[{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		put_signal(WSTOPSIG(status) & 0x7f);
		if (WSTOPSIG(status) & 0x80)
			put(" | 0x80");
		put("}]");
		if (status >> 16 != 0)
			put_format(" | %#x << 16", status >> 16);
	}
	return DONE;
}

/* --- waiting ------------------------------------------------------------------------------------ */

static void put_fd_bits(const unsigned char *bits, unsigned count)
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

static bool fetch_fds(const struct shown *s, uint64_t address, unsigned char *bits, unsigned *count)
{
	int64_t asked = (int32_t)s->arg[0];

	if (asked < 0)
		return false;
	*count = asked > FD_SETSIZE ? FD_SETSIZE : (unsigned)asked;
	return fetch(s, address, bits, (*count + 63) / 64 * 8);
}

static enum step put_fds(const struct shown *s, uint64_t address)
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
static enum step put_sigmask_and_size(const struct shown *s, uint64_t address)
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

static enum step put_pollfds(const struct shown *s, uint64_t address)
{
	struct pollfd fds[SHOWN];
	uint64_t count = s->arg[1];
	size_t shown = count < SHOWN ? count : SHOWN;

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

static enum step put_epoll_event_at(const struct shown *s, uint64_t address)
{
	struct epoll_event event;

	if (s->arg[1] == EPOLL_CTL_DEL)
		return put_addr(s, address);
	if (fetch_or_put(s, address, &event, sizeof(event)))
		put_epoll_event(&event);
	return DONE;
}

static enum step put_epoll_events(const struct shown *s, uint64_t address)
{
	struct epoll_event events[SHOWN];
	size_t count = (size_t)s->result, shown = count < SHOWN ? count : SHOWN;

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

static enum step put_futex_op(const struct shown *s, uint64_t value)
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

static enum step put_futex_value(const struct shown *s, uint64_t value)
{
	unsigned op = (unsigned)s->arg[1] & FUTEX_CMD_MASK;

	if (op == FUTEX_UNLOCK_PI || op == FUTEX_TRYLOCK_PI || op == FUTEX_LOCK_PI)
		return op == FUTEX_LOCK_PI ? put_uint(s, value) : ABSENT;
	return put_uint(s, value);
}

/* The fourth: a timeout, or a second number. */
static enum step put_futex_fourth(const struct shown *s, uint64_t value)
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

static enum step put_futex_fifth(const struct shown *s, uint64_t value)
{
	unsigned op = (unsigned)s->arg[1] & FUTEX_CMD_MASK;

	if (op == FUTEX_WAIT_BITSET) {
		put_constant("bitset", (uint32_t)s->arg[5]);
		return LAST;
	}
	return FUTEX_HAS_SECOND(op) ? put_addr(s, value) : ABSENT;
}

static enum step put_futex_sixth(const struct shown *s, uint64_t value)
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
static enum step put_clone_stack(const struct shown *s, uint64_t value)
{
	(void)value;
	put("child_stack=");
	put_address(s->arg[1]);
	return DONE;
}

static enum step put_clone_flags_of(const struct shown *s, uint64_t value)
{
	(void)value;
	put_clone_flags(s->arg[0] & ~UINT64_C(0xff), (int)(s->arg[0] & 0xff));
	return DONE;
}

#define CLONE_PIDFD_ 0x1000

static enum step put_clone_rest(const struct shown *s, uint64_t value)
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

static enum step put_clone_args(const struct shown *s, uint64_t address)
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
static enum step put_clone_stored(const struct shown *s, uint64_t address)
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

/* --- sockets ------------------------------------------------------------------------------------ */

static enum step put_socktype(const struct shown *s, uint64_t value)
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

static enum step put_protocol(const struct shown *s, uint64_t value)
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
		put_format(", nl_pid=%u, nl_groups=%08x", address.nl.nl_pid, address.nl.nl_groups);
	} else if (length > 2) {
		put(", sa_data=");
		put_quoted(address.bytes + 2, length - 2);
	}
	put_char('}');
}

static enum step put_sockaddr_in(const struct shown *s, uint64_t address)
{
	put_sockaddr(s, address, (uint32_t)s->arg[s->i + 1]);
	return DONE;
}

/* An address that the kernel fills in, in two steps: as long as it has now become, and no longer than
 * the caller allowed. */
static enum step put_sockaddr_out(const struct shown *s, uint64_t address)
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
static enum step put_socklen(const struct shown *s, uint64_t address)
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
	size_t shown = count < SHOWN ? count : SHOWN;

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
static enum step put_iov_places(const struct shown *s, uint64_t address)
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

static enum step put_iov(const struct shown *s, uint64_t address)
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

static enum step put_msghdr(const struct shown *s, uint64_t address)
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

static enum step put_sockopt(const struct shown *s, uint64_t value)
{
	if (s->arg[1] == SOL_SOCKET)
		put_constant("sockopt", value);
	else if (s->arg[1] == SOL_TCP)
		put_constant("tcpopt", value);
	else
		return put_uint(s, value);
	return DONE;
}

static enum step put_sockopt_value(const struct shown *s, uint64_t address)
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

/* --- one call that is many ---------------------------------------------------------------------- */

static void put_winsize(const struct shown *s, uint64_t address)
{
	struct winsize size;

	if (fetch_or_put(s, address, &size, sizeof(size)))
		put_format("{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}", size.ws_row,
			size.ws_col, size.ws_xpixel, size.ws_ypixel);
}

static enum step put_ioctl_argument(const struct shown *s, uint64_t value)
{
	switch (s->arg[1]) {
	case TIOCSWINSZ:
		put_winsize(s, value);
		return DONE;
	case TIOCSPGRP:
	case FIONBIO:
	case FIOASYNC:
	case TIOCSPTLCK:
		return put_int_at(s, value);
	case TIOCSCTTY:
	case TCFLSH:
	case TCXONC:
	case TCSBRK:
		return put_long(s, value);
	case FICLONE:
		return put_int(s, value);
	case FIOCLEX:
	case FIONCLEX:
	case TIOCNOTTY:
		return ABSENT;
	}
	if (!s->leaving)
		return LATER;
	if (s->failed)
		return put_addr(s, value);
	switch (s->arg[1]) {
	case TIOCGWINSZ:
		put_winsize(s, value);
		return DONE;
	case TIOCGPGRP:
	case TIOCGSID:
	case TIOCGPTN:
	case FIONREAD:
		return put_int_at(s, value);
	default:
		return put_hexadecimal(s, value);
	}
}

static enum step put_ioctl(const struct shown *s, uint64_t value)
{
	static const char *const directions[] = { "_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
		"_IOC_READ|_IOC_WRITE" };

	(void)s;
	value = (uint32_t)value;
	if (constant_name("ioctl", value) != NULL)
		put_constant("ioctl", value);
	else
		put_format("_IOC(%s, %#x, %#x, %#x)", directions[_IOC_DIR(value)],
			(unsigned)_IOC_TYPE(value), (unsigned)_IOC_NR(value),
			(unsigned)_IOC_SIZE(value));
	return DONE;
}

static enum step put_fcntl_argument(const struct shown *s, uint64_t value)
{
	struct flock lock;

	switch (s->arg[1]) {
	case F_GETFD:
	case F_GETFL:
	case F_GETOWN:
	case F_GETSIG:
	case F_GETLEASE:
	case F_GETPIPE_SZ:
	case F_GET_SEALS:
		return ABSENT;
	case F_SETFD:
		put_constant("fdflags", value);
		return DONE;
	case F_SETFL:
		return put_oflags(s, value);
	case F_SETSIG:
		return put_sig(s, value);
	case F_SETLEASE:
		put_constant("locktype", value);
		return DONE;
	case F_ADD_SEALS:
		put_constant("seals", value);
		return DONE;
	case F_GETLK:
	case F_OFD_GETLK:
		if (!s->leaving)
			return LATER;
		/* fall through */
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		if ((s->leaving && s->failed) || !fetch(s, value, &lock, sizeof(lock)))
			return put_addr(s, value);
		put("{l_type=");
		put_constant("locktype", (uint64_t)lock.l_type);
		put(", l_whence=");
		put_constant("whence", (uint64_t)lock.l_whence);
		put_format(", l_start=%" PRId64 ", l_len=%" PRId64, (int64_t)lock.l_start,
			(int64_t)lock.l_len);
		if (s->leaving)
			put_format(", l_pid=%d", lock.l_pid);
		put_char('}');
		return DONE;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
	case F_SETOWN:
	case F_SETPIPE_SZ:
	case F_NOTIFY:
		return put_int(s, value);
	default:
		return put_hexadecimal(s, value);
	}
}

static enum step put_prctl_argument(const struct shown *s, uint64_t value)
{
	switch (s->arg[0]) {
	case PR_GET_DUMPABLE:
	case PR_GET_KEEPCAPS:
	case PR_GET_SECCOMP:
	case PR_GET_TIMERSLACK:
		return ABSENT;
	case PR_SET_PDEATHSIG:
		put_sig(s, value);
		return LAST;
	case PR_SET_DUMPABLE:
		put_constant("dumpable", value);
		return LAST;
	case PR_SET_NAME:
		put_cut_string(s, value, 15);
		return LAST;
	case PR_GET_NAME:
		if (!s->leaving)
			return LATER;
		put_str(s, value);
		return LAST;
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
		put_constant("caps", value);
		return LAST;
	case PR_SET_NO_NEW_PRIVS:
		return put_size(s, value);
	case PR_SET_KEEPCAPS:
	case PR_SET_CHILD_SUBREAPER:
	case PR_SET_TIMERSLACK:
		put_unsigned(value);
		return LAST;
	case PR_GET_PDEATHSIG:
	case PR_GET_CHILD_SUBREAPER:
		if (!s->leaving)
			return LATER;
		put_int_at(s, value);
		return LAST;
	default:
		return put_hexadecimal(s, value);
	}
}

static enum step put_arch_prctl_argument(const struct shown *s, uint64_t value)
{
	if (s->arg[0] != ARCH_GET_FS && s->arg[0] != ARCH_GET_GS)
		return put_addr(s, value);
	if (!s->leaving)
		return LATER;
	return s->failed ? put_addr(s, value) : put_address_at(s, value);
}

static enum step put_ptrace_data(const struct shown *s, uint64_t value)
{
	if (s->arg[0] == PTRACE_CONT || s->arg[0] == PTRACE_DETACH || s->arg[0] == PTRACE_SYSCALL)
		return put_sig(s, value);
	return put_addr(s, value);
}

/* rt_sigreturn(): the mask in the frame that rsp points to, struct rt_sigframe less its first word. */
static enum step put_sigframe(const struct shown *s, uint64_t value)
{
	uint64_t mask;

	(void)value;
	put("{mask=");
	if (fetch(s, s->sp + offsetof(ucontext_t, uc_sigmask), &mask, sizeof(mask)))
		put_mask(mask);
	else
		put_address(s->sp);
	put_char('}');
	return DONE;
}

static enum step put_restarted(const struct shown *s, uint64_t value)
{
	const char *former = s->former > 0 ? syscall_known(s->former - 1) : NULL;

	(void)value;
	put("<... resuming interrupted ");
	put(former != NULL ? former : "system call");
	put(" ...>");
	return LAST;
}

/* --- the tables --------------------------------------------------------------------------------- */

typedef enum step put_kind(const struct shown *s, uint64_t value);

/* clang-format off */
static const struct {
	const char *name;
	put_kind *put;
} kinds[] = {
	{ "path", put_path }, { "str", put_str }, { "buf", put_buf }, { "attr", put_value_bytes },
	{ "names", put_names }, { "hexbuf", put_hexbuf }, { "argv", put_argv },
	{ "envp", put_envp }, { "fd", put_int }, { "int", put_int }, { "uint", put_uint },
	{ "long", put_long }, { "size", put_size }, { "hex", put_hexadecimal },
	{ "addr", put_addr }, { "mode", put_mode }, { "id", put_id }, { "at", put_at },
	{ "sig", put_sig }, { "oflag", put_oflags }, { "openmode", put_openmode },
	{ "mmapflags", put_mapflags }, { "mremapaddr", put_mremap_address },
	{ "mknodmode", put_mknod_mode }, { "dev", put_dev }, { "intp", put_int_at },
	{ "longp", put_long_at }, { "fdpair", put_fd_pair }, { "timespec", put_timespec },
	{ "timeval", put_timeval }, { "remaining", put_remaining }, { "times", put_timespecs },
	{ "itimerval", put_itimerval }, { "itimerspec", put_itimerspec }, { "tms", put_tms },
	{ "limits", put_rlimit }, { "usage", put_rusage }, { "stat", put_stat },
	{ "xflags", put_statx_flags }, { "statx", put_statx }, { "statfs", put_statfs },
	{ "utsname", put_utsname }, { "sysinfo", put_sysinfo }, { "dirents", put_dirents },
	{ "cpus", put_cpus }, { "ids", put_ids }, { "sigset", put_sigset },
	{ "sigaction", put_sigaction }, { "sigevent", put_sigevent }, { "timep", put_time_at },
	{ "iovplaces", put_iov_places }, { "stack", put_stack }, { "siginfo", put_siginfo_at },
	{ "status", put_wait_status }, { "fds", put_fds }, { "sigmasksize", put_sigmask_and_size },
	{ "pollfds", put_pollfds }, { "epollevent", put_epoll_event_at },
	{ "epollevents_", put_epoll_events }, { "futexop", put_futex_op },
	{ "futexval", put_futex_value }, { "futex4", put_futex_fourth },
	{ "futex5", put_futex_fifth }, { "futex6", put_futex_sixth },
	{ "clonestack", put_clone_stack }, { "cloneflags", put_clone_flags_of },
	{ "clonerest", put_clone_rest }, { "cloneargs", put_clone_args },
	{ "clonestored", put_clone_stored }, { "stype", put_socktype },
	{ "protocol", put_protocol }, { "sockaddr", put_sockaddr_in },
	{ "sockaddrout", put_sockaddr_out }, { "iov", put_iov }, { "msghdr", put_msghdr },
	{ "optname", put_sockopt }, { "optval", put_sockopt_value }, { "ioctlop", put_ioctl },
	{ "ioctlarg", put_ioctl_argument }, { "fcntlarg", put_fcntl_argument },
	{ "prctlarg", put_prctl_argument }, { "archprctlarg", put_arch_prctl_argument },
	{ "ptracedata", put_ptrace_data }, { "sigframe", put_sigframe },
	{ "restarted", put_restarted }, { "socklen", put_socklen },
};
/* clang-format on */

/*
 * The arguments of each call: kinds of the table above or of constants.c. ">": the kernel fills it in,
 * so it is put when the call has returned; "+": it belongs to the argument before it, and puts its
 * own comma. "_" is left out. Last, the kind of the result, if that is not a decimal number.
 */
static const struct {
	const char *name, *arguments;
} descriptions[] = {
	{ "read", "fd >buf size" },
	{ "write", "fd buf size" },
	{ "pread64", "fd >buf size long" },
	{ "pwrite64", "fd buf size long" },
	{ "readv", "fd >iov int" },
	{ "writev", "fd iov int" },
	{ "preadv", "fd >iov int long" },
	{ "pwritev", "fd iov int long" },
	{ "open", "path oflag openmode" },
	{ "openat", "at path oflag openmode" },
	{ "creat", "path mode" },
	{ "close", "fd" },
	{ "close_range", "uint uint closerange" },
	{ "stat", "path >stat" },
	{ "lstat", "path >stat" },
	{ "fstat", "fd >stat" },
	{ "newfstatat", "at path >stat atflags" },
	{ "statx", "at path xflags statxmask >statx" },
	{ "statfs", "path >statfs" },
	{ "fstatfs", "fd >statfs" },
	{ "lseek", "fd long whence" },
	{ "access", "path access" },
	{ "faccessat", "at path access" },
	{ "faccessat2", "at path access eaccessflags" },
	{ "getcwd", ">str size" },
	{ "chdir", "path" },
	{ "fchdir", "fd" },
	{ "chroot", "path" },
	{ "mkdir", "path mode" },
	{ "mkdirat", "at path mode" },
	{ "rmdir", "path" },
	{ "unlink", "path" },
	{ "unlinkat", "at path atflags" },
	{ "rename", "path path" },
	{ "renameat", "at path at path" },
	{ "renameat2", "at path at path rename" },
	{ "link", "path path" },
	{ "linkat", "at path at path atflags" },
	{ "symlink", "path path" },
	{ "symlinkat", "path at path" },
	{ "readlink", "path >buf size" },
	{ "readlinkat", "at path >buf size" },
	{ "mknod", "path mknodmode dev" },
	{ "mknodat", "at path mknodmode dev" },
	{ "chmod", "path mode" },
	{ "fchmod", "fd mode" },
	{ "fchmodat", "at path mode" },
	{ "chown", "path id id" },
	{ "lchown", "path id id" },
	{ "fchown", "fd id id" },
	{ "fchownat", "at path id id atflags" },
	{ "umask", "mode =oct" },
	{ "utimensat", "at path times atflags" },
	{ "truncate", "path long" },
	{ "ftruncate", "fd long" },
	{ "fallocate", "fd fallocate long long" },
	{ "fadvise64", "fd long size fadvise" },
	{ "fsync", "fd" },
	{ "fdatasync", "fd" },
	{ "sync", "" },
	{ "syncfs", "fd" },
	{ "flock", "fd flock" },
	{ "fcntl", "fd fcntl fcntlarg =fcntl" },
	{ "dup", "fd" },
	{ "dup2", "fd fd" },
	{ "dup3", "fd fd oflags" },
	{ "pipe", ">fdpair" },
	{ "pipe2", ">fdpair oflags" },
	{ "getdents64", "fd >dirents size" },
	{ "sendfile", "fd fd longp size" },
	{ "copy_file_range", "fd longp fd longp size uint" },
	{ "splice", "fd longp fd longp size splice" },
	{ "tee", "fd fd size splice" },
	{ "ioctl", "fd ioctlop ioctlarg" },
	{ "getxattr", "path str >attr size" },
	{ "lgetxattr", "path str >attr size" },
	{ "fgetxattr", "fd str >attr size" },
	{ "setxattr", "path str attr size xattrflags" },
	{ "lsetxattr", "path str attr size xattrflags" },
	{ "fsetxattr", "fd str attr size xattrflags" },
	{ "listxattr", "path >names size" },
	{ "llistxattr", "path >names size" },
	{ "flistxattr", "fd >names size" },
	{ "inotify_init", "" },
	{ "inotify_init1", "inotifyinit" },
	{ "inotify_add_watch", "fd path inotifymask" },
	{ "inotify_rm_watch", "fd int" },
	{ "memfd_create", "str memfd" },
	{ "mount", "path path str hex addr" },
	{ "umount2", "path hex" },

	{ "mmap", "addr size prot mmapflags fd hex =hex" },
	{ "munmap", "addr size" },
	{ "mprotect", "addr size prot" },
	{ "mremap", "addr size size mremap mremapaddr =hex" },
	{ "madvise", "addr size madvise" },
	{ "msync", "addr size msync" },
	{ "mincore", "addr size addr" },
	{ "mlock", "addr size" },
	{ "munlock", "addr size" },
	{ "brk", "addr =hex" },
	{ "process_vm_readv", "int iovplaces size iovplaces size uint" },
	{ "process_vm_writev", "int iovplaces size iovplaces size uint" },

	{ "rt_sigaction", "sig sigaction >sigaction size" },
	{ "rt_sigprocmask", "sigprocmask sigset >sigset size" },
	{ "rt_sigreturn", "sigframe" },
	{ "rt_sigpending", ">sigset size" },
	{ "rt_sigsuspend", "sigset size" },
	{ "rt_sigtimedwait", "sigset >siginfo timespec size" },
	{ "rt_sigqueueinfo", "int sig siginfo" },
	{ "rt_tgsigqueueinfo", "int int sig siginfo" },
	{ "sigaltstack", "stack >stack" },
	{ "kill", "int sig" },
	{ "tkill", "int sig" },
	{ "tgkill", "int int sig" },
	{ "pause", "" },
	{ "alarm", "uint" },
	{ "setitimer", "itimer itimerval >itimerval" },
	{ "getitimer", "itimer >itimerval" },
	{ "signalfd4", "fd sigset size signalfd" },
	{ "pidfd_open", "int hex" },
	{ "pidfd_send_signal", "fd sig siginfo hex" },

	{ "execve", "path argv envp" },
	{ "execveat", "at path argv envp atflags" },
	{ "exit", "int" },
	{ "exit_group", "int" },
	{ "fork", "" },
	{ "vfork", "" },
	{ "clone", "clonestack cloneflags >+clonerest" },
	{ "clone3", "cloneargs >+clonestored size" },
	{ "wait4", "int >status wait >usage" },
	{ "waitid", "waitid int >siginfo wait >usage" },
	{ "getpid", "" },
	{ "getppid", "" },
	{ "gettid", "" },
	{ "getuid", "" },
	{ "geteuid", "" },
	{ "getgid", "" },
	{ "getegid", "" },
	{ "getpgrp", "" },
	{ "getpgid", "int" },
	{ "setpgid", "int int" },
	{ "getsid", "int" },
	{ "setsid", "" },
	{ "setuid", "id" },
	{ "setgid", "id" },
	{ "setreuid", "id id" },
	{ "setregid", "id id" },
	{ "setresuid", "id id id" },
	{ "setresgid", "id id id" },
	{ "getresuid", ">intp >intp >intp" },
	{ "getresgid", ">intp >intp >intp" },
	{ "setfsuid", "id" },
	{ "setfsgid", "id" },
	{ "getgroups", "int >ids" },
	{ "setgroups", "int ids" },
	{ "set_tid_address", "hex" },
	{ "set_robust_list", "addr size" },
	{ "rseq", "addr hex hex hex" },
	{ "futex", "addr futexop futexval futex4 futex5 futex6" },
	{ "arch_prctl", "archprctl archprctlarg" },
	{ "prctl", "prctl prctlarg hex hex hex =prctl" },
	{ "ptrace", "ptrace int addr ptracedata" },
	{ "seccomp", "seccomp hex addr" },
	{ "membarrier", "hex hex" },
	{ "getrlimit", "rlimit >limits" },
	{ "setrlimit", "rlimit limits" },
	{ "prlimit64", "int rlimit limits >limits" },
	{ "getrusage", "rusage >usage" },
	{ "getpriority", "priority int" },
	{ "setpriority", "priority int int" },
	{ "sched_yield", "" },
	{ "sched_getaffinity", "int size >cpus" },
	{ "sched_setaffinity", "int size cpus" },
	{ "sched_getscheduler", "int =sched" },
	{ "sched_setscheduler", "int sched intp" },
	{ "sched_getparam", "int >intp" },
	{ "sched_setparam", "int intp" },
	{ "sched_get_priority_max", "sched" },
	{ "sched_get_priority_min", "sched" },
	{ "getcpu", ">intp >intp addr" },

	{ "timer_create", "clock sigevent >intp" },
	{ "timer_settime", "int timerflags itimerspec >itimerspec" },
	{ "timer_gettime", "int >itimerspec" },
	{ "timer_delete", "int" },
	{ "timer_getoverrun", "int" },
	{ "preadv2", "fd >iov int long _ rwflags" },
	{ "pwritev2", "fd iov int long _ rwflags" },
	{ "openat2", "at path addr size" },
	{ "utime", "path addr" },
	{ "utimes", "path addr" },
	{ "futimesat", "at path addr" },
	{ "readahead", "fd long size" },
	{ "sync_file_range", "fd long long hex" },
	{ "sendmmsg", "fd addr uint msgflags" },
	{ "recvmmsg", "fd addr uint msgflags timespec" },
	{ "sethostname", "buf size" },
	{ "shmget", "hex size hex" },
	{ "shmat", "int addr hex =hex" },
	{ "shmdt", "addr" },
	{ "shmctl", "int hex addr" },
	{ "semget", "hex int hex" },
	{ "semop", "int addr size" },
	{ "semctl", "int int hex hex" },
	{ "msgget", "hex hex" },
	{ "msgsnd", "int addr size hex" },
	{ "msgrcv", "int addr size long hex" },
	{ "msgctl", "int hex addr" },
	{ "capget", "addr addr" },
	{ "capset", "addr addr" },
	{ "personality", "hex" },
	{ "syslog", "int addr int" },
	{ "bpf", "hex addr uint" },
	{ "perf_event_open", "addr int int fd hex" },
	{ "userfaultfd", "oflags" },
	{ "io_uring_setup", "uint addr" },
	{ "io_uring_enter", "fd uint uint hex addr size" },
	{ "io_uring_register", "fd hex addr uint" },
	{ "landlock_create_ruleset", "addr size hex" },
	{ "ioprio_get", "int int" },
	{ "ioprio_set", "int int hex" },
	{ "get_mempolicy", "addr addr size addr hex" },
	{ "mbind", "addr size hex addr size hex" },
	{ "pkey_alloc", "hex hex" },
	{ "pkey_free", "int" },
	{ "kcmp", "int int hex size size" },
	{ "unshare", "clone" },
	{ "setns", "fd clone" },
	{ "vhangup", "" },
	{ "mlockall", "hex" },
	{ "munlockall", "" },
	{ "get_robust_list", "int addr addr" },
	{ "name_to_handle_at", "at path addr addr hex" },
	{ "swapon", "path hex" },
	{ "swapoff", "path" },
	{ "acct", "path" },
	{ "pivot_root", "path path" },
	{ "fsopen", "str hex" },
	{ "removexattr", "path str" },
	{ "lremovexattr", "path str" },
	{ "fremovexattr", "fd str" },
	{ "getdents", "fd addr uint" },
	{ "uselib", "path" },
	{ "uname", ">utsname" },
	{ "sysinfo", ">sysinfo" },
	{ "getrandom", ">hexbuf size random" },
	{ "time", ">timep =time" },
	{ "times", ">tms" },
	{ "gettimeofday", ">timeval >addr" },
	{ "nanosleep", "timespec >remaining" },
	{ "clock_gettime", "clock >timespec" },
	{ "clock_settime", "clock timespec" },
	{ "clock_getres", "clock >timespec" },
	{ "clock_nanosleep", "clock timerflags timespec >remaining" },
	{ "timerfd_create", "clock timerfd" },
	{ "timerfd_settime", "fd timerfd itimerspec >itimerspec" },
	{ "timerfd_gettime", "fd >itimerspec" },
	{ "restart_syscall", "restarted" },

	{ "poll", "pollfds uint int =poll" },
	{ "ppoll", "pollfds uint timespec sigset size =poll" },
	{ "select", "int fds fds fds timeval =select" },
	{ "pselect6", "int fds fds fds timespec sigmasksize =select" },
	{ "epoll_create", "int" },
	{ "epoll_create1", "epollflags" },
	{ "epoll_ctl", "fd epollctl fd epollevent" },
	{ "epoll_wait", "fd >epollevents_ int int" },
	{ "epoll_pwait", "fd >epollevents_ int int sigset size" },
	{ "epoll_pwait2", "fd >epollevents_ int timespec sigset size" },
	{ "eventfd", "uint" },
	{ "eventfd2", "uint eventfd" },

	{ "socket", "family stype protocol" },
	{ "socketpair", "family stype protocol >fdpair" },
	{ "bind", "fd sockaddr int" },
	{ "connect", "fd sockaddr int" },
	{ "listen", "fd int" },
	{ "accept", "fd sockaddrout >socklen" },
	{ "accept4", "fd sockaddrout >socklen sockflags" },
	{ "getsockname", "fd sockaddrout >socklen" },
	{ "getpeername", "fd sockaddrout >socklen" },
	{ "sendto", "fd buf size msgflags sockaddr int" },
	{ "recvfrom", "fd >buf size msgflags sockaddrout >socklen" },
	{ "sendmsg", "fd msghdr msgflags" },
	{ "recvmsg", "fd >msghdr msgflags" },
	{ "shutdown", "fd shut" },
	{ "setsockopt", "fd socklevel optname optval int" },
	{ "getsockopt", "fd socklevel optname optval >socklen" },
};

#define MOST_ARGUMENTS 8

struct argument {
	put_kind *put;
	const struct constants *constants; /* or these */
	bool out, joined;
	unsigned char index;
};

static struct form {
	bool known;
	unsigned char count;
	struct argument arguments[MOST_ARGUMENTS];
	void (*result)(const struct shown *s);
} forms[CALLS];

/* --- results ------------------------------------------------------------------------------------ */

static void put_result_hex(const struct shown *s)
{
	put_hex((uint64_t)s->result);
}

static void put_result_octal(const struct shown *s)
{
	put_format("%#03o", (unsigned)s->result);
}

static void put_result_fcntl(const struct shown *s)
{
	bool flags = s->arg[1] == F_GETFL;

	if ((s->arg[1] != F_GETFD && !flags) || s->result == 0) {
		if (flags)
			put("0 (flags O_RDONLY)");
		else
			put_signed(s->result);
		return;
	}
	put_hex((uint64_t)s->result);
	put(" (flags ");
	if (flags)
		put_oflags(s, (uint64_t)s->result);
	else
		put_constant("fdflags", (uint64_t)s->result);
	put_char(')');
}

static void put_result_time(const struct shown *s)
{
	put_signed(s->result);
	put(" (");
	put_moment(s->result, 0, false);
	put_char(')');
}

static void put_result_sched(const struct shown *s)
{
	put_signed(s->result);
	put(" (");
	put_constant("sched", (uint64_t)s->result);
	put_char(')');
}

static void put_result_prctl(const struct shown *s)
{
	put_signed(s->result);
	if (s->arg[0] != PR_GET_DUMPABLE)
		return;
	put(" (");
	put_constant("dumpable", (uint64_t)s->result);
	put_char(')');
}

static void put_result_poll(const struct shown *s)
{
	struct pollfd fds[256];
	uint64_t count = s->arg[1];
	bool first = true;

	put_signed(s->result);
	if (s->result == 0) {
		put(" (Timeout)");
		return;
	}
	if (count > COUNT(fds) || !fetch(s, s->arg[0], fds, count * sizeof(*fds)))
		return;
	put(" ([");
	for (uint64_t i = 0; i < count; i++) {
		if (fds[i].revents == 0)
			continue;
		put_format("%s{fd=%d, revents=", first ? "" : ", ", fds[i].fd);
		put_constant("pollevents", (uint16_t)fds[i].revents);
		put_char('}');
		first = false;
	}
	put_char(']');
	put_char(')');
}

static void put_result_select(const struct shown *s)
{
	static const char *const sets[] = { "in ", "out ", "except " };
	unsigned char bits[FD_SETSIZE / 8];
	bool first = true;
	unsigned count;

	put_signed(s->result);
	if (s->result == 0) {
		put(" (Timeout)");
		return;
	}
	put(" (");
	for (int set = 0; set < 3; set++) {
		bool any = false;

		if (!fetch_fds(s, s->arg[set + 1], bits, &count))
			continue;
		for (unsigned i = 0; i < (count + 7) / 8; i++)
			any = any || bits[i] != 0;
		if (!any)
			continue;
		put(first ? "" : ", ");
		put(sets[set]);
		put_fd_bits(bits, count);
		first = false;
	}
	if (s->arg[4] != 0) {
		put(first ? "left " : ", left ");
		if (s->number == SYS_pselect6)
			put_timespec(s, s->arg[4]);
		else
			put_timeval(s, s->arg[4]);
	}
	put_char(')');
}

static const struct {
	const char *name;
	void (*put)(const struct shown *s);
} results[] = {
	{ "hex", put_result_hex },
	{ "oct", put_result_octal },
	{ "fcntl", put_result_fcntl },
	{ "time", put_result_time },
	{ "sched", put_result_sched },
	{ "prctl", put_result_prctl },
	{ "poll", put_result_poll },
	{ "select", put_result_select },
};

/* Errors that no program sees: include/linux/errno.h. */
static const char *restart_text(int error)
{
	switch (error) {
	case 512:
		return "ERESTARTSYS (To be restarted if SA_RESTART is set)";
	case 513:
		return "ERESTARTNOINTR (To be restarted)";
	case 514:
		return "ERESTARTNOHAND (To be restarted if no handler)";
	case 516:
		return "ERESTART_RESTARTBLOCK (Interrupted by signal)";
	default:
		return NULL;
	}
}

static void put_error(int error)
{
	const char *name = strerrorname_np(error), *restart = restart_text(error);

	if (restart != NULL) {
		put("? ");
		put(restart);
	} else if (name != NULL) {
		put("-1 ");
		put(name);
		put(" (");
		put(strerrordesc_np(error));
		put_char(')');
	} else {
		put_signed(-error);
	}
}

/* --- a call ------------------------------------------------------------------------------------- */

static void prepare_argument(struct argument *argument, const char *word)
{
	for (; *word == '>' || *word == '+'; word++) {
		argument->out |= *word == '>';
		argument->joined |= *word == '+';
	}
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i].name, word) == 0)
			argument->put = kinds[i].put;
	argument->constants = constants_find(word);
	if (argument->put == NULL && argument->constants == NULL)
		target_refuse("a call's description has \"%s\" in it, which is no kind", word);
}

static void prepare_form(struct form *form, const char *words)
{
	char copy[128];
	unsigned char index = 0;

	snprintf(copy, sizeof(copy), "%s", words);
	form->known = true;
	for (char *rest = copy, *word; (word = strsep(&rest, " ")) != NULL;) {
		if (*word == '=') {
			for (size_t i = 0; i < COUNT(results); i++)
				if (strcmp(results[i].name, word + 1) == 0)
					form->result = results[i].put;
		} else if (*word == '_') {
			index++;
		} else if (*word != '\0') {
			struct argument *argument = &form->arguments[form->count++];

			prepare_argument(argument, word);
			argument->index = argument->joined ? index - 1 : index++;
		}
	}
}

void calls_prepare(void)
{
	for (size_t i = 0; i < COUNT(descriptions); i++) {
		long number = syscall_number(descriptions[i].name);

		if (number >= 0 && number < CALLS)
			prepare_form(&forms[number], descriptions[i].arguments);
	}
	for (size_t number = 0; number < CALLS; number++)
		if (!forms[number].known) {
			prepare_form(&forms[number], "hex hex hex hex hex hex");
		}
}

/* Put the arguments from number `i` on; returns where it stopped. */
static unsigned put_arguments(const struct form *form, struct shown *s, unsigned i)
{
	for (; i < form->count; i++) {
		const struct argument *argument = &form->arguments[i];
		uint64_t value = s->arg[argument->index];
		bool comma = i > 0 && !argument->joined && !s->resumed;
		enum step step = DONE;

		s->i = argument->index;
		if (comma)
			put(", ");
		s->resumed = false;
		if (argument->out && !s->leaving)
			return i;
		if (argument->constants != NULL)
			put_constants(argument->constants, (uint32_t)value);
		else if (argument->out && s->failed && !argument->joined &&
			 argument->put != put_remaining && argument->put != put_iov &&
			 argument->put != put_msghdr && argument->put != put_socklen)
			put_address(value);
		else
			step = argument->put(s, value);
		if (step == LATER)
			return i;
		if (step == ABSENT && comma)
			unput(2);
		if (step == ABSENT || step == LAST)
			return form->count;
	}
	return i;
}

const char *call_name(const struct ptrace_syscall_info *entry)
{
	const char *name = NULL;

	if (entry->arch == AUDIT_ARCH_X86_64)
		name = syscall_known(entry->entry.nr);
	else if (entry->arch == AUDIT_ARCH_I386)
		name = syscall_known_32(entry->entry.nr);
	return name != NULL ? name : text("syscall_%#" PRIx64, (uint64_t)entry->entry.nr);
}

/* In numbers: of another table than the 64-bit one, or beyond its end. */
static const struct form *form_of(const struct ptrace_syscall_info *entry)
{
	static struct form unknown;

	if (!unknown.known)
		prepare_form(&unknown, "hex hex hex hex hex hex");
	return entry->arch == AUDIT_ARCH_X86_64 && entry->entry.nr < CALLS ? &forms[entry->entry.nr]
									   : &unknown;
}

static struct shown shown_of(const struct task *task, struct progress *progress)
{
	return (struct shown){ .tid = task->tid,
		.arg = (const uint64_t *)task->call.entry.args,
		.kept = &progress->kept,
		.number = task->call.entry.nr,
		.sp = task->call.stack_pointer };
}

void put_entry(const struct task *task, struct progress *progress)
{
	struct shown s = shown_of(task, progress);

	s.former = progress->former;
	put(call_name(&task->call));
	put_char('(');
	progress->put = put_arguments(form_of(&task->call), &s, 0);
}

#define COLUMN 40

void put_exit(
	const struct task *task, struct progress *progress, const struct ptrace_syscall_info *info)
{
	const struct form *form = form_of(&task->call);
	struct shown s = shown_of(task, progress);

	progress->former = task->call.entry.nr + 1;
	s.resumed = s.leaving = true;
	s.result = info->exit.rval;
	s.failed = info->exit.is_error;
	put_arguments(form, &s, progress->put);
	put_char(')');
	put_column(COLUMN - 1);
	put(" = ");
	if (s.failed)
		put_error((int)-s.result);
	else if (form->result != NULL)
		form->result(&s);
	else
		put_signed(s.result);
}

void put_no_exit(const struct task *task, const struct progress *progress)
{
	if (progress->put < form_of(&task->call)->count)
		put(" <unfinished ...>");
	put_char(')');
	put_column(COLUMN - 1);
	put(" = ?");
}
