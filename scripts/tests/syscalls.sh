#!/bin/sh
# tracer of lab 05 pointed at programs: what it refuses and how it says so; that every call of
# everybody is told, as strace tells it; and that the program neither does nor says anything else than
# by itself.
# shellcheck disable=SC2317 # until_true calls the functions that nobody seems to call
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
tracer=$PWD/05_syscall_tracing/tracer
needs_tracing "$tracer" -o /dev/null -- true

# --- results ----------------------------------------------------------------------------------------

# run STATUS WORD...: with the trace in a file and nothing on stderr
run() {
	expected=$1
	shift
	timeout 60 "$tracer" -o "$dir/trace" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	[ $status -eq "$expected" ] && [ ! -s "$dir/err" ]
}

# tells NAME EXPRESSION...: the trace has a line of each, in this order
tells() {
	name=$1
	shift
	printf '%s\n' "$@" | awk -v trace="$dir/trace" '
		{
			while ((got = (getline line <trace)) > 0 && line !~ $0)
				;
			if (got <= 0) {
				print "no line " $0 >"/dev/stderr"
				exit 1
			}
		}' 2>"$dir/err"
	result $? "$name"
}

is_traced() { [ "$(field "$1" TracerPid)" -ne 0 ]; }

# --- programs ---------------------------------------------------------------------------------------

cat >"$dir/program.c" <<'END'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t creation = PTHREAD_MUTEX_INITIALIZER;

static void *for_ever(void *argument) { for (;;) pause(); return argument; }
static void *execute(void *path) { execl(path, path, "exit", "9", NULL); return NULL; }
static void handle(int sig) { (void)sig; }

/*
 * Ends when pthread_create() has returned: the kernel zeroes the word that parent_tid and child_tid share
 * (mm_release() in kernel/fork.c), which a tracer may read before or after at the end of clone3().
 */
static void *nothing(void *argument)
{
	pthread_mutex_lock(&creation);
	pthread_mutex_unlock(&creation);
	return argument;
}

static void start_thread(void *(*run)(void *), void *argument, int join)
{
	pthread_t thread;

	pthread_mutex_lock(&creation);
	pthread_create(&thread, NULL, run, argument);
	pthread_mutex_unlock(&creation);
	if (join)
		pthread_join(thread, NULL);
}

/* Children and grandchildren, each with a thread. */
static int tree(int count)
{
	for (int i = 0; i < count / 4; i++) {
		start_thread(nothing, NULL, 1);
		if (fork() == 0) {
			start_thread(nothing, NULL, 1);
			_exit(fork() == -1);
		}
		if (i % 8 == 7)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

/* A page whose end no byte may be read beyond. */
static char *last_bytes(const char *text)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages + 4096, 4096);
	return memcpy(pages + 4096 - strlen(text) - 1, text, strlen(text) + 1);
}

int main(int argc, char **argv)
{
	const char *scene = argc > 1 ? argv[1] : "";
	int status = 0, pipes[2];
	char buffer[64];

	if (strcmp(scene, "exit") == 0)
		return atoi(argv[2]);
	if (strcmp(scene, "tree") == 0)
		return tree(atoi(argv[2]));
	if (strcmp(scene, "processes") == 0) {
		for (int i = 0; i < 5; i++)
			fork();
		while (wait(NULL) > 0)
			;
		return 0;
	}
	if (strcmp(scene, "threads") == 0) {
		for (int i = 0; i < 8; i++)
			start_thread(nothing, NULL, 1);
		return 0;
	}
	if (strcmp(scene, "thread-exec") == 0) {
		start_thread(for_ever, NULL, 0);
		start_thread(execute, argv[0], 0);
		for_ever(NULL);
	}
	if (strcmp(scene, "two-threads") == 0) {
		start_thread(for_ever, NULL, 0);
		for_ever(NULL);
	}
	if (strcmp(scene, "stdin") == 0) {
		printf("%d\n", getpid());
		fflush(stdout);
		return read(0, buffer, 1) == 1 ? 0 : 1;
	}
	if (strcmp(scene, "calls") == 0) {
		struct stat file;

		syscall(SYS_openat, -100, last_bytes("/nowhere/it"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		syscall(SYS_openat, -100, (void *)16, O_RDONLY);
		syscall(SYS_write, -1, "\001\0022 \"quoted\\\n", 13);
		syscall(SYS_write, -1, "0123456789012345678901234567890123456789", 40);
		syscall(SYS_write, -1, last_bytes("end"), 100);
		syscall(SYS_access, "/", R_OK | X_OK);
		syscall(SYS_stat, "/dev/null", &file);
		syscall(SYS_umask, 027);
		syscall(SYS_fcntl, 0, F_GETFL);
		syscall(SYS_getcwd, buffer, 1);
		syscall(SYS_pipe2, pipes, O_CLOEXEC);
		syscall(SYS_kill, 0, 0);
		syscall(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		syscall(1234, 1, 2, 3, 4, 5, 6);
		__asm__ volatile("int $0x80" : "=a"(status) : "a"(20) : "memory"); /* getpid */
		return status != getpid();
	}
	if (strcmp(scene, "signals") == 0) {
		sigset_t set;

		signal(SIGUSR1, handle);
		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		sigaddset(&set, SIGRTMIN);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGUSR1);
		if (fork() == 0)
			*(volatile int *)16 = 1;
		wait(&status);
		return WTERMSIG(status) == SIGSEGV ? 3 : 1;
	}
	if (strcmp(scene, "kill") == 0)
		return kill(getpid(), atoi(argv[2]));
	if (strcmp(scene, "cpus") == 0) {
		cpu_set_t set;

		sched_getaffinity(0, sizeof(set), &set);
		printf("%d %d\n", CPU_COUNT(&set), sched_getscheduler(0));
		return 0;
	}
	if (strcmp(scene, "waits") == 0) {
		struct epoll_event event;
		int epoll = epoll_create1(0);

		puts("ready");
		fflush(stdout);
		return epoll_wait(epoll, &event, 1, -1) == -1 && errno == EINTR ? 5 : 6;
	}
	return 99;
}
END
if ! $CC -O1 -pthread -w -o "$dir/program" "$dir/program.c" 2>"$dir/err"; then
	sed 's/^/# /' "$dir/err"
	echo 'Bail out! the test program does not compile'
	exit 99
fi
program=$dir/program

# --- refusals ---------------------------------------------------------------------------------------

refuses 'no program' 'no program and no process' "$tracer" -f
refuses 'no program after --' 'no program and no process' "$tracer" --
refuses 'a process and a program' 'not both' "$tracer" -p 1 -- true
refuses 'an option without its value' 'needs a value' "$tracer" -e
refuses 'an unknown option' 'no option here' "$tracer" -f -x
refuses 'an unknown call' 'no system call "nosuch"' "$tracer" -e openat,nosuch -- true
refuses 'no call' 'no system call ""' "$tracer" -e '' -- true
refuses 'a program that is not there' 'No such file' "$tracer" -- "$dir/nothing"
refuses 'a program that is not in PATH' 'any directory of PATH' "$tracer" -- nothing-of-this-name
refuses 'a directory' 'not a file that can be executed' "$tracer" -- "$dir"
refuses 'a program that is not executable' 'may not be executed' "$tracer" -- "$dir/program.c"
refuses 'a file that cannot be written' 'No such file' "$tracer" -o "$dir/no/trace" -- true
refuses 'a directory to write to' 'EISDIR' "$tracer" -o "$dir" -- true
refuses 'no process' 'there is no process' "$tracer" -p 99999999
refuses 'no number' 'is not a process id' "$tracer" -p x
refuses 'a process that ended' 'there is no process' "$tracer" -p "$(sh -c 'echo $$')"
echo 'neither' >"$dir/text"
chmod 755 "$dir/text"
run 2 -- "$dir/text"
[ $status -eq 2 ] && grep -q "^tracer: exec $dir/text: ENOEXEC" "$dir/err"
result $? 'refuses a text, when exec has'
"$tracer" -- true 2>&-
[ $? -eq 2 ]
result $? 'refuses to write to a closed stderr'

# --- what it tells ----------------------------------------------------------------------------------

run 0 -- "$program" calls
result $? 'a program runs, with the trace in a file'
tells 'each call, in strace'\''s notation' \
	"^execve\\(\"$dir/program\", \\[\"$dir/program\", \"calls\"\\], 0x[0-9a-f]+ /\\* [0-9]+ vars \\*/\\) = 0\$" \
	'^openat\(AT_FDCWD, "/nowhere/it", O_RDWR\|O_CREAT\|O_EXCL\|O_CLOEXEC, 0640\) = ' \
	'^openat\(AT_FDCWD, 0x10, O_RDONLY\) *= -1 EFAULT \(Bad address\)$' \
	'^write\(-1, "\\1\\0022 \\"quoted\\\\\\n", 13\)  *= -1 EBADF \(Bad file descriptor\)$' \
	'^write\(-1, "01234567890123456789012345678901"\.\.\., 40\) = -1 EBADF' \
	'^write\(-1, 0x[0-9a-f]*, 100\) *= -1 EBADF' \
	'^access\("/", R_OK\|X_OK\) *= 0$' \
	'^stat\("/dev/null", \{st_mode=S_IFCHR\|0666, st_rdev=makedev\(0x1, 0x3\), \.\.\.\}\) = 0$' \
	'^umask\(027\) *= 0[0-7]+$' \
	'^fcntl\(0, F_GETFL\) *= 0x8000 \(flags O_RDONLY\|O_LARGEFILE\)$' \
	'^getcwd\(0x[0-9a-f]*, 1\) *= -1 ERANGE' \
	'^pipe2\(\[[0-9]+, [0-9]+\], O_CLOEXEC\) *= 0$' \
	'^kill\(0, 0\) *= 0$' \
	'^mmap\(NULL, 4096, PROT_READ, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\) = 0x[0-9a-f]+$' \
	'^syscall_0x4d2\(0x1, 0x2, 0x3, 0x4, 0x5, 0x6\) = -1 ENOSYS' \
	'^getpid\(\) *= [0-9]+$' '^getpid\(\) *= [0-9]+$' \
	'^exit_group\(0\)  *= \?$' '^\+\+\+ exited with 0 \+\+\+$'

run 3 -f -- "$program" signals
result $? 'signals reach the program, and its exit status the shell'
tells 'signals and the ends that they make' \
	'^[0-9]+ +rt_sigaction\(SIGUSR1, \{sa_handler=0x[0-9a-f]+, sa_mask=\[USR1\], sa_flags=SA_RESTORER\|SA_RESTART, sa_restorer=0x' \
	'^[0-9]+ +rt_sigprocmask\(SIG_BLOCK, \[USR2 RT_2\], NULL, 8\) = 0$' \
	'^[0-9]+ +--- SIGUSR1 \{si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=[0-9]+, si_uid=[0-9]+\} ---$' \
	'^[0-9]+ +rt_sigreturn\(\{mask=\[USR2 RT_2\]\}\) *= 0$' \
	'--- SIGSEGV \{si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10\} ---$' \
	'\+\+\+ killed by SIGSEGV' \
	'--- SIGCHLD \{si_signo=SIGCHLD, si_code=CLD_(KILLED|DUMPED), si_pid=[0-9]+, .*si_status=SIGSEGV, ' \
	'\+\+\+ exited with 3 \+\+\+$'

run 0 -f -- "$program" tree 400
result $? '400 processes and threads'
born=$(awk '{ print $1 }' "$dir/trace" | sort -u | wc -l)
ended=$(grep -c ' +++ exited with 0 +++$' "$dir/trace")
[ "$born" -eq 401 ] && [ "$ended" -eq 401 ]
result $? 'each of them is born and ends'
[ "$(grep -c '<unfinished \.\.\.>$' "$dir/trace")" -eq "$(grep -c '<\.\.\. .* resumed>' "$dir/trace")" ]
result $? 'whatever is unfinished is resumed'

timeout 60 "$tracer" -f -- "$program" threads 2>"$dir/trace" >"$dir/out"
tells 'on stderr, [pid N] as long as there is more than one' '^execve\(' \
	'^\[pid +[0-9]+\] .*exited with 0' '^\+\+\+ exited with 0'

run 0 -- "$program" tree 40
[ "$(grep -c '^+++' "$dir/trace")" -eq 1 ] && ! grep -q resumed "$dir/trace"
result $? 'without -f: the program alone'

run 9 -f -- "$program" thread-exec
result $? 'exec in a thread'
tells 'the first thread is superseded' '\+\+\+ superseded by execve in pid [0-9]+ \+\+\+$' \
	'<\.\.\. execve resumed>\) *= 0$' '\+\+\+ exited with 9 \+\+\+$'

run 7 -e exit_group,access -- "$program" exit 7
[ "$(grep -c '^access(' "$dir/trace")" -ge 1 ] && [ "$(grep -c '^exit_group(7)  *= ?$' "$dir/trace")" -eq 1 ] &&
	! grep -q -e '^[^ae+]' "$dir/trace"
result $? '-e: these calls and no others'
run 0 -e clone,vfork,exit_group -- sh -c '/bin/true; /bin/true'
[ "$(grep -c '^exit_group(' "$dir/trace")" -eq 1 ]
result $? '-e without -f: children work, unseen'
run 0 -f -e execve -- sh -c '/bin/true; /bin/true'
[ "$(grep -c 'execve("/bin/true".*= 0$' "$dir/trace")" -eq 2 ]
result $? '-e with -f: children are under it, too'

run 0 -c -e close,openat -- "$program" exit 0
tells '-c counts' '^% time     seconds  usecs/call     calls    errors syscall$' '^------ ' \
	' (openat|close)$' ' (openat|close)$' '^100\.00 .* total$'
run 3 -c -- "$program" signals
result $? 'and signals reach the program'
run 0 -c -- "$program" calls
tells 'a call of the 32-bit table counts with its namesake' '^ .* 2           getpid$'

# --- the program does what it does --------------------------------------------------------------------

timeout 60 "$tracer" -o "$dir/trace" -- "$program" kill 15 >"$dir/out" 2>"$dir/err"
[ $? -eq 143 ]
result $? 'killed by a signal: so is the tracer, by the status'
tells 'and it says so' '^\+\+\+ killed by SIGTERM \+\+\+$'
timeout 60 "$tracer" -o "$dir/trace" -- "$tracer" -o "$dir/out" -- "$program" kill 15 2>"$dir/err"
tells 'and by that signal: one tracer says so of another' '^\+\+\+ killed by SIGTERM \+\+\+$'
run 0 -- "$program" cpus
[ "$(cat "$dir/out")" = "$("$program" cpus)" ]
result $? 'its CPUs and its scheduling policy are its own'
run 0 -f -- sh -c 'sort /etc/passwd | tail -n +2 | wc -l'
[ "$(cat "$dir/out")" = "$(sort /etc/passwd | tail -n +2 | wc -l)" ]
result $? 'its output'
if [ -w /dev/full ]; then
	: >"$dir/trace"
	timeout 60 "$tracer" -o /dev/full -- sh -c 'echo unharmed; exit 3' >"$dir/out" 2>"$dir/err"
	[ $? -eq 2 ] && [ "$(cat "$dir/out")" = unharmed ] && [ "$(wc -l <"$dir/err")" -eq 1 ] &&
		grep -q 'ENOSPC' "$dir/err"
	result $? 'a full disk: one line, exit 2, and the program runs to its end'
fi
run 0 -- "$program" exit 0
timeout 60 "$tracer" -o "$dir/trace" -- "$program" stdin </etc/passwd >&- 2>"$dir/err"
result $? 'a closed stdout is closed to the program, too'
tells 'and nothing of the tracer'\''s is there' '^write\(1, .* = -1 EBADF'

mkfifo "$dir/in"
"$tracer" -o "$dir/trace" -- "$program" stdin <"$dir/in" >"$dir/out" 2>"$dir/err" &
started=$!
exec 3>"$dir/in"
until_true test -s "$dir/out"
pid=$(cat "$dir/out")
until_true is_in "$pid" S
kill -STOP "$pid"
until_true is_in "$pid" t
result $? 'SIGSTOP stops it'
kill -CONT "$pid"
until_true is_in "$pid" S
result $? 'SIGCONT lets it go on'
until_true grep -q '^read(0, $' "$dir/trace"
result $? 'what it waits in can be read while it waits'
kill -TERM $started
wait $started 2>/dev/null
[ $? -eq 143 ]
result $? 'SIGTERM sent to the tracer ends the program'
exec 3>&-
tells 'all of which is told' '^read\(0, 0x[0-9a-f]+, 1\) *= \? ERESTARTSYS' '^--- SIGSTOP \{' \
	'^--- stopped by SIGSTOP ---$' '^--- SIGCONT \{' '^--- SIGTERM \{' '^\+\+\+ killed by SIGTERM'

: >"$dir/out"
"$tracer" -f -o "$dir/trace" -- sh -c "'$program' two-threads & echo \$!; wait" >"$dir/out" &
started=$!
until_true test -s "$dir/out"
pid=$(cat "$dir/out")
until_true is_in "$pid" S
kill -KILL $started
wait $started 2>/dev/null
until_true gone "$pid"
result $? 'nothing that was started outlives a killed tracer'
kill -KILL "$pid" 2>/dev/null

# --- a process that runs already ----------------------------------------------------------------------

"$program" two-threads &
started=$! pid=$!
both_pause() {
	[ "$(cat "/proc/$pid/task/"*/syscall | grep -c '^34 ')" -eq 2 ]
}
until_true both_pause
for signal in HUP TERM KILL; do
	"$tracer" -p $pid -o "$dir/trace" >"$dir/out" 2>"$dir/err" &
	tracing=$!
	started="$pid $tracing"
	# Both threads have begun the call again.
	until_true grep -q 'pause' "$dir/trace"
	until_true eval "[ \"\$(grep -c 'pause(' '$dir/trace')\" -ge 2 ]"
	kill -$signal $tracing
	wait $tracing 2>/dev/null
	status=$?
	for task in "/proc/$pid/task/"*; do
		until_true is_in "${task##*/}" S && [ "$(field "${task##*/}" TracerPid)" -eq 0 ] || status=99
	done
	case $signal in KILL) [ $status -eq 137 ] ;; *) [ $status -eq 0 ] ;; esac
	result $? "SIG$signal ends the tracer, and both threads sleep on, untraced"
done
kill -STOP $pid
until_true is_in $pid T
"$tracer" -p $pid -o "$dir/trace" 2>"$dir/err" &
tracing=$!
until_true is_traced $pid
until_true is_in $pid t
kill -TERM $tracing
wait $tracing
until_true is_in $pid T
result $? 'a stopped process stays stopped'
kill -CONT $pid
"$tracer" -p $pid -o "$dir/trace" 2>"$dir/err" &
tracing=$!
until_true is_traced $pid
kill -KILL $pid
wait $tracing
result $? 'a process that is killed ends the tracer'
wait $pid 2>/dev/null
started=''
tells 'and the trace' '\+\+\+ killed by SIGKILL \+\+\+$'

# --- a terminal ---------------------------------------------------------------------------------------

# Of an interactive shell: Ctrl-Z stops the program and then the tracer, so that the shell sees it; fg
# lets both go on, a second Ctrl-Z stops them again.
if command -v script >/dev/null; then
	mkfifo "$dir/keys"
	: >"$dir/trace"
	ENV='' script -qec 'sh -i' /dev/null <"$dir/keys" >"$dir/screen" 2>&1 &
	started=$!
	exec 4>"$dir/keys"
	echo "'$tracer' -o '$dir/trace' -- sh -c 'echo \$PPID \$\$ >\"$dir/pids\"; read line; exit 7'" >&4
	until_true grep -q '^read(0, ' "$dir/trace"
	read -r tracing pid <"$dir/pids"
	until_true is_in "$pid" S
	bad=0
	for _ in 1 2; do
		printf '\032' >&4
		until_true is_in "$pid" t && until_true is_in "$tracing" T || bad=1
		echo fg >&4
		until_true is_in "$tracing" S && until_true is_in "$pid" S || bad=1
	done
	echo >&4
	echo "echo status \$?; exit" >&4
	until_true grep -q 'status 7' "$dir/screen" || bad=1
	exec 4>&-
	wait $started
	started=
	result $bad 'Ctrl-Z at a terminal stops it and the tracer, fg lets both go on'
	tells 'it is told' '^--- SIGTSTP' '^--- stopped by SIGTSTP' '^--- SIGCONT' '^\+\+\+ exited with 7'
else
	skip 'Ctrl-Z at a terminal' 'script is not installed'
fi

# --- beside strace ------------------------------------------------------------------------------------

# Of the process that began first, then of the next: its calls, as they would be without the others;
# what differs from run to run replaced.
canonical() {
	awk '
	{
		pid = $1
		line = $0
		sub(/^[0-9]+ +/, "", line)
		if (line ~ /<unfinished \.\.\.>$/) {
			sub(/ <unfinished \.\.\.>$/, "", line)
			half[pid] = line
			next
		}
		if (line ~ /^<\.\.\. [a-z0-9_]+ resumed>/) {
			sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", line)
			line = half[pid] line
		}
		if (!(pid in seen)) {
			seen[pid] = ++count
			order[count] = pid
		}
		text[pid] = text[pid] line "\n"
	}
	END {
		for (i = 1; i <= count; i++)
			pids = pids (i > 1 ? "|" : "") order[i]
		for (i = 1; i <= count; i++)
			printf "%s", text[order[i]] | ("sed -E \"s/(^|[^0-9])(" pids ")([^0-9]|\$)/\\\\1PID\\\\3/g\"")
	}' "$1" | sed -E 's/0x[0-9a-f]{6,}/ADDRESS/g
		s/ += / = /
		/^\[ Process/d
		/^futex\(/d # whether a thread has to wait for another one is a race
		s/(^|[^a-z])(get(p|pp|t)id|getpgrp|set_tid_address|getpgid)\(([^)]*)\) = [0-9]+/\1\2(\4) = PID/
		s/si_[us]time=[0-9]+/TIME/g
		s/tv_sec=[0-9]+, tv_[nu]sec=[0-9]+/TIME/g
		s/getrandom\("[^"]*"/getrandom(BYTES/
		s/"[0-9a-f]{8,12}-[^"]*"\.\.\./MAPS/
		s/ADDRESS \/\* [0-9]+ vars \*\//ENVIRONMENT/
		s/f_(bfree|bavail|ffree)=[0-9]+/f_\1=N/g'
}

# beside NAME WORD...: both tell the same
beside() {
	name=$1
	shift
	if ! command -v strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then
		skip "as strace: $name" 'no strace, or it may not trace'
		return
	fi
	rm -f "$dir/copy"
	timeout 60 strace -f -o "$dir/theirs" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	their_status=$?
	rm -f "$dir/copy"
	timeout 60 "$tracer" -f -o "$dir/trace" -- "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	canonical "$dir/theirs" >"$dir/theirs.canonical"
	canonical "$dir/trace" >"$dir/ours.canonical"
	[ -s "$dir/ours.canonical" ] && [ $status -eq $their_status ] &&
		diff "$dir/theirs.canonical" "$dir/ours.canonical" >"$dir/err"
	result $? "as strace: $name"
}

beside true true
beside 'the calls of the test program' "$program" calls
beside 'ls -l' ls -l /etc
beside cat cat /etc/passwd
beside find find /etc/default
beside tar tar cf /dev/null /etc/default
beside cp cp /etc/passwd "$dir/copy"
beside 'a shell' sh -c 'umask; ulimit -n; trap : USR1; kill -USR1 $$; exit 5'
beside 'a killed program' "$program" kill 15
beside 'threads, one after the other' "$program" threads

finish
