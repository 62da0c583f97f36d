#!/bin/sh
# tracer --watch of lab 07: what it refuses and how it says so; that it shows every call of every
# kind with who made it to whom, and marks the strangers; that what it does not show is counted as
# lost; and that it leaves nothing behind.
# shellcheck disable=SC2317 # until_true calls the functions that nobody seems to call
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
cp 07_detection_artifacts/tracer "$dir" || exit 99
tracer=$dir/tracer program=$dir/program

if ! command -v "${CC:=cc}" >/dev/null; then
	echo '1..0 # SKIP no compiler for the programs to watch'
	exit 77
fi

# --- programs ---------------------------------------------------------------------------------------

cat >"$dir/program.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* Attach, write what was read, let go. */
static int poke(pid_t tracee)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_SEIZE, tracee, 0, 0) || ptrace(PTRACE_INTERRUPT, tracee, 0, 0) ||
		waitpid(tracee, NULL, __WALL) != tracee || ptrace(PTRACE_GETREGS, tracee, 0, &regs))
		return 1;
	return ptrace(PTRACE_POKEDATA, tracee, regs.rsp, ptrace(PTRACE_PEEKDATA, tracee, regs.rsp, 0)) ||
	       ptrace(PTRACE_SETREGS, tracee, 0, &regs) || ptrace(PTRACE_DETACH, tracee, 0, 0);
}

/* A child that asks for it; a descendant whose parent is gone; both are written to. */
static int family(void)
{
	struct user_regs_struct regs;
	pid_t child = fork(), orphan;
	int tell[2];

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	if (ptrace(PTRACE_GETREGS, child, 0, &regs) || ptrace(PTRACE_SETREGS, child, 0, &regs))
		return 1;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (pipe(tell))
		return 1;
	child = fork();
	if (child == 0) {
		orphan = fork();
		if (orphan > 0)
			_exit(write(tell[1], &orphan, sizeof(orphan)) != sizeof(orphan));
		for (;;)
			pause();
	}
	waitpid(child, NULL, 0);
	if (read(tell[0], &orphan, sizeof(orphan)) != sizeof(orphan))
		return 1;
	/* Wait for RCU, by which the kernel frees the parent. */
	for (int i = 0; i < 3; i++)
		syscall(SYS_membarrier, 1 /* MEMBARRIER_CMD_GLOBAL */, 0, 0);
	int bad = poke(orphan);
	printf("%d\n", orphan);
	kill(orphan, SIGKILL);
	return bad;
}

/* In a PID namespace, entered first by unshare(), then by setns(): 1 and 2 are others there. */
static int nested(void)
{
	char path[64];
	int tell[2];
	pid_t first, maker;

	if (pipe(tell))
		return 1;
	maker = fork();
	if (maker == 0) {
		if (unshare(CLONE_NEWPID))
			_exit(1);
		first = fork();
		if (first == 0) {
			if (ptrace(PTRACE_SEIZE, fork() ?: pause(), 0, 0) == 0)
				write(tell[1], "", 1);
			pause();
		}
		read(tell[0], path, 1);
		_exit(write(tell[1], &first, sizeof(first)) != sizeof(first));
	}
	waitpid(maker, &maker, 0);
	if (maker != 0 || read(tell[0], &first, sizeof(first)) != sizeof(first))
		return 1;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", first);
	if (setns(open(path, O_RDONLY), CLONE_NEWPID))
		return 1;
	maker = fork();
	if (maker == 0)
		_exit(ptrace(PTRACE_SEIZE, 1, 0, 0) || ptrace(PTRACE_POKEUSER, 1, 0, 0) != -1);
	waitpid(maker, &maker, 0);
	kill(first, SIGKILL);
	return maker;
}

/* A call that does nothing: this process traces nobody. */
static void *call(void *unused)
{
	(void)unused;
	ptrace(PTRACE_DETACH, getppid(), 0x1234, 0x5678);
	return NULL;
}

/* On one CPU, the same one in every run. */
static int calls(long count)
{
	pid_t tracee = fork();
	cpu_set_t one;
	long bad = 0;

	if (tracee == 0)
		for (;;)
			pause();
	sched_getaffinity(0, sizeof(one), &one);
	for (int i = CPU_SETSIZE, left = CPU_COUNT(&one); i-- > 0 && left > 1;)
		if (CPU_ISSET(i, &one)) {
			CPU_CLR(i, &one);
			left--;
		}
	sched_setaffinity(0, sizeof(one), &one);
	ptrace(PTRACE_SEIZE, tracee, 0, 0);
	ptrace(PTRACE_INTERRUPT, tracee, 0, 0);
	waitpid(tracee, NULL, __WALL);
	for (long i = 0; i < count; i++)
		bad += ptrace(PTRACE_PEEKUSER, tracee, 0x80, 0) == -1;
	kill(tracee, SIGKILL);
	return bad != 0;
}

int main(int argc, char **argv)
{
	const char *mode = argv[1];
	long number = argc > 2 ? atol(argv[2]) : 0;
	pthread_t thread;

	if (strcmp(mode, "idle") == 0)
		for (;;)
			pause();
	if (strcmp(mode, "poke") == 0)
		return poke((pid_t)number);
	if (strcmp(mode, "family") == 0)
		return family();
	if (strcmp(mode, "nested") == 0)
		return nested();
	if (strcmp(mode, "calls") == 0)
		return calls(number);
	if (strcmp(mode, "call") == 0) {
		call(NULL);
		ptrace((enum __ptrace_request)0x7777, getppid(), 0, 0);
		ptrace(PTRACE_ATTACH, -1, 0, 0);
	}
	if (strcmp(mode, "int80") == 0) {
		long result;

		__asm__ volatile("int $0x80"
			: "=a"(result)
			: "a"(26), "b"(PTRACE_DETACH), "c"(getppid()), "d"(0x1234), "S"(0x5678)
			: "memory", "r8", "r9", "r10", "r11");
		return result == -3 ? 0 : 3;
	}
	if (strcmp(mode, "msync") == 0) {
		msync(NULL, 0, 0);
		msync((void *)0x1000, 0, 0);
		msync((void *)17, (size_t)getppid(), 0);
		return mlock(NULL, 0);
	}
	if (strcmp(mode, "thread") == 0) {
		pthread_create(&thread, NULL, call, NULL);
		pthread_join(thread, NULL);
	}
	if (strcmp(mode, "name") == 0) {
		prctl(PR_SET_NAME, "a\033[31m\nb c");
		call(NULL);
	}
	if (strcmp(mode, "become") == 0) {
		if (syscall(SYS_setresuid, number, number, number))
			return 1;
		if (fork() == 0) {
			call(NULL);
			_exit(0);
		}
		wait(NULL);
		call(NULL);
	}
	if (strcmp(mode, "spawn") == 0) {
		call(NULL);
		if (vfork() == 0) {
			execl(argv[0], argv[0], "call", (char *)NULL);
			_exit(1);
		}
		wait(NULL);
		if (fork() == 0)
			_exit(0);
		wait(NULL);
	}
	if (strcmp(mode, "as-usual") == 0) {
		signal(SIGINT, SIG_DFL);
		execv(argv[2], argv + 2);
	}
	return 0;
}
END
"$CC" -w -O1 -pthread -o "$program" "$dir/program.c" || exit 99

# --- the words --------------------------------------------------------------------------------------

for word in 0 -1 -0.5 nan inf 1e10 '' ' 1' 1s 0x; do
	refuses "-t \"$word\"" 'give a number of seconds' "$tracer" --watch -t "$word"
done
refuses '-t without a value' '-t needs a value' "$tracer" --watch -t
refuses 'a word too many' '"now" is a word too many' "$tracer" --watch now
refuses 'an option of another lab' '"-p" is a word too many' "$tracer" --watch -p 1
refuses 'a longer word' 'cannot take "--watched"' "$tracer" --watched
refuses 'a value of its own' 'cannot take "--watch=1"' "$tracer" --watch=1

# --- what it needs ----------------------------------------------------------------------------------

setpriv() {
	command setpriv "$@"
}
if [ "$(id -u)" -ne 0 ]; then
	refuses 'an ordinary user' 'root' "$tracer" --watch -t 1
	skip 'everything else' 'only root can watch the machine'
	finish
fi
if ! "$tracer" --watch -t 0.01 >"$dir/out" 2>"$dir/err"; then
	skip 'everything else' "$(sed 's/^tracer: //' "$dir/err")"
	finish
fi
result 0 'begins and ends by itself'
if command -v setpriv >/dev/null; then
	refuses 'an ordinary user' 'run this as root' setpriv --reuid=65534 --regid=65534 \
		--clear-groups "$tracer" --watch -t 1
	refuses 'root without the capability' 'CAP_PERFMON' setpriv \
		--bounding-set=-perfmon,-sys_admin --inh-caps=-all "$tracer" --watch -t 1
else
	skip 'refuses without privilege' 'setpriv is missing'
fi
cat >"$dir/no-tracefs" <<END
while umount /sys/kernel/tracing || umount /sys/kernel/debug/tracing || umount /sys/kernel/debug; do
	:
done 2>/dev/null
exec "\$@"
END
if unshare -m true 2>/dev/null; then
	refuses 'without tracefs' 'mount -t tracefs' unshare -m sh "$dir/no-tracefs" "$tracer" --watch -t 1
else
	skip 'refuses without tracefs' 'no mount namespace can be made'
fi
if unshare -pf true 2>/dev/null; then
	refuses 'in a PID namespace' 'run this outside' unshare -pf --mount-proc "$tracer" --watch -t 1
else
	skip 'refuses in a PID namespace' 'none can be made'
fi

# --- the output that is not to be had ----------------------------------------------------------------

refuses 'a closed stdout' 'stdout is closed' sh -c 'exec "$@" >&-' sh "$tracer" --watch -t 1
refuses 'a full disk' 'stdout: ENOSPC' sh -c 'exec "$@" >/dev/full' sh "$tracer" --watch -t 1
(
	timeout 60 "$tracer" --watch 2>"$dir/err"
	echo $? >"$dir/status"
) | head -n 1 >"$dir/out"
[ "$(cat "$dir/status")" -eq 2 ] && [ "$(wc -l <"$dir/err")" -eq 1 ] && grep -q 'stdout: EPIPE' "$dir/err"
result $? 'ends when its reader does'
mkfifo "$dir/pipe"
exec 3<>"$dir/pipe"
exec 4>"$dir/pipe" 3<&-
timeout 60 "$tracer" --watch 2>"$dir/err" >&4
[ $? -eq 2 ] && [ "$(wc -l <"$dir/err")" -eq 1 ] && grep -q 'stdout: EPIPE' "$dir/err"
result $? 'refuses a pipe without a reader'
exec 4>&-

# --- watching ---------------------------------------------------------------------------------------

# watch: have a watcher run, as $watcher, and see it ready
watch() {
	rm "$dir/out"
	"$program" as-usual "$tracer" --watch >"$dir/out" 2>"$dir/err" </dev/null &
	watcher=$!
	started="$started $watcher"
	until_true grep -qs '^# time' "$dir/out" || bail_out 'the watcher'
}

# unwatch NAME SIGNAL: it ends with status 0, nothing on stderr and a summary
unwatch() {
	kill -"$2" "$watcher"
	wait "$watcher"
	status=$?
	[ $status -eq 0 ] && [ ! -s "$dir/err" ] && grep -q '^# [0-9.]* s: [0-9]* calls, ' "$dir/out"
	result $? "$1"
}

run() { # run MODE [ARGUMENT]: the program; its pid is $pid
	"$program" "$@" >"$dir/told" 2>&1 &
	pid=$!
	wait $pid
	status=$?
	[ $status -eq 0 ] || { result 1 "the program \"$*\", status $status"; }
}

start() { # start MODE: the program goes on; its pid is $!
	"$program" "$@" >/dev/null 2>&1 </dev/null &
	started="$started $!"
}

# shows NAME EXPRESSION...: each is a line (after its time, whose spaces are single ones)
shows() {
	name=$1 bad=0
	shift
	for line; do
		sed -n 's/^[0-9:]*\.[0-9]\{6\} //p; /^#/p' "$dir/out" | tr -s ' ' | grep -qE -e "^ ?$line\$" ||
			{ bad=1; echo "# missing: $line"; }
	done
	result $bad "$name"
}

count() { # count EXPRESSION: lines that have it
	tr -s ' ' <"$dir/out" | grep -cE -e "$1"
}

start idle
idle=$!
watch
run call
caller=$pid
call="PTRACE_DETACH $$ \(sh\) 0x1234 0x5678 ESRCH"
until_true grep -q " $caller (program)" "$dir/out"
result $? 'a call is shown while the watch goes on'
run poke $idle
poker=$pid
run family
parent=$pid orphan=$(cat "$dir/told")
run int80
int80=$pid
run msync
msync=$pid
run thread
thread=$pid
run name
named=$pid
run become 65534
become=$pid
run spawn
spawner=$pid
run nested
unwatch 'SIGINT ends it, with a summary' INT
mv "$dir/out" "$dir/watched"
tr -s ' ' <"$dir/watched" >"$dir/out"

shows 'a call: who, to whom, with what, and what came of it' "$caller \(program\) uid 0 $call"
shows 'a request that nobody knows, a pid that cannot be' \
	"$caller \(program\) uid 0 request 0x7777 $$ \(sh\) 0 0 ESRCH" \
	"$caller \(program\) uid 0 PTRACE_ATTACH -1 \(not there\) 0 0 ESRCH"
shows 'how the caller began' "$$ \(sh\) uid 0 v?fork $caller" "$caller \(program\) uid 0 exec $program"
who="$poker \(program\) uid 0" whom="$idle \(program\)" address='0x[0-9a-f]+'
shows 'one who attaches to a stranger and writes to it' \
	"$who PTRACE_SEIZE $whom 0 0 0 <- attaches to a stranger" \
	"$who PTRACE_INTERRUPT $whom 0 0 0" \
	"$who PTRACE_GETREGS $whom 0 $address 0" \
	"$who PTRACE_PEEKDATA $whom $address $address 0" \
	"$who PTRACE_POKEDATA $whom $address [0-9a-fx]+ 0 <- WRITES TO A STRANGER" \
	"$who PTRACE_SETREGS $whom 0 $address 0 <- WRITES TO A STRANGER" \
	"$who PTRACE_DETACH $whom 0 0 0" \
	"# $poker \(program\), uid 0, attached to $whom, not its descendant; writes: 2"
[ "$(count "^[0-9:.]+ $poker .* PTRACE")" -eq 7 ]
result $? 'each of its calls once'
[ "$(count "^# $poker ")" -eq 1 ]
result $? 'in the summary once'
shows 'a child that asks for it, and a descendant without a parent' \
	"[0-9]+ \(program\) uid 0 PTRACE_TRACEME by $parent \(program\) 0 0 0" \
	"$parent \(program\) uid 0 PTRACE_SETREGS [0-9]+ \(program\) 0 $address 0" \
	"$parent \(program\) uid 0 PTRACE_SEIZE $orphan \(program\) 0 0 0" \
	"$parent \(program\) uid 0 PTRACE_SETREGS $orphan \(program\) 0 $address 0"
[ "$(count " $parent .*(stranger|STRANGER|not its)")" -eq 0 ]
result $? 'are no strangers'
shows 'in a PID namespace, entered by unshare() or setns(): numbers that are its own' \
	"[0-9]+ \(program\) uid 0 PTRACE_SEIZE 2 of its namespace 0 0 0" \
	"[0-9]+ \(program\) uid 0 PTRACE_SEIZE 1 of its namespace 0 0 0"
[ "$(count "(SEIZE|POKEUSER|attached to) [12] \(")" -eq 0 ]
result $? 'and name nobody outside'
shows 'a call by int 0x80' "$int80 \(program\) uid 0 $call \(32-bit call\)"
[ "$(count " $msync ")" -eq 0 ]
result $? 'no msync() is taken for one'
shows 'a thread that is not the first' "$thread/[0-9]+ \(program\) uid 0 $call"
shows 'a name that a terminal would obey' "$named \(a\?\[31m\?b c\) uid 0 $call"
[ "$(tr -d '[:print:]\n' <"$dir/out" | wc -c)" -eq 0 ]
result $? 'nothing but printable characters'
shows 'who became another user' "$become \(program\) uid 65534\?? $call" \
	"[0-9]+ \(program\) uid 65534\?? PTRACE_DETACH $become \(program\) 0x1234 0x5678 ESRCH"
spawned=$(sed -n "s/^[0-9:.]* $spawner (program) uid 0 vfork \([0-9]*\)\$/\1/p" "$dir/out")
shows 'vfork, exec and fork' "$spawner \(program\) uid 0 vfork $spawned" \
	"$spawned \(program\) uid 0 exec $program" "$spawned \(program\) uid 0 PTRACE_DETACH $spawner .*" \
	"$spawner \(program\) uid 0 fork [0-9]+"
[ "$(count " vfork $spawned\$")" -eq 1 ]
result $? 'each once'

# --- all of them ------------------------------------------------------------------------------------

# accounts NAME COUNT: of so many calls of $pid, those that are not shown are among the lost ones
accounts() {
	shown=$(count "^[0-9:.]+ $pid .* PTRACE_PEEKUSER ")
	lost=$(sed -n 's/^# [0-9.]* s: [0-9]* calls, and \([0-9]*\) lost.*/\1/p' "$dir/out")
	echo "# $shown shown, $lost lost on the machine"
	[ "$shown" -le "$2" ] && [ $(($2 - shown)) -le "$lost" ]
	result $? "$1"
}

# More than a ring holds: its end is passed.
watch
run calls 200000
unwatch 'SIGTERM ends it, with a summary' TERM
accounts '200,000 calls: each is shown, or counted as lost' 200000
whole=$(count "^[0-9:.]+ $pid \(program\) uid 0 PTRACE_PEEKUSER [0-9]+ \(program\) 0x80 0x[0-9a-f]+ 0\$")
[ "$whole" -eq "$shown" ] || grep -q ' [1-9][0-9]* events lost$' "$dir/out"
result $? 'and shown with all that belongs to it'
watch
kill -STOP "$watcher"
run calls 150000
kill -CONT "$watcher"
unwatch 'SIGTERM ends one that is behind' TERM
accounts '150,000 calls while it is stopped: each is shown, or counted as lost' 150000
# Of all that are shown: a busier tracer of this machine may have filled the rings before.
[ "$shown" -lt 150000 ] && [ "$(count ' PTRACE_')" -gt 0 ]
result $? 'and there is such a loss'
watch
kill -STOP "$watcher"
run calls 150000
kill -CONT "$watcher"
until_true grep -q ' PTRACE_' "$dir/out" || bail_out 'the watcher to go on'
run calls 10
until_true grep -q '^# [0-9]* events lost' "$dir/out"
result $? 'a loss is told where it happened'
unwatch 'SIGTERM ends one that has lost calls' TERM

# A reader that does not read: the second signal ends what waits for it.
"$program" idle <>"$dir/pipe" &
started="$started $!"
"$program" as-usual "$tracer" --watch >"$dir/pipe" 2>"$dir/err" </dev/null &
watcher=$!
started="$started $watcher"
head -n 2 <"$dir/pipe" >"$dir/out"
grep -q '^# time' "$dir/out" || bail_out 'the watcher'
run calls 5000
ended() {
	kill -TERM "$watcher" 2>/dev/null
	! grep -q '^State:.*[^Z] (' "/proc/$watcher/status" 2>/dev/null
}
until_true ended
result $? 'SIGTERM again ends one whose reader does not read'

# --- what is left -----------------------------------------------------------------------------------

left() { # what a watcher could leave in tracefs
	(cd /sys/kernel/tracing && ls instances && cat events/enable set_event kprobe_events) 2>/dev/null
}

before=$(left)
watch
kill -KILL "$watcher"
wait "$watcher" 2>/dev/null
[ "$(left)" = "$before" ] && ! ls "/proc/$watcher" >/dev/null 2>&1
result $? 'killed by SIGKILL, it leaves nothing behind'
finish
