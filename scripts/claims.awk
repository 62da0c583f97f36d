# The ledger of claims against the labs. Reads four kinds of files, each announced by an assignment
# to `part`: "list", the experiments ("01.slug: question"); "notes" with `lab`, an OBSERVATIONS.md;
# "run" with `lab`, what "notes check" printed of it; "claims", the ledger. Prints TAP, one line for
# each row and one for the document, and exits 1 if a line fails. With some=1 the labs given are not all:
# a row that names an experiment of another one is counted, and not judged.
#
# In the ledger a row is "| ID | where | statement | verdict | evidence | instead |" under the heading
# "## Theme". Evidence is "[slug](../LAB/OBSERVATIONS.md#slug) `words`", one or more: the words stand
# in one line of that experiment's transcript that an expectation printed. Where the verdict is
# refined, refuted or untried, the last column says what is true instead, or why. A row "| Key | n |
# confirmed | refined | refuted | untried |" counts the rows of a theme, of a source (the words before
# the comma in "where") or of all.

function problem(text) {
	problems = problems "#   ! " text "\n"
}

part == "list" {
	slug = $1
	gsub(/^[0-9]+\.|:$/, "", slug)
	known[substr($1, 1, 2), slug] = 1
	next
}

part == "notes" { given[lab] = 1 }
part == "notes" && /^### / { section = substr($0, 5) }
part == "notes" && /^```/ { inside = /^```transcript/ }
part == "notes" && inside && /^#   = / {
	seen[lab, section] = seen[lab, section] "\n" substr($0, 7)
}
part == "notes" { next }

part == "run" && /^(ok|not ok) [0-9]+ - / {
	slug = $0
	sub(/^(not )?ok [0-9]+ - /, "", slug)
	sub(/ # .*/, "", slug)
	outcome[lab, slug] = /^not ok/ ? "failed" : / # SKIP/ ? "skipped" : "ran"
}
part == "run" { next }

function quoted(lab, slug, words,   lines, n, i) { # does one line hold these words?
	n = split(seen[lab, slug], lines, "\n")
	for (i = 1; i <= n; i++)
		if (index(lines[i], words))
			return 1
	return 0
}

# Goes through the evidence of a row; returns what is wrong with it, and counts what it found.
function wrong_with(evidence,   link, parts, slug, lab, words, name) {
	tried = ran = elsewhere = 0
	names = ""
	while (match(evidence, /\[[a-z0-9-]+\]\(\.\.\/[0-9a-z_]+\/OBSERVATIONS\.md#[a-z0-9-]+\) `[^`]*`/)) {
		link = substr(evidence, RSTART, RLENGTH)
		evidence = substr(evidence, 1, RSTART - 1) substr(evidence, RSTART + RLENGTH)
		split(link, parts, /[\]\[()#\/`]+/)
		slug = parts[2]
		lab = parts[4]
		words = substr(link, index(link, "`") + 1)
		words = substr(words, 1, length(words) - 1)
		name = lab "/" slug
		tried++
		names = names (names == "" ? "" : ", ") name
		if (some && !(lab in given)) {
			elsewhere = 1
			return ""
		}
		if (parts[6] != slug)
			return "the link of " name " leads to #" parts[6]
		if (!((substr(lab, 1, 2), slug) in known) || !((lab, slug) in seen))
			return "there is no experiment " name
		if (length(words) < 3 || !quoted(lab, slug, words))
			return "no expectation of " name " printed \"" words "\""
		if (!((lab, slug) in outcome))
			return name " was not run"
		if (outcome[lab, slug] == "failed")
			return name " does not hold in this run"
		if (outcome[lab, slug] == "ran")
			ran++
	}
	if (evidence !~ /^[ ;]*$/)
		return "this is no evidence: " evidence
	return ""
}

function complaint(   why) { # about the row in `cell`
	if (cell[1] !~ /^[A-Z][0-9][0-9]$/)
		return "its id is no letter and two digits"
	if (cell[1] in ids)
		return "its id is taken"
	ids[cell[1]] = 1
	if (cell[2] == "" || cell[3] == "")
		return "it does not say who says what"
	if (cell[4] !~ /^(confirmed|refined|refuted|untried)$/)
		return "there is no verdict \"" cell[4] "\""
	why = wrong_with(cell[5])
	if (why != "")
		return why
	if ((cell[4] == "untried") != (tried == 0))
		return tried ? "it is called untried" : "nothing tried it"
	if ((cell[4] == "confirmed") != (cell[6] == ""))
		return cell[6] == "" ? "it does not say what is true instead, or why it is untried" : \
			"it is called confirmed, and yet there is another truth"
	return ""
}

/^## / { theme = substr($0, 4) }
/^\| / {
	line = $0
	gsub(/\\\|/, "\001", line)
	cells = split(line, cell, / *\| */) - 2
	for (i = 1; i <= cells; i++) {
		cell[i] = cell[i + 1]
		gsub("\001", "|", cell[i])
	}
}
/^\| [A-Za-z].* \| [0-9]+ \|/ { # a row of counts
	told[cell[1]] = cell[2] " " cell[3] " " cell[4] " " cell[5] " " cell[6]
	next
}
/^\| [A-Z][0-9]/ {
	elsewhere = 0
	why = cells == 6 ? complaint() : "it has " cells " cells, not 6"
	name = cell[1] ", " cell[4] (names == "" ? "" : ": " names)
	rows += !elsewhere
	if (elsewhere)
		why = ""
	else if (why != "")
		report[rows] = "not ok - " name " # " why
	else if (tried && !ran)
		report[rows] = "ok - " name " # SKIP its experiments were skipped"
	else
		report[rows] = "ok - " name
	bad += why != ""
	source = cell[2]
	sub(/,.*/, "", source)
	split("All|" theme "|" source, keys, "|")
	for (i = 1; i <= 3; i++) {
		keys_used[keys[i]] = 1
		count[keys[i], "all"]++
		count[keys[i], cell[4]]++
	}
}

END {
	for (key in keys_used) {
		want = count[key, "all"] + 0 " " count[key, "confirmed"] + 0 " " count[key, "refined"] + 0 \
			" " count[key, "refuted"] + 0 " " count[key, "untried"] + 0
		was = key in told ? told[key] : "nothing"
		if (was != want)
			problem("counted of \"" key "\": " want ", told: " was)
	}
	for (key in told)
		if (!(key in keys_used))
			problem("\"" key "\" is counted and has no row")
	print "1.." rows + 1
	for (i = 1; i <= rows; i++)
		print report[i]
	printf "%s", problems
	print (problems == "" && (rows || some) ? "ok" : "not ok") " - the counts are those of the rows"
	exit bad > 0 || problems != "" || !(rows || some)
}
