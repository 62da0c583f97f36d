#!/bin/sh
# The course as a path: does its index lead to every page of notes/, does each page lead on to the next
# one, does one of them lead into each lab, and is each as short as the index promises?
# (scripts/documents looks at what the pages say.)
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"

# Pages of the index, in its order: "| 3 | [title](page.md) | ..." those of the path, "| [title](page.md)"
# those to look things up in.
path=$(sed -n 's/^| [0-9]* | \[[^]]*](\([a-z-]*\.md\)).*/\1/p' notes/README.md)
reference=$(sed -n 's/^| \[[^]]*](\([a-z-]*\.md\)).*/\1/p' notes/README.md)
# shellcheck disable=SC2086 # lists of pages
same 'the index leads to every page, once' "$(cd notes && printf '%s\n' [!R]*.md | sort)" \
	"$(printf '%s\n' $path $reference | sort)"

# shellcheck disable=SC2086
same 'each page leads to the next one' '' "$(set -- $path
	while [ $# -gt 1 ]; do
		awk -v RS= '/^Next: /' "notes/$1" | grep -qF "]($2)" || echo "$1 does not lead to $2"
		shift
	done)"

labs=$(grep -o '\*\*\[lab [0-9]*]' notes/README.md | tr -dc '0-9\n')
for lab in ${labs:-none}; do
	same "a page leads into lab $lab" 1 "$(cat notes/*.md | grep -c "^Run: .make predict$lab., ")"
done

# Words a reader sees: no targets of links, no comments. adding-a-lab is to be typed along.
same 'no page of the path but the last has more than 1000 words' '' "$(for page in $path; do
	[ "$page" != adding-a-lab.md ] || continue
	words=$(sed 's/](\([^)]*\))/]/g; /^<!--/,/-->$/d' "notes/$page" | wc -w)
	[ "$words" -le 1000 ] || echo "$page: $words"
done)"
finish
