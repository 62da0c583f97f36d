#!/bin/sh
# new-lab, and notes/adding-a-lab.md: in a copy of the tree a lab is written, run, compared with its notes
# and grown by what the page says to type, each command with the output that the page shows; it is broken,
# and seen to be red. And names that cannot be are refused, with nothing written.
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
unset MAKEFLAGS MFLAGS MAKELEVEL ONLY NAME LAB V # make's variables stay, in the environment
page=notes/adding-a-lab.md
tree=$made/tree
mkdir "$tree"
tar -c --exclude=./.git --exclude=./build/check --exclude=./build/check-s --exclude=./build/kernels \
	--exclude=./build/mutants . | tar -x -C "$tree" || exit 99
scripts=$PWD/scripts
cd "$tree" || exit 99

# The name on the page, unless this tree has a lab of that number or topic already.
digits=08
name=08_signals
while set -- "$digits"_* && [ -e "$1" ]; do
	digits=$(printf %02d $((${digits#0} + 1)))
done
if [ "$digits" != 08 ] || [ -e "$(echo [0-9][0-9]_signals)" ]; then
	name=${digits}_another
fi
taken=$(echo [0-9][0-9]_*)
taken=${taken%% *}

# --- names that cannot be -----------------------------------------------------------------------------

state() { # of all that a refusal must not touch
	find . -path ./build -prune -o -print | sort
	cksum README.md
}

refuses() { # refuses WHAT CAUSE NAME...: one line, exit 2, nothing written
	what=$1 cause=$2
	shift 2
	state >"$made/before"
	scripts/new-lab "$@" >"$made/out" 2>"$made/err"
	status=$?
	state >"$made/after"
	[ $status -eq 2 ] && [ ! -s "$made/out" ] && [ "$(wc -l <"$made/err")" -eq 1 ] &&
		grep -qF -e "$cause" "$made/err" && cmp -s "$made/before" "$made/after"
	result $? "refuses $what"
}

refuses 'no name' 'which name?'
refuses 'an empty name' 'which name?' ''
refuses 'two names' 'one name' 91_a 92_b
refuses 'a number that is taken' "there is $taken already" "${taken%%_*}_other"
refuses 'a topic that is taken' "there is $taken already" "91_${taken#*_}"
refuses 'a number alone' 'two digits' 91
refuses 'a number without a topic' 'two digits' 91_
refuses 'a topic without a number' 'two digits' topic
refuses 'three digits' 'two digits' 091_topic
refuses 'one digit' 'two digits' 9_topic
refuses 'a topic that begins with a digit' 'two digits' 91_2nd
refuses 'a topic that ends in an underscore' 'two digits' 91_topic_
refuses 'a long name' 'longer than 40' 91_abcdefghijklmnopqrstuvwxyzabcdefghijklmn
refuses 'capital letters' 'lower-case' 91_Topic
refuses 'a blank' 'lower-case' '91_a b'
refuses 'a hyphen' 'lower-case' 91_a-b
refuses 'a letter that is not ASCII' 'lower-case' 91_é
refuses 'a newline' 'lower-case' '91_a
b'
refuses 'a star' 'lower-case' '91_*'
refuses 'a path out of the tree' 'lower-case' '../91_topic'
refuses 'a path below' 'lower-case' '91_topic/x'
refuses 'an absolute path' 'lower-case' "$made/91_topic"
refuses "sed's own signs" 'lower-case' '91_a&/g'
refuses 'an option' 'lower-case' --help
cd common || exit 99
state() { find "$tree" -path "$tree/build" -prune -o -print | sort; cksum "$tree/README.md"; }
mkdir scripts && ln -s ../../scripts/new-lab scripts/new-lab
refuses 'to write elsewhere than in the top directory' 'top directory' 91_topic
rm -r scripts
cd "$tree" || exit 99
NAME='91_a;touch stray' make new-lab >"$made/out" 2>"$made/err"
status=$?
same 'make refuses, too, and runs no part of a name' '2 1' \
	"$status $(grep -c '^new-lab: "91_a;touch stray":' "$made/err")$(ls stray 2>/dev/null)"

# --- the page --------------------------------------------------------------------------------------------

# Its blocks, one after the other: N.do says what is to be done with N.body.
mkdir "$made/steps"
rm -f "$made/out" "$made/err"
sed "s/08_signals/$name/g; s/08/$digits/g" "$page" | awk -v "steps=$made/steps/" '
	function ticks(text) { match(text, /^`*/); return RLENGTH }
	fence && ticks($0) >= fence && /^`+$/ { fence = 0; next }
	fence && wanted { print >(file ".body"); next }
	!fence && (fence = ticks($0)) > 2 {
		info = substr($0, fence + 1)
		if (wanted = info ~ /^(console new-lab$|(c|md) )/) {
			file = sprintf("%s%03d", steps, ++n)
			print NR, info >(file ".do")
			printf "" >(file ".body")
		}
		next
	}
	fence < 3 { fence = 0 }'

change() { # change FILE before|after|replace TEXT BODY: at the first line that begins with TEXT
	awk -v how="$2" -v text="$3" -v body="$4" '
		function insert(  line) { while ((getline line <body) > 0) print line }
		!done && index($0, text) == 1 {
			done = 1
			if (how == "before") insert()
			if (how != "replace") print
			if (how != "before") insert()
			next
		}
		{ print }
		END { exit !done }' "$1" >"$made/changed" && cat "$made/changed" >"$1"
}

run_session() { # run_session WHERE BODY: each command of a console block, and what it prints
	awk -v to="$made/session" '
		/^\$ / {
			print substr($0, 3) >(to "." ++n ".command")
			printf "" >(to "." n ".shown")
			next
		}
		{ print >(to "." n ".shown") }' "$2"
	for command in "$made"/session.*.command; do
		of=${command%.command}
		timeout 300 sh "$command" >"$of.seen" 2>&1 </dev/null
		status=$?
		red=0 # where the page shows that something fails, the command does
		grep -q '^not ok\|, [1-9][0-9]* failed' "$of.shown" && red=1
		awk -f "$scripts/session.awk" part=shown "$of.shown" part=seen "$of.seen" &&
			[ $((status != 0)) -eq $red ]
		result $? "$1: \$ $(cat "$command")"
		cp "$of.seen" "$made/last"
	done
	rm -f "$made"/session.*
}

sessions=0 changes=0
for step in "$made"/steps/*.do; do
	read -r line kind file how text <"$step"
	text=$(sed 's/^[0-9]* [a-z]* [^ ]* [a-z]*: //' "$step")
	if [ "$kind" = console ]; then
		sessions=$((sessions + 1))
		run_session "$page:$line" "${step%.do}.body"
		# "Copy the numbers that the check has counted into the tables."
		awk -F '"' 'NR == FNR {
				if (/^#   ! counted of "/) {
					now = $3
					gsub(/^: |,.*/, "", now)
					gsub(/ /, " | ", now)
					counts[$2] = "| " $2 " | " now " |"
				}
				next
			}
			/^\| [^|]* \| [0-9]+ \|/ {
				of = $0
				gsub(/^\| | \|.*/, "", of)
				if (of in counts)
					$0 = counts[of]
			}
			{ print }' "$made/last" notes/claims.md >"$made/changed" &&
			cat "$made/changed" >notes/claims.md
	else
		changes=$((changes + 1))
		change "$file" "${how%:}" "$text" "${step%.do}.body" ||
			result 1 "$page:$line: $file has no line that begins with \"$text\""
	fi
done
[ $sessions -ge 8 ] && [ $changes -ge 20 ]
result $? "the page has blocks to apply ($changes) and sessions to run ($sessions)"
same 'the lab has the experiments of the page' 'ignored-signal which-signals ignored-interrupts pid-one' \
	"$("$name/tracer" --list | sed 's/^[0-9]*\.//; s/:.*//' | tr '\n' ' ' | sed 's/ $//')"
if command -v clang-format >/dev/null 2>&1; then
	clang-format --dry-run -Werror "$name"/*.c >"$made/out" 2>&1
	result $? 'what the page has typed is formatted'
else
	skip 'what the page has typed is formatted' 'no clang-format'
fi

# --- a lab more, everywhere ------------------------------------------------------------------------------

make -n all check >"$made/out" 2>"$made/err"
same 'make and make check run it' 2 "$(grep -c "scripts/.* $name" "$made/out")"
make list 2>"$made/err" | grep "^$digits" >"$made/out"
same 'make list has its experiments' 4 "$(wc -l <"$made/out")"

red() { # red NAME PATTERN FILE SED...: with FILE so changed, make checkNN fails and says so
	what=$1 pattern=$2 file=$3
	shift 3
	cp "$file" "$made/kept"
	sed "$@" "$made/kept" >"$file"
	make "check$digits" >"$made/out" 2>&1
	status=$?
	cmp -s "$file" "$made/kept"
	[ $? -eq 1 ] && [ $status -ne 0 ] && grep -Eq "$pattern" "$made/out"
	result $? "red: $what"
	cat "$made/kept" >"$file"
}

red 'an expectation that does not hold' '^not ok [0-9]+ - ignored-signal' "$name/tracer.c" \
	's/expect_str("none"/expect_str("SIGUSR1"/'
red 'a scene that does something else' '^not ok [0-9]+ - ignored-interrupts' "$name/tracee.c" \
	's/++\*interrupted/*interrupted += 2/'
red 'an experiment that nobody runs' 'which-signals" names no experiment|unused' "$name/tracer.c" \
	'/{ "which-signals"/d'
red 'a question that changed' 'asks another question' "$name/tracer.c" 's/"As what are/"How are/'
red 'a transcript that is not this one' 'transcript differs' "$name/OBSERVATIONS.md" \
	's/status 0x0a7f/status 0x0b7f/'
red 'a claim with other words' '^not ok - G90' notes/claims.md '/^| G90/s/traced: 1/traced: 2/'
red 'no row in the README' '^not ok - the README asks what' README.md "/^| \\[$name\\]/d"
red 'another question in the README' '^not ok - the README asks what' README.md \
	"/^| \\[$name\\]/s/does/did/"
finish
