#!/bin/sh
# tracer -p of lab 01: what it refuses and how it says so; what it tells of processes in different
# states; and that each is afterwards as it was before.
# shellcheck disable=SC2317 # until_true calls the functions that nobody seems to call
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
# Copies that any user may execute, wherever the tree stands.
cp 01_attach_detach/tracer 01_attach_detach/tracee "$dir" || exit 99
tracer=$dir/tracer tracee=$dir/tracee

# A command that runs another as an ordinary user.
as_user=$dir/as-user
echo '#!/bin/sh' >"$as_user"
if [ "$(id -u)" -ne 0 ]; then
	echo 'exec "$@"'
elif command -v setpriv >/dev/null; then
	echo 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'
else
	as_user=
fi >>"$dir/as-user"
chmod 755 "$dir/as-user"

# tells NAME PID STATE LINE...: exit 0, nothing on stderr, each LINE (an expression) on stdout;
# afterwards PID is untraced and comes to be in STATE, with the same signals pending.
tells() {
	name=$1 pid=$2 state=$3 bad=0
	shift 3
	before=$(pending "$pid")
	"$tracer" -p "$pid" >"$dir/out" 2>"$dir/err" </dev/null || bad=1
	[ ! -s "$dir/err" ] || bad=1
	for line; do
		grep -q -e "$line" "$dir/out" || { bad=1; echo "# missing: $line"; }
	done
	wait_for "$pid" "$state"
	[ "$(field "$pid" TracerPid)" = 0 ] || { bad=1; echo "# still traced"; }
	[ "$(pending "$pid")" = "$before" ] || { bad=1; echo "# other signals pending"; }
	result $bad "$name"
}

# --- subjects ---------------------------------------------------------------------------------------

start() { # start COMMAND...: its pid is $!
	"$@" >/dev/null 2>&1 </dev/null &
	started="$started $!"
}

pending() {
	grep -E '^(SigPnd|ShdPnd|SigBlk)' "/proc/$1/status"
}

in_call() { # in_call PID NUMBER
	read -r call rest 2>/dev/null <"/proc/$1/syscall" && [ "$call" = "$2" ] && [ -n "$rest" ]
}

wait_for() { # wait_for PID STATE [NUMBER]: in that state, and in that system call
	until_true is_in "$1" "$2" || bail_out "pid $1 in state $2"
	[ $# -eq 2 ] || until_true in_call "$1" "$3" || bail_out "pid $1 in system call $3"
}

# --- refusals ---------------------------------------------------------------------------------------

start "$tracee" nanosleep
sleeper=$!
wait_for $sleeper S 35

"$tracer" --help | grep -q '^  tracer -p PID'
result $? 'the help has it'
refuses 'no pid at all' 'needs a process id' "$tracer" -p
refuses 'a word too many' '"8" is a word too many' "$tracer" -p $sleeper 8
refuses 'pid 0' '0 is not a process id' "$tracer" -p 0
refuses 'pid -1' '-1 is not a process id' "$tracer" -p -1
refuses 'text' '"sleep" is not a process id' "$tracer" -p sleep
refuses 'a number with a tail' '"12x" is not a process id' "$tracer" -p12x
refuses 'an empty string' '"" is not a process id' "$tracer" -p ''
refuses 'two lines' '"a?b" is not a process id' "$tracer" -p 'a
b'
refuses 'a number that would wrap around to 1' 'too large' "$tracer" -p 4294967297
refuses 'a number beyond every integer' 'too large' "$tracer" -p 99999999999999999999
refuses 'no such process' 'there is no process' "$tracer" -p "$(cat /proc/sys/kernel/pid_max)"
# shellcheck disable=SC2016 # $$ of that shell, which becomes the tracer
refuses 'itself' 'this tracer itself' sh -c 'exec "$0" -p $$' "$tracer"

if [ "$(field 2 Name)" = kthreadd ]; then
	refuses 'a kernel thread' 'kernel thread' "$tracer" -p 2
else
	skip 'refuses a kernel thread' 'none is visible here'
fi

# A child that ends once its parent has become a sleep, which never waits for it.
# shellcheck disable=SC2016 # for that shell
start sh -c '(until grep -q "^Name:.sleep$" /proc/$$/status; do :; done) &
	echo $! >"$0"; exec sleep 1000' "$dir/zombie"
until_true test -s "$dir/zombie" || bail_out 'the name of a zombie'
zombie=$(cat "$dir/zombie")
wait_for "$zombie" Z
refuses 'a zombie' "is a zombie: it has ended and waits for its parent, pid $!" \
	"$tracer" -p "$zombie"

start "$tracee" traceme-exec
is_traced() { # is_traced PID BY
	[ "$(field "$1" TracerPid)" = "$2" ]
}
until_true is_traced $! $$ || bail_out 'PTRACE_TRACEME'
refuses 'an already traced process' "already traced, by pid $$" "$tracer" -p $!

if [ "$(id -u)" -eq 0 ]; then foreign=$sleeper; else foreign=1; fi
if [ -z "$as_user" ]; then
	skip "refuses another user's process" 'root without setpriv'
elif [ "$foreign" = 1 ] && [ "$(field 1 Uid)" = "$(id -u)" ]; then
	skip "refuses another user's process" 'pid 1 is of this user'
else
	refuses "another user's process" "another user (uid $(field "$foreign" Uid);" \
		"$as_user" "$tracer" -p "$foreign"
fi

# The program runs, and its files in /proc have become root's.
is_hidden() {
	[ "$(field "$1" Name)" = tracee ] &&
		[ -n "$(find "/proc/$1/environ" -user 0)" ]
}
if [ -z "$as_user" ]; then
	skip "refuses one's own that is not dumpable" 'root without setpriv'
else
	start "$as_user" "$tracee" non-dumpable
	until_true is_hidden $! || bail_out 'PR_SET_DUMPABLE'
	if [ -e /proc/sys/kernel/yama/ptrace_scope ]; then
		refuses "one's own that is not dumpable" 'permission denied' "$as_user" "$tracer" -p $!
	else
		refuses "one's own that is not dumpable" 'not dumpable' "$as_user" "$tracer" -p $!
	fi
fi

# The smallest 32-bit program that calls pause() for ever: ELF header, program header, code.
{
	printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\003\000\001\000\000\000'
	printf '\124\200\004\010\064\000\000\000\000\000\000\000\000\000\000\000\064\000\040\000\001\000'
	printf '\000\000\000\000\000\000\001\000\000\000\000\000\000\000\000\200\004\010\000\200\004\010'
	printf '\135\000\000\000\135\000\000\000\005\000\000\000\000\020\000\000'
	printf '\270\035\000\000\000\315\200\353\367'
} >"$dir/pause32"
chmod 755 "$dir/pause32"
start "$dir/pause32"
settled() { is_in "$1" S || ! kill -0 "$1" 2>/dev/null || is_in "$1" Z; }
until_true settled $! || bail_out 'the 32-bit program'
if [ "$(field $! Name)" = pause32 ] && is_in $! S; then
	refuses 'a 32-bit program' 'not x86_64' "$tracer" -p $!
else
	skip 'refuses a 32-bit program' 'this kernel runs none'
fi

# --- what it tells ----------------------------------------------------------------------------------

# Yama lets a process without CAP_SYS_PTRACE (bit 19) attach to its descendants alone.
scope=$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)
case $scope,$(field $$ CapEff) in
0,* | [12],*[89a-f]????) ;;
*)
	skip 'what it tells of a process' "Yama's ptrace_scope is $scope"
	finish
	;;
esac

tells 'a sleeper: its call goes on' $sleeper S 'State S (sleeping), TracerPid 0' \
	'wait status  0x80057f: PTRACE_EVENT_STOP stop' 'nanosleep (orig_rax 35)' \
	'ERESTART_RESTARTBLOCK: the call restarts' 'arguments    rdi 0x[0-9a-f]* rsi 0' \
	'rip 0x' 'pause        at most'
until_true in_call $sleeper 219
result $? 'it sleeps on in restart_syscall'

kill -STOP $sleeper
wait_for $sleeper T
kill -USR1 $sleeper
tells 'a stopped one stays stopped, its signal pending' $sleeper T 'State T (stopped)' \
	'wait status  0x80137f: group-stop SIGSTOP' 'for the process SIGUSR1 ' 'pause        none' \
	'restart_syscall (orig_rax 219)'

# What it has to tell and cannot is no success.
"$tracer" -p $sleeper >/dev/full 2>"$dir/err"
[ $? -eq 2 ] && grep -q '^tracer: stdout took only a part' "$dir/err"
result $? 'a full disk: exit 2'
"$tracer" -p $sleeper 2>"$dir/err" >&-
[ $? -eq 2 ] && grep -q '^tracer: stdout is closed$' "$dir/err"
result $? 'stdout that is closed: exit 2'

start "$tracee" vfork-parent
wait_for $! D
unstoppable=$!
refuses 'a process that does not stop' 'did not stop within 2.00 s' "$tracer" -p $unstoppable
[ "$(field $unstoppable TracerPid)" = 0 ] && is_in $unstoppable D
result $? 'leaves it untraced, in its uninterruptible sleep'

start "$tracer" -p $unstoppable
until_true is_traced $unstoppable $! || bail_out 'PTRACE_SEIZE'
kill -TERM $!
wait $! 2>/dev/null
[ $? -eq 143 ] && [ "$(field $unstoppable TracerPid)" = 0 ] && is_in $unstoppable D
result $? 'SIGTERM ends the tracer while it waits, and the process is let go'

start "$tracee" epoll_wait
wait_for $! S 232
tells 'epoll_wait: it returns EINTR' $! S 'epoll_wait (orig_rax 232)' 'EINTR: the call returns EINTR'

start "$tracee" 'read(pipe)'
wait_for $! S 0
tells 'read from a pipe: it restarts' $! S ' read (orig_rax 0)' 'ERESTARTSYS: the call restarts'
until_true in_call $! 0
result $? 'it is in read again'

start "$tracee" 'rt_sigsuspend'
wait_for $! S 130
tells 'rt_sigsuspend: both signal masks' $! S 'rt_sigsuspend (orig_rax 130)' \
	'at the stop: blocked' 'pause        at most'

start sh -c 'while :; do :; done'
busy=$!
wait_for $busy R
tells 'a busy one' $busy R 'State R (running)' 'rip 0x' 'pause        at most'
cpu_time() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
ticks=$(cpu_time $busy)
later() { [ "$(cpu_time "$1")" -gt "$2" ]; }
until_true later $busy "$ticks"
result $? 'it uses the CPU again'

# Where it stops is a race: each is looked at again and again until it stops there.
stops_so() { # stops_so PID LINE
	"$tracer" -p "$1" >"$dir/out" 2>"$dir/err" </dev/null && grep -q -e "$2" "$dir/out"
}
# shellcheck disable=SC2016 # for that shell
start sh -c 'while kill -0 $$; do :; done'
until_true stops_so $! 'rax 0: the call had returned'
result $? 'one that makes calls: at the end of one'
kill -KILL $!
start sh -c 'until test -e /nowhere; do :; done'
until_true stops_so $! 'ENOENT'
result $? 'at the end of one that failed'
kill -KILL $!
# dash waits in rt_sigsuspend(), outside of which it has all signals blocked.
# shellcheck disable=SC2016 # for that shell
start sh -c '"$0" nanosleep & echo $! >"$1"; wait' "$tracee" "$dir/waited"
waits=$!
until_true test -s "$dir/waited" || bail_out 'a shell that waits'
started="$started $(cat "$dir/waited")"
wait_for $waits S
if in_call $waits 130; then
	tells 'a call with a mask of its own: both' $waits S 'at the stop: blocked all' \
		'before the stop, in the call: blocked none'
else
	skip 'a call with a mask of its own' 'this shell does not wait so'
fi

start "$tracee" threads
many=$!
wait_for $many S 34
tells 'every thread' $many S '3 of 3 threads looked at'
for task in "/proc/$many/task/"*; do
	echo "${task##*/}"
done | sort >"$dir/tasks"
sed -n 's/^thread \([0-9]*\): .*/\1/p' "$dir/out" | sort >"$dir/told"
[ "$(wc -l <"$dir/told")" -eq 3 ] && cmp -s "$dir/tasks" "$dir/told" &&
	[ "$(grep -c 'pause (orig_rax 34)' "$dir/out")" -eq 3 ] &&
	[ "$(cat /proc/$many/task/*/status | grep -c '^TracerPid:.0$')" -eq 3 ]
result $? 'each by its id, in its call, untraced afterwards'

thread=$(grep -v "^$many\$" "$dir/tasks" | head -n 1)
"$tracer" "-p$thread" >"$dir/out" 2>"$dir/err" &&
	grep -q "^pid $many .*its thread $thread alone" "$dir/out" &&
	[ "$(grep -c '^thread ' "$dir/out")" -eq 1 ]
result $? "a thread's id: that thread alone (and -pPID in one word)"

finish
