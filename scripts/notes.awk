# Compare or rewrite the transcripts of an OBSERVATIONS.md. Four files, in this order: the
# experiments ("01.slug: question"), their cases ("slug|label|label"), a run ("tracer
# --transcript"), the notes. With action=check it prints TAP, one line for each experiment and one
# for the document; with action=write it prints the notes with the transcripts of this run.
#
# In the notes, "### slug" begins an experiment's section. It holds the question as a quotation, a
# paragraph "*Prediction.*", a fenced block "```transcript" or one "```transcript LABEL" for each
# case recorded, and a paragraph "*Why.*".

FNR == 1 { file++ }

file == 1 {
	slug = $1
	sub(/^[0-9]+\./, "", slug)
	sub(/:$/, "", slug)
	order[++experiments] = slug
	question[slug] = substr($0, index($0, ": ") + 2)
	next
}

file == 2 {
	slug = $0
	sub(/\|.*/, "", slug)
	cases[slug] = substr($0, length(slug) + 1) "|"
	next
}

# The run: what stands between "# 01.slug: question" and the result line.
file == 3 && /^# [0-9]+\.[a-z0-9-]+: / {
	running = $2
	sub(/^[0-9]+\./, "", running)
	sub(/:$/, "", running)
	next
}
file == 3 && running != "" && /^#   case: / { ran_case[running] = substr($0, 12); next }
file == 3 && running != "" && /^#   / { seen[running] = seen[running] $0 "\n"; next }
file == 3 && /^(ok|not ok) / {
	outcome[running] = /^not ok/ ? "refuted" : / # SKIP/ ? "skipped" : "holds"
	running = ""
	next
}
file == 3 { next }

# The notes.
/^### / {
	section = substr($0, 5)
	if (section in sections)
		problem("two sections \"" section "\"")
	else if (!(section in question))
		problem("the section \"" section "\" names no experiment")
	sections[section] = 1
}
/^## / { section = "" }
section != "" && /^> / { asked[section] = substr($0, 3) }
section != "" && /^\*Prediction\.\*/ { predicted[section] = 1 }
section != "" && /^\*Why\.\*/ { explained[section] = 1 }
/^\| \[[a-z0-9-]+\]\(#[a-z0-9-]+\) / {
	match($0, /#[a-z0-9-]+/)
	listed[substr($0, RSTART + 1, RLENGTH - 1)]++
}
/^```transcript/ {
	label = substr($0, 15)
	inside = 1
	blocks[section]++
	if (label != "" && index(cases[section], "|" label "|") == 0)
		problem("\"" section "\" has no case \"" label "\"")
	recorded[section, label] = ""
	if (action == "write") {
		print
		fresh = outcome[section] == "holds" && ran_case[section] == label
		if (fresh)
			printf "%s", seen[section]
	}
	next
}
inside && /^```/ { inside = 0 }
inside {
	recorded[section, label] = recorded[section, label] $0 "\n"
	if (action == "write" && !fresh)
		print
	next
}
action == "write" { print }

function problem(text) {
	problems = problems "#   ! " text "\n"
}

function missing(slug) {
	if (!(slug in sections))
		return "has no section \"### " slug "\""
	if (asked[slug] != question[slug])
		return "asks another question in the notes: \"" asked[slug] "\""
	if (!(slug in predicted))
		return "has no paragraph *Prediction.*"
	if (!(slug in explained))
		return "has no paragraph *Why.*"
	if (!blocks[slug])
		return "has no transcript"
	if (listed[slug] != 1)
		return "stands " listed[slug] + 0 " times in the table of experiments, not once"
	return ""
}

function differs(slug, key,   want, got, a, b, n, m, i) {
	n = split(recorded[slug, key], want, "\n")
	m = split(seen[slug], got, "\n")
	for (i = 1; i <= n || i <= m; i++) {
		a = i <= n ? want[i] : ""
		b = i <= m ? got[i] : ""
		if (a != b)
			printf "#   notes: %s\n#   run:   %s\n", a, b
	}
}

END {
	if (file < 4)
		exit 1
	if (action == "write") {
		if (problems != "")
			printf "%s", problems >"/dev/stderr"
		exit problems != ""
	}
	print "1.." experiments + 1
	for (i = 1; i <= experiments; i++) {
		slug = order[i]
		key = ran_case[slug]
		why = missing(slug)
		name = "notes of " slug (key == "" ? "" : ", " key)
		if (why != "") {
			print "not ok - " name " # it " why
		} else if (outcome[slug] != "holds") {
			print "ok - " name " # SKIP the experiment was " \
				(outcome[slug] == "" ? "not run" : outcome[slug])
		} else if (!((slug, key) in recorded)) {
			print "ok - " name " # SKIP no transcript of this case is recorded"
		} else if (recorded[slug, key] != seen[slug]) {
			differs(slug, key)
			print "not ok - " name " # the transcript differs from the run (make notes)"
		} else {
			print "ok - " name
		}
	}
	printf "%s", problems
	print (problems == "" ? "ok" : "not ok") " - every section names an experiment and its cases"
}
