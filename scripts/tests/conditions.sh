#!/bin/sh
# conditions, on labs that hold, fail, skip, refuse and leave a file behind; conditions that are none;
# and a command in a condition, by hand.
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
out=$made/out

lab 91_holds <<'END'
echo 1..2
echo 'ok 1 - it'
echo 'ok 2 - that # SKIP no hands'
END
lab 92_fails <<'END'
echo 1..1
echo '#   ! a number: 2, expected 1'
echo 'not ok 1 - it'
exit 1
END
lab 93_skips <<'END'
echo 1..1
echo 'ok 1 - it # SKIP no hands'
exit 77
END
lab 94_refuses <<'END'
echo 'tracer: nowhere to stand' >&2
exit 99
END
lab 95_breaks <<'END'
echo 1..1
echo 'Bail out! no floor'
exit 99
END
lab 96_leaves_a_file <<'END'
echo 1..1
mktemp >/dev/null
echo 'ok 1 - it'
END
lab 97_leaves_a_process <<'END'
echo 1..1
setsid sleep 1000 >/dev/null 2>&1 &
echo 'ok 1 - it'
END
lab 98_dies <<'END'
echo 1..1
kill -SEGV $$
END

conditions() { # conditions NAME STATUS LINES OPTION... LAB...: ends so, with these result lines
	name=$1 expected="$2
$3"
	shift 3
	${without-} scripts/conditions "$@" >"$out" 2>"$made/err"
	same "$name" "$expected" "$?
$(grep -E '^(ok|not ok)' "$out" | sed 's/; the whole output.*//')"
}

conditions 'labs that hold, skip, refuse' 0 'ok 1 - strange-words: 91_holds, 1 hold, 1 skipped
ok 2 - strange-words: 93_skips # SKIP no hands
ok 3 - strange-words: 94_refuses # SKIP tracer: nowhere to stand' \
	-c strange-words "$made/91_holds" "$made/93_skips" "$made/94_refuses"
same 'the totals' '1 passed, 0 failed, 2 skipped' "$(tail -n 1 "$out")"
conditions 'labs that fail, break, die' 1 'not ok 1 - preload: 92_fails # exit 1
not ok 2 - preload: 95_breaks # exit 99
not ok 3 - preload: 98_dies # exit 139' -c preload "$made/92_fails" "$made/95_breaks" "$made/98_dies"
grep -q '^# #   ! a number: 2, expected 1$' "$out"
result $? 'the expectation that failed is shown'
[ -s build/conditions/preload-92_fails.tap ]
result $? 'the whole output is kept'
conditions 'a file that is left' 1 'not ok 1 - small-stack: 96_leaves_a_file # exit 0' \
	-c small-stack "$made/96_leaves_a_file"
grep -q '^# left behind: file .*/tmp' "$out"
result $? 'it is named'
conditions 'a process that is left' 1 'not ok 1 - one-cpu: 97_leaves_a_process # exit 0' \
	-c one-cpu "$made/97_leaves_a_process"
grep -q '^# left behind: process [0-9]* (sleep), state S$' "$out"
result $? 'it is named'
conditions 'all skipped is no success' 1 'ok 1 - path: 93_skips # SKIP no hands' \
	-c path "$made/93_skips"
conditions 'a condition that is none' 2 '' -c nowhere "$made/91_holds"
conditions 'a lab that is not there' 99 '' -c path "$made/nowhere"

# Where it is not made, nothing is tried.
if [ "$(id -u)" -eq 0 ]; then
	without='setpriv --bounding-set=-setuid --inh-caps=-setuid' other=as-user
else
	without='' other=as-root
fi
reason=$(${without:+$without setpriv --reuid=65534 true} 2>&1)
conditions 'a condition that is not made' 1 \
	"ok 1 - $other # SKIP not possible here: ${reason:-this process is not as root}" \
	-c $other "$made/91_holds"

same 'by hand: -x few-files' 32 "$(scripts/conditions -x few-files sh -c 'ulimit -n')"
scripts/conditions -l >"$out"
[ "$(wc -l <"$out")" -ge 26 ] && grep -q '^hidepid  *with other users' "$out"
result $? 'the list of them'
finish
