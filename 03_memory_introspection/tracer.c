/* SPDX-License-Identifier: MIT */
/*
 * Lab 03: how does the running image differ from the file it came from?
 *
 * A tracer has three windows into a tracee's memory: PTRACE_PEEKDATA and POKEDATA, a word at a time;
 * process_vm_readv(2) and writev; /proc/PID/mem. The order: the image against its file, segment by
 * segment; what a poke changes, and for whom; what each window shows of every kind of memory; words,
 * strings and holes; who may look, and when; what looking changes, and what it costs.
 *
 * Run:   make lab03, or 03_memory_introspection/tracer [SLUG...]
 * Basis: ptrace(2); process_vm_readv(2); proc(5); elf(5); mm/gup.c: check_vma_flags(),
 *        faultin_page(); mm/memory.c: __access_remote_vm(), do_wp_page(); kernel/ptrace.c:
 *        ptrace_access_vm(); fs/proc/base.c: mem_rw(); fs/proc/task_mmu.c.
 */
#include <asm/prctl.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "count.h"
#include "elf.h"
#include "maps.h"
#include "memory.h"
#include "proc.h"
#include "request.h"
#include "show.h"
#include "stop.h"
#include "target.h"
#include "text.h"
#include "tracee.h"

#define PAGE 4096UL
#define MARKER 0x1122334455667788L /* how the tracee's pages begin */

/* --- helpers ---------------------------------------------------------------------------------- */

/* A tracee and its /proc/PID/mem, open for reading and writing. */
struct subject {
	struct tracee tracee;
	int mem;
};

static int xmem_open(pid_t pid)
{
	int mem = mem_open(pid, O_RDWR);

	if (mem == -1)
		broken("open /proc/%d/mem: %s", pid, errno_text(errno));
	return mem;
}

static struct maps xmaps_read(pid_t pid)
{
	struct maps maps;

	if (maps_read(pid, &maps) == -1)
		broken("/proc/%d/maps: %s", pid, errno_text(errno));
	return maps;
}

/* A scene as it runs, untraced. */
static struct subject running(const char *scene)
{
	struct tracee tracee = tracee_start(scene);

	return (struct subject){ tracee, xmem_open(tracee.pid) };
}

/* A scene that is seized, and stopped where it waits. */
static struct subject stopped(const char *scene)
{
	struct tracee tracee = tracee_start_seized(scene, 0);

	xptrace(PTRACE_INTERRUPT, tracee.pid, 0L, 0L);
	stop_wait(tracee.pid);
	return (struct subject){ tracee, xmem_open(tracee.pid) };
}

static uint64_t place(const struct subject *subject, const char *name)
{
	return (uint64_t)told(&subject->tracee, name);
}

/* Memory of the scenery, by the window that forces its way. */
static void look(const struct subject *subject, uint64_t address, void *buffer, size_t length)
{
	if (mem_read(subject->mem, address, buffer, length) != length)
		broken("read %zu bytes at %#lx: %s", length, address, errno_text(errno));
}

static long word_at(const struct subject *subject, uint64_t address)
{
	long word;

	look(subject, address, &word, sizeof(word));
	return word;
}

/*
 * A scene and a tracer of one ordinary user, without CAP_SYS_PTRACE, to which nothing is refused, and
 * from which /proc hides nothing. Root gives its rights away.
 */
static struct tracee ordinary(const char *scene)
{
	bool root = may_become(UNPRIVILEGED, UNPRIVILEGED);
	struct tracee tracee =
		root ? tracee_start_as(scene, UNPRIVILEGED, UNPRIVILEGED) : tracee_start(scene);

	if (root)
		become(UNPRIVILEGED, UNPRIVILEGED);
	if (proc_capable(getpid(), CAP_SYS_PTRACE))
		skip("has CAP_SYS_PTRACE, and cannot give it away: it may not become another user");
	if (proc_yama_scope() > 1)
		skip("Yama's scope is %d: nobody traces without CAP_SYS_PTRACE", proc_yama_scope());
	if (proc_hides())
		skip("/proc hides whom this process may not trace (hidepid)");
	return tracee;
}

/* The three windows, told alike: bytes moved, or -1 with errno. */
enum window { PEEK, VM, MEM, WINDOWS };

static const char *const window_name[WINDOWS] = { "ptrace", "process_vm", "/proc/PID/mem" };

static ssize_t read_by(enum window window, const struct subject *subject, uint64_t address,
	void *buffer, size_t length)
{
	struct iovec local = { buffer, length }, remote = { (void *)address, length };
	long word;

	switch (window) {
	case PEEK:
		if (length != sizeof(word))
			broken("PEEKDATA reads a word, not %zu bytes", length);
		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, subject->tracee.pid, address, 0);
		if (word == -1 && errno)
			return -1;
		memcpy(buffer, &word, sizeof(word));
		return sizeof(word);
	case VM:
		return process_vm_readv(subject->tracee.pid, &local, 1, &remote, 1, 0);
	default:
		return pread(subject->mem, buffer, length, (off_t)address);
	}
}

static ssize_t write_by(
	enum window window, const struct subject *subject, uint64_t address, long word)
{
	struct iovec local = { &word, sizeof(word) }, remote = { (void *)address, sizeof(word) };

	switch (window) {
	case PEEK:
		return ptrace(PTRACE_POKEDATA, subject->tracee.pid, address, word) == -1
			       ? -1
			       : (ssize_t)sizeof(word);
	case VM:
		return process_vm_writev(subject->tracee.pid, &local, 1, &remote, 1, 0);
	default:
		return pwrite(subject->mem, &word, sizeof(word), (off_t)address);
	}
}

/* "8 bytes", or errno's name. */
static const char *moved_text(ssize_t moved)
{
	return moved == -1 ? strerrorname_np(errno) : text("%zd bytes", moved);
}

/* What a window shows of a word: "the word", another one, fewer bytes, or errno's name. */
static const char *read_text(
	enum window window, const struct subject *subject, uint64_t address, long expected)
{
	long word;
	ssize_t moved = read_by(window, subject, address, &word, sizeof(word));

	if (moved != sizeof(word))
		return moved_text(moved);
	return word == expected ? "the word" : text("%#lx", (unsigned long)word);
}

/* What a window makes of a write: "written", errno's name, or what must not be. What is there then is
 * read through PEEKDATA, which nothing forbids, or, of a tracee that runs, through /proc/PID/mem. */
static const char *write_text(
	enum window window, const struct subject *subject, uint64_t address, long word)
{
	long before = 0, after = 0;
	enum window by =
		read_by(PEEK, subject, address, &before, sizeof(before)) == -1 ? MEM : PEEK;

	read_by(by, subject, address, &before, sizeof(before));

	ssize_t moved = write_by(window, subject, address, word);
	const char *result = moved_text(moved);

	read_by(by, subject, address, &after, sizeof(after));
	if (moved != sizeof(word))
		return before == after ? result : text("%s, yet changed", result);
	return after == word ? "written" : "lost";
}

/* The number of kB that a field of smaps tells of the mapping that holds an address (proc(5)). */
static long smaps_kb(pid_t pid, uint64_t address, const char *field)
{
	FILE *smaps = fopen(text("/proc/%d/smaps", pid), "re");
	size_t length = strlen(field);
	unsigned long start, end;
	bool inside = false;
	char line[8192];
	long kb = -1;

	if (smaps == NULL)
		broken("open /proc/%d/smaps: %s", pid, errno_text(errno));
	while (kb == -1 && fgets(line, sizeof(line), smaps) != NULL) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = address >= start && address < end;
		else if (inside && strncmp(line, field, length) == 0 &&
			 sscanf(line + length, ": %ld kB", &kb) != 1)
			break;
	}
	fclose(smaps);
	if (kb == -1)
		broken("/proc/%d/smaps has no %s at %#lx", pid, field, address);
	return kb;
}

/* The tracee runs on as if nothing had been: its next report is the stop that it is asked for. */
static void expect_undisturbed(const struct subject *subject)
{
	xptrace(PTRACE_CONT, subject->tracee.pid, 0L, 0L);
	xptrace(PTRACE_INTERRUPT, subject->tracee.pid, 0L, 0L);
	expect_stop(STOP_EVENT, PTRACE_EVENT_STOP, stop_wait(subject->tracee.pid),
		"the tracee's next report");
}

/* --- the image against its file ---------------------------------------------------------------- */

/* A file as it is mapped in a tracee. */
struct image {
	struct elf elf;
	uint64_t bias;
	struct elf_relocation *relocation;
	size_t relocations;
};

/* The image of the mapping that is the first of its file, read from `path`. */
static struct image open_image(const char *path, const struct mapping *first)
{
	struct image image;
	const char *wrong = elf_open(&image.elf, path);
	uint64_t address;

	if (wrong == NULL)
		wrong = elf_relocations(&image.elf, &image.relocation, &image.relocations);
	if (wrong != NULL)
		broken("%s: %s", path, wrong);
	if (first == NULL || !elf_address(&image.elf, first->offset, &address))
		broken("%s is not among the tracee's mappings", path);
	image.bias = first->start - address;
	return image;
}

/* The tracee's own program. */
static struct image open_program(const struct subject *subject)
{
	struct maps maps = xmaps_read(subject->tracee.pid);
	struct image image = open_image(text("/proc/%d/exe", subject->tracee.pid),
		maps_named(&maps, basename(tracee_path())));

	maps_free(&maps);
	return image;
}

/* Who announces that a byte is not what the file holds. */
enum announcer { RELOCATION, DYNAMIC_TABLE, LAZY_BINDING, NOBODY, ANNOUNCERS };

static enum announcer announcer_of(const struct image *image, uint64_t address)
{
	Elf64_Phdr dynamic;
	uint64_t got;

	for (size_t i = 0; i < image->relocations; i++)
		if (address - image->relocation[i].offset < image->relocation[i].size)
			return RELOCATION;
	/* ld.so adds the bias to the table's own pointers, and stores one for debuggers (DT_DEBUG). */
	if (elf_segment_of_type(&image->elf, PT_DYNAMIC, &dynamic) &&
		address - dynamic.p_vaddr < dynamic.p_memsz)
		return DYNAMIC_TABLE;
	/* The second and third word are the loader's, for binding on the first call. */
	if (elf_dynamic(&image->elf, DT_PLTGOT, &got) && address - got - 8 < 16)
		return LAZY_BINDING;
	return NOBODY;
}

struct tally {
	long compared, differ;
	long announced[ANNOUNCERS]; /* of those that differ */
};

/* Compare the file's addresses [from, to) with the tracee's memory and add to the tally. */
static void compare(const struct subject *subject, const struct image *image, uint64_t from,
	uint64_t to, struct tally *tally)
{
	unsigned char *memory = malloc(to - from);
	uint64_t offset;

	if (memory == NULL || !elf_offset(&image->elf, from, to - from, &offset))
		broken("the file does not hold %#lx to %#lx", from, to);
	look(subject, from + image->bias, memory, to - from);
	for (uint64_t at = from; at < to; at++) {
		tally->compared++;
		if (memory[at - from] == image->elf.bytes[offset + at - from])
			continue;
		tally->differ++;
		tally->announced[announcer_of(image, at)]++;
	}
	free(memory);
}

/* What can be told apart in an image: never writable, writable until the loader has relocated it
 * (PT_GNU_RELRO), writable. */
enum part { CONSTANT, RELRO, WRITABLE, PARTS };

static const char *const part_name[PARTS] = { "constant", "RELRO", "writable" };

static void compare_image(
	const struct subject *subject, const struct image *image, struct tally tally[PARTS])
{
	Elf64_Phdr relro = { 0 };

	memset(tally, 0, PARTS * sizeof(*tally));
	elf_segment_of_type(&image->elf, PT_GNU_RELRO, &relro);
	for (size_t i = 0; i < image->elf.segments; i++) {
		Elf64_Phdr load = elf_segment(&image->elf, i);
		uint64_t end = load.p_vaddr + load.p_filesz;
		uint64_t sealed = relro.p_vaddr + relro.p_memsz;

		if (load.p_type != PT_LOAD || load.p_filesz == 0)
			continue;
		if (!(load.p_flags & PF_W)) {
			compare(subject, image, load.p_vaddr, end, &tally[CONSTANT]);
			continue;
		}
		if (sealed <= load.p_vaddr || relro.p_vaddr >= end)
			sealed = load.p_vaddr;
		if (sealed > end)
			sealed = end;
		if (sealed > load.p_vaddr)
			compare(subject, image, load.p_vaddr, sealed, &tally[RELRO]);
		if (sealed < end)
			compare(subject, image, sealed, end, &tally[WRITABLE]);
	}
}

/* Of a scene that will execute another program: seized only now, since the option would have
 * stopped it at its own execve() too. */
static struct tracee seized_before_exec(void)
{
	struct tracee tracee = tracee_start("exec");

	xptrace(PTRACE_SEIZE, tracee.pid, 0L, PTRACE_O_TRACEEXEC);
	return tracee;
}

/*
 * When does an image begin to differ from its file? Predicted: not in exec. The kernel maps the
 * segments and clears what the file does not fill: the rest of the last writable page
 * (padzero()). At PTRACE_EVENT_EXEC, before the first instruction, not a byte differs, and the
 * relocations are still to come. Behind a segment that is not writable the page goes on as the file.
 */
static void identical_at_exec(void)
{
	struct tracee tracee = seized_before_exec();
	struct tally tally[PARTS], constant = { 0 }, cleared = { 0 };
	unsigned char page[4096];

	*told_slot(&tracee, "go") = 1;
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, stop_wait(tracee.pid), "the tracee");

	struct subject subject = { tracee, xmem_open(tracee.pid) };
	struct image image = open_program(&subject);

	compare_image(&subject, &image, tally);
	for (enum part part = 0; part < PARTS; part++) {
		expect_ge(1, tally[part].compared, "%s: bytes compared", part_name[part]);
		expect_eq(0, tally[part].differ, "%s: bytes that differ", part_name[part]);
	}
	expect_ge(1, (long)image.relocations, "relocations that the file announces");
	for (size_t i = 0; i < image.elf.segments; i++) {
		Elf64_Phdr load = elf_segment(&image.elf, i);
		uint64_t end = load.p_vaddr + load.p_filesz, offset = load.p_offset + load.p_filesz;
		size_t tail = -end % PAGE;

		if (load.p_type != PT_LOAD || offset + tail > image.elf.size)
			continue;
		look(&subject, image.bias + end, page, tail);
		for (size_t at = 0; at < tail; at++) {
			bool same = page[at] == image.elf.bytes[offset + at];

			constant.compared += !(load.p_flags & PF_W);
			constant.differ += !(load.p_flags & PF_W) && !same;
			cleared.compared += load.p_flags & PF_W && !same;
			cleared.differ += load.p_flags & PF_W && page[at];
		}
	}
	expect_ge(1, constant.compared,
		"behind constant segments, to the page's end: bytes compared");
	expect_eq(0, constant.differ, "of them not as the file goes on");
	expect_ge(1, cleared.compared,
		"behind writable segments: bytes where the file goes on otherwise");
	expect_eq(0, cleared.differ, "of all of them, not 0");
}

/*
 * Is the text in memory the text in the file? Predicted: to the byte, wherever it lies. Code is
 * position-independent, so address space randomisation moves it without changing it; a program
 * linked for one address does not move.
 */
static void text_identical(void)
{
	struct subject subject[2];
	struct image image[2];
	char setting;
	int fd = open("/proc/sys/kernel/randomize_va_space", O_RDONLY | O_CLOEXEC);

	if (fd == -1 || read(fd, &setting, sizeof(setting)) != sizeof(setting) || setting == '0' ||
		personality(0xffffffff) & ADDR_NO_RANDOMIZE)
		skip("addresses are not randomised here (randomize_va_space, personality(2))");
	for (int n = 0; n < 2; n++) {
		subject[n] = running("image");
		image[n] = open_program(&subject[n]);
	}

	bool fixed = image[0].elf.header.e_type == ET_EXEC;

	this_case(fixed ? "fixed" : "position-independent");
	expect_true((image[0].bias == image[1].bias) == fixed, "the two processes have it at %s",
		fixed ? "one address" : "two addresses");
	for (int n = 0; n < 2; n++) {
		struct tally tally[PARTS];

		compare_image(&subject[n], &image[n], tally);
		expect_ge(10000, tally[CONSTANT].compared, "process %d: constant bytes compared",
			n + 1);
		expect_eq(0, tally[CONSTANT].differ, "process %d: of them different", n + 1);
	}
}

/* Whether a relocated field holds what its type says: the formula where it needs nothing but the
 * image (x86-64 psABI, 4.4.1), else an address where something is, or a number of its kind. */
static bool field_holds(const struct subject *subject, const struct image *image,
	const struct maps *maps, const struct elf_relocation *relocation)
{
	uint64_t word;

	if (relocation->size != sizeof(word))
		return false;
	look(subject, image->bias + relocation->offset, &word, sizeof(word));
	switch (relocation->type) {
	case R_X86_64_RELATIVE:
		return word == image->bias + (uint64_t)relocation->addend;
	case R_X86_64_GLOB_DAT:
	case R_X86_64_64:
		/* A weak symbol that nobody defines is 0. */
		return word == 0 || maps_find(maps, word) != NULL;
	case R_X86_64_IRELATIVE:
		/* The resolver by which glibc initialises its cpu_features returns NULL. */
		if (word == 0)
			return true;
		/* fall through */
	case R_X86_64_JUMP_SLOT:
		return maps_find(maps, word) != NULL && maps_find(maps, word)->perms[2] == 'x';
	case R_X86_64_TPOFF64:
		return (int64_t)word < 0;
	case R_X86_64_DTPMOD64:
		return word > 0 && word < 1000;
	default:
		return false;
	}
}

/* Look at the fields that only the loader writes: those that are read-only by now, and the slots of
 * functions. Two expectations: that there are some, and that each holds what its type says. */
static void expect_fields(const char *name, const struct subject *subject,
	const struct image *image, const struct maps *maps)
{
	const struct elf_relocation *field, *end = image->relocation + image->relocations;
	struct tally fields = { 0 };

	for (field = image->relocation; field < end; field++) {
		const struct mapping *where = maps_find(maps, image->bias + field->offset);
		bool slot = field->type == R_X86_64_JUMP_SLOT || field->type == R_X86_64_IRELATIVE;

		if (where != NULL && where->perms[1] == 'w' && !slot)
			continue;
		fields.compared++;
		fields.differ += where == NULL || !field_holds(subject, image, maps, field);
	}
	expect_ge(
		1, fields.compared, "%s: fields of relocations that only the loader writes", name);
	expect_eq(0, fields.differ, "%s: of them without what their type says", name);
}

static bool is_static(const struct image *image)
{
	Elf64_Phdr interpreter;

	return !elf_segment_of_type(&image->elf, PT_INTERP, &interpreter);
}

/*
 * In which bytes does the rest of the program differ? Predicted: in RELRO, which is read-only again
 * after start-up, in exactly what the file announces: the fields of its relocations, the dynamic
 * table, in which the loader makes its own pointers absolute, and the GOT's two words for the
 * loader. A static program has its libc's start-up variables there too, which nothing announces.
 */
static void relocations_accounted(void)
{
	struct subject subject = running("image");
	struct image image = open_program(&subject);
	struct maps maps = xmaps_read(subject.tracee.pid);
	struct tally tally[PARTS];
	bool alone = is_static(&image);

	this_case(alone ? "static" : "dynamic");
	compare_image(&subject, &image, tally);
	expect_fields("the program", &subject, &image, &maps);
	expect_ge(1, tally[RELRO].differ, "RELRO: bytes that differ");
	if (alone) {
		expect_ge(1, tally[WRITABLE].announced[RELOCATION],
			"writable: bytes in fields of relocations");
		expect_ge(1, tally[RELRO].announced[NOBODY], "RELRO: bytes that nothing announces");
		return;
	}
	expect_ge(1, tally[RELRO].announced[RELOCATION], "RELRO: in fields of relocations");
	expect_ge(1, tally[RELRO].announced[DYNAMIC_TABLE], "RELRO: in the dynamic table");
	expect_eq(0, tally[RELRO].announced[NOBODY], "RELRO: that nothing announces");
}

/*
 * And .data and .bss? Predicted: .data differs where the program has written, .bss is not in the
 * file at all: it lies behind the file's part of its segment, and begins as zeros.
 */
static void data_written(void)
{
	struct subject subject = running("image");
	struct image image = open_program(&subject);
	uint64_t initialised = place(&subject, "initialised"), cleared = place(&subject, "cleared");
	uint64_t offset;

	for (uint64_t n = 0; n < 4; n++) {
		uint64_t address = initialised + n * sizeof(long) - image.bias;
		long in_file;

		if (!elf_offset(&image.elf, address, sizeof(in_file), &offset))
			broken("initialised[%lu] is not in the file", n);
		memcpy(&in_file, image.elf.bytes + offset, sizeof(in_file));
		expect_str(n == 1 ? "0x2 -> 0x2222" : text("%#lx -> %#lx", n + 1, n + 1),
			text("%#lx -> %#lx", (unsigned long)in_file,
				(unsigned long)word_at(&subject, initialised + n * sizeof(long))),
			".data, initialised[%lu]: file -> memory", n);
	}
	for (uint64_t n = 0; n < 4; n++) {
		uint64_t address = cleared + n * sizeof(long);

		expect_true(!elf_offset(&image.elf, address - image.bias, sizeof(long), &offset),
			".bss, cleared[%lu] is not in the file", n);
		expect_hex(n == 2 ? 0x3333 : 0, (unsigned long)word_at(&subject, address),
			".bss, cleared[%lu] in memory", n);
	}
}

/*
 * Do the loader and libc differ from their files in the same way? Predicted: text and constants
 * not at all, RELRO in what is announced; but the loader runs before anybody could relocate it
 * and keeps its own variables in RELRO (_rtld_global_ro), which nothing announces.
 */
static void loader_and_libc(void)
{
	static const char *const files[] = { "libc.so.6", "ld-linux-x86-64.so.2" };
	struct subject subject = running("image");
	struct image program = open_program(&subject);
	struct maps maps = xmaps_read(subject.tracee.pid);

	if (is_static(&program))
		skip("the tracee is a static program: it has no loader and no libc.so");
	for (size_t i = 0; i < COUNT(files); i++) {
		const struct mapping *first = maps_named(&maps, files[i]);
		struct tally tally[PARTS];

		if (first == NULL)
			skip("no %s among the tracee's mappings", files[i]);

		struct image image = open_image(first->path, first);

		compare_image(&subject, &image, tally);
		expect_ge(
			100000, tally[CONSTANT].compared, "%s: constant bytes compared", files[i]);
		expect_eq(0, tally[CONSTANT].differ, "%s: of them different", files[i]);
		expect_fields(files[i], &subject, &image, &maps);
		expect_ge(1, tally[RELRO].announced[RELOCATION],
			"%s, RELRO: bytes in fields of relocations", files[i]);
		expect_ge(1, tally[RELRO].announced[DYNAMIC_TABLE],
			"%s, RELRO: in the dynamic table", files[i]);
		if (i == 0)
			expect_eq(0, tally[RELRO].announced[NOBODY],
				"%s, RELRO: that nothing announces", files[i]);
		else
			expect_ge(1, tally[RELRO].announced[NOBODY],
				"%s, RELRO: that nothing announces", files[i]);
	}
}

/* The vdso of the tracee is an ELF image, and that of the tracer. */
static void expect_own_vdso(const struct subject *subject, const struct mapping *mapping)
{
	static unsigned char vdso[65536];
	size_t length = mapping->end - mapping->start;
	struct elf_symbol symbol;
	struct elf elf;

	if (length > sizeof(vdso))
		broken("a vdso of %zu bytes", length);
	look(subject, mapping->start, vdso, length);
	expect_true(elf_parse(&elf, vdso, length) == NULL, "the vdso is an ELF image");
	expect_eq(1, (long)elf_find(&elf, "__vdso_clock_gettime", &symbol),
		"definitions of __vdso_clock_gettime in it");
	expect_true(memcmp(vdso, (void *)getauxval(AT_SYSINFO_EHDR), length) == 0,
		"it is the tracer's own, byte for byte");
}

/*
 * Which memory has no file to be compared with? Predicted: what maps shows with inode 0, and
 * map_files does not list. The vdso among it is an ELF image all the same, and one and the same
 * in every process of a boot: a process can compare it with its own.
 */
static void no_file_behind(void)
{
	static const struct {
		const char *name, *path, *in_map_files;
	} rows[] = {
		{ "code", "tracee", "listed" },        /* the control */
		{ "shared", "/memfd:file", "listed" }, /* a file without a directory */
		{ "PROT_READ", "", "ENOENT" },         /* anonymous */
		{ "vdso", "[vdso]", "ENOENT" },
		{ "stack", "[stack]", "ENOENT" },
	};
	struct subject subject = running("places");
	struct maps maps = xmaps_read(subject.tracee.pid);
	struct stat listed;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct mapping *mapping = maps_find(&maps, place(&subject, rows[i].name));

		if (mapping == NULL)
			broken("nothing is mapped at \"%s\"", rows[i].name);

		const char *entry = text("/proc/%d/map_files/%lx-%lx", subject.tracee.pid,
			mapping->start, mapping->end);
		bool backed = strcmp(rows[i].in_map_files, "listed") == 0;

		expect_str(rows[i].path, i == 0 ? basename(mapping->path) : mapping->path,
			"%s: path in maps", rows[i].name);
		expect_true((mapping->inode != 0) == backed, "%s: inode %s 0", rows[i].name,
			backed ? "is not" : "is");
		expect_str(rows[i].in_map_files,
			lstat(entry, &listed) == 0 ? "listed" : strerrorname_np(errno),
			"%s: in map_files", rows[i].name);
	}
	expect_own_vdso(&subject, maps_named(&maps, "[vdso]"));
}

/* --- what a poke changes ----------------------------------------------------------------------- */

/* Wait until the "answering" scene has computed twice more, so that its result is a new one. */
static long next_result(const struct tracee *tracee)
{
	wait_told(tracee, "rounds", told(tracee, "rounds") + 2);
	return told(tracee, "result");
}

/*
 * For whom does a byte poked into text change? Predicted: for this process alone. The mapping is
 * private: FOLL_FORCE with FOLL_WRITE breaks copy on write (do_wp_page()), so neither the file nor
 * another process of the same file sees it. So with constants, and with the vdso.
 */
static void poke_stays_private(void)
{
	static const char *const places[] = { "answer", "constant", "vdso" };
	struct subject poked = stopped("answering"), other = running("answering");
	struct image image = open_program(&poked);
	uint64_t offset;

	for (size_t i = 0; i < COUNT(places); i++) {
		uint64_t here = place(&poked, places[i]), there = place(&other, places[i]);
		long word = word_at(&poked, here);

		/* In "answer" the second byte is the number that it returns. */
		expect_str("written", write_text(PEEK, &poked, here, word + 0x100),
			"%s: a word poked", places[i]);
		expect_true(word_at(&other, there) == word, "%s: as it was in another process",
			places[i]);
		if (elf_offset(&image.elf, here - image.bias, sizeof(word), &offset))
			expect_true(memcmp(image.elf.bytes + offset, &word, sizeof(word)) == 0,
				"%s: as it was in the file", places[i]);
	}
	xptrace(PTRACE_CONT, poked.tracee.pid, 0L, 0L);
	expect_eq(42, next_result(&poked.tracee), "what the function returns");
	expect_eq(41, next_result(&other.tracee), "in the other process");
}

/*
 * Does smaps tell of a poked page? Predicted: yes. The copy belongs to no file, so 4 kB of the
 * text mapping become Anonymous, and writing the old byte back makes them no page of the file again.
 */
static void poked_page_anonymous(void)
{
	struct subject subject = stopped("image");
	pid_t pid = subject.tracee.pid;
	uint64_t answer = place(&subject, "answer");
	long word = word_at(&subject, answer);

	expect_eq(0, smaps_kb(pid, answer, "Anonymous"), "untouched: kB Anonymous in text");
	expect_errno(0, ptrace(PTRACE_POKETEXT, pid, answer, ~word), "PTRACE_POKETEXT");
	expect_eq(4, smaps_kb(pid, answer, "Anonymous"), "poked: kB Anonymous");
	expect_errno(0, ptrace(PTRACE_POKETEXT, pid, answer, word), "POKETEXT of the old word");
	expect_true(word_at(&subject, answer) == word, "put back: the word is what it was");
	expect_eq(4, smaps_kb(pid, answer, "Anonymous"), "put back: kB Anonymous");

	struct subject same = stopped("image");
	pid = same.tracee.pid;
	answer = place(&same, "answer");
	expect_errno(0, ptrace(PTRACE_POKETEXT, pid, answer, word_at(&same, answer)),
		"another process: POKETEXT of the word that is there");
	expect_eq(4, smaps_kb(pid, answer, "Anonymous"), "nothing changed, yet: kB Anonymous");
}

/* The file of the scene "file", opened through the tracee's descriptor. */
static int file_of(const struct subject *subject)
{
	int fd = open(text("/proc/%d/fd/%ld", subject->tracee.pid, told(&subject->tracee, "fd")),
		O_RDWR | O_CLOEXEC);

	if (fd == -1)
		broken("open the tracee's file: %s", errno_text(errno));
	return fd;
}

static long file_word(int fd, off_t offset)
{
	long word;

	if (pread(fd, &word, sizeof(word), offset) != sizeof(word))
		broken("read the tracee's file: %s", errno_text(errno));
	return word;
}

/*
 * Can a poke change a file? Predicted: yes, through a shared writable mapping, and every other
 * mapping of it with it: there is one page, the file's own. Through a private one it cannot.
 */
static void shared_mapping_writes_file(void)
{
	struct subject subject = stopped("file");
	int fd = file_of(&subject);

	for (enum window window = 0; window < WINDOWS; window++) {
		long poked = 0x1000 + (long)window, kept = file_word(fd, 0);

		expect_str("written",
			write_text(window, &subject, place(&subject, "private"), poked),
			"%s: a word into the private mapping", window_name[window]);
		expect_hex((unsigned long)kept, (unsigned long)file_word(fd, 0), "%s: the file",
			window_name[window]);
		poked += 0x1000;
		expect_str("written",
			write_text(window, &subject, place(&subject, "shared"), poked),
			"%s: a word into the shared mapping", window_name[window]);
		expect_hex((unsigned long)poked, (unsigned long)file_word(fd, 0), "%s: the file",
			window_name[window]);
		expect_hex((unsigned long)poked,
			(unsigned long)word_at(&subject, place(&subject, "other shared")),
			"%s: another mapping of it", window_name[window]);
	}
}

/*
 * Does a private mapping follow its file? Predicted: page by page, until it is written: the
 * untouched page is the file's own, the copy is not. So a file changed in place changes programs
 * that run, except where they were poked.
 */
static void poke_cuts_off(void)
{
	struct subject subject = stopped("file");
	int fd = file_of(&subject);
	uint64_t private = place(&subject, "private");
	long news = 0x5555;

	expect_errno(0, ptrace(PTRACE_POKEDATA, subject.tracee.pid, private + 8, 0x1L),
		"one word poked into the first page");
	expect_hex(1, (unsigned long)word_at(&subject, private + 8), "it is there");
	for (off_t page = 0; page < 2; page++)
		if (pwrite(fd, &news, sizeof(news), page * (off_t)PAGE) != sizeof(news))
			broken("write the tracee's file: %s", errno_text(errno));
	expect_hex(MARKER, (unsigned long)word_at(&subject, private),
		"file changed: the poked page, where it was not poked");
	expect_hex(0x5555, (unsigned long)word_at(&subject, private + PAGE), "the other page");
	expect_hex(0x5555, (unsigned long)word_at(&subject, place(&subject, "other private")),
		"the first page of another private mapping");
}

/*
 * What becomes of the memory when the file is cut? Predicted: pages beyond the new end are taken
 * away, from a private mapping also the copies that were poked (unmap_mapping_range() with
 * even_cows): EIO and EFAULT, and no SIGBUS for the tracee, which has not touched them.
 */
static void file_truncated(void)
{
	struct subject subject = stopped("file");
	uint64_t private = place(&subject, "private") + PAGE;
	long word;

	expect_errno(0, ptrace(PTRACE_POKEDATA, subject.tracee.pid, private, 0x1111L),
		"a word poked into the private mapping's second page");
	expect_hex(0x1111, (unsigned long)word_at(&subject, private), "it is there");
	expect_errno(0, ftruncate(file_of(&subject), (off_t)PAGE), "the file cut to one page");
	for (enum window window = 0; window < WINDOWS; window++)
		expect_str(window == VM ? "EFAULT" : "EIO",
			moved_text(read_by(window, &subject, private, &word, sizeof(word))),
			"%s: the poked word", window_name[window]);
	expect_errno(0, ftruncate(file_of(&subject), 2 * (off_t)PAGE), "the file's length back");
	expect_hex(0, (unsigned long)word_at(&subject, private), "there is now");
	expect_undisturbed(&subject);
}

/* Have an unprivileged user namespace know this process's user and group, so that it can own files. */
static bool keep_ids(uid_t uid, gid_t gid)
{
	const struct {
		const char *file, *text;
	} writes[] = {
		{ "setgroups", "deny" },
		{ "uid_map", text("%u %u 1", uid, uid) },
		{ "gid_map", text("%u %u 1", gid, gid) },
	};
	bool all = true;

	for (size_t i = 0; i < COUNT(writes); i++) {
		int fd = open(text("/proc/self/%s", writes[i].file), O_WRONLY | O_CLOEXEC);
		ssize_t length = (ssize_t)strlen(writes[i].text);

		all = all && fd != -1 && write(fd, writes[i].text, (size_t)length) == length;
		close(fd);
	}
	return all;
}

static void copy_program(int from, const char *to_path)
{
	int to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat stat;
	off_t offset = 0;

	if (to == -1 || fstat(from, &stat) == -1)
		broken("%s: %s", to_path, errno_text(errno));
	while (offset < stat.st_size)
		if (sendfile(to, from, &offset, (size_t)stat.st_size) <= 0)
			broken("copy to %s: %s", to_path, errno_text(errno));
	close(to);
}

/*
 * For this process and its children alone, let the tracee's directory be a new one in memory, with a
 * copy of the tracee in it: a tmpfs in a mount namespace, which ends with its last process.
 */
static const char *private_tracee(void)
{
	const char *path = tracee_path();
	const char *directory = text("%.*s", (int)(strrchr(path, '/') - path), path);
	int from = open(path, O_RDONLY | O_CLOEXEC);
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (from == -1)
		broken("%s: %s", path, errno_text(errno));
	if (unshare(CLONE_NEWNS) == -1 &&
		(unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1 || !keep_ids(uid, gid)))
		skip("needs CAP_SYS_ADMIN or user namespaces, for a private mount: %s",
			errno_text(errno));
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
		mount("tmpfs", directory, "tmpfs", 0, "mode=755") == -1)
		skip("cannot mount a tmpfs: %s", errno_text(errno));
	copy_program(from, path);
	return path;
}

/* What /proc/PID/exe says of its file: " (deleted)" or "", and whether it is the one at `path`. */
static const char *exe_text(pid_t pid, const char *path)
{
	const char *exe = text("/proc/%d/exe", pid);
	char link[4096];
	ssize_t length = readlink(exe, link, sizeof(link) - 1);
	struct stat its_own, named;

	if (length == -1 || stat(exe, &its_own) == -1)
		broken("%s: %s", exe, errno_text(errno));
	link[length] = '\0';

	const char *tail = strncmp(link, path, strlen(path)) == 0 ? link + strlen(path) : link;

	return text("path%s, %s", tail,
		stat(path, &named) == -1         ? "nothing is there"
		: named.st_ino == its_own.st_ino ? "its file is there"
						 : "another file is there");
}

/*
 * What does a process run whose executable was replaced or deleted? Predicted: the file that it was
 * started from, which lives as long as it is mapped. The path says "(deleted)" and may name
 * another file by now; /proc/PID/exe still opens the right one. In place it cannot be changed:
 * ETXTBSY.
 */
static void executable_replaced(void)
{
	const char *path = private_tracee();
	struct subject subject = running("image");
	pid_t pid = subject.tracee.pid;
	struct tally tally[PARTS];

	for (int state = 0; state < 3; state++) {
		static const char *const states[] = { "as started", "replaced", "deleted" };
		static const char *const seen[] = { "path, its file is there",
			"path (deleted), another file is there",
			"path (deleted), nothing is there" };

		if (state == 1) {
			int other = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

			copy_program(other, text("%s.new", path));
			expect_errno(0, rename(text("%s.new", path), path),
				"rename() of another program to its path");
		} else if (state == 2) {
			expect_errno(0, unlink(path), "unlink() of its path");
		} else {
			expect_errno(ETXTBSY, open(path, O_WRONLY | O_CLOEXEC),
				"open() of its file for writing");
		}
		expect_str(seen[state], exe_text(pid, path), "%s: /proc/PID/exe", states[state]);

		struct image image = open_program(&subject);

		compare_image(&subject, &image, tally);
		expect_ge(10000, tally[CONSTANT].compared,
			"%s: constant bytes compared with /proc/PID/exe", states[state]);
		expect_eq(0, tally[CONSTANT].differ, "%s: of them different", states[state]);
	}
}

/*
 * Does a poke into a child change its parent? Predicted: not in private memory, though both have
 * the same page frame: the poke breaks copy on write. In shared memory it does.
 */
static void fork_keeps_apart(void)
{
	struct subject parent = running("forked");
	pid_t pid = (pid_t)told(&parent.tracee, "child");
	struct subject child = { { .pid = pid }, xmem_open(pid) };
	uint64_t pages = place(&parent, "pages"), shared = place(&parent, "shared");

	expect_str("written", write_text(MEM, &child, pages, 1), "a word into the child's memory");
	expect_hex(MARKER, (unsigned long)word_at(&parent, pages), "the parent's");
	expect_str("written", write_text(MEM, &parent, pages, 0x2222), "a word into the parent's");
	expect_hex(1, (unsigned long)word_at(&child, pages), "the child's");
	expect_str("written", write_text(MEM, &child, shared, 3), "a word into shared memory");
	expect_hex(3, (unsigned long)word_at(&parent, shared), "the parent's");
}

/* --- the three windows ------------------------------------------------------------------------- */

/*
 * Whether this kernel lets a tracer's /proc/PID/mem override the protection of its stopped tracee
 * (proc_mem.force_override, proc_mem_foll_force()): probed with a word that stays what it is.
 */
static bool mem_forces(const struct subject *subject)
{
	uint64_t constant = place(subject, "constant data");
	long word = word_at(subject, constant);

	return pwrite(subject->mem, &word, sizeof(word), (off_t)constant) == sizeof(word);
}

/* The first word of an ELF image, and of the vsyscall page: mov $96, %rax and one byte more. */
#define ELF_WORD 0x00010102464c457fL
#define VSYSCALL_WORD 0x0f00000060c0c748L

#define HERE 1 /* where the scene says that a place is; no address */

struct place_row {
	const char *name;
	uint64_t address;
	const char *peek, *vm, *mem;
};

/* Where a row's place is in this tracee. */
static uint64_t row_address(const struct subject *subject, const struct place_row *row)
{
	if (row->address != HERE)
		return row->address;
	if (strcmp(row->name, "vvar") != 0)
		return place(subject, row->name);

	struct maps maps = xmaps_read(subject->tracee.pid);
	const struct mapping *vvar = maps_named(&maps, "[vvar]");

	if (vvar == NULL)
		broken("no [vvar] in /proc/%d/maps", subject->tracee.pid);

	uint64_t address = vvar->start;

	maps_free(&maps);
	return address;
}

/* One line for a row: what was predicted of the three windows, and what they did. */
static void expect_row(const struct place_row *row, bool forces, const char *const seen[WINDOWS])
{
	bool needs_force = strcmp(row->vm, "EFAULT") == 0;

	expect_str(text("%s | %s | %s", row->peek, row->vm,
			   needs_force && !forces && strcmp(row->mem, "EINVAL") != 0 ? "EIO"
										     : row->mem),
		text("%s | %s | %s", seen[PEEK], seen[VM], seen[MEM]), "%s", row->name);
}

/*
 * What does each window read? Predicted: PEEKDATA and /proc/PID/mem ask for pages with FOLL_FORCE,
 * which overrides what mprotect() set, process_vm_readv() does not (ptrace_access_vm(), mem_rw(),
 * process_vm_rw_single_vec()). What is no memory of the process is refused: EIO, EFAULT, EIO. A
 * pread() at an offset below 0 does not even come so far: EINVAL.
 */
static void windows_read(void)
{
	static const struct place_row rows[] = {
		{ "data", HERE, "the word", "the word", "the word" },          /* the control */
		{ "constant data", HERE, "the word", "the word", "the word" }, /* of the file */
		{ "PROT_READ", HERE, "the word", "the word", "the word" },
		{ "PROT_WRITE", HERE, "the word", "EFAULT", "the word" }, /* no VM_READ */
		{ "PROT_EXEC", HERE, "the word", "EFAULT", "the word" },  /* execute-only */
		{ "PROT_NONE", HERE, "the word", "EFAULT", "the word" },  /* not even for itself */
		{ "shared", HERE, "the word", "the word", "the word" },
		{ "shared, read-only", HERE, "the word", "the word", "the word" },
		{ "vdso", HERE, "the word", "the word", "the word" }, /* the kernel's ELF image */
		{ "vvar", HERE, "EIO", "EFAULT", "EIO" }, /* VM_PFNMAP: no struct page */
		{ "beyond end of file", HERE, "EIO", "EFAULT", "EIO" }, /* the fault is SIGBUS */
		{ "hole", HERE, "EIO", "EFAULT", "EIO" },
		{ "address 0", 0, "EIO", "EFAULT", "EIO" },
		{ "non-canonical", 1UL << 62, "EIO", "EFAULT", "EIO" }, /* no such address */
		{ "kernel", 0xffff888000000000, "EIO", "EFAULT", "EINVAL" },
	};
	struct subject subject = stopped("places");
	bool forces = mem_forces(&subject);

	this_case(forces ? "forced" : "protected");
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t address = row_address(&subject, &rows[i]);
		long word = strcmp(rows[i].name, "vdso") == 0 ? ELF_WORD : MARKER;
		const char *seen[WINDOWS];

		for (enum window window = 0; window < WINDOWS; window++)
			seen[window] = read_text(window, &subject, address, word);
		expect_row(&rows[i], forces, seen);
	}
	expect_undisturbed(&subject);
}

/*
 * What does each window write? Predicted: the first and the third write what is private, whatever
 * its protection, because a forced write gets a copy of the page; what is shared they write only
 * if the tracee may, since there a forced write would reach the file (check_vma_flags()). The
 * second keeps to the protection.
 */
static void windows_write(void)
{
	static const struct place_row rows[] = {
		{ "data", HERE, "written", "written", "written" }, /* the control */
		{ "constant data", HERE, "written", "EFAULT", "written" },
		{ "code", HERE, "written", "EFAULT", "written" }, /* how int3 gets there */
		{ "PROT_READ", HERE, "written", "EFAULT", "written" },
		{ "PROT_WRITE", HERE, "written", "written", "written" },
		{ "PROT_EXEC", HERE, "written", "EFAULT", "written" },
		{ "PROT_NONE", HERE, "written", "EFAULT", "written" },
		{ "shared", HERE, "written", "written", "written" }, /* and the file */
		/* Though its descriptor is open for writing. */
		{ "shared, read-only", HERE, "EIO", "EFAULT", "EIO" },
		{ "vdso", HERE, "written", "EFAULT", "written" }, /* private too */
		{ "vvar", HERE, "EIO", "EFAULT", "EIO" },
		{ "beyond end of file", HERE, "EIO", "EFAULT", "EIO" },
		{ "hole", HERE, "EIO", "EFAULT", "EIO" },
		{ "address 0", 0, "EIO", "EFAULT", "EIO" },
		{ "non-canonical", 1UL << 62, "EIO", "EFAULT", "EIO" },
		{ "kernel", 0xffff888000000000, "EIO", "EFAULT", "EINVAL" },
	};
	struct subject subject = stopped("places");
	bool forces = mem_forces(&subject);

	this_case(forces ? "forced" : "protected");
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t address = row_address(&subject, &rows[i]);
		const char *seen[WINDOWS];

		for (enum window window = 0; window < WINDOWS; window++)
			seen[window] = write_text(window, &subject, address, 0x1000 + (long)window);
		expect_row(&rows[i], forces, seen);
	}
	expect_undisturbed(&subject);
}

/* A peek and a poke of this word: what the one brought, "the word" if it is as expected, and what
 * became of the other. */
static const char *peek_and_poke(enum __ptrace_request peek, enum __ptrace_request poke, pid_t pid,
	uint64_t address, long expected, long word)
{
	errno = 0;

	long seen = ptrace(peek, pid, address, 0);
	const char *read = seen == -1 && errno ? strerrorname_np(errno)
			   : seen == expected  ? "the word"
					       : text("%#lx", (unsigned long)seen);

	return text("%s, %s", read,
		ptrace(poke, pid, address, word) == 0 ? "written" : strerrorname_np(errno));
}

/*
 * Does it matter whether a request says TEXT or DATA? Predicted: no. There is one address space, and
 * one case label for the two (generic_ptrace_peekdata(), generic_ptrace_pokedata()). What the one
 * pair writes the other reads, in code and in data, and what is refused to one is refused to both.
 */
static void text_or_data(void)
{
	static const struct {
		const char *name, *seen;
	} rows[] = {
		{ "code", "the word, written" },
		{ "data", "the word, written" },
		{ "constant data", "the word, written" },
		{ "PROT_EXEC", "the word, written" }, /* execute-only */
		{ "PROT_NONE", "the word, written" },
		{ "vdso", "the word, written" },
		{ "stack", "the word, written" },
		{ "shared", "the word, written" },
		{ "shared, read-only", "the word, EIO" },
		{ "beyond end of file", "EIO, EIO" },
		{ "hole", "EIO, EIO" },
	};
	struct subject subject = stopped("places");
	pid_t pid = subject.tracee.pid;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t address = place(&subject, rows[i].name);
		bool written = strstr(rows[i].seen, "written") != NULL;
		long word = ptrace(PTRACE_PEEKDATA, pid, address, 0);
		const char *by_text, *by_data, *by_both;

		by_text =
			peek_and_poke(PTRACE_PEEKTEXT, PTRACE_POKETEXT, pid, address, word, 0x7e47);
		by_data = peek_and_poke(PTRACE_PEEKDATA, PTRACE_POKEDATA, pid, address,
			written ? 0x7e47 : word, 0xda7a);
		by_both = peek_and_poke(PTRACE_PEEKTEXT, PTRACE_POKEDATA, pid, address,
			written ? 0xda7a : word, 0xb07);
		expect_str(text("%s | %s | %s", rows[i].seen, rows[i].seen, rows[i].seen),
			text("%s | %s | %s", by_text, by_data, by_both),
			"%s: by TEXT, by DATA, by both", rows[i].name);
	}
}

/*
 * Is any memory of a process out of its tracer's reach? Predicted: that of memfd_secret(2). Its
 * pages are taken out of the kernel's own map, so get_user_pages() refuses them to everybody, and
 * the tracee alone can read what it wrote there.
 */
static void secret_memory(void)
{
	struct subject subject = stopped("secret");
	long cannot = told(&subject.tracee, "cannot");

	if (cannot)
		skip("memfd_secret: %s", errno_text((int)cannot));
	for (enum window window = 0; window < WINDOWS; window++) {
		const char *denied = window == VM ? "EFAULT" : "EIO";

		expect_str(denied, read_text(window, &subject, place(&subject, "secret"), MARKER),
			"%s: reading it", window_name[window]);
		expect_str(denied, write_text(window, &subject, place(&subject, "secret"), 0x1111),
			"%s: writing it", window_name[window]);
	}
	*told_slot(&subject.tracee, "what it reads there") = 0;
	xptrace(PTRACE_CONT, subject.tracee.pid, 0L, 0L);
	expect_hex(MARKER, (unsigned long)wait_told(&subject.tracee, "what it reads there", 1),
		"the word that the tracee itself reads there, afterwards");
}

/*
 * And the vsyscall page, in the kernel's half of the address space? Predicted: it is listed in maps
 * but is no memory of the process: get_gate_page() finds a page only if the kernel maps it for
 * users to read, as it does with vsyscall=emulate; never for writing. So process_vm_readv() reads it
 * there; PEEKDATA looks for a mapping first and finds none (__access_remote_vm(), since Linux 6.5).
 */
static void vsyscall_page(void)
{
	struct subject subject = stopped("pause");
	struct maps maps = xmaps_read(subject.tracee.pid);
	const struct mapping *vsyscall = maps_named(&maps, "[vsyscall]");

	if (vsyscall == NULL)
		skip("no vsyscall page here (vsyscall=none)");

	bool readable = strchr(vsyscall->perms, 'r') != NULL;
	long word;
	/* Whether PEEKDATA does without a mapping is tried on the word behind the one looked at. */
	bool peeked = read_by(PEEK, &subject, vsyscall->start + sizeof(word), &word,
			      sizeof(word)) == sizeof(word);

	this_case(!readable ? "xonly" : peeked ? "emulate-peeked" : "emulate");
	expect_hex(0xffffffffff600000, vsyscall->start, "its address");
	for (enum window window = 0; window < WINDOWS; window++) {
		const char *denied = window == PEEK ? "EIO" : window == VM ? "EFAULT" : "EINVAL";
		bool shown = readable && (window == VM || (window == PEEK && peeked));

		expect_str(shown ? "the word" : denied,
			read_text(window, &subject, vsyscall->start, VSYSCALL_WORD),
			"%s: reading it", window_name[window]);
		expect_str(denied, write_text(window, &subject, vsyscall->start, 0x1111),
			"%s: writing it", window_name[window]);
	}
	maps_free(&maps);
}

/*
 * Who may override protection through /proc/PID/mem? Predicted: whoever may open it; since Linux
 * 6.12 the kernel can be told to allow it to the tracer alone, of a process that is stopped or
 * not, or to nobody (proc_mem.force_override). PTRACE_POKETEXT is never affected.
 */
static void force_override(void)
{
	struct subject subject = running("places");
	pid_t pid = subject.tracee.pid;
	uint64_t code = place(&subject, "code");
	long word = word_at(&subject, code);
	const char *untraced = write_text(MEM, &subject, code, word);

	xptrace(PTRACE_SEIZE, pid, 0L, 0L);

	const char *traced = write_text(MEM, &subject, code, word);
	const char *label = strcmp(untraced, "written") == 0 ? "always"
			    : strcmp(traced, "written") == 0 ? "ptrace"
							     : "never";

	this_case(label);
	expect_str(strcmp(label, "always") == 0 ? "written" : "EIO", untraced,
		"untraced: a word of code, through /proc/PID/mem");
	expect_str(strcmp(label, "never") == 0 ? "EIO" : "written", traced, "seized: the same");
	expect_str("EFAULT", write_text(VM, &subject, code, word),
		"seized: through process_vm_writev");
	xptrace(PTRACE_INTERRUPT, pid, 0L, 0L);
	stop_wait(pid);
	expect_str("written", write_text(PEEK, &subject, code, word), "stopped: through POKEDATA");
}

/* --- words, strings and holes ------------------------------------------------------------------ */

/*
 * What does a read bring that runs into a hole? Predicted: PEEKDATA all or nothing
 * (generic_ptrace_peekdata()), the others what there is before the hole, without an error. None of
 * them goes on behind it.
 */
static void hole_in_the_middle(void)
{
	static const struct {
		const char *what;
		size_t offset, length;
		const char *seen[WINDOWS];
	} rows[] = {
		/* PEEKDATA has only the rows of a word. */
		{ "the last word before it", 2 * PAGE - 8, 8, { "8 bytes", "8 bytes", "8 bytes" } },
		{ "a word, half before it", 2 * PAGE - 4, 8, { "EIO", "4 bytes", "4 bytes" } },
		{ "a word, 1 byte before it", 2 * PAGE - 1, 8, { "EIO", "1 bytes", "1 bytes" } },
		{ "a word in it", 2 * PAGE, 8, { "EIO", "EFAULT", "EIO" } },
		{ "a word, half behind it", 3 * PAGE - 4, 8, { "EIO", "EFAULT", "EIO" } },
		{ "the first word behind it", 3 * PAGE, 8, { "8 bytes", "8 bytes", "8 bytes" } },
		{ "two pages, half before it", PAGE, 2 * PAGE,
			{ NULL, "4096 bytes", "4096 bytes" } },
		{ "all five pages", 0, 5 * PAGE, { NULL, "8192 bytes", "8192 bytes" } },
		{ "a page and the next", 3 * PAGE, 2 * PAGE, { NULL, "8192 bytes", "8192 bytes" } },
	};
	struct subject subject = stopped("hole");
	uint64_t pages = place(&subject, "pages");
	long right = 0, looked = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		static unsigned char buffer[5 * PAGE];

		for (enum window window = 0; window < WINDOWS; window++) {
			if (rows[i].seen[window] == NULL)
				continue;
			memset(buffer, 0xa5, sizeof(buffer));

			ssize_t moved = read_by(
				window, &subject, pages + rows[i].offset, buffer, rows[i].length);
			size_t got = moved == -1 ? 0 : (size_t)moved;

			expect_str(rows[i].seen[window], moved_text(moved),
				"%s, %zu bytes from %#zx on: %s", rows[i].what, rows[i].length,
				rows[i].offset, window_name[window]);
			for (size_t at = 0; at < sizeof(buffer); at++, looked++)
				right += buffer[at] ==
					 (at < got ? (rows[i].offset + at) / PAGE + 1 : 0xa5);
		}
	}
	expect_always(right, looked, "bytes of the buffer: the page's if moved, else untouched");
}

/*
 * And a list of pieces? Predicted: process_vm_readv() takes them in order and stops at the first
 * that it cannot read: what came before is the result, and EFAULT only if nothing did
 * (process_vm_rw_core()). The pieces behind are untouched: a caller that does not count bytes takes
 * stale ones for read.
 */
static void pieces(void)
{
	static const struct {
		const char *what;
		int page[3];
		const char *seen;
	} rows[] = {
		{ "three pieces", { 0, 1, 3 }, "24 bytes: 1 2 4" }, /* the control */
		{ "the second in the hole", { 0, 2, 3 },
			"8 bytes: 1 0 0" },                                /* and the third lost */
		{ "the first in the hole", { 2, 0, 3 }, "EFAULT: 0 0 0" }, /* all lost */
		{ "the last in the hole", { 3, 0, 2 }, "16 bytes: 4 1 0" },
	};
	struct subject subject = stopped("hole");
	uint64_t pages = place(&subject, "pages");

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char buffer[3][8] = { 0 };
		struct iovec local[3], remote[3];

		for (int n = 0; n < 3; n++) {
			local[n] = (struct iovec){ buffer[n], sizeof(buffer[n]) };
			remote[n] =
				(struct iovec){ (void *)(pages + (uint64_t)rows[i].page[n] * PAGE),
					8 };
		}

		ssize_t moved = process_vm_readv(
			subject.tracee.pid, local, COUNT(local), remote, COUNT(remote), 0);

		expect_str(rows[i].seen,
			text("%s: %d %d %d", moved_text(moved), *buffer[0], *buffer[1], *buffer[2]),
			"%s, pages %d %d %d: result, and what the pieces begin with", rows[i].what,
			rows[i].page[0], rows[i].page[1], rows[i].page[2]);
	}
}

/*
 * Does a write that fails leave memory as it was? Predicted: no. POKEDATA reports EIO if it did not
 * write the whole word (generic_ptrace_pokedata()), but the part before the hole is written by then;
 * the other two say how much it was.
 */
static void poke_half_written(void)
{
	for (enum window window = 0; window < WINDOWS; window++) {
		struct subject subject = stopped("hole");
		uint64_t half = place(&subject, "pages") + 2 * PAGE - 4;
		unsigned int kept;

		look(&subject, half, &kept, sizeof(kept));
		expect_hex(0x02020202, kept, "%s: the last 4 bytes before the hole",
			window_name[window]);
		expect_str(window == PEEK ? "EIO" : "4 bytes",
			moved_text(write_by(window, &subject, half, 0x7777777777777777)),
			"%s: a word written, half into the hole", window_name[window]);
		look(&subject, half, &kept, sizeof(kept));
		expect_hex(0x77777777, kept, "%s: the 4 bytes then", window_name[window]);
	}
}

/*
 * How is a word that is -1 told from a failure? Predicted: by errno, which the manual says to clear
 * before (ptrace(2), RETURN VALUE). That is the library's making: the system call itself stores the
 * word and returns a status, and glibc's wrapper clears errno where it succeeds.
 */
static void minus_one(void)
{
	struct subject subject = stopped("words");
	uint64_t address = place(&subject, "minus one");
	const struct {
		const char *what, *seen;
		uint64_t address;
	} rows[] = {
		{ "a word that is -1", "-1, success", address },
		{ "a word that is 1", "1, success", address + 8 },
		{ "address 0", "-1, EIO (Input/output error)" },
	};
	pid_t pid = subject.tracee.pid;
	long word = 0xa5;

	for (size_t i = 0; i < COUNT(rows); i++) {
		errno = E2BIG;

		long result = ptrace(PTRACE_PEEKDATA, pid, rows[i].address, 0);

		expect_str(rows[i].seen, text("%ld, %s", result, errno_text(errno)),
			"PEEKDATA of %s: result, and errno, which was E2BIG", rows[i].what);
	}
	errno = E2BIG;

	long status = syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, address, &word);
	int error = errno;

	expect_eq(0, status, "the system call itself, of a word that is -1: its result");
	expect_eq(-1, word, "where it stored the word");
	expect_str("E2BIG", strerrorname_np(error), "errno, untouched");
}

/*
 * Must an address be aligned? Predicted: no, unlike PEEKUSER's: the kernel copies bytes, also over
 * the end of a page. Every offset around it, read and written by each window.
 */
static void unaligned(void)
{
	struct subject subject = stopped("words");
	uint64_t bytes = place(&subject, "bytes");
	static unsigned char whole[2 * 4096];

	look(&subject, bytes, whole, sizeof(whole));
	for (enum window window = 0; window < WINDOWS; window++) {
		long tried = 0, read = 0, written = 0;

		for (uint64_t at = PAGE - 16; at <= PAGE + 8; at++, tried++) {
			long word, expected, poked = (long)(at * 0x9e3779b97f4a7c15);

			memcpy(&expected, whole + at, sizeof(expected));
			read += read_by(window, &subject, bytes + at, &word, 8) == 8 &&
				word == expected;
			if (write_by(window, &subject, bytes + at, poked) == 8)
				memcpy(whole + at, &poked, sizeof(poked));
			written += word_at(&subject, bytes + at) == poked;
		}
		expect_always(read, tried, "%s: the word read", window_name[window]);
		expect_always(written, tried, "%s: the word written", window_name[window]);
	}

	static unsigned char now[sizeof(whole)];

	look(&subject, bytes, now, sizeof(now));
	expect_true(memcmp(whole, now, sizeof(now)) == 0, "no other byte of the two pages changed");
}

#define NOWHERE 8L /* an address at which no process of the labs has anything */

/*
 * Is it chance whether a bad address is EIO or EFAULT? So the manual says (ptrace(2), ERRORS).
 * Predicted: no. EIO tells of the tracee's memory and of its USER area, EFAULT of the tracer's own: of
 * the buffer that a request reads or fills, which put_user(), copy_to_user() and their twins check.
 */
static void eio_or_efault(void)
{
	struct subject subject = stopped("places");
	pid_t pid = subject.tracee.pid;
	uint64_t data = place(&subject, "data");
	void *const nowhere = (void *)NOWHERE;
	struct iovec iov = { nowhere, sizeof(struct user_regs_struct) };
	struct __ptrace_peeksiginfo_args args = { .flags = PTRACE_PEEKSIGINFO_SHARED, .nr = 1 };
	const struct {
		enum __ptrace_request request;
		const void *data;
		unsigned long addr;
		const char *which;
	} of_tracee[] = {
		{ PTRACE_PEEKTEXT, NULL, NOWHERE, "memory" },
		{ PTRACE_PEEKDATA, NULL, NOWHERE, "memory" },
		{ PTRACE_POKETEXT, NULL, NOWHERE, "memory" },
		{ PTRACE_POKEDATA, NULL, NOWHERE, "memory" },
		{ PTRACE_PEEKUSER, NULL, 4096, "USER area" },
		{ PTRACE_POKEUSER, NULL, 4096, "USER area" },
	}, of_tracer[] = {
		{ PTRACE_GETREGS, nowhere },
		{ PTRACE_SETREGS, nowhere },
		{ PTRACE_GETFPREGS, nowhere },
		{ PTRACE_SETFPREGS, nowhere },
		{ PTRACE_GETREGSET, &iov, NT_PRSTATUS, ", iov_base" },
		{ PTRACE_SETREGSET, &iov, NT_PRSTATUS, ", iov_base" },
		{ PTRACE_GETEVENTMSG, nowhere },
		{ PTRACE_GETSIGINFO, nowhere },
		{ PTRACE_SETSIGINFO, nowhere },
		{ PTRACE_GETSIGMASK, nowhere, 8 },
		{ PTRACE_SETSIGMASK, nowhere, 8 },
		{ PTRACE_PEEKSIGINFO, NULL, NOWHERE, ", arguments" },
		{ PTRACE_PEEKSIGINFO, nowhere, (unsigned long)&args, ", buffer" },
		{ PTRACE_GET_SYSCALL_INFO, nowhere, sizeof(struct ptrace_syscall_info) },
		{ PTRACE_ARCH_PRCTL, (void *)ARCH_GET_FS, NOWHERE },
	}, by_call[] = { /* glibc gives peeks a buffer of its own; ASan's ptrace() reads the iovec */
		{ PTRACE_PEEKTEXT, nowhere, data },
		{ PTRACE_PEEKDATA, nowhere, data },
		{ PTRACE_PEEKUSER, nowhere },
		{ PTRACE_GETREGSET, nowhere, NT_PRSTATUS },
		{ PTRACE_SETREGSET, nowhere, NT_PRSTATUS },
	};

	kill(pid, SIGUSR1); /* for PEEKSIGINFO: it stays pending in the stop */
	for (size_t i = 0; i < COUNT(of_tracee); i++)
		expect_errno(EIO,
			ptrace(of_tracee[i].request, pid, of_tracee[i].addr, of_tracee[i].data),
			"the tracee's %s: %s", of_tracee[i].which,
			request_name(of_tracee[i].request));
	for (size_t i = 0; i < COUNT(of_tracer); i++)
		expect_errno(EFAULT,
			ptrace(of_tracer[i].request, pid, of_tracer[i].addr, of_tracer[i].data),
			"the tracer's buffer: %s%s", request_name(of_tracer[i].request),
			of_tracer[i].which ? of_tracer[i].which : "");
	for (size_t i = 0; i < COUNT(by_call); i++)
		expect_errno(EFAULT,
			syscall(SYS_ptrace, by_call[i].request, pid, by_call[i].addr,
				by_call[i].data),
			"the tracer's buffer, by the bare call: %s",
			request_name(by_call[i].request));
	expect_str("the word", read_text(PEEK, &subject, data, MARKER), "and no harm is done");
	expect_stop(STOP_SIGNAL, SIGUSR1, cont(pid), "the tracee, resumed");
}

/* The loop of the tutorials: a word at a time from the string's first byte on, until one holds a
 * NUL or is the -1 of a failure. */
static size_t word_loop(pid_t pid, uint64_t address, char *buffer, size_t size)
{
	size_t length = 0;

	while (length + sizeof(long) < size) {
		long word = ptrace(PTRACE_PEEKDATA, pid, address + length, 0);
		const char *end;

		if (word == -1)
			break;
		memcpy(buffer + length, &word, sizeof(word));
		end = memchr(buffer + length, '\0', sizeof(word));
		if (end != NULL)
			return (size_t)(end - buffer);
		length += sizeof(word);
	}
	buffer[length] = '\0';
	return length;
}

/*
 * What does the usual word loop get wrong? Predicted: a word that crosses the page's end into a hole
 * fails as a whole, so the last characters before the end are lost; eight bytes 0xff look like a
 * failure; and it cannot say that there was one. Reading page by page loses nothing.
 */
static void word_loop_strings(void)
{
	static const struct {
		const char *scene, *name;
		long loop, whole;
		int error;
	} rows[] = {
		{ "strings", "plain", 25, 25, 0 },               /* the control */
		{ "strings", "eight bytes 0xff", 8, 24, 0 },     /* taken for a failure */
		{ "strings", "up to the page's end", 8, 13, 0 }, /* its NUL is the last byte */
		{ "endless", "without an end", 8, 13, EIO },     /* no string at all */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct subject subject = stopped(rows[i].scene);
		uint64_t address = place(&subject, rows[i].name);
		char loop[256], whole[256];

		expect_eq(rows[i].loop,
			(long)word_loop(subject.tracee.pid, address, loop, sizeof(loop)),
			"%s: characters by the word loop", rows[i].name);

		long length = (long)mem_string(subject.mem, address, whole, sizeof(whole));
		int end = errno;

		expect_eq(rows[i].whole, length, "%s: characters by pages", rows[i].name);
		expect_str(errno_text(rows[i].error), errno_text(end), "%s: and its end",
			rows[i].name);
	}
}

/* --- who may look, and when -------------------------------------------------------------------- */

/*
 * Which window needs a stopped tracee? Predicted: PEEKDATA alone (ptrace_check_attach()): ESRCH else.
 * The others ask for the right to attach, and do not: no TracerPid, no stop, not even while another
 * process traces.
 */
static void without_attaching(void)
{
	struct subject subject = running("answering");
	pid_t pid = subject.tracee.pid, rival;
	uint64_t constant = place(&subject, "constant"), added = place(&subject, "added");
	long word = word_at(&subject, constant);

	expect_str("ESRCH", read_text(PEEK, &subject, constant, word), "untraced: PEEKDATA");
	expect_str("the word", read_text(VM, &subject, constant, word), "untraced: readv");
	expect_str("the word", read_text(MEM, &subject, constant, word), "untraced: pread");
	expect_str("written", write_text(VM, &subject, added, 1), "untraced: writev");
	expect_eq(42, next_result(&subject.tracee), "untraced: what it computes then");
	expect_str("written", write_text(MEM, &subject, added, 2), "untraced: pwrite");
	expect_eq(43, next_result(&subject.tracee), "untraced: what it computes then");
	expect_pid(0, (pid_t)proc_number(pid, "TracerPid"), "its TracerPid");

	rival = fork_helper();
	role_pid("rival", rival);
	if (rival == 0) {
		xptrace(PTRACE_SEIZE, pid, 0L, 0L);
		for (;;)
			pause();
	}
	waiting_for("the rival's SEIZE");
	while (proc_number(pid, "TracerPid") == 0)
		sched_yield();
	waiting_for(NULL);
	expect_pid(rival, (pid_t)proc_number(pid, "TracerPid"), "another's tracee: its TracerPid");
	expect_errno(EPERM, ptrace(PTRACE_SEIZE, pid, 0, 0), "another's tracee: SEIZE");
	expect_str("the word", read_text(VM, &subject, constant, word), "another's tracee: readv");
	expect_str("the word", read_text(MEM, &subject, constant, word), "another's tracee: pread");
	expect_str("written", write_text(MEM, &subject, added, 3), "another's tracee: pwrite");
	expect_eq(44, next_result(&subject.tracee), "another's tracee: what it computes then");

	kill(rival, SIGKILL);
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(rival), "the rival's end");
	xptrace(PTRACE_SEIZE, pid, 0L, 0L);
	expect_str("ESRCH", read_text(PEEK, &subject, constant, word), "seized, running: PEEKDATA");
	expect_str("the word", read_text(VM, &subject, constant, word), "seized, running: readv");
	expect_str("the word", read_text(MEM, &subject, constant, word), "seized, running: pread");
	expect_eq(44, next_result(&subject.tracee), "seized, running: what it computes then");
}

/*
 * Does a descriptor of /proc/PID/mem follow the process into its next program? Predicted: no. It
 * belongs to the address space of the moment it was opened (mem_open()); after exec that is
 * empty, and reads and writes say 0 bytes, which is no error (mem_rw()).
 */
static void mem_across_exec(void)
{
	struct tracee tracee = seized_before_exec();
	struct subject before = { tracee, xmem_open(tracee.pid) };
	uint64_t address = place(&before, "word");
	unsigned char magic[4] = { 0 };

	expect_str("the word", read_text(MEM, &before, address, MARKER), "before exec: pread");
	*told_slot(&tracee, "go") = 1;
	expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, stop_wait(tracee.pid), "the tracee");
	expect_str("0 bytes", read_text(MEM, &before, address, MARKER), "after exec: pread");
	expect_str("0 bytes", moved_text(write_by(MEM, &before, address, MARKER)),
		"after exec: pwrite");
	expect_str("0 bytes", moved_text(read_by(MEM, &before, 0, magic, sizeof(magic))),
		"after exec: pread of address 0");

	struct subject after = { tracee, xmem_open(tracee.pid) };
	struct maps maps = xmaps_read(tracee.pid);
	const struct mapping *program = maps_named(&maps, basename(tracee_path()));

	if (program == NULL)
		broken("the new program is not among its mappings");
	expect_str("4 bytes",
		moved_text(read_by(MEM, &after, program->start, magic, sizeof(magic))),
		"opened again: pread of the new program's first bytes");
	expect_true(memcmp(magic, "\177ELF", 4) == 0, "they are ELF's magic number");
	maps_free(&maps);
}

/* Resume the tracee to its next trap. */
static void to_next_trap(const struct tracee *tracee)
{
	struct stop stop = cont(tracee->pid);

	if (stop.kind != STOP_SIGNAL || stop.detail != SIGTRAP)
		broken("%s instead of the scene's next trap", stop_text(stop));
}

/* What every window, opened anew, says to a stopped tracee's word. */
static const char *windows_text(const struct tracee *tracee, uint64_t address)
{
	struct subject subject = { *tracee, mem_open(tracee->pid, O_RDWR) };
	const char *opened = subject.mem == -1 ? strerrorname_np(errno)
					       : read_text(MEM, &subject, address, MARKER);
	const char *peeked = read_text(PEEK, &subject, address, MARKER);

	return text("%s | %s | %s", peeked, read_text(VM, &subject, address, MARKER), opened);
}

/*
 * What does PR_SET_DUMPABLE 0 take from a tracer that is attached already? Predicted: the memory,
 * not the tracee. ptrace_access_vm() asks again at every access; registers go on. A descriptor
 * that is open was checked when it was opened. With CAP_SYS_PTRACE nothing would change.
 */
static void dumpable_revokes(void)
{
	struct tracee tracee = ordinary("withdraws");
	uint64_t address = (uint64_t)told(&tracee, "word");
	struct user_regs_struct regs;

	xptrace(PTRACE_SEIZE, tracee.pid, 0L, 0L);
	*told_slot(&tracee, "go") = 1;
	expect_stop(STOP_SIGNAL, SIGTRAP, stop_wait(tracee.pid), "the tracee");

	struct subject early = { tracee, xmem_open(tracee.pid) };

	expect_str("the word | the word | the word", windows_text(&tracee, address), "dumpable");
	to_next_trap(&tracee);
	expect_str("EIO | EPERM | EACCES", windows_text(&tracee, address), "not dumpable");
	expect_str("the word", read_text(MEM, &early, address, MARKER),
		"not dumpable: /proc/PID/mem opened before");
	expect_errno(0, ptrace(PTRACE_GETREGS, tracee.pid, 0, &regs), "not dumpable: GETREGS");
	expect_pid(getpid(), (pid_t)proc_number(tracee.pid, "TracerPid"),
		"not dumpable: its TracerPid");
	to_next_trap(&tracee);
	expect_str(
		"the word | the word | the word", windows_text(&tracee, address), "dumpable again");
}

/*
 * May a program that its user can execute but not read be read in memory? Predicted: no. exec of it
 * leaves the process not dumpable (would_dump()), and so the tracer, which followed it through the
 * exec, without memory; unless the machine is told to dump such programs all the same
 * (fs.suid_dumpable = 1, proc_sys_fs(5)). The control is the same copy, readable.
 */
static void unreadable_program(void)
{
	static const struct {
		const char *scene, *seen;
	} rows[] = {
		{ "exec-readable", "8 bytes | 8 bytes | 8 bytes" },
		{ "exec-unreadable", "EIO | EPERM | EACCES" },
	};
	int setting = open("/proc/sys/fs/suid_dumpable", O_RDONLY | O_CLOEXEC);
	char dumpable;

	if (setting != -1 && read(setting, &dumpable, sizeof(dumpable)) == sizeof(dumpable) &&
		dumpable == '1')
		skip("fs.suid_dumpable is 1: here such programs stay dumpable");

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tracee tracee = ordinary(rows[i].scene);
		struct user_regs_struct regs;
		const char *seen[WINDOWS];
		long word;

		xptrace(PTRACE_SEIZE, tracee.pid, 0L, PTRACE_O_TRACEEXEC);
		*told_slot(&tracee, "go") = 1;
		expect_stop(STOP_EVENT, PTRACE_EVENT_EXEC, stop_wait(tracee.pid), "%s: the tracee",
			rows[i].scene);
		expect_errno(0, ptrace(PTRACE_GETREGS, tracee.pid, 0, &regs), "%s: GETREGS",
			rows[i].scene);

		struct subject subject = { tracee, mem_open(tracee.pid, O_RDWR) };
		const char *opened = subject.mem == -1 ? strerrorname_np(errno) : NULL;

		for (enum window window = 0; window < WINDOWS; window++)
			seen[window] = moved_text(
				read_by(window, &subject, regs.rsp, &word, sizeof(word)));
		expect_str(rows[i].seen,
			text("%s | %s | %s", seen[PEEK], seen[VM], opened ? opened : seen[MEM]),
			"%s: the word at rsp", rows[i].scene);
	}
}

/*
 * And a zombie? Predicted: its memory is gone before its entry is. PEEKDATA needs a stop, which a dead
 * tracee is not in; process_vm_readv() finds no memory (mm_access()); both ESRCH. An empty maps; a
 * mem that was opened in its lifetime reads 0 bytes. Opening mem now: EACCES, as it belongs to root
 * without memory to tell its owner (task_dump_owner()); whom modes do not stop is refused with ESRCH,
 * or given a descriptor that reads 0 bytes too (proc_mem_open()).
 */
static void zombie(void)
{
	struct subject subject = stopped("places");
	pid_t pid = subject.tracee.pid;
	uint64_t data = place(&subject, "data");
	struct maps maps;

	for (enum window window = 0; window < WINDOWS; window++)
		expect_str("the word", read_text(window, &subject, data, MARKER), "alive: %s",
			window_name[window]);
	kill(pid, SIGKILL);
	proc_wait_state(pid, "Z");
	expect_str("ESRCH", read_text(PEEK, &subject, data, MARKER), "zombie: PEEKDATA");
	expect_str("ESRCH", read_text(VM, &subject, data, MARKER), "zombie: process_vm_readv");
	expect_str("0 bytes", read_text(MEM, &subject, data, MARKER),
		"zombie: /proc/PID/mem opened before");

	/* Root without CAP_DAC_OVERRIDE owns the file; the root of a user namespace does not. */
	bool forbidden = faccessat(AT_FDCWD, text("/proc/%d/mem", pid), R_OK, AT_EACCESS) == -1;
	struct subject late = { subject.tracee, mem_open(pid, O_RDONLY) };
	bool refused = late.mem == -1;
	const char *seen = refused ? strerrorname_np(errno) : read_text(MEM, &late, data, MARKER);

	this_case(forbidden ? "forbidden by its mode" : refused ? "refused" : "opened");
	expect_str(forbidden ? "EACCES"
		   : refused ? "ESRCH"
			     : "0 bytes",
		seen, "zombie: /proc/PID/mem opened now");
	expect_errno(0, maps_read(pid, &maps), "zombie: reading its maps");
	expect_eq(0, (long)maps.count, "zombie: mappings in them");
	maps_free(&maps);
	expect_stop(STOP_KILLED, SIGKILL, stop_wait(pid), "its end");
}

/* --- what looking changes, and what it costs --------------------------------------------------- */

/* An entry of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_EXCLUSIVE (UINT64_C(1) << 56)
#define PAGEMAP_FRAME ((UINT64_C(1) << 55) - 1)

static void read_pagemap(pid_t pid, uint64_t address, uint64_t *entry, size_t count)
{
	int fd = open(text("/proc/%d/pagemap", pid), O_RDONLY | O_CLOEXEC);
	ssize_t length = (ssize_t)(count * sizeof(*entry));

	if (fd == -1 || pread(fd, entry, (size_t)length, (off_t)(address / PAGE * 8)) != length)
		broken("/proc/%d/pagemap: %s", pid, errno_text(errno));
	close(fd);
}

static long pages_with(pid_t pid, uint64_t address, size_t count, uint64_t bits)
{
	uint64_t entry[64];
	long found = 0;

	read_pagemap(pid, address, entry, count);
	for (size_t i = 0; i < count; i++)
		found += (entry[i] & bits) == bits;
	return found;
}

/*
 * Does reading leave a trace in the tracee? Predicted: yes, where the tracee has never been: the
 * reader's fault brings a page into the tracee's page table, as its own would (faultin_page()).
 */
static void reading_faults_in(void)
{
	struct subject subject = stopped("untouched");
	pid_t pid = subject.tracee.pid;
	uint64_t pages = place(&subject, "pages");

	for (enum window window = 0; window < WINDOWS; window++) {
		uint64_t mine = pages + (uint64_t)window * 16 * PAGE;
		long zero = 0;

		expect_eq(0, pages_with(pid, mine, 16, PAGEMAP_PRESENT), "%s: pages present, of 16",
			window_name[window]);
		for (uint64_t page = 0; page < 16; page++) {
			long word = 0xa5;

			zero += read_by(window, &subject, mine + page * PAGE, &word, 8) == 8 &&
				word == 0;
		}
		expect_eq(16, zero, "%s: words read, all 0", window_name[window]);
		expect_eq(16, pages_with(pid, mine, 16, PAGEMAP_PRESENT), "%s: pages present then",
			window_name[window]);
	}
}

#define FORKED_PAGES 64L

/*
 * After fork(), read the parent's 64 pages word by word through a window. Returns how many words
 * were right.
 */
static long read_forked(enum window window, const struct subject *subject)
{
	uint64_t pages = place(subject, "pages");
	long right = 0;

	for (uint64_t page = 0; page < FORKED_PAGES; page++) {
		long word = 0xa5;

		right += read_by(window, subject, pages + page * PAGE, &word, 8) == 8 &&
			 word == MARKER;
	}
	return right;
}

static long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* Whether process_vm_readv() replaces frames that are shared since a fork(), on this kernel: tried with
 * one page of a process that is not looked at again. */
static bool vm_unshares(void)
{
	struct subject subject = stopped("forked");
	uint64_t page = place(&subject, "pages");
	long word;

	read_by(VM, &subject, page, &word, sizeof(word));
	return pages_with(subject.tracee.pid, page, 1, PAGEMAP_EXCLUSIVE) == 1;
}

/*
 * Is reading passive where parent and child share page frames? Predicted: not through
 * process_vm_readv(). It pins the page (FOLL_PIN), and an anonymous page that is shared is
 * copied for that (gup_must_unshare(), Linux 5.19): the reader takes a fault, the tracee gets a
 * frame of its own. The other two windows do not pin. Seen here without privilege: bit 56 of
 * pagemap says "mapped by one process alone".
 */
static void vm_readv_unshares(void)
{
	bool unshares = vm_unshares();

	this_case(unshares ? "unshares" : "passive");
	for (enum window window = 0; window < WINDOWS; window++) {
		struct subject subject = stopped("forked");
		pid_t pid = subject.tracee.pid;
		uint64_t pages = place(&subject, "pages");
		const char *name = window_name[window];
		bool replaced = window == VM && unshares;

		expect_eq(0, pages_with(pid, pages, FORKED_PAGES, PAGEMAP_EXCLUSIVE),
			"%s: pages that are its own", name);
		expect_eq(256, smaps_kb(pid, pages, "Shared_Dirty"), "%s: kB Shared_Dirty", name);

		long before = minor_faults(), right = read_forked(window, &subject);
		long faults = minor_faults() - before;

		expect_eq(FORKED_PAGES, right, "%s: words read", name);
		expect_eq(replaced ? FORKED_PAGES : 0,
			pages_with(pid, pages, FORKED_PAGES, PAGEMAP_EXCLUSIVE),
			"%s: pages that are its own then", name);
		expect_eq(replaced ? 0 : 256, smaps_kb(pid, pages, "Shared_Dirty"),
			"%s: kB Shared_Dirty then", name);
		expect_true((faults >= FORKED_PAGES) == replaced,
			"%s: %s minor faults of the tracer", name,
			replaced ? "at least 64" : "fewer than 64");
		note_live("%s: %ld minor faults", name, faults);
	}
}

static long frames_in_common(const uint64_t *one, const uint64_t *other)
{
	long same = 0;

	for (size_t page = 0; page < FORKED_PAGES; page++)
		same += ((one[page] ^ other[page]) & PAGEMAP_FRAME) == 0;
	return same;
}

/*
 * And are the frames really others? Predicted: as many as were shared, in the tracee; its child keeps
 * the old ones. A second read finds every page exclusive and replaces none.
 */
static void frames_replaced(void)
{
	static uint64_t shared[FORKED_PAGES], before[FORKED_PAGES], after[FORKED_PAGES];
	static const struct {
		const char *what;
		enum window window;
		bool replaces;
	} rows[] = {
		{ "/proc/PID/mem", MEM, false }, /* the control */
		{ "PEEKDATA", PEEK, false },
		{ "process_vm_readv", VM, true },
		{ "process_vm_readv again", VM, false },
	};
	bool unshares = vm_unshares();
	struct subject subject = stopped("forked");
	pid_t pid = subject.tracee.pid, child = (pid_t)told(&subject.tracee, "child");
	uint64_t pages = place(&subject, "pages");

	this_case(unshares ? "unshares" : "passive");
	read_pagemap(pid, pages, shared, FORKED_PAGES);
	if (!(*shared & PAGEMAP_FRAME))
		skip("pagemap shows page frames only to CAP_SYS_ADMIN");
	read_pagemap(child, pages, after, FORKED_PAGES);
	expect_eq(FORKED_PAGES, frames_in_common(shared, after), "frames in common with the child");
	for (size_t i = 0; i < COUNT(rows); i++) {
		read_pagemap(pid, pages, before, FORKED_PAGES);
		expect_eq(FORKED_PAGES, read_forked(rows[i].window, &subject), "%s: words read",
			rows[i].what);
		read_pagemap(pid, pages, after, FORKED_PAGES);
		expect_eq(rows[i].replaces && unshares ? FORKED_PAGES : 0,
			FORKED_PAGES - frames_in_common(before, after), "%s: frames replaced",
			rows[i].what);
	}
	read_pagemap(child, pages, after, FORKED_PAGES);
	expect_eq(FORKED_PAGES, frames_in_common(shared, after),
		"the child: frames that it had before");
}

#define MEGABYTES (64UL << 20)

/* Bring `length` bytes into the buffer: by memcpy() from `here`, where WINDOWS stands for no window,
 * a word at a time through the first window, with one call through the others. */
static size_t bring(enum window window, const struct subject *subject, uint64_t address,
	const unsigned char *here, unsigned char *buffer, size_t length)
{
	size_t done = 0;

	switch (window) {
	case PEEK:
		while (done < length &&
			read_by(PEEK, subject, address + done, buffer + done, 8) == 8)
			done += 8;
		return done;
	case VM:
		return vm_read(subject->tracee.pid, address, buffer, length);
	case MEM:
		return mem_read(subject->mem, address, buffer, length);
	default:
		memcpy(buffer, here, length);
		__asm__ volatile("" ::"r"(buffer) : "memory");
		return length;
	}
}

/* Show what was measured, and how it compares with memcpy(), the last of the costs. */
static void note_costs(const char *name, double length, struct samples cost[WINDOWS + 1])
{
	double copied = samples_quantile(&cost[WINDOWS], 0.5);

	for (enum window window = 0; window <= WINDOWS; window++) {
		double median = samples_quantile(&cost[window], 0.5);

		if (cost[window].count > 0)
			note_live("%s: %s: %s, %.2f GB/s, %.1f x memcpy", name,
				window == WINDOWS ? "memcpy" : window_name[window],
				samples_text(&cost[window], "ns"), length / median,
				median / copied);
	}
}

/*
 * What does a byte cost through each window? Predicted: one call costs about the same in all three,
 * so a word at a time loses by the length; the others come near memcpy() when they are given much
 * at once. What is judged is that all bring the same bytes; PEEKDATA stops at 64 KiB.
 */
static void throughput(void)
{
	static const struct {
		const char *name;
		size_t length;
		int trials;
	} sizes[] = {
		{ "8 bytes", 8, 200 },
		{ "4 KiB", 4096, 50 },
		{ "64 KiB", 65536, 10 },
		{ "1 MiB", 1 << 20, 20 },
		{ "64 MiB", MEGABYTES, 5 },
	};
	struct subject subject = stopped("megabytes");
	uint64_t address = place(&subject, "place");
	unsigned char *here = malloc(MEGABYTES), *buffer = malloc(MEGABYTES);

	if (here == NULL || buffer == NULL)
		broken("no memory for twice 64 MiB");
	look(&subject, address, here, MEGABYTES);
	expect_hex(0x9e3779b97f4a7c15, ((unsigned long *)here)[1], "the second word");
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct samples cost[WINDOWS + 1] = { 0 };
		size_t length = sizes[i].length;

		for (enum window window = 0; window <= WINDOWS; window++) {
			long right = 0;

			if (window == PEEK && length > 65536)
				continue;
			for (int trial = 0; trial < sizes[i].trials; trial++) {
				memset(buffer, 0xa5, length);

				int64_t start = clock_now_ns();
				size_t got = bring(window, &subject, address, here, buffer, length);

				samples_add(&cost[window], (double)(clock_now_ns() - start));
				right += got == length && memcmp(buffer, here, length) == 0;
			}
			if (window != WINDOWS)
				expect_always(right, sizes[i].trials, "%s: %s brings the bytes",
					sizes[i].name, window_name[window]);
		}
		note_costs(sizes[i].name, (double)length, cost);
	}
}

static const struct experiment experiments[] = {
	{ "identical-at-exec", identical_at_exec,
		"When does an image begin to differ from its file?" },
	{ "text-identical", text_identical, "Is the text in memory the text in the file?",
		.cases = "position-independent|fixed" },
	{ "relocations-accounted", relocations_accounted,
		"In which bytes does the rest of a program differ from its file?",
		.cases = "dynamic|static" },
	{ "data-written", data_written, "And in .data and .bss?" },
	{ "loader-and-libc", loader_and_libc,
		"Do the loader and libc differ from their files in the same way?" },
	{ "no-file-behind", no_file_behind, "Which memory has no file to be compared with?" },
	{ "poke-stays-private", poke_stays_private,
		"For whom does a byte poked into text change?" },
	{ "poked-page-anonymous", poked_page_anonymous,
		"Does smaps tell of a page that was poked?" },
	{ "shared-mapping-writes-file", shared_mapping_writes_file, "Can a poke change a file?" },
	{ "poke-cuts-off", poke_cuts_off, "Does a private mapping follow its file?" },
	{ "file-truncated", file_truncated, "What becomes of memory whose file is cut?" },
	{ "executable-replaced", executable_replaced,
		"What does a process run whose executable was replaced or deleted?" },
	{ "fork-keeps-apart", fork_keeps_apart, "Does a poke into a child change its parent?" },
	{ "windows-read", windows_read, "What does each of the three windows read?",
		.cases = "forced|protected" },
	{ "windows-write", windows_write, "What does each of the three windows write?",
		.cases = "forced|protected" },
	{ "text-or-data", text_or_data, "Does it matter whether a request says TEXT or DATA?" },
	{ "secret-memory", secret_memory, "Is any memory of a process out of its tracer's reach?" },
	{ "vsyscall-page", vsyscall_page, "Can the vsyscall page be read?",
		.cases = "xonly|emulate|emulate-peeked" },
	{ "force-override", force_override, "Who may override protection through /proc/PID/mem?",
		.cases = "always|ptrace|never" },
	{ "hole-in-the-middle", hole_in_the_middle,
		"What does a read bring that runs into a hole?" },
	{ "pieces", pieces,
		"What does process_vm_readv bring of a list of pieces, one of them missing?" },
	{ "poke-half-written", poke_half_written,
		"Does a write that fails leave memory as it was?" },
	{ "minus-one", minus_one, "How is a word that is -1 told from a failure?" },
	{ "unaligned", unaligned, "Must an address be aligned?" },
	{ "eio-or-efault", eio_or_efault, "Is it chance whether a bad address is EIO or EFAULT?" },
	{ "word-loop-strings", word_loop_strings, "What does the usual word loop get wrong?" },
	{ "without-attaching", without_attaching, "Which window needs a stopped tracee?" },
	{ "mem-across-exec", mem_across_exec,
		"Does a descriptor of /proc/PID/mem follow the process into its next program?" },
	{ "dumpable-revokes", dumpable_revokes,
		"What does PR_SET_DUMPABLE 0 take from a tracer that is attached already?" },
	{ "unreadable-program", unreadable_program,
		"Can the memory of a program be read whose file cannot?" },
	{ "zombie", zombie, "What do the windows show of a zombie?",
		.cases = "refused|opened|forbidden by its mode" },
	{ "reading-faults-in", reading_faults_in, "Does reading leave a trace in the tracee?" },
	{ "vm-readv-unshares", vm_readv_unshares,
		"Is reading passive where parent and child share page frames?",
		.cases = "unshares|passive" },
	{ "frames-replaced", frames_replaced, "How many page frames does a reader replace?",
		.cases = "unshares|passive" },
	{ "throughput", throughput, "What does a byte cost through each window?", .limit_s = 120 },
};

static const struct lab lab = {
	.id = "03",
	.question = "How does the running image differ from the file it came from?",
	.experiments = experiments,
	.count = COUNT(experiments),
	.target = target_mode,
	.target_usage = target_usage,
};

int main(int argc, char **argv)
{
	return lab_main(&lab, argc, argv);
}
