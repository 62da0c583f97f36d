#!/bin/sh
# mutate: is a mutant that nobody notices found, and told apart from those that an expectation or the
# transcript shows and from those that do not run here; does the page of the survivors hold? The lab is a
# stand-in written here.
# shellcheck disable=SC2016 # ` is Markdown's
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
unset MAKEFLAGS MFLAGS MAKELEVEL ONLY LIMIT MOST JOBS SAMPLE FROM # make's variables stay, in the environment
tree=$made/tree
lab=97_lab
mkdir -p "$tree/build" "$tree/notes" "$tree/$lab"
for part in scripts common build/libcommon.a build/generated build/flags; do
	ln -s "$PWD/$part" "$tree/$part"
done
touch "$tree/$lab/tracee"
cat >"$tree/$lab/tracer.c" <<'END_OF_FILE'
#include <stdlib.h>

#include "check.h"
#include "count.h"

static const int wanted[] = {
	6,
};

static int twice(int n)
{
	return 2 * n;
}

static void noticed(void)
{
	expect_eq(*wanted, twice(3), "twice three");
}

static void shown(void)
{
	note("%d", 7 * 6);
	expect_str("so", "so", "it is");
	if (getenv("NEVER") != NULL)
		expect_eq(1, 1, "never");
}

static void deaf(void)
{
	int spare = 1 | 0x20;

	expect_str("something", spare ? "something" : "nothing", "it is");
}

static void not_here(void)
{
	if (twice(4) == 8)
		skip("not on this machine");
}

static const struct experiment experiments[] = {
	{ "noticed", noticed, "Is it noticed?" },
	{ "shown", shown, "Is it shown?" },
	{ "deaf", deaf, "Does nobody see it?" },
	{ "not-here", not_here, "Does it run?" },
};

static const struct lab lab = {
	.id = "97", .question = "What is seen?", .experiments = experiments, .count = COUNT(experiments),
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
END_OF_FILE
deaf='| 97.deaf | `int spare = {1 -> (1 + 1)} \| 0x20;` |'

page() { # page ROW...: the survivors that are known
	{
		echo '| experiment | change | why nothing notices it |'
		echo '|---|---|---|'
		printf '%s\n' "$@"
	} >"$tree/notes/mutants.md"
}

mutate() { # mutate STATUS NAME SETTING...
	expected=$1 name=$2
	shift 2
	env "$@" "$tree/scripts/mutate" "$lab" >"$made/out" 2>"$made/err" </dev/null
	[ $? -eq "$expected" ]
	result $? "$name"
}

says() { # says WORDS NAME: a whole line
	grep -qxF -e "$1" "$made/out"
	result $? "$2"
}

mutate 1 'a survivor that is not listed' MOST=20
says "$lab/tracer.c:30: SURVIVED" 'its place is told'
says "$deaf ? |" 'it is told as a row'
says "$lab: 9 mutants, 6 refuted, 2 drifted, 1 survived (11.1%)" 'an expectation, the transcript, nobody'
says "$lab: not run here: not-here 2, shown 3" 'what does not run here is told'

page "$deaf any other would do |"
mutate 0 'it is listed' MOST=20
mutate 1 'more than 5 in a hundred are too many'
page "$deaf |"
mutate 1 'a row without a reason lists nothing' MOST=20

page "$deaf any other would do |" '| 97.noticed | `{expect_eq -> the opposite}(*wanted, twice(3), "twice three");` | so it seemed |'
mutate 1 'a row whose mutant is noticed' MOST=20
says 'listed, but noticed or not there: 97.noticed	{expect_eq -> the opposite}(*wanted, twice(3), "twice three"); (noticed, exit 1)' 'it is told, and by what'

page "$deaf any other would do |" '| 97 twice() | `return {3 -> (3 + 1)} * n;` | it was so once |'
mutate 1 'a row whose mutant is not there' MOST=20

page "$deaf any other would do |" '| 97.shown | `note("%d", {7 -> (7 + 1)} * 6);` | sometimes it is not |'
mutate 0 'a row whose mutant is noticed sometimes' MOST=23
mutate 1 'it counts' MOST=20

page "$deaf any other would do |" '| 97.noticed | `{expect_eq -> the opposite}(*wanted, twice(3), "twice three");` | so it seemed |'
mutate 1 'a sample, with a row whose mutant is noticed' SAMPLE=4 FROM=3
mutate 0 'a sample without it, half of which survives and is listed' SAMPLE=4 FROM=0
says "$lab: 2 mutants, 1 refuted, 0 drifted, 1 survived (50.0%)" 'every fourth'
page
mutate 1 'it is not listed' SAMPLE=4 FROM=0
mutate 0 'a sample without a survivor' SAMPLE=4 FROM=1
says "$lab: 3 mutants, 2 refuted, 1 drifted, 0 survived (0.0%)" 'every fourth from the first'
page "$deaf any other would do |"
mutate 0 'a sample that begins anywhere' SAMPLE=4
grep -qx 'one mutant in 4: FROM=[0-3]' "$made/out"
result $? 'where it begins is told'

page
mutate 0 'one experiment alone, without the survivor' ONLY=noticed
says "$lab: 2 mutants, 2 refuted, 0 drifted, 0 survived (0.0%)" 'its own mutants'

sed -i 's/^\t6,/\t5,/' "$tree/$lab/tracer.c"
mutate 99 'a lab that fails as it is'

# As where a race decides: the mutant is not noticed before it has been tried so often.
sed -i 's/^\t5,/\t6,/; s/^#include "count.h"/&\n#include "late.h"/; s/spare ? .* : "nothing"/seen(spare)/' \
	"$tree/$lab/tracer.c"
late() { # late TIMES
	rm -f "$made/tries"
	cat >"$tree/$lab/late.h" <<-END
	#include <stdio.h>
	static const char *seen(int spare)
	{
		FILE *tries = spare == (1 | 0x20) ? NULL : fopen("$made/tries", "a");
		if (tries == NULL)
			return "something";
		fputc('.', tries);
		fflush(tries); /* an experiment leaves by _exit() */
		return ftell(tries) < $1 ? "something" : "nothing";
	}
	END
}
page
late 3
mutate 0 'noticed when it is tried the third time'
says "$lab: 9 mutants, 7 refuted, 2 drifted, 0 survived (0.0%)" 'it counts as noticed'
late 4
mutate 1 'not in three times' MOST=20
says "$lab: 9 mutants, 6 refuted, 2 drifted, 1 survived (11.1%)" 'it counts as a survivor'
page '| 97.deaf | `int spare = {1 -> (1 + 1)} \| 0x20;` | any other would do |'
late 2
mutate 0 'a survivor that has a row is tried once' MOST=20
same 'once' . "$(cat "$made/tries")"
finish
