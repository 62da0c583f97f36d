# The exercises of an OBSERVATIONS.md: the numbered items under "## Exercises", each with one fenced
# block that says what is to be done:
#     ```diff FILE SLUG     a change of the lab's FILE, and the experiment in which it shows
#     ```experiment SLUG    an experiment to be written: "question:"; "scene:", as C starts it; "without:"
# Without `item` it prints a line for each, tab separated: number, kind, slug, file, scene, without,
# question. With it, and a source as second file, it prints that source as the item changes it; exits
# 1 if the lines that are to go do not stand there exactly once.

FNR == NR && /^## / { inside = $0 == "## Exercises"; next }
FNR == NR && !inside { next }
FNR == NR && /^[0-9]+\. / { number = $1 + 0; last = number; next }
FNR == NR && /^   ```(diff|experiment) / {
	kind[number] = substr($1, 4) # without the fence
	blocks[number]++
	file[number] = kind[number] == "diff" ? $2 : "-"
	slug[number] = $NF
	within = 1
	next
}
FNR == NR && /^   ```$/ { within = 0; next }
FNR == NR && !within { next }
FNR == NR && kind[number] == "experiment" {
	value[number, $1] = substr($0, index($0, ": ") + 2)
	next
}
FNR == NR && number == item {
	sign = substr($0, 4, 1)
	text = substr($0, 5)
	if (sign != "+")
		old[++olds] = text
	if (sign != "-")
		new[++news] = text
}
FNR == NR { next }

{ source[++lines] = $0 }

function stands_at(line,   i) {
	for (i = 1; i <= olds; i++)
		if (source[line + i - 1] "" != old[i] "")
			return 0
	return olds > 0
}

function changed(   line, i, found) {
	for (line = 1; line <= lines; line++)
		if (stands_at(line)) {
			found++
			for (i = 1; i <= news; i++)
				print new[i]
			line += olds - 1
		} else {
			print source[line]
		}
	return found + 0
}

END {
	if (item != "") {
		times = changed()
		if (times != 1)
			print "exercise " item ": its lines stand " times " times in " FILENAME \
				", not once" >"/dev/stderr"
		exit times != 1
	}
	for (number = 1; number <= last; number++)
		printf "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", number, \
			blocks[number] != 1 ? "none" : kind[number] == "diff" ? "change" : "experiment", \
			slug[number], file[number], value[number, "scene:"], \
			value[number, "without:"], value[number, "question:"]
}
