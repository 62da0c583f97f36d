#!/bin/sh
# kernel-notes, on rows made by hand: which runs it calls barred, which experiments it says differ,
# and where.
planned=12
# shellcheck source=scripts/tests/tap
. "$(dirname "$0")/tap"
if ! command -v qemu-system-x86_64 >/dev/null; then
	echo 'exec true' >"$made/qemu-system-x86_64"
	chmod +x "$made/qemu-system-x86_64"
	PATH=$made:$PATH
fi

tabs() { # tabs FIELD...
	printf '%s' "$1"
	shift
	printf '\t%s' "$@"
	echo
}
# Two kernels, each in scopes 0 and 2, as both users; lab 02 before lab 01.
for kernel in 6.1.0-9-x 6.12.7+y; do
	for variant in 'Yama 0' 'Yama 2'; do
		for uid in 0 65534; do
			tabs $kernel "$variant" 02_b $uid 0 1 0 0 0 0
			tabs $kernel "$variant" 01_a $uid 0 4 0 1 0 0
		done
	done
done >"$made/results"
row() { # row SLUG OUTCOME CASE REASON, of the run in hand
	tabs "$kernel" "$variant" 01_a "$uid" "$@"
}
for kernel in 6.1.0-9-x 6.12.7+y; do
	for variant in 'Yama 0' 'Yama 2'; do
		for uid in 0 65534; do
			if [ "$variant $uid" = 'Yama 2 65534' ]; then
				for slug in alike by-kernel by-user by-variant; do
					row $slug skipped '' 'no process may trace its own child here: EPERM (Yama?)'
				done
				row without-tracing holds '' ''
				continue
			fi
			row alike holds '' ''
			row without-tracing holds '' ''
			case $kernel in
			6.1.*) row by-kernel skipped '' 'no a|b here' ;;
			*) row by-kernel holds '' '' ;;
			esac
			case $uid in
			0) row by-user holds mighty '' ;;
			*) row by-user holds meek '' ;;
			esac
			case $kernel$variant in
			6.12*'Yama 0') row by-variant refuted '' '' ;;
			*) row by-variant holds '' '' ;;
			esac
		done
	done
done >"$made/experiments"

scripts/kernel-notes "$made" >"$made/out"
says() { # says NAME LINE...: in that order, and nothing else for this experiment
	name=$1
	shift
	same "$name" "$(printf '%s\n' "$@")" \
		"$(awk -v name="[01.$name]" 'index($0, "| [") == 1 { of = index($0, name) } of' "$made/out" |
			grep '^|' | sed 's/^| \[[^|]*|/|  |/')"
}
same 'a column for each lab, in order' '| kernel | variant | as | 01 | 02 |' \
	"$(grep '^| kernel' "$made/out")"
same 'a row for each run' 8 "$(grep -c '^| 6.*| 4/0/1 | 1/0/0 |$' "$made/out")"
same 'where nobody may trace' 'A process may not even trace its own child: 6.1, 6.12 (user: Yama 2).' \
	"$(grep '^A process may not' "$made/out")"
says by-kernel '|  | skipped: no a\|b here | 6.1 |' '|  | holds | 6.12 |'
says by-user '|  | holds, case *mighty* | 6.1, 6.12 (root) |' '|  | holds, case *meek* | 6.1, 6.12 (user) |'
says by-variant '|  | holds | 6.1; 6.12 (root: Yama 2) |' '|  | refuted | 6.12 (Yama 0) |'
says alike ''
says without-tracing ''
changed() { # changed AS: the rows of what Yama changed
	grep "^| Yama [0-9] | $1 |" "$made/out" | cut -d '|' -f 4-
}
same 'what scope 2 changed for a user' ' 6.1, 6.12 | 4 experiments skipped: nobody may trace |' "$(changed user)"
same 'and for root, by kernel' "$(printf '%s\n' ' 6.1 | nothing |' \
	' 6.12 | [01.by-variant](../01_a/OBSERVATIONS.md#by-variant): holds |')" "$(changed root)"
mkdir "$made/01_a"
printf '### %s\n%s\n' by-kernel 'Nothing.' by-user 'Nothing.' by-variant 'See [there](../notes/kernels.md).' \
	>"$made/01_a/OBSERVATIONS.md"
same 'which notes do not say so' '01_a/OBSERVATIONS.md: by-kernel' \
	"$(notes=$PWD/scripts/kernel-notes && cd "$made" && "$notes" -u .)"
same 'how many differ' '3 of 5 experiments; the others do the same in every run.' \
	"$(tail -n 1 "$made/out")"
finish
