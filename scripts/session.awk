# Does what a command printed match what a document shows of it? Reads two files, each announced by an
# assignment to `part`: "shown" and "seen". A line "…" stands for any lines, or none, and at
# the end of a line "…" for its rest. Prints both and exits 1 where they do not match.

part == "shown" { shown[++shown_count] = $0; next }
{ seen[++seen_count] = $0 }

function same(a, b) {
	return a "" == b "" || (sub(/…$/, "", a) && index(b, a) == 1)
}

function fits(i, j) { # shown from i on, seen from j on
	for (; i <= shown_count; i++) {
		if (shown[i] == "…") {
			for (; j <= seen_count; j++)
				if (fits(i + 1, j))
					return 1
			return fits(i + 1, j)
		}
		if (j > seen_count || !same(shown[i], seen[j++]))
			return 0
	}
	return j > seen_count
}

END {
	if (fits(1, 1))
		exit 0
	for (i = 1; i <= shown_count; i++)
		print "#   document: " shown[i]
	for (j = 1; j <= seen_count && j <= 60; j++)
		print "#   run:      " seen[j]
	exit 1
}
