#!/bin/sh
# tap-count, on TAP made by hand.
planned=21
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"

counts() { # counts NAME STATUS "PASSED FAILED SKIPPED" LINE...
	name=$1 status=$2 expected=$3
	shift 3
	printf '%s\n' "$@" >"$made/run"
	same "$name" "$expected" "$(scripts/tap-count "$made/run" "$status")"
}

counts 'all hold' 0 '2 0 0' 1..2 'ok 1 - a' 'ok 2 - b'
counts 'the plan may stand last' 0 '2 0 0' 'ok 1 - a' 'ok 2 - b' 1..2
counts 'one is refuted' 1 '1 1 0' 1..2 'ok 1 - a' 'not ok 2 - b'
counts 'two are refuted' 1 '1 2 0' 1..3 'not ok 1 - a' 'not ok 2 - b' 'ok 3 - c'
counts 'a skip is no pass' 0 '1 0 1' 1..2 'ok 1 - a' 'ok 2 - b # SKIP no root'
counts 'all skipped' 77 '0 0 2' 1..2 'ok 1 - a # SKIP x' 'ok 2 - b # SKIP x'
counts 'nothing planned' 77 '0 0 0' '1..0 # SKIP nothing here'
counts 'a plan cut short' 0 '1 1 0' 1..2 'ok 1 - a'
counts 'more than planned' 0 '2 1 0' 1..1 'ok 1 - a' 'ok 2 - b'
counts 'no plan' 0 '2 1 0' 'ok 1 - a' 'ok 2 - b'
counts 'bail out' 99 '1 1 0' 1..3 'ok 1 - a' 'Bail out! b: no floor'
counts 'bail out and exit 0' 0 '1 1 0' 1..3 'ok 1 - a' 'Bail out! b: no floor'
counts 'a failing exit without a failing line' 1 '2 1 0' 1..2 'ok 1 - a' 'ok 2 - b'
counts 'killed at the end' 139 '2 1 0' 1..2 'ok 1 - a' 'ok 2 - b'
counts 'a failing line and exit 0' 0 '1 1 0' 1..2 'ok 1 - a' 'not ok 2 - b'
counts 'two plans in one run' 0 '3 0 0' 1..2 'ok 1 - a' 'ok 2 - b' 1..1 'ok 1 - c'
counts 'two plans, one cut short' 0 '2 1 0' 1..2 'ok 1 - a' 1..1 'ok 1 - c'
counts 'comments and words do not count' 0 '1 0 0' 1..1 '# ok 1 - x' 'okay' '#   1..3' 'ok 1 - a' \
	'  not ok 2 - y' 'nothing is ok here' '# Bail out!'
counts 'a name that says SKIP' 0 '1 0 0' 1..1 'ok 1 - SKIP is in capitals'

: >"$made/run"
same 'an empty file' '0 1 0' "$(scripts/tap-count "$made/run" 0)"
same 'an empty file of a crash counts once' '0 1 0' "$(scripts/tap-count "$made/run" 139)"
finish
