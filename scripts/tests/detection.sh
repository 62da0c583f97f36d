#!/bin/sh
# tracee of lab 07 by hand: its exit codes, its words, and what it says untraced, under strace, under
# gdb, when somebody attaches while it waits, and on a terminal.
planned=21
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
tracee=07_detection_artifacts/tracee
out=$made/out
err=$made/err

# looks NAME STATUS COMMAND...: its exit status; what it prints goes to $out and $err
looks() {
	name=$1 expected=$2
	shift 2
	"$@" >"$out" 2>"$err" </dev/null
	same "$name" "$expected" $?
}

# visible: the artifacts that are, of those in $out
visible() {
	sed -n 's/^X \([^ ]*\) .*/\1/p' "$out" | xargs
}

# A container's filter shows in seccomp-state, whoever looks: it is left out.
artifacts=$("$tracee" -l | awk '$1 != "seccomp-state" { print $1 }')
number_of() {
	echo $#
}

# shellcheck disable=SC2086 # a list of words
looks 'untraced: exit 0' 0 "$tracee" $artifacts
same 'untraced: nothing is visible' '' "$(visible)"
# shellcheck disable=SC2086
same 'each artifact is told' "$(number_of $artifacts)" "$(grep -c '^[.X-] ' "$out")"
looks 'two by name: exit 0' 0 "$tracee" switches tracerpid
same 'two by name, in its own order' 'tracerpid switches' "$(sed -n 's/^\. \([^ ]*\) .*/\1/p' "$out" | xargs)"
looks 'looked at a hundred times: exit 0' 0 "$tracee" -r 100 switches
same 'looked at a hundred times: how often' 1 "$(grep -c '^\. switches .* 0 of 100 visible$' "$out")"
looks 'an unknown artifact: exit 2' 2 "$tracee" nonesuch
same 'an unknown artifact is named' 'tracee: no artifact "nonesuch" (-l lists them)' "$(cat "$err")"
refused() { # refused LINE WORD...: exit 2, and that line
	line=$1
	shift
	"$tracee" "$@" >"$out" 2>"$err" </dev/null
	same "refuses $*" "2: tracee: $line" "$?: $(cat "$out" "$err")"
}
refused '-r wants a number of times from 1 on, not many' -r many
refused '-r wants a number of times from 1 on, not 0' -r 0
refused '-r wants a number of times' -r
refused 'cannot take -x (--help tells the usage)' tracerpid -xl
refused 'cannot take --nonsense (--help tells the usage)' --nonsense tracerpid
looks '--help: exit 0' 0 "$tracee" --help
looks 'a scene by hand: exit 0' 0 "$tracee" trials

if command -v strace >/dev/null; then
	strace -o /dev/null "$tracee" tracerpid switches int3 group-stop >"$out" 2>"$err" </dev/null
	same 'under strace: exit 1, by the link and the stops' '1: tracerpid switches' "$?: $(visible)"
	mkfifo "$made/line"
	"$tracee" -w eintr tracerpid <"$made/line" >"$out" 2>"$err" &
	waits=$!
	exec 9>"$made/line"
	until grep -q 'waits: attach' "$err"; do :; done
	until [ "$(cut -d' ' -f1 /proc/$waits/syscall)" = 232 ]; do :; done
	strace -o /dev/null -p $waits 2>/dev/null &
	until ! grep -q '^TracerPid:	0$' /proc/$waits/status; do :; done
	until grep -q '^State:	S' /proc/$waits/status; do :; done
	echo >&9
	wait $waits
	same 'attached to while it waits: exit 1' '1: eintr tracerpid' "$?: $(visible)"
	exec 9>&-
	wait
else
	result 0 'under strace' 'SKIP strace is not installed'
	result 0 'attached to while it waits' 'SKIP strace is not installed'
fi
if command -v gdb >/dev/null; then
	gdb -nx -batch -ex run -ex continue --args "$tracee" tracerpid int3 >"$out" 2>"$err" </dev/null
	same 'under gdb' 'tracerpid int3' "$(visible)"
else
	result 0 'under gdb' 'SKIP gdb is not installed'
fi
if command -v script >/dev/null; then
	script -qec "$tracee -l >/dev/null; $tracee" /dev/null </dev/null >"$out" 2>"$err"
	same 'on a terminal it does not stop itself' '- group-stop' "$(grep -o '^. group-stop' "$out")"
	script -qec 'stty cols 200 rows 60; 07_detection_artifacts/tracer matrix' /dev/null </dev/null >"$out" 2>"$err"
	grep -q '^ok .*matrix # SKIP' "$out" ||
		{ grep -aq 'now: .*about [0-9]* s left' "$out" && grep -aq 'X visible' "$out" && grep -aq 'ok 1 - matrix' "$out"; }
	result $? 'on a terminal the matrix grows before its reader'
else
	result 0 'on a terminal' 'SKIP script is not installed'
	result 0 'the matrix on a terminal' 'SKIP script is not installed'
fi
finish
