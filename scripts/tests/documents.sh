#!/bin/sh
# documents and documents.awk: does a tree whose documents are right pass, and is each way in which they
# can be wrong seen, and named with its line? The tree is a stand-in written here.
# shellcheck disable=SC2016 # $ and ` are sed's and Markdown's
planned=76
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
documents=$PWD/scripts/documents
good=$made/good
tree=$made/tree
mkdir -p "$good/common" "$good/notes" "$good/scripts/tests" "$good/97_lab"

cat >"$good/Makefile" <<'END'
ONLY ?=
.PHONY: check lab97 new-lab
new-lab: ; @echo $(NAME)
check: ; @echo checked
lab97: ; @echo ran $(ONLY)
END
cat >"$good/common/stop.h" <<'END'
enum stop_kind {
	STOP_NONE,  /* nothing */
	STOP_GROUP, /* a group-stop */
};
END
echo 'echo noted' >"$good/scripts/notes"
echo : >"$good/scripts/tests/grow.sh"
cat >"$good/97_lab/tracer" <<'END'
#!/bin/sh
case $1 in
--list) printf '97.plain-stop: Does it stop?\n97.not-here: What about Yama?\n' ;;
--help) printf 'Lab 97: What is it?\n\n  tracer --list   experiments\n  tracer -p PID   look\n      -e NAME   only these\n' ;;
-p) echo "looked at $2" ;;
esac
END
printf '#!/bin/sh\necho "usage: tracee [-w] SCENE"\n' >"$good/97_lab/tracee"
chmod +x "$good/97_lab/tracer" "$good/97_lab/tracee"
echo '{ "self-aware", aware }' >"$good/97_lab/tracee.c"
cat >"$good/97_lab/OBSERVATIONS.md" <<'END'
# Lab 97: What is it?

`tracer -p PID`; `tracee self-aware` plays the scene of plain-stop (plain-stop, not-here).

### plain-stop
> Does it stop?

*Quiz.* How? (`tracee plane and simple`)
- as ever: `plane-stop`

```transcript
#   = State: t (tracing stop)
#   = data: the word | EFAULT
#   = result: 17
```
### not-here
## Timing notes
END
cat >"$good/README.md" <<'END'
# What this is

The [notes](notes/README.md), the [ledger](notes/claims.md), ` ```c ` and ``a ` b``. Run `make lab97 ONLY=plain-stop`, or `make
labNN`, or `scripts/notes write`; see `common/stop.h` and [below](#the-labs-and-more-1).

| lab | question |
|---|---|
| [97_lab](97_lab/OBSERVATIONS.md) | What is it? |

```sh
make check      # everything
97_lab/tracer -e read -p $! >/tmp/x 2>&1 && 97_lab/tracee -w 'self-aware' | cat
sudo ./97_lab/tracer plain-stop
```
```console
$ 97_lab/tracer -p 17
looked at 17
$ make lab97 ONLY="plain-stop not-here"
ran plain-stop not-here
$ 97_lab/tracer --list
```
```console grow
$ make lab97
not ok
```
```transcript 97.plain-stop
#   = State: t (tracing stop)
#   = result: 17
```

## The labs (and `more`)
## The labs and more
END
cat >"$good/notes/claims.md" <<'END'
# Claims

| A07 | a guide | It stops. | [plain-stop](../97_lab/OBSERVATIONS.md#plain-stop) |
END
cat >"$good/notes/README.md" <<'END'
# The course

[Stops](stops.md), [telling](telling-stops.md), [adding](adding-a-lab.md). Nothing needs an anchor here.
END
cat >"$good/notes/stops.md" <<'END'
# Stops

A tracee stops ([plain-stop](../97_lab/OBSERVATIONS.md#plain-stop)),
as A07 says; see 97.plain-stop in `97.plain-stop`.

- Background: the kernel has a flag for it,
  and the flag has a name.
- It is ([not-here](../97_lab/OBSERVATIONS.md#not-here)) elsewhere.

| what | why |
|---|---|
| a stop | [plain-stop](../97_lab/OBSERVATIONS.md#plain-stop) |
| another | Background: the manual |

## History (background)

It was otherwise.

### Older

And before that.

## Now

Next: [telling](telling-stops.md). Run: nothing.

<!-- What it rests on.
97.plain-stop: data: the word \| EFAULT
-->
END
cat >"$good/notes/telling-stops.md" <<'END'
# Telling stops (this repository)

STOP_NONE and `STOP_GROUP`, not JOBCTL_STOP_PENDING.
END

cat >"$good/notes/adding-a-lab.md" <<'END'
# Adding a lab

```console grow
$ make new-lab NAME=98_new
```

Then `make lab98 ONLY=grown-up` runs `98_new/tracer -x`, with `grown-up` and B17.

````md 98_new/OBSERVATIONS.md after: x
### grown-up
```transcript
```
B17
````
END

check() { # check: of $tree
	(cd "$tree" && "$documents") >"$made/out" 2>"$made/err"
	status=$?
}

fresh() {
	rm -rf "$tree"
	cp -r "$good" "$tree"
}

wrong() { # wrong NAME PATTERN FILE SED...: the tree with FILE so changed does not pass, and it is said why
	name=$1 pattern=$2 file=$3
	shift 3
	fresh
	sed "$@" "$good/$file" >"$tree/$file"
	check
	! cmp -s "$good/$file" "$tree/$file" && [ $status -eq 1 ] && grep -q '^not ok' "$made/out" &&
		grep -Eq "^#   (! |document: |run: ).*$pattern" "$made/out" && [ ! -s "$made/err" ]
	result $? "$name"
}

fresh
check
same 'a tree that is right passes' '0 ' "$status $(cat "$made/err")"
same 'each document has its line, and each session' '1..12
ok - 97_lab/OBSERVATIONS.md: 0 links, 2 names, 2 commands
ok - README.md: 4 links, 7 names, 10 commands
ok - notes/README.md: 3 links, 0 names, 0 commands
ok - notes/adding-a-lab.md: 0 links, 2 names, 3 commands
ok - notes/claims.md: 1 links, 1 names, 0 commands
ok - notes/stops.md: 4 links, 4 names, 0 commands, 8 units
ok - notes/telling-stops.md: 0 links, 2 names, 0 commands, 1 units
ok - the README asks what 97_lab asks
ok - the README names 1 labs, and there are 1
ok - the top level holds what notes/design.md says
ok - README.md:16: $ 97_lab/tracer -p 17
ok - README.md:18: $ make lab97 ONLY="plain-stop not-here"' "$(tail -n 1 "$made/out"; sed '$d' "$made/out")"

wrong 'a link to no file' 'README.md:3: the link notes/READMY.md leads to no file' README.md 's/notes\/README/notes\/READMY/'
wrong 'a link out of the tree' 'leads to no file' notes/stops.md 's/(telling-stops/(..\/..\/telling-stops/'
wrong 'a link to no heading' 'README.md:3: the link #the-labs leads to no heading' README.md 's/#the-labs-and-more-1/#the-labs/'
wrong 'a link to the second heading of a name' 'leads to no heading' README.md '/^## The labs and/d'
wrong "a link to no heading of another's" 'stops.md:3: .*#plane-stop leads to no heading' notes/stops.md \
	's/A tracee stops (/&[x](..\/97_lab\/OBSERVATIONS.md#plane-stop), /'
wrong 'a link to a line of a source' 'leads to no heading' README.md 's/see `common/see [it](common\/stop.h#L3) `common/'
wrong 'a heading that is renamed' 'leads to no heading' 97_lab/OBSERVATIONS.md 's/^### not-here/### not-there/'
wrong 'a link that is not what it says' 'link of "plain-stop" leads to #not-here' notes/claims.md 's/#plain-stop/#not-here/'
wrong "a course's link that is not what it says" 'link of "here" leads to #not-here' notes/stops.md 's/\[not-here\]/[here]/'

wrong 'a slug in code' 'no experiment "plane-stop"' README.md 's/see `common/see `plane-stop`, `common/'
wrong 'a slug with its lab' 'stops.md:3: 97_lab has no experiment "plane"' notes/stops.md 's/`97.plain-stop`/`97.plane`/'
wrong 'a slug with its lab, in prose' 'no experiment "plane"' notes/stops.md 's/see 97.plain-stop/see 97.plane/'
wrong 'a slug in parentheses' '"not-there"' 97_lab/OBSERVATIONS.md 's/(plain-stop, not-here)/(plain-stop, not-there)/'
wrong 'a slug behind ONLY' '97_lab .*"plane"' README.md 's/ONLY=plain-stop/ONLY=plane/'
wrong 'the second slug behind ONLY' '"not-there"' README.md '/^ran/!s/ not-here"/ not-there"/; s/^ran.*/ran plain-stop not-there/'
wrong 'a slug given to a tracer' '97_lab .*"plain"' README.md 's/tracer plain-stop/tracer plain/'
wrong 'a claim' 'no claim A08' notes/stops.md 's/A07/A08/'
wrong 'a claim in code' 'no claim A08' notes/stops.md 's/A07/`A08`/'
wrong 'a kind of stop' 'no STOP_GRUP' notes/stops.md 's/Nothing\|^And before/STOP_GRUP &/'
wrong 'a kind of stop that is not told' 'does not tell STOP_GROUP' notes/telling-stops.md 's/ and `STOP_GROUP`//'
wrong 'a word that is no word' '"group-stup"' README.md 's/see `common/see `group-stup`, `common/'

wrong 'a target' 'make has no target chekc' README.md 's/^make check/make chekc/'
wrong 'a target in code' 'make has no target laboratoryNN' README.md 's/^labNN/laboratoryNN/'
wrong 'a lab that is not there' 'make has no target lab98' README.md 's/`make lab97/`make lab98/'
wrong "a variable of nobody's" 'looks at OLNY' README.md 's/`make lab97 ONLY/`make lab97 OLNY/'
wrong 'a script' 'no file scripts/nots' README.md 's/scripts\/notes write/scripts\/nots write/'
wrong 'a file' 'no file common/stops.h' README.md 's/common\/stop.h/common\/stops.h/'
wrong 'a program of no lab' 'no lab 98_lab' README.md 's/^97_lab\/tracer -e/98_lab\/tracer -e/'
wrong 'a program in the second place' 'no lab 98_lab' README.md 's/&& 97_lab/\&\& 98_lab/'
wrong 'a program behind sudo' 'no lab 98_lab' README.md 's/sudo .\/97_lab/sudo .\/98_lab/'
wrong "an option that it does not have" '97_lab/tracer has no option -x' README.md 's/tracer -e read/tracer -x read/'
wrong 'a long option' '97_lab/tracer has no option --lists' README.md 's/--list/--lists/'
wrong 'an option in code' '97_lab/tracer has no option -q' 97_lab/OBSERVATIONS.md 's/`tracer -p PID`/`tracer -q PID`/'
wrong "an option of the tracee" '97_lab/tracee has no option -v' README.md 's/tracee -w/tracee -v/'
wrong 'a scene' 'tracee has no "aware-self"' README.md "s/'self-aware'/'aware-self'/"
wrong 'a scene in code' 'tracee has no "self-awake"' 97_lab/OBSERVATIONS.md 's/tracee self-aware/tracee self-awake/'
wrong 'a command in a block that is not checked' 'neither sh nor console' README.md 's/^```sh/```/'
wrong 'a language that nobody checks' 'a block of "shell"' README.md 's/^```sh/```shell/'
wrong 'a block without an end' 'a block without an end' README.md '$a\
```'
wrong 'a block within a block' 'begins within the one of line 10' README.md '14d'
wrong 'a slug in code behind a quiz' '"plane-stop"' 97_lab/OBSERVATIONS.md 's/^### not-here/`plane-stop`\
\
&/'
wrong 'code without an end' 'code that does not end' README.md 's/`scripts\/notes write`/`scripts\/notes write/; s/`common\/stop.h`/common/'

wrong 'a transcript that differs' 'do not have this line.*: 18' README.md 's/= result: 17/= result: 18/'
wrong 'a transcript in another order' 'or not here: .*State' README.md '/^```transcript/,/^```$/{/State/{h;d
}
/result/G
}'
wrong 'a transcript of nobody' '97_lab has no experiment "plane"' README.md 's/^```transcript 97.plain-stop/```transcript 97.plane/'
wrong 'a transcript without a name' 'names no experiment' README.md 's/^```transcript 97.plain-stop/```transcript/'
wrong 'a stale transcript of the notes' 'notes of plain-stop do not have' 97_lab/OBSERVATIONS.md 's/= result: 17/= result: 18/'
wrong 'a session that prints something else' 'looked at 17' README.md 's/^looked at 17/looked at 18/'
wrong 'a session that prints less' 'ran plain-stop not-here' README.md 's/^ran.*/&\
and more/'
wrong 'a session whose last line is another' 'looked at 17' README.md 's/^looked at 17/…\
looked at 18/'
wrong 'a session of a test that is not there' 'no scripts/tests/grew.sh' README.md 's/^```console grow/```console grew/'
wrong 'a line that the text rests on' 'no line of plain-stop has "data: a word' notes/stops.md 's/data: the/data: a/'
wrong 'an experiment that it rests on' 'experiment "plane"' notes/stops.md 's/^97.plain-stop:/97.plane:/'

wrong 'a paragraph without an anchor' 'stops.md:3: neither an experiment nor a mark' notes/stops.md 's/(\[plain-stop\](.*)),$/,/'
wrong 'an item without an anchor' 'stops.md:6: neither' notes/stops.md 's/- Background: /- /'
wrong 'an item that leads elsewhere' 'stops.md:8: neither' notes/stops.md 's/^- It is.*/- It is [there](telling-stops.md)./'
wrong 'an item that leads to a section of other things' 'stops.md:8: neither' notes/stops.md \
	's/\[not-here\](.*#not-here)/[timing](..\/97_lab\/OBSERVATIONS.md#timing-notes)/'
wrong 'a row without an anchor' 'stops.md:13: neither' notes/stops.md 's/| Background: the manual/| the manual/'
wrong 'a mark of another spelling' 'stops.md:6: neither' notes/stops.md 's/- Background: /- background: /'
wrong 'a background that is over' 'stops.md:25: neither' notes/stops.md 's/^Next: //'
wrong 'a section that is not marked' 'stops.md:17: neither' notes/stops.md -e 's/ (background)//' -e 's/^And before/Background: &/'
wrong 'a page that nobody leads to' 'claims.md: no other page leads here' README.md 's/, the \[ledger\](notes\/claims.md)//'
wrong 'a page that is not in the index' 'notes/README.md does not lead here' notes/README.md 's/, \[telling\](telling-stops.md)//'

wrong 'a lab that a page does not make' 'make has no target lab96' notes/adding-a-lab.md 's/make lab98/make lab96/'
wrong 'a program of a lab that a page does not make' 'no lab 96_new' notes/adding-a-lab.md 's/`98_new/`96_new/'
wrong 'a word that a page does not bring' '"grown-op"' notes/adding-a-lab.md 's/`grown-up`/`grown-op`/'
wrong 'a claim that a page does not bring' 'no claim B18' notes/adding-a-lab.md 's/and B17/and B18/'
wrong 'a block of four that ends with three' 'a block without an end' notes/adding-a-lab.md 's/^````$/```/'
wrong 'another question in the README' 'should have the row .*What is it' README.md 's/| What is it?/| What was it?/'
fresh
sed -i 's/^looked at 17/…/; s/^ran.*/…\
&\
…/' "$tree/README.md"
check
same 'a session with lines left out passes' 0 $status
mkdir "$made/alone"
cp "$documents" "$made/alone"
(cd "$tree" && "$made/alone/documents") >"$made/out" 2>/dev/null
same 'nobody judges without documents.awk' '1 not ok - documents.awk judges every document' \
	"$? $(grep '^not ok' "$made/out")"
fresh
rm "$tree/97_lab/tracer"
check
same 'nothing is judged before it is built' '99 Bail out! a lab does not tell its experiments: make build' \
	"$status $(cat "$made/out")"
fresh
echo >"$tree/stray.txt"
check
same 'a stray at the top level' '1 #   ! stray.txt' "$status $(grep '^#' "$made/out")"
fresh
cp -r "$tree/97_lab" "$tree/98_more"
check
same 'a lab that the README does not have' '1 not ok - the README names 1 labs, and there are 2' \
	"$status $(grep 'names 1 labs' "$made/out")"
finish
