#!/bin/sh
# The exercises at the end of the notes, of each lab that has some: every change comes out as the solutions say, every
# solution is accepted by what judges a reader's answer, and answers that are none are not.
# shellcheck disable=SC2016 # ` is Markdown's
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"

for lab in [0-9][0-9]_*; do
	scripts/exercise list "$lab" >"$made/list"
	all=$(wc -l <"$made/list")
	[ -d "$lab/solutions" ] || grep -q '  \(change\|experiment\)  ' "$made/list" || continue
	[ "$all" -ge 3 ] && [ "$all" -le 6 ] && grep -q ' experiment ' "$made/list"
	result $? "$lab has 3 to 6 exercises, at least one of them an experiment to write"
	same "$lab has a solution of each, and of nothing else" \
		"$(sed -n 's/^.* experiment *\(.*\)$/\1.c/p' "$made/list" | sort; seq "$all")" \
		"$(cd "$lab/solutions" && printf '%s\n' *.c && sed -n 's/^## //p' README.md)"
	same "$lab: the solutions start their scenes in the words of the exercises" "" \
		"$(awk -f scripts/exercise.awk "$lab/OBSERVATIONS.md" |
			while IFS="$(printf '\t')" read -r _ kind name _ scene _; do
				[ "$kind" != experiment ] || grep -qF "= $scene;" "$lab/solutions/$name.c" || echo "$name"
			done)"
	scripts/exercise check "$lab" >"$made/check" 2>&1
	same "$lab: each was tried" "$all" "$(grep -c '^\(not \)\?ok - ' "$made/check")"
	grep '^#' "$made/check"
	while read -r verdict; do
		case $verdict in
		'ok - '*'# SKIP '*) skip "${verdict%% # SKIP*}" "${verdict#*# SKIP }" ;;
		'ok - '*) result 0 "${verdict#ok - }" ;;
		'not ok - '*) result 1 "${verdict#not ok - }" ;;
		esac
	done <"$made/check"
done

# --- answers that are none, to the first experiment that lab 01 asks for --------------------------

n=$(scripts/exercise list 01 | sed -n 's/^.* N=\([0-9]*\)  experiment.*/\1/p' | head -n 1)
name=$(scripts/exercise list 01 | sed -n 's/^.*  experiment  *//p' | head -n 1)

judged() { # judged NAME EXIT WORDS STATEMENTS: what is said of the answer that was begun, with these
	awk -v statements="$4" '/^	\(void\)tracee;/ { print statements; next } { print }' \
		"$made/$name.c" >"$made/answer.c"
	scripts/exercise judge 01 "$n" "$made/answer.c" >"$made/out" 2>&1
	status=$?
	[ $status -eq "$2" ] && grep -qF -e "$3" "$made/out"
	result $? "$1"
}

ANSWERS=$made scripts/exercise try 01 "$n" >"$made/out" 2>&1 && [ -s "$made/$name.c" ]
result $? 'an answer is begun'
cp "$made/$name.c" "$made/begun.c"
! ANSWERS=$made scripts/exercise try 01 "$n" >"$made/out" 2>&1 && cmp -s "$made/begun.c" "$made/$name.c" &&
	grep -q 'it expects nothing' "$made/out"
result $? 'once it is there it is judged, and as it was begun it is no answer'

seize='ptrace(PTRACE_SEIZE, tracee.pid, 0, 0)'
interrupt='ptrace(PTRACE_INTERRUPT, tracee.pid, 0, 0)'
judged 'an answer that holds, and cannot do so without the thing it is about' 0 accepted \
	"$seize; $interrupt; kill(tracee.pid, SIGWINCH);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(tracee.pid), \"a stop\");"
judged 'one that expects nothing of it' 1 'it holds all the same' \
	"$seize; expect_errno(0, $interrupt, \"an interrupt\");"
judged 'one that never comes to it' 1 'the answer never comes to it' \
	"expect_errno(0, $seize, \"a tracer\");"
judged 'one that is wrong' 1 'refuted: something else happens here than it expects' \
	"$seize; $interrupt;
	expect_stop(STOP_SIGNAL, SIGSTOP, stop_wait(tracee.pid), \"a stop\");"
judged 'one whose scene notices, and no expectation' 1 'broken, not refuted' \
	"$seize; expect_errno(0, $interrupt, \"an interrupt\"); kill(tracee.pid, SIGWINCH);
	if (stop_wait(tracee.pid).kind != STOP_EVENT)
		broken(\"no stop\");"
judged 'one that is no C' 1 'does not compile' 'tracee'

# --- words that are none --------------------------------------------------------------------------

sed 's/^   -/   -no such /' 01_attach_detach/OBSERVATIONS.md >"$made/notes.md"
! NOTES=$made/notes.md scripts/exercise try 01 1 >"$made/out" 2>&1 &&
	grep -q 'its lines stand 0 times in 01_attach_detach/tracer.c' "$made/out"
result $? 'a change of a line that is not there is none'
for words in 'try 01 99' 'try 01 x' 'try 99 1' 'judge 01 1' 'sing 01'; do
	# shellcheck disable=SC2086 # words
	scripts/exercise $words >"$made/out" 2>&1
	same "exercise $words: exit 2 and one line" '2 1' "$? $(wc -l <"$made/out")"
done
finish
