/* SPDX-License-Identifier: MIT */
/*
 * Lab 07: how does being traced become visible?
 *
 * The tracee looks at itself in 33 ways. Here it is traced in one way at a time, and what it finds
 * is entered in a table beside what it finds untraced. A technique is a tracer of a dozen lines, a
 * tool that is installed, or something that watches without being a tracer at all.
 *
 * Run:   make lab07, or 07_detection_artifacts/tracer [SLUG...]
 *        07_detection_artifacts/tracee            the same looks, at whatever you run it under
 * Basis: ptrace(2), proc(5), signal(7), seccomp(2), seccomp_unotify(2), perf_event_open(2), rseq(2);
 *        kernel/ptrace.c: ptrace_attach(), ptrace_traceme(); kernel/signal.c:
 *        force_sig_info_to_task(), do_signal_stop(); kernel/events/uprobes.c: handle_swbp();
 *        kernel/events/hw_breakpoint.c: reserve_bp_slot(); kernel/seccomp.c
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/hw_breakpoint.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "count.h"
#include "elf.h"
#include "maps.h"
#include "memory.h"
#include "proc.h"
#include "regs.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "syscalls.h"
#include "target.h"
#include "testimony.h"
#include "text.h"
#include "tracee.h"

#define INT3 0xcc

enum { READ_END, WRITE_END }; /* of a pipe */

/* --- what is expected --------------------------------------------------------------------------- */

/* The techniques, in the order of the columns. */
enum technique {
	UNTRACED,
	TRACEME,
	SWALLOW,
	ATTACH,
	SEIZE,
	SYSCALLS,
	STEP,
	INT3_SET,
	INT3_GONE,
	DEBUG_REG,
	RET_TRACE,
	NOTIFY,
	OWN, /* so many need nothing but this program and an ordinary user */
	PERF_BREAK = OWN,
	UPROBE,
	URETPROBE,
	TRACEPOINT,
	GDB_RUN,
	GDB_ATTACH,
	STRACE,
	STRACE_BPF,
	LTRACE,
	VALGRIND,
	PERF_TRACE,
	BPFTRACE,
	TECHNIQUES,
};

/*
 * The finding. X: visible, '.': not, '-': cannot be looked at there; x and o: as a rule visible, as
 * a rule not, which is shown and not judged: there a sample or the scheduler decides.
 */
static const struct row {
	const char *artifact;
	const char *cells; /* one for each technique */
} rows[] = {
	/* clang-format off */
	/*                    no tm tw at sz sy st sw gh hw se un   pb u ur tp   gr gp s sb l v pt bt */
	{ "tracerpid",        ".XXXXXXX.XX." "...." "XXXXX..." },
	{ "child-seize",      ".XXXXXXX.XX." "...." "XXXXX..." },
	{ "traceme",          ".XXXXXXX.XX." "...." "XXXXX..." },
	{ "child-traced",     "............" "...." "...XX..." },
	{ "stops-sampled",    ".ooooXXoooo." "...." "ooXox..." },
	{ "parent",           "............" "...." "X.XXX..." },
	{ "environment",      "............" "...." "X....X.." },
	{ "inherited",        "............" "...." ".....X.." },
	{ "personality",      "............" "...." "X......." },
	{ "int3",             "..X........." "...." "XX..X..." },
	{ "raise-sigtrap",    "..X........." "...." "XX..X..." },
	{ "popf-tf",          "..X...X....." "...." "XX..XX.." },
	{ "long-int3",        "..X........." ".XX." "XX..XX.X" },
	{ "flags-tf",         "......X....." "...." ".....X.." },
	{ "sigtrap-ignored",  "......XX.X.." "...." "....X..." },
	{ "rseq",             "......X....." "...." ".....-.." },
	{ "text-read",        ".......X...." ".XX." "XX..X..X" },
	{ "text-mapped",      ".......X...." "...." "XX..X..." },
	{ "r-brk",            "............" "...." "XX..X..." },
	{ "text-anonymous",   ".......XX..." ".XX." "XX..X..X" },
	{ "uprobes-area",     "............" ".XX." ".......X" },
	{ "return-address",   "............" "..X." "........" },
	{ "foreign-maps",     "............" "...." ".....X.." },
	{ "breakpoint-slots", ".........X.." "X..." "........" },
	{ "switches",         ".....XX....X" "...." "..X.X..." },
	{ "syscall-time",     ".....X.....X" "...." "..X.X.X." },
	{ "call-time",        ".......X.X.." "XXX." ".......X" },
	{ "cpu-share",        ".ooooxooooox" "oooo" "ooxoxooo" },
	{ "group-stop",       ".XXX.XXX.XX." "...." "XX..X..." },
	{ "eintr",            "...X....X..." "...." ".X......" },
	{ "seccomp-state",    "..........XX" "...." "...X...." },
	{ "seccomp-trace",    "..........XX" "...." "...X.-.." },
	{ "seccomp-listener", "...........X" "...." ".....-.." },
	/* clang-format on */
};

/* What a column of the table holds once it is measured. It lives on a page that all experiments
 * share, so that each technique is measured once in a run. */
enum column_state { BLANK, MEASURED, ABSENT };

static struct column {
	enum column_state state;
	char why[160]; /* ABSENT */
	long told[COUNT(rows)];
	int64_t took_ns;
} * columns;

/* As the tracee tells it: number * 4 + verdict, or, negative, that there is none. */
enum { NOT_YET = -1, LOOKING = -2, NOT_WANTED = -3 };

static long number(long told_value)
{
	return told_value >> 2;
}

static char letter(long told_value)
{
	return (char)(told_value < 0 ? '?' : ".X-?"[told_value & 3]);
}

/* --- victims ------------------------------------------------------------------------------------ */

/* The scene "examined", started for a technique: it waits until it is woken, looks, and ends. */
struct victim {
	pid_t pid;      /* the process that looks */
	pid_t launched; /* the child of this one: the same, or the tool that started it */
	bool by_tool;
	struct testimony *page;
	int go, ready;
};

/* How a victim comes to be. */
struct launch {
	const char *const *tool; /* the words of a tool that starts it */
	const char *joined; /* not NULL: the tool takes the command as one word behind this one */
	void (*first)(struct testimony *page); /* what the new process does before it executes */
	const char *scene;                     /* NULL: "examined" */
	const char *path;                      /* NULL: the lab's tracee */
};

static struct column *measuring; /* NULL: not for the table */

/* The technique, or the experiment, cannot be had here. */
__attribute__((format(printf, 1, 2))) static _Noreturn void cannot(const char *format, ...)
{
	char why[sizeof(columns->why)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	if (measuring == NULL)
		skip("%s", why);
	memcpy(measuring->why, why, sizeof(why));
	measuring->state = ABSENT;
	_exit(EXIT_SUCCESS);
}

#define NOT_INSTALLED 127

/* Execute with an environment of its own, so that only what a tool adds is in it. */
static _Noreturn void execute(const char *const *words)
{
	static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		"ASAN_OPTIONS=detect_leaks=0", /* as the Makefile says, for a build with SAN=1 */
		NULL };

	execvpe(words[0], (char *const *)words, (char *const *)environment);
	_exit(NOT_INSTALLED);
}

static void be_quiet(void)
{
	static const int standard[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	int null = open("/dev/null", O_RDWR);

	for (const int *fd = standard; fd < standard + COUNT(standard); fd++)
		if (dup2(null, *fd) == -1)
			_exit(LAB_BROKEN);
	close(null);
}

#define WORDS 128

static _Noreturn void become_victim(
	const struct launch *how, struct victim *victim, int go, int page_fd, int ready)
{
	const char *path = how->path != NULL ? how->path : tracee_path();
	const char *scene = how->scene != NULL ? how->scene : "examined", *words[WORDS];
	size_t count = 0;
	char byte;

	if (how->first != NULL)
		how->first(victim->page);
	if (read(go, &byte, sizeof(byte)) != sizeof(byte))
		_exit(LAB_BROKEN);
	for (; how->tool != NULL && how->tool[count] != NULL; count++)
		words[count] = how->tool[count];
	if (how->joined != NULL) {
		words[count++] = text("%s'%s' %s %d %d", how->joined, path, scene, page_fd, ready);
	} else {
		words[count++] = path;
		words[count++] = scene;
		words[count++] = text("%d", page_fd);
		words[count++] = text("%d", ready);
	}
	words[count] = NULL;
	if (how->tool != NULL)
		be_quiet();
	fcntl(page_fd, F_SETFD, 0);
	fcntl(ready, F_SETFD, 0);
	execute(words);
}

/* A process that becomes the victim at victim_go(). */
static struct victim victim_prepare(const struct launch *how)
{
	int go[2], ready[2];
	int page_fd = memfd_create("testimony", MFD_CLOEXEC);

	if (page_fd == -1 || ftruncate(page_fd, sizeof(struct testimony)) == -1)
		broken("memfd_create: %s", errno_text(errno));
	if (pipe2(go, O_CLOEXEC) == -1 || pipe2(ready, O_CLOEXEC) == -1)
		broken("pipe2: %s", errno_text(errno));

	struct victim victim = {
		.by_tool = how->tool != NULL, .go = go[WRITE_END], .ready = ready[READ_END]
	};

	victim.page = mmap(
		NULL, sizeof(struct testimony), PROT_READ | PROT_WRITE, MAP_SHARED, page_fd, 0);
	if (victim.page == MAP_FAILED)
		broken("mmap: %s", errno_text(errno));
	victim.page->run_as_uid = (uid_t)-1;
	victim.launched = victim.pid = fork_helper();
	if (victim.pid == 0) {
		close(go[WRITE_END]);
		become_victim(how, &victim, go[READ_END], page_fd, ready[WRITE_END]);
	}
	close(go[READ_END]);
	close(ready[WRITE_END]);
	close(page_fd);
	return victim;
}

static void victim_go(struct victim *victim)
{
	if (write(victim->go, "g", 1) != 1)
		broken("write to the go pipe: %s", errno_text(errno));
	close(victim->go);
}

static long victim_told(const struct victim *victim, const char *name)
{
	atomic_long *slot = testimony_find(victim->page, name);

	if (slot == NULL)
		broken("the victim has not told \"%s\"", name);
	return *slot;
}

/* Wait until it is set. */
static void victim_ready(struct victim *victim)
{
	char byte;

	waiting_for("the victim to be ready");
	if (read(victim->ready, &byte, sizeof(byte)) != sizeof(byte)) {
		struct stop stop = stop_wait(victim->launched);

		if (!victim->by_tool)
			broken("the victim: %s before it was ready", stop_text(stop));
		if (stop.kind == STOP_EXITED && stop.detail == NOT_INSTALLED)
			cannot("it is not installed");
		cannot("%s before the program had begun", stop_text(stop));
	}
	waiting_for(NULL);
	close(victim->ready);
	victim->pid = (pid_t)victim_told(victim, "pid");
}

/* Started, nobody's tracee, and waiting. */
static struct victim victim_start(const struct launch *how)
{
	struct victim victim = victim_prepare(how);

	victim_go(&victim);
	victim_ready(&victim);

	const atomic_long *error = testimony_find(victim.page, "cannot");

	if (error != NULL && *error)
		cannot("no PID namespace with a /proc of its own: %s", errno_text((int)*error));
	proc_wait_blocked(victim.pid, SYS_epoll_wait);
	return victim;
}

static struct victim victim_plain(void)
{
	return victim_start(&(struct launch){ 0 });
}

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)) != NULL; at += length)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

/* Have the victim look at these alone, words with a space between them. Before it is woken. */
static void victim_only(const struct victim *victim, const char *artifacts)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!has_word(artifacts, rows[i].artifact))
			*testimony_find(victim->page, rows[i].artifact) = NOT_WANTED;
}

/* End the victim's wait, through the pipe that it reads from. */
static void victim_wake(const struct victim *victim)
{
	int pipe_end = open(text("/proc/%d/fd/%ld", victim->pid, victim_told(victim, "wake-fd")),
		O_WRONLY | O_CLOEXEC);

	if (pipe_end == -1 || write(pipe_end, "w", 1) != 1)
		broken("the victim's pipe: %s", errno_text(errno));
	close(pipe_end);
}

/* Wait for the end of a victim, or a tool, that nobody here traces. */
static void await_end(pid_t pid)
{
	struct stop stop;

	do {
		stop = stop_wait(pid);
	} while (stop.kind != STOP_EXITED && stop.kind != STOP_KILLED);
}

static struct testimony *woken(const struct victim *victim)
{
	victim_wake(victim);
	await_end(victim->launched);
	return victim->page;
}

/* --- a tracer in a dozen lines ------------------------------------------------------------------ */

/* What a tracer does at each stop. */
struct manners {
	enum __ptrace_request resume;
	bool swallow;            /* takes every SIGTRAP for its own */
	bool listen;             /* leaves a group-stop to SIGCONT */
	unsigned long int3_at;   /* its breakpoint */
	unsigned char displaced; /* what stood there */
};

static unsigned char replace_byte(pid_t pid, unsigned long address, unsigned char byte)
{
	unsigned long word = (unsigned long)xpeek(PTRACE_PEEKTEXT, pid, address);

	xptrace(PTRACE_POKETEXT, pid, address, (word & ~0xffUL) | byte);
	return (unsigned char)word;
}

/* Whether a SIGTRAP is what the tracer itself has brought about, by si_code. */
static bool is_own_trap(const struct manners *manners, const siginfo_t *info)
{
	if (info->si_code == TRAP_HWBKPT)
		return true;
	return manners->resume == PTRACE_SINGLESTEP && info->si_code > 0 &&
	       info->si_code != SI_KERNEL;
}

static void pass_breakpoint(const struct manners *manners, pid_t pid)
{
	struct user_regs_struct regs = xgetregs(pid);

	regs.rip = manners->int3_at;
	xsetregs(pid, &regs);
	replace_byte(pid, manners->int3_at, manners->displaced);
	xresume(PTRACE_SINGLESTEP, pid, 0);
	replace_byte(pid, manners->int3_at, INT3);
}

/* The signal to pass on at a signal-delivery-stop; 0: none. */
static int signal_to_pass(const struct manners *manners, struct stop stop)
{
	if (stop.detail != SIGTRAP)
		return stop.detail;
	if (xgetregs(stop.tid).rip == manners->int3_at + 1) {
		pass_breakpoint(manners, stop.tid);
		return 0;
	}

	siginfo_t info = xgetsiginfo(stop.tid);

	return manners->swallow || is_own_trap(manners, &info) ? 0 : SIGTRAP;
}

/* A step does not change text, nor what maps and smaps tell, and they are most of the work: while
 * the victim reads them, a stepper stops it at system calls instead. */
static bool reads_in_bulk(const struct testimony *page)
{
	static const char *const bulk[] = { "text-read", "text-mapped", "r-brk", "text-anonymous",
		"uprobes-area", "foreign-maps" };

	for (const char *const *what = bulk; what < bulk + COUNT(bulk); what++) {
		const atomic_long *slot = testimony_find((struct testimony *)page, *what);

		if (slot != NULL && *slot == LOOKING)
			return true;
	}
	return false;
}

/* From a stop until the tracee has ended. */
static struct testimony *trace_from(
	const struct victim *victim, const struct manners *manners, struct stop stop)
{
	while (stop.kind != STOP_EXITED && stop.kind != STOP_KILLED) {
		enum __ptrace_request request = manners->resume;
		int sig = stop.kind == STOP_SIGNAL ? signal_to_pass(manners, stop) : 0;

		if (stop.kind == STOP_GROUP && manners->listen)
			request = PTRACE_LISTEN;
		else if (request == PTRACE_SINGLESTEP && reads_in_bulk(victim->page))
			request = PTRACE_SYSCALL;
		stop = xresume(request, victim->pid, sig);
	}
	return victim->page;
}

static void ask_to_be_traced(struct testimony *page)
{
	(void)page;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) == -1)
		_exit(LAB_BROKEN);
}

/* A victim that asked to be traced, at its execve(). */
static struct victim at_exec(void)
{
	struct victim victim = victim_prepare(&(struct launch){ .first = ask_to_be_traced });

	victim_go(&victim);
	if (stop_wait(victim.pid).kind != STOP_SIGNAL)
		broken("no trap at execve()");
	return victim;
}

/* The same, stopped as it enters its wait: which a stop from outside would interrupt. */
static struct victim at_wait(void)
{
	struct victim victim = at_exec();
	struct stop stop;

	do {
		stop = xresume(PTRACE_SYSCALL, victim.pid, 0);
	} while (stop.kind != STOP_SYSCALL || xgetregs(victim.pid).orig_rax != SYS_epoll_wait);
	victim_ready(&victim);
	return victim;
}

/* --- the techniques that need nothing ----------------------------------------------------------- */

static struct testimony *untraced(void)
{
	struct victim victim = victim_plain();

	return woken(&victim);
}

static struct testimony *traceme_with(const struct manners *manners)
{
	struct victim victim = at_exec();

	xptrace(PTRACE_CONT, victim.pid, 0L, 0L);
	victim_ready(&victim);
	victim_wake(&victim);
	return trace_from(&victim, manners, stop_wait(victim.pid));
}

static struct testimony *traceme(void)
{
	return traceme_with(&(struct manners){ .resume = PTRACE_CONT });
}

static struct testimony *swallow(void)
{
	return traceme_with(&(struct manners){ .resume = PTRACE_CONT, .swallow = true });
}

static struct testimony *attach(void)
{
	struct victim victim = victim_plain();

	xptrace(PTRACE_ATTACH, victim.pid, 0L, 0L);
	stop_wait(victim.pid);
	xptrace(PTRACE_CONT, victim.pid, 0L, 0L);
	victim_wake(&victim);
	return trace_from(
		&victim, &(struct manners){ .resume = PTRACE_CONT }, stop_wait(victim.pid));
}

/* Never stopped by its tracer, which passes on what the victim does to itself. */
static struct testimony *seize_with(const struct manners *manners, const char *only)
{
	struct victim victim = victim_plain();

	if (only != NULL)
		victim_only(&victim, only);
	xptrace(PTRACE_SEIZE, victim.pid, 0L, 0L);
	victim_wake(&victim);
	return trace_from(&victim, manners, stop_wait(victim.pid));
}

static struct testimony *seize(void)
{
	return seize_with(&(struct manners){ .resume = PTRACE_CONT, .listen = true }, NULL);
}

static struct testimony *resume_by(enum __ptrace_request request)
{
	struct victim victim = at_wait();

	victim_wake(&victim);
	return trace_from(
		&victim, &(struct manners){ .resume = request }, xresume(request, victim.pid, 0));
}

static struct testimony *syscalls(void)
{
	return resume_by(PTRACE_SYSCALL);
}

/* On one CPU, the victim's too: a stop costs what its wake-up costs, and there are 100,000. */
static struct testimony *step(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(getpid(), sizeof(one), &one);
	return resume_by(PTRACE_SINGLESTEP);
}

static struct testimony *int3_set(void)
{
	struct victim victim = at_wait();
	struct manners manners = { .resume = PTRACE_CONT };

	manners.int3_at = (unsigned long)victim_told(&victim, "watched");
	manners.displaced = replace_byte(victim.pid, manners.int3_at, INT3);
	victim_wake(&victim);
	return trace_from(&victim, &manners, xresume(PTRACE_CONT, victim.pid, 0));
}

/* A tracer that came, set a breakpoint, took it away and left, before anything was looked at. */
static struct testimony *int3_gone(void)
{
	struct victim victim = victim_plain();
	unsigned long watched = (unsigned long)victim_told(&victim, "watched");

	xptrace(PTRACE_SEIZE, victim.pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, victim.pid, 0L, 0L);
	stop_wait(victim.pid);
	replace_byte(victim.pid, watched, replace_byte(victim.pid, watched, INT3));
	xptrace(PTRACE_DETACH, victim.pid, 0L, 0L);
	return woken(&victim);
}

static struct testimony *debug_register(void)
{
	struct victim victim = at_wait();
	struct watch watch = { .address = (unsigned long)victim_told(&victim, "watched"),
		.kind = WATCH_EXECUTE,
		.length = 1,
		.enabled = true };
	static uint64_t dr7; /* no other slot is in use */

	watch_encode(&dr7, 0, &watch);
	if (ptrace(PTRACE_POKEUSER, victim.pid, DEBUG_REGISTER(0), watch.address) == -1 ||
		ptrace(PTRACE_POKEUSER, victim.pid, DEBUG_REGISTER(7), dr7) == -1)
		cannot("the kernel gives no debug register: %s", errno_text(errno));
	victim_wake(&victim);
	return trace_from(&victim, &(struct manners){ .resume = PTRACE_CONT },
		xresume(PTRACE_CONT, victim.pid, 0));
}

/* Have one system call answered by `action`. Returns as seccomp(2): with a supervisor, its listener. */
static int filter_call(unsigned number, unsigned action)
{
	const unsigned long listens = action == SECCOMP_RET_USER_NOTIF;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = COUNT(code), .filter = code };
	int result = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	if (result == 0)
		result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			listens * SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (result == -1)
		_exit(LAB_BROKEN);
	return result;
}

/* getpgid() is called by nothing in the victim: what shows is the filter, not its use. */
static void filter_to_tracer(struct testimony *page)
{
	(void)page;
	filter_call(SYS_getpgid, SECCOMP_RET_TRACE);
}

static struct testimony *ret_trace(void)
{
	struct victim victim = victim_prepare(&(struct launch){ .first = filter_to_tracer });

	xptrace(PTRACE_SEIZE, victim.pid, 0L, PTRACE_O_TRACESECCOMP);
	victim_go(&victim);
	victim_ready(&victim);
	proc_wait_blocked(victim.pid, SYS_epoll_wait);
	victim_wake(&victim);
	return trace_from(
		&victim, &(struct manners){ .resume = PTRACE_CONT }, stop_wait(victim.pid));
}

/* The supervisor fetches the descriptor; it is told as one more, so that 0 is none. */
static void filter_to_supervisor(struct testimony *page)
{
	atomic_long *slot = testimony_slot(page, "listener");

	*slot = filter_call(SYS_getppid, SECCOMP_RET_USER_NOTIF) + 1;
}

/* Let every call through until the victim has ended. (That the listener hangs up is not enough: older
 * kernels do so only when the victim is reaped.) */
static void supervise(int listener, int pidfd)
{
	static const struct sched_param priority;
	struct pollfd calls[] = { { .fd = listener, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN } };

	/* On a single CPU it would take the caller's place as soon as it wakes up, and have answered
	 * before the caller comes to wait. Batch tasks preempt nobody (check_preempt_wakeup()). */
	sched_setscheduler(getpid(), SCHED_BATCH, &priority);
	while (ppoll(calls, COUNT(calls), NULL, NULL) != -1 && calls[1].revents == 0) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

		if (calls[0].revents == 0 || ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == -1)
			continue;
		answer.id = call.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

static struct testimony *notify(void)
{
	struct victim victim = victim_prepare(&(struct launch){ .first = filter_to_supervisor });
	atomic_long *slot;

	waiting_for("the filter of the victim");
	while ((slot = testimony_find(victim.page, "listener")) == NULL || !*slot)
		if (proc_state(victim.pid) == 'Z')
			cannot("seccomp has no user notification here");

	int pidfd = pidfd_open(victim.pid, 0);
	int listener = pidfd_getfd(pidfd, (int)*slot - 1, 0);

	if (listener == -1)
		broken("pidfd_getfd: %s", errno_text(errno));
	victim_go(&victim);
	victim_ready(&victim);
	victim_wake(&victim); /* before its wait: on the way there it calls getppid() already */
	supervise(listener, pidfd);
	await_end(victim.pid);
	return victim.page;
}

/* --- the techniques of the kernel's own tracing ------------------------------------------------- */

/* All of them through perf_event_open(2): what is set ends with its descriptor, however this
 * process ends. tracefs would keep it. */
static int perf_must(struct perf_event_attr *attr, pid_t pid)
{
	attr->size = sizeof(*attr);

	int fd = (int)syscall(SYS_perf_event_open, attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd == -1)
		cannot("perf_event_open: %s: it needs CAP_PERFMON, or perf_event_paranoid lower",
			errno_text(errno));
	return fd;
}

/* A number that the kernel keeps in a file; -1 if it cannot be read. */
static int number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	char digits[32];

	if (file == NULL)
		return -1;

	int value = fgets(digits, sizeof(digits), file) != NULL ? atoi(digits) : -1;

	fclose(file);
	return value;
}

static struct testimony *perf_breakpoint(void)
{
	struct victim victim = victim_plain();
	struct perf_event_attr attr = { .type = PERF_TYPE_BREAKPOINT,
		.bp_type = HW_BREAKPOINT_X,
		.bp_addr = (unsigned long)victim_told(&victim, "watched"),
		.bp_len = sizeof(long),
		.exclude_kernel = true };

	perf_must(&attr, victim.pid);
	return woken(&victim);
}

/* Where in its file the victim's function stands. */
static uint64_t file_offset(const struct victim *victim)
{
	uint64_t watched = (uint64_t)victim_told(victim, "watched"), offset;
	struct maps maps;

	if (maps_read(victim->pid, &maps) == -1)
		broken("the victim's maps: %s", errno_text(errno));

	const struct mapping *mapping = maps_find(&maps, watched);

	if (mapping == NULL)
		broken("the victim's maps do not hold its function");
	offset = watched - mapping->start + mapping->offset;
	maps_free(&maps);
	return offset;
}

/* A uprobe in the victim's function, or on its return. Returns its descriptor. */
static int set_uprobe(const struct victim *victim, bool on_return)
{
	int type = number_in("/sys/bus/event_source/devices/uprobe/type");
	struct perf_event_attr attr = { .type = (unsigned)type,
		.config = on_return,
		.config1 = (uintptr_t)tracee_path(),
		.config2 = file_offset(victim) };

	if (type == -1)
		cannot("this kernel has no uprobes, or no /sys to tell");
	return perf_must(&attr, victim->pid);
}

static struct testimony *uprobe(void)
{
	struct victim victim = victim_plain();

	set_uprobe(&victim, false);
	return woken(&victim);
}

static struct testimony *uretprobe(void)
{
	struct victim victim = victim_plain();

	set_uprobe(&victim, true);
	return woken(&victim);
}

/* One of the kernel's tracepoints, "raw_syscalls/sys_enter". */
static int set_tracepoint(const char *name, pid_t pid)
{
	int id = number_in(text("/sys/kernel/tracing/events/%s/id", name));
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .config = (unsigned)id };

	if (id == -1)
		cannot("tracefs does not show %s: it is root's, or not mounted at "
		       "/sys/kernel/tracing",
			name);
	return perf_must(&attr, pid);
}

static struct testimony *tracepoint(void)
{
	struct victim victim = victim_plain();

	set_tracepoint("raw_syscalls/sys_enter", victim.pid);
	set_tracepoint("raw_syscalls/sys_exit", victim.pid);
	return woken(&victim);
}

/* --- the techniques of installed tools ---------------------------------------------------------- */

/* A tool that starts the victim. */
static struct testimony *under_tool(const char *const *tool)
{
	struct victim victim = victim_start(&(struct launch){ .tool = tool });

	return woken(&victim);
}

/* A tool that is started beside the victim; `first` NULL, or what its process does first. */
static pid_t start_tool(const char *const *words, void (*first)(void))
{
	pid_t tool = fork_helper();

	if (tool == 0) {
		be_quiet();
		if (first != NULL)
			first();
		execute(words);
	}
	return tool;
}

/* Such a tool ends when the victim has, and removes its own files then. */
static struct testimony *woken_beside(const struct victim *victim, pid_t tool)
{
	struct testimony *page = woken(victim);

	await_end(tool);
	return page;
}

static void tool_lives(pid_t tool)
{
	struct stop stop = stop_poll(tool);

	if (stop.kind == STOP_EXITED && stop.detail == NOT_INSTALLED)
		cannot("it is not installed");
	if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED)
		cannot("%s before it had attached; it may need root", stop_text(stop));
}

/* gdb says "continue" after each stop; there are about a dozen. */
#define ON "-ex", "continue"
#define FOUR_ON ON, ON, ON, ON
#define ON_AND_ON FOUR_ON, FOUR_ON, FOUR_ON, FOUR_ON, FOUR_ON, FOUR_ON, FOUR_ON, FOUR_ON

static struct testimony *gdb_run(void)
{
	return under_tool((const char *const[]){
		"gdb", "-nx", "-batch", "-ex", "run", ON_AND_ON, "--args", NULL });
}

static struct testimony *gdb_attach(void)
{
	struct victim victim = victim_plain();
	pid_t tool = start_tool((const char *const[]){ "gdb", "-nx", "-batch", ON_AND_ON, "-p",
					text("%d", victim.pid), NULL },
		NULL);

	while (proc_state(victim.pid) != 't')
		tool_lives(tool);
	return woken_beside(&victim, tool);
}

static struct testimony *strace(void)
{
	return under_tool((const char *const[]){ "strace", "-o", "/dev/null", NULL });
}

static struct testimony *strace_seccomp(void)
{
	return under_tool((const char *const[]){
		"strace", "-f", "--seccomp-bpf", "-e", "trace=openat", "-o", "/dev/null", NULL });
}

static struct testimony *ltrace(void)
{
	return under_tool((const char *const[]){ "ltrace", "-o", "/dev/null", NULL });
}

static struct testimony *valgrind(void)
{
	return under_tool((const char *const[]){
		"valgrind", "-q", "--vgdb=no", "--log-file=/dev/null", NULL });
}

/* perf copies the vdso to /tmp and leaves the copy if it is killed: so to one that goes with it. */
static void hide_tmp(void)
{
	if (unshare(CLONE_NEWNS) != -1 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != -1)
		mount("none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, NULL);
}

/* perf trace has set its events when it waits for them. */
static struct testimony *perf_trace(void)
{
	struct victim victim = victim_plain();
	pid_t tool = start_tool((const char *const[]){ "perf", "trace", "-o", "/dev/null", "-p",
					text("%d", victim.pid), NULL },
		hide_tmp);

	while (proc_state(tool) != 'S' || proc_syscall(tool) != SYS_poll)
		tool_lives(tool);
	return woken_beside(&victim, tool);
}

/* It has attached when the int3 of its uprobe stands in the victim's text. */
static struct testimony *bpftrace(void)
{
	struct victim victim = victim_plain();
	uint64_t watched = (uint64_t)victim_told(&victim, "watched");
	int mem = mem_open(victim.pid, O_RDONLY);
	pid_t tool = start_tool(
		(const char *const[]){ "bpftrace", "-p", text("%d", victim.pid), "-e",
			text("uprobe:%s:watched { @ = count(); }", tracee_path()), NULL },
		NULL);
	unsigned char byte;

	while (mem_read(mem, watched, &byte, 1) == 1 && byte != INT3)
		tool_lives(tool);
	return woken_beside(&victim, tool);
}

/* --- the table ---------------------------------------------------------------------------------- */

static const struct {
	const char *code, *name;
	struct testimony *(*apply)(void);
	double seconds; /* about so many, for the person who waits */
} techniques[TECHNIQUES] = {
	[UNTRACED] = { "no", "untraced", untraced, 0.1 },
	[TRACEME] = { "tm", "PTRACE_TRACEME", traceme, 0.1 },
	[SWALLOW] = { "tw", "the same, SIGTRAP swallowed", swallow, 0.1 },
	[ATTACH] = { "at", "PTRACE_ATTACH", attach, 0.1 },
	[SEIZE] = { "sz", "PTRACE_SEIZE, never stopped", seize, 0.4 },
	[SYSCALLS] = { "sy", "PTRACE_SYSCALL", syscalls, 0.3 },
	[STEP] = { "st", "PTRACE_SINGLESTEP", step, 4.0 },
	[INT3_SET] = { "sw", "a breakpoint, int3", int3_set, 0.1 },
	[INT3_GONE] = { "gh", "a breakpoint removed, and gone", int3_gone, 0.1 },
	[DEBUG_REG] = { "hw", "a breakpoint, debug register", debug_register, 0.1 },
	[RET_TRACE] = { "se", "SECCOMP_RET_TRACE", ret_trace, 0.1 },
	[NOTIFY] = { "un", "seccomp user notification", notify, 0.2 },
	[PERF_BREAK] = { "pb", "a breakpoint of perf", perf_breakpoint, 0.1 },
	[UPROBE] = { "u", "a uprobe", uprobe, 0.1 },
	[URETPROBE] = { "ur", "a uretprobe", uretprobe, 0.1 },
	[TRACEPOINT] = { "tp", "tracepoints of system calls", tracepoint, 0.1 },
	[GDB_RUN] = { "gr", "gdb run", gdb_run, 1.5 },
	[GDB_ATTACH] = { "gp", "gdb -p", gdb_attach, 1.5 },
	[STRACE] = { "s", "strace", strace, 0.6 },
	[STRACE_BPF] = { "sb", "strace -f --seccomp-bpf", strace_seccomp, 0.3 },
	[LTRACE] = { "l", "ltrace", ltrace, 1.5 },
	[VALGRIND] = { "v", "valgrind", valgrind, 1.5 },
	[PERF_TRACE] = { "pt", "perf trace -p", perf_trace, 1.0 },
	[BPFTRACE] = { "bt", "bpftrace, a uprobe", bpftrace, 1.0 },
};

/* In a container, a filter is over everything, the victim too: that there is one says nothing. */
static bool is_hidden_by_sandbox(const char *artifact)
{
	return proc_number(getpid(), "Seccomp") != 0 && strcmp(artifact, "seccomp-state") == 0;
}

/* The letter that is expected: what cannot be looked at untraced cannot be here either. */
static char expected_letter(size_t row, enum technique technique)
{
	if (columns[technique].state == ABSENT || letter(columns[UNTRACED].told[row]) == '-' ||
		is_hidden_by_sandbox(rows[row].artifact))
		return '-';
	return rows[row].cells[technique];
}

static bool is_soft(char cell)
{
	return cell == 'x' || cell == 'o';
}

static char seen_letter(size_t row, enum technique technique)
{
	if (columns[technique].state == ABSENT || is_hidden_by_sandbox(rows[row].artifact))
		return '-';
	return letter(columns[technique].told[row]);
}

static bool agrees(size_t row, enum technique technique)
{
	char expected = expected_letter(row, technique);

	return is_soft(expected) || expected == seen_letter(row, technique);
}

/* --- the table on a terminal -------------------------------------------------------------------- */

/* Only where a person sees both streams, and the table has room. */
static bool is_watched(void)
{
	struct winsize size;

	return !show_transcript && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) &&
	       ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > COUNT(rows) + 4 &&
	       size.ws_col >= 18 + 3 * TECHNIQUES;
}

static double seconds_left(enum technique now, int64_t since_ns)
{
	double estimated = 0, taken = 0, left = 0;

	for (enum technique t = 0; t < TECHNIQUES; t++) {
		if (columns[t].state != BLANK) {
			estimated += techniques[t].seconds;
			taken += (double)columns[t].took_ns / 1e9;
		} else {
			left += techniques[t].seconds;
		}
	}

	/* A slow machine shows itself in what is done; what runs now has run for a while. */
	double factor = estimated > 1 && taken > estimated ? taken / estimated : 1;
	double running = (double)(clock_now_ns() - since_ns) / 1e9;
	double of_now = techniques[now].seconds * factor;

	left = left * factor - (running < of_now ? running : of_now);
	return left > 1 ? left : 1;
}

/* Draw the table over the one drawn before. `now` TECHNIQUES: it is complete. */
static void draw(enum technique now, int64_t since_ns, bool again)
{
	if (again)
		fprintf(stderr, "\033[%zuA", COUNT(rows) + 2);
	fprintf(stderr, "\033[K%-18s", "");
	for (enum technique t = 0; t < TECHNIQUES; t++)
		fprintf(stderr, "%-3s", techniques[t].code);
	fputs("\n", stderr);
	for (size_t row = 0; row < COUNT(rows); row++) {
		fprintf(stderr, "\033[K%-18s", rows[row].artifact);
		for (enum technique t = 0; t < TECHNIQUES; t++) {
			char seen = (char)(columns[t].state == BLANK ? ' ' : seen_letter(row, t));
			bool differs = columns[t].state != BLANK && !agrees(row, t);

			fprintf(stderr, differs ? "\033[31m%c\033[0m  " : "%c  ", seen);
		}
		fputs("\n", stderr);
	}
	if (now == TECHNIQUES)
		fprintf(stderr, "\033[KX visible  . not  - cannot be looked at\n");
	else
		fprintf(stderr, "\033[Know: %s; about %.0f s left\n", techniques[now].name,
			seconds_left(now, since_ns));
}

/* --- measuring ---------------------------------------------------------------------------------- */

#define PATIENCE_NS INT64_C(400000000000)

static _Noreturn void measure_here(enum technique technique)
{
	measuring = &columns[technique];

	struct testimony *page = techniques[technique].apply();

	if (technique >= GDB_RUN && testimony_find(page, "done") == NULL)
		cannot("the program does not come to its end under it");
	for (size_t row = 0; row < COUNT(rows); row++) {
		atomic_long *slot = testimony_find(page, rows[row].artifact);

		measuring->told[row] = slot != NULL ? *slot : NOT_YET;
	}
	measuring->state = MEASURED;
	fflush(stdout);
	_exit(EXIT_SUCCESS);
}

/* Fill in a column, in a process of its own, which is the tracer: a tool that hangs is given up. */
static void measure(enum technique technique, bool watched)
{
	struct column *column = &columns[technique];
	int64_t start = clock_now_ns();

	if (column->state != BLANK)
		return;

	pid_t helper = fork_helper();

	if (helper == 0)
		measure_here(technique);

	struct pollfd ended[] = { { .fd = pidfd_open(helper, 0), .events = POLLIN } };

	waiting_for(techniques[technique].name);
	while (poll(ended, COUNT(ended), 250) == 0) {
		if (watched)
			draw(technique, start, true);
		if (clock_now_ns() - start > PATIENCE_NS)
			kill(helper, SIGKILL);
	}
	close(ended->fd);
	await_end(helper);
	waiting_for(NULL);
	if (column->state == BLANK) {
		if (technique < GDB_RUN)
			broken("%s came to no end", techniques[technique].name);
		column->state = ABSENT;
		snprintf(column->why, sizeof(column->why), "it came to no end");
	}
	column->took_ns = clock_now_ns() - start;
}

/* "tracerpid traceme", or "nothing": the artifacts that show, in the order of the table. */
static const char *visible_list(enum technique technique, bool expected)
{
	char list[1024] = "";
	size_t used = 0;

	for (size_t row = 0; row < COUNT(rows); row++) {
		char cell = expected_letter(row, technique);

		if (is_soft(cell))
			continue;
		if (!expected)
			cell = seen_letter(row, technique);
		if (cell == 'X')
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
				used ? " " : "", rows[row].artifact);
	}
	return used ? text("%s", list) : "nothing";
}

static double number_told(enum technique technique, const char *artifact)
{
	for (const struct row *row = rows; row < rows + COUNT(rows); row++)
		if (strcmp(row->artifact, artifact) == 0)
			return (double)number(columns[technique].told[row - rows]);
	broken("there is no artifact \"%s\"", artifact);
}

/* The figures behind the letters, for this run. */
static void note_figures(enum technique technique)
{
	note_live("%s: %.0f switches, getppid() %.1f, function %.1f, CPU %.0f %%, stopped in %.0f "
		  "of 200 samples; took %s",
		techniques[technique].code, number_told(technique, "switches"),
		number_told(technique, "syscall-time") / 100,
		number_told(technique, "call-time") / 100, number_told(technique, "cpu-share"),
		number_told(technique, "stops-sampled"), show_ns(columns[technique].took_ns));
}

/* What a person needs who sees the table and the machine disagree. */
static void explain_differences(enum technique technique)
{
	for (size_t row = 0; row < COUNT(rows); row++)
		if (columns[technique].state == MEASURED && !agrees(row, technique))
			note("DIFF %s, %s: expected %c, seen %c (value %ld; untraced %ld)",
				techniques[technique].name, rows[row].artifact,
				expected_letter(row, technique), seen_letter(row, technique),
				number(columns[technique].told[row]),
				number(columns[UNTRACED].told[row]));
}

/* --- experiments: the matrix -------------------------------------------------------------------- */

/*
 * Which artifact shows which technique? Predicted: as the table says, which was measured before.
 * The kernel's bookkeeping shows every tracer; a stop shows in time and in voluntary switches; what
 * a tracer writes shows in memory; what it does with signals shows only if it is careless.
 */
static void matrix(void)
{
	bool watched = is_watched();

	if (watched)
		draw(UNTRACED, clock_now_ns(), false);
	for (enum technique t = 0; t < (watched ? TECHNIQUES : OWN); t++)
		measure(t, watched);
	if (watched)
		draw(TECHNIQUES, 0, true);

	bool complete = true;

	for (enum technique t = 0; t < OWN; t++) {
		note("%s  %s%s", techniques[t].code, techniques[t].name,
			columns[t].state == ABSENT ? text(": %s", columns[t].why) : "");
		if (columns[t].state == MEASURED)
			note_figures(t);
		else
			complete = false;
		explain_differences(t);
	}
	note("%-18s no tm tw at sz sy st sw gh hw se un", "");
	for (size_t row = 0; row < COUNT(rows); row++) {
		const char *expected = "", *seen = "", *gap = "";

		for (enum technique t = 0; t < OWN; t++, gap = "  ") {
			char cell = expected_letter(row, t);

			expected = text("%s%s%c", expected, gap, is_soft(cell) ? '~' : cell);
			seen = text("%s%s%c", seen, gap, is_soft(cell) ? '~' : seen_letter(row, t));
		}
		expect_str(expected, seen, "%-17s", rows[row].artifact);
		if (seen_letter(row, UNTRACED) == '-')
			complete = false;
	}
	this_case(complete ? "complete" : "incomplete");
}

/*
 * A technique that needs a privilege, or a tool: skipped by name where it cannot be had. Predicted:
 * its column of the table.
 */
static void one_column(enum technique technique)
{
	measure(UNTRACED, false);
	measure(technique, false);
	if (columns[technique].state == ABSENT)
		skip("%s: %s", techniques[technique].name, columns[technique].why);
	explain_differences(technique);
	expect_str(visible_list(UNTRACED, true), visible_list(UNTRACED, false), "visible untraced");
	expect_str(visible_list(technique, true), visible_list(technique, false),
		"visible under %s", techniques[technique].name);
	note_figures(technique);
}

#define COLUMN(name, technique)                                                                    \
	static void name(void)                                                                     \
	{                                                                                          \
		one_column(technique);                                                             \
	}

COLUMN(by_perf_breakpoint, PERF_BREAK)
COLUMN(by_uprobe, UPROBE)
COLUMN(by_uretprobe, URETPROBE)
COLUMN(by_tracepoint, TRACEPOINT)
COLUMN(by_gdb_run, GDB_RUN)
COLUMN(by_gdb_attach, GDB_ATTACH)
COLUMN(by_strace, STRACE)
COLUMN(by_strace_seccomp, STRACE_BPF)
COLUMN(by_ltrace, LTRACE)
COLUMN(by_valgrind, VALGRIND)
COLUMN(by_perf_trace, PERF_TRACE)
COLUMN(by_bpftrace, BPFTRACE)

/* --- experiments: what a tracer can help, and what it cannot ------------------------------------ */

/* The artifacts that a victim found, "tracerpid traceme", or "nothing"; without the two that are not
 * judged under a tracer either. */
static const char *found_by(const struct testimony *page)
{
	char list[1024] = "";
	size_t used = 0;

	for (const struct row *row = rows; row < rows + COUNT(rows); row++) {
		const atomic_long *slot = testimony_find((struct testimony *)page, row->artifact);

		if (!is_soft(row->cells[SEIZE]) && slot != NULL && letter(*slot) == 'X' &&
			!is_hidden_by_sandbox(row->artifact))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
				used ? " " : "", row->artifact);
	}
	return used ? text("%s", list) : "nothing";
}

/*
 * What of it is ptrace, and what the tracer's manners? Predicted: a trap that is the program's own
 * shows only if the tracer does not pass it on, and a group-stop only if the tracer ends it, which
 * PTRACE_LISTEN avoids (ptrace(2), "Group-stop").
 */
static void careless_or_careful(void)
{
	static const struct {
		const char *who;
		struct manners manners;
		const char *visible;
	} tracers[] = {
		{ "swallows traps, continues group-stops",
			{ .resume = PTRACE_CONT, .swallow = true },
			"int3 raise-sigtrap popf-tf long-int3 group-stop" },
		{ "swallows traps, listens",
			{ .resume = PTRACE_CONT, .swallow = true, .listen = true },
			"int3 raise-sigtrap popf-tf long-int3" },
		{ "passes traps on, continues group-stops", { .resume = PTRACE_CONT },
			"group-stop" },
		{ "passes traps on, listens", { .resume = PTRACE_CONT, .listen = true },
			"nothing" },
	};

	for (size_t i = 0; i < COUNT(tracers); i++)
		expect_str(tracers[i].visible,
			found_by(seize_with(&tracers[i].manners,
				"int3 raise-sigtrap popf-tf long-int3 flags-tf group-stop")),
			"a tracer that %s: visible", tracers[i].who);
}

/* SEIZE by a process that then ends: the kernel detaches, and nothing was ever stopped. */
static void seize_and_end(pid_t pid)
{
	pid_t tracer = fork_helper();

	if (tracer == 0) {
		xptrace(PTRACE_SEIZE, pid, 0L, 0L);
		_exit(EXIT_SUCCESS);
	}
	await_end(tracer);
}

static void seize_interrupt_detach(pid_t pid)
{
	xptrace(PTRACE_SEIZE, pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, pid, 0L, 0L);
	stop_wait(pid);
	xptrace(PTRACE_DETACH, pid, 0L, 0L);
}

/*
 * What is left when the tracer has gone? Predicted: nothing of a SEIZE alone. A stop has ended a
 * wait with EINTR, which the program has seen. A breakpoint that was taken away leaves the text as
 * it was, on a page that is no longer the file's.
 */
static void what_remains(void)
{
	struct victim victim = victim_plain();

	seize_and_end(victim.pid);
	expect_str("nothing", found_by(woken(&victim)), "SEIZE, never stopped: visible afterwards");
	victim = victim_plain();
	seize_interrupt_detach(victim.pid);
	expect_str("eintr", found_by(woken(&victim)), "a stop: visible afterwards");

	const struct testimony *page = int3_gone();

	expect_str(
		"text-anonymous eintr", found_by(page), "a breakpoint removed: visible afterwards");
	expect_eq(0, number(*testimony_find((struct testimony *)page, "text-read")),
		"a breakpoint removed: bytes that differ from the file");
}

/*
 * And of a uprobe that was taken away? Predicted: the same page. The kernel writes the byte back
 * into its copy of the page (uprobe_write_opcode()).
 */
static void uprobe_remains(void)
{
	struct victim victim = victim_plain();
	int uprobe_fd = set_uprobe(&victim, false);

	close(uprobe_fd);

	const struct testimony *page = woken(&victim);
	bool stays = has_word(found_by(page), "text-anonymous");

	this_case(stays ? "copy" : "file");
	expect_str(stays ? "text-anonymous" : "nothing", found_by(page), "visible afterwards");
}

/*
 * What does somebody beside a sleeping process see of a stop that is over? Predicted: the number of
 * the call that it sleeps in. nanosleep() was restarted as restart_syscall(), for the time that was
 * left (signal(7), do_nanosleep(), ERESTART_RESTARTBLOCK).
 */
static void restarted_call(void)
{
	struct tracee tracee = tracee_start("asleep");

	proc_wait_blocked(tracee.pid, SYS_nanosleep);
	seize_and_end(tracee.pid);
	proc_wait_state(tracee.pid, "S");
	expect_str("nanosleep", syscall_name(proc_syscall(tracee.pid)),
		"after SEIZE, never stopped: it sleeps in");
	seize_interrupt_detach(tracee.pid);
	proc_wait_state(tracee.pid, "S");
	expect_str("restart_syscall", syscall_name(proc_syscall(tracee.pid)),
		"after a stop: it sleeps in");
}

static pid_t tracer_of(pid_t pid, pid_t tid)
{
	char status[8192];

	if (proc_read(pid, text("task/%d/status", tid), status, sizeof(status)) == -1)
		broken("status of thread %d: %s", tid, errno_text(errno));
	return atoi(status_field(status, "TracerPid"));
}

/*
 * Whose tracer is TracerPid? Predicted: one thread's. /proc/self/status is the leader's, whoever
 * reads it: a thread that wants to know of itself reads /proc/thread-self (proc(5)).
 */
static void per_thread(void)
{
	for (int leader = 1; leader >= 0; leader--) {
		struct tracee tracee = tracee_start("two-threads");
		pid_t second = (pid_t)told(&tracee, "tid");
		const char *which = leader ? "the leader" : "the second thread";

		xptrace(PTRACE_SEIZE, leader ? tracee.pid : second, 0L, 0L);
		wait_told(&tracee, "rounds", told(&tracee, "rounds") + 2);
		expect_pid(leader ? getpid() : 0, tracer_of(tracee.pid, tracee.pid),
			"%s is traced: TracerPid of the leader", which);
		expect_pid(leader ? 0 : getpid(), tracer_of(tracee.pid, second),
			"%s is traced: TracerPid of the second thread", which);
		expect_pid(leader ? getpid() : 0, (pid_t)told(&tracee, "self"),
			"%s is traced: the second thread reads in /proc/self", which);
		expect_pid(leader ? 0 : getpid(), (pid_t)told(&tracee, "thread-self"),
			"%s is traced: the second thread reads in /proc/thread-self", which);
	}
}

/*
 * Is TracerPid enough? Predicted: not in a PID namespace, where a tracer outside has no number
 * (task_state(): task_pid_nr_ns()). The link itself is there: nobody else may attach.
 */
static void pid_namespace(void)
{
	const struct launch inside = { .scene = "pid-namespace" };

	for (int traced = 0; traced <= 1; traced++) {
		struct victim victim = victim_start(&inside);
		const struct testimony *page = victim.page;

		victim_only(&victim, "tracerpid child-seize traceme flags-tf eintr");
		if (traced) {
			xptrace(PTRACE_SEIZE, victim.pid, 0L, 0L);
			expect_pid(getpid(), (pid_t)proc_number(victim.pid, "TracerPid"),
				"TracerPid read outside");
			victim_wake(&victim);
			trace_from(&victim, &(struct manners){ .resume = PTRACE_CONT },
				stop_wait(victim.pid));
		} else {
			woken(&victim);
		}
		expect_str(traced ? "child-seize traceme" : "nothing", found_by(page),
			"%s: visible inside", traced ? "traced from outside" : "untraced");
	}
}

/*
 * Does it matter how text is compared with its file? Predicted: for an int3 of ptrace no. For one
 * of a uprobe it does: it belongs to the file, and is set in every executable mapping of it, or
 * that could become one, the second one of the comparison too (valid_vma()); read(2) passes it by.
 */
static void two_ways_to_compare(void)
{
	struct victim victim = victim_plain();
	const struct testimony *of_ptrace = int3_set(), *of_uprobe;

	set_uprobe(&victim, false);
	of_uprobe = woken(&victim);
	for (int i = 0; i < 2; i++) {
		struct testimony *page = (struct testimony *)(i ? of_uprobe : of_ptrace);
		const char *whose = i ? "a uprobe" : "a breakpoint of ptrace";

		expect_eq(1, number(*testimony_find(page, "text-read")),
			"%s: bytes that differ from pread()", whose);
		expect_eq(!i, number(*testimony_find(page, "text-mapped")),
			"%s: bytes that differ from mmap()", whose);
	}
}

/* --- experiments: what else looks like it ------------------------------------------------------- */

/*
 * Do the timing artifacts show up where nobody traces? Predicted: never, at any load. A neighbour
 * takes the CPU away in the middle of one call of 31 and spares the median; and what it does is no
 * voluntary switch.
 */
static void false_positives(void)
{
	static const char *const timing[] = { "switches", "syscall-time", "call-time" };

	static const int neighbours[] = { 0, 2, 4 };
	int busy = 0;

	for (size_t n = 0; n < COUNT(neighbours); n++) {
		for (; busy < neighbours[n]; busy++)
			if (fork_helper() == 0)
				for (;;)
					;

		struct tracee tracee = tracee_start("trials");

		for (size_t i = 0; i < COUNT(timing); i++)
			expect_never(told(&tracee, timing[i]), 1000,
				"%s, %d busy processes: visible", timing[i], busy);
	}
}

static bool is_installed(const char *program)
{
	if (access(text("/usr/bin/%s", program), X_OK) != -1)
		return true;
	return access(text("/bin/%s", program), X_OK) == 0;
}

/* Whether a program has no loader, which would preload what the environment says. */
static bool is_static(const char *path)
{
	struct elf elf;
	Elf64_Phdr interpreter;

	if (elf_open(&elf, path) != NULL)
		broken("%s is no ELF file", path);

	bool is = !elf_segment_of_type(&elf, PT_INTERP, &interpreter);

	elf_close(&elf);
	return is;
}

static void deny_ptrace(struct testimony *page)
{
	(void)page;
	filter_call(SYS_ptrace, SECCOMP_RET_ERRNO | EPERM);
}

/* A copy of the tracee's program that has no name: the path of its descriptor, which the experiment
 * keeps. */
static const char *nameless_copy(void)
{
	static char path[64];
	struct stat status;
	int from = open(tracee_path(), O_RDONLY | O_CLOEXEC);
	int to = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);

	if (from == -1 || to == -1 || fstat(from, &status) == -1)
		return NULL;
	if (sendfile(to, from, NULL, (size_t)status.st_size) != status.st_size)
		return NULL;

	/* Nobody may have a program open for writing that is executed (ETXTBSY). */
	int copy = open(text("/proc/self/fd/%d", to), O_RDONLY | O_CLOEXEC);

	close(from);
	close(to);
	if (copy == -1)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", copy);
	return path;
}

static const struct testimony *stopped_and_continued(void)
{
	struct victim victim = victim_plain();

	kill(victim.pid, SIGSTOP);
	proc_wait_state(victim.pid, "T");
	kill(victim.pid, SIGCONT);
	return woken(&victim);
}

/*
 * What fools whom? Predicted: what tells of a launcher is fooled by any launcher; what asks the
 * kernel for a second tracer, by whoever denies tracing; EINTR by job control; and PID 1 is spared
 * SIGSTOP by the kernel. Nobody else is fooled.
 */
static void benign_contexts(void)
{
	const struct {
		const char *what, *visible;
		struct launch launch;
		bool stops_too; /* the launcher itself, when its program does */
	} contexts[] = {
		{ "nohup", "nothing", { .tool = (const char *const[]){ "nohup", NULL } } },
		{ "make", "nothing",
			{ .tool = (const char *const[]){ "make", "-s", "-f", "/dev/null", "all",
				  "--eval", NULL },
				.joined = "all: ; " } },
		{ "script", "nothing",
			{ .tool = (const char *const[]){ "script", "-qe", "/dev/null", "-c", NULL },
				.joined = "exec " },
			.stops_too = true },
		{ "setarch", "personality",
			{ .tool = (const char *const[]){ "setarch", "x86_64", "-R", NULL } } },
		{ "stdbuf", is_static(tracee_path()) ? "environment" : "environment foreign-maps",
			{ .tool = (const char *const[]){ "stdbuf", "-oL", NULL } } },
	};
	static const struct launch denied = { .first = deny_ptrace },
				   first_process = { .scene = "pid-namespace" };
	struct launch unnamed = { .path = nameless_copy() };
	struct victim victim;

	for (size_t i = 0; i < COUNT(contexts); i++) {
		if (!is_installed(contexts[i].what))
			cannot("%s is not installed", contexts[i].what);
		victim = victim_start(&contexts[i].launch);
		if (contexts[i].stops_too)
			*testimony_find(victim.page, "group-stop") = NOT_WANTED;
		expect_str(contexts[i].visible, found_by(woken(&victim)), "%s: visible",
			contexts[i].what);
	}
	victim = victim_start(&denied);
	expect_str(is_hidden_by_sandbox("seccomp-state") ? "child-seize traceme"
							 : "child-seize traceme seccomp-state",
		found_by(woken(&victim)), "seccomp denies ptrace(): visible");
	expect_str("eintr", found_by(stopped_and_continued()), "SIGSTOP and SIGCONT: visible");
	if (unnamed.path == NULL)
		cannot("/tmp takes no program without a name: %s", errno_text(errno));
	victim = victim_start(&unnamed);
	expect_str("nothing", found_by(woken(&victim)), "the program's file deleted: visible");
	victim = victim_start(&first_process);
	expect_str("group-stop", found_by(woken(&victim)), "PID 1 of a PID namespace: visible");
}

/* --- experiments: the third party --------------------------------------------------------------- */

/* Have another process of this experiment look, as nobody. */
static void as_nobody(void (*look)(pid_t, pid_t), pid_t tracee, pid_t tracer)
{
	if (!may_become(UNPRIVILEGED, UNPRIVILEGED))
		skip("to become nobody it needs CAP_SETUID and CAP_SETGID");

	pid_t helper = fork_helper();

	if (helper == 0) {
		become(UNPRIVILEGED, UNPRIVILEGED);
		look(tracee, tracer);
		fflush(stdout);
		_exit(EXIT_SUCCESS);
	}
	await_end(helper);
}

static void look_at_files(pid_t tracee, pid_t tracer)
{
	static const struct {
		const char *file;
		int error;
	} files[] = { { "status", 0 }, { "stat", 0 }, { "comm", 0 }, { "syscall", EACCES },
		{ "maps", EACCES }, { "environ", EACCES }, { "stack", EACCES }, { "mem", EACCES } };
	char content[8192];
	pid_t pids[4096];
	ssize_t count = proc_list("", pids, COUNT(pids));
	long found = 0;

	for (size_t i = 0; i < COUNT(files); i++)
		expect_errno(files[i].error,
			proc_read(tracee, files[i].file, content, sizeof(content)),
			"nobody reads /proc/<tracee>/%s", files[i].file);
	expect_pid(tracer, (pid_t)proc_number(tracee, "TracerPid"), "TracerPid");
	expect_str("S (sleeping)", proc_status(tracee, "State"), "State");
	if (count > (ssize_t)COUNT(pids))
		count = COUNT(pids);
	for (const pid_t *pid = pids; pid < pids + count; pid++) {
		const char *value;

		if (proc_read(*pid, "status", content, sizeof(content)) != -1 &&
			(value = status_field(content, "TracerPid")) != NULL)
			found += *pid == tracee && atoi(value) == tracer;
	}
	expect_eq(1, found, "among the tracees of the whole machine, this one");
}

/*
 * What may anybody know of another user's tracee? Predicted: that it is traced and by whom, for
 * status is open to all; not what it does, for which the rights of a tracer are asked
 * (proc(5), ptrace_may_access()).
 */
static void status_is_public(void)
{
	struct tracee tracee = tracee_start("idle");

	proc_wait_blocked(tracee.pid, SYS_pause);
	xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
	as_nobody(look_at_files, tracee.pid, getpid());
}

/* A process that asks to be traced, and stays. */
static pid_t start_traceme(void)
{
	pid_t pid = fork_helper();

	if (pid == 0) {
		ask_to_be_traced(NULL);
		for (;;)
			pause();
	}
	proc_wait_blocked(pid, SYS_pause);
	return pid;
}

/* A message of the process connector: a header of netlink, one of the connector, and what it says. */
struct connector_message {
	struct nlmsghdr netlink;
	char connector[sizeof(struct cn_msg)]; /* a cn_msg ends in an array, and is no member */
	char body[256];
};

/* Let a socket take ptrace events and answers alone: a busy machine's forks and ends would fill its
 * buffer. The filter's words are in network order. */
static void filter_events(int fd)
{
	const unsigned what = offsetof(struct connector_message, body) +
			      (unsigned)offsetof(struct proc_event, what);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, what),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_PTRACE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_NONE), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = COUNT(code), .filter = code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == -1)
		broken("SO_ATTACH_FILTER: %s", errno_text(errno));
}

/*
 * Wait for the answer to a subscription. In a PID namespace of one's own there is none
 * (cn_proc_mcast_ctl()): but what others on this machine subscribed to is heard there, too, and so is
 * what they were answered.
 */
static void await_answer(int fd, uint32_t to)
{
	const int limit_ms = 2000;
	int64_t deadline = clock_now_ns() + limit_ms * INT64_C(1000000);
	struct pollfd answer[] = { { .fd = fd, .events = POLLIN } };
	struct connector_message message;
	struct cn_msg connector = { 0 };
	struct proc_event event = { .what = PROC_EVENT_PTRACE };

	while (event.what != PROC_EVENT_NONE || connector.ack != to + 1) {
		if (clock_now_ns() > deadline || !poll(answer, COUNT(answer), limit_ms))
			skip("the process connector does not answer in this namespace");
		if (recv(fd, &message, sizeof(message), 0) == -1)
			broken("the process connector: %s", errno_text(errno));
		memcpy(&connector, message.connector, sizeof(connector));
		memcpy(&event, message.body, sizeof(event));
	}
}

/* Subscribe to the ptrace events of the machine. */
static int connect_to_events(void)
{
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
	enum proc_cn_mcast_op op = PROC_CN_MCAST_LISTEN;
	struct cn_msg connector = { .id = { CN_IDX_PROC, CN_VAL_PROC },
		.ack = (uint32_t)clock_now_ns(), /* a number that no other subscriber uses */
		.len = sizeof(op) };
	struct connector_message listen = { .netlink = { .nlmsg_len = NLMSG_LENGTH(
								 sizeof(connector) + sizeof(op)),
						    .nlmsg_type = NLMSG_DONE } };

	memcpy(listen.connector, &connector, sizeof(connector));
	memcpy(listen.body, &op, sizeof(op));
	if (fd != -1)
		filter_events(fd);
	if (fd == -1 || bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
		write(fd, &listen, listen.netlink.nlmsg_len) == -1)
		skip("the process connector is refused: %s (CONFIG_PROC_EVENTS; CAP_NET_ADMIN in "
		     "older kernels)",
			errno_text(errno));
	await_answer(fd, connector.ack);
	return fd;
}

/* The next ptrace event of one of `count` processes. */
static struct ptrace_proc_event next_ptrace_event(int fd, const pid_t *pids, size_t count)
{
	struct connector_message message;
	struct proc_event event;

	waiting_for("a ptrace event of the process connector");
	for (;;) {
		if (recv(fd, &message, sizeof(message), 0) == -1)
			broken("the process connector: %s", errno_text(errno));
		memcpy(&event, message.body, sizeof(event));
		for (const pid_t *pid = pids; pid < pids + count; pid++)
			if (event.what == PROC_EVENT_PTRACE &&
				event.event_data.ptrace.process_pid == *pid) {
				waiting_for(NULL);
				return event.event_data.ptrace;
			}
	}
}

/*
 * What does the process connector tell? Predicted: who attached to whom, by ATTACH or SEIZE, and
 * that it is over; and nothing of PTRACE_TRACEME, where nobody attaches
 * (proc_ptrace_connector() stands in ptrace_attach() and ptrace_detach() alone).
 */
static void proc_connector(void)
{
	int fd = connect_to_events();
	pid_t asked = start_traceme();
	struct tracee attached = tracee_start("idle"), seized = tracee_start("idle");
	const pid_t pids[] = { asked, attached.pid, seized.pid };
	const struct {
		const char *what;
		pid_t process, tracer;
	} events[] = { { "ATTACH", attached.pid, getpid() }, { "SEIZE", seized.pid, getpid() },
		{ "DETACH", seized.pid, 0 } };

	role_pid("asked", asked);
	role_pid("attached", attached.pid);
	role_pid("seized", seized.pid);
	expect_pid(getpid(), (pid_t)proc_number(asked, "TracerPid"), "TracerPid after TRACEME");
	xptrace(PTRACE_ATTACH, attached.pid, 0L, 0L);
	stop_wait(attached.pid);
	seize_interrupt_detach(seized.pid);
	for (size_t i = 0; i < COUNT(events); i++) {
		struct ptrace_proc_event event = next_ptrace_event(fd, pids, COUNT(pids));

		expect_pid(events[i].process, event.process_pid, "event %zu, of %s: its process",
			i + 1, events[i].what);
		expect_pid(events[i].tracer, event.tracer_pid, "event %zu, of %s: its tracer",
			i + 1, events[i].what);
	}
}

/* A counter of what passes a tracepoint in the context of a process and matches a filter. */
static int count_at(const char *name, pid_t pid, const char *filter)
{
	int fd = set_tracepoint(name, pid);

	if (ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter) == -1)
		broken("filter \"%s\" of %s: %s", filter, name, errno_text(errno));
	return fd;
}

static long counted(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		broken("read of a counter: %s", errno_text(errno));
	return (long)count;
}

/*
 * And the kernel's tracepoints? Predicted: everything that the connector tells and TRACEME too, for
 * it is a system call; what the kernel does for it, the SIGSTOP of an ATTACH, which nobody sent
 * (SI_KERNEL); and each stop, as a switch from a task in state t. It needs root: tracefs is closed
 * to others, and so are the events. A signal's receiver is told by its pid in the first PID
 * namespace, which this process may not know: what it causes itself is counted, whomever it is for.
 */
static void tracepoints_tell(void)
{
	struct tracee tracee = tracee_start("idle");
	pid_t self = getpid(), asks;
	int go[2], status;
	int attaches = count_at("syscalls/sys_enter_ptrace", self,
		text("request == %d && pid == %d", PTRACE_ATTACH, tracee.pid));
	int detaches = count_at("syscalls/sys_enter_ptrace", self,
		text("request == %d && pid == %d", PTRACE_DETACH, tracee.pid));
	int any = count_at("syscalls/sys_enter_ptrace", self, text("pid == %d", tracee.pid));
	int stop = count_at("signal/signal_generate", self,
		text("sig == %d && code == %d", SIGSTOP, SI_KERNEL));
	int traced = count_at("sched/sched_switch", tracee.pid, "prev_state & 8");

	xptrace(PTRACE_ATTACH, tracee.pid, 0L, 0L);
	waitpid(tracee.pid, &status, __WALL);
	xptrace(PTRACE_DETACH, tracee.pid, 0L, 0L);
	expect_eq(1, counted(attaches), "sys_enter_ptrace: PTRACE_ATTACH of the tracee");
	expect_eq(1, counted(detaches), "sys_enter_ptrace: PTRACE_DETACH of the tracee");
	expect_eq(2, counted(any), "sys_enter_ptrace: any request for the tracee");
	expect_eq(1, counted(stop), "signal_generate: SIGSTOP by SI_KERNEL");
	expect_ge(1, counted(traced), "sched_switch: the tracee, in state t");
	if (pipe2(go, O_CLOEXEC) == -1)
		broken("pipe2: %s", errno_text(errno));
	asks = fork_helper();
	if (asks == 0) {
		char byte;

		if (read(go[READ_END], &byte, sizeof(byte)) == sizeof(byte))
			ask_to_be_traced(NULL);
		_exit(EXIT_SUCCESS);
	}

	int asked =
		count_at("syscalls/sys_enter_ptrace", asks, text("request == %d", PTRACE_TRACEME));

	if (write(go[WRITE_END], "g", 1) != 1)
		broken("write: %s", errno_text(errno));
	await_end(asks);
	expect_eq(1, counted(asked), "sys_enter_ptrace: PTRACE_TRACEME");
}

/* How many descriptors of a process are events of perf, and one of them. -1: it may not be seen. */
static int perf_descriptors(pid_t pid, int *one)
{
	static const char wanted[] = "anon_inode:[perf_event]";
	pid_t fds[256];
	ssize_t listed = proc_list(text("%d/fd", pid), fds, COUNT(fds));
	int count = 0;

	if (listed == -1)
		return -1;
	if (listed > (ssize_t)COUNT(fds))
		listed = COUNT(fds);
	for (const pid_t *fd = fds; fd < fds + listed; fd++) {
		char target[64];
		ssize_t length = readlink(text("/proc/%d/fd/%d", pid, *fd), target, sizeof(target));

		if (length == (ssize_t)strlen(wanted) &&
			memcmp(target, wanted, strlen(wanted)) == 0) {
			*one = *fd;
			count++;
		}
	}
	return count;
}

/* Ask the kernel what an event of perf probes; the name goes to `name`. As bpf(2).
 * NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes there */
static int query_probe(pid_t pid, int fd, char *name, size_t size, union bpf_attr *query)
{
	*query = (union bpf_attr){ .task_fd_query = { .pid = (unsigned)pid,
					   .fd = (unsigned)fd,
					   .buf = (uintptr_t)name,
					   .buf_len = (unsigned)size } };
	return (int)syscall(SYS_bpf, BPF_TASK_FD_QUERY, query, sizeof(*query));
}

/* Have a uprobe run a program of eBPF, "return 0", as every such tool does. */
static void attach_program(int uprobe_fd)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_KPROBE,
		.insn_cnt = COUNT(program),
		.insns = (uintptr_t)program,
		.license = (uintptr_t) "MIT" };
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));

	if (fd == -1 || ioctl(uprobe_fd, PERF_EVENT_IOC_SET_BPF, fd) == -1)
		skip("a program of eBPF: %s: it needs CAP_BPF", errno_text(errno));
}

static void look_for_probes(pid_t tracee, pid_t prober)
{
	union bpf_attr query;
	char name[256];
	int one;

	(void)tracee;
	expect_errno(
		EACCES, perf_descriptors(prober, &one), "nobody lists the prober's descriptors");
	expect_errno(EPERM, query_probe(prober, STDIN_FILENO, name, sizeof(name), &query),
		"nobody asks by BPF_TASK_FD_QUERY");
}

/*
 * Who can find out that a process is probed, and by whom? Predicted: root, from the prober's side:
 * its descriptors say that it has an event of perf, and if a program of eBPF runs on it,
 * BPF_TASK_FD_QUERY names the file and the offset. Another user sees nothing.
 */
static void whose_probes(void)
{
	struct victim victim = victim_plain();
	uint64_t offset = file_offset(&victim);
	int uprobe_fd = set_uprobe(&victim, false), one = -1;
	char name[4096] = "";
	union bpf_attr query;

	expect_eq(1, perf_descriptors(getpid(), &one), "events of perf among the descriptors");
	expect_errno(ENOENT, query_probe(getpid(), one, name, sizeof(name), &query),
		"BPF_TASK_FD_QUERY of a uprobe");
	attach_program(uprobe_fd);
	expect_errno(0, query_probe(getpid(), one, name, sizeof(name), &query),
		"BPF_TASK_FD_QUERY of one with a program");
	expect_eq(BPF_FD_TYPE_UPROBE, query.task_fd_query.fd_type, "its kind, BPF_FD_TYPE_UPROBE");
	expect_true(strcmp(name, tracee_path()) == 0, "its file is the victim's");
	expect_true(query.task_fd_query.probe_offset == offset, "its offset is the function's");
	as_nobody(look_for_probes, victim.pid, getpid());
}

static const struct experiment experiments[] = {
	{ "matrix", matrix, "Which artifact shows which way of tracing?",
		.cases = "complete|incomplete", .limit_s = 600 },
	{ "perf-breakpoint", by_perf_breakpoint, "What shows a breakpoint of perf?" },
	{ "uprobe", by_uprobe, "What shows a uprobe?" },
	{ "uretprobe", by_uretprobe, "And one on the function's return?" },
	{ "tracepoint", by_tracepoint, "What shows a tracepoint on every system call?" },
	{ "gdb-run", by_gdb_run, "What shows a program that it runs under gdb?", .limit_s = 180 },
	{ "gdb-attach", by_gdb_attach, "And gdb that attached?", .limit_s = 180 },
	{ "strace", by_strace, "What shows strace?", .limit_s = 180 },
	{ "strace-seccomp", by_strace_seccomp, "And strace with a filter?", .limit_s = 180 },
	{ "ltrace", by_ltrace, "What shows ltrace?", .limit_s = 180 },
	{ "valgrind", by_valgrind, "What shows valgrind, which is no tracer?", .limit_s = 180 },
	{ "perf-trace", by_perf_trace, "What shows perf trace?", .limit_s = 180 },
	{ "bpftrace", by_bpftrace, "What shows bpftrace?", .limit_s = 180 },
	{ "careless-or-careful", careless_or_careful,
		"What of it is ptrace, and what the tracer's manners?" },
	{ "what-remains", what_remains, "What is left when the tracer has gone?" },
	{ "uprobe-remains", uprobe_remains, "And of a uprobe that was taken away?",
		.cases = "copy|file" },
	{ "restarted-call", restarted_call,
		"What does somebody beside a sleeping process see of a stop that is over?" },
	{ "per-thread", per_thread, "Whose tracer is TracerPid?" },
	{ "pid-namespace", pid_namespace, "Is TracerPid enough?" },
	{ "two-ways-to-compare", two_ways_to_compare,
		"Does it matter how text is compared with its file?" },
	{ "false-positives", false_positives,
		"Do the timing artifacts show up where nobody traces?", .limit_s = 120 },
	{ "benign-contexts", benign_contexts, "What fools whom?", .limit_s = 60 },
	{ "status-is-public", status_is_public, "What may anybody know of another user's tracee?" },
	{ "proc-connector", proc_connector, "What does the process connector tell?" },
	{ "tracepoints-tell", tracepoints_tell, "And the kernel's tracepoints?" },
	{ "whose-probes", whose_probes, "Who can find out that a process is probed, and by whom?" },
};

static const struct lab lab = {
	.id = "07",
	.question = "How does being traced become visible?",
	.experiments = experiments,
	.count = COUNT(experiments),
	.target = target_mode,
	.target_usage = target_usage,
	.target_options = "",
	.target_word = "--watch",
};

int main(int argc, char **argv)
{
	columns = mmap(NULL, TECHNIQUES * sizeof(*columns), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return columns == MAP_FAILED ? LAB_BROKEN : lab_main(&lab, argc, argv);
}
