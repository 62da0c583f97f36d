/* SPDX-License-Identifier: MIT */
/*
 * ELF files of x86_64, 64-bit: headers, dynamic table, symbols, relocations. The bytes are not
 * trusted: whatever they claim is checked against their length before it is used, and what does not
 * fit is an error in words, never an access outside.
 *
 * Addresses are the file's own, as linked. In a process, all of them are larger by one number, its
 * load bias: address of a mapping of the file - elf_address() of that mapping's file offset; 0 for
 * an ET_EXEC program.
 */
#ifndef COMMON_ELF_H
#define COMMON_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a table of symbols stands in the file; count 0: there is none. */
struct elf_symbols {
	uint64_t offset, count;
	uint64_t names, names_size;
	uint64_t versions; /* file offset of DT_VERSYM; 0: none */
};

struct elf {
	const unsigned char *bytes;
	size_t size;
	void *owned; /* what elf_close() frees; NULL: the bytes are the caller's */
	Elf64_Ehdr header;
	size_t segments; /* program headers; elf_segment() */
	size_t sections; /* section headers; 0 too where they do not fit in the file: no loader
			  * needs them */
	struct elf_symbols symtab, dynsym;
	uint64_t dynamic, dynamic_count; /* file offset and entries; elf_dynamic() */
};

struct elf_symbol {
	const char *name; /* in the file's bytes */
	uint64_t value, size;
	unsigned char type;    /* STT_FUNC, STT_OBJECT, STT_GNU_IFUNC, ... */
	unsigned char binding; /* STB_LOCAL, STB_GLOBAL, STB_WEAK, ... */
	uint16_t section;      /* SHN_UNDEF: defined elsewhere */
	bool hidden;  /* not the default version of its name ("memcpy@GLIBC_2.2.5", one "@") */
	bool dynamic; /* from .dynsym */
};

struct elf_relocation {
	uint64_t offset; /* the address of its field */
	uint64_t size;   /* of the field in bytes; 0: a type unknown to this reader, or NONE */
	uint32_t type;   /* R_X86_64_* */
	uint32_t symbol; /* index in .dynsym, 0: none */
	int64_t addend;  /* of RELR: what the file holds in the field */
};

/*
 * Read the file at `path`, or the one open as `fd` from its first byte on, or take a buffer, which
 * must outlive the struct. Returns NULL, or what is wrong, in words that complete "PATH: ..." (as
 * text() keeps it); then there is nothing to close.
 */
const char *elf_open(struct elf *elf, const char *path);
const char *elf_open_fd(struct elf *elf, int fd);
const char *elf_parse(struct elf *elf, const void *bytes, size_t size);
void elf_close(struct elf *elf);

/* The program header, index below elf->segments. */
Elf64_Phdr elf_segment(const struct elf *elf, size_t index);

/* The first program header of a type (PT_GNU_RELRO). */
bool elf_segment_of_type(const struct elf *elf, uint32_t type, Elf64_Phdr *segment);

/* The value of a tag in the dynamic table (DT_FLAGS). */
bool elf_dynamic(const struct elf *elf, int64_t tag, uint64_t *value);

/* A string of the dynamic table, such as the value of DT_SONAME; NULL if it is not in the file. */
const char *elf_dynamic_string(const struct elf *elf, uint64_t value);

/* From an address to the file offset of `length` bytes, and from an offset to the address, through
 * the PT_LOAD segments. False: no segment holds it in the file. */
bool elf_offset(const struct elf *elf, uint64_t address, uint64_t length, uint64_t *offset);
bool elf_address(const struct elf *elf, uint64_t offset, uint64_t *address);

/*
 * The symbol number `index` of .symtab followed by .dynsym, all of them, those without a name or a
 * definition too. False: there are no more. A name that is not in the file reads as "".
 */
bool elf_symbol(const struct elf *elf, uint64_t index, struct elf_symbol *symbol);

/*
 * Look up a defined symbol with an address (not STT_TLS, STT_SECTION, STT_FILE). Returns how many
 * different addresses have that name and fills in the first: 0: none; more than 1: ambiguous. The
 * default version of a global or weak name hides local symbols and old versions of it. For
 * STT_GNU_IFUNC the value is the resolver, not the function.
 */
size_t elf_find(const struct elf *elf, const char *name, struct elf_symbol *symbol);

/* The defined function or object with the highest value at or below `address`, wherever it ends;
 * of several at one place the largest, and a global one before a local one. */
bool elf_nearest(const struct elf *elf, uint64_t address, struct elf_symbol *symbol);

/*
 * Every relocation that a loader applies (DT_RELA, DT_JMPREL, DT_RELR; without a dynamic table, as
 * in a static program, the SHT_RELA sections that are loaded), sorted by offset; free() the list.
 * Returns NULL, or what is wrong in words; then the list is empty.
 */
const char *elf_relocations(
	const struct elf *elf, struct elf_relocation **relocations, size_t *count);

/* "R_X86_64_RELATIVE"; "relocation type <n>" if unknown. */
const char *elf_relocation_name(uint32_t type);

#endif
