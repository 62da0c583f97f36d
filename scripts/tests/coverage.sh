#!/bin/sh
# coverage and coverage.awk: is the page made that the experiments deserve, does it hold, and is each way
# in which a row can be false seen? The lab is a stand-in written here. Then the wrapper's own words.
# shellcheck disable=SC2016 # $ and ` are sed's and Markdown's
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
good=$made/good.md
copy=$made/copy.md
mkdir -p "$made/wrapped/97_lab"
chmod 755 "$made"

# What each experiment makes and meets, and what it does without: "refuted" unless it is deaf.
cat >"$made/wrapped/97_lab/tracer" <<'END_OF_FILE'
#!/bin/sh
case $1 in
--list)
	printf '97.%s: Is it so?\n' plain refused probing deaf waiting not-here wrong by-user other erring
	exit
	;;
--cases)
	printf '%s\n' 'plain|' 'by-user|root|user'
	exit
	;;
esac
if [ "${WITHOUT-}" = help ]; then
	printf '%s\n' 'request PTRACE_ATTACH' 'request PTRACE_KILL' 'request PTRACE_CONT' \
		'option PTRACE_O_EXITKILL' 'event PTRACE_EVENT_EXEC' 'stop step-stop' 'end killed' \
		'error REQUEST:ERRNO'
	exit
fi
ends() { # ends CODE LINE
	echo "$2"
	exit "$1"
}
met() { # met WORD: fails where it is to be missing
	echo "$1" >>"$RECORD"
	times=$((times + 1))
	case ${WITHOUT-} in
	"$1") ;;
	"$1@2") [ $times -ge 2 ] || return 0 ;;
	*) return 0 ;;
	esac
	echo struck >>"$RECORD"
	false
}
waits() { # as timeout(1) reports it, or really
	[ -z "${LONG-}" ] || exec tail -f /dev/null
	exit 124
}
refuted() {
	echo "#   ! ${1-the state: S, expected t} (x.c:1)"
	ends 1 'not ok 1 - x # 1 of 2 expectations failed'
}
times=0
case $2 in
plain)
	met PTRACE_ATTACH || [ -n "${DEAF-}" ] || rm "${UNLUCKY-}" 2>/dev/null || refuted
	met killed || refuted
	;;
refused) met PTRACE_ATTACH:EPERM || refuted ;;
probing)
	met step-stop || ends 77 'ok 1 - probing # SKIP no steps here'
	met step-stop || refuted
	;;
deaf)
	[ -n "${ABSENT-}" ] || met PTRACE_ATTACH
	met PTRACE_EVENT_EXEC
	met PTRACE_ATTACH:EPERM
	met killed || ends 99 'Bail out! deaf: no end'
	;;
waiting)
	met PTRACE_O_EXITKILL || [ -n "${AWAKE-}" ] || waits
	met PTRACE_ATTACH || waits
	;;
not-here)
	ends 77 'ok 1 - not-here # SKIP no Yama here'
	;;
wrong)
	met PTRACE_CONT
	[ -n "${MENDED-}" ] || refuted
	;;
by-user)
	[ -n "${USER_RUN-}" ] || met PTRACE_ATTACH:ESRCH || refuted
	;;
erring)
	[ -n "${PRESENT-}" ] || ends 0 'ok 1 - erring'
	met PTRACE_KILL:EPERM
	met PTRACE_KILL || refuted 'a second one: 0, expected EPERM'
	;;
other) [ -n "${ABSENT-}" ] || met PTRACE_ATTACH ;;
esac
ends 0 "ok 1 - $2"
END_OF_FILE
chmod 755 "$made/wrapped/97_lab/tracer"
printf '%s\t%s\n' PTRACE_ATTACH attaches PTRACE_CONT resumes PTRACE_O_EXITKILL kills \
	PTRACE_EVENT_EXEC execs step-stop steps killed ends \
	'PTRACE_ATTACH:EPERM PTRACE_ATTACH:ESRCH' 'is refused' PTRACE_KILL:ESRCH 'is gone' >"$made/words"
echo 'PTRACE_KILL - for another lab' >>"$made/words"
export WORDS="$made/words" WRAPPED="$made/wrapped"

# check [NAME=VALUE...]: the copy of the page, in such a world; the status in $status
check() {
	env PAGE="$copy" "$@" scripts/coverage check 97_lab >"$made/tap" 2>"$made/err"
	status=$?
}

# wrong NAME CAUSE SCRIPT: a page that sed has changed fails, in one line that has CAUSE in it
wrong() {
	sed "$3" "$good" >"$copy"
	check
	cp "$made/tap" "$made/out"
	! cmp -s "$good" "$copy" && [ $status -eq 1 ] && grep -q -e "^not ok.*$2" -e "^#   ! .*$2" "$made/tap"
	result $? "$1"
	: >"$made/out"
}

# --- the page that is made
printf '%s\n' '# A page' '' 'Its words stay.' '' '| | known | of old |' 'and this goes' >"$copy"
PAGE=$copy LONG=1 LIMIT=2 scripts/coverage write 97_lab >"$made/out" 2>"$made/err"
same 'writes' '0' $?
cp "$copy" "$good"
link() { # link SLUG
	printf '[97.%s](../97_lab/OBSERVATIONS.md#%s)' "$1" "$1"
}
cat >"$made/expected" <<END_OF_FILE
# A page

Its words stay.

| | known | noticed | made, not noticed | not made |
|---|---|---|---|---|
| Requests | 3 | 1 | 0 | 2 |
| Options | 1 | 1 | 0 | 0 |
| Events | 1 | 0 | 1 | 0 |
| Stops | 1 | 1 | 0 | 0 |
| Ends | 1 | 1 | 0 | 0 |
| Errors | 3 | 2 | 0 | 1 |

Skipped when the page was made: $(link not-here).

## Requests

| word | what it is | who notices its absence |
|---|---|---|
| \`PTRACE_ATTACH\` | attaches | $(link plain); 2 others or more make it |
| \`PTRACE_KILL\` |  | not made: for another lab |
| \`PTRACE_CONT\` | resumes | not made: no experiment yet |

## Options

| word | what it is | who notices its absence |
|---|---|---|
| \`PTRACE_O_EXITKILL\` | kills | $(link waiting) (waits for ever) |

## Events

| word | what it is | who notices its absence |
|---|---|---|
| \`PTRACE_EVENT_EXEC\` | execs | made, and nothing notices its absence |

## Stops

| word | what it is | who notices its absence |
|---|---|---|
| \`step-stop\` | steps | $(link probing) (from the second time on) |

## Ends

| word | what it is | who notices its absence |
|---|---|---|
| \`killed\` | ends | $(link plain) |

## Errors

| word | what it is | who notices its absence |
|---|---|---|
| \`PTRACE_ATTACH:EPERM\` | is refused | $(link refused) |
| \`PTRACE_ATTACH:ESRCH\` | is refused | $(link by-user) |
| \`PTRACE_KILL:ESRCH\` | is gone | not made: no experiment yet |
END_OF_FILE
diff "$made/expected" "$good" >"$made/out"
result $? 'and the page is what the experiments deserve'
: >"$made/out"
check
same 'the page holds' "0 12 0" "$status $(grep -c '^ok' "$made/tap") $(grep -c '^not ok' "$made/tap")"

# --- pages that are false
wrong 'an experiment that does not notice' 'PTRACE_ATTACH:EPERM # 97.deaf does not notice' \
	'/^| `PTRACE_ATTACH:EPERM/s/refused\([])]\)/deaf\1/g'
wrong 'one whose scene breaks' 'killed # 97.deaf breaks' '/^| `killed/s/plain/deaf/g'
wrong 'one that does not make it' '97.refused does not make it' '/^| `killed/s/plain/refused/g'
wrong 'the second of two' '97.refused does not make it' \
	'/^| `killed/s/\(.*| \)\(\[.*)\) |/\1\2, [97.refused](..\/97_lab\/OBSERVATIONS.md#refused) |/'
wrong 'one that there is not' 'no experiment 97.gone' '/^| `killed/s/plain/gone/g'
wrong 'one that does not hold' '97.wrong does not hold' '/^| `killed/s/plain/wrong/g'
wrong 'a link to another' 'link of 97.plain' '/^| `killed/s/#plain/#deaf/'
wrong 'one that waits, and is said to notice' '97.waiting does not end' 's/ (waits for ever)//'
wrong 'one that notices late, and is said to at once' 'step-stop # 97.probing skips' \
	's/ (from the second time on)//'
wrong 'more others than there are' 'only 3 others' 's/; 2 others/; 4 others/'
wrong 'words in the place of evidence' 'no evidence' '/^| `killed/s/ |$/, surely |/'
wrong 'no evidence at all' 'has no evidence' '/^| `killed/s/| \[.*/| |/'
wrong 'another reason' 'has no evidence, and not the reason' 's/for another lab/forgotten/'
wrong 'a thing that is made, and said not to be' 'it is made' \
	'/^| `killed/s/| \[.*/| not made: no experiment yet |/'
wrong 'one that nothing makes, and is said to be made' 'PTRACE_CONT # nothing makes it' \
	'/^| `PTRACE_CONT/s/not made.*/made, and nothing notices its absence |/'
wrong 'another description' 'coverage.words says: steps' 's/| steps |/| leaps |/'
wrong 'a row that is missing' 'no row for step-stop' '/^| `step-stop/d'
wrong 'a row twice' 'has a row already' '/^| `step-stop/p'
wrong 'a word that there is not' 'no such word' 's/^| `step-stop/| `leap-stop/'
wrong 'a row under another heading' 'belongs under "Stops"' 's/^## Stops/## Ends/'
wrong 'a wrong count' 'counted of "Stops": 1 1 0 0, told: 1 0' 's/^| Stops | 1 | 1/| Stops | 1 | 0/'
wrong 'a count that is missing' 'counted of "Ends"' '/^| Ends/d'

# --- another world
cp "$good" "$copy"
check DEAF=1
same 'an experiment that notices no more' \
	'1 not ok 1 - PTRACE_ATTACH # 97.plain does not notice that it is missing' \
	"$status $(grep '^not ok' "$made/tap")"
touch "$made/once"
check UNLUCKY="$made/once"
same 'one that does not, once' '0 gone' "$status $([ -e "$made/once" ] || echo gone)"
check AWAKE=1
same 'one that waits no more' '1 not ok 4 - PTRACE_O_EXITKILL # 97.waiting does not notice that it is missing' \
	"$status $(grep '^not ok' "$made/tap")"
check MENDED=1
same 'what was not made, and is now' '1 not ok 3 - PTRACE_CONT # it is made: make coverage' \
	"$status $(grep '^not ok' "$made/tap")"
check PRESENT=1
same 'what has a reason, and is made now' '1 not ok 2 - PTRACE_KILL # it is made: make coverage' \
	"$status $(grep '^not ok' "$made/tap")"
sed '/^| `PTRACE_KILL`/s/not made.*/[97.erring](..\/97_lab\/OBSERVATIONS.md#erring) |/' "$good" >"$copy"
check PRESENT=1
same 'one that notices its errors alone' '1 not ok 2 - PTRACE_KILL # 97.erring notices its errors alone' \
	"$status $(grep '^not ok 2' "$made/tap")"
cp "$good" "$copy"
check USER_RUN=1
same 'a case that is not this one is skipped' \
	'0 ok 9 - PTRACE_ATTACH:ESRCH # SKIP its experiments cannot show it here' \
	"$status $(grep SKIP "$made/tap")"
check ABSENT=1
same 'fewer others' '1 not ok 1 - PTRACE_ATTACH # only 1 others make it' \
	"$status $(grep '^not ok' "$made/tap")"

# --- refusals
scripts/coverage check >"$made/tap" 2>&1
same 'no lab' 2 $?
scripts/coverage both 97_lab >"$made/tap" 2>&1
same 'no such action' 2 $?
check PAGE="$made/none"
same 'no page' "99 Bail out! $made/none: there is no such file" "$status $(cat "$made/tap")"
check WRAPPED="$made"
same 'no lab to run' "99 Bail out! $made/97_lab/tracer: there is no such program (make wrapped)" \
	"$status $(cat "$made/tap")"

# --- the wrapper, with a lab that there is
lab=$(echo build/wrapped/01_*)
for word in foo PTRACE_FOO:EPERM PTRACE_ATTACH:EFOO PTRACE_O_EXITKILL:EPERM : @2 PTRACE_ATTACH@ \
	PTRACE_ATTACH@two "PTRACE_$(printf '%0100d' 0)"; do
	WITHOUT=$word "$lab/tracer" link-in-proc >"$made/out" 2>"$made/err"
	same "WITHOUT=$word is refused" "2 0 1" \
		"$? $(wc -c <"$made/out") $(grep -c 'no request, option, event' "$made/err")"
done
WITHOUT=help "$lab/tracer" >"$made/out"
same 'WITHOUT=help names options' 10 "$(grep -c '^option PTRACE_O_[A-Z_]*$' "$made/out")"
same 'and requests: 42 and those younger than the headers' 45 "$(grep -c '^request PTRACE_[A-Z_]*$' "$made/out")"

# trial SLUG WORD: lab 01 without; prints its exit status, and 0 if the thing came up
trial() {
	: >"$made/calls"
	chmod 666 "$made/calls"
	RECORD=$made/calls WITHOUT=$2 timeout 20 "$lab/tracer" --transcript "$1" >"$made/out" 2>"$made/err"
	set -- $?
	grep -qx struck "$made/calls"
	echo "$1 $?"
}
same 'with nothing missing, it holds' '0 1' "$(trial traceme-and-exec '')"
same 'and what it made is recorded' 'PTRACE_TRACEME
PTRACE_TRACEME:EPERM
exec-sigtrap' "$(grep -e TRACEME -e sigtrap "$made/calls" | sort -u)"
same 'a request' '1 0' "$(trial traceme-and-exec PTRACE_TRACEME)"
same 'an error' '1 0' "$(trial traceme-and-exec PTRACE_TRACEME:EPERM)"
same 'a stop' '1 0' "$(trial traceme-and-exec exec-sigtrap)"
same 'an end' '1 0' "$(trial traceme-and-exec exited)"
same 'an option that it does not set' '0 1' "$(trial traceme-and-exec PTRACE_O_TRACEFORK)"
same 'a request that it makes once, from the second time on' '0 1' "$(trial link-in-proc PTRACE_ATTACH@2)"
same "the runner's own calls are not the experiment's" '0 1' "$(trial kernel-thread-refused exited)"
finish
