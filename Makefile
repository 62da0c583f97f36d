# ptrace-runtime-research: `make help` tells what there is.

CC ?= cc
CFLAGS ?= -O2 -g
# -iquote: common/elf.h and common/memory.h must not stand in for the system's <elf.h>, <memory.h>.
CPPFLAGS += -D_GNU_SOURCE -iquote common -iquote build/generated
C_FLAGS := -std=gnu17 -Wall -Wextra -Wshadow -Wmissing-prototypes -Wformat=2 -Wno-missing-field-initializers $(CFLAGS)
LDLIBS += -lm

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
TRACERS := $(LABS:%=%/tracer)
TRACEES := $(LABS:%=%/tracee)
COMMON := $(patsubst %.c,build/%.o,$(sort $(wildcard common/*.c)))
TESTS := $(patsubst common/tests/%.c,build/tests/%/tracer,$(sort $(wildcard common/tests/*.c)))
SCRIPTS := $(patsubst scripts/%.c,build/%,$(sort $(wildcard scripts/*.c)))
number = $(firstword $(subst _, ,$(1)))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all build list check notes bench kernels conditions stress mutate format lint help clean FORCE

## make                    build and run every lab in sequence
all: build
	@scripts/run-labs $(LABS)

## make build              build without running
build: $(TRACERS) $(TRACEES) $(TESTS) $(SCRIPTS)

## make labNN              run one lab; ONLY=slug runs one experiment of it
define lab_rule
.PHONY: lab$(call number,$(1))
lab$(call number,$(1)): build
	@scripts/run-labs $(1)
endef
$(foreach lab,$(LABS),$(eval $(call lab_rule,$(lab))))
export ONLY

## make list               every experiment with its question
list: build
	@set -e; for tracer in $(TRACERS); do $$tracer --list; done

## make check              all tests: common/, the scripts, every lab against its notes
check: build
	@scripts/check $(LABS)

## make notes              rewrite the transcripts in every OBSERVATIONS.md from a run
notes: build
	@scripts/notes write $(LABS)

## make bench              ratios against gdb, strace and the bare limits (a minute, quiet machine)
bench: build
	@build/bench

## make kernels            run every lab on other kernels, under QEMU, and write notes/kernels.md
kernels: build
	@scripts/kernel-matrix

## make conditions         every lab and tool under bad conditions; scripts/conditions -l lists these
LAB ?= $(LABS)
conditions: build
	@scripts/conditions $(LAB)

## make stress             the same, then every lab N=3 times on a busy machine, in random order (SEED=)
N ?= 3
stress: conditions
	@scripts/stress -n $(N) $(if $(SEED),-s $(SEED)) $(LAB)

## make mutate             does anything notice when an experiment is changed? LAB=02_x: of this lab
mutate: build
	@scripts/mutate $(LAB)

## make format             apply .clang-format;  make lint: clang-format and shellcheck find nothing
SOURCES := $(wildcard common/*.[ch] common/tests/*.[ch] scripts/*.[ch] [0-9][0-9]_*/*.[ch])
format:
	clang-format -i $(SOURCES)

lint:
	clang-format --dry-run -Werror $(SOURCES)
	shellcheck -x .ci/run $(filter-out %.c %.h %.awk %/tests,$(wildcard scripts/* scripts/tests/*))

## make clean              remove everything the build made
clean:
	rm -rf build $(TRACERS) $(TRACEES)

help:
	@sed -n 's/^## //p' Makefile
	@echo
	@echo 'Variables: CC=clang  WERROR=1  SAN=1 (ASan and UBSan)  STATIC=1  ONLY="slug slug"'

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

-include $(wildcard build/*/*.d build/common/tests/*.d)
