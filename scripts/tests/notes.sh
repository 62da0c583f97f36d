#!/bin/sh
# notes and notes.awk: do the notes of a lab hold as written, is every way in which they can drift
# from a run seen, and does rewriting touch the transcripts alone? The lab is a stand-in that prints
# what is written here.
# shellcheck disable=SC2016 # $ and ` are sed's and Markdown's
planned=58
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
lab=$made/97_lab
good=$lab/OBSERVATIONS.md
copy=$made/copy.md
mkdir "$lab"

cat >"$lab/tracer" <<'END'
#!/bin/sh
cd "$(dirname "$0")" || exit 99
case $1 in
--list) cat list ;;
--cases) cat cases ;;
--transcript) cat run; exit "$(cat status)" ;;
*) exit 2 ;;
esac
END
chmod +x "$lab/tracer"
echo 0 >"$lab/status"
cat >"$lab/list" <<'END'
97.plain: Does it (really) stop: yes or no?
97.has-cases: Who may?
97.other-case: And here?
97.not-here: What about Yama?
END
cat >"$lab/cases" <<'END'
plain|
has-cases|root|user
other-case|new|old
not-here|
END
cat >"$lab/run" <<'END'
TAP version 14
# Lab 97: What?
1..4

# 97.plain: Does it (really) stop: yes or no?
#   = State: t (tracing stop)
#     a remark, 100% of <tracee> & co.
#   = a\tb: "1.0"
ok 1 - plain

# 97.has-cases: Who may?
#   case: user
#   = PTRACE_SEIZE: EPERM
ok 2 - has-cases

# 97.other-case: And here?
#   case: new
#   = a value: 1
ok 3 - other-case

# 97.not-here: What about Yama?
ok 4 - not-here # SKIP no Yama
END
cat >"$good" <<'END'
# Lab 97: What?

Some `words`, 100% & \1 \t.

## Experiments

| experiment | what it found |
|---|---|
| [plain](#plain) | it stops |
| [has-cases](#has-cases) | it depends |
| [other-case](#other-case) | it depends |
| [not-here](#not-here) | nothing |

### plain
> Does it (really) stop: yes or no?

*Quiz.* What does the `State` say,
in /proc? (`State`)
- that it runs: `R (running)`, `S (sleeping)`
- that it is
  stopped: `t`

*Prediction.* It does, says a page:

> a second quotation is not the question

```transcript
#   = State: t (tracing stop)
#     a remark, 100% of <tracee> & co.
#   = a\tb: "1.0"
```
*Why.* For a reason.

### has-cases
> Who may?

*Quiz.* May you? (`PTRACE_SEIZE`)
- `success`
- no

*Prediction.* Root.

```transcript root
#   = PTRACE_SEIZE: success
```
```transcript user
#   = PTRACE_SEIZE: EPERM
```
*Why.* For a reason.

### other-case
> And here?

*Prediction.* None.

```transcript old
#   = a value: 0
```
*Why.* For a reason.

### not-here
> What about Yama?

*Prediction.* None.

```transcript
#   = scope: 1
```
*Why.* For a reason.

## Surprises

```sh
echo not a transcript
```
END

check() { # check: of $copy; its TAP, without that of the lab, to $made/tap
	NOTES=$copy scripts/notes check "$lab" >"$made/out" 2>&1
	status=$?
	sed '1,/^$/d' "$made/out" | sed '1,/^1\.\.5$/d' | grep -v '^# 97' >"$made/tap"
}

drifts() { # drifts NAME PATTERN SED...: the notes so changed do not hold, and it is said why
	name=$1 pattern=$2
	shift 2
	sed "$@" "$good" >"$copy"
	check
	cmp -s "$good" "$copy"
	same_as_before=$?
	[ $same_as_before -eq 1 ] && [ $status -eq 1 ] && grep -q '^not ok' "$made/tap" &&
		grep -Eq "^(not ok - notes of|#   !|#   notes:|#   run:) ?.*$pattern" "$made/tap"
	set -- $?
	[ "$1" -eq 0 ] || sed 's/^/#   /' "$made/tap"
	result "$1" "$name"
}

cp "$good" "$copy"
check
same 'notes that agree pass' 0 $status
same 'each experiment has its line' "ok - notes of plain
ok - notes of has-cases, user
ok - notes of other-case, new # SKIP no transcript of this case is recorded
ok - notes of not-here # SKIP the experiment was skipped
ok - every section names an experiment and its cases" "$(cat "$made/tap")"
same 'counted: the lab and its notes' '6 0 3' "$(scripts/tap-count "$made/out" 0)"

drifts 'a changed line of a transcript' 'State: T \(stopped\)' 's/State: t (tracing stop)/State: T (stopped)/'
drifts 'a changed number' '"1.00"' 's/"1.0"/"1.00"/'
drifts 'a removed line' 'plain # the transcript differs' '/100% of <tracee>/d'
drifts 'the last line removed' 'plain # the transcript differs' '/"1.0"/d'
drifts 'an added line' 'plain # the transcript differs' '/"1.0"/a\
#   = more: 1'
drifts 'a changed line of the case that ran' 'has-cases, user # the transcript differs' 's/EPERM/EACCES/'
drifts 'a removed section' 'plain # it has no section' '/^### plain/,/^\*Why/d'
drifts 'a renamed section' 'plain # it has no section' 's/^### plain/### plane/'
drifts 'a renamed section names no experiment' '"plane" names no experiment' 's/^### plain/### plane/'
drifts 'a section for no experiment' '"extra" names no experiment' '/^## Surprises/i\
### extra\
> Why?\
'
drifts 'a section for no experiment, with a transcript' 'outside of an experiment' '/^## Surprises/i\
### extra\
```transcript\
```\
'
drifts 'a duplicated section' 'two sections "plain"' '/^## Surprises/i\
### plain\
> Does it (really) stop: yes or no?\
'
drifts 'sections out of order' '"plain" stands out of order' \
	-e 's/^### plain/### X/; s/^### has-cases/### plain/; s/^### X/### has-cases/'
drifts 'a changed question' 'plain # it asks another question' 's/> Does it (really)/> Does it/'
drifts 'a question with a full stop' 'has-cases, user # it asks another' 's/> Who may?/> Who may?./'
drifts 'no question' 'plain # it asks another question' '/^> Does it/d'
drifts 'a missing Prediction' 'plain # it has no paragraph \*Prediction' '/^### plain/,/Prediction/s/^\*Prediction\.\*//'
drifts 'a missing Why' 'plain # it has no paragraph \*Why' '/^### plain/,/Why/s/^\*Why\.\*//'
drifts 'a Prediction of another section only' 'not-here # it has no paragraph \*Pred' '/^### not-here/,$s/^\*Prediction\.\*//'
drifts 'no transcript' 'plain # it has no transcript' '/^### plain/,/Why/{/^```/,/^```/d
}'
drifts 'a missing row' 'plain # it stands 0 times' '/^| \[plain\]/d'
drifts 'a doubled row' 'plain # it stands 2 times' '/^| \[plain\]/p'
drifts 'a row for no experiment' 'row of \[plane\]' '/^| \[plain\]/a\
| [plane](#plane) | nothing |'
drifts 'a row that leads elsewhere' 'row of \[plain\]' 's/^| \[plain\](#plain)/| [plain](#other)/'
drifts 'an undeclared case' 'no case "guest"' 's/^```transcript root/```transcript guest/'
drifts 'a part of a case' 'no case "roo"' 's/^```transcript root/```transcript roo/'
drifts 'a case of an experiment without' 'no case "root"' '/^### plain/,/Why/s/^```transcript/```transcript root/'
drifts 'no label where there are cases' 'no case ""' 's/^```transcript root/```transcript/'
drifts 'two transcripts of a case' 'two transcripts' 's/^```transcript root/```transcript user/'
drifts 'a transcript in no section' 'outside of an experiment' '/^### plain/i\
```transcript\
```'
drifts 'a transcript without an end' 'has no end' '/^### plain/,/Why/{/^```$/d
}'
drifts 'the last transcript without an end' 'has no end' '/^### not-here/,${/^```$/,$d
}'

drifts 'a quiz without what decides' 'plain # it has a quiz that does not end' 's/^in .proc? (.*/in it?/'
drifts 'a quiz that nothing decides' 'nothing decides: "Stat"' 's/(`State`)/(`Stat`)/'
drifts 'a quiz that another line decides' 'nothing decides: "a.tb: "' 's/(`State`)/(`a\\tb: `)/'
drifts 'a quiz that no second line decides' 'nothing decides: "State"' 's/(`State`)/(`State`, the 2nd)/'
drifts 'a quiz with one answer' 'has a quiz with 1 answers' '/^- that it runs/d'
drifts 'a quiz without the right answer' 'answers 0 are right: "t ' 's/^  stopped: `t`/  stopped: `T`/'
drifts 'a quiz with two right answers' 'answers 2 are right: "t ' 's/`S (sleeping)`/`t (tracing stop)`/'
drifts 'a quiz with a part of the right answer' 'answers 0 are right: "t ' 's/^  stopped: `t`/  stopped: `t (tr`/'
drifts 'a quiz that one of the cases does not answer' 'has-cases, user # .* 0 are right: "success"' \
	-e 's/^- `success`/- `EACCES`/; s/^- no$/- `EPERM`/'
drifts 'a quiz with two answers of words alone' 'has-cases, user # .* are right' 's/^- `success`/- yes/'
drifts 'a quiz with a value that no line can show' 'plain # .*no line can show' 's/`R (running)`/`State: R`/'
drifts 'two quizzes' '"plain" has two quizzes' '/^### plain/,/Why/s/^\*Why/*Quiz.* Another? (`State`)\
&/'
drifts 'a quiz in no section' 'a quiz stands outside' '/^## Surprises/a\
*Quiz.* Which? (`State`)'

# write: a document whose transcripts are all old, and the one that the run above makes of it.
sed 's/^#   = .*/#   = old/; /a remark/d; s/^```transcript user/&\
#   = stale/' "$good" >"$copy"
NOTES=$copy scripts/notes write "$lab" >"$made/out" 2>&1
same 'write exits 0' 0 $?
sed -e '/^```transcript root/,/^```$/s/^#   = .*/#   = old/' \
	-e '/^### other-case/,/Why/s/^#   = .*/#   = old/' \
	-e '/^### not-here/,/Why/s/^#   = .*/#   = old/' "$good" >"$made/expected"
cmp "$made/expected" "$copy" | sed 's/^/#   /'
cmp -s "$made/expected" "$copy"
result $? 'write changes the transcripts of this run, and not a byte besides'
check
same 'check holds after write' 0 $status
NOTES=$copy scripts/notes write "$lab" >"$made/out" 2>&1
cmp -s "$made/expected" "$copy"
result $? 'write again changes nothing'

refuses() { # refuses NAME MESSAGE: to write over $copy
	cp "$copy" "$made/before"
	NOTES=$copy scripts/notes write "$lab" >"$made/out" 2>&1
	status=$?
	[ $status -ne 0 ] && cmp -s "$made/before" "$copy" && grep -Eq "$2" "$made/out"
	set -- $? "$1"
	[ "$1" -eq 0 ] || sed "s/^/#   exit $status: /" "$made/out"
	result "$1" "$2"
}

sed '/^### plain/,/Why/{/^```$/d
}' "$good" >"$copy"
refuses 'write refuses a transcript without an end' 'has no end'
sed 's/^### plain/### plane/' "$good" >"$copy"
refuses 'write refuses a section for no experiment' 'names no experiment'
cp "$good" "$copy"
cp "$lab/run" "$made/run"
sed 's/^#   = a value: 1/#   ! a value: 2, expected 1/; s/^ok 3 - other-case/not ok 3 - other-case/' \
	"$made/run" >"$lab/run"
echo 1 >"$lab/status"
refuses 'write refuses a run that does not hold' 'not ok 3 - other-case'
check
same 'check of a run that does not hold exits 1' '1 5 1 3' \
	"$status $(scripts/tap-count "$made/out" $status)"
sed '/^ok 3/,$d' "$made/run" >"$lab/run"
echo 'Bail out! other-case: no floor' >>"$lab/run"
echo 99 >"$lab/status"
refuses 'write refuses a broken run' 'Bail out!'
rm "$copy"
check
same 'notes that are not there' '99 Bail out! '"$copy"': there is no such file' \
	"$status $(cat "$made/out")"
finish
