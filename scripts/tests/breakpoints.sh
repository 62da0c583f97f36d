#!/bin/sh
# tracer -b of lab 04: what it refuses and how it says so; that every hit is counted, by whichever
# method; and that the program neither does nor says anything else than by itself.
# shellcheck disable=SC2317 # until_true calls the functions that nobody seems to call
# shellcheck source=scripts/tests/tool
. "$(dirname "$0")/tool"
tracer=$PWD/04_breakpoints/tracer
needs_tracing "$tracer" -b malloc -- "$(command -v true)"

# --- results ----------------------------------------------------------------------------------------

# counts NAME STATUS OUTPUT REPORT WORD...: the exit status, the whole of stdout, and a line
# (an expression) of the report
counts() {
	name=$1 expected=$2 output=$3 line=$4
	shift 4
	timeout 60 "$tracer" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	[ $status -eq "$expected" ] && [ "$(cat "$dir/out")" = "$output" ] &&
		grep -q -e "$line" "$dir/err"
	result $? "$name"
}

# --- programs ---------------------------------------------------------------------------------------

cat >"$dir/program.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* Functions by their first instruction. */
#define CODE(name, lines) \
	__asm__(".pushsection .text\n.globl " #name "\n.type " #name ",@function\n" #name \
		":\n" lines "\n.size " #name ",.-" #name "\n.popsection"); \
	long name(long)
CODE(pushes, "push %rbx\nlea 1(%rdi),%rax\npop %rbx\nret");
CODE(from_rip, "mov variable(%rip),%rax\nadd %rdi,%rax\nret");
CODE(branches, "jmp 1f\nint3\n1: lea 1(%rdi),%rax\nret");
CODE(calls, "call pushes\nret");
CODE(repeats, "rep movsb\nmov %rdi,%rax\nret");
CODE(system_call, "syscall\nret");
CODE(loads, "mov (%rdi),%rax\nret");
CODE(traps, "int3\nret");
CODE(flags, "pushf\npop %rax\nret");
CODE(loops, "push %rbx\n1: mov %rdi,%rbx\ndec %rdi\njnz 1b\npop %rbx\nret");
long variable = 1;
extern char **environ;

static void *hammer(void *argument)
{
	for (long i = 0; i < (long)argument; i++)
		if (pushes(i) != i + 1)
			abort();
	return NULL;
}

static int threads(long count, long each)
{
	pthread_t thread[64];

	for (long i = 0; i < count; i++)
		pthread_create(&thread[i], NULL, hammer, (void *)each);
	for (long i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

static volatile long ticks, strange;
static const char *low, *high;

static void on_tick(int sig, siginfo_t *info, void *context)
{
	const char *rip = (const char *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

	(void)sig;
	(void)info;
	ticks++;
	/* In this program's own text or in a library, which a copy is not. */
	strange += rip + 8192 > low && rip < low;
}

/* A timer that fires again and again while a breakpoint is hit; says how often it was. */
static int signals(void)
{
	struct sigaction action = { .sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	extern const char __executable_start[];

	low = __executable_start;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	long hits = 0;
	while (ticks < 20)
		pushes(hits++);
	printf("%ld\n", hits);
	return strange ? 1 : 0;
}

static sigjmp_buf back;
static volatile char *fault_rip;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	fault_rip = (char *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	siglongjmp(back, 1);
}

static int faults(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	volatile int right = 0;

	sigaction(SIGSEGV, &action, NULL);
	for (volatile int i = 0; i < 10; i++) {
		if (sigsetjmp(back, 1) == 0)
			loads(0);
		else
			right += fault_rip == (char *)loads;
	}
	return right == 10 ? 0 : 1;
}

static volatile int trapped;

static void on_trap(int sig) { trapped += sig == SIGTRAP; }

int main(int argc, char **argv)
{
	const char *scene = argc > 1 ? argv[1] : "";
	long number = argc > 2 ? atol(argv[2]) : 0;
	int status = 0;
	pid_t child;

	if (strcmp(scene, "threads") == 0)
		return threads(number, atol(argv[3]));
	if (strcmp(scene, "signals") == 0)
		return signals();
	if (strcmp(scene, "faults") == 0)
		return faults();
	if (strcmp(scene, "exit") == 0)
		return (int)number;
	if (strcmp(scene, "kill") == 0)
		return kill(getpid(), (int)number);
	if (strcmp(scene, "shapes") == 0) {
		char buffer[] = "12345678";

		for (long i = 0; i < 5; i++)
			if (pushes(i) != i + 1 || from_rip(i) != i + 1 || branches(i) != i + 1 ||
				calls(i) != i + 1 || flags(0) & 0x100)
				return 1;
		__asm__ volatile("call repeats" : : "D"(buffer), "S"(buffer + 4), "c"(4) : "rax", "memory");
		loops(4);
		__asm__ volatile("call system_call" : "=a"(child) : "a"(39) : "rcx", "r11", "memory");
		return strcmp(buffer, "56785678") != 0 || child != getpid();
	}
	if (strcmp(scene, "trap") == 0) {
		signal(SIGTRAP, on_trap);
		pushes(1);
		traps(1);
		raise(SIGTRAP);
		kill(getpid(), SIGTRAP);
		return trapped == 3 ? 0 : 1;
	}
	if (strcmp(scene, "fork") == 0) {
		pushes(1);
		child = fork();
		pushes(2);
		if (child == 0)
			_exit(pushes(6));
		waitpid(child, &status, 0);
		return WEXITSTATUS(status);
	}
	if (strcmp(scene, "vfork") == 0) {
		child = vfork();
		pushes(2);
		if (child == 0) {
			pushes(3);
			_exit(4);
		}
		waitpid(child, &status, 0);
		return WEXITSTATUS(status);
	}
	if (strcmp(scene, "spawn") == 0) {
		char *words[] = { argv[0], "fork", NULL };

		pushes(2);
		if (posix_spawn(&child, argv[0], NULL, NULL, words, environ) != 0)
			return 1;
		waitpid(child, &status, 0);
		pushes(2);
		return WEXITSTATUS(status);
	}
	if (strcmp(scene, "cat") == 0) {
		printf("%d\n", getpid());
		fflush(stdout);
		execlp("cat", "cat", NULL);
		return 1;
	}
	if (strcmp(scene, "exec") == 0) {
		pushes(1);
		execl(argv[0], argv[0], "exit", argv[2], NULL);
	}
	if (strcmp(scene, "fds") == 0) {
		pushes(1);
		for (int fd = 0; fd < 100; fd++)
			status |= fcntl(fd, F_GETFD) == -1 ? 0 : 1 << (fd < 3 ? fd : 3);
		return status;
	}
	if (strcmp(scene, "stop") == 0) {
		pushes(1);
		printf("%d\n", getpid());
		fflush(stdout);
		while (getchar() != EOF)
			pushes(1);
		return 0;
	}
	return 99;
}
END
cc="$CC -O1 -pthread -w"
if ! { $cc -o "$dir/pie" "$dir/program.c" && $cc -no-pie -o "$dir/fixed" "$dir/program.c" &&
	$cc -rdynamic -s -o "$dir/stripped" "$dir/program.c"; } 2>"$dir/err"; then
	sed 's/^/# /' "$dir/err"
	echo 'Bail out! the test programs do not compile'
	exit 99
fi
$cc -static -o "$dir/static" "$dir/program.c" 2>/dev/null
pie=$dir/pie

# --- refusals ---------------------------------------------------------------------------------------

refuses 'no breakpoint' 'say where with -b' "$tracer" -m auto -- "$pie"
refuses 'no program' 'no program' "$tracer" -b pushes
refuses 'no program after --' 'no program' "$tracer" -b pushes --
refuses 'a program without --' 'is a word too many' "$tracer" -b pushes "$pie"
refuses 'an unknown option' 'no option here' "$tracer" -b pushes -x -- "$pie"
refuses 'an option without its value' 'needs a value' "$tracer" -b
refuses 'an empty place' 'needs a place' "$tracer" -b '' -- "$pie"
# shellcheck disable=SC2046 # words
refuses 'too many breakpoints' 'more than ' "$tracer" $(seq 1 65 | sed 's/.*/-b &/') -- "$pie"
refuses 'an unknown method' 'there is no method "magic"' "$tracer" -b pushes -m magic -- "$pie"
refuses 'an unknown register' '"eip" is no 64-bit register' "$tracer" -b pushes -c 'eip==1' -- "$pie"
refuses 'a seventh argument' '"arg7"' "$tracer" -b pushes -c 'arg7==1' -- "$pie"
refuses 'a condition without a relation' 'comes one of' "$tracer" -b pushes -c 'rdi' -- "$pie"
refuses 'an assignment' 'comes one of' "$tracer" -b pushes -c 'rdi=5' -- "$pie"
refuses 'a condition without a number' 'is not a number' "$tracer" -b pushes -c 'rdi==rsi' -- "$pie"
refuses 'a number beyond 64 bits' 'is not a number' "$tracer" -b pushes -c 'rdi==0x10000000000000000' -- "$pie"
refuses 'two conditions' 'a second one' "$tracer" -b pushes -c rdi==1 -c rsi==1 -- "$pie"
refuses 'an unknown symbol' 'no symbol "nowhere"' "$tracer" -b nowhere -- "$pie" exit 0
refuses 'a library that is not loaded' 'no file named "libnone.so"' "$tracer" -b libnone.so:malloc -- "$pie" exit 0
refuses 'data' 'is data' "$tracer" -b variable -- "$pie" exit 0
refuses 'an offset beyond the function' 'the offset is beyond' "$tracer" -b pushes+4096 -- "$pie" exit 0
refuses 'the middle of an instruction' 'it begins at from_rip+0x7' "$tracer" -b from_rip+8 -- "$pie" exit 0
refuses 'a word of two lines, in one' 'no symbol "a?b"' "$tracer" -b 'a
b' -- "$pie" exit 0
refuses 'an offset that is no number' 'after the +' "$tracer" -b pushes+x -- "$pie" exit 0
refuses 'an address in a hole' 'hole' "$tracer" -b 0x10 -- "$pie" exit 0
refuses 'an address beyond user space' 'hole' "$tracer" -b 0x8000000000000000 -- "$pie" exit 0
refuses 'an address of data' 'not executable' "$tracer" -b 0x400000 -- "$dir/fixed" exit 0
refuses 'no address' 'neither a symbol nor an address' "$tracer" -b 12z -- "$pie" exit 0
refuses 'the same place twice' 'same place' "$tracer" -b pushes -b pushes+0 -- "$pie" exit 0
refuses 'an int3 of the program' 'an int3 already' "$tracer" -b traps -- "$pie" exit 0
refuses 'displacing a call' 'cannot be moved' "$tracer" -b calls -m displaced -- "$pie" exit 0
refuses 'stepping a system call' 'cannot be stepped' "$tracer" -b system_call -m step -- "$pie" exit 0
refuses 'a fifth debug register' 'for 4 breakpoints' "$tracer" -m hardware -b pushes -b calls -b flags \
	-b loads -b loops -- "$pie" exit 0
refuses 'a program that is not there' 'No such file' "$tracer" -b pushes -- "$dir/nothing"
refuses 'a program that is not in PATH' 'any directory of PATH' "$tracer" -b pushes -- nothing-of-this-name
refuses 'a directory' 'not a file that can be executed' "$tracer" -b pushes -- "$dir"
refuses 'a program that is not executable' 'may not be executed' "$tracer" -b pushes -- "$dir/program.c"
printf '#! /bin/sh -e\n' >"$dir/script"
chmod 755 "$dir/script"
refuses 'a script, and names its interpreter' "-- /bin/sh -e $dir/script" "$tracer" -b pushes -- "$dir/script"
echo 'neither' >"$dir/text"
chmod 755 "$dir/text"
refuses 'a text' 'not an ELF file' "$tracer" -b pushes -- "$dir/text"
head -c 64 "$pie" >"$dir/short"
chmod 755 "$dir/short"
refuses 'a truncated program' 'truncated' "$tracer" -b pushes -- "$dir/short"
printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\003\000' >"$dir/elf32"
chmod 755 "$dir/elf32"
refuses 'a 32-bit program' '32-bit' "$tracer" -b pushes -- "$dir/elf32"
cp "$pie" "$dir/setuid"
chmod 4755 "$dir/setuid"
refuses 'a set-user-ID program' 'set-user-ID' "$tracer" -b pushes -- "$dir/setuid"
cat >"$dir/twice.c" <<'END'
__attribute__((noipa)) void *malloc(unsigned long size) { (void)size; return 0; }
int main(void) { return malloc(1) != 0; }
END
if $cc -rdynamic -fno-builtin -o "$dir/twice" "$dir/twice.c" 2>"$dir/err"; then
	refuses 'an ambiguous symbol' 'is ambiguous' "$tracer" -b malloc -- "$dir/twice"
	counts 'FILE: says which' 0 '' 'twice:malloc: twice+0x[0-9a-f]*, .* [1-9][0-9]* hits' \
		-b twice:malloc -- "$dir/twice"
fi
if $cc -Wl,--dynamic-linker=/nothing -o "$dir/unloaded" "$dir/program.c" 2>"$dir/err"; then
	refuses 'a program whose loader is not there' "exec $dir/unloaded: ENOENT" "$tracer" -b pushes -- "$dir/unloaded"
fi

# --- every hit --------------------------------------------------------------------------------------

for method in displaced step hardware; do
	for program in pie fixed stripped static; do
		if [ ! -x "$dir/$program" ]; then
			skip "$method, $program" 'the compiler does not link it'
			continue
		fi
		counts "$method, $program: 4 threads" 0 '' \
			"pushes: $program+0x[0-9a-f]*, $method, 1200 hits, 20 true\$" \
			-b pushes -m $method -c 'rdi<5' -- "$dir/$program" threads 4 300
	done
done
counts '32 threads at one breakpoint' 0 '' ' 64000 hits, 32 true$' -b pushes -c arg1==0 -- "$pie" \
	threads 32 2000
counts '32 threads, step by step' 0 '' ' 3200 hits, 32 true$' -b pushes -c arg1==0 -m step -- "$pie" \
	threads 32 100
counts 'moved, or else stepped, or else by a debug register' 0 '' \
	': from_rip: .*, displaced, 5 hits' -b pushes -b from_rip -b branches -b calls -b repeats \
	-b system_call -b flags -b loops+1 -- "$pie" shapes
for line in 'pushes: .*displaced, 10 hits' 'branches: .*displaced, 5 hits' 'calls: .*step, 5 hits' \
	'repeats: .*displaced, 1 hits' 'system_call: .*hardware, 1 hits' \
	'flags: .*displaced, 5 hits' 'loops+1: .*displaced, 4 hits'; do
	grep -q ": $line, [0-9]* true\$" "$dir/err"
	result $? "$line"
done
counts 'stepping a rep' 0 '' 'repeats: .*step, 1 hits' -m step -b repeats -b loops+1 -- "$pie" shapes
counts 'no condition: every hit is a true one' 0 '' ' 1200 hits, 1200 true$' -b pushes -- "$pie" \
	threads 4 300
while read -r condition true; do
	counts "condition $condition" 0 '' " 10 hits, $true true\$" -b pushes -c "$condition" -- "$pie" \
		threads 1 10
done <<'END'
rdi==5 1
arg1!=5 9
arg1<3 3
rdi<=3 4
rdi>0x7 2
rdi>=-1 10
rdi<-1 0
rdi==0xffffffffffffffff 0
END
address=$(nm "$dir/fixed" | sed -n 's/ T pushes$//p')
counts 'an address' 0 '' "fixed+0x.*, displaced, 1200 hits" -b "0x$address" -- "$dir/fixed" threads 4 300

# The functions that these two symbols stand for are chosen by what the processor has.
counts 'an IFUNC' 3 '' 'strlen: libc.* [1-9][0-9]* hits' -b strlen -- "$(command -v sh)" -c 'exit 3'
[ ! -x "$dir/static" ] ||
	counts 'an IFUNC of a static program' 3 '' ' strlen: static+0x[0-9a-f]*, displaced, [0-9]* hits' \
		-b strlen -- "$dir/static" exit 3

# --- the program does what it does ------------------------------------------------------------------

for method in displaced step hardware; do
	timeout 60 "$tracer" -b pushes -c rdi==7 -m $method -- "$pie" signals >"$dir/out" 2>"$dir/err" &&
		grep -q " $(cat "$dir/out") hits, 1 true\$" "$dir/err"
	result $? "$method: signals come between, and each hit counts once"
	counts "$method: a fault tells its own place" 0 '' ' 10 hits' -b loads -m $method -- "$pie" faults
	counts "$method: SIGTRAP of the program's own" 0 '' ' 1 hits' -b pushes -m $method -- "$pie" trap
	counts "$method: a forked child goes on alone" 7 '' ' 2 hits' -b pushes -m $method -- "$pie" fork
	counts "$method: a vfork child counts" 4 '' ' 3 hits' -b pushes -m $method -- "$pie" vfork
	counts "$method: a spawned program is left alone" 7 '' ' 2 hits' -b pushes -m $method -- "$pie" spawn
	counts "$method: exec ends it" 9 '' 'executed .*: the breakpoints ended there' -b pushes \
		-m $method -- "$pie" exec 9
	grep -q ' 1 hits' "$dir/err"
	result $? "$method: what was counted before stays"
done
mkfifo "$dir/to-cat"
"$tracer" -b pushes -- "$pie" cat <"$dir/to-cat" >"$dir/out" 2>"$dir/err" &
started=$!
exec 3>"$dir/to-cat"
until_true grep -q 'executed .*: the breakpoints ended there' "$dir/err"
pid=$(cat "$dir/out")
kill -STOP "$pid"
until_true is_in "$pid" T
kill -CONT "$pid"
until_true is_in "$pid" S
exec 3>&-
wait $started
result $? 'exec, then SIGSTOP and SIGCONT: it stops and goes on, and the tracer waits for its end'
started=
counts 'its exit status' 42 '' ' 0 hits, 0 true$' -b pushes -- "$pie" exit 42
timeout 60 "$tracer" -b pushes -- "$pie" kill 15 >"$dir/out" 2>"$dir/err"
[ $? -eq 143 ] && grep -q ' 0 hits' "$dir/err"
result $? 'killed by a signal: so is it, by the status'
counts 'its output and input' 0 "$(sort /etc/passwd)" 'malloc: libc' -b malloc -- \
	"$(command -v sort)" /etc/passwd

for closed in 0 1 2; do
	for method in displaced step; do
		(
			eval "exec $closed>&-"
			timeout -s KILL 20 "$pie" fds
			echo $? >"$dir/alone"
			timeout -s KILL 20 "$tracer" -b pushes -m $method -- "$pie" fds
		) >"$dir/out" 2>"$dir/err" </dev/null
		[ $? -eq "$(cat "$dir/alone")" ] && [ ! -s "$dir/out" ] &&
			{ [ $closed -eq 2 ] || grep -q ' 1 hits' "$dir/err"; }
		result $? "$method: started without descriptor $closed, so is it"
	done
done

mkfifo "$dir/in"
"$tracer" -b pushes -- "$pie" stop <"$dir/in" >"$dir/out" 2>"$dir/err" &
started=$!
exec 3>"$dir/in"
until_true test -s "$dir/out"
pid=$(cat "$dir/out")
until_true is_in "$pid" S
kill -STOP "$pid"
until_true is_in "$pid" t
result $? 'SIGSTOP stops it'
until_true is_in $started S
result $? 'the tracer lives on'
kill -CONT "$pid"
until_true is_in "$pid" S
result $? 'SIGCONT lets it go on'
printf ab >&3
exec 3>&-
wait $started && grep -q ' 3 hits' "$dir/err"
result $? 'what it does then is counted'

: >"$dir/out"
"$tracer" -b pushes -- "$pie" stop <"$dir/in" >"$dir/out" 2>"$dir/err" &
started=$!
exec 3>"$dir/in"
until_true test -s "$dir/out"
kill -TERM $started
wait $started 2>/dev/null
[ $? -eq 143 ] && grep -q ' 1 hits' "$dir/err"
result $? 'SIGTERM sent to the tracer ends the program, and the report comes'

: >"$dir/out"
"$tracer" -b pushes -- "$pie" stop <"$dir/in" >"$dir/out" 2>"$dir/err" &
started=$!
exec 3>"$dir/in"
until_true test -s "$dir/out"
pid=$(cat "$dir/out")
kill -KILL $started
until_true gone "$pid"
result $? 'no program outlives a killed tracer with int3 in it'
wait $started 2>/dev/null

finish
