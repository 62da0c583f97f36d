/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "count.h"
#include "elf.h"
#include "text.h"

/* load_elf_phdrs() takes no more. */
#define MOST_SEGMENTS (65536 / sizeof(Elf64_Phdr))

/* --- bytes ------------------------------------------------------------------------------------ */

static bool within(const struct elf *elf, uint64_t offset, uint64_t length)
{
	return offset <= elf->size && length <= elf->size - offset;
}

/* A table of `count` entries; false if they are not all in the file. */
static bool table_within(const struct elf *elf, uint64_t offset, uint64_t count, uint64_t entry)
{
	return count <= elf->size / entry && within(elf, offset, count * entry);
}

/* Copy `size` bytes out: nothing in a file has to be aligned. False, and zeros, where there are none.
 */
static bool get(const struct elf *elf, uint64_t offset, void *into, size_t size)
{
	if (!within(elf, offset, size)) {
		memset(into, 0, size);
		return false;
	}
	memcpy(into, elf->bytes + offset, size);
	return true;
}

/* How much of a table of names holds whole ones: up to its last NUL, behind which no name ends. */
static uint64_t names_within(const struct elf *elf, uint64_t names, uint64_t size)
{
	const unsigned char *last;

	if (!within(elf, names, size))
		return 0;
	last = memrchr(elf->bytes + names, '\0', size);
	return last != NULL ? (uint64_t)(last - (elf->bytes + names)) + 1 : 0;
}

/* A name of a table that has been through names_within(). */
static const char *string_at(
	const struct elf *elf, uint64_t names, uint64_t names_size, uint64_t index)
{
	return index < names_size ? (const char *)elf->bytes + names + index : NULL;
}

/* --- segments --------------------------------------------------------------------------------- */

Elf64_Phdr elf_segment(const struct elf *elf, size_t index)
{
	Elf64_Phdr segment;

	get(elf, elf->header.e_phoff + index * sizeof(segment), &segment, sizeof(segment));
	return segment;
}

bool elf_segment_of_type(const struct elf *elf, uint32_t type, Elf64_Phdr *segment)
{
	for (size_t i = 0; i < elf->segments; i++) {
		*segment = elf_segment(elf, i);
		if (segment->p_type == type)
			return true;
	}
	return false;
}

bool elf_offset(const struct elf *elf, uint64_t address, uint64_t length, uint64_t *offset)
{
	for (size_t i = 0; i < elf->segments; i++) {
		Elf64_Phdr load = elf_segment(elf, i);
		uint64_t into = address - load.p_vaddr;

		if (load.p_type != PT_LOAD || address < load.p_vaddr || into > load.p_filesz ||
			length > load.p_filesz - into || !within(elf, load.p_offset, into) ||
			!within(elf, load.p_offset + into, length))
			continue;
		*offset = load.p_offset + into;
		return true;
	}
	return false;
}

bool elf_address(const struct elf *elf, uint64_t offset, uint64_t *address)
{
	for (size_t i = 0; i < elf->segments; i++) {
		Elf64_Phdr load = elf_segment(elf, i);

		if (load.p_type != PT_LOAD || offset < load.p_offset ||
			offset - load.p_offset >= load.p_filesz)
			continue;
		*address = load.p_vaddr + (offset - load.p_offset);
		return true;
	}
	return false;
}

/* --- the dynamic table ------------------------------------------------------------------------ */

bool elf_dynamic(const struct elf *elf, int64_t tag, uint64_t *value)
{
	Elf64_Dyn entry;

	for (uint64_t i = 0; i < elf->dynamic_count; i++) {
		get(elf, elf->dynamic + i * sizeof(entry), &entry, sizeof(entry));
		if (entry.d_tag == tag && tag != DT_NULL) {
			*value = entry.d_un.d_val;
			return true;
		}
	}
	return false;
}

/* The file offset of the table that a tag points to. */
static bool dynamic_offset(const struct elf *elf, int64_t tag, uint64_t *offset)
{
	uint64_t address;

	return elf_dynamic(elf, tag, &address) && elf_offset(elf, address, 1, offset);
}

static bool dynamic_names(const struct elf *elf, uint64_t *names, uint64_t *size)
{
	if (!dynamic_offset(elf, DT_STRTAB, names) || !elf_dynamic(elf, DT_STRSZ, size))
		return false;
	*size = names_within(elf, *names, *size);
	return true;
}

const char *elf_dynamic_string(const struct elf *elf, uint64_t value)
{
	uint64_t names, size;

	return dynamic_names(elf, &names, &size) ? string_at(elf, names, size, value) : NULL;
}

/* The dynamic table does not say how many symbols there are; the hash tables do. The GNU one says
 * where each bucket's chain begins, and the last chain ends with the last symbol. */
static uint64_t dynamic_symbol_count(const struct elf *elf)
{
	uint32_t head[4], bucket, chain, last = 0;
	uint64_t table, buckets, chains;

	if (dynamic_offset(elf, DT_HASH, &table) && get(elf, table, head, 8))
		return head[1];
	if (!dynamic_offset(elf, DT_GNU_HASH, &table) || !get(elf, table, head, sizeof(head)))
		return 0;
	buckets = table + sizeof(head) + head[2] * UINT64_C(8);
	chains = buckets + head[0] * UINT64_C(4);
	for (uint32_t i = 0; i < head[0] && get(elf, buckets + i * UINT64_C(4), &bucket, 4); i++)
		last = bucket > last ? bucket : last;
	if (last < head[1])
		return head[1];
	while (get(elf, chains + (last - head[1]) * UINT64_C(4), &chain, 4) && !(chain & 1))
		last++;
	return last + UINT64_C(1);
}

static const char *find_dynamic_symbols(struct elf *elf)
{
	struct elf_symbols found = { .count = dynamic_symbol_count(elf) };

	if (found.count == 0 || !dynamic_offset(elf, DT_SYMTAB, &found.offset))
		return NULL;
	if (!table_within(elf, found.offset, found.count, sizeof(Elf64_Sym)))
		return text("damaged: %" PRIu64 " dynamic symbols at offset %#" PRIx64
			    ", beyond the end of %zu bytes",
			found.count, found.offset, elf->size);
	dynamic_names(elf, &found.names, &found.names_size);
	if (dynamic_offset(elf, DT_VERSYM, &found.versions) &&
		!table_within(elf, found.versions, found.count, sizeof(Elf64_Versym)))
		found.versions = 0;
	elf->dynsym = found;
	return NULL;
}

static const char *find_dynamic(struct elf *elf)
{
	Elf64_Phdr segment;
	Elf64_Dyn entry;

	if (!elf_segment_of_type(elf, PT_DYNAMIC, &segment))
		return NULL;
	if (!within(elf, segment.p_offset, segment.p_filesz))
		return text("damaged: the dynamic table, %" PRIu64 " bytes at offset %#" PRIx64
			    ", reaches beyond the end of %zu bytes",
			segment.p_filesz, segment.p_offset, elf->size);
	elf->dynamic = segment.p_offset;
	while ((elf->dynamic_count + 1) * sizeof(entry) <= segment.p_filesz &&
		get(elf, elf->dynamic + elf->dynamic_count * sizeof(entry), &entry,
			sizeof(entry)) &&
		entry.d_tag != DT_NULL)
		elf->dynamic_count++;
	return find_dynamic_symbols(elf);
}

/* --- sections --------------------------------------------------------------------------------- */

static Elf64_Shdr section(const struct elf *elf, uint64_t index)
{
	Elf64_Shdr header;

	get(elf, elf->header.e_shoff + index * sizeof(header), &header, sizeof(header));
	return header;
}

/* What is wrong with section headers is no error: programs run without any. */
static void find_sections(struct elf *elf)
{
	Elf64_Shdr table, names;

	if (elf->header.e_shoff == 0 || elf->header.e_shentsize != sizeof(Elf64_Shdr) ||
		!table_within(elf, elf->header.e_shoff, elf->header.e_shnum, sizeof(Elf64_Shdr)))
		return;
	elf->sections = elf->header.e_shnum;
	for (size_t i = 0; i < elf->sections && elf->symtab.count == 0; i++) {
		table = section(elf, i);
		if (table.sh_type != SHT_SYMTAB || table.sh_link >= elf->sections ||
			!within(elf, table.sh_offset, table.sh_size))
			continue;
		names = section(elf, table.sh_link);
		elf->symtab = (struct elf_symbols){ .offset = table.sh_offset,
			.count = table.sh_size / sizeof(Elf64_Sym),
			.names = names.sh_offset,
			.names_size = names_within(elf, names.sh_offset, names.sh_size) };
	}
}

/* --- a file ----------------------------------------------------------------------------------- */

static const char *check_header(struct elf *elf)
{
	const unsigned char *ident = elf->header.e_ident;

	if (elf->size < SELFMAG || memcmp(elf->bytes, ELFMAG, SELFMAG) != 0)
		return "not an ELF file";
	if (elf->size > EI_CLASS && elf->bytes[EI_CLASS] == ELFCLASS32)
		return "a 32-bit ELF file: only 64-bit ones are read";
	if (!get(elf, 0, &elf->header, sizeof(elf->header)))
		return text("truncated: %zu bytes do not hold an ELF header", elf->size);
	if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB ||
		elf->header.e_machine != EM_X86_64)
		return text("an ELF file for another machine (class %d, data %d, machine %d): only "
			    "x86_64 is read",
			ident[EI_CLASS], ident[EI_DATA], elf->header.e_machine);
	if (elf->header.e_phnum == 0)
		return NULL;
	if (elf->header.e_phentsize != sizeof(Elf64_Phdr))
		return text("damaged: program headers of %d bytes", elf->header.e_phentsize);
	/* With PN_XNUM the real number is elsewhere, and only core files have so many. */
	if (!table_within(elf, elf->header.e_phoff, elf->header.e_phnum, sizeof(Elf64_Phdr)))
		return text("truncated: %d program headers at offset %#" PRIx64
			    " reach beyond the end of %zu bytes",
			elf->header.e_phnum, elf->header.e_phoff, elf->size);
	if (elf->header.e_phnum > MOST_SEGMENTS)
		return text("damaged: %d program headers, of which the kernel takes at most %zu",
			elf->header.e_phnum, MOST_SEGMENTS);
	elf->segments = elf->header.e_phnum;
	return NULL;
}

const char *elf_parse(struct elf *elf, const void *bytes, size_t size)
{
	const char *wrong;

	*elf = (struct elf){ .bytes = bytes, .size = size };
	wrong = check_header(elf);
	if (wrong == NULL)
		wrong = find_dynamic(elf);
	if (wrong == NULL)
		find_sections(elf);
	return wrong;
}

const char *elf_open_fd(struct elf *elf, int fd)
{
	struct stat stat;
	unsigned char *bytes;
	size_t length = 0;
	ssize_t got;
	const char *wrong;

	*elf = (struct elf){ 0 };
	if (fstat(fd, &stat) == -1)
		return errno_text(errno);
	if (!S_ISREG(stat.st_mode))
		return "not a regular file";
	bytes = malloc((size_t)stat.st_size + 1);
	if (bytes == NULL)
		return text("no memory for its %jd bytes", (intmax_t)stat.st_size);
	/* Read and not mapped: a mapping of a file that is cut meanwhile raises SIGBUS. */
	while (length < (size_t)stat.st_size &&
		(got = pread(fd, bytes + length, (size_t)stat.st_size - length, (off_t)length)) !=
			0) {
		if (got == -1 && errno != EINTR) {
			free(bytes);
			return errno_text(errno);
		}
		length += got > 0 ? (size_t)got : 0;
	}
	wrong = elf_parse(elf, bytes, length);
	elf->owned = bytes;
	if (wrong != NULL)
		elf_close(elf);
	return wrong;
}

const char *elf_open(struct elf *elf, const char *path)
{
	/* Nobody writes to a FIFO that has this name: do not wait for it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *wrong;

	*elf = (struct elf){ 0 };
	if (fd == -1)
		return errno_text(errno);
	wrong = elf_open_fd(elf, fd);
	close(fd);
	return wrong;
}

void elf_close(struct elf *elf)
{
	free(elf->owned);
	*elf = (struct elf){ 0 };
}

/* --- symbols ---------------------------------------------------------------------------------- */

bool elf_symbol(const struct elf *elf, uint64_t index, struct elf_symbol *symbol)
{
	bool dynamic = index >= elf->symtab.count;
	const struct elf_symbols *table = dynamic ? &elf->dynsym : &elf->symtab;
	uint64_t in_table = dynamic ? index - elf->symtab.count : index;
	Elf64_Versym version = 0;
	Elf64_Sym raw;

	if (in_table >= table->count)
		return false;
	get(elf, table->offset + in_table * sizeof(raw), &raw, sizeof(raw));
	if (table->versions != 0)
		get(elf, table->versions + in_table * sizeof(version), &version, sizeof(version));

	const char *name = string_at(elf, table->names, table->names_size, raw.st_name);

	*symbol = (struct elf_symbol){
		.name = name != NULL ? name : "",
		.value = raw.st_value,
		.size = raw.st_size,
		.type = ELF64_ST_TYPE(raw.st_info),
		.binding = ELF64_ST_BIND(raw.st_info),
		.section = raw.st_shndx,
		.hidden = version >> 15,
		.dynamic = dynamic,
	};
	return true;
}

/* Whether its value is the address of something in the file. */
static bool has_address(const struct elf_symbol *symbol)
{
	return symbol->section != SHN_UNDEF && symbol->section != SHN_ABS &&
	       symbol->type != STT_TLS && symbol->type != STT_SECTION && symbol->type != STT_FILE;
}

size_t elf_find(const struct elf *elf, const char *name, struct elf_symbol *symbol)
{
	struct elf_symbol candidate;
	size_t addresses = 0;
	int best = 0;

	for (uint64_t i = 0; elf_symbol(elf, i, &candidate); i++) {
		int rank = candidate.hidden ? 1 : candidate.binding == STB_LOCAL ? 2 : 3;

		if (rank < best || !has_address(&candidate) || strcmp(candidate.name, name) != 0)
			continue;
		if (rank > best) {
			best = rank;
			addresses = 1;
			*symbol = candidate;
		} else if (candidate.value != symbol->value) {
			addresses++;
		}
	}
	return addresses;
}

bool elf_nearest(const struct elf *elf, uint64_t address, struct elf_symbol *symbol)
{
	struct elf_symbol candidate;
	bool found = false;

	for (uint64_t i = 0; elf_symbol(elf, i, &candidate); i++) {
		if (!has_address(&candidate) || candidate.value > address ||
			*candidate.name == '\0')
			continue;
		if (!found || candidate.value > symbol->value ||
			(candidate.value == symbol->value &&
				(candidate.size > symbol->size ||
					(candidate.size == symbol->size &&
						symbol->binding == STB_LOCAL))))
			*symbol = candidate;
		found = true;
	}
	return found;
}

/* --- relocations ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	uint64_t size;
} relocation_types[] = {
	[R_X86_64_NONE] = { "R_X86_64_NONE", 0 },
	[R_X86_64_64] = { "R_X86_64_64", 8 },
	[R_X86_64_PC32] = { "R_X86_64_PC32", 4 },
	[R_X86_64_COPY] = { "R_X86_64_COPY", 0 }, /* as large as its symbol */
	[R_X86_64_GLOB_DAT] = { "R_X86_64_GLOB_DAT", 8 },
	[R_X86_64_JUMP_SLOT] = { "R_X86_64_JUMP_SLOT", 8 },
	[R_X86_64_RELATIVE] = { "R_X86_64_RELATIVE", 8 },
	[R_X86_64_32] = { "R_X86_64_32", 4 },
	[R_X86_64_32S] = { "R_X86_64_32S", 4 },
	[R_X86_64_16] = { "R_X86_64_16", 2 },
	[R_X86_64_PC16] = { "R_X86_64_PC16", 2 },
	[R_X86_64_8] = { "R_X86_64_8", 1 },
	[R_X86_64_PC8] = { "R_X86_64_PC8", 1 },
	[R_X86_64_DTPMOD64] = { "R_X86_64_DTPMOD64", 8 },
	[R_X86_64_DTPOFF64] = { "R_X86_64_DTPOFF64", 8 },
	[R_X86_64_TPOFF64] = { "R_X86_64_TPOFF64", 8 },
	[R_X86_64_DTPOFF32] = { "R_X86_64_DTPOFF32", 4 },
	[R_X86_64_TPOFF32] = { "R_X86_64_TPOFF32", 4 },
	[R_X86_64_PC64] = { "R_X86_64_PC64", 8 },
	[R_X86_64_SIZE32] = { "R_X86_64_SIZE32", 4 },
	[R_X86_64_SIZE64] = { "R_X86_64_SIZE64", 8 },
	[R_X86_64_TLSDESC] = { "R_X86_64_TLSDESC", 16 },
	[R_X86_64_IRELATIVE] = { "R_X86_64_IRELATIVE", 8 },
	[R_X86_64_RELATIVE64] = { "R_X86_64_RELATIVE64", 8 },
};

const char *elf_relocation_name(uint32_t type)
{
	return type < COUNT(relocation_types) && relocation_types[type].name != NULL
		       ? relocation_types[type].name
		       : text("relocation type %" PRIu32, type);
}

struct list {
	struct elf_relocation *entry;
	size_t count, room;
	size_t most; /* fields for which the file has room: RELR says 63 of them in 8 bytes */
};

static const char *add(struct list *list, struct elf_relocation relocation)
{
	if (list->count == list->most)
		return text("damaged: more than %zu relocations", list->count);
	if (list->count == list->room) {
		size_t room = 2 * list->room + 64;
		struct elf_relocation *larger = realloc(list->entry, room * sizeof(relocation));

		if (larger == NULL)
			return text("no memory for %zu relocations", room);
		list->entry = larger;
		list->room = room;
	}
	list->entry[list->count++] = relocation;
	return NULL;
}

static const char *beyond(const struct elf *elf, const char *table, uint64_t size)
{
	return text("damaged: %s, %" PRIu64 " bytes, is not all in the file of %zu bytes", table,
		size, elf->size);
}

static const char *add_rela(
	const struct elf *elf, struct list *list, const char *table, uint64_t offset, uint64_t size)
{
	const char *wrong = NULL;

	if (!within(elf, offset, size))
		return beyond(elf, table, size);
	for (uint64_t i = 0; wrong == NULL && i < size / sizeof(Elf64_Rela); i++) {
		struct elf_relocation relocation = { 0 };
		struct elf_symbol symbol;
		Elf64_Rela raw;

		get(elf, offset + i * sizeof(raw), &raw, sizeof(raw));
		relocation.offset = raw.r_offset;
		relocation.type = (uint32_t)ELF64_R_TYPE(raw.r_info);
		relocation.symbol = (uint32_t)ELF64_R_SYM(raw.r_info);
		relocation.addend = raw.r_addend;
		if (relocation.type < COUNT(relocation_types))
			relocation.size = relocation_types[relocation.type].size;
		if (relocation.type == R_X86_64_COPY &&
			elf_symbol(elf, elf->symtab.count + relocation.symbol, &symbol))
			relocation.size = symbol.size;
		wrong = add(list, relocation);
	}
	return wrong;
}

static const char *add_relative(const struct elf *elf, struct list *list, uint64_t address)
{
	struct elf_relocation relocation = { address, 8, R_X86_64_RELATIVE, 0, 0 };
	uint64_t offset;

	if (elf_offset(elf, address, 8, &offset))
		get(elf, offset, &relocation.addend, 8);
	return add(list, relocation);
}

/* An even word is the address of a field; an odd one says with 63 bits which of the next 63 words
 * are fields too. */
static const char *add_relr(const struct elf *elf, struct list *list, uint64_t table, uint64_t size)
{
	const char *wrong = NULL;
	uint64_t word, next = 0;

	if (!within(elf, table, size))
		return beyond(elf, "DT_RELR", size);
	for (uint64_t i = 0; i < size / 8; i++) {
		get(elf, table + i * 8, &word, 8);
		if ((word & 1) == 0) {
			wrong = add_relative(elf, list, word);
			next = word + 8;
		}
		for (int bit = 1; wrong == NULL && (word & 1) != 0 && bit < 64; bit++)
			if (word >> bit & 1)
				wrong = add_relative(elf, list, next + (uint64_t)(bit - 1) * 8);
		next += word & 1 ? 63 * 8 : 0;
		if (wrong != NULL)
			break;
	}
	return wrong;
}

static int by_offset(const void *left, const void *right)
{
	uint64_t a = ((const struct elf_relocation *)left)->offset,
		 b = ((const struct elf_relocation *)right)->offset;

	return (a > b) - (a < b);
}

/* A table named by two tags; none at all is fine. */
static bool tagged(
	const struct elf *elf, int64_t where, int64_t how_large, uint64_t *offset, uint64_t *size)
{
	uint64_t address;

	if (!elf_dynamic(elf, where, &address) || !elf_dynamic(elf, how_large, size) || *size == 0)
		return false;
	if (!elf_offset(elf, address, *size, offset))
		*offset = UINT64_MAX;
	return true;
}

static const char *collect(const struct elf *elf, struct list *list)
{
	const char *wrong = NULL;
	uint64_t offset, size, kind;

	if (elf->dynamic_count == 0) {
		for (size_t i = 0; wrong == NULL && i < elf->sections; i++) {
			Elf64_Shdr table = section(elf, i);

			if (table.sh_type == SHT_RELA && table.sh_flags & SHF_ALLOC)
				wrong = add_rela(elf, list, "a relocation section", table.sh_offset,
					table.sh_size);
		}
		return wrong;
	}
	if (elf_dynamic(elf, DT_REL, &kind) ||
		(elf_dynamic(elf, DT_PLTREL, &kind) && kind != DT_RELA))
		return "relocations without addends (DT_REL), which x86_64 does not have";
	if (tagged(elf, DT_RELA, DT_RELASZ, &offset, &size))
		wrong = add_rela(elf, list, "DT_RELA", offset, size);
	if (wrong == NULL && tagged(elf, DT_JMPREL, DT_PLTRELSZ, &offset, &size))
		wrong = add_rela(elf, list, "DT_JMPREL", offset, size);
	if (wrong == NULL && tagged(elf, DT_RELR, DT_RELRSZ, &offset, &size))
		wrong = add_relr(elf, list, offset, size);
	return wrong;
}

const char *elf_relocations(
	const struct elf *elf, struct elf_relocation **relocations, size_t *count)
{
	struct list list = { .most = elf->size / 8 };
	const char *wrong = collect(elf, &list);

	if (wrong != NULL) {
		free(list.entry);
		list = (struct list){ 0 };
	}
	if (list.count > 0)
		qsort(list.entry, list.count, sizeof(*list.entry), by_offset);
	*relocations = list.entry;
	*count = list.count;
	return wrong;
}
