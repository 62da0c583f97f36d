/* SPDX-License-Identifier: MIT */
/*
 * Lab 03 pointed at a stranger: set each file-backed mapping beside its file, byte for byte, and say
 * why what differs does.
 *
 * Nobody is stopped. What is judged, code and what the process cannot write, does not change while it
 * runs, unless its mappings do: mprotect(), dlopen(). So a difference that nothing accounts for is
 * believed when a second look, with the mappings read anew, finds the same. What does change, the
 * data, is counted and not judged, and a stop would make that count no truer.
 *
 * Read through /proc/PID/mem, which leaves the page frames as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "elf.h"
#include "maps.h"
#include "memory.h"
#include "proc.h"
#include "target.h"
#include "text.h"

const char target_usage[] =
	"-p PID           compare a process with the files it runs from; say why what differs does";

#define PAGE UINT64_C(4096)
#define PAGE_START(address) ((address) & ~(PAGE - 1))
#define PAGE_END(address) PAGE_START((address) + PAGE - 1)
#define CHUNK (UINT64_C(256) * 1024)
#define MOST_LOOKS 5
#define MOST_RUNS 1000 /* that are kept; all bytes are counted */
#define RUN_BYTES 16   /* of a run that are shown */

static const char not_regular[] = "not a regular file";

/* Why a byte differs. */
enum why {
	RELOCATED,   /* in the field of a relocation that the file announces */
	SEALED,      /* in a segment that the file calls writable, written before the page was made
		      * read-only: PT_GNU_RELRO */
	TAIL,        /* between the end of such a segment and the end of its page: .bss */
	WRITTEN,     /* data, in a page that the process can write */
	UNEXPLAINED, /* none of these */
	WHYS
};

static const char *const why_names[] = { "relocated", "sealed", "tail", "written", "unexplained" };

/* One file, however often it is mapped. */
struct file {
	const struct mapping *first;
	int fd; /* -1: `cause` says why it cannot be read */
	char cause[128];
	char state[128];  /* ", deleted"; "" */
	char remark[512]; /* what is odd about it as an ELF file; "" */
	bool is_elf, packed;
	struct elf elf; /* of one that is_elf */
	struct elf_relocation *relocation;
	size_t relocations;
};

/* One mapping beside its file. */
struct part {
	const struct mapping *mapping;
	struct file *file;
	uint64_t offset; /* in the file */
	bool loaded;     /* as a segment, with this bias, and not as plain data */
	uint64_t bias;
	uint64_t compared, differ[WHYS];
	uint64_t beyond;     /* the file's last page: no memory either */
	uint64_t unreadable; /* memory that has a file and cannot be read */
	int error;           /* of reading the file */
};

/* Bytes that differ in a row, and nothing says why. */
struct run {
	const struct part *part;
	uint64_t address, length;
	unsigned char disk[RUN_BYTES], memory[RUN_BYTES];
};

struct look {
	pid_t pid;
	int mem;
	struct maps maps;
	struct file *file;
	struct part *part;
	size_t files, parts, runs;
	struct run run[MOST_RUNS];
};

static void *array(size_t count, size_t size)
{
	void *room = calloc(count + 1, size);

	if (room == NULL)
		target_refuse("no memory for %zu mappings", count);
	return room;
}

static _Noreturn void refuse_ended(pid_t pid)
{
	target_refuse("pid %d ended, or executed another program, while it was looked at", pid);
}

/* --- files ------------------------------------------------------------------------------------- */

/* Open a regular file; nothing else, since opening a device may do something. */
static int open_regular(const char *path, struct stat *file)
{
	if (stat(path, file) == -1)
		return -1;
	errno = ENOTSUP;
	return S_ISREG(file->st_mode) ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
}

/* The path at which the target finds what /proc/PID/maps names so, in one of four readings: with
 * "\012" for a newline or as it stands, with " (deleted)" for a remark or as part of the name. */
static const char *reading(pid_t pid, const struct mapping *mapping, int number)
{
	static char path[PATH_MAX + 64];
	size_t length = (size_t)snprintf(path, sizeof(path), "/proc/%d/root", pid);

	for (const char *c = mapping->path; *c != '\0' && length < PATH_MAX; c++) {
		bool newline = !(number & 1) && strncmp(c, "\\012", 4) == 0;

		path[length++] = *c;
		if (newline) {
			path[length - 1] = '\n';
			c += 3;
		}
	}
	strcpy(path + length, number & 2 && mapping->deleted ? " (deleted)" : "");
	return path;
}

/*
 * Open the mapped file itself, whatever has its name now: by /proc/PID/map_files, which wants
 * CAP_CHECKPOINT_RESTORE (proc_map_files_get_link()); by /proc/PID/exe, which does not; or by its
 * name, if that still leads to it.
 */
static void open_file(pid_t pid, struct file *file)
{
	const struct mapping *mapping = file->first;
	struct stat mapped, named;
	bool taken = false, found = false;

	file->fd = open_regular(
		text("/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid, mapping->start, mapping->end),
		&mapped);
	if (file->fd == -1 && errno == ENOTSUP) {
		snprintf(file->cause, sizeof(file->cause), "%s", not_regular);
		return;
	}
	if (file->fd == -1 && stat(text("/proc/%d/exe", pid), &mapped) == 0 &&
		mapped.st_ino == mapping->inode)
		file->fd = open_regular(text("/proc/%d/exe", pid), &mapped);

	/* Stacked file systems number one file in several ways; the inode is the same in all. */
	ino_t inode = file->fd != -1 ? mapped.st_ino : mapping->inode;

	for (int number = 0; number < 4 && !found; number++) {
		if (stat(reading(pid, mapping, number), &named) == -1)
			continue;
		taken = true;
		found = named.st_ino == inode &&
			(file->fd == -1 || (named.st_size == mapped.st_size &&
						   named.st_mtime == mapped.st_mtime));
		if (found && file->fd == -1 &&
			(file->fd = open_regular(reading(pid, mapping, number), &named)) == -1)
			snprintf(file->cause, sizeof(file->cause), "%s",
				errno == ENOTSUP ? not_regular : errno_text(errno));
		if (found && number & 2 && mapping->deleted)
			strcpy(file->state, " (deleted)"); /* the end of its name */
	}
	if (!found)
		snprintf(file->state, sizeof(file->state), "%s",
			strncmp(mapping->path, "/memfd:", 7) == 0 ? ", a memfd"
			: taken ? ", replaced: another file has its name now"
				: ", deleted");
	if (!found && file->fd == -1)
		snprintf(file->cause, sizeof(file->cause),
			"only /proc/PID/map_files leads to it, which needs CAP_CHECKPOINT_RESTORE");
}

static void remark(struct file *file, const char *words)
{
	size_t length = strlen(file->remark);

	snprintf(file->remark + length, sizeof(file->remark) - length, "%s%s",
		length > 0 ? "; " : "", words);
}

/* Whatever is not an ELF file, or a damaged one, is compared as plain bytes. */
static void read_tables(struct file *file)
{
	char magic[SELFMAG];
	const char *wrong;
	uint64_t flags = 0;

	if (pread(file->fd, magic, SELFMAG, 0) != SELFMAG || memcmp(magic, ELFMAG, SELFMAG) != 0)
		return;
	wrong = elf_open_fd(&file->elf, file->fd);
	if (wrong != NULL) {
		remark(file, wrong);
		return;
	}
	file->is_elf = true;
	if (file->elf.sections == 0)
		remark(file, "no section headers");
	if (file->elf.symtab.count == 0)
		remark(file, file->elf.dynsym.count == 0 ? "no symbols" : "only dynamic symbols");
	wrong = elf_relocations(&file->elf, &file->relocation, &file->relocations);
	if (wrong != NULL)
		remark(file, wrong);
	elf_dynamic(&file->elf, DT_FLAGS, &flags);
	if (flags & DF_TEXTREL || elf_dynamic(&file->elf, DT_TEXTREL, &flags))
		remark(file, "text relocations");
	if (elf_dynamic(&file->elf, DT_GNU_PRELINKED, &flags))
		remark(file, "prelinked");
	/* The packer's mark stands behind the program headers. */
	file->packed = memmem(file->elf.bytes, file->elf.size < 1024 ? file->elf.size : 1024,
			       "UPX!", 4) != NULL;
	if (file->packed)
		remark(file, "packed by UPX: no file holds what it unpacks, which is not compared");
}

static bool is_same_file(const struct mapping *a, const struct mapping *b)
{
	return a->inode == b->inode && a->major == b->major && a->minor == b->minor;
}

static struct file *file_of(struct look *look, const struct mapping *mapping)
{
	for (size_t i = 0; i < look->files; i++) {
		const struct mapping *first = look->file[i].first;

		if (is_same_file(first, mapping) && strcmp(first->path, mapping->path) == 0)
			return &look->file[i];
	}

	struct file *file = &look->file[look->files++];

	*file = (struct file){ .first = mapping, .fd = -1 };
	open_file(look->pid, file);
	if (file->fd != -1)
		read_tables(file);
	return file;
}

/* --- segments ---------------------------------------------------------------------------------- */

/* Whether it is one of the segments that have bytes of the file. */
static bool is_loaded(const Elf64_Phdr *segment)
{
	return segment->p_type == PT_LOAD && segment->p_filesz > 0;
}

/* Whether the loader's image with this bias has the file's bytes at `offset` at this address. */
static bool is_mapped(
	const struct look *look, const struct file *file, uint64_t address, uint64_t offset)
{
	const struct mapping *mapping = maps_find(&look->maps, address);

	return mapping != NULL && is_same_file(mapping, file->first) &&
	       mapping->offset + (address - mapping->start) == offset;
}

/*
 * The bias with which a mapping holds a segment of its file: one that puts the first and the last
 * segment where that file is mapped too. A library mapped from end to end as data has none.
 */
static bool find_bias(const struct look *look, const struct part *part, uint64_t *bias)
{
	const struct elf *elf = &part->file->elf;
	const struct mapping *mapping = part->mapping;
	Elf64_Phdr first = { 0 }, last = { 0 };

	for (size_t i = 0; i < elf->segments; i++) {
		Elf64_Phdr load = elf_segment(elf, i);

		if (!is_loaded(&load))
			continue;
		if (first.p_filesz == 0)
			first = load;
		last = load;
	}
	for (size_t i = 0; i < elf->segments; i++) {
		Elf64_Phdr load = elf_segment(elf, i);

		if (!is_loaded(&load) ||
			mapping->offset + (mapping->end - mapping->start) <= load.p_offset ||
			mapping->offset >= PAGE_END(load.p_offset + load.p_filesz))
			continue;
		*bias = mapping->start - (load.p_vaddr - load.p_offset + mapping->offset);
		if ((elf->header.e_type == ET_DYN || *bias == 0) &&
			is_mapped(look, part->file, PAGE_START(*bias + first.p_vaddr),
				PAGE_START(first.p_offset)) &&
			is_mapped(look, part->file, PAGE_START(*bias + last.p_vaddr),
				PAGE_START(last.p_offset)))
			return true;
	}
	return false;
}

/* The segment whose pages hold an address of the file; its index, or -1. */
static int find_segment(const struct elf *elf, uint64_t address, Elf64_Phdr *segment)
{
	for (size_t i = 0; i < elf->segments; i++) {
		*segment = elf_segment(elf, i);
		if (is_loaded(segment) && address >= PAGE_START(segment->p_vaddr) &&
			address < PAGE_END(segment->p_vaddr + segment->p_filesz))
			return (int)i;
	}
	return -1;
}

/* Memory without a file that lies where a segment of a loaded file should be: somebody has put a
 * copy in its place. It is held against the file too. */
static bool find_displaced(const struct look *look, struct part *part)
{
	for (size_t i = 0; i < look->parts; i++) {
		const struct part *other = &look->part[i];
		uint64_t address = part->mapping->start - other->bias;
		Elf64_Phdr segment;

		if (!other->loaded || other->file->packed ||
			find_segment(&other->file->elf, address, &segment) == -1)
			continue;
		part->file = other->file;
		part->loaded = true;
		part->bias = other->bias;
		part->offset = segment.p_offset + (address - segment.p_vaddr);
		return true;
	}
	return false;
}

/* A file of some file system, and not memory that the kernel has given the form of one. */
static bool is_file_backed(const struct mapping *mapping)
{
	return *mapping->path == '/' && mapping->inode != 0 &&
	       strncmp(mapping->path, "/SYSV", 5) != 0 &&
	       !(mapping->deleted && strcmp(mapping->path, "/dev/zero") == 0);
}

/* --- comparison -------------------------------------------------------------------------------- */

/* The file's bytes at an offset, zeros behind its end up to the end of that page, which is as the
 * kernel maps it. Returns how many, with errno if it cannot be read. */
static size_t read_disk(const struct file *file, uint64_t offset, unsigned char *disk, size_t size)
{
	size_t length = 0;
	ssize_t got;

	errno = 0;
	while (length < size && (got = pread(file->fd, disk + length, size - length,
					 (off_t)(offset + length))) != 0) {
		if (got == -1)
			return 0;
		length += (size_t)got;
	}

	size_t whole = PAGE_END(length);

	memset(disk + length, 0, whole - length);
	return whole;
}

/* The relocation whose field holds an address of the file; the cursor only moves on. */
static const struct elf_relocation *find_relocation(
	const struct file *file, uint64_t address, size_t *cursor)
{
	const struct elf_relocation *relocation = file->relocation;

	while (*cursor < file->relocations && relocation[*cursor].offset <= address &&
		address - relocation[*cursor].offset >= relocation[*cursor].size)
		++*cursor;
	return *cursor < file->relocations && relocation[*cursor].offset <= address
		       ? &relocation[*cursor]
		       : NULL;
}

/* What a relocation announces is the place; of a relative one the value too, which stays where it is
 * not data. */
static bool is_announced(const struct part *part, const struct elf_relocation *relocation,
	uint64_t address, unsigned char byte, bool data)
{
	uint64_t value = part->bias + (uint64_t)relocation->addend;

	return relocation->type != R_X86_64_RELATIVE || data ||
	       byte == (unsigned char)(value >> (address - relocation->offset) * 8);
}

static enum why explain(
	const struct part *part, uint64_t address, unsigned char byte, size_t *cursor)
{
	const struct elf_relocation *relocation = NULL;
	bool writable = part->mapping->perms[1] == 'w', tail = false;
	/* What a process makes writable is not thereby data: the file calls it so; where none does,
	 * it is not executable. */
	bool data = writable && part->mapping->perms[2] != 'x';
	Elf64_Phdr segment;

	address -= part->bias;
	if (part->loaded && find_segment(&part->file->elf, address, &segment) != -1) {
		relocation = find_relocation(part->file, address, cursor);
		data = segment.p_flags & PF_W;
		tail = data && address >= segment.p_vaddr + segment.p_filesz;
	}
	if (relocation != NULL)
		return is_announced(part, relocation, address, byte, data && writable)
			       ? RELOCATED
			       : UNEXPLAINED;
	return tail ? TAIL : !data ? UNEXPLAINED : writable ? WRITTEN : SEALED;
}

static void keep_run(struct look *look, const struct part *part, uint64_t address,
	unsigned char disk, unsigned char memory)
{
	struct run *run = look->runs > 0 ? &look->run[look->runs - 1] : NULL;

	if (run == NULL || run->part != part || run->address + run->length != address) {
		if (look->runs == MOST_RUNS)
			return;
		run = &look->run[look->runs++];
		*run = (struct run){ .part = part, .address = address };
	}
	if (run->length < RUN_BYTES) {
		run->disk[run->length] = disk;
		run->memory[run->length] = memory;
	}
	run->length++;
}

static void compare_bytes(struct look *look, struct part *part, uint64_t address,
	const unsigned char *disk, const unsigned char *memory, size_t length, size_t *cursor)
{
	part->compared += length;
	for (size_t page = 0; page < length; page += PAGE) {
		size_t end = length - page < PAGE ? length : page + PAGE;

		if (memcmp(disk + page, memory + page, end - page) == 0)
			continue;
		for (size_t i = page; i < end; i++) {
			if (disk[i] == memory[i])
				continue;

			enum why why = explain(part, address + i, memory[i], cursor);

			part->differ[why]++;
			if (why == UNEXPLAINED)
				keep_run(look, part, address + i, disk[i], memory[i]);
		}
	}
}

static void compare(struct look *look, struct part *part)
{
	static unsigned char disk[CHUNK], memory[CHUNK];
	uint64_t length = part->mapping->end - part->mapping->start, got;
	size_t cursor = 0;

	for (uint64_t at = 0; at < length; at += got) {
		uint64_t want = length - at < CHUNK ? length - at : CHUNK;

		want = read_disk(part->file, part->offset + at, disk, want);
		if (want == 0) {
			part->error = errno;
			part->beyond = length - at;
			return;
		}
		got = mem_read(look->mem, part->mapping->start + at, memory, want);
		if (errno == ESRCH)
			refuse_ended(look->pid);
		compare_bytes(look, part, part->mapping->start + at, disk, memory, got, &cursor);
		if (got < want) {
			uint64_t hole = PAGE_START(got) + PAGE - got;

			part->unreadable += hole;
			got += hole;
		}
	}
}

/* --- a look ------------------------------------------------------------------------------------ */

static void take_look(struct look *look, pid_t pid)
{
	int mem = mem_open(pid, O_RDONLY);
	struct maps maps;
	char byte;

	if (mem == -1 && (errno == EACCES || errno == EPERM))
		target_refuse_permission(pid);
	if (mem == -1 || maps_read(pid, &maps) == -1)
		target_refuse("pid %d cannot be looked at: %s", pid, errno_text(errno));
	if (maps.count == 0)
		refuse_ended(pid);
	*look = (struct look){ .pid = pid, .mem = mem, .maps = maps };
	look->file = array(look->maps.count, sizeof(*look->file));
	look->part = array(look->maps.count, sizeof(*look->part));
	for (size_t i = 0; i < look->maps.count; i++) {
		const struct mapping *mapping = &look->maps.mapping[i];
		struct part *part = &look->part[look->parts];

		*part = (struct part){ .mapping = mapping, .offset = mapping->offset };
		if (is_file_backed(mapping)) {
			part->file = file_of(look, mapping);
			part->loaded = part->file->is_elf && find_bias(look, part, &part->bias);
		} else if (mapping->inode != 0 || *mapping->path == '[' ||
			   !find_displaced(look, part)) {
			continue;
		}
		look->parts++;
		if (part->file->fd != -1)
			compare(look, part);
	}
	/* If it lives, what /proc told of it and of its files until now was true. */
	if (mem_read(look->mem, look->maps.mapping[0].start, &byte, 1) == 0 && errno == ESRCH)
		refuse_ended(pid);
}

static void end_look(struct look *look)
{
	for (size_t i = 0; i < look->files; i++) {
		struct file *file = &look->file[i];

		if (file->fd != -1)
			close(file->fd);
		if (file->is_elf)
			elf_close(&file->elf);
		free(file->relocation);
	}
	free(look->file);
	free(look->part);
	maps_free(&look->maps);
	close(look->mem);
}

/* --- what was seen ----------------------------------------------------------------------------- */

/* A name as it can be printed on one line of a terminal. */
static const char *printable(const char *name)
{
	static char line[4 * PATH_MAX + 1];
	size_t length = 0;

	for (const char *c = name; *c != '\0' && length + 5 < sizeof(line); c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			length += (size_t)sprintf(line + length, "\\%03o", (unsigned char)*c);
		else
			line[length++] = *c;
	line[length] = '\0';
	return line;
}

static const char *segment_text(const struct part *part)
{
	Elf64_Phdr segment, relro;
	uint64_t address = part->mapping->start - part->bias;

	if (!part->loaded)
		return "data";

	int number = find_segment(&part->file->elf, address, &segment);

	if (number == -1)
		return "between segments";

	bool sealed = elf_segment_of_type(&part->file->elf, PT_GNU_RELRO, &relro) &&
		      address >= PAGE_START(relro.p_vaddr) &&
		      address < relro.p_vaddr + relro.p_memsz;

	return text("segment %d %s%s%s%s%s", number, segment.p_flags & PF_R ? "R" : "",
		segment.p_flags & PF_W ? "W" : "", segment.p_flags & PF_X ? "X" : "",
		sealed && part->mapping->perms[1] != 'w' ? ", RELRO" : "",
		part->mapping->inode == 0 ? ", replaced by memory without a file" : "");
}

static void print_part(const struct part *part)
{
	const struct mapping *mapping = part->mapping;
	uint64_t differ = 0;

	for (int why = 0; why < WHYS; why++)
		differ += part->differ[why];
	printf("  %012" PRIx64 "-%012" PRIx64 " %s %s: ", mapping->start, mapping->end,
		mapping->perms, segment_text(part));
	if (part->compared == 0 && part->file->fd == -1) {
		puts("not compared");
		return;
	}
	printf("%" PRIu64 " compared, %" PRIu64 " differ", part->compared, differ);
	for (int why = 0, any = 0; why < WHYS; why++)
		if (part->differ[why] > 0)
			printf("%s%" PRIu64 " %s", any++ ? ", " : ": ", part->differ[why],
				why_names[why]);
	if (part->beyond > 0)
		printf("; %" PRIu64 " %s", part->beyond,
			part->error != 0
				? text("not compared: the file: %s", errno_text(part->error))
				: "beyond the end of the file");
	if (part->unreadable > 0)
		printf("; %" PRIu64 " unreadable in memory", part->unreadable);
	putchar('\n');
}

static void print_bytes(const char *where, const unsigned char *bytes, uint64_t length)
{
	printf("%s", where);
	for (uint64_t i = 0; i < length && i < RUN_BYTES; i++)
		printf(" %02x", bytes[i]);
	if (length > RUN_BYTES)
		printf(" ...");
}

static void print_run(const struct run *run)
{
	const struct part *part = run->part;
	uint64_t offset = part->offset + (run->address - part->mapping->start);
	uint64_t address = run->address - part->bias;
	struct elf_symbol symbol;

	printf("    unexplained: %" PRIu64 " byte%s at %#" PRIx64 ", file offset %#" PRIx64 ", ",
		run->length, run->length == 1 ? "" : "s", run->address, offset);
	if (!part->file->is_elf ||
		(!part->loaded && !elf_address(&part->file->elf, offset, &address)) ||
		!elf_nearest(&part->file->elf, address, &symbol))
		printf("no symbol below it");
	else
		printf("%s+%#" PRIx64, printable(symbol.name), address - symbol.value);
	print_bytes(": on disk", run->disk, run->length);
	print_bytes(", in memory", run->memory, run->length);
	putchar('\n');
}

static void print_file(const struct look *look, const struct file *file)
{
	uint64_t bias = 0;
	bool loaded = false;

	for (size_t i = 0; i < look->parts && !loaded; i++)
		if (look->part[i].file == file && (loaded = look->part[i].loaded))
			bias = look->part[i].bias;
	printf("\n%s%s\n", printable(file->first->path), file->state);
	if (loaded)
		printf("  load bias %#" PRIx64 ", %zu relocations announced\n", bias,
			file->relocations);
	if (*file->remark != '\0')
		printf("  %s\n", printable(file->remark));
	if (file->fd == -1)
		printf("  not compared: %s\n", file->cause);
	for (size_t i = 0; i < look->parts; i++) {
		if (look->part[i].file != file)
			continue;
		print_part(&look->part[i]);
		for (size_t j = 0; j < look->runs; j++)
			if (look->run[j].part == &look->part[i])
				print_run(&look->run[j]);
	}
}

/* Code that stands in no file, so nothing can be said of it. */
static void print_fileless(const struct look *look)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < look->maps.count; i++) {
		const struct mapping *mapping = &look->maps.mapping[i];
		bool held = false;

		for (size_t j = 0; j < look->parts; j++)
			held |= look->part[j].mapping == mapping;
		if (mapping->perms[2] == 'x' && !held && *mapping->path != '[')
			bytes += mapping->end - mapping->start;
	}
	if (bytes > 0)
		printf("executable and in no file (made at run time, or unpacked): %" PRIu64
		       " bytes, not judged\n",
			bytes);
}

/* Whether a part should have been judged and could not be. */
static bool is_missing(const struct part *part)
{
	const char *perms = part->mapping->perms;
	bool judged = perms[2] == 'x' || (perms[1] != 'w' && perms[0] == 'r');

	return judged && (part->file->fd == -1 ? strcmp(part->file->cause, not_regular) != 0
					       : part->unreadable > 0 || part->error != 0);
}

static int print_look(const struct target *target, const struct look *look, int looks)
{
	uint64_t compared = 0, differ[WHYS] = { 0 }, listed = 0;
	size_t missing = 0;

	for (size_t i = 0; i < look->parts; i++) {
		compared += look->part[i].compared;
		missing += is_missing(&look->part[i]);
		for (int why = 0; why < WHYS; why++)
			differ[why] += look->part[i].differ[why];
	}
	for (size_t i = 0; i < look->runs; i++)
		listed += look->run[i].length;
	printf("pid %d \"%s\" of uid %u: %zu mappings of %zu files\n", target->pid, target->name,
		target->uid, look->parts, look->files);
	for (size_t i = 0; i < look->files; i++)
		print_file(look, &look->file[i]);
	printf("\nbytes: %" PRIu64 " compared; differ", compared);
	for (int why = 0; why < WHYS; why++)
		printf("%s%" PRIu64 " %s", why > 0 ? ", " : ": ", differ[why], why_names[why]);
	putchar('\n');
	if (listed < differ[UNEXPLAINED])
		printf("the first %d runs are listed; %" PRIu64 " unexplained bytes are not\n",
			MOST_RUNS, differ[UNEXPLAINED] - listed);
	print_fileless(look);
	if (missing > 0)
		printf("not judged: %zu mappings of code or constants, as said above\n", missing);
	printf("pause: none; no thread was stopped. Looks: %d\n", looks);
	return differ[UNEXPLAINED] > 0 ? LAB_REFUTED : missing > 0 ? LAB_USAGE : LAB_HOLDS;
}

static bool same_runs(const struct look *a, const struct look *b)
{
	bool same = a->runs == b->runs;

	for (size_t i = 0; same && i < a->runs; i++)
		same = a->run[i].address == b->run[i].address &&
		       a->run[i].length == b->run[i].length;
	return same;
}

/* A thread of the target that has not ended: a leader that did so before the others has no memory. */
static pid_t living_thread(pid_t pid)
{
	pid_t *tids, living = pid;
	size_t count = target_threads(pid, &tids);

	for (size_t i = 0; i < count; i++)
		if (strchr("ZX", proc_state(tids[i])) == NULL) {
			living = tids[i];
			break;
		}
	free(tids);
	return living;
}

int target_mode(int argc, char **argv)
{
	static struct look look[2];

	target_needs_stdout();

	struct target target = target_open(argc, argv);
	pid_t thread = living_thread(target.pid);
	int looks = 0, verdict;
	bool sure;

	do {
		struct look *now = &look[looks % 2], *before = &look[(looks + 1) % 2];

		take_look(now, thread);
		sure = now->runs == 0 || (looks > 0 && same_runs(now, before));
		if (looks > 0)
			end_look(before);
	} while (++looks < MOST_LOOKS && !sure);

	verdict = print_look(&target, &look[(looks - 1) % 2], looks);
	end_look(&look[(looks - 1) % 2]);
	return target_answered(verdict);
}
