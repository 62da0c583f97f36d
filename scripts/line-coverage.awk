# What gcov says of lines, against what the page of the lines that nobody executes says. Reads the page,
# then the .gcov files of "gcov -b". -v least=PERCENT: of common/ and of each tracer; -v missed=FILE: gets
# every line that was not executed.
#
# The page's rows: "| `call(` | why |" names every statement that begins so; "| file | function() | lines |
# why |" so many other lines of a function.

function wrong(text) {
	print text
	bad = 1
}

# --- the page -----------------------------------------------------------------------------------

FILENAME ~ /\.md$/ {
	cells = split($0, cell, / *\| */)
	if (/^\| `/ && cells == 4) {
		gsub(/`/, "", cell[2])
		kind[cell[2]] = 0
		kinds[++kind_count] = cell[2]
		sometimes[cell[2]] = cell[3] ~ /^sometimes/
	} else if (/^\| [^ ]*\.c \|/) {
		key = cell[2] " " cell[3]
		if (cells != 6 || cell[4] !~ /^[1-9][0-9]*$/ || cell[5] == "" || cell[5] == "?")
			wrong("the page has a row without a number or a reason: " key)
		if (key in rows)
			wrong("the page has two rows for " key)
		rows[key] = cell[4]
		sometimes[key] = cell[5] ~ /^sometimes/
	}
	next
}

# --- a file ---------------------------------------------------------------------------------------

/^ *-: *0:Source:/ {
	file = $0
	sub(/.*:Source:/, "", file)
	unit = of_kind = ""
	if (file ~ /^common\/[^\/]*$/)
		unit = "common/"
	else if (file ~ /^[0-9][0-9]_[^\/]*\/[^\/]*\.c$/) {
		unit = file
		sub(/\/.*/, file ~ /\/tracee\.c$/ ? "/tracee" : "/tracer", unit)
	}
	if (unit != "") {
		if (!(unit in lines))
			units[++unit_count] = unit
		files[++file_count] = file
		unit_of[file] = unit
		lines[unit] += 0
	}
}

unit == "" {
	next
}

/^function / {
	function_name = $2 "()"
	known[file " " function_name]
	next
}

# "    #####:   12:text": how often, the line's number.
/^ *[0-9=#-]+\*?: *[1-9][0-9]*:/ {
	split($0, part, ":")
	text = substr($0, length(part[1]) + length(part[2]) + 3)
	gsub(/ /, "", part[2])
	if (part[1] !~ /-/) {
		lines[unit]++
		lines[file]++
	}
	if (part[1] ~ /[#=]/) {
		left[unit]++
		left[file]++
		print file ":" part[2] ": " function_name ":" text >missed
		words = text
		sub(/^[ \t]*/, "", words)
		for (i in kind)
			if (index(words, i) == 1)
				of_kind = i
		key = file " " function_name
		if (of_kind != "")
			kind[of_kind]++
		else if (unit !~ /tracee$/) {
			if (!(key in other))
				others[++other_count] = key
			other[key]++
			shown[key] = shown[key] "\n  " part[2] ":" text
		}
	}
	if (text ~ /;[ \t]*(\/\*.*)?$/) # the statement's end
		of_kind = ""
}

# --- the verdict ----------------------------------------------------------------------------------

function print_row(title, of) {
	printf "%-34s %6d %9d %6.1f\n", title, lines[of], lines[of] - left[of],
		lines[of] ? 100 * (lines[of] - left[of]) / lines[of] : 0
}

END {
	for (i = 1; i <= other_count; i++) {
		key = others[i]
		if (other[key] > rows[key] || (other[key] < rows[key] && !sometimes[key])) {
			row = key
			sub(/ /, " | ", row)
			wrong("| " row " | " other[key] " | ? |" (rows[key] ? ", and the page has " rows[key] : "") \
				shown[key])
		}
	}
	for (key in rows)
		if (!(key in known))
			wrong("the page names what is not there: " key)
		else if (!(key in other) && !sometimes[key])
			wrong("the page names what is executed: " key)
	for (i in kind)
		if (kind[i] == 0 && !sometimes[i])
			wrong("the page names a kind of statement of which each is executed: " i)

	printf "%-34s %6s %9s %6s\n", "", "lines", "executed", "%"
	for (i = 1; i <= unit_count; i++) {
		unit = units[i]
		for (j = 1; j <= file_count; j++)
			if (unit_of[files[j]] == unit && unit !~ /tracee$/)
				print_row("  " files[j], files[j])
		print_row(unit, unit)
		if (unit !~ /tracee$/ && 100 * (lines[unit] - left[unit]) < least * lines[unit])
			wrong(unit ": less than " least " % are executed")
	}
	for (i = 1; i <= kind_count; i++)
		printf "not executed: %d lines of %s...\n", kind[kinds[i]], kinds[i]
	for (i = 1; i <= other_count; i++)
		rest += other[others[i]]
	printf "not executed: %d others, in %d functions\n", rest, other_count
	if (unit_count == 0)
		wrong("no line was counted")
	exit bad
}
