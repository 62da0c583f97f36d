# The page notes/coverage.md against what was recorded; scripts/coverage calls it. Reads files, each
# announced by an assignment to `part`: "help", the words ("request PTRACE_ATTACH"); "words", what
# stands beside them; "cases", the experiments whose outcome depends on who runs them; "runs", the
# experiments and how they ended ("LAB SLUG STATUS"; what each made and met is in work/LAB.SLUG.calls);
# "tries", what became of experiments from which something was missing ("WORD LAB SLUG OUTCOME");
# "page". What it does is the `action`: "candidates" (for each word the experiments that made it, the
# likeliest to notice first), "plan" (what is to be tried of a page), "check", "write".

BEGIN {
	sections = split("request|option|event|stop|end|error", kinds, "|")
	split("Requests|Options|Events|Stops|Ends|Errors", titles, "|")
	# How an experiment notices, where it is not by an expectation that fails at once.
	remark["late"] = " (from the second time on)"
	remark["endless"] = " (waits for ever)"
}

function word_of_kind(kind, word) {
	if (word in kind_of)
		return
	kind_of[word] = kind
	words[++word_count] = word
}

part == "help" && $2 != "REQUEST:ERRNO" { word_of_kind($1, $2) }
part == "help" { next }

part == "words" && /^#/ { next }
part == "words" {
	tab = index($0, "\t")
	dash = index($0, " - ")
	n = split(substr($0, 1, (tab ? tab : dash) - 1), names, " ")
	for (i = 1; i <= n; i++)
		if (tab) {
			what[names[i]] = substr($0, tab + 1)
			if (index(names[i], ":"))
				word_of_kind("error", names[i])
		} else {
			why_not[names[i]] = substr($0, dash + 3)
			if (index(names[i], ":"))
				word_of_kind("error", names[i])
		}
	next
}

part == "cases" { by_case[$1, $2] = 1; next }

part == "runs" {
	experiment[++experiments] = $1 " " $2
	status[$1, $2] = $3
	file = work "/" $1 "." $2 ".calls"
	while ((getline word < file) > 0) {
		if (!(($1, $2, word) in made))
			lines[$1, $2]++
		made[$1, $2, word] = 1
		if ($3 == 0) {
			made_by[word]++
			if (index(word, ":")) {
				failed[$1, $2, substr(word, 1, index(word, ":") - 1)] = 1
				word_of_kind("error", word)
			}
		}
	}
	close(file)
	skipped += $3 == 77
	if ($3 == 77)
		skipped_names = skipped_names (skipped_names == "" ? "" : ", ") link($1, $2)
	next
}

part == "tries" {
	how = $4
	if (sub(/@2$/, "", $1))
		how = how == "refuted" ? "late" : how == "endless" ? "holds" : how
	outcome[$1, $2, $3] = how
	noticed[$1, how] = noticed[$1, how] $2 " " $3 "\n"
	next
}

function link(lab, slug) {
	return "[" substr(lab, 1, 2) "." slug "](../" lab "/OBSERVATIONS.md#" slug ")"
}

# How often an experiment speaks of a thing: in its slug, or in the lines that it printed.
function mentions(lab, slug, word,    name, parts, lower, file, line, count) {
	split(word, parts, ":")
	name = parts[1]
	sub(/^PTRACE_(O_|EVENT_)?/, "", name)
	lower = tolower(name)
	gsub(/_/, "-", lower)
	if (!(2 in parts) && index("-" slug "-", "-" lower "-"))
		return 1000
	file = work "/" lab "." slug ".tap"
	while ((getline line < file) > 0)
		if (line ~ /^#   = / && match(" " line " ", "[^A-Za-z]" name "[^A-Z_]") &&
			(!(2 in parts) || index(line, parts[2])))
			count++
	close(file)
	return count + 0
}

action == "plan" || action == "check" {
	if (/^## /)
		section = substr($0, 4)
	if (/^\| `/)
		row()
	else if (/^\| [A-Z].* \| [0-9]+ \|/)
		told[cell_of($0, 1)] = cell_of($0, 2) " " cell_of($0, 3) " " cell_of($0, 4) " " cell_of($0, 5)
}

function cell_of(line, n,    cells) {
	split(line, cells, / *\| */)
	return cells[n + 1]
}

# A row of the page: what it says is kept by its number.
function row(    rest, parts, text) {
	rows++
	row_word[rows] = cell_of($0, 1)
	gsub(/`/, "", row_word[rows])
	row_section[rows] = section
	row_what[rows] = cell_of($0, 2)
	rest = cell_of($0, 3)
	while (match(rest, /^,? ?\[[0-9][0-9]\.[a-z0-9-]+\]\(\.\.\/[0-9a-z_]+\/OBSERVATIONS\.md#[a-z0-9-]+\)/)) {
		text = substr(rest, 1, RLENGTH)
		rest = substr(rest, RLENGTH + 1)
		split(text, parts, /[\]\[()#\/]+/)
		witnesses[rows]++
		witness_lab[rows, witnesses[rows]] = parts[4]
		witness_slug[rows, witnesses[rows]] = parts[6]
		if (substr(parts[4], 1, 2) "." parts[6] != parts[2])
			bad_link[rows] = parts[2]
		how_told[rows] = "refuted"
		for (how in remark)
			if (index(rest, remark[how]) == 1) {
				how_told[rows] = how
				rest = substr(rest, length(remark[how]) + 1)
			}
	}
	row_rest[rows] = rest
	if (action == "plan")
		plan(rows)
}

# The first witness that ran is tried again: one that waits for ever shall not take long.
function plan(number,    i) {
	for (i = 1; i <= witnesses[number]; i++)
		if (status[witness_lab[number, i], witness_slug[number, i]] == "0" &&
			(witness_lab[number, i], witness_slug[number, i], row_word[number]) in made) {
			print row_word[number] (how_told[number] == "late" ? "@2" : ""), \
				witness_lab[number, i], witness_slug[number, i], how_told[number]
			return
		}
}

# What is wrong with a witness; "" if nothing is, "skipped" if it cannot be said here.
function complaint_of_witness(number, lab, slug,    name, word, how) {
	word = row_word[number]
	name = substr(lab, 1, 2) "." slug
	if (!((lab, slug) in status))
		return "there is no experiment " name
	if (status[lab, slug] == 77)
		return "skipped"
	if (status[lab, slug] != 0)
		return name " does not hold when it is recorded (exit " status[lab, slug] ")"
	if (!((lab, slug, word) in made))
		return (lab, slug) in by_case ? "skipped" : name " does not make it"
	if (!((word, lab, slug) in outcome))
		return ""
	how = outcome[word, lab, slug]
	if (how == how_told[number] || (how == "refuted" && how_told[number] == "endless")) {
		decided[number] = 1
		return ""
	}
	# Another case, in which the thing comes up as a probe: not the one that the page speaks of.
	if (how == "skipped" && (lab, slug) in by_case)
		return "skipped"
	return name (how == "skipped" ? " skips itself without it" : \
		how == "holds" ? " does not notice that it is missing" : \
		how == "broken" ? " breaks without it before an expectation fails" : \
		how == "errors" ? " notices its errors alone" : \
		how == "untouched" ? " does not come to it" : \
		how == "endless" ? " does not end without it" : " notices otherwise than is said")
}

function complaint(number,    word, why, i, others, unable) {
	word = row_word[number]
	if (!(word in kind_of) && substr(word, 1, index(word, ":") - 1) in kind_of)
		kind_of[word] = "error"
	if (!(word in kind_of))
		return "there is no such word"
	if (word in row_of)
		return "it has a row already"
	row_of[word] = number
	if (title_of(kind_of[word]) != row_section[number])
		return "it belongs under \"" title_of(kind_of[word]) "\""
	if (row_what[number] != what[word])
		return "scripts/coverage.words says: " what[word]
	if (number in bad_link)
		return "the link of " bad_link[number] " leads elsewhere"
	for (i = 1; i <= witnesses[number]; i++) {
		why = complaint_of_witness(number, witness_lab[number, i], witness_slug[number, i])
		if (why == "skipped")
			unable++
		else if (why != "")
			return why
	}
	if (witnesses[number]) {
		others = made_by[word] - (witnesses[number] - unable)
		if (row_rest[number] ~ /^; [0-9]+ others? or more makes? it$/) {
			split(row_rest[number], words_of_rest, " ")
			if (!skipped_more() && others < words_of_rest[2] + 0)
				return "only " others " others make it"
		} else if (row_rest[number] != "")
			return "this is no evidence: " row_rest[number]
		if (unable == witnesses[number])
			return "skipped"
		if (!decided[number])
			return "nothing was tried"
		return ""
	}
	if (row_rest[number] ~ /^made, and nothing notices/)
		return made_by[word] ? "" : skipped_more() ? "skipped" : "nothing makes it"
	if (row_rest[number] != "not made: " why_not_made(word))
		return "it has no evidence, and not the reason that scripts/coverage.words gives"
	return made_by[word] ? "it is made: make coverage" : ""
}

function why_not_made(word) {
	return word in why_not ? why_not[word] : "no experiment yet"
}

# More is skipped in this run than when the page was made.
function skipped_more() {
	return skipped > told_skipped + 0
}

/^Skipped when the page was made: / {
	told_skipped = gsub(/\]\(/, "](")
}

function title_of(kind,    i) {
	for (i = 1; i <= sections; i++)
		if (kinds[i] == kind)
			return titles[i]
}

function counts(title) {
	return count[title, "all"] + 0 " " count[title, "noticed"] + 0 " " \
		count[title, "unnoticed"] + 0 " " count[title, "not made"] + 0
}

function candidates(    i, j, parts, word) {
	for (i = 1; i <= word_count; i++) {
		word = words[i]
		for (j = 1; j <= experiments; j++) {
			split(experiment[j], parts, " ")
			if (status[parts[1], parts[2]] == 0 && (parts[1], parts[2], word) in made)
				print i, ((parts[1], parts[2], word) in failed), \
					-mentions(parts[1], parts[2], word), lines[parts[1], parts[2]], j, \
					word, experiment[j]
		}
	}
}

function check(    i, why, word, problems, title) {
	print "1.." rows + 2
	for (i = 1; i <= rows; i++) {
		why = complaint(i)
		if (why == "skipped")
			print "ok " i " - " row_word[i] " # SKIP its experiments cannot show it here"
		else
			print (why == "" ? "ok " : "not ok ") i " - " row_word[i] (why == "" ? "" : " # " why)
		bad += why != "" && why != "skipped"
		title = row_section[i]
		count[title, "all"]++
		count[title, witnesses[i] ? "noticed" : row_rest[i] ~ /^made/ ? "unnoticed" : "not made"]++
	}
	for (i = 1; i <= word_count; i++) {
		word = words[i]
		if (!(word in row_of) && (kind_of[word] != "error" || word in what))
			problems = problems "#   ! there is no row for " word "\n"
	}
	printf "%s", problems
	print (problems == "" && rows ? "ok " : "not ok ") rows + 1 " - every word has a row"
	bad += problems != "" || !rows
	problems = ""
	for (i = 1; i <= sections; i++)
		if (told[titles[i]] != counts(titles[i]))
			problems = problems "#   ! counted of \"" titles[i] "\": " counts(titles[i]) \
				", told: " told[titles[i]] "\n"
	printf "%s", problems
	print (problems == "" ? "ok " : "not ok ") rows + 2 " - the counts are those of the rows"
	exit bad > 0 || problems != ""
}

# The witnesses of a word as a cell; of the best kind that there is.
function evidence(word,    how, list, n, i, parts, cell, others) {
	how = (word, "refuted") in noticed ? "refuted" : (word, "late") in noticed ? "late" : "endless"
	if (!((word, how) in noticed)) {
		if (made_by[word])
			return "made, and nothing notices its absence"
		return "not made: " why_not_made(word)
	}
	n = split(noticed[word, how], list, "\n") - 1
	n = n > 3 ? 3 : n
	for (i = 1; i <= n; i++) {
		split(list[i], parts, " ")
		cell = cell (i == 1 ? "" : ", ") link(parts[1], parts[2]) \
			remark[how]
	}
	others = made_by[word] - n
	# Races bring some experiments to it now and then: what is told is what there is at least.
	others = others > 9 ? int(others * 0.9) - 2 : others - 1
	if (others > 19)
		others = int(others / 10) * 10
	return cell (others > 0 ? "; " others (others == 1 ? " other or more makes it" : " others or more make it") : "")
}

function write(    i, j, word, cell, title) {
	for (j = 1; j <= word_count; j++) {
		word = words[j]
		title = title_of(kind_of[word])
		cell = evidence(word)
		if (kind_of[word] == "error" && !(word in what) && cell !~ /^\[/)
			continue
		text[title] = text[title] "| `" word "` | " what[word] " | " cell " |\n"
		count[title, "all"]++
		count[title, cell ~ /^\[/ ? "noticed" : cell ~ /^made/ ? "unnoticed" : "not made"]++
	}
	while ((getline line < page) > 0 && line !~ /^\| \| known/)
		print line
	print "| | known | noticed | made, not noticed | not made |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= sections; i++) {
		line = counts(titles[i])
		gsub(/ /, " | ", line)
		print "| " titles[i] " | " line " |"
	}
	print "\nSkipped when the page was made: " (skipped ? skipped_names : "none") "."
	for (i = 1; i <= sections; i++) {
		print "\n## " titles[i] "\n"
		print "| word | what it is | who notices its absence |"
		print "|---|---|---|"
		printf "%s", text[titles[i]]
	}
}

END {
	if (action == "candidates")
		candidates()
	else if (action == "check")
		check()
	else if (action == "write")
		write()
}
