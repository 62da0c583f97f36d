# Compare or rewrite the transcripts of an OBSERVATIONS.md. Reads four files, each announced by an
# assignment to `part`: "list", the experiments ("01.slug: question"); "cases", their cases
# ("slug|label|label"); "run", what "tracer --transcript" printed; "notes". With action=check it
# prints TAP, one line for each experiment and one for the document, and exits 1 if a line fails;
# with action=write it prints the notes with the transcripts of this run.
#
# In the notes, "### slug" begins an experiment's section. It holds the question as a quotation, a
# paragraph "*Prediction.*", a fenced block "```transcript" or one "```transcript LABEL" for each
# case recorded, and a paragraph "*Why.*". A row "| [slug](#slug) | ..." lists it. It may hold a quiz
# (common/quiz.h): the line that decides must stand in a transcript, and there with the value of
# exactly one of the answers.

function problem(text) {
	problems = problems "#   ! " text "\n"
}

function bare(id) { # "01.slug:" without number and colon
	sub(/^[0-9]+\./, "", id)
	sub(/:$/, "", id)
	return id
}

part == "list" {
	slug = bare($1)
	order[++experiments] = slug
	place[slug] = experiments
	question[slug] = substr($0, index($0, ": ") + 2)
	next
}

part == "cases" {
	slug = $0
	sub(/\|.*/, "", slug)
	cases[slug] = substr($0, length(slug) + 2)
	next
}

# The run: what stands between "# 01.slug: question" and the result line.
part == "run" && /^# [0-9]+\.[a-z0-9-]+: / { running = bare($2); next }
part == "run" && running != "" && /^#   case: / { ran_case[running] = substr($0, 11); next }
part == "run" && running != "" && /^#   / { seen[running] = seen[running] $0 "\n"; next }
part == "run" && /^(ok|not ok) / {
	outcome[running] = /^not ok/ ? "refuted" : / # SKIP/ ? "skipped" : "holds"
	running = ""
	next
}
part == "run" { next }

# The notes, inside a transcript.
inside && /^(###? |```transcript)/ { problem("the transcript before \"" $0 "\" has no end") }
inside && /^```$/ { inside = 0 }
inside {
	recorded[section, label] = recorded[section, label] $0 "\n"
	if (action == "write" && !fresh)
		print
	next
}

# Outside of one.
action == "write" { print }
/^### / {
	section = substr($0, 5)
	if (section in sections)
		problem("there are two sections \"" section "\"")
	else if (!(section in question))
		problem("the section \"" section "\" names no experiment")
	else if (place[section] < last_place)
		problem("the section \"" section "\" stands out of order")
	else
		last_place = place[section]
	sections[section] = 1
}
/^## / { section = "" }
section != "" && /^> / && !(section in asked) { asked[section] = substr($0, 3) }
section != "" && /^\*Prediction\.\*/ { predicted[section] = 1 }
section != "" && /^\*Why\.\*/ { explained[section] = 1 }
/^\*Quiz\.\* / {
	if (!(section in question))
		problem("a quiz stands outside of an experiment's section")
	if (section in quiz)
		problem("\"" section "\" has two quizzes")
	quiz[section] = 1
	asking = section
}
asking != "" && /^(```|#|$)/ { asking = "" }
asking != "" && /^- / { answers[asking]++ }
# quiz[slug, 0] is its question, quiz[slug, 1] the first answer.
asking != "" { quiz[asking, answers[asking] + 0] = quiz[asking, answers[asking] + 0] " " $0 }
/^\| \[[a-z0-9-]+\]\(#[a-z0-9-]+\) / {
	slug = substr($2, 2, index($2, "]") - 2)
	if ($2 != "[" slug "](#" slug ")" || !(slug in question))
		problem("the row of " $2 " names no experiment")
	listed[slug]++
}
/^```transcript/ {
	label = substr($0, 15)
	inside = 1
	if (!(section in question))
		problem("a transcript stands outside of an experiment's section")
	else if (label == "" ? cases[section] != "" : index("|" cases[section] "|", "|" label "|") == 0)
		problem("\"" section "\" has no case \"" label "\", but: " cases[section])
	if ((section, label) in recorded)
		problem("\"" section "\" has two transcripts of one case")
	recorded[section, label] = ""
	blocks[section]++
	fresh = outcome[section] == "holds" && ran_case[section] == label
	if (action == "write" && fresh)
		printf "%s", seen[section]
}

function squeezed(text) {
	gsub(/[ \t]+/, " ", text)
	gsub(/^ | $/, "", text)
	return text
}

# Does an answer, "- words: `value`, `value`", name the value that was seen? A value with ": " in it
# can never be seen, and is kept in `unseen`.
function names(answer, seen,   parts, n, i, found) {
	n = split(squeezed(answer), parts, "`")
	for (i = 2; i <= n; i += 2) {
		if (parts[i] ~ /: /)
			unseen = parts[i]
		if (index(seen, parts[i]) == 1 &&
			substr(seen, length(parts[i]) + 1) ~ /^($| \(|, status | [0-9]+\/)/)
			found = 1
	}
	return found + 0
}

# The value on the nth line of a transcript that an expectation with this message printed, or "". What
# stands before the last ": " is taken for the message: a value with a colon cannot decide a quiz.
function value_of(message, nth, transcript,   lines, n, i, line) {
	n = split(transcript, lines, "\n")
	for (i = 1; i <= n; i++) {
		line = squeezed(lines[i])
		if (match(line, /^# = .*: /) && squeezed(substr(line, 5, RLENGTH - 6)) == message && !--nth)
			return substr(line, RLENGTH + 1)
	}
	return ""
}

# What is wrong with the quiz of an experiment, given its transcripts.
function quiz_problem(slug,   decides, nth, labels, n, i, value, right, others, k, found) {
	decides = squeezed(quiz[slug, 0])
	if (!match(decides, / \(`[^`]+`(, the [0-9]+(st|nd|rd|th))?\)$/))
		return "has a quiz that does not end in (`what decides`)"
	decides = substr(decides, RSTART + 3)
	nth = match(decides, /`, the [0-9]+/) ? substr(decides, RSTART + 7) + 0 : 1
	sub(/`.*/, "", decides)
	if (answers[slug] == 1 || answers[slug] > 6)
		return "has a quiz with " answers[slug] " answers, not 2 to 6"
	n = split(cases[slug], labels, "|")
	if (n == 0)
		labels[n = 1] = ""
	for (i = 1; i <= n; i++) {
		value = value_of(decides, nth, recorded[slug, labels[i]])
		if (value == "")
			continue
		found = 1
		right = others = 0
		unseen = ""
		for (k = 1; k <= answers[slug]; k++) {
			right += names(quiz[slug, k], value)
			others += quiz[slug, k] !~ /`/
		}
		if (unseen != "")
			return "has a quiz with a value that no line can show: \"" unseen "\""
		if (answers[slug] && (others > 1 || right + (others && !right) != 1))
			return "has a quiz of whose answers " right " are right: \"" value "\""
	}
	return found ? "" : "has a quiz that nothing decides: \"" decides "\""
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
		if (a "" != b "")
			printf "#   notes: %s\n#   run:   %s\n", a, b
	}
}

function verdict(held, text) {
	print (held ? "ok - " : "not ok - ") text
	if (!held)
		bad = 1
}

END {
	if (inside)
		problem("the last transcript has no end")
	if (action == "write") {
		printf "%s", problems | "cat >&2"
		exit problems != ""
	}
	print "1.." experiments + 1
	for (i = 1; i <= experiments; i++) {
		slug = order[i]
		key = ran_case[slug]
		why = missing(slug)
		name = "notes of " slug (key == "" ? "" : ", " key)
		differ = outcome[slug] == "holds" && (slug, key) in recorded && \
			recorded[slug, key] != seen[slug]
		if (why == "" && !differ && slug in quiz)
			why = quiz_problem(slug)
		if (why != "") {
			verdict(0, name " # it " why)
		} else if (outcome[slug] != "holds") {
			verdict(1, name " # SKIP the experiment was " \
				(outcome[slug] == "" ? "not run" : outcome[slug]))
		} else if (!((slug, key) in recorded)) {
			verdict(1, name " # SKIP no transcript of this case is recorded")
		} else if (differ) {
			differs(slug, key)
			verdict(0, name " # the transcript differs from the run (make notes)")
		} else {
			verdict(1, name)
		}
	}
	printf "%s", problems
	verdict(problems == "", "every section names an experiment and its cases")
	exit bad + 0
}
