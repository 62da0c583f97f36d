#!/bin/sh
# claims and claims.awk: does a ledger that holds pass, and is each way in which a row can be wrong
# seen? The lab, its notes and the log of its run are stand-ins written here.
# shellcheck disable=SC2016 # $ and ` are sed's and Markdown's
planned=39
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
lab=$made/97_lab
good=$made/claims.md
copy=$made/copy.md
log=$made/97_lab.tap
mkdir "$lab"

cat >"$lab/tracer" <<'END_OF_FILE'
#!/bin/sh
printf '97.plain: Does it stop?\n97.has-cases: Who may?\n97.not-here: What about Yama?\n'
END_OF_FILE
chmod +x "$lab/tracer"
cat >"$lab/OBSERVATIONS.md" <<'END_OF_FILE'
### plain
The prose says State: Z.
```transcript
#   = State: t (tracing stop)
#   = data: the word | EFAULT | EIO
#     a remark on nothing
#   ~ gap: 17
```
### has-cases
```transcript root
#   = PTRACE_SEIZE: success
```
```transcript user
#   = PTRACE_SEIZE: EPERM
```
### not-here
```transcript
#   = scope: 1
```
END_OF_FILE
cat >"$log" <<'END_OF_FILE'
1..3
ok 1 - plain
not ok 2 - has-cases-not # 1 of 2 expectations failed
ok 2 - has-cases
ok 3 - not-here # SKIP no Yama
ok - notes of plain
END_OF_FILE
cat >"$good" <<'END_OF_FILE'
# Claims

| theme | statements | confirmed | refined | refuted | untried |
|---|---|---|---|---|---|
| Stops | 2 | 1 | 0 | 1 | 0 |
| Who may | 3 | 1 | 1 | 0 | 1 |
| All | 5 | 2 | 1 | 1 | 1 |

| source | statements | confirmed | refined | refuted | untried |
|---|---|---|---|---|---|
| ptrace(2) | 3 | 1 | 1 | 1 | 0 |
| a guide | 2 | 1 | 0 | 0 | 1 |

## Stops

| id | where | what it says | verdict | tried by | instead |
|---|---|---|---|---|---|
| S01 | ptrace(2), Stops | It stops. | confirmed | [plain](../97_lab/OBSERVATIONS.md#plain) `State: t`; [plain](../97_lab/OBSERVATIONS.md#plain) `the word \| EFAULT` | |
| S02 | ptrace(2), Stops | T it is. | refuted | [plain](../97_lab/OBSERVATIONS.md#plain) `State: t (tracing stop)` | It is t. |

## Who may

| id | where | what it says | verdict | tried by | instead |
|---|---|---|---|---|---|
| W01 | ptrace(2) | Root may. | refined | [has-cases](../97_lab/OBSERVATIONS.md#has-cases) `PTRACE_SEIZE: EPERM` | Others may not. |
| W02 | a guide | Yama forbids. | confirmed | [not-here](../97_lab/OBSERVATIONS.md#not-here) `scope: 1` | |
| W03 | a guide, end | It is old. | untried | | No old kernel. |
END_OF_FILE

check() {
	CLAIMS=$copy scripts/claims "$made" "$lab" >"$made/tap" 2>&1
	status=$?
}

wrong() { # wrong NAME PATTERN SED...: the ledger so changed does not hold, and it is said why
	name=$1 pattern=$2
	shift 2
	sed "$@" "$good" >"$copy"
	check
	! cmp -s "$good" "$copy" && [ $status -eq 1 ] && grep -q '^not ok' "$made/tap" &&
		grep -Eq "^(not ok - |#   ! ).*$pattern" "$made/tap"
	set -- $?
	[ "$1" -eq 0 ] || sed 's/^/#   /' "$made/tap"
	result "$1" "$name"
}

cp "$good" "$copy"
check
same 'a ledger that holds passes' 0 $status
same 'each row has its line' '1..6
ok - S01, confirmed: 97_lab/plain, 97_lab/plain
ok - S02, refuted: 97_lab/plain
ok - W01, refined: 97_lab/has-cases
ok - W02, confirmed: 97_lab/not-here # SKIP its experiments were skipped
ok - W03, untried
ok - the counts are those of the rows' "$(cat "$made/tap")"
same 'counted' '5 0 1' "$(scripts/tap-count "$made/tap" 0)"

wrong 'an experiment that is not there' 'no experiment 97_lab/plane' '/^| S02/s/plain/plane/g'
wrong 'a lab that is not there' 'no experiment 98_lab/plain' '/^| S02/s/97_lab/98_lab/'
wrong 'a link that leads elsewhere' 'leads to #has-cases' '/^| S02/s/#plain/#has-cases/'
wrong 'words that no line has' 'no expectation of .* printed "State: T' '/^| S02/s/State: t/State: T/'
wrong 'words of two lines' 'no expectation of' '/^| S01/s/`State: t`/`State: t (tracing stop) data`/'
wrong 'words of another experiment' 'no expectation of 97_lab/plain' '/^| S02/s/State: t/scope: 1/'
wrong 'words of the prose' 'no expectation of' '/^| S02/s/`State.*stop)`/`State: Z`/'
wrong 'words that are a remark' 'no expectation of' '/^| S02/s/`State.*stop)`/`a remark on`/'
wrong 'words that are not judged' 'no expectation of' '/^| S02/s/`State.*stop)`/`gap: 17`/'
wrong 'no words' 'no expectation of' '/^| S02/s/`State.*stop)`/``/'
wrong 'a word that proves nothing' 'no expectation of' '/^| S02/s/`State.*stop)`/`t`/'
wrong 'a link without words' 'this is no evidence' '/^| S02/s/ `State.*stop)`//'
wrong 'an assertion for evidence' 'this is no evidence' '/^| S02/s/\[plain.*stop)`/everybody knows/'
wrong 'no evidence' 'nothing tried it' '/^| S02/s/\[plain.*stop)`//'
wrong 'evidence of what is untried' 'it is called untried' '/^| S02/s/refuted/untried/'
wrong 'refuted, and no other truth' 'not say what is true' '/^| S02/s/It is t\.//'
wrong 'refined, and no condition' 'not say what is true' '/^| W01/s/Others may not\.//'
wrong 'untried, and no reason' 'why it is untried' '/^| W03/s/No old kernel\.//'
wrong 'confirmed, and another truth' 'yet there is another' '/^| S01/s/| |$/| Not quite. |/'
wrong 'a verdict of its own' 'no verdict "probable"' '/^| S01/s/confirmed/probable/'
wrong 'no statement' 'not say who says what' '/^| S01/s/It stops\.//'
wrong 'an id twice' 'S01.*its id is taken' 's/^| S02/| S01/'
wrong 'an id of another form' 'no letter and two' 's/^| S02/| S2/'
wrong 'a row cut short' 'it has 5 cells' '/^| W03/s/ No old kernel\. |$//'
wrong 'a row more than is counted' 'counted of "Stops": 3' '/^| S02/{p
s/S02/S03/
}'
wrong 'a wrong total' 'counted of "All": 5 2 1 1 1, told: 6' 's/^| All | 5/| All | 6/'
wrong 'a wrong count of a source' 'counted of "a guide"' 's/^| a guide | 2 | 1/| a guide | 2 | 2/'
wrong 'a source that is not counted' 'counted of "a guide".* told: nothing' '/^| a guide | 2/d'
wrong 'a count of nothing' '"a book" is counted' 's/^| a guide | 2.*/&\
| a book | 0 | 0 | 0 | 0 | 0 |/'

# Some of the labs: rows that rest on another one are counted, and not judged.
some() {
	CLAIMS=$copy scripts/claims -s "$made" "$lab" >"$made/tap" 2>&1
	status=$?
}
sed '/^| S02/s/97_lab/98_other/' "$good" >"$copy"
some
same 'some labs: the rows of these alone' '0 1..5
ok - S01, confirmed: 97_lab/plain, 97_lab/plain
ok - W01, refined: 97_lab/has-cases
ok - W02, confirmed: 97_lab/not-here # SKIP its experiments were skipped
ok - W03, untried
ok - the counts are those of the rows' "$status $(cat "$made/tap")"
sed -e '/^| S02/s/97_lab/98_other/' -e '/^| W01/s/: EPERM/: EIO/' "$good" >"$copy"
some
same 'some labs: a row of these that is wrong' '1 1' "$status $(grep -c '^not ok - W01' "$made/tap")"
sed -e '/^| S02/s/97_lab/98_other/' -e '/^| W03/d' "$good" >"$copy"
some
same 'some labs: the counts are those of all rows' 1 $status

# The run that the ledger speaks of.
cp "$good" "$copy"
sed 's/^ok 1 - plain/not ok 1 - plain # 1 of 2 expectations failed/' "$log" >"$made/changed"
cp "$log" "$made/kept"
cp "$made/changed" "$log"
check
same 'an experiment that does not hold' '1 not ok - S02, refuted: 97_lab/plain # 97_lab/plain does not hold in this run' \
	"$status $(grep S02 "$made/tap")"
sed '/ - plain$/d' "$made/kept" >"$log"
check
same 'an experiment that was not run' '1 not ok - S02, refuted: 97_lab/plain # 97_lab/plain was not run' \
	"$status $(grep S02 "$made/tap")"
rm "$log"
check
same 'a lab that was not run' "99 Bail out! $log: there is no such file" "$status $(cat "$made/tap")"
cp "$made/kept" "$log"
echo '# Nothing' >"$copy"
check
same 'a ledger without a row' '1 not ok - the counts are those of the rows' \
	"$status $(grep '^not ok' "$made/tap")"
finish
