# What the Markdown says of the tree, against the tree. Reads, each announced by an assignment to
# `part`: "facts", lines "KIND<tab>..." of what there is (scripts/documents makes them); then every
# document twice, as "first", which collects headings and transcripts, and as "second", which judges.
# Prints a TAP line for each document, with what was wrong in it before; what a console block shows of
# commands goes to "RUNS/n.command" and "RUNS/n.expected", to be run by whoever called.
#
# Judged: relative links and their anchors; experiments, by slug in `code`, in parentheses, as a link's
# text; claims by id; names of files, commands, their options and words, in `code` and in blocks of sh
# and console; excerpts of transcripts ("```transcript NN.slug"); in comments the lines "NN.slug: words"
# that a text rests on; STOP_* of common/stop.h; and on the pages of the course that each paragraph, item
# and row leads to an experiment or says what it is. A word in `code` without a hyphen may be anything.

BEGIN {
	# Pages in notes/ that are not pages of the course. A new page is one.
	split("README design claims coverage lines mutants kernels adding-a-lab", list, " ")
	for (i in list)
		no_course["notes/" list[i] ".md"] = 1
	LANGUAGES = "transcript console sh c md make diff experiment text"
	split(LANGUAGES, list, " ")
	for (i in list)
		language[list[i]] = 1
	PLACE = "^([0-9][0-9]_[a-z0-9_]+|scripts|common|notes|[.]ci)/"
	SLUG = "[a-z0-9]+(-[a-z0-9]+)+"
}

function wrong(text) {
	problems = problems "#   ! " document ":" line ": " text "\n"
}

# --- facts --------------------------------------------------------------------------------------

part == "facts" {
	split($0, fact, "\t")
	if (fact[1] == "lab") {
		question[fact[2]] = fact[3]
		lab_of[substr(fact[2], 1, 2)] = fact[2]
		labs[++lab_count] = fact[2]
	} else if (fact[1] == "slug") {
		slug[fact[2], fact[3]] = slug["", fact[3]] = 1
	} else if (fact[1] == "usage") { # of LAB/tracer or LAB/tracee
		usage[fact[2]] = usage[fact[2]] fact[3] "\n"
		sub(/.*\//, "", fact[2])
		usage["/" fact[2]] = usage["/" fact[2]] fact[3] "\n"
	} else { # file, target, variable, word, claim; string of a lab; stop
		is[fact[1], fact[2], fact[3]] = 1
		if (fact[1] == "stop")
			stops[fact[2]] = 1
	}
	next
}

# --- lines and blocks -----------------------------------------------------------------------------

FNR == 1 {
	if (part == "second")
		end_document()
	document = FILENAME
	line = 0
	folder = document
	if (!sub(/\/[^\/]*$/, "", folder))
		folder = ""
	lab = folder
	sub(/\/.*/, "", lab)
	if (!(lab in question))
		lab = ""
	fence = comment = 0
	block = kind = section = mark = ""
	quiz = 0
	if (part == "second") {
		links = named = commands = units = 0
		course = document ~ /^notes\/[^\/]*\.md$/ && !(document in no_course)
		documents[++document_count] = document
	}
}

/^ *```/ && !comment && (!fence || fence_length($0) >= fence_ticks) {
	if (part == "second")
		end_block()
	fence_info = $0
	sub(/^ *`+/, "", fence_info)
	if (!fence) {
		fence = FNR
		fence_ticks = fence_length($0)
		indent = index($0, "`") - 1
		info = fence_info
		if (part == "second")
			begin_fence()
	} else if (fence_info == "") {
		fence = 0
		if (part == "second" && info ~ /^console/)
			end_session()
	} else if (part == "second") {
		line = FNR
		wrong("a block begins within the one of line " fence)
	}
	next
}

function fence_length(text) { # how many there are at its start
	sub(/^ */, "", text)
	match(text, /^`+/)
	return RLENGTH
}

part == "first" && match($0, /^\$ make new-lab NAME=[0-9][0-9]_[a-z0-9_]+$/) {
	future[document] = substr($0, 21)
}
part == "first" && fence {
	if (info ~ /^transcript/ && folder in question && section != "")
		recorded[lab, section] = recorded[lab, section] $0 "\n"
	else if (info ~ /^(c|md) ./)
		introduced($0)
	next
}
part == "first" && /^#+ / {
	section = /^### / ? substr($0, 5) : ""
	name = heading_slug($0)
	anchors[FILENAME, name (taken[FILENAME, name]++ ? "-" taken[FILENAME, name] - 1 : "")] = 1
}
part == "first" { next }

fence {
	line = FNR
	in_fence(substr($0, 1, indent) ~ /^ *$/ ? substr($0, indent + 1) : $0)
	next
}

{
	text = visible($0)
	if (text ~ /^[ >]*$/) {
		end_block()
	} else if (text ~ /^#+ /) {
		end_block()
		add("heading", text)
		end_block()
	} else if (text ~ /^ *\|/) {
		if (text ~ /^ *\|[ :|-]+$/ && kind == "row")
			kind = "header"
		end_block()
		add("row", text)
	} else if (text ~ /^ *([-*]|[0-9]+\.) /) {
		end_block()
		add("item", text)
	} else {
		if (kind == "row")
			end_block()
		add(kind == "" ? "paragraph" : kind, text)
	}
}

function visible(text,   begin) { # without comments, which may span lines
	if (comment) {
		in_comment(text)
		if (!(begin = index(text, "-->")))
			return ""
		comment = 0
		text = substr(text, begin + 3)
	}
	while (begin = index(text, "<!--")) {
		comment = !match(substr(text, begin), /-->/)
		text = substr(text, 1, begin - 1) (comment ? "" : substr(text, begin + RSTART + 2))
	}
	return text
}

# "NN.slug: words", on a line of a comment: what the text above rests on. A line of that experiment's
# transcript has these words.
function in_comment(text,   name, owner, list, n, i) {
	if (text !~ /^[0-9][0-9]\.[a-z0-9-]+: ./)
		return
	line = FNR
	name = substr(text, 4, index(text, ":") - 4)
	owner = lab_of[substr(text, 1, 2)]
	experiment(owner, name)
	text = substr(text, index(text, ": ") + 2)
	gsub(/\\\|/, "|", text)
	n = split(recorded[owner, name], list, "\n")
	for (i = 1; i <= n; i++)
		if (index(list[i], text))
			return
	wrong("no line of " name " has \"" text "\"")
}

function add(what, text) {
	if (kind == "") {
		kind = what
		block_line = FNR
	}
	sub(/^[ >]+/, "", text)
	block = block (block == "" ? "" : " ") text
}

function end_block() {
	line = block_line
	if (kind == "heading")
		begin_section(block)
	else if (course && kind != "" && kind != "header" && block !~ /^\|[ :|-]+$/)
		anchored(block)
	# A quiz and its answers quote messages and values: scripts/notes has them decided by the run.
	quiz = lab != "" && (block ~ /^\*Quiz\.\*/ || (quiz && kind == "item"))
	if (block != "")
		prose(block)
	block = kind = ""
}

function heading_slug(text) { # as GitHub makes it
	sub(/^#+ +/, "", text)
	sub(/ +#* *$/, "", text)
	while (match(text, /\]\([^)]*\)/))
		text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
	text = tolower(text)
	gsub(/\302[\200-\277]|\342[\200-\277][\200-\277]/, "", text) # signs that are not ASCII
	gsub(/[^a-z0-9_ \200-\377-]/, "", text)
	gsub(/ /, "-", text)
	return text
}

# --- the course's convention -----------------------------------------------------------------------

function begin_section(text,   level) {
	match(text, /^#+/)
	level = RLENGTH
	if (mark != "" && level <= mark)
		mark = ""
	if (mark == "" && text ~ /\((background|this repository)\)$/)
		mark = level
}

function anchored(text,   cells, n, i) {
	units++
	if (mark != "" || leads_to_experiment(text))
		return
	sub(/^([-*]|[0-9]+\.) +/, "", text)
	n = text ~ /^\|/ ? split(text, cells, / *\| */) : split(text, cells, "\001")
	for (i = 1; i <= n; i++)
		if (cells[i] ~ /^(Background|Here|Run|Next): /)
			return
	wrong("neither an experiment nor a mark: \"" substr(text, 1, 50) "...\"")
}

function leads_to_experiment(text,   parts) {
	while (match(text, /\]\(\.\.\/[0-9][0-9]_[a-z0-9_]+\/OBSERVATIONS\.md#[a-z0-9-]+\)/)) {
		split(substr(text, RSTART, RLENGTH), parts, /[\/#)]/)
		if ((parts[2], parts[4]) in slug)
			return 1
		text = substr(text, RSTART + RLENGTH)
	}
	return 0
}

# --- a lab that only a page has -------------------------------------------------------------------
#
# A page that makes a lab ("make new-lab NAME=08_x") speaks of that lab as if it were there, and of the
# words in what it adds to it ("```c FILE ..."). A test that follows the page judges these.

function introduced(text) {
	while (match(text, SLUG "|[A-Z][0-9][0-9]")) {
		own[document, substr(text, RSTART, RLENGTH)] = 1
		text = substr(text, RSTART + RLENGTH)
	}
}

function is_future(text) { # 08_x, or a target that ends in its number
	return document in future &&
		(text == future[document] || text ~ "^[a-z]+" substr(future[document], 1, 2) "$")
}

# --- prose -----------------------------------------------------------------------------------------

function prose(text,   plain, label, ticks, end, code) {
	plain = ""
	# Code first, so that what looks like a link or a name within it is none.
	while (match(text, /`+/)) {
		ticks = substr(text, RSTART, RLENGTH)
		plain = plain substr(text, 1, RSTART - 1)
		text = substr(text, RSTART + RLENGTH)
		if (!(end = run_of(length(ticks), text))) {
			wrong("code that does not end")
			break
		}
		code = substr(text, 1, end - 1)
		text = substr(text, end + length(ticks))
		if (!quiz)
			in_code(code)
		plain = plain "`" (code ~ /^[a-z0-9.-]+$/ ? code : "") "`"
	}
	plain = plain text
	text = plain
	while (match(text, /\]\([^)]*\)/)) {
		label = substr(text, 1, RSTART - 1)
		sub(/.*\[/, "", label)
		link(label, substr(text, RSTART + 2, RLENGTH - 3))
		text = substr(text, RSTART + RLENGTH)
	}
	if (plain ~ /^\[[^\]]*\]: /) # a reference, defined
		link("", substr(plain, index(plain, "]: ") + 3))
	gsub(/\]\([^)]*\)/, "]", plain)
	gsub(/`[^`]*`/, "", plain)
	names(plain)
}

function run_of(n, text,   at) { # where exactly n backticks stand first; 0: nowhere
	for (at = 1; match(substr(text, at), /`+/); at += RSTART + RLENGTH - 1)
		if (RLENGTH == n)
			return at + RSTART - 1
	return 0
}

function names(text,   rest, list, n, i) {
	rest = " " text " "
	while (match(rest, /[^A-Za-z0-9_+-][A-Z][0-9][0-9][^A-Za-z0-9_-]/)) {
		claim(substr(rest, RSTART + 1, 3))
		rest = substr(rest, RSTART + 4)
	}
	rest = text
	while (match(rest, /\([a-z0-9-]+(, [a-z0-9-]+)*\)/)) {
		n = split(substr(rest, RSTART + 1, RLENGTH - 2), list, ", ")
		for (i = 1; i <= n; i++)
			if (list[i] ~ "^" SLUG "$")
				word(list[i])
		rest = substr(rest, RSTART + RLENGTH)
	}
	rest = " " text
	while (match(rest, /[^A-Za-z0-9.][0-9][0-9]\.[a-z][a-z0-9-]+/)) {
		experiment(lab_of[substr(rest, RSTART + 1, 2)], substr(rest, RSTART + 4, RLENGTH - 4))
		rest = substr(rest, RSTART + RLENGTH)
	}
	stops_in(text)
}

function stops_in(text) { # words that begin so, and not JOBCTL_STOP_PENDING
	text = " " text
	while (match(text, /[^A-Za-z0-9_]STOP_[A-Z]+/)) {
		stop(substr(text, RSTART + 1, RLENGTH - 1))
		text = substr(text, RSTART + RLENGTH)
	}
}

function claim(id) {
	named++
	if (!(("claim", id, "") in is) && !((document, id) in own))
		wrong("notes/claims.md has no claim " id)
}

function word(name) {
	named++
	if (!(("", name) in slug) && !(("word", name, "") in is) && !((document, name) in own))
		wrong("there is no experiment \"" name "\", and nothing else of that name")
}

function stop(name) {
	named++
	told_stop[document, name] = 1
	if (!(name in stops))
		wrong("common/stop.h has no " name)
}

function path(name,   parts, n, i, kept, k) { # from the folder of this document, without ".."
	n = split((folder == "" ? "" : folder "/") name, parts, "/")
	for (i = 1; i <= n; i++) {
		if (parts[i] == "..") {
			if (--k < 0)
				return ".."
		} else if (parts[i] != "." && parts[i] != "") {
			kept[++k] = parts[i]
		}
	}
	name = k > 0 ? kept[1] : "."
	for (i = 2; i <= k; i++)
		name = name "/" kept[i]
	return name
}

function link(label, target,   file, anchor, owner) {
	sub(/ +".*"$/, "", target)
	if (target ~ /^<.*>$/)
		target = substr(target, 2, length(target) - 2)
	if (target ~ /^[a-z]+:/)
		return
	links++
	file = anchor = target
	sub(/#.*/, "", file)
	if (!sub(/^[^#]*#/, "", anchor))
		anchor = ""
	file = file == "" ? document : path(file)
	if (!(("file", file, "") in is)) {
		wrong("the link " target " leads to no file")
		return
	}
	linked[file] = linked[file] " " document
	if (target ~ /#/ && !((file, anchor) in anchors))
		wrong("the link " target " leads to no heading")
	owner = file
	if (!sub(/\/OBSERVATIONS\.md$/, "", owner) || !((owner, anchor) in slug))
		return
	gsub(/`/, "", label)
	sub(/^[0-9][0-9]\./, "", label)
	if (label != anchor && (course || label ~ "^" SLUG "$" || ("", label) in slug))
		wrong("the link of \"" label "\" leads to #" anchor)
}

function in_code(code) {
	gsub(/^ +| +$/, "", code)
	if (code ~ /^make( |$)/)
		command(code)
	else if (code ~ /^ONLY=/)
		command("make " code)
	else if (code ~ PLACE || code ~ /^\.\// || code ~ /^(tracer|tracee) /)
		command(code)
	else if (code ~ /^[0-9][0-9]\.[a-z0-9-]+$/)
		experiment(lab_of[substr(code, 1, 2)], substr(code, 4))
	else if (code ~ "^" SLUG "$")
		word(code)
	else if (code ~ /^[A-Z][0-9][0-9]$/)
		claim(code)
	stops_in(code)
}

function experiment(owner, name) { # of that lab, of any if it is ""
	named++
	if (name !~ /^(slug|SLUG)$/ && !((owner, name) in slug))
		wrong((owner == "" ? "no lab has an" : owner " has no") " experiment \"" name "\"")
}

# --- blocks ------------------------------------------------------------------------------------------

function begin_fence(   parts) {
	line = fence
	split(info, parts, " ")
	if (info != "" && !(parts[1] in language))
		wrong("a block of \"" info "\", which nobody checks; there are: " LANGUAGES)
	if (parts[1] == "console" && parts[2] != "" &&
		!(("file", "scripts/tests/" parts[2] ".sh", "") in is))
		wrong("there is no scripts/tests/" parts[2] ".sh to run this block")
	shown_of = ""
	if (parts[1] != "transcript" || lab != "")
		return # those of a lab are compared with runs elsewhere
	if (parts[2] !~ /^[0-9][0-9]\.[a-z0-9-]+$/) {
		wrong("a transcript that names no experiment: \"```transcript NN.slug\"")
		return
	}
	shown_of = substr(parts[2], 4)
	owner_of = lab_of[substr(parts[2], 1, 2)]
	experiment(owner_of, shown_of)
	shown_lines = split(recorded[owner_of, shown_of], shown, "\n")
	shown_place = 1
}

function in_fence(text,   i) {
	if (info ~ /^transcript/ && shown_of != "") {
		for (i = shown_place; i <= shown_lines && shown[i] "" != text ""; i++)
			;
		if (i > shown_lines)
			wrong("the notes of " shown_of " do not have this line, or not here: " text)
		else
			shown_place = i + 1
	} else if (info ~ /^sh/) {
		command(text)
	} else if (info == "" && text ~ /^(\$ |make |[.\/]*scripts\/[a-z]|[0-9][0-9]_[a-z_]*\/trace)/) {
		wrong("a command in a block that is neither sh nor console")
	} else if (info ~ /^console/ && text ~ /^\$ /) {
		end_session()
		session = substr(text, 3)
		session_line = FNR
		command(session)
	} else if (info ~ /^console/) {
		expected = expected text "\n"
	}
}

# A command of a console block, and what it prints. Where the block names a test, that one runs it.
function end_session() {
	if (info == "console" && session != "" && expected != "") {
		runs++
		print session >(RUNS "/" runs ".command")
		print document ":" session_line >(RUNS "/" runs ".place")
		printf "%s", expected >(RUNS "/" runs ".expected")
	}
	session = expected = ""
}

# --- commands -----------------------------------------------------------------------------------------

# Splits into words, as sh does: words[1..n]; is_operator where one separates commands.
function split_words(text,   n, i, c, quote, open) {
	n = 0
	open = 0
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (quote != "") {
			if (c == quote)
				quote = ""
			else
				words[n] = words[n] c
		} else if (c == " " || c == "\t") {
			open = 0
		} else if (c == "#" && !open) {
			break
		} else if (c ~ /[;&|<>]/) {
			if (open && c ~ /[<>]/ && words[n] ~ /^[0-9]$/)
				n-- # 2>
			if (!(n > 0 && !open && is_operator[n] && words[n] ~ /^[&|<>]/)) {
				words[++n] = c
				is_operator[n] = 1
			}
			open = 0
		} else {
			if (!open) {
				words[++n] = ""
				is_operator[n] = 0
				open = 1
			}
			if (c == "'" || c == "\"")
				quote = c
			else
				words[n] = words[n] c
		}
	}
	return n
}

function command(text,   n, i, first) {
	n = split_words(text)
	first = 1
	for (i = 1; i <= n + 1; i++)
		if (i > n || (is_operator[i] && words[i] ~ /[;&|]/)) {
			simple_command(first, i - 1)
			first = i + 1
		}
}

function simple_command(first, last,   i, name, owner) {
	for (i = first; i <= last; i++) {
		name = words[i]
		sub(/^\.\//, "", name)
		if (is_operator[i]) {
			i++ # a file that it is redirected to
		} else if (name == "make" && i == first) {
			make_command(i + 1, last)
			return
		} else if (name ~ /^[0-9][0-9]_[a-z0-9_]+\/(tracer|tracee)$/ ||
			(i == first && name ~ /^(tracer|tracee)$/)) {
			owner = name
			if (!sub(/\/[^\/]*$/, "", owner))
				owner = lab
			sub(/.*\//, "", name)
			commands++
			if (is_future(owner))
				return
			if (owner != "" && !(owner in question))
				wrong("there is no lab " owner)
			else if (name == "tracer")
				tracer_words(owner, i + 1, last)
			else
				tracee_words(owner, i + 1, last)
			return
		} else if (name ~ PLACE && name !~ /[*{]|…/) {
			named++
			sub(/\/$/, "", name)
			owner = name
			sub(/\/.*/, "", owner)
			if (!is_future(owner) && !(("file", name, "") in is) &&
				!(("target", name, "") in is))
				wrong("there is no file " name)
		}
	}
}

function is_placeholder(text) {
	return text ~ /^[A-Z]+[0-9]*[^a-z]*$/ || text ~ /…|\.\.\./ || text ~ /^[<$]/
}

function make_command(i, last,   target, value, only, owner, list, n, k) {
	commands++
	owner = ""
	for (; i <= last; i++) {
		if (words[i] ~ /^-[CfIojl]$/) {
			i++
		} else if (words[i] ~ /^[A-Za-z_]+=/) {
			target = value = words[i]
			sub(/=.*/, "", target)
			sub(/^[^=]*=/, "", value)
			if (!(("variable", target, "") in is))
				wrong("no rule or script looks at " target)
			if (target == "ONLY")
				only = value
			else if (target == "LAB" && value ~ /^[0-9][0-9]_/ &&
				value !~ /_(x|topic)$/ && !(value in question))
				wrong("there is no lab " value)
		} else if (words[i] !~ /^-/ && !is_operator[i] && !is_placeholder(words[i])) {
			target = words[i]
			if (is_future(target))
				return
			sub(/NN$/, substr(labs[1], 1, 2), target)
			if (!(("target", target, "") in is) && !(("file", target, "") in is))
				wrong("make has no target " words[i])
			else if (words[i] ~ /[a-z][0-9][0-9]$/)
				owner = lab_of[substr(target, length(target) - 1)]
		}
	}
	n = split(only, list, " ")
	for (k = 1; k <= n; k++)
		experiment(owner, list[k])
}

# Whether a usage text has this option; sets takes_word if a word must follow it.
function has_option(text, option,   at, before, behind) {
	takes_word = 0
	while (at = index(text, option)) {
		before = at == 1 ? "\n" : substr(text, at - 1, 1)
		behind = substr(text, at + length(option), 2)
		if (before ~ /[ \n\[(|]/ && behind !~ /^[A-Za-z0-9-]/) {
			takes_word = behind ~ /^ [A-Z]/ || behind ~ /^=/
			return 1
		}
		text = substr(text, at + length(option))
	}
	return 0
}

# An option among the words; returns how many words it takes besides.
function option_word(program, text, name) {
	gsub(/^\[|\]$/, "", text)
	name = text
	if (text ~ /^--/)
		sub(/=.*/, "", name)
	else
		name = substr(text, 1, 2)
	if (!has_option(usage[program], name)) {
		if (!sub(/^\//, "no lab's ", program))
			program = program " has no option "
		else
			program = program " has an option "
		wrong(program name)
		return 0
	}
	return takes_word && text == name && text !~ /^--/
}

function tracer_words(owner, i, last,   text) {
	for (; i <= last; i++) {
		text = words[i]
		if (text == "--" || text == "(")
			return
		if (is_operator[i])
			i++
		else if (text ~ /^\[?-/)
			i += option_word(owner "/tracer", text)
		else if (!is_placeholder(text) && text !~ /^[(|]|[)\]]$/)
			experiment(owner, text)
	}
}

function tracee_words(owner, i, last,   text) {
	for (; i <= last; i++) {
		text = words[i]
		if (is_operator[i])
			i++
		else if (text ~ /^\[?-/)
			i += option_word(owner "/tracee", text)
		else if (!is_placeholder(text) && owner != "" && !(("string", owner, text) in is))
			wrong(owner "/tracee has no \"" text "\"")
	}
}

# --- the verdicts -------------------------------------------------------------------------------------

function end_document(   name) {
	if (document == "" || !document_count)
		return
	end_block()
	if (fence) {
		line = fence
		wrong("a block without an end")
	}
	if (document == "notes/telling-stops.md") {
		line = 1
		for (name in stops)
			if (!((document, name) in told_stop))
				wrong("it does not tell " name)
	}
	found[document] = problems
	counted[document] = links " links, " named " names, " commands " commands"
	if (course)
		counted[document] = counted[document] ", " units " units"
	problems = ""
}

END {
	end_document()
	for (i = 1; i <= document_count; i++) {
		document = documents[i]
		why = found[document]
		others = linked[document] " "
		gsub(" " document " ", " ", others)
		gsub(" " document " ", " ", others)
		if (document != "README.md" && others ~ /^ *$/)
			why = why "#   ! " document ": no other page leads here\n"
		if (document ~ /^notes\// && !(document in no_course) && others !~ / notes\/README\.md /)
			why = why "#   ! " document ": notes/README.md does not lead here\n"
		printf "%s%s - %s: %s\n", why, why == "" ? "ok" : "not ok", document, counted[document]
		bad += why != ""
	}
	exit bad > 0 || !document_count
}
