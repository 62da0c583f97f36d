#!/bin/sh
# tracer -p of lab 03: a process nobody here wrote agrees with its files; one changed byte is named;
# files that are gone, renamed, stripped or not readable; what is refused.
# shellcheck disable=SC2317 # until_true calls the functions that nobody seems to call
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
cp 03_memory_introspection/tracer "$dir" || exit 99
tracer=$dir/tracer

as_user=
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	as_user='setpriv --reuid=65534 --regid=65534 --clear-groups'
fi

# looks NAME STATUS PID LINE...: that exit status, nothing on stderr, each LINE (an expression) on
# stdout, and PID untraced and not stopped
looks() {
	name=$1 expected=$2 pid=$3 bad=0
	shift 3
	# shellcheck disable=SC2086 # $user is a command or nothing
	${user-} "$tracer" -p "$pid" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	[ $status -eq "$expected" ] || { bad=1; echo "# exit $status, not $expected"; }
	[ ! -s "$dir/err" ] || bad=1
	for line; do
		grep -q -e "$line" "$dir/out" || { bad=1; echo "# missing: $line"; }
	done
	is_in "$pid" S || { bad=1; echo "# $pid does not sleep any more"; }
	result $bad "$name"
}

# --- subjects ---------------------------------------------------------------------------------------

# In nanosleep() or clock_nanosleep(): the program is loaded and its own code runs.
sleeps() {
	read -r call _ 2>/dev/null <"/proc/$1/syscall" && case $call in 35 | 230) ;; *) false ;; esac
}

start_sleep() { # start_sleep PROGRAM [COMMAND...]: a copy of sleep, run by COMMAND; its pid is $!
	program=$1
	shift
	"$@" "$program" 1000 >/dev/null 2>&1 </dev/null &
	started="$started $!"
	until_true sleeps $! || bail_out "$program"
}

copy() { # copy NAME: a program of its own, at $dir/NAME
	cp "$sleep" "$dir/$1" && chmod 755 "$dir/$1"
}

edit() { # edit FILE OFFSET, with the new bytes from stdin
	dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

byte_at() { # byte_at FILE OFFSET, in hexadecimal
	dd if="$1" bs=1 skip="$2" count=1 2>/dev/null | od -An -tx1 | tr -d ' '
}

# The start and the file offset of the executable mapping of a file, in decimal.
text_of() { # text_of PID FILE
	range=$(awk -v file="$2" '$6 == file && $2 == "r-xp" { print $1, $3; exit }' "/proc/$1/maps")
	address=$((0x${range%%-*})) offset=$((0x${range##* }))
}

sleep=$(command -v sleep)
case $sleep in /*) ;; *) echo '1..0 # SKIP sleep is no program here'; exit 77 ;; esac

# --- refusals ---------------------------------------------------------------------------------------

copy prog
start_sleep "$dir/prog"
subject=$!

refuses 'no pid at all' 'needs a process id' "$tracer" -p
refuses 'text' '"sleep" is not a process id' "$tracer" -p sleep
refuses 'no such process' 'there is no process' "$tracer" -p "$(cat /proc/sys/kernel/pid_max)"
if [ "$(field 2 Name)" = kthreadd ]; then
	refuses 'a kernel thread' 'kernel thread' "$tracer" -p 2
else
	skip 'refuses a kernel thread' 'none is visible here'
fi
if [ -n "$as_user" ]; then
	# shellcheck disable=SC2086 # a command
	refuses "another user's process" "belongs to another user (uid 0; this is uid 65534)" \
		$as_user "$tracer" -p $subject
else
	skip "refuses another user's process" 'needs root and setpriv'
fi

# Yama lets a process without CAP_SYS_PTRACE (bit 19) look at its descendants alone.
scope=$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)
case $scope,$(field $$ CapEff) in
0,* | [12],*[89a-f]????) ;;
*)
	skip 'what it tells of a process' "Yama's ptrace_scope is $scope"
	finish
	;;
esac

# --- one byte ---------------------------------------------------------------------------------------

agrees='^bytes: [0-9]* compared; .*, 0 unexplained$'
looks 'a sleeper agrees with its files' 0 $subject "$agrees" "^$dir/prog$" 'r-xp segment' \
	'RELRO.* relocated' 'pause: none; no thread was stopped'

text_of $subject "$dir/prog"
old=$(byte_at "$dir/prog" $((offset + 100)))
at="$(printf '0x%x, file offset 0x%x, ' $((address + 100)) $((offset + 100)))"
printf '\314' | edit /proc/$subject/mem $((address + 100))
looks 'one byte of its text changed is named' 1 $subject ', 1 unexplained$' \
	"    unexplained: 1 byte at $at.*: on disk $old, in memory cc$"
[ "$(grep -c '    unexplained:' "$dir/out")" -eq 1 ]
result $? 'and nothing else is'
# shellcheck disable=SC2059 # the byte is written in octal
printf "\\$(printf %03o "0x$old")" | edit /proc/$subject/mem $((address + 100))
looks 'once it is written back, all agrees again' 0 $subject "$agrees"

# A pointer that a relocation made is sealed: the table tells its value too.
start_sleep "$sleep"
range=$(awk '$6 ~ /\/libc[.-]/ && $2 == "r--p" { last = $1 } END { print last }' "/proc/$!/maps")
if [ -n "$range" ]; then
	end=$((0x${range#*-})) at=$((0x${range%-*})) bias=
	bias=$(awk '$6 ~ /\/libc[.-]/ { print $1; exit }' "/proc/$!/maps")
	bias=$((0x${bias%%-*}))
	# The first word of it that points into the library.
	place=$(dd if=/proc/$!/mem bs=8 skip=$((at / 8)) count=$(((end - at) / 8)) 2>/dev/null |
		od -An -v -w8 -td8 | awk -v low="$bias" -v high="$end" '
			$1 > low && $1 < high { print NR - 1; exit }')
	printf '\001' | edit /proc/$!/mem $((at + place * 8))
	looks 'one byte of a sealed pointer changed is named' 1 $! ', 1 unexplained$' \
		"    unexplained: 1 byte at $(printf 0x%x $((at + place * 8))),.*in memory 01$"
else
	skip 'one byte of a sealed pointer changed is named' 'sleep has no libc.so'
fi

# --- files ------------------------------------------------------------------------------------------

copy prog2
start_sleep "$dir/prog2"
copy new
mv "$dir/new" "$dir/prog2"
looks 'a program that was replaced' 0 $! "^$dir/prog2, replaced" "$agrees"
rm "$dir/prog2"
looks 'one that is deleted' 0 $! "^$dir/prog2, deleted$" "$agrees"

odd="$dir/a
b (deleted)"
cp "$sleep" "$odd"
start_sleep "$odd"
looks 'one with a name that says so' 0 $! "^$dir/a.012b (deleted)$" "$agrees"

copy no-sections
head -c 8 /dev/zero | edit "$dir/no-sections" 40
head -c 4 /dev/zero | edit "$dir/no-sections" 60
start_sleep "$dir/no-sections"
looks 'one without section headers' 0 $! 'no section headers' "$agrees"
text_of $! "$dir/no-sections"
printf '\314' | edit /proc/$!/mem $((address + 100))
looks 'its changed byte too' 1 $! ', 1 unexplained$'

copy packed
printf 'UPX!' | edit "$dir/packed" 9
start_sleep "$dir/packed"
looks 'one that a packer has marked' 0 $! 'packed by UPX' "$agrees"

if [ -n "$as_user" ]; then
	copy theirs
	# shellcheck disable=SC2086 # a command
	start_sleep "$dir/theirs" $as_user
	rm "$dir/theirs"
	user=$as_user
	looks "an ordinary user's deleted program" 0 $! "^$dir/theirs, deleted$" "$agrees"
	unset user
else
	skip "an ordinary user's deleted program" 'needs root and setpriv'
fi

# --- text that is not as usual ----------------------------------------------------------------------

cat >"$dir/odd.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Text relocations. */
__asm__(".text\n.globl table\ntable: .quad main, table\n");

__attribute__((aligned(4096))) static void *sleeps(void *argument)
{
	for (;;)
		sleep(1000);
	return argument;
}

/* A page of text, with nothing at its end. */
static char *page = (char *)sleeps;

int main(int argc, char **argv)
{
	char *copy = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;

	for (; argc > 1; argv++, argc--) {
		if (strcmp(argv[1], "map") == 0)
			page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, open("/proc/self/exe", O_RDONLY), 0);
		if (strcmp(argv[1], "protect") == 0)
			mprotect(page, 4096, PROT_READ);
		if (strcmp(argv[1], "unprotect") == 0)
			mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
		if (strcmp(argv[1], "edit") == 0)
			page[4000] ^= 1;
		if (strcmp(argv[1], "replace") == 0)
			mremap(memcpy(copy, page, 4096), 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, page);
		if (strcmp(argv[1], "leave") == 0) {
			pthread_create(&thread, NULL, sleeps, NULL);
			syscall(SYS_exit, 0);
		}
	}
	sleeps(NULL);
}
END
if ${CC:=cc} -O1 -w -fPIE -pie -pthread -Wl,-z,notext -o "$dir/odd" "$dir/odd.c" 2>"$dir/err"; then
	odd() { # odd SCENE...: start it; its pid is $!
		"$dir/odd" "$@" >/dev/null 2>&1 </dev/null &
		started="$started $!"
	}
	odd
	until_true sleeps $!
	looks 'text relocations are announced' 0 $! 'text relocations$' \
		'segment [0-9] RX: .* differ: [0-9]* relocated$' "$agrees"
	odd unprotect edit
	until_true sleeps $!
	looks 'text that was made writable is no data' 1 $! ' rwxp segment .* 1 unexplained$' ', 1 unexplained$'
	odd replace
	until_true sleeps $!
	looks 'text replaced by its copy' 0 $! 'replaced by memory without a file' "$agrees"
	odd replace edit
	until_true sleeps $!
	looks 'by one that differs' 1 $! 'replaced by memory without a file.* 1 unexplained$'
	odd map edit
	until_true sleeps $!
	looks 'data that is written' 0 $! ' rw-p data: .* 1 written$' "$agrees"
	odd map edit protect
	until_true sleeps $!
	looks 'data that nobody can write any more' 1 $! ' r--p data: .* 1 unexplained$'
	odd map unprotect edit
	until_true sleeps $!
	looks 'data that can be executed' 1 $! ' rwxp data: .* 1 unexplained$'
	odd leave
	subject=$!
	until_true is_in $subject Z
	"$tracer" -p $subject >"$dir/out" 2>"$dir/err" && grep -q "$agrees" "$dir/out"
	result $? 'a leader that ended before its threads'
else
	sed 's/^/# /' "$dir/err"
	skip 'text that is not as usual' 'no compiler, or none that makes text relocations'
fi

# --- its end ----------------------------------------------------------------------------------------

bad=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
	start_sleep "$sleep"
	subject=$!
	"$tracer" -p $subject >"$dir/out" 2>"$dir/err" &
	looking=$!
	kill -KILL $subject
	wait $looking
	status=$?
	case $status,$(wc -l <"$dir/err") in 0,0 | 2,1) ;; *) bad=1 && break ;; esac
done
[ $bad -eq 0 ] || echo "# exit $status"
result $bad 'a process that ends meanwhile: agreement, or one line'

finish
