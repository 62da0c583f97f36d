#!/bin/sh
# `tracer --predict` from outside: experiments of selftest.c beside notes that ask about them. Is an
# answer judged by what the run showed, does every kind of answer, of end and of interruption leave a
# score and no process, and do the labs' own quizzes get decided?
# shellcheck disable=SC2317 # until_true calls the functions that nobody seems to call
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
lab=$made/98_self
mkdir "$lab"
cp build/tests/selftest/tracer "$lab/tracer"
ln -s tracer "$lab/tracee"
tracer=$lab/tracer
out=$made/out

cat >"$lab/OBSERVATIONS.md" <<'END'
### holds

*Quiz.* Which number? (`a number`)
- one: `1`
- minus one: `-1`
- minus two: `-2`

*Why.* It is written in the experiment, which only this test runs, with
these words. So it is seen.

### refuted

*Quiz.* What is number 7? (`number 7`)
- as expected: `1`
- something else

*Why.* The notes expect another number, and say why.

### has-a-case

No quiz.

*Why.* There is a case, and this is the sentence that says why.

### starts-clean

*Quiz.* Are signals blocked? (`SigBlk`)

### leaves

*Quiz.* Is it true? (`a truth`)
- no: `no`
- not so: `false`

### repeats

*Quiz.* Which number comes second? (`a number`, the 2nd)
- one: `1`
- two: `2`

### skipped

*Quiz.* Is it true? (`a truth`)
- yes: `yes`
- no: `no`

### skipped-late

*Quiz.* Is it true? (`a truth`)
- yes: `yes`
- no: `no`

### breaks

*Quiz.* Is it true? (`a truth before`)
- yes: `yes`
- no: `no`
END

# Every process of a run has this in its environment, whatever becomes of its parents.
alive() { # the processes of the run that are alive
	grep -l "MARK=$made" /proc/[0-9]*/environ 2>/dev/null
}

nobody_alive() {
	[ -z "$(alive)" ]
}

predict() { # predict ANSWERS ARG...: printf's ANSWERS from a pipe; exit code to $status
	answers=$1
	shift
	# shellcheck disable=SC2059 # the answers' own escapes
	printf "$answers" | MARK=$made timeout 60 "$tracer" --predict "$@" >"$out" 2>"$made/err"
	status=$?
}

# says NAME STATUS LINES: what predict printed behind the runs, a line for each verdict, and the exit
says() {
	same "$1" "$2: $3" "$status: $(sed -n -e '/^Right\|^Wrong\|^Not counted\|^".*none of/p' \
		-e 's/^Score: //p' -e '/^  98_self/p' "$out" | tr '\n' ';')"
}

# --- answers ---------------------------------------------------------------------------------------

predict '2\n' holds
says 'the number of the right answer' 0 'Right.;1 of 1 right.;'
same 'it shows question, answers, run, what held and why' '1 of 1: What becomes of holds?
Which number?
  1  one
  2  minus one
  3  minus two
Your prediction, 1 to 3? Enter: none; q: end > 2
# 98.holds: What becomes of holds?
#   = a number: -1
ok 1 - holds
Right.
  a number: -1
Why: It is written in the experiment, which only this test runs, with these words.' "$(sed -n -e '/^1 of 1:/,/^Your/p' \
	-e '/^# 98/p' -e '/= a number:/p' -e '/^ok/p' -e '/^Right/,/^Why/p' "$out")"
predict '3\n' holds
says 'a wrong one' 0 'Wrong, it is 2: minus one;0 of 1 right.;  98_self/OBSERVATIONS.md#holds;'
predict 'ONE\n' holds
says 'by its words' 0 'Wrong, it is 2: minus one;0 of 1 right.;  98_self/OBSERVATIONS.md#holds;'
predict '  minus  o\r\n' holds
says 'by their beginning, with white space' 0 'Right.;1 of 1 right.;'
predict '\n' holds
says 'none' 0 'Not counted: no prediction.;0 of 0 right; 1 without a prediction.;'
predict 'minus\n0\n4\n-1\n2x\nno\n2\n' holds
says 'words that are none of the answers: it asks again' 0 '"minus" is none of the answers.;"0" is none of the answers.;"4" is none of the answers.;"-1" is none of the answers.;"2x" is none of the answers.;"no" is none of the answers.;Right.;1 of 1 right.;'
predict '\001\033[31m\177\n2\n' holds
says 'control characters, shown as ?' 0 '"??[31m?" is none of the answers.;Right.;1 of 1 right.;'
predict "$(printf '%05000d' 0)\n2\n" holds
same 'a line of 5000 characters is no answer, and the next one is' '1 1 of 1 right.' \
	"$(grep -c 'is none of' "$out") $(sed -n 's/^Score: //p' "$out")"
predict '2' holds
says 'a last line without its end' 0 'Right.;1 of 1 right.;'
predict '0x0\n' starts-clean
says 'a value to type, in another notation' 0 'Right.;1 of 1 right.;'
predict 'none\n' starts-clean
says 'a value to type, wrong' 0 'Wrong.;0 of 1 right.;  98_self/OBSERVATIONS.md#starts-clean;'

# --- what the run has to say -----------------------------------------------------------------------

predict '2\n' refuted
says 'refuted: right is what was seen' 1 'Right.;1 of 1 right.;'
same 'and the notes do not explain it' 0 "$(grep -c '^Why' "$out")"
predict '1\n' refuted
says 'refuted: what the notes expect is wrong' 1 'Wrong, it is 2: something else;0 of 1 right.;  98_self/OBSERVATIONS.md#refuted;'
predict '2\n' repeats
says 'the second of two expectations with one message decides' 0 'Right.;1 of 1 right.;'
predict '1\n' leaves
says 'seen is what no answer says' 0 \
	'Not counted: this kernel did what none of the answers says.;0 of 0 right; 1 not decided here.;'
predict '2\n1\n1\n' holds skipped skipped-late
says 'skipped, though the line was shown' 0 'Right.;Not counted: it was skipped.;Not counted: it was skipped.;1 of 1 right; 2 not decided here.;'
predict '2\n1\n\n' holds breaks checks-nothing
says 'a broken set-up ends it' 99 'Right.;1 of 1 right.;'
predict '\n' has-a-case
says 'nothing is asked' 0 '0 of 0 right.;'
grep -q '^Think of an answer' "$out" && grep -q '^Why: There is a case' "$out"
result $? 'it is run after a pause, and explained'

# --- ends ------------------------------------------------------------------------------------------

predict '' holds
says 'no answers at all' 0 '0 of 0 right.;'
predict '2\n' holds has-a-case
says 'the answers end' 0 'Right.;1 of 1 right.;'
same 'it says so' 1 "$(grep -c '^There are no more answers' "$out")"
predict '2\nq\n2\n' holds refuted
says 'q' 0 'Right.;1 of 1 right.;'
same 'what follows is not run' 0 "$(grep -c '^# 98.refuted' "$out")"
MARK=$made timeout 60 "$tracer" --predict holds >"$out" 2>"$made/err" <&-
status=$?
says 'standard input is closed' 0 '0 of 0 right.;'
MARK=$made timeout 60 "$tracer" --predict holds >"$out" 2>"$made/err" <"$made"
status=$?
says 'standard input is a directory' 0 '0 of 0 right.;'
predict '2\n' --transcript holds
says 'with --transcript' 0 'Right.;1 of 1 right.;'
predict '2\n' nowhere
same 'an unknown slug' '2 tracer: lab 98 has no experiment "nowhere" (--help tells the usage)' \
	"$status $(cat "$made/err" "$out")"
mv "$lab/OBSERVATIONS.md" "$lab/notes"
predict '\n' holds
same 'without the notes: nothing to choose from, and it says why' 'exit 0, 1, ok 1 - holds' \
	"exit $status, $(grep -c '^# .*/OBSERVATIONS.md: ENOENT .*no answers' "$out"), $(grep '^ok' "$out")"
mv "$lab/notes" "$lab/OBSERVATIONS.md"

# --- interruptions ---------------------------------------------------------------------------------

# begin ARG...: with a pipe for answers as descriptor 3; signals as a terminal's shell leaves them
mkfifo "$made/answers"
begin() {
	: >"$out" # of the run before
	env --default-signal MARK="$made" "$tracer" --predict "$@" \
		<"$made/answers" >"$out" 2>"$made/err" &
	reader=$!
	started=$reader
	exec 3>"$made/answers"
}

shown() { # shown TEXT: the run has printed it
	grep -q -- "$1" "$out"
}

interrupted() { # interrupted NAME STATUS LINES: how it ends, leaving nobody
	exec 3>&- # no more answers: who does not take notice of the signal ends all the same
	until_true gone "$reader" || kill -KILL "$reader"
	wait "$reader" 2>/dev/null
	status=$?
	started=
	says "$1" "$2" "$3"
	until_true nobody_alive
	result $? "$1: nobody is left alive"
}

begin holds refuted
echo 2 >&3
until_true shown '1 or 2? .* > $' || bail_out 'the second prompt'
kill -INT "$reader"
interrupted 'SIGINT at the prompt' 130 'Right.;1 of 1 right.;'

begin holds lingers
printf '2\n\n' >&3
until_true shown 'the scene is set' || bail_out 'the scene'
same 'no experiment reads the answers' '/dev/null' "$(for process in $(alive); do
	[ "$process" = "/proc/$reader/environ" ] || readlink "${process%environ}fd/0"
done | sort -u)"
kill -INT "$reader"
interrupted 'SIGINT in the middle of a run' 130 'Right.;1 of 1 right.;'

begin lingers
echo >&3
until_true shown 'the scene is set' || bail_out 'the scene'
kill -TERM "$reader"
interrupted 'SIGTERM in the middle of a run' 143 '0 of 0 right.;'

begin waits
echo >&3
until_true shown 'the scene is set' || bail_out 'the scene'
kill -KILL "$reader"
interrupted 'SIGKILL in the middle of a run, which leaves no time for a score' 137 ''

: >"$out"
(
	trap '' INT
	exec env MARK="$made" "$tracer" --predict holds <"$made/answers" >"$out" 2>"$made/err"
) &
reader=$!
started=$reader
exec 3>"$made/answers"
until_true shown ' > $' || bail_out 'the prompt'
kill -INT "$reader"
echo 2 >&3
interrupted 'an ignored SIGINT stays ignored' 0 'Right.;1 of 1 right.;'

# --- a terminal ------------------------------------------------------------------------------------

if script -qec true /dev/null >/dev/null 2>&1; then
	# at_terminal KEYS ARG...: typed when the last prompt, or a run's marker, has been shown
	at_terminal() {
		keys=$1 marker=$2
		shift 2
		: >"$out"
		env --default-signal MARK="$made" script -qefc "stty cols 60; $tracer --predict $*" /dev/null \
			<"$made/answers" >"$out" 2>"$made/err" &
		reader=$!
		started=$reader
		exec 3>"$made/answers"
		until_true shown ' > ' || bail_out 'the prompt'
		for key in $keys; do
			# shellcheck disable=SC2059 # an escape
			printf "$key" >&3
		done
		until_true shown "$marker" || bail_out "$marker"
	}
	at_terminal '2\n' '^Score' holds
	tr -d '\r' <"$out" >"$out.plain" && mv "$out.plain" "$out"
	interrupted 'at a terminal' 0 'Right.;1 of 1 right.;'
	same 'what is typed is shown once' 1 "$(grep -c ' > 2$' "$out")"
	same 'a terminal of 60 columns: no word is broken' \
		'Why: It is written in the experiment, which only this test
runs, with these words.' "$(sed -n '/^Why/,/^$/p' "$out")"
	at_terminal '2\n \n' 'the scene is set' holds waits
	printf '\003' >&3
	until_true shown '^Score' || bail_out 'the score'
	tr -d '\r' <"$out" >"$out.plain" && mv "$out.plain" "$out"
	interrupted 'Ctrl-C at a terminal, in the middle of a run' 130 'Right.;1 of 1 right.;'
else
	for name in 'at a terminal' 'at a terminal: nobody is left alive' \
		'what is typed is shown once' 'a terminal of 60 columns: no word is broken' \
		'Ctrl-C at a terminal, in the middle of a run' \
		'Ctrl-C at a terminal, in the middle of a run: nobody is left alive'; do
		skip "$name" 'script(1) is missing or has no terminal to give'
	done
fi

# --- the labs --------------------------------------------------------------------------------------

for lab in [0-9][0-9]_*; do
	asked=$(grep -c '^\*Quiz\.\*' "$lab/OBSERVATIONS.md")
	[ "$asked" -ge 8 ]
	result $? "$lab asks about at least 8 of its experiments"
done
# shellcheck disable=SC2016 # a shell will expand it
same 'make predictNN' '01_attach_detach/tracer --predict ${ONLY-}' \
	"$(make -n predict01 2>/dev/null | grep -e --predict)"
# What notes.awk reads in the transcripts is what the run decides: two labs in which nothing depends on
# who runs them, without a prediction.
for lab in 02_register_control 05_syscall_tracing; do
	yes '' | timeout 300 "$lab/tracer" --predict >"$out" 2>"$made/err"
	same "$lab: every quiz is decided" \
		"$(($(grep -c '^\*Quiz\.\*' "$lab/OBSERVATIONS.md") - $(grep -c '# SKIP' "$out")))" \
		"$(grep -c '^Not counted: no prediction' "$out")"
done
finish
