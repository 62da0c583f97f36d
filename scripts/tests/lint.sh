#!/bin/sh
# scripts/lint: each tool finds the defect that is made for it, and nothing in the same without it.
planned=10
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"

# tells NAME TOOL FILE FINDING: FILE is not clean, for this reason; without the line that says "defect"
# it is
tells() {
	if ! command -v "$2" >/dev/null 2>&1; then
		skip "$1" "$2 is not installed"
		skip "$1: without it" "$2 is not installed"
		return
	fi
	scripts/lint -t "$2" "$3" >"$made/out" 2>"$made/err"
	[ $? -eq 1 ] && grep -qF -e "$4" "$made/out" && grep -q '^0 passed, 1 failed, ' "$made/out"
	result $? "$1"
	grep -v defect "$3" >"$made/mended" && mv "$made/mended" "$3"
	scripts/lint -t "$2" "$3" >"$made/out" 2>"$made/err" && grep -q '^1 passed, 0 ' "$made/out"
	result $? "$1: without it"
}

cat >"$made/wide.c" <<'end'
#include <stdlib.h>

void *wide(int pages);
void *wide(int pages)
{
	return malloc(pages * 4096); /* defect */
	return malloc(4096UL * (unsigned)pages);
}
end
tells 'clang-tidy: a product that is widened too late' clang-tidy "$made/wide.c" \
	bugprone-implicit-widening-of-multiplication-result

cat >"$made/unread.c" <<'end'
#include <unistd.h>

int unread(int fd);
int unread(int fd)
{
	int number = 0;

	read(fd, &number, sizeof(number)); /* defect */
	return read(fd, &number, sizeof(number)) == sizeof(number) ? number : 0;
}
end
tells 'clang-tidy: what a call returned is not looked at' clang-tidy "$made/unread.c" \
	bugprone-unused-return-value

cat >"$made/beyond.c" <<'end'
int last(void);
int last(void)
{
	const int numbers[4] = { 1, 2, 3, 4 };

	return numbers[4]; /* defect */
	return numbers[3];
}
end
tells 'cppcheck: a place beyond an array' cppcheck "$made/beyond.c" '[arrayIndexOutOfBounds]'

# shellcheck disable=SC2016 # for the script that is made
printf '#!/bin/sh\nrm $1 # defect\nrm "$1"\n' >"$made/words"
tells 'shellcheck: words that come apart' shellcheck "$made/words" SC2086

printf 'int  apart; /* defect */\nint together;\n' >"$made/apart.c"
tells 'clang-format: two spaces' clang-format "$made/apart.c" Wclang-format-violations
finish
