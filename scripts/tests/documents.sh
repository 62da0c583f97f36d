#!/bin/sh
# What the documents say of the tree: the README's table of labs, its transcript, the targets of
# relative links in every document, and what may stand at the top level.
# shellcheck disable=SC2016 # ` and $ are Markdown's and awk's
labs=$(cd "$(dirname "$0")/../.." && echo [0-9][0-9]_*)
# shellcheck disable=SC2086 # a list of labs
planned=$(($(set -- $labs; echo $#) + 4))
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"

for lab in $labs; do
	question=$("$lab/tracer" --help | sed -n '1s/^Lab [0-9]*: //p')
	same "the README asks what $lab asks" "| [$lab]($lab/OBSERVATIONS.md) | $question |" \
		"$(grep "^| \[$lab\]" README.md)"
done
# shellcheck disable=SC2086
same 'the README names no other lab' "$(echo $labs | wc -w)" \
	"$(grep -c '^| \[[0-9][0-9]_' README.md)"

# "```transcript NN.slug": the lines below stand in that experiment's section.
id=$(sed -n 's/^```transcript //p' README.md)
shown=$(sed -n '/^```transcript/,/^```$/p' README.md | grep '^#   ')
kept=$(sed -n "/^### ${id#*.}\$/,/^### /p" "${id%%.*}"_*/OBSERVATIONS.md |
	sed -n '/^```transcript/,/^```$/p' | grep '^#   ')
same "the README shows the transcript of $id" "$kept" "${shown:-none at all}"

broken=$(for document in README.md notes/*.md [0-9][0-9]_*/*.md [0-9][0-9]_*/solutions/*.md; do
	grep -o '](\([^)#:]*\)[^):]*)' "$document" | sed 's/^](//; s/[#)].*//' | while read -r link; do
		[ -z "$link" ] || [ -e "$(dirname "$document")/$link" ] || echo "$document: $link"
	done
done)
same 'every relative link leads to a file' '' "$broken"

same 'the top level holds what notes/design.md says' '' "$(for entry in *; do
	case $entry in
	README.md | Makefile | LICENSE | common | scripts | notes | build | [0-9][0-9]_*) ;;
	*) echo "$entry" ;;
	esac
done)"
finish
