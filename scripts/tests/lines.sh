#!/bin/sh
# line-coverage: are lines counted that are executed only by processes that are killed, that execute another
# program or call _exit(); and is a line that nobody executes found, unless the page names it? The tree is a
# stand-in written here.
# shellcheck disable=SC2016 # ` is Markdown's
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
unset LEAST JOBS
for tool in gcc gcov gdb strace script setpriv; do
	if [ "$(id -u)" -ne 0 ] || ! command -v $tool >/dev/null; then
		echo "1..0 # SKIP needs root, and $tool"
		exit 77
	fi
done
tree=$made/tree
mkdir -p "$tree/scripts/tests" "$tree/common/tests" "$tree/notes" "$tree/97_lab"
for part in line-coverage line-coverage.awk wrap-gcov.c wrap-gcov.ld wrap-ptrace.flags; do
	cp "scripts/$part" "$tree/scripts"
done
cp Makefile "$tree"
# What the lab of a stand-in needs: no more than it runs, skips and is denied ptrace().
cat >"$tree/scripts/keeper.c" <<'END'
int main(void)
{
	return 77;
}
END
echo 'int main(void) { return 2; }' >"$tree/97_lab/tracee.c"
: >"$tree/scripts/wrap-ptrace.c"
cat >"$tree/common/half.c" <<'END'
int half(int number);

static int odd(int number)
{
	if (number < 0)
		return -1;
	return (number - 1) / 2;
}

int half(int number)
{
	return number % 2 ? odd(number) : number / 2;
}
END
cat >"$tree/97_lab/tracer.c" <<'END'
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int half(int number);
int broken(void);

int broken(void)
{
	return half(6);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return 0;
	if (fork() == 0) {
		half(2);
		kill(getpid(), SIGKILL);
	}
	if (fork() == 0) {
		half(3);
		execl(argv[0], argv[0], "again", (char *)0);
	}
	if (fork() == 0) {
		half(4);
		_exit(0);
	}
	while (wait(0) > 0)
		;
	if (argc > 2)
		broken();
	return 0;
}
END
kinds='| `broken(` | the scene |'
odd='| common/half.c | odd() | 1 | no test has such a number |'
broken='| 97_lab/tracer.c | broken() | 2 | it is not called |'

page() { # page ROW...
	printf '%s\n' "$@" >"$tree/notes/lines.md"
}

lines() { # lines STATUS NAME: all of it
	"$tree/scripts/line-coverage" >"$made/out" 2>"$made/err"
	[ $? -eq "$1" ]
	result $? "$2"
}

judged() { # judged STATUS NAME ROW...: what was counted before, with these rows in the page
	expected=$1 name=$2
	shift 2
	page "$@"
	awk -v least=$least -v missed=/dev/null -f "$tree/scripts/line-coverage.awk" "$tree/notes/lines.md" \
		"$tree"/build/lines/*.gcov >"$made/out" 2>"$made/err"
	[ $? -eq "$expected" ]
	result $? "$name"
}

says() { # says LINE NAME
	grep -qxF -e "$1" "$made/out"
	result $? "$2"
}

export LEAST=60
least=60
page "$kinds" "$odd" "$broken"
lines 0 'all is executed, or named'
says '97_lab/tracer                          18        15   83.3' 'killed, executing, leaving: each counts'
says 'not executed: 1 lines of broken(...' 'a kind of statement'
judged 1 'a function without a row' "$kinds" "$broken"
says '| common/half.c | odd() | 1 | ? |' 'it is named'
judged 1 'a row for fewer lines' "$kinds" "$odd" '| 97_lab/tracer.c | broken() | 1 | it is not called |'
says '| 97_lab/tracer.c | broken() | 2 | ? |, and the page has 1' 'it is told'
judged 1 'a row for more lines' "$kinds" "$odd" '| 97_lab/tracer.c | broken() | 3 | it is not called |'
judged 0 'which are not executed sometimes' "$kinds" "$odd" '| 97_lab/tracer.c | broken() | 3 | sometimes it is called |'
judged 1 'a row without a reason' "$kinds" "$odd" '| 97_lab/tracer.c | broken() | 2 |  |'
judged 1 'a row of what is executed' "$kinds" "$odd" "$broken" '| common/half.c | half() | 1 | so it seemed |'
says 'the page names what is executed: common/half.c half()' 'it is told'
judged 1 'a row of what is not there' "$kinds" "$odd" "$broken" '| common/half.c | whole() | 1 | it was there |'
judged 1 'a kind of statement that is always executed' "$kinds" '| `wait(` | x |' "$odd" "$broken"
judged 0 'which is so sometimes' "$kinds" '| `wait(` | sometimes: x |' "$odd" "$broken"
least=90
judged 1 'less than 90 in a hundred' "$kinds" "$odd" "$broken"
says '97_lab/tracer: less than 90 % are executed' 'it is told'
page "$kinds" "$odd" "$broken"
sed -i 's/half(3)/half(8)/' "$tree/97_lab/tracer.c"
lines 1 'a test that is gone'
says '| common/half.c | odd() | 4 | ? |, and the page has 1' 'what it alone executed is told'
sed -i 's/half(8)/half(3)/; s/return 0;$/return 3;/' "$tree/97_lab/tracer.c"
lines 1 'a lab that fails'
grep -q '97_lab.log: exit 3$' "$made/out"
result $? 'it is told'
finish
