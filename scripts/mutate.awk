# Read a tracer.c twice; write it with every mutant in it, one of which runs (scripts/mutate.h).
# -v list=FILE: a line for each: number, line, slug of its experiment or "-", "run" or "compile",
# its function, its line with what is changed in it: "send(pid, {SIGHUP -> SIGUSR1});".
# -v without="7 12": mutants to leave out. -v errnos="EPERM ...": the names of errors.
#
# A mutant changes one word: an expectation expects otherwise; a request or an option is another; a
# number, a signal, an errno is the next. In a table outside of functions a mutant must be compiled in.

BEGIN {
	experiment = "-"
	split(without, words)
	for (i in words)
		left_out[words[i]] = 1
	split(errnos, words, " ")
	for (i in words)
		is_errno[words[i]] = 1
	split("CONT:SINGLESTEP SYSCALL:CONT SINGLESTEP:CONT SINGLEBLOCK:SINGLESTEP ATTACH:SEIZE" \
		" SEIZE:ATTACH INTERRUPT:LISTEN LISTEN:CONT DETACH:CONT KILL:CONT TRACEME:INTERRUPT" \
		" PEEKDATA:PEEKUSER PEEKTEXT:PEEKUSER PEEKUSER:PEEKDATA POKEDATA:POKEUSER" \
		" POKETEXT:POKEUSER POKEUSER:POKEDATA GETREGS:SETREGS SETREGS:GETREGS" \
		" GETREGSET:SETREGSET SETREGSET:GETREGSET SYSEMU:SYSCALL" \
		" SYSEMU_SINGLESTEP:SINGLESTEP GETSIGINFO:SETSIGINFO SETSIGINFO:GETSIGINFO", words, " ")
	for (i in words) {
		split(words[i], pair, ":")
		other["PTRACE_" pair[1]] = "PTRACE_" pair[2]
	}
}

# The first reading: which function is which experiment.
NR == FNR {
	if (match($0, /^\t\{ "[a-z0-9-]+", *[a-z0-9_]*,?/)) {
		split($0, part, /"/)
		slug = part[2]
		rest = part[3]
		if (rest ~ /^, *$/)
			getline rest
		gsub(/[ \t,]/, "", rest)
		sub(/[^a-z0-9_].*/, "", rest)
		slug_of[rest] = slug
	}
	next
}

# The number of a new mutant; 0: it is left out.
function mutant(old, new, kind) {
	sites++
	if (sites in left_out)
		return 0
	shown = ahead "{" old " -> " new "}" behind
	gsub(/[ \t]+/, " ", shown)
	sub(/^ /, "", shown)
	printf "%d\t%d\t%s\t%s\t%s\t%s\n", sites, FNR, experiment, kind, inside ? name "()" : "table",
		shown >list
	return sites
}

# One word in place: a choice at run time, or a macro.
function replaced(old, new,    n) {
	n = mutant(old, new, inside ? "run" : "compile")
	if (n == 0)
		return old
	return inside ? "(mutant(" n ") ? " new " : " old ")" : "SITE(" n ", " old ", " new ")"
}

# Numbers that mean nothing: a 0 that ptrace() ignores, or that asks for no option; errno before a
# call, a role's length, a shift to some high bit. Larger numbers are samples that any other could
# replace. What is noted of a time is no verdict; how far a scene is waited for, neither. "= { 0 }" is
# how C clears the whole of an array or a structure.
function arbitrary(token, before) {
	if (token == "0" && before ~ /= \{ $/ && behind ~ /^ \}/)
		return 1
	if (token == "0" && (before ~ /ptrace\((\([a-z_ ]+\))?[A-Za-z_.\[\]>-]+, [^,]*, ([^,]*, )?$/ ||
		before ~ /ptrace\(PTRACE_TRACEME, $/ ||
		before ~ /tracee_(at_trap|start_seized)\([^,]+, $/))
		return 1
	# Whether a call that does not fail is checked cannot be seen.
	if (token == "1" && before ~ /([=!]=|MAP_ANONYMOUS,) -$/)
		return 1
	return before ~ /errno = $/ || before ~ /(told_place|role_address)\([^()]*, $/ ||
		before ~ /<< $/ || before ~ /(note_live|samples_[a-z]*)\(/ ||
		before ~ /told_slot\(.*\) = -?$/ || before ~ /wait_told\([^()]*(\([^()]*\) \+ )?$/
}

# Another request, and where one is refused, one that is refused otherwise: of its own tracee PTRACE_SEIZE
# says EPERM, and EIO if it has an address, PTRACE_INTERRUPT nothing, PTRACE_ATTACH EPERM.
function another(request, before) {
	if (before !~ /(^|[^A-Za-z_])E[A-Z]+, ptrace\($/)
		return other[request]
	if (request ~ /_(SEIZE|ATTACH)$/ || before ~ /EPERM, ptrace\($/)
		return request ~ /_INTERRUPT$/ ? "PTRACE_CONT" : "PTRACE_INTERRUPT"
	return before ~ /EIO, ptrace\($/ ? "PTRACE_ATTACH" : "PTRACE_SEIZE"
}

function word(token, before) {
	if (token in other)
		return replaced(token, another(token, before))
	if (token ~ /^PTRACE_O_[A-Z]/)
		return replaced(token, "0")
	if (token ~ /^([0-9]|1[0-6])$/ && !arbitrary(token, before))
		return replaced(token, token == "0" ? "1" : "(" token " + 1)")
	if (token ~ /^SIG[A-Z]+[0-9]*$/)
		return replaced(token, token == "SIGUSR1" ? "SIGUSR2" : "SIGUSR1")
	if (token in is_errno && before !~ /errno = $/)
		return replaced(token, token == "ESRCH" ? "EPERM" : "ESRCH")
	return token
}

function mutated(line,    out, token, n, whole_line) { # ahead, behind: what stands around a word
	whole_line = line
	out = ""
	while (line != "") {
		if (comment) {
			n = index(line, "*/")
			if (n == 0)
				return out line
			out = out substr(line, 1, n + 1)
			line = substr(line, n + 2)
			comment = 0
		} else if (substr(line, 1, 2) == "/*") {
			comment = 1
			out = out "/*"
			line = substr(line, 3)
		} else if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^'([^'\\]|\\.)*'/)) {
			out = out substr(line, 1, RLENGTH)
			line = substr(line, RLENGTH + 1)
		} else if (match(line, /^[A-Za-z0-9_]+/)) {
			token = substr(line, 1, RLENGTH)
			line = substr(line, RLENGTH + 1)
			ahead = substr(whole_line, 1, length(whole_line) - length(line) - length(token))
			behind = line
			if (inside && token ~ /^expect_(true|eq|hex|ge|str|pid|address|errno|stop|always|never)$/ && line ~ /^\(/) {
				n = mutant(token, "the opposite", "run")
				out = out (n == 0 ? token "(" : "mutated_" token "(" n ", ")
				line = substr(line, 2)
			} else if (whole || out ~ /[A-Za-z0-9_.]$/ || (out ~ /\[ *$/ && declares))
				out = out token
			else
				out = out word(token, ahead)
		} else {
			out = out substr(line, 1, 1)
			line = substr(line, 2)
		}
	}
	return out
}

/^[a-z].*\(/ && /^static / {
	name = $0
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
	experiment = name in slug_of ? slug_of[name] : "-"
}
/^\{/ { inside = 1 }
/^\}/ { inside = 0; experiment = "-" }
# The table of experiments and what comes then is the runner's business.
/^static const struct experiment/ { finished = 1 }
{
	# Not where a constant is wanted: macros, enumerators, labels, sizes; static data needs constants,
	# so tables in functions lose that word.
	declares = !/^\t*(return|else) / && /^\t*[a-z0-9_]+ [^=(]*\[/
	if (/^\t*(static |typedef )?enum [a-z_]*( )?\{/ || /^\t*enum \{/)
		enumerators = 1
	whole = finished || enumerators || /^#/ || /^ *\t*(enum|case) / || /^\}/ || (!inside && !/^\t/) || multi
	multi = /^#.*\\$/ || (multi && /\\$/)
	if (inside)
		sub(/^\tstatic const struct \{/, "\tconst struct {")
	print mutated($0)
	if (/\}/)
		enumerators = 0
}
