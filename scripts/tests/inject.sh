#!/bin/sh
# tracer -i of lab 06: what it refuses and how it says so; that a rule does to a program what
# strace's inject does; and that the program is otherwise left alone.
# shellcheck disable=SC2317 # until_true calls the functions that nobody seems to call
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
program=$dir/program
cp 06_runtime_mutation/tracer "$dir" || exit 99
tracer=$dir/tracer
needs_tracing "$tracer" -q -i getpid:error=EPERM -- "$(command -v true)"
# strace may be there and not be allowed to trace.
if strace -o "$dir/log" -e inject=getpid:error=EPERM true 2>/dev/null; then
	strace=yes
else
	strace=
fi

rejects() { # rejects CAUSE WORD...
	cause=$1
	shift
	refuses "$cause" "$cause" "$tracer" "$@"
}

# effect COMMAND...: all that can be seen of it from outside: what it says, how it ends, and what
# it leaves in the directory that it is started in, where it finds a file of three lines.
effect() {
	rm -rf "$dir/work"
	mkdir "$dir/work"
	printf 'one\ntwo\nthree\n' >"$dir/work/file"
	(cd "$dir/work" && exec timeout 60 "$@") >"$dir/out" 2>&1 </dev/null
	echo "exit $?" >>"$dir/out"
	for file in "$dir"/work/*; do
		echo "${file##*/}: $(tr '\n' ' ' <"$file")"
	done >"$dir/err"
	cat "$dir/out" "$dir/err"
}

ours() { # ours [-f] "RULE RULE..." COMMAND...
	follow=
	if [ "$1" = -f ]; then
		follow=-f
		shift
	fi
	rules=
	for rule in $1; do
		rules="$rules -i $rule"
	done
	shift
	# shellcheck disable=SC2086 # words
	effect "$tracer" -q $follow $rules -- "$@"
}

theirs() {
	follow=
	if [ "$1" = -f ]; then
		follow=-f
		shift
	fi
	rules=
	for rule in $1; do
		rules="$rules -e inject=$rule"
	done
	shift
	# shellcheck disable=SC2086 # words
	effect strace -o "$dir/log" $follow $rules "$@" |
		grep -v "^strace: Injected return value .* will be clipped"
}

# injects NAME EXPECTED [-f] RULES COMMAND...: EXPECTED is what it says and how it ends, in one line.
injects() {
	name=$1 expected=$2
	shift 2
	seen=$(ours "$@")
	[ "$(tr '\n' ' ' <"$dir/out")" = "$expected " ]
	result $? "$name: $expected"
	as_strace "$name" "$seen" "$@"
}

# as_strace NAME SEEN [-f] RULES COMMAND...
as_strace() {
	name=$1 seen=$2
	shift 2
	if [ -z "$strace" ]; then
		skip "$name: as under strace" 'no strace here that may trace'
		return
	fi
	[ "$(theirs "$@")" = "$seen" ]
	set -- $?
	[ "$1" -eq 0 ] || echo "$seen" | sed 's/^/# ours: /'
	result "$1" "$name: as under strace"
}

# --- the program --------------------------------------------------------------------------------------

cat >"$program.c" <<'PROGRAM'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static const char *self;
static int ends[2];
static volatile sig_atomic_t signals, code;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	signals++;
	code = info->si_code;
	if (sig == SIGUSR2 && write(ends[1], "x", 1) != 1)
		abort();
}

static void catch(int sig, int flags)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags };

	sigaction(sig, &action, NULL);
}

/* The call that most rules are about: it does nothing. One letter for each: it did, or failed. */
static long call(void) { return chdir("."); }

static void calls(int count)
{
	char letters[100];

	for (int i = 0; i < count; i++)
		letters[i] = call() == 0 ? '.' : 'x';
	letters[count++] = '\n';
	if (write(1, letters, count) != count)
		abort();
}

static void *thread_calls(void *count) { return calls((long)count), NULL; }

static void *thread_exec(void *word)
{
	calls(2);
	execl(self, self, "calls", "3", NULL);
	return NULL;
}

static void *thread_call(void *result) { return (void *)call(); }

static void *thread_fails(void *none)
{
	long failed = 0;

	for (int i = 0; i < 100; i++)
		failed += call() != 0;
	return (void *)failed;
}

static int wait_for(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The state letter of a thread, proc(5). */
static char state_of(pid_t pid)
{
	char path[64], text[512] = "";
	int file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = open(path, O_RDONLY);
	if (read(file, text, sizeof(text) - 1) < 0)
		abort();
	close(file);
	return strrchr(text, ')')[2];
}

static pid_t other;

static void *thread_delayed(void *none)
{
	call();
	other = gettid();
	if (write(ends[1], "x", 1) != 1)
		abort();
	call();
	return NULL;
}

/* Wait until the other one stands in the second of its calls; only a tracer makes it stand there. */
static void await_other(pid_t child)
{
	char byte;

	if (read(ends[0], &byte, 1) != 1)
		abort();
	while (state_of(child ? child : other) != 't')
		;
}

int main(int argc, char **argv)
{
	const char *scene = argc > 1 ? argv[1] : "";
	long number = argc > 2 ? atol(argv[2]) : 0, result;
	struct timespec before, after;
	pthread_t thread[8];
	sigset_t set;
	pid_t child;
	char byte;

	self = argv[0];
	errno = 0;
	if (pipe(ends) == -1)
		return 98;
	if (strcmp(scene, "calls") == 0) {
		calls(number);
	} else if (strcmp(scene, "result") == 0) {
		result = call();
		printf("%ld %d\n", result, errno);
	} else if (strcmp(scene, "raw") == 0) {
		__asm__ volatile("syscall" : "=a"(result) : "a"(SYS_chdir), "D"(".") : "rcx", "r11", "memory");
		printf("%ld\n", result);
	} else if (strcmp(scene, "signal") == 0) {
		catch(number, 0);
		result = call();
		printf("%ld %d, %d signal, code %d\n", result, errno, signals, code);
	} else if (strcmp(scene, "blocked") == 0) {
		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		catch(SIGUSR1, 0);
		sigprocmask(SIG_BLOCK, &set, NULL);
		call();
		printf("%d", signals);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		printf(" %d, code %d\n", signals, code);
	} else if (strcmp(scene, "waits") == 0) {
		catch(SIGUSR2, argc > 2 ? SA_RESTART : 0);
		result = readv(ends[0], &(struct iovec){ &byte, 1 }, 1);
		printf("%ld %d, %d signals\n", result, errno, signals);
	} else if (strcmp(scene, "pause") == 0) {
		catch(SIGUSR1, 0);
		result = pause();
		printf("%ld %d\n", result, errno);
	} else if (strcmp(scene, "appends") == 0) {
		int file = open("file", O_WRONLY | O_APPEND);

		catch(SIGUSR1, SA_RESTART);
		printf("%zd\n", write(file, "more", 4));
	} else if (strcmp(scene, "fork") == 0) {
		calls(3);
		if ((child = fork()) == 0)
			calls(3), _exit(3);
		printf("%d\n", wait_for(child));
		fflush(stdout);
		calls(3);
	} else if (strcmp(scene, "vfork") == 0) {
		calls(1);
		if ((child = vfork()) == 0)
			calls(2), _exit(3);
		calls(2);
		return wait_for(child);
	} else if (strcmp(scene, "spawn") == 0) {
		char *words[] = { argv[0], "calls", "3", NULL };

		result = posix_spawn(&child, argv[0], NULL, NULL, words, environ);
		printf("%ld\n", result);
		return result ? 1 : wait_for(child);
	} else if (strcmp(scene, "exec") == 0) {
		calls(2);
		execl(argv[0], argv[0], "calls", "4", NULL);
		printf("%d\n", errno);
	} else if (strcmp(scene, "thread") == 0) {
		calls(3);
		pthread_create(thread, NULL, thread_calls, (void *)3);
		pthread_join(*thread, NULL);
		calls(3);
	} else if (strcmp(scene, "threads") == 0) {
		void *fails;

		for (int i = 0; i < 8; i++)
			pthread_create(&thread[i], NULL, thread_fails, NULL);
		for (int i = 0; i < 8; i++) {
			pthread_join(thread[i], &fails);
			number += (long)fails;
		}
		printf("%ld\n", number);
	} else if (strcmp(scene, "thread-exec") == 0) {
		call();
		pthread_create(thread, NULL, thread_exec, NULL);
		for (;;)
			pause();
	} else if (strcmp(scene, "takes") == 0) {
		clock_gettime(CLOCK_MONOTONIC, &before);
		result = call();
		clock_gettime(CLOCK_MONOTONIC, &after);
		number -= (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
		printf("%ld %s\n", result, number <= 0 ? "so long" : "sooner");
	} else if (strcmp(scene, "overtakes") == 0) {
		if ((child = fork()) == 0)
			thread_delayed(NULL), _exit(0);
		await_other(child);
		calls(1);
		kill(child, SIGKILL);
		printf("%d\n", wait_for(child));
	} else if (strcmp(scene, "stops") == 0) {
		int status;

		if ((child = fork()) == 0)
			_exit(call());
		waitpid(child, &status, WUNTRACED);
		kill(child, SIGCONT);
		printf("stopped %d by %d, then %d\n", WIFSTOPPED(status), WSTOPSIG(status), wait_for(child));
	} else if (strcmp(scene, "leaves") == 0) {
		pthread_create(thread, NULL, thread_delayed, NULL);
		await_other(0);
		calls(1);
		if (number == 0)
			execl(argv[0], argv[0], "exit", "6", NULL);
		_exit(number);
	} else if (strcmp(scene, "exit") == 0) {
		_exit(number);
	} else if (strcmp(scene, "kill") == 0) {
		kill(getpid(), number);
	} else if (strcmp(scene, "int80") == 0) {
		/* 20 is getpid there and writev here. */
		__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "r8", "r9", "r10", "r11", "memory");
		printf("%d\n", result == getpid());
	} else if (strcmp(scene, "stop") == 0) {
		printf("%d\n", getpid());
		fflush(stdout);
		call();
		while (read(0, &byte, 1) == 1)
			;
	} else {
		return 99;
	}
	return 0;
}
PROGRAM
if ! $CC -O1 -pthread -w -o "$program" "$program.c" 2>"$dir/err"; then
	sed 's/^/# /' "$dir/err"
	echo 'Bail out! the test program does not compile'
	exit 99
fi

# --- twenty uses of strace's inject, and more -------------------------------------------------------

injects 'every call' 'xxx exit 0' chdir:error=ENOENT "$program" calls 3
injects 'the manual: the third call and all later ones' '..xxxx exit 0' chdir:error=ENOENT:when=3+ \
	"$program" calls 6
injects 'the third call' '..x... exit 0' chdir:error=ENOENT:when=3 "$program" calls 6
injects 'every third call from the second' '.x..x..x. exit 0' chdir:error=ENOENT:when=2+3 "$program" calls 9
injects 'from the second to the fourth' '.xxx.. exit 0' chdir:error=ENOENT:when=2..4 "$program" calls 6
injects 'the same with a +' '.xxx.. exit 0' chdir:error=ENOENT:when=2..4+ "$program" calls 6
injects 'every third from the second to the seventh' '.x..x.... exit 0' chdir:error=ENOENT:when=2..7+3 \
	"$program" calls 9
injects 'the last when counts' '...x exit 0' chdir:when=2:error=ENOENT:when=4 "$program" calls 4
injects 'an error by its name' '-1 28 exit 0' chdir:error=ENOSPC "$program" result
injects 'an error by its name in small letters' '-1 28 exit 0' chdir:error=enospc "$program" result
injects 'an error by its number' '-1 13 exit 0' chdir:error=13 "$program" result
injects 'an error that no call has' '-4095 exit 0' chdir:error=4095 "$program" raw
injects "an error that is the kernel's own request to restart" '-512 exit 0' chdir:error=512 "$program" raw
injects 'a value' '7 0 exit 0' chdir:retval=7 "$program" result
injects 'a value of 64 bits' '81985529216486895 exit 0' chdir:retval=0x123456789abcdef "$program" raw
injects 'an octal value' '8 exit 0' chdir:retval=010 "$program" raw
injects 'a signal' '0 0, 1 signal, code 128 exit 0' chdir:signal=SIGUSR1 "$program" signal 10
injects 'a signal by half its name' '0 0, 1 signal, code 128 exit 0' chdir:signal=usr1 "$program" signal 10
injects 'a signal by its number' '0 0, 1 signal, code 128 exit 0' chdir:signal=12 "$program" signal 12
injects 'a real-time signal' '0 0, 1 signal, code 128 exit 0' chdir:signal=40 "$program" signal 40
injects 'a signal and an error' '-1 1, 1 signal, code 128 exit 0' chdir:error=EPERM:signal=USR1 \
	"$program" signal 10
injects 'a signal and a value' '3 0, 1 signal, code 128 exit 0' chdir:retval=3:signal=USR1 \
	"$program" signal 10
injects 'a signal and a delay' '0 0, 1 signal, code 128 exit 0' chdir:signal=USR1:delay_exit=1ms \
	"$program" signal 10
injects 'a signal that is blocked' '0 1, code 128 exit 0' chdir:signal=USR1 "$program" blocked
injects 'a signal that kills' 'exit 143' chdir:signal=TERM "$program" calls 3
injects 'SIGKILL' 'exit 137' chdir:signal=KILL:when=2 "$program" calls 3
injects 'SIGSTOP' 'stopped 1 by 19, then 0 exit 0' -f chdir:signal=STOP "$program" stops
injects 'a signal interrupts a call that waits' '-1 4, 1 signals exit 0' readv:signal=USR2:when=1 \
	"$program" waits
injects 'a call that waits is made again' '1 0, 1 signals exit 0' readv:signal=USR2:when=1 \
	"$program" waits restart
injects 'and counts again' '1 0, 2 signals exit 0' readv:signal=USR2 "$program" waits restart
injects 'pause()' '-1 4 exit 0' pause:signal=USR1 "$program" pause
injects 'what a signal comes with is done once' '4 exit 0' write:signal=USR1:when=1 "$program" appends
injects 'a delay before the call' '0 so long exit 0' chdir:delay_enter=20000 "$program" takes 20000000
injects 'a delay after the call' '0 so long exit 0' chdir:delay_exit=20ms "$program" takes 20000000
injects 'both delays' '0 so long exit 0' chdir:delay_enter=.01s:delay_exit=10000000ns "$program" takes 20000000
injects 'a delay and an error' '-1 so long exit 0' chdir:error=EIO:delay_enter=20ms "$program" takes 20000000
injects 'no delay' '... exit 0' chdir:delay_enter=0:delay_exit=0 "$program" calls 3
injects 'several calls in one rule, each with its own count' '.. x... exit 0' \
	chdir,execve:error=EPERM:when=3 "$program" exec
injects 'several rules' '.x 1 exit 0' 'chdir:error=EIO:when=2 execve:error=EPERM' "$program" exec
injects 'a call by its number' 'xx exit 0' 80:error=EIO "$program" calls 2
injects 'without -f a child is left alone' '.x. ... 3 ... exit 0' chdir:error=EIO:when=2 "$program" fork
injects 'with -f it counts by itself' '.x. .x. 3 ... exit 0' -f chdir:error=EIO:when=2 "$program" fork
injects 'without -f a thread is left alone' '.x. ... ... exit 0' chdir:error=EIO:when=2 "$program" thread
injects 'with -f it counts by itself' '.x. .x. ... exit 0' -f chdir:error=EIO:when=2 "$program" thread
injects 'eight threads at once' '8 exit 0' -f chdir:error=EIO:when=50 "$program" threads
injects 'a vfork child' '. .x x. exit 3' -f chdir:error=EIO:when=2 "$program" vfork
injects 'an exec goes on counting' '.. .x.. exit 0' -f chdir:error=EIO:when=4 "$program" exec
injects "a thread's exec goes on counting" '.. .x. exit 0' -f chdir:error=EIO:when=4 "$program" thread-exec
injects 'a spawned program' '.x. 0 exit 0' -f chdir:error=EIO:when=2 "$program" spawn
injects 'no exec' '.. 13 exit 0' execve:error=EACCES "$program" exec
injects 'a delayed exec' '.. .... exit 0' execve:delay_enter=1ms:delay_exit=1ms "$program" exec
injects 'an exit that fails' 'exit 5' exit_group:error=EPERM:when=1 "$program" exit 5
injects 'an exit with a delay and a signal' 'exit 5' exit_group:delay_enter=1ms:signal=CHLD "$program" exit 5

# --- programs that nobody here wrote ------------------------------------------------------------------

# effects NAME [-f] RULES COMMAND...: what the expected effect is, only strace says.
effects() {
	name=$1
	shift
	as_strace "$name" "$(ours "$@")" "$@"
}

for nth in 1 2 3 4 5 6; do
	effects "cat, open $nth fails" openat:error=ENOENT:when=$nth cat file
	effects "cat, mapping $nth fails" mmap:error=ENOMEM:when=$nth cat file
done
effects 'cat, nothing to read' read:retval=0:when=2+ cat file
effects 'cat, the disk is full' write:error=ENOSPC cat file
effects 'cat, writes less than it should' write:retval=1 cat file
effects 'cat, reading fails' read:error=EIO:when=2+ cat file
effects 'rm, which removes nothing' unlink,unlinkat:retval=0 rm file
effects 'rm, which fails' unlink,unlinkat:error=EBUSY rm file
effects 'mv, to another disk' rename,renameat,renameat2:error=EXDEV mv file other
effects 'cp, ends in the middle' write:signal=INT cp file other
effects 'cp' copy_file_range:error=EXDEV cp file other
effects 'ls, no directory to read' getdents64:error=EIO ls
effects 'ls, no memory from the start' brk:error=ENOMEM ls
effects 'sort, without its size' newfstatat,fstat:error=EIO sort file
effects 'sh, no process to be had' clone,clone3,fork,vfork:error=EAGAIN sh -c 'cat file; echo'
effects 'sh, a pipe that breaks' -f write:error=EPIPE sh -c 'cat file | cat; echo end'
effects 'sh, the first exec of each fails' -f execve:error=EACCES:when=1 sh -c 'cat file; cat file'
effects 'sh, nobody to wait for' wait4:error=ECHILD sh -c 'cat file >/dev/null; echo end'
effects 'sh, killed with its third child' -f execve:signal=KILL sh -c 'cat file; echo end'
effects 'mkdir, which is there' mkdir:error=EEXIST mkdir -p made

# --- what strace does not have --------------------------------------------------------------------------

# alone NAME EXPECTED [-f] RULES COMMAND...
alone() {
	name=$1 expected=$2
	shift 2
	ours "$@" >"$dir/seen"
	[ "$(tr '\n' ' ' <"$dir/out")" = "$expected " ]
	result $? "$name: $expected"
}

alone 'a signal and a delay before the call' '0 0, 1 signal, code 128 exit 0' \
	chdir:signal=USR1:delay_enter=1ms "$program" signal 10
alone 'another name of an error' '-1 11 exit 0' chdir:error=EWOULDBLOCK "$program" result
alone 'a real-time signal by its name' 'exit 164' chdir:signal=SIGRTMIN+2 "$program" calls 1
alone 'a negative value' '-7 exit 0' chdir:retval=-7 "$program" raw
alone 'two rules for one call' '.xx. exit 0' \
	'chdir:error=EIO:when=3 chdir:error=ENOENT:when=2' "$program" calls 4
alone 'of two that are due, the last' '.x.. exit 0' \
	'chdir:error=EIO:when=2..3 chdir:retval=0:when=3' "$program" calls 4
# strace 6.1 waits for ever for a process that was killed while it delayed it.
alone 'a delayed process does not delay others' '. 137 exit 0' -f chdir:delay_enter=1000s:when=2 \
	"$program" overtakes
alone 'after the call neither' '. 137 exit 0' -f chdir:delay_exit=1000s:when=2 "$program" overtakes
alone 'an exit ends a delay' '. exit 7' -f chdir:delay_enter=1000s:when=2 "$program" leaves 7
alone 'an exec ends a delay' '. exit 6' -f chdir:delay_enter=1000s:when=2 "$program" leaves 0

# --- the report -----------------------------------------------------------------------------------------

# reports NAME LINES WORD...: all of stderr, without the program's name in front
reports() {
	name=$1 expected=$2
	shift 2
	timeout 60 "$tracer" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	[ "$(sed -n 's/^tracer: //p' "$dir/err")" = "$expected" ]
	result $? "the report: $name"
}

reports 'how often it was made, how often the rule struck' 'chdir:error=EIO:when=3+: 6 calls, 4 struck' \
	-i chdir:error=EIO:when=3+ -- "$program" calls 6
reports 'a line for each rule' 'chdir:error=EIO:when=2+: 4 calls, 2 struck
chdir,pause:retval=0:when=3: 4 calls, 1 struck
pause:error=EIO: 0 calls, 0 struck' -i chdir:error=EIO:when=2+ -i chdir,pause:retval=0:when=3 \
	-i pause:error=EIO -- "$program" calls 4
reports 'all threads together' 'chdir:error=EIO:when=50: 800 calls, 8 struck' \
	-fi chdir:error=EIO:when=50 -- "$program" threads
reports 'of a program that was killed' 'chdir:signal=KILL:when=2: 2 calls, 1 struck' \
	-i chdir:signal=KILL:when=2 -- "$program" calls 3
reports 'none with -q' '' -qi chdir:error=EIO -- "$program" calls 3
reports 'the exec that starts the program does not count' 'execve:error=EIO: 0 calls, 0 struck' \
	-i execve:error=EIO -- "$program" calls 1

# --- refusals -------------------------------------------------------------------------------------------

rejects '-i needs a rule' -f -i
rejects 'no rule' -q -- touch "$dir/touched"
while read -r rule cause; do
	rejects "$cause" -i "$rule" -- touch "$dir/touched"
done <<'RULES'
nosuch:error=EIO there is no system call "nosuch"
1023:error=EIO there is no system call "1023"
9999999999999999999999:error=EIO there is no system call "9999999999999999999999"
:error=EIO a name is missing
chdir,:error=EIO a name is missing
%file:error=EIO sets of calls are not known here
/^open:error=EIO sets of calls are not known here
!chdir:error=EIO sets of calls are not known here
all:error=EIO sets of calls are not known here
chdir what shall happen?
chdir:when=2 what shall happen?
chdir: "" is none of error=
chdir:EIO "EIO" is none of error=
chdir:errno=EIO "errno=EIO" is none of error=
chdir:error=ENOSUCH there is no error "ENOSUCH"
chdir:error= there is no error ""
chdir:error=0 there is no error "0"
chdir:error=-5 there is no error "-5"
chdir:error=4096 there is no error "4096"
chdir:error=EIO:error=EIO "error=EIO" contradicts
chdir:error=EIO:retval=1 "retval=1" contradicts
chdir:retval= retval= is not a number
chdir:retval=x retval=x is not a number
chdir:retval=1x retval=1x is not a number
chdir:retval=0x10000000000000000 is not a number
chdir:signal=SIGNONE there is no signal "SIGNONE"
chdir:signal= there is no signal ""
chdir:signal=0 there is no signal "0"
chdir:signal=65 there is no signal "65"
chdir:signal=USR1:signal=USR2 "signal=USR2" contradicts
chdir:delay_enter= "" is not a time
chdir:delay_enter=1m "1m" is not a time
chdir:delay_enter=-1 "-1" is not a time
chdir:delay_enter=ms "ms" is not a time
chdir:delay_exit=nan "nan" is not a time
chdir:delay_exit=1e30s "1e30s" is not a time
chdir:delay_exit=1:delay_exit=1 "delay_exit=1" contradicts
chdir:error=EIO:when=0 when= takes FIRST
chdir:error=EIO:when= when= takes FIRST
chdir:error=EIO:when=x when= takes FIRST
chdir:error=EIO:when=+2 when= takes FIRST
chdir:error=EIO:when=-1 when= takes FIRST
chdir:error=EIO:when=1+0 when= takes FIRST
chdir:error=EIO:when=1..0 when= takes FIRST
chdir:error=EIO:when=1.. when= takes FIRST
chdir:error=EIO:when=99999999999999999999 when= takes FIRST
chdir:error=EIO:when=3..2 when= ends before it begins
chdir:error=EIO:when=1.5 ".5" is too much
chdir:error=EIO:when=1+2+3 "+3" is too much
RULES
rejects 'more than 64 rules' $(seq -f '-ichdir:retval=%g' 65) -- touch "$dir/touched"
rejects 'no program' -i chdir:error=EIO
rejects 'no program' -i chdir:error=EIO --
rejects '-x is no option here' -i chdir:error=EIO -x -- touch "$dir/touched"
rejects '-x is no option here' -fx -i chdir:error=EIO -- touch "$dir/touched"
rejects 'there is no system call "chdir"' -i 'chdir
:error=EIO' -- touch "$dir/touched"
rejects 'No such file' -i chdir:error=EIO -- "$dir/nothing"
rejects 'any directory of PATH' -i chdir:error=EIO -- nothing-of-this-name
rejects 'not a file that can be executed' -i chdir:error=EIO -- "$dir"
rejects 'may not be executed' -i chdir:error=EIO -- "$program.c"
echo neither >"$dir/text"
chmod 755 "$dir/text"
rejects 'ENOEXEC' -i chdir:error=EIO -- "$dir/text"
printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\003\000' >"$dir/elf32"
chmod 755 "$dir/elf32"
rejects 'is a 32-bit program' -i chdir:error=EIO -- "$dir/elf32"
[ ! -e "$dir/touched" ]
result $? 'nothing was run in any of these'

# --- the program is left alone --------------------------------------------------------------------------

untouched() { # untouched NAME COMMAND...: with a rule that never strikes it does as without a tracer
	name=$1
	shift
	[ "$(effect "$@")" = "$(ours -f 'chdir,read,write,openat:error=EIO:when=65535' "$@")" ]
	result $? "as without a tracer: $name"
}

untouched 'an exit status' "$program" exit 42
for sig in 1 2 6 9 11 13 15 19 40; do
	[ $sig -eq 19 ] || untouched "killed by signal $sig" "$program" kill $sig
done
untouched 'a pipeline' sh -c 'cat file | sort | tail -n 1; ls -l /proc/self/fd | wc -l'
untouched 'stdout closed' sh -c 'cat file >&-'
untouched 'calls of the 32-bit table' "$program" int80
(cd "$dir" && "$tracer" -i chdir:error=EIO -- cat program.c >&- 2>err)
[ $? -eq 1 ] && grep -q 'Bad file descriptor' "$dir/err" && grep -q ' 0 calls, 0 struck' "$dir/err"
result $? 'the tracer without stdout: the program has none'
"$tracer" -i chdir:error=EIO -- "$program" calls 2 >"$dir/out" 2>&- && [ "$(cat "$dir/out")" = xx ]
result $? 'the tracer without stderr: no report, and nothing else'
seq 100000 | "$tracer" -q -i read:signal=WINCH:when=2+2 -- cat >"$dir/out" 2>"$dir/err" &&
	seq 100000 | cmp -s - "$dir/out"
result $? 'signals that are ignored change nothing of what a filter reads and writes'

waits_in() { # waits_in PID NUMBER: in this call, or stopped before or after it
	[ "$(cut -d ' ' -f 1 "/proc/$1/syscall")" = "$2" ]
}

mkfifo "$dir/in"
start() { # start RULE: the program's "stop" in the background; sets pid and started
	: >"$dir/out"
	"$tracer" -i "$1" -- "$program" stop <"$dir/in" >"$dir/out" 2>"$dir/err" &
	started=$!
	exec 3>"$dir/in"
	until_true test -s "$dir/out"
	pid=$(cat "$dir/out")
}

start chdir:delay_enter=1000s
until_true waits_in "$pid" 80
kill -TERM $started
until_true grep -q '^SigPnd:.*[1-9a-f]' "/proc/$pid/status" || until_true grep -q '^ShdPnd:.*[1-9a-f]' "/proc/$pid/status"
result $? 'SIGTERM sent to the tracer waits for the end of a delay, as every signal does'
kill -KILL "$pid"
wait $started 2>/dev/null
[ $? -eq 137 ] && grep -q ' 1 calls, 1 struck' "$dir/err"
result $? 'SIGKILL does not wait, and the tracer ends alike'
exec 3>&-

start chdir:delay_enter=1000s
until_true waits_in "$pid" 80
kill -KILL $started
until_true gone "$pid"
result $? 'no program outlives a killed tracer'
wait $started 2>/dev/null
exec 3>&-

finish
