# ptrace-runtime-research: `make help` tells what there is.

CC ?= cc
CFLAGS ?= -O2 -g
# -iquote: common/elf.h and common/memory.h must not stand in for the system's <elf.h>, <memory.h>.
CPPFLAGS += -D_GNU_SOURCE -iquote common -iquote build/generated
C_FLAGS := -std=gnu17 -Wall -Wextra -Wshadow -Wmissing-prototypes -Wformat=2 -Wno-missing-field-initializers $(CFLAGS)
LDLIBS += -Wl,--as-needed -lm

ifeq ($(WERROR),1)
C_FLAGS += -Werror
endif
# LeakSanitizer stops the process it examines with ptrace, which fails in one that is traced
# already (and in the tracer's own children): it stays off.
ifeq ($(SAN),1)
C_FLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
export ASAN_OPTIONS := detect_leaks=0:$(ASAN_OPTIONS)
endif
ifeq ($(STATIC),1)
LDFLAGS += -static
endif

LABS := $(sort $(patsubst %/tracer.c,%,$(wildcard [0-9][0-9]_*/tracer.c)))
# LAB=02, LAB=02_register_control, or several: of what takes LAB=, these alone.
CHOSEN := $(foreach lab,$(or $(LAB),$(LABS)),$(or $(filter $(lab) $(lab)_%,$(LABS)),\
	$(error LAB=$(lab): no such lab; there are $(LABS))))
TRACERS := $(LABS:%=%/tracer)
TRACEES := $(LABS:%=%/tracee)
COMMON := $(patsubst %.c,build/%.o,$(sort $(wildcard common/*.c)))
TESTS := $(patsubst common/tests/%.c,build/tests/%/tracer,$(sort $(wildcard common/tests/*.c)))
SCRIPTS := $(patsubst scripts/%.c,build/%,$(filter-out scripts/wrap-%,$(sort $(wildcard scripts/*.c))))
WRAPPED := $(TRACERS:%=build/wrapped/%) $(TRACEES:%=build/wrapped/%)
number = $(firstword $(subst _, ,$(1)))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all build wrapped list exercise check notes new-lab coverage bench kernels conditions stress \
	mutate lines format lint help clean FORCE

## make                    build and run every lab in sequence
all: build
	@scripts/run-labs $(LABS)

## make build              build without running
build: $(TRACERS) $(TRACEES) $(TESTS) $(SCRIPTS) build/scripts/wrap-ptrace.o

## make wrapped            every lab linked with what stands between it and ptrace() (scripts/wrap-ptrace.c)
wrapped: build $(WRAPPED)

## make labNN              run one lab; ONLY=slug runs one experiment of it; with WITHOUT=PTRACE_O_EXITKILL
##                         a request, option, event, stop or error is missing (WITHOUT=help: those there are)
define lab_rule
.PHONY: lab$(call number,$(1))
lab$(call number,$(1)): $(if $(WITHOUT),wrapped,$(1)/tracer $(1)/tracee)
	@$(if $(filter help,$(WITHOUT)),build/wrapped/$(1)/tracer,scripts/run-labs $(if $(WITHOUT),build/wrapped/)$(1))
.PHONY: check$(call number,$(1))
check$(call number,$(1)): build
	@scripts/check -s $(1)
endef
$(foreach lab,$(LABS),$(eval $(call lab_rule,$(lab))))
export ONLY WITHOUT NAME

## make predictNN          the same, asking you beforehand what each will show; keeps the score
define predict_rule
.PHONY: predict$(call number,$(1))
predict$(call number,$(1)): $(1)/tracer $(1)/tracee
	@$(1)/tracer --predict $$$${ONLY-}
endef
$(foreach lab,$(LABS),$(eval $(call predict_rule,$(lab))))

## make list               every experiment with its question
list: build
	@set -e; for tracer in $(TRACERS); do $$tracer --list; done

## make exercise           LAB=01 N=2: do exercise 2 of lab 01; without N: which there are
exercise: build
	@scripts/exercise $(if $(N),try $(CHOSEN) $(N),list $(CHOSEN))

## make check              all tests: common/, the scripts, every lab against its notes
check: wrapped
	@scripts/check $(LABS)

## make checkNN            one lab against its notes, and what the documents say of it: in seconds

## make notes              rewrite the transcripts in every OBSERVATIONS.md from a run
notes: build
	@scripts/notes write $(LABS)

## make new-lab NAME=08_topic   write a lab to begin with (notes/adding-a-lab.md)
new-lab:
	@scripts/new-lab "$$NAME"

## make coverage           make notes/coverage.md, what of ptrace is exercised, from a run (minutes; as root)
coverage: wrapped
	@scripts/coverage write $(LABS)

## make bench              ratios against gdb, strace and the bare limits (a minute, quiet machine)
bench: build
	@build/bench

## make kernels            run every lab on other kernels, under QEMU, and write notes/kernels.md; LAB=02: of
##                         this lab, and write nothing
kernels: build
	@LAB='$(if $(LAB),$(CHOSEN))' scripts/kernel-matrix

## make conditions         every lab and tool under bad conditions; scripts/conditions -l lists these
conditions: build
	@scripts/conditions $(CHOSEN)

## make stress             the same, then every lab N=3 times on a busy machine, in random order (SEED=)
stress: conditions
	@scripts/stress -n $(or $(N),3) $(if $(SEED),-s $(SEED)) $(CHOSEN)

## make mutate             does anything notice when an experiment is changed? LAB=02: of this lab;
##                         SAMPLE=10: one change in ten
mutate: build
	@scripts/mutate $(CHOSEN)

## make lines              which lines of common/ and of the tracers no test executes (gcov; as root)
lines:
	@scripts/line-coverage

## make format             apply .clang-format
SOURCES := $(wildcard common/*.[ch] common/tests/*.[ch] scripts/*.[ch] scripts/template/*.c \
	scripts/template/solutions/*.c [0-9][0-9]_*/*.[ch] [0-9][0-9]_*/solutions/*.c)
format:
	clang-format -i $(SOURCES)

## make lint               clang-format, clang-tidy, cppcheck and shellcheck find nothing; FILES="one.c two.c"
lint: $(SYSCALL_NAMES) build/generated/request_names.h
	@scripts/lint $(FILES)

## make clean              remove everything the build made
clean:
	rm -rf build $(TRACERS) $(TRACEES)

help:
	@sed -n 's/^## //p' Makefile
	@echo
	@echo 'Variables: CC=clang  WERROR=1  SAN=1 (ASan and UBSan)  STATIC=1  ONLY="slug slug"  WITHOUT=WORD'

# --- building -------------------------------------------------------------------------------------

# Objects depend on the words they were compiled with: changing CC or SAN rebuilds them.
build/flags: FORCE
	@mkdir -p build
	@echo '$(CC) $(CPPFLAGS) $(C_FLAGS) $(LDFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(C_FLAGS) $(LDFLAGS)' >$@

# The names of the system calls, from the system's own headers; those of 32-bit code, too.
SYSCALL_NAMES := build/generated/syscall_names.h build/generated/syscall_names_32.h
build/generated/syscall_names.h: SYSCALL_HEADER := sys/syscall.h
build/generated/syscall_names_32.h: SYSCALL_HEADER := asm/unistd_32.h
$(SYSCALL_NAMES): build/flags
	@mkdir -p $(@D)
	@echo '#include <$(SYSCALL_HEADER)>' | $(CC) $(CPPFLAGS) -E -dM - | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9][0-9]*\)$$/[\2] = "\1",/p' >$@

# The names of the ptrace() requests, as the manual spells them: the kernel's header has PTRACE_PEEKUSR.
build/generated/request_names.h: build/flags
	@mkdir -p $(@D)
	@echo '#include <linux/ptrace.h>' | $(CC) $(CPPFLAGS) -E -dM - | \
		sed -n -e '/PTRACE_\(O_\|EVENT\|SYSCALL_INFO_\|PEEKSIGINFO_\)/d' -e 's/USR /USER /' \
		-e 's/^#define \(PTRACE_[A-Z_]*\) \([0-9][0-9a-fx]*\)$$/{ \2, "\1" },/p' | sort >$@
build/common/request.o: build/generated/request_names.h

build/%.o: %.c build/flags $(SYSCALL_NAMES)
	@mkdir -p $(@D)
	@echo '  CC $<'
	@$(CC) $(CPPFLAGS) $(C_FLAGS) -MMD -MP -c -o $@ $<

build/libcommon.a: $(COMMON)
	@rm -f $@
	@$(AR) rcs $@ $^

$(TRACERS): %/tracer: build/%/tracer.o build/libcommon.a
	@$(CC) $(C_FLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) build/libcommon.a $(LDLIBS)

$(TRACEES): %/tracee: build/%/tracee.o build/libcommon.a
	@$(CC) $(C_FLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# A lab whose subject can be pointed at a stranger keeps that mode (tracer -p) in target.c, and what
# only that needs in files beside it.
$(foreach lab,$(LABS),$(eval $(lab)/tracer: $(patsubst %.c,build/%.o,\
	$(filter-out %/tracer.c %/tracee.c,$(wildcard $(lab)/*.c)))))

# A test is a lab that serves as its own tracee.
$(TESTS): build/tests/%/tracer: build/common/tests/%.o build/libcommon.a
	@mkdir -p $(@D)
	@$(CC) $(C_FLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
	@ln -sf tracer $(@D)/tracee

$(SCRIPTS): build/%: build/scripts/%.o build/libcommon.a
	@$(CC) $(C_FLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Every lab again, from the same objects, with what stands between it and ptrace() (WITHOUT, RECORD).
$(WRAPPED): build/scripts/wrap-ptrace.o build/libcommon.a scripts/wrap-ptrace.flags
$(TRACERS:%=build/wrapped/%): build/wrapped/%/tracer: build/%/tracer.o
$(TRACEES:%=build/wrapped/%): build/wrapped/%/tracee: build/%/tracee.o
$(foreach lab,$(LABS),$(eval build/wrapped/$(lab)/tracer: $(patsubst %.c,build/%.o,\
	$(filter-out %/tracer.c %/tracee.c,$(wildcard $(lab)/*.c)))))
$(WRAPPED):
	@mkdir -p $(@D)
	@$(CC) $(C_FLAGS) $(LDFLAGS) @scripts/wrap-ptrace.flags -o $@ $(filter %.o,$^) build/libcommon.a $(LDLIBS)

-include $(wildcard build/*/*.d build/common/tests/*.d)
