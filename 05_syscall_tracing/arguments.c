/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>

#include "arguments.h"
#include "constants.h"
#include "output.h"

/* --- numbers ------------------------------------------------------------------------------------ */

enum step put_int(const struct shown *s, uint64_t value)
{
	(void)s;
	put_signed((int32_t)value);
	return DONE;
}

enum step put_uint(const struct shown *s, uint64_t value)
{
	(void)s;
	put_unsigned((uint32_t)value);
	return DONE;
}

enum step put_long(const struct shown *s, uint64_t value)
{
	(void)s;
	put_signed((int64_t)value);
	return DONE;
}

enum step put_size(const struct shown *s, uint64_t value)
{
	(void)s;
	put_unsigned(value);
	return DONE;
}

enum step put_hexadecimal(const struct shown *s, uint64_t value)
{
	(void)s;
	put_hex(value);
	return DONE;
}

enum step put_mode(const struct shown *s, uint64_t value)
{
	(void)s;
	put_format("%#03o", (unsigned)(value & 0xffff));
	return DONE;
}

enum step put_id(const struct shown *s, uint64_t value)
{
	(void)s;
	if ((uint32_t)value == UINT32_MAX)
		put("-1");
	else
		put_unsigned((uint32_t)value);
	return DONE;
}

enum step put_at(const struct shown *s, uint64_t value)
{
	(void)s;
	if ((int32_t)value == AT_FDCWD)
		put("AT_FDCWD");
	else
		put_signed((int32_t)value);
	return DONE;
}

enum step put_sig(const struct shown *s, uint64_t value)
{
	(void)s;
	put_signal((int)value);
	return DONE;
}

enum step put_oflags(const struct shown *s, uint64_t value)
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
enum step put_openmode(const struct shown *s, uint64_t value)
{
	uint64_t flags = s->arg[s->i - 1];

	if (!(flags & O_CREAT) && (flags & O_TMPFILE) != O_TMPFILE)
		return ABSENT;
	return put_mode(s, value);
}

enum step put_mapflags(const struct shown *s, uint64_t value)
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

enum step put_mremap_address(const struct shown *s, uint64_t value)
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

enum step put_mknod_mode(const struct shown *s, uint64_t value)
{
	(void)s;
	if ((value & S_IFMT) == 0)
		return put_mode(s, value);
	put_file_mode((unsigned)value);
	return DONE;
}

enum step put_dev(const struct shown *s, uint64_t value)
{
	uint64_t type = s->arg[s->i - 1] & S_IFMT;

	if (type != S_IFCHR && type != S_IFBLK)
		return ABSENT;
	put_format("makedev(%#x, %#x)", major(value), minor(value));
	return DONE;
}

/* --- what pointers point to --------------------------------------------------------------------- */

enum step put_int_at(const struct shown *s, uint64_t address)
{
	int number;

	if (fetch_or_put(s, address, &number, sizeof(number)))
		put_format("[%d]", number);
	return DONE;
}

enum step put_long_at(const struct shown *s, uint64_t address)
{
	int64_t number;

	if (fetch_or_put(s, address, &number, sizeof(number)))
		put_format("[%" PRId64 "]", number);
	return DONE;
}

enum step put_address_at(const struct shown *s, uint64_t address)
{
	uint64_t number;

	if (fetch_or_put(s, address, &number, sizeof(number))) {
		put_char('[');
		put_address(number);
		put_char(']');
	}
	return DONE;
}

enum step put_fd_pair(const struct shown *s, uint64_t address)
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

enum step put_timespec(const struct shown *s, uint64_t address)
{
	struct timespec time;

	if (fetch_or_put(s, address, &time, sizeof(time)))
		put_pair("tv_nsec=", time.tv_sec, time.tv_nsec);
	return DONE;
}

enum step put_timeval(const struct shown *s, uint64_t address)
{
	struct timeval time;

	if (fetch_or_put(s, address, &time, sizeof(time)))
		put_pair("tv_usec=", time.tv_sec, time.tv_usec);
	return DONE;
}

/* What is left of a sleep: only if it was interrupted. */
enum step put_remaining(const struct shown *s, uint64_t address)
{
	struct shown left = *s;

	if (!s->failed || (s->result != -EINTR && s->result != -516))
		return put_addr(s, address);
	left.failed = false;
	return put_timespec(&left, address);
}

void put_moment(int64_t seconds, int64_t nanoseconds, bool fine)
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

enum step put_time_at(const struct shown *s, uint64_t address)
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
	if (time->tv_sec == 0 && time->tv_nsec == 0)
		return;
	put(" /* ");
	put_moment(time->tv_sec, time->tv_nsec, true);
	put(" */");
}

enum step put_timespecs(const struct shown *s, uint64_t address)
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

enum step put_itimerval(const struct shown *s, uint64_t address)
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

enum step put_itimerspec(const struct shown *s, uint64_t address)
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

enum step put_tms(const struct shown *s, uint64_t address)
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

enum step put_rlimit(const struct shown *s, uint64_t address)
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

enum step put_rusage(const struct shown *s, uint64_t address)
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

enum step put_stat(const struct shown *s, uint64_t address)
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

enum step put_statx_flags(const struct shown *s, uint64_t value)
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

enum step put_statx(const struct shown *s, uint64_t address)
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

enum step put_statfs(const struct shown *s, uint64_t address)
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

enum step put_utsname(const struct shown *s, uint64_t address)
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

enum step put_sysinfo(const struct shown *s, uint64_t address)
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

enum step put_dirents(const struct shown *s, uint64_t address)
{
	static char bytes[64 * 1024];
	size_t size = (size_t)s->result;
	uint16_t length;

	put_address(address);
	if (size <= sizeof(bytes) && fetch(s, address, bytes, size)) {
		unsigned entries = 0;

		for (size_t at = 0; at + 18 < size; at += length) {
			memcpy(&length, bytes + at + 16, sizeof(length));
			if (length == 0)
				break;
			entries++;
		}
		put_format(" /* %u entries */", entries);
	}
	return DONE;
}

enum step put_cpus(const struct shown *s, uint64_t address)
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

enum step put_ids(const struct shown *s, uint64_t address)
{
	uint32_t ids[SHOWN];
	uint64_t count = s->leaving ? (uint64_t)s->result : s->arg[0];
	size_t shown = at_most_shown(count);

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
