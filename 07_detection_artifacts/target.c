/* SPDX-License-Identifier: MIT */
/*
 * Lab 07 turned around: watch the whole machine for ptrace(). Every call that any process makes, the
 * exec, fork and vfork that surround it, and the pattern that a monitor looks for: a process that
 * attached to a stranger, which none of its own descendants is, and wrote to it.
 *
 * The events are the kernel's tracepoints, read by perf_event_open(2) and not from an instance of
 * tracefs: a ring ends with its descriptor, so a watcher leaves nothing behind however it ends, and
 * the ring counts what it loses. tracefs only tells what a tracepoint's record looks like.
 *
 * The calls come from raw_syscalls:sys_enter, with a filter by number. syscalls:sys_enter_ptrace
 * would cost the other calls of the machine less, and is blind: it ignores 32-bit programs and any
 * program's `int $0x80` (ARCH_TRACE_IGNORE_COMPAT_SYSCALLS).
 *
 * Who a process is (name, thread group, whose child) is kept from events and asked of /proc only for
 * what was there before, so an answer is about the time of the event. The uid, the real one, is
 * inherited in the same way and asked again after a call that sets it.
 *
 * Not seen: writing by other means (/proc/PID/mem, process_vm_writev()), and CPUs that come online
 * later. A call in a PID namespace names its target by a number of that namespace; it is shown as
 * such, and who that is, is not guessed. (A setns() that does not say what it enters, with type 0, is
 * taken for none of a PID namespace, until /proc is asked.)
 */
#include <asm/perf_regs.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "count.h"
#include "proc.h"
#include "request.h"
#include "target.h"
#include "text.h"

const char target_usage[] =
	"--watch [-t SECONDS]\n"
	"                          show every ptrace() call on this machine, until ^C";

/* ptrace() by `int $0x80` and of 32-bit programs; by the syscall instruction it is msync(). */
#define SYS_ptrace_32 26

/* A round of reading begins this often. Events so young that another CPU may be about to record
 * an earlier one wait for the next round. */
#define ROUND_MS 50
#define SETTLED_NS INT64_C(10000000)

/* For all the rings together, and the least and the most for one. A call takes 176 bytes. */
#define RINGS_SIZE (128 << 20)
#define RING_LEAST (32 << 10)
#define RING_MOST (16 << 20)

/* --- tracepoints ---------------------------------------------------------------------------------- */

enum kind { SYS_ENTER, SYS_EXIT, NEW_TASK, EXEC, FREE, KINDS };

#define FIELDS 3

static const struct {
	const char *name;
	const char *fields[FIELDS];
} tracepoints[KINDS] = {
	[SYS_ENTER] = { "raw_syscalls/sys_enter", { "id", "args" } },
	[SYS_EXIT] = { "raw_syscalls/sys_exit", { "id", "ret" } },
	[NEW_TASK] = { "task/task_newtask", { "pid", "comm", "clone_flags" } },
	[EXEC] = { "sched/sched_process_exec", { "pid", "filename" } },
	[FREE] = { "sched/sched_process_free", { "pid" } },
};

/* Where tracefs says that a field of a record stands. */
struct field {
	unsigned offset, size;
	bool is_signed;
};

static struct format {
	unsigned id;
	struct field field[FIELDS];
} formats[KINDS];

static struct field common_type;

/* "	field:char newcomm[16];	offset:28;	size:16;	signed:0;" */
static bool parse_field(const char *line, const char *name, struct field *field)
{
	const char *end = strchr(line, ';');
	size_t length = strlen(name), declared;
	unsigned is_signed;

	if (strncmp(line, "\tfield:", 7) != 0 || end == NULL)
		return false;
	declared = strcspn(line, "[");
	declared = declared < (size_t)(end - line) ? declared : (size_t)(end - line);
	/* A dynamic array's brackets are a part of its type: "__data_loc char[] filename". */
	if (strncmp(line + declared, "[] ", 3) == 0)
		declared = (size_t)(end - line);
	if (declared < length + 1 || strncmp(line + declared - length, name, length) != 0 ||
		line[declared - length - 1] != ' ')
		return false;
	if (sscanf(end, "; offset:%u; size:%u; signed:%u;", &field->offset, &field->size,
		    &is_signed) != 3)
		return false;
	field->is_signed = is_signed;
	return true;
}

static struct field find_field(const char *format, const char *name, const char *of)
{
	struct field field;

	for (const char *line = format; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (parse_field(line, name, &field))
			return field;
	}
	target_refuse("tracepoint %s: this kernel's has no field \"%s\"", of, name);
}

static int open_tracefs(void)
{
	static const char *const places[] = { "/sys/kernel/tracing/events",
		"/sys/kernel/debug/tracing/events" };

	for (size_t i = 0; i < COUNT(places); i++) {
		int events = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (events != -1)
			return events;
		if (errno == EACCES || errno == EPERM)
			target_refuse("%s: %s: what a tracepoint records is for root to see: run "
				      "this as root",
				places[i], errno_text(errno));
	}
	target_refuse("no tracefs at /sys/kernel/tracing: mount -t tracefs none "
		      "/sys/kernel/tracing, as root");
}

static void read_formats(void)
{
	static char format[8192];
	int events = open_tracefs();

	for (enum kind kind = 0; kind < KINDS; kind++) {
		const char *of = tracepoints[kind].name;
		int fd = openat(events, text("%s/format", of), O_RDONLY | O_CLOEXEC);
		ssize_t length = fd == -1 ? -1 : read(fd, format, sizeof(format) - 1);
		const char *id;

		if (length == -1)
			target_refuse("tracepoint %s: %s%s", of, errno_text(errno),
				errno == ENOENT ? ": this kernel is built without it "
						  "(CONFIG_FTRACE_SYSCALLS)"
						: ": what it records is for root to see");
		close(fd);
		format[length] = '\0';
		id = strstr(format, "\nID: ");
		if (id == NULL)
			target_refuse("tracepoint %s: its format has no ID", of);
		formats[kind].id = (unsigned)atoi(id + 5);
		common_type = find_field(format, "common_type", of);
		for (size_t i = 0; i < FIELDS && tracepoints[kind].fields[i] != NULL; i++)
			formats[kind].field[i] =
				find_field(format, tracepoints[kind].fields[i], of);
	}
	close(events);
}

/* What a tracepoint recorded. */
struct record {
	const unsigned char *bytes;
	size_t size;
};

static int64_t number(struct record record, struct field field)
{
	union {
		int64_t all;
		int8_t s1;
		int16_t s2;
		int32_t s4;
	} value = { 0 };

	if (field.size > sizeof(value) || record.size < sizeof(value) ||
		field.offset > record.size - field.size)
		return 0;
	memcpy(&value, record.bytes + field.offset, field.size);
	if (!field.is_signed)
		return value.all;
	return field.size == 1   ? value.s1
	       : field.size == 2 ? value.s2
	       : field.size == 4 ? value.s4
				 : value.all;
}

/* The element of an array of longs. */
static int64_t element(struct record record, struct field field, unsigned index)
{
	return number(record, (struct field){ field.offset + index * (unsigned)sizeof(long),
				      sizeof(long), true });
}

/* A string that the record holds; a dynamic one by its offset and length (__data_loc). */
static void string(char *to, size_t room, struct record record, struct field field, bool is_dynamic)
{
	if (is_dynamic) {
		uint32_t place = (uint32_t)number(record, field);

		field = (struct field){ place & 0xffff, place >> 16, false };
	}
	if (field.offset > record.size || field.size > record.size - field.offset)
		field.size = 0;
	snprintf(to, room, "%.*s", (int)field.size, (const char *)record.bytes + field.offset);
}

/* --- rings ---------------------------------------------------------------------------------------- */

struct event {
	int64_t time;
	pid_t pid, tid; /* who caused it */
	uint32_t type;  /* PERF_RECORD_SAMPLE, _COMM, _LOST */
	uint64_t lost;
	char comm[16];
	struct record record;
	uint64_t abi, cx, ip; /* its registers in user mode */
};

static struct ring {
	int fd[KINDS];
	struct perf_event_mmap_page *page;
	const unsigned char *data;
	uint64_t size, head, tail;
	bool has_next;
	struct event next;
	unsigned char whole[1 << 16]; /* a record that lies across the end of the ring */
} * rings;

static size_t ring_count;

static int open_event(enum kind kind, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = formats[kind].id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
		.read_format = PERF_FORMAT_LOST,
		.disabled = 1,
		.sample_id_all = 1,
		.comm = kind == NEW_TASK,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};

	if (kind == SYS_ENTER) {
		attr.sample_type |= PERF_SAMPLE_REGS_USER;
		attr.sample_regs_user = 1ULL << PERF_REG_X86_CX | 1ULL << PERF_REG_X86_IP;
	}

	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd != -1 || errno == ENODEV)
		return fd;
	target_refuse("perf_event_open of %s: %s%s", tracepoints[kind].name, errno_text(errno),
		errno == EACCES || errno == EPERM ? ": run this as root, or with CAP_PERFMON"
		: errno == EINVAL ? ": this kernel does not count lost events (Linux 6.0 does)"
		: errno == EMFILE || errno == ENFILE
			? ": one descriptor for each CPU and tracepoint is needed (ulimit -n)"
			: "");
}

static void map_ring(struct ring *ring, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *map;

	while ((map = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_SHARED,
			ring->fd[SYS_ENTER], 0)) == MAP_FAILED &&
		(errno == EPERM || errno == ENOMEM) && size > RING_LEAST)
		size /= 2;
	if (map == MAP_FAILED)
		target_refuse("mmap of a ring of %zu bytes: %s: kernel.perf_event_mlock_kb allows "
			      "more, or CAP_IPC_LOCK",
			size, errno_text(errno));
	ring->page = map;
	ring->data = (unsigned char *)map + page;
	ring->size = size;
}

static size_t ring_size(long cpus)
{
	size_t size = RING_MOST;

	while (size > RING_LEAST && size * (size_t)cpus > RINGS_SIZE)
		size /= 2;
	return size;
}

static void open_rings(void)
{
	const char *filter = text("id == %d || id == %d || id == %d || id == %d || id == %d || "
				  "id == %d || id == %d",
		SYS_ptrace, SYS_ptrace_32, SYS_setuid, SYS_setreuid, SYS_setresuid, SYS_unshare,
		SYS_setns);
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	rings = calloc((size_t)cpus, sizeof(*rings));
	if (rings == NULL)
		target_refuse("no memory for %ld CPUs", cpus);
	for (int cpu = 0; cpu < cpus; cpu++) {
		struct ring *ring = &rings[ring_count];
		enum kind kind = 0;

		for (; kind < KINDS; kind++) {
			ring->fd[kind] = open_event(kind, cpu);
			if (ring->fd[kind] == -1)
				break;
			if (kind == SYS_ENTER)
				map_ring(ring, ring_size(cpus));
			else if (ioctl(ring->fd[kind], PERF_EVENT_IOC_SET_OUTPUT,
					 ring->fd[SYS_ENTER]) == -1)
				target_refuse("PERF_EVENT_IOC_SET_OUTPUT: %s", errno_text(errno));
			if ((kind == SYS_ENTER || kind == SYS_EXIT) &&
				ioctl(ring->fd[kind], PERF_EVENT_IOC_SET_FILTER, filter) == -1)
				target_refuse("PERF_EVENT_IOC_SET_FILTER: %s", errno_text(errno));
		}
		ring_count += kind == KINDS; /* else this CPU is offline (ENODEV) */
	}
}

/* PERF_EVENT_IOC_ENABLE or _DISABLE, of the events of some kinds. */
static void switch_events(unsigned long request, enum kind first, enum kind last)
{
	for (enum kind kind = first; kind <= last; kind++)
		for (size_t i = 0; i < ring_count; i++)
			if (ioctl(rings[i].fd[kind], request, 0) == -1)
				target_refuse("perf_event ioctl: %s", errno_text(errno));
}

/* How many events of a kind the rings had no room for. */
static uint64_t lost_events(enum kind kind)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < ring_count; i++) {
		struct {
			uint64_t value, lost;
		} counts;

		if (read(rings[i].fd[kind], &counts, sizeof(counts)) != sizeof(counts))
			target_refuse("read of a perf event: %s", errno_text(errno));
		lost += counts.lost;
	}
	return lost;
}

/* The next `size` bytes of a record; zeros where it ends before (then it is malformed). */
static void take(struct record *from, void *to, size_t size)
{
	memset(to, 0, size);
	if (size > from->size)
		size = from->size;
	memcpy(to, from->bytes, size);
	from->bytes += size;
	from->size -= size;
}

/* In the order of perf_event_open(2), "MMAP layout". False: a record of no use here. */
static bool parse_event(uint32_t type, struct record rest, struct event *event)
{
	/* sample_id_all: TID and TIME end every record that is no sample. */
	struct record end = { rest.bytes + rest.size - 16, 16 };
	uint32_t ids[2], size;

	*event = (struct event){ .type = type };
	if (rest.size < 16)
		return false;
	switch (type) {
	case PERF_RECORD_SAMPLE:
		take(&rest, ids, sizeof(ids));
		take(&rest, &event->time, sizeof(event->time));
		take(&rest, &size, sizeof(size));
		if (size > rest.size)
			return false;
		event->record = (struct record){ rest.bytes, size };
		rest.bytes += size;
		rest.size -= size;
		take(&rest, &event->abi, sizeof(event->abi));
		take(&rest, &event->cx, sizeof(event->cx));
		take(&rest, &event->ip, sizeof(event->ip));
		break;
	case PERF_RECORD_COMM:
		take(&rest, ids, sizeof(ids));
		take(&rest, event->comm, sizeof(event->comm));
		event->comm[sizeof(event->comm) - 1] = '\0';
		take(&end, (uint64_t[1]){ 0 }, 8);
		take(&end, &event->time, sizeof(event->time));
		break;
	case PERF_RECORD_LOST:
		take(&rest, (uint64_t[1]){ 0 }, 8);
		take(&rest, &event->lost, sizeof(event->lost));
		take(&end, ids, sizeof(ids));
		take(&end, &event->time, sizeof(event->time));
		break;
	default:
		return false;
	}
	event->pid = (pid_t)ids[0];
	event->tid = (pid_t)ids[1];
	return true;
}

/* Have the oldest event of a ring in ring->next, if it has one. It stays in the ring until dropped. */
static void peek(struct ring *ring)
{
	while (!ring->has_next && ring->tail != ring->head) {
		uint64_t at = ring->tail & (ring->size - 1), room = ring->size - at;
		const unsigned char *bytes = ring->data + at;
		struct perf_event_header header;

		memcpy(&header, bytes, sizeof(header)); /* 8 bytes, aligned: never cut in two */
		if (header.size > room) {
			memcpy(ring->whole, bytes, room);
			memcpy(ring->whole + room, ring->data, header.size - room);
			bytes = ring->whole;
		}
		ring->has_next = parse_event(header.type,
			(struct record){ bytes + sizeof(header), header.size - sizeof(header) },
			&ring->next);
		ring->tail += ring->has_next ? 0 : header.size;
	}
}

/* The kernel may write again where the events were that have been dropped. */
static void give_back(struct ring *ring)
{
	__atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE);
}

static void drop(struct ring *ring)
{
	struct perf_event_header header;

	memcpy(&header, ring->data + (ring->tail & (ring->size - 1)), sizeof(header));
	ring->tail += header.size;
	ring->has_next = false;
	/* Not for each: what is lost is lost, and told, in few pieces. */
	if (ring->tail - ring->page->data_tail > ring->size / 4)
		give_back(ring);
}

/* --- tasks ---------------------------------------------------------------------------------------- */

/* A thread, and by its first thread the process. */
struct task {
	pid_t tid, pid;
	pid_t parent; /* the process that made it, or if that is gone, the one that made that */
	char comm[16];
	uid_t uid;
	bool uid_known,
		uid_unsure; /* unsure: it has set it, and was gone before it could be asked */
	uint64_t asked;     /* the round in which /proc was asked */
	bool nested;        /* in a PID namespace of its own */
	bool nests;         /* what it makes will be in one: unshare(2), setns(2) */

	/* Of a process: the lines that tell how it began and what it executed last, kept until it
	 * turns out to take part in a ptrace() call. NULL: before this watch, or told. */
	bool takes_part;
	char *birth, *exec;

	bool in_call;
	struct call {
		int64_t time, number;
		long request, pid, address, data; /* or what else the arguments are */
		bool is_32;                       /* by int $0x80, or of a 32-bit program */
	} call;
	struct task *next;
};

static struct task *tasks[4096];
static uint64_t round_number = 1;

static struct task **slot(pid_t tid)
{
	struct task **link = &tasks[(size_t)tid % COUNT(tasks)];

	while (*link != NULL && (*link)->tid != tid)
		link = &(*link)->next;
	return link;
}

static struct task *add_task(pid_t tid)
{
	struct task **link = slot(tid);

	if (*link == NULL)
		*link = calloc(1, sizeof(**link));
	if (*link == NULL)
		target_refuse("no memory for a task");
	free((*link)->birth);
	free((*link)->exec);
	**link = (struct task){ .tid = tid, .pid = tid, .next = (*link)->next };
	return *link;
}

/* Names may hold anything; what they hold shall not act on a terminal. */
static void make_plain(char *name)
{
	for (; *name != '\0'; name++)
		*name = isprint((unsigned char)*name) ? *name : '?';
}

static long status_number(const char *status, const char *field)
{
	const char *value = status_field(status, field);

	return value != NULL ? strtol(value, NULL, 10) : 0;
}

/* What /proc tells of a task. NULL: nothing, it is gone. */
static struct task *ask(pid_t tid)
{
	char status[8192];
	struct task *task = *slot(tid);

	if (proc_read(tid, "status", status, sizeof(status)) <= 0)
		return NULL;
	if (task == NULL) {
		const char *name = status_field(status, "Name");

		task = add_task(tid);
		snprintf(task->comm, sizeof(task->comm), "%s", name != NULL ? name : "?");
		make_plain(task->comm);
		task->pid = (pid_t)status_number(status, "Tgid");
		task->parent = (pid_t)status_number(status, "PPid");
	}

	const char *ids = status_field(status, "NSpid");

	task->nested = ids != NULL && strchr(ids, '\t') != NULL;
	task->uid = (uid_t)status_number(status, "Uid");
	task->uid_known = true;
	task->uid_unsure = false;
	task->asked = round_number;
	return task;
}

/* A task, asked for if it is not known; NULL if it is gone. */
static struct task *known(pid_t tid)
{
	struct task *task = tid > 0 ? *slot(tid) : NULL;

	return task != NULL || tid <= 0 ? task : ask(tid);
}

static void ask_everybody(void)
{
	static pid_t pids[1 << 20];
	ssize_t count = proc_list("", pids, COUNT(pids));

	if (count == -1)
		target_refuse("/proc: %s: mount proc there", errno_text(errno));
	for (size_t i = 0; i < (size_t)count && i < COUNT(pids); i++)
		ask(pids[i]);
}

/* Who caused an event: at least its ids are known. */
static struct task *causer(const struct event *event)
{
	struct task *task = known(event->tid);

	if (task == NULL) {
		task = add_task(event->tid);
		task->pid = event->pid;
		strcpy(task->comm, "?");
	}
	return task;
}

static void remove_task(pid_t tid)
{
	struct task **link = slot(tid), *task = *link;

	if (task == NULL)
		return;
	/* What it made remains a descendant of whoever made it. */
	for (size_t i = 0; i < COUNT(tasks) && task->pid == tid; i++)
		for (struct task *child = tasks[i]; child != NULL; child = child->next)
			if (child->parent == tid)
				child->parent = task->parent;
	*link = task->next;
	free(task->birth);
	free(task->exec);
	free(task);
}

/* Nothing that the caller made, itself or through others. False too if that is not known: an event
 * was lost that told it. */
static bool is_stranger(const struct task *task, pid_t caller)
{
	/* No deeper than there are processes, whatever was lost. */
	for (size_t depth = 0; task != NULL && depth < COUNT(tasks); depth++) {
		if (task->parent == caller)
			return false;
		if (task->parent == 0)
			return true;
		task = *slot(task->parent);
	}
	return false;
}

/* --- lines ---------------------------------------------------------------------------------------- */

static int64_t epoch_ns; /* what CLOCK_MONOTONIC lacks to the time of day */
static uint64_t call_count;

static const char *time_text(int64_t ns)
{
	struct tm tm;

	ns += epoch_ns;
	localtime_r(&(time_t){ ns / 1000000000 }, &tm);
	return text("%02d:%02d:%02d.%06d", tm.tm_hour, tm.tm_min, tm.tm_sec,
		(int)(ns % 1000000000 / 1000));
}

/* "4711 (gdb)"; a thread that is not the first one "4711/4713 (gdb)". */
static const char *task_text(const struct task *task)
{
	if (task->pid != task->tid)
		return text("%d/%d (%s)", task->pid, task->tid, task->comm);
	return text("%d (%s)", task->tid, task->comm);
}

static const char *uid_text(const struct task *task)
{
	if (!task->uid_known)
		return "?";
	return text("%u%s", task->uid, task->uid_unsure ? "?" : "");
}

/* The columns that every line begins with. */
static const char *start_text(int64_t time, const struct task *task, const char *what)
{
	return text(
		"%s  %-26s uid %-6s %-24s", time_text(time), task_text(task), uid_text(task), what);
}

static char *keep(const char *line)
{
	char *kept = strdup(line);

	if (kept == NULL)
		target_refuse("no memory for a line");
	return kept;
}

static void tell(char **line)
{
	if (*line != NULL)
		puts(*line);
	free(*line);
	*line = NULL;
}

static void take_part(pid_t pid)
{
	struct task *task = known(pid);

	if (task == NULL || task->takes_part)
		return;
	task->takes_part = true;
	tell(&task->birth);
	tell(&task->exec);
}

/* --- the pattern ---------------------------------------------------------------------------------- */

static struct intrusion {
	pid_t pid, target;
	char who[64], whom[64];
	bool attached;
	uint64_t writes;
} * intrusions;

static size_t intrusion_count;

static struct intrusion *intrusion_of(const struct task *caller, const struct task *target)
{
	for (size_t i = intrusion_count; i-- > 0;)
		if (intrusions[i].pid == caller->pid && intrusions[i].target == target->pid)
			return &intrusions[i];
	intrusions = realloc(intrusions, (intrusion_count + 1) * sizeof(*intrusions));
	if (intrusions == NULL)
		target_refuse("no memory for the summary");

	struct intrusion *intrusion = &intrusions[intrusion_count++];

	*intrusion = (struct intrusion){ .pid = caller->pid, .target = target->pid };
	snprintf(intrusion->who, sizeof(intrusion->who), "%d (%s), uid %s,", caller->pid,
		caller->comm, uid_text(caller));
	snprintf(intrusion->whom, sizeof(intrusion->whom), "%d (%s)", target->pid, target->comm);
	return intrusion;
}

static bool attaches(long request)
{
	return request == PTRACE_ATTACH || request == PTRACE_SEIZE;
}

/* Requests that change the tracee's memory or registers. */
static bool writes(long request)
{
	static const long requests[] = { PTRACE_POKETEXT, PTRACE_POKEDATA, PTRACE_POKEUSER,
		PTRACE_SETREGS, PTRACE_SETFPREGS, PTRACE_SETFPXREGS, PTRACE_SETREGSET,
		PTRACE_SET_THREAD_AREA, PTRACE_ARCH_PRCTL, PTRACE_SET_SYSCALL_INFO };

	for (size_t i = 0; i < COUNT(requests); i++)
		if (requests[i] == request)
			return true;
	return false;
}

/* What there is to say of a call that succeeded. */
static const char *mark(const struct task *caller, const struct task *target, long request)
{
	if ((!attaches(request) && !writes(request)) || !is_stranger(target, caller->pid))
		return "";

	struct intrusion *intrusion = intrusion_of(caller, target);

	if (attaches(request)) {
		intrusion->attached = true;
		return "  <- attaches to a stranger";
	}
	intrusion->writes++;
	return "  <- WRITES TO A STRANGER";
}

/* --- events --------------------------------------------------------------------------------------- */

static const char *target_text(const struct task *caller, const struct task *target)
{
	const struct call *call = &caller->call;

	if (call->request == PTRACE_TRACEME)
		return text("by %s", target != NULL ? task_text(target) : "its parent");
	if (caller->nested)
		return text("%ld of its namespace", call->pid);
	return target != NULL ? task_text(target) : text("%ld (not there)", call->pid);
}

static bool is_ptrace(const struct call *call)
{
	return call->is_32 || call->number == SYS_ptrace;
}

static void show_call(struct task *caller, bool succeeded, const char *result)
{
	const struct call *call = &caller->call;
	struct task *target = call->request == PTRACE_TRACEME ? known(caller->parent)
			      : caller->nested                ? NULL
							      : known((pid_t)call->pid);

	/* Whoever made the other first: TRACEME comes from the child. */
	if (target != NULL && succeeded && call->request == PTRACE_TRACEME)
		take_part(target->pid);
	take_part(caller->pid);
	if (target != NULL && succeeded)
		take_part(target->pid);
	printf("%s %-26s %#-18lx %#-18lx %s%s%s\n",
		start_text(call->time, caller, request_name(call->request)),
		target_text(caller, target), call->address, call->data, result,
		call->is_32 ? " (32-bit call)" : "",
		target != NULL && succeeded ? mark(caller, target, call->request) : "");
}

/* The uid is now the argument of the call, but for what only /proc can tell: a setuid() without
 * privilege, another user namespace. */
static void set_uid(struct task *caller)
{
	if ((uid_t)caller->call.request != (uid_t)-1)
		caller->uid = (uid_t)caller->call.request;
	caller->uid_unsure = true;
	ask(caller->tid);
}

/* A call has returned `result`, or nobody knows what (NULL). */
static void end_call(struct task *caller, const int64_t *result)
{
	bool succeeded = result != NULL && *result >= 0;
	const char *name = result == NULL || succeeded ? NULL : strerrorname_np((int)-*result);

	caller->in_call = false;
	if (is_ptrace(&caller->call))
		show_call(caller, succeeded,
			result == NULL ? "?"
			: name != NULL ? name
				       : text("%" PRId64, *result));
	else if (succeeded && caller->call.number == SYS_unshare)
		caller->nests |= (caller->call.request & CLONE_NEWPID) != 0;
	else if (succeeded && caller->call.number == SYS_setns)
		caller->nests |= (caller->call.pid & CLONE_NEWPID) != 0;
	else if (succeeded)
		set_uid(caller);
}

/*
 * Which call a number means depends on how it was made. The syscall instruction leaves the address
 * behind it in rcx (Intel SDM, SYSCALL), `int $0x80` does not, nor does the first on a processor
 * with FRED: there, an msync() of the first pages would be taken for a ptrace() by `int $0x80`.
 */
static bool is_32_bit(const struct event *event, int64_t request)
{
	return event->abi == PERF_SAMPLE_REGS_ABI_32 ||
	       (event->cx != event->ip && request >= 0 && request < 0x10000);
}

static void enter(const struct event *event)
{
	const struct field *field = formats[SYS_ENTER].field;
	int64_t which = number(event->record, field[0]);
	long argument[4];

	for (unsigned i = 0; i < COUNT(argument); i++)
		argument[i] = element(event->record, field[1], i);

	bool is_32 = which == SYS_ptrace_32;

	if (is_32 ? !is_32_bit(event, argument[0]) : event->abi == PERF_SAMPLE_REGS_ABI_32)
		return; /* msync() or, of a 32-bit program, another call of that number */

	struct task *caller = causer(event);

	if (caller->in_call)
		end_call(caller, NULL);
	caller->in_call = true;
	caller->call = (struct call){ event->time, which, argument[0], (pid_t)argument[1],
		argument[2], argument[3], is_32 };
	if (!is_ptrace(&caller->call))
		return;
	call_count++;
	if (caller->asked != round_number)
		ask(caller->tid);
}

static void leave(const struct event *event)
{
	struct task *caller = *slot(event->tid);

	if (caller != NULL && caller->in_call)
		end_call(caller, (int64_t[1]){ number(event->record, formats[SYS_EXIT].field[1]) });
}

/* Of a task that is no more: the end of its last call was lost. */
static void end_last_call(pid_t tid)
{
	struct task *task = *slot(tid);

	if (task != NULL && task->in_call)
		end_call(task, NULL);
}

static void new_task(const struct event *event)
{
	const struct field *field = formats[NEW_TASK].field;
	int64_t flags = number(event->record, field[2]);
	pid_t tid = (pid_t)number(event->record, field[0]);

	end_last_call(tid);

	struct task maker = *causer(event), *task = add_task(tid);

	string(task->comm, sizeof(task->comm), event->record, field[1], false);
	make_plain(task->comm);
	task->uid = maker.uid;
	task->uid_known = maker.uid_known;
	task->uid_unsure = maker.uid_unsure;
	if (task->uid_unsure)
		ask(task->tid);
	task->nested = maker.nested || maker.nests || flags & CLONE_NEWPID;
	if (flags & CLONE_THREAD) {
		task->pid = maker.pid;
		task->parent = maker.parent;
		return;
	}
	task->parent = maker.pid;
	task->birth = keep(text("%s %d",
		start_text(event->time, &maker, flags & CLONE_VFORK ? "vfork" : "fork"),
		task->pid));

	struct task *process = *slot(maker.pid);

	if (process != NULL && process->takes_part)
		tell(&task->birth);
}

static void exec(const struct event *event)
{
	struct task *task = known((pid_t)number(event->record, formats[EXEC].field[0]));
	char file[512];

	if (task == NULL)
		return;
	string(file, sizeof(file), event->record, formats[EXEC].field[1], true);
	make_plain(file);
	free(task->exec);
	task->exec = keep(text("%s %s", start_text(event->time, task, "exec"), file));
	if (task->takes_part)
		tell(&task->exec);
}

static void handle_sample(const struct event *event)
{
	unsigned id = (unsigned)number(event->record, common_type);
	enum kind kind = 0;

	while (kind < KINDS && formats[kind].id != id)
		kind++;
	switch (kind) {
	case SYS_ENTER:
		enter(event);
		break;
	case SYS_EXIT:
		leave(event);
		break;
	case NEW_TASK:
		new_task(event);
		break;
	case EXEC:
		exec(event);
		break;
	case FREE:
		end_last_call((pid_t)number(event->record, formats[FREE].field[0]));
		remove_task((pid_t)number(event->record, formats[FREE].field[0]));
		break;
	case KINDS:
		break;
	}
}

static bool out_of_date; /* events were lost that tell who is who */

static void handle(const struct event *event)
{
	switch (event->type) {
	case PERF_RECORD_SAMPLE:
		handle_sample(event);
		break;
	case PERF_RECORD_COMM: {
		struct task *task = *slot(event->tid);

		if (task == NULL)
			break;
		memcpy(task->comm, event->comm, sizeof(task->comm));
		make_plain(task->comm);
		break;
	}
	case PERF_RECORD_LOST:
		printf("# %" PRIu64 " events lost: calls may be missing here\n", event->lost);
		out_of_date = true;
		break;
	}
}

/* The events of all rings, oldest first, up to `horizon`. */
static void handle_until(int64_t horizon)
{
	for (size_t i = 0; i < ring_count; i++)
		rings[i].head = __atomic_load_n(&rings[i].page->data_head, __ATOMIC_ACQUIRE);
	for (;;) {
		struct ring *oldest = NULL;

		for (size_t i = 0; i < ring_count; i++) {
			peek(&rings[i]);
			if (rings[i].has_next &&
				(oldest == NULL || rings[i].next.time < oldest->next.time))
				oldest = &rings[i];
		}
		if (oldest == NULL || oldest->next.time > horizon)
			break;
		handle(&oldest->next);
		drop(oldest);
	}
	for (size_t i = 0; i < ring_count; i++)
		give_back(&rings[i]);
	if (out_of_date)
		ask_everybody();
	out_of_date = false;
}

/* --- the watch ------------------------------------------------------------------------------------ */

static volatile sig_atomic_t ended;

static void end_watch(int sig)
{
	(void)sig;
	ended = 1;
}

/* A signal that this was started with ignored (nohup, a script's background job) stays so. A second
 * one ends the process at once: its output may be held up by whoever reads it. */
static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = end_watch,
		.sa_flags = (int)(SA_RESTART | SA_RESETHAND) };

	for (size_t i = 0; i < COUNT(signals); i++) {
		struct sigaction former;

		sigaction(signals[i], NULL, &former);
		if (former.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

static void flush(void)
{
	if (fflush(stdout) != 0)
		target_refuse("stdout: %s", errno_text(errno));
}

/* Wait for the next round, or until a signal comes, or whoever reads the output ends. */
static void wait_round(int64_t end)
{
	struct pollfd out = { .fd = STDOUT_FILENO };
	int64_t left_ms = (end - clock_now_ns()) / 1000000 + 1;

	if (poll(&out, 1, left_ms < ROUND_MS ? (int)left_ms : ROUND_MS) == 1)
		target_refuse("stdout: %s", errno_text(EPIPE));
}

static void begin_round(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	epoch_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - clock_now_ns();
	round_number++;
}

static void summarize(int64_t start)
{
	uint64_t lost_calls = lost_events(SYS_ENTER), lost = lost_calls;

	for (enum kind kind = SYS_ENTER + 1; kind < KINDS; kind++)
		lost += lost_events(kind);
	printf("# %.1f s: %" PRIu64 " calls, and %" PRIu64 " lost; %" PRIu64 " events lost\n",
		(double)(clock_now_ns() - start) / 1e9, call_count, lost_calls, lost);
	for (size_t i = 0; i < intrusion_count; i++) {
		const struct intrusion *intrusion = &intrusions[i];

		printf("# %s %s %s, not its descendant; writes: %" PRIu64 "\n", intrusion->who,
			intrusion->attached ? "attached to" : "wrote to", intrusion->whom,
			intrusion->writes);
	}
}

/* Returns how long, in nanoseconds; INT64_MAX: without an end. */
static int64_t parse_words(int argc, char **argv)
{
	int64_t limit = INT64_MAX;

	for (int i = 1; i < argc; i++) {
		const char *value = argv[i][0] == '-' && argv[i][1] == 't' ? argv[i] + 2 : NULL;
		char *end;

		if (value == NULL)
			target_refuse(
				"\"%s\" is a word too many (--help tells the usage)", argv[i]);
		if (*value == '\0')
			value = argv[++i];
		if (value == NULL)
			target_refuse("-t needs a value (--help tells the usage)");

		double seconds = strtod(value, &end);

		if (!isdigit((unsigned char)*value) || *end != '\0' || seconds <= 0 ||
			seconds > 1e9)
			target_refuse(
				"-t \"%s\": give a number of seconds, such as 10 or 0.5", value);
		limit = (int64_t)ceil(seconds * 1e9);
	}
	return limit;
}

int target_mode(int argc, char **argv)
{
	static char output[1 << 16];
	int64_t limit = parse_words(argc, argv), start, end;
	struct stat pid_namespace;

	target_needs_stdout();
	setvbuf(stdout, output, _IOFBF, sizeof(output)); /* flushed in every round */
	read_formats();
	open_rings();
	/* PROC_PID_INIT_INO, include/linux/proc_ns.h */
	if (stat("/proc/self/ns/pid", &pid_namespace) == 0 && pid_namespace.st_ino != 0xeffffffc)
		target_refuse("in a PID namespace (a container) the tracepoints' pids mean "
			      "nothing: run this outside");
	catch_signals();
	/* Where it may: one that gets its turn late on a loaded machine loses events. It takes
	 * about a microsecond for a call, and sleeps. */
	sched_setscheduler(
		0, SCHED_RR | SCHED_RESET_ON_FORK, &(struct sched_param){ .sched_priority = 1 });
	/* In this order, so that no caller is unknown, and ended before it was asked. */
	switch_events(PERF_EVENT_IOC_ENABLE, NEW_TASK, FREE);
	ask_everybody();
	switch_events(PERF_EVENT_IOC_ENABLE, SYS_ENTER, SYS_EXIT);
	start = clock_now_ns();
	end = limit == INT64_MAX ? limit : start + limit;
	printf("# watching ptrace() on %zu CPUs. \"uid 5?\": it set it, and was gone before it could be "
	       "asked\n"
	       "# %-13s  %-26s %-10s %-24s %-26s %-18s %-18s %s\n",
		ring_count, "time", "caller", "uid", "request", "target", "address", "data",
		"result");
	while (flush(), !ended && clock_now_ns() < end) {
		wait_round(end);
		begin_round();
		handle_until(clock_now_ns() - SETTLED_NS);
	}
	switch_events(PERF_EVENT_IOC_DISABLE, SYS_ENTER, FREE);
	begin_round();
	handle_until(INT64_MAX);
	for (size_t i = 0; i < COUNT(tasks); i++)
		for (struct task *task = tasks[i]; task != NULL; task = task->next)
			if (task->in_call)
				end_call(task, NULL);
	summarize(start);
	flush();
	return LAB_HOLDS;
}
