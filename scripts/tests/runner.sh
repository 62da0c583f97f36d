#!/bin/sh
# The runner of common/check.c from outside: are good and bad experiments, those of selftest.c,
# judged as they should be, and is nothing of them left alive? And run-labs, on labs that end in
# every way; and what make makes of LAB=, N= and WITHOUT=.
planned=93
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
tracer=build/tests/selftest/tracer
out=$made/out
tried=

# Every process of a run has this in its environment, whatever becomes of its parents.
mark=$made
run() { # run ARG...: output to $out, complaints to $out.err, exit code to $status
	env MARK="$mark" "$tracer" "$@" >"$out" 2>"$out.err"
	status=$?
}

alive() { # the processes of the run that are alive
	grep -l "MARK=$mark" /proc/[0-9]*/environ 2>/dev/null
}

judged() { # judged SLUG STATUS PATTERN...: exits so, prints lines like these, leaves nobody alive
	slug=$1 expected=$2 bad=0
	shift 2
	tried="$tried$slug
"
	run "$slug"
	[ $status -eq "$expected" ] || { echo "#   exit $status, expected $expected"; bad=1; }
	for pattern; do
		grep -Eq -- "^$pattern\$" "$out" || { echo "#   not printed: $pattern"; bad=1; }
	done
	left=$(alive)
	[ -z "$left" ] || { echo "#   left alive: $left"; bad=1; }
	result $bad "$slug"
}

# --- verdicts --------------------------------------------------------------------------------------

judged holds 0 'ok 1 - holds'
judged has-a-case 0 '#   case: beta' 'ok 1 - has-a-case'
judged repeats 0 'ok 1 - repeats'
judged starts-clean 0 'ok 1 - starts-clean'
judged without-tracing 0 'ok 1 - without-tracing'
judged leaves 0 'ok 1 - leaves'
judged leaves-traced-parent 0 'ok 1 - leaves-traced-parent'
judged refuted 1 'not ok 1 - refuted # 13 of 14 expectations failed'
same 'what a failed expectation says' '#   ! a truth: no, expected yes
#   ! number 7: 2, expected 1
#   ! a mask: 0x20, expected 0x10
#   ! a count: 4, expected at least 5
#   ! a text: b, expected a
#   ! a pid: 0, expected 1
#   ! an address: 0, expected 0x10
#   ! a call: ESRCH (No such process), expected EIO (Input/output error)
#   ! another call: success, expected EIO (Input/output error)
#   ! a stop: signal-delivery-stop SIGINT, status 0x027f, expected exited 3
#   ! a rule: Sometimes 2/3, expected Always
#   ! an exception: Always 3/3, expected Never
#   ! nothing tried: untried, 0/0, expected Always' \
	"$(sed -n '/^#   !/s/ (common.*selftest.c:[0-9]*)$//p' "$out")"
judged helper-refutes 1 'not ok 1 - helper-refutes # 1 of 2 expectations failed'
judged hangs 1 \
	'not ok 1 - hangs # time limit of 5 s passed while waiting for a report of pid [0-9]+'
judged hangs-silently 1 'not ok 1 - hangs-silently # time limit of 1 s passed'
judged crashes 1 'not ok 1 - crashes # the tracer was killed by SIGSEGV'
judged exits-early 1 'not ok 1 - exits-early # the tracer exited early with code 0'
judged skip-after-failure 1 'not ok 1 - skip-after-failure # 1 of 1 expectations failed, then: no longer wanted'
judged breaks-after-failure 1 'not ok 1 - breaks-after-failure # 1 of 1 expectations failed, then: no floor left'
judged skipped 77 'ok 1 - skipped # SKIP needs 3 hands'
judged skipped-late 77 'ok 1 - skipped-late # SKIP needs more time'
judged breaks 99 'Bail out! breaks: no floor: ENOENT \(No such file or directory\)'
judged helper-breaks 99 'Bail out! helper-breaks: the helper has no floor'
judged checks-nothing 99 \
	'Bail out! checks-nothing: it states no expectation, so it could not fail'
judged unknown-case 99 'Bail out! unknown-case: "gamma" is not one of its cases: alpha\|beta'
judged part-of-a-case 99 'Bail out! part-of-a-case: "alph" is not one of its cases: alpha\|beta'
judged case-of-none 99 'Bail out! case-of-none: "alpha" is not one of its cases: it has none'
judged request-fails 99 'Bail out! request-fails: .*selftest.c:[0-9]+: PTRACE_CONT on pid [0-9]+: ESRCH \(No such process\): not stopped, .*'
judged peek-fails 99 \
	'Bail out! peek-fails: .*selftest.c:[0-9]+: PTRACE_PEEKDATA of pid [0-9]+ at 0x10: EIO .*'
judged wait-fails 99 'Bail out! wait-fails: waitpid\(1, __WALL\): ECHILD .*'
judged scene-dies-first 99 \
	'Bail out! scene-dies-first: scene "dies": exited 5 before it was ready'
judged scene-killed-first 99 \
	'Bail out! .*: scene "ends-by-signal": killed by SIGTERM before it was ready'
judged no-such-scene 99 'Bail out! no-such-scene: scene "nowhere": exited 2 before it was ready'
judged never-told 99 'Bail out! never-told: the scene has not told "the truth"'
judged dies-untold 99 'Bail out! dies-untold: the tracee ended before it told "the truth".*'
judged dies-unblocked 99 'Bail out! dies-unblocked: pid [0-9]+ ended before it blocked .*'

# The runner itself killed, in the middle of an experiment that waits.
mkfifo "$made/lines"
env MARK="$mark" "$tracer" waits >"$made/lines" &
runner=$!
exec 3<"$made/lines"
while read -r line <&3; do
	case $line in *'the scene is set') break ;; esac
done
same 'waits: the runner, the tracer, a helper and three tracees are alive' 6 "$(alive | wc -l)"
kill -KILL $runner
# All of them hold the other end of this pipe: it ends when the last one has.
timeout 20 cat <&3 >/dev/null
result $? 'waits: all of them end when the runner is killed'
same 'waits: nobody is left alive' '' "$(alive)"
wait $runner 2>/dev/null
exec 3<&-
tried="${tried}waits
lingers
" # predict.sh interrupts that one

# --- where it is started ---------------------------------------------------------------------------

(
	trap '' HUP INT QUIT USR1 PIPE ALRM CHLD TSTP TTIN TTOU
	"$tracer" starts-clean holds >"$out"
	echo $? >"$made/status"
)
same 'with signals ignored, SIGCHLD among them' '0
ok 1 - holds
ok 2 - starts-clean' "$(cat "$made/status" && grep '^ok' "$out")"
build/keeper -n "$tracer" holds without-tracing >"$out" 2>&1
same 'where ptrace() is forbidden' '0
ok 1 - holds # SKIP no process may trace its own child here: EPERM (Operation not permitted) (Yama, seccomp?)
ok 2 - without-tracing' "$?
$(grep '^ok' "$out")"
if unshare -m mount -t tmpfs none /proc 2>/dev/null; then
	unshare -m sh -c "mount -t tmpfs none /proc && exec $tracer holds" >"$out" 2>&1
	same 'where /proc is missing' \
		'99 Bail out! /proc does not show this process: mount proc there' "$? $(cat "$out")"
else
	result 0 'where /proc is missing' 'SKIP only root can hide /proc'
fi

# --- several experiments ---------------------------------------------------------------------------

several() { # several NAME STATUS LINES ARG...: the result lines, numbers and plan of a run
	name=$1 expected=$2 lines=$3
	shift 3
	run "$@"
	same "$name" "exit $expected $lines" \
		"exit $status $(grep -E '^(1\.\.|ok|not ok|Bail)' "$out" | cut -d' ' -f1-4 | tr '\n' ';')"
}

several 'in the order of the table' 0 '1..2;ok 1 - holds;ok 2 - has-a-case;' has-a-case holds
several 'all skipped' 77 '1..2;ok 1 - skipped;ok 2 - skipped-late;' skipped skipped-late
several 'some skipped' 0 '1..2;ok 1 - holds;ok 2 - skipped;' skipped holds
several 'one refuted' 1 '1..3;ok 1 - holds;not ok 2 -;ok 3 - skipped;' holds refuted skipped
several 'a crash ends nothing else' 1 '1..2;not ok 1 -;ok 2 - skipped;' crashes skipped
several 'a broken set-up ends the run' 99 '1..3;ok 1 - holds;Bail out! breaks: no;' \
	holds breaks checks-nothing

run --summary="$made/rows" holds skipped refuted
run --summary="$made/rows" holds breaks
same '--summary appends a row for each run' '98 1 1 1 T
98 1 1 0 T' "$(sed 's/ [0-9]*\.[0-9]$/ T/' "$made/rows")"
run --summary="$made/nowhere/rows" holds
same '--summary that cannot be written' '99 Bail out!' "$status $(tail -n 1 "$out" | cut -c1-9)"

# --- the transcript --------------------------------------------------------------------------------

run --transcript holds
same 'a transcript shows roles for what varies, and tells pids apart' 'TAP version 14
# Lab 98: How is each kind of experiment judged?
1..1

# 98.holds: What becomes of holds?
#   = a truth: yes
#   = a number: -1
#   = a mask: 0x7f
#   = a count: <count> (at least 1)
#   = a text: two words
#   = the first tracee: <first>
#   = the second tracee: <tracee>
#   = a third: <pid1>
#   = an address: <buffer+0x8>
#   = PTRACE_CONT: ESRCH (No such process)
#   = the third: exited 0, status 0x0000
#   = a rule: Always 3/3
#   = an exception: Never 0/3
#     a remark, <time>
ok 1 - holds' "$(cat "$out")"
run holds
grep -q '^#   ~ only live$' "$out" && grep -Eq '^# Linux .* x86_64, [0-9]+ CPUs; uid [0-9]+' "$out"
result $? 'live, remarks on time and the machine are shown'
grep -Eq '^#   = the first tracee: [0-9]+ \(first\)$' "$out"
result $? 'live, a pid stands before its role'

# --- the command line ------------------------------------------------------------------------------

run --list
same '--list exits 0' 0 $status
same '--list names every experiment, each judged above' "$(printf %s "$tried" | sort)" \
	"$(sed -n 's/^98\.\([a-z0-9-]*\): .*?$/\1/p' "$out" | sort)"
run --cases
same '--cases' 'exit 0: has-a-case|alpha|beta' "exit $status: $(grep has-a-case "$out")"
same '--cases has a line for every experiment' "$(printf %s "$tried" | wc -l)" "$(wc -l <"$out")"
run --help
grep -q '^Lab 98: ' "$out" && grep -q -e '--transcript' "$out" && grep -q '77 nothing' "$out"
same '--help tells the usage and the exit codes' '0 0' "$? $status"

usage() { # usage NAME COMPLAINT ARG...: exit 2, one line on stderr, nothing on stdout
	name=$1 complaint=$2
	shift 2
	run "$@"
	same "$name" "2 tracer: $complaint (--help tells the usage)" \
		"$status $(cat "$out.err" "$out")"
}

usage 'an unknown slug' 'lab 98 has no experiment "nowhere"' nowhere
usage 'an unknown slug after a known one' 'lab 98 has no experiment "hold"' holds hold
usage 'an empty slug' 'lab 98 has no experiment ""' ''
usage 'an unknown option' 'cannot take "--lists"' --lists
usage 'an unknown letter' 'cannot take "-xl"' -xl
usage 'an option without its value' 'cannot take "--summary"' --transcript --summary
usage 'a value too much' 'cannot take "--list=all"' --list=all

run skipped refuted
escape=$(printf '\033')
same 'no colour where the output is no terminal' 0 "$(grep -c "$escape" "$out")"
if script -qec true /dev/null >/dev/null 2>&1; then
	script -qec "$tracer skipped refuted" /dev/null >"$out"
	same 'colour on a terminal' 2 "$(grep -c "$escape" "$out")"
	NO_COLOR=1 script -qec "$tracer skipped refuted" /dev/null >"$out"
	same 'no colour with NO_COLOR' 0 "$(grep -c "$escape" "$out")"
	script -qec "$tracer --transcript skipped refuted" /dev/null >"$out"
	same 'no colour in a transcript' 0 "$(grep -c "$escape" "$out")"
else
	result 0 'colour on a terminal' 'SKIP script(1) is missing or has no terminal to give'
	result 0 'no colour with NO_COLOR' 'SKIP script(1) is missing or has no terminal to give'
	result 0 'no colour in a transcript' 'SKIP script(1) is missing or has no terminal to give'
fi
"$tracer" holds >/dev/full 2>&1
same 'a full disk is no pass' 99 $?
"$tracer" holds 2>"$out" >&-
same 'standard output that is closed' '99 tracer: stdout is closed' "$? $(cat "$out")"
"$tracer" holds >"$out" <&- 2>&-
same 'standard input and error that are closed' '0 ok 1 - holds' "$? $(tail -n 1 "$out")"
if [ "$(id -u)" -eq 0 ] && command -v prlimit setpriv >/dev/null; then
	cp -rL build/tests/selftest "$made" && chmod -R go+rX "$made"
	prlimit --nproc=2 setpriv --reuid=64063 --clear-groups "$made/selftest/tracer" holds >"$out"
	same 'where no more processes are allowed' '77 ok 1 - holds # SKIP it needs more processes than are allowed' \
		"$? $(tail -n 1 "$out" | sed 's/allowed.*/allowed/')"
else
	result 0 'where no more processes are allowed' 'SKIP only root can become a user without any'
fi

# --- run-labs --------------------------------------------------------------------------------------

lab() { # lab NAME STATUS ROW: one whose tracer writes ROW, if any, and exits with STATUS
	mkdir "$made/$1"
	cat >"$made/$1/tracer" <<END
#!/bin/sh
echo "ran $1"
file=\${1#--summary=}
[ -z "$3" ] || echo "$3" >>"\$file"
[ $2 -le 128 ] || kill -$2 \$\$
exit $2
END
	chmod +x "$made/$1/tracer"
}

lab 91_holds 0 '91 3 0 1 0.5'
lab 92_skips 77 '92 0 0 2 0.1'
lab 93_fails 1 '93 2 1 0 12.3'
lab 94_bails_out 99 '94 1 1 0 0.2'
lab 95_dies 139 ''
lab 96_lies 1 '96 4 0 0 0.2'
mkdir "$made/97_missing" "$made/98_self"
ln -s "$PWD/$tracer" "$made/98_self/tracer"

labs() { # labs NAME "STATUS TOTALS" LAB...: how run-labs ends
	name=$1 expected=$2
	shift 2
	(cd "$made" && "$OLDPWD/scripts/run-labs" "$@") >"$out" 2>"$out.err"
	set -- "$name" "$expected" "$? $(tail -n 1 "$out")"
	[ "$2" = "$3" ] || sed 's/^/#   | /' "$out" "$out.err"
	same "$@"
}

labs 'run-labs: all hold' '0 3 passed, 0 failed, 3 skipped' 91_holds 92_skips
same 'run-labs: one row for each lab' \
	'lab                           holds  refuted  skipped   seconds
91_holds                          3        0        1       0.5
92_skips                          0        0        2       0.1' "$(sed -n '/^lab /,/^$/p' "$out")"
labs 'run-labs: one fails, the rest is run' '1 5 passed, 1 failed, 1 skipped' 93_fails 91_holds
labs 'run-labs: one bails out' '1 4 passed, 1 failed, 1 skipped' 94_bails_out 91_holds
grep -Eq '^94_bails_out .* broken set-up$' "$out"
result $? 'run-labs: it is called a broken set-up'
labs 'run-labs: one dies without a row' '1 3 passed, 1 failed, 1 skipped' 95_dies 91_holds
labs 'run-labs: one fails by its exit code alone' '1 4 passed, 1 failed, 0 skipped' 96_lies
labs 'run-labs: one is not there' '1 3 passed, 1 failed, 1 skipped' 97_missing 91_holds
labs 'run-labs: by a whole path' '1 5 passed, 1 failed, 1 skipped' "$made/91_holds" "$made/93_fails"
ONLY='holds skipped' labs 'run-labs: ONLY= takes slugs' '0 1 passed, 0 failed, 1 skipped' 98_self
ONLY='nowhere' labs 'run-labs: ONLY= an unknown slug' '2 ' 98_self
same 'run-labs: it says so' 'tracer: lab 98 has no experiment "nowhere" (--help tells the usage)' \
	"$(cat "$out.err")"
labs 'run-labs: no lab at all' '2 '

would() { # would WORD...: what make would run at the end
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u LAB -u N make -n "$@" 2>&1 | tail -n 1
}
same 'make: LAB= takes numbers and names' 'scripts/mutate 01_attach_detach 02_register_control' \
	"$(would mutate LAB='01 02_register_control')"
would mutate | grep -q '^scripts/mutate 01_attach_detach 02_register_control 03_.* 07_'
result $? 'make: without LAB=, all of them'
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -n mutate LAB=77 >"$out" 2>&1
same 'make: LAB= of no lab is refused, in one line' '2 1' "$? $(wc -l <"$out")"
grep -q '^Makefile:.* LAB=77: no such lab; there are 01_attach_detach ' "$out"
result $? 'make: which says so'
same 'make: an exercise that is not named: the list of them' 'scripts/exercise list 03_memory_introspection' \
	"$(would exercise LAB=03)"
same 'make: one that is' 'scripts/exercise try 03_memory_introspection 1' "$(would exercise LAB=03 N=1)"
same 'make: stress, three times unless it is said' 'scripts/stress -n 3  05_syscall_tracing' \
	"$(would stress LAB=05)"
same 'make: what a lab can be without' 'build/wrapped/03_memory_introspection/tracer' \
	"$(would lab03 WITHOUT=help)"
same 'make: a lab without it' 'scripts/run-labs build/wrapped/03_memory_introspection' \
	"$(would lab03 WITHOUT=PTRACE_O_EXITKILL)"
same 'make: stress, N times' 'scripts/stress -n 7 -s 5 05_syscall_tracing' \
	"$(would stress LAB=05 N=7 SEED=5)"

finish
