#!/bin/sh
# stress, on labs that hold, fail, skip, hang, say something else each time and leave things behind; the
# order that a seed decides; and its end by a signal.
# shellcheck disable=SC2317 # until_true calls the functions that nobody seems to call
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
out=$made/out
logs=build/tests/stress # in the tree: the script has a /tmp of its own

lab 91_holds <<'END'
echo 1..1
echo 'ok 1 - it'
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
lab 94_hangs <<'END'
echo 1..1
while :; do :; done
END
lab 95_varies <<'END'
echo 1..1
echo "# $$"
echo 'ok 1 - it'
END
lab 96_leaves_a_process <<'END'
echo 1..1
setsid sleep 1000 >/dev/null 2>&1 &
echo 'ok 1 - it'
END
lab 97_leaves_a_file <<'END'
echo 1..1
mktemp >/dev/null
echo 'ok 1 - it'
END
lab 98_leaves_a_mount <<'END'
echo 1..1
mount -t tmpfs none /dev/shm
echo 'ok 1 - it'
END
lab 99_leaves_a_queue <<'END'
echo 1..1
ipcmk -Q >/dev/null
echo 'ok 1 - it'
END

stress() { # stress STATUS OPTION... LAB...
	expected=$1
	shift
	env MARK="$made" scripts/stress -o $logs -m 16 "$@" >"$out" 2>"$made/err"
	status=$?
	[ $status -eq "$expected" ] || echo "#   exit $status, expected $expected"
	[ $status -eq "$expected" ]
}
row() { # row LAB: its row of the table, but for the slowest
	sed -n "s/^$1  *//p" "$out" | sed 's/[0-9.]* s  *//; s/  */ /g'
}
alive() { # the processes of a run that are alive
	grep -l "MARK=$made" /proc/[0-9]*/environ 2>/dev/null
}

# --- outcomes --------------------------------------------------------------------------------------

stress 0 -n 3 -s 7 "$made/91_holds" "$made/93_skips"
result $? 'labs that hold and skip: exit 0'
same 'a row for each: runs, failures, skipped, what was left' '3 0 0 0 0 0 0
3 0 3 0 0 0 0' "$(row 91_holds && row 93_skips)"
same 'the seed and the totals' 'seed 7, 6 of 6 runs
3 passed, 0 failed, 3 skipped' "$(tail -n 2 "$out")"

fails() { # fails LAB ROW WHY [OPTION...]: two runs, which fail
	name=$1 row=$2 why=$3
	shift 3
	stress 1 -n 2 "$@" "$made/$name"
	set -- $?
	[ "$(row "$name")" = "$row" ] || { set -- 1; echo "#   row: $(row "$name"), expected $row"; }
	[ "$(grep -c "^# run [12], $name: $why ($logs/[12]-$name.tap)\$" "$out")" -eq "${row%% *}" ] ||
		set -- 1
	[ -s "$logs/2-$name.tap" ] || { set -- 1; echo '#   its output is not kept'; }
	result "$1" "$name: $why"
}
fails 92_fails '2 2 0 0 0 0 0' 'exit 1'
fails 94_hangs '2 2 0 0 0 0 0' 'it did not end within 1 s' -t 1
fails 96_leaves_a_process '2 2 0 2 0 0 0' 'it left something behind'
fails 97_leaves_a_file '2 2 0 0 2 0 0' 'it left something behind'
if [ "$(id -u)" -eq 0 ] && unshare -m -i true 2>/dev/null; then
	fails 98_leaves_a_mount '2 2 0 0 0 2 0' 'it left something behind'
	fails 99_leaves_a_queue '2 2 0 0 0 0 2' 'it left something behind'
else
	skip 'a mount that is left' 'only root may mount'
	skip 'an object of System V that is left' 'only root has a namespace of its own for these'
fi
stress 1 -n 3 "$made/95_varies"
same 'output that varies: all runs but one fail' '3 2 0 0 0 0 0' "$(row 95_varies)"
stress 1 -n 1 "$made/93_skips"
result $? 'nothing that holds is no success'

# --- the order -------------------------------------------------------------------------------------

order() { # order SEED: of six runs
	stress 0 -n 3 -s "$1" "$made/91_holds" "$made/93_skips"
	tr '\n' ' ' <$logs/order
}
first=$(order 5)
same 'one seed, one order' "$first" "$(order 5)"
[ "$first" != "$(order 6)" ] || [ "$first" != "$(order 7)" ]
result $? 'another seed, another order'
same 'every lab is there so many times' '3 91_holds 3 93_skips' \
	"$(sort $logs/order | uniq -c | xargs)"

# --- words, and the end ----------------------------------------------------------------------------

for word in 0 -1 many '' 9999999999; do
	stress 2 -n "$word" "$made/91_holds" && grep -q "^stress: -n takes a number, not \"$word\"$" "$made/err"
	result $? "-n \"$word\" is refused"
done
stress 99 -n 1 "$made/nowhere"
result $? 'a lab that is not there'

hangs() { # it runs, with a hog for each CPU and for memory
	[ "$(alive | wc -l)" -ge $(($(nproc) + 3)) ] && grep -qs '^1\.\.1' "$logs/1-94_hangs.tap"
}
start_hanging() {
	env --default-signal=INT MARK="$made" TMPDIR="$made" scripts/stress -o $logs -m 16 -n 1 "$made/94_hangs" >"$out" 2>"$made/err" &
	until_true hangs || bail_out 'a run that hangs'
}
nobody_is_alive() {
	[ -z "$(alive)" ]
}
# ends SIGNAL STATUS: in the middle of a run
ends() {
	start_hanging
	kill "-$1" $!
	wait $!
	[ $? -eq "$2" ] && nobody_is_alive && [ "$(tail -n 1 "$out")" = '0 passed, 0 failed, 0 skipped' ]
	result $? "by SIG$1: the table, exit $2, and nobody is left alive"
}
ends INT 130
ends TERM 143
start_hanging
kill -KILL $!
wait $! 2>/dev/null
until_true nobody_is_alive
result $? 'by SIGKILL: soon nobody is alive'
finish
